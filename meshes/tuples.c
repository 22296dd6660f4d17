/* Distinct entities by their vertices: a counting sort by the smallest vertex, then small sorts within its bucket. */
#include <stdlib.h>

#include "meshes/mesh.h"

typedef struct {
  uint64_t high; /* second and third entry */
  uint32_t low;  /* fourth */
  gkt_idx item;
} entry;

static bool is_before(const entry *a, const entry *b) { return a->high != b->high ? a->high < b->high : a->low != b->low ? a->low < b->low : a->item < b->item; }

static int compare(const void *a, const void *b) { return is_before(a, b) ? -1 : 1; }

static void sort_bucket(entry *e, gkt_idx n) {
  if (n > 64) {
    qsort(e, (size_t)n, sizeof *e, compare);
    return;
  }
  for (gkt_idx i = 1; i < n; i++) {
    entry x = e[i];
    gkt_idx j = i;
    for (; j > 0 && is_before(&x, &e[j - 1]); j--) e[j] = e[j - 1];
    e[j] = x;
  }
}

static entry make_entry(int k, const gkt_idx *t, gkt_idx item) {
  entry e = {.item = item};
  if (k > 1) e.high = (uint64_t)t[1] << 32;
  if (k > 2) e.high |= (uint32_t)t[2];
  if (k > 3) e.low = (uint32_t)t[3];
  return e;
}

/* k <= 4; successive tuples begin `stride` entries apart. */
static gkt_status number_short(gkt_context *ctx, gkt_idx num_vertices, int k, int stride, gkt_idx count, const gkt_idx *tuples, gkt_idx *numbers, gkt_idx *num_distinct) {
  gkt_idx *start = NULL, next = 0;
  entry *entries = NULL;
  gkt_status status = GKT_OK;
  GKT_GO(gkt_calloc(ctx, (gkt_size)num_vertices + 2, sizeof *start, &start));
  GKT_GO(gkt_alloc(ctx, count, sizeof *entries, &entries));
  for (gkt_idx i = 0; i < count; i++) start[tuples[(gkt_size)stride * i] + 2]++;
  for (gkt_idx v = 0; v < num_vertices; v++) start[v + 2] += start[v + 1];
  for (gkt_idx i = 0; i < count; i++) {
    const gkt_idx *t = tuples + (gkt_size)stride * i;
    entries[start[t[0] + 1]++] = make_entry(k, t, i);
  }
  for (gkt_idx v = 0; v < num_vertices; v++) {
    entry *e = entries + start[v];
    gkt_idx n = start[v + 1] - start[v];
    sort_bucket(e, n);
    for (gkt_idx i = 0; i < n; i++) {
      next += i == 0 || e[i].high != e[i - 1].high || e[i].low != e[i - 1].low;
      numbers[e[i].item] = next - 1;
    }
  }
  *num_distinct = next;
done:
  gkt_free(&start);
  gkt_free(&entries);
  return status;
}

/* Longer tuples: by their first four entries, then by the number that these got and the next three, and so on. */
gkt_status gkt_tuples_number(gkt_context *ctx, gkt_idx num_vertices, int k, gkt_idx count, const gkt_idx *tuples, gkt_idx *numbers, gkt_idx *num_distinct) {
  gkt_idx *next = NULL;
  gkt_status status;
  GKT_TRY(number_short(ctx, num_vertices, k < 4 ? k : 4, k, count, tuples, numbers, num_distinct));
  if (k <= 4) return GKT_OK;
  GKT_TRY(gkt_alloc(ctx, 4 * (gkt_size)count, sizeof *next, &next));
  for (int done_to = 4; done_to < k; done_to += 3) {
    int n = k - done_to < 3 ? k - done_to : 3;
    for (gkt_idx i = 0; i < count; i++) {
      next[4 * (gkt_size)i] = numbers[i];
      for (int j = 0; j < n; j++) next[4 * (gkt_size)i + 1 + j] = tuples[(gkt_size)k * i + done_to + j];
    }
    GKT_GO(number_short(ctx, *num_distinct, 1 + n, 4, count, next, numbers, num_distinct));
  }
done:
  gkt_free(&next);
  return status;
}

bool gkt_tuple_sort(int k, gkt_idx *t) {
  bool odd = false;
  for (int i = 1; i < k; i++)
    for (int j = i; j > 0 && t[j] < t[j - 1]; j--) {
      gkt_idx swap = t[j];
      t[j] = t[j - 1];
      t[j - 1] = swap;
      odd = !odd;
    }
  return odd;
}

/* Unused places, -1, stand behind all numbers. */
gkt_idx gkt_mesh_entity_find(const gkt_mesh *mesh, int d, int num_vertices, const gkt_idx *vertices) {
  gkt_idx key[4] = {-1, -1, -1, -1}, low = 0, high = mesh->num_entities[d];
  int k = mesh->vertices_per_entity[d];
  if (num_vertices > k) return -1;
  for (int i = 0; i < num_vertices; i++) key[i] = vertices[i];
  gkt_tuple_sort(num_vertices, key);
  while (low < high) {
    gkt_idx middle = low + (high - low) / 2;
    const gkt_idx *t = mesh->entity_vertices[d] + (gkt_size)k * middle;
    int i = 0;
    while (i < k && t[i] == key[i]) i++;
    if (i == k) return middle;
    if ((uint32_t)t[i] < (uint32_t)key[i]) low = middle + 1;
    else high = middle;
  }
  return -1;
}
