/* Pieces are found on the device; where there are several, the host numbers them, from one integer a dof, when they are others than before. */
#include "solvers/device_pieces.h"

#include "solvers/device_system.h"

/* ---- what there is ---- */
static gkt_status find_roots(gkt_device_system *s) {
  const gkt_size n = s->A->num_rows;
  const gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  gkt_idx changed = 1;
  _Static_assert(2 * sizeof *a.parent <= sizeof *s->residual.at, "parents and their copy stand where residuals will");
  GKT_TRY(gkt_device_system_each_row(s, "gkt_device_begin_pieces", &a));
  while (changed) {
    GKT_TRY(gkt_device_fill(s->device, a.changed, 0, sizeof changed));
    GKT_TRY(gkt_device_copy(s->device, a.parent, a.next, n * (gkt_size)sizeof *a.parent));
    GKT_TRY(gkt_device_system_each_row(s, "gkt_device_hang", &a));
    GKT_TRY(gkt_device_system_each_row(s, "gkt_device_flatten", &a));
    GKT_TRY(gkt_device_download(s->device, a.changed, &changed, sizeof changed));
  }
  return GKT_OK;
}

static gkt_status fetch_pieces(gkt_device_system *s, gkt_pieces *out) {
  const gkt_idx n = s->A->num_rows;
  gkt_idx *roots = NULL;
  GKT_TRY(gkt_alloc(s->ctx, n, sizeof *roots, &roots));
  gkt_status status = gkt_device_download(s->device, gkt_device_system_rows(s, 0).parent, roots, n * (gkt_size)sizeof *roots);
  if (status != GKT_OK) return gkt_free(&roots), status;
  return gkt_pieces_of_roots(s->ctx, n, s->facts->constrained, roots, out);
}

/* The array, of at least so many. */
static gkt_status widen(gkt_device_system *s, gkt_size count, const char *what, gkt_scalars *array) {
  if (array->count >= count) return GKT_OK;
  gkt_device_free(s->device, array);
  return gkt_device_alloc(s->device, count, sizeof *array->at, what, array);
}

static gkt_status list(gkt_device_system *s) {
  gkt_device_pieces *p = &s->pieces;
  const gkt_size n = s->A->num_rows;
  gkt_pieces host = {0};
  gkt_status status;
  gkt_device_pieces_destroy(s->device, p);
  GKT_GO(fetch_pieces(s, &host));
  GKT_GO(gkt_device_chunks_send(s->ctx, s->device, &host, &p->chunks));
  GKT_GO(gkt_device_send(s->device, host.of, n, sizeof *host.of, "pieces of dofs", &p->of));
  GKT_GO(gkt_device_alloc(s->device, n, sizeof *p->roots.at, "first dofs of pieces", &p->roots));
  GKT_GO(gkt_device_copy(s->device, gkt_device_system_rows(s, 0).parent, p->roots.at, n * (gkt_size)sizeof *p->roots.at));
  GKT_GO(widen(s, GKT_NUM_SIZES * 3 * p->chunks.num_chunks + gkt_sum_work(s->num_entries), "partial sums", &s->partial));
  GKT_GO(widen(s, GKT_NUM_SIZES * ((gkt_size)host.count + 1), "lengths of a residual", &s->sizes));
  p->count = host.count;
done:
  gkt_pieces_destroy(&host);
  return status;
}

gkt_status gkt_device_pieces_find(gkt_device_system *s, bool *moved) {
  gkt_device_pieces *p = &s->pieces;
  gkt_idx count, others = 1;
  GKT_TRY(find_roots(s));
  GKT_TRY(gkt_device_system_count_rows(s, GKT_ROW_ROOT, &count));
  if (count > 1 && p->count > 1) GKT_TRY(gkt_device_system_count_rows(s, GKT_ROW_MOVED, &others));
  *moved = count != p->count || (count > 1 && others > 0);
  if (count > 1 && *moved) return list(s);
  if (count <= 1) gkt_device_pieces_destroy(s->device, p);
  p->count = count;
  return GKT_OK;
}

void gkt_device_pieces_destroy(gkt_device *device, gkt_device_pieces *p) {
  gkt_device_chunks_destroy(device, &p->chunks);
  gkt_device_free(device, &p->of);
  gkt_device_free(device, &p->roots);
  p->count = 0;
}

/* ---- what holds them ---- */
/* Of the one piece: a byte a dof comes over. */
static gkt_status is_held(gkt_device_system *s, gkt_modes *m, bool *held) {
  gkt_idx n = s->A->num_rows, count = 0, *dofs = NULL;
  gkt_byte *beside = NULL;
  gkt_status status;
  gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  a.beside = (gkt_byte *)s->spare.at;
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *beside, &beside));
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *dofs, &dofs));
  GKT_GO(gkt_device_system_each_row(s, "gkt_device_beside", &a));
  GKT_GO(gkt_device_download(s->device, a.beside, beside, n * (gkt_size)sizeof *beside));
  for (gkt_idx i = 0; i < n; i++)
    if (beside[i]) dofs[count++] = i;
  *held = gkt_modes_hold(m, count, dofs);
done:
  gkt_free(&beside);
  gkt_free(&dofs);
  return status;
}

typedef struct { /* a dof that is given, and a piece beside it, by its first dof */
  gkt_idx root, dof;
} pair;
typedef struct {
  gkt_idx count;
  pair *at;
} pairs;

static int compare_pairs(const void *a, const void *b) {
  const pair *x = a, *y = b;
  if (x->root != y->root) return x->root < y->root ? -1 : 1;
  return (x->dof > y->dof) - (x->dof < y->dof);
}

/* Each round brings the next piece beside each dof that is given, until there are none. */
static gkt_status list_pairs(gkt_device_system *s, pairs *out) {
  const gkt_idx n = s->A->num_rows;
  gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  gkt_idx *next = NULL, more = 1;
  gkt_status status;
  a.next_piece = (gkt_idx *)s->spare.at;
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *next, &next));
  GKT_GO(gkt_device_fill(s->device, a.next_piece, 0, n * (gkt_size)sizeof *next));
  while (more) {
    GKT_GO(gkt_device_system_each_row(s, "gkt_device_beside_next", &a));
    GKT_GO(gkt_device_download(s->device, a.next_piece, next, n * (gkt_size)sizeof *next));
    more = 0;
    for (gkt_idx i = 0; i < n; i++) more += next[i] != GKT_NO_PIECE;
    GKT_GO(gkt_realloc(s->ctx, (gkt_size)out->count + more, sizeof *out->at, &out->at));
    for (gkt_idx i = 0; i < n; i++)
      if (next[i] != GKT_NO_PIECE) out->at[out->count++] = (pair){next[i] - 1, i};
  }
done:
  gkt_free(&next);
  return status;
}

static gkt_status all_are_held(gkt_device_system *s, gkt_modes *m, bool *held) {
  pairs found = {0};
  gkt_idx *dofs = NULL, pieces = 0;
  gkt_status status;
  GKT_GO(list_pairs(s, &found));
  GKT_GO(gkt_alloc(s->ctx, found.count, sizeof *dofs, &dofs));
  qsort(found.at, (size_t)found.count, sizeof *found.at, compare_pairs);
  *held = true;
  for (gkt_idx begin = 0, end; begin < found.count && *held; begin = end, pieces++) {
    for (end = begin; end < found.count && found.at[end].root == found.at[begin].root; end++) dofs[end] = found.at[end].dof;
    *held = gkt_modes_hold(m, end - begin, dofs + begin);
  }
  *held = *held && pieces == s->pieces.count;
done:
  gkt_free(&found.at);
  gkt_free(&dofs);
  return status;
}

gkt_status gkt_device_pieces_are_held(gkt_device_system *s, bool *held) {
  gkt_modes m;
  *held = false;
  gkt_modes_begin(s->A, s->facts, NULL, NULL, &m);
  return s->pieces.count > 1 ? all_are_held(s, &m, held) : is_held(s, &m, held);
}
