/* Identities that a polynomial proof would have to expand are tested at random places instead: a polynomial that is not zero is zero at few of them (Schwartz 1980). */
#include <math.h>
#include <string.h>

#include "forms/barriers.h"

static double uniform(uint64_t *state, double low, double high) { /* xorshift64* (Vigna 2016) */
  *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
  return low + (high - low) * (double)((*state * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

/* a = b c */
static void multiply(int dim, const double *b, const double *c, double *a) {
  for (int i = 0; i < dim * dim; i++) a[i] = 0;
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++)
      for (int k = 0; k < dim; k++) a[i * dim + j] += b[i * dim + k] * c[k * dim + j];
}

/* A product of rotations in the planes of two axes; 1 in one dimension. */
static void random_turn(uint64_t *state, int dim, double *q) {
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) q[i * dim + j] = i == j;
  for (int a = 0; a < dim; a++)
    for (int b = a + 1; b < dim; b++) {
      double angle = uniform(state, 0.5, 2.5), turn[9] = {0}, before[9];
      for (int i = 0; i < dim; i++) turn[i * dim + i] = i == a || i == b ? cos(angle) : 1;
      turn[a * dim + b] = -sin(angle), turn[b * dim + a] = sin(angle);
      memcpy(before, q, sizeof(double) * (size_t)(dim * dim));
      multiply(dim, turn, before, q);
    }
}

/* The last column a sum of the others, so that det F = 0; or the first one negated. */
static void change(gkt_gradient_kind kind, int dim, const double *q, double *f) {
  double given[9];
  memcpy(given, f, sizeof given);
  if (kind == GKT_F_TURNED) multiply(dim, q, given, f);
  for (int i = 0; i < dim && kind == GKT_F_SINGULAR; i++) f[i * dim + dim - 1] = dim == 1 ? 0 : dim == 2 ? 0.7 * f[i * dim] : 0.7 * f[i * dim] - 0.4 * f[i * dim + 1];
  for (int i = 0; i < dim && kind == GKT_F_MIRRORED; i++) f[i * dim] = -f[i * dim];
}

static gkt_interval range_of(const gkt_gradient_samples *s, const gkt_terminal *t) {
  const bool of_field = gkt_is_of_function(t) && t->function == s->function;
  gkt_interval r = of_field ? (gkt_interval){-0.2, 0.2} : s->range(t, s->user);
  if (!isfinite(r.low) && !isfinite(r.high)) return (gkt_interval){0.5, 1.5};
  if (!isfinite(r.high)) r.high = r.low + 1;
  if (!isfinite(r.low)) r.low = r.high - 1;
  return r;
}

static void fill(const gkt_gradient_samples *s, gkt_gradient_kind kind, const gkt_pointwise *p, const gkt_interval *ranges, gkt_scalar *in, double *turns) {
  uint64_t state = 88172645463325252u;
  for (int l = 0; l < GKT_LANES; l++) {
    double f[9] = {0}, q[9] = {0};
    for (int i = 0; i < s->dim; i++)
      for (int j = 0; j < s->dim; j++) f[i * s->dim + j] = (i == j) + uniform(&state, -0.4, 0.4);
    random_turn(&state, s->dim, q);
    change(kind, s->dim, q, f);
    if (turns) memcpy(turns + l * s->dim * s->dim, q, sizeof(double) * (size_t)(s->dim * s->dim));
    for (int i = 0; i < gkt_pointwise_num_inputs(p); i++) {
      const gkt_terminal *t = gkt_pointwise_input(p, i);
      double value = uniform(&state, ranges[i].low, ranges[i].high);
      if (t->kind == GKT_TERM_GRAD && t->function == s->function) value = f[t->component * s->dim + t->direction] - (t->component == t->direction ? s->shift : 0);
      in[i * GKT_LANES + l] = value;
    }
  }
}

gkt_status gkt_sample_gradients(const gkt_gradient_samples *s, gkt_gradient_kind kind, int n, const gkt_node *nodes, gkt_scalar *out, double *turns) {
  gkt_context *ctx = gkt_graph_context(s->graph);
  gkt_pointwise *p = NULL;
  gkt_scalar *in = NULL, *workspace = NULL;
  gkt_interval *ranges = NULL;
  gkt_status status;
  GKT_GO(gkt_pointwise_create(s->graph, n, nodes, &p));
  GKT_GO(gkt_alloc(ctx, (gkt_size)gkt_pointwise_num_inputs(p) * GKT_LANES, sizeof *in, &in));
  GKT_GO(gkt_alloc(ctx, gkt_pointwise_workspace(p), sizeof *workspace, &workspace));
  GKT_GO(gkt_alloc(ctx, gkt_pointwise_num_inputs(p), sizeof *ranges, &ranges));
  for (int i = 0; i < gkt_pointwise_num_inputs(p); i++) ranges[i] = range_of(s, gkt_pointwise_input(p, i));
  fill(s, kind, p, ranges, in, turns);
  if (!gkt_pointwise_num_calls(p)) gkt_pointwise_eval(p, in, workspace, out);
  for (int i = 0; i < n * GKT_LANES && gkt_pointwise_num_calls(p); i++) out[i] = NAN;
done:
  gkt_pointwise_destroy(&p);
  gkt_free(&ranges);
  gkt_free(&in);
  gkt_free(&workspace);
  return status;
}
