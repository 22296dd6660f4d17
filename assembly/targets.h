/* Targets of an assembler: where the tensors of each coupling of a test field with a trial field are summed. All of them stand in one array of values, a vector or the values of
   one matrix: fields follow each other, and a row of the matrix holds its columns field by field. */
#ifndef GKT_ASSEMBLY_TARGETS_H
#define GKT_ASSEMBLY_TARGETS_H
#include "assembly/map.h"
#include "assembly/ties.h"

typedef struct {
  gkt_reduce *reduce;           /* NULL: the fields are not coupled */
  gkt_size first_value;         /* of a vector: dofs of the fields before; of a matrix 0, its places tell */
  gkt_idx first_row, first_col; /* dofs of the fields before */
  gkt_idx *starts;              /* [nodes of rows] where the first block of each stands; NULL: it is the only target of a matrix, or one of a vector */
  gkt_size sums;                /* a worker's sums of the targets before */
} gkt_target;

typedef struct {
  gkt_context *ctx;
  int num_fields[2], count; /* [0] x [1], row by row */
  gkt_target *all;
  gkt_idx **strides; /* [num_fields[0]] of each node: scalars of a row; NULL as above */
  gkt_size num_values, num_contributions, num_sums;
  bool repeats;        /* has a cell a node twice, which ties may bring about? */
  gkt_scalar *largest; /* [num_dofs] work of gkt_targets_drop_rounding; NULL: there is nothing to drop */
  gkt_idx num_dofs[2];
} gkt_targets;

/* Plans; half is set in the couplings of the maps, whose entities are cut into chunks. Every form on the same spaces with the same couplings has the same pattern: it is that of
 * all cells. ties [functions of the scope], NULL where there are none: rows and columns are those of masters. sums_elsewhere: patterns
 * and what lists are made of (gkt_reduce_list) for a backend that sums by itself. */
gkt_status gkt_targets_create(const gkt_form *, gkt_mesh *, const gkt_space *const *spaces, const gkt_ties *const *ties, bool sums_elsewhere, int num_maps, gkt_map **maps,
                              gkt_targets *out) GKT_MUST_CHECK;
/* Lists of all targets once more (gkt_reduce_list_again), of the same form, mesh, spaces and ties. */
gkt_status gkt_targets_list_again(const gkt_form *, gkt_mesh *, const gkt_space *const *spaces, const gkt_ties *const *ties, gkt_targets *) GKT_MUST_CHECK;
void gkt_targets_drop_lists(gkt_targets *);
void gkt_targets_clear(gkt_targets *);
/* Where sides that are one cell apart are tied, derivatives across sum to zero in whole blocks of a matrix, and what rounding leaves would couple fields that are not: entries
 * below 2e-15 of the largest in their row and in their column become 0. */
void gkt_targets_drop_rounding(const gkt_targets *, gkt_scalar *values);
gkt_reduce *gkt_targets_any(const gkt_targets *);                                 /* one of them: all have the same chunks and teams */
bool gkt_targets_take_sets(const gkt_targets *);                                  /* sets of a batch at once */
gkt_status gkt_targets_matrix(const gkt_targets *, gkt_csr **out) GKT_MUST_CHECK; /* the pattern, values zero */
#endif
