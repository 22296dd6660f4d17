/* One load step by PETSc's SNES (newtonls): it drives, what it calls is ours: residual, tangent, the linear solve (a PCSHELL under KSPPREONLY, so that choice, fall-backs and
   reports of gkt_linear_solve hold for every step), the line search, the test. SNES sees -d, F and lengths; u and F live in arrays of ours that its vectors wrap. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/newton.h"

/* A failure of ours stops SNES; its status is kept. */
static PetscErrorCode carry(gkt_newton *s, gkt_status status) {
  if (status == GKT_OK) return 0;
  s->status = status;
  return PETSC_ERR_USER;
}

/* SNES asks once, at the start, where F(u) is known, as a rule in the vector's own array. */
static PetscErrorCode residual(SNES snes, Vec x, Vec f, void *user) {
  const gkt_newton *s = user;
  PetscScalar *values;
  PetscErrorCode code = VecGetArray(f, &values);
  (void)snes, (void)x;
  if (code != 0) return code;
  memmove(values, s->f, (size_t)s->n * sizeof *values);
  return VecRestoreArray(f, &values);
}

static PetscErrorCode tangent(SNES snes, Vec x, Mat A, Mat P, void *user) {
  (void)snes, (void)x, (void)A, (void)P;
  return carry(user, gkt_newton_prepare(user));
}

/* y = -d */
static PetscErrorCode correct(PC pc, Vec f, Vec y) {
  gkt_newton *s;
  PetscScalar *values;
  PetscErrorCode code = PCShellGetContext(pc, (void **)&s);
  (void)f;
  if (code == 0) code = carry(s, s->over ? GKT_OK : gkt_newton_step(s));
  if (code == 0) code = VecGetArray(y, &values);
  if (code != 0) return code;
  for (gkt_idx i = 0; i < s->n; i++) values[i] = s->over ? 0 : -s->d[i];
  return VecRestoreArray(y, &values);
}

/* Tells PETSc that the array behind a vector has changed. */
static PetscErrorCode touch(Vec v) {
  PetscScalar *values;
  PetscErrorCode code = VecGetArray(v, &values);
  return code != 0 ? code : VecRestoreArray(v, &values);
}

static PetscErrorCode search(SNESLineSearch line, void *user) {
  gkt_newton *s = user;
  SNES snes;
  Vec u, f, d, w, g;
  PetscErrorCode code = SNESLineSearchGetSNES(line, &snes);
  if (code == 0 && !s->over) code = carry(s, gkt_newton_search(s));
  if (code == 0) code = SNESLineSearchGetVecs(line, &u, &f, &d, &w, &g);
  if (code == 0) code = touch(u);
  if (code == 0) code = touch(f);                                    /* both changed in place */
  if (code == 0) code = SNESLineSearchSetNorms(line, 1, s->norm, 1); /* lengths of u and d serve tests that are off */
  if (code != 0 || !s->over) return code;
  return SNESSetConvergedReason(snes, SNES_DIVERGED_LINE_SEARCH);
}

/* At rounding: a residual that the sums it comes from cannot tell from 0. Large sums in one place would excuse what is unsolved in another, so it must hold row by row as long as
   there is something else to try. The more careful estimate costs more, so it is made only where Newton's steps have ceased to help. */
static gkt_status look_at_floor(gkt_newton *s, double before) {
  if (!s->arrived || s->over) return GKT_OK;
  if (s->norm > 0.5 * before && s->norm < 1e-4 * s->first) GKT_TRY(gkt_newton_floor(s, false));
  s->at_rounding = gkt_newton_is_rounding(s) && gkt_newton_rows_are_rounding(s);
  return GKT_OK;
}

/* Far from the solution Newton's steps gain a fixed part each. A first residual that a far guess makes large would let rtol end there, so one of the last two steps must have
   gained two digits; where none ever does (degenerate solutions), the last state counts all the same. */
static bool is_slow(const gkt_newton *s, int iteration) {
  const double *history = s->report->history, fast = 1e-2;
  int last = s->report->num_history - 1;
  if (iteration == 0 || s->norm <= s->asked.atol || s->norm <= fast * history[last]) return false;
  return iteration == 1 || history[last] > fast * history[last - 1];
}

static gkt_status judge(gkt_newton *s, int iteration, bool *met) {
  double before = iteration ? s->report->history[s->report->num_history - 1] : INFINITY;
  if (iteration == 0) s->first = s->norm;
  s->small = s->arrived && s->norm <= fmax(s->asked.rtol * s->first, s->asked.atol);
  *met = s->small && !is_slow(s, iteration);
  if (!*met) GKT_TRY(gkt_newton_prepare(s));
  if (iteration == 0 && !*met && !s->over) s->first = gkt_newton_norm(s, s->b);
  GKT_TRY(gkt_newton_note(s, iteration, iteration ? s->norm : s->first));
  return *met ? GKT_OK : look_at_floor(s, before);
}

static PetscErrorCode test(SNES snes, PetscInt iteration, PetscReal x, PetscReal step, PetscReal f, SNESConvergedReason *reason, void *user) {
  gkt_newton *s = user;
  bool met = false;
  PetscErrorCode code = carry(s, judge(s, (int)iteration, &met));
  (void)snes, (void)x, (void)step, (void)f;
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

static gkt_status set_up_search(gkt_newton *s, const parts *p) {
  gkt_status status = GKT_OK;
  SNESLineSearch line;
  GKT_PETSC(&s->petsc, SNESGetLineSearch(p->snes, &line));
  GKT_PETSC(&s->petsc, SNESLineSearchSetType(line, SNESLINESEARCHSHELL));
#if PETSC_VERSION_LT(3, 21, 0)
  GKT_PETSC(&s->petsc, SNESLineSearchShellSetUserFunc(line, search, s));
#else
  GKT_PETSC(&s->petsc, SNESLineSearchShellSetApply(line, search, s));
#endif
done:
  return status;
}

static gkt_status set_up(gkt_newton *s, parts *p) {
  gkt_status status = GKT_OK;
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->n, s->u, &p->u));
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->n, s->f, &p->f));
  GKT_PETSC(&s->petsc, MatCreateShell(PETSC_COMM_SELF, s->n, s->n, s->n, s->n, s, &p->A));
  GKT_PETSC(&s->petsc, SNESCreate(PETSC_COMM_SELF, &p->snes));
  GKT_PETSC(&s->petsc, SNESSetType(p->snes, SNESNEWTONLS));
  GKT_PETSC(&s->petsc, SNESSetFunction(p->snes, p->f, residual, s));
  GKT_PETSC(&s->petsc, SNESSetJacobian(p->snes, p->A, p->A, tangent, s));
  GKT_PETSC(&s->petsc, SNESSetConvergenceTest(p->snes, test, s, NULL));
  GKT_PETSC(&s->petsc, SNESSetTolerances(p->snes, 0, 0, 0, s->asked.max_iterations, 1000000));
  GKT_GO(set_up_linear(s, p));
  GKT_GO(set_up_search(s, p));
done:
  return status;
}

/* A callback's own failure has its message; PETSc's has PETSc's. */
static gkt_status run(gkt_newton *s, const parts *p) {
  PetscErrorCode code = SNESSolve(p->snes, NULL, p->u);
  if (s->status != GKT_OK) return s->status;
  return gkt_petsc_status(&s->petsc, code);
}

gkt_status gkt_newton_solve(gkt_newton *s) {
  parts p = {0};
  gkt_status status;
  SNESConvergedReason reason;
  GKT_GO(set_up(s, &p));
  GKT_GO(run(s, &p));
  GKT_PETSC(&s->petsc, SNESGetConvergedReason(p.snes, &reason));
  if (!s->over) s->end = reason > 0 ? GKT_NEWTON_CONVERGED : GKT_NEWTON_ITERATIONS;
  if (s->small) s->end = GKT_NEWTON_CONVERGED;
done:
  (void)!SNESDestroy(&p.snes);
  (void)!MatDestroy(&p.A);
  (void)!VecDestroy(&p.f);
  (void)!VecDestroy(&p.u);
  return status;
}
