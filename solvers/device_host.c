/* The host helps: the matrix comes over, PETSc solves, the answer goes back, and the report says why. */
#include <string.h>

#include "solvers/device_solver.h"

static gkt_size scalars(gkt_size count) { return count * (gkt_size)sizeof(gkt_scalar); }

static gkt_status fetch_pattern(gkt_device_solver *s) {
  const gkt_csr *A = s->A;
  gkt_idx entries;
  gkt_status status;
  GKT_TRY(gkt_device_download(s->device, A->row_offsets + A->num_rows, &entries, sizeof entries));
  GKT_TRY(gkt_csr_create(s->ctx, A->num_rows, A->num_cols, entries, A->block_size, &s->host.A));
  GKT_GO(gkt_device_download(s->device, A->row_offsets, s->host.A->row_offsets, ((gkt_size)A->num_rows + 1) * (gkt_size)sizeof(gkt_idx)));
  GKT_GO(gkt_device_download(s->device, A->cols, s->host.A->cols, entries * (gkt_size)sizeof(gkt_idx)));
  GKT_GO(gkt_alloc(s->ctx, A->num_rows, sizeof *s->host.b, &s->host.b));
  GKT_GO(gkt_alloc(s->ctx, A->num_rows, sizeof *s->host.x, &s->host.x));
done:
  if (status != GKT_OK) gkt_device_host_destroy(&s->host);
  return status;
}

static gkt_status fetch_values(gkt_device_solver *s) {
  gkt_csr *A = s->host.A;
  GKT_TRY(gkt_device_download(s->device, s->A->vals, A->vals, scalars(A->row_offsets[A->num_rows])));
  s->host.stale = false;
  return s->host.solver ? gkt_linear_solver_update(s->host.solver) : GKT_OK;
}

static gkt_status create_solver(gkt_device_solver *s) {
  gkt_linear_options options = s->asked;
  options.load = NULL; /* that of each right-hand side is set */
  GKT_TRY(gkt_linear_solver_create(s->ctx, s->host.A, s->facts, &options, &s->host.solver));
  if (s->defers) gkt_linear_solver_defer(s->host.solver);
  return GKT_OK;
}

static void say_why(gkt_device_solver *s) {
  gkt_linear_report *r = s->report;
  size_t n = strlen(r->why);
  snprintf(r->why + n, sizeof r->why - n, "%son the host: %s", n ? "; " : "", s->to_host);
}

gkt_status gkt_device_make_host(gkt_device_solver *s) {
  if (!s->host.A) {
    GKT_TRY(fetch_pattern(s));
    s->host.stale = true;
  }
  if (s->host.stale) GKT_TRY(fetch_values(s));
  return s->host.solver ? GKT_OK : create_solver(s);
}

gkt_status gkt_device_solve_on_host(gkt_device_solver *s, bool transposed) {
  gkt_size bytes = scalars(s->A->num_rows);
  GKT_TRY(gkt_device_make_host(s));
  GKT_TRY(gkt_device_download(s->device, s->b, s->host.b, bytes));
  GKT_TRY(gkt_device_download(s->device, s->x, s->host.x, bytes));
  if (s->asked.load && !s->host.load) GKT_TRY(gkt_alloc(s->ctx, s->A->num_rows, sizeof *s->host.load, &s->host.load));
  if (s->asked.load) GKT_TRY(gkt_device_download(s->device, s->asked.load, s->host.load, bytes));
  gkt_linear_solver_set_load(s->host.solver, s->asked.load ? s->host.load : NULL);
  gkt_linear_report_clear(s->report);
  GKT_TRY((transposed ? gkt_linear_solver_solve_transposed : gkt_linear_solver_solve)(s->host.solver, 1, s->A->num_rows, s->host.b, s->host.x, s->report));
  say_why(s);
  return gkt_device_upload(s->device, s->host.x, s->x, bytes);
}

void gkt_device_host_destroy(gkt_device_host *h) {
  gkt_linear_solver_destroy(&h->solver);
  gkt_csr_destroy(&h->A);
  gkt_free(&h->b);
  gkt_free(&h->x);
  gkt_free(&h->load);
}
