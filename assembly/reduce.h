/* From element tensors to matrices, vectors and numbers: the pattern, and the deterministic sum over cells ("fused": element tensors stay in cache).

   Cells are cut into chunks. The values that a chunk adds to are numbered within the chunk (its slots, 16 bits), so its element tensors are added to a small array in cache, in the
   order of the cells. A slot of a pair of nodes that no other chunk touches is private: its sum is the value. The sums of the shared ones are kept apart (`partial`) and joined at
   the end, in the order of the chunks. Nothing depends on the number of threads, and the pairs (i,j) and (j,i) are summed alike, so symmetric tensors give a symmetric matrix, bit
   for bit. Vectors have one column, numbers also one row: the same code. */
#ifndef GKT_ASSEMBLY_REDUCE_H
#define GKT_ASSEMBLY_REDUCE_H
#include "assembly/reference.h"
#include "forms/graph.h"

/* The nodes that the two indices of element tensors run over, in one cell block. */
typedef struct {
  gkt_idx num_cells;
  int num[2];              /* nodes per cell: rows, columns */
  const gkt_idx *nodes[2]; /* [num_cells][num[i]]; NULL: node 0 (num[i] = 1) */
} gkt_incidence;

/* Pairs of nodes that share a cell, and every (i,i) of a square matrix; columns ascend. A pair stands for a block of scalars. */
typedef struct {
  gkt_idx num_nodes[2];
  int block_size[2];
  gkt_idx *offsets; /* [num_nodes[0]+1] */
  gkt_idx *cols;    /* [offsets[num_nodes[0]]] */
} gkt_pattern;

typedef struct {
  int block;
  gkt_idx first, count;                 /* cells of the block */
  int pairs;                            /* of a cell */
  gkt_size slots;                       /* where the slots of its first cell start */
  gkt_idx num_private, num_shared;      /* slots; the private ones come first */
  gkt_size first_private, first_shared; /* before this chunk */
} gkt_chunk;

/* Where the blocks of some pairs are stored in the values of the result. */
typedef struct {
  gkt_idx *first;  /* first scalar */
  gkt_idx *stride; /* from one row of the block to the next */
} gkt_places;

typedef struct {
  gkt_context *ctx;
  gkt_pattern pattern;
  int block; /* scalars per pair */
  int num_chunks;
  gkt_chunk *chunks;
  gkt_idx max_slots;     /* of a chunk */
  uint16_t *slots;       /* [cells of a chunk][pairs of a cell], chunk after chunk */
  gkt_places private_;   /* [private slots], chunk after chunk */
  gkt_idx num_joined;    /* pairs that several chunks touch, or none */
  gkt_places joined;     /* [num_joined] */
  gkt_idx *join_offsets; /* [num_joined+1] */
  gkt_idx *join_sources; /* shared slots, in the order of the chunks */
  gkt_size num_shared;
  gkt_scalar *partial; /* [num_shared][block] */
} gkt_reduce;

gkt_status gkt_reduce_create(gkt_context *, int num_blocks, const gkt_incidence *blocks, const gkt_idx num_nodes[2], const int block_size[2], gkt_reduce **out);
void gkt_reduce_destroy(gkt_reduce **);
gkt_size gkt_reduce_num_values(const gkt_reduce *); /* scalars of the result */

/* Adds tensors [tile][pairs of a cell][block][GKT_LANES] of `count` cells of the chunk to sums [max_slots][block]. cells: within the block; NULL: first, first + 1, .. */
void gkt_reduce_add(const gkt_reduce *, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums);
/* '=': private sums to values, shared ones to the partial sums. */
void gkt_reduce_flush(gkt_reduce *, int chunk, const gkt_scalar *sums, gkt_scalar *values);
/* '=': the values of shared pairs; pairs without cells become 0. */
void gkt_reduce_join(const gkt_reduce *, gkt_scalar *values);

/* ---- inside (pattern.c) ---- */
typedef struct {
  gkt_idx *pairs;   /* pair of each contribution: [cells of block 0][rows][columns], [cells of block 1].. */
  gkt_idx *touched; /* [pairs] chunks that touch it */
} gkt_routing;
/* chunk_size [num_blocks]: cells per chunk. */
gkt_status gkt_pattern_create(gkt_context *, int num_blocks, const gkt_incidence *, const gkt_idx *chunk_size, gkt_pattern *inout, gkt_routing *out);
void gkt_pattern_clear(gkt_pattern *);
void gkt_routing_clear(gkt_routing *);
#endif
