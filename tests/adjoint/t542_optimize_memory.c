/* Claim: whichever allocation of ours fails, alone or with all that follow, an optimization by any method says that memory is exhausted and leaves nothing allocated. */
#include "tests/failing_memory.h"
#include "tests/optimize_functions.h"

static gkt_status optimize(gkt_context *ctx, void *user) {
  const gkt_optimizer method = *(gkt_optimizer *)user;
  const published *p = &published_problems[method < GKT_OPTIMIZER_MMA ? 0 : NUM_PUBLISHED - 1];
  double x[MOST_VARIABLES];
  gkt_optimize_report report;
  gkt_optimize_problem problem = {.num = p->num,
                                  .lower = p->lower,
                                  .upper = p->upper,
                                  .num_constraints = p->constraints,
                                  .constraint_upper = p->limits,
                                  .value = p->value,
                                  .gradient = p->gradient,
                                  .hessian = p->hessian,
                                  .num_residuals = 2,
                                  .residual = rosenbrock_residual,
                                  .tangent = rosenbrock_tangent,
                                  .transposed = rosenbrock_transposed};
  gkt_optimize_options options = gkt_optimize_options_default();
  if (method == GKT_OPTIMIZER_LMVM) problem.lower = problem.upper = NULL;
  options.method = method, options.max_iterations = 3, options.tolerance = 1e-12;
  if (method <= GKT_OPTIMIZER_BLMVM) options.petsc_options = "-tao_ls_max_funcs 20";
  memcpy(x, p->start, sizeof x);
  const gkt_status status = gkt_optimize(ctx, &problem, &options, x, &report);
  gkt_optimize_report_clear(&report);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  for (gkt_optimizer method = 0; method < GKT_NUM_OPTIMIZERS; method++) {
    gkt_optimizer chosen = method;
    assert_true(fail_each(gkt_optimizer_word(method), optimize, &chosen, NULL) > 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
