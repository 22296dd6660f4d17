/* Claim: gradients are right by every kind of control and in every kind of steady problem: constants and coefficients in values of conditions, where a later one wins, on
   components and on normal components; coefficients of vectors, on facets, reals, at quadrature points on the whole mesh and on a part; several fields, ties, pure Neumann problems
   and free bodies, load steps; sensors, functionals of the boundary. Taylor remainders of order 2, and single entries against differences. */
#include "tests/adjoint_world.h"

typedef struct {
  const char *name, *text, *functional;
  const char *controls[6];
} trial;

#define BOX "mesh: {box: {cells: [5, 4], upper: [1.2, 1]}}\n"
#define SCALAR "fields: {u: {space: P2, test: v}}\n"
#define ELASTIC "inner(2*mu*sym(grad(u)) + la*tr(grad(u))*I, grad(v))*dx"
static const trial trials[] = {
    {"conditions",
     BOX SCALAR "constants: {a: 0.7, b: 1.3}\n"
                "coefficients: {g: {space: P2, value: \"1 + x[1]^2\"}, q: {space: P1, value: \"0.3*x[1]\"}, c: {space: DP0, value: \"x[0]\"}}\n"
                "conditions: [{on: left, value: \"a*g^2*q + a^2\"}, {on: top, value: \"b*x[0] + 0.1*c\"}]\n"
                "equation: \"(1 + 0.2*u^2)*dot(grad(u), grad(v))*dx == a*v*dx\"\n",
     "u^2*dx + dot(grad(u), n)*ds(left) + u^3*ds(top)",
     {"=a", "=b", "g", "q", "c", NULL}},
    {"components",
     BOX "fields: {u: {space: P1, shape: vector, test: v}}\nconstants: {mu: 1, la: 0.8, a: 0.3}\n"
         "coefficients: {w: {space: P1, value: \"[0.1*x[1], 0.2 - x[1]]\"}, load: {space: DP0, value: \"[1, x[0]]\"}}\n"
         "conditions: [{on: left, value: \"w*(1 + a*w[1])\"}, {on: right, component: 1, value: \"a*w[0]\"}]\n"
         "equation: \"" ELASTIC " == dot(load, v)*dx + mu*dot(load, v)*ds(top)\"\n",
     "dot(u, u)*dx + u[0]*ds(top)",
     {"w", "load", "=a", "=mu", "=la", NULL}},
    {"slip",
     BOX "fields: {u: {space: P2, shape: vector, test: v}}\nconstants: {mu: 1, la: 0.8, a: 0.3}\ncoefficients: {load: {space: P1, value: \"[1, x[0]]\"}}\n"
         "conditions: [{on: left, component: normal, value: \"a^2*x[1]\"}, {on: bottom, component: normal, value: 0}]\nequation: \"" ELASTIC " == dot(load, v)*dx\"\n",
     "dot(u, u)*dx",
     {"=a", "load", "=mu", NULL}},
    {"stokes",
     BOX "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconstants: {a: 1.5}\n"
         "coefficients: {alpha: {space: DP0, value: \"1 + 5*x[0]\"}, w: {space: P2, value: \"[x[1]*(1 - x[1]), 0]\"}}\n"
         "conditions: [{on: [bottom, top], field: u, value: [0, 0]}, {on: left, field: u, value: \"a*w\"}]\n"
         "equation: \"inner(grad(u), grad(v))*dx + alpha*dot(u, v)*dx - p*div(v)*dx - q*div(u)*dx == 0\"\n",
     "0.5*(inner(grad(u), grad(u)) + alpha*dot(u, u))*dx + 0.1*p^2*dx + p*ds(left)",
     {"alpha", "w", "=a", NULL}},
    {"navier-stokes, enclosed: the pressure has a mean",
     BOX "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconstants: {a: 3, nu: 0.1}\n"
         "coefficients: {f: {space: P1, value: \"[x[1], 0]\"}, g: {space: P1, value: \"x[0]*(1.2 - x[0])\"}}\n"
         "conditions: [{on: boundary, field: u, value: [0, 0]}, {on: top, field: u, value: \"[a*g, 0]\"}]\n"
         "equation: \"(nu*inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) - q*div(u) - dot(f, v))*dx == 0\"\n",
     "dot(u, u)*dx + x[0]*p*dx",
     {"f", "=a", "=nu", NULL}},
    {"periodic",
     BOX SCALAR "periodic: [{from: left, to: right}]\nconstants: {a: 0.5}\ncoefficients: {k: {space: P1, value: \"1 + x[0]*x[1]\"}, f: {space: DP0, value: \"x[0]\"}}\n"
                "conditions: [{on: bottom, value: \"a*x[1] + a\"}]\nequation: \"k*(1 + u^2)*dot(grad(u), grad(v))*dx + a*grad(u)[0]*v*dx == f*v*dx\"\n",
     "u^2*dx + u*x[0]*ds(right) + grad(u)[1]*ds(top)",
     {"k", "f", "=a", NULL}},
    {"pure neumann: the solution has the mean 0",
     BOX SCALAR
     "constants: {a: 0.5}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}}\nequation: \"k*dot(grad(u), grad(v))*dx == a*(x[0] - 0.6)*v*dx + a*(x[1]-0.5)*v*ds(left)\"\n",
     "(u + x[0])^2*dx + x[1]*u*ds(right)",
     {"k", "=a", NULL}},
    {"pure neumann, unsymmetric",
     BOX "periodic: [{from: left, to: right}, {from: bottom, to: top}]\n" SCALAR "constants: {a: 0.5}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}}\n"
         "equation: \"(k*dot(grad(u), grad(v)) + 3*grad(u)[0]*v)*dx == a*sin(2*pi*x[1])*v*dx\"\n",
     "(u + x[0])^2*dx",
     {"k", "=a", NULL}},
    {"a free body",
     BOX "fields: {u: {space: P1, shape: vector, test: v}}\nconstants: {mu: 1, la: 0.8, a: 0.3}\ncoefficients: {E: {space: DP0, value: \"1 + x[0]\"}}\n"
         "equation: \"E*inner(2*mu*sym(grad(u)) + la*tr(grad(u))*I, grad(v))*dx == a*dot([1, 0], v)*ds(right) - a*dot([1, 0], v)*ds(left)\"\n",
     "dot(u, u)*dx + u[1]*ds(top)",
     {"E", "=mu", "=a", NULL}},
    {"sensors and points",
     BOX SCALAR "regions: {S: {at: [[0.3, 0.4], [0.9, 0.61]]}, part: {cells: \"x[0] < 0.5\"}}\nconstants: {a: 0.5}\n"
                "coefficients: {k: {space: DP0, value: \"1 + x[0]\"}, r: {space: real, value: \"0.4*2\"}}\nconditions: [{on: left, value: 0}]\n"
                "equation: \"k*dot(grad(u), grad(v))*dx + r*u*v*dx(part) == r*v*dx + a*v*dP(S)\"\n",
     "(u - 0.3)^2*dP(S) + r*u*dx(part)",
     {"k", "r", "=a", NULL}},
    {"an elastic energy, loaded in steps",
     BOX "fields: {u: {space: P1, shape: vector}}\nconstants: {mu: 1, la: 0.8, a: 0.2}\ncoefficients: {E: {space: DP0, value: \"1 + x[0]\"}}\n"
         "conditions: [{on: left, value: [0, 0]}, {on: right, component: 0, value: \"a\"}]\nsolver: {nonlinear: {load_steps: 2}}\n"
         "energy: \"E*(mu/2*(inner(I + grad(u), I + grad(u)) - 2 - 2*ln(det(I + grad(u)))) + la/2*ln(det(I + grad(u)))^2)*dx - 0.1*u[1]*ds(top)\"\n",
     "u[1]*ds(top) + det(I + grad(u))*dx",
     {"E", "=mu", "=a", NULL}},
};

static void every_kind(void **unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
    adjoint_world w = make_world(trials[i].text, GKT_LINEAR_DIRECT, trials[i].functional, trials[i].controls);
    if (strstr(trials[i].text, "load_steps")) w.options.newton.load_steps = 2;
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    for (int c = 0; c < gkt_adjoint_num_controls(w.adjoint); c++) {
      gkt_taylor t;
      ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, c, NULL, 0, w.u, &t));
      if (!t.passed || t.derivative == 0)
        fail_msg("%s, by %s: slope %g, derivative %g, remainders %g %g %g, %s", trials[i].name, trials[i].controls[c], t.slope, t.derivative, t.remainder[0], t.remainder[3],
                 t.remainder[4], t.reason);
    }
    clear_world(&w);
  }
}

/* Remainders of order 3 by the Hessian, of controls that stand in no condition, whose second derivatives are refused by name. */
static void second_derivatives(void **unused) {
  (void)unused;
  int refused = 0;
  for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
    for (int c = 0; trials[i].controls[c]; c++) {
      adjoint_world w = make_world(trials[i].text, GKT_LINEAR_DIRECT, trials[i].functional, (const char *const[]){trials[i].controls[c], NULL});
      gkt_taylor t;
      gkt_solve_report report = solve_world(&w);
      gkt_solve_report_clear(&report);
      const gkt_status status = gkt_adjoint_verify_hessian(w.adjoint, w.J, &w.options, 0, NULL, 0, w.u, &t);
      refused += status == GKT_UNAVAILABLE;
      if (status == GKT_UNAVAILABLE) assert_non_null(strstr(gkt_context_message(ctx), "stands in the value of a condition"));
      gkt_context_clear(ctx);
      if (status != GKT_UNAVAILABLE && (status != GKT_OK || !t.passed))
        fail_msg("%s, by %s: slope %g, derivatives %g %g, remainders %g %g %g, %s", trials[i].name, trials[i].controls[c], t.slope, t.derivative, t.second, t.remainder[0],
                 t.remainder[3], t.remainder[4], t.reason);
      clear_world(&w);
    }
  assert_int_equal(refused, 13);
}

/* Of all controls together it is symmetric, and a Newton-Krylov method's next direction costs two right-hand sides. */
static void several_controls(void **unused) {
  (void)unused;
  const trial *const chosen[] = {&trials[5], &trials[9]};
  for (int i = 0; i < 2; i++) {
    const bool periodic = i == 0;
    adjoint_world w = make_world(chosen[i]->text, GKT_LINEAR_DIRECT, chosen[i]->functional, periodic ? (const char *const[]){"k", "f", NULL} : chosen[i]->controls);
    const int n = gkt_adjoint_num_controls(w.adjoint);
    gkt_scalar *d[2][4] = {{0}}, *H[2][4] = {{0}};
    double both[2] = {0};
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    for (int side = 0; side < 2; side++) {
      for (int c = 0; c < n; c++) {
        const gkt_size size = gkt_adjoint_control_size(w.adjoint, c);
        d[side][c] = malloc((size_t)size * sizeof(gkt_scalar)), H[side][c] = calloc((size_t)size, sizeof(gkt_scalar));
        for (gkt_size k = 0; k < size; k++) d[side][c][k] = sin(1 + 0.7 * (double)k + 2.3 * side + c);
      }
      ok(gkt_adjoint_hessian(w.adjoint, w.J, &w.options, w.u, (const gkt_scalar *const *)d[side], H[side], &report));
      assert_true(report.valid);
      assert_int_equal(report.assemblies, side == 0 && gkt_system_is_nonlinear(w.s));
      assert_int_equal(report.linear.setups, report.assemblies);
      gkt_solve_report_clear(&report);
    }
    for (int side = 0; side < 2; side++)
      for (int c = 0; c < n; c++)
        for (gkt_size k = 0; k < gkt_adjoint_control_size(w.adjoint, c); k++) both[side] += H[side][c][k] * d[1 - side][c][k];
    if (!(fabs(both[0] - both[1]) <= 1e-11 * fabs(both[0]))) fail_msg("%s: %.17g, %.17g", chosen[i]->name, both[0], both[1]);
    for (int side = 0; side < 2; side++)
      for (int c = 0; c < n; c++) free(d[side][c]), free(H[side][c]);
    clear_world(&w);
  }
}

static void single_entries(void **unused) {
  (void)unused;
  for (size_t i = 0; i < 2; i++)
    for (int c = 0; trials[i].controls[c]; c++) {
      adjoint_world w = make_world(trials[i].text, GKT_LINEAR_DIRECT, trials[i].functional, trials[i].controls);
      gkt_solve_report report = solve_world(&w);
      gkt_solve_report_clear(&report);
      const double error = error_of_gradient(&w, c, 3, 1e-2);
      if (!(error < 1e-6)) fail_msg("%s, by %s: %g", trials[i].name, trials[i].controls[c], error);
      clear_world(&w);
    }
}

/* A modulus at the points of the rule, on the whole mesh and in a part of it, and a matrix there. */
static void at_quadrature_points(void **unused) {
  (void)unused;
  const gkt_element P2 = {GKT_LAGRANGE, 2}, points = {GKT_QUADRATURE_POINTS, 3};
  gkt_mesh *mesh;
  gkt_space *V, *Q, *M;
  gkt_scope *scope;
  gkt_form *form, *goal;
  gkt_expression *zero, *start;
  gkt_system *system;
  gkt_vector *u;
  gkt_adjoint *adjoint;
  gkt_functional *J;
  gkt_taylor table;
  gkt_solve_report report;
  gkt_solve_options options = gkt_solve_options_default();
  int field, k, m;
  options.keep_solver = true, options.newton.rtol = 1e-12, options.newton.linear.rtol = 1e-13, options.newton.linear.method = GKT_LINEAR_DIRECT;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {4, 3}, {0, 0}, {1, 1}}, &mesh)), ok(gkt_mesh_topology(mesh));
  ok(gkt_mesh_add_set(mesh, "part", 2, 5, (const gkt_idx[]){0, 2, 3, 7, 8}));
  ok(gkt_space_create(mesh, P2, gkt_shape_scalar(), &V)), ok(gkt_space_create(mesh, points, gkt_shape_scalar(), &Q));
  ok(gkt_space_create(mesh, points, gkt_shape_matrix(2, 2), &M));
  ok(gkt_scope_create(ctx, 2, &scope));
  ok(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &field));
  ok(gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), points, &k)), ok(gkt_scope_add_coefficient(scope, "m", gkt_shape_matrix(2, 2), points, &m));
  ok(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "k*(1 + u^2)*dot(grad(u), grad(v))*dx + dot(m*grad(u), grad(v))*dx(part) - v*dx"}, &form));
  ok(gkt_form_parse(scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k^2*u*dx(part) + u^2*dx + m[0,1]*u*dx"}, &goal));
  ok(gkt_system_create(form, mesh, 1, &field, (const gkt_space *const[]){V, NULL, Q, M}, &system));
  gkt_scalar *values = malloc((size_t)gkt_space_num_dofs(Q) * sizeof *values), *matrices = malloc((size_t)gkt_space_num_dofs(M) * sizeof *matrices);
  ok(gkt_expression_parse(scope, &(gkt_source){.text = "1 + x[0]*x[1]"}, &start)), ok(gkt_interpolate(start, Q, NULL, values));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(M); i++) matrices[i] = 0.1 + 0.2 * (i % 4 == 0 || i % 4 == 3) + 0.01 * sin(i);
  ok(gkt_system_set_coefficient(system, "k", values)), ok(gkt_system_set_coefficient(system, "m", matrices));
  ok(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  ok(gkt_system_constrain(system, &(gkt_condition){.unknown = field, .set = gkt_mesh_find_set(mesh, "left"), .component = -1, .value = zero}));
  ok(gkt_system_vector(system, &u));
  ok(gkt_system_solve(system, &options, u, &report));
  gkt_solve_report_clear(&report);
  ok(gkt_adjoint_create(system, 2, (const gkt_control[]){{GKT_CONTROL_COEFFICIENT, "k"}, {GKT_CONTROL_COEFFICIENT, "m"}}, &adjoint));
  ok(gkt_functional_create(adjoint, goal, &J));
  for (int c = 0; c < 2; c++) {
    ok(gkt_adjoint_verify(adjoint, J, &options, c, NULL, 0, u, &table));
    if (!table.passed || table.derivative == 0) fail_msg("control %d: slope %g, derivative %g", c, table.slope, table.derivative);
    ok(gkt_adjoint_verify_hessian(adjoint, J, &options, c, NULL, 0, u, &table));
    if (!table.passed || table.second == 0) fail_msg("control %d: slope %g, second derivative %g", c, table.slope, table.second);
  }
  gkt_functional_destroy(&J), gkt_adjoint_destroy(&adjoint), gkt_vector_destroy(&u), gkt_system_destroy(&system);
  gkt_expression_destroy(&zero), gkt_expression_destroy(&start), gkt_form_destroy(&form), gkt_form_destroy(&goal), gkt_scope_destroy(&scope);
  gkt_space_destroy(&V), gkt_space_destroy(&Q), gkt_space_destroy(&M), gkt_mesh_destroy(&mesh);
  free(values), free(matrices);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind), cmocka_unit_test(second_derivatives), cmocka_unit_test(several_controls), cmocka_unit_test(single_entries),
                                     cmocka_unit_test(at_quadrature_points)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
