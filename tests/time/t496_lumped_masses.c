/* Claim: masses that are lumped at nodes are diagonal and positive, with the row sums of the consistent ones where the density is constant, in cells of every kind, straight and
   curved, on facets, of one field among several; solutions keep the order of the element in space where a rule is offered, and what has none is refused by name: of elements, and
   of equations. (Orders in time: t494.) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/cells.h"
#include "tests/gkt_test.h"

static void must(gkt_status status, const char *where) {
  if (status != GKT_OK) fail_msg("%s: %s", where, gkt_context_message(ctx));
}

/* ---- meshes of the unit box ---- */
typedef enum { LINES, TRIANGLES, QUADRILATERALS, MIXED_PLANE, TETRAHEDRA, HEXAHEDRA, PRISMS, PYRAMIDS, MIXED_SPACE } mesh_kind;
static const struct {
  const char *name;
  int cells, dim, fewest; /* cells: of cells.h; fewest: boxes per side */
} mesh_kinds[] = {{"lines", GKT_LINE, 1, 1},
                  {"triangles", GKT_TRIANGLE, 2, 1},
                  {"quadrilaterals", GKT_QUADRILATERAL, 2, 1},
                  {"triangles and quadrilaterals", TEST_LAYERS, 2, 2},
                  {"tetrahedra", GKT_TETRAHEDRON, 3, 1},
                  {"hexahedra", GKT_HEXAHEDRON, 3, 1},
                  {"prisms", GKT_PRISM, 3, 1},
                  {"pyramids", GKT_PYRAMID, 3, 1},
                  {"prisms, tetrahedra, pyramids, hexahedra", TEST_LAYERS, 3, 3}};

/* bend: above 0 of order 2, curved. */
static gkt_mesh *unit_mesh(mesh_kind kind, int n, double bend) {
  gkt_mesh *mesh = test_mesh(ctx, mesh_kinds[kind].cells, mesh_kinds[kind].dim, n, bend > 0 ? 2 : 1, bend);
  must(gkt_mesh_topology(mesh), "topology");
  return mesh;
}

/* ---- a problem on unit boxes ---- */
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V, *P;
  gkt_form *form;
  gkt_system *system;
  int u, p, num_unknowns;
} world;

/* u in the element, with test v; p in P1 with test q. */
static gkt_status begin(gkt_mesh *mesh, gkt_element element, gkt_shape shape, int num_unknowns, const char *text, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  *w = (world){.mesh = mesh, .num_unknowns = num_unknowns};
  GKT_TRY(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", shape, element, &w->u));
  GKT_TRY(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), P1, &w->p));
  GKT_TRY(gkt_space_create(mesh, element, shape, &w->V));
  GKT_TRY(gkt_space_create(mesh, P1, gkt_shape_scalar(), &w->P));
  return gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = text, .file = "a.yaml", .key = "equation"}, &w->form);
}

static gkt_status make_system(world *w, bool lumps) {
  const gkt_space *spaces[4] = {NULL};
  gkt_form *lumped;
  if (lumps) {
    GKT_TRY(gkt_form_lump(w->form, w->u, &lumped));
    gkt_form_destroy(&w->form);
    w->form = lumped;
  }
  spaces[w->u] = w->V, spaces[w->p] = w->P;
  gkt_system_destroy(&w->system);
  GKT_TRY(gkt_system_create(w->form, w->mesh, w->num_unknowns, (const int[]){w->u, w->p}, spaces, &w->system));
  return gkt_system_plan(w->system);
}

static void end(world *w) {
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V), gkt_space_destroy(&w->P);
  gkt_mesh_destroy(&w->mesh);
}

static const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2}, P3 = {GKT_LAGRANGE, 3}, P1B = {GKT_BUBBLE, 1}, P2B = {GKT_BUBBLE, 2},
                         DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0}, DP1 = {GKT_DISCONTINUOUS_LAGRANGE, 1}, DP2 = {GKT_DISCONTINUOUS_LAGRANGE, 2};

/* ---- matrices ---- */
static gkt_csr *masses_of(world *w, bool lumps) {
  gkt_vector *u;
  gkt_csr *M;
  must(make_system(w, lumps), "system");
  must(gkt_system_vector(w->system, &u), "vector");
  must(gkt_system_matrix(w->system, &M), "matrix");
  must(gkt_system_tangent(w->system, &(gkt_state){u, NULL, NULL, 0}, (gkt_shifts){.rate = 1}, M), "masses");
  gkt_vector_destroy(&u);
  return M;
}

/* The rows of u. Curved cells weigh their nodes by the Jacobian there. */
static void compare(const world *w, const gkt_csr *consistent, const gkt_csr *lumped, bool curved, const char *what) {
  const gkt_layout *l = gkt_system_layout(w->system);
  for (gkt_idx i = l->blocks[0].first; i < l->blocks[0].first + l->blocks[0].count; i++) {
    double sum = 0, diagonal = 0, others = 0;
    for (gkt_size k = consistent->row_offsets[i]; k < consistent->row_offsets[i + 1]; k++) sum += consistent->vals[k];
    for (gkt_size k = lumped->row_offsets[i]; k < lumped->row_offsets[i + 1]; k++) *(lumped->cols[k] == i ? &diagonal : &others) += fabs(lumped->vals[k]);
    if (!(diagonal > 0) || others > 1e-14 * diagonal || fabs(diagonal - sum) > (curved ? 0.1 : 1e-12) * diagonal)
      fail_msg("%s: row %d: %.16g, %g beside it; expected %.16g", what, i, diagonal, others, sum);
  }
}

static void masses_are_diagonal(void **state) {
  (void)state;
  static const struct {
    mesh_kind mesh;
    const gkt_element *element;
    bool curved;
    int rank;
    const char *form;
  } cases[] = {{LINES, &P2, false, 0, "3*dt(u)*v*dx + dot(grad(u), grad(v))*dx"},
               {TRIANGLES, &P1, true, 1, "dot(dt(u), v)*dx + 0.2*inner(grad(u), grad(v))*dx"},
               {TRIANGLES, &P2B, false, 1, "2*dot(dt(u), v)*dx + inner(grad(dt(u)), grad(v))*dx*0 + inner(grad(u), grad(v))*dx"},
               {TRIANGLES, &P1B, false, 0, "dt(u)*v*dx + u*v*dx"},
               {TRIANGLES, &DP1, false, 0, "dt(u)*v*dx + u*v*dx"},
               {TRIANGLES, &P2B, false, 0, "dt(u)*v*dx + 0.5*dt(u)*v*ds(left) + u*v*dx"},
               {QUADRILATERALS, &P2, false, 0, "dt(u)*v*dx + dt(u)*v*ds + u*v*dx"},
               {MIXED_PLANE, &P1, false, 0, "dt(u)*v*dx + dt(u)*v*ds + u*v*dx"},
               {TETRAHEDRA, &P1B, false, 0, "dt(u)*v*dx + u*v*dx"},
               {HEXAHEDRA, &P2, false, 0, "dt(u)*v*dx + u*v*dx"},
               {PRISMS, &P1, false, 0, "dt(u)*v*dx + dt(u)*v*ds + u*v*dx"},
               {PYRAMIDS, &P1, false, 0, "dt(u)*v*dx + dt(u)*v*ds + u*v*dx"},
               {MIXED_SPACE, &P1, false, 0, "dt(u)*v*dx + u*v*dx"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_mesh *mesh = unit_mesh(cases[i].mesh, mesh_kinds[cases[i].mesh].fewest, cases[i].curved ? 0.05 : 0);
    char what[200];
    world w;
    must(begin(mesh, *cases[i].element, cases[i].rank ? gkt_shape_vector(2) : gkt_shape_scalar(), 1, cases[i].form, &w), "form");
    snprintf(what, sizeof what, "%s, P%d, %.100s", mesh_kinds[cases[i].mesh].name, cases[i].element->degree, cases[i].form);
    gkt_csr *consistent = masses_of(&w, false), *lumped = masses_of(&w, true);
    compare(&w, consistent, lumped, cases[i].curved, what);
    gkt_csr_destroy(&consistent), gkt_csr_destroy(&lumped);
    end(&w);
  }
}

/* What stands in other equations, what holds lower rates, and other fields stay as they are. */
static void nothing_else_is_lumped(void **state) {
  (void)state;
  world w;
  must(begin(unit_mesh(TRIANGLES, 2, 0), P1, gkt_shape_scalar(), 2,
             "dt(u)*v*dx + (u + dt(p))*v*dx + dot(grad(u), grad(v))*dx + dt(p)*q*dx + dt(u)*q*dx + p*q*dx + dot(grad(dt(u)), grad(q))*dx", &w),
       "form");
  gkt_csr *before = masses_of(&w, false), *after = masses_of(&w, true);
  const gkt_layout *l = gkt_system_layout(w.system);
  const gkt_layout_block *u = &l->blocks[0];
  double same = 0, changed = 0;
  for (gkt_idx i = 0; i < before->num_rows; i++)
    for (gkt_size k = before->row_offsets[i]; k < before->row_offsets[i + 1]; k++) {
      const bool own = i < u->first + u->count && before->cols[k] < u->first + u->count;
      *(own ? &changed : &same) += fabs(before->vals[k] - after->vals[k]);
    }
  assert_true(u->first == 0 && same < 1e-14 && changed > 0.1);
  gkt_csr_destroy(&before), gkt_csr_destroy(&after);
  end(&w);
}

/* ---- orders in space: u = t s, which implicit Euler follows exactly, with a density that varies ---- */
static double error_of(mesh_kind kind, gkt_element element, int n) {
  static const char *const s[] = {"exp(0.8*x[0])", "exp(0.8*x[0] - 0.5*x[1])", "exp(0.8*x[0] - 0.5*x[1] + 0.6*x[2])"};
  static const double laplacian[] = {0.64, 0.89, 1.25};
  const int d = mesh_kinds[kind].dim - 1;
  char form[400], exact[100], square[200];
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_expression *value;
  gkt_form *norm;
  gkt_assembler *assembler;
  gkt_inputs inputs;
  gkt_vector *u;
  gkt_time *t;
  world w;
  double error;
  snprintf(form, sizeof form, "(1 + x[0])*dt(u)*v*dx + 0.1*dot(grad(u), grad(v))*dx - (1 + x[0] - %g*t)*%s*v*dx", 0.1 * laplacian[d], s[d]);
  snprintf(exact, sizeof exact, "t*%s", s[d]), snprintf(square, sizeof square, "(u - t*%s)^2*dx(degree=8)", s[d]);
  must(begin(unit_mesh(kind, n, 0), element, gkt_shape_scalar(), 1, form, &w), "form");
  must(make_system(&w, true), "system");
  must(gkt_expression_parse(w.scope, &(gkt_source){.text = exact}, &value), "value");
  must(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.u, .set = gkt_mesh_find_set(w.mesh, "boundary"), .component = -1, .value = value}), "condition");
  must(gkt_form_parse(w.scope, GKT_FUNCTIONAL, &(gkt_source){.text = square}, &norm), "norm");
  options.step = 0.5, options.solve.newton.linear.rtol = 1e-12;
  must(gkt_system_vector(w.system, &u), "vector");
  must(gkt_time_create(w.system, &options, &t), "time");
  must(gkt_time_begin(t, u, NULL, &report), "begin");
  for (int k = 0; k < 2; k++) must(gkt_time_step(t, 0.5, &report), "step"), assert_true(report.valid);
  const gkt_state now = gkt_time_state(t);
  must(gkt_system_inputs(w.system, &now, &inputs), "inputs");
  must(gkt_assembler_create(norm, w.mesh, inputs.spaces, &assembler), "assembler");
  must(gkt_assemble_functional(assembler, &inputs, &error), "error");
  gkt_assembler_destroy(&assembler), gkt_form_destroy(&norm), gkt_expression_destroy(&value);
  gkt_time_destroy(&t), gkt_vector_destroy(&u);
  end(&w);
  return sqrt(error);
}

static void orders_in_space_are_kept(void **state) {
  (void)state;
  static const struct {
    mesh_kind mesh;
    const gkt_element *element;
    int n;
    double order;
  } cases[] = {{LINES, &P2, 8, 3},      {TRIANGLES, &P1, 8, 2},   {TRIANGLES, &P1B, 8, 2}, {TRIANGLES, &P2B, 4, 3}, {QUADRILATERALS, &P1, 8, 2}, {QUADRILATERALS, &P2, 4, 3},
               {TETRAHEDRA, &P1, 6, 2}, {TETRAHEDRA, &P1B, 6, 2}, {HEXAHEDRA, &P2, 2, 3},  {PRISMS, &P1, 6, 2},     {PYRAMIDS, &P1, 4, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const double coarse = error_of(cases[i].mesh, *cases[i].element, cases[i].n), fine = error_of(cases[i].mesh, *cases[i].element, 2 * cases[i].n), order = log2(coarse / fine);
    if (getenv("GKT_SHOW")) print_message("%s, P%d, %zu: %.3e, %.3e: order %.2f\n", mesh_kinds[cases[i].mesh].name, cases[i].element->degree, i, coarse, fine, order);
    if (!(order > cases[i].order - 0.1)) fail_msg("%s, P%d: %g, %g: order %.3f", mesh_kinds[cases[i].mesh].name, cases[i].element->degree, coarse, fine, order);
  }
}

/* ---- refusals ---- */
static void what_has_no_rule_is_refused(void **state) {
  (void)state;
  static const struct {
    mesh_kind mesh;
    const gkt_element *element;
    const char *form, *message;
  } cases[] = {{TRIANGLES, &P2, "dt(u)*v*dx + u*v*dx", "the masses of P2 on a triangle cannot be lumped at its nodes: some would be 0; expected P1, P1B, P2 on lines"},
               {TRIANGLES, &DP2, "dt(u)*v*dx + u*v*dx", "the masses of DP2 on a triangle"},
               {TRIANGLES, &P3, "dt(u)*v*dx + u*v*dx", "equidistant, and the order would be lost"},
               {QUADRILATERALS, &P3, "dt(u)*v*dx + u*v*dx", "equidistant, and the order would be lost"},
               {TETRAHEDRA, &P2, "dt(u)*v*dx + u*v*dx", "some would be negative"},
               {TETRAHEDRA, &P2B, "dt(u)*v*dx + u*v*dx", "some would be negative"},
               {TETRAHEDRA, &P2, "dt(u)*v*ds + u*v*dx", "a facet of a tetrahedron cannot be lumped at its nodes: some would be 0"},
               {PRISMS, &P2, "dt(u)*v*dx + u*v*dx", "some would be 0"},
               {TRIANGLES, &P1, "dt(u)*v*dx + dot(grad(dt(u)), grad(v))*dx + u*v*dx",
                "'u': its masses cannot be lumped: the equation holds its highest rate beside the gradient of the test function"},
               {TRIANGLES, &P1, "dt(u)*v*dx + grad(dt(u))[0]*v*dx + u*v*dx", "holds the gradient of its highest rate"},
               {TRIANGLES, &P1, "dt(u)^2*v*dx + u*v*dx", "not linear in its highest rate"},
               {TRIANGLES, &P1, "u*v*dx", "holds no rate of it"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world w;
    gkt_context_clear(ctx);
    must(begin(unit_mesh(cases[i].mesh, mesh_kinds[cases[i].mesh].fewest, 0), *cases[i].element, gkt_shape_scalar(), 1, cases[i].form, &w), "form");
    const gkt_status status = make_system(&w, true);
    if (status != GKT_BAD_INPUT || !strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %d, %s", cases[i].form, status, gkt_context_message(ctx));
    end(&w);
  }
  gkt_context_clear(ctx);
}

/* One value in a cell is coupled to none. */
static void values_in_cells_stay(void **state) {
  (void)state;
  gkt_form *lumped;
  world w;
  must(begin(unit_mesh(TRIANGLES, 1, 0), DP0, gkt_shape_scalar(), 1, "dt(u)*v*dx + u*v*dx", &w), "form");
  must(gkt_form_lump(w.form, w.u, &lumped), "lump");
  assert_ptr_equal(lumped, w.form);
  gkt_form_destroy(&lumped);
  assert_int_equal(gkt_form_lump(w.form, w.u + 1, &lumped), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(masses_are_diagonal), cmocka_unit_test(nothing_else_is_lumped), cmocka_unit_test(orders_in_space_are_kept),
                                     cmocka_unit_test(what_has_no_rule_is_refused), cmocka_unit_test(values_in_cells_stay)};
  if (!getenv("GKT_BACKEND")) setenv("GKT_BACKEND", "interpreter", 1); /* kernels of many forms, each used once */
  return cmocka_run_group_tests(tests, setup, teardown);
}
