/* The strategy `fused` on a device: a target's plan of patches and its kernel. */
#ifndef GKT_ASSEMBLY_PATCHES_RUN_H
#define GKT_ASSEMBLY_PATCHES_RUN_H
#include "assembly/assembler.h"
#include "assembly/device_copies.h"
#include "core/device_cost.h"
#include "assembly/device_inputs.h"
#include "assembly/patches.h"
#include "assembly/sets_arguments.h"

typedef struct gkt_fused gkt_fused;
typedef struct {
  gkt_idx rows; /* of a patch, at most; 0: as many as fit */
  int sets;     /* of a batch, that a block of threads does; 0: one call, by gkt_fused_run */
  int window;   /* as in gkt_patch_input; -1: the default */
  bool on_host; /* planned there, as those of batches are; else on the device, where that can be */
} gkt_fused_options;
gkt_patch_limits gkt_patch_limits_of(const gkt_device_info *);
/* The plan, by which it can be judged. Lists of the target's reduce (segments) are made where the host plans, and may go afterwards. *out is NULL, and why tells the reason, of
   what can not be fused: `segmented` does all. */
gkt_status gkt_fused_create(const gkt_device_inputs *, int target, const gkt_fused_options *, gkt_fused **out, char why[200]) GKT_MUST_CHECK;
/* Its arrays and its kernel to the device, before it runs. */
gkt_status gkt_fused_send(gkt_fused *, gkt_copies *) GKT_MUST_CHECK;
void gkt_fused_destroy(gkt_fused **); /* before its device is closed */

const gkt_device_cost *gkt_fused_get_cost(const gkt_fused *);
void gkt_fused_describe(const gkt_fused *, size_t size, char *what); /* in words, for a line of detail */
/* '=': all values of the target, of the inputs that were sent last; values: of all targets. */
gkt_status gkt_fused_run(const gkt_fused *, gkt_scalar time, gkt_scalar *values) GKT_MUST_CHECK;
/* Sets of a batch, by one launch: on the device all that inputs point to, of the first of them, and values. strides [functions]; how->items is not read. */
gkt_status gkt_fused_run_sets(const gkt_fused *, const gkt_inputs *, const gkt_sets_arguments *how, const gkt_size *strides, gkt_scalar *values) GKT_MUST_CHECK;
#endif
