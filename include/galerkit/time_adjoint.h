/* Gradients of functionals of a whole run in time, J = E(u at the end) + the integral of r(u, t) over the
   run, by the discrete adjoint of the scheme: step by step backwards, each the transpose of what the step
   did. The integral is that of the trapezoidal rule over the steps, the start included. Lengths of steps,
   adaptive ones as well, are those of the run and do not vary. The gradient is that of what is computed:
   exact but for rounding and what the solvers leave. Hager, Numer. Math. 87 (2000), for schemes of Runge and
   Kutta. */
#ifndef GALERKIT_TIME_ADJOINT_H
#define GALERKIT_TIME_ADJOINT_H
#include "galerkit/adjoint.h"
#include "galerkit/time.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a run goes through ---- */
typedef struct gkt_trajectory gkt_trajectory;
/* From the next gkt_time_begin on the states of all steps are kept; a new start begins anew. memory: the most
   bytes that they take; 0: no limit. Where they take more, states in between are computed again from some
   that are kept (checkpoints), which have the bits of the first time as far as solvers do not depend on what
   they solved before: up to the tolerances of solvers. To be destroyed before the gkt_time. Where a state can
   not be kept for want of memory the step that led there says so, and nothing is kept from there on until a
   new start. GKT_BAD_ARGUMENT: the gkt_time has a trajectory. GKT_BAD_INPUT: less memory than the fewest
   take. GKT_UNAVAILABLE: arc-length. Where steps stand
   on a device (gkt_system_where) states come to the host, and for the way back go up again. */
GKT_API gkt_status gkt_trajectory_create(gkt_time *, gkt_size memory, gkt_trajectory **out) GKT_MUST_CHECK;
GKT_API void gkt_trajectory_destroy(gkt_trajectory **);
/* Of a trajectory with a limit of memory, before the start: states go to a file in this folder (NULL:
   $TMPDIR, else /tmp), of at most so many bytes, without a name: nothing is left of it however the program
   ends. Only those after it is full are computed again; where it holds all the gradient has the bits that it
   has without a limit. A step whose state cannot be written says so, as one without memory. GKT_BAD_INPUT:
   less than two states. GKT_IO: no file can be made there. */
GKT_API gkt_status gkt_trajectory_use_disk(gkt_trajectory *, const char *folder,
                                           gkt_size bytes) GKT_MUST_CHECK;
GKT_API gkt_size gkt_trajectory_num_steps(const gkt_trajectory *);
/* Length of step n, from 1. */
GKT_API double gkt_trajectory_length(const gkt_trajectory *, gkt_size n);
/* How many times step n, or the start (0), was solved again until it came to rest
   (gkt_time_options.repeat_rtol). Each is a state of its own. */
GKT_API int gkt_trajectory_repeats(const gkt_trajectory *, gkt_size n);
/* Bytes of states that are kept now. */
GKT_API gkt_size gkt_trajectory_memory(const gkt_trajectory *);

/* ---- functionals and gradients ---- */
typedef struct {
  gkt_functional *end;     /* E, at the time of the end; NULL: none */
  gkt_functional *running; /* r; NULL: none */
} gkt_time_functional;
typedef struct {
  bool valid;
  char reason[2048];              /* why not; "" if valid */
  gkt_size steps;                 /* of the run */
  gkt_size repeated;              /* steps that were computed again */
  int linear, assemblies, setups; /* of adjoint systems: iterations, matrices, preconditioners or factors */
  double residual;                /* of these systems the largest true one, gkt_linear_report.residual */
} gkt_time_gradient_report;
/* Initial values of a field (order 0), or of its rate where the form holds dtt (1), are what nodes take of an
   expression of x, t, constants and coefficients, controls among them, which gradients then go through. Held.
   GKT_BAD_INPUT: no such field; initial values that are a control themselves. GKT_UNAVAILABLE: gradients of a
   control in it, of the shape h as well. */
GKT_API gkt_status gkt_adjoint_start_from(gkt_adjoint *, const char *field, int order,
                                          const gkt_expression *value) GKT_MUST_CHECK;
/* The values of controls GKT_CONTROL_INITIAL and GKT_CONTROL_INITIAL_RATE, and of expressions, go into u and
   rate (NULL: none), for gkt_time_begin. Expressions are taken at the start of this gkt_time, wherever its
   run stands; the time of the system is then that. GKT_BAD_ARGUMENT: a gkt_time of another system; no vector
   for rates that are given. */
GKT_API gkt_status gkt_adjoint_fill_initial(const gkt_adjoint *, const gkt_time *, gkt_vector *u,
                                            gkt_vector *rate) GKT_MUST_CHECK;
/* Of the run that the trajectory has, with the data that the system had then and has now. */
GKT_API gkt_status gkt_time_value(gkt_adjoint *, gkt_trajectory *, gkt_time_functional, double *value,
                                  gkt_time_gradient_report *) GKT_MUST_CHECK;
/* Through histories (galerkit/system.h) as well: updates are differentiated symbolically, by the state, by
   the values of before and by controls, and so is what a history is at the start, where the run began with
   that (gkt_system_start_histories before gkt_time_begin). At a kink of an update, and of a functional of
   what an update has just put on a kink (a stress by a return map, seen after its step), there is no
   derivative but of one side: write such a functional with the histories themselves. */
/* Of steps that are repeated until they rest (gkt_time_options.repeat_rtol) the way back goes through each
   time that they were solved: how many there were is held, as lengths are (gkt_time_hold_repeats). */
/* gradients [num_controls][size of the control], '+='; entries may be NULL: not asked for. value may be NULL.
   One transposed solve a step, by what solved the step: with lengths that stay the same a linear problem is
   assembled and set up nowhere. Of explicit steps the derivative at each of their stages, which are computed
   again; lumped masses are differentiated as they are, sums of rows. The gkt_time is then again where it was.
   Not valid: gradients are not to be used. GKT_BAD_INPUT: as of gkt_adjoint_check; functionals that depend on
   no control; a run that did not begin under the trajectory. */
GKT_API gkt_status gkt_time_gradient(gkt_adjoint *, gkt_trajectory *, gkt_time_functional, double *value,
                                     gkt_scalar *const *gradients, gkt_time_gradient_report *) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
