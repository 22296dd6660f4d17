/* What leaves a system undetermined and is seen by looking at its modes: a row or a column of zeros, and rigid motions of a connected piece that nothing holds. A combination of
   the modes of a piece that A maps to zero is the smallest singular vector of its image; squares would lose half the digits, so the combinations are made orthogonal to each other
   and the image is formed anew, until it is known to rounding. Proven with this: where the facts say that only such modes are mapped to zero, A is regular. */
#include <float.h>
#include <string.h>

#include "solvers/linear.h"

enum { ROUNDS = 4, MAX = GKT_MAX_MODES };

typedef struct {
  const gkt_csr *A;
  const gkt_system_facts *facts;
  const gkt_pieces *pieces;
  const double *rows; /* scales */
  int count;
  double middle[3], extent;
  bool plain;                                     /* combinations are the modes themselves */
  double combos[MAX][MAX];                        /* [combination][mode] */
  double image[MAX][MAX], size[MAX], length[MAX]; /* of the combinations z: Gram matrix of A z, || |A||z| ||, ||z||; rows of A scaled (scales.c) */
} piece_modes;

static gkt_idx node_of(const piece_modes *m, gkt_idx dof) { return dof / m->facts->block_size; }

/* Middle and extent of some dofs, so that rotations are of the size of the constants. */
static void measure(piece_modes *m, gkt_idx count, const gkt_idx *dofs) {
  int dim = m->facts->coords ? m->facts->dim : 0;
  memset(m->middle, 0, sizeof m->middle);
  m->extent = 0;
  for (gkt_idx k = 0; k < count; k++)
    for (int d = 0; d < dim; d++) m->middle[d] += m->facts->coords[(gkt_size)node_of(m, dofs[k]) * dim + d] / count;
  for (gkt_idx k = 0; k < count; k++)
    for (int d = 0; d < dim; d++) m->extent = fmax(m->extent, fabs(m->facts->coords[(gkt_size)node_of(m, dofs[k]) * dim + d] - m->middle[d]));
}

static void modes_at(const piece_modes *m, gkt_idx dof, double *z) {
  int block = m->facts->block_size, dim = m->facts->coords ? m->facts->dim : 0;
  double x[3] = {0};
  for (int d = 0; d < dim && m->extent > 0; d++) x[d] = (m->facts->coords[(gkt_size)node_of(m, dof) * dim + d] - m->middle[d]) / m->extent;
  for (int k = 0; k < m->count; k++) z[k] = gkt_mode_value(k, block, dof % block, x);
}

static void start(piece_modes *m) {
  memset(m->combos, 0, sizeof m->combos), memset(m->image, 0, sizeof m->image);
  for (int k = 0; k < m->count; k++) m->combos[k][k] = 1;
  m->plain = true;
}

static void combine(const piece_modes *m, const double *z, double *out) {
  if (m->plain) memcpy(out, z, sizeof *out * (size_t)m->count);
  if (m->plain) return;
  for (int k = 0; k < m->count; k++) {
    out[k] = 0;
    for (int l = 0; l < m->count; l++) out[k] += m->combos[k][l] * z[l];
  }
}

static void add_row(piece_modes *m, gkt_idx row) {
  double z[MAX], c[MAX], sum[MAX] = {0}, absolute[MAX] = {0}, scale = m->rows[row];
  for (gkt_idx k = m->A->row_offsets[row]; k < m->A->row_offsets[row + 1]; k++) {
    if (m->A->vals[k] == 0) continue;
    modes_at(m, m->A->cols[k], z);
    combine(m, z, c);
    for (int l = 0; l < m->count; l++) sum[l] += m->A->vals[k] * c[l], absolute[l] += fabs(m->A->vals[k] * c[l]);
  }
  modes_at(m, row, z);
  combine(m, z, c);
  for (int k = 0; k < m->count; k++) {
    for (int l = 0; l < m->count; l++) m->image[k][l] += sum[k] * scale * (sum[l] * scale);
    m->size[k] += absolute[k] * scale * (absolute[k] * scale), m->length[k] += c[k] * c[k];
  }
}

static void form_images(piece_modes *m, gkt_idx piece) {
  memset(m->image, 0, sizeof m->image), memset(m->size, 0, sizeof m->size), memset(m->length, 0, sizeof m->length);
  for (gkt_idx k = m->pieces->offsets[piece]; k < m->pieces->offsets[piece + 1]; k++) add_row(m, m->pieces->dofs[k]);
}

static bool is_mapped_to_zero(const piece_modes *m, int k) { return m->length[k] > 0 && sqrt(m->image[k][k]) <= 10 * DBL_EPSILON * sqrt(m->size[k]); }

/* One rotation of combinations k and l that makes their images orthogonal (Jacobi; Golub and Van Loan, 8.5). */
static void rotate(piece_modes *m, int k, int l) {
  double off = m->image[k][l];
  if (!(fabs(off) > DBL_EPSILON * sqrt(m->image[k][k]) * sqrt(m->image[l][l]))) return;
  double tau = (m->image[l][l] - m->image[k][k]) / (2 * off), t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau)), c = 1 / sqrt(1 + t * t), s = t * c;
  for (int j = 0; j < m->count; j++) {
    double a = m->combos[k][j], b = m->combos[l][j];
    m->combos[k][j] = c * a - s * b, m->combos[l][j] = s * a + c * b;
    a = m->image[k][j], b = m->image[l][j];
    m->image[k][j] = c * a - s * b, m->image[l][j] = s * a + c * b;
  }
  for (int j = 0; j < m->count; j++) {
    double a = m->image[j][k], b = m->image[j][l];
    m->image[j][k] = c * a - s * b, m->image[j][l] = s * a + c * b;
  }
}

/* Combinations whose images are orthogonal. */
static void separate(piece_modes *m) {
  m->plain = false;
  for (int sweep = 0; sweep < 8; sweep++)
    for (int k = 0; k < m->count; k++)
      for (int l = k + 1; l < m->count; l++) rotate(m, k, l);
}

/* The Gram matrix is diagonal: are all images far above what squares lose, whatever combination they are of? */
static bool is_held_at_once(const piece_modes *m) {
  double all = 0, least = INFINITY;
  for (int k = 0; k < m->count; k++) all += m->size[k], least = fmin(least, m->image[k][k]);
  return least > 1e-12 * m->count * all;
}

/* How many combinations of a piece's modes are mapped to zero. */
static int count_free(piece_modes *m, gkt_idx piece) {
  double least = 1;
  int count = 0;
  measure(m, m->pieces->offsets[piece + 1] - m->pieces->offsets[piece], m->pieces->dofs + m->pieces->offsets[piece]);
  start(m);
  form_images(m, piece);
  for (int round = 0; round < ROUNDS; round++) {
    separate(m);
    if (round == 0 && is_held_at_once(m)) return 0;
    form_images(m, piece);
    for (int k = 0; k < m->count; k++) least = m->size[k] > 0 ? fmin(least, sqrt(m->image[k][k] / m->size[k])) : least;
    if (least > 1e-6) return 0; /* squares are good to 1e-8 */
  }
  for (int k = 0; k < m->count; k++) count += is_mapped_to_zero(m, k);
  return count;
}

/* ---- held by conditions ---- */
/* Constrained dofs beside a piece: eliminated columns stay in the pattern. Each once; held [num_rows] is the number of the last piece that listed it, plus 1. */
static gkt_idx list_held(const piece_modes *m, gkt_idx piece, gkt_idx *held, gkt_idx *list) {
  gkt_idx count = 0;
  for (gkt_idx k = m->pieces->offsets[piece]; k < m->pieces->offsets[piece + 1]; k++)
    for (gkt_idx e = m->A->row_offsets[m->pieces->dofs[k]]; e < m->A->row_offsets[m->pieces->dofs[k] + 1]; e++) {
      gkt_idx j = m->A->cols[e];
      if (m->pieces->of[j] >= 0 || held[j] == piece + 1) continue;
      held[j] = piece + 1, list[count++] = j;
    }
  return count;
}

/* Does no combination of the modes vanish on these dofs? Modes about their middle, each at unit length there: the least eigenvalue of their Gram matrix. */
static bool hold_all(piece_modes *m, gkt_idx count, const gkt_idx *dofs) {
  double z[MAX], unit[MAX];
  measure(m, count, dofs);
  start(m);
  for (gkt_idx i = 0; i < count; i++) {
    modes_at(m, dofs[i], z);
    for (int k = 0; k < m->count; k++)
      for (int l = 0; l < m->count; l++) m->image[k][l] += z[k] * z[l];
  }
  for (int k = 0; k < m->count; k++)
    if (!((unit[k] = sqrt(m->image[k][k])) > 0)) return false;
  for (int k = 0; k < m->count; k++)
    for (int l = 0; l < m->count; l++) m->image[k][l] /= unit[k] * unit[l];
  separate(m);
  for (int k = 0; k < m->count; k++)
    if (!(m->image[k][k] > 1e-10)) return false;
  return true;
}

/* A dof of the piece that a free motion moves most. */
static gkt_idx most_moved(const piece_modes *m, gkt_idx piece) {
  gkt_idx best = m->pieces->dofs[m->pieces->offsets[piece]];
  double z[MAX], c[MAX], most = 0;
  for (gkt_idx k = m->pieces->offsets[piece]; k < m->pieces->offsets[piece + 1]; k++) {
    modes_at(m, m->pieces->dofs[k], z);
    combine(m, z, c);
    for (int l = 0; l < m->count; l++)
      if (is_mapped_to_zero(m, l) && fabs(c[l]) > most) most = fabs(c[l]), best = m->pieces->dofs[k];
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
static void look_at_pieces(gkt_solve *s, piece_modes *m, bool proven, gkt_idx *held, gkt_idx *list) {
  int known = s->matrix.num_null; /* the kernel of the facts is made of these */
  for (gkt_idx c = 0; c < s->pieces.count && !s->singular; c++) {
    if (proven && hold_all(m, list_held(m, c, held, list), list)) continue;
    known -= count_free(m, c);
    if (known < 0) s->singular = true, s->free_dof = most_moved(m, c);
  }
}

gkt_status gkt_find_free_modes(gkt_solve *s) {
  piece_modes m = {.A = s->A, .facts = s->facts, .pieces = &s->pieces, .rows = s->scales.rows, .count = gkt_num_modes(s->facts)};
  bool proven = s->facts->elliptic && s->facts->symmetric && s->facts->positive;
  gkt_idx empty, *held = NULL, *list = NULL;
  gkt_status status;
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
