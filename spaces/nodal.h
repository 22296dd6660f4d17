/* Quadrature at the nodes of an element, of lumped masses. */
#ifndef GKT_SPACES_NODAL_H
#define GKT_SPACES_NODAL_H
#include "spaces/basis.h"
#include "spaces/reference.h"

/* Points: the nodes of the basis in the cell, or on one of its facets (-1: in the cell); weights: the integrals of their functions, so that the rule is exact for all of them.
   `who` names whose masses they are in messages. GKT_BAD_INPUT, by name, where a weight is not positive, or where the order of the element would be lost: products of functions
   with polynomials of degree k - 2 are to be integrated exactly (Geevers, Mulder and van der Vegt, SIAM J. Sci. Comput. 40 (2018)), which equidistant nodes do not from degree 3
   on. */
gkt_status gkt_quadrature_at_nodes(gkt_context *, const gkt_basis *, int facet, const char *who, gkt_quadrature **out) GKT_MUST_CHECK;
#endif
