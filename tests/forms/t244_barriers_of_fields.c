/* Claim: among several unknowns, a body is recognised by its own gradient, whatever its pressure and the others are; the determinant is that of its field, and nothing else stops.
 */
#include "tests/several_fields.h"

#include "forms/barriers.h"
#include "tests/graphs.h"

typedef struct {
  const char *text;
  gkt_form_kind kind;
  int dim, count, fields[3], shift; /* of the first barrier; -2: there is none */
  bool blocks;
} example;
static const example examples[] = {
    /* mixed finite elasticity, nearly and fully incompressible */
    {"(mu/2*(inner(F, F) - 3 - 2*ln(det(F))) + p*ln(det(F)) - p^2/(2*lambda))*dx", GKT_ENERGY, 3, 2, {FIELD_U, FIELD_P}, 1, true},
    {"(mu/2*(inner(F, F)*det(F)^(-2/3) - 3) + p*(det(F) - 1))*dx", GKT_ENERGY, 3, 2, {FIELD_U, FIELD_P}, 1, true},
    {"(mu/2*inner(F, F) - p*(det(F) - 1))*dx", GKT_ENERGY, 2, 2, {FIELD_U, FIELD_P}, 1, false}, /* nothing keeps it from turning inside out but the user's care */
    {"(mu*inner(F - inv(F).T, grad(v)) + p*inner(cofac(F), grad(v)) + q*(det(F) - 1 - p/lambda))*dx", GKT_EQUATION, 2, 2, {FIELD_U, FIELD_P}, 1, true},
    {"((1 - r/2)*mu*inner(F - inv(F).T, grad(v)) - k*T*inner(inv(F).T, grad(v)) + dot(grad(T), grad(S)))*dx", GKT_EQUATION, 3, 2, {FIELD_U, FIELD_T}, 1, true},
    /* heat in the deformed body: its equation alone has the inverse */
    {"(mu*inner(sym(grad(u)), sym(grad(v))) + det(F)*dot(inv(F).T*grad(T), inv(F).T*grad(S)))*dx", GKT_EQUATION, 2, 2, {FIELD_U, FIELD_T}, 1, true},
    /* the other's gradient, or none */
    {"(mu*inner(sym(grad(u)), sym(grad(v))) + dot(grad(T), grad(S))/(1 - dot(grad(T), grad(T))/k))*dx", GKT_EQUATION, 2, 2, {FIELD_U, FIELD_T}, -1, true},
    {"(mu*inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) - q*div(u))*dx", GKT_EQUATION, 2, 2, {FIELD_U, FIELD_P}, -2, false},
    {"(mu/(1 + T)*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) + dot(grad(T), grad(S)) + dot(u, grad(T))*S)*dx",
     GKT_EQUATION,
     3,
     3,
     {FIELD_U, FIELD_P, FIELD_T},
     -2,
     false},
    {"((0.01 + inner(sym(grad(u)), sym(grad(u))))^(-0.3)*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", GKT_EQUATION, 2, 2, {FIELD_U, FIELD_P}, -2, false},
    {"(dot(grad(p), grad(q))*ln(1 + T^2) + dot(grad(T), grad(S)) + S*p)*dx", GKT_EQUATION, 2, 2, {FIELD_P, FIELD_T}, -2, false}};

static double determinant(int dim, const double f[9]) {
  if (dim == 2) return f[0] * f[3] - f[1] * f[2];
  return f[0] * (f[4] * f[8] - f[5] * f[7]) - f[1] * (f[3] * f[8] - f[5] * f[6]) + f[2] * (f[3] * f[7] - f[4] * f[6]);
}

typedef struct {
  uint64_t trial;
  int dim;
  double *f; /* [9] I + grad u, read off */
} draw;
static double value_of(const gkt_terminal *t, const void *user) {
  const draw *d = user;
  uint64_t state = d->trial + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  random_bits(&state);
  if (t->kind == GKT_TERM_CONSTANT) return field_ranges(t, NULL).low;
  double value = random_real(&state, -2, 2);
  if (t->kind == GKT_TERM_GRAD && t->function == FIELD_U) d->f[t->component * d->dim + t->direction] = value + (t->component == t->direction);
  return value;
}

/* 1 where det F <= 0, 0 elsewhere, in every integral that has one */
static void check_indicator(const example *e, const gkt_barriers *b) {
  int seen[2] = {0, 0};
  for (uint64_t trial = 1; trial <= 60; trial++) {
    double f[9] = {0};
    draw d = {trial, e->dim, f};
    double *values = graph_values(s->graph, value_of, &d), det = determinant(e->dim, f);
    bool beyond = values[b->form->integrals[0].nodes[0]] != 0;
    if (beyond != (det <= 0)) fail_msg("%s: det F = %g, but the indicator says %d", e->text, det, beyond);
    seen[beyond]++;
    free(values);
  }
  assert_true(seen[0] > 2 && seen[1] > 2);
}

static void bodies_are_recognised(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
    const example *e = &examples[i];
    gkt_barriers *b;
    open_fields(e->dim);
    gkt_form *form = parse_form(e->kind, e->text), *residual = form;
    if (e->kind == GKT_ENERGY) assert_int_equal(gkt_form_derivative(form, e->count, e->fields, &residual), GKT_OK);
    assert_int_equal(gkt_form_find_barriers(residual, field_ranges, NULL, &b), GKT_OK);
    int shift = b ? b->list[0].shift : -2;
    if (shift != e->shift || (b && (b->blocks != e->blocks || b->count != 1))) fail_msg("%s: %d barriers, the first of kind %d", e->text, b ? b->count : 0, shift);
    if (b) assert_int_equal(b->list[0].function, shift < 0 ? -1 : FIELD_U);
    if (b && shift == 1) check_indicator(e, b);
    gkt_barriers_destroy(&b);
    if (residual != form) gkt_form_destroy(&residual);
    gkt_form_destroy(&form);
    close_fields();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bodies_are_recognised)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
