/* Claim: whichever allocation of ours fails, alone or with all that follow, a problem file with histories says that memory is exhausted and leaves nothing allocated; a program
   finds their values by name, and goes on with the problem's system. */
#include <stdio.h>
#include <unistd.h>

#include "galerkit/problem.h"
#include "tests/failing_memory.h"

#include "core/core.h"

static const char text[] = "mesh: {box: {cells: [1], shape: line}}\n"
                           "fields: {u: {space: P1, test: v}}\n"
                           "history: {q: {points: 1, initial: 'x[0]', update: 'q + u'}, r: {points: 1, shape: vector, update: '[2*q]'}}\n"
                           "equation: dot(grad(u), grad(v))*dx + 0.5*r[0]*v*dx == 0\n"
                           "conditions: [{on: left, value: 1}]\n"
                           "compute: {most: {max: q}}\n"
                           "probes: {mid: {at: [0.5], value: r}}\n";

static gkt_status run(gkt_context *ctx, void *user) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  const gkt_space *space;
  gkt_scalar *q;
  bool valid = false;
  gkt_status status;
  (void)user;
  options.petsc_options = "-ksp_max_it 500";
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", text, sizeof text - 1, &options, &p));
  GKT_GO(gkt_problem_run(p, &valid));
  GKT_GO(gkt_problem_values(p, "q", &space, &q));
  assert_true(valid && gkt_space_num_dofs(space) == 1 && q[0] > 1.49 && q[0] < 1.51); /* 1/2 and u = 1, as r was 0 */
  const gkt_state again = gkt_system_state(gkt_problem_system(p), gkt_problem_solution(p));
  GKT_GO(gkt_system_commit(gkt_problem_system(p), &again, 0, NULL));
  assert_true(gkt_system_history(gkt_problem_system(p), "q")[0] > 2.49 && gkt_system_history(gkt_problem_system(p), "r")[0] > 2.99);
  if (ctx->exhausted) status = GKT_NO_MEMORY; /* what depends on what was not known, so nothing was kept */
done:
  gkt_problem_destroy(&p);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("file with histories", run, NULL, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
