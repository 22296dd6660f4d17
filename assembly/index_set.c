#include "assembly/index_set.h"

gkt_status gkt_index_set_make(gkt_context *ctx, gkt_idx size, gkt_index_set *out) {
  gkt_size bits = size / 64 + 1, words = bits / 64 + 1, groups = words / 64 + 1;
  GKT_TRY(gkt_calloc(ctx, bits + words + groups, sizeof *out->bits, &out->bits));
  out->words = out->bits + bits, out->groups = out->words + words, out->num_groups = (gkt_idx)groups;
  return GKT_OK;
}
