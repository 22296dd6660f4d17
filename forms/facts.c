/* What a tangent proves about its matrix. Constants whose values are known are put in first, so that lambda + 2 mu is a number. */
#include "forms/facts.h"

#include <math.h>
#include <string.h>

enum { MAX_TERMS = 256 };

/* ---- known values ---- */
typedef struct {
  int count;
  gkt_node *seeds, *values;
} substitution;

static gkt_status add_known(gkt_graph *g, const bool *below, gkt_node size, gkt_terminal_range *range, const void *user, substitution *s) {
  for (gkt_node n = 0; n < size; n++) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    if (!below[n] || d->op != GKT_OP_TERMINAL) continue;
    gkt_interval r = range(&d->terminal, user);
    if (!(r.low == r.high) || !isfinite(r.low)) continue;
    s->seeds[s->count] = n;
    s->values[s->count++] = gkt_graph_constant(g, r.low);
  }
  return gkt_graph_status(g);
}

/* out [num_nodes]: the nodes with every terminal of a single possible value replaced by it. */
static gkt_status put_in(gkt_graph *g, int num_nodes, const gkt_node *nodes, gkt_terminal_range *range, const void *user, gkt_node *out) {
  gkt_context *ctx = gkt_graph_context(g);
  gkt_node size = gkt_graph_top(num_nodes, nodes) + 1;
  substitution s = {0};
  bool *below = NULL;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, num_nodes, nodes, &below));
  GKT_GO(gkt_calloc(ctx, size, sizeof *s.seeds, &s.seeds));
  GKT_GO(gkt_calloc(ctx, size, sizeof *s.values, &s.values));
  GKT_GO(add_known(g, below, size, range, user, &s));
  GKT_GO(gkt_graph_substitute(g, num_nodes, nodes, s.count, s.seeds, s.values, out));
done:
  gkt_free(&below);
  gkt_free(&s.seeds);
  gkt_free(&s.values);
  return status;
}

/* ---- equal nodes ---- */
typedef struct {
  gkt_graph *graph;
  gkt_monomial *terms; /* [2][MAX_TERMS] work */
} polynomials;

/* Up to the rounding of numbers that were folded on two ways, which may cancel in part: lambda + mu - lambda. */
static bool are_equal(const polynomials *p, gkt_node a, gkt_node b) { return gkt_graph_is_close(p->graph, a, b, 1e-12, MAX_TERMS, p->terms); }

/* ---- kernels ---- */
static bool ignores_constants(const polynomials *p, const gkt_integral *integral, int rows, int components, int dim) {
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < components; c++)
      if (!are_equal(p, integral->nodes[(r * components + c) * (1 + dim)], GKT_ZERO)) return false;
  return true;
}

/* nodes [n][1+dim][n][1+dim], n = dim: sum over c, d of g11[r][i][c][d] W[c][d] = 0 for the skew W that generate all. *principal: some g11 is there. */
static bool ignores_rotations(const polynomials *p, const gkt_node *nodes, int dim, bool *principal) {
  int row = dim * (1 + dim);
  for (int r = 0; r < row; r++)
    for (int c = 0; c < dim && r % (1 + dim); c++)
      for (int d = 0; d < dim; d++) {
        gkt_node here = nodes[r * row + c * (1 + dim) + 1 + d], across = nodes[r * row + d * (1 + dim) + 1 + c];
        *principal = *principal || here != GKT_ZERO;
        if (d > c && !are_equal(p, here, across)) return false;
      }
  return true;
}

typedef enum { GIVEN, RESTING, ALL_RESTING } state; /* of the trial function, or of every field */

static gkt_interval trial_at_rest(const gkt_terminal *t, const void *form) {
  const gkt_form *f = form;
  bool field = gkt_is_of_function(t) && gkt_functions_hold(&f->arguments[1], gkt_field_of(f->scope, t->function));
  return field ? (gkt_interval){0, 0} : (gkt_interval){-INFINITY, INFINITY};
}

static gkt_interval fields_at_rest(const gkt_terminal *t, const void *form) {
  bool field = gkt_is_of_unknowns(((const gkt_form *)form)->scope, t);
  return field ? (gkt_interval){0, 0} : (gkt_interval){-INFINITY, INFINITY};
}

/* The tangent's own rotations; of a nonlinear form, those of the state at rest: finite elasticity. */
static gkt_status find_rotations(const gkt_form *form, const polynomials *p, gkt_node *const *nodes, state at, bool *found) {
  int dim = form->scope->dim;
  bool principal = false, all = true;
  gkt_node *work = NULL;
  gkt_status status = GKT_OK;
  for (int i = 0; i < form->num_integrals && all; i++) {
    const gkt_integral *integral = &form->integrals[i];
    if (integral->measure != GKT_MEASURE_DX) continue;
    gkt_free(&work);
    GKT_GO(gkt_alloc(form->scope->ctx, integral->num_nodes, sizeof *work, &work));
    memcpy(work, nodes[i], (size_t)integral->num_nodes * sizeof *work);
    if (at != GIVEN) GKT_GO(put_in(p->graph, integral->num_nodes, nodes[i], at == RESTING ? trial_at_rest : fields_at_rest, form, work));
    all = ignores_rotations(p, work, dim, &principal);
  }
  *found = all && principal;
done:
  gkt_free(&work);
  return status;
}

/* ---- words ---- */
static void name_terminal(const gkt_scope *scope, const gkt_terminal *t, char *out, size_t size) {
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE: snprintf(out, size, "%s", scope->functions[t->function].name); return;
  case GKT_TERM_GRAD: snprintf(out, size, "grad(%s)", scope->functions[t->function].name); return;
  case GKT_TERM_CONSTANT: snprintf(out, size, "%s", scope->constants[t->function]); return;
  case GKT_TERM_X: snprintf(out, size, "x[%d]", t->component); return;
  case GKT_TERM_NORMAL: snprintf(out, size, "n[%d]", t->component); return;
  case GKT_TERM_TIME: snprintf(out, size, "t"); return;
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION: snprintf(out, size, "h"); return;
  }
}

void gkt_facts_mention(const gkt_facts_query *q, const gkt_monomial *m) {
  char name[80] = "a coefficient", item[160];
  for (int i = 0; i < m->num_atoms; i++) {
    const gkt_node_data *d = gkt_graph_get(q->graph, m->atoms[i]);
    gkt_interval r = gkt_graph_range(q->graph, m->atoms[i], q->range, q->user);
    if (d->op == GKT_OP_TERMINAL) name_terminal(q->scope, &d->terminal, name, sizeof name);
    else snprintf(name, sizeof name, "a coefficient");
    snprintf(item, sizeof item, "%s in [%.3g, %.3g]", name, r.low, r.high);
    if (q->mentioned->length > 120 || (q->mentioned->data && strstr(q->mentioned->data, item))) continue;
    gkt_text_printf(q->mentioned, "%s%s", q->mentioned->length ? ", " : "", item);
  }
}

static void explain(const gkt_text *mentioned, gkt_form_facts *out) {
  const char *ranges = mentioned->data && *mentioned->data ? mentioned->data : "constant coefficients";
  if (!out->symmetric) snprintf(out->why, sizeof out->why, "symmetry of the form is not proven");
  else if (out->zero) snprintf(out->why, sizeof out->why, "zero");
  else if (out->negative) snprintf(out->why, sizeof out->why, "symmetric; negative: %.200s", ranges);
  else if (out->positive) snprintf(out->why, sizeof out->why, "symmetric; positive: %.200s", ranges);
  else snprintf(out->why, sizeof out->why, "symmetric; positivity not proven: %.190s", ranges);
}

/* ---- positive, and above |grad u|^2? ---- */
typedef struct {
  int size;
  double *lower, *sizes;       /* [size][size], [size]: sums over the chosen integrals that have a constant bound */
  gkt_ellipticity ellipticity; /* the best that one chosen integral proves alone */
} lower_bound;

static bool is_chosen(const gkt_form *form, const bool *chosen, int integral) {
  const gkt_integral *i = &form->integrals[integral];
  return i->measure == GKT_MEASURE_DX && (chosen ? chosen[integral] : i->num_names == 0);
}

static void add_bound(lower_bound *sum, const gkt_facts_bound *b) {
  if (b->ellipticity > sum->ellipticity) sum->ellipticity = b->ellipticity;
  for (int k = 0; k < sum->size * sum->size && b->is_constant; k++) sum->lower[k] += b->lower[k];
  for (int k = 0; k < sum->size && b->is_constant; k++) sum->sizes[k] += b->sizes[k];
}

/* work: two of it; the second is a bound's */
static gkt_status bound_integrals(const gkt_form *form, const gkt_facts_query *q, gkt_node *const *nodes, const bool *chosen, double *work, gkt_form_facts *out) {
  int n = gkt_form_components(form, 0) * (1 + form->scope->dim), one = n * (n + 1);
  lower_bound sum = {n, work, work + n * n, GKT_NOT_ELLIPTIC};
  bool positive = true;
  for (int i = 0; i < form->num_integrals && positive; i++) {
    gkt_facts_bound bound = {.lower = work + one, .sizes = work + one + n * n};
    GKT_TRY(gkt_facts_positive(q, n, nodes[i], &bound));
    positive = bound.positive;
    if (positive && is_chosen(form, chosen, i)) add_bound(&sum, &bound);
  }
  gkt_ellipticity together = gkt_ellipticity_of(sum.lower, n, form->scope->dim, sum.sizes, work + one);
  out->positive = positive;
  if (positive) out->ellipticity = together > sum.ellipticity ? together : sum.ellipticity;
  if (form->arguments[0].count > 1 && out->ellipticity != GKT_ELLIPTIC) out->ellipticity = GKT_NOT_ELLIPTIC; /* strains are those of one vector field */
  return GKT_OK;
}

/* ---- negative? ---- */
static bool may_be_negative(const gkt_facts_query *q, int n, const gkt_node *nodes) {
  for (int i = 0; i < n; i++)
    if (!(gkt_graph_range(q->graph, nodes[i * (n + 1)], q->range, q->user).high <= 0)) return false;
  return true;
}

/* As positive, of -G. Asked only where no diagonal says otherwise: it is seldom so. */
static gkt_status find_negative(const gkt_form *form, const gkt_facts_query *q, gkt_node *const *nodes, bool *negative) {
  int n = gkt_form_components(form, 0) * (1 + form->scope->dim), entries = n * n;
  gkt_facts_bound bound = {0};
  gkt_node *minus = NULL;
  double *work = NULL;
  gkt_status status = GKT_OK;
  *negative = true;
  for (int i = 0; i < form->num_integrals && *negative; i++) *negative = may_be_negative(q, n, nodes[i]);
  if (!*negative || !form->num_integrals) return GKT_OK;
  GKT_GO(gkt_alloc(q->ctx, entries, sizeof *minus, &minus));
  GKT_GO(gkt_calloc(q->ctx, (gkt_size)n * (n + 1), sizeof *work, &work));
  for (int i = 0; i < form->num_integrals && *negative; i++) {
    for (int k = 0; k < entries; k++) minus[k] = gkt_neg(q->graph, nodes[i][k]);
    bound.lower = work, bound.sizes = work + entries;
    GKT_GO(gkt_facts_positive(q, n, minus, &bound));
    *negative = bound.positive;
  }
done:
  gkt_free(&minus);
  gkt_free(&work);
  return status;
}

static gkt_status find_bounds(const gkt_form *form, const gkt_facts_query *q, gkt_node *const *nodes, const bool *chosen, gkt_form_facts *out) {
  int n = gkt_form_components(form, 0) * (1 + form->scope->dim);
  double *work;
  if (!out->symmetric) return GKT_OK;
  GKT_TRY(gkt_calloc(q->ctx, 2 * (gkt_size)n * (n + 1), sizeof *work, &work));
  gkt_status status = bound_integrals(form, q, nodes, chosen, work, out);
  gkt_free(&work);
  return status == GKT_OK ? find_negative(form, q, nodes, &out->negative) : status;
}

/* ---- the whole ---- */
static gkt_status analyse_integrals(const gkt_form *form, const gkt_facts_query *q, const polynomials *p, gkt_node *const *nodes, const bool *chosen, gkt_form_facts *out) {
  int components = gkt_form_components(form, 0), dim = form->scope->dim;
  bool found = false;
  out->symmetric = form->symmetric;
  out->annihilates_constants = true;
  for (int i = 0; i < form->num_integrals; i++) {
    gkt_integral known = form->integrals[i];
    known.nodes = nodes[i];
    out->annihilates_constants = out->annihilates_constants && ignores_constants(p, &known, components * (1 + dim), components, dim);
  }
  GKT_TRY(find_bounds(form, q, nodes, chosen, out));
  if (components != dim || dim == 1 || form->arguments[1].count != 1) return GKT_OK;
  for (state at = GIVEN; at <= ALL_RESTING && !found; at++) GKT_TRY(find_rotations(form, p, nodes, at, &found));
  out->annihilates_rotations = found;
  return gkt_graph_status(p->graph);
}

static bool is_zero(const gkt_form *form, gkt_node *const *nodes) {
  for (int i = 0; i < form->num_integrals; i++)
    for (int k = 0; k < form->integrals[i].num_nodes; k++)
      if (nodes[i][k] != GKT_ZERO) return false;
  return true;
}

gkt_status gkt_form_analyse(const gkt_form *form, gkt_terminal_range *range, const void *user, const bool *chosen, gkt_form_facts *out) {
  gkt_context *ctx = form->scope->ctx;
  gkt_text mentioned = {.ctx = ctx};
  gkt_facts_query q = {ctx, form->scope, form->scope->graph, range, user, &mentioned};
  polynomials p = {.graph = form->scope->graph};
  gkt_form_facts facts = {0};
  gkt_node **nodes = NULL;
  gkt_status status;
  if (form->arity != 2) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "gkt_form_analyse: a form of arity %d; expected 2", form->arity);
  GKT_GO(gkt_calloc(ctx, form->num_integrals, sizeof *nodes, &nodes));
  GKT_GO(gkt_alloc(ctx, 2 * MAX_TERMS, sizeof *p.terms, &p.terms));
  for (int i = 0; i < form->num_integrals; i++) {
    GKT_GO(gkt_calloc(ctx, form->integrals[i].num_nodes, sizeof **nodes, &nodes[i]));
    GKT_GO(put_in(p.graph, form->integrals[i].num_nodes, form->integrals[i].nodes, range, user, nodes[i]));
  }
  facts.zero = is_zero(form, nodes);
  if (gkt_functions_are_equal(&form->arguments[0], &form->arguments[1])) GKT_GO(analyse_integrals(form, &q, &p, nodes, chosen, &facts));
  GKT_GO(mentioned.status);
  explain(&mentioned, &facts);
  *out = facts;
done:
  for (int i = 0; nodes && i < form->num_integrals; i++) gkt_free(&nodes[i]);
  gkt_free(&nodes);
  gkt_free(&p.terms);
  gkt_text_free(&mentioned);
  return status;
}
