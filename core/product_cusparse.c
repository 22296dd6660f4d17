/* cuSPARSE without its headers: the calls and numbers used here are those of its versions 12 and 13. */
#include "core/product_cusparse.h"

#include <string.h>

#define CALLS(X)                                                                                                                             \
  X(Create, (void **handle))                                                                                                                 \
  X(Destroy, (void *handle))                                                                                                                 \
  X(SetStream, (void *handle, void *stream))                                                                                                 \
  X(CreateCsr, (void **matrix, int64_t rows, int64_t cols, int64_t entries, void *offsets, void *columns, void *values, int, int, int, int)) \
  X(DestroySpMat, (void *matrix))                                                                                                            \
  X(CreateDnVec, (void **vector, int64_t size, void *values, int))                                                                           \
  X(DestroyDnVec, (void *vector))                                                                                                            \
  X(DnVecSetValues, (void *vector, void *values))                                                                                            \
  X(SpMV_bufferSize, (void *handle, int, const void *a, void *matrix, void *x, const void *b, void *y, int, int, size_t *bytes))             \
  X(SpMV, (void *handle, int, const void *a, void *matrix, void *x, const void *b, void *y, int, int, void *buffer))
enum { INDEX_32 = 2, BASE_ZERO = 0, REAL_64 = 1, AS_IT_IS = 0, NO_MEMORY = 2, ROWS_IN_FIXED_ORDER = 3 /* CUSPARSE_SPMV_CSR_ALG2: the same bits in every run */ };
static const double one = 1, zero = 0;

struct gkt_cusparse {
  gkt_context *ctx;
  gkt_device *device;
  void *handle, *matrix, *x, *y;
  gkt_bytes buffer;
#define X(name, arguments) int(*name) arguments;
  CALLS(X)
#undef X
};

static gkt_status check(const gkt_cusparse *c, int code, const char *what) {
  return code == 0 ? GKT_OK : gkt_fail(c->ctx, code == NO_MEMORY ? GKT_NO_MEMORY : GKT_LIBRARY, "cuSPARSE: %s failed with code %d", what, code);
}

static gkt_status open_library(gkt_cusparse *c) {
  char why[512];
  void *library = gkt_library_open("cusparse", sizeof why, why);
  if (!library) return gkt_fail(c->ctx, GKT_UNAVAILABLE, "%s", why);
#define X(name, arguments) \
  if (!gkt_library_symbol(library, "cusparse" #name, &c->name)) return gkt_fail(c->ctx, GKT_UNAVAILABLE, "the library of cuSPARSE that is found has no cusparse" #name);
  CALLS(X)
#undef X
  return GKT_OK;
}

static gkt_status prepare(gkt_cusparse *c, const gkt_csr *A, gkt_idx num_entries) {
  size_t bytes = 0;
  void *any = A->vals;                 /* vectors get their addresses when they are used */
  GKT_TRY(gkt_device_trim(c->device)); /* it takes memory beside ours */
  GKT_TRY(gkt_device_enter(c->device));
  GKT_TRY(check(c, c->Create(&c->handle), "its start"));
  GKT_TRY(check(c, c->SetStream(c->handle, gkt_device_stream(c->device)), "setting the stream"));
  GKT_TRY(check(c, c->CreateCsr(&c->matrix, A->num_rows, A->num_cols, num_entries, A->row_offsets, A->cols, A->vals, INDEX_32, INDEX_32, BASE_ZERO, REAL_64), "a matrix"));
  GKT_TRY(check(c, c->CreateDnVec(&c->x, A->num_cols, any, REAL_64), "a vector"));
  GKT_TRY(check(c, c->CreateDnVec(&c->y, A->num_rows, any, REAL_64), "a vector"));
  GKT_TRY(check(c, c->SpMV_bufferSize(c->handle, AS_IT_IS, &one, c->matrix, c->x, &zero, c->y, REAL_64, ROWS_IN_FIXED_ORDER, &bytes), "asking for its buffer"));
  return gkt_device_alloc(c->device, (gkt_size)bytes, 1, "buffer of cuSPARSE", &c->buffer);
}

gkt_status gkt_cusparse_create(gkt_context *ctx, gkt_device *device, const gkt_csr *A, gkt_idx num_entries, gkt_cusparse **out) {
  gkt_cusparse *c = NULL;
  gkt_status status;
  if (strcmp(gkt_device_kind(device), "cuda") != 0) return gkt_fail(ctx, GKT_UNAVAILABLE, "cuSPARSE needs a GPU; this device is %s", gkt_device_kind(device));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *c, &c));
  c->ctx = ctx, c->device = device;
  GKT_GO(open_library(c));
  GKT_GO(prepare(c, A, num_entries));
  *out = c;
done:
  if (status != GKT_OK) gkt_cusparse_destroy(&c);
  return status;
}

void gkt_cusparse_destroy(gkt_cusparse **cusparse) {
  gkt_cusparse *c = *cusparse;
  if (!c) return;
  if (c->x) (void)c->DestroyDnVec(c->x);
  if (c->y) (void)c->DestroyDnVec(c->y);
  if (c->matrix) (void)c->DestroySpMat(c->matrix);
  if (c->handle) (void)c->Destroy(c->handle);
  gkt_device_free(c->device, &c->buffer);
  gkt_free(cusparse);
}

gkt_status gkt_cusparse_apply(const gkt_cusparse *c, const gkt_scalar *x, gkt_scalar *y) {
  union {
    const gkt_scalar *read;
    void *at;
  } in = {x}; /* the library's word for an array that it reads */
  GKT_TRY(gkt_device_enter(c->device));
  GKT_TRY(check(c, c->DnVecSetValues(c->x, in.at), "setting x"));
  GKT_TRY(check(c, c->DnVecSetValues(c->y, y), "setting y"));
  GKT_TRY(check(c, c->SpMV(c->handle, AS_IT_IS, &one, c->matrix, c->x, &zero, c->y, REAL_64, ROWS_IN_FIXED_ORDER, c->buffer.at), "the product"));
  return gkt_device_note_launch(c->device, "a product by cuSPARSE");
}
