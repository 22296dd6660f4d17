/* Where one of some nodes is least: for messages. Private. */
#ifndef GKT_ASSEMBLY_FIND_LOWEST_H
#define GKT_ASSEMBLY_FIND_LOWEST_H
#include "forms/graph.h"
#include "galerkit/assembly.h"

typedef struct {
  int node; /* which; -1: no point was looked at */
  double value, x[3];
  gkt_idx cell;                     /* of the mesh, from 0 */
  gkt_size num_points, num_flagged; /* of quadrature; flagged: where the functional's integrand is not 0 */
} gkt_lowest;
/* The least value of the nodes that the integrals of the functional contain, among all points, or those where its integrand is not 0; a NaN is less than any number. */
gkt_status gkt_find_lowest(const gkt_assembler *functional, const gkt_inputs *, bool all, int n, const gkt_node *nodes, gkt_lowest *out) GKT_MUST_CHECK;
#endif
