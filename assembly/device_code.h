/* What the kernels of an assembly do for one cell, one contribution and one value, counted in their machine code. The compiler unrolls and rearranges; what a loop is for shows by
   what it holds. */
#ifndef GKT_ASSEMBLY_DEVICE_CODE_H
#define GKT_ASSEMBLY_DEVICE_CODE_H
#include "core/code.h"

enum { GKT_CODE_MOST_SOURCES = 32 };
typedef struct {                                  /* of thread gkt_patch (patches.cu) */
  int registers;                                  /* of a thread */
  int num_sources;                                /* loops over the entities of a source, in their order */
  gkt_code_counts sources[GKT_CODE_MOST_SOURCES]; /* an entity */
  gkt_code_counts contribution, slot, coordinate,
      value; /* a contribution with all scalars of its block; the rest of a sum; a coordinate that is loaded; a value, where sums go out row by row */
} gkt_patch_code;
/* GKT_INTERNAL: no such loops are found. */
gkt_status gkt_patch_code_read(gkt_context *, const gkt_cubin_kernel *, int architecture, gkt_patch_code *out) GKT_MUST_CHECK;

typedef struct {                       /* of gkt_sum_segments (segments.cu) */
  gkt_code_counts contribution, value; /* a scalar of a contribution; the rest, for a scalar of the result */
} gkt_segments_code;
gkt_status gkt_segments_code_read(gkt_context *, const gkt_cubin_kernel *, int architecture, gkt_segments_code *out) GKT_MUST_CHECK;
/* A thread that does one cell, of a kernel whose loops over cells are not known to run more often. */
gkt_code_counts gkt_cell_code_read(const gkt_cubin_kernel *, int architecture);
#endif
