/* Claim: a whole problem on the device, linear by each strategy of the reduce or by Newton's method, survives the failure of every call of the device, alone and with all that
   follow: no valid answer, one message of what was being done, a report that says so, nothing held on the device, and another run of the same problem succeeds. */
#include "galerkit/problem.h"
#include "tests/failing_device.h"

static const char linear[] = "mesh: {box: {cells: [2, 2], shape: tri}}\n"
                             "fields: {u: {space: P1, test: v}}\n"
                             "coefficients: {r: {space: DP0, value: '2'}}\n"
                             "equation: r*dot(grad(u), grad(v))*dx + u*v*ds(right) == v*dx\n"
                             "conditions: [{on: left, value: 0}]\n"
                             "compute: {total: 'u*dx'}\n";
static const char nonlinear[] = "mesh: {box: {cells: [3], shape: line}}\n"
                                "fields: {u: {space: P2}}\n"
                                "energy: ((1 + 0.1*u^2)*grad(u)[0]^2/2 - u)*dx\n"
                                "conditions: [{on: left, value: 1}]\n"
                                "solver: {nonlinear: {rtol: 1e-4}}\n";

static gkt_status run(gkt_context *ctx, void *user) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  bool valid = false;
  gkt_status status;
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", user, strlen(user), &options, &p));
  status = gkt_problem_run(p, &valid);
  if ((status == GKT_OK) != valid || valid == (gkt_problem_reason(p)[0] != 0)) fail_msg("status %d, valid %d, \"%s\"", status, valid, gkt_problem_reason(p));
  if (!strstr(gkt_problem_report_json(p), valid ? "\"status\": \"ok\"" : "\"status\": \"failed\"")) fail_msg("%s", gkt_problem_report_json(p));
done:
  gkt_problem_destroy(&p);
  return status;
}

static void each_call_fails(void **state) {
  const struct {
    const char *name, *text;
    gkt_reduce_strategy reduce;
    bool poison;
  } all[] = {{"linear, fused", linear, GKT_REDUCE_FUSED, true},
             {"linear, segmented", linear, GKT_REDUCE_SEGMENTED, false},
             {"linear, spmm", linear, GKT_REDUCE_SPMM, false},
             {"nonlinear", nonlinear, GKT_REDUCE_AUTO, false}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    device_trial t = {
        .name = all[i].name, .work = run, .user = (void *)all[i].text, .options = {.backend = GKT_BACKEND_CUDA, .poison = all[i].poison, .reduce = all[i].reduce}, .step = 29};
    device_failures f = fail_each_device_call(&t);
    assert_true(f.allocations > 10 && f.launches > 5 && f.compilations > 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
