/* Typing: a tree becomes shapes and graph nodes, children first. Private to `forms`. */
#ifndef GKT_FORMS_TYPE_H
#define GKT_FORMS_TYPE_H
#include "forms/ast.h"
#include "forms/external.h"
#include "forms/form.h"

enum { /* components inside of an expression; operations of a scope; names that need names; graph nodes passed over for derivatives and integrals of one text */
       GKT_MAX_COMPONENTS = 27,
       GKT_MAX_GRAPH = 1000000,
       GKT_MAX_CHAIN = 200,
       GKT_MAX_WORK = 300000000,
       GKT_USAGE = 280 /* bytes of text */
};

/* ---- named expressions of a scope ---- */
typedef enum { GKT_NAMED_UNTYPED, GKT_NAMED_BUSY, GKT_NAMED_TYPED } gkt_named_state;
struct gkt_named_expression {
  char *name;
  gkt_source source;
  bool allow_fields;
  gkt_named_state state;
  int asked_by;    /* while BUSY: the named expression whose typing needs this one; -1: none */
  gkt_value value; /* when TYPED, as are: */
  int field, test; /* functions used, also through other names, one of each; -1: none */
};

/* ---- one text being typed ---- */
typedef enum { GKT_TYPED_VALUE, GKT_TYPED_MEASURE, GKT_TYPED_INTEGRALS } gkt_typed_kind;
typedef struct {
  gkt_typed_kind kind;
  bool zero;                 /* the number 0 itself, which fits any shape */
  gkt_value value;           /* VALUE */
  int first_term, last_term; /* INTEGRALS: a list in gkt_typing.terms */
} gkt_typed;
typedef struct {
  int measure, node; /* trees: the measure; integrand*measure */
  gkt_node integrand;
  int next; /* -1: the last of its list */
} gkt_raw_term;
typedef struct {
  gkt_scope *scope;
  const gkt_ast *ast;
  int named; /* the named expression that is being typed; -1: none */
  bool allow_fields, allow_tests, allow_measures;
  const char *who;   /* "an energy", for messages about what is not allowed in it */
  gkt_typed *values; /* [nodes of the tree] */
  int current;       /* the tree's node being typed */
  int field, test;   /* functions used; -1: none */
  bool not_finite;   /* an operation on constants gave inf or nan */
  gkt_size work;     /* graph nodes passed over, at most GKT_MAX_WORK */
  int num_terms, capacity;
  gkt_raw_term *terms;
} gkt_typing;

/* type.c. The last of t->values is the value of the whole. Before the call scope, ast, named, allow_* and who are set; after it (also failed) gkt_typing_free is due. */
gkt_status gkt_type(gkt_typing *) GKT_MUST_CHECK;
gkt_status gkt_type_check(gkt_typing *) GKT_MUST_CHECK; /* after each operation: memory, finite constants, limits of size */
void gkt_typing_free(gkt_typing *);
gkt_status gkt_type_fail(gkt_typing *, gkt_status, int node, const char *format, ...) GKT_PRINTF(4, 5);      /* the word is all of the node's text */
gkt_status gkt_type_fail_word(gkt_typing *, gkt_status, int node, const char *format, ...) GKT_PRINTF(4, 5); /* only its name or operator */
static inline int gkt_child(const gkt_typing *t, int node, int i) {
  int child = t->ast->nodes[node].first;
  while (i-- > 0) child = t->ast->nodes[child].next;
  return child;
}
static inline const gkt_value *gkt_value_of(const gkt_typing *t, int node) { return &t->values[node].value; }

/* Does any terminal below pass the test? As gkt_graph_depends, but memory that fails is a status, and the pass counts as work. */
gkt_status gkt_type_depends(gkt_typing *, gkt_node, gkt_terminal_test *, bool *out) GKT_MUST_CHECK;

/* names.c */
gkt_status gkt_type_name(gkt_typing *, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_unknown_function(gkt_typing *) GKT_MUST_CHECK; /* always fails, and suggests */
bool gkt_is_reserved(const char *name);
const char *gkt_reserved_name(int i); /* terminals and measures; NULL after the last */

/* tensor.c: the only makers that typing uses; they see constants that are not finite */
gkt_node gkt_make(gkt_typing *, gkt_op, gkt_node a, gkt_node b, gkt_node c);
static inline gkt_node gkt_make_add(gkt_typing *t, gkt_node a, gkt_node b) { return gkt_make(t, GKT_OP_ADD, a, b, 0); }
static inline gkt_node gkt_make_sub(gkt_typing *t, gkt_node a, gkt_node b) { return gkt_make(t, GKT_OP_SUB, a, b, 0); }
static inline gkt_node gkt_make_mul(gkt_typing *t, gkt_node a, gkt_node b) { return gkt_make(t, GKT_OP_MUL, a, b, 0); }
static inline gkt_node gkt_make_div(gkt_typing *t, gkt_node a, gkt_node b) { return gkt_make(t, GKT_OP_DIV, a, b, 0); }
bool gkt_shape_same(gkt_shape, gkt_shape);
const char *gkt_shape_text(gkt_shape, char text[40]); /* "a scalar", "a vector of 3", "a 2x3 matrix"; returns text */
gkt_value gkt_value_scalar(gkt_node);
gkt_value gkt_value_zero(gkt_shape);
gkt_value gkt_value_terminals(const gkt_scope *, gkt_term_kind, int function, gkt_shape); /* one for each component */
gkt_value gkt_tensor_identity(int n);
gkt_value gkt_tensor_transpose(const gkt_value *);
gkt_value gkt_tensor_scale(gkt_typing *, const gkt_value *, gkt_node factor);
gkt_value gkt_tensor_combine(gkt_typing *, gkt_op, const gkt_value *, const gkt_value *); /* by components */
/* Contraction of the last index of a with the first of b; vectors are rows on the left and columns on the right. Shapes must fit. */
gkt_value gkt_tensor_contract(gkt_typing *, const gkt_value *a, const gkt_value *b);
gkt_node gkt_tensor_inner(gkt_typing *, const gkt_value *, const gkt_value *);
gkt_node gkt_tensor_trace(gkt_typing *, const gkt_value *);
gkt_node gkt_tensor_determinant(gkt_typing *, const gkt_value *); /* up to 3x3 */
gkt_value gkt_tensor_cofactor(gkt_typing *, const gkt_value *);   /* det A * inv(A).T, without dividing; up to 3x3 */

/* gradient.c: functions of one argument, a node of the tree */
gkt_status gkt_type_grad(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_div(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_curl(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;

/* rate.c: likewise, by time; they add the rates of fields to the scope */
gkt_status gkt_type_dt(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_dtt(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_scope_add_shift(gkt_scope *, int field, int order) GKT_MUST_CHECK;

/* operator.c: + - * / ^ < [..] .T and literals; builtins.c: functions */
gkt_status gkt_type_operator(gkt_typing *, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_call(gkt_typing *, gkt_value *out) GKT_MUST_CHECK;
gkt_status gkt_type_inner(gkt_typing *, const int *arguments, gkt_value *out) GKT_MUST_CHECK;
const char *gkt_builtin_name(int i);             /* NULL after the last */
const char *gkt_builtin_usage(const char *name); /* "sqrt(a), a scalar"; NULL: no function */

/* custom.c: a call of what gkt_scope_add_external added; without such a name it fails, and suggests */
gkt_status gkt_type_custom_call(gkt_typing *, gkt_value *out) GKT_MUST_CHECK;
void gkt_external_usage(const gkt_external_record *, char text[GKT_USAGE]); /* "stress(a 2x2 matrix, a scalar)" */

/* integral.c: operators of which an operand is a measure or an integral */
gkt_status gkt_type_integral(gkt_typing *, gkt_typed *out) GKT_MUST_CHECK;

/* scope.c: values of the named expression, typed now if it was not */
gkt_status gkt_scope_value(gkt_scope *, int named, int asked_by, const struct gkt_named_expression **out) GKT_MUST_CHECK;
int gkt_scope_find_named(const gkt_scope *, const char *name);                        /* -1: none */
int gkt_scope_find_external(const gkt_scope *, const char *name);                     /* -1: none */
gkt_status gkt_scope_check_name(const gkt_scope *, const char *name) GKT_MUST_CHECK;  /* a name, free, not reserved */
gkt_status gkt_scope_check_shape(const gkt_scope *, gkt_shape) GKT_MUST_CHECK;        /* of a function */
gkt_status gkt_scope_check_count(const gkt_scope *, const char *name) GKT_MUST_CHECK; /* room for one more function */
#endif
