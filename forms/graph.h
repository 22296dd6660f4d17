/* The scalar graph: hash-consed scalar operations. A tensor is a shape and an array of nodes. Every pass after typing sees this and nothing else. */
#ifndef GKT_FORMS_GRAPH_H
#define GKT_FORMS_GRAPH_H
#include "core/core.h"
#include "forms/exact.h"
#include "forms/op_list.h"
#include "galerkit/form.h"

typedef int32_t gkt_node;           /* number in its graph; operands have smaller numbers than the operation */
enum { GKT_ZERO = 0, GKT_ONE = 1 }; /* always these */

/* CONSTANT and TERMINAL are leaves; ARGUMENT(list before, node) chains the arguments of a custom function, EXTERNAL(list) is one of its values (external.h); the rest is in
 * op_list.h. */
typedef enum {
  GKT_OP_CONSTANT,
  GKT_OP_TERMINAL,
  GKT_OP_EXTERNAL,
#define X(name, ...) GKT_OP_##name,
  GKT_OP_LIST(X)
#undef X
} gkt_op; /* LT and LE yield 1 or 0, of a NaN NaN; CONDITIONAL(c,a,b) selects a where c != 0, NaN where c is, and the other branch leaves no trace, NaN included */
#define X(...) +1
enum { GKT_NUM_OPS = 3 GKT_OP_LIST(X) };
#undef X

/* Each switch over these kinds names them all and has no default, so that a new one is refused by the compiler wherever a rule for it is missing. */
typedef enum {
  GKT_TERM_VALUE,       /* function, component */
  GKT_TERM_GRAD,        /* function, component, direction: d f_component / d x_direction */
  GKT_TERM_CONSTANT,    /* function = number of the constant */
  GKT_TERM_X,           /* component */
  GKT_TERM_NORMAL,      /* component; outward unit normal, facet integrals only */
  GKT_TERM_H,           /* cell diameter: largest distance of two vertices */
  GKT_TERM_H_DIRECTION, /* component of the unit vector along that diameter (internal: derivative of h) */
  GKT_TERM_TIME
} gkt_term_kind;
typedef enum { GKT_SIDE_CELL, GKT_SIDE_PLUS, GKT_SIDE_MINUS } gkt_side;
typedef struct {
  int8_t kind, side;
  int16_t direction, function, component; /* unused members are 0 */
} gkt_terminal;
/* Of a field, test or coefficient, whose number is t->function? */
static inline bool gkt_is_of_function(const gkt_terminal *t) {
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE:
  case GKT_TERM_GRAD: return true;
  case GKT_TERM_CONSTANT:
  case GKT_TERM_X:
  case GKT_TERM_NORMAL:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION:
  case GKT_TERM_TIME: break;
  }
  return false;
}

typedef struct {
  gkt_op op;
  gkt_node a, b, c;      /* operands; unused: 0 */
  double value;          /* CONSTANT */
  gkt_terminal terminal; /* also of EXTERNAL: what it is (external.h) */
} gkt_node_data;

typedef struct gkt_graph gkt_graph;
gkt_status gkt_graph_create(gkt_context *, gkt_graph **out) GKT_MUST_CHECK;
void gkt_graph_destroy(gkt_graph **);
gkt_status gkt_graph_status(const gkt_graph *); /* the first failure (memory); makers return GKT_ZERO after it, so one check at the end suffices */
gkt_context *gkt_graph_context(const gkt_graph *);
const gkt_node_data *gkt_graph_get(const gkt_graph *, gkt_node); /* the pointer stays good while the graph lives */
gkt_node gkt_graph_size(const gkt_graph *);
static inline gkt_node gkt_graph_top(int n, const gkt_node *nodes) { /* the largest; -1 if there is none */
  gkt_node top = -1;
  for (int i = 0; i < n; i++) top = nodes[i] > top ? nodes[i] : top;
  return top;
}
/* Which nodes the given ones are made of, themselves included: (*out)[0 .. top], freed with gkt_free. */
gkt_status gkt_graph_mark(const gkt_graph *, int n, const gkt_node *nodes, bool **out) GKT_MUST_CHECK;

/* Makers find an equal node or add one. They fold constants, drop neutral elements (0+a, 1*a, 0*a, a-a, --a, a^1, a^0), and order commutative operands.
   A fold that would be non-finite is kept as an operation, so that evaluation (and a message) sees it. */
gkt_node gkt_graph_constant(gkt_graph *, double);
gkt_node gkt_graph_terminal(gkt_graph *, gkt_terminal);
gkt_node gkt_graph_make(gkt_graph *, gkt_op, gkt_node a, gkt_node b, gkt_node c);
gkt_node gkt_graph_remake(gkt_graph *, gkt_node, gkt_node a, gkt_node b, gkt_node c); /* the same operation of other operands */
static inline gkt_node gkt_add(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_ADD, a, b, 0); }
static inline gkt_node gkt_sub(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_SUB, a, b, 0); }
static inline gkt_node gkt_mul(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_MUL, a, b, 0); }
static inline gkt_node gkt_div(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_DIV, a, b, 0); }
static inline gkt_node gkt_neg(gkt_graph *g, gkt_node a) { return gkt_graph_make(g, GKT_OP_NEG, a, 0, 0); }

/* ---- derive.c: directional derivative of n nodes. Terminal node seeds[i] has the derivative directions[i]; all other terminals 0. out may alias nodes. ---- */
gkt_status gkt_graph_derive(gkt_graph *, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, const gkt_node *directions, gkt_node *out) GKT_MUST_CHECK;

/* Does an operation below the nodes vary with a seed in an operand in which it may jump (op.h)? Derivatives see no jump: conditional(u < 0, 1, 2) is not linear in u, though its
   derivative is 0. */
gkt_status gkt_graph_branches(const gkt_graph *, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, bool *out) GKT_MUST_CHECK;

/* ---- substitute.c: terminal node seeds[i] becomes replacements[i]; folds on the way. out may alias nodes. ---- */
gkt_status gkt_graph_substitute(gkt_graph *, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, const gkt_node *replacements, gkt_node *out) GKT_MUST_CHECK;

/* ---- analyse.c, range.c, polynomial.c. Without memory they give the cautious answer (depends, degree -1, [-inf, inf], false); the context then holds the message. ---- */
typedef bool gkt_terminal_test(const gkt_terminal *, const void *user);
bool gkt_graph_depends(const gkt_graph *, gkt_node, gkt_terminal_test *, const void *user); /* does any terminal below pass the test? */
/* Polynomial degree in x on an affine cell: products add, quotients by a constant keep, functions and other quotients add 2 (as UFL's estimation does); *polynomial: none of
   these occurred, so the degree is exact. */
typedef int gkt_terminal_degree(const gkt_terminal *, const void *user);
int gkt_graph_degree(const gkt_graph *, gkt_node, gkt_terminal_degree *, const void *user, bool *polynomial);
/* Enclosure by interval arithmetic, outward to rounding; [-inf, inf] where nothing is known. */
typedef struct {
  double low, high;
} gkt_interval;
gkt_interval gkt_interval_add(gkt_interval, gkt_interval); /* these round outwards: exact results keep their ends */
gkt_interval gkt_interval_multiply(gkt_interval, gkt_interval);
gkt_interval gkt_interval_power(gkt_interval, int n); /* n >= 0 */
typedef gkt_interval gkt_terminal_range(const gkt_terminal *, const void *user);
gkt_interval gkt_graph_range(const gkt_graph *, gkt_node, gkt_terminal_range *, const void *user);
/* A node as a polynomial in atoms (terminals and operations that are not + - * by-constant / and integer powers):
   sum of coefficient * product of atoms. false: more than a few hundred terms. Used to prove identities: no terms means identically zero. Coefficients are exact: what cancels
   to the rounding of something is not zero. Quotients by one monomial and conditionals are expanded as well, see polynomial.c; this may add nodes. */
typedef struct {
  gkt_exact coefficient; /* an uncertain one is a term, though it may be zero */
  int num_atoms;
  gkt_node atoms[8];
} gkt_monomial; /* atoms ascending, repeated for powers; longer products become one MUL atom */
bool gkt_graph_polynomial(gkt_graph *, gkt_node, int max_terms, gkt_monomial *terms, int *num_terms);
bool gkt_graph_polynomial_in(gkt_graph *, gkt_node, gkt_node num_kept, const bool *kept, int max_terms, gkt_monomial *terms, int *num_terms); /* kept [num_kept]: further atoms */
/* Are a and b the same polynomial, each coefficient up to tolerance times itself? So numbers that were folded on two ways may differ, and one may stand for the other to the
   rounding of their evaluation; 0 and the rest of a cancellation are not the same. terms [2 max_terms]: work */
bool gkt_graph_is_close(gkt_graph *, gkt_node a, gkt_node b, double tolerance, int max_terms, gkt_monomial *terms);

/* ---- pointwise.c, emit.c: the pointwise function, from terminals to the values of some nodes ---- */
enum { GKT_LANES = 8 }; /* points per call; arrays are [value][lane] */
typedef struct gkt_pointwise gkt_pointwise;
/* Outputs that are the same node, or constants, are still written one each. */
gkt_status gkt_pointwise_create(gkt_graph *, int num_outputs, const gkt_node *outputs, gkt_pointwise **out) GKT_MUST_CHECK;
void gkt_pointwise_destroy(gkt_pointwise **);
int gkt_pointwise_num_inputs(const gkt_pointwise *);
const gkt_terminal *gkt_pointwise_input(const gkt_pointwise *, int input); /* CONSTANT and TIME are inputs as well */
int gkt_pointwise_num_outputs(const gkt_pointwise *);
gkt_size gkt_pointwise_workspace(const gkt_pointwise *); /* scalars needed by _eval */
/* The interpreter: vectorized bytecode, registers reused. in [inputs][LANES], out [outputs][LANES]. */
void gkt_pointwise_eval(const gkt_pointwise *, const gkt_scalar *in, gkt_scalar *workspace, gkt_scalar *out);
/* Custom functions that it calls, and what a compiled one reads of them: the same text is its declaration there. */
#define GKT_CALL_DATA                                                     \
  typedef struct {                                                        \
    void (*function)(void *, int, int, const gkt_scalar *, gkt_scalar *); \
    void *user;                                                           \
  } gkt_call_data;
GKT_CALL_DATA
int gkt_pointwise_num_calls(const gkt_pointwise *);
const gkt_call_data *gkt_pointwise_calls(const gkt_pointwise *);      /* [num_calls] */
const char *gkt_pointwise_call_name(const gkt_pointwise *, int call); /* for messages */
/* Appends the C text
     GKT_POINT void NAME(const gkt_scalar (*GKT_RESTRICT in)[GKT_LANES], gkt_scalar (*GKT_RESTRICT out)[GKT_LANES]) { GKT_FOR_LANES(l) { ... } }
   with a last argument `const gkt_call_data *calls` if it calls custom functions, in plain C with the macros of gkt_emit_prelude; host and device alike. No user text enters: names
   are numbers. */
void gkt_pointwise_emit(const gkt_pointwise *, const char *name, gkt_text *);
/* GKT_POINT, GKT_RESTRICT, GKT_LANES, GKT_FOR_LANES, gkt_scalar, gkt_idx, sign/min/max helpers for the backend; includes <math.h> on the host only. Of cuda: what
   core/device_prelude.cu, which comes before it, has not. */
void gkt_emit_prelude(gkt_backend, gkt_text *);
#endif
