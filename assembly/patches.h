/* The plan of the strategy `fused` on a device: rows owned, halo cells recomputed, gather. A patch is a range of rows in an order along a curve; one block of threads computes the
   tensors (records) of all cells that touch its rows into shared memory, then one thread sums each slot, a pair of nodes of these rows, in ascending order of the cells, and writes
   it once. No atomics, no partial sums: contributions and their order are those of `segmented` (reduce.h), cut by rows and renumbered to 16 bits, so the bits are, too, and do not
   depend on the size of patches.

   Shared memory of a patch, in scalars: tables of pair mode; zeros, what padding adds; records of the cells, block of cells after block of cells, each `record` apart (an odd
   number, so that lanes fall into different banks), then those that entities have for themselves, source after source, set after set where several are assembled together (of a
   batch); coordinates of its nodes, later sums on their way out. A record is a tensor, and a contribution's code is the place of its first scalar there; or, where tensors are
   large and their entries are soon found (pairs), what entries are made of (gkt_record). The summing thread then forms the block of nodes a and b, and the code is pairs + cell *
   pairs + a
   * columns + b, of the pairs of nodes of a cell and the nodes of its columns; those of a block of cells begin where those of the block before end. */
#ifndef GKT_ASSEMBLY_PATCHES_H
#define GKT_ASSEMBLY_PATCHES_H
#include "assembly/reduce.h"
#include "core/device.h"

enum {
  GKT_PATCH_GROUP = 32,           /* slots that a warp sums together */
  GKT_PATCH_PER_WORD = 2,         /* contributions that one load reads */
  GKT_PATCH_ACROSS = 1 << 15,     /* in a code: the block at hand is the transpose. Never set where a block is one scalar */
  GKT_PATCH_NO_PLACE = 0xFFFF,    /* of slots that fill up a group */
  GKT_PATCH_MOST_SCALARS = 32768, /* that a code can name */
  GKT_PATCH_MOST_CODES = 65536,   /* of pair mode */
  GKT_PATCH_MOST_CONTRIBUTIONS = 16384,
  GKT_PATCH_SEGMENT = 8192 /* rows, in their order, that no patch lies across: a device cuts them side by side */
};

typedef struct {
  gkt_idx rows, nodes, cells, contributions; /* at most, of a patch */
  gkt_size shared_bytes;
} gkt_patch_limits;
/* 1,024 nodes, 4,096 cells, 16,384 contributions, as many rows as fit; shared memory for two patches on a multiprocessor with so many bytes of it. */
gkt_patch_limits gkt_patch_limits_default(gkt_size shared_bytes_of_multiprocessor);

/* Entities of one integral, in the order of summation: those of one group of one map, on one block of cells. */
typedef struct {
  int block;
  gkt_idx count;
  const gkt_idx *cells; /* [count] of the block, ascending; NULL: all */
  bool numbered;        /* the kernel reads which entities these are */
  int own;              /* pair mode: scalars of the record of an entity; 0: it adds to that of its cell */
} gkt_patch_source;

/* What is planned. Arrays are borrowed until the plan is made. */
typedef struct {
  const gkt_reduce *reduce; /* its pattern, embedding and chunks */
  const gkt_segments *segments;
  int num_blocks, dim;
  const gkt_idx *const *nodes; /* [num_blocks] of the geometry: [cells][corners] */
  const int *corners;          /* [num_blocks] */
  int num_sources;
  const gkt_patch_source *sources; /* [num_sources] */
  int sets;                        /* whose records stand in shared memory together; 0: one */
  bool half;                       /* records hold pairs (a,b) with a <= b: all tensors are symmetric */
  bool pairs;                      /* pair mode: */
  int record[GKT_NUM_CELL_TYPES];  /* [num_blocks] scalars of a record; 0: tensors */
  int apart[GKT_NUM_CELL_TYPES];   /* [num_blocks] as in gkt_record */
  int tables;                      /* scalars */
  bool once;                       /* pairs (i,j) and (j,i) are one sum where both rows are a patch's: half, no cell has a node twice, patterns are symmetric */
  const gkt_idx *order;            /* [rows] which row comes first, ..; NULL: their own order */
  int window;                      /* cells, and slots of equal count, are dealt to lanes by their banks, greedily, out of so many; no sum changes its order. 0: they stay */
} gkt_patch_input;

typedef struct {
  int corners;        /* nodes of the geometry of a cell */
  int nodes[2];       /* of a cell: rows, columns */
  int record;         /* scalars from the record of a cell to that of the next; odd */
  bool tensors;       /* is it one? */
  int apart;          /* pair mode: as in gkt_record */
  bool numbered;      /* the kernel reads which cells these are; else a device has no cells, */
  gkt_idx *first;     /* [num_patches+1] */
  gkt_idx *cells;     /* of the block; ascending in a patch, unless dealt */
  gkt_short *numbers; /* [cells][corners] nodes in the patch */
} gkt_patch_cells;

typedef struct {
  int block, own;     /* own: scalars of their records; 0: they add to those of cells */
  bool numbered;      /* or no entities */
  gkt_idx *first;     /* [num_patches+1] */
  gkt_idx *entities;  /* numbers in the group */
  gkt_short *records; /* whose tensors they add to: cells of the patch, of this block. NULL, as entities and first: those of the block, one by one */
} gkt_patch_entities;

/* ---- shared-memory wavefronts (patches_deal.c). A warp's load of 8 bytes is done by halves of 16 lanes; one half takes as many wavefronts as its busiest of 16 banks has
   different addresses. ---- */
typedef struct {
  gkt_size sum_loads, sum_waves;       /* of the first scalars of contributions (pair mode: of the first node): halves of warps, and what they take; */
  gkt_size second_waves;               /* pair mode: of the second node, where it is another one */
  gkt_size table_waves;                /* pair mode: of a number of each pair in the tables */
  gkt_size corner_loads, corner_waves; /* of the first coordinates of corners */
} gkt_patch_waves;

/* What the arrays of a plan add up to. Of a plan on a device the host knows this alone. */
typedef struct {
  gkt_idx pairs, nodes, groups, words, longest; /* longest: words of a slot */
  gkt_idx cells[GKT_NUM_CELL_TYPES];            /* [num_blocks] */
  gkt_idx *entities;                            /* [num_sources]; -1: those of the block, one by one */
  gkt_patch_waves waves;                        /* of a plan on a device, which counts them */
} gkt_patch_totals;

typedef struct {
  gkt_context *ctx;
  int dim, block_size[2], block;
  bool half, pairs, once;
  bool single; /* rows have one pair each, so that a device has no first_pair */
  bool runs;   /* of one sum (numbers.h): without rows, nodes, cells and lists */
  int sets;
  int tables, zeros;
  gkt_idx num_patches, num_rows;
  gkt_idx *first_row;   /* [num_patches+1] */
  gkt_idx *rows;        /* [num_rows] of the pattern, patch by patch, ascending in each */
  gkt_idx *first_pair;  /* [num_rows+1] pairs of nodes before the row */
  gkt_idx *first_value; /* [num_rows] where the row's first block is stored, and from one row of scalars to the next: */
  gkt_idx *stride;      /* [num_rows] */
  gkt_idx *first_node;  /* [num_patches+1] */
  gkt_idx *nodes;       /* of the mesh, ascending in a patch */
  int num_blocks, num_sources;
  gkt_patch_cells *blocks;     /* [num_blocks] */
  gkt_patch_entities *sources; /* [num_sources] */
  gkt_idx *first_group;        /* [num_patches+1] */
  gkt_idx *first_word;         /* [groups+1] of a group's list, in words of each of the 32 slots */
  gkt_short *list;             /* [first_word[groups]][32][2] codes */
  gkt_short *slots;            /* [pairs] of scalars: whose sum it is, a slot of the patch */
  gkt_short *places;           /* [groups][32] of blocks: pair within the patch, or none */
  gkt_short *mirrors;          /* [groups][32] of blocks, once: the pair (j,i) that has the transposed sum, or none */
  /* the most that a patch has */
  gkt_idx most_rows, most_nodes, most_pairs, most_cells, most_contributions;
  gkt_size shared_bytes;
  gkt_size num_contributions, num_computed; /* of all patches; cells, each as often as patches compute it */
  gkt_patch_totals totals;
} gkt_row_patches;

enum { GKT_PATCH_THREADS = 256, GKT_PATCH_MOST_STAGED = 9, GKT_NUMBER_THREADS = 128, GKT_NUMBER_MOST = 9 /* scalars of a sum of all cells */ };
/* Scalars of sums on their way out, through shared memory so that a warp writes whole pieces: scalars of a patch (of all sets), a row of each block of a warp; larger blocks go
   straight. block, cols: scalars of a block, of one of its rows; summed: pairs of the patch that are summed. */
static inline gkt_size gkt_patch_staged(int sets, int block, int cols, gkt_idx summed) {
  const gkt_size slots = (summed + (gkt_size)GKT_PATCH_GROUP - 1) / GKT_PATCH_GROUP * GKT_PATCH_GROUP;
  return block == 1 ? sets * slots : block <= GKT_PATCH_MOST_STAGED ? GKT_PATCH_THREADS * cols : 0;
}
/* Numbers of 16 bits by which sums find their places. */
static inline gkt_size gkt_patch_num_places(const gkt_row_patches *p) { return p->block == 1 ? p->totals.pairs : (gkt_size)p->totals.groups * GKT_PATCH_GROUP * (p->once ? 2 : 1); }

/* That a device has: first_value, first_pair, stride. */
static inline int gkt_patch_arrays_of_rows(const gkt_row_patches *p) { return 1 + !p->single + (p->block > 1); }

/* Scalars from one record to the next, of cells with so many nodes in the rows and so many pairs of nodes. */
static inline int gkt_patch_record(bool half, int nodes, int pairs, int block) { return (half ? nodes * (nodes + 1) / 2 : pairs) * block | 1; }

/* Scalars of the records of a block that the plan is told of. */
static inline int gkt_patch_record_in(const gkt_patch_input *in, int block, int rows, int cols) {
  return in->record[block] ? in->record[block] | 1 : gkt_patch_record(in->half, rows, rows * cols, in->reduce->block);
}

/* Of pair mode: whose code it is; cell -1: padding. */
typedef struct {
  int block;
  gkt_idx cell, pair, at; /* at: where the record begins, in scalars */
} gkt_patch_place;
gkt_patch_place gkt_patch_decode(const gkt_row_patches *, gkt_idx patch, int code);

/* *out is NULL, and why tells the reason, where a row does not fit into a patch of its own. */
gkt_status gkt_row_patches_create(gkt_context *, const gkt_patch_input *, const gkt_patch_limits *, gkt_row_patches **out, char why[200]) GKT_MUST_CHECK;
void gkt_row_patches_destroy(gkt_row_patches **);
gkt_size gkt_row_patches_bytes(const gkt_row_patches *); /* of all arrays, as a device holds them */

gkt_patch_waves gkt_row_patches_count_waves(const gkt_row_patches *); /* of a plan on a device, those that were counted there */
/* Entities of a source in all patches. */
static inline gkt_idx gkt_row_patches_entities(const gkt_row_patches *p, int source) {
  return p->totals.entities[source] < 0 ? p->totals.cells[p->sources[source].block] : p->totals.entities[source];
}
#endif
