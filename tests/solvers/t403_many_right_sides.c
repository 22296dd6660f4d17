/* Claim: a solver that is set up once solves many right-hand sides as single solves do, each to its true residual: the same answers, bit for bit where the method is fixed, by
   factors and by iteration, with one set-up; zero, singular and failing ones in between; wrong calls are refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/systems.h"

enum { COUNT = 5 };
static gkt_context *ctx;

static int begin(void **unused) {
  (void)unused;
  return gkt_context_create(NULL, &ctx);
}
static int end(void **unused) {
  (void)unused;
  gkt_context_destroy(&ctx);
  return 0;
}

typedef struct {
  test_system system;
  gkt_size stride;
  gkt_scalar *b, *x;
  gkt_linear_report reports[COUNT];
} many;

static void begin_many(many *m, int n, int block, test_element *element) {
  *m = (many){0};
  test_system_create(ctx, n, block, element, NULL, true, &m->system);
  gkt_idx rows = m->system.A->num_rows;
  m->stride = rows + 7;
  m->b = calloc((size_t)m->stride * COUNT, sizeof *m->b), m->x = calloc((size_t)m->stride * COUNT, sizeof *m->x);
  for (int s = 0; s < COUNT; s++)
    for (gkt_idx i = 0; i < rows; i++) m->b[s * m->stride + i] = m->system.fixed[i] ? 0 : s == 1 ? 0 : cos((s + 1) * 0.01 * i) / rows;
}

static void end_many(many *m) {
  for (int s = 0; s < COUNT; s++) gkt_linear_report_clear(&m->reports[s]);
  test_system_destroy(&m->system);
  free(m->b), free(m->x);
}

static gkt_status solve_many(gkt_context *c, const many *m, const gkt_linear_options *options, gkt_linear_report *reports) {
  gkt_linear_solver *solver = NULL;
  GKT_TRY(gkt_linear_solver_create(c, m->system.A, &m->system.facts, options, &solver));
  gkt_status status = gkt_linear_solver_solve(solver, COUNT, m->stride, m->b, m->x, reports);
  gkt_linear_solver_destroy(&solver);
  return status;
}

/* Compares with a solve of its own; the second is zero. */
static void compare_one(many *m, int s, const gkt_linear_options *options, bool same_bits) {
  gkt_linear_report *together = &m->reports[s], alone;
  test_system *system = &m->system;
  memcpy(system->b, m->b + s * m->stride, (size_t)system->A->num_rows * sizeof *system->b);
  memset(system->x, 0, (size_t)system->A->num_rows * sizeof *system->x);
  assert_int_equal(gkt_linear_solve(ctx, system->A, &system->facts, system->b, system->x, options, &alone), GKT_OK);
  assert_true(together->converged && alone.converged);
  assert_string_equal(together->method, alone.method);
  assert_string_equal(together->why, alone.why);
  assert_int_equal(together->num_history, alone.num_history);
  if (same_bits) assert_memory_equal(system->x, m->x + s * m->stride, (size_t)system->A->num_rows * sizeof *system->x);
  memcpy(system->x, m->x + s * m->stride, (size_t)system->A->num_rows * sizeof *system->x);
  if (s != 1) assert_true(true_residual(system) <= options->rtol * (1 + 1e-6));
  gkt_linear_report_clear(&alone);
}

static void check(int n, int block, test_element *element, gkt_linear_method method) {
  gkt_linear_options options = {.method = method, .rtol = 1e-9};
  many m;
  begin_many(&m, n, block, element);
  if (element == element_advect) m.system.facts.symmetric = m.system.facts.positive = false;
  if (solve_many(ctx, &m, &options, m.reports) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_true(m.reports[0].setup_seconds > 0);
  for (int s = 0; s < COUNT; s++) compare_one(&m, s, &options, true);
  for (int s = 1; s < COUNT; s++) assert_true(m.reports[s].setup_seconds == 0); /* nothing was set up: a clock was read */
  end_many(&m);
}

static void as_single_solves(void **unused) {
  (void)unused;
  check(6, 1, element_laplace, GKT_LINEAR_AUTO);
  check(6, 3, element_elastic, GKT_LINEAR_DIRECT);
  check(8, 1, element_laplace, GKT_LINEAR_CG);
  check(8, 3, element_elastic, GKT_LINEAR_CG);
  check(6, 1, element_advect, GKT_LINEAR_GMRES);
  check(27, 1, element_laplace, GKT_LINEAR_AUTO); /* above the direct method's limit */
}

/* CG finds negative curvature in the first; the method that replaces it stays for the others. */
static void what_replaces_stays(void **unused) {
  (void)unused;
  gkt_linear_options options = {.rtol = 1e-9};
  many m;
  begin_many(&m, 27, 1, element_helmholtz);
  m.system.facts.positive = false;
  if (solve_many(ctx, &m, &options, m.reports) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  for (int s = 0; s < COUNT; s++) assert_true(m.reports[s].converged);
  for (int s = 2; s < COUNT; s++) assert_string_equal(m.reports[s].method, m.reports[0].method);
  assert_non_null(strstr(m.reports[4].why, "negative curvature"));
  end_many(&m);
}

static void singular_for_all(void **unused) {
  (void)unused;
  many m;
  begin_many(&m, 5, 1, element_laplace);
  test_system_destroy(&m.system);
  test_system_create(ctx, 5, 1, element_laplace, NULL, false, &m.system); /* nothing is held, and the facts do not say so */
  if (solve_many(ctx, &m, NULL, m.reports) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  for (int s = 0; s < COUNT; s++) assert_true(m.reports[s].singular && !m.reports[s].converged); /* number 1 as well, whose right-hand side is 0: the answer 0 is one of many */
  end_many(&m);
}

static void refused(void **unused) {
  (void)unused;
  many m;
  gkt_linear_solver *solver;
  begin_many(&m, 4, 1, element_laplace);
  assert_int_equal(gkt_linear_solver_create(ctx, m.system.A, &m.system.facts, NULL, &solver), GKT_OK);
  assert_int_equal(gkt_linear_solver_solve(solver, 0, m.stride, m.b, m.x, m.reports), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_linear_solver_solve(solver, 2, 10, m.b, m.x, m.reports), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "right-hand sides are 10 scalars apart; expected at least 125, the rows");
  gkt_context_clear(ctx);
  m.b[2 * m.stride + 3] = NAN;
  assert_int_equal(gkt_linear_solver_solve(solver, COUNT, m.stride, m.b, m.x, m.reports), GKT_BAD_INPUT);
  assert_true(m.x[0] == 0 && m.x[70] == 0); /* refused before the first was solved */
  gkt_context_clear(ctx);
  gkt_linear_solver_destroy(&solver);
  gkt_linear_solver_destroy(&solver);
  end_many(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(as_single_solves, begin, end), cmocka_unit_test_setup_teardown(what_replaces_stays, begin, end),
                                     cmocka_unit_test_setup_teardown(singular_for_all, begin, end), cmocka_unit_test_setup_teardown(refused, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
