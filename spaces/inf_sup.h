/* Pairs of spaces for a velocity or displacement u and its pressure p: is inf over q, sup over v of (q, div v)/(|q| |grad v|) bounded away from 0 under refinement? */
#ifndef GKT_SPACES_INF_SUP_H
#define GKT_SPACES_INF_SUP_H
#include "spaces/space.h"

typedef enum { GKT_PAIR_UNKNOWN, GKT_PAIR_STABLE, GKT_PAIR_UNSTABLE } gkt_pair;
/* On general meshes of this cell; what is stable on special ones only (P4 with DP3 on triangles without singular vertices, P2 with DP1 on cut triangles) counts as unstable. */
gkt_pair gkt_pair_judge(gkt_element u, gkt_element p, gkt_cell_type);
/* Appends "u in P1 and p in P1 are not inf-sup stable on tetrahedra: p may oscillate; expected P2 with P1, or P1B with P1", or nothing. Of one mesh. */
gkt_status gkt_pair_describe(const gkt_space *u, const char *u_name, const gkt_space *p, const char *p_name, gkt_text *out) GKT_MUST_CHECK;
/* Nodes of p all of whose cells have u fixed in all of its dofs, so that no equation determines p there: P1 at a vertex of one tetrahedron with three facets on a wall, if u is P2.
   fixed [dofs of u]. *first: one of them, where *count > 0. */
gkt_status gkt_pair_find_closed(const gkt_space *u, const bool *fixed, const gkt_space *p, gkt_idx *count, gkt_idx *first) GKT_MUST_CHECK;
#endif
