#include "assembly/device_choose.h"

#include <string.h>

#include "assembly/device_count.h"
#include "assembly/part.h"

static gkt_status count_segmented(const gkt_assembler *a, const bool *segmented, gkt_device_cost *sum) {
  gkt_assembler *part;
  GKT_TRY(gkt_assembler_part_create(a, segmented, &part));
  for (int k = 0; k < a->targets.count; k++) {
    if (!part->targets.all[k].reduce) continue;
    const gkt_device_cost one = gkt_segmented_count(part, k);
    gkt_device_cost_add(sum, &one);
  }
  gkt_assembler_part_destroy(&part);
  return GKT_OK;
}

gkt_status gkt_choices_count(const gkt_choices *c, const bool *segmented, gkt_device_cost *out) {
  gkt_device_cost fused = {0};
  *out = (gkt_device_cost){0};
  GKT_TRY(count_segmented(c->a, segmented, out));
  for (int k = 0; k < c->a->targets.count; k++)
    if (c->fused[k] && !segmented[k]) gkt_device_cost_add(&fused, c->fused[k]);
  if (!fused.strategy) return GKT_OK;
  if (out->strategy) fused.strategy = "fused and segmented";
  gkt_device_cost_add(out, &fused);
  return GKT_OK;
}

/* What `segmented` allocates, element tensors above all, and the values of a result. */
static gkt_size count_bytes(const gkt_assembler *a, const bool *segmented) {
  gkt_size bytes = a->targets.num_values * (gkt_size)sizeof(gkt_scalar);
  for (int k = 0; k < a->targets.count; k++) {
    const gkt_reduce *r = a->targets.all[k].reduce;
    if (!r || !segmented[k]) continue;
    const gkt_size pairs = r->pattern.offsets[r->pattern.num_nodes[0]];
    bytes += r->num_contributions * (r->block * (gkt_size)sizeof(gkt_scalar) + (gkt_size)sizeof(gkt_idx)) + pairs * (gkt_size)sizeof(gkt_idx);
  }
  return bytes;
}

typedef struct {
  double seconds;
  gkt_size refused; /* bytes of the first faster way for which there was no room */
} judgement;

/* Is it faster than what was found so far, and is there room? */
static gkt_status try_it(const gkt_choices *c, const bool *segmented, judgement *best, bool *better) {
  gkt_device_cost cost;
  *better = false;
  GKT_TRY(gkt_choices_count(c, segmented, &cost));
  const double seconds = gkt_device_predict(&cost, c->rates).worst;
  if (seconds >= best->seconds) return GKT_OK;
  const gkt_size needed = count_bytes(c->a, segmented);
  if (needed > c->left) {
    if (!best->refused) best->refused = needed;
    return GKT_OK;
  }
  best->seconds = seconds, *better = true;
  return GKT_OK;
}

/* Blocks of zeros have no tensors. */
static bool is_computed(const gkt_assembler *a, int target) {
  for (int k = 0; k < a->num_maps; k++)
    for (int c = 0; c < a->maps[k]->num_couplings; c++)
      if (a->maps[k]->couplings[c].target == target) return true;
  return false;
}

/* The one more target that gains the most; *found: -1: none. */
static gkt_status find_next(const gkt_choices *c, bool *segmented, judgement *best, int *found) {
  *found = -1;
  for (int k = 0; k < c->a->targets.count; k++) {
    bool better;
    if (segmented[k] || !c->fused[k] || !is_computed(c->a, k)) continue;
    segmented[k] = true;
    const gkt_status status = try_it(c, segmented, best, &better);
    segmented[k] = false;
    GKT_TRY(status);
    if (better) *found = k;
  }
  return GKT_OK;
}

static gkt_status try_all(const gkt_choices *c, bool *segmented, judgement *best) {
  const int count = c->a->targets.count;
  bool *all = NULL, better = false;
  gkt_status status;
  GKT_GO(gkt_alloc(c->a->ctx, count, sizeof *all, &all));
  for (int k = 0; k < count; k++) all[k] = c->a->targets.all[k].reduce != NULL;
  GKT_GO(try_it(c, all, best, &better));
  if (better) memcpy(segmented, all, (size_t)count * sizeof *all);
done:
  gkt_free(&all);
  return status;
}

gkt_status gkt_choices_take(const gkt_choices *c, bool automatic, bool *segmented) {
  judgement best = {0};
  gkt_device_cost cost;
  int next = 0;
  for (int k = 0; k < c->a->targets.count; k++) segmented[k] = c->a->targets.all[k].reduce && !c->fused[k];
  if (!automatic) return GKT_OK;
  GKT_TRY(gkt_choices_count(c, segmented, &cost));
  best.seconds = gkt_device_predict(&cost, c->rates).worst;
  while (next >= 0) {
    GKT_TRY(find_next(c, segmented, &best, &next));
    if (next >= 0) segmented[next] = true;
  }
  GKT_TRY(try_all(c, segmented, &best));
  if (best.refused)
    gkt_log(c->a->ctx, GKT_LOG_DETAIL, "reduce on the device: fused, though segmented is predicted to be faster: it needs %.1f MB, %.1f MB are free", (double)best.refused / 1e6,
            (double)c->left / 1e6);
  return GKT_OK;
}
