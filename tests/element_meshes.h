/* Meshes of the unit box of every kind of cell, also mixed, with n boxes along each side, for the tests of elements. */
#ifndef GKT_TESTS_ELEMENT_MESHES_H
#define GKT_TESTS_ELEMENT_MESHES_H
#include "tests/field_problem.h"

typedef enum { LINES, TRIANGLES, QUADRILATERALS, MIXED_PLANE, TETRAHEDRA, HEXAHEDRA, PRISMS, PYRAMIDS, MIXED_SPACE, NUM_MESH_KINDS } mesh_kind;
static const struct {
  const char *name;
  int dim, most_degree, fewest; /* boxes per side */
} mesh_kinds[NUM_MESH_KINDS] = {
    {"lines", 1, 4, 1},     {"triangles", 2, 4, 1}, {"quadrilaterals", 2, 4, 1}, {"triangles and quadrilaterals", 2, 4, 2},           {"tetrahedra", 3, 4, 1},
    {"hexahedra", 3, 4, 1}, {"prisms", 3, 2, 1},    {"pyramids", 3, 2, 1},       {"prisms, tetrahedra, pyramids, hexahedra", 3, 2, 3}};

/* Cells by kind, filled box by box. */
typedef struct {
  gkt_idx counts[GKT_NUM_CELL_TYPES], *nodes[GKT_NUM_CELL_TYPES];
} cell_lists;

static inline void put_cell(cell_lists *lists, gkt_cell_type type, int n, const int *local, const gkt_idx *corner) {
  gkt_idx *to = lists->nodes[type] + (size_t)lists->counts[type]++ * (size_t)n;
  for (int i = 0; i < n; i++) to[i] = corner[local[i]];
}

/* corner [9]: the vertices of the box as a hexahedron has them, then its middle. Diagonals of top and bottom run from corner 0 (4) to 2 (6). */
static inline void cut_box(mesh_kind kind, gkt_idx layer, gkt_idx layers, cell_lists *lists, const gkt_idx *corner) {
  static const int quads[4] = {0, 1, 2, 3}, tris[2][3] = {{0, 1, 2}, {0, 2, 3}}, hex[8] = {0, 1, 2, 3, 4, 5, 6, 7}, prisms[2][6] = {{0, 1, 2, 4, 5, 6}, {0, 2, 3, 4, 6, 7}};
  static const int pyramids[6][5] = {{0, 1, 2, 3, 8}, {4, 7, 6, 5, 8}, {0, 4, 5, 1, 8}, {1, 5, 6, 2, 8}, {2, 6, 7, 3, 8}, {3, 7, 4, 0, 8}},
                   tets[2][4] = {{0, 1, 2, 8}, {0, 2, 3, 8}};
  bool third = 3 * layer < layers, middle = !third && 3 * (layer - 1) < layers; /* of a mixture: prisms, then one layer of pyramids and tetrahedra, then hexahedra */
  if (kind == QUADRILATERALS || (kind == MIXED_PLANE && layer % 2)) put_cell(lists, GKT_QUADRILATERAL, 4, quads, corner);
  else if (kind == MIXED_PLANE)
    for (int i = 0; i < 2; i++) put_cell(lists, GKT_TRIANGLE, 3, tris[i], corner);
  else if (kind == HEXAHEDRA || (kind == MIXED_SPACE && !third && !middle)) put_cell(lists, GKT_HEXAHEDRON, 8, hex, corner);
  else if (kind == PRISMS || (kind == MIXED_SPACE && third))
    for (int i = 0; i < 2; i++) put_cell(lists, GKT_PRISM, 6, prisms[i], corner);
  else {
    for (int i = kind == MIXED_SPACE; i < 6; i++) put_cell(lists, GKT_PYRAMID, 5, pyramids[i], corner);
    for (int i = 0; kind == MIXED_SPACE && i < 2; i++) put_cell(lists, GKT_TETRAHEDRON, 4, tets[i], corner);
  }
}

static inline gkt_idx corner_of(int n, int x, int y, int z) { return x + (n + 1) * (y + (n + 1) * z); }

/* Nodes: the grid's, then the middles of boxes, which only some kinds use; unused ones are left out. */
static inline gkt_mesh *mesh_of_lists(int dim, gkt_idx num_nodes, const double *coords, cell_lists *lists) {
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_idx *number = calloc((size_t)num_nodes, sizeof *number), used = 0;
  double *kept = malloc((size_t)(num_nodes * dim) * sizeof *kept);
  gkt_mesh *mesh = NULL;
  int num_blocks = 0;
  for (int t = 0; t < GKT_NUM_CELL_TYPES; t++)
    for (gkt_idx i = 0; i < lists->counts[t] * gkt_cell_topologies[t].num_vertices; i++) number[lists->nodes[t][i]] = 1;
  for (gkt_idx i = 0; i < num_nodes; i++) {
    if (!number[i]) continue;
    memcpy(kept + used * dim, coords + i * dim, (size_t)dim * sizeof *kept);
    number[i] = used++;
  }
  for (int t = 0; t < GKT_NUM_CELL_TYPES; t++) {
    int n = gkt_cell_topologies[t].num_vertices;
    for (gkt_idx i = 0; i < lists->counts[t] * n; i++) lists->nodes[t][i] = number[lists->nodes[t][i]];
    if (lists->counts[t]) blocks[num_blocks++] = (gkt_cell_block){.cell = (gkt_cell_type)t, .order = 1, .num_cells = lists->counts[t], .nodes = lists->nodes[t]};
  }
  must(gkt_mesh_from_blocks(ctx, dim, used, kept, num_blocks, blocks, &mesh), "mesh");
  free(number), free(kept);
  for (int t = 0; t < GKT_NUM_CELL_TYPES; t++) free(lists->nodes[t]);
  return mesh;
}

static inline gkt_mesh *cut_grid(mesh_kind kind, int n) {
  int dim = mesh_kinds[kind].dim, nz = dim == 3 ? n : 0;
  gkt_idx grid = corner_of(n, n, n, nz) + 1, num_nodes = grid + (dim == 3 ? n * n * n : 0);
  double *coords = malloc((size_t)(num_nodes * dim) * sizeof *coords), *x = coords;
  cell_lists lists = {{0}, {0}};
  for (int t = 0; t < GKT_NUM_CELL_TYPES; t++) lists.nodes[t] = malloc((size_t)(48 * n * n * n) * sizeof(gkt_idx));
  for (int k = 0; k <= nz; k++)
    for (int j = 0; j <= n; j++)
      for (int i = 0; i <= n; i++, x += dim) x[0] = (double)i / n, x[1] = (double)j / n, x[dim - 1] = dim == 3 ? (double)k / n : x[1];
  for (int c = 0; c < num_nodes - grid; c++, x += 3) x[0] = (c % n + 0.5) / n, x[1] = (c / n % n + 0.5) / n, x[2] = (c / n / n + 0.5) / n;
  for (int c = 0; c < (dim == 3 ? n * n * n : n * n); c++) {
    int i = c % n, j = c / n % n, k = c / n / n;
    gkt_idx corner[9];
    for (int v = 0; v < 8; v++) {
      const int *at = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[v];
      corner[v] = corner_of(n, i + at[0], j + at[1], k + at[2]);
    }
    corner[8] = grid + c;
    cut_box(kind, dim == 3 ? k : j, n, &lists, corner);
  }
  gkt_mesh *mesh = mesh_of_lists(dim, num_nodes, coords, &lists);
  free(coords);
  return mesh;
}

static inline void add_sides(gkt_mesh *mesh) {
  static const char *const names[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
  int dim = gkt_mesh_dim(mesh), per = dim == 1 ? 1 : gkt_mesh_vertices_per_entity(mesh, dim - 1);
  gkt_idx num = gkt_mesh_num_entities(mesh, dim - 1), *list = malloc((size_t)num * sizeof *list);
  const gkt_idx *vertices = dim == 1 ? NULL : gkt_mesh_entity_vertices(mesh, dim - 1);
  for (int d = 0; d < dim; d++)
    for (int side = 0; side < 2; side++) {
      gkt_idx count = 0;
      for (gkt_idx f = 0; f < num; f++) {
        bool on = gkt_mesh_facets(mesh)[f].cell[0] >= 0;
        for (int v = 0; v < per && on; v++) {
          gkt_idx node = vertices ? vertices[f * per + v] : f;
          if (node >= 0) on = gkt_mesh_coords(mesh)[node * dim + d] == side;
        }
        if (on) list[count++] = f;
      }
      if (!gkt_mesh_find_set_of_dim(mesh, names[d][side], dim - 1)) must(gkt_mesh_add_set(mesh, names[d][side], dim - 1, count, list), names[d][side]);
    }
  free(list);
}

static inline gkt_mesh *unit_mesh(mesh_kind kind, int n) {
  static const gkt_cell_type shapes[NUM_MESH_KINDS] = {[LINES] = GKT_LINE, [TRIANGLES] = GKT_TRIANGLE, [TETRAHEDRA] = GKT_TETRAHEDRON};
  gkt_mesh *mesh;
  gkt_box box = {.shape = shapes[kind], .dim = mesh_kinds[kind].dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
  if (shapes[kind]) must(gkt_mesh_box(ctx, &box, &mesh), "box");
  else mesh = cut_grid(kind, n);
  must(gkt_mesh_topology(mesh), "topology");
  add_sides(mesh);
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
  add_sides(made);
  return made;
}

/* Nodes move at random by at most `part`/n, those of a side within the side. */
static inline void shake(gkt_mesh *mesh, double part, uint32_t seed) {
  int dim = gkt_mesh_dim(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh) * dim; i++)
    if (x[i] > 0 && x[i] < 1) x[i] += part / sqrt(dim) * noise(&seed);
}

/* The same cells with midpoints as nodes: geometry of order 2 with straight edges. Frees the given one. */
static inline gkt_mesh *with_order_two(gkt_mesh *linear) {
  gkt_space *space;
  gkt_mesh *mesh;
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  int dim = gkt_mesh_dim(linear), num_blocks = gkt_mesh_num_blocks(linear);
  must(gkt_space_create(linear, (gkt_element){.degree = 2}, gkt_shape_scalar(), &space), "P2");
  for (int b = 0; b < num_blocks; b++) blocks[b] = *gkt_mesh_block(linear, b), blocks[b].order = 2, blocks[b].nodes = gkt_space_cell_nodes(space, b);
  must(gkt_mesh_from_blocks(ctx, dim, gkt_space_num_nodes(space), gkt_space_coords(space), num_blocks, blocks, &mesh), "order 2");
  must(gkt_mesh_topology(mesh), "topology");
  for (int i = 0; i < gkt_mesh_num_sets(linear); i++) { /* facets are numbered by their vertices, and vertices are the first nodes of the space: as before */
    const gkt_mesh_set *s = gkt_mesh_get_set(linear, i);
    if (strcmp(s->name, "boundary")) must(gkt_mesh_add_set(mesh, s->name, s->dim, s->count, s->entities), s->name);
  }
  gkt_space_destroy(&space);
  gkt_mesh_destroy(&linear);
  return mesh;
}

/* Every node of the mesh by a map of points. */
static inline void map_nodes(gkt_mesh *mesh, void (*map)(int dim, double *x)) {
  int dim = gkt_mesh_dim(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) map(dim, gkt_mesh_coords_mutable(mesh) + i * dim);
}
#endif
