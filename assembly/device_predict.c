/* The cost of an assembly on a device (ADR 29): bytes and wavefronts by the counts of its plan (device_count.c), operations and instructions by what the machine code of its
   kernels does once, times how often the plan has it done. */
#include <string.h>

#include "assembly/device_choose.h"
#include "assembly/device_code.h"
#include "assembly/device_count.h"
#include "assembly/part.h"
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

typedef struct { /* of a target, if it can be fused */
  bool done;
  gkt_device_cost counted, estimated; /* by the machine code; as the backend does, without it */
} fused_cost;

static gkt_status count_fused(predicting *p, int target, fused_cost *out) {
  const gkt_patch_limits limits = gkt_patch_limits_default(p->architecture < 90 ? 164 << 10 : 228 << 10);
  gkt_row_patches *patches = NULL;
  gkt_patch_shares shares;
  gkt_patch_code code;
  char why[200] = "";
  gkt_status status;
  GKT_GO(gkt_patch_shares_create(p->a, target, &shares, why));
  if (!*why && !shares.num_shares) out->done = true; /* zeros */
  if (out->done) goto done;
  if (!*why && !shares.runs && p->sets) GKT_GO(gkt_patch_choose_sets(&shares, &limits, p->architecture));
  if (!*why && !shares.runs) GKT_GO(gkt_target_patches_create(&shares, &limits, -1, &patches, why));
  if (!(out->done = patches != NULL)) goto done;
  GKT_GO(compile_patches(p, &shares, patches, &code));
  out->counted = count_patches(&shares, patches, &code, p->sets ? p->sets : 1);
  out->estimated = gkt_fused_count(&shares, patches, p->sets ? p->sets : 1);
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
static gkt_status count_elements(predicting *p, const gkt_assembler *part, gkt_device_cost *sum) {
  gkt_text text = {.ctx = p->ctx};
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_elements_source(part, false, &text));
  GKT_GO(gkt_code_compile(p->ctx, (const char *const[]){text.data, NULL}, p->architecture, &image, &count, &kernels));
  for (int m = 0; m < part->num_maps; m++) {
    char name[40];
    snprintf(name, sizeof name, "gkt_elements_%d", m);
    const gkt_cubin_kernel *k = gkt_code_find(count, kernels, name);
    if (!k) continue;
    const gkt_code_counts code = gkt_cell_code_read(k, p->architecture);
    add_code(sum, &code, entities_of_map(part->maps[m]));
  }
done:
  gkt_text_free(&text);
  gkt_free(&kernels);
  gkt_free(&image);
  return status;
}

static gkt_status count_part(predicting *p, const gkt_assembler *part, gkt_device_cost *sum) {
  gkt_segments_code code;
  GKT_TRY(compile_segments(p, &code));
  for (int k = 0; k < part->targets.count; k++) {
    const gkt_reduce *r = part->targets.all[k].reduce;
    if (!r) continue;
    gkt_device_cost one = gkt_segmented_count(part, k);
    one.fp64 = one.instructions = 0;
    add_code(&one, &code.contribution, (double)r->num_contributions * r->block);
    add_code(&one, &code.value, (double)gkt_reduce_num_values(r));
    gkt_device_cost_add(sum, &one);
  }
  return count_elements(p, part, sum);
}

static gkt_status count_segmented(predicting *p, const bool *segmented, gkt_device_cost *sum) {
  gkt_assembler *part;
  gkt_status status;
  GKT_TRY(gkt_assembler_part_create(p->a, segmented, &part));
  status = count_part(p, part, sum);
  gkt_assembler_part_destroy(&part);
  return status;
}

/* ---- all of it ---- */
static gkt_status try_fused(predicting *p, fused_cost *fused) {
  for (int k = 0; k < p->a->targets.count; k++)
    if (p->a->targets.all[k].reduce) GKT_TRY(count_fused(p, k, &fused[k]));
  return GKT_OK;
}

static gkt_status count_all(predicting *p, const fused_cost *fused, const bool *segmented, gkt_device_cost *sum) {
  gkt_device_cost patches = {0};
  bool any = false;
  for (int k = 0; k < p->a->targets.count; k++) any |= segmented[k];
  if (any) GKT_TRY(count_segmented(p, segmented, sum));
  for (int k = 0; k < p->a->targets.count; k++)
    if (!segmented[k] && fused[k].counted.strategy) gkt_device_cost_add(&patches, &fused[k].counted);
  if (!patches.strategy) return GKT_OK;
  if (any) patches.strategy = "fused and segmented";
  gkt_device_cost_add(sum, &patches);
  return GKT_OK;
}

/* As the backend chooses; costs, segmented: room for [targets] of these. */
static gkt_status choose(predicting *p, const fused_cost *fused, gkt_reduce_strategy reduce, const gkt_device_cost **costs, bool *segmented) {
  const gkt_device_rates rates = gkt_device_rates_of(p->architecture, 0);
  const gkt_choices choices = {p->a, costs, &rates, INT64_MAX};
  for (int k = 0; k < p->a->targets.count; k++) costs[k] = fused[k].done ? &fused[k].estimated : NULL;
  return gkt_choices_take(&choices, reduce == GKT_REDUCE_AUTO, segmented);
}

static gkt_status check_lists(const gkt_assembler *a) {
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce && !a->targets.all[k].reduce->segments.order)
      return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "a prediction needs the lists of segments: an assembler of the backend cpu or interpreter with GKT_REDUCE_SEGMENTED");
  return GKT_OK;
}

typedef struct {
  fused_cost *fused;
  const gkt_device_cost **costs;
  bool *segmented;
} predicted; /* [targets] */

/* All by `segmented`, if that is faster. */
static gkt_status compare(predicting *p, predicted *x, gkt_gpu_prediction *out) {
  gkt_device_cost sum = {0};
  bool other = false;
  for (int k = 0; k < p->a->targets.count; k++) {
    const bool exists = p->a->targets.all[k].reduce != NULL;
    other |= exists && !x->segmented[k], x->segmented[k] = exists;
  }
  if (!other) return GKT_OK;
  GKT_TRY(count_all(p, x->fused, x->segmented, &sum));
  const gkt_gpu_prediction all = gkt_device_cost_tell(&sum, p->architecture);
  if (all.seconds_most < out->seconds_most) *out = all;
  return GKT_OK;
}

static gkt_status create(const gkt_assembler *a, predicted *x) {
  GKT_TRY(gkt_calloc(a->ctx, a->targets.count, sizeof *x->fused, &x->fused));
  GKT_TRY(gkt_calloc(a->ctx, a->targets.count, sizeof *x->costs, &x->costs));
  return gkt_calloc(a->ctx, a->targets.count, sizeof *x->segmented, &x->segmented);
}

static void clear(predicted *x) {
  gkt_free(&x->fused);
  gkt_free(&x->costs);
  gkt_free(&x->segmented);
}

gkt_status gkt_assembler_predict(const gkt_assembler *a, int architecture, gkt_reduce_strategy reduce, gkt_gpu_prediction *out) {
  predicting p = {a, a->ctx, architecture, 0};
  predicted x = {0};
  gkt_device_cost sum = {0};
  gkt_status status;
  GKT_TRY(check_lists(a));
  GKT_GO(create(a, &x));
  if (reduce != GKT_REDUCE_SEGMENTED) GKT_GO(try_fused(&p, x.fused));
  GKT_GO(choose(&p, x.fused, reduce, x.costs, x.segmented));
  GKT_GO(count_all(&p, x.fused, x.segmented, &sum));
  *out = gkt_device_cost_tell(&sum, architecture);
  if (reduce == GKT_REDUCE_AUTO) GKT_GO(compare(&p, &x, out));
done:
  clear(&x);
  return status;
}

gkt_status gkt_assembler_predict_batch(const gkt_assembler *a, int architecture, int num_sets, gkt_gpu_prediction *out) {
  predicting p = {a, a->ctx, architecture, num_sets};
  predicted x = {0};
  gkt_device_cost sum = {0};
  gkt_status status;
  if (num_sets < 1) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "batch: %d sets; expected at least 1", num_sets);
  GKT_TRY(check_lists(a));
  GKT_GO(create(a, &x));
  GKT_GO(try_fused(&p, x.fused));
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce && !x.fused[k].done) GKT_GO(gkt_fail(a->ctx, GKT_UNAVAILABLE, "a prediction of a batch knows forms that are fused, which this one is not"));
  GKT_GO(count_all(&p, x.fused, x.segmented, &sum));
  sum.cells *= num_sets;
  *out = gkt_device_cost_tell(&sum, architecture);
done:
  clear(&x);
  return status;
}
