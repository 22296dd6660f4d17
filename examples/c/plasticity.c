/* A bar of metal is pulled past its yield limit, and let go: small strains, von Mises plasticity with linear isotropic hardening. The law is a function of this program, with its
   tangent by hand; what it remembers at each point is a history of the system, which follows the steps of a path of loads. Radial return: Simo and Hughes, Computational
   Inelasticity, 1998. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double E = 200e3, limit = 250, hardening = 20e3, G = 200e3 / 2.6, K = 200e3 / 1.2; /* MPa; Poisson's ratio 0.3 */
enum { HISTORY = 7, IN = 9 + HISTORY };                                                         /* plastic strain xx yy zz yz xz xy, and its accumulated length */
static const int voigt[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};                                        /* of the components of a matrix */

typedef struct {
  double stress[9], next[HISTORY], direction[9], mean, theta, theta_bar; /* next: history after the step; the rest is for the tangent */
} point;

static point return_to_yield(const double *strain, const double *history) {
  double trace = strain[0] + strain[4] + strain[8], size = 0, trial[9];
  point p = {.mean = K * trace, .theta = 1};
  memcpy(p.next, history, sizeof p.next);
  for (int i = 0; i < 9; i++) trial[i] = 2 * G * (strain[i] - (i % 4 ? 0 : trace / 3) - history[voigt[i]]), size += trial[i] * trial[i];
  size = sqrt(size);
  double excess = size - sqrt(2. / 3) * (limit + hardening * history[6]), flow = excess > 0 ? excess / (2 * G + 2. / 3 * hardening) : 0;
  for (int i = 0; i < 9 && excess > 0; i++) p.direction[i] = trial[i] / size, p.next[voigt[i]] = history[voigt[i]] + flow * p.direction[i];
  if (excess > 0) p.theta = 1 - 2 * G * flow / size, p.theta_bar = 1 / (1 + hardening / 3 / G) - (1 - p.theta);
  p.next[6] += sqrt(2. / 3) * flow;
  for (int i = 0; i < 9; i++) p.stress[i] = trial[i] - 2 * G * flow * p.direction[i] + (i % 4 ? 0 : p.mean);
  return p;
}

/* ---- the law as the library calls it: count points at once, [component][stride] ---- */
static point point_at(int p, int stride, const gkt_scalar *in) {
  double a[IN];
  for (int i = 0; i < IN; i++) a[i] = in[i * stride + p];
  return return_to_yield(a, a + 9);
}

/* user NULL: the stress; else the history after the step. */
static void stress_or_history(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  for (int p = 0; p < count; p++) {
    point at = point_at(p, stride, in);
    for (int i = 0; i < (user ? HISTORY : 9); i++) out[i * stride + p] = user ? at.next[i] : at.stress[i];
  }
}

static void stress_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user;
  for (int p = 0; p < count; p++) {
    point at = point_at(p, stride, in);
    for (int i = 0; i < 9; i++)
      for (int j = 0; j < 9; j++)
        out[(i * 9 + j) * stride + p] =
            2 * G * (at.theta * (i == j) - at.theta_bar * at.direction[i] * at.direction[j]) + (i % 4 || j % 4 ? 0 : K - 2 * G * at.theta / 3); /* i % 4: not on the diagonal */
  }
}

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "plasticity: %s\n", gkt_context_message(ctx));
  exit(1);
}

/* Symmetry on three sides; the right end is moved out until t = 1, then back. */
static void hold(gkt_system *system, gkt_scope *scope, gkt_mesh *mesh) {
  static const char *const sides[] = {"left", "bottom", "back", "right"}, *const values[] = {"0", "0", "0", "0.004*min(t, 2 - t)"};
  gkt_condition c = {.unknown = 0};
  gkt_expression *value;
  for (int i = 0; i < 4; i++) {
    must(gkt_expression_parse(scope, &(gkt_source){.text = values[i]}, &value));
    c.set = gkt_mesh_find_set(mesh, sides[i]), c.component = i % 3, c.value = value, c.note = sides[i];
    must(gkt_system_constrain(system, &c));
  }
}

static void add_law(gkt_scope *scope) {
  gkt_external law = {.num_arguments = 2, .arguments = {gkt_shape_matrix(3, 3), gkt_shape_vector(HISTORY)}, .num_history = 1};
  const double points[2][IN] = {{1e-3, 2e-4, 0, 2e-4, -3e-4, 1e-4, 0, 1e-4, -2e-4}, {4e-3, 1e-3, 0, 1e-3, -1e-3, 2e-3, 0, 2e-3, -1e-3, 1e-3, -5e-4, -5e-4, 0, 0, 2e-4, 1e-3}};
  int number;
  law.result = gkt_shape_matrix(3, 3), law.function = stress_or_history, law.tangent = stress_tangent, law.symmetric = true;
  must(gkt_scope_add_external(scope, "stress", &law, &number));
  must(gkt_external_check(scope, number, 2, points[0], NULL, 0, NULL)); /* one point is elastic, one yields */
  law.result = gkt_shape_vector(HISTORY), law.tangent = NULL, law.symmetric = false, law.user = ctx;
  must(gkt_scope_add_external(scope, "remember", &law, &number));
}

/* What the law remembers follows each step that is taken. */
static void remember(gkt_system *system, gkt_scope *scope) {
  gkt_expression *update;
  must(gkt_expression_parse(scope, &(gkt_source){.text = "remember(sym(grad(u)), past)"}, &update));
  must(gkt_system_add_history(system, &(gkt_history){.name = "past", .update = update}));
}

/* One step of a path of loads, halved where it fails. */
static bool pull(gkt_time *path, double strain, gkt_assembler *average, gkt_system *system, double *stress) {
  gkt_step_report report;
  gkt_inputs inputs;
  must(gkt_time_advance(path, strain, &report));
  const gkt_state now = gkt_time_state(path);
  must(gkt_system_inputs(system, &now, &inputs));
  must(gkt_assemble_functional(average, &inputs, stress));
  printf("t = %.4f: %d Newton steps, stress %.6f, ", now.time, report.newton, *stress);
  return report.valid && report.newton <= 6 * report.steps;
}

int main(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, points = {GKT_QUADRATURE_POINTS, 2}; /* where integrals that hold them look */
  gkt_mesh *mesh;
  gkt_space *V, *H;
  gkt_scope *scope;
  gkt_form *R, *mean;
  gkt_assembler *average;
  gkt_system *system;
  gkt_vector *x;
  gkt_time *path;
  gkt_step_report report;
  int u, past, wrong = 0;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TETRAHEDRON, 3, {3, 2, 2}, {0, 0, 0}, {1, 1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P2, gkt_shape_vector(3), &V));
  must(gkt_space_create(mesh, points, gkt_shape_vector(HISTORY), &H));
  must(gkt_scope_create(ctx, 3, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_vector(3), P2, &u));
  must(gkt_scope_add_coefficient(scope, "past", gkt_shape_vector(HISTORY), points, &past));
  add_law(scope);
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "inner(stress(sym(grad(u)), past), sym(grad(v)))*dx == 0"}, &R));
  must(gkt_form_parse(scope, GKT_FUNCTIONAL, &(gkt_source){.text = "stress(sym(grad(u)), past)[0,0]*dx"}, &mean));
  const gkt_space *spaces[] = {V, NULL, H};
  must(gkt_system_create(R, mesh, 1, &u, spaces, &system));
  must(gkt_assembler_create(mean, mesh, spaces, &average));
  must(gkt_system_vector(system, &x));
  hold(system, scope, mesh);
  remember(system, scope);

  gkt_time_options options = gkt_time_options_default();
  options.scheme.kind = GKT_SCHEME_STATIC, options.step = 0.25;
  must(gkt_time_create(system, &options, &path));
  must(gkt_time_begin(path, x, NULL, &report));
  double remembered = 0, stress; /* plastic strain of the analytic answer */
  for (int step = 1; step <= 5; step++) {
    const double strain = 0.004 * (step < 5 ? 0.25 * step : 0.75);
    wrong |= !pull(path, 0.25 * step, average, system, &stress);
    double excess = E * (strain - remembered) - limit - hardening * remembered;
    remembered += excess > 0 ? excess / (E + hardening) : 0;
    double exact = E * (strain - remembered);
    printf("analytic %.6f\n", exact);
    wrong |= fabs(stress - exact) > 1e-6 * limit;
  }
  wrong |= fabs(gkt_system_history(system, "past")[0] - remembered) > 1e-9; /* the plastic strain along the bar, at the first point */
  gkt_time_destroy(&path);
  gkt_system_destroy(&system);
  return wrong;
}
