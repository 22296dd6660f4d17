/* Claim: on a device a batch gives each set the bits that it gets alone, by `segmented` and by what `auto` chooses, for vectors, matrices and numbers, with values and results on
   the host or on the device. Of a batch on the host, values go over the bus once for each function and results come back together: one wait for all sets; coordinates go
   there once a batch where nodes may move, else never again. What looks at points on
   the host (sizes, where a form is not finite) brings values there. */
#include "assembly/assembler.h"
#include "assembly/find_nonfinite.h"
#include "assembly/magnitude.h"
#include "core/device.h"
#include "tests/element_form.h"

enum { SETS = 11 };
typedef struct {
  field_problem p;
  gkt_device *device;
  gkt_idx n;
  gkt_scalar *u; /* [SETS][n] */
  gkt_inputs inputs;
  const gkt_scalar *values[8];
  gkt_size strides[8];
} sets;

static void begin(sets *w, gkt_reduce_strategy reduce) {
  field_kind kind = {"sets", 2, 1, 1};
  gkt_mesh *mesh;
  *w = (sets){0};
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = reduce});
  must(gkt_mesh_box(ctx, &(gkt_box){.dim = 2, .shape = GKT_TRIANGLE, .cells = {5, 4}, .upper = {1, 1}}, &mesh), "box");
  begin_problem(&w->p, &kind, mesh);
  pose_problem(&w->p, "(1 + u^2)*dot(grad(u), grad(v))*dx + u*v*ds(left) == v*dx", "0");
  must(gkt_device_open(ctx, &w->device), "device");
  w->n = num_dofs(&w->p);
  w->u = malloc(sizeof *w->u * SETS * (size_t)w->n);
  for (gkt_idx i = 0; i < SETS * w->n; i++) w->u[i] = sin(0.37 * i);
  w->inputs = *problem_inputs(&w->p);
  w->values[0] = w->u, w->strides[0] = w->n, w->inputs.values = w->values;
}

static void end(sets *w) {
  free(w->u);
  end_problem(&w->p);
}

static gkt_scalar *one_by_one(const sets *w, gkt_assembler *a, int arity, gkt_size n) {
  gkt_scalar *out = malloc(sizeof *out * SETS * (size_t)n);
  for (int s = 0; s < SETS; s++) {
    const gkt_scalar *values[8] = {w->u + s * w->n};
    gkt_inputs one = w->inputs;
    one.values = values;
    must(gkt_assemble_to(a, arity, &one, out + s * n, GKT_ON_HOST), "alone");
  }
  return out;
}

static void check(gkt_reduce_strategy reduce, int arity) {
  sets w;
  gkt_scalars there = {0}, results = {0};
  begin(&w, reduce);
  gkt_assembler *a = arity == 2 ? w.p.matrix : w.p.vector;
  const gkt_size n = a->targets.num_values, apart = n + 3;
  gkt_scalar *expected = one_by_one(&w, a, arity, n), *out = calloc(SETS * (size_t)apart, sizeof *out);
  gkt_batch batch = {.count = SETS, .strides = w.strides, .results_stride = n};
  must(gkt_assemble_batch(a, &w.inputs, &batch, out), "batch");
  assert_memory_equal(out, expected, sizeof *out * SETS * (size_t)n);
  gkt_device_counts before = gkt_device_count_all(w.device), after;
  must(gkt_assemble_batch(a, &w.inputs, &batch, out), "again");
  after = gkt_device_count_all(w.device);
  assert_int_equal(after.downloads - before.downloads, 1);
  assert_int_equal(after.waits - before.waits, 1);
  assert_int_equal(after.allocations, before.allocations);
  assert_true(after.uploads - before.uploads <= 2); /* values, constants */
  batch.results_stride = apart;
  must(gkt_assemble_batch(a, &w.inputs, &batch, out), "apart");
  for (int s = 0; s < SETS; s++) assert_memory_equal(out + s * apart, expected + s * n, sizeof *out * (size_t)n);
  must(gkt_device_send(w.device, w.u, SETS * w.n, sizeof *w.u, "u", &there), "u");
  must(gkt_device_alloc(w.device, SETS * n, sizeof *w.u, "results", &results), "results");
  w.values[0] = there.at, w.inputs.where = batch.where = GKT_ON_DEVICE, batch.results_stride = n;
  before = gkt_device_count_all(w.device);
  must(gkt_assemble_batch(a, &w.inputs, &batch, results.at), "on the device");
  after = gkt_device_count_all(w.device);
  assert_int_equal(after.waits, before.waits);
  must(gkt_device_download(w.device, results.at, out, SETS * n * (gkt_size)sizeof *out), "results");
  assert_memory_equal(out, expected, sizeof *out * SETS * (size_t)n);
  gkt_device_free(w.device, &there), gkt_device_free(w.device, &results);
  free(expected), free(out);
  end(&w);
}

static void nodes_that_may_move_are_sent_once(void **unused) {
  (void)unused;
  sets w;
  begin(&w, GKT_REDUCE_AUTO);
  const gkt_size n = w.p.vector->targets.num_values, coords = (gkt_size)gkt_mesh_num_nodes(w.p.mesh) * 2 * (gkt_size)sizeof(gkt_scalar);
  gkt_scalar *out = calloc(SETS * (size_t)n, sizeof *out);
  gkt_batch batch = {.count = SETS, .strides = w.strides, .results_stride = n};
  must(gkt_assemble_batch(w.p.vector, &w.inputs, &batch, out), "batch");
  gkt_device_counts before = gkt_device_count_all(w.device), still, moved;
  must(gkt_assemble_batch(w.p.vector, &w.inputs, &batch, out), "again");
  still = gkt_device_count_all(w.device);
  for (int round = 0; round < 2; round++) {
    double *x = gkt_mesh_coords_mutable(w.p.mesh);
    for (gkt_idx i = 0; i < 2 * gkt_mesh_num_nodes(w.p.mesh); i++) x[i] *= 1.5;
    gkt_scalar *expected = one_by_one(&w, w.p.vector, 1, n);
    const gkt_device_counts start = gkt_device_count_all(w.device);
    must(gkt_assemble_batch(w.p.vector, &w.inputs, &batch, out), "moved");
    moved = gkt_device_count_all(w.device);
    assert_memory_equal(out, expected, sizeof *out * SETS * (size_t)n);
    assert_int_equal(moved.uploads - start.uploads, still.uploads - before.uploads + 1);
    assert_int_equal(moved.bytes_up - start.bytes_up, still.bytes_up - before.bytes_up + coords);
    free(expected);
  }
  free(out);
  end(&w);
}

static void sets_have_the_bits_of_one(void **unused) {
  (void)unused;
  for (int arity = 1; arity <= 2; arity++) check(GKT_REDUCE_SEGMENTED, arity), check(GKT_REDUCE_AUTO, arity);
}

static void the_host_refuses_results_elsewhere(void **unused) {
  (void)unused;
  sets w;
  gkt_scalar out[64];
  begin(&w, GKT_REDUCE_AUTO);
  end(&w);
  use(GKT_BACKEND_INTERPRETER, 1);
  field_kind kind = {"host", 1, 1, 1};
  begin_problem(&w.p, &kind, bent_mesh(LINES, 3, 1));
  pose_problem(&w.p, "u*v*dx == v*dx", "0");
  assert_int_equal(gkt_assemble_batch(w.p.vector, problem_inputs(&w.p), &(gkt_batch){.count = 1, .where = GKT_ON_DEVICE}, out), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "batch: the results are on a device, the backend is interpreter"));
  gkt_context_clear(ctx);
  end_problem(&w.p);
}

static void points_are_looked_at_on_the_host(void **unused) {
  (void)unused;
  sets w;
  gkt_scalars there = {0};
  gkt_nonfinite found;
  begin(&w, GKT_REDUCE_AUTO);
  gkt_scalar *x = malloc(sizeof *x * (size_t)w.n), *y = malloc(sizeof *y * (size_t)w.n);
  w.u[7] = NAN;
  must(gkt_device_send(w.device, w.u, w.n, sizeof *w.u, "u", &there), "u");
  gkt_inputs device = w.inputs;
  device.values = (const gkt_scalar *[8]){there.at}, device.where = GKT_ON_DEVICE;
  must(gkt_assemble_magnitude(w.p.vector, &w.inputs, x), "magnitude");
  must(gkt_assemble_magnitude(w.p.vector, &device, y), "magnitude");
  assert_memory_equal(x, y, sizeof *x * (size_t)w.n);
  must(gkt_find_nonfinite(w.p.vector, &device, &found), "not finite");
  assert_true(found.found);
  gkt_device_free(w.device, &there);
  free(x), free(y);
  end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sets_have_the_bits_of_one), cmocka_unit_test(nodes_that_may_move_are_sent_once),
                                     cmocka_unit_test(the_host_refuses_results_elsewhere), cmocka_unit_test(points_are_looked_at_on_the_host)};
  setenv("GKT_DEVICE", "emulated", 1);
  return cmocka_run_group_tests(tests, setup, teardown);
}
