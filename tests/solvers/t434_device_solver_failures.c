/* Claim: a linear solve on the device - by CG, of several fields in their units, of several bodies that conditions hold - and one that the host finishes, survive the failure of
   every call of the device, alone and with all that follow: one message, host data intact, nothing held, and the solve can be done again. */
#include "tests/block_systems.h"
#include "tests/device_chain.h"
#include "tests/systems.h"

typedef struct { /* what is solved on the device, with its system on the host */
  const gkt_csr *A;
  gkt_scalar *b;
  gkt_system_facts facts;
  gkt_linear_method method;
  bool again; /* with other values, by the same solver */
} problem;

static gkt_status solve_once(const problem *p, objects *o) {
  gkt_linear_report r = {0};
  GKT_TRY(gkt_linear_solver_solve(o->solver, 1, p->A->num_rows, gkt_vector_address(o->b), gkt_vector_address(o->x), &r));
  const bool there = p->method == GKT_LINEAR_DIRECT || strstr(r.method, "device");
  gkt_status status = r.converged && there ? GKT_OK : GKT_INTERNAL;
  gkt_linear_report_clear(&r);
  return status;
}

static gkt_status solve(gkt_context *ctx, void *user) {
  const problem *p = user;
  const gkt_linear_options options = {.method = p->method, .rtol = 1e-2};
  objects o = {0};
  gkt_status status;
  GKT_GO(send_system(ctx, p->A, p->b, &o));
  GKT_GO(gkt_linear_solver_create(ctx, &o.A.csr, &p->facts, &options, &o.solver));
  GKT_GO(solve_once(p, &o));
  if (p->again) GKT_GO(gkt_linear_solver_update(o.solver));
  if (p->again) GKT_GO(solve_once(p, &o));
done:
  destroy(&o);
  return status;
}

static void survive(const char *name, const problem *p) {
  const device_trial trial = {.name = name,
                              .work = solve,
                              .user = (void *)p,
                              .options.poison = true,
                              .host = p->A->vals,
                              .host_bytes = (size_t)p->A->row_offsets[p->A->num_rows] * sizeof(gkt_scalar),
                              .alone = 2,
                              .step = 6};
  const device_failures made = fail_each_device_call(&trial);
  assert_true(made.allocations > 3 && made.downloads > 3 && made.all > 20);
}

static void each_call_fails(void **state) {
  (void)state;
  const gkt_csr A = chain(1);
  const gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 3};
  survive("CG on the device", &(problem){&A, right, facts, GKT_LINEAR_CG, true});
  survive("a factor on the host", &(problem){&A, right, facts, GKT_LINEAR_DIRECT, false});
}

static void fields_survive(void **state) {
  (void)state;
  gkt_context *ctx;
  test_blocks s;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  test_diffusions_create(ctx, &(test_diffusions){.n = 2, .dim = 2, .fields = 2, .exchange = 5, .hold = true}, &s);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] = i % 5 + 1;
  s.facts.symmetric = s.facts.positive = false; /* scales of columns are others than those of rows */
  survive("two fields", &(problem){s.A, s.b, s.facts, GKT_LINEAR_GMRES, true});
  test_blocks_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* Two layers of nodes each, which nothing joins; both are held at a side. */
static void bodies_survive(void **state) {
  (void)state;
  gkt_context *ctx;
  test_system s;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  test_system_create(ctx, 3, 3, element_elastic, NULL, true, &s);
  const gkt_idx half = s.A->num_rows / 2;
  for (gkt_idx i = 0; i < s.A->num_rows; i++)
    for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++)
      if (i / half != s.A->cols[k] / half) s.A->vals[k] = 0;
  s.facts.elliptic = true;
  survive("two bodies", &(problem){s.A, s.b, s.facts, GKT_LINEAR_CG, false});
  test_system_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails), cmocka_unit_test(fields_survive), cmocka_unit_test(bodies_survive)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
