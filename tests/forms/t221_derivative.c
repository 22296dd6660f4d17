/* Claim: derivatives of forms, with respect to functions, constants and coordinates, are those that differences of the evaluated integrand and of an integral over one
   moving simplex show. Differences are central with step 1e-5 on values of size 1: truncation 1e-10, rounding 1e-11; 1e-7 of the size of the terms leaves room. */
#include "tests/language.h"

#include <math.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_scope *s;
static void begin(int dim) {
  ctx = make_context();
  s = make_scope(ctx, dim);
}
static void end(void) {
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static gkt_form *parse(gkt_form_kind kind, const char *text) {
  gkt_form *form = NULL;
  gkt_source source = text_source(text);
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}
static gkt_form *derivative(const gkt_form *form, int function) {
  gkt_form *d = NULL;
  if (gkt_form_derivative(form, 1, &function, &d) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return d;
}

/* ---- differences of the integrand: every terminal has a fixed random value, one function moves ---- */
typedef struct {
  int function, constant;
  double step;
} motion;
static double noise(const gkt_terminal *t, uint64_t salt) {
  uint64_t state = salt + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  random_bits(&state);
  return random_real(&state, 0.3, 1);
}
static double value_at(const gkt_terminal *t, const void *user) {
  const motion *m = user;
  bool function = t->kind == GKT_TERM_VALUE || t->kind == GKT_TERM_GRAD, moves = function && t->function == m->function;
  moves = moves || (t->kind == GKT_TERM_CONSTANT && t->function == m->constant);
  double sign = t->kind == GKT_TERM_GRAD && t->component != t->direction ? -0.4 : 1; /* keeps I + grad(U) far from singular */
  return sign * noise(t, 1) + (moves ? m->step * (t->kind == GKT_TERM_CONSTANT ? 1 : noise(t, 2)) : 0);
}

/* Sum over integrals of nodes[row]; direction: contracted with the direction of motion in the last index. */
static double evaluate(const gkt_form *form, const motion *m, int integral, int row, int columns) {
  double *values = graph_values(s->graph, value_at, m), sum = 0;
  const gkt_integral *i = &form->integrals[integral];
  int dim = s->dim;
  for (int k = 0; k < columns; k++) {
    gkt_terminal t = {.kind = k % (1 + dim) ? GKT_TERM_GRAD : GKT_TERM_VALUE,
                      .function = (int16_t)m->function,
                      .component = (int16_t)(k / (1 + dim)),
                      .direction = (int8_t)(k % (1 + dim) ? k % (1 + dim) - 1 : 0)};
    sum += values[i->nodes[row * columns + k]] * (columns > 1 ? noise(&t, 2) : 1);
  }
  free(values);
  return sum;
}

static void compare(const gkt_form *form, const gkt_form *d, int function, int constant, int columns) {
  const double step = 1e-5;
  for (int i = 0; i < d->num_integrals; i++) { /* the examples keep all integrals */
    for (int row = 0; row < form->integrals[i].num_nodes; row++) {
      double exact = evaluate(d, &(motion){function, constant, 0}, i, row, columns);
      double up = evaluate(form, &(motion){function, constant, step}, i, row, 1), down = evaluate(form, &(motion){function, constant, -step}, i, row, 1);
      double size = 1 + fabs(exact) + fabs(up);
      if (!(fabs((up - down) / (2 * step) - exact) <= 1e-7 * size))
        fail_msg("integral %d, row %d: %.12g by differences, %.12g by derivation", i, row, (up - down) / (2 * step), exact);
    }
    assert_memory_equal(d->integrals[i].degrees, form->integrals[i].degrees, sizeof d->integrals[i].degrees); /* derived forms inherit the quadrature */
  }
  assert_int_equal(form->num_integrals, d->num_integrals);
}

static const char *const energies[] = {
    "0.5*k*inner(grad(u), grad(u))*dx - f*u*dx + 0.5*u^2*ds(left)",
    "sqrt(1 + inner(grad(u), grad(u)))*dx",
    "E*(0.5*(inner(I + grad(U), I + grad(U)) - 3) - ln(det(I + grad(U)))) * dx + 0.5*nu*ln(det(I + grad(U)))^2*dx(degree=3) - dot(w, U)*ds",
    "conditional(u < 0.5, u^3, exp(u))*f*dx + atan2(u, f)*dx(degree=1) + max(u, f)^2*dx(degree=2)",
    "(inner(sym(grad(U)), sym(grad(U))) + u*div(U)^2)*dx",
};

static void energies_to_residuals_to_tangents(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (size_t e = 0; e < sizeof energies / sizeof *energies; e++) {
      begin(dim);
      gkt_form *J = parse(GKT_ENERGY, energies[e]);
      bool vector = e == 2 || e == 4;
      int function = gkt_scope_find_function(s, vector ? "U" : "u"), columns = (vector ? dim : 1) * (1 + dim);
      gkt_form *R = derivative(J, function);
      assert_int_equal(gkt_form_arity(R), 1);
      assert_int_equal(gkt_form_argument(R, 0, 0), function);
      compare(J, R, function, -1, columns);
      gkt_form *K = derivative(R, function);
      assert_int_equal(gkt_form_arity(K), 2);
      assert_true(gkt_form_is_symmetric(K));
      for (int i = 0; i < K->num_integrals; i++)
        for (int a = 0; a < columns; a++)
          for (int b = 0; b < a; b++) assert_int_equal(K->integrals[i].nodes[a * columns + b], K->integrals[i].nodes[b * columns + a]); /* to the last bit */
      if (K->num_integrals == R->num_integrals) compare(R, K, function, -1, columns);
      gkt_form *refused = NULL;
      assert_int_equal(gkt_form_derivative(K, 1, &function, &refused), GKT_BAD_ARGUMENT);
      gkt_form_destroy(&K), gkt_form_destroy(&R), gkt_form_destroy(&J);
      end();
    }
}

static void other_arguments(void **state) {
  (void)state;
  begin(2);
  gkt_form *R = parse(GKT_EQUATION, "exp(f)*inner(grad(u), grad(v))*dx + k^2*f*u*v*dx(degree=3) - E*k*v*f*ds"), *d;
  int f = gkt_scope_find_function(s, "f"), k = gkt_scope_find_constant(s, "k");
  d = derivative(R, f); /* a coefficient: rows of u, columns of f */
  assert_true(gkt_form_argument(d, 0, 0) == gkt_scope_find_function(s, "u") && gkt_form_argument(d, 1, 0) == f);
  assert_false(gkt_form_is_symmetric(d));
  compare(R, d, f, -1, 3);
  gkt_form_destroy(&d);
  gkt_form *part = parse(GKT_EQUATION, "k^2*f*u*v*dx(degree=3) - E*k*v*f*ds");
  assert_int_equal(gkt_form_derivative_constant(part, k, &d), GKT_OK);
  assert_int_equal(gkt_form_arity(d), 1);
  compare(part, d, -1, k, 1);
  gkt_form_destroy(&d);
  assert_int_equal(gkt_form_derivative_constant(R, k, &d), GKT_OK);
  assert_int_equal(gkt_form_num_integrals(d), 2); /* the first does not contain k */
  gkt_form_destroy(&d), gkt_form_destroy(&part), gkt_form_destroy(&R);
  end();
}

/* By t where it stands in the form, at u and its rate held fixed. */
static void by_time(void **state) {
  (void)state;
  begin(2);
  gkt_form *R = parse(GKT_EQUATION, "t^3*u*v*dx + exp(f)*inner(grad(u), grad(v))*dx"), *expected = parse(GKT_EQUATION, "3*t^2*u*v*dx(degree=4)"), *d;
  assert_int_equal(gkt_form_derivative_time(R, &d), GKT_OK);
  assert_int_equal(gkt_form_num_integrals(d), 1);
  for (int i = 0; i < d->integrals[0].num_nodes; i++)
    for (double t = 0.5; t < 3; t++) {
      gkt_node seed = gkt_graph_terminal(s->graph, (gkt_terminal){.kind = GKT_TERM_TIME}), number = gkt_graph_constant(s->graph, t), a, b;
      assert_int_equal(gkt_graph_substitute(s->graph, 1, &d->integrals[0].nodes[i], 1, &seed, &number, &a), GKT_OK);
      assert_int_equal(gkt_graph_substitute(s->graph, 1, &expected->integrals[0].nodes[i], 1, &seed, &number, &b), GKT_OK);
      assert_int_equal(a, b);
    }
  gkt_form_destroy(&d), gkt_form_destroy(&expected), gkt_form_destroy(&R);
  end();
}

/* A residual with a switch is not linear, though its tangent is that of a linear one. */
static void switches_are_not_linear(void **state) {
  (void)state;
  const struct {
    gkt_form_kind kind;
    const char *text;
    bool depends;
  } cases[] = {{GKT_EQUATION, "u*v*dx + conditional(u < 1, 1, 2)*v*dx", true},
               {GKT_EQUATION, "u*v*dx + conditional(1 <= u, f, 0)*v*ds", true},
               {GKT_EQUATION, "u*v*dx + sign(u)*v*dx", true},
               {GKT_EQUATION, "u*v*dx + conditional(grad(u)[0], 1, 2)*v*dx", true},
               {GKT_ENERGY, "(u^2 + max(u, 2*u))*dx", true},
               {GKT_EQUATION, "u*v*dx + conditional(f < 1, u, 2*u)*v*dx + sign(f)*v*dx", false},
               {GKT_ENERGY, "(u^2 + sign(r)*u)*dx", false}};
  begin(2);
  int u = gkt_scope_find_function(s, "u");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *form = parse(cases[i].kind, cases[i].text), *residual = cases[i].kind == GKT_ENERGY ? derivative(form, u) : NULL;
    gkt_form *tangent = derivative(residual ? residual : form, u);
    if (gkt_form_depends_on(tangent, u) != cases[i].depends) fail_msg("%s", cases[i].text);
    gkt_form_destroy(&form), gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
  }
  end();
}

static void wrong_functions_are_refused(void **state) {
  (void)state;
  begin(2);
  gkt_form *R = parse(GKT_EQUATION, "u*v*dx"), *d = NULL;
  const int wrong[] = {-1, 99, gkt_scope_find_function(s, "v")};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(gkt_form_derivative(R, 1, (const int[]){wrong[i]}, &d), GKT_BAD_ARGUMENT);
    gkt_context_clear(ctx);
  }
  gkt_form_destroy(&R);
  end();
}

static void symmetry_is_proven_or_not_claimed(void **state) {
  (void)state;
  const struct {
    const char *text, *field;
    bool symmetric;
  } cases[] = {{"inner(grad(u), grad(v))*dx", "u", true},
               {"k*inner(2*E*sym(grad(U)) + nu*div(U)*I, grad(V))*dx", "U", true},
               {"inner(grad(U), sym(grad(V)))*dx", "U", true},
               {"inner(grad(U).T, grad(V))*dx", "U", true},
               {"(1 + u^2)*inner(grad(u), grad(v))*dx", "u", false},
               {"dot(w, grad(u))*v*dx", "u", false},
               {"dot(w, grad(u))*v*dx + u*dot(w, grad(v))*dx", "u", true},
               {"div(U)*V[0]*dx", "U", false},
               {"u^3*v*dx + f*u*v*ds", "u", true}};
  begin(2);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *R = parse(GKT_EQUATION, cases[i].text), *K = derivative(R, gkt_scope_find_function(s, cases[i].field));
    if (gkt_form_is_symmetric(K) != cases[i].symmetric) fail_msg("%s: symmetric %d", cases[i].text, !cases[i].symmetric);
    gkt_form_destroy(&K), gkt_form_destroy(&R);
  }
  end();
}

/* ---- one moving simplex ---- */
enum { MAX_POINTS = 4 };
typedef struct {
  int dim;
  double x[4][3];  /* vertices */
  double u[64][4]; /* [function*9 + component][vertex]: values that stay while vertices move */
  double V[4][3];  /* velocity of the vertices */
  /* at a point: */
  double X[3], K[3][3], n[3], h, a[3], lambda[4];
} simplex;

static double invert(int dim, double J[3][3], double K[3][3]) { /* K = inverse of J; returns the determinant */
  if (dim == 2) {
    double det = J[0][0] * J[1][1] - J[0][1] * J[1][0];
    K[0][0] = J[1][1] / det, K[1][1] = J[0][0] / det, K[0][1] = -J[0][1] / det, K[1][0] = -J[1][0] / det;
    return det;
  }
  double det = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      int a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
      K[j][i] = J[a][c] * J[b][d] - J[a][d] * J[b][c];
    }
  for (int j = 0; j < 3; j++) det += J[0][j] * K[j][0];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) K[i][j] /= det;
  return det;
}

/* Geometry at barycentric coordinates lambda; facet: opposite vertex 0. Returns |det J|, or the size of the facet's Jacobian. */
static double place(simplex *c, bool facet) {
  double J[3][3], longest = 0, norm = 0;
  for (int d = 0; d < c->dim; d++) {
    c->X[d] = 0;
    for (int v = 0; v <= c->dim; v++) c->X[d] += c->lambda[v] * c->x[v][d];
    for (int r = 0; r < c->dim; r++) J[d][r] = c->x[r + 1][d] - c->x[0][d];
  }
  double det = fabs(invert(c->dim, J, c->K)); /* K[r][d] = d xi_r / d x_d */
  for (int v = 0; v <= c->dim; v++)
    for (int w = 0; w < v; w++) {
      double e[3] = {0}, length = 0;
      for (int d = 0; d < c->dim; d++) e[d] = c->x[v][d] - c->x[w][d], length += e[d] * e[d];
      if (sqrt(length) <= longest) continue;
      longest = sqrt(length);
      for (int d = 0; d < c->dim; d++) c->a[d] = e[d] / longest;
    }
  c->h = longest;
  for (int d = 0; d < c->dim; d++) { /* outwards on the facet lambda_0 = 0: against grad lambda_0 = -sum_r K[r] */
    c->n[d] = 0;
    for (int r = 0; r < c->dim; r++) c->n[d] += c->K[r][d];
    norm += c->n[d] * c->n[d];
  }
  for (int d = 0; d < c->dim; d++) c->n[d] /= sqrt(norm);
  return facet ? det * sqrt(norm) : det; /* Nanson's formula */
}

static double interpolate(const simplex *c, const double *nodal, int direction) { /* direction -1: the value */
  double sum = 0;
  for (int v = 0; v <= c->dim; v++) {
    double slope = 0;
    for (int r = 0; r < c->dim && direction >= 0; r++) slope += (v == r + 1) * c->K[r][direction] - (v == 0) * c->K[r][direction];
    sum += nodal[v] * (direction < 0 ? c->lambda[v] : slope);
  }
  return sum;
}

static double on_simplex(const gkt_terminal *t, const void *user) {
  const simplex *c = user;
  switch (t->kind) {
  case GKT_TERM_VALUE: return interpolate(c, c->u[t->function * 5 + t->component], -1);
  case GKT_TERM_GRAD: return interpolate(c, c->u[t->function * 5 + t->component], t->direction);
  case GKT_TERM_X: return c->X[t->component];
  case GKT_TERM_NORMAL: return c->n[t->component];
  case GKT_TERM_H: return c->h;
  case GKT_TERM_H_DIRECTION: return c->a[t->component];
  default: return 0.7 + 0.1 * t->function;
  }
}

/* z_k of a function with nodal values [components][vertex] */
static double z_of(const simplex *c, double (*nodal)[4], int k) { return interpolate(c, nodal[k / (1 + c->dim)], k % (1 + c->dim) - 1); }

/* Sum over two points of weight * |J| * (nodes contracted with w in the first and V in the second index that there are). V NULL: no second index, or none to contract. */
static double integrate(const gkt_form *form, simplex *c, double (*w)[4], double (*V)[4]) {
  static const double points[2][4] = {{0.2, 0.3, 0.1, 0.4}, {0.35, 0.15, 0.25, 0.25}}, weights[2] = {0.6, 0.8};
  const gkt_integral *i = &form->integrals[0];
  bool facet = i->measure == GKT_MEASURE_DS;
  int columns = V ? c->dim * (1 + c->dim) : 1, rows = i->num_nodes / columns;
  double sum = 0;
  for (int q = 0; q < 2; q++) {
    double total = 0, jacobian;
    for (int v = 0; v <= c->dim; v++) c->lambda[v] = facet && v == 0 ? 0 : points[q][v], total += c->lambda[v];
    for (int v = 0; v <= c->dim; v++) c->lambda[v] /= total;
    jacobian = place(c, facet);
    double *values = graph_values(s->graph, on_simplex, c);
    for (int a = 0; a < rows; a++)
      for (int b = 0; b < columns; b++) sum += weights[q] * jacobian * values[i->nodes[a * columns + b]] * (w ? z_of(c, w, a) : 1) * (V ? z_of(c, V, b) : 1);
    free(values);
  }
  return sum;
}

static void make_simplex(int dim, simplex *c) {
  static const double at[4][3] = {{0.1, 0.2, 0.05}, {1.3, 0.3, 0.2}, {0.25, 0.9, -0.1}, {0.2, 0.4, 0.8}};
  uint64_t state = 5;
  *c = (simplex){.dim = dim};
  memcpy(c->x, at, sizeof at);
  for (int i = 0; i < 64; i++)
    for (int v = 0; v < 4; v++) c->u[i][v] = random_real(&state, -1, 1);
  for (int v = 0; v < 4; v++)
    for (int d = 0; d < dim; d++) c->V[v][d] = random_real(&state, -1, 1);
}

static double moved(const gkt_form *form, const simplex *c, double (*w)[4], double step) {
  simplex m = *c;
  for (int v = 0; v <= c->dim; v++)
    for (int d = 0; d < c->dim; d++) m.x[v][d] += step * c->V[v][d];
  return integrate(form, &m, w, NULL);
}

static void check_shape_derivative(int dim, gkt_form_kind kind, const char *text) {
  const double step = 1e-5;
  simplex c;
  double V[3][4], w[3][4];
  uint64_t state = 9;
  begin(dim);
  gkt_form *form = parse(kind, text), *d = derivative(form, GKT_COORDINATES);
  bool residual = kind == GKT_EQUATION;
  make_simplex(dim, &c);
  for (int e = 0; e < 3; e++)
    for (int v = 0; v < 4; v++) V[e][v] = c.V[v][e], w[e][v] = random_real(&state, -1, 1);
  assert_int_equal(gkt_form_argument(d, residual, 0), GKT_COORDINATES);
  assert_int_equal(gkt_form_components(d, residual), dim);
  assert_true(!strcmp(d->file, "a.yaml") && !strcmp(d->key, "key")); /* so that messages about its sets name a place */
  double exact = integrate(d, &c, residual ? w : NULL, V);
  double difference = (moved(form, &c, residual ? w : NULL, step) - moved(form, &c, residual ? w : NULL, -step)) / (2 * step);
  if (!(fabs(exact - difference) <= 1e-7 * (1 + fabs(exact)))) fail_msg("dim %d, %s: %.12g by differences, %.12g by derivation", dim, text, difference, exact);
  gkt_form_destroy(&d), gkt_form_destroy(&form);
  end();
}

static void shape_derivatives_of_functionals(void **state) {
  (void)state;
  const char *texts[] = {"1*dx",
                         "x[0]^2*x[1]*dx",
                         "u^2*dx",
                         "k*inner(grad(u), grad(u))*dx",
                         "h*u*dx",
                         "h^2*dot(w, grad(f))*x[1]*dx",
                         "1*ds",
                         "x[1]*u*ds",
                         "dot(w, n)*ds",
                         "dot(grad(u), n)^2*h*ds",
                         "inner(grad(w), outer(n, n))*ds",
                         "det(I + grad(U))*dx"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (int dim = 2; dim <= 3; dim++) check_shape_derivative(dim, GKT_FUNCTIONAL, texts[i]);
}

static void shape_derivatives_of_residuals(void **state) {
  (void)state;
  const char *texts[] = {"u*v*dx",
                         "inner(grad(u), grad(v))*dx",
                         "inner(2*k*sym(grad(U)) + div(U)*I, grad(V))*dx",
                         "h*dot(w, grad(u))*dot(w, grad(v))*dx",
                         "x[0]*u*v*ds",
                         "dot(grad(u), n)*v*ds - u*dot(grad(v), n)*ds",
                         "dot(V, n)*x[1]*ds"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (int dim = 2; dim <= 3; dim++) check_shape_derivative(dim, GKT_EQUATION, texts[i]);
}

/* The second derivative by the coordinates: the derivative of a form whose argument is the coordinates. The direction of the diameter turns as well. */
static void shape_derivative_of_a_shape_derivative(void **state) {
  (void)state;
  const double step = 1e-5;
  for (int dim = 2; dim <= 3; dim++) {
    simplex c;
    double V[3][4], w[3][4];
    uint64_t random = 3;
    begin(dim);
    gkt_form *J = parse(GKT_FUNCTIONAL, "h*inner(grad(u), grad(f))*x[0]*dx"), *d = derivative(J, GKT_COORDINATES), *dd = derivative(d, GKT_COORDINATES);
    make_simplex(dim, &c);
    for (int e = 0; e < 3; e++)
      for (int v = 0; v < 4; v++) V[e][v] = c.V[v][e], w[e][v] = random_real(&random, -1, 1);
    double exact = integrate(dd, &c, w, V), difference = (moved(d, &c, w, step) - moved(d, &c, w, -step)) / (2 * step);
    assert_true(fabs(exact - difference) <= 1e-7 * (1 + fabs(exact)));
    gkt_form_destroy(&dd), gkt_form_destroy(&d), gkt_form_destroy(&J);
    end();
  }
}

int main(void) {
#define T(f) cmocka_unit_test(f)
  const struct CMUnitTest tests[] = {T(energies_to_residuals_to_tangents),
                                     T(other_arguments),
                                     T(by_time),
                                     T(switches_are_not_linear),
                                     T(wrong_functions_are_refused),
                                     T(symmetry_is_proven_or_not_claimed),
                                     T(shape_derivatives_of_functionals),
                                     T(shape_derivatives_of_residuals),
                                     T(shape_derivative_of_a_shape_derivative)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
