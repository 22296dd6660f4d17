/* Cells that have the vertices of another one, among those with the same lowest vertex. */
#include <omp.h>

#include "meshes/group.h"

static void list_lowest(const void *user, gkt_idx first, gkt_idx count, gkt_idx *keys) {
  const gkt_cell_list *k = user;
  const gkt_idx *nodes = k->nodes + (gkt_size)first * k->stride;
  for (gkt_idx c = 0; c < count; c++, nodes += k->stride) {
    gkt_idx lowest = nodes[0];
    for (int i = 1; i < k->num_vertices; i++) lowest = nodes[i] < lowest ? nodes[i] : lowest;
    keys[c] = lowest;
  }
}

gkt_status gkt_group_cells(gkt_context *ctx, const gkt_cell_list *list, gkt_idx **start, gkt_idx **cells) {
  return gkt_group_by_key(ctx, list->num_nodes, list_lowest, list, list->count, start, cells);
}

static void list_sorted(const gkt_cell_list *k, gkt_idx cell, gkt_idx v[8]) {
  for (int i = 0; i < k->num_vertices; i++) v[i] = k->nodes[(gkt_size)cell * k->stride + i];
  gkt_tuple_sort(k->num_vertices, v);
}

/* Equal vertices give equal numbers, others hardly ever. */
static uint64_t hash_vertices(const gkt_cell_list *k, gkt_idx cell) {
  uint64_t sum = 0;
  for (int i = 0; i < k->num_vertices; i++) {
    uint64_t x = (uint64_t)k->nodes[(gkt_size)cell * k->stride + i] * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    sum += x ^ x >> 32;
  }
  return sum;
}

static bool are_equal(const gkt_cell_list *k, gkt_idx a, gkt_idx b) {
  gkt_idx v[8], w[8];
  list_sorted(k, a, v), list_sorted(k, b, w);
  for (int i = 0; i < k->num_vertices; i++)
    if (v[i] != w[i]) return false;
  return true;
}

/* In a group; returns the first that repeats, or INT32_MAX. */
static gkt_idx compare_group(const gkt_cell_list *k, gkt_idx n, const gkt_idx *cells, gkt_entry *e, gkt_idx *before) {
  gkt_idx first = INT32_MAX;
  for (gkt_idx i = 0; i < n; i++) e[i] = (gkt_entry){hash_vertices(k, cells[i]), (uint64_t)cells[i]};
  gkt_entries_sort(e, n);
  for (gkt_idx i = 0; i < n; i++) {
    gkt_idx cell = (gkt_idx)e[i].low, j = i - 1;
    while (j >= 0 && e[j].high == e[i].high && !are_equal(k, (gkt_idx)e[j].low, cell)) j--;
    const bool found = j >= 0 && e[j].high == e[i].high;
    if (before) before[cell] = found ? (gkt_idx)e[j].low : -1;
    if (found && cell < first) first = cell;
  }
  return first;
}

gkt_status gkt_cells_find_repeated(gkt_context *ctx, const gkt_cell_list *k, const gkt_idx *start, const gkt_idx *cells, gkt_idx *before, gkt_idx *first) {
  int threads = gkt_threads_for(ctx, (gkt_size)k->count * k->num_vertices);
  gkt_entry *scratch = NULL;
  gkt_idx room, least = INT32_MAX;
  GKT_TRY(gkt_group_scratch(ctx, k->num_nodes, start, threads, &room, &scratch));
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4096) reduction(min : least)
  for (gkt_idx v = 0; v < k->num_nodes; v++) {
    gkt_idx found = compare_group(k, start[v + 1] - start[v], cells + start[v], scratch + (gkt_size)omp_get_thread_num() * room, before);
    least = found < least ? found : least;
  }
  *first = least == INT32_MAX ? -1 : least;
  gkt_free(&scratch);
  return GKT_OK;
}
