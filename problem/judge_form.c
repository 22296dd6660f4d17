/* Is a linear problem's form solved, and not only the system that was made of it? */
#include <float.h>
#include <math.h>
#include <string.h>

#include "assembly/magnitude.h"
#include "problem/solve.h"

gkt_status gkt_problem_free_residual(gkt_problem *p, gkt_scalar *residual, double *size) {
  GKT_TRY(gkt_assemble_vector(p->residual_assembler, &p->inputs, residual));
  gkt_constraints_zero(p->constraints, residual);
  *size = gkt_norm(gkt_space_num_dofs(p->spaces[p->field]), residual, NULL);
  return GKT_OK;
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

typedef struct {
  gkt_scalar *at, *w, *r, *size, *work, *image; /* [dofs] each */
} arrays;

/* r = R(values) on free dofs; careful: size += what it is summed from, which an interpreter finds */
static gkt_status evaluate_form(gkt_problem *p, gkt_scalar *values, bool careful, const arrays *a) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *kept = p->values[p->field];
  double ignored;
  p->values[p->field] = values;
  gkt_status status = gkt_problem_free_residual(p, a->r, &ignored);
  if (status == GKT_OK && careful) status = gkt_assemble_magnitude(p->residual_assembler, &p->inputs, a->work);
  p->values[p->field] = kept;
  GKT_TRY(status);
  gkt_constraints_zero(p->constraints, a->work);
  for (gkt_idx i = 0; i < n && careful; i++) a->size[i] += a->work[i];
  return GKT_OK;
}

/* image = A v, size = |A||v| + |b| */
static void multiply(const gkt_csr *A, const gkt_scalar *v, const gkt_scalar *b, const arrays *a) {
  gkt_csr_multiply(A, v, a->image);
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    a->size[i] = fabs(b[i]);
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) a->size[i] += fabs(A->vals[k] * v[A->cols[k]]);
  }
}

/* Linear? R(g) is -b; careful, what that was summed from counts as well. */
static gkt_status compare(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d, bool careful, const arrays *a, double *mismatch) {
  gkt_idx n = p->matrix->num_rows;
  make_noise(p, d, a->w);
  multiply(p->matrix, a->w, b, a);
  for (gkt_idx i = 0; i < n; i++) a->at[i] = p->values[p->field][i] - d[i];
  if (careful) GKT_TRY(evaluate_form(p, a->at, true, a));
  for (gkt_idx i = 0; i < n; i++) a->at[i] += a->w[i];
  GKT_TRY(evaluate_form(p, a->at, careful, a));
  *mismatch = 0;
  for (gkt_idx i = 0; i < n; i++)
    if (a->size[i] > 0 && !(fabs(a->r[i] + b[i] - a->image[i]) <= *mismatch * a->size[i])) *mismatch = fabs(a->r[i] + b[i] - a->image[i]) / a->size[i];
  return GKT_OK;
}

enum { WORK = 6 };
static gkt_status measure_form(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d, bool careful, form_residual *out) {
  gkt_size n = p->matrix->num_rows;
  gkt_scalar *all = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(p->ctx, WORK * n, sizeof *all, &all));
  arrays a = {all, all + n, all + 2 * n, all + 3 * n, all + 4 * n, all + 5 * n};
  GKT_GO(compare(p, b, d, careful, &a, &out->mismatch));
  multiply(p->matrix, d, b, &a);
  GKT_GO(evaluate_form(p, p->values[p->field], careful, &a));
  out->residual = gkt_norm((gkt_idx)n, a.r, NULL), out->floor = 100 * DBL_EPSILON * gkt_norm((gkt_idx)n, a.size, NULL);
done:
  gkt_free(&all);
  return status;
}

static const double MAX_MISMATCH = 1e-8; /* rounding leaves 1e-13, a form that is not linear about 1 */
static void explain(gkt_problem *p, const form_residual *form, bool hidden) {
  double relative = p->initial_residual > 0 ? form->residual / p->initial_residual : 0;
  if (!(form->mismatch <= MAX_MISMATCH))
    snprintf(p->reason, sizeof p->reason,
             "the equation is not solved, though its linear system is: R(u) differs from A u - b by %.3g of what it is summed from, |R(u)|/|R(g)| = %.3g; it is not linear in "
             "'%s', and its derivative does not show it",
             form->mismatch, relative, gkt_scope_function_name(p->scope, p->field));
  else
    snprintf(p->reason, sizeof p->reason, "the equation is not solved: |R(u)|/|R(g)| = %.3g by the form itself%s", relative,
             p->singular ? "; what the kernel leaves open was so large that its rounding hid the load, which has no solution then, or hardly one"
             : hidden    ? "; rounding in its terms, which nearly cancel, is larger than its load"
                         : "");
}

gkt_status gkt_problem_judge_form(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d) {
  form_residual form;
  double reached = p->linear.at_rounding ? 0 : p->linear.residual; /* PETSc's options may have asked for less than solver.rtol */
  double wanted = 10 * fmax(p->settings->solver.rtol, reached) * p->initial_residual;
  GKT_TRY(measure_form(p, b, d, false, &form));
  p->final_residual = form.residual;
  if (form.mismatch <= MAX_MISMATCH && form.residual <= wanted) return GKT_OK;
  GKT_TRY(measure_form(p, b, d, true, &form));
  bool hidden = 0.1 * form.floor >= p->initial_residual; /* rounding would excuse everything */
  bool solved = form.residual <= wanted || (!hidden && (form.residual <= form.floor || (p->linear.at_rounding && !p->singular)));
  p->valid = form.mismatch <= MAX_MISMATCH && solved;
  if (!p->valid) explain(p, &form, hidden);
  return GKT_OK;
}
