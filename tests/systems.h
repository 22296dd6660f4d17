/* Linear systems for the tests of the solvers, built by plain loops: P1 on a box of n^3 cubes, each cut into 6 Kuhn tetrahedra. */
#ifndef GKT_TESTS_SYSTEMS_H
#define GKT_TESTS_SYSTEMS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/solver.h"

typedef struct {
  gkt_csr *A;
  double *coords, *b, *x;
  bool *fixed;
  gkt_system_facts facts;
} test_system;

/* g [4][3]: gradients of the barycentric coordinates of a tetrahedron; returns its volume. */
static inline double tet_gradients(double p[4][3], double g[4][3]) {
  double e[3][3], inv[3][3], det = 0;
  for (int i = 0; i < 3; i++)
    for (int d = 0; d < 3; d++) e[i][d] = p[i + 1][d] - p[0][d];
  for (int i = 0; i < 3; i++)
    for (int d = 0; d < 3; d++) {
      int i1 = (i + 1) % 3, i2 = (i + 2) % 3, d1 = (d + 1) % 3, d2 = (d + 2) % 3;
      inv[i][d] = e[i1][d1] * e[i2][d2] - e[i1][d2] * e[i2][d1]; /* cofactor */
    }
  for (int d = 0; d < 3; d++) det += e[0][d] * inv[0][d];
  for (int d = 0; d < 3; d++) {
    g[0][d] = 0;
    for (int i = 0; i < 3; i++) g[i + 1][d] = inv[i][d] / det, g[0][d] -= g[i + 1][d];
  }
  return fabs(det) / 6;
}

/* Kuhn neighbours: offsets whose components are all >= 0 or all <= 0, in ascending order of node numbers; 15 of them. */
static inline int box_neighbours(int n, int i, int j, int k, int *out) {
  int count = 0, m = n + 1;
  for (int dk = -1; dk <= 1; dk++)
    for (int dj = -1; dj <= 1; dj++)
      for (int di = -1; di <= 1; di++) {
        bool up = di >= 0 && dj >= 0 && dk >= 0, down = di <= 0 && dj <= 0 && dk <= 0;
        int a = i + di, b = j + dj, c = k + dk;
        if ((up || down) && a >= 0 && b >= 0 && c >= 0 && a < m && b < m && c < m) out[count++] = (c * m + b) * m + a;
      }
  return count;
}

static inline double *entry(gkt_csr *A, gkt_idx row, gkt_idx col) {
  for (gkt_idx k = A->row_offsets[row]; k < A->row_offsets[row + 1]; k++)
    if (A->cols[k] == col) return &A->vals[k];
  abort();
}

/* Element matrix block of nodes a, b: out [block][block]. */
typedef void test_element(const double *ga, const double *gb, double mean, const double *x, double *out);
/* (k grad u, grad v) */
static inline void element_laplace(const double *ga, const double *gb, double mean, const double *x, double *out) {
  (void)mean, (void)x;
  *out = ga[0] * gb[0] + ga[1] * gb[1] + ga[2] * gb[2];
}
/* laplace minus 200 mass (lumped in form only): indefinite */
static inline void element_helmholtz(const double *ga, const double *gb, double mean, const double *x, double *out) {
  element_laplace(ga, gb, mean, x, out);
  *out -= 200 * mean;
}
/* 0.02 laplace and the wind (y, -x, 1) against the test function */
static inline void element_advect(const double *ga, const double *gb, double mean, const double *x, double *out) {
  (void)mean;
  element_laplace(ga, gb, mean, x, out);
  *out = 0.02 * *out + (x[1] * gb[0] - x[0] * gb[1] + gb[2]) / 4;
}
/* isotropic elasticity, E 1, nu 0.3 */
static inline void element_elastic(const double *ga, const double *gb, double mean, const double *x, double *out) {
  double lambda = 0.3 / (1.3 * 0.4), mu = 0.5 / 1.3, dot = ga[0] * gb[0] + ga[1] * gb[1] + ga[2] * gb[2];
  (void)mean, (void)x;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) out[3 * i + j] = lambda * ga[i] * gb[j] + mu * ga[j] * gb[i] + (i == j ? mu * dot : 0);
}

static inline void add_cube(test_system *s, int n, const int *at, int block, test_element *element) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int t = 0; t < 6; t++) {
    int corner[3] = {at[0], at[1], at[2]}, node[4];
    double p[4][3], g[4][3], x[3] = {0}, local[9];
    for (int v = 0; v < 4; v++) {
      if (v) corner[orders[t][v - 1]]++;
      node[v] = (corner[2] * (n + 1) + corner[1]) * (n + 1) + corner[0];
      for (int d = 0; d < 3; d++) p[v][d] = s->coords[3 * node[v] + d], x[d] += p[v][d] / 4;
    }
    double volume = tet_gradients(p, g);
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < 4; b++) {
        element(g[a], g[b], a == b ? 0.1 : 0.05, x, local);
        for (int c = 0; c < block * block; c++) *entry(s->A, node[a] * block + c / block, node[b] * block + c % block) += volume * local[c];
      }
  }
}

/* Zeroes rows and columns of fixed dofs, unit diagonal times `scale`. */
static inline void fix_dofs(test_system *s, double scale) {
  gkt_csr *A = s->A;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (s->fixed[i] || s->fixed[A->cols[k]]) A->vals[k] = i == A->cols[k] ? scale : 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    if (s->fixed[i]) s->b[i] = 0;
}

/* lengths: of the box, NULL: 1. fix: the side x = 0 is held. The right-hand side is a fixed smooth load. */
static inline void test_system_create(gkt_context *context, int n, int block, test_element *element, const double *lengths, bool fix, test_system *s) {
  int m = n + 1, nodes = m * m * m, list[27];
  gkt_size entries = 0;
  memset(s, 0, sizeof *s);
  s->coords = malloc(sizeof(double) * 3 * nodes), s->b = malloc(sizeof(double) * block * nodes);
  s->x = calloc((size_t)block * nodes, sizeof(double)), s->fixed = calloc((size_t)block * nodes, sizeof(bool));
  for (int v = 0; v < nodes; v++) entries += box_neighbours(n, v % m, v / m % m, v / m / m, list);
  if (gkt_csr_create(context, block * nodes, block * nodes, entries * block * block, block, &s->A) != GKT_OK) abort();
  for (int v = 0, at = 0; v < nodes; v++) {
    int at3[3] = {v % m, v / m % m, v / m / m}, count = box_neighbours(n, at3[0], at3[1], at3[2], list);
    for (int d = 0; d < 3; d++) s->coords[3 * v + d] = (lengths ? lengths[d] : 1.0) * at3[d] / n;
    for (int c = 0; c < block; c++) {
      for (int q = 0; q < count; q++)
        for (int e = 0; e < block; e++) s->A->cols[at] = list[q] * block + e, s->A->vals[at++] = 0;
      s->A->row_offsets[v * block + c + 1] = at;
      s->fixed[v * block + c] = fix && at3[0] == 0;
      s->b[v * block + c] = (1 + c + sin(3.0 * v / nodes)) / nodes;
    }
  }
  for (int c = 0; c < n * n * n; c++) add_cube(s, n, (int[]){c % n, c / n % n, c / n / n}, block, element);
  if (fix) fix_dofs(s, 1.0 / n);
  s->facts = (gkt_system_facts){.symmetric = true,
                                .positive = true,
                                .block_size = block,
                                .dim = 3,
                                .coords = s->coords,
                                .constrained = fix ? s->fixed : NULL,
                                .near_null = element == element_elastic ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS};
}

static inline void test_system_destroy(test_system *s) {
  gkt_csr_destroy(&s->A);
  free(s->coords), free(s->b), free(s->x), free(s->fixed);
}

static inline double true_residual(const test_system *s) {
  gkt_idx n = s->A->num_rows;
  double *ax = malloc(sizeof(double) * (size_t)n), rr = 0, bb = 0;
  gkt_csr_multiply(s->A, s->x, ax);
  for (gkt_idx i = 0; i < n; i++)
    if (!s->facts.constrained || !s->facts.constrained[i]) rr += (s->b[i] - ax[i]) * (s->b[i] - ax[i]), bb += s->b[i] * s->b[i];
  free(ax);
  return sqrt(rr / bb);
}

/* diffusion that a wind makes unsymmetric */
static inline void element_windy(const double *ga, const double *gb, double mean, const double *x, double *out) {
  element_advect(ga, gb, mean, x, out);
  *out += 0.3 * (ga[0] * gb[0] + ga[1] * gb[1] + ga[2] * gb[2]);
}

/* y = A' x by columns */
static inline void multiply_transposed(const gkt_csr *A, const double *x, double *y) {
  for (gkt_idx i = 0; i < A->num_cols; i++) y[i] = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) y[A->cols[k]] += A->vals[k] * x[i];
}
#endif
