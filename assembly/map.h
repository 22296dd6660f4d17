/* The map: element tensors of one integral on one cell block, from terminals at quadrature points through the pointwise function to sums over the basis.
   Interpreted (map_interpret.c) or as C text (map_emit.c); both read the plan below. */
#ifndef GKT_ASSEMBLY_MAP_H
#define GKT_ASSEMBLY_MAP_H
#include "spaces/points.h"
#include "assembly/reduce.h"
#include "galerkit/assembly.h"

/* What one index of a coupling's tensor runs over: (node of the cell, component). Without argument: one node with one component, of value 1. */
typedef struct {
  int function;           /* GKT_COORDINATES: the mesh's own nodes */
  const gkt_space *space; /* NULL: coordinates, or no argument */
  int components, num_nodes;
  int first;            /* components of the form's argument before these */
  const gkt_idx *nodes; /* [cells of the block][num_nodes]; NULL: no argument */
  gkt_idx num_all;      /* nodes of the space */
  gkt_basis basis;      /* of the nodes' functions; no argument: none */
  int table;            /* its number in the rule */
} gkt_argument;

/* A structurally nonzero entry of a coupling: z(test)[row][row_slot] * output * z(trial)[col][col_slot]; slot 0 the value, 1 + d the derivative along x_d. */
typedef struct {
  int row, row_slot, col, col_slot;
  int output;  /* of the pointwise function */
  int sum;     /* over the trial index, of the entries of one (row, row_slot, col): its number; equal sums are one */
  bool shared; /* z(test)[row_slot] times that sum stands in several entries of the tensor, as in vector Laplacians */
} gkt_entry;

/* Of one field that is tested with one that is derived by: a part of the element tensor, [rows' nodes][columns' nodes][row components][column components]. Vectors and numbers have
   no columns. */
typedef struct {
  int target; /* of the assembler, where its tensors are summed */
  gkt_argument arguments[2];
  bool mirror;                   /* symmetric: blocks of nodes a <= b are computed, the others copied */
  bool half;                     /* and not even copied: the reduce does not read them */
  int transposed_of;             /* number, in the map, of the coupling that this one is the transpose of, and copied from; -1: none */
  int tensor_first, tensor_size; /* scalars before it in the element tensor; its own */
  int num_entries, num_sums;
  gkt_entry *entries; /* ascending */
  int num_steps;      /* of the pointwise function, that its entries are made of, and their outputs; of a transposed one those of the other */
} gkt_coupling;

/* A quadrature rule and the bases at its points, the rows of its tables. On facets: the rules of all local facets, one after the other. Of dP: a rule of one point for each entity.
 */
enum { GKT_MAX_FACETS = 6, GKT_MAX_BASES = 8 };
typedef struct {
  int num_facets;                /* 1: cells, and points */
  int first[GKT_MAX_FACETS + 1]; /* first point of each facet, [num_facets]: number of all; triangles and quadrilaterals differ. Of dP: 0, 1, as any entity has them */
  int num_rows;                  /* points in all */
  double *weights;               /* [num_rows] */
  int num_bases;
  gkt_basis bases[GKT_MAX_BASES];   /* that the integral uses, those with equal functions once; 0: the geometry's */
  gkt_table *tables[GKT_MAX_BASES]; /* at all points */
} gkt_rule;

/* The entities of an integral that share a rule; of dP, cells that hold a point. */
typedef struct {
  int facet;        /* local; -1: the cells themselves */
  bool has_own_row; /* dP: entity e has the rule of one point in row e, so entities run one by one */
  gkt_idx count;
  gkt_idx *cells; /* [count] of the block, ascending, each once unless they have rows of their own; NULL: all */
  gkt_idx *begin; /* [chunks+1] first entity of each chunk of the reduce plan */
} gkt_group;
static inline gkt_idx gkt_group_step(const gkt_group *g) { return g->has_own_row ? 1 : GKT_LANES; } /* entities that may share a tile */
/* Row of the first point of entity e. */
static inline gkt_idx gkt_group_row(const gkt_rule *r, const gkt_group *g, gkt_idx e) { return g->has_own_row ? e : r->first[g->facet < 0 ? 0 : g->facet]; }

/* What a compiled map reads; the same text is its declaration there. phi [points][nodes], dphi [points][nodes][dim] of each basis of the rule, of the facet at hand;
   normal: of the facet in reference coordinates (gkt_cell_facet_normal). In a batch, set s reads values[f] + s * strides[f] and constants + s * constants_stride, and adds to the
   sums of its group, which are group_stride apart, at the slots of the chunk whose first cell is first_cell. */
#define GKT_MAP_DATA                              \
  typedef struct {                                \
    gkt_coords coords;                            \
    gkt_corners geometry;                         \
    const gkt_idx *cells;                         \
    const gkt_scalar *constants;                  \
    const gkt_scalar *const *values;              \
    const gkt_idx *const *nodes;                  \
    const gkt_scalar *weights, *phi[8], *dphi[8]; \
    gkt_scalar normal[3], time;                   \
    gkt_idx num_points, num_sets, first_cell;     \
    const long long *strides;                     \
    long long constants_stride, group_stride;     \
    const unsigned short *slots;                  \
    const gkt_call_data *calls;                   \
  } gkt_map_data;
/* Of device text GKT_COORDS and GKT_GEOMETRY, by default these, so that a kernel may hand over memory of another kind and numbers of its own. */
typedef const gkt_scalar *gkt_coords;
typedef const gkt_idx *gkt_corners;
GKT_MAP_DATA
_Static_assert(sizeof((gkt_map_data *)0)->phi / sizeof(gkt_scalar *) == GKT_MAX_BASES, "one table for each basis");
/* Element tensors of entities begin..end-1: out [tile][couplings][tensor][GKT_LANES], '=', '+=' of a map that goes into another's (half: nodes a <= b); lanes beyond the end repeat
   the last entity. In device text GKT_LANES is 1, and the function does entity `begin` alone. Of a batch: adds ('+=') to out, the sums of a chunk: [groups of GKT_LANES
   sets][slots][block][GKT_LANES]; lanes beyond the last set repeat it. */
typedef void gkt_map_kernel(const gkt_map_data *, gkt_idx begin, gkt_idx end, gkt_scalar *out);

typedef struct {
  gkt_context *ctx;
  const gkt_form *form;
  const gkt_integral *integral;
  gkt_mesh *mesh;
  const gkt_space *const *spaces; /* [functions of the scope], borrowed */
  int number;                     /* among the maps of the assembler */
  int block, dim;
  int num_couplings; /* that are not zero */
  gkt_coupling *couplings;
  int tensor_size; /* scalars of all couplings */
  int into;        /* number of the map whose tensors this one adds to, in the places of that; -1: it has its own */
  gkt_pointwise *pointwise;
  gkt_rule rule;
  const gkt_table **functions; /* [functions of the scope]; NULL: unused, or values at points */
  int num_groups;
  gkt_group *groups;
} gkt_map;

/* ---- plan (map.c, entities.c, point_entities.c). spaces as in gkt_assembler_create. ---- */
gkt_status gkt_map_create(const gkt_form *, int integral, gkt_mesh *, int block, const gkt_space *const *spaces, int number, gkt_map **out);
void gkt_map_destroy(gkt_map **);
/* ---- couplings.c: of field i of the test functions with field j of the trial functions; both are 0 where the form has none ---- */
int gkt_form_num_fields(const gkt_form *, int which);                /* of an index: at least 1 */
bool gkt_form_couples(const gkt_form *, int i, int j);               /* is any node of it not zero? */
bool gkt_form_couples_symmetrically(const gkt_form *, int i, int j); /* is it the transpose of (j, i), node by node? */
gkt_status gkt_argument_of(const gkt_form *, int which, int field, gkt_mesh *, int block, const gkt_space *const *spaces, gkt_argument *out) GKT_MUST_CHECK;
gkt_status gkt_couplings_create(gkt_map *) GKT_MUST_CHECK; /* with their entries, and the pointwise function of all */
/* Where both run over all cells of a block: base's tensor gets room for all couplings of m; false: they do not. Then, when all maps have been asked, m takes the places. */
bool gkt_map_add_into(gkt_map *m, gkt_map *base);
void gkt_map_take_places(gkt_map *m, const gkt_map *base);
int gkt_coupling_num_slots(const gkt_coupling *); /* of a cell, as gkt_chunk has them */
/* Entities of the integral on the block: set names are looked up, with messages. */
gkt_status gkt_groups_create(const gkt_form *, const gkt_integral *, gkt_mesh *, int block, int *num_groups, gkt_group **out);
gkt_status gkt_groups_cut(gkt_map *, const gkt_reduce *);
void gkt_groups_destroy(int num_groups, gkt_group **);
/* The set of that name that the measure can run over: of cells, facets, or points and places; else refused, with the names there are. */
gkt_status gkt_groups_find_set(const gkt_form *, const gkt_integral *, int name, const gkt_mesh *, const gkt_mesh_set **out);
/* The group of dP on the block: each point of the named sets in each cell that holds it. points [count][dim] in the cells; weights [count]: those of a point sum to 1, so that what
   jumps between cells counts with its mean. A point that several names hold counts once. The caller frees both. */
gkt_status gkt_groups_of_points(const gkt_form *, const gkt_integral *, gkt_mesh *, int block, gkt_group **out, double **points, double **weights);
int gkt_map_num_points(const gkt_map *, int facet);                                                         /* facet -1: of the cell */
int gkt_map_basis_of(const gkt_map *, int function);                                                        /* number in the rule of a function that has a table */
bool gkt_map_is_affine(const gkt_map *);                                                                    /* one Jacobian per cell */
bool gkt_map_is_uniform(const gkt_map *);                                                                   /* do all facets have as many points? */
static inline bool gkt_map_is_partial(const gkt_map *m) { return m->num_groups > 0 && m->groups[0].cells; } /* over facets, points, or some cells of the block */

/* ---- interpreter ---- */
gkt_size gkt_map_workspace(const gkt_map *); /* scalars */
/* dx, ds or dP at a lane, without the weight. */
static inline gkt_scalar gkt_measure_at(const gkt_group *g, const gkt_geometry *at, int lane) { return g->has_own_row ? 1 : g->facet < 0 ? at->detJ[lane] : at->detS[lane]; }
/* As gkt_map_kernel, on group `group`; with rows of their own one entity a call. */
void gkt_map_interpret(const gkt_map *, int group, const gkt_inputs *, gkt_idx begin, gkt_idx end, gkt_scalar *workspace, gkt_scalar *out);

/* ---- compiled (map_emit.c): the text of function gkt_map_NUMBER; gkt_map_emit_prelude once before. sets: of batches; keeps: gradients at
   all points stay in registers, which is faster on a host and has other bits than the text of a device; vertices: dofs at nodes of the mesh are found by GKT_VERTEX(d, corner), a
   macro of the kernel's text ---- */
void gkt_map_emit_prelude(gkt_backend, gkt_text *);
typedef struct {
  bool sets, keeps, vertices;
} gkt_map_text;
void gkt_map_emit(const gkt_map *, gkt_map_text, gkt_text *);
/* Pair mode of a device, of the matrix of one coupling (map_emit_record.c, map_emit_block.c): gkt_map_NUMBER gives a record, what the entries of a tensor are made of, in shared
   memory, gkt_map_tables_NUMBER (d, tables) what is the same in all cells, or on all facets of one number. Of a cell, records and tables of the map that runs over all cells and of
   those that go into its tensor follow each other; maps that run over facets, or over some cells, have records of their own, one for each entity, to which cells are linked: behind
   its record a cell has the distance, in scalars, from there to that of its first entity, which has ahead of its record that to the next one, from the cell, and the number of its
   source; 0: there is none. They follow each other in the order of summation. gkt_patch_pair (tables, record, common, a, b, sum) adds the block of nodes a and b, with the bits
   that it has in the tensor; gkt_patch_find_common (constants, time) what all cells have in common. sets: of a batch, whose constants may vary. */
enum { GKT_ENTITY_HEAD = 2 }; /* scalars ahead of an entity's record */
typedef struct {
  int size;                           /* scalars; 0: there is no such record */
  int apart;                          /* from what stands there of one node to that of the next; 0: nothing does */
  int tables;                         /* scalars of these */
  int common;                         /* outputs that are the same in all cells, of constants alone: they wait in registers */
  int loads, table_loads, operations; /* of a pair; operations: beside those of gkt_map_count_products */
} gkt_record;
gkt_record gkt_map_measure_record(const gkt_map *, int coupling, bool sets);
void gkt_map_emit_record(const gkt_map *, int coupling, bool sets, gkt_text *);
typedef struct {
  const gkt_map *map;
  int coupling;
  int first_source, num_sources; /* of maps with records of their own: numbers of their groups; 0: it runs over all cells */
} gkt_pair_part;
void gkt_map_emit_pair(int count, const gkt_pair_part *, bool sets, int link, gkt_text *); /* link: place of the link in a cell's record; -1: no entity has a record */
/* gkt_add_NUMBER_COUPLING (map_emit_add.c), for `fused`: tensors of `count` cells, as the map writes them, are added to the sums of a chunk. slots: of the chunk, whose first cell
   is first_cell; cells: within the block; NULL: first, first + 1, .. */
typedef void gkt_add_kernel(const unsigned short *slots, gkt_idx first_cell, const gkt_idx *cells, gkt_idx first, gkt_idx count, const gkt_scalar *tensors, gkt_scalar *sums);
void gkt_map_emit_add(const gkt_map *, int coupling, gkt_text *);
#endif
