/* What filters are made of. Not installed. */
#ifndef GKT_ADJOINT_FILTER_H
#define GKT_ADJOINT_FILTER_H
#include "adjoint/boundary_filter.h"
#include "galerkit/filter.h"
#include "galerkit/system.h"

/* The cone: neighbours of each dof within the radius, itself among them, in the order of the grid that found them. Symmetric. */
typedef struct {
  gkt_size *offsets; /* [n + 1] */
  gkt_idx *cols;     /* [offsets[n]] */
  double *kernel;    /* radius - distance, above 0 */
  double *sums;      /* [n] of kernel times volume */
  double *work;      /* [n] */
} gkt_cone;

/* -r^2 lap y + y = x in P1. Designs of DP0 come in by loads (d, q), and go out as means of cells: (y, w) over volumes. */
typedef struct {
  bool by_cells;
  gkt_space *space; /* of y */
  gkt_scope *scope;
  gkt_form *forms[3];
  gkt_assembler *load, *mean; /* mean NULL: of a design in P1 */
  gkt_system *system;
  gkt_csr *matrix;
  gkt_system_facts facts;
  gkt_linear_solver *solver;
  gkt_scalar *b, *y, *w; /* [dofs of y], [dofs of y], [dofs of the design] */
} gkt_helmholtz;

struct gkt_filter {
  gkt_context *ctx;
  const gkt_space *space;
  gkt_filter_kind kind;
  double radius;
  int dim;
  gkt_idx n;
  double *volumes; /* [n] */
  gkt_cone cone;
  gkt_helmholtz helmholtz;
  gkt_boundary_filter on_sets; /* matrix NULL: of the whole space */
  gkt_idx *places;             /* [n] dofs of the space; NULL: all */
};

/* out [nodes of the element] '=' integrals of its basis functions by "dx", "ds('wing')", .. */
gkt_status gkt_filter_measure(gkt_mesh *, gkt_context *, gkt_element, const char *measure, double *out) GKT_MUST_CHECK;
gkt_status gkt_filter_build_on(gkt_filter *, int num_sets, const char *const *names) GKT_MUST_CHECK; /* filter_sets.c: places, volumes, on_sets */
gkt_status gkt_cone_create(gkt_filter *) GKT_MUST_CHECK;
void gkt_cone_destroy(gkt_cone *);
void gkt_cone_apply(gkt_filter *, const gkt_scalar *x, gkt_scalar *y);
void gkt_cone_transpose(gkt_filter *, const gkt_scalar *g, gkt_scalar *out);                              /* += */
void gkt_cone_sensitivity(const gkt_filter *, const gkt_scalar *x, const gkt_scalar *g, gkt_scalar *out); /* += */
gkt_status gkt_helmholtz_create(gkt_filter *) GKT_MUST_CHECK;
void gkt_helmholtz_destroy(gkt_helmholtz *);
gkt_status gkt_helmholtz_apply(gkt_filter *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
gkt_status gkt_helmholtz_transpose(gkt_filter *, const gkt_scalar *g, gkt_scalar *out) GKT_MUST_CHECK; /* += */
/* "radius .. is below the size of the cells" */
gkt_status gkt_filter_too_small(const gkt_filter *) GKT_MUST_CHECK;
double gkt_filter_cell_size(const gkt_filter *); /* (volume a dof)^(1/dim) */
#endif
