/* Claim: a pressure that no condition fixes has mean 0 by the integral over the mesh, whichever sign its equation has, and so has the mean of two concentrations that are free; the
   velocity is that of a pressure fixed in a node; what conditions leave of the balance of in- and outflow is refused with both numbers where it is more than interpolation leaves,
   and spread over the mesh with a warning where it is not; a load that does not balance is refused. An
   energy with a multiplier is solved without lowering it, and a program that asks for that is told. */
#include "tests/several_unknowns.h"

static const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2};
static char warnings[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_WARNING) strncat(warnings, message, sizeof warnings - strlen(warnings) - 1);
}

static int open_context(void **state) {
  if (setup(state)) return 1;
  gkt_context_destroy(&ctx);
  return gkt_context_create(&(gkt_context_options){.poison = true, .log = keep}, &ctx) != GKT_OK;
}

static world make(int n) {
  gkt_mesh *mesh;
  warnings[0] = 0;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {n, n}, {0, 0}, {2, 1}}, &mesh));
  double *x = gkt_mesh_coords_mutable(mesh); /* cells of many sizes, so that means over nodes are none over the mesh */
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) x[2 * i] = 0.5 * x[2 * i] * x[2 * i], x[2 * i + 1] *= 0.3 + 0.7 * x[2 * i + 1];
  return open_world(ctx, mesh, (const gkt_element[]){P1, P2, P1}, (const gkt_shape[]){gkt_shape_scalar(), gkt_shape_vector(2), gkt_shape_scalar()});
}

static double integral_of(world *w, const gkt_vector *u, const char *text) {
  gkt_form *form;
  gkt_assembler *a;
  gkt_inputs inputs;
  double value;
  ok(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &(gkt_source){.text = text}, &form));
  ok(gkt_assembler_create(form, w->mesh, w->spaces, &a));
  ok(gkt_system_inputs(w->system, &(gkt_state){.u = u}, &inputs));
  ok(gkt_assemble_functional(a, &inputs, &value));
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  return value;
}

static void try(world *w, gkt_vector **u, gkt_solve_report *report) {
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = GKT_LINEAR_DIRECT;
  *u = vector_of(w->system);
  ok(gkt_system_solve(w->system, &options, *u, report));
}

#define STOKES "(inner(grad(u), grad(v)) - p*div(v) - x[0]^2*v[1])*dx"
static const char *const flows[] = {STOKES " - q*div(u)*dx", STOKES " + q*div(u)*dx", STOKES " + q*div(u)*dx + dot(grad(u)*u, v)*dx"}; /* the last is nonlinear */

static void pressures_have_mean_zero(void **unused) {
  (void)unused;
  for (int i = 0; i < 3; i++) {
    world w = make(6);
    gkt_vector *u, *pinned;
    gkt_solve_report report;
    make_system(&w, GKT_EQUATION, flows[i], 2, (const int[]){P, U});
    hold(&w, U, "boundary", "[x[1]*(1 - x[1]), 0]"); /* in P2, its divergence is 0 */
    try(&w, &u, &report);
    if (!report.valid) fail_msg("%s", report.reason);
    assert_true(report.singular && !report.turns_freely);
    assert_string_equal(report.unfixed, "p");
    assert_string_equal(warnings, "");
    gkt_solve_report_clear(&report);
    assert_true(fabs(integral_of(&w, u, "p*dx")) <= 1e-12);
    gkt_idx corner = 0;
    ok(gkt_mesh_add_set(w.mesh, "corner", 0, 1, &corner));
    hold(&w, P, "corner", "3");
    try(&w, &pinned, &report);
    if (!report.valid) fail_msg("%s", report.reason);
    assert_true(!report.singular && !report.unfixed[0]);
    const gkt_layout_block *p = &gkt_system_layout(w.system)->blocks[0], *v = &gkt_system_layout(w.system)->blocks[1];
    const gkt_scalar *a = gkt_vector_read(u), *b = gkt_vector_read(pinned);
    const double shift = integral_of(&w, pinned, "p*dx") / integral_of(&w, pinned, "1*dx");
    assert_true(largest_difference(v->count, a + v->first, b + v->first) <= 1e-9);
    for (gkt_idx k = 0; k < p->count; k++) assert_true(fabs(a[p->first + k] - (b[p->first + k] - shift)) <= 1e-8);
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&u), gkt_vector_destroy(&pinned);
    close_world(&w);
  }
}

/* s is held on a side, p by nothing but the balance of its load. */
static void what_is_coupled_is_not_free(void **unused) {
  (void)unused;
  world w = make(4);
  gkt_vector *u;
  gkt_solve_report report;
  make_system(&w, GKT_EQUATION,
              "(dot(grad(p), grad(q)) + dot(grad(s), grad(r)) + x[0]*(dot(grad(p), grad(r)) - dot(grad(s), grad(q))) - (x[1] - 1/3)*q)*dx + (s - x[1])*r*ds(left)", 2,
              (const int[]){P, S}); /* s is held on the left side, p by nothing */
  try(&w, &u, &report);
  assert_false(report.valid); /* on these cells x[1] - 1/3 does not balance */
  assert_non_null(strstr(report.reason, "incompatible load: no condition fixes p, so its load (sources and boundary fluxes together) must sum to zero, but component 0 sums to"));
  gkt_solve_report_clear(&report);
  gkt_vector_destroy(&u);
  close_system(&w);
  make_system(&w, GKT_EQUATION,
              "(dot(grad(p), grad(q)) + dot(grad(s), grad(r)) + x[0]*(dot(grad(p), grad(r)) - dot(grad(s), grad(q))))*dx - q*ds(bottom) + q*ds(top) + (s - x[1])*r*ds(left)", 2,
              (const int[]){P, S});
  try(&w, &u, &report);
  if (!report.valid) fail_msg("%s", report.reason);
  assert_string_equal(report.unfixed, "p");
  assert_true(fabs(integral_of(&w, u, "p*dx")) <= 1e-12 && fabs(integral_of(&w, u, "s*dx")) > 0.1);
  gkt_solve_report_clear(&report);
  gkt_vector_destroy(&u);
  close_world(&w);
}

/* A channel that is open on both sides, by rollers: the velocity along it is free, its turning is not. */
static void components_are_named(void **unused) {
  (void)unused;
  world w = make(4);
  gkt_vector *u;
  gkt_solve_report report;
  gkt_expression *zero;
  make_system(&w, GKT_EQUATION, "(inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - (x[1] - 0.5)*v[0])*dx", 2, (const int[]){P, U});
  ok(gkt_expression_parse(w.scope, &(gkt_source){.text = "0"}, &zero));
  for (int i = 0; i < 2; i++)
    ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = U, .set = gkt_mesh_find_set(w.mesh, i ? "top" : "bottom"), .component = 1, .value = zero}));
  try(&w, &u, &report);
  if (!report.valid) fail_msg("%s", report.reason);
  assert_string_equal(report.unfixed, "component 0 of u");
  assert_true(!report.turns_freely && fabs(integral_of(&w, u, "u[0]*dx")) <= 1e-12 && integral_of(&w, u, "dot(u, u)*dx") > 1e-6);
  gkt_solve_report_clear(&report);
  gkt_expression_destroy(&zero);
  gkt_vector_destroy(&u);
  close_world(&w);
}

static void inflow_is_outflow(void **unused) {
  (void)unused;
  for (int i = 0; i < 3; i++) {
    world w = make(6);
    gkt_vector *u;
    gkt_solve_report report;
    make_system(&w, GKT_EQUATION, flows[i], 2, (const int[]){P, U});
    hold(&w, U, "boundary", "[x[0], 0]"); /* nothing comes in on the left, 2 go out on the right */
    try(&w, &u, &report);
    assert_false(report.valid);
    if (!strstr(report.reason, "incompatible data: no condition fixes p") || !strstr(report.reason, "sums to ")) fail_msg("%s", report.reason);
    const double total = strtod(strstr(report.reason, "sums to ") + 8, NULL);
    assert_true(fabs(fabs(total) - 2) <= 1e-5); /* six digits of the flux */
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&u);
    close_world(&w);
  }
}

/* A curl whose flux is 0, and that of its interpolant is not. */
static void interpolation_is_spread(void **unused) {
  (void)unused;
  double before = 0;
  for (int n = 4; n <= 8; n *= 2) {
    world w = make(n);
    gkt_vector *u;
    gkt_solve_report report;
    make_system(&w, GKT_EQUATION, STOKES " - q*div(u)*dx", 2, (const int[]){P, U});
    hold(&w, U, "boundary", "[exp(x[0])*cos(2*x[1]), -0.5*exp(x[0])*sin(2*x[1])]");
    try(&w, &u, &report);
    if (!report.valid) fail_msg("%s", report.reason);
    assert_non_null(strstr(warnings, "the difference is spread over the mesh"));
    const double total = fabs(strtod(strstr(warnings, "sums to ") + 8, NULL)), area = integral_of(&w, u, "1*dx");
    assert_true(total > 1e-8 && total < 0.1);
    assert_true(before == 0 || total < before / 8); /* of P2: the flux of the interpolant is off by h^4 */
    /* div u is that constant in the mean over each node's functions: so is its square's least value */
    assert_true(fabs(fabs(integral_of(&w, u, "div(u)*dx")) - total) <= 1e-5 * total);
    assert_true(fabs(integral_of(&w, u, "p*div(u)*dx") - integral_of(&w, u, "p*dx") * integral_of(&w, u, "div(u)*dx") / area) <= 1e-10);
    before = total;
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&u);
    close_world(&w);
  }
}

/* An incompressible body that is held all around, by its energy, of which the solution is a saddle. Large disturbances turn cells inside out, where ln has no value. */
static void saddles_of_energies(void **unused) {
  (void)unused;
  world w = make(4);
  gkt_vector *u;
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  make_system(&w, GKT_ENERGY, "(0.5*inner(I + grad(u), I + grad(u)) - ln(det(I + grad(u))) + p*(det(I + grad(u)) - 1) - 3*x[0]^2*u[1])*dx", 2, (const int[]){P, U});
  hold(&w, U, "boundary", "[0, 0]");
  try(&w, &u, &report);
  if (!report.valid) fail_msg("%s", report.reason);
  assert_string_equal(report.unfixed, "p");
  assert_string_equal(report.newton.accept, "natural");
  assert_true(fabs(integral_of(&w, u, "p*dx")) <= 1e-12 && fabs(integral_of(&w, u, "det(I + grad(u))*dx") - integral_of(&w, u, "1*dx")) <= 1e-12);
  assert_true(integral_of(&w, u, "dot(u, u)*dx") > 1e-6);
  gkt_solve_report_clear(&report);
  options.newton.accept = GKT_ACCEPT_ENERGY;
  assert_int_equal(gkt_system_solve(w.system, &options, u, &report), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "with a multiplier among p and u the solution is a saddle of it; expected the natural test"));
  gkt_context_clear(ctx);
  gkt_solve_report_clear(&report);
  gkt_vector_destroy(&u);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pressures_have_mean_zero), cmocka_unit_test(what_is_coupled_is_not_free), cmocka_unit_test(components_are_named),
                                     cmocka_unit_test(inflow_is_outflow),        cmocka_unit_test(interpolation_is_spread),     cmocka_unit_test(saddles_of_energies)};
  return cmocka_run_group_tests(tests, open_context, teardown);
}
