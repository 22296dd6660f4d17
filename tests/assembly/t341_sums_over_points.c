/* Claim: on every kind of cell, continuous and discontinuous, scalar and vector, on straight and curved cells, f*dP(NAMES) is the sum over the points of the mean of f over the
   cells that hold the point, as located and evaluated one by one, to 1e-12; its derivatives are those of finite differences, by the field and by the coordinates; points that
   several names hold count once; nodes on both sides of a slit count both; what cannot be summed over is refused. */
#include "tests/element_form.h"

enum { MANY = 200 };

/* The mean over the cells that hold x, by location and evaluation. */
static double mean_at(field_problem *p, const gkt_expression *e, const double *x) {
  gkt_idx cells[MANY];
  double xi[3 * MANY], sum = 0;
  gkt_scalar values[MANY];
  int found;
  must(gkt_locate(p->mesh, x, MANY, cells, xi, &found), "locate");
  assert_true(found > 0);
  must(gkt_evaluate(e, p->mesh, problem_inputs(p), found, cells, xi, NULL, values), "evaluate");
  for (int i = 0; i < found; i++) sum += values[i];
  return sum / found;
}

static double by_hand(field_problem *p, const char *text) {
  gkt_expression *e;
  const gkt_mesh_set *nodes = gkt_mesh_find_set_of_dim(p->mesh, "nodes", 0), *spots = gkt_mesh_find_set_of_dim(p->mesh, "spots", GKT_PLACES);
  double sum = 0;
  must(gkt_expression_parse(p->scope, &(gkt_source){.text = text}, &e), text);
  for (gkt_idx i = 0; i < nodes->count; i++) sum += mean_at(p, e, gkt_mesh_coords(p->mesh) + nodes->entities[i] * p->kind.dim);
  for (gkt_idx i = 0; i < spots->count; i++) sum += mean_at(p, e, spots->places + i * p->kind.dim);
  gkt_expression_destroy(&e);
  return sum;
}

static double number(field_problem *p, const gkt_form *form) {
  gkt_assembler *a = make_assembler(p, form);
  gkt_scalar value;
  must(gkt_assemble_functional(a, problem_inputs(p), &value), "number");
  gkt_assembler_destroy(&a);
  return value;
}

static gkt_scalar *vector(field_problem *p, const gkt_form *form, gkt_idx n) {
  gkt_assembler *a = make_assembler(p, form);
  gkt_scalar *values = malloc((size_t)n * sizeof *values);
  must(gkt_assemble_vector(a, problem_inputs(p), values), "vector");
  gkt_assembler_destroy(&a);
  return values;
}

/* (f(x + h d) - f(x - h d)) / 2h against gradient . d. Central differences err by h^2 and by rounding over h: 1e-8 of the terms' size at h = 1e-4. */
static void compare_difference(field_problem *p, const gkt_form *form, gkt_scalar *x, gkt_idx n, const gkt_scalar *gradient, const char *what) {
  const double h = 1e-4;
  double f[2], product = 0, size = 0;
  for (int side = 0; side < 2; side++) {
    for (gkt_idx i = 0; i < n; i++) x[i] += (side ? -2 : 1) * h * cos(1.3 * i);
    f[side] = number(p, form);
  }
  for (gkt_idx i = 0; i < n; i++) x[i] += h * cos(1.3 * i), product += gradient[i] * cos(1.3 * i), size += fabs(gradient[i]);
  if (!(fabs((f[0] - f[1]) / (2 * h) - product) <= 1e-6 * (size + fabs(f[0]))))
    fail_msg("%s, %s: %.12g, by differences %.12g", p->kind.name, what, product, (f[0] - f[1]) / (2 * h));
}

static void check_derivatives(field_problem *p, const char *text) {
  gkt_form *energy = parse_form(p, GKT_ENERGY, text), *gradient, *shape, *tangent;
  must(gkt_form_derivative(energy, 1, (const int[]){0}, &gradient), text);
  must(gkt_form_derivative(gradient, 1, (const int[]){0}, &tangent), text);
  gkt_scalar *r = vector(p, gradient, num_dofs(p));
  compare_difference(p, energy, p->u, num_dofs(p), r, "by the field");
  gkt_assembler *a = make_assembler(p, tangent);
  gkt_csr *A;
  must(gkt_assembler_matrix(a, &A), text);
  must(gkt_assemble_matrix(a, problem_inputs(p), A), text);
  for (gkt_idx i = 0; i < num_dofs(p); i++) p->u[i] += 1e-5 * sin(2.1 * i);
  gkt_scalar *moved = vector(p, gradient, num_dofs(p));
  for (gkt_idx i = 0; i < num_dofs(p); i++) {
    double product = 0, size = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) product += A->vals[k] * 1e-5 * sin(2.1 * A->cols[k]), size += fabs(A->vals[k]);
    if (!(fabs(moved[i] - r[i] - product) <= 1e-7 * (size + fabs(r[i])) + 1e-12))
      fail_msg("%s: row %d of the tangent: %g, by differences %g", p->kind.name, i, product, moved[i] - r[i]);
    p->u[i] -= 1e-5 * sin(2.1 * i);
  }
  must(gkt_form_derivative(energy, 1, (const int[]){GKT_COORDINATES}, &shape), text); /* the places stay where they are in their cells: assemblers are made before the nodes move */
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&energy), gkt_form_destroy(&gradient), gkt_form_destroy(&tangent), gkt_form_destroy(&shape);
  free(r), free(moved);
}

/* The places keep their reference coordinates while nodes move, so one assembler serves all. */
static void check_shape_derivative(field_problem *p, const char *text) {
  gkt_form *form = parse_form(p, GKT_FUNCTIONAL, text), *shape;
  gkt_idx n = gkt_mesh_num_nodes(p->mesh) * p->kind.dim;
  double *x = gkt_mesh_coords_mutable(p->mesh), f[2], product = 0, size = 0, h = 1e-5;
  must(gkt_form_derivative(form, 1, (const int[]){GKT_COORDINATES}, &shape), text);
  gkt_scalar *g = vector(p, shape, n);
  gkt_assembler *a = make_assembler(p, form);
  for (int side = 0; side < 2; side++) {
    for (gkt_idx i = 0; i < n; i++) x[i] += (side ? -2 : 1) * h * cos(1.3 * i);
    must(gkt_assemble_functional(a, problem_inputs(p), &f[side]), text);
  }
  for (gkt_idx i = 0; i < n; i++) x[i] += h * cos(1.3 * i), product += g[i] * cos(1.3 * i), size += fabs(g[i]);
  if (!(fabs((f[0] - f[1]) / (2 * h) - product) <= 1e-6 * (size + fabs(f[0]))))
    fail_msg("%s, by the coordinates: %.12g, by differences %.12g", p->kind.name, product, (f[0] - f[1]) / (2 * h));
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form), gkt_form_destroy(&shape);
  free(g);
}

static void check(mesh_kind m, int degree, int components, int order, bool discontinuous, gkt_backend backend) {
  char name[120], sum[200];
  snprintf(name, sizeof name, "%s, %sP%d, %d components, geometry of order %d", mesh_kinds[m].name, discontinuous ? "D" : "", degree, components, order);
  field_kind kind = {name, mesh_kinds[m].dim, degree, components};
  field_problem p;
  use(backend, 2);
  begin_problem_in(&p, &kind, bent_mesh(m, 2, order), discontinuous);
  for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = sin(0.7 * i) + 0.3 * cos(2.9 * i);
  bool apexes = m == PYRAMIDS || m == MIXED_SPACE || m == COLUMNS; /* where gradients differ with the way there */
  const char *f = apexes           ? (components > 1 ? "(2 + dot(u, u))*h" : "(2 + u^2)*h")
                  : components > 1 ? "(2 + sin(u[1]) + x[0]*inner(grad(u), grad(u)))*h"
                                   : "(2 + sin(u) + x[0]*dot(grad(u), grad(u)))*h";
  snprintf(sum, sizeof sum, "%s*dP(spots, nodes)", f);
  double value = functional(&p, sum), expected = by_hand(&p, f);
  if (!(fabs(value - expected) <= 1e-12 * fabs(expected))) fail_msg("%s: %.17g, one by one %.17g", name, value, expected);
  snprintf(sum, sizeof sum, "%s*dP(spots) + exp(%s/4)*dP(nodes)", components > 1 ? "inner(u, u)*inner(grad(u), grad(u))" : "u^2*dot(grad(u), grad(u))",
           components > 1 ? "u[0]" : "u");
  check_derivatives(&p, sum);
  if (order == 1 && (m == LINES || m == TRIANGLES || m == TETRAHEDRA)) check_shape_derivative(&p, "h*x[0]*dP(spots, nodes) + x[0]^2*dP(nodes)");
  check_shape_derivative(&p, components > 1 ? "x[0]*inner(grad(u), grad(u))*dP(spots) + x[0]*u[0]*dP(nodes)" : "x[0]*dot(grad(u), grad(u))*dP(spots) + x[0]*u*dP(nodes)");
  end_problem(&p);
}

static void every_cell_and_space(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    int dim = mesh_kinds[m].dim;
    check((mesh_kind)m, 1, dim == 1 ? 2 : dim, 1, false, m == MIXED_PLANE ? GKT_BACKEND_DEFAULT : GKT_BACKEND_INTERPRETER); /* that both are alike, t326 shows */
    check((mesh_kind)m, 2, 1, 2, false, GKT_BACKEND_INTERPRETER);
    check((mesh_kind)m, 1, 1, 1, true, GKT_BACKEND_INTERPRETER);
    check((mesh_kind)m, mesh_kinds[m].most_degree, 1, 1, m % 2, GKT_BACKEND_INTERPRETER);
  }
}

static void each_point_counts_once(void **unused) {
  (void)unused;
  field_kind kind = {"square", 2, 1, 1};
  field_problem p;
  use(GKT_BACKEND_INTERPRETER, 1);
  begin_problem(&p, &kind, unit_mesh(TRIANGLES, 4));
  must(gkt_mesh_add_set(p.mesh, "corners", 0, 4, (gkt_idx[]){0, 4, 20, 24}), "corners"); /* of 5 x 5 nodes */
  must(gkt_mesh_add_set(p.mesh, "row", 0, 5, (gkt_idx[]){0, 1, 2, 3, 4}), "row");
  must(gkt_mesh_add_places(p.mesh, "A", 3, (double[]){0.3, 0.3, 0, 0, 0.25, 1e-11}), "A");
  must(gkt_mesh_add_places(p.mesh, "B", 2, (double[]){0.3, 0.3 + 1e-11, 0.7, 0.1}), "B");
  assert_true(fabs(functional(&p, "1*dP(corners)") - 4) < 1e-14);
  assert_true(fabs(functional(&p, "1*dP(corners, row)") - 7) < 1e-14);
  assert_true(fabs(functional(&p, "1*dP(row, A)") - 6) < 1e-14);
  assert_true(fabs(functional(&p, "1*dP(A, B, A)") - 4) < 1e-14);
  assert_true(fabs(functional(&p, "1*dP(A) + 1*dP(B)") - 5) < 1e-14);
  assert_true(fabs(functional(&p, "x[0]*dP(A, B, corners, row)") - (2 + 2.5 - 1 + 0.3 + 0.7)) < 1e-14);
  end_problem(&p);
}

/* Two squares side by side whose nodes are not joined: a place on the seam belongs to both, a node to its own. */
static void a_slit_has_two_sides(void **unused) {
  (void)unused;
  const double coords[] = {0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 2, 0, 2, 1, 1, 1};
  const gkt_idx cells[] = {0, 1, 2, 3, 4, 5, 6, 7};
  field_kind kind = {"slit", 2, 1, 1};
  gkt_mesh *mesh;
  field_problem p;
  use(GKT_BACKEND_INTERPRETER, 1);
  must(gkt_mesh_from_arrays(ctx, GKT_QUADRILATERAL, 1, 2, 8, coords, 2, cells, &mesh), "slit");
  begin_problem(&p, &kind, mesh);
  must(gkt_mesh_add_set(mesh, "left side", 0, 1, (gkt_idx[]){1}), "left side");
  must(gkt_mesh_add_set(mesh, "both", 0, 2, (gkt_idx[]){1, 4}), "both");
  must(gkt_mesh_add_places(mesh, "seam", 1, (double[]){1, 0}), "seam");
  for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = gkt_space_coords(p.space)[2 * i] > 1 ? 8 : 0;
  p.u[4] = p.u[7] = 8;
  assert_true(functional(&p, "u*dP('left side')") == 0 || functional(&p, "u*dP('left side')") == 8);
  assert_true(functional(&p, "u*dP(both)") == 8);
  assert_true(functional(&p, "u*dP(seam)") == 4);
  end_problem(&p);
}

static void refused(void **unused) {
  (void)unused;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"u*dP(boundary)", "square: line 1, column 6: 'boundary': this set consists of facets, but dP sums over points (sets of points: nodes, out)"},
      {"u*dP(node)", "square: line 1, column 6: 'node': the mesh has no set of this name; did you mean 'nodes'? (sets of points: nodes, out)"},
      {"u*dP(nodes, out)", "square: line 1, column 13: 'out': the place (0.5, 1.25) lies outside of the mesh; expected one in a cell, the nearest node is (0.5, 1), 0.25 away"},
      {"u*ds(out)", "square: line 1, column 6: 'out': this set consists of places, but ds integrates over facets (sets of facets: boundary, left, right, bottom, top)"}};
  field_kind kind = {"square", 2, 1, 1};
  field_problem p;
  use(GKT_BACKEND_INTERPRETER, 1);
  begin_problem(&p, &kind, unit_mesh(TRIANGLES, 2));
  must(gkt_mesh_add_set(p.mesh, "nodes", 0, 1, (gkt_idx[]){1}), "nodes");
  must(gkt_mesh_add_places(p.mesh, "out", 1, (double[]){0.5, 1.25}), "out");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_form *form = parse_form(&p, GKT_FUNCTIONAL, cases[i].text);
    gkt_assembler *a = NULL;
    assert_int_equal(gkt_assembler_create(form, p.mesh, p.spaces, &a), GKT_BAD_INPUT);
    assert_string_equal(gkt_context_message(ctx), cases[i].message);
    gkt_context_clear(ctx);
    gkt_form_destroy(&form);
  }
  assert_int_equal(gkt_mesh_add_places(p.mesh, "out", 1, (double[]){0, 0}), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "the mesh already has a set 'out' of places");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_mesh_add_places(p.mesh, "odd", 1, (double[]){0, NAN}), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "set 'odd': coordinate 1 of place 0 is not finite");
  gkt_context_clear(ctx);
  end_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell_and_space), cmocka_unit_test(each_point_counts_once), cmocka_unit_test(a_slit_has_two_sides),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
