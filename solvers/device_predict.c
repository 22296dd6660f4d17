/* What products and iterations cost on a device, by a model. */
#include "core/product.h"
#include "core/vector.h"
#include "galerkit/solver.h"

/* Of krylov_cg.c, besides the product: the direction reads weights, r and p and writes p; p with w; the update reads r, w, x, p and weights and writes x and r. */
enum { VECTORS_OF_CG = 4 + 2 + 7, SCALAR = 8 };

gkt_status gkt_linear_predict(gkt_context *ctx, const gkt_csr *A, int architecture, gkt_gpu_prediction *product, gkt_gpu_prediction *iteration) {
  gkt_product_info info;
  gkt_device_cost one;
  if (A->where != GKT_ON_HOST) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a matrix on the device; expected one on the host");
  GKT_TRY(gkt_product_predict(ctx, A, &info, &one));
  const double bytes = (double)VECTORS_OF_CG * SCALAR * A->num_rows;
  gkt_device_cost all = one;
  all.dram_bytes += bytes, all.l2_bytes += bytes, all.floor_bytes += bytes;
  all.wavefronts += bytes / 128;
  const double each = (double)gkt_blocks_for(A->num_rows, 256), parts = (double)gkt_num_parts(A->num_rows);
  all.launches = 0, all.replayed = 6; /* direction, product, p'w, its end, update, its end */
  all.blocks += each + 2 * (parts + 1);
  all.fp64 += 8.0 * A->num_rows; /* two in the direction, one in p'w, five in the update */
  *product = gkt_device_cost_tell(&one, architecture), *iteration = gkt_device_cost_tell(&all, architecture);
  return GKT_OK;
}
