/* Outward normals at the nodes of a space on sets of facets, for conditions on normal components. */
#ifndef GKT_ASSEMBLY_NORMALS_H
#define GKT_ASSEMBLY_NORMALS_H
#include "spaces/space.h"

/* What one facet says of one of its nodes. */
typedef struct {
  gkt_idx node;
  int source;               /* what the caller calls it by */
  gkt_scalar value;         /* likewise */
  gkt_scalar at[3];         /* the facet's unit normal there */
  gkt_scalar area;          /* of the facet */
  gkt_scalar flux[3], size; /* integrals over the facet: of phi n, and of |phi| */
} gkt_facet_normal;
/* Appended to *list [*count], freed with gkt_free; value 0. Of facets of the outer boundary. */
gkt_status gkt_facet_normals_list(const gkt_space *, const gkt_mesh_set *, int source, gkt_size *count, gkt_facet_normal **list) GKT_MUST_CHECK;

/* A unit normal of a node, of all facets that meet there smoothly; where they meet in an edge or a corner the node has two or three. */
typedef struct {
  gkt_idx node;
  int source; /* the last of those of its facets, with the value that this one gave */
  gkt_scalar value, normal[3];
} gkt_node_normal;
/* Sorts the list by nodes. Facets meet smoothly where their normals turn by less than 40 degrees. The normal is the consistent one, along the integral of phi n, so that a field
   with u . n = 0 at the nodes lets nothing through in total (Engelman, Sani and Gresho, Int. J. Numer. Meth. Fluids 2, 1982); where that integral vanishes (vertices of P2 on
   triangles), the mean of the facets' normals there by their areas. A normal along an axis to rounding is that axis. *out [*num_out] by ascending nodes. */
gkt_status gkt_node_normals_find(gkt_context *, gkt_size count, gkt_facet_normal *list, gkt_size *num_out, gkt_node_normal **out) GKT_MUST_CHECK;
#endif
