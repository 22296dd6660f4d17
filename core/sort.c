/* Scans and sorts on the device: what sort.cu computes. */
#include "core/sort.h"

#include "core/embed.h"
#include "core/sort_arguments.h"

GKT_EMBED(gkt_sort_arguments_text, "core/sort_arguments.h");
GKT_EMBED(gkt_block_scan_text, "core/block_scan.cu");
GKT_EMBED(sort_text, "core/sort.cu");
const char *const gkt_sort_kernels[] = {gkt_sort_arguments_text, gkt_block_scan_text, sort_text, NULL};

static gkt_status launch(gkt_device *device, const char *kernel, gkt_size blocks, gkt_size shared, const void *arguments, size_t size) {
  return gkt_device_launch_kept(device, gkt_sort_kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = GKT_TILE_THREADS, .shared = shared}, arguments, size);
}

/* ---- scans ---- */
static gkt_status scan(gkt_device *device, const gkt_scan_arguments *a) {
  GKT_TRY(launch(device, "gkt_scan_sum", a->tiles, GKT_SCAN_SHARED, a, sizeof *a));
  GKT_TRY(launch(device, "gkt_scan_parts", 1, GKT_SCAN_SHARED, a, sizeof *a));
  return launch(device, "gkt_scan_tiles", a->tiles, GKT_SCAN_SHARED, a, sizeof *a);
}

gkt_status gkt_device_scan(gkt_device *device, gkt_size count, const gkt_idx *in, gkt_idx *out, gkt_size *total) {
  gkt_array(gkt_size) parts = {0};
  gkt_size sum = 0;
  gkt_status status;
  gkt_scan_arguments a = {.in = in, .out = out, .count = count, .tiles = gkt_blocks_for(count, GKT_TILE)};
  GKT_GO(gkt_device_alloc(device, a.tiles + 1, sizeof *a.parts, "sums of tiles", &parts));
  a.parts = parts.at;
  GKT_GO(scan(device, &a));
  if (total) GKT_GO(gkt_device_download(device, parts.at + a.tiles, &sum, sizeof sum));
  if (total) *total = sum;
done:
  gkt_device_free(device, &parts);
  return status;
}

/* ---- sorts ---- */
typedef struct {
  gkt_device *device;
  int key_bytes;
  gkt_bytes keys;
  gkt_indices values, counts;
} room;

static gkt_status allocate(room *r, gkt_size count) {
  GKT_TRY(gkt_device_alloc(r->device, count, (size_t)r->key_bytes, "keys of a sort", &r->keys));
  GKT_TRY(gkt_device_alloc(r->device, count, sizeof(gkt_idx), "numbers of a sort", &r->values));
  return gkt_device_alloc(r->device, GKT_DIGITS * gkt_blocks_for(count, GKT_TILE) + 1, sizeof(gkt_idx), "digits of a sort", &r->counts);
}

static gkt_status sort_digit(const room *r, const gkt_sort_arguments *a) {
  const bool wide = r->key_bytes == 8;
  GKT_TRY(launch(r->device, wide ? "gkt_sort_count_64" : "gkt_sort_count_32", a->tiles, GKT_SORT_SHARED, a, sizeof *a));
  GKT_TRY(gkt_device_scan(r->device, GKT_DIGITS * a->tiles, a->counts, a->counts, NULL));
  return launch(r->device, wide ? "gkt_sort_place_64" : "gkt_sort_place_32", a->tiles, GKT_SORT_SHARED, a, sizeof *a);
}

#define SWAP(type, x, y) \
  do {                   \
    type swapped = x;    \
    x = y, y = swapped;  \
  } while (0)

gkt_status gkt_device_sort(gkt_device *device, int key_bytes, int bits, gkt_bytes *keys, gkt_indices *values) {
  room r = {.device = device, .key_bytes = key_bytes};
  const gkt_size count = keys->count;
  gkt_status status;
  GKT_GO(allocate(&r, count));
  for (int shift = 0; shift == 0 || shift < bits; shift += GKT_DIGIT_BITS) {
    const gkt_sort_arguments a = {keys->at, r.keys.at, values->at, r.values.at, count, gkt_blocks_for(count, GKT_TILE), shift, r.counts.at};
    GKT_GO(sort_digit(&r, &a));
    if (!values->at) GKT_GO(gkt_device_alloc(device, count, sizeof(gkt_idx), "numbers of a sort", values));
    SWAP(gkt_bytes, *keys, r.keys);
    SWAP(gkt_indices, *values, r.values);
  }
done:
  gkt_device_free(device, &r.keys);
  gkt_device_free(device, &r.values);
  gkt_device_free(device, &r.counts);
  return status;
}

gkt_size gkt_device_sort_bytes(gkt_size count, int key_bytes) {
  const gkt_size tiles = gkt_blocks_for(count, GKT_TILE);
  return 2 * count * (key_bytes + (gkt_size)sizeof(gkt_idx)) + (GKT_DIGITS * tiles + 1) * (gkt_size)sizeof(gkt_idx) +
         (GKT_DIGITS * tiles / GKT_TILE + 2) * (gkt_size)sizeof(gkt_size);
}
