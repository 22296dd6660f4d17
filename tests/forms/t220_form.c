/* Claim: text becomes integrals with the right measures, degrees and coefficients of the test function; what is no form is refused with its place. */
#include "tests/language.h"

static gkt_context *ctx;
static gkt_scope *s;
static int begin(void **state) {
  (void)state;
  ctx = make_context();
  s = make_scope(ctx, 2);
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_form *parse(gkt_form_kind kind, const char *text) {
  gkt_form *form = NULL;
  gkt_source source = text_source(text);
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}
static gkt_node node_of(const char *text) {
  gkt_expression *e;
  gkt_source source = text_source(text);
  if (gkt_expression_parse(s, &source, &e) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_node n = e->value.nodes[0];
  gkt_expression_destroy(&e);
  return n;
}

static void coefficients_of_the_test(void **state) {
  (void)state;
  gkt_form *form = parse(GKT_EQUATION, "k*inner(grad(u), grad(v))*dx + (u - f)*v*dx(degree=4) + 3*u*v*ds(left, right) == r*v*dx");
  assert_int_equal(gkt_form_arity(form), 1);
  assert_int_equal(gkt_form_argument(form, 0, 0), gkt_scope_find_function(s, "u"));
  assert_int_equal(gkt_form_num_integrals(form), 4);
  const gkt_integral *i = form->integrals;
  assert_true(i[0].measure == GKT_MEASURE_DX && i[0].num_nodes == 3 && i[0].num_names == 0 && i[0].degrees[GKT_STRAIGHT_SIMPLICES] == 0);
  assert_int_equal(i[0].nodes[0], GKT_ZERO);
  assert_int_equal(i[0].nodes[1], node_of("k*grad(u)[0]"));
  assert_int_equal(i[0].nodes[2], node_of("k*grad(u)[1]"));
  assert_int_equal(i[1].degrees[GKT_STRAIGHT_SIMPLICES], 4);
  assert_int_equal(i[1].nodes[0], node_of("u - f"));
  assert_true(i[2].measure == GKT_MEASURE_DS && i[2].num_names == 2 && i[2].degrees[GKT_STRAIGHT_SIMPLICES] == 2);
  assert_string_equal(i[2].names[1], "right");
  assert_true(i[2].marks[1].line == 1 && i[2].marks[1].column > i[2].marks[0].column);
  assert_int_equal(i[3].nodes[0], node_of("-r"));
  assert_int_equal(i[3].degrees[GKT_STRAIGHT_SIMPLICES], 1);
  gkt_form_destroy(&form);
}

static void equal_measures_are_one_integral(void **state) {
  (void)state;
  gkt_form *form = parse(GKT_EQUATION, "u*v*dx + f*v*dx - u*f*v*dx(a) + u*v*dx(degree=2) + u*u*v*dx(a) + u*v*dx(b)");
  assert_int_equal(gkt_form_num_integrals(form), 4); /* dx degree 2, estimated and given; dx(a) degree 3; dx(b) */
  assert_int_equal(form->integrals[0].nodes[0], node_of("u + f"));
  assert_int_equal(form->integrals[1].degrees[GKT_STRAIGHT_SIMPLICES], 3);
  assert_true(form->integrals[2].is_given && form->integrals[2].degrees[GKT_STRAIGHT_SIMPLICES] == 2 && form->integrals[2].degrees[GKT_CURVED_PRODUCTS] == 2);
  gkt_form_destroy(&form);
  form = parse(GKT_EQUATION, "u*v*dx + f*v*ds - f*v*ds"); /* what cancels is no integral */
  assert_int_equal(gkt_form_num_integrals(form), 1);
  gkt_form_destroy(&form);
}

static void degrees_of_quadrature(void **state) {
  (void)state;
  const struct {
    const char *text;
    int degrees[GKT_NUM_CELL_SORTS];
  } cases[] = {{"inner(grad(U), grad(V))*dx", {2, 5, 2, 5}}, /* products: derivatives keep the degree, the Jacobian adds one; curved: gradients are rational */
               {"dot(U, V)*dx", {4, 5, 6, 7}},               /* curved: the Jacobian has degree 2, on products 3 in each direction */
               {"x[0]^3*u*v*dx", {5, 6, 10, 11}},            /* curved: x has degree 2 */
               {"n[0]*u*v*ds", {2, 3, 9, 9}},                /* curved facets: six for the root, one for the normal */
               {"1*v*ds", {1, 2, 7, 7}},
               {"h*r*u*v*dx", {2, 3, 4, 5}},
               {"exp(u)*v*dx", {4, 5, 5, 6}}, /* up to 3k + 2 in all */
               {"exp(u)^4*v*dx", {5, 6, 5, 6}},
               {"exp(u)*v*ds", {4, 5, 10, 10}},
               {"u^4*v*dx", {5, 6, 7, 8}},
               {"exp(f)^4*u*v*dx", {5, 6, 5, 6}},
               {"f*grad(u)[0]*v*dx", {2, 4, 4, 5}},
               {"inner(grad(U), grad(U))^2*dot(U, V)*dx", {8, 13, 8, 13}}, /* curved: as if the Jacobian were constant, since that is more */
               {"inner(grad(U), grad(V))*dx(degree=3)", {3, 3, 3, 3}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *form = parse(GKT_EQUATION, cases[i].text);
    for (int c = 0; c < GKT_NUM_CELL_SORTS; c++)
      if (form->integrals[0].degrees[c] != cases[i].degrees[c])
        fail_msg("%s on cells of sort %d: degree %d; expected %d", cases[i].text, c, form->integrals[0].degrees[c], cases[i].degrees[c]);
    gkt_form_destroy(&form);
  }
}

static void vector_forms_number_components_first(void **state) {
  (void)state;
  gkt_form *form = parse(GKT_EQUATION, "div(U)*div(V)*dx == dot(w, V)*dx(degree=3)");
  assert_int_equal(form->integrals[0].num_nodes, 6);
  const gkt_node *n = form->integrals[0].nodes; /* [component][1+dim] */
  gkt_node div = node_of("grad(U)[0,0] + grad(U)[1,1]");
  assert_true(n[0] == GKT_ZERO && n[1] == div && n[2] == GKT_ZERO && n[3] == GKT_ZERO && n[4] == GKT_ZERO && n[5] == div);
  assert_int_equal(form->integrals[1].nodes[3], node_of("-w[1]"));
  gkt_form_destroy(&form);
}

/* The components of all fields that are tested follow each other, fields in the order of the scope; each block is what its field's own equation gives. */
static void several_fields_are_one_argument(void **state) {
  (void)state;
  gkt_form *form = parse(GKT_EQUATION, "dot(u*U, V)*dx + k*dot(grad(u), grad(v))*dx == div(U)*v*dx"), *d, *swapped, *refused = NULL;
  int u = gkt_scope_find_function(s, "u"), U = gkt_scope_find_function(s, "U"), first_of_u = u < U ? 0 : 2, first_of_U = u < U ? 1 : 0;
  assert_int_equal(gkt_form_num_arguments(form, 0), 2);
  assert_int_equal(gkt_form_argument(form, 0, 0), u < U ? u : U);
  assert_int_equal(gkt_form_argument(form, 0, 1), u < U ? U : u);
  assert_int_equal(gkt_form_components(form, 0), 3);
  assert_int_equal(gkt_form_derivative(form, 2, (const int[]){u, U}, &d), GKT_OK);
  assert_int_equal(gkt_form_derivative(form, 2, (const int[]){U, u}, &swapped), GKT_OK); /* the order of the list is no matter */
  for (int i = 0; i < gkt_form_num_integrals(form); i++) {
    assert_int_equal(form->integrals[i].num_nodes, 9);
    assert_int_equal(d->integrals[i].num_nodes, 81);
    assert_memory_equal(d->integrals[i].nodes, swapped->integrals[i].nodes, 81 * sizeof(gkt_node));
  }
  const gkt_node *g = d->integrals[0].nodes; /* u*U.V by u and U, and -div(U)*v, of one degree or not */
  gkt_node by_u = GKT_ZERO, by_U = GKT_ZERO, divergence = GKT_ZERO;
  for (int i = 0; i < gkt_form_num_integrals(d); i++) {
    g = d->integrals[i].nodes;
    if (g[first_of_U * 3 * 9 + first_of_u * 3] != GKT_ZERO) by_u = g[first_of_U * 3 * 9 + first_of_u * 3];
    if (g[first_of_U * 3 * 9 + first_of_U * 3] != GKT_ZERO) by_U = g[first_of_U * 3 * 9 + first_of_U * 3];
    if (g[first_of_u * 3 * 9 + first_of_U * 3 + 1] != GKT_ZERO) divergence = g[first_of_u * 3 * 9 + first_of_U * 3 + 1];
  }
  assert_int_equal(by_u, node_of("U[0]"));
  assert_int_equal(by_U, node_of("u"));
  assert_int_equal(divergence, node_of("-1"));
  assert_true(gkt_form_depends_on(d, u) && gkt_form_depends_on(d, U));
  assert_int_equal(gkt_form_derivative(form, 2, (const int[]){u, u}, &refused), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  gkt_form_destroy(&d);
  gkt_form_destroy(&swapped);
  gkt_form_destroy(&form);
}

static void functionals_have_no_argument(void **state) {
  (void)state;
  gkt_form *form = parse(GKT_FUNCTIONAL, "u^2*dx + 1*ds(left)");
  assert_int_equal(gkt_form_arity(form), 0);
  assert_int_equal(form->integrals[0].num_nodes, 1);
  assert_int_equal(form->integrals[0].nodes[0], node_of("u^2"));
  assert_int_equal(form->integrals[0].degrees[GKT_STRAIGHT_SIMPLICES], 4); /* as if a test function of the highest field's degree, 2, stood in it */
  assert_int_equal(form->integrals[1].degrees[GKT_STRAIGHT_SIMPLICES], 2);
  assert_true(gkt_form_depends_on(form, gkt_scope_find_function(s, "u")));
  assert_false(gkt_form_depends_on(form, gkt_scope_find_function(s, "U")));
  assert_true(gkt_form_depends_on(form, GKT_COORDINATES));
  gkt_form_destroy(&form);
}

static void wrong_equations_are_refused(void **state) {
  (void)state;
  const struct {
    const char *text, *message;
    gkt_status status;
  } cases[] = {
      {"u*v*dx + f*dx", "a.yaml: key: line 1, column 10: 'this term': has no test function", GKT_BAD_INPUT},
      {"u*v*v*dx", "column 1: 'v': this term is not linear in the test function", GKT_BAD_INPUT},
      {"u*v*dx == (v + 1)*dx", "column 11: 'v': this term is not linear", GKT_BAD_INPUT},
      {"sin(v)*dx", "not linear in the test function", GKT_BAD_INPUT},
      {"conditional(v < 0, v, u)*dx", "not linear in the test function", GKT_BAD_INPUT},
      {"u*v*dx + sign(v)*dx", "column 10: 'v': this term is not linear", GKT_BAD_INPUT}, /* its derivative and its value at 0 are 0 */
      {"(v + f*conditional(v < 0, 1, 0))*dx", "not linear in the test function", GKT_BAD_INPUT},
      {"v*V[0]*dx", "'V': multiplied with the test function 'v'", GKT_BAD_INPUT},
      {"0*v*dx", "is zero", GKT_BAD_INPUT},
      {"u*v*dx == v*u*dx", "is zero", GKT_BAD_INPUT},
      {"v*dx + u^70*v*dx", "key: line 1, column 8: 'this term': quadrature of degree 71 is not available yet; expected at most 63", GKT_UNAVAILABLE},
      {"v*dx + f*v*ds(a, degree=64)", "key: line 1, column 25: '64': not a quadrature degree; expected a whole number from 0 to 63", GKT_BAD_INPUT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *form = NULL;
    gkt_source source = text_source(cases[i].text);
    assert_int_equal(gkt_form_parse(s, GKT_EQUATION, &source, &form), cases[i].status);
    if (!strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %s", cases[i].text, gkt_context_message(ctx));
    assert_null(form);
    gkt_context_clear(ctx);
  }
}

static void sums_and_replaced_tests(void **state) {
  (void)state;
  gkt_form *a = parse(GKT_EQUATION, "u*v*dx"), *b = parse(GKT_EQUATION, "f*v*dx + v*ds"), *c = parse(GKT_FUNCTIONAL, "u*dx"), *sum, *J = NULL;
  int f = gkt_scope_find_function(s, "f"), w = gkt_scope_find_function(s, "w");
  assert_int_equal(gkt_form_add(a, b, &sum), GKT_OK);
  assert_int_equal(gkt_form_num_integrals(sum), 2);
  assert_int_equal(sum->integrals[0].nodes[0], node_of("u + f"));
  assert_string_equal(sum->key, "key");
  assert_int_equal(gkt_form_replace_test(sum, (const int[]){f}, &J), GKT_OK);
  assert_int_equal(gkt_form_arity(J), 0);
  assert_int_equal(J->integrals[0].nodes[0], node_of("(u + f)*f"));
  gkt_form_destroy(&J);
  assert_int_equal(gkt_form_replace_test(sum, (const int[]){w}, &J), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_form_replace_test(sum, (const int[]){gkt_scope_num_functions(s)}, &J), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_form_replace_test(sum, (const int[]){GKT_COORDINATES}, &J), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_form_derivative_constant(sum, gkt_scope_num_constants(s), &J), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_form_add(a, c, &J), GKT_BAD_ARGUMENT);
  gkt_form_destroy(&a), gkt_form_destroy(&b), gkt_form_destroy(&c), gkt_form_destroy(&sum);
}

static void a_sum_of_two_keys_has_none(void **state) {
  (void)state;
  gkt_source energy = {.text = "u^2*dx(b)", .file = "a.yaml", .key = "energy"};
  gkt_form *a = parse(GKT_EQUATION, "u*v*dx(a)"), *b, *residual, *sum;
  assert_int_equal(gkt_form_parse(s, GKT_ENERGY, &energy, &b), GKT_OK);
  assert_int_equal(gkt_form_derivative(b, 1, (const int[]){gkt_scope_find_function(s, "u")}, &residual), GKT_OK);
  assert_int_equal(gkt_form_add(a, residual, &sum), GKT_OK);
  assert_string_equal(sum->file, "a.yaml"); /* dx(b) must not be looked for under the key of dx(a) */
  assert_null(sum->key);
  gkt_form_destroy(&a), gkt_form_destroy(&b), gkt_form_destroy(&residual), gkt_form_destroy(&sum);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(coefficients_of_the_test),        T(equal_measures_are_one_integral), T(degrees_of_quadrature),       T(vector_forms_number_components_first),
      T(several_fields_are_one_argument), T(functionals_have_no_argument),    T(wrong_equations_are_refused), T(sums_and_replaced_tests),
      T(a_sum_of_two_keys_has_none)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
