/* Spaces of the functions, and the values of the discrete coefficients in them. */
#include <string.h>

#include "problem/not_finite.h"

static gkt_status add_space(gkt_problem *p, int function, gkt_element element, const gkt_word *word) {
  gkt_space *space = NULL;
  GKT_TRY(gkt_problem_place(p, gkt_space_create(p->mesh, element, gkt_scope_function_shape(p->scope, function), &space), word));
  p->spaces[function] = space;
  return GKT_OK;
}

/* Their spaces, and their values in one vector. */
static gkt_status add_fields(gkt_problem *p) {
  gkt_size dofs = 0;
  gkt_idx size;
  for (int i = 0; i < p->settings->num_fields; i++) {
    const gkt_field_settings *f = &p->settings->fields[i];
    GKT_TRY(add_space(p, p->fields[i], f->element, &f->space));
    dofs += gkt_space_num_dofs(p->spaces[p->fields[i]]);
    for (int order = 1; order <= 2; order++)
      if (gkt_scope_rate(p->scope, p->fields[i], order) >= 0) p->spaces[gkt_scope_rate(p->scope, p->fields[i], order)] = p->spaces[p->fields[i]];
  }
  GKT_TRY(gkt_narrow(p->ctx, dofs, "dofs", &size));
  GKT_TRY(gkt_vector_create(p->ctx, size, &p->u));
  gkt_scalar *values = gkt_vector_values(p->u);
  for (int i = 0; i < p->settings->num_fields; i++) p->values[p->fields[i]] = values, values += gkt_space_num_dofs(p->spaces[p->fields[i]]);
  return GKT_OK;
}

/* Of equal degrees that with bubbles, which holds more. */
static bool is_higher(gkt_element a, gkt_element b) { return a.degree != b.degree ? a.degree > b.degree : a.kind == GKT_BUBBLE && b.kind != GKT_BUBBLE; }

gkt_element gkt_problem_field_element(const gkt_problem *p, const gkt_expression *e) {
  gkt_element all = p->settings->fields[0].element, held = {GKT_LAGRANGE, -1};
  for (int i = 0; i < p->settings->num_fields; i++) {
    const gkt_element element = p->settings->fields[i].element;
    if (is_higher(element, all)) all = element;
    if (e && is_higher(element, held) && gkt_expression_depends_on(e, p->fields[i])) held = element;
  }
  return held.degree >= 0 ? held : all;
}

static gkt_status add_coefficient(gkt_problem *p, int function, const gkt_coefficient_settings *c) {
  GKT_TRY(add_space(p, function, c->element, &c->space));
  return gkt_calloc(p->ctx, gkt_space_num_dofs(p->spaces[function]), sizeof(gkt_scalar), &p->values[function]);
}

/* owner[cell]: the region that gave the value, -1 none yet. */
static gkt_status claim_cells(gkt_problem *p, const gkt_coefficient_settings *c, int region, const gkt_mesh_set *set, gkt_idx *owner) {
  for (gkt_idx i = 0; i < set->count; i++) {
    gkt_idx *o = &owner[set->entities[i]];
    if (*o >= 0)
      return gkt_problem_refuse(p, GKT_BAD_INPUT, &c->regions[region].name, "its cells overlap those of '%s'; expected regions that share no cell", c->regions[*o].name.text);
    *o = region;
  }
  return GKT_OK;
}

static void copy_cells(const gkt_space *space, const gkt_idx *owner, gkt_idx region, const gkt_scalar *from, gkt_scalar *to) {
  const gkt_mesh *mesh = gkt_space_mesh(space);
  int bs = gkt_space_block_size(space);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    const gkt_idx *nodes = gkt_space_cell_nodes(space, b);
    int n = gkt_space_nodes_per_cell(space, b);
    for (gkt_size i = 0; i < (gkt_size)block->num_cells * n; i++) {
      if (owner[block->first_cell + i / n] != region) continue;
      for (int k = 0; k < bs; k++) to[(gkt_size)nodes[i] * bs + k] = from[(gkt_size)nodes[i] * bs + k];
    }
  }
}

/* out [dofs] at the time of inputs */
static gkt_status fill_regions(gkt_problem *p, const gkt_coefficient_settings *c, gkt_expression **expressions, int function, const gkt_inputs *inputs, gkt_scalar *out) {
  gkt_idx num_cells = gkt_mesh_num_cells(p->mesh), *owner = NULL;
  gkt_scalar *from = NULL;
  const gkt_mesh_set *set;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, num_cells, sizeof *owner, &owner));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(p->spaces[function]), sizeof *from, &from));
  for (gkt_idx i = 0; i < num_cells; i++) owner[i] = -1;
  for (int r = 0; r < c->num_regions; r++) {
    GKT_GO(gkt_problem_find_set(p, &c->regions[r].name, p->dim, &set));
    GKT_GO(claim_cells(p, c, r, set, owner));
  }
  for (int r = -1; r < c->num_regions; r++) {
    const gkt_expression *e = expressions[r < 0 ? c->num_regions : r];
    for (gkt_idx i = 0; !e && i < num_cells; i++)
      if (owner[i] < 0) {
        status = gkt_problem_refuse(p, GKT_BAD_INPUT, &c->name, "cell %d is in none of its regions; expected all cells in regions, or `default`", i);
        goto done;
      }
    if (!e) continue;
    GKT_GO(gkt_interpolate(e, p->spaces[function], inputs, from));
    copy_cells(p->spaces[function], owner, r, from, out);
  }
done:
  gkt_free(&owner);
  gkt_free(&from);
  return status;
}

/* e: what gave the values; NULL: several expressions */
static gkt_status check_finite(gkt_problem *p, const gkt_coefficient_settings *c, const gkt_expression *e, int function, const gkt_scalar *values) {
  const gkt_space *space = p->spaces[function];
  gkt_text what = {.ctx = p->ctx};
  gkt_status status = gkt_problem_check_nodes(p, e, space, values, gkt_space_num_nodes(space), NULL, &what);
  if (status == GKT_OK && what.length) status = gkt_problem_refuse(p, GKT_BAD_INPUT, &c->name, "%s; expected a finite number", what.data);
  gkt_text_free(&what);
  return status;
}

static gkt_status add_coefficients(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_coefficients; i++) {
    const gkt_coefficient_settings *c = &p->settings->coefficients[i];
    if (c->kind != GKT_COEFFICIENT_SYMBOLIC) GKT_TRY(add_coefficient(p, gkt_scope_find_function(p->scope, c->name.text), c));
  }
  return GKT_OK;
}

/* Of a discrete one, in x, t and constants. Messages on values that are not finite look at p->inputs. */
static gkt_status fill(gkt_problem *p, int i, gkt_scalar time, gkt_scalar *out) {
  const gkt_coefficient_settings *c = &p->settings->coefficients[i];
  const int function = gkt_scope_find_function(p->scope, c->name.text);
  const gkt_scalar before = p->inputs.time;
  gkt_expression **values = p->region_values;
  gkt_status status;
  for (int k = 0; k < i; k++) values += p->settings->coefficients[k].num_regions + 1;
  const gkt_inputs inputs = {.spaces = p->spaces, .values = (const gkt_scalar *const *)p->values, .constants = p->constants, .time = time};
  p->inputs.time = time;
  if (c->kind == GKT_COEFFICIENT_REGIONS) GKT_GO(fill_regions(p, c, values, function, &inputs, out));
  else GKT_GO(gkt_interpolate(p->coefficients[i], p->spaces[function], &inputs, out));
  status = check_finite(p, c, p->coefficients[i], function, out);
done:
  p->inputs.time = before;
  return status;
}

gkt_status gkt_problem_fill_coefficients(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_coefficients; i++) {
    const gkt_coefficient_settings *c = &p->settings->coefficients[i];
    if (c->kind != GKT_COEFFICIENT_SYMBOLIC) GKT_TRY(fill(p, i, p->settings->time.start, p->values[gkt_scope_find_function(p->scope, c->name.text)]));
  }
  return GKT_OK;
}

/* ---- those that depend on t ---- */
static gkt_status fill_followed(void *user, gkt_scalar time, gkt_scalar *values) {
  const gkt_followed *f = user;
  return fill(f->p, f->coefficient, time, values);
}

/* At times that are equally far apart, from the start to the end; values are at first those of the settings then. */
static gkt_status make_signal(gkt_problem *p, gkt_followed *f) {
  const gkt_time_settings *s = &p->settings->time;
  const gkt_size dofs = gkt_space_num_dofs(p->spaces[f->function]);
  double *times = NULL;
  gkt_scalar *values = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, f->times, sizeof *times, &times));
  GKT_GO(gkt_alloc(p->ctx, f->times * dofs, sizeof *values, &values));
  for (int k = 0; k < f->times; k++) times[k] = k == f->times - 1 ? s->end : s->start + k * ((s->end - s->start) / (f->times - 1));
  GKT_GO(gkt_signal_create(p->system, gkt_scope_function_name(p->scope, f->function), f->times, times, false, &f->signal));
  for (int k = 0; k < f->times; k++)
    GKT_GO(f->coefficient < 0 ? gkt_problem_fill_values(p, f->control, times[k], values + k * dofs) : fill(p, f->coefficient, times[k], values + k * dofs));
  GKT_GO(gkt_signal_set(f->signal, values));
done:
  gkt_free(&times);
  gkt_free(&values);
  return status;
}

gkt_status gkt_problem_follow_coefficients(gkt_problem *p) {
  for (int i = 0; i < p->num_followed; i++) {
    gkt_followed *f = &p->followed[i];
    if (f->times) GKT_TRY(make_signal(p, f));
    else GKT_TRY(gkt_system_follow_coefficient(p->system, f->name->text, fill_followed, f));
  }
  return GKT_OK;
}

void gkt_problem_take_followed(gkt_problem *p) {
  for (int i = 0; i < p->num_followed; i++) {
    const int f = p->followed[i].function;
    memcpy(p->values[f], p->inputs.values[f], (size_t)gkt_space_num_dofs(p->spaces[f]) * sizeof **p->values);
  }
}

static gkt_status add_histories(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_histories; i++) {
    const int function = gkt_scope_find_function(p->scope, p->settings->histories[i].name.text);
    GKT_TRY(add_space(p, function, gkt_scope_function_element(p->scope, function), &p->settings->histories[i].name));
  }
  return GKT_OK;
}

gkt_status gkt_problem_make_spaces(gkt_problem *p) {
  const int n = p->num_functions = gkt_scope_num_functions(p->scope);
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *p->spaces, &p->spaces));
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *p->values, &p->values));
  p->inputs.spaces = p->spaces;
  p->inputs.values = (const gkt_scalar *const *)p->values;
  GKT_TRY(add_fields(p));
  GKT_TRY(add_coefficients(p));
  GKT_TRY(gkt_problem_fill_coefficients(p));
  GKT_TRY(add_histories(p));
  GKT_TRY(gkt_problem_add_values(p));
  GKT_TRY(gkt_problem_add_gradients(p));
  return gkt_problem_set_initial(p);
}
