/* The method of conjugate gradients (Hestenes and Stiefel 1952) on the device. For symmetric A, positive or negative definite, and a positive preconditioner; negative curvature is
   met and told. By Jacobi z is never stored. */
#include "solvers/krylov_inside.h"

#include <math.h>

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

/* ---- eigenvalues of the Lanczos matrix: bisection with Sturm's sequence ---- */
static void entry(const gkt_krylov_result *r, int i, double *diagonal, double *square) {
  *diagonal = 1 / r->alphas[i] + (i > 0 ? r->steps[i] / r->alphas[i - 1] : 0);
  *square = i > 0 ? r->steps[i] / (r->alphas[i - 1] * r->alphas[i - 1]) : 0; /* of the entry beside it */
}

/* How many eigenvalues are below. */
static int count_below(const gkt_krylov_result *r, double value) {
  double pivot = 1, diagonal, square;
  int count = 0;
  for (int i = 0; i < r->iterations; i++) {
    entry(r, i, &diagonal, &square);
    pivot = diagonal - value - square / pivot;
    if (pivot == 0) pivot = 1e-300;
    count += pivot < 0;
  }
  return count;
}

static double bisect(const gkt_krylov_result *r, int number, double most) { /* the eigenvalue with so many below */
  double low = 0, high = most;
  for (int i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    double middle = (low + high) / 2;
    if (count_below(r, middle) > number) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

void gkt_krylov_eigenvalues(const gkt_krylov_result *r, double *least, double *most) {
  double bound = 0, diagonal, square, after = 0;
  *least = *most = 1;
  if (r->iterations == 0) return;
  for (int i = r->iterations - 1; i >= 0; i--) { /* Gershgorin */
    entry(r, i, &diagonal, &square);
    bound = fmax(bound, diagonal + sqrt(square) + after), after = sqrt(square);
  }
  *least = bisect(r, 0, bound), *most = bisect(r, r->iterations - 1, bound);
}
