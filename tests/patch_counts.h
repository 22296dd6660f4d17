/* What the model counts of a fused assembly, for tests: the shares of a form's first block, which a test may change, and the patches that are planned of them for a GPU of the kind
   that costs are predicted for. */
#ifndef GKT_TESTS_PATCH_COUNTS_H
#define GKT_TESTS_PATCH_COUNTS_H
#include "tests/patch_forms.h"

#include "assembly/device_count.h"
#include "assembly/patches_emit.h"

static inline gkt_patch_shares shares_of(const posed *p) {
  gkt_patch_shares shares;
  char why[200];
  must(gkt_patch_shares_create(p->assembler, 0, &shares, why), "shares");
  return shares;
}

/* NULL: it fits into no patch, and nothing is counted. */
static inline gkt_row_patches *count_patches(const gkt_patch_shares *shares, gkt_device_cost *cost) {
  const gkt_patch_limits limits = gkt_patch_limits_default(228 << 10);
  gkt_row_patches *patches;
  char why[200];
  must(gkt_target_patches_create(shares, &limits, -1, &patches, why), "patches");
  *cost = patches ? gkt_fused_count(shares, patches, 1) : (gkt_device_cost){0};
  return patches;
}
#endif
