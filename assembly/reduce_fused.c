/* The plan of the strategy `fused`: slots of chunks, and where their sums go. */
#include <string.h>

#include "assembly/reduce_strategy.h"

/* ---- places in the result ---- */
static gkt_status places_make(const gkt_reduce *r, gkt_size count, gkt_places *p) {
  GKT_TRY(gkt_alloc(r->ctx, count, sizeof *p->first, &p->first));
  return r->pattern.block_size[0] == 1 ? GKT_OK : gkt_alloc(r->ctx, count, sizeof *p->stride, &p->stride);
}

static void places_free(gkt_places *p) {
  gkt_free(&p->first);
  gkt_free(&p->stride);
}

static void place(const gkt_pattern *p, gkt_idx row, gkt_idx pair, const gkt_places *out, gkt_size at) {
  gkt_idx start = p->offsets[row], length = p->offsets[row + 1] - start;
  out->first[at] = start * p->block_size[0] * p->block_size[1] + (pair - start) * p->block_size[1];
  if (out->stride) out->stride[at] = length * p->block_size[1];
}

/* ---- numbering of slots: a small hash table per chunk, from pair to slot ---- */
typedef struct {
  gkt_idx *pair; /* [size]; -1: empty */
  uint16_t *slot;
  uint32_t size;   /* a power of two */
  uint8_t *way;    /* [MOST_SLOTS] by slot in the order of discovery */
  uint16_t *final; /* [MOST_SLOTS] that slot sorted by way */
} table;

static void tables_free(int count, table **tables) {
  for (int t = 0; *tables && t < count; t++) {
    gkt_free(&(*tables)[t].pair);
    gkt_free(&(*tables)[t].slot);
    gkt_free(&(*tables)[t].way);
    gkt_free(&(*tables)[t].final);
  }
  gkt_free(tables);
}

static gkt_status tables_make(gkt_context *ctx, int count, uint32_t most, table **out) {
  GKT_TRY(gkt_calloc(ctx, count, sizeof **out, out));
  for (int k = 0; k < count; k++) {
    table *t = &(*out)[k];
    for (t->size = 64; t->size < 2 * most;) t->size *= 2;
    GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->pair, &t->pair));
    GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->slot, &t->slot));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->way, &t->way));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->final, &t->final));
  }
  return GKT_OK;
}

static uint32_t table_find(const table *t, gkt_idx pair) {
  uint32_t k = ((uint32_t)pair * 2654435769u) & (t->size - 1);
  while (t->pair[k] >= 0 && t->pair[k] != pair) k = (k + 1) & (t->size - 1);
  return k;
}

static gkt_size contributions(const gkt_chunk *c) { return (gkt_size)c->count * c->pairs; }

static void sort_slots(gkt_chunk *c, gkt_idx count, table *t) {
  gkt_idx next[GKT_NUM_WAYS];
  for (gkt_idx s = 0; s < count; s++) c->ways[t->way[s] + 1]++;
  for (int w = 0; w < GKT_NUM_WAYS; w++) next[w] = c->ways[w], c->ways[w + 1] += c->ways[w];
  for (gkt_idx s = 0; s < count; s++) t->final[s] = (uint16_t)next[t->way[s]]++;
}

static void number_chunk(const gkt_routing *routing, gkt_chunk *c, uint16_t *slots, table *t) {
  gkt_size n = contributions(c);
  gkt_idx count = 0;
  memset(t->pair, 0xFF, t->size * sizeof *t->pair);
  for (gkt_size k = 0; k < n; k++) {
    gkt_idx coded = routing->pairs[c->slots + k], pair = coded < 0 ? ~coded : coded;
    uint32_t at = table_find(t, pair);
    if (t->pair[at] < 0) {
      t->pair[at] = pair;
      t->slot[at] = (uint16_t)count;
      t->way[count++] = (uint8_t)((routing->touched[pair] == 1 ? GKT_SET_VALUES : GKT_SET_PARTIAL) + (coded >= 0));
    }
    slots[k] = t->slot[at];
  }
  sort_slots(c, count, t);
  for (gkt_size k = 0; k < n; k++) slots[k] = t->final[slots[k]];
}

static gkt_status number_slots(gkt_reduce *r, const gkt_routing *routing) {
  int threads = gkt_threads(r->ctx);
  gkt_status status;
  gkt_size most = 1, values = 0, partials = 0;
  table *tables = NULL;
  for (int c = 0; c < r->num_chunks; c++) most = contributions(&r->chunks[c]) > most ? contributions(&r->chunks[c]) : most;
  GKT_GO(tables_make(r->ctx, threads, (uint32_t)most, &tables));
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++)
    for (int c = t; c < r->num_chunks; c += threads) number_chunk(routing, &r->chunks[c], r->slots + r->chunks[c].slots, &tables[t]);
  for (int c = 0; c < r->num_chunks; c++) {
    gkt_chunk *k = &r->chunks[c];
    gkt_idx to_values = k->ways[GKT_SET_PARTIAL], count = k->ways[GKT_NUM_WAYS];
    k->first_value = values, k->first_partial = partials;
    values += to_values, partials += count - to_values;
    if (count > r->max_slots) r->max_slots = count;
  }
  GKT_GO(places_make(r, values, &r->places));
  GKT_GO(gkt_alloc(r->ctx, partials, sizeof *r->partial_places, &r->partial_places));
done:
  tables_free(threads, &tables);
  return status;
}

/* Places of sums that go to values; for the others, their pairs. */
static void place_chunk(gkt_reduce *r, const gkt_incidence *i, const gkt_routing *routing, const gkt_chunk *c) {
  const uint16_t *slots = r->slots + c->slots;
  const gkt_idx *pairs = routing->pairs + c->slots;
  gkt_size rows = (gkt_size)c->count * i->num[0];
  for (gkt_size k = 0; k < rows; k++)
    for (int b = 0; b < i->num[1]; b++, slots++, pairs++) {
      gkt_idx row = i->nodes[0] ? i->nodes[0][(gkt_size)c->first * i->num[0] + k] : 0, pair = *pairs < 0 ? ~*pairs : *pairs;
      if (*slots < c->ways[GKT_SET_PARTIAL]) place(&r->pattern, row, pair, &r->places, c->first_value + *slots);
      else r->partial_places[c->first_partial + *slots - c->ways[GKT_SET_PARTIAL]] = pair;
    }
}

/* Pairs that several teams touch, or none; `touched` becomes their number among these. */
static gkt_status plan_join(gkt_reduce *r, gkt_idx *touched) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx pairs = p->offsets[p->num_nodes[0]], count = 0, narrow;
  gkt_size partials = 0;
  for (gkt_idx k = 0; k < pairs; k++)
    if (touched[k] != 1) count++, partials += touched[k];
  GKT_TRY(gkt_narrow(r->ctx, partials, "partial sums", &narrow));
  GKT_TRY(places_make(r, count, &r->joined));
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)count + 1, sizeof *r->join_offsets, &r->join_offsets));
  r->num_kept = partials * r->block;
  GKT_TRY(gkt_alloc(r->ctx, r->num_kept, sizeof *r->kept, &r->kept));
  for (gkt_idx row = 0; row < p->num_nodes[0]; row++)
    for (gkt_idx k = p->offsets[row]; k < p->offsets[row + 1]; k++) {
      if (touched[k] == 1) continue;
      gkt_idx j = r->num_joined++;
      place(p, row, k, &r->joined, j);
      r->join_offsets[j + 1] = r->join_offsets[j] + touched[k];
      touched[k] = j;
    }
  return GKT_OK;
}

/* Places of partial sums, in the order of the teams: the first chunk of a team that touches a pair takes the next place, its later chunks look for it. */
static gkt_status place_partials(gkt_reduce *r, const gkt_idx *joined_of) {
  gkt_idx *taken = NULL, *team = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(r->ctx, r->num_joined, sizeof *taken, &taken));
  GKT_GO(gkt_alloc(r->ctx, r->join_offsets[r->num_joined], sizeof *team, &team));
  for (int c = 0; c < r->num_chunks; c++) {
    const gkt_chunk *k = &r->chunks[c];
    for (gkt_idx s = k->ways[GKT_SET_PARTIAL]; s < k->ways[GKT_NUM_WAYS]; s++) {
      gkt_idx *pair = &r->partial_places[k->first_partial + s - k->ways[GKT_SET_PARTIAL]], j = joined_of[*pair], at = r->join_offsets[j];
      if (s < k->ways[GKT_ADD_PARTIAL]) at += taken[j]++, team[at] = k->team;
      else
        while (team[at] != k->team) at++;
      *pair = at;
    }
  }
done:
  gkt_free(&taken);
  gkt_free(&team);
  return status;
}

gkt_status gkt_fused_plan(gkt_reduce *r, const gkt_incidence *blocks, const gkt_routing *routing) {
  gkt_size contributions = r->num_contributions;
  GKT_TRY(gkt_alloc(r->ctx, contributions, sizeof *r->slots, &r->slots));
  GKT_TRY(number_slots(r, routing));
#pragma omp parallel for num_threads(gkt_threads(r->ctx)) schedule(dynamic)
  for (int c = 0; c < r->num_chunks; c++) place_chunk(r, &blocks[r->chunks[c].block], routing, &r->chunks[c]);
  GKT_TRY(plan_join(r, routing->touched));
  return place_partials(r, routing->touched);
}

void gkt_fused_clear(gkt_reduce *r) {
  gkt_free(&r->slots);
  places_free(&r->places);
  gkt_free(&r->partial_places);
  places_free(&r->joined);
  gkt_free(&r->join_offsets);
  r->num_joined = 0, r->max_slots = 0;
}

/* Slots are read once; each of a chunk's sums is stored by its place, each partial sum is read once more. */
gkt_size gkt_fused_bytes(const gkt_reduce *r) {
  gkt_size place = (gkt_size)sizeof(gkt_idx), stored = 0, partial = 0, block = r->block * (gkt_size)sizeof(gkt_scalar);
  for (int c = 0; c < r->num_chunks; c++) {
    stored += r->chunks[c].ways[GKT_SET_PARTIAL];
    partial += r->chunks[c].ways[GKT_NUM_WAYS] - r->chunks[c].ways[GKT_SET_PARTIAL];
  }
  gkt_size wide = r->places.stride ? 2 * place : place;
  return r->num_contributions * (gkt_size)sizeof *r->slots + stored * (wide + GKT_WRITTEN * block) + partial * (place + GKT_WRITTEN * block) +
         r->join_offsets[r->num_joined] * block + r->num_joined * (wide + place + GKT_WRITTEN * block);
}
