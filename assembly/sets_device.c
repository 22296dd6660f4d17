#include "assembly/sets_device.h"

#include "assembly/device_count.h"

enum { MOST_SETS = 8, MOST_SUMS = 18 /* scalars that a thread sums: registers */ };

struct gkt_device_sets {
  const gkt_assembler *a;
  gkt_sets_plan plan;
  gkt_fused **fused; /* [targets]; NULL: by what follows */
  gkt_elements *elements;
  gkt_scalars *tensors; /* [targets] of as many sets as there were at most */
};

static const gkt_reduce *segmented(const gkt_device_sets *s, int target) { return s->plan.part ? s->plan.part->targets.all[target].reduce : NULL; }
static bool is_fused(const gkt_device_sets *s, int target) { return s->a->targets.all[target].reduce && !segmented(s, target); }

/* ---- the plan ---- */
/* Seconds of a set by the model, on a device that is busy to its end. */
static double judge(const gkt_patch_shares *s, const gkt_row_patches *p, const gkt_device_rates *rates) {
  gkt_device_cost cost = gkt_fused_count(s, p, p->sets);
  cost.launches = cost.blocks = 0;
  return gkt_device_predict(&cost, rates).worst / p->sets;
}

/* Slots are not dealt meanwhile: that would take longer than the rest of a plan, and changes all alike. */
gkt_status gkt_patch_choose_sets(gkt_patch_shares *s, const gkt_patch_limits *limits, int architecture) {
  const gkt_device_rates rates = gkt_device_rates_of(architecture, 0);
  const int block = s->a->targets.all[s->target].reduce->block;
  double best = INFINITY;
  int chosen = 1;
  for (int n = 1; n <= MOST_SETS && (n == 1 || n * block <= MOST_SUMS); n *= 2) {
    gkt_row_patches *p;
    char why[200];
    gkt_patch_shares_take_sets(s, n);
    GKT_TRY(gkt_target_patches_create(s, limits, 0, &p, why));
    const double seconds = p ? judge(s, p, &rates) : INFINITY;
    gkt_row_patches_destroy(&p);
    if (seconds >= best) break;
    best = seconds, chosen = n;
  }
  gkt_patch_shares_take_sets(s, chosen);
  return GKT_OK;
}

static gkt_status choose(const gkt_device_inputs *in, int target, int *sets) {
  const gkt_device_info *info = gkt_device_get_info(in->device);
  const gkt_patch_limits limits = gkt_patch_limits_of(info);
  gkt_patch_shares shares;
  char why[200];
  gkt_status status;
  GKT_GO(gkt_patch_shares_create(in->a, target, &shares, why));
  if (!*why && !shares.runs) GKT_GO(gkt_patch_choose_sets(&shares, &limits, info->architecture)); /* of a number each block does one */
  if (!*why && !shares.runs) *sets = shares.sets;
done:
  gkt_patch_shares_clear(&shares);
  return status;
}

static gkt_status plan_fused(const gkt_device_sets *s, char why[200]) {
  const gkt_device_inputs *in = s->plan.inputs;
  char how[240];
  for (int k = 0; k < s->a->targets.count; k++) {
    gkt_fused_options options = {.sets = 1, .window = -1};
    if (!is_fused(s, k)) continue;
    GKT_TRY(choose(in, k, &options.sets));
    GKT_TRY(gkt_fused_create(in, k, &options, &s->fused[k], why));
    if (*why) return GKT_OK;
    gkt_fused_describe(s->fused[k], sizeof how, how);
    gkt_log(s->a->ctx, GKT_LOG_DETAIL, "batch on the device: fused, %d sets at once: %s", options.sets, how);
  }
  return GKT_OK;
}

static gkt_status send_fused(const gkt_device_sets *s) {
  for (int k = 0; k < s->a->targets.count; k++)
    if (s->fused[k]) GKT_TRY(gkt_fused_send(s->fused[k], s->plan.copies));
  return GKT_OK;
}

static gkt_status make_fused(const gkt_device_sets *s, char why[200]) {
  const gkt_assembler *a = s->a;
  gkt_targets targets = a->targets;
  gkt_status status;
  GKT_GO(gkt_targets_list_again(a->form, a->mesh, a->spaces, a->ties, &targets));
  GKT_GO(plan_fused(s, why));
  if (!*why) GKT_GO(send_fused(s));
done:
  gkt_targets_drop_lists(&targets);
  return status;
}

static gkt_status make_segmented(gkt_device_sets *s, char why[200]) {
  if (gkt_device_segments_product(s->plan.segments)) return snprintf(why, 200, "the product with a routing matrix takes one of them"), GKT_OK;
  GKT_TRY(gkt_calloc(s->a->ctx, s->a->targets.count, sizeof *s->tensors, &s->tensors));
  GKT_TRY(gkt_elements_create(s->plan.part, s->plan.inputs, s->plan.copies, s->tensors, true, &s->elements));
  gkt_log(s->a->ctx, GKT_LOG_DETAIL, "batch on the device: segmented, %d sets of a cell and of a sum at once: element tensors %.1f MB a set", (int)GKT_ELEMENT_SETS,
          (double)(gkt_device_sets_scalars(s) * (gkt_size)sizeof(gkt_scalar)) / 1e6);
  return GKT_OK;
}

static gkt_status make(gkt_device_sets *s, char why[200]) {
  bool any = false;
  for (int k = 0; k < s->a->targets.count; k++) any |= is_fused(s, k);
  GKT_TRY(gkt_calloc(s->a->ctx, s->a->targets.count, sizeof *s->fused, &s->fused));
  if (any) GKT_TRY(make_fused(s, why));
  return s->plan.part && !*why ? make_segmented(s, why) : GKT_OK;
}

gkt_status gkt_device_sets_create(const gkt_sets_plan *plan, gkt_device_sets **out, char why[200]) {
  gkt_device_sets *s = NULL;
  gkt_status status;
  *out = NULL, *why = 0;
  GKT_GO(gkt_calloc(plan->inputs->a->ctx, 1, sizeof *s, &s));
  s->a = plan->inputs->a, s->plan = *plan;
  GKT_GO(make(s, why));
  if (!*why) *out = s, s = NULL;
done:
  gkt_device_sets_destroy(&s);
  return status;
}

void gkt_device_sets_destroy(gkt_device_sets **sets) {
  gkt_device_sets *s = *sets;
  if (!s) return;
  for (int k = 0; k < s->a->targets.count; k++) {
    if (s->fused) gkt_fused_destroy(&s->fused[k]);
    if (s->tensors) gkt_device_free(s->plan.inputs->device, &s->tensors[k]);
  }
  gkt_elements_destroy(&s->elements);
  gkt_free(&s->fused);
  gkt_free(&s->tensors);
  gkt_free(sets);
}

/* ---- execution ---- */
static gkt_size count_tensors(const gkt_reduce *r) { return r ? r->num_contributions * r->block : 0; }

gkt_size gkt_device_sets_scalars(const gkt_device_sets *s) {
  gkt_size count = s->tensors ? gkt_device_segments_scalars(s->plan.segments) : 0;
  for (int k = 0; s->tensors && k < s->a->targets.count; k++) count += count_tensors(segmented(s, k));
  return count;
}

static gkt_status make_room(const gkt_device_sets *s, gkt_size sets) {
  for (int k = 0; k < s->a->targets.count; k++) {
    const gkt_size count = sets * count_tensors(segmented(s, k));
    if (s->tensors[k].count < count) {
      gkt_device_free(s->plan.inputs->device, &s->tensors[k]);
      GKT_TRY(gkt_device_alloc(s->plan.inputs->device, count, sizeof(gkt_scalar), "element tensors of a batch", &s->tensors[k]));
    }
    if (s->a->ctx->options.poison) GKT_TRY(gkt_device_fill(s->plan.inputs->device, s->tensors[k].at, 0xFF, count * (gkt_size)sizeof(gkt_scalar)));
  }
  return GKT_OK;
}

static gkt_status assemble(const gkt_device_sets *s, const gkt_inputs *inputs, const gkt_sets_arguments *how, const gkt_size *strides, gkt_scalar *values) {
  for (int k = 0; k < s->a->targets.count; k++)
    if (s->fused[k]) GKT_TRY(gkt_fused_run_sets(s->fused[k], inputs, how, strides, values));
  if (!s->elements) return GKT_OK;
  GKT_TRY(make_room(s, how->count));
  GKT_TRY(gkt_elements_run_sets(s->elements, inputs, how, strides));
  return gkt_device_segments_sum_sets(s->plan.segments, s->tensors, how, values);
}

gkt_status gkt_device_sets_run(gkt_device_sets *s, const gkt_inputs *inputs, const gkt_sets_arguments *how, const gkt_size *strides, gkt_scalar *values) {
  GKT_TRY(gkt_device_ties_update(s->a, s->plan.inputs->device, s->plan.inputs->ties));
  GKT_TRY(assemble(s, inputs, how, strides, values));
  for (gkt_size k = 0; k < how->count; k++) GKT_TRY(gkt_device_rounding_drop(s->plan.rounding, values + k * how->results_stride));
  return GKT_OK;
}
