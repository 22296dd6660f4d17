/* Storage of the graph and hash consing: equal nodes have equal numbers. Nodes live in chunks, so that pointers from gkt_graph_get stay good while the graph grows. */
#include <string.h>

#include "forms/external.h"
#include "forms/op.h"

enum { CHUNK = 1024, MAX_NODES = 1 << 26 };
struct gkt_graph {
  gkt_context *ctx;
  gkt_status status;
  gkt_node size;
  gkt_size num_chunks, num_slots; /* num_slots is a power of two, or 0 */
  gkt_node_data **chunks;         /* [num_chunks][CHUNK] */
  gkt_node *slots;                /* [num_slots]: open addressing; -1 empty */
  gkt_externals externals;
};

gkt_status gkt_graph_status(const gkt_graph *g) { return g->status; }
gkt_context *gkt_graph_context(const gkt_graph *g) { return g->ctx; }
gkt_node gkt_graph_size(const gkt_graph *g) { return g->size; }
const gkt_node_data *gkt_graph_get(const gkt_graph *g, gkt_node n) { return &g->chunks[n / CHUNK][n % CHUNK]; }

static uint64_t value_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint64_t terminal_bits(gkt_terminal terminal) {
  uint64_t bits;
  _Static_assert(sizeof terminal == sizeof bits, "a terminal has no padding");
  memcpy(&bits, &terminal, sizeof bits);
  return bits;
}

static uint64_t mix(uint64_t hash, uint64_t word) { /* the finalizer of MurmurHash3, chained */
  hash ^= word + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
  return hash ^ (hash >> 33);
}

static uint64_t hash_node(const gkt_node_data *n) {
  uint64_t hash = mix((uint64_t)n->op, ((uint64_t)(uint32_t)n->a << 32) | (uint32_t)n->b);
  return mix(hash, (uint64_t)(uint32_t)n->c ^ value_bits(n->value) ^ terminal_bits(n->terminal));
}

static bool same_node(const gkt_node_data *m, const gkt_node_data *n) {
  return m->op == n->op && m->a == n->a && m->b == n->b && m->c == n->c && value_bits(m->value) == value_bits(n->value) && terminal_bits(m->terminal) == terminal_bits(n->terminal);
}

/* The slot that holds an equal node, or the empty one where it belongs. */
static gkt_size find_slot(const gkt_graph *g, const gkt_node_data *n) {
  gkt_size slot = (gkt_size)(hash_node(n) & (uint64_t)(g->num_slots - 1));
  while (g->slots[slot] >= 0 && !same_node(gkt_graph_get(g, g->slots[slot]), n)) slot = (slot + 1) & (g->num_slots - 1);
  return slot;
}

static gkt_status grow_slots(gkt_graph *g) {
  gkt_size num_slots = g->num_slots ? 2 * g->num_slots : 2 * CHUNK;
  gkt_node *slots;
  GKT_TRY(gkt_alloc(g->ctx, num_slots, sizeof *slots, &slots));
  for (gkt_size i = 0; i < num_slots; i++) slots[i] = -1;
  gkt_free(&g->slots);
  g->slots = slots;
  g->num_slots = num_slots;
  for (gkt_node n = 0; n < g->size; n++) {
    gkt_size slot = find_slot(g, gkt_graph_get(g, n));
    g->slots[slot] = n;
  }
  return GKT_OK;
}

static gkt_status grow_chunks(gkt_graph *g) {
  GKT_TRY(gkt_realloc(g->ctx, g->num_chunks + 1, sizeof *g->chunks, &g->chunks));
  GKT_TRY(gkt_alloc(g->ctx, CHUNK, sizeof **g->chunks, &g->chunks[g->num_chunks]));
  g->num_chunks++;
  return GKT_OK;
}

static gkt_status make_room(gkt_graph *g) {
  if (g->size >= MAX_NODES) return gkt_fail(g->ctx, GKT_BAD_INPUT, "the expressions need more than %d operations", (int)MAX_NODES);
  if (g->size == g->num_chunks * CHUNK) GKT_TRY(grow_chunks(g));
  if (2 * ((gkt_size)g->size + 1) > g->num_slots) GKT_TRY(grow_slots(g));
  return GKT_OK;
}

static gkt_node fail(gkt_graph *g, gkt_status status) {
  g->status = status;
  return GKT_ZERO;
}

/* Finds the equal node or adds one. */
static gkt_node intern(gkt_graph *g, const gkt_node_data *n) {
  if (g->status != GKT_OK) return GKT_ZERO;
  gkt_status status = make_room(g);
  if (status != GKT_OK) return fail(g, status);
  gkt_size slot = find_slot(g, n);
  if (g->slots[slot] >= 0) return g->slots[slot];
  g->chunks[g->size / CHUNK][g->size % CHUNK] = *n;
  g->slots[slot] = g->size;
  return g->size++;
}

gkt_node gkt_graph_constant(gkt_graph *g, double value) { return intern(g, &(gkt_node_data){.op = GKT_OP_CONSTANT, .value = value == 0 ? 0 : value}); /* -0 is 0 */ }

gkt_node gkt_graph_terminal(gkt_graph *g, gkt_terminal terminal) { return intern(g, &(gkt_node_data){.op = GKT_OP_TERMINAL, .terminal = terminal}); }

gkt_node gkt_graph_make(gkt_graph *g, gkt_op op, gkt_node a, gkt_node b, gkt_node c) {
  if (g->status != GKT_OK) return GKT_ZERO;
  int arity = (unsigned)op < GKT_NUM_OPS ? gkt_op_arity(op) : 0;
  gkt_node operands[3] = {a, arity > 1 ? b : 0, arity > 2 ? c : 0};
  bool bad = arity == 0;
  for (int i = 0; i < 3; i++) bad |= operands[i] < 0 || operands[i] >= g->size;
  if (bad) return fail(g, gkt_fail(g->ctx, GKT_INTERNAL, "a graph operation %d was given operands it cannot have", (int)op));
  gkt_node folded = gkt_graph_fold(g, op, operands);
  if (folded >= 0) return folded;
  return intern(g, &(gkt_node_data){.op = op, .a = operands[0], .b = operands[1], .c = operands[2]});
}

gkt_node gkt_graph_remake(gkt_graph *g, gkt_node n, gkt_node a, gkt_node b, gkt_node c) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  return data->op == GKT_OP_EXTERNAL ? gkt_graph_external(g, data->terminal, a) : gkt_graph_make(g, data->op, a, b, c);
}

gkt_node gkt_graph_external(gkt_graph *g, gkt_terminal what, gkt_node list) { return intern(g, &(gkt_node_data){.op = GKT_OP_EXTERNAL, .a = list, .terminal = what}); }

gkt_externals *gkt_graph_externals(gkt_graph *g) { return &g->externals; }
const gkt_externals *gkt_graph_get_externals(const gkt_graph *g) { return &g->externals; }

gkt_status gkt_graph_mark(const gkt_graph *g, int n, const gkt_node *nodes, bool **out) {
  gkt_node top = gkt_graph_top(n, nodes);
  bool *below;
  GKT_TRY(gkt_calloc(g->ctx, (gkt_size)top + 1, sizeof *below, &below));
  for (int i = 0; i < n; i++) below[nodes[i]] = true;
  for (gkt_node i = top; i >= 0; i--) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    gkt_node operands[3] = {data->a, data->b, data->c};
    for (int j = 0; below[i] && j < gkt_op_arity(data->op); j++) below[operands[j]] = true;
  }
  *out = below;
  return GKT_OK;
}

gkt_status gkt_graph_create(gkt_context *ctx, gkt_graph **out) {
  gkt_graph *g;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *g, &g));
  g->ctx = ctx;
  gkt_graph_constant(g, 0); /* GKT_ZERO */
  gkt_graph_constant(g, 1); /* GKT_ONE */
  gkt_status status = g->status;
  if (status != GKT_OK) gkt_graph_destroy(&g);
  else *out = g;
  return status;
}

void gkt_graph_destroy(gkt_graph **graph) {
  gkt_graph *g = *graph;
  if (!g) return;
  for (gkt_size i = 0; i < g->num_chunks; i++) gkt_free(&g->chunks[i]);
  gkt_free(&g->chunks);
  gkt_free(&g->slots);
  gkt_externals_free(&g->externals);
  gkt_free(graph);
}
