/* Claim: in forms of several fields each term has its own degree; a block of a tangent is the tangent of that field's own terms and says of itself what these say; blocks that no
   term fills are structurally zero; sums of forms of different fields are forms of all; equations without unknowns and unknowns without equations are named. */
#include "tests/several_fields.h"

static int begin(void **state) {
  (void)state;
  open_fields(2);
  return 0;
}
static int end(void **state) {
  (void)state;
  close_fields();
  return 0;
}

/* u has degree 2, p 1, T 3: on straight simplices a gradient has one less, products add; on straight products gradients keep the degree and the Jacobian adds one. */
static void each_term_has_its_degree(void **state) {
  (void)state;
  const struct {
    const char *text;
    int simplices, products;
  } terms[] = {{"inner(grad(u), grad(v))*dx", 2, 5},
               {"p*div(v)*dx", 2, 4},
               {"q*div(u)*dx", 2, 4},
               {"dot(grad(u)*u, v)*dx", 5, 7},
               {"dot(grad(p), v)*dx", 2, 4},
               {"T*dot([0, 1], v)*dx", 5, 6},
               {"dot(u, grad(T))*S*dx", 7, 9},
               {"p*q*dx", 2, 3},
               {"dot(grad(T), grad(S))*dx", 4, 7},
               {"f*T*p*q*dx", 6, 7},
               {"exp(p)*dot(grad(T), grad(S))*dx", 7, 10}}; /* exp(p) 3 */
  char all[600] = "";
  int found = 0;
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
    gkt_form *form = parse_form(GKT_EQUATION, terms[i].text);
    const int *d = form->integrals[0].degrees;
    if (d[GKT_STRAIGHT_SIMPLICES] != terms[i].simplices || d[GKT_STRAIGHT_PRODUCTS] != terms[i].products)
      fail_msg("%s: degrees %d and %d", terms[i].text, d[GKT_STRAIGHT_SIMPLICES], d[GKT_STRAIGHT_PRODUCTS]);
    gkt_form_destroy(&form);
    sprintf(all + strlen(all), "%s%s", i ? " + " : "", terms[i].text);
  }
  gkt_form *form = parse_form(GKT_EQUATION, all), *shared = parse_form(GKT_EQUATION, "(dot(grad(u)*u, v) - p*div(v) - q*div(u))*dx"); /* degrees 2, 4, 5, 6, 7 */
  assert_int_equal(gkt_form_num_integrals(form), 5);
  for (int degree = 0; degree < 9; degree++)
    for (int i = 0; i < 5; i++) found += form->integrals[i].degrees[GKT_STRAIGHT_SIMPLICES] == degree;
  assert_int_equal(found, 5);
  assert_int_equal(gkt_form_num_integrals(shared), 1); /* one measure, one term: transposed blocks have the same points, so that they stay symmetric */
  assert_int_equal(shared->integrals[0].degrees[GKT_STRAIGHT_SIMPLICES], 5);
  gkt_form_destroy(&form);
  gkt_form_destroy(&shared);
}

static void check_equal(const gkt_form *a, const gkt_form *b, const char *text) {
  assert_int_equal(a->num_integrals, b->num_integrals);
  for (int i = 0; i < a->num_integrals; i++) {
    assert_int_equal(a->integrals[i].num_nodes, b->integrals[i].num_nodes);
    assert_memory_equal(a->integrals[i].degrees, b->integrals[i].degrees, sizeof a->integrals[i].degrees);
    for (int k = 0; k < a->integrals[i].num_nodes; k++)
      if (a->integrals[i].nodes[k] != b->integrals[i].nodes[k]) fail_msg("%s: node %d differs", text, k);
  }
}

static const char *const flow[] = {"(mu*inner(sym(grad(u)), grad(v)) + dot(grad(u)*u, v) - p*div(v))*dx + k*T*v[1]*dx(left)", "(q*div(u) + f*p*q)*dx",
                                   "(dot(u, grad(T))*S + (1 + T^2)*dot(grad(T), grad(S)))*dx(degree=4) - h*T*S*ds"};

/* The block (i, j) is what field i's own equation gives by field j. */
static void a_block_is_the_tangent_of_its_terms(void **state) {
  (void)state;
  const int fields[] = {FIELD_U, FIELD_P, FIELD_T};
  char all[600];
  snprintf(all, sizeof all, "%s + %s + %s", flow[0], flow[1], flow[2]);
  gkt_form *tangent = tangent_by(GKT_EQUATION, all, 3, fields), *refused = NULL;
  assert_int_equal(gkt_form_check_unknowns(tangent), GKT_OK);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      gkt_form *block = block_of(tangent, fields[i], fields[j]), *own = tangent_by(GKT_EQUATION, flow[i], 1, &fields[j]);
      assert_int_equal(gkt_form_argument(block, 0, 0), fields[i]);
      assert_int_equal(gkt_form_argument(block, 1, 0), fields[j]);
      assert_int_equal(gkt_form_num_arguments(block, 0), 1);
      assert_int_equal(block->symmetric, own->symmetric);
      check_equal(block, own, flow[i]);
      gkt_form_destroy(&block);
      gkt_form_destroy(&own);
    }
  assert_int_equal(gkt_form_block(tangent, FIELD_U, FIELD_L, &refused), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "function 6 is none of the form's columns"));
  gkt_form_destroy(&tangent);
}

/* What cancels or is nowhere leaves GKT_ZERO, so that assembly has no entries there. */
static void blocks_without_terms_are_zero(void **state) {
  (void)state;
  const struct {
    const char *text;
    bool energy;
  } forms[] = {{"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", false},
               {"(mu*inner(F, F)/2 - p*(det(F) - 1))*dx - dot([0, 1], u)*dx", true},
               {"inner(grad(u), grad(v))*dx + dot(grad(p), v)*dx + (q*div(u) + p*q - q*p)*dx", false}};
  for (int i = 0; i < 3; i++) {
    gkt_form *tangent = tangent_by(forms[i].energy ? GKT_ENERGY : GKT_EQUATION, forms[i].text, 2, (const int[]){FIELD_U, FIELD_P});
    gkt_form *pp = block_of(tangent, FIELD_P, FIELD_P), *up = block_of(tangent, FIELD_U, FIELD_P);
    assert_int_equal(gkt_form_num_integrals(pp), 0);
    assert_true(gkt_form_num_integrals(up) > 0);
    for (int n = 0; n < tangent->num_integrals; n++) /* [3][3][3][3]: component 2 is p */
      for (int k = 0; k < 9; k++) assert_int_equal(tangent->integrals[n].nodes[((2 * 3 + k / 3) * 3 + 2) * 3 + k % 3], GKT_ZERO);
    assert_true(forms[i].energy == (gkt_form_depends_on(tangent, FIELD_P) && gkt_form_depends_on(tangent, FIELD_U)));
    gkt_form_destroy(&pp);
    gkt_form_destroy(&up);
    gkt_form_destroy(&tangent);
  }
}

typedef struct {
  const char *text;
  bool energy;
  int field, symmetric, positive, negative, zero, rotations;
  gkt_ellipticity ellipticity;
} expectation;
static void facts_are_those_of_the_block(void **state) {
  (void)state;
  const char *stokes = "(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx",
             *near = "(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - p*q/lambda)*dx";
  const char *body = "(mu/2*(inner(F, F) - 2 - 2*ln(det(F))) + p*ln(det(F)) - p^2/(2*lambda))*dx";
  const expectation list[] = {{stokes, false, FIELD_U, 1, 1, 0, 0, 1, GKT_ELLIPTIC_IN_STRAINS},
                              {stokes, false, FIELD_P, 1, 1, 1, 1, 0, GKT_NOT_ELLIPTIC},
                              {near, false, FIELD_P, 1, 0, 1, 0, 0, GKT_NOT_ELLIPTIC},
                              {"(inner(grad(u), grad(v)) - p*div(v) - q*div(u) - c*p*q)*dx", false, FIELD_P, 1, 1, 1, 1, 0, GKT_NOT_ELLIPTIC}, /* c is 0 */
                              {"(inner(grad(u), grad(v)) - p*div(v) - q*div(u) - h^2*dot(grad(p), grad(q)))*dx", false, FIELD_P, 1, 0, 1, 0, 0, GKT_NOT_ELLIPTIC},
                              {"(inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) + q*div(u))*dx", false, FIELD_U, 0, 0, 0, 0, 0, GKT_NOT_ELLIPTIC},
                              {body, true, FIELD_U, 1, 0, 0, 0, 1, GKT_NOT_ELLIPTIC}, /* at rest, where p is 0 as well */
                              {body, true, FIELD_P, 1, 0, 1, 0, 0, GKT_NOT_ELLIPTIC},
                              {"(dot(u, v) + r*T*S + f*dot(grad(T), grad(S)) + dot(u, grad(S)))*dx", false, FIELD_T, 1, 1, 0, 0, 0, GKT_ELLIPTIC}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    const expectation *e = &list[i];
    const int fields[] = {FIELD_U, e->field == FIELD_T ? FIELD_T : FIELD_P};
    gkt_form *tangent = tangent_by(e->energy ? GKT_ENERGY : GKT_EQUATION, e->text, 2, fields), *block = block_of(tangent, e->field, e->field);
    gkt_form_facts f;
    assert_int_equal(gkt_form_analyse(block, field_ranges, NULL, NULL, &f), GKT_OK);
    if (f.symmetric != e->symmetric || f.positive != e->positive || f.negative != e->negative || f.zero != e->zero || f.annihilates_rotations != e->rotations ||
        f.ellipticity != e->ellipticity)
      fail_msg("%s, field %d: symmetric %d, positive %d, negative %d, zero %d, rotations %d, elliptic %d (%s)", e->text, e->field, f.symmetric, f.positive, f.negative, f.zero,
               f.annihilates_rotations, f.ellipticity, f.why);
    gkt_form_destroy(&block);
    gkt_form_destroy(&tangent);
  }
}

/* The whole: a saddle point is symmetric and not positive; two coupled diffusions are positive and elliptic together. Strains are of one vector field, not of two scalars. */
static void facts_of_the_whole(void **state) {
  (void)state;
  const struct {
    const char *text;
    int count, fields[2], symmetric, positive;
    gkt_ellipticity ellipticity;
  } list[] = {{"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", 2, {FIELD_U, FIELD_P}, 1, 0, GKT_NOT_ELLIPTIC},
              {"(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) + q*div(u))*dx", 2, {FIELD_U, FIELD_P}, 0, 0, GKT_NOT_ELLIPTIC},
              {"(dot(grad(p), grad(q)) + 3*dot(grad(T), grad(S)) + dot(grad(p), grad(S)) + dot(grad(T), grad(q)))*dx", 2, {FIELD_P, FIELD_T}, 1, 1, GKT_ELLIPTIC},
              {"(dot(grad(p), grad(q)) + dot(grad(T), grad(S)) + 2*dot(grad(p), grad(S)) + 2*dot(grad(T), grad(q)))*dx", 2, {FIELD_P, FIELD_T}, 1, 0, GKT_NOT_ELLIPTIC},
              {"(grad(p)[0]*grad(q)[0] + grad(T)[1]*grad(S)[1] + (grad(p)[1] + grad(T)[0])*(grad(q)[1] + grad(S)[0]))*dx", 2, {FIELD_P, FIELD_T}, 1, 1, GKT_NOT_ELLIPTIC}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    gkt_form *tangent = tangent_by(GKT_EQUATION, list[i].text, list[i].count, list[i].fields);
    gkt_form_facts f;
    assert_int_equal(gkt_form_analyse(tangent, field_ranges, NULL, NULL, &f), GKT_OK);
    if (f.symmetric != list[i].symmetric || f.positive != list[i].positive || f.ellipticity != list[i].ellipticity || f.annihilates_rotations)
      fail_msg("%s: symmetric %d, positive %d, elliptic %d", list[i].text, f.symmetric, f.positive, f.ellipticity);
    gkt_form_destroy(&tangent);
  }
}

/* Which fields see each other, with the values that constants have: c is 0. */
static void zero_blocks_off_the_diagonal(void **state) {
  (void)state;
  const int fields[] = {FIELD_U, FIELD_P, FIELD_T};
  const bool zero[3][3] = {{false, false, true}, {false, true, true}, {false, true, false}};
  gkt_form *tangent = tangent_by(GKT_EQUATION, "(mu*inner(grad(u), grad(v)) - p*div(v) - c*T*v[1] - q*div(u) + dot(grad(T), grad(S)) + div(u)*S)*dx", 3, fields);
  for (int i = 0; i < 9; i++) {
    gkt_form *block = block_of(tangent, fields[i / 3], fields[i % 3]);
    gkt_form_facts f;
    assert_int_equal(gkt_form_analyse(block, field_ranges, NULL, NULL, &f), GKT_OK);
    assert_int_equal(f.zero, zero[i / 3][i % 3]);
    gkt_form_destroy(&block);
  }
  gkt_form_destroy(&tangent);
}

/* An energy of u and p, an equation of T: the sum is what one text of all three gives. */
static void sums_unite_fields(void **state) {
  (void)state;
  gkt_form *energy = parse_form(GKT_ENERGY, "(mu*inner(sym(grad(u)), sym(grad(u))) - T*div(u) - p*div(u))*dx"), *gradient, *sum;
  gkt_form *heat = parse_form(GKT_EQUATION, "(k*dot(grad(T), grad(S)) + div(u)*S)*dx");
  gkt_form *all = parse_form(GKT_EQUATION, "(2*mu*inner(sym(grad(u)), sym(grad(v))) - T*div(v) - p*div(v) - q*div(u) + k*dot(grad(T), grad(S)) + div(u)*S)*dx");
  assert_int_equal(gkt_form_derivative(energy, 2, (const int[]){FIELD_U, FIELD_P}, &gradient), GKT_OK);
  assert_int_equal(gkt_form_add(heat, gradient, &sum), GKT_OK);
  assert_int_equal(gkt_form_num_arguments(sum, 0), 3);
  for (int k = 0; k < 3; k++) assert_int_equal(gkt_form_argument(sum, 0, k), gkt_form_argument(all, 0, k));
  const int fields[] = {FIELD_U, FIELD_P, FIELD_T};
  gkt_form *of_sum, *of_all;
  gkt_monomial terms[512];
  assert_int_equal(gkt_form_derivative(sum, 3, fields, &of_sum), GKT_OK);
  assert_int_equal(gkt_form_derivative(all, 3, fields, &of_all), GKT_OK);
  for (int k = 0; k < 144; k++) { /* summed over integrals: degrees differ, since the energy's terms are one integrand */
    gkt_node a = GKT_ZERO, b = GKT_ZERO;
    for (int i = 0; i < of_sum->num_integrals; i++) a = gkt_add(s->graph, a, of_sum->integrals[i].nodes[k]);
    for (int i = 0; i < of_all->num_integrals; i++) b = gkt_add(s->graph, b, of_all->integrals[i].nodes[k]);
    assert_true(gkt_graph_is_close(s->graph, a, b, 1e-14, 256, terms));
  }
  gkt_form_destroy(&energy), gkt_form_destroy(&gradient), gkt_form_destroy(&heat), gkt_form_destroy(&sum), gkt_form_destroy(&all);
  gkt_form_destroy(&of_sum), gkt_form_destroy(&of_all);
}

/* An energy of two fields: symmetric by descent, each field's equation its derivative by that field. */
static void energies_of_several_fields(void **state) {
  (void)state;
  gkt_form *energy = parse_form(GKT_ENERGY, "(T^2*inner(grad(u), grad(u))/2 + exp(T)*p - p^2*T)*dx"), *residual, *own, *tangent;
  const int fields[] = {FIELD_U, FIELD_P, FIELD_T};
  assert_int_equal(gkt_form_derivative(energy, 3, fields, &residual), GKT_OK);
  for (int i = 0, first = 0; i < 3; i++) {
    assert_int_equal(gkt_form_derivative(energy, 1, &fields[i], &own), GKT_OK);
    assert_memory_equal(residual->integrals[0].nodes + first, own->integrals[0].nodes, (size_t)own->integrals[0].num_nodes * sizeof(gkt_node));
    first += own->integrals[0].num_nodes;
    gkt_form_destroy(&own);
  }
  assert_int_equal(gkt_form_derivative(residual, 3, fields, &tangent), GKT_OK);
  assert_true(gkt_form_is_symmetric(tangent));
  gkt_form_destroy(&energy), gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
}

/* A jump with T is none with u. */
static void branches_are_those_of_a_field(void **state) {
  (void)state;
  gkt_form *tangent = tangent_by(GKT_EQUATION, "inner(grad(u), grad(v))*dx + conditional(T < 1, 1, 2)*S*dx + T*S*dx", 2, (const int[]){FIELD_U, FIELD_T});
  gkt_form *uu = block_of(tangent, FIELD_U, FIELD_U), *TT = block_of(tangent, FIELD_T, FIELD_T);
  assert_true(gkt_form_depends_on(tangent, FIELD_T) && gkt_form_depends_on(TT, FIELD_T));
  assert_false(gkt_form_depends_on(tangent, FIELD_U) || gkt_form_depends_on(uu, FIELD_U));
  gkt_form_destroy(&uu), gkt_form_destroy(&TT), gkt_form_destroy(&tangent);
}

static void wrong_terms_are_refused(void **state) {
  (void)state;
  const struct {
    const char *text, *message;
  } cases[] = {{"inner(grad(u), grad(v))*dx - q*div(v)*dx", "a.yaml: key: line 1, column 30: 'q': multiplied with the test function 'v'; expected one test function in each "
                                                            "product, with a field for the other: 'u' for 'v', or 'p' for 'q'"},
               {"(inner(grad(u), grad(v)) - q*div(v))*dx", "column 1: 'q': multiplied with the test function 'v'"},
               {"conditional(q < 0, dot(u, v), 0)*dx", "'q': multiplied with the test function 'v'"},
               {"dot(u, v)*dx + (p*T)*dx", "column 16: 'this term': has no test function; expected every term of an equation to be linear in one: 'v', 'q', 'S'"},
               {"(dot(u, v) + p*q + p)*dx", "'v': this term is not linear in the test function"},
               {"(dot(u, v) + p*q^2)*dx", "'q': this term is not linear in the test function"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *form = NULL;
    gkt_source source = text_source(cases[i].text);
    assert_int_equal(gkt_form_parse(s, GKT_EQUATION, &source, &form), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %s", cases[i].text, gkt_context_message(ctx));
    assert_null(form);
    gkt_context_clear(ctx);
  }
}

static void unknowns_and_equations_fit(void **state) {
  (void)state;
  const struct {
    const char *text, *message;
    int count, fields[3];
  } cases[] = {{"(inner(grad(u), grad(v)) - p*div(v))*dx", "'p': no equation: its test function 'q' is in no term; expected terms with 'q'", 2, {FIELD_U, FIELD_P}},
               {"(inner(grad(u), grad(v)) - L*div(v))*dx", "'L': an unknown without a test function", 2, {FIELD_U, FIELD_L}},
               {"(inner(grad(u), grad(v)) + q*div(u))*dx", "'p': it has an equation and is no unknown; expected as many unknowns as equations", 1, {FIELD_U}},
               {"(inner(grad(u), grad(v)) + q*div(u))*dx", "'p': the unknown drops out", 2, {FIELD_U, FIELD_P}},
               {"(inner(grad(u), grad(v)) - p*div(v) + f*q)*dx", "'p': its equation holds no unknown", 2, {FIELD_U, FIELD_P}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *tangent = tangent_by(GKT_EQUATION, cases[i].text, cases[i].count, cases[i].fields);
    assert_int_equal(gkt_form_check_unknowns(tangent), GKT_BAD_INPUT);
    const char *message = gkt_context_message(ctx);
    if (!strstr(message, cases[i].message) || strncmp(message, "a.yaml: key: ", 13)) fail_msg("%s: %s", cases[i].text, message);
    gkt_context_clear(ctx);
    gkt_form_destroy(&tangent);
  }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(each_term_has_its_degree),
                                     T(a_block_is_the_tangent_of_its_terms),
                                     T(blocks_without_terms_are_zero),
                                     T(facts_are_those_of_the_block),
                                     T(facts_of_the_whole),
                                     T(zero_blocks_off_the_diagonal),
                                     T(sums_unite_fields),
                                     T(energies_of_several_fields),
                                     T(branches_are_those_of_a_field),
                                     T(wrong_terms_are_refused),
                                     T(unknowns_and_equations_fit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
