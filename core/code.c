/* What a kernel does for one of many items: the machine code of its loops, over what they do there. */
#include "core/code.h"

#include <string.h>

#include "core/device_inside.h"

gkt_code gkt_code_open(const gkt_cubin_kernel *k, int architecture) {
  gkt_code c = {.kernel = k, .architecture = architecture};
  c.num_loops = gkt_cubin_find_loops(k, architecture, c.loops);
  return c;
}

gkt_code_counts gkt_code_pass(const gkt_code *c, int loop, double unknown) { return gkt_cubin_count(c->kernel, c->architecture, c->num_loops, c->loops, loop, unknown); }

gkt_code_counts gkt_code_scale(const gkt_code_counts *c, double factor) {
  gkt_code_counts out = {.all = c->all * factor};
  for (int k = 0; k < GKT_CODE_KINDS; k++) out.of[k] = c->of[k] * factor;
  return out;
}

gkt_code_counts gkt_code_less(const gkt_code_counts *a, const gkt_code_counts *b, double times) {
  gkt_code_counts out = {.all = fmax(0, a->all - times * b->all)};
  for (int k = 0; k < GKT_CODE_KINDS; k++) out.of[k] = fmax(0, a->of[k] - times * b->of[k]);
  return out;
}

double gkt_code_fp64(const gkt_code_counts *c) { return c->of[GKT_CODE_DFMA] + c->of[GKT_CODE_DADD] + c->of[GKT_CODE_DMUL] + c->of[GKT_CODE_DREST]; }

static bool is_within(const gkt_code *c, int loop, int around) {
  while (loop >= 0 && loop != around) loop = c->loops[loop].around;
  return loop == around;
}

int gkt_code_find_sum(const gkt_code *c, int around) {
  int found = -1;
  double most = 0;
  for (int l = 0; l < c->num_loops; l++) {
    const gkt_code_counts in = gkt_code_pass(c, l, 0);
    if (is_within(c, l, around) && in.of[GKT_CODE_LDG] > 0 && gkt_code_fp64(&in) >= most && gkt_code_fp64(&in) > 0) most = gkt_code_fp64(&in), found = l;
  }
  return found;
}

void gkt_code_keep_best(gkt_code_counts *best, const gkt_code_counts *in, gkt_code_kind kind) {
  const gkt_code_counts each = gkt_code_scale(in, 1 / in->of[kind]);
  if (best->all == 0 || each.all < best->all) *best = each;
}

/* Of several loops the one that needs the fewest instructions for an item runs most of the time. */
gkt_loop_code gkt_loop_code_read(const gkt_cubin_kernel *k, int architecture, gkt_code_kind kind, double each) {
  const gkt_code c = gkt_code_open(k, architecture);
  const gkt_code_counts all = gkt_code_pass(&c, -1, 0);
  gkt_loop_code out = {.registers = k->info.registers, .item = {{0}, 0}, .thread = all};
  double outside = all.of[kind] / each; /* items of loops that were unrolled as far as they go stand outside of them */
  for (int l = 0; l < c.num_loops; l++) {
    const gkt_code_counts in = gkt_code_pass(&c, l, 0);
    if (in.of[GKT_CODE_LDG] == 0) out.join = gkt_code_less(&out.join, &in, -1);
    else if (in.of[kind] > 0 && gkt_code_fp64(&in) > 0) gkt_code_keep_best(&out.item, &in, kind);
  }
  if (out.item.all == 0) return out.item = gkt_code_scale(&all, 1 / outside), out.thread = (gkt_code_counts){{0}, 0}, out;
  out.item = gkt_code_scale(&out.item, each);
  out.thread = gkt_code_less(&all, &out.item, outside);
  return out;
}

gkt_status gkt_code_compile(gkt_context *ctx, const char *const *parts, int architecture, char **image, int *count, gkt_cubin_kernel **out) {
  char *made = NULL;
  size_t bytes;
  GKT_TRY(gkt_device_image(ctx, gkt_driver_cuda(), architecture, parts, &made, &bytes));
  gkt_status status = gkt_cubin_read(ctx, made, (gkt_size)bytes, count, out);
  if (status == GKT_OK) *image = made;
  else gkt_free(&made);
  return status;
}

const gkt_cubin_kernel *gkt_code_find(int count, const gkt_cubin_kernel *kernels, const char *name) {
  for (int k = 0; k < count; k++)
    if (!strcmp(kernels[k].info.name, name)) return &kernels[k];
  return NULL;
}
