/* Meshes of the unit box of every kind of cell, also mixed, with n boxes along each side, for the tests of elements. */
#ifndef GKT_TESTS_ELEMENT_MESHES_H
#define GKT_TESTS_ELEMENT_MESHES_H
#include "tests/cells.h"
#include "tests/field_problem.h"

typedef enum { LINES, TRIANGLES, QUADRILATERALS, MIXED_PLANE, TETRAHEDRA, HEXAHEDRA, PRISMS, PYRAMIDS, MIXED_SPACE, COLUMNS, NUM_MESH_KINDS } mesh_kind;
static const struct {
  const char *name;
  int cells, dim, most_degree, fewest; /* cells: of cells.h; fewest: boxes per side */
} mesh_kinds[NUM_MESH_KINDS] = {{"lines", GKT_LINE, 1, 4, 1},
                                {"triangles", GKT_TRIANGLE, 2, 4, 1},
                                {"quadrilaterals", GKT_QUADRILATERAL, 2, 4, 1},
                                {"triangles and quadrilaterals", TEST_LAYERS, 2, 4, 2},
                                {"tetrahedra", GKT_TETRAHEDRON, 3, 4, 1},
                                {"hexahedra", GKT_HEXAHEDRON, 3, 4, 1},
                                {"prisms", GKT_PRISM, 3, 2, 1},
                                {"pyramids", GKT_PYRAMID, 3, 2, 1},
                                {"prisms, tetrahedra, pyramids, hexahedra", TEST_LAYERS, 3, 2, 3},
                                {"columns of prisms, tetrahedra, pyramids, hexahedra", TEST_MIXED, 3, 2, 2}};

/* A mesh of one kind of cell, whose kernels for this kind are among those of MIXED_PLANE or MIXED_SPACE: what asks for the text of kernels is asked of these. */
static inline bool stands_in_a_mixture(mesh_kind m) { return m != LINES && m != MIXED_PLANE && m != MIXED_SPACE; }

static inline gkt_mesh *unit_mesh(mesh_kind kind, int n) {
  gkt_mesh *mesh = test_mesh(ctx, mesh_kinds[kind].cells, mesh_kinds[kind].dim, n, 1, 0);
  must(gkt_mesh_topology(mesh), "topology");
  return mesh;
}

/* A random order of the vertices of a cell that keeps its edges: a symmetry of the reference cell. */
static inline bool extend_symmetry(const gkt_cell_topology *t, bool (*edge)[8], int placed, int *to, uint32_t *seed) {
  if (placed == t->num_vertices) return true;
  int first = (int)((noise(seed) + 1) / 2 * t->num_vertices);
  for (int k = 0; k < t->num_vertices; k++) {
    int v = (first + k) % t->num_vertices;
    bool fits = true;
    for (int i = 0; i < placed && fits; i++) fits = to[i] != v && edge[i][placed] == edge[to[i]][v];
    to[placed] = v;
    if (fits && extend_symmetry(t, edge, placed + 1, to, seed)) return true;
  }
  return false;
}

static inline void random_symmetry(const gkt_cell_topology *t, int *to, uint32_t *seed) {
  bool edge[8][8] = {{false}};
  for (int e = 0; e < t->num_edges; e++) edge[t->edges[e][0]][t->edges[e][1]] = edge[t->edges[e][1]][t->edges[e][0]] = true;
  assert_true(extend_symmetry(t, edge, 0, to, seed));
}

static inline void shuffle(gkt_idx n, gkt_idx *p, uint32_t *seed) {
  for (gkt_idx i = 0; i < n; i++) p[i] = i;
  for (gkt_idx i = n - 1; i > 0; i--) {
    gkt_idx j = (gkt_idx)((noise(seed) + 1) / 2 * (i + 1)), swap = p[i];
    p[i] = p[j], p[j] = swap;
  }
}

/* The same mesh with nodes, cells and the vertices of each cell numbered at random. Frees the given one. Sides are named afresh, so it must be the unit box still. */
static inline gkt_mesh *renumbered(gkt_mesh *mesh, uint32_t seed) {
  int dim = gkt_mesh_dim(mesh), num_blocks = gkt_mesh_num_blocks(mesh);
  gkt_idx num_nodes = gkt_mesh_num_nodes(mesh), *node = malloc((size_t)num_nodes * sizeof *node);
  double *coords = malloc((size_t)(num_nodes * dim) * sizeof *coords);
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_mesh *made;
  shuffle(num_nodes, node, &seed);
  for (gkt_idx i = 0; i < num_nodes; i++) memcpy(coords + node[i] * dim, gkt_mesh_coords(mesh) + i * dim, (size_t)dim * sizeof *coords);
  for (int b = 0; b < num_blocks; b++) {
    const gkt_cell_block *from = gkt_mesh_block(mesh, b);
    gkt_idx *order = malloc((size_t)from->num_cells * sizeof *order), *cells = malloc((size_t)(from->num_cells * from->nodes_per_cell) * sizeof *cells);
    int to[8];
    shuffle(from->num_cells, order, &seed);
    for (gkt_idx c = 0; c < from->num_cells; c++) {
      random_symmetry(&gkt_cell_topologies[from->cell], to, &seed);
      for (int v = 0; v < from->nodes_per_cell; v++) cells[c * from->nodes_per_cell + v] = node[from->nodes[order[c] * from->nodes_per_cell + to[v]]];
    }
    blocks[b] = *from, blocks[b].nodes = cells;
    free(order);
  }
  must(gkt_mesh_from_blocks(ctx, dim, num_nodes, coords, num_blocks, blocks, &made), "renumbered mesh");
  for (int b = 0; b < num_blocks; b++) {
    gkt_idx *cells = (gkt_idx *)blocks[b].nodes;
    free(cells);
  }
  free(node), free(coords);
  gkt_mesh_destroy(&mesh);
  must(gkt_mesh_topology(made), "topology");
  test_add_sides(made);
  return made;
}

/* Nodes move at random by at most `part`/n, those of a side within the side. */
static inline void shake(gkt_mesh *mesh, double part, uint32_t seed) {
  int dim = gkt_mesh_dim(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh) * dim; i++)
    if (x[i] > 0 && x[i] < 1) x[i] += part / sqrt(dim) * noise(&seed);
}

/* The same cells with midpoints as nodes: geometry of order 2 with straight edges. Frees the given one, which must be the unit box still. */
static inline gkt_mesh *with_order_two(gkt_mesh *linear) { return test_raise(ctx, linear, 0); }

/* Every node of the mesh by a map of points. */
static inline void map_nodes(gkt_mesh *mesh, void (*map)(int dim, double *x)) {
  int dim = gkt_mesh_dim(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) map(dim, gkt_mesh_coords_mutable(mesh) + i * dim);
}
#endif
