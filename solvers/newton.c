/* One load step by PETSc's SNES. What it calls is ours: the residual, the tangent, the linear solve (a PCSHELL under KSPPREONLY, so that choice, fall-backs and reports of
   gkt_linear_solver hold for every step), the rules of acceptance (newton_lines.c), the test. Under these rules SNES needs no values: its vectors have one entry, of which the
   length of F is all that it reads, to print (newton_vectors.c). */
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

static gkt_status look_at_rounding(gkt_newton *s) {
  s->at_rounding = gkt_newton_is_rounding(s);
  return s->at_rounding ? gkt_newton_rows_are_rounding(s, &s->at_rounding) : GKT_OK;
}

/* At rounding: a residual that the sums it comes from cannot tell from 0. Large sums in one place would excuse what is unsolved in another, so it must hold row by row as long as
   there is something else to try. The more careful estimate costs more, so it is made only where Newton's steps have ceased to help. Where the guess was the solution, all there is
   is rounding, and they never do. */
static gkt_status look_at_floor(gkt_newton *s, double before) {
  if (!s->arrived || s->over) return GKT_OK;
  if (s->norm > 0.5 * before && (s->norm < 1e-4 * s->first || s->careful == 0)) GKT_TRY(gkt_newton_floor(s, false));
  if (s->careful > 0 && s->norm <= s->floor && s->floor >= s->size) GKT_TRY(gkt_newton_floor(s, true));
  GKT_TRY(look_at_rounding(s));
  if (!s->at_rounding || s->careful == 0) return GKT_OK;
  GKT_TRY(gkt_newton_floor(s, true)); /* one of a state before, far off, would excuse anything */
  return look_at_rounding(s);
}

/* A first residual that a far guess makes large says nothing of the solution, so it is asked how far that still is: the next correction is about the last one times what the
   residual gained by it, unless that was so long that the tangent is another one now. Of the size of u, or of rounding beside the longest way there was, where the solution is 0.
 */
static bool is_far(gkt_newton *s, double before) {
  double length = s->lengths[0], left = s->norm / before * length;
  s->longest = fmax(s->longest, length);
  double size = fmax(gkt_vector_norm(s->u), 1e-12 * s->longest);
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
  s->scaled = s->norm > 0;
  if (iteration > 0) GKT_TRY(gkt_newton_scaled(s, &s->scaled));
  s->small = s->arrived && (s->norm <= s->asked.atol || (s->norm <= s->asked.rtol * s->first && s->scaled <= s->asked.rtol));
  s->small = s->small && !(iteration && is_far(s, before));
  *met = s->small && !is_slow(s, iteration);
  if (!*met) GKT_TRY(gkt_newton_prepare(s));
  if (!*met && !s->over) GKT_TRY(gkt_newton_look_at_rows(s, iteration == 0));
  if (iteration == 0 && !*met) GKT_TRY(gkt_newton_first_rows(s));
  if (iteration == 0 && !*met && !s->over) s->first = gkt_vector_norm(s->b), gkt_newton_path_first(s);
  GKT_TRY(gkt_newton_note(s, iteration, iteration ? s->norm : s->first));
  if (s->report->cancelled) return *met = false, GKT_OK;
  return *met ? GKT_OK : look_at_floor(s, before);
}

/* What has become of u and F: conditions have arrived where nothing but rounding is left of their way. */
static gkt_status look_at_state(gkt_newton *s) {
  GKT_TRY(gkt_newton_snap(s));
  s->norm = gkt_vector_norm(s->f);
  s->prepared = false;
  return GKT_OK;
}

static PetscErrorCode exchange(gkt_newton *s, SNES snes, PetscErrorCode (*way)(gkt_newton *, Vec, Vec)) {
  Vec u, f;
  PetscErrorCode code = SNESGetSolution(snes, &u);
  if (code == 0) code = SNESGetFunction(snes, &f, NULL, NULL);
  return code != 0 ? code : way(s, u, f);
}

static PetscErrorCode test(SNES snes, PetscInt iteration, PetscReal x, PetscReal step, PetscReal f, SNESConvergedReason *reason, void *user) {
  gkt_newton *s = user;
  bool met = false;
  (void)snes, (void)x, (void)step, (void)f;
  if (s->report->cancelled) return *reason = SNES_DIVERGED_LINE_SEARCH, 0;
  PetscErrorCode code = iteration > 0 ? exchange(s, snes, gkt_newton_take) : 0;
  if (code == 0 && iteration > 0) code = gkt_newton_carry(s, look_at_state(s));
  if (code == 0 && iteration > 0) code = exchange(s, snes, gkt_newton_show);
  if (code == 0) code = gkt_newton_carry(s, judge(s, (int)iteration, &met));
  s->saw_admissible = s->saw_finite = false;
  *reason = met || s->at_rounding ? SNES_CONVERGED_FNORM_RELATIVE : s->over ? SNES_DIVERGED_LINE_SEARCH : SNES_CONVERGED_ITERATING;
  if (*reason == SNES_CONVERGED_ITERATING && iteration >= s->asked.max_iterations) *reason = SNES_DIVERGED_MAX_IT; /* some versions ask once only where it is 0 */
  return code;
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
  s->is_seen = strncmp(name, "gkt_", 4) != 0;
  if (s->is_seen && s->system->path)
    GKT_GO(gkt_fail(s->petsc.ctx, GKT_UNAVAILABLE, "PETSc options: %s does not know of t, which is unknown on a path; expected gkt_natural or gkt_full", name));
  if (s->is_seen && s->A->where == GKT_ON_DEVICE)
    GKT_GO(gkt_fail(s->petsc.ctx, GKT_UNAVAILABLE,
                    "PETSc options: %s looks at values of the host, but they stand on the device; expected one of gkt_energy, gkt_natural, gkt_residual, gkt_full", name));
  snprintf(s->report->accept, sizeof s->report->accept, "%s", s->is_seen ? name : name + 4);
  if (ours && !strcmp(type, gkt_newton_line(GKT_ACCEPT_ENERGY)) && !s->system->energy)
    GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -snes_linesearch_type %s: the system has no energy", type));
done:
  return status;
}

/* The choice, then the user's options, which win; the test stays ours. */
static gkt_status set_up_methods(gkt_newton *s, const gkt_newton_parts *p) {
  gkt_status status = GKT_OK;
  SNESLineSearch line;
  GKT_PETSC(&s->petsc, SNESSetType(p->snes, SNESNEWTONLS));
  GKT_PETSC(&s->petsc, SNESSetTolerances(p->snes, 0, 0, 0, s->asked.max_iterations, 1000000));
  GKT_GO(gkt_newton_set_linear(s, p));
  GKT_PETSC(&s->petsc, SNESGetLineSearch(p->snes, &line));
  GKT_PETSC(&s->petsc, SNESLineSearchSetType(line, gkt_newton_line(s->asked.accept)));
  GKT_PETSC(&s->petsc, SNESSetOptionsPrefix(p->snes, s->options.prefix));
  GKT_PETSC(&s->petsc, SNESSetFromOptions(p->snes));
  GKT_PETSC(&s->petsc, SNESSetConvergenceTest(p->snes, test, s, NULL));
  GKT_GO(look_at_rule(s, p->snes));
done:
  return gkt_petsc_options_blame(&s->options, status);
}

static gkt_status set_up(gkt_newton *s, gkt_newton_parts *p) {
  gkt_status status = GKT_OK;
  GKT_PETSC(&s->petsc, SNESCreate(PETSC_COMM_SELF, &p->snes));
  GKT_PETSC(&s->petsc, SNESSetApplicationContext(p->snes, s));
  GKT_GO(set_up_methods(s, p));
  GKT_GO(gkt_newton_set_vectors(s, p));
done:
  return status;
}

/* || A_fc (target - u) || / || target - u ||: what the way of the conditions takes in forces. */
static void weigh_conditions(gkt_newton *s) {
  double way = gkt_newton_way(s), forces = gkt_vector_norm(s->jump);
  s->weight = forces > 0 && way > 0 && isfinite(forces / way) ? forces / way : 1;
}

/* A callback's own failure has its message; PETSc's has PETSc's. */
static gkt_status run(gkt_newton *s, const gkt_newton_parts *p) {
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
  gkt_newton_parts p = {0};
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
