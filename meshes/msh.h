/* Inside of the MSH reader. A file becomes raw lists (msh.c, msh2.c, msh4.c, msh_entities.c, through the cursor of msh_cursor.c); msh_build.c and msh_names.c make the mesh of
   them. Format: Gmsh reference manual, "MSH file format" and "Legacy formats". */
#ifndef GKT_MESHES_MSH_H
#define GKT_MESHES_MSH_H
#include <locale.h>

#include "meshes/mesh.h"

/* A place in the file. Functions that read say what they expect there; a failure names the file, the section, the line or the byte. */
typedef struct {
  gkt_context *ctx;
  const char *name; /* of the file */
  const char *data;
  size_t length, at, token; /* token: where the last thing read began */
  bool binary;
  char section[32];
  locale_t c_locale; /* numbers mean the same everywhere */
} gkt_msh_cursor;

gkt_status gkt_msh_refuse(const gkt_msh_cursor *, gkt_status, const char *format, ...) GKT_PRINTF(3, 4); /* at the last token */
gkt_status gkt_msh_text_word(gkt_msh_cursor *, const char *what, const char **word, size_t *length) GKT_MUST_CHECK;
gkt_status gkt_msh_text_count(gkt_msh_cursor *, const char *what, int64_t *out) GKT_MUST_CHECK; /* a text number, also in a binary file; not negative */
gkt_status gkt_msh_text_int(gkt_msh_cursor *, const char *what, int *out) GKT_MUST_CHECK;
gkt_status gkt_msh_int(gkt_msh_cursor *, const char *what, int *out) GKT_MUST_CHECK;       /* text, or 4 bytes */
gkt_status gkt_msh_count(gkt_msh_cursor *, const char *what, int64_t *out) GKT_MUST_CHECK; /* text, or 8 bytes; not negative */
gkt_status gkt_msh_double(gkt_msh_cursor *, const char *what, double *out) GKT_MUST_CHECK; /* text, or 8 bytes; may be non-finite */
gkt_status gkt_msh_end_line(gkt_msh_cursor *) GKT_MUST_CHECK;                              /* the rest of the line is empty: binary data start behind it */
/* Refuses a count of things of at least `bytes` bytes each that the rest of the file cannot hold: nothing is allocated on the word of a broken file. */
gkt_status gkt_msh_room(const gkt_msh_cursor *, int64_t count, size_t bytes, const char *what, gkt_idx *out) GKT_MUST_CHECK;
/* The nearest double (ties to even) of a decimal number of up to 19 digits and a small exponent; false: not such a one, *out unchanged (decimal.c). */
bool gkt_decimal_parse(const char *word, size_t length, double *out);
int64_t gkt_msh_line(const gkt_msh_cursor *, size_t at);

/* The element types that are read, by type of cell and order. */
enum { GKT_MSH_TYPES = 15 };
typedef struct {
  int gmsh;
  gkt_cell_type cell;
  int dim, order, num_nodes;
} gkt_msh_type;
extern const gkt_msh_type gkt_msh_types[GKT_MSH_TYPES];

typedef struct {
  gkt_idx count, capacity;
  gkt_idx *nodes;   /* [count][num_nodes], numbers of nodes below, in our order */
  size_t *position; /* [count], where its tag stands in the file */
} gkt_msh_elements;

typedef struct {
  int type; /* index into gkt_msh_types */
  gkt_idx first, count;
  int entity;   /* elementary tag */
  int physical; /* MSH 1 and 2: physical tag, 0: none */
} gkt_msh_run;  /* successive elements that lie on one entity */

typedef struct {
  int dim, tag;
  gkt_idx first, count; /* of its physical tags */
  int whole;            /* the entity that it is a part of, where the mesh was cut into partitions; 0: none, such as the seam between two; else its own tag */
  bool is_ghost;        /* repeats the cells of another partition */
} gkt_msh_entity;

typedef struct {
  int dim, tag; /* dim -1: of every dimension (MSH 2.0) */
  char *name;
} gkt_msh_name;

typedef struct {
  gkt_context *ctx;
  gkt_msh_cursor cursor;
  int version; /* 1, 2 or 4; 0: not known yet */
  bool is_40;  /* the first of the fourth, text only */
  bool has_nodes, has_elements, has_entities, has_parts;
  gkt_idx num_names, num_entities, num_physicals, num_nodes, num_runs, runs_capacity;
  gkt_msh_name *names;      /* [num_names] */
  gkt_msh_entity *entities; /* [num_entities], by (dim, tag), those of partitions among them; MSH 4 */
  int *physicals;           /* [num_physicals] */
  int64_t *node_tags;       /* [num_nodes] */
  double *coords;           /* [num_nodes][3] */
  int64_t first_tag;
  gkt_idx num_sequential; /* tags of the first nodes are first_tag, first_tag + 1 .., as Gmsh numbers them */
  int hash_bits;
  gkt_idx *hash; /* [2^hash_bits], of the other nodes: node + 1, 0: free; NULL: none */
  gkt_msh_elements elements[GKT_MSH_TYPES];
  gkt_msh_run *runs; /* [num_runs] */
} gkt_msh;

gkt_status gkt_msh_read_nodes2(gkt_msh *) GKT_MUST_CHECK; /* of versions 1 and 2 */
gkt_status gkt_msh_read_elements2(gkt_msh *) GKT_MUST_CHECK;
gkt_status gkt_msh_read_entities4(gkt_msh *) GKT_MUST_CHECK;
gkt_status gkt_msh_read_parts4(gkt_msh *) GKT_MUST_CHECK; /* $PartitionedEntities */
gkt_status gkt_msh_read_nodes4(gkt_msh *) GKT_MUST_CHECK;
gkt_status gkt_msh_read_elements4(gkt_msh *) GKT_MUST_CHECK;
const gkt_msh_entity *gkt_msh_find_entity(const gkt_msh *, int dim, int tag); /* NULL: none */

/* msh_lists.c */
int gkt_msh_unsigned_tag(int tag); /* of a physical group: the sign means a turned orientation */
gkt_status gkt_msh_nodes_create(gkt_msh *, gkt_idx count) GKT_MUST_CHECK;
gkt_idx gkt_msh_find_node(const gkt_msh *, int64_t tag);                        /* -1: none */
gkt_status gkt_msh_node_add(gkt_msh *, int64_t tag) GKT_MUST_CHECK;             /* the tag at the cursor's token; num_nodes grows by one */
gkt_status gkt_msh_node_coords(gkt_msh *, gkt_idx node) GKT_MUST_CHECK;         /* reads three */
gkt_status gkt_msh_element_type(gkt_msh *, int gmsh, int *type) GKT_MUST_CHECK; /* refuses by name what is not read */
gkt_status gkt_msh_elements_reserve(gkt_msh *, int type, gkt_idx more) GKT_MUST_CHECK;
/* count elements of a binary file that stand `stride` bytes apart from the cursor on; false: nothing is taken, for one of them must be refused, with words. Room is reserved. */
bool gkt_msh_elements_take(gkt_msh *, int type, gkt_idx count, size_t stride, size_t tag_at, size_t nodes_at);
gkt_status gkt_msh_element_add(gkt_msh *, int type, int64_t tag, size_t position) GKT_MUST_CHECK;        /* reads its nodes; room is reserved */
gkt_status gkt_msh_run_add(gkt_msh *, int type, gkt_idx count, int entity, int physical) GKT_MUST_CHECK; /* of the last count elements */

/* msh_build.c, msh_cells.c, msh_names.c */
typedef struct {
  int type;          /* index into gkt_msh_types */
  gkt_idx first;     /* number of the first cell */
  gkt_idx num_cells; /* less than elements where the file repeats them */
  gkt_idx *from;     /* [num_cells]: element of the file */
} gkt_msh_cells;     /* the cells of one type */

typedef struct {
  gkt_msh *f;
  int dim;
  gkt_idx num_nodes;  /* of the mesh */
  gkt_idx *node_of;   /* [file nodes]: node of the mesh, or -1 */
  gkt_idx *node_from; /* [num_nodes]: node of the file */
  int num_blocks;     /* of cells */
  gkt_msh_cells blocks[GKT_NUM_CELL_TYPES];
  gkt_idx *entities[GKT_MSH_TYPES]; /* [elements of the type]: entity of the mesh, or -1 */
  gkt_mesh_labels labels;
  gkt_mesh *mesh;
} gkt_msh_builder;
gkt_status gkt_msh_build(gkt_msh *, gkt_mesh **out) GKT_MUST_CHECK;
gkt_status gkt_msh_number_cells(gkt_msh_builder *, gkt_msh_cells *) GKT_MUST_CHECK; /* merges repetitions, orders by nodes; fills `entities` with numbers within the block */
bool gkt_msh_is_cell_type(const gkt_msh_builder *, int type);
gkt_status gkt_msh_name_entities(gkt_msh_builder *) GKT_MUST_CHECK; /* sets and tags of the mesh built */
void gkt_msh_label_element(const gkt_msh *, int type, gkt_idx element, char *text, size_t size);
#endif
