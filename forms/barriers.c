#include "forms/barriers.h"

#include <string.h>

#include "forms/op.h"

static const double same = 1e-9; /* of what samples give, relative to their size: thousands of roundings */

typedef struct {            /* an unknown of as many components as dimensions, which may be the motion of a body */
  int function, first;      /* its components among those of all unknowns */
  gkt_node determinants[2]; /* of grad u + shift I, shift 0 and 1 */
} body;
typedef struct {
  const gkt_form *form;
  gkt_graph *graph;
  int dim, num_bodies;
  body *bodies;
  gkt_terminal_range *range;
  const void *user;
  int num_terminals;
  gkt_node *terminals, *zeros; /* z(unknowns), and as many GKT_ZERO */
  gkt_barriers *out;
  bool *judged; /* [nodes of the integral at hand] */
  int num_here; /* barriers of it */
  gkt_node here[GKT_MAX_BARRIERS];
} search;

/* ---- nodes ---- */
static bool is_gradient(const gkt_terminal *t, const void *user) { return t->kind == GKT_TERM_GRAD && t->function == *(const int *)user; }
static bool is_any_gradient(const gkt_terminal *t, const void *user) { return t->kind == GKT_TERM_GRAD && gkt_functions_hold(user, t->function); }

static gkt_node minor_of(gkt_graph *g, const gkt_node f[3][3], int i, int j, int k, int l) { return gkt_sub(g, gkt_mul(g, f[i][k], f[j][l]), gkt_mul(g, f[i][l], f[j][k])); }

/* det(grad u + shift I) */
static gkt_node determinant(const search *s, int first, int shift) {
  gkt_graph *g = s->graph;
  gkt_node f[3][3], sum = GKT_ZERO;
  for (int i = 0; i < s->dim; i++)
    for (int j = 0; j < s->dim; j++) {
      f[i][j] = s->terminals[(first + i) * (1 + s->dim) + 1 + j];
      if (i == j && shift) f[i][j] = gkt_add(g, GKT_ONE, f[i][j]);
    }
  if (s->dim == 1) return f[0][0];
  if (s->dim == 2) return minor_of(g, f, 0, 1, 0, 1);
  for (int j = 0; j < 3; j++) sum = gkt_add(g, sum, gkt_mul(g, f[0][j], minor_of(g, f, 1, 2, (j + 1) % 3, (j + 2) % 3)));
  return sum;
}

static void add(search *s, gkt_node node, int shift, int function) {
  gkt_barriers *b = s->out;
  bool known = false;
  for (int i = 0; i < s->num_here; i++)
    if (s->here[i] == node) return;
  for (int i = 0; i < b->count; i++) known = known || b->list[i].node == node;
  if (!known && b->count < GKT_MAX_BARRIERS) b->list[b->count++] = (gkt_barrier){node, shift, function};
  if (s->num_here < GKT_MAX_BARRIERS) s->here[s->num_here++] = node;
}

/* ---- what a factor is ---- */
static gkt_interval range_of(const search *s, gkt_node n) { return gkt_graph_range(s->graph, n, s->range, s->user); }

/* 1, -1: its sign where the unknowns are 0, everywhere; 0: none. */
static gkt_status sign_at_rest(const search *s, gkt_node n, int *sign) {
  gkt_node rest;
  GKT_TRY(gkt_graph_substitute(s->graph, 1, &n, s->num_terminals, s->terminals, s->zeros, &rest));
  gkt_interval r = range_of(s, rest);
  *sign = r.low > 0 ? 1 : r.high < 0 ? -1 : 0;
  return GKT_OK;
}

static double largest(const gkt_scalar *values, int count) { /* NaN if one is */
  double m = 0;
  for (int i = 0; i < count; i++) m = isnan(values[i]) || isnan(m) ? NAN : fmax(m, fabs(values[i]));
  return m;
}

/* Does it vanish where det(grad u + shift I) does? *enough: and says no more than that, as a multiple of it or with the same sign on both sides? */
static gkt_status vanishes_with(const search *s, gkt_node n, const body *b, int shift, bool *vanishes, bool *enough) {
  const gkt_gradient_samples sample = {s->graph, b->function, s->dim, shift, s->range, s->user};
  const gkt_node nodes[2] = {n, b->determinants[shift]};
  gkt_scalar any[2 * GKT_LANES], singular[2 * GKT_LANES], mirrored[2 * GKT_LANES];
  bool even = true, multiple = true;
  GKT_TRY(gkt_sample_gradients(&sample, GKT_F_ANY, 2, nodes, any, NULL));
  GKT_TRY(gkt_sample_gradients(&sample, GKT_F_SINGULAR, 2, nodes, singular, NULL));
  GKT_TRY(gkt_sample_gradients(&sample, GKT_F_MIRRORED, 2, nodes, mirrored, NULL));
  *vanishes = largest(singular, GKT_LANES) <= same * largest(any, GKT_LANES) && isfinite(largest(any, GKT_LANES));
  for (int l = 0; l < GKT_LANES; l++) {
    even = even && any[l] * mirrored[l] > 0;
    multiple = multiple && fabs(any[l] * any[GKT_LANES] - any[0] * any[GKT_LANES + l]) <= same * fabs(any[l] * any[GKT_LANES]);
  }
  *enough = even || multiple;
  return GKT_OK;
}

/* *enough: it is the determinant of this body, and nothing else. */
static gkt_status judge_with(search *s, gkt_node n, const body *b, bool *enough) {
  const int lowest = s->dim == 1; /* u' alone is 0 where u is level: no place of a body */
  bool vanishes = false;
  *enough = false;
  if (!gkt_graph_depends(s->graph, n, is_gradient, &b->function)) return GKT_OK;
  for (int shift = 1; shift >= lowest && !vanishes; shift--) {
    GKT_TRY(vanishes_with(s, n, b, shift, &vanishes, enough));
    if (vanishes) add(s, b->determinants[shift], shift, b->function), s->out->blocks = true;
  }
  *enough = *enough && vanishes;
  return GKT_OK;
}

static gkt_status judge(search *s, gkt_node n) {
  bool enough = false;
  int sign;
  if (s->judged[n]) return GKT_OK;
  s->judged[n] = true;
  gkt_interval r = range_of(s, n);
  if (r.low > 0 || r.high < 0 || !gkt_graph_depends(s->graph, n, is_any_gradient, &s->form->arguments[0])) return GKT_OK;
  for (int b = 0; b < s->num_bodies && !enough; b++) GKT_TRY(judge_with(s, n, &s->bodies[b], &enough));
  if (enough) return GKT_OK;
  GKT_TRY(sign_at_rest(s, n, &sign));
  if (sign) add(s, sign > 0 ? n : gkt_neg(s->graph, n), -1, -1), s->out->blocks = true;
  return GKT_OK;
}

/* A product keeps its sign on a path that no factor leaves: each keeps its own. */
static gkt_status judge_factors(search *s, gkt_node n) {
  const gkt_node_data *d = gkt_graph_get(s->graph, n);
  const gkt_node a = d->a, b = d->b;
  switch (d->op) {
  case GKT_OP_CONSTANT:
  case GKT_OP_EXP: return GKT_OK;
  case GKT_OP_NEG:
  case GKT_OP_ABS:
  case GKT_OP_SQRT:
  case GKT_OP_POW: return judge_factors(s, a);
  case GKT_OP_MUL:
  case GKT_OP_DIV: GKT_TRY(judge_factors(s, a)); return a == b ? GKT_OK : judge_factors(s, b);
  default: return judge(s, n);
  }
}

/* ---- where factors stand ---- */
static bool is_natural(const search *s, gkt_node exponent) {
  gkt_interval r = range_of(s, exponent);
  return r.low == r.high && r.low >= 0 && r.low == floor(r.low);
}

static gkt_status judge_operation(search *s, const gkt_node_data *d) {
  const int breaks = gkt_op_breaks(d->op);
  if (d->op == GKT_OP_POW && is_natural(s, d->b)) return GKT_OK;
  if (breaks & GKT_EDGE_A) GKT_TRY(judge_factors(s, d->a));
  return breaks & GKT_EDGE_B ? judge_factors(s, d->b) : GKT_OK;
}

/* Nodes that the integral has whatever its conditions say. */
static void reach(const gkt_graph *g, const gkt_integral *integral, gkt_node top, bool *reached) {
  for (int i = 0; i < integral->num_nodes; i++) reached[integral->nodes[i]] = true;
  for (gkt_node n = top; n >= 0; n--) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    if (!reached[n]) continue;
    reached[d->a] = true;
    if (d->op != GKT_OP_CONDITIONAL) reached[d->b] = true;
  }
}

static gkt_status judge_integral(search *s, const gkt_integral *integral) {
  const gkt_node top = gkt_graph_top(integral->num_nodes, integral->nodes);
  bool *reached = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(s->form->scope->ctx, (gkt_size)top + 1, sizeof *reached, &reached));
  GKT_GO(gkt_calloc(s->form->scope->ctx, (gkt_size)top + 1, sizeof *s->judged, &s->judged));
  reach(s->graph, integral, top, reached);
  for (gkt_node n = 0; n <= top; n++)
    if (reached[n]) GKT_GO(judge_operation(s, gkt_graph_get(s->graph, n)));
done:
  gkt_free(&reached);
  gkt_free(&s->judged);
  return status;
}

/* ---- a body without barrier ---- */
/* P(QF) = Q P(F) for the coefficients P of grad v? */
static gkt_status is_frame_indifferent(const search *s, const body *b, const gkt_integral *integral, bool *out) {
  const gkt_gradient_samples sample = {s->graph, b->function, s->dim, 1, s->range, s->user};
  const int dim = s->dim, n = dim * dim;
  gkt_scalar stress[9 * GKT_LANES], turned[9 * GKT_LANES];
  double turns[9 * GKT_LANES], error = 0;
  gkt_node nodes[9];
  bool depends = false;
  *out = false;
  for (int i = 0; i < n; i++) {
    nodes[i] = integral->nodes[(b->first + i / dim) * (1 + dim) + 1 + i % dim];
    depends = depends || gkt_graph_depends(s->graph, nodes[i], is_gradient, &b->function);
  }
  if (!depends) return GKT_OK;
  GKT_TRY(gkt_sample_gradients(&sample, GKT_F_ANY, n, nodes, stress, NULL));
  GKT_TRY(gkt_sample_gradients(&sample, GKT_F_TURNED, n, nodes, turned, turns));
  for (int l = 0; l < GKT_LANES; l++)
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int k = 0; k < dim; k++) sum += turns[l * n + i / dim * dim + k] * stress[(k * dim + i % dim) * GKT_LANES + l];
      error = fmax(error, fabs(sum - turned[i * GKT_LANES + l]));
    }
  const double size = largest(stress, n * GKT_LANES);
  *out = size > 0 && isfinite(size) && isfinite(largest(turned, n * GKT_LANES)) && error <= same * size;
  return GKT_OK;
}

/* ---- the whole ---- */
/* 1 where one of the barriers here is not positive, NaN included. */
static gkt_status add_indicator(search *s, const gkt_integral *like) {
  gkt_graph *g = s->graph;
  gkt_integral *integral;
  gkt_node least = s->here[0];
  if (!s->num_here) return GKT_OK;
  for (int i = 1; i < s->num_here; i++) least = gkt_graph_make(g, GKT_OP_MIN, least, s->here[i], 0);
  gkt_node is_number = gkt_graph_make(g, GKT_OP_LT, GKT_ZERO, least, 0);
  GKT_TRY(gkt_form_find_integral(s->out->form, like, 1, &integral));
  integral->nodes[0] = gkt_graph_make(g, GKT_OP_CONDITIONAL, is_number, GKT_ZERO, GKT_ONE);
  return gkt_graph_status(g);
}

static gkt_status look(search *s) {
  for (int i = 0; i < s->form->num_integrals; i++) {
    const gkt_integral *integral = &s->form->integrals[i];
    s->num_here = 0;
    GKT_TRY(judge_integral(s, integral));
    const bool free = s->dim > 1 && !s->num_here && integral->measure == GKT_MEASURE_DX;
    for (int b = 0; b < s->num_bodies && free; b++) {
      bool found = false;
      GKT_TRY(is_frame_indifferent(s, &s->bodies[b], integral, &found));
      if (found) add(s, s->bodies[b].determinants[1], 1, s->bodies[b].function);
    }
    GKT_TRY(add_indicator(s, integral));
  }
  return GKT_OK;
}

static gkt_status find_bodies(search *s) {
  const gkt_functions *unknowns = &s->form->arguments[0];
  const gkt_scope *scope = s->form->scope;
  GKT_TRY(gkt_calloc(scope->ctx, unknowns->count, sizeof *s->bodies, &s->bodies));
  for (int k = 0, first = 0; k < unknowns->count; k++) {
    int function = unknowns->functions[k], n = gkt_function_components(scope, function);
    if (n == s->dim && function >= 0 && scope->functions[function].shape.rank <= 1)
      s->bodies[s->num_bodies++] = (body){function, first, {determinant(s, first, 0), determinant(s, first, 1)}};
    first += n;
  }
  return gkt_graph_status(s->graph);
}

gkt_status gkt_form_find_barriers(const gkt_form *form, gkt_terminal_range *range, const void *user, gkt_barriers **out) {
  gkt_context *ctx = form->scope->ctx;
  search s = {.form = form, .graph = form->scope->graph, .dim = form->scope->dim, .range = range, .user = user};
  gkt_status status;
  *out = NULL;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *s.out, &s.out));
  GKT_GO(gkt_form_create(form->scope, 0, form->num_integrals, &s.out->form));
  GKT_GO(gkt_form_terminals(form, form->arguments[0].count, form->arguments[0].functions, &s.terminals, &s.num_terminals));
  GKT_GO(gkt_calloc(ctx, s.num_terminals, sizeof *s.zeros, &s.zeros)); /* GKT_ZERO is 0 */
  GKT_GO(find_bodies(&s));
  GKT_GO(look(&s));
  GKT_GO(gkt_unless_exhausted(ctx, GKT_OK));
  if (s.out->count) *out = s.out, s.out = NULL;
done:
  gkt_free(&s.terminals);
  gkt_free(&s.zeros);
  gkt_free(&s.bodies);
  gkt_barriers_destroy(&s.out);
  return status;
}

void gkt_barriers_destroy(gkt_barriers **barriers) {
  if (!*barriers) return;
  gkt_form_destroy(&(*barriers)->form);
  gkt_free(barriers);
}
