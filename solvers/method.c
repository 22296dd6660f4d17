/* The method of one attempt: a KSP made of the choice's options and the user's, a description, a monitor, a pass. */
#include <string.h>

#include "solvers/linear.h"
#include "solvers/shell.h"

gkt_status gkt_method_read_options(gkt_solve *s) {
  gkt_status status = GKT_OK;
  PetscReal rtol = s->asked.rtol;
  PetscInt limit = s->asked.max_iterations;
  gkt_petsc_options_begin(&s->petsc, &s->options);
  GKT_GO(gkt_petsc_options_insert(&s->options, s->asked.petsc_options, true));
  GKT_PETSC(&s->petsc, PetscOptionsGetReal(NULL, s->options.prefix, "-ksp_rtol", &rtol, NULL));
  GKT_PETSC(&s->petsc, PetscOptionsGetInt(NULL, s->options.prefix, "-ksp_max_it", &limit, NULL));
  if (!(rtol > 0 && rtol < 1)) GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -ksp_rtol %g: a number between 0 and 1 was expected", (double)rtol));
  s->asked.rtol = rtol, s->asked.max_iterations = (int)limit;
done:
  return gkt_petsc_options_blame(&s->options, status);
}

/* ---- history and progress ---- */
static gkt_status note_residual(gkt_solve *s, double residual) {
  gkt_linear_report *report = s->report;
  int n = report->num_history;
  if ((n & (n - 1)) == 0) GKT_TRY(gkt_realloc(s->petsc.ctx, n ? 2 * (gkt_size)n : 1, sizeof *report->history, &report->history)); /* room for a power of two */
  report->history[report->num_history++] = residual * s->unit / s->right;
  if (s->asked.progress && !s->asked.progress(s->asked.progress_user, n, residual * s->unit / s->right)) s->cancelled = true;
  return GKT_OK;
}

static PetscErrorCode watch(KSP ksp, PetscInt iteration, PetscReal residual, void *user) {
  gkt_solve *s = user;
  (void)ksp;
  if (s->watch_status == GKT_OK && (iteration > 0 || !s->report->num_history)) s->watch_status = note_residual(s, residual);
  return s->watch_status == GKT_OK ? 0 : PETSC_ERR_MEM;
}

/* ---- giving up early: cancelled by the caller; and where another method stands ready, one that would not arrive within its limit at the rate of the last iterations ends ---- */
enum { WINDOW_BY_FIELDS = 100 }; /* of flows with convection the first hundred iterations may gain little */
bool gkt_progress_is_hopeless(gkt_progress *p, int window, int iteration, double norm) {
  if (iteration == 0) p->first = p->before = p->best = norm;
  p->best = fmin(p->best, norm);
  if (iteration == 0 || iteration % window) return false;
  double gained = log(p->before / p->best), wanted = log(p->best / (p->rtol * p->first));
  bool hopeless = iteration >= 2 * window && !(iteration + window * wanted / gained <= p->limit); /* of the first window nothing is held against it */
  p->before = p->best;
  return hopeless && gained >= 0;
}

static bool is_hopeless(gkt_solve *s, int iteration, double norm) { return gkt_progress_is_hopeless(&s->pace, s->choice.split ? WINDOW_BY_FIELDS : GKT_WINDOW, iteration, norm); }

static PetscErrorCode test(KSP ksp, PetscInt iteration, PetscReal norm, KSPConvergedReason *reason, void *user) {
  gkt_solve *s = user;
  PetscCall(s->own.test(ksp, iteration, norm, reason, s->own.context));
  if (*reason == KSP_CONVERGED_ITERATING && s->may_give_up && is_hopeless(s, (int)iteration, (double)norm)) *reason = KSP_DIVERGED_ITS, s->pace.hopeless = true;
  if (s->cancelled) *reason = KSP_DIVERGED_ITS;
  return 0;
}

static void release_test(gkt_solve *s) {
#if PETSC_VERSION_LT(3, 23, 0)
  if (s->own.destroy) (void)!s->own.destroy(s->own.context);
#else
  if (s->own.destroy) (void)!s->own.destroy(&s->own.context);
#endif
  memset(&s->own, 0, sizeof s->own);
}

/* Ours around the one that is there, which has read the user's options. */
static gkt_status watch_pace(gkt_solve *s) {
  gkt_status status = GKT_OK;
  gkt_ksp_test *there;
  GKT_PETSC(&s->petsc, KSPGetConvergenceTest(s->ksp, &there, NULL, NULL));
  if (there == test) return GKT_OK;
  release_test(s);
  GKT_PETSC(&s->petsc, KSPGetAndClearConvergenceTest(s->ksp, &s->own.test, &s->own.context, &s->own.destroy));
  GKT_PETSC(&s->petsc, KSPSetConvergenceTest(s->ksp, test, s, NULL));
done:
  return status;
}

/* The user's monitors come back by the options alone, which may set the test as well. */
gkt_status gkt_method_watch(gkt_solve *s, bool on) {
  gkt_status status = GKT_OK;
  GKT_PETSC(&s->petsc, KSPMonitorCancel(s->ksp));
  if (!on) return GKT_OK;
  GKT_PETSC(&s->petsc, KSPMonitorSet(s->ksp, watch, s, NULL));
  if (!gkt_petsc_options_begin_with(&s->options, "-ksp_monitor")) return GKT_OK;
  GKT_PETSC(&s->petsc, KSPSetFromOptions(s->ksp));
  GKT_GO(watch_pace(s));
done:
  return status;
}

/* ---- set-up ---- */
static const char *title(const char *type) {
  static const char *const names[][2] = {
#define X(name, word, type, title) {type, title},
      GKT_LINEAR_METHOD_LIST(X)
#undef X
          {"fgmres", "FGMRES"},
      {"chebyshev", "Chebyshev"},
      {"fieldsplit", "fields"},
      {"gamg", "GAMG"},
      {"hypre", "hypre"},
      {"ilu", "ILU"},
      {"icc", "ICC"},
      {"jacobi", "Jacobi"},
      {"cholesky", "Cholesky"},
      {GKT_PC_CHOLESKY, "Cholesky"},
      {"lu", "LU"},
      {"mumps", "MUMPS"},
      {"petsc", "PETSc"},
      {"none", "no preconditioner"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(type, names[i][0])) return names[i][1];
  return type;
}

/* "p by Chebyshev, u by hypre": the method of each field, or its preconditioner where one sweep of that is all. */
static gkt_status describe_fields(gkt_solve *s, PC pc, size_t size, char *out) {
  gkt_status status = GKT_OK;
  KSP *ksps = NULL;
  PetscInt count = 0;
  int n = 0;
  GKT_PETSC(&s->petsc, PCFieldSplitGetSubKSP(pc, &count, &ksps));
  for (int k = 0; k < count && n < (int)size; k++) {
    KSPType method;
    PCType type;
    PC inner;
    const char *prefix, *name;
    GKT_PETSC(&s->petsc, KSPGetType(ksps[k], &method));
    GKT_PETSC(&s->petsc, KSPGetPC(ksps[k], &inner));
    GKT_PETSC(&s->petsc, PCGetType(gkt_inner_pc(inner), &type));
    GKT_PETSC(&s->petsc, KSPGetOptionsPrefix(ksps[k], &prefix));
    name = prefix ? strstr(prefix, "fieldsplit_") : NULL;
    name = name ? name + strlen("fieldsplit_") : "?_";
    n += snprintf(out + n, size - (size_t)n, "%s%.*s by %s", k ? ", " : "", (int)strlen(name) - 1, name, title(!method || !strcmp(method, KSPPREONLY) ? type : method));
  }
done:
  (void)!PetscFree(ksps);
  return status;
}

static gkt_status copy_options(gkt_solve *s) {
  gkt_free(&s->report->options);
  return gkt_strdup(s->petsc.ctx, s->choice_text.data ? s->choice_text.data : "", &s->report->options);
}

gkt_status gkt_method_describe(gkt_solve *s) {
  gkt_status status = GKT_OK;
  PC pc;
  KSPType ksp_type;
  PCType pc_type;
  MatSolverType solver = NULL;
  const char *modes = "";
  char fields[80] = "";
  GKT_PETSC(&s->petsc, KSPGetPC(s->ksp, &pc));
  GKT_PETSC(&s->petsc, KSPGetType(s->ksp, &ksp_type));
  GKT_PETSC(&s->petsc, PCGetType(gkt_inner_pc(pc), &pc_type));
  GKT_PETSC(&s->petsc, PCFactorGetMatSolverType(pc, &solver));
  if (!strcmp(pc_type, PCGAMG) && s->facts->near_null == GKT_KERNEL_RIGID_BODY) modes = " (rigid-body modes)";
  if ((!strcmp(pc_type, PCCHOLESKY) || !strcmp(pc_type, GKT_PC_CHOLESKY)) && !(s->facts->positive && !s->matrix.null)) pc_type = "LDL'"; /* 1x1 and 2x2 pivots */
  if (!strcmp(ksp_type, KSPPREONLY)) snprintf(s->report->method, sizeof s->report->method, "%s (%s)", title(pc_type), title(solver ? solver : "petsc"));
  else if (s->split) {
    GKT_GO(describe_fields(s, pc, sizeof fields, fields));
    snprintf(s->report->method, sizeof s->report->method, "%s + fields (%s)", title(ksp_type), fields);
  } else snprintf(s->report->method, sizeof s->report->method, "%s + %s%s", title(ksp_type), title(pc_type), modes);
  GKT_GO(copy_options(s));
  snprintf(s->report->why, sizeof s->report->why, "%.220s%s", s->choice.why, s->asked.petsc_options && *s->asked.petsc_options ? ", with PETSc options given" : "");
done:
  return status;
}

/* The coarse products P'AP as two products: on P2 elasticity with 193 k dofs the set-up takes a third less time than with PETSc's default. Their matrices have no prefix of
   ours, so the option of the choice, or the user's, is in the database without it for the time of the set-up, unless the program has one of its own there. */
static gkt_status set_up_ksp(gkt_solve *s) {
  static const char name[] = "-matptap_via";
  char via[64] = "rap";
  gkt_petsc *p = &s->petsc;
  PetscBool there = PETSC_TRUE;
  gkt_status status = GKT_OK;
  GKT_PETSC(p, PetscOptionsGetString(NULL, s->options.prefix, name, via, sizeof via, NULL));
  GKT_PETSC(p, PetscOptionsHasName(NULL, NULL, name, &there));
  if (!there) GKT_PETSC(p, PetscOptionsSetValue(NULL, name, via));
  GKT_GO(gkt_factor_set_up(p, s->ksp));
done:
  if (!there) (void)!PetscOptionsClearValue(NULL, name);
  return status;
}

static gkt_status insert_choice(gkt_solve *s) {
  gkt_text_free(&s->choice_text);
  s->choice_text = (gkt_text){.ctx = s->petsc.ctx};
  gkt_linear_choice_options(&s->choice, s->facts, &s->choice_text);
  GKT_TRY(s->choice_text.status);
  gkt_petsc_options_drop(&s->options, NULL);
  return gkt_petsc_options_insert(&s->options, s->choice_text.data, false);
}

static bool has_kernel(const gkt_solve *s) { return s->matrix.kernel && s->matrix.kernel->count; }

/* The matrix that the preconditioner is made from: of blocks, where it is by fields; with a factor, where the choice takes one of a matrix that has none. */
static gkt_status set_matrix(gkt_solve *s) {
  gkt_status status = GKT_OK;
  PC pc;
  PetscBool by_fields = PETSC_FALSE;
  if (s->choice.direct && has_kernel(s)) {
    GKT_GO(gkt_pinned_create(s, 0, &s->pinned));
    GKT_PETSC(&s->petsc, KSPSetOperators(s->ksp, s->matrix.product, s->pinned.matrix.mat));
    return GKT_OK;
  }
  GKT_PETSC(&s->petsc, KSPGetPC(s->ksp, &pc));
  GKT_PETSC(&s->petsc, PetscObjectTypeCompare((PetscObject)pc, PCFIELDSPLIT, &by_fields));
  if (!by_fields || !s->facts->blocks) return GKT_OK;
  GKT_GO(gkt_split_create(&s->petsc, &s->matrix, s->facts, pc, &s->split));
  GKT_PETSC(&s->petsc, KSPSetOperators(s->ksp, s->matrix.product, gkt_split_matrix(s->split)));
done:
  return status;
}

gkt_status gkt_method_set_up(gkt_solve *s) {
  gkt_status status = GKT_OK;
  PetscBool is_cg;
  gkt_petsc *p = &s->petsc;
  GKT_GO(insert_choice(s));
  GKT_GO(gkt_shells_register(p));
  if (gkt_petsc_options_has(&s->options, "-ksp_type")) { /* not every method of PETSc has these */
    gkt_petsc_options_drop(&s->options, "-ksp_norm_type");
    gkt_petsc_options_drop(&s->options, "-ksp_pc_side");
  }
  GKT_PETSC(p, KSPCreate(PETSC_COMM_SELF, &s->ksp));
  GKT_PETSC(p, KSPSetOptionsPrefix(s->ksp, s->options.prefix));
  GKT_PETSC(p, KSPSetOperators(s->ksp, s->matrix.product, s->matrix.mat));
  GKT_PETSC(p, KSPSetFromOptions(s->ksp));
  GKT_PETSC(p, PetscObjectTypeCompare((PetscObject)s->ksp, KSPCG, &is_cg));
  GKT_PETSC(p, KSPSetComputeSingularValues(s->ksp, is_cg)); /* its Lanczos matrix costs nothing */
  GKT_PETSC(p, KSPMonitorSet(s->ksp, watch, s, NULL));
  GKT_GO(watch_pace(s));
  GKT_GO(set_matrix(s));
  GKT_GO(set_up_ksp(s));
done: /* our own options are right: what PETSc refuses are the user's */
  return gkt_petsc_options_blame(&s->options, status);
}

/* By our own products, where options say that interpolation is kept, and the user's do not speak of cycles. */
static gkt_status renew_grids(gkt_solve *s) {
  gkt_status status = GKT_OK;
  bool renewed;
  PC pc;
  PetscBool is_gamg = PETSC_FALSE, keeps = PETSC_FALSE;
  GKT_PETSC(&s->petsc, KSPGetPC(s->ksp, &pc));
  GKT_PETSC(&s->petsc, PetscObjectTypeCompare((PetscObject)pc, PCGAMG, &is_gamg));
  GKT_PETSC(&s->petsc, PetscOptionsGetBool(NULL, s->options.prefix, "-pc_gamg_reuse_interpolation", &keeps, NULL));
  if (is_gamg && keeps && !gkt_petsc_options_begin_with(&s->options, "-pc_mg_")) GKT_GO(gkt_grids_renew(&s->petsc, s->ksp, &renewed));
done:
  return status;
}

gkt_status gkt_method_renew(gkt_solve *s) {
  gkt_status status = GKT_OK;
  if (s->choice.direct && has_kernel(s) != (s->pinned.csr != NULL)) {
    gkt_method_take_down(s);
    return gkt_method_set_up(s);
  }
  if (s->pinned.csr) GKT_GO(gkt_pinned_update(s, 0, &s->pinned));
  if (s->split) GKT_GO(gkt_split_update(&s->petsc, &s->matrix, s->facts, s->split));
  Mat from = s->split ? gkt_split_matrix(s->split) : s->pinned.csr ? s->pinned.matrix.mat : s->matrix.mat;
  GKT_PETSC(&s->petsc, KSPSetOperators(s->ksp, s->matrix.product, from)); /* else KSPSetUp leaves it to KSPSolve */
  GKT_GO(renew_grids(s));
  GKT_GO(set_up_ksp(s));
done:
  return gkt_petsc_options_blame(&s->options, status);
}

bool gkt_method_is_factor(gkt_solve *s) {
  PC pc;
  PetscBool alone = PETSC_FALSE, factor = PETSC_FALSE;
  if (!s->ksp || KSPGetPC(s->ksp, &pc) != 0) return false;
  (void)!PetscObjectTypeCompare((PetscObject)s->ksp, KSPPREONLY, &alone);
  (void)!PetscObjectTypeCompareAny((PetscObject)pc, &factor, PCLU, PCCHOLESKY, GKT_PC_CHOLESKY, "");
  return alone && factor;
}

bool gkt_method_keeps_grids(gkt_solve *s) {
  PC pc;
  PetscBool is_gamg = PETSC_FALSE;
  if (!s->ksp || KSPGetPC(s->ksp, &pc) != 0 || PetscObjectTypeCompare((PetscObject)pc, PCGAMG, &is_gamg) != 0) return false;
  return is_gamg || s->split; /* GAMG may be one of the fields' */
}

void gkt_method_take_down(gkt_solve *s) {
  if (s->ksp) (void)!KSPDestroy(&s->ksp); /* sets NULL */
  gkt_split_destroy(&s->split);
  gkt_pinned_destroy(&s->pinned);
  release_test(s);
}

/* ---- a pass ---- */
static gkt_status wrap(gkt_solve *s, gkt_scalar *array, Vec *out) { return gkt_petsc_status(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->A->num_rows, array, out)); }

static void forget_factor(gkt_solve *s) {
  gkt_method_take_down(s);
  s->reason = KSP_DIVERGED_PC_FAILED, s->petsc.text[0] = 0;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->d[i] = NAN;
}

gkt_status gkt_method_correct(gkt_solve *s, double rtol, int max_iterations) {
  gkt_status status = GKT_OK;
  gkt_petsc *p = &s->petsc;
  Vec right = NULL, left = NULL;
  PetscInt iterations = 0;
  PetscErrorCode code;
  s->unit = gkt_pieces_normalize(s, s->transposed ? s->units.right : s->units.left, s->r);
  s->pace = (gkt_progress){.rtol = rtol, .limit = max_iterations};
  GKT_PETSC(p, KSPSetTolerances(s->ksp, rtol, 0, 1e10, max_iterations));
  GKT_GO(wrap(s, s->r, &right));
  GKT_GO(wrap(s, s->d, &left));
  code = s->transposed ? KSPSolveTranspose(s->ksp, right, left) : KSPSolve(s->ksp, right, left);
  if ((code == PETSC_ERR_LIB && s->choice.direct) || (code == PETSC_ERR_SUP && s->transposed)) { /* MUMPS after the factor of some semidefinite matrices; no transpose */
    forget_factor(s);
    goto done;
  }
  GKT_PETSC(p, code);
  gkt_pieces_restore(s, s->transposed ? s->units.left : s->units.right, s->d);
  GKT_PETSC(p, KSPGetIterationNumber(s->ksp, &iterations));
  GKT_PETSC(p, KSPGetConvergedReason(s->ksp, &s->reason));
  s->report->iterations += s->choice.direct ? 0 : (int)iterations;
done:
  (void)!VecDestroy(&right);
  (void)!VecDestroy(&left);
  return s->watch_status != GKT_OK ? s->watch_status : status;
}

/* ---- the error in the energy norm: r'A^-1 r <= r'Pr/l for the least eigenvalue l of PA ---- */
static gkt_status least_eigenvalue(gkt_solve *s, double *out) {
  PetscReal most = 1, least = 1;
  gkt_status status = GKT_OK;
  if (!s->choice.direct) GKT_PETSC(&s->petsc, KSPComputeExtremeSingularValues(s->ksp, &most, &least));
  *out = (double)least;
done:
  return status;
}

gkt_status gkt_method_energy_error(gkt_solve *s) {
  gkt_status status = GKT_OK;
  PC pc;
  PetscBool computes = PETSC_FALSE;
  Vec right = NULL, left = NULL;
  double least, product = 0, energy = 0, unit = gkt_norm(s->A->num_rows, s->r, NULL);
  GKT_PETSC(&s->petsc, KSPGetComputeSingularValues(s->ksp, &computes));
  if (!(s->choice.direct || computes) || !s->facts->positive || !s->facts->symmetric || unit == 0) goto done;
  GKT_GO(least_eigenvalue(s, &least));
  GKT_PETSC(&s->petsc, KSPGetPC(s->ksp, &pc));
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    if (s->pieces.of[i] >= 0) energy += s->x[i] / unit * ((s->b[i] - s->r[i]) / unit);
    s->r[i] /= unit;
  }
  gkt_units_scale(s->facts, s->units.left, 1, s->r);
  GKT_GO(wrap(s, s->r, &right));
  GKT_GO(wrap(s, s->d, &left));
  GKT_PETSC(&s->petsc, PCApply(pc, right, left));
  for (gkt_idx i = 0; i < s->A->num_rows; i++) product += s->r[i] * s->d[i];
  gkt_units_scale(s->facts, s->units.left, -1, s->r);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->r[i] *= unit;
  if (least > 0 && product >= 0 && energy > 0) s->report->energy_error = sqrt(product / least / energy);
done:
  (void)!VecDestroy(&right);
  (void)!VecDestroy(&left);
  return status;
}
