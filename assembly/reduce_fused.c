/* The plan of the strategy `fused`: the ways of the slots of chunks, and where their sums go. */
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

static inline void place(const gkt_reduce *r, gkt_idx row, gkt_idx pair, const gkt_places *out, gkt_size at) {
  gkt_idx stride;
  out->first[at] = gkt_reduce_place(r, row, pair, &stride);
  if (out->stride) out->stride[at] = stride;
}

/* ---- ways: row by row, since rows are independent ---- */
typedef struct {                     /* of one thread */
  gkt_idx *touched, *team, *partial; /* [longest row] teams that touch the pair, the last one of them, its partial sum */
  uint16_t *final, *other;           /* [most slots of a chunk] slots sorted by way; of each, the slot of the transposed pair */
} scratch;

static void scratch_free(int threads, scratch **all) {
  for (int t = 0; *all && t < threads; t++) {
    gkt_free(&(*all)[t].touched);
    gkt_free(&(*all)[t].team);
    gkt_free(&(*all)[t].partial);
    gkt_free(&(*all)[t].final);
    gkt_free(&(*all)[t].other);
  }
  gkt_free(all);
}

static gkt_status scratch_make(const gkt_reduce *r, gkt_idx most, int threads, scratch **out) {
  gkt_idx longest = 0;
  for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++) {
    gkt_idx length = r->pattern.offsets[row + 1] - r->pattern.offsets[row];
    longest = length > longest ? length : longest;
  }
  GKT_TRY(gkt_calloc(r->ctx, threads, sizeof **out, out));
  for (int k = 0; k < threads; k++) {
    scratch *t = &(*out)[k];
    GKT_TRY(gkt_alloc(r->ctx, longest, sizeof *t->touched, &t->touched));
    GKT_TRY(gkt_alloc(r->ctx, longest, sizeof *t->team, &t->team));
    GKT_TRY(gkt_alloc(r->ctx, longest, sizeof *t->partial, &t->partial));
    GKT_TRY(gkt_alloc(r->ctx, most, sizeof *t->final, &t->final));
    GKT_TRY(gkt_alloc(r->ctx, most, sizeof *t->other, &t->other));
  }
  return GKT_OK;
}

typedef struct {
  gkt_reduce *reduce;
  gkt_routing *routing;
  gkt_idx *joined, *partials; /* [rows+1] pairs that several teams touch, or none, in the rows before; their partial sums */
} plan;

static gkt_idx team_of(const plan *p, gkt_idx part) { return p->reduce->chunks[p->routing->parts[part].chunk].team; }

/* One team touches all pairs of the row. */
static bool is_of_one_team(const plan *p, gkt_idx row) {
  gkt_idx first = p->routing->part_offsets[row], end = p->routing->part_offsets[row + 1];
  return p->routing->own_listed && first < end && team_of(p, first) == team_of(p, end - 1);
}

/* So does one chunk, and the ways are GKT_SET_VALUES. */
static bool is_of_one_chunk(const plan *p, gkt_idx row) { return p->routing->own_listed && p->routing->part_offsets[row + 1] - p->routing->part_offsets[row] == 1; }

static gkt_idx row_length(const plan *p, gkt_idx row) { return p->reduce->pattern.offsets[row + 1] - p->reduce->pattern.offsets[row]; }

/* Chunks of a team are neighbours, so another team is a new one. */
static void touch_row(const plan *p, gkt_idx row, scratch *t) {
  gkt_idx first = p->reduce->pattern.offsets[row], length = row_length(p, row), *pairs;
  memset(t->touched, 0, (size_t)length * sizeof *t->touched);
  memset(t->team, 0xFF, (size_t)length * sizeof *t->team);
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++) {
    gkt_idx n = gkt_part_pairs(p->routing, k, &pairs), team = team_of(p, k);
    for (gkt_idx i = 0; i < n; i++) {
      gkt_idx at = pairs[i] - first;
      t->touched[at] += t->team[at] != team;
      t->team[at] = team;
    }
  }
}

static void count_row(const plan *p, gkt_idx row, scratch *t) {
  if (is_of_one_team(p, row)) return;
  touch_row(p, row, t);
  for (gkt_idx i = 0, length = row_length(p, row); i < length; i++)
    if (t->touched[i] != 1) p->joined[row + 1]++, p->partials[row + 1] += t->touched[i];
}

static void join_row(const plan *p, gkt_idx row, scratch *t) {
  gkt_reduce *r = p->reduce;
  gkt_idx j = p->joined[row], end = p->partials[row];
  for (gkt_idx i = 0, length = row_length(p, row); i < length; i++) {
    if (t->touched[i] == 1) continue;
    place(r, row, r->pattern.offsets[row] + i, &r->joined, j);
    t->partial[i] = end - 1; /* its first team takes the next one */
    r->join_offsets[++j] = end += t->touched[i];
  }
}

/* The ways of the row's slots in one part. Partial sums of a pair stand in the order of the teams; the pairs of slots that go there become these. */
static void route_part(const plan *p, gkt_idx part, gkt_idx first, bool joined, scratch *t) {
  gkt_idx *pairs, n = gkt_part_pairs(p->routing, part, &pairs), team = team_of(p, part);
  const gkt_chunk_pairs *c = &p->routing->chunks[p->routing->parts[part].chunk];
  uint8_t *ways = c->ways + (pairs - c->pairs);
  for (gkt_idx i = 0; i < n; i++) {
    gkt_idx at = pairs[i] - first;
    bool known = t->team[at] == team, shared = joined && t->touched[at] != 1;
    t->team[at] = team;
    ways[i] = (uint8_t)((shared ? GKT_SET_PARTIAL : GKT_SET_VALUES) + known);
    if (shared) pairs[i] = t->partial[at] += !known;
  }
}

static void route_row(const plan *p, gkt_idx row, scratch *t) {
  bool joined = !is_of_one_team(p, row);
  if (is_of_one_chunk(p, row)) return;
  if (joined) {
    touch_row(p, row, t);
    join_row(p, row, t);
  }
  memset(t->team, 0xFF, (size_t)row_length(p, row) * sizeof *t->team);
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++) route_part(p, k, p->reduce->pattern.offsets[row], joined, t);
}

static void for_rows(const plan *p, int threads, scratch *all, void (*visit)(const plan *, gkt_idx row, scratch *)) {
  gkt_size rows = p->reduce->pattern.num_nodes[0];
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++)
    for (gkt_idx r = (gkt_idx)(rows * t / threads); r < (gkt_idx)(rows * (t + 1) / threads); r++) visit(p, r, &all[t]);
}

static gkt_status make_join(plan *p) {
  gkt_reduce *r = p->reduce;
  gkt_idx rows = r->pattern.num_nodes[0], narrow;
  gkt_size partials = 0;
  for (gkt_idx row = 0; row < rows; row++) partials += p->partials[row + 1];
  GKT_TRY(gkt_narrow(r->ctx, partials, "partial sums", &narrow));
  for (gkt_idx row = 0; row < rows; row++) p->joined[row + 1] += p->joined[row], p->partials[row + 1] += p->partials[row];
  r->num_joined = p->joined[rows], r->num_kept = partials * r->block;
  GKT_TRY(places_make(r, r->num_joined, &r->joined));
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)r->num_joined + 1, sizeof *r->join_offsets, &r->join_offsets));
  return gkt_alloc(r->ctx, r->num_kept, sizeof *r->kept, &r->kept);
}

/* ---- slots: chunk by chunk ---- */
static void count_ways(const gkt_chunk_pairs *pairs, gkt_chunk *c) {
  for (gkt_idx s = 0; s < pairs->num_slots; s++) c->ways[pairs->ways[s] + 1]++;
  for (int w = 0; w < GKT_NUM_WAYS; w++) c->ways[w + 1] += c->ways[w];
}

static gkt_status make_places(gkt_reduce *r, const gkt_routing *routing) {
  gkt_size values = 0, partials = 0;
  for (int c = 0; c < r->num_chunks; c++) {
    gkt_chunk *k = &r->chunks[c];
    count_ways(&routing->chunks[c], k);
    k->first_value = values, k->first_partial = partials;
    values += k->ways[GKT_SET_PARTIAL], partials += k->ways[GKT_NUM_WAYS] - k->ways[GKT_SET_PARTIAL];
  }
  GKT_TRY(places_make(r, values, &r->places));
  return gkt_alloc(r->ctx, partials, sizeof *r->partial_places, &r->partial_places);
}

/* Slots in the order of their ways, in each of them row by row, so that sums are stored along the rows of the matrix. */
static void place_chunk(gkt_reduce *r, const gkt_chunk_pairs *pairs, const gkt_chunk *c, uint16_t *restrict final) {
  gkt_idx next[GKT_NUM_WAYS];
  for (int w = 0; w < GKT_NUM_WAYS; w++) next[w] = c->ways[w];
  for (gkt_idx i = 0; i < pairs->num_rows; i++)
    for (gkt_idx s = pairs->offsets[i]; s < pairs->offsets[i + 1]; s++) {
      int way = pairs->ways[s];
      gkt_idx slot = next[way]++;
      final[s] = (uint16_t)slot;
      if (way < GKT_SET_PARTIAL) place(r, pairs->rows[i], pairs->pairs[s], &r->places, c->first_value + slot);
      else r->partial_places[c->first_partial + slot - c->ways[GKT_SET_PARTIAL]] = pairs->pairs[s];
    }
  if (c->ways[GKT_ADD_VALUES] == c->ways[GKT_NUM_WAYS]) return; /* in order already */
  uint16_t *slots = r->slots + c->slots;
  for (gkt_size k = 0, n = (gkt_size)c->count * c->pairs; k < n; k++) slots[k] = final[slots[k]];
}

static void place_chunks(gkt_reduce *r, const gkt_routing *routing, int threads, scratch *all) {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++)
    for (int c = t; c < r->num_chunks; c += threads) place_chunk(r, &routing->chunks[c], &r->chunks[c], all[t].final);
}

/* ---- symmetric tensors: one sum for two slots ---- */
/* other [slots]: of each slot, that of the transposed pair. false: a cell has a node twice, so that two of its pairs have one slot. */
static bool find_transposed(const gkt_chunk *c, const uint16_t *slots, uint16_t *other) {
  int n = c->nodes;
  for (gkt_idx k = 0; k < c->count; k++, slots += n * n)
    for (int a = 0; a < n; a++) {
      other[slots[a * n + a]] = slots[a * n + a];
      for (int b = a + 1; b < n; b++) {
        uint16_t s = slots[a * n + b], t = slots[b * n + a];
        if (s == t) return false;
        other[s] = t, other[t] = s;
      }
    }
  return true;
}

/* The first of two slots has a sum of its own, in the order of the slots. false: more of them than numbers. */
static bool number_sums(gkt_chunk *c, const uint16_t *other, bool blocks, uint16_t *sums) {
  gkt_idx count = 0;
  for (gkt_idx s = 0; s < c->ways[GKT_NUM_WAYS]; s++) sums[s] = s <= other[s] ? (uint16_t)count++ : (uint16_t)(sums[other[s]] | (blocks ? GKT_ACROSS : 0));
  c->num_sums = count;
  return !blocks || count <= GKT_ACROSS;
}

static bool halve_chunk(const gkt_reduce *r, gkt_chunk *c, uint16_t *other, uint16_t *sums, uint16_t *slots) {
  const uint16_t *all = r->slots + c->slots;
  int n = c->nodes;
  if (!find_transposed(c, all, other) || !number_sums(c, other, r->block > 1, sums)) return false;
  for (gkt_idx k = 0; k < c->count; k++, all += n * n)
    for (int a = 0; a < n; a++)
      for (int b = a; b < n; b++) *slots++ = sums[all[a * n + b]];
  return true;
}

static gkt_size slots_before(const gkt_chunk *c) { return c->first_value + c->first_partial; }

static bool halve_chunks(gkt_reduce *r, int threads, scratch *all, uint16_t *sums, uint16_t *slots) {
  bool good = true;
#pragma omp parallel for num_threads(threads) schedule(static, 1) reduction(&& : good)
  for (int t = 0; t < threads; t++)
    for (int c = t; c < r->num_chunks; c += threads)
      good = good && halve_chunk(r, &r->chunks[c], all[t].other, sums + slots_before(&r->chunks[c]), slots + r->chunks[c].first_slot);
  return good;
}

static void count_slots(gkt_reduce *r, bool half) {
  gkt_size slots = 0;
  for (int c = 0; c < r->num_chunks; c++) {
    gkt_chunk *k = &r->chunks[c];
    k->first_slot = slots, k->cell_slots = half ? k->nodes * (k->nodes + 1) / 2 : k->pairs, k->num_sums = k->ways[GKT_NUM_WAYS];
    slots += (gkt_size)k->count * k->cell_slots;
  }
}

static gkt_status halve(gkt_reduce *r, int threads, scratch *all) {
  const gkt_chunk *last = &r->chunks[r->num_chunks - 1];
  uint16_t *sums = NULL, *slots = NULL;
  gkt_status status;
  count_slots(r, true);
  GKT_GO(gkt_alloc(r->ctx, slots_before(last) + last->ways[GKT_NUM_WAYS], sizeof *sums, &sums));
  GKT_GO(gkt_alloc(r->ctx, last->first_slot + (gkt_size)last->count * last->cell_slots, sizeof *slots, &slots));
  r->half = halve_chunks(r, threads, all, sums, slots);
  if (r->half) {
    gkt_free(&r->slots);
    r->slots = slots, r->sums = sums;
    return GKT_OK;
  }
done:
  gkt_free(&sums);
  gkt_free(&slots);
  return status;
}

static gkt_status make_sums(gkt_reduce *r, int threads, scratch *all) {
  if (r->symmetric && r->num_chunks > 0) GKT_TRY(halve(r, threads, all));
  if (!r->half) count_slots(r, false);
  for (int c = 0; c < r->num_chunks; c++) r->max_sums = r->chunks[c].num_sums > r->max_sums ? r->chunks[c].num_sums : r->max_sums;
  return GKT_OK;
}

gkt_status gkt_fused_plan(gkt_reduce *r, gkt_routing *routing) {
  plan p = {.reduce = r, .routing = routing};
  int threads = gkt_threads_for(r->ctx, r->num_contributions * r->block);
  gkt_idx most = 0;
  scratch *all = NULL;
  gkt_status status;
  r->slots = routing->slots, routing->slots = NULL;
  for (int c = 0; c < r->num_chunks; c++) most = routing->chunks[c].num_slots > most ? routing->chunks[c].num_slots : most;
  GKT_GO(scratch_make(r, most, threads, &all));
  GKT_GO(gkt_calloc(r->ctx, (gkt_size)r->pattern.num_nodes[0] + 1, sizeof *p.joined, &p.joined));
  GKT_GO(gkt_calloc(r->ctx, (gkt_size)r->pattern.num_nodes[0] + 1, sizeof *p.partials, &p.partials));
  for_rows(&p, threads, all, count_row);
  GKT_GO(make_join(&p));
  for_rows(&p, threads, all, route_row);
  GKT_GO(make_places(r, routing));
  place_chunks(r, routing, threads, all);
  GKT_GO(make_sums(r, threads, all));
done:
  scratch_free(threads, &all);
  gkt_free(&p.joined);
  gkt_free(&p.partials);
  return status;
}

void gkt_fused_clear(gkt_reduce *r) {
  gkt_free(&r->slots);
  gkt_free(&r->sums);
  places_free(&r->places);
  gkt_free(&r->partial_places);
  places_free(&r->joined);
  gkt_free(&r->join_offsets);
  r->num_joined = 0, r->max_sums = 0, r->half = false;
}

/* Slots are read once, and so are the numbers of sums that two slots share; each of a chunk's sums is stored by its place, each partial sum is read once more. */
gkt_size gkt_fused_bytes(const gkt_reduce *r) {
  gkt_size place = (gkt_size)sizeof(gkt_idx), numbers = 0, stored = 0, partial = 0, block = r->block * (gkt_size)sizeof(gkt_scalar);
  for (int c = 0; c < r->num_chunks; c++) {
    numbers += (gkt_size)r->chunks[c].count * r->chunks[c].cell_slots + (r->half ? r->chunks[c].ways[GKT_NUM_WAYS] : 0);
    stored += r->chunks[c].ways[GKT_SET_PARTIAL];
    partial += r->chunks[c].ways[GKT_NUM_WAYS] - r->chunks[c].ways[GKT_SET_PARTIAL];
  }
  gkt_size wide = r->places.stride ? 2 * place : place;
  return numbers * (gkt_size)sizeof *r->slots + stored * (wide + GKT_WRITTEN * block) + partial * (place + GKT_WRITTEN * block) + r->join_offsets[r->num_joined] * block +
         r->num_joined * (wide + place + GKT_WRITTEN * block);
}
