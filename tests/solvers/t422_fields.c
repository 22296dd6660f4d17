/* Claim: systems of several fields are solved by fields: Stokes flows with bounded iterations under refinement, in any unit of the pressure, with jumps of the viscosity, enclosed
   or open, with one field or several for the velocity; coupled diffusions; each with the given approximation of the Schur complement or the solver's own. A factor gives the same
   solution. Options by the names of the fields reach them, wrong ones are named. The bits are the same for 1, 2 and 4 threads. Truth: manufactured solutions. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/block_systems.h"
#include "tests/library_leaks.h"

static gkt_context *ctx;
static char heard[4096];
static void hear(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  strncat(heard, message, sizeof heard - strlen(heard) - 1);
}
static gkt_context *context(int threads) {
  gkt_context_options o = gkt_context_options_default();
  gkt_context *c;
  o.threads = threads, o.log = hear;
  assert_int_equal(gkt_context_create(&o, &c), GKT_OK);
  return c;
}
static int begin(void **state) {
  (void)state;
  ctx = context(2);
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

/* The largest error of any field, relative to its size; constants of the kernel are free. */
static double error_of(const test_blocks *s, const double *want) {
  double worst = 0;
  for (int b = 0; b < s->facts.num_blocks; b++) {
    const gkt_block_facts *f = &s->blocks[b];
    double mean = 0, off = 0, size = 0;
    for (gkt_idx i = f->first; i < f->first + f->count && f->multiplier && s->facts.singular; i++) mean += (s->x[i] - want[i]) / f->count;
    for (gkt_idx i = f->first; i < f->first + f->count; i++) off = fmax(off, fabs(s->x[i] - mean - want[i])), size = fmax(size, fabs(want[i]));
    worst = fmax(worst, off / size);
  }
  return worst;
}

/* Solves and checks; returns the iterations. */
static int solve(test_blocks *s, gkt_linear_method method, const char *options, const char *title) {
  double *want = malloc(sizeof(double) * (size_t)s->A->num_rows);
  gkt_linear_options o = gkt_linear_options_default();
  gkt_linear_report r;
  o.method = method, o.petsc_options = options;
  test_manufacture(s, want);
  memset(s->x, 0, sizeof(double) * (size_t)s->A->num_rows);
  if (gkt_linear_solve(ctx, s->A, &s->facts, s->b, s->x, &o, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  if (!r.converged || !strstr(r.method, title)) fail_msg("%s (%s): residual %g, %g, singular %d", r.method, r.why, r.residual, r.scaled_residual, r.singular);
  double error = error_of(s, want);
  if (error > 1e-6) fail_msg("%s: error %g", r.method, error); /* 1e-10 times a condition that grows with the mesh */
  gkt_linear_report_clear(&r);
  free(want);
  return r.iterations;
}

static int solve_stokes(const test_stokes *o, gkt_linear_method method, const char *options, const char *title, bool given) {
  test_blocks s;
  test_stokes_create(ctx, o, &s);
  if (!given) s.blocks[s.facts.num_blocks - 1].schur = NULL;
  int iterations = solve(&s, method, options, title);
  test_blocks_destroy(&s);
  return iterations;
}

/* The inf-sup constant of the scheme does not depend on the mesh (Shin and Strikwerda 1997), so the preconditioned spectrum does not. */
static void iterations_are_bounded(void **state) {
  (void)state;
  for (int open = 0; open < 2; open++) {
    int before = 0;
    for (int n = 16; n <= 64; n *= 2) {
      int now = solve_stokes(&(test_stokes){.n = n, .dim = 2, .open = open, .viscosity = 1, .unit = 1}, GKT_LINEAR_GMRES, NULL, "GMRES + fields (p by Chebyshev, u by", true);
      if (now > 45 || (before && now > before + 6)) fail_msg("%d iterations for n = %d, %d before", now, n, before);
      before = now;
    }
    int now = solve_stokes(&(test_stokes){.n = 12, .dim = 3, .open = open, .viscosity = 1, .unit = 1}, GKT_LINEAR_GMRES, NULL, "GMRES + fields", true);
    assert_true(now <= 45);
  }
}

static void units_do_not_matter(void **state) {
  (void)state;
  int plain = solve_stokes(&(test_stokes){.n = 16, .dim = 2, .viscosity = 1, .unit = 1}, GKT_LINEAR_GMRES, NULL, "GMRES", true);
  for (int c = 0; c < 4; c++) {
    test_stokes o = {.n = 16, .dim = 2, .viscosity = c % 2 ? 1e-6 : 1e5, .unit = c / 2 ? 1e8 : 1e-9};
    int now = solve_stokes(&o, GKT_LINEAR_GMRES, NULL, "GMRES", true);
    assert_true(abs(now - plain) <= 1);
    (void)solve_stokes(&o, GKT_LINEAR_DIRECT, NULL, "LDL' (MUMPS)", true);
  }
}

static void every_way_arrives(void **state) {
  (void)state;
  const test_stokes flow = {.n = 8, .dim = 3, .viscosity = 1, .unit = 1}, jump = {.n = 24, .dim = 2, .open = true, .viscosity = 1, .contrast = 100, .unit = 1};
  test_stokes apart = flow, wind = flow;
  apart.apart = true, wind.wind = 4;
  (void)solve_stokes(&flow, GKT_LINEAR_AUTO, NULL, "LDL' (MUMPS)", true);
  (void)solve_stokes(&flow, GKT_LINEAR_MINRES, NULL, "MINRES + fields", true);
  (void)solve_stokes(&flow, GKT_LINEAR_GMRES, NULL, "GMRES + fields", false);
  (void)solve_stokes(&flow, GKT_LINEAR_BICGSTAB, NULL, "BiCGSTAB + fields", true);
  (void)solve_stokes(&apart, GKT_LINEAR_GMRES, NULL, "v by hypre, w by hypre", true);
  (void)solve_stokes(&wind, GKT_LINEAR_GMRES, NULL, "GMRES + fields", true);
  (void)solve_stokes(&wind, GKT_LINEAR_AUTO, NULL, "LU (MUMPS)", true);
  assert_true(solve_stokes(&jump, GKT_LINEAR_GMRES, NULL, "GMRES + fields", true) < 80);
  for (int mean = 0; mean < 2; mean++) {
    test_blocks s;
    test_diffusions_create(ctx, &(test_diffusions){.n = 24, .dim = 2, .fields = 3, .exchange = 10, .hold = !mean, .mean = mean}, &s);
    (void)solve(&s, GKT_LINEAR_AUTO, NULL, mean ? "LDL' (MUMPS)" : "Cholesky (MUMPS)");
    if (mean) assert_true(solve(&s, GKT_LINEAR_GMRES, NULL, "GMRES + fields (l by LU, a by hypre") < 40);
    else assert_true(solve(&s, GKT_LINEAR_CG, NULL, "CG + fields (a by hypre, b by hypre, c by hypre)") < 40);
    test_blocks_destroy(&s);
  }
}

static void options_reach_fields(void **state) {
  (void)state;
  const test_stokes flow = {.n = 12, .dim = 2, .viscosity = 1, .unit = 1};
  heard[0] = 0;
  (void)solve_stokes(&flow, GKT_LINEAR_AUTO, "-fieldsplit_u_pc_type ilu -fieldsplit_u_ksp_type preonly", "FGMRES + fields (p by Chebyshev, u by ILU)", true);
  (void)solve_stokes(&flow, GKT_LINEAR_AUTO, "-fieldsplit_p_ksp_type cg -fieldsplit_p_ksp_rtol 1e-2", "FGMRES + fields (p by CG, u by hypre)", true);
  (void)solve_stokes(&flow, GKT_LINEAR_AUTO, "-pc_type fieldsplit -pc_fieldsplit_type schur -pc_fieldsplit_schur_fact_type full", "FGMRES + fields (u by hypre, p by Chebyshev)",
                     true);
  assert_string_equal(heard, "");
  (void)solve_stokes(&flow, GKT_LINEAR_AUTO, "-fieldsplit_v_pc_type ilu", "FGMRES + fields", true);
  assert_non_null(strstr(heard, "PETSc option -fieldsplit_v_pc_type was not used"));
  heard[0] = 0;
  test_blocks s;
  gkt_linear_options o = gkt_linear_options_default();
  gkt_linear_report r;
  test_stokes_create(ctx, &flow, &s);
  s.b[0] = 1, o.petsc_options = "-fieldsplit_u_pc_type nonsense";
  __lsan_disable(); /* an option that PETSc refuses leaves its half-read options object behind */
  assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &o, &r), GKT_BAD_INPUT);
  __lsan_enable();
  assert_non_null(strstr(gkt_context_message(ctx), "nonsense"));
  gkt_context_clear(ctx);
  test_blocks_destroy(&s);
}

static void threads_do_not_matter(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_GMRES, GKT_LINEAR_DIRECT};
  for (int m = 0; m < 2; m++) {
    double *first = NULL;
    for (int threads = 1; threads <= 4; threads *= 2) {
      gkt_context *c = context(threads);
      test_blocks s;
      gkt_linear_options o = gkt_linear_options_default();
      gkt_linear_report r;
      test_stokes_create(c, &(test_stokes){.n = 9, .dim = 3, .viscosity = 1, .unit = 1}, &s);
      for (gkt_idx i = 0; i < s.blocks[1].first; i++) s.b[i] = sin(i);
      o.method = methods[m];
      assert_int_equal(gkt_linear_solve(c, s.A, &s.facts, s.b, s.x, &o, &r), GKT_OK);
      assert_true(r.converged);
      gkt_linear_report_clear(&r);
      if (!first) first = s.x, s.x = NULL;
      else assert_memory_equal(first, s.x, sizeof(double) * (size_t)s.A->num_rows);
      test_blocks_destroy(&s);
      gkt_context_destroy(&c);
    }
    free(first);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(iterations_are_bounded), cmocka_unit_test(units_do_not_matter), cmocka_unit_test(every_way_arrives),
                                     cmocka_unit_test(options_reach_fields), cmocka_unit_test(threads_do_not_matter)};
  return cmocka_run_group_tests(tests, begin, end);
}
