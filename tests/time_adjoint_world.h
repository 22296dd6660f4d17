/* Runs in time for tests of their gradients: a problem file's text, its system, steps of given lengths, an adjoint and functionals on it; differences of runs as an oracle. */
#ifndef GKT_TESTS_TIME_ADJOINT_WORLD_H
#define GKT_TESTS_TIME_ADJOINT_WORLD_H
#include "adjoint/trajectory.h"
#include "galerkit/time_adjoint.h"
#include "tests/adjoint_world.h"

static inline void expect(gkt_status given, gkt_status wanted, const char *words) {
  if (given != wanted || !strstr(gkt_context_message(ctx), words)) fail_msg("status %d, \"%s\"; expected %d, \"%s\"", given, gkt_context_message(ctx), wanted, words);
  gkt_context_clear(ctx);
}

typedef struct {
  const char *text, *scheme, *end, *running; /* functionals; NULL: none */
  const char *const
      *controls; /* ended by NULL: "k" a coefficient, "~k" one that is given at times, "~=k" uniform, "=a" a constant, "0u" u at the start, "1u" u' there, "@" the shape */
  double step;
  int num_steps;
  bool varies; /* lengths of steps alternate */
  double rtol; /* of adaptive ones; 0: lengths are given */
  gkt_linear_method method;
  gkt_size memory;
  double start;
  double repeat_rtol; /* steps are solved again until they rest, then as often as in the first run */
} run_options;

typedef struct {
  const run_options *o;
  gkt_context *ctx;
  gkt_problem *problem;
  gkt_system *s;
  gkt_time *t;
  gkt_trajectory *trajectory;
  gkt_adjoint *adjoint;
  gkt_vector *u, *rate;
  gkt_form *forms[2];
  gkt_time_functional J;
  double lengths[64]; /* of adaptive steps, from the first run on */
  int num_lengths;
  int held[64]; /* repeats of the first run */
  bool is_held;
  gkt_signal *signals[2];
  gkt_scalar *borrowed[8]; /* by the system, of controls */
} run_world;

static inline void make_functional(run_world *w, const char *text, gkt_form **form, gkt_functional **out) {
  if (!text) return;
  ok_in(w->ctx, gkt_form_parse(gkt_problem_scope(w->problem), GKT_FUNCTIONAL, &(gkt_source){.text = text, .file = "a.yaml", .key = "minimize"}, form));
  ok_in(w->ctx, gkt_functional_create(w->adjoint, *form, out));
}

/* Initial values: smooth ones, by the numbers of dofs. */
static inline void set_initial(run_world *w, int control) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, control);
  gkt_scalar *values = malloc((size_t)n * sizeof *values);
  for (gkt_size i = 0; i < n; i++) values[i] = 0.5 + 0.4 * sin(0.7 * (double)i + control);
  ok_in(w->ctx, gkt_adjoint_set_control(w->adjoint, control, values));
  free(values);
}

static inline void add_signal(run_world *w, const char *name, bool is_uniform) {
  static const double times[3] = {0.03, 0.11, 0.3};
  gkt_signal **s = &w->signals[w->signals[0] ? 1 : 0];
  gkt_scalar *values;
  ok_in(w->ctx, gkt_signal_create(w->s, name, 3, times, is_uniform, s));
  values = malloc((size_t)gkt_signal_size(*s) * sizeof *values);
  for (gkt_size i = 0; i < gkt_signal_size(*s); i++) values[i] = 1.2 + 0.4 * sin(1.7 * (double)i);
  ok_in(w->ctx, gkt_signal_set(*s, values));
  free(values);
}

static inline run_world make_run_on(gkt_context *context, const run_options *o) {
  run_world w = {.o = o, .ctx = context};
  gkt_time_options options = gkt_time_options_default();
  gkt_control list[8];
  int n = 0;
  options.start = o->start, options.step = o->step, options.rtol = o->rtol, options.atol = o->rtol;
  options.repeat_rtol = o->repeat_rtol, options.repeats = 1000;
  options.solve.newton.rtol = 1e-13, options.solve.newton.linear.method = o->method, options.solve.newton.linear.rtol = 1e-13;
  ok_in(context, gkt_problem_parse(context, "a.yaml", o->text, strlen(o->text), NULL, &w.problem));
  ok_in(context, gkt_problem_check(w.problem));
  w.s = gkt_problem_system(w.problem);
  ok_in(context, gkt_scheme_read(context, o->scheme, &options.scheme));
  ok_in(context, gkt_time_create(w.s, &options, &w.t));
  for (const char *const *c = o->controls; *c; c++) {
    if (**c == '~') {
      list[n++] = (gkt_control){GKT_CONTROL_COEFFICIENT, *c + 1 + ((*c)[1] == '=')};
      add_signal(&w, list[n - 1].name, (*c)[1] == '=');
      continue;
    }
    const gkt_control_kind kind = **c == '@'   ? GKT_CONTROL_SHAPE
                                  : **c == '=' ? GKT_CONTROL_CONSTANT
                                  : **c == '0' ? GKT_CONTROL_INITIAL
                                  : **c == '1' ? GKT_CONTROL_INITIAL_RATE
                                               : GKT_CONTROL_COEFFICIENT;
    list[n++] = (gkt_control){kind, *c + (kind != GKT_CONTROL_COEFFICIENT)};
  }
  ok_in(context, gkt_adjoint_create(w.s, n, list, &w.adjoint));
  make_functional(&w, o->end, &w.forms[0], &w.J.end);
  make_functional(&w, o->running, &w.forms[1], &w.J.running);
  ok_in(context, gkt_trajectory_create(w.t, o->memory, &w.trajectory));
  ok_in(context, gkt_system_vector(w.s, &w.u)), ok_in(context, gkt_system_vector(w.s, &w.rate));
  for (int i = 0; i < n; i++)
    if (o->controls[i][0] == '0' || o->controls[i][0] == '1') set_initial(&w, i);
  return w;
}
static inline run_world make_run(const run_options *o) { return make_run_on(ctx, o); }

static inline void clear_run(run_world *w) {
  gkt_vector_destroy(&w->u), gkt_vector_destroy(&w->rate);
  gkt_trajectory_destroy(&w->trajectory);
  gkt_functional_destroy(&w->J.end), gkt_functional_destroy(&w->J.running);
  gkt_form_destroy(&w->forms[0]), gkt_form_destroy(&w->forms[1]);
  gkt_adjoint_destroy(&w->adjoint);
  gkt_time_destroy(&w->t);
  gkt_problem_destroy(&w->problem);
  gkt_signal_destroy(&w->signals[0]), gkt_signal_destroy(&w->signals[1]);
  for (int i = 0; i < 8; i++) free(w->borrowed[i]);
}

static inline void check_step(const gkt_step_report *r) {
  if (!r->valid) fail_msg("%s", r->reason);
}

static inline void hold_repeats(run_world *w) {
  const gkt_size n = gkt_trajectory_num_steps(w->trajectory);
  if (w->o->repeat_rtol == 0 || w->is_held) return;
  for (gkt_size i = 0; i <= n; i++) w->held[i] = gkt_trajectory_repeats(w->trajectory, i);
  gkt_time_hold_repeats(w->t, n + 1, w->held);
  w->is_held = true;
}

/* From the start to the end; adaptive steps: with the lengths of the run before, where there was one, as gradients hold them fixed. */
static inline void go(run_world *w) {
  const run_options *o = w->o;
  gkt_step_report r;
  ok_in(w->ctx, gkt_system_start_histories(w->s));
  ok_in(w->ctx, gkt_adjoint_fill_initial(w->adjoint, w->t, w->u, w->rate));
  ok_in(w->ctx, gkt_time_begin(w->t, w->u, w->rate, &r));
  check_step(&r);
  const int n = o->rtol > 0 ? w->num_lengths : o->num_steps;
  for (int i = 0; i < n; i++) {
    ok_in(w->ctx, gkt_time_step(w->t, o->rtol > 0 ? w->lengths[i] : o->step * (o->varies && i % 2 ? 0.6 : 1), &r));
    check_step(&r);
  }
  if (n) {
    hold_repeats(w);
    return;
  }
  ok_in(w->ctx, gkt_time_advance(w->t, o->start + o->step * o->num_steps, &r)), check_step(&r);
  w->num_lengths = (int)w->trajectory->num_steps;
  for (int i = 0; i < w->num_lengths; i++) w->lengths[i] = 0.8 * w->trajectory->steps[i].length; /* so that none is too long for controls nearby */
  go(w);
}

/* Gradients by all controls one behind the other, '=', the caller's. */
static inline gkt_scalar *all_gradients(run_world *w, double *value, gkt_time_gradient_report *r) {
  gkt_scalar *gradients[8] = {NULL}, *all;
  gkt_size sum = 0;
  for (int c = 0; c < gkt_adjoint_num_controls(w->adjoint); c++) sum += gkt_adjoint_control_size(w->adjoint, c);
  all = calloc((size_t)sum, sizeof *all), sum = 0;
  for (int c = 0; c < gkt_adjoint_num_controls(w->adjoint); c++) gradients[c] = all + sum, sum += gkt_adjoint_control_size(w->adjoint, c);
  ok_in(w->ctx, gkt_time_gradient(w->adjoint, w->trajectory, w->J, value, gradients, r));
  if (!r->valid) fail_msg("%s", r->reason);
  return all;
}
static inline gkt_size size_of_gradients(const run_world *w) {
  gkt_size sum = 0;
  for (int c = 0; c < gkt_adjoint_num_controls(w->adjoint); c++) sum += gkt_adjoint_control_size(w->adjoint, c);
  return sum;
}

static inline double size_of_control(run_world *w, int control) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, control);
  gkt_scalar *m = malloc((size_t)n * sizeof *m);
  double size = 0;
  ok_in(w->ctx, gkt_adjoint_get_control(w->adjoint, control, m));
  for (gkt_size i = 0; i < n; i++) size = fmax(size, fabs(m[i]));
  free(m);
  return size;
}

/* What is the same for all problems: each control against differences, by a part of its size or by 3e-3, and Taylor remainders. */
static inline double error_of_run_gradient(run_world *w, int control, int num_checked, double h, double *slope);
static inline void check_near(const char *what, const run_options *o, int num_checked, double part) {
  run_world w = make_run(o);
  for (int c = 0; o->controls[c]; c++) {
    double slope;
    const double error = error_of_run_gradient(&w, c, num_checked, part > 0 ? part * size_of_control(&w, c) : 3e-3, &slope);
    if (getenv("GKT_SHOW")) print_message("%s, %s, control %s: error %.2g, slope %.3f\n", what, o->scheme, o->controls[c], error, slope);
    if (!(error < 1e-6) || !(fabs(slope - 2) < 0.05)) fail_msg("%s, %s, control %s: error %g, slope %g", what, o->scheme, o->controls[c], error, slope);
  }
  clear_run(&w);
}
static inline void check_run(const char *what, const run_options *o, int num_checked) { check_near(what, o, num_checked, 0); }

static inline gkt_time_gradient_report derive(run_world *w, gkt_scalar *const *gradients, double *value) {
  gkt_time_gradient_report r;
  ok_in(w->ctx, gkt_time_gradient(w->adjoint, w->trajectory, w->J, value, gradients, &r));
  if (!r.valid) fail_msg("%s", r.reason);
  return r;
}

static inline double run_value(run_world *w) {
  gkt_time_gradient_report r;
  double J;
  go(w);
  ok_in(w->ctx, gkt_time_value(w->adjoint, w->trajectory, w->J, &J, &r));
  if (!r.valid) fail_msg("%s", r.reason);
  return J;
}

static inline double run_value_at(run_world *w, int control, const gkt_scalar *m) {
  ok_in(w->ctx, gkt_adjoint_set_control(w->adjoint, control, m));
  return run_value(w);
}

/* By each of some entries against central differences, extrapolated, relative to the largest entry; *slope: of the Taylor remainders of a direction. */
static inline double error_of_run_gradient(run_world *w, int control, int num_checked, double h, double *slope) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, control);
  gkt_scalar *m = malloc((size_t)n * sizeof *m), *moved = malloc((size_t)n * sizeof *m), *g = calloc((size_t)n, sizeof *g), *gradients[8] = {NULL};
  double largest = 0, worst = 0, value, along = 0, remainder[2];
  gkt_size most = 0;
  ok_in(w->ctx, gkt_adjoint_get_control(w->adjoint, control, m));
  gradients[control] = g;
  go(w);
  derive(w, gradients, &value);
  for (gkt_size i = 0; i < n; i++) most = fabs(g[i]) > largest ? i : most, largest = fmax(largest, fabs(g[i]));
  for (gkt_size i = -1; i < n; i += 1 + n / num_checked) { /* the largest, and others */
    const gkt_size e = i < 0 ? most : i;
    double d[2], step = h;
    for (int k = 0; k < 2; k++, step /= 2) {
      memcpy(moved, m, (size_t)n * sizeof *m);
      moved[e] = m[e] + step;
      const double plus = run_value_at(w, control, moved);
      moved[e] = m[e] - step;
      d[k] = (plus - run_value_at(w, control, moved)) / (2 * step);
    }
    worst = fmax(worst, fabs(g[e] - (4 * d[1] - d[0]) / 3));
  }
  for (int k = 0; k < 2; k++) {
    const double eps = 4 * h / 3 / (1 + k);
    along = 0;
    for (gkt_size i = 0; i < n; i++) moved[i] = m[i] + eps * cos(1.3 * (double)i), along += g[i] * eps * cos(1.3 * (double)i);
    remainder[k] = fabs(run_value_at(w, control, moved) - value - along);
  }
  *slope = remainder[1] > 1e-10 * fabs(value) ? log2(remainder[0] / remainder[1]) : 2; /* linear in this direction */
  ok_in(w->ctx, gkt_adjoint_set_control(w->adjoint, control, m));
  free(moved), free(g);
  w->borrowed[control] = m;
  return worst / largest;
}

/* All gradients of a run of its own, by that many threads; on a disk: what exceeds o->memory goes there. */
static inline gkt_scalar *gradients_of_run(int threads, const run_options *o, bool on_disk, gkt_size *n, gkt_time_gradient_report *r) {
  gkt_context_options options = gkt_context_options_default();
  gkt_context *context;
  double J;
  options.threads = threads;
  ok(gkt_context_create(&options, &context));
  run_world w = make_run_on(context, o);
  if (on_disk) ok_in(context, gkt_trajectory_use_disk(w.trajectory, NULL, 1 << 20));
  go(&w);
  gkt_scalar *g = all_gradients(&w, &J, r);
  assert_true(!o->memory || gkt_trajectory_memory(w.trajectory) <= o->memory);
  *n = size_of_gradients(&w);
  clear_run(&w);
  gkt_context_destroy(&context);
  return g;
}

/* The same bits by one, two and four threads, and where states that `memory` does not hold are on a disk; within `computed` where they are computed again. */
static inline void compare_gradients_of_runs(run_options o, gkt_size memory, double computed) {
  gkt_time_gradient_report r;
  gkt_size n, same;
  gkt_scalar *one = gradients_of_run(1, &o, false, &n, &r), *other;
  for (int threads = 2; threads <= 4; threads *= 2) {
    other = gradients_of_run(threads, &o, false, &same, &r);
    assert_memory_equal(one, other, (size_t)n * sizeof *one);
    free(other);
  }
  o.memory = memory;
  for (int on_disk = 0; on_disk < 2; on_disk++) {
    double worst = 0, largest = 0;
    other = gradients_of_run(1, &o, on_disk, &same, &r);
    assert_true((r.repeated == 0) == on_disk);
    for (gkt_size i = 0; i < n; i++) worst = fmax(worst, fabs(other[i] - one[i])), largest = fmax(largest, fabs(one[i]));
    if (!(worst <= (on_disk ? 0 : computed) * largest)) fail_msg("on disk %d: %g of %g", on_disk, worst, largest);
    free(other);
  }
  free(one);
}
#endif
