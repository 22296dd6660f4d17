/* Pure Neumann problems: the load must balance, and the mean of the solution is fixed to 0. */
#include <math.h>

#include "problem/problem.h"

/* Each component's total load must vanish. What rounding leaves is spread evenly, so that the system has a solution; more sets the reason why there is none. */
void gkt_problem_balance_load(gkt_problem *p, gkt_scalar *b) {
  const gkt_space *space = p->spaces[p->field];
  int bs = gkt_space_block_size(space);
  gkt_idx n = gkt_space_num_nodes(space);
  for (int c = 0; c < bs; c++) {
    double total = 0, size = 0;
    for (gkt_idx i = 0; i < n; i++) total += b[(gkt_size)i * bs + c], size += fabs(b[(gkt_size)i * bs + c]);
    if (fabs(total) > 1e-8 * size) {
      snprintf(p->reason, sizeof p->reason,
               "incompatible load: no condition fixes %s, so its load (sources and boundary fluxes together) must sum to zero, but component %d sums to %.6g (absolute sum %.6g)",
               gkt_scope_function_name(p->scope, p->field), c, total, size);
      return;
    }
    for (gkt_idx i = 0; i < n; i++) b[(gkt_size)i * bs + c] -= total / n;
  }
}

static gkt_status integrate(gkt_problem *p, const char *text, double *out) {
  gkt_form *form = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  GKT_GO(gkt_form_parse(p->scope, GKT_FUNCTIONAL, &(gkt_source){.text = text, .file = p->settings->file, .key = "solver.nullspace"}, &form));
  GKT_GO(gkt_assembler_create(form, p->mesh, p->spaces, &assembler));
  GKT_GO(gkt_assemble_functional(assembler, &p->inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  return status;
}

gkt_status gkt_problem_fix_mean(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const char *name = gkt_scope_function_name(p->scope, p->field);
  gkt_shape shape = gkt_space_shape(space);
  int bs = gkt_space_block_size(space);
  double volume;
  GKT_TRY(integrate(p, "1*dx", &volume));
  for (int c = 0; c < bs; c++) {
    char text[300];
    double mean;
    if (shape.rank == 0) snprintf(text, sizeof text, "%s*dx", name);
    else if (shape.rank == 1) snprintf(text, sizeof text, "%s[%d]*dx", name, c);
    else snprintf(text, sizeof text, "%s[%d,%d]*dx", name, c / shape.dims[1], c % shape.dims[1]);
    GKT_TRY(integrate(p, text, &mean));
    for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) p->values[p->field][(gkt_size)i * bs + c] -= mean / volume;
  }
  return GKT_OK;
}
