/* What Newton's method does with the tangent but for solving: products that also sum absolute values, the factor, is it finite? */
#include <math.h>

#include "solvers/newton.h"

bool gkt_newton_tangent_is_finite(const gkt_newton *s) { return gkt_is_finite(s->A->row_offsets[s->n], s->A->vals); }

void gkt_newton_scale_tangent(gkt_newton *s) {
  for (gkt_idx k = 0; k < s->A->row_offsets[s->n] && s->factor != 1; k++) s->A->vals[k] *= s->factor;
}

typedef struct {
  double product, inside, absolute, jump; /* A u, A_ff u_f, |A||u|, A_fc (target - u) */
} sums;

static sums sum_row(const gkt_newton *s, gkt_idx row, const gkt_scalar *u, const gkt_scalar *target) {
  sums r = {0};
  for (gkt_idx k = s->A->row_offsets[row]; k < s->A->row_offsets[row + 1]; k++) {
    gkt_idx j = s->A->cols[k];
    double term = s->A->vals[k] * u[j];
    bool is_free = gkt_newton_is_free(s, j);
    r.product += term, r.inside += is_free ? term : 0, r.absolute += fabs(term);
    if (!s->arrived && !is_free) r.jump += s->A->vals[k] * (target[j] - u[j]);
  }
  return r;
}

gkt_status gkt_newton_read_rows(gkt_newton *s, double *magnitude) {
  const gkt_scalar *u = gkt_vector_read(s->u), *target = gkt_vector_read(s->target), *f = gkt_vector_read(s->f);
  gkt_scalar *jump = gkt_vector_values(s->jump), *b = gkt_vector_values(s->b), *row = gkt_vector_values(s->row);
  gkt_length size = {0, 0}, sum = {0, 0};
  for (gkt_idx i = 0; i < s->n; i++) {
    jump[i] = b[i] = row[i] = 0;
    if (!gkt_newton_is_free(s, i)) continue;
    sums r = sum_row(s, i, u, target);
    jump[i] = r.jump, b[i] = -f[i] - r.jump;
    row[i] = r.absolute + fabs(r.product - f[i]);
    gkt_length_add(&size, r.inside - f[i]), gkt_length_add(&sum, row[i]);
  }
  s->size = gkt_length_value(&size), *magnitude = gkt_length_value(&sum);
  return GKT_OK;
}
