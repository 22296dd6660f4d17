/* Boundary-value problems as text, on skewed meshes, for every pair of cell, degree and shape of the field: shared by the tests of whole solutions. */
#ifndef GKT_TESTS_FIELD_PROBLEM_H
#define GKT_TESTS_FIELD_PROBLEM_H
#include <stdio.h>

#include "galerkit/solver.h"
#include "meshes/mesh.h"
#include "tests/assembly_world.h"

typedef struct {
  const char *name;
  int dim, degree, components; /* of the field u, its test function is v */
} field_kind;
static const field_kind kinds[] = {{"triangle, P1, scalar", 2, 1, 1},    {"triangle, P1, vector", 2, 1, 2},    {"triangle, P2, scalar", 2, 2, 1},
                                   {"triangle, P2, vector", 2, 2, 2},    {"tetrahedron, P1, scalar", 3, 1, 1}, {"tetrahedron, P1, vector", 3, 1, 3},
                                   {"tetrahedron, P2, scalar", 3, 2, 1}, {"tetrahedron, P2, vector", 3, 2, 3}};
enum { NUM_KINDS = sizeof kinds / sizeof *kinds, MAX_CONSTANTS = 96 };

static inline void must(gkt_status status, const char *where) {
  if (status != GKT_OK) fail_msg("%s: %s", where, gkt_context_message(ctx));
}

/* ---- meshes ---- */
/* Uniform in [-1, 1). */
static inline double noise(uint32_t *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 23) - 1;
}

/* One smooth map for all levels of a mesh; no side of the box stays in a plane of the axes, none stays flat. */
static inline void distort(int dim, double *x) {
  double a = x[0], b = x[1], c = dim == 3 ? x[2] : 0;
  x[0] = 1.2 * a + 0.12 * sin(2.5 * b + c);
  x[1] = 0.9 * b + 0.3 * a + 0.1 * sin(2 * a - c);
  if (dim == 3) x[2] = c + 0.25 * a + 0.1 * cos(2 * a + b);
}

/* The same cells with midpoints as nodes: geometry of order 2 with straight edges. */
static inline gkt_mesh *with_midpoints(gkt_mesh *linear) {
  gkt_mesh *mesh = quadratic_mesh(linear);
  must(gkt_mesh_topology(linear), "topology");
  must(gkt_mesh_topology(mesh), "topology");
  for (int i = 0; i < gkt_mesh_num_sets(linear); i++) { /* facets are numbered by their vertices: as before */
    const gkt_mesh_set *s = gkt_mesh_get_set(linear, i);
    if (strcmp(s->name, "boundary")) must(gkt_mesh_add_set(mesh, s->name, s->dim, s->count, s->entities), s->name);
  }
  return mesh;
}

/* The unit box of n^dim boxes: nodes move at random by at most 0.1/n, those of a side within the side, and all then by the smooth map, which curves the cells of order 2. */
static inline gkt_mesh *skewed_box(int dim, int n, int order, uint32_t seed) {
  gkt_box box = {.shape = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .dim = dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
  gkt_mesh *mesh, *linear;
  must(gkt_mesh_box(ctx, &box, &mesh), "box");
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh) * dim; i++)
    if (x[i] > 0 && x[i] < 1) x[i] += 0.1 / n / sqrt(dim) * noise(&seed);
  if (order == 2) {
    mesh = with_midpoints(linear = mesh);
    gkt_mesh_destroy(&linear);
    x = gkt_mesh_coords_mutable(mesh);
  }
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) distort(dim, x + i * dim);
  return mesh;
}

/* ---- problems ---- */
typedef struct {
  field_kind kind;
  gkt_mesh *mesh; /* owned */
  gkt_scope *scope;
  gkt_space *space;
  const char *natural;       /* sides of the box without essential condition: "right top" */
  gkt_expression *essential; /* on the others */
  gkt_form *residual, *tangent;
  gkt_assembler *vector, *matrix;
  gkt_scalar constants[MAX_CONSTANTS];
  gkt_scalar *u;  /* [dofs] */
  int iterations; /* of the last linear solve */
  const gkt_space *spaces[2];
  const gkt_scalar *values[2];
  gkt_inputs inputs;
} field_problem;

static inline gkt_idx num_dofs(const field_problem *p) { return gkt_space_num_dofs(p->space); }

static inline void begin_problem_of(field_problem *p, const field_kind *kind, gkt_mesh *mesh, gkt_element element) {
  gkt_shape shape = kind->components > 1 ? gkt_shape_vector(kind->components) : gkt_shape_scalar();
  int f;
  *p = (field_problem){.kind = *kind, .mesh = mesh, .natural = "right"};
  must(gkt_mesh_topology(mesh), kind->name);
  must(gkt_scope_create(ctx, kind->dim, &p->scope), kind->name);
  must(gkt_scope_add_field(p->scope, "u", "v", shape, element, &f), kind->name);
  p->space = make_space_of(mesh, element, shape);
  p->spaces[0] = p->space;
  p->u = calloc((size_t)num_dofs(p), sizeof *p->u);
}

static inline void begin_problem_in(field_problem *p, const field_kind *kind, gkt_mesh *mesh, bool discontinuous) {
  begin_problem_of(p, kind, mesh, lagrange(discontinuous, kind->degree));
}

static inline void begin_problem(field_problem *p, const field_kind *kind, gkt_mesh *mesh) { begin_problem_in(p, kind, mesh, false); }

static inline const gkt_inputs *problem_inputs(field_problem *p) {
  p->values[0] = p->u;
  p->inputs = (gkt_inputs){.spaces = p->spaces, .values = p->values, .constants = p->constants};
  return &p->inputs;
}

/* A constant of this name, made at its first use. */
static inline void set_constant(field_problem *p, const char *name, double value) {
  int i = gkt_scope_find_constant(p->scope, name);
  if (i < 0) must(gkt_scope_add_constant(p->scope, name, &i), name);
  assert_true(i < MAX_CONSTANTS);
  p->constants[i] = value;
}

static inline void let(field_problem *p, const char *name, const char *text) {
  gkt_source source = {.text = text, .key = name};
  must(gkt_scope_add_expression(p->scope, name, &source, true), name);
}

static inline gkt_form *parse_form(field_problem *p, gkt_form_kind kind, const char *text) {
  gkt_source source = {.text = text, .key = p->kind.name};
  gkt_form *form = NULL;
  must(gkt_form_parse(p->scope, kind, &source, &form), text);
  return form;
}

/* A backend that gives way to another would not be tested. */
static inline gkt_assembler *make_assembler(field_problem *p, const gkt_form *form) {
  gkt_assembler *a = NULL;
  gkt_assembler_info info;
  must(gkt_assembler_create(form, p->mesh, p->spaces, &a), p->kind.name);
  gkt_assembler_get_info(a, &info);
  assert_string_equal(info.backend, ctx->options.backend == GKT_BACKEND_INTERPRETER ? "interpreter" : ctx->options.backend == GKT_BACKEND_CUDA ? "cuda" : "cpu");
  return a;
}

/* essential: the value of u on the sides that are not natural. */
static inline void pose_problem(field_problem *p, const char *equation, const char *essential) {
  gkt_source source = {.text = essential, .key = "essential"};
  must(gkt_expression_parse(p->scope, &source, &p->essential), essential);
  p->residual = parse_form(p, GKT_EQUATION, equation);
  must(gkt_form_derivative(p->residual, 1, (const int[]){0}, &p->tangent), equation);
  p->vector = make_assembler(p, p->residual);
  p->matrix = make_assembler(p, p->tangent);
}

static inline void end_problem(field_problem *p) {
  gkt_assembler_destroy(&p->vector);
  gkt_assembler_destroy(&p->matrix);
  gkt_form_destroy(&p->tangent);
  gkt_form_destroy(&p->residual);
  gkt_expression_destroy(&p->essential);
  gkt_space_destroy(&p->space);
  gkt_scope_destroy(&p->scope);
  gkt_mesh_destroy(&p->mesh);
  free(p->u);
}

static inline gkt_constraints *constrain_sides(field_problem *p) {
  static const char *const sides[] = {"left", "right", "bottom", "top", "back", "front"};
  gkt_constraints *c;
  must(gkt_constraints_create(1, (const gkt_space *const *)&p->space, &c), p->kind.name);
  for (int i = 0; i < 2 * p->kind.dim; i++)
    if (!strstr(p->natural, sides[i])) must(gkt_constraints_add(c, 0, gkt_mesh_find_set(p->mesh, sides[i]), -1, p->essential, problem_inputs(p), sides[i]), sides[i]);
  return c;
}

/* An unconstrained matrix, values assembled. */
static inline gkt_csr *assemble_tangent(field_problem *p) {
  gkt_csr *A;
  must(gkt_assembler_matrix(p->matrix, &A), p->kind.name);
  must(gkt_assemble_matrix(p->matrix, problem_inputs(p), A), p->kind.name);
  return A;
}

/* The facts as the caller knows them: every symmetric problem of these tests is positive. */
static inline void solve_system(field_problem *p, const gkt_csr *A, const gkt_constraints *c, const gkt_scalar *b, gkt_scalar *x, gkt_linear_method method, double rtol) {
  bool symmetric = gkt_form_is_symmetric(p->tangent);
  gkt_system_facts facts = {.symmetric = symmetric,
                            .positive = symmetric,
                            .block_size = p->kind.components,
                            .dim = p->kind.dim,
                            .near_null = p->kind.components > 1 ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS,
                            .coords = gkt_space_coords(p->space),
                            .num_inner = gkt_space_num_bubbles(p->space) * p->kind.components,
                            .constrained = gkt_constraints_mask(c)};
  gkt_linear_options options = gkt_linear_options_default();
  gkt_linear_report report;
  options.method = method, options.rtol = rtol;
  must(gkt_linear_solve(ctx, A, &facts, b, x, &options, &report), p->kind.name);
  if (!report.converged) fail_msg("%s: %s: residual %g", p->kind.name, report.method, report.residual);
  p->iterations = report.iterations;
  gkt_linear_report_clear(&report);
}

/* A linear problem: u = g + d with A d = -R(g), g = 0 but for the essential values. */
static inline void solve_problem(field_problem *p, gkt_linear_method method, double rtol) {
  gkt_idx n = num_dofs(p);
  gkt_constraints *c = constrain_sides(p);
  gkt_csr *A = assemble_tangent(p);
  gkt_scalar *b = calloc((size_t)n, sizeof *b), *d = calloc((size_t)n, sizeof *d);
  memset(p->u, 0, (size_t)n * sizeof *p->u);
  gkt_constraints_lift(c, p->u);
  must(gkt_assemble_vector(p->vector, problem_inputs(p), b), p->kind.name);
  for (gkt_idx i = 0; i < n; i++) b[i] = -b[i];
  gkt_constraints_zero(c, b);
  gkt_constraints_eliminate(c, A);
  solve_system(p, A, c, b, d, method, rtol);
  for (gkt_idx i = 0; i < n; i++) p->u[i] += d[i];
  free(b), free(d);
  gkt_csr_destroy(&A);
  gkt_constraints_destroy(&c);
}

static inline gkt_scalar functional(field_problem *p, const char *text) {
  gkt_form *form = parse_form(p, GKT_FUNCTIONAL, text);
  gkt_assembler *a = make_assembler(p, form);
  gkt_scalar value = NAN;
  must(gkt_assemble_functional(a, problem_inputs(p), &value), text);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  return value;
}
#endif
