/* What every operation is: one row each, all of it. A new function of scalars is a row of GKT_FUNCTION_LIST (docs/contributing.md); a row without a column does not compile. Not
   here are numbers, terminals and custom functions (CONSTANT, TERMINAL, EXTERNAL). The columns are read where they are named, in words that are defined there.

   name        GKT_OP_name
   arity       operands a, b, c
   word, takes of the language, "" for an operation that is written with a sign
   cost        GKT_COST_ARITHMETIC: compilers vectorize it; GKT_COST_CALL: a call, which keeps them from it
   value       of the operands; constant folding and the interpreter compute it, and its text is what is emitted for host and device. NaN in gives NaN out, through comparisons and
               conditions as well, so that no NaN decides; only the branch of a CONDITIONAL that is not selected leaves no trace. That of a list of arguments (ARGUMENT) is its last
               one, or the first that is not finite: so a walk in search of that finds it; the pointwise function does not compute it
   derivative  of n = op(a, b, c) along da, db, dc, at least one of which is not zero (derive.c: of nodes; of functions also assembly/magnitude.c: of numbers). A list has none, one
               of its members has
   breaks      GKT_JUMP_A, .. _B: there are values of this operand at which the operation jumps, or has a pole with values of both signs around it, which its derivative does not
               show: sign(u) and atan2(u, u) have the derivative 0 and are not constant. Where an operation is continuous but has a kink (abs, min, max) its derivative shows that.
               GKT_EDGE_A, .. _B: it has no finite value, or no slope, where this operand is 0, so that a solver should not pass it (barriers.c)
   range       an interval that holds all values, from those of a, b, c (range.c)
   degree      of polynomials, from those of a, b, c (analyse.c)
   size        to what size of numbers the rounding of the value v refers, from those of the operands, ma, mb, mc (assembly/magnitude.c) */
#ifndef GKT_FORMS_OP_LIST_H
#define GKT_FORMS_OP_LIST_H

/* clang-format off */
#define GKT_OPERATION_LIST(X)                                                                                            \
  X(ARGUMENT, 2, "", "", GKT_COST_ARITHMETIC, a - a == 0 ? b : a,                                                        \
    GKT_ONE, GKT_NO_BREAK,                                                                                               \
    b, larger(a, b), mb)                                                                                                 \
  X(ADD, 2, "", "", GKT_COST_ARITHMETIC, a + b,                                                                          \
    sum(g, da, db), GKT_NO_BREAK,                                                                                        \
    gkt_interval_add(a, b), larger(a, b), ma + mb)                                                                       \
  X(SUB, 2, "", "", GKT_COST_ARITHMETIC, a - b,                                                                          \
    difference(g, da, db), GKT_NO_BREAK,                                                                                 \
    gkt_interval_add(a, negate(b)), larger(a, b), ma + mb)                                                               \
  X(MUL, 2, "", "", GKT_COST_ARITHMETIC, a * b,                                                                          \
    sum(g, product(g, da, b), product(g, a, db)), GKT_NO_BREAK,                                                          \
    is_square ? gkt_interval_power(a, 2) : gkt_interval_multiply(a, b), clamp(a + b), fabs(a) * mb + fabs(b) * ma)       \
  X(DIV, 2, "", "", GKT_COST_ARITHMETIC, a / b,                                                                          \
    quotient(g, difference(g, da, product(g, n, db)), b), GKT_JUMP_B | GKT_EDGE_B,                                       \
    divide(a, b), clamp(a + of_function(s, b)), (ma + fabs(v) * mb) / fabs(b))                                           \
  X(NEG, 1, "", "", GKT_COST_ARITHMETIC, -a,                                                                             \
    negative(g, da), GKT_NO_BREAK,                                                                                       \
    negate(a), a, ma)                                                                                                    \
  X(POW, 2, "", "", GKT_COST_CALL, pow(a, b),                                                                            \
    derive_pow(g, n, a, b, da, db), GKT_JUMP_A | GKT_JUMP_B | GKT_EDGE_A,                                                \
    power(a, b), of_power(s, a, b), fabs(v) + (a != 0 ? fabs(v * b / a) * ma : 0) + (a > 0 ? fabs(v * log(a)) * mb : 0)) \
  X(LT, 2, "", "", GKT_COST_ARITHMETIC, gkt_less_of(a, b),                                                               \
    GKT_ZERO, GKT_JUMP_A | GKT_JUMP_B,                                                                                   \
    less(a, b, false), of_comparison(s, a, b), fabs(v))                                                                  \
  X(LE, 2, "", "", GKT_COST_ARITHMETIC, gkt_less_equal_of(a, b),                                                         \
    GKT_ZERO, GKT_JUMP_A | GKT_JUMP_B,                                                                                   \
    less(a, b, true), of_comparison(s, a, b), fabs(v))                                                                   \
  X(CONDITIONAL, 3, "", "", GKT_COST_ARITHMETIC, gkt_select_of(a, b, c),                                                 \
    choose(g, a, db, dc), GKT_JUMP_A,                                                                                    \
    selected(a, b, c), larger(b, c), a != 0 ? mb : mc)

/* Functions of scalars that a text calls by their word. */
#define GKT_FUNCTION_LIST(X)                                                                                                                        \
  X(SQRT, 1, "sqrt", "a", GKT_COST_ARITHMETIC, sqrt(a),                                                                                             \
    chain(g, quotient(g, number(g, 0.5), n), da), GKT_EDGE_A,                                                                                       \
    a.low >= 0 ? within(rising(sqrt, a), 0, INFINITY) : everything, of_function(s, a), rounded(o))                                                  \
  X(EXP, 1, "exp", "a", GKT_COST_CALL, exp(a),                                                                                                      \
    chain(g, n, da), GKT_NO_BREAK,                                                                                                                  \
    within(rising(exp, a), 0, INFINITY), of_function(s, a), rounded(o))                                                                             \
  X(LN, 1, "ln", "a", GKT_COST_CALL, log(a),                                                                                                        \
    chain(g, quotient(g, number(g, 1), a), da), GKT_EDGE_A,                                                                                         \
    a.low >= 0 ? rising(log, a) : everything, of_function(s, a), rounded(o))                                                                        \
  X(LOG10, 1, "log10", "a", GKT_COST_CALL, log10(a),                                                                                                \
    chain(g, quotient(g, number(g, 0.43429448190325182765 /* 1/ln(10) */), a), da), GKT_EDGE_A,                                                     \
    a.low >= 0 ? rising(log10, a) : everything, of_function(s, a), rounded(o))                                                                      \
  X(SIN, 1, "sin", "a", GKT_COST_CALL, sin(a),                                                                                                      \
    chain(g, function(g, GKT_OP_COS, a), da), GKT_NO_BREAK,                                                                                         \
    ((gkt_interval){-1, 1}), of_function(s, a), rounded(o))                                                                                         \
  X(COS, 1, "cos", "a", GKT_COST_CALL, cos(a),                                                                                                      \
    chain(g, negative(g, function(g, GKT_OP_SIN, a)), da), GKT_NO_BREAK,                                                                            \
    ((gkt_interval){-1, 1}), of_function(s, a), rounded(o))                                                                                         \
  X(TAN, 1, "tan", "a", GKT_COST_CALL, tan(a),                                                                                                      \
    chain(g, sum(g, number(g, 1), square(g, n)), da), GKT_JUMP_A,                                                                                   \
    a.low > -half_pi && a.high < half_pi ? rising(tan, a) : everything, of_function(s, a), rounded(o))                                              \
  X(ASIN, 1, "asin", "a", GKT_COST_CALL, asin(a),                                                                                                   \
    chain(g, quotient(g, number(g, 1), function(g, GKT_OP_SQRT, difference(g, number(g, 1), square(g, a)))), da), GKT_NO_BREAK,                     \
    in_unit(a) ? rising(asin, a) : everything, of_function(s, a), rounded(o))                                                                       \
  X(ACOS, 1, "acos", "a", GKT_COST_CALL, acos(a),                                                                                                   \
    chain(g, negative(g, quotient(g, number(g, 1), function(g, GKT_OP_SQRT, difference(g, number(g, 1), square(g, a))))), da), GKT_NO_BREAK,        \
    in_unit(a) ? falling(acos, a) : everything, of_function(s, a), rounded(o))                                                                      \
  X(ATAN, 1, "atan", "a", GKT_COST_CALL, atan(a),                                                                                                   \
    chain(g, quotient(g, number(g, 1), sum(g, number(g, 1), square(g, a))), da), GKT_NO_BREAK,                                                      \
    within(rising(atan, a), -above_pi / 2, above_pi / 2), of_function(s, a), rounded(o))                                                            \
  X(ATAN2, 2, "atan2", "y, x", GKT_COST_CALL, atan2(a, b),                                                                                          \
    quotient(g, difference(g, product(g, b, da), product(g, a, db)), sum(g, square(g, a), square(g, b))), GKT_JUMP_A | GKT_JUMP_B,                  \
    ((gkt_interval){-above_pi, above_pi}), of_function(s, a + b), rounded(o))                                                                       \
  X(SINH, 1, "sinh", "a", GKT_COST_CALL, sinh(a),                                                                                                   \
    chain(g, function(g, GKT_OP_COSH, a), da), GKT_NO_BREAK,                                                                                        \
    rising(sinh, a), of_function(s, a), rounded(o))                                                                                                 \
  X(COSH, 1, "cosh", "a", GKT_COST_CALL, cosh(a),                                                                                                   \
    chain(g, function(g, GKT_OP_SINH, a), da), GKT_NO_BREAK,                                                                                        \
    within(rising(cosh, absolute(a)), 1, INFINITY), of_function(s, a), rounded(o))                                                                  \
  X(ASINH, 1, "asinh", "a", GKT_COST_CALL, asinh(a),                                                                                                \
    chain(g, quotient(g, number(g, 1), function(g, GKT_OP_SQRT, sum(g, number(g, 1), square(g, a)))), da), GKT_NO_BREAK,                            \
    rising(asinh, a), of_function(s, a), rounded(o))                                                                                                \
  X(TANH, 1, "tanh", "a", GKT_COST_CALL, tanh(a),                                                                                                   \
    chain(g, difference(g, number(g, 1), square(g, n)), da), GKT_NO_BREAK,                                                                          \
    within(rising(tanh, a), -1, 1), of_function(s, a), rounded(o))                                                                                  \
  X(ABS, 1, "abs", "a", GKT_COST_ARITHMETIC, fabs(a),                                                                                               \
    chain(g, function(g, GKT_OP_SIGN, a), da), GKT_NO_BREAK,                                                                                        \
    absolute(a), of_function(s, a), ma)                                                                                                             \
  X(SIGN, 1, "sign", "a", GKT_COST_ARITHMETIC, gkt_sign_of(a),                                                                                      \
    number(g, 0), GKT_JUMP_A,                                                                                                                       \
    ((gkt_interval){gkt_sign_of(a.low), gkt_sign_of(a.high)}), of_function(s, a), fabs(v))                                                          \
  X(MIN, 2, "min", "a, b", GKT_COST_ARITHMETIC, gkt_min_of(a, b),                                                                                   \
    choose(g, function_of_two(g, GKT_OP_LE, a, b), da, db), GKT_NO_BREAK,                                                                           \
    checked(fmin(a.low, b.low), fmin(a.high, b.high)), of_function(s, larger(a, b)), a < b ? ma : mb)                                               \
  X(MAX, 2, "max", "a, b", GKT_COST_ARITHMETIC, gkt_max_of(a, b),                                                                                   \
    choose(g, function_of_two(g, GKT_OP_LE, b, a), da, db), GKT_NO_BREAK,                                                                           \
    checked(fmax(a.low, b.low), fmax(a.high, b.high)), of_function(s, larger(a, b)), a > b ? ma : mb)                                               \
  X(ERF, 1, "erf", "a", GKT_COST_CALL, erf(a),                                                                                                      \
    chain(g, product(g, number(g, 1.12837916709551257390 /* 2/sqrt(pi) */), function(g, GKT_OP_EXP, negative(g, square(g, a)))), da), GKT_NO_BREAK, \
    within(rising(erf, a), -1, 1), of_function(s, a), rounded(o))

#define GKT_OP_LIST(X) GKT_OPERATION_LIST(X) GKT_FUNCTION_LIST(X)

/* Functions that stand in columns above, for the library and in the texts that it emits. */
#define GKT_OP_HELPERS(point)                                                                               \
  point gkt_scalar gkt_sign_of(gkt_scalar a) { return a > 0 ? 1 : a < 0 ? -1 : a; }                         \
  point gkt_scalar gkt_min_of(gkt_scalar a, gkt_scalar b) { return a < b || a != a ? a : b; }               \
  point gkt_scalar gkt_max_of(gkt_scalar a, gkt_scalar b) { return a > b || a != a ? a : b; }               \
  point gkt_scalar gkt_less_of(gkt_scalar a, gkt_scalar b) { return a < b ? 1 : a >= b ? 0 : a + b; }       \
  point gkt_scalar gkt_less_equal_of(gkt_scalar a, gkt_scalar b) { return a <= b ? 1 : a > b ? 0 : a + b; } \
  point gkt_scalar gkt_select_of(gkt_scalar a, gkt_scalar b, gkt_scalar c) { return a != a ? a : a != 0 ? b : c; }
/* clang-format on */
#endif
