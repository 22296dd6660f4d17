/* The language before it has meaning: messages with a place, tokens, the syntax tree, its printer. Private to `forms`. */
#ifndef GKT_FORMS_AST_H
#define GKT_FORMS_AST_H
#include <stdarg.h>

#include "core/core.h"
#include "galerkit/form.h"

enum { GKT_MAX_NESTING = 200, GKT_MAX_AST_NODES = 50000 };

/* ---- messages (source.c): `FILE: KEY: line L, column C: 'WORD': what is wrong; what was expected` ---- */
gkt_mark gkt_source_mark(const gkt_source *, int offset); /* columns count characters, not bytes, where there are no marks */
gkt_status gkt_fail_at(gkt_context *, gkt_status, const char *file, const char *key, gkt_mark, const char *word, const char *format, ...) GKT_PRINTF(7, 8);
/* The word is text[begin..end), shortened; at the end of the text it reads `end of text`. */
enum { GKT_PLACE = 2048 };
void gkt_source_place(const gkt_source *, int begin, int end, char place[GKT_PLACE]); /* "FILE: KEY: line L, column C: 'WORD'" */
gkt_status gkt_source_fail(gkt_context *, gkt_status, const gkt_source *, int begin, int end, const char *format, ...) GKT_PRINTF(6, 7);
gkt_status gkt_source_fail_list(gkt_context *, gkt_status, const gkt_source *, int begin, int end, const char *format, va_list);
gkt_status gkt_source_copy(gkt_context *, const gkt_source *, gkt_source *out) GKT_MUST_CHECK; /* deep; freed by gkt_source_free */
void gkt_source_free(gkt_source *);

/* ---- tokens (lex.c) ---- */
typedef enum {
  GKT_TOKEN_END,
  GKT_TOKEN_NUMBER,
  GKT_TOKEN_NAME,
  GKT_TOKEN_QUOTED,    /* 'text' */
  GKT_TOKEN_TRANSPOSE, /* .T */
  GKT_TOKEN_POW,       /* ^ or ** */
  GKT_TOKEN_LE,
  GKT_TOKEN_GE,
  GKT_TOKEN_EQUALS, /* == */
  GKT_TOKEN_SIGN    /* one of + - * / ( ) [ ] , = < > */
} gkt_token_kind;
typedef struct {
  gkt_token_kind kind;
  char sign;      /* of GKT_TOKEN_SIGN, else 0 */
  int begin, end; /* bytes of the text, quotes included */
  double number;
} gkt_token;
gkt_status gkt_lex(gkt_context *, const gkt_source *, int from, gkt_token *out) GKT_MUST_CHECK; /* the token at or after `from` */
bool gkt_is_name(const char *text);                                                             /* a letter or _, then letters, digits, _ */
/* The first name that passes the test, or a measure that does; not what stands in quotes, nor the sets of a measure. Kind GKT_TOKEN_END: there is none. */
typedef bool gkt_name_test(const char *name, const void *user);
gkt_status gkt_lex_find_name(gkt_context *, const gkt_source *, gkt_name_test *, const void *user, gkt_token *out) GKT_MUST_CHECK;

/* ---- tree (parse.c). Nodes stand in post-order: children before parents, the last child of node i is i-1, a subtree is contiguous, the root is the last node.
   So typing is a loop, and no depth of a tree can exhaust the stack. ---- */
typedef enum {
  GKT_AST_NUMBER,
  GKT_AST_NAME,
  GKT_AST_LIST,      /* [a, b, ..] */
  GKT_AST_CALL,      /* word(a, b, ..) */
  GKT_AST_INDEX,     /* first child [NUMBER] or [NUMBER, NUMBER] */
  GKT_AST_TRANSPOSE, /* child.T */
  GKT_AST_NEG,
  GKT_AST_ADD,
  GKT_AST_SUB,
  GKT_AST_MUL,
  GKT_AST_DIV,
  GKT_AST_POW,
  GKT_AST_LT,
  GKT_AST_LE,
  GKT_AST_GT,
  GKT_AST_GE,
  GKT_AST_SET,     /* a name inside of a measure */
  GKT_AST_MEASURE, /* dx(SET, .., degree=number); number -1: no degree */
  GKT_AST_EQUALS   /* the root only */
} gkt_ast_kind;
typedef struct {
  gkt_ast_kind kind;
  int first, next;          /* first child, next sibling; -1: none */
  int begin, end;           /* bytes of the text it spans, parentheses included */
  int word_begin, word_end; /* the name, number or operator */
  double number;
} gkt_ast_node;
typedef struct {
  gkt_context *ctx;
  const gkt_source *source; /* borrowed: outlives */
  int num_nodes, capacity;
  gkt_ast_node *nodes;
} gkt_ast;
gkt_status gkt_ast_parse(gkt_context *, const gkt_source *, bool allow_equals, gkt_ast **out) GKT_MUST_CHECK;
void gkt_ast_destroy(gkt_ast **);
int gkt_ast_first_of(const gkt_ast *, int node); /* the subtree is the nodes from here to `node` */
bool gkt_ast_word_is(const gkt_ast *, int node, const char *word);
void gkt_ast_print(const gkt_ast *, gkt_text *); /* with as few parentheses as the grammar needs: parsing it again gives the same tree (print.c) */
#endif
