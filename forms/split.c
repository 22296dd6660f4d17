/* The matrix of an integral as a sum of products of atoms with numeric matrices. Normals have length one: n_i n_i is 1 in what has more than two of them, and what has fewer than
   others is multiplied by n . n, so that squares show. */
#include <stdlib.h>
#include <string.h>

#include "forms/facts.h"

enum { MAX_PARTS = GKT_FACTS_MAX_PARTS };
typedef struct {
  const gkt_facts_query *q;
  int size, count;
  gkt_facts_part *parts;
  double *room; /* [MAX_PARTS][size][size] */
} splitting;

static int compare_nodes(const void *a, const void *b) { return (*(const gkt_node *)a > *(const gkt_node *)b) - (*(const gkt_node *)a < *(const gkt_node *)b); }

/* The matrix of a product of atoms; NULL: too many different ones. */
static double *matrix_of(splitting *s, const gkt_monomial *m) {
  int k = 0;
  for (; k < s->count; k++) {
    const gkt_monomial *own = &s->parts[k].monomial;
    if (own->num_atoms == m->num_atoms && !memcmp(own->atoms, m->atoms, (size_t)m->num_atoms * sizeof *m->atoms)) break;
  }
  if (k == MAX_PARTS) return NULL;
  if (k == s->count) s->parts[s->count++] = (gkt_facts_part){*m, s->room + k * s->size * s->size, false}, s->parts[k].monomial.coefficient = gkt_exact_of(1);
  return s->parts[k].matrix;
}

/* ---- normals ---- */
static const gkt_terminal *normal_of(const splitting *s, gkt_node atom) { /* NULL: it is none */
  const gkt_node_data *data = gkt_graph_get(s->q->graph, atom);
  return data->op == GKT_OP_TERMINAL && data->terminal.kind == GKT_TERM_NORMAL ? &data->terminal : NULL;
}

static int num_normals(const splitting *s, const gkt_monomial *m) {
  int count = 0;
  for (int i = 0; i < m->num_atoms; i++) count += normal_of(s, m->atoms[i]) != NULL;
  return count;
}

/* Takes a square of the last component out, if there is one: like is its terminal. */
static bool take_last(const splitting *s, gkt_monomial *m, gkt_terminal *like) {
  for (int i = 0; i + 1 < m->num_atoms; i++) {
    const gkt_terminal *n = normal_of(s, m->atoms[i]);
    if (!n || n->component != s->q->scope->dim - 1 || m->atoms[i] != m->atoms[i + 1]) continue;
    *like = *n;
    m->num_atoms -= 2;
    memmove(&m->atoms[i], &m->atoms[i + 2], (size_t)(m->num_atoms - i) * sizeof *m->atoms);
    return true;
  }
  return false;
}

static bool put_square(const splitting *s, gkt_monomial *m, gkt_terminal like, int component) {
  if (m->num_atoms + 2 > (int)(sizeof m->atoms / sizeof *m->atoms)) return false;
  like.component = (int16_t)component;
  m->atoms[m->num_atoms] = m->atoms[m->num_atoms + 1] = gkt_graph_terminal(s->q->graph, like);
  m->num_atoms += 2;
  qsort(m->atoms, (size_t)m->num_atoms, sizeof *m->atoms, compare_nodes);
  return true;
}

/* Adds value to the entry (row, column) and its mirror. */
static bool add_entry(splitting *s, int row, int column, gkt_monomial m, double value) {
  gkt_terminal like;
  if (num_normals(s, &m) > 2 && take_last(s, &m, &like)) { /* 1 less the others' squares */
    bool good = add_entry(s, row, column, m, value);
    for (int i = 0; i + 1 < s->q->scope->dim && good; i++) {
      gkt_monomial other = m;
      good = put_square(s, &other, like, i) && add_entry(s, row, column, other, -value);
    }
    return good;
  }
  double *matrix = matrix_of(s, &m);
  if (!matrix) return false;
  matrix[row * s->size + column] += 0.5 * value;
  matrix[column * s->size + row] += 0.5 * value;
  return true;
}

/* Multiplies a part by n . n. */
static bool multiply_by_normals(splitting *s, int part, gkt_terminal like) {
  int entries = s->size * s->size;
  for (int i = 0; i < s->q->scope->dim; i++) {
    gkt_monomial m = s->parts[part].monomial;
    double *matrix = put_square(s, &m, like, i) ? matrix_of(s, &m) : NULL;
    if (!matrix) return false;
    for (int k = 0; k < entries; k++) matrix[k] += s->parts[part].matrix[k];
  }
  memset(s->parts[part].matrix, 0, (size_t)entries * sizeof(double));
  return true;
}

static bool make_homogeneous(splitting *s) {
  const gkt_terminal *like = NULL;
  int most = 0;
  bool good = true;
  for (int k = 0; k < s->count; k++) {
    int degree = num_normals(s, &s->parts[k].monomial);
    for (int i = 0; i < s->parts[k].monomial.num_atoms; i++) like = normal_of(s, s->parts[k].monomial.atoms[i]) ? normal_of(s, s->parts[k].monomial.atoms[i]) : like;
    most = degree > most ? degree : most;
  }
  for (int k = 0; k < s->count && like && good; k++) /* those that are made stand behind */
    if (num_normals(s, &s->parts[k].monomial) <= most - 2) good = multiply_by_normals(s, k, *like);
  return good;
}

/* ---- factors that are kept ---- */
static bool is_sum(const gkt_graph *g, gkt_node n) {
  gkt_op op = gkt_graph_get(g, n)->op;
  return op == GKT_OP_ADD || op == GKT_OP_SUB || op == GKT_OP_CONDITIONAL;
}

/* (2 + c), or (a - b)^2, that is not negative */
static bool is_positive_factor(const gkt_facts_query *q, gkt_node n) {
  const gkt_node_data *data = gkt_graph_get(q->graph, n);
  bool square = data->op == GKT_OP_MUL && data->a == data->b && is_sum(q->graph, data->a);
  return (square || is_sum(q->graph, n)) && gkt_facts_atom_range(q, n).low >= 0;
}

gkt_status gkt_facts_find_factors(const gkt_facts_query *q, int count, const gkt_node *nodes, gkt_node *num_kept, bool **kept, bool *any) {
  enum { SUMMAND = 1, FACTOR = 2 };
  gkt_node top = gkt_graph_top(count, nodes);
  unsigned char *reached = NULL;
  *any = false;
  GKT_TRY(gkt_calloc(q->ctx, (gkt_size)top + 1, 1, &reached));
  gkt_status status = gkt_calloc(q->ctx, (gkt_size)top + 1, sizeof **kept, kept);
  for (int i = 0; i < count; i++) reached[nodes[i]] = SUMMAND;
  for (gkt_node n = top; n >= 0 && status == GKT_OK; n--) {
    const gkt_node_data *data = gkt_graph_get(q->graph, n);
    bool product = data->op == GKT_OP_MUL || data->op == GKT_OP_DIV, sum = data->op == GKT_OP_ADD || data->op == GKT_OP_SUB || data->op == GKT_OP_NEG;
    if (reached[n] & FACTOR && is_positive_factor(q, n)) *any = (*kept)[n] = true;
    if (!reached[n] || (*kept)[n] || !(product || sum)) continue;
    reached[data->a] |= product ? FACTOR : SUMMAND;
    if (data->op != GKT_OP_NEG) reached[data->b] |= product ? FACTOR : SUMMAND;
  }
  *num_kept = top + 1;
  gkt_free(&reached);
  return status;
}

/* ---- all ---- */
static void drop_zeros(splitting *s) {
  int kept = 0;
  for (int k = 0; k < s->count; k++) {
    bool any = false;
    for (int i = 0; i < s->size * s->size; i++) any = any || s->parts[k].matrix[i] != 0;
    if (any) s->parts[kept++] = s->parts[k];
  }
  s->count = kept;
}

gkt_status gkt_facts_split(const gkt_facts_query *q, int size, const gkt_node *nodes, gkt_node num_kept, const bool *kept, double *room, gkt_facts_part *parts, int *count) {
  splitting s = {q, size, 0, parts, room};
  memset(room, 0, (size_t)MAX_PARTS * size * size * sizeof *room);
  gkt_monomial *terms = NULL;
  int num_terms;
  bool known = true;
  GKT_TRY(gkt_alloc(q->ctx, MAX_PARTS, sizeof *terms, &terms));
  for (int i = 0; i < size * size && known; i++) {
    known = gkt_graph_polynomial_in(q->graph, nodes[i], num_kept, kept, MAX_PARTS, terms, &num_terms);
    for (int t = 0; known && t < num_terms; t++) {
      double value = terms[t].coefficient.part[0];
      known = terms[t].coefficient.error <= GKT_FACTS_ROUNDING * (value < 0 ? -value : value) && add_entry(&s, i / size, i % size, terms[t], value);
    }
  }
  known = known && make_homogeneous(&s);
  drop_zeros(&s);
  *count = known ? s.count : -1;
  gkt_free(&terms);
  return gkt_graph_status(q->graph);
}
