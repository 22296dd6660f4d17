/* Claim: steps of gkt_time are those of PETSc's TS on the same residual and tangent, to 1e-9 of the largest value: TSBEULER, TSCN, TSTHETA with and without its endpoint, TSBDF of
   order 2, TSALPHA and TSALPHA2, for a heat equation, a nonlinear one, one beside an algebraic field, and waves, with conditions and coefficients that depend on time. Where a
   scheme goes on from what the first step leaves (bdf2 from two states, the alpha family from rates) PETSc has a start of its own: ours is then given what PETSc's first step ended
   with, and the steps after it are compared. TSCN and TSTHETA with its endpoint have masses at the end of a step alone, ours at both ends: where masses depend on time or state the
   schemes are not the same, and are not compared. */
#include "tests/gkt_test.h"
/* cmocka first */
#include <math.h>
#include <petscts.h>

#include "galerkit/petsc.h"
#include "tests/rates_world.h"
#include "time/time.h"
static void petsc(PetscErrorCode code) { assert_int_equal(code, 0); }

/* ---- systems: u, and p where there are two unknowns, in P1 on a square; u is held at the left and right side ---- */
typedef struct {
  const char *form, *condition, *initial, *rate; /* of u at the start; rate: of second order, else NULL */
  int num_unknowns;
} problem;
enum { HEAT, NONLINEAR, ALGEBRAIC, MASSES, WAVE, NONLINEAR_WAVE };
static const problem problems[] = {
    {"(2 + x[0])*dt(u)*v*dx + (1 + t^2)*dot(grad(u), grad(v))*dx - 5*cos(4*t)*x[1]*v*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]", NULL, 1},
    {"dt(u)*v*dx + exp(t)*u^3*v*dx + (1 + t + u^2)*dot(grad(u), grad(v))*dx - 5*cos(4*t)*x[1]*v*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]", NULL, 1},
    {"dt(u)*v*dx + (1 + t)*p*v*dx + dot(grad(u), grad(v))*dx + (p - u^2 - sin(t))*q*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]", NULL, 2},
    {"dt((1 + t + u^2)*u)*v*dx + dot(grad(u) + 0.1*dt(grad(u)), grad(v))*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]", NULL, 1},
    {"(2 + x[0])*dtt(u)*v*dx + 0.3*dt(u)*v*dx + (1 + t^2)*dot(grad(u), grad(v))*dx - 5*cos(4*t)*x[1]*v*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]", "3*(1 + x[0]*x[1])",
     1},
    {"dtt(u)*v*dx + (0.3 + t)*dt(u)^3*v*dx + (1 + t + u^2)*dot(grad(u), grad(v))*dx - 5*cos(4*t)*x[1]*v*dx", "sin(3*t)*(1 + x[0]*x[1])", "x[0]*(1 - x[0])*x[1]",
     "3*(1 + x[0]*x[1])", 1},
};

static world make(const problem *p) { return make_scalar_world(ctx, &(scalar_world){{4, 3}, p->num_unknowns, p->form, p->condition, {"left", "right"}, false}); }

static gkt_vector *vector(const world *w, const char *text) {
  gkt_vector *v;
  ok(gkt_system_vector(w->system, &v));
  if (text) {
    gkt_expression *e = parse(w, text);
    ok(gkt_interpolate(e, w->V, &(gkt_inputs){.time = 0}, gkt_vector_values(v)));
    gkt_expression_destroy(&e);
  }
  return v;
}

/* ---- the system as TS sees it. Rows of conditions: u = the values at the start and the end of the step, where a stage lies between, by what lies between them, as all schemes of
   ours hold conditions at the ends. ---- */
typedef struct {
  world w;
  double step;
  TS ts;
  Mat mat;
  gkt_csr *A;
  gkt_vector *state[3], *target, *other, *r; /* state: where TS looked last */
} theirs;

static void read_vec(Vec from, gkt_vector *to) {
  const PetscScalar *values;
  petsc(VecGetArrayRead(from, &values));
  memcpy(gkt_vector_values(to), values, sizeof *values * (size_t)gkt_vector_size(to));
  petsc(VecRestoreArrayRead(from, &values));
}

static void write_vec(const gkt_vector *from, Vec to) {
  PetscScalar *values;
  petsc(VecGetArrayWrite(to, &values));
  memcpy(values, gkt_vector_read(from), sizeof *values * (size_t)gkt_vector_size(from));
  petsc(VecRestoreArrayWrite(to, &values));
}

static gkt_state look(theirs *o, double time, Vec u, Vec rate, Vec acceleration) {
  const Vec from[3] = {u, rate, acceleration};
  for (int k = 0; k < 3; k++)
    if (from[k]) read_vec(from[k], o->state[k]);
  return (gkt_state){o->state[0], o->state[1], o->state[2], time};
}

static void find_target(theirs *o, double time) {
  PetscReal start;
  petsc(TSGetTime(o->ts, &start));
  const double part = (time - start) / o->step;
  gkt_vector_fill(o->target, 0), gkt_vector_fill(o->other, 0);
  ok(gkt_system_set_time(o->w.system, start));
  ok(gkt_system_lift(o->w.system, o->target));
  ok(gkt_system_set_time(o->w.system, start + o->step));
  ok(gkt_system_lift(o->w.system, o->other));
  gkt_vector_scale(o->target, 1 - part);
  gkt_vector_axpy(part, o->other, o->target);
}

static PetscErrorCode residual2(TS ts, PetscReal time, Vec u, Vec rate, Vec acceleration, Vec f, void *user) {
  theirs *o = user;
  const gkt_layout *l = gkt_system_layout(o->w.system);
  const gkt_state at = look(o, time, u, rate, acceleration);
  (void)ts;
  ok(gkt_system_residual(o->w.system, &at, o->r));
  find_target(o, time);
  for (gkt_idx i = 0; i < l->num_owned; i++)
    if (l->constrained[i]) gkt_vector_values(o->r)[i] = gkt_vector_read(at.u)[i] - gkt_vector_read(o->target)[i];
  write_vec(o->r, f);
  return 0;
}
static PetscErrorCode residual(TS ts, PetscReal time, Vec u, Vec rate, Vec f, void *user) { return residual2(ts, time, u, rate, NULL, f, user); }

/* Columns of conditions are zero in our tangent: TS needs an iteration more, which lifts u. */
static PetscErrorCode tangent2(TS ts, PetscReal time, Vec u, Vec rate, Vec acceleration, PetscReal by_rate, PetscReal by_acceleration, Mat J, Mat P, void *user) {
  theirs *o = user;
  const gkt_layout *l = gkt_system_layout(o->w.system);
  const gkt_state at = look(o, time, u, rate, acceleration);
  (void)ts, (void)J, (void)P;
  ok(gkt_system_tangent(o->w.system, &at, (gkt_shifts){1, by_rate, by_acceleration}, o->A));
  for (gkt_idx i = 0; i < l->num_owned; i++)
    for (gkt_idx k = o->A->row_offsets[i]; k < o->A->row_offsets[i + 1]; k++)
      if (l->constrained[i] && o->A->cols[k] == i) o->A->vals[k] = 1;
  ok(gkt_petsc_mat_update(ctx, o->A, o->mat));
  return 0;
}
static PetscErrorCode tangent(TS ts, PetscReal time, Vec u, Vec rate, PetscReal by_rate, Mat J, Mat P, void *user) {
  return tangent2(ts, time, u, rate, NULL, by_rate, 0, J, P, user);
}

/* ---- schemes ---- */
typedef struct {
  const char *ours;
  TSType type;
  double theta;                         /* of TSTHETA */
  bool endpoint;                        /* of TSTHETA, and true for TSCN */
  int has_start;                        /* PETSc's first step begins in another way; 1: u, 2: and rates decide how ours goes on */
  double alpha_m, alpha_f, gamma, beta; /* of the alpha family */
} scheme;

static void choose(TS ts, const scheme *s) {
  TSAdapt adapt;
  SNES snes;
  KSP ksp;
  PC pc;
  petsc(TSSetType(ts, s->type));
  if (!strcmp(s->type, TSTHETA)) petsc(TSThetaSetTheta(ts, s->theta)), petsc(TSThetaSetEndpoint(ts, s->endpoint));
  if (!strcmp(s->type, TSBDF)) petsc(TSBDFSetOrder(ts, 2));
  if (!strcmp(s->type, TSALPHA)) petsc(TSAlphaSetParams(ts, s->alpha_m, s->alpha_f, s->gamma));
  if (!strcmp(s->type, TSALPHA2)) petsc(TSAlpha2SetParams(ts, s->alpha_m, s->alpha_f, s->gamma, s->beta));
  petsc(TSGetAdapt(ts, &adapt));
  petsc(TSAdaptSetType(adapt, TSADAPTNONE));
  petsc(TSGetSNES(ts, &snes));
  petsc(SNESSetConvergenceTest(snes, SNESConvergedSkip, NULL, NULL)); /* to the end of rounding */
  petsc(SNESSetTolerances(snes, 0, 0, 0, 8, 1000));
  SNESLineSearch search;
  petsc(SNESGetLineSearch(snes, &search));
  petsc(SNESLineSearchSetType(search, SNESLINESEARCHBASIC));
  petsc(SNESGetKSP(snes, &ksp));
  petsc(KSPSetType(ksp, KSPPREONLY));
  petsc(KSPGetPC(ksp, &pc));
  petsc(PCSetType(pc, PCLU));
}

static theirs begin(const problem *p, const scheme *s, double step, const gkt_state *start, Vec *u, Vec *rate) {
  theirs o = {.w = make(p), .step = step};
  gkt_system_facts facts;
  ok(gkt_system_matrix(o.w.system, &o.A));
  ok(gkt_system_get_facts(o.w.system, &facts));
  facts.symmetric = facts.positive = false;
  ok(gkt_petsc_mat_create(ctx, o.A, &facts, &o.mat));
  for (int k = 0; k < 3; k++) o.state[k] = vector(&o.w, NULL);
  o.target = vector(&o.w, NULL), o.other = vector(&o.w, NULL), o.r = vector(&o.w, NULL);
  petsc(MatCreateVecs(o.mat, u, rate));
  write_vec(start->u, *u), write_vec(start->rate, *rate);
  petsc(TSCreate(PETSC_COMM_SELF, &o.ts));
  petsc(TSSetProblemType(o.ts, TS_NONLINEAR));
  choose(o.ts, s);
  petsc(TSSetTimeStep(o.ts, step));
  petsc(TSSetMaxTime(o.ts, 100));
  petsc(TSSetExactFinalTime(o.ts, TS_EXACTFINALTIME_STEPOVER));
  return o;
}

static void end(theirs *o, Vec *u, Vec *rate) {
  petsc(TSDestroy(&o->ts));
  petsc(VecDestroy(u)), petsc(VecDestroy(rate));
  petsc(MatDestroy(&o->mat));
  gkt_csr_destroy(&o->A);
  for (int k = 0; k < 3; k++) gkt_vector_destroy(&o->state[k]);
  gkt_vector_destroy(&o->target), gkt_vector_destroy(&o->other), gkt_vector_destroy(&o->r);
  clear(&o->w);
}

/* The highest rate at the end of their step, which TS does not show: (1 - m) d0 + m d1 is where it looked last, (1 - g) d0 + g d1 the slope of what is below it. */
static void find_end(const scheme *s, double step, const gkt_vector *looked, const gkt_vector *below0, const gkt_vector *below1, gkt_vector *out) {
  const double m = s->alpha_m, g = s->gamma, det = (1 - m) * g - (1 - g) * m;
  gkt_vector_copy(below1, out);
  gkt_vector_axpy(-1, below0, out);
  gkt_vector_scale(out, (1 - m) / det / step);
  gkt_vector_axpy(-(1 - g) / det, looked, out);
}

static double difference(const gkt_vector *a, const gkt_vector *b) {
  double most = 0, size = 0;
  for (gkt_idx i = 0; i < gkt_vector_size(a); i++) most = fmax(most, fabs(gkt_vector_read(a)[i] - gkt_vector_read(b)[i])), size = fmax(size, fabs(gkt_vector_read(b)[i]));
  return isfinite(most) && size > 0 ? most / size : INFINITY;
}

/* Their state after a step; before: that of before, which becomes this one. */
static void read_state(const theirs *o, const scheme *s, Vec u, Vec rate, gkt_vector *before[2], gkt_vector *now[3]) {
  const bool second = !strcmp(s->type, TSALPHA2);
  read_vec(u, now[0]);
  if (second) read_vec(rate, now[1]);
  if (s->has_start == 2) find_end(s, o->step, o->state[second ? 2 : 1], before[second], now[second], now[second ? 2 : 1]);
  gkt_vector_copy(now[0], before[0]);
  if (second) gkt_vector_copy(now[1], before[1]);
}

/* The largest difference of u, and of u' where TS has one, relative to the largest value. */
static double compare(const problem *p, const scheme *s, double step) {
  enum { STEPS = 5 };
  world w = make(p);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  Vec u, rate;
  double most = 0;
  options.step = step;
  options.solve.newton.rtol = options.solve.newton.linear.rtol = 1e-13;
  ok(gkt_scheme_read(ctx, s->ours, &options.scheme));
  ok(gkt_time_create(w.system, &options, &t));
  gkt_vector *u0 = vector(&w, p->initial), *rate0 = p->rate ? vector(&w, p->rate) : NULL;
  ok(gkt_time_begin(t, u0, rate0, &report));
  if (!report.valid) fail_msg("%s: %s", s->ours, report.reason);
  const gkt_state start = gkt_time_state(t);
  gkt_vector *now[3] = {vector(&w, NULL), vector(&w, NULL), vector(&w, NULL)}, *before[2] = {vector(&w, NULL), vector(&w, NULL)};
  gkt_vector_copy(start.u, before[0]), gkt_vector_copy(start.rate, before[1]);
  theirs o = begin(p, s, step, &start, &u, &rate);
  if (p->rate) petsc(TSSetI2Function(o.ts, NULL, residual2, &o)), petsc(TSSetI2Jacobian(o.ts, o.mat, o.mat, tangent2, &o)), petsc(TS2SetSolution(o.ts, u, rate));
  else petsc(TSSetIFunction(o.ts, NULL, residual, &o)), petsc(TSSetIJacobian(o.ts, o.mat, o.mat, tangent, &o)), petsc(TSSetSolution(o.ts, u));
  petsc(TSSetUp(o.ts));
  for (int k = 0; k < STEPS; k++) {
    ok(gkt_time_step(t, step, &report));
    if (!report.valid) fail_msg("%s, step %d: %s", s->ours, k, report.reason);
    petsc(TSStep(o.ts));
    read_state(&o, s, u, rate, before, now);
    if (k == 0 && s->has_start) {
      gkt_vector_copy(now[0], t->u);
      if (s->has_start == 2) gkt_vector_copy(now[1], t->rate), gkt_vector_copy(now[2], t->acceleration);
      continue;
    }
    most = fmax(most, difference(gkt_time_state(t).u, now[0]));
    if (p->rate) most = fmax(most, difference(gkt_time_state(t).rate, now[1]));
  }
  end(&o, &u, &rate);
  for (int k = 0; k < 3; k++) gkt_vector_destroy(&now[k]);
  gkt_vector_destroy(&before[0]), gkt_vector_destroy(&before[1]), gkt_vector_destroy(&u0), gkt_vector_destroy(&rate0);
  gkt_time_destroy(&t);
  clear(&w);
  return most;
}

static void check(size_t count, const scheme *schemes, int first, int last) {
  for (size_t k = 0; k < count; k++)
    for (int p = first; p <= last; p++) {
      if (p == MASSES && schemes[k].endpoint) continue;
      const double d = compare(&problems[p], &schemes[k], 0.07);
      if (getenv("GKT_SHOW")) print_message("%s and %s, problem %d: %.1e\n", schemes[k].ours, schemes[k].type, p, d);
      if (!(d <= 1e-9)) fail_msg("%s and PETSc's %s, problem %d, differ by %g", schemes[k].ours, schemes[k].type, p, d);
    }
}

/* Parameters of the alpha family are Jansen's, Whiting's and Hulbert's, and Chung's and Hulbert's, for the radius in ours. */
static void steps_of_first_order(void **state) {
  (void)state;
  const scheme schemes[] = {{"euler", TSBEULER, .theta = 1},
                            {"crank-nicolson", TSCN, .theta = 0.5, .endpoint = true},
                            {"theta(0.7)", TSTHETA, .theta = 0.7, .endpoint = true},
                            {"midpoint", TSTHETA, .theta = 0.5},
                            {"bdf2", TSBDF, .has_start = 1},
                            {"generalized-alpha(0.5)", TSALPHA, .has_start = 2, .alpha_m = 5.0 / 6, .alpha_f = 2.0 / 3, .gamma = 2.0 / 3},
                            {"generalized-alpha(0)", TSALPHA, .has_start = 2, .alpha_m = 1.5, .alpha_f = 1, .gamma = 1}};
  check(sizeof schemes / sizeof *schemes, schemes, HEAT, MASSES);
}

static void steps_of_second_order(void **state) {
  (void)state;
  const scheme schemes[] = {
      {"newmark", TSALPHA2, .has_start = 2, .alpha_m = 1, .alpha_f = 1, .gamma = 0.5, .beta = 0.25},
      {"newmark(0.3, 0.6)", TSALPHA2, .has_start = 2, .alpha_m = 1, .alpha_f = 1, .gamma = 0.6, .beta = 0.3},
      {"generalized-alpha(0.5)", TSALPHA2, .has_start = 2, .alpha_m = 1, .alpha_f = 2.0 / 3, .gamma = 5.0 / 6, .beta = 4.0 / 9},
      {"generalized-alpha(0)", TSALPHA2, .has_start = 2, .alpha_m = 2, .alpha_f = 1, .gamma = 1.5, .beta = 1},
  };
  check(sizeof schemes / sizeof *schemes, schemes, WAVE, NONLINEAR_WAVE);
}

int main(void) {
  speak_of_the_cpu(); /* states are written into the object */
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps_of_first_order), cmocka_unit_test(steps_of_second_order)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
