/* A stable counting sort. Each thread counts and places one part of the items behind those of the parts before it, so that the order is that of one thread. */
#include <stdlib.h>
#include <string.h>

#include "meshes/group.h"

enum { AT_ONCE = 512, MOST_PARTS = 64 };

typedef struct {
  gkt_idx num_keys, count, *places, *items; /* places [parts][num_keys]: counts, then where the next item of a part and key goes */
  gkt_list_keys *list_keys;
  const void *user;
  int parts;
} grouping;

static gkt_idx first_of(const grouping *g, int part) { return (gkt_idx)((gkt_size)g->count * part / g->parts); }

static void count_part(const grouping *g, int part) {
  gkt_idx keys[AT_ONCE], *counts = g->places + (gkt_size)part * g->num_keys, end = first_of(g, part + 1);
  memset(counts, 0, (size_t)g->num_keys * sizeof *counts);
  for (gkt_idx first = first_of(g, part), n; first < end; first += n) {
    n = end - first < AT_ONCE ? end - first : AT_ONCE;
    g->list_keys(g->user, first, n, keys);
    for (gkt_idx i = 0; i < n; i++) counts[keys[i]]++;
  }
}

static void place_part(const grouping *g, int part) {
  gkt_idx keys[AT_ONCE], *places = g->places + (gkt_size)part * g->num_keys, end = first_of(g, part + 1);
  for (gkt_idx first = first_of(g, part), n; first < end; first += n) {
    n = end - first < AT_ONCE ? end - first : AT_ONCE;
    g->list_keys(g->user, first, n, keys);
    for (gkt_idx i = 0; i < n; i++) g->items[places[keys[i]]++] = first + i;
  }
}

static void sum_counts(const grouping *g, gkt_idx *start) {
  gkt_idx next = 0;
  for (gkt_idx k = 0; k < g->num_keys; k++) {
    start[k] = next;
    for (int p = 0; p < g->parts; p++) {
      gkt_idx *at = &g->places[(gkt_size)p * g->num_keys + k], n = *at;
      *at = next;
      next += n;
    }
  }
  start[g->num_keys] = next;
}

/* Counts take no more memory than the items. */
static int choose_parts(const gkt_context *ctx, gkt_idx num_keys, gkt_idx count) {
  int parts = gkt_threads_for(ctx, count);
  if (parts > MOST_PARTS) parts = MOST_PARTS;
  if ((gkt_size)parts * num_keys > count) parts = (int)(count / (num_keys > 0 ? num_keys : 1));
  return parts > 1 ? parts : 1;
}

gkt_status gkt_group_by_key(gkt_context *ctx, gkt_idx num_keys, gkt_list_keys *list_keys, const void *user, gkt_idx count, gkt_idx **start, gkt_idx **items) {
  grouping g = {.num_keys = num_keys, .count = count, .list_keys = list_keys, .user = user, .parts = choose_parts(ctx, num_keys, count)};
  gkt_idx *begin = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_keys + 1, sizeof *begin, &begin));
  GKT_GO(gkt_alloc(ctx, (gkt_size)g.parts * num_keys, sizeof *g.places, &g.places));
  GKT_GO(gkt_alloc(ctx, count, sizeof *g.items, &g.items));
#pragma omp parallel for num_threads(g.parts) schedule(static, 1)
  for (int p = 0; p < g.parts; p++) count_part(&g, p);
  sum_counts(&g, begin);
#pragma omp parallel for num_threads(g.parts) schedule(static, 1)
  for (int p = 0; p < g.parts; p++) place_part(&g, p);
  *start = begin, *items = g.items;
  begin = g.items = NULL;
done:
  gkt_free(&begin);
  gkt_free(&g.places);
  gkt_free(&g.items);
  return status;
}

gkt_status gkt_group_scratch(gkt_context *ctx, gkt_idx num_keys, const gkt_idx *start, int threads, gkt_idx *room, gkt_entry **scratch) {
  gkt_idx most = 1;
  for (gkt_idx k = 0; k < num_keys; k++) most = start[k + 1] - start[k] > most ? start[k + 1] - start[k] : most;
  *room = most;
  return gkt_alloc(ctx, (gkt_size)threads * most, sizeof **scratch, scratch);
}

static bool is_before(const gkt_entry *a, const gkt_entry *b) { return a->high != b->high ? a->high < b->high : a->low < b->low; }

static int compare(const void *a, const void *b) { return is_before(a, b) ? -1 : is_before(b, a); }

void gkt_entries_sort(gkt_entry *e, gkt_idx n) {
  if (n > 64) {
    qsort(e, (size_t)n, sizeof *e, compare);
    return;
  }
  for (gkt_idx i = 1; i < n; i++) {
    gkt_entry x = e[i];
    gkt_idx j = i;
    for (; j > 0 && is_before(&x, &e[j - 1]); j--) e[j] = e[j - 1];
    e[j] = x;
  }
}
