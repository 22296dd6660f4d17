/* Claim: systems with ties solve periodic problems with the orders of theory, on every kind of cell, with and without a kernel, for scalars, vectors and two fields; sectors of
   what repeats around an axis give Lame's solution and harmonic functions; nonlinear systems, too; residual and tangent are those of u~, bit for bit for 1, 2 and 4 threads, and
   the tangent is symmetric to the last bit; wrong ties are refused by name. */
#include "galerkit/system.h"
#include "meshes/match.h"
#include "tests/element_meshes.h"

/* One or two fields: u (test v) and p (test q). */
typedef struct {
  gkt_mesh *mesh; /* owned */
  gkt_scope *scope;
  gkt_space *spaces[4];
  gkt_form *form;
  gkt_system *system;
  gkt_vector *u;
} problem;

static void start(problem *w, gkt_mesh *mesh, int degree, int components, int degree_of_p, gkt_form_kind kind, const char *text) {
  const gkt_shape shape = components > 1 ? gkt_shape_vector(components) : gkt_shape_scalar();
  int f, unknowns[2] = {0, 2};
  *w = (problem){.mesh = mesh};
  must(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &w->scope), "scope");
  must(gkt_scope_add_field(w->scope, "u", "v", shape, (gkt_element){GKT_LAGRANGE, degree}, &f), "u");
  w->spaces[f] = make_space(mesh, false, degree, shape);
  unknowns[0] = f;
  if (degree_of_p) {
    must(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, degree_of_p}, &f), "p");
    w->spaces[f] = make_space(mesh, false, degree_of_p, gkt_shape_scalar());
    unknowns[1] = f;
  }
  gkt_source source = {.text = text, .file = "a.yaml", .key = "equation"};
  must(gkt_form_parse(w->scope, kind, &source, &w->form), text);
  must(gkt_system_create(w->form, mesh, degree_of_p ? 2 : 1, unknowns, (const gkt_space *const *)w->spaces, &w->system), "system");
}

static void tie(problem *w, const char *from, const char *to, const gkt_rotation *rotation) {
  must(gkt_system_tie(w->system, &(gkt_tie){.from = gkt_mesh_find_set(w->mesh, from), .to = gkt_mesh_find_set(w->mesh, to), .rotation = rotation}), from);
}

static void hold(problem *w, const char *set, int component, const char *value) {
  gkt_source source = {.text = value, .file = "a.yaml", .key = "conditions"};
  gkt_expression *e;
  must(gkt_expression_parse(w->scope, &source, &e), value);
  must(gkt_system_constrain(w->system, &(gkt_condition){.unknown = 0, .set = gkt_mesh_find_set(w->mesh, set), .component = component, .value = e}), set);
  gkt_expression_destroy(&e);
}

static void solve(problem *w, gkt_solve_report *report) {
  must(gkt_system_vector(w->system, &w->u), "vector");
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.rtol = 1e-11;
  must(gkt_system_solve(w->system, &options, w->u, report), "solve");
  if (!report->valid) fail_msg("%s", report->reason);
}

static void finish(problem *w) {
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  for (int f = 0; f < 4; f++) gkt_space_destroy(&w->spaces[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

static double integral(problem *w, const char *text) {
  gkt_source source = {.text = text, .file = "a.yaml", .key = "compute"};
  gkt_form *form;
  gkt_assembler *a;
  gkt_state state = gkt_system_state(w->system, w->u);
  gkt_inputs inputs;
  double value;
  must(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &source, &form), text);
  must(gkt_assembler_create(form, w->mesh, (const gkt_space *const *)w->spaces, &a), text);
  must(gkt_system_inputs(w->system, &state, &inputs), text);
  must(gkt_assemble_functional(a, &inputs, &value), text);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  return value;
}

static const char *const sides[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
static void tie_all(problem *w) {
  for (int d = 0; d < gkt_mesh_dim(w->mesh); d++) tie(w, sides[d][0], sides[d][1], NULL);
}

/* ---- periodic cells, whose sides are bent alike ---- */
static void ripple(int dim, double *x) {
  double a = x[0], b = x[1], c = dim == 3 ? x[2] : 0;
  x[0] += 0.02 * sin(2 * M_PI * (a + b)) + 0.01 * cos(2 * M_PI * c), x[1] += 0.02 * cos(2 * M_PI * a);
}
static void ripple_along(int dim, double *x) {
  (void)dim;
  x[0] += 0.05 * sin(2 * M_PI * x[1]);
}

static double poisson_error(mesh_kind kind, int degree, int n, bool mass) {
  static const char *const exact[2] = {"(sin(2*pi*x[0] + 1)*cos(2*pi*x[1]) + 0.5*cos(2*pi*(x[0] + x[1])))",
                                       "(sin(2*pi*x[0] + 1)*cos(2*pi*x[1])*sin(2*pi*x[2]) + 0.5*cos(2*pi*(x[0] + x[1])))"};
  const int dim = mesh_kinds[kind].dim;
  char text[1000], error[1000];
  problem w;
  gkt_solve_report report;
  gkt_mesh *mesh = unit_mesh(kind, n);
  if (degree < 3) map_nodes(mesh, ripple); /* of P3 too coarse for it */
  snprintf(text, sizeof text, "dot(grad(u), grad(v))*dx %s == ((%d + %d)*pi^2*%s - %d*pi^2*0.5*cos(2*pi*(x[0] + x[1])))*v*dx(degree=%d)", mass ? "+ u*v*dx" : "", 4 * dim, 0,
           exact[dim - 2], 4 * dim - 8, 2 * degree + 4);
  if (mass) snprintf(text + strlen(text), sizeof text - strlen(text), " + %s*v*dx(degree=%d)", exact[dim - 2], 2 * degree + 4);
  start(&w, mesh, degree, 1, 0, GKT_EQUATION, text);
  tie_all(&w);
  const gkt_layout *layout = gkt_system_layout(w.system);
  assert_int_equal(layout->num_constrained, 0);
  gkt_idx torus = 1, box = 1; /* nodes, of a box cut into n in each direction */
  for (int d = 0; d < dim; d++) torus *= n * degree, box *= n * degree + 1;
  assert_int_equal(layout->num_owned, box), assert_int_equal(layout->num_tied, box - torus);
  solve(&w, &report);
  assert_int_equal(report.singular, !mass);
  snprintf(error, sizeof error, "(u - %s)^2*dx(degree=%d)", exact[dim - 2], 2 * degree + 4);
  double value = sqrt(integral(&w, error));
  gkt_solve_report_clear(&report);
  finish(&w);
  return value;
}

static void orders_of_poisson(void **unused) {
  (void)unused;
  static const struct {
    mesh_kind kind;
    int degree, n;
  } runs[] = {{TRIANGLES, 1, 16},  {TRIANGLES, 2, 8},  {TRIANGLES, 3, 6},  {QUADRILATERALS, 1, 16}, {QUADRILATERALS, 2, 8}, {QUADRILATERALS, 3, 6},
              {TETRAHEDRA, 1, 14}, {TETRAHEDRA, 2, 6}, {TETRAHEDRA, 3, 4}, {HEXAHEDRA, 1, 8},       {HEXAHEDRA, 2, 7},      {HEXAHEDRA, 3, 4}};
  for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
    bool mass = runs[r].degree == 2;
    double coarse = poisson_error(runs[r].kind, runs[r].degree, runs[r].n, mass), fine = poisson_error(runs[r].kind, runs[r].degree, 2 * runs[r].n, mass),
           order = log2(coarse / fine);

    if (!(order >= runs[r].degree + 1 - 0.1)) fail_msg("%s P%d: %g, %g: order %.2f", mesh_kinds[runs[r].kind].name, runs[r].degree, coarse, fine, order);
  }
}

/* A body that is displaced by its own forces: all translations are free. */
static void periodic_body(void **unused) {
  (void)unused;
  double errors[2];
  for (int level = 0; level < 2; level++) {
    problem w;
    gkt_solve_report report;
    start(&w, unit_mesh(TRIANGLES, 6 << level), 2, 2, 0, GKT_EQUATION,
          "2*inner(sym(grad(u)), sym(grad(v)))*dx + 0.5*div(u)*div(v)*dx == 4*pi^2*(sin(2*pi*x[1])*v[0] + 2.5*sin(2*pi*x[1])*v[1])*dx(degree=8)");
    tie_all(&w);
    solve(&w, &report);
    assert_true(report.singular && !report.turns_freely);
    assert_string_equal(report.unfixed, "u");
    errors[level] = sqrt(integral(&w, "dot(u - [sin(2*pi*x[1]), sin(2*pi*x[1])], u - [sin(2*pi*x[1]), sin(2*pi*x[1])])*dx(degree=8)"));
    gkt_solve_report_clear(&report);
    finish(&w);
  }
  if (!(log2(errors[0] / errors[1]) >= 2.9)) fail_msg("%g, %g", errors[0], errors[1]);
}

/* Flow between plates, driven by a force: exact in P2-P1; the pressure's constant is free. */
static void flow(double shaken) {
  problem w;
  uint32_t seed = 9;
  gkt_solve_report report;
  gkt_mesh *mesh = unit_mesh(TRIANGLES, 4);
  map_nodes(mesh, ripple_along);
  for (gkt_idx i = 0; i < 2 * gkt_mesh_num_nodes(mesh); i++) gkt_mesh_coords_mutable(mesh)[i] += shaken * noise(&seed);
  start(&w, mesh, 2, 2, 1, GKT_EQUATION, "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == 3*v[0]*dx");
  hold(&w, "bottom", -1, "0"), hold(&w, "top", -1, "0");
  tie(&w, "left", "right", NULL);
  solve(&w, &report);
  assert_string_equal(report.unfixed, "p");
  double error = sqrt(integral(&w, "dot(u - [1.5*x[1]*(1 - x[1]), 0], u - [1.5*x[1]*(1 - x[1]), 0])*dx(degree=6)")), p = sqrt(integral(&w, "p^2*dx"));
  if (!(error <= 1e-10 + 10 * shaken && p <= 1e-9 + 100 * shaken)) fail_msg("u is off by %g, p by %g", error, p);
  gkt_solve_report_clear(&report);
  finish(&w);
}

/* Also where the sides are alike to 7 digits only, as in files with few. */
static void periodic_flow(void **unused) {
  (void)unused;
  flow(0), flow(1e-8), flow(1e-7);
}

/* The same in a slab that is one cell thick: derivatives across couple the fields by what rounding leaves of sums that are zero, which must not be taken for equations. */
static void thin_slab(void **unused) {
  (void)unused;
  static const gkt_cell_type shapes[] = {GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  for (int s = 0; s < 2; s++) {
    problem w;
    gkt_solve_report report;
    gkt_mesh *mesh;
    must(gkt_mesh_box(ctx, &(gkt_box){shapes[s], 3, {3, 4, 1}, {0, 0, 0}, {1, 1, 0.25}}, &mesh), "box");
    must(gkt_mesh_topology(mesh), "topology");
    start(&w, mesh, 2, 3, 1, GKT_EQUATION, "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == 2*v[0]*dx");
    hold(&w, "bottom", -1, "0"), hold(&w, "top", -1, "0");
    tie(&w, "left", "right", NULL), tie(&w, "back", "front", NULL);
    solve(&w, &report);
    double error = sqrt(integral(&w, "dot(u - [x[1]*(1 - x[1]), 0, 0], u - [x[1]*(1 - x[1]), 0, 0])*dx(degree=6)"));
    if (!(error <= 1e-10)) fail_msg("u is off by %g", error);
    gkt_solve_report_clear(&report);
    finish(&w);
  }
}

/* ---- sectors of 90 degrees: 1 <= r <= 2, of order 2, about the point (0.5, -0.25) ---- */
static void to_sector(int dim, double *x) {
  double r = 1 + x[0], a = x[1] * M_PI / 2;
  (void)dim;
  x[0] = 0.5 + r * cos(a), x[1] = -0.25 + r * sin(a);
}
static const gkt_rotation quarter = {.angle = 90, .axis = {0, 0, 1}, .point = {0.5, -0.25, 0}};
#define X "(x[0] - 0.5)"
#define Y "(x[1] + 0.25)"

static gkt_mesh *sector(mesh_kind kind, int n) {
  gkt_mesh *mesh = with_order_two(unit_mesh(kind, n));
  map_nodes(mesh, to_sector);
  return mesh;
}

/* A tube under inner pressure 1, Lame 1852: u_r = a r + b/r with a = p r1^2/(r2^2 - r1^2) / (2 (lambda + mu)), b = p r1^2 r2^2/(r2^2 - r1^2) / (2 mu). Here lambda = 1.5, mu = 1.
   It may turn about its axis. */
static double tube_error(mesh_kind kind, int n, bool both) {
  problem w;
  gkt_solve_report report;
  start(&w, sector(kind, n), 2, mesh_kinds[kind].dim, 0, GKT_EQUATION, "2*inner(sym(grad(u)), sym(grad(v)))*dx + 1.5*div(u)*div(v)*dx == -1*dot(n, v)*ds(left)");
  tie(&w, "bottom", "top", &quarter);
  if (both) hold(&w, "back", 2, "0"), hold(&w, "front", 2, "0");
  solve(&w, &report);
  assert_true(report.singular == !both && report.turns_freely == !both);
  char text[400];
  snprintf(text, sizeof text, "((u[0] - (1/15 + 2/3/(%s^2 + %s^2))*%s)^2 + (u[1] - (1/15 + 2/3/(%s^2 + %s^2))*%s)^2)*dx(degree=8)", X, Y, X, X, Y, Y);
  double error = sqrt(integral(&w, text));
  gkt_solve_report_clear(&report);
  finish(&w);
  return error;
}

static void tube(void **unused) {
  (void)unused;
  double coarse = tube_error(TRIANGLES, 4, false), fine = tube_error(TRIANGLES, 8, false), order = log2(coarse / fine);
  if (!(order >= 2.9 && fine < 1e-4)) fail_msg("triangles: %g, %g: order %.2f", coarse, fine, order);
  coarse = tube_error(QUADRILATERALS, 3, false), fine = tube_error(QUADRILATERALS, 6, false), order = log2(coarse / fine);
  if (!(order >= 2.9 && fine < 1e-4)) fail_msg("quadrilaterals: %g, %g: order %.2f", coarse, fine, order);
}

/* x^4 - 6 x^2 y^2 + y^4 repeats every 90 degrees. */
static void harmonic_function(void **unused) {
  (void)unused;
  double errors[2];
  for (int level = 0; level < 2; level++) {
    problem w;
    gkt_solve_report report;
    start(&w, sector(QUADRILATERALS, 4 << level), 2, 1, 0, GKT_EQUATION, "dot(grad(u), grad(v))*dx");
    hold(&w, "left", -1, X "^4 - 6*" X "^2*" Y "^2 + " Y "^4"), hold(&w, "right", -1, X "^4 - 6*" X "^2*" Y "^2 + " Y "^4");
    tie(&w, "bottom", "top", &quarter);
    solve(&w, &report);
    errors[level] = sqrt(integral(&w, "(u - (" X "^4 - 6*" X "^2*" Y "^2 + " Y "^4))^2*dx(degree=10)"));
    gkt_solve_report_clear(&report);
    finish(&w);
  }
  if (!(log2(errors[0] / errors[1]) >= 2.9)) fail_msg("%g, %g", errors[0], errors[1]);
}

/* ---- nonlinear, by an energy; the axis is in the mesh: the bottom of the unit square goes to its left side ---- */
static void large_displacements(void **unused) {
  (void)unused;
  static const gkt_rotation about_corner = {.angle = 90};
  problem w, whole;
  gkt_solve_report report;
  const char *text = "(0.5*(inner(I + grad(u), I + grad(u)) - 2) - ln(det(I + grad(u))) + 0.5*ln(det(I + grad(u)))^2)*dx";
  gkt_mesh *mesh = unit_mesh(QUADRILATERALS, 4);
  start(&w, mesh, 2, 2, 0, GKT_ENERGY, text);
  tie(&w, "bottom", "left", &about_corner);
  hold(&w, "right", 0, "0.4*(1 - 0.5*x[1]^2)"), hold(&w, "top", 1, "0.4*(1 - 0.5*x[0]^2)");
  solve(&w, &report);
  /* the same as a quarter of a square that is stretched alike on all sides: symmetric about both axes */
  start(&whole, unit_mesh(QUADRILATERALS, 4), 2, 2, 0, GKT_ENERGY, text);
  hold(&whole, "bottom", 1, "0"), hold(&whole, "left", 0, "0"), hold(&whole, "right", 0, "0.4*(1 - 0.5*x[1]^2)"), hold(&whole, "top", 1, "0.4*(1 - 0.5*x[0]^2)");
  gkt_solve_report second;
  solve(&whole, &second);
  for (gkt_idx i = 0; i < gkt_vector_size(w.u); i++) assert_true(fabs(gkt_vector_read(w.u)[i] - gkt_vector_read(whole.u)[i]) <= 1e-7);
  assert_true(report.newton.iterations > 2);
  gkt_solve_report_clear(&report), gkt_solve_report_clear(&second);
  finish(&w), finish(&whole);
}

/* ---- residual and tangent ---- */
static void bits_and_symmetry(void **unused) {
  (void)unused;
  gkt_scalar *first = NULL;
  for (int threads = 1; threads <= 4; threads *= 2) {
    gkt_context_options options = {.threads = threads, .poison = true};
    gkt_context_destroy(&ctx);
    must(gkt_context_create(&options, &ctx), "context");
    problem w;
    start(&w, sector(TRIANGLES, 5), 2, 2, 0, GKT_EQUATION, "2*inner(sym(grad(u)), sym(grad(v)))*dx + 1.5*div(u)*div(v)*dx == -1*dot(n, v)*ds(left)");
    tie(&w, "bottom", "top", &quarter);
    must(gkt_system_vector(w.system, &w.u), "u");
    for (gkt_idx i = 0; i < gkt_vector_size(w.u); i++) gkt_vector_values(w.u)[i] = wave(i, 2);
    must(gkt_system_lift(w.system, w.u), "lift");
    gkt_vector *r, *d, *moved;
    gkt_csr *A;
    gkt_state state = gkt_system_state(w.system, w.u);
    must(gkt_system_vector(w.system, &r), "r"), must(gkt_system_vector(w.system, &d), "d"), must(gkt_system_vector(w.system, &moved), "moved");
    must(gkt_system_residual(w.system, &state, r), "residual");
    must(gkt_system_matrix(w.system, &A), "matrix");
    must(gkt_system_tangent(w.system, &state, (gkt_shifts){.value = 1}, A), "tangent");
    gkt_size n = A->row_offsets[A->num_rows];
    for (gkt_idx i = 0; i < A->num_rows; i++)
      for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) assert_true(A->vals[k] == entry_of(A, A->cols[k], i));
    /* R(u + C d) - R(u) = A d, as the form is linear */
    for (gkt_idx i = 0; i < A->num_rows; i++) gkt_vector_values(d)[i] = gkt_system_layout(w.system)->constrained[i] ? 0 : wave(i, 4);
    must(gkt_system_expand(w.system, d, moved), "expand");
    gkt_vector_axpy(1, w.u, moved);
    gkt_vector *second;
    must(gkt_system_vector(w.system, &second), "r");
    state = gkt_system_state(w.system, moved);
    must(gkt_system_residual(w.system, &state, second), "residual");
    gkt_scalar *image = malloc(sizeof *image * (size_t)A->num_rows), *all = malloc(sizeof *all * (size_t)(n + A->num_rows)), most = 0;
    gkt_csr_multiply(A, gkt_vector_read(d), image);
    for (gkt_idx i = 0; i < A->num_rows; i++) most = fmax(most, fabs(image[i]));
    for (gkt_idx i = 0; i < A->num_rows; i++) assert_true(fabs(gkt_vector_read(second)[i] - gkt_vector_read(r)[i] - image[i]) <= 1e-12 * most);
    memcpy(all, A->vals, sizeof *all * (size_t)n), memcpy(all + n, gkt_vector_read(r), sizeof *all * (size_t)A->num_rows);
    if (threads == 1) first = all;
    else assert_memory_equal(first, all, sizeof *all * (size_t)(n + A->num_rows)), free(all);
    free(image);
    gkt_vector_destroy(&second), gkt_vector_destroy(&r), gkt_vector_destroy(&d), gkt_vector_destroy(&moved);
    gkt_csr_destroy(&A);
    finish(&w);
  }
  free(first);
}

/* ---- refusals ---- */
static void refused(problem *w, const gkt_tie *t, const char *expected) {
  gkt_context_clear(ctx);
  assert_int_equal(gkt_system_tie(w->system, t), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), expected)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), expected);
  assert_int_equal(gkt_system_layout(w->system)->num_tied, 0);
  gkt_context_clear(ctx);
}

static void wrong_ties(void **unused) {
  (void)unused;
  problem w;
  start(&w, unit_mesh(TRIANGLES, 3), 1, 1, 0, GKT_EQUATION, "dot(grad(u), grad(v))*dx + u*v*dx");
  const gkt_mesh_set *left = gkt_mesh_find_set(w.mesh, "left"), *right = gkt_mesh_find_set(w.mesh, "right"), *top = gkt_mesh_find_set(w.mesh, "top");
  refused(&w, &(gkt_tie){.from = left, .to = top, .place = "a.yaml: periodic: line 3"},
          "a.yaml: periodic: line 3: 'left' and 'top' are not cut alike: 3 facets of 'left' have no partner");
  refused(&w, &(gkt_tie){.from = left, .to = left, .place = "here"}, "here: 'left' is to match itself");
  refused(&w, &(gkt_tie){.from = left, .to = right, .rotation = &(gkt_rotation){.angle = NAN}}, "a rotation needs a finite angle");
  refused(&w, &(gkt_tie){.from = left, .to = right, .rotation = &(gkt_rotation){.angle = 90}}, "'left' and 'right' are not cut alike");
  finish(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(orders_of_poisson), cmocka_unit_test(periodic_body),       cmocka_unit_test(periodic_flow),     cmocka_unit_test(thin_slab), cmocka_unit_test(tube),
      cmocka_unit_test(harmonic_function), cmocka_unit_test(large_displacements), cmocka_unit_test(bits_and_symmetry), cmocka_unit_test(wrong_ties)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
