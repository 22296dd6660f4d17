/* Meshes of every kind of cell for tests: boxes, conforming mixtures of cells, smoothly bent, of order 1 or 2. */
#ifndef GKT_TESTS_CELLS_H
#define GKT_TESTS_CELLS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"

/* The unit square or cube as a mixture. TEST_MIXED: in the plane quadrilaterals and pairs of triangles alternate; in space columns of boxes do, those of hexahedra, of prisms, and
   of boxes that are cut around their centre, split on top and bottom. TEST_LAYERS: in the plane rows alternate; in space prisms, then a layer that is cut around centres and split
   on its bottom, then hexahedra, but prisms next to x = 0. All kinds occur from n = 2 (layers: 3) on, and between the two mixtures every two kinds meet. */
enum { TEST_MIXED = GKT_NUM_CELL_TYPES, TEST_LAYERS };

typedef struct {
  int kind, dim, n;
  gkt_idx num_nodes;
  double *coords; /* the grid's nodes, then the centres of the boxes that have one */
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_idx *cells[GKT_NUM_CELL_TYPES];
} test_cells;

static inline gkt_idx test_grid_node(int n, int x, int y, int z) { return x + (n + 1) * (y + (n + 1) * z); }

static inline void test_add_cell(test_cells *t, gkt_cell_type type, int count, const gkt_idx *nodes) {
  gkt_cell_block *b = &t->blocks[type];
  t->cells[type] = realloc(t->cells[type], (size_t)(b->num_cells + 1) * (size_t)count * sizeof(gkt_idx));
  if (!t->cells[type]) abort();
  memcpy(t->cells[type] + (size_t)b->num_cells++ * (size_t)count, nodes, (size_t)count * sizeof(gkt_idx));
}

static inline void test_fill_square(test_cells *t, const int at[3], const gkt_idx v[8]) {
  if (t->kind == TEST_MIXED ? (at[0] + at[1]) % 2 == 0 : at[1] % 2) test_add_cell(t, GKT_QUADRILATERAL, 4, v);
  else {
    test_add_cell(t, GKT_TRIANGLE, 3, v);
    test_add_cell(t, GKT_TRIANGLE, 3, (gkt_idx[]){v[0], v[2], v[3]});
  }
}

/* A pyramid on each side of the box; on bottom and top one too, or two tetrahedra, split from 0 (4) to 2 (6). */
static inline void test_cut_around_centre(test_cells *t, const int at[3], const gkt_idx v[8], bool split_bottom, bool split_top) {
  static const int quads[6][4] = {{0, 4, 5, 1}, {1, 5, 6, 2}, {2, 6, 7, 3}, {3, 7, 4, 0}, {0, 1, 2, 3}, {4, 7, 6, 5}}, halves[4][3] = {{0, 1, 2}, {0, 2, 3}, {4, 6, 5}, {4, 7, 6}};
  gkt_idx centre = t->num_nodes++;
  for (int d = 0; d < 3; d++) t->coords[3 * (size_t)centre + (size_t)d] = (at[d] + 0.5) / t->n;
  for (int q = 0; q < 6; q++)
    if (q < 4 || !(q == 4 ? split_bottom : split_top)) test_add_cell(t, GKT_PYRAMID, 5, (gkt_idx[]){v[quads[q][0]], v[quads[q][1]], v[quads[q][2]], v[quads[q][3]], centre});
  for (int h = 0; h < 4; h++)
    if (h < 2 ? split_bottom : split_top) test_add_cell(t, GKT_TETRAHEDRON, 4, (gkt_idx[]){v[halves[h][0]], v[halves[h][1]], v[halves[h][2]], centre});
}

/* v: the vertices of a box as of a hexahedron. */
static inline void test_fill_box(test_cells *t, const int at[3], const gkt_idx v[8]) {
  bool columns = t->kind == TEST_MIXED, layers = t->kind == TEST_LAYERS, low = layers && 3 * at[2] < t->n, middle = layers && !low && 3 * (at[2] - 1) < t->n;
  bool odd = columns && (at[0] + at[1]) % 2, first = layers && at[0] == 0;
  if (t->kind == GKT_PYRAMID || odd || middle) test_cut_around_centre(t, at, v, odd || middle, odd || first);
  else if (t->kind == GKT_PRISM || (columns && at[0] % 2) || low || first) {
    test_add_cell(t, GKT_PRISM, 6, (gkt_idx[]){v[0], v[1], v[2], v[4], v[5], v[6]});
    test_add_cell(t, GKT_PRISM, 6, (gkt_idx[]){v[0], v[2], v[3], v[4], v[6], v[7]});
  } else test_add_cell(t, GKT_HEXAHEDRON, 8, v);
}

static inline void test_fill(test_cells *t) {
  int n = t->n, num_boxes = t->dim == 3 ? n * n * n : n * n;
  for (int box = 0; box < num_boxes; box++) {
    const int at[3] = {box % n, box / n % n, box / n / n};
    gkt_idx v[8];
    for (int i = 0; i < 8; i++) {
      const int *step = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i];
      v[i] = test_grid_node(n, at[0] + step[0], at[1] + step[1], at[2] + step[2]);
    }
    if (t->dim == 2) test_fill_square(t, at, v);
    else test_fill_box(t, at, v);
  }
}

/* kind: GKT_PRISM, GKT_PYRAMID or a mixture. */
static inline gkt_mesh *test_cut_grid(gkt_context *ctx, int kind, int dim, int n) {
  test_cells t = {.kind = kind, .dim = dim, .n = n};
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_mesh *mesh = NULL;
  int num_blocks = 0;
  t.coords = malloc(sizeof(double) * (size_t)dim * (size_t)(2 * (n + 1) * (n + 1) * (n + 1)));
  if (!t.coords) abort();
  for (int z = 0; z <= (dim == 3 ? n : 0); z++)
    for (int y = 0; y <= n; y++)
      for (int x = 0; x <= n; x++, t.num_nodes++)
        for (int d = 0; d < dim; d++) t.coords[dim * t.num_nodes + d] = (double)(d == 0 ? x : d == 1 ? y : z) / n;
  test_fill(&t);
  for (int type = 0; type < GKT_NUM_CELL_TYPES; type++)
    if (t.blocks[type].num_cells) blocks[num_blocks++] = (gkt_cell_block){.cell = type, .order = 1, .num_cells = t.blocks[type].num_cells, .nodes = t.cells[type]};
  if (gkt_mesh_from_blocks(ctx, dim, t.num_nodes, t.coords, num_blocks, blocks, &mesh) != GKT_OK) abort();
  for (int type = 0; type < GKT_NUM_CELL_TYPES; type++) free(t.cells[type]);
  free(t.coords);
  return mesh;
}

/* A smooth map of the unit cube onto itself that leaves its sides where they are and is one to one for |bend| <= 0.15. */
static inline void test_bend(int dim, double bend, double *x) {
  double bump = bend;
  for (int d = 0; d < dim; d++) bump *= sin(M_PI * x[d]);
  for (int d = 0; d < dim; d++) x[d] += (d == 1 ? -0.8 : 1.0 - 0.3 * d) * bump;
}

/* Sets left/right (x), bottom/top (y), back/front (z) of the unit line, square or cube, where the mesh has none. */
static inline void test_add_sides(gkt_mesh *mesh) {
  static const char *const names[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
  int dim = gkt_mesh_dim(mesh);
  if (gkt_mesh_find_set(mesh, "left")) return;
  if (gkt_mesh_topology(mesh) != GKT_OK) abort();
  const gkt_mesh_set *outer = gkt_mesh_find_set_of_dim(mesh, "boundary", dim - 1);
  gkt_idx *list = malloc(sizeof *list * (size_t)outer->count), ring[4];
  if (!list) abort();
  for (int axis = 0; axis < dim; axis++)
    for (int side = 0; side < 2; side++) {
      gkt_idx count = 0;
      for (gkt_idx i = 0; i < outer->count; i++) {
        int n = gkt_mesh_facet_ring(mesh, outer->entities[i], ring);
        bool on = true;
        for (int v = 0; v < n; v++) on = on && gkt_mesh_coords(mesh)[dim * ring[v] + axis] == side;
        if (on) list[count++] = outer->entities[i];
      }
      if (gkt_mesh_add_set(mesh, names[axis][side], dim - 1, count, list) != GKT_OK) abort();
    }
  free(list);
}

/* The same cells with nodes of order 2, all moved by the bend; frees the mesh given. */
static inline gkt_mesh *test_raise(gkt_context *ctx, gkt_mesh *linear, double bend) {
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_middles q;
  gkt_mesh *mesh = NULL;
  int dim = gkt_mesh_dim(linear), num_blocks = gkt_mesh_num_blocks(linear);
  if (gkt_middles_create(linear, &q) != GKT_OK) abort();
  for (gkt_idx i = 0; i < q.num_nodes; i++) test_bend(dim, bend, q.coords + (size_t)dim * (size_t)i);
  for (int b = 0; b < num_blocks; b++) {
    blocks[b] = *gkt_mesh_block(linear, b);
    blocks[b].order = 2;
    blocks[b].nodes = q.nodes[b];
  }
  if (gkt_mesh_from_blocks(ctx, dim, q.num_nodes, q.coords, num_blocks, blocks, &mesh) != GKT_OK) abort();
  gkt_middles_destroy(&q);
  gkt_mesh_destroy(&linear);
  test_add_sides(mesh);
  return mesh;
}

/* The unit line, square or cube of n boxes per direction; kind: a type of cell, or a mixture with dim 2 or 3 (dim is read for mixtures only). */
static inline gkt_mesh *test_mesh(gkt_context *ctx, int kind, int dim, int n, int order, double bend) {
  gkt_mesh *mesh = NULL;
  if (kind >= GKT_NUM_CELL_TYPES) mesh = test_cut_grid(ctx, kind, dim, n);
  else if (kind == GKT_PRISM || kind == GKT_PYRAMID) mesh = test_cut_grid(ctx, kind, 3, n);
  else {
    gkt_box box = {.shape = (gkt_cell_type)kind, .dim = gkt_cell_topologies[kind].dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
    if (gkt_mesh_box(ctx, &box, &mesh) != GKT_OK) abort();
  }
  if (order == 2) return test_raise(ctx, mesh, bend);
  test_add_sides(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) test_bend(gkt_mesh_dim(mesh), bend, gkt_mesh_coords_mutable(mesh) + (size_t)gkt_mesh_dim(mesh) * (size_t)i);
  return mesh;
}
#endif
