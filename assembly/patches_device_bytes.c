/* What planning patches on the device takes: memory at most, and what it moves. */
#include <math.h>

#include "assembly/patches_device.h"
#include "core/sort.h"

/* Connectivity that is sent; arrays with equal addresses once. */
static gkt_size count_sent(const gkt_device_patch_input *in, int b) {
  const gkt_incidence *i = &in->incidence[b];
  gkt_size nodes = (gkt_size)i->num_cells * i->num[0];
  if (i->nodes[1] && i->nodes[1] != i->nodes[0]) nodes += (gkt_size)i->num_cells * i->num[1];
  if (in->in->nodes[b] != i->nodes[0] && in->in->nodes[b] != i->nodes[1]) nodes += (gkt_size)i->num_cells * in->in->corners[b];
  return nodes * (gkt_size)sizeof(gkt_idx);
}

/* Are there entities with records of their own? */
static bool has_own(const gkt_patch_input *in, int b) {
  bool any = false;
  for (int s = 0; s < in->num_sources; s++) any |= in->sources[s].block == b && in->sources[s].own;
  return any;
}

/* Patches compute cells at most as often as rows have them, and in the plans that were seen (ADR 27) 2.6 times, 5 times by unfortunate orders. */
gkt_size gkt_device_patches_bytes(const gkt_device_patch_input *in) {
  enum { OF_ROW = 20, OF_PAIR = 3, OF_SUM = 2, INDEX = sizeof(gkt_idx), SHORT = sizeof(gkt_short) };
  const double computed = 2.6, padded = 1.25;
  const gkt_size rows = in->in->reduce->pattern.num_nodes[0];
  const int copies = in->in->window ? 2 : 1;
  gkt_size entries = 0, contributions = 0, bytes = 0;
  double cells = 0;
  for (int b = 0; b < in->in->num_blocks; b++) {
    const gkt_incidence *i = &in->incidence[b];
    entries += (gkt_size)i->num_cells * i->num[0], contributions += (gkt_size)i->num_cells * i->num[0] * i->num[1];
    cells += computed * i->num_cells * (copies * (INDEX + SHORT * in->in->corners[b]) + SHORT),
        bytes += count_sent(in, b) + (has_own(in->in, b) ? i->num_cells * (gkt_size)INDEX : 0);
  }
  const gkt_size pairs = in->in->reduce->pattern.offsets[rows], stars = gkt_device_sort_bytes(entries, INDEX), sums = gkt_device_sort_bytes(pairs, 2 * INDEX);
  const gkt_size lists = (gkt_size)(copies * padded * (double)contributions * SHORT) + OF_SUM * copies * pairs * SHORT;
  const gkt_size after = entries * INDEX + OF_PAIR * pairs * INDEX + (gkt_size)cells + (sums > lists ? sums : lists);
  return bytes + rows * OF_ROW * INDEX + (stars > after ? stars : after);
}

/* ---- what moves, for the model ---- */
static double count_sort(double count, int key_bytes, int bits) {
  const int passes = (bits + 7) / 8, read_twice = 2;
  return passes * count * (read_twice * key_bytes + key_bytes + 2.0 * sizeof(gkt_idx));
}

static int bits_of(double count) { return count > 1 ? (int)ceil(log2(count)) : 1; }

/* Instructions for each item, and contributions of a slot, from the text of patches_plan*.cu: estimates. */
gkt_device_cost gkt_device_patches_count(const gkt_device_patch_input *in, const gkt_row_patches *plan) {
  enum { WARP = 32, ROWS = 64, ENTRY = 60, CONTRIBUTION = 40, WALKED = 12, DEALT = 14, CHOSEN = 60 };
  gkt_device_cost c = {.strategy = "plan", .launches = 110, .computed = plan->num_computed};
  const double rows = plan->num_rows, pairs = plan->totals.pairs, plan_bytes = (double)gkt_row_patches_bytes(plan);
  double entries = 0, contributions = 0;
  for (int b = 0; b < in->in->num_blocks; b++) {
    const gkt_incidence *i = &in->incidence[b];
    c.cells += i->num_cells, entries += (double)i->num_cells * i->num[0], contributions += (double)i->num_cells * i->num[0] * i->num[1];
    c.floor_bytes += (double)count_sent(in, b);
  }
  const double star = rows > 0 ? entries / rows : 0, columns = entries > 0 ? contributions / entries : 0, walked = 2 * pairs * star * (1 + columns);
  const double loads = pairs > 0 ? contributions / pairs * (plan->pairs ? 2 : 1) : 0;
  c.floor_bytes += rows * 8 * in->in->dim + plan_bytes;
  c.dram_bytes = c.floor_bytes + count_sort(rows, 8, 63) + count_sort(entries, 4, bits_of(rows)) + count_sort(pairs, 4, 15 + bits_of(plan->num_patches)) + 2 * plan_bytes;
  c.l2_bytes = 1.2 * c.dram_bytes + 2 * contributions * sizeof(gkt_idx);
  c.wavefronts = walked / WARP * 2 + contributions * 4 / WARP;
  c.instructions = rows * ROWS * WARP + entries * ENTRY + contributions * CONTRIBUTION + walked * WALKED;
  if (in->in->window) c.instructions += WARP * (pairs * (loads * DEALT + CHOSEN) + (double)plan->num_computed * (in->in->dim + 1) * DEALT);
  return c;
}
