/* Claim: displacements of a boundary extended by elasticity: E' is the transpose of E, the inner product is symmetric, positive and that of E' K E, nodes that are held stay and
   others slide; a displacement that turns cells inside out is told, and optimizers cut it back. A square becomes the polygon of least perimeter at its area, the regular one, and
   the section of greatest torsional stiffness at its area, nearly a circle (Saint-Venant's; Polya and Szego, Isoperimetric Inequalities, 1951). */
#include <stdio.h>

#include "galerkit/extension.h"
#include "galerkit/optimize.h"
#include "systems/system.h"
#include "tests/extension_world.h"

static gkt_scalar *waves(gkt_size n, double phase) {
  gkt_scalar *x = malloc((size_t)n * sizeof *x);
  for (gkt_size i = 0; i < n; i++) x[i] = sin(phase + 3.7 * (double)i);
  return x;
}

static void transposes(void **unused) {
  (void)unused;
  const struct {
    gkt_cell_type cell;
    int dim;
  } cases[] = {{GKT_TRIANGLE, 2}, {GKT_QUADRILATERAL, 2}, {GKT_TETRAHEDRON, 3}, {GKT_HEXAHEDRON, 3}};
  for (int c = 0; c < 4; c++) {
    gkt_mesh *mesh = box(cases[c].cell, cases[c].dim, 4);
    const int dim = cases[c].dim;
    const gkt_size n = (gkt_size)dim * gkt_mesh_num_nodes(mesh);
    gkt_extension *e;
    gkt_idx turned;
    ok(gkt_extension_create(mesh, 1, (const char *const[]){"top"}, 1, &(gkt_hold){"left", 0}, &e));
    const gkt_size m = gkt_extension_size(e);
    gkt_scalar *d = waves(m, 1), *other = waves(m, 2), *g = waves(n, 3), *x = malloc((size_t)n * sizeof *x), *back = calloc((size_t)m, sizeof *back);
    for (gkt_size i = 0; i < m; i++) d[i] *= 0.05;
    ok(gkt_extension_apply(e, d, x, &turned));
    assert_int_equal(turned, -1);
    for (gkt_size i = 0; i < n; i++) x[i] -= gkt_mesh_coords(mesh)[i];
    ok(gkt_extension_transpose(e, g, back));
    assert_true(fabs(dot(n, g, x) - dot(m, back, d)) < 1e-12 * sqrt(dot(n, g, g) * dot(n, x, x)));
    bool slides = false;
    for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) {
      const double *at = gkt_mesh_coords(mesh) + (gkt_size)i * dim, *by = x + (gkt_size)i * dim;
      if (at[0] == -1) assert_true(by[0] == 0);
      if (at[0] == 1 || at[1] == -1)
        for (int k = 0; k < dim; k++) assert_true(by[k] == 0);
      slides = slides || (at[0] == -1 && at[1] < 1 && fabs(by[1]) > 1e-4);
    }
    assert_true(slides);
    gkt_scalar *r = malloc((size_t)m * sizeof *r), *q = malloc((size_t)m * sizeof *q);
    ok(gkt_extension_riesz(e, d, r)), ok(gkt_extension_riesz(e, other, q));
    assert_true(fabs(dot(m, r, other) - dot(m, q, d)) < 1e-12 * sqrt(dot(m, r, r) * dot(m, other, other)) && dot(m, r, d) > 0);
    free(d), free(other), free(g), free(x), free(back), free(r), free(q);
    gkt_extension_destroy(&e);
    gkt_mesh_destroy(&mesh);
  }
}

static void turned_cells(void **unused) {
  (void)unused;
  gkt_mesh *mesh = box(GKT_TRIANGLE, 2, 4);
  gkt_extension *e;
  gkt_idx turned;
  ok(gkt_extension_create(mesh, 1, (const char *const[]){"top"}, 0, NULL, &e));
  const gkt_size m = gkt_extension_size(e);
  gkt_scalar *d = calloc((size_t)m, sizeof *d), *x = malloc(2 * (size_t)gkt_mesh_num_nodes(mesh) * sizeof *x);
  for (gkt_size i = 0; i < m; i++) d[i] = gkt_extension_places(e)[i] % 2 ? -2.5 : 0; /* below the bottom */
  ok(gkt_extension_apply(e, d, x, &turned));
  assert_true(turned >= 0 && turned < gkt_mesh_num_cells(mesh));
  free(d), free(x);
  gkt_extension_destroy(&e);
  gkt_mesh_destroy(&mesh);
}

static void refused(void **unused) {
  (void)unused;
  gkt_mesh *mesh = box(GKT_TRIANGLE, 2, 2);
  gkt_extension *e = NULL;
  const char *const top[] = {"top"}, *const none[] = {"wing"};
  const struct {
    int num_moves, num_holds;
    const char *const *moves;
    gkt_hold holds[1];
    const char *word;
  } cases[] = {{1, 0, none, {{NULL, 0}}, "'wing'"},
               {0, 0, top, {{NULL, 0}}, "at least one"},
               {1, 1, top, {{"left", 2}}, "component 2"},
               {1, 1, top, {{"top", GKT_ALL_COMPONENTS}}, "nothing moves"}};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(gkt_extension_create(mesh, cases[i].num_moves, cases[i].moves, cases[i].num_holds, cases[i].holds, &e), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), cases[i].word)) fail_msg("'%s' is not in: %s", cases[i].word, gkt_context_message(ctx));
    gkt_context_clear(ctx);
  }
  gkt_mesh_destroy(&mesh);
}

/* ---- optimal shapes ---- */
typedef struct {
  adjoint_world *w;
  gkt_extension *e;
  gkt_functional *J;
  bool by_tractions;
  gkt_size n, m; /* coordinates, displacements */
  gkt_scalar *d, *x, *by_x, *by_d;
  int cut; /* steps that would have turned cells */
} design;

/* The variables are displacements, or tractions q on the elastic body, d = S^-1 q. */
static gkt_status value(void *user, const gkt_scalar *q, gkt_scalar *J, gkt_scalar *unused) {
  design *t = user;
  gkt_idx turned;
  gkt_solve_report report;
  (void)unused;
  memcpy(t->d, q, (size_t)t->m * sizeof *q);
  if (t->by_tractions) ok(gkt_extension_riesz(t->e, q, t->d));
  ok(gkt_extension_apply(t->e, t->d, t->x, &turned));
  *J = NAN;
  if (turned >= 0) return t->cut++, GKT_OK;
  ok(gkt_adjoint_set_control(t->w->adjoint, 0, t->x));
  report = solve_world(t->w);
  gkt_solve_report_clear(&report);
  return gkt_functional_value(t->J, t->w->u, J);
}

static gkt_status gradient(void *user, const gkt_scalar *q, gkt_scalar *g, gkt_scalar *unused) {
  design *t = user;
  gkt_solve_report report;
  (void)q, (void)unused;
  memset(t->by_x, 0, (size_t)t->n * sizeof *t->by_x), memset(t->by_d, 0, (size_t)t->m * sizeof *t->by_d);
  ok(gkt_adjoint_gradient(t->w->adjoint, t->J, &t->w->options, t->w->u, NULL, &t->by_x, &report));
  assert_true(report.valid);
  gkt_solve_report_clear(&report);
  ok(gkt_extension_transpose(t->e, t->by_x, t->by_d));
  memcpy(g, t->by_d, (size_t)t->m * sizeof *g);
  return t->by_tractions ? gkt_extension_riesz(t->e, t->by_d, g) : GKT_OK;
}

/* The least of the expression of A, the area, and K, the functional. */
static double least(const char *functional, const char *outer, const char *mesh, bool by_tractions, int *cut) {
  char text[512];
  snprintf(text, sizeof text,
           "mesh: {box: {cells: [%s], lower: [-1, -1], upper: [1, 1]}}\nfields: {u: {space: P2, test: v}}\nconditions: [{on: boundary, value: 0}]\nequation: \"dot(grad(u), "
           "grad(v))*dx == v*dx\"\n",
           mesh);
  adjoint_world w = make_world(text, GKT_LINEAR_DIRECT, functional, (const char *const[]){"@", NULL});
  design t = {.w = &w, .by_tractions = by_tractions};
  gkt_form *area;
  gkt_functional *A;
  gkt_scope *scope;
  gkt_expression *of;
  gkt_optimize_report report;
  int number;
  ok(gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "1*dx"}, &area));
  ok(gkt_functional_create(w.adjoint, area, &A));
  ok(gkt_scope_create(ctx, 2, &scope));
  ok(gkt_scope_add_constant(scope, "A", &number)), ok(gkt_scope_add_constant(scope, "K", &number));
  ok(gkt_expression_parse(scope, &(gkt_source){.text = outer}, &of));
  ok(gkt_functional_compose(w.adjoint, of, 2, (const char *const[]){"A", "K"}, (gkt_functional *const[]){A, w.J}, &t.J));
  ok(gkt_extension_create(gkt_space_mesh(gkt_system_space(w.s, 0)), 4, (const char *const[]){"left", "right", "bottom", "top"}, 0, NULL, &t.e));
  t.n = gkt_adjoint_control_size(w.adjoint, 0), t.m = gkt_extension_size(t.e);
  t.d = calloc((size_t)t.m, sizeof *t.d), t.x = calloc((size_t)t.n, sizeof *t.x), t.by_x = calloc((size_t)t.n, sizeof *t.x), t.by_d = calloc((size_t)t.m, sizeof *t.d);
  gkt_scalar *q = calloc((size_t)t.m, sizeof *q);
  gkt_optimize_problem problem = {.user = &t, .num = t.m, .value = value, .gradient = gradient};
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_LMVM, options.max_iterations = 40, options.tolerance = 1e-6;
  ok(gkt_optimize(ctx, &problem, &options, q, &report));
  if (getenv("GKT_SHOW"))
    printf("%s: %.9g, %d iterations, %d evaluations, %d cut: %s\n", outer, report.last.objective, report.last.iteration, report.evaluations, t.cut, report.reason);
  const double J = report.last.objective;
  *cut = t.cut;
  gkt_optimize_report_clear(&report);
  free(q), free(t.d), free(t.x), free(t.by_x), free(t.by_d);
  gkt_extension_destroy(&t.e);
  gkt_functional_destroy(&t.J), gkt_functional_destroy(&A), gkt_form_destroy(&area);
  gkt_expression_destroy(&of), gkt_scope_destroy(&scope);
  clear_world(&w);
  return J;
}

/* Of polygons with 24 sides the regular one: P^2/A = 4 n tan(pi/n). */
static void least_perimeter(void **unused) {
  (void)unused;
  int cut;
  const double pi = acos(-1), J = least("1*ds", "K^2/A", "6, 6", false, &cut);
  assert_true(fabs(J - 96 * tan(pi / 24)) < 1e-6 && cut > 0);
}

/* The integral of u, -lap u = 1, over a circle is A^2/(8 pi). */
static void greatest_stiffness(void **unused) {
  (void)unused;
  int cut;
  const double pi = acos(-1), J = least("u*dx", "A^2/K", "16, 16", true, &cut);
  assert_true(J > 8 * pi && J < 1.005 * 8 * pi);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {cmocka_unit_test(transposes), cmocka_unit_test(turned_cells), cmocka_unit_test(refused), cmocka_unit_test(least_perimeter),
                                     cmocka_unit_test(greatest_stiffness)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
