/* Numbers of a patch for numbers of the mesh: a table with open addressing, small enough for a second-level cache. */
#include <stdlib.h>
#include <string.h>

#include "assembly/patches_plan.h"

gkt_status gkt_patch_numbers_create(gkt_context *ctx, gkt_idx most, gkt_patch_numbers *n) {
  n->capacity = 64;
  while (n->capacity < 2 * most) n->capacity *= 2;
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->keys, &n->keys));
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->values, &n->values));
  GKT_TRY(gkt_alloc(ctx, n->capacity, sizeof *n->listed, &n->listed));
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

static int compare(const void *a, const void *b) {
  const gkt_idx x = *(const gkt_idx *)a, y = *(const gkt_idx *)b;
  return (x > y) - (x < y);
}

void gkt_patch_numbers_sort(gkt_patch_numbers *n) {
  qsort(n->listed, (size_t)n->count, sizeof *n->listed, compare);
  for (gkt_idx k = 0; k < n->count; k++) n->values[find_place(n, n->listed[k])] = k;
}

gkt_idx gkt_patch_numbers_find(const gkt_patch_numbers *n, gkt_idx key) { return n->values[find_place(n, key)]; }
