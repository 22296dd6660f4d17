/* GMRES (Saad and Schultz 1986) on the device, restarted, preconditioned from the right, orthogonalized by classical Gram-Schmidt once, as PETSc's. For any A; a restart may
   stagnate. Every iteration launches the same kernels: which column it works on is the device's to know. */
#include "solvers/krylov_inside.h"

#include "core/vector.h"

enum { R = GKT_FIRST_VECTOR, W, Z, END };

static gkt_krylov_gmres_arguments arguments(const gkt_krylov *k, gkt_scalar *w, gkt_scalar *out) {
  return (gkt_krylov_gmres_arguments){gkt_krylov_get_state(k), k->n, k->basis.at, w, out, k->partial.at, k->hessenberg.at, k->parts, k->options.restart};
}

static gkt_status begin_cycle(gkt_krylov *k, int what) {
  gkt_krylov_gmres_arguments a = arguments(k, k->at[R], NULL);
  GKT_TRY(gkt_krylov_dot(k, k->at[R], k->at[R], what));
  return gkt_krylov_each(k, "gkt_gmres_extend", &a, sizeof a);
}

static gkt_status start(gkt_krylov *k) {
  GKT_TRY(gkt_krylov_zero(k, k->x));
  GKT_TRY(gkt_krylov_copy(k, k->b, k->at[R]));
  return begin_cycle(k, GKT_JOIN_GMRES_START);
}

static gkt_status body(void *krylov) {
  gkt_krylov *k = krylov;
  gkt_krylov_gmres_arguments a = arguments(k, k->at[W], k->at[R]); /* R is free during a cycle */
  GKT_TRY(gkt_krylov_each(k, "gkt_gmres_newest", &a, sizeof a));
  GKT_TRY(gkt_krylov_apply(k, gkt_krylov_get_state(k), k->at[R], k->at[Z]));
  GKT_TRY(gkt_product_apply(k->product, k->at[Z], k->at[W]));
  GKT_TRY(gkt_krylov_parts(k, "gkt_gmres_dots", &a, sizeof a));
  GKT_TRY(gkt_krylov_launch(k, "gkt_gmres_join", k->options.restart, &a, sizeof a));
  GKT_TRY(gkt_krylov_parts(k, "gkt_gmres_subtract", &a, sizeof a));
  GKT_TRY(gkt_krylov_join(k, GKT_JOIN_GMRES_COLUMN, 1));
  return gkt_krylov_each(k, "gkt_gmres_extend", &a, sizeof a);
}

/* x += M^-1 (sum of the basis) */
static gkt_status finish(gkt_krylov *k) {
  gkt_krylov_gmres_arguments a = arguments(k, NULL, k->at[R]);
  GKT_TRY(gkt_krylov_launch(k, "gkt_gmres_solve", 1, &a, sizeof a));
  GKT_TRY(gkt_krylov_each(k, "gkt_gmres_combine", &a, sizeof a));
  GKT_TRY(gkt_krylov_apply(k, NULL, k->at[R], k->at[Z]));
  return gkt_device_vector_axpy(k->device, k->n, 1, k->at[Z], k->x);
}

static gkt_status go_on(gkt_krylov *k) {
  gkt_krylov_sum_arguments a = {k->n, k->b, k->at[W], k->at[R], -1};
  GKT_TRY(finish(k));
  GKT_TRY(gkt_product_apply(k->product, k->x, k->at[W]));
  GKT_TRY(gkt_krylov_each(k, "gkt_krylov_sum", &a, sizeof a));
  return begin_cycle(k, GKT_JOIN_GMRES_RESTART);
}

static int vectors(const gkt_krylov *k) { return (void)k, END - R; }

const gkt_krylov_row gkt_krylov_row_gmres = {vectors, start, body, finish, go_on};
