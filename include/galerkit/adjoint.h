/* Gradients of functionals J(u, m) by controls m, u the solution of R(u; m) = 0, by the discrete adjoint:
   A' lambda = -dJ/du with the tangent A of R at u, then dJ/dm + lambda' dR/dm, each a derivative of a form,
   assembled as any. The gradient is that of what is computed: exact but for rounding and what the solvers
   leave. Steady problems; Hinze, Pinnau, Ulbrich and Ulbrich, Optimization with PDE Constraints, Springer
   2009, section 1.6. */
#ifndef GALERKIT_ADJOINT_H
#define GALERKIT_ADJOINT_H
#include "galerkit/system.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- controls ---- */
typedef enum {
  GKT_CONTROL_COEFFICIENT, /* a discrete one: its dofs, or its values at quadrature points, or, of a
                              gkt_signal, all values at its times; in the form, in functionals, in values of
                              conditions */
  GKT_CONTROL_CONSTANT,    /* one number */
  /* Of a field with rates, by its name: u at the start of a run in time (galerkit/time_adjoint.h), and u' of
     one with u''; dofs with conditions do not count. Copied, 0 at first: gkt_adjoint_fill_initial */
  GKT_CONTROL_INITIAL,
  GKT_CONTROL_INITIAL_RATE,
  GKT_CONTROL_SHAPE /* the coordinates of all nodes of the mesh, [num_nodes][dim]: values at dofs, discrete
                       coefficients among them, go along with their nodes; x, normals, measures, h and
                       gradients change, in conditions as well. Of any geometry, order 2 too (derivatives of
                       h: straight simplices) */
} gkt_control_kind;
typedef struct {
  gkt_control_kind kind;
  const char *name; /* in the form's scope; of the shape not looked at */
} gkt_control;
typedef struct gkt_adjoint gkt_adjoint;
/* The system outlives it and has its conditions and histories; its data may change. Names are copied.
   GKT_BAD_INPUT: no such coefficient or constant, one that comes twice, one that follows t by no gkt_signal.
   GKT_UNAVAILABLE: with the shape histories, fields that are tied or have conditions on normal components, dP
   at places, which do not move along, h and gradients in values of conditions, coefficients that are filled
   anew as t moves. */
GKT_API gkt_status gkt_adjoint_create(gkt_system *, int num_controls, const gkt_control *controls,
                                      gkt_adjoint **out) GKT_MUST_CHECK;
GKT_API void gkt_adjoint_destroy(gkt_adjoint **);
GKT_API int gkt_adjoint_num_controls(const gkt_adjoint *);
/* Length of the control's array and of its gradient. */
GKT_API gkt_size gkt_adjoint_control_size(const gkt_adjoint *, int control);
/* Values of now, those that the system has. [size of the control] */
GKT_API gkt_status gkt_adjoint_get_control(const gkt_adjoint *, int control,
                                           gkt_scalar *values) GKT_MUST_CHECK;
/* They become the system's: of a coefficient borrowed, as gkt_system_set_coefficient has it; of the shape the
   mesh's, whatever becomes of its cells. */
GKT_API gkt_status gkt_adjoint_set_control(gkt_adjoint *, int control,
                                           const gkt_scalar *values) GKT_MUST_CHECK;

/* ---- functionals ---- */
typedef struct gkt_functional gkt_functional;
/* form: of arity 0, of the system's scope: integrals over cells, facets, points. The adjoint outlives it.
   Where it has kinks (abs, min, max) or jumps that depend on a state or a control, the log warns. In a run in
   time it may hold rates; elsewhere they are 0. GKT_BAD_INPUT: rates that the equation does not hold. */
GKT_API gkt_status gkt_functional_create(gkt_adjoint *, const gkt_form *form,
                                         gkt_functional **out) GKT_MUST_CHECK;
/* J = f(J1, J2, .., c): a number made of others, as norms and aggregates are: "(K/V)^(1/p)". outer: an
   expression of a scope whose constants are names [num_parts] for the parts, and otherwise names of constants
   of the system, whose values they have. The parts outlive it; each is a functional of one form. */
GKT_API gkt_status gkt_functional_compose(gkt_adjoint *, const gkt_expression *outer, int num_parts,
                                          const char *const *names, gkt_functional *const *parts,
                                          gkt_functional **out) GKT_MUST_CHECK;
GKT_API void gkt_functional_destroy(gkt_functional **);
/* GKT_BAD_INPUT where it depends on no control, neither itself nor through the solution. */
GKT_API gkt_status gkt_functional_check(gkt_functional *) GKT_MUST_CHECK;
/* At a state, with the data that the system has. */
GKT_API gkt_status gkt_functional_value(gkt_functional *, const gkt_vector *u, double *value) GKT_MUST_CHECK;
/* Does it depend on the state, so that its gradient needs an adjoint system? */
GKT_API bool gkt_functional_depends_on_state(const gkt_functional *);

/* ---- gradients ---- */
/* At a solution u of the system with its data as they are. gradients [num_controls][size of the control],
   '+='; entries may be NULL: not asked for. value: J(u), may be NULL. The options are those of the solve of
   u, with keep_solver, so that the adjoint system is solved by what solved for u
   (gkt_system_solve_transposed, whose report this is: linear, assemblies); where J does not depend on u
   nothing is solved. Not valid: the reason says why; no gradient is added, or, where a derivative is not
   finite though J is, what is of no use. Several functionals at one u share matrix and solver. GKT_BAD_INPUT:
   as of gkt_adjoint_check and gkt_functional_check. u may stand on the device where gkt_system_where says so,
   in gkt_functional_value and gkt_adjoint_hessian as well: then all is found there, and nothing but scalars,
   gradients and directions crosses the bus, and what the host evaluates: derivatives by values at quadrature
   points and in conditions. */
GKT_API gkt_status gkt_adjoint_gradient(gkt_adjoint *, gkt_functional *, const gkt_solve_options *,
                                        const gkt_vector *u, double *value, gkt_scalar *const *gradients,
                                        gkt_solve_report *report) GKT_MUST_CHECK;
/* GKT_BAD_INPUT where nothing depends on a control: not the residual, no condition, no functional that was
   created so far. The message begins with its name. */
GKT_API gkt_status gkt_adjoint_check(gkt_adjoint *) GKT_MUST_CHECK;
/* lambda of the last gradient [dofs], the adjoint's; 0 on dofs with conditions. It stands where u did. */
GKT_API const gkt_vector *gkt_adjoint_state(const gkt_adjoint *);

/* ---- second derivatives ---- */
/* H d at a solution u, H the second derivative of m -> J(u(m), m), of all controls together: '+=' to result
   [num_controls][size of the control], entries of which may be NULL: not asked for. direction likewise, NULL:
   0. Two linear systems by what solved for u (one more for lambda where the last call at this u was of
   another functional), whose costs the report adds up; nothing is assembled or set up but what a gradient
   there would. GKT_UNAVAILABLE: a control that stands in the value of a condition, the shape, custom
   functions. */
GKT_API gkt_status gkt_adjoint_hessian(gkt_adjoint *, gkt_functional *, const gkt_solve_options *,
                                       const gkt_vector *u, const gkt_scalar *const *direction,
                                       gkt_scalar *const *result, gkt_solve_report *report) GKT_MUST_CHECK;

/* The same without second derivatives of the equation: S' J'' S d, with S d the changes of state and controls
   along d. Where J is half of a sum of squares of what is linear in these, as at sensors, that is the
   Gauss-Newton matrix; else a generalized one (Schraudolph, Neural Computation 14 (2002)), positive
   semidefinite where J is convex in state and controls. Near H where residuals are small; no adjoint state
   enters. */
GKT_API gkt_status gkt_adjoint_gauss_newton(gkt_adjoint *, gkt_functional *, const gkt_solve_options *,
                                            const gkt_vector *u, const gkt_scalar *const *direction,
                                            gkt_scalar *const *result,
                                            gkt_solve_report *report) GKT_MUST_CHECK;

/* ---- proof ---- */
enum { GKT_TAYLOR_STEPS = 5 };
/* Remainders |J(m + eps d) - J(m) - eps dJ(m) d|, which fall by the square of eps if the gradient is right.
 */
typedef struct {
  double eps[GKT_TAYLOR_STEPS], remainder[GKT_TAYLOR_STEPS];
  double derivative; /* dJ(m) d */
  double second;     /* d' H d, of gkt_adjoint_verify_hessian; else 0 */
  double slope; /* of the last two remainders that are more than what solvers leave of J; NAN: there are no
                   two */
  bool passed;  /* they fall, with a slope of 2 to 0.05, or, where that term vanishes, of a higher integer; or
                   J is linear in this direction to what solvers leave. Where terms of two orders are alike as
                   near as remainders tell anything a right gradient is not either: another direction may */
  bool cancelled;    /* by a call of progress or stage: then not passed */
  char reason[2048]; /* why nothing was found, as a state that has no solution; else "" */
} gkt_taylor;
/* Of any function phi of a number, as phi(eps) = J(m + eps d) of any program: whatever finds J, a run in time
   among them. */
typedef struct {
  void *user;
  /* phi(eps); where it has no value a reason is written into the last, and it may be cancelled */
  gkt_status (*value)(void *user, double eps, double *value, gkt_taylor *);
  double value_at_0, derivative; /* phi(0), and phi'(0) as it is to be verified */
  double second;                 /* likewise phi''(0), where: */
  bool is_second;
  double rtol; /* of the solvers behind it */
} gkt_taylor_line;
/* eps: the largest, halved step by step; 0: as below. */
GKT_API gkt_status gkt_taylor_look(const gkt_taylor_line *, double eps, gkt_taylor *out) GKT_MUST_CHECK;

/* direction [size of the control]; NULL: numbers between -1 and 1, the same in every run, times the largest
   value of the control (1 where that is 0); of the shape times a fifth of the shortest edge. eps: the
   largest, halved step by step; 0: 0.01, or more where the remainders of that are too small to tell. While
   there is no state so far away, or the slope is not reached and remainders are more than what solvers leave,
   it goes on nearer by: the table is of the last five. u: the solution; data and u are what they were after
   the call. GKT_BAD_INPUT: a direction that is 0 or not finite, an eps below 0. */
GKT_API gkt_status gkt_adjoint_verify(gkt_adjoint *, gkt_functional *, const gkt_solve_options *, int control,
                                      const gkt_scalar *direction, double eps, const gkt_vector *u,
                                      gkt_taylor *out) GKT_MUST_CHECK;

/* The same of second derivatives: |J(m + eps d) - J(m) - eps dJ(m) d - eps^2/2 d' H d| falls by the third
   power of eps: passed where slope is 3 to 0.05 or a higher integer, or J is quadratic in this direction to
   what solvers leave. */
GKT_API gkt_status gkt_adjoint_verify_hessian(gkt_adjoint *, gkt_functional *, const gkt_solve_options *,
                                              int control, const gkt_scalar *direction, double eps,
                                              const gkt_vector *u, gkt_taylor *out) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
