/* The pieces of a system, cut for sums on the device. Not installed. */
#ifndef GKT_SOLVERS_DEVICE_CHUNKS_H
#define GKT_SOLVERS_DEVICE_CHUNKS_H
#include "core/vector.h"
#include "solvers/linear.h"

typedef struct {
  gkt_size num_pieces, num_chunks;
  gkt_indices dofs, chunks, first_chunks; /* chunk k: dofs[chunks[k] .. chunks[k+1]-1], at most GKT_PART; piece c: chunks first_chunks[c] .. first_chunks[c+1]-1 */
} gkt_device_chunks;
gkt_status gkt_device_chunks_send(gkt_context *, gkt_device *, const gkt_pieces *,
                                  gkt_device_chunks *out) GKT_MUST_CHECK; /* out: zeroed; destroyed after a failure as well. Pieces without dofs are ranges of rows. */
void gkt_device_chunks_destroy(gkt_device *, gkt_device_chunks *);        /* zeroed is fine */
#endif
