/* The system that the equation and conditions of a problem make, assembled anew and solved in long double. */
#ifndef GKT_TESTS_HUNT_SYSTEM_H
#define GKT_TESTS_HUNT_SYSTEM_H
#include <float.h>

#include "assembly/magnitude.h"
#include "problem/problem.h"
#include "systems/system.h"
#include "tests/dense_system.h"

/* Condition numbers: above REGULAR a system may be called singular, from SINGULAR on it must not be ok. */
static const long double REGULAR = 1e10L, SINGULAR = 1e16L;

typedef struct {
  gkt_problem *p;
  int n, num_dofs;
  int *free;                                  /* [n] dofs */
  gkt_scalar *u, *base, *residual, *rounding; /* [dofs] reported; where the step begins; R(base); what R(u) is summed from */
  gkt_csr *A;                                 /* of all dofs */
  dense d;
  bool doubtful;               /* whole rows or columns are of the size of their rounding */
  long double *truth, *spread; /* [d.n] the solution; what rounding of data and sums can move it by */
  char what[600];
} judged;

static gkt_scalar *unknown(const judged *j) { return gkt_vector_values(j->p->u); } /* all of them */

static void note_free(judged *j) {
  const bool *fixed = gkt_constraints_mask(j->p->system->constraints);
  j->num_dofs = gkt_vector_size(j->p->u);
  j->free = calloc((size_t)j->num_dofs + 1, sizeof *j->free);
  for (int i = 0; i < j->num_dofs; i++)
    if (!fixed[i]) j->free[j->n++] = i;
}

static gkt_scalar *values(const judged *j) { return calloc((size_t)j->num_dofs + 1, sizeof(gkt_scalar)); }

/* A linear step begins at the conditions' values, one of Newton's at the answer. */
static void assemble(judged *j) {
  gkt_problem *p = j->p;
  gkt_scalar *u = unknown(j);
  size_t size = (size_t)j->num_dofs * sizeof *u;
  j->u = values(j), j->base = values(j), j->residual = values(j), j->rounding = values(j);
  memcpy(j->u, u, size);
  assert_int_equal(gkt_assemble_magnitude(p->system->residual_assembler, &p->inputs, j->rounding), GKT_OK);
  if (p->is_nonlinear) memcpy(j->base, u, size);
  else gkt_constraints_lift(p->system->constraints, j->base);
  memcpy(u, j->base, size);
  assert_int_equal(gkt_assemble_vector(p->system->residual_assembler, &p->inputs, j->residual), GKT_OK);
  assert_int_equal(gkt_assembler_matrix(p->system->tangent_assembler, &j->A), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(p->system->tangent_assembler, &p->inputs, j->A), GKT_OK);
  memcpy(u, j->u, size);
}

/* |A| |u| of a row of all dofs. */
static long double row_size(const judged *j, int row, const gkt_scalar *u) {
  long double sum = 0;
  for (gkt_idx k = j->A->row_offsets[row]; k < j->A->row_offsets[row + 1]; k++) sum += fabsl((long double)j->A->vals[k] * u[j->A->cols[k]]);
  return sum;
}

/* m [dofs]: what a row of the tangent is summed from, with values of size 1: loads drop out of the difference. */
static gkt_scalar *row_magnitudes(judged *j) {
  gkt_problem *p = j->p;
  gkt_scalar *one = values(j), *two = values(j), *u = unknown(j);
  for (int pass = 1; pass <= 2; pass++) {
    for (int i = 0; i < j->num_dofs; i++) u[i] = pass * (0.75 + 0.25 * sin(i));
    assert_int_equal(gkt_assemble_magnitude(p->system->residual_assembler, &p->inputs, pass == 1 ? one : two), GKT_OK);
  }
  memcpy(u, j->u, (size_t)j->num_dofs * sizeof *u);
  for (int i = 0; i < j->num_dofs; i++) two[i] = p->is_nonlinear ? 0 : fabs(two[i] - one[i]);
  free(one);
  return two;
}

/* Entries that are rounding of their row's sums are 0, if the whole row or column is such. */
static bool drop_rounding(judged *j, const gkt_scalar *m) {
  int n = j->n;
  bool any = false;
  bool *row = calloc((size_t)n + 1, 1), *col = calloc((size_t)n + 1, 1);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      bool counts = fabsl(j->d.a[(size_t)a * n + b]) > 1e-14L * m[j->free[a]];
      row[a] |= counts, col[b] |= counts;
    }
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++)
      if ((!row[a] || !col[b]) && j->d.a[(size_t)a * n + b] != 0) j->d.a[(size_t)a * n + b] = 0, any = true;
  free(row), free(col);
  return any;
}

static void make_dense(judged *j) {
  int *place = calloc((size_t)j->num_dofs + 1, sizeof *place);
  gkt_scalar *m = row_magnitudes(j);
  j->d = dense_create(j->n);
  for (int i = 0; i < j->num_dofs; i++) place[i] = -1;
  for (int i = 0; i < j->n; i++) place[j->free[i]] = i;
  for (int i = 0; i < j->n; i++)
    for (gkt_idx k = j->A->row_offsets[j->free[i]]; k < j->A->row_offsets[j->free[i] + 1]; k++)
      if (place[j->A->cols[k]] >= 0) j->d.a[(size_t)i * j->n + place[j->A->cols[k]]] = j->A->vals[k];
  j->doubtful = drop_rounding(j, m);
  dense_factorize(&j->d);
  free(place), free(m);
}

/* truth and spread, of a regular system; one with borders has means of 0 */
static void solve_dense(judged *j) {
  size_t all = (size_t)j->d.n + 1;
  long double *b = calloc(all, sizeof *b), *e = calloc(all, sizeof *e);
  gkt_scalar *u = values(j);
  j->truth = calloc(all, sizeof *j->truth), j->spread = calloc(all, sizeof *j->spread);
  for (int i = 0; i < j->n; i++) b[i] = -(long double)j->residual[j->free[i]];
  for (int r = j->n; r < j->d.n; r++)
    for (int i = 0; i < j->n; i++) b[r] -= j->d.a[(size_t)r * j->d.n + i] / j->d.row[r] / j->d.col[i] * j->base[j->free[i]];
  dense_solve(&j->d, b, j->truth);
  memcpy(u, j->base, (size_t)j->num_dofs * sizeof *u);
  for (int i = 0; i < j->n; i++) j->truth[i] += j->base[j->free[i]], u[j->free[i]] = (double)j->truth[i];
  for (int i = 0; i < j->n; i++) e[i] = DBL_EPSILON * (row_size(j, j->free[i], u) + fabsl(j->residual[j->free[i]]) + fabs(j->rounding[j->free[i]]));
  dense_spread(&j->d, e, j->spread);
  free(b), free(e), free(u);
}

/* ---- R(w) - R(0) = A w at some w ---- */
static bool is_linear(judged *j) {
  gkt_problem *p = j->p;
  gkt_scalar *u = unknown(j), *at[2] = {values(j), values(j)}, *m[2] = {values(j), values(j)}, *w = values(j);
  bool right = true;
  for (int i = 0; i < j->num_dofs; i++) w[i] = sin(1 + 3.7 * i);
  for (int side = 0; side < 2; side++) {
    for (int i = 0; i < j->num_dofs; i++) u[i] = side * w[i];
    assert_int_equal(gkt_assemble_vector(p->system->residual_assembler, &p->inputs, at[side]), GKT_OK);
    assert_int_equal(gkt_assemble_magnitude(p->system->residual_assembler, &p->inputs, m[side]), GKT_OK);
  }
  for (int i = 0; i < j->num_dofs && right; i++) {
    long double difference = (long double)at[1][i] - at[0][i];
    for (gkt_idx k = j->A->row_offsets[i]; k < j->A->row_offsets[i + 1]; k++) difference -= (long double)j->A->vals[k] * w[j->A->cols[k]];
    right = fabsl(difference) <= 1e-13L * (m[0][i] + m[1][i] + row_size(j, i, w)) || !isfinite(m[1][i]);
    if (!right) snprintf(j->what, sizeof j->what, "row %d of R(w) - R(0) - A w is %.3Lg, summed from %.3g", i, difference, m[0][i] + m[1][i]);
  }
  memcpy(u, j->u, (size_t)j->num_dofs * sizeof *u);
  free(at[0]), free(at[1]), free(m[0]), free(m[1]), free(w);
  return right;
}

#endif
