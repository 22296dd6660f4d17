#include "assembly/part.h"

#include <string.h>

/* Targets whose tensors are computed: those that are taken, and what they are copied from. */
static void find_computed(const gkt_assembler *a, const bool *taken, bool *computed) {
  memcpy(computed, taken, (size_t)a->targets.count * sizeof *computed);
  for (int k = 0; k < a->num_maps; k++)
    for (int c = 0; c < a->maps[k]->num_couplings; c++) {
      const gkt_coupling *one = &a->maps[k]->couplings[c];
      if (taken[one->target] && one->transposed_of >= 0) computed[a->maps[k]->couplings[one->transposed_of].target] = true;
    }
}

/* Couplings move together, and their tensors with them. */
static gkt_status copy_map(const gkt_map *m, const bool *computed, gkt_map **out) {
  gkt_map *part;
  GKT_TRY(gkt_calloc(m->ctx, 1, sizeof *part, out));
  part = *out;
  *part = *m;
  part->couplings = NULL, part->num_couplings = 0, part->tensor_size = 0;
  GKT_TRY(gkt_calloc(m->ctx, m->num_couplings, sizeof *part->couplings, &part->couplings));
  for (int c = 0; c < m->num_couplings; c++) {
    const gkt_coupling *from = &m->couplings[c];
    gkt_coupling *to = &part->couplings[part->num_couplings];
    if (!computed[from->target]) continue;
    *to = *from;
    to->tensor_first = part->tensor_size, part->tensor_size += from->tensor_size, part->num_couplings++;
    for (int k = 0; from->transposed_of >= 0 && k < part->num_couplings; k++)
      if (part->couplings[k].target == m->couplings[from->transposed_of].target) to->transposed_of = k;
  }
  if (part->num_couplings == 0) part->into = -1; /* adds nothing */
  return GKT_OK;
}

static gkt_status copy_maps(const gkt_assembler *a, const bool *taken, gkt_assembler *part) {
  bool *computed = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, a->num_maps, sizeof *part->maps, &part->maps));
  GKT_GO(gkt_alloc(a->ctx, a->targets.count, sizeof *computed, &computed));
  find_computed(a, taken, computed);
  for (int k = 0; k < a->num_maps; k++) GKT_GO(copy_map(a->maps[k], computed, &part->maps[k]));
  for (int k = 0; k < a->num_maps; k++)
    if (part->maps[k]->into >= 0) gkt_map_take_places(part->maps[k], part->maps[part->maps[k]->into]);
done:
  gkt_free(&computed);
  return status;
}

static gkt_status copy_targets(const gkt_assembler *a, const bool *taken, gkt_assembler *part) {
  part->targets.all = NULL;
  GKT_TRY(gkt_alloc(a->ctx, a->targets.count, sizeof *part->targets.all, &part->targets.all));
  for (int k = 0; k < a->targets.count; k++) {
    part->targets.all[k] = a->targets.all[k];
    if (!taken[k]) part->targets.all[k].reduce = NULL;
  }
  return GKT_OK;
}

gkt_status gkt_assembler_part_create(const gkt_assembler *a, const bool *taken, gkt_assembler **out) {
  gkt_assembler *part = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(a->ctx, 1, sizeof *part, &part));
  *part = *a;
  part->maps = NULL, part->targets.all = NULL;
  GKT_GO(copy_maps(a, taken, part));
  GKT_GO(copy_targets(a, taken, part));
  *out = part, part = NULL;
done:
  gkt_assembler_part_destroy(&part);
  return status;
}

void gkt_assembler_part_destroy(gkt_assembler **assembler) {
  gkt_assembler *part = *assembler;
  if (!part) return;
  for (int k = 0; part->maps && k < part->num_maps; k++)
    if (part->maps[k]) gkt_free(&part->maps[k]->couplings), gkt_free(&part->maps[k]);
  gkt_free(&part->maps);
  gkt_free(&part->targets.all);
  gkt_free(assembler);
}
