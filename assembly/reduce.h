/* From element tensors to matrices, vectors and numbers: the pattern, and the deterministic sum over cells. Vectors have one column, numbers also one row: the same code.
   There is one plan (chunks, teams, pattern, routing) and a table of strategies (reduce_strategy.h), which differ in where the tensors of a chunk go and in who sums them.

   fused: element tensors stay in cache. Cells are cut into chunks, and consecutive chunks form teams. The values that a chunk adds to are numbered within the chunk (its slots, 16
   bits), so its element tensors are added to a small array in cache, in the order of the cells. A team's chunks run one after the other, on one thread, and add their sums to the
   values - to places that no other team touches directly, to others by way of partial sums, which are joined at the end in the order of the teams. Nothing depends on the number of
   threads, and the pairs (i,j) and (j,i) are summed alike, so symmetric tensors give a symmetric matrix, bit for bit. Where symmetry is proven they are one sum: of a tensor the
   pairs (a,b) with a <= b are read, and a chunk's sum is stored at both places.

   segmented: the element tensors of all cells are written to memory; then each pair sums its segment, the list of its contributions, in the order of the cells.

   spmm: the same tensors, as one long vector, times a sparse routing matrix of ones with a row for each scalar of the result: the Sparse-Reduce of TensorGalerkin (Wen et al.
   2026). Here the product is a plain one of compressed sparse rows. It reads an index and a one for every scalar, so it is kept as comparison and oracle, not for speed. */
#ifndef GKT_ASSEMBLY_REDUCE_H
#define GKT_ASSEMBLY_REDUCE_H
#include "spaces/reference.h"
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

/* What a chunk does with the sum of a slot; slots are sorted by it. `values`: only the chunk's team touches the place; `partial`: other teams do, too. */
typedef enum { GKT_SET_VALUES, GKT_ADD_VALUES, GKT_SET_PARTIAL, GKT_ADD_PARTIAL, GKT_NUM_WAYS } gkt_way;

typedef struct {
  int block, team;
  gkt_idx first, count;                /* cells of the block */
  int nodes, pairs;                    /* of a cell: rows, pairs of nodes */
  gkt_size slots;                      /* contributions of the chunks before */
  gkt_size first_slot;                 /* fused: where the slots of its first cell start, */
  int cell_slots;                      /* how many a cell has: its pairs, or those with a <= b, row by row */
  gkt_idx num_sums;                    /* fused: of the chunk */
  gkt_idx ways[GKT_NUM_WAYS + 1];      /* first slot of each way; the last one is their number */
  gkt_size first_value, first_partial; /* in `places` and `partial_places` */
} gkt_chunk;

/* In the number of a sum that two pairs share: the block at hand is that of the other pair, turned over its diagonal. Never set where a block is one scalar. */
enum { GKT_ACROSS = 1 << 15 };

/* Where the blocks of some pairs are stored in the values of the result. */
typedef struct {
  gkt_idx *first;  /* first scalar */
  gkt_idx *stride; /* from one row of the block to the next; NULL: blocks have one row */
} gkt_places;

/* Where the rows of nodes of a pattern stand in values that other patterns share with it. first NULL: it is alone, and its rows follow each other. */
typedef struct {
  const gkt_idx *first;  /* [num_nodes[0]] first scalar of the row's first block */
  const gkt_idx *stride; /* [num_nodes[0]] from one row of scalars to the next */
} gkt_embedding;

/* The contributions of each pair, in the order of the cells: pair [cell][row][column], cells counted through all blocks. */
typedef struct {
  gkt_idx *offsets; /* [pairs+1] */
  gkt_idx *order;   /* [contributions] */
} gkt_segments;

typedef struct gkt_strategy gkt_strategy;
enum { GKT_NUM_STRATEGIES = 3 };

typedef struct {
  gkt_context *ctx;
  gkt_pattern pattern;
  gkt_embedding embedding; /* its arrays are there as long as the plan */
  int block;               /* scalars per pair */
  gkt_idx num_cells;
  gkt_size num_contributions; /* pairs of all cells */
  int num_chunks, num_teams;
  gkt_chunk *chunks;
  int *teams; /* [num_teams+1] first chunk */
  const gkt_strategy *strategy;
  bool symmetric;                     /* are all tensors? Rows and columns then have the same nodes and components */
  gkt_size bytes[GKT_NUM_STRATEGIES]; /* by the model, of those that were considered */
  gkt_size num_kept;
  gkt_scalar *kept; /* [num_kept] from map to join. fused: partial sums [join_offsets[num_joined]][block]; else element tensors [contributions][block] */
  /* ---- fused ---- */
  gkt_idx max_sums;        /* of a chunk */
  uint16_t *slots;         /* [cells of a chunk][slots of a cell], chunk after chunk: the sum that a pair is added to. half: with GKT_ACROSS */
  bool half;               /* pairs (i,j) and (j,i) share a sum */
  uint16_t *sums;          /* half: the sum of each slot, with GKT_ACROSS, chunk after chunk; else NULL, and slot s has sum s */
  gkt_places places;       /* of slots whose sums go to the values, chunk after chunk */
  gkt_idx *partial_places; /* of slots whose sums go to the partial sums, likewise */
  gkt_idx num_joined;      /* pairs that several teams touch, or none */
  gkt_places joined;       /* [num_joined] */
  gkt_idx *join_offsets;   /* [num_joined+1] into the partial sums; those of a pair stand in the order of the teams */
  /* ---- segmented, spmm ---- */
  gkt_segments segments;
  gkt_csr *R;                  /* [scalars of the result][scalars of the element tensors] */
  struct gkt_routing *routing; /* between creation and plan */
} gkt_reduce;

/* Cells of a block that go through the caches together: of each incidence [count] of the block, with its scalars per pair; symmetric: half of its tensors are read. */
gkt_idx gkt_reduce_chunk_size(int count, const gkt_incidence *, const int *blocks, const bool *symmetric);
/* Chunks and pattern. cells_per_chunk [num_blocks]. An incidence without nodes has no pairs but those of the diagonal. */
gkt_status gkt_reduce_create(gkt_context *, int num_blocks, const gkt_incidence *blocks, const gkt_idx num_nodes[2], const int block_size[2], bool symmetric,
                             const gkt_idx *cells_per_chunk, gkt_reduce **out);
/* By the strategy that the context asks for. blocks: as at creation. */
gkt_status gkt_reduce_plan(gkt_reduce *, int num_blocks, const gkt_incidence *blocks, gkt_embedding);
/* Instead of a plan, for sums that are taken elsewhere: no memory for tensors, no strategy. What `segments` are made of stays until gkt_reduce_drop_lists; those that are there
   stay until then, too. */
gkt_status gkt_reduce_list(gkt_reduce *, int num_blocks, const gkt_incidence *blocks, gkt_embedding);
gkt_status gkt_reduce_make_lists(gkt_reduce *) GKT_MUST_CHECK; /* `segments`, unless they are there */
void gkt_reduce_drop_lists(gkt_reduce *);
/* `segments` once more after they were dropped, until they are dropped again; the pattern stays. */
gkt_status gkt_reduce_list_again(gkt_reduce *, const gkt_incidence *blocks) GKT_MUST_CHECK;
void gkt_reduce_destroy(gkt_reduce **);
gkt_size gkt_reduce_num_values(const gkt_reduce *); /* scalars of the pattern */
/* The pattern's place for a pair of a row: its first scalar, and the scalars from one row of its block to the next. */
static inline gkt_idx gkt_reduce_place(const gkt_reduce *r, gkt_idx row, gkt_idx pair, gkt_idx *stride) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx start = p->offsets[row], length = p->offsets[row + 1] - start;
  *stride = r->embedding.first ? r->embedding.stride[row] : length * p->block_size[1];
  return (r->embedding.first ? r->embedding.first[row] : start * p->block_size[0] * p->block_size[1]) + (pair - start) * p->block_size[1];
}
/* Contributions of a block, one after the other, and their number. */
gkt_size gkt_reduce_contributions(const gkt_reduce *, int block, gkt_size *first);
const char *gkt_reduce_name(const gkt_reduce *);
gkt_size gkt_reduce_bytes(const gkt_reduce *);                  /* moved through memory by one execution, by the model (reduce_strategy.h) */
gkt_size gkt_reduce_bytes_of(const gkt_reduce *, int strategy); /* of the table; not of `fused` */
void gkt_reduce_log(const gkt_reduce *, const char *what);      /* a line of detail: the strategy and why */
void gkt_reduce_poison(gkt_reduce *);                           /* all that is kept between map and join becomes NaN */

/* Sums of a chunk, 0: scratch [max_sums][block], or memory of the plan. */
gkt_scalar *gkt_reduce_begin(gkt_reduce *, int chunk, gkt_scalar *scratch);
/* Adds tensors [pairs of a cell][block][GKT_LANES] of `count` cells of the chunk to its sums; tile: scalars from the tensors of GKT_LANES cells to those of the next. half: pairs
   (a,b) with a > b may hold anything. cells: within the block; NULL: first, first + 1, .. */
void gkt_reduce_add(const gkt_reduce *, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums);
/* The chunk is complete; a team's chunks in their order. */
void gkt_reduce_flush(gkt_reduce *, int chunk, const gkt_scalar *sums, gkt_scalar *values);
/* '=': all values that no flush has set; pairs without cells become 0. */
void gkt_reduce_join(const gkt_reduce *, gkt_scalar *values);

/* ---- GKT_LANES sets of a batch at once (reduce_fused_sets.c); by `fused` only. sums [max_sums][block][GKT_LANES], tensors [cell][pairs][block][GKT_LANES], kept
   [num_kept][GKT_LANES]; values of set l < count begin at values + l * stride. Each set gets the bits that it would get alone. ---- */
bool gkt_reduce_takes_sets(const gkt_reduce *);
void gkt_fused_begin_sets(const gkt_reduce *, int chunk, gkt_scalar *sums);
void gkt_fused_add_sets(const gkt_reduce *, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums);
void gkt_fused_flush_sets(const gkt_reduce *, int chunk, const gkt_scalar *sums, gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values);
void gkt_fused_join_sets(const gkt_reduce *, const gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values);

/* ---- inside: chunk_pairs.c, pattern.c ---- */
/* The pairs that a chunk adds to, row by row; they are its slots. */
typedef struct {
  gkt_idx num_rows, num_slots;
  gkt_idx *rows;    /* [num_rows] ascending */
  gkt_idx *offsets; /* [num_rows+1] first slot of each row */
  gkt_idx *pairs;   /* [num_slots] ascending; until the pattern is made, their column nodes */
  uint8_t *ways;    /* [num_slots] gkt_way; 0 at first */
} gkt_chunk_pairs;

typedef struct {
  int chunk;
  gkt_idx row; /* of the chunk */
} gkt_part;

typedef struct gkt_routing {
  int num_chunks;
  uint16_t *slots; /* of each contribution: [cells of a chunk][pairs of a cell], chunk after chunk */
  gkt_chunk_pairs *chunks;
  char *blocks;          /* memory of the chunks' lists: each block starts with the address of another one */
  gkt_idx *part_offsets; /* [rows+1] */
  gkt_part *parts;       /* of each row of the pattern, chunks ascending */
  bool own_listed;       /* rows that have parts have no other pairs than these */
} gkt_routing;

gkt_status gkt_chunk_pairs_list(const gkt_reduce *, const gkt_incidence *blocks, gkt_routing *out);
gkt_status gkt_pattern_create(gkt_context *, int num_blocks, const gkt_incidence *, gkt_routing *inout, gkt_pattern *inout_pattern);
/* Returns their number. */
static inline gkt_idx gkt_part_pairs(const gkt_routing *r, gkt_idx part, gkt_idx **pairs) {
  const gkt_chunk_pairs *c = &r->chunks[r->parts[part].chunk];
  gkt_idx row = r->parts[part].row;
  *pairs = c->pairs + c->offsets[row];
  return c->offsets[row + 1] - c->offsets[row];
}
void gkt_pattern_clear(gkt_pattern *);
void gkt_routing_clear(gkt_routing *);
#endif
