/* The pieces that a system on the device falls into, as pieces.c has them. Not installed. */
#ifndef GKT_SOLVERS_DEVICE_PIECES_H
#define GKT_SOLVERS_DEVICE_PIECES_H
#include "solvers/device_chunks.h"

typedef struct {
  gkt_idx count;
  gkt_device_chunks chunks; /* of several; empty: there is one, whose chunks are the parts of all rows */
  gkt_indices of, roots;    /* [num_rows] of several: the number of the piece, -1: the dof is given; first dofs of the pieces */
} gkt_device_pieces;
struct gkt_device_system;
/* ->pieces, by the values that A has now; moved: they are others than before. */
gkt_status gkt_device_pieces_find(struct gkt_device_system *, bool *moved) GKT_MUST_CHECK;
/* Do the conditions beside each piece, by the pattern, hold all of its motions? After gkt_device_pieces_find. */
gkt_status gkt_device_pieces_are_held(struct gkt_device_system *, bool *held) GKT_MUST_CHECK;
void gkt_device_pieces_destroy(gkt_device *, gkt_device_pieces *); /* zeroed is fine */
#endif
