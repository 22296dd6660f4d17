/* The algebra of arrays on the device, asynchronous but for what returns numbers to the host. All arrays stand on the device. Host logic of vector.cu. */
#ifndef GKT_CORE_VECTOR_H
#define GKT_CORE_VECTOR_H
#include "core/device.h"
#include "core/vector_arguments.h"
#include "galerkit/vector.h"

extern const char *const gkt_vector_kernels[];                  /* parts for gkt_device_kernels */
extern const char gkt_vector_arguments_text[], gkt_sums_text[]; /* vector_arguments.h and sums.cu, for kernels of other stages that sum */

static inline gkt_size gkt_num_parts(gkt_size count) { return (count + GKT_PART - 1) / GKT_PART; }
/* Scalars of the work that a sum over so many entries needs: up to three sums of each part, and room for the result. */
static inline gkt_size gkt_sum_work(gkt_size count) { return 3 * gkt_num_parts(count) + 1; }

gkt_status gkt_device_vector_fill(gkt_device *, gkt_size count, gkt_scalar value, gkt_scalar *x) GKT_MUST_CHECK;
gkt_status gkt_device_vector_scale(gkt_device *, gkt_size count, gkt_scalar factor, gkt_scalar *x) GKT_MUST_CHECK;
gkt_status gkt_device_vector_axpy(gkt_device *, gkt_size count, gkt_scalar a, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
/* y = the sum of factors[k] x[k], num of them, at most GKT_MAX_SUMMANDS, none of them y; y = factor x y, entry by entry */
gkt_status gkt_device_vector_combine(gkt_device *, gkt_size count, int num, const gkt_scalar *factors, const gkt_scalar *const *x, gkt_scalar *y) GKT_MUST_CHECK;
gkt_status gkt_device_vector_multiply(gkt_device *, gkt_size count, gkt_scalar factor, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
/* Into *out on the device. work: gkt_sum_work(count) */
gkt_status gkt_device_vector_dot(gkt_device *, gkt_size count, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar *work, gkt_scalar *out) GKT_MUST_CHECK;
gkt_status gkt_device_vector_dot_of_sizes(gkt_device *, gkt_size count, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar *work,
                                          gkt_scalar *out) GKT_MUST_CHECK; /* of |x|, |y| */
gkt_status gkt_device_vector_norm(gkt_device *, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_scalar *out) GKT_MUST_CHECK;
gkt_status gkt_device_vector_most(gkt_device *, gkt_size count, const gkt_scalar *x, gkt_scalar *out) GKT_MUST_CHECK; /* the largest, from 0; by one block: of partial results */
gkt_status gkt_device_vector_largest(gkt_device *, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_scalar *out) GKT_MUST_CHECK; /* the largest |x|; NaN where one is */
/* On the host, waits: the first entry that is not finite; -1: none */
gkt_status gkt_device_find_not_finite(gkt_device *, gkt_size count, const gkt_scalar *x, gkt_scalar *work, gkt_size *at) GKT_MUST_CHECK;

/* The same two in either place; the sum: of entries first to first + count - 1 of all. */
void gkt_vector_combine(gkt_idx first, gkt_idx count, int num, const gkt_scalar *factors, const gkt_vector *const *x, gkt_vector *y);
void gkt_vector_multiply(gkt_scalar factor, const gkt_vector *x, gkt_vector *y);
double gkt_vector_dot_of_sizes(const gkt_vector *, const gkt_vector *);          /* of |x| and |y|, in either place, as gkt_vector_dot */
double gkt_vector_largest(const gkt_vector *);                                   /* the largest |x| */
gkt_status gkt_vector_take(const gkt_scalar *from, gkt_vector *) GKT_MUST_CHECK; /* '=' of numbers [size] on the host, wherever the vector is; NULL: 0 */
gkt_status gkt_vector_give(const gkt_vector *, gkt_scalar *to) GKT_MUST_CHECK;   /* back */
gkt_device *gkt_vector_device(const gkt_vector *);                               /* NULL: on the host */
gkt_scalar *gkt_vector_address(const gkt_vector *);                              /* on the device, for launches */
#endif
