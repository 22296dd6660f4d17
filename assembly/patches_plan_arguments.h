/* What the kernels that plan patches (patches_plan.cu) are told: all of them the same struct, of which each reads and writes its part. Arrays as in patches.h where they have its
   names. Read by C and by the kernels. */
#ifndef GKT_ASSEMBLY_PATCHES_PLAN_ARGUMENTS_H
#define GKT_ASSEMBLY_PATCHES_PLAN_ARGUMENTS_H
#include "core/device.h"

enum {
  GKT_PLAN_THREADS = 256,
  GKT_PLAN_MOST_BLOCKS = 7,
  GKT_PLAN_MOST_COLUMNS = 1024,
  GKT_PLAN_COLUMN_TABLE = 2048,
  GKT_PLAN_MOST_WINDOW = 32,
  GKT_PLAN_COUNTS = 3,                               /* of a patch at hand: cells, nodes, pairs that are not summed */
  GKT_PLAN_DEAL_SHARED = 64 * (16 + 1 + 16 * 16) * 2 /* bytes */
};
/* Numbers that all patches add to: the most of one patch (its shared memory in scalars), and whether a row does not fit. */
enum { GKT_PLAN_ROWS, GKT_PLAN_NODES, GKT_PLAN_PAIRS, GKT_PLAN_CELLS, GKT_PLAN_CONTRIBUTIONS, GKT_PLAN_SCALARS, GKT_PLAN_WORDS, GKT_PLAN_MISFITS, GKT_PLAN_NUM_MOST };
enum { GKT_PLAN_OWN_NONE, GKT_PLAN_OWN_ROW, GKT_PLAN_OWN_FIRST }; /* the column that a row has in any case */

typedef struct {                                   /* of a block of cells */
  gkt_idx num_cells, cells_before, entries_before; /* entries: (cell, row of it), through all blocks */
  int nodes[2], corners, record, tensors, apart;   /* tensors, apart: of pair mode, as in gkt_patch_cells */
  const gkt_idx *rows, *cols, *geometry;           /* [cells][nodes[0]], [cells][nodes[1]]; NULL: node 0; [cells][corners] */
  const gkt_byte *touched;                         /* [cells]; NULL: all */
  gkt_idx *own;                                    /* [cells] scalars of the records of its entities; NULL: they have none */
  gkt_idx *first, *cells, *sorted;                 /* sorted: cells before they are dealt, with their numbers; or cells itself */
  gkt_short *numbers, *sorted_numbers;
  gkt_short *place; /* of a sorted cell among those that were dealt; NULL: its own */
} gkt_plan_block;

typedef struct {
  gkt_idx rows, nodes, cells, contributions, scalars; /* of a patch, at most */
} gkt_plan_limits;

typedef struct {
  gkt_plan_block blocks[GKT_PLAN_MOST_BLOCKS];
  gkt_plan_limits limits;
  int num_blocks, dim, block, block_cols, sets, tables, zeros, half, pairs, once, own; /* pairs: mode of records */
  int cell_table, node_table, cell_list, node_list;                                    /* powers of two: sizes in shared memory */
  int window;                                                                          /* of dealing, at most GKT_PLAN_MOST_WINDOW; 0: none */
  gkt_idx num_rows, num_entries, num_patches, segment;
  const gkt_scalar *points; /* [rows][dim] */
  gkt_scalar *parts;        /* [tiles][6] least and most of x, y, z; then those of all in [0] */
  gkt_idx tiles;
  unsigned long long *curve; /* [rows] keys */
  gkt_idx *order, *rank;     /* [rows]; which row comes at a place, and where a row comes */
  unsigned *ranks;           /* [entries] of their rows; then sorted */
  gkt_idx *star_first;       /* [rows + 1] by places of the order */
  const gkt_idx *star;       /* [entries] those of a row, ascending */
  gkt_idx *row_pairs, *cols; /* pattern: [rows + 1], columns; cols NULL: they are counted */
  gkt_idx *marks;            /* [rows + 1] 1 where a patch begins; then patches before */
  int *most;                 /* [GKT_PLAN_NUM_MOST] */
  unsigned long long *contributions;
  const gkt_idx *embedded, *embedded_stride; /* [rows] where rows stand in values that patterns share; NULL: one after the other */
  gkt_idx *first_row, *rows, *first_pair, *first_value, *stride, *first_node, *nodes, *first_group, *first_word;
  gkt_short *list, *slots, *places, *mirrors;              /* slots of scalars, places and mirrors of blocks; */
  gkt_short *sorted_list, *sorted_places, *sorted_mirrors; /* of all, before slots are dealt; sorted_list: or the same */
  unsigned long long *waves;                               /* [5] of sums, of tables; loads of corners, and their wavefronts; of second nodes */
  gkt_idx *summed;                                         /* [num_patches] pairs that are summed */
  gkt_idx *counts;                                         /* [pairs] contributions of each, in the order of first_pair */
  unsigned *keys;                                          /* [pairs] by which they are sorted: 32 bits, */
  unsigned long long *wide_keys;                           /* or 64 */
  const gkt_idx *sorted;                                   /* [pairs] */
  /* entities of a source, on one block */
  int source_block, source_own; /* source_own: scalars of their records */
  gkt_idx source_count;
  const gkt_idx *source_cells;
  gkt_byte *source_touched;
  gkt_idx *source_first, *entities; /* entities NULL: they are counted */
  gkt_short *records;
} gkt_plan_arguments;
#endif
