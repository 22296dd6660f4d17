/* Claim: vectors, products in each layout, Krylov solves and linear solvers on the device survive the failure of every call of the device, alone and with all that follow: one
   message, host data intact, nothing held, and the work can be done again. */
#include "core/vector.h"
#include "core/product.h"
#include "solvers/krylov.h"
#include "solvers/linear.h"
#include "tests/device_csr.h"
#include "tests/failing_device.h"

enum { NODES = 3, N = 3 * NODES };
static gkt_idx offsets[N + 1], columns[N * N];
static gkt_scalar values[N * N], right[N];

/* Full 3x3 blocks along a chain of nodes, diagonally dominant. */
static gkt_csr chain(void) {
  gkt_idx at = 0;
  for (int i = 0; i < N; i++) {
    for (int node = i / 3 - 1; node <= i / 3 + 1; node++)
      for (int c = 0; c < 3 && node >= 0 && node < NODES; c++, at++) columns[at] = 3 * node + c, values[at] = columns[at] == i ? 12 : -1;
    offsets[i + 1] = at;
    right[i] = i % 5 + 1;
  }
  return (gkt_csr){.num_rows = N, .num_cols = N, .block_size = 3, .row_offsets = offsets, .cols = columns, .vals = values};
}

typedef struct {
  device_csr A;
  gkt_product *product;
  gkt_krylov *krylov;
  gkt_vector *host, *weights, *b, *x;
} objects;

static gkt_status make(gkt_context *ctx, objects *o, gkt_product_kind kind) {
  gkt_csr A = chain();
  GKT_TRY(device_csr_create(ctx, &A, &o->A));
  GKT_TRY(gkt_product_create(ctx, &o->A.csr, kind, &o->product));
  GKT_TRY(gkt_vector_wrap(ctx, N, right, &o->host));
  GKT_TRY(gkt_vector_create_on(ctx, GKT_ON_DEVICE, N, &o->weights));
  GKT_TRY(gkt_vector_create_on(ctx, GKT_ON_DEVICE, N, &o->b));
  GKT_TRY(gkt_vector_create_on(ctx, GKT_ON_DEVICE, N, &o->x));
  gkt_vector_fill(o->weights, 1. / 12);
  return gkt_vector_to(o->host, o->b);
}

static void destroy(objects *o) {
  gkt_krylov_destroy(&o->krylov);
  gkt_product_destroy(&o->product);
  gkt_vector_destroy(&o->host), gkt_vector_destroy(&o->weights), gkt_vector_destroy(&o->b), gkt_vector_destroy(&o->x);
  device_csr_destroy(&o->A);
}

/* r = b - A x, by a product and vectors; its length is looked at. */
static gkt_status look(gkt_context *ctx, objects *o) {
  gkt_vector *r = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_create_on(ctx, GKT_ON_DEVICE, N, &r));
  GKT_GO(gkt_product_update(o->product));
  GKT_GO(gkt_product_apply(o->product, gkt_vector_address(o->x), gkt_vector_address(r)));
  gkt_vector_axpy(-1, o->b, r);
  if (!(gkt_vector_norm(r) <= 1e-8 * gkt_vector_norm(o->b)))
    status = gkt_context_message(ctx)[0] ? GKT_LIBRARY : GKT_INTERNAL; /* a vector's failure is the context's message and a number that is none */
  if (ctx->exhausted) status = GKT_NO_MEMORY;
done:
  gkt_vector_destroy(&r);
  return status;
}

typedef struct {
  gkt_product_kind kind;
  gkt_krylov_options options;
} settings;
static gkt_status solve(gkt_context *ctx, void *user) {
  const settings *s = user;
  gkt_krylov_options options = s->options;
  gkt_krylov_result result;
  objects o = {0};
  gkt_status status;
  GKT_GO(make(ctx, &o, s->kind));
  options.weights = gkt_vector_address(o.weights);
  GKT_GO(gkt_krylov_create(ctx, o.product, N, &options, gkt_vector_address(o.b), gkt_vector_address(o.x), &o.krylov));
  GKT_GO(gkt_krylov_solve(o.krylov, 1e-10, options.limit, NULL, NULL, &result));
  if (result.end != GKT_KRYLOV_CONVERGED) GKT_GO(gkt_fail(ctx, GKT_INTERNAL, "%s", gkt_krylov_end_text(result.end)));
  GKT_GO(look(ctx, &o));
done:
  destroy(&o);
  return status;
}

/* The linear solver of a system whose arrays stand on the device: method by method, and twice with other values between. */
static gkt_status solve_linear(gkt_context *ctx, void *user) {
  const gkt_linear_options *options = user;
  const gkt_system_facts facts = {.symmetric = options->method == GKT_LINEAR_CG, .positive = options->method == GKT_LINEAR_CG, .block_size = 1, .dim = 1};
  gkt_linear_solver *solver = NULL;
  gkt_linear_report report = {0};
  objects o = {0};
  gkt_status status;
  GKT_GO(make(ctx, &o, GKT_PRODUCT_CSR));
  GKT_GO(gkt_linear_solver_create(ctx, &o.A.csr, &facts, options, &solver));
  for (int again = 0; again < 2; again++) {
    GKT_GO(gkt_linear_solver_solve(solver, 1, N, gkt_vector_address(o.b), gkt_vector_address(o.x), &report));
    if (!report.converged) status = gkt_fail(ctx, GKT_INTERNAL, "%s, %s", report.method, report.why);
    gkt_linear_report_clear(&report);
    if (status != GKT_OK) goto done;
    GKT_GO(gkt_linear_solver_update(solver));
  }
  GKT_GO(look(ctx, &o));
done:
  gkt_linear_solver_destroy(&solver);
  destroy(&o);
  return status;
}

static void linear_solvers_survive(void **state) {
  gkt_linear_options all[] = {{.method = GKT_LINEAR_CG, .rtol = 1e-10}, {.method = GKT_LINEAR_DIRECT, .rtol = 1e-10}};
  (void)state;
  chain();
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    device_trial t = {.name = i == 0   ? "linear, CG"
                              : i == 1 ? "linear, GMRES"
                                       : "linear, on the host",
                      .work = solve_linear,
                      .user = &all[i],
                      .host = right,
                      .host_bytes = sizeof right,
                      .step = 5};
    device_failures f = fail_each_device_call(&t);
    assert_true(f.allocations >= 5 && f.downloads >= 1 && f.all >= 20);
  }
}

static void each_call_fails(void **state) {
  settings all[] = {{GKT_PRODUCT_CSR, {.method = GKT_KRYLOV_CG, .degree = 1, .limit = 40, .look = 16}},
                    {GKT_PRODUCT_SELL, {.method = GKT_KRYLOV_BICGSTAB, .degree = 1, .limit = 40, .look = 16}},
                    {GKT_PRODUCT_BSR3, {.method = GKT_KRYLOV_GMRES, .degree = 2, .least = 0.2, .most = 2, .restart = 20, .limit = 40, .look = 16}}};
  long compilations = 0;
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    device_trial t = {.work = solve, .user = &all[i], .options = {.poison = true}, .host = right, .host_bytes = sizeof right, .step = 5};
    t.name = i == 0 ? "CG" : i == 1 ? "BiCGSTAB" : "GMRES";
    chain();
    device_failures f = fail_each_device_call(&t);
    assert_true(f.allocations >= 5 && f.launches >= 5 && f.all >= 30);
    compilations += f.compilations;
  }
  assert_true(compilations >= 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails), cmocka_unit_test(linear_solvers_survive)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
