/* The solution of a system, whatever its kind. */
#include "systems/system.h"

gkt_solve_options gkt_solve_options_default(void) { return (gkt_solve_options){.newton = gkt_nonlinear_options_default()}; }

void gkt_solve_report_clear(gkt_solve_report *r) {
  gkt_linear_report_clear(&r->linear);
  gkt_nonlinear_report_clear(&r->newton);
}

gkt_status gkt_solution_stage(const gkt_solution *o, const char *stage) { return !o->options->stage || o->options->stage(o->options->stage_user, stage) ? GKT_OK : GKT_CANCELLED; }

static gkt_status find_facts(gkt_solution *o) {
  GKT_TRY(gkt_system_get_facts(o->s, &o->facts));
  o->facts.singular = o->facts.singular && !o->options->keep_kernel;
  o->report->symmetric = o->facts.symmetric, o->report->positive = o->facts.positive, o->report->singular = o->facts.singular;
  return GKT_OK;
}

gkt_status gkt_system_solve(gkt_system *s, const gkt_solve_options *given, gkt_vector *u, gkt_solve_report *report) {
  const gkt_solve_options options = given ? *given : gkt_solve_options_default();
  gkt_solution o = {.s = s, .options = &options, .report = report, .u = gkt_vector_values(u)};
  gkt_status status;
  *report = (gkt_solve_report){0};
  if (!o.u || gkt_vector_size(u) != s->layout.num_owned)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: u has %d entries; expected %d on the host, one for each dof", gkt_vector_size(u), s->layout.num_owned);
  GKT_GO(gkt_system_plan(s));
  GKT_GO(gkt_system_refresh(s));
  GKT_GO(find_facts(&o));
  GKT_GO(s->is_nonlinear ? gkt_solution_newton(&o) : gkt_solution_linear(&o));
  if (s->matrix) report->nonzeros = s->matrix->row_offsets[s->matrix->num_rows];
done:
  gkt_system_look_at(s, NULL);
  if (status != GKT_OK) gkt_solve_report_clear(report);
  return status;
}
