/* gkt_nonlinear_solve: load steps around Newton's method (newton.c). */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/newton_device.h"

enum { SPLITS = 16 }; /* the shortest load step: this part of the one asked for */

gkt_nonlinear_options gkt_nonlinear_options_default(void) {
  return (gkt_nonlinear_options){.rtol = 1e-10, .max_iterations = 30, .load_steps = 1, .linear = gkt_linear_options_default()};
}

void gkt_nonlinear_report_clear(gkt_nonlinear_report *report) {
  gkt_linear_report_clear(&report->linear);
  gkt_free(&report->steps);
  gkt_free(&report->history);
  report->num_steps = report->num_history = 0;
}

bool gkt_newton_is_free(const gkt_newton *s, gkt_idx dof) { return !s->facts->constrained || !s->facts->constrained[dof]; }

gkt_status gkt_newton_residual(gkt_newton *s, const gkt_vector *u, gkt_vector *f, double *norm) {
  GKT_TRY(gkt_newton_ask_residual(s, u, f));
  if (s->load < 1) gkt_vector_axpy(-(1 - s->load), s->start_residual, f);
  gkt_mask_zero(&s->constrained, f);
  *norm = gkt_vector_norm(f);
  return GKT_OK;
}

double gkt_newton_way(gkt_newton *s) {
  gkt_vector_copy(s->target, s->next_b);
  gkt_vector_axpy(-1, s->u, s->next_b);
  return gkt_vector_norm(s->next_b);
}

gkt_status gkt_newton_note(gkt_newton *s, int iteration, double norm) {
  gkt_nonlinear_report *r = s->report;
  int n = r->num_history;
  if ((n & (n - 1)) == 0) GKT_TRY(gkt_realloc(s->petsc.ctx, n ? 2 * (gkt_size)n : 1, sizeof *r->history, &r->history)); /* room for a power of two */
  r->history[r->num_history++] = norm;
  if (s->asked.progress && !s->asked.progress(s->asked.progress_user, iteration, s->load, s->first > 0 ? norm / s->first : 0)) gkt_newton_cancel(s);
  return GKT_OK;
}

static gkt_status record(gkt_newton *s, int begin) {
  gkt_nonlinear_report *r = s->report;
  GKT_TRY(gkt_realloc(s->petsc.ctx, r->num_steps + 1, sizeof *r->steps, &r->steps));
  r->steps[r->num_steps++] = (gkt_load_step){s->load, s->end, s->at_rounding, s->iterations, begin, r->num_history - begin};
  r->end = s->end, r->at_rounding = s->at_rounding, r->first = s->first;
  r->residual = s->first > 0 ? s->norm / s->first : 0, r->scaled_residual = s->scaled;
  return GKT_OK;
}

/* (1-t) u_0 + t g on constrained dofs, u on free ones. */
static void aim(gkt_newton *s) {
  gkt_vector_copy(s->u, s->target);
  if (!s->system->values) return;
  gkt_vector_copy(s->system->values, s->trial);
  if (s->load < 1) gkt_vector_scale(s->trial, s->load), gkt_vector_axpy(1 - s->load, s->start, s->trial);
  gkt_mask_take(&s->constrained, s->trial, s->target);
}

/* From u, which the load step before left, to the solution at this load. */
static gkt_status try_load(gkt_newton *s, double load) {
  int begin = s->report->num_history;
  s->load = load, s->iterations = 0, s->careful = 0, s->prepared = s->small = s->at_rounding = s->over = s->has_next = false;
  s->watch.steps = s->watch.rest = s->watch.penalty = 0;
  s->lengths[0] = s->lengths[1] = s->lengths[2] = s->longest = 0;
  aim(s);
  s->arrived = gkt_newton_way(s) == 0;
  GKT_TRY(gkt_newton_residual(s, s->u, s->f, &s->norm));
  GKT_TRY(gkt_newton_solve(s));
  return record(s, begin);
}

/* Loads are counted in parts of the steps asked for, so that the last one is 1 to the last bit. */
static gkt_status follow(gkt_newton *s) {
  int steps = s->asked.load_steps, parts = steps > 1 ? SPLITS : 1, done = 0, step = parts;
  while (done < steps * parts) {
    gkt_vector_copy(s->u, s->kept);
    int next = done + step < steps * parts ? done + step : steps * parts;
    GKT_TRY(try_load(s, (double)next / (steps * parts)));
    if (s->end == GKT_NEWTON_CONVERGED) {
      done = next, s->report->load = s->load;
      continue;
    }
    if (step == 1 || s->report->cancelled) return GKT_OK;
    gkt_vector_copy(s->kept, s->u);
    step /= 2;
    gkt_log(s->petsc.ctx, GKT_LOG_NOTICE, "the load step to %.6g failed (residual %.2e after %d iterations); trying %.6g", s->load, s->report->residual, s->iterations,
            (double)(done + step) / (steps * parts));
  }
  s->report->converged = true;
  return GKT_OK;
}

enum { NUM_VECTORS = 18 };

static void list_vectors(gkt_newton *s, gkt_vector **out[NUM_VECTORS]) {
  gkt_vector **const all[NUM_VECTORS] = {&s->f,   &s->start,       &s->start_residual, &s->kept, &s->target, &s->b,       &s->d,       &s->trial,   &s->trial_f,
                                         &s->row, &s->careful_row, &s->jump,           &s->next, &s->next_b, &s->watch.u, &s->watch.d, &s->watch.f, &s->unit};
  memcpy(out, all, sizeof all);
}

static gkt_status allocate(gkt_newton *s) {
  gkt_vector **vectors[NUM_VECTORS];
  list_vectors(s, vectors);
  for (int i = 0; i < NUM_VECTORS; i++) GKT_TRY(gkt_vector_create_on(s->petsc.ctx, s->A->where, s->n, vectors[i]));
  return GKT_OK;
}

static void release(gkt_newton *s) {
  gkt_vector **vectors[NUM_VECTORS];
  list_vectors(s, vectors);
  for (int i = 0; i < NUM_VECTORS; i++) gkt_vector_destroy(vectors[i]);
  gkt_mask_destroy(&s->constrained);
  gkt_newton_rows_destroy(s);
  gkt_newton_path_destroy(s);
  gkt_linear_solver_destroy(&s->linear);
  if (s->petsc.inside) gkt_petsc_options_end(&s->options);
  gkt_free(&s->linear_options);
}

static gkt_status begin(gkt_newton *s) {
  if (!gkt_newton_device_take_mask(s)) GKT_TRY(gkt_mask_create(s->petsc.ctx, s->A->where, s->n, s->facts->constrained, &s->constrained));
  GKT_TRY(allocate(s));
  GKT_TRY(gkt_newton_rows_create(s));
  GKT_TRY(gkt_newton_path_begin(s));
  gkt_vector_copy(s->u, s->start);
  s->load = 1;
  GKT_TRY(gkt_newton_residual(s, s->u, s->f, &s->norm));
  gkt_vector_copy(s->f, s->start_residual);
  s->over = !isfinite(s->norm);
  if (s->over) s->report->end = GKT_NEWTON_START_NOT_FINITE;
  return GKT_OK;
}

static gkt_status check_arguments(gkt_context *ctx, const gkt_system_facts *facts, const gkt_nonlinear_system *system, const gkt_csr *A, const gkt_vector *u,
                                  const gkt_nonlinear_options *o) {
  if (A->num_rows != A->num_cols) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a square matrix is needed, not %d x %d", A->num_rows, A->num_cols);
  if (gkt_vector_size(u) != A->num_rows || (system->values && gkt_vector_size(system->values) != A->num_rows))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "the matrix has %d rows, but u or values have another size", A->num_rows);
  if (gkt_vector_where(u) != A->where || (system->values && gkt_vector_where(system->values) != A->where))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "the matrix, u and values stand partly on the host and partly on the device; expected all in one place");
  if (facts->constrained && !system->values) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "dofs are constrained, but no values are given for them");
  if (!(o->rtol > 0 && o->rtol < 1)) return gkt_fail(ctx, GKT_BAD_INPUT, "nonlinear rtol is %g: a number between 0 and 1 was expected", o->rtol);
  if (!(o->atol >= 0)) return gkt_fail(ctx, GKT_BAD_INPUT, "nonlinear atol is %g: a number from 0 was expected", o->atol);
  if (o->load_steps < 1 || o->load_steps > 1000000) return gkt_fail(ctx, GKT_BAD_INPUT, "%d load steps: a number from 1 to 1000000 was expected", o->load_steps);
  if (o->accept == GKT_ACCEPT_ENERGY && !system->energy) return gkt_fail(ctx, GKT_BAD_INPUT, "steps are to be accepted by the energy, but the system has none");
  if (o->max_iterations < 0) return gkt_fail(ctx, GKT_BAD_INPUT, "%d iterations: a number from 0 was expected", o->max_iterations);
  return GKT_OK;
}

gkt_status gkt_nonlinear_solve_kept(gkt_context *ctx, const gkt_nonlinear_system *system, const gkt_system_facts *facts, gkt_csr *A, gkt_vector *u,
                                    const gkt_nonlinear_options *options, gkt_linear_solver **linear, gkt_nonlinear_report *report) {
  gkt_status status;
  gkt_newton s = {.system = system, .facts = facts, .asked = options ? *options : gkt_nonlinear_options_default(), .report = report, .A = A, .n = A->num_rows, .u = u, .factor = 1};
  GKT_TRY(gkt_need(ctx, report, "gkt_nonlinear_solve", "report"));
  *report = (gkt_nonlinear_report){0};
  if (s.asked.accept == GKT_ACCEPT_AUTO) s.asked.accept = system->energy ? GKT_ACCEPT_ENERGY : GKT_ACCEPT_NATURAL;
  GKT_TRY(check_arguments(ctx, facts, system, A, u, &s.asked));
  s.linear = *linear, *linear = NULL;
  GKT_GO(gkt_petsc_enter(ctx, &s.petsc));
  GKT_GO(gkt_newton_register(&s));
  GKT_GO(gkt_newton_read_options(&s));
  GKT_GO(begin(&s));
  if (!s.over) GKT_GO(follow(&s));
  if (!report->cancelled) GKT_GO(gkt_newton_inspect(&s));
  GKT_GO(gkt_newton_path_end(&s));
  gkt_petsc_options_warn_unused(&s.options);
  if (report->converged && system->energy) GKT_GO(gkt_newton_classify(&s));
  gkt_newton_scale_back(&s);
  gkt_newton_device_leave(&s);
  *linear = s.linear, s.linear = NULL;
done:
  release(&s);
  gkt_petsc_leave(&s.petsc);
  if (status != GKT_OK) gkt_nonlinear_report_clear(report);
  return status;
}

gkt_status gkt_nonlinear_solve(gkt_context *ctx, const gkt_nonlinear_system *system, const gkt_system_facts *facts, gkt_csr *A, gkt_vector *u, const gkt_nonlinear_options *options,
                               gkt_nonlinear_report *report) {
  gkt_linear_solver *linear = NULL;
  gkt_status status = gkt_nonlinear_solve_kept(ctx, system, facts, A, u, options, &linear, report);
  gkt_linear_solver_destroy(&linear);
  return status;
}
