/* Claim: the forms that stand for a Schur complement have the weights that are worked out by hand, for every way to write the coupling and for coefficients that vary; where the
   theory gives none, none is given, and the clause says why. */
#include "tests/several_fields.h"

#include "forms/schur.h"
#include "tests/graphs.h"

static int begin(void **state) {
  (void)state;
  open_fields(3);
  return 0;
}
static int end(void **state) {
  (void)state;
  close_fields();
  return 0;
}

/* Fields too: [0.5, 2]. */
static double sample(const gkt_terminal *t, const void *user) {
  gkt_interval r = field_ranges(t, NULL);
  uint64_t state = *(const uint64_t *)user + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  random_bits(&state);
  return r.low == r.high ? r.low : random_real(&state, fmax(r.low, 0.5), fmin(r.high, 2));
}

/* The form is the sum of weight p q and K grad p . grad q, on the sets of its integrals; "": none of it. */
static void check_form(const gkt_form *form, const char *weight, const char *K, const char *text) {
  gkt_node of_weight = *weight ? node_of(weight) : GKT_ZERO, of_K = *K ? node_of(K) : GKT_ZERO;
  int slots = 1 + s->dim;
  for (uint64_t trial = 1; trial < 5; trial++) {
    double *values = graph_values(s->graph, sample, &trial);
    for (int k = 0; k < slots * slots; k++) {
      double sum = 0, expected = k == 0 ? values[of_weight] : k % (slots + 1) == 0 ? values[of_K] : 0;
      for (int i = 0; i < form->num_integrals; i++) sum += values[form->integrals[i].nodes[k]];
      if (!(fabs(sum - expected) <= 1e-13 * fabs(expected))) fail_msg("%s: node %d is %.17g; expected %.17g", text, k, sum, expected);
    }
    free(values);
  }
  assert_true(gkt_form_is_symmetric(form));
  assert_int_equal(gkt_form_argument(form, 0, 0), gkt_form_argument(form, 1, 0));
}

typedef struct {
  const char *text;
  gkt_form_kind kind;
  int num_fields, fields[3], field, sign;
  const char *weight, *K; /* of the first and the second form; where there is one form, of its parts */
  int count, weak, is_saddle;
} example;
#define UP 2, {FIELD_U, FIELD_P}, FIELD_P

static void check_example(const example *e) {
  gkt_form *tangent = tangent_by(e->kind, e->text, e->num_fields, e->fields);
  gkt_schur_forms f;
  assert_int_equal(gkt_form_find_schur(tangent, e->field, field_ranges, NULL, &f), GKT_OK);
  if (f.count != e->count || f.sign != e->sign || f.weak != e->weak || f.is_saddle != e->is_saddle)
    fail_msg("%s: %d forms, sign %d, weak %d, saddle %d (%s)", e->text, f.count, f.sign, f.weak, f.is_saddle, f.why);
  check_form(f.forms[0], e->weight, e->count == 1 ? e->K : "", e->text);
  if (e->count == 2) check_form(f.forms[1], "", e->K, e->text);
  gkt_schur_forms_clear(&f);
  gkt_form_destroy(&tangent);
}

static void saddle_points(void **state) {
  (void)state;
  const example list[] = {
      /* Stokes, by strains and by gradients, by equation and by energy; either sign of the second equation; gradients of the pressure; scaled rows */
      {"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/(2*mu)", "", 1, 0, 1},
      {"(mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/mu", "", 1, 0, 1},
      {"(mu*inner(sym(grad(u)), sym(grad(u))) - p*div(u))*dx - u[0]*dx", GKT_ENERGY, UP, -1, "1/(2*mu)", "", 1, 0, 1},
      {"inner(mu*grad(u) - p*I, grad(v))*dx + q*div(u)*dx", GKT_EQUATION, UP, 1, "1/mu", "", 1, 0, 1},
      {"(mu*inner(grad(u), grad(v)) + dot(grad(p), v) + dot(u, grad(q)))*dx", GKT_EQUATION, UP, -1, "1/mu", "", 1, 0, 1},
      {"(mu*inner(grad(u), grad(v)) - p*div(v) - k*q*div(u))*dx", GKT_EQUATION, UP, -1, "k/mu", "", 1, 0, 1},
      {"(f*mu*inner(grad(u), grad(v)) - f*p*div(v) - f*q*div(u))*dx", GKT_EQUATION, UP, -1, "f/mu", "", 1, 0, 1}, /* as of cylindrical coordinates */
      /* viscosities that vary in space, with temperature, with the state (its derivative by strains is of no sign: at rest) */
      {"(2*mu*exp(f)*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/(2*mu*exp(f))", "", 1, 0, 1},
      {"(mu/(1 + T^2)*inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "(1 + T^2)/mu", "", 1, 0, 1},
      /* convection is left out; steps of time add a mass, which Newton's derivative of convection is not */
      {"(mu*inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/mu", "", 1, 0, 1},
      {"(k*dot(u, v) + mu*inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/mu", "1/k", 2, 1, 1},
      {"(k/f*dot(u, v) + 2*mu*inner(sym(grad(u)), grad(v)) + dot(v, grad(p)) + dot(u, grad(q)))*dx", GKT_EQUATION, UP, -1, "1/(2*mu)", "f/k", 2, 0, 1},
      {"(c*dot(u, v) + mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/mu", "", 1, 0, 1}, /* c is 0 */
      /* grad-div stabilisation; nearly incompressible: the own block joins, in both of two forms */
      {"(mu*inner(grad(u), grad(v)) + k*div(u)*div(v) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "1/(mu + k)", "", 1, 0, 1},
      {"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - p*q/(1000*lambda))*dx", GKT_EQUATION, UP, -1, "1/(2*mu) + 1/(1000*lambda)", "", 1, 0, 1},
      {"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) + q*div(u) + p*q/lambda)*dx", GKT_EQUATION, UP, 1, "1/(2*mu) + 1/lambda", "", 1, 0, 0}, /* compressible enough */
      {"(mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u) - h^2/12*dot(grad(p), grad(q)))*dx", GKT_EQUATION, UP, -1, "1/mu", "h^2/12", 1, 0, 0},   /* Brezzi and Pitkaranta */
      /* Darcy: gradients, or by parts */
      {"(dot(u, v)/k + dot(v, grad(p)) + dot(u, grad(q)))*dx", GKT_EQUATION, UP, -1, "", "k", 1, 0, 0},
      {"(dot(u, v)/(k*f) - p*div(v) - q*div(u))*dx", GKT_EQUATION, UP, -1, "", "k*f", 1, 1, 0},
      /* a multiplier of the values of a field */
      {"(k*T*S + p*S + q*T)*dx", GKT_EQUATION, 2, {FIELD_P, FIELD_T}, FIELD_P, -1, "1/k", "", 1, 0, 0},
      /* a third field that the pressure does not see; two that it does */
      {"(mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u) - T*v[2] + dot(u, grad(T))*S + dot(grad(T), grad(S)))*dx",
       GKT_EQUATION,
       3,
       {FIELD_U, FIELD_P, FIELD_T},
       FIELD_P,
       -1,
       "1/mu",
       "",
       1,
       0,
       1},
      {"(mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u) + k*T*S - p*S - q*T)*dx", GKT_EQUATION, 3, {FIELD_U, FIELD_P, FIELD_T}, FIELD_P, -1, "1/mu + 1/k", "", 1, 0, 1}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) check_example(&list[i]);
}

/* Anisotropic Darcy: K = A^-1 with A a full matrix; the product is the identity. */
static void a_full_matrix_is_inverted(void **state) {
  (void)state;
  const double A[3][3] = {{4, 1, 0.5}, {1, 3, -0.25}, {0.5, -0.25, 2}};
  gkt_form *tangent =
      tangent_by(GKT_EQUATION, "(dot([[4, 1, 0.5], [1, 3, -0.25], [0.5, -0.25, 2]]*u, v) + dot(v, grad(p)) + dot(u, grad(q)))*dx", 2, (const int[]){FIELD_U, FIELD_P});
  gkt_schur_forms f;
  uint64_t trial = 1;
  assert_int_equal(gkt_form_find_schur(tangent, FIELD_P, field_ranges, NULL, &f), GKT_OK);
  assert_int_equal(f.count, 1);
  double *values = graph_values(s->graph, sample, &trial);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      for (int k = 0; k < 3; k++) sum += A[i][k] * values[f.forms[0]->integrals[0].nodes[(1 + k) * 4 + 1 + j]];
      assert_true(fabs(sum - (i == j)) < 1e-14);
    }
  free(values);
  gkt_schur_forms_clear(&f);
  gkt_form_destroy(&tangent);
}

/* At a deformed state the weight is that of its tangent: mean over k of (cof F e_k)' A_kk^-1 (cof F e_k), positive. */
static void finite_elasticity(void **state) {
  (void)state;
  gkt_form *tangent = tangent_by(GKT_ENERGY, "(mu/2*inner(F, F) - p*(det(F) - 1))*dx", 2, (const int[]){FIELD_U, FIELD_P});
  gkt_schur_forms f;
  assert_int_equal(gkt_form_find_schur(tangent, FIELD_P, field_ranges, NULL, &f), GKT_OK);
  assert_true(f.count == 1 && f.sign == -1 && f.is_saddle);
  check_form(f.forms[0], "inner(cofac(F), cofac(F))/(3*mu)", "", "neo-Hooke"); /* A_kk = mu: d2 det F has no (k, k) */
  gkt_schur_forms_clear(&f);
  gkt_form_destroy(&tangent);
}

/* Two materials: one integral each; what stands over the whole mesh goes to each. The quadrature is that of p. */
static void places_stay_apart(void **state) {
  (void)state;
  gkt_form *tangent =
      tangent_by(GKT_EQUATION, "mu*inner(grad(u), grad(v))*dx(oil) + 7*inner(grad(u), grad(v))*dx(water, ice) - (p*div(v) + q*div(u))*dx", 2, (const int[]){FIELD_U, FIELD_P});
  gkt_schur_forms f;
  gkt_monomial terms[512];
  assert_int_equal(gkt_form_find_schur(tangent, FIELD_P, field_ranges, NULL, &f), GKT_OK);
  assert_int_equal(gkt_form_num_integrals(f.forms[0]), 2);
  const gkt_integral *a = &f.forms[0]->integrals[0], *b = &f.forms[0]->integrals[1];
  assert_true(a->num_names == 1 && !strcmp(a->names[0], "oil") && b->num_names == 2 && !strcmp(b->names[1], "ice"));
  assert_true(gkt_graph_is_close(s->graph, a->nodes[0], node_of("1/mu"), 1e-15, 256, terms) && gkt_graph_is_close(s->graph, b->nodes[0], node_of("1/7"), 1e-15, 256, terms));
  assert_int_equal(a->degrees[GKT_STRAIGHT_SIMPLICES], 2);
  gkt_schur_forms_clear(&f);
  gkt_form_destroy(&tangent);
}

/* A coefficient at points is read at these points only; one whose degree no rule has is not followed by the quadrature. */
static void quadrature_fits(void **state) {
  (void)state;
  const struct {
    const char *text;
    int given, degree;
  } list[] = {{"(inner(grad(u), grad(v))/e*dx(degree=3) - (p*div(v) + q*div(u))*dx)", 1, 3},
              {"(inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", 0, 2},
              {"(inner(grad(u), grad(v)) - x[0]^4*(p*div(v) + q*div(u)))*dx", 0, 10},
              {"(inner(grad(u), grad(v)) - (2 + x[0]^45)*(p*div(v) + q*div(u)))*dx", 0, 2}};
  int e;
  assert_int_equal(gkt_scope_add_coefficient(s, "e", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &e), GKT_OK);
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    gkt_form *tangent = tangent_by(GKT_EQUATION, list[i].text, 2, (const int[]){FIELD_U, FIELD_P});
    gkt_schur_forms f;
    assert_int_equal(gkt_form_find_schur(tangent, FIELD_P, field_ranges, NULL, &f), GKT_OK);
    assert_int_equal(f.count, 1);
    if (f.forms[0]->integrals[0].is_given != list[i].given || f.forms[0]->integrals[0].degrees[GKT_STRAIGHT_SIMPLICES] != list[i].degree)
      fail_msg("%s: degree %d", list[i].text, f.forms[0]->integrals[0].degrees[GKT_STRAIGHT_SIMPLICES]);
    gkt_schur_forms_clear(&f);
    gkt_form_destroy(&tangent);
  }
}

static void no_form_is_given(void **state) {
  (void)state;
  int real;
  assert_int_equal(gkt_scope_add_field(s, "m", "n1", gkt_shape_scalar(), (gkt_element){GKT_REAL, 0}, &real), GKT_OK);
  const struct {
    const char *text, *why;
    int count, fields[3], field;
  } list[] = {{"(dot(grad(p), grad(q)) + dot(grad(T), grad(S)))*dx", "coupled with no other field", 2, {FIELD_P, FIELD_T}, FIELD_P},
              {"(inner(grad(u), grad(v)) - p*div(v))*dx + f*p*q*dx", "coupled with no other field", 2, {FIELD_U, FIELD_P}, FIELD_P}, /* one way only */
              {"(inner(grad(u), grad(v)) - p*div(v) - q*div(u) + p*q)*dx", "the own block of 'p' is not of the sign of a multiplier's", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(inner(grad(u), grad(v)) - p*div(v) - q*div(u) + dot(u, grad(p))*q)*dx", "the own block of 'p' is not", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(dot(grad(T), grad(S)) + p*S + q*T)*dx", "without a derivative", 2, {FIELD_P, FIELD_T}, FIELD_P},
              {"(T*S + dot(grad(p), grad(S)) + dot(grad(q), grad(T)))*dx", "by gradients on both sides", 2, {FIELD_P, FIELD_T}, FIELD_P},
              {"(- p*div(v) - q*div(u) + dot(grad(u)*u, v))*dx", "the own block of 'u' is not elliptic", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(grad(u)[0,0]*grad(v)[0,0] - p*div(v) - q*div(u))*dx", "the second-order block of 'u' is not definite", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(-inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", "the second-order block of 'u' is not definite", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(inner(grad(u), grad(v)) - p*div(v) - x[0]*q*grad(u)[0,0] + q*grad(u)[1,1])*dx", "the sign of the coupling with 'u' is not known", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"inner(grad(u), grad(v))*dx(a, b) + 2*inner(grad(u), grad(v))*dx(b) - (p*div(v) + q*div(u))*dx", "over different parts of the mesh", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"inner(grad(u), grad(v))*dx - (p*div(v) + q*div(u))*dx(a) - p*q*dx(b)", "", 2, {FIELD_U, FIELD_P}, FIELD_P},
              {"(dot(grad(T), grad(S)) + m*S + n1*(T - 1))*dx", "'m' is one number", 2, {FIELD_T, real}, real}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    gkt_form *tangent = tangent_by(GKT_EQUATION, list[i].text, list[i].count, list[i].fields);
    gkt_schur_forms f;
    assert_int_equal(gkt_form_find_schur(tangent, list[i].field, field_ranges, NULL, &f), GKT_OK);
    if ((f.count > 0) == (*list[i].why != 0) || !strstr(f.why, list[i].why)) fail_msg("%s: %d forms (%s)", list[i].text, f.count, f.why);
    gkt_schur_forms_clear(&f);
    gkt_form_destroy(&tangent);
  }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(saddle_points), T(a_full_matrix_is_inverted), T(finite_elasticity), T(places_stay_apart), T(quadrature_fits), T(no_form_is_given)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
