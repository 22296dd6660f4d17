/* Claim: Newton's method with the tangent of a custom function converges quadratically, to the solution of the same law written in the language; with a tangent that is wrong by 10
   % it does not, so that the order is a check of the tangent. */
#include "tests/custom_laws.h"
#include "tests/element_form.h"
#include "tests/newton.h"

static double error; /* of the tangent, relative */
static void spoiled_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  hard_tangent(user, count, stride, in, out);
  for (int i = 0; i < 20; i++)
    for (int p = 0; p < count; p++) out[i * stride + p] *= 1 + error;
}

static gkt_status residual(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *r = gkt_vector_values(to);
  field_problem *p = user;
  memcpy(p->u, u, (size_t)num_dofs(p) * sizeof *u);
  return gkt_assemble_vector(p->vector, problem_inputs(p), r);
}
static gkt_status tangent(void *user, const gkt_vector *at, gkt_csr *A) {
  const gkt_scalar *u = gkt_vector_read(at);
  field_problem *p = user;
  memcpy(p->u, u, (size_t)num_dofs(p) * sizeof *u);
  return gkt_assemble_matrix(p->matrix, problem_inputs(p), A);
}
static gkt_constraints *held;
static gkt_status eliminate(void *user, gkt_csr *A) {
  (void)user;
  gkt_constraints_eliminate(held, A);
  return GKT_OK;
}

/* u [dofs] from 0. The least exponent log r(k+1) / log r(k) where the last is below 1e-2 and the next above rounding. */
static double order_of(const char *law, gkt_scalar **u) {
  field_kind kind = {"triangles", 2, 2, 2};
  gkt_external hardening = law_of(2, gkt_shape_matrix(2, 2), hard, spoiled_tangent);
  field_problem p;
  char equation[200];
  int number;
  begin_problem(&p, &kind, bent_mesh(TRIANGLES, 4, 1));
  hardening.symmetric = true;
  must(gkt_scope_add_external(p.scope, "hard", &hardening, &number), "law");
  snprintf(equation, sizeof equation, "inner(%s, sym(grad(v)))*dx(degree=4) == dot([3*x[1], -4], v)*dx", law);
  pose_problem(&p, equation, "[0, 0]");
  assert_true(gkt_form_is_symmetric(p.tangent));
  held = constrain_sides(&p);
  gkt_csr *A = assemble_tangent(&p);
  gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 2, .dim = 2, .coords = gkt_space_coords(p.space), .constrained = gkt_constraints_mask(held)};
  *u = calloc((size_t)num_dofs(&p), sizeof **u);
  gkt_scalar *zeros = calloc((size_t)num_dofs(&p), sizeof *zeros);
  gkt_nonlinear_system system = {.user = &p, .residual = residual, .tangent = tangent, .eliminate = eliminate};
  gkt_nonlinear_options options = gkt_nonlinear_options_default();
  gkt_nonlinear_report report;
  double least = INFINITY;
  options.linear.method = GKT_LINEAR_DIRECT;
  must(solve_newton(ctx, &system, &facts, A, *u, zeros, &options, &report), equation);
  assert_true(report.converged && report.iterations > 2);
  for (int k = 0; k + 1 < report.num_history; k++) {
    double now = report.history[k] / report.first, next = report.history[k + 1] / report.first;
    if (now <= 1e-2 && next >= 1e-13) least = fmin(least, log(next) / log(now));
  }
  gkt_nonlinear_report_clear(&report);
  free(zeros);
  gkt_csr_destroy(&A);
  gkt_constraints_destroy(&held);
  end_problem(&p);
  return least;
}

static void the_order_tells_the_tangent(void **unused) {
  (void)unused;
  gkt_scalar *custom, *plain, *spoiled;
  use(GKT_BACKEND_CPU, 1);
  error = 0;
  double order = order_of("hard(sym(grad(u)), 2)", &custom);
  if (!(order > 1.6 && order < 3)) fail_msg("order %g", order);
  order_of("2*(1 + inner(sym(grad(u)), sym(grad(u))))*sym(grad(u))", &plain);
  error = 0.1;
  order = order_of("hard(sym(grad(u)), 2)", &spoiled);
  if (!(order < 1.5)) fail_msg("order %g with a tangent that is 10 %% wrong", order);
  double most = 0, difference = 0, other = 0;
  for (int i = 0; i < 2 * 81; i++) {
    most = fmax(most, fabs(plain[i]));
    difference = fmax(difference, fabs(custom[i] - plain[i])), other = fmax(other, fabs(spoiled[i] - plain[i]));
  }
  assert_true(most > 0.1);
  assert_true(difference <= 1e-9 * most && other <= 1e-7 * most); /* residuals are 1e-10 of the first */
  free(custom), free(plain), free(spoiled);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_order_tells_the_tangent)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
