/* What the kernels of a system on the device (device_system.cu) are told. Read by C and by the kernels. */
#ifndef GKT_SOLVERS_DEVICE_SYSTEM_ARGUMENTS_H
#define GKT_SOLVERS_DEVICE_SYSTEM_ARGUMENTS_H
#include "core/device.h"
#include "core/vector_arguments.h"

/* What a row is looked at for: 1 where it is so, else 0. */
enum {
  GKT_ROW_EMPTY,  /* free, and it or its column holds zeros alone */
  GKT_ROW_UNEVEN, /* its scales do not fit yet */
  GKT_ROW_ROOT,   /* the first dof of a connected piece */
  GKT_ROW_MOVED   /* in another piece than before */
};
/* Rows of each field, first[k] .. first[k+1]-1; count 0: there is one field. */
enum { GKT_MOST_FIELDS = 16 };
typedef struct {
  int count;
  gkt_idx first[GKT_MOST_FIELDS + 1];
} gkt_device_fields_table;
typedef struct {
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals;
  const gkt_byte *fixed; /* [num_rows]; NULL: none is */
  gkt_idx num_rows;
  int symmetric, what;
  gkt_device_fields_table fields;
  gkt_scalar *coupling;          /* [fields][fields] the largest scaled entry; 0 before */
  gkt_scalar *weights;           /* 1 / |a_ii|, 1 where that is 0 */
  gkt_scalar *rows, *columns;    /* scales (scales.c) */
  gkt_scalar *most, *most_below; /* the largest scaled entry of a row, of a column */
  gkt_idx *parent, *next;        /* pieces: the first dof of each is its own parent */
  const gkt_idx *before;         /* parents, when pieces were listed */
  gkt_idx *changed;              /* [1] */
  gkt_scalar *flags;
  gkt_byte *beside;    /* is a fixed dof beside a free one? */
  gkt_idx *next_piece; /* the first dof of a piece beside a fixed dof, plus 1, after what stands there; GKT_NO_PIECE: none */
} gkt_device_rows_arguments;
enum { GKT_NO_PIECE = 0x7fffffff };

/* Lengths of a residual: over free dofs, as they are and with each row divided by its diagonal. */
enum { GKT_SIZE_RESIDUAL, GKT_SIZE_RIGHT, GKT_SIZE_FLOOR, GKT_SIZE_LOAD, GKT_SIZE_SCALED, GKT_NUM_LENGTHS = 2 * GKT_SIZE_SCALED, GKT_SIZE_WORST = GKT_NUM_LENGTHS, GKT_NUM_SIZES };
/* What is made of them. */
enum {
  GKT_FOUND_RESIDUAL,
  GKT_FOUND_RIGHT,
  GKT_FOUND_FLOOR,
  GKT_FOUND_WORST,
  GKT_FOUND_SCALED,
  GKT_FOUND_MORE,
  GKT_FOUND_UNLOADED,
  GKT_NUM_FOUND
}; /* more than rounding, on so many pieces; pieces without a right-hand side */
typedef struct {
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals;
  const gkt_byte *fixed;
  gkt_idx num_rows;
  const gkt_idx *dofs, *chunks, *first_chunks; /* device_chunks.h; NULL: one piece, whose chunks are the parts of all rows */
  const gkt_idx *of;                           /* [num_rows] the number of the piece; NULL: 0 */
  const gkt_scalar *rows, *columns;
  const gkt_scalar *b, *x, *load; /* load NULL: none */
  gkt_scalar *residual, *floor;   /* [num_rows] b - A x, |A||x| + |b|; 0 on fixed dofs */
  gkt_scalar *partial;            /* [GKT_NUM_SIZES][3][parts] */
  gkt_scalar *sizes;              /* [pieces + 1][GKT_NUM_SIZES] of each piece, then of all */
  gkt_scalar *found;              /* [GKT_NUM_FOUND] */
  gkt_size parts, pieces;         /* chunks */
  gkt_scalar smallest_load;       /* residual.c */
  int fields;                     /* 0: one; else pieces are fields, of one piece, and */
  const gkt_scalar *coupling;     /* [fields][fields] */
  gkt_scalar least_right;         /* residual.c: BESIDE */
} gkt_device_residual_arguments;
typedef struct { /* vals = left of the row's field times from, times right of the column's */
  const gkt_idx *offsets, *cols;
  const gkt_scalar *from;
  gkt_scalar *vals;
  gkt_idx num_rows;
  gkt_device_fields_table fields;
  gkt_scalar left[GKT_MOST_FIELDS], right[GKT_MOST_FIELDS];
} gkt_device_units_arguments;
typedef struct { /* to = factor of the field times from */
  const gkt_scalar *from;
  gkt_scalar *to;
  gkt_idx num_rows;
  gkt_device_fields_table fields;
  gkt_scalar factors[GKT_MOST_FIELDS];
} gkt_device_scale_arguments;
typedef struct { /* log2 of the scales of a field's free rows, and 1; else 0 */
  const gkt_scalar *scales;
  const gkt_byte *fixed;
  gkt_idx num_rows, begin, end;
  gkt_scalar *logs, *ones;
} gkt_device_logs_arguments;
typedef struct { /* vals[k] = from[order[k]] */
  const gkt_idx *order;
  const gkt_scalar *from;
  gkt_scalar *vals;
  gkt_size count;
} gkt_device_take_arguments;
typedef struct { /* v = v times what brings the residual of its piece near 1, or back */
  const gkt_idx *of;
  const gkt_scalar *sizes;
  gkt_idx num_rows;
  int back;
  gkt_scalar *v;
} gkt_device_normalize_arguments;
#endif
