/* Pieces of the text of one map; what sums over basis functions is text of one coupling, `on`. Names in that text: X coordinates of the cell's nodes, K inverse Jacobian, dx
   measure, g0 g1 g2 physical gradients and p0 p1 p2 values by the number of the basis in the rule (0: the geometry's), u3 dofs of function 3, in and G inputs and outputs of the
   pointwise function, H outputs times weight and measure, A the element tensor. All but p have lanes, and lanes are cells; in the map of a batch X K dx n h and gradients of degree
   1 on straight simplices have cells as lanes, other gradients a point first and no lanes (they belong to cell c), all else has sets of the batch. */
#ifndef GKT_ASSEMBLY_MAP_EMIT_H
#define GKT_ASSEMBLY_MAP_EMIT_H
#include "assembly/map.h"

/* Where the sum over the points is taken: point by point over all entries; pair by pair of nodes (map_emit_pairs.c); of moments of the basis (map_emit_moments.c); beforehand, on
 * the reference cell (map_emit_reference.c), also of moments (map_emit_turned.c). */
typedef enum { GKT_SUM_ENTRIES, GKT_SUM_PAIRS, GKT_SUM_MOMENTS, GKT_SUM_REFERENCE, GKT_SUM_TURNED } gkt_sum_way;

/* Moments of nodes a and b that entries of a coupling read: of slots of z. */
typedef struct {
  int count, row_slots[16], col_slots[16];
} gkt_moments;

/* Numbers R(r,s) of a pair on the reference cell, each with the components (row, col) whose D multiplies it. */
enum { GKT_MOST_FACTORS = 64, GKT_MOST_NUMBERS = 8192 };
typedef struct {
  int row, col, r, s;
} gkt_factor;
typedef struct {
  int count;
  bool folded; /* scalars that are mirrored: (r,s) stands for (s,r) as well */
  gkt_factor all[GKT_MOST_FACTORS];
} gkt_factors;

typedef struct {
  const gkt_map *map;
  const gkt_coupling *on; /* the coupling at hand */
  gkt_sum_way way;        /* its */
  gkt_text *text;
  const gkt_cell_block *cells;
  const gkt_cell_topology *topology;
  bool affine;                     /* one Jacobian per cell */
  bool gradients[GKT_MAX_BASES];   /* by basis: are physical gradients used? */
  bool values[GKT_MAX_BASES];      /* are values used? */
  bool normal, diameter, position; /* which geometry is used */
  bool once;                       /* the pointwise function is the same at all points of a cell */
  bool sets;                       /* lanes of functions, inputs and tensors are sets of a batch, not cells; the cell is lane c of its geometry */
  bool parts;                      /* of lanes, from h on, in one register each */
  bool record;                     /* not tensors, but what they are made of (map_emit_record.c); */
  bool vertices;                   /* dofs at the nodes of the mesh are found by GKT_VERTEX(d, corner) of the cell at hand */
  bool common;                     /* of a record: outputs are those of constants alone, and stand beside it */
  bool keeps;                      /* gradients at all points, in place of turning numbers of the reference cell */
  bool added;                      /* where whole blocks of a pair are added to those of the map before */
} gkt_emitter;

bool gkt_emit_is_per_cell(const gkt_emitter *, const gkt_terminal *); /* the same at all points of a cell? */
char gkt_emit_cell_lane(const gkt_emitter *);                         /* of the cell's geometry, where it is read: l or c */
bool gkt_emit_is_linear(const gkt_emitter *, int basis);              /* one gradient in a cell, that of the corners */
void gkt_emit_gradient(const gkt_emitter *, int basis, const char *node, int direction);
void gkt_emit_cells(const gkt_emitter *);
void gkt_emit_geometry(const gkt_emitter *); /* K, dx, n; per cell or per point */
void gkt_emit_diameter(const gkt_emitter *);
void gkt_emit_gradients(const gkt_emitter *, bool per_cell);
void gkt_emit_dofs(const gkt_emitter *);
void gkt_emit_begin_points(const gkt_emitter *);
void gkt_emit_values(const gkt_emitter *); /* p */
void gkt_emit_inputs(const gkt_emitter *, bool per_cell);
void gkt_emit_pointwise(const gkt_emitter *);
void gkt_emit_basis(const gkt_emitter *, int basis, const char *node, int slot); /* z[slot] of the function of the basis at a node */
int gkt_emit_num_trial_sums(const gkt_coupling *);
void gkt_emit_trial_sums(const gkt_emitter *);              /* T = sum over col_slot of H z(trial) at node b */
void gkt_emit_entry(const gkt_emitter *, int row, int col); /* what point q adds to component (row, col) at nodes a and b */
void gkt_emit_contraction(const gkt_emitter *);
void gkt_emit_mirror(const gkt_emitter *);
bool gkt_emit_has_pairs(const gkt_emitter *);
void gkt_emit_begin_pairs(const gkt_emitter *);  /* H and gradients at all points; */
void gkt_emit_name_point(const gkt_emitter *);   /* at point q under their names */
void gkt_emit_pairs(const gkt_emitter *);        /* A */
const char *gkt_emit_store(const gkt_emitter *); /* "=", or "+=" into another map's tensor: of entries that are whole */
void gkt_emit_transpose(const gkt_emitter *);    /* from the coupling that this one is the transpose of */
void gkt_emit_take(gkt_emitter *, int coupling); /* on, way */
/* z is kept at all points, by the number of the basis, then pairs of nodes are summed over them; A or, of sets, moments per cell and entries of a pair. */
bool gkt_emit_has_moments(const gkt_emitter *);
void gkt_emit_begin_moments(const gkt_emitter *);
void gkt_emit_keep_point(const gkt_emitter *);
void gkt_emit_moments(const gkt_emitter *);
void gkt_emit_moments_of_sets(const gkt_emitter *);
void gkt_emit_entries_of_sets(const gkt_emitter *);
gkt_moments gkt_emit_find_moments(const gkt_coupling *);
void gkt_emit_moment_entry(const gkt_emitter *, int row, int col, const char *moment, const char *output); /* coefficients times moments, called by these formats */
bool gkt_emit_has_reference(const gkt_emitter *);
gkt_factors gkt_emit_find_factors(const gkt_emitter *); /* of a pair; more than there is room for: a count alone */
int gkt_emit_coupling(const gkt_emitter *);             /* number of the one at hand */
int gkt_emit_num_pairs(const gkt_coupling *);           /* of nodes, of a mirrored one those with a <= b */
/* A table of R before the kernel, [a][b][stride], zero where a > b is mirrored; of a record [pairs][stride]. Then R of nodes a and b. */
void gkt_emit_numbers(const gkt_emitter *, const gkt_factors *, int stride);
void gkt_emit_declare_numbers(const gkt_emitter *);
void gkt_emit_factor_entry(const gkt_emitter *, const gkt_factors *, int row, int col); /* D times R */
void gkt_emit_factors(const gkt_emitter *);                                             /* D; then A or, of sets, entries of a pair */
void gkt_emit_reference(const gkt_emitter *);
void gkt_emit_reference_of_sets(const gkt_emitter *);
bool gkt_emit_has_turned(const gkt_emitter *);
gkt_factors gkt_emit_find_columns(const gkt_emitter *); /* R(r,s) that moments need */
void gkt_emit_scaled(const gkt_emitter *);              /* Gdx: outputs times the measure */
void gkt_emit_begin_turned(const gkt_emitter *);        /* loops over pairs, with R; */
void gkt_emit_turned_moments(const gkt_emitter *);      /* M of a pair */
int gkt_emit_count_turned(const gkt_emitter *);         /* products of these */
void gkt_emit_turned(const gkt_emitter *);              /* A */
gkt_record gkt_emit_measure_record(const gkt_emitter *);
void gkt_emit_record(const gkt_emitter *);                      /* of a cell or facet; */
void gkt_emit_record_point(const gkt_emitter *);                /* at point q */
void gkt_emit_pair_numbers(const gkt_emitter *);                /* before the kernel, */
void gkt_emit_pair_tables(const gkt_emitter *);                 /* gkt_map_tables_NUMBER */
void gkt_emit_begin_pair(const gkt_emitter *, bool transposed); /* gkt_patch_pair: E = or, of a map that goes into another's tensor, +=; it begins, ends with sum += E */
bool gkt_emit_has_common(const gkt_emitter *);
void gkt_emit_common(const gkt_emitter *, int first);                              /* gkt_patch_find_common: what the map's outputs are in all cells */
void gkt_emit_pair_sum(const gkt_emitter *, int record, int tables, int common);   /* scalars before those of the map */
void gkt_emit_entities_sum(const gkt_emitter *, int first, int count, int tables); /* of a linked cell's entities, from sources first .. */
void gkt_emit_end_pair(const gkt_emitter *, bool transposed);
void gkt_emit_sets(const gkt_emitter *); /* map_emit_sets.c: a tile of the map of a batch */
bool gkt_map_is_once(const gkt_map *);   /* is the pointwise function the same at all points of a cell? */
/* Products that the sum over the points takes for each pair of nodes of a coupling, and for each node of its columns before. */
void gkt_map_count_products(const gkt_map *, int coupling, int *of_pair, int *of_node);
#endif
