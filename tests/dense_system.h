/* Dense systems in long double: rows and columns scaled to entries near 1, Gauss with full pivoting, the whole inverse. Slow and sure: the truth for small systems. */
#ifndef GKT_TESTS_DENSE_SYSTEM_H
#define GKT_TESTS_DENSE_SYSTEM_H
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  int n;
  long double *a;         /* [n][n] by rows; scaled by dense_factorize */
  long double *row, *col; /* a given = a / (row col) */
  long double *inverse;   /* [n][n] of the scaled one */
  long double condition;  /* of the scaled one in the maximum norm; INFINITY: a pivot is 0 */
  int nullity;            /* pivots below 1e-13 of the first */
} dense;

static dense dense_create(int n) {
  size_t square = (size_t)n * (size_t)n + 1, line = (size_t)n + 1;
  dense d = {.n = n, .a = calloc(square, sizeof *d.a), .inverse = calloc(square, sizeof *d.a)};
  d.row = calloc(line, sizeof *d.row), d.col = calloc(line, sizeof *d.col);
  return d;
}

static void dense_destroy(dense *d) { free(d->a), free(d->inverse), free(d->row), free(d->col); }

/* Ruiz 2001: rows and columns divided by the roots of their largest entries, again and again. */
static void dense_scale(dense *d) {
  int n = d->n;
  for (int i = 0; i < n; i++) d->row[i] = d->col[i] = 1;
  for (int sweep = 0; sweep < 20; sweep++)
    for (int turn = 0; turn < 2; turn++)
      for (int i = 0; i < n; i++) {
        long double most = 0, factor;
        size_t first = turn ? (size_t)i : (size_t)i * n, step = turn ? (size_t)n : 1;
        for (int j = 0; j < n; j++) most = fmaxl(most, fabsl(d->a[first + j * step]));
        if (most == 0) continue;
        factor = 1 / (sweep < 19 ? sqrtl(most) : most);
        for (int j = 0; j < n; j++) d->a[first + j * step] *= factor;
        (turn ? d->col : d->row)[i] *= factor;
      }
}

static long double dense_norm(int n, const long double *a) {
  long double most = 0;
  for (int i = 0; i < n; i++) {
    long double sum = 0;
    for (int j = 0; j < n; j++) sum += fabsl(a[(size_t)i * n + j]);
    most = fmaxl(most, sum);
  }
  return most;
}

/* The inverse by Gauss-Jordan with full pivoting. */
static void dense_invert(dense *d) {
  int n = d->n, *rows = calloc((size_t)n + 1, sizeof *rows), *cols = calloc((size_t)n + 1, sizeof *cols);
  bool *used_row = calloc((size_t)n + 1, 1), *used_col = calloc((size_t)n + 1, 1);
  long double *w = malloc(((size_t)n * n + 1) * sizeof *w), first = 0;
  memcpy(w, d->a, (size_t)n * n * sizeof *w);
  d->nullity = 0;
  for (int k = 0; k < n; k++) {
    int p = -1, q = -1;
    long double most = -1;
    for (int i = 0; i < n; i++)
      for (int j = 0; !used_row[i] && j < n; j++)
        if (!used_col[j] && fabsl(w[(size_t)i * n + j]) > most) most = fabsl(w[(size_t)i * n + j]), p = i, q = j;
    if (k == 0) first = most;
    if (!(most > 1e-13L * first)) d->nullity = d->nullity ? d->nullity : n - k;
    if (!(most > 0)) break;
    used_row[p] = used_col[q] = true, rows[k] = p, cols[k] = q;
    long double *pivot = w + (size_t)p * n, value = 1 / pivot[q];
    pivot[q] = 1;
    for (int j = 0; j < n; j++) pivot[j] *= value;
    for (int i = 0; i < n; i++) {
      long double *line = w + (size_t)i * n, factor = line[q];
      if (i == p || factor == 0) continue;
      line[q] = 0;
      for (int j = 0; j < n; j++) line[j] -= factor * pivot[j];
    }
    if (k == n - 1) d->condition = 0;
  }
  if (n == 0) d->condition = 0;
  /* step k solved row rows[k] for unknown cols[k]: (A^-1)[cols[k]][rows[l]] = w[rows[k]][cols[l]] */
  for (int k = 0; k < n && d->condition == 0; k++)
    for (int l = 0; l < n; l++) d->inverse[(size_t)cols[k] * n + rows[l]] = w[(size_t)rows[k] * n + cols[l]];
  if (d->condition == 0 && n) d->condition = dense_norm(n, d->a) * dense_norm(n, d->inverse);
  free(w), free(rows), free(cols), free(used_row), free(used_col);
}

static void dense_factorize(dense *d) {
  d->condition = INFINITY;
  dense_scale(d);
  dense_invert(d);
}

/* x = A^-1 b of the matrix as it was given, with refinement. */
static void dense_solve(const dense *d, const long double *b, long double *x) {
  int n = d->n;
  long double *r = malloc(((size_t)n + 1) * sizeof *r);
  for (int i = 0; i < n; i++) x[i] = 0;
  for (int pass = 0; pass < 3; pass++) {
    for (int i = 0; i < n; i++) {
      r[i] = b[i] * d->row[i];
      for (int j = 0; j < n; j++) r[i] -= d->a[(size_t)i * n + j] * x[j];
    }
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) x[i] += d->inverse[(size_t)i * n + j] * r[j];
  }
  for (int i = 0; i < n; i++) x[i] *= d->col[i];
  free(r);
}

/* y = |A^-1| e: how far errors e of the right-hand side can move the solution (Bauer 1966, Skeel 1979). */
static void dense_spread(const dense *d, const long double *e, long double *y) {
  for (int i = 0; i < d->n; i++) {
    y[i] = 0;
    for (int j = 0; j < d->n; j++) y[i] += fabsl(d->inverse[(size_t)i * d->n + j]) * d->row[j] * e[j];
    y[i] *= d->col[i];
  }
}
#endif
