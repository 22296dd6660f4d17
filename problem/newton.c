/* A nonlinear problem: what the nonlinear solver calls. */
#include <math.h>
#include <string.h>

#include "assembly/magnitude.h"
#include "problem/solve.h"

typedef struct {
  gkt_problem *p;
  const gkt_scalar **values; /* [functions], the unknown's pointing to where Newton is */
  gkt_inputs inputs;
} evaluation;

static gkt_status create_evaluation(gkt_problem *p, evaluation *e) {
  int n = gkt_scope_num_functions(p->scope);
  e->p = p;
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *e->values, &e->values));
  for (int i = 0; i < n; i++) e->values[i] = p->values[i];
  e->inputs = p->inputs;
  e->inputs.values = e->values;
  return GKT_OK;
}

/* Without conditions and with a symmetric tangent the sum of the residual is that of the load, which balances: what is left is rounding, which the kernel would make large. */
static void drop_mean(gkt_problem *p, gkt_scalar *r) {
  int bs = gkt_space_block_size(p->spaces[p->field]);
  gkt_idx n = gkt_space_num_nodes(p->spaces[p->field]);
  for (int c = 0; c < bs; c++) {
    double sum = 0;
    for (gkt_idx i = 0; i < n; i++) sum += r[(gkt_size)i * bs + c];
    for (gkt_idx i = 0; i < n; i++) r[(gkt_size)i * bs + c] -= sum / n;
  }
}

static gkt_status residual(void *user, const gkt_scalar *u, gkt_scalar *r) {
  evaluation *e = user;
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  e->values[e->p->field] = u;
  GKT_TRY(gkt_assemble_vector(e->p->residual_assembler, &e->inputs, r));
  if (e->p->singular && e->p->symmetric) drop_mean(e->p, r);
  e->p->timings[GKT_TIME_ASSEMBLE] += gkt_seconds() - start, e->p->cpu[GKT_TIME_ASSEMBLE] += gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static gkt_status tangent(void *user, const gkt_scalar *u, gkt_csr *A) {
  evaluation *e = user;
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  e->values[e->p->field] = u;
  GKT_TRY(gkt_assemble_matrix(e->p->tangent_assembler, &e->inputs, A));
  e->p->timings[GKT_TIME_ASSEMBLE] += gkt_seconds() - start, e->p->cpu[GKT_TIME_ASSEMBLE] += gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static void eliminate(void *user, gkt_csr *A) { gkt_constraints_eliminate(((evaluation *)user)->p->constraints, A); }

static gkt_status magnitude(void *user, const gkt_scalar *u, gkt_scalar *m) {
  evaluation *e = user;
  e->values[e->p->field] = u;
  return gkt_assemble_magnitude(e->p->residual_assembler, &e->inputs, m);
}

static gkt_status is_admissible(void *user, const gkt_scalar *u, bool *admissible) {
  evaluation *e = user;
  e->values[e->p->field] = u;
  return gkt_problem_is_inside(e->p, &e->inputs, admissible);
}

/* Steps are kept from barriers where the guess is on their good side. */
static gkt_status keep_inside(gkt_problem *p, gkt_nonlinear_system *system) {
  bool inside;
  GKT_TRY(gkt_problem_make_barriers(p));
  if (!p->barriers || !p->barriers->blocks) return GKT_OK;
  GKT_TRY(gkt_problem_is_inside(p, &p->inputs, &inside));
  if (inside) system->is_admissible = is_admissible;
  return GKT_OK;
}

static gkt_status energy(void *user, const gkt_scalar *u, double *value) {
  evaluation *e = user;
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  e->values[e->p->field] = u;
  GKT_TRY(gkt_assemble_functional(e->p->energy_assembler, &e->inputs, value));
  e->p->timings[GKT_TIME_ASSEMBLE] += gkt_seconds() - start, e->p->cpu[GKT_TIME_ASSEMBLE] += gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static bool report_progress(void *user, int iteration, double load, double relative) {
  gkt_problem *p = user;
  (void)load;
  return p->options.progress(p->options.progress_user, "newton", iteration, relative, -1);
}

static gkt_nonlinear_options options_of(gkt_problem *p, gkt_text *merged) {
  const gkt_solver_settings *s = &p->settings->solver;
  gkt_nonlinear_options o = gkt_nonlinear_options_default();
  o.rtol = s->nonlinear.rtol, o.atol = s->nonlinear.atol;
  o.max_iterations = s->nonlinear.iterations, o.load_steps = s->nonlinear.load_steps;
  o.accept = s->nonlinear.accept;
  o.linear = gkt_problem_linear_options(p, merged);
  if (p->options.progress) o.progress = report_progress, o.progress_user = p;
  return o;
}

/* ---- the whole ---- */
static void warn_of_kind(gkt_problem *p) {
  const gkt_nonlinear_report *r = &p->newton;
  const gkt_source *source = &p->settings->energy;
  if (r->stationary == GKT_STATIONARY_UNKNOWN || r->stationary == GKT_STATIONARY_MINIMUM) return;
  gkt_problem_warn(
      p, "%s: %s: line %d: the solution is a %s of the energy, not a minimum: it falls in %d direction%s from there; for a minimum give another `initial`, not a symmetric one",
      source->file, source->key, source->marks[0].line, r->stationary == GKT_STATIONARY_SADDLE ? "saddle" : "maximum", r->num_negative, r->num_negative == 1 ? "" : "s");
}

static gkt_status solve(gkt_problem *p, evaluation *e, const gkt_system_facts *facts, gkt_scalar *g) {
  gkt_nonlinear_system system = {
      .user = e, .residual = residual, .tangent = tangent, .eliminate = eliminate, .magnitude = magnitude, .values = g, .energy = p->energy ? energy : NULL};
  gkt_text merged = {.ctx = p->ctx};
  gkt_nonlinear_options options = options_of(p, &merged);
  gkt_status status;
  GKT_GO(merged.status);
  GKT_GO(keep_inside(p, &system));
  gkt_constraints_lift(p->constraints, g);
  GKT_GO(gkt_problem_stage(p, "newton"));
  GKT_GO(gkt_nonlinear_solve(p->ctx, &system, facts, p->matrix, p->values[p->field], &options, &p->newton));
  p->linear = p->newton.linear;
  p->newton.linear = (gkt_linear_report){0};
  p->timings[GKT_TIME_SETUP] = p->newton.setup_seconds, p->cpu[GKT_TIME_SETUP] = p->newton.setup_cpu_seconds;
  p->timings[GKT_TIME_SOLVE] = p->newton.solve_seconds, p->cpu[GKT_TIME_SOLVE] = p->newton.solve_cpu_seconds;
  p->valid = p->newton.converged;
done:
  gkt_text_free(&merged);
  return status;
}

/* A load that nothing can balance is told from R(u): with a symmetric tangent its sum is the same for every u. At u = 0 if that is finite, as large gradients of the guess would
   hide it. load, zero [dofs], zero is 0. */
static gkt_status refuse_free(gkt_problem *p, evaluation *e, const gkt_system_facts *facts, const gkt_scalar *zero, gkt_scalar *load) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  if (!facts->singular) return GKT_OK;
  p->singular = false; /* the sum itself is wanted */
  GKT_TRY(residual(e, zero, load));
  if (!gkt_is_finite(n, load)) GKT_TRY(residual(e, p->values[p->field], load));
  p->singular = true;
  for (gkt_idx i = 0; i < n; i++) load[i] = -load[i];
  return gkt_problem_refuse_free(p, facts, load);
}

gkt_status gkt_problem_newton(gkt_problem *p) {
  gkt_system_facts facts;
  evaluation e = {0};
  gkt_scalar *g = NULL, *load = NULL;
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  gkt_status status;
  GKT_GO(create_evaluation(p, &e));
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *g, &g));
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *load, &load));
  GKT_GO(gkt_problem_find_facts(p, &facts));
  GKT_GO(gkt_problem_stage(p, "assemble"));
  GKT_GO(gkt_assembler_matrix(p->tangent_assembler, &p->matrix));
  GKT_GO(refuse_free(p, &e, &facts, g, load));
  if (p->reason[0]) goto done;
  GKT_GO(solve(p, &e, &facts, g));
  e.values[p->field] = p->values[p->field];
  if (p->valid && p->linear.ill_conditioned) p->valid = false, gkt_problem_explain_ill_conditioned(p);
  else if (p->valid) GKT_GO(gkt_problem_look_at_guess(p, &e.inputs, &facts));
  else GKT_GO(gkt_problem_explain_newton(p, &e.inputs, &facts));
  if (p->valid) {
    warn_of_kind(p);
    GKT_GO(gkt_problem_warn_barriers(p));
  }
  if (p->singular && p->valid) GKT_GO(gkt_problem_fix_kernel(p));
done:
  gkt_free(&e.values);
  gkt_free(&g);
  gkt_free(&load);
  return status;
}
