/* What solves of one system keep for the next one, in steps in time, along paths and of many sets of data: a linear solver with what the pattern decides, symbolic factors and
   coarse grids, for a linear system as for all steps of Newton's method; of a linear one whose tangent cannot have changed also matrix, preconditioner or factor. */
#include <string.h>

#include "core/vector.h"
#include "solvers/linear.h"
#include "systems/device.h"

void gkt_system_forget(gkt_system *s) {
  gkt_linear_solver_destroy(&s->kept.solver);
  gkt_free(&s->kept.petsc_options);
  gkt_free(&s->kept.blocks);
  gkt_vector_destroy(&s->kept.at);
  gkt_vector_destroy(&s->kept.latest);
  gkt_projection_clear(&s->kept.projection);
  s->kept.fits = s->kept.fits_at = s->kept.has_no_past = false;
}

void gkt_system_forget_past(gkt_system *s) {
  s->kept.projection.count = 0;
  if (!s->kept.is_plain) gkt_system_forget(s);
  s->kept.has_no_past = true;
}

/* On a device what nothing fixes is looked for in each matrix. */
bool gkt_solution_keeps(const gkt_solution *o) {
  return (o->s->num_stages > 0 || o->options->keep_solver || o->s->kept.wanted) && !(o->facts.singular && gkt_solution_is_on_device(o));
}

/* ---- is it the same problem? ---- */
static bool are_equal(const gkt_linear_options *a, const gkt_linear_options *b) {
  const char *p = a->petsc_options ? a->petsc_options : "", *q = b->petsc_options ? b->petsc_options : "";
  return a->method == b->method && a->rtol == b->rtol && a->max_iterations == b->max_iterations && !strcmp(p, q) && a->progress == b->progress &&
         a->progress_user == b->progress_user;
}

static bool blocks_are_equal(const gkt_block_facts *a, const gkt_block_facts *b) {
  return a->symmetric == b->symmetric && a->positive == b->positive && a->elliptic == b->elliptic && a->multiplier == b->multiplier && a->near_null == b->near_null &&
         !a->schur == !b->schur;
}

/* The blocks of the facts are the system's, and always those of now. */
static bool facts_are_equal(const gkt_kept *k, const gkt_system_facts *f) {
  bool same = k->facts.symmetric == f->symmetric && k->facts.positive == f->positive && k->facts.elliptic == f->elliptic && k->facts.near_null == f->near_null &&
              k->facts.singular == f->singular && k->facts.reused == f->reused;
  for (int b = 0; b < f->num_blocks; b++) same = same && blocks_are_equal(&k->blocks[b], &f->blocks[b]);
  return same;
}

static gkt_status remember(gkt_solution *o, const gkt_linear_options *options) {
  gkt_kept *k = &o->s->kept;
  k->options = *options, k->options.load = NULL, k->facts = o->facts;
  if (options->petsc_options) GKT_TRY(gkt_strdup(o->s->ctx, options->petsc_options, &k->petsc_options));
  k->options.petsc_options = k->petsc_options;
  GKT_TRY(gkt_calloc(o->s->ctx, o->facts.num_blocks, sizeof *k->blocks, &k->blocks));
  for (int b = 0; b < o->facts.num_blocks; b++) k->blocks[b] = o->facts.blocks[b];
  return GKT_OK;
}

/* A solver of another problem goes; what the next one is made for is remembered. */
static gkt_status look_at_kept(gkt_solution *o, const gkt_csr *A, const gkt_linear_options *options) {
  gkt_kept *k = &o->s->kept;
  if (k->solver && k->A == A && are_equal(&k->options, options) && facts_are_equal(k, &o->facts)) return GKT_OK;
  gkt_system_forget(o->s);
  k->A = A;
  return remember(o, options);
}

/* ---- solves ---- */
/* Not of sets of data, of which none is to see another; on the host. */
static bool projects_for(const gkt_solution *o, const gkt_csr *A) {
  return A->where == GKT_ON_HOST && o->facts.symmetric && o->facts.positive && !o->facts.singular && o->s->is_constant && !o->s->kept.wanted;
}

/* For A as it is now. */
static gkt_status make_solver(gkt_solution *o, const gkt_csr *A, const gkt_linear_options *options, bool *is_new) {
  gkt_kept *k = &o->s->kept;
  if (k->has_no_past && !o->is_kept) gkt_system_forget(o->s);
  k->has_no_past = k->has_no_past && o->is_kept;
  GKT_TRY(look_at_kept(o, A, options));
  *is_new = !k->solver;
  if (*is_new) GKT_TRY(gkt_linear_solver_create(o->s->ctx, A, &k->facts, &k->options, &k->solver));
  else if (!o->is_kept) GKT_TRY(gkt_linear_solver_update(k->solver));
  if (!o->is_kept) k->projection.count = 0;
  return GKT_OK;
}

static void note_fit(const gkt_solution *o, bool is_new, const gkt_linear_report *report) {
  const gkt_system *s = o->s;
  gkt_kept *k = &o->s->kept;
  k->is_plain = is_new ? report->setups <= 1 : k->is_plain && o->is_kept && report->setups == 0;
  k->fits = report->converged && s->is_constant && !(s->num_stages && s->stages[0].weighs_rows);
}

/* Is a solution worth keeping as a part of guesses? Those of a factor are for steady problems, whose adjoint may be a multiple of it. */
static bool is_to_project(const gkt_solution *o, const gkt_linear_report *report) {
  return report->converged && (report->iterations > 0 || (o->s->num_stages == 0 && o->s->kept.projection.count == 0));
}

/* Of a solution on the device, of which an adjoint may be a multiple. */
static gkt_status keep_latest(gkt_solution *o, const gkt_csr *A, const gkt_scalar *x) {
  gkt_system *s = o->s;
  if (A->where != GKT_ON_DEVICE || !o->facts.symmetric || o->facts.singular || s->num_stages || s->kept.wanted) return GKT_OK;
  if (!s->kept.latest) GKT_TRY(gkt_vector_create_on(s->ctx, GKT_ON_DEVICE, gkt_system_num_dofs(s), &s->kept.latest));
  return gkt_device_copy(s->device->device, x, gkt_vector_address(s->kept.latest), gkt_system_num_dofs(s) * (gkt_size)sizeof *x);
}

typedef gkt_status solve_fn(gkt_linear_solver *, int count, gkt_size stride, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *);
static gkt_status solve_with(gkt_solution *o, const gkt_csr *A, solve_fn *solve, bool repeats, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *options,
                             gkt_linear_report *report) {
  gkt_kept *k = &o->s->kept;
  const gkt_idx n = gkt_system_num_dofs(o->s);
  bool is_new;
  GKT_TRY(make_solver(o, A, options, &is_new));
  const bool projects = projects_for(o, A);
  if (projects) GKT_TRY(gkt_projection_make_room(o->s->ctx, n, &k->projection));
  if (projects) gkt_projection_guess(&k->projection, n, b, x);
  gkt_linear_solver_set_load(k->solver, options->load);
  gkt_linear_solver_repeat(k->solver, repeats, projects ? gkt_projection_residual(&k->projection, n) : NULL);
  gkt_status status = solve(k->solver, 1, n, b, x, report);
  gkt_linear_solver_repeat(k->solver, false, NULL);
  GKT_TRY(status);
  if (projects && is_to_project(o, report)) gkt_projection_add(n, b, x, gkt_linear_solver_residual(k->solver), &k->projection);
  if (report->converged && report->iterations) GKT_TRY(keep_latest(o, A, x));
  note_fit(o, is_new, report);
  return GKT_OK;
}

gkt_status gkt_solution_solve_kept(gkt_solution *o, const gkt_csr *A, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *options, gkt_linear_report *report) {
  return solve_with(o, A, gkt_linear_solver_solve, o->s->num_stages > 0, b, x, options, report);
}

/* A is of the place where the system is solved. What nothing fixes is, on a device, looked for in each matrix. */
gkt_status gkt_solution_solve_tangent(gkt_solution *o, const gkt_csr *A, bool transposed, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *options,
                                      gkt_linear_report *report) {
  GKT_TRY(solve_with(o, A, transposed ? gkt_linear_solver_solve_transposed : gkt_linear_solver_solve, true, b, x, options, report));
  o->s->kept.fits = o->s->kept.fits && !(o->facts.singular && gkt_solution_is_on_device(o));
  return GKT_OK;
}

gkt_status gkt_solution_newton_kept(gkt_solution *o, const gkt_nonlinear_system *system, gkt_csr *A, gkt_vector *u) {
  gkt_kept *k = &o->s->kept;
  GKT_TRY(look_at_kept(o, A, &o->options->newton.linear));
  k->is_plain = false;
  return gkt_nonlinear_solve_kept(o->s->ctx, system, &k->facts, A, u, &o->options->newton, &k->solver, &o->report->newton);
}
