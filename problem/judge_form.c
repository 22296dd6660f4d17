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

/* r = R(values), size += what it is summed from, on free dofs */
static gkt_status evaluate_form(gkt_problem *p, gkt_scalar *values, gkt_scalar *r, gkt_scalar *size, gkt_scalar *work) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *kept = p->values[p->field];
  double ignored;
  p->values[p->field] = values;
  gkt_status status = gkt_problem_free_residual(p, r, &ignored);
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
gkt_status gkt_problem_judge_form(gkt_problem *p, const gkt_scalar *b, const gkt_scalar *d) {
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
