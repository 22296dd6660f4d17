/* Methods of PETSc's TAO, in variables z = sqrt(weights)/length x, in which the inner product is the Euclidean one that TAO means, and of J over a unit of it, so that neither
   units matter beside TAO's own numbers (radii, first scalings, what it adds to Hessians). Whether it is over is asked here (gkt_optimize_note). */
#include <petsctao.h>
#include <string.h>

#include "adjoint/optimize.h"
#include "solvers/petsc.h"

typedef struct {
  gkt_optimization *s;
  gkt_petsc petsc;
  gkt_petsc_options options;
  gkt_status status;                   /* of a callback that failed, which ends TAO's call as well */
  gkt_scalar *root;                    /* [n] sqrt(weights) over a length */
  double unit;                         /* of J */
  gkt_scalar *x, *direction, *out, *w; /* [n], [n], [max(n, residuals)], [residuals]: in our variables */
  double value;                        /* of the iterate that was noted; its gradient [n]; that which stands for one beyond */
  gkt_scalar *slope, *beyond;
  bool is_beyond; /* s->at is where something is not finite */
  Tao tao;
  Vec z, lower, upper, residual;
  Mat hessian, tangent;
  PetscInt last; /* iteration that was noted */
} tao_work;

/* What a callback of TAO returns: 0, or any error, as t->status tells what it was. */
static PetscErrorCode told(tao_work *t, gkt_status status) {
  if (status != GKT_OK && t->status == GKT_OK) t->status = status;
  return status == GKT_OK ? 0 : PETSC_ERR_USER;
}

static PetscErrorCode read(tao_work *t, Vec z, gkt_scalar *x) {
  const PetscScalar *values;
  PetscErrorCode code = VecGetArrayRead(z, &values);
  if (code) return code;
  for (gkt_size i = 0; i < t->s->n; i++) x[i] = fmax(t->s->lower[i], fmin(t->s->upper[i], values[i] / t->root[i])); /* rounding leaves no bound */
  return VecRestoreArrayRead(z, &values);
}

/* from / (divisor unit). The last entry of out belongs to y, as the last one of `in` does. */
static PetscErrorCode write(const gkt_scalar *from, const gkt_scalar *divisor, double unit, gkt_size count, Vec in, Vec out) {
  PetscScalar *values;
  const PetscScalar *given;
  PetscInt size = 0;
  PetscErrorCode code = VecGetLocalSize(in, &size);
  if (!code) code = VecGetArrayRead(in, &given);
  if (code) return code;
  const PetscScalar y = given[size - 1];
  code = VecRestoreArrayRead(in, &given);
  if (!code) code = VecGetArray(out, &values);
  if (code) return code;
  for (gkt_size i = 0; i < count; i++) values[i] = from[i] / unit / (divisor ? divisor[i] : 1);
  values[count] = y;
  return VecRestoreArray(out, &values);
}

/* ---- callbacks ---- */
/* At z; with derivatives if asked. *value: what TAO is told. */
static PetscErrorCode look(tao_work *t, Vec z, bool derive, double *value) {
  PetscErrorCode code = read(t, z, t->x);
  if (!code) code = told(t, derive ? gkt_optimize_differentiate(t->s, t->x) : gkt_optimize_evaluate(t->s, t->x));
  if (code) return code;
  const bool finite = gkt_optimize_is_finite(t->s);
  t->is_beyond = t->last >= 0 && !finite;
  if (t->last >= 0 && finite && gkt_optimize_is_unbounded(t->s)) return gkt_optimize_end_with(t->s, GKT_OPTIMIZE_UNBOUNDED), PETSC_ERR_USER; /* a search would have no end */
  if (t->last < 0 && !finite) return told(t, gkt_optimize_note(t->s)), PETSC_ERR_USER;                                                       /* which ends it */
  *value = (t->is_beyond ? gkt_optimize_beyond(t->s, t->value, t->slope, t->beyond) : t->s->value) / t->unit;
  return 0;
}

static PetscErrorCode value_of(Tao tao, Vec z, PetscReal *value, void *user) {
  (void)tao;
  return look(user, z, false, value);
}

static PetscErrorCode both_of(Tao tao, Vec z, PetscReal *value, Vec gradient, void *user) {
  tao_work *t = user;
  (void)tao;
  const PetscErrorCode code = look(t, z, true, value);
  return code ? code : write(t->is_beyond ? t->beyond : t->s->gradient, t->root, t->unit, t->s->n, z, gradient);
}

static PetscErrorCode gradient_of(Tao tao, Vec z, Vec gradient, void *user) {
  PetscReal value;
  return both_of(tao, z, &value, gradient, user);
}

/* Beyond: any residuals of that value. */
static PetscErrorCode residual_of(Tao tao, Vec z, Vec out, void *user) {
  tao_work *t = user;
  const gkt_size count = t->s->problem->num_residuals;
  double value;
  const PetscErrorCode code = look(t, z, false, &value);
  (void)tao;
  if (code || !t->is_beyond) return code ? code : write(t->s->residuals, NULL, sqrt(t->unit), count, z, out);
  for (gkt_size i = 0; i < count; i++) t->w[i] = sqrt(2 * value / (double)count);
  return write(t->w, NULL, 1, count, z, out);
}

/* Second derivatives, and those of residuals, are actions at the place where a gradient was asked for. */
static PetscErrorCode stay_at(Tao tao, Vec z, Mat H, Mat P, void *user) {
  double value;
  (void)tao, (void)P;
  PetscErrorCode code = MatAssemblyBegin(H, MAT_FINAL_ASSEMBLY); /* a multiple of 1 that Newton's methods added elsewhere, where H was not positive, is forgotten */
  if (!code) code = MatAssemblyEnd(H, MAT_FINAL_ASSEMBLY);
  return code ? code : look(user, z, true, &value);
}

typedef gkt_status action(void *user, const gkt_scalar *x, const gkt_scalar *direction, gkt_scalar *out);

static PetscErrorCode act(tao_work *t, action *f, const gkt_scalar *direction, gkt_size count) {
  t->s->report->actions++;
  for (gkt_size i = 0; i < count; i++) t->out[i] = 0;
  return told(t, f(t->s->problem->user, t->s->at, direction, t->out));
}

/* t->direction = in / root: a direction of z as one of x */
static PetscErrorCode take_direction(tao_work *t, Vec in) {
  const PetscScalar *values;
  const PetscErrorCode code = VecGetArrayRead(in, &values);
  if (code) return code;
  for (gkt_size i = 0; i < t->s->n; i++) t->direction[i] = values[i] / t->root[i];
  return VecRestoreArrayRead(in, &values);
}

static PetscErrorCode apply_hessian(Mat H, Vec in, Vec out) {
  tao_work *t;
  PetscErrorCode code = MatShellGetContext(H, &t);
  if (!code && t->is_beyond) return VecCopy(in, out); /* nothing is known of it there */
  if (!code) code = take_direction(t, in);
  if (!code) code = act(t, t->s->problem->hessian, t->direction, t->s->n);
  return code ? code : write(t->out, t->root, t->unit, t->s->n, in, out);
}

static PetscErrorCode apply_tangent(Mat J, Vec in, Vec out) {
  tao_work *t;
  PetscErrorCode code = MatShellGetContext(J, &t);
  if (!code) code = take_direction(t, in);
  if (!code) code = act(t, t->s->problem->tangent, t->direction, t->s->problem->num_residuals);
  return code ? code : write(t->out, NULL, sqrt(t->unit), t->s->problem->num_residuals, in, out);
}

static PetscErrorCode apply_transposed(Mat J, Vec in, Vec out) {
  tao_work *t;
  const PetscScalar *values;
  PetscErrorCode code = MatShellGetContext(J, &t);
  if (!code && t->is_beyond) return write(t->beyond, t->root, t->unit, t->s->n, in, out);
  if (!code) code = VecGetArrayRead(in, &values);
  if (code) return code;
  for (gkt_size i = 0; i < t->s->problem->num_residuals; i++) t->w[i] = values[i];
  code = VecRestoreArrayRead(in, &values);
  if (!code) code = act(t, t->s->problem->transposed, t->w, t->s->n);
  return code ? code : write(t->out, t->root, sqrt(t->unit), t->s->n, in, out);
}

/* In place of TAO's own test, at each of its iterates. */
static PetscErrorCode test(Tao tao, void *user) {
  tao_work *t = user;
  Vec z;
  PetscInt iteration;
  TaoConvergedReason reason;
  PetscErrorCode code = TaoGetConvergedReason(tao, &reason);
  if (!code) code = TaoGetIterationNumber(tao, &iteration);
  if (!code) code = TaoGetSolution(tao, &z);
  if (code || reason != TAO_CONTINUE_ITERATING || iteration == t->last) return code;
  if (t->last >= 0) gkt_optimize_go(t->s, NULL);
  t->last = iteration;
  code = read(t, z, t->s->x);
  if (!code) code = told(t, gkt_optimize_differentiate(t->s, t->s->x));
  if (!code) code = told(t, gkt_optimize_note(t->s));
  t->value = t->s->value;
  memcpy(t->slope, t->s->gradient, (size_t)t->s->n * sizeof *t->slope);
  return code || !t->s->over ? code : TaoSetConvergedReason(tao, TAO_CONVERGED_USER);
}

/* ---- TAO's objects ---- */
static gkt_status set_start(tao_work *t) {
  gkt_status status;
  const gkt_optimization *s = t->s;
  PetscScalar *z, *lower, *upper;
  GKT_PETSC(&t->petsc, VecGetArray(t->z, &z));
  GKT_PETSC(&t->petsc, VecGetArray(t->lower, &lower));
  GKT_PETSC(&t->petsc, VecGetArray(t->upper, &upper));
  z[s->n] = 0, lower[s->n] = PETSC_NINFINITY, upper[s->n] = PETSC_INFINITY;
  for (gkt_size i = 0; i < s->n; i++) {
    z[i] = t->root[i] * s->x[i];
    lower[i] = isfinite(s->lower[i]) ? t->root[i] * s->lower[i] : PETSC_NINFINITY;
    upper[i] = isfinite(s->upper[i]) ? t->root[i] * s->upper[i] : PETSC_INFINITY;
  }
  GKT_PETSC(&t->petsc, VecRestoreArray(t->z, &z));
  GKT_PETSC(&t->petsc, VecRestoreArray(t->lower, &lower));
  GKT_PETSC(&t->petsc, VecRestoreArray(t->upper, &upper));
  GKT_PETSC(&t->petsc, TaoSetSolution(t->tao, t->z));
  if (s->problem->lower || s->problem->upper) GKT_PETSC(&t->petsc, TaoSetVariableBounds(t->tao, t->lower, t->upper));
done:
  return status;
}

static gkt_status set_residuals(tao_work *t, PetscInt n) {
  gkt_status status;
  const PetscInt count = (PetscInt)t->s->problem->num_residuals + 1;
  GKT_PETSC(&t->petsc, VecCreateSeq(PETSC_COMM_SELF, count, &t->residual));
  GKT_PETSC(&t->petsc, MatCreateShell(PETSC_COMM_SELF, count, n, count, n, t, &t->tangent));
  GKT_PETSC(&t->petsc, MatShellSetOperation(t->tangent, MATOP_MULT, (void (*)(void))apply_tangent));
  GKT_PETSC(&t->petsc, MatShellSetOperation(t->tangent, MATOP_MULT_TRANSPOSE, (void (*)(void))apply_transposed));
  GKT_PETSC(&t->petsc, TaoSetResidualRoutine(t->tao, t->residual, residual_of, t));
  GKT_PETSC(&t->petsc, TaoSetJacobianResidualRoutine(t->tao, t->tangent, t->tangent, stay_at, t));
done:
  return status;
}

static gkt_status set_functions(tao_work *t, PetscInt n) {
  gkt_status status;
  GKT_PETSC(&t->petsc, TaoSetObjective(t->tao, value_of, t));
  GKT_PETSC(&t->petsc, TaoSetGradient(t->tao, NULL, gradient_of, t));
  GKT_PETSC(&t->petsc, TaoSetObjectiveAndGradient(t->tao, NULL, both_of, t));
  if (!t->s->problem->hessian) goto done;
  GKT_PETSC(&t->petsc, MatCreateShell(PETSC_COMM_SELF, n, n, n, n, t, &t->hessian));
  GKT_PETSC(&t->petsc, MatShellSetOperation(t->hessian, MATOP_MULT, (void (*)(void))apply_hessian));
  GKT_PETSC(&t->petsc, MatShellSetOperation(t->hessian, MATOP_MULT_TRANSPOSE, (void (*)(void))apply_hessian));
  GKT_PETSC(&t->petsc, MatSetOption(t->hessian, MAT_SYMMETRIC, PETSC_TRUE));
  GKT_PETSC(&t->petsc, TaoSetHessian(t->tao, t->hessian, t->hessian, stay_at, t));
done:
  return status;
}

static gkt_status create_vectors(tao_work *t, gkt_idx n) {
  gkt_status status;
  GKT_PETSC(&t->petsc, VecCreateSeq(PETSC_COMM_SELF, n, &t->z));
  GKT_PETSC(&t->petsc, VecDuplicate(t->z, &t->lower));
  GKT_PETSC(&t->petsc, VecDuplicate(t->z, &t->upper));
done:
  return status;
}

/* Whether it is over is for `test` to say: that of TAO, or, in gauss-newton, that of the method inside. */
static gkt_status set_end(tao_work *t) {
  gkt_status status;
  Tao inner = t->tao;
  GKT_PETSC(&t->petsc, TaoSetMaximumIterations(t->tao, t->s->asked.max_iterations + 1));
  GKT_PETSC(&t->petsc, TaoSetMaximumFunctionEvaluations(t->tao, PETSC_MAX_INT));
  GKT_PETSC(&t->petsc, TaoSetTolerances(t->tao, 0, 0, 0));
  GKT_PETSC(&t->petsc, TaoSetConvergenceTest(t->tao, test, t));
  if (t->s->residuals) GKT_GO(gkt_petsc_options_insert(&t->options, "-tao_brgn_regularizer_weight 0", false)); /* J is what was asked for */
  GKT_PETSC(&t->petsc, TaoSetFromOptions(t->tao));
  if (t->s->residuals) GKT_PETSC(&t->petsc, TaoBRGNGetSubsolver(t->tao, &inner));
  GKT_PETSC(&t->petsc, TaoSetConvergenceTest(inner, test, t));
done:
  return status;
}

static gkt_status create(tao_work *t) {
  static const TaoType types[] = {
      [GKT_OPTIMIZER_LMVM] = TAOLMVM, [GKT_OPTIMIZER_BLMVM] = TAOBLMVM, [GKT_OPTIMIZER_BNLS] = TAOBNLS, [GKT_OPTIMIZER_BNTR] = TAOBNTR, [GKT_OPTIMIZER_GAUSS_NEWTON] = TAOBRGN};
  gkt_status status;
  gkt_idx n;
  GKT_GO(gkt_narrow(t->s->ctx, t->s->n + 1, "variables of an optimization", &n));
  GKT_GO(create_vectors(t, n));
  GKT_PETSC(&t->petsc, TaoCreate(PETSC_COMM_SELF, &t->tao));
  GKT_PETSC(&t->petsc, TaoSetOptionsPrefix(t->tao, t->options.prefix));
  GKT_PETSC(&t->petsc, TaoSetType(t->tao, t->s->asked.method == GKT_OPTIMIZER_GAUSS_NEWTON && !t->s->residuals ? TAOBNLS : types[t->s->asked.method]));
  GKT_GO(set_start(t));
  GKT_GO(t->s->residuals ? set_residuals(t, n) : set_functions(t, n));
  GKT_GO(set_end(t));
done:
  return status;
}

static gkt_status allocate(tao_work *t) {
  const gkt_size n = t->s->n, r = t->s->problem->num_residuals;
  GKT_TRY(gkt_alloc(t->s->ctx, n, sizeof *t->root, &t->root));
  GKT_TRY(gkt_alloc(t->s->ctx, n, sizeof *t->x, &t->x));
  GKT_TRY(gkt_alloc(t->s->ctx, n, sizeof *t->direction, &t->direction));
  GKT_TRY(gkt_alloc(t->s->ctx, n > r ? n : r, sizeof *t->out, &t->out));
  GKT_TRY(gkt_alloc(t->s->ctx, r, sizeof *t->w, &t->w));
  GKT_TRY(gkt_alloc(t->s->ctx, n, sizeof *t->slope, &t->slope));
  GKT_TRY(gkt_alloc(t->s->ctx, n, sizeof *t->beyond, &t->beyond));
  return GKT_OK;
}

static gkt_status set_units(tao_work *t) {
  GKT_TRY(gkt_optimize_find_unit(t->s, &t->unit));
  for (gkt_size i = 0; i < t->s->n; i++) t->root[i] = sqrt(gkt_optimize_weight(t->s, i)) / gkt_power_near(t->s->start_length);
  return GKT_OK;
}

static void release(tao_work *t) {
  if (t->petsc.inside) {
    (void)!TaoDestroy(&t->tao);
    (void)!VecDestroy(&t->z);
    (void)!VecDestroy(&t->lower);
    (void)!VecDestroy(&t->upper);
    (void)!VecDestroy(&t->residual);
    (void)!MatDestroy(&t->hessian);
    (void)!MatDestroy(&t->tangent);
    gkt_petsc_options_end(&t->options);
  }
  gkt_free(&t->root), gkt_free(&t->x), gkt_free(&t->direction), gkt_free(&t->out), gkt_free(&t->w), gkt_free(&t->slope), gkt_free(&t->beyond);
}

/* With the user's options; t->root is set. */
static gkt_status begin(tao_work *t) {
  GKT_TRY(gkt_petsc_enter(t->s->ctx, &t->petsc));
  gkt_petsc_options_begin(&t->petsc, &t->options);
  GKT_TRY(gkt_petsc_options_insert(&t->options, t->s->asked.petsc_options, true));
  return gkt_petsc_options_blame(&t->options, create(t));
}

/* Of options that PETSc refuses to read, before anything is evaluated. */
gkt_status gkt_optimize_check_tao(gkt_optimization *s) {
  gkt_status status;
  tao_work t = {.s = s, .last = -1, .unit = 1};
  GKT_GO(allocate(&t));
  for (gkt_size i = 0; i < s->n; i++) t.root[i] = 1;
  GKT_GO(begin(&t));
done:
  release(&t);
  gkt_petsc_leave(&t.petsc);
  return status;
}

gkt_status gkt_optimize_tao(gkt_optimization *s) {
  gkt_status status;
  tao_work t = {.s = s, .last = -1};
  PetscErrorCode code;
  GKT_GO(allocate(&t));
  GKT_GO(set_units(&t));
  GKT_GO(begin(&t));
  code = TaoSolve(t.tao);
  GKT_GO(t.status); /* of ours, before what PETSc says of it */
  if (s->over && (t.last < 0 || s->report->end == GKT_OPTIMIZE_UNBOUNDED)) goto done;
  if (code != PETSC_ERR_ARG_OUTOFRANGE)
    GKT_GO(gkt_petsc_options_blame(&t.options, gkt_petsc_status(&t.petsc, code))); /* that is a search with values and slopes that contradict each other */
  gkt_petsc_options_warn_unused(&t.options);
  if (!s->over) gkt_optimize_end_with(s, GKT_OPTIMIZE_STALLED);
done:
  release(&t);
  gkt_petsc_leave(&t.petsc);
  return status;
}
