/* One load step by PETSc's SNES. What it calls is ours: the residual, the tangent, the linear solve (a PCSHELL under KSPPREONLY, so that choice, fall-backs and reports of
   gkt_linear_solver hold for every step), the rules of acceptance (newton_lines.c), the test. Its unknowns are all dofs: constrained ones have the equation w (u - target) = 0, so
   that any method of PETSc's carries them to their values; u and F live in arrays of ours that its vectors wrap. */
#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/newton.h"

PetscErrorCode gkt_newton_carry(gkt_newton *s, gkt_status status) {
  if (status == GKT_OK) return 0;
  s->status = status;
  return PETSC_ERR_USER;
}

/* SNES asks first where F(u) is known, as a rule in the vector's own array. */
static PetscErrorCode residual(SNES snes, Vec x, Vec f, void *user) {
  gkt_newton *s = user;
  const PetscScalar *u = NULL;
  PetscScalar *values = NULL;
  double norm = 0;
  PetscErrorCode code = VecGetArrayRead(x, &u);
  (void)snes;
  if (code == 0) code = VecGetArray(f, &values);
  if (code != 0) return code;
  if (!s->begun) memmove(values, s->f, (size_t)s->n * sizeof *values), gkt_newton_add_conditions(s, u, values);
  else code = gkt_newton_carry(s, gkt_newton_visit(s, u, values, &norm));
  s->begun = true;
  for (gkt_idx i = 0; i < s->n && !isfinite(norm); i++) values[i] = NAN; /* not admissible: nothing was written */
  if (code == 0) code = VecRestoreArray(f, &values);
  return code != 0 ? code : VecRestoreArrayRead(x, &u);
}

static PetscErrorCode tangent(SNES snes, Vec x, Mat A, Mat P, void *user) {
  (void)snes, (void)x, (void)A, (void)P;
  return gkt_newton_carry(user, gkt_newton_prepare(user));
}

/* y = -d, of F in f */
static PetscErrorCode correct(PC pc, Vec f, Vec y) {
  gkt_newton *s;
  const PetscScalar *given;
  PetscScalar *values;
  PetscErrorCode code = PCShellGetContext(pc, (void **)&s);
  if (code == 0) code = VecGetArrayRead(f, &given);
  if (code == 0) code = gkt_newton_carry(s, s->over ? GKT_OK : gkt_newton_step(s, given));
  if (code == 0) code = VecRestoreArrayRead(f, &given);
  if (code == 0) code = VecGetArray(y, &values);
  if (code != 0) return code;
  for (gkt_idx i = 0; i < s->n; i++) values[i] = s->over ? 0 : -s->d[i];
  return VecRestoreArray(y, &values);
}

/* y = J x or J' x for methods of PETSc that ask for it: with the columns of constrained dofs, which are gone from A once it is prepared. */
static gkt_status multiply(gkt_newton *s, bool transposed, const PetscScalar *x, PetscScalar *y) {
  GKT_TRY(gkt_newton_ask_tangent(s));
  for (gkt_idx i = 0; i < s->n; i++) y[i] = gkt_newton_is_free(s, i) ? 0 : s->weight * x[i];
  for (gkt_idx i = 0; i < s->n; i++)
    for (gkt_idx k = s->A->row_offsets[i]; gkt_newton_is_free(s, i) && k < s->A->row_offsets[i + 1]; k++) {
      gkt_idx j = s->A->cols[k];
      y[transposed ? j : i] += s->A->vals[k] * x[transposed ? i : j];
    }
  GKT_OUTSIDE(s, s->system->eliminate(s->system->user, s->A));
  return GKT_OK;
}

static PetscErrorCode multiply_vectors(Mat A, Vec x, Vec y, bool transposed) {
  gkt_newton *s;
  const PetscScalar *from;
  PetscScalar *to;
  PetscErrorCode code = MatShellGetContext(A, (void *)&s);
  if (code == 0) code = VecGetArrayRead(x, &from);
  if (code == 0) code = VecGetArray(y, &to);
  if (code == 0) code = gkt_newton_carry(s, multiply(s, transposed, from, to));
  if (code == 0) code = VecRestoreArray(y, &to);
  return code != 0 ? code : VecRestoreArrayRead(x, &from);
}

static PetscErrorCode multiply_by(Mat A, Vec x, Vec y) { return multiply_vectors(A, x, y, false); }
static PetscErrorCode multiply_by_transposed(Mat A, Vec x, Vec y) { return multiply_vectors(A, x, y, true); }

/* At rounding: a residual that the sums it comes from cannot tell from 0. Large sums in one place would excuse what is unsolved in another, so it must hold row by row as long as
   there is something else to try. The more careful estimate costs more, so it is made only where Newton's steps have ceased to help. Where the guess was the solution, all there is
   is rounding, and they never do. */
static gkt_status look_at_floor(gkt_newton *s, double before) {
  if (!s->arrived || s->over) return GKT_OK;
  if (s->norm > 0.5 * before && (s->norm < 1e-4 * s->first || s->careful == 0)) GKT_TRY(gkt_newton_floor(s, false));
  if (s->careful > 0 && s->norm <= s->floor && s->floor >= s->size) GKT_TRY(gkt_newton_floor(s, true));
  s->at_rounding = gkt_newton_is_rounding(s) && gkt_newton_rows_are_rounding(s);
  if (!s->at_rounding || s->careful == 0) return GKT_OK;
  GKT_TRY(gkt_newton_floor(s, true)); /* one of a state before, far off, would excuse anything */
  s->at_rounding = gkt_newton_is_rounding(s) && gkt_newton_rows_are_rounding(s);
  return GKT_OK;
}

/* A first residual that a far guess makes large says nothing of the solution, so it is asked how far that still is: the next correction is about the last one times what the
   residual gained by it, unless that was so long that the tangent is another one now. Of the size of u, or of rounding beside the longest way there was, where the solution is 0.
 */
static bool is_far(gkt_newton *s, double before) {
  double length = s->lengths[0], left = s->norm / before * length;
  s->longest = fmax(s->longest, length);
  double size = fmax(gkt_norm(s->n, s->u, NULL), 1e-12 * s->longest);
  return s->norm > s->asked.atol && (left > 1e-6 * size || length > 3 * size);
}

/* Far from the solution Newton's steps gain a fixed part each: one of the last two must have gained two digits; where none ever does (degenerate solutions), the last state counts
   all the same. */
static bool is_slow(const gkt_newton *s, int iteration) {
  const double *history = s->report->history, fast = 1e-2;
  int last = s->report->num_history - 1;
  if (iteration == 0 || s->norm <= s->asked.atol || s->norm <= fast * history[last]) return false;
  return iteration == 1 || history[last] > fast * history[last - 1];
}

static gkt_status judge(gkt_newton *s, int iteration, bool *met) {
  double before = iteration ? s->report->history[s->report->num_history - 1] : INFINITY;
  if (iteration == 0) s->first = s->norm;
  s->scaled = iteration ? gkt_newton_scaled(s) : s->norm > 0;
  s->small = s->arrived && (s->norm <= s->asked.atol || (s->norm <= s->asked.rtol * s->first && s->scaled <= s->asked.rtol));
  s->small = s->small && !(iteration && is_far(s, before));
  *met = s->small && !is_slow(s, iteration);
  if (!*met) GKT_TRY(gkt_newton_prepare(s));
  if (!*met && !s->over) gkt_newton_look_at_rows(s, iteration == 0);
  if (iteration == 0 && !*met) gkt_newton_first_rows(s);
  if (iteration == 0 && !*met && !s->over) s->first = gkt_newton_norm(s, s->b);
  GKT_TRY(gkt_newton_note(s, iteration, iteration ? s->norm : s->first));
  if (s->report->cancelled) return *met = false, GKT_OK;
  return *met ? GKT_OK : look_at_floor(s, before);
}

/* What SNES has made of u and F: conditions have arrived where nothing but rounding is left of their way. */
static void look_at_state(gkt_newton *s) {
  s->arrived = true;
  for (gkt_idx i = 0; i < s->n; i++) {
    if (gkt_newton_is_free(s, i) || s->u[i] == s->target[i]) continue;
    if (fabs(s->u[i] - s->target[i]) <= 4 * DBL_EPSILON * fmax(fabs(s->target[i]), fabs(s->kept[i]))) s->u[i] = s->target[i], s->f[i] = 0;
    else s->arrived = false;
  }
  s->norm = gkt_newton_norm(s, s->f);
  s->prepared = false;
}

static PetscErrorCode test(SNES snes, PetscInt iteration, PetscReal x, PetscReal step, PetscReal f, SNESConvergedReason *reason, void *user) {
  gkt_newton *s = user;
  bool met = false;
  (void)snes, (void)x, (void)step, (void)f;
  if (s->report->cancelled) return *reason = SNES_DIVERGED_LINE_SEARCH, 0;
  if (iteration > 0) look_at_state(s);
  PetscErrorCode code = gkt_newton_carry(s, judge(s, (int)iteration, &met));
  s->saw_admissible = s->saw_finite = false;
  *reason = met || s->at_rounding ? SNES_CONVERGED_FNORM_RELATIVE : s->over ? SNES_DIVERGED_LINE_SEARCH : SNES_CONVERGED_ITERATING;
  if (*reason == SNES_CONVERGED_ITERATING && iteration >= s->asked.max_iterations) *reason = SNES_DIVERGED_MAX_IT; /* some versions ask once only where it is 0 */
  return code;
}

typedef struct {
  SNES snes;
  Mat A;
  Vec u, f;
} parts;

static gkt_status set_up_linear(gkt_newton *s, const parts *p) {
  gkt_status status = GKT_OK;
  KSP ksp;
  PC pc;
  GKT_PETSC(&s->petsc, SNESGetKSP(p->snes, &ksp));
  GKT_PETSC(&s->petsc, KSPSetType(ksp, KSPPREONLY));
  GKT_PETSC(&s->petsc, KSPGetPC(ksp, &pc));
  GKT_PETSC(&s->petsc, PCSetType(pc, PCSHELL));
  GKT_PETSC(&s->petsc, PCShellSetContext(pc, s));
  GKT_PETSC(&s->petsc, PCShellSetApply(pc, correct));
done:
  return status;
}

/* The rule in use, by its name; one that the options name may need an energy. */
static gkt_status look_at_rule(gkt_newton *s, SNES snes) {
  gkt_status status = GKT_OK;
  SNESType method;
  SNESLineSearch line;
  SNESLineSearchType type = NULL;
  GKT_PETSC(&s->petsc, SNESGetType(snes, &method));
  GKT_PETSC(&s->petsc, SNESGetLineSearch(snes, &line));
  GKT_PETSC(&s->petsc, SNESLineSearchGetType(line, &type));
  bool ours = !strcmp(method, SNESNEWTONLS) && type;
  const char *name = ours ? type : method;
  snprintf(s->report->accept, sizeof s->report->accept, "%s", !strncmp(name, "gkt_", 4) ? name + 4 : name);
  if (ours && !strcmp(type, gkt_newton_line(GKT_ACCEPT_ENERGY)) && !s->system->energy)
    GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -snes_linesearch_type %s: the system has no energy", type));
done:
  return status;
}

/* The choice, then the user's options, which win; the test stays ours. */
static gkt_status set_up_methods(gkt_newton *s, const parts *p) {
  gkt_status status = GKT_OK;
  SNESLineSearch line;
  GKT_PETSC(&s->petsc, SNESSetType(p->snes, SNESNEWTONLS));
  GKT_PETSC(&s->petsc, SNESSetTolerances(p->snes, 0, 0, 0, s->asked.max_iterations, 1000000));
  GKT_GO(set_up_linear(s, p));
  GKT_PETSC(&s->petsc, SNESGetLineSearch(p->snes, &line));
  GKT_PETSC(&s->petsc, SNESLineSearchSetType(line, gkt_newton_line(s->asked.accept)));
  GKT_PETSC(&s->petsc, SNESSetOptionsPrefix(p->snes, s->options.prefix));
  GKT_PETSC(&s->petsc, SNESSetFromOptions(p->snes));
  GKT_PETSC(&s->petsc, SNESSetConvergenceTest(p->snes, test, s, NULL));
  GKT_GO(look_at_rule(s, p->snes));
done:
  return status == GKT_LIBRARY && s->options.num_names ? GKT_BAD_INPUT : status;
}

static gkt_status set_up(gkt_newton *s, parts *p) {
  gkt_status status = GKT_OK;
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->n, s->u, &p->u));
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->n, s->f, &p->f));
  GKT_PETSC(&s->petsc, MatCreateShell(PETSC_COMM_SELF, s->n, s->n, s->n, s->n, s, &p->A));
  GKT_PETSC(&s->petsc, MatShellSetOperation(p->A, MATOP_MULT, (void (*)(void))multiply_by));
  GKT_PETSC(&s->petsc, MatShellSetOperation(p->A, MATOP_MULT_TRANSPOSE, (void (*)(void))multiply_by_transposed));
  GKT_PETSC(&s->petsc, SNESCreate(PETSC_COMM_SELF, &p->snes));
  GKT_PETSC(&s->petsc, SNESSetApplicationContext(p->snes, s));
  GKT_PETSC(&s->petsc, SNESSetFunction(p->snes, p->f, residual, s));
  GKT_PETSC(&s->petsc, SNESSetJacobian(p->snes, p->A, p->A, tangent, s));
  GKT_GO(set_up_methods(s, p));
done:
  return status;
}

/* || A_fc (target - u) || / || target - u ||: what the way of the conditions takes in forces. */
static void weigh_conditions(gkt_newton *s) {
  double way = 0, forces = gkt_newton_norm(s, s->jump);
  for (gkt_idx i = 0; i < s->n; i++) way = gkt_newton_is_free(s, i) ? way : hypot(way, s->target[i] - s->u[i]);
  s->weight = forces > 0 && way > 0 && isfinite(forces / way) ? forces / way : 1;
}

/* A callback's own failure has its message; PETSc's has PETSc's. */
static gkt_status run(gkt_newton *s, const parts *p) {
  s->begun = s->saw_admissible = s->saw_finite = false, s->weight = 1;
  if (!s->arrived) GKT_TRY(gkt_newton_prepare(s));
  GKT_TRY(gkt_newton_scale_once(s));
  if (!s->arrived) weigh_conditions(s);
  PetscErrorCode code = SNESSolve(p->snes, NULL, p->u);
  if (s->status != GKT_OK) return s->status;
  return gkt_petsc_status(&s->petsc, code);
}

/* Where no step helps any more: methods of PETSc say so with a reason of theirs. */
static gkt_status conclude(gkt_newton *s, SNESConvergedReason reason) {
  if (s->over) return GKT_OK;
  s->end = GKT_NEWTON_CONVERGED;
  if (s->small || s->at_rounding) return GKT_OK;
  if (reason != SNES_DIVERGED_MAX_IT) return gkt_newton_fail(s);
  s->end = GKT_NEWTON_ITERATIONS;
  return GKT_OK;
}

gkt_status gkt_newton_solve(gkt_newton *s) {
  parts p = {0};
  gkt_status status;
  SNESConvergedReason reason;
  GKT_GO(set_up(s, &p));
  GKT_GO(run(s, &p));
  GKT_PETSC(&s->petsc, SNESGetConvergedReason(p.snes, &reason));
  GKT_GO(conclude(s, reason));
done:
  (void)!SNESDestroy(&p.snes);
  (void)!MatDestroy(&p.A);
  (void)!VecDestroy(&p.f);
  (void)!VecDestroy(&p.u);
  return status;
}
