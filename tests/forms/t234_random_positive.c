/* Claim: no random form is said to be positive that has a negative eigenvalue on a small mesh, none to be elliptic whose kernel is larger than the constants (the rigid motions),
   and most of those that are positive are proven to be. More of them, and the share that is proven, with GKT_LONG=1. */
#include "tests/assembly_world.h"
#include "tests/dense.h"

enum { NUM_FORMS = 160, NUM_FORMS_LONG = 3000 };

static uint64_t state;
static int below(int n) { /* splitmix64, Steele et al. 2014 */
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

/* c in about [-1.3, 1.3], r in [1, 2], w a wind; k 1.7, mu 0.6; x[0] in [1, 4]. */
static const char *const positive[] = {"1",
                                       "k",
                                       "mu",
                                       "r",
                                       "r^3",
                                       "(0.01 + r^3)",
                                       "(c - r)^2",
                                       "(1 + c^2)",
                                       "(2 + c)",
                                       "exp(c)",
                                       "1/h",
                                       "10/h",
                                       "h",
                                       "h^2",
                                       "x[0]",
                                       "(20 - x[0]^2)",
                                       "(1 + x[0] - 0.1*x[0]^2)",
                                       "abs(c)",
                                       "conditional(c < 0.2, 1, 3)",
                                       "(w[0] - w[1])^2",
                                       "norm(w)",
                                       "(1 - 0.5*c)",
                                       "max(c, 0)",
                                       "sqrt(1 + c^2)",
                                       "(0.1 + (r - 1)^3*(k - 0.1))",
                                       "1/r",
                                       "k/(1 + mu)",
                                       "(k - mu)",
                                       "(c^2 - c + 1)",
                                       "(r - 1)*(2 - r)",
                                       "(r - 1)^2.5",
                                       "1/(1 + c^2)",
                                       "(1 + tanh(c))",
                                       "k/(r*h)",
                                       "(x[0] - x[1])^2",
                                       "(r*k + (2 - r)*mu)",
                                       "(1.1 + sin(x[0]*x[1]))",
                                       "r/(1 + 8*(2 - r))",
                                       "0.3333*r^-2"};
static const char *const any_sign[] = {"c", "(k - r)", "-1", "-0.1", "(c^2 - 0.5)", "-c^2", "(1 - c)", "sin(x[0])", "w[0]", "(r - 1.5)", "-1/h", "(1 - x[0])"};
static const char *const scalars[] = {"inner(grad(u), grad(v))",
                                      "u*v",
                                      "grad(u)[0]*grad(v)[0]",
                                      "grad(u)[1]*grad(v)[1]",
                                      "dot(w, grad(u))*dot(w, grad(v))",
                                      "(dot(w, grad(u)) + c*u)*(dot(w, grad(v)) + c*v)",
                                      "(grad(u)[0] + 3*u)*(grad(v)[0] + 3*v)",
                                      "(2*grad(u)[0]*grad(v)[0] + grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0] + grad(u)[1]*grad(v)[1])",
                                      "(x[0]*inner(grad(u), grad(v)) + u*v/x[0])",
                                      "(dot(w, w)*inner(grad(u), grad(v)) - dot(w, grad(u))*dot(w, grad(v)))",
                                      "(inner(grad(u), grad(v)) + 0.2*c*(grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0]))"};
static const char *const vectors[] = {
    "inner(sym(grad(u)), sym(grad(v)))",
    "inner(grad(u), grad(v))",
    "dot(u, v)",
    "div(u)*div(v)",
    "(k*div(u)*div(v) + 2*mu*inner(sym(grad(u)), sym(grad(v))))",
    "inner(dev(sym(grad(u))), dev(sym(grad(v))))",
    "inner(skew(grad(u)), skew(grad(v)))",
    "inner(sym(grad(u)) + 0.3/(1 - 2*0.3)*div(u)*I, sym(grad(v)))",
    "dot(grad(u)*w, grad(v)*w)",
    "dot(u, w)*dot(v, w)",
    "(x[0]*(grad(u)[0,0]*grad(v)[0,0] + grad(u)[1,1]*grad(v)[1,1] + 0.5*(grad(u)[0,1] + grad(u)[1,0])*(grad(v)[0,1] + grad(v)[1,0])) + u[0]*v[0]/x[0])",
    "(grad(u)[0,0] + u[0]/x[0] + grad(u)[1,1])*(grad(v)[0,0] + v[0]/x[0] + grad(v)[1,1])*x[0]"};
static const char *const scalar_springs[] = {"u*v", "(1 + n[0])*u*v", "n[0]^2*u*v"};
static const char *const vector_springs[] = {"dot(u, v)",
                                             "dot(u, n)*dot(v, n)",
                                             "dot(u - dot(u, n)*n, v - dot(v, n)*n)",
                                             "(dot(u, v) - dot(u, n)*dot(v, n))",
                                             "(3*dot(u, n)*dot(v, n) + dot(u - dot(u, n)*n, v - dot(v, n)*n))",
                                             "u[0]*v[0]"};
#define ONE_OF(list) list[below((int)(sizeof(list) / sizeof *(list)))]

/* One in eight terms is likely not to be positive. */
static void write_form(bool vector, size_t size, char *text) {
  static const char *const inner[] = {"dx", "dx", "dx", "dx(degree=4)"}, *const outer[] = {"ds", "ds(left)", "ds(top)"};
  size_t n = 0;
  int terms = 1 + below(3);
  for (int i = 0; i < terms; i++) {
    bool spring = i > 0 && below(3) == 0;
    const char *coefficient = below(8) ? ONE_OF(positive) : ONE_OF(any_sign);
    const char *what = spring ? (vector ? ONE_OF(vector_springs) : ONE_OF(scalar_springs)) : vector ? ONE_OF(vectors) : ONE_OF(scalars);
    n += (size_t)snprintf(text + n, size - n, "%s%s*%s*%s", i ? " + " : "", coefficient, what, spring ? ONE_OF(outer) : ONE_OF(inner));
    assert_true(n < size);
  }
}

static gkt_interval range_of(const double *x, gkt_size n) {
  gkt_interval r = {x[0], x[0]};
  for (gkt_size i = 1; i < n; i++) r.low = fmin(r.low, x[i]), r.high = fmax(r.high, x[i]);
  return r;
}
static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  const world *w = user;
  if (t->kind == GKT_TERM_X) return t->component ? (gkt_interval){-1, 3} : (gkt_interval){1, 4};
  if (t->kind == GKT_TERM_H) return (gkt_interval){0, INFINITY};
  if (t->kind == GKT_TERM_NORMAL) return (gkt_interval){-1, 1};
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){w->constants[t->function], w->constants[t->function]};
  if (t->kind == GKT_TERM_VALUE && t->function == R) return (gkt_interval){1, 2};
  if (t->kind == GKT_TERM_VALUE && t->function == C) return range_of(w->values[C], gkt_space_num_dofs(w->spaces[C]));
  return (gkt_interval){-INFINITY, INFINITY};
}

static world small_world(int degree, int components) {
  gkt_mesh *mesh = box_mesh(2, 2, 2, 0);
  skew(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) x[2 * i] += 2;
  world w = make_world_on(mesh, degree, components);
  gkt_interval r = range_of(w.values[R], gkt_space_num_dofs(w.spaces[R]));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w.spaces[R]); i++) w.values[R][i] = 1 + (w.values[R][i] - r.low) / (r.high - r.low);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) assert_true(x[2 * i] >= 1 && x[2 * i] <= 4 && x[2 * i + 1] >= -1 && x[2 * i + 1] <= 3);
  return w;
}

/* 1e-11: eigenvalues of matrices with entries near 1, and the analysis' own notion of rounding, relative to the largest. */
typedef struct {
  bool negative;
  int kernel;
} spectrum;
static spectrum spectrum_of(world *w, const gkt_form *tangent) {
  gkt_csr *A = matrix_of(w, tangent);
  int n = A->num_rows;
  double *dense = calloc(2 * (size_t)n * n, sizeof *dense), largest = 0;
  spectrum s = {0};
  for (int i = 0; i < n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) dense[i * n + A->cols[k]] = A->vals[k];
  dense_eigen(n, dense, dense + n * n);
  for (int i = 0; i < n; i++) largest = fmax(largest, fabs(dense[i * (n + 1)]));
  for (int i = 0; i < n; i++) s.negative |= dense[i * (n + 1)] < -1e-11 * largest, s.kernel += fabs(dense[i * (n + 1)]) <= 1e-11 * largest;
  free(dense);
  gkt_csr_destroy(&A);
  return s;
}

typedef struct {
  int forms, positive, proven, elliptic;
} score;

static void try_form(world *w, bool vector, score *sum) {
  char text[1000];
  gkt_form_facts facts;
  write_form(vector, sizeof text, text);
  gkt_form *form = residual_of(w, GKT_EQUATION, text), *tangent = derivative_of(form, FIELD);
  assert_int_equal(gkt_form_analyse(tangent, ranges, w, NULL, &facts), GKT_OK);
  spectrum s = spectrum_of(w, tangent);
  if (facts.positive && s.negative) fail_msg("%s: said to be positive (%s)", text, facts.why);
  if (facts.ellipticity != GKT_NOT_ELLIPTIC && s.kernel > (facts.ellipticity == GKT_ELLIPTIC ? 1 + vector : 3)) fail_msg("%s: the kernel has %d dimensions", text, s.kernel);
  sum->forms++, sum->positive += !s.negative, sum->proven += facts.positive, sum->elliptic += facts.ellipticity != GKT_NOT_ELLIPTIC;
  if (getenv("GKT_SHOW") && !s.negative && !facts.positive) print_message("not proven: %s\n", text);
  gkt_form_destroy(&tangent);
  gkt_form_destroy(&form);
}

/* Forms on the same world share its graph, which grows: a new one now and then. */
static score try_forms(int count) {
  score sum = {0};
  for (int i = 0; i < count; i += 20) {
    bool vector = i / 20 % 2;
    world w = small_world(i / 40 % 2 ? 2 : 1, vector ? 2 : 1);
    for (int k = 0; k < 20; k++) try_form(&w, vector, &sum);
    free_world(&w);
  }
  return sum;
}

static void nothing_false_is_claimed(void **unused) {
  (void)unused;
  bool is_long = getenv("GKT_LONG") != NULL;
  state = is_long ? 2 : 1;
  score sum = try_forms(is_long ? NUM_FORMS_LONG : NUM_FORMS);
  if (is_long) print_message("%d forms, %d positive, %d (%.0f %%) proven, %d elliptic\n", sum.forms, sum.positive, sum.proven, 100.0 * sum.proven / sum.positive, sum.elliptic);
  if (10 * sum.proven < 7 * sum.positive) fail_msg("%d of %d positive forms are proven", sum.proven, sum.positive);
}

static int begin(void **unused) { /* nothing is compiled: each form is assembled once */
  if (setup(unused)) return 1;
  use_backend(1);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(nothing_false_is_claimed, begin, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
