#include "assembly/device_code.h"

#include "core/device_inside.h"

typedef struct {
  const gkt_cubin_kernel *kernel;
  int architecture, num_loops;
  gkt_code_loop loops[GKT_CODE_MOST_LOOPS];
} code;

static code open_code(const gkt_cubin_kernel *k, int architecture) {
  code c = {.kernel = k, .architecture = architecture};
  c.num_loops = gkt_cubin_find_loops(k, architecture, c.loops);
  return c;
}

static gkt_code_counts pass(const code *c, int loop, double unknown) { return gkt_cubin_count(c->kernel, c->architecture, c->num_loops, c->loops, loop, unknown); }

static gkt_code_counts scaled(const gkt_code_counts *c, double factor) {
  gkt_code_counts out = {.all = c->all * factor};
  for (int k = 0; k < GKT_CODE_KINDS; k++) out.of[k] = c->of[k] * factor;
  return out;
}

static gkt_code_counts less(const gkt_code_counts *a, const gkt_code_counts *b, double times) {
  gkt_code_counts out = {.all = fmax(0, a->all - times * b->all)};
  for (int k = 0; k < GKT_CODE_KINDS; k++) out.of[k] = fmax(0, a->of[k] - times * b->of[k]);
  return out;
}

double gkt_code_fp64(const gkt_code_counts *c) { return c->of[GKT_CODE_DFMA] + c->of[GKT_CODE_DADD] + c->of[GKT_CODE_DMUL] + c->of[GKT_CODE_DREST]; }

static bool is_within(const code *c, int loop, int around) {
  while (loop >= 0 && loop != around) loop = c->loops[loop].around;
  return loop == around;
}

/* The loop in `around` (or itself; -1: anywhere) that does the most for numbers that it reads from memory, unrolled as far as the compiler likes; the rest of it stands behind. -1:
   none. */
static int find_sum(const code *c, int around) {
  int found = -1;
  double most = 0;
  for (int l = 0; l < c->num_loops; l++) {
    const gkt_code_counts in = pass(c, l, 0);
    if (is_within(c, l, around) && in.of[GKT_CODE_LDG] > 0 && gkt_code_fp64(&in) >= most && gkt_code_fp64(&in) > 0) most = gkt_code_fp64(&in), found = l;
  }
  return found;
}

/* Per item of the kind; of several loops the one that needs the fewest instructions for it runs most of the time. */
static void keep_best(gkt_code_counts *best, const gkt_code_counts *in, gkt_code_kind kind) {
  const gkt_code_counts each = scaled(in, 1 / in->of[kind]);
  if (best->all == 0 || each.all < best->all) *best = each;
}

/* Each load of the sum is of a word of two contributions. */
static void read_gather(const code *c, int loop, gkt_patch_code *out) {
  enum { PER_WORD = 2 };
  const int sum = find_sum(c, loop);
  if (sum < 0) return;
  const gkt_code_counts in = pass(c, sum, 0), outer = pass(c, loop, 0);
  out->contribution = scaled(&in, 1 / (PER_WORD * in.of[GKT_CODE_LDG]));
  if (sum != loop) out->slot = less(&outer, &out->contribution, gkt_code_fp64(&outer) / gkt_code_fp64(&out->contribution));
}

/* Loops that compute stand in the order of the text: sources, then the sums. */
gkt_status gkt_patch_code_read(gkt_context *ctx, const gkt_cubin_kernel *k, int architecture, gkt_patch_code *out) {
  const code c = open_code(k, architecture);
  int gather = -1;
  *out = (gkt_patch_code){.registers = k->info.registers};
  for (int l = 0; l < c.num_loops; l++) {
    const gkt_code_counts in = pass(&c, l, 1);
    if (c.loops[l].around >= 0) continue;
    if (gkt_code_fp64(&in) > 0) gather = l;
    else if (in.of[GKT_CODE_STG] > 0) keep_best(&out->value, &in, GKT_CODE_STG);
    else if (in.of[GKT_CODE_STS] > 0 && in.of[GKT_CODE_LDG] > in.of[GKT_CODE_STS]) keep_best(&out->coordinate, &in, GKT_CODE_STS); /* its node comes first; tables have none */
  }
  for (int l = 0; l < gather && out->num_sources < GKT_CODE_MOST_SOURCES; l++) {
    const gkt_code_counts in = pass(&c, l, 1);
    if (c.loops[l].around < 0 && gkt_code_fp64(&in) > 0) out->sources[out->num_sources++] = in;
  }
  if (gather >= 0) read_gather(&c, gather, out);
  if (!out->num_sources || out->contribution.all == 0) return gkt_fail(ctx, GKT_INTERNAL, "the loops of %s are not found in its machine code", k->info.name);
  return GKT_OK;
}

gkt_status gkt_segments_code_read(gkt_context *ctx, const gkt_cubin_kernel *k, int architecture, gkt_segments_code *out) {
  const code c = open_code(k, architecture);
  const int sum = find_sum(&c, -1);
  if (sum < 0) return gkt_fail(ctx, GKT_INTERNAL, "the loop of %s is not found in its machine code", k->info.name);
  const gkt_code_counts in = pass(&c, sum, 1), outer = pass(&c, -1, 0);
  out->contribution = scaled(&in, 1 / in.of[GKT_CODE_DADD]);
  out->value = less(&outer, &out->contribution, fmax(0, outer.of[GKT_CODE_DADD] - 1)); /* one of them adds the run to the sum */
  return GKT_OK;
}

gkt_code_counts gkt_cell_code_read(const gkt_cubin_kernel *k, int architecture) {
  const code c = open_code(k, architecture);
  return pass(&c, -1, 1);
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
