/* Claim (convergence orders): for smooth, non-polynomial solutions of problems with varying coefficients, essential, natural and mixed conditions, errors on a pair of levels fall
   with order k+1 in L2 and k in the H1 seminorm, each less 0.1, on straight cells and on cells of order 2 that a smooth map curves. Every level has the same smooth map and moves
   its nodes at random afresh. The source is derived symbolically from the exact solution, which is smooth beyond the domain: each level solves a problem on its own domain with the
   same solution, so that a straight boundary costs no order. */
#include "tests/field_problem.h"

/* A row for each of `kinds`: boxes per direction, coarse and fine, in the asymptotic range. */
static const struct {
  const char *exact;
  int levels[2];
} rows[NUM_KINDS] = {
    {"sin(2*x[0] + dot(x, x))*exp(x[1]/2)", {16, 32}}, {"[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1])*exp(x[0]/2)]", {32, 64}},
    {"sin(2*x[0] + dot(x, x))*exp(x[1]/2)", {8, 16}},  {"[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1])*exp(x[0]/2)]", {8, 16}},
    {"sin(x[0] + dot(x, x)/2)*exp(x[1]/2)", {8, 16}},  {"[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1] + x[2])*exp(x[0]/2), sin(x[1]*x[2])]", {12, 24}},
    {"sin(x[0] + dot(x, x)/2)*exp(x[1]/2)", {5, 10}},  {"[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1] + x[2])*exp(x[0]/2), sin(x[1]*x[2])]", {4, 8}},
};

/* The flux Q of the unknown and q of the exact solution: diffusion by a varying tensor, or isotropic elasticity with varying moduli. */
static void define_fluxes(field_problem *p) {
  if (p->kind.components == 1) {
    let(p, "K", "(1.5 + sin(dot(x, x)))*I + outer(x, x)/2");
    let(p, "Q", "K*grad(u)"), let(p, "q", "K*grad(U)");
  } else {
    let(p, "mu", "1 + x[1]^2/2"), let(p, "lambda", "1 + sin(x[0])/2");
    let(p, "Q", "2*mu*sym(grad(u)) + lambda*div(u)*I"), let(p, "q", "2*mu*sym(grad(U)) + lambda*div(U)*I");
  }
}

static void measure(int row, int geometry, int level, double *l2, double *h1) {
  const field_kind *k = &kinds[row];
  field_problem p;
  char text[80];
  begin_problem(&p, k, skewed_box(k->dim, rows[row].levels[level], geometry, 20 + (uint32_t)level));
  p.natural = "right top";
  let(&p, "U", rows[row].exact), let(&p, "c", "1 + x[0]^2"), define_fluxes(&p);
  pose_problem(&p,
               "inner(Q, grad(v))*dx + c*inner(u, v)*dx + 2*inner(u, v)*ds(top)"
               " == inner(c*U - div(q), v)*dx + inner(dot(q, n), v)*ds(right) + inner(dot(q, n) + 2*U, v)*ds(top)",
               "U");
  solve_problem(&p, GKT_LINEAR_AUTO, 1e-10);
  snprintf(text, sizeof text, "inner(u - U, u - U)*dx(degree=%d)", 2 * k->degree + 4);
  *l2 = sqrt(functional(&p, text));
  snprintf(text, sizeof text, "inner(grad(u) - grad(U), grad(u) - grad(U))*dx(degree=%d)", 2 * k->degree + 4);
  *h1 = sqrt(functional(&p, text));
  end_problem(&p);
}

static void expect_order(int row, int geometry, const char *norm, const double *errors, double theory) {
  double order = log(errors[0] / errors[1]) / log((double)rows[row].levels[1] / rows[row].levels[0]);
  if (!(order >= theory - 0.1))
    fail_msg("%s, geometry of order %d: order %.3f in %s (errors %g, %g), %g - 0.1 expected", kinds[row].name, geometry, order, norm, errors[0], errors[1], theory);
}

static void expect_orders(int geometry) {
  for (int row = 0; row < NUM_KINDS; row++) {
    double l2[2], h1[2];
    for (int level = 0; level < 2; level++) measure(row, geometry, level, &l2[level], &h1[level]);
    expect_order(row, geometry, "L2", l2, kinds[row].degree + 1);
    expect_order(row, geometry, "H1", h1, kinds[row].degree);
  }
}

static void orders_on_straight_cells(void **unused) { (void)unused, expect_orders(1); }
static void orders_on_curved_cells(void **unused) { (void)unused, expect_orders(2); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(orders_on_straight_cells), cmocka_unit_test(orders_on_curved_cells)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
