/* Spaces, evaluation, assembly (map and reduce), constraints. Numeric arrays are host arrays for the cpu and interpreter backends. */
#ifndef GALERKIT_ASSEMBLY_H
#define GALERKIT_ASSEMBLY_H
#include "galerkit/form.h"
#include "galerkit/mesh.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- spaces: nodes carry block_size dofs each, dof = node * block_size + component ---- */
typedef struct gkt_space gkt_space;
typedef struct {
  bool discontinuous; /* DP */
  int degree;         /* P: 1 to 4, DP: 0 to 4; at most 2 on meshes with prisms or pyramids */
} gkt_element;
GKT_API gkt_status gkt_element_parse(gkt_context *, const char *text, gkt_element *out) GKT_MUST_CHECK;  /* "P2", "DP0"; a degree that is not available says so */
GKT_API gkt_status gkt_space_create(gkt_mesh *, gkt_element, gkt_shape, gkt_space **out) GKT_MUST_CHECK; /* mesh outlives the space */
/* Values at the points of the quadrature that dx(degree=degree) has in each cell, 0 to 63, and nowhere between: for what a material remembers. For coefficients, in integrals over
   cells with such a rule (on straight lines, triangles and tetrahedra every term of that degree, else those that give degree=); used elsewhere they are refused by name. Its nodes
   are the points, cell by cell; gkt_interpolate onto it evaluates at them, also expressions with coefficients of such a space of the same degree. */
GKT_API gkt_status gkt_space_create_at_points(gkt_mesh *, int degree, gkt_shape, gkt_space **out) GKT_MUST_CHECK; /* mesh outlives the space */
GKT_API void gkt_space_destroy(gkt_space **);
GKT_API gkt_mesh *gkt_space_mesh(const gkt_space *);
GKT_API gkt_element gkt_space_element(const gkt_space *); /* at points: discontinuous, of degree GKT_AT_POINTS */
GKT_API int gkt_space_rule(const gkt_space *);            /* at points: the degree of the quadrature; else -1 */
GKT_API gkt_shape gkt_space_shape(const gkt_space *);
GKT_API int gkt_space_block_size(const gkt_space *);    /* components */
GKT_API gkt_idx gkt_space_num_nodes(const gkt_space *); /* dofs / block size */
GKT_API gkt_idx gkt_space_num_dofs(const gkt_space *);
GKT_API int gkt_space_nodes_per_cell(const gkt_space *, int block);
GKT_API const gkt_idx *gkt_space_cell_nodes(const gkt_space *, int block); /* [num_cells][nodes_per_cell], in the order of gkt_vtu_block's */
GKT_API const double *gkt_space_coords(const gkt_space *);                 /* [num_nodes][dim], of the mesh at creation */
/* Nodes on the closure of a set, ascending; *out is the caller's, freed with free(). Of places: the nodes that stand there, within 1e-9 of the mesh's box; refused where none does,
   naming the nearest and its distance. */
GKT_API gkt_status gkt_space_nodes_on(const gkt_space *, const gkt_mesh_set *, gkt_idx *count, gkt_idx **out) GKT_MUST_CHECK;

/* ---- what forms and expressions are evaluated with ---- */
typedef struct {
  const gkt_space *const *spaces;  /* [functions of the scope]; NULL where the form does not need it; a test needs none */
  const gkt_scalar *const *values; /* [functions][dofs of its space] */
  const gkt_scalar *constants;     /* [constants of the scope] */
  gkt_scalar time;
} gkt_inputs;

/* ---- evaluation (interpreter) ---- */
/* At points given in reference coordinates: xi [num_points][dim], cells [num_points], facets [num_points] local facet numbers for n, or NULL.
   out [num_points][components]. */
GKT_API gkt_status gkt_evaluate(const gkt_expression *, gkt_mesh *, const gkt_inputs *, gkt_size num_points, const gkt_idx *cells, const double *xi, const int8_t *facets,
                                gkt_scalar *out) GKT_MUST_CHECK;
/* At points of space without cells: for expressions in x, constants and time only. coords [num_points][dim]. */
GKT_API gkt_status gkt_evaluate_at(const gkt_expression *, int dim, const gkt_inputs *, gkt_size num_points, const double *coords, gkt_scalar *out) GKT_MUST_CHECK;
/* Nodal interpolation into a space; out [dofs] '=', none of the inputs' values. Continuous targets take the mean over the cells
   that meet at a node. GKT_BAD_INPUT where the shapes differ. */
GKT_API gkt_status gkt_interpolate(const gkt_expression *, const gkt_space *, const gkt_inputs *, gkt_scalar *out) GKT_MUST_CHECK;
/* Cells that hold a point [dim] (several on shared facets; tolerance 1e-9 of the mesh's box): up to max; xi [found][dim]. *found 0: outside. Fails for want of memory only. */
GKT_API gkt_status gkt_locate(gkt_mesh *, const double *point, int max, gkt_idx *cells, double *xi, int *found) GKT_MUST_CHECK;

/* ---- assemblers: a plan for one form on given spaces; planning allocates and sorts, execution does neither ---- */
typedef struct gkt_assembler gkt_assembler;
/* spaces [functions of the scope] as in gkt_inputs. Set names are looked up here: unknown ones, and `ds` names on inner facets, are refused with key, line, column.
   Of dP the cells that hold its places are found here, and places outside the mesh are refused; nodes that move later take a place along in its cell.
   form and spaces outlive the assembler. Compiles the kernels of the context's backend. */
GKT_API gkt_status gkt_assembler_create(const gkt_form *, gkt_mesh *, const gkt_space *const *spaces, gkt_assembler **out) GKT_MUST_CHECK;
GKT_API void gkt_assembler_destroy(gkt_assembler **);
GKT_API gkt_status gkt_assemble_functional(gkt_assembler *, const gkt_inputs *, gkt_scalar *value) GKT_MUST_CHECK; /* arity 0; '=' */
GKT_API gkt_status gkt_assemble_vector(gkt_assembler *, const gkt_inputs *, gkt_scalar *vector) GKT_MUST_CHECK;    /* arity 1; '=' ; [dofs of the argument's space] */
GKT_API gkt_status gkt_assembler_matrix(gkt_assembler *, gkt_csr **out) GKT_MUST_CHECK;                            /* arity 2: the pattern, values zero */
GKT_API gkt_status gkt_assemble_matrix(gkt_assembler *, const gkt_inputs *, gkt_csr *matrix) GKT_MUST_CHECK;       /* arity 2; '='; a matrix made by this assembler */
/* ---- batches: many sets of values (coefficients, sources, states) on one mesh in one call ---- */
typedef struct {
  int count;                 /* sets, from 1 */
  const gkt_size *strides;   /* [functions of the scope]: set s of function f begins at inputs->values[f] + s * strides[f]; 0: one for all sets. NULL: all 0 */
  gkt_size constants_stride; /* likewise of inputs->constants */
  gkt_size results_stride;   /* from one result to the next, at least the scalars of one */
} gkt_batch;
/* Any arity; '='. Result s begins at results + s * results_stride: a number, a vector [dofs], or the values of a matrix in the pattern of gkt_assembler_matrix. The same bits as
   one call for each set, with geometry and places found once for many sets. The first batch compiles; a batch allocates where none as large went before. Sets are
   assembled one after the other where the reduce is not `fused`, or where its sums would leave the cache (matrices of vector fields of degree 2 on hexahedra). */
GKT_API gkt_status gkt_assemble_batch(gkt_assembler *, const gkt_inputs *, const gkt_batch *, gkt_scalar *results) GKT_MUST_CHECK;
typedef struct {
  const char *backend; /* what runs: "cpu", "interpreter" */
  const char *reduce;  /* what sums: "fused", "segmented", "spmm" */
  double compile_seconds, pattern_seconds;
  gkt_size element_bytes; /* memory between map and reduce. fused: sums of pairs of nodes that several chunks of cells share; else the element tensors of all cells */
  gkt_size reduce_bytes;  /* moved through memory by the reduce of one assembly, by the model that `auto` chooses with */
} gkt_assembler_info;
GKT_API void gkt_assembler_get_info(const gkt_assembler *, gkt_assembler_info *out);

/* ---- essential constraints: u = C u~ + g. Here C drops constrained dofs; constrained rows and columns stay, with a scaled diagonal. ---- */
typedef struct gkt_constraints gkt_constraints;
GKT_API gkt_status gkt_constraints_create(const gkt_space *, gkt_constraints **out) GKT_MUST_CHECK; /* space outlives */
GKT_API void gkt_constraints_destroy(gkt_constraints **);
/* On every set named, in order; component -1: all, the value then has the field's shape (0 fits any). Later conditions win; a conflict (values that differ on a shared
   dof by more than 1e-12 of the largest that the two conditions give anywhere) is logged as a warning naming both sources. source_note: for that warning ("line 12"). A set without
   nodes is refused. */
GKT_API gkt_status gkt_constraints_add(gkt_constraints *, const gkt_mesh_set *, int component, const gkt_expression *value, const gkt_inputs *,
                                       const char *source_note) GKT_MUST_CHECK;
GKT_API const bool *gkt_constraints_mask(const gkt_constraints *); /* [dofs] */
GKT_API gkt_idx gkt_constraints_count(const gkt_constraints *);
GKT_API void gkt_constraints_lift(const gkt_constraints *, gkt_scalar *u);        /* u_c = g_c on constrained dofs */
GKT_API void gkt_constraints_zero(const gkt_constraints *, gkt_scalar *residual); /* 0 on constrained dofs */
/* Rows and columns of constrained dofs to 0, their diagonal to the mean |diagonal| of the free ones (1 if none). Keeps symmetry to 0 ulp and the pattern. */
GKT_API void gkt_constraints_eliminate(const gkt_constraints *, gkt_csr *matrix);

#ifdef __cplusplus
}
#endif
#endif
