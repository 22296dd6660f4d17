/* Claim: of systems of several fields, too, success means that the rows of every field are solved and nothing but the known kernel is left undetermined: rows of a divergence in
   whatever unit; checkerboards of a pressure, by a factor, by iterations and without a load; loads that do not balance. After other values, which fill what was zero before, a
   solver solves with these, and a kernel that comes or goes is seen. Truth: plain loops over the rows, and kernels known by construction. */
#include "tests/gkt_test.h"
#include "tests/block_systems.h"
#include "tests/systems.h"

static gkt_linear_report solve(test_blocks *s, gkt_linear_method method, double rtol) {
  gkt_linear_report r;
  memset(s->x, 0, sizeof(double) * (size_t)s->A->num_rows);
  if (gkt_linear_solve(ctx, s->A, &s->facts, s->b, s->x, &(gkt_linear_options){.method = method, .rtol = rtol}, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_linear_report_clear(&r);
  return r;
}

/* ||b - A x|| of a block's rows over what they are summed from. */
static double rest_of(const test_blocks *s, const gkt_block_facts *block) {
  double rest = 0, size = 0;
  for (gkt_idx i = block->first; i < block->first + block->count; i++) {
    double value = s->b[i], absolute = fabs(s->b[i]);
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++) value -= s->A->vals[k] * s->x[s->A->cols[k]], absolute += fabs(s->A->vals[k] * s->x[s->A->cols[k]]);
    rest += value * value, size += absolute * absolute;
  }
  return sqrt(rest / size);
}

/* Forces of 1 beside divergences of 1e-12 and less, or the other way round. */
static void rows_of_every_field_count(void **state) {
  (void)state;
  static const double units[] = {1, 1e-10, 1e10};
  for (int c = 0; c < 3; c++)
    for (int method = 0; method < 3; method++) {
      static const gkt_linear_method methods[] = {GKT_LINEAR_GMRES, GKT_LINEAR_DIRECT, GKT_LINEAR_MINRES};
      test_blocks s;
      test_stokes_create(ctx, &(test_stokes){.n = 12, .dim = 2, .viscosity = 1, .unit = units[c]}, &s);
      for (gkt_idx i = 0; i < s.blocks[1].first; i++) s.b[i] = sin(i);
      gkt_linear_report r = solve(&s, methods[method], 1e-8);
      assert_true(r.converged);
      assert_true(rest_of(&s, &s.blocks[0]) <= 1e-8 && rest_of(&s, &s.blocks[1]) <= 1e-8);
      test_blocks_destroy(&s);
    }
}

/* A force that is a gradient: the velocity is 0, and what rounding makes of it is no failure. */
static void fluids_may_be_at_rest(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_GMRES, GKT_LINEAR_MINRES};
  for (int m = 0; m < 3; m++)
    for (int open = 0; open < 2; open++) {
      test_blocks s;
      test_stokes_create(ctx, &(test_stokes){.n = 16, .dim = 2, .open = open, .viscosity = 1e-3, .unit = 1}, &s);
      double *p = calloc((size_t)s.A->num_rows, sizeof *p), most = 0;
      for (gkt_idx i = 0; i < s.blocks[1].count; i++) p[s.blocks[1].first + i] = cos(3 * s.coords[1][2 * i]);
      gkt_csr_multiply(s.A, p, s.b);
      assert_true(solve(&s, methods[m], 1e-10).converged);
      for (gkt_idx i = 0; i < s.blocks[1].first; i++) most = fmax(most, fabs(s.x[i]));
      assert_true(most <= 1e-6); /* velocities of 1e3 would be those of these forces */
      free(p);
      test_blocks_destroy(&s);
    }
}

static void checkerboards_are_no_success(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_GMRES, GKT_LINEAR_MINRES};
  for (int dim = 2; dim <= 3; dim++)
    for (int m = 0; m < 4; m++)
      for (int odd = 0; odd < 2; odd++) {
        test_blocks s;
        test_collocated_create(ctx, (dim == 2 ? 40 : 6) + odd, dim, &s); /* an odd number of cells has no checkerboards */
        for (int load = 0; load < 2; load++) {
          for (gkt_idx i = 0; load && i < s.blocks[1].first; i++) s.b[i] = sin(i);
          gkt_linear_report r = solve(&s, methods[m], 1e-9);
          assert_int_equal(r.singular, !odd);
          assert_int_equal(r.converged, odd);
          if (!odd) assert_true(r.free_dof >= s.blocks[1].first);
        }
        test_blocks_destroy(&s);
      }
}

static void loads_must_balance(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_GMRES};
  for (int m = 0; m < 3; m++)
    for (int wind = 0; wind < 2; wind++) {
      test_blocks s;
      test_stokes_create(ctx, &(test_stokes){.n = 10, .dim = 2, .viscosity = 1, .unit = 1, .wind = wind}, &s);
      s.b[s.blocks[1].first + 3] = 1; /* flows in, and nothing flows out */
      assert_false(solve(&s, methods[m], 1e-9).converged);
      s.b[s.blocks[1].first + 7] = -1;
      assert_true(solve(&s, methods[m], 1e-9).converged);
      test_blocks_destroy(&s);
    }
}

/* ---- other values ---- */
static gkt_linear_report again(gkt_linear_solver *solver, test_blocks *s) {
  gkt_linear_report r;
  memset(s->x, 0, sizeof(double) * (size_t)s->A->num_rows);
  if (gkt_linear_solver_update(solver) != GKT_OK || gkt_linear_solver_solve(solver, 1, 0, s->b, s->x, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_linear_report_clear(&r);
  return r;
}

/* Entries between fields of which nothing was there before, as of a convection that begins with a flow at rest; then a sink, which fixes the constants. */
static void other_values_are_solved(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_DIRECT, GKT_LINEAR_CG, GKT_LINEAR_GMRES};
  for (int m = 0; m < 3; m++) {
    test_blocks s, without;
    gkt_linear_solver *solver;
    test_diffusions o = {.n = 12, .dim = 2, .fields = 2, .exchange = 3};
    test_diffusions_create(ctx, &o, &s);
    o.exchange = 0;
    test_diffusions_create(ctx, &o, &without);
    double *full = malloc(sizeof(double) * (size_t)s.A->row_offsets[s.A->num_rows]);
    memcpy(full, s.A->vals, sizeof(double) * (size_t)s.A->row_offsets[s.A->num_rows]);
    for (gkt_idx i = 0; i < s.A->num_rows; i++)
      for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++) {
        bool own = (i < s.blocks[1].first) == (s.A->cols[k] < s.blocks[1].first);
        s.A->vals[k] = own ? *entry(without.A, i, s.A->cols[k]) : 0;
      }
    for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] = i % 2 ? 1 : -1; /* balances in either field */
    assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &(gkt_linear_options){.method = methods[m], .rtol = 1e-9}, &solver), GKT_OK);
    assert_true(again(solver, &s).converged && rest_of(&s, &s.blocks[0]) <= 1e-9); /* two constants are free */
    memcpy(s.A->vals, full, sizeof(double) * (size_t)s.A->row_offsets[s.A->num_rows]);
    for (int k = 0; k < 2; k++) assert_true(again(solver, &s).converged && rest_of(&s, &s.blocks[1]) <= 1e-9); /* one is */
    *entry(s.A, 0, 0) += 1;
    s.b[3] += 0.5; /* balances no more */
    assert_true(again(solver, &s).converged && rest_of(&s, &s.blocks[0]) <= 1e-9);
    *entry(s.A, 0, 0) -= 1;
    assert_false(again(solver, &s).converged);
    gkt_linear_solver_destroy(&solver);
    test_blocks_destroy(&s), test_blocks_destroy(&without);
    free(full);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_every_field_count), cmocka_unit_test(fluids_may_be_at_rest), cmocka_unit_test(checkerboards_are_no_success),
                                     cmocka_unit_test(loads_must_balance), cmocka_unit_test(other_values_are_solved)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
