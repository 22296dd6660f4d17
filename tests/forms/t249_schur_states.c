/* Claim: at any state the coefficients of a Schur complement's forms are what plain loops over the tangent's coefficients and a dense inverse give: nonlinear viscosities, finite
   elasticity, fields of vectors and matrices, full matrices of coefficients. */
#include "tests/several_fields.h"

#include "forms/schur.h"
#include "tests/graphs.h"

enum { MOST = 64 };
static double sample(const gkt_terminal *t, const void *user) { /* near rest, where these tangents are positive */
  uint64_t state = *(const uint64_t *)user + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  gkt_interval r = field_ranges(t, NULL);
  random_bits(&state);
  if (r.low == r.high) return r.low;
  return isfinite(r.low) && isfinite(r.high) ? random_real(&state, r.low, r.high) : random_real(&state, -0.2, 0.2);
}

typedef struct {
  int slots, n, dim; /* n: slots of all fields */
  double *T;         /* [n][n] the tangent's coefficients, all integrals together */
} coefficients;

static coefficients evaluate(const gkt_form *form, const double *values) {
  coefficients c = {.slots = 1 + s->dim, .n = gkt_form_components(form, 0) * (1 + s->dim), .dim = s->dim};
  c.T = calloc((size_t)(c.n * c.n), sizeof *c.T);
  for (int i = 0; i < form->num_integrals; i++)
    for (int k = 0; k < c.n * c.n; k++) c.T[k] += values[form->integrals[i].nodes[k]];
  return c;
}

/* component i of one field, slot a, against component j of another, slot b; first components f and g */
static double at(const coefficients *c, int f, int i, int a, int g, int j, int b) { return c->T[((f + i) * c->slots + a) * c->n + (g + j) * c->slots + b]; }

/* X = A^-1 B, Gauss with pivoting; A [n][n], B [n][m] */
static void solve(int n, int m, double *A, double *B) {
  for (int k = 0; k < n; k++) {
    int p = k;
    for (int i = k; i < n; i++) p = fabs(A[i * n + k]) > fabs(A[p * n + k]) ? i : p;
    for (int j = 0; j < n; j++) {
      double t = A[k * n + j];
      A[k * n + j] = A[p * n + j], A[p * n + j] = t;
    }
    for (int j = 0; j < m; j++) {
      double t = B[k * m + j];
      B[k * m + j] = B[p * m + j], B[p * m + j] = t;
    }
    for (int i = 0; i < n; i++) {
      double factor = A[i * n + k] / A[k * n + k];
      for (int j = 0; j < n && i != k; j++) A[i * n + j] -= factor * A[k * n + j];
      for (int j = 0; j < m && i != k; j++) B[i * m + j] -= factor * B[k * m + j];
    }
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++) B[i * m + j] /= A[i * n + i];
}

/* out [np][np] = D_k A^-1 G_l: A of d_k against d_k (order 2) or of values (order 0); np components from g, nu from f */
static void weigh(const coefficients *c, int f, int nu, int g, int np, int order, int k, int l, double *out) {
  double A[MOST * MOST], H[MOST * MOST];
  int a = order ? 1 + k : 0;
  for (int i = 0; i < nu; i++)
    for (int j = 0; j < nu; j++) A[i * nu + j] = at(c, f, i, a, f, j, a);
  for (int i = 0; i < nu; i++)
    for (int j = 0; j < np; j++) H[i * np + j] = at(c, f, i, 1 + l, g, j, 0) - at(c, f, i, 0, g, j, 1 + l);
  solve(nu, np, A, H);
  for (int i = 0; i < np; i++)
    for (int j = 0; j < np; j++) {
      out[i * np + j] = 0;
      for (int e = 0; e < nu; e++) out[i * np + j] += (at(c, g, i, 0, f, e, 1 + k) - at(c, g, i, 1 + k, f, e, 0)) * H[e * np + j];
    }
}

static void check(double found, double expected, const char *text) {
  if (!(fabs(found - expected) <= 1e-11 * fmax(1, fabs(expected)))) fail_msg("%s: %.17g; expected %.17g", text, found, expected);
}

typedef struct {
  const char *text;
  gkt_form_kind kind;
  int dim, other, field, order;
} example;

static void compare(const example *e, const gkt_form *tangent, const gkt_form *form, uint64_t trial) {
  double *values = graph_values(s->graph, sample, &trial), w[MOST], mean[MOST] = {0};
  coefficients c = evaluate(tangent, values), own = evaluate(form, values);
  int first = e->other < e->field ? 0 : gkt_function_components(s, e->field), nu = gkt_function_components(s, e->other), np = gkt_function_components(s, e->field);
  int g = first ? 0 : nu;
  for (int k = 0; k < e->dim; k++)
    for (int l = 0; l < e->dim; l++) {
      if (e->order && k != l) continue;
      weigh(&c, first, nu, g, np, e->order, k, l, w);
      for (int i = 0; i < np * np; i++) mean[i] += w[i] / e->dim;
      for (int i = 0; i < np * np && !e->order; i++) check(at(&own, 0, i / np, 1 + k, 0, i % np, 1 + l), w[i], e->text);
    }
  for (int i = 0; i < np * np && e->order; i++) check(at(&own, 0, i / np, 0, 0, i % np, 0), mean[i] - at(&c, g, i / np, 0, g, i % np, 0), e->text);
  free(values), free(c.T), free(own.T);
}

static void every_state(void **state) {
  (void)state;
  enum { FIELD_SIGMA = FUNCTION_R + 1 };
  const example list[] = {
      {"((1 + inner(sym(grad(u)), sym(grad(u))))^(-0.3)*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", GKT_EQUATION, 3, FIELD_U, FIELD_P, 2},
      {"(mu/2*(inner(F, F) - 3 - 2*ln(det(F))) + p*ln(det(F)) - p^2/(2*lambda))*dx", GKT_ENERGY, 3, FIELD_U, FIELD_P, 2},
      {"(mu/2*(inner(F, F)*det(F)^(-2/3) - 3) - p*(det(F) - 1))*dx", GKT_ENERGY, 3, FIELD_U, FIELD_P, 2},
      {"((1 + dot(u, u))*dot(u, v) + f*dot([[2, 1], [1, 3]]*u, v) + dot(v, grad(p)) + dot(u, grad(q)))*dx", GKT_EQUATION, 2, FIELD_U, FIELD_P, 0},
      /* stress and displacement: elasticity from the compliance, by parts or not */
      {"(inner(sigma, tau)/(2*mu) - lambda/(4*mu*(mu + lambda))*tr(sigma)*tr(tau) + dot(u, div(tau)) + dot(v, div(sigma)))*dx", GKT_EQUATION, 2, FIELD_SIGMA, FIELD_U, 0},
      {"(inner(sigma, tau)/(2*mu) - inner(tau, grad(u)) - inner(sigma, grad(v)))*dx", GKT_EQUATION, 3, FIELD_SIGMA, FIELD_U, 0}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    int sigma;
    gkt_schur_forms f;
    open_fields(list[i].dim);
    assert_int_equal(gkt_scope_add_field(s, "sigma", "tau", gkt_shape_matrix(s->dim, s->dim), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 1}, &sigma), GKT_OK);
    assert_int_equal(sigma, FIELD_SIGMA);
    gkt_form *tangent = tangent_by(list[i].kind, list[i].text, 2, (const int[]){list[i].other, list[i].field});
    assert_int_equal(gkt_form_find_schur(tangent, list[i].field, field_ranges, NULL, &f), GKT_OK);
    if (f.count != 1 || f.sign != -1 || f.other != list[i].other) fail_msg("%s: %d forms, sign %d (%s)", list[i].text, f.count, f.sign, f.why);
    for (uint64_t trial = 1; trial < 6; trial++) compare(&list[i], tangent, f.forms[0], trial);
    gkt_schur_forms_clear(&f);
    gkt_form_destroy(&tangent);
    close_fields();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_state)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
