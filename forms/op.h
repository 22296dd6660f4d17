/* What every operation means, once, in one table: its value, its derivative and where it may jump. A row that is missing does not compile.
   value: constant folding, the interpreter and (by test) the compiled code agree with it. NaN in gives NaN out, through comparisons and conditions as well, so that no NaN decides;
   only the branch of a CONDITIONAL that is not selected leaves no trace. The value of a list of arguments (ARGUMENT) is its last one, or the first that is not finite: so a walk in
   search of that finds it; the pointwise function does not compute it. derivative: of n = op(a, b, c) along da, db, dc, in the words of derive.c. A list has none, one of its
   members has. jumps: operands at some value of which the operation jumps, or has a pole with values of both signs around it, which its derivative does not show: sign(u) and
   atan2(u, u) have the derivative 0 and are not constant. Where an operation is continuous but has a kink (abs, min, max) its derivative shows that. EXTERNAL is not here:
   gkt_external_apply, gkt_external_derive; it may do anything. */
#ifndef GKT_FORMS_OP_H
#define GKT_FORMS_OP_H
#include <math.h>

#include "forms/graph.h"

static inline gkt_scalar gkt_sign_of(gkt_scalar a) { return a > 0 ? 1 : a < 0 ? -1 : a; }
static inline gkt_scalar gkt_min_of(gkt_scalar a, gkt_scalar b) { return a < b || a != a ? a : b; }
static inline gkt_scalar gkt_max_of(gkt_scalar a, gkt_scalar b) { return a > b || a != a ? a : b; }
static inline gkt_scalar gkt_less_of(gkt_scalar a, gkt_scalar b) { return a < b ? 1 : a >= b ? 0 : a + b; }
static inline gkt_scalar gkt_less_equal_of(gkt_scalar a, gkt_scalar b) { return a <= b ? 1 : a > b ? 0 : a + b; }
static inline gkt_scalar gkt_select_of(gkt_scalar a, gkt_scalar b, gkt_scalar c) { return a != a ? a : a != 0 ? b : c; }

enum { GKT_NO_JUMP = 0, GKT_JUMP_A = 1, GKT_JUMP_B = 2, GKT_JUMP_C = 4 };
/* clang-format off */
#define GKT_OP_MEANING(X) /* name, value, derivative, jumps */                                                                                          \
  X(ARGUMENT, a - a == 0 ? b : a, GKT_ONE, GKT_NO_JUMP)                                                                                                 \
  X(ADD, a + b, gkt_add(g, da, db), GKT_NO_JUMP)                                                                                                        \
  X(SUB, a - b, gkt_sub(g, da, db), GKT_NO_JUMP)                                                                                                        \
  X(MUL, a * b, gkt_add(g, gkt_mul(g, da, b), gkt_mul(g, a, db)), GKT_NO_JUMP)                                                                          \
  X(DIV, a / b, gkt_div(g, gkt_sub(g, da, gkt_mul(g, n, db)), b), GKT_JUMP_B)                                                                           \
  X(NEG, -a, gkt_neg(g, da), GKT_NO_JUMP)                                                                                                               \
  X(POW, pow(a, b), derive_pow(g, n, a, b, da, db), GKT_JUMP_A | GKT_JUMP_B)                                                                            \
  X(SQRT, sqrt(a), chain(g, gkt_div(g, number(g, 0.5), n), da), GKT_NO_JUMP)                                                                            \
  X(EXP, exp(a), chain(g, n, da), GKT_NO_JUMP)                                                                                                          \
  X(LN, log(a), chain(g, gkt_div(g, GKT_ONE, a), da), GKT_NO_JUMP)                                                                                      \
  X(SIN, sin(a), chain(g, unary(g, GKT_OP_COS, a), da), GKT_NO_JUMP)                                                                                    \
  X(COS, cos(a), chain(g, gkt_neg(g, unary(g, GKT_OP_SIN, a)), da), GKT_NO_JUMP)                                                                        \
  X(TAN, tan(a), chain(g, gkt_add(g, GKT_ONE, square(g, n)), da), GKT_JUMP_A)                                                                           \
  X(ASIN, asin(a), chain(g, slope_of_asin(g, a), da), GKT_NO_JUMP)                                                                                      \
  X(ACOS, acos(a), chain(g, gkt_neg(g, slope_of_asin(g, a)), da), GKT_NO_JUMP)                                                                          \
  X(ATAN, atan(a), chain(g, gkt_div(g, GKT_ONE, gkt_add(g, GKT_ONE, square(g, a))), da), GKT_NO_JUMP)                                                   \
  X(ATAN2, atan2(a, b), gkt_div(g, gkt_sub(g, gkt_mul(g, b, da), gkt_mul(g, a, db)), gkt_add(g, square(g, a), square(g, b))), GKT_JUMP_A | GKT_JUMP_B)  \
  X(SINH, sinh(a), chain(g, unary(g, GKT_OP_COSH, a), da), GKT_NO_JUMP)                                                                                 \
  X(COSH, cosh(a), chain(g, unary(g, GKT_OP_SINH, a), da), GKT_NO_JUMP)                                                                                 \
  X(TANH, tanh(a), chain(g, gkt_sub(g, GKT_ONE, square(g, n)), da), GKT_NO_JUMP)                                                                        \
  X(ABS, fabs(a), chain(g, unary(g, GKT_OP_SIGN, a), da), GKT_NO_JUMP)                                                                                  \
  X(SIGN, gkt_sign_of(a), GKT_ZERO, GKT_JUMP_A)                                                                                                         \
  X(MIN, gkt_min_of(a, b), select(g, gkt_graph_make(g, GKT_OP_LE, a, b, 0), da, db), GKT_NO_JUMP)                                                       \
  X(MAX, gkt_max_of(a, b), select(g, gkt_graph_make(g, GKT_OP_LE, b, a, 0), da, db), GKT_NO_JUMP)                                                       \
  X(ERF, erf(a), chain(g, slope_of_erf(g, a), da), GKT_NO_JUMP)                                                                                         \
  X(LT, gkt_less_of(a, b), GKT_ZERO, GKT_JUMP_A | GKT_JUMP_B)                                                                                           \
  X(LE, gkt_less_equal_of(a, b), GKT_ZERO, GKT_JUMP_A | GKT_JUMP_B)                                                                                     \
  X(CONDITIONAL, gkt_select_of(a, b, c), select(g, a, db, dc), GKT_JUMP_A)
/* clang-format on */
#define X(name, value, derivative, jumps) +1
_Static_assert(3 GKT_OP_MEANING(X) == GKT_NUM_OPS, "every operation but CONSTANT, TERMINAL and EXTERNAL has a row");
#undef X

/* Operands in the order of gkt_node_data; unused ones are ignored. Not for CONSTANT, TERMINAL, EXTERNAL. */
static inline gkt_scalar gkt_op_apply(gkt_op op, gkt_scalar a, gkt_scalar b, gkt_scalar c) {
  switch (op) {
#define X(name, value, derivative, jumps) \
  case GKT_OP_##name: return value;
    GKT_OP_MEANING(X)
#undef X
  default: return NAN;
  }
}

static inline int gkt_op_arity(gkt_op op) {
#define X(name, arity, text) arity,
  static const int arities[GKT_NUM_OPS] = {GKT_OP_LIST(X)};
#undef X
  return arities[op];
}

/* fold.c: the node that op(a, b, c) simplifies to, or -1; operands are brought to normal order. */
gkt_node gkt_graph_fold(gkt_graph *, gkt_op op, gkt_node operands[3]);
#endif
