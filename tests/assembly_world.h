/* A skewed mesh with spaces, functions and constants, to assemble forms on: shared by the tests of assembly. */
#ifndef GKT_TESTS_ASSEMBLY_WORLD_H
#define GKT_TESTS_ASSEMBLY_WORLD_H
#include "assembly/assembler.h"
#include "tests/space_meshes.h"

/* Functions: 0 u (the field), 1 v (its test), 2 c (P1 scalar), 3 r (DP0 scalar), 4 w (P2 vector); constants: 0 k, 1 mu. */
enum { FIELD, TEST, C, R, W, FUNCTIONS };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *spaces[FUNCTIONS];
  gkt_scalar *values[FUNCTIONS];
  gkt_scalar constants[2];
  gkt_inputs inputs;
} world;

static inline double wave(gkt_idx i, int f) { return sin(0.7 * i + f) + 0.3 * cos(2.9 * i); }

static inline world make_world_on(gkt_mesh *mesh, int degree, int components) {
  int dim = gkt_mesh_dim(mesh), f;
  gkt_shape shape = components > 1 ? gkt_shape_vector(components) : gkt_shape_scalar();
  world w = {.mesh = mesh, .constants = {1.7, 0.6}};
  assert_int_equal(gkt_scope_create(ctx, dim, &w.scope), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w.scope, "u", "v", shape, (gkt_element){GKT_LAGRANGE, degree}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(w.scope, "c", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(w.scope, "r", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(w.scope, "w", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_constant(w.scope, "k", &f), GKT_OK);
  assert_int_equal(gkt_scope_add_constant(w.scope, "mu", &f), GKT_OK);
  w.spaces[FIELD] = make_space(mesh, false, degree, shape);
  w.spaces[C] = make_space(mesh, false, 1, gkt_shape_scalar());
  w.spaces[R] = make_space(mesh, true, 0, gkt_shape_scalar());
  w.spaces[W] = make_space(mesh, false, 2, gkt_shape_vector(dim));
  for (f = 0; f < FUNCTIONS; f++) {
    if (!w.spaces[f]) continue;
    gkt_idx dofs = gkt_space_num_dofs(w.spaces[f]);
    w.values[f] = malloc((size_t)dofs * sizeof(gkt_scalar));
    for (gkt_idx i = 0; i < dofs; i++) w.values[f][i] = f == R ? 1.5 + 0.5 * wave(i, f) : wave(i, f);
  }
  return w;
}

static inline world make_world(int dim, int degree, int components, bool curved) {
  gkt_mesh *mesh = dim == 2 ? box_mesh(2, 3, 4, 0) : box_mesh(3, 2, 2, 1);
  skew(mesh);
  if (curved) {
    gkt_mesh *quadratic = quadratic_mesh(mesh); /* entities have the numbers they had */
    assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
    for (int i = 0; i < gkt_mesh_num_sets(mesh); i++) {
      const gkt_mesh_set *s = gkt_mesh_get_set(mesh, i);
      if (strcmp(s->name, "boundary")) assert_int_equal(gkt_mesh_add_set(quadratic, s->name, s->dim, s->count, s->entities), GKT_OK);
    }
    gkt_mesh_destroy(&mesh);
    bend(mesh = quadratic);
  }
  return make_world_on(mesh, degree, components);
}

static inline const gkt_inputs *inputs_of(world *w) {
  w->inputs = (gkt_inputs){.spaces = (const gkt_space *const *)w->spaces, .values = (const gkt_scalar *const *)w->values, .constants = w->constants, .time = 0.25};
  return &w->inputs;
}

static inline void free_world(world *w) {
  for (int f = 0; f < FUNCTIONS; f++) {
    free(w->values[f]);
    gkt_space_destroy(&w->spaces[f]);
  }
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

static inline gkt_form *residual_of(world *w, gkt_form_kind kind, const char *text) {
  gkt_source source = {.text = text, .file = "a.yaml", .key = "equation"};
  gkt_form *form = NULL;
  gkt_status status = gkt_form_parse(w->scope, kind, &source, &form);
  if (status != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}

static inline gkt_form *derivative_of(const gkt_form *form, int function) {
  gkt_form *out;
  assert_int_equal(gkt_form_derivative(form, 1, (const int[]){function}, &out), GKT_OK);
  return out;
}

static inline gkt_assembler *assembler_of(const world *w, const gkt_form *form) {
  gkt_assembler *a = NULL;
  gkt_status status = gkt_assembler_create(form, w->mesh, (const gkt_space *const *)w->spaces, &a);
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return a;
}

static inline gkt_csr *matrix_of(world *w, const gkt_form *tangent) {
  gkt_assembler *a = assembler_of(w, tangent);
  gkt_csr *A;
  assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(a, inputs_of(w), A), GKT_OK);
  gkt_assembler_destroy(&a);
  return A;
}

/* [dofs], to be freed */
static inline gkt_scalar *vector_of(world *w, const gkt_form *residual) {
  gkt_assembler *a = assembler_of(w, residual);
  gkt_scalar *b = malloc((size_t)a->targets.num_values * sizeof *b);
  assert_int_equal(gkt_assemble_vector(a, inputs_of(w), b), GKT_OK);
  gkt_assembler_destroy(&a);
  return b;
}

static inline gkt_scalar number_of(world *w, const gkt_form *functional) {
  gkt_assembler *a = assembler_of(w, functional);
  gkt_scalar value = NAN;
  assert_int_equal(gkt_assemble_functional(a, inputs_of(w), &value), GKT_OK);
  gkt_assembler_destroy(&a);
  return value;
}

static inline gkt_scalar entry_of(const gkt_csr *A, gkt_idx i, gkt_idx j) {
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->cols[k] == j) return A->vals[k];
  return 0;
}

/* Every test runs on these; a form that the compiled backend cannot compile must not fall back silently. */
static const gkt_context_options backends[] = {{.backend = GKT_BACKEND_DEFAULT, .threads = 1},
                                               {.backend = GKT_BACKEND_INTERPRETER, .threads = 2},
                                               {.backend = GKT_BACKEND_DEFAULT, .threads = 2, .poison = true},
                                               {.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true}};
/* Where the environment names one, that one alone, poisoned: the others run without it. */
static inline int num_backends(void) { return getenv("GKT_BACKEND") ? 1 : (int)(sizeof backends / sizeof *backends); }
static inline void use_backend(int i) {
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&backends[getenv("GKT_BACKEND") ? 2 : i], &ctx), GKT_OK);
}
#endif
