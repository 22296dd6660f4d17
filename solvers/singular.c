/* Is a matrix singular, though nothing says so? Asked is for a vector w that A maps to zero: the smallest singular vector of the scaled matrix (scales.c), by inverse iteration
   with the factor and its transpose. A factor of a singular matrix gives some x where rounding left a tiny pivot, and that x is so large that its residual passes for rounding; one
   that meets a zero fails. An iterative method finds one of the many solutions: run on A w = 0 from a guess that is not 0 it ends at 0 or in the kernel. That A w is of the order
   of its rounding is then seen by multiplying, so a regular matrix is not called singular unless no digit of its solutions would be right. */
#include <float.h>
#include <string.h>

#include "solvers/linear.h"

enum { STEPS = 3, STEPS_AGAIN = 1 }; /* each divides what is not kernel by 1/(eps condition): one does for a kernel, the others for kernels that the first vector hardly meets */
static const double SHIFTS[] = {1e-15, 1e-12, 1e-9}; /* of the scaled matrix, where A itself has no factor: a pivot that is not 0; larger ones where rounding takes that away */
static const double NO_DIGIT_LEFT = 5e13;            /* condition */
const double gkt_suspicious = 1e-10;                 /* || A w || / || |A||w| ||, rows scaled, that an iterative method cannot tell from 0 */

/* Noise in (0, 1), the same in every run: Knuth's linear congruence (MMIX). */
static double noise(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*seed >> 11) * 0x1p-53;
}

/* Takes the kernel that the facts allow out of a vector. */
static void deflate(gkt_solve *s, gkt_scalar *v) {
  if (s->matrix.kernel) gkt_null_space_project(s->matrix.kernel, false, v);
}

/* v: of length 1, returns what it had. */
static double normalize(gkt_solve *s, gkt_scalar *v) {
  double length = gkt_norm(s->A->num_rows, v, s->facts->constrained);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) v[i] = s->pieces.of[i] < 0 ? 0 : v[i] / length;
  return length;
}

static void begin_with_noise(gkt_solve *s) {
  uint64_t seed = 1;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->d[i] = s->pieces.of[i] < 0 ? 0 : (0.5 + noise(&seed)) * s->scales.cols[i];
  deflate(s, s->d);
  normalize(s, s->d);
}

/* Where other values had a factor before: what they mapped closest to zero is so again, or else the noise beside it, of which a step makes what is anew (the square of the
   condition times as much). */
static void begin_where_it_was(gkt_solve *s) {
  begin_with_noise(s);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->d[i] = s->weak[i] + 0.01 * s->d[i];
  normalize(s, s->d);
}

static gkt_status keep_weakest(gkt_solve *s) {
  if (!s->weak) GKT_TRY(gkt_alloc(s->petsc.ctx, s->A->num_rows, sizeof *s->weak, &s->weak));
  memcpy(s->weak, s->d, (size_t)s->A->num_rows * sizeof *s->d);
  return GKT_OK;
}

/* || A d || and 10 eps || |A||d| || with rows scaled; r = A d */
static double image_of(gkt_solve *s, double *floor) {
  gkt_length image = {0, 0}, size = {0, 0};
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    double sum = 0, absolute = 0, scale = s->scales.rows[i];
    s->r[i] = 0;
    if (s->pieces.of[i] < 0) continue;
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++) sum += s->A->vals[k] * s->d[s->A->cols[k]], absolute += fabs(s->A->vals[k] * s->d[s->A->cols[k]]);
    s->r[i] = sum;
    gkt_length_add(&image, sum * scale), gkt_length_add(&size, absolute * scale);
  }
  *floor = 10 * DBL_EPSILON * gkt_length_value(&size);
  return gkt_length_value(&image);
}

static void note_place(gkt_solve *s) {
  s->free_dof = 0;
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    if (fabs(s->d[i]) > fabs(s->d[s->free_dof])) s->free_dof = i;
}

/* d of length 1 is what A maps closest to zero. A matrix that is proven regular is at worst ill-conditioned. */
static void look_at(gkt_solve *s) {
  double floor, image = image_of(s, &floor);
  s->condition = fmax(s->condition, floor / (10 * DBL_EPSILON) / fmax(image, DBL_EPSILON * floor));
  s->singular = image <= floor && !s->regular;
  s->ill_conditioned = !s->singular && s->condition > NO_DIGIT_LEFT;
  if (s->singular || s->ill_conditioned) note_place(s);
}

/* d := A^-1 r, or with A', by a KSP that holds a factor; good stays as it is unless it failed. Overwrites r. */
static gkt_status solve_by(gkt_solve *s, KSP ksp, bool transposed, bool *good) {
  gkt_status status = GKT_OK;
  KSPConvergedReason reason;
  Vec right = NULL, left = NULL;
  if (s->matrix.kernel) gkt_null_space_project(s->matrix.kernel, !transposed, s->r); /* the right-hand side of a system that has solutions */
  gkt_pieces_normalize(s, transposed ? s->units.right : s->units.left, s->r);
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->A->num_rows, s->r, &right));
  GKT_PETSC(&s->petsc, VecCreateSeqWithArray(PETSC_COMM_SELF, 1, s->A->num_rows, s->d, &left));
  if (transposed) GKT_PETSC(&s->petsc, KSPSolveTranspose(ksp, right, left));
  else GKT_PETSC(&s->petsc, KSPSolve(ksp, right, left));
  GKT_PETSC(&s->petsc, KSPGetConvergedReason(ksp, &reason));
  gkt_pieces_restore(s, transposed ? s->units.left : s->units.right, s->d);
  *good = *good && reason > 0;
done:
  (void)!VecDestroy(&right);
  (void)!VecDestroy(&left);
  return status;
}

/* d := A^-1 (d / scales^2), or with A'. */
static gkt_status solve_with(gkt_solve *s, KSP ksp, bool transposed, const double *scales, bool *good) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->r[i] = s->pieces.of[i] < 0 ? 0 : s->d[i] / scales[i] / scales[i];
  return solve_by(s, ksp, transposed, good);
}

/* B = R A C: the step v := (B'B)^-1 v for w = C v is w := A^-1 R^-2 A^-T C^-2 w. */
static gkt_status step(gkt_solve *s, KSP ksp, bool *good) {
  GKT_TRY(solve_with(s, ksp, !s->facts->symmetric, s->scales.cols, good));
  normalize(s, s->d);
  GKT_TRY(solve_with(s, ksp, false, s->scales.rows, good));
  deflate(s, s->d);
  double length = normalize(s, s->d);
  *good = *good && isfinite(length) && length > 0;
  return GKT_OK;
}

/* A factor with tiny pivots leaves more in A w than rounding: where that is small, but not nothing, d -= A^-1 (A d) is a kernel vector if d nearly is one, and next to nothing if
 * not. */
static gkt_status refine(gkt_solve *s, KSP ksp, bool *good) {
  gkt_idx n = s->A->num_rows;
  gkt_scalar *w = NULL;
  double floor;
  gkt_status status;
  if (s->singular || s->condition < 1 / gkt_suspicious) return GKT_OK;
  GKT_GO(gkt_alloc(s->petsc.ctx, n, sizeof *w, &w));
  memcpy(w, s->d, (size_t)n * sizeof *w);
  image_of(s, &floor);
  GKT_GO(solve_by(s, ksp, false, good));
  for (gkt_idx i = 0; i < n; i++) s->d[i] = s->pieces.of[i] < 0 ? 0 : w[i] - s->d[i];
  deflate(s, s->d);
  double length = normalize(s, s->d);
  if (*good && isfinite(length) && length > 0) look_at(s);
  if (!s->singular) memcpy(s->d, w, (size_t)n * sizeof *w);
done:
  gkt_free(&w);
  return status;
}

static gkt_status iterate(gkt_solve *s, KSP ksp, bool *good) {
  int steps = s->weak ? STEPS_AGAIN : STEPS;
  *good = true;
  if (s->weak) begin_where_it_was(s);
  else begin_with_noise(s);
  for (int k = 0; k < steps && *good; k++) GKT_TRY(step(s, ksp, good));
  if (!*good) return GKT_OK;
  look_at(s);
  GKT_TRY(refine(s, ksp, good));
  return keep_weakest(s);
}

gkt_status gkt_inspect_factor(gkt_solve *s) {
  gkt_status status;
  bool good;
  GKT_GO(gkt_method_watch(s, false)); /* these solves are not the user's */
  GKT_GO(iterate(s, s->ksp, &good));
  GKT_GO(gkt_method_watch(s, true));
  s->inspected = true;
  if (!good) GKT_GO(gkt_inspect_shifted(s));
done:
  return status;
}

/* ---- where A itself has no factor ---- */
static gkt_status factorize(gkt_solve *s, Mat mat, KSP *out) {
  gkt_status status = GKT_OK;
  PC pc;
  GKT_PETSC(&s->petsc, KSPCreate(PETSC_COMM_SELF, out));
  GKT_PETSC(&s->petsc, KSPSetOperators(*out, mat, mat));
  GKT_PETSC(&s->petsc, KSPSetType(*out, KSPPREONLY));
  GKT_PETSC(&s->petsc, KSPGetPC(*out, &pc));
  GKT_PETSC(&s->petsc, PCSetType(pc, PCLU));
#ifdef PETSC_HAVE_MUMPS
  GKT_PETSC(&s->petsc, PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
#endif
  GKT_GO(gkt_factor_set_up(&s->petsc, *out));
  s->report->factorizations++;
done:
  return status;
}

static gkt_status iterate_shifted(gkt_solve *s, double shift, bool *good) {
  gkt_status status;
  gkt_pinned shifted = {0};
  KSP ksp = NULL;
  GKT_GO(gkt_pinned_create(s, shift, &shifted));
  GKT_GO(factorize(s, shifted.matrix.mat, &ksp));
  GKT_GO(iterate(s, ksp, good));
done:
  (void)!KSPDestroy(&ksp);
  gkt_pinned_destroy(&shifted);
  return status;
}

gkt_status gkt_inspect_shifted(gkt_solve *s) {
  bool good = false;
  if (s->pieces.count == 0) return GKT_OK; /* nothing is free */
  for (size_t k = 0; k < sizeof SHIFTS / sizeof SHIFTS[0] && !good; k++) GKT_TRY(iterate_shifted(s, SHIFTS[k], &good));
  s->inspected = true;
  return GKT_OK;
}

/* ---- without a factor ---- */
/* d -= the method's answer to A y = A d, so that of d only what A maps to zero is left. */
static gkt_status reduce(gkt_solve *s, gkt_scalar *w) {
  double floor;
  image_of(s, &floor);
  GKT_TRY(gkt_method_correct(s, 0.01 * gkt_suspicious, s->choice.amg ? 1000 : 10000));
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->d[i] = s->pieces.of[i] < 0 ? 0 : w[i] - s->d[i];
  deflate(s, s->d);
  return GKT_OK;
}

/* Twice: the second run takes away what rounding left of the first. */
static gkt_status run_down(gkt_solve *s, bool *empty, bool *failed) {
  gkt_scalar *w = NULL;
  gkt_idx n = s->A->num_rows;
  double left = 1;
  gkt_status status;
  *empty = *failed = false;
  GKT_GO(gkt_alloc(s->petsc.ctx, n, sizeof *w, &w));
  begin_with_noise(s);
  for (int pass = 0; pass < 2 && !*empty && !*failed; pass++) {
    for (gkt_idx i = 0; i < n; i++) w[i] = s->d[i];
    GKT_GO(reduce(s, w));
    left *= gkt_norm(n, s->d, s->facts->constrained);
    *failed = s->reason < 0 || !isfinite(left);
    *empty = left <= 1e-6 / sqrt(n); /* a kernel vector of one part in a hundred of what noise holds of any direction would be left */
    if (left > 0) normalize(s, s->d);
  }
done:
  gkt_free(&w);
  return status;
}

/* || |A||d| || and || w - A d ||, which stands in r, in the units in which the method saw its right-hand side; w [num_rows]. */
static double rest_of(gkt_solve *s, const gkt_scalar *w, double *size) {
  gkt_length length = {0, 0};
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    s->r[i] = s->pieces.of[i] < 0 ? 0 : w[i];
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1] && s->pieces.of[i] >= 0; k++) s->r[i] += fabs(s->A->vals[k] * s->d[s->A->cols[k]]);
  }
  gkt_pieces_weigh(s, s->units.left, s->r);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) gkt_length_add(&length, s->r[i]);
  *size = gkt_length_value(&length);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    s->r[i] = s->pieces.of[i] < 0 ? 0 : w[i];
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1] && s->pieces.of[i] >= 0; k++) s->r[i] -= s->A->vals[k] * s->d[s->A->cols[k]];
  }
  gkt_pieces_weigh(s, s->units.left, s->r);
  return gkt_norm(s->A->num_rows, s->r, NULL);
}

/* A d = noise, of which a vector of the left kernel would hold a part that no d takes away: where the true residual falls below one hundredth of what noise holds of any direction,
   and d is not so large that A is next to singular, there is no kernel. A few iterations, as few digits are enough. */
static gkt_status has_any_answer(gkt_solve *s, bool *out) {
  uint64_t seed = 1;
  gkt_idx n = s->A->num_rows;
  double rtol = fmax(fmin(0.01 / sqrt(n), 1e-3), 1e-7), before, size, rest;
  gkt_scalar *w = NULL;
  gkt_status status;
  *out = false;
  GKT_GO(gkt_alloc(s->petsc.ctx, n, sizeof *w, &w));
  for (gkt_idx i = 0; i < n; i++) w[i] = s->pieces.of[i] < 0 ? 0 : noise(&seed) - 0.5;
  gkt_units_scale(s->facts, s->units.left, -1, w);
  if (s->matrix.kernel) gkt_null_space_project(s->matrix.kernel, true, w);
  for (gkt_idx i = 0; i < n; i++) s->r[i] = s->pieces.of[i] < 0 ? 0 : w[i];
  GKT_GO(gkt_method_correct(s, 0.5 * rtol, s->choice.amg ? 300 : 3000));
  if (s->reason < 0 || !gkt_is_finite(n, s->d)) goto done;
  before = gkt_norm(n, s->r, s->facts->constrained);
  rest = rest_of(s, w, &size);
  *out = rest <= rtol * before && size * gkt_suspicious < before;
done:
  gkt_free(&w);
  return status;
}

gkt_status gkt_inspect_iteration(gkt_solve *s) {
  KSPConvergedReason reason = s->reason;
  int iterations = s->report->iterations;
  bool empty, failed = false;
  double floor;
  gkt_status status;
  GKT_GO(gkt_method_watch(s, false));
  GKT_GO(has_any_answer(s, &empty));
  if (!empty) GKT_GO(run_down(s, &empty, &failed));
  GKT_GO(gkt_method_watch(s, true));
  s->reason = reason, s->report->iterations = iterations, s->inspected = true;
  if (!failed && (empty || image_of(s, &floor) > gkt_suspicious * floor / (10 * DBL_EPSILON))) goto done;
  if (gkt_can_factorize(s->facts, s->A->num_rows)) GKT_GO(gkt_inspect_shifted(s));
  else if (failed)
    gkt_log(s->petsc.ctx, GKT_LOG_WARNING,
            "whether the system determines its solution is not known: nothing is proven, the iteration does not tell, and a factor does not fit into memory");
  else s->condition = fmax(s->condition, 1 / gkt_suspicious), s->ill_conditioned = true, note_place(s); /* an iteration tells no more */
done:
  return status;
}
