/* Claim: derivatives by the coordinates of the mesh's nodes are those of what is computed, dof values held: of a volume to rounding, of compliances, drags and boundary integrals
   against differences to 1e-6, with Taylor remainders of order 2; in the plane and in space, on straight and bilinear cells, with x in loads, coefficients that go along and values
   of conditions that depend on x. The same bits for 1, 2 and 4 threads. What cannot be derived is refused by name. */
#include <stdio.h>

#include "systems/system.h"
#include "tests/adjoint_world.h"
#include "tests/gradients.h"
#include "tests/space_meshes.h"

typedef struct {
  const char *name, *text, *functional;
} trial;

#define PLANE "mesh: {box: {cells: [5, 4], upper: [1.2, 1]}}\n"
#define QUADS "mesh: {box: {cells: [4, 3], upper: [1.2, 1], shape: quad}}\n"
#define SPACE "mesh: {box: {cells: [2, 2, 2], upper: [1.2, 1, 0.8], shape: tet}}\n"
#define BRICKS "mesh: {box: {cells: [2, 2, 2], upper: [1.2, 1, 0.8], shape: hex}}\n"
#define SCALAR "fields: {u: {space: P2, test: v}}\n"
#define FLOW "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\n"
#define POISSON                                                                                                                                                   \
  "constants: {a: 0.7}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}, g: {space: P1, value: \"x[0]*x[1]\"}}\n"                                             \
  "conditions: [{on: left, value: 0}, {on: right, value: \"a*x[1]^2 + 0.3*g*x[0]\"}]\nequation: \"k*(1 + 0.1*h)*dot(grad(u), grad(v))*dx == (1 + x[0]*g)*v*dx + " \
  "x[1]*v*ds(top)\"\n"
#define POISSON_WITHOUT_H                                                                                  \
  "constants: {a: 0.7}\nconditions: [{on: left, value: 0}, {on: right, value: \"a*x[1]^2 + 0.3*x[0]\"}]\n" \
  "equation: \"(1 + x[0])*dot(grad(u), grad(v))*dx == v*dx + x[1]*v*ds(top)\"\n"
#define ELASTIC(load)                                                                                                   \
  "fields: {u: {space: P1, shape: vector, test: v}}\nconstants: {mu: 1, la: 0.8}\nconditions: [{on: left, value: 0}]\n" \
  "equation: \"inner(2*mu*sym(grad(u)) + la*tr(grad(u))*I, grad(v))*dx == dot(" load ", v)*ds(right)\"\n"
#define STOKES "equation: \"(inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx == 0\"\n"
static const trial trials[] = {
    {"volume", PLANE SCALAR POISSON, "1*dx"},
    {"poisson", PLANE SCALAR POISSON, "u^2*dx + k*dot(grad(u), n)*ds(left) + x[0]*u*ds(top)"},
    {"poisson on quadrilaterals", QUADS SCALAR POISSON_WITHOUT_H, "u*x[1]*dx + sqrt(1 + dot(grad(u), grad(u)))*ds(bottom)"},
    {"poisson in space", SPACE SCALAR POISSON, "u^2*dx + k*dot(grad(u), n)*ds(left)"},
    {"nonlinear", PLANE SCALAR "conditions: [{on: left, value: \"sin(x[1])\"}]\nequation: \"(1 + u^2)*dot(grad(u), grad(v))*dx + u*grad(u)[0]*v*dx == x[0]*v*dx\"\n", "exp(u)*dx"},
    {"compliance in the plane", PLANE ELASTIC("[0.3, -1]"), "dot([0.3, -1], u)*ds(right)"},
    {"compliance of bricks", BRICKS ELASTIC("[0.3, -1, x[1]]"), "dot([0.3, -1, x[1]], u)*ds(right)"},
    {"drag in the plane", PLANE FLOW "conditions: [{on: [bottom, top], field: u, value: [0, 0]}, {on: left, field: u, value: \"[x[1]*(1 - x[1]), 0]\"}]\n" STOKES,
     "inner(grad(u), grad(u))*dx + p*ds(left)"},
    {"drag, enclosed", PLANE FLOW "conditions: [{on: boundary, field: u, value: [0, 0]}]\nequation: \"(inner(grad(u), grad(v)) - p*div(v) - q*div(u) - x[1]^2*v[0])*dx == 0\"\n",
     "inner(grad(u), grad(u))*dx + x[1]*grad(p)[0]*dx"},
    {"drag in space",
     SPACE FLOW "conditions: [{on: [bottom, top, back, front], field: u, value: 0}, {on: left, field: u, value: \"[x[1]*(1 - x[1])*x[2]*(0.8 - x[2]), 0, 0]\"}]\n" STOKES,
     "inner(grad(u), grad(u))*dx"}};
enum { NUM_TRIALS = sizeof trials / sizeof *trials };
static const char *const shape[] = {"@", NULL};

static adjoint_world make_shaken(const trial *t, gkt_context *context) {
  adjoint_world w = make_world_on(context, t->text, GKT_LINEAR_DIRECT, t->functional, shape);
  gradients_shake_nodes(w.adjoint);
  gkt_solve_report report = solve_world(&w);
  gkt_solve_report_clear(&report);
  return w;
}

static void against_differences(void **unused) {
  (void)unused;
  for (int i = 0; i < NUM_TRIALS; i++) {
    adjoint_world w = make_shaken(&trials[i], ctx);
    const double error = error_of_gradient(&w, 0, 6, 2e-3);
    if (getenv("GKT_SHOW")) printf("%-28s error %.2e\n", trials[i].name, error);
    if (!(error < 1e-6)) fail_msg("%s: %g", trials[i].name, error);
    clear_world(&w);
  }
}

static void taylor(void **unused) {
  (void)unused;
  for (int i = 1; i < NUM_TRIALS; i++) {
    gkt_taylor t;
    adjoint_world w = make_shaken(&trials[i], ctx);
    ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, NULL, 0, w.u, &t));
    if (getenv("GKT_SHOW")) printf("%-28s slope %.4f\n", trials[i].name, t.slope);
    if (!t.passed || !(fabs(t.slope - 2) < 0.05)) fail_msg("%s: slope %g, remainders %g %g, %s", trials[i].name, t.slope, t.remainder[0], t.remainder[4], t.reason);
    clear_world(&w);
  }
}

/* Cells that are truly curved: nodes in the middle of edges, facets and cells move as well. */
static void curved_cells(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON};
  for (int c = 0; c < 3; c++) {
    const int dim = c < 2 ? 2 : 3;
    gkt_mesh *linear, *mesh;
    ok(gkt_mesh_box(ctx, &(gkt_box){.shape = cells[c], .dim = dim, .cells = {2, 2, 1}, .upper = {1, 1, 1}}, &linear));
    ok(gkt_mesh_topology(linear));
    mesh = quadratic_mesh(linear);
    bend(mesh);
    ok(gkt_mesh_topology(mesh));
    adjoint_world w = make_world_with(ctx, mesh,
                                      "mesh: {file: none.msh}\nfields: {u: {space: P2, test: v}}\nconditions: [{on: boundary, value: \"x[0]*x[1]\"}]\nequation: \"dot(grad(u), "
                                      "grad(v))*dx == (1 + x[0])*v*dx\"\n",
                                      GKT_LINEAR_DIRECT, "u^2*dx + dot(grad(u), n)*x[1]*ds", shape);
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    const double error = error_of_gradient(&w, 0, 8, 2e-3);
    if (getenv("GKT_SHOW")) printf("curved, kind %d               error %.2e\n", (int)cells[c], error);
    if (!(error < 1e-6)) fail_msg("kind %d: %g", (int)cells[c], error);
    clear_world(&w);
    gkt_mesh_destroy(&linear);
  }
}

/* The volume is a polynomial of the coordinates: sums over vectors that scale, shear and shift the mesh are known. */
static void volume(void **unused) {
  (void)unused;
  adjoint_world w = make_shaken(&trials[0], ctx);
  gkt_solve_report report;
  double V, scaled = 0, shifted = 0, sheared = 0;
  gkt_scalar *g = gradient_of(&w, 0, &V, &report);
  const double *x = gkt_mesh_coords(gkt_space_mesh(gkt_system_space(w.s, 0)));
  for (gkt_size i = 0; i < gkt_adjoint_control_size(w.adjoint, 0); i += 2) scaled += g[i] * x[i] + g[i + 1] * x[i + 1], shifted += g[i], sheared += g[i] * x[i + 1];
  assert_true(fabs(scaled - 2 * V) < 1e-14 * V * 10 && fabs(shifted) < 1e-14 && fabs(sheared) < 1e-14);
  gkt_solve_report_clear(&report);
  free(g);
  clear_world(&w);
}

static void threads(void **unused) {
  (void)unused;
  gkt_scalar *first = NULL;
  for (int t = 1; t <= 4; t *= 2) {
    gkt_context_options options = gkt_context_options_default();
    gkt_context *context;
    options.threads = t;
    ok(gkt_context_create(&options, &context));
    adjoint_world w = make_shaken(&trials[3], context);
    gkt_solve_report report;
    double J;
    gkt_scalar *g = gradient_of(&w, 0, &J, &report);
    if (t == 1) first = g;
    assert_memory_equal(g, first, (size_t)gkt_adjoint_control_size(w.adjoint, 0) * sizeof *g);
    if (t > 1) free(g);
    gkt_solve_report_clear(&report);
    clear_world(&w);
    gkt_context_destroy(&context);
  }
  free(first);
}

/* ---- refused ---- */
static void refused(const char *text, const char *functional, const char *word) {
  gkt_problem *problem;
  gkt_adjoint *adjoint = NULL;
  gkt_form *form = NULL;
  gkt_functional *J = NULL;
  const gkt_control control = {GKT_CONTROL_SHAPE, NULL};
  ok(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &problem));
  ok(gkt_problem_check(problem));
  gkt_status status = gkt_adjoint_create(gkt_problem_system(problem), 1, &control, &adjoint);
  if (functional) {
    ok(status);
    ok(gkt_form_parse(gkt_problem_scope(problem), GKT_FUNCTIONAL, &(gkt_source){.text = functional}, &form));
    status = gkt_functional_create(adjoint, form, &J);
  }
  assert_int_equal(status, GKT_UNAVAILABLE);
  if (!strstr(gkt_context_message(ctx), word)) fail_msg("'%s' is not in: %s", word, gkt_context_message(ctx));
  gkt_context_clear(ctx);
  gkt_functional_destroy(&J), gkt_form_destroy(&form), gkt_adjoint_destroy(&adjoint), gkt_problem_destroy(&problem);
}

static void what_is_not_there(void **unused) {
  (void)unused;
  refused(PLANE SCALAR "periodic: [{from: left, to: right}]\nconditions: [{on: top, value: 0}]\nequation: \"dot(grad(u), grad(v))*dx == v*dx\"\n", NULL, "tied");
  refused(PLANE ELASTIC("[1, 0]") "regions: {A: {at: [0.51, 0.52]}}\n", "u[0]*dP(A)", "dP(A)");
  refused(PLANE SCALAR "conditions: [{on: top, value: \"h\"}]\nequation: \"dot(grad(u), grad(v))*dx == v*dx\"\n", NULL, "condition");
  adjoint_world w = make_world(PLANE SCALAR "equation: \"dot(grad(u), grad(v))*dx == 0*v*dx + v*ds(left) - v*ds(right)\"\n", GKT_LINEAR_DIRECT, "u^2*x[0]*dx", shape);
  gkt_solve_report report = solve_world(&w);
  gkt_solve_report_clear(&report);
  gkt_scalar *gradient = calloc((size_t)gkt_adjoint_control_size(w.adjoint, 0), sizeof *gradient);
  assert_int_equal(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, w.u, NULL, &gradient, &report), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "mean"));
  gkt_context_clear(ctx);
  gkt_solve_report_clear(&report);
  free(gradient);
  clear_world(&w);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(against_differences), cmocka_unit_test(taylor), cmocka_unit_test(curved_cells), cmocka_unit_test(volume), cmocka_unit_test(threads),
      cmocka_unit_test(what_is_not_there)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
