/* Claim: a picture has the size asked for, a white background, and at each pixel the colour of the value that is nearest to the viewer, also within cells of high degree and on
   sections; isolines lie where the value is; lines and plane sections give graphs of their values; the same input gives the same bytes; odd fields are drawn, odd requests are
   refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot/picture.h"
#include "tests/cells.h"

/* Fontconfig keeps what Cairo asked it for until the process ends: 645 bytes that the leak checker sees. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\n"; }

static const double flat[] = {0, 0, 1, 0, 1, 1, 0, 1};
static const gkt_idx two[] = {0, 1, 2, 0, 2, 3};
static const gkt_vtu_block two_block = {GKT_TRIANGLE, 1, 3, 2, two};
static const gkt_vtu_grid square = {.dim = 2, .num_nodes = 4, .coords = flat, .num_blocks = 1, .blocks = &two_block};

static gkt_context *ctx;
static char folder[] = "/tmp/gkt_t111_XXXXXX", path[64], vtu_path[64];

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/a.png", folder);
  snprintf(vtu_path, sizeof vtu_path, "%s/a.vtu", folder);
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx);
}
static int tear_down(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  unlink(path), unlink(vtu_path);
  return rmdir(folder); /* fails if a temporary is left */
}

static gkt_vtu_grid grid_of(const gkt_mesh *mesh, gkt_vtu_block *blocks) {
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *from = gkt_mesh_block(mesh, b);
    blocks[b] = (gkt_vtu_block){from->cell, from->order, from->nodes_per_cell, from->num_cells, from->nodes};
  }
  return (gkt_vtu_grid){gkt_mesh_dim(mesh), gkt_mesh_num_nodes(mesh), gkt_mesh_coords(mesh), gkt_mesh_num_blocks(mesh), blocks};
}

/* ---- the picture as pixels ---- */
static cairo_surface_t *image;
static void open_image(void) {
  image = cairo_image_surface_create_from_png(path);
  assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
}
static void close_image(void) {
  cairo_surface_destroy(image);
  image = NULL;
}
static void pixel(int x, int y, int rgb[3]) {
  uint32_t p;
  memcpy(&p, cairo_image_surface_get_data(image) + (size_t)y * (size_t)cairo_image_surface_get_stride(image) + 4 * (size_t)x, 4);
  for (int k = 0; k < 3; k++) rgb[k] = p >> (16 - 8 * k) & 255;
}
static bool is_white(int x, int y) {
  int rgb[3];
  pixel(x, y, rgb);
  return rgb[0] == 255 && rgb[1] == 255 && rgb[2] == 255;
}
/* Within 2 of 255: one for rounding, one for the value's change across a pixel. */
static void expect_color(int x, int y, const gkt_range *range, double value, double light) {
  int rgb[3];
  double expected[3];
  pixel(x, y, rgb);
  gkt_color_at(range, value, expected);
  for (int k = 0; k < 3; k++)
    if (fabs(rgb[k] - 255 * light * expected[k]) > 2) fail_msg("pixel (%d,%d): %d %d %d for value %g", x, y, rgb[0], rgb[1], rgb[2], value);
}
/* The stretch of row y that is not white, looking from the left to the first white after it. */
static void body_in_row(int y, int *left, int *right) {
  for (*left = 0; is_white(*left, y); (*left)++) assert_true(*left < cairo_image_surface_get_width(image) - 1);
  for (*right = *left; !is_white(*right + 1, y); (*right)++) assert_true(*right < cairo_image_surface_get_width(image) - 2);
}

static void colors_follow_the_values(void **state) {
  (void)state;
  const double x[] = {0, 1, 1, 0};
  assert_int_equal(gkt_picture_write(ctx, path, &square, x, NULL, &(gkt_picture_options){.title = "x", .label = "x"}), GKT_OK);
  open_image();
  assert_int_equal(cairo_image_surface_get_width(image), 1200);
  assert_int_equal(cairo_image_surface_get_height(image), 900);
  const int corners[4][2] = {{0, 0}, {1199, 0}, {0, 899}, {1199, 899}};
  for (int i = 0; i < 4; i++) assert_true(is_white(corners[i][0], corners[i][1]));
  int left, right;
  body_in_row(450, &left, &right);
  assert_true(right - left > 500);
  const gkt_range range = {0, 1, false, false, false};
  for (int i = 5; i <= 95; i += 5) { /* the square's rim lies one pixel inside the line around it */
    const double at = left + 1 + (right - left - 2) * i / 100.0;
    expect_color((int)at, 450, &range, (floor(at) + 0.5 - left - 1) / (right - left - 1), 1);
  }
  close_image();
}

static void the_near_one_wins(void **state) {
  (void)state;
  const gkt_idx cells[] = {0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7};
  const double values[] = {0, 0, 0, 0, 1, 1, 1, 1};
  const gkt_range range = {0, 1, false, false, false};
  for (int order = 0; order < 2; order++) { /* which of the squares is nearer, and which is drawn first, are independent */
    const double z = order ? 1 : -1;
    const double coords[] = {0, 0, z, 1, 0, z, 1, 1, z, 0, 1, z, 0, 0, -z, 1, 0, -z, 1, 1, -z, 0, 1, -z};
    const gkt_vtu_block block = {GKT_TRIANGLE, 1, 3, 4, cells};
    const gkt_vtu_grid grid = {.dim = 3, .num_nodes = 8, .coords = coords, .num_blocks = 1, .blocks = &block};
    assert_int_equal(gkt_picture_write(ctx, path, &grid, values, NULL, &(gkt_picture_options){.view = "xy", .width = 400, .height = 300}), GKT_OK);
    open_image();
    int left, right;
    body_in_row(130, &left, &right);
    expect_color((left + right) / 2, 130, &range, order ? 0 : 1, 0.68 + 0.32 * 0.844); /* the lamp on a face that looks at the viewer */
    close_image();
  }
}

static void pictures_repeat_byte_for_byte(void **state) {
  (void)state;
  const double x[] = {0, 1, NAN, 0}, u[] = {0, 0, 0, 0.1, 0, 0.2, 0, 0};
  char *data[2];
  size_t length[2];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(gkt_picture_write(ctx, path, &square, x, u, &(gkt_picture_options){.title = "t", .warp = 1, .edges = true}), GKT_OK);
    assert_int_equal(gkt_file_read(ctx, path, &data[i], &length[i]), GKT_OK);
  }
  assert_int_equal(length[0], length[1]);
  assert_memory_equal(data[0], data[1], length[0]);
  gkt_free(&data[0]), gkt_free(&data[1]);
}

/* ---- lines, sections, graphs ---- */
static bool is_dark(int x, int y) {
  int rgb[3];
  pixel(x, y, rgb);
  return rgb[0] < 60 && rgb[1] < 60 && rgb[2] < 60;
}

/* u = x with 3 isolines: vertical lines at a quarter, a half and three quarters, and none between. */
static void isolines_lie_where_the_value_is(void **state) {
  (void)state;
  const double x[] = {0, 1, 1, 0};
  int left, right;
  assert_int_equal(gkt_picture_write(ctx, path, &square, x, NULL, &(gkt_picture_options){.isolines = 3}), GKT_OK);
  open_image();
  body_in_row(450, &left, &right);
  for (int i = 0; i <= 24; i++) { /* in twenty-fourths, so that lines are i = 6, 12, 18 */
    const int at = left + 1 + (right - left - 2) * i / 24;
    bool line = false;
    for (int k = -2; k <= 2; k++) line |= is_dark(at + k, 450);
    if (i > 0 && i < 24 && i != 6) assert_int_equal(line, i % 6 == 0);
  }
  close_image();
}

/* One quadrilateral of degree 4 with the value (x - 1/2)^4 (times 16): a straight interpolation of its corners would be 1 everywhere. */
static void high_degrees_bend_inside_cells(void **state) {
  (void)state;
  double coords[50], values[25], nodes[50];
  gkt_idx cell[25];
  int left, right;
  gkt_lagrange_nodes(GKT_QUADRILATERAL, 4, nodes);
  for (int i = 0; i < 25; i++) {
    cell[i] = i;
    coords[2 * i] = nodes[2 * i], coords[2 * i + 1] = nodes[2 * i + 1] + 0.5 * nodes[2 * i] * (1 - nodes[2 * i]);
    values[i] = 16 * pow(nodes[2 * i] - 0.5, 4);
  }
  const gkt_vtu_block block = {GKT_QUADRILATERAL, 4, 25, 1, cell};
  const gkt_vtu_grid grid = {2, 25, coords, 1, &block};
  assert_int_equal(gkt_picture_write(ctx, path, &grid, values, NULL, NULL), GKT_OK);
  open_image();
  body_in_row(450, &left, &right);
  const gkt_range range = {0, 1, false, false, false};
  for (int i = 20; i <= 80; i += 15) { /* where the value changes little within a sixteenth of the cell */
    const double at = left + 1 + (right - left - 2) * i / 100.0, x = (floor(at) + 0.5 - left - 1) / (right - left - 1);
    int rgb[3];
    double expected[3];
    pixel((int)at, 450, rgb);
    gkt_color_at(&range, 16 * pow(x - 0.5, 4), expected);
    for (int k = 0; k < 3; k++) assert_true(fabs(rgb[k] - 255 * expected[k]) < 8); /* pieces are linear: 16 * 12 * 0.3^2 / 8 / 16^2 of the range, of colours up to 800 steps long */
  }
  /* the lower rim is the parabola: at the middle an eighth of the width above the corners */
  int low_middle = 899, low_corner = 899;
  while (is_white((left + right) / 2, low_middle)) low_middle--;
  while (is_white(left + 3, low_corner)) low_corner--;
  assert_true(abs(low_corner - low_middle - (right - left) / 8) <= 6);
  close_image();
}

/* Cells of every kind, mixed and curved, with cell data and warped, through a file; as 2-D and 3-D as they are. */
static void every_cell_is_drawn_from_its_file(void **state) {
  (void)state;
  static const int kinds[] = {GKT_LINE, GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON, GKT_PRISM, GKT_PYRAMID, TEST_MIXED, TEST_MIXED};
  for (int k = 0; k < 9; k++) {
    gkt_mesh *mesh = test_mesh(ctx, kinds[k], k == 8 ? 3 : 2, 2, 2, 0.1);
    gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
    const gkt_vtu_grid grid = grid_of(mesh, blocks);
    double *u = calloc((size_t)grid.num_nodes * 3, sizeof *u), *part = malloc((size_t)gkt_mesh_num_cells(mesh) * sizeof *part);
    for (gkt_idx i = 0; i < gkt_mesh_num_cells(mesh); i++) part[i] = i;
    for (gkt_idx i = 0; i < grid.num_nodes; i++) u[(gkt_size)i * grid.dim] = grid.coords[(gkt_size)i * grid.dim];
    const gkt_vtu_array arrays[] = {{"u", 1, grid.dim, false, u}, {"part", 0, 1, true, part}};
    assert_int_equal(gkt_vtu_write(ctx, vtu_path, &grid, 2, arrays), GKT_OK);
    for (int field = 0; field < 2; field++) {
      assert_int_equal(
          gkt_picture_from_vtu(ctx, vtu_path, arrays[field].name, path, &(gkt_picture_options){.width = 300, .height = 225, .edges = true, .isolines = 4, .warp = 0.5}), GKT_OK);
      open_image();
      assert_false(is_white(120, 120) && is_white(121, 120) && is_white(120, 121) && kinds[k] != GKT_LINE);
      close_image();
    }
    free(u), free(part);
    gkt_mesh_destroy(&mesh);
  }
}

/* Whether the column of pixels holds the line of a graph within 3 pixels of y; the grid behind it is grey, the line blue. */
static bool has_line_at(int x, double y) {
  for (int k = -3; k <= 3; k++) {
    int rgb[3];
    pixel(x, (int)y + k, rgb);
    if (rgb[2] > rgb[0] + 40) return true;
  }
  return false;
}

static bool is_frame(int x, int y) {
  int rgb[3];
  pixel(x, y, rgb);
  return rgb[0] < 150 && abs(rgb[0] - rgb[2]) < 3;
}

/* u = x^2 on a line of two cells of degree 2, and along y = 0.4 through the square u = x^2 of degree 2: the same parabola. */
static void lines_and_plane_sections_are_graphs(void **state) {
  (void)state;
  for (int dim = 1; dim <= 2; dim++) {
    gkt_mesh *mesh = test_mesh(ctx, dim == 1 ? GKT_LINE : TEST_MIXED, 2, 2, 2, 0);
    gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
    const gkt_vtu_grid grid = grid_of(mesh, blocks);
    double *u = malloc((size_t)grid.num_nodes * sizeof *u);
    for (gkt_idx i = 0; i < grid.num_nodes; i++) u[i] = pow(grid.coords[(gkt_size)i * dim], 2);
    assert_int_equal(gkt_picture_write(ctx, path, &grid, u, NULL, &(gkt_picture_options){.section = dim == 2 ? "y = 0.4" : NULL}), GKT_OK);
    open_image();
    int left = 0, top = 0, right = 1199, bottom = 899; /* of the frame: the longest dark lines */
    while (!is_frame(left, 450)) left++;
    while (!is_frame(right, 450)) right--;
    while (!is_frame(600, top)) top++;
    while (!is_frame(600, bottom)) bottom--;
    for (int i = 5; i < 100; i += 10) {
      const double x = i / 100.0, part = (x * x + 0.05) / 1.1; /* 5 percent of room below and above */
      assert_true(has_line_at(left + (int)((right - left) * x), bottom - (bottom - top) * part));
    }
    close_image();
    free(u);
    gkt_mesh_destroy(&mesh);
  }
}

/* Of a cube with u = x, cut at x = 0.25 and seen along -x: the cross-section has one colour, that of 0.25. */
static void a_section_opens_a_body(void **state) {
  (void)state;
  gkt_mesh *mesh = test_mesh(ctx, TEST_MIXED, 3, 2, 2, 0.1);
  gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
  const gkt_vtu_grid grid = grid_of(mesh, blocks);
  double *u = malloc((size_t)grid.num_nodes * sizeof *u);
  int left, right;
  for (gkt_idx i = 0; i < grid.num_nodes; i++) u[i] = grid.coords[3 * i];
  assert_int_equal(gkt_picture_write(ctx, path, &grid, u, NULL, &(gkt_picture_options){.section = "x=0.25", .view = "yz"}), GKT_OK);
  open_image();
  body_in_row(450, &left, &right);
  for (int i = 1; i < 10; i++) expect_color(left + (right - left) * i / 10, 450, &(gkt_range){0, 1, false, false, false}, 0.25, 0.68 + 0.32 * 0.844);
  close_image();
  free(u);
  gkt_mesh_destroy(&mesh);
}

static void odd_fields_are_drawn(void **state) {
  (void)state;
  const double fields[][4] = {{5, 5, 5, 5}, {NAN, NAN, NAN, NAN}, {INFINITY, 1, 2, 3}, {-1e308, 1e308, 0, 0}, {0, 0, 0, 0}, {1, 1 + 1e-15, 1, 1}, {1e-320, 0, 0, 0}};
  for (int i = 0; i < (int)(sizeof fields / sizeof *fields); i++) {
    assert_int_equal(
        gkt_picture_write(ctx, path, &square, fields[i], NULL, &(gkt_picture_options){.title = "\xff bytes that are no UTF-8 \xc3", .label = "v", .width = 300, .height = 200}),
        GKT_OK);
    open_image();
    int left, right, rgb[3];
    body_in_row(100, &left, &right);
    pixel((left + right) / 2 + 3, 100, rgb);
    if (i == 0) expect_color((left + right) / 2, 100, &(gkt_range){5, 5, false, true, false}, 5, 1);
    if (i == 1) assert_true(rgb[0] == 153 && rgb[1] == 153 && rgb[2] == 153); /* grey */
    close_image();
  }
}

static void ticks_are_round_and_inside(void **state) {
  (void)state;
  const double ranges[][2] = {{0, 1},    {-3.7, 12.2}, {0, 2.9989e-3}, {4e6, 208e6}, {293.15, 293.1531}, {-1e-9, 3e-9},
                              {0, 9999}, {0, 10001},   {1e300, 2e300}, {-5, -4.99},  {0, 0.0137}};
  for (int i = 0; i < (int)(sizeof ranges / sizeof *ranges); i++) {
    const gkt_range range = {ranges[i][0], ranges[i][1], false, false, false};
    const gkt_ticks t = gkt_ticks_choose(&range);
    const double span = range.high - range.low, step = t.values[1] - t.values[0], power = pow(10, floor(log10(step) + 1e-6)), lead = step / power;
    assert_true(t.count >= 3 && t.count <= 7 && t.exponent % 3 == 0);
    assert_true(fabs(lead - 1) < 1e-3 || fabs(lead - 2) < 1e-3 || fabs(lead - 2.5) < 1e-3 || fabs(lead - 5) < 1e-3); /* the difference of close numbers has lost digits */
    for (int k = 0; k < t.count; k++) {
      assert_true(t.values[k] >= range.low - 1e-8 * span && t.values[k] <= range.high + 1e-8 * span);
      assert_true(fabs(strtod(t.labels[k], NULL) * pow(10, t.exponent) - t.values[k]) < 1e-6 * step + 1e-13 * fabs(t.values[k])); /* the label says the whole number */
    }
  }
}

static void from_a_file(void **state) {
  (void)state;
  const double cell[] = {0, 1}, u[] = {0, 0, 3, 4, 3, 4, 0, 0};
  const gkt_vtu_array arrays[] = {{"part", 0, 1, true, cell}, {"u", 1, 2, false, u}};
  const gkt_picture_options small = {.width = 400, .height = 300};
  int left, right;
  assert_int_equal(gkt_vtu_write(ctx, vtu_path, &square, 2, arrays), GKT_OK);
  assert_int_equal(gkt_picture_from_vtu(ctx, vtu_path, "part", path, &small), GKT_OK);
  open_image();
  body_in_row(150, &left, &right);
  expect_color(right - 20, 150, &(gkt_range){0, 1, false, false, false}, 0, 1); /* below the diagonal */
  expect_color(left + 20, 150, &(gkt_range){0, 1, false, false, false}, 1, 1);
  close_image();
  assert_int_equal(gkt_picture_from_vtu(ctx, vtu_path, NULL, path, &small), GKT_OK); /* |u| = 5 x */
  open_image();
  body_in_row(150, &left, &right);
  expect_color((left + right) / 2, 150, &(gkt_range){0, 1, false, false, false}, 0.5, 1);
  close_image();
  assert_int_equal(gkt_picture_from_vtu(ctx, vtu_path, "v", path, NULL), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "no array named 'v'; it holds u, part"));
  gkt_context_clear(ctx);
  assert_int_equal(gkt_vtu_write(ctx, vtu_path, &square, 1, arrays), GKT_OK);
  assert_int_equal(gkt_picture_from_vtu(ctx, vtu_path, NULL, path, &(gkt_picture_options){.warp = 1}), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "warped"));
  gkt_context_clear(ctx);
}

static void wrong_requests_are_refused(void **state) {
  (void)state;
  const double v[] = {0, 1, 2, 3}, bad_u[] = {0, 0, 0, NAN, 0, 0, 0, 0};
  unlink(path);
  const gkt_idx outside[] = {0, 1, 4};
  gkt_vtu_grid grid = square;
  assert_int_equal(gkt_picture_write(ctx, path, &square, v, NULL, &(gkt_picture_options){.view = "front"}), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "view 'front': one of iso, xy, xz, yz was expected");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_picture_write(ctx, path, &square, v, NULL, &(gkt_picture_options){.width = 100000}), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  static const char *const sections[][2] = {{"x", "was expected"},     {"q=1", "was expected"},   {"x=0.5m", "was expected"},     {"", "was expected"},
                                            {"x=nan", "was expected"}, {"z=0.5", "2 dimensions"}, {"x=2", "reaches from 0 to 1"}, {"x=0", "misses the mesh"}};
  for (int i = 0; i < (int)(sizeof sections / sizeof *sections); i++) {
    assert_int_equal(gkt_picture_write(ctx, path, &square, v, NULL, &(gkt_picture_options){.section = sections[i][0]}), GKT_BAD_INPUT);
    assert_non_null(strstr(gkt_context_message(ctx), sections[i][1]));
    gkt_context_clear(ctx);
  }
  assert_int_equal(gkt_picture_write(ctx, path, &square, v, NULL, &(gkt_picture_options){.isolines = 101}), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_picture_write(ctx, path, &square, v, bad_u, &(gkt_picture_options){.warp = 1}), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  grid.num_blocks = 0;
  assert_int_equal(gkt_picture_write(ctx, path, &grid, v, NULL, NULL), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  const gkt_vtu_block bad = {GKT_TRIANGLE, 1, 3, 1, outside};
  grid.num_blocks = 1, grid.blocks = &bad;
  assert_int_equal(gkt_picture_write(ctx, path, &grid, v, NULL, NULL), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(gkt_picture_write(ctx, "/nowhere/a.png", &square, v, NULL, NULL), GKT_IO);
  gkt_context_clear(ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(colors_follow_the_values),
      cmocka_unit_test(the_near_one_wins),
      cmocka_unit_test(pictures_repeat_byte_for_byte),
      cmocka_unit_test(isolines_lie_where_the_value_is),
      cmocka_unit_test(high_degrees_bend_inside_cells),
      cmocka_unit_test(every_cell_is_drawn_from_its_file),
      cmocka_unit_test(lines_and_plane_sections_are_graphs),
      cmocka_unit_test(a_section_opens_a_body),
      cmocka_unit_test(odd_fields_are_drawn),
      cmocka_unit_test(ticks_are_round_and_inside),
      cmocka_unit_test(from_a_file),
      cmocka_unit_test(wrong_requests_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
