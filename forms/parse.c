/* Recursive descent. The grammar, from loose to tight:
     text       = comparison ['==' comparison]
     comparison = sum [('<' | '<=' | '>' | '>=') sum]
     sum        = product {('+' | '-') product}
     product    = unary {('*' | '/') unary}
     unary      = ('-' | '+') unary | power
     power      = postfix ['^' unary]                      right-associative, above the minus on its left: -x^2 = -(x^2)
     postfix    = primary {'.T' | '[' number [',' number] ']'}
     primary    = number | name | name '(' list ')' | '(' comparison ')' | '[' list ']' | measure
     measure    = ('dx' | 'ds' | 'dP') ['(' set {',' set} [',' 'degree' '=' number] ')']
   Every recursion passes through `unary`, where nesting is counted. */
#include <math.h>
#include <string.h>

#include "forms/ast.h"
#include "forms/form.h"

typedef struct {
  gkt_ast *ast;
  gkt_token token; /* the next one, not consumed yet */
  int last_end;    /* of the token consumed last */
  int depth;
} parser;

static gkt_status parse_unary(parser *, int *out);
static gkt_status parse_comparison(parser *, int *out);

/* ---- helpers ---- */
static gkt_status advance(parser *p) {
  p->last_end = p->token.end;
  return gkt_lex(p->ast->ctx, p->ast->source, p->token.end, &p->token);
}

static bool at_sign(const parser *p, char sign) { return p->token.kind == GKT_TOKEN_SIGN && p->token.sign == sign; }

static bool token_is(const parser *p, const char *word) {
  size_t n = (size_t)(p->token.end - p->token.begin);
  return strlen(word) == n && !memcmp(p->ast->source->text + p->token.begin, word, n);
}

static gkt_status fail_token(const parser *p, gkt_status status, const char *what) {
  return gkt_source_fail(p->ast->ctx, status, p->ast->source, p->token.begin, p->token.end, "%s", what);
}

static gkt_status add_node(parser *p, gkt_ast_node node, int *out) {
  gkt_ast *ast = p->ast;
  if (ast->num_nodes == GKT_MAX_AST_NODES)
    return gkt_source_fail(ast->ctx, GKT_BAD_INPUT, ast->source, node.word_begin, node.word_end, "the text is too long; expected at most %d names, numbers and operators",
                           GKT_MAX_AST_NODES);
  if (ast->num_nodes == ast->capacity) {
    int capacity = 2 * ast->capacity + 64;
    GKT_TRY(gkt_realloc(ast->ctx, capacity, sizeof *ast->nodes, &ast->nodes));
    ast->capacity = capacity;
  }
  node.next = -1;
  ast->nodes[ast->num_nodes] = node;
  *out = ast->num_nodes++;
  return GKT_OK;
}

static gkt_ast_node leaf(gkt_ast_kind kind, const gkt_token *token) {
  return (gkt_ast_node){.kind = kind, .first = -1, .begin = token->begin, .end = token->end, .word_begin = token->begin, .word_end = token->end, .number = token->number};
}

static gkt_status add_binary(parser *p, gkt_ast_kind kind, const gkt_token *operator_, int left, int right, int *out) {
  gkt_ast_node node = leaf(kind, operator_);
  node.first = left;
  node.begin = p->ast->nodes[left].begin;
  node.end = p->ast->nodes[right].end;
  node.number = 0;
  p->ast->nodes[left].next = right;
  return add_node(p, node, out);
}

static void append_child(parser *p, gkt_ast_node *parent, int *last, int child) {
  if (parent->first < 0) parent->first = child;
  else p->ast->nodes[*last].next = child;
  *last = child;
}

/* a {',' a} up to `close`, which is consumed; the children are appended to `parent`. */
static gkt_status parse_list(parser *p, char close, gkt_ast_node *parent) {
  int child, last = -1;
  while (true) {
    GKT_TRY(parse_comparison(p, &child));
    append_child(p, parent, &last, child);
    if (!at_sign(p, ',')) break;
    GKT_TRY(advance(p));
  }
  if (p->token.kind == GKT_TOKEN_EQUALS) return fail_token(p, GKT_BAD_INPUT, "'==' stands at the top of an equation, not inside of parentheses; for a condition use < <= > >=");
  if (!at_sign(p, close)) return fail_token(p, GKT_BAD_INPUT, close == ')' ? "expected ',' or ')'" : "expected ',' or ']'");
  GKT_TRY(advance(p));
  parent->end = p->last_end;
  return GKT_OK;
}

/* ---- measures ---- */
static bool is_sum_over_points(const parser *p, const gkt_ast_node *measure) { return p->ast->source->text[measure->word_begin + 1] == 'P'; }

static gkt_status parse_degree(parser *p, gkt_ast_node *measure) {
  if (is_sum_over_points(p, measure)) return fail_token(p, GKT_BAD_INPUT, "dP is a sum over points, without a quadrature; expected names only");
  GKT_TRY(advance(p));
  if (!at_sign(p, '=')) return fail_token(p, GKT_BAD_INPUT, "expected '=' after 'degree', as in dx(degree=4)");
  GKT_TRY(advance(p));
  bool whole = p->token.kind == GKT_TOKEN_NUMBER && p->token.number <= GKT_LARGEST_QUADRATURE && p->token.number == floor(p->token.number);
  if (!whole)
    return gkt_source_fail(p->ast->ctx, GKT_BAD_INPUT, p->ast->source, p->token.begin, p->token.end, "not a quadrature degree; expected a whole number from 0 to %d",
                           GKT_LARGEST_QUADRATURE);
  if (measure->number >= 0) return fail_token(p, GKT_BAD_INPUT, "the degree is given twice");
  measure->number = p->token.number;
  return advance(p);
}

static gkt_status parse_set(parser *p, gkt_ast_node *measure, int *last) {
  bool quoted = p->token.kind == GKT_TOKEN_QUOTED && p->token.end - p->token.begin > 2;
  if (p->token.kind == GKT_TOKEN_NUMBER)
    return gkt_source_fail(p->ast->ctx, GKT_BAD_INPUT, p->ast->source, p->token.begin, p->token.end,
                           "a number is the name of a region or boundary in quotes only; expected %.2s('%.*s')", p->ast->source->text + measure->word_begin,
                           p->token.end - p->token.begin, p->ast->source->text + p->token.begin);
  if (!quoted && p->token.kind != GKT_TOKEN_NAME)
    return fail_token(p, GKT_BAD_INPUT, "expected the name of a region or boundary, in quotes if it is not one word, or degree=number");
  gkt_ast_node node = leaf(GKT_AST_SET, &p->token);
  int set;
  node.word_begin += quoted;
  node.word_end -= quoted;
  GKT_TRY(advance(p));
  GKT_TRY(add_node(p, node, &set));
  append_child(p, measure, last, set);
  return GKT_OK;
}

static gkt_status parse_measure(parser *p, int *out) {
  gkt_ast_node node = leaf(GKT_AST_MEASURE, &p->token);
  int last = -1;
  node.number = -1;
  GKT_TRY(advance(p));
  bool more = at_sign(p, '(');
  while (more) {
    GKT_TRY(advance(p));
    GKT_TRY(token_is(p, "degree") ? parse_degree(p, &node) : parse_set(p, &node, &last));
    more = at_sign(p, ',');
    if (!more && !at_sign(p, ')')) return fail_token(p, GKT_BAD_INPUT, "expected ',' or ')' after a name in a measure");
    if (!more) GKT_TRY(advance(p));
    node.end = p->last_end;
  }
  if (is_sum_over_points(p, &node) && node.first < 0)
    return gkt_source_fail(p->ast->ctx, GKT_BAD_INPUT, p->ast->source, node.begin, node.end,
                           "sums over named points; expected dP(NAME), a set of points of the mesh or a region with 'at'");
  return add_node(p, node, out);
}

/* ---- expressions ---- */
static bool is_side(const parser *p) { return p->token.kind == GKT_TOKEN_QUOTED; }

static gkt_status parse_name(parser *p, int *out) {
  if (token_is(p, "dx") || token_is(p, "ds") || token_is(p, "dP")) return parse_measure(p, out);
  if (token_is(p, "dS")) return fail_token(p, GKT_UNAVAILABLE, "integrals over inner facets are not available yet; expected dx, ds or dP");
  if (token_is(p, "int1d") || token_is(p, "int2d") || token_is(p, "int3d"))
    return fail_token(p, GKT_BAD_INPUT, "integrals are written (..)*dx over cells, (..)*ds(NAME) over a part of the boundary");
  gkt_ast_node node = leaf(GKT_AST_NAME, &p->token);
  GKT_TRY(advance(p));
  if (!at_sign(p, '(')) return add_node(p, node, out);
  node.kind = GKT_AST_CALL;
  GKT_TRY(advance(p));
  if (is_side(p)) return fail_token(p, GKT_UNAVAILABLE, "the sides '+' and '-' of inner facets are not available yet");
  if (at_sign(p, ')')) return fail_token(p, GKT_BAD_INPUT, "expected an argument before ')'");
  GKT_TRY(parse_list(p, ')', &node));
  return add_node(p, node, out);
}

static gkt_status parse_parentheses(parser *p, int *out) {
  int begin = p->token.begin;
  GKT_TRY(advance(p));
  GKT_TRY(parse_comparison(p, out));
  if (p->token.kind == GKT_TOKEN_EQUALS) return fail_token(p, GKT_BAD_INPUT, "'==' stands at the top of an equation, not inside of parentheses; for a condition use < <= > >=");
  if (at_sign(p, ',')) return fail_token(p, GKT_BAD_INPUT, "expected ')'; a vector is written [a, b]");
  if (!at_sign(p, ')')) return fail_token(p, GKT_BAD_INPUT, "expected an operator or ')'");
  GKT_TRY(advance(p));
  p->ast->nodes[*out].begin = begin;
  p->ast->nodes[*out].end = p->last_end;
  return GKT_OK;
}

static gkt_status parse_literal(parser *p, int *out) {
  gkt_ast_node node = leaf(GKT_AST_LIST, &p->token);
  GKT_TRY(advance(p));
  if (at_sign(p, ']')) return fail_token(p, GKT_BAD_INPUT, "expected a component before ']'");
  GKT_TRY(parse_list(p, ']', &node));
  return add_node(p, node, out);
}

static gkt_status parse_primary(parser *p, int *out) {
  gkt_ast_node number = leaf(GKT_AST_NUMBER, &p->token);
  switch (p->token.kind) {
  case GKT_TOKEN_NUMBER: GKT_TRY(advance(p)); return add_node(p, number, out);
  case GKT_TOKEN_NAME: return parse_name(p, out);
  case GKT_TOKEN_QUOTED: return fail_token(p, GKT_BAD_INPUT, "expected a number or a name without quotes");
  case GKT_TOKEN_END: return fail_token(p, GKT_BAD_INPUT, "expected a number, a name or '('");
  default: break;
  }
  if (at_sign(p, '(')) return parse_parentheses(p, out);
  if (at_sign(p, '[')) return parse_literal(p, out);
  return fail_token(p, GKT_BAD_INPUT, "expected a number, a name or '('");
}

static gkt_status parse_index(parser *p, int *out) {
  gkt_ast_node node = leaf(GKT_AST_INDEX, &p->token);
  int child, last = -1;
  node.begin = p->ast->nodes[*out].begin;
  append_child(p, &node, &last, *out);
  do {
    GKT_TRY(advance(p));
    bool whole = p->token.kind == GKT_TOKEN_NUMBER && p->token.number <= GKT_LARGEST_QUADRATURE && p->token.number == floor(p->token.number);
    if (!whole) return fail_token(p, GKT_BAD_INPUT, "not an index; expected a whole number, counted from 0");
    gkt_ast_node number = leaf(GKT_AST_NUMBER, &p->token);
    GKT_TRY(advance(p));
    GKT_TRY(add_node(p, number, &child));
    append_child(p, &node, &last, child);
  } while (at_sign(p, ','));
  if (!at_sign(p, ']')) return fail_token(p, GKT_BAD_INPUT, "expected ',' or ']' after an index");
  GKT_TRY(advance(p));
  node.end = p->last_end;
  return add_node(p, node, out);
}

static gkt_status parse_transpose(parser *p, int *out) {
  gkt_ast_node node = leaf(GKT_AST_TRANSPOSE, &p->token);
  node.first = *out;
  node.begin = p->ast->nodes[*out].begin;
  GKT_TRY(advance(p));
  return add_node(p, node, out);
}

static gkt_status parse_postfix(parser *p, int *out) {
  GKT_TRY(parse_primary(p, out));
  while (true) {
    if (p->token.kind == GKT_TOKEN_TRANSPOSE) GKT_TRY(parse_transpose(p, out));
    else if (at_sign(p, '[')) GKT_TRY(parse_index(p, out));
    else return GKT_OK;
  }
}

static gkt_status parse_power(parser *p, int *out) {
  GKT_TRY(parse_postfix(p, out));
  if (p->token.kind != GKT_TOKEN_POW) return GKT_OK;
  gkt_token operator_ = p->token;
  int exponent;
  GKT_TRY(advance(p));
  GKT_TRY(parse_unary(p, &exponent));
  return add_binary(p, GKT_AST_POW, &operator_, *out, exponent, out);
}

static gkt_status parse_minus(parser *p, int *out) {
  gkt_ast_node node = leaf(GKT_AST_NEG, &p->token);
  GKT_TRY(advance(p));
  GKT_TRY(parse_unary(p, &node.first));
  node.end = p->ast->nodes[node.first].end;
  return add_node(p, node, out);
}

static gkt_status parse_plus(parser *p, int *out) { /* leaves no trace */
  GKT_TRY(advance(p));
  return parse_unary(p, out);
}

static gkt_status parse_unary(parser *p, int *out) {
  if (p->depth == GKT_MAX_NESTING) return fail_token(p, GKT_BAD_INPUT, "nested deeper than 200; expected a simpler expression, or parts of it under names of their own");
  p->depth++;
  gkt_status status = at_sign(p, '-') ? parse_minus(p, out) : at_sign(p, '+') ? parse_plus(p, out) : parse_power(p, out);
  p->depth--;
  return status;
}

static gkt_status parse_product(parser *p, int *out) {
  GKT_TRY(parse_unary(p, out));
  while (at_sign(p, '*') || at_sign(p, '/')) {
    gkt_token operator_ = p->token;
    int right;
    GKT_TRY(advance(p));
    GKT_TRY(parse_unary(p, &right));
    GKT_TRY(add_binary(p, operator_.sign == '*' ? GKT_AST_MUL : GKT_AST_DIV, &operator_, *out, right, out));
  }
  return GKT_OK;
}

static gkt_status parse_sum(parser *p, int *out) {
  GKT_TRY(parse_product(p, out));
  while (at_sign(p, '+') || at_sign(p, '-')) {
    gkt_token operator_ = p->token;
    int right;
    GKT_TRY(advance(p));
    GKT_TRY(parse_product(p, &right));
    GKT_TRY(add_binary(p, operator_.sign == '+' ? GKT_AST_ADD : GKT_AST_SUB, &operator_, *out, right, out));
  }
  return GKT_OK;
}

static bool comparison_kind(const parser *p, gkt_ast_kind *out) {
  if (p->token.kind == GKT_TOKEN_LE) *out = GKT_AST_LE;
  else if (p->token.kind == GKT_TOKEN_GE) *out = GKT_AST_GE;
  else if (at_sign(p, '<')) *out = GKT_AST_LT;
  else if (at_sign(p, '>')) *out = GKT_AST_GT;
  else return false;
  return true;
}

static gkt_status parse_comparison(parser *p, int *out) {
  gkt_ast_kind kind, again;
  GKT_TRY(parse_sum(p, out));
  if (!comparison_kind(p, &kind)) return GKT_OK;
  gkt_token operator_ = p->token;
  int right;
  GKT_TRY(advance(p));
  GKT_TRY(parse_sum(p, &right));
  if (comparison_kind(p, &again)) return fail_token(p, GKT_BAD_INPUT, "comparisons do not chain; a < b and b < c is written (a < b)*(b < c)");
  return add_binary(p, kind, &operator_, *out, right, out);
}

static gkt_status parse_text(parser *p, bool allow_equals) {
  int left, right;
  GKT_TRY(parse_comparison(p, &left));
  if (p->token.kind == GKT_TOKEN_EQUALS) {
    gkt_token operator_ = p->token;
    if (!allow_equals) return fail_token(p, GKT_BAD_INPUT, "only an equation has two sides; expected an expression without '=='");
    GKT_TRY(advance(p));
    GKT_TRY(parse_comparison(p, &right));
    if (p->token.kind == GKT_TOKEN_EQUALS) return fail_token(p, GKT_BAD_INPUT, "an equation has at most one '=='");
    GKT_TRY(add_binary(p, GKT_AST_EQUALS, &operator_, left, right, &left));
  }
  if (p->token.kind == GKT_TOKEN_END) return GKT_OK;
  if (at_sign(p, '=')) return fail_token(p, GKT_BAD_INPUT, allow_equals ? "expected '==' between the sides of an equation" : "expected an operator; an expression assigns nothing");
  if (at_sign(p, ')') || at_sign(p, ']')) return fail_token(p, GKT_BAD_INPUT, "closes nothing; expected an operator or the end");
  if (at_sign(p, ',')) return fail_token(p, GKT_BAD_INPUT, "expected an operator or the end; a vector is written [a, b]");
  return fail_token(p, GKT_BAD_INPUT, "expected an operator before it, such as '*' or '+'");
}

gkt_status gkt_ast_parse(gkt_context *ctx, const gkt_source *source, bool allow_equals, gkt_ast **out) {
  gkt_ast *ast = NULL;
  gkt_status status;
  if (strnlen(source->text, 1000001) > 1000000) return gkt_source_fail(ctx, GKT_BAD_INPUT, source, 0, 1, "the text is too long; expected at most 1000000 characters");
  GKT_GO(gkt_calloc(ctx, 1, sizeof *ast, &ast));
  ast->ctx = ctx;
  ast->source = source;
  parser p = {.ast = ast};
  GKT_GO(advance(&p));
  GKT_GO(parse_text(&p, allow_equals));
  *out = ast;
done:
  if (status != GKT_OK && ast) gkt_ast_destroy(&ast);
  return status;
}

void gkt_ast_destroy(gkt_ast **ast) {
  if (!*ast) return;
  gkt_free(&(*ast)->nodes);
  gkt_free(ast);
}

int gkt_ast_first_of(const gkt_ast *ast, int node) {
  while (ast->nodes[node].first >= 0) node = ast->nodes[node].first;
  return node;
}

bool gkt_ast_word_is(const gkt_ast *ast, int node, const char *word) {
  const gkt_ast_node *n = &ast->nodes[node];
  size_t length = (size_t)(n->word_end - n->word_begin);
  return strlen(word) == length && !memcmp(ast->source->text + n->word_begin, word, length);
}
