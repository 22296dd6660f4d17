/* Small numeric matrices, scaled by what their diagonals were summed from, so that no answer depends on units. */
#include <math.h>
#include <string.h>

#include "forms/facts.h"

/* D^-1/2 A D^-1/2 with D = diag(size) is tested, so that the answer does not depend on units: Cholesky with the largest remaining diagonal as pivot (Higham, Accuracy and
   Stability, 10.3). */
bool gkt_is_semidefinite(double *A, int n, const double *size) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      if (size[i] > 0 && size[j] > 0) A[i * n + j] /= sqrt(size[i]) * sqrt(size[j]);
      else if (A[i * n + j] != 0) return false;
    }
  for (int k = 0; k < n; k++) {
    int p = k;
    for (int i = k; i < n; i++) {
      if (!(A[i * n + i] >= -GKT_FACTS_ROUNDING)) return false;
      if (A[i * n + i] > A[p * n + p]) p = i;
    }
    if (A[p * n + p] <= GKT_FACTS_ROUNDING) {
      for (int i = k; i < n; i++)
        for (int j = k; j < n; j++)
          if (!(fabs(A[i * n + j]) <= GKT_FACTS_ROUNDING)) return false;
      return true;
    }
    for (int i = 0; i < n; i++) {
      double t = A[k * n + i];
      A[k * n + i] = A[p * n + i];
      A[p * n + i] = t;
    }
    for (int i = 0; i < n; i++) {
      double t = A[i * n + k];
      A[i * n + k] = A[i * n + p];
      A[i * n + p] = t;
    }
    for (int i = k + 1; i < n; i++)
      for (int j = k + 1; j < n; j++) A[i * n + j] -= A[i * n + k] * A[k * n + j] / A[k * n + k];
  }
  return true;
}

/* A -= c (e_i + e_j)(e_i + e_j)', c = GKT_FACTS_ELLIPTIC times the smaller diagonal. false: there is none */
static bool subtract_pair(double *A, int n, int i, int j, const double *size) {
  double c = GKT_FACTS_ELLIPTIC * fmin(size[i], size[j]);
  A[i * n + i] -= c;
  if (i == j) return c > 0;
  A[j * n + j] -= c;
  A[i * n + j] -= c;
  A[j * n + i] -= c;
  return c > 0;
}

static bool exceeds(const double *A, int n, int dim, const double *size, bool strains, double *work) {
  bool enough = true;
  int slots = 1 + dim;
  memcpy(work, A, (size_t)n * n * sizeof *work);
  for (int i = 0; i < n; i++) {
    int component = i / slots, direction = i % slots - 1, other = direction * slots + component + 1;
    if (direction >= 0 && !(strains && other < i)) enough = enough && subtract_pair(work, n, i, strains ? other : i, size);
  }
  return enough && gkt_is_semidefinite(work, n, size);
}

gkt_ellipticity gkt_ellipticity_of(const double *A, int n, int dim, const double *size, double *work) {
  if (exceeds(A, n, dim, size, false, work)) return GKT_ELLIPTIC;
  return n == dim * (1 + dim) && exceeds(A, n, dim, size, true, work) ? GKT_ELLIPTIC_IN_STRAINS : GKT_NOT_ELLIPTIC;
}
