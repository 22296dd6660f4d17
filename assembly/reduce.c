/* The plan that all strategies share (chunks and teams of cells, pairs of chunks, pattern), and the choice among them. */
#include <string.h>

#include "assembly/reduce_strategy.h"

/* Bytes of element tensors per chunk, of symmetric ones half of them: their sums (about a third of that) and slots stay in a second-level cache. Teams are large, so that they
 * share little, but enough for threads. */
enum { CHUNK_BYTES = 1024 * 1024, MOST_SLOTS = 65535, TEAM_CELLS = 40000, FEWEST_TEAMS = 8, MOST_TEAMS = 128, MOST_CELLS = 4096 };

gkt_idx gkt_reduce_chunk_size(int count, const gkt_incidence *in, const int *blocks, const bool *symmetric) {
  gkt_idx bytes = 0, most = MOST_SLOTS;
  for (int k = 0; k < count; k++) {
    gkt_idx pairs = in[k].num[0] * in[k].num[1], added = symmetric[k] ? in[k].num[0] * (in[k].num[0] + 1) / 2 : pairs;
    bytes += added * blocks[k] * (gkt_idx)sizeof(gkt_scalar);
    if (pairs && MOST_SLOTS / pairs < most) most = MOST_SLOTS / pairs;
  }
  gkt_idx wanted = bytes ? CHUNK_BYTES / bytes : MOST_CELLS;
  if (wanted < 8 * GKT_LANES) wanted = 8 * GKT_LANES;
  if (wanted > MOST_CELLS) wanted = MOST_CELLS;
  if (wanted > most) wanted = most;
  return wanted > GKT_LANES ? wanted / GKT_LANES * GKT_LANES : wanted;
}

static gkt_status cut_chunks(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks, const gkt_idx *sizes) {
  gkt_size slots = 0, count = 0;
  gkt_idx narrow;
  for (int b = 0; b < num_blocks; b++) count += (blocks[b].num_cells + sizes[b] - 1) / sizes[b];
  GKT_TRY(gkt_narrow(r->ctx, count, "chunks of cells", &narrow));
  GKT_TRY(gkt_calloc(r->ctx, count, sizeof *r->chunks, &r->chunks));
  for (int b = 0; b < num_blocks; b++) {
    for (gkt_idx first = 0; first < blocks[b].num_cells; first += sizes[b]) {
      gkt_idx left = blocks[b].num_cells - first, n = left < sizes[b] ? left : sizes[b];
      r->chunks[r->num_chunks++] = (gkt_chunk){.block = b, .first = first, .count = n, .nodes = blocks[b].num[0], .pairs = blocks[b].num[0] * blocks[b].num[1], .slots = slots};
      slots += (gkt_size)n * r->chunks[r->num_chunks - 1].pairs;
    }
  }
  r->num_contributions = slots;
  return GKT_OK;
}

/* Teams of about equally many chunks. */
static gkt_status cut_teams(gkt_reduce *r) {
  for (int c = 0; c < r->num_chunks; c++) r->num_cells += r->chunks[c].count;
  r->num_teams = r->num_cells / TEAM_CELLS;
  if (r->num_teams < FEWEST_TEAMS) r->num_teams = FEWEST_TEAMS;
  if (r->num_teams > MOST_TEAMS) r->num_teams = MOST_TEAMS;
  r->num_teams = (r->num_teams + FEWEST_TEAMS - 1) / FEWEST_TEAMS * FEWEST_TEAMS; /* as many for each of 2, 4 or 8 threads */
  if (r->num_teams > r->num_chunks) r->num_teams = r->num_chunks;
  GKT_TRY(gkt_calloc(r->ctx, r->num_teams + 1, sizeof *r->teams, &r->teams));
  for (int t = 0; t < r->num_teams; t++) {
    r->teams[t + 1] = (int)((gkt_size)r->num_chunks * (t + 1) / r->num_teams);
    for (int c = r->teams[t]; c < r->teams[t + 1]; c++) r->chunks[c].team = t;
  }
  return GKT_OK;
}

/* ---- the strategies, in the order of gkt_reduce_strategy ---- */
static const gkt_strategy strategies[] = {
    {"fused", gkt_fused_plan, gkt_fused_clear, gkt_fused_begin, gkt_fused_add, gkt_fused_flush, gkt_fused_join, gkt_fused_bytes},
    {"segmented", gkt_segmented_plan, gkt_segmented_clear, gkt_elements_begin, gkt_elements_add, gkt_elements_flush, gkt_segmented_join, gkt_segmented_bytes},
    {"spmm", gkt_spmm_plan, gkt_spmm_clear, gkt_elements_begin, gkt_elements_add, gkt_elements_flush, gkt_spmm_join, gkt_spmm_bytes}};
_Static_assert(sizeof strategies / sizeof *strategies == GKT_NUM_STRATEGIES, "one row for each strategy");

static void clear_strategy(gkt_reduce *r) {
  if (r->strategy) r->strategy->clear(r);
  gkt_free(&r->kept);
  r->strategy = NULL, r->num_kept = 0;
}

static void clear_routing(gkt_reduce *r) {
  if (r->routing) gkt_routing_clear(r->routing);
  gkt_free(&r->routing);
}

/* The pattern, and the routing that a strategy uses up. */
static gkt_status make_pattern(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks) {
  gkt_pattern_clear(&r->pattern);
  GKT_TRY(gkt_calloc(r->ctx, 1, sizeof *r->routing, &r->routing));
  GKT_TRY(gkt_chunk_pairs_list(r, blocks, r->routing));
  return gkt_pattern_create(r->ctx, num_blocks, blocks, r->routing, &r->pattern);
}

static gkt_status plan_strategy(gkt_reduce *r, int which, int num_blocks, const gkt_incidence *blocks) {
  clear_strategy(r);
  if (!r->routing) GKT_TRY(make_pattern(r, num_blocks, blocks));
  r->strategy = &strategies[which];
  GKT_TRY(r->strategy->plan(r, r->routing));
  clear_routing(r);
  r->bytes[which] = r->strategy->bytes(r);
  return GKT_OK;
}

/* `fused` is planned first, since what it moves depends on how many sums its chunks share; what the others move follows from counts. Equal costs: the first. */
static gkt_status plan_cheapest(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks) {
  int best = 0;
  GKT_TRY(plan_strategy(r, 0, num_blocks, blocks));
  for (int k = 1; k < GKT_NUM_STRATEGIES; k++) {
    r->bytes[k] = strategies[k].bytes(r);
    if (r->bytes[k] < r->bytes[best]) best = k;
  }
  return best ? plan_strategy(r, best, num_blocks, blocks) : GKT_OK;
}

gkt_status gkt_reduce_create(gkt_context *ctx, int num_blocks, const gkt_incidence *blocks, const gkt_idx num_nodes[2], const int block_size[2], bool symmetric,
                             const gkt_idx *cells_per_chunk, gkt_reduce **out) {
  gkt_reduce *r = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *r, &r));
  r->ctx = ctx, r->block = block_size[0] * block_size[1], r->symmetric = symmetric;
  r->pattern = (gkt_pattern){.num_nodes = {num_nodes[0], num_nodes[1]}, .block_size = {block_size[0], block_size[1]}};
  GKT_GO(cut_chunks(r, num_blocks, blocks, cells_per_chunk));
  GKT_GO(cut_teams(r));
  GKT_GO(make_pattern(r, num_blocks, blocks));
done:
  if (status == GKT_OK) *out = r;
  else gkt_reduce_destroy(&r);
  return status;
}

gkt_status gkt_reduce_plan(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks, gkt_embedding embedding) {
  gkt_reduce_strategy asked = r->ctx->options.reduce;
  if (asked < GKT_REDUCE_AUTO || asked > GKT_REDUCE_SPMM)
    return gkt_fail(r->ctx, GKT_BAD_ARGUMENT, "reduce: strategy %d; expected %d (auto) to %d (spmm)", (int)asked, GKT_REDUCE_AUTO, GKT_REDUCE_SPMM);
  r->embedding = embedding;
  return asked == GKT_REDUCE_AUTO ? plan_cheapest(r, num_blocks, blocks) : plan_strategy(r, asked - GKT_REDUCE_FUSED, num_blocks, blocks);
}

gkt_status gkt_reduce_list(gkt_reduce *r, int num_blocks, const gkt_incidence *blocks, gkt_embedding embedding) {
  r->embedding = embedding;
  if (!r->routing) GKT_TRY(make_pattern(r, num_blocks, blocks));
  return gkt_segments_check(r);
}

gkt_status gkt_reduce_make_lists(gkt_reduce *r) {
  if (r->segments.order || !r->routing) return GKT_OK;
  GKT_TRY(gkt_segments_make(r, r->routing, &r->segments));
  clear_routing(r);
  return GKT_OK;
}

gkt_status gkt_reduce_list_again(gkt_reduce *r, const gkt_incidence *blocks) {
  const gkt_status status = gkt_segments_find(r, blocks, &r->segments);
  if (status != GKT_OK) gkt_reduce_drop_lists(r);
  return status;
}

void gkt_reduce_drop_lists(gkt_reduce *r) {
  clear_routing(r);
  gkt_segments_clear(&r->segments);
}

void gkt_reduce_destroy(gkt_reduce **reduce) {
  gkt_reduce *r = *reduce;
  if (!r) return;
  clear_strategy(r);
  clear_routing(r);
  gkt_reduce_drop_lists(r);
  gkt_pattern_clear(&r->pattern);
  gkt_free(&r->chunks);
  gkt_free(&r->teams);
  gkt_free(reduce);
}

/* ---- execution ---- */
gkt_size gkt_reduce_num_values(const gkt_reduce *r) { return (gkt_size)r->pattern.offsets[r->pattern.num_nodes[0]] * r->block; }
gkt_size gkt_reduce_contributions(const gkt_reduce *r, int block, gkt_size *first) {
  gkt_size count = 0;
  *first = 0;
  for (int c = 0; c < r->num_chunks; c++) {
    if (r->chunks[c].block != block) continue;
    if (count == 0) *first = r->chunks[c].slots;
    count += (gkt_size)r->chunks[c].count * r->chunks[c].pairs;
  }
  return count;
}

const char *gkt_reduce_name(const gkt_reduce *r) { return r->strategy->name; }
bool gkt_reduce_takes_sets(const gkt_reduce *r) { return r->strategy == &strategies[0]; }
gkt_size gkt_reduce_bytes(const gkt_reduce *r) { return r->bytes[r->strategy - strategies]; }
gkt_size gkt_reduce_bytes_of(const gkt_reduce *r, int strategy) { return strategies[strategy].bytes(r); }

void gkt_reduce_poison(gkt_reduce *r) { memset(r->kept, 0xFF, (size_t)r->num_kept * sizeof *r->kept); }

gkt_scalar *gkt_reduce_begin(gkt_reduce *r, int chunk, gkt_scalar *scratch) { return r->strategy->begin(r, &r->chunks[chunk], scratch); }

void gkt_reduce_add(const gkt_reduce *r, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums) {
  r->strategy->add(r, &r->chunks[chunk], count, cells, first, tensors, tile, sums);
}

void gkt_reduce_flush(gkt_reduce *r, int chunk, const gkt_scalar *sums, gkt_scalar *values) { r->strategy->flush(r, &r->chunks[chunk], sums, values); }
void gkt_reduce_join(const gkt_reduce *r, gkt_scalar *values) { r->strategy->join(r, values); }

/* ---- report ---- */
void gkt_reduce_log(const gkt_reduce *r, const char *what) {
  double cells = r->num_cells > 0 ? r->num_cells : 1;
  char costs[GKT_NUM_STRATEGIES * 48] = "";
  int used = 0;
  for (int k = 0; k < GKT_NUM_STRATEGIES; k++)
    if (r->bytes[k]) used += snprintf(costs + used, sizeof costs - (size_t)used, "%s%.0f %s", used ? ", " : "", (double)r->bytes[k] / cells, strategies[k].name);
  gkt_log(r->ctx, GKT_LOG_DETAIL, "reduce of a %s: %s, %s: bytes per cell %s", what, r->strategy->name,
          r->ctx->options.reduce == GKT_REDUCE_AUTO ? "the least by the model" : "as asked; by the model", costs);
}
