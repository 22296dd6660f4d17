/* Counts of machine code: what a kernel does for one of many items, and beside its loops. The compiler unrolls and rearranges; what a loop is for shows by what it holds. */
#ifndef GKT_CORE_CODE_H
#define GKT_CORE_CODE_H
#include "core/cubin.h"

typedef struct {
  const gkt_cubin_kernel *kernel;
  int architecture, num_loops;
  gkt_code_loop loops[GKT_CODE_MOST_LOOPS];
} gkt_code;
gkt_code gkt_code_open(const gkt_cubin_kernel *, int architecture);
gkt_code_counts gkt_code_pass(const gkt_code *, int loop, double unknown); /* gkt_cubin_count */
gkt_code_counts gkt_code_scale(const gkt_code_counts *, double factor);
gkt_code_counts gkt_code_less(const gkt_code_counts *, const gkt_code_counts *, double times); /* nothing below 0 */
double gkt_code_fp64(const gkt_code_counts *);                                                 /* what the unit for 64-bit numbers does: sums, products, both in one, comparisons */
/* The loop in `around` (or itself; -1: anywhere) that does the most for numbers that it reads from memory, unrolled as far as the compiler likes; the rest of it stands behind. -1:
   none. */
int gkt_code_find_sum(const gkt_code *, int around);
/* For each instruction of the kind, where that is less than before; 0: before is nothing. */
void gkt_code_keep_best(gkt_code_counts *best, const gkt_code_counts *in, gkt_code_kind);

typedef struct {
  int registers;
  gkt_code_counts item, thread, join; /* of a loop's items; of a thread, beside its loops; of a pass of all loops that read nothing from memory, as those are that join threads */
} gkt_loop_code;
/* Of a kernel whose loops need `each` instructions of the kind for an item: a product with a sum for an entry of a row, some loads for an entry of a vector. Loops that are known
   to run some times are not followed. */
gkt_loop_code gkt_loop_code_read(const gkt_cubin_kernel *, int architecture, gkt_code_kind, double each);

/* A text, compiled without a device. *image is to be freed after *out was used. GKT_UNAVAILABLE: there is no NVRTC. */
gkt_status gkt_code_compile(gkt_context *, const char *const *parts, int architecture, char **image, int *count, gkt_cubin_kernel **out) GKT_MUST_CHECK;
const gkt_cubin_kernel *gkt_code_find(int count, const gkt_cubin_kernel *, const char *name); /* NULL: there is none */
#endif
