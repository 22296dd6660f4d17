/* The cells of one type out of an MSH file: repetitions merged, in the order of their nodes. */
#include <string.h>

#include "meshes/msh.h"

/* MSH 2.2 repeats an element for each of its physical groups: the same nodes in the same order under another physical tag. */
static bool is_repetition(const gkt_msh_builder *b, const gkt_msh_cells *k, const gkt_idx *run_of, gkt_idx first, gkt_idx second) {
  const gkt_msh *f = b->f;
  size_t n = (size_t)gkt_msh_types[k->type].num_nodes;
  const gkt_msh_run *r = &f->runs[run_of[first]], *s = &f->runs[run_of[second]];
  const gkt_idx *nodes = f->elements[k->type].nodes;
  return r->entity == s->entity && r->physical != s->physical && memcmp(nodes + n * (size_t)first, nodes + n * (size_t)second, n * sizeof *nodes) == 0;
}

static gkt_status merge_repetitions(gkt_msh_builder *b, gkt_msh_cells *k, const gkt_idx *numbers, gkt_idx distinct) {
  const gkt_msh *f = b->f;
  gkt_idx *run_of = NULL, *first = NULL, count = f->elements[k->type].count;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, count, sizeof *run_of, &run_of));
  GKT_GO(gkt_calloc(f->ctx, distinct, sizeof *first, &first));
  for (gkt_idx r = 0; r < f->num_runs; r++)
    for (gkt_idx i = 0; f->runs[r].type == k->type && i < f->runs[r].count; i++) run_of[f->runs[r].first + i] = r;
  k->num_cells = 0;
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx before = first[numbers[i]] - 1;
    if (before >= 0 && is_repetition(b, k, run_of, before, i)) {
      b->entities[k->type][i] = b->entities[k->type][before];
      continue;
    }
    first[numbers[i]] = i + 1; /* a true duplicate stays: the check of the mesh refuses it */
    k->from[k->num_cells] = i;
    b->entities[k->type][i] = k->num_cells++;
  }
done:
  gkt_free(&run_of);
  gkt_free(&first);
  return status;
}

static gkt_status merge_cells(gkt_msh_builder *b, gkt_msh_cells *k) {
  const gkt_msh *f = b->f;
  const gkt_msh_elements *cells = &f->elements[k->type];
  gkt_idx *tuples = NULL, *numbers = NULL, distinct;
  int n = gkt_msh_types[k->type].num_nodes, corners = gkt_cell_topologies[gkt_msh_types[k->type].cell].num_vertices;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *k->from, &k->from));
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *k->from, &b->entities[k->type]));
  k->num_cells = cells->count;
  for (gkt_idx i = 0; i < cells->count; i++) k->from[i] = b->entities[k->type][i] = i;
  if (f->version == 4) goto done;
  GKT_GO(gkt_alloc(f->ctx, (gkt_size)cells->count * corners, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *numbers, &numbers));
  for (gkt_idx i = 0; i < cells->count; i++) {
    memcpy(tuples + (gkt_size)corners * i, cells->nodes + (gkt_size)n * i, (size_t)corners * sizeof *tuples);
    gkt_tuple_sort(corners, tuples + (gkt_size)corners * i);
  }
  GKT_GO(gkt_tuples_number(f->ctx, f->num_nodes, corners, cells->count, tuples, numbers, &distinct));
  if (distinct < cells->count) GKT_GO(merge_repetitions(b, k, numbers, distinct));
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  return status;
}

static gkt_status order_cells(gkt_msh_builder *b, gkt_msh_cells *k) {
  const gkt_msh *f = b->f;
  const gkt_msh_elements *elements = &f->elements[k->type];
  gkt_idx *keys = NULL, *order = NULL, *cell_of = b->entities[k->type];
  int n = gkt_msh_types[k->type].num_nodes, corners = gkt_cell_topologies[gkt_msh_types[k->type].cell].num_vertices;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, k->num_cells, sizeof *keys, &keys));
  GKT_GO(gkt_alloc(f->ctx, k->num_cells, sizeof *order, &order));
  for (gkt_idx c = 0; c < k->num_cells; c++) {
    const gkt_idx *nodes = elements->nodes + (gkt_size)n * k->from[c];
    keys[c] = b->node_of[nodes[0]];
    for (int i = 1; i < corners; i++) keys[c] = b->node_of[nodes[i]] < keys[c] ? b->node_of[nodes[i]] : keys[c];
  }
  GKT_GO(gkt_order_by_key(f->ctx, b->num_nodes, keys, k->num_cells, order));
  for (gkt_idx c = 0; c < k->num_cells; c++) keys[c] = k->from[order[c]];
  memcpy(k->from, keys, (size_t)k->num_cells * sizeof *keys);
  for (gkt_idx c = 0; c < k->num_cells; c++) keys[order[c]] = c; /* from the old to the new number */
  for (gkt_idx e = 0; e < elements->count; e++) cell_of[e] = keys[cell_of[e]];
done:
  gkt_free(&keys);
  gkt_free(&order);
  return status;
}

gkt_status gkt_msh_number_cells(gkt_msh_builder *b, gkt_msh_cells *k) {
  GKT_TRY(merge_cells(b, k));
  return order_cells(b, k);
}
