/* The pairs of nodes of each chunk of cells, each once, row by row, and which of them each contribution is. All is done in numbers that hold in the chunk only, so that it stays in
   cache whatever the mesh. Chunks are independent, so threads share them. */
#include <string.h>

#include "assembly/index_set.h"
#include "assembly/reduce_strategy.h"

typedef struct { /* rows or columns of a chunk */
  gkt_index_set set;
  uint16_t *local;   /* [all nodes] their numbers in the chunk */
  gkt_idx *nodes;    /* [most] and back, ascending */
  uint16_t *entries; /* [most] of the cells, in the chunk's numbers: [cells][num] */
  gkt_idx count;
} side;

typedef struct { /* a cell that has the row */
  uint16_t entry, cell;
} star;

typedef struct { /* of one thread; most: contributions of a chunk */
  side sides[2];
  gkt_idx *first; /* [most+2] star of each row */
  star *stars;    /* [most] cells ascend */
  gkt_index_set row;
  gkt_idx *found;          /* [most] columns of a row */
  uint16_t *slot;          /* [most] of each column in the row */
  gkt_idx *offsets, *cols; /* [most+1] of rows, [most] */
  char *room;              /* [left] of a block */
  size_t left, block;      /* block: bytes of the next one */
  gkt_status status;
} scratch;

static gkt_idx node_of(const gkt_idx *nodes, gkt_size i) { return nodes ? nodes[i] : 0; }

static void number_nodes(const gkt_idx *nodes, gkt_idx count, side *s) {
  for (gkt_idx k = 0; k < count; k++) gkt_index_set_add(&s->set, node_of(nodes, k));
  s->count = gkt_index_set_drain(&s->set, s->nodes);
  for (gkt_idx i = 0; i < s->count; i++) s->local[s->nodes[i]] = (uint16_t)i;
  for (gkt_idx k = 0; k < count; k++) s->entries[k] = s->local[node_of(nodes, k)];
}

/* Counting sort of the cells' rows: cells ascend at every row. */
static void make_stars(const side *rows, gkt_idx num_cells, int num, scratch *t) {
  memset(t->first, 0, ((size_t)rows->count + 2) * sizeof *t->first);
  for (gkt_idx k = 0; k < num_cells * num; k++) t->first[rows->entries[k] + 2]++;
  for (gkt_idx r = 2; r <= rows->count; r++) t->first[r] += t->first[r - 1];
  for (gkt_idx c = 0, k = 0; c < num_cells; c++)
    for (int a = 0; a < num; a++, k++) t->stars[t->first[rows->entries[k] + 1]++] = (star){(uint16_t)k, (uint16_t)c};
}

/* The row's columns, and the slots of its contributions. before: pairs of the rows before; returns those of this row. */
INLINE gkt_idx list_row(const side *cols, int num, gkt_idx row, gkt_idx before, scratch *t, uint16_t *restrict slots) {
  const star *first = t->stars + t->first[row], *end = t->stars + t->first[row + 1];
  const uint16_t *restrict entries = cols->entries;
  uint16_t *restrict slot = t->slot;
  gkt_index_set set = t->row;
  for (const star *s = first; s < end; s++)
    for (int b = 0; b < num; b++) gkt_index_set_add(&set, entries[s->cell * num + b]);
  gkt_idx count = gkt_index_set_drain(&set, t->found);
  for (gkt_idx i = 0; i < count; i++) {
    slot[t->found[i]] = (uint16_t)(before + i);
    t->cols[before + i] = cols->nodes[t->found[i]];
  }
  for (const star *s = first; s < end; s++)
    for (int b = 0; b < num; b++) slots[s->entry * num + b] = slot[entries[s->cell * num + b]];
  return count;
}

/* Written once and compiled for the cells that matter. */
static void list_rows(const side *rows, const side *cols, int num, scratch *t, uint16_t *slots) {
#define ROWS(n) \
  for (gkt_idx r = 0; r < rows->count; r++) t->offsets[r + 1] = t->offsets[r] + list_row(cols, n, r, t->offsets[r], t, slots)
  if (num == 1) ROWS(1);
  else if (num == 3) ROWS(3);
  else if (num == 4) ROWS(4);
  else if (num == 6) ROWS(6);
  else if (num == 8) ROWS(8);
  else if (num == 10) ROWS(10);
  else ROWS(num);
#undef ROWS
}

/* Lists stand in large blocks, for the sake of large pages; a block starts with the address of another one. */
enum { BLOCK_BYTES = 8 * 1024 * 1024 };
static gkt_status find_room(gkt_context *ctx, size_t bytes, gkt_routing *r, scratch *t) {
  if (bytes <= t->left) return GKT_OK;
  size_t size = sizeof r->blocks + (bytes < t->block ? t->block : bytes);
  gkt_status status;
#pragma omp critical(gkt_chunk_pairs)
  if ((status = gkt_alloc(ctx, (gkt_size)size, 1, &t->room)) == GKT_OK) {
    memcpy(t->room, &r->blocks, sizeof r->blocks);
    r->blocks = t->room;
  }
  if (status == GKT_OK) t->room += sizeof r->blocks, t->left = size - sizeof r->blocks;
  return status;
}

static gkt_status keep(gkt_context *ctx, const side *rows, gkt_routing *r, scratch *t, gkt_chunk_pairs *out) {
  gkt_idx num_rows = rows->count, count = t->offsets[num_rows];
  size_t bytes = ((2 * (size_t)num_rows + 1 + (size_t)count) * sizeof(gkt_idx) + (size_t)count + 7) / 8 * 8;
  GKT_TRY(find_room(ctx, bytes, r, t));
  out->num_rows = num_rows, out->num_slots = count;
  out->rows = (gkt_idx *)(void *)t->room, out->offsets = out->rows + num_rows, out->pairs = out->offsets + num_rows + 1, out->ways = (uint8_t *)(out->pairs + count);
  t->room += bytes, t->left -= bytes;
  memcpy(out->rows, rows->nodes, (size_t)num_rows * sizeof *out->rows);
  memcpy(out->offsets, t->offsets, ((size_t)num_rows + 1) * sizeof *out->offsets);
  memcpy(out->pairs, t->cols, (size_t)count * sizeof *out->pairs);
  memset(out->ways, 0, (size_t)count);
  return GKT_OK;
}

static gkt_status list_chunk(gkt_context *ctx, const gkt_incidence *i, const gkt_chunk *c, gkt_routing *r, scratch *t, gkt_chunk_pairs *out) {
  const gkt_idx *nodes[2];
  for (int k = 0; k < 2; k++) nodes[k] = i->nodes[k] ? i->nodes[k] + (gkt_size)c->first * i->num[k] : NULL;
  bool square = nodes[0] == nodes[1] && i->num[0] == i->num[1];
  const side *rows = &t->sides[0], *cols = &t->sides[square ? 0 : 1];
  for (int k = 0; k < (square ? 1 : 2); k++) number_nodes(nodes[k], c->count * i->num[k], &t->sides[k]);
  make_stars(rows, c->count, i->num[0], t);
  list_rows(rows, cols, i->num[1], t, r->slots + c->slots);
  return keep(ctx, rows, r, t, out);
}

static void scratch_free(int threads, scratch **all) {
  for (int i = 0; *all && i < threads; i++) {
    scratch *t = &(*all)[i];
    for (int k = 0; k < 2; k++) {
      gkt_index_set_free(&t->sides[k].set);
      gkt_free(&t->sides[k].local);
      gkt_free(&t->sides[k].nodes);
      gkt_free(&t->sides[k].entries);
    }
    gkt_index_set_free(&t->row);
    gkt_free(&t->first);
    gkt_free(&t->stars);
    gkt_free(&t->found);
    gkt_free(&t->slot);
    gkt_free(&t->offsets);
    gkt_free(&t->cols);
  }
  gkt_free(all);
}

static gkt_status side_make(gkt_context *ctx, gkt_idx num_nodes, gkt_size most, side *s) {
  GKT_TRY(gkt_index_set_make(ctx, num_nodes, &s->set));
  GKT_TRY(gkt_alloc(ctx, num_nodes, sizeof *s->local, &s->local));
  GKT_TRY(gkt_alloc(ctx, most, sizeof *s->nodes, &s->nodes));
  return gkt_alloc(ctx, most, sizeof *s->entries, &s->entries);
}

static gkt_status scratch_make(gkt_context *ctx, const gkt_idx num_nodes[2], gkt_size most, int threads, scratch **out) {
  GKT_TRY(gkt_calloc(ctx, threads, sizeof **out, out));
  for (int i = 0; i < threads; i++) {
    scratch *t = &(*out)[i];
    for (int k = 0; k < 2; k++) GKT_TRY(side_make(ctx, num_nodes[k], most, &t->sides[k]));
    GKT_TRY(gkt_index_set_make(ctx, (gkt_idx)most, &t->row));
    GKT_TRY(gkt_alloc(ctx, most + 2, sizeof *t->first, &t->first));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->stars, &t->stars));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->found, &t->found));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->slot, &t->slot));
    GKT_TRY(gkt_calloc(ctx, most + 1, sizeof *t->offsets, &t->offsets));
    GKT_TRY(gkt_alloc(ctx, most, sizeof *t->cols, &t->cols));
  }
  return GKT_OK;
}

static void list_chunks(const gkt_reduce *r, const gkt_incidence *blocks, int thread, int threads, scratch *t, gkt_routing *out) {
  gkt_size bound = r->num_contributions * 16 / threads; /* bytes of all lists; far too much, but small problems take no more */
  t->block = bound < BLOCK_BYTES ? (size_t)bound : BLOCK_BYTES;
  for (int c = thread; c < r->num_chunks && t->status == GKT_OK; c += threads) t->status = list_chunk(r->ctx, &blocks[r->chunks[c].block], &r->chunks[c], out, t, &out->chunks[c]);
}

gkt_status gkt_chunk_pairs_list(const gkt_reduce *r, const gkt_incidence *blocks, gkt_routing *out) {
  int threads = gkt_threads_for(r->ctx, r->num_contributions * r->block);
  gkt_size most = 1;
  scratch *all = NULL;
  gkt_status status;
  for (int c = 0; c < r->num_chunks; c++) {
    gkt_size n = (gkt_size)r->chunks[c].count * r->chunks[c].pairs;
    most = n > most ? n : most;
  }
  GKT_GO(gkt_alloc(r->ctx, r->num_contributions, sizeof *out->slots, &out->slots));
  GKT_GO(gkt_calloc(r->ctx, r->num_chunks, sizeof *out->chunks, &out->chunks));
  out->num_chunks = r->num_chunks;
  GKT_GO(scratch_make(r->ctx, r->pattern.num_nodes, most, threads, &all));
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) list_chunks(r, blocks, t, threads, &all[t], out);
  for (int t = 0; t < threads && status == GKT_OK; t++) status = all[t].status;
done:
  scratch_free(threads, &all);
  return status;
}
