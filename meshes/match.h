/* Sets of facets that a rigid motion brings onto each other, as ties need: which facet, and which node, comes to lie where. */
#ifndef GKT_MESHES_MATCH_H
#define GKT_MESHES_MATCH_H
#include "meshes/mesh.h"

/* x goes to turn x + shift. */
typedef struct {
  double turn[3][3], shift[3];
  bool turns;      /* else `turn` is the identity */
  double point[3]; /* on the axis of the turn */
} gkt_motion;
void gkt_motion_apply(const gkt_motion *, int dim, const double *x, double *out);

typedef struct {
  gkt_motion motion;              /* of `from` onto `to` */
  double tolerance;               /* within which places are the same: 1e-6 of the box of both sets, at most a thousandth of their shortest edge */
  gkt_idx count;                  /* of facets in each set */
  gkt_idx *facets;                /* [count]: where each facet of `from` comes to lie */
  gkt_idx num_nodes, (*nodes)[2]; /* [num_nodes] of the mesh: each on `from`, and where it comes to lie */
} gkt_match;
/* Outer facets in equal number, cut alike; rotation NULL: the motion is the translation that brings the box around the vertices of `from` onto that of `to`. GKT_BAD_INPUT names
   the sets, how many facets have no partner, the first of these, and where it was expected. */
gkt_status gkt_match_create(gkt_mesh *, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_rotation *, gkt_match *out) GKT_MUST_CHECK;
void gkt_match_clear(gkt_match *);
/* Nodes of the second set move to where those of the first come to lie, so that the sides are alike to rounding; returns the farthest way. */
double gkt_match_align(gkt_mesh *, const gkt_match *);
/* partner [num_from]: the point of `to` on which the motion brings each of `from`, -1: none. Points [..][dim], those of a list farther apart than the tolerance. n log n. */
gkt_status gkt_match_points(gkt_context *, const gkt_motion *, double tolerance, int dim, gkt_idx num_from, const double *from, gkt_idx num_to, const double *to,
                            gkt_idx *partner) GKT_MUST_CHECK;
#endif
