/* Banks of shared memory: which lanes of half a warp meet in one, and who is dealt to which lane. 16 banks of 8 bytes; equal addresses are read once. */
#include "assembly/patches_plan.h"

enum { LANES = 16, BANKS = 16, MOST_LOADS = 64 };

/* Addresses that half a warp reads at once, by bank; each once. */
typedef struct {
  int counts[BANKS], most;
  gkt_idx at[BANKS][LANES];
} half_load;

/* What one more address would cost (-1: nothing is asked for): 0 if it is there already, else its bank's count and, where that is the busiest one, a wavefront. */
static int cost_of(const half_load *l, gkt_idx address) {
  if (address < 0) return 0;
  const int bank = address % BANKS, count = l->counts[bank];
  for (int k = 0; k < count; k++)
    if (l->at[bank][k] == address) return 0;
  return count * count + (count == l->most && count ? 2 : 0);
}

static void add(half_load *l, gkt_idx address) {
  if (address < 0) return;
  const int bank = address % BANKS;
  for (int k = 0; k < l->counts[bank]; k++)
    if (l->at[bank][k] == address) return;
  l->at[bank][l->counts[bank]++] = address;
  if (l->counts[bank] > l->most) l->most = l->counts[bank];
}

static void clear(int loads, half_load *l) {
  for (int k = 0; k < loads; k++) {
    l[k].most = 0;
    for (int b = 0; b < BANKS; b++) l[k].counts[b] = 0;
  }
}

/* ---- dealing ---- */
/* Addresses of an item [loads]. */
typedef struct {
  const gkt_idx *starts;
  const gkt_short *codes; /* starts NULL: [items][loads] corners, with dim scalars each */
  int loads, dim;
  const gkt_row_patches *of; /* of codes, those of a patch; in pair mode each has two addresses */
  gkt_idx patch;
} items;

static int each_of(const gkt_row_patches *p) { return p->pairs ? 2 : 1; }

static int count_loads(const items *d, gkt_idx item) {
  const gkt_idx n = d->starts ? (d->starts[item + 1] - d->starts[item]) * each_of(d->of) : d->loads;
  return n < MOST_LOADS ? n : MOST_LOADS; /* what comes after so many is left to chance */
}

gkt_patch_place gkt_patch_decode(const gkt_row_patches *p, gkt_idx patch, int code) {
  const int padding = p->blocks[0].nodes[0] * p->blocks[0].nodes[1];
  gkt_patch_place c = {.cell = -1, .pair = code, .at = p->zeros};
  gkt_idx left = code - padding;
  if (left < 0) return (gkt_patch_place){.cell = -1, .pair = code};
  for (;; c.block++) {
    const gkt_patch_cells *b = &p->blocks[c.block];
    const gkt_idx pairs = b->nodes[0] * b->nodes[1], cells = b->first[patch + 1] - b->first[patch];
    c.cell = left / pairs, c.pair = left % pairs;
    if (c.cell < cells) break;
    left -= cells * pairs, c.at += cells * b->record;
  }
  c.at += c.cell * p->blocks[c.block].record;
  return c;
}

/* Of the upper half, where tensors are symmetric. */
static gkt_idx place_of_pair(const gkt_row_patches *p, int cols, int pair) {
  const int a = pair / cols, b = pair % cols, low = a < b ? a : b, high = a < b ? b : a;
  return (p->half ? low * cols - low * (low - 1) / 2 + high - low : pair) * p->block;
}

/* What belongs to one of the two nodes (to the second one, where it is another), or the first scalar of a block. */
static gkt_idx place_of(const gkt_row_patches *p, gkt_idx patch, int code, int node) {
  if (!p->pairs) return code & ~GKT_PATCH_ACROSS;
  const gkt_patch_place c = gkt_patch_decode(p, patch, code);
  const gkt_patch_cells *b = &p->blocks[c.block];
  if (b->tensors) return node ? -1 : c.at + place_of_pair(p, b->nodes[1], c.pair);
  if (node && (!b->apart || c.pair / b->nodes[1] == c.pair % b->nodes[1])) return -1;
  return c.at + (node ? c.pair % b->nodes[1] : c.pair / b->nodes[1]) * b->apart;
}

static gkt_idx address_of(const items *d, gkt_idx item, int load) {
  if (!d->starts) return d->codes[item * d->loads + load] * d->dim;
  return place_of(d->of, d->patch, d->codes[d->starts[item] + load / each_of(d->of)], load % each_of(d->of));
}

static int cost_item(const items *d, const half_load *loads, int n, gkt_idx item, int best) {
  int cost = 0;
  for (int k = 0; k < n && cost < best; k++) cost += cost_of(&loads[k], address_of(d, item, k));
  return cost;
}

/* order [count] of items that have equally many loads; the cheapest of the next `window` goes to the next lane. lane: of the first one; halves that others began go on. */
static void deal(const items *d, int window, gkt_idx count, gkt_idx *order, gkt_idx lane, half_load *loads) {
  const int n = count ? count_loads(d, order[0]) : 0;
  for (gkt_idx i = 0; i < count; i++, lane++) {
    if (lane % LANES == 0) clear(MOST_LOADS, loads);
    const gkt_idx end = count - i < window ? count : i + window;
    gkt_idx best = i;
    int least = INT32_MAX;
    for (gkt_idx k = i; k < end && least; k++) {
      const int cost = cost_item(d, loads, n, order[k], least);
      if (cost < least) least = cost, best = k;
    }
    const gkt_idx chosen = order[best];
    for (gkt_idx k = best; k > i; k--) order[k] = order[k - 1]; /* those that wait keep their order */
    order[i] = chosen;
    for (int k = 0; k < n; k++) add(&loads[k], address_of(d, chosen, k));
  }
}

void gkt_patch_deal_cells(int window, int dim, int corners, gkt_idx count, const gkt_short *numbers, gkt_idx *order) {
  half_load loads[MOST_LOADS];
  for (gkt_idx k = 0; k < count; k++) order[k] = k;
  deal(&(items){.codes = numbers, .loads = corners, .dim = dim}, window, count, order, 0, loads);
}

void gkt_patch_deal_slots(int window, const gkt_row_patches *p, gkt_idx patch, gkt_idx count, const gkt_idx *starts, const gkt_short *codes, const gkt_idx *mirrors,
                          gkt_idx *order) {
  const items d = {.starts = starts, .codes = codes, .of = p, .patch = patch};
  half_load loads[MOST_LOADS];
  clear(MOST_LOADS, loads);
  for (gkt_idx first = 0, end; first < count; first = end) {
    const gkt_idx length = starts[order[first] + 1] - starts[order[first]];
    const bool mirrored = p->block > 1 && mirrors[order[first]] >= 0;
    for (end = first + 1; end < count && starts[order[end] + 1] - starts[order[end]] == length && (p->block > 1 && mirrors[order[end]] >= 0) == mirrored; end++) continue;
    deal(&d, window, end - first, order + first, first, loads);
  }
}

/* ---- counting ---- */
/* One load of the slots of half a group, of one of two nodes. */
static void count_half(const gkt_row_patches *p, gkt_idx patch, const gkt_short *codes, int node, gkt_patch_waves *w) {
  half_load l;
  clear(1, &l);
  for (int s = 0; s < LANES; s++) add(&l, place_of(p, patch, codes[s * GKT_PATCH_PER_WORD], node));
  w->sum_loads++, *(node ? &w->second_waves : &w->sum_waves) += l.most;
}

/* One load of a table of pairs, an odd number of scalars for each. */
static void count_table(const gkt_row_patches *p, gkt_idx patch, const gkt_short *codes, gkt_patch_waves *w) {
  half_load l;
  clear(1, &l);
  for (int s = 0; s < LANES; s++) add(&l, gkt_patch_decode(p, patch, codes[s * GKT_PATCH_PER_WORD]).pair);
  w->table_waves += l.most;
}

static void count_sums(const gkt_row_patches *p, gkt_idx patch, gkt_patch_waves *w) {
  for (gkt_idx word = p->first_word[p->first_group[patch]]; word < p->first_word[p->first_group[patch + 1]]; word++)
    for (int k = 0; k < GKT_PATCH_PER_WORD; k++)
      for (int half = 0; half < GKT_PATCH_GROUP; half += LANES) {
        const gkt_short *codes = p->list + ((gkt_size)word * GKT_PATCH_GROUP + half) * GKT_PATCH_PER_WORD + k;
        for (int node = 0; node < each_of(p); node++) count_half(p, patch, codes, node, w);
        if (p->tables) count_table(p, patch, codes, w);
      }
}

static void count_corners(const gkt_row_patches *p, const gkt_patch_cells *c, gkt_idx patch, gkt_patch_waves *w) {
  for (gkt_idx i = c->first[patch]; i < c->first[patch + 1]; i += LANES)
    for (int a = 0; a < c->corners; a++) {
      half_load l;
      clear(1, &l);
      for (gkt_idx k = i; k < i + LANES && k < c->first[patch + 1]; k++) add(&l, c->numbers[(gkt_size)k * c->corners + a] * p->dim);
      w->corner_loads++, w->corner_waves += l.most;
    }
}

gkt_patch_waves gkt_row_patches_count_waves(const gkt_row_patches *p) {
  gkt_patch_waves w = {0};
  if (!p->list) return p->totals.waves;
  for (gkt_idx k = 0; k < p->num_patches; k++) count_sums(p, k, &w);
  for (int b = 0; b < p->num_blocks; b++)
    for (gkt_idx k = 0; k < p->num_patches; k++) count_corners(p, &p->blocks[b], k, &w);
  return w;
}
