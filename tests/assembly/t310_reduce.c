/* Claim: the reduce sums element tensors into the right places of a sorted pattern, exactly for integers, for any block sizes, several cell blocks, vectors and numbers;
   symmetric tensors give a bitwise symmetric matrix; bits do not depend on the number of threads; running twice gives the same bits and overwrites what was there.
   All of this for every strategy. More contributions than lists can name are refused, with what would do. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/reduce_strategy.h"

enum { MOST = 144 };
typedef struct {
  gkt_incidence blocks[2];
  int num_blocks;
  gkt_idx num_nodes[2];
  int size[2];
  gkt_scalar *tensors[2]; /* [tile][pairs][block][GKT_LANES] */
} work;

static uint32_t random_bits(uint32_t *seed) { return *seed = *seed * 1664525u + 1013904223u, *seed >> 8; }

/* Cells of consecutive nodes with a few far ones: many chunks share pairs, most do not. */
static gkt_idx *random_nodes(uint32_t *seed, gkt_idx cells, int per_cell, gkt_idx nodes) {
  gkt_idx *out = calloc((size_t)cells * (size_t)per_cell, sizeof *out);
  for (gkt_idx c = 0; c < cells; c++)
    for (int a = 0; a < per_cell; a++) {
      gkt_idx base = (gkt_idx)((gkt_size)c * (nodes - 20) / cells);
      out[c * per_cell + a] = random_bits(seed) % 50 ? base + 2 * a + (gkt_idx)(random_bits(seed) % 2) : (gkt_idx)(2 * (random_bits(seed) % (uint32_t)(nodes / 2 - 1)));
    }
  return out;
}

static gkt_size tensor_index(const work *w, int b, gkt_idx cell, int pair, int i) {
  int pairs = w->blocks[b].num[0] * w->blocks[b].num[1], block = w->size[0] * w->size[1];
  return (((gkt_size)(cell / GKT_LANES) * pairs + pair) * block + i) * GKT_LANES + cell % GKT_LANES;
}

static void make_tensors(work *w, uint32_t *seed, bool integers) {
  for (int b = 0; b < w->num_blocks; b++) {
    gkt_size n = ((gkt_size)w->blocks[b].num_cells + GKT_LANES) * w->blocks[b].num[0] * w->blocks[b].num[1] * w->size[0] * w->size[1];
    w->tensors[b] = calloc((size_t)n, sizeof(gkt_scalar));
    for (gkt_size k = 0; k < n; k++) w->tensors[b][k] = integers ? (double)(random_bits(seed) % 2001) - 1000 : (double)random_bits(seed) / 1e7 - 0.8;
  }
}

static void run(gkt_reduce *r, const work *w, gkt_scalar *values) {
  gkt_scalar *scratch = malloc((size_t)r->max_sums * (size_t)r->block * sizeof *scratch + 1);
  gkt_reduce_poison(r);
  for (gkt_size k = 0; k < gkt_reduce_num_values(r); k++) values[k] = NAN;
  for (int c = 0; c < r->num_chunks; c++) {
    const gkt_chunk *k = &r->chunks[c];
    gkt_scalar *sums = gkt_reduce_begin(r, c, scratch);
    for (gkt_idx first = k->first; first < k->first + k->count; first += GKT_LANES) {
      gkt_idx left = k->first + k->count - first, n = left < GKT_LANES ? left : GKT_LANES;
      gkt_scalar tile[MOST * GKT_LANES];
      for (int p = 0; p < k->pairs; p++)
        for (int i = 0; i < r->block; i++)
          for (int l = 0; l < GKT_LANES; l++) tile[(p * r->block + i) * GKT_LANES + l] = l < n ? w->tensors[k->block][tensor_index(w, k->block, first + l, p, i)] : NAN;
      gkt_reduce_add(r, c, n, NULL, first, tile, 0, sums);
    }
    gkt_reduce_flush(r, c, sums, values);
  }
  gkt_reduce_join(r, values);
  free(scratch);
}

static gkt_reduce *reduce_of(gkt_context *ctx, const work *w) {
  gkt_reduce *r;
  gkt_idx sizes[2];
  for (int b = 0; b < w->num_blocks; b++) sizes[b] = gkt_reduce_chunk_size(1, &w->blocks[b], (const int[]){w->size[0] * w->size[1]}, (const bool[]){false});
  assert_int_equal(gkt_reduce_create(ctx, w->num_blocks, w->blocks, w->num_nodes, w->size, false, sizes, &r), GKT_OK);
  assert_int_equal(gkt_reduce_plan(r, w->num_blocks, w->blocks, (gkt_embedding){0}), GKT_OK);
  return r;
}

/* Where scalar (i,j) of the pair (row, col) is stored; fails if the pattern does not have it. */
static gkt_size place_of(const gkt_reduce *r, gkt_idx row, gkt_idx col, int i, int j) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx start = p->offsets[row], length = p->offsets[row + 1] - start, k = 0;
  while (k < length && p->cols[start + k] != col) k++;
  assert_true(k < length);
  return (gkt_size)start * r->block + (gkt_size)i * length * p->block_size[1] + k * p->block_size[1] + j;
}

static gkt_scalar *oracle(const gkt_reduce *r, const work *w) {
  gkt_scalar *values = calloc((size_t)gkt_reduce_num_values(r) + 1, sizeof *values);
  for (int b = 0; b < w->num_blocks; b++) {
    const gkt_incidence *in = &w->blocks[b];
    for (gkt_idx c = 0; c < in->num_cells; c++)
      for (int x = 0; x < in->num[0]; x++)
        for (int y = 0; y < in->num[1]; y++)
          for (int i = 0; i < w->size[0]; i++)
            for (int j = 0; j < w->size[1]; j++) {
              gkt_idx row = in->nodes[0] ? in->nodes[0][c * in->num[0] + x] : 0, col = in->nodes[1] ? in->nodes[1][c * in->num[1] + y] : 0;
              values[place_of(r, row, col, i, j)] += w->tensors[b][tensor_index(w, b, c, x * in->num[1] + y, i * w->size[1] + j)];
            }
  }
  return values;
}

static void sorted(const gkt_pattern *p, bool diagonal) {
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) {
    bool found = !diagonal;
    for (gkt_idx k = p->offsets[r]; k < p->offsets[r + 1]; k++) {
      if (k > p->offsets[r]) assert_true(p->cols[k] > p->cols[k - 1]);
      found |= p->cols[k] == r;
    }
    assert_true(found);
  }
}

static void work_free(work *w) {
  for (int b = 0; b < w->num_blocks; b++) {
    for (int i = 0; i < 2; i++)
      if (i == 0 || w->blocks[b].nodes[1] != w->blocks[b].nodes[0]) free((void *)(uintptr_t)w->blocks[b].nodes[i]);
    free(w->tensors[b]);
  }
}

/* Do the chunks use every way to store a sum? */
static void uses_all_ways(const gkt_reduce *r) {
  for (int w = 0; w < GKT_NUM_WAYS; w++) {
    bool used = false;
    for (int c = 0; c < r->num_chunks; c++) used |= r->chunks[c].ways[w + 1] > r->chunks[c].ways[w];
    assert_true(used);
  }
}

static void check_strategy(const work *w, bool square, gkt_reduce_strategy strategy) {
  gkt_scalar *first = NULL;
  gkt_size bytes = 0;
  for (int threads = 1; threads <= 4; threads += threads) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = threads, .poison = true, .reduce = strategy}, &ctx), GKT_OK);
    gkt_reduce *r = reduce_of(ctx, w);
    gkt_scalar *expected = oracle(r, w), *values = malloc((size_t)gkt_reduce_num_values(r) * sizeof *values);
    bytes = gkt_reduce_num_values(r) * (gkt_size)sizeof *values;
    memset(values, 0xFF, (size_t)bytes);
    sorted(&r->pattern, square);
    if (strategy == GKT_REDUCE_FUSED && r->num_chunks > 2 * r->num_teams) uses_all_ways(r);
    for (int repeat = 0; repeat < 2; repeat++) {
      run(r, w, values);
      for (gkt_size k = 0; k < gkt_reduce_num_values(r); k++) assert_true(values[k] == expected[k]); /* integers below 2^53: sums are exact */
    }
    if (!first) memcpy(first = malloc((size_t)bytes), values, (size_t)bytes);
    assert_memory_equal(first, values, bytes);
    free(expected), free(values);
    gkt_reduce_destroy(&r);
    gkt_context_destroy(&ctx);
  }
  free(first);
}

static void check(work *w, bool square) {
  for (int s = GKT_REDUCE_AUTO; s <= GKT_REDUCE_SPMM; s++) check_strategy(w, square, (gkt_reduce_strategy)s);
  work_free(w);
}

static void square_matrices(void **state) {
  (void)state;
  for (int block = 1; block <= 3; block++) {
    uint32_t seed = 7;
    gkt_idx cells = block == 1 ? 9001 : 18001; /* 3, then 18 or more chunks */
    work w = {.num_blocks = 1, .num_nodes = {3000, 3000}, .size = {block, block}};
    gkt_idx *nodes = random_nodes(&seed, cells, 4, 3000);
    w.blocks[0] = (gkt_incidence){cells, {4, 4}, {nodes, nodes}};
    make_tensors(&w, &seed, true);
    check(&w, true);
  }
}

static void rectangular_of_two_blocks(void **state) {
  (void)state;
  uint32_t seed = 3;
  work w = {.num_blocks = 2, .num_nodes = {1200, 700}, .size = {2, 1}};
  w.blocks[0] = (gkt_incidence){2999, {4, 3}, {random_nodes(&seed, 2999, 4, 1200), random_nodes(&seed, 2999, 3, 700)}};
  w.blocks[1] = (gkt_incidence){1777, {3, 5}, {random_nodes(&seed, 1777, 3, 1200), random_nodes(&seed, 1777, 5, 700)}};
  make_tensors(&w, &seed, true);
  check(&w, false);
}

static void vectors_and_numbers(void **state) {
  (void)state;
  uint32_t seed = 5;
  work v = {.num_blocks = 1, .num_nodes = {3000, 1}, .size = {3, 1}};
  v.blocks[0] = (gkt_incidence){9001, {4, 1}, {random_nodes(&seed, 9001, 4, 3000), NULL}};
  make_tensors(&v, &seed, true);
  check(&v, false);
  work n = {.num_blocks = 1, .num_nodes = {1, 1}, .size = {1, 1}};
  n.blocks[0] = (gkt_incidence){30001, {1, 1}, {NULL, NULL}};
  make_tensors(&n, &seed, true);
  check(&n, false);
}

/* The worst numbering for `fused`: no two cells of a chunk share a node, and every team has a cell at every node, so each contribution becomes a partial sum. */
static void scattered_cells_are_segmented(void **state) {
  (void)state;
  enum { CELLS = 8 * 4096, NODES = 4 * 4096 };
  uint32_t seed = 9;
  gkt_context *ctx;
  work w = {.num_blocks = 1, .num_nodes = {NODES, 1}, .size = {1, 1}};
  gkt_idx *nodes = calloc(4 * CELLS, sizeof *nodes);
  for (gkt_idx k = 0; k < 4 * CELLS; k++) nodes[k] = k % NODES;
  w.blocks[0] = (gkt_incidence){CELLS, {4, 1}, {nodes, NULL}};
  make_tensors(&w, &seed, true);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  gkt_reduce *r = reduce_of(ctx, &w);
  assert_string_equal(gkt_reduce_name(r), "segmented");
  for (int k = 0; k < GKT_NUM_STRATEGIES; k++) assert_true(r->bytes[k] > 0 && gkt_reduce_bytes(r) <= r->bytes[k]);
  assert_true(r->slots == NULL && r->places.first == NULL); /* nothing of the other plan is left */
  gkt_reduce_destroy(&r);
  gkt_context_destroy(&ctx);
  check(&w, false);
}

static void symmetric_in(const work *w, gkt_reduce_strategy strategy) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.reduce = strategy}, &ctx), GKT_OK);
  gkt_reduce *r = reduce_of(ctx, w);
  assert_true(r->num_chunks > 3 && r->num_teams > 3 && r->num_kept > 0);
  gkt_scalar *values = malloc((size_t)gkt_reduce_num_values(r) * sizeof *values), *sum = oracle(r, w);
  run(r, w, values);
  for (gkt_idx i = 0; i < 2000; i++)
    for (gkt_idx k = r->pattern.offsets[i]; k < r->pattern.offsets[i + 1]; k++) {
      assert_true(values[k] == values[place_of(r, r->pattern.cols[k], i, 0, 0)]);
      assert_true(fabs(values[k] - sum[k]) <= 1e-12); /* terms of size 1, a few thousand at most on the far nodes */
    }
  free(values), free(sum);
  gkt_reduce_destroy(&r);
  gkt_context_destroy(&ctx);
}

static void symmetric_stays_symmetric(void **state) {
  (void)state;
  uint32_t seed = 11;
  work w = {.num_blocks = 1, .num_nodes = {2000, 2000}, .size = {1, 1}};
  gkt_idx *nodes = random_nodes(&seed, 20000, 4, 2000);
  w.blocks[0] = (gkt_incidence){20000, {4, 4}, {nodes, nodes}};
  make_tensors(&w, &seed, false);
  for (gkt_idx c = 0; c < 20000; c++)
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < a; b++) w.tensors[0][tensor_index(&w, 0, c, a * 4 + b, 0)] = w.tensors[0][tensor_index(&w, 0, c, b * 4 + a, 0)];
  for (int s = GKT_REDUCE_FUSED; s <= GKT_REDUCE_SPMM; s++) symmetric_in(&w, (gkt_reduce_strategy)s);
  work_free(&w);
}

/* Segments are cut into runs, and fused into chunks: a million equal terms, the worst case of rounding, lose 1e-12 of their sum at most; one loop would lose 1e-11. */
static void long_sums_stay_exact(void **state) {
  (void)state;
  enum { CELLS = 1000000 };
  work w = {.num_blocks = 1, .num_nodes = {1, 1}, .size = {1, 1}};
  uint32_t seed = 1;
  w.blocks[0] = (gkt_incidence){CELLS, {1, 1}, {NULL, NULL}};
  make_tensors(&w, &seed, true);
  for (gkt_idx k = 0; k < CELLS + GKT_LANES; k++) w.tensors[0][k] = 0.1;
  for (int s = GKT_REDUCE_FUSED; s <= GKT_REDUCE_SPMM; s++) {
    gkt_context *ctx;
    gkt_scalar sum;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.reduce = (gkt_reduce_strategy)s}, &ctx), GKT_OK);
    gkt_reduce *r = reduce_of(ctx, &w);
    run(r, &w, &sum);
    assert_true(fabs(sum - 0.1 * CELLS) <= 1e-12 * 0.1 * CELLS);
    gkt_reduce_destroy(&r);
    gkt_context_destroy(&ctx);
  }
  work_free(&w);
}

static void lists_have_an_end(void **state) {
  (void)state;
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = 1}, &ctx), GKT_OK);
  gkt_idx offsets[] = {0, 1};
  const gkt_reduce r = {.ctx = ctx, .block = 1, .num_contributions = (gkt_size)INT32_MAX + 1, .pattern = {.num_nodes = {1, 1}, .offsets = offsets}};
  gkt_segments lists = {0};
  assert_int_equal(gkt_segments_make(&r, NULL, &lists), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "the cells have 2147483648 pairs of nodes in all; expected at most 2147483647"));
  assert_null(lists.offsets), assert_null(lists.order);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(square_matrices),           cmocka_unit_test(rectangular_of_two_blocks),
                                     cmocka_unit_test(vectors_and_numbers),       cmocka_unit_test(scattered_cells_are_segmented),
                                     cmocka_unit_test(symmetric_stays_symmetric), cmocka_unit_test(long_sums_stay_exact),
                                     cmocka_unit_test(lists_have_an_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
