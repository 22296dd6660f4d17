/* With s = 1 - z, u = x/s, v = y/s the space of degree k is spanned by u^i v^j s^m, max(i,j) <= m <= k (Bergot, Cohen, Durufle 2010): it holds all polynomials of degree k, and
   its traces on the facets are those of the neighbours. The nodal functions are whole-number combinations of these. */
#include "meshes/pyramid.h"

enum { MOST = 14 };
typedef struct {
  int i, j, m;
} power;

static const power powers1[5] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}};
static const power powers2[14] = {{0, 0, 0}, {0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {0, 2, 2}, {1, 0, 1},
                                  {1, 0, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 2}, {2, 0, 2}, {2, 1, 2}, {2, 2, 2}};
/* [node][power] */
static const signed char nodal1[5][5] = {{0, 1, -1, -1, 1}, {0, 0, 0, 1, -1}, {0, 0, 0, 0, 1}, {0, 0, 1, 0, -1}, {1, -1, 0, 0, 0}};
static const signed char nodal2[14][14] = {
    {0, -1, 2, 1, -4, 2, 1, -4, -1, 10, -6, 2, -6, 4}, {0, 0, 0, 0, 0, 0, -1, 0, 1, 2, -2, 2, -6, 4},   {0, 0, 0, 0, 0, 0, 0, 0, -1, 2, -2, 0, -2, 4},
    {0, 0, 0, -1, 0, 2, 0, 0, 1, 2, -6, 0, -2, 4},     {1, -3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},     {0, 0, 0, 0, 0, 0, 0, 4, 0, -12, 8, -4, 12, -8},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, -4, 4, 0, 8, -8},      {0, 0, 0, 0, 0, 0, 0, 0, 0, -4, 8, 0, 4, -8},    {0, 0, 0, 0, 4, -4, 0, 0, 0, -12, 12, 0, 8, -8},
    {0, 4, -4, -4, 4, 0, -4, 4, 4, -4, 0, 0, 0, 0},    {0, 0, 0, 0, 0, 0, 4, -4, -4, 4, 0, 0, 0, 0},    {0, 0, 0, 0, 0, 0, 0, 0, 4, -4, 0, 0, 0, 0},
    {0, 0, 0, 4, -4, 0, 0, 0, -4, 4, 0, 0, 0, 0},      {0, 0, 0, 0, 0, 0, 0, 0, 0, 16, -16, 0, -16, 16}};

/* x^n for the exponents at hand; n < 0 stands in front of a factor 0. */
static double raise(double x, int n) { return n < 0 ? 0 : n == 0 ? 1 : n == 1 ? x : x * x; }

/* At the apex u and v have no value: that of the axis is taken. */
static void collapse(const double *xi, double *u, double *v, double *s) {
  *s = 1 - xi[2];
  *u = *s > 1e-14 ? xi[0] / *s : 0.5;
  *v = *s > 1e-14 ? xi[1] / *s : 0.5;
}

void gkt_pyramid_values(int degree, const double *xi, double *phi) {
  const power *powers = degree == 1 ? powers1 : powers2;
  const signed char *nodal = degree == 1 ? nodal1[0] : nodal2[0];
  int size = degree == 1 ? 5 : 14;
  double u, v, s, psi[MOST];
  collapse(xi, &u, &v, &s);
  for (int n = 0; n < size; n++) psi[n] = raise(u, powers[n].i) * raise(v, powers[n].j) * raise(s, powers[n].m);
  for (int a = 0; a < size; a++) {
    phi[a] = 0;
    for (int n = 0; n < size; n++) phi[a] += nodal[a * size + n] * psi[n];
  }
}

/* x^i y^j s^(m-i-j) by x, y and z = 1 - s, written in u, v and s: all exponents of s are m - 1. */
static void derive(const power *p, double u, double v, double s, double *out) {
  double scale = raise(s, p->m - 1);
  out[0] = p->i * raise(u, p->i - 1) * raise(v, p->j) * scale;
  out[1] = p->j * raise(u, p->i) * raise(v, p->j - 1) * scale;
  out[2] = (p->i + p->j - p->m) * raise(u, p->i) * raise(v, p->j) * scale;
}

void gkt_pyramid_gradients(int degree, const double *xi, double *dphi) {
  const power *powers = degree == 1 ? powers1 : powers2;
  const signed char *nodal = degree == 1 ? nodal1[0] : nodal2[0];
  int size = degree == 1 ? 5 : 14;
  double u, v, s, psi[MOST][3];
  collapse(xi, &u, &v, &s);
  for (int n = 0; n < size; n++) derive(&powers[n], u, v, s, psi[n]);
  for (int a = 0; a < size; a++)
    for (int d = 0; d < 3; d++) {
      dphi[a * 3 + d] = 0;
      for (int n = 0; n < size; n++) dphi[a * 3 + d] += nodal[a * size + n] * psi[n][d];
    }
}
