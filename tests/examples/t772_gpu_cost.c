/* Claim: the cost of an assembly on a GPU is what counting by hand gives on two triangles, by segments and fused, whatever the machine code is; that of a product and of an
   iteration of CG what a matrix of three rows gives; seconds are those of the slowest of five rates. Who asks without the lists that are needed is refused. Skips where there is no
   NVRTC. */
#include "assembly/device_code.h"
#include "assembly/patches_emit.h"
#include "assembly/segments.h"
#include "core/device_cost.h"
#include "galerkit/solver.h"
#include "tests/field_problem.h"
#include "tests/nvrtc.h"

static void open_context(gkt_reduce_strategy reduce) {
  gkt_context_destroy(&ctx);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = reduce}, &ctx), "context");
}

/* -div grad u = 1 on the unit square of two triangles: 4 nodes, 14 pairs, 18 contributions. */
static void begin(field_problem *p) {
  const gkt_box box = {.shape = GKT_TRIANGLE, .dim = 2, .cells = {1, 1, 1}, .upper = {1, 1, 1}};
  gkt_mesh *mesh;
  must(gkt_mesh_box(ctx, &box, &mesh), "box");
  begin_problem(p, &kinds[0], mesh);
  pose_problem(p, "dot(grad(u), grad(v))*dx == v*dx", "0");
}

static void near(double value, double expected) {
  if (fabs(value - expected) > 1e-9 * fabs(expected)) fail_msg("%.17g, expected %.17g", value, expected);
}

static void segments_are_counted(void **unused) {
  field_problem p;
  gkt_gpu_prediction g;
  (void)unused;
  if (!nvrtc_is_found()) skip();
  open_context(GKT_REDUCE_SEGMENTED);
  begin(&p);
  must(gkt_assembler_predict(p.matrix, 90, GKT_REDUCE_SEGMENTED, &g), "prediction");
  assert_string_equal(g.card, "H200");
  assert_string_equal(g.method, "segmented");
  assert_true(g.items == 2 && g.computed == 2);
  near(g.floor_bytes, 2 * 3 * 4 + 4 * 2 * 8 + 14 * 8);           /* connectivity, coordinates, values */
  near(g.dram_bytes, g.floor_bytes + 18 * (2 * 8 + 4) + 14 * 4); /* tensors out and in, where contributions stand; where pairs begin */
  near(g.l2_bytes, g.floor_bytes + 18 * (32 + 16));              /* 32 bytes at least; reads share some */
  near(g.wavefronts, 2 * 18 + 4 * g.floor_bytes / 128);
  assert_true(g.fp64 > 2 * 9 + 18 && g.fp64 < 2 * 200 && g.instructions > g.fp64); /* at least an operation for each entry and contribution */
  end_problem(&p);
}

static double instructions_by_hand(const gkt_patch_shares *shares) {
  gkt_text text = {.ctx = ctx};
  gkt_cubin_kernel *kernels;
  gkt_patch_code code;
  char *image;
  int count;
  must(gkt_patches_source(shares, false, &text), "text");
  must(gkt_code_compile(ctx, (const char *const[]){text.data, NULL}, 90, &image, &count, &kernels), "machine code");
  must(gkt_patch_code_read(ctx, kernels, 90, &code), "loops");
  assert_int_equal(code.num_sources, 1);
  gkt_free(&kernels);
  gkt_free(&image);
  gkt_text_free(&text);
  /* two cells; one group of 32 slots with two contributions each; eight coordinates; 14 values */
  return 2 * code.sources[0].all + 64 * code.contribution.all + 32 * code.slot.all + 8 * code.coordinate.all + 14 * code.value.all;
}

static void patches_are_counted(void **unused) {
  field_problem p;
  gkt_gpu_prediction g;
  gkt_patch_shares shares;
  char why[200];
  (void)unused;
  if (!nvrtc_is_found()) skip();
  open_context(GKT_REDUCE_SEGMENTED);
  begin(&p);
  must(gkt_assembler_predict(p.matrix, 90, GKT_REDUCE_FUSED, &g), "prediction");
  must(gkt_patch_shares_create(p.matrix, 0, &shares, why), "shares");
  assert_string_equal(g.method, "fused");
  assert_true(g.items == 2 && g.computed == 2);
  /* corners of 16 bits, who a cell is nobody reads; nodes with coordinates; one word for each of 32 slots, and where the group begins; the slot of each pair; rows: where they
   * stand and pairs before; values */
  near(g.dram_bytes, 2 * 3 * 2 + 4 * (4 + 2 * 8) + 128 + 4 + 14 * 2 + 4 * 2 * 4 + 14 * 8);
  near(g.l2_bytes, 1.2 * g.dram_bytes);
  near(g.instructions, instructions_by_hand(&shares));
  gkt_patch_shares_clear(&shares);
  end_problem(&p);
}

static void lists_are_asked_for(void **unused) {
  field_problem p;
  gkt_gpu_prediction g;
  (void)unused;
  if (!nvrtc_is_found()) skip();
  open_context(GKT_REDUCE_FUSED);
  begin(&p);
  assert_int_equal(gkt_assembler_predict(p.matrix, 90, GKT_REDUCE_AUTO, &g), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "GKT_REDUCE_SEGMENTED"));
  gkt_context_clear(ctx);
  end_problem(&p);
}

/* Three rows of 2, 3, 2 entries, four threads each: 12 places of 12 bytes, three offsets, x and y. Seven lanes of one warp read x in one sector of one line. */
static void products_are_counted(void **unused) {
  gkt_idx offsets[] = {0, 2, 5, 7}, cols[] = {0, 1, 0, 1, 2, 1, 2};
  gkt_scalar vals[7] = {0};
  const gkt_csr A = {.num_rows = 3, .num_cols = 3, .block_size = 1, .row_offsets = offsets, .cols = cols, .vals = vals};
  gkt_gpu_prediction product, iteration;
  (void)unused;
  if (!nvrtc_is_found()) skip();
  must(gkt_linear_predict(ctx, &A, 90, &product, &iteration), "prediction");
  assert_string_equal(product.method, "CSR");
  near(product.dram_bytes, 12 * 12 + 3 * 4 + 2 * 3 * 8);
  near(product.l2_bytes, 12 * 12 + 3 * 4 + 3 * 8 + 32);
  near(product.wavefronts, (12 * 12 + 3 * 4 + 3 * 8) / 128.0 + 1);
  near(product.floor_bytes, 7 * 12 + 3 * 4 + 2 * 3 * 8);
  assert_true(product.fp64 >= 12 && product.fp64 < 12 + 12 * 10);                /* a product with a sum for each place; sums of a row's four threads */
  assert_true(product.instructions > 12 * 4 && product.instructions < 12 * 300); /* place, column, value, x and their sum; a thread's beginning and end */
  near(iteration.dram_bytes, product.dram_bytes + 13 * 3 * 8);                   /* thirteen vectors read or written */
  assert_true(iteration.fp64 > product.fp64 + 8 * 3);                            /* two in the direction, one in p'w, five in the update; the parts' sums */
  assert_true(product.launches == 1 && product.recorded == 0 && iteration.launches == 0 && iteration.recorded == 6);
}

/* Blocks of a vector field: an index for nine values. */
static void blocks_are_counted(void **unused) {
  gkt_idx offsets[7], cols[36];
  gkt_scalar vals[36] = {0};
  const gkt_csr A = {.num_rows = 6, .num_cols = 6, .block_size = 3, .row_offsets = offsets, .cols = cols, .vals = vals};
  gkt_gpu_prediction product, iteration;
  (void)unused;
  if (!nvrtc_is_found()) skip();
  for (int i = 0; i < 6; i++) offsets[i] = 6 * i;
  offsets[6] = 36;
  for (int k = 0; k < 36; k++) cols[k] = k % 6;
  must(gkt_linear_predict(ctx, &A, 90, &product, &iteration), "prediction");
  assert_string_equal(product.method, "BSR3");
  near(product.floor_bytes, 36 * 8 + 4 * 4 + 2 * 4 + 2 * 6 * 8); /* values, columns of blocks, offsets of rows of blocks, x and y */
  assert_true(product.floor_bytes <= product.dram_bytes);
  assert_true(product.dram_bytes < 12 * 8 * 6 + 6 * 4 + 2 * 6 * 8); /* what CSR would move, eight threads a row */
}

static void the_slowest_rate_tells(void **unused) {
  const gkt_device_rates rates = gkt_device_rates_of(90, 0);
  const gkt_device_cost cost = {.dram_bytes = 4.3e12, .wavefronts = 2 * 132 * 1.755e9, .l2_bytes = 5.5e11, .floor_bytes = 2.15e12};
  const gkt_device_prediction p = gkt_device_predict(&cost, &rates);
  (void)unused;
  near(p.best, 2);
  near(p.worst, 3);
  near(p.floor, 0.5);
  assert_string_equal(p.limit, "shared memory");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(segments_are_counted), cmocka_unit_test(patches_are_counted), cmocka_unit_test(lists_are_asked_for),
                                     cmocka_unit_test(products_are_counted), cmocka_unit_test(blocks_are_counted),  cmocka_unit_test(the_slowest_rate_tells)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
