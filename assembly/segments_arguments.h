/* Arguments of the kernels of segments.cu, for C and for kernels. */
#ifndef GKT_ASSEMBLY_SEGMENTS_ARGUMENTS_H
#define GKT_ASSEMBLY_SEGMENTS_ARGUMENTS_H
#include "assembly/sets_arguments.h"

/* Terms that are summed before the sum is added to the total, on the host, too: rounding of long segments (a number has one, of all cells) grows with their length over this. */
enum { GKT_RUN = 512, GKT_SEGMENT_SETS = 4 /* of a batch, that a thread sums */ };

/* Where the blocks of a pattern stand in the values (gkt_reduce_place). */
typedef struct {
  const gkt_idx *rows;      /* [pairs] row of nodes; NULL: block k stands in one piece at k * block */
  const gkt_idx *row_pairs; /* [nodes + 1] first pair of each row */
  const gkt_idx *cols;      /* [pairs]; only where rounding is dropped */
  const gkt_idx *starts;    /* [nodes] first value of a row; NULL: rows follow each other */
  const gkt_idx *strides;   /* [nodes] values of one row of scalars */
  int block_rows, block_cols;
} gkt_places_arguments;

typedef struct {
  const gkt_scalar *tensors; /* [contributions][block] */
  const gkt_idx *offsets;    /* [pairs + 1] */
  const gkt_idx *order;      /* [contributions] */
  gkt_scalar *values;
  gkt_size pairs;
  gkt_places_arguments places;
  /* pairs of more than one run of terms */
  const gkt_idx *long_pairs; /* [num_long] */
  const gkt_idx *long_runs;  /* [num_long + 1] first run of each */
  const gkt_idx *run_owners; /* [runs] which of them */
  gkt_scalar *runs;          /* [runs][block] sums */
  gkt_idx num_long, num_runs;
  const gkt_scalar *sums; /* where they are to be spread */
  gkt_size between;       /* scalars from the tensors of a set to those of the next */
  gkt_sets_arguments sets;
} gkt_segments_arguments;

/* Entries that rounding left (gkt_targets_drop_rounding). */
typedef struct {
  gkt_scalar *values, *largest; /* largest: [rows] of the whole matrix */
  gkt_size pairs;
  gkt_idx num_nodes, first_row, first_col;
  gkt_places_arguments places;
} gkt_rounding_arguments;
#endif
