/* Claim: a body whose sides slip has the displacements, turned along, that it has where its sides lie in the planes of the axes and components are given: elastic bodies in the
   plane and in space, with sources, tractions and given normal components, linear and by an energy, in as many iterations, and a flow of two fields; along curved walls solutions
   have the orders of theory, also beside ends where all components are given, and nothing is warned of; bodies that slide freely are told to; the same bits for 1, 2 and 4 threads.
 */
#include "galerkit/system.h"
#include "tests/element_meshes.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *spaces[4];
  gkt_form *form;
  gkt_system *system;
  gkt_vector *u;
} problem;

/* The turn: R, by 30 degrees in the plane, in space about no axis of it. */
static double R3[3][3];
static void find_turn(int dim) {
  const double a = M_PI / 6, b = dim == 3 ? 0.7 : 0;
  const double t[3][3] = {{cos(a), -sin(a), 0}, {sin(a) * cos(b), cos(a) * cos(b), -sin(b)}, {sin(a) * sin(b), cos(a) * sin(b), cos(b)}};
  memcpy(R3, t, sizeof t);
}
static void turn(int dim, double *x) {
  double y[3] = {0};
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) y[i] += R3[i][j] * x[j];
  memcpy(x, y, sizeof *x * (size_t)dim);
}

static void start_on(problem *w, gkt_mesh *mesh, int degree, int degree_of_p, gkt_form_kind form, const char *text) {
  const int dim = gkt_mesh_dim(mesh);
  const gkt_shape shape = gkt_shape_vector(dim);
  int f, unknowns[2];
  *w = (problem){.mesh = mesh};
  must(gkt_scope_create(ctx, dim, &w->scope), "scope");
  must(gkt_scope_add_field(w->scope, "u", "v", shape, (gkt_element){GKT_LAGRANGE, degree}, &f), "u");
  w->spaces[f] = make_space(w->mesh, false, degree, shape), unknowns[0] = f;
  if (degree_of_p) {
    must(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, degree_of_p}, &f), "p");
    w->spaces[f] = make_space(w->mesh, false, degree_of_p, gkt_shape_scalar()), unknowns[1] = f;
  }
  gkt_source source = {.text = text, .file = "a.yaml", .key = "equation"};
  must(gkt_form_parse(w->scope, form, &source, &w->form), text);
  must(gkt_system_create(w->form, w->mesh, degree_of_p ? 2 : 1, unknowns, (const gkt_space *const *)w->spaces, &w->system), "system");
}

static void start(problem *w, mesh_kind kind, int n, int degree, int degree_of_p, bool turned, gkt_form_kind form, const char *text) {
  gkt_mesh *mesh = unit_mesh(kind, n);
  find_turn(mesh_kinds[kind].dim);
  if (turned) map_nodes(mesh, turn);
  start_on(w, mesh, degree, degree_of_p, form, text);
}

static void hold(problem *w, const char *set, int component, const char *value) {
  gkt_source source = {.text = value, .file = "a.yaml", .key = "conditions"};
  gkt_expression *e;
  must(gkt_expression_parse(w->scope, &source, &e), value);
  must(gkt_system_constrain(w->system, &(gkt_condition){.unknown = 0, .set = gkt_mesh_find_set(w->mesh, set), .component = component, .value = e}), set);
  gkt_expression_destroy(&e);
}

static int solve_by(problem *w, gkt_linear_method method) { /* returns the iterations; negative: of another method, as ties bring a system of the backend cuda to the host */
  gkt_solve_report report;
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.rtol = 1e-11, options.newton.rtol = 1e-11, options.newton.linear.method = method;
  must(gkt_system_vector(w->system, &w->u), "vector");
  must(gkt_system_solve(w->system, &options, w->u, &report), "solve");
  if (!report.valid) fail_msg("%s", report.reason);
  int iterations = strstr(report.linear.method, "device") ? -report.linear.iterations : report.linear.iterations;
  gkt_solve_report_clear(&report);
  return iterations;
}
static void solve(problem *w) { solve_by(w, GKT_LINEAR_AUTO); }

static void finish(problem *w) {
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  for (int f = 0; f < 4; f++) gkt_space_destroy(&w->spaces[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

/* u of the turned body is R u, of a second field the same. */
static void compare(const problem *plain, const problem *turned, int dim, double tolerance) {
  const gkt_layout *l = gkt_system_layout(plain->system);
  const double *u = gkt_vector_read(plain->u), *v = gkt_vector_read(turned->u);
  double most = 0, far = 0;
  for (gkt_idx i = 0; i < l->blocks[0].count; i += dim)
    for (int a = 0; a < dim; a++) {
      double expected = 0;
      for (int b = 0; b < dim; b++) expected += R3[a][b] * u[i + b];
      most = fmax(most, fabs(expected)), far = fmax(far, fabs(v[i + a] - expected));
    }
  for (gkt_idx i = l->blocks[0].count; i < l->num_owned; i++) most = fmax(most, fabs(u[i])), far = fmax(far, fabs(v[i] - u[i]));
  if (!(far <= tolerance * most)) fail_msg("off by %g of %g", far, most);
}

#define ELASTIC "2*inner(sym(grad(u)), sym(grad(v)))*dx + 1.5*div(u)*div(v)*dx"
static void elastic(mesh_kind kind, int n, int degree, gkt_linear_method method) {
  const int dim = mesh_kinds[kind].dim;
  char text[400];
  problem plain, turned;
  /* a traction along the turned axes, and a pressure on the top */
  start(&plain, kind, n, degree, 0, false, GKT_EQUATION, ELASTIC " == v[0]*ds(right) - 0.7*dot(n, v)*ds(top)");
  find_turn(dim);
  snprintf(text, sizeof text,
           dim == 2 ? ELASTIC " == dot([%.17g, %.17g], v)*ds(right) - 0.7*dot(n, v)*ds(top)" : ELASTIC " == dot([%.17g, %.17g, %.17g], v)*ds(right) - 0.7*dot(n, v)*ds(top)",
           R3[0][0], R3[1][0], R3[2][0]);
  start(&turned, kind, n, degree, 0, true, GKT_EQUATION, text);
  hold(&plain, "left", 0, "0"), hold(&turned, "left", GKT_NORMAL, "0");
  hold(&plain, "bottom", 1, "-0.3"), hold(&turned, "bottom", GKT_NORMAL, "0.3");
  if (dim == 3) hold(&plain, "back", 2, "0"), hold(&turned, "back", GKT_NORMAL, "0");
  assert_int_equal(gkt_system_layout(plain.system)->num_constrained, gkt_system_layout(turned.system)->num_constrained);
  int iterations = solve_by(&plain, method), other = solve_by(&turned, method);
  if (iterations >= 0 && abs(iterations - other) > 3) fail_msg("%d iterations, turned %d", iterations, other);
  compare(&plain, &turned, dim, 1e-9);
  finish(&plain), finish(&turned);
}

static void elastic_bodies(void **unused) {
  (void)unused;
  static const struct {
    mesh_kind kind;
    int n, degree;
  } bodies[] = {{TRIANGLES, 6, 2}, {QUADRILATERALS, 4, 3}, {TETRAHEDRA, 3, 2}, {HEXAHEDRA, 3, 1}, {PRISMS, 2, 2}};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) elastic(bodies[i].kind, bodies[i].n, bodies[i].degree, GKT_LINEAR_AUTO);
}

/* Multigrid knows the rigid motions in the frames of the sides: as many iterations. */
static void larger_body(void **unused) {
  (void)unused;
  elastic(HEXAHEDRA, 12, 1, GKT_LINEAR_CG);
}

static void by_an_energy(void **unused) {
  (void)unused;
  problem plain, turned;
  const char *text = "(0.5*(inner(I + grad(u), I + grad(u)) - 2) - ln(det(I + grad(u))) + 0.5*ln(det(I + grad(u)))^2)*dx";
  start(&plain, QUADRILATERALS, 4, 2, 0, false, GKT_ENERGY, text), start(&turned, QUADRILATERALS, 4, 2, 0, true, GKT_ENERGY, text);
  hold(&plain, "left", 0, "0"), hold(&turned, "left", GKT_NORMAL, "0");
  hold(&plain, "bottom", 1, "0"), hold(&turned, "bottom", GKT_NORMAL, "0");
  char value[200];
  hold(&plain, "right", 0, "0.4*(1 + x[1])");
  snprintf(value, sizeof value, "0.4*(1 + %.17g*x[0] + %.17g*x[1])", R3[0][1], R3[1][1]); /* the body's own y */
  hold(&turned, "right", GKT_NORMAL, value);
  solve(&plain), solve(&turned);
  compare(&plain, &turned, 2, 1e-8);
  finish(&plain), finish(&turned);
}

/* A flow in a box whose walls slip, driven by a force that turns: P2-P1, with a pressure that is free. */
static void flow(void **unused) {
  (void)unused;
  problem plain, turned;
  char text[600];
  start(&plain, TRIANGLES, 5, 2, 1, false, GKT_EQUATION, "2*inner(sym(grad(u)), sym(grad(v)))*dx + 0.1*dot(u, v)*dx - p*div(v)*dx - q*div(u)*dx == x[1]*x[1]*v[0]*dx(degree=4)");
  snprintf(text, sizeof text,
           "2*inner(sym(grad(u)), sym(grad(v)))*dx + 0.1*dot(u, v)*dx - p*div(v)*dx - q*div(u)*dx == (%.17g*x[0] + %.17g*x[1])^2*dot([%.17g, %.17g], v)*dx(degree=4)", R3[0][1],
           R3[1][1], R3[0][0], R3[1][0]);
  start(&turned, TRIANGLES, 5, 2, 1, true, GKT_EQUATION, text);
  static const char *const names[] = {"left", "right", "bottom", "top"};
  for (int s = 0; s < 4; s++) hold(&plain, names[s], s / 2, "0"), hold(&turned, names[s], GKT_NORMAL, "0");
  solve(&plain), solve(&turned);
  compare(&plain, &turned, 2, 1e-9);
  finish(&plain), finish(&turned);
}

/* ---- what is left free ---- */
static void to_ring(int dim, double *x) {
  double r = 1 + x[0], a = x[1] * M_PI / 2;
  (void)dim;
  x[0] = r * cos(a), x[1] = r * sin(a);
}

/* u = r (-y, x) slips along the circles r = 1 and r = 2, where the traction along them is given; at the ends u itself is, where the normals of the last facets are not the
 * circles'. */
static int num_warnings;
static void count_warnings(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)message;
  num_warnings += level == GKT_LOG_WARNING;
}

static double ring_error(mesh_kind kind, int n, int degree) {
  problem w;
  const char *exact = "sqrt(dot(x, x))*[-x[1], x[0]]";
  gkt_mesh *mesh = unit_mesh(kind, n);
  if (degree > 1) mesh = with_order_two(mesh);
  map_nodes(mesh, to_ring);
  start_on(&w, mesh, degree, 0, GKT_EQUATION,
           ELASTIC " == -3*dot([-x[1], x[0]]/sqrt(dot(x, x)), v)*dx(degree=6) + dot([-x[1], x[0]], v)*ds(right) - dot([-x[1], x[0]], v)*ds(left)");
  hold(&w, "bottom", -1, exact), hold(&w, "top", -1, exact);
  hold(&w, "left", GKT_NORMAL, "0"), hold(&w, "right", GKT_NORMAL, "0");
  solve(&w);
  gkt_source source = {.text = "dot(u - sqrt(dot(x, x))*[-x[1], x[0]], u - sqrt(dot(x, x))*[-x[1], x[0]])*dx(degree=8)", .file = "a.yaml", .key = "compute"};
  gkt_form *form;
  gkt_assembler *a;
  gkt_state state = gkt_system_state(w.system, w.u);
  gkt_inputs inputs;
  double value;
  must(gkt_form_parse(w.scope, GKT_FUNCTIONAL, &source, &form), "error");
  must(gkt_assembler_create(form, w.mesh, (const gkt_space *const *)w.spaces, &a), "error");
  must(gkt_system_inputs(w.system, &state, &inputs), "error");
  must(gkt_assemble_functional(a, &inputs, &value), "error");
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  finish(&w);
  return sqrt(value);
}

static void along_circles(void **unused) {
  (void)unused;
  static const struct {
    mesh_kind kind;
    int n, degree;
  } rings[] = {{QUADRILATERALS, 4, 2}, {TRIANGLES, 6, 2}, {QUADRILATERALS, 10, 1}};
  gkt_context_options options = {.poison = true, .log = count_warnings};
  gkt_context_destroy(&ctx);
  must(gkt_context_create(&options, &ctx), "context");
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
    double coarse = ring_error(rings[i].kind, rings[i].n, rings[i].degree), fine = ring_error(rings[i].kind, 2 * rings[i].n, rings[i].degree), order = log2(coarse / fine);
    if (!(order >= rings[i].degree + 1 - 0.1)) fail_msg("%s P%d: %g, %g: order %.2f", mesh_kinds[rings[i].kind].name, rings[i].degree, coarse, fine, order);
  }
  assert_int_equal(num_warnings, 0);
}

static void sliding_bodies(void **unused) {
  (void)unused;
  gkt_solve_report report;
  problem w;
  start(&w, TRIANGLES, 4, 2, 0, true, GKT_EQUATION, ELASTIC " == v[0]*dx");
  hold(&w, "left", GKT_NORMAL, "0");
  must(gkt_system_vector(w.system, &w.u), "vector");
  must(gkt_system_solve(w.system, NULL, w.u, &report), "solve");
  assert_false(report.valid);
  assert_non_null(strstr(report.reason, "the system is singular"));
  gkt_solve_report_clear(&report);
  finish(&w);
  start(&w, TRIANGLES, 4, 1, 0, false, GKT_EQUATION, ELASTIC " == v[0]*dx");
  map_nodes(w.mesh, to_ring);
  hold(&w, "left", GKT_NORMAL, "0"), hold(&w, "right", GKT_NORMAL, "0");
  must(gkt_system_vector(w.system, &w.u), "vector");
  must(gkt_system_solve(w.system, NULL, w.u, &report), "solve"); /* chords hold it, though hardly */
  gkt_solve_report_clear(&report);
  finish(&w);
}

static void same_bits(void **unused) {
  (void)unused;
  double *first = NULL;
  for (int threads = 1; threads <= 4; threads *= 2) {
    gkt_context_options options = {.threads = threads, .poison = true};
    gkt_context_destroy(&ctx);
    must(gkt_context_create(&options, &ctx), "context");
    problem w;
    start(&w, TRIANGLES, 5, 2, 0, true, GKT_EQUATION, ELASTIC " == v[0]*dx");
    hold(&w, "left", GKT_NORMAL, "0"), hold(&w, "bottom", GKT_NORMAL, "0.1");
    solve(&w);
    size_t size = sizeof(double) * (size_t)gkt_vector_size(w.u);
    if (!first) first = malloc(size), memcpy(first, gkt_vector_read(w.u), size);
    assert_memory_equal(first, gkt_vector_read(w.u), size);
    finish(&w);
  }
  free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(elastic_bodies), cmocka_unit_test(larger_body),    cmocka_unit_test(by_an_energy), cmocka_unit_test(flow),
                                     cmocka_unit_test(along_circles),  cmocka_unit_test(sliding_bodies), cmocka_unit_test(same_bits)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
