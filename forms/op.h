/* What every operation means, once: constant folding, the interpreter and (by test) the compiled code agree with this list. NaN in gives NaN out, through comparisons and
   conditions as well, so that no NaN decides; only the branch of a CONDITIONAL that is not selected leaves no trace. The value of a list of arguments (ARGUMENT) is its last one,
   or the first that is not finite: so a walk in search of that finds it; the pointwise function does not compute it. EXTERNAL is not here: gkt_external_apply. */
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

/* clang-format off */
#define GKT_OP_MEANING(X)                                                                                                                                                          \
  X(ARGUMENT, a - a == 0 ? b : a)                                                                                                                                                  \
  X(ADD, a + b)                                                                                                                                                                    \
  X(SUB, a - b)                                                                                                                                                                    \
  X(MUL, a *b) X(DIV, a / b) X(NEG, -a) X(POW, pow(a, b)) X(SQRT, sqrt(a)) X(EXP, exp(a)) X(LN, log(a)) X(SIN, sin(a)) X(COS, cos(a)) X(TAN, tan(a)) X(ASIN, asin(a))              \
      X(ACOS, acos(a)) X(ATAN, atan(a)) X(ATAN2, atan2(a, b)) X(SINH, sinh(a)) X(COSH, cosh(a)) X(TANH, tanh(a)) X(ABS, fabs(a)) X(SIGN, gkt_sign_of(a)) X(MIN, gkt_min_of(a, b))  \
          X(MAX, gkt_max_of(a, b)) X(ERF, erf(a)) X(LT, gkt_less_of(a, b)) X(LE, gkt_less_equal_of(a, b)) X(CONDITIONAL, gkt_select_of(a, b, c))
/* clang-format on */

/* Operands in the order of gkt_node_data; unused ones are ignored. Not for CONSTANT, TERMINAL, EXTERNAL. */
static inline gkt_scalar gkt_op_apply(gkt_op op, gkt_scalar a, gkt_scalar b, gkt_scalar c) {
  switch (op) {
#define X(name, meaning) \
  case GKT_OP_##name: return meaning;
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
