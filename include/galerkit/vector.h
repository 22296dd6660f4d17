/* Vectors of dofs, and layouts that say which dofs they hold. */
#ifndef GALERKIT_VECTOR_H
#define GALERKIT_VECTOR_H
#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- layouts: the dofs of a system, one unknown after the other ---- */
typedef struct {
  const char *name; /* of the unknown */
  int function;     /* its number in the scope */
  gkt_idx first;    /* dof = first + node * block_size + component */
  gkt_idx count;
  int block_size; /* components */
} gkt_layout_block;
typedef struct {
  int num_blocks;
  const gkt_layout_block *blocks; /* [num_blocks] */
  gkt_idx num_owned;              /* dofs of this process, of all blocks together */
  gkt_idx num_ghosts;             /* copies of other processes' dofs behind them: 0 with one process */
  gkt_idx num_constrained;        /* of the owned ones, given by conditions */
  const bool *constrained;        /* [num_owned]: is it, or tied? */
  const bool *tied; /* [num_owned]: is it of a node for which ties let another one stand? NULL: none is */
  gkt_idx num_tied;
} gkt_layout;

/* ---- vectors. Two vectors in one call have the same size, which is not checked, and stand in the same
   place, else nothing is done, a number that was asked for is NaN, and the context's message says so. On the
   device calls return before their work is done but for those that give a number; a failure there makes such
   numbers NaN and is returned by the next call with a status. Sums go in one fixed order: bits do not depend
   on the number of threads or blocks. ---- */
typedef struct gkt_vector gkt_vector;
GKT_API gkt_status gkt_vector_create(gkt_context *, gkt_idx size, gkt_vector **out) GKT_MUST_CHECK; /* zero */
/* Zero, in a place: GKT_ON_DEVICE is the device of the context. GKT_UNAVAILABLE: there is none, and why. */
GKT_API gkt_status gkt_vector_create_on(gkt_context *, gkt_where, gkt_idx size,
                                        gkt_vector **out) GKT_MUST_CHECK;
/* Over the caller's array [size] on the host, which stays the caller's and is there as long as the vector. */
GKT_API gkt_status gkt_vector_wrap(gkt_context *, gkt_idx size, gkt_scalar *values,
                                   gkt_vector **out) GKT_MUST_CHECK;
GKT_API void gkt_vector_destroy(gkt_vector **);
GKT_API gkt_idx gkt_vector_size(const gkt_vector *);
GKT_API gkt_where gkt_vector_where(const gkt_vector *);
GKT_API gkt_scalar *gkt_vector_values(gkt_vector *);              /* [size]; NULL unless on the host */
GKT_API const gkt_scalar *gkt_vector_read(const gkt_vector *);    /* the same, not to be written */
GKT_API void gkt_vector_fill(gkt_vector *, gkt_scalar value);     /* '=' */
GKT_API void gkt_vector_copy(const gkt_vector *x, gkt_vector *y); /* y = x */
/* y = x, of the same size, each in its own place. */
GKT_API gkt_status gkt_vector_to(const gkt_vector *x, gkt_vector *y) GKT_MUST_CHECK;
GKT_API void gkt_vector_scale(gkt_vector *, gkt_scalar factor);                 /* x *= factor */
GKT_API void gkt_vector_axpy(gkt_scalar a, const gkt_vector *x, gkt_vector *y); /* y += a x */
GKT_API double gkt_vector_dot(const gkt_vector *x, const gkt_vector *y);
/* ||x||_2: squares neither overflow nor vanish; NaN where a value is. */
GKT_API double gkt_vector_norm(const gkt_vector *);
GKT_API bool gkt_vector_is_finite(const gkt_vector *);

#ifdef __cplusplus
}
#endif
#endif
