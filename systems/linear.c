/* A linear problem is one Newton step from the lifted conditions: A d = -R(g), u = g + d. */
#include <string.h>

#include "systems/device.h"

/* load: -R(0), where conditions have values other than 0, which may hide it; else NULL. b = -R(g) */
static gkt_status assemble_right_side(gkt_solution *o, gkt_scalar *b, gkt_scalar **load) {
  gkt_system *s = o->s;
  gkt_idx n = gkt_system_num_dofs(s);
  double size;
  memset(o->u, 0, (size_t)n * sizeof *o->u);
  gkt_constraints_lift(s->constraints, b);
  if (gkt_norm(n, b, NULL) > 0) {
    GKT_TRY(gkt_alloc(s->ctx, n, sizeof **load, load));
    GKT_TRY(gkt_system_free_residual(s, o->u, *load, &size));
    for (gkt_idx i = 0; i < n; i++) (*load)[i] = -(*load)[i];
  }
  gkt_constraints_lift(s->constraints, o->u);
  GKT_TRY(gkt_system_free_residual(s, o->u, b, &o->report->initial_residual));
  for (gkt_idx i = 0; i < n; i++) b[i] = -b[i];
  return GKT_OK;
}

static gkt_status assemble(gkt_solution *o, gkt_scalar *b, gkt_scalar **load) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(assemble_right_side(o, b, load));
  GKT_TRY(gkt_system_assemble_tangent(o->s, o->u));
  gkt_constraints_eliminate(o->s->constraints, o->s->matrix);
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static gkt_status solve_system(gkt_solution *o, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_linear_options options = o->options->newton.linear;
  gkt_solve_report *r = o->report;
  GKT_TRY(gkt_solution_find_kernel(o));
  if (!r->reason[0]) GKT_TRY(gkt_solution_balance(o, o->u, b));
  if (r->reason[0]) return GKT_OK;
  options.load = load;
  GKT_TRY(gkt_linear_solve(o->s->ctx, o->s->matrix, &o->facts, b, d, &options, &r->linear));
  r->setup_seconds = r->linear.setup_seconds, r->setup_cpu_seconds = r->linear.setup_cpu_seconds;
  r->solve_seconds = r->linear.solve_seconds, r->solve_cpu_seconds = r->linear.solve_cpu_seconds;
  r->valid = r->linear.converged;
  gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  return GKT_OK;
}

/* d, added to u */
static gkt_status step(gkt_solution *o, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  if (!gkt_is_finite(n, b) || !gkt_is_finite(o->s->matrix->row_offsets[n], o->s->matrix->vals)) return gkt_solution_explain_nonfinite(o, "");
  GKT_TRY(gkt_solution_stage(o, "solve"));
  GKT_TRY(solve_system(o, b, load, d));
  for (gkt_idx i = 0; i < n; i++) o->u[i] += d[i];
  return GKT_OK;
}

gkt_status gkt_solution_linear(gkt_solution *o) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_scalar *b = NULL, *d = NULL, *load = NULL;
  gkt_status status;
  GKT_TRY(gkt_solution_stage(o, "assemble"));
  if (gkt_solution_is_on_device(o)) return gkt_solution_linear_on_device(o);
  GKT_GO(gkt_calloc(o->s->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_calloc(o->s->ctx, n, sizeof *d, &d));
  GKT_GO(assemble(o, b, &load));
  GKT_GO(step(o, b, load, d));
  if (o->report->singular && o->report->valid) {
    for (gkt_idx i = 0; i < n; i++) d[i] -= o->u[i]; /* -g */
    GKT_GO(gkt_solution_fix_kernel(o));
    for (gkt_idx i = 0; i < n; i++) d[i] += o->u[i];
  }
  if (o->report->valid) GKT_GO(gkt_solution_judge_form(o, b, d));
  else GKT_GO(gkt_system_free_residual(o->s, o->u, b, &o->report->final_residual));
done:
  gkt_free(&b);
  gkt_free(&d);
  gkt_free(&load);
  return status;
}
