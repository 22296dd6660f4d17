/* What the kernels of vectors (sums.cu, vector.cu) are told. Read by C and by the kernels. */
#ifndef GKT_CORE_VECTOR_ARGUMENTS_H
#define GKT_CORE_VECTOR_ARGUMENTS_H
#include "core/device.h"

/* Sums over vectors are of parts of so many entries, each of one block of so many threads. The order of a sum follows from these two numbers and the length alone. */
enum { GKT_PART = 4096, GKT_PART_THREADS = 256, GKT_PART_SHARED = 64 /* bytes */ };

typedef struct { /* x = value, x *= value */
  gkt_scalar *x;
  gkt_size count;
  gkt_scalar value;
} gkt_vector_value_arguments;
typedef struct { /* y += a x */
  const gkt_scalar *x;
  gkt_scalar *y;
  gkt_size count;
  gkt_scalar a;
} gkt_vector_axpy_arguments;
enum { GKT_MAX_SUMMANDS = 5 };
typedef struct { /* y = the sum of factors[k] x[k] */
  const gkt_scalar *x[GKT_MAX_SUMMANDS];
  gkt_scalar factors[GKT_MAX_SUMMANDS];
  gkt_scalar *y;
  gkt_size count;
  int num;
} gkt_vector_combine_arguments;
typedef struct {
  const gkt_scalar *x, *y; /* [count] */
  gkt_size count;
  gkt_scalar *partial; /* [sums][parts] */
} gkt_vector_parts_arguments;
typedef struct {
  const gkt_scalar *partial;
  gkt_size parts;
  gkt_scalar *out;    /* [1] */
  gkt_scalar nothing; /* the least of no entries */
} gkt_vector_join_arguments;
#endif
