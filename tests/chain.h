/* A chain of nonlinear springs, by hand: the system that the tests of Newton's method solve. */
#ifndef GKT_TESTS_CHAIN_H
#define GKT_TESTS_CHAIN_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "tests/newton.h"

static int allocations_left = -1;                    /* -1: any number */
void *aligned_alloc(size_t alignment, size_t size) { /* what core/memory.c calls */
  void *p;
  if (allocations_left == 0) return NULL;
  if (allocations_left > 0) allocations_left--;
  return posix_memalign(&p, alignment, size) == 0 ? p : NULL;
}

enum { MAX = 24 };
/* A chain of n dofs: R_i = 2 u_i - u_(i-1) - u_(i+1) of the neighbours there are, times `tie`, + local(u_i) - load_i. */
typedef struct {
  int n;
  double tie, load[MAX], values[MAX], u[MAX];
  bool fixed[MAX];
  double (*local)(double u, double *slope);
  double (*size)(double u); /* what local was summed from */
  gkt_csr *A;
  int num_tangents, failing_residual; /* failing_residual: the call that fails, 0: none */
  int num_residuals, threads;
  double lowest, least; /* u below is not admissible; 0: all are. The least that the residual was asked of */
  gkt_context *ctx;
} chain;

static gkt_context *ctx;
static char notices[8192];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  strncat(notices, message, sizeof notices - strlen(notices) - 1);
}
static int begin(void **state) {
  (void)state;
  notices[0] = 0;
  return gkt_context_create(&(gkt_context_options){.log = keep, .poison = true}, &ctx);
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_status residual(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *r = gkt_vector_values(to);
  chain *c = user;
  c->threads = omp_get_max_threads();
  if (++c->num_residuals == c->failing_residual) return gkt_fail(c->ctx, GKT_NO_MEMORY, "the callback failed");
  for (int i = 0; i < c->n; i++) {
    double slope;
    c->least = fmin(c->least, u[i]);
    r[i] = c->local(u[i], &slope) - c->load[i];
    if (i > 0) r[i] += c->tie * (u[i] - u[i - 1]);
    if (i + 1 < c->n) r[i] += c->tie * (u[i] - u[i + 1]);
  }
  return GKT_OK;
}

static inline void residual_on_arrays(chain *c, gkt_scalar *u, gkt_scalar *r) {
  gkt_vector *at, *to;
  if (gkt_vector_wrap(ctx, c->n, u, &at) != GKT_OK || gkt_vector_wrap(ctx, c->n, r, &to) != GKT_OK || residual(c, at, to) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_vector_destroy(&at);
  gkt_vector_destroy(&to);
}

static gkt_status tangent(void *user, const gkt_vector *at, gkt_csr *A) {
  const gkt_scalar *u = gkt_vector_read(at);
  chain *c = user;
  c->num_tangents++;
  for (int i = 0; i < c->n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      double slope;
      c->local(u[i], &slope);
      A->vals[k] = A->cols[k] != i ? -c->tie : slope + c->tie * ((i > 0) + (i + 1 < c->n));
    }
  return GKT_OK;
}

static gkt_status eliminate(void *user, gkt_csr *A) {
  const chain *c = user;
  for (int i = 0; i < c->n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (c->fixed[i] || c->fixed[A->cols[k]]) A->vals[k] = A->cols[k] == i;
  return GKT_OK;
}

static gkt_status magnitude(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *m = gkt_vector_values(to);
  const chain *c = user;
  for (int i = 0; i < c->n; i++) m[i] = c->size(u[i]) + fabs(c->load[i]);
  return GKT_OK;
}

static gkt_status is_admissible(void *user, const gkt_vector *at, bool *admissible) {
  const gkt_scalar *u = gkt_vector_read(at);
  const chain *c = user;
  *admissible = true;
  for (int i = 0; i < c->n; i++) *admissible = *admissible && u[i] >= c->lowest;
  return GKT_OK;
}

static chain make(int n, double tie, double (*local)(double, double *), double u0) {
  chain c = {.n = n, .tie = tie, .local = local, .least = INFINITY, .ctx = ctx};
  if (gkt_csr_create(ctx, n, n, 3 * n - 2, 1, &c.A) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  for (int i = 0, at = 0; i < n; i++) {
    c.u[i] = u0;
    for (int j = i ? i - 1 : 0; j <= i + 1 && j < n; j++) c.A->cols[at++] = j;
    c.A->row_offsets[i + 1] = at;
  }
  return c;
}

static gkt_status attempt(chain *c, const gkt_nonlinear_options *options, gkt_nonlinear_report *r) {
  gkt_nonlinear_system system = {.user = c, .residual = residual, .tangent = tangent, .eliminate = eliminate, .magnitude = c->size ? magnitude : NULL};
  if (c->lowest != 0) system.is_admissible = is_admissible;
  gkt_system_facts facts = {.block_size = 1, .constrained = c->fixed};
  return solve_newton(ctx, &system, &facts, c->A, c->u, c->values, options, r);
}

static inline gkt_nonlinear_report solve(chain *c, gkt_nonlinear_options options) {
  gkt_nonlinear_report r;
  if (attempt(c, &options, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return r;
}

static void finish(chain *c, gkt_nonlinear_report *r) {
  gkt_nonlinear_report_clear(r);
  gkt_csr_destroy(&c->A);
}

static gkt_nonlinear_options defaults(void) { return gkt_nonlinear_options_default(); }

static inline double cube(double u, double *slope) { return *slope = 3 * u * u + 0.1, u * u * u + 0.1 * u; }
static inline double arctan(double u, double *slope) { return *slope = 1 / (1 + u * u), atan(u); }
static inline double logarithm(double u, double *slope) { return *slope = 1 / u, log(u); }
static inline double linear(double u, double *slope) { return *slope = 1, u; }
static inline double negative_exp(double u, double *slope) { return *slope = -exp(u), -exp(u); }
static inline double difference(double u, double *slope) { return *slope = 1, (1e8 + u) - 1e8; }
static inline double of_difference(double u) { return 2e8 + fabs(u); }
#endif
