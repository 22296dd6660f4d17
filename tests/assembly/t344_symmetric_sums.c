/* Claim: where tensors are symmetric the reduce keeps one sum for the pairs (i,j) and (j,i), reads of each tensor the pairs a <= b alone, and gives what it gives of the whole
   tensors, exactly for integers: for blocks of 1 to 3 rows, several cell blocks. Sets of a batch and any number of threads give the same bits. Cells that have a node twice are
   summed from whole tensors. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/reduce.h"

enum { CELLS = 9001, NODES = 3000, MOST = 8 * 8 * 9 };
typedef struct {
  gkt_incidence blocks[2];
  int rows;
} work;

static uint32_t random_bits(uint32_t *seed) { return *seed = *seed * 1664525u + 1013904223u, *seed >> 8; }

/* Different nodes in any order, near each other but for a few far ones. */
static gkt_idx *random_nodes(uint32_t *seed, int per_cell) {
  gkt_idx *out = calloc((size_t)CELLS * (size_t)per_cell, sizeof *out);
  for (gkt_idx c = 0; c < CELLS; c++)
    for (int a = 0; a < per_cell; a++) {
      gkt_idx near = (gkt_idx)((gkt_size)c * (NODES - 100) / CELLS) + (gkt_idx)(random_bits(seed) % 60), far = (gkt_idx)(random_bits(seed) % NODES);
      gkt_idx node = random_bits(seed) % 50 ? near : far;
      for (int b = 0; b < a; b++) /* NODES and steps of 7 have no common factor */
        if (out[c * per_cell + b] == node) node = (node + 7) % NODES, b = -1;
      out[c * per_cell + a] = node;
    }
  return out;
}

static work make_work(uint32_t *seed, int rows) {
  work w = {.rows = rows};
  for (int b = 0; b < 2; b++) {
    gkt_idx *nodes = random_nodes(seed, b ? 8 : 4);
    w.blocks[b] = (gkt_incidence){CELLS, {b ? 8 : 4, b ? 8 : 4}, {nodes, nodes}};
  }
  return w;
}

static void work_free(work *w) {
  for (int b = 0; b < 2; b++) free((void *)(uintptr_t)w->blocks[b].nodes[0]);
}

static bool integers; /* are entries integers, whose sums are exact? */

/* Entry (i,j) of the pair (a,b) of the cell, that of (j,i) of (b,a) */
static gkt_scalar entry(int block, gkt_idx cell, int a, int b, int i, int j) {
  bool turn = a > b || (a == b && i > j);
  uint32_t seed = (uint32_t)(((((block * CELLS + cell) * 8 + (turn ? b : a)) * 8 + (turn ? a : b)) * 3 + (turn ? j : i)) * 3 + (turn ? i : j));
  for (int k = 0; k < 3; k++) random_bits(&seed);
  return integers ? (double)(random_bits(&seed) % 2001) - 1000 : (double)random_bits(&seed) / 1e7 - 0.8;
}

/* tile [pairs][block][GKT_LANES] of cells first .. first+n-1; half: what need not be read is NaN */
static void fill(const work *w, const gkt_chunk *c, gkt_idx first, gkt_idx n, bool half, gkt_scalar *tile) {
  for (int a = 0; a < c->nodes; a++)
    for (int b = 0; b < c->nodes; b++)
      for (int i = 0; i < w->rows; i++)
        for (int j = 0; j < w->rows; j++)
          for (int l = 0; l < GKT_LANES; l++, tile++) *tile = l >= n || (half && a > b) ? NAN : entry(c->block, first + l, a, b, i, j);
}

static void run(gkt_reduce *r, const work *w, gkt_scalar *values) {
  gkt_scalar *scratch = malloc((size_t)r->max_sums * (size_t)r->block * sizeof *scratch), tile[MOST * GKT_LANES];
  gkt_reduce_poison(r);
  for (gkt_size k = 0; k < gkt_reduce_num_values(r); k++) values[k] = NAN;
  for (int c = 0; c < r->num_chunks; c++) {
    const gkt_chunk *k = &r->chunks[c];
    gkt_scalar *sums = gkt_reduce_begin(r, c, scratch);
    for (gkt_idx first = k->first; first < k->first + k->count; first += GKT_LANES) {
      gkt_idx left = k->first + k->count - first, n = left < GKT_LANES ? left : GKT_LANES;
      fill(w, k, first, n, r->half, tile);
      gkt_reduce_add(r, c, n, NULL, first, tile, 0, sums);
    }
    gkt_reduce_flush(r, c, sums, values);
  }
  gkt_reduce_join(r, values);
  free(scratch);
}

/* All lanes are one set of a batch: each has its values. */
static void run_sets(gkt_reduce *r, const work *w, gkt_scalar *values) {
  gkt_size n = gkt_reduce_num_values(r);
  gkt_scalar *sums = malloc((size_t)r->max_sums * (size_t)r->block * GKT_LANES * sizeof *sums), *kept = malloc(((size_t)r->num_kept + 1) * GKT_LANES * sizeof *kept);
  static gkt_scalar one[MOST * GKT_LANES], all[MOST * GKT_LANES];
  for (int c = 0; c < r->num_chunks; c++) {
    const gkt_chunk *k = &r->chunks[c];
    gkt_fused_begin_sets(r, c, sums);
    for (gkt_idx cell = k->first; cell < k->first + k->count; cell++) {
      fill(w, k, cell, 1, r->half, one);
      for (int i = 0; i < k->pairs * r->block; i++)
        for (int l = 0; l < GKT_LANES; l++) all[i * GKT_LANES + l] = one[i * GKT_LANES];
      gkt_fused_add_sets(r, c, 1, NULL, cell, all, sums);
    }
    gkt_fused_flush_sets(r, c, sums, kept, GKT_LANES, n, values);
  }
  gkt_fused_join_sets(r, kept, GKT_LANES, n, values);
  free(sums), free(kept);
}

static gkt_reduce *reduce_of(gkt_context *ctx, const work *w, bool symmetric) {
  gkt_reduce *r;
  gkt_idx sizes[2];
  for (int b = 0; b < 2; b++) sizes[b] = gkt_reduce_chunk_size(1, &w->blocks[b], (const int[]){w->rows * w->rows}, &symmetric);
  assert_int_equal(gkt_reduce_create(ctx, 2, w->blocks, (gkt_idx[2]){NODES, NODES}, (int[2]){w->rows, w->rows}, symmetric, sizes, &r), GKT_OK);
  assert_int_equal(gkt_reduce_plan(r, 2, w->blocks, (gkt_embedding){0}), GKT_OK);
  return r;
}

static gkt_scalar *values_of(const work *w, int threads, bool symmetric, bool half, int sets) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = threads, .poison = true, .reduce = GKT_REDUCE_FUSED}, &ctx), GKT_OK);
  gkt_reduce *r = reduce_of(ctx, w, symmetric);
  assert_int_equal(r->half, half);
  gkt_size n = gkt_reduce_num_values(r);
  gkt_scalar *values = malloc((size_t)n * (size_t)sets * sizeof *values);
  if (sets == 1) run(r, w, values);
  else run_sets(r, w, values);
  for (int s = 1; s < sets; s++) assert_memory_equal(values, values + s * n, (size_t)n * sizeof *values);
  for (gkt_size k = 0; k < n; k++) assert_true(isfinite(values[k]));
  values = realloc(values, (size_t)n * sizeof *values + 1);
  if (half) { /* one sum for two slots of a pair */
    gkt_size slots = 0, sums = 0;
    for (int c = 0; c < r->num_chunks; c++) slots += r->chunks[c].ways[GKT_NUM_WAYS], sums += r->chunks[c].num_sums;
    assert_true(sums < slots * 6 / 10);
  }
  gkt_reduce_destroy(&r);
  gkt_context_destroy(&ctx);
  return values;
}

static gkt_size count_values(const work *w) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  gkt_reduce *r = reduce_of(ctx, w, false);
  gkt_size n = gkt_reduce_num_values(r);
  gkt_reduce_destroy(&r);
  gkt_context_destroy(&ctx);
  return n;
}

static void check(const work *w, bool half) {
  size_t bytes = (size_t)count_values(w) * sizeof(gkt_scalar);
  integers = true;
  gkt_scalar *whole = values_of(w, 1, false, false, 1), *halved = values_of(w, 2, true, half, 1);
  assert_memory_equal(whole, halved, bytes);
  free(halved), free(whole);
  integers = false;
  gkt_scalar *one = values_of(w, 1, true, half, 1), *sets = values_of(w, 1, true, half, GKT_LANES);
  assert_memory_equal(one, sets, bytes);
  free(sets);
  for (int threads = 2; threads <= 4; threads += threads) {
    gkt_scalar *values = values_of(w, threads, true, half, 1);
    assert_memory_equal(one, values, bytes);
    free(values);
  }
  free(one);
}

static void sums_are_those_of_whole_tensors(void **unused) {
  (void)unused;
  for (int rows = 1; rows <= 3; rows++) {
    uint32_t seed = (uint32_t)rows;
    work w = make_work(&seed, rows);
    check(&w, true);
    work_free(&w);
  }
}

static void a_node_twice_in_a_cell_is_summed_twice(void **unused) {
  (void)unused;
  uint32_t seed = 5;
  work w = make_work(&seed, 2);
  gkt_idx *nodes = (gkt_idx *)(uintptr_t)w.blocks[1].nodes[0];
  nodes[8 * 8000 + 5] = nodes[8 * 8000 + 2];
  check(&w, false);
  work_free(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sums_are_those_of_whole_tensors), cmocka_unit_test(a_node_twice_in_a_cell_is_summed_twice)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
