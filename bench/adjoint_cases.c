/* The standard cases of gradients: what is asked for is a control in every cell or node, J an integral of the solution. And designs, by optimizers. */
#include <string.h>

#include "bench/bench.h"

#define CUBE(n) "mesh: {box: {cells: [" #n ", " #n ", " #n "], shape: tet}}\n"
#define HELD "conditions: [{on: boundary, field: u, value: 0}]\n"
#define GRADIENT "minimize: J\noptimizer: {method: none}\n"
#define CELLWISE(name) "coefficients: {" name ": {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}}\ncontrols: {" name ": {}}\n"

/* symmetric and positive; J is no load */
static const char poisson[] = CUBE(46) "fields: {u: {space: P1, test: v}}\n" CELLWISE("k") HELD "equation: \"k*dot(grad(u), grad(v))*dx == (1 + 4*x[0]*x[1]^2)*v*dx\"\n"
                                                                                                "compute: {J: \"0.5*(u - x[0]*(1 - x[0]))^2*dx\"}\n" GRADIENT;
/* self-adjoint: J is the load's work; a design of a cantilever, as stiff as its volume allows */
static const char compliance[] = "mesh: {box: {cells: [40, 20, 20], upper: [2, 1, 1], shape: hex}}\n"
                                 "fields: {u: {space: P1, shape: vector, test: v}}\n"
                                 "constants: {lam: 0.577, mu: 0.385}\n"
                                 "coefficients: {rho: {space: DP0, value: \"0.5 + 0.2*sin(9*x[0])*cos(7*x[1])\"}}\n"
                                 "let: {E: \"1e-3 + 0.999*rho^3\"}\n"
                                 "equation: \"E*(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*dx == -v[2]*ds(right)\"\n"
                                 "conditions: [{on: left, field: u, value: 0}]\n"
                                 "compute: {J: \"-u[2]*ds(right)\"}\n"
                                 "controls: {rho: {bounds: [0, 1]}}\n" GRADIENT;
static const char advection[] =
    CUBE(46) "fields: {u: {space: P1, test: v}}\n" CELLWISE("k") HELD "equation: \"0.1*k*dot(grad(u), grad(v))*dx + dot([1 + x[1], 2*x[0], 1], grad(u))*v*dx == v*dx\"\n"
                                                                      "compute: {J: \"0.5*u^2*dx\"}\n" GRADIENT;
/* an energy; five steps of Newton's method or so */
static const char neo_hookean[] =
    CUBE(8) "fields: {u: {space: P2, shape: vector}}\n"
            "constants: {mu: 0.8, lam: 1.25}\n" CELLWISE("k") "let: {F: \"I + grad(u)\", J1: \"det(F)\"}\n"
                                                              "energy: \"k*(mu/2*(inner(F, F) - 3) - mu*ln(J1) + lam/2*ln(J1)^2)*dx(degree=2) + 0.1*u[2]*dx\"\n"
                                                              "conditions: [{on: left, field: u, value: 0}]\n"
                                                              "compute: {J: \"0.5*u[2]^2*ds(right)\"}\n" GRADIENT;
/* a tangent that is not symmetric */
static const char burgers[] = CUBE(24) "fields: {u: {space: P1, shape: vector, test: v}}\n" CELLWISE(
    "k") "equation: \"inner(grad(u)*u, v)*dx + 0.2*k*inner(grad(u), grad(v))*dx == dot([1, x[0], -x[1]], v)*dx\"\n" HELD "compute: {J: \"0.5*dot(u, u)*dx\"}\n" GRADIENT;
static const char heat[] = CUBE(32) "time: {end: 0.2, step: 0.01}\n"
                                    "fields: {u: {space: P1, test: v}}\n"
                                    "coefficients: {f: {space: P1, value: \"1 + x[0]*x[1]\"}}\n"
                                    "equation: \"dt(u)*v*dx + dot(grad(u), grad(v))*dx == f*v*dx\"\n" HELD "initial: {u: \"sin(pi*x[0])*sin(pi*x[1])\"}\n";

static const bench_case cases[] = {
    {"poisson", poisson, NULL, {1, 1, 1}},         {"compliance", compliance, NULL, {2, 1, 1}}, {"advection-diffusion", advection, NULL, {1, 1, 1}},
    {"neo-hookean", neo_hookean, NULL, {1, 1, 1}}, {"burgers", burgers, NULL, {1, 1, 1}},       {"heat-20", heat, NULL, {1, 1, 1}},
};
/* ---- designs: named by cells ---- */
#define CANTILEVER(sides, optimizer)                                                                         \
  "mesh: {box: {cells: " sides ", upper: [2, 1, 1], shape: hex}}\n"                                          \
  "fields: {u: {space: P1, shape: vector, test: v}}\n"                                                       \
  "constants: {lam: 0.577, mu: 0.385}\n"                                                                     \
  "coefficients: {rho: {space: DP0, value: \"0.3\"}}\n"                                                      \
  "let: {E: \"1e-3 + 0.999*rho^3\"}\n"                                                                       \
  "equation: \"E*(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*dx == -v[2]*ds(right)\"\n"     \
  "conditions: [{on: left, field: u, value: 0}]\n"                                                           \
  "compute: {compliance: \"-u[2]*ds(right)\", volume: \"rho/2*dx\"}\n"                                       \
  "controls: {rho: {bounds: [0.001, 1]}}\nminimize: compliance\nsubject_to: [{value: volume, upper: 0.3}]\n" \
  "filter: {rho: {kind: helmholtz, radius: 0.08}}\noptimizer: {method: " optimizer ", tolerance: 0}\n"
static const bench_case designs[] = {
    {"cantilever-oc", CANTILEVER("[74, 37, 37]", "oc"), NULL, {2, 1, 1}},
    {"cantilever-mma", CANTILEVER("[74, 37, 37]", "mma"), NULL, {2, 1, 1}},
};

const bench_case *bench_design_cases(int *count) {
  *count = sizeof designs / sizeof *designs;
  return designs;
}

static const bench_run_in_time runs[] = {
    {"heat-20", "0.5*(u - 0.1)^2*dx", 0.01, 20, 2, {{GKT_CONTROL_COEFFICIENT, "f"}, {GKT_CONTROL_INITIAL, "u"}}},
};

const bench_case *bench_adjoint_cases(int *count) {
  *count = sizeof cases / sizeof *cases;
  return cases;
}

const bench_run_in_time *bench_find_run(const char *name) {
  for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
    if (!strcmp(runs[i].name, name)) return &runs[i];
  return NULL;
}
