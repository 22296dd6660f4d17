/* Claim: a batch of numbers goes through two launches, whatever the number of its sets, as long as their runs have room, and each set has the bits that it has alone: over cells,
   facets and points, on mixed meshes, of one run and of many, with values and constants that vary or not, in any order of blocks and threads, of any number of sets. */
#include "tests/emulated_device.h"
#include "tests/patch_forms.h"

#include "assembly/assembler.h"

enum { SETS = 7, APART = 2 };
static const char all[] = "exp(u/4)*dot(grad(u), grad(u))*dx(degree=3) + h*u*c*k*ds(degree=2) + u*x[0]*dP(nodes)", cells[] = "(u^2 + k*c)*dx";

static gkt_device *device;
static void begin(void) {
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = GKT_REDUCE_FUSED, .poison = true, .separate_rounding = true});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

static void pose_number(gkt_mesh *mesh, const char *text, posed *p) {
  gkt_source source = {.text = text, .key = "functional"};
  int k;
  *p = (posed){.mesh = mesh};
  must(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &p->scope), "scope");
  add_function(p, true, "u", "v", 1, 1);
  add_function(p, false, "c", NULL, 1, 1);
  must(gkt_scope_add_constant(p->scope, "k", &k), "k");
  must(gkt_form_parse(p->scope, GKT_FUNCTIONAL, &source, &p->form), text);
  must(gkt_assembler_create(p->form, mesh, p->spaces, &p->assembler), text);
}

/* Launches of a batch; vary: does u, does k? */
static gkt_size compare(posed *p, int count, bool vary_u, bool vary_k) {
  const gkt_size dofs = gkt_space_num_dofs(p->spaces[0]);
  const gkt_scalar *values[MOST_FUNCTIONS];
  gkt_scalar *u = malloc((size_t)(dofs * SETS) * sizeof *u), constants[SETS], found[SETS * APART], expected;
  gkt_size strides[MOST_FUNCTIONS] = {vary_u ? dofs : 0};
  for (gkt_size i = 0; i < dofs * SETS; i++) u[i] = 1.2 + sin(0.7 * (double)i);
  for (int s = 0; s < SETS; s++) constants[s] = 1.3 + 0.2 * s;
  for (int f = 0; f < p->num_functions; f++) values[f] = p->values[f];
  values[0] = u;
  const gkt_inputs inputs = {.spaces = p->spaces, .values = values, .constants = constants};
  const gkt_batch batch = {.count = count, .strides = strides, .constants_stride = vary_k, .results_stride = APART};
  const gkt_size before = gkt_device_count_all(device).launches;
  must(gkt_assemble_batch(p->assembler, &inputs, &batch, found), "batch");
  const gkt_size launches = gkt_device_count_all(device).launches - before;
  for (int s = 0; s < count; s++) {
    const gkt_scalar *own[MOST_FUNCTIONS];
    for (int f = 0; f < p->num_functions; f++) own[f] = values[f];
    own[0] = u + s * strides[0];
    must(gkt_assemble_functional(p->assembler, &(gkt_inputs){.spaces = p->spaces, .values = own, .constants = constants + s * vary_k}, &expected), "alone");
    if (memcmp(&expected, &found[s * APART], sizeof expected)) fail_msg("set %d of %d: %.17g, alone %.17g", s, count, found[s * APART], expected);
  }
  free(u);
  return launches;
}

static void check(mesh_kind kind, int n, const char *text) {
  posed p;
  begin();
  pose_number(bent_mesh(kind, n, 1), text, &p);
  const gkt_size launches = compare(&p, SETS, true, true);
  assert_int_equal(compare(&p, 3, true, true), launches);
  assert_int_equal(launches, 2);
  compare(&p, SETS, false, true), compare(&p, SETS, true, false);
  drop(&p);
}

static void bits_are_those_of_each(void **state) {
  (void)state;
  check(TRIANGLES, 20, all), check(MIXED_PLANE, 18, all), check(MIXED_SPACE, 2, all), check(TETRAHEDRA, 2, cells);
}

/* More sets than runs have room for: 65,536 scalars of a run each. */
static void many_sets(void **state) {
  enum { MANY = 40000 };
  posed p;
  gkt_scalar *constants = malloc(MANY * sizeof *constants), *found = malloc(MANY * sizeof *found), expected;
  const gkt_scalar *values[MOST_FUNCTIONS];
  (void)state;
  begin();
  pose_number(bent_mesh(TRIANGLES, 17, 1), "k*dx(degree=1)", &p); /* two runs */
  for (int s = 0; s < MANY; s++) constants[s] = 1.3 + 0.2 * s;
  for (int f = 0; f < p.num_functions; f++) values[f] = p.values[f];
  const gkt_inputs inputs = {.spaces = p.spaces, .values = values, .constants = constants};
  must(gkt_assemble_batch(p.assembler, &inputs, &(gkt_batch){.count = 2, .constants_stride = 1, .results_stride = 1}, found), "batch");
  setenv("GKT_EMULATED_SEED", "3", 1);
  const gkt_size before = gkt_device_count_all(device).launches;
  must(gkt_assemble_batch(p.assembler, &inputs, &(gkt_batch){.count = getenv("GKT_LONG") ? MANY : 50, .constants_stride = 1, .results_stride = 1}, found), "batch");
  assert_int_equal(gkt_device_count_all(device).launches - before, getenv("GKT_LONG") ? 4 : 2);
  unsetenv("GKT_EMULATED_SEED");
  for (int s = 0; s < (getenv("GKT_LONG") ? MANY : 50); s += getenv("GKT_LONG") ? 777 : 7) {
    must(gkt_assemble_functional(p.assembler, &(gkt_inputs){.spaces = p.spaces, .values = values, .constants = constants + s}, &expected), "alone");
    assert_memory_equal(&expected, &found[s], sizeof expected);
  }
  drop(&p);
  free(constants), free(found);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(bits_are_those_of_each), cmocka_unit_test(many_sets)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
