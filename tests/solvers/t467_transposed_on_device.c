/* Claim: A' x = b of a matrix on the device that is not symmetric is solved there: the answers are those of the transposed matrix to its true residual, y'(A x) = (A' y)'x for both
   solutions, other values are followed; after the set-up, which brings the pattern to the host once, nothing but scalars crosses the bus. What only the host solves goes by what
   serves A there. A device that fails at any call leaves one message, and the solve can be done again. */
#include "tests/device_chain.h"
#include "tests/device_solution.h"

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}

static double distance(gkt_idx n, const double *x, const double *y) {
  double off = 0, size = 0;
  for (gkt_idx i = 0; i < n; i++) off = fmax(off, fabs(x[i] - y[i])), size = fmax(size, fabs(y[i]));
  return off / size;
}

typedef struct {
  gkt_linear_report report;
  gkt_size up, down;
  double off; /* of the answer, relative */
} solved;

/* A x = b, or A' x = b, of a known answer. */
static solved solve(const test_system *s, on_device *d, gkt_linear_solver *solver, bool transposed) {
  const gkt_idx n = s->A->num_rows;
  double *want = malloc(sizeof *want * (size_t)n);
  solved out;
  for (gkt_idx i = 0; i < n; i++) want[i] = s->fixed && s->fixed[i] ? 0 : cos(0.031 * i);
  if (transposed) multiply_transposed(s->A, want, s->b);
  else gkt_csr_multiply(s->A, want, s->b);
  gkt_vector *b;
  must(gkt_vector_wrap(ctx, n, s->b, &b));
  must(gkt_vector_to(b, d->b));
  gkt_vector_fill(d->x, 0);
  const gkt_device_counts before = gkt_device_count_all(ctx->device);
  must((transposed ? gkt_linear_solver_solve_transposed : gkt_linear_solver_solve)(solver, 1, n, gkt_vector_address(d->b), gkt_vector_address(d->x), &out.report));
  const gkt_device_counts after = gkt_device_count_all(ctx->device);
  out.up = after.bytes_up - before.bytes_up, out.down = after.bytes_down - before.bytes_down;
  must(gkt_vector_to(d->x, d->host));
  out.off = distance(n, s->x, want);
  gkt_vector_destroy(&b);
  free(want);
  return out;
}

static void change_values(test_system *s, on_device *d) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++) s->A->vals[k] *= s->A->cols[k] == i ? 1.5 : s->A->cols[k] > i ? 0.9 : 1.1;
  must(gkt_device_upload(d->A.device, s->A->vals, d->A.vals.at, d->A.vals.count * (gkt_size)sizeof(gkt_scalar)));
}

static void solved_there(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB};
  for (int m = 0; m < 4; m++) {
    const bool transposed_first = m % 2;
    const gkt_linear_options o = {.method = methods[m / 2], .rtol = 1e-11};
    gkt_linear_solver *solver;
    test_system s;
    on_device d;
    test_system_create(ctx, 6, 1, element_windy, NULL, true, &s);
    s.facts.symmetric = s.facts.positive = false;
    send(&s, &d);
    must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, &o, &solver));
    for (int round = 0; round < 2; round++) { /* other values the second time */
      solved of[3];
      for (int k = 0; k < 2; k++) {
        const bool transposed = (k == 0) == transposed_first;
        of[transposed] = solve(&s, &d, solver, transposed);
      }
      of[2] = solve(&s, &d, solver, true);
      for (int k = 0; k < 3; k++) {
        const gkt_linear_report *r = &of[k].report;
        if (!r->converged || !strstr(r->method, "device") || of[k].off > 1e-8)
          fail_msg("%d, %d, %d: %s, %s, residual %g, error %g", m, round, k, r->method, r->why, r->residual, of[k].off);
      }
      if (of[2].report.setups != 0) fail_msg("%d, %d: %d setups", m, round, of[2].report.setups);
      if (getenv("GKT_SHOW"))
        printf("%s: %d dofs, %d and %d iterations, %lld bytes up, %lld down\n", of[2].report.method, s.A->num_rows, of[0].report.iterations, of[2].report.iterations,
               (long long)of[2].up, (long long)of[2].down);
      const gkt_size vector = (gkt_size)s.A->num_rows * (gkt_size)sizeof(gkt_scalar);
      if (of[2].up > 512 || of[2].down > vector / 2)
        fail_msg("%d, %d: %lld bytes up, %lld down, a vector has %lld", m, round, (long long)of[2].up, (long long)of[2].down, (long long)vector);
      for (int k = 0; k < 3; k++) gkt_linear_report_clear(&of[k].report);
      change_values(&s, &d);
      must(gkt_linear_solver_update(solver));
    }
    gkt_linear_solver_destroy(&solver);
    leave(&d);
    test_system_destroy(&s);
  }
}

/* A factor serves both, made once. */
static void the_host_serves_both(void **state) {
  (void)state;
  const gkt_linear_options o = {.method = GKT_LINEAR_DIRECT, .rtol = 1e-11};
  gkt_linear_solver *solver;
  test_system s;
  on_device d;
  int setups = 0;
  test_system_create(ctx, 6, 1, element_windy, NULL, true, &s);
  s.facts.symmetric = s.facts.positive = false;
  send(&s, &d);
  must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, &o, &solver));
  for (int k = 0; k < 3; k++) {
    solved of = solve(&s, &d, solver, k != 1);
    if (!of.report.converged || of.off > 1e-9 || !strstr(of.report.why, "on the host: factors are made there")) fail_msg("%d: %s, error %g", k, of.report.why, of.off);
    setups += of.report.setups;
    gkt_linear_report_clear(&of.report);
  }
  assert_int_equal(setups, 1);
  gkt_linear_solver_destroy(&solver);
  leave(&d);
  test_system_destroy(&s);
}

/* ---- failures ---- */
static const double AHEAD = 0.5; /* not what goes back */
static gkt_status solve_once(objects *o) {
  gkt_linear_report r;
  GKT_TRY(gkt_linear_solver_solve_transposed(o->solver, 1, N, gkt_vector_address(o->b), gkt_vector_address(o->x), &r));
  gkt_status status = r.converged ? GKT_OK : GKT_INTERNAL;
  gkt_linear_report_clear(&r);
  return status;
}

static gkt_status work(gkt_context *context, void *user) {
  const gkt_linear_options options = {.method = GKT_LINEAR_BICGSTAB, .rtol = 1e-2};
  const gkt_system_facts facts = {.block_size = 1, .dim = 3};
  objects o = {0};
  gkt_status status;
  (void)user;
  GKT_GO(make(context, AHEAD, &o));
  GKT_GO(gkt_linear_solver_create(context, &o.A.csr, &facts, &options, &o.solver));
  GKT_GO(solve_once(&o));
  GKT_GO(gkt_linear_solver_update(o.solver));
  GKT_GO(solve_once(&o));
done:
  destroy(&o);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  const device_trial trial = {.name = "a transposed system", .work = work, .options.poison = true, .host = values, .host_bytes = sizeof values, .step = 23};
  chain(AHEAD);
  const device_failures made = fail_each_device_call(&trial);
  if (getenv("GKT_SHOW"))
    printf("%ld allocations, %ld uploads, %ld downloads, %ld launches, %ld loads, %ld calls\n", made.allocations, made.uploads, made.downloads, made.launches, made.loads,
           made.all);
  assert_true(made.allocations > 10 && made.downloads > 3 && made.uploads > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(solved_there), cmocka_unit_test(the_host_serves_both), cmocka_unit_test(each_call_fails)};
  return cmocka_run_group_tests(tests, begin, end);
}
