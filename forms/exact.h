/* Numbers that are added and multiplied without rounding, for proofs: unevaluated sums of doubles (Shewchuk, Adaptive precision floating-point arithmetic, Discrete Comput.
   Geom. 18, 1997). What does not fit into four parts (more than 212 bits, most quotients, underflow) leaves a bound of the error, and nothing is then proven equal to zero. */
#ifndef GKT_FORMS_EXACT_H
#define GKT_FORMS_EXACT_H
#include <stdbool.h>

enum { GKT_EXACT_PARTS = 4 };
typedef struct {
  double part[GKT_EXACT_PARTS]; /* falling, zeros at the end; part[0] is the sum to one unit in the last place. Not finite after an overflow */
  double error;                 /* the number lies within the sum of the parts +- error; 0: it is the sum */
} gkt_exact;
static inline gkt_exact gkt_exact_of(double value) { return (gkt_exact){{value}, 0}; }
static inline bool gkt_exact_is_zero(gkt_exact a) { return a.part[0] == 0 && a.error == 0; }
gkt_exact gkt_exact_add(gkt_exact, gkt_exact);
gkt_exact gkt_exact_multiply(gkt_exact, gkt_exact);
gkt_exact gkt_exact_invert(gkt_exact);                           /* not finite if zero cannot be excluded */
bool gkt_exact_is_close(gkt_exact, gkt_exact, double tolerance); /* |a - b| <= tolerance min(|a|, |b|) for all that they may be; equal zeros are */
#endif
