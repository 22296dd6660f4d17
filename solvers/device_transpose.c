#include "solvers/device_transpose.h"

#include "solvers/device_system.h"

static gkt_size bytes(gkt_size count) { return count * (gkt_size)sizeof(gkt_idx); }

/* On the host, for the time of the creation. */
typedef struct {
  gkt_idx n, entries;
  gkt_idx *offsets, *cols;               /* of A */
  gkt_idx *offsets_below, *rows, *order; /* of A' */
} pattern;

static void clear(pattern *p) { gkt_free(&p->offsets), gkt_free(&p->cols), gkt_free(&p->offsets_below), gkt_free(&p->rows), gkt_free(&p->order); }

static gkt_status fetch(gkt_context *ctx, gkt_device *device, const gkt_csr *A, pattern *p) {
  p->n = A->num_rows;
  GKT_TRY(gkt_alloc(ctx, (gkt_size)p->n + 1, sizeof *p->offsets, &p->offsets));
  GKT_TRY(gkt_device_download(device, A->row_offsets, p->offsets, bytes((gkt_size)p->n + 1)));
  p->entries = p->offsets[p->n];
  GKT_TRY(gkt_alloc(ctx, p->entries, sizeof *p->cols, &p->cols));
  GKT_TRY(gkt_device_download(device, A->cols, p->cols, bytes(p->entries)));
  GKT_TRY(gkt_calloc(ctx, (gkt_size)p->n + 1, sizeof *p->offsets_below, &p->offsets_below));
  GKT_TRY(gkt_alloc(ctx, p->entries, sizeof *p->rows, &p->rows));
  return gkt_alloc(ctx, p->entries, sizeof *p->order, &p->order);
}

/* Rows of A in turn, so that columns of A' ascend. */
static void transpose(pattern *p) {
  for (gkt_idx k = 0; k < p->entries; k++) p->offsets_below[p->cols[k] + 1]++;
  for (gkt_idx i = 0; i < p->n; i++) p->offsets_below[i + 1] += p->offsets_below[i];
  for (gkt_idx i = 0; i < p->n; i++)
    for (gkt_idx k = p->offsets[i]; k < p->offsets[i + 1]; k++) {
      const gkt_idx at = p->offsets_below[p->cols[k]]++; /* offsets become ends */
      p->rows[at] = i, p->order[at] = k;
    }
  for (gkt_idx i = p->n; i > 0; i--) p->offsets_below[i] = p->offsets_below[i - 1];
  p->offsets_below[0] = 0;
}

static gkt_status send(const pattern *p, gkt_device_transpose *t) {
  GKT_TRY(gkt_device_send(t->device, p->offsets_below, (gkt_size)p->n + 1, sizeof *p->offsets, "rows of a transposed matrix", &t->offsets));
  GKT_TRY(gkt_device_send(t->device, p->rows, p->entries, sizeof *p->rows, "columns of a transposed matrix", &t->cols));
  GKT_TRY(gkt_device_send(t->device, p->order, p->entries, sizeof *p->order, "places of a transposed matrix", &t->order));
  return gkt_device_alloc(t->device, p->entries, sizeof *t->vals.at, "values of a transposed matrix", &t->vals);
}

gkt_status gkt_device_transpose_create(gkt_context *ctx, const gkt_csr *A, gkt_device_transpose *t) {
  pattern p = {0};
  gkt_status status;
  t->from = A;
  GKT_GO(gkt_device_open(ctx, &t->device));
  GKT_GO(fetch(ctx, t->device, A, &p));
  transpose(&p);
  GKT_GO(send(&p, t));
  t->A = *A;
  t->A.row_offsets = t->offsets.at, t->A.cols = t->cols.at, t->A.vals = t->vals.at;
  GKT_GO(gkt_device_transpose_take(t));
done:
  clear(&p);
  return status;
}

gkt_status gkt_device_transpose_take(gkt_device_transpose *t) {
  const gkt_device_take_arguments a = {t->order.at, t->from->vals, t->vals.at, t->vals.count};
  const gkt_launch launch = {.kernel = "gkt_device_take_entries", .blocks = gkt_blocks_for(t->vals.count, 256), .threads = 256};
  return gkt_device_launch_kept(t->device, gkt_device_system_kernels, &launch, &a, sizeof a);
}

void gkt_device_transpose_destroy(gkt_device_transpose *t) {
  if (!t->device) return;
  gkt_device_free(t->device, &t->offsets), gkt_device_free(t->device, &t->cols), gkt_device_free(t->device, &t->vals), gkt_device_free(t->device, &t->order);
  *t = (gkt_device_transpose){0};
}
