/* What tests of gradients share. */
#ifndef GKT_TESTS_GRADIENTS_H
#define GKT_TESTS_GRADIENTS_H
#include <math.h>
#include <stdlib.h>

#include "galerkit/adjoint.h"
#include "tests/gkt_test.h"

/* The largest difference over the largest of what is wanted. */
static inline double gradients_distance(gkt_size n, const double *want, const double *have) {
  double off = 0, most = 0;
  for (gkt_size i = 0; i < n; i++) most = fmax(most, fabs(want[i])), off = fmax(off, fabs(want[i] - have[i]));
  return most > 0 ? off / most : off;
}

/* Of the control 0, the shape: nodes off the lattice, so that nothing is a special case. */
static inline void gradients_shake_nodes(gkt_adjoint *a) {
  const gkt_size n = gkt_adjoint_control_size(a, 0);
  gkt_scalar *m = malloc((size_t)n * sizeof *m);
  assert_int_equal(gkt_adjoint_get_control(a, 0, m), GKT_OK);
  for (gkt_size i = 0; i < n; i++) m[i] += 0.03 * sin(1 + 7.3 * (double)i);
  assert_int_equal(gkt_adjoint_set_control(a, 0, m), GKT_OK);
  free(m);
}
#endif
