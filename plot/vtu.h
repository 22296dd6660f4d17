/* VTU files (VTK's XML unstructured grids), as far as writer, reader and pictures share them. */
#ifndef GKT_PLOT_VTU_H
#define GKT_PLOT_VTU_H
#include "core/core.h"
#include "galerkit/plot.h"

/* ---- VTK's cells (vtu_cells.c) ---- */
int gkt_vtu_cell_number(gkt_cell_type, int degree);    /* VTK's type; 0: none */
int gkt_vtu_cell_num_nodes(gkt_cell_type, int degree); /* that VTK's cell has: one less than ours in a pyramid of degree 2 */
/* ours[i]: our number of VTK's node i. VTK's triangles, prisms and pyramids are ordered as ours. */
void gkt_vtu_cell_order(gkt_cell_type, int degree, int ours[]);
/* The cell that VTK means by a type and a number of nodes; false: none of ours. */
bool gkt_vtu_cell_find(int number, int num_nodes, gkt_cell_type *cell, int *degree);
gkt_size gkt_vtu_num_cells(const gkt_vtu_grid *); /* of all blocks */
/* Blocks whose kinds, degrees and numbers of nodes fit each other and the dimension, nodes that exist; what: "VTU output". */
gkt_status gkt_vtu_check_grid(gkt_context *, const char *path, const char *what, const gkt_vtu_grid *) GKT_MUST_CHECK;

/* ---- numbers of an entry as VTK wants them (vtu_pad.c): in one and two dimensions vectors and tensors get the further directions, 0 ---- */
int gkt_vtu_num_components(const gkt_vtu_array *, int dim);
gkt_size gkt_vtu_num_tuples(const gkt_vtu_grid *, const gkt_vtu_array *);
gkt_size gkt_vtu_num_entries(const gkt_vtu_grid *); /* of the connectivity */
/* One point or vector (rank 1) or tensor (rank 2) of the dimension into out [3 or 9]. */
void gkt_vtu_pad(int dim, int rank, const double *values, double *out);
/* All of an array: out [num_tuples][num_components]. */
void gkt_vtu_pad_array(const gkt_vtu_grid *, const gkt_vtu_array *, double *out);

/* What a file held. Everything is owned by it. Arrays have their names as attributes unescaped, and their components as in the file. */
typedef struct {
  gkt_context *ctx;
  gkt_vtu_grid grid;
  double *coords;
  gkt_idx *nodes; /* of all blocks */
  gkt_vtu_block *blocks;
  int num_arrays;
  gkt_vtu_array *arrays;
} gkt_vtu_file;
/* The cells that gkt_vtu_write knows, in one piece; raw appended, base64 (appended or inline) and ascii arrays, not compressed, little endian. Anything else is refused by name.
   Cells of one kind that follow each other are a block. A pyramid of 13 nodes gets the middle of its base from the others (as its serendipity basis has it there). Trailing
   coordinates that are constant, beyond the highest dimension of a cell, are dropped. */
gkt_status gkt_vtu_parse(gkt_context *, const char *name, const char *data, size_t length, gkt_vtu_file **out) GKT_MUST_CHECK;
void gkt_vtu_destroy(gkt_vtu_file **);

/* ---- what the reader is made of (vtu_build.c, vtu_xml.c, vtu_array.c) ---- */
typedef struct {      /* as in the file, nothing checked but that there are num_cells offsets and types, and as many entries of connectivity as the last offset says */
  const char *name;   /* of the file, for messages */
  bool old_hexahedra; /* Lagrange hexahedra with their last two edges exchanged */
  gkt_size num_points, num_cells;
  const double *connectivity, *offsets, *types;
} gkt_vtu_cells;
/* Checks all of it and makes the file's grid: blocks, nodes in our order, as many coordinates as count. Coordinates [num_points][3] and arrays are there. */
gkt_status gkt_vtu_build(const gkt_vtu_cells *, gkt_vtu_file *) GKT_MUST_CHECK;

enum { GKT_VTU_MAX_ATTRIBUTES = 16 };
typedef struct { /* a slice of the file; not NUL-terminated */
  const char *text;
  size_t length;
} gkt_slice;
typedef struct { /* <name a="b" ...>, </name> or <name .../> */
  gkt_slice name;
  bool closes, empty; /* </name>; <name/> */
  int num_attributes;
  gkt_slice keys[GKT_VTU_MAX_ATTRIBUTES], values[GKT_VTU_MAX_ATTRIBUTES];
  const char *end; /* behind '>' */
} gkt_tag;
bool gkt_slice_is(gkt_slice, const char *);
/* The next tag at or after *at, which moves behind it; false: no further tag, or a malformed one (then *at is where). Comments and declarations are skipped. */
bool gkt_xml_next(const char **at, const char *end, gkt_tag *);
gkt_slice gkt_xml_attribute(const gkt_tag *, const char *key);     /* text NULL: absent */
bool gkt_xml_number(const gkt_tag *, const char *key, uint64_t *); /* a decimal number, all of the attribute */
gkt_status gkt_xml_unescape(gkt_context *, gkt_slice, char **out) GKT_MUST_CHECK;
void gkt_xml_escape(FILE *, const char *); /* control characters, which XML cannot hold, become spaces */

typedef struct { /* where the numbers of a file are */
  gkt_context *ctx;
  const char *name; /* of the file, for messages */
  bool wide_header; /* header_type UInt64 */
  bool appended_base64;
  gkt_slice appended; /* behind the underscore, to the end of the file */
} gkt_vtu_encoding;
/* The DataArray `tag`, whose content is `inline_text`, must hold count numbers; they arrive as doubles (exact to 2^53). */
gkt_status gkt_vtu_numbers(const gkt_vtu_encoding *, const gkt_tag *tag, gkt_slice inline_text, gkt_size count, double **out) GKT_MUST_CHECK;
#endif
