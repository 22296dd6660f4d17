/* Claim: a linear solve on the device, and one that the host finishes, survive the failure of every call of the device, alone and with all that follow: one message, host data
   intact, nothing held, and the solve can be done again. */
#include "tests/device_chain.h"

static gkt_status solve_once(objects *o) {
  gkt_linear_report r;
  GKT_TRY(gkt_linear_solver_solve(o->solver, 1, N, gkt_vector_address(o->b), gkt_vector_address(o->x), &r));
  gkt_status status = r.converged ? GKT_OK : GKT_INTERNAL;
  gkt_linear_report_clear(&r);
  return status;
}

/* user: the method */
static gkt_status solve(gkt_context *ctx, void *user) {
  const gkt_linear_options options = {.method = *(gkt_linear_method *)user, .rtol = 1e-2};
  const gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 3};
  objects o = {0};
  gkt_status status;
  GKT_GO(make(ctx, 1, &o));
  GKT_GO(gkt_linear_solver_create(ctx, &o.A.csr, &facts, &options, &o.solver));
  GKT_GO(solve_once(&o));
  if (options.method == GKT_LINEAR_CG) GKT_GO(gkt_linear_solver_update(o.solver));
  if (options.method == GKT_LINEAR_CG) GKT_GO(solve_once(&o));
done:
  destroy(&o);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  static gkt_linear_method methods[] = {GKT_LINEAR_CG, GKT_LINEAR_DIRECT};
  static const char *const names[] = {"CG on the device", "a factor on the host"};
  for (int m = 0; m < 2; m++) {
    const device_trial trial = {.name = names[m], .work = solve, .user = &methods[m], .options.poison = true, .host = values, .host_bytes = sizeof values};
    chain(1);
    device_failures made = fail_each_device_call(&trial);
    assert_true(made.allocations > 3 && made.downloads > 3 && made.all > 20);
  }
}

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
  return cmocka_run_group_tests(tests, begin, NULL);
}
