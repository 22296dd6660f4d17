#include "assembly/device_code.h"

/* Each load of the sum is of a word of two contributions. */
static void read_gather(const gkt_code *c, int loop, gkt_patch_code *out) {
  enum { PER_WORD = 2 };
  const int sum = gkt_code_find_sum(c, loop);
  if (sum < 0) return;
  const gkt_code_counts in = gkt_code_pass(c, sum, 0), outer = gkt_code_pass(c, loop, 0);
  out->contribution = gkt_code_scale(&in, 1 / (PER_WORD * in.of[GKT_CODE_LDG]));
  if (sum != loop) out->slot = gkt_code_less(&outer, &out->contribution, gkt_code_fp64(&outer) / gkt_code_fp64(&out->contribution));
}

/* Loops that compute stand in the order of the text: sources, then the sums. */
gkt_status gkt_patch_code_read(gkt_context *ctx, const gkt_cubin_kernel *k, int architecture, gkt_patch_code *out) {
  const gkt_code c = gkt_code_open(k, architecture);
  int gather = -1;
  *out = (gkt_patch_code){.registers = k->info.registers};
  for (int l = 0; l < c.num_loops; l++) {
    const gkt_code_counts in = gkt_code_pass(&c, l, 1);
    if (c.loops[l].around >= 0) continue;
    if (gkt_code_fp64(&in) > 0) gather = l;
    else if (in.of[GKT_CODE_STG] > 0) gkt_code_keep_best(&out->value, &in, GKT_CODE_STG);
    else if (in.of[GKT_CODE_STS] > 0 && in.of[GKT_CODE_LDG] > in.of[GKT_CODE_STS])
      gkt_code_keep_best(&out->coordinate, &in, GKT_CODE_STS); /* its node comes first; tables have none */
  }
  for (int l = 0; l < gather && out->num_sources < GKT_CODE_MOST_SOURCES; l++) {
    const gkt_code_counts in = gkt_code_pass(&c, l, 1);
    if (c.loops[l].around < 0 && gkt_code_fp64(&in) > 0) out->sources[out->num_sources++] = in;
  }
  if (gather >= 0) read_gather(&c, gather, out);
  if (!out->num_sources || out->contribution.all == 0) return gkt_fail(ctx, GKT_INTERNAL, "the loops of %s are not found in its machine code", k->info.name);
  return GKT_OK;
}

gkt_status gkt_segments_code_read(gkt_context *ctx, const gkt_cubin_kernel *k, int architecture, gkt_segments_code *out) {
  const gkt_code c = gkt_code_open(k, architecture);
  const int sum = gkt_code_find_sum(&c, -1);
  if (sum < 0) return gkt_fail(ctx, GKT_INTERNAL, "the loop of %s is not found in its machine code", k->info.name);
  const gkt_code_counts in = gkt_code_pass(&c, sum, 1), outer = gkt_code_pass(&c, -1, 0);
  out->contribution = gkt_code_scale(&in, 1 / in.of[GKT_CODE_DADD]);
  out->value = gkt_code_less(&outer, &out->contribution, fmax(0, outer.of[GKT_CODE_DADD] - 1)); /* one of them adds the run to the sum */
  return GKT_OK;
}

gkt_code_counts gkt_cell_code_read(const gkt_cubin_kernel *k, int architecture) {
  const gkt_code c = gkt_code_open(k, architecture);
  return gkt_code_pass(&c, -1, 1);
}
