/* Claim (every element): on meshes of every kind of cell, mixed ones too, for every degree, scalar and vector fields, geometry of order 1 and 2, with nodes, cells and the
   vertices of each cell numbered at random (so that edges and facets meet in every orientation), every polynomial of the space's degree is reproduced to rounding:
   - on distorted meshes as the solution of a problem whose data are its own weak form (the space holds it and its pieces fit together);
   - on affinely skewed meshes, and on distorted ones where it is linear or the cells are simplices, from its strong form with Neumann data on one side (patch test).
   Discontinuous spaces hold their polynomials too. Degrees 3 and 4 in space as vector fields: with GKT_LONG=1. */
#include "tests/element_meshes.h"

static bool is_long(void) { return getenv("GKT_LONG") != NULL; }

static void use(gkt_backend backend) {
  gkt_context_options options = {.backend = backend, .threads = 1, .poison = true};
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
}

/* A full polynomial of the degree: a power of a plane; the other components are other powers. */
static void define_solution(field_problem *p, int degree) {
  static const char *const planes[3] = {"(0.3 + 0.7*x[0])", "(0.3 + 0.7*x[0] - 0.4*x[1])", "(0.3 + 0.7*x[0] - 0.4*x[1] + 0.5*x[2])"};
  const char *plane = planes[p->kind.dim - 1];
  char U[400];
  if (p->kind.components == 1) snprintf(U, sizeof U, "%s^%d + x[0]", plane, degree);
  else if (p->kind.components == 2) snprintf(U, sizeof U, "[%s^%d, 1 - %s^%d]", plane, degree, plane, degree > 1 ? degree - 1 : 1);
  else snprintf(U, sizeof U, "[%s^%d, 1 - %s^%d, x[2]*%s^%d]", plane, degree, plane, degree, plane, degree - 1);
  let(p, "U", U);
}

/* w = 1: the weak form of U, w = 0: the strong one. */
static void pose(field_problem *p, int degree) {
  static const char *const tensors[3] = {"2*I", "[[2, 0.3], [0.3, 1]]", "[[2, 0.3, 0], [0.3, 1, 0.2], [0, 0.2, 1.5]]"};
  bool elastic = p->kind.components == p->kind.dim && p->kind.dim > 1;
  p->natural = "right";
  set_constant(p, "w", 0);
  define_solution(p, degree);
  let(p, "K", tensors[p->kind.dim - 1]);
  let(p, "Q", elastic ? "2*sym(grad(u)) + 0.7*div(u)*I" : p->kind.components == 1 ? "K*grad(u)" : "grad(u)*K");
  let(p, "q", elastic ? "2*sym(grad(U)) + 0.7*div(U)*I" : p->kind.components == 1 ? "K*grad(U)" : "grad(U)*K");
  pose_problem(p,
               "inner(Q, grad(v))*dx + inner(u, v)*dx == w*inner(q, grad(v))*dx + inner(U, v)*dx - (1 - w)*inner(div(q), v)*dx"
               " + (1 - w)*inner(dot(q, n), v)*ds(right)",
               "U");
}

static void skew_affinely(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.3 * b - 0.2 * c;
  if (dim > 1) x[1] = 0.9 * b + 0.2 * a + 0.1 * c;
  if (dim > 2) x[2] = 1.1 * c - 0.1 * a + 0.2 * b;
}

/* Rounding: sums of up to 125 terms, and the condition of these small matrices: 2.5e-14 is the worst seen. */
static void expect_solution(field_problem *p, const char *where) {
  gkt_source source = {.text = "U", .key = "U"};
  gkt_scalar *exact = malloc((size_t)num_dofs(p) * sizeof *exact), worst = 0, size = 0;
  gkt_expression *U;
  must(gkt_expression_parse(p->scope, &source, &U), "U");
  must(gkt_interpolate(U, p->space, problem_inputs(p), exact), "U");
  for (gkt_idx i = 0; i < num_dofs(p); i++) worst = fmax(worst, fabs(p->u[i] - exact[i])), size = fmax(size, fabs(exact[i]));
  if (!(worst <= 2e-13 * size)) fail_msg("%s: %s: error %g of %g", p->kind.name, where, worst, size);
  gkt_expression_destroy(&U);
  free(exact);
}

static void solve_and_expect(field_problem *p, double w, const char *where) {
  set_constant(p, "w", w);
  solve_problem(p, GKT_LINEAR_DIRECT, 1e-14);
  expect_solution(p, where);
}

typedef struct {
  mesh_kind mesh;
  int degree, components, order;
  bool distorted, linear; /* linear: a polynomial of degree 1 */
} element_case;

static void reproduce(const element_case *c) {
  char name[160];
  snprintf(name, sizeof name, "%s, P%d, %d component%s, geometry of order %d, %s, polynomial of degree %d", mesh_kinds[c->mesh].name, c->degree, c->components,
           c->components > 1 ? "s" : "", c->order, c->distorted ? "distorted" : "affine", c->linear ? 1 : c->degree);
  field_kind kind = {name, mesh_kinds[c->mesh].dim, c->degree, c->components};
  int n = c->degree < 3 && kind.dim < 3 ? 4 : 2;
  gkt_mesh *mesh = renumbered(unit_mesh(c->mesh, n > mesh_kinds[c->mesh].fewest ? n : mesh_kinds[c->mesh].fewest), 7);
  bool simplices = c->mesh == LINES || c->mesh == TRIANGLES || c->mesh == TETRAHEDRA;
  field_problem p;
  if (c->distorted) shake(mesh, 0.15 / (n > 3 ? n : 3), 3);
  if (c->order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, skew_affinely);
  begin_problem(&p, &kind, mesh);
  pose(&p, c->linear ? 1 : c->degree);
  solve_and_expect(&p, 1, "weak form");
  if (!c->distorted || c->linear || simplices) solve_and_expect(&p, 0, "strong form");
  end_problem(&p);
}

static void for_all_elements(int order, bool distorted, bool linear) {
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 1; degree <= mesh_kinds[m].most_degree; degree++)
      for (int vector = 0; vector < 2; vector++) {
        int dim = mesh_kinds[m].dim, components = !vector ? 1 : dim == 1 ? 2 : dim;
        element_case c = {(mesh_kind)m, degree, components, order, distorted, linear};
        if (vector && (degree > 2 || order == 2 || linear) && !is_long()) continue;
        if (dim == 3 && degree > 2 && order == 2 && !is_long()) continue;
        reproduce(&c);
      }
}

/* Discontinuous spaces, from degree 0: the projection of a polynomial is the polynomial, its gradient in the cells that of the polynomial. */
static void discontinuous_spaces(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER);
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 0; degree <= mesh_kinds[m].most_degree; degree++) {
      char name[80];
      field_kind kind = {name, mesh_kinds[m].dim, degree, 1};
      field_problem p;
      snprintf(name, sizeof name, "%s, DP%d", mesh_kinds[m].name, degree);
      gkt_mesh *mesh = renumbered(unit_mesh((mesh_kind)m, mesh_kinds[m].fewest), 7);
      map_nodes(mesh, skew_affinely);
      begin_problem_in(&p, &kind, mesh, true);
      gkt_idx nodes = 0;
      for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) nodes += gkt_mesh_block(mesh, b)->num_cells * gkt_lagrange_size(gkt_mesh_block(mesh, b)->cell, degree);
      assert_int_equal(num_dofs(&p), nodes);
      p.natural = "left right bottom top back front";
      if (degree > 0) define_solution(&p, degree);
      else let(&p, "U", "0.7");
      pose_problem(&p, "u*v*dx == U*v*dx", "0");
      solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
      expect_solution(&p, "projection");
      if (degree > 0) assert_true(functional(&p, "dot(grad(u) - grad(U), grad(u) - grad(U))*dx") < 1e-22);
      end_problem(&p);
    }
}

static void affine_cells(void **unused) { (void)unused, use(GKT_BACKEND_DEFAULT), for_all_elements(1, false, false); }
static void distorted_cells(void **unused) { (void)unused, use(GKT_BACKEND_DEFAULT), for_all_elements(1, true, false); }
static void linear_on_distorted_cells(void **unused) { (void)unused, use(GKT_BACKEND_INTERPRETER), for_all_elements(1, true, true); }
static void cells_of_order_two(void **unused) { (void)unused, use(GKT_BACKEND_INTERPRETER), for_all_elements(2, true, false); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(affine_cells), cmocka_unit_test(distorted_cells), cmocka_unit_test(linear_on_distorted_cells),
                                     cmocka_unit_test(cells_of_order_two), cmocka_unit_test(discontinuous_spaces)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
