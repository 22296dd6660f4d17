/* Is a linear problem's form solved, and not only the system that was made of it? */
#include <float.h>
#include <math.h>

#include "assembly/magnitude.h"
#include "systems/system.h"

/* ---- the form itself, at the solution u = g + d, where A d = b = -R(g) ---- */
typedef struct {
  double residual, floor; /* ||R(u)||, 100 eps times what it is summed from */
  double mismatch;        /* the largest |R(g + w) - R(g) - A w|_i of what it is summed from, for noise w of the size of d: smooth functions hide what cancels within a cell */
} form_residual;

/* The signs of the bits of a counter (Knuth's multiplicative hash), the same in every run. */
static void make_noise(const gkt_system *s, const gkt_scalar *d, gkt_scalar *w) {
  for (int k = 0; k < s->num_unknowns; k++) { /* which have units of their own */
    const gkt_idx begin = s->blocks[k].first, end = begin + s->blocks[k].count;
    double most = 0;
    for (gkt_idx i = begin; i < end; i++) most = fmax(most, fabs(d[i]));
    for (gkt_idx i = begin; i < end; i++) w[i] = (uint32_t)i * UINT32_C(2654435761) >> 31 ? most : -most;
  }
  gkt_constraints_zero(s->constraints, w);
}

typedef struct {
  gkt_scalar *at, *w, *r, *size, *work, *image; /* [dofs] each */
} arrays;

static gkt_status drop_kernel(const gkt_solution *o, gkt_scalar *r) {
  gkt_vector *v = NULL;
  if (!o->left.count) return GKT_OK;
  GKT_TRY(gkt_vector_wrap(o->s->ctx, gkt_system_num_dofs(o->s), r, &v));
  gkt_solution_drop_kernel(o, v);
  gkt_vector_destroy(&v);
  return GKT_OK;
}

/* r = R(u) on free dofs; careful: size += what it is summed from, which an interpreter finds */
static gkt_status evaluate_form(const gkt_solution *o, const gkt_scalar *u, bool careful, const arrays *a) {
  gkt_system *s = o->s;
  double ignored;
  GKT_TRY(gkt_system_free_residual(s, u, a->r, &ignored));
  GKT_TRY(drop_kernel(o, a->r)); /* as of b */
  if (!careful) return GKT_OK;
  GKT_TRY(gkt_system_sum_magnitude(s, u, a->work));
  gkt_constraints_zero(s->constraints, a->work);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) a->size[i] += a->work[i];
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
static gkt_status compare(gkt_solution *o, const gkt_scalar *b, const gkt_scalar *d, bool careful, const arrays *a, double *mismatch) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  make_noise(o->s, d, a->w);
  multiply(o->s->matrix, a->w, b, a);
  for (gkt_idx i = 0; i < n; i++) a->at[i] = o->u[i] - d[i];
  if (careful) GKT_TRY(evaluate_form(o, a->at, true, a));
  for (gkt_idx i = 0; i < n; i++) a->at[i] += a->w[i];
  GKT_TRY(evaluate_form(o, a->at, careful, a));
  *mismatch = 0;
  for (gkt_idx i = 0; i < n; i++)
    if (a->size[i] > 0 && !(fabs(a->r[i] + b[i] - a->image[i]) <= *mismatch * a->size[i])) *mismatch = fabs(a->r[i] + b[i] - a->image[i]) / a->size[i];
  return GKT_OK;
}

enum { WORK = 6 };
static gkt_status measure_form(gkt_solution *o, const gkt_scalar *b, const gkt_scalar *d, bool careful, form_residual *out) {
  gkt_size n = gkt_system_num_dofs(o->s);
  gkt_scalar *all = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(o->s->ctx, WORK * n, sizeof *all, &all));
  arrays a = {all, all + n, all + 2 * n, all + 3 * n, all + 4 * n, all + 5 * n};
  GKT_GO(compare(o, b, d, careful, &a, &out->mismatch));
  multiply(o->s->matrix, d, b, &a);
  GKT_GO(evaluate_form(o, o->u, careful, &a));
  out->residual = gkt_norm((gkt_idx)n, a.r, NULL), out->floor = 100 * DBL_EPSILON * gkt_norm((gkt_idx)n, a.size, NULL);
done:
  gkt_free(&all);
  return status;
}

static const double MAX_MISMATCH = 1e-8; /* rounding leaves 1e-13, a form that is not linear about 1 */
static void explain(gkt_solution *o, const form_residual *form, bool hidden) {
  gkt_solve_report *r = o->report;
  double relative = r->initial_residual > 0 ? form->residual / r->initial_residual : 0;
  if (!(form->mismatch <= MAX_MISMATCH))
    snprintf(r->reason, sizeof r->reason,
             "the equation is not solved, though its linear system is: R(u) differs from A u - b by %.3g of what it is summed from, |R(u)|/|R(g)| = %.3g; it is not linear in "
             "'%s', and its derivative does not show it",
             form->mismatch, relative, o->s->names);
  else
    snprintf(r->reason, sizeof r->reason, "the equation is not solved: |R(u)|/|R(g)| = %.3g by the form itself%s", relative,
             r->singular ? "; what the kernel leaves open was so large that its rounding hid the load, which has no solution then, or hardly one"
             : hidden    ? "; rounding in its terms, which nearly cancel, is larger than its load"
                         : "");
}

static double wanted(const gkt_solution *o) {
  const gkt_solve_report *r = o->report;
  double reached = r->linear.at_rounding ? 0 : r->linear.residual; /* PETSc's options may have asked for less than rtol */
  return 10 * fmax(o->options->newton.linear.rtol, reached) * r->initial_residual;
}

bool gkt_solution_form_is_met(const gkt_solution *o, double mismatch, double residual) { return mismatch <= MAX_MISMATCH && residual <= wanted(o); }

gkt_status gkt_solution_judge_form(gkt_solution *o, const gkt_scalar *b, const gkt_scalar *d) {
  form_residual form;
  gkt_solve_report *r = o->report;
  GKT_TRY(measure_form(o, b, d, false, &form));
  r->final_residual = form.residual;
  if (gkt_solution_form_is_met(o, form.mismatch, form.residual)) return GKT_OK;
  GKT_TRY(measure_form(o, b, d, true, &form));
  bool hidden = 0.1 * form.floor >= r->initial_residual; /* rounding would excuse everything */
  bool solved = form.residual <= wanted(o) || (!hidden && (form.residual <= form.floor || (r->linear.at_rounding && !r->singular)));
  r->valid = form.mismatch <= MAX_MISMATCH && solved;
  if (!r->valid) explain(o, &form, hidden);
  return GKT_OK;
}
