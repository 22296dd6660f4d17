/* Ties of the nodes of a space: u = C u~ with u_i = T_i F_m u~_m for each node i, m its master: the lowest of the nodes that are tied together, mostly i itself. T_i is the turn of
   a rotational tie, F_m a local frame at the master, in which conditions along directions (slip) hold for components: orthogonal [components][components], the identity at most
   nodes. Values of u~ at nodes that have another master are not looked at. */
#ifndef GKT_ASSEMBLY_TIES_H
#define GKT_ASSEMBLY_TIES_H
#include "meshes/match.h"
#include "spaces/space.h"

enum { GKT_MAX_TURNED = 9 }; /* components of a field that turns: vectors and tensors of the space's dimension; those of others are so many scalars */

/* What loops of ties ask of a node's value: direction . u~_node = 0, before its frame. On an axis of rotation. */
typedef struct {
  gkt_idx node;
  gkt_scalar direction[GKT_MAX_TURNED];
} gkt_fixed_direction;

typedef struct {
  gkt_context *ctx;
  gkt_space *space;
  int size;         /* components */
  gkt_idx num_tied; /* nodes that have another master */
  gkt_idx *masters; /* [num_nodes] */
  int *turns;       /* [num_nodes]: T_i by number; 0: the identity */
  int num_turns;
  bool has_axis; /* are there turns? axis: a point on that of the first */
  double axis[3];
  gkt_scalar (*turn)[GKT_MAX_TURNED * GKT_MAX_TURNED]; /* [num_turns][size*size] */
  gkt_idx num_fixed;
  gkt_fixed_direction *fixed; /* [num_fixed], at masters */
  gkt_idx num_frames;
  gkt_idx *frames;   /* [num_nodes]: F of a master by number, -1: the identity; NULL: all are */
  gkt_scalar *frame; /* [num_frames][size][size], columns: the directions */
  int version;       /* counts how often frames were set: for copies of them */
} gkt_ties;

/* None yet. */
gkt_status gkt_ties_create(const gkt_space *, gkt_ties **out) GKT_MUST_CHECK;
void gkt_ties_destroy(gkt_ties **);
/* u_b = T u_a for each node a on match's first set and the node b where it comes to lie. Chains and corners tie all together; frames must not be set yet. Refused: spaces whose
   nodes cells do not share. */
gkt_status gkt_ties_add(gkt_ties *, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_match *) GKT_MUST_CHECK;
/* Frames of `count` masters, size*size of each are read; what was set before is dropped. Both are copied. */
gkt_status gkt_ties_set_frames(gkt_ties *, gkt_idx count, const gkt_idx *masters, gkt_scalar (*frames)[GKT_MAX_TURNED * GKT_MAX_TURNED]) GKT_MUST_CHECK;

/* ---- use ---- */
static inline bool gkt_ties_is_turned(const gkt_ties *t, gkt_idx node) { return t->turns[node] || (t->frames && t->frames[t->masters[node]] >= 0); }
static inline bool gkt_ties_turns(const gkt_ties *t) { return t->num_turns > 1 || t->num_frames > 0; } /* anywhere? */
void gkt_ties_matrix(const gkt_ties *, gkt_idx node, gkt_scalar *Q);                                   /* [size][size]: T_i F_m */
void gkt_ties_expand(const gkt_ties *, const gkt_scalar *tied, gkt_scalar *u);                         /* u = C u~; not in place */
void gkt_ties_restrict(const gkt_ties *, const gkt_scalar *r, gkt_scalar *tied);                       /* r~ = C' r, 0 at nodes that have another master; not in place */
void gkt_ties_contract(const gkt_ties *, const gkt_scalar *u, gkt_scalar *tied); /* u~ of a u that is tied: expand undone; 0 at nodes that have another master; may be in place */
void gkt_ties_contract_transpose(const gkt_ties *, const gkt_scalar *tied, gkt_scalar *u); /* from derivatives by u~, which is contracted, to those by u; likewise */
#endif
