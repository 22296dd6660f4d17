/* Claim: values on the device are read in place, and a matrix on the device (gkt_csr_to) gets its values in place: the bits are those of host arrays, and assembling again moves
   the constants alone over the bus, waits for nothing and allocates nothing. Coordinates go over once; of a mesh whose nodes somebody may move, each time, and the result is that
   of the nodes as they are. A matrix goes to the device and back unchanged, and outlives the handles of its context. Who cannot use arrays of a device refuses them; so
   is, by name, a form with more functions than a kernel takes. */
#include "assembly/assembler.h"
#include "core/device.h"
#include "tests/element_form.h"

enum { MOST = 8 };
typedef struct {
  field_problem p;
  gkt_scalars values[MOST];
  const gkt_scalar *at[MOST];
  gkt_inputs inputs; /* on the device */
  gkt_device *device;
} device_world;

static void begin(device_world *w, gkt_mesh *mesh) {
  field_kind kind = {"arrays", gkt_mesh_dim(mesh), 1, 1};
  *w = (device_world){0};
  pose_every_terminal_of(&w->p, &kind, mesh, lagrange(false, 1));
  must(gkt_device_open(ctx, &w->device), "device");
  const gkt_inputs *host = problem_inputs(&w->p);
  w->inputs = *host, w->inputs.values = w->at, w->inputs.where = GKT_ON_DEVICE;
  for (int f = 0; f < gkt_scope_num_functions(w->p.scope); f++) {
    if (!host->values[f]) continue;
    must(gkt_device_send(w->device, host->values[f], gkt_space_num_dofs(w->p.spaces[f]), sizeof(gkt_scalar), "values", &w->values[f]), "values");
    w->at[f] = w->values[f].at;
  }
}

static void end(device_world *w) {
  for (int f = 0; f < MOST; f++) gkt_device_free(w->device, &w->values[f]);
  end_problem(&w->p);
}

static void with_cuda(void) { use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .separate_rounding = true, .reduce = GKT_REDUCE_SEGMENTED}); }

static void arrays_are_used_in_place(void **unused) {
  (void)unused;
  device_world w;
  gkt_csr *A, *B, *back;
  with_cuda();
  begin(&w, bent_mesh(MIXED_SPACE, 2, 1));
  A = assemble_tangent(&w.p);
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &B), "to the device");
  assert_int_equal(B->where, GKT_ON_DEVICE);
  must(gkt_device_fill(w.device, B->vals, 0xFF, A->row_offsets[A->num_rows] * (gkt_size)sizeof *A->vals), "fill");
  must(gkt_assemble_matrix(w.p.matrix, &w.inputs, B), "in place");
  must(gkt_csr_to(ctx, B, GKT_ON_HOST, &back), "back");
  assert_memory_equal(A->row_offsets, back->row_offsets, ((size_t)A->num_rows + 1) * sizeof *A->row_offsets);
  assert_memory_equal(A->cols, back->cols, (size_t)A->row_offsets[A->num_rows] * sizeof *A->cols);
  assert_memory_equal(A->vals, back->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *A->vals);
  gkt_csr_destroy(&A), gkt_csr_destroy(&B), gkt_csr_destroy(&back);
  end(&w);
}

static gkt_mesh *still_mesh(void) {
  gkt_mesh *mesh;
  must(gkt_mesh_box(ctx, &(gkt_box){.dim = 2, .shape = GKT_TRIANGLE, .cells = {5, 4}, .upper = {1, 1}}, &mesh), "box");
  return mesh;
}

static void again_moves_constants_alone(void **unused) {
  (void)unused;
  device_world w = {0};
  field_kind kind = {"still", 2, 1, 1};
  gkt_csr *A, *B;
  with_cuda();
  begin_problem(&w.p, &kind, still_mesh());
  pose_problem(&w.p, "(1 + u^2)*dot(grad(u), grad(v))*dx == v*dx", "0");
  must(gkt_device_open(ctx, &w.device), "device");
  const gkt_inputs *host = problem_inputs(&w.p);
  A = assemble_tangent(&w.p);
  gkt_device_counts before = gkt_device_count_all(w.device);
  must(gkt_assemble_matrix(w.p.matrix, host, A), "again");
  gkt_device_counts after = gkt_device_count_all(w.device);
  assert_true(after.bytes_up - before.bytes_up <= (gkt_size)sizeof(gkt_scalar) * (num_dofs(&w.p) + gkt_scope_num_constants(w.p.scope))); /* no coordinates */
  assert_int_equal(after.bytes_down - before.bytes_down, (gkt_size)sizeof(gkt_scalar) * A->row_offsets[A->num_rows]);
  assert_int_equal(after.allocations, before.allocations);
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &B), "to the device");
  must(gkt_device_send(w.device, w.p.u, num_dofs(&w.p), sizeof(gkt_scalar), "u", &w.values[0]), "u");
  w.at[0] = w.values[0].at;
  w.inputs = *host, w.inputs.values = w.at, w.inputs.where = GKT_ON_DEVICE;
  before = gkt_device_count_all(w.device);
  for (int k = 0; k < 3; k++) must(gkt_assemble_matrix(w.p.matrix, &w.inputs, B), "in place");
  after = gkt_device_count_all(w.device);
  assert_true(after.bytes_up - before.bytes_up <= 3 * (gkt_size)sizeof(gkt_scalar) * gkt_scope_num_constants(w.p.scope));
  assert_int_equal(after.bytes_down, before.bytes_down);
  assert_int_equal(after.waits, before.waits);
  assert_int_equal(after.allocations, before.allocations);
  assert_true(after.launches > before.launches);
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  end(&w);
}

static void moved_nodes_are_seen(void **unused) {
  (void)unused;
  gkt_scalar *moved[2] = {NULL};
  gkt_idx n = 0;
  for (int backend = 0; backend < 2; backend++) {
    field_problem p;
    field_kind kind = {"moving", 2, 1, 1};
    use_context((gkt_context_options){.backend = backend ? GKT_BACKEND_CUDA : GKT_BACKEND_CPU, .separate_rounding = true, .reduce = GKT_REDUCE_SEGMENTED});
    begin_problem(&p, &kind, still_mesh());
    pose_problem(&p, "(1 + u^2)*dot(grad(u), grad(v))*dx == v*dx", "0");
    gkt_csr *A = assemble_tangent(&p);
    double *x = gkt_mesh_coords_mutable(p.mesh);
    for (int step = 0; step < 3; step++) { /* the pointer is kept */
      for (gkt_idx i = 0; i < gkt_mesh_num_nodes(p.mesh); i++) x[2 * i] += 0.01 * (step + 1) * sin(3.0 * i);
      must(gkt_assemble_matrix(p.matrix, problem_inputs(&p), A), "moved");
    }
    n = A->row_offsets[A->num_rows];
    moved[backend] = memcpy(malloc((size_t)n * sizeof *A->vals), A->vals, (size_t)n * sizeof *A->vals);
    gkt_csr_destroy(&A);
    end_problem(&p);
  }
  assert_memory_equal(moved[0], moved[1], (size_t)n * sizeof **moved);
  free(moved[0]), free(moved[1]);
}

static void a_matrix_holds_its_device(void **unused) {
  (void)unused;
  gkt_context *own;
  gkt_idx offsets[] = {0, 2, 3}, cols[] = {0, 1, 1};
  gkt_scalar vals[] = {1, 2, 3};
  gkt_csr A = {2, 2, 1, offsets, cols, vals, GKT_ON_HOST}, *B, *beside, *back;
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CUDA}, &own), "context");
  assert_null(gkt_context_stream(own));
  must(gkt_csr_to(own, &A, GKT_ON_DEVICE, &B), "there");
  must(gkt_csr_to(own, B, GKT_ON_DEVICE, &beside), "beside");
  gkt_csr_destroy(&B);
  must(gkt_csr_to(own, beside, GKT_ON_HOST, &back), "back");
  gkt_context_destroy(&own);
  gkt_csr_destroy(&beside);
  assert_memory_equal(back->vals, vals, sizeof vals);
  assert_memory_equal(back->cols, cols, sizeof cols);
  gkt_csr_destroy(&back);
}

static void others_refuse_them(void **unused) {
  (void)unused;
  field_problem p;
  field_kind kind = {"host", 2, 1, 1};
  use(GKT_BACKEND_INTERPRETER, 1);
  begin_problem(&p, &kind, still_mesh());
  pose_problem(&p, "u*v*dx == v*dx", "0");
  gkt_csr *A = assemble_tangent(&p);
  gkt_inputs inputs = *problem_inputs(&p);
  inputs.where = GKT_ON_DEVICE;
  assert_int_equal(gkt_assemble_matrix(p.matrix, &inputs, A), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "the values are on a device, the backend is interpreter; expected them on the host"));
  gkt_context_clear(ctx);
  A->where = GKT_ON_DEVICE;
  assert_int_equal(gkt_assemble_matrix(p.matrix, problem_inputs(&p), A), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "the matrix is on a device, the backend is interpreter; expected it on the host"));
  gkt_context_clear(ctx);
  A->where = GKT_ON_HOST;
  gkt_csr_destroy(&A);
  end_problem(&p);
}

/* More functions than the arguments of a kernel have room for. */
static void too_many_functions_are_refused(void **unused) {
  (void)unused;
  enum { MANY = 260 };
  char text[MANY * 16] = "";
  gkt_scope *scope;
  gkt_form *form = NULL;
  gkt_space *space, *spaces[2 * MANY];
  gkt_assembler *a = NULL;
  gkt_mesh *mesh;
  int f;
  with_cuda();
  mesh = still_mesh();
  must(gkt_scope_create(ctx, 2, &scope), "scope");
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &space), "space");
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), "u");
  for (int k = 0; k < 2 * MANY; k++) spaces[k] = space;
  for (int k = 0; k < MANY; k++) {
    char name[16];
    snprintf(name, sizeof name, "c%d", k);
    must(gkt_scope_add_coefficient(scope, name, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), name);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%sc%d", k ? " + " : "(", k);
  }
  snprintf(text + strlen(text), sizeof text - strlen(text), ")*v*dx");
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = text}, &form), "form");
  assert_int_equal(gkt_assembler_create(form, mesh, (const gkt_space *const *)spaces, &a), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "needs more than 4000 bytes of arguments of a kernel"));
  assert_int_equal(gkt_device_count_all(ctx->device).bytes_held, 0);
  gkt_context_clear(ctx);
  gkt_form_destroy(&form), gkt_space_destroy(&space), gkt_scope_destroy(&scope), gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(arrays_are_used_in_place),  cmocka_unit_test(again_moves_constants_alone), cmocka_unit_test(moved_nodes_are_seen),
                                     cmocka_unit_test(a_matrix_holds_its_device), cmocka_unit_test(others_refuse_them),          cmocka_unit_test(too_many_functions_are_refused)};
  setenv("GKT_DEVICE", "emulated", 1);
  return cmocka_run_group_tests(tests, setup, teardown);
}
