/* Custom functions for tests, each also written in the language; their tangents are right. Arguments: a matrix A, 2x2 or 3x3 by `user`, and a scalar c. */
#ifndef GKT_TESTS_CUSTOM_LAWS_H
#define GKT_TESTS_CUSTOM_LAWS_H
#include <math.h>

#include "galerkit/form.h"

enum { MOST = 10 };                       /* components of the arguments */
static int two = 2, three = 3, num_calls; /* of hard, counted where one thread calls */

static inline int gather(const void *user, int p, int stride, const gkt_scalar *in, gkt_scalar *a) {
  int dim = *(const int *)user, m = dim * dim + 1;
  for (int i = 0; i < m; i++) a[i] = in[i * stride + p];
  return m;
}

static inline double square(int n, const gkt_scalar *a) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * a[i];
  return sum;
}

/* c (1 + A:A) A: its tangent by A is symmetric. */
static inline void hard(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  __atomic_fetch_add(&num_calls, 1, __ATOMIC_RELAXED);
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int n = gather(user, p, stride, in, a) - 1;
    for (int k = 0; k < n; k++) out[k * stride + p] = a[n] * (1 + square(n, a)) * a[k];
  }
}
static inline void hard_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int m = gather(user, p, stride, in, a), n = m - 1;
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n; j++) out[(k * m + j) * stride + p] = a[n] * ((k == j) * (1 + square(n, a)) + 2 * a[k] * a[j]);
      out[(k * m + n) * stride + p] = (1 + square(n, a)) * a[k];
    }
  }
}

/* exp(tr A) A + c I: a tangent that is not symmetric. */
static inline double trace(int dim, const gkt_scalar *a) {
  double sum = 0;
  for (int i = 0; i < dim; i++) sum += a[i * (dim + 1)];
  return sum;
}
static inline void skewed(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  int dim = *(const int *)user;
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int n = gather(user, p, stride, in, a) - 1;
    for (int k = 0; k < n; k++) out[k * stride + p] = exp(trace(dim, a)) * a[k] + (k % (dim + 1) == 0 ? a[n] : 0);
  }
}
static inline void skewed_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  int dim = *(const int *)user;
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int m = gather(user, p, stride, in, a), n = m - 1;
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n; j++) out[(k * m + j) * stride + p] = exp(trace(dim, a)) * ((k == j) + (j % (dim + 1) == 0) * a[k]);
      out[(k * m + n) * stride + p] = k % (dim + 1) == 0;
    }
  }
}

/* A:A + c^2, a potential. */
static inline void potential(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int m = gather(user, p, stride, in, a);
    out[p] = square(m, a);
  }
}
static inline void potential_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  for (int p = 0; p < count; p++) {
    gkt_scalar a[MOST];
    int m = gather(user, p, stride, in, a);
    for (int j = 0; j < m; j++) out[j * stride + p] = 2 * a[j];
  }
}

static inline gkt_external law_of(int dim, gkt_shape result, gkt_external_fn *function, gkt_external_fn *tangent) {
  return (gkt_external){.num_arguments = 2,
                        .arguments = {gkt_shape_matrix(dim, dim), gkt_shape_scalar()},
                        .result = result,
                        .function = function,
                        .tangent = tangent,
                        .user = dim == 2 ? &two : &three};
}
static inline gkt_external hard_law(int dim) { return law_of(dim, gkt_shape_matrix(dim, dim), hard, hard_tangent); }
static inline gkt_external skewed_law(int dim) { return law_of(dim, gkt_shape_matrix(dim, dim), skewed, skewed_tangent); }
static inline gkt_external potential_law(int dim) { return law_of(dim, gkt_shape_scalar(), potential, potential_tangent); }
#endif
