/* Entries that stand apart. */
#include "core/mask.h"

#include "core/embed.h"
#include "core/mask_arguments.h"
#include "core/vector.h"

GKT_EMBED(gkt_mask_arguments_text, "core/mask_arguments.h");
GKT_EMBED(gkt_mask_text, "core/mask.cu");
static const char *const kernels[] = {gkt_mask_arguments_text, gkt_mask_text, NULL};

static gkt_status send(gkt_context *ctx, gkt_idx size, gkt_mask *m) {
  const gkt_device_module *module;
  gkt_byte *bytes = NULL;
  gkt_status status;
  GKT_GO(gkt_device_open(ctx, &m->device));
  GKT_GO(gkt_device_kernels(m->device, kernels, &module)); /* here, where a failure can be told */
  GKT_GO(gkt_alloc(ctx, size, sizeof *bytes, &bytes));
  for (gkt_idx i = 0; i < size; i++) bytes[i] = m->skip[i];
  GKT_GO(gkt_device_send(m->device, bytes, size, sizeof *bytes, "constrained dofs", &m->at));
done:
  gkt_free(&bytes);
  return status;
}

gkt_status gkt_mask_create(gkt_context *ctx, gkt_where where, gkt_idx size, const bool *skip, gkt_mask *out) {
  *out = (gkt_mask){.skip = skip};
  return where == GKT_ON_DEVICE && skip ? send(ctx, size, out) : GKT_OK;
}

void gkt_mask_destroy(gkt_mask *m) {
  if (m->device) gkt_device_free(m->device, &m->at);
  *m = (gkt_mask){0};
}

static gkt_status launch(const gkt_mask *m, const gkt_scalar *x, gkt_vector *y) {
  gkt_mask_arguments a = {m->at.at, x, gkt_vector_address(y), gkt_vector_size(y)};
  return gkt_device_launch_kept(m->device, kernels, &(gkt_launch){.kernel = "gkt_mask_take_kernel", .blocks = gkt_blocks_for(a.count, 256), .threads = 256}, &a, sizeof a);
}

void gkt_mask_zero(const gkt_mask *m, gkt_vector *y) {
  gkt_scalar *values = gkt_vector_values(y);
  if (m->at.at) (void)!launch(m, NULL, y);
  for (gkt_idx i = 0; m->skip && values && i < gkt_vector_size(y); i++)
    if (m->skip[i]) values[i] = 0;
}

void gkt_mask_take(const gkt_mask *m, const gkt_vector *x, gkt_vector *y) {
  const gkt_scalar *from = gkt_vector_read(x);
  gkt_scalar *values = gkt_vector_values(y);
  if (m->at.at) (void)!launch(m, gkt_vector_address(x), y);
  for (gkt_idx i = 0; m->skip && values && i < gkt_vector_size(y); i++)
    if (m->skip[i]) values[i] = from[i];
}
