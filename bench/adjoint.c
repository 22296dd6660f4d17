/* bench adjoint: what the gradient of a functional costs beside the solution that it is of. As in a design loop controls change between the repeats, so that every solution is
   assembled anew; what depends on the mesh alone is made once and not counted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 3 };

typedef struct {
  double seconds;                     /* CPU time, the least of the repeats */
  int assemblies, setups, iterations; /* of the last repeat; iterations: linear ones */
  double residual;                    /* true: ||b-Ax||/||b|| of a linear system, in time the largest; of Newton's method |R| relative to that of the guess */
} cost;
typedef struct {
  const char *name;
  gkt_assembler_info info;
  int repeat;
  gkt_idx cells, dofs;
  gkt_size controls; /* numbers */
  int newton, steps; /* iterations of Newton's method, 0: linear; steps in time, 0: steady */
  cost forward, gradient;
  double value, norm; /* J; Euclidean norm of its gradient by all controls */
  char method[128];   /* of the linear systems */
  char reason[2048];  /* why there is no answer; "" if there is one */
} adjoint_figures;

/* ---- what is differentiated ---- */
typedef struct {
  gkt_size size;
  gkt_scalar *first, *now, *slope; /* [size] the case's values; those that the system has; dJ/dm */
} control;
typedef struct {
  gkt_problem *problem;
  gkt_system *system;
  gkt_adjoint *adjoint, *own; /* own: of a run in time, as its problem has none */
  gkt_functional *J, *own_J;
  gkt_form *form;
  gkt_solve_options options;
  gkt_vector *start, *u; /* first guess, or state at the start; solution */
  int num_controls;
  control *controls;
  gkt_scalar **slopes;              /* [num_controls] */
  const bench_run_in_time *in_time; /* NULL: steady */
  gkt_time *time;
  gkt_trajectory *trajectory;
} subject;

static gkt_status make_controls(subject *s) {
  s->num_controls = gkt_adjoint_num_controls(s->adjoint);
  s->controls = calloc((size_t)s->num_controls, sizeof *s->controls), s->slopes = calloc((size_t)s->num_controls, sizeof *s->slopes);
  if (!s->controls || !s->slopes) return GKT_NO_MEMORY;
  for (int i = 0; i < s->num_controls; i++) {
    control *c = &s->controls[i];
    c->size = gkt_adjoint_control_size(s->adjoint, i);
    c->first = bench_alloc(c->size, sizeof(gkt_scalar)), c->now = bench_alloc(c->size, sizeof(gkt_scalar)), c->slope = bench_alloc(c->size, sizeof(gkt_scalar));
    if (!c->first || !c->now || !c->slope) return GKT_NO_MEMORY;
    s->slopes[i] = c->slope;
    TRY(gkt_adjoint_get_control(s->adjoint, i, c->first));
  }
  return GKT_OK;
}

static gkt_status make_run(subject *s) {
  gkt_time_options options = gkt_time_options_default();
  options.step = s->in_time->step, options.solve = s->options;
  TRY(gkt_time_create(s->system, &options, &s->time));
  TRY(gkt_trajectory_create(s->time, 0, &s->trajectory));
  TRY(gkt_adjoint_create(s->system, s->in_time->num_controls, s->in_time->controls, &s->own));
  s->adjoint = s->own;
  TRY(gkt_form_parse(gkt_problem_scope(s->problem), GKT_FUNCTIONAL, &(gkt_source){.text = s->in_time->running, .file = s->in_time->name, .key = "running"}, &s->form));
  TRY(gkt_functional_create(s->own, s->form, &s->own_J));
  s->J = s->own_J;
  for (int i = 0; i < s->in_time->num_controls; i++)
    if (s->in_time->controls[i].kind == GKT_CONTROL_INITIAL) TRY(gkt_adjoint_set_control(s->own, i, gkt_vector_read(s->start)));
  return GKT_OK;
}

static gkt_status make(const bench_case *c, const gkt_problem_options *options, subject *s) {
  TRY(gkt_problem_check(s->problem));
  s->system = gkt_problem_system(s->problem), s->options = gkt_problem_solve_options(s->problem);
  s->in_time = c->text ? bench_find_run(c->name) : NULL;
  TRY(gkt_system_vector(s->system, &s->start));
  TRY(gkt_system_vector(s->system, &s->u));
  gkt_vector_copy(gkt_problem_solution(s->problem), s->start);
  if (s->in_time) TRY(make_run(s));
  else TRY(gkt_problem_objective(s->problem, &s->adjoint, &s->J));
  TRY(make_controls(s));
  return options->progress(options->progress_user, "solve", 0, 0, -1) ? GKT_OK : GKT_CANCELLED;
}

static void clear(subject *s) {
  for (int i = 0; s->controls && i < s->num_controls; i++) free(s->controls[i].first), free(s->controls[i].now), free(s->controls[i].slope);
  gkt_trajectory_destroy(&s->trajectory);
  gkt_functional_destroy(&s->own_J);
  gkt_form_destroy(&s->form);
  gkt_adjoint_destroy(&s->own);
  gkt_time_destroy(&s->time);
  gkt_vector_destroy(&s->start), gkt_vector_destroy(&s->u);
  gkt_problem_destroy(&s->problem);
  free(s->controls), free(s->slopes);
}

/* ---- one solution, one gradient ---- */
static void keep_reason(adjoint_figures *f, bool valid, const char *reason) {
  if (!valid && !f->reason[0]) snprintf(f->reason, sizeof f->reason, "%s", reason);
}

static void add(cost *c, const gkt_linear_report *linear, int assemblies) {
  c->assemblies += assemblies, c->setups += linear->setups, c->iterations += linear->iterations, c->residual = fmax(c->residual, linear->residual);
}

static gkt_status solve_steady(subject *s, adjoint_figures *f) {
  gkt_solve_report r;
  gkt_vector_copy(s->start, s->u);
  const gkt_status status = gkt_system_solve(s->system, &s->options, s->u, &r);
  const bool nonlinear = gkt_system_is_nonlinear(s->system);
  add(&f->forward, &r.linear, r.assemblies);
  if (nonlinear) f->newton = r.newton.iterations, f->forward.setups = r.newton.setups, f->forward.iterations = r.newton.linear_iterations, f->forward.residual = r.newton.residual;
  snprintf(f->method, sizeof f->method, "%s", r.linear.method);
  keep_reason(f, r.valid, r.reason);
  gkt_solve_report_clear(&r);
  return status;
}

static gkt_status derive_steady(subject *s, adjoint_figures *f) {
  gkt_solve_report r;
  const gkt_status status = gkt_adjoint_gradient(s->adjoint, s->J, &s->options, s->u, &f->value, s->slopes, &r);
  add(&f->gradient, &r.linear, r.assemblies);
  keep_reason(f, r.valid, r.reason);
  gkt_solve_report_clear(&r);
  return status;
}

static void add_step(adjoint_figures *f, const gkt_step_report *r) {
  f->forward.assemblies += r->assemblies, f->forward.setups += r->setups, f->forward.iterations += r->linear;
  f->forward.residual = fmax(f->forward.residual, r->report.linear.residual);
  keep_reason(f, r->valid, r->reason);
}

static gkt_status run_in_time(subject *s, adjoint_figures *f) {
  gkt_step_report r = {0};
  TRY(gkt_adjoint_fill_initial(s->adjoint, s->time, s->u, NULL));
  TRY(gkt_time_begin(s->time, s->u, NULL, &r));
  add_step(f, &r);
  for (f->steps = 0; f->steps < s->in_time->num_steps && !f->reason[0]; f->steps++) {
    TRY(gkt_time_step(s->time, s->in_time->step, &r));
    add_step(f, &r);
    snprintf(f->method, sizeof f->method, "%s", r.report.linear.method);
  }
  return GKT_OK;
}

static gkt_status derive_run(subject *s, adjoint_figures *f) {
  gkt_time_gradient_report r;
  TRY(gkt_time_gradient(s->adjoint, s->trajectory, (gkt_time_functional){.running = s->J}, &f->value, s->slopes, &r));
  f->gradient.assemblies = r.assemblies, f->gradient.setups = r.setups, f->gradient.iterations = r.linear, f->gradient.residual = r.residual;
  keep_reason(f, r.valid, r.reason);
  return GKT_OK;
}

/* ---- measuring ---- */
static gkt_status set_controls(subject *s, double factor) {
  for (int i = 0; i < s->num_controls; i++) {
    const control *c = &s->controls[i];
    for (gkt_size k = 0; k < c->size; k++) c->now[k] = factor * c->first[k], c->slope[k] = 0;
    TRY(gkt_adjoint_set_control(s->adjoint, i, c->now));
  }
  return GKT_OK;
}

static gkt_status measure_cost(gkt_status (*what)(subject *, adjoint_figures *), bool counts, subject *s, cost *c, adjoint_figures *f) {
  const double least = c->seconds, start = gkt_cpu_seconds();
  *c = (cost){0};
  TRY(what(s, f));
  const double seconds = gkt_cpu_seconds() - start;
  c->seconds = counts ? fmin(least, seconds) : INFINITY;
  return GKT_OK;
}

/* The first repeat makes what stays, and is not counted; the last one has the controls of the case. */
static gkt_status repeat(subject *s, adjoint_figures *f) {
  for (int i = 0; i <= f->repeat && !f->reason[0]; i++) {
    TRY(set_controls(s, 1 + 1e-3 * (f->repeat - i)));
    TRY(measure_cost(s->in_time ? run_in_time : solve_steady, i > 0, s, &f->forward, f));
    if (!f->reason[0]) TRY(measure_cost(s->in_time ? derive_run : derive_steady, i > 0, s, &f->gradient, f));
  }
  return GKT_OK;
}

static void describe(const subject *s, adjoint_figures *f) {
  double sum = 0;
  gkt_assembler_get_info(gkt_system_assembler(s->system, 2), &f->info);
  f->cells = gkt_mesh_num_cells(gkt_problem_mesh(s->problem)), f->dofs = gkt_system_layout(s->system)->num_owned;
  for (int i = 0; i < s->num_controls; i++) {
    f->controls += s->controls[i].size;
    for (gkt_size k = 0; k < s->controls[i].size; k++) sum += s->controls[i].slope[k] * s->controls[i].slope[k];
  }
  f->norm = sqrt(sum);
  if (f->reason[0]) f->forward.seconds = f->gradient.seconds = f->value = f->norm = NAN;
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  adjoint_figures f = {.name = c->name, .repeat = o->repeat ? o->repeat : DEFAULT_REPEAT};
  subject s = {0};
  gkt_status status;
  GO(bench_open(ctx, c, options, &s.problem));
  GO(make(c, options, &s));
  GO(repeat(&s, &f));
  describe(&s, &f);
  *(adjoint_figures *)figures = f;
done:
  clear(&s);
  return status;
}

/* ---- the table and the file ---- */
static void print_head(void) {
  printf("CPU seconds of all threads; ratio: gradient over forward; assemblies and linear iterations of each; true residuals\n");
  printf("%-20s%9s%9s%9s%7s%6s |%9s%5s%6s%10s |%9s%5s%6s%10s |%7s  %s\n", "case", "cells", "dofs", "controls", "newton", "steps", "forward", "asm", "its", "residual", "gradient",
         "asm", "its", "residual", "ratio", "method");
}

static void print_cost(const cost *c) { printf(" |%9.4f%5d%6d%10.1e", c->seconds, c->assemblies, c->iterations, c->residual); }

static void print(const void *figures, const bench_machine *m) {
  const adjoint_figures *f = figures;
  (void)m;
  printf("%-20s%9d%9d%9lld%7d%6d", f->name, f->cells, f->dofs, (long long)f->controls, f->newton, f->steps);
  print_cost(&f->forward);
  print_cost(&f->gradient);
  printf(" |%7.2f  %s\n", f->gradient.seconds / f->forward.seconds, f->method);
}

static const char *reason(const void *figures) { return ((const adjoint_figures *)figures)->reason; }

static json_t *cost_json(const cost *c) {
  return json_pack("{s:o, s:i, s:i, s:i, s:o}", "cpu_seconds", bench_number(c->seconds), "assemblies", c->assemblies, "setups", c->setups, "iterations", c->iterations, "residual",
                   bench_number(c->residual));
}

static json_t *json(const void *figures, const bench_machine *m) {
  const adjoint_figures *f = figures;
  (void)m;
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "name", f->name, "backend", f->info.backend, "reduce", f->info.reduce,
                   "repeat", f->repeat, "cells", f->cells, "dofs", f->dofs, "controls", (json_int_t)f->controls, "newton_iterations", f->newton, "steps", f->steps, "forward",
                   cost_json(&f->forward), "gradient", cost_json(&f->gradient), "ratio", bench_number(f->gradient.seconds / f->forward.seconds), "value", bench_number(f->value),
                   "gradient_norm", bench_number(f->norm), "method", f->method, "reason", f->reason);
}

const bench_kind bench_adjoint = {"adjoint", "bench adjoint", "sbtmRjCSqv?-", sizeof(adjoint_figures), bench_adjoint_cases, measure, print_head, print, reason, json, NULL};
