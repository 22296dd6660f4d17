/* The method of conjugate gradients (Hestenes and Stiefel 1952) on the device. For symmetric A, positive or negative definite, and a positive preconditioner; negative curvature is
   met and told. By Jacobi z is never stored. */
#include <stddef.h>

#include "solvers/krylov_inside.h"

enum { R = GKT_FIRST_VECTOR, P, W, Z, END }; /* Z: where it is stored */

/* By Jacobi z is formed where it is needed, unless a kernel is to be taken out of it. */
static bool stores_z(const gkt_krylov *k) { return k->options.degree > 1 || k->options.num_kernel > 0; }

static gkt_krylov_cg_arguments arguments(const gkt_krylov *k) {
  bool jacobi = !stores_z(k);
  return (gkt_krylov_cg_arguments){gkt_krylov_get_state(k), k->n, jacobi ? k->options.weights : NULL, jacobi ? NULL : k->at[Z], k->at[W], k->at[P], k->x, k->at[R], k->partial.at};
}

static gkt_status start(gkt_krylov *k) {
  gkt_scalar *z = k->at[stores_z(k) ? Z : W];
  GKT_TRY(gkt_krylov_zero(k, k->x));
  GKT_TRY(gkt_krylov_copy(k, k->b, k->at[R]));
  GKT_TRY(gkt_krylov_dot(k, k->at[R], k->at[R], GKT_JOIN_START));
  GKT_TRY(gkt_krylov_apply(k, NULL, k->at[R], z));
  GKT_TRY(gkt_krylov_take_out(k, NULL, z));
  return gkt_krylov_dot(k, z, k->at[R], GKT_JOIN_CG_BETA);
}

static gkt_status body(void *krylov) {
  gkt_krylov *k = krylov;
  bool jacobi = !stores_z(k);
  gkt_krylov_cg_arguments a = arguments(k);
  GKT_TRY(gkt_krylov_each(k, "gkt_cg_direction", &a, sizeof a));
  GKT_TRY(gkt_product_apply(k->product, k->at[P], k->at[W]));
  GKT_TRY(gkt_krylov_dot(k, k->at[P], k->at[W], GKT_JOIN_CG_ALPHA));
  GKT_TRY(gkt_krylov_parts(k, "gkt_cg_update", &a, sizeof a));
  GKT_TRY(gkt_krylov_join(k, jacobi ? GKT_JOIN_CG_BOTH : GKT_JOIN_CG_NORM, jacobi ? 2 : 1));
  if (jacobi) return GKT_OK;
  GKT_TRY(gkt_krylov_apply(k, gkt_krylov_get_state(k), k->at[R], k->at[Z]));
  GKT_TRY(gkt_krylov_take_out(k, gkt_krylov_get_state(k), k->at[Z]));
  return gkt_krylov_dot(k, k->at[Z], k->at[R], GKT_JOIN_CG_BETA);
}

static gkt_status finish(gkt_krylov *k) { return (void)k, GKT_OK; }

static int vectors(const gkt_krylov *k) { return (stores_z(k) ? END : Z) - R; }

const gkt_krylov_row gkt_krylov_row_cg = {vectors, start, body, finish, NULL};

gkt_status gkt_krylov_eigenvalues(gkt_krylov *k, double *least, double *most) {
  const gkt_krylov_lanczos_arguments a = {gkt_krylov_get_state(k), gkt_krylov_get_history(k)};
  double both[2];
  _Static_assert(offsetof(gkt_krylov_state, most) == offsetof(gkt_krylov_state, least) + sizeof *both, "both come at once");
  GKT_TRY(gkt_krylov_launch(k, "gkt_cg_eigenvalues", 2, &a, sizeof a));
  GKT_TRY(gkt_device_download(k->device, &a.state->least, both, sizeof both));
  *least = both[0], *most = both[1];
  return GKT_OK;
}
