/* Essential constraints: which dofs are given, their values, and what that does to vectors and matrices. Dofs are those of several spaces, one space after the other: `blocks`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/constraints.h"
#include "assembly/find_nonfinite.h"
#include "forms/form.h"
#include "spaces/evaluate.h"

typedef struct {
  gkt_space *space;
  gkt_idx first; /* dof = first + node * block_size + component */
} block;

typedef struct {
  const block *of;
  char *note, *place;        /* for warnings, "line 12 on 'left'"; for refusals */
  int component, components; /* of the field, -1: all; of the value */
  gkt_idx count, *nodes;     /* nodes is freed with free() */
  double size;               /* largest |value| */
} condition;

struct gkt_constraints {
  gkt_context *ctx;
  int num_blocks;
  block *blocks;
  gkt_idx num_dofs;   /* of all blocks */
  bool *mask;         /* [dofs] */
  gkt_scalar *values; /* [dofs], where constrained */
  int *sources;       /* [dofs], where constrained: which condition gave the value */
  gkt_idx count;
  int num_conditions;
  condition *conditions;
};

static gkt_status add_block(gkt_constraints *c, const gkt_space *space) {
  const gkt_size end = (gkt_size)c->num_dofs + gkt_space_num_dofs(space);
  c->blocks[c->num_blocks++] = (block){gkt_space_retain(space), c->num_dofs};
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

static void clear_condition(condition *k) {
  gkt_free(&k->note);
  gkt_free(&k->place);
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
  for (int i = 0; i < c->num_blocks; i++) gkt_space_destroy(&c->blocks[i].space);
  gkt_free(&c->blocks);
  gkt_free(constraints);
}

/* ---- values ---- */
static gkt_status check_shape(const gkt_constraints *c, const condition *k, const gkt_expression *value) {
  const gkt_space *space = k->of->space;
  gkt_shape given = value->value.shape, field = space->shape;
  if (k->component < -1 || k->component >= space->block_size)
    return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: component %d does not exist: the field has %d (0 to %d)", k->place, k->component, space->block_size, space->block_size - 1);
  if (gkt_expression_is_zero(value)) return GKT_OK;
  if (k->component >= 0) field = gkt_shape_scalar();
  if (gkt_shapes_are_equal(given, field)) return GKT_OK;
  if (k->component >= 0) return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the value of one component must be a scalar, but it has %d components", k->place, gkt_shape_size(given));
  return gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the value has %d components, the field has %d: expected a value of the field's shape, or 'component'", k->place,
                  gkt_shape_size(given), space->block_size);
}

/* out [nodes of the space][components of the expression]: through cells, with means on shared nodes. */
static gkt_status through_cells(const condition *k, const gkt_expression *value, const gkt_inputs *inputs, gkt_scalar *out) {
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

static gkt_status at_nodes(const condition *k, gkt_evaluator *e, gkt_scalar *out) {
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
static gkt_status evaluate(const gkt_constraints *c, const condition *k, const gkt_expression *value, const gkt_inputs *inputs, gkt_scalar *out) {
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

static gkt_status check_finite(const gkt_constraints *c, const condition *k, const gkt_expression *value, const gkt_inputs *inputs, const gkt_scalar *values) {
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
static gkt_status find_values(const gkt_constraints *c, condition *k, const gkt_expression *value, const gkt_inputs *given, gkt_scalar **out) {
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
static gkt_size dof_of(const condition *k, gkt_size i) {
  return k->of->first + (gkt_size)k->nodes[i / k->components] * k->of->space->block_size + (k->component < 0 ? i % k->components : k->component);
}

/* Of a condition that is not in the list yet. */
static void warn_conflicts(const gkt_constraints *c, const condition *k, const gkt_scalar *values) {
  for (int old = 0; old < c->num_conditions; old++) {
    long shared = 0;
    gkt_size first = 0, first_value = 0;
    double tolerance = 1e-12 * fmax(c->conditions[old].size, k->size); /* sin(pi) is 1e-16: no conflict with 0 */
    for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
      gkt_size dof = dof_of(k, i);
      if (!c->mask[dof] || c->sources[dof] != old || fabs(c->values[dof] - values[i]) <= tolerance) continue;
      if (!shared++) first = dof, first_value = i;
    }
    if (shared)
      gkt_log(c->ctx, GKT_LOG_WARNING, "conditions disagree on %ld shared %s: %s gives %g, %s gives %g; the later one wins", shared, shared == 1 ? "dof" : "dofs",
              c->conditions[old].note, c->values[first], k->note, values[first_value]);
  }
}

static void apply(gkt_constraints *c, const condition *k, const gkt_scalar *values) {
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
    gkt_size dof = dof_of(k, i);
    c->count += !c->mask[dof];
    c->mask[dof] = true, c->values[dof] = values[i], c->sources[dof] = c->num_conditions;
  }
}

static gkt_status describe(gkt_context *ctx, condition *k, const char *set, const char *note, const char *place) {
  char text[256];
  snprintf(text, sizeof text, "%s%son '%s'", note ? note : "", note ? " " : "", set);
  GKT_TRY(gkt_strdup(ctx, text, &k->note));
  return gkt_strdup(ctx, place ? place : text, &k->place);
}

gkt_status gkt_constraints_add_at(gkt_constraints *c, int space, const gkt_mesh_set *set, int component, const gkt_expression *value, const gkt_inputs *inputs, const char *note,
                                  const char *place) {
  const block *of = &c->blocks[space];
  condition k = {.of = of, .component = component, .components = component < 0 ? of->space->block_size : 1};
  gkt_scalar *values = NULL;
  gkt_status status;
  GKT_GO(describe(c->ctx, &k, set->name, note, place));
  GKT_GO(check_shape(c, &k, value));
  GKT_GO(gkt_fail_in(c->ctx, gkt_space_nodes_on(of->space, set, &k.count, &k.nodes), k.place));
  if (!k.count) GKT_GO(gkt_fail(c->ctx, GKT_BAD_INPUT, "%s: the set holds no node of the field's space, so the condition would do nothing", k.place));
  GKT_GO(find_values(c, &k, value, inputs, &values));
  GKT_GO(gkt_realloc(c->ctx, c->num_conditions + 1, sizeof k, &c->conditions));
  warn_conflicts(c, &k, values);
  apply(c, &k, values);
  c->conditions[c->num_conditions++] = k;
  k = (condition){0};
done:
  clear_condition(&k);
  gkt_free(&values);
  return status;
}

gkt_status gkt_constraints_add(gkt_constraints *c, int space, const gkt_mesh_set *set, int component, const gkt_expression *value, const gkt_inputs *inputs, const char *note) {
  return gkt_constraints_add_at(c, space, set, component, value, inputs, note, NULL);
}

gkt_status gkt_constraints_update(gkt_constraints *c, int number, const gkt_expression *value, const gkt_inputs *inputs) {
  condition *k = &c->conditions[number];
  gkt_scalar *values = NULL;
  GKT_TRY(find_values(c, k, value, inputs, &values));
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++)
    if (c->sources[dof_of(k, i)] == number) c->values[dof_of(k, i)] = values[i];
  gkt_free(&values);
  return GKT_OK;
}

/* ---- use ---- */
const bool *gkt_constraints_mask(const gkt_constraints *c) { return c->mask; }
gkt_idx gkt_constraints_count(const gkt_constraints *c) { return c->count; }

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
