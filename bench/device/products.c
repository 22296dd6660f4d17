/* y = A x on the device, layout by layout, and iterations of CG with Jacobi. */
#include <math.h>
#include <string.h>

#include "bench/device/device_bench.h"
#include "core/product.h"
#include "solvers/krylov.h"

typedef struct {
  device_bench *b;
  const assembled *host;
  gkt_csr A; /* on the device */
  gkt_indices offsets, cols;
  gkt_scalars vals, x, y;
  double *input, *right, *sizes; /* [rows] x, A x, |A| |x| on the host */
} operands;

static gkt_status prepare(operands *o) {
  const gkt_csr *A = o->host->matrix;
  gkt_device *device = o->b->device;
  const gkt_size n = A->num_rows, entries = A->row_offsets[n];
  GKT_TRY(gkt_alloc(o->b->ctx, n, sizeof *o->input, &o->input));
  GKT_TRY(gkt_alloc(o->b->ctx, n, sizeof *o->right, &o->right));
  GKT_TRY(gkt_calloc(o->b->ctx, n, sizeof *o->sizes, &o->sizes));
  for (gkt_size i = 0; i < n; i++) o->input[i] = sin((double)i);
  gkt_csr_multiply(A, o->input, o->right);
  for (gkt_size i = 0; i < n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) o->sizes[i] += fabs(A->vals[k] * o->input[A->cols[k]]);
  GKT_TRY(gkt_device_send(device, A->row_offsets, n + 1, sizeof(gkt_idx), "row offsets", &o->offsets));
  GKT_TRY(gkt_device_send(device, A->cols, entries, sizeof(gkt_idx), "columns", &o->cols));
  GKT_TRY(gkt_device_send(device, A->vals, entries, sizeof(gkt_scalar), "matrix values", &o->vals));
  GKT_TRY(gkt_device_send(device, o->input, n, sizeof(gkt_scalar), "a vector", &o->x));
  GKT_TRY(gkt_device_alloc(device, n, sizeof(gkt_scalar), "a vector", &o->y));
  o->A = *A, o->A.where = GKT_ON_DEVICE, o->A.row_offsets = o->offsets.at, o->A.cols = o->cols.at, o->A.vals = o->vals.at;
  return GKT_OK;
}

static void clear(operands *o) {
  gkt_device *device = o->b->device;
  gkt_device_free(device, &o->offsets);
  gkt_device_free(device, &o->cols);
  gkt_device_free(device, &o->vals);
  gkt_device_free(device, &o->x);
  gkt_device_free(device, &o->y);
  gkt_free(&o->input);
  gkt_free(&o->right);
  gkt_free(&o->sizes);
}

typedef struct {
  const gkt_product *product;
  const operands *o;
} applied;
static gkt_status apply(void *user) {
  const applied *a = user;
  return gkt_product_apply(a->product, a->o->x.at, a->o->y.at);
}

/* Sums of a row in another order: some units in the last place of the sum of magnitudes. */
static gkt_status is_right(operands *o, const char *name) {
  const gkt_size n = o->A.num_rows;
  gkt_scalar *found;
  double worst = 0;
  gkt_status status;
  GKT_TRY(gkt_alloc(o->b->ctx, n, sizeof *found, &found));
  GKT_GO(gkt_device_download(o->b->device, o->y.at, found, n * (gkt_size)sizeof *found));
  for (gkt_size i = 0; i < n; i++) worst = fmax(worst, isnan(found[i]) ? INFINITY : fabs(found[i] - o->right[i]) / (o->sizes[i] + 1e-300));
  if (!(worst <= 1e-14)) status = gkt_fail(o->b->ctx, GKT_INTERNAL, "%s: products differ by %.3g of the magnitudes", name, worst);
done:
  gkt_free(&found);
  return status;
}

/* A layout that is not there is no failure: "cuSPARSE" without the library. */
static gkt_status measure(operands *o, const char *form, gkt_product_kind kind) {
  device_bench *b = o->b;
  gkt_product *product = NULL;
  char key[100];
  double seconds;
  gkt_status status = gkt_product_create(b->ctx, &o->A, kind, &product);
  if (status == GKT_UNAVAILABLE) return gkt_context_clear(b->ctx), GKT_OK;
  if (status) return status;
  const gkt_product_info info = gkt_product_get_info(product);
  GKT_GO(device_bench_time(b, apply, &(applied){product, o}, &seconds));
  snprintf(key, sizeof key, "%s, %s", form, info.name);
  json_object_set_new(b->out, key,
                      json_pack("{s:I, s:o, s:o}", "bytes_by_the_model", (json_int_t)info.bytes, "seconds", b->emulated ? json_null() : json_real(seconds), "bytes_per_second",
                                b->emulated ? json_null() : json_real(info.bytes / seconds)));
  GKT_GO(is_right(o, key));
done:
  gkt_product_destroy(&product);
  return status;
}

/* ---- CG ---- */
/* 1/100 more on the diagonal: what no condition holds is singular. Its inverse, for Jacobi. */
static void hold(gkt_csr *A, double *weights) {
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (A->cols[k] == i) weights[i] = 1 / (A->vals[k] *= 1.01);
}

/* The residual that is reported, and the one that the answer has. */
static gkt_status ends_rightly(operands *o, const gkt_krylov_result *r) {
  const gkt_csr *A = o->host->matrix;
  const gkt_size n = A->num_rows;
  double norm = 0, size = 0;
  GKT_TRY(gkt_device_download(o->b->device, o->y.at, o->right, n * (gkt_size)sizeof *o->right));
  gkt_csr_multiply(A, o->right, o->sizes);
  for (gkt_size i = 0; i < n; i++) norm += (o->input[i] - o->sizes[i]) * (o->input[i] - o->sizes[i]), size += o->input[i] * o->input[i];
  device_bench_set(o->b, "cg_iterations", r->iterations);
  device_bench_set(o->b, "cg_residual", sqrt(norm / size));
  if (fabs(sqrt(norm) - r->norms[r->iterations]) <= 1e-10 * sqrt(size)) return GKT_OK;
  return gkt_fail(o->b->ctx, GKT_INTERNAL, "CG reports a residual of %.6g, its answer has %.6g", r->norms[r->iterations], sqrt(norm));
}

/* Timed by the host, which looks at the state between iterations; once before, for what is set up and recorded. */
static gkt_status iterate(operands *o, const gkt_product *product, const gkt_scalar *weights) {
  const int limit = o->b->emulated ? 5 : 300;
  const gkt_krylov_options options = {.method = GKT_KRYLOV_CG, .weights = weights, .degree = 1, .limit = limit, .look = 50};
  gkt_krylov *krylov = NULL;
  gkt_krylov_result result;
  double seconds = INFINITY;
  gkt_status status;
  GKT_GO(gkt_krylov_create(o->b->ctx, product, o->A.num_rows, &options, o->x.at, o->y.at, &krylov));
  for (int i = 0; i < 2; i++) {
    const double start = gkt_seconds();
    GKT_GO(gkt_krylov_solve(krylov, 1e-9, limit, NULL, NULL, &result));
    GKT_GO(gkt_device_wait(o->b->device));
    seconds = gkt_seconds() - start;
  }
  device_bench_set_rate(o->b, "seconds_per_cg_iteration", seconds / result.iterations);
  device_bench_set(o->b, "product_bytes_by_the_model", gkt_product_get_info(product).bytes);
  GKT_GO(ends_rightly(o, &result));
done:
  gkt_krylov_destroy(&krylov);
  return status;
}

gkt_status check_cg(device_bench *b) {
  assembled host = {0};
  operands o = {.b = b, .host = &host};
  gkt_product *product = NULL;
  gkt_scalars weights = {0};
  gkt_scalar *inverse = NULL;
  gkt_status status;
  GKT_GO(assembled_make(device_form_find("poisson-p1"), device_bench_side(b, 4, 120), &(gkt_context_options){.backend = GKT_BACKEND_CPU}, &host));
  GKT_GO(gkt_alloc(b->ctx, host.matrix->num_rows, sizeof *inverse, &inverse));
  hold(host.matrix, inverse);
  GKT_GO(prepare(&o));
  GKT_GO(gkt_device_send(b->device, inverse, host.matrix->num_rows, sizeof *inverse, "the inverse diagonal", &weights));
  GKT_GO(gkt_product_create(b->ctx, &o.A, GKT_PRODUCT_AUTO, &product));
  GKT_GO(iterate(&o, product, weights.at));
done:
  if (status && host.ctx && *gkt_context_message(host.ctx)) (void)gkt_fail(b->ctx, status, "%s", gkt_context_message(host.ctx));
  gkt_product_destroy(&product);
  gkt_device_free(b->device, &weights);
  gkt_free(&inverse);
  clear(&o);
  assembled_clear(&host);
  return status;
}

static gkt_status measure_form(device_bench *b, const device_form *form, int n) {
  static const gkt_product_kind kinds[] = {GKT_PRODUCT_CSR, GKT_PRODUCT_SELL, GKT_PRODUCT_BSR3, GKT_PRODUCT_CUSPARSE};
  assembled host = {0};
  operands o = {.b = b, .host = &host};
  gkt_status status;
  GKT_GO(assembled_make(form, n, &(gkt_context_options){.backend = GKT_BACKEND_CPU}, &host));
  GKT_GO(prepare(&o));
  for (int i = 0; i < 4; i++) GKT_GO(measure(&o, form->name, kinds[i]));
done:
  if (status && host.ctx && *gkt_context_message(host.ctx)) (void)gkt_fail(b->ctx, status, "%s: %s", form->name, gkt_context_message(host.ctx));
  clear(&o);
  assembled_clear(&host);
  return status;
}

gkt_status check_spmv(device_bench *b) {
  GKT_TRY(measure_form(b, device_form_find("poisson-p1"), device_bench_side(b, 4, 120)));
  return measure_form(b, device_form_find("elasticity-p1"), device_bench_side(b, 3, 70));
}
