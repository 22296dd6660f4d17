/* Assembly (map and reduce), batches, constraints. Numeric arrays are host arrays; with the cuda backend
 * values of inputs, and those of a matrix, may be on its device, where their `where` says so. */
#ifndef GALERKIT_ASSEMBLY_H
#define GALERKIT_ASSEMBLY_H
#include "galerkit/space.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- assemblers: a plan for one form on given spaces; planning allocates and sorts, execution does neither
 * ---- */
typedef struct gkt_assembler gkt_assembler;
/* spaces [functions of the scope] as in gkt_inputs. Set names are looked up here: unknown ones, and `ds`
   names on inner facets, are refused with key, line, column. Of dP the cells that hold its places are found
   here, and places outside the mesh are refused; nodes that move later take a place along in its cell.
   Compiles the kernels of the context's backend. */
GKT_API gkt_status gkt_assembler_create(const gkt_form *, gkt_mesh *, const gkt_space *const *spaces,
                                        gkt_assembler **out) GKT_MUST_CHECK;
GKT_API void gkt_assembler_destroy(gkt_assembler **);
GKT_API const gkt_form *gkt_assembler_form(const gkt_assembler *); /* that it was created for */
/* arity 0; '=' */
GKT_API gkt_status gkt_assemble_functional(gkt_assembler *, const gkt_inputs *,
                                           gkt_scalar *value) GKT_MUST_CHECK;
/* arity 1; '=' ; [dofs of the argument's space] */
GKT_API gkt_status gkt_assemble_vector(gkt_assembler *, const gkt_inputs *,
                                       gkt_scalar *vector) GKT_MUST_CHECK;
/* arity 2: the pattern, values zero */
GKT_API gkt_status gkt_assembler_matrix(gkt_assembler *, gkt_csr **out) GKT_MUST_CHECK;
/* arity 2; '='; a matrix made by this assembler */
GKT_API gkt_status gkt_assemble_matrix(gkt_assembler *, const gkt_inputs *, gkt_csr *matrix) GKT_MUST_CHECK;
/* ---- batches: many sets of values (coefficients, sources, states) on one mesh in one call ---- */
typedef struct {
  int count;               /* sets, from 1 */
  const gkt_size *strides; /* [functions of the scope]: set s of function f begins at inputs->values[f] + s *
                              strides[f]; 0: one for all sets. NULL: all 0 */
  gkt_size constants_stride; /* likewise of inputs->constants */
  gkt_size results_stride;   /* from one result to the next, at least the scalars of one */
  gkt_where where;           /* the results; on the device with the cuda backend only */
} gkt_batch;
/* Any arity; '='. Result s begins at results + s * results_stride: a number, a vector [dofs], or the values
   of a matrix in the pattern of gkt_assembler_matrix. The same bits as one call for each set, with geometry
   and places found once for many sets. The first batch compiles; a batch allocates where none as large went
   before. Sets are assembled one after the other where the reduce is not `fused`, or where its sums would
   leave the cache (matrices of vector fields of degree 2 on hexahedra). */
GKT_API gkt_status gkt_assemble_batch(gkt_assembler *, const gkt_inputs *, const gkt_batch *,
                                      gkt_scalar *results) GKT_MUST_CHECK;
typedef struct {
  const char *backend; /* what runs: "cpu", "interpreter", "cuda" */
  const char *reduce;  /* what sums: "fused", "segmented", "spmm"; "fused and segmented": on a device, each
                          block of several fields by itself */
  double compile_seconds, pattern_seconds;
  gkt_size element_bytes; /* memory between map and reduce. fused: sums of pairs of nodes that several chunks
                             of cells share; else the element tensors of all cells */
  gkt_size reduce_bytes;  /* moved through memory by the reduce of one assembly, by the model that `auto`
                             chooses with */
} gkt_assembler_info;
GKT_API void gkt_assembler_get_info(const gkt_assembler *, gkt_assembler_info *out);

/* What one assembly costs on an NVIDIA GPU (gkt_gpu_prediction): bytes, wavefronts and contributions are
   counted from the plan at hand, instructions in the machine code that the kernels become.
   architecture: 80, 90, 100. reduce: AUTO takes the faster by this model, FUSED where it can be, SEGMENTED.
   The assembler is one of the backends cpu and interpreter of a context with GKT_REDUCE_SEGMENTED, whose
   lists are needed. GKT_UNAVAILABLE: NVRTC is not found, which makes the machine code. */
GKT_API gkt_status gkt_assembler_predict(const gkt_assembler *, int architecture, gkt_reduce_strategy reduce,
                                         gkt_gpu_prediction *out) GKT_MUST_CHECK;
/* The same of a batch of num_sets sets, in which every function that is read has values of its own; an item
   is a cell in one set. GKT_UNAVAILABLE also where the form is not fused: predictions of batches know nothing
   else. */
GKT_API gkt_status gkt_assembler_predict_batch(const gkt_assembler *, int architecture, int num_sets,
                                               gkt_gpu_prediction *out) GKT_MUST_CHECK;

/* ---- essential constraints: u = C u~ + g. Here C drops constrained dofs; constrained rows and columns stay,
 * with a scaled diagonal. ---- */
typedef struct gkt_constraints gkt_constraints;
/* spaces [num_spaces], from 1: those of a form's argument; dofs of one after the other, as in its vectors
 * and matrices */
GKT_API gkt_status gkt_constraints_create(int num_spaces, const gkt_space *const *spaces,
                                          gkt_constraints **out) GKT_MUST_CHECK;
GKT_API void gkt_constraints_destroy(gkt_constraints **);
/* What a condition gives, where it is no component's number. */
enum {
  GKT_ALL_COMPONENTS = -1,
  GKT_NORMAL = -2 /* u . n on outer facets, of a vector of the space's dimension; n at nodes is consistent
                     (the integral of phi n), and where facets meet at 40 degrees or more, each side's */
};
/* On a set, of the functions of spaces[space]; component -1: all, the value then has the field's shape (0
   fits any); else it is a scalar. Later conditions win; a conflict (values that differ on a shared dof by
   more than 1e-12 of the largest that the two conditions give anywhere) is logged as a warning naming both
   sources. source_note: for that warning
   ("line 12"). A set without nodes is refused. */
GKT_API gkt_status gkt_constraints_add(gkt_constraints *, int space, const gkt_mesh_set *, int component,
                                       const gkt_expression *value, const gkt_inputs *,
                                       const char *source_note) GKT_MUST_CHECK;
GKT_API const bool *gkt_constraints_mask(const gkt_constraints *); /* [dofs] */
GKT_API gkt_idx gkt_constraints_count(const gkt_constraints *);
GKT_API void gkt_constraints_lift(const gkt_constraints *, gkt_scalar *u); /* u_c = g_c on constrained dofs */
GKT_API void gkt_constraints_zero(const gkt_constraints *, gkt_scalar *residual); /* 0 on constrained dofs */
/* Rows and columns of constrained dofs to 0, their diagonal to the mean |diagonal| of the free ones of the
 * same space (1 if there are none, or if it is 0). Keeps symmetry to 0 ulp and the pattern. */
GKT_API void gkt_constraints_eliminate(const gkt_constraints *, gkt_csr *matrix);

#ifdef __cplusplus
}
#endif
#endif
