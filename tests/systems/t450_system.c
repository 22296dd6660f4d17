/* Claim: a system finds its facts itself; residual, tangent and energy are those of the form with conditions applied, and derivatives of each other; conditions follow time and
   data with their nodes kept; solve gives what a loop of one's own gives, for linear and nonlinear problems, from a residual and from an energy, for 1, 2 and 4 threads bit for
   bit; wrong calls are refused and change nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/system.h"
#include "tests/gkt_test.h"

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V, *Q;
  const gkt_space *spaces[3];
  gkt_scalar *k; /* coefficient in DP0 */
  gkt_form *form;
  gkt_system *system;
  int u, coefficient, components;
} world;

/* u in [P2] with test v, c a coefficient in DP0 of value 2, k a constant of value 1.5; u = value on the left side */
static world make_on(gkt_context *context, int dim, bool vector, gkt_form_kind kind, const char *text) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
  gkt_shape shape = vector ? gkt_shape_vector(dim) : gkt_shape_scalar();
  world w = {.components = vector ? dim : 1};
  int k;
  ok(gkt_mesh_box(context, &(gkt_box){dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, dim, {3, 2, 2}, {0, 0, 0}, {1.5, 1, 1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, P2, shape, &w.V));
  ok(gkt_space_create(w.mesh, DP0, gkt_shape_scalar(), &w.Q));
  ok(gkt_scope_create(context, dim, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", shape, P2, &w.u));
  ok(gkt_scope_add_coefficient(w.scope, "c", gkt_shape_scalar(), DP0, &w.coefficient));
  ok(gkt_scope_add_constant(w.scope, "k", &k));
  w.spaces[w.u] = w.V, w.spaces[w.coefficient] = w.Q;
  w.k = malloc((size_t)gkt_space_num_dofs(w.Q) * sizeof *w.k);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w.Q); i++) w.k[i] = 2;
  ok(gkt_form_parse(w.scope, kind, &(gkt_source){.text = text, .file = "a.yaml", .key = "form"}, &w.form));
  ok(gkt_system_create(w.form, w.mesh, 1, &w.u, w.spaces, &w.system));
  ok(gkt_system_set_coefficient(w.system, "c", w.k));
  ok(gkt_system_set_constant(w.system, "k", 1.5));
  return w;
}

static world make(int dim, bool vector, gkt_form_kind kind, const char *text) { return make_on(ctx, dim, vector, kind, text); }

static gkt_expression *hold(world *w, const char *set, const char *value) {
  gkt_expression *e;
  ok(gkt_expression_parse(w->scope, &(gkt_source){.text = value}, &e));
  ok(gkt_system_constrain(w->system, &(gkt_condition){.unknown = w->u, .set = gkt_mesh_find_set(w->mesh, set), .component = -1, .value = e, .note = set}));
  return e;
}

static void clear(world *w) {
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_space_destroy(&w->Q);
  gkt_mesh_destroy(&w->mesh);
  free(w->k);
}

static gkt_vector *vector_of(gkt_system *s) {
  gkt_vector *v;
  ok(gkt_system_vector(s, &v));
  return v;
}

static void fill_wave(gkt_vector *v, double size) {
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) gkt_vector_values(v)[i] = size * (sin(0.7 * i) + 0.3 * cos(2.9 * i));
}

/* ---- derivatives ---- */
/* |R(u + h d) - R(u - h d) - 2 h A d| of a third order in h: what differences leave. */
static double tangent_error(world *w, gkt_vector *u, const gkt_vector *d, double h) {
  gkt_vector *plus = vector_of(w->system), *minus = vector_of(w->system), *image = vector_of(w->system);
  gkt_csr *A, *B;
  ok(gkt_system_matrix(w->system, &A));
  ok(gkt_system_tangent(w->system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, A));
  gkt_vector_axpy(h, d, u);
  ok(gkt_system_residual(w->system, &(gkt_state){.u = u}, plus));
  gkt_vector_axpy(-2 * h, d, u);
  ok(gkt_system_residual(w->system, &(gkt_state){.u = u}, minus));
  gkt_vector_axpy(h, d, u);
  ok(gkt_system_block(w->system, A, w->u, w->u, &B)); /* of one unknown: the whole */
  assert_true(B->num_rows == A->num_rows && B->num_cols == A->num_cols && !memcmp(A->vals, B->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *A->vals));
  gkt_csr_multiply(A, gkt_vector_read(d), gkt_vector_values(image));
  gkt_vector_axpy(-1, minus, plus), gkt_vector_axpy(-2 * h, image, plus);
  double error = gkt_vector_norm(plus) / (2 * h * gkt_vector_norm(image));
  gkt_vector_destroy(&plus), gkt_vector_destroy(&minus), gkt_vector_destroy(&image);
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  return error;
}

static void derivatives_agree(void **unused) {
  (void)unused;
  static const struct {
    bool vector;
    gkt_form_kind kind;
    const char *text;
  } forms[] = {{false, GKT_EQUATION, "(c + u^2)*dot(grad(u), grad(v))*dx + exp(u)*v*ds(right) - k*v*dx"},
               {false, GKT_ENERGY, "(c*dot(grad(u), grad(u)) + u^4)*dx - k*u*ds(top)"},
               {true, GKT_ENERGY, "k*(inner(I + grad(u), I + grad(u)) - 2*ln(det(I + grad(u))))*dx - c*u[0]*dx"}};
  for (int dim = 2; dim <= 3; dim++)
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
      world w = make(dim, forms[i].vector, forms[i].kind, forms[i].text);
      gkt_expression *e = hold(&w, "left", "0");
      gkt_vector *u = vector_of(w.system), *d = vector_of(w.system), *r = vector_of(w.system);
      fill_wave(u, 0.01), fill_wave(d, 0.01);
      ok(gkt_system_lift(w.system, u)), ok(gkt_system_lift(w.system, d)); /* 0 where constrained */
      double coarse = tangent_error(&w, u, d, 0.1), fine = tangent_error(&w, u, d, 0.05);
      assert_true(fine < 1e-9 || fine < 0.3 * coarse); /* second order */
      assert_true(fine < 1e-3);
      if (forms[i].kind == GKT_ENERGY) {
        double plus, minus, h = 1e-4;
        ok(gkt_system_residual(w.system, &(gkt_state){.u = u}, r));
        gkt_vector_axpy(h, d, u), ok(gkt_system_energy(w.system, &(gkt_state){.u = u}, &plus));
        gkt_vector_axpy(-2 * h, d, u), ok(gkt_system_energy(w.system, &(gkt_state){.u = u}, &minus));
        assert_true(fabs((plus - minus) / (2 * h) - gkt_vector_dot(r, d)) <= 1e-6 * fabs(gkt_vector_dot(r, d)) + 1e-9); /* h^2, and rounding of the energy over h */
      }
      gkt_vector_destroy(&u), gkt_vector_destroy(&d), gkt_vector_destroy(&r);
      gkt_expression_destroy(&e);
      clear(&w);
    }
}

/* Shifts scale the tangent: J = value dR/du, as no form has rates. Constrained rows keep a diagonal. */
static void shifts_scale(void **unused) {
  (void)unused;
  world w = make(2, false, GKT_EQUATION, "c*dot(grad(u), grad(v))*dx == v*dx");
  gkt_expression *e = hold(&w, "left", "0");
  gkt_vector *u = vector_of(w.system);
  gkt_csr *A, *B;
  ok(gkt_system_matrix(w.system, &A)), ok(gkt_system_matrix(w.system, &B));
  ok(gkt_system_tangent(w.system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, A));
  ok(gkt_system_tangent(w.system, &(gkt_state){.u = u}, (gkt_shifts){.value = 0.5, .rate = 3}, B));
  for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++) assert_true(fabs(B->vals[k] - 0.5 * A->vals[k]) <= 1e-15 * fabs(A->vals[k]));
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  gkt_vector_destroy(&u);
  gkt_expression_destroy(&e);
  clear(&w);
}

/* ---- conditions ---- */
static void conditions_follow(void **unused) {
  (void)unused;
  world w = make(2, false, GKT_EQUATION, "c*dot(grad(u), grad(v))*dx == 0*v*dx");
  gkt_expression *left = hold(&w, "left", "0"), *right = hold(&w, "right", "t*x[0] + k");
  const gkt_layout *layout = gkt_system_layout(w.system);
  gkt_vector *u = vector_of(w.system);
  gkt_solve_report report;
  gkt_idx held = layout->num_constrained;
  assert_int_equal(layout->num_blocks, 1);
  assert_string_equal(layout->blocks[0].name, "u");
  assert_int_equal(layout->blocks[0].count, layout->num_owned);
  assert_int_equal(held, 10);   /* two sides of 2 cells: 5 nodes of P2 each */
  for (int i = 0; i < 3; i++) { /* u = g(1.5) x / 1.5 */
    double t = 0.5 * i, k = 1 + i, end = 1.5 * t + k;
    ok(gkt_system_set_time(w.system, t)), ok(gkt_system_set_constant(w.system, "k", k));
    ok(gkt_system_solve(w.system, NULL, u, &report));
    assert_true(report.valid);
    assert_true(report.symmetric && report.positive && !report.singular);
    assert_int_equal(layout->num_constrained, held);
    for (gkt_idx n = 0; n < gkt_space_num_nodes(w.V); n++)
      assert_true(fabs(gkt_vector_read(u)[n] - end * gkt_space_coords(w.V)[2 * n] / 1.5) <= 1e-12 * end); /* rounding of the solve */
    gkt_solve_report_clear(&report);
  }
  gkt_vector_destroy(&u);
  gkt_expression_destroy(&left), gkt_expression_destroy(&right);
  clear(&w);
}

/* ---- solutions ---- */
static gkt_vector *solve_by_hand(gkt_system *s) {
  gkt_vector *u = vector_of(s), *r = vector_of(s), *d = vector_of(s);
  gkt_system_facts facts;
  gkt_linear_report report;
  gkt_csr *A;
  ok(gkt_system_matrix(s, &A));
  ok(gkt_system_get_facts(s, &facts));
  ok(gkt_system_lift(s, u));
  for (int step = 0; step < 8; step++) {
    ok(gkt_system_residual(s, &(gkt_state){.u = u}, r));
    ok(gkt_system_tangent(s, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, A));
    gkt_vector_scale(r, -1), gkt_vector_fill(d, 0);
    ok(gkt_linear_solve(ctx, A, &facts, gkt_vector_read(r), gkt_vector_values(d), NULL, &report));
    gkt_linear_report_clear(&report);
    gkt_vector_axpy(1, d, u);
  }
  gkt_vector_destroy(&r), gkt_vector_destroy(&d);
  gkt_csr_destroy(&A);
  return u;
}

static void solutions_agree(void **unused) {
  (void)unused;
  static const struct {
    bool vector, nonlinear;
    gkt_form_kind kind;
    const char *text;
  } forms[] = {{false, false, GKT_EQUATION, "c*dot(grad(u), grad(v))*dx == k*v*dx + x[1]*v*ds(right)"},
               {true, false, GKT_ENERGY, "(c*inner(sym(grad(u)), sym(grad(u))) + k*div(u)^2)*dx - u[1]*ds(right)"},
               {false, true, GKT_EQUATION, "(1 + u^2)*dot(grad(u), grad(v))*dx == k*v*dx"},
               {true, true, GKT_ENERGY, "k*(inner(I + grad(u), I + grad(u)) - 2*ln(det(I + grad(u))))*dx - 0.05*u[0]*ds(right)"}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    world w = make(3, forms[i].vector, forms[i].kind, forms[i].text);
    gkt_expression *e = hold(&w, "left", "0");
    gkt_solve_report report;
    gkt_vector *u = vector_of(w.system), *by_hand = solve_by_hand(w.system);
    assert_int_equal(gkt_system_is_nonlinear(w.system), forms[i].nonlinear);
    ok(gkt_system_solve(w.system, NULL, u, &report));
    assert_true(report.valid);
    gkt_vector_axpy(-1, u, by_hand);
    assert_true(gkt_vector_norm(by_hand) <= 1e-9 * gkt_vector_norm(u)); /* rtol 1e-10 of both, times a condition of about 10 in this norm */
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&u), gkt_vector_destroy(&by_hand);
    gkt_expression_destroy(&e);
    clear(&w);
  }
}

/* From a solution there is nothing to gain but rounding, which is no failure: exp(u) = 1 has it at the guess, the other after one solve. */
static void solved_again(void **unused) {
  (void)unused;
  static const char *const forms[] = {"dot(grad(u), grad(v))*dx + exp(u)*v*dx == v*dx", "(1 + u^2)*dot(grad(u), grad(v))*dx + (u + u^3)*v*dx == k*v*dx"};
  for (int i = 0; i < 2; i++) {
    world w = make(2, false, GKT_EQUATION, forms[i]);
    gkt_vector *u = vector_of(w.system), *before = vector_of(w.system);
    for (int k = 0; k < 4; k++) {
      gkt_solve_report report;
      ok(gkt_system_solve(w.system, NULL, u, &report));
      if (!report.valid) fail_msg("form %d, solve %d: %s", i, k, report.reason);
      gkt_vector_axpy(-1, u, before);
      if (k) assert_true(gkt_vector_norm(before) <= 1e-9 * gkt_vector_norm(u) + 1e-13); /* rtol, and rounding where the solution is 0 */
      gkt_vector_copy(u, before);
      gkt_solve_report_clear(&report);
    }
    gkt_vector_destroy(&u), gkt_vector_destroy(&before);
    clear(&w);
  }
}

static void bits_hold(void **unused) {
  (void)unused;
  static const int threads[] = {1, 2, 4};
  gkt_vector *u[3];
  for (int i = 0; i < 3; i++) {
    gkt_context *context;
    gkt_solve_report report;
    ok(gkt_context_create(&(gkt_context_options){.threads = threads[i]}, &context));
    world w = make_on(context, 3, true, GKT_ENERGY, "k*(inner(I + grad(u), I + grad(u)) - 2*ln(det(I + grad(u))))*dx - 0.05*u[0]*ds(right)");
    gkt_expression *e = hold(&w, "left", "0");
    gkt_vector *solution = vector_of(w.system);
    ok(gkt_system_solve(w.system, NULL, solution, &report));
    assert_true(report.valid);
    ok(gkt_vector_create(ctx, gkt_vector_size(solution), &u[i]));
    gkt_vector_copy(solution, u[i]);
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&solution);
    gkt_expression_destroy(&e);
    clear(&w);
    gkt_context_destroy(&context);
  }
  for (int i = 1; i < 3; i++) assert_memory_equal(gkt_vector_read(u[0]), gkt_vector_read(u[i]), (size_t)gkt_vector_size(u[0]) * sizeof(gkt_scalar));
  for (int i = 0; i < 3; i++) gkt_vector_destroy(&u[i]);
}

/* ---- what goes wrong ---- */
static void expect(gkt_status status, gkt_status wanted, const char *part) {
  assert_int_equal(status, wanted);
  if (!strstr(gkt_context_message(ctx), part)) fail_msg("'%s' holds no '%s'", gkt_context_message(ctx), part);
  gkt_context_clear(ctx);
}

static void failures_are_explained(void **unused) {
  (void)unused;
  gkt_solve_report report;
  char text[2048];
  world w = make(2, true, GKT_EQUATION, "c*u[1]*v[1]*dx == v[1]*dx"); /* u[0] is free */
  gkt_vector *u = vector_of(w.system), *wrong;
  ok(gkt_system_solve(w.system, NULL, u, &report));
  assert_false(report.valid);
  assert_non_null(strstr(report.reason, "component 0 of 'u' undetermined"));
  ok(gkt_system_explain(w.system, &(gkt_state){.u = u}, &report.linear, sizeof text, text));
  assert_string_equal(text, report.reason);
  gkt_solve_report_clear(&report);
  ok(gkt_system_explain(w.system, &(gkt_state){.u = u}, NULL, sizeof text, text));
  assert_string_equal(text, "");
  w.k[0] = NAN;
  ok(gkt_system_set_coefficient(w.system, "c", w.k));
  ok(gkt_system_explain(w.system, &(gkt_state){.u = u}, NULL, sizeof text, text));
  assert_non_null(strstr(text, "in cell 0"));

  expect(gkt_system_set_coefficient(w.system, "u", w.k), GKT_BAD_ARGUMENT, "'u' is no discrete coefficient");
  expect(gkt_system_set_constant(w.system, "c", 1), GKT_BAD_ARGUMENT, "'c' is no constant");
  expect(gkt_system_set_time(w.system, NAN), GKT_BAD_ARGUMENT, "time");
  double energy;
  expect(gkt_system_energy(w.system, &(gkt_state){.u = u}, &energy), GKT_BAD_ARGUMENT, "no energy");
  ok(gkt_vector_create(ctx, 3, &wrong));
  expect(gkt_system_residual(w.system, &(gkt_state){.u = u}, wrong), GKT_BAD_ARGUMENT, "r has 3 entries");
  expect(gkt_system_residual(w.system, &(gkt_state){.u = NULL}, u), GKT_BAD_ARGUMENT, "no vector u");
  gkt_system *none;
  int two[] = {0, 2};
  expect(gkt_system_create(w.form, w.mesh, 2, two, w.spaces, &none), GKT_BAD_ARGUMENT, "no unknown"); /* the second is a coefficient */
  expect(gkt_system_create(w.form, w.mesh, 1, &w.coefficient, w.spaces, &none), GKT_BAD_ARGUMENT, "no unknown");
  gkt_expression *e;
  ok(gkt_expression_parse(w.scope, &(gkt_source){.text = "1/x[0]"}, &e));
  gkt_condition c = {.unknown = w.u, .set = gkt_mesh_find_set(w.mesh, "left"), .component = 0, .value = e, .place = "PLACE"};
  expect(gkt_system_constrain(w.system, &c), GKT_BAD_INPUT, "PLACE: the value is not finite at (0, ");
  assert_int_equal(gkt_system_layout(w.system)->num_constrained, 0);
  gkt_expression_destroy(&e);
  gkt_vector_destroy(&u), gkt_vector_destroy(&wrong);
  clear(&w);
}

/* What a program assembles by itself sees the data of the system. */
static void plans_are_shared(void **unused) {
  (void)unused;
  world w = make(2, false, GKT_EQUATION, "c*u*v*dx == k*v*dx");
  gkt_vector *u = vector_of(w.system), *r = vector_of(w.system);
  gkt_inputs inputs;
  assert_null(gkt_system_assembler(w.system, 2));
  ok(gkt_system_plan(w.system));
  gkt_vector_fill(u, 3);
  ok(gkt_system_inputs(w.system, &(gkt_state){.u = u}, &inputs));
  ok(gkt_assemble_vector(gkt_system_assembler(w.system, 1), &inputs, gkt_vector_values(r)));
  double sum = 0; /* of the residual: (2 u - 1.5) times the area, 1.5 */
  for (gkt_idx i = 0; i < gkt_vector_size(r); i++) sum += gkt_vector_read(r)[i];
  assert_true(fabs(sum - 4.5 * 1.5) <= 1e-13);
  ok(gkt_system_set_data(w.system, &(gkt_inputs){.constants = &(gkt_scalar){6}}));
  ok(gkt_system_residual(w.system, &(gkt_state){.u = u}, r));
  assert_true(gkt_vector_norm(r) <= 1e-14); /* 2 u = 6 */
  gkt_vector_destroy(&u), gkt_vector_destroy(&r);
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(derivatives_agree),      cmocka_unit_test(shifts_scale),    cmocka_unit_test(conditions_follow),
                                     cmocka_unit_test(solutions_agree),        cmocka_unit_test(solved_again),    cmocka_unit_test(bits_hold),
                                     cmocka_unit_test(failures_are_explained), cmocka_unit_test(plans_are_shared)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
