/* An expression made ready for evaluation on one mesh, for those who evaluate again and again (interpolation by tiles of cells). */
#ifndef GKT_SPACES_EVALUATE_H
#define GKT_SPACES_EVALUATE_H
#include "spaces/points.h"

/* What a pointwise function asks for beyond x, constants and time. */
typedef enum { GKT_NEEDS_POINT, GKT_NEEDS_CELL, GKT_NEEDS_FACET } gkt_needs;
gkt_needs gkt_pointwise_needs(const gkt_pointwise *);

typedef struct gkt_evaluator gkt_evaluator;
/* mesh NULL: for gkt_evaluator_run_at only; an expression that needs a cell is refused then. inputs and expression outlive the evaluator. */
gkt_status gkt_evaluator_create(const gkt_expression *, gkt_mesh *, const gkt_inputs *, gkt_evaluator **out) GKT_MUST_CHECK;
/* For the nodes of a space, all of a cell one after the other: there coefficients at quadrature points have values, if the space is one of that kind and degree. */
gkt_status gkt_evaluator_create_on(const gkt_expression *, const gkt_space *, const gkt_inputs *, gkt_evaluator **out) GKT_MUST_CHECK;
void gkt_evaluator_destroy(gkt_evaluator **);
gkt_needs gkt_evaluator_needs(const gkt_evaluator *);
/* As gkt_evaluate and gkt_evaluate_at. */
gkt_status gkt_evaluator_run(gkt_evaluator *, gkt_size num_points, const gkt_idx *cells, const double *xi, const int8_t *facets, gkt_scalar *out) GKT_MUST_CHECK;
void gkt_evaluator_run_at(gkt_evaluator *, int dim, gkt_size num_points, const double *coords, gkt_scalar *out);
#endif
