/* Text and sources of the fused kernel of one target on a device. */
#ifndef GKT_ASSEMBLY_PATCHES_EMIT_H
#define GKT_ASSEMBLY_PATCHES_EMIT_H
#include "assembly/assembler.h"
#include "assembly/patches_device.h"

/* A group of a map whose tensors have a part for the target; maps that go into its tensor are computed with it. */
typedef struct {
  int map, group, coupling;
} gkt_patch_share;

/* Pair mode of a block of cells. */
typedef struct {
  gkt_record record; /* of all cells */
  int stride;        /* scalars from one record to the next, odd; 0: records are tensors */
  int link;          /* place in a record of the link to those of entities; -1: there are none */
  int tables;        /* scalars, those of entities among them */
} gkt_patch_kind;

/* Of a target: what of the assembler adds to it, in the order of summation. */
typedef struct {
  const gkt_assembler *a;
  int target, num_shares;
  gkt_patch_share *shares;
  int sets;                                 /* of a batch, that a block of threads does; 0: one call */
  bool half;                                /* do all tensors say themselves that they are symmetric? */
  bool once;                                /* is a sum the transposed one's, too, where both rows are a patch's? */
  bool turned;                              /* may tensors be turned, or folded (turn.c)? */
  bool runs;                                /* one sum, of all cells: patches are runs of its terms (numbers.h) */
  bool pairs;                               /* pair mode, of any block */
  gkt_patch_kind kinds[GKT_NUM_CELL_TYPES]; /* by blocks */
} gkt_patch_shares;
/* Those that can not be fused are told: why is not empty then. */
gkt_status gkt_patch_shares_create(const gkt_assembler *, int target, gkt_patch_shares *out, char why[200]) GKT_MUST_CHECK;
void gkt_patch_shares_take_sets(gkt_patch_shares *, int sets); /* of a batch, that a block of threads does; 0: one call */
void gkt_patch_shares_clear(gkt_patch_shares *);
/* ---- patches_shares.c, for the text ---- */
enum { GKT_PATCH_SMALL_TENSOR = 160 }; /* scalars of a tensor that is kept in registers */
enum { GKT_PATCH_MOST_MAPS = 16 };
typedef struct {
  int count;
  gkt_pair_part parts[GKT_PATCH_MOST_MAPS];
} gkt_patch_maps;
/* Of the shares of a block, with those that go into their tensors. None: there are more than there is room for, or they run over points. */
gkt_patch_maps gkt_patch_maps_of(const gkt_patch_shares *, int block);
/* Scalars of the record that an entity of a share has for itself, with its head; 0: the share adds to those of cells. */
int gkt_patch_entity_of(const gkt_patch_shares *, int share);
int gkt_patch_record_of(const gkt_patch_shares *, int block); /* scalars from one record to the next */
/* Does a share read dofs of a function: through nodes of the patch, where they are the mesh's, or by its dof numbers in the cell? */
bool gkt_patch_reads_nodes(const gkt_patch_shares *, int share, int function);
bool gkt_patch_reads_numbers(const gkt_patch_shares *, int share, int function);
/* Does it read which cells these are, or, of points in cells, which entities? */
bool gkt_patch_reads_cells(const gkt_patch_shares *, int share);
bool gkt_patch_is_numbered(const gkt_patch_shares *, int share);
/* May its tensors be others than those that maps give: are there components to be turned, or nodes that a cell has twice? */
bool gkt_patch_may_turn(const gkt_assembler *, const gkt_coupling *);
/* ---- patches_emit_pairs.c, of the text ---- */
void gkt_patches_emit_tables(const gkt_map *, int table, gkt_text *); /* those of a map in d; table: the first of them */
/* The part of pair mode that a map is; NULL: it adds nothing. *record, *tables: scalars before its own. */
const gkt_pair_part *gkt_patches_find_part(const gkt_patch_shares *, const gkt_patch_maps *, const gkt_map *, int *record, int *tables);
void gkt_patches_emit_size(const gkt_patch_shares *, int share, gkt_text *); /* scalars of the records of a share's entities in a patch */
void gkt_patches_emit_entities(const gkt_patch_shares *, gkt_text *);
void gkt_patches_emit_pair_sizes(const gkt_patch_shares *, gkt_text *);
void gkt_patches_emit_begin(const gkt_patch_shares *, gkt_text *); /* gkt_patch_begin */
/* patches_make.c: makes the lists of the target's reduce (segments). window: of gkt_patch_input, -1: the default. *out is NULL and why tells the reason, where it can not be. */
gkt_status gkt_target_patches_create(const gkt_patch_shares *, const gkt_patch_limits *, int window, gkt_row_patches **out, char why[200]) GKT_MUST_CHECK;
/* The same, made on the copies' device, where its arrays are: without lists. */
gkt_status gkt_target_patches_on_device(const gkt_patch_shares *, gkt_copies *, const gkt_patch_limits *, int window, gkt_row_patches **out, gkt_patch_arrays *,
                                        char why[200]) GKT_MUST_CHECK;

/* sets_device.c: how many sets of a batch a block of threads should do, by the model: more share what is read once, fewer leave room for larger patches. */
gkt_status gkt_patch_choose_sets(gkt_patch_shares *, const gkt_patch_limits *, int architecture) GKT_MUST_CHECK;

/* Is it the share's own map, or one that adds to its tensor? */
static inline bool gkt_patch_share_has(const gkt_patch_share *s, const gkt_map *m) { return gkt_map_has_work(m) && (m->number == s->map || m->into == s->map); }
static inline int gkt_patch_num_functions(const gkt_patch_shares *s) { return s->a->num_functions > 0 ? s->a->num_functions : 1; }
/* The text of kernel gkt_patch, without the prelude of the device. has_long: a sum has more terms than GKT_RUN. */
gkt_status gkt_patches_source(const gkt_patch_shares *, bool has_long, gkt_text *) GKT_MUST_CHECK;
#endif
