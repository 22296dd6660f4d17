/* Essential constraints: which dofs are given, their values, and what that does to vectors and matrices. Dofs are those of several spaces, one space after the other: `blocks`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/constraints.h"
#include "assembly/find_nonfinite.h"
#include "forms/form.h"
#include "spaces/evaluate.h"

static gkt_status add_block(gkt_constraints *c, const gkt_space *space) {
  const gkt_size end = (gkt_size)c->num_dofs + gkt_space_num_dofs(space);
  c->blocks[c->num_blocks++] = (gkt_constraint_block){.space = gkt_space_retain(space), .first = c->num_dofs};
  return gkt_narrow(c->ctx, end, "dofs", &c->num_dofs);
}

gkt_status gkt_constraints_create(int num_spaces, const gkt_space *const *spaces, gkt_constraints **out) {
  gkt_constraints *c = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(spaces[0]->ctx, 1, sizeof *c, &c));
  c->ctx = spaces[0]->ctx;
  GKT_GO(gkt_calloc(c->ctx, num_spaces, sizeof *c->blocks, &c->blocks));
  for (int i = 0; i < num_spaces; i++) GKT_GO(add_block(c, spaces[i]));
  GKT_GO(gkt_calloc(c->ctx, c->num_dofs, sizeof *c->mask, &c->mask));
  GKT_GO(gkt_alloc(c->ctx, c->num_dofs, sizeof *c->values, &c->values));
  GKT_GO(gkt_alloc(c->ctx, c->num_dofs, sizeof *c->sources, &c->sources));
  *out = c;
  return GKT_OK;
done:
  gkt_constraints_destroy(&c);
  return status;
}

static void clear_condition(gkt_constraint_condition *k) {
  gkt_free(&k->note);
  gkt_free(&k->place);
  gkt_free(&k->values);
  free(k->nodes);
}

void gkt_constraints_destroy(gkt_constraints **constraints) {
  gkt_constraints *c = *constraints;
  if (!c) return;
  for (int i = 0; i < c->num_conditions; i++) clear_condition(&c->conditions[i]);
  gkt_free(&c->conditions);
  gkt_free(&c->mask);
  gkt_free(&c->values);
  gkt_free(&c->sources);
  for (int i = 0; i < c->num_blocks; i++) {
    gkt_space_destroy(&c->blocks[i].space);
    gkt_ties_destroy(&c->blocks[i].ties);
  }
  gkt_free(&c->blocks);
  gkt_free(constraints);
}

/* ---- values ---- */
static gkt_status check_shape(const gkt_constraints *c, const gkt_constraint_condition *k, const gkt_expression *value) {
  const gkt_space *space = k->of->space;
  gkt_shape given = value->value.shape, field = space->shape;
  const int dim = gkt_mesh_dim(space->mesh);
  if (k->component == GKT_NORMAL && (dim < 2 || field.rank != 1 || field.dims[0] != dim))
    return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: only a vector field with %d components, as many as the space has dimensions, has a normal component; the field has %d", k->place,
                    dim < 2 ? 2 : dim, space->block_size);
  if (k->component < GKT_NORMAL || k->component >= space->block_size)
    return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: component %d does not exist: the field has %d (0 to %d)", k->place, k->component, space->block_size, space->block_size - 1);
  if (gkt_expression_is_zero(value)) return GKT_OK;
  if (k->component != GKT_ALL_COMPONENTS) field = gkt_shape_scalar();
  if (gkt_shapes_are_equal(given, field)) return GKT_OK;
  if (k->component != GKT_ALL_COMPONENTS)
    return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the value of one component must be a scalar, but it has %d components", k->place, gkt_shape_size(given));
  return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the value has %d components, the field has %d: expected a value of the field's shape, or 'component'", k->place,
                  gkt_shape_size(given), space->block_size);
}

/* out [nodes of the space][components of the expression]: through cells, with means on shared nodes. */
static gkt_status through_cells(const gkt_constraint_condition *k, const gkt_expression *value, const gkt_inputs *inputs, gkt_scalar *out) {
  const gkt_space *of = k->of->space;
  gkt_space *space = NULL;
  gkt_scalar *all = NULL;
  gkt_status status;
  gkt_size n = gkt_shape_size(value->value.shape);
  GKT_GO(gkt_space_create(of->mesh, of->element, value->value.shape, &space));
  GKT_GO(gkt_alloc(of->ctx, gkt_space_num_dofs(space), sizeof *all, &all));
  GKT_GO(gkt_interpolate(value, space, inputs, all));
  for (gkt_size i = 0; i < k->count; i++) memcpy(out + i * n, all + k->nodes[i] * n, (size_t)n * sizeof *out);
done:
  gkt_free(&all);
  gkt_space_destroy(&space);
  return status;
}

static gkt_status at_nodes(const gkt_constraint_condition *k, gkt_evaluator *e, gkt_scalar *out) {
  const gkt_space *space = k->of->space;
  double *all = NULL, *coords = NULL;
  gkt_size dim = gkt_mesh_dim(space->mesh);
  gkt_status status;
  GKT_GO(gkt_alloc(space->ctx, space->num_nodes * dim, sizeof *all, &all));
  GKT_GO(gkt_alloc(space->ctx, k->count * dim, sizeof *coords, &coords));
  GKT_GO(gkt_space_place_nodes(space, all)); /* where they are now */
  for (gkt_size i = 0; i < k->count; i++) memcpy(coords + i * dim, all + k->nodes[i] * dim, (size_t)dim * sizeof *coords);
  gkt_evaluator_run_at(e, (int)dim, k->count, coords, out);
done:
  gkt_free(&all);
  gkt_free(&coords);
  return status;
}

/* out [nodes of the condition][its components] */
static gkt_status evaluate(const gkt_constraints *c, const gkt_constraint_condition *k, const gkt_expression *value, const gkt_inputs *inputs, gkt_scalar *out) {
  gkt_evaluator *e = NULL;
  gkt_status status;
  if (gkt_expression_is_zero(value)) {
    memset(out, 0, (size_t)k->count * (size_t)k->components * sizeof *out);
    return GKT_OK;
  }
  GKT_TRY(gkt_evaluator_create(value, k->of->space->mesh, inputs, &e));
  if (gkt_evaluator_needs(e) == GKT_NEEDS_FACET) GKT_GO(gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the normal n has no value at nodes, where facets meet", k->place));
  if (gkt_evaluator_needs(e) == GKT_NEEDS_POINT) GKT_GO(at_nodes(k, e, out));
  else GKT_GO(through_cells(k, value, inputs, out));
done:
  gkt_evaluator_destroy(&e);
  return status;
}

static gkt_status check_finite(const gkt_constraints *c, const gkt_constraint_condition *k, const gkt_expression *value, const gkt_inputs *inputs, const gkt_scalar *values) {
  int dim = gkt_mesh_dim(k->of->space->mesh);
  gkt_nonfinite found;
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
    if (isfinite(values[i])) continue;
    GKT_TRY(gkt_find_nonfinite_node(value, k->of->space, inputs, k->nodes[i / k->components], &found));
    char at[80];
    int n = snprintf(at, sizeof at, "%g", found.x[0]);
    for (int d = 1; d < dim; d++) n += snprintf(at + n, sizeof at - (size_t)n, ", %g", found.x[d]);
    return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the value is not finite at (%s)%s%s", k->place, at, found.what[0] ? ": " : "", found.what);
  }
  return GKT_OK;
}

/* *out [nodes of the condition][its components], freed with gkt_free */
static gkt_status find_values(const gkt_constraints *c, gkt_constraint_condition *k, const gkt_expression *value, const gkt_inputs *given, gkt_scalar **out) {
  const gkt_inputs inputs = given ? *given : (gkt_inputs){0};
  gkt_size n = (gkt_size)k->count * k->components;
  gkt_status status;
  GKT_GO(gkt_alloc(c->ctx, n, sizeof **out, out));
  GKT_GO(evaluate(c, k, value, &inputs, *out));
  GKT_GO(check_finite(c, k, value, &inputs, *out));
  k->size = 0;
  for (gkt_size i = 0; i < n; i++) k->size = fmax(k->size, fabs((*out)[i]));
done:
  if (status != GKT_OK) gkt_free(out);
  return status;
}

/* ---- one condition ---- */
void gkt_conflict_add(gkt_conflict *x, gkt_scalar old, gkt_scalar new) {
  if (fabs(old - new) <= 1e-12 * fmax(x->of[0]->size, x->of[1]->size)) return; /* sin(pi) is 1e-16: no conflict with 0 */
  if (!x->count++) x->values[0] = old, x->values[1] = new;
}

void gkt_conflict_warn(const gkt_constraints *c, const gkt_conflict *x) {
  if (x->count)
    gkt_log(c->ctx, GKT_LOG_WARNING, "conditions disagree on %ld shared %s: %s gives %g, %s gives %g; the later one wins", x->count, x->count == 1 ? "dof" : "dofs", x->of[0]->note,
            x->values[0], x->of[1]->note, x->values[1]);
}

static gkt_size dof_of(const gkt_constraint_condition *k, gkt_size i) {
  return k->of->first + (gkt_size)k->nodes[i / k->components] * k->of->space->block_size + (k->component < 0 ? i % k->components : k->component);
}

/* Of a condition that is not in the list yet. */
static void warn_conflicts(const gkt_constraints *c, const gkt_constraint_condition *k) {
  for (int old = 0; old < c->num_conditions; old++) {
    gkt_conflict found = {.of = {&c->conditions[old], k}};
    for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
      gkt_size dof = dof_of(k, i);
      if (c->mask[dof] && c->sources[dof] == old) gkt_conflict_add(&found, c->values[dof], k->values[i]);
    }
    gkt_conflict_warn(c, &found);
  }
}

static void apply(gkt_constraints *c, int number) {
  const gkt_constraint_condition *k = &c->conditions[number];
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
    gkt_size dof = dof_of(k, i);
    k->of->count += !c->mask[dof];
    c->mask[dof] = true, c->values[dof] = k->values[i], c->sources[dof] = number;
  }
}

static gkt_status describe(gkt_context *ctx, gkt_constraint_condition *k, const char *set, const char *note, const char *place) {
  char text[256];
  snprintf(text, sizeof text, "%s%son '%s'", note ? note : "", note ? " " : "", set);
  GKT_TRY(gkt_strdup(ctx, text, &k->note));
  return gkt_strdup(ctx, place ? place : text, &k->place);
}

/* The condition is the last of the list. */
static gkt_status take(gkt_constraints *c) {
  gkt_constraint_condition *k = &c->conditions[c->num_conditions - 1];
  if (k->component == GKT_NORMAL && !k->of->ties) GKT_TRY(gkt_ties_create(k->of->space, &k->of->ties));
  if (k->of->ties) return gkt_constraints_rebuild(c, k->of, c->num_conditions - 1);
  apply(c, c->num_conditions - 1);
  return GKT_OK;
}

gkt_status gkt_constraints_add_at(gkt_constraints *c, int space, const gkt_mesh_set *set, int component, const gkt_expression *value, const gkt_inputs *inputs, const char *note,
                                  const char *place) {
  gkt_constraint_block *of = &c->blocks[space];
  gkt_constraint_condition k = {.of = of, .set = set, .component = component, .components = component == GKT_ALL_COMPONENTS ? of->space->block_size : 1};
  gkt_status status;
  GKT_GO(describe(c->ctx, &k, set->name, note, place));
  GKT_GO(check_shape(c, &k, value));
  if (component == GKT_NORMAL) GKT_GO(gkt_fail_in(c->ctx, gkt_mesh_check_outer(of->space->mesh, set), k.place));
  GKT_GO(gkt_fail_in(c->ctx, gkt_space_nodes_on(of->space, set, &k.count, &k.nodes), k.place));
  if (!k.count) GKT_GO(gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the set holds no node of the field's space, so the condition would do nothing", k.place));
  GKT_GO(find_values(c, &k, value, inputs, &k.values));
  GKT_GO(gkt_realloc(c->ctx, c->num_conditions + 1, sizeof k, &c->conditions));
  if (!of->ties && component != GKT_NORMAL) warn_conflicts(c, &k);
  c->conditions[c->num_conditions++] = k;
  k = (gkt_constraint_condition){0};
  GKT_GO(take(c));
done:
  clear_condition(&k);
  return status;
}

gkt_status gkt_constraints_add(gkt_constraints *c, int space, const gkt_mesh_set *set, int component, const gkt_expression *value, const gkt_inputs *inputs, const char *note) {
  if (space < 0 || space >= c->num_blocks) return gkt_fail(c->ctx, GKT_BAD_ARGUMENT, "constraints: space %d; expected 0 to %d", space, c->num_blocks - 1);
  return gkt_constraints_add_at(c, space, set, component, value, inputs, note, NULL);
}

gkt_status gkt_constraints_update(gkt_constraints *c, int number, const gkt_expression *value, const gkt_inputs *inputs) {
  gkt_constraint_condition *k = &c->conditions[number];
  gkt_scalar *values = NULL;
  GKT_TRY(find_values(c, k, value, inputs, &values));
  gkt_free(&k->values);
  k->values = values;
  if (k->of->ties) return gkt_constraints_rebuild(c, k->of, -1);
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++)
    if (c->sources[dof_of(k, i)] == number) c->values[dof_of(k, i)] = values[i];
  return GKT_OK;
}

/* ---- ties ---- */
gkt_status gkt_constraints_tie(gkt_constraints *c, int space, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_match *match, const char *place) {
  gkt_constraint_block *of = &c->blocks[space];
  if (!of->ties) GKT_TRY(gkt_ties_create(of->space, &of->ties));
  if (place) GKT_TRY(gkt_fail_in(c->ctx, gkt_ties_add(of->ties, from, to, match), place));
  else GKT_TRY(gkt_ties_add(of->ties, from, to, match));
  return gkt_constraints_rebuild(c, of, -1);
}

const gkt_ties *gkt_constraints_ties(const gkt_constraints *c, int space) { return c->blocks[space].ties; }

/* ---- use ---- */
const bool *gkt_constraints_mask(const gkt_constraints *c) { return c->mask; }
gkt_idx gkt_constraints_count(const gkt_constraints *c) {
  gkt_idx count = 0;
  for (int i = 0; i < c->num_blocks; i++) count += c->blocks[i].count;
  return count;
}

void gkt_constraints_lift(const gkt_constraints *c, gkt_scalar *u) {
  for (gkt_idx i = 0; i < c->num_dofs; i++)
    if (c->mask[i]) u[i] = c->values[i];
}

void gkt_constraints_zero(const gkt_constraints *c, gkt_scalar *residual) {
  for (gkt_idx i = 0; i < c->num_dofs; i++)
    if (c->mask[i]) residual[i] = 0;
}

static gkt_idx end_of(const gkt_constraints *c, int k) { return k + 1 < c->num_blocks ? c->blocks[k + 1].first : c->num_dofs; }

/* Mean |diagonal| of the free rows of a block, so that each keeps its own unit; 1 if there are none, or if it is 0 (a multiplier's). */
static gkt_scalar scale_of(const gkt_constraints *c, int of, const gkt_csr *A) {
  gkt_scalar sum = 0;
  gkt_idx free_rows = 0;
  for (gkt_idx i = c->blocks[of].first; i < end_of(c, of); i++) {
    if (c->mask[i]) continue;
    free_rows++;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (A->cols[k] == i) sum += fabs(A->vals[k]);
  }
  return sum > 0 ? sum / free_rows : 1;
}

static void eliminate_in_row(const gkt_constraints *c, gkt_csr *A, gkt_idx i, gkt_scalar scale) {
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (c->mask[i] || c->mask[A->cols[k]]) A->vals[k] = A->cols[k] == i ? scale : 0;
}

static void eliminate_in_rows(const gkt_constraints *c, gkt_csr *A, gkt_idx begin, gkt_idx end, gkt_scalar scale) {
  int threads = gkt_threads_for(c->ctx, A->row_offsets[end] - A->row_offsets[begin]);
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (gkt_idx i = begin; i < end; i++) eliminate_in_row(c, A, i, scale);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx i = begin; i < end; i++) eliminate_in_row(c, A, i, scale);
}

/* A block's scale does not see the rows of others, so it is the same whichever of them are done. */
void gkt_constraints_eliminate(const gkt_constraints *c, gkt_csr *A) {
  for (int k = 0; k < c->num_blocks; k++) eliminate_in_rows(c, A, c->blocks[k].first, end_of(c, k), scale_of(c, k, A));
}
