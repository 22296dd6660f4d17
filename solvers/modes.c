/* Modes of a system: the constants of each component of each field, then the rotations of fields that have them; and which combinations of them the matrix maps to zero. These are
   the smallest singular vectors of their images; squares would lose half the digits, so the combinations are made orthogonal to each other and the images are formed anew, until
   they are known to rounding. */
#include <float.h>
#include <string.h>

#include "solvers/linear.h"

enum { ROUNDS = 4, MAX = GKT_MAX_MODES };

double gkt_mode_value(int m, int block, int component, const double *x) {
  static const int planes[3][2] = {{0, 1}, {1, 2}, {0, 2}};
  if (m < block) return component == m;
  const int *plane = planes[m - block];
  return component == plane[0] ? -x[plane[1]] : component == plane[1] ? x[plane[0]] : 0;
}

/* Of dof i of a block, at x: in the frame of its node. */
static double value_in_frame(const gkt_block_facts *b, int m, gkt_idx i, const double *x) {
  const int n = b->block_size, c = i % n;
  const gkt_idx frame = b->frames.of ? b->frames.of[i / n] : -1;
  double sum = 0;
  for (int d = 0; d < n && frame >= 0; d++) sum += b->frames.columns[((gkt_size)frame * n + d) * n + c] * gkt_mode_value(m, n, d, x);
  return frame < 0 ? gkt_mode_value(m, n, c, x) : sum;
}

int gkt_block_num_modes(const gkt_block_facts *b, int dim) {
  bool rotations = b->near_null == GKT_KERNEL_RIGID_BODY && b->coords && b->block_size == dim;
  return b->block_size + (rotations ? dim * (dim - 1) / 2 : 0);
}

static void find_middle(const gkt_block_facts *b, int dim, double *middle) {
  gkt_idx nodes = b->count / b->block_size;
  for (int d = 0; d < 3; d++) middle[d] = 0;
  for (gkt_idx i = 0; i < nodes && b->coords; i++)
    for (int d = 0; d < dim; d++) middle[d] += b->coords[(gkt_size)i * dim + d] / nodes;
}

/* Rotations about the middle of the points, so that the modes are well apart. Zero on constrained dofs: those rows hold a diagonal only, and a mode that is nonzero
   there would tie them to the coarse grid. */
void gkt_block_mode(const gkt_block_facts *b, int dim, const bool *constrained, int m, gkt_scalar *out) {
  double middle[3], x[3] = {0}, norm;
  find_middle(b, dim, middle);
  for (gkt_idx i = 0; i < b->count; i++) {
    for (int d = 0; d < dim && b->coords; d++) x[d] = b->coords[(gkt_size)(i / b->block_size) * dim + d] - middle[d];
    bool fixed = constrained && constrained[b->first + i];
    out[i] = fixed ? 0 : value_in_frame(b, m, i, x);
  }
  norm = gkt_norm(b->count, out, NULL);
  for (gkt_idx i = 0; i < b->count && norm > 0; i++) out[i] /= norm;
}

bool gkt_is_in_kernel(const gkt_csr *A, const gkt_scalar *m) {
  gkt_length image = {0, 0}, size = {0, 0};
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double sum = 0, sum_abs = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * m[A->cols[k]], sum_abs += fabs(A->vals[k] * m[A->cols[k]]);
    gkt_length_add(&image, sum), gkt_length_add(&size, sum_abs);
  }
  return gkt_length_value(&image) <= 1e-10 * gkt_length_value(&size);
}

/* ---- their images ---- */
void gkt_modes_begin(const gkt_csr *A, const gkt_system_facts *f, const double *rows, const int *units, gkt_modes *m) {
  m->A = A, m->facts = f, m->rows = rows, m->count = 0;
  m->blocks = gkt_facts_blocks(f, A->num_rows, &m->one, &m->num_blocks);
  for (int b = 0; b < m->num_blocks; b++) {
    int count = gkt_block_num_modes(&m->blocks[b], f->dim);
    if (b >= MAX || m->count + count > MAX) { /* of more fields than that, the first ones are looked at */
      m->num_blocks = b;
      break;
    }
    m->begin[b] = m->count, m->count += count;
    m->unit[b] = units ? ldexp(1, units[b]) : 1;
  }
}

static int block_of(const gkt_modes *m, gkt_idx dof) {
  int b = 0;
  while (b < m->num_blocks && dof >= m->blocks[b].first + m->blocks[b].count) b++;
  return b;
}

/* Coordinates of a dof's node, NULL: it has none. */
static const double *place_of(const gkt_modes *m, gkt_idx dof) {
  int b = block_of(m, dof);
  if (b == m->num_blocks || !m->blocks[b].coords) return NULL;
  return m->blocks[b].coords + (gkt_size)((dof - m->blocks[b].first) / m->blocks[b].block_size) * m->facts->dim;
}

void gkt_modes_measure(gkt_modes *m, gkt_idx count, const gkt_idx *dofs) {
  gkt_idx placed = 0;
  const double *x;
  memset(m->middle, 0, sizeof m->middle);
  m->extent = 0;
  for (gkt_idx k = 0; k < count; k++) placed += place_of(m, dofs ? dofs[k] : k) != NULL;
  for (gkt_idx k = 0; k < count; k++)
    if ((x = place_of(m, dofs ? dofs[k] : k)))
      for (int d = 0; d < m->facts->dim; d++) m->middle[d] += x[d] / placed;
  for (gkt_idx k = 0; k < count; k++)
    if ((x = place_of(m, dofs ? dofs[k] : k)))
      for (int d = 0; d < m->facts->dim; d++) m->extent = fmax(m->extent, fabs(x[d] - m->middle[d]));
}

/* z: of the modes of the dof's field, [begin, end); all others are 0 there. */
static void modes_of_field(const gkt_modes *m, gkt_idx dof, int *begin, int *end, double *z) {
  int b = block_of(m, dof);
  double x[3] = {0};
  *begin = *end = 0;
  if (b == m->num_blocks) return;
  if (m->facts->tied && m->facts->tied[dof]) return;
  const gkt_block_facts *block = &m->blocks[b];
  const double *place = place_of(m, dof);
  *begin = m->begin[b], *end = b + 1 < m->num_blocks ? m->begin[b + 1] : m->count;
  for (int d = 0; d < m->facts->dim && place && m->extent > 0; d++) x[d] = (place[d] - m->middle[d]) / m->extent;
  for (int k = *begin; k < *end; k++) z[k] = m->unit[b] * value_in_frame(block, k - *begin, dof - block->first, x);
}

void gkt_modes_at(const gkt_modes *m, gkt_idx dof, double *out) {
  int begin, end;
  double z[MAX];
  modes_of_field(m, dof, &begin, &end, z);
  for (int k = 0; k < m->count; k++) {
    out[k] = m->plain && k >= begin && k < end ? z[k] : 0;
    for (int l = begin; l < end && !m->plain; l++) out[k] += m->combos[k][l] * z[l];
  }
}

void gkt_modes_start(gkt_modes *m) {
  memset(m->combos, 0, sizeof m->combos), memset(m->image, 0, sizeof m->image);
  for (int k = 0; k < m->count; k++) m->combos[k][k] = 1;
  m->plain = true;
}

void gkt_modes_row(const gkt_modes *m, gkt_idx row, double *sum, double *absolute) {
  double z[MAX], plain[MAX] = {0}, size[MAX] = {0};
  int begin, end;
  for (gkt_idx k = m->A->row_offsets[row]; k < m->A->row_offsets[row + 1]; k++) {
    if (m->A->vals[k] == 0) continue;
    modes_of_field(m, m->A->cols[k], &begin, &end, z);
    for (int l = begin; l < end; l++) plain[l] += m->A->vals[k] * z[l], size[l] += fabs(m->A->vals[k] * z[l]);
  }
  for (int k = 0; k < m->count; k++) {
    sum[k] = m->plain ? plain[k] : 0, absolute[k] = m->plain ? size[k] : 0;
    for (int l = 0; l < m->count && !m->plain; l++) sum[k] += m->combos[k][l] * plain[l], absolute[k] += fabs(m->combos[k][l]) * size[l];
  }
}

/* A mode that moves what is constrained is not in the kernel. */
static void add_row(gkt_modes *m, gkt_idx row) {
  double c[MAX], sum[MAX], absolute[MAX], scale = m->rows[row];
  gkt_modes_at(m, row, c);
  gkt_modes_row(m, row, sum, absolute);
  if (m->facts->constrained && m->facts->constrained[row])
    for (int k = 0; k < m->count; k++) sum[k] = c[k] / scale, absolute[k] = fabs(sum[k]);
  for (int k = 0; k < m->count; k++) {
    for (int l = 0; l < m->count; l++) m->image[k][l] += sum[k] * scale * (sum[l] * scale);
    m->size[k] += absolute[k] * scale * (absolute[k] * scale), m->length[k] += c[k] * c[k];
  }
}

/* One rotation of combinations k and l that makes their images orthogonal (Jacobi; Golub and Van Loan, 8.5). */
static void rotate(gkt_modes *m, int k, int l) {
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

void gkt_modes_separate(gkt_modes *m) {
  m->plain = false;
  for (int sweep = 0; sweep < 8; sweep++)
    for (int k = 0; k < m->count; k++)
      for (int l = k + 1; l < m->count; l++) rotate(m, k, l);
}

/* The Gram matrix is diagonal: are all images far above what squares lose, whatever combination they are of? */
static bool is_held_at_once(const gkt_modes *m) {
  double all = 0, least = INFINITY;
  for (int k = 0; k < m->count; k++) all += m->size[k], least = m->length[k] > 0 ? fmin(least, m->image[k][k]) : least;
  return least > 1e-12 * m->count * all;
}

/* Are all combinations either far from being mapped to zero, or so to rounding? */
static bool is_decided(const gkt_modes *m, double *least) {
  bool decided = true;
  for (int k = 0; k < m->count; k++) {
    double ratio = m->size[k] > 0 ? sqrt(m->image[k][k] / m->size[k]) : 1;
    *least = fmin(*least, ratio), decided = decided && (ratio > 1e-6 || ratio <= 2 * DBL_EPSILON); /* squares are good to 1e-8 */
  }
  return decided;
}

gkt_status gkt_modes_decide(gkt_modes *m, gkt_modes_former *form, void *user, bool *out) {
  double least = 1;
  *out = true;
  gkt_modes_start(m);
  GKT_TRY(form(m, user));
  for (int round = 0; round < ROUNDS; round++) {
    gkt_modes_separate(m);
    if (round == 0 && is_held_at_once(m)) return *out = false, GKT_OK;
    GKT_TRY(form(m, user));
    if (is_decided(m, &least)) return *out = least <= 1e-6, GKT_OK;
  }
  return GKT_OK;
}

typedef struct {
  gkt_idx count;
  const gkt_idx *dofs;
} some_rows;
static gkt_status form_images(gkt_modes *m, void *user) {
  const some_rows *r = user;
  memset(m->image, 0, sizeof m->image), memset(m->size, 0, sizeof m->size), memset(m->length, 0, sizeof m->length);
  for (gkt_idx k = 0; k < r->count; k++) add_row(m, r->dofs ? r->dofs[k] : k);
  return GKT_OK;
}

bool gkt_modes_seem_free(gkt_modes *m, gkt_idx count, const gkt_idx *dofs) {
  some_rows rows = {count, dofs};
  bool seem = true;
  gkt_modes_measure(m, count, dofs);
  (void)!gkt_modes_decide(m, form_images, &rows, &seem);
  return seem;
}
