/* Claim: the forms that stand for a Schur complement are spectrally equivalent to it: eigenvalues of the one against the other, the constant pressure aside, lie in an interval
   that neither refinement nor the size and variation of the coefficients widens; where spaces allow, they are equal. */
#include "forms/schur.h"
#include "tests/gkt_test.h"
#include "tests/saddle.h"

static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  const saddle *w = user;
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){w->constants[t->function], w->constants[t->function]};
  return t->kind == GKT_TERM_X ? (gkt_interval){0, 1} : (gkt_interval){-INFINITY, INFINITY};
}

static gkt_mesh *square(gkt_cell_type shape, int n) {
  gkt_mesh *mesh;
  gkt_box box = {.shape = shape, .dim = gkt_cell_topologies[shape].dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
  assert_int_equal(gkt_mesh_box(ctx, &box, &mesh), GKT_OK);
  return mesh;
}

/* [np][np] sum of the inverses of the forms' matrices; what has the constants in its kernel gets them by the mean. */
static double *preconditioner(const saddle *w, const gkt_schur_forms *f) {
  size_t n = (size_t)w->np;
  double *sum = calloc(n * n, sizeof *sum);
  for (int k = 0; k < f->count; k++) {
    double *M = saddle_dense(w, f->forms[k]), trace = 0, rest = 0;
    for (size_t i = 0; i < n; i++) trace += M[i * (n + 1)];
    for (size_t i = 0; i < n * n; i++) rest += M[i];
    for (size_t i = 0; i < n * n && fabs(rest) < 1e-10 * trace; i++) M[i] += trace / (double)(n * n);
    dense_invert((int)n, M);
    for (size_t i = 0; i < n * n; i++) sum[i] += M[i];
    free(M);
  }
  return sum;
}

/* The lowest and the highest eigenvalue of the preconditioned Schur complement, so many of the lowest aside. */
static void spectrum(const saddle *w, int aside, double *low, double *high) {
  gkt_schur_forms f;
  assert_int_equal(gkt_form_find_schur(w->tangent, FIELD_P, ranges, w, &f), GKT_OK);
  if (!f.count) fail_msg("%s", f.why);
  double *S = saddle_schur(w), *P = preconditioner(w, &f);
  dense_invert(w->np, P);
  double *values = dense_pencil(w->np, S, P);
  *low = values[aside], *high = values[w->np - 1];
  free(S), free(P), free(values);
  gkt_schur_forms_clear(&f);
}

typedef struct {
  const char *what, *text;
  double k, mu, low, high;
  gkt_element p;
  int aside, num_walls; /* u = 0 on the first of left, bottom, top, right */
} example;

static void check(const example *e, gkt_cell_type shape, int n) {
  const char *const walls[] = {"left", "bottom", "top", "right", "back", "front"};
  double low, high;
  saddle w = saddle_open(square(shape, n), (gkt_element){GKT_LAGRANGE, 2}, e->p, e->text, e->num_walls, walls);
  w.constants[0] = e->k, w.constants[1] = e->mu;
  spectrum(&w, e->aside, &low, &high);
  if (!(low >= e->low && high <= e->high)) fail_msg("%s, n = %d: eigenvalues in [%g, %g]; expected in [%g, %g]", e->what, n, low, high, e->low, e->high);
  saddle_close(&w);
}
#define P1 \
  { GKT_LAGRANGE, 1 }
#define DP0 \
  { GKT_DISCONTINUOUS_LAGRANGE, 0 }

/* Above: with u = 0 all around |div v| <= |grad v| and 2 |sym grad v|^2 >= 2 (div v)^2 as integrals, so 1; else (div v)^2 <= dim |sym grad v|^2 in every point, so dim. Below:
   beta^2, as the coarse mesh has it less a tenth. The constant pressure is aside where u is fixed all around: its eigenvalue is 0, or what the compressibility alone gives. */
static void order_two(void **state) {
  (void)state;
  const char *stokes = "(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx";
  const example list[] = {{"gradients", "(mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", 1, 1e3, 0.12, 1.0001, P1, 1, 4},
                          {"strains", stokes, 1, 1e-3, 0.15, 1.0001, P1, 1, 4},
                          {"outflow", stokes, 1, 1e-3, 0.15, 2.0001, P1, 0, 3},
                          {"viscosity from 1 to 400", "(2*exp(6*x[0])*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", 1, 1, 0.08, 2.0001, P1, 1, 4},
                          {"a jump of 1000", "(conditional(x[0] < 0.5, 1, 1000)*2*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u))*dx", 1, 1, 0.25, 2.0001, DP0, 1, 4},
                          {"grad-div", "(mu*inner(grad(u), grad(v)) + 10*mu*div(u)*div(v) - p*div(v) - q*div(u))*dx", 1, 2, 0.18, 1.0001, P1, 1, 4},
                          {"nearly incompressible", "(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - p*q/k)*dx", 1e3, 1, 0.15, 1.0001, P1, 1, 4},
                          {"compressible", "(2*mu*inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - p*q/k)*dx", 2, 1, 0.45, 1.0001, P1, 0, 4}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    for (int n = 4; n <= 8; n *= 2) check(&list[i], GKT_TRIANGLE, n);
  const example in_space = {"strains in space", stokes, 1, 5, 0.03, 1.0001, P1, 1, 6};
  check(&in_space, GKT_TETRAHEDRON, 2);
}

/* From slow flow to Darcy's: between the two the parallel sum of operators is that of the forms up to a factor of 2, and beta. */
static void both_orders(void **state) {
  (void)state;
  for (double k = 1e-3; k < 1e8; k *= 1e3)
    for (int n = 4; n <= 8; n *= 2) {
      const example e = {"Brinkman", "(k*dot(u, v) + mu*inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx", k, 1, 0.12, 1.0001, P1, 1, 4};
      check(&e, GKT_TRIANGLE, n);
    }
}

/* Gradients of P2 are functions of DP1, so Darcy's Schur complement is the stiffness matrix, with any permeability that is the same in each cell. */
static void order_zero_is_exact(void **state) {
  (void)state;
  gkt_schur_forms f;
  saddle w = saddle_open(square(GKT_TRIANGLE, 3), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 1}, (gkt_element){GKT_LAGRANGE, 2},
                         "(dot([[3*k, mu], [mu, k]]*u, v) + dot(v, grad(p)) + dot(u, grad(q)))*dx", 0, NULL);
  w.constants[0] = 0.7, w.constants[1] = 0.2;
  assert_int_equal(gkt_form_find_schur(w.tangent, FIELD_P, ranges, &w, &f), GKT_OK);
  assert_int_equal(f.count, 1);
  double *S = saddle_schur(&w), *K = saddle_dense(&w, f.forms[0]), most = 0, size = 0;
  for (int i = 0; i < w.np * w.np; i++) most = fmax(most, fabs(S[i] - K[i])), size = fmax(size, fabs(K[i]));
  assert_true(most <= 1e-12 * size); /* some hundred roundings */
  free(S), free(K);
  gkt_schur_forms_clear(&f);
  saddle_close(&w);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {T(order_two), T(both_orders), T(order_zero_is_exact)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
