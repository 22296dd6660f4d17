/* Claim (patch test): on skewed meshes every polynomial of the space's degree that solves a diffusion-reaction or an elasticity problem is the discrete solution, to rounding; with
   anisotropic tensors, constant or varying linearly, Neumann data through n on one side, geometry of order 1 and of order 2 with straight edges, on every backend.
   The data are worked out here by hand from the coefficients of the polynomial: nothing is differentiated symbolically. */
#include "tests/field_problem.h"

/* u_i = a_i + b_ij x_j + H_ijk x_j x_k / 2 */
typedef struct {
  double a[3], b[3][3], H[3][3][3];
} polynomial;

/* flux_I = (1 + s.x) C_IJ e_J(u): e the gradient of a scalar, or the strain of a vector as e_00 e_11 (e_22), 2 e_01 (2 e_02 2 e_12). C = B B' + 0.1 I with a random B. */
typedef struct {
  uint32_t seed;
  double slope, reaction;
} material;
static const material materials[] = {{1, 0, 0}, {2, 0, 3}, {3, 0.2, 1}};
enum { NUM_MATERIALS = sizeof materials / sizeof *materials };

static const int pairs[2][6][2] = {{{0, 0}, {1, 1}, {0, 1}}, {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}}};
static int num_strains(const field_kind *k) { return k->components == 1 ? k->dim : k->dim * (k->dim + 1) / 2; }
static int strain_of(int dim, int i, int j) {
  for (int I = 0;; I++) {
    const int *p = pairs[dim - 2][I];
    if ((p[0] == i && p[1] == j) || (p[0] == j && p[1] == i)) return I;
  }
}

/* ---- the text: all numbers are constants, so that one compilation serves all materials and polynomials ---- */
static void write_strain(const field_kind *k, const char *gradient, int I, gkt_text *t) {
  const int *p = pairs[k->dim - 2][I];
  if (k->components == 1) gkt_text_printf(t, "%s[%d]", gradient, I);
  else if (p[0] == p[1]) gkt_text_printf(t, "%s[%d,%d]", gradient, p[0], p[0]);
  else gkt_text_printf(t, "(%s[%d,%d] + %s[%d,%d])", gradient, p[0], p[1], gradient, p[1], p[0]);
}

/* C_IJ e_J of a gradient */
static void write_flux(const field_kind *k, const char *gradient, int I, gkt_text *t) {
  gkt_text_printf(t, "(0");
  for (int J = 0; J < num_strains(k); J++) {
    gkt_text_printf(t, " + C%d%d*", I < J ? I : J, I < J ? J : I);
    write_strain(k, gradient, J, t);
  }
  gkt_text_printf(t, ")");
}

static void define(field_problem *p, const char *name, gkt_text *t) {
  must(t->status, name);
  let(p, name, t->data);
  gkt_text_free(t);
}

/* The polynomial U and its gradient G. */
static void define_polynomial(field_problem *p) {
  const field_kind *k = &p->kind;
  gkt_text U = {.ctx = ctx}, G = {.ctx = ctx};
  bool vector = k->components > 1;
  gkt_text_printf(&U, vector ? "[" : ""), gkt_text_printf(&G, vector ? "[" : "");
  for (int i = 0; i < k->components; i++) {
    gkt_text_printf(&U, "%sa%d", i ? ", " : "", i), gkt_text_printf(&G, "%s[", i ? ", " : "");
    for (int j = 0; j < k->dim; j++) {
      gkt_text_printf(&U, " + b%d%d*x[%d]", i, j, j), gkt_text_printf(&G, "%sb%d%d", j ? ", " : "", i, j);
      for (int l = 0; k->degree > 1 && l < k->dim; l++) gkt_text_printf(&U, " + H%d%d%d*x[%d]*x[%d]/2", i, j, l, j, l), gkt_text_printf(&G, " + H%d%d%d*x[%d]", i, j, l, l);
    }
    gkt_text_printf(&G, "]");
  }
  gkt_text_printf(&U, vector ? "]" : ""), gkt_text_printf(&G, vector ? "]" : "");
  define(p, "U", &U), define(p, "G", &G);
}

/* F: the flux of the polynomial without its factor m = 1 + s.x; L: a vector of constants, see set_polynomial. */
static void define_flux(field_problem *p) {
  const field_kind *k = &p->kind;
  gkt_text F = {.ctx = ctx}, s = {.ctx = ctx}, L = {.ctx = ctx};
  bool vector = k->components > 1;
  gkt_text_printf(&F, "["), gkt_text_printf(&s, "["), gkt_text_printf(&L, vector ? "[" : "");
  for (int i = 0; i < k->components; i++) {
    gkt_text_printf(&L, "%sL%d", i ? ", " : "", i), gkt_text_printf(&F, "%s%s", i ? ", " : "", vector ? "[" : "");
    for (int j = 0; j < k->dim; j++) {
      gkt_text_printf(&F, j ? ", " : "");
      write_flux(k, "G", vector ? strain_of(k->dim, i, j) : j, &F);
    }
    gkt_text_printf(&F, vector ? "]" : "");
  }
  for (int j = 0; j < k->dim; j++) gkt_text_printf(&s, "%ss%d", j ? ", " : "", j);
  gkt_text_printf(&F, "]"), gkt_text_printf(&s, "]"), gkt_text_printf(&L, vector ? "]" : "");
  define(p, "F", &F), define(p, "s", &s), define(p, "L", &L);
  let(p, "m", "1 + dot(s, x)");
}

/* -div(m F) + r U = r U - F s - m div F, and div F is the constant L. */
static void pose(field_problem *p) {
  gkt_text t = {.ctx = ctx};
  gkt_text_printf(&t, "r*inner(u, v)*dx");
  for (int I = 0; I < num_strains(&p->kind); I++) {
    gkt_text_printf(&t, " + m*");
    write_flux(&p->kind, "grad(u)", I, &t);
    gkt_text_printf(&t, "*");
    write_strain(&p->kind, "grad(v)", I, &t);
    gkt_text_printf(&t, "*dx");
  }
  gkt_text_printf(&t, " == inner(r*U - dot(F, s) - m*L, v)*dx + m*inner(dot(F, n), v)*ds(right)");
  must(t.status, p->kind.name);
  pose_problem(p, t.data, "U");
  gkt_text_free(&t);
}

/* ---- the numbers ---- */
static void set_indexed(field_problem *p, char letter, int count, const int *index, double value) {
  char name[8] = {letter, 0};
  for (int i = 0; i < count; i++) name[1 + i] = (char)('0' + index[i]), name[2 + i] = 0;
  set_constant(p, name, value);
}

static void set_material(field_problem *p, const material *m, double C_[6][6]) {
  int N = num_strains(&p->kind);
  uint32_t seed = m->seed;
  double B[6][6];
  for (int I = 0; I < N; I++)
    for (int J = 0; J < N; J++) B[I][J] = noise(&seed);
  for (int I = 0; I < N; I++)
    for (int J = 0; J < N; J++) {
      C_[I][J] = I == J ? 0.1 : 0;
      for (int K = 0; K < N; K++) C_[I][J] += B[I][K] * B[J][K];
      if (I <= J) set_indexed(p, 'C', 2, (int[]){I, J}, C_[I][J]);
    }
  for (int j = 0; j < p->kind.dim; j++) set_indexed(p, 's', 1, &j, m->slope * (1 - j));
  set_constant(p, "r", m->reaction);
}

/* L_i = sum_j d/dx_j F_ij */
static double divergence(const field_kind *k, const polynomial *u, double C_[6][6], int i) {
  double sum = 0;
  for (int j = 0; j < k->dim; j++)
    for (int J = 0; J < num_strains(k); J++) {
      const int *p = pairs[k->dim - 2][J];
      double e = k->components == 1 ? u->H[0][J][j] : p[0] == p[1] ? u->H[p[0]][p[0]][j] : u->H[p[0]][p[1]][j] + u->H[p[1]][p[0]][j];
      sum += C_[k->components == 1 ? j : strain_of(k->dim, i, j)][J] * e;
    }
  return sum;
}

static void set_polynomial(field_problem *p, const polynomial *u, double C_[6][6]) {
  const field_kind *k = &p->kind;
  for (int i = 0; i < k->components; i++) {
    set_indexed(p, 'a', 1, &i, u->a[i]);
    set_indexed(p, 'L', 1, &i, divergence(k, u, C_, i));
    for (int j = 0; j < k->dim; j++) {
      set_indexed(p, 'b', 2, (int[]){i, j}, u->b[i][j]);
      for (int l = 0; k->degree > 1 && l < k->dim; l++) set_indexed(p, 'H', 3, (int[]){i, j, l}, u->H[i][j][l]);
    }
  }
}

/* The monomials of one component: 1, x_j, x_j x_l with j <= l. false: there is no such one. */
static bool monomial(const field_kind *k, int component, int number, polynomial *u) {
  memset(u, 0, sizeof *u);
  if (number == 0) u->a[component] = 1;
  else if (number <= k->dim) u->b[component][number - 1] = 1;
  else if (number <= k->dim + k->dim * (k->dim + 1) / 2 && k->degree > 1) {
    const int *p = pairs[k->dim - 2][number - 1 - k->dim];
    u->H[component][p[0]][p[1]] += 1, u->H[component][p[1]][p[0]] += 1;
  } else return false;
  return true;
}

static double value_at(const field_kind *k, const polynomial *u, int i, const double *x) {
  double sum = u->a[i];
  for (int j = 0; j < k->dim; j++) {
    sum += u->b[i][j] * x[j];
    for (int l = 0; l < k->dim; l++) sum += u->H[i][j][l] * x[j] * x[l] / 2;
  }
  return sum;
}

/* ---- the test ---- */
/* Rounding, 2e-16, times the sums of some 50 terms that make an entry and the condition of these small matrices: 1.2e-14 is the worst seen in all entries and backends. */
static const double tolerance = 1e-13;

static void expect_polynomial(const field_problem *p, const polynomial *u, const char *where) {
  const double *x = gkt_space_coords(p->space);
  int components = p->kind.components;
  double worst = 0, size = 0;
  for (gkt_idx i = 0; i < num_dofs(p); i++) {
    double exact = value_at(&p->kind, u, i % components, x + i / components * p->kind.dim);
    worst = fmax(worst, fabs(p->u[i] - exact)), size = fmax(size, fabs(exact));
  }
  if (!(worst <= tolerance * size)) fail_msg("%s, %s: error %g of %g", p->kind.name, where, worst, size);
}

static void reproduce_polynomials(const field_kind *k, gkt_mesh *mesh, int order) {
  field_problem p;
  polynomial u;
  double C_[6][6];
  char where[80];
  begin_problem(&p, k, mesh);
  monomial(k, 0, 0, &u), set_material(&p, &materials[0], C_), set_polynomial(&p, &u, C_); /* makes the names */
  define_polynomial(&p), define_flux(&p), pose(&p);
  assert_true(gkt_form_is_symmetric(p.tangent));
  for (int m = 0; m < NUM_MATERIALS; m++)
    for (int component = 0; component < k->components; component++)
      for (int number = 0; monomial(k, component, number, &u); number++) {
        snprintf(where, sizeof where, "geometry of order %d, material %d, component %d, monomial %d", order, m, component, number);
        set_material(&p, &materials[m], C_), set_polynomial(&p, &u, C_);
        solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
        expect_polynomial(&p, &u, where);
      }
  end_problem(&p);
}

static void polynomials_are_reproduced(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int i = 0; i < NUM_KINDS; i++) {
      use_backend(backend);
      gkt_mesh *linear = skewed_box(kinds[i].dim, kinds[i].dim == 2 ? 4 : 4 - kinds[i].degree, 1, 11), *quadratic = with_midpoints(linear);
      reproduce_polynomials(&kinds[i], linear, 1);
      reproduce_polynomials(&kinds[i], quadratic, 2);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(polynomials_are_reproduced)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
