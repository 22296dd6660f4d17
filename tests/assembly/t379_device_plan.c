/* Claim: a plan of patches that the device makes from connectivity has every array of the host's, number by number: on every kind of mesh, for matrices and vectors, scalars and
   blocks, halves and pairs, all or some cells and facets, along the curve or in their own order, for any limits. What it does not plan it names, and holds nothing. */
#include "tests/emulated_device.h"
#include "tests/patch_plans.h"

#include "assembly/patches_device.h"
#include "meshes/mesh.h"

static gkt_device *device;
static void begin(void) {
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

/* ---- comparison ---- */
static void same(const char *what, const void *expected, const void *at, gkt_size bytes) {
  char *found = malloc((size_t)bytes + 1);
  must(gkt_device_download(device, at, found, bytes), what);
  for (gkt_size i = 0; i < bytes; i++)
    if (found[i] != ((const char *)expected)[i]) fail_msg("%s: byte %lld of %lld is another one", what, (long long)i, (long long)bytes);
  free(found);
}
#define SAME(name, expected, at, count) same(name, expected, at, (gkt_size)(count) * (gkt_size)sizeof *(expected))

static void compare(const gkt_row_patches *e, const gkt_row_patches *f, const gkt_patch_arrays *a) {
  const gkt_size patches = e->num_patches, groups = e->first_group[patches];
  assert_int_equal(f->num_patches, e->num_patches);
  assert_int_equal(f->most_rows, e->most_rows), assert_int_equal(f->most_nodes, e->most_nodes), assert_int_equal(f->most_pairs, e->most_pairs);
  assert_int_equal(f->most_cells, e->most_cells), assert_int_equal(f->most_contributions, e->most_contributions);
  assert_int_equal(f->num_contributions, e->num_contributions), assert_int_equal(f->num_computed, e->num_computed), assert_int_equal(f->shared_bytes, e->shared_bytes);
  assert_int_equal(f->totals.pairs, e->totals.pairs), assert_int_equal(f->totals.nodes, e->totals.nodes), assert_int_equal(f->totals.groups, e->totals.groups);
  assert_int_equal(f->totals.words, e->totals.words), assert_int_equal(f->totals.longest, e->totals.longest);
  assert_memory_equal(f->totals.cells, e->totals.cells, sizeof e->totals.cells);
  SAME("first_row", e->first_row, a->all.first_row, patches + 1);
  SAME("rows", e->rows, a->rows, e->num_rows);
  SAME("first_pair", e->first_pair, a->all.first_pair, e->num_rows + 1);
  SAME("first_value", e->first_value, a->all.first_value, e->num_rows);
  SAME("stride", e->stride, a->all.stride, e->num_rows);
  SAME("first_node", e->first_node, a->all.first_node, patches + 1);
  SAME("nodes", e->nodes, a->all.nodes, e->first_node[patches]);
  SAME("first_group", e->first_group, a->all.first_group, patches + 1);
  for (int b = 0; b < e->num_blocks; b++) {
    SAME("first cell", e->blocks[b].first, a->blocks[b].first, patches + 1);
    SAME("cells", e->blocks[b].cells, a->blocks[b].cells, e->blocks[b].first[patches]);
    SAME("numbers", e->blocks[b].numbers, a->blocks[b].numbers, (gkt_size)e->blocks[b].first[patches] * e->blocks[b].corners);
    assert_int_equal(f->blocks[b].record, e->blocks[b].record);
  }
  for (int s = 0; s < e->num_sources; s++) {
    assert_int_equal(!e->sources[s].first, !a->sources[s].first), assert_int_equal(e->sources[s].block, f->sources[s].block);
    if (!e->sources[s].first) continue;
    assert_int_equal(f->totals.entities[s], e->totals.entities[s]);
    SAME("first entity", e->sources[s].first, a->sources[s].first, patches + 1);
    SAME("entities", e->sources[s].entities, a->sources[s].entities, e->sources[s].first[patches]);
    SAME("records", e->sources[s].records, a->sources[s].records, e->sources[s].first[patches]);
  }
  SAME("first_word", e->first_word, a->all.first_word, groups + 1);
  assert_int_equal(f->once, e->once);
  if (e->block == 1) SAME("slots", e->slots, a->all.slots, e->totals.pairs);
  else SAME("places", e->places, a->all.places, groups * GKT_PATCH_GROUP);
  if (e->mirrors) SAME("mirrors", e->mirrors, a->all.mirrors, groups * GKT_PATCH_GROUP);
  SAME("list", e->list, (const gkt_short *)a->all.list, (gkt_size)e->first_word[groups] * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD);
}

static void compare_waves(const gkt_row_patches *e, const gkt_row_patches *f) {
  const gkt_patch_waves x = gkt_row_patches_count_waves(e), y = gkt_row_patches_count_waves(f);
  assert_int_equal(x.sum_loads, y.sum_loads), assert_int_equal(x.sum_waves, y.sum_waves), assert_int_equal(x.table_waves, y.table_waves),
      assert_int_equal(x.second_waves, y.second_waves);
  assert_int_equal(x.corner_loads, y.corner_loads), assert_int_equal(x.corner_waves, y.corner_waves);
  assert_int_equal(gkt_row_patches_bytes(e), gkt_row_patches_bytes(f));
}

static gkt_idx *order_along_curve(const patch_world *w) {
  const gkt_idx rows = w->reduce->pattern.num_nodes[0];
  const int dim = gkt_mesh_dim(w->mesh);
  gkt_idx *order = malloc((size_t)rows * sizeof *order);
  double *x = calloc((size_t)rows * 3, sizeof *x);
  for (gkt_idx i = 0; i < rows; i++) {
    order[i] = i;
    for (int d = 0; d < dim; d++) x[3 * i + d] = gkt_space_coords(w->space)[i * dim + d];
  }
  must(gkt_order_along_curve(ctx, GKT_HILBERT, x, rows, order), "order");
  free(x);
  return order;
}

static void check_world(patch_world *w, bool curve, gkt_idx rows, int window) {
  gkt_patch_limits limits = gkt_patch_limits_default(227 * 1024);
  const gkt_device_patch_input in = {&w->input, w->incidence, curve ? gkt_space_coords(w->space) : NULL, true};
  gkt_copies copies = {.ctx = ctx, .device = device};
  gkt_row_patches *expected, *found;
  gkt_patch_arrays arrays;
  gkt_idx *order = curve ? order_along_curve(w) : NULL;
  char why[200];
  limits.rows = rows;
  w->input.order = order, w->input.window = window;
  must(gkt_row_patches_create(ctx, &w->input, &limits, &expected, why), "patches");
  if (!expected) fail_msg("%s", why);
  must(gkt_device_patches_create(ctx, &copies, &in, &limits, &found, &arrays, why), "patches on the device");
  if (!found) fail_msg("%s", why);
  compare(expected, found, &arrays);
  compare_waves(expected, found);
  gkt_row_patches_destroy(&expected), gkt_row_patches_destroy(&found);
  gkt_patch_arrays_clear(&arrays);
  gkt_copies_clear(&copies);
  free(order);
}

static void check(gkt_mesh *mesh, int degree, int components, int arity, bool half, int record, int sources) {
  patch_world w;
  make_patch_world(mesh, degree, components, arity, half, sources, &w);
  w.input.pairs = record, w.input.record[0] = record, w.input.apart[0] = degree == 1 ? components : 0, w.input.tables = record && degree > 1 ? 495 : 0,
  w.input.sets = components == 2 ? 3 : 0;
  for (int k = 0; record && k < w.input.num_sources; k++) w.sources[k].own = w.sources[k].cells ? 9 + k : 0;
  check_world(&w, true, 1024, 32);
  check_world(&w, false, 7, 0);
  w.input.once = arity == 2 && (half || record);
  if (w.input.once) check_world(&w, true, 40, 32), check_world(&w, false, 1024, 0);
  free_patch_world(&w);
  assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
}

static void every_mesh(void **state) {
  (void)state;
  begin();
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    const int n = mesh_kinds[m].fewest > 2 ? mesh_kinds[m].fewest : 2;
    check(renumbered(unit_mesh((mesh_kind)m, n), 3), 1, 1, 2, true, 0, 1 + m % 3);
    check(unit_mesh((mesh_kind)m, n), 1, 1, 1, false, 0, 1 + (m + 1) % 3);
  }
}

static void spaces_blocks_and_facets(void **state) {
  (void)state;
  begin();
  check(renumbered(unit_mesh(TETRAHEDRA, 5), 3), 1, 1, 2, true, 0, 1); /* several patches along the curve */
  check(unit_mesh(TETRAHEDRA, 2), 2, 1, 2, true, 0, 3);
  check(unit_mesh(TETRAHEDRA, 2), 1, 3, 2, true, 0, 2);
  check(unit_mesh(TETRAHEDRA, 2), 1, 3, 2, false, 0, 1);
  check(unit_mesh(TRIANGLES, 4), 3, 1, 2, true, 0, 2);
  check(unit_mesh(MIXED_PLANE, 3), 2, 2, 1, false, 0, 3);
  check(unit_mesh(HEXAHEDRA, 2), 2, 3, 1, false, 0, 1);
  check(unit_mesh(HEXAHEDRA, 2), 1, 1, 2, false, 0, 1);
  check(unit_mesh(TETRAHEDRA, 4), 1, 3, 2, false, 14, 1);
  check(unit_mesh(TRIANGLES, 9), 1, 2, 2, false, 9, 1);
  check(unit_mesh(TETRAHEDRA, 1), 2, 3, 2, false, 12, 1);
  check(unit_mesh(TETRAHEDRA, 3), 1, 3, 2, false, 14, 3); /* entities with records of their own */
  check(unit_mesh(TRIANGLES, 9), 1, 2, 2, false, 9, 2);
  check(unit_mesh(MIXED_SPACE, 3), 1, 3, 2, true, 14, 3); /* records of one block, tensors of the others */
}

/* Rows that stand elsewhere, as those of several fields do. */
static void rows_in_other_places(void **state) {
  (void)state;
  patch_world w;
  begin();
  make_patch_world(unit_mesh(TRIANGLES, 4), 1, 2, 2, true, 1, &w);
  const gkt_idx rows = w.reduce->pattern.num_nodes[0];
  gkt_idx *first = malloc((size_t)rows * sizeof *first), *stride = malloc((size_t)rows * sizeof *stride);
  for (gkt_idx r = 0; r < rows; r++) first[r] = 1000 * r + 3, stride[r] = 40 + r;
  w.reduce->embedding = (gkt_embedding){first, stride};
  check_world(&w, true, 1024, 32);
  free_patch_world(&w);
  free(first), free(stride);
}

static void limits_and_segments(void **state) {
  (void)state;
  patch_world w;
  begin();
  make_patch_world(unit_mesh(LINES, GKT_PATCH_SEGMENT + 100), 1, 1, 2, true, 1, &w); /* more rows than a segment has */
  check_world(&w, false, 1000, 0);
  free_patch_world(&w);
}

static void any_order(void **state) {
  (void)state;
  use_random_order(3);
  begin();
  check(renumbered(unit_mesh(MIXED_SPACE, 3), 5), 1, 1, 2, true, 0, 3);
  use_random_order(0);
}

/* A fan of triangles around one node. */
static void what_is_not_planned(void **state) {
  (void)state;
  enum { BLADES = 1100 };
  double *coords = calloc((BLADES + 1) * 2, sizeof *coords);
  gkt_idx *cells = malloc(BLADES * 3 * sizeof *cells);
  gkt_mesh *mesh;
  patch_world w;
  begin();
  for (int i = 0; i < BLADES; i++) {
    coords[2 * i + 2] = cos(2 * M_PI * i / BLADES), coords[2 * i + 3] = sin(2 * M_PI * i / BLADES);
    cells[3 * i] = 0, cells[3 * i + 1] = i + 1, cells[3 * i + 2] = (i + 1) % BLADES + 1;
  }
  must(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, BLADES + 1, coords, BLADES, cells, &mesh), "fan");
  make_patch_world(mesh, 1, 1, 2, true, 1, &w);
  const struct {
    gkt_patch_limits limits;
    const char *why;
  } cases[] = {{{1024, 4096, 4096, 16384, 200000}, "a node has more than 1024 neighbours"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const gkt_device_patch_input in = {&w.input, w.incidence, gkt_space_coords(w.space), true};
    gkt_copies copies = {.ctx = ctx, .device = device};
    gkt_row_patches *found;
    gkt_patch_arrays arrays;
    char why[200];
    must(gkt_device_patches_create(ctx, &copies, &in, &cases[k].limits, &found, &arrays, why), "patches on the device");
    assert_null(found);
    assert_string_equal(why, cases[k].why);
    assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
    gkt_copies_clear(&copies);
  }
  free_patch_world(&w);
  free(coords), free(cells);
}

/* Once for each barrier that is taken out of the kernels (t035). */
static void brief(void **state) {
  (void)state;
  begin();
  check(renumbered(unit_mesh(MIXED_SPACE, 3), 5), 1, 1, 2, true, 0, 3);
  check(unit_mesh(TRIANGLES, 14), 1, 1, 2, true, 0, 3); /* more cells than threads */
}

int main(int count, char **arguments) {
  const struct CMUnitTest one[] = {cmocka_unit_test(brief)};
  use_emulated_device();
  if (count > 1 && strcmp(arguments[1], "brief") == 0) return cmocka_run_group_tests(one, setup, teardown);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_mesh), cmocka_unit_test(spaces_blocks_and_facets), cmocka_unit_test(rows_in_other_places), cmocka_unit_test(limits_and_segments),
      cmocka_unit_test(any_order),  cmocka_unit_test(what_is_not_planned)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
