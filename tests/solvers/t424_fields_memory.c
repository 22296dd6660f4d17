/* Claim: whichever allocation of ours fails, alone or with all that follow, solves of systems of several fields and the search for what they leave undetermined say that memory is
   exhausted, by fields and by a factor, and leave nothing allocated; the next solve works. */
#include "tests/failing_memory.h"
#include "tests/block_systems.h"

typedef struct {
  test_blocks *system;
  gkt_linear_options options;
} linear_case;

/* The first entry beside the diagonal and its twin. */
static void set_first(gkt_csr *A, double value) {
  gkt_idx j = A->cols[1];
  A->vals[1] = value;
  for (gkt_idx k = A->row_offsets[j]; k < A->row_offsets[j + 1]; k++)
    if (A->cols[k] == 0) A->vals[k] = value;
}

/* Twice, the second time with other values that need room in the pattern. */
static gkt_status solve(gkt_context *ctx, void *user) {
  linear_case *c = user;
  test_blocks *s = c->system;
  gkt_linear_report report = {0};
  gkt_linear_solver *solver = NULL;
  gkt_idx n = s->A->num_rows;
  double kept = s->A->vals[1];
  gkt_status status;
  memset(s->x, 0, (size_t)n * sizeof *s->x);
  set_first(s->A, 0);
  GKT_GO(gkt_linear_solver_create(ctx, s->A, &s->facts, &c->options, &solver));
  GKT_GO(gkt_linear_solver_solve(solver, 1, n, s->b, s->x, &report));
  gkt_linear_report_clear(&report);
  set_first(s->A, kept);
  GKT_GO(gkt_linear_solver_update(solver));
  GKT_GO(gkt_linear_solver_solve(solver, 1, n, s->b, s->x, &report));
  if (!report.converged)
    fail_msg("%s: %s, residual %g %g, singular %d, ill %d", report.method, report.why, report.residual, report.scaled_residual, report.singular, report.ill_conditioned);
done:
  set_first(s->A, kept);
  gkt_linear_report_clear(&report);
  gkt_linear_solver_destroy(&solver);
  return status;
}

static gkt_status find(gkt_context *ctx, void *user) {
  linear_case *c = user;
  gkt_null_space *space = NULL;
  gkt_status status = gkt_null_space_find(ctx, c->system->A, &c->system->facts, &space);
  if (status == GKT_OK) assert_int_equal(space->count, 1);
  gkt_null_space_destroy(&space);
  return status;
}

static void solves_fail_cleanly(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_DIRECT, GKT_LINEAR_GMRES};
  static const gkt_context_options options = {.threads = 1, .poison = true};
  for (int c = 0; c < 4; c++) {
    gkt_context *ctx;
    test_blocks s;
    assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
    test_stokes_create(ctx,
                       &(test_stokes){
                           .n = 5,
                           .dim = 2,
                           .viscosity = 1,
                           .unit = 1,
                       },
                       &s);
    s.facts.symmetric = c < 2;
    for (gkt_idx i = 0; i < s.blocks[1].first; i++) s.b[i] = 1;
    if (c % 2) s.blocks[1].schur = NULL;
    linear_case one = {&s, gkt_linear_options_default()};
    one.options.method = methods[c % 2];
    assert_true(fail_each("several fields", solve, &one, &options) > 20);
    assert_true(fail_each("a kernel", find, &one, &options) > 3);
    test_blocks_destroy(&s);
    gkt_context_destroy(&ctx);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(solves_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
