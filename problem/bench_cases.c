/* The standard cases of `galerkit bench`; bench/peers/run_dolfinx.py states the same ones in UFL. Degrees of quadrature are given where two programs would choose differently. */
#include "galerkit/bench.h"

#define BOX(n, shape) "mesh: {box: {cells: [" #n ", " #n ", " #n "], shape: " #shape "}}\n"
#define SCALAR(space) "fields: {u: {space: " #space ", test: v}}\n"
#define VECTOR(space) "fields: {u: {space: " #space ", shape: vector, test: v}}\n"
#define VARYING(space) "coefficients: {k: {space: " #space ", value: \"1 + dot(x, x)\"}}\n"
#define MATERIAL "constants: {lam: 1.25, mu: 0.8}\n"
#define POISSON(k) "equation: \"" k "dot(grad(u), grad(v))*dx == v*dx\"\n"
#define ELASTICITY(k, dx) "equation: \"" k "(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*" dx " == v[2]*dx\"\n"
#define NEO_HOOKEAN(k)                                                                  \
  "let: {F: \"I + grad(u)\", J: \"det(F)\"}\n"                                          \
  "energy: \"" k "(mu/2*(inner(F, F) - 3) - mu*ln(J) + lam/2*ln(J)^2)*dx(degree=2)\"\n" \
  "initial: {u: \"[0.1*sin(x[1]), 0.1*sin(x[2]), 0.1*sin(x[0])]\"}\n"

static const gkt_bench_case cases[] = {
    {"poisson-p1", BOX(56, tet) SCALAR(P1) POISSON("")},
    {"poisson-p1-varying", BOX(56, tet) SCALAR(P1) VARYING(P1) POISSON("k*")},
    {"elasticity-p1", BOX(40, tet) VECTOR(P1) MATERIAL ELASTICITY("", "dx")},
    {"elasticity-p1-varying", BOX(40, tet) VECTOR(P1) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx")},
    {"poisson-p2", BOX(30, tet) SCALAR(P2) POISSON("")},
    {"poisson-p2-varying", BOX(30, tet) SCALAR(P2) VARYING(P1) POISSON("k*")},
    {"elasticity-q1", BOX(40, hex) VECTOR(P1) MATERIAL ELASTICITY("", "dx(degree=2)")},
    {"elasticity-q1-varying", BOX(40, hex) VECTOR(P1) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx(degree=2)")},
    {"elasticity-q2", BOX(20, hex) VECTOR(P2) MATERIAL ELASTICITY("", "dx(degree=4)")},
    {"elasticity-q2-varying", BOX(20, hex) VECTOR(P2) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx(degree=4)")},
    {"neo-hookean-p2", BOX(20, tet) VECTOR(P2) MATERIAL NEO_HOOKEAN("")},
    {"neo-hookean-p2-varying", BOX(20, tet) VECTOR(P2) VARYING(DP0) MATERIAL NEO_HOOKEAN("k*")},
};

const gkt_bench_case *gkt_bench_cases(int *count) {
  *count = sizeof cases / sizeof *cases;
  return cases;
}
