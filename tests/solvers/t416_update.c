/* Claim: a solver whose matrix got other values (gkt_linear_solver_update) solves with these, by every method, to the true residual; it keeps PETSc's objects, matrix and
   orderings, which its counts show; the residual that it holds is b - A x, whatever looked at the matrix after the solve; it sees anew what is singular and what is not, and which
   pieces there are; the method that served last comes first; values that are not finite are refused. Newton's method keeps one solver over its steps and load steps. */
#include "tests/chain.h"
#include "tests/systems.h"

#include "solvers/linear.h"

/* A := D A D with D_i = 1 + sin(k i)/2: symmetric, as definite as it was, and far from what it was. */
static void change(test_system *s, double k) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    for (gkt_idx e = s->A->row_offsets[i]; e < s->A->row_offsets[i + 1]; e++) s->A->vals[e] *= (1 + 0.5 * sin(k * i)) * (1 + 0.5 * sin(k * s->A->cols[e]));
}

static gkt_linear_report solve_once(gkt_linear_solver *solver, test_system *s) {
  gkt_linear_report r;
  memset(s->x, 0, (size_t)s->A->num_rows * sizeof *s->x);
  if (gkt_linear_solver_solve(solver, 1, s->A->num_rows, s->b, s->x, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_linear_report_clear(&r);
  return r;
}

/* What guesses for the next right-hand sides are made with. */
static bool holds_its_residual(const gkt_linear_solver *solver, const test_system *s) {
  const gkt_scalar *r = gkt_linear_solver_residual(solver);
  double apart = 0, size = 0;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    double sum = s->b[i];
    if (s->facts.constrained && s->facts.constrained[i]) continue;
    for (gkt_idx e = s->A->row_offsets[i]; e < s->A->row_offsets[i + 1]; e++) sum -= s->A->vals[e] * s->x[s->A->cols[e]];
    apart = fmax(apart, fabs(r[i] - sum)), size = fmax(size, fabs(s->b[i]));
  }
  return apart <= 1e-12 * size; /* another order of sums */
}

static gkt_linear_solver *create(const test_system *s, const gkt_linear_options *o) {
  gkt_linear_solver *solver;
  if (gkt_linear_solver_create(ctx, s->A, &s->facts, o, &solver) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return solver;
}

static void update(gkt_linear_solver *solver) {
  if (gkt_linear_solver_update(solver) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static void other_values_are_solved(void **state) {
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB, GKT_LINEAR_MINRES};
  (void)state;
  for (int m = 0; m < 6; m++)
    for (int block = 1; block <= 3; block += 2) {
      test_system s;
      gkt_linear_options o = gkt_linear_options_default();
      test_system_create(ctx, block == 1 ? 12 : 6, block, block == 1 ? element_laplace : element_elastic, NULL, true, &s);
      o.method = methods[m];
      gkt_linear_solver *solver = create(&s, &o);
      update(solver); /* before anything: nothing */
      gkt_linear_report r = solve_once(solver, &s);
      assert_true(r.converged && r.setups == 1 && r.kept == 0);
      Mat mat = solver->matrix.mat;
      KSP ksp = solver->ksp;
      for (int k = 1; k <= 3; k++) {
        change(&s, k);
        update(solver);
        r = solve_once(solver, &s);
        assert_true(r.converged && true_residual(&s) <= o.rtol * (1 + 1e-6));
        assert_true(holds_its_residual(solver, &s));
        bool worn = !r.kept && gkt_method_keeps_grids(solver); /* GAMG's, where these values are too far off */
        assert_true(r.setups == 1 && (r.kept == 1 || worn) && (!solver->choice.direct || r.factorizations == 1));
        assert_ptr_equal(solver->matrix.mat, mat);
        if (!worn) assert_ptr_equal(solver->ksp, ksp);
        ksp = solver->ksp;
      }
      r = solve_once(solver, &s);
      assert_true(r.converged && r.setups == 0 && r.kept == 0 && r.factorizations == 0);
      gkt_linear_solver_destroy(&solver);
      test_system_destroy(&s);
    }
}

/* With a factor of its own ordering the bits are those of a new solver. */
static void a_factor_is_that_of_a_new_solver(void **state) {
  (void)state;
  test_system s;
  gkt_linear_options o = gkt_linear_options_default();
  gkt_linear_report r;
  test_system_create(ctx, 9, 1, element_laplace, NULL, true, &s);
  o.method = GKT_LINEAR_DIRECT;
  gkt_linear_solver *solver = create(&s, &o);
  (void)solve_once(solver, &s);
  change(&s, 1);
  update(solver);
  (void)solve_once(solver, &s);
  double *x = calloc((size_t)s.A->num_rows, sizeof *x);
  assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, x, &o, &r), GKT_OK);
  assert_memory_equal(x, s.x, (size_t)s.A->num_rows * sizeof *x);
  gkt_linear_report_clear(&r);
  gkt_linear_solver_destroy(&solver);
  free(x);
  test_system_destroy(&s);
}

/* Rows i and i+1, neighbours, for themselves: (p q; q r). */
static void cut_out(test_system *s, gkt_idx i, double p, double q, double r) {
  for (gkt_idx row = 0; row < s->A->num_rows; row++)
    for (gkt_idx e = s->A->row_offsets[row]; e < s->A->row_offsets[row + 1]; e++) {
      gkt_idx col = s->A->cols[e];
      bool in_row = row == i || row == i + 1, in_col = col == i || col == i + 1;
      if (in_row && in_col) s->A->vals[e] = row != col ? q : row == i ? p : r;
      else if (in_row || in_col) s->A->vals[e] = 0;
    }
}

/* A row of zeros is seen by looking, (1 2; 2 4) by the factor alone; each is gone with the next values. Proven and not proven positive, by a factor and by an iteration. */
static void what_is_singular_is_seen_anew(void **state) {
  (void)state;
  for (int proven = 0; proven < 2; proven++)
    for (int method = GKT_LINEAR_DIRECT; method <= GKT_LINEAR_CG; method++) {
      test_system s;
      gkt_linear_options o = gkt_linear_options_default();
      test_system_create(ctx, 9, 1, element_laplace, NULL, true, &s);
      size_t bytes = (size_t)s.A->row_offsets[s.A->num_rows] * sizeof(double);
      double *good = malloc(bytes);
      memcpy(good, s.A->vals, bytes);
      s.facts.positive = proven;
      o.method = (gkt_linear_method)method;
      gkt_linear_solver *solver = create(&s, &o);
      gkt_idx pair = 505; /* free, as is its neighbour */
      assert_true(!s.fixed[pair] && !s.fixed[pair + 1]);
      for (int round = 0; round < 3; round++) {
        memcpy(s.A->vals, good, bytes);
        update(solver);
        gkt_linear_report r = solve_once(solver, &s);
        assert_true(r.converged && !r.singular && solver->pieces.count == 1);
        cut_out(&s, pair, round % 2 ? 1 : 0, round % 2 ? 2 : 0, 4);
        update(solver);
        r = solve_once(solver, &s);
        assert_true(!r.converged && r.singular && (r.free_dof == pair || r.free_dof == pair + 1));
        assert_int_equal(solver->pieces.count, round % 2 ? 2 : 3);
      }
      gkt_linear_solver_destroy(&solver);
      free(good);
      test_system_destroy(&s);
    }
}

/* Negative curvature is met, and said, once; the method that served comes first from then on. */
static void the_method_that_served_comes_first(void **state) {
  (void)state;
  test_system s;
  gkt_linear_options o = gkt_linear_options_default();
  test_system_create(ctx, 17, 1, element_helmholtz, NULL, true, &s);
  s.facts.positive = false;
  gkt_linear_solver *solver = create(&s, &o);
  gkt_linear_report first = solve_once(solver, &s);
  assert_true(first.converged);
  assert_non_null(strstr(notices, "negative curvature"));
  notices[0] = 0;
  for (int k = 1; k <= 2; k++) {
    change(&s, 0.01 * k);
    update(solver);
    gkt_linear_report r = solve_once(solver, &s);
    assert_true(r.converged && r.setups == 1 && r.kept == 1);
    assert_string_equal(r.method, first.method);
    assert_string_equal(notices, "");
  }
  gkt_linear_solver_destroy(&solver);
  test_system_destroy(&s);
}

static void coarse_grids_that_no_longer_help_are_made_anew(void **state) {
  (void)state;
  test_system s;
  gkt_linear_options o = gkt_linear_options_default();
  test_system_create(ctx, 8, 3, element_elastic, NULL, true, &s);
  o.method = GKT_LINEAR_CG; /* GAMG, whose interpolation is kept */
  gkt_linear_solver *solver = create(&s, &o);
  int first = solve_once(solver, &s).iterations, kept = 0, anew = 0;
  for (int k = 0; k < 6; k++) { /* stiffer by 10 in a growing part, and by 1e5 in the end: what was weakly coupled no longer is */
    for (gkt_idx i = 0; i < s.A->num_rows; i++)
      for (gkt_idx e = s.A->row_offsets[i]; e < s.A->row_offsets[i + 1]; e++) s.A->vals[e] *= (i / 3 % 7 == k ? 10 : 1) * (s.A->cols[e] / 3 % 7 == k ? 10 : 1);
    update(solver);
    gkt_linear_report r = solve_once(solver, &s);
    assert_true(r.converged);
    kept += r.kept, anew += r.setups - r.kept;
  }
  assert_true(kept > 0 && anew > 0 && first > 0);
  gkt_linear_solver_destroy(&solver);
  test_system_destroy(&s);
}

static void values_that_are_not_finite_are_refused(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 5, 1, element_laplace, NULL, true, &s);
  gkt_linear_solver *solver = create(&s, NULL);
  (void)solve_once(solver, &s);
  double good = s.A->vals[7];
  s.A->vals[7] = NAN;
  assert_int_equal(gkt_linear_solver_update(solver), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "entry 7"));
  gkt_context_clear(ctx);
  s.A->vals[7] = good;
  update(solver);
  assert_true(solve_once(solver, &s).converged);
  gkt_linear_solver_destroy(&solver);
  test_system_destroy(&s);
}

/* One set-up for each tangent, all but the first with what was kept, in load steps and with the second solves of the natural test, too. */
static void newton_keeps_one_solver(void **state) {
  (void)state;
  for (int rule = GKT_ACCEPT_NATURAL; rule <= GKT_ACCEPT_FULL; rule++)
    for (int steps = 1; steps <= 3; steps += 2) {
      gkt_nonlinear_options o = defaults();
      chain c = make(20, 30, cube, 0);
      for (int i = 0; i < c.n; i++) c.load[i] = 5 + sin(i);
      o.accept = (gkt_acceptance)rule, o.load_steps = steps;
      gkt_nonlinear_report r = solve(&c, o);
      assert_true(r.converged && r.iterations > 3);
      assert_true(r.setups == r.iterations && r.kept == r.setups - 1 && r.factorizations == r.setups);
      finish(&c, &r);
    }
}

/* R(u) = A u + u^3 - b on free dofs, A indefinite */
static gkt_status waves(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *r = gkt_vector_values(to);
  const test_system *s = user;
  gkt_csr K = *s->A;
  K.vals = s->x; /* the values of A as they were */
  gkt_csr_multiply(&K, u, r);
  for (gkt_idx i = 0; i < K.num_rows; i++) r[i] += 1e-3 * u[i] * u[i] * u[i] - s->b[i];
  return GKT_OK;
}
static gkt_status tangent_of_waves(void *user, const gkt_vector *at, gkt_csr *A) {
  const gkt_scalar *u = gkt_vector_read(at);
  const test_system *s = user;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx e = A->row_offsets[i]; e < A->row_offsets[i + 1]; e++) A->vals[e] = s->x[e] + (A->cols[e] == i ? 3e-3 * u[i] * u[i] : 0);
  return GKT_OK;
}
static gkt_status nothing_to_eliminate(void *user, gkt_csr *A) { return (void)user, (void)A, GKT_OK; }

static void newton_meets_negative_curvature_once(void **state) {
  (void)state;
  test_system s;
  gkt_nonlinear_report r;
  test_system_create(ctx, 17, 1, element_helmholtz, NULL, true, &s);
  gkt_idx n = s.A->num_rows, entries = s.A->row_offsets[n];
  free(s.x);
  s.x = malloc((size_t)entries * sizeof *s.x);
  memcpy(s.x, s.A->vals, (size_t)entries * sizeof *s.x);
  for (gkt_idx i = 0; i < n; i++) s.b[i] *= 100;
  double *u = calloc((size_t)n, sizeof *u), *values = calloc((size_t)n, sizeof *values);
  s.facts.positive = false;
  gkt_nonlinear_system system = {.user = &s, .residual = waves, .tangent = tangent_of_waves, .eliminate = nothing_to_eliminate};
  assert_int_equal(solve_newton(ctx, &system, &s.facts, s.A, u, values, NULL, &r), GKT_OK);
  assert_true(r.converged && r.iterations > 2 && r.kept >= r.iterations - 1);
  char *said = strstr(notices, "negative curvature");
  assert_true(said && !strstr(said + 1, "negative curvature"));
  assert_non_null(strstr(r.linear.why, "negative curvature")); /* the reason stays with the choice */
  gkt_nonlinear_report_clear(&r);
  free(u), free(values);
  test_system_destroy(&s);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(other_values_are_solved),
                                     T(a_factor_is_that_of_a_new_solver),
                                     T(what_is_singular_is_seen_anew),
                                     T(the_method_that_served_comes_first),
                                     T(coarse_grids_that_no_longer_help_are_made_anew),
                                     T(values_that_are_not_finite_are_refused),
                                     T(newton_keeps_one_solver),
                                     T(newton_meets_negative_curvature_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
