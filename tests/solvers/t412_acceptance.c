/* Claim: steps are accepted by energy, natural test, residual or at full length, as asked: what is slender is found by all but the residual; the natural test does not change with
   the scale of the equations; the energy follows load steps; PETSc's options of SNES mean what they do there. A stationary point is told to be a minimum, a saddle or a maximum. */
#include "tests/chain.h"

/* The end x of a bar from 0, of length 1, whose stiffness is 1e6 along and 1 across, pulled across: E = 1e6/2 (|x| - 1)^2 + x_1^2/2 - pull x_1. To turn it must stretch first. */
typedef struct {
  double pull, scale; /* scale: of the first equation */
  double *history;    /* x_1 of every tangent, [30] */
  int count;
} bar;
static const double STIFF = 1e6;

static double stretch(const gkt_scalar *u) { return hypot(1 + u[0], u[1]); }

static gkt_status bar_energy(void *user, const gkt_vector *at, double *energy) {
  const gkt_scalar *u = gkt_vector_read(at);
  const bar *b = user;
  *energy = STIFF / 2 * (stretch(u) - 1) * (stretch(u) - 1) + u[1] * u[1] / 2 - b->pull * u[1];
  return GKT_OK;
}

static gkt_status bar_residual(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *r = gkt_vector_values(to);
  const bar *b = user;
  double force = STIFF * (1 - 1 / stretch(u));
  r[0] = b->scale * force * (1 + u[0]);
  r[1] = force * u[1] + u[1] - b->pull;
  return GKT_OK;
}

static gkt_status bar_tangent(void *user, const gkt_vector *at, gkt_csr *A) {
  const gkt_scalar *u = gkt_vector_read(at);
  bar *b = user;
  double l = stretch(u), x = (1 + u[0]) / l, y = u[1] / l, across = STIFF * (1 - 1 / l);
  b->history[b->count++] = u[1];
  A->vals[0] = b->scale * (STIFF * x * x + across * (1 - x * x)), A->vals[1] = b->scale * (STIFF - across) * x * y;
  A->vals[2] = (STIFF - across) * x * y, A->vals[3] = STIFF * y * y + across * (1 - y * y) + 1;
  return GKT_OK;
}

/* 1 - 1/stretch is known to a digit of 1 */
static gkt_status bar_magnitude(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *m = gkt_vector_values(to);
  const bar *b = user;
  m[0] = b->scale * STIFF * (1 + 1 / stretch(u)) * (1 + fabs(u[0]));
  m[1] = STIFF * (1 + 1 / stretch(u)) * fabs(u[1]) + fabs(u[1]) + b->pull;
  return GKT_OK;
}

static gkt_status keep_all(void *user, gkt_csr *A) { return (void)user, (void)A, GKT_OK; }

static gkt_csr *full_matrix(void) {
  gkt_csr *A = NULL;
  if (gkt_csr_create(ctx, 2, 2, 4, 1, &A) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  for (int k = 0; k < 4; k++) A->cols[k] = k % 2;
  A->row_offsets[1] = 2, A->row_offsets[2] = 4;
  return A;
}

static gkt_nonlinear_report turn(bar *b, bool known, gkt_nonlinear_options options, double *u) {
  gkt_nonlinear_system system = {
      .user = b, .residual = bar_residual, .tangent = bar_tangent, .eliminate = keep_all, .magnitude = bar_magnitude, .energy = known ? bar_energy : NULL};
  gkt_system_facts facts = {.block_size = 1, .symmetric = b->scale == 1};
  gkt_nonlinear_report r;
  gkt_csr *A = full_matrix();
  u[0] = u[1] = 0;
  if (solve_newton(ctx, &system, &facts, A, u, NULL, &options, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_csr_destroy(&A);
  return r;
}

/* Across: pull = x_1 up to (stretch - 1) of the order 1e-6. */
static void a_bar_turns(void **state) {
  (void)state;
  static const char *const names[] = {NULL, "energy", "natural", "residual", "full"};
  for (int rule = GKT_ACCEPT_ENERGY; rule <= GKT_ACCEPT_FULL; rule++) {
    double u[2], history[64];
    bar b = {.pull = 0.5, .scale = 1, .history = history};
    gkt_nonlinear_options o = defaults();
    o.accept = (gkt_acceptance)rule;
    gkt_nonlinear_report r = turn(&b, true, o, u);
    assert_string_equal(r.accept, names[rule]);
    assert_true(r.converged == (rule != GKT_ACCEPT_RESIDUAL));
    if (r.converged) assert_true(fabs(u[1] - 0.5) < 1e-5 && fabs(stretch(u) - 1) < 1e-5 && r.stationary == GKT_STATIONARY_MINIMUM && r.num_negative == 0);
    else assert_true(r.stationary == GKT_STATIONARY_UNKNOWN);
    gkt_nonlinear_report_clear(&r);
  }
}

static void auto_takes_the_energy_or_the_natural_test(void **state) {
  (void)state;
  for (int known = 0; known < 2; known++) {
    double u[2], history[64];
    bar b = {.pull = 0.5, .scale = 1, .history = history};
    gkt_nonlinear_report r = turn(&b, known, defaults(), u);
    assert_string_equal(r.accept, known ? "energy" : "natural");
    assert_true(r.converged && fabs(u[1] - 0.5) < 1e-5);
    gkt_nonlinear_report_clear(&r);
  }
}

/* Iterates to 1e-6: what rounding makes of differences of 1e-10 in a system with a condition of 1e6. */
static void the_natural_test_knows_no_scale(void **state) {
  (void)state;
  double u[2], plain[64], scaled[64];
  bar a = {.pull = 0.5, .scale = 1, .history = plain}, b = {.pull = 0.5, .scale = 1e5, .history = scaled};
  gkt_nonlinear_options o = defaults();
  o.accept = GKT_ACCEPT_NATURAL, o.max_iterations = 6;
  gkt_nonlinear_report r = turn(&a, false, o, u), q = turn(&b, false, o, u);
  assert_true(a.count >= 6 && b.count == a.count);
  for (int i = 0; i < a.count; i++) assert_true(fabs(plain[i] - scaled[i]) < 1e-6);
  gkt_nonlinear_report_clear(&r);
  gkt_nonlinear_report_clear(&q);
}

/* E - (1-t) R(u_0).u is what falls in a load step: a quarter of the load is met by steps at full length, as its solution is near. */
static void the_energy_follows_load_steps(void **state) {
  (void)state;
  double u[2], history[512];
  bar b = {.pull = 0.5, .scale = 1, .history = history};
  gkt_nonlinear_options o = defaults();
  o.load_steps = 4;
  gkt_nonlinear_report r = turn(&b, true, o, u);
  assert_true(r.converged && r.num_steps == 4 && fabs(u[1] - 0.5) < 1e-5);
  gkt_nonlinear_report_clear(&r);
}

/* ---- minimum, saddle, maximum: local energies (u^2 - 1)^2/4 ---- */
static double double_well(double u, double *slope) { return *slope = 3 * u * u - 1, u * u * u - u; }
static double square(double u, double *slope) { return *slope = 2 * (u - 1), (u - 1) * (u - 1); }
static gkt_status well_energy(void *user, const gkt_vector *at, double *energy) {
  const gkt_scalar *u = gkt_vector_read(at);
  const chain *c = user;
  *energy = 0;
  for (int i = 0; i < c->n; i++) *energy += c->local == square ? (u[i] - 1) * (u[i] - 1) * (u[i] - 1) / 3 : (u[i] * u[i] - 1) * (u[i] * u[i] - 1) / 4;
  return GKT_OK;
}

static gkt_nonlinear_report settle(chain *c) {
  gkt_nonlinear_system system = {.user = c, .residual = residual, .tangent = tangent, .eliminate = eliminate, .energy = well_energy};
  gkt_system_facts facts = {.block_size = 1, .symmetric = true, .constrained = c->fixed};
  gkt_nonlinear_report r;
  if (solve_newton(ctx, &system, &facts, c->A, c->u, c->values, NULL, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return r;
}

static void kinds_are_told(void **state) {
  (void)state;
  static const struct {
    double start[3];
    gkt_stationary kind;
    int negative;
  } cases[] = {{{0, 0, 0}, GKT_STATIONARY_MAXIMUM, 3},
               {{0.1, -0.1, 0.1}, GKT_STATIONARY_MAXIMUM, 3},
               {{0.1, 0.9, 0.8}, GKT_STATIONARY_SADDLE, 1},
               {{0.1, 0.1, -0.9}, GKT_STATIONARY_SADDLE, 2},
               {{0.9, 0.9, -0.9}, GKT_STATIONARY_MINIMUM, 0}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    for (int fixed = 0; fixed < 2; fixed++) { /* a dof that a condition holds counts on no side */
      chain c = make(3, 0, double_well, 0);
      for (int i = 0; i < 3; i++) c.u[i] = cases[k].start[i];
      if (fixed) c.fixed[2] = true, c.values[2] = c.u[2] = 1;
      gkt_nonlinear_report r = settle(&c);
      assert_true(r.converged && strcmp(r.accept, "energy") == 0);
      if (!fixed) assert_true(r.stationary == cases[k].kind && r.num_negative == cases[k].negative);
      else assert_true(r.num_negative == cases[k].negative - (cases[k].start[2] < 0.5 && cases[k].start[2] > -0.5));
      finish(&c, &r);
    }
}

/* (u - 1)^3/3 has neither at 1, though its tangent 2(u - 1) is positive all the way there. */
static void what_degenerates_is_not_known(void **state) {
  (void)state;
  chain c = make(1, 0, square, 2);
  gkt_nonlinear_report r = settle(&c);
  assert_true(r.converged && r.stationary == GKT_STATIONARY_UNKNOWN);
  finish(&c, &r);
}

/* ---- PETSc ---- */
static gkt_status with_options(const char *options, gkt_nonlinear_report *r) {
  gkt_nonlinear_options o = defaults();
  chain c = make(20, 30, cube, 0);
  for (int i = 0; i < c.n; i++) c.load[i] = 5 + sin(i);
  c.fixed[3] = true, c.values[3] = 0.5;
  o.linear.petsc_options = options;
  notices[0] = 0;
  gkt_status status = attempt(&c, &o, r);
  gkt_csr_destroy(&c.A);
  if (status == GKT_OK && r->converged) assert_true(c.u[3] == 0.5);
  return status;
}

static void options_choose_among_petscs_methods(void **state) {
  (void)state;
  static const struct {
    const char *options, *accept;
  } cases[] = {{"-snes_linesearch_type bt", "bt"},
               {"-snes_linesearch_type basic -pc_type lu", "basic"},
               {"-snes_linesearch_type cp", "cp"},
               {"-snes_linesearch_type l2", "l2"},
               {"-snes_linesearch_type gkt_residual", "residual"},
               {"-snes_linesearch_type gkt_full", "full"},
               {"-snes_type newtontr -snes_max_it 60", "newtontr"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    gkt_nonlinear_report r;
    assert_int_equal(with_options(cases[k].options, &r), GKT_OK);
    assert_true(r.converged && r.residual <= 1e-10 && !strcmp(r.accept, cases[k].accept));
    assert_true(!*notices);
    gkt_nonlinear_report_clear(&r);
  }
}

static void limits_of_petsc_hold(void **state) {
  (void)state;
  gkt_nonlinear_report r;
  assert_int_equal(with_options("-snes_max_it 2", &r), GKT_OK);
  assert_true(!r.converged && r.end == GKT_NEWTON_ITERATIONS && r.iterations == 2);
  gkt_nonlinear_report_clear(&r);
  assert_int_equal(with_options("-snes_rtol 1e-3", &r), GKT_OK);
  assert_true(r.converged && r.residual <= 1e-3 && r.residual > 1e-10);
  gkt_nonlinear_report_clear(&r);
}

static void options_that_nothing_reads_are_named(void **state) {
  (void)state;
  gkt_nonlinear_report r;
  assert_int_equal(with_options("-snes_bogus 3 -ksp_bogus 'a b' -snes_mf", &r), GKT_OK);
  assert_true(r.converged && strstr(notices, "-snes_bogus was not used") && strstr(notices, "-ksp_bogus was not used") && strstr(notices, "-snes_mf was not used"));
  gkt_nonlinear_report_clear(&r);
}

static void wrong_options_are_refused(void **state) {
  (void)state;
  static const char *const wrong[][2] = {{"-snes_rtol 7", "between 0 and 1"},
                                         {"-snes_max_it -1", "from 0"},
                                         {"-snes_linesearch_type gkt_energy", "no energy"},
                                         {"-snes_type nonsense", "nonsense"},
                                         {"-snes_rtol 1e-3 odd", "odd"}};
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    gkt_nonlinear_report r;
    assert_int_equal(with_options(wrong[k][0], &r), GKT_BAD_INPUT);
    assert_non_null(strstr(gkt_context_message(ctx), wrong[k][1]));
    gkt_context_clear(ctx);
  }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(a_bar_turns),
                                     T(auto_takes_the_energy_or_the_natural_test),
                                     T(the_natural_test_knows_no_scale),
                                     T(the_energy_follows_load_steps),
                                     T(kinds_are_told),
                                     T(what_degenerates_is_not_known),
                                     T(options_choose_among_petscs_methods),
                                     T(limits_of_petsc_hold),
                                     T(options_that_nothing_reads_are_named),
                                     T(wrong_options_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
