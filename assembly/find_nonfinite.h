/* Where and why a form is not finite: for messages. Private. */
#ifndef GKT_ASSEMBLY_FIND_NONFINITE_H
#define GKT_ASSEMBLY_FIND_NONFINITE_H
#include "galerkit/assembly.h"

typedef struct {
  bool found;
  gkt_idx cell;   /* of the mesh, from 0 */
  double x[3];    /* the quadrature point */
  bool of_field;  /* does the operation depend on an unknown? */
  char what[600]; /* "ln(u) = -inf, where u = 0" */
} gkt_nonfinite;
/* The first quadrature point at which an integrand of the form is not finite, and there the first operation that makes a value that is not finite of operands that are.
   found false: every integrand is finite. By the interpreter, one point after the other. */
gkt_status gkt_find_nonfinite(const gkt_assembler *, const gkt_inputs *, gkt_nonfinite *out) GKT_MUST_CHECK;
#endif
