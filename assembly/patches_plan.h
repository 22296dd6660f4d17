/* Inside of the plan of patches: patches.c (cutting), patches_fill.c, patches_deal.c, patch_numbers.c. */
#ifndef GKT_ASSEMBLY_PATCHES_PLAN_H
#define GKT_ASSEMBLY_PATCHES_PLAN_H
#include "assembly/patches.h"

/* A set of numbers that are given numbers of their own, in the order of their coming. */
typedef struct {
  gkt_idx capacity, count; /* a power of two, at least twice the most that are added */
  gkt_idx *keys, *values;  /* [capacity]; key -1: free */
  gkt_idx *listed;         /* [capacity] the keys by their numbers */
  gkt_idx *scratch;        /* [capacity] */
} gkt_patch_numbers;
void gkt_patch_sort(gkt_idx count, gkt_idx *keys, gkt_idx *scratch); /* ascending, of keys that are not negative; scratch [count] */
gkt_status gkt_patch_numbers_create(gkt_context *, gkt_idx most, gkt_patch_numbers *) GKT_MUST_CHECK;
void gkt_patch_numbers_clear(gkt_patch_numbers *);
void gkt_patch_numbers_free(gkt_patch_numbers *);
bool gkt_patch_numbers_add(gkt_patch_numbers *, gkt_idx key);           /* was it new? */
void gkt_patch_numbers_sort(gkt_patch_numbers *);                       /* numbers ascend as their keys do */
gkt_idx gkt_patch_numbers_find(const gkt_patch_numbers *, gkt_idx key); /* one that is there */

/* Division by a number that is known before: a multiplication, whose result may be one too low or too high. */
typedef struct {
  gkt_idx by;
  double inverse;
} gkt_divisor;
static inline gkt_divisor gkt_divisor_of(gkt_idx by) { return (gkt_divisor){by, by ? 1.0 / by : 0}; }
static inline gkt_idx gkt_divide(gkt_idx number, const gkt_divisor *d, gkt_idx *rest) {
  gkt_idx quotient = (gkt_idx)(number * d->inverse);
  *rest = number - quotient * d->by;
  if (*rest < 0) quotient--, *rest += d->by;
  else if (*rest >= d->by) quotient++, *rest -= d->by;
  return quotient;
}

/* What all patches need to know. */
typedef struct {
  const gkt_patch_input *in;
  gkt_patch_limits limits;
  int sets, block, zeros;
  gkt_size *contributions; /* [num_blocks+1] before the block */
  gkt_idx *cells;          /* [num_blocks+1] likewise */
  int *nodes[2];           /* [num_blocks] of a cell: rows, columns */
  int *record;             /* [num_blocks] */
  gkt_divisor *by_pairs;   /* [num_blocks] pairs of a cell */
  gkt_divisor *by_cols;    /* [num_blocks] */
  gkt_idx *rank;           /* [rows] once: where a row stands in the order */
  bool **touched;          /* [num_blocks][cells] by any entity; NULL: all are */
  gkt_idx **own;           /* [num_blocks][cells] scalars of the records of its entities; NULL: they have none */
} gkt_patch_plan;

/* A contribution: pair (a,b) of a cell. False: no entity touches the cell, and it adds zeros. */
typedef struct {
  int block, a, b;
  gkt_idx cell; /* of the block */
} gkt_contribution;
static inline bool gkt_patch_read(const gkt_patch_plan *p, gkt_idx number, gkt_contribution *c) {
  c->block = 0;
  while (number >= p->contributions[c->block + 1]) c->block++;
  gkt_idx pair, col;
  c->cell = gkt_divide((gkt_idx)(number - p->contributions[c->block]), &p->by_pairs[c->block], &pair);
  c->a = gkt_divide(pair, &p->by_cols[c->block], &col);
  c->b = col;
  return !p->touched[c->block] || p->touched[c->block][c->cell];
}

enum { GKT_PATCH_ALONE = -1, GKT_PATCH_MIRRORED = -2 };

/* By which slots are sorted, in 15 bits; counts above 16,382 are those of the one pair of a patch. Blocks with a mirror come before others of equal count: a warp writes mirrors by
   instructions of their own. */
static inline gkt_idx gkt_patch_key(int block, gkt_idx count, gkt_idx mirror) {
  const gkt_idx fewer = GKT_PATCH_MOST_CONTRIBUTIONS - 2 - count;
  return 2 * (fewer > 0 ? fewer : 0) + (mirror == GKT_PATCH_MIRRORED ? 2 : block > 1 && mirror == GKT_PATCH_ALONE);
}

/* One thread's. */
typedef struct {
  gkt_patch_numbers cells, nodes;       /* cells: counted through all blocks */
  gkt_idx *mirrors;                     /* [contributions] of pairs: the pair that has the transposed sum; GKT_PATCH_ALONE; GKT_PATCH_MIRRORED: is such a pair itself */
  gkt_idx *counts;                      /* [contributions] of pairs that are summed, */
  gkt_idx summed;                       /* their number; */
  gkt_idx *sorted;                      /* [contributions] pairs, most contributions first (gkt_patch_key), then those that are not summed, */
  gkt_idx *starts;                      /* [contributions+2] and where their codes begin: */
  gkt_short *codes;                     /* [contributions] */
  gkt_idx *moved;                       /* [contributions+cells] */
  gkt_size records[GKT_NUM_CELL_TYPES]; /* scalars before the records of a block, or in pair mode codes, */
  gkt_idx before[GKT_NUM_CELL_TYPES];   /* and cells */
} gkt_patch_worker;

/* patches.c: what is known of blocks and sources before they are planned. */
void gkt_row_patches_note_sources(const gkt_patch_input *, gkt_row_patches *);
/* patches_cut.c: first_row, first_group and counts of what follows, one place ahead; rows stand in the order that is wanted. why: a row does not fit. */
gkt_status gkt_patch_cut(const gkt_patch_plan *, gkt_row_patches *, gkt_patch_worker *, char why[200]) GKT_MUST_CHECK;
/* patches_fill.c: of one patch, whose rows, cells and nodes are counted: */
void gkt_patch_fill_cells(const gkt_patch_plan *, gkt_row_patches *, gkt_idx patch, gkt_patch_worker *); /* cells, nodes, numbers; counts entities and words one place ahead */
void gkt_patch_fill_lists(const gkt_patch_plan *, gkt_row_patches *, gkt_idx patch, gkt_patch_worker *); /* entities, lists, places */
/* patches_deal.c: the order of the patch's cells [count] of one block, by the banks of their corners; of slots [count], by those of their codes. Equal counts stay together, and of
   these, blocks with a mirror. */
void gkt_patch_deal_cells(int window, int dim, int corners, gkt_idx count, const gkt_short *numbers, gkt_idx *order);
void gkt_patch_deal_slots(int window, const gkt_row_patches *, gkt_idx patch, gkt_idx count, const gkt_idx *starts, const gkt_short *codes, const gkt_idx *mirrors, gkt_idx *order);
#endif
