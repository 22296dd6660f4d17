/* Meshes of every kind of cell for tests: boxes, conforming mixtures of cells, smoothly bent, of order 1 or 2. */
#ifndef GKT_TESTS_CELLS_H
#define GKT_TESTS_CELLS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"

/* The unit square or cube as a mixture. In the plane quadrilaterals and pairs of triangles alternate. In space columns of boxes alternate: hexahedra; prisms (two in each box);
   boxes with a node at the centre, 4 pyramids on their sides, 2 tetrahedra on their top and bottom each. All kinds occur from n = 2 on. */
enum { TEST_MIXED = GKT_NUM_CELL_TYPES };

typedef struct {
  int n;
  gkt_idx num_nodes;
  double *coords;
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

static inline void test_fill_square(test_cells *t) {
  for (int y = 0; y < t->n; y++)
    for (int x = 0; x < t->n; x++) {
      gkt_idx v[4] = {test_grid_node(t->n, x, y, 0), test_grid_node(t->n, x + 1, y, 0), test_grid_node(t->n, x + 1, y + 1, 0), test_grid_node(t->n, x, y + 1, 0)};
      if ((x + y) % 2 == 0) test_add_cell(t, GKT_QUADRILATERAL, 4, v);
      else {
        test_add_cell(t, GKT_TRIANGLE, 3, v);
        test_add_cell(t, GKT_TRIANGLE, 3, (gkt_idx[]){v[0], v[2], v[3]});
      }
    }
}

/* v: the vertices of a box as of a hexahedron. */
static inline void test_fill_box(test_cells *t, int x, int y, const gkt_idx v[8], gkt_idx centre) {
  if (x % 2 == 0 && y % 2 == 0) test_add_cell(t, GKT_HEXAHEDRON, 8, v);
  else if (x % 2 == 1 && y % 2 == 1) {
    test_add_cell(t, GKT_PRISM, 6, (gkt_idx[]){v[0], v[1], v[2], v[4], v[5], v[6]});
    test_add_cell(t, GKT_PRISM, 6, (gkt_idx[]){v[0], v[2], v[3], v[4], v[6], v[7]});
  } else {
    static const int sides[4][4] = {{0, 4, 5, 1}, {1, 5, 6, 2}, {2, 6, 7, 3}, {3, 7, 4, 0}}, halves[4][3] = {{0, 1, 2}, {0, 2, 3}, {4, 6, 5}, {4, 7, 6}};
    for (int s = 0; s < 4; s++) test_add_cell(t, GKT_PYRAMID, 5, (gkt_idx[]){v[sides[s][0]], v[sides[s][1]], v[sides[s][2]], v[sides[s][3]], centre});
    for (int h = 0; h < 4; h++) test_add_cell(t, GKT_TETRAHEDRON, 4, (gkt_idx[]){v[halves[h][0]], v[halves[h][1]], v[halves[h][2]], centre});
  }
}

static inline void test_fill_cube(test_cells *t) {
  for (int z = 0; z < t->n; z++)
    for (int y = 0; y < t->n; y++)
      for (int x = 0; x < t->n; x++) {
        gkt_idx v[8];
        const bool has_centre = (x + y) % 2 == 1;
        for (int i = 0; i < 8; i++) {
          const int *at = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i];
          v[i] = test_grid_node(t->n, x + at[0], y + at[1], z + at[2]);
        }
        if (has_centre) memcpy(t->coords + 3 * t->num_nodes, (double[]){(x + 0.5) / t->n, (y + 0.5) / t->n, (z + 0.5) / t->n}, 3 * sizeof(double));
        test_fill_box(t, x, y, v, t->num_nodes);
        t->num_nodes += has_centre;
      }
}

static inline gkt_mesh *test_mixed(gkt_context *ctx, int dim, int n) {
  test_cells t = {.n = n};
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_mesh *mesh = NULL;
  int num_blocks = 0;
  t.coords = malloc(sizeof(double) * (size_t)dim * (size_t)(2 * (n + 1) * (n + 1) * (n + 1)));
  if (!t.coords) abort();
  for (int z = 0; z <= (dim == 3 ? n : 0); z++)
    for (int y = 0; y <= n; y++)
      for (int x = 0; x <= n; x++, t.num_nodes++)
        for (int d = 0; d < dim; d++) t.coords[dim * t.num_nodes + d] = (double)(d == 0 ? x : d == 1 ? y : z) / n;
  if (dim == 2) test_fill_square(&t);
  else test_fill_cube(&t);
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

/* The unit cube of pairs of prisms, or of 6 pyramids in each box. */
static inline gkt_mesh *test_prisms_or_pyramids(gkt_context *ctx, gkt_cell_type type, int n) {
  test_cells t = {.n = n};
  gkt_mesh *mesh = NULL;
  t.coords = malloc(sizeof(double) * 3 * (size_t)(2 * (n + 1) * (n + 1) * (n + 1)));
  if (!t.coords) abort();
  for (int z = 0; z <= n; z++)
    for (int y = 0; y <= n; y++)
      for (int x = 0; x <= n; x++, t.num_nodes++) memcpy(t.coords + 3 * t.num_nodes, (double[]){(double)x / n, (double)y / n, (double)z / n}, 3 * sizeof(double));
  for (int box = 0; box < n * n * n; box++) {
    int x = box % n, y = box / n % n, z = box / n / n;
    gkt_idx v[8];
    for (int i = 0; i < 8; i++) {
      const int *at = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i];
      v[i] = test_grid_node(n, x + at[0], y + at[1], z + at[2]);
    }
    if (type == GKT_PRISM) test_fill_box(&t, 1, 1, v, 0);
    else {
      memcpy(t.coords + 3 * t.num_nodes, (double[]){(x + 0.5) / n, (y + 0.5) / n, (z + 0.5) / n}, 3 * sizeof(double));
      for (int f = 0; f < 6; f++) {
        const int *q = gkt_cell_topologies[GKT_HEXAHEDRON].facets[f];
        test_add_cell(&t, GKT_PYRAMID, 5, (gkt_idx[]){v[q[0]], v[q[3]], v[q[2]], v[q[1]], t.num_nodes});
      }
      t.num_nodes++;
    }
  }
  if (gkt_mesh_from_arrays(ctx, type, 1, 3, t.num_nodes, t.coords, t.blocks[type].num_cells, t.cells[type], &mesh) != GKT_OK) abort();
  free(t.cells[type]);
  free(t.coords);
  return mesh;
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

/* The unit line, square or cube of n cells per direction; kind: a type of cell, or TEST_MIXED with dim 2 or 3 (dim is read for TEST_MIXED only). */
static inline gkt_mesh *test_mesh(gkt_context *ctx, int kind, int dim, int n, int order, double bend) {
  gkt_mesh *mesh = NULL;
  if (kind == TEST_MIXED) mesh = test_mixed(ctx, dim, n);
  else if (kind == GKT_PRISM || kind == GKT_PYRAMID) mesh = test_prisms_or_pyramids(ctx, (gkt_cell_type)kind, n);
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
