/* The strategy `fused` on a device: a target's plan of patches and its kernel. */
#ifndef GKT_ASSEMBLY_PATCHES_RUN_H
#define GKT_ASSEMBLY_PATCHES_RUN_H
#include "assembly/assembler.h"
#include "assembly/device_copies.h"
#include "assembly/device_cost.h"

typedef struct gkt_fused gkt_fused;
typedef struct {
  gkt_idx rows; /* of a patch, at most; 0: as many as fit */
  int window;   /* as in gkt_patch_input; -1: the default */
} gkt_fused_options;
/* Needs the lists of the target's reduce (segments), which may go afterwards. *out is NULL, and why tells the reason, of what can not be fused: `segmented` does all. */
gkt_status gkt_fused_create(const gkt_assembler *, int target, gkt_device *, gkt_copies *, const gkt_fused_options *, gkt_fused **out, char why[200]) GKT_MUST_CHECK;
void gkt_fused_destroy(gkt_fused **); /* before its device is closed */

/* Where on the device what the maps read is; of functions that none reads, anything. */
typedef struct {
  const gkt_scalar *coords, *constants;
  const gkt_scalar *const *values; /* [functions] */
  gkt_scalar time;
} gkt_fused_inputs;
/* '=': all values of the target; values: of all targets. */
gkt_status gkt_fused_run(const gkt_fused *, const gkt_fused_inputs *, gkt_scalar *values) GKT_MUST_CHECK;
#endif
