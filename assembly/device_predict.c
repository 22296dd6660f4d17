/* The cost of an assembly on a device (ADR 29): bytes and wavefronts by the counts of its plan (device_count.c), operations and instructions by what the machine code of its
   kernels does once, times how often the plan has it done. */
#include "assembly/device_code.h"
#include "assembly/device_count.h"
#include "assembly/reduce_strategy.h"
#include "assembly/segments.h"

typedef struct {
  const gkt_assembler *a;
  gkt_context *ctx;
  int architecture;
  int sets; /* of a batch; 0: one call */
} predicting;

static void add_code(gkt_device_cost *c, const gkt_code_counts *code, double times) {
  c->instructions += times * code->all;
  c->fp64 += times * gkt_code_fp64(code);
}

/* ---- fused ---- */
/* Of a batch the code does a group of sets, but for what it does with values. */
static gkt_device_cost count_patches(const gkt_patch_shares *s, const gkt_row_patches *r, const gkt_patch_code *code, int sets) {
  gkt_device_cost c = gkt_fused_count(s, r, sets);
  const double rounds = (sets + r->sets - 1) / r->sets;
  const double groups = r->totals.groups, words = r->totals.words;
  c.fp64 = c.instructions = 0, c.block.registers = code->registers;
  for (int k = 0; k < s->num_shares; k++) add_code(&c, &code->sources[k < code->num_sources ? k : code->num_sources - 1], rounds * gkt_row_patches_entities(r, k));
  add_code(&c, &code->contribution, rounds * words * GKT_PATCH_PER_WORD * GKT_PATCH_GROUP);
  add_code(&c, &code->slot, rounds * groups * GKT_PATCH_GROUP);
  add_code(&c, &code->coordinate, rounds * r->totals.nodes * r->dim);
  if (r->block == 1) add_code(&c, &code->value, (double)sets * r->totals.pairs);
  return c;
}

static gkt_status compile_patches(predicting *p, const gkt_patch_shares *s, const gkt_row_patches *r, gkt_patch_code *code) {
  gkt_text text = {.ctx = p->ctx};
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_patches_source(s, r->totals.longest * GKT_PATCH_PER_WORD > GKT_RUN, &text));
  GKT_GO(gkt_code_compile(p->ctx, (const char *const[]){text.data, NULL}, p->architecture, &image, &count, &kernels));
  GKT_GO(gkt_patch_code_read(p->ctx, &kernels[0], p->architecture, code));
done:
  gkt_text_free(&text);
  gkt_free(&kernels);
  gkt_free(&image);
  return status;
}

/* *done: it can be fused. */
static gkt_status count_fused(predicting *p, int target, gkt_device_cost *sum, bool *done) {
  const gkt_patch_limits limits = gkt_patch_limits_default(p->architecture < 90 ? 164 << 10 : 228 << 10);
  gkt_row_patches *patches = NULL;
  gkt_patch_shares shares;
  gkt_patch_code code;
  char why[200] = "";
  gkt_status status;
  GKT_GO(gkt_patch_shares_create(p->a, target, &shares, why));
  if (!*why && !shares.num_shares) goto done; /* zeros */
  if (!*why && !shares.runs && p->sets) GKT_GO(gkt_patch_choose_sets(&shares, &limits, p->architecture));
  if (!*why && !shares.runs) GKT_GO(gkt_target_patches_create(&shares, &limits, -1, &patches, why));
  if (!(*done = patches != NULL)) goto done;
  GKT_GO(compile_patches(p, &shares, patches, &code));
  const gkt_device_cost one = count_patches(&shares, patches, &code, p->sets ? p->sets : 1);
  gkt_device_cost_add(sum, &one);
done:
  gkt_patch_shares_clear(&shares);
  gkt_row_patches_destroy(&patches);
  return status;
}

/* ---- segmented ---- */
static gkt_status compile_segments(predicting *p, gkt_segments_code *out) {
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_code_compile(p->ctx, gkt_segments_kernels, p->architecture, &image, &count, &kernels));
  GKT_GO(gkt_segments_code_read(p->ctx, gkt_code_find(count, kernels, "gkt_sum_segments"), p->architecture, out));
done:
  gkt_free(&kernels);
  gkt_free(&image);
  return status;
}

static double entities_of_map(const gkt_map *m) {
  double count = 0;
  for (int g = 0; g < m->num_groups; g++) count += m->groups[g].count;
  return count;
}

/* Tensors of all maps, once. */
static gkt_status count_elements(predicting *p, gkt_device_cost *sum) {
  gkt_text text = {.ctx = p->ctx};
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_elements_source(p->a, false, &text));
  GKT_GO(gkt_code_compile(p->ctx, (const char *const[]){text.data, NULL}, p->architecture, &image, &count, &kernels));
  for (int m = 0; m < p->a->num_maps; m++) {
    char name[40];
    snprintf(name, sizeof name, "gkt_elements_%d", m);
    const gkt_cubin_kernel *k = gkt_code_find(count, kernels, name);
    if (!k) continue;
    const gkt_code_counts code = gkt_cell_code_read(k, p->architecture);
    add_code(sum, &code, entities_of_map(p->a->maps[m]));
  }
done:
  gkt_text_free(&text);
  gkt_free(&kernels);
  gkt_free(&image);
  return status;
}

static gkt_status count_segmented(predicting *p, gkt_device_cost *sum) {
  const gkt_targets *t = &p->a->targets;
  gkt_segments_code code;
  GKT_TRY(compile_segments(p, &code));
  for (int k = 0; k < t->count; k++) {
    const gkt_reduce *r = t->all[k].reduce;
    if (!r) continue;
    gkt_device_cost one = gkt_segmented_count(p->a, k);
    one.fp64 = one.instructions = 0;
    add_code(&one, &code.contribution, (double)r->num_contributions * r->block);
    add_code(&one, &code.value, (double)gkt_reduce_num_values(r));
    gkt_device_cost_add(sum, &one);
  }
  return count_elements(p, sum);
}

/* ---- all of it: all targets are fused, or none, as by the backend ---- */
static gkt_status try_fused(predicting *p, gkt_device_cost *sum, bool *done) {
  const gkt_targets *t = &p->a->targets;
  *done = true;
  for (int k = 0; k < t->count && *done; k++)
    if (t->all[k].reduce) GKT_TRY(count_fused(p, k, sum, done));
  return GKT_OK;
}

static gkt_status check_lists(const gkt_assembler *a) {
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce && !a->targets.all[k].reduce->segments.order)
      return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "a prediction needs the lists of segments: an assembler of the backend cpu or interpreter with GKT_REDUCE_SEGMENTED");
  return GKT_OK;
}

gkt_status gkt_assembler_predict(const gkt_assembler *a, int architecture, gkt_reduce_strategy reduce, gkt_gpu_prediction *out) {
  predicting p = {a, a->ctx, architecture, 0};
  gkt_device_cost fused = {0}, segmented = {0};
  bool done = false;
  GKT_TRY(check_lists(a));
  if (reduce != GKT_REDUCE_SEGMENTED) GKT_TRY(try_fused(&p, &fused, &done));
  if (!done || reduce == GKT_REDUCE_AUTO) GKT_TRY(count_segmented(&p, &segmented));
  const gkt_gpu_prediction by_segments = gkt_device_cost_tell(&segmented, architecture), by_patches = gkt_device_cost_tell(&fused, architecture);
  *out = done && (reduce == GKT_REDUCE_FUSED || by_patches.seconds_most <= by_segments.seconds_most) ? by_patches : by_segments;
  return GKT_OK;
}

gkt_status gkt_assembler_predict_batch(const gkt_assembler *a, int architecture, int num_sets, gkt_gpu_prediction *out) {
  predicting p = {a, a->ctx, architecture, num_sets};
  gkt_device_cost fused = {0};
  bool done = false;
  if (num_sets < 1) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "batch: %d sets; expected at least 1", num_sets);
  GKT_TRY(check_lists(a));
  GKT_TRY(try_fused(&p, &fused, &done));
  if (!done) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "a prediction of a batch knows forms that are fused, which this one is not");
  fused.cells *= num_sets;
  *out = gkt_device_cost_tell(&fused, architecture);
  return GKT_OK;
}
