/* Strategies of the reduce, for reduce*.c only.

   The model of `auto`: bytes between processor and memory in one execution, maps apart, as if everything larger than a chunk left the cache. What is read counts once, what is
   written GKT_WRITTEN times, since its cache line is read first; indices count as they are stored. On a CPU `fused` is nearly always the least: it reads 2 bytes for each
   contribution and stores each sum of a chunk once, while the others write every contribution to memory and read it again. It loses where the cells at a node are far apart in the
   list. */
#ifndef GKT_ASSEMBLY_REDUCE_STRATEGY_H
#define GKT_ASSEMBLY_REDUCE_STRATEGY_H
#include "assembly/reduce.h"
#include "assembly/segments_arguments.h"

enum { GKT_WRITTEN = 2 };

/* Arguments as in reduce.h. plan: allocates all that execution needs and may use up the routing; what it leaves half done, clear frees (but `kept`). bytes: of `fused` after its
 * plan, of others at any time.
 */
struct gkt_strategy {
  const char *name;
  gkt_status (*plan)(gkt_reduce *, gkt_routing *);
  void (*clear)(gkt_reduce *);
  gkt_scalar *(*begin)(gkt_reduce *, const gkt_chunk *, gkt_scalar *scratch);
  void (*add)(const gkt_reduce *, const gkt_chunk *, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums);
  void (*flush)(gkt_reduce *, const gkt_chunk *, const gkt_scalar *sums, gkt_scalar *values);
  void (*join)(const gkt_reduce *, gkt_scalar *values);
  gkt_size (*bytes)(const gkt_reduce *);
};

/* ---- fused (reduce_fused.c: plan; reduce_fused_sum.c: execution) ---- */
gkt_status gkt_fused_plan(gkt_reduce *, gkt_routing *);
void gkt_fused_clear(gkt_reduce *);
gkt_scalar *gkt_fused_begin(gkt_reduce *, const gkt_chunk *, gkt_scalar *scratch);
void gkt_fused_add(const gkt_reduce *, const gkt_chunk *, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums);
void gkt_fused_flush(gkt_reduce *, const gkt_chunk *, const gkt_scalar *sums, gkt_scalar *values);
void gkt_fused_join(const gkt_reduce *, gkt_scalar *values);
gkt_size gkt_fused_bytes(const gkt_reduce *);

/* ---- element tensors of all cells in memory (reduce_elements.c) ---- */
gkt_status gkt_elements_make(gkt_reduce *);                                                                        /* `kept` */
gkt_status gkt_segments_make(const gkt_reduce *, const gkt_routing *, gkt_segments *inout);                        /* inout: zero */
gkt_status gkt_segments_find(const gkt_reduce *, const gkt_incidence *blocks, gkt_segments *inout) GKT_MUST_CHECK; /* the same where the routing has gone */
gkt_status gkt_segments_check(const gkt_reduce *) GKT_MUST_CHECK;                                                  /* can their lists number all contributions? */
void gkt_segments_clear(gkt_segments *);
gkt_scalar *gkt_elements_begin(gkt_reduce *, const gkt_chunk *, gkt_scalar *scratch);
void gkt_elements_add(const gkt_reduce *, const gkt_chunk *, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums);
void gkt_elements_flush(gkt_reduce *, const gkt_chunk *, const gkt_scalar *sums, gkt_scalar *values);
gkt_size gkt_elements_bytes(const gkt_reduce *);

/* ---- their sums ---- */
gkt_status gkt_segmented_plan(gkt_reduce *, gkt_routing *);
void gkt_segmented_clear(gkt_reduce *);
void gkt_segmented_join(const gkt_reduce *, gkt_scalar *values);
gkt_size gkt_segmented_bytes(const gkt_reduce *);

gkt_status gkt_spmm_route(const gkt_reduce *, gkt_csr **out); /* R, from the lists; rows as the values of a pattern that is alone */
gkt_status gkt_spmm_plan(gkt_reduce *, gkt_routing *);
void gkt_spmm_clear(gkt_reduce *);
void gkt_spmm_join(const gkt_reduce *, gkt_scalar *values);
gkt_size gkt_spmm_bytes(const gkt_reduce *);

/* Loops over blocks are written once and compiled for the sizes that matter. */
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 9")
#define FOR_BLOCK(rows, cols, call)                  \
  do {                                               \
    if ((rows) == 1 && (cols) == 1) call(1, 1);      \
    else if ((rows) == 2 && (cols) == 2) call(2, 2); \
    else if ((rows) == 3 && (cols) == 3) call(3, 3); \
    else call(rows, cols);                           \
  } while (0)

#endif
