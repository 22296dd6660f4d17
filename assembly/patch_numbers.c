/* Numbers of a patch for numbers of the mesh: a table with open addressing, small enough for a second-level cache. */
#include <string.h>

#include "assembly/patches_plan.h"

gkt_status gkt_patch_numbers_create(gkt_context *ctx, gkt_idx most, gkt_patch_numbers *n) {
  n->capacity = 64;
  while (n->capacity < 2 * most) n->capacity *= 2;
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->keys, &n->keys));
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->values, &n->values));
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->listed, &n->listed));
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->scratch, &n->scratch));
  gkt_patch_numbers_clear(n);
  return GKT_OK;
}

void gkt_patch_numbers_clear(gkt_patch_numbers *n) {
  memset(n->keys, 0xFF, (size_t)n->capacity * sizeof *n->keys);
  n->count = 0;
}

void gkt_patch_numbers_free(gkt_patch_numbers *n) {
  gkt_free(&n->keys);
  gkt_free(&n->values);
  gkt_free(&n->listed);
  gkt_free(&n->scratch);
}

static gkt_idx find_place(const gkt_patch_numbers *n, gkt_idx key) {
  gkt_idx at = (gkt_idx)((uint32_t)key * 2654435769u >> 7) & (n->capacity - 1);
  while (n->keys[at] >= 0 && n->keys[at] != key) at = (at + 1) & (n->capacity - 1);
  return at;
}

bool gkt_patch_numbers_add(gkt_patch_numbers *n, gkt_idx key) {
  const gkt_idx at = find_place(n, key);
  if (n->keys[at] == key) return false;
  n->keys[at] = key, n->values[at] = n->count, n->listed[n->count++] = key;
  return true;
}

/* By bytes, the lowest first; bytes that all keys share are passed over. */
void gkt_patch_sort(gkt_idx count, gkt_idx *keys, gkt_idx *scratch) {
  gkt_idx *from = keys, *to = scratch, either = 0, all = -1;
  for (gkt_idx k = 0; k < count; k++) either |= keys[k], all &= keys[k];
  for (int shift = 0; shift < 32; shift += 8) {
    gkt_idx next[257] = {0};
    if (((either ^ all) >> shift & 255) == 0) continue;
    for (gkt_idx k = 0; k < count; k++) next[(from[k] >> shift & 255) + 1]++;
    for (int b = 0; b < 256; b++) next[b + 1] += next[b];
    for (gkt_idx k = 0; k < count; k++) to[next[from[k] >> shift & 255]++] = from[k];
    gkt_idx *swap = from;
    from = to, to = swap;
  }
  if (from != keys) memcpy(keys, from, (size_t)count * sizeof *keys);
}

void gkt_patch_numbers_sort(gkt_patch_numbers *n) {
  gkt_patch_sort(n->count, n->listed, n->scratch);
  for (gkt_idx k = 0; k < n->count; k++) n->values[find_place(n, n->listed[k])] = k;
}

gkt_idx gkt_patch_numbers_find(const gkt_patch_numbers *n, gkt_idx key) { return n->values[find_place(n, key)]; }
