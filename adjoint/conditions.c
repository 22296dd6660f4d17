/* Controls that stand in the values of conditions: the chain rule through what nodes take. */
#include <string.h>

#include "adjoint/adjoint.h"
#include "assembly/constraints.h"
#include "forms/form.h"
#include "core/vector.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

/* ---- what is available ---- */
static bool is_gradient(const gkt_terminal *t, const void *control) { return t->kind == GKT_TERM_GRAD && gkt_adjoint_is_control(t, control); }
static bool is_of_cells(const gkt_terminal *t, const void *unused) {
  (void)unused;
  return t->kind == GKT_TERM_GRAD || t->kind == GKT_TERM_H;
}

static gkt_status check_shape(const gkt_adjoint *a, const gkt_expression *value, const char *where) {
  if (!gkt_expression_has_terminal(value, is_of_cells, NULL)) return GKT_OK;
  return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'shape': h or a gradient stands in %s, through which shape derivatives are not available yet; expected x, constants and coefficients",
                  where);
}

gkt_status gkt_adjoint_check_interpolated(const gkt_adjoint *a, const gkt_adjoint_control *c, const gkt_expression *value, const char *where) {
  if (c->kind == GKT_CONTROL_SHAPE) return check_shape(a, value, where);
  if (c->kind == GKT_CONTROL_CONSTANT || !gkt_expression_has_terminal(value, is_gradient, c)) return GKT_OK;
  return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'%s': its gradient stands in %s, through which derivatives are not available yet", c->name, where);
}

gkt_status gkt_adjoint_look_at_conditions(const gkt_adjoint *a, gkt_adjoint_control *c) {
  for (int i = 0; i < a->s->num_conditions; i++) {
    const gkt_expression *value = a->s->conditions[i].value;
    if (!gkt_expression_has_terminal(value, gkt_adjoint_is_control, c)) continue;
    c->in_conditions = true;
    if (c->kind == GKT_CONTROL_CONSTANT) continue;
    GKT_TRY(gkt_adjoint_check_interpolated(a, c, value, "the value of a condition"));
  }
  return GKT_OK;
}

/* ---- by the values ---- */
gkt_status gkt_adjoint_derive_values(gkt_adjoint *a, const gkt_inputs *inputs, gkt_scalar *out) {
  const gkt_idx n = gkt_system_num_dofs(a->s);
  if (!a->by_state.form) GKT_TRY(gkt_adjoint_derive_by_state(a, a->lagrangian, &a->by_state.form));
  gkt_vector_scale(a->right, -1); /* dJ/du, which no other gradient looks at again */
  GKT_TRY(gkt_adjoint_plan_add_vector(a, &a->by_state, inputs, 1, 0, n, a->right));
  GKT_TRY(gkt_vector_give(a->right, out));
  for (gkt_idx i = 0; i < n; i++)
    if (!a->s->layout.constrained[i] || !gkt_constraints_give(a->s->constraints, i)) out[i] = 0;
  return GKT_OK;
}

/* ---- constants: derivatives of all values ---- */
static gkt_status add_by_constant(gkt_adjoint *a, const gkt_adjoint_control *c, const gkt_scalar *by_values, gkt_scalar *g) {
  const int n = a->s->num_conditions;
  gkt_expression **slopes = NULL;
  gkt_scalar *rates = NULL, sum = 0;
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, n, sizeof *slopes, &slopes));
  GKT_GO(gkt_alloc(a->ctx, gkt_system_num_dofs(a->s), sizeof *rates, &rates));
  for (int i = 0; i < n; i++) GKT_GO(gkt_expression_derivative_constant(a->s->conditions[i].value, c->number, &slopes[i]));
  GKT_GO(gkt_system_derive_values(a->s, slopes, rates));
  for (gkt_idx i = 0; i < gkt_system_num_dofs(a->s); i++) sum += by_values[i] * rates[i];
  *g += sum;
done:
  for (int i = 0; slopes && i < n; i++)
    if (slopes[i]) gkt_expression_destroy(&slopes[i]);
  gkt_free(&slopes);
  gkt_free(&rates);
  return status;
}

/* ---- coefficients: nodes take means over the cells that meet there, so cells take their parts back ---- */
typedef struct {
  gkt_adjoint *a;
  const gkt_space *space, *of; /* of the unknown; of the control, NULL: the mesh's own nodes */
  const gkt_inputs *inputs;
  gkt_expression *slope; /* of the value by a component of the control */
  int component;
  int num_values;      /* components of the condition's value */
  gkt_scalar *weights; /* [nodes][num_values] by the node's values; over the number of cells that meet there */
  bool *holds;         /* [nodes] */
  gkt_scalar *g;
} spread;

typedef struct {
  gkt_basis basis;
  const gkt_idx *cells; /* [cells of the block][size of the basis] */
  int components;
} control_nodes;

static control_nodes nodes_of_control(const spread *t, int b) {
  const gkt_cell_block *block = gkt_mesh_block(t->space->mesh, b);
  if (!t->of) return (control_nodes){.basis = gkt_geometry_basis(block), .cells = block->nodes, .components = gkt_mesh_dim(t->space->mesh)};
  return (control_nodes){.basis = t->of->bases[b], .cells = t->of->cell_nodes[b], .components = t->of->block_size};
}

/* Of what this condition gave, not a later one. */
static gkt_status take_weights(const spread *t, const gkt_constraint_condition *k, int number, const gkt_scalar *by_values) {
  const size_t n = (size_t)k->components;
  gkt_scalar *by_nodes = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(t->a->ctx, (gkt_size)k->count * k->components, sizeof *by_nodes, &by_nodes));
  GKT_GO(gkt_system_transpose_values(t->a->s, number, by_values, by_nodes));
  for (gkt_idx i = 0; i < k->count; i++) {
    t->holds[k->nodes[i]] = true;
    memcpy(t->weights + (size_t)k->nodes[i] * n, by_nodes + (size_t)i * n, n * sizeof *by_nodes);
  }
done:
  gkt_free(&by_nodes);
  return status;
}

static gkt_status divide_by_meetings(const spread *t) {
  int *meetings = NULL;
  GKT_TRY(gkt_calloc(t->a->ctx, t->space->num_nodes, sizeof *meetings, &meetings));
  for (int b = 0; b < t->space->num_blocks; b++)
    for (gkt_size i = 0; i < (gkt_size)gkt_mesh_block(t->space->mesh, b)->num_cells * t->space->bases[b].size; i++) meetings[t->space->cell_nodes[b][i]]++;
  for (gkt_size i = 0; i < (gkt_size)t->space->num_nodes * t->num_values; i++) t->weights[i] /= meetings[i / t->num_values];
  gkt_free(&meetings);
  return GKT_OK;
}

/* The nodes of cells that the condition holds: cells [count], places within [count][dim], which node of the cell [count]. */
typedef struct {
  gkt_size count;
  gkt_idx *cells;
  double *xi;
  int *local;
  gkt_scalar *slopes; /* [count][num_values] */
} held_nodes;

static gkt_status find_held(const spread *t, int b, const double *nodes, held_nodes *h) {
  const gkt_cell_block *block = gkt_mesh_block(t->space->mesh, b);
  const int size = t->space->bases[b].size, dim = gkt_mesh_dim(t->space->mesh);
  for (gkt_size i = 0; i < (gkt_size)block->num_cells * size; i++) h->count += t->holds[t->space->cell_nodes[b][i]];
  GKT_TRY(gkt_alloc(t->a->ctx, h->count, sizeof *h->cells, &h->cells));
  GKT_TRY(gkt_alloc(t->a->ctx, h->count * dim, sizeof *h->xi, &h->xi));
  GKT_TRY(gkt_alloc(t->a->ctx, h->count, sizeof *h->local, &h->local));
  GKT_TRY(gkt_alloc(t->a->ctx, h->count * t->num_values, sizeof *h->slopes, &h->slopes));
  gkt_size n = 0;
  for (gkt_size i = 0; i < (gkt_size)block->num_cells * size; i++) {
    if (!t->holds[t->space->cell_nodes[b][i]]) continue;
    h->cells[n] = block->first_cell + (gkt_idx)(i / size), h->local[n] = (int)(i % size);
    for (int d = 0; d < dim; d++) h->xi[n * dim + d] = nodes[(i % size) * dim + d];
    n++;
  }
  return GKT_OK;
}

static void clear_held(held_nodes *h) {
  gkt_free(&h->cells);
  gkt_free(&h->xi);
  gkt_free(&h->local);
  gkt_free(&h->slopes);
}

static void add_held(const spread *t, int b, const held_nodes *h, const control_nodes *of, const gkt_table *phi) {
  const gkt_idx first = gkt_mesh_block(t->space->mesh, b)->first_cell;
  const int size = t->space->bases[b].size, functions = of->basis.size;
  for (gkt_size i = 0; i < h->count; i++) {
    const gkt_size cell = h->cells[i] - first;
    const gkt_scalar *weights = t->weights + (gkt_size)t->space->cell_nodes[b][cell * size + h->local[i]] * t->num_values;
    gkt_scalar sum = 0;
    for (int v = 0; v < t->num_values; v++) sum += weights[v] * h->slopes[i * t->num_values + v];
    for (int j = 0; j < functions; j++) t->g[(gkt_size)of->cells[cell * functions + j] * of->components + t->component] += sum * phi->phi[h->local[i] * functions + j];
  }
}

static gkt_status add_block(const spread *t, int b) {
  const control_nodes of = nodes_of_control(t, b);
  held_nodes h = {0};
  double *nodes = NULL;
  gkt_table *phi = NULL;
  gkt_status status;
  GKT_GO(gkt_space_reference_nodes(t->space, b, &nodes));
  GKT_GO(gkt_table_create(t->a->ctx, &of.basis, t->space->bases[b].size, nodes, &phi));
  GKT_GO(find_held(t, b, nodes, &h));
  if (h.count) GKT_GO(gkt_evaluate(t->slope, t->space->mesh, t->inputs, h.count, h.cells, h.xi, NULL, h.slopes));
  add_held(t, b, &h, &of, phi);
done:
  clear_held(&h);
  gkt_table_destroy(&phi);
  gkt_free(&nodes);
  return status;
}

static gkt_status add_component(spread *t, const gkt_expression *value, const gkt_adjoint_control *c, int component) {
  gkt_status status;
  t->component = component;
  if (c->kind == GKT_CONTROL_SHAPE) GKT_GO(gkt_expression_derivative_coordinate(value, component, &t->slope));
  else GKT_GO(gkt_expression_derivative_function(value, c->number, component, &t->slope));
  for (int b = 0; b < t->space->num_blocks; b++) GKT_GO(add_block(t, b));
done:
  if (t->slope) gkt_expression_destroy(&t->slope);
  return status;
}

static gkt_status add_condition(gkt_adjoint *a, const gkt_adjoint_control *c, int number, const gkt_inputs *inputs, const gkt_scalar *by_values, gkt_scalar *g) {
  const gkt_constraint_condition *k = &a->s->constraints->conditions[number];
  spread t = {.a = a, .space = k->of->space, .of = c->kind == GKT_CONTROL_SHAPE ? NULL : a->s->spaces[c->number], .inputs = inputs, .num_values = k->components, .g = g};
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, (gkt_size)t.space->num_nodes * t.num_values, sizeof *t.weights, &t.weights));
  GKT_GO(gkt_calloc(a->ctx, t.space->num_nodes, sizeof *t.holds, &t.holds));
  GKT_GO(take_weights(&t, k, number, by_values));
  GKT_GO(divide_by_meetings(&t));
  for (int i = 0; i < nodes_of_control(&t, 0).components; i++) GKT_GO(add_component(&t, a->s->conditions[number].value, c, i));
done:
  gkt_free(&t.weights);
  gkt_free(&t.holds);
  return status;
}

gkt_status gkt_adjoint_add_by_conditions(gkt_adjoint *a, const gkt_adjoint_control *c, const gkt_inputs *inputs, const gkt_scalar *by_values, gkt_scalar *g) {
  if (c->kind == GKT_CONTROL_CONSTANT) return add_by_constant(a, c, by_values, g);
  gkt_inputs here = *inputs; /* values of conditions hold data alone */
  if (inputs->where == GKT_ON_DEVICE) here = gkt_system_at(a->s, NULL, a->s->inputs.time);
  gkt_scalar *to = gkt_adjoint_at_once(c, g);
  for (int i = 0; i < a->s->num_conditions; i++)
    if (gkt_expression_has_terminal(a->s->conditions[i].value, gkt_adjoint_is_control, c)) GKT_TRY(add_condition(a, c, i, &here, by_values, to));
  gkt_adjoint_over_times(c, inputs->time, g);
  return GKT_OK;
}

/* ---- any expression that is interpolated ---- */
static gkt_status add_interpolated_constant(gkt_adjoint *a, const gkt_adjoint_control *c, const gkt_expression *value, const gkt_space *space, const gkt_inputs *inputs,
                                            const gkt_scalar *by_values, gkt_scalar *g) {
  gkt_expression *slope = NULL;
  gkt_scalar *rates = NULL, sum = 0;
  gkt_status status;
  GKT_GO(gkt_expression_derivative_constant(value, c->number, &slope));
  GKT_GO(gkt_alloc(a->ctx, gkt_space_num_dofs(space), sizeof *rates, &rates));
  GKT_GO(gkt_interpolate(slope, space, inputs, rates));
  for (gkt_size i = 0; i < gkt_space_num_dofs(space); i++) sum += by_values[i] * rates[i];
  *g += sum;
done:
  if (slope) gkt_expression_destroy(&slope);
  gkt_free(&rates);
  return status;
}

gkt_status gkt_adjoint_add_by_interpolated(gkt_adjoint *a, const gkt_adjoint_control *c, const gkt_expression *value, const gkt_space *space, const gkt_inputs *inputs,
                                           const gkt_scalar *by_values, gkt_scalar *g) {
  spread t = {.a = a, .space = space, .inputs = inputs, .num_values = space->block_size, .g = gkt_adjoint_at_once(c, g)};
  gkt_status status;
  if (c->kind == GKT_CONTROL_CONSTANT) return add_interpolated_constant(a, c, value, space, inputs, by_values, g);
  t.of = c->kind == GKT_CONTROL_SHAPE ? NULL : a->s->spaces[c->number];
  GKT_GO(gkt_alloc(a->ctx, gkt_space_num_dofs(space), sizeof *t.weights, &t.weights));
  GKT_GO(gkt_alloc(a->ctx, space->num_nodes, sizeof *t.holds, &t.holds));
  for (gkt_size i = 0; i < gkt_space_num_dofs(space); i++) t.weights[i] = by_values[i];
  for (gkt_idx i = 0; i < space->num_nodes; i++) t.holds[i] = true;
  GKT_GO(divide_by_meetings(&t));
  for (int i = 0; i < nodes_of_control(&t, 0).components; i++) GKT_GO(add_component(&t, value, c, i));
  gkt_adjoint_over_times(c, inputs->time, g);
done:
  gkt_free(&t.weights);
  gkt_free(&t.holds);
  return status;
}
