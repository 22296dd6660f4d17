/* Claim: a picture has the size asked for, a white background, and at each pixel the colour of the value that is nearest to the viewer; the same input gives the same
   bytes; nodes that are repeated for discontinuous fields give the same surface as shared ones; odd fields are drawn, odd requests are refused. */
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

#include "meshes/picture.h"

/* Fontconfig keeps what Cairo asked it for until the process ends: 645 bytes that the leak checker sees. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\n"; }

static const double flat[] = {0, 0, 1, 0, 1, 1, 0, 1};
static const gkt_idx two[] = {0, 1, 2, 0, 2, 3};
static const gkt_vtu_grid square = {.dim = 2, .num_nodes = 4, .num_cells = 2, .nodes_per_cell = 3, .cell = GKT_TRIANGLE, .coords = flat, .cells = two};

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
  const gkt_range range = {0, 1, false, false};
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
  const gkt_range range = {0, 1, false, false};
  for (int order = 0; order < 2; order++) { /* which of the squares is nearer, and which is drawn first, are independent */
    const double z = order ? 1 : -1;
    const double coords[] = {0, 0, z, 1, 0, z, 1, 1, z, 0, 1, z, 0, 0, -z, 1, 0, -z, 1, 1, -z, 0, 1, -z};
    const gkt_vtu_grid grid = {.dim = 3, .num_nodes = 8, .num_cells = 4, .nodes_per_cell = 3, .cell = GKT_TRIANGLE, .coords = coords, .cells = cells};
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

/* A box of a x b x c boxes of 6 tetrahedra has 4(ab+bc+ca) outer triangles, and 4(a+b+c) sides of cells on its edges. */
static void surface_of_a_box(void **state) {
  (void)state;
  gkt_mesh *mesh;
  assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {2, 3, 4}, .upper = {0.3, 1, 2}}, &mesh), GKT_OK);
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  const gkt_size count = 4 * (gkt_size)block->num_cells;
  const double *x = gkt_mesh_coords(mesh);
  double *repeated = malloc(3 * (size_t)count * sizeof *repeated);
  gkt_idx *cells = malloc((size_t)count * sizeof *cells);
  for (gkt_size i = 0; i < count; i++) {
    memcpy(repeated + 3 * i, x + 3 * (gkt_size)block->nodes[i], 3 * sizeof *x);
    cells[i] = (gkt_idx)i;
  }
  const gkt_vtu_grid grids[] = {
      {.dim = 3, .num_nodes = gkt_mesh_num_nodes(mesh), .num_cells = block->num_cells, .nodes_per_cell = 4, .cell = GKT_TETRAHEDRON, .coords = x, .cells = block->nodes},
      {.dim = 3, .num_nodes = (gkt_idx)count, .num_cells = block->num_cells, .nodes_per_cell = 4, .cell = GKT_TETRAHEDRON, .coords = repeated, .cells = cells}};
  for (int g = 0; g < 2; g++) {
    gkt_surface *s;
    int features = 0;
    assert_int_equal(gkt_surface_create(ctx, grids + g, &s), GKT_OK);
    assert_int_equal(s->num_triangles, 4 * (6 + 12 + 8));
    assert_int_equal(gkt_surface_add_outlines(ctx, s, grids[g].coords), GKT_OK);
    assert_int_equal(s->num_outlines, s->num_triangles * 3 / 2);
    for (gkt_idx i = 0; i < s->num_outlines; i++) features += s->outlines[i].feature;
    assert_int_equal(features, 4 * (2 + 3 + 4));
    assert_int_equal(gkt_surface_add_normals(ctx, s, grids[g].num_nodes, grids[g].coords), GKT_OK);
    for (gkt_idx t = 0; t < s->num_triangles; t++) /* along an axis, the same in all corners, outwards */
      for (int i = 0; i < 3; i++) {
        const double *n = s->normals[t][i], *at = grids[g].coords + 3 * (gkt_size)s->triangles[t].nodes[i];
        double towards = 0;
        for (int k = 0; k < 3; k++) towards += n[k] * (at[k] - (double[]){0.15, 0.5, 1}[k]);
        assert_true(towards > 0 && fabs(fabs(n[0]) + fabs(n[1]) + fabs(n[2]) - 1) < 1e-14);
      }
    gkt_surface_destroy(&s);
  }
  free(repeated), free(cells);
  gkt_mesh_destroy(&mesh);
}

static void quadratic_facets_become_four(void **state) {
  (void)state;
  const double coords[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, .5, 0, 0, .5, .5, 0, 0, .5, 0, 0, 0, .5, .5, 0, .5, 0, .5, .5};
  const gkt_idx cells[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const gkt_vtu_grid grid = {.dim = 3, .num_nodes = 10, .num_cells = 1, .nodes_per_cell = 10, .cell = GKT_TETRAHEDRON, .coords = coords, .cells = cells};
  gkt_surface *s;
  double area = 0;
  int mesh_sides = 0;
  assert_int_equal(gkt_surface_create(ctx, &grid, &s), GKT_OK);
  assert_int_equal(s->num_triangles, 16);
  for (int t = 0; t < 16; t++) {
    const double *a = coords + 3 * s->triangles[t].nodes[0], *b = coords + 3 * s->triangles[t].nodes[1], *c = coords + 3 * s->triangles[t].nodes[2];
    double e[3], f[3];
    for (int k = 0; k < 3; k++) e[k] = b[k] - a[k], f[k] = c[k] - a[k];
    area += 0.5 * sqrt(pow(e[1] * f[2] - e[2] * f[1], 2) + pow(e[2] * f[0] - e[0] * f[2], 2) + pow(e[0] * f[1] - e[1] * f[0], 2));
  }
  assert_true(fabs(area - (1.5 + sqrt(3) / 2)) < 1e-14);
  assert_int_equal(gkt_surface_add_outlines(ctx, s, coords), GKT_OK);
  for (gkt_idx i = 0; i < s->num_outlines; i++) mesh_sides += s->outlines[i].mesh;
  assert_int_equal(mesh_sides, 12); /* six edges of two halves */
  gkt_surface_destroy(&s);
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
    if (i == 0) expect_color((left + right) / 2, 100, &(gkt_range){5, 5, false, true}, 5, 1);
    if (i == 1) assert_true(rgb[0] == 153 && rgb[1] == 153 && rgb[2] == 153); /* grey */
    close_image();
  }
}

static void ticks_are_round_and_inside(void **state) {
  (void)state;
  const double ranges[][2] = {{0, 1},    {-3.7, 12.2}, {0, 2.9989e-3}, {4e6, 208e6}, {293.15, 293.1531}, {-1e-9, 3e-9},
                              {0, 9999}, {0, 10001},   {1e300, 2e300}, {-5, -4.99},  {0, 0.0137}};
  for (int i = 0; i < (int)(sizeof ranges / sizeof *ranges); i++) {
    const gkt_range range = {ranges[i][0], ranges[i][1], false, false};
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
  expect_color(right - 20, 150, &(gkt_range){0, 1, false, false}, 0, 1); /* below the diagonal */
  expect_color(left + 20, 150, &(gkt_range){0, 1, false, false}, 1, 1);
  close_image();
  assert_int_equal(gkt_picture_from_vtu(ctx, vtu_path, NULL, path, &small), GKT_OK); /* |u| = 5 x */
  open_image();
  body_in_row(150, &left, &right);
  expect_color((left + right) / 2, 150, &(gkt_range){0, 1, false, false}, 0.5, 1);
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
  assert_int_equal(gkt_picture_write(ctx, path, &square, v, bad_u, &(gkt_picture_options){.warp = 1}), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  grid.num_cells = 0;
  assert_int_equal(gkt_picture_write(ctx, path, &grid, v, NULL, NULL), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  grid.num_cells = 1, grid.cells = outside;
  assert_int_equal(gkt_picture_write(ctx, path, &grid, v, NULL, NULL), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(gkt_picture_write(ctx, "/nowhere/a.png", &square, v, NULL, NULL), GKT_IO);
  gkt_context_clear(ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(colors_follow_the_values),     cmocka_unit_test(the_near_one_wins),    cmocka_unit_test(pictures_repeat_byte_for_byte), cmocka_unit_test(surface_of_a_box),
      cmocka_unit_test(quadratic_facets_become_four), cmocka_unit_test(odd_fields_are_drawn), cmocka_unit_test(ticks_are_round_and_inside),    cmocka_unit_test(from_a_file),
      cmocka_unit_test(wrong_requests_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
