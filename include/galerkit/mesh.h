/* Unstructured meshes: cells, topology, named sets of entities; reading, boxes, refinement. */
#ifndef GALERKIT_MESH_H
#define GALERKIT_MESH_H
#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Reference cells, all in [0,1]^dim. Vertex i of a simplex is the origin (i = 0) or the unit vector e_{i-1}.
   Quadrilateral and base of hexahedron and pyramid: (0,0) (1,0) (1,1) (0,1); hexahedron: the same at z = 1
   as 4..7; prism: a triangle at z = 0 and at z = 1; pyramid: apex (0,0,1). All in VTK's order. Edges: line
   01; triangle 01 12 20; quadrilateral 01 12 23 30; tetrahedron 01 12 20 03 13 23; hexahedron 01 12 23 30 45
   56 67 74 04 15 26 37; prism 01 12 20 34 45 53 03 14 25; pyramid 01 12 23 30 04 14 24 34. Facets: of a line
   its vertices; in the plane the edges in that order; tetrahedron 123 032 013 021 (facet i is opposite vertex
   i); hexahedron 0321 4567 0154 1265 2376 3047; prism 021 345 0143 1254 2035; pyramid 0321 014 124 234 304
   (vertices turn outwards on a positively oriented cell). */
typedef enum {
  GKT_POINT_CELL,
  GKT_LINE,
  GKT_TRIANGLE,
  GKT_QUADRILATERAL,
  GKT_TETRAHEDRON,
  GKT_HEXAHEDRON,
  GKT_PRISM,
  GKT_PYRAMID,
  GKT_NUM_CELL_TYPES
} gkt_cell_type;

typedef struct gkt_mesh gkt_mesh;

/* Cells of one type and geometry order; a mesh is a list of blocks, one for each type of cell that it holds,
   in the order of the enum; cells are numbered through all of them. Nodes of order 2 are those of the full
   quadratic cell: 3, 6, 9, 10, 27, 18, 14. */
typedef struct {
  gkt_cell_type cell;
  int order;          /* of the geometry: 1 or 2 */
  int nodes_per_cell; /* vertices first; order 2: then one on each edge, in each quadrilateral facet (3-D),
                         inside a line, quadrilateral or hexahedron */
  gkt_idx first_cell, num_cells;
  const gkt_idx *nodes; /* [num_cells][nodes_per_cell] */
} gkt_cell_block;

/* A named set of mesh entities of one dimension. dim = mesh dim: cells; mesh dim-1: facets; 1 in 3-D: edges;
 * 0: nodes; GKT_PLACES: no entities, but points anywhere in the mesh. */
#define GKT_PLACES (-1)
typedef struct {
  const char *name;
  int dim;
  gkt_idx count;
  const gkt_idx *entities; /* [count], ascending, numbers of the topology below; NULL: places */
  const double *places;    /* [count][mesh dim] coordinates, as they were given; NULL: entities */
} gkt_mesh_set;

/* ---- creation. Messages name file and line (text) or byte (binary). ---- */
/* MSH 1, 2, 2.0 to 2.2 and 4.1, text and binary, 4.0 in text; a mesh saved whole with its partitions is the
   whole mesh. The elements of the highest dimension are the cells: of any kind, mixed, of order 1 or 2.
   Coordinates constant in all nodes beyond the highest cell dimension are dropped. Inverted cells are turned;
   degenerate, twisted, folded, duplicated, non-finite ones and hanging nodes are refused; unused nodes are
   dropped with a warning. Nodes and cells are renumbered so that neighbours lie close in memory. */
GKT_API gkt_status gkt_mesh_read(gkt_context *, const char *path, gkt_mesh **out) GKT_MUST_CHECK;
/* The same from memory; name is for messages. */
GKT_API gkt_status gkt_mesh_parse(gkt_context *, const char *name, const char *data, size_t length,
                                  gkt_mesh **out) GKT_MUST_CHECK;
/* To a file that gkt_mesh_read and Gmsh take back: MSH 2.2, in text, nodes in their order with all digits,
   sets as physical groups; tags of CAD entities and places are not written. Builds the topology. On failure
   there is no file, or the one that was there. GKT_UNAVAILABLE: cells of order 2. */
GKT_API gkt_status gkt_mesh_write(gkt_mesh *, const char *path) GKT_MUST_CHECK;
typedef struct {
  gkt_cell_type shape; /* GKT_LINE (1-D), GKT_TRIANGLE, GKT_QUADRILATERAL (2-D), GKT_TETRAHEDRON,
                          GKT_HEXAHEDRON (3-D) */
  int dim;
  gkt_idx cells[3]; /* boxes per direction; simplices: each cut into 2 triangles or 6 tetrahedra (Kuhn) */
  double lower[3], upper[3];
} gkt_box;
/* Sets: left/right (x), bottom/top (y), back/front (z). */
GKT_API gkt_status gkt_mesh_box(gkt_context *, const gkt_box *, gkt_mesh **out) GKT_MUST_CHECK;
/* Copies. Reads cell, order, num_cells and nodes of each block, one per type of cell; the others may be 0.
   Nodes in the order above; coords [num_nodes][dim]. Numbers stay as they are given: cells that are
   neighbours, and their nodes, should stand near each other, or assembly takes up to five times as long
   (gkt_mesh_read sees to that by itself). */
GKT_API gkt_status gkt_mesh_from_blocks(gkt_context *, int dim, gkt_idx num_nodes, const double *coords,
                                        int num_blocks, const gkt_cell_block *,
                                        gkt_mesh **out) GKT_MUST_CHECK;
/* The same with one block: cells [num_cells][nodes_per_cell]. */
GKT_API gkt_status gkt_mesh_from_arrays(gkt_context *, gkt_cell_type, int order, int dim, gkt_idx num_nodes,
                                        const double *coords, gkt_idx num_cells, const gkt_idx *cells,
                                        gkt_mesh **out) GKT_MUST_CHECK;
/* Lines into 2, triangles and quadrilaterals into 4, tetrahedra (Bey 1995), hexahedra and prisms into 8,
   pyramids into 6 and 4 tetrahedra; sets and tags carried along; order 1 only. Nodes keep their numbers; then
   come the midpoints of edges, quadrilateral facets and cells (for edge e of a mesh of dimension 2 or 3:
   num_nodes + e). The parts of cell c of a block are the successive 2, 4, 8 or 6 in the block of its type;
   the tetrahedra of pyramids follow those of tetrahedra. Builds the topology of the given mesh. */
GKT_API gkt_status gkt_mesh_refine(gkt_mesh *, gkt_mesh **out) GKT_MUST_CHECK;
GKT_API void gkt_mesh_destroy(gkt_mesh **);

/* ---- access ---- */
GKT_API int gkt_mesh_dim(const gkt_mesh *);
GKT_API gkt_idx gkt_mesh_num_nodes(const gkt_mesh *);
GKT_API gkt_idx gkt_mesh_num_cells(const gkt_mesh *);
GKT_API const double *gkt_mesh_coords(const gkt_mesh *); /* [num_nodes][dim] */
GKT_API double *gkt_mesh_coords_mutable(gkt_mesh *);     /* move nodes: dof values stay */
GKT_API int gkt_mesh_num_blocks(const gkt_mesh *);
GKT_API const gkt_cell_block *gkt_mesh_block(const gkt_mesh *, int block);

/* ---- topology: entities of dimension d = 0 (nodes), 1, .., dim (cells). Built on first use. ---- */
GKT_API gkt_status gkt_mesh_topology(gkt_mesh *) GKT_MUST_CHECK; /* the accessors below need it */
/* Only gkt_mesh_facets, their number and the set `boundary`, in a third of the time and memory: enough for
   conditions and integrals. Boxes and meshes that are read have them. */
GKT_API gkt_status gkt_mesh_find_facets(gkt_mesh *) GKT_MUST_CHECK;
GKT_API gkt_idx gkt_mesh_num_entities(const gkt_mesh *, int d);
GKT_API int gkt_mesh_entities_per_cell(const gkt_mesh *, int block, int d);
/* [num_cells][per cell], in reference order; 0 < d < dim */
GKT_API const gkt_idx *gkt_mesh_cell_entities(const gkt_mesh *, int block, int d);
/* edges 2; facets in 3-D 3 if all are triangles, else 4; 0 < d < dim */
GKT_API int gkt_mesh_vertices_per_entity(const gkt_mesh *, int d);
/* [num_entities(d)][per entity], ascending; unused: -1, at the end; 0 < d < dim */
GKT_API const gkt_idx *gkt_mesh_entity_vertices(const gkt_mesh *, int d);
typedef struct {
  gkt_idx cell[2]; /* second is -1 on the outer boundary; first is the smaller number */
  int8_t local[2]; /* facet number within each cell */
} gkt_facet;
/* [num_entities(dim-1)]. In 1-D facets are the nodes: those inside lines have no cell (-1, -1); where more
 * than two lines meet, the first two are recorded. */
GKT_API const gkt_facet *gkt_mesh_facets(const gkt_mesh *);

/* ---- sets ---- */
/* A turn by an angle in degrees (right-handed about the axis; in the plane counter-clockwise), so that right
   angles are exact. */
typedef struct {
  double angle;
  double axis[3];  /* in space: its direction, of any length */
  double point[3]; /* on the axis */
} gkt_rotation;
GKT_API int gkt_mesh_num_sets(const gkt_mesh *);
GKT_API const gkt_mesh_set *gkt_mesh_get_set(const gkt_mesh *, int set);
/* Gmsh numbers groups by dimension, so surface "1" and volume "1" are common: a name may stand once in every
   dimension. gkt_mesh_find_set prefers facets, then curves, points, cells and last places: right for
   conditions and ds. For dx ask with dim = that of the mesh. NULL: none. */
GKT_API const gkt_mesh_set *gkt_mesh_find_set(const gkt_mesh *, const char *name);
GKT_API const gkt_mesh_set *gkt_mesh_find_set_of_dim(const gkt_mesh *, const char *name, int dim);
/* `boundary` (all outer facets) exists after gkt_mesh_find_facets, unless the file has facets of its own
   under that name. A physical group with an element that belongs to no cell, or with none, is a warning and
   no set. */
/* Copies entities, in any order, and sorts them; refuses a name in use in this dimension and an entity out of
 * range. */
GKT_API gkt_status gkt_mesh_add_set(gkt_mesh *, const char *name, int dim, gkt_idx count,
                                    const gkt_idx *entities) GKT_MUST_CHECK;
/* The same by node numbers, as other programs list them: vertices [count][vertices_per_entity], those of each
   entity in any order, -1 at the end where it has fewer, without nodes of order 2. GKT_BAD_INPUT, naming the
   entry: it is no entity of that dimension. */
GKT_API gkt_status gkt_mesh_add_set_of_vertices(gkt_mesh *, const char *name, int dim, gkt_idx count,
                                                int vertices_per_entity,
                                                const gkt_idx *vertices) GKT_MUST_CHECK;
/* Points given by coordinates [count][mesh dim], for dP and for conditions. Copied as they are: they may lie
   in cells, on nodes or nowhere, which is asked where they are used. Refuses a name in use for places, none,
   and coordinates that are not finite. */
GKT_API gkt_status gkt_mesh_add_places(gkt_mesh *, const char *name, gkt_idx count,
                                       const double *coords) GKT_MUST_CHECK;
/* From the CAD or Gmsh entity tags that the file carried (0 solids.. by dimension: 3 solids, 2 faces, 1
 * edges, 0 points). Unknown tags are refused, naming those that exist. */
GKT_API gkt_status gkt_mesh_add_set_from_tags(gkt_mesh *, const char *name, int dim, int num_tags,
                                              const int *tags) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
