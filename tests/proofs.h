/* Shared by the tests of what forms prove: a scope, tangents of texts, and a quadratic form at random points. */
#ifndef GKT_TESTS_PROOFS_H
#define GKT_TESTS_PROOFS_H
#include "tests/language.h"

#include <math.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_scope *s;

static inline void open_scope(int dim) {
  ctx = make_context();
  s = make_scope(ctx, dim);
}
static inline void add_scalar(const char *name, gkt_element_kind kind, int degree) {
  int i;
  assert_int_equal(gkt_scope_add_coefficient(s, name, gkt_shape_scalar(), (gkt_element){kind, degree}, &i), GKT_OK);
}
static inline int end(void **state) {
  (void)state;
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
  return 0;
}

static inline gkt_form *make_tangent(gkt_form_kind kind, const char *text, const char *field) {
  gkt_form *form, *tangent, *residual = NULL;
  gkt_source source = text_source(text);
  int function = gkt_scope_find_function(s, field);
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  if (kind == GKT_ENERGY) assert_int_equal(gkt_form_derivative(form, 1, (const int[]){function}, &residual), GKT_OK);
  assert_int_equal(gkt_form_derivative(residual ? residual : form, 1, (const int[]){function}, &tangent), GKT_OK);
  gkt_form_destroy(&residual);
  gkt_form_destroy(&form);
  return tangent;
}

/* Of a random number for a terminal in a trial. */
static inline uint64_t terminal_state(const gkt_terminal *t, uint64_t trial) {
  return trial + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
}

/* What is called positive is so on samples: z'Gz >= 0 for random z. sample: values of terminals, user: the number of the trial, uint64_t. 1e-12 of the absolute sum: its rounding.
 */
static inline void sample_positivity(const gkt_form *tangent, const char *text, graph_terminal_value *sample, uint64_t trials) {
  int n = gkt_form_components(tangent, 0) * (1 + s->dim);
  for (uint64_t trial = 1; trial < trials; trial++) {
    double *values = graph_values(s->graph, sample, &trial), z[36];
    for (int i = 0; i < tangent->num_integrals; i++) {
      uint64_t state = trial + 77 * (uint64_t)i;
      double sum = 0, size = 0;
      for (int k = 0; k < n; k++) z[k] = random_real(&state, -1, 1);
      for (int k = 0; k < n * n; k++) {
        double term = z[k / n] * values[tangent->integrals[i].nodes[k]] * z[k % n];
        sum += term, size += fabs(term);
      }
      if (!(sum >= -1e-12 * size)) fail_msg("%s is said to be positive, and z'Gz = %g", text, sum);
    }
    free(values);
  }
}
#endif
