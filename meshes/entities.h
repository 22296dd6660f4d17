/* Facets and edges of a mesh, for topology.c. */
#ifndef GKT_MESHES_ENTITIES_H
#define GKT_MESHES_ENTITIES_H
#include "meshes/mesh.h"

int gkt_cell_num_entities(const gkt_cell_topology *, int d);                     /* of dimension d in one cell */
gkt_status gkt_facets_build(gkt_mesh *, const gkt_mesh_labels *) GKT_MUST_CHECK; /* in 2-D and 3-D: facets and first_entity; refuses cells that share one wrongly */
gkt_status gkt_facets_list(gkt_mesh *) GKT_MUST_CHECK;                           /* of facets: cell_entities and entity_vertices */
gkt_status gkt_edges_build(gkt_mesh *) GKT_MUST_CHECK;                           /* in 3-D */
#endif
