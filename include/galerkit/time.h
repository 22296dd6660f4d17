/* Problems in time: R(t, u, u', u'') = 0 from a state at the start, step by step, over a discretized problem
   (galerkit/system.h) whose form holds dt(u) or dtt(u). */
#ifndef GALERKIT_TIME_H
#define GALERKIT_TIME_H
#include "galerkit/system.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Word; number of parameters and their defaults; the highest rate that it solves for; order of convergence.
   d = (u1 - u0)/dt; 0 the start of a step, 1 its end.
   euler           R(t1, u1, d) = 0
   crank-nicolson  R(t0, u0, d)/2 + R(t1, u1, d)/2 = 0
   theta(theta)    (1 - theta) R(t0, u0, d) + theta R(t1, u1, d) = 0, 0 < theta <= 1; of order 1 but for 1/2
   midpoint        R((t0 + t1)/2, (u0 + u1)/2, d) = 0
   bdf2            R(t1, u1, d2) = 0, d2 the slope of the parabola through the last three; the first step is
                   one of euler
   newmark(beta, gamma)     Newmark, J. Eng. Mech. Div. ASCE 85 (1959); of order 2 for gamma = 1/2
   generalized-alpha(rho)   0 <= rho <= 1, the spectral radius at infinity: Chung and Hulbert, J. Appl. Mech.
                   60 (1993), for u''; Jansen, Whiting and Hulbert, CMAME 190 (2000), for u'
   These two serve forms in which some fields have u'' and others u' only. A field without a rate in an
   equation without itself is a multiplier, such as a pressure: it is taken at t1 wherever a scheme looks.

   static          R(t, u) = 0 at each t, for forms without rates: a path of loads, from u at the start on
   arc-length      the same, past limit points, where the path turns back in t: t is unknown, a step is a
   length along the path (Keller's pseudo-arc-length), ds^2 = (|du|^2 + dt^2)/2, where |du| is the mean over
   the fields, multipliers left out, of root mean squares over their dofs, in units in which du/dt is 1 at the
   start: there a step is one in t

   Explicit, with lumped masses: row sums, which of forms lumped at nodes (gkt_form_lump) are the masses
   themselves; in steps that the largest eigenvalue allows. Adaptive: ssp3 beside Heun's scheme of order 2,
   which is among its stages; rk4 in two halves beside the whole; central-difference by changes of u''
   (Zienkiewicz and Xie, Earthquake Eng. Struct. Dyn. 20 (1991)), of u and of u'.
   ssp3            Shu and Osher, J. Comput. Phys. 77 (1988), for u'
   rk4             the classical one, for u'
   central-difference       Verlet's form, for u'' */
#define GKT_SCHEME_LIST(X)                                              \
  X(GKT_SCHEME_EULER, "euler", 0, 0, 0, 1, 1)                           \
  X(GKT_SCHEME_CRANK_NICOLSON, "crank-nicolson", 0, 0, 0, 1, 2)         \
  X(GKT_SCHEME_THETA, "theta", 1, 0.5, 0, 1, 1)                         \
  X(GKT_SCHEME_MIDPOINT, "midpoint", 0, 0, 0, 1, 2)                     \
  X(GKT_SCHEME_BDF2, "bdf2", 0, 0, 0, 1, 2)                             \
  X(GKT_SCHEME_NEWMARK, "newmark", 2, 0.25, 0.5, 2, 2)                  \
  X(GKT_SCHEME_GENERALIZED_ALPHA, "generalized-alpha", 1, 0.8, 0, 2, 2) \
  X(GKT_SCHEME_STATIC, "static", 0, 0, 0, 0, 0)                         \
  X(GKT_SCHEME_ARC_LENGTH, "arc-length", 0, 0, 0, 0, 0)                 \
  X(GKT_SCHEME_SSP3, "ssp3", 0, 0, 0, 1, 3)                             \
  X(GKT_SCHEME_RK4, "rk4", 0, 0, 0, 1, 4)                               \
  X(GKT_SCHEME_CENTRAL_DIFFERENCE, "central-difference", 0, 0, 0, 2, 2)
typedef enum {
#define X(name, ...) name,
  GKT_SCHEME_LIST(X)
#undef X
      GKT_NUM_SCHEMES
} gkt_scheme_kind;
typedef struct {
  gkt_scheme_kind kind;
  double parameters[2];
} gkt_scheme;
/* "bdf2", "theta(0.6)". GKT_BAD_INPUT: another word, parameters out of range; the message says what is near,
   and not the text itself. */
GKT_API gkt_status gkt_scheme_read(gkt_context *, const char *text, gkt_scheme *out) GKT_MUST_CHECK;
GKT_API void gkt_scheme_print(const gkt_scheme *, size_t size, char *text);
GKT_API double gkt_scheme_order(const gkt_scheme *); /* of convergence */
GKT_API int gkt_scheme_rates(const gkt_scheme *);    /* the highest rate that it solves for, 0 to 2 */
GKT_API bool gkt_scheme_is_explicit(const gkt_scheme *);

typedef struct {
  gkt_scheme scheme;  /* default euler */
  double start, step; /* in units of t; start: default 0; step, above 0: to be given */
  /* rtol > 0: gkt_time_advance chooses lengths so that the local error of each step, estimated from divided
     differences of the last states, or by explicit schemes from their stages, is at most atol + rtol max |u|,
     field by field (root mean square over dofs, multipliers left out); `step` is then the first and the
     largest, of explicit schemes as far as eigenvalues allow, which are looked at again while the state
     changes. 0: as long as is asked for */
  double rtol, atol;
  double longest; /* of arc-length: the largest step; 0: 100 times `step`, which is the first */
  /* Of static, with histories; repeat_rtol > 0: once a step has converged, and histories have followed, it is
     solved again at the same t, and again, until no field moves by more than this part of its root mean
     square; a step that needs more than `repeats` of these (default 100) is not valid */
  double repeat_rtol;
  int repeats;
  /* of each step; newton.simplified is on by default, and off for paths, whose loads change much */
  gkt_solve_options solve;
} gkt_time_options;
GKT_API gkt_time_options gkt_time_options_default(void);

typedef struct gkt_time gkt_time;
typedef struct { /* of one step */
  bool valid;
  double time, step; /* that was reached, or tried; its length */
  char reason[2048]; /* why not; "" if valid */
  int steps;         /* that were taken */
  int rejected; /* tries that were not valid, or whose error was too large, and were followed by shorter ones
                 */
  int repeats;  /* of gkt_time_options.repeat_rtol, in all tries */
  double error; /* of an adaptive step: estimated, 1 is what is allowed; 0: not known */
  int newton, linear; /* iterations: linear systems solved; of the linear solver */
  int assemblies;     /* of the tangent */
  int setups;         /* preconditioners or factors made; 0: that of the step before served */
  int kept;           /* of these, those that kept what the pattern decides: orderings, symbolic factors */
  double assemble_seconds, setup_seconds, solve_seconds;
  double assemble_cpu_seconds, setup_cpu_seconds, solve_cpu_seconds;
  gkt_solve_report report; /* of the last solve; cleared by the next step, and with the object */
} gkt_step_report;

/* The system is borrowed and its step set; it is at rest again when the object is destroyed. GKT_BAD_INPUT:
   a form without rates, unless the scheme is static, or with rates of another order than the scheme's. */
GKT_API gkt_status gkt_time_create(gkt_system *, const gkt_time_options *, gkt_time **out) GKT_MUST_CHECK;
GKT_API void gkt_time_destroy(gkt_time **);
/* Refuses all that creation and the start refuse of what forms and conditions are, and computes nothing. */
GKT_API gkt_status gkt_time_check(gkt_system *, const gkt_time_options *) GKT_MUST_CHECK;
/* From u, and u' where the form holds u'' (NULL: 0), at the start. Conditions are applied to both; fields
   that have no rate and are no multipliers are made to solve their own equations; what the scheme needs to
   know of the highest rate solves the equation at the start. Not valid where that fails. Where a field with a
   rate is held by an equation without its rates (gkt_system_is_balance) u stays as it is given: the first
   step leads to equilibrium. */
GKT_API gkt_status gkt_time_begin(gkt_time *, const gkt_vector *u, const gkt_vector *rate,
                                  gkt_step_report *) GKT_MUST_CHECK;
/* One step of this length. Where it is not valid the state is that of before. */
GKT_API gkt_status gkt_time_step(gkt_time *, double step, gkt_step_report *) GKT_MUST_CHECK;
/* With arc-length one step, shorter where it is not valid, where the path turns by more than 60 degrees or
   where it passes `time`: there it ends, to the last bit. The next one is as long as Newton's iterations and
   the turn of the path promise, from a 1024th of the first to the longest. A change of sign of eigenvalues of
   the tangent without a limit point, where other solutions branch off, is logged as a warning, where a factor
   of a symmetric tangent tells. Other schemes: to a time after that of now, in one step or, where that is not
   valid, in shorter ones: halves, down to a 1024th of `step`, that double again as they succeed. Adaptive
   ones are as long as their errors allow, down to a billionth. */
GKT_API gkt_status gkt_time_advance(gkt_time *, double time, gkt_step_report *) GKT_MUST_CHECK;
/* The start (0) and the first steps are solved again so many times [count], whatever repeat_rtol says, as
   those of a run before were (gkt_trajectory_repeats); later ones until they rest. Held. NULL: all until they
   rest.
 */
GKT_API void gkt_time_hold_repeats(gkt_time *, gkt_size count, const int *repeats);
/* The report of the last solve becomes the caller's, who clears it. */
GKT_API void gkt_time_take_report(gkt_time *, gkt_solve_report *out);
/* u, u' and u'' of now, on the host: to be asked for after each step, as with the cuda backend steps stay on
   the device (gkt_system_where) and this brings them; the scheme's own; of euler to bdf2 u' is the slope that
   the last step used. Of explicit steps u' and u'' at conditions are those of the parabola through the last
   three values. Of newmark(0.25, 0.5) u'' and
   multipliers, and of generalized-alpha(1) u'', are lines through means over two steps from the third step
   on, where conditions depend on t or a multiplier stands beside a field with u'': the scheme's own swing
   there by an amount that does not fall with the step. They are of order 2 for steps of one length, of 1
   else. What a device that failed was to bring is not a number, and its next call with a status says why.
   Vectors are the object's. */
GKT_API gkt_state gkt_time_state(const gkt_time *);
/* With arc-length: where the path turned back in t in the last step; u NULL: it did not. */
GKT_API gkt_state gkt_time_limit_point(const gkt_time *);

/* ---- to go on later, in another run ----
   All that steps go on from, as numbers: time, lengths and number of steps, u and its rates, the states
   before that the scheme or an estimate of errors looks at, lumped masses, histories, of a path its
   direction. An object of the same system and options that gets them takes the same steps from there, bit by
   bit, as long as what the caller has set in the system is the same. For that, getting makes the system let
   go of what only its past explains (a preconditioner of another matrix, a method that it fell back to):
   where the last matrix was the solver's first nothing. */
GKT_API gkt_size
gkt_time_record_size(const gkt_time *); /* of numbers; from gkt_time_begin on always the same */
/* GKT_BAD_ARGUMENT: before gkt_time_begin. */
GKT_API gkt_status gkt_time_get_record(gkt_time *, gkt_scalar *record) GKT_MUST_CHECK;
/* In place of gkt_time_begin. GKT_BAD_INPUT: of another scheme, other unknowns or another kind of steps;
   values that are not finite. */
GKT_API gkt_status gkt_time_set_record(gkt_time *, gkt_size size, const gkt_scalar *record) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
