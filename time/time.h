/* Inside of a problem in time. Not installed. */
#ifndef GKT_TIME_TIME_H
#define GKT_TIME_TIME_H
#include "core/core.h"
#include "core/mask.h"
#include "core/vector.h"
#include "time/scheme.h"

typedef struct { /* of a path; its direction du/ds, dt/ds has length 1 */
  gkt_vector *u, *direction;
  double time, slope; /* slope: dt/ds */
  int num_negative;   /* eigenvalues of the tangent below 0; -1: not known */
} gkt_path_point;
typedef struct {
  double *weights; /* [num_blocks] of squares of du */
  double scale;    /* length of du/dt at the start, without multipliers */
  gkt_path_point *now, *end, *limit, points[3];
  gkt_vector *normal;
  gkt_solve_options solve; /* but for the start: in one load step */
  double next;             /* length of the next step */
  int iterations;          /* of Newton's method, of the last step */
  bool has_limit;
} gkt_path;

/* Told, at the state of now, of each start, of each step that was taken, from `start` on, and of each time that it was solved again at its end (step 0); of a step that did not
 * come to rest, when it and what followed it are taken back; and of what gives up the run so far: a start that is about to be made or that failed, a record. */
typedef enum { GKT_FOLLOW_LOSS, GKT_FOLLOW_START, GKT_FOLLOW_STEP, GKT_FOLLOW_REPEAT, GKT_FOLLOW_BACK } gkt_follow_event;
typedef struct {
  gkt_status (*follow)(void *user, gkt_follow_event, double start, double step);
  void *user;
} gkt_follower;

struct gkt_time {
  gkt_context *ctx;
  gkt_system *system;
  gkt_time_options options;
  int num_blocks;
  gkt_field_kind *kinds; /* [num_blocks] */
  bool balances;         /* a field with a rate is held by an equation without its rates: rates at the start are not known */
  double time, before;   /* before: the length of the step before, 0: none */
  double earlier, next;  /* of the one before that; of adaptive steps, the length of the next */
  double earliest;       /* of the one before `earlier` */
  gkt_size num_steps;
  bool has_begun;
  gkt_vector *u, *rate, *acceleration; /* of now */
  gkt_vector *parts[GKT_NUM_PARTS];    /* [0]: not used; of the start of the step */
  gkt_vector *known[GKT_MAX_STAGES][3];
  gkt_shifts *shifts[GKT_MAX_STAGES];      /* [num_blocks] */
  gkt_scalar *row_weights[GKT_MAX_STAGES]; /* [num_blocks] of the start */
  gkt_vector *masses;                      /* explicit.c: 1/lumped, 0 on constrained dofs; NULL: an implicit scheme */
  double stable;                           /* stability.c, of adaptive explicit steps: the longest that is; 0: not known */
  gkt_size looked, pause;                  /* likewise: the number of steps when it was found, and how many may follow before it is looked for again */
  gkt_vector *mode;                        /* likewise: of the largest eigenvalue, on the host; NULL: not needed */
  gkt_csr *tangent;                        /* likewise; NULL: not made yet */
  gkt_vector *earlier_u, *start_rate;      /* adapt.c: the state two steps before; u' at the start */
  gkt_vector *earlier_acceleration;        /* explicit.c, of adaptive steps with u'': at the start of the step before; NULL: not needed */
  gkt_vector *past[3], *averaged[2];       /* average.c: u'' and multipliers at the last states, the newest first; u and u'' as they are shown. NULL: not needed */
  gkt_path path;                           /* arc.c */
  gkt_vector *shown[3];                    /* place.c: u, rate, acceleration on the host, of those on a device; NULL: they never were */
  gkt_mask constrained;                    /* dofs with conditions, where the vectors are */
  const int *held;                         /* [num_held] how many times the start and the first steps are solved again; NULL: until they rest */
  gkt_size num_held;
  gkt_follower follower; /* NULL: none */
  gkt_solve_report report;
};
/* ---- place.c ---- */
gkt_status gkt_time_move(gkt_time *, gkt_where) GKT_MUST_CHECK;                             /* all vectors */
gkt_status gkt_time_move_vector(const gkt_time *, gkt_where, gkt_vector **) GKT_MUST_CHECK; /* another one; NULL: none */
gkt_status gkt_time_settle(gkt_time *) GKT_MUST_CHECK;                                      /* to where the system works */
void gkt_time_clear_place(gkt_time *);
/* ---- step.c ---- */
/* out = the combination's known parts, by kinds of fields; combinations [GKT_NUM_FIELD_KINDS][3] */
void gkt_time_combine(const gkt_time *, const gkt_combination (*combinations)[3], int order, const gkt_vector *u1, gkt_vector *out);
gkt_status gkt_time_set_step(gkt_time *, const gkt_scheme_plan *, double step, bool weigh_rows) GKT_MUST_CHECK;
/* The system's step is solved for u, which holds a guess. */
gkt_status gkt_time_solve(gkt_time *, gkt_vector *u, gkt_step_report *) GKT_MUST_CHECK;
/* ---- start.c ---- */
bool gkt_time_adapts(const gkt_time *);
bool gkt_time_solves_start(const gkt_time *); /* is there an equation for what the start lacks? */
/* That equation becomes the system's step: by kind of field the unknown is u'', u', u or a multiplier (gkt_time_select), held at conditions at what x has. x: from the state of
 * now. */
gkt_status gkt_time_set_start(gkt_time *, gkt_scheme_plan *, gkt_vector *x) GKT_MUST_CHECK;
/* Where the unknown of that equation stands: order 0 to 2 of u. */
int gkt_time_sought_order(const gkt_time *, int block);
/* Rates of conditions at the start are sums over values at GKT_START_LOOKS times. weights: of u, u', u'' */
enum { GKT_START_LOOKS = 4 };
double gkt_time_look_at_conditions(const gkt_time *, int look, double weights[3]); /* the time */
/* ---- step.c ---- */
gkt_status gkt_time_tell(gkt_time *, gkt_follow_event, double start, double step) GKT_MUST_CHECK; /* who follows */
/* A step as gkt_time_step takes it, but that it comes to rest; of length 0 one time that it is solved again. */
gkt_status gkt_time_step_once(gkt_time *, double step, gkt_step_report *) GKT_MUST_CHECK;
/* What t->report says is added, and is the last; linear: it is of one linear solve. */
void gkt_time_count(gkt_time *, gkt_status, bool linear, gkt_step_report *);
void gkt_time_clear_report(gkt_time *);
void gkt_time_add_counts(const gkt_step_report *from, gkt_step_report *to);
/* ---- average.c ---- */
bool gkt_time_averages(const gkt_time *);
gkt_status gkt_time_check_recurrence(const gkt_time *) GKT_MUST_CHECK; /* likewise */
gkt_status gkt_time_begin_averages(gkt_time *) GKT_MUST_CHECK;         /* conditions are known */
void gkt_time_keep_past(gkt_time *);                                   /* of a step that is taken, before its lengths are */
/* As states show them: what now is, or averaged. */
const gkt_vector *gkt_time_shown_u(const gkt_time *);
const gkt_vector *gkt_time_shown_acceleration(const gkt_time *);
/* ---- arc.c; from u, a solution at the start ---- */
gkt_status gkt_time_begin_arc(gkt_time *, gkt_step_report *) GKT_MUST_CHECK;
gkt_status gkt_time_step_arc(gkt_time *, double length, gkt_step_report *) GKT_MUST_CHECK;
gkt_status gkt_time_advance_arc(gkt_time *, double time, gkt_step_report *) GKT_MUST_CHECK;
gkt_status gkt_time_create_arc(gkt_time *) GKT_MUST_CHECK; /* what stands in the path, where it is not there */
/* What a path goes on from beside its state and direction, as numbers; of other schemes none. */
gkt_size gkt_time_arc_size(const gkt_time *);
void gkt_time_get_arc(const gkt_time *, gkt_scalar *out);
void gkt_time_set_arc(gkt_time *, const gkt_scalar *from); /* u, direction and time are there */
void gkt_time_end_arc(gkt_time *);
/* ---- history.c ---- */
/* Of a valid step whose end u and the rates are: histories follow; where one has no value that is finite the step is not valid, with the reason. */
gkt_status gkt_time_commit(gkt_time *, double time, gkt_step_report *) GKT_MUST_CHECK;
/* ---- repeat.c ---- */
/* The state of now, whose histories have followed, is solved for again, once, or until it rests where the options want that, or as many times as is held. Not valid: what there was
 * before stands no more. */
bool gkt_time_repeats(const gkt_time *);
gkt_status gkt_time_repeat(gkt_time *, double *change, gkt_step_report *) GKT_MUST_CHECK;
gkt_status gkt_time_rest(gkt_time *, gkt_step_report *) GKT_MUST_CHECK;
/* All of a path of loads that a step and its repeats move, and back. To be cleared. */
typedef struct {
  gkt_scalar *histories;
  gkt_vector *before; /* borrowed work */
  double time, lengths[3];
  gkt_size num_steps;
} gkt_time_mark;
gkt_status gkt_time_set_mark(gkt_time *, gkt_time_mark *) GKT_MUST_CHECK;
gkt_status gkt_time_go_back_to(gkt_time *, const gkt_time_mark *) GKT_MUST_CHECK; /* after a step that was taken */
void gkt_time_clear_mark(gkt_time_mark *);
/* ---- jump.c ---- */
/* Of a static step that is valid, before it is taken: a jump is warned of. What was found for that is thrown away. */
gkt_status gkt_time_look_for_jump(gkt_time *, double step, gkt_step_report *) GKT_MUST_CHECK;
/* Root mean square of a - b, b NULL: of a, over a block. work: overwritten */
double gkt_time_distance(const gkt_time *, int block, const gkt_vector *a, const gkt_vector *b, gkt_vector *work);
/* ---- record.c; of all histories, one behind the other ---- */
gkt_size gkt_time_histories_size(const gkt_time *);
void gkt_time_get_histories(const gkt_time *, gkt_scalar *out);
gkt_status gkt_time_set_histories(const gkt_time *, const gkt_scalar *from) GKT_MUST_CHECK;
/* ---- adapt.c; of the step that u is the end of, before it is taken ---- */
gkt_status gkt_time_begin_adaptive(gkt_time *) GKT_MUST_CHECK;
double gkt_time_error(const gkt_time *, double step); /* of an implicit one; 1: what is allowed; 0: not known */
/* The same of an error that is known of u, or of u'; work: another vector, overwritten. */
double gkt_time_weigh_error(const gkt_time *, const gkt_vector *error, const gkt_vector *of, gkt_vector *work);
double gkt_time_longest(const gkt_time *); /* that a step may be */
double gkt_time_next_step(const gkt_time *, double step, double error);
/* ---- explicit.c ---- */
/* From u and the rates below the highest, which are lifted: masses, the highest rate, the longest step. */
gkt_status gkt_time_check_masses(gkt_time *) GKT_MUST_CHECK; /* as forms tell */
gkt_status gkt_time_begin_explicit(gkt_time *) GKT_MUST_CHECK;
/* A try: u and rates are those of its end, valid and error are set. */
gkt_status gkt_time_step_explicit(gkt_time *, double step, gkt_step_report *) GKT_MUST_CHECK;
/* The highest rate at a state, 0 where conditions hold */
gkt_status gkt_time_slope(gkt_time *, double time, const gkt_vector *u, const gkt_vector *rate, gkt_vector *out) GKT_MUST_CHECK;
typedef struct { /* what a scheme of Runge and Kutta goes over: from u at its start, with the slopes at its stages, of which the first is known */
  double start, length;
  const gkt_vector *u;
  gkt_vector *slopes[GKT_MOST_SLOPES];
} gkt_stretch;
/* u' at a stage u = u0 + length (sum of parts of slopes), with the conditions of its time; out NULL: u alone */
gkt_status gkt_time_stage(gkt_time *, const gkt_stretch *, double part, int count, const double *parts, gkt_vector *u, gkt_vector *out) GKT_MUST_CHECK;
gkt_status gkt_time_go_along(gkt_time *, const gkt_stretch *, gkt_vector *u) GKT_MUST_CHECK; /* u: at the end */
bool gkt_time_goes_in_halves(const gkt_time *);                                              /* a step is two stretches */
/* v there = the slope of u over the last values: that of t->u, the parts and `before` */
void gkt_time_take_rate_of_conditions(const gkt_time *, double step, gkt_vector *v);
/* ---- stability.c ---- */
gkt_status gkt_time_check_stability(gkt_time *) GKT_MUST_CHECK;  /* at the start, masses are known: refuses a step that is too long; adaptive ones learn how long they may be */
gkt_status gkt_time_follow_stability(gkt_time *) GKT_MUST_CHECK; /* of adaptive explicit ones, after a step: where the tangent varies it is looked at now and then */
bool gkt_time_follows_stability(const gkt_time *);
#endif
