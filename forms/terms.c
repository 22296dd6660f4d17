/* A form's text as a list of terms: measure, sets, degree, integrand. */
#include <string.h>

#include "forms/type.h"

static gkt_status copy_sets(gkt_context *ctx, const gkt_ast *ast, int measure, gkt_term *term) {
  int count = 0, i = 0;
  for (int c = ast->nodes[measure].first; c >= 0; c = ast->nodes[c].next) count++;
  GKT_TRY(gkt_calloc(ctx, count, sizeof *term->names, &term->names));
  GKT_TRY(gkt_calloc(ctx, count, sizeof *term->marks, &term->marks));
  term->num_names = count;
  for (int c = ast->nodes[measure].first; c >= 0; c = ast->nodes[c].next, i++) {
    const gkt_ast_node *set = &ast->nodes[c];
    size_t length = (size_t)(set->word_end - set->word_begin);
    term->marks[i] = gkt_source_mark(ast->source, set->begin);
    GKT_TRY(gkt_calloc(ctx, (gkt_size)length + 1, 1, &term->names[i]));
    memcpy(term->names[i], ast->source->text + set->word_begin, length);
  }
  return GKT_OK;
}

static gkt_status fill_term(gkt_context *ctx, const gkt_ast *ast, const gkt_raw_term *raw, gkt_term *term) {
  term->measure = gkt_ast_word_is(ast, raw->measure, "dx") ? GKT_MEASURE_DX : gkt_ast_word_is(ast, raw->measure, "ds") ? GKT_MEASURE_DS : GKT_MEASURE_DP;
  term->degree = (int)ast->nodes[raw->measure].number;
  term->integrand = raw->integrand;
  term->mark = gkt_source_mark(ast->source, ast->nodes[raw->node].begin);
  return copy_sets(ctx, ast, raw->measure, term);
}

static gkt_status collect(const gkt_typing *t, const gkt_typed *list, gkt_terms *out) {
  int count = 0;
  for (int i = list->first_term; i >= 0; i = t->terms[i].next) count++;
  GKT_TRY(gkt_calloc(t->scope->ctx, count, sizeof *out->terms, &out->terms));
  for (int i = list->first_term; i >= 0; i = t->terms[i].next) GKT_TRY(fill_term(t->scope->ctx, t->ast, &t->terms[i], &out->terms[out->num_terms++]));
  return GKT_OK;
}

static gkt_status check_root(gkt_typing *t) {
  int root = t->ast->num_nodes - 1;
  if (t->values[root].kind == GKT_TYPED_INTEGRALS) return GKT_OK;
  if (t->values[root].kind == GKT_TYPED_MEASURE) return gkt_type_fail(t, GKT_BAD_INPUT, root, "a measure alone; expected integrand*measure");
  return gkt_type_fail(t, GKT_BAD_INPUT, root, "no integral; expected a sum of integrand*dx and integrand*ds");
}

gkt_status gkt_terms_parse(gkt_scope *scope, gkt_form_kind kind, const gkt_source *source, gkt_terms *out) {
  static const char *const who[] = {"an equation", "an energy", "a functional"};
  bool equation = kind == GKT_EQUATION;
  gkt_typing t = {.scope = scope, .named = -1, .allow_fields = true, .allow_tests = equation, .allow_measures = true, .who = who[kind]};
  gkt_ast *ast = NULL;
  gkt_terms terms = {0};
  gkt_status status;
  GKT_GO(gkt_ast_parse(scope->ctx, source, equation, &ast));
  t.ast = ast;
  GKT_GO(gkt_type(&t));
  GKT_GO(check_root(&t));
  GKT_GO(collect(&t, &t.values[ast->num_nodes - 1], &terms));
  *out = terms;
done:
  if (status != GKT_OK) gkt_terms_destroy(scope->ctx, &terms);
  gkt_typing_free(&t);
  gkt_ast_destroy(&ast);
  return status;
}

void gkt_terms_destroy(gkt_context *ctx, gkt_terms *terms) {
  (void)ctx;
  for (int i = 0; i < terms->num_terms; i++) {
    gkt_term *term = &terms->terms[i];
    for (int j = 0; j < term->num_names; j++) gkt_free(&term->names[j]);
    gkt_free(&term->names);
    gkt_free(&term->marks);
  }
  gkt_free(&terms->terms);
  terms->num_terms = 0;
}
