/* What a form cannot pass: expressions of the gradients of its unknowns that are positive at rest and whose zeros it has no values at, first of all det(I + grad u), where a body
   turns inside out. Finite values beyond do not show it: 1/J is as good a number at J = -1 as at 1. */
#ifndef GKT_FORMS_BARRIERS_H
#define GKT_FORMS_BARRIERS_H
#include "forms/form.h"

enum { GKT_MAX_BARRIERS = 16 };
typedef struct {
  gkt_node node; /* to be positive */
  int shift;     /* it is det(grad u + shift I), 0 or 1; -1: another factor */
  int function;  /* u, one of the unknowns; -1: another factor */
} gkt_barrier;
typedef struct gkt_barriers {
  int count;
  gkt_barrier list[GKT_MAX_BARRIERS];
  bool blocks;    /* some integral has no value where one of them is 0; false: it only should not be passed */
  gkt_form *form; /* arity 0: 1 where one is not positive, else 0, with the points of the integrals they stand in; there is at least one */
} gkt_barriers;
/* Of a residual; *out NULL: there are none. Looked at are the arguments of ln, sqrt, powers that are no natural numbers, and denominators, factor by factor, where the integral has
   them unconditionally (a branch of `conditional` is the user's own care). A factor counts if it depends on the gradient of an unknown, is not of one sign anyway, and has a sign
   at rest, where the unknowns are 0. If it vanishes wherever det(I + grad u) or det(grad u) of one of them does, so tests at random gradients say, that determinant is meant:
   det(F'F) hides its sign. A form whose stress is frame-indifferent, P(QF) = Q P(F), is that of a body, and gets the determinant without a barrier (Saint Venant-Kirchhoff's has
   none). */
gkt_status gkt_form_find_barriers(const gkt_form *residual, gkt_terminal_range *, const void *user, gkt_barriers **out) GKT_MUST_CHECK;
void gkt_barriers_destroy(gkt_barriers **);

/* ---- sample.c: values of nodes at random gradients F - shift I of a vector field, GKT_LANES at once; everything else random within its range, the same for all kinds ---- */
typedef enum { GKT_F_ANY, GKT_F_TURNED /* Q F of the former */, GKT_F_SINGULAR, GKT_F_MIRRORED /* det < 0 */ } gkt_gradient_kind;
typedef struct {
  gkt_graph *graph;
  int function, dim, shift;
  gkt_terminal_range *range;
  const void *user;
} gkt_gradient_samples;
/* out [n][GKT_LANES], NaN if a custom function is among them: it is not called at places that are made up; turns [GKT_LANES][dim][dim]: Q, of GKT_F_TURNED; may be NULL */
gkt_status gkt_sample_gradients(const gkt_gradient_samples *, gkt_gradient_kind, int n, const gkt_node *nodes, gkt_scalar *out, double *turns) GKT_MUST_CHECK;
#endif
