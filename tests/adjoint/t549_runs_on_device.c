/* Claim: with the cuda backend gradients of runs in time are found where the steps are: values and gradients are those of the interpreter to 1e-7, by implicit and explicit
   schemes, of linear and nonlinear problems, symmetric and not, tied, along paths, by coefficients, constants, values of conditions, initial values and the shape, within a limit
   of memory, and where data follow t, so that states stand on the host. Of a linear problem nothing is assembled or set up on the way back. A step back takes its states up, and
   brings gradients and scalars down. Some cases with GKT_LONG=1 alone. */
#include "core/device.h"
#include "tests/gradients.h"
#include "tests/time_adjoint_world.h"
#include "tests/emulated_device.h"

#define MESH(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], upper: [1.2, 1], shape: tri}}\n"
#define TIME "time: {end: 1, step: 0.1}\n"
#define DATA "constants: {a: 0.7, b: 1.3}\ncoefficients: {k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}, f: {space: P1, value: \"1 + x[0]*x[1]\"}}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t) + 0.3*t^2*f\"}]\n"
#define HEAT "equation: \"(1 + 0.2*x[0])*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u*v*ds(right) == f*(1 + t)*v*dx\"\n"
#define WIND "equation: \"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + b*dot([2, x[0]], grad(u))*v*dx == f*v*dx\"\n"
#define REACTION "equation: \"(1 + 0.3*u^2)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == f*(1 + t)*v*dx\"\n"
#define WAVE "equation: \"(1 + 0.2*x[0])*dtt(u)*v*dx + 0.3*b*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == a*f*(1 + t)*v*dx\"\n"
#define END "0.5*(u - x[0]*x[1])^2*dx + 0.1*a*k*u*dx"
#define RUNNING "t*u^2*ds(top) + 0.3*b*u*f*dx"
static const char *const all[] = {"k", "f", "=a", "=b", "0u", NULL}, *const rates[] = {"k", "=a", "0u", "1u", NULL}, *const few[] = {"k", "=b", NULL},
                         *const shape[] = {"@", "k", NULL}, *const at_times[] = {"~f", "=a", NULL};

typedef struct {
  const char *name;
  run_options o;
  bool linear, on_host, is_long;
} test_case;
#define SOLVER(m) .method = GKT_LINEAR_##m
static const test_case cases[] = {
    {"heat", {MESH(4, 3) TIME DATA FIELD HELD HEAT, "crank-nicolson", END, RUNNING, all, 0.1, 3, SOLVER(CG)}, true, false, false},
    {"a wind", {MESH(4, 3) TIME DATA FIELD HELD WIND, "bdf2", END, "dt(u)^2*dx", few, 0.1, 3, SOLVER(GMRES)}, false, false, false},
    {"reaction", {MESH(3, 2) TIME DATA FIELD HELD REACTION, "euler", END, RUNNING, few, 0.1, 2, SOLVER(GMRES)}, false, false, false},
    {"wave", {MESH(3, 2) TIME DATA FIELD HELD WAVE, "newmark", END, RUNNING, rates, 0.1, 2, SOLVER(CG)}, false, false, false},
    {"explicit heat", {MESH(3, 2) TIME DATA FIELD HELD HEAT, "ssp3", END, RUNNING, all, 0.005, 2, SOLVER(CG)}, true, false, false},
    {"explicit wave", {MESH(3, 2) TIME DATA FIELD HELD WAVE, "central-difference", END, RUNNING, rates, 0.03, 3, SOLVER(CG)}, true, false, false},
    {"rk4", {MESH(3, 2) TIME DATA FIELD HELD HEAT, "rk4", END, NULL, few, 0.005, 2, SOLVER(CG)}, true, false, true},
    {"generalized-alpha", {MESH(3, 2) TIME DATA FIELD HELD WAVE, "generalized-alpha(0.5)", END, RUNNING, rates, 0.1, 3, SOLVER(CG)}, false, false, true},
    {"tied",
     {MESH(4, 3) TIME "periodic: [{from: bottom, to: top}]\n" DATA FIELD "conditions: [{on: left, value: t}]\n" HEAT, "midpoint", END, RUNNING, few, 0.1, 2, SOLVER(CG)},
     true,
     false,
     false},
    {"a path",
     {MESH(3, 2) "time: {end: 1, step: 0.1, scheme: static}\n" DATA FIELD "conditions: [{on: left, value: \"t*b\"}]\nequation: \"k*(1 + u^2)*dot(grad(u), grad(v))*dx == "
                 "t*f*v*dx\"\n",
      "static", END, RUNNING, few, 0.3, 2, SOLVER(GMRES)},
     false,
     false,
     false},
    {"the shape", {MESH(3, 2) TIME DATA FIELD "conditions: [{on: left, value: \"x[1]*(1 + t)\"}]\n" HEAT, "euler", END, RUNNING, shape, 0.1, 2, SOLVER(CG)}, true, false, false},
    {"data that follow t",
     {MESH(3, 2) TIME "constants: {a: 0.7}\ncoefficients: {f: {space: P1, value: \"t*x[0]\"}}\n" FIELD "equation: \"dt(u)*v*dx + dot(grad(u), grad(v))*dx + "
                      "a*u*v*dx == f*v*dx\"\n",
      "crank-nicolson", "u^2*dx", NULL, at_times, 0.1, 2, SOLVER(CG)},
     true,
     true,
     false},
    {"a factor of a nonlinear step", {MESH(2, 2) TIME DATA FIELD HELD REACTION, "midpoint", END, NULL, few, 0.1, 2, SOLVER(DIRECT)}, false, false, false},
    {"a factor", {MESH(3, 2) TIME DATA FIELD HELD WIND, "bdf2", END, RUNNING, few, 0.1, 2, SOLVER(DIRECT)}, false, false, true},
    {"little memory", {MESH(3, 2) TIME DATA FIELD HELD HEAT, "bdf2", END, RUNNING, few, 0.02, 12, .memory = 9000, SOLVER(CG)}, true, false, true},
};

typedef struct {
  double J;
  gkt_scalar *g;
  gkt_size n, dofs, up, down, launches, repeated;
  int assemblies, setups;
  gkt_where where;
} result;

static gkt_device_counts counts(const gkt_context *context) { return context->device ? gkt_device_count_all(context->device) : (gkt_device_counts){0}; }

static void shake(run_world *w) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, 0);
  gkt_scalar *m = malloc((size_t)n * sizeof *m);
  ok_in(w->ctx, gkt_adjoint_get_control(w->adjoint, 0, m));
  for (gkt_size i = 0; i < n; i++) m[i] += 0.03 * sin(1 + 7.3 * (double)i);
  ok_in(w->ctx, gkt_adjoint_set_control(w->adjoint, 0, m));
  free(m);
}

static result find(const run_options *o, gkt_backend backend, int repeats) {
  gkt_context *context;
  gkt_time_gradient_report r;
  result out = {0};
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .separate_rounding = true, .poison = true, .threads = 1}, &context), GKT_OK);
  run_world w = make_run_on(context, o);
  if (o->controls[0][0] == '@') shake(&w);
  go(&w);
  for (int k = 0; k < repeats; k++) {
    const gkt_device_counts before = counts(context);
    free(out.g);
    out.g = all_gradients(&w, &out.J, &r);
    const gkt_device_counts now = counts(context);
    out.up = now.bytes_up - before.bytes_up, out.down = now.bytes_down - before.bytes_down, out.launches = now.launches - before.launches;
  }
  out.n = size_of_gradients(&w), out.dofs = gkt_vector_size(w.u), out.assemblies = r.assemblies, out.setups = r.setups, out.repeated = r.repeated;
  ok_in(context, gkt_system_where(w.s, &out.where));
  if (backend == GKT_BACKEND_CUDA && gkt_vector_where(w.t->u) != out.where) fail_msg("the state is not where the system is");
  clear_run(&w);
  gkt_context_destroy(&context);
  return out;
}

static void gradients_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    if (c->is_long && !getenv("GKT_LONG")) continue;
    result want = find(&c->o, GKT_BACKEND_INTERPRETER, 1), have = find(&c->o, GKT_BACKEND_CUDA, 1);
    const double off = gradients_distance(want.n, want.g, have.g);
    if (getenv("GKT_SHOW"))
      print_message("%s: off by %.2g; %d assemblies, %d set-ups, %d and %d on the host\n", c->name, off, have.assemblies, have.setups, want.assemblies, want.setups);
    if (!(fabs(want.J - have.J) <= 1e-9 * fabs(want.J)) || !(off <= 1e-7)) fail_msg("%s: J %.17g and %.17g, gradients differ by %g", c->name, want.J, have.J, off);
    if ((have.where == GKT_ON_HOST) != c->on_host) fail_msg("%s: the wrong place", c->name);
    if (!have.launches) fail_msg("%s: nothing was launched", c->name);
    const int again = c->o.memory ? 1 : 0; /* where steps are repeated from the start, the first one of bdf2 */
    if (c->linear && (have.assemblies > again || have.setups > again)) fail_msg("%s: %d assemblies, %d set-ups", c->name, have.assemblies, have.setups);
    if (c->o.memory && !have.repeated) fail_msg("%s: nothing was repeated", c->name);
    free(want.g), free(have.g);
  }
}

/* Of 169 dofs a vector has 1,352 bytes, of 288 cells a coefficient in DP0 2,304: what ten steps more move, by step. u of three states goes up; dJ/dk and lambda' dR/dk come down.
 */
static void states_and_gradients_cross_the_bus(void **state) {
  const run_options few_steps = {MESH(12, 12) TIME DATA FIELD HELD HEAT, "euler", END, RUNNING, (const char *const[]){"k", NULL}, 0.1, 2, SOLVER(CG)};
  run_options more_steps = few_steps;
  (void)state;
  more_steps.num_steps = 6;
  result few_moved = find(&few_steps, GKT_BACKEND_CUDA, 2), moved = find(&more_steps, GKT_BACKEND_CUDA, 2);
  const gkt_size up = (moved.up - few_moved.up) / 4, down = (moved.down - few_moved.down) / 4;
  if (getenv("GKT_SHOW"))
    print_message("a step back: %lld bytes up, %lld down; vector %lld, gradient %lld\n", (long long)up, (long long)down, (long long)moved.dofs * 8, (long long)moved.n * 8);
  if (up > 4 * moved.dofs * 8 || down > 3 * moved.n * 8) fail_msg("a step back: %lld bytes up, %lld down", (long long)up, (long long)down);
  free(few_moved.g), free(moved.g);
}

static int begin(void **state) {
  use_emulated_device();
  return setup(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(states_and_gradients_cross_the_bus), cmocka_unit_test(gradients_are_those_of_the_host)};
  return cmocka_run_group_tests(tests, begin, teardown);
}
