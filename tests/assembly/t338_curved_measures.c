/* Claim: on cells of order 2 of every kind the quadrature that is chosen counts the Jacobian, on cells and on facets, for fields of degree 0 to 2. On a mesh so coarse that an edge
   turns by a right angle:
   - lengths, areas, volumes, first and second moments, loads, pressures and their moments are those of degree 12 to 1e-4, and those over cells, which are polynomials, to
   rounding;
   - constant pressure on the closed boundary sums to zero, and div(x) over the cells is the flow of x through their boundary, to rounding;
   - the load vector of an equation sums to the functional, and a constant gradient has no force on an inner node (patch test of curved cells).
   Straight cells have their volume, twisted or not. A degree that is given stays: dx(degree=0) is the chord. */
#include "tests/element_form.h"

/* The unit interval with a varying speed, the quarter of a ring, the part of a hollow sphere. */
static void curve(int dim, double *x) {
  double r = 1 + x[0], theta = M_PI / 2 * (dim > 1 ? x[1] : 0), phi = M_PI / 2 * (dim > 2 ? x[2] - 0.5 : 0);
  if (dim == 1) x[0] = (x[0] + x[0] * x[0]) / 2;
  if (dim > 1) x[0] = r * cos(phi) * cos(theta), x[1] = r * cos(phi) * sin(theta);
  if (dim > 2) x[2] = r * sin(phi);
}

static void begin(field_problem *p, mesh_kind m, int degree, int order) {
  field_kind kind = {mesh_kinds[m].name, mesh_kinds[m].dim, degree, 1};
  gkt_mesh *mesh = unit_mesh(m, mesh_kinds[m].fewest);
  if (order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, curve);
  begin_problem_in(p, &kind, mesh, degree == 0);
  for (gkt_idx i = 0; i < num_dofs(p); i++) p->u[i] = 1.5 + sin(0.7 * i);
}

/* Relative to what cancels. */
static void compare(field_problem *p, const char *integrand, const char *measure, double tolerance) {
  char text[4][200];
  snprintf(text[0], sizeof text[0], "(%s)*%s", integrand, measure);
  snprintf(text[1], sizeof text[1], "(%s)*%s(degree=12)", integrand, measure);
  snprintf(text[2], sizeof text[2], "abs(%s)*%s(degree=12)", integrand, measure);
  double value = functional(p, text[0]), right = functional(p, text[1]), size = functional(p, text[2]);
  if (!(fabs(value - right) <= tolerance * size))
    fail_msg("%s, P%d: %s: %.15g, of degree 12 %.15g, %.1e", p->kind.name, p->kind.degree, text[0], value, right, fabs(value - right) / size);
}

static const char *const over_cells[] = {"1", "x[0]", "x[0]*x[0]", "x[0]^3*u", "u", "u*u", "x[0]*u"};
static const char *const over_facets[] = {"1", "x[0]", "x[0]*x[0]", "u", "u*u", "n[0]", "dot(x, n)", "(1 + x[0])*n[0]*u", "n[0]^2", "(x[0] - 1)*n[0] + u*n[0]"};
static const char *const with_a_gradient[] = {"grad(u)[0]", "u*grad(u)[0]"};

/* 1e-13: sums of some hundred terms. What is rational has no exact rule: 1e-2 is far below the error of so coarse a mesh. */
static void measures_of(mesh_kind m, int degree) {
  field_problem p;
  begin(&p, m, degree, 2);
  for (size_t i = 0; i < sizeof over_cells / sizeof *over_cells; i++) compare(&p, over_cells[i], "dx", 1e-13);
  for (size_t i = 0; i < sizeof over_facets / sizeof *over_facets; i++) compare(&p, over_facets[i], "ds", 1e-4);
  for (size_t i = 0; degree > 0 && i < sizeof with_a_gradient / sizeof *with_a_gradient; i++) compare(&p, with_a_gradient[i], "dx", 1e-13);
  if (degree > 0) compare(&p, "dot(grad(u), grad(u))", "dx", 1e-2);
  if (degree > 0) compare(&p, "dot(grad(u), n)", "ds", 1e-2);
  end_problem(&p);
}

static void measures_are_those_of_degree_12(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 0; degree <= 2; degree++) measures_of(m, degree);
}

/* Straight edges, twisted faces: the Jacobian of products has degree d - 1 in each direction. */
static void twisted_cells_have_their_volume(void **unused) {
  (void)unused;
  static const char *const exact[] = {"1", "x[0]", "u", "u*u"};
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 0; degree <= 2; degree++) {
      field_problem p;
      begin(&p, m, degree, 1);
      for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) compare(&p, exact[i], "dx", 1e-13);
      if (p.kind.dim > 1) compare(&p, "n[0]", "ds", 1e-13), compare(&p, "1", "ds", 1e-2);
      end_problem(&p);
    }
}

static void near(const field_problem *p, const char *what, double value, double right) {
  if (!(fabs(value - right) <= 1e-13 * fmax(1, fabs(right)))) fail_msg("%s, P%d: %s: %.15g, expected %.15g", p->kind.name, p->kind.degree, what, value, right);
}

/* The load vector of an equation. */
static gkt_scalar *loads(field_problem *p, const char *equation) {
  gkt_form *form = parse_form(p, GKT_EQUATION, equation);
  gkt_assembler *a = make_assembler(p, form);
  gkt_scalar *b = calloc((size_t)num_dofs(p), sizeof *b);
  must(gkt_assemble_vector(a, problem_inputs(p), b), equation);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  return b;
}

static double total(field_problem *p, const char *equation) {
  gkt_scalar *b = loads(p, equation), sum = 0;
  for (gkt_idx i = 0; i < num_dofs(p); i++) sum += b[i];
  free(b);
  return sum;
}

static void balances_of(field_problem *p) {
  static const char *const components[] = {"n[0]*ds", "n[1]*ds", "n[2]*ds"};
  for (int d = 0; d < p->kind.dim; d++) near(p, components[d], functional(p, components[d]), 0);
  near(p, "flow of x", functional(p, "dot(x, n)*ds"), functional(p, "div(x)*dx"));
  near(p, "moment", functional(p, "x[0]*dot(x, n)*ds"), functional(p, "div(x[0]*x)*dx"));
  near(p, "load", total(p, "x[0]^2*v*dx == 0"), functional(p, "x[0]^2*dx"));
  near(p, "load of facets", total(p, "(1 + u)*v*ds == 0"), functional(p, "(1 + u)*ds"));
  near(p, "pressure", total(p, "exp(x[0])*n[0]*v*ds == 0"), functional(p, "exp(x[0])*n[0]*ds"));
}

static void inner_nodes_feel_no_force(field_problem *p) {
  gkt_scalar *b = loads(p, "grad(v)[0]*dx == 0");
  gkt_idx count, *nodes, inner = num_dofs(p);
  must(gkt_space_nodes_on(p->space, gkt_mesh_find_set(p->mesh, "boundary"), &count, &nodes), "boundary");
  for (gkt_idx i = 0; i < count; i++) b[nodes[i]] = 0;
  for (gkt_idx i = 0; i < num_dofs(p); i++) near(p, "force on an inner node", b[i], 0);
  if (p->kind.degree == 2) assert_true(count < inner);
  free(b), free(nodes);
}

static void loads_balance(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 1; degree <= 2; degree++) {
      field_problem p;
      begin(&p, m, degree, 2);
      balances_of(&p);
      inner_nodes_feel_no_force(&p);
      end_problem(&p);
    }
}

/* Of a parabola through the ends and the middle of an arc the speed in its middle is the chord. */
static void a_given_degree_stays(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  field_problem p;
  begin(&p, TRIANGLES, 1, 2);
  near(&p, "chords", functional(&p, "1*ds(degree=0)"), 2 + 3 * sqrt(2));
  double length = functional(&p, "1*ds"), arcs = 2 + 3 * M_PI / 2;
  if (!(fabs(length / arcs - 1) < 5e-3)) fail_msg("length %g of a ring's quarter, expected %g", length, arcs);
  end_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(measures_are_those_of_degree_12), cmocka_unit_test(twisted_cells_have_their_volume), cmocka_unit_test(loads_balance),
                                     cmocka_unit_test(a_given_degree_stays)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
