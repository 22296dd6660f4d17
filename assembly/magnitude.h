/* What the entries of an assembled vector were summed from, without signs: times eps, the order of its rounding. Private. */
#ifndef GKT_ASSEMBLY_MAGNITUDE_H
#define GKT_ASSEMBLY_MAGNITUDE_H
#include "galerkit/assembly.h"

/* vector [dofs] '=': the sum over cells and points of |weight| |basis| m, where m follows the operations of the integrand from the absolute contributions of the terminals: m(a+b)
   = m(a) + m(b), m(ab) = |a| m(b) + |b| m(a), m(f(a)) = |f'(a)| m(a) + |f(a)| (the running error analysis of Wilkinson 1963 without eps; Higham 2002, 3.3). So it contains sums
   that cancel within a point, F - F^-T at small strain. By the interpreter, on one thread. arity 1. */
gkt_status gkt_assemble_magnitude(const gkt_assembler *, const gkt_inputs *, gkt_scalar *vector) GKT_MUST_CHECK;
#endif
