/* Where and why a form or an expression is not finite: for messages. Private. */
#ifndef GKT_ASSEMBLY_FIND_NONFINITE_H
#define GKT_ASSEMBLY_FIND_NONFINITE_H
#include "core/core.h"
#include "galerkit/assembly.h"
#include "meshes/mesh.h"

typedef struct {
  bool found;
  gkt_idx cell;   /* of the mesh, from 0; -1: what depends on x alone needs none */
  double x[3];    /* the quadrature point, or that of the expression */
  bool of_field;  /* does the operation depend on an unknown? */
  char what[600]; /* "ln(u) = -inf, where u = 0"; empty: what is summed is finite, the sum is not */
} gkt_nonfinite;
/* The first quadrature point at which an integrand of the form is not finite, and there the first operation that makes a value that is not finite of operands that are.
   found false: every integrand is finite. By the interpreter, one point after the other. */
gkt_status gkt_find_nonfinite(const gkt_assembler *, const gkt_inputs *, gkt_nonfinite *out) GKT_MUST_CHECK;

void gkt_print_point(int dim, const double *x, gkt_text *); /* gkt_point_text */
/* "not finite near x = (1, 2), in cell 3: ln(u) = nan, where u = -1"; near: "at" or "near", as the place is given or a quadrature point. Of an integral; what is not found
   are sums that overflow. */
void gkt_nonfinite_print(const gkt_nonfinite *, int dim, const char *near, gkt_text *);

typedef struct {
  gkt_idx cell;
  const double *xi; /* [dim], in the reference cell; NULL: no cell, which is enough for what depends on x alone */
  double x[3];
  gkt_idx node; /* + 1, of a space at quadrature points, where coefficients there have values; 0: elsewhere */
} gkt_location;
/* The same of an expression at one place; of one that holds values at points, elsewhere, no operation is named. */
gkt_status gkt_find_nonfinite_at(const gkt_expression *, gkt_mesh *, const gkt_inputs *, const gkt_location *, gkt_nonfinite *out) GKT_MUST_CHECK;
/* At a node of the space where what gkt_interpolate made of the expression is not finite. */
gkt_status gkt_find_nonfinite_node(const gkt_expression *, const gkt_space *, const gkt_inputs *, gkt_idx node, gkt_nonfinite *out) GKT_MUST_CHECK;
#endif
