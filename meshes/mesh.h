/* Inside of a mesh, for the files of this folder. */
#ifndef GKT_MESHES_MESH_H
#define GKT_MESHES_MESH_H
#include "core/core.h"
#include "meshes/cell.h"

/* The CAD or Gmsh entity that an entity of the mesh lies on, as pairs; an entity of the mesh may occur more than once. */
typedef struct {
  gkt_idx count;
  gkt_idx *entities; /* [count] */
  int *tags;         /* [count] */
} gkt_entity_tags;

struct gkt_mesh {
  gkt_context *ctx;
  int dim;
  gkt_idx num_nodes, num_cells;
  double *coords;                      /* [num_nodes][dim] */
  gkt_idx *cell_nodes;                 /* what block.nodes shows */
  gkt_cell_block block;                /* the only one so far */
  int8_t *turned;                      /* [num_cells]: vertices 1 and 2 were exchanged to orient the cell; refinement needs the first order */
  bool has_topology, has_own_boundary; /* own: the file names facets `boundary` itself */
  gkt_idx num_entities[4];             /* by dimension; valid for 0 and dim at once, between them after gkt_mesh_topology */
  gkt_idx *cell_entities[4];           /* [num_cells][per cell] for 0 < d < dim */
  gkt_idx *entity_vertices[4];         /* [num_entities[d]][d+1] for 0 < d < dim, ascending within an entity and from entity to entity */
  gkt_facet *facets;
  int num_sets;
  gkt_mesh_set **sets; /* [num_sets], each its own allocation: pointers handed out stay valid */
  gkt_entity_tags tags[4];
};

/* How messages speak of cells, nodes and the file. NULL: "cell 3" and "node 7", from 0. */
typedef struct {
  const char *source; /* "bracket.msh" */
  void *user;
  void (*cell)(void *user, gkt_idx cell, char *text, size_t size);
  void (*node)(void *user, gkt_idx node, char *text, size_t size);
} gkt_mesh_labels;
enum { GKT_LABEL = 160 };
void gkt_label_cell(const gkt_mesh_labels *, gkt_idx cell, char text[GKT_LABEL]);
void gkt_label_node(const gkt_mesh_labels *, gkt_idx node, char text[GKT_LABEL]);
gkt_status gkt_mesh_refuse(const gkt_mesh *, const gkt_mesh_labels *, const char *format, ...) GKT_PRINTF(3, 4); /* GKT_BAD_INPUT; "source: " and the words */

/* gkt_mesh_from_arrays, with words for messages. */
gkt_status gkt_mesh_create(gkt_context *, gkt_cell_type, int order, int dim, gkt_idx num_nodes, const double *coords, gkt_idx num_cells, const gkt_idx *cells,
                           const gkt_mesh_labels *, gkt_mesh **out) GKT_MUST_CHECK;
gkt_status gkt_mesh_topology_labelled(gkt_mesh *, const gkt_mesh_labels *) GKT_MUST_CHECK;
/* Turns inverted cells; refuses bad indices, unused nodes, non-finite coordinates, degenerate, folded and duplicated cells (check.c). */
gkt_status gkt_mesh_check(gkt_mesh *, const gkt_mesh_labels *) GKT_MUST_CHECK;

/* Numbers the distinct tuples in lexicographic order (tuples.c): numbers [count]. tuples [count][k], each ascending, entries in [0, num_vertices), k = 1 .. 4. */
gkt_status gkt_tuples_number(gkt_context *, gkt_idx num_vertices, int k, gkt_idx count, const gkt_idx *tuples, gkt_idx *numbers, gkt_idx *num_distinct) GKT_MUST_CHECK;
/* Locality (order.c). Sorts items, which point into coords [..][3], along a space-filling curve. */
gkt_status gkt_order_along_curve(gkt_context *, const double *coords, gkt_idx count, gkt_idx *items) GKT_MUST_CHECK;
/* order [count]: the numbers 0 .. count-1 by ascending keys in [0, num_keys), stable. */
gkt_status gkt_order_by_key(gkt_context *, gkt_idx num_keys, const gkt_idx *keys, gkt_idx count, gkt_idx *order) GKT_MUST_CHECK;
/* Sorts k <= 4 numbers; true if the permutation was odd. */
bool gkt_tuple_sort(int k, gkt_idx *tuple);
/* Entity of dimension d (0 < d < dim) with these vertices, in any order; -1: none. Needs the topology. */
gkt_idx gkt_mesh_entity_find(const gkt_mesh *, int d, const gkt_idx *vertices);
#endif
