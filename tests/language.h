/* Shared by the tests of the language: a scope with typical names. */
#ifndef GKT_TESTS_LANGUAGE_H
#define GKT_TESTS_LANGUAGE_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "forms/ast.h"
#include "forms/form.h"

/* u,v: P1 scalar; U,V: P2 vector; p: P2 scalar without test; S: P1 matrix; coefficients f (P1), w (P1 vector), r (DP0); constants k, E, nu. */
static inline gkt_scope *make_scope(gkt_context *ctx, int dim) {
  gkt_scope *s;
  int i;
  const char *constants[] = {"k", "E", "nu"};
  assert_int_equal(gkt_scope_create(ctx, dim, &s), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "U", "V", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "p", NULL, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "S", NULL, gkt_shape_matrix(dim, dim), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "w", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "r", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &i), GKT_OK);
  for (size_t c = 0; c < 3; c++) assert_int_equal(gkt_scope_add_constant(s, constants[c], &i), GKT_OK);
  return s;
}

static inline gkt_context *make_context(void) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  return ctx;
}

static inline gkt_source text_source(const char *text) { return (gkt_source){.text = text, .file = "a.yaml", .key = "key"}; }

static inline void add_let(gkt_scope *s, const char *name, const char *text, bool allow_fields) {
  gkt_source source = {.text = text, .file = "a.yaml", .key = name};
  assert_int_equal(gkt_scope_add_expression(s, name, &source, allow_fields), GKT_OK);
}
#endif
