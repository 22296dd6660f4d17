/* What the kernels that judge a form (judge.cu) are told. Read by C and by the kernels. */
#ifndef GKT_SYSTEMS_JUDGE_ARGUMENTS_H
#define GKT_SYSTEMS_JUDGE_ARGUMENTS_H
#include "core/device.h"

typedef struct {
  gkt_idx first, end; /* dofs of an unknown */
  gkt_scalar most;
  gkt_scalar *out;
} gkt_judge_noise_arguments;
typedef struct {
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals, *v, *b, *r; /* b NULL: 0; r NULL: no mismatch is asked for */
  gkt_scalar *image;                  /* A v; NULL: not asked for */
  gkt_scalar *size, *mismatch;        /* |A||v| + |b|; |r + b - A v| of it */
  gkt_idx num_rows;
} gkt_judge_rows_arguments;
#endif
