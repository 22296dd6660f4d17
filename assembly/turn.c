/* Element tensors of cells with nodes whose values are turned: Q' A Q, block by block; and of cells with nodes that have one master: their rows and columns are one. Tensors that
   are symmetric stay so, bit for bit: of pairs (a, b) and (b, a) one is computed, a block on the diagonal above its own, and a coupling and its transpose are multiplied in such an
   order that their sums are the same. */
#include "assembly/assembler.h"

enum { MAX = GKT_MAX_TURNED };

/* The tensor of a coupling in one lane. */
typedef struct {
  gkt_scalar *values; /* [entries][GKT_LANES] */
  int nodes[2], components[2];
  bool upper; /* only nodes a <= b */
} tensor;

static gkt_scalar *at(const tensor *t, int a, int b, int i, int j) {
  return t->values + (gkt_size)(((a * t->nodes[1] + b) * t->components[0] + i) * t->components[1] + j) * GKT_LANES;
}

/* Block (a, b) from the left by Q' of node a, or from the right by Q of node b. */
static void turn_block(const tensor *t, int a, int b, bool left, const gkt_scalar *Q) {
  const int rows = t->components[0], cols = t->components[1], n = left ? rows : cols;
  gkt_scalar old[MAX];
  for (int k = 0; k < (left ? cols : rows); k++) {
    for (int i = 0; i < n; i++) old[i] = *(left ? at(t, a, b, i, k) : at(t, a, b, k, i));
    for (int i = 0; i < n; i++) {
      gkt_scalar sum = 0;
      for (int l = 0; l < n; l++) sum += Q[l * n + i] * old[l];
      *(left ? at(t, a, b, i, k) : at(t, a, b, k, i)) = sum;
    }
  }
}

/* All blocks of the nodes of one side that are turned. */
static void turn_side(const tensor *t, bool left, const gkt_ties *ties, const gkt_idx *nodes) {
  gkt_scalar Q[MAX * MAX];
  for (int a = 0; ties && a < t->nodes[left ? 0 : 1]; a++) {
    if (!gkt_ties_is_turned(ties, nodes[a])) continue;
    gkt_ties_matrix(ties, nodes[a], Q);
    for (int b = 0; b < t->nodes[left ? 1 : 0]; b++)
      if (!t->upper || (left ? a <= b : b <= a)) turn_block(t, left ? a : b, left ? b : a, left, Q);
  }
}

/* Rows (or columns) of nodes whose master an earlier node of the cell has, too, are added to those of that one, and become 0. */
static void fold_side(const tensor *t, bool rows, const gkt_ties *ties, const gkt_idx *nodes) {
  for (int b = 0; ties && b < t->nodes[rows ? 0 : 1]; b++) {
    int a = 0;
    while (ties->masters[nodes[a]] != ties->masters[nodes[b]]) a++;
    for (int c = 0; a < b && c < t->nodes[rows ? 1 : 0]; c++)
      for (int i = 0; i < t->components[0]; i++)
        for (int j = 0; j < t->components[1]; j++) {
          gkt_scalar *from = rows ? at(t, b, c, i, j) : at(t, c, b, i, j);
          *(rows ? at(t, a, c, i, j) : at(t, c, a, i, j)) += *from;
          *from = 0;
        }
  }
}

/* What stands above the diagonal, below it. */
static void mirror(const tensor *t, bool half) {
  for (int a = 0; a < t->nodes[0]; a++)
    for (int b = a; b < (half ? a + 1 : t->nodes[1]); b++)
      for (int i = 0; i < t->components[0]; i++)
        for (int j = a == b ? i + 1 : 0; j < t->components[1]; j++) *at(t, b, a, j, i) = *at(t, a, b, i, j);
}

static bool any_turned(const gkt_ties *ties, int count, const gkt_idx *nodes) {
  for (int i = 0; ties && i < count; i++)
    if (gkt_ties_is_turned(ties, nodes[i])) return true;
  return false;
}

static bool any_twice(const gkt_ties *ties, int count, const gkt_idx *nodes) {
  for (int i = 0; ties && i < count; i++)
    for (int j = 0; j < i; j++)
      if (ties->masters[nodes[i]] == ties->masters[nodes[j]]) return true;
  return false;
}

/* Of a coupling and of its transpose, sides are done in such an order that their sums are the same. */
static void turn_coupling(const gkt_coupling *c, const gkt_ties *const ties[2], bool repeats, gkt_idx cell, gkt_scalar *values) {
  const gkt_argument *rows = &c->arguments[0], *cols = &c->arguments[1];
  const gkt_idx *nodes[2] = {rows->nodes ? rows->nodes + (gkt_size)cell * rows->num_nodes : NULL, cols->nodes ? cols->nodes + (gkt_size)cell * cols->num_nodes : NULL};
  const tensor t = {values, {rows->num_nodes, cols->num_nodes}, {rows->components, cols->components}, c->mirror};
  const bool turned = any_turned(ties[0], rows->num_nodes, nodes[0]) || any_turned(ties[1], cols->num_nodes, nodes[1]);
  const bool twice = repeats && (any_twice(ties[0], rows->num_nodes, nodes[0]) || any_twice(ties[1], cols->num_nodes, nodes[1]));
  for (int k = 0; k < 2 && turned; k++) {
    const bool left = (k == 0) == (c->transposed_of < 0);
    turn_side(&t, left, ties[left ? 0 : 1], nodes[left ? 0 : 1]);
  }
  if (turned && c->mirror) mirror(&t, c->half);
  for (int k = 0; k < 2 && twice; k++) {
    const bool left = (k == 0) == (c->transposed_of < 0);
    fold_side(&t, left, ties[left ? 0 : 1], nodes[left ? 0 : 1]);
  }
  if (twice && c->mirror) mirror(&t, false); /* the reduce takes no halves where cells have nodes twice */
}

static const gkt_ties *ties_of(const gkt_assembler *a, const gkt_argument *arg) {
  const gkt_ties *ties = arg->space ? a->ties[arg->function] : NULL;
  return ties && (gkt_ties_turns(ties) || a->targets.repeats) ? ties : NULL;
}

void gkt_assembler_turn(const gkt_assembler *a, const gkt_map *m, const gkt_group *g, gkt_idx first, gkt_idx count, gkt_scalar *tensors) {
  for (int k = 0; k < m->num_couplings; k++) {
    const gkt_coupling *c = &m->couplings[k];
    const gkt_ties *const ties[2] = {ties_of(a, &c->arguments[0]), ties_of(a, &c->arguments[1])};
    if (!ties[0] && !ties[1]) continue;
    for (gkt_idx e = 0; e < count; e++)
      turn_coupling(c, ties, a->targets.repeats, g->cells ? g->cells[first + e] : first + e,
                    tensors + ((gkt_size)(e / GKT_LANES) * m->tensor_size + c->tensor_first) * GKT_LANES + e % GKT_LANES);
  }
}
