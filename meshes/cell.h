/* The reference cells' topology, one table for meshes and assembly. Coordinates: see galerkit/mesh.h. */
#ifndef GKT_MESHES_CELL_H
#define GKT_MESHES_CELL_H
#include "galerkit/mesh.h"

typedef struct {
  const char *name; /* "triangle" */
  int dim, num_vertices, num_edges, num_facets;
  gkt_cell_type facet; /* type of its facets (cells with one kind of facet) */
  int vertices[8][3];  /* reference coordinates, all 0 or 1 */
  int edges[12][2];
  int facets[6][4]; /* vertices; unused: -1 */
  double volume;    /* of the reference cell */
} gkt_cell_topology;
extern const gkt_cell_topology gkt_cell_topologies[GKT_NUM_CELL_TYPES];
#endif
