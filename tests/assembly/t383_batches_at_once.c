/* Claim: on a device all sets of a batch go through one launch for each kernel of one call, whatever their number, and each gets the bits that it gets alone: vectors and matrices,
   scalars and blocks, over cells and facets, on mixed meshes and curved cells, of several fields, with states, coefficients and constants that vary or are shared, results apart,
   on the host and on the device, for any number of sets, random orders of blocks and threads, and watched memory. Another number of sets allocates at most where it is the largest.
 */
#include "tests/emulated_device.h"
#include "tests/patch_forms.h"

#include "assembly/assembler.h"

enum { MOST_SETS = 11, APART = 3 };
static char logged[8000];
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  if (getenv("SAY")) fprintf(stderr, "%s\n", message);
  snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
}

static gkt_device *device;
static void begin(gkt_reduce_strategy reduce) {
  *logged = 0;
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = reduce, .poison = true, .separate_rounding = true, .log = keep_lines});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

typedef struct {
  posed *p;
  gkt_scalar *values[MOST_FUNCTIONS], constants[MOST_SETS];
  gkt_size strides[MOST_FUNCTIONS], constants_stride;
  gkt_size n;
} sets;

/* vary: function k is another one in each set where bit k is set, constants where bit 31 is. */
static void make_sets(posed *p, unsigned vary, sets *s) {
  *s = (sets){.p = p, .constants_stride = vary >> 31, .n = p->assembler->targets.num_values};
  for (int k = 0; k < MOST_SETS; k++) s->constants[k] = 1.3 + 0.2 * k;
  for (int f = 0; f < p->num_functions; f++) {
    if (!p->spaces[f]) continue; /* a test function */
    const gkt_size n = gkt_space_num_dofs(p->spaces[f]);
    s->strides[f] = vary >> f & 1 ? n + f : 0; /* and not side by side */
    s->values[f] = malloc((size_t)(n + f) * MOST_SETS * sizeof **s->values);
    for (gkt_size i = 0; i < (n + f) * MOST_SETS; i++) s->values[f][i] = 1.2 + sin(0.7 * (double)i + f);
  }
}

static void clear_sets(sets *s) {
  for (int f = 0; f < s->p->num_functions; f++) free(s->values[f]);
}

static gkt_scalar *one_by_one(const sets *s) {
  gkt_scalar *out = malloc((size_t)(s->n + APART) * MOST_SETS * sizeof *out);
  for (int k = 0; k < MOST_SETS; k++) {
    const gkt_scalar *values[MOST_FUNCTIONS];
    for (int f = 0; f < s->p->num_functions; f++) values[f] = s->values[f] + k * s->strides[f];
    const gkt_inputs one = {.spaces = s->p->spaces, .values = values, .constants = s->constants + k * s->constants_stride, .time = 0.5};
    must(gkt_assemble_to(s->p->assembler, s->p->form ? 2 : 1, &one, out + k * (s->n + APART), GKT_ON_HOST), "alone");
  }
  return out;
}

/* Launches that the batch took. */
static gkt_size compare(const sets *s, int count, bool there, const gkt_scalar *expected, const char *what) {
  const gkt_size apart = s->n + APART;
  gkt_scalar *out = calloc((size_t)(apart * MOST_SETS), sizeof *out);
  const gkt_scalar *values[MOST_FUNCTIONS];
  gkt_scalars on_device[MOST_FUNCTIONS] = {{0}}, results = {0};
  for (int f = 0; f < s->p->num_functions; f++) {
    values[f] = s->values[f];
    if (!there || !values[f]) continue;
    must(gkt_device_send(device, s->values[f], (gkt_space_num_dofs(s->p->spaces[f]) + f) * MOST_SETS, sizeof *out, "values", &on_device[f]), "values");
    values[f] = on_device[f].at;
  }
  if (there) must(gkt_device_alloc(device, apart * count, sizeof *out, "results", &results), "results");
  const gkt_where where = there ? GKT_ON_DEVICE : GKT_ON_HOST;
  const gkt_inputs inputs = {.spaces = s->p->spaces, .values = values, .constants = s->constants, .time = 0.5, .where = where};
  const gkt_batch batch = {.count = count, .strides = s->strides, .constants_stride = s->constants_stride, .results_stride = apart, .where = where};
  const gkt_device_counts before = gkt_device_count_all(device);
  must(gkt_assemble_batch(s->p->assembler, &inputs, &batch, there ? results.at : out), what);
  const gkt_size launches = gkt_device_count_all(device).launches - before.launches;
  for (int k = 0; there && k < count; k++) must(gkt_device_download(device, results.at + k * apart, out + k * apart, s->n * (gkt_size)sizeof *out), "results");
  for (int k = 0; k < count; k++)
    if (memcmp(out + k * apart, expected + k * apart, (size_t)s->n * sizeof *out)) fail_msg("%s: set %d of %d differs from its own call", what, k, count);
  for (int f = 0; f < s->p->num_functions; f++) gkt_device_free(device, &on_device[f]);
  gkt_device_free(device, &results);
  free(out);
  return launches;
}

static void said(const char *what) {
  if (!strstr(logged, what)) fail_msg("expected '%s' among what was said:\n%s", what, logged);
}

static const unsigned states = 1, all = ~0u, coefficients = 30, constants = 1u << 31;

/* Launches of a call: those of a batch of any number of sets. */
static void check_with(gkt_reduce_strategy reduce, gkt_mesh *mesh, int degree, int components, bool two, int arity, unsigned vary, const char *equation) {
  posed p;
  sets s;
  pose(mesh, degree, components, two, arity, equation, &p);
  make_sets(&p, vary, &s);
  const gkt_device_counts before = gkt_device_count_all(device);
  gkt_scalar *expected = one_by_one(&s);
  const gkt_size of_one = (gkt_device_count_all(device).launches - before.launches) / MOST_SETS;
  assert_int_equal(compare(&s, MOST_SETS, false, expected, equation), of_one);
  said(reduce == GKT_REDUCE_FUSED ? "batch on the device: fused, " : "batch on the device: segmented, ");
  assert_int_equal(compare(&s, 3, true, expected, equation), of_one);
  assert_int_equal(compare(&s, 8, true, expected, equation), of_one);
  clear_sets(&s);
  free(expected);
  drop(&p);
}

static void check(gkt_mesh *mesh, int degree, int components, bool two, int arity, unsigned vary, const char *equation) {
  check_with(GKT_REDUCE_FUSED, mesh, degree, components, two, arity, vary, equation);
}

static const char diffusion[] = "(1+c^2)*inner(grad(u), grad(v))*dx + k*u*v*dx == c*v*dx", robin[] = "inner(grad(u), grad(v))*dx + k*u*v*ds(left, top) == c*v*dx + v*ds(right)";
static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*div(u)*div(v)*dx == dot(u, v)*ds(left)";

static void vectors_and_matrices(void **state) {
  (void)state;
  begin(GKT_REDUCE_FUSED);
  check(bent_mesh(TRIANGLES, 4, 1), 1, 1, false, 1, all, diffusion);
  check(bent_mesh(TETRAHEDRA, 3, 1), 1, 1, false, 2, coefficients, "c*inner(grad(u), grad(v))*dx == v*dx");
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 1, false, 2, coefficients | constants, robin);
  check(bent_mesh(MIXED_SPACE, 3, 1), 1, 1, false, 1, states, robin);
}

static void blocks_and_fields(void **state) {
  (void)state;
  begin(GKT_REDUCE_FUSED);
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, all, elasticity);
  check(bent_mesh(TRIANGLES, 3, 2), 2, 2, false, 1, states | coefficients, elasticity);
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, constants, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0"); /* by pairs */
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, 2, coefficients | constants,
        "(1+c^2)*inner(grad(u), grad(v))*dx(degree=2) + k*dot(u, v)*ds + c*u[0]*v[0]*ds(left) == 0"); /* beside facets */
  check(bent_mesh(TRIANGLES, 2, 1), 2, 2, true, 2, all, "inner(grad(u), grad(v))*dx - c*p*div(v)*dx + q*div(u)*dx + k*p*q*dx == 0");
  check(bent_mesh(TRIANGLES, 2, 1), 2, 2, true, 2, coefficients, "inner(grad(u), grad(v))*dx - c*p*div(v)*dx + q*div(u)*dx == 0"); /* nothing adds to the block of p and q */
}

static void by_segments(void **state) {
  (void)state;
  begin(GKT_REDUCE_SEGMENTED);
  check_with(GKT_REDUCE_SEGMENTED, bent_mesh(MIXED_SPACE, 3, 1), 1, 1, false, 2, all, robin);
  check_with(GKT_REDUCE_SEGMENTED, bent_mesh(TRIANGLES, 2, 1), 2, 2, true, 2, states | constants,
             "inner(grad(u), grad(v))*dx - c*p*div(v)*dx + q*div(u)*dx + k*p*q*dP(spots) == 0");
  check_with(GKT_REDUCE_SEGMENTED, bent_mesh(TRIANGLES, 3, 2), 1, 2, false, 1, coefficients,
             "k*u[0]*v[1]*ds(left) + dot(u, v)*c*dP(nodes, spots) == 0"); /* no integral of all cells */
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 2; seed++) {
    use_random_order(seed);
    begin(GKT_REDUCE_FUSED);
    check(bent_mesh(TRIANGLES, 3, 1), 1, 1, false, 1 + seed % 2, all, diffusion);
  }
  use_random_order(0);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_and_matrices), cmocka_unit_test(blocks_and_fields), cmocka_unit_test(by_segments), cmocka_unit_test(any_order)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
