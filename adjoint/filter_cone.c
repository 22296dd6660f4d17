/* Means over balls: neighbours are found once, by a grid whose cells are at least as wide as the radius. The kernel k is symmetric, so F' g of F = diag(1/sums) k diag(volumes)
   goes over the same rows. */
#include <stdlib.h>
#include <string.h>

#include "adjoint/filter.h"

typedef struct {
  const gkt_filter *f;
  const double *points; /* [n][dim] */
  double lower[3], width[3];
  gkt_size cells[3];
  gkt_size *first;  /* [cells + 1] */
  gkt_idx *members; /* [n] by cell, ascending within */
} grid;

static gkt_size cell_along(const grid *g, const double *point, int d) {
  const gkt_size i = (gkt_size)((point[d] - g->lower[d]) / g->width[d]);
  return i < 0 ? 0 : i >= g->cells[d] ? g->cells[d] - 1 : i;
}

static gkt_size cell_of(const grid *g, const double *point) {
  gkt_size cell = 0;
  for (int d = 0; d < g->f->dim; d++) cell = cell * g->cells[d] + cell_along(g, point, d);
  return cell;
}

/* As wide as the radius, or wider where that would be more cells than dofs. */
static gkt_size choose_cells(grid *g) {
  const int dim = g->f->dim;
  gkt_size all = 1;
  for (int d = 0; d < dim; d++) {
    double upper = -INFINITY;
    g->lower[d] = INFINITY;
    for (gkt_idx i = 0; i < g->f->n; i++) g->lower[d] = fmin(g->lower[d], g->points[i * dim + d]), upper = fmax(upper, g->points[i * dim + d]);
    g->width[d] = fmax(g->f->radius, (upper - g->lower[d]) / (pow(g->f->n, 1.0 / dim) + 1));
    g->cells[d] = (gkt_size)((upper - g->lower[d]) / g->width[d]) + 1;
    all *= g->cells[d];
  }
  return all;
}

static gkt_status fill(grid *g, gkt_size cells) {
  const int dim = g->f->dim;
  GKT_TRY(gkt_calloc(g->f->ctx, cells + 2, sizeof *g->first, &g->first));
  GKT_TRY(gkt_alloc(g->f->ctx, g->f->n, sizeof *g->members, &g->members));
  for (gkt_idx i = 0; i < g->f->n; i++) g->first[cell_of(g, g->points + i * dim) + 2]++;
  for (gkt_size c = 0; c < cells; c++) g->first[c + 2] += g->first[c + 1];
  for (gkt_idx i = 0; i < g->f->n; i++) g->members[g->first[cell_of(g, g->points + i * dim) + 1]++] = i;
  return GKT_OK;
}

typedef struct { /* cols and kernel NULL: counted only */
  gkt_size count;
  gkt_idx *cols;
  double *kernel;
} ball;

static void look_in_cell(const grid *g, gkt_size cell, const double *p, ball *out) {
  const int dim = g->f->dim;
  for (gkt_size k = g->first[cell]; k < g->first[cell + 1]; k++) {
    const double *q = g->points + (gkt_size)g->members[k] * dim;
    double square = 0;
    for (int d = 0; d < dim; d++) square += (p[d] - q[d]) * (p[d] - q[d]);
    const double value = g->f->radius - sqrt(square);
    if (!(value > 0)) continue;
    if (out->cols) out->cols[out->count] = g->members[k], out->kernel[out->count] = value;
    out->count++;
  }
}

/* What is within the radius of i, in the order of the grid. */
static gkt_size neighbours(const grid *g, gkt_idx i, gkt_idx *cols, double *kernel) {
  const int dim = g->f->dim;
  const double *p = g->points + (gkt_size)i * dim;
  gkt_size from[3] = {0}, to[3] = {0};
  ball out = {0, cols, kernel};
  for (int d = 0; d < dim; d++) {
    const gkt_size at = cell_along(g, p, d);
    from[d] = at > 0 ? at - 1 : 0, to[d] = at + 1 < g->cells[d] ? at + 1 : at;
  }
  for (gkt_size a = from[0]; a <= to[0]; a++)
    for (gkt_size b = from[1]; b <= to[1]; b++)
      for (gkt_size c = from[2]; c <= to[2]; c++) look_in_cell(g, dim == 1 ? a : dim == 2 ? a * g->cells[1] + b : (a * g->cells[1] + b) * g->cells[2] + c, p, &out);
  return out.count;
}

static gkt_status build(gkt_filter *f, const grid *g) {
  gkt_cone *c = &f->cone;
  gkt_size alone = 0;
  GKT_TRY(gkt_alloc(f->ctx, (gkt_size)f->n + 1, sizeof *c->offsets, &c->offsets));
  GKT_TRY(gkt_alloc(f->ctx, f->n, sizeof *c->sums, &c->sums));
  GKT_TRY(gkt_alloc(f->ctx, f->n, sizeof *c->work, &c->work));
  c->offsets[0] = 0;
#pragma omp parallel for num_threads(gkt_threads_for(f->ctx, 64 * (gkt_size)f->n))
  for (gkt_idx i = 0; i < f->n; i++) c->offsets[i + 1] = neighbours(g, i, NULL, NULL);
  for (gkt_idx i = 0; i < f->n; i++) alone += c->offsets[i + 1] == 1, c->offsets[i + 1] += c->offsets[i];
  if (2 * alone >= f->n) return gkt_filter_too_small(f);
  GKT_TRY(gkt_alloc(f->ctx, c->offsets[f->n], sizeof *c->cols, &c->cols));
  GKT_TRY(gkt_alloc(f->ctx, c->offsets[f->n], sizeof *c->kernel, &c->kernel));
#pragma omp parallel for num_threads(gkt_threads_for(f->ctx, c->offsets[f->n]))
  for (gkt_idx i = 0; i < f->n; i++) {
    (void)neighbours(g, i, c->cols + c->offsets[i], c->kernel + c->offsets[i]);
    c->sums[i] = 0;
    for (gkt_size k = c->offsets[i]; k < c->offsets[i + 1]; k++) c->sums[i] += c->kernel[k] * f->volumes[c->cols[k]];
  }
  return GKT_OK;
}

gkt_status gkt_cone_create(gkt_filter *f) {
  gkt_status status;
  grid g = {.f = f, .points = gkt_space_coords(f->space)};
  GKT_GO(fill(&g, choose_cells(&g)));
  GKT_GO(build(f, &g));
done:
  gkt_free(&g.first);
  gkt_free(&g.members);
  return status;
}

void gkt_cone_destroy(gkt_cone *c) { gkt_free(&c->offsets), gkt_free(&c->cols), gkt_free(&c->kernel), gkt_free(&c->sums), gkt_free(&c->work); }

/* out_i = the sum of k_ij v_j */
static double row(const gkt_cone *c, gkt_idx i, const gkt_scalar *v) {
  double sum = 0;
  for (gkt_size k = c->offsets[i]; k < c->offsets[i + 1]; k++) sum += c->kernel[k] * v[c->cols[k]];
  return sum;
}

void gkt_cone_apply(gkt_filter *f, const gkt_scalar *x, gkt_scalar *y) {
  gkt_cone *c = &f->cone;
  for (gkt_idx i = 0; i < f->n; i++) c->work[i] = f->volumes[i] * x[i];
#pragma omp parallel for num_threads(gkt_threads_for(f->ctx, c->offsets[f->n]))
  for (gkt_idx i = 0; i < f->n; i++) y[i] = row(c, i, c->work) / c->sums[i];
}

void gkt_cone_transpose(gkt_filter *f, const gkt_scalar *g, gkt_scalar *out) {
  gkt_cone *c = &f->cone;
  for (gkt_idx i = 0; i < f->n; i++) c->work[i] = g[i] / c->sums[i];
#pragma omp parallel for num_threads(gkt_threads_for(f->ctx, c->offsets[f->n]))
  for (gkt_idx i = 0; i < f->n; i++) out[i] += f->volumes[i] * row(c, i, c->work);
}

/* On cells of one size Sigmund's; of others derivatives are taken per volume (Sigmund, Struct. Multidisc. Optim. 33 (2007)). */
void gkt_cone_sensitivity(const gkt_filter *f, const gkt_scalar *x, const gkt_scalar *g, gkt_scalar *out) {
  const gkt_cone *c = &f->cone;
#pragma omp parallel for num_threads(gkt_threads_for(f->ctx, c->offsets[f->n]))
  for (gkt_idx i = 0; i < f->n; i++) {
    double sum = 0, all = 0;
    for (gkt_size k = c->offsets[i]; k < c->offsets[i + 1]; k++) {
      const gkt_idx j = c->cols[k];
      sum += c->kernel[k] * x[j] * g[j] / f->volumes[j], all += c->kernel[k];
    }
    out[i] += f->volumes[i] * sum / (fmax(1e-3, x[i]) * all);
  }
}
