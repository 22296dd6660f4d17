/* Claim: whichever allocation of ours fails behind that of the solution, alone or with all that follow, a gradient says that memory is exhausted and leaves nothing allocated: the
   adjoint and its controls, a functional, value and gradients by a coefficient and a constant at a solution, of a symmetric problem and of one that is not, Taylor remainders. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"
static gkt_scalar values[4] = {1, 2, 3, 4}, derivatives[5];

static gkt_status make(gkt_context *ctx, world *w, const char *text) {
  const gkt_element P1 = {GKT_LAGRANGE, 1}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
  int u, k, a;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {4}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, DP0, gkt_shape_scalar(), &w->cells));
  GKT_TRY(gkt_scope_create(ctx, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "k", gkt_shape_scalar(), DP0, &k));
  GKT_TRY(gkt_scope_add_constant(w->scope, "a", &a));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = text}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "x[0]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->cells}, &w->system));
  GKT_TRY(gkt_system_set_coefficient(w->system, "k", values));
  GKT_TRY(gkt_system_set_constant(w->system, "a", 1));
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value});
}
static gkt_status make_symmetric(gkt_context *ctx, world *w) { return make(ctx, w, "k*dot(grad(u), grad(v))*dx - a*v*dx"); }
static gkt_status make_nonlinear(gkt_context *ctx, world *w) { return make(ctx, w, "(k*(1 + u^2)*dot(grad(u), grad(v)) + u*grad(u)[0]*v)*dx - a*v*dx"); }

static gkt_solve_options keeping(void) {
  gkt_solve_options options = gkt_solve_options_default();
  options.keep_solver = true, options.newton.linear.petsc_options = "-ksp_max_it 500";
  return options;
}

static gkt_status solve(gkt_context *ctx, world *w) {
  const gkt_solve_options options = keeping();
  gkt_solve_report report;
  (void)ctx;
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  const gkt_status status = gkt_system_solve(w->system, &options, w->u, &report);
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status differentiate(gkt_context *ctx, world *w) {
  const gkt_solve_options options = keeping();
  gkt_solve_report report;
  (void)ctx;
  GKT_TRY(gkt_adjoint_create(w->system, 2, (const gkt_control[]){{GKT_CONTROL_COEFFICIENT, "k"}, {GKT_CONTROL_CONSTANT, "a"}}, &w->adjoint));
  GKT_TRY(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k*u^2*dx"}, &w->goal));
  GKT_TRY(gkt_functional_create(w->adjoint, w->goal, &w->J));
  const gkt_status status = gkt_adjoint_gradient(w->adjoint, w->J, &options, w->u, NULL, (gkt_scalar *const[]){derivatives, derivatives + 4}, &report);
  if (status == GKT_OK) gkt_solve_report_clear(&report);
  return status;
}

static gkt_status differentiate_twice(gkt_context *ctx, world *w) {
  static const gkt_scalar one = 1;
  gkt_solve_report report;
  (void)ctx;
  const gkt_status status = gkt_adjoint_hessian(w->adjoint, w->J, NULL, w->u, (const gkt_scalar *const[]){NULL, &one}, (gkt_scalar *const[]){derivatives, NULL}, &report);
  if (status == GKT_OK) gkt_solve_report_clear(&report);
  return status;
}

static gkt_status verify(gkt_context *ctx, world *w) {
  gkt_taylor table;
  (void)ctx;
  return gkt_adjoint_verify(w->adjoint, w->J, NULL, 1, NULL, 0.01, w->u, &table);
}

/* Those before are tried by other tests; of these every fifth one, alone and with all that follow in turn. */
enum { MANY = 1000000 };
static long before;
static gkt_status begin(gkt_context *ctx, world *w) {
  (void)ctx, (void)w;
  if (memory.left > MANY / 2) before = MANY - memory.left;
  return GKT_OK;
}

static void run_out(const char *name, world_step *const *steps) {
  assert_false(try_without(name, run_in_world, (void *)steps, &in_world, MANY, true));
  long k = before;
  while (try_without(name, run_in_world, (void *)steps, &in_world, k, k % 2)) k += 5;
  assert_true(before > 100 && k > before + 100);
}

static void memory_runs_out(void **unused) {
  (void)unused;
  run_out("a gradient", (world_step *const[]){make_symmetric, solve, begin, differentiate, verify, NULL});
  run_out("second derivatives", (world_step *const[]){make_nonlinear, solve, begin, differentiate, differentiate_twice, NULL});
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
