/* Claim: a problem object tells the progress of Newton's method iteration by iteration, load step by load step, and what the report says is what was told. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "galerkit/problem.h"

static const char text[] = "mesh: {box: {cells: [3, 3]}}\n"
                           "fields: {u: {space: P1, test: v}}\n"
                           "equation: (1 + u^2)*dot(grad(u), grad(v))*dx == 5*v*dx\n"
                           "conditions: [{on: left, value: 1}]\n"
                           "solver: {nonlinear: {load_steps: 3}}\n";

typedef struct {
  int starts, iterations, restarts, last;
  double residual;
} progress;
static bool count(void *user, const char *stage, int iteration, double residual, double seconds_left) {
  progress *p = user;
  if (strcmp(stage, "newton")) return true;
  assert_true(seconds_left < 0 || seconds_left < 1e6);
  if (iteration == 0 && residual == 0) p->starts++; /* of the stage */
  else if (iteration == 0) p->restarts++, assert_true(residual == 1);
  else assert_int_equal(iteration, p->last + 1), p->iterations++;
  p->last = iteration, p->residual = residual;
  return true;
}

static void progress_is_told(void **state) {
  gkt_context *ctx;
  gkt_problem *problem;
  progress told = {0};
  char path[] = "/tmp/gkt-newton-XXXXXX", expected[64];
  bool valid;
  int file = mkstemp(path);
  (void)state;
  assert_true(file >= 0 && write(file, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
  close(file);
  gkt_problem_options options = gkt_problem_options_default();
  options.progress = count, options.progress_user = &told;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .poison = true}, &ctx), GKT_OK);
  if (gkt_problem_read(ctx, path, &options, &problem) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  unlink(path);
  if (gkt_problem_run(problem, &valid) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_true(valid);
  assert_int_equal(told.starts, 1);
  assert_int_equal(told.restarts, 3);
  assert_true(told.iterations > 3 && told.residual <= 1e-10);
  snprintf(expected, sizeof expected, "\"iterations\": %d,", told.iterations);
  assert_non_null(strstr(strstr(gkt_problem_report_json(problem), "\"nonlinear\""), expected));
  gkt_problem_destroy(&problem);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(progress_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
