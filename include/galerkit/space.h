/* Function spaces on meshes, and expressions evaluated at points and interpolated into spaces. */
#ifndef GALERKIT_SPACE_H
#define GALERKIT_SPACE_H
#include "galerkit/form.h"
#include "galerkit/mesh.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- spaces: nodes carry block_size dofs each, dof = node * block_size + component ---- */
typedef struct gkt_space gkt_space;
/* "P2", "DP0", "P1B", "real"; a degree that is not available says so */
GKT_API gkt_status gkt_element_parse(gkt_context *, const char *text, gkt_element *out) GKT_MUST_CHECK;
/* Of GKT_QUADRATURE_POINTS the nodes are the points, cell by cell; gkt_interpolate onto such a space
   evaluates at them, also expressions with coefficients of such a space of the same degree. Of GKT_REAL there
   is one node, that of every cell; its coordinates mean nothing. */
GKT_API gkt_status gkt_space_create(gkt_mesh *, gkt_element, gkt_shape, gkt_space **out) GKT_MUST_CHECK;
GKT_API void gkt_space_destroy(gkt_space **);
GKT_API gkt_mesh *gkt_space_mesh(const gkt_space *);
GKT_API gkt_element gkt_space_element(const gkt_space *);
GKT_API gkt_shape gkt_space_shape(const gkt_space *);
GKT_API int gkt_space_block_size(const gkt_space *);    /* components */
GKT_API gkt_idx gkt_space_num_nodes(const gkt_space *); /* dofs / block size */
GKT_API gkt_idx gkt_space_num_dofs(const gkt_space *);
GKT_API int gkt_space_nodes_per_cell(const gkt_space *, int block);
/* [num_cells][nodes_per_cell], in the order of gkt_vtu_block's; that of a bubble last */
GKT_API const gkt_idx *gkt_space_cell_nodes(const gkt_space *, int block);
GKT_API const double *gkt_space_coords(const gkt_space *); /* [num_nodes][dim], of the mesh at creation */
/* Of GKT_QUADRATURE_POINTS: weights of the rule times |det J|, with the mesh as it is now, positive; out
   [num_nodes] '='. GKT_BAD_ARGUMENT: another element. */
GKT_API gkt_status gkt_space_weights(const gkt_space *, double *out) GKT_MUST_CHECK;
/* Nodes on the closure of a set, ascending; *out is the caller's, freed with free(). Of places: the nodes
   that stand there, within 1e-9 of the mesh's box; refused where none does, naming the nearest and its
   distance. Of a real: refused, it has no place. */
GKT_API gkt_status gkt_space_nodes_on(const gkt_space *, const gkt_mesh_set *, gkt_idx *count,
                                      gkt_idx **out) GKT_MUST_CHECK;

/* ---- what forms and expressions are evaluated with; NULL where it is taken: nothing, at t = 0 ---- */
typedef struct {
  const gkt_space *const
      *spaces; /* [functions of the scope]; NULL where the form does not need it; a test needs none */
  const gkt_scalar *const *values; /* [functions][dofs of its space] */
  const gkt_scalar *constants;     /* [constants of the scope], on the host */
  gkt_scalar time;
  gkt_where where; /* the arrays of values */
} gkt_inputs;

/* ---- evaluation (interpreter) ---- */
/* At points given in reference coordinates: xi [num_points][dim], cells [num_points], facets [num_points]
   local facet numbers for n, or NULL. out [num_points][components]. */
GKT_API gkt_status gkt_evaluate(const gkt_expression *, gkt_mesh *, const gkt_inputs *, gkt_size num_points,
                                const gkt_idx *cells, const double *xi, const int8_t *facets,
                                gkt_scalar *out) GKT_MUST_CHECK;
/* At points of space without cells: for expressions in x, constants and time only. coords [num_points][dim].
 */
GKT_API gkt_status gkt_evaluate_at(const gkt_expression *, int dim, const gkt_inputs *, gkt_size num_points,
                                   const double *coords, gkt_scalar *out) GKT_MUST_CHECK;
/* Nodal interpolation into a space; out [dofs] '=', none of the inputs' values. Continuous targets take the
   mean over the cells that meet at a node. An expression that holds coefficients at quadrature points has, in
   a space that is not one of these points, the value of its mean over each cell. GKT_BAD_INPUT where the
   shapes differ, where the target is a real and the expression varies in space, and where coefficients stand
   at points of other degrees than each other or the target. */
GKT_API gkt_status gkt_interpolate(const gkt_expression *, const gkt_space *, const gkt_inputs *,
                                   gkt_scalar *out) GKT_MUST_CHECK;
/* Cells that hold a point [dim] (several on shared facets; tolerance 1e-9 of the mesh's box): up to max; xi
 * [found][dim]. *found 0: outside. Fails for want of memory only. */
GKT_API gkt_status gkt_locate(gkt_mesh *, const double *point, int max, gkt_idx *cells, double *xi,
                              int *found) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
