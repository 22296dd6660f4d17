/* Claim: rows and columns of constrained dofs are eliminated on the device as on the host: zeros where the host has them, the bits of all that stays, a diagonal of the block's own
   size to rounding (1 where a block has no free rows, or a diagonal of zeros); values are lifted from what was sent once, after which nothing crosses the bus. */
#include "assembly/constraints_device.h"
#include "tests/device_csr.h"
#include "tests/emulated_device.h"
#include "tests/space_meshes.h"

static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* Bands around the diagonal, and one far to the right; blocks of other sizes. */
static gkt_csr *make_matrix(const gkt_constraints *c, bool zero_diagonal) {
  gkt_idx n = c->num_dofs, at = 0, second = c->blocks[1].first;
  gkt_csr *A;
  must(gkt_csr_create(ctx, n, n, 4 * (gkt_size)n, 1, &A));
  A->row_offsets[0] = 0;
  for (gkt_idx i = 0; i < n; i++) {
    for (gkt_idx j = i ? i - 1 : 0; j <= i + 1 && j < n; j++) A->cols[at++] = j;
    if (i + 40 < n) A->cols[at++] = i + 40;
    A->row_offsets[i + 1] = at;
  }
  for (gkt_idx i = 0; i < n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      A->vals[k] = (i < second ? 1 : 1e6) * (A->cols[k] == i ? (zero_diagonal && i >= second ? 0 : -4 - 0.1 * sin(i)) : cos(i * 1.7 + k));
  return A;
}

static void compare(const gkt_csr *host, const device_csr *device, const bool *mask) {
  gkt_idx n = host->num_rows, entries = host->row_offsets[n];
  gkt_scalar *vals = malloc((size_t)entries * sizeof *vals);
  must(gkt_device_download(device->device, device->csr.vals, vals, entries * (gkt_size)sizeof *vals));
  for (gkt_idx i = 0; i < n; i++)
    for (gkt_idx k = host->row_offsets[i]; k < host->row_offsets[i + 1]; k++) {
      bool diagonal = mask[i] && host->cols[k] == i;
      if (diagonal ? !(fabs(vals[k] - host->vals[k]) <= 1e-14 * fabs(host->vals[k])) : vals[k] != host->vals[k])
        fail_msg("entry (%d, %d) is %.17g, on the host %.17g", i, host->cols[k], vals[k], host->vals[k]);
    }
  free(vals);
}

static void check(gkt_constraints *c, int every, bool zero_diagonal) {
  gkt_device_constraints d;
  device_csr there;
  gkt_vector *host, *device;
  for (gkt_idx i = 0; i < c->num_dofs; i++) {
    c->mask[i] = i % every == 0;
    if (c->mask[i]) c->values[i] = i + 0.5;
  }
  gkt_csr *A = make_matrix(c, zero_diagonal);
  must(gkt_vector_create(ctx, c->num_dofs, &host));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, c->num_dofs, &device));
  must(device_csr_create(ctx, A, &there));
  must(gkt_device_constraints_create(c, &d));
  gkt_device_counts before = gkt_device_count_all(d.device);
  must(gkt_device_constraints_eliminate(&d, &there.csr));
  gkt_mask_take(&d.mask, d.values, device);
  gkt_device_counts after = gkt_device_count_all(d.device);
  assert_true(before.bytes_up == after.bytes_up && before.bytes_down == after.bytes_down && before.allocations == after.allocations);
  gkt_constraints_eliminate(c, A);
  compare(A, &there, c->mask);
  must(gkt_vector_to(device, host));
  for (gkt_idx i = 0; i < c->num_dofs; i++) assert_true(gkt_vector_read(host)[i] == (c->mask[i] ? i + 0.5 : 0));
  gkt_device_constraints_destroy(&d);
  device_csr_destroy(&there);
  gkt_vector_destroy(&host), gkt_vector_destroy(&device);
  gkt_csr_destroy(&A);
}

static void elimination_is_that_of_the_host(void **state) {
  (void)state;
  gkt_mesh *mesh = box_mesh(2, 70, 70, 0);
  const gkt_space *spaces[2] = {make_space_of(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_vector(2)), make_space_of(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar())};
  gkt_constraints *c;
  must(gkt_constraints_create(2, spaces, &c));
  assert_true(c->blocks[1].first > 2 * 4096); /* several parts */
  check(c, 7, false);
  check(c, 7, true);
  check(c, 1, false); /* nothing is free */
  gkt_constraints_destroy(&c);
  for (int k = 0; k < 2; k++) gkt_space_destroy((gkt_space **)&spaces[k]);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(elimination_is_that_of_the_host)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, setup, teardown);
}
