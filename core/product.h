/* y = A x for a matrix on the device: a layout of A, chosen once by a model of the bytes it moves. Host logic of product.cu. */
#ifndef GKT_CORE_PRODUCT_H
#define GKT_CORE_PRODUCT_H
#include "core/device_cost.h"

typedef enum {
  GKT_PRODUCT_AUTO,    /* the one of the three that moves the fewest bytes */
  GKT_PRODUCT_CSR,     /* A's own arrays */
  GKT_PRODUCT_SELL,    /* a copy in slices of 32 rows, sorted by length among 256 */
  GKT_PRODUCT_BSR3,    /* A's own values, the columns of 3x3 blocks once; needs block_size 3 */
  GKT_PRODUCT_CUSPARSE /* the library, where there is one and a GPU; its order of summation is its own. Never chosen by AUTO */
} gkt_product_kind;
typedef struct gkt_product gkt_product;
/* A stands on the device and outlives the product. GKT_UNAVAILABLE: it is not of whole 3x3 blocks, or there is no cuSPARSE, as the kind asks for. */
gkt_status gkt_product_create(gkt_context *, const gkt_csr *A, gkt_product_kind, gkt_product **out) GKT_MUST_CHECK;
void gkt_product_destroy(gkt_product **);
gkt_status gkt_product_update(gkt_product *) GKT_MUST_CHECK; /* the values of A are others; launches alone */
/* y = A x on the device; launches alone, so it may be recorded. */
gkt_status gkt_product_apply(const gkt_product *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
typedef struct {
  gkt_product_kind kind; /* never AUTO */
  const char *name;      /* "CSR", "SELL-32", "BSR3", "cuSPARSE" */
  int width;             /* threads of a row, or of a row of blocks */
  double bytes;          /* that it moves, by the model: matrix with what pads it, x and y once */
  double csr_bytes;      /* that CSR would */
  double entries;        /* that its threads pass over, with those that are not there */
} gkt_product_info;
gkt_product_info gkt_product_get_info(const gkt_product *);
/* What would be chosen for A, which stands on the host (product_predict.c). cost: of one product, from the places of A's entries and the machine code for the architecture. */
gkt_status gkt_product_predict(gkt_context *, const gkt_csr *A, int architecture, gkt_product_info *out, gkt_device_cost *cost) GKT_MUST_CHECK;

/* ---- inside: kernels; the model (product_model.c) ---- */
extern const char *const gkt_product_kernels[];
const char *gkt_product_kernel(gkt_product_kind); /* that multiplies */
typedef struct {                                  /* of SELL: rows by falling length among 256, each slice as long as its first row */
  gkt_idx *order, *offsets;                       /* [num_rows], [slices + 1] */
} gkt_product_slices;
gkt_idx gkt_product_num_slices(const gkt_csr *A);
gkt_status gkt_product_plan_slices(gkt_context *, const gkt_csr *A, const gkt_idx *offsets, gkt_product_slices *) GKT_MUST_CHECK;
void gkt_product_model(const gkt_csr *A, const gkt_idx *offsets, gkt_product_kind, gkt_idx slice_entries, gkt_product_info *out);
#endif
