/* Claim: what is wrong is told before the work by calls of their own: words that are none for PETSc, schemes that do not serve a system, a problem without an optimizer. */
#include <stdio.h>
#include <string.h>

#include "galerkit/problem.h"
#include "galerkit/time.h"
#include "tests/gkt_test.h"

static const char heat[] =
    "mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nconstants: {q: 1.0}\ntime: {end: 1, step: 0.5}\nconditions: [{on: left, field: u, value: 0}]\n"
    "equation: \"(1 + u^2)*dt(u)*v*dx + dot(grad(u), grad(v))*dx == q*v*dx\"\n";
static const char design[] = "minimize: \"u*dx\"\ncontrols: {q: {bounds: [0, 2]}}\noptimizer: {method: mma}\n",
                  alone[] = "minimize: \"u*dx\"\ncontrols: {q: {}}\noptimizer: {method: none}\n";

static void expect(gkt_status given, gkt_status wanted, const char *words) {
  if (given != wanted || !strstr(gkt_context_message(ctx), words)) fail_msg("status %d, \"%s\"; expected %d, \"%s\"", given, gkt_context_message(ctx), wanted, words);
  gkt_context_clear(ctx);
}

static gkt_problem *make(const char *more) {
  char text[1024];
  gkt_problem *p;
  snprintf(text, sizeof text, "%s%s", heat, more);
  assert_int_equal(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &p), GKT_OK);
  return p;
}

static void words(void **unused) {
  (void)unused;
  expect(gkt_petsc_options_check(ctx, "-ksp_type cg gmres"), GKT_BAD_INPUT, "'gmres': a name like -pc_type was expected here");
  expect(gkt_petsc_options_check(ctx, "garbage"), GKT_BAD_INPUT, "'garbage'");
  expect(gkt_petsc_options_check(ctx, "-ksp_view -ksp_type 'a b' -ksp_rtol -1"), GKT_OK, "");
  expect(gkt_petsc_options_check(ctx, NULL), GKT_OK, "");
}

static void schemes(void **unused) {
  (void)unused;
  gkt_problem *p = make("");
  gkt_time_options options = gkt_time_options_default();
  options.step = 0.5;
  assert_int_equal(gkt_problem_check(p), GKT_OK);
  expect(gkt_time_check(gkt_problem_system(p), &options), GKT_OK, "");
  options.scheme.kind = GKT_SCHEME_RK4;
  expect(gkt_time_check(gkt_problem_system(p), &options), GKT_BAD_INPUT, "the masses depend on the state or on t");
  options.scheme.kind = GKT_SCHEME_CENTRAL_DIFFERENCE;
  expect(gkt_time_check(gkt_problem_system(p), &options), GKT_BAD_INPUT, "'u' has no dtt");
  gkt_problem_destroy(&p);
}

static void optimizers(void **unused) {
  gkt_optimizer method = GKT_NUM_OPTIMIZERS;
  (void)unused;
  gkt_problem *none = make(""), *gradient = make(alone), *mma = make(design);
  expect(gkt_problem_optimizer(none, &method), GKT_BAD_INPUT, "a.yaml: nothing is to be optimized");
  expect(gkt_problem_optimizer(gradient, &method), GKT_BAD_INPUT, "the gradient alone, by no optimizer");
  assert_int_equal(method, GKT_NUM_OPTIMIZERS);
  expect(gkt_problem_optimizer(mma, &method), GKT_OK, "");
  assert_int_equal(method, GKT_OPTIMIZER_MMA);
  gkt_problem_destroy(&none), gkt_problem_destroy(&gradient), gkt_problem_destroy(&mma);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(schemes), cmocka_unit_test(optimizers)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
