/* What leaves a system undetermined and is seen by looking at its modes (modes.c): a row or a column of zeros, and rigid motions of a connected piece that nothing holds. Proven
   with this: where the facts say that only such modes are mapped to zero, A is regular. */
#include <float.h>
#include <string.h>

#include "solvers/linear.h"

enum { MAX = GKT_MAX_MODES };

/* A combination that vanishes on all dofs of the piece, as a rotation about the line through its two nodes, is none of its motions. */
static bool is_there(const gkt_modes *m, int k) {
  double most = 0;
  for (int l = 0; l < m->count; l++) most = fmax(most, m->length[l]);
  return m->length[k] > 1e-24 * most;
}

bool gkt_modes_is_mapped_to_zero(const gkt_modes *m, int k) { return is_there(m, k) && sqrt(m->image[k][k]) <= 10 * DBL_EPSILON * sqrt(m->size[k]); }

/* How many combinations of a piece's modes are mapped to zero. */
static int count_free(gkt_modes *m, const gkt_pieces *p, gkt_idx piece) {
  int count = 0;
  if (!gkt_modes_seem_free(m, p->offsets[piece + 1] - p->offsets[piece], p->dofs + p->offsets[piece])) return 0;
  for (int k = 0; k < m->count; k++) count += gkt_modes_is_mapped_to_zero(m, k);
  return count;
}

/* ---- held by conditions ---- */
/* Constrained dofs beside a piece: eliminated columns stay in the pattern. Each once; held [num_rows] is the number of the last piece that listed it, plus 1. */
static gkt_idx list_held(const gkt_csr *A, const gkt_pieces *p, gkt_idx piece, gkt_idx *held, gkt_idx *list) {
  gkt_idx count = 0;
  for (gkt_idx k = p->offsets[piece]; k < p->offsets[piece + 1]; k++)
    for (gkt_idx e = A->row_offsets[p->dofs[k]]; e < A->row_offsets[p->dofs[k] + 1]; e++) {
      gkt_idx j = A->cols[e];
      if (p->of[j] >= 0 || held[j] == piece + 1) continue;
      held[j] = piece + 1, list[count++] = j;
    }
  return count;
}

/* Modes about their middle, each at unit length there: the least eigenvalue of their Gram matrix. */
bool gkt_modes_hold(gkt_modes *m, gkt_idx count, const gkt_idx *dofs) {
  double z[MAX], unit[MAX];
  gkt_modes_measure(m, count, dofs);
  gkt_modes_start(m);
  for (gkt_idx i = 0; i < count; i++) {
    gkt_modes_at(m, dofs[i], z);
    for (int k = 0; k < m->count; k++)
      for (int l = 0; l < m->count; l++) m->image[k][l] += z[k] * z[l];
  }
  for (int k = 0; k < m->count; k++)
    if (!((unit[k] = sqrt(m->image[k][k])) > 0)) return false;
  for (int k = 0; k < m->count; k++)
    for (int l = 0; l < m->count; l++) m->image[k][l] /= unit[k] * unit[l];
  gkt_modes_separate(m);
  for (int k = 0; k < m->count; k++)
    if (!(m->image[k][k] > 1e-10)) return false;
  return true;
}

/* A dof of the piece that a free motion moves most. */
static gkt_idx most_moved(const gkt_modes *m, const gkt_pieces *p, gkt_idx piece) {
  gkt_idx best = p->dofs[p->offsets[piece]];
  double c[MAX], most = 0;
  for (gkt_idx k = p->offsets[piece]; k < p->offsets[piece + 1]; k++) {
    gkt_modes_at(m, p->dofs[k], c);
    for (int l = 0; l < m->count; l++)
      if (gkt_modes_is_mapped_to_zero(m, l) && fabs(c[l]) > most) most = fabs(c[l]), best = p->dofs[k];
  }
  return best;
}

/* A row or a column of zeros; -1: none. */
static gkt_status find_empty(gkt_solve *s, gkt_idx *out) {
  const gkt_csr *A = s->A;
  bool *filled = NULL, *used = NULL;
  gkt_status status;
  *out = -1;
  GKT_GO(gkt_calloc(s->petsc.ctx, A->num_rows, sizeof *filled, &filled));
  GKT_GO(gkt_calloc(s->petsc.ctx, A->num_rows, sizeof *used, &used));
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (A->vals[k] != 0) filled[i] = used[A->cols[k]] = true;
  for (gkt_idx i = 0; i < A->num_rows && *out < 0; i++)
    if (s->pieces.of[i] >= 0 && !(filled[i] && used[i])) *out = i;
done:
  gkt_free(&filled);
  gkt_free(&used);
  return status;
}

/* The pieces one by one, until one is found to be free. */
static void look_at_pieces(gkt_solve *s, gkt_modes *m, bool proven, gkt_idx *held, gkt_idx *list) {
  if (s->pieces.count == 1 && s->matrix.kernel && !proven) return; /* it was looked for there */
  int known = s->matrix.kernel ? s->matrix.kernel->count : 0;      /* the kernel of the facts is made of these */
  for (gkt_idx c = 0; c < s->pieces.count && !s->singular; c++) {
    if (proven && gkt_modes_hold(m, list_held(s->A, &s->pieces, c, held, list), list)) continue;
    known -= count_free(m, &s->pieces, c);
    if (known < 0) s->singular = true, s->free_dof = most_moved(m, &s->pieces, c);
  }
}

gkt_status gkt_find_free_modes(gkt_solve *s) {
  gkt_modes m;
  bool proven = s->facts->elliptic && s->facts->symmetric && s->facts->positive;
  gkt_idx empty, *held = NULL, *list = NULL;
  gkt_status status;
  gkt_modes_begin(s->A, s->facts, s->scales.rows, s->units.right, &m);
  GKT_GO(find_empty(s, &empty));
  GKT_GO(gkt_calloc(s->petsc.ctx, s->A->num_rows, sizeof *held, &held));
  GKT_GO(gkt_alloc(s->petsc.ctx, s->A->num_rows, sizeof *list, &list));
  s->singular = empty >= 0, s->free_dof = empty >= 0 ? empty : 0;
  if (!s->singular) look_at_pieces(s, &m, proven, held, list);
  s->regular = !s->singular && proven;
done:
  gkt_free(&held);
  gkt_free(&list);
  return status;
}
