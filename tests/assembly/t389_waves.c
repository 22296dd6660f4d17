/* Claim: what a launch takes, and blocks that leave multiprocessors idle, are in predictions: by hand for one block, for a wave and one block more, for blocks that two or eight
   fit of; how many fit follows from threads, registers and shared memory. A small mesh is predicted to be slower for each cell than a large one. Counts of a larger cube follow
   from two smaller ones to 2 %. Skips what needs NVRTC where there is none. */
#include "assembly/device_count.h"
#include "core/device_cost.h"
#include "tests/field_problem.h"
#include "tests/nvrtc.h"

static void near(double value, double expected) {
  if (fabs(value - expected) > 1e-9 * fabs(expected)) fail_msg("%.17g, expected %.17g", value, expected);
}

static gkt_device_rates rates;

static void blocks_fit(void **unused) {
  (void)unused;
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256}), 8);                  /* 2048 threads */
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 32}), 32);                  /* blocks */
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .registers = 57}), 4); /* 64 registers each of 65536 */
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .registers = 128}), 2);
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .registers = 255}), 1);
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .shared = (228 << 9) - 1024}), 2); /* half of it, less what is reserved */
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .shared = (228 << 9) - 1023}), 1);
  assert_int_equal(gkt_device_resident(&rates, &(gkt_block_needs){.threads = 256, .shared = 1 << 20}), 1); /* one is always there */
}

/* A second of shared memory and half of one of DRAM, in so many blocks, two of which fit. */
static gkt_device_prediction predict(double blocks, double launches) {
  const gkt_device_cost c = {.wavefronts = rates.wavefronts, .dram_bytes = rates.dram / 2, .blocks = blocks, .launches = launches, .block = {256, 128, 0}};
  return gkt_device_predict(&c, &rates);
}

static void the_last_wave_is_waited_for(void **unused) {
  const double all = rates.processors;
  (void)unused;
  near(predict(0, 1).best, 1 + rates.launch); /* as many blocks as there are */
  near(predict(2 * all, 1).worst, 1.5 + rates.launch);
  near(predict(all, 1).best, 1 + rates.launch);
  near(predict(all, 1).worst, 3 + rates.launch); /* one block does not do what two do */
  near(predict(1, 1).best, all + rates.launch);
  near(predict(1, 1).worst, 1.5 * 2 * all + rates.launch);
  near(predict(2 * all + 1, 1).best, 3 * all / (2 * all + 1) + rates.launch); /* a third round, on one multiprocessor */
  near(predict(2 * all + 1, 1).worst, 1.5 * 4 * all / (2 * all + 1) + rates.launch);
  near(predict(4 * all, 2).worst, 1.5 + 2 * rates.launch); /* of each launch */
}

static void launches_count(void **unused) {
  const gkt_device_cost one = {.launches = 1, .dram_bytes = 1}, recorded = {.replayed = 4, .dram_bytes = 1};
  gkt_device_cost both = one;
  (void)unused;
  gkt_device_cost_add(&both, &recorded);
  assert_string_equal(gkt_device_predict(&both, &rates).limit, "launches");
  near(gkt_device_predict(&both, &rates).best, rates.launch + 4 * rates.replay + 2 / rates.dram);
  assert_true(rates.replay < rates.launch);
}

static gkt_gpu_prediction of_box(int dim, int n, int degree, int components) {
  const gkt_box box = {.shape = dim == 3 ? GKT_TETRAHEDRON : GKT_TRIANGLE, .dim = dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
  field_problem p;
  gkt_mesh *mesh;
  gkt_gpu_prediction g;
  const field_kind kind = {"simplices", dim, degree, components};
  must(gkt_mesh_box(ctx, &box, &mesh), "box");
  begin_problem(&p, &kind, mesh);
  pose_problem(&p, components > 1 ? "inner(grad(u), grad(v))*dx == dot(x, v)*dx" : "dot(grad(u), grad(v))*dx == v*dx", "0");
  must(gkt_assembler_predict(p.matrix, 90, GKT_REDUCE_FUSED, &g), "prediction");
  end_problem(&p);
  return g;
}

static void open_context(void) {
  gkt_context_destroy(&ctx);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED}, &ctx), "context");
}

static void small_meshes_are_slow(void **unused) {
  (void)unused;
  if (!nvrtc_is_found()) skip();
  open_context();
  const gkt_gpu_prediction small = of_box(3, 4, 1, 1), large = of_box(3, 16, 1, 1);
  assert_true(small.launches == 1 && small.blocks >= 1 && small.blocks < large.blocks && small.resident > large.resident && large.resident == 2);
  assert_string_equal(small.limit, "launches");
  assert_true(small.seconds_least / (double)small.items > 4 * large.seconds_least / (double)large.items);
}

/* To 2 %; patches, of which there are few, to 12 %. */
static void follows(double found, double counted, double to, int n, const char *what) {
  if (!(fabs(found - counted) <= to * counted)) fail_msg("%s of %d boxes a side: %.6g by the law, %.6g counted", what, n, found, counted);
}

static void check_law(int dim, int degree, int components, const int sides[3]) {
  const gkt_gpu_prediction first = of_box(dim, sides[0], degree, components), second = of_box(dim, sides[1], degree, components),
                           counted = of_box(dim, sides[2], degree, components);
  const gkt_gpu_prediction found = gkt_gpu_extrapolate(&first, &second, dim, counted.items);
  const int n = sides[2];
  assert_true(found.items == counted.items && found.launches == counted.launches && !strcmp(found.method, counted.method));
  follows((double)found.computed, (double)counted.computed, 0.02, n, "tensors");
  follows(found.dram_bytes, counted.dram_bytes, 0.02, n, "bytes of DRAM");
  follows(found.l2_bytes, counted.l2_bytes, 0.02, n, "bytes of L2");
  follows(found.wavefronts, counted.wavefronts, 0.02, n, "wavefronts");
  follows(found.fp64, counted.fp64, 0.02, n, "operations");
  follows(found.instructions, counted.instructions, 0.02, n, "instructions");
  follows(found.floor_bytes, counted.floor_bytes, 0.02, n, "the least bytes");
  follows(found.blocks, counted.blocks, 0.12, n, "patches");
}

static void counts_grow_as_a_volume_and_its_surface(void **unused) {
  const gkt_gpu_prediction x = {.method = "m", .items = 1000, .dram_bytes = 3000 + 200, .architecture = 90},
                           y = {.method = "m", .items = 8000, .dram_bytes = 24000 + 800, .architecture = 90};
  (void)unused;
  near(gkt_gpu_extrapolate(&x, &y, 3, 27000).dram_bytes, 81000 + 1800);
  if (!nvrtc_is_found()) skip();
  open_context();
  check_law(3, 1, 1, (const int[]){8, 16, 32});
  check_law(3, 1, 3, (const int[]){6, 12, 24});
  check_law(2, 2, 1, (const int[]){24, 48, 96});
}

int main(void) {
  rates = gkt_device_rates_of(90, 0);
  const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_fit), cmocka_unit_test(the_last_wave_is_waited_for), cmocka_unit_test(launches_count),
                                     cmocka_unit_test(small_meshes_are_slow), cmocka_unit_test(counts_grow_as_a_volume_and_its_surface)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
