/* Weights of the points of a quadrature space. */
#include <math.h>

#include "spaces/points.h"

static gkt_status weigh_block(const gkt_space *space, int b, double *out) {
  const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
  const gkt_basis geometry = gkt_geometry_basis(block);
  gkt_quadrature *q = NULL;
  gkt_table *table = NULL;
  gkt_status status;
  GKT_GO(gkt_quadrature_create(space->ctx, block->cell, space->element.degree, &q));
  GKT_GO(gkt_table_create(space->ctx, &geometry, q->num_points, q->points, &table));
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int i = 0; i < q->num_points; i++) {
      double x[3], K[3][3];
      const double det = gkt_map_at(space->mesh, table, i, block->nodes + (gkt_size)c * block->nodes_per_cell, x, K);
      out[space->cell_nodes[b][(gkt_size)c * q->num_points + i]] = q->weights[i] * fabs(det);
    }
done:
  gkt_table_destroy(&table);
  gkt_quadrature_destroy(&q);
  return status;
}

gkt_status gkt_space_weights(const gkt_space *space, double *out) {
  if (!gkt_space_is_at_points(space)) return gkt_fail(space->ctx, GKT_BAD_ARGUMENT, "space: weights are those of quadrature points; expected a space of GKT_QUADRATURE_POINTS");
  for (int b = 0; b < space->num_blocks; b++) GKT_TRY(weigh_block(space, b, out));
  return GKT_OK;
}
