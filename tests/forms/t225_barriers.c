/* Claim: what a form cannot pass is recognised, however its determinant is written and its sign hidden, and nothing else is: each form has the barriers, and the indicator the
   values, that are worked out by hand. */
#include "tests/language.h"

#include <math.h>

#include "forms/barriers.h"
#include "tests/graphs.h"

static gkt_context *ctx;
static int begin(void **state) {
  (void)state;
  ctx = make_context();
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  (void)user;
  if (t->kind == GKT_TERM_X) return (gkt_interval){0.5, 1};
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){2, 2};
  return (gkt_interval){-INFINITY, INFINITY};
}

typedef enum { NONE, DISPLACEMENT, POSITION, OTHER, BODY, BOTH } kind; /* BODY: det(I + grad u), warned of only; BOTH: DISPLACEMENT and another factor */
typedef struct {
  kind kind;
  int dim;
  const char *energy; /* of the vector u, C its right Cauchy-Green tensor; of the scalar s */
} example;
static const example examples[] = {
    {DISPLACEMENT, 2, "(inner(F, F)/2 - ln(det(F)))*dx"},
    {DISPLACEMENT, 3, "(inner(F, F)*det(F)^(-2/3) + (det(F) - 1)^2)*dx"},
    {DISPLACEMENT, 3, "(inner(F, F)/2 + (det(F)^(-k) - 1)/k)*dx"},
    {DISPLACEMENT, 3, "(tr(C) - ln(det(C)) + ln(det(C))^2)*dx"},
    {DISPLACEMENT, 2, "(tr(C) - ln(det(F)^2))*dx"},
    {DISPLACEMENT, 2, "(tr(C) - ln(abs(det(F))))*dx"},
    {DISPLACEMENT, 3, "(tr(C) + (sqrt(det(C)) - 1)^2)*dx"},
    {DISPLACEMENT, 2, "(tr(C) - ln((tr(C)^2 - tr(C*C))/2))*dx"}, /* det C by Cayley and Hamilton */
    {DISPLACEMENT, 3, "(tr(C) - ln(-det(F)*(-3)*k))*dx"},
    {DISPLACEMENT, 2, "(tr(C) + det(F)^2.5)*dx"},
    {DISPLACEMENT, 2, "inner(inv(F), inv(F))*dx"},
    {DISPLACEMENT, 3, "tr(inv(C))*dx"},
    {DISPLACEMENT, 2, "tr(C)*dx + dot(inv(F)*n, n)*ds"},
    {DISPLACEMENT, 1, "(1 + grad(u)[0,0])^(-2)*dx"},
    {BOTH, 2, "(inner(F, F) - ln(det(F)*(1 + u[0]/x[0])*det(I + x[0]*grad(u))))*dx"},
    {POSITION, 2, "inner(grad(u), grad(u))/det(grad(u))*dx"},
    {POSITION, 3, "(inner(grad(u), grad(u)) - ln(det(grad(u).T*grad(u))))*dx"},
    {BODY, 2, "(inner(C - I, C - I) + k*tr(C - I)^2)*dx"},
    {BODY, 3, "(inner(C - I, C - I) - dot(u, x))*dx"},
    {BODY, 2, "(tr(C) - ln(max(det(F), 0.1)))*dx"},
    {BODY, 2, "conditional(det(F) > 0.2, tr(C) - ln(det(F)), tr(C) - 5*det(F))*dx"},
    {BODY, 2, "(tr(C) + det(F)^2 - 4*det(F))*dx"},
    {OTHER, 2, "dot(grad(s), grad(s))/(1 - dot(grad(s), grad(s))/k)*dx"},
    {OTHER, 2, "(1 - dot(grad(s), grad(s))/k)^3.5*dx"},
    {OTHER, 2, "ln(k - grad(s)[0])*dx"},
    {OTHER, 2, "1/(grad(s)[1] - k)^2*dx"}, /* negative at rest */
    {NONE, 2, "sqrt(1 + dot(grad(s), grad(s)))*dx"},
    {NONE, 2, "(dot(grad(s), grad(s)) + 0.01)^1.3*dx"},
    {NONE, 2, "norm(grad(s))*dx"}, /* at rest it has no sign */
    {NONE, 2, "exp(grad(s)[0])/(2 + sin(grad(s)[1]))*dx"},
    {NONE, 2, "dot(grad(s), grad(s))/(1 + s)*dx"},
    {NONE, 2, "dot(grad(s), grad(s))^2*dx - ln(2 + s)*dx"},
    {NONE, 2, "(inner(grad(u), grad(u)) + 0.01)^1.5*dx"},
    {NONE, 3, "(k*tr(sym(grad(u)))^2 + inner(sym(grad(u)), sym(grad(u))))*dx + dot(u, u)^2*dx"},
    {NONE, 1, "(grad(u)[0,0]^2)^0.75*dx"},
    {NONE, 1, "abs(grad(u)[0,0])^1.5*dx"},
    {NONE, 1, "ln(abs(grad(s)[0]))*dx"},
    {NONE, 2, "(1 + dot(u, u))*inner(sym(grad(u)), sym(grad(u)))*dx"},
};

static gkt_scope *scope_of(int dim, int *u, int *scalar) {
  gkt_scope *s;
  int k;
  assert_int_equal(gkt_scope_create(ctx, dim, &s), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "u", NULL, gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, u), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "s", NULL, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, scalar), GKT_OK);
  assert_int_equal(gkt_scope_add_constant(s, "k", &k), GKT_OK);
  add_let(s, "F", "I + grad(u)", true);
  add_let(s, "C", "F.T*F", true);
  return s;
}

/* det F by hand, F = shift I + grad u from the values of the graph's terminals */
static double determinant(int dim, const double f[9]) {
  if (dim == 1) return f[0];
  if (dim == 2) return f[0] * f[3] - f[1] * f[2];
  return f[0] * (f[4] * f[8] - f[5] * f[7]) - f[1] * (f[3] * f[8] - f[5] * f[6]) + f[2] * (f[3] * f[7] - f[4] * f[6]);
}

typedef struct {
  uint64_t trial;
  int dim, shift;
  double *f; /* [9], read off */
} draw;
static double value_of(const gkt_terminal *t, const void *user) {
  const draw *d = user;
  uint64_t state = d->trial + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)t->function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  random_bits(&state);
  if (t->kind == GKT_TERM_CONSTANT) return 2;
  if (t->kind != GKT_TERM_GRAD) return random_real(&state, 0.1, 1);
  double value = random_real(&state, -2, 2);
  if (t->function == 0) d->f[t->component * d->dim + t->direction] = value + (t->component == t->direction ? d->shift : 0);
  return value;
}

/* The indicator is 1 where det F <= 0, 0 elsewhere. */
static void check_indicator(const gkt_scope *s, const example *e, const gkt_barriers *b) {
  int seen[2] = {0, 0};
  for (uint64_t trial = 1; trial <= 60; trial++) {
    double f[9] = {0};
    draw d = {trial, e->dim, e->kind != POSITION, f};
    double *values = graph_values(s->graph, value_of, &d), det = determinant(e->dim, f);
    bool beyond = values[b->form->integrals[0].nodes[0]] != 0;
    if (e->kind == BOTH ? det <= 0 && !beyond : beyond != (det <= 0)) fail_msg("%s: det F = %g, but the indicator says %d", e->energy, det, beyond);
    seen[beyond]++;
    free(values);
  }
  assert_true(seen[0] > 2 && seen[1] > 2);
}

static void barriers_are_recognised(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
    const example *e = &examples[i];
    int u, scalar;
    gkt_scope *s = scope_of(e->dim, &u, &scalar);
    gkt_source source = text_source(e->energy);
    gkt_form *energy, *residual;
    gkt_barriers *b;
    if (gkt_form_parse(s, GKT_ENERGY, &source, &energy) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
    assert_int_equal(gkt_form_derivative(energy, 1, (const int[]){strstr(e->energy, "(s)") ? scalar : u}, &residual), GKT_OK);
    assert_int_equal(gkt_form_find_barriers(residual, ranges, s, &b), GKT_OK);
    int shift = b ? b->list[0].shift : -2, count = b ? b->count : 0;
    const int expected[] = {[NONE] = -2, [DISPLACEMENT] = 1, [POSITION] = 0, [OTHER] = -1, [BODY] = 1, [BOTH] = 1};
    if (shift != expected[e->kind]) fail_msg("%s: %d barriers, the first of kind %d, expected %d", e->energy, count, shift, expected[e->kind]);
    if (b && b->blocks != (e->kind != BODY)) fail_msg("%s: blocks %d", e->energy, b->blocks);
    if (b && (count > 1) != (e->kind == BOTH)) fail_msg("%s: %d barriers", e->energy, count);
    if (b && e->kind != OTHER && e->dim > 1 && !strstr(e->energy, "ds")) check_indicator(s, e, b);
    gkt_barriers_destroy(&b);
    gkt_form_destroy(&residual);
    gkt_form_destroy(&energy);
    gkt_scope_destroy(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(barriers_are_recognised)};
  return cmocka_run_group_tests(tests, begin, end);
}
