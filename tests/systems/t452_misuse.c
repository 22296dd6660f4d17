/* Claim: what a program may get wrong is refused by name and changes nothing: vectors of another size, data that were never set, sets, scopes, meshes and spaces of others, values
   with unknowns; a state has a time of its own; constants, coefficients and times that change are seen by conditions; what is cancelled is a report; a nonlinear body that nothing
   holds is solved also where its space holds no rotations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/system.h"
#include "tests/gkt_test.h"

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* Does the backend of the environment take arrays of a device? */
static bool has_device(void) { return getenv("GKT_BACKEND") && strcmp(getenv("GKT_BACKEND"), "cuda") == 0; }

static void expect(gkt_status status, gkt_status wanted, const char *part) {
  if (status != wanted) fail_msg("status %d instead of %d: %s", status, wanted, gkt_context_message(ctx));
  if (!strstr(gkt_context_message(ctx), part)) fail_msg("'%s' holds no '%s'", gkt_context_message(ctx), part);
  gkt_context_clear(ctx);
}

static const gkt_element P1 = {GKT_LAGRANGE, 1}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V, *Q;
  gkt_form *form;
  gkt_system *system;
  gkt_vector *u, *r;
  int field, coefficient;
} world;

static gkt_mesh *square(int n) {
  gkt_mesh *mesh;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {n, n}, {0, 0}, {1, 1}}, &mesh));
  ok(gkt_mesh_topology(mesh));
  return mesh;
}

static world make(const char *equation) {
  world w = {.mesh = square(3)};
  int k;
  ok(gkt_scope_create(ctx, 2, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), P1, &w.field));
  ok(gkt_scope_add_coefficient(w.scope, "c", gkt_shape_scalar(), DP0, &w.coefficient));
  ok(gkt_scope_add_constant(w.scope, "k", &k));
  ok(gkt_space_create(w.mesh, P1, gkt_shape_scalar(), &w.V)), ok(gkt_space_create(w.mesh, DP0, gkt_shape_scalar(), &w.Q));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = equation}, &w.form));
  ok(gkt_system_create(w.form, w.mesh, 1, &w.field, (const gkt_space *const[]){w.V, NULL, w.Q}, &w.system));
  ok(gkt_system_vector(w.system, &w.u)), ok(gkt_system_vector(w.system, &w.r));
  return w;
}

static void clear(world *w) {
  gkt_vector_destroy(&w->u), gkt_vector_destroy(&w->r);
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_space_destroy(&w->V), gkt_space_destroy(&w->Q);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

static gkt_expression *parse(gkt_scope *scope, const char *text) {
  gkt_expression *e;
  ok(gkt_expression_parse(scope, &(gkt_source){.text = text}, &e));
  return e;
}

static void calls_are_refused(void **unused) {
  (void)unused;
  world w = make("c*dot(grad(u), grad(v))*dx + u*v*dx == k*v*dx");
  gkt_vector *wrong;
  gkt_solve_report report;
  gkt_system_facts facts;
  gkt_csr *A;
  ok(gkt_vector_create(ctx, 3, &wrong));
  expect(gkt_system_lift(w.system, wrong), GKT_BAD_ARGUMENT, "u has 3 entries; expected 16");
  expect(gkt_system_solve(w.system, NULL, wrong, &report), GKT_BAD_ARGUMENT, "u has 3 entries");
  expect(gkt_system_solve(w.system, NULL, NULL, &report), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_system_residual(w.system, &(gkt_state){.u = w.u}, w.u), GKT_BAD_ARGUMENT, "r is the vector u");
  expect(gkt_system_residual(w.system, &(gkt_state){.u = w.u}, w.r), GKT_BAD_ARGUMENT, "'c'"); /* never set */
  expect(gkt_system_solve(w.system, NULL, w.u, &report), GKT_BAD_ARGUMENT, "'c'");
  gkt_solve_report_clear(&report);
  ok(gkt_system_get_facts(w.system, &facts)); /* of a coefficient that may be anything */
  assert_true(facts.symmetric && !facts.positive);
  expect(gkt_system_set_coefficient(w.system, "c", NULL), GKT_BAD_ARGUMENT, "no values are given for 'c'");
  expect(gkt_vector_create(ctx, -1, &wrong), GKT_BAD_ARGUMENT, "size of -1");
  ok(gkt_system_matrix(w.system, &A));
  if (!has_device()) {
    A->where = GKT_ON_DEVICE;
    expect(gkt_assemble_matrix(gkt_system_assembler(w.system, 2), NULL, A), GKT_BAD_ARGUMENT, "on a device");
    expect(gkt_assemble_vector(gkt_system_assembler(w.system, 1), &(gkt_inputs){.where = GKT_ON_DEVICE}, gkt_vector_values(w.r)), GKT_BAD_ARGUMENT, "on a device");
  }
  gkt_csr_destroy(&A);
  gkt_vector_destroy(&wrong);
  clear(&w);
}

static void conditions_are_refused(void **unused) {
  (void)unused;
  world w = make("u*v*dx == k*v*dx"), other = make("u*v*dx == k*v*dx");
  gkt_mesh *fine = square(20);
  gkt_expression *unknown = parse(w.scope, "u + 1"), *foreign = parse(other.scope, "1"), *one = parse(w.scope, "1");
  gkt_condition c = {.unknown = w.field, .set = gkt_mesh_find_set(w.mesh, "left"), .component = -1, .value = unknown, .note = "line 3"};
  expect(gkt_system_constrain(w.system, &c), GKT_BAD_INPUT, "line 3: its value contains an unknown");
  c.value = foreign;
  expect(gkt_system_constrain(w.system, &c), GKT_BAD_ARGUMENT, "another scope");
  c.value = one, c.set = gkt_mesh_find_set(fine, "right");
  expect(gkt_system_constrain(w.system, &c), GKT_BAD_ARGUMENT, "is it a set of another mesh?");
  c.set = NULL;
  expect(gkt_system_constrain(w.system, &c), GKT_BAD_ARGUMENT, "no set or no value");
  assert_int_equal(gkt_system_layout(w.system)->num_constrained, 0);
  gkt_expression_destroy(&unknown), gkt_expression_destroy(&foreign), gkt_expression_destroy(&one);
  gkt_mesh_destroy(&fine);
  clear(&w), clear(&other);
}

static void creation_is_refused(void **unused) {
  (void)unused;
  world w = make("u*v*dx == k*v*dx");
  gkt_mesh *line, *fine = square(4);
  gkt_space *elsewhere, *vector;
  gkt_system *none;
  int test = 1;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {3}, {0}, {1}}, &line));
  ok(gkt_space_create(fine, P1, gkt_shape_scalar(), &elsewhere)), ok(gkt_space_create(w.mesh, P1, gkt_shape_vector(2), &vector));
  expect(gkt_system_create(w.form, line, 1, &w.field, (const gkt_space *const[]){w.V, NULL, w.Q}, &none), GKT_BAD_ARGUMENT, "2 dimensions, the mesh has 1");
  expect(gkt_system_create(w.form, w.mesh, 1, &w.field, (const gkt_space *const[]){elsewhere, NULL, w.Q}, &none), GKT_BAD_ARGUMENT, "of another mesh");
  expect(gkt_system_create(w.form, w.mesh, 1, &w.field, (const gkt_space *const[]){vector, NULL, w.Q}, &none), GKT_BAD_ARGUMENT, "another shape");
  expect(gkt_system_create(w.form, w.mesh, 1, &w.field, (const gkt_space *const[]){NULL, NULL, w.Q}, &none), GKT_BAD_ARGUMENT, "no space is given for 'u'");
  expect(gkt_system_create(w.form, w.mesh, 1, &test, (const gkt_space *const[]){w.V, NULL, w.Q}, &none), GKT_BAD_ARGUMENT, "no unknown");
  gkt_space_destroy(&elsewhere), gkt_space_destroy(&vector);
  gkt_mesh_destroy(&line), gkt_mesh_destroy(&fine);
  clear(&w);
}

/* ---- time and data ---- */
static void times_are_kept_apart(void **unused) {
  (void)unused;
  world w = make("u*v*dx == t*v*dx + 0*v*dx/(t - 1)");
  char text[500];
  gkt_vector_fill(w.u, 2);
  ok(gkt_system_set_time(w.system, 2));
  const gkt_state now = gkt_system_state(w.system, w.u), other = {.u = w.u, .time = 5}, pole = {.u = w.u, .time = 1};
  assert_true(now.time == 2);
  ok(gkt_system_residual(w.system, &now, w.r));
  assert_true(gkt_vector_norm(w.r) <= 1e-15);
  ok(gkt_system_residual(w.system, &other, w.r));
  assert_true(gkt_vector_norm(w.r) > 0.1);
  ok(gkt_system_residual(w.system, &now, w.r));
  assert_true(gkt_vector_norm(w.r) <= 1e-15);
  ok(gkt_system_set_data(w.system, &(gkt_inputs){.constants = &(gkt_scalar){3}, .time = 9})); /* the time is not data */
  assert_true(gkt_system_state(w.system, w.u).time == 2);
  ok(gkt_system_explain(w.system, &pole, NULL, sizeof text, text));
  if (*text) assert_non_null(strstr(text, "t - 1 = 0")); /* of the state's time; "" where 0/(t - 1) was simplified */
  clear(&w);
}

static void moved_nodes_are_seen(void **unused) {
  (void)unused;
  world w = make("dot(grad(u), grad(v))*dx == 0*v*dx");
  gkt_expression *x = parse(w.scope, "x[0]");
  gkt_solve_report report;
  double most = 0;
  ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.field, .set = gkt_mesh_find_set(w.mesh, "boundary"), .component = -1, .value = x}));
  for (gkt_idx i = 0; i < 2 * gkt_mesh_num_nodes(w.mesh); i++) gkt_mesh_coords_mutable(w.mesh)[i] *= 2;
  ok(gkt_system_set_time(w.system, 0));
  ok(gkt_system_solve(w.system, NULL, w.u, &report));
  for (gkt_idx i = 0; i < gkt_vector_size(w.u); i++) most = fmax(most, gkt_vector_read(w.u)[i]);
  assert_true(report.valid && fabs(most - 2) <= 1e-12);
  gkt_solve_report_clear(&report);
  gkt_expression_destroy(&x);
  clear(&w);
}

/* A field that is not looked for is data. */
static void other_fields_are_data(void **unused) {
  (void)unused;
  world w = make("u*v*dx == k*v*dx");
  gkt_form *form;
  gkt_system *system;
  gkt_scalar p[16];
  int other;
  for (int i = 0; i < 16; i++) p[i] = 4;
  ok(gkt_scope_add_field(w.scope, "p", "q", gkt_shape_scalar(), P1, &other));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = "u*v*dx == p*v*dx"}, &form));
  ok(gkt_system_create(form, w.mesh, 1, &w.field, (const gkt_space *const[]){w.V, NULL, w.Q, w.V, NULL}, &system));
  ok(gkt_system_set_coefficient(system, "p", p));
  gkt_vector_fill(w.u, 4);
  ok(gkt_system_residual(system, &(gkt_state){.u = w.u}, w.r));
  assert_true(gkt_vector_norm(w.r) <= 1e-14);
  expect(gkt_system_set_coefficient(system, "q", p), GKT_BAD_ARGUMENT, "'q' is no");
  gkt_system_destroy(&system);
  gkt_form_destroy(&form);
  clear(&w);
}

/* ---- solving ---- */
static bool refuse_stage(void *user, const char *stage) { return strcmp(stage, user) != 0; }

static void cancelled_is_a_report(void **unused) {
  (void)unused;
  static const char *const equations[] = {"dot(grad(u), grad(v))*dx + u*v*dx == v*dx", "dot(grad(u), grad(v))*dx + exp(u)*v*dx == 2*v*dx"};
  static const char *const stages[] = {"assemble", "solve", "newton"};
  for (int nonlinear = 0; nonlinear < 2; nonlinear++)
    for (int i = 0; i < 3; i++) {
      world w = make(equations[nonlinear]);
      gkt_solve_report report;
      gkt_solve_options options = gkt_solve_options_default();
      bool reached = i == 0 || i == 1 + nonlinear;
      options.stage = refuse_stage, options.stage_user = (void *)(uintptr_t)stages[i];
      expect(gkt_system_set_constant(w.system, "none", 1), GKT_BAD_ARGUMENT, "'none'");
      ok(gkt_system_solve(w.system, &options, w.u, &report));
      assert_int_equal(report.cancelled, reached);
      assert_int_equal(report.valid, !reached);
      assert_string_equal(report.reason, reached ? "cancelled by the caller" : "");
      gkt_solve_report_clear(&report);
      ok(gkt_system_solve(w.system, NULL, w.u, &report)); /* nothing is broken */
      if (!report.valid) fail_msg("%s", report.reason);
      assert_true(report.valid);
      gkt_solve_report_clear(&report);
      clear(&w);
    }
}

static void guesses_are_looked_at(void **unused) {
  (void)unused;
  world w = make("(u - 1)^2*v*dx == 4*v*dx");
  gkt_solve_report report;
  gkt_vector_fill(w.u, 1);
  ok(gkt_system_solve(w.system, NULL, w.u, &report));
  assert_false(report.valid);
  assert_non_null(strstr(report.reason, "at the first guess"));
  assert_null(strstr(report.reason, "which is 0"));
  gkt_solve_report_clear(&report);
  clear(&w);
}

/* n x n x 2 triangles of order 2, inner middles moved: a field of degree 1 holds no rotations there. */
static gkt_mesh *curved(int n) {
  const int m = 2 * n + 1;
  double *x = malloc((size_t)(2 * m * m) * sizeof *x);
  gkt_idx *cells = malloc((size_t)(12 * n * n) * sizeof *cells), *c = cells;
  gkt_mesh *mesh;
  for (int i = 0; i < m * m; i++) {
    double a = (double)(i % m) / (m - 1), b = (double)(i / m) / (m - 1), bend = i % m % 2 || i / m % 2 ? 0.03 : 0;
    x[2 * i] = a + bend * sin(7 * b + 3 * a), x[2 * i + 1] = b + bend * cos(5 * a + 2 * b);
  }
  for (int k = 0; k < n * n; k++) {
    int a = 2 * (k / n) * m + 2 * (k % n);
    const int six[2][6] = {{a, a + 2, a + 2 * m + 2, a + 1, a + m + 2, a + m + 1}, {a, a + 2 * m + 2, a + 2 * m, a + m + 1, a + 2 * m + 1, a + m}};
    for (int t = 0; t < 12; t++) *c++ = six[t / 6][t % 6];
  }
  ok(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 2, 2, m * m, x, 2 * n * n, cells, &mesh));
  ok(gkt_mesh_topology(mesh));
  free(x), free(cells);
  return mesh;
}

static void free_bodies_on_curved_cells(void **unused) {
  (void)unused;
  static const char energy[] = "(inner(sym(grad(u)), sym(grad(u))) + inner(sym(grad(u)), sym(grad(u)))^2 - 0.1*div(u))*dx";
  for (int degree = 1; degree <= 2; degree++) { /* P2 holds rotations, P1 does not */
    const gkt_element element = {GKT_LAGRANGE, degree};
    gkt_mesh *mesh = curved(3);
    gkt_space *V;
    gkt_scope *scope;
    gkt_form *form;
    gkt_system *system;
    gkt_vector *u, *r;
    gkt_solve_report report;
    int field;
    ok(gkt_space_create(mesh, element, gkt_shape_vector(2), &V));
    ok(gkt_scope_create(ctx, 2, &scope));
    ok(gkt_scope_add_field(scope, "u", NULL, gkt_shape_vector(2), element, &field));
    ok(gkt_form_parse(scope, GKT_ENERGY, &(gkt_source){.text = energy}, &form));
    ok(gkt_system_create(form, mesh, 1, &field, (const gkt_space *const[]){V}, &system));
    ok(gkt_system_vector(system, &u)), ok(gkt_system_vector(system, &r));
    for (int solve = 0; solve < 2; solve++) { /* again from the solution, with the matrix of before */
      ok(gkt_system_solve(system, NULL, u, &report));
      if (!report.valid) fail_msg("degree %d: %s", degree, report.reason);
      assert_int_equal(report.turns_freely, degree == 2);
      ok(gkt_system_residual(system, &(gkt_state){.u = u}, r));
      assert_true(gkt_vector_norm(r) <= 1e-11); /* the load is of order 0.1, rtol 1e-10 */
      gkt_solve_report_clear(&report);
    }
    gkt_vector_destroy(&u), gkt_vector_destroy(&r);
    gkt_system_destroy(&system);
    gkt_form_destroy(&form);
    gkt_scope_destroy(&scope);
    gkt_space_destroy(&V);
    gkt_mesh_destroy(&mesh);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(calls_are_refused),     cmocka_unit_test(conditions_are_refused), cmocka_unit_test(creation_is_refused),
                                     cmocka_unit_test(times_are_kept_apart),  cmocka_unit_test(moved_nodes_are_seen),   cmocka_unit_test(other_fields_are_data),
                                     cmocka_unit_test(cancelled_is_a_report), cmocka_unit_test(guesses_are_looked_at),  cmocka_unit_test(free_bodies_on_curved_cells)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
