/* Which cells hold a point: all cells are passed over, those whose box is near are asked. Meant for tens of points. */
#include <math.h>

#include "assembly/points.h"
#include "meshes/mesh.h"

enum { NEWTON_STEPS = 30 };

/* 1e-9 of the diagonal of the mesh's box */
static double mesh_tolerance(const gkt_mesh *mesh) {
  double square = 0;
  for (int d = 0; d < mesh->dim; d++) {
    double low = mesh->coords[d], high = low;
    for (gkt_idx i = 1; i < mesh->num_nodes; i++) {
      double x = mesh->coords[(gkt_size)i * mesh->dim + d];
      low = fmin(low, x), high = fmax(high, x);
    }
    square += (high - low) * (high - low);
  }
  return 1e-9 * sqrt(square);
}

/* Near the box around the cell's nodes. A curved cell leaves it by less than the box's own size: a parabola through three values overshoots them by an eighth of their
   range, a product of three parabolas by less than half. */
static bool is_near(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, const double *point, double tolerance) {
  for (int d = 0; d < mesh->dim; d++) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < block->nodes_per_cell; i++) {
      double x = mesh->coords[(gkt_size)nodes[i] * mesh->dim + d];
      low = x < low ? x : low, high = x > high ? x : high;
    }
    double margin = tolerance + (block->order > 1 ? high - low : 0);
    if (!(point[d] >= low - margin && point[d] <= high + margin)) return false;
  }
  return true;
}

/* Newton for x(xi) = point from the centroid; one step suffices on affine cells. false: it runs away, the point is not in this cell. K: at the solution. */
static bool pull_back(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, const double *point, gkt_table *table, double *xi, double (*K)[3]) {
  gkt_basis_nodes(block->cell, 0, xi);
  for (int it = 0; it < NEWTON_STEPS; it++) {
    double x[3], largest = 0;
    gkt_table_fill(block->cell, block->order, xi, table);
    gkt_map_at(mesh, table, 0, nodes, x, K);
    for (int r = 0; r < mesh->dim; r++) {
      double step = 0;
      for (int d = 0; d < mesh->dim; d++) step += K[r][d] * (point[d] - x[d]);
      xi[r] += step;
      largest = fmax(largest, fabs(step));
      if (!(fabs(xi[r]) < 4)) return false;
    }
    if (largest < 1e-8) return true; /* the error after a step is of the order of its square */
  }
  return false;
}

/* N . (xi - facet) grows by |K^T N| per length across a facet with reference normal N: outside by less than the tolerance counts as inside. */
static bool is_inside(const gkt_cell_topology *cell, const double *xi, double (*K)[3], double tolerance) {
  for (int f = 0; f < cell->num_facets; f++) {
    const int *on = cell->vertices[cell->facets[f][0]];
    double N[3], height = 0, square = 0;
    gkt_cell_facet_normal(cell, f, N);
    for (int d = 0; d < cell->dim; d++) {
      double slope = 0;
      for (int r = 0; r < cell->dim; r++) slope += K[r][d] * N[r];
      square += slope * slope;
      height += N[d] * (xi[d] - on[d]);
    }
    if (!(height <= tolerance * sqrt(square))) return false;
  }
  return true;
}

static gkt_status locate_in_block(gkt_mesh *mesh, int b, const double *point, double tolerance, int max, gkt_idx *cells, double *xi, int *found) {
  const gkt_cell_block *block = gkt_mesh_block(mesh, b);
  gkt_table *table = NULL;
  GKT_TRY(gkt_table_allocate(mesh->ctx, block->cell, block->order, 1, &table));
  for (gkt_idx c = 0; c < block->num_cells && *found < max; c++) {
    const gkt_idx *nodes = block->nodes + (gkt_size)c * block->nodes_per_cell;
    double at[3], K[3][3];
    if (!is_near(mesh, block, nodes, point, tolerance) || !pull_back(mesh, block, nodes, point, table, at, K) || !is_inside(&gkt_cell_topologies[block->cell], at, K, tolerance))
      continue;
    for (int d = 0; d < mesh->dim; d++) xi[*found * mesh->dim + d] = at[d];
    cells[(*found)++] = block->first_cell + c;
  }
  gkt_table_destroy(&table);
  return GKT_OK;
}

gkt_status gkt_locate(gkt_mesh *mesh, const double *point, int max, gkt_idx *cells, double *xi, int *found) {
  double tolerance = mesh_tolerance(mesh);
  *found = 0;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) GKT_TRY(locate_in_block(mesh, b, point, tolerance, max, cells, xi, found));
  return GKT_OK;
}
