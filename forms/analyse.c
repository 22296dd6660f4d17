/* Dependence and polynomial degree: passes over the nodes below a node. Without memory they give the cautious answer; the context then holds the message. */
#include "forms/op.h"

bool gkt_graph_depends(const gkt_graph *g, gkt_node n, gkt_terminal_test *test, const void *user) {
  bool *below, found = false;
  if (gkt_graph_mark(g, 1, &n, &below) != GKT_OK) return true;
  for (gkt_node i = 0; i <= n && !found; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    found = below[i] && data->op == GKT_OP_TERMINAL && test(&data->terminal, user);
  }
  gkt_free(&below);
  return found;
}

enum { LARGEST_DEGREE = 1000 }; /* keeps sums of degrees far from overflow */

static int clamp(double degree) { return degree > LARGEST_DEGREE ? LARGEST_DEGREE : (int)degree; }

typedef struct {
  const gkt_graph *g;
  const gkt_node_data *data; /* the operation that is looked at */
  bool polynomial;           /* so far */
} survey;

/* A function of something that varies is no polynomial: two degrees more, the estimate of UFL (Alnaes et al. 2014). */
static int of_function(survey *s, int argument) {
  if (argument <= 0) return 0;
  s->polynomial = false;
  return clamp(argument + 2);
}

/* A number that is written, not a named constant, whose value may be any. */
static bool is_natural(const gkt_node_data *data) { return data->op == GKT_OP_CONSTANT && data->value >= 0 && data->value == floor(data->value); }

static int of_power(survey *s, int a, int b) {
  const gkt_node_data *exponent = gkt_graph_get(s->g, s->data->b);
  return is_natural(exponent) ? clamp(a * exponent->value) : of_function(s, a + b);
}

/* 0 or 1, but not everywhere the same if a side varies. */
static int of_comparison(survey *s, int a, int b) {
  if (a > 0 || b > 0) s->polynomial = false;
  return 0;
}

static int larger(int a, int b) { return a > b ? a : b; }

/* Of a condition, which only chooses, nothing counts but that it may not be everywhere the same. */
static int degree_of(survey *s, const int *degrees, gkt_terminal_degree *terminal, const void *user) {
  int a = degrees[s->data->a], b = degrees[s->data->b], c = degrees[s->data->c];
  switch (s->data->op) {
#define X(name, arity, word, takes, cost, value, derivative, breaks, range, degree, size) \
  case GKT_OP_##name: return degree;
    GKT_OP_LIST(X)
#undef X
  case GKT_OP_CONSTANT: break;
  case GKT_OP_TERMINAL: return clamp(terminal(&s->data->terminal, user));
  case GKT_OP_EXTERNAL: return of_function(s, a);
  }
  return 0;
}

int gkt_graph_degree(const gkt_graph *g, gkt_node n, gkt_terminal_degree *terminal, const void *user, bool *polynomial) {
  survey s = {.g = g, .polynomial = true};
  int *degree = NULL, result = -1;
  bool *below = NULL;
  if (gkt_graph_mark(g, 1, &n, &below) == GKT_OK && gkt_calloc(gkt_graph_context(g), (gkt_size)n + 1, sizeof *degree, &degree) == GKT_OK) {
    for (gkt_node i = 0; i <= n; i++) {
      s.data = gkt_graph_get(g, i);
      if (below[i]) degree[i] = degree_of(&s, degree, terminal, user);
    }
    result = degree[n];
  }
  *polynomial = s.polynomial;
  gkt_free(&degree);
  gkt_free(&below);
  return result;
}
