/* Interpolation of what has values at quadrature points only: the mean over each cell, by the rule of these points. */
#include "spaces/means.h"

#include "forms/form.h"
#include "spaces/points.h"

typedef struct { /* of the cells of a block */
  gkt_quadrature *rule;
  gkt_table *geometry; /* [num_points] rows */
  double *weights;     /* [num_points] of the cell that is looked at, of sum 1 */
} rule;

static gkt_status plan(const gkt_space *at, int b, rule *r) {
  const gkt_cell_block *block = gkt_mesh_block(at->mesh, b);
  const gkt_basis geometry = gkt_geometry_basis(block);
  GKT_TRY(gkt_quadrature_create(at->ctx, block->cell, at->element.degree, &r->rule));
  GKT_TRY(gkt_alloc(at->ctx, r->rule->num_points, sizeof *r->weights, &r->weights));
  return gkt_table_create(at->ctx, &geometry, r->rule->num_points, r->rule->points, &r->geometry);
}

static void clear(rule *r) {
  gkt_quadrature_destroy(&r->rule);
  gkt_table_destroy(&r->geometry);
  gkt_free(&r->weights);
}

static void weigh(const gkt_mesh *mesh, int b, gkt_idx cell, const rule *r) {
  const gkt_cell_block *block = gkt_mesh_block(mesh, b);
  const gkt_basis geometry = gkt_geometry_basis(block);
  double sum = 0, x[3], K[3][3];
  for (int q = 0; q < r->rule->num_points; q++)
    sum += r->weights[q] = r->rule->weights[q] * fabs(gkt_map_at(mesh, r->geometry, q, block->nodes + (gkt_size)cell * geometry.size, x, K));
  for (int q = 0; q < r->rule->num_points; q++) r->weights[q] /= sum;
}

/* out += the cells' means at their nodes, meetings[node] += 1 */
static gkt_status add_block(const gkt_space *at, const gkt_space *space, int b, const gkt_scalar *values, gkt_scalar *out, int *meetings) {
  const int points = at->bases[b].size, size = space->bases[b].size, n = space->block_size;
  rule r = {0};
  gkt_status status;
  GKT_GO(plan(at, b, &r));
  for (gkt_idx c = 0; c < gkt_mesh_block(at->mesh, b)->num_cells; c++) {
    const gkt_idx *from = at->cell_nodes[b] + (gkt_size)c * points, *to = space->cell_nodes[b] + (gkt_size)c * size;
    weigh(at->mesh, b, c, &r);
    for (int k = 0; k < n; k++) {
      gkt_scalar mean = 0;
      for (int q = 0; q < points; q++) mean += r.weights[q] * values[(gkt_size)from[q] * n + k];
      for (int i = 0; i < size; i++) out[(gkt_size)to[i] * n + k] += mean;
    }
    for (int i = 0; i < size; i++) meetings[to[i]]++;
  }
done:
  clear(&r);
  return status;
}

gkt_status gkt_interpolate_means(const gkt_expression *expression, int degree, const gkt_space *space, const gkt_inputs *inputs, gkt_scalar *out) {
  const gkt_size n = space->block_size;
  gkt_space *at = NULL;
  gkt_scalar *values = NULL;
  int *meetings = NULL;
  gkt_status status;
  GKT_GO(gkt_space_create(space->mesh, (gkt_element){GKT_QUADRATURE_POINTS, degree}, space->shape, &at));
  GKT_GO(gkt_alloc(space->ctx, gkt_space_num_dofs(at), sizeof *values, &values));
  GKT_GO(gkt_calloc(space->ctx, space->num_nodes, sizeof *meetings, &meetings));
  GKT_GO(gkt_interpolate(expression, at, inputs, values));
  for (gkt_size i = 0; i < space->num_nodes * n; i++) out[i] = 0;
  for (int b = 0; b < space->num_blocks; b++) GKT_GO(add_block(at, space, b, values, out, meetings));
  for (gkt_size i = 0; i < space->num_nodes * n; i++) out[i] /= meetings[i / n];
done:
  gkt_free(&values);
  gkt_free(&meetings);
  gkt_space_destroy(&at);
  return status;
}
