/* Random inputs of data sets: numbers and fields whose values depend on a seed, the number of the sample and
   a name alone, so that any order, any batch, any number of threads and a restart give the same bits (of one
   machine: logarithms, sines and exponentials are those of its C library). */
#ifndef GALERKIT_SAMPLE_H
#define GALERKIT_SAMPLE_H
#include "galerkit/space.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- numbers: Philox4x32-10, Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
   (SC11). A counter becomes random bits; nothing is kept from one to the next. ---- */
GKT_API void gkt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
typedef struct {
  uint64_t seed;    /* the key */
  gkt_idx sample;   /* from 0 */
  const char *name; /* of what is drawn, by a 64-bit hash (FNV-1a); sample, hash and a running number are the
                       counter */
} gkt_draw;
/* out [count]: independent, uniform in (0, 1), 53 bits. */
GKT_API void gkt_draw_uniform(const gkt_draw *, gkt_size count, gkt_scalar *out);
/* out [count]: independent, of mean 0 and variance 1: Box and Muller, Ann. Math. Stat. 29 (1958). */
GKT_API void gkt_draw_normal(const gkt_draw *, gkt_size count, gkt_scalar *out);

/* ---- Gaussian random fields: (kappa^2 - Laplace)^(alpha/2) g = white noise, on linear elements of a mesh.
   Lindgren, Rue and Lindgren, J. R. Stat. Soc. B 73 (2011): on all of space the covariance is Matern's, of
   smoothness nu = alpha - dim/2, with kappa = sqrt(8 nu)/length. Each solve with kappa^2 - Laplace counts 2;
   what is left of alpha is a sum of ten to twenty solves, each with a factor of its own, which is off by
   3e-4 of the power: Bonito and Pasciak, Math. Comp. 84 (2015). Fields rougher than the default need more
   cells in a length. The noise has the covariance of white noise on the elements, the mass matrix. Of 5
   cells in a length the variance is 2 % too small in the plane and 2 % too large on a line, of 2 cells 5 %
   and 7 %; of 3 tetrahedra's edges in space 15 % too small. ---- */
typedef enum {
  /* dg/dn = 0: the covariance is folded at the boundary. On a straight one, far from corners, the variance is
     twice that inside, on an edge of two such four times; from `length` away it is hardly seen. */
  GKT_FIELD_NEUMANN,
  /* dg/dn + (kappa/1.42) g = 0: the variance stays nearly that inside. Roininen, Huttunen and Lasanen,
     Inverse Probl. Imaging 8 (2014) */
  GKT_FIELD_ROBIN,
  GKT_FIELD_ZERO /* g = 0: for states and loads that have to vanish there */
} gkt_field_boundary;
typedef struct {
  double length;     /* correlation length, in units of the coordinates: the correlation is near 0.13 that
                        far away; no default */
  double deviation;  /* standard deviation inside, by theory; default 1 */
  double smoothness; /* nu: above 0, to 4 - dim/2; default 0: 2 - dim/2, one solve; 1/2 is exp(-2 r/length) */
  gkt_field_boundary boundary; /* default NEUMANN */
} gkt_gaussian_options;
typedef struct gkt_gaussian gkt_gaussian;
GKT_API gkt_gaussian_options gkt_gaussian_options_default(void);
/* Assembles, and keeps a factor (of large systems in space a preconditioner) for all draws. GKT_BAD_INPUT:
   numbers out of range. */
GKT_API gkt_status gkt_gaussian_create(gkt_context *, gkt_mesh *, const gkt_gaussian_options *,
                                       gkt_gaussian **out) GKT_MUST_CHECK;
GKT_API void gkt_gaussian_destroy(gkt_gaussian **);
GKT_API const gkt_space *gkt_gaussian_space(const gkt_gaussian *); /* P1, scalar */
/* values [dofs of that space] '=', of mean 0. GKT_LIBRARY: the system was not solved. */
GKT_API gkt_status gkt_gaussian_draw(gkt_gaussian *, const gkt_draw *, gkt_scalar *values) GKT_MUST_CHECK;

/* ---- sine sums on boxes, 0 on the boundary: sum over k in {1..terms}^dim of c |k|^-decay xi_k
   prod_i sin(pi k_i (x_i - lower_i)/(upper_i - lower_i)), xi_k independent of mean 0; c is such that the mean
   square over box and samples is deviation^2. ---- */
typedef struct {
  double lower[3], upper[3]; /* of the box; coordinates outside are taken as they are */
  int terms;                 /* in each direction, 1 to 256; default 8 */
  double decay;              /* default 1 */
  double deviation;          /* default 1 */
  bool uniform;              /* xi_k uniform in (-1, 1) times sqrt(3), else normal, the default */
} gkt_sine_options;
GKT_API gkt_sine_options gkt_sine_options_default(void);
/* values [num_points] '='; coords [num_points][dim]. GKT_BAD_INPUT: an option out of range.
   GKT_BAD_ARGUMENT: dim is not 1 to 3. */
GKT_API gkt_status gkt_sine_draw(gkt_context *, const gkt_sine_options *, const gkt_draw *, int dim,
                                 gkt_size num_points, const double *coords,
                                 gkt_scalar *values) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
