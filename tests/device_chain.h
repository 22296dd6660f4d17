/* A chain of 12 dofs on the device, by hand: what is solved there while calls of the device fail. */
#ifndef GKT_TESTS_DEVICE_CHAIN_H
#define GKT_TESTS_DEVICE_CHAIN_H
#include "core/vector.h"
#include "galerkit/solver.h"
#include "tests/device_csr.h"
#include "tests/failing_device.h"

enum { N = 12 };
static gkt_idx offsets[N + 1], columns[3 * N];
static gkt_scalar values[3 * N], right[N];

/* One step back pulls by 1, one ahead by `ahead`. */
static gkt_csr chain(double ahead) {
  gkt_idx at = 0;
  for (int i = 0; i < N; i++) {
    for (int j = i - 1; j <= i + 1; j++)
      if (j >= 0 && j < N) columns[at] = j, values[at++] = i == j ? 2.5 : j > i ? -ahead : -1;
    offsets[i + 1] = at, right[i] = i % 5 + 1;
  }
  return (gkt_csr){.num_rows = N, .num_cols = N, .block_size = 1, .row_offsets = offsets, .cols = columns, .vals = values};
}

typedef struct {
  device_csr A;
  gkt_linear_solver *solver;
  gkt_vector *host, *b, *x;
} objects;

static inline gkt_status send_system(gkt_context *context, const gkt_csr *A, gkt_scalar *load, objects *o) {
  const gkt_idx n = A->num_rows;
  GKT_TRY(device_csr_create(context, A, &o->A));
  GKT_TRY(gkt_vector_wrap(context, n, load, &o->host));
  GKT_TRY(gkt_vector_create_on(context, GKT_ON_DEVICE, n, &o->b));
  GKT_TRY(gkt_vector_create_on(context, GKT_ON_DEVICE, n, &o->x));
  return gkt_vector_to(o->host, o->b);
}

static inline gkt_status make(gkt_context *context, double ahead, objects *o) {
  const gkt_csr A = chain(ahead);
  return send_system(context, &A, right, o);
}

static void destroy(objects *o) {
  gkt_linear_solver_destroy(&o->solver);
  gkt_vector_destroy(&o->host), gkt_vector_destroy(&o->b), gkt_vector_destroy(&o->x);
  device_csr_destroy(&o->A);
}
#endif
