/* What one other field gives to the Schur complement of a field. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "forms/facts.h"
#include "forms/symbol.h"

enum { MAX_SLOTS = GKT_SYMBOL_MOST * 4 };

gkt_status gkt_schur_explain(gkt_schur_search *s, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (!*s->out->why) vsnprintf(s->out->why, sizeof s->out->why, format, args);
  va_end(args);
  return GKT_OK;
}

const char *gkt_schur_name(const gkt_schur_search *s, int function) { return s->scope->functions[function].name; }
gkt_interval gkt_schur_range(const gkt_schur_search *s, gkt_node n) { return gkt_graph_range(s->graph, n, s->range, s->user); }

/* ---- places ---- */
static bool overlap(const gkt_integral *a, const gkt_integral *b) {
  for (int i = 0; i < a->num_names; i++)
    for (int j = 0; j < b->num_names; j++)
      if (!strcmp(a->names[i], b->names[j])) return true;
  return false;
}

/* false: places overlap, or there are too many */
static bool add_places(gkt_schur_coupling *c, const gkt_symbol_part *part) {
  for (int i = 0; i < part->form->num_integrals && !part->everywhere; i++) {
    const gkt_integral *integral = &part->form->integrals[i];
    bool known = false;
    if (!gkt_symbol_counts(part, integral, integral)) continue;
    for (int k = 0; k < c->num_places; k++) {
      known = known || gkt_same_names(c->places[k], integral);
      if (!gkt_same_names(c->places[k], integral) && overlap(c->places[k], integral)) return false;
    }
    if (!known && c->num_places == GKT_SCHUR_PLACES) return false;
    if (!known) c->places[c->num_places++] = integral;
  }
  return true;
}

static bool covers(const gkt_symbol_part *part, const gkt_integral *place) {
  bool found = part->everywhere;
  for (int i = 0; i < part->form->num_integrals && !found; i++) found = gkt_symbol_counts(part, &part->form->integrals[i], place);
  return found;
}

static bool covers_all(const gkt_schur_coupling *c, const gkt_symbol_part *part) {
  bool all = part->present && (c->num_places || part->everywhere);
  for (int k = 0; k < c->num_places; k++) all = all && covers(part, c->places[k]);
  return all;
}

/* Where the parts are given by regions, all of them must be there. */
static bool find_places(gkt_schur_coupling *c) {
  const gkt_symbol_part *block = c->second.present ? &c->second : &c->zeroth;
  if (!add_places(c, &c->row) || !add_places(c, &c->col) || !add_places(c, block)) return false;
  return covers_all(c, &c->row) && covers_all(c, &c->col) && covers_all(c, block);
}

/* ---- nodes ---- */
/* What is zero with the values that are known becomes GKT_ZERO. */
static void clean(const gkt_schur_search *s, gkt_small *m) {
  for (int k = 0; k < m->rows * m->cols; k++) {
    gkt_interval r = gkt_schur_range(s, m->at[k]);
    if (r.low == 0 && r.high == 0) m->at[k] = GKT_ZERO;
  }
}

static void clean_all(const gkt_schur_search *s, gkt_symbol *m) {
  clean(s, &m->zeroth);
  for (int k = 0; k < s->dim; k++) clean(s, &m->first[k]), clean(s, &m->second[k]);
}

static bool are_equal(const gkt_schur_search *s, const gkt_small *a, const gkt_small *b) {
  bool equal = true;
  for (int k = 0; k < a->rows * a->cols && equal; k++) equal = gkt_graph_is_close(s->graph, a->at[k], b->at[k], 1e-12, GKT_SCHUR_TERMS, s->work);
  return equal;
}

static gkt_status at_rest(const gkt_schur_search *s, const gkt_small *m, gkt_small *out) {
  *out = *m;
  return gkt_graph_substitute(s->graph, m->rows * m->cols, m->at, s->num_terminals, s->terminals, s->zeros, out->at);
}

static gkt_status is_positive(const gkt_schur_search *s, const gkt_small *m, bool *positive) {
  gkt_text mentioned = {.ctx = s->ctx};
  const gkt_facts_query q = {s->ctx, s->scope, s->graph, s->range, s->user, &mentioned};
  double lower[GKT_SYMBOL_MOST * GKT_SYMBOL_MOST], sizes[GKT_SYMBOL_MOST];
  gkt_facts_bound bound = {.lower = lower, .sizes = sizes};
  gkt_status status = gkt_facts_positive(&q, m->rows, m->at, &bound);
  *positive = bound.positive;
  gkt_text_free(&mentioned);
  return status;
}

/* ---- the block of the other field ---- */
/* Of order 0, if it is positive, here or at rest: what convection adds to Newton's tangent is no mass. *found false: it is left out. */
static gkt_status find_mass(const gkt_schur_search *s, const gkt_schur_coupling *c, const gkt_integral *place, gkt_small *m, bool *found) {
  gkt_symbol symbol;
  *found = false;
  if (!covers_all(c, &c->zeroth)) return GKT_OK;
  gkt_symbol_of(&c->zeroth, place, &symbol);
  *m = symbol.zeroth;
  gkt_make_symmetric(s->graph, m->rows, m->at);
  GKT_TRY(is_positive(s, m, found));
  if (!*found) {
    gkt_small given = *m;
    GKT_TRY(at_rest(s, &given, m));
    GKT_TRY(is_positive(s, m, found));
  }
  clean(s, m);
  *found = *found && !gkt_small_is_zero(m);
  return GKT_OK;
}

/* false: a pivot is zero, or never positive */
static bool divide(const gkt_schur_search *s, const gkt_small *A, const gkt_small *H, gkt_small *X) {
  for (int i = 0; i < A->rows; i++)
    if (!(gkt_schur_range(s, A->at[i * (A->cols + 1)]).high > 0)) return false;
  return gkt_small_solve(s->graph, A, H, X);
}

/* ---- weights ---- */
typedef struct {
  gkt_symbol row, col; /* D, G */
  gkt_small H[3], H0;  /* of G by parts: D_k A^-1 H_k, D_0 A^-1 H0 */
  bool first;          /* they are of order 1, else of order 0 */
} pairing;

static void find_pairing(const gkt_schur_search *s, const gkt_schur_coupling *c, const gkt_integral *place, pairing *p) {
  gkt_symbol_of(&c->row, place, &p->row);
  gkt_symbol_of(&c->col, place, &p->col);
  clean_all(s, &p->row), clean_all(s, &p->col);
  p->H0 = p->col.zeroth;
  p->first = false;
  for (int k = 0; k < s->dim; k++) {
    p->H[k] = p->col.first[k];
    gkt_negate(s->graph, p->H[k].rows * p->H[k].cols, p->H[k].at);
    p->first = p->first || !gkt_small_is_zero(&p->H[k]) || !gkt_small_is_zero(&p->row.first[k]);
  }
}

/* Is D = sign H' ? */
static bool has_sign(const gkt_schur_search *s, const pairing *p, int sign) {
  bool equal = true;
  for (int k = 0; k < (p->first ? s->dim : 1) && equal; k++) {
    gkt_small t = gkt_small_transpose(p->first ? &p->H[k] : &p->H0);
    if (sign < 0) gkt_negate(s->graph, t.rows * t.cols, t.at);
    equal = are_equal(s, p->first ? &p->row.first[k] : &p->row.zeroth, &t);
  }
  return equal;
}

static int sign_of(const gkt_schur_search *s, int count, const gkt_small *w) { /* of [count] weights; 0: not known */
  int sign = 0;
  for (int i = 0; i < count * w->rows; i++) {
    gkt_node n = w[i / w->rows].at[i % w->rows * (w->cols + 1)];
    gkt_interval r = gkt_schur_range(s, n);
    if (n == GKT_ZERO) continue;
    int here = r.low >= 0 ? 1 : r.high <= 0 ? -1 : 0;
    if (!here || (sign && sign != here)) return 0;
    sign = here;
  }
  return sign;
}

/* Known by D = +-H', else by the sign that all weights have. */
static bool settle_sign(const gkt_schur_search *s, gkt_schur_coupling *c, const pairing *p, int count, const gkt_small *w) {
  int sign = has_sign(s, p, 1) ? 1 : has_sign(s, p, -1) ? -1 : sign_of(s, count, w);
  if (c->sign == 0) c->sign = sign;
  return sign != 0 && sign == c->sign;
}

/* The absolute value, where a scalar's sign is not proven: a preconditioner is to be positive. */
static void make_positive(const gkt_schur_search *s, gkt_small *w, int sign) {
  gkt_make_symmetric(s->graph, w->rows, w->at);
  if (sign < 0) gkt_negate(s->graph, w->rows * w->cols, w->at);
  if (w->rows == 1 && !(gkt_schur_range(s, w->at[0]).low >= 0)) w->at[0] = gkt_graph_make(s->graph, GKT_OP_ABS, w->at[0], 0, 0);
}

/* ---- integrals ---- */
static int degree_of_terminal(const gkt_terminal *t, const void *user) {
  const gkt_scope *scope = user;
  if (gkt_is_of_function(t)) return gkt_element_polynomial_degree(scope->functions[t->function].element, scope->dim, false);
  return t->kind == GKT_TERM_X;
}

/* Coefficients that vary as polynomials of a degree that no rule has are not followed. */
static gkt_node moderate(const gkt_schur_search *s, gkt_node n) {
  bool polynomial;
  return gkt_graph_degree(s->graph, n, degree_of_terminal, s->scope, &polynomial) > GKT_LARGEST_QUADRATURE / 3 ? GKT_ONE : n;
}

/* The degree of the points that a coefficient has its values at; -1: none has. */
static gkt_status find_points(const gkt_schur_search *s, int count, const gkt_node *nodes, int *degree) {
  const gkt_node top = gkt_graph_top(count, nodes);
  bool *below;
  *degree = -1;
  GKT_TRY(gkt_graph_mark(s->graph, count, nodes, &below));
  for (gkt_node i = 0; i <= top; i++) {
    const gkt_node_data *d = gkt_graph_get(s->graph, i);
    if (!below[i] || d->op != GKT_OP_TERMINAL || !gkt_is_of_function(&d->terminal)) continue;
    const gkt_element e = s->scope->functions[d->terminal.function].element;
    if (e.kind == GKT_QUADRATURE_POINTS) *degree = e.degree;
  }
  gkt_free(&below);
  return GKT_OK;
}

/* sum nodes[a][b] z_a z_b of the field, for its degree */
static gkt_status integrand_of(const gkt_schur_search *s, int n, const gkt_node *nodes, gkt_node *out) {
  gkt_node *z;
  int count;
  GKT_TRY(gkt_form_terminals(s->tangent, 1, &s->field, &z, &count));
  *out = GKT_ZERO;
  for (int k = 0; k < n * n; k++)
    if (nodes[k] != GKT_ZERO) *out = gkt_add(s->graph, *out, gkt_mul(s->graph, moderate(s, nodes[k]), gkt_mul(s->graph, z[k / n], z[k % n])));
  gkt_free(&z);
  return gkt_graph_status(s->graph);
}

/* nodes [components][1+dim][components][1+dim] */
static gkt_status add_integral(const gkt_schur_search *s, const gkt_integral *place, const gkt_node *nodes, gkt_form *form) {
  int n = s->components * (1 + s->dim);
  gkt_integral like = {.measure = GKT_MEASURE_DX}, *integral;
  gkt_term term = {.measure = GKT_MEASURE_DX};
  if (place) like.num_names = place->num_names, like.names = place->names, like.marks = place->marks;
  GKT_TRY(find_points(s, n * n, nodes, &term.degree));
  GKT_TRY(integrand_of(s, n, nodes, &term.integrand));
  GKT_TRY(gkt_form_choose_degrees(form, &term, GKT_EQUATION, &like));
  GKT_TRY(gkt_form_find_integral(form, &like, n * n, &integral));
  for (int k = 0; k < n * n; k++) integral->nodes[k] = gkt_add(s->graph, integral->nodes[k], nodes[k]);
  return gkt_graph_status(s->graph);
}

static gkt_status create(const gkt_schur_search *s, gkt_form **out) {
  gkt_form *form = NULL;
  gkt_status status;
  if (*out) return GKT_OK;
  GKT_GO(gkt_form_create(s->scope, 2, GKT_SCHUR_PLACES, &form));
  GKT_GO(gkt_form_copy_origin(s->tangent, form));
  for (int i = 0; i < 2; i++) GKT_GO(gkt_functions_set(s->ctx, &form->arguments[i], 1, &s->field));
  GKT_GO(gkt_functions_set(s->ctx, &form->branches, 0, NULL));
  *out = form;
  form = NULL;
done:
  gkt_form_destroy(&form);
  return status;
}

/* w [components][components] at slots (a, b) of z */
static void put(const gkt_schur_search *s, const gkt_small *w, int a, int b, gkt_node *nodes) {
  int slots = 1 + s->dim;
  for (int i = 0; i < w->rows; i++)
    for (int j = 0; j < w->cols; j++) nodes[((i * slots + a) * s->components + j) * slots + b] = w->at[i * w->cols + j];
}

static gkt_status add_weight(const gkt_schur_search *s, const gkt_integral *place, const gkt_small *w, gkt_form **form) {
  gkt_node nodes[MAX_SLOTS * MAX_SLOTS] = {GKT_ZERO};
  GKT_TRY(create(s, form));
  put(s, w, 0, 0, nodes);
  return add_integral(s, place, nodes, *form);
}

/* ---- contributions ---- */
static gkt_status add_second(gkt_schur_search *s, gkt_schur_coupling *c, const gkt_integral *place, const pairing *p) {
  gkt_symbol symbol;
  gkt_small X, each[3], w;
  gkt_symbol_of(&c->second, place, &symbol);
  for (int k = 0; k < s->dim; k++) {
    gkt_small A = symbol.second[k];
    gkt_make_symmetric(s->graph, A.rows, A.at);
    clean(s, &A);
    if (!divide(s, &A, &p->H[k], &X)) return gkt_schur_explain(s, "the second-order block of '%s' is not definite in direction %d", gkt_schur_name(s, c->other), k);
    each[k] = gkt_small_product(s->graph, &p->row.first[k], &X);
  }
  w = gkt_small_mean(s->graph, s->dim, each);
  clean(s, &w);
  if (gkt_small_is_zero(&w)) return gkt_schur_explain(s, "'%s' is coupled with '%s' in no direction", gkt_schur_name(s, s->field), gkt_schur_name(s, c->other));
  if (!settle_sign(s, c, p, s->dim, each)) return gkt_schur_explain(s, "the sign of the coupling with '%s' is not known", gkt_schur_name(s, c->other));
  make_positive(s, &w, c->sign);
  c->is_divergence = s->components == 1 && X.rows == s->dim && p->H[s->dim - 1].rows == s->dim;
  c->weight.high = fmax(c->weight.high, gkt_schur_range(s, w.at[0]).high);
  return add_weight(s, place, &w, &c->mass);
}

static gkt_status add_stiffness(gkt_schur_search *s, gkt_schur_coupling *c, const gkt_integral *place, const pairing *p, const gkt_small *A) {
  const int n = s->components * (1 + s->dim);
  gkt_node nodes[MAX_SLOTS * MAX_SLOTS] = {GKT_ZERO};
  gkt_small X, K[3][3], diagonal[3];
  for (int l = 0; l < s->dim; l++) {
    if (!divide(s, A, &p->H[l], &X)) return gkt_schur_explain(s, "the zeroth-order block of '%s' is not definite", gkt_schur_name(s, c->other));
    for (int k = 0; k < s->dim; k++) K[k][l] = gkt_small_product(s->graph, &p->row.first[k], &X);
    diagonal[l] = K[l][l];
  }
  if (!settle_sign(s, c, p, s->dim, diagonal)) return gkt_schur_explain(s, "the sign of the coupling with '%s' is not known", gkt_schur_name(s, c->other));
  for (int k = 0; k < s->dim; k++)
    for (int l = 0; l < s->dim; l++) put(s, &K[k][l], 1 + k, 1 + l, nodes);
  if (c->sign < 0) gkt_negate(s->graph, n * n, nodes);
  gkt_make_symmetric(s->graph, n, nodes);
  GKT_TRY(create(s, &c->stiffness));
  c->weak = p->col.weak;
  return add_integral(s, place, nodes, c->stiffness);
}

static gkt_status add_zeroth(gkt_schur_search *s, gkt_schur_coupling *c, const gkt_integral *place, const pairing *p, const gkt_small *A) {
  gkt_small X;
  if (!divide(s, A, &p->H0, &X)) return gkt_schur_explain(s, "the zeroth-order block of '%s' is not definite", gkt_schur_name(s, c->other));
  gkt_small w = gkt_small_product(s->graph, &p->row.zeroth, &X);
  if (!settle_sign(s, c, p, 1, &w)) return gkt_schur_explain(s, "the sign of the coupling with '%s' is not known", gkt_schur_name(s, c->other));
  make_positive(s, &w, c->sign);
  return add_weight(s, place, &w, &c->mass);
}

static gkt_status add_place(gkt_schur_search *s, gkt_schur_coupling *c, const gkt_integral *place) {
  pairing p;
  gkt_small mass;
  bool has_mass, second = c->second.present;
  find_pairing(s, c, place, &p);
  if (p.row.mixed || p.col.mixed) return gkt_schur_explain(s, "'%s' is coupled with '%s' by gradients on both sides", gkt_schur_name(s, s->field), gkt_schur_name(s, c->other));
  GKT_TRY(find_mass(s, c, place, &mass, &has_mass));
  if (second && !p.first)
    return gkt_schur_explain(s, "'%s' is coupled with the second-order block of '%s' without a derivative", gkt_schur_name(s, s->field), gkt_schur_name(s, c->other));
  if (!second && !has_mass) return gkt_schur_explain(s, "the own block of '%s' is not elliptic", gkt_schur_name(s, c->other));
  if (second) GKT_TRY(add_second(s, c, place, &p));
  if (*s->out->why || !has_mass) return GKT_OK;
  return p.first ? add_stiffness(s, c, place, &p, &mass) : add_zeroth(s, c, place, &p, &mass);
}

static gkt_status add_coupling(gkt_schur_search *s, gkt_schur_coupling *c) {
  if (!c->row.present || !c->col.present) return GKT_OK; /* one way only: it adds nothing to the Schur complement */
  if (!find_places(c)) return gkt_schur_explain(s, "terms of '%s' and '%s' stand over different parts of the mesh", gkt_schur_name(s, s->field), gkt_schur_name(s, c->other));
  for (int k = 0; k < (c->num_places ? c->num_places : 1) && !*s->out->why; k++) GKT_TRY(add_place(s, c, c->num_places ? c->places[k] : NULL));
  return GKT_OK;
}

gkt_status gkt_schur_look_at(gkt_schur_search *s, int other, gkt_schur_coupling *c) {
  *c = (gkt_schur_coupling){.other = other};
  GKT_TRY(gkt_form_block(s->tangent, other, other, &c->A));
  GKT_TRY(gkt_form_block(s->tangent, other, s->field, &c->G));
  GKT_TRY(gkt_form_block(s->tangent, s->field, other, &c->D));
  c->second = gkt_symbol_part_of(c->A, GKT_ORDER_TWO), c->zeroth = gkt_symbol_part_of(c->A, GKT_ORDER_ZERO);
  c->row = gkt_symbol_part_of(c->D, GKT_ORDER_ANY), c->col = gkt_symbol_part_of(c->G, GKT_ORDER_ANY);
  return add_coupling(s, c);
}

void gkt_schur_forget(gkt_schur_coupling *c) {
  gkt_form_destroy(&c->A), gkt_form_destroy(&c->G), gkt_form_destroy(&c->D);
  gkt_form_destroy(&c->mass), gkt_form_destroy(&c->stiffness);
}
