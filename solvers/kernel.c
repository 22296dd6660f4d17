/* The kernel of a matrix among the modes of its fields: pressures of enclosed flows, potentials without a condition, bodies that nothing holds. */
#include <string.h>

#include "solvers/linear.h"

const double gkt_smallest_image = 1e-10; /* || A z || / || |A||z| ||: far above rounding, far below any physical stiffness */
const double gkt_junk = 1e-13;           /* of the entries of a row, scaled: what assembly leaves of sums that are 0 */

/* ---- combinations, as plain as can be: reduced row echelon form with complete pivoting ---- */
typedef struct {
  int count, pivots[GKT_MAX_MODES];
  double rows[GKT_MAX_MODES][GKT_MAX_MODES]; /* [vector][mode], 1 at its pivot */
} echelon;

static void eliminate(echelon *e, int num_modes, int step) {
  int row = step, col = 0;
  for (int k = step; k < e->count; k++)
    for (int l = 0; l < num_modes; l++)
      if (fabs(e->rows[k][l]) > (1 + 1e-6) * fabs(e->rows[row][col])) row = k, col = l; /* of equals the first, whatever rounding says */
  for (int l = 0; l < num_modes; l++) {
    double kept = e->rows[row][l];
    e->rows[row][l] = e->rows[step][l], e->rows[step][l] = kept;
  }
  e->pivots[step] = col;
  double pivot = e->rows[step][col];
  for (int l = 0; l < num_modes; l++) e->rows[step][l] /= pivot;
  for (int k = 0; k < e->count; k++) {
    double factor = e->rows[k][col];
    for (int l = 0; l < num_modes && k != step; l++) e->rows[k][l] -= factor * e->rows[step][l];
  }
}

static void reduce(const gkt_modes *m, echelon *e) {
  e->count = 0;
  for (int k = 0; k < m->count; k++)
    if (m->length[k] > 0 && sqrt(m->image[k][k]) <= gkt_smallest_image * sqrt(m->size[k])) memcpy(e->rows[e->count++], m->combos[k], sizeof m->combos[k]);
  for (int step = 0; step < e->count; step++) eliminate(e, m->count, step);
  for (int k = 0; k < e->count; k++)
    for (int l = 0; l < m->count; l++)
      if (fabs(e->rows[k][l]) < 1e-9) e->rows[k][l] = 0;
}

int gkt_modes_reduce(gkt_modes *m, int *pivots) {
  echelon e;
  reduce(m, &e);
  memset(m->combos, 0, sizeof m->combos);
  memcpy(m->combos, e.rows, sizeof *e.rows * (size_t)e.count);
  memcpy(pivots, e.pivots, sizeof *pivots * (size_t)e.count);
  return e.count;
}

/* ---- row by row ---- */
/* fails [count]: a row says that it is none. A small entry beside large ones, as of a compressible fluid that is nearly not, is a row of its own. */
static void look_at_rows(const gkt_modes *m, int count, bool *fails) {
  double sum[GKT_MAX_MODES], size[GKT_MAX_MODES], z[GKT_MAX_MODES];
  for (gkt_idx i = 0; i < m->A->num_rows; i++) {
    bool fixed = m->facts->constrained && m->facts->constrained[i];
    gkt_modes_row(m, i, sum, size);
    if (fixed) gkt_modes_at(m, i, z);
    for (int k = 0; k < count; k++) fails[k] |= fixed ? fabs(z[k]) > gkt_smallest_image : m->rows[i] * fabs(sum[k]) > fmax(gkt_smallest_image * m->rows[i] * size[k], gkt_junk);
  }
}

static int block_of_mode(const gkt_modes *m, int mode) {
  int b = 0;
  while (b + 1 < m->num_blocks && mode >= m->begin[b + 1]) b++;
  return b;
}

/* Combination k at all dofs, in the units of x: its pivot's constant is 1. */
static void write_vector(const gkt_modes *m, int k, int block, gkt_scalar *out) {
  double z[GKT_MAX_MODES];
  for (gkt_idx i = 0; i < m->A->num_rows; i++) {
    gkt_modes_at(m, i, z);
    out[i] = m->facts->constrained && m->facts->constrained[i] ? 0 : z[k] / m->unit[block];
  }
}

static gkt_status find(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, const double *rows, const int *units, int *count, gkt_scalar **vectors, int **blocks) {
  gkt_modes *m = NULL;
  int combinations, pivots[GKT_MAX_MODES];
  bool fails[GKT_MAX_MODES] = {false};
  gkt_status status;
  *count = 0;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *m, &m));
  gkt_modes_begin(A, f, rows, units, m);
  if (!gkt_modes_seem_free(m, A->num_rows, NULL)) goto done;
  combinations = gkt_modes_reduce(m, pivots);
  look_at_rows(m, combinations, fails);
  GKT_GO(gkt_alloc(ctx, (gkt_size)combinations * A->num_rows, sizeof **vectors, vectors));
  GKT_GO(gkt_alloc(ctx, combinations, sizeof **blocks, blocks));
  for (int k = 0; k < combinations; k++) {
    if (fails[k]) continue;
    (*blocks)[*count] = block_of_mode(m, pivots[k]);
    write_vector(m, k, (*blocks)[*count], *vectors + (gkt_size)*count * A->num_rows);
    ++*count;
  }
done:
  gkt_free(&m);
  return status;
}

static gkt_status find_left(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, const gkt_scales *scales, const gkt_units *units, gkt_null_space *out) {
  gkt_csr *T = NULL;
  gkt_status status;
  if (f->symmetric) {
    out->num_left = out->count, out->left = out->right, out->left_blocks = out->right_blocks;
    return GKT_OK;
  }
  GKT_GO(gkt_csr_transpose(ctx, A, &T));
  GKT_GO(find(ctx, T, f, scales->cols, units->left, &out->num_left, &out->left, &out->left_blocks));
done:
  gkt_csr_destroy(&T);
  return status;
}

gkt_status gkt_null_space_find_scaled(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, const gkt_scales *scales, const gkt_units *units, gkt_null_space **out) {
  gkt_null_space *kernel = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *kernel, &kernel));
  kernel->num_rows = A->num_rows;
  GKT_GO(find(ctx, A, f, scales->rows, units->right, &kernel->count, &kernel->right, &kernel->right_blocks));
  GKT_GO(find_left(ctx, A, f, scales, units, kernel));
  *out = kernel;
  return GKT_OK;
done:
  gkt_null_space_destroy(&kernel);
  return status;
}

gkt_status gkt_null_space_find(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, gkt_null_space **out) {
  gkt_scales scales = {0};
  gkt_units units = {0};
  gkt_status status;
  if (A->num_rows != A->num_cols) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a square matrix is needed, not %d x %d", A->num_rows, A->num_cols);
  GKT_TRY(gkt_facts_check(ctx, f, A->num_rows));
  GKT_GO(gkt_scales_create(ctx, A, f, &scales));
  GKT_GO(gkt_units_create(ctx, f, A->num_rows, &scales, &units));
  GKT_GO(gkt_null_space_find_scaled(ctx, A, f, &scales, &units, out));
done:
  gkt_units_destroy(&units);
  gkt_scales_destroy(&scales);
  return status;
}

void gkt_null_space_destroy(gkt_null_space **kernel) {
  gkt_null_space *k = *kernel;
  if (!k) return;
  if (k->left != k->right) {
    gkt_free(&k->left);
    gkt_free(&k->left_blocks);
  }
  gkt_free(&k->right);
  gkt_free(&k->right_blocks);
  gkt_free(kernel);
}

/* ---- right-hand sides and solutions ---- */
static double product(gkt_idx n, const gkt_scalar *a, const gkt_scalar *b) {
  double sum = 0;
  for (gkt_idx i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

gkt_imbalance gkt_null_space_imbalance(const gkt_null_space *kernel, const gkt_scalar *b) {
  gkt_imbalance worst = {.vector = -1, .block = -1};
  for (int k = 0; k < kernel->num_left; k++) {
    const gkt_scalar *z = kernel->left + (gkt_size)k * kernel->num_rows;
    double total = product(kernel->num_rows, z, b), size = 0;
    for (gkt_idx i = 0; i < kernel->num_rows; i++) size += fabs(z[i] * b[i]);
    if (size > 0 && (worst.vector < 0 || fabs(total) * worst.size > fabs(worst.total) * size)) worst = (gkt_imbalance){k, kernel->left_blocks[k], total, size};
  }
  return worst;
}

/* The vectors are few and well apart, but not orthogonal: Cholesky of their Gram matrix, each at unit length. */
void gkt_null_space_project(const gkt_null_space *kernel, bool left, gkt_scalar *v) {
  gkt_idx n = kernel->num_rows;
  const gkt_scalar *z = left ? kernel->left : kernel->right;
  int count = left ? kernel->num_left : kernel->count;
  double gram[GKT_MAX_MODES][GKT_MAX_MODES], c[GKT_MAX_MODES];
  for (int k = 0; k < count; k++) {
    c[k] = product(n, z + (gkt_size)k * n, v);
    for (int l = 0; l <= k; l++) {
      double sum = product(n, z + (gkt_size)k * n, z + (gkt_size)l * n);
      for (int j = 0; j < l; j++) sum -= gram[k][j] * gram[l][j];
      gram[k][l] = l < k ? sum / gram[l][l] : sqrt(sum);
    }
    for (int j = 0; j < k; j++) c[k] -= gram[k][j] * c[j];
    c[k] /= gram[k][k];
  }
  for (int k = count - 1; k >= 0; k--) {
    for (int j = k + 1; j < count; j++) c[k] -= gram[j][k] * c[j];
    c[k] /= gram[k][k];
    for (gkt_idx i = 0; i < n; i++) v[i] -= c[k] * z[(gkt_size)k * n + i];
  }
}
