/* Nodal interpolation. A real takes what is the same everywhere. What depends on x alone is evaluated at the nodes; what needs cells is evaluated in each, and continuous spaces
 * take the mean. What has values at quadrature points only has those of the cells' means elsewhere. */
#include <string.h>

#include "spaces/evaluate.h"
#include "spaces/means.h"

/* Bounds the memory of points and values; several thousand points keep threads busy. */
static gkt_idx cells_at_once(int size) { return size > 64 ? 262144 / size + 1 : 4096; }

static const char *shape_text(gkt_shape s, char *text, size_t size) {
  if (s.rank == 0) snprintf(text, size, "a scalar");
  else if (s.rank == 1) snprintf(text, size, "a vector of %d", s.dims[0]);
  else snprintf(text, size, "a %d x %d matrix", s.dims[0], s.dims[1]);
  return text;
}

static gkt_status check_shape(const gkt_expression *expression, const gkt_space *space) {
  char given[32], expected[32];
  gkt_shape a = expression->value.shape, b = space->shape;
  if (a.rank == b.rank && a.dims[0] == b.dims[0] && a.dims[1] == b.dims[1]) return GKT_OK;
  return gkt_fail(space->ctx, GKT_BAD_INPUT, "the expression is %s, expected %s", shape_text(a, given, sizeof given), shape_text(b, expected, sizeof expected));
}

static gkt_status at_nodes(gkt_evaluator *e, const gkt_space *space, gkt_scalar *out) {
  double *coords = NULL;
  gkt_status status;
  int dim = gkt_mesh_dim(space->mesh);
  GKT_TRY(gkt_alloc(space->ctx, (gkt_size)space->num_nodes * dim, sizeof *coords, &coords));
  GKT_GO(gkt_space_place_nodes(space, coords));
  gkt_evaluator_run_at(e, dim, space->num_nodes, coords, out);
done:
  gkt_free(&coords);
  return status;
}

typedef struct {
  gkt_idx *cells;     /* [cells at once * nodes per cell] */
  double *xi;         /* the same x [dim] */
  gkt_scalar *values; /* the same x [components] */
} scratch;

static gkt_status allocate_scratch(const gkt_space *space, int b, scratch *s) {
  int size = space->bases[b].size, dim = gkt_mesh_dim(space->mesh);
  gkt_size cells = cells_at_once(size), n = cells * size;
  double *nodes;
  GKT_TRY(gkt_alloc(space->ctx, n, sizeof *s->cells, &s->cells));
  GKT_TRY(gkt_alloc(space->ctx, n * dim, sizeof *s->xi, &s->xi));
  GKT_TRY(gkt_alloc(space->ctx, n * space->block_size, sizeof *s->values, &s->values));
  GKT_TRY(gkt_space_reference_nodes(space, b, &nodes));
  for (gkt_size c = 0; c < cells; c++) memcpy(s->xi + c * size * dim, nodes, (size_t)(size * dim) * sizeof *nodes);
  gkt_free(&nodes);
  return GKT_OK;
}

static void free_scratch(scratch *s) {
  gkt_free(&s->cells);
  gkt_free(&s->xi);
  gkt_free(&s->values);
}

/* out += the values in the cells of a block, meetings[node] += 1 */
static gkt_status add_block(gkt_evaluator *e, const gkt_space *space, int b, gkt_scalar *out, int *meetings) {
  const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
  int size = space->bases[b].size, n = space->block_size;
  gkt_idx at_once = cells_at_once(size);
  scratch s = {0};
  gkt_status status;
  GKT_GO(allocate_scratch(space, b, &s));
  for (gkt_idx first = 0; first < block->num_cells; first += at_once) {
    gkt_size count = (gkt_size)(block->num_cells - first < at_once ? block->num_cells - first : at_once) * size;
    const gkt_idx *nodes = space->cell_nodes[b] + (gkt_size)first * size;
    for (gkt_size i = 0; i < count; i++) s.cells[i] = block->first_cell + first + (gkt_idx)(i / size);
    GKT_GO(gkt_evaluator_run(e, count, s.cells, s.xi, NULL, s.values));
    for (gkt_size i = 0; i < count; i++) {
      meetings[nodes[i]]++;
      for (int c = 0; c < n; c++) out[(gkt_size)nodes[i] * n + c] += s.values[i * n + c];
    }
  }
done:
  free_scratch(&s);
  return status;
}

static gkt_status mean_over_cells(gkt_evaluator *e, const gkt_space *space, gkt_scalar *out) {
  int *meetings = NULL;
  gkt_status status = GKT_OK;
  gkt_size n = space->block_size;
  GKT_TRY(gkt_calloc(space->ctx, space->num_nodes, sizeof *meetings, &meetings));
  memset(out, 0, (size_t)(space->num_nodes * n) * sizeof *out);
  for (int b = 0; b < space->num_blocks && status == GKT_OK; b++) status = add_block(e, space, b, out, meetings);
  for (gkt_size i = 0; i < space->num_nodes * n && status == GKT_OK; i++) out[i] /= meetings[i / n];
  gkt_free(&meetings);
  return status;
}

/* What does not vary in space has its value anywhere, so in the first cell. */
static gkt_status in_first_cell(gkt_evaluator *e, const gkt_space *space, gkt_scalar *out) {
  double centre[3];
  const gkt_idx cell = 0;
  gkt_lagrange_nodes(gkt_mesh_block(space->mesh, 0)->cell, 0, centre);
  return gkt_evaluator_run(e, 1, &cell, centre, NULL, out);
}

gkt_status gkt_interpolate(const gkt_expression *expression, const gkt_space *space, const gkt_inputs *inputs, gkt_scalar *out) {
  gkt_evaluator *e = NULL;
  gkt_status status;
  int degree;
  if (expression->value.shape.rank == 0 && expression->value.nodes[0] == GKT_ZERO) { /* the number 0 fits any shape */
    memset(out, 0, (size_t)gkt_space_num_dofs(space) * sizeof *out);
    return GKT_OK;
  }
  GKT_TRY(check_shape(expression, space));
  if (gkt_space_is_real(space) && gkt_expression_varies(expression))
    return gkt_fail(space->ctx, GKT_BAD_INPUT, "the expression varies in space, a real is one number; expected constants, t and reals only");
  GKT_TRY(gkt_expression_points(expression, &degree));
  if (degree >= 0 && !gkt_space_is_at_points(space)) return gkt_interpolate_means(expression, degree, space, inputs, out);
  GKT_TRY(gkt_evaluator_create_on(expression, space, inputs, &e));
  if (gkt_space_is_real(space)) GKT_GO(in_first_cell(e, space, out));
  else if (gkt_evaluator_needs(e) == GKT_NEEDS_POINT) GKT_GO(at_nodes(e, space, out));
  else GKT_GO(mean_over_cells(e, space, out));
done:
  gkt_evaluator_destroy(&e);
  return status;
}
