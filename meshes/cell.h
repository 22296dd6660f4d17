/* The reference cells' topology, one table for meshes and assembly. Coordinates: see galerkit/mesh.h. */
#ifndef GKT_MESHES_CELL_H
#define GKT_MESHES_CELL_H
#include "galerkit/mesh.h"

typedef struct {
  const char *name, *plural; /* "triangle", "triangles" */
  int dim, num_vertices, num_edges, num_facets;
  int vertices[8][3]; /* reference coordinates, all 0 or 1 */
  int edges[12][2];
  int facets[6][4]; /* vertices; unused: -1 */
  double volume;    /* of the reference cell */
} gkt_cell_topology;
extern const gkt_cell_topology gkt_cell_topologies[GKT_NUM_CELL_TYPES];

bool gkt_cell_is_simplex(gkt_cell_type); /* line, triangle, tetrahedron */
/* Facets may differ in kind (prism, pyramid). Vertices of a facet go around it, outwards; a quadrilateral's last vertex is the other neighbour of its first. */
gkt_cell_type gkt_cell_facet_type(const gkt_cell_topology *, int facet);
int gkt_cell_facet_vertices(const gkt_cell_topology *, int facet);           /* how many: 1 to 4 */
unsigned gkt_cell_entity_mask(const gkt_cell_topology *, int d, int entity); /* bit i: vertex i of the cell is one of this local entity of dimension d */
/* Outward normal in reference coordinates; its length is that of the facet's map from its own reference cell (area ratio). */
void gkt_cell_facet_normal(const gkt_cell_topology *, int facet, double normal[3]);
#endif
