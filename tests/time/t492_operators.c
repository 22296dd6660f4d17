/* Claim: where a form is linear and its derivatives do not depend on t, residuals by kept matrices are those of the form, to rounding, at any state and time, for one field and
   several, first and second rates, and follow changed data; where that is not so, or sides are tied, nothing is kept. Guesses by projection save iterations and change no answer.
 */
#include <math.h>
#include <stdlib.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

static gkt_vector *wave(const world *w, double phase) {
  gkt_vector *v;
  ok(gkt_system_vector(w->system, &v));
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) gkt_vector_values(v)[i] = sin(1.7 * i + phase);
  return v;
}

static const struct {
  const char *text;
  int num_unknowns;
  bool tied, kept;
} cases[] = {{"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - exp(-t)*v[0]*dx", 1, false, true},
             {"dot(dtt(u), v)*dx + k*dot(dt(u), v)*dx + inner(grad(u), grad(v))*dx - k*v[1]*ds(right)", 1, false, true},
             {"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx - t*q*dx", 2, false, true},
             {"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx", 1, true, false},
             {"dot(dt(u), v)*dx + (1 + t)*inner(grad(u), grad(v))*dx", 1, false, false},
             {"dot(dt(u), v)*dx + dot(u, u)*dot(u, v)*dx", 1, false, false}};

static void residuals_are_those_of_the_form(void **state) {
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    world w = make_world(ctx, cases[c].text, cases[c].num_unknowns, "[t, 0]"), plain = make_world(ctx, cases[c].text, cases[c].num_unknowns, "[t, 0]");
    if (cases[c].tied) ok(gkt_system_tie(w.system, &(gkt_tie){.from = gkt_mesh_find_set(w.mesh, "bottom"), .to = gkt_mesh_find_set(w.mesh, "top")}));
    gkt_vector *u = wave(&w, 0), *rate = wave(&w, 1), *acceleration = wave(&w, 2), *r = wave(&w, 0), *exact = wave(&w, 0);
    bool kept;
    ok(gkt_system_keep_operators(w.system, &kept));
    if (kept != cases[c].kept) fail_msg("%s: kept %d", cases[c].text, kept);
    for (int i = 0; i < 4 && kept; i++) {
      const double time = 0.3 * i;
      if (i == 2) ok(gkt_system_set_constant(w.system, "k", 5)), ok(gkt_system_set_constant(plain.system, "k", 5));
      const gkt_state at = {u, i == 1 ? NULL : rate, i == 1 ? NULL : acceleration, time};
      ok(gkt_system_residual(w.system, &at, r));
      ok(gkt_system_residual(plain.system, &at, exact));
      const double size = gkt_vector_norm(exact);
      gkt_vector_axpy(-1, exact, r);
      if (!(gkt_vector_norm(r) <= 1e-13 * size)) fail_msg("%s, state %d: %g of %g", cases[c].text, i, gkt_vector_norm(r), size);
    }
    gkt_vector_destroy(&u), gkt_vector_destroy(&rate), gkt_vector_destroy(&acceleration), gkt_vector_destroy(&r), gkt_vector_destroy(&exact);
    clear(&w), clear(&plain);
  }
}

enum { STEPS = 40, LATE = 20 }; /* a basis is full, and made anew, several times */
/* An iteration that is asked for, in steps of one length; again: nothing is kept. Iterations of the last LATE steps. */
static gkt_vector *march(bool again, int *iterations) {
  world w = make_world(ctx, "dot(dt(u), v)*dx + 0.1*inner(grad(u), grad(v))*dx - x[1]*dot([cos(t), 1], v)*dx", 1, "[0.1*sin(t), 0]");
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_vector *u, *out;
  gkt_time *t;
  options.step = 0.02, options.solve.newton.linear.method = GKT_LINEAR_CG;
  ok(gkt_scheme_read(ctx, "crank-nicolson", &options.scheme));
  ok(gkt_system_vector(w.system, &u)), ok(gkt_system_vector(w.system, &out));
  ok(gkt_time_create(w.system, &options, &t));
  ok(gkt_time_begin(t, u, NULL, &report));
  *iterations = 0;
  for (int k = 0; k < STEPS; k++) {
    if (again) gkt_system_forget_past(w.system), ok(gkt_system_set_step(w.system, 0, NULL));
    ok(gkt_time_step(t, 0.02, &report));
    if (!report.valid || !(report.report.linear.residual <= 1e-10)) fail_msg("step %d: %s", k, report.reason);
    *iterations += k >= STEPS - LATE ? report.linear : 0;
  }
  gkt_vector_copy(gkt_time_state(t).u, out);
  gkt_vector_destroy(&u);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void guesses_save_iterations(void **state) {
  (void)state;
  int with, without;
  gkt_vector *a = march(false, &with), *b = march(true, &without);
  const double size = gkt_vector_norm(b);
  gkt_vector_axpy(-1, a, b);
  if (getenv("GKT_SHOW")) print_message("%d iterations with projections, %d by extrapolation alone; %g\n", with, without, gkt_vector_norm(b) / size);
  assert_true(gkt_vector_norm(b) <= 1e-7 * size && with < 0.5 * without);
  gkt_vector_destroy(&a), gkt_vector_destroy(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(residuals_are_those_of_the_form), cmocka_unit_test(guesses_save_iterations)};
  speak_of_the_cpu(); /* matrices are kept on the host alone */
  return cmocka_run_group_tests(tests, setup, teardown);
}
