/* The standard cases; bench/peers/ states the same ones for other programs. Degrees of quadrature are given where two programs would choose differently. */
#include <string.h>

#include "bench/bench.h"

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
#define P2_P1 "u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}"
#define CARRIED "inner(grad(u)*u, v)*dx + 0.01*inner(grad(u), grad(v))*dx"
#define PRESSED " - p*div(v)*dx - q*div(u)*dx"
#define WARMED " - c*v[2]*dx + dot(u, grad(c))*d*dx + 0.01*dot(grad(c), grad(d))*dx"
#define FLOW "u: \"[0.1*sin(x[1]), 0.1*sin(x[2]), 0.1*sin(x[0])]\""

static const bench_case cases[] = {
    {"poisson-p1", BOX(56, tet) SCALAR(P1) POISSON(""), NULL, {0}},
    {"poisson-p1-varying", BOX(56, tet) SCALAR(P1) VARYING(P1) POISSON("k*"), NULL, {0}},
    {"elasticity-p1", BOX(40, tet) VECTOR(P1) MATERIAL ELASTICITY("", "dx"), NULL, {0}},
    {"elasticity-p1-varying", BOX(40, tet) VECTOR(P1) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx"), NULL, {0}},
    {"poisson-p2", BOX(30, tet) SCALAR(P2) POISSON(""), NULL, {0}},
    {"poisson-p2-varying", BOX(30, tet) SCALAR(P2) VARYING(P1) POISSON("k*"), NULL, {0}},
    {"elasticity-q1", BOX(40, hex) VECTOR(P1) MATERIAL ELASTICITY("", "dx(degree=2)"), NULL, {0}},
    {"elasticity-q1-varying", BOX(40, hex) VECTOR(P1) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx(degree=2)"), NULL, {0}},
    {"elasticity-q2", BOX(20, hex) VECTOR(P2) MATERIAL ELASTICITY("", "dx(degree=4)"), NULL, {0}},
    {"elasticity-q2-varying", BOX(20, hex) VECTOR(P2) VARYING(DP0) MATERIAL ELASTICITY("k*", "dx(degree=4)"), NULL, {0}},
    {"neo-hookean-p2", BOX(20, tet) VECTOR(P2) MATERIAL NEO_HOOKEAN(""), NULL, {0}},
    {"neo-hookean-p2-varying", BOX(20, tet) VECTOR(P2) VARYING(DP0) MATERIAL NEO_HOOKEAN("k*"), NULL, {0}},
    {"burgers-p2", BOX(20, tet) VECTOR(P2) "equation: \"" CARRIED "\"\ninitial: {" FLOW "}\n", NULL, {0}},
    {"navier-stokes", BOX(20, tet) "fields: {" P2_P1 "}\nequation: \"" CARRIED PRESSED "\"\ninitial: {" FLOW "}\n", NULL, {0}},
    {"boussinesq", BOX(20, tet) "fields: {" P2_P1 ", c: {space: P2, test: d}}\nequation: \"" CARRIED PRESSED WARMED "\"\ninitial: {" FLOW ", c: \"cos(x[2])\"}\n", NULL, {0}},
};

const bench_case *bench_assembly_cases(int *count) {
  *count = sizeof cases / sizeof *cases;
  return cases;
}

/* ---- solve: loads are polynomials, so that no two programs differ by their points ---- */
#define CLAMPED "conditions: [{on: boundary, field: u, value: 0}]\n"
#define CUBE(n) BOX(n, tet) SCALAR(P1) "equation: \"dot(grad(u), grad(v))*dx == (1 + 4*x[0]*x[1]^2)*v*dx\"\n" CLAMPED
#define HOLLOW_CUBE(size)                                                                                                                                \
  "mesh: {geometry: hollow-cube.geo, size: " #size "}\n" VECTOR(P1) "constants: {E: 1.0, nu: 0.3}\n"                                                     \
                                                                    "let: {stress: \"E/(1 + nu)*sym(grad(u)) + E*nu/((1 + nu)*(1 - 2*nu))*div(u)*I\"}\n" \
                                                                    "equation: \"inner(stress, sym(grad(v)))*dx == dot([1, 1, 1], v)*dx\"\n" CLAMPED
#define STOKES(n) \
  BOX(n, tet)     \
  "fields: {" P2_P1 "}\nequation: \"inner(grad(u), grad(v))*dx" PRESSED " == dot([x[1]*x[2], -x[0]*x[2], x[0]*x[1]], v)*dx\"\n" CLAMPED
static const char hollow_cube[] = "SetFactory(\"OpenCASCADE\");\n" /* [0,1]^3 without (0.25,0.75)^3 */
                                  "Box(1) = {0, 0, 0, 1, 1, 1};\n"
                                  "Box(2) = {0.25, 0.25, 0.25, 0.5, 0.5, 0.5};\n"
                                  "BooleanDifference(3) = { Volume{1}; Delete; }{ Volume{2}; Delete; };\n";

/* Named by millions of dofs. */
static const bench_case solve_cases[] = {
    {"poisson-0.1", CUBE(46), NULL, {0}},
    {"poisson-0.7", CUBE(88), NULL, {0}},
    {"poisson-1.0", CUBE(99), NULL, {0}},
    {"hollow-cube-0.1", HOLLOW_CUBE(0.0284), hollow_cube, {0}},
    {"hollow-cube-0.7", HOLLOW_CUBE(0.0139), hollow_cube, {0}},
    {"hollow-cube-1.0", HOLLOW_CUBE(0.0122), hollow_cube, {0}},
    {"stokes-0.1", STOKES(16), NULL, {0}},
    {"stokes-0.7", STOKES(30), NULL, {0}},
};

const bench_case *bench_solve_cases(int *count) {
  *count = sizeof solve_cases / sizeof *solve_cases;
  return solve_cases;
}

/* ---- predictions: planned in seconds; counts of a cell are those of a larger box but for its surface ---- */
static const bench_case gpu_cases[] = {
    {"poisson-p1", BOX(32, tet) SCALAR(P1) POISSON(""), NULL, {0}},
    {"poisson-p2", BOX(16, tet) SCALAR(P2) POISSON(""), NULL, {0}},
    {"elasticity-p1", BOX(24, tet) VECTOR(P1) MATERIAL ELASTICITY("", "dx"), NULL, {0}},
    {"elasticity-p2", BOX(15, tet) VECTOR(P2) MATERIAL ELASTICITY("", "dx"), NULL, {0}},
    {"elasticity-q1", BOX(24, hex) VECTOR(P1) MATERIAL ELASTICITY("", "dx(degree=2)"), NULL, {0}},
    {"elasticity-q2", BOX(14, hex) VECTOR(P2) MATERIAL ELASTICITY("", "dx(degree=4)"), NULL, {0}},
    {"neo-hookean-p2", BOX(15, tet) VECTOR(P2) MATERIAL NEO_HOOKEAN(""), NULL, {0}},
};

const bench_case *bench_gpu_cases(int *count) {
  *count = sizeof gpu_cases / sizeof *gpu_cases;
  return gpu_cases;
}

/* Many sets on small meshes: 3,025 nodes of triangles, 10,648 of tetrahedra. */
static const bench_case gpu_batch_cases[] = {
    {"sources-p1",
     "mesh: {box: {cells: [54, 54], shape: tri}}\n" SCALAR(P1) "coefficients: {f: {space: P1, value: \"1 + dot(x, x)\"}}\nequation: \"dot(grad(u), grad(v))*dx == f*v*dx\"\n",
     NULL,
     {0}},
    {"coefficients-p1", BOX(21, tet) SCALAR(P1) VARYING(P1) POISSON("k*"), NULL, {0}},
};

const bench_case *bench_gpu_batch_cases(int *count) {
  *count = sizeof gpu_batch_cases / sizeof *gpu_batch_cases;
  return gpu_batch_cases;
}

int bench_gpu_batch_sets(const char *name) { return strcmp(name, gpu_batch_cases[0].name) ? 256 : 1024; }
