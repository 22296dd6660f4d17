/* What the kernels of Newton's method (newton.cu) are told. Read by C and by the kernels. */
#ifndef GKT_SOLVERS_NEWTON_ARGUMENTS_H
#define GKT_SOLVERS_NEWTON_ARGUMENTS_H
#include "core/device.h"
#include "core/vector_arguments.h"

typedef struct { /* entries of vectors [count] */
  gkt_size count;
  const gkt_byte *fixed; /* NULL: none */
  const gkt_scalar *target, *kept, *f, *row, *careful;
  gkt_scalar *u;
  gkt_scalar tolerance;
  const gkt_scalar *scale_rows, *scale_cols;
  gkt_scalar *unit;
  int anew;
  gkt_scalar *partial; /* [parts] */
} gkt_newton_entries_arguments;
typedef struct { /* rows of the tangent */
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals;
  gkt_idx num_rows;
  const gkt_byte *fixed;
  const gkt_scalar *u, *target, *f;
  int arrived;
  gkt_scalar *jump, *b, *row, *inside;
} gkt_newton_rows_arguments;
typedef struct {                               /* lengths on pieces, cut into chunks of at most GKT_PART dofs */
  const gkt_idx *dofs, *chunks, *first_chunks; /* chunk k: dofs[chunks[k] .. chunks[k+1]-1]; [pieces + 1] */
  gkt_size num_chunks, num_pieces;
  const gkt_scalar *v, *unit;
  gkt_scalar *partial;          /* [6][num_chunks] */
  gkt_scalar *lengths, *firsts; /* [pieces][2]: plain, scaled */
  gkt_scalar smallest_load;
  gkt_scalar *worst; /* [parts of pieces] */
} gkt_newton_pieces_arguments;
#endif
