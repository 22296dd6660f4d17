#include <string.h>

#include "assembly/reduce.h"

/* Bytes of element tensors per chunk: their sums (about a third of that) and slots stay in a second-level cache. */
enum { CHUNK_BYTES = 256 * 1024, MOST_SLOTS = 65535 };

static gkt_idx cells_per_chunk(const gkt_incidence *i, int block) {
  gkt_idx pairs = i->num[0] * i->num[1], wanted = CHUNK_BYTES / (pairs * block * (gkt_idx)sizeof(gkt_scalar)), most = MOST_SLOTS / pairs;
  if (wanted < 8 * GKT_LANES) wanted = 8 * GKT_LANES;
  if (wanted > 4096) wanted = 4096;
  if (wanted > most) wanted = most;
  return wanted > GKT_LANES ? wanted / GKT_LANES * GKT_LANES : wanted;
}

static gkt_status cut_chunks(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks, const gkt_idx *size) {
  gkt_size slots = 0, count = 0;
  gkt_idx narrow;
  for (int b = 0; b < num_blocks; b++) count += (blocks[b].num_cells + size[b] - 1) / size[b];
  GKT_TRY(gkt_narrow(r->ctx, count, "chunks of cells", &narrow));
  GKT_TRY(gkt_calloc(r->ctx, count, sizeof *r->chunks, &r->chunks));
  for (int b = 0; b < num_blocks; b++)
    for (gkt_idx first = 0; first < blocks[b].num_cells; first += size[b]) {
      gkt_idx left = blocks[b].num_cells - first, n = left < size[b] ? left : size[b];
      r->chunks[r->num_chunks++] = (gkt_chunk){.block = b, .first = first, .count = n, .pairs = blocks[b].num[0] * blocks[b].num[1], .slots = slots};
      slots += (gkt_size)n * blocks[b].num[0] * blocks[b].num[1];
    }
  return gkt_alloc(r->ctx, slots, sizeof *r->slots, &r->slots);
}

/* ---- numbering of slots: a small hash table per chunk, from pair to slot ---- */
typedef struct {
  gkt_idx *pair; /* [size]; -1: empty */
  uint16_t *slot;
  uint32_t size; /* a power of two */
} table;

static void table_free(table *t) {
  gkt_free(&t->pair);
  gkt_free(&t->slot);
}

static gkt_status table_make(gkt_context *ctx, uint32_t most, table *t) {
  for (t->size = 64; t->size < 2 * most;) t->size *= 2;
  GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->pair, &t->pair));
  return gkt_alloc(ctx, t->size, sizeof *t->slot, &t->slot);
}

static uint32_t table_find(const table *t, gkt_idx pair) {
  uint32_t k = ((uint32_t)pair * 2654435769u) & (t->size - 1);
  while (t->pair[k] >= 0 && t->pair[k] != pair) k = (k + 1) & (t->size - 1);
  return k;
}

static gkt_size contributions(const gkt_chunk *c) { return (gkt_size)c->count * c->pairs; }

/* Private slots count up from 0, shared ones down from the top, until their number is known. */
static void number_chunk(const gkt_routing *routing, gkt_chunk *c, uint16_t *slots, table *t) {
  gkt_size n = contributions(c);
  memset(t->pair, 0xFF, t->size * sizeof *t->pair);
  for (gkt_size k = 0; k < n; k++) {
    gkt_idx pair = routing->pairs[c->slots + k];
    uint32_t at = table_find(t, pair);
    if (t->pair[at] < 0) {
      t->pair[at] = pair;
      t->slot[at] = (uint16_t)(routing->touched[pair] == 1 ? c->num_private++ : MOST_SLOTS - c->num_shared++);
    }
    slots[k] = t->slot[at];
  }
  for (gkt_size k = 0; k < n; k++)
    if (slots[k] > MOST_SLOTS - c->num_shared) slots[k] = (uint16_t)(c->num_private + MOST_SLOTS - slots[k]);
}

static gkt_status number_slots(gkt_reduce *r, const gkt_routing *routing) {
  int threads = gkt_threads(r->ctx);
  gkt_status status = GKT_OK;
  gkt_size most = 1, privates = 0, shared = 0;
  table *tables = NULL;
  for (int c = 0; c < r->num_chunks; c++) most = contributions(&r->chunks[c]) > most ? contributions(&r->chunks[c]) : most;
  GKT_TRY(gkt_calloc(r->ctx, threads, sizeof *tables, &tables));
  for (int t = 0; t < threads; t++) GKT_GO(table_make(r->ctx, (uint32_t)most, &tables[t]));
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++)
    for (int c = t; c < r->num_chunks; c += threads) number_chunk(routing, &r->chunks[c], r->slots + r->chunks[c].slots, &tables[t]);
  for (int c = 0; c < r->num_chunks; c++) {
    gkt_chunk *k = &r->chunks[c];
    k->first_private = privates, k->first_shared = shared;
    privates += k->num_private, shared += k->num_shared;
    if (k->num_private + k->num_shared > r->max_slots) r->max_slots = k->num_private + k->num_shared;
  }
  r->num_shared = shared;
done:
  for (int t = 0; t < threads; t++) table_free(&tables[t]);
  gkt_free(&tables);
  return status;
}

/* ---- places in the result ---- */
static gkt_status places_make(const gkt_reduce *r, gkt_size count, gkt_places *p) {
  GKT_TRY(gkt_alloc(r->ctx, count, sizeof *p->first, &p->first));
  return gkt_alloc(r->ctx, count, sizeof *p->stride, &p->stride);
}

static void place(const gkt_pattern *p, gkt_idx row, gkt_idx pair, gkt_places *out, gkt_size at) {
  gkt_idx start = p->offsets[row], length = p->offsets[row + 1] - start;
  out->first[at] = start * p->block_size[0] * p->block_size[1] + (pair - start) * p->block_size[1];
  out->stride[at] = length * p->block_size[1];
}

/* Places of private slots; pairs of shared slots. */
static void place_chunk(gkt_reduce *r, const gkt_incidence *i, const gkt_routing *routing, const gkt_chunk *c, gkt_idx *shared_pairs) {
  const uint16_t *slots = r->slots + c->slots;
  const gkt_idx *pairs = routing->pairs + c->slots;
  gkt_size rows = (gkt_size)c->count * i->num[0];
  for (gkt_size k = 0; k < rows; k++)
    for (int b = 0; b < i->num[1]; b++, slots++, pairs++) {
      gkt_idx row = i->nodes[0] ? i->nodes[0][(gkt_size)c->first * i->num[0] + k] : 0;
      if (*slots < c->num_private) place(&r->pattern, row, *pairs, &r->private_, c->first_private + *slots);
      else shared_pairs[c->first_shared + *slots - c->num_private] = *pairs;
    }
}

/* Sources of every joined pair, in the order of the chunks. `touched` becomes the number of the pair among the joined ones. */
static gkt_status plan_join(gkt_reduce *r, const gkt_idx *shared_pairs, gkt_idx *touched) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx pairs = p->offsets[p->num_nodes[0]], count = 0, narrow;
  GKT_TRY(gkt_narrow(r->ctx, r->num_shared, "shared sums", &narrow));
  for (gkt_idx k = 0; k < pairs; k++) count += touched[k] != 1;
  GKT_TRY(places_make(r, count, &r->joined));
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)count + 2, sizeof *r->join_offsets, &r->join_offsets));
  GKT_TRY(gkt_alloc(r->ctx, r->num_shared, sizeof *r->join_sources, &r->join_sources));
  r->num_joined = count;
  gkt_idx j = 0, *offsets = r->join_offsets;
  for (gkt_idx row = 0; row < p->num_nodes[0]; row++)
    for (gkt_idx k = p->offsets[row]; k < p->offsets[row + 1]; k++) {
      if (touched[k] == 1) continue;
      place(p, row, k, &r->joined, j);
      offsets[j + 2] = offsets[j + 1] + touched[k];
      touched[k] = j++;
    }
  for (gkt_idx s = 0; s < narrow; s++) r->join_sources[offsets[touched[shared_pairs[s]] + 1]++] = s;
  return GKT_OK;
}

static gkt_status plan_places(gkt_reduce *r, const gkt_incidence *blocks, const gkt_routing *routing) {
  gkt_idx *shared_pairs = NULL;
  gkt_status status;
  gkt_size privates = 0;
  for (int c = 0; c < r->num_chunks; c++) privates += r->chunks[c].num_private;
  GKT_TRY(gkt_alloc(r->ctx, r->num_shared, sizeof *shared_pairs, &shared_pairs));
  GKT_GO(places_make(r, privates, &r->private_));
#pragma omp parallel for num_threads(gkt_threads(r->ctx)) schedule(dynamic)
  for (int c = 0; c < r->num_chunks; c++) place_chunk(r, &blocks[r->chunks[c].block], routing, &r->chunks[c], shared_pairs);
  GKT_GO(plan_join(r, shared_pairs, routing->touched));
  GKT_GO(gkt_alloc(r->ctx, r->num_shared * r->block, sizeof *r->partial, &r->partial));
done:
  gkt_free(&shared_pairs);
  return status;
}

gkt_status gkt_reduce_create(gkt_context *ctx, int num_blocks, const gkt_incidence *blocks, const gkt_idx num_nodes[2], const int block_size[2], gkt_reduce **out) {
  gkt_reduce *r = NULL;
  gkt_idx *size = NULL;
  gkt_routing routing = {0};
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *r, &r));
  r->ctx = ctx, r->block = block_size[0] * block_size[1];
  r->pattern = (gkt_pattern){.num_nodes = {num_nodes[0], num_nodes[1]}, .block_size = {block_size[0], block_size[1]}};
  GKT_GO(gkt_alloc(ctx, num_blocks, sizeof *size, &size));
  for (int b = 0; b < num_blocks; b++) size[b] = cells_per_chunk(&blocks[b], r->block);
  GKT_GO(gkt_pattern_create(ctx, num_blocks, blocks, size, &r->pattern, &routing));
  GKT_GO(cut_chunks(r, num_blocks, blocks, size));
  GKT_GO(number_slots(r, &routing));
  GKT_GO(plan_places(r, blocks, &routing));
done:
  gkt_routing_clear(&routing);
  gkt_free(&size);
  if (status == GKT_OK) *out = r;
  else gkt_reduce_destroy(&r);
  return status;
}

static void places_free(gkt_places *p) {
  gkt_free(&p->first);
  gkt_free(&p->stride);
}

void gkt_reduce_destroy(gkt_reduce **reduce) {
  gkt_reduce *r = *reduce;
  if (!r) return;
  gkt_pattern_clear(&r->pattern);
  gkt_free(&r->chunks);
  gkt_free(&r->slots);
  places_free(&r->private_);
  places_free(&r->joined);
  gkt_free(&r->join_offsets);
  gkt_free(&r->join_sources);
  gkt_free(&r->partial);
  gkt_free(reduce);
}

gkt_size gkt_reduce_num_values(const gkt_reduce *r) { return (gkt_size)r->pattern.offsets[r->pattern.num_nodes[0]] * r->block; }
