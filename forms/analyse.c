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

/* A function of something that varies is no polynomial: two degrees more, the estimate of UFL (Alnaes et al. 2014). */
static int of_function(int argument) { return argument > 0 ? clamp(argument + 2) : 0; }

/* A number that is written, not a named constant, whose value may be any. */
static bool is_natural(const gkt_node_data *data) { return data->op == GKT_OP_CONSTANT && data->value >= 0 && data->value == floor(data->value); }

static int degree_of_pow(const gkt_graph *g, const gkt_node_data *data, const int *degree) {
  const gkt_node_data *exponent = gkt_graph_get(g, data->b);
  return is_natural(exponent) ? clamp(degree[data->a] * exponent->value) : of_function(degree[data->a] + degree[data->b]);
}

static int larger(int a, int b) { return a > b ? a : b; }

static int degree_of(const gkt_graph *g, const gkt_node_data *data, const int *degree, gkt_terminal_degree *terminal, const void *user) {
  int a = degree[data->a], b = degree[data->b], c = degree[data->c];
  switch (data->op) {
  case GKT_OP_CONSTANT:
  case GKT_OP_LT:
  case GKT_OP_LE: return 0;
  case GKT_OP_TERMINAL: return clamp(terminal(&data->terminal, user));
  case GKT_OP_ADD:
  case GKT_OP_SUB:
  case GKT_OP_ARGUMENT: return larger(a, b);
  case GKT_OP_MUL: return clamp(a + b);
  case GKT_OP_DIV: return clamp(a + of_function(b));
  case GKT_OP_NEG: return a;
  case GKT_OP_POW: return degree_of_pow(g, data, degree);
  case GKT_OP_CONDITIONAL: return larger(b, c); /* the condition only chooses */
  case GKT_OP_ATAN2: return of_function(a + b);
  case GKT_OP_MIN:
  case GKT_OP_MAX: return of_function(larger(a, b));
  default: return of_function(a);
  }
}

/* Does the operation leave the polynomials? */
static bool is_estimated(const gkt_graph *g, const gkt_node_data *data, const int *degree) {
  switch (data->op) {
  case GKT_OP_CONSTANT:
  case GKT_OP_TERMINAL:
  case GKT_OP_ADD:
  case GKT_OP_SUB:
  case GKT_OP_MUL:
  case GKT_OP_NEG:
  case GKT_OP_CONDITIONAL: return false; /* comparisons of what varies do */
  case GKT_OP_DIV: return degree[data->b] > 0;
  case GKT_OP_POW: return degree[data->b] > 0 || (degree[data->a] > 0 && !is_natural(gkt_graph_get(g, data->b)));
  default: return degree[data->a] > 0 || degree[data->b] > 0;
  }
}

int gkt_graph_degree(const gkt_graph *g, gkt_node n, gkt_terminal_degree *terminal, const void *user, bool *polynomial) {
  int *degree = NULL, result = -1;
  bool *below = NULL;
  *polynomial = true;
  if (gkt_graph_mark(g, 1, &n, &below) == GKT_OK && gkt_calloc(gkt_graph_context(g), (gkt_size)n + 1, sizeof *degree, &degree) == GKT_OK) {
    for (gkt_node i = 0; i <= n; i++) {
      if (!below[i]) continue;
      degree[i] = degree_of(g, gkt_graph_get(g, i), degree, terminal, user);
      *polynomial &= !is_estimated(g, gkt_graph_get(g, i), degree);
    }
    result = degree[n];
  }
  gkt_free(&degree);
  gkt_free(&below);
  return result;
}
