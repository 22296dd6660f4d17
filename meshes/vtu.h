/* VTU files (VTK's XML unstructured grids), as far as writer, reader and pictures share them. */
#ifndef GKT_MESHES_VTU_H
#define GKT_MESHES_VTU_H
#include "core/core.h"
#include "galerkit/mesh.h"

/* VTK's number of a simplex of so many nodes (5, 22, 10, 24), and back; 0 or -1 where there is none. */
int gkt_vtu_cell_number(gkt_cell_type, int nodes_per_cell);
int gkt_vtu_nodes_per_cell(int cell_number, gkt_cell_type *cell);

/* What a file held. Everything is owned by it. Arrays have their names as attributes unescaped, and their components as in the file. */
typedef struct {
  gkt_context *ctx;
  gkt_vtu_grid grid;
  double *coords;
  gkt_idx *cells;
  int num_arrays;
  gkt_vtu_array *arrays;
} gkt_vtu_file;
/* Simplices of one kind in one piece; raw appended, base64 (appended or inline) and ascii arrays, not compressed, little endian. Anything else is refused by name.
   The grid is 2-D if its cells are triangles in one plane z = constant (z is dropped), 3-D otherwise. */
gkt_status gkt_vtu_parse(gkt_context *, const char *name, const char *data, size_t length, gkt_vtu_file **out) GKT_MUST_CHECK;
void gkt_vtu_destroy(gkt_vtu_file **);

/* ---- what the reader is made of (vtu_xml.c, vtu_array.c) ---- */
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
