/* The cells of one type out of an MSH file: repetitions merged, in the order of their nodes. */
#include <string.h>

#include "meshes/group.h"
#include "meshes/msh.h"

static gkt_cell_list list_of(const gkt_msh_builder *b, const gkt_msh_cells *k) {
  const gkt_msh_type *t = &gkt_msh_types[k->type];
  return (gkt_cell_list){b->num_nodes, b->f->elements[k->type].count, b->f->elements[k->type].nodes, t->num_nodes, gkt_cell_topologies[t->cell].num_vertices};
}

/* MSH 2.2 repeats an element for each of its physical groups: the same nodes in the same order under another physical tag. */
static bool is_repetition(const gkt_msh_builder *b, const gkt_msh_cells *k, const gkt_idx *run_of, gkt_idx first, gkt_idx second) {
  const gkt_msh *f = b->f;
  size_t n = (size_t)gkt_msh_types[k->type].num_nodes;
  const gkt_msh_run *r = &f->runs[run_of[first]], *s = &f->runs[run_of[second]];
  const gkt_idx *nodes = f->elements[k->type].nodes;
  return r->entity == s->entity && r->physical != s->physical && memcmp(nodes + n * (size_t)first, nodes + n * (size_t)second, n * sizeof *nodes) == 0;
}

/* same [count]: the element before each one with the same vertices, -1: none; afterwards the one that it repeats, itself: none. A true duplicate stays: it will be refused. */
static gkt_status find_repetitions(const gkt_msh_builder *b, const gkt_msh_cells *k, gkt_idx *same) {
  const gkt_msh *f = b->f;
  gkt_idx *run_of = NULL, count = f->elements[k->type].count;
  GKT_TRY(gkt_alloc(f->ctx, count, sizeof *run_of, &run_of));
  for (gkt_idx r = 0; r < f->num_runs; r++)
    for (gkt_idx i = 0; f->runs[r].type == k->type && i < f->runs[r].count; i++) run_of[f->runs[r].first + i] = r;
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx before = same[i] < 0 ? -1 : same[same[i]];
    same[i] = before >= 0 && is_repetition(b, k, run_of, before, i) ? before : i;
  }
  gkt_free(&run_of);
  return GKT_OK;
}

/* Takes what repeats another element out of `from`. */
static gkt_status merge_repetitions(gkt_msh_builder *b, gkt_msh_cells *k, const gkt_cell_list *list, const gkt_idx *start) {
  gkt_idx *same = NULL, *cell_of = b->entities[k->type], repeated;
  gkt_status status;
  GKT_GO(gkt_alloc(b->f->ctx, list->count, sizeof *same, &same));
  GKT_GO(gkt_cells_find_repeated(b->f->ctx, list, start, k->from, same, &repeated));
  GKT_GO(find_repetitions(b, k, same));
  k->num_cells = 0;
  for (gkt_idx i = 0; i < list->count; i++)
    if (same[k->from[i]] == k->from[i]) k->from[k->num_cells++] = k->from[i];
  for (gkt_idx c = 0; c < k->num_cells; c++) cell_of[k->from[c]] = c;
  for (gkt_idx i = 0; i < list->count; i++) cell_of[i] = cell_of[same[i]];
done:
  gkt_free(&same);
  return status;
}

/* By their lowest nodes; those that share it in the order of the file. */
gkt_status gkt_msh_number_cells(gkt_msh_builder *b, gkt_msh_cells *k) {
  gkt_cell_list list = list_of(b, k);
  gkt_idx *start = NULL, repeated = -1;
  int threads = gkt_threads_for(b->f->ctx, list.count);
  gkt_status status;
  GKT_GO(gkt_group_cells(b->f->ctx, &list, &start, &k->from));
  GKT_GO(gkt_alloc(b->f->ctx, list.count, sizeof *k->from, &b->entities[k->type]));
  k->num_cells = list.count;
  if (b->f->version < 4) GKT_GO(gkt_cells_find_repeated(b->f->ctx, &list, start, k->from, NULL, &repeated));
  if (repeated >= 0) GKT_GO(merge_repetitions(b, k, &list, start));
  else {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (gkt_idx c = 0; c < k->num_cells; c++) b->entities[k->type][k->from[c]] = c;
  }
done:
  gkt_free(&start);
  return status;
}
