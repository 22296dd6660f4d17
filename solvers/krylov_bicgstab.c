/* BiCGSTAB (van der Vorst 1992) on the device, preconditioned from the right. For any A; may break down, and then says so. */
#include "solvers/krylov_inside.h"

enum { R = GKT_FIRST_VECTOR, SHADOW, P, V, S, T, Z, END };

static gkt_krylov_bcgs_arguments arguments(const gkt_krylov *k) {
  return (gkt_krylov_bcgs_arguments){gkt_krylov_get_state(k), k->n, k->at[SHADOW], k->at[R], k->at[P], k->at[V], k->at[S], k->at[T], k->x, k->partial.at};
}

static gkt_status start(gkt_krylov *k) {
  GKT_TRY(gkt_krylov_zero(k, k->x));
  GKT_TRY(gkt_krylov_copy(k, k->b, k->at[R]));
  GKT_TRY(gkt_krylov_copy(k, k->b, k->at[SHADOW]));
  return gkt_krylov_dot(k, k->at[R], k->at[R], GKT_JOIN_BCGS_START);
}

static gkt_status second_half(gkt_krylov *k) {
  gkt_krylov_bcgs_arguments a = arguments(k);
  gkt_krylov_dots_arguments d = {
      .state = gkt_krylov_get_state(k), .count = k->n, .sums = 3, .x = {k->at[S], k->at[T], k->at[S]}, .y = {k->at[T], k->at[T], k->at[S]}, .partial = k->partial.at};
  GKT_TRY(gkt_krylov_each(k, "gkt_bcgs_half", &a, sizeof a));
  GKT_TRY(gkt_krylov_apply(k, gkt_krylov_get_state(k), k->at[S], k->at[Z]));
  GKT_TRY(gkt_product_apply(k->product, k->at[Z], k->at[T]));
  GKT_TRY(gkt_krylov_parts(k, "gkt_krylov_dots", &d, sizeof d));
  GKT_TRY(gkt_krylov_join(k, GKT_JOIN_BCGS_OMEGA, 3));
  GKT_TRY(gkt_krylov_parts(k, "gkt_bcgs_update", &a, sizeof a));
  return gkt_krylov_join(k, GKT_JOIN_BCGS_NORM, 2);
}

static gkt_status body(void *krylov) {
  gkt_krylov *k = krylov;
  gkt_krylov_bcgs_arguments a = arguments(k);
  GKT_TRY(gkt_krylov_each(k, "gkt_bcgs_direction", &a, sizeof a));
  GKT_TRY(gkt_krylov_apply(k, gkt_krylov_get_state(k), k->at[P], k->at[Z]));
  GKT_TRY(gkt_product_apply(k->product, k->at[Z], k->at[V]));
  GKT_TRY(gkt_krylov_dot(k, k->at[V], k->at[SHADOW], GKT_JOIN_BCGS_ALPHA));
  return second_half(k);
}

/* x was summed before the preconditioner. */
static gkt_status finish(gkt_krylov *k) {
  GKT_TRY(gkt_krylov_apply(k, NULL, k->x, k->at[Z]));
  return gkt_krylov_copy(k, k->at[Z], k->x);
}

static int vectors(const gkt_krylov *k) { return (void)k, END - R; }

const gkt_krylov_row gkt_krylov_row_bicgstab = {vectors, start, body, finish, NULL};
