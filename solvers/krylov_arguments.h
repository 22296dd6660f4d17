/* What the kernels of the Krylov methods (krylov.cu) are told, and the scalars of a method, which stay on the device. Read by C and by the kernels. */
#ifndef GKT_SOLVERS_KRYLOV_ARGUMENTS_H
#define GKT_SOLVERS_KRYLOV_ARGUMENTS_H
#include "core/device.h"
#include "core/vector_arguments.h"

/* How a method ended. */
enum {
  GKT_KRYLOV_RUNNING,
  GKT_KRYLOV_CONVERGED,
  GKT_KRYLOV_LIMIT,
  GKT_KRYLOV_INDEFINITE_MATRIX,
  GKT_KRYLOV_INDEFINITE_PRECONDITIONER,
  GKT_KRYLOV_BREAKDOWN,
  GKT_KRYLOV_NOT_FINITE,
  GKT_KRYLOV_DIVERGED
};

typedef struct {
  int end;       /* one of the above */
  int stop;      /* kernels of an iteration do nothing: it has ended, or GMRES's basis is full */
  int iteration; /* done */
  int limit;
  int column; /* of GMRES, in this cycle */
  int lucky;  /* BiCGSTAB: half an iteration gave the answer */
  gkt_scalar rtol, norm, first;
  gkt_scalar beta, curvature, alpha, step; /* CG: z'r, p'Ap, beta / curvature, beta / beta before */
  gkt_scalar rho, omega;                   /* BiCGSTAB, with alpha, and beta as its step */
  gkt_scalar least, most;                  /* gkt_cg_eigenvalues */
} gkt_krylov_state;
enum { GKT_KRYLOV_HEAD = 4 * 4 }; /* bytes of a state that the host looks at: up to its limit */
typedef struct {                  /* [limit + 1] */
  gkt_scalar *norms;
  gkt_scalar *diagonal, *squares; /* of the Lanczos matrix of CG; squares of the entries before it in their rows */
} gkt_krylov_history;

/* What thread 0 does with sums that one block joins. */
enum {
  GKT_JOIN_START,         /* r'r: the first residual */
  GKT_JOIN_CG_ALPHA,      /* p'Ap */
  GKT_JOIN_CG_NORM,       /* r'r */
  GKT_JOIN_CG_BETA,       /* z'r */
  GKT_JOIN_CG_BOTH,       /* r'r, z'r */
  GKT_JOIN_BCGS_START,    /* r'r, which is rho as well */
  GKT_JOIN_BCGS_ALPHA,    /* v'rp */
  GKT_JOIN_BCGS_OMEGA,    /* s't, t't, s's */
  GKT_JOIN_BCGS_NORM,     /* r'r, r'rp */
  GKT_JOIN_GMRES_START,   /* r'r: of the first cycle */
  GKT_JOIN_GMRES_RESTART, /* r'r */
  GKT_JOIN_GMRES_COLUMN   /* w'w, after the basis was taken out */
};
typedef struct {
  gkt_krylov_state *state;
  gkt_krylov_history history;
  const gkt_scalar *partial; /* [sums][parts] */
  gkt_size parts;
  int sums, what;
  gkt_scalar *hessenberg; /* GMRES: see krylov.cu */
  int restart;
} gkt_krylov_join_arguments;
typedef struct {
  const gkt_krylov_state *state;
  gkt_size count;
  int sums;
  const gkt_scalar *x[3], *y[3];
  gkt_scalar *partial;
} gkt_krylov_dots_arguments;
typedef struct {
  const gkt_krylov_state *state;
  gkt_size count;
  const gkt_scalar *weights; /* of Jacobi; NULL: z is given */
  const gkt_scalar *z, *w;
  gkt_scalar *p, *x, *r, *partial;
} gkt_krylov_cg_arguments;
typedef struct {
  const gkt_krylov_state *state;
  gkt_size count;
  const gkt_scalar *shadow; /* the first residual */
  gkt_scalar *r, *p, *v, *s, *t, *x, *partial;
} gkt_krylov_bcgs_arguments;
typedef struct {
  const gkt_krylov_state *state;
  gkt_size count;
  gkt_scalar *basis; /* [restart + 1][count] */
  gkt_scalar *w, *out, *partial, *hessenberg;
  gkt_size parts;
  int restart;
} gkt_krylov_gmres_arguments;
typedef struct {
  gkt_krylov_state *state;
  gkt_krylov_history history;
} gkt_krylov_lanczos_arguments;
typedef struct { /* out = omega (scale weights (b - a) + x) + (1 - omega) old; x, old NULL: 0; a NULL: 0 */
  const gkt_krylov_state *state;
  gkt_size count;
  const gkt_scalar *weights, *b, *a, *x, *old;
  gkt_scalar *out;
  gkt_scalar scale, omega;
} gkt_krylov_step_arguments;
typedef struct {                 /* x -= its parts along orthonormal vectors */
  const gkt_krylov_state *state; /* NULL: always */
  gkt_size count;
  const gkt_scalar *vectors; /* [num][count] */
  int num;
  gkt_scalar *x, *partial; /* partial [num][parts] */
  gkt_size parts;
  gkt_scalar *sums; /* [num] */
} gkt_krylov_project_arguments;
typedef struct { /* out = a + factor b */
  gkt_size count;
  const gkt_scalar *a, *b;
  gkt_scalar *out;
  gkt_scalar factor;
} gkt_krylov_sum_arguments;
#endif
