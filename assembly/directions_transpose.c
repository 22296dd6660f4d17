/* The transpose of what conditions give to dofs: derivatives by the values of one at its nodes. Where ties and frames stand between (directions.c) values at a node go to dofs of
   its master alone, linearly, as places and directions decide what wins: so the same construction is asked with ones at nodes that do not meet. */
#include <string.h>

#include "assembly/constraints.h"

static gkt_size first_dof(const gkt_constraint_condition *k, gkt_idx node) { return k->of->first + (gkt_size)node * k->of->space->block_size; }

static void transpose_plain(const gkt_constraints *c, int number, const gkt_scalar *by_dofs, gkt_scalar *out) {
  const gkt_constraint_condition *k = &c->conditions[number];
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) {
    const gkt_size dof = first_dof(k, k->nodes[i / k->components]) + (k->component < 0 ? i % k->components : k->component);
    out[i] = c->sources[dof] == number ? by_dofs[dof] : 0;
  }
}

/* Nodes with one master have several rounds; *num_rounds */
static gkt_status deal(const gkt_constraint_condition *k, int *rounds, int *num_rounds) {
  const gkt_ties *t = k->of->ties;
  int *met = NULL;
  GKT_TRY(gkt_calloc(t->ctx, t->space->num_nodes, sizeof *met, &met));
  *num_rounds = 0;
  for (gkt_idx i = 0; i < k->count; i++) {
    rounds[i] = met[t->masters[k->nodes[i]]]++;
    *num_rounds = rounds[i] >= *num_rounds ? rounds[i] + 1 : *num_rounds;
  }
  gkt_free(&met);
  return GKT_OK;
}

static gkt_scalar take(const gkt_constraints *c, const gkt_constraint_condition *k, gkt_idx node, const gkt_scalar *by_dofs) {
  const gkt_size first = first_dof(k, k->of->ties->masters[node]);
  gkt_scalar sum = 0;
  for (gkt_size dof = first; dof < first + k->of->space->block_size; dof++)
    if (gkt_constraints_give(c, (gkt_idx)dof)) sum += c->values[dof] * by_dofs[dof];
  return sum;
}

static gkt_status ask(gkt_constraints *c, gkt_constraint_condition *k, const int *rounds, int round, int component, const gkt_scalar *by_dofs, gkt_scalar *out) {
  for (gkt_size i = 0; i < (gkt_size)k->count * k->components; i++) k->values[i] = i % k->components == component && rounds[i / k->components] == round;
  GKT_TRY(gkt_constraints_rebuild(c, k->of, -1));
  for (gkt_size i = 0; i < k->count; i++)
    if (rounds[i] == round) out[i * k->components + component] = take(c, k, k->nodes[i], by_dofs);
  return GKT_OK;
}

/* All conditions of the block give 0, for a moment. */
static gkt_status set_aside(gkt_constraints *c, const gkt_constraint_block *of, gkt_scalar **kept) {
  for (int s = 0; s < c->num_conditions; s++) {
    gkt_constraint_condition *k = &c->conditions[s];
    gkt_scalar *zeros = NULL;
    if (k->of != of) continue;
    GKT_TRY(gkt_calloc(c->ctx, (gkt_size)k->count * k->components, sizeof *zeros, &zeros));
    kept[s] = k->values, k->values = zeros;
  }
  return GKT_OK;
}

static void put_back(gkt_constraints *c, gkt_scalar **kept) {
  for (int s = 0; s < c->num_conditions; s++)
    if (kept[s]) gkt_free(&c->conditions[s].values), c->conditions[s].values = kept[s];
}

gkt_status gkt_constraints_transpose(gkt_constraints *c, int number, const gkt_scalar *by_dofs, gkt_scalar *out) {
  gkt_constraint_condition *k = &c->conditions[number];
  gkt_scalar **kept = NULL;
  int *rounds = NULL, num_rounds;
  gkt_status status;
  if (!k->of->ties) return transpose_plain(c, number, by_dofs, out), GKT_OK;
  GKT_GO(gkt_calloc(c->ctx, c->num_conditions, sizeof *kept, &kept));
  GKT_GO(gkt_alloc(c->ctx, k->count, sizeof *rounds, &rounds));
  GKT_GO(deal(k, rounds, &num_rounds));
  GKT_GO(set_aside(c, k->of, kept));
  for (int round = 0; round < num_rounds; round++)
    for (int v = 0; v < k->components; v++) GKT_GO(ask(c, k, rounds, round, v, by_dofs, out));
done:
  if (kept) put_back(c, kept);
  gkt_free(&kept);
  gkt_free(&rounds);
  return status == GKT_OK ? gkt_constraints_rebuild(c, k->of, -1) : status;
}
