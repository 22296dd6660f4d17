/* Lengths of vectors and what else every stage asks of one. */
#include <string.h>

#include "core/vector.h"

struct gkt_vector {
  gkt_context *ctx;
  gkt_idx size;
  gkt_where where;
  bool owns;          /* the array */
  gkt_scalar *values; /* on the host */
  gkt_device *device; /* the rest: on the device */
  gkt_scalars array, work;
};

static gkt_status create_on_device(gkt_vector *v) {
  const gkt_device_module *kernels;
  v->where = GKT_ON_DEVICE;
  GKT_TRY(gkt_device_open(v->ctx, &v->device));
  GKT_TRY(gkt_device_kernels(v->device, gkt_vector_kernels, &kernels)); /* here, where it can be told */
  GKT_TRY(gkt_device_alloc(v->device, v->size, sizeof *v->array.at, "vector", &v->array));
  GKT_TRY(gkt_device_alloc(v->device, gkt_sum_work(v->size), sizeof *v->work.at, "partial sums", &v->work));
  return gkt_device_fill(v->device, v->array.at, 0, (gkt_size)v->size * (gkt_size)sizeof *v->array.at);
}

static gkt_status create(gkt_context *ctx, gkt_where where, gkt_idx size, gkt_scalar *values, gkt_vector **out) {
  gkt_vector *v = NULL;
  gkt_status status;
  if (size < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "vector: a size of %d; expected at least 0", size);
  GKT_GO(gkt_calloc(ctx, 1, sizeof *v, &v));
  *v = (gkt_vector){.ctx = gkt_context_retain(ctx), .size = size, .owns = !values, .values = values};
  if (where == GKT_ON_DEVICE) GKT_GO(create_on_device(v));
  else if (!values) GKT_GO(gkt_calloc(ctx, size, sizeof *v->values, &v->values));
done:
  if (status == GKT_OK) *out = v;
  else gkt_vector_destroy(&v);
  return status;
}

gkt_status gkt_vector_create(gkt_context *ctx, gkt_idx size, gkt_vector **out) { return create(ctx, GKT_ON_HOST, size, NULL, out); }
gkt_status gkt_vector_create_on(gkt_context *ctx, gkt_where where, gkt_idx size, gkt_vector **out) { return create(ctx, where, size, NULL, out); }

gkt_status gkt_vector_wrap(gkt_context *ctx, gkt_idx size, gkt_scalar *values, gkt_vector **out) {
  if (!values) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "vector: no array; expected one of %d numbers", size);
  return create(ctx, GKT_ON_HOST, size, values, out);
}

void gkt_vector_destroy(gkt_vector **vector) {
  gkt_vector *v = *vector;
  if (!v) return;
  if (v->device) gkt_device_free(v->device, &v->array), gkt_device_free(v->device, &v->work);
  if (v->owns) gkt_free(&v->values);
  gkt_context_destroy(&v->ctx);
  gkt_free(vector);
}

gkt_idx gkt_vector_size(const gkt_vector *v) { return v->size; }
gkt_where gkt_vector_where(const gkt_vector *v) { return v->where; }
gkt_scalar *gkt_vector_values(gkt_vector *v) { return v->values; }
const gkt_scalar *gkt_vector_read(const gkt_vector *v) { return v->values; }
gkt_device *gkt_vector_device(const gkt_vector *v) { return v->device; }
gkt_scalar *gkt_vector_address(const gkt_vector *v) { return v->array.at; }

static const char *place(gkt_where where) { return where == GKT_ON_HOST ? "on the host" : "on the device"; }

/* What these calls cannot return is kept by the context, and by the device, whose later calls fail. */
static bool is_apart(const gkt_vector *x, const gkt_vector *y) {
  if (x->where == y->where) return false;
  return gkt_fail(x->ctx, GKT_BAD_ARGUMENT, "a vector %s and one %s in one call; expected both in the same place (gkt_vector_to copies)", place(x->where), place(y->where));
}

void gkt_vector_fill(gkt_vector *v, gkt_scalar value) {
  if (v->device) (void)!gkt_device_vector_fill(v->device, v->size, value, v->array.at);
  for (gkt_idx i = 0; !v->device && i < v->size; i++) v->values[i] = value;
}

void gkt_vector_copy(const gkt_vector *x, gkt_vector *y) {
  gkt_size bytes = (gkt_size)x->size * (gkt_size)sizeof(gkt_scalar);
  if (is_apart(x, y)) return;
  if (x->device) (void)!gkt_device_copy(x->device, x->array.at, y->array.at, bytes);
  else memcpy(y->values, x->values, (size_t)bytes);
}

void gkt_vector_scale(gkt_vector *v, gkt_scalar factor) {
  if (v->device) (void)!gkt_device_vector_scale(v->device, v->size, factor, v->array.at);
  for (gkt_idx i = 0; !v->device && i < v->size; i++) v->values[i] *= factor;
}

void gkt_vector_axpy(gkt_scalar a, const gkt_vector *x, gkt_vector *y) {
  if (is_apart(x, y)) return;
  if (x->device) (void)!gkt_device_vector_axpy(x->device, x->size, a, x->array.at, y->array.at);
  for (gkt_idx i = 0; !x->device && i < y->size; i++) y->values[i] += a * x->values[i];
}

void gkt_vector_combine(gkt_idx first, gkt_idx count, int num, const gkt_scalar *factors, const gkt_vector *const *x, gkt_vector *y) {
  const gkt_scalar *from[GKT_MAX_SUMMANDS];
  for (int k = 0; k < num; k++) {
    if (is_apart(x[k], y)) return;
    from[k] = (x[k]->device ? x[k]->array.at : x[k]->values) + first;
  }
  if (y->device) (void)!gkt_device_vector_combine(y->device, count, num, factors, from, y->array.at + first);
  if (y->device) return;
  for (gkt_idx i = first; i < first + count; i++) y->values[i] = 0;
  for (int k = 0; k < num; k++)
    for (gkt_idx i = 0; i < count; i++) y->values[first + i] += factors[k] * from[k][i];
}

void gkt_vector_multiply(gkt_scalar factor, const gkt_vector *x, gkt_vector *y) {
  if (is_apart(x, y)) return;
  if (x->device) (void)!gkt_device_vector_multiply(x->device, x->size, factor, x->array.at, y->array.at);
  for (gkt_idx i = 0; !x->device && i < y->size; i++) y->values[i] *= factor * x->values[i];
}

/* The result of a sum on the device; NaN where it failed. */
static double fetch(const gkt_vector *v, gkt_status status) {
  double value = NAN;
  if (status == GKT_OK) status = gkt_device_download(v->device, v->work.at + gkt_sum_work(v->size) - 1, &value, sizeof value);
  return status == GKT_OK ? value : NAN;
}

double gkt_vector_dot(const gkt_vector *x, const gkt_vector *y) {
  double sum = 0;
  if (is_apart(x, y)) return NAN;
  if (x->device) return fetch(x, gkt_device_vector_dot(x->device, x->size, x->array.at, y->array.at, x->work.at, x->work.at + gkt_sum_work(x->size) - 1));
  for (gkt_idx i = 0; i < x->size; i++) sum += x->values[i] * y->values[i];
  return sum;
}

double gkt_vector_dot_of_sizes(const gkt_vector *x, const gkt_vector *y) {
  double sum = 0;
  if (is_apart(x, y)) return NAN;
  if (x->device) return fetch(x, gkt_device_vector_dot_of_sizes(x->device, x->size, x->array.at, y->array.at, x->work.at, x->work.at + gkt_sum_work(x->size) - 1));
  for (gkt_idx i = 0; i < x->size; i++) sum += fabs(x->values[i] * y->values[i]);
  return sum;
}

double gkt_vector_largest(const gkt_vector *v) {
  double most = 0;
  if (v->device) return fetch(v, gkt_device_vector_largest(v->device, v->size, v->array.at, v->work.at, v->work.at + gkt_sum_work(v->size) - 1));
  for (gkt_idx i = 0; i < v->size; i++) most = fmax(most, fabs(v->values[i]));
  return most;
}

double gkt_vector_norm(const gkt_vector *v) {
  if (v->device) return fetch(v, gkt_device_vector_norm(v->device, v->size, v->array.at, v->work.at, v->work.at + gkt_sum_work(v->size) - 1));
  return gkt_norm(v->size, v->values, NULL);
}

bool gkt_vector_is_finite(const gkt_vector *v) {
  gkt_size at = -1;
  if (v->device) return gkt_device_find_not_finite(v->device, v->size, v->array.at, v->work.at, &at) == GKT_OK && at < 0;
  return gkt_is_finite(v->size, v->values);
}

gkt_status gkt_vector_take(const gkt_scalar *from, gkt_vector *v) {
  const gkt_size bytes = (gkt_size)v->size * (gkt_size)sizeof *from;
  if (!from) gkt_vector_fill(v, 0);
  else if (v->device) return gkt_device_upload(v->device, from, v->array.at, bytes);
  else memcpy(v->values, from, (size_t)bytes);
  return GKT_OK;
}

gkt_status gkt_vector_give(const gkt_vector *v, gkt_scalar *to) {
  const gkt_size bytes = (gkt_size)v->size * (gkt_size)sizeof *to;
  if (v->device) return gkt_device_download(v->device, v->array.at, to, bytes);
  memcpy(to, v->values, (size_t)bytes);
  return GKT_OK;
}

gkt_status gkt_vector_to(const gkt_vector *x, gkt_vector *y) {
  gkt_size bytes = (gkt_size)x->size * (gkt_size)sizeof(gkt_scalar);
  if (x->size != y->size) return gkt_fail(x->ctx, GKT_BAD_ARGUMENT, "a vector of %d numbers is copied to one of %d", x->size, y->size);
  if (x->device && y->device) return gkt_device_copy(x->device, x->array.at, y->array.at, bytes);
  if (x->device) return gkt_device_download(x->device, x->array.at, y->values, bytes);
  if (y->device) return gkt_device_upload(y->device, x->values, y->array.at, bytes);
  memcpy(y->values, x->values, (size_t)bytes);
  return GKT_OK;
}

/* What squares below the least normal number would add to a sum above is beyond its last bit. */
static bool is_safe(double sum) { return sum > 1e-280 && sum < 1e300; }

void gkt_length_add_all(gkt_length *length, gkt_size n, const double *v) {
  double even = 0, odd = 0;
  gkt_size i = 0;
  for (; i + 2 <= n; i += 2) even += v[i] * v[i], odd += v[i + 1] * v[i + 1];
  if (i < n) even += v[i] * v[i];
  const double sum = even + odd;
  if (is_safe(sum)) gkt_length_add(length, sqrt(sum));
  else /* NaN as well */
    for (i = 0; i < n; i++) gkt_length_add(length, v[i]);
}

/* In parts: the rounding of one running sum over tens of millions of squares shows in the eleventh digit. */
double gkt_norm(gkt_size n, const gkt_scalar *v, const bool *skip) {
  enum { PART = 512 };
  double kept[PART];
  gkt_length length = {0, 0};
  for (gkt_size first = 0; first < n; first += PART) {
    const gkt_size end = first + PART < n ? first + PART : n;
    int count = 0;
    for (gkt_size i = first; skip && i < end; i++) kept[count] = v[i], count += !skip[i];
    gkt_length_add_all(&length, skip ? count : end - first, skip ? kept : v + first);
  }
  return gkt_length_value(&length);
}

gkt_size gkt_find_not_finite(gkt_size n, const gkt_scalar *v) {
  for (gkt_size i = 0; i < n; i++)
    if (!isfinite(v[i])) return i;
  return -1;
}

bool gkt_is_finite(gkt_size n, const gkt_scalar *v) { return gkt_find_not_finite(n, v) < 0; }
