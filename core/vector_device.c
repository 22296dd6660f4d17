/* Arrays on the device: what vector.cu computes. */
#include "core/vector.h"

#include "core/embed.h"

GKT_EMBED(gkt_vector_arguments_text, "core/vector_arguments.h");
GKT_EMBED(gkt_sums_text, "core/sums.cu");
GKT_EMBED(gkt_vector_text, "core/vector.cu");
const char *const gkt_vector_kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_vector_text, NULL};

static gkt_status launch(gkt_device *device, const char *kernel, gkt_size blocks, const void *arguments, size_t size) {
  return gkt_device_launch_kept(device, gkt_vector_kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, arguments, size);
}

gkt_status gkt_device_vector_fill(gkt_device *device, gkt_size count, gkt_scalar value, gkt_scalar *x) {
  gkt_vector_value_arguments a = {x, count, value};
  return launch(device, "gkt_vector_fill_kernel", gkt_blocks_for(count, 256), &a, sizeof a);
}

gkt_status gkt_device_vector_scale(gkt_device *device, gkt_size count, gkt_scalar factor, gkt_scalar *x) {
  gkt_vector_value_arguments a = {x, count, factor};
  return launch(device, "gkt_vector_scale_kernel", gkt_blocks_for(count, 256), &a, sizeof a);
}

gkt_status gkt_device_vector_axpy(gkt_device *device, gkt_size count, gkt_scalar factor, const gkt_scalar *x, gkt_scalar *y) {
  gkt_vector_axpy_arguments a = {x, y, count, factor};
  return launch(device, "gkt_vector_axpy_kernel", gkt_blocks_for(count, 256), &a, sizeof a);
}

gkt_status gkt_device_vector_combine(gkt_device *device, gkt_size count, int num, const gkt_scalar *factors, const gkt_scalar *const *x, gkt_scalar *y) {
  gkt_vector_combine_arguments a = {.y = y, .count = count, .num = num};
  for (int k = 0; k < num; k++) a.x[k] = x[k], a.factors[k] = factors[k];
  return launch(device, "gkt_vector_combine_kernel", gkt_blocks_for(count, 256), &a, sizeof a);
}

gkt_status gkt_device_vector_multiply(gkt_device *device, gkt_size count, gkt_scalar factor, const gkt_scalar *x, gkt_scalar *y) {
  gkt_vector_axpy_arguments a = {x, y, count, factor};
  return launch(device, "gkt_vector_multiply_kernel", gkt_blocks_for(count, 256), &a, sizeof a);
}

/* Parts, then their sum. */
static gkt_status sum(gkt_device *device, const char *const kernels[2], gkt_size count, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar nothing, gkt_scalar *work,
                      gkt_scalar *out) {
  gkt_vector_parts_arguments parts = {x, y, count, work};
  gkt_vector_join_arguments join = {work, gkt_num_parts(count), out, nothing};
  GKT_TRY(launch(device, kernels[0], gkt_num_parts(count), &parts, sizeof parts));
  return launch(device, kernels[1], 1, &join, sizeof join);
}

gkt_status gkt_device_vector_dot(gkt_device *device, gkt_size count, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar *work, gkt_scalar *out) {
  return sum(device, (const char *const[]){"gkt_vector_dot_parts", "gkt_vector_dot_join"}, count, x, y, 0, work, out);
}

gkt_status gkt_device_vector_dot_of_sizes(gkt_device *device, gkt_size count, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar *work, gkt_scalar *out) {
  return sum(device, (const char *const[]){"gkt_vector_sizes_parts", "gkt_vector_dot_join"}, count, x, y, 0, work, out);
}

gkt_status gkt_device_vector_norm(gkt_device *device, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_scalar *out) {
  return sum(device, (const char *const[]){"gkt_vector_norm_parts", "gkt_vector_norm_join"}, count, x, NULL, 0, work, out);
}

gkt_status gkt_device_vector_most(gkt_device *device, gkt_size count, const gkt_scalar *x, gkt_scalar *out) {
  gkt_vector_join_arguments join = {x, count, out, 0};
  return launch(device, "gkt_vector_most_join", 1, &join, sizeof join);
}

gkt_status gkt_device_find_not_finite(gkt_device *device, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_size *at) {
  gkt_scalar most = 0, *out = work + gkt_sum_work(count) - 1;
  GKT_TRY(sum(device, (const char *const[]){"gkt_vector_finite_parts", "gkt_vector_most_join"}, count, x, NULL, -(gkt_scalar)count, work, out));
  GKT_TRY(gkt_device_download(device, out, &most, sizeof most));
  *at = -most < (gkt_scalar)count ? (gkt_size)-most : -1;
  return GKT_OK;
}

gkt_status gkt_device_vector_largest(gkt_device *device, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_scalar *out) {
  return sum(device, (const char *const[]){"gkt_vector_largest_parts", "gkt_vector_most_join"}, count, x, NULL, 0, work, out);
}
