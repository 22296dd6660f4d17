/* Arguments of kernels that compute element tensors, for C and for kernels. What differs from map to map follows (map_emit_device.c): tables, values, dof numbers, sums, ties. */
#ifndef GKT_ASSEMBLY_ELEMENTS_ARGUMENTS_H
#define GKT_ASSEMBLY_ELEMENTS_ARGUMENTS_H
#include "core/device.h"

/* Of a function whose nodes are tied or turned (ties.h). */
typedef struct {
  const gkt_idx *masters;     /* [nodes]; NULL: no cell has a master twice */
  const gkt_idx *turned;      /* [nodes] number of the node's matrix; -1: none. NULL: no node is turned */
  const gkt_scalar *matrices; /* [..][components][components] */
} gkt_tie_arguments;

typedef struct { /* u = C u~ (ties.cu) */
  gkt_tie_arguments ties;
  gkt_size count; /* dofs */
  int size;       /* components */
  const gkt_scalar *tied;
  gkt_scalar *u;
} gkt_expand_arguments;

typedef struct {
  const gkt_scalar *coords;
  const gkt_idx *geometry; /* of the block */
  const gkt_idx *cells;    /* of the group; NULL: all */
  const gkt_idx *runs;     /* [count + 1] first entity of each cell, of entities with rows of their own; NULL: one entity a cell */
  const gkt_scalar *constants;
  gkt_scalar *scratch; /* [threads][tensor] of large tensors */
  gkt_scalar normal[3], time;
  gkt_size fresh; /* bit c: nothing stands in the sums of coupling c yet */
  gkt_idx count;  /* cells of the group */
  gkt_idx num_points;
} gkt_elements_arguments;
#endif
