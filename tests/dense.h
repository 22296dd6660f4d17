/* Dense algebra for the tests, by plain loops. */
#ifndef GKT_TESTS_DENSE_H
#define GKT_TESTS_DENSE_H
#include <math.h>

/* Of a symmetric A [n][n]: eigenvalues on its diagonal, vectors in the columns of V [n][n]: cyclic Jacobi rotations (Golub and Van Loan, 8.5). */
static inline void dense_rotate(int n, double *A, double *V, int p, int q) {
  double theta = 0.5 * atan2(2 * A[p * n + q], A[q * n + q] - A[p * n + p]), c = cos(theta), d = sin(theta);
  for (int k = 0; k < n; k++) {
    double x = A[k * n + p], y = A[k * n + q], v = V[k * n + p], w = V[k * n + q];
    A[k * n + p] = c * x - d * y, A[k * n + q] = d * x + c * y, V[k * n + p] = c * v - d * w, V[k * n + q] = d * v + c * w;
  }
  for (int k = 0; k < n; k++) {
    double x = A[p * n + k], y = A[q * n + k];
    A[p * n + k] = c * x - d * y, A[q * n + k] = d * x + c * y;
  }
}

static inline void dense_eigen(int n, double *A, double *V) {
  double off = 1, all = 0;
  for (int i = 0; i < n * n; i++) V[i] = i % (n + 1) == 0, all += A[i] * A[i];
  for (int sweep = 0; sweep < 40 && off > 1e-30 * all; sweep++) {
    off = 0;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) {
        off += A[p * n + q] * A[p * n + q];
        if (A[p * n + q] != 0) dense_rotate(n, A, V, p, q);
      }
  }
}
#endif
