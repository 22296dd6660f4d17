/* Tables of bases at points. */
#include "spaces/reference.h"

void gkt_table_fill(gkt_cell_type type, int degree, const double *points, gkt_table *table) {
  for (int k = 0; k < table->num_points; k++) {
    gkt_lagrange_values(type, degree, points + k * table->dim, table->phi + k * table->size);
    gkt_lagrange_gradients(type, degree, points + k * table->dim, table->dphi + k * table->size * table->dim);
  }
}

gkt_status gkt_table_allocate(gkt_context *ctx, gkt_cell_type type, int degree, int num_points, gkt_table **out) {
  gkt_table *table = NULL;
  gkt_status status;
  int size = gkt_lagrange_size(type, degree), dim = gkt_cell_topologies[type].dim;
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
