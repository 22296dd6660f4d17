/* Shared by the tests of forms of several fields: a velocity, a pressure and a temperature. */
#ifndef GKT_TESTS_SEVERAL_FIELDS_H
#define GKT_TESTS_SEVERAL_FIELDS_H
#include "tests/language.h"

#include <math.h>

static gkt_context *ctx;
static gkt_scope *s;

/* u,v: P2 vector; p,q: P1 scalar; T,S: P3 scalar; L: P1 scalar without a test; coefficients f (P1), r (DP0); constants k 2, mu 3, lambda 5, c 0. */
enum { FIELD_U, TEST_V, FIELD_P, TEST_Q, FIELD_T, TEST_S, FIELD_L, FUNCTION_F, FUNCTION_R };
static inline void open_fields(int dim) {
  const char *constants[] = {"k", "mu", "lambda", "c"};
  int i;
  ctx = make_context();
  assert_int_equal(gkt_scope_create(ctx, dim, &s), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "u", "v", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "p", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "T", "S", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 3}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "L", NULL, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "r", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &i), GKT_OK);
  for (int n = 0; n < 4; n++) assert_int_equal(gkt_scope_add_constant(s, constants[n], &i), GKT_OK);
  add_let(s, "F", "I + grad(u)", true);
}
static inline void close_fields(void) {
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* f in [0.5, 2], r in [0, 1], constants as above; fields may be anything. */
static inline gkt_interval field_ranges(const gkt_terminal *t, const void *user) {
  const double constants[] = {2, 3, 5, 0};
  (void)user;
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){constants[t->function], constants[t->function]};
  if (t->kind == GKT_TERM_X) return (gkt_interval){0, 1};
  if (t->kind == GKT_TERM_H) return (gkt_interval){0, INFINITY};
  if (t->kind == GKT_TERM_VALUE && t->function == FUNCTION_F) return (gkt_interval){0.5, 2};
  if (t->kind == GKT_TERM_VALUE && t->function == FUNCTION_R) return (gkt_interval){0, 1};
  return (gkt_interval){-INFINITY, INFINITY};
}

static inline gkt_form *parse_form(gkt_form_kind kind, const char *text) {
  gkt_form *form = NULL;
  gkt_source source = text_source(text);
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}

/* By these fields; of an energy its second derivative. */
static inline gkt_form *tangent_by(gkt_form_kind kind, const char *text, int count, const int *fields) {
  gkt_form *form = parse_form(kind, text), *residual = NULL, *tangent;
  if (kind == GKT_ENERGY) assert_int_equal(gkt_form_derivative(form, count, fields, &residual), GKT_OK);
  assert_int_equal(gkt_form_derivative(residual ? residual : form, count, fields, &tangent), GKT_OK);
  gkt_form_destroy(&residual);
  gkt_form_destroy(&form);
  return tangent;
}

static inline gkt_form *block_of(const gkt_form *tangent, int row, int col) {
  gkt_form *block;
  assert_int_equal(gkt_form_block(tangent, row, col, &block), GKT_OK);
  return block;
}

static inline gkt_node node_of(const char *text) {
  gkt_expression *e;
  gkt_source source = text_source(text);
  if (gkt_expression_parse(s, &source, &e) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_node n = e->value.nodes[0];
  gkt_expression_destroy(&e);
  return n;
}
#endif
