/* Claim: on a device each block of a form is fused or goes by `segmented` by itself: the block of velocities of Navier-Stokes' equations, which fits into no patch, and the dense
   row of a number, whose column is fused, send no other block there. Whichever blocks take which way, with terms of several degrees, transposes, ties and frames, all values have
   the bits of the CPU's `segmented`; so have sets of a batch, by as many launches whatever their number. What is told is what was done. */
#include "tests/emulated_device.h"
#include "tests/patch_forms.h"
#include "tests/tied_pair.h"

#include "assembly/device_inputs.h"
#include "assembly/elements.h"
#include "assembly/part.h"
#include "assembly/segments.h"

static char logged[8000];
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  if (strlen(logged) + strlen(message) + 2 < sizeof logged) strcat(strcat(logged, message), "\n");
}

static void begin(gkt_backend backend, gkt_reduce_strategy reduce) {
  *logged = 0;
  use_context((gkt_context_options){.backend = backend, .reduce = reduce, .poison = true, .separate_rounding = true, .log = keep_lines});
}

static void said(const char *what) {
  if (!strstr(logged, what)) fail_msg("expected '%s' among what was said:\n%s", what, logged);
}

static const char *strategy_of(const gkt_assembler *a) {
  gkt_assembler_info info;
  gkt_assembler_get_info(a, &info);
  return info.reduce;
}

static void same(const gkt_scalar *x, const gkt_scalar *y, gkt_size n, const char *what) {
  gkt_size differ = 0;
  for (gkt_size i = 0; i < n; i++) differ += memcmp(&x[i], &y[i], sizeof *x) != 0;
  if (differ) fail_msg("%s: %ld of %ld values differ", what, (long)differ, (long)n);
}

/* ---- Navier-Stokes ---- */
static const char flow[] =
    "inner(grad(u)*u, v)*dx + k*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx + k*u[0]*v[1]*dP(spots) == c*v[0]*dx"; /* points have no records */
enum { SETS = 5 };

/* Values of the tangent of some sets, of which only the state differs; *launches of the last so many of them. */
static gkt_scalar *assemble_flow(gkt_size *count, const char **strategy, int sets, gkt_size launches[2]) {
  posed p;
  gkt_device *device = NULL;
  gkt_size strides[MOST_FUNCTIONS] = {0};
  pose(bent_mesh(TETRAHEDRA, 2, 1), 2, 3, true, 2, flow, &p);
  const gkt_size dofs = gkt_space_num_dofs(p.spaces[0]), n = p.assembler->targets.num_values;
  gkt_scalar *out = malloc((size_t)(n * sets) * sizeof *out), *u = malloc((size_t)(dofs * sets) * sizeof *u);
  for (gkt_size i = 0; i < dofs * sets; i++) u[i] = 1.2 + sin(0.7 * (double)i);
  const gkt_scalar *values[MOST_FUNCTIONS];
  for (int f = 0; f < p.num_functions; f++) values[f] = p.values[f];
  values[0] = u, strides[0] = dofs;
  const gkt_inputs inputs = {.spaces = p.spaces, .values = values, .constants = p.constants};
  if (launches) must(gkt_device_open(ctx, &device), "device");
  for (int k = 0; k < 2 && sets > 1; k++) {
    const gkt_batch batch = {.count = k ? sets : sets - 1, .strides = strides, .results_stride = n};
    const gkt_size before = launches ? gkt_device_count_all(device).launches : 0;
    must(gkt_assemble_batch(p.assembler, &inputs, &batch, out), "batch");
    if (launches) launches[k] = gkt_device_count_all(device).launches - before;
  }
  if (sets == 1) must(gkt_assemble_to(p.assembler, 2, &inputs, out, GKT_ON_HOST), "matrix");
  *strategy = strategy_of(p.assembler), *count = n * sets;
  drop(&p);
  free(u);
  return out;
}

static void velocities_go_alone(void **state) {
  const char *host, *device;
  gkt_size n, m, launches[2];
  (void)state;
  begin(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED);
  gkt_scalar *expected = assemble_flow(&n, &host, 1, NULL);
  begin(GKT_BACKEND_CUDA, GKT_REDUCE_FUSED);
  gkt_scalar *found = assemble_flow(&m, &device, 1, NULL);
  assert_string_equal(device, "fused and segmented");
  said("reduce of a matrix (u, u) on the device: segmented, not fused: "), said("reduce of a matrix (u, u): segmented, on the device: ");
  said("reduce of a matrix (u, p): fused, on the device: "), said("reduce of a matrix (p, u): fused, on the device: "), said("reduce of a matrix (p, p): fused, on the device: ");
  said(", fused and segmented: "), said(", segmented: ");
  same(expected, found, n, "one set");
  free(expected), free(found);
  begin(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED);
  expected = assemble_flow(&n, &host, SETS, NULL);
  begin(GKT_BACKEND_CUDA, GKT_REDUCE_FUSED);
  found = assemble_flow(&m, &device, SETS, launches);
  said("batch on the device: fused, "), said("batch on the device: segmented, ");
  same(expected, found, n, "batch");
  assert_int_equal(launches[0], launches[1]);
  free(expected), free(found);
}

/* ---- a number ---- */
static gkt_scalar *assemble_mean(gkt_size *count, const char **strategy) {
  gkt_source source = {.text = "inner(grad(u), grad(v))*dx + s*v*dx + d*u*dx == d*dx + v*ds(top)", .key = "equation"};
  const gkt_element of_u = lagrange(false, 1), of_s = {.kind = GKT_REAL};
  posed p = {.mesh = bent_mesh(TRIANGLES, 53, 1)};
  gkt_space *of_all, *number;
  int unknowns[2];
  must(gkt_scope_create(ctx, 2, &p.scope), "scope");
  must(gkt_scope_add_field(p.scope, "u", "v", gkt_shape_scalar(), of_u, &unknowns[0]), "u");
  must(gkt_scope_add_field(p.scope, "s", "d", gkt_shape_scalar(), of_s, &unknowns[1]), "s");
  must(gkt_space_create(p.mesh, of_u, gkt_shape_scalar(), &of_all), "u");
  must(gkt_space_create(p.mesh, of_s, gkt_shape_scalar(), &number), "s");
  p.spaces[unknowns[0]] = of_all, p.spaces[unknowns[1]] = number, p.num_functions = gkt_scope_num_functions(p.scope);
  must(gkt_form_parse(p.scope, GKT_EQUATION, &source, &p.residual), source.text);
  must(gkt_form_derivative(p.residual, 2, unknowns, &p.form), "tangent");
  must(gkt_assembler_create(p.form, p.mesh, p.spaces, &p.assembler), "matrix");
  *strategy = strategy_of(p.assembler), *count = p.assembler->targets.num_values;
  gkt_scalar *out = malloc((size_t)*count * sizeof *out);
  must(gkt_assemble_to(p.assembler, 2, &(gkt_inputs){.spaces = p.spaces}, out, GKT_ON_HOST), "matrix");
  drop(&p);
  return out;
}

static void dense_row_goes_alone(void **state) {
  const char *strategy;
  gkt_size n, m;
  (void)state;
  begin(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED);
  gkt_scalar *expected = assemble_mean(&n, &strategy);
  begin(GKT_BACKEND_CUDA, GKT_REDUCE_FUSED);
  gkt_scalar *found = assemble_mean(&m, &strategy);
  assert_string_equal(strategy, "fused and segmented");
  said("reduce of a matrix (s, u): segmented"), said("reduce of a matrix (u, s): fused"), said("reduce of a matrix (u, u): fused");
  same(expected, found, n, "mean");
  free(expected), free(found);
}

/* ---- parts ---- */
/* Values of the targets that are taken, by element tensors of them alone; others stay as they are. */
static void sum_part(const gkt_assembler *a, const bool *taken, const gkt_inputs *inputs, gkt_scalar *values) {
  gkt_device *device;
  gkt_assembler *part;
  gkt_elements *elements;
  gkt_device_segments *segments;
  gkt_scalars tensors[4] = {{0}};
  gkt_scalar *to;
  gkt_device_inputs in = {0};
  must(gkt_device_open(ctx, &device), "device");
  gkt_copies copies = {.ctx = ctx, .device = device};
  must(gkt_assembler_part_create(a, taken, &part), "part");
  must(gkt_device_inputs_create(a, device, &in), "inputs");
  must(gkt_device_inputs_send(&in, inputs), "inputs");
  for (int k = 0; k < a->targets.count; k++) {
    const gkt_reduce *r = part->targets.all[k].reduce;
    assert_true((r != NULL) == taken[k]);
    if (r) must(gkt_device_alloc(device, r->num_contributions * r->block, sizeof(gkt_scalar), "tensors", &tensors[k]), "tensors");
    if (r) must(gkt_device_fill(device, tensors[k].at, 0xFF, tensors[k].count * (gkt_size)sizeof(gkt_scalar)), "tensors");
  }
  must(gkt_elements_create(part, &in, &copies, tensors, false, &elements), "elements");
  must(gkt_device_segments_create(&part->targets, device, &copies, tensors, false, &segments), "segments");
  must(gkt_copies_add(&copies, values, a->targets.num_values, sizeof *values, "values", &to), "values");
  must(gkt_elements_run(elements, 0), "elements");
  must(gkt_device_segments_sum(segments, to), "sums");
  must(gkt_device_download(device, to, values, a->targets.num_values * (gkt_size)sizeof *values), "values");
  gkt_elements_destroy(&elements);
  gkt_device_segments_destroy(&segments);
  for (int k = 0; k < a->targets.count; k++) gkt_device_free(device, &tensors[k]);
  gkt_copies_clear(&copies);
  gkt_device_inputs_clear(&in);
  gkt_assembler_part_destroy(&part);
}

/* Sets of blocks (bits: uu, up, pu, pp), each with the others as a part of its own; with GKT_LONG=1 all of them. */
static void check_parts(mesh_kind kind, int n, tie_kind ties, const char *text, unsigned sets) {
  static const int unknowns[] = {U, P};
  gkt_assembler *a;
  gkt_form *tangent;
  begin(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED);
  pair w = make_pair(kind, n, ties);
  gkt_form *residual = parse(&w, text);
  must(gkt_form_derivative(residual, 2, unknowns, &tangent), "tangent");
  must(gkt_assembler_create_tied(tangent, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &a), "matrix");
  const gkt_inputs inputs = inputs_of_pair(&w);
  const gkt_size count = a->targets.num_values;
  gkt_scalar *expected = malloc((size_t)count * sizeof *expected), *found = malloc((size_t)count * sizeof *found);
  must(gkt_assemble_to(a, 2, &inputs, expected, GKT_ON_HOST), "matrix");
  for (int set = 1; set < 8; set++) { /* the other half are their complements */
    if (!getenv("GKT_LONG") && !(sets >> set & 1)) continue;
    memset(found, 0xFF, (size_t)count * sizeof *found);
    for (int other = 0; other < 2; other++) {
      bool taken[4], any = false;
      for (int k = 0; k < 4; k++) any |= taken[k] = a->targets.all[k].reduce && (set >> k & 1) == !other;
      if (any) sum_part(a, taken, &inputs, found);
    }
    same(expected, found, count, text);
  }
  free(expected), free(found);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
  free_pair(&w);
}

static void parts_have_the_bits_of_all(void **state) {
  (void)state;
  check_parts(TRIANGLES, 2, SLIP, SYMMETRIC, 1u << 1 | 1u << 4), check_parts(MIXED_PLANE, 2, QUARTER, GENERAL, 1u << 1), check_parts(TETRAHEDRA, 1, SLIP, SYMMETRIC, 1u << 4);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(velocities_go_alone), cmocka_unit_test(dense_row_goes_alone), cmocka_unit_test(parts_have_the_bits_of_all)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
