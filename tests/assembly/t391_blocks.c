/* Claim: a matrix of a vector field is handed out by blocks where it is, on the host or on the device: the same entries, blocks row by row with ascending columns (cuSPARSE's and
   BAIJ's layout), the product with the bits of that by rows; other values are followed in one launch without memory. What has no blocks is refused by name: scalars, several
   fields, rows whose components differ. Every failure of the device leaves nothing behind. */
#include "tests/failing_device.h"
#include "tests/patch_fused.h"

static gkt_csr *tangent_of(const posed *p) {
  const gkt_inputs inputs = inputs_for(p);
  gkt_csr *A;
  must(gkt_assembler_matrix(p->assembler, &A), "matrix");
  must(gkt_assemble_matrix(p->assembler, &inputs, A), "values");
  return A;
}

/* Entry by entry. */
static void check_places(const gkt_csr *A, const gkt_bsr *B) {
  const int size = A->block_size;
  assert_int_equal(B->where, GKT_ON_HOST);
  assert_true(B->block_size == size && B->num_rows * size == A->num_rows && B->num_cols * size == A->num_cols);
  assert_int_equal(B->row_offsets[B->num_rows] * size * size, A->row_offsets[A->num_rows]);
  for (gkt_idx row = 0; row < A->num_rows; row++) {
    gkt_idx first = B->row_offsets[row / size], at = A->row_offsets[row];
    for (gkt_idx k = first; k < B->row_offsets[row / size + 1]; k++) {
      assert_true(k == first || B->cols[k] > B->cols[k - 1]);
      for (int j = 0; j < size; j++, at++) {
        assert_int_equal(A->cols[at], B->cols[k] * size + j);
        assert_memory_equal(&A->vals[at], &B->vals[(k * size + row % size) * size + j], sizeof *A->vals);
      }
    }
    assert_int_equal(at, A->row_offsets[row + 1]);
  }
}

static void check_product(const gkt_csr *A, const gkt_bsr *B) {
  const size_t rows = (size_t)A->num_rows, cols = (size_t)A->num_cols;
  gkt_scalar *x = malloc(cols * sizeof *x), *y = malloc(rows * sizeof *y), *z = malloc(rows * sizeof *z);
  for (size_t i = 0; i < cols; i++) x[i] = sin(1.0 + 0.7 * (double)i);
  gkt_csr_multiply(A, x, y);
  gkt_bsr_multiply(B, x, z);
  assert_memory_equal(y, z, rows * sizeof *y);
  free(x), free(y), free(z);
}

/* Those of the device are those of the host. */
static void check_device(const gkt_bsr *host, const gkt_bsr *B) {
  const gkt_size blocks = host->row_offsets[host->num_rows], area = (gkt_size)host->block_size * host->block_size;
  gkt_bsr *back;
  assert_int_equal(B->where, GKT_ON_DEVICE);
  assert_true(B->block_size == host->block_size && B->num_rows == host->num_rows && B->num_cols == host->num_cols);
  must(gkt_bsr_create(ctx, GKT_ON_HOST, B->num_rows, B->num_cols, blocks, B->block_size, &back), "room");
  must(gkt_device_download(device, B->row_offsets, back->row_offsets, (B->num_rows + (gkt_size)1) * (gkt_size)sizeof(gkt_idx)), "rows");
  must(gkt_device_download(device, B->cols, back->cols, blocks * (gkt_size)sizeof(gkt_idx)), "columns");
  must(gkt_device_download(device, B->vals, back->vals, blocks * area * (gkt_size)sizeof(gkt_scalar)), "values");
  assert_memory_equal(host->row_offsets, back->row_offsets, ((size_t)host->num_rows + 1) * sizeof(gkt_idx));
  assert_memory_equal(host->cols, back->cols, (size_t)blocks * sizeof(gkt_idx));
  assert_memory_equal(host->vals, back->vals, (size_t)(blocks * area) * sizeof(gkt_scalar));
  gkt_bsr_destroy(&back);
}

static void check_update(gkt_csr *A, gkt_csr *there, gkt_bsr *host, gkt_bsr *B) {
  const gkt_idx entries = A->row_offsets[A->num_rows];
  for (gkt_idx k = 0; k < entries; k++) A->vals[k] = cos(0.3 * k);
  must(gkt_device_upload(device, A->vals, there->vals, entries * (gkt_size)sizeof *A->vals), "other values");
  const gkt_device_counts before = gkt_device_count_all(device);
  must(gkt_bsr_update(ctx, there, B), "on the device");
  const gkt_device_counts after = gkt_device_count_all(device);
  assert_int_equal(after.launches - before.launches, 1);
  assert_true(after.allocations == before.allocations && after.waits == before.waits && after.bytes_up == before.bytes_up);
  must(gkt_bsr_update(ctx, A, host), "on the host");
  check_places(A, host);
  check_device(host, B);
}

static void check_blocks(gkt_mesh *mesh, int degree, int components, const char *equation) {
  posed p;
  gkt_csr *there;
  gkt_bsr *host, *B;
  pose(mesh, degree, components, false, 2, equation, &p);
  gkt_csr *A = tangent_of(&p);
  must(gkt_bsr_from_csr(ctx, A, &host), equation);
  check_places(A, host);
  check_product(A, host);
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &there), "to the device");
  must(gkt_bsr_from_csr(ctx, there, &B), equation);
  check_device(host, B);
  check_update(A, there, host, B);
  gkt_bsr_destroy(&host), gkt_bsr_destroy(&B);
  assert_null(B);
  gkt_bsr_destroy(&B);
  gkt_csr_destroy(&there), gkt_csr_destroy(&A);
  drop(&p);
}

static void vector_fields(void **state) {
  (void)state;
  for (int seed = 0; seed < 3; seed++) {
    use_random_order(seed);
    begin();
    check_blocks(bent_mesh(TETRAHEDRA, 3, 1), 1, 3, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*div(u)*div(v)*dx == 0");
    check_blocks(bent_mesh(TRIANGLES, 4, 1), 2, 2, "inner(grad(u), grad(v))*dx + c*u[0]*v[1]*dx == 0");
    check_blocks(bent_mesh(MIXED_SPACE, 2, 1), 1, 3, "inner(grad(u), grad(v))*dx + dot(grad(u)*u, v)*dx == 0");
    check_blocks(bent_mesh(QUADRILATERALS, 3, 1), 1, 5, "inner(grad(u), grad(v))*dx + k*u[4]*v[0]*dx == 0");
  }
  use_random_order(0);
}

/* ---- what is refused ---- */
static void is_refused(const gkt_csr *A, const char *why) {
  gkt_csr *there;
  gkt_bsr *B = NULL;
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &there), "to the device");
  const gkt_size held = gkt_device_count_all(device).bytes_held;
  for (int on_device = 0; on_device < 2; on_device++) {
    assert_int_equal(gkt_bsr_from_csr(ctx, on_device ? there : A, &B), GKT_UNAVAILABLE);
    if (strcmp(gkt_context_message(ctx), why)) fail_msg("%s; expected %s", gkt_context_message(ctx), why);
    assert_null(B);
    gkt_context_clear(ctx);
  }
  assert_int_equal(gkt_device_count_all(device).bytes_held, held);
  gkt_csr_destroy(&there);
}

static void other_forms(void **state) {
  static const char scalars[] = "the matrix is one of scalars, as those of scalar fields, of several fields and of couplings are; it has no blocks";
  (void)state;
  for (int two = 0; two < 2; two++) {
    posed p;
    begin();
    pose(bent_mesh(TRIANGLES, 2, 1), 1, two ? 2 : 1, two, 2, two ? "inner(grad(u), grad(v))*dx - p*div(v)*dx + q*div(u)*dx == 0" : "inner(grad(u), grad(v))*dx == 0", &p);
    gkt_csr *A = tangent_of(&p);
    is_refused(A, scalars);
    gkt_csr_destroy(&A);
    drop(&p);
  }
}

/* Of 9 rows in three rows of blocks the second one has another entry, one too few, or blocks that begin elsewhere; or there are 8 rows. */
static void other_rows(void **state) {
  (void)state;
  begin();
  for (int change = 0; change < 4; change++) {
    const gkt_idx rows = change == 3 ? 8 : 9;
    gkt_csr *A;
    must(gkt_csr_create(ctx, rows, 9, 81, 3, &A), "room");
    for (gkt_idx i = 0, at = 0; i < rows; A->row_offsets[++i] = at)
      for (gkt_idx j = 0; j < 9; j++)
        if (!(change == 0 && i / 3 == 1 && j / 3 == (i == 4 ? 2 : 1)) && !(change == 1 && i == 5 && j == 8) && !(change == 2 && i / 3 == 1 && (j < 1 || j > 6)))
          A->cols[at] = j, A->vals[at++] = 1 + i * j;
    is_refused(A, change == 3 ? "a matrix of 8 rows and 9 columns is not of whole 3x3 blocks" : "rows 3 to 5 of the matrix are not of whole 3x3 blocks");
    gkt_csr_destroy(&A);
  }
}

static void other_places(void **state) {
  (void)state;
  gkt_csr *A, *there, *larger;
  gkt_bsr *B;
  begin();
  must(gkt_csr_create(ctx, 2, 2, 4, 2, &A), "room");
  for (gkt_idx i = 0; i < 2; i++, A->row_offsets[i] = 2 * i)
    for (gkt_idx j = 0; j < 2; j++) A->cols[2 * i + j] = j, A->vals[2 * i + j] = i + j;
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &there), "to the device");
  must(gkt_bsr_from_csr(ctx, A, &B), "blocks");
  assert_int_equal(gkt_bsr_update(ctx, there, B), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "a matrix on the device, its blocks on the host; expected them in one place");
  gkt_context_clear(ctx);
  must(gkt_csr_create(ctx, 4, 4, 0, 2, &larger), "room");
  assert_int_equal(gkt_bsr_update(ctx, larger, B), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "a matrix of 4 rows in blocks of 2; expected that of which the blocks were made, 2 rows in blocks of 2");
  gkt_context_clear(ctx);
  gkt_bsr_destroy(&B), gkt_csr_destroy(&A), gkt_csr_destroy(&there);
  must(gkt_csr_to(ctx, larger, GKT_ON_DEVICE, &there), "without entries");
  must(gkt_bsr_from_csr(ctx, there, &B), "without entries");
  gkt_bsr_destroy(&B), gkt_csr_destroy(&there), gkt_csr_destroy(&larger);
}

/* ---- failures ---- */
static gkt_csr *tried;
static gkt_status make_blocks(gkt_context *own, void *user) {
  gkt_csr *there = NULL;
  gkt_bsr *B = NULL;
  gkt_status status;
  (void)user;
  GKT_GO(gkt_csr_to(own, tried, GKT_ON_DEVICE, &there));
  GKT_GO(gkt_bsr_from_csr(own, there, &B));
  GKT_GO(gkt_bsr_update(own, there, B));
  GKT_GO(gkt_device_wait(own->device));
done:
  gkt_bsr_destroy(&B), gkt_csr_destroy(&there);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  posed p;
  begin();
  pose(bent_mesh(TRIANGLES, 2, 1), 1, 2, false, 2, "inner(grad(u), grad(v))*dx == 0", &p);
  tried = tangent_of(&p);
  device_trial t = {.name = "blocks", .work = make_blocks, .host = tried->vals, .host_bytes = (size_t)tried->row_offsets[tried->num_rows] * sizeof *tried->vals, .every = true};
  const device_failures f = fail_each_device_call(&t);
  assert_true(f.allocations == 7 && f.launches == 3);
  gkt_csr_destroy(&tried);
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(vector_fields), cmocka_unit_test(other_forms), cmocka_unit_test(other_rows), cmocka_unit_test(other_places),
                                     cmocka_unit_test(each_call_fails)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
