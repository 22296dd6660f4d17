/* What the files krylov*.c share. */
#ifndef GKT_SOLVERS_KRYLOV_INSIDE_H
#define GKT_SOLVERS_KRYLOV_INSIDE_H
#include "solvers/krylov.h"

extern const char *const gkt_krylov_kernels[];
enum { GKT_KRYLOV_VECTORS = 9 };
struct gkt_krylov {
  gkt_context *ctx;
  gkt_device *device;
  const gkt_product *product;
  gkt_size n, parts;
  gkt_krylov_options options;
  const struct gkt_krylov_row *row;
  const gkt_scalar *b;
  gkt_scalar *x;
  gkt_bytes state;
  gkt_scalars vectors; /* as many as the method needs */
  gkt_scalar *at[GKT_KRYLOV_VECTORS];
  gkt_scalars basis, hessenberg, partial, history; /* history [3][limit + 1] */
  gkt_scalar *seen;                                /* [limit + 1] norms on the host */
  gkt_recording *body;
};
/* A method: how many vectors, and what is launched. */
typedef struct gkt_krylov_row {
  int (*vectors)(const gkt_krylov *);
  gkt_status (*start)(gkt_krylov *);  /* from b to the first residual */
  gkt_status (*body)(void *krylov);   /* an iteration, to be recorded */
  gkt_status (*finish)(gkt_krylov *); /* after iterations that stopped: x */
  gkt_status (*go_on)(gkt_krylov *);  /* after a stop that is no end; NULL: there is none */
} gkt_krylov_row;
extern const gkt_krylov_row gkt_krylov_row_cg, gkt_krylov_row_bicgstab, gkt_krylov_row_gmres;
enum { GKT_WORK_A, GKT_WORK_B, GKT_FIRST_VECTOR }; /* the first two are the polynomial's */

gkt_krylov_state *gkt_krylov_get_state(const gkt_krylov *);                                                                         /* on the device */
gkt_krylov_history gkt_krylov_get_history(const gkt_krylov *);                                                                      /* likewise */
gkt_status gkt_krylov_launch(gkt_krylov *, const char *kernel, gkt_size blocks, const void *arguments, size_t size) GKT_MUST_CHECK; /* 256 threads */
gkt_status gkt_krylov_each(gkt_krylov *, const char *kernel, const void *arguments, size_t size) GKT_MUST_CHECK;                    /* a thread for each entry */
gkt_status gkt_krylov_parts(gkt_krylov *, const char *kernel, const void *arguments, size_t size) GKT_MUST_CHECK;                   /* a block for each part */
gkt_status gkt_krylov_join(gkt_krylov *, int what, int sums) GKT_MUST_CHECK;                                                        /* of what stands in partial */
gkt_status gkt_krylov_dot(gkt_krylov *, const gkt_scalar *x, const gkt_scalar *y, int what) GKT_MUST_CHECK;                         /* and join */
gkt_status gkt_krylov_apply(gkt_krylov *, const gkt_krylov_state *, const gkt_scalar *in, gkt_scalar *out) GKT_MUST_CHECK;          /* M^-1; state NULL: always */
gkt_status gkt_krylov_take_out(gkt_krylov *, const gkt_krylov_state *, gkt_scalar *x) GKT_MUST_CHECK;                               /* the kernel; state NULL: always */
gkt_status gkt_krylov_zero(gkt_krylov *, gkt_scalar *x) GKT_MUST_CHECK;
gkt_status gkt_krylov_copy(gkt_krylov *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
#endif
