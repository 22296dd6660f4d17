/* Inside of a mesh, for the files of this folder. */
#ifndef GKT_MESHES_MESH_H
#define GKT_MESHES_MESH_H
#include "core/core.h"
#include "meshes/lagrange.h"

/* The CAD or Gmsh entity that an entity of the mesh lies on, as pairs; an entity of the mesh may occur more than once. */
typedef struct {
  gkt_idx count;
  gkt_idx *entities; /* [count] */
  int *tags;         /* [count] */
} gkt_entity_tags;

/* A group that the file names and that is no set, for it has no entities of the mesh or not all of its are. */
typedef struct {
  char *name, *why; /* why: "element 1 (line 28) of it is not a facet of any cell" */
  int dim;
} gkt_absent_group;

struct gkt_mesh {
  gkt_context *ctx;
  gkt_refs refs;
  int dim;
  gkt_idx num_nodes, num_cells;
  double *coords;      /* [num_nodes][dim] */
  bool moves;          /* may they change at any time? Somebody was handed them to write */
  gkt_size version;    /* counts gkt_mesh_set_coords */
  gkt_idx *cell_nodes; /* of all blocks, one after the other: what blocks[..].nodes show */
  int num_blocks;
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES]; /* [num_blocks], ascending by cell type, none empty, all of one order */
  int8_t *turned;                            /* [num_cells]: gkt_cell_turn oriented the cell; refinement needs the first order */
  bool has_own_boundary;                     /* the file names facets `boundary` itself */
  gkt_idx num_entities[4];                   /* by dimension; valid for 0 and dim at once, between them when they are built */
  gkt_idx *first_entity[4];  /* [num_nodes + 1] for 0 < d < dim: the first entity whose lowest vertex is the node; for facets with `facets`, for edges with the rest */
  gkt_idx *cell_entities[4]; /* block by block [num_cells][per cell] for 0 < d < dim */
  int vertices_per_entity[4];
  gkt_idx *entity_vertices[4]; /* [num_entities[d]][vertices_per_entity[d]] for 0 < d < dim, ascending within an entity (-1 at the end: unused) and from entity to entity */
  gkt_facet *facets;           /* [num_entities[dim-1]]; built first, and the arrays above when they are asked for */
  int num_sets;
  gkt_mesh_set **sets; /* [num_sets], each its own allocation: pointers handed out stay valid */
  gkt_entity_tags tags[4];
  int num_absent;
  gkt_absent_group *absent; /* [num_absent] */
};
void gkt_mesh_set_coords(gkt_mesh *, const double *coords); /* [num_nodes][dim] of nodes that stay there until the next call */
gkt_mesh *gkt_mesh_retain(gkt_mesh *);                      /* and gkt_mesh_destroy lets go */

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

/* A mesh whose coords and cell_nodes are the caller's to fill; then gkt_mesh_check_shapes fills `turned`. */
gkt_status gkt_mesh_allocate(gkt_context *, int dim, gkt_idx num_nodes, int num_blocks, const gkt_cell_block *, gkt_mesh **out) GKT_MUST_CHECK;
gkt_idx *gkt_mesh_block_nodes(gkt_mesh *, int block); /* writable */
/* gkt_mesh_find_facets, with words for messages; conforming meshes are not checked for that. */
gkt_status gkt_mesh_find_facets_of(gkt_mesh *, const gkt_mesh_labels *, bool is_conforming) GKT_MUST_CHECK;
/* The topology of one dimension alone, besides the facets. */
gkt_status gkt_mesh_build_entities(gkt_mesh *, int d) GKT_MUST_CHECK;
/* Refuses bad indices, unused nodes, non-finite coordinates, what the next two do (check.c). */
gkt_status gkt_mesh_check(gkt_mesh *) GKT_MUST_CHECK;
/* Refuses cells with the vertices of another one. Where the facets of simplices in 2-D or 3-D are found, it has only the better words. */
gkt_status gkt_mesh_check_repeated(const gkt_mesh *, const gkt_mesh_labels *) GKT_MUST_CHECK;
/* Turns inverted cells; refuses degenerate, twisted and folded ones (shape.c). */
gkt_status gkt_mesh_check_shapes(gkt_mesh *, const gkt_mesh_labels *) GKT_MUST_CHECK;
/* The first cell whose Jacobian would not be positive all over it with the nodes at coords [num_nodes][dim]; -1: none (shape.c). */
gkt_status gkt_mesh_find_turned(const gkt_mesh *, const double *coords, gkt_idx *out) GKT_MUST_CHECK;
double gkt_mesh_shortest_edge(const gkt_mesh *); /* its length (edge.c) */
/* Refuses facets that do not meet one to one (hanging nodes) and warns of parts that touch and are not joined (conform.c, touch.c). Need the facets. */
gkt_status gkt_mesh_check_conforming(const gkt_mesh *, const gkt_mesh_labels *, gkt_idx num_outer, const gkt_idx *outer) GKT_MUST_CHECK;
gkt_status gkt_mesh_check_touching(const gkt_mesh *, const gkt_mesh_labels *, gkt_idx num_outer, const gkt_idx *outer) GKT_MUST_CHECK;
/* Where a point lies on the facet through these vertices, up to a millionth of the facet's size (place.c). In the plane a facet is an edge. */
typedef enum { GKT_OFF_FACET, GKT_AT_VERTEX, GKT_ON_EDGE, GKT_IN_FACET } gkt_facet_place;
gkt_facet_place gkt_facet_locate(const gkt_mesh *, int num_vertices, const gkt_idx *ring, const double *point);
const char *gkt_point_text(int dim, const double *x, char room[100]); /* "x = (1, 2)"; returns room */
/* The box around these vertices, a millionth wider; returns its longest side. */
double gkt_facet_box(const gkt_mesh *, int num_vertices, const gkt_idx *ring, double low[3], double high[3]);
/* Node a of the cell of geometry order `degree` comes to stand at turned[a] when x and y (a line: its ends) are exchanged; that turns the cell inside out. */
void gkt_cell_turn(gkt_cell_type, int degree, int turned[GKT_MAX_BASIS]);
/* Where `cell`'s block is; its nodes. */
int gkt_mesh_block_of(const gkt_mesh *, gkt_idx cell);
const gkt_idx *gkt_mesh_nodes_of(const gkt_mesh *, gkt_idx cell);
bool gkt_facet_is_outer(const gkt_facet *);
gkt_status gkt_mesh_check_outer(gkt_mesh *, const gkt_mesh_set *) GKT_MUST_CHECK; /* refuses sets of anything but facets of the outer boundary (match.c) */
/* The vertices of a facet, around it as its first cell sees it from inside; returns how many. Needs `facets`. */
int gkt_mesh_facet_ring(const gkt_mesh *, gkt_idx facet, gkt_idx ring[4]);

gkt_status gkt_mesh_add_absent(gkt_mesh *, const char *name, int dim, const char *why) GKT_MUST_CHECK;
/* Why the group is no set of dimension dim (-1: of any), for whoever wants to use it; NULL: the file knows no such group, or it is a set. */
const char *gkt_mesh_why_absent(const gkt_mesh *, const char *name, int dim);

/* The nodes of degree 2 of a mesh of order 1 (middles.c). */
typedef struct {
  gkt_idx num_nodes;
  double *coords;                     /* [num_nodes][dim] */
  gkt_idx *numbers[4];                /* [num_entities[d]]: the node in the middle of an edge, facet or cell, -1: none */
  gkt_idx *nodes[GKT_NUM_CELL_TYPES]; /* by block: [num_cells][gkt_lagrange_size(cell, 2)] */
} gkt_middles;
gkt_status gkt_middles_create(gkt_mesh *, gkt_middles *) GKT_MUST_CHECK; /* builds the topology; destroy what it left after a failure too */
void gkt_middles_destroy(gkt_middles *);

/* Locality (order.c). Sorts items, which point into coords [..][3], along a space-filling curve: Morton's, as nodes of meshes are numbered (ADR 6), or Hilbert's, whose pieces have
   less surface (ADR 27). */
typedef enum { GKT_MORTON, GKT_HILBERT } gkt_curve;
gkt_status gkt_order_along_curve(gkt_context *, gkt_curve, const double *coords, gkt_idx count, gkt_idx *items) GKT_MUST_CHECK;
bool gkt_tuple_sort(int k, gkt_idx *tuple); /* a few numbers; true if the permutation was odd */
/* Entity of dimension d (0 < d < dim) with these vertices, in any order; -1: none. Needs them built; for facets `facets` is enough. */
gkt_idx gkt_mesh_entity_find(const gkt_mesh *, int d, int num_vertices, const gkt_idx *vertices);
#endif
