/* What products and iterations cost on a device, by a model: launch by launch. */
#include "core/code.h"
#include "core/product.h"
#include "core/vector.h"
#include "galerkit/solver.h"
#include "solvers/krylov_inside.h"

/* Of an iteration of krylov_cg.c, besides the product. */
typedef struct {
  const char *kernel;
  int vectors;     /* read or written */
  int loads;       /* of an entry */
  bool by_parts;   /* a block for each part of a vector; else a thread for each entry */
  double repeated; /* how often what stands beside the loop is in the code, and runs once */
} step;
static const step steps[] = {{"gkt_cg_direction", 4, 0, false, 1}, {"gkt_krylov_dots", 2, 2, true, 3}, {"gkt_cg_update", 7, 5, true, 1}};
enum { NUM_STEPS = sizeof steps / sizeof *steps, JOINS = 2, SUMS = 3 /* that these join: p'w; r'r and z'r */ };

static gkt_device_cost count_step(const step *s, const gkt_cubin_kernel *k, int architecture, double n) {
  const double bytes = 8.0 * s->vectors * n, parts = (double)gkt_num_parts((gkt_size)n);
  gkt_device_cost c = {.computed = 0, .cells = (gkt_size)n, .dram_bytes = bytes, .l2_bytes = bytes, .wavefronts = bytes / 128, .floor_bytes = bytes, .replayed = 1};
  c.blocks = s->by_parts ? parts : (double)gkt_blocks_for((gkt_size)n, GKT_PART_THREADS);
  c.block = (gkt_block_needs){.threads = GKT_PART_THREADS, .registers = k->info.registers, .shared = GKT_PART_SHARED};
  const gkt_loop_code code = gkt_loop_code_read(k, architecture, s->loads ? GKT_CODE_LDG : GKT_CODE_STG, s->loads ? s->loads : 1);
  const double threads = s->by_parts ? parts * GKT_PART_THREADS / s->repeated : 0;
  c.instructions = n * code.item.all + threads * code.thread.all;
  c.fp64 = n * gkt_code_fp64(&code.item) + threads * gkt_code_fp64(&code.thread);
  return c;
}

/* One block each, which reads the sums of parts. */
static gkt_device_cost count_joins(double n) {
  return (gkt_device_cost){
      .cells = (gkt_size)n, .l2_bytes = 8.0 * SUMS * (double)gkt_num_parts((gkt_size)n), .replayed = JOINS, .blocks = 1, .block = {.threads = GKT_PART_THREADS}};
}

static gkt_status count_cg(gkt_context *ctx, gkt_idx n, int architecture, const gkt_device_cost *product, gkt_device_cost *sum) {
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  GKT_TRY(gkt_code_compile(ctx, gkt_krylov_kernels, architecture, &image, &count, &kernels));
  *sum = *product;
  sum->launches = 0, sum->replayed = 1;
  const gkt_device_cost joins = count_joins(n);
  gkt_device_cost_add(sum, &joins);
  for (int s = 0; s < NUM_STEPS; s++) {
    const gkt_device_cost one = count_step(&steps[s], gkt_code_find(count, kernels, steps[s].kernel), architecture, n);
    gkt_device_cost_add(sum, &one);
  }
  sum->strategy = product->strategy;
  gkt_free(&kernels);
  gkt_free(&image);
  return GKT_OK;
}

gkt_status gkt_linear_predict(gkt_context *ctx, const gkt_csr *A, int architecture, gkt_gpu_prediction *product, gkt_gpu_prediction *iteration) {
  gkt_product_info info;
  gkt_device_cost one, all;
  if (A->where != GKT_ON_HOST) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a matrix on the device; expected one on the host");
  GKT_TRY(gkt_product_predict(ctx, A, architecture, &info, &one));
  GKT_TRY(count_cg(ctx, A->num_rows, architecture, &one, &all));
  *product = gkt_device_cost_tell(&one, architecture), *iteration = gkt_device_cost_tell(&all, architecture);
  return GKT_OK;
}
