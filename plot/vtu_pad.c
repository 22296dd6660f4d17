/* Vectors and tensors with the directions that VTK expects. */
#include <string.h>

#include "plot/vtu.h"

static bool is_padded(const gkt_vtu_array *a, int dim) { return dim < 3 && ((a->rank == 1 && a->num_components == dim) || (a->rank == 2 && a->num_components == dim * dim)); }

int gkt_vtu_num_components(const gkt_vtu_array *a, int dim) { return !is_padded(a, dim) ? a->num_components : a->rank == 1 ? 3 : 9; }

gkt_size gkt_vtu_num_tuples(const gkt_vtu_grid *grid, const gkt_vtu_array *a) { return a->on_cells ? gkt_vtu_num_cells(grid) : grid->num_nodes; }

gkt_size gkt_vtu_num_entries(const gkt_vtu_grid *grid) {
  gkt_size n = 0;
  for (int b = 0; b < grid->num_blocks; b++) n += (gkt_size)grid->blocks[b].num_cells * gkt_vtu_cell_num_nodes(grid->blocks[b].cell, grid->blocks[b].degree);
  return n;
}

/* Rows of dim numbers, one of a vector or a point, dim of a tensor, into rows of 3 and zeros: 2 -> 3, 2 x 2 -> 3 x 3. */
void gkt_vtu_pad(int dim, int rank, const double *values, double *out) {
  memset(out, 0, (size_t)(rank == 1 ? 3 : 9) * sizeof *out);
  for (int r = 0; r < (rank == 1 ? 1 : dim); r++) memcpy(out + 3 * r, values + dim * r, (size_t)dim * sizeof *out);
}

void gkt_vtu_pad_array(const gkt_vtu_grid *grid, const gkt_vtu_array *a, double *out) {
  const gkt_size count = gkt_vtu_num_tuples(grid, a);
  const int n = gkt_vtu_num_components(a, grid->dim);
  if (!is_padded(a, grid->dim)) memcpy(out, a->values, (size_t)(count * n) * sizeof *out);
  else
    for (gkt_size i = 0; i < count; i++) gkt_vtu_pad(grid->dim, a->rank, a->values + i * a->num_components, out + i * n);
}
