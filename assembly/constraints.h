/* Conditions one by one, for systems: their places in messages, and their values anew; ties. Dofs are those of several spaces, one space after the other: blocks. */
#ifndef GKT_ASSEMBLY_CONSTRAINTS_H
#define GKT_ASSEMBLY_CONSTRAINTS_H
#include "assembly/ties.h"
#include "galerkit/assembly.h"

enum { GKT_OF_AXIS = -1, GKT_TIED = -2 };

typedef struct {
  gkt_space *space;
  gkt_idx first;  /* dof = first + node * block_size + component */
  gkt_idx count;  /* dofs that conditions give */
  gkt_ties *ties; /* NULL: u = u~ */
} gkt_constraint_block;

typedef struct {
  gkt_constraint_block *of;
  char *note, *place;        /* for warnings, "line 12 on 'left'"; for refusals */
  const gkt_mesh_set *set;   /* the mesh's */
  int component, components; /* of the field, or GKT_ALL_COMPONENTS, GKT_NORMAL; of the value */
  gkt_idx count, *nodes;     /* ascending; nodes is freed with free() */
  gkt_scalar *values;        /* [count][components] */
  double size;               /* largest |value| */
  bool is_curved;            /* on normal components, of facets that lie in more than one plane */
} gkt_constraint_condition;

struct gkt_constraints {
  gkt_context *ctx;
  int num_blocks;
  gkt_constraint_block *blocks;
  gkt_idx num_dofs;   /* of all blocks */
  bool *mask;         /* [dofs] of u~: given, or of a node that has another master */
  gkt_scalar *values; /* [dofs] of u~, where masked */
  int *sources;       /* [dofs], where masked: which condition gave the value; GKT_OF_AXIS: the tie of a node on the axis of a rotation; GKT_TIED: the node has another master */
  int num_conditions;
  gkt_constraint_condition *conditions;
};

/* gkt_constraints_add, whose messages of refusal begin with place; NULL: with the note and the set. Conditions are numbered in the order of these calls. */
gkt_status gkt_constraints_add_at(gkt_constraints *, int space, const gkt_mesh_set *, int component, const gkt_expression *value, const gkt_inputs *, const char *note,
                                  const char *place) GKT_MUST_CHECK;
/* u_to = T u_from on what the match found, of the functions of spaces[space]; conditions that stand already hold for all nodes that are tied. place: begins messages of refusal. */
gkt_status gkt_constraints_tie(gkt_constraints *, int space, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_match *, const char *place) GKT_MUST_CHECK;
/* Is the dof given, not only of a node that has another master? */
static inline bool gkt_constraints_give(const gkt_constraints *c, gkt_idx dof) { return c->mask[dof] && c->sources[dof] != GKT_TIED; }
const gkt_ties *gkt_constraints_ties(const gkt_constraints *, int space); /* NULL: none. They come with the first tie, or with the first condition on normal components */
/* directions.c: mask, values and frames of a block that has ties, from all its conditions. newest: the condition whose conflicts with others are told; -1: none. */
gkt_status gkt_constraints_rebuild(gkt_constraints *, gkt_constraint_block *, int newest) GKT_MUST_CHECK;
/* Values that two conditions, the older one first, give to the same dof and that differ by more than rounding. */
typedef struct {
  const gkt_constraint_condition *of[2];
  long count;
  gkt_scalar values[2]; /* the first */
} gkt_conflict;
void gkt_conflict_add(gkt_conflict *, gkt_scalar old, gkt_scalar new);
void gkt_conflict_warn(const gkt_constraints *, const gkt_conflict *); /* nothing where there is none */
/* directions_transpose.c: out [nodes of the condition][its components] = derivatives by what it gives at its nodes, of something whose derivatives by dofs of u~ are by_dofs;
 * values are afterwards what they were, but for dofs that are held at others. Where it fails they are to be updated. */
gkt_status gkt_constraints_transpose(gkt_constraints *, int condition, const gkt_scalar *by_dofs, gkt_scalar *out) GKT_MUST_CHECK;
/* The values of a condition anew, on the dofs that it had: value is the expression that it was added with. Nothing changes where it fails. */
gkt_status gkt_constraints_update(gkt_constraints *, int condition, const gkt_expression *value, const gkt_inputs *) GKT_MUST_CHECK;
#endif
