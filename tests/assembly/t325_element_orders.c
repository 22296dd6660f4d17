/* Claim (convergence orders of every element): for a smooth solution errors on a pair of levels fall with order k+1 in L2 and k in the H1 seminorm, each less 0.1, on meshes of
   every kind of cell, mixed ones too. Every level has the same smooth map and moves its nodes at random afresh, by at most a tenth of a cell, a twentieth above degree 2. Geometry
   of order 2, which the map curves, up to degree 2. Degrees 3 and 4 in space, a second mixture there, and vector fields: with GKT_LONG=1. */
#include "tests/element_meshes.h"

static bool is_long(void) { return getenv("GKT_LONG") != NULL; }

/* Boxes per side on the coarse level, twice as many on the fine one: in the asymptotic range. By dimension and degree. */
static const int coarse[3][4] = {{16, 8, 6, 4}, {16, 8, 8, 8}, {6, 4, 3, 3}};

static const char *const solutions[3][2] = {{"exp(sin(3*x[0]))", "[exp(sin(3*x[0])), cos(2*x[0])]"},
                                            {"sin(2*x[0] + dot(x, x)/2)*exp(x[1]/2)", "[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1])*exp(x[0]/2)]"},
                                            {"sin(x[0] + dot(x, x)/2)*exp(x[1]/2)", "[sin(x[0] + dot(x, x)/2), cos(x[0] - x[1] + x[2])*exp(x[0]/2), sin(x[1]*x[2])]"}};

static void bend_smoothly(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.1 * sin(2.5 * b + c) + (dim == 1 ? 0.1 * a * a : 0);
  if (dim > 1) x[1] = 0.9 * b + 0.3 * a + 0.08 * sin(2 * a - c);
  if (dim > 2) x[2] = c + 0.25 * a + 0.08 * cos(2 * a + b);
}

typedef struct {
  mesh_kind mesh;
  int degree, components, order;
  char name[120];
} element_case;

static void measure(const element_case *c, int n, uint32_t seed, double *l2, double *h1) {
  field_kind kind = {c->name, mesh_kinds[c->mesh].dim, c->degree, c->components};
  gkt_mesh *mesh = unit_mesh(c->mesh, n);
  field_problem p;
  char text[100];
  shake(mesh, (c->degree > 2 ? 0.05 : 0.1) / n, seed); /* what the meshes of two levels have by chance weighs more, the higher the degree */
  if (c->order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, bend_smoothly);
  begin_problem(&p, &kind, mesh);
  let(&p, "U", solutions[kind.dim - 1][c->components > 1]);
  pose_problem(&p, "inner(grad(u), grad(v))*dx + inner(u, v)*dx == inner(U - div(grad(U)), v)*dx + inner(dot(grad(U), n), v)*ds(right)", "U");
  solve_problem(&p, GKT_LINEAR_AUTO, 1e-11);
  snprintf(text, sizeof text, "inner(u - U, u - U)*dx(degree=%d)", 2 * c->degree + 4);
  *l2 = sqrt(functional(&p, text));
  snprintf(text, sizeof text, "inner(grad(u) - grad(U), grad(u) - grad(U))*dx(degree=%d)", 2 * c->degree + 4);
  *h1 = sqrt(functional(&p, text));
  end_problem(&p);
}

static void expect_order(const element_case *c, const char *norm, const double *errors, double theory) {
  double order = log2(errors[0] / errors[1]);
  if (getenv("GKT_SHOW")) printf("%s: %s: %.3f of %g\n", c->name, norm, order, theory);
  if (!(order >= theory - 0.1)) fail_msg("%s: order %.3f in %s (errors %g, %g), %g - 0.1 expected", c->name, order, norm, errors[0], errors[1], theory);
}

static void expect_orders(element_case *c) {
  int dim = mesh_kinds[c->mesh].dim, n = coarse[dim - 1][c->degree - 1];
  double l2[2], h1[2];
  snprintf(c->name, sizeof c->name, "%s, P%d, %d component%s, geometry of order %d", mesh_kinds[c->mesh].name, c->degree, c->components, c->components > 1 ? "s" : "", c->order);
  for (int level = 0; level < 2; level++) measure(c, n << level, 20 + (uint32_t)level, &l2[level], &h1[level]);
  expect_order(c, "L2", l2, c->degree + 1);
  expect_order(c, "H1", h1, c->degree);
}

static void for_all_elements(int order) {
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 1; degree <= mesh_kinds[m].most_degree; degree++)
      for (int vector = 0; vector < (is_long() ? 2 : 1); vector++) {
        int dim = mesh_kinds[m].dim;
        element_case c = {.mesh = (mesh_kind)m, .degree = degree, .components = !vector ? 1 : dim == 1 ? 2 : dim, .order = order};
        if ((order == 2 && degree > 2) || ((m == COLUMNS || (dim == 3 && degree > 2)) && !is_long())) continue;
        expect_orders(&c);
      }
}

static void orders_on_straight_cells(void **unused) { (void)unused, for_all_elements(1); }
static void orders_on_curved_cells(void **unused) { (void)unused, for_all_elements(2); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(orders_on_straight_cells), cmocka_unit_test(orders_on_curved_cells)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
