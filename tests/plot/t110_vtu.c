/* Claim: a VTU file holds what was given to gkt_vtu_write, bit for bit (also NaN), padded as ParaView expects, its cells of every kind and degree with nodes in VTK's own order; it
   is read back so, mixtures too, and in VTK's other encodings; a damaged file is refused by name and never crashes. */
#include "tests/vtu_file.h"

static const double square_coords[] = {0, 0, 1, 0, 1, 1, 0, 1};
static const gkt_idx square_cells[] = {0, 1, 2, 0, 2, 3};
static const gkt_vtu_block square_block = {GKT_TRIANGLE, 1, 3, 2, square_cells};
static const gkt_vtu_grid square = {.dim = 2, .num_nodes = 4, .coords = square_coords, .num_blocks = 1, .blocks = &square_block};

static void arrays_arrive_bit_for_bit(void **state) {
  (void)state;
  const double u[] = {1, NAN, -0.0, 1e-300}, v[] = {1, 2, 3, 4, 5, 6, 7, 8}, t[] = {1, 2, 3, 4, 5, 6, 7, 8}, w[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const gkt_vtu_array arrays[] = {{"a<b & \"c\"", 0, 1, false, u}, {"v", 1, 2, false, v}, {"t", 2, 4, true, t}, {"w", 1, 5, true, w}};
  const double v_padded[] = {1, 2, 0, 3, 4, 0, 5, 6, 0, 7, 8, 0}, t_padded[] = {1, 2, 0, 3, 4, 0, 0, 0, 0, 5, 6, 0, 7, 8, 0, 0, 0, 0};
  const double x_padded[] = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0};
  const int64_t ends[] = {3, 6};
  uint64_t bytes;
  size_t length;
  char *data = written(4, arrays, &square, &length);
  expect_doubles(data, length, "a&lt;b &amp; &quot;c&quot;", 4, u);
  expect_doubles(data, length, "v", 12, v_padded);
  expect_doubles(data, length, "t", 18, t_padded);
  expect_doubles(data, length, "w", 10, w);
  expect_doubles(data, length, "Points", 12, x_padded);
  assert_memory_equal(array_in(data, length, "connectivity", &bytes), square_cells, sizeof square_cells);
  assert_int_equal(bytes, sizeof square_cells);
  assert_memory_equal(array_in(data, length, "offsets", &bytes), ends, sizeof ends);
  assert_memory_equal(array_in(data, length, "types", &bytes), "\5\5", 2);
  gkt_free(&data);
}

static void is_read_back(void **state) {
  (void)state;
  const double u[] = {1, NAN, -0.0, 1e-300}, t[] = {1, 2, 3, 4, 5, 6, 7, 8};
  const gkt_vtu_array arrays[] = {{"a<b & \"c\"", 0, 1, false, u}, {"t", 2, 4, true, t}};
  gkt_vtu_file *file;
  size_t length;
  char *data = written(2, arrays, &square, &length);
  assert_int_equal(gkt_vtu_parse(ctx, "a.vtu", data, length, &file), GKT_OK);
  assert_int_equal(file->grid.dim, 2);
  assert_int_equal(file->grid.num_blocks, 1);
  assert_int_equal(file->grid.blocks[0].nodes_per_cell, 3);
  assert_memory_equal(file->grid.coords, square_coords, sizeof square_coords);
  assert_memory_equal(file->grid.blocks[0].nodes, square_cells, sizeof square_cells);
  assert_int_equal(file->num_arrays, 2);
  assert_string_equal(file->arrays[0].name, arrays[0].name);
  assert_memory_equal(file->arrays[0].values, u, sizeof u);
  assert_true(file->arrays[1].on_cells && file->arrays[1].rank == 2 && file->arrays[1].num_components == 9);
  gkt_vtu_destroy(&file);
  gkt_free(&data);
}

static void one_dimension_is_padded(void **state) {
  (void)state;
  const double coords[] = {0, 1, 3}, v[] = {1, 2, 3}, t[] = {4, 5, 6}, x_padded[] = {0, 0, 0, 1, 0, 0, 3, 0, 0}, v_padded[] = {1, 0, 0, 2, 0, 0, 3, 0, 0};
  const double t_padded[27] = {[0] = 4, [9] = 5, [18] = 6};
  const gkt_idx cells[] = {0, 1, 1, 2};
  const gkt_vtu_block block = {GKT_LINE, 1, 2, 2, cells};
  const gkt_vtu_grid grid = {1, 3, coords, 1, &block};
  const gkt_vtu_array arrays[] = {{"v", 1, 1, false, v}, {"t", 2, 1, false, t}};
  size_t length;
  char *data = written(2, arrays, &grid, &length);
  expect_doubles(data, length, "Points", 9, x_padded);
  expect_doubles(data, length, "v", 9, v_padded);
  expect_doubles(data, length, "t", 27, t_padded);
  gkt_free(&data);
}

/* One triangle; {0, 1, 2} as Int64 is AAAA... in base64. Head (UInt32, 24 bytes long) and data in stretches of their own, as VTK writes, or in one. */
#define HEAD "<?xml version=\"1.0\"?><VTKFile type=\"UnstructuredGrid\" byte_order=\"LittleEndian\"><UnstructuredGrid><Piece NumberOfPoints=\"3\" NumberOfCells=\"1\"><PointData>"
#define POINTS "</PointData><Points><DataArray type=\"Float32\" NumberOfComponents=\"3\" format=\"ascii\">0 0 0\n1 0 0 0 1 0</DataArray></Points><Cells>"
#define CELLS "<DataArray type=\"UInt8\" Name=\"types\">5</DataArray><DataArray type=\"Int32\" Name=\"offsets\">3</DataArray>"
#define TAIL "</Cells></Piece></UnstructuredGrid></VTKFile>"
#define BASE64(t) "<DataArray type=\"Int64\" Name=\"connectivity\" format=\"binary\">\n  " t "\n</DataArray>"
static const char *const encodings[] = {
    HEAD POINTS CELLS "<DataArray type=\"Int64\" Name=\"connectivity\" format=\"ascii\"> 0 1 2 </DataArray>" TAIL,
    HEAD POINTS BASE64("GAAAAA==AAAAAAAAAAABAAAAAAAAAAIAAAAAAAAA") CELLS TAIL,
    HEAD POINTS BASE64("GAAAAAAAAAAAAAAAAQAAAAAAAAACAAAAAAAAAA==") CELLS TAIL,
    HEAD POINTS BASE64("GAAAAAAAAAAAAAAAAQAAAAAAAAACAAAAAAAAAA==") "<DataArray type=\"UInt8\" Name=\"types\" format=\"binary\">AQAAAAU=</DataArray>"
                                                                   "<DataArray type=\"Int32\" Name=\"offsets\">3</DataArray>" TAIL,
    HEAD POINTS CELLS "<DataArray type=\"Int64\" Name=\"connectivity\" format=\"appended\" offset=\"2\"/></Cells></Piece></UnstructuredGrid><AppendedData encoding=\"base64\"> _!!"
                      "GAAAAA==AAAAAAAAAAABAAAAAAAAAAIAAAAAAAAA</AppendedData></VTKFile>",
};

static void other_encodings_are_read(void **state) {
  (void)state;
  for (int i = 0; i < (int)(sizeof encodings / sizeof *encodings); i++) {
    gkt_vtu_file *file;
    const gkt_status status = gkt_vtu_parse(ctx, "a.vtu", encodings[i], strlen(encodings[i]), &file);
    assert_string_equal(gkt_context_message(ctx), "");
    assert_int_equal(status, GKT_OK);
    for (int k = 0; k < 3; k++) assert_int_equal(file->grid.blocks[0].nodes[k], k);
    gkt_vtu_destroy(&file);
  }
}

static void wrong_files_are_refused_by_name(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
    gkt_status status;
  } cases[] = {
      {"", "not a VTU file", GKT_BAD_INPUT},
      {"<a>", "not a VTU file", GKT_BAD_INPUT},
      {"<VTKFile type=\"PolyData\">", "UnstructuredGrid", GKT_BAD_INPUT},
      {"<VTKFile type=\"UnstructuredGrid\" byte_order=\"BigEndian\">", "big-endian", GKT_UNAVAILABLE},
      {"<VTKFile type=\"UnstructuredGrid\" compressor=\"vtkZLibDataCompressor\">", "compressor", GKT_UNAVAILABLE},
      {"<VTKFile type=\"UnstructuredGrid\"><Piece NumberOfPoints=\"-3\" NumberOfCells=\"1\">", "NumberOfPoints", GKT_BAD_INPUT},
      {HEAD POINTS CELLS TAIL, "connectivity", GKT_BAD_INPUT},
      {HEAD POINTS CELLS BASE64("GAAAAA==AAAAAAAA") TAIL, "base64", GKT_BAD_INPUT},
      {HEAD POINTS CELLS "<DataArray type=\"Int64\" Name=\"connectivity\">0 1 3</DataArray>" TAIL, "does not exist", GKT_BAD_INPUT},
      {HEAD POINTS CELLS "<DataArray type=\"Int64\" Name=\"connectivity\">0 1 x</DataArray>" TAIL, "not a number", GKT_BAD_INPUT},
      {HEAD POINTS CELLS "<DataArray type=\"Int64\" Name=\"connectivity\" format=\"appended\" offset=\"9\"/>" TAIL, "AppendedData", GKT_BAD_INPUT},
      {HEAD POINTS "<DataArray type=\"UInt8\" Name=\"types\">12</DataArray><DataArray type=\"Int8\" Name=\"offsets\">3</DataArray><DataArray type=\"Int8\" Name=\"connectivity\">0 "
                   "1 2</DataArray>" TAIL,
       "cell type 12 with 3 nodes", GKT_UNAVAILABLE},
      {HEAD POINTS "<DataArray type=\"UInt8\" Name=\"types\">23</DataArray><DataArray type=\"Int8\" Name=\"offsets\">3</DataArray><DataArray type=\"Int8\" Name=\"connectivity\">0 "
                   "1 2</DataArray>" TAIL,
       "cell type 23 (serendipity)", GKT_UNAVAILABLE},
  };
  for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
    gkt_vtu_file *file = NULL;
    assert_int_equal(gkt_vtu_parse(ctx, "a.vtu", cases[i].text, strlen(cases[i].text), &file), cases[i].status);
    assert_null(file);
    if (!strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("case %d: '%s' lacks '%s'", i, gkt_context_message(ctx), cases[i].message);
    assert_memory_equal(gkt_context_message(ctx), "a.vtu: ", 7);
    gkt_context_clear(ctx);
  }
}

/* Every prefix of a good file is refused, and no byte changed makes the reader leave its bounds (the sanitizers watch). */
static void damaged_files_never_crash(void **state) {
  (void)state;
  const double u[] = {1, 2, 3, 4};
  gkt_vtu_file *file = NULL;
  size_t length;
  char *data = written(1, &(gkt_vtu_array){"u", 0, 1, false, u}, &square, &length);
  const char *types = memmem(data, length, "\5\5\n", 3);
  for (size_t n = 0; n < (size_t)(types - data); n++) {
    char *part = malloc(n + 1); /* of its exact size, so that a read behind it shows */
    memcpy(part, data, n);
    assert_int_not_equal(gkt_vtu_parse(ctx, "a.vtu", part, n, &file), GKT_OK);
    free(part);
    gkt_context_clear(ctx);
  }
  for (size_t n = 0; n < length; n++)
    for (int change = 0; change < 4; change++) {
      const size_t width = change == 3 && n + 8 <= length ? 8 : 1; /* the last: a length of 2^64 - 1 where a length is */
      char kept[8];
      memcpy(kept, data + n, width);
      memset(data + n, change == 0 ? 0 : change == 2 ? '<' : 0xFF, width);
      if (gkt_vtu_parse(ctx, "a.vtu", data, length, &file) == GKT_OK) gkt_vtu_destroy(&file);
      gkt_context_clear(ctx);
      memcpy(data + n, kept, width);
    }
  gkt_free(&data);
}

static void bad_arguments_write_nothing(void **state) {
  (void)state;
  const double u[] = {1, 2, 3, 4};
  const gkt_vtu_array twice[] = {{"u", 0, 1, false, u}, {"u", 0, 1, false, u}};
  const gkt_idx outside[] = {0, 1, 4};
  const gkt_vtu_block wrong[] = {{GKT_TRIANGLE, 1, 4, 1, square_cells}, {GKT_TETRAHEDRON, 1, 4, 1, square_cells}, {GKT_TRIANGLE, 5, 21, 0, square_cells},
                                 {GKT_PYRAMID, 3, 30, 0, square_cells}, {GKT_POINT_CELL, 1, 1, 1, square_cells},  {GKT_TRIANGLE, 1, 3, 1, outside}};
  unlink(path);
  for (int i = 0; i < (int)(sizeof wrong / sizeof *wrong); i++) {
    gkt_vtu_grid bad = square;
    bad.blocks = wrong + i;
    assert_int_equal(gkt_vtu_write(ctx, path, &bad, 0, NULL), GKT_BAD_ARGUMENT);
    gkt_context_clear(ctx);
  }
  assert_int_equal(gkt_vtu_write(ctx, path, &square, 2, twice), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "named u"));
  gkt_context_clear(ctx);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(gkt_vtu_write(ctx, "/nowhere/a.vtu", &square, 0, NULL), GKT_IO);
  gkt_context_clear(ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(arrays_arrive_bit_for_bit),       cmocka_unit_test(is_read_back),
                                     cmocka_unit_test(one_dimension_is_padded),         cmocka_unit_test(other_encodings_are_read),
                                     cmocka_unit_test(wrong_files_are_refused_by_name), cmocka_unit_test(damaged_files_never_crash),
                                     cmocka_unit_test(bad_arguments_write_nothing)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
