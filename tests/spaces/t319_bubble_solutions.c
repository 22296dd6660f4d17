/* Claim: problems in P1B are solved as in P1, and in P2B as in P2: polynomials of the degree are reproduced exactly, by weak and strong form, on meshes of every kind of cell,
   numbered at random, distorted, mixed, of order 1 and 2; bubbles come out as 0 where the solution is in P1. Errors of smooth solutions fall with order k + 1 in L2 and k in the H1
   seminorm, each less 0.1. Multigrid takes about the iterations of P, since
   bubbles are eliminated first. Energies of bubbles are integrated exactly: to the values of closed formulas, and by more points to the same. Second derivatives are refused by
   name. */
#include "tests/element_meshes.h"

static double largest(const gkt_scalar *x, gkt_idx n) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static bool has(mesh_kind kind, int degree) { return degree == 1 || kind == TRIANGLES || kind == TETRAHEDRA; }

static void use(gkt_backend backend) {
  gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .poison = true}, &ctx), GKT_OK);
}

static void skew_affinely(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.1 * a + 0.3 * b - 0.2 * c;
  if (dim > 1) x[1] = 0.9 * b + 0.25 * a + 0.1 * c;
  if (dim > 2) x[2] = 1.2 * c + 0.15 * a - 0.1 * b;
}

/* ---- polynomials ---- */
static double linear(int component, int dim, const double *x) {
  double value = 0.3 - 0.2 * component;
  for (int d = 0; d < dim; d++) value += (0.7 - 0.4 * ((d + component) % 3)) * x[d];
  return value;
}

/* 1e-12: rounding times the condition of these systems */
static void expect_linear(const field_problem *p, const char *name) {
  const int n = p->kind.components;
  for (gkt_idx i = 0; i < num_dofs(p); i++) {
    double exact = linear(i % n, p->kind.dim, gkt_space_coords(p->space) + i / n * p->kind.dim);
    if (!(fabs(p->u[i] - exact) < 1e-12)) fail_msg("%s: %.17g at dof %d, expected %.17g", name, p->u[i], i, exact);
  }
}

static void reproduce(mesh_kind kind, int degree, int components, int order, bool energy) {
  char name[120], text[400] = "", one[120];
  const int dim = mesh_kinds[kind].dim, n = mesh_kinds[kind].fewest > 2 ? mesh_kinds[kind].fewest : 2;
  field_kind k = {name, dim, degree, components};
  field_problem p;
  snprintf(name, sizeof name, "%s, P%dB, %d components, geometry of order %d, %s", mesh_kinds[kind].name, degree, components, order, energy ? "grad grad" : "mass");
  gkt_mesh *mesh = renumbered(unit_mesh(kind, n), 7);
  shake(mesh, 0.15 / 3, 3);
  if (order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, skew_affinely);
  begin_problem_of(&p, &k, mesh, (gkt_element){GKT_BUBBLE, degree});
  for (int c = 0; c < components; c++) {
    snprintf(one, sizeof one, "%s(%.17g", c ? ", " : components > 1 ? "[" : "", 0.3 - 0.2 * c);
    strcat(text, one);
    for (int d = 0; d < dim; d++) {
      snprintf(one, sizeof one, " + (%.17g)*x[%d]", 0.7 - 0.4 * ((d + c) % 3), d);
      strcat(text, one);
    }
    strcat(text, ")");
  }
  if (components > 1) strcat(text, "]");
  let(&p, "U", text);
  if (!energy) p.natural = "left right bottom top back front";
  pose_problem(&p, energy ? "inner(grad(u), grad(v))*dx == inner(dot(grad(U), n), v)*ds(right)" : "inner(u, v)*dx == inner(U, v)*dx", "U");
  solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
  expect_linear(&p, name);
  end_problem(&p);
}

static void linear_functions_are_reproduced(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER);
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (int degree = 1; degree <= 2; degree++)
      for (int order = 1; order <= 2 && has(kind, degree); order++)
        for (int energy = 0; energy < 2; energy++) {
          const bool bent_sides = order == 2 && mesh_kinds[kind].dim == 3; /* long rules: one of the two */
          if (!bent_sides || energy) reproduce(kind, degree, energy || mesh_kinds[kind].dim == 1 ? 1 : mesh_kinds[kind].dim, order, energy);
        }
}

/* ---- energies ---- */
/* On the unit line, square and cube of one or two cells: the integrals of b and b^2 over a cell are products of one-dimensional ones; on simplices by the formula for powers of
   barycentric coordinates, a! b! .. dim! / (a + b + .. + dim)!; on the pyramid in collapsed coordinates. Times the volume 1 of all cells, or the gradient's, on one line. */
static void energies_are_exact(void **unused) {
  static const struct {
    mesh_kind kind;
    double mean, square; /* of a bubble */
  } cases[] = {{LINES, 2.0 / 3, 8.0 / 15},
               {TRIANGLES, 27 * 2.0 / 120, 729 * 8 * 2.0 / 40320},
               {QUADRILATERALS, 4.0 / 9, 64.0 / 225},
               {TETRAHEDRA, 256 * 6.0 / 5040, 65536 * 16 * 6.0 / 39916800},
               {HEXAHEDRA, 8.0 / 27, 512.0 / 3375},
               {PRISMS, 27 * 2.0 / 120 * 2 / 3, 729 * 8 * 2.0 / 40320 * 8 / 15},
               /* b = N u(1-u) v(1-v) s^2 z with N = 16/(9/16 1/4), and dx = s^2: N/36 B(2, 5) 3 and N^2/900 B(3, 7) 3 of the volume 1/3 */
               {PYRAMIDS, 16 * 64.0 / 9 / 36 / 30 * 3, 256 * 4096.0 / 81 / 900 / 252 * 3}};
  (void)unused;
  use(GKT_BACKEND_INTERPRETER);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    field_kind k = {mesh_kinds[cases[i].kind].name, mesh_kinds[cases[i].kind].dim, 1, 1};
    field_problem p;
    begin_problem_of(&p, &k, unit_mesh(cases[i].kind, 2), (gkt_element){GKT_BUBBLE, 1});
    for (int b = 0; b < gkt_mesh_num_blocks(p.mesh); b++)
      for (gkt_idx c = 0, n = gkt_space_nodes_per_cell(p.space, b); c < gkt_mesh_block(p.mesh, b)->num_cells; c++) p.u[gkt_space_cell_nodes(p.space, b)[c * n + n - 1]] = 1;
    const double mean = functional(&p, "u*dx"), square = functional(&p, "u^2*dx");
    if (!(fabs(mean - cases[i].mean) < 1e-14 && fabs(square - cases[i].square) < 1e-14))
      fail_msg("%s: %.17g and %.17g, expected %.17g and %.17g", k.name, mean, square, cases[i].mean, cases[i].square);
    end_problem(&p);
  }
}

/* The degree that is chosen against a higher one, on affine cells; quotients, which no rule integrates, are not far off (the error of a rule that sees the bubbles' squares). */
static void rules_are_enough(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER);
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (int degree = 1; degree <= 2; degree++) {
      if (!has(kind, degree)) continue;
      field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, degree, 1};
      field_problem p;
      gkt_mesh *mesh = unit_mesh(kind, mesh_kinds[kind].fewest);
      map_nodes(mesh, skew_affinely);
      begin_problem_of(&p, &k, mesh, (gkt_element){GKT_BUBBLE, degree});
      for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = wave(i, 0);
      const double energy = functional(&p, "(dot(grad(u), grad(u)) + u^2)*dx"), more = functional(&p, "(dot(grad(u), grad(u)) + u^2)*dx(degree=20)");
      const double quotient = functional(&p, "u^2/(4 + u)*dx"), better = functional(&p, "u^2/(4 + u)*dx(degree=30)");
      if (!(fabs(energy - more) < 1e-12 * more)) fail_msg("%s, P%dB: %.17g, expected %.17g", k.name, degree, energy, more);
      if (!(fabs(quotient - better) < 0.02 * better)) fail_msg("%s, P%dB: quotient %.17g, expected %.17g", k.name, degree, quotient, better);
      end_problem(&p);
    }
}

/* ---- orders ---- */
static const int coarse[3][2] = {{16, 8}, {16, 8}, {6, 4}}; /* boxes per side, by dimension and degree, as in t325 */
static const char *const solutions[3] = {"exp(sin(3*x[0]))", "sin(2*x[0] + dot(x, x)/2)*exp(x[1]/2)", "sin(x[0] + dot(x, x)/2)*exp(x[1]/2)"};

static void bend_smoothly(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.1 * sin(2.5 * b + c) + (dim == 1 ? 0.1 * a * a : 0);
  if (dim > 1) x[1] = 0.9 * b + 0.3 * a + 0.08 * sin(2 * a - c);
  if (dim > 2) x[2] = c + 0.25 * a + 0.08 * cos(2 * a + b);
}

static void measure(mesh_kind kind, const field_kind *k, int n, uint32_t seed, double errors[2]) {
  gkt_mesh *mesh = unit_mesh(kind, n);
  field_problem p;
  shake(mesh, 0.1 / n, seed);
  map_nodes(mesh, bend_smoothly);
  begin_problem_of(&p, k, mesh, (gkt_element){GKT_BUBBLE, k->degree});
  let(&p, "U", solutions[k->dim - 1]);
  pose_problem(&p, "dot(grad(u), grad(v))*dx + u*v*dx == (U - div(grad(U)))*v*dx + dot(grad(U), n)*v*ds(right)", "U");
  solve_problem(&p, GKT_LINEAR_AUTO, 1e-11);
  errors[0] = sqrt(functional(&p, "(u - U)^2*dx(degree=8)"));
  errors[1] = sqrt(functional(&p, "dot(grad(u) - grad(U), grad(u) - grad(U))*dx(degree=8)"));
  end_problem(&p);
}

static void orders_are_those_of_p(void **unused) {
  static const char *const norms[] = {"L2", "H1"};
  (void)unused;
  use(GKT_BACKEND_CPU);
  for (mesh_kind kind = 0; kind < COLUMNS; kind++)
    for (int degree = 1; degree <= 2; degree++) {
      if (!has(kind, degree) || kind == MIXED_PLANE) continue; /* whose cells come alone, too */
      field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, degree, 1};
      double errors[2][2];
      for (int level = 0; level < 2; level++) measure(kind, &k, coarse[k.dim - 1][degree - 1] << level, 20 + (uint32_t)level, errors[level]);
      for (int i = 0; i < 2; i++) {
        const double order = log2(errors[0][i] / errors[1][i]), theory = degree + 1 - i;
        if (getenv("GKT_SHOW")) printf("%s, P%dB: %s: %.3f of %g\n", k.name, degree, norms[i], order, theory);
        if (!(order >= theory - 0.1)) fail_msg("%s, P%dB: order %.3f in %s, %g - 0.1 expected", k.name, degree, order, norms[i], theory);
      }
    }
}

/* ---- multigrid ---- */
/* The iterations of P, and at most a third more and two: bubbles and P are nearly orthogonal in these energies. */
static void multigrid_is_that_of_p(void **unused) {
  static const struct {
    mesh_kind mesh;
    int n, degree, vector;
  } cases[] = {{TRIANGLES, 30, 1, 0}, {TETRAHEDRA, 6, 1, 1}, {TETRAHEDRA, 5, 2, 0}, {HEXAHEDRA, 7, 1, 1}, {MIXED_SPACE, 6, 1, 0}};
  (void)unused;
  use(GKT_BACKEND_CPU);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const int dim = mesh_kinds[cases[i].mesh].dim;
    field_kind k = {mesh_kinds[cases[i].mesh].name, dim, cases[i].degree, cases[i].vector ? dim : 1};
    int iterations[2];
    for (int bubbles = 0; bubbles < 2; bubbles++) {
      field_problem p;
      begin_problem_of(&p, &k, unit_mesh(cases[i].mesh, cases[i].n), (gkt_element){bubbles ? GKT_BUBBLE : GKT_LAGRANGE, k.degree});
      p.natural = "right top front";
      let(&p, "f", k.components == 1 ? "1 + x[0]" : "[1, x[0], 0]");
      pose_problem(&p, k.components == 1 ? "(1 + x[0])*dot(grad(u), grad(v))*dx == f*v*dx" : "inner(sym(grad(u)), sym(grad(v)))*dx + div(u)*div(v)*dx == dot(f, v)*dx",
                   k.components == 1 ? "0" : "[0, 0, 0]");
      solve_problem(&p, GKT_LINEAR_CG, 1e-10);
      iterations[bubbles] = p.iterations;
      gkt_scalar *first = memcpy(malloc((size_t)num_dofs(&p) * sizeof *first), p.u, (size_t)num_dofs(&p) * sizeof *first);
      solve_problem(&p, GKT_LINEAR_DIRECT, 1e-13);
      double most = largest(p.u, num_dofs(&p));
      for (gkt_idx d = 0; d < num_dofs(&p); d++) assert_true(fabs(first[d] - p.u[d]) < 1e-6 * most); /* the residual times the condition of these meshes, and less */
      free(first);
      end_problem(&p);
    }
    if (getenv("GKT_SHOW")) printf("%s, P%d: %d iterations, with bubbles %d\n", k.name, k.degree, iterations[0], iterations[1]);
    if (3 * iterations[1] > 4 * iterations[0] + 6) fail_msg("%s, P%dB: %d iterations, P%d takes %d", k.name, k.degree, iterations[1], k.degree, iterations[0]);
  }
}

static void second_derivatives_are_refused(void **unused) {
  (void)unused;
  field_kind k = {"triangles", 2, 1, 1};
  gkt_source source = {.text = "div(grad(u))"};
  gkt_expression *e = NULL;
  field_problem p;
  begin_problem_of(&p, &k, unit_mesh(TRIANGLES, 1), (gkt_element){GKT_BUBBLE, 1});
  assert_int_equal(gkt_expression_parse(p.scope, &source, &e), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "second derivatives of 'u' (P1B) are not available yet"));
  gkt_context_clear(ctx);
  end_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(linear_functions_are_reproduced), cmocka_unit_test(energies_are_exact),     cmocka_unit_test(rules_are_enough),
                                     cmocka_unit_test(orders_are_those_of_p),           cmocka_unit_test(multigrid_is_that_of_p), cmocka_unit_test(second_derivatives_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
