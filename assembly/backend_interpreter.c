/* The interpreter's row: tensors of some tiles by gkt_map_interpret, then their sums. */
#include "assembly/backend.h"

gkt_status gkt_interpreter_compile(const gkt_assembler *a, gkt_module **module, gkt_map_kernel **kernels, gkt_add_kernel **adders) {
  (void)a, (void)module, (void)kernels, (void)adders;
  return GKT_OK;
}

/* Of a batch: the map's own, a tile of one set, a tile of cells for all groups. */
gkt_size gkt_interpreter_workspace(const gkt_map *m, int groups) {
  gkt_size tile = (gkt_size)m->tensor_size * GKT_LANES;
  return gkt_map_workspace(m) + (groups ? tile + tile * GKT_LANES * groups : 0);
}

void gkt_interpreter_add(const gkt_assembler *a, gkt_share share, const gkt_inputs *inputs, const gkt_worker *w) {
  const gkt_map *m = a->maps[share.map];
  const gkt_group *g = &m->groups[share.group];
  gkt_idx step = g->has_own_row ? 1 : gkt_map_tiles(m) * GKT_LANES, end = g->begin[share.chunk + 1];
  for (gkt_idx first = g->begin[share.chunk]; first < end; first += step) {
    gkt_idx last = end - first < step ? end : first + step;
    gkt_map_interpret(m, share.group, inputs, first, last, w->workspace, w->tensors);
    for (int k = 0; k < a->num_maps; k++) /* maps that add to these tensors */
      if (a->maps[k]->into == share.map) gkt_map_interpret(a->maps[k], 0, inputs, first, last, w->workspace, w->tensors);
    gkt_host_add(a, share, w, first, last - first);
  }
}

/* One set in one lane after the other, by the map of one set: the plain way. */
static void interpret(const gkt_pass *x, const gkt_map *m, int group, gkt_idx begin, gkt_idx end, const gkt_worker *w, gkt_scalar *out) {
  gkt_scalar *tile = w->workspace + gkt_map_workspace(m);
  for (int s = 0; s < x->num_groups * GKT_LANES; s++) {
    gkt_inputs inputs = gkt_inputs_of_set(x->a, &x->inputs, x->batch, s < x->num_sets ? s : x->num_sets - 1, w->values);
    gkt_scalar *to = out + (gkt_size)(s / GKT_LANES) * (end - begin) * m->tensor_size * GKT_LANES + s % GKT_LANES;
    for (gkt_idx first = begin; first < end; first += GKT_LANES) {
      gkt_idx last = end - first < GKT_LANES ? end : first + GKT_LANES;
      gkt_map_interpret(m, group, &inputs, first, last, w->workspace, tile);
      for (gkt_idx c = 0; c < last - first; c++)
        for (int i = 0; i < m->tensor_size; i++, to += GKT_LANES) *to = tile[(gkt_size)i * GKT_LANES + c];
    }
  }
}

void gkt_interpreter_add_sets(const gkt_pass *x, gkt_share share, const gkt_worker *w) {
  const gkt_map *m = x->a->maps[share.map];
  const gkt_group *g = &m->groups[share.group];
  gkt_scalar *tensors = w->workspace + gkt_map_workspace(m) + (gkt_size)m->tensor_size * GKT_LANES;
  for (gkt_idx first = g->begin[share.chunk], step = gkt_group_step(g); first < g->begin[share.chunk + 1]; first += step) {
    gkt_idx left = g->begin[share.chunk + 1] - first, count = left < step ? left : step;
    interpret(x, m, share.group, first, first + count, w, tensors);
    for (int k = 0; k < x->num_groups; k++)
      gkt_fused_add_sets(x->a->targets.all[0].reduce, share.chunk, count, g->cells ? g->cells + first : NULL, first, tensors + (gkt_size)k * count * m->tensor_size * GKT_LANES,
                         w->sums + k * x->group_stride);
  }
}
