/* Claim: the factor by blocks (gkt_cholesky) solves random positive matrices of 2 to 9 rows a block, with blocks that hold zeros or entries of one row alone and rows that
   conditions hold, by every ordering; later values go where the first ones went; A' is A; entries of any size; a pivot of nothing but zeros is told, and MUMPS follows. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <petscconf.h>

#include "tests/graphs.h"
#include "tests/systems.h"

static gkt_context *ctx;
static char notices[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  strncat(notices, message, sizeof notices - strlen(notices) - 1);
}
static int begin(void **unused) {
  (void)unused;
  notices[0] = 0;
  return gkt_context_create(&(gkt_context_options){.log = keep}, &ctx);
}
static int end(void **unused) {
  (void)unused;
  gkt_context_destroy(&ctx);
  return 0;
}

typedef struct {
  int n, bs;
  bool *there, *fixed; /* [n][n] the pattern; [n] */
  double *dense;       /* [n][n] */
  gkt_csr A;
} block_system;

/* Blocks at some distances from the diagonal, two entries of three of each; what conditions hold is on the diagonal alone. */
static void draw_pattern(block_system *s, uint64_t *random) {
  const int n = s->n, bs = s->bs;
  for (int i = 0; i < n; i++) s->fixed[i] = random_below(random, 8) == 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      const bool near = j / bs == i / bs || (i / bs - j / bs) * (i / bs - j / bs + 1) % 7 < 2;
      s->there[i * n + j] = s->there[j * n + i] = i == j || (near && random_below(random, 3) && !s->fixed[i] && !s->fixed[j]);
    }
}

/* Diagonally dominant, seen in units of each row, that differ by ten orders. */
static void draw_values(block_system *s, uint64_t *random) {
  const int n = s->n;
  double *unit = malloc(sizeof *unit * (size_t)n);
  for (int i = 0; i < n; i++) {
    unit[i] = exp(random_real(random, -11, 11)), s->dense[i * n + i] = 0.1;
    for (int j = 0; j < i; j++) s->dense[i * n + j] = s->dense[j * n + i] = s->there[i * n + j] ? random_real(random, -1, 1) : 0;
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (j != i) s->dense[i * n + i] += fabs(s->dense[i * n + j]);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) s->dense[i * n + j] *= unit[i] * unit[j];
  for (int i = 0, k = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      if (s->there[i * n + j]) s->A.vals[k++] = s->dense[i * n + j];
  free(unit);
}

static void create(int blocks, int bs, uint64_t *random, block_system *s) {
  const int n = blocks * bs;
  *s = (block_system){.n = n, .bs = bs, .there = calloc((size_t)n * n, 1), .fixed = calloc((size_t)n, 1), .dense = calloc((size_t)n * n, sizeof(double))};
  s->A = (gkt_csr){.num_rows = n, .num_cols = n, .block_size = bs};
  draw_pattern(s, random);
  s->A.row_offsets = calloc((size_t)n + 1, sizeof *s->A.row_offsets), s->A.cols = calloc((size_t)n * n, sizeof *s->A.cols), s->A.vals = calloc((size_t)n * n, sizeof *s->A.vals);
  for (int i = 0, k = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      if (s->there[i * n + j]) s->A.cols[k++] = j;
    s->A.row_offsets[i + 1] = k;
  }
}
static void destroy(block_system *s) { free(s->there), free(s->fixed), free(s->dense), free(s->A.row_offsets), free(s->A.cols), free(s->A.vals); }

/* Truth: the residual of each row, by the dense matrix, against |A||x|. */
static void check(const block_system *s, const double *b, const double *x, const gkt_linear_report *r) {
  assert_true(r->converged);
  assert_string_equal(r->method, "Cholesky (PETSc)");
  for (int i = 0; i < s->n; i++) {
    double sum = -b[i], size = fabs(b[i]);
    for (int j = 0; j < s->n; j++) sum += s->dense[i * s->n + j] * x[j], size += fabs(s->dense[i * s->n + j] * x[j]);
    if (!(fabs(sum) <= 1e-12 * size)) fail_msg("row %d of %d, blocks of %d: %g of %g", i, s->n, s->bs, sum, size);
  }
}

static void solve_twice(const block_system *s, gkt_linear_solver *solver, int setups, uint64_t *random) {
  double *b = malloc(sizeof *b * (size_t)s->n), *x = calloc((size_t)s->n, sizeof *x);
  for (int turn = 0; turn < 2; turn++) {
    gkt_linear_report r;
    for (int i = 0; i < s->n; i++) b[i] = s->dense[i * s->n + i] * random_real(random, -1, 1), x[i] = 0;
    if ((turn ? gkt_linear_solver_solve_transposed : gkt_linear_solver_solve)(solver, 1, s->n, b, x, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
    check(s, b, x, &r);
    assert_int_equal(r.setups, turn ? 0 : setups);
    gkt_linear_report_clear(&r);
  }
  free(b), free(x);
}

static void check_blocks(int blocks, int bs, int dim, const char *ordering, uint64_t *random) {
  block_system s;
  create(blocks, bs, random, &s);
  draw_values(&s, random);
  gkt_system_facts facts = {.symmetric = true, .positive = true, .dim = dim, .block_size = bs, .constrained = s.fixed};
  gkt_linear_options options = gkt_linear_options_default();
  gkt_linear_solver *solver;
  options.method = GKT_LINEAR_DIRECT, options.petsc_options = ordering;
  assert_int_equal(gkt_linear_solver_create(ctx, &s.A, &facts, &options, &solver), GKT_OK);
  for (int round = 0; round < 3; round++) {
    solve_twice(&s, solver, 1, random);
    draw_values(&s, random);
    assert_int_equal(gkt_linear_solver_update(solver), GKT_OK);
  }
  gkt_linear_solver_destroy(&solver);
  destroy(&s);
}

static void random_systems_of_all_blocks(void **unused) {
  (void)unused;
  uint64_t random = 474;
#define BLOCKS "-ksp_type preonly -pc_type gkt_cholesky "
  const char *orderings[] = {BLOCKS, BLOCKS "-pc_factor_mat_ordering_type natural", BLOCKS "-pc_factor_mat_ordering_type rcm", BLOCKS "-pc_factor_mat_ordering_type nd"};
  for (int bs = 2; bs <= 9; bs++)
    for (int i = 0; i < 8; i++) check_blocks(1 + random_below(&random, 40), bs, 2 + i % 2, orderings[i % 4], &random);
  assert_string_equal(notices, "");
}

/* The default of small bodies; the answer of the factor by entries. */
static void it_is_the_default_and_agrees(void **unused) {
  (void)unused;
#ifndef PETSC_HAVE_MUMPS
  skip();
#endif
  test_system s;
  gkt_linear_report r;
  gkt_linear_options options = gkt_linear_options_default();
  test_system_create(ctx, 6, 3, element_elastic, NULL, true, &s);
  double *first = malloc(sizeof *first * (size_t)s.A->num_rows);
  for (int by_entries = 0; by_entries < 2; by_entries++) {
    options.petsc_options = by_entries ? "-pc_type cholesky -pc_factor_mat_solver_type petsc -pc_factor_mat_ordering_type nd" : NULL;
    if (by_entries) options.method = GKT_LINEAR_DIRECT;
    memset(s.x, 0, sizeof *s.x * (size_t)s.A->num_rows);
    assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &options, &r), GKT_OK);
    assert_true(r.converged && (strstr(r.options, "gkt_cholesky") != NULL) == !by_entries);
    for (gkt_idx i = 0; i < s.A->num_rows; i++)
      if (by_entries) assert_true(fabs(s.x[i] - first[i]) <= 1e-12 * (1 + fabs(first[i])));
    memcpy(first, s.x, sizeof *first * (size_t)s.A->num_rows);
    gkt_linear_report_clear(&r);
  }
  free(first);
  test_system_destroy(&s);
}

/* Options that PETSc's factors take are for these. */
static void what_is_said_of_factors_is_heard(void **unused) {
  (void)unused;
#ifndef PETSC_HAVE_MUMPS
  skip();
#endif
  const char *said[] = {"-pc_factor_mat_solver_type mumps", "-pc_factor_shift_type nonzero", "-pc_factor_mat_ordering_type rcm"}, *methods[] = {"MUMPS", "PETSc", "PETSc"};
  for (int i = 0; i < 3; i++) {
    test_system s;
    gkt_linear_report r;
    gkt_linear_options options = gkt_linear_options_default();
    options.petsc_options = said[i];
    test_system_create(ctx, 5, 3, element_elastic, NULL, true, &s);
    assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &options, &r), GKT_OK);
    if (!r.converged || !strstr(r.method, methods[i]) || (strstr(r.options, "gkt_cholesky") != NULL) != (i == 2)) fail_msg("%s: %s by %s", said[i], r.method, r.options);
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
  assert_string_equal(notices, "");
}

static void orderings_that_are_none_are_refused(void **unused) {
  (void)unused;
  const char *said[] = {"-pc_type gkt_cholesky -pc_factor_mat_ordering_type external", "-pc_type gkt_cholesky -pc_factor_mat_ordering_type sideways"};
  for (int i = 0; i < 2; i++) {
    test_system s;
    gkt_linear_report r;
    gkt_linear_options options = gkt_linear_options_default();
    options.petsc_options = said[i];
    test_system_create(ctx, 3, 3, element_elastic, NULL, true, &s);
    assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &options, &r), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), "-pc_factor_mat_ordering_type")) fail_msg("%s", gkt_context_message(ctx));
    test_system_destroy(&s);
  }
}

/* [0 I; I 0] */
static void a_block_without_pivots_is_told(void **unused) {
  (void)unused;
#ifndef PETSC_HAVE_MUMPS
  skip();
#endif
  gkt_scalar vals[] = {0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0}, b[] = {1, 2, 3, 4}, x[] = {0, 0, 0, 0};
  gkt_idx offsets[] = {0, 4, 8, 12, 16}, cols[] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
  gkt_csr A = {.num_rows = 4, .num_cols = 4, .block_size = 2, .row_offsets = offsets, .cols = cols, .vals = vals};
  gkt_system_facts facts = {.symmetric = true, .positive = true, .dim = 2, .block_size = 2}; /* which is not so */
  gkt_linear_report r;
  gkt_linear_options options = gkt_linear_options_default();
  assert_int_equal(gkt_linear_solve(ctx, &A, &facts, b, x, &options, &r), GKT_OK);
  const char *first = strstr(notices, "Cholesky (PETSc) failed in the preconditioner or factor");
  if (!first || !strstr(first + 1, "Cholesky (MUMPS)")) fail_msg("%s", notices);
  assert_true(r.converged && fabs(x[0] - 3) + fabs(x[1] - 4) + fabs(x[2] - 1) + fabs(x[3] - 2) < 1e-10);
  gkt_linear_report_clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(random_systems_of_all_blocks, begin, end),     cmocka_unit_test_setup_teardown(it_is_the_default_and_agrees, begin, end),
      cmocka_unit_test_setup_teardown(what_is_said_of_factors_is_heard, begin, end), cmocka_unit_test_setup_teardown(orderings_that_are_none_are_refused, begin, end),
      cmocka_unit_test_setup_teardown(a_block_without_pivots_is_told, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
