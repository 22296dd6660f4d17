/* Lagrange bases of degree 0 to 2 on simplices, by barycentric coordinates: lambda_i, and on edge (i,j) 4 lambda_i lambda_j. */
#include "assembly/reference.h"

/* lambda [dim+1], and their constant gradients dlambda [dim+1][3] */
static void barycentric(int dim, const double *xi, double *lambda, double (*dlambda)[3]) {
  lambda[0] = 1;
  for (int i = 0; i <= dim; i++)
    for (int d = 0; d < dim; d++) dlambda[i][d] = i == 0 ? -1 : i == d + 1;
  for (int d = 0; d < dim; d++) {
    lambda[0] -= xi[d];
    lambda[d + 1] = xi[d];
  }
}

int gkt_basis_size(gkt_cell_type type, int degree) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  bool simplex = type == GKT_LINE || type == GKT_TRIANGLE || type == GKT_TETRAHEDRON;
  if (!simplex || degree < 0 || degree > 2) return 0;
  return degree == 0 ? 1 : cell->num_vertices + (degree == 2 ? cell->num_edges : 0);
}

void gkt_basis_nodes(gkt_cell_type type, int degree, double *xi) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  int nv = cell->num_vertices, size = gkt_basis_size(type, degree);
  for (int d = 0; d < cell->dim; d++) {
    if (degree == 0) xi[d] = 1.0 / nv;
    else
      for (int i = 0; i < size; i++) {
        const int *ends = i < nv ? (const int[2]){i, i} : cell->edges[i - nv];
        xi[i * cell->dim + d] = (cell->vertices[ends[0]][d] + cell->vertices[ends[1]][d]) / 2.0;
      }
  }
}

void gkt_basis_values(gkt_cell_type type, int degree, const double *xi, double *phi) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  double l[4], dl[4][3];
  barycentric(cell->dim, xi, l, dl);
  if (degree == 0) phi[0] = 1;
  else
    for (int i = 0; i < cell->num_vertices; i++) phi[i] = degree == 1 ? l[i] : l[i] * (2 * l[i] - 1);
  if (degree < 2) return;
  for (int e = 0; e < cell->num_edges; e++) phi[cell->num_vertices + e] = 4 * l[cell->edges[e][0]] * l[cell->edges[e][1]];
}

void gkt_basis_gradients(gkt_cell_type type, int degree, const double *xi, double *dphi) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  int dim = cell->dim, nv = cell->num_vertices;
  double l[4], dl[4][3];
  barycentric(dim, xi, l, dl);
  for (int d = 0; d < dim; d++) {
    if (degree == 0) dphi[d] = 0;
    else
      for (int i = 0; i < nv; i++) dphi[i * dim + d] = degree == 1 ? dl[i][d] : (4 * l[i] - 1) * dl[i][d];
    if (degree < 2) continue;
    for (int e = 0; e < cell->num_edges; e++) {
      int i = cell->edges[e][0], j = cell->edges[e][1];
      dphi[(nv + e) * dim + d] = 4 * (l[i] * dl[j][d] + l[j] * dl[i][d]);
    }
  }
}

void gkt_table_fill(gkt_cell_type type, int degree, const double *points, gkt_table *table) {
  for (int k = 0; k < table->num_points; k++) {
    gkt_basis_values(type, degree, points + k * table->dim, table->phi + k * table->size);
    gkt_basis_gradients(type, degree, points + k * table->dim, table->dphi + k * table->size * table->dim);
  }
}

gkt_status gkt_table_allocate(gkt_context *ctx, gkt_cell_type type, int degree, int num_points, gkt_table **out) {
  gkt_table *table = NULL;
  gkt_status status;
  int size = gkt_basis_size(type, degree), dim = gkt_cell_topologies[type].dim;
  if (!size) return gkt_fail(ctx, GKT_UNAVAILABLE, "a basis of degree %d on a %s is not available yet", degree, gkt_cell_topologies[type].name);
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *table, &table));
  table->num_points = num_points, table->size = size, table->dim = dim;
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_points * size, sizeof *table->phi, &table->phi));
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_points * size * dim, sizeof *table->dphi, &table->dphi));
  *out = table;
  return GKT_OK;
done:
  gkt_table_destroy(&table);
  return status;
}

gkt_status gkt_table_create(gkt_context *ctx, gkt_cell_type type, int degree, int num_points, const double *points, gkt_table **out) {
  GKT_TRY(gkt_table_allocate(ctx, type, degree, num_points, out));
  gkt_table_fill(type, degree, points, *out);
  return GKT_OK;
}

void gkt_table_destroy(gkt_table **table) {
  if (!*table) return;
  gkt_free(&(*table)->phi);
  gkt_free(&(*table)->dphi);
  gkt_free(table);
}
