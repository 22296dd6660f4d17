/* A tree as text, with as few parentheses as the grammar needs. Iterative: sums lean left and may be long. */
#include "forms/ast.h"

enum { ANY, COMPARISON, SUM, PRODUCT, UNARY, POWER, POSTFIX, PRIMARY };
typedef struct {
  const char *text; /* printed as it is, or NULL: */
  int node, level;  /* this node, in parentheses if it binds looser than `level` */
} item;
typedef struct { /* a stack of what is still to be printed */
  const gkt_ast *ast;
  gkt_text *out;
  int count, capacity;
  item *items;
} printer;

static int level_of(gkt_ast_kind kind) {
  switch (kind) {
  case GKT_AST_EQUALS: return ANY;
  case GKT_AST_LT:
  case GKT_AST_LE:
  case GKT_AST_GT:
  case GKT_AST_GE: return COMPARISON;
  case GKT_AST_ADD:
  case GKT_AST_SUB: return SUM;
  case GKT_AST_MUL:
  case GKT_AST_DIV: return PRODUCT;
  case GKT_AST_NEG: return UNARY;
  case GKT_AST_POW: return POWER;
  case GKT_AST_TRANSPOSE:
  case GKT_AST_INDEX: return POSTFIX;
  case GKT_AST_NUMBER:
  case GKT_AST_NAME:
  case GKT_AST_LIST:
  case GKT_AST_CALL:
  case GKT_AST_SET:
  case GKT_AST_MEASURE: break;
  }
  return PRIMARY;
}

static void push(printer *p, item it) {
  if (p->count == p->capacity) {
    int capacity = 2 * p->capacity + 64;
    if (p->out->status == GKT_OK) p->out->status = gkt_realloc(p->ast->ctx, capacity, sizeof *p->items, &p->items);
    if (p->out->status != GKT_OK) return;
    p->capacity = capacity;
  }
  p->items[p->count++] = it;
}
static void push_text(printer *p, const char *text) { push(p, (item){.text = text}); }
static void push_node(printer *p, int node, int level) { push(p, (item){.node = node, .level = level}); }

/* What is pushed last is printed first. */
static void push_binary(printer *p, const gkt_ast_node *n, const char *operator_, int left, int right) {
  push_node(p, p->ast->nodes[n->first].next, right);
  push_text(p, operator_);
  push_node(p, n->first, left);
}

static void reverse(item *items, int count) {
  for (int i = 0, j = count - 1; i < j; i++, j--) {
    item t = items[i];
    items[i] = items[j];
    items[j] = t;
  }
}

static void push_list(printer *p, int child, const char *close) {
  int start = p->count;
  for (int c = child; c >= 0; c = p->ast->nodes[c].next) {
    if (c != child) push_text(p, ", ");
    push_node(p, c, ANY);
  }
  push_text(p, close);
  if (p->out->status == GKT_OK) reverse(p->items + start, p->count - start);
}

static void print_word(const printer *p, const gkt_ast_node *n) { gkt_text_printf(p->out, "%.*s", n->word_end - n->word_begin, p->ast->source->text + n->word_begin); }

static void print_set(const printer *p, const gkt_ast_node *n) { /* with the quotes of the source, if any */
  gkt_text_printf(p->out, "%.*s", n->end - n->begin, p->ast->source->text + n->begin);
}

static void print_measure(printer *p, const gkt_ast_node *n) {
  const char *before = "(";
  print_word(p, n);
  for (int c = n->first; c >= 0; c = p->ast->nodes[c].next, before = ", ") {
    gkt_text_printf(p->out, "%s", before);
    print_set(p, &p->ast->nodes[c]);
  }
  if (n->number >= 0) gkt_text_printf(p->out, "%sdegree=%d", before, (int)n->number);
  if (n->first >= 0 || n->number >= 0) gkt_text_printf(p->out, ")");
}

static void print_node(printer *p, int node) {
  const gkt_ast_node *n = &p->ast->nodes[node];
  switch (n->kind) {
  case GKT_AST_NUMBER: /* digits as they were written: nothing is rounded */
  case GKT_AST_NAME: print_word(p, n); break;
  case GKT_AST_SET: print_set(p, n); break;
  case GKT_AST_MEASURE: print_measure(p, n); break;
  case GKT_AST_LIST:
    gkt_text_printf(p->out, "[");
    push_list(p, n->first, "]");
    break;
  case GKT_AST_CALL:
    print_word(p, n);
    gkt_text_printf(p->out, "(");
    push_list(p, n->first, ")");
    break;
  case GKT_AST_INDEX:
    push_list(p, p->ast->nodes[n->first].next, "]");
    push_text(p, "[");
    push_node(p, n->first, POSTFIX);
    break;
  case GKT_AST_TRANSPOSE:
    push_text(p, p->ast->nodes[n->first].kind == GKT_AST_NUMBER ? " .T" : ".T"); /* 1.T would be a number */
    push_node(p, n->first, POSTFIX);
    break;
  case GKT_AST_NEG:
    gkt_text_printf(p->out, "-");
    push_node(p, n->first, UNARY);
    break;
  case GKT_AST_ADD: push_binary(p, n, " + ", SUM, PRODUCT); break;
  case GKT_AST_SUB: push_binary(p, n, " - ", SUM, PRODUCT); break;
  case GKT_AST_MUL: push_binary(p, n, "*", PRODUCT, UNARY); break;
  case GKT_AST_DIV: push_binary(p, n, "/", PRODUCT, UNARY); break;
  case GKT_AST_POW: push_binary(p, n, "^", POSTFIX, UNARY); break;
  case GKT_AST_LT: push_binary(p, n, " < ", SUM, SUM); break;
  case GKT_AST_LE: push_binary(p, n, " <= ", SUM, SUM); break;
  case GKT_AST_GT: push_binary(p, n, " > ", SUM, SUM); break;
  case GKT_AST_GE: push_binary(p, n, " >= ", SUM, SUM); break;
  case GKT_AST_EQUALS: push_binary(p, n, " == ", COMPARISON, COMPARISON); break;
  }
}

static void print_item(printer *p, item it) {
  if (it.text) {
    gkt_text_printf(p->out, "%s", it.text);
    return;
  }
  bool parentheses = level_of(p->ast->nodes[it.node].kind) < it.level;
  if (parentheses) {
    gkt_text_printf(p->out, "(");
    push_text(p, ")");
  }
  print_node(p, it.node);
}

void gkt_ast_print(const gkt_ast *ast, gkt_text *out) {
  printer p = {.ast = ast, .out = out};
  push_node(&p, ast->num_nodes - 1, ANY);
  while (p.count && out->status == GKT_OK) print_item(&p, p.items[--p.count]);
  gkt_free(&p.items);
}
