/* Structured boxes: lines, quadrilaterals, hexahedra, or these cut into simplices along their main diagonal by Kuhn's rule: one simplex for each order in which the axes
   are walked from the lower to the upper corner (Freudenthal 1942, Kuhn 1960). Neighbours agree, since the rule does not depend on the box. */
#include <math.h>

#include "meshes/mesh.h"

static const int walks2[2][2] = {{0, 1}, {1, 0}};
static const int walks3[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

static gkt_status check_box(gkt_context *ctx, const gkt_box *box) {
  static const char *const axis[] = {"x", "y", "z"};
  if (box->shape < 0 || box->shape >= GKT_NUM_CELL_TYPES) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "box: cell type %d does not exist", (int)box->shape);
  const gkt_cell_topology *t = &gkt_cell_topologies[box->shape];
  if (box->shape == GKT_POINT_CELL || box->shape == GKT_PRISM || box->shape == GKT_PYRAMID)
    return gkt_fail(ctx, GKT_UNAVAILABLE, "a box of %s cells is not available yet (lines, triangles, quadrilaterals, tetrahedra and hexahedra are)", t->name);
  if (box->dim != t->dim) return gkt_fail(ctx, GKT_BAD_INPUT, "box: %s cells need %d dimensions, %d are given", t->name, t->dim, box->dim);
  for (int i = 0; i < box->dim; i++) {
    if (box->cells[i] < 1) return gkt_fail(ctx, GKT_BAD_INPUT, "box: %d cells in direction %s; at least 1 is needed", box->cells[i], axis[i]);
    if (!isfinite(box->lower[i]) || !isfinite(box->upper[i]) || !(box->lower[i] < box->upper[i]))
      return gkt_fail(ctx, GKT_BAD_INPUT, "box: in direction %s the lower corner %g must be less than the upper corner %g", axis[i], box->lower[i], box->upper[i]);
  }
  return GKT_OK;
}

/* Into how many cells one box is cut. */
static int cells_per_box(gkt_cell_type shape) { return shape == GKT_TRIANGLE ? 2 : shape == GKT_TETRAHEDRON ? 6 : 1; }

static gkt_status count_box(gkt_context *ctx, const gkt_box *box, gkt_idx *num_nodes, gkt_idx *num_cells) {
  gkt_size nodes = 1, cells = cells_per_box(box->shape);
  for (int i = 0; i < box->dim; i++) { /* every factor fits 31 bits and every product so far too: no overflow */
    GKT_TRY(gkt_narrow(ctx, nodes *= (gkt_size)box->cells[i] + 1, "nodes of a box", num_nodes));
    GKT_TRY(gkt_narrow(ctx, cells *= box->cells[i], "cells of a box", num_cells));
  }
  return GKT_OK;
}

static void fill_coords(const gkt_box *box, const gkt_idx points[3], int threads, double *coords) {
#pragma omp parallel for num_threads(threads) schedule(static) collapse(2)
  for (gkt_idx z = 0; z < points[2]; z++)
    for (gkt_idx y = 0; y < points[1]; y++) {
      double *to = coords + (gkt_size)box->dim * points[0] * (y + (gkt_size)points[1] * z);
      for (gkt_idx x = 0; x < points[0]; x++)
        for (int i = 0; i < box->dim; i++) {
          gkt_idx at = i == 0 ? x : i == 1 ? y : z;
          double t = (double)at / box->cells[i];
          *to++ = (1 - t) * box->lower[i] + t * box->upper[i]; /* both corners exactly */
        }
    }
}

/* Steps in the grid from a box's lower corner to the vertices of each of its cells. */
static void list_vertices(const gkt_box *box, const gkt_idx points[3], gkt_idx offsets[6][8]) {
  const gkt_cell_topology *t = &gkt_cell_topologies[box->shape];
  gkt_idx step[3] = {1, points[0], points[0] * points[1]};
  for (int w = 0; w < cells_per_box(box->shape); w++)
    for (int v = 0; v < t->num_vertices; v++) {
      const int *x = t->vertices[v];
      if (cells_per_box(box->shape) == 1) offsets[w][v] = x[0] * step[0] + x[1] * step[1] + x[2] * step[2];
      else offsets[w][v] = v == 0 ? 0 : offsets[w][v - 1] + step[box->dim == 2 ? walks2[w][v - 1] : walks3[w][v - 1]];
    }
}

static void fill_cells(const gkt_box *box, const gkt_idx points[3], int threads, gkt_idx *cells) {
  const int num_vertices = gkt_cell_topologies[box->shape].num_vertices, per_box = cells_per_box(box->shape);
  const gkt_idx rows = box->dim > 1 ? box->cells[1] : 1, layers = box->dim > 2 ? box->cells[2] : 1;
  gkt_idx offsets[6][8];
  list_vertices(box, points, offsets);
#pragma omp parallel for num_threads(threads) schedule(static) collapse(2)
  for (gkt_idx z = 0; z < layers; z++)
    for (gkt_idx y = 0; y < rows; y++) {
      gkt_idx *to = cells + (gkt_size)num_vertices * per_box * box->cells[0] * (y + (gkt_size)rows * z), corner = points[0] * (y + points[1] * z);
      for (gkt_idx x = 0; x < box->cells[0]; x++, corner++)
        for (int w = 0; w < per_box; w++)
          for (int v = 0; v < num_vertices; v++) *to++ = corner + offsets[w][v];
    }
}

static bool lies_on(const gkt_box *box, const gkt_idx points[3], gkt_idx node, int axis, bool upper) {
  gkt_idx at = axis == 0 ? node % points[0] : axis == 1 ? node / points[0] % points[1] : node / points[0] / points[1];
  return at == (upper ? box->cells[axis] : 0);
}

static gkt_status add_side(gkt_mesh *m, const gkt_box *box, const gkt_idx points[3], const char *name, int axis, bool upper) {
  const gkt_mesh_set *outer = gkt_mesh_find_set(m, "boundary");
  gkt_idx *list = NULL, count = 0;
  GKT_TRY(gkt_alloc(m->ctx, outer->count, sizeof *list, &list));
  for (gkt_idx i = 0; i < outer->count; i++) {
    gkt_idx v[4];
    int n = gkt_mesh_facet_ring(m, outer->entities[i], v);
    bool on = true;
    for (int j = 0; j < n; j++) on = on && lies_on(box, points, v[j], axis, upper);
    if (on) list[count++] = outer->entities[i];
  }
  gkt_status status = gkt_mesh_add_set(m, name, m->dim - 1, count, list);
  gkt_free(&list);
  return status;
}

gkt_status gkt_mesh_box(gkt_context *ctx, const gkt_box *box, gkt_mesh **out) {
  static const char *const sides[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
  gkt_cell_block block = {.cell = box->shape, .order = 1};
  gkt_idx num_nodes, points[3] = {1, 1, 1};
  gkt_mesh *m = NULL;
  gkt_status status;
  GKT_TRY(check_box(ctx, box));
  GKT_TRY(count_box(ctx, box, &num_nodes, &block.num_cells));
  for (int i = 0; i < box->dim; i++) points[i] = box->cells[i] + 1;
  GKT_GO(gkt_mesh_allocate(ctx, box->dim, num_nodes, 1, &block, &m));
  int threads = gkt_threads_for(ctx, (gkt_size)block.num_cells * m->blocks[0].nodes_per_cell);
  fill_coords(box, points, threads, m->coords);
  fill_cells(box, points, threads, m->cell_nodes);
  GKT_GO(gkt_mesh_check_shapes(m, NULL));
  GKT_GO(gkt_mesh_find_facets_of(m, NULL, true));
  for (int i = 0; i < box->dim; i++)
    for (int side = 0; side < 2; side++) GKT_GO(add_side(m, box, points, sides[i][side], i, side == 1));
  *out = m;
  m = NULL;
done:
  gkt_mesh_destroy(&m);
  return status;
}
