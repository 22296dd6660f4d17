/* Krylov methods on the device. The body of an iteration is recorded once; the host replays it some times, then looks: 16 bytes of the state and the norms since the last look, of
   which each crosses the bus once. What an iteration ends with does not depend on how often the host looks. Host logic of krylov.cu. Not installed. */
#ifndef GKT_SOLVERS_KRYLOV_H
#define GKT_SOLVERS_KRYLOV_H
#include "core/product.h"
#include "solvers/krylov_arguments.h"

typedef enum { GKT_KRYLOV_CG, GKT_KRYLOV_BICGSTAB, GKT_KRYLOV_GMRES } gkt_krylov_method;
typedef struct {
  gkt_krylov_method method;
  const gkt_scalar *weights; /* [n] on the device, outlives, may change between solves: z = weights r, the inverse diagonal for Jacobi */
  int degree;                /* products + 1 of Chebyshev's polynomial in weights A (Saad 2003, algorithm 12.1); 1: Jacobi alone */
  double least, most;        /* the eigenvalues of weights A that it is for */
  const gkt_scalar *kernel;  /* [num_kernel][n] on the device, outlives: orthonormal vectors that a symmetric A maps to zero */
  int num_kernel;
  int restart; /* of GMRES */
  int limit;   /* the largest of all solves */
  int look;    /* iterations between two looks */
} gkt_krylov_options;
typedef struct gkt_krylov gkt_krylov;
typedef struct {
  int end; /* GKT_KRYLOV_CONVERGED, .. */
  bool cancelled;
  int iterations;
  const gkt_scalar *norms; /* [iterations + 1], until the next solve */
} gkt_krylov_result;
/* A x = b from 0. product, b and x [n] on the device outlive; b stays as it is. */
gkt_status gkt_krylov_create(gkt_context *, const gkt_product *, gkt_idx n, const gkt_krylov_options *, const gkt_scalar *b, gkt_scalar *x, gkt_krylov **out) GKT_MUST_CHECK;
void gkt_krylov_destroy(gkt_krylov **);
/* To ||r|| <= rtol ||b||. watch: each norm in turn; false: stop. NULL: none */
gkt_status gkt_krylov_solve(gkt_krylov *, double rtol, int limit, bool (*watch)(void *user, int iteration, double norm), void *user, gkt_krylov_result *out) GKT_MUST_CHECK;
/* out = M^-1 in, other arrays than b and x; launches alone */
gkt_status gkt_krylov_precondition(gkt_krylov *, const gkt_scalar *in, gkt_scalar *out) GKT_MUST_CHECK;
/* x without its parts along the kernel: b is to have none. Launches alone. */
gkt_status gkt_krylov_project(gkt_krylov *, gkt_scalar *x) GKT_MUST_CHECK;
/* The least and the largest eigenvalue of M^-1 A that CG saw in its last solve, by its Lanczos matrix. */
gkt_status gkt_krylov_eigenvalues(gkt_krylov *, double *least, double *most) GKT_MUST_CHECK;
const char *gkt_krylov_end_text(int end); /* "met negative curvature" */
#endif
