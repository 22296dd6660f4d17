/* Fused assembly on the emulated device beside the CPU's `segmented`, value by value. */
#ifndef GKT_TESTS_PATCH_FUSED_H
#define GKT_TESTS_PATCH_FUSED_H
#include "tests/emulated_device.h"
#include "tests/patch_forms.h"

#include "assembly/patches_emit.h"
#include "assembly/patches_run.h"

static gkt_device *device;
static inline void begin(void) {
  use_context((gkt_context_options){.backend = GKT_BACKEND_CPU, .reduce = GKT_REDUCE_SEGMENTED, .separate_rounding = true, .poison = true});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

static inline gkt_size num_values(const posed *p) { return p->assembler->targets.num_values; }

static inline gkt_inputs inputs_for(const posed *p) {
  return (gkt_inputs){.spaces = p->spaces, .values = (const gkt_scalar *const *)p->values, .constants = p->constants, .time = 0.5};
}

static inline gkt_scalar *assemble(const posed *p) {
  const gkt_inputs inputs = inputs_for(p);
  gkt_scalar *out = malloc((size_t)num_values(p) * sizeof *out);
  if (p->form) {
    gkt_csr *A;
    must(gkt_assembler_matrix(p->assembler, &A), "matrix");
    must(gkt_assemble_matrix(p->assembler, &inputs, A), "matrix");
    memcpy(out, A->vals, (size_t)num_values(p) * sizeof *out);
    gkt_csr_destroy(&A);
  } else must(gkt_assemble_vector(p->assembler, &inputs, out), "vector");
  return out;
}

/* What the fused kernels of all targets give; a target that is refused: why. */
static inline gkt_scalar *assemble_fused(const posed *p, const gkt_fused_options *options, char why[200]) {
  gkt_copies copies = {.ctx = ctx, .device = device};
  gkt_device_inputs in;
  const gkt_inputs inputs = inputs_for(p);
  gkt_scalar *to, *out = malloc((size_t)num_values(p) * sizeof *out);
  memset(out, 0xFF, (size_t)num_values(p) * sizeof *out);
  must(gkt_copies_add(&copies, out, num_values(p), sizeof *to, "values", &to), "values");
  must(gkt_device_inputs_create(p->assembler, device, &in), "inputs");
  must(gkt_device_inputs_send(&in, &inputs), "inputs");
  *why = 0;
  for (int t = 0; t < p->assembler->targets.count && !*why; t++) {
    gkt_fused *fused;
    if (!p->assembler->targets.all[t].reduce) continue;
    must(gkt_fused_create(&in, t, options, &fused, why), "plan");
    if (!*why) must(gkt_fused_send(fused, &copies), "plan");
    if (!*why) must(gkt_fused_run(fused, inputs.time, to), "launch");
    gkt_fused_destroy(&fused);
  }
  must(gkt_device_download(device, to, out, num_values(p) * (gkt_size)sizeof *out), "download");
  gkt_device_inputs_clear(&in);
  gkt_copies_clear(&copies);
  return out;
}

static inline void same(const posed *p, const gkt_scalar *expected, const gkt_fused_options *options, const char *what) {
  char why[200];
  gkt_scalar *found = assemble_fused(p, options, why);
  gkt_size differ = 0;
  if (*why) fail_msg("%s: not fused: %s", what, why);
  for (gkt_size i = 0; i < num_values(p); i++) differ += memcmp(&found[i], &expected[i], sizeof *found) != 0;
  if (differ) fail_msg("%s: %ld of %ld values differ", what, (long)differ, (long)num_values(p));
  free(found);
}

/* Patches of two sizes, dealt and not. */
static inline void check(gkt_mesh *mesh, int degree, int components, bool two, int arity, const char *equation) {
  posed p;
  pose(mesh, degree, components, two, arity, equation, &p);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 24}, equation);
  same(&p, expected, &(gkt_fused_options){.rows = 64, .window = 32}, equation);
  free(expected);
  drop(&p);
}

/* The same of blocks that the summing thread forms: no records are tensors. */
static inline void check_pairs(gkt_mesh *mesh, int degree, int components, bool two, const char *equation) {
  posed p;
  char why[200];
  pose(gkt_mesh_retain(mesh), degree, components, two, 2, equation, &p);
  for (int t = 0; t < p.assembler->targets.count; t++) {
    gkt_patch_shares shares;
    if (!p.assembler->targets.all[t].reduce) continue;
    must(gkt_patch_shares_create(p.assembler, t, &shares, why), "shares");
    if (*why || !shares.kinds[0].stride) fail_msg("%s, target %d: %s", equation, t, *why ? why : "not by pairs");
    gkt_patch_shares_clear(&shares);
  }
  drop(&p);
  check(mesh, degree, components, two, 2, equation);
}
#endif
