/* The guess of a linear solve from what the same matrix solved before: of all combinations of the last solutions, that with the least error in the energy norm (Fischer, Computer
   Methods in Applied Mechanics and Engineering 163 (1998), method 1). x_i . A x_j = 1 where i = j, else 0. Proven positive matrices only; begun anew with the latest solution when
   it is full. */
#include <math.h>

#include "systems/system.h"

void gkt_projection_clear(gkt_projection *p) {
  gkt_free(&p->x);
  gkt_free(&p->image);
  *p = (gkt_projection){0};
}

static gkt_status make_room(gkt_context *ctx, gkt_idx n, gkt_projection *p) {
  if (!p->x) GKT_TRY(gkt_alloc(ctx, GKT_MAX_PROJECTION * (gkt_size)n, sizeof *p->x, &p->x));
  if (!p->image) GKT_TRY(gkt_alloc(ctx, GKT_MAX_PROJECTION * (gkt_size)n, sizeof *p->image, &p->image));
  return GKT_OK;
}

static double dot(gkt_idx n, const gkt_scalar *x, const gkt_scalar *y) {
  double sums[4] = {0};
  gkt_idx i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) sums[k] += x[i + k] * y[i + k];
  for (; i < n; i++) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void gkt_projection_guess(const gkt_projection *p, gkt_idx n, const gkt_scalar *b, gkt_scalar *x) {
  double of[GKT_MAX_PROJECTION];
  if (!p->count) return;
  for (int k = 0; k < p->count; k++) of[k] = dot(n, p->x + (gkt_size)k * n, b);
  for (gkt_idx i = 0; i < n; i++) x[i] = of[0] * p->x[i];
  for (int k = 1; k < p->count; k++)
    for (gkt_idx i = 0; i < n; i++) x[i] += of[k] * p->x[(gkt_size)k * n + i];
}

/* The k-th becomes what x has beyond those before, of length 1; false: that is what the tolerance of solves leaves. Its image is that of the small rest, not a difference of large
   ones, so that it is as orthogonal as it can be. */
static bool put(const gkt_csr *A, const gkt_scalar *b, const gkt_scalar *solution, int k, gkt_projection *p) {
  const gkt_idx n = A->num_rows;
  gkt_scalar *x = p->x + (gkt_size)k * n, *image = p->image + (gkt_size)k * n;
  for (gkt_idx i = 0; i < n; i++) x[i] = solution[i];
  for (int j = 0; j < k; j++) {
    const double of = dot(n, p->x + (gkt_size)j * n, b);
    for (gkt_idx i = 0; i < n; i++) x[i] -= of * p->x[(gkt_size)j * n + i];
  }
  gkt_csr_multiply(A, x, image);
  for (int j = 0; j < k; j++) {
    const double of = dot(n, p->x + (gkt_size)j * n, image);
    for (gkt_idx i = 0; i < n; i++) x[i] -= of * p->x[(gkt_size)j * n + i], image[i] -= of * p->image[(gkt_size)j * n + i];
  }
  const double square = dot(n, x, image), scale = 1 / sqrt(square);
  if (!(square > 1e-18 * dot(n, solution, b))) return false;
  for (gkt_idx i = 0; i < n; i++) x[i] *= scale, image[i] *= scale;
  return true;
}

gkt_status gkt_projection_add(gkt_context *ctx, const gkt_csr *A, const gkt_scalar *b, const gkt_scalar *x, gkt_projection *p) {
  GKT_TRY(make_room(ctx, A->num_rows, p));
  if (p->count == GKT_MAX_PROJECTION) p->count = 0;
  p->count += put(A, b, x, p->count, p);
  return GKT_OK;
}
