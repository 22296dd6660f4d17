/* From the cells of a VTU file to a grid. The file may be anything: every number is checked before it is used as a length or an index. */
#include <math.h>
#include <string.h>

#include "meshes/lagrange.h"
#include "plot/vtu.h"

static gkt_status refuse(const gkt_vtu_cells *c, const gkt_vtu_file *file, const char *what) { return gkt_fail(file->ctx, GKT_BAD_INPUT, "%s: %s", c->name, what); }

/* ---- kinds ---- */
static gkt_status refuse_type(const gkt_vtu_cells *c, const gkt_vtu_file *file, double type, double num_nodes) {
  static const int serendipity[] = {23, 25, 26};
  for (int i = 0; i < 3; i++)
    if (type == serendipity[i])
      return gkt_fail(file->ctx, GKT_UNAVAILABLE, "%s: VTK cell type %d (serendipity) is not available; full quadratic cells (28, 29, 32) were expected", c->name, serendipity[i]);
  return gkt_fail(file->ctx, GKT_UNAVAILABLE,
                  "%s: VTK cell type %.0f with %.0f nodes is not available; expected are types 3 5 9 10 12 13 14, 21 22 24 27 28 29 32, and 68 to 72 of degree 1 to 4", c->name,
                  type, num_nodes);
}

static double num_nodes_of(const gkt_vtu_cells *c, gkt_size cell) { return c->offsets[cell] - (cell ? c->offsets[cell - 1] : 0); }

static gkt_status kind_of(const gkt_vtu_cells *c, const gkt_vtu_file *file, gkt_size cell, gkt_vtu_block *block) {
  const double type = c->types[cell], n = num_nodes_of(c, cell);
  if (!(n >= 1)) return refuse(c, file, "the offsets of the cells do not ascend");
  if (!(type >= 0 && type < 256 && n <= GKT_MAX_BASIS) || type != floor(type) || n != floor(n) || !gkt_vtu_cell_find((int)type, (int)n, &block->cell, &block->degree))
    return refuse_type(c, file, type, n);
  block->nodes_per_cell = gkt_lagrange_size(block->cell, block->degree);
  return GKT_OK;
}

static bool starts_block(const gkt_vtu_cells *c, gkt_size cell) { return cell == 0 || c->types[cell] != c->types[cell - 1] || num_nodes_of(c, cell) != num_nodes_of(c, cell - 1); }

/* Cells that follow each other and have one kind; *entries: nodes of all of them; *added: of pyramids, the middles of their bases. */
static gkt_status make_blocks(const gkt_vtu_cells *c, gkt_vtu_file *file, gkt_size *entries, gkt_size *added) {
  gkt_size count = 0;
  gkt_idx narrow;
  for (gkt_size i = 0; i < c->num_cells; i++) count += starts_block(c, i);
  GKT_TRY(gkt_narrow(file->ctx, count, "blocks of cells", &narrow));
  GKT_TRY(gkt_calloc(file->ctx, count, sizeof *file->blocks, &file->blocks));
  gkt_vtu_block *block = file->blocks - 1;
  for (gkt_size i = 0; i < c->num_cells; i++) {
    if (starts_block(c, i)) GKT_TRY(kind_of(c, file, i, ++block));
    block->num_cells++;
    *entries += block->nodes_per_cell;
    *added += block->nodes_per_cell - gkt_vtu_cell_num_nodes(block->cell, block->degree);
  }
  file->grid.num_blocks = narrow, file->grid.blocks = file->blocks;
  return GKT_OK;
}

/* ---- nodes ---- */
static void exchange_last_edges(int degree, int *ours) {
  const int first = 8 + 10 * (degree - 1); /* behind the vertices and ten edges */
  for (int i = 0; i < degree - 1; i++) {
    const int kept = ours[first + i];
    ours[first + i] = ours[first + degree - 1 + i], ours[first + degree - 1 + i] = kept;
  }
}

static gkt_status fill_block(const gkt_vtu_cells *c, gkt_vtu_file *file, const gkt_vtu_block *block, gkt_idx *nodes, const double **from, gkt_idx *next) {
  const int given = gkt_vtu_cell_num_nodes(block->cell, block->degree);
  int ours[GKT_MAX_BASIS];
  gkt_vtu_cell_order(block->cell, block->degree, ours);
  if (block->cell == GKT_HEXAHEDRON && c->old_hexahedra && block->degree > 2) exchange_last_edges(block->degree, ours);
  for (gkt_idx i = 0; i < block->num_cells; i++, nodes += block->nodes_per_cell) {
    for (int k = 0; k < given; k++) {
      const double node = *(*from)++;
      if (!(node >= 0 && node < (double)c->num_points)) return refuse(c, file, "a cell names a point that does not exist");
      nodes[ours[k]] = (gkt_idx)node;
    }
    if (given < block->nodes_per_cell) nodes[given] = (*next)++;
  }
  return GKT_OK;
}

static gkt_status fill_nodes(const gkt_vtu_cells *c, gkt_vtu_file *file, gkt_size entries) {
  const double *from = c->connectivity;
  gkt_idx next = (gkt_idx)c->num_points;
  GKT_TRY(gkt_alloc(file->ctx, entries, sizeof *file->nodes, &file->nodes));
  gkt_idx *nodes = file->nodes;
  for (int b = 0; b < file->grid.num_blocks; b++) {
    gkt_vtu_block *block = file->blocks + b;
    block->nodes = nodes;
    GKT_TRY(fill_block(c, file, block, nodes, &from, &next));
    nodes += (gkt_size)block->num_cells * block->nodes_per_cell;
  }
  return GKT_OK;
}

/* ---- the middle of a pyramid's base: minus a quarter of each corner, half of each side, from the serendipity square ---- */
static void add_middles(const gkt_vtu_file *file, int num_components, double *values) {
  for (int b = 0; b < file->grid.num_blocks; b++) {
    const gkt_vtu_block *block = file->blocks + b;
    for (gkt_size i = 0; i < block->num_cells && block->cell == GKT_PYRAMID && block->degree == 2; i++) {
      const gkt_idx *n = block->nodes + i * block->nodes_per_cell;
      for (int k = 0; k < num_components; k++) {
        double sum = 0;
        for (int v = 0; v < 4; v++)
          sum += 0.5 * values[(gkt_size)n[5 + v] * num_components + k] - 0.25 * values[(gkt_size)n[v] * num_components + k]; /* sides 5 to 8 follow the five vertices */
        values[(gkt_size)n[13] * num_components + k] = sum;
      }
    }
  }
}

static gkt_status grow(const gkt_vtu_file *file, gkt_size num_nodes, int num_components, double **values) {
  GKT_TRY(gkt_realloc(file->ctx, num_nodes * num_components, sizeof **values, values));
  add_middles(file, num_components, *values);
  return GKT_OK;
}

static gkt_status add_points(const gkt_vtu_cells *c, gkt_vtu_file *file, gkt_size added) {
  GKT_TRY(gkt_narrow(file->ctx, c->num_points + added, "points", &file->grid.num_nodes));
  if (!added) return GKT_OK;
  GKT_TRY(grow(file, file->grid.num_nodes, 3, &file->coords));
  for (int i = 0; i < file->num_arrays; i++) {
    gkt_vtu_array *a = file->arrays + i;
    double *values = (double *)a->values;
    if (a->on_cells) continue;
    const gkt_status status = grow(file, file->grid.num_nodes, a->num_components, &values);
    a->values = values;
    GKT_TRY(status);
  }
  return GKT_OK;
}

/* ---- coordinates ---- */
static bool is_constant(const double *x, gkt_size count, int k) {
  for (gkt_size i = 0; i < count; i++)
    if (x[3 * i + k] != x[k]) return false;
  return true;
}

static gkt_status set_points(const gkt_vtu_cells *c, gkt_vtu_file *file) {
  gkt_vtu_grid *grid = &file->grid;
  double *x = file->coords;
  int least = 1;
  for (gkt_size i = 0; i < 3 * (gkt_size)grid->num_nodes; i++)
    if (!isfinite(x[i])) return refuse(c, file, "a coordinate is not a finite number");
  for (int b = 0; b < grid->num_blocks; b++)
    if (gkt_cell_topologies[file->blocks[b].cell].dim > least) least = gkt_cell_topologies[file->blocks[b].cell].dim;
  grid->dim = 3;
  while (grid->dim > least && is_constant(x, grid->num_nodes, grid->dim - 1)) grid->dim--;
  for (gkt_size i = 0; i < grid->num_nodes && grid->dim < 3; i++)
    for (int k = 0; k < grid->dim; k++) x[i * grid->dim + k] = x[3 * i + k];
  grid->coords = x;
  return GKT_OK;
}

gkt_status gkt_vtu_build(const gkt_vtu_cells *c, gkt_vtu_file *file) {
  gkt_size entries = 0, added = 0;
  GKT_TRY(make_blocks(c, file, &entries, &added));
  GKT_TRY(fill_nodes(c, file, entries));
  GKT_TRY(add_points(c, file, added));
  return set_points(c, file);
}
