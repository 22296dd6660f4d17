/* Inside of the plan of patches on a device: patches_device.c (patches), patches_device_rows.c (what comes before they are cut). */
#ifndef GKT_ASSEMBLY_PATCHES_DEVICE_PLAN_H
#define GKT_ASSEMBLY_PATCHES_DEVICE_PLAN_H
#include "assembly/patches_device.h"
#include "assembly/patches_plan_arguments.h"
#include "core/sort.h"
#include "core/sort_arguments.h"

typedef struct {
  gkt_context *ctx;
  gkt_device *device;
  const gkt_device_patch_input *in;
  const gkt_patch_limits *limits;
  gkt_copies *kept;         /* what is the plan */
  gkt_copies meanwhile;     /* what goes with it: connectivity, pattern */
  gkt_bytes keys;           /* of sorts, */
  gkt_indices numbers;      /* and what they sort */
  gkt_indices order, stars; /* sorted */
  gkt_plan_arguments a;
  gkt_row_patches *out;
  gkt_patch_arrays *arrays;
  char *why;
} gkt_planning;

#define MEANWHILE(count, what, to) GKT_TRY(gkt_copies_make(&p->meanwhile, count, sizeof *(to), what, &(to)))
#define KEEP(count, what, to) GKT_TRY(gkt_copies_make(p->kept, count, sizeof *(to), what, &(to)))

gkt_status gkt_planning_launch(gkt_planning *, const char *kernel, gkt_size blocks, int threads, gkt_size shared) GKT_MUST_CHECK;
gkt_status gkt_planning_launch_each(gkt_planning *, const char *kernel, gkt_size count) GKT_MUST_CHECK; /* a thread for each */
gkt_status gkt_planning_read_most(const gkt_planning *, int most[GKT_PLAN_NUM_MOST]) GKT_MUST_CHECK;
gkt_status gkt_planning_scan(const gkt_planning *, gkt_size count, gkt_idx *sums, const char *what, gkt_idx *total) GKT_MUST_CHECK; /* in place */
static inline int gkt_planning_bits(gkt_size count) {
  int bits = 1;
  while ((gkt_size)1 << bits < count) bits++;
  return bits;
}
/* Rows in their order, with their cells, and the pattern; why: a row has too many columns. */
gkt_status gkt_planning_make_rows(gkt_planning *) GKT_MUST_CHECK;
#endif
