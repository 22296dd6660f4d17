/* VTK's cell types and the order of their nodes (VTK, vtkCellType.h and the vtkLagrange.. and vtkHigherOrder.. classes, for files of version 2.1 and later). Vertices are ordered
 * as ours; what differs are the directions of edges and the order and origins of facets. */
#include <string.h>

#include "meshes/lagrange.h"
#include "plot/vtu.h"

enum { FIRST_LAGRANGE = 3 }; /* degree */
static const int numbers[GKT_NUM_CELL_TYPES][3] = {
    /* degree 1, 2, 3 and above */
    [GKT_LINE] = {3, 21, 68},        [GKT_TRIANGLE] = {5, 22, 69}, [GKT_QUADRILATERAL] = {9, 28, 70}, [GKT_TETRAHEDRON] = {10, 24, 71},
    [GKT_HEXAHEDRON] = {12, 29, 72}, [GKT_PRISM] = {13, 32, 0},    [GKT_PYRAMID] = {14, 27, 0}};

int gkt_vtu_cell_number(gkt_cell_type cell, int degree) {
  if (cell <= GKT_POINT_CELL || cell >= GKT_NUM_CELL_TYPES || degree < 1 || !gkt_lagrange_size(cell, degree)) return 0;
  return numbers[cell][degree < FIRST_LAGRANGE ? degree - 1 : 2];
}

int gkt_vtu_cell_num_nodes(gkt_cell_type cell, int degree) { return gkt_lagrange_size(cell, degree) - (cell == GKT_PYRAMID && degree == 2); }

bool gkt_vtu_cell_find(int number, int num_nodes, gkt_cell_type *cell, int *degree) {
  for (int type = GKT_LINE; type < GKT_NUM_CELL_TYPES && number > 0; type++)
    for (int k = 1; k <= GKT_MAX_DEGREE; k++) {
      const bool lagrange = number == numbers[type][2]; /* of any degree */
      if (!gkt_lagrange_size((gkt_cell_type)type, k) || gkt_vtu_cell_num_nodes((gkt_cell_type)type, k) != num_nodes) continue;
      if (number != gkt_vtu_cell_number((gkt_cell_type)type, k) && !lagrange) continue;
      *cell = (gkt_cell_type)type, *degree = k;
      return true;
    }
  return false;
}

/* ---- order ---- */
typedef struct {
  int edges[12][2];
  int facets[6][3]; /* origin, where its nodes run fastest, where they run slowest */
} order;
/* Edges against each other point the same way, facets follow the directions x, y, z. */
static const order quadrilateral = {.edges = {{0, 1}, {1, 2}, {3, 2}, {0, 3}}};
static const order hexahedron = {.edges = {{0, 1}, {1, 2}, {3, 2}, {0, 3}, {4, 5}, {5, 6}, {7, 6}, {4, 7}, {0, 4}, {1, 5}, {2, 6}, {3, 7}},
                                 .facets = {{0, 3, 4}, {1, 2, 5}, {0, 1, 4}, {3, 2, 7}, {0, 1, 3}, {4, 5, 7}}};
static const order tetrahedron = {.edges = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}, .facets = {{0, 1, 3}, {2, 3, 1}, {0, 3, 2}, {0, 2, 1}}};

typedef struct {
  gkt_cell_type cell;
  int degree, count;
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int *ours;
} listing;

static void put(listing *l, const int at[3]) {
  int a = 0;
  while (l->places[a].at[0] != at[0] || l->places[a].at[1] != at[1] || l->places[a].at[2] != at[2]) a++;
  l->ours[l->count++] = a;
}

/* The node i steps from o to a and j steps from o to b. */
static void put_between(listing *l, int o, int a, int b, int i, int j) {
  const int(*v)[3] = gkt_cell_topologies[l->cell].vertices;
  int at[3];
  for (int d = 0; d < 3; d++) at[d] = l->degree * v[o][d] + i * (v[a][d] - v[o][d]) + j * (v[b][d] - v[o][d]);
  put(l, at);
}

static void put_facet(listing *l, const int facet[3], bool triangle) {
  for (int j = 1; j < l->degree; j++)
    for (int i = 1; i < (triangle ? l->degree - j : l->degree); i++) put_between(l, facet[0], facet[1], facet[2], i, j);
}

void gkt_vtu_cell_order(gkt_cell_type cell, int degree, int ours[]) {
  const gkt_cell_topology *t = &gkt_cell_topologies[cell];
  const order *vtk = cell == GKT_QUADRILATERAL ? &quadrilateral : cell == GKT_HEXAHEDRON ? &hexahedron : cell == GKT_TETRAHEDRON ? &tetrahedron : NULL;
  const int size = gkt_lagrange_size(cell, degree);
  listing l = {.cell = cell, .degree = degree, .ours = ours};
  for (int a = 0; a < size; a++) ours[a] = a;
  if (!vtk) return;
  gkt_lagrange_places(cell, degree, l.places);
  l.count = t->num_vertices;
  for (int e = 0; e < t->num_edges; e++)
    for (int i = 1; i < degree; i++) put_between(&l, vtk->edges[e][0], vtk->edges[e][1], vtk->edges[e][0], i, 0);
  for (int f = 0; f < t->num_facets && t->dim == 3; f++) put_facet(&l, vtk->facets[f], cell == GKT_TETRAHEDRON);
}

/* ---- grids ---- */
gkt_size gkt_vtu_num_cells(const gkt_vtu_grid *grid) {
  gkt_size n = 0;
  for (int b = 0; b < grid->num_blocks; b++) n += grid->blocks[b].num_cells;
  return n;
}

static gkt_status check_block(gkt_context *ctx, const char *path, const char *what, const gkt_vtu_grid *grid, const gkt_vtu_block *block) {
  const int type = (int)block->cell;
  if (!gkt_vtu_cell_number(block->cell, block->degree) || gkt_cell_topologies[type].dim > grid->dim)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: %s of %s of degree %d in %d dimensions: lines to hexahedra of degree 1 to 4, prisms and pyramids of 1 and 2 were expected", path,
                    what, type >= 0 && type < GKT_NUM_CELL_TYPES ? gkt_cell_topologies[type].name : "unknown cell", block->degree, grid->dim);
  if (block->nodes_per_cell != gkt_lagrange_size(block->cell, block->degree))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: %s of %s of degree %d with %d nodes; %d were expected", path, what, gkt_cell_topologies[type].plural, block->degree,
                    block->nodes_per_cell, gkt_lagrange_size(block->cell, block->degree));
  for (gkt_size i = 0; i < (gkt_size)block->num_cells * block->nodes_per_cell; i++)
    if (block->nodes[i] < 0 || block->nodes[i] >= grid->num_nodes)
      return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: %s: a cell names node %d of %d", path, what, (int)block->nodes[i], (int)grid->num_nodes);
  return GKT_OK;
}

gkt_status gkt_vtu_check_grid(gkt_context *ctx, const char *path, const char *what, const gkt_vtu_grid *grid) {
  gkt_idx narrow;
  if (grid->dim < 1 || grid->dim > 3) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: %s in %d dimensions; 1 to 3 were expected", path, what, grid->dim);
  for (int b = 0; b < grid->num_blocks; b++) GKT_TRY(check_block(ctx, path, what, grid, grid->blocks + b));
  return gkt_narrow(ctx, gkt_vtu_num_cells(grid), "cells of the output", &narrow);
}
