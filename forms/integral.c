/* Integrals as operands: integrand*measure, sums, signs and constant factors of them, and the sides of an equation. Everything else is refused here. */
#include "forms/type.h"

static bool is_value(const gkt_typing *t, int node) { return t->values[node].kind == GKT_TYPED_VALUE; }
static bool is_measure(const gkt_typing *t, int node) { return t->values[node].kind == GKT_TYPED_MEASURE; }

static gkt_status fail_bare_measure(gkt_typing *t, int node) {
  return gkt_type_fail(t, GKT_BAD_INPUT, node, "a measure alone; expected integrand*%.2s, and 1*%.2s for the size of a set", t->ast->source->text + t->ast->nodes[node].word_begin,
                       t->ast->source->text + t->ast->nodes[node].word_begin);
}

static gkt_status fail_no_measure(gkt_typing *t, int node) {
  return gkt_type_fail(t, GKT_BAD_INPUT, node, "an integrand without a measure; expected integrand*dx or integrand*ds");
}

/* ---- lists of terms ---- */
static gkt_status add_term(gkt_typing *t, gkt_raw_term term, gkt_typed *out) {
  if (t->num_terms == t->capacity) {
    int capacity = 2 * t->capacity + 16;
    GKT_TRY(gkt_realloc(t->scope->ctx, capacity, sizeof *t->terms, &t->terms));
    t->capacity = capacity;
  }
  term.next = -1;
  t->terms[t->num_terms] = term;
  *out = (gkt_typed){.kind = GKT_TYPED_INTEGRALS, .first_term = t->num_terms, .last_term = t->num_terms};
  t->num_terms++;
  return GKT_OK;
}

static void scale_terms(gkt_typing *t, const gkt_typed *list, gkt_op op, gkt_node factor) {
  for (int i = list->first_term; i >= 0; i = t->terms[i].next, t->work += 16) t->terms[i].integrand = gkt_make(t, op, t->terms[i].integrand, factor, 0);
}

static gkt_typed join(gkt_typing *t, const gkt_typed *a, const gkt_typed *b) {
  t->terms[a->last_term].next = b->first_term;
  return (gkt_typed){.kind = GKT_TYPED_INTEGRALS, .first_term = a->first_term, .last_term = b->last_term};
}

/* ---- operators ---- */
static bool is_normal(const gkt_terminal *terminal, const void *user) {
  (void)user;
  return terminal->kind == GKT_TERM_NORMAL;
}

/* The name in a subtree that brings in the normal, else all of it. */
static gkt_status find_normal(gkt_typing *t, int node, int *out) {
  bool found = false;
  *out = node;
  for (int i = gkt_ast_first_of(t->ast, node); i <= node && !found; i++) {
    const gkt_value *v = gkt_value_of(t, i);
    for (int c = 0; t->ast->nodes[i].kind == GKT_AST_NAME && c < gkt_shape_size(v->shape) && !found; c++) GKT_TRY(gkt_type_depends(t, v->nodes[c], is_normal, &found));
    if (found) *out = i;
  }
  return GKT_OK;
}

static gkt_status integrate(gkt_typing *t, int integrand, int measure, gkt_typed *out) {
  const gkt_value *v = gkt_value_of(t, integrand);
  char text[40];
  bool normal = false;
  if (v->shape.rank > 0) return gkt_type_fail(t, GKT_BAD_INPUT, integrand, "an integrand is a scalar; this is %s", gkt_shape_text(v->shape, text));
  if (!gkt_ast_word_is(t->ast, measure, "ds")) GKT_TRY(gkt_type_depends(t, v->nodes[0], is_normal, &normal));
  if (normal) {
    GKT_TRY(find_normal(t, integrand, &integrand));
    return gkt_type_fail(t, GKT_BAD_INPUT, integrand, "the normal n exists on facets only; expected it under ds, not %.2s",
                         t->ast->source->text + t->ast->nodes[measure].word_begin);
  }
  return add_term(t, (gkt_raw_term){.measure = measure, .node = t->current, .integrand = v->nodes[0]}, out);
}

static bool varies(const gkt_terminal *terminal, const void *user) {
  (void)user;
  switch ((gkt_term_kind)terminal->kind) {
  case GKT_TERM_CONSTANT:
  case GKT_TERM_TIME: return false;
  case GKT_TERM_VALUE:
  case GKT_TERM_GRAD:
  case GKT_TERM_X:
  case GKT_TERM_NORMAL:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION: break;
  }
  return true;
}

static gkt_status scale(gkt_typing *t, gkt_op op, int integrals, int factor, gkt_typed *out) {
  const gkt_value *v = gkt_value_of(t, factor);
  char text[40];
  bool local;
  if (v->shape.rank > 0) return gkt_type_fail(t, GKT_BAD_INPUT, factor, "an integral is multiplied by scalars only; this is %s", gkt_shape_text(v->shape, text));
  GKT_TRY(gkt_type_depends(t, v->nodes[0], varies, &local));
  if (local) return gkt_type_fail(t, GKT_BAD_INPUT, factor, "a factor of an integral must be constant; expected what varies in space inside of the integrand, before the measure");
  *out = t->values[integrals];
  scale_terms(t, out, op, v->nodes[0]);
  return GKT_OK;
}

/* The set in a measure below that has the name of a function of the scope, -1: none. dx(u) is a derivative in FreeFEM. */
static int find_derived(const gkt_typing *t, int node) {
  for (int i = gkt_ast_first_of(t->ast, node); i <= node; i++)
    for (int f = 0; t->ast->nodes[i].kind == GKT_AST_SET && f < t->scope->num_functions; f++)
      if (gkt_ast_word_is(t->ast, i, t->scope->functions[f].name)) return i;
  return -1;
}

static gkt_status multiply(gkt_typing *t, int a, int b, gkt_typed *out) {
  int derived = is_value(t, a) || is_value(t, b) ? -1 : find_derived(t, t->current);
  if (derived >= 0) return gkt_type_fail(t, GKT_BAD_INPUT, derived, "a function stands where a region is expected; its derivative is written grad( )[0]");
  if (!is_value(t, a) && !is_value(t, b)) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "two measures in one product; expected integrand*measure with one measure");
  int factor = is_value(t, a) ? a : b, other = is_value(t, a) ? b : a;
  return is_measure(t, other) ? integrate(t, factor, other, out) : scale(t, GKT_OP_MUL, other, factor, out);
}

static gkt_status divide(gkt_typing *t, int a, int b, gkt_typed *out) {
  if (!is_value(t, b)) return gkt_type_fail(t, GKT_BAD_INPUT, b, "nothing can be divided by an integral or a measure");
  return is_measure(t, a) ? fail_bare_measure(t, a) : scale(t, GKT_OP_DIV, a, b, out);
}

static gkt_status check_summand(gkt_typing *t, int node) {
  if (is_measure(t, node)) return fail_bare_measure(t, node);
  return is_value(t, node) && !t->values[node].zero ? fail_no_measure(t, node) : GKT_OK;
}

/* a +- b; the number 0 is a side, or a summand, without terms. */
static gkt_status sum(gkt_typing *t, int a, int b, bool subtract, gkt_typed *out) {
  GKT_TRY(check_summand(t, a));
  GKT_TRY(check_summand(t, b));
  const gkt_typed *left = &t->values[a], *right = &t->values[b];
  if (subtract && !is_value(t, b))
    for (int i = right->first_term; i >= 0; i = t->terms[i].next) t->terms[i].integrand = gkt_make(t, GKT_OP_NEG, t->terms[i].integrand, 0, 0);
  *out = is_value(t, b) ? *left : is_value(t, a) ? *right : join(t, left, right);
  return GKT_OK;
}

static gkt_status negate(gkt_typing *t, int a, gkt_typed *out) {
  if (is_measure(t, a)) return fail_bare_measure(t, a);
  *out = t->values[a];
  for (int i = out->first_term; i >= 0; i = t->terms[i].next) t->terms[i].integrand = gkt_make(t, GKT_OP_NEG, t->terms[i].integrand, 0, 0);
  return GKT_OK;
}

static gkt_status refuse(gkt_typing *t) {
  int i = t->ast->nodes[t->current].first;
  while (is_value(t, i)) i = t->ast->nodes[i].next;
  return gkt_type_fail(t, GKT_BAD_INPUT, i, "a measure stands outside of functions, indices, powers and comparisons; expected a sum of integrand*measure");
}

gkt_status gkt_type_integral(gkt_typing *t, gkt_typed *out) {
  const gkt_ast_node *node = &t->ast->nodes[t->current];
  int a = node->first, b = t->ast->nodes[a].next;
  switch (node->kind) {
  case GKT_AST_ADD: return sum(t, a, b, false, out);
  case GKT_AST_SUB:
  case GKT_AST_EQUALS: return sum(t, a, b, true, out);
  case GKT_AST_NEG: return negate(t, a, out);
  case GKT_AST_MUL: return multiply(t, a, b, out);
  case GKT_AST_DIV: return divide(t, a, b, out);
  default: return refuse(t);
  }
}
