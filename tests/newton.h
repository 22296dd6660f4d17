/* gkt_nonlinear_solve on arrays of the host. */
#ifndef GKT_TESTS_NEWTON_H
#define GKT_TESTS_NEWTON_H
#include "core/core.h"
#include "galerkit/solver.h"

/* values: system->values; NULL: none */
static inline gkt_status solve_newton(gkt_context *context, const gkt_nonlinear_system *given, const gkt_system_facts *facts, gkt_csr *A, gkt_scalar *u, gkt_scalar *values,
                                      const gkt_nonlinear_options *options, gkt_nonlinear_report *report) {
  *report = (gkt_nonlinear_report){0};
  gkt_nonlinear_system system = *given;
  gkt_vector *at = NULL, *conditions = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_wrap(context, A->num_rows, u, &at));
  if (values) GKT_GO(gkt_vector_wrap(context, A->num_rows, values, &conditions));
  system.values = conditions;
  GKT_GO(gkt_nonlinear_solve(context, &system, facts, A, at, options, report));
done:
  gkt_vector_destroy(&at);
  gkt_vector_destroy(&conditions);
  return status;
}
#endif
