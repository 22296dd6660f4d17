/* Designs that seek the values of a condition at its nodes: a coefficient in the place of what the file says, which is the start. */
#include <stdlib.h>
#include <string.h>

#include "forms/build.h"
#include "problem/file/schema.h"
#include "problem/not_finite.h"
#include "problem/optimize.h"

static const gkt_condition_settings *condition_of(const gkt_problem *p, const gkt_control_settings *c) { return &p->settings->conditions[c->condition]; }
static int field_of(const gkt_problem *p, const gkt_control_settings *c) { return p->fields[condition_of(p, c)->number]; }

/* ---- names and forms ---- */
gkt_status gkt_problem_declare_values(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  int function;
  for (int i = 0; i < o->num_controls; i++) {
    const gkt_control_settings *c = &o->controls[i];
    if (c->condition < 0) continue;
    const gkt_shape shape = condition_of(p, c)->component == GKT_ALL_COMPONENTS ? gkt_scope_function_shape(p->scope, field_of(p, c)) : gkt_shape_scalar();
    GKT_TRY(gkt_problem_place(p, gkt_scope_add_coefficient(p->scope, c->function, shape, gkt_scope_function_element(p->scope, field_of(p, c)), &function), &c->name));
  }
  return GKT_OK;
}

static gkt_status take(gkt_problem *p, const gkt_control_settings *c, gkt_expression **given) {
  const gkt_source *source = &condition_of(p, c)->value;
  gkt_build b = {.scope = p->scope, .source = source};
  *given = p->conditions[c->condition], p->conditions[c->condition] = NULL;
  if (gkt_expression_uses_time(*given))
    return gkt_problem_refuse(p, GKT_UNAVAILABLE, &c->name,
                              "the condition's value depends on t (line %d), and a control is the same at all times; expected a coefficient in that value as the control",
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
/* Nodes of the condition, to be freed; *set is its only one. */
static gkt_status find_nodes(gkt_problem *p, const gkt_control_settings *c, const gkt_space *space, const gkt_mesh_set **set, gkt_idx *count, gkt_idx **nodes) {
  const gkt_word *on = &condition_of(p, c)->on[0];
  GKT_TRY(gkt_problem_find_set(p, on, -1, set));
  return gkt_problem_place(p, gkt_space_nodes_on(space, *set, count, nodes), on);
}

static gkt_status check_values(gkt_problem *p, int i, const gkt_space *space, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes) {
  gkt_text what = {.ctx = p->ctx};
  gkt_status status = gkt_problem_check_nodes(p, p->given[i], space, values, count, nodes, &what);
  if (status == GKT_OK && what.length)
    status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &condition_of(p, &p->settings->optimize.controls[i])->value, "%s; expected a finite number", what.data);
  gkt_text_free(&what);
  return status;
}

/* Elsewhere 0: nothing asks for values there. */
static gkt_status fill(gkt_problem *p, int i, const gkt_space *space, gkt_scalar *values) {
  const gkt_size bs = gkt_space_block_size(space);
  const gkt_mesh_set *set;
  gkt_scalar *all = NULL;
  gkt_idx *nodes = NULL, count = 0;
  gkt_status status;
  GKT_GO(find_nodes(p, &p->settings->optimize.controls[i], space, &set, &count, &nodes));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *all, &all));
  GKT_GO(gkt_interpolate(p->given[i], space, &p->inputs, all));
  GKT_GO(check_values(p, i, space, all, count, nodes));
  for (gkt_idx k = 0; k < count; k++) memcpy(values + nodes[k] * bs, all + nodes[k] * bs, (size_t)bs * sizeof *all);
done:
  free(nodes);
  gkt_free(&all);
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
    GKT_TRY(fill(p, i, space, p->values[f]));
  }
  return GKT_OK;
}

/* ---- variables ---- */
gkt_status gkt_design_add_value(gkt_problem *p, gkt_design_control *c) {
  const int f = gkt_scope_find_function(p->scope, c->settings->function);
  const gkt_mesh_set *set;
  gkt_idx *nodes = NULL, count = 0;
  gkt_status status;
  c->space = p->spaces[f], c->values = p->values[f], c->num_values = gkt_space_num_dofs(c->space);
  const gkt_size bs = gkt_space_block_size(c->space);
  GKT_GO(find_nodes(p, c->settings, c->space, &set, &count, &nodes));
  c->size = count * bs;
  GKT_GO(gkt_alloc(p->ctx, c->size, sizeof *c->dofs, &c->dofs));
  for (gkt_size i = 0; i < c->size; i++) c->dofs[i] = (gkt_idx)(nodes[i / bs] * bs + i % bs);
done:
  free(nodes);
  return status;
}

void gkt_design_scatter(const gkt_design_control *c, const gkt_scalar *x, gkt_scalar *values) {
  for (gkt_size i = 0; i < c->size; i++) values[c->dofs[i]] = x[i];
}

void gkt_design_gather(const gkt_design_control *c, const gkt_scalar *values, gkt_scalar *x) {
  for (gkt_size i = 0; i < c->size; i++) x[i] += values[c->dofs[i]];
}

/* ---- inner product: masses of the facets ---- */
/* "(g[0] + g[1])*ds(inlet)", the derivatives of which are integrals of basis functions */
static gkt_status integrate(gkt_problem *p, const gkt_design_control *c, const char *set, gkt_scalar *out) {
  const int f = gkt_scope_find_function(p->scope, c->settings->function), components = gkt_space_block_size(c->space);
  gkt_text text = {.ctx = p->ctx};
  gkt_form *sum = NULL, *slope = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  gkt_text_printf(&text, "(");
  for (int k = 0; k < components; k++) gkt_text_printf(&text, components > 1 ? "%s%s[%d]" : "%s%s", k ? " + " : "", c->settings->function, k);
  gkt_text_printf(&text, ")*ds(%s)", set);
  GKT_GO(text.status);
  GKT_GO(gkt_form_parse(p->scope, GKT_FUNCTIONAL, &(gkt_source){.text = text.data, .file = p->settings->file, .key = "controls"}, &sum));
  GKT_GO(gkt_form_derivative(sum, 1, &f, &slope));
  GKT_GO(gkt_assembler_create(slope, p->mesh, p->spaces, &assembler));
  GKT_GO(gkt_assemble_vector(assembler, &p->inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&sum), gkt_form_destroy(&slope);
  gkt_text_free(&text);
  return status;
}

/* Where they are not all positive, or the set is no part of the boundary, one weight for all. */
gkt_status gkt_design_weigh_value(gkt_problem *p, const gkt_design_control *c, gkt_scalar *weights) {
  const gkt_word *on = &condition_of(p, c->settings)->on[0];
  const gkt_mesh_set *set;
  gkt_scalar *masses = NULL;
  bool positive = true;
  gkt_status status;
  GKT_TRY(gkt_problem_find_set(p, on, -1, &set));
  if (set->dim != p->dim - 1 || !gkt_word_is_name(on->text) || gkt_space_shape(c->space).rank > 1) return GKT_OK;
  GKT_GO(gkt_calloc(p->ctx, c->num_values, sizeof *masses, &masses));
  GKT_GO(integrate(p, c, on->text, masses));
  for (gkt_size i = 0; i < c->size; i++) positive = positive && masses[c->dofs[i]] > 0;
  for (gkt_size i = 0; i < c->size && positive; i++) weights[i] = masses[c->dofs[i]];
done:
  gkt_free(&masses);
  return status;
}
