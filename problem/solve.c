/* A linear problem is one Newton step from the lifted conditions: A d = -R(g), u = g + d. A nonlinear one is in newton.c. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "assembly/magnitude.h"
#include "problem/solve.h"

/* Time left if the residual goes on falling at the mean rate so far. */
static double seconds_left(const gkt_problem *p, double residual) {
  double wanted = p->settings->solver.rtol;
  if (!(residual < p->first_residual) || !(residual > 0)) return -1;
  return residual > wanted ? (gkt_seconds() - p->solve_started) * log(residual / wanted) / log(p->first_residual / residual) : 0;
}

static void report_progress(void *user, int iteration, double residual) {
  gkt_problem *p = user;
  if (iteration == 0) p->solve_started = gkt_seconds(), p->first_residual = residual;
  p->options.progress(p->options.progress_user, "solve", iteration, residual, seconds_left(p, residual));
}

gkt_linear_options gkt_problem_linear_options(gkt_problem *p, gkt_text *merged) {
  const gkt_solver_settings *s = &p->settings->solver;
  gkt_linear_options options = gkt_linear_options_default();
  options.method = s->linear;
  options.rtol = s->rtol;
  if (s->options) gkt_text_printf(merged, "%s ", s->options);
  if (p->petsc_options) gkt_text_printf(merged, "%s", p->petsc_options);
  options.petsc_options = merged->data;
  if (p->options.progress) options.progress = report_progress, options.progress_user = p;
  return options;
}

/* residual = R(u), 0 on constrained dofs */
static gkt_status free_residual(gkt_problem *p, gkt_scalar *residual, double *size) {
  GKT_TRY(gkt_assemble_vector(p->residual_assembler, &p->inputs, residual));
  gkt_constraints_zero(p->constraints, residual);
  *size = gkt_norm(gkt_space_num_dofs(p->spaces[p->field]), residual, NULL);
  return GKT_OK;
}

/* load: -R(0), where conditions have values other than 0, which may hide it; else NULL. b = -R(g) */
static gkt_status assemble_right_side(gkt_problem *p, gkt_scalar *b, gkt_scalar **load) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  double size;
  gkt_constraints_lift(p->constraints, b);
  if (gkt_norm(n, b, NULL) > 0) {
    GKT_TRY(gkt_alloc(p->ctx, n, sizeof **load, load));
    GKT_TRY(free_residual(p, *load, &size));
    for (gkt_idx i = 0; i < n; i++) (*load)[i] = -(*load)[i];
  }
  gkt_constraints_lift(p->constraints, p->values[p->field]);
  GKT_TRY(free_residual(p, b, &p->initial_residual));
  for (gkt_idx i = 0; i < n; i++) b[i] = -b[i];
  return GKT_OK;
}

static gkt_status assemble(gkt_problem *p, gkt_scalar *b, gkt_scalar **load) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  gkt_problem_stage(p, "assemble");
  GKT_TRY(assemble_right_side(p, b, load));
  GKT_TRY(gkt_assembler_matrix(p->tangent_assembler, &p->matrix));
  GKT_TRY(gkt_assemble_matrix(p->tangent_assembler, &p->inputs, p->matrix));
  gkt_constraints_eliminate(p->constraints, p->matrix);
  p->timings[GKT_TIME_ASSEMBLE] = gkt_seconds() - start, p->cpu[GKT_TIME_ASSEMBLE] = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

/* Cells that nothing ties together: each keeps a constant of its own. */
static const char *discontinuity(const gkt_problem *p) {
  bool discontinuous = gkt_space_element(p->spaces[p->field]).discontinuous;
  return discontinuous ? "; cells of a discontinuous space (DP) are coupled by terms over inner facets (dS) only, which are not available yet" : "";
}

void gkt_problem_explain_singular(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const double *x = gkt_space_coords(space) + (gkt_size)(p->linear.free_dof / gkt_space_block_size(space)) * p->dim;
  char component[40] = "";
  if (gkt_space_block_size(space) > 1) snprintf(component, sizeof component, "component %d of ", p->linear.free_dof % gkt_space_block_size(space));
  snprintf(p->reason, sizeof p->reason,
           "the system is singular: equation and conditions leave %s'%s' undetermined near x = (%.6g, %.6g, %.6g); add conditions, or terms that hold it%s%s", component,
           gkt_scope_function_name(p->scope, p->field), x[0], p->dim > 1 ? x[1] : 0, p->dim > 2 ? x[2] : 0,
           gkt_problem_is_underintegrated(p) ? "; dx(degree=..) has too few points to see every function: a higher degree" : "", discontinuity(p));
}

void gkt_problem_explain_ill_conditioned(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const double *x = gkt_space_coords(space) + (gkt_size)(p->linear.free_dof / gkt_space_block_size(space)) * p->dim;
  snprintf(
      p->reason, sizeof p->reason,
      "the system is too ill-conditioned: its condition number is above %.1e, so rounding leaves no digit of '%s'; it is determined, but hardly so near x = (%.6g, %.6g, %.6g): "
      "expected cells that are less stretched, a coarser mesh of higher degree, or coefficients that differ less",
      p->linear.condition, gkt_scope_function_name(p->scope, p->field), x[0], p->dim > 1 ? x[1] : 0, p->dim > 2 ? x[2] : 0);
}

gkt_status gkt_problem_refuse_free(gkt_problem *p, const gkt_system_facts *facts, gkt_scalar *b) {
  const char *field = gkt_scope_function_name(p->scope, p->field);
  if (!facts->singular) return GKT_OK;
  if (!gkt_space_element(p->spaces[p->field]).discontinuous) return gkt_problem_balance_load(p, facts, b);
  snprintf(p->reason, sizeof p->reason, "the system is singular: nothing determines the mean of '%s' in each cell%s", field, discontinuity(p));
  return GKT_OK;
}

gkt_status gkt_problem_find_facts(gkt_problem *p, gkt_system_facts *out) {
  GKT_TRY(gkt_problem_facts(p, out));
  out->singular = out->singular && p->settings->solver.nullspace == GKT_NULLSPACE_AUTO;
  p->symmetric = out->symmetric, p->positive = out->positive, p->singular = out->singular;
  return GKT_OK;
}

static gkt_status solve_system(gkt_problem *p, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_system_facts facts;
  gkt_text merged = {.ctx = p->ctx};
  gkt_linear_options options = gkt_problem_linear_options(p, &merged);
  gkt_status status;
  GKT_GO(merged.status);
  gkt_problem_stage(p, "solve");
  GKT_GO(gkt_problem_find_facts(p, &facts));
  GKT_GO(gkt_problem_refuse_free(p, &facts, b));
  if (p->reason[0]) goto done;
  options.load = load;
  GKT_GO(gkt_linear_solve(p->ctx, p->matrix, &facts, b, d, &options, &p->linear));
  p->timings[GKT_TIME_SETUP] = p->linear.setup_seconds, p->cpu[GKT_TIME_SETUP] = p->linear.setup_cpu_seconds;
  p->timings[GKT_TIME_SOLVE] = p->linear.solve_seconds, p->cpu[GKT_TIME_SOLVE] = p->linear.solve_cpu_seconds;
  p->valid = p->linear.converged;
  if (p->linear.singular) gkt_problem_explain_singular(p);
  else if (p->linear.ill_conditioned) gkt_problem_explain_ill_conditioned(p);
  else if (!p->valid)
    snprintf(p->reason, sizeof p->reason, "%s did not converge: true residual %.3g, in the norm in which every row counts %.3g, after %d iterations, wanted %.3g%s",
             p->linear.method, p->linear.residual, p->linear.scaled_residual, p->linear.iterations, options.rtol, discontinuity(p));
done:
  gkt_text_free(&merged);
  return status;
}

/* ---- the form itself, at the solution u = g + d, where A d = b = -R(g) ---- */
typedef struct {
  double residual, floor; /* ||R(u)||, 100 eps times what it is summed from */
  double mismatch;        /* the largest |R(g + w) - R(g) - A w|_i of what it is summed from, for noise w of the size of d: smooth functions hide what cancels within a cell */
} form_residual;

/* The signs of the bits of a counter (Knuth's multiplicative hash), the same in every run. */
static void make_noise(const gkt_problem *p, const gkt_scalar *d, gkt_scalar *w) {
  gkt_idx n = p->matrix->num_rows;
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(d[i]));
  for (gkt_idx i = 0; i < n; i++) w[i] = (uint32_t)i * UINT32_C(2654435761) >> 31 ? most : -most;
  gkt_constraints_zero(p->constraints, w);
}

/* r = R(values), size += what it is summed from, on free dofs */
static gkt_status evaluate_form(gkt_problem *p, gkt_scalar *values, gkt_scalar *r, gkt_scalar *size, gkt_scalar *work) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *kept = p->values[p->field];
  double ignored;
  p->values[p->field] = values;
  gkt_status status = free_residual(p, r, &ignored);
  if (status == GKT_OK) status = gkt_assemble_magnitude(p->residual_assembler, &p->inputs, work);
  p->values[p->field] = kept;
  GKT_TRY(status);
  gkt_constraints_zero(p->constraints, work);
  for (gkt_idx i = 0; i < n; i++) size[i] += work[i];
  return GKT_OK;
}

/* A w, size += |A||w| */
static void multiply(const gkt_csr *A, const gkt_scalar *w, gkt_scalar *image, gkt_scalar *size) {
  gkt_csr_multiply(A, w, image);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) size[i] += fabs(A->vals[k] * w[A->cols[k]]);
}

enum { WORK = 6 };
static gkt_status measure_form(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d, form_residual *out) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *all = NULL;
  GKT_TRY(gkt_calloc(p->ctx, (gkt_size)WORK * n, sizeof *all, &all));
  gkt_scalar *at = all, *w = all + n, *r = all + 2 * (gkt_size)n, *size = all + 3 * (gkt_size)n, *work = all + 4 * (gkt_size)n, *image = all + 5 * (gkt_size)n;
  gkt_status status;
  for (gkt_idx i = 0; i < n; i++) at[i] = p->values[p->field][i] - d[i];
  GKT_GO(evaluate_form(p, at, r, size, work)); /* at g: -b, with other rounding */
  make_noise(p, d, w);
  for (gkt_idx i = 0; i < n; i++) at[i] += w[i], image[i] = 0;
  multiply(p->matrix, w, image, size);
  GKT_GO(evaluate_form(p, at, r, size, work));
  out->mismatch = 0;
  for (gkt_idx i = 0; i < n; i++)
    if (size[i] > 0) out->mismatch = fmax(out->mismatch, fabs(r[i] + b[i] - image[i]) / size[i]);
  memset(size, 0, (size_t)n * sizeof *size);
  multiply(p->matrix, d, image, size);
  GKT_GO(evaluate_form(p, p->values[p->field], r, size, work));
  out->residual = gkt_norm(n, r, NULL), out->floor = 100 * DBL_EPSILON * gkt_norm(n, size, NULL);
done:
  gkt_free(&all);
  return status;
}

static const double MAX_MISMATCH = 1e-8; /* rounding leaves 1e-13, a form that is not linear about 1 */
static gkt_status judge_form(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d) {
  const char *name = gkt_scope_function_name(p->scope, p->field);
  form_residual form;
  GKT_TRY(measure_form(p, b, d, &form));
  double relative = p->initial_residual > 0 ? form.residual / p->initial_residual : 0;
  double reached = p->linear.at_rounding ? 0 : p->linear.residual; /* PETSc's options may have asked for less than solver.rtol */
  double wanted = 10 * fmax(p->settings->solver.rtol, reached) * p->initial_residual;
  bool real = 0.1 * form.floor < p->initial_residual; /* rounding would not excuse everything */
  bool solved = form.residual <= wanted || (real && (form.residual <= form.floor || (p->linear.at_rounding && !p->singular)));
  p->valid = form.mismatch <= MAX_MISMATCH && solved;
  if (p->valid) return GKT_OK;
  if (form.mismatch > MAX_MISMATCH)
    snprintf(p->reason, sizeof p->reason,
             "the equation is not solved, though its linear system is: R(u) differs from A u - b by %.3g of what it is summed from, |R(u)|/|R(g)| = %.3g; it is not linear in "
             "'%s', and its derivative does not show it",
             form.mismatch, relative, name);
  else
    snprintf(p->reason, sizeof p->reason, "the equation is not solved: |R(u)|/|R(g)| = %.3g by the form itself%s", relative,
             p->singular ? "; what the kernel leaves open was so large that its rounding hid the load, which has no solution then, or hardly one"
             : !real     ? "; rounding in its terms, which nearly cancel, is larger than its load"
                         : "");
  return GKT_OK;
}

static gkt_status compute(gkt_problem *p, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  if (gkt_is_finite(n, b) && gkt_is_finite(p->matrix->row_offsets[n], p->matrix->vals)) return solve_system(p, b, load, d);
  return gkt_problem_explain_nonfinite(p, &p->inputs, "");
}

static gkt_status solve_linear(gkt_problem *p) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  gkt_scalar *b = NULL, *d = NULL, *load = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *d, &d));
  GKT_GO(assemble(p, b, &load));
  GKT_GO(compute(p, b, load, d));
  for (gkt_idx i = 0; i < n; i++) p->values[p->field][i] += d[i];
  if (p->singular && p->valid) {
    GKT_GO(gkt_problem_fix_kernel(p));
    memcpy(d, p->values[p->field], (size_t)n * sizeof *d); /* nothing is constrained */
  }
  if (p->valid) GKT_GO(judge_form(p, b, d));
  GKT_GO(free_residual(p, b, &p->final_residual));
done:
  gkt_free(&b);
  gkt_free(&d);
  gkt_free(&load);
  return status;
}

gkt_status gkt_problem_solve(gkt_problem *p) { return p->is_nonlinear ? gkt_problem_newton(p) : solve_linear(p); }
