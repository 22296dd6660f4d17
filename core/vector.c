/* Lengths of vectors and what else every stage asks of one. */
#include <string.h>

#include "core/core.h"
#include "galerkit/vector.h"

struct gkt_vector {
  gkt_context *ctx;
  gkt_idx size;
  gkt_where where;
  bool owns; /* the array */
  gkt_scalar *values;
};

static gkt_status create(gkt_context *ctx, gkt_idx size, gkt_scalar *values, gkt_vector **out) {
  gkt_vector *v = NULL;
  gkt_status status;
  if (size < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "vector: a size of %d; expected at least 0", size);
  GKT_GO(gkt_calloc(ctx, 1, sizeof *v, &v));
  *v = (gkt_vector){.ctx = gkt_context_retain(ctx), .size = size, .owns = !values, .values = values};
  if (!values) GKT_GO(gkt_calloc(ctx, size, sizeof *v->values, &v->values));
done:
  if (status == GKT_OK) *out = v;
  else gkt_vector_destroy(&v);
  return status;
}

gkt_status gkt_vector_create(gkt_context *ctx, gkt_idx size, gkt_vector **out) { return create(ctx, size, NULL, out); }

gkt_status gkt_vector_wrap(gkt_context *ctx, gkt_idx size, gkt_scalar *values, gkt_vector **out) {
  if (!values) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "vector: no array; expected one of %d numbers", size);
  return create(ctx, size, values, out);
}

void gkt_vector_destroy(gkt_vector **vector) {
  gkt_vector *v = *vector;
  if (!v) return;
  if (v->owns) gkt_free(&v->values);
  gkt_context_destroy(&v->ctx);
  gkt_free(vector);
}

gkt_idx gkt_vector_size(const gkt_vector *v) { return v->size; }
gkt_where gkt_vector_where(const gkt_vector *v) { return v->where; }
gkt_scalar *gkt_vector_values(gkt_vector *v) { return v->where == GKT_ON_HOST ? v->values : NULL; }
const gkt_scalar *gkt_vector_read(const gkt_vector *v) { return v->where == GKT_ON_HOST ? v->values : NULL; }

void gkt_vector_fill(gkt_vector *v, gkt_scalar value) {
  for (gkt_idx i = 0; i < v->size; i++) v->values[i] = value;
}

void gkt_vector_copy(const gkt_vector *x, gkt_vector *y) { memcpy(y->values, x->values, (size_t)x->size * sizeof *x->values); }

void gkt_vector_scale(gkt_vector *v, gkt_scalar factor) {
  for (gkt_idx i = 0; i < v->size; i++) v->values[i] *= factor;
}

void gkt_vector_axpy(gkt_scalar a, const gkt_vector *x, gkt_vector *y) {
  for (gkt_idx i = 0; i < y->size; i++) y->values[i] += a * x->values[i];
}

double gkt_vector_dot(const gkt_vector *x, const gkt_vector *y) {
  double sum = 0;
  for (gkt_idx i = 0; i < x->size; i++) sum += x->values[i] * y->values[i];
  return sum;
}

double gkt_vector_norm(const gkt_vector *v) { return gkt_norm(v->size, v->values, NULL); }
bool gkt_vector_is_finite(const gkt_vector *v) { return gkt_is_finite(v->size, v->values); }

/* In parts: the rounding of one running sum over tens of millions of squares shows in the eleventh digit. */
double gkt_norm(gkt_size n, const gkt_scalar *v, const bool *skip) {
  enum { PART = 4096 };
  gkt_length length = {0, 0};
  for (gkt_size first = 0; first < n; first += PART) {
    gkt_length part = {0, 0};
    for (gkt_size i = first; i < n && i < first + PART; i++)
      if (!(skip && skip[i])) gkt_length_add(&part, v[i]);
    gkt_length_add(&length, gkt_length_value(&part));
  }
  return gkt_length_value(&length);
}

gkt_size gkt_find_not_finite(gkt_size n, const gkt_scalar *v) {
  for (gkt_size i = 0; i < n; i++)
    if (!isfinite(v[i])) return i;
  return -1;
}

bool gkt_is_finite(gkt_size n, const gkt_scalar *v) { return gkt_find_not_finite(n, v) < 0; }
