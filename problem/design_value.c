/* Values of conditions as controls: a coefficient in the place of what the file says, which is the start. */
#include <stdlib.h>
#include <string.h>

#include "forms/build.h"
#include "problem/file/schema.h"
#include "problem/not_finite.h"
#include "problem/optimize.h"

static const gkt_condition_settings *condition_of(const gkt_problem *p, const gkt_control_settings *c) { return &p->settings->conditions[c->condition]; }
static int field_of(const gkt_problem *p, const gkt_control_settings *c) { return p->fields[condition_of(p, c)->number]; }

/* ---- names and forms ---- */
static gkt_status declare(gkt_problem *p, int i) {
  const gkt_control_settings *c = &p->settings->optimize.controls[i];
  const gkt_shape shape = condition_of(p, c)->component == GKT_ALL_COMPONENTS ? gkt_scope_function_shape(p->scope, field_of(p, c)) : gkt_shape_scalar();
  int function;
  GKT_TRY(gkt_problem_place(p, gkt_scope_add_coefficient(p->scope, c->function, shape, gkt_scope_function_element(p->scope, field_of(p, c)), &function), &c->name));
  if (!c->times) return GKT_OK;
  p->followed[p->num_followed++] = (gkt_followed){.p = p, .name = &c->name, .function = function, .coefficient = -1, .control = i, .times = c->times};
  return gkt_scope_follow_time(p->scope, function);
}

gkt_status gkt_problem_declare_values(gkt_problem *p) {
  for (int i = 0; i < p->settings->optimize.num_controls; i++)
    if (p->settings->optimize.controls[i].condition >= 0) GKT_TRY(declare(p, i));
  return GKT_OK;
}

static gkt_status take(gkt_problem *p, const gkt_control_settings *c, gkt_expression **given) {
  const gkt_source *source = &condition_of(p, c)->value;
  gkt_build b = {.scope = p->scope, .source = source};
  *given = p->conditions[c->condition], p->conditions[c->condition] = NULL;
  if (gkt_expression_uses_time(*given) && !c->times)
    return gkt_problem_refuse(p, GKT_BAD_INPUT, &c->name,
                              "the condition's value depends on t (line %d), and a control is the same at all times; expected `times`, at how many it is sought, or a "
                              "coefficient in that value as the control, with `on`",
                              condition_of(p, c)->at->mark.line);
  return gkt_build_expression(&b, gkt_build_function(&b, gkt_scope_find_function(p->scope, c->function)), &p->conditions[c->condition]);
}

gkt_status gkt_problem_take_values(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  GKT_TRY(gkt_calloc(p->ctx, o->num_controls, sizeof *p->given, &p->given));
  for (int i = 0; i < o->num_controls; i++)
    if (o->controls[i].condition >= 0) GKT_TRY(take(p, &o->controls[i], &p->given[i]));
  return GKT_OK;
}

/* ---- values ---- */
static gkt_status check_values(gkt_problem *p, int i, const gkt_space *space, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes) {
  gkt_text what = {.ctx = p->ctx};
  gkt_status status = gkt_problem_check_nodes(p, p->given[i], space, values, count, nodes, &what);
  if (status == GKT_OK && what.length)
    status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &condition_of(p, &p->settings->optimize.controls[i])->value, "%s; expected a finite number", what.data);
  gkt_text_free(&what);
  return status;
}

static gkt_status fill_on(gkt_problem *p, int i, const gkt_word *on, const gkt_space *space, const gkt_scalar *all, gkt_scalar *out) {
  const size_t bs = (size_t)gkt_space_block_size(space);
  const gkt_mesh_set *set;
  gkt_idx *nodes = NULL, count = 0;
  gkt_status status;
  GKT_TRY(gkt_problem_find_set(p, on, -1, &set));
  GKT_TRY(gkt_problem_place(p, gkt_space_nodes_on(space, set, &count, &nodes), on));
  GKT_GO(check_values(p, i, space, all, count, nodes));
  for (gkt_idx k = 0; k < count; k++) memcpy(out + (size_t)nodes[k] * bs, all + (size_t)nodes[k] * bs, bs * sizeof *all);
done:
  free(nodes);
  return status;
}

/* Elsewhere 0: nothing asks for values there. */
static gkt_status fill(gkt_problem *p, int i, const gkt_inputs *inputs, gkt_scalar *out) {
  const gkt_condition_settings *c = condition_of(p, &p->settings->optimize.controls[i]);
  const gkt_space *space = p->spaces[gkt_scope_find_function(p->scope, p->settings->optimize.controls[i].function)];
  gkt_scalar *all = NULL;
  gkt_status status;
  memset(out, 0, (size_t)gkt_space_num_dofs(space) * sizeof *out);
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *all, &all));
  GKT_GO(gkt_interpolate(p->given[i], space, inputs, all));
  for (int k = 0; k < c->num_on; k++) GKT_GO(fill_on(p, i, &c->on[k], space, all, out));
done:
  gkt_free(&all);
  return status;
}

/* Messages on values that are not finite look at p->inputs. */
gkt_status gkt_problem_fill_values(gkt_problem *p, int i, double time, gkt_scalar *out) {
  const gkt_inputs before = p->inputs;
  GKT_TRY(gkt_system_inputs(p->system, &(gkt_state){.u = p->u, .time = time}, &p->inputs));
  const gkt_status status = fill(p, i, &p->inputs, out);
  p->inputs = before;
  return status;
}

gkt_status gkt_problem_add_values(gkt_problem *p) {
  for (int i = 0; i < p->settings->optimize.num_controls; i++) {
    const gkt_control_settings *c = &p->settings->optimize.controls[i];
    if (c->condition < 0) continue;
    const int f = gkt_scope_find_function(p->scope, c->function), field = field_of(p, c);
    gkt_space *space = NULL;
    GKT_TRY(gkt_space_create(p->mesh, gkt_space_element(p->spaces[field]), gkt_scope_function_shape(p->scope, f), &space));
    p->spaces[f] = space;
    GKT_TRY(gkt_calloc(p->ctx, gkt_space_num_dofs(space), sizeof **p->values, &p->values[f]));
    GKT_TRY(fill(p, i, &p->inputs, p->values[f]));
  }
  return GKT_OK;
}
