/* What kernels of element tensors (map_emit_device.c) share. */

/* A tensor of `size` scalars in the sums of its cell. */
GKT_FUNCTION void gkt_add_tensor(gkt_scalar *sums, const gkt_scalar *tensor, int size, bool fresh) {
  for (int i = 0; i < size; i++) sums[i] = (fresh ? 0 : sums[i]) + tensor[i];
}

/* The same of few scalars, which are in registers. */
#define GKT_ADD_SMALL_TENSOR(sums, tensor, size, fresh) \
  GKT_UNROLL                                            \
  for (int i = 0; i < (size); i++) (sums)[i] = ((fresh) ? 0 : (sums)[i]) + (tensor)[i];
