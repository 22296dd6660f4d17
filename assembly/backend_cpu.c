/* The row of compiled kernels: the C text of all maps as one module. */
#include <string.h>

#include "assembly/backend.h"

/* A function of the module, into *out, a pointer to a function. */
static gkt_status find(const gkt_assembler *a, const gkt_module *module, const char *name, void *out) {
  void *symbol = gkt_module_symbol(module, name);
  if (!symbol) return gkt_fail(a->ctx, GKT_INTERNAL, "the compiled module has no function %s", name);
  memcpy(out, &symbol, sizeof symbol); /* an object pointer to a function pointer, as POSIX allows */
  return GKT_OK;
}

static gkt_status find_map(const gkt_assembler *a, const gkt_module *module, int map, gkt_map_kernel **out) {
  char name[32];
  snprintf(name, sizeof name, "gkt_map_%d", map);
  return find(a, module, name, out);
}

static gkt_status find_adder(const gkt_assembler *a, const gkt_module *module, int map, int coupling, gkt_add_kernel **out) {
  char name[48];
  snprintf(name, sizeof name, "gkt_add_%d_%d", map, coupling);
  return find(a, module, name, out);
}

gkt_status gkt_cpu_compile(const gkt_assembler *a, gkt_module **module, gkt_map_kernel **kernels, gkt_add_kernel **adders) {
  gkt_text text = {.ctx = a->ctx};
  gkt_status status;
  bool any = false;
  for (int k = 0; k < a->num_maps; k++) any |= gkt_map_has_work(a->maps[k]);
  if (!any) return GKT_OK;
  GKT_GO(gkt_assembler_source(a, -1, GKT_BACKEND_CPU, !adders, &text));
  GKT_GO(gkt_module_compile(a->ctx, text.data, module));
  for (int k = 0; k < a->num_maps; k++) {
    if (!gkt_map_has_work(a->maps[k])) continue;
    GKT_GO(find_map(a, *module, k, &kernels[k]));
    for (int c = 0; adders && c < a->maps[k]->num_couplings && a->maps[k]->into < 0; c++)
      if (gkt_reduce_takes_sets(a->targets.all[a->maps[k]->couplings[c].target].reduce)) GKT_GO(find_adder(a, *module, k, c, &adders[k * a->targets.count + c]));
  }
done:
  gkt_text_free(&text);
  return status;
}

gkt_size gkt_cpu_workspace(const gkt_map *m, int groups) {
  (void)m, (void)groups;
  return 0;
}

/* Maps that add to the tensors of this one, which run over the same cells. */
static void add_others(const gkt_assembler *a, int map, const gkt_inputs *inputs, gkt_idx first, gkt_idx last, gkt_scalar *tensors) {
  for (int k = 0; k < a->num_maps; k++) {
    if (a->maps[k]->into != map) continue;
    const gkt_map_data data = gkt_assembler_data(a, a->maps[k], &a->maps[k]->groups[0], first, inputs);
    a->kernels[k](&data, first, last, tensors);
  }
}

void gkt_cpu_add(const gkt_assembler *a, gkt_share share, const gkt_inputs *inputs, const gkt_worker *w) {
  const gkt_map *m = a->maps[share.map];
  const gkt_group *g = &m->groups[share.group];
  gkt_idx step = g->has_own_row ? 1 : gkt_map_tiles(m) * GKT_LANES, end = g->begin[share.chunk + 1];
  gkt_map_data data;
  for (gkt_idx first = g->begin[share.chunk]; first < end; first += step) {
    gkt_idx last = end - first < step ? end : first + step;
    if (first == g->begin[share.chunk] || g->has_own_row) data = gkt_assembler_data(a, m, g, first, inputs);
    a->kernels[share.map](&data, first, last, w->tensors);
    add_others(a, share.map, inputs, first, last, w->tensors);
    gkt_host_add(a, share, w, first, last - first);
  }
}

void gkt_cpu_add_sets(const gkt_pass *x, gkt_share share, const gkt_worker *w) {
  const gkt_map *m = x->a->maps[share.map];
  const gkt_group *g = &m->groups[share.group];
  const gkt_reduce *r = x->a->targets.all[0].reduce;
  const gkt_chunk *c = &r->chunks[share.chunk];
  gkt_idx end = g->begin[share.chunk + 1], last;
  for (gkt_idx first = g->begin[share.chunk]; first < end; first = last) {
    gkt_map_data data = gkt_assembler_data(x->a, m, g, first, &x->inputs);
    data.num_sets = x->num_sets, data.strides = x->a->batch->strides, data.constants_stride = x->batch->constants_stride;
    data.slots = r->slots + c->first_slot, data.first_cell = c->first, data.group_stride = x->group_stride;
    last = g->has_own_row ? first + 1 : end;
    x->a->batch->kernels[share.map](&data, first, last, w->sums);
  }
}
