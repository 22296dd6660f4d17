/* The guess of a linear solve from what the same matrix solved before: of all combinations of the last solutions, that with the least error in the energy norm (Fischer, Computer
   Methods in Applied Mechanics and Engineering 163 (1998)). Proven positive matrices only. A basis holds what each solution had beyond its guess; the solver's residuals before and
   after give its products, so that none is done. When it is full, one of the latest solutions is made of it: begun anew, steps took three times as many iterations until it was
   full again. */
#include <math.h>
#include <string.h>

#include "systems/system.h"

void gkt_projection_clear(gkt_projection *p) {
  gkt_free(&p->x);
  gkt_free(&p->image);
  *p = (gkt_projection){0};
}

gkt_status gkt_projection_make_room(gkt_context *ctx, gkt_idx n, gkt_projection *p) {
  if (!p->x) GKT_TRY(gkt_alloc(ctx, (GKT_MAX_PROJECTION + 1) * (gkt_size)n, sizeof *p->x, &p->x));
  p->guess = p->x + GKT_MAX_PROJECTION * (gkt_size)n;
  return p->image ? GKT_OK : gkt_alloc(ctx, GKT_MAX_PROJECTION * (gkt_size)n, sizeof *p->image, &p->image);
}

enum { ENTRIES = 512 }; /* of vectors that are combined at once: each is read once, and the sum stays in the cache */

static double dot(gkt_idx n, const gkt_scalar *x, const gkt_scalar *y) {
  double sums[4] = {0};
  gkt_idx i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) sums[k] += x[i + k] * y[i + k];
  for (; i < n; i++) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* of_j = x_j . v */
static void dots(gkt_idx n, int count, const gkt_scalar *x, const gkt_scalar *v, double *of) {
  for (int j = 0; j < count; j++) of[j] = 0;
  for (gkt_idx first = 0; first < n; first += ENTRIES)
    for (int j = 0; j < count; j++) of[j] += dot(n - first < ENTRIES ? n - first : ENTRIES, x + (gkt_size)j * n + first, v + first);
}

/* v += sum_j of_j x_j */
static void combine(gkt_idx n, int count, const gkt_scalar *x, const double *of, gkt_scalar *v) {
  for (gkt_idx first = 0; first < n; first += ENTRIES) {
    const gkt_idx end = n - first < ENTRIES ? n : first + ENTRIES;
    for (int j = 0; j < count; j++) {
      const gkt_scalar *restrict from = x + (gkt_size)j * n;
      gkt_scalar *restrict to = v;
      for (gkt_idx i = first; i < end; i++) to[i] += of[j] * from[i];
    }
  }
}

/* ---- small matrices ---- */
typedef double small[GKT_MAX_PROJECTION][GKT_MAX_PROJECTION];
static double product(int count, const small gram, const double *v, const double *w) {
  double sum = 0;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++) sum += v[i] * gram[i][j] * w[j];
  return sum;
}

/* gram x = b by its factor L L'; what is dependent up to rounding gets 0. */
static void solve_gram(int count, const small gram, const double *b, double *x) {
  small l;
  for (int i = 0; i < count; i++) {
    x[i] = b[i];
    for (int j = 0; j <= i; j++) {
      double sum = gram[i][j];
      for (int k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (j < i) l[i][j] = l[j][j] > 0 ? sum / l[j][j] : 0;
      else l[i][i] = sum > 1e-12 * gram[i][i] ? sqrt(sum) : 0;
    }
    for (int k = 0; k < i; k++) x[i] -= l[i][k] * x[k];
    x[i] = l[i][i] > 0 ? x[i] / l[i][i] : 0;
  }
  for (int i = count - 1; i >= 0; i--) {
    for (int k = i + 1; k < count; k++) x[i] -= l[k][i] * x[k];
    x[i] = l[i][i] > 0 ? x[i] / l[i][i] : 0;
  }
}

void gkt_projection_guess(gkt_projection *p, gkt_idx n, const gkt_scalar *b, gkt_scalar *x) {
  double of[GKT_MAX_PROJECTION];
  if (!p->count) return;
  dots(n, p->count, p->x, b, of);
  solve_gram(p->count, p->gram, of, p->of);
  for (gkt_idx i = 0; i < n; i++) x[i] = 0;
  combine(n, p->count, p->x, p->of, x);
  memcpy(p->guess, x, (size_t)n * sizeof *x);
}

/* The k-th is what x has beyond its guess, of energy 1; false: that is what the tolerance of solves leaves. Its products are those of the images before with it, which is small:
   those of its own image would have the rounding of what they are a difference of. */
static bool put(gkt_idx n, const gkt_scalar *b, const gkt_scalar *solution, const gkt_scalar *residual, int k, gkt_projection *p) {
  gkt_scalar *x = p->x + (gkt_size)k * n, *image = p->image + (gkt_size)k * n;
  for (gkt_idx i = 0; i < n; i++) {
    x[i] = k ? solution[i] - p->guess[i] : solution[i];
    image[i] = (k ? image[i] : b[i]) - residual[i];
  }
  const double energy = dot(n, x, image), scale = 1 / sqrt(energy);
  if (!(energy > 1e-18 * dot(n, solution, b))) return false;
  for (gkt_idx i = 0; i < n; i++) x[i] *= scale, image[i] *= scale;
  dots(n, k, p->image, x, p->gram[k]);
  for (int j = 0; j < k; j++) p->gram[j][k] = p->gram[k][j], p->solutions[k][j] = p->of[j];
  p->gram[k][k] = 1, p->solutions[k][k] = 1 / scale;
  return true;
}

/* ---- the latest solutions alone ---- */
/* Rows of q become orthogonal in the energy and of length 1, one after the other, twice, as they are nearly the same: q = r times the new ones. The number of them that are more
   than rounding. */
static int orthogonalize(int count, const small gram, small q, small r) {
  int kept = 0;
  for (int row = 0; row < GKT_KEPT_PROJECTION; row++) {
    double *v = q[kept];
    const double whole = product(count, gram, q[row], q[row]);
    for (int i = 0; i < count; i++) v[i] = q[row][i];
    for (int j = 0; j < GKT_MAX_PROJECTION; j++) r[kept][j] = 0;
    for (int j = 0; j < 2 * kept; j++) {
      const double of = product(count, gram, q[j % kept], v);
      for (int i = 0; i < count; i++) v[i] -= of * q[j % kept][i];
      r[kept][j % kept] += of;
    }
    const double rest = product(count, gram, v, v);
    if (!(rest > 1e-24 * whole)) continue;
    r[kept][kept] = sqrt(rest);
    for (int i = 0; i < count; i++) v[i] /= r[kept][kept];
    kept++;
  }
  return kept;
}

/* [count] vectors become [kept] combinations of them. */
static void turn(gkt_idx n, int count, int kept, const small q, gkt_scalar *x) {
  gkt_scalar part[GKT_MAX_PROJECTION * ENTRIES];
  for (gkt_idx first = 0; first < n; first += ENTRIES) {
    const gkt_idx length = n - first < ENTRIES ? n - first : ENTRIES;
    for (int j = 0; j < count; j++) memcpy(part + j * length, x + (gkt_size)j * n + first, (size_t)length * sizeof *x);
    for (int k = 0; k < kept; k++) {
      gkt_scalar *to = x + (gkt_size)k * n + first;
      for (gkt_idx i = 0; i < length; i++) to[i] = 0;
      combine(length, count, part, q[k], to);
    }
  }
}

static void keep_latest(gkt_idx n, gkt_projection *p) {
  small q, r, gram;
  for (int k = 0; k < GKT_KEPT_PROJECTION; k++) memcpy(q[k], p->solutions[p->count - 1 - k], sizeof q[k]);
  const int kept = orthogonalize(p->count, p->gram, q, r);
  for (int i = 0; i < kept; i++)
    for (int j = 0; j < kept; j++) gram[i][j] = product(p->count, p->gram, q[i], q[j]);
  turn(n, p->count, kept, q, p->x), turn(n, p->count, kept, q, p->image);
  for (int k = 0; k < kept; k++) memcpy(p->solutions[kept - 1 - k], r[k], sizeof r[k]), memcpy(p->gram[k], gram[k], sizeof gram[k]);
  p->count = kept;
}

gkt_scalar *gkt_projection_residual(const gkt_projection *p, gkt_idx n) { return p->image + (gkt_size)p->count * n; }

void gkt_projection_add(gkt_idx n, const gkt_scalar *b, const gkt_scalar *x, const gkt_scalar *residual, gkt_projection *p) {
  for (int j = 0; j < GKT_MAX_PROJECTION; j++) p->solutions[p->count][j] = 0;
  p->count += put(n, b, x, residual, p->count, p);
  if (p->count == GKT_MAX_PROJECTION) keep_latest(n, p);
}
