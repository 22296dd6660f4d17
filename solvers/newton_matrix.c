/* What Newton's method does with the tangent but for solving: products that also sum absolute values, the factor, is it finite? */
#include <math.h>

#include "core/vector.h"
#include "solvers/newton_device.h"

gkt_status gkt_newton_tangent_is_finite(gkt_newton *s, bool *out) {
  gkt_size at = -1;
  if (s->device) GKT_TRY(gkt_device_find_not_finite(s->device->device, s->device->num_entries, s->A->vals, s->device->work.at, &at));
  else at = gkt_find_not_finite(s->A->row_offsets[s->n], s->A->vals);
  *out = at < 0;
  return GKT_OK;
}

gkt_status gkt_newton_scale_tangent(gkt_newton *s) {
  if (s->factor == 1) return GKT_OK;
  if (s->device) return gkt_device_vector_scale(s->device->device, s->device->num_entries, s->factor, s->A->vals);
  for (gkt_idx k = 0; k < s->A->row_offsets[s->n]; k++) s->A->vals[k] *= s->factor;
  return GKT_OK;
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

static gkt_status read_on_device(gkt_newton *s, double *magnitude) {
  GKT_TRY(gkt_newton_device_read_rows(s));
  s->size = gkt_vector_norm(s->next_b), *magnitude = gkt_vector_norm(s->row);
  return GKT_OK;
}

gkt_status gkt_newton_read_rows(gkt_newton *s, double *magnitude) {
  if (s->device) return read_on_device(s, magnitude);
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
