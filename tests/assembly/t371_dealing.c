/* Claim: counts of wavefronts in shared memory are those of a count by hand, warp by warp, on plans of random meshes; dealing lowers them on regular and on random meshes, for sums
   and for corners, and wider windows do not raise them again (by more than 2 %). Successive cells of a Hilbert curve touch, and its patches compute fewer cells than those of
   Morton's. */
#include "tests/patch_plans.h"

#include "meshes/mesh.h"

/* Rounds of a load by 16 lanes: each serves one address of each bank, and all lanes that ask for it. */
static int rounds(int count, const int *addresses) {
  bool served[16] = {false};
  int left = count, n = 0;
  for (; left > 0; n++) {
    int taken[16];
    for (int b = 0; b < 16; b++) taken[b] = -1;
    for (int l = 0; l < count; l++) {
      const int bank = addresses[l] % 16;
      if (served[l]) continue;
      if (taken[bank] < 0) taken[bank] = addresses[l];
      if (taken[bank] == addresses[l]) served[l] = true, left--;
    }
  }
  return n;
}

static gkt_patch_waves count_by_hand(const gkt_row_patches *p) {
  const int cols = p->blocks[0].nodes[1], pairs = p->blocks[0].nodes[0] * cols;
  gkt_patch_waves w = {0};
  int at[16];
  for (gkt_size row = 0; row < (gkt_size)p->first_word[p->first_group[p->num_patches]] * 4; row++) { /* [word][half of the slots], two codes each */
    for (int node = 0; node <= p->pairs; node++) {
      int count = 0;
      for (int l = 0; l < 16; l++) {
        const int code = p->list[(row / 4 * 32 + row % 2 * 16 + l) * 2 + row % 4 / 2];
        const int a = code % pairs / cols, b = code % pairs % cols;
        if (p->pairs && node && (a == b || !p->blocks[0].apart)) continue; /* the second node is the first one: nothing is read */
        at[count++] = p->pairs ? code / pairs * p->blocks[0].record + (node ? b : a) * p->blocks[0].apart : code & 0x7FFF;
      }
      w.sum_loads++, *(node ? &w.second_waves : &w.sum_waves) += rounds(count, at);
    }
    for (int l = 0; l < 16; l++) at[l] = p->list[(row / 4 * 32 + row % 2 * 16 + l) * 2 + row % 4 / 2] % pairs;
    if (p->tables) w.table_waves += rounds(16, at);
  }
  for (int b = 0; b < p->num_blocks; b++)
    for (gkt_idx k = 0; k < p->num_patches; k++)
      for (gkt_idx i = p->blocks[b].first[k], end = p->blocks[b].first[k + 1]; i < end; i += 16)
        for (int a = 0; a < p->blocks[b].corners; a++) {
          const int count = end - i < 16 ? end - i : 16;
          for (int l = 0; l < count; l++) at[l] = p->blocks[b].numbers[(gkt_size)(i + l) * p->blocks[b].corners + a] * p->dim;
          w.corner_loads++, w.corner_waves += rounds(count, at);
        }
  return w;
}

static gkt_patch_waves waves_of(patch_world *w, int window) {
  const gkt_patch_limits limits = gkt_patch_limits_default(227 * 1024);
  gkt_row_patches *p;
  char why[200];
  w->input.window = window;
  must(gkt_row_patches_create(ctx, &w->input, &limits, &p, why), "patches");
  const gkt_patch_waves found = gkt_row_patches_count_waves(p), expected = count_by_hand(p);
  assert_int_equal(found.sum_loads, expected.sum_loads);
  assert_int_equal(found.sum_waves, expected.sum_waves);
  assert_int_equal(found.second_waves, expected.second_waves);
  assert_int_equal(found.table_waves, expected.table_waves);
  assert_int_equal(found.corner_loads, expected.corner_loads);
  assert_int_equal(found.corner_waves, expected.corner_waves);
  gkt_row_patches_destroy(&p);
  return found;
}

static void deal_mesh(gkt_mesh *mesh, int degree, int components, int record, double sums, double corners) {
  patch_world w;
  make_patch_world(mesh, degree, components, 2, !record, 1, &w);
  w.input.pairs = record, w.input.record[0] = record, w.input.apart[0] = degree == 1 ? 3 : 0, w.input.tables = degree == 1 ? 0 : 495;
  const gkt_patch_waves plain = waves_of(&w, 0), narrow = waves_of(&w, 16), wide = waves_of(&w, 128);
  if (!((double)narrow.sum_waves < sums * (double)plain.sum_waves && (double)narrow.corner_waves < corners * (double)plain.corner_waves))
    fail_msg("sums %ld -> %ld, corners %ld -> %ld", (long)plain.sum_waves, (long)narrow.sum_waves, (long)plain.corner_waves, (long)narrow.corner_waves);
  assert_true((double)wide.sum_waves <= 1.02 * (double)narrow.sum_waves);
  free_patch_world(&w);
}

static void dealing_lowers(void **state) {
  (void)state;
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED, .threads = 2});
  deal_mesh(unit_mesh(TETRAHEDRA, 8), 1, 1, 0, 0.9, 0.85);
  deal_mesh(renumbered(unit_mesh(TETRAHEDRA, 6), 3), 1, 1, 0, 0.9, 0.85);
  deal_mesh(unit_mesh(TETRAHEDRA, 4), 2, 1, 0, 0.85, 0.9);
  deal_mesh(unit_mesh(TETRAHEDRA, 4), 1, 3, 0, 0.98, 0.95);
  deal_mesh(unit_mesh(TETRAHEDRA, 8), 1, 3, 14, 0.95, 0.9);
  deal_mesh(unit_mesh(TETRAHEDRA, 4), 2, 3, 12, 0.95, 0.9);
  deal_mesh(unit_mesh(MIXED_SPACE, 4), 1, 1, 0, 0.9, 0.98);
}

/* ---- orders ---- */
static gkt_idx *order_along(gkt_curve curve, gkt_mesh *mesh) {
  const gkt_idx count = gkt_mesh_num_nodes(mesh);
  gkt_idx *order = malloc((size_t)count * sizeof *order);
  for (gkt_idx i = 0; i < count; i++) order[i] = i;
  must(gkt_order_along_curve(ctx, curve, gkt_mesh_coords(mesh), count, order), "order");
  return order;
}

static gkt_size computed(patch_world *w, gkt_curve curve, gkt_idx rows) {
  gkt_patch_limits limits = {rows, 1024, 4096, 16384, 220 * 1024};
  gkt_row_patches *p;
  char why[200];
  gkt_idx *order = order_along(curve, w->mesh);
  w->input.order = order, w->input.window = 0;
  must(gkt_row_patches_create(ctx, &w->input, &limits, &p, why), "patches");
  const gkt_size count = p->num_computed;
  gkt_row_patches_destroy(&p);
  free(order);
  return count;
}

static void hilbert_computes_less(void **state) {
  (void)state;
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED});
  patch_world w;
  make_patch_world(unit_mesh(TETRAHEDRA, 12), 1, 1, 2, true, 1, &w);
  for (gkt_idx rows = 64; rows <= 256; rows *= 2) {
    const gkt_size hilbert = computed(&w, GKT_HILBERT, rows), morton = computed(&w, GKT_MORTON, rows);
    if (hilbert >= morton) fail_msg("%d rows: %ld cells along Hilbert's curve, %ld along Morton's", (int)rows, (long)hilbert, (long)morton);
  }
  free_patch_world(&w);
}

/* On a grid of 2^k points a side, each point of the curve is a neighbour of the next. */
static void walk(int points) {
  enum { N = 8, POINTS = N * N * N };
  double x[3 * POINTS];
  gkt_idx order[POINTS];
  for (int i = 0; i < points; i++) order[i] = i, x[3 * i] = i % N, x[3 * i + 1] = i / N % N, x[3 * i + 2] = i / N / N;
  must(gkt_order_along_curve(ctx, GKT_HILBERT, x, points, order), "order");
  for (int i = 1; i < points; i++) {
    double distance = 0;
    for (int d = 0; d < 3; d++) distance += fabs(x[3 * order[i] + d] - x[3 * order[i - 1] + d]);
    assert_true(distance == 1);
  }
}

static void neighbours_touch(void **state) {
  (void)state;
  use_context((gkt_context_options){.poison = true});
  walk(8 * 8 * 8);
  walk(8 * 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(dealing_lowers), cmocka_unit_test(hilbert_computes_less), cmocka_unit_test(neighbours_touch)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
