/* Claim: a.xdmf and a.h5 hold what VTU files of the same run hold, bit by bit: points, cells in VTK's order, every array at every time, of steady problems too, with linear and
   quadratic cells, vectors and tensors in one to three dimensions, fields that jump, values of cells, meshes of several kinds of cells; the XDMF names arrays that are there, with
   their extents; a path of more states than were planned goes on in a larger file; what XDMF cannot hold is refused before anything is computed, and nothing is left. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/gkt_test.h"

#include "core/core.h"
#include "galerkit/problem.h"
#include "plot/vtu.h"
#include "problem/store.h"

static char folder[] = "/tmp/gkt_t736_XXXXXX";
static int begin(void **state) { return setup(state) || !mkdtemp(folder) || chdir(folder); }
static int end(void **state) {
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || teardown(state);
}
static void ok(gkt_status status) {
  if (status) fail_msg("%s", gkt_context_message(ctx));
}

#define FORM "equation: inner(u, v)*dx + p*q*dx == dot(x, v)*dx + (1 + x[0]^2)*q*dx\n"
#define FIELDS "output: {file: a.vtu, fields: {u: u, p: p, \"g/r <a> & 'b'\": \"grad(u)\", g_r__a_____b: \"dot(u, u)\"}}\n"

/* mesh NULL: that of the text */
static gkt_status run(const char *text, const char *file, gkt_mesh *mesh) {
  char set[80];
  const char *sets[] = {set};
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  gkt_status status;
  bool valid = false;
  snprintf(set, sizeof set, "output.file=%s", file);
  options.num_sets = 1, options.sets = sets;
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), &options, &p));
  if (mesh) GKT_GO(gkt_problem_set_mesh(p, mesh));
  GKT_GO(gkt_problem_run(p, &valid));
  assert_true(valid);
done:
  gkt_problem_destroy(&p);
  return status;
}

/* ---- numbers ---- */
static gkt_vtu_file *read_vtu(const char *path) {
  gkt_vtu_file *file;
  char *data;
  size_t length;
  ok(gkt_file_read(ctx, path, &data, &length));
  ok(gkt_vtu_parse(ctx, path, data, length, &file));
  gkt_free(&data);
  return file;
}

/* The reader of VTU files gives quadratic pyramids the middle of their base behind all others. */
static gkt_size num_points(gkt_store *s) {
  gkt_store_array points;
  ok(gkt_store_find(s, "mesh/points", &points));
  return points.extents[0];
}

static void compare_points(gkt_store *s, const gkt_vtu_file *f) {
  const gkt_size n = num_points(s);
  assert_true(n <= f->grid.num_nodes && n >= f->grid.num_nodes - 1);
  double *points = malloc((size_t)n * 3 * sizeof *points);
  ok(gkt_store_read(s, &(gkt_store_array){"mesh/points", GKT_STORE_DOUBLE, 2, {n, 3}}, points));
  for (gkt_size i = 0; i < n; i++)
    for (int d = 0; d < 3; d++) assert_true(points[3 * i + d] == (d < f->grid.dim ? f->coords[i * f->grid.dim + d] : 0));
  free(points);
}

/* XDMF's numbers of kinds of cells in mixed topologies: degree 1, 2 */
static int xdmf_number(gkt_cell_type cell, int degree) {
  switch (cell) {
  case GKT_TRIANGLE: return degree == 1 ? 4 : 36;
  case GKT_QUADRILATERAL: return degree == 1 ? 5 : 35;
  case GKT_TETRAHEDRON: return degree == 1 ? 6 : 38;
  case GKT_HEXAHEDRON: return degree == 1 ? 9 : 50;
  case GKT_PRISM: return degree == 1 ? 8 : 41;
  default: return degree == 1 ? 7 : 39;
  }
}

static void compare_cells(gkt_store *s, const gkt_vtu_file *f) {
  gkt_store_array a;
  ok(gkt_store_find(s, "mesh/cells", &a));
  const gkt_size size = a.extents[0] * (a.rank > 1 ? a.extents[1] : 1);
  int32_t *cells = malloc((size_t)size * sizeof *cells), *at = cells;
  ok(gkt_store_read(s, &a, cells));
  for (int b = 0; b < f->grid.num_blocks; b++) {
    const gkt_vtu_block *block = &f->blocks[b];
    int ours[200];
    gkt_vtu_cell_order(block->cell, block->degree, ours);
    for (gkt_size c = 0; c < block->num_cells; c++) {
      if (a.rank == 1) assert_int_equal(*at++, xdmf_number(block->cell, block->degree));
      for (int i = 0; i < gkt_vtu_cell_num_nodes(block->cell, block->degree); i++) assert_int_equal(*at++, block->nodes[c * block->nodes_per_cell + ours[i]]);
    }
  }
  assert_ptr_equal(at, cells + size);
  free(cells);
}

static void compare_row(gkt_store *s, const char *name, gkt_size row, const gkt_vtu_file *f, const char *array) {
  int i = 0;
  while (i < f->num_arrays && strcmp(f->arrays[i].name, array)) i++;
  assert_true(i < f->num_arrays);
  const gkt_size size = (f->arrays[i].on_cells ? gkt_vtu_num_cells(&f->grid) : num_points(s)) * f->arrays[i].num_components;
  double *values = malloc((size_t)size * sizeof *values);
  ok(gkt_store_read_row(s, name, row, values));
  if (memcmp(values, f->arrays[i].values, (size_t)size * sizeof *values)) fail_msg("%s, row %lld differs", name, (long long)row);
  free(values);
}

/* ---- the text: each HDF item is there with these extents ---- */
static void check_item(gkt_store *s, const gkt_tag *tag, const char *text) {
  const gkt_slice dims = gkt_xml_attribute(tag, "Dimensions");
  gkt_store_array a;
  char name[100], expected[100] = "", given[100];
  assert_int_equal(sscanf(text, "a.h5:/%99[^<]", name), 1);
  ok(gkt_store_find(s, name, &a));
  for (int d = 0; d < a.rank; d++) snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%lld", d ? " " : "", (long long)a.extents[d]);
  snprintf(given, sizeof given, "%.*s", (int)dims.length, dims.text);
  assert_string_equal(given, expected);
}

static int check_text(gkt_store *s) {
  char *data;
  size_t length;
  gkt_tag tag;
  int depth = 0, items = 0;
  ok(gkt_file_read(ctx, "a.xdmf", &data, &length));
  const char *at = data;
  while (gkt_xml_next(&at, data + length, &tag)) {
    depth += tag.closes ? -1 : tag.empty ? 0 : 1;
    if (!tag.closes && gkt_slice_is(gkt_xml_attribute(&tag, "Format"), "HDF")) check_item(s, &tag, tag.end), items++;
  }
  assert_int_equal(depth, 0);
  assert_null(memchr(at, '<', (size_t)(data + length - at)));
  gkt_free(&data);
  return items;
}

/* ---- steady ---- */
static void compare(const char *text, gkt_mesh *mesh) {
  static const char *const names[][2] = {{"values/u", "u"}, {"values/p", "p"}, {"values/g_r__a_____b", "g/r <a> & 'b'"}, {"values/g_r__a_____b_2", "g_r__a_____b"}};
  gkt_store *s;
  ok(run(text, "a.vtu", mesh));
  ok(run(text, "a.xdmf", mesh));
  gkt_vtu_file *f = read_vtu("a.vtu");
  ok(gkt_store_open(ctx, "a.h5", false, "series", 1, NULL, &s));
  compare_points(s, f);
  compare_cells(s, f);
  for (int i = 0; i < 4; i++) compare_row(s, names[i][0], 0, f, names[i][1]);
  assert_int_equal(check_text(s), 6);
  gkt_store_close(&s);
  gkt_vtu_destroy(&f);
}

static void holds_what_vtu_files_hold(void **state) {
  (void)state;
  static const char *const boxes[] = {"{cells: [3]}", "{cells: [3, 2], shape: tri}", "{cells: [2, 2], shape: quad}", "{cells: [2, 1, 1], shape: tet}",
                                      "{cells: [2, 1, 1], shape: hex}"};
  static const char *const spaces[][2] = {{"P1", "P1"}, {"P2", "DP0"}, {"P1", "DP1"}, {"P2", "P1"}};
  char text[1000];
  for (int b = 0; b < 5; b++)
    for (int k = 0; k < 4; k++) {
      snprintf(text, sizeof text, "mesh: {box: %s}\nfields: {u: {space: %s, shape: vector, test: v}, p: {space: %s, test: q}}\n" FORM FIELDS, boxes[b], spaces[k][0], spaces[k][1]);
      compare(text, NULL);
    }
}

/* A hexahedron with a prism on its right side, and a pyramid on its top. */
static void meshes_of_several_kinds(void **state) {
  (void)state;
  static const double coords[] = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 2, 0, 0, 2, 1, 0, 0.5, 0.5, 2};
  static const gkt_idx hexahedron[] = {0, 1, 2, 3, 4, 5, 6, 7}, prism[] = {1, 8, 5, 2, 9, 6}, pyramid[] = {4, 5, 6, 7, 10};
  const gkt_cell_block blocks[] = {{GKT_HEXAHEDRON, 1, 8, 0, 1, hexahedron}, {GKT_PRISM, 1, 6, 1, 1, prism}, {GKT_PYRAMID, 1, 5, 2, 1, pyramid}};
  gkt_mesh *mesh;
  ok(gkt_mesh_from_blocks(ctx, 3, 11, coords, 3, blocks, &mesh));
  for (int k = 1; k <= 2; k++) {
    char text[1000];
    snprintf(text, sizeof text, "mesh: {box: {cells: [1, 1, 1]}}\nfields: {u: {space: P%d, shape: vector, test: v}, p: {space: P1, test: q}}\n" FORM FIELDS, k);
    compare(text, mesh);
  }
  gkt_mesh_destroy(&mesh);
}

/* ---- in time ---- */
#define HEAT                                                                                                                                                                   \
  "mesh: {box: {cells: [4, 3]}}\nfields: {u: {space: P2, test: v}}\nequation: dt(u)*v*dx + dot(grad(u), grad(v))*dx == v*dx\nconditions: [{on: left, value: t}]\ntime: {end: " \
  "0.35, step: 0.05, output_every: 3}\noutput: {file: a.vtu, fields: [u, grad(u)]}\n"
static void in_time(void **state) {
  (void)state;
  static const double times[] = {0, 0.15, 0.3, 0.35};
  gkt_store *s;
  int64_t count;
  double time;
  ok(run(HEAT, "a.vtu", NULL));
  ok(run(HEAT, "a.xdmf", NULL));
  ok(gkt_store_open(ctx, "a.h5", false, "series", 1, NULL, &s));
  ok(gkt_store_read(s, &(gkt_store_array){"count", GKT_STORE_INT64, 0, {0}}, &count));
  assert_int_equal(count, 4);
  for (int r = 0; r < 4; r++) {
    char name[40];
    snprintf(name, sizeof name, "a_%04d.vtu", r);
    gkt_vtu_file *f = read_vtu(name);
    if (r == 0) compare_points(s, f), compare_cells(s, f);
    compare_row(s, "values/u", r, f, "u");
    compare_row(s, "values/grad_u", r, f, "grad(u)");
    ok(gkt_store_read_row(s, "time", r, &time));
    assert_true(fabs(time - times[r]) < 1e-12);
    gkt_vtu_destroy(&f);
  }
  gkt_store_array rows;
  ok(gkt_store_find(s, "values/u", &rows));
  assert_int_equal(rows.extents[0], 4); /* as many as were planned */
  assert_int_equal(check_text(s), 4 * 4);
  gkt_store_close(&s);
}

/* ---- refused ---- */
static void refused(void **state) {
  (void)state;
  const char *P3 = "mesh: {box: {cells: [2]}}\nfields: {u: {space: P3, test: v}}\nequation: u*v*dx == v*dx\noutput: {file: b.vtu}\n";
  const char *same =
      "mesh: {box: {cells: [2]}}\nfields: {u: {space: P1, test: v}}\nequation: dt(u)*v*dx == v*dx\ntime: {end: 1, step: 1, checkpoint: b.h5}\noutput: {file: b.vtu}\n";
  assert_int_equal(run(P3, "b.xdmf", NULL), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), "XDMF has no cells of degree 3; expected fields of degree 1 or 2")) fail_msg("%s", gkt_context_message(ctx));
  gkt_context_clear(ctx);
  assert_int_equal(run(same, "b.xdmf", NULL), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), "its numbers are to be in b.h5, which is time.checkpoint; expected two names")) fail_msg("%s", gkt_context_message(ctx));
  gkt_context_clear(ctx);
  assert_int_equal(mkdir("c.h5", 0777), 0);
  assert_int_equal(run(HEAT, "c.xdmf", NULL), GKT_BAD_INPUT); /* before the work */
  gkt_context_clear(ctx);
  assert_true(access("b.xdmf", F_OK) && access("b.h5", F_OK) && access("c.xdmf", F_OK));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(holds_what_vtu_files_hold), cmocka_unit_test(meshes_of_several_kinds), cmocka_unit_test(in_time), cmocka_unit_test(refused)};
  setenv("GKT_BACKEND", "interpreter", 1); /* many small problems, of which files are looked at */
  return cmocka_run_group_tests(tests, begin, end);
}
