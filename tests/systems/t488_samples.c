/* Claim: random numbers are those of Philox4x32-10 (its published vectors) and depend on seed, sample and name alone; Gaussian fields have the variance and the correlation of
   theory inside, and near boundaries what the header says; sine sums vanish on the boundary and have the mean square that was asked for. Many sets of data are solved with the bits
   that each has alone, with one factor where only loads vary, beside a device as well; one that has no answer says so and spoils no other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/sample.h"
#include "galerkit/system.h"
#include "tests/emulated_device.h"
#include "tests/gkt_test.h"

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static void refused(gkt_status status, const char *word) {
  assert_true(status > 0);
  if (!strstr(gkt_context_message(ctx), word)) fail_msg("'%s' does not say '%s'", gkt_context_message(ctx), word);
  gkt_context_clear(ctx);
}

/* github.com/DEShawResearch/random123, tests/kat_vectors at 9545ff6: "philox4x32 10", compared digit by digit */
static void known_answers(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } known[] = {{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
               {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
               {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (int i = 0; i < 3; i++) {
    uint32_t out[4];
    gkt_philox(known[i].counter, known[i].key, out);
    assert_memory_equal(out, known[i].out, sizeof out);
  }
}

static void numbers(void **state) {
  (void)state;
  enum { N = 100001 };
  gkt_scalar *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
  const gkt_draw a = {.seed = 1234567890123u, .sample = 7, .name = "k"};
  for (int normal = 0; normal < 2; normal++) {
    double mean = 0, square = 0, fourth = 0, both = 0;
    void (*draw)(const gkt_draw *, gkt_size, gkt_scalar *) = normal ? gkt_draw_normal : gkt_draw_uniform;
    draw(&a, N, x);
    for (int i = 0; i < N; i++) mean += x[i] / N, square += x[i] * x[i] / N, fourth += pow(x[i], 4) / N, both += i ? x[i] * x[i - 1] / N : 0;
    /* four standard deviations of each mean */
    assert_true(fabs(mean - (normal ? 0 : 0.5)) < 4 / sqrt(N) * (normal ? 1 : 0.29));
    assert_true(fabs(square - (normal ? 1 : 1 / 3.0)) < 4 / sqrt(N) * (normal ? 1.42 : 0.3));
    assert_true(fabs(fourth - (normal ? 3 : 0.2)) < 4 / sqrt(N) * (normal ? 9.8 : 0.27));
    assert_true(fabs(both - (normal ? 0 : 0.25)) < 4 / sqrt(N));
    draw(&a, 4, y);
    assert_memory_equal(x, y, 4 * sizeof *x);
    const gkt_draw others[] = {{a.seed + 1, 7, "k"}, {a.seed, 8, "k"}, {a.seed, 7, "l"}, {a.seed + (UINT64_C(1) << 32), 7, "k"}};
    for (int i = 0; i < 4; i++) {
      draw(&others[i], 4, y);
      for (int j = 0; j < 4; j++) assert_true(x[j] != y[j]);
    }
  }
  free(x), free(y);
}

/* ---- fields ---- */
static gkt_mesh *box(int dim, int n) {
  static const gkt_cell_type cells[] = {GKT_LINE, GKT_TRIANGLE, GKT_TETRAHEDRON};
  gkt_mesh *mesh;
  ok(gkt_mesh_box(ctx, &(gkt_box){cells[dim - 1], dim, {n, n, n}, {0, 0, 0}, {1, 1, 1}}, &mesh));
  ok(gkt_mesh_topology(mesh));
  return mesh;
}

/* The node of a grid of n cells in each direction at a place of it. */
static gkt_idx *find_grid(const gkt_space *space, int dim, int n) {
  gkt_idx *grid = calloc((size_t)pow(n + 1, dim), sizeof *grid);
  for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) {
    int at = 0;
    for (int d = dim - 1; d >= 0; d--) at = at * (n + 1) + (int)lrint(gkt_space_coords(space)[i * dim + d] * n);
    grid[at] = i;
  }
  return grid;
}

typedef struct {
  double inside, side, corner, correlation; /* variances: over nodes that are 1.5 lengths from the boundary, on one side and so far from others, of corners; `length` apart */
} moments;

static moments measure(int dim, int n, gkt_gaussian_options o, int draws) {
  gkt_mesh *mesh = box(dim, n);
  gkt_gaussian *g;
  moments m = {0}, counts = {0};
  ok(gkt_gaussian_create(ctx, mesh, &o, &g));
  const gkt_space *space = gkt_gaussian_space(g);
  const int apart = (int)lrint(o.length * n), margin = apart + (apart + 1) / 2, total = (int)pow(n + 1, dim);
  gkt_idx *grid = find_grid(space, dim, n);
  gkt_scalar *x = calloc((size_t)total, sizeof *x), *again = calloc((size_t)total, sizeof *x);
  for (int i = 0; i < draws; i++) {
    ok(gkt_gaussian_draw(g, &(gkt_draw){3, i, "k"}, x));
    for (int at = 0; at < total; at++) {
      int outer = 0, inner = 0;
      for (int d = 0, rest = at; d < dim; d++, rest /= n + 1) {
        const int k = rest % (n + 1);
        outer += k == 0 || k == n, inner += k >= margin && k <= n - margin;
      }
      const double v = x[grid[at]];
      if (inner == dim) m.inside += v * v, counts.inside++, m.correlation += v * x[grid[at + apart]];
      if (inner == dim - 1 && outer == 1) m.side += v * v, counts.side++;
      if (outer == dim) m.corner += v * v, counts.corner++;
    }
  }
  ok(gkt_gaussian_draw(g, &(gkt_draw){3, draws - 1, "k"}, again));
  assert_memory_equal(x, again, sizeof *x * (size_t)total);
  m.correlation /= m.inside, m.inside /= counts.inside, m.side /= counts.side, m.corner /= counts.corner;
  free(x), free(again), free(grid);
  gkt_gaussian_destroy(&g);
  gkt_mesh_destroy(&mesh);
  return m;
}

/* A variance from N independent numbers is off by sqrt(2/N) of it: of 150 draws with some 50 places inside and on sides 2 %, of the corners 6 %. */
static void fields_in_the_plane(void **state) {
  (void)state;
  gkt_gaussian_options o = gkt_gaussian_options_default();
  o.length = 0.1;
  moments m = measure(2, 50, o, 150);
  assert_true(fabs(m.inside - 1) < 0.05);
  assert_true(fabs(m.side / m.inside - 2) < 0.12);
  assert_true(fabs(m.corner / m.inside - 4) < 0.5);
  assert_true(fabs(m.correlation - 0.1397) < 0.03); /* sqrt(8) K_1(sqrt(8)) */
  o.boundary = GKT_FIELD_ROBIN;
  m = measure(2, 50, o, 100);
  assert_true(fabs(m.inside - 1) < 0.06);
  assert_true(fabs(m.side / m.inside - 1) < 0.2);
  o.boundary = GKT_FIELD_ZERO;
  m = measure(2, 50, o, 50);
  assert_true(m.side == 0 && m.corner == 0 && fabs(m.inside - 1) < 0.08);
  o.boundary = GKT_FIELD_NEUMANN, o.smoothness = 3, o.deviation = 2;
  m = measure(2, 50, o, 80);
  assert_true(fabs(m.inside / 4 - 1) < 0.08);
}

static void fields_on_lines_and_in_space(void **state) {
  (void)state;
  gkt_gaussian_options o = gkt_gaussian_options_default();
  o.length = 0.05;
  moments m = measure(1, 100, o, 600);
  assert_true(fabs(m.inside - 1) < 0.05 && fabs(m.side / m.inside - 2) < 0.15);
  o.length = 0.25;
  m = measure(3, 12, o, 60);
  assert_true(fabs(m.inside - 0.85) < 0.1); /* of three cells in a length */
}

/* What is drawn at the nodes 0 to n of a line, in its modes cos(pi k x), on which stiffness and mass of linear elements act as numbers. */
static void draw_modes(gkt_gaussian_options o, int n, double kappa, double *modes) {
  const double nu = o.smoothness, variance = exp(lgamma(nu) - lgamma(nu + 0.5)) / (sqrt(4 * M_PI) * pow(kappa, 2 * nu));
  gkt_mesh *mesh = box(1, n);
  gkt_gaussian *g;
  o.length = sqrt(8 * nu) / kappa;
  ok(gkt_gaussian_create(ctx, mesh, &o, &g));
  gkt_idx *grid = find_grid(gkt_gaussian_space(g), 1, n);
  gkt_scalar *x = calloc((size_t)n + 1, sizeof *x);
  ok(gkt_gaussian_draw(g, &(gkt_draw){11, 0, "k"}, x));
  for (int k = 0; k <= n; k++) {
    modes[k] = 0;
    for (int j = 0; j <= n; j++) modes[k] += (j % n ? 1 : 0.5) * x[grid[j]] * cos(M_PI * k * j / n);
    modes[k] *= sqrt(variance); /* without the scale of the deviation */
  }
  free(x), free(grid);
  gkt_gaussian_destroy(&g);
  gkt_mesh_destroy(&mesh);
}

/* Of the same noise a power of the operator multiplies each mode by that power of its eigenvalue. */
static void fractional_powers(void **state) {
  (void)state;
  enum { N = 64 };
  const double kappas[] = {8, 100}, smoothness[] = {0.3, 0.5, 1, 1.49, 2.5, 3.2}; /* from rough to smooth: below, between and above whole powers */
  gkt_gaussian_options o = gkt_gaussian_options_default();
  double whole[N + 1], modes[N + 1];
  for (int a = 0; a < 2; a++)
    for (size_t i = 0; i < sizeof smoothness / sizeof *smoothness; i++) {
      o.smoothness = 1.5;
      draw_modes(o, N, kappas[a], whole);
      o.smoothness = smoothness[i];
      draw_modes(o, N, kappas[a], modes);
      for (int k = 0; k <= N; k++) {
        const double c = cos(M_PI * k / N), eigenvalue = kappas[a] * kappas[a] + 6.0 * N * N * (1 - c) / (2 + c);
        const double expected = pow(eigenvalue, 1 - (smoothness[i] + 0.5) / 2) * whole[k];
        if (fabs(modes[k] - expected) > 3e-4 * fabs(expected)) fail_msg("kappa %g, smoothness %g, mode %d: %g, expected %g", kappas[a], smoothness[i], k, modes[k], expected);
      }
    }
}

/* Of smoothness 1/2 the covariance is exp(-2 |x|/length). */
static void exponential_covariance(void **state) {
  (void)state;
  gkt_gaussian_options o = gkt_gaussian_options_default();
  o.length = 0.2, o.smoothness = 0.5;
  const moments m = measure(2, 40, o, 50);
  assert_true(fabs(m.inside - 1) < 0.12);
  assert_true(fabs(m.correlation - exp(-2)) < 0.04);
}

static void sines(void **state) {
  (void)state;
  gkt_mesh *mesh = box(2, 16);
  gkt_space *V;
  ok(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &V));
  const gkt_idx n = gkt_space_num_nodes(V);
  const double *X = gkt_space_coords(V);
  gkt_scalar *x = calloc((size_t)n, sizeof *x);
  gkt_sine_options o = gkt_sine_options_default();
  o.upper[0] = o.upper[1] = 1, o.deviation = 3;
  for (int uniform = 0; uniform < 2; uniform++) {
    double square = 0;
    o.uniform = uniform;
    for (int i = 0; i < 400; i++) {
      ok(gkt_sine_draw(ctx, &o, &(gkt_draw){5, i, "f"}, 2, n, X, x));
      for (gkt_idx k = 0; k < n; k++) {
        const bool inner_row = X[2 * k] < 1 && X[2 * k] > 0 && X[2 * k + 1] < 1 && X[2 * k + 1] > 0;
        if (!inner_row) assert_true(x[k] == 0);
        square += x[k] * x[k] / (32 * 32) / 400; /* the trapezoidal rule, exact for these products */
      }
    }
    assert_true(fabs(square / 9 - 1) < 0.1);
  }
  o.terms = 1; /* one product of sines, times sqrt(4) 3 xi */
  gkt_scalar xi;
  o.uniform = false;
  ok(gkt_sine_draw(ctx, &o, &(gkt_draw){5, 0, "f"}, 2, n, X, x));
  gkt_draw_normal(&(gkt_draw){5, 0, "f"}, 1, &xi);
  for (gkt_idx k = 0; k < n; k++) assert_true(fabs(x[k] - 6 * xi * sin(M_PI * X[2 * k]) * sin(M_PI * X[2 * k + 1])) < 1e-12);
  free(x);
  gkt_space_destroy(&V);
  gkt_mesh_destroy(&mesh);
}

/* Weights of quadrature points sum to the volume of the mesh. */
static void weights(void **state) {
  (void)state;
  gkt_mesh *mesh;
  gkt_space *Q, *V;
  double sum = 0, w[9 * 12];
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {4, 3}, {0, 1, 0}, {2, 4, 0}}, &mesh));
  ok(gkt_mesh_topology(mesh));
  ok(gkt_space_create(mesh, (gkt_element){GKT_QUADRATURE_POINTS, 4}, gkt_shape_scalar(), &Q));
  ok(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &V));
  assert_int_equal(gkt_space_num_nodes(Q), 9 * 12);
  ok(gkt_space_weights(Q, w));
  for (int i = 0; i < 9 * 12; i++) sum += w[i] * gkt_space_coords(Q)[2 * i + 1];
  assert_true(fabs(sum - 15) < 1e-12); /* of y over [0, 2] x [1, 4] */
  refused(gkt_space_weights(V, w), "quadrature points");
  gkt_space_destroy(&Q);
  gkt_space_destroy(&V);
  gkt_mesh_destroy(&mesh);
}

static void refusals(void **state) {
  (void)state;
  gkt_mesh *mesh = box(2, 2);
  gkt_gaussian *g = NULL;
  gkt_scalar x;
  gkt_gaussian_options o = gkt_gaussian_options_default();
  refused(gkt_gaussian_create(ctx, mesh, &o, &g), "correlation length is 0");
  o.length = 1, o.smoothness = 3.1;
  refused(gkt_gaussian_create(ctx, mesh, &o, &g), "a smoothness of 3.1; expected above 0, to 3");
  o.smoothness = -1;
  refused(gkt_gaussian_create(ctx, mesh, &o, &g), "a smoothness of -1; expected above 0, to 3");
  o.smoothness = 0.5, o.length = 1e9;
  ok(gkt_gaussian_create(ctx, mesh, &o, &g)); /* constants, nearly */
  gkt_gaussian_destroy(&g);
  o.length = 1e30;
  refused(gkt_gaussian_create(ctx, mesh, &o, &g), "times as small as the correlation length");
  o.smoothness = 0, o.length = 1, o.deviation = -1;
  refused(gkt_gaussian_create(ctx, mesh, &o, &g), "deviation is -1");
  gkt_sine_options s = gkt_sine_options_default();
  refused(gkt_sine_draw(ctx, &s, &(gkt_draw){0, 0, "f"}, 1, 1, &(double){0}, &x), "a box from 0 to 0");
  s.upper[0] = 1, s.terms = 257;
  refused(gkt_sine_draw(ctx, &s, &(gkt_draw){0, 0, "f"}, 1, 1, &(double){0}, &x), "257 terms");
  gkt_mesh_destroy(&mesh);
}

/* ---- sets of data ---- */
typedef struct {
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *form;
  gkt_expression *value;
  gkt_system *system;
} world;

enum { K = 2, F = 3, SETS = 11 };

/* constants: a, b */
static world make(const char *text, const char *value) {
  world w = {.mesh = box(2, 12)};
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int number;
  ok(gkt_space_create(w.mesh, P1, gkt_shape_scalar(), &w.V));
  ok(gkt_scope_create(ctx, 2, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), P1, &number));
  ok(gkt_scope_add_coefficient(w.scope, "k", gkt_shape_scalar(), P1, &number));
  ok(gkt_scope_add_coefficient(w.scope, "f", gkt_shape_scalar(), P1, &number));
  ok(gkt_scope_add_constant(w.scope, "a", &number));
  ok(gkt_scope_add_constant(w.scope, "b", &number));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = text}, &w.form));
  ok(gkt_expression_parse(w.scope, &(gkt_source){.text = value}, &w.value));
  const gkt_space *spaces[] = {w.V, NULL, w.V, w.V};
  ok(gkt_system_create(w.form, w.mesh, 1, (int[]){0}, spaces, &w.system));
  const gkt_scalar nothing[13 * 13] = {0};
  ok(gkt_system_set_data(w.system, &(gkt_inputs){.values = (const gkt_scalar *[]){NULL, NULL, nothing, nothing}}));
  ok(gkt_system_constrain(w.system, &(gkt_condition){.set = gkt_mesh_find_set(w.mesh, "left"), .component = -1, .value = w.value}));
  return w;
}

static void destroy(world *w) {
  gkt_system_destroy(&w->system);
  gkt_expression_destroy(&w->value);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_mesh_destroy(&w->mesh);
}

typedef struct {
  gkt_idx n;
  gkt_scalar *k, *f, *constants, *u;
  gkt_solve_report reports[SETS];
} sets;

/* bad: the set whose k is not finite; -1: none */
static sets draw_sets(const world *w, int bad) {
  const gkt_idx n = gkt_space_num_dofs(w->V);
  sets s = {.n = n,
            .k = calloc((size_t)n * SETS, sizeof *s.k),
            .f = calloc((size_t)n * SETS, sizeof *s.k),
            .constants = calloc(2 * SETS, sizeof *s.k),
            .u = calloc((size_t)n * SETS, sizeof *s.k)};
  for (int i = 0; i < SETS; i++) {
    gkt_draw_normal(&(gkt_draw){1, i, "k"}, n, s.k + i * n);
    gkt_draw_normal(&(gkt_draw){1, i, "f"}, n, s.f + i * n);
    gkt_draw_uniform(&(gkt_draw){1, i, "a"}, 2, s.constants + 2 * i);
    for (gkt_idx j = 0; j < n; j++) s.k[i * n + j] = i == bad ? NAN : exp(0.3 * s.k[i * n + j]);
  }
  return s;
}

static void destroy_sets(sets *s) {
  for (int i = 0; i < SETS; i++) gkt_solve_report_clear(&s->reports[i]);
  free(s->k), free(s->f), free(s->constants), free(s->u);
}

/* Together, and each by itself in a system of its own. */
static void compare(const char *text, const char *value, bool k, bool f, bool constants, int bad, const gkt_solve_options *options) {
  world w = make(text, value);
  sets s = draw_sets(&w, bad);
  const gkt_scalar *values[] = {NULL, NULL, s.k, s.f};
  const gkt_size strides[] = {0, 0, k ? s.n : 0, f ? s.n : 0};
  const gkt_inputs data = {.values = values, .constants = s.constants};
  ok(gkt_system_solve_sets(w.system, &data, &(gkt_batch){.count = SETS, .strides = strides, .constants_stride = constants ? 2 : 0, .results_stride = s.n}, options, s.u,
                           s.reports));
  destroy(&w);
  for (int i = SETS - 1; i >= 0; i--) {
    gkt_solve_report alone;
    gkt_vector *u;
    world v = make(text, value);
    const gkt_scalar *own[] = {NULL, NULL, s.k + (k ? i * s.n : 0), s.f + (f ? i * s.n : 0)};
    ok(gkt_system_set_data(v.system, &(gkt_inputs){.values = own, .constants = s.constants + (constants ? 2 * i : 0)}));
    ok(gkt_system_vector(v.system, &u));
    ok(gkt_system_solve(v.system, options, u, &alone));
    assert_int_equal(alone.valid, i != bad);
    assert_int_equal(s.reports[i].valid, i != bad);
    assert_string_equal(s.reports[i].reason, alone.reason);
    if (i != bad) assert_memory_equal(gkt_vector_read(u), s.u + i * s.n, sizeof(gkt_scalar) * (size_t)s.n);
    gkt_solve_report_clear(&alone);
    gkt_vector_destroy(&u);
    destroy(&v);
  }
  int setups = 0;
  for (int i = 0; i < SETS; i++) setups += s.reports[i].linear.setups;
  if (!k && !constants) assert_int_equal(setups, 1);
  destroy_sets(&s);
}

static void many_sets(void **state) {
  (void)state;
  gkt_solve_options direct = gkt_solve_options_default();
  direct.newton.linear.method = GKT_LINEAR_DIRECT;
  const char *linear = "k*dot(grad(u), grad(v))*dx + a*u*v*dx == (f + b)*v*dx";
  compare(linear, "0", false, true, false, -1, NULL);
  compare(linear, "0", false, true, false, -1, &direct);
  compare(linear, "b*x[1]", true, true, true, -1, NULL);
  compare(linear, "b*x[1] + f", true, true, true, -1, &direct);
  compare(linear, "0", true, false, false, 4, NULL);
  compare("k*(1 + u^2)*dot(grad(u), grad(v))*dx == (f + b)*v*dx", "b", true, true, true, -1, NULL);
}

/* The device assembles, the host factorizes, or all stays there. */
static void one_preparation_beside_a_device(void **state) {
  (void)state;
  const char *linear = "k*dot(grad(u), grad(v))*dx + a*u*v*dx == (f + b)*v*dx";
  static const gkt_linear_method methods[] = {GKT_LINEAR_DIRECT, GKT_LINEAR_CG};
  gkt_context *outer = ctx;
  ok(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CUDA, .poison = true}, &ctx));
  for (int i = 0; i < 2; i++) {
    gkt_solve_options options = gkt_solve_options_default();
    options.newton.linear.method = methods[i];
    compare(linear, "b*x[1]", false, true, false, -1, &options);
  }
  gkt_context_destroy(&ctx);
  ctx = outer;
}

static void constants_of_the_load_alone(void **state) {
  (void)state;
  world w = make("k*dot(grad(u), grad(v))*dx + a*u*v*dx == (f + b)*v*dx", "b");
  bool a, b;
  ok(gkt_system_tangent_holds(w.system, 0, &a));
  ok(gkt_system_tangent_holds(w.system, 1, &b));
  assert_true(a && !b);
  destroy(&w);
}

static void misuse(void **state) {
  (void)state;
  world w = make("k*dot(grad(u), grad(v))*dx == f*v*dx", "0");
  sets s = draw_sets(&w, -1);
  const gkt_scalar *values[] = {NULL, NULL, s.k, s.f};
  const gkt_inputs data = {.values = values};
  refused(gkt_system_solve_sets(w.system, &data, &(gkt_batch){.count = 0, .results_stride = s.n}, NULL, s.u, s.reports), "0 sets");
  refused(gkt_system_solve_sets(w.system, &data, &(gkt_batch){.count = 2, .results_stride = s.n - 1}, NULL, s.u, s.reports), "scalars apart");
  refused(gkt_system_solve_sets(w.system, &data, &(gkt_batch){.count = 2, .results_stride = s.n, .where = GKT_ON_DEVICE}, NULL, s.u, s.reports), "on a device");
  destroy_sets(&s);
  destroy(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers),
                                     cmocka_unit_test(numbers),
                                     cmocka_unit_test(fields_in_the_plane),
                                     cmocka_unit_test(fields_on_lines_and_in_space),
                                     cmocka_unit_test(fractional_powers),
                                     cmocka_unit_test(exponential_covariance),
                                     cmocka_unit_test(sines),
                                     cmocka_unit_test(weights),
                                     cmocka_unit_test(refusals),
                                     cmocka_unit_test(many_sets),
                                     cmocka_unit_test(one_preparation_beside_a_device),
                                     cmocka_unit_test(constants_of_the_load_alone),
                                     cmocka_unit_test(misuse)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, setup, teardown);
}
