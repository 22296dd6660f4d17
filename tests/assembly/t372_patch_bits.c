/* Claim: the fused kernel of a device gives the bits of `segmented` on a CPU, every one, for patches of any size, dealt or not, and for random orders of blocks and threads:
   matrices and vectors, scalars and blocks, over cells and facets, on every kind of mesh, with coefficients, and of several fields. What cannot be fused is named. */
#include "tests/emulated_device.h"
#include "tests/element_form.h"

#include "assembly/patches_run.h"

static gkt_device *device;
static void begin(void) {
  use_context((gkt_context_options){.backend = GKT_BACKEND_CPU, .reduce = GKT_REDUCE_SEGMENTED, .separate_rounding = true, .poison = true});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

/* A form in fields and coefficients on a mesh. */
enum { MOST_FUNCTIONS = 8 };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_form *residual, *form;
  const gkt_space *spaces[MOST_FUNCTIONS];
  gkt_scalar *values[MOST_FUNCTIONS];
  int num_functions;
  gkt_scalar constants[1];
  gkt_assembler *assembler;
} posed;

static void add_function(posed *p, bool field, const char *name, const char *test, int components, int degree) {
  const gkt_shape shape = components > 1 ? gkt_shape_vector(components) : gkt_shape_scalar();
  gkt_space *space;
  int f, count;
  if (field) must(gkt_scope_add_field(p->scope, name, test, shape, lagrange(false, degree), &f), name);
  else must(gkt_scope_add_coefficient(p->scope, name, shape, lagrange(false, degree), &f), name);
  must(gkt_space_create(p->mesh, lagrange(false, degree), shape, &space), name);
  p->spaces[f] = space, p->num_functions = gkt_scope_num_functions(p->scope);
  count = gkt_space_num_dofs(space);
  p->values[f] = malloc((size_t)count * sizeof(gkt_scalar));
  for (int i = 0; i < count; i++) p->values[f][i] = 1.2 + sin(0.7 * i + f);
}

/* arity 1: the residual of the equation; 2: its tangent. two: a second field p of degree 1 with test q. */
static void pose(gkt_mesh *mesh, int degree, int components, bool two, int arity, const char *equation, posed *p) {
  gkt_source source = {.text = equation, .key = "equation"};
  int unknowns[2], f;
  *p = (posed){.mesh = mesh, .constants = {1.3}};
  must(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &p->scope), "scope");
  add_function(p, true, "u", "v", components, degree);
  if (two) add_function(p, true, "p", "q", 1, 1);
  add_function(p, false, "c", NULL, 1, 1);
  must(gkt_scope_add_constant(p->scope, "k", &f), "k");
  unknowns[0] = gkt_scope_find_function(p->scope, "u"), unknowns[1] = gkt_scope_find_function(p->scope, "p");
  must(gkt_form_parse(p->scope, GKT_EQUATION, &source, &p->residual), equation);
  if (arity == 2) must(gkt_form_derivative(p->residual, two ? 2 : 1, unknowns, &p->form), equation);
  must(gkt_assembler_create(arity == 2 ? p->form : p->residual, mesh, p->spaces, &p->assembler), equation);
}

static void drop(posed *p) {
  gkt_assembler_destroy(&p->assembler);
  gkt_form_destroy(&p->form);
  gkt_form_destroy(&p->residual);
  for (int f = 0; f < p->num_functions; f++) {
    gkt_space *s = (gkt_space *)p->spaces[f];
    gkt_space_destroy(&s);
    free(p->values[f]);
  }
  gkt_scope_destroy(&p->scope);
  gkt_mesh_destroy(&p->mesh);
}

static gkt_size num_values(const posed *p) { return p->assembler->targets.num_values; }

static gkt_inputs inputs_for(const posed *p) { return (gkt_inputs){.spaces = p->spaces, .values = (const gkt_scalar *const *)p->values, .constants = p->constants, .time = 0.5}; }

static gkt_scalar *assemble(const posed *p) {
  const gkt_inputs inputs = inputs_for(p);
  gkt_scalar *out = malloc((size_t)num_values(p) * sizeof *out);
  if (p->form) {
    gkt_csr *A;
    must(gkt_assembler_matrix(p->assembler, &A), "matrix");
    must(gkt_assemble_matrix(p->assembler, &inputs, A), "matrix");
    memcpy(out, A->vals, (size_t)num_values(p) * sizeof *out);
    gkt_csr_destroy(&A);
  } else must(gkt_assemble_vector(p->assembler, &inputs, out), "vector");
  return out;
}

/* What the fused kernels of all targets give; a target that is refused: why. */
static gkt_scalar *assemble_fused(const posed *p, const gkt_fused_options *options, char why[200]) {
  gkt_copies copies = {.ctx = ctx, .device = device};
  gkt_device_inputs in;
  const gkt_inputs inputs = inputs_for(p);
  gkt_scalar *to, *out = malloc((size_t)num_values(p) * sizeof *out);
  memset(out, 0xFF, (size_t)num_values(p) * sizeof *out);
  must(gkt_copies_add(&copies, out, num_values(p), sizeof *to, "values", &to), "values");
  must(gkt_device_inputs_create(p->assembler, device, &in), "inputs");
  must(gkt_device_inputs_send(&in, &inputs), "inputs");
  *why = 0;
  for (int t = 0; t < p->assembler->targets.count && !*why; t++) {
    gkt_fused *fused;
    if (!p->assembler->targets.all[t].reduce) continue;
    must(gkt_fused_create(&in, t, &copies, options, &fused, why), "plan");
    if (!*why) must(gkt_fused_run(fused, inputs.time, to), "launch");
    gkt_fused_destroy(&fused);
  }
  must(gkt_device_download(device, to, out, num_values(p) * (gkt_size)sizeof *out), "download");
  gkt_device_inputs_clear(&in);
  gkt_copies_clear(&copies);
  return out;
}

static void same(const posed *p, const gkt_scalar *expected, const gkt_fused_options *options, const char *what) {
  char why[200];
  gkt_scalar *found = assemble_fused(p, options, why);
  gkt_size differ = 0;
  if (*why) fail_msg("%s: not fused: %s", what, why);
  for (gkt_size i = 0; i < num_values(p); i++) differ += memcmp(&found[i], &expected[i], sizeof *found) != 0;
  if (differ) fail_msg("%s: %ld of %ld values differ", what, (long)differ, (long)num_values(p));
  free(found);
}

static void check(gkt_mesh *mesh, int degree, int components, bool two, int arity, const char *equation) {
  posed p;
  pose(mesh, degree, components, two, arity, equation, &p);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 24}, equation);
  same(&p, expected, &(gkt_fused_options){.rows = 64, .window = 32}, equation);
  free(expected);
  drop(&p);
}

static const char diffusion[] = "(1+c^2)*inner(grad(u), grad(v))*dx + k*u*v*dx == c*v*dx", robin[] = "inner(grad(u), grad(v))*dx + k*u*v*ds(left, top) == c*v*dx + v*ds(right)";
static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*div(u)*div(v)*dx == dot(u, v)*ds(left)";

static void every_mesh(void **state) {
  (void)state;
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    begin();
    const int n = mesh_kinds[m].fewest > 2 ? mesh_kinds[m].fewest : 2;
    check(bent_mesh((mesh_kind)m, n, 1), 1, 1, false, 2, diffusion);
    check(bent_mesh((mesh_kind)m, n, 1), 1, 1, false, 1, m == LINES ? diffusion : robin);
  }
}

static void cells_and_facets(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 1, false, 2, robin);
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, elasticity);
  check(bent_mesh(MIXED_SPACE, 3, 1), 1, 1, false, 2, robin);
  check(bent_mesh(TRIANGLES, 3, 1), 1, 2, false, 1, "dot(u, v)*ds(left) + k*u[0]*v[1]*ds(right) == 0"); /* few cells are touched */
}

static void higher_degrees_and_curved_cells(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 1, false, 2, robin);
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, 2, elasticity);
  check(bent_mesh(TRIANGLES, 2, 2), 3, 1, false, 2, diffusion);
  check(bent_mesh(HEXAHEDRA, 1, 2), 1, 3, false, 2, elasticity);
}

static void matrices_without_symmetry(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 1, 1), 1, 3, false, 2, "dot(grad(u)*u, v)*dx + k*c*u[0]*v[1]*dx == 0");
  check(bent_mesh(QUADRILATERALS, 3, 1), 1, 1, false, 2, "(grad(u)[0] + u^2)*v*dx == 0");
}

/* Blocks that the summing thread forms. */
static void large_tensors(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 3, 1), 1, 3, false, 2, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0");
  check(bent_mesh(TRIANGLES, 5, 1), 1, 2, false, 2, "inner(grad(u) + grad(u).T + inner(grad(u), grad(u))*grad(u), grad(v))*dx == 0");
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, "inner(dot(grad(u), cofac(I + grad(u))), grad(v))*dx + k*grad(u)[0,1]*grad(v)[2,0]*dx == 0");
}

static void several_fields(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TRIANGLES, 2, 1), 2, 2, true, 2, "inner(grad(u), grad(v))*dx - p*div(v)*dx + q*div(u)*dx + c*p*q*dx == 0");
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, true, 1, "inner(grad(u), grad(v))*dx - p*div(v)*dx + q*div(u)*dx == c*v[2]*dx + q*ds(left)");
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 4; seed++) {
    char text[8];
    snprintf(text, sizeof text, "%d", seed);
    setenv("GKT_EMULATED_SEED", text, 1);
    setenv("GKT_EMULATED_GLOBAL", "1", 1); /* and no thread reads what another one writes, or nobody wrote */
    begin();
    posed p;
    pose(bent_mesh(TETRAHEDRA, 3, 1), 1, 1, false, 2, robin, &p);
    gkt_scalar *expected = assemble(&p);
    for (gkt_idx rows = 24; rows <= 128; rows += rows / 2) same(&p, expected, &(gkt_fused_options){.rows = rows, .window = seed == 2 ? -1 : 0}, "random orders");
    free(expected);
    drop(&p);
  }
  unsetenv("GKT_EMULATED_SEED");
  unsetenv("GKT_EMULATED_GLOBAL");
}

static void what_is_not_fused(void **state) {
  (void)state;
  char why[200];
  posed p;
  begin();
  pose(bent_mesh(TRIANGLES, 3, 1), 1, 1, false, 2, "inner(grad(u), grad(v))*dx + u*v*dP(nodes) == 0", &p);
  free(assemble_fused(&p, &(gkt_fused_options){.window = -1}, why));
  assert_string_equal(why, "sums over points have several entities in a cell");
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_mesh),
                                     cmocka_unit_test(cells_and_facets),
                                     cmocka_unit_test(higher_degrees_and_curved_cells),
                                     cmocka_unit_test(matrices_without_symmetry),
                                     cmocka_unit_test(large_tensors),
                                     cmocka_unit_test(several_fields),
                                     cmocka_unit_test(any_order),
                                     cmocka_unit_test(what_is_not_fused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
