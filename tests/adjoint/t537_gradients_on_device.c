/* Claim: with the cuda backend gradients and Hessian actions at a state on the device are found there: adjoint and tangent systems, derivatives of functionals and of the residual
   by state, adjoint and controls, of linear and nonlinear problems, symmetric and not, of one form and composed, tied, of several fields, with controls in conditions and at
   quadrature points; values, gradients, actions and adjoint states are those of the interpreter. Of a linear problem nothing is assembled or set up for a gradient. Nothing crosses
   the bus but scalars, gradients and directions; controls of kinds that the host evaluates bring what they need. Runs in time: t549. Some cases with GKT_LONG=1
   alone. */
#include "core/vector.h"
#include "tests/adjoint_world.h"
#include "tests/emulated_device.h"
#include "tests/gradients.h"

#define BOX(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], upper: [1.2, 1], shape: tri}}\n"
#define DATA                                                                                                            \
  "constants: {a: 0.7, b: 1.3}\n"                                                                                       \
  "coefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n  f: {space: P1, value: \"1 + x[0]*x[1]\"}\n" \
  "  g: {space: P1, value: \"x[0] - x[1]\"}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"x[1]\"}]\n"
#define POISSON "equation: \"k*dot(grad(u), grad(v))*dx + b*u*v*ds(right) == f*v*dx + a*g*v*ds(top)\"\n"
#define WIND "equation: \"(k*dot(grad(u), grad(v)) + b*dot([3, 1 + x[0]], grad(u))*v)*dx == f*v*dx + a*g*v*ds(top)\"\n"
#define CURVED "equation: \"(k*(1 + b*u^2)*dot(grad(u), grad(v)) + u*grad(u)[0]*v)*dx == f*v*dx + a*g*v*ds(top)\"\n"
#define MISFIT "0.5*(u - x[0]*x[1])^2*dx + 0.1*k^2*dx + a*dot(grad(u), [x[1], k])*dx + exp(u)*g*ds(right)"

typedef struct {
  const char *name, *text, *J, *controls[6];
  gkt_linear_method method;
  bool actions, linear, composed, on_host, is_long;
} test_case;
static const test_case cases[] = {
    {"Poisson", BOX(5, 4) DATA FIELD HELD POISSON, MISFIT, {"k", "f", "g", "=a", "=b"}, GKT_LINEAR_CG, true, true, false, false, true},
    {"a wind", BOX(5, 4) DATA FIELD HELD WIND, MISFIT, {"k", "=a", "=b"}, GKT_LINEAR_GMRES, true, true, false, false, true},
    {"nonlinear", BOX(5, 4) DATA FIELD HELD CURVED, MISFIT, {"k", "f", "=a", "=b"}, GKT_LINEAR_GMRES, true, false, false, false, false},
    {"an energy",
     BOX(5, 4) DATA FIELD HELD "energy: \"(k*dot(grad(u), grad(u)) + b*u^4)*dx - f*u*dx - a*g*u*ds(top)\"\n",
     MISFIT,
     {"k", "=b"},
     GKT_LINEAR_CG,
     true,
     false,
     false,
     false,
     true},
    {"a number of numbers", BOX(5, 4) DATA FIELD HELD POISSON, MISFIT, {"k", "=a"}, GKT_LINEAR_CG, true, true, true, false, false},
    {"in conditions",
     BOX(5, 4) DATA FIELD "conditions: [{on: left, value: \"a*x[1]\"}, {on: right, value: f}]\n" POISSON,
     MISFIT,
     {"f", "=a"},
     GKT_LINEAR_CG,
     false,
     true,
     false,
     false,
     true},
    {"tied",
     BOX(5, 4) DATA FIELD "conditions: [{on: left, field: u, value: \"x[1]*(1 - x[1])\"}]\nperiodic: [{from: bottom, to: top}]\n"
                          "equation: \"(k*dot(grad(u), grad(v)) + b*dot([3, 1], grad(u))*v)*dx == f*v*dx\"\n",
     "0.5*(u - x[0])^2*dx",
     {"k", "f", "=b"},
     GKT_LINEAR_GMRES,
     true,
     true,
     false,
     false,
     false},
    {"two fields",
     BOX(4, 3) DATA "fields: {u: {space: P1, test: v}, p: {space: P1, test: q}}\n"
                    "equation: \"k*dot(grad(u), grad(v))*dx + b*p*v*dx + dot(grad(p), grad(q))*dx + (p - 2*u)*q*dx == f*v*dx\"\n"
                    "conditions: [{on: left, field: u, value: 1}, {on: left, field: p, value: 0}]\n",
     "(u*p + 0.1*k^2)*dx",
     {"k", "f", "=b"},
     GKT_LINEAR_GMRES,
     true,
     true,
     false,
     false,
     false},
    {"the shape", BOX(5, 4) DATA FIELD HELD POISSON, "0.5*(u - x[0])^2*dx + u*ds(right)", {"@", "k"}, GKT_LINEAR_CG, false, true, false, false, false},
    {"a factor", BOX(5, 4) DATA FIELD HELD WIND, MISFIT, {"k", "=a"}, GKT_LINEAR_DIRECT, true, true, false, true, true},
};

enum { MOST = 5, ROOM = 300 };
typedef struct {
  double J, gradients[MOST][ROOM], actions[MOST][ROOM], lambda[ROOM];
  gkt_size sizes[MOST], n, up[2], down[2]; /* of a gradient, and of an action */
  int num, assemblies, setups;
  char method[128];
} results;

static gkt_device_counts counts(const gkt_context *context) { return context->device ? gkt_device_count_all(context->device) : (gkt_device_counts){0}; }

static void take(gkt_context *context, const gkt_device_counts *before, gkt_size *up, gkt_size *down) {
  const gkt_device_counts now = counts(context);
  *up = now.bytes_up - before->bytes_up, *down = now.bytes_down - before->bytes_down;
}

/* sqrt(1 + J^2) + a J */
static gkt_functional *compose(adjoint_world *w, gkt_scope *scope) {
  gkt_expression *outer;
  gkt_functional *out;
  int number;
  ok_in(w->ctx, gkt_scope_add_constant(scope, "J", &number));
  ok_in(w->ctx, gkt_scope_add_constant(scope, "a", &number));
  ok_in(w->ctx, gkt_expression_parse(scope, &(gkt_source){.text = "sqrt(1 + J^2) + a*J", .file = "a.yaml", .key = "minimize"}, &outer));
  ok_in(w->ctx, gkt_functional_compose(w->adjoint, outer, 1, (const char *const[]){"J"}, &w->J, &out));
  gkt_expression_destroy(&outer);
  return out;
}

static void fetch(gkt_context *context, const gkt_vector *v, double *out) {
  gkt_vector *host;
  ok_in(context, gkt_vector_wrap(context, gkt_vector_size(v), out, &host));
  ok_in(context, gkt_vector_to(v, host));
  gkt_vector_destroy(&host);
}

static void act(const test_case *c, adjoint_world *w, gkt_functional *J, const gkt_vector *u, results *out) {
  gkt_scalar *directions[MOST], *actions[MOST];
  gkt_solve_report report;
  for (int i = 0; i < out->num; i++) {
    actions[i] = out->actions[i], directions[i] = malloc(sizeof(gkt_scalar) * ROOM);
    for (gkt_size k = 0; k < out->sizes[i]; k++) directions[i][k] = cos(0.9 * (double)k + i);
  }
  const gkt_device_counts before = counts(w->ctx);
  ok_in(w->ctx, gkt_adjoint_hessian(w->adjoint, J, &w->options, u, (const gkt_scalar *const *)directions, actions, &report));
  take(w->ctx, &before, &out->up[1], &out->down[1]);
  if (!report.valid || report.assemblies) fail_msg("%s: action: %s, %d assemblies", c->name, report.reason, report.assemblies);
  gkt_solve_report_clear(&report);
  for (int i = 0; i < out->num; i++) free(directions[i]);
}

static results *find(const test_case *c, gkt_backend backend, int repeats) {
  gkt_context *context;
  gkt_scope *scope = NULL;
  gkt_functional *composed = NULL;
  gkt_vector *u;
  gkt_where where;
  gkt_scalar *gradients[MOST];
  gkt_solve_report report;
  results *out = calloc(1, sizeof *out);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .separate_rounding = true, .poison = true, .threads = 1}, &context), GKT_OK);
  adjoint_world w = make_world_on(context, c->text, c->method, c->J, c->controls);
  ok_in(context, gkt_system_where(w.s, &where));
  assert_int_equal(where, backend == GKT_BACKEND_CUDA ? GKT_ON_DEVICE : GKT_ON_HOST);
  out->n = gkt_vector_size(w.u), out->num = gkt_adjoint_num_controls(w.adjoint);
  ok_in(context, gkt_vector_create_on(context, where, (gkt_idx)out->n, &u));
  if (c->composed) ok_in(context, gkt_scope_create(context, 2, &scope));
  if (c->composed) composed = compose(&w, scope);
  gkt_functional *J = composed ? composed : w.J;
  ok_in(context, gkt_system_solve(w.s, &w.options, u, &report));
  if (!report.valid) fail_msg("%s: %s", c->name, report.reason);
  gkt_solve_report_clear(&report);
  for (int i = 0; i < out->num; i++) out->sizes[i] = gkt_adjoint_control_size(w.adjoint, i), gradients[i] = out->gradients[i];
  for (int k = 0; k < repeats; k++) {
    for (int i = 0; i < out->num; i++) memset(gradients[i], 0, (size_t)(out->sizes[i] < ROOM ? out->sizes[i] : ROOM) * sizeof(gkt_scalar));
    const gkt_device_counts before = counts(context);
    ok_in(context, gkt_adjoint_gradient(w.adjoint, J, &w.options, u, &out->J, gradients, &report));
    take(context, &before, &out->up[0], &out->down[0]);
    if (!report.valid) fail_msg("%s: %s", c->name, report.reason);
    if (k == 0) out->assemblies = report.assemblies, out->setups = report.linear.setups;
    snprintf(out->method, sizeof out->method, "%s", report.linear.method);
    gkt_solve_report_clear(&report);
  }
  fetch(context, gkt_adjoint_state(w.adjoint), out->lambda);
  for (int k = 0; k < repeats && c->actions; k++) {
    memset(out->actions, 0, sizeof out->actions);
    act(c, &w, J, u, out);
  }
  double value;
  ok_in(context, gkt_functional_value(J, u, &value));
  assert_true(fabs(value - out->J) <= 1e-15 * fabs(value));
  gkt_vector_destroy(&u);
  gkt_functional_destroy(&composed);
  clear_world(&w);
  gkt_scope_destroy(&scope);
  gkt_context_destroy(&context);
  return out;
}

static void gradients_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    if (c->is_long && !getenv("GKT_LONG")) continue;
    results *want = find(c, GKT_BACKEND_INTERPRETER, 1), *have = find(c, GKT_BACKEND_CUDA, 2);
    if (getenv("GKT_SHOW"))
      printf("%s: %lld dofs; a gradient %lld bytes up, %lld down, an action %lld, %lld; %s\n", c->name, (long long)have->n, (long long)have->up[0], (long long)have->down[0],
             (long long)have->up[1], (long long)have->down[1], have->method);
    if (!(fabs(want->J - have->J) <= 1e-9 * fabs(want->J))) fail_msg("%s: J %g and %g", c->name, want->J, have->J);
    if (!(gradients_distance(want->n, want->lambda, have->lambda) <= 1e-8))
      fail_msg("%s: adjoint states differ by %g", c->name, gradients_distance(want->n, want->lambda, have->lambda));
    for (int i = 0; i < want->num; i++) {
      const double gradient = gradients_distance(want->sizes[i], want->gradients[i], have->gradients[i]),
                   action = gradients_distance(want->sizes[i], want->actions[i], have->actions[i]);
      if (!(gradient <= 1e-8) || !(action <= 1e-7)) fail_msg("%s, %s: gradients differ by %g, actions by %g", c->name, c->controls[i], gradient, action);
    }
    if (have->assemblies != !c->linear || (c->linear && c->method != GKT_LINEAR_GMRES && have->setups))
      fail_msg("%s: %d assemblies, %d setups", c->name, have->assemblies, have->setups);
    if (!strstr(have->method, "device") != c->on_host) fail_msg("%s: %s", c->name, have->method);
    free(want), free(have);
  }
}

/* Of 169 dofs a vector has 1,352 bytes, of 288 cells a coefficient in DP0 2,304. An iteration brings eight bytes back, each assembly sends the constants. */
static void scalars_and_gradients_cross_the_bus(void **state) {
  (void)state;
  static const test_case large[] = {
      {"Poisson", BOX(12, 12) DATA FIELD HELD POISSON, MISFIT, {"k"}, GKT_LINEAR_CG, true, true, false, false, false},
      {"a wind", BOX(12, 12) DATA FIELD HELD WIND, MISFIT, {"k"}, GKT_LINEAR_BICGSTAB, true, true, false, false, false},
      {"nonlinear", BOX(12, 12) DATA FIELD HELD CURVED, MISFIT, {"k"}, GKT_LINEAR_BICGSTAB, true, false, false, false, false},
  };
  for (size_t k = 0; k < 3; k++) {
    results *r = find(&large[k], GKT_BACKEND_CUDA, 2);
    const gkt_size gradient = r->sizes[0] * 8;
    if (getenv("GKT_SHOW"))
      printf("%s: %lld dofs, gradient of %lld bytes; %lld bytes up, %lld down; an action %lld, %lld\n", large[k].name, (long long)r->n, (long long)gradient, (long long)r->up[0],
             (long long)r->down[0], (long long)r->up[1], (long long)r->down[1]);
    /* a gradient: dJ/dk and lambda' dR/dk come down; an action: the direction and its zeros go up, three of both come down, for two systems */
    if (r->up[0] > 1000 || r->down[0] > 2 * gradient + 1200) fail_msg("%s: a gradient: %lld bytes up, %lld down", large[k].name, (long long)r->up[0], (long long)r->down[0]);
    if (r->up[1] > 2 * gradient + 1500 || r->down[1] > 5 * gradient + 2400)
      fail_msg("%s: an action: %lld bytes up, %lld down", large[k].name, (long long)r->up[1], (long long)r->down[1]);
    free(r);
  }
}

/* What the host evaluates, of a state there: k at the points of the rule, in cells of a part. gradient, action [points] */
static gkt_size at_points(gkt_backend backend, gkt_scalar *gradient, gkt_scalar *action) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, points = {GKT_QUADRATURE_POINTS, 3};
  gkt_context *context;
  gkt_mesh *mesh;
  gkt_space *V, *Q;
  gkt_scope *scope;
  gkt_form *form, *goal;
  gkt_expression *zero, *start;
  gkt_system *system;
  gkt_vector *u;
  gkt_where where;
  gkt_adjoint *adjoint;
  gkt_functional *J;
  gkt_solve_report report;
  gkt_solve_options options = gkt_solve_options_default();
  int field, k;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .separate_rounding = true, .poison = true, .threads = 1}, &context), GKT_OK);
  options.keep_solver = true, options.newton.rtol = 1e-12, options.newton.linear.rtol = 1e-13, options.newton.linear.method = GKT_LINEAR_GMRES;
  ok_in(context, gkt_mesh_box(context, &(gkt_box){GKT_QUADRILATERAL, 2, {3, 2}, {0, 0}, {1, 1}}, &mesh)), ok_in(context, gkt_mesh_topology(mesh));
  ok_in(context, gkt_mesh_add_set(mesh, "part", 2, 3, (const gkt_idx[]){0, 2, 3}));
  ok_in(context, gkt_space_create(mesh, P2, gkt_shape_scalar(), &V)), ok_in(context, gkt_space_create(mesh, points, gkt_shape_scalar(), &Q));
  ok_in(context, gkt_scope_create(context, 2, &scope));
  ok_in(context, gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &field));
  ok_in(context, gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), points, &k));
  ok_in(context, gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "k*(1 + u^2)*dot(grad(u), grad(v))*dx - v*dx"}, &form));
  ok_in(context, gkt_form_parse(scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k^2*u*dx(part) + u^2*dx"}, &goal));
  ok_in(context, gkt_system_create(form, mesh, 1, &field, (const gkt_space *const[]){V, NULL, Q}, &system));
  const gkt_size n = gkt_space_num_dofs(Q);
  gkt_scalar *values = malloc((size_t)n * sizeof *values), *direction = malloc((size_t)n * sizeof *direction);
  ok_in(context, gkt_expression_parse(scope, &(gkt_source){.text = "1 + x[0]*x[1]"}, &start)), ok_in(context, gkt_interpolate(start, Q, NULL, values));
  for (gkt_size i = 0; i < n; i++) direction[i] = cos(0.4 * (double)i);
  ok_in(context, gkt_system_set_coefficient(system, "k", values));
  ok_in(context, gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  ok_in(context, gkt_system_constrain(system, &(gkt_condition){.unknown = field, .set = gkt_mesh_find_set(mesh, "left"), .component = -1, .value = zero}));
  ok_in(context, gkt_system_where(system, &where));
  ok_in(context, gkt_vector_create_on(context, where, gkt_system_layout(system)->num_owned, &u));
  ok_in(context, gkt_system_solve(system, &options, u, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
  ok_in(context, gkt_adjoint_create(system, 1, &(const gkt_control){GKT_CONTROL_COEFFICIENT, "k"}, &adjoint));
  ok_in(context, gkt_functional_create(adjoint, goal, &J));
  ok_in(context, gkt_adjoint_gradient(adjoint, J, &options, u, NULL, &gradient, &report));
  if (!report.valid || (where == GKT_ON_DEVICE && !strstr(report.linear.method, "device"))) fail_msg("%s; %s", report.reason, report.linear.method);
  gkt_solve_report_clear(&report);
  ok_in(context, gkt_adjoint_hessian(adjoint, J, &options, u, (const gkt_scalar *const[]){direction}, &action, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
  gkt_functional_destroy(&J), gkt_adjoint_destroy(&adjoint), gkt_vector_destroy(&u), gkt_system_destroy(&system);
  gkt_expression_destroy(&zero), gkt_expression_destroy(&start), gkt_form_destroy(&form), gkt_form_destroy(&goal), gkt_scope_destroy(&scope);
  gkt_space_destroy(&V), gkt_space_destroy(&Q), gkt_mesh_destroy(&mesh);
  gkt_context_destroy(&context);
  free(values), free(direction);
  return n;
}

static void values_at_points(void **state) {
  (void)state;
  gkt_scalar want[2][ROOM] = {{0}}, have[2][ROOM] = {{0}};
  const gkt_size n = at_points(GKT_BACKEND_INTERPRETER, want[0], want[1]);
  assert_true(n <= ROOM && at_points(GKT_BACKEND_CUDA, have[0], have[1]) == n);
  assert_true(gradients_distance(n, want[0], have[0]) <= 1e-8 && gradients_distance(n, want[1], have[1]) <= 1e-8 && want[0][0] != 0 && want[1][0] != 0);
}

static int begin(void **state) {
  use_emulated_device();
  return setup(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(scalars_and_gradients_cross_the_bus), cmocka_unit_test(gradients_are_those_of_the_host), cmocka_unit_test(values_at_points)};
  return cmocka_run_group_tests(tests, begin, teardown);
}
