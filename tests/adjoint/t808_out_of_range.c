/* Claim: numbers of controls, unknowns, functions, orders, blocks, sets and steps that are out of range, and arrays that are missing, are refused by calls with a status, with one
   message, and told by the others as what is not there; nothing is written, nothing crashes. */
#include "tests/time_adjoint_world.h"

static const char steady[] = "mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nconstants: {q: 1.0}\nconditions: [{on: left, field: u, value: 0}]\n"
                             "equation: \"dot(grad(u), grad(v))*dx == q*v*dx\"\n";
static const char *const constant[] = {"=q", NULL};
static const run_options options = {.text = steady, .scheme = "static", .end = "u*dx", .controls = constant, .step = 0.5, .num_steps = 1};

static run_world w;
static gkt_space *space;
static gkt_scalar number = 7;
static gkt_taylor taylor;
static gkt_solve_report report;
static bool answer;
static gkt_form *form;

/* ---- calls with a status: a number n for what is asked for ---- */
typedef gkt_status refusing(int n);
static gkt_status get_control(int n) { return gkt_adjoint_get_control(w.adjoint, n, &number); }
static gkt_status set_control(int n) { return gkt_adjoint_set_control(w.adjoint, n, &number); }
static gkt_status verify(int n) { return gkt_adjoint_verify(w.adjoint, w.J.end, NULL, n, NULL, 0, w.u, &taylor); }
static gkt_status verify_hessian(int n) { return gkt_adjoint_verify_hessian(w.adjoint, w.J.end, NULL, n, NULL, 0, w.u, &taylor); }
static gkt_status is_balance(int n) { return gkt_system_is_balance(w.s, n, &answer); }
static gkt_status couples_row(int n) { return gkt_system_couples(w.s, n, 0, &answer); }
static gkt_status couples_column(int n) { return gkt_system_couples(w.s, 0, n, &answer); }
static gkt_status tangent_holds(int n) { return gkt_system_tangent_holds(w.s, n, &answer); }
static gkt_status lump(int n) { return gkt_form_lump(gkt_assembler_form(gkt_system_assembler(w.s, 1)), n, &form); }
static gkt_status by_constant(int n) { return gkt_form_derivative_constant(w.forms[0], n, &form); }
static gkt_status by_function(int n) { return gkt_form_derivative(w.forms[0], 1, &(int){n == -1 ? -5 : n}, &form); } /* -1 are the coordinates */
static gkt_status block_row(int n) { return gkt_form_block(gkt_assembler_form(gkt_system_assembler(w.s, 2)), n, 0, &form); }
static gkt_status follow(int n) { return gkt_scope_follow_time(gkt_problem_scope(w.problem), n); }

static void numbers(void **unused) {
  static const struct {
    refusing *call;
    const char *words;
  } rows[] = {{get_control, "expected 0 to 0"},   {set_control, "expected 0 to 0"}, {verify, "expected 0 to 0"},         {verify_hessian, "expected 0 to 0"},
              {is_balance, "expected 0 to 0"},    {couples_row, "expected 0 to 0"}, {couples_column, "expected 0 to 0"}, {tangent_holds, "constant"},
              {lump, "the number of a field"},    {by_constant, "constant"},        {by_function, "expected a field"},   {block_row, "none of the form's rows"},
              {follow, "no discrete coefficient"}};
  static const int wrong[] = {-1, 1000, INT32_MIN, INT32_MAX};
  (void)unused;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (int k = 0; k < 4; k++) expect(rows[i].call(wrong[k]), GKT_BAD_ARGUMENT, rows[i].words);
  expect(set_control(1), GKT_BAD_ARGUMENT, "control 1; expected 0 to 0");
  assert_true(number == 7 && !form);
}

/* ---- arrays that are missing ---- */
static gkt_status evaluate(void *user, const gkt_scalar *x, gkt_scalar *objective, gkt_scalar *constraints) {
  (void)user, (void)constraints;
  return *objective = *x, GKT_OK;
}
static gkt_status slope(void *user, const gkt_scalar *x, gkt_scalar *gradient, gkt_scalar *jacobian) {
  (void)user, (void)x, (void)jacobian;
  return *gradient = 1, GKT_OK;
}

static void arrays(void **unused) {
  const gkt_optimize_problem problem = {.num = 1, .value = evaluate, .gradient = slope};
  gkt_optimize_problem negative = problem;
  gkt_optimize_report end;
  (void)unused;
  expect(gkt_adjoint_set_control(w.adjoint, 0, NULL), GKT_BAD_ARGUMENT, "no array for 'q'; expected one of 1 numbers");
  expect(gkt_adjoint_get_control(w.adjoint, 0, NULL), GKT_BAD_ARGUMENT, "no array for 'q'");
  expect(gkt_adjoint_gradient(w.adjoint, w.J.end, NULL, w.u, NULL, NULL, &report), GKT_BAD_ARGUMENT, "no array of gradients");
  expect(gkt_adjoint_gradient(w.adjoint, w.J.end, NULL, NULL, NULL, &(gkt_scalar *){&number}, &report), GKT_BAD_ARGUMENT, "no vector");
  expect(gkt_adjoint_hessian(w.adjoint, w.J.end, NULL, w.u, NULL, &(gkt_scalar *){&number}, &report), GKT_BAD_ARGUMENT, "gkt_adjoint_hessian: no array of directions");
  expect(gkt_optimize(ctx, &problem, NULL, NULL, &end), GKT_BAD_ARGUMENT, "expected a start");
  expect(gkt_optimize_check(ctx, &problem, NULL, NULL, NULL), GKT_BAD_ARGUMENT, "expected a start");
  negative.num_constraints = -1;
  expect(gkt_optimize(ctx, &negative, NULL, &number, &end), GKT_BAD_ARGUMENT, "-1 constraints; expected a number from 0");
  assert_true(number == 7);
}

/* ---- calls without a status ---- */
static void answers(void **unused) {
  const gkt_scope *scope = gkt_problem_scope(w.problem);
  const gkt_mesh *mesh = gkt_problem_mesh(w.problem);
  (void)unused;
  for (int k = 0; k < 4; k++) {
    const int n = (int[]){-1, 1000, INT32_MIN, INT32_MAX}[k];
    assert_int_equal(gkt_adjoint_control_size(w.adjoint, n), 0);
    assert_true(gkt_trajectory_length(w.trajectory, n) == 0);
    assert_int_equal(gkt_system_rate_order(w.s, n), 0);
    assert_false(gkt_system_is_multiplier(w.s, n));
    assert_true(gkt_system_get_history(w.s, n, &(const char *){0}, &(gkt_size){0}) == NULL && gkt_system_assembler(w.s, n) == NULL);
    assert_string_equal(gkt_scope_function_name(scope, n), "");
    assert_int_equal(gkt_shape_size(gkt_scope_function_shape(scope, n)), 1);
    assert_int_equal(gkt_scope_function_element(scope, n).degree, 0);
    assert_true(gkt_scope_rate(scope, n, 1) < 0 && gkt_scope_rate(scope, 0, n) < 0 && gkt_scope_shift(scope, n, 0) < 0 && gkt_scope_shift(scope, 0, n) < 0);
    assert_int_equal(gkt_form_rate_order(w.forms[0], n), 0);
    assert_true(gkt_form_num_arguments(w.forms[0], n) == 0 && gkt_form_argument(w.forms[0], n, 0) == -1 && gkt_form_argument(w.forms[0], 0, n) == -1);
    assert_true(gkt_mesh_block(mesh, n) == NULL && gkt_mesh_get_set(mesh, n) == NULL && gkt_mesh_num_entities(mesh, n) == 0 && gkt_mesh_entities_per_cell(mesh, n, 0) == 0);
    assert_true(gkt_mesh_cell_entities(mesh, n, 1) == NULL && gkt_mesh_vertices_per_entity(mesh, n) == 0 && gkt_mesh_entity_vertices(mesh, n) == NULL);
    assert_true(gkt_space_nodes_per_cell(space, n) == 0 && gkt_space_cell_nodes(space, n) == NULL);
  }
  assert_false(gkt_form_depends_on(w.forms[0], 1000));
}

static int begin(void **state) {
  if (setup(state)) return 1;
  w = make_run(&options);
  ok(gkt_space_create(gkt_problem_mesh(w.problem), (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &space));
  return 0;
}

static int end(void **state) {
  gkt_space_destroy(&space);
  clear_run(&w);
  return teardown(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(arrays), cmocka_unit_test(answers)};
  return cmocka_run_group_tests(tests, begin, end);
}
