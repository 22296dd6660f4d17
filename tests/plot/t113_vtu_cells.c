/* Claim: cells of every kind and degree are written with VTK's numbers and their nodes in VTK's order, which is stated here apart from the writer; mixtures are read back as they
   were, in the dimension they need, and Lagrange hexahedra of older files are turned. */
#include "meshes/lagrange.h"
#include "tests/vtu_file.h"

/* ---- VTK's order, stated apart from ours: for each position in VTK's list, the reference coordinates of the node there, times the degree ---- */
/* Degree 2, as VTK's own classes list their parametric coordinates (vtkQuadraticEdge, vtkQuadraticTriangle, vtkBiQuadraticQuad, vtkQuadraticTetra, vtkTriQuadraticHexahedron,
   vtkBiQuadraticQuadraticWedge, vtkQuadraticPyramid; of the pyramid's slanted edges the coordinates in the cell). */
static const char *const quadratic[GKT_NUM_CELL_TYPES] = {
    [GKT_LINE] = "000 200 100",
    [GKT_TRIANGLE] = "000 200 020 100 110 010",
    [GKT_QUADRILATERAL] = "000 200 220 020 100 210 120 010 110",
    [GKT_TETRAHEDRON] = "000 200 020 002 100 110 010 001 101 011",
    [GKT_HEXAHEDRON] = "000 200 220 020 002 202 222 022 100 210 120 010 102 212 122 012 001 201 221 021 011 211 101 121 110 112 111",
    [GKT_PRISM] = "000 200 020 002 202 022 100 110 010 102 112 012 001 201 021 101 111 011",
    [GKT_PYRAMID] = "000 200 220 020 002 100 210 120 010 001 101 111 011",
};

/* Position of a node of a Lagrange hexahedron or quadrilateral (vtkHigherOrderHexahedron::PointIndexFromIJK, release 9.7; of a quadrilateral k = 0). */
static int hexahedron_position(int i, int j, int k, int n, bool flat) {
  const bool ib = i == 0 || i == n, jb = j == 0 || j == n, kb = !flat && (k == 0 || k == n);
  const int boundary = ib + jb + kb, m = n - 1;
  if (flat) {
    if (boundary == 2) return i ? (j ? 2 : 1) : (j ? 3 : 0);
    if (boundary == 1) return 4 + (!ib ? (i - 1) + (j ? 2 * m : 0) : (j - 1) + (i ? m : 3 * m));
    return 4 + 4 * m + (i - 1) + m * (j - 1);
  }
  if (boundary == 3) return (i ? (j ? 2 : 1) : (j ? 3 : 0)) + (k ? 4 : 0);
  int at = 8;
  if (boundary == 2) {
    if (!ib) return at + (i - 1) + (j ? 2 * m : 0) + (k ? 4 * m : 0);
    if (!jb) return at + (j - 1) + (i ? m : 3 * m) + (k ? 4 * m : 0);
    return at + 8 * m + (k - 1) + m * (i ? (j ? 2 : 1) : (j ? 3 : 0));
  }
  at += 12 * m;
  if (boundary == 1) {
    if (ib) return at + (j - 1) + m * (k - 1) + (i ? m * m : 0);
    at += 2 * m * m;
    if (jb) return at + (i - 1) + m * (k - 1) + (j ? m * m : 0);
    return at + 2 * m * m + (i - 1) + m * (j - 1) + (k ? m * m : 0);
  }
  return at + 6 * m * m + (i - 1) + m * ((j - 1) + m * (k - 1));
}

/* Lagrange triangles and tetrahedra in the order of vtkHigherOrderTetra::BarycentricIndex: x, y, z of degrees 3 and 4, as release 9.7 gives them. */
static const char *const lagrange_simplices[2][2] = {
    {"000 300 030 100 200 210 120 020 010 110", "000 400 040 100 200 300 310 220 130 030 020 010 110 210 120"},
    {"000 300 030 003 100 200 210 120 020 010 001 002 201 102 021 012 101 111 011 110",
     "000 400 040 004 100 200 300 310 220 130 030 020 010 001 002 003 301 202 103 031 022 013 101 201 102 121 112 211 011 012 021 110 120 210 111"}};

/* at [GKT_MAX_BASIS][3]: where VTK has its nodes. */
static void vtk_places(gkt_cell_type type, int degree, int (*at)[3]) {
  const bool simplex = type == GKT_TRIANGLE || type == GKT_TETRAHEDRON, box = type == GKT_QUADRILATERAL || type == GKT_HEXAHEDRON;
  const char *text = degree == 2 ? quadratic[type] : degree > 2 && simplex ? lagrange_simplices[type == GKT_TETRAHEDRON][degree - 3] : NULL;
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  for (int i = 0; text && i * 4 < (int)strlen(text); i++)
    for (int d = 0; d < 3; d++) at[i][d] = text[4 * i + d] - '0';
  if (text) return;
  if (degree == 1)
    for (int v = 0; v < t->num_vertices; v++) memcpy(at[v], t->vertices[v], sizeof *at); /* the vertices are numbered alike */
  else if (box) {
    for (int k = 0; k <= (type == GKT_HEXAHEDRON ? degree : 0); k++)
      for (int j = 0; j <= degree; j++)
        for (int i = 0; i <= degree; i++) memcpy(at[hexahedron_position(i, j, k, degree, type == GKT_QUADRILATERAL)], (int[3]){i, j, k}, sizeof *at);
  } else /* a line: its ends, then from one to the other */
    for (int i = 0; i <= degree; i++) memcpy(at[i], (int[3]){i == 0 ? 0 : i == 1 ? degree : i - 1, 0, 0}, sizeof *at);
}

static const struct {
  gkt_cell_type type;
  int degree, number, num_nodes; /* as VTK has them */
} kinds[] = {{GKT_LINE, 1, 3, 2},          {GKT_LINE, 2, 21, 3},          {GKT_LINE, 3, 68, 4},           {GKT_LINE, 4, 68, 5},
             {GKT_TRIANGLE, 1, 5, 3},      {GKT_TRIANGLE, 2, 22, 6},      {GKT_TRIANGLE, 3, 69, 10},      {GKT_TRIANGLE, 4, 69, 15},
             {GKT_QUADRILATERAL, 1, 9, 4}, {GKT_QUADRILATERAL, 2, 28, 9}, {GKT_QUADRILATERAL, 3, 70, 16}, {GKT_QUADRILATERAL, 4, 70, 25},
             {GKT_TETRAHEDRON, 1, 10, 4},  {GKT_TETRAHEDRON, 2, 24, 10},  {GKT_TETRAHEDRON, 3, 71, 20},   {GKT_TETRAHEDRON, 4, 71, 35},
             {GKT_HEXAHEDRON, 1, 12, 8},   {GKT_HEXAHEDRON, 2, 29, 27},   {GKT_HEXAHEDRON, 3, 72, 64},    {GKT_HEXAHEDRON, 4, 72, 125},
             {GKT_PRISM, 1, 13, 6},        {GKT_PRISM, 2, 32, 18},        {GKT_PYRAMID, 1, 14, 5},        {GKT_PYRAMID, 2, 27, 13}};
enum { NUM_KINDS = sizeof kinds / sizeof *kinds };

/* Cells of every kind and degree side by side, in one file; coordinates are those of the reference cell, moved along x. */
typedef struct {
  double coords[3 * 1000], u[1000], part[2 * NUM_KINDS];
  gkt_idx nodes[1000];
  gkt_vtu_block blocks[NUM_KINDS];
  gkt_vtu_grid grid;
} zoo;

static void make_zoo(zoo *z, int first, int count) {
  gkt_idx n = 0;
  for (int i = 0; i < count; i++) {
    const gkt_cell_type type = kinds[first + i].type;
    const int size = gkt_lagrange_size(type, kinds[first + i].degree), dim = gkt_cell_topologies[type].dim;
    double xi[3 * GKT_MAX_BASIS];
    gkt_lagrange_nodes(type, kinds[first + i].degree, xi);
    z->blocks[i] = (gkt_vtu_block){type, kinds[first + i].degree, size, 1, z->nodes + n};
    z->part[i] = i;
    for (int a = 0; a < size; a++, n++) {
      for (int d = 0; d < 3; d++) z->coords[3 * n + d] = (d < dim ? xi[a * dim + d] : 0) + (d == 0 ? 2 * i : 0);
      z->nodes[n] = n, z->u[n] = n;
    }
  }
  z->grid = (gkt_vtu_grid){3, n, z->coords, count, z->blocks};
}

static void nodes_are_in_vtks_order(void **state) {
  (void)state;
  static zoo z;
  make_zoo(&z, 0, NUM_KINDS);
  uint64_t bytes;
  size_t length;
  char *data = written(0, NULL, &z.grid, &length);
  const char *types = array_in(data, length, "types", &bytes), *at = array_in(data, length, "connectivity", &bytes);
  for (int i = 0; i < NUM_KINDS; i++) {
    int places[GKT_MAX_BASIS][3];
    vtk_places(kinds[i].type, kinds[i].degree, places);
    assert_int_equal(types[i], kinds[i].number);
    for (int k = 0; k < kinds[i].num_nodes; k++, at += sizeof(gkt_idx)) {
      gkt_idx node;
      memcpy(&node, at, sizeof node);
      for (int d = 0; d < 3; d++)
        if (fabs(kinds[i].degree * (z.coords[3 * node + d] - (d == 0 ? 2 * i : 0)) - places[k][d]) > 1e-9)
          fail_msg("%s of degree %d: VTK's node %d", gkt_cell_topologies[kinds[i].type].name, kinds[i].degree, k);
    }
  }
  assert_non_null(strstr(data, "version=\"2.1\"")); /* from there on VTK takes hexahedra as above */
  gkt_free(&data);
}

static void all_kinds_in_one_file_are_read_back(void **state) {
  (void)state;
  static zoo z;
  make_zoo(&z, 0, NUM_KINDS);
  const gkt_vtu_array arrays[] = {{"u", 0, 1, false, z.u}, {"part", 0, 1, true, z.part}};
  gkt_vtu_file *file;
  size_t length;
  char *data = written(2, arrays, &z.grid, &length);
  assert_int_equal(gkt_vtu_parse(ctx, "a.vtu", data, length, &file), GKT_OK);
  assert_int_equal(file->grid.dim, 3);
  assert_int_equal(file->grid.num_blocks, NUM_KINDS);
  assert_int_equal(file->grid.num_nodes, z.grid.num_nodes + 1); /* the middle of the pyramid's base */
  assert_memory_equal(file->arrays[1].values, z.part, NUM_KINDS * sizeof(double));
  for (int i = 0; i < NUM_KINDS; i++) {
    const gkt_vtu_block *block = file->grid.blocks + i;
    assert_true(block->cell == kinds[i].type && block->degree == kinds[i].degree && block->num_cells == 1 && block->nodes_per_cell == z.blocks[i].nodes_per_cell);
    assert_memory_equal(block->nodes, z.blocks[i].nodes, (size_t)kinds[i].num_nodes * sizeof(gkt_idx));
  }
  const gkt_idx added = file->grid.blocks[NUM_KINDS - 1].nodes[13];
  assert_int_equal(added, z.grid.num_nodes);
  for (int d = 0; d < 3; d++) assert_true(fabs(file->grid.coords[3 * added + d] - z.coords[3 * (added - 1) + d]) < 1e-12); /* the cell is straight */
  gkt_vtu_destroy(&file);
  gkt_free(&data);
}

/* Trailing coordinates that say nothing are dropped; the others stay, also under cells of fewer dimensions. */
static void dimensions_are_found(void **state) {
  (void)state;
  static const int expected[] = {1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3};
  for (int i = 0; i < (int)(sizeof expected / sizeof *expected); i++) {
    static zoo z;
    gkt_vtu_file *file;
    size_t length;
    make_zoo(&z, i, 1);
    char *data = written(0, NULL, &z.grid, &length);
    assert_int_equal(gkt_vtu_parse(ctx, "a.vtu", data, length, &file), GKT_OK);
    assert_int_equal(file->grid.dim, expected[i]);
    for (int a = 0; a < z.grid.num_nodes * expected[i]; a++) assert_true(file->grid.coords[a] == z.coords[3 * (a / expected[i]) + a % expected[i]]);
    gkt_vtu_destroy(&file);
    gkt_free(&data);
  }
}

/* Before version 2.1 the edges of Lagrange hexahedra at the corners (1,1) and (0,1) stood in the other order. */
static void older_hexahedra_are_turned(void **state) {
  (void)state;
  static zoo z;
  gkt_vtu_file *file;
  size_t length;
  int i = 0;
  while (kinds[i].type != GKT_HEXAHEDRON || kinds[i].degree != 3) i++;
  make_zoo(&z, i, 1);
  char *data = written(0, NULL, &z.grid, &length);
  memcpy(strstr(data, "version=\"2.1\""), "version=\"2.0\"", 13);
  assert_int_equal(gkt_vtu_parse(ctx, "a.vtu", data, length, &file), GKT_OK);
  for (int k = 0; k < 64; k++) { /* behind 8 vertices and 10 edges of 2: edge 10 and 11 */
    const gkt_idx old = k < 28 || k >= 32 ? k : k < 30 ? k + 2 : k - 2;
    assert_int_equal(file->grid.blocks[0].nodes[k], z.nodes[old]);
  }
  gkt_vtu_destroy(&file);
  gkt_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_are_in_vtks_order), cmocka_unit_test(all_kinds_in_one_file_are_read_back), cmocka_unit_test(dimensions_are_found),
                                     cmocka_unit_test(older_hexahedra_are_turned)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
