/* What kernels of element tensors (map_emit_device.c) share. */

/* A tensor of `size` scalars in the sums of its cell. */
GKT_FUNCTION void gkt_add_tensor(gkt_scalar *sums, const gkt_scalar *tensor, int size, bool fresh) {
  for (int i = 0; i < size; i++) sums[i] = (fresh ? 0 : sums[i]) + tensor[i];
}

/* The same of few scalars, which are in registers. Asked once, not for each of them: else the sums of before are all loaded ahead and crowd the tensor out of its registers. */
#define GKT_ADD_SMALL_TENSOR(sums, tensor, size, fresh)                  \
  if (fresh) {                                                           \
    GKT_UNROLL                                                           \
    for (int i = 0; i < (size); i++) (sums)[i] = 0 + (tensor)[i];        \
  } else {                                                               \
    GKT_UNROLL                                                           \
    for (int i = 0; i < (size); i++) (sums)[i] = (sums)[i] + (tensor)[i]; \
  }
