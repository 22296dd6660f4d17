/* Claim: what people write who know UFL or FreeFEM is refused with what stands here for it. */
#include "tests/language.h"

static const struct {
  const char *text, *message; /* with a measure: a functional */
} habits[] = {{"gt(u, 1)", "column 1: 'gt': no function of the language; here it is written a > b"},
              {"lt(u, 1)", "column 1: 'lt': no function of the language; here it is written a < b"},
              {"ge(u, 1)", "column 1: 'ge': no function of the language; here it is written a >= b"},
              {"le(u, 1)", "column 1: 'le': no function of the language; here it is written a <= b"},
              {"conditional(eq(u, 1), 0, 1)", "column 13: 'eq': no function of the language; here it is written abs(a - b) < 1e-12"},
              {"And(u < 1, f < 1)", "column 1: 'And': no function of the language; here it is written a*b"},
              {"Or(u < 1, f < 1)", "column 1: 'Or': no function of the language; here it is written max(a, b)"},
              {"u.dx(0)", "column 2: '.dx': here it is written grad(u)[0], of component i of a vector grad(u)[i, 0]"},
              {"f*p.dx(1)", "column 4: '.dx': here it is written grad(p)[1], of component i of a vector grad(p)[i, 1]"},
              {"U[0].dx(1)", "column 5: '.dx': here it is written grad(u)[1], of component i of a vector grad(u)[i, 1]"},
              {"u.dx", "column 2: '.dx': here it is written grad(u)[0], of component i of a vector grad(u)[i, 0]"},
              {"Dx(u, 0)", "column 1: 'Dx': no function of the language; here it is written grad(u)[0]"},
              {"dy(u)", "column 1: 'dy': no function of the language; here it is written grad(u)[1]"},
              {"dx(u)*f*dx", "column 4: 'u': a function stands where a region is expected; its derivative is written grad( )[0]"},
              {"dx(u)*dx(p)*dx", "column 4: 'u': a function stands where a region is expected; its derivative is written grad( )[0]"},
              {"nabla_grad(u)", "column 1: 'nabla_grad': no function of the language; here it is written grad(u).T"},
              {"np.sin(u)", "column 3: '.sin': expected '.T', the transpose of a matrix, or a digit after the decimal point; functions have no module before them"},
              {"int2d(Th)(u)", "column 1: 'int2d': integrals are written (..)*dx over cells, (..)*ds(NAME) over a part of the boundary"},
              {"u*ds(1)", "column 6: '1': a number is the name of a region or boundary in quotes only; expected ds('1')"},
              {"u*dx(left, 12)", "column 12: '12': a number is the name of a region or boundary in quotes only; expected dx('12')"},
              {"grad(u)*grad(u)", "column 1: 'grad(u)*grad(u)': '*' does not multiply vectors; expected dot(a, b) for a scalar"},
              {"dot(u, f)", "column 1: 'dot(u, f)': the arguments are a scalar and a scalar; expected vectors or matrices; scalars are multiplied with '*'"},
              {"grad(u)'*grad(f)", "column 8: '*grad(f): a quote that is not closed; a transpose is written A.T"},
              {"(u < 1) && (f < 1)", "column 9: '&': conditions are joined by a*b (and), max(a, b) (or), 1 - a (not)"}};

static void habits_are_known(void **unused) {
  (void)unused;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
    gkt_source source = text_source(habits[i].text);
    gkt_expression *e = NULL;
    gkt_form *form = NULL;
    gkt_context_clear(ctx);
    gkt_status status = strstr(habits[i].text, "*d") ? gkt_form_parse(s, GKT_FUNCTIONAL, &source, &form) : gkt_expression_parse(s, &source, &e);
    assert_int_equal(status, GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), habits[i].message)) fail_msg("%s: the message is '%s'", habits[i].text, gkt_context_message(ctx));
  }
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(habits_are_known)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
