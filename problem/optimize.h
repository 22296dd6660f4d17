/* A design: what is sought, from the variables of the optimizer to the values that the system sees, and back for gradients. */
#ifndef GKT_PROBLEM_OPTIMIZE_H
#define GKT_PROBLEM_OPTIMIZE_H
#include "galerkit/adjoint.h"
#include "galerkit/extension.h"
#include "galerkit/filter.h"
#include "galerkit/optimize.h"
#include "galerkit/time_adjoint.h"
#include "problem/problem.h"

typedef struct { /* a control: variables -> filter -> projection -> values */
  const gkt_control_settings *settings;
  const gkt_filter_settings *filtered_by; /* NULL: values are the variables */
  const gkt_space *space;                 /* of the values; NULL: a constant */
  gkt_filter *filter;                     /* NULL: none */
  gkt_extension *extension;               /* of the shape, whose variables are displacements; NULL: another control */
  gkt_size first, size;                   /* among the variables */
  gkt_size num_values;                    /* of `values`: size, but of the shape all coordinates, and where: */
  gkt_size *dofs;                         /* [size] the variables are some of the values; NULL: all */
  double scale;                           /* whose square is in its weights: the size of the first control's variables over that of its own */
  gkt_scalar *smooth;                     /* [size] between filter and projection */
  gkt_scalar *own;                        /* [size] work beside `dofs` and a filter */
  gkt_scalar *values;                     /* [num_values] the problem's of a coefficient; own of a constant, initial values, values at times and the shape */
  gkt_scalar *slope, *before;             /* [num_values] derivative by the values; by what the projection gets; work for directions */
  gkt_scalar *by_values;                  /* [num_values] of a projected one: the objective's derivatives by values, at d->values_at; NULL: nobody asks */
  double norm;                            /* of the objective's gradient by its variables, at norms_at; NAN: not known */
  bool is_verified;
  double verified_norm; /* likewise of the gradient that `taylor` is of, which a filter may have replaced */
  gkt_taylor taylor;    /* verify */
} gkt_design_control;

typedef struct {
  int solves, assemblies, setups, kept, linear;                                    /* of states; linear: iterations */
  int adjoint_solves, actions, adjoint_assemblies, adjoint_setups, adjoint_linear; /* of gradients, in time ways back; Hessian actions; of both */
  int repeated;                                                                    /* steps in time that gradients computed again */
} gkt_design_counts;

struct gkt_design {
  gkt_adjoint *adjoint;
  int num_parts, num_functionals;
  gkt_functional **parts;       /* [num_parts] of results that are integrals; NULL: not needed */
  gkt_functional **functionals; /* [num_functionals] objective, constraints; in time those of the end, NULL: none */
  gkt_functional **running;     /* [num_functionals] of problems in time; NULL: none */
  gkt_time *time;               /* of a problem in time, as is the next: what every run goes by; else NULL */
  gkt_trajectory *trajectory;
  gkt_size repeated; /* steps of the last run that were computed again */
  gkt_size num_held; /* 0: steps are as long as they are chosen to be */
  double *held;      /* [num_held] lengths */
  int *repeats;      /* [1 + num_held] how many times the start and these are solved again */
  int num_controls;
  gkt_design_control *controls; /* [num_controls] */
  gkt_size num;                 /* variables */
  gkt_scalar *x, *at;           /* [num]; where the system was solved last */
  gkt_scalar *lower, *upper, *weights;
  gkt_scalar **slopes, **changes; /* [num_controls] the controls' `slope`, `before` */
  gkt_scalar *norms_at;           /* [num] where the gradient was asked for last */
  gkt_scalar *values_at;          /* [num] likewise by_values of controls; NULL: never, or nobody asks */
  gkt_vector *there;              /* the state, where the system's vectors stand on a device; p->u is what was fetched of it. NULL: p->u is the state */
  gkt_vector *guess;              /* the last state that is a solution, or the start: what the next solve begins from */
  bool is_solved, is_valid;
  char missing[1024];         /* why there is no derivative at the design that was solved last; "": there is */
  char gap[1024];             /* the same where an optimizer was first told so */
  int num_gaps;               /* how many times it was */
  char beyond[1024];          /* why something was not a finite number where an optimizer was told so last; "": it never was */
  bool is_plain;              /* filters that replace a gradient by what is none are left out */
  bool is_whole;              /* `at` turns no cell inside out */
  const char **names;         /* [num_limits] */
  gkt_scalar *limits;         /* [2][num_limits] lower, upper */
  int step;                   /* of the continuation, from 0 */
  int done;                   /* iterations in steps before this one */
  gkt_optimize_report report; /* of all steps together, but for num_history of the last one while it runs */
  gkt_series history;         /* rows of numbers, GKT_DESIGN_.. then constraints */
  gkt_design_counts counts;
  int evaluations, gradients; /* of all steps */
  gkt_status status;          /* of the monitor */
  double begun;               /* clock */
};
enum { GKT_DESIGN_ITERATION, GKT_DESIGN_OBJECTIVE, GKT_DESIGN_GRADIENT, GKT_DESIGN_CHANGE, GKT_DESIGN_SECONDS, GKT_DESIGN_STEP, GKT_DESIGN_COLUMNS };

/* design.c */
gkt_status gkt_design_create(gkt_problem *, struct gkt_design **out) GKT_MUST_CHECK; /* after the system */
void gkt_design_destroy(struct gkt_design **);
/* The system gets the values of x; is_valid: it has a solution, p->u (else that is the one of before). Where it was asked last nothing is done. */
gkt_status gkt_design_solve(gkt_problem *, const gkt_scalar *x) GKT_MUST_CHECK;
gkt_vector *gkt_design_state(const gkt_problem *);         /* of a steady problem, where it stands */
gkt_status gkt_design_fetch(gkt_problem *) GKT_MUST_CHECK; /* p->u is it */
/* out [num] += derivative of functional i (0: the objective) by the variables, at the solution of now. Not finite where there is none (missing). */
gkt_status gkt_design_gradient(gkt_problem *, int i, gkt_scalar *out) GKT_MUST_CHECK;
/* out [num] += H direction of the objective, likewise; with gauss-newton by its matrix. GKT_LIBRARY: the systems behind it were not solved. */
gkt_status gkt_design_hessian(gkt_problem *, const gkt_scalar *direction, gkt_scalar *out) GKT_MUST_CHECK;
/* Constants and projections have the values of the continuation's step from here on. */
gkt_status gkt_design_begin_step(gkt_problem *) GKT_MUST_CHECK;
/* Of functional i at the solution of now; not finite: there is none. */
gkt_status gkt_design_value(gkt_problem *, int i, double *value) GKT_MUST_CHECK;
gkt_status gkt_design_set(gkt_problem *, const gkt_scalar *x) GKT_MUST_CHECK; /* values of controls alone */
/* design_filter.c: the filter of settings, where there is one, after size, space and dofs; what stands between variables and values of any control but the shape */
gkt_status gkt_design_place_filter(gkt_problem *, gkt_design_control *) GKT_MUST_CHECK;
bool gkt_design_is_projected(const gkt_design_control *);
bool gkt_design_replaces(const gkt_design_control *);                                                                         /* its filter makes of the gradient what is none */
gkt_status gkt_design_to_values(const struct gkt_design *, gkt_design_control *, const gkt_scalar *x) GKT_MUST_CHECK;         /* `values` */
gkt_status gkt_design_to_change(const struct gkt_design *, gkt_design_control *, const gkt_scalar *direction) GKT_MUST_CHECK; /* of the values, to `before`; `slope` is work */
gkt_status gkt_design_from_slope(const struct gkt_design *, gkt_design_control *, bool by_state,
                                 gkt_scalar *out) GKT_MUST_CHECK; /* out [size] += from derivatives by values, `slope` */
/* out [size] += F' (p'' by_values) F direction of a projected one */
gkt_status gkt_design_from_bend(const struct gkt_design *, gkt_design_control *, const gkt_scalar *direction, gkt_scalar *out) GKT_MUST_CHECK;
/* For kinds of controls in files of their own: does an expression hold a constant? */
bool gkt_design_uses_constant(const gkt_expression *, const char *name);
/* For second derivatives: all slopes '=' of functional i, out += from them; counts, and what is missing, of a report that is cleared */
gkt_status gkt_design_find_slopes(gkt_problem *, int i) GKT_MUST_CHECK;
gkt_status gkt_design_take_all_back(gkt_problem *, bool by_state, gkt_scalar *out) GKT_MUST_CHECK;
gkt_status gkt_design_finish(gkt_problem *, gkt_status, gkt_solve_report *, const char *what) GKT_MUST_CHECK;
/* design_second.c: do second derivatives hold those of a projection, and so the first by values? Then they are kept */
bool gkt_design_is_bent(const gkt_problem *);
gkt_status gkt_design_keep_values(gkt_problem *) GKT_MUST_CHECK;
/* design_nodes.c: of a control whose space, values and number of variables are there, those at nodes of its sets alone; from variables to values; += back; weights of one time '='
 * where there are better ones than are there */
gkt_status gkt_design_choose_nodes(gkt_problem *, gkt_design_control *) GKT_MUST_CHECK;
void gkt_design_scatter(const gkt_design_control *, const gkt_scalar *x, gkt_scalar *values);
void gkt_design_gather(const gkt_design_control *, const gkt_scalar *values, gkt_scalar *x);
gkt_status gkt_design_weigh_nodes(gkt_problem *, const gkt_design_control *, gkt_scalar *weights) GKT_MUST_CHECK;
/* design_adjoint.c: the adjoint, after the controls; whether an expression holds a control that is a constant or a coefficient */
gkt_status gkt_design_add_adjoint(gkt_problem *, struct gkt_design *) GKT_MUST_CHECK;
bool gkt_design_is_held(const gkt_problem *, const gkt_expression *, const gkt_control_settings *);
/* design_functionals.c: objective and constraints, after the adjoint; every control is of use to something */
gkt_status gkt_design_add_functionals(gkt_problem *, struct gkt_design *) GKT_MUST_CHECK;
/* design_initial.c: a control of initial values; initial values that hold controls, after the adjoint */
gkt_status gkt_design_add_initial(gkt_problem *, gkt_design_control *) GKT_MUST_CHECK;
gkt_status gkt_design_add_starts(gkt_problem *, struct gkt_design *) GKT_MUST_CHECK;
/* design_time.c */
gkt_status gkt_design_plan_runs(gkt_problem *, struct gkt_design *) GKT_MUST_CHECK;
void gkt_design_end_runs(struct gkt_design *);             /* the system is at rest again */
gkt_status gkt_design_march(gkt_problem *) GKT_MUST_CHECK; /* with the controls as they are */
gkt_status gkt_design_show(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_design_run_value(gkt_problem *, int i, double *value) GKT_MUST_CHECK;
gkt_status gkt_design_run_gradient(gkt_problem *, int i) GKT_MUST_CHECK; /* slopes += */
gkt_status gkt_design_hold_steps(gkt_problem *) GKT_MUST_CHECK;          /* runs from now on take steps of the lengths of the last one */
void gkt_design_release_steps(struct gkt_design *);
/* verify.c: Taylor remainders of the objective by each control, at the design that was reached; the first that fails is the reason why there is no answer. */
gkt_status gkt_design_verify(gkt_problem *) GKT_MUST_CHECK;
void gkt_design_keep_gradients(gkt_problem *, const gkt_scalar *gradient); /* gradients.c: of the objective by the variables [num] */
/* optimize_end.c: no step was found from a start that promises one; warnings: of an end that is an answer, of designs without slopes, of a continuation that was not finished */
bool gkt_design_is_unmoved(const gkt_problem *);
void gkt_design_tell_end(gkt_problem *);
void gkt_design_tell_gaps(const gkt_problem *);
void gkt_design_tell_steps(gkt_problem *);
/* design_shape.c */
gkt_design_control *gkt_design_shape(const struct gkt_design *); /* NULL: it is no control */
gkt_status gkt_design_add_shape(gkt_problem *, gkt_design_control *) GKT_MUST_CHECK;
/* The mesh has the shape of x; or is_whole is false, p->reason tells of a cell that would be inside out, and the mesh stays what it was. */
gkt_status gkt_design_set_shape(gkt_problem *, gkt_design_control *, int number, const gkt_scalar *x) GKT_MUST_CHECK;
gkt_status gkt_design_take_back_shape(gkt_design_control *, gkt_scalar *out) GKT_MUST_CHECK; /* out [size] += */
/* optimize_file.c */
gkt_status gkt_design_keep(gkt_problem *, gkt_size num_record, const gkt_scalar *record) GKT_MUST_CHECK;
gkt_status gkt_design_check_restart(gkt_problem *) GKT_MUST_CHECK;                                     /* the file, which is not taken */
gkt_status gkt_design_resume(gkt_problem *, gkt_size *num_record, gkt_scalar **record) GKT_MUST_CHECK; /* record NULL: from the start */
#endif
