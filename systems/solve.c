/* The solution of a system, whatever its kind. */
#include <string.h>

#include "assembly/assembler.h"
#include "solvers/linear.h"
#include "systems/device.h"

gkt_solve_options gkt_solve_options_default(void) { return (gkt_solve_options){.newton = gkt_nonlinear_options_default()}; }

void gkt_solve_report_clear(gkt_solve_report *r) {
  gkt_linear_report_clear(&r->linear);
  gkt_nonlinear_report_clear(&r->newton);
}

gkt_status gkt_solution_stage(const gkt_solution *o, const char *stage) { return !o->options->stage || o->options->stage(o->options->stage_user, stage) ? GKT_OK : GKT_CANCELLED; }

/* A factor has no use for it. */
static bool needs_preconditioner(const gkt_solution *o) {
  const gkt_linear_method method = o->options->newton.linear.method;
  return o->s->num_unknowns > 1 && method != GKT_LINEAR_DIRECT && (method != GKT_LINEAR_AUTO || !gkt_linear_factorizes(&o->facts, gkt_system_num_dofs(o->s)));
}

gkt_status gkt_solution_find_facts(gkt_solution *o) {
  GKT_TRY(gkt_system_get_facts(o->s, &o->facts));
  o->facts.reused = o->options->keep_solver && !o->s->num_stages;
  GKT_TRY(gkt_system_look_at_multipliers(o->s));
  if (needs_preconditioner(o)) {
    GKT_TRY(gkt_solution_fetch(o));
    GKT_TRY(gkt_system_make_schurs(o->s, o->u));
  }
  o->facts.singular = o->facts.singular && !o->options->keep_kernel;
  o->report->symmetric = o->facts.symmetric, o->report->positive = o->facts.positive, o->report->singular = o->facts.singular;
  return GKT_OK;
}

void gkt_solution_take_facts(gkt_solution *o) {
  o->facts = o->s->kept.facts;
  o->report->symmetric = o->facts.symmetric, o->report->positive = o->facts.positive, o->report->singular = o->facts.singular;
}

gkt_status gkt_solution_explain_nonfinite(gkt_solution *o, const char *advice) {
  const gkt_inputs inputs = gkt_system_now(o->s, o->u);
  return gkt_system_explain_nonfinite(o->s, &inputs, advice, sizeof o->report->reason, o->report->reason);
}

static gkt_status solve_either(gkt_solution *o) { return o->s->is_nonlinear || o->plane ? gkt_solution_newton(o) : gkt_solution_linear(o); }

/* What the caller has on the device and only the host solves is brought there and back. */
static gkt_status solve_in_place(gkt_solution *o) {
  gkt_vector *there = o->there;
  if (!there || gkt_solution_is_on_device(o)) return solve_either(o);
  GKT_TRY(gkt_solution_fetch(o));
  o->there = NULL;
  gkt_status status = solve_either(o);
  o->there = there;
  GKT_TRY(status);
  return gkt_vector_to(o->s->device->answer, there);
}

static gkt_status solve(gkt_solution *o) {
  const gkt_inputs inputs = gkt_system_at(o->s, o->u, o->s->inputs.time);
  GKT_TRY(gkt_assembler_check(o->s->residual_assembler, &inputs)); /* what was never set is named */
  GKT_TRY(gkt_system_refresh(o->s));
  if (!o->s->num_stages && !o->options->keep_solver && !o->s->kept.wanted) gkt_system_forget(o->s);
  o->is_kept = o->s->kept.fits;
  if (o->is_kept) gkt_solution_take_facts(o);
  else GKT_TRY(gkt_solution_find_facts(o));
  gkt_solution_tell_place(o);
  gkt_status status = solve_in_place(o);
  gkt_solution_report_place(o);
  return status;
}

/* Whatever the status, the report holds what is known. */
static gkt_status conclude(gkt_solution *o, gkt_status status) {
  gkt_solve_report *r = o->report;
  if (o->s->matrix) r->nonzeros = o->s->matrix->row_offsets[o->s->matrix->num_rows];
  r->cancelled = status == GKT_CANCELLED || r->linear.cancelled || r->newton.cancelled;
  if (r->cancelled) snprintf(r->reason, sizeof r->reason, "%s", gkt_status_text(GKT_CANCELLED));
  if (status != GKT_OK) r->valid = false;
  return status == GKT_CANCELLED ? GKT_OK : status;
}

static void to_tied(gkt_solution *o) {
  if (o->there) gkt_system_to_tied_there(o->s, o->there);
  else if (o->s->ties) gkt_system_to_tied(o->s, o->u, o->u);
}

static void from_tied(gkt_solution *o) {
  gkt_system *s = o->s;
  if (o->there) gkt_system_from_tied_there(s, o->there);
  else if (s->ties) gkt_system_from_tied(s, o->u, s->expanded), memcpy(o->u, s->expanded, (size_t)gkt_system_num_dofs(s) * sizeof *o->u);
}

gkt_status gkt_system_solve(gkt_system *s, const gkt_solve_options *options, gkt_vector *u, gkt_solve_report *report) {
  return gkt_solution_run(s, options, NULL, NULL, NULL, u, report);
}

gkt_status gkt_system_solve_assembled(gkt_system *s, const gkt_solve_options *options, const gkt_assembled *assembled, gkt_vector *u, gkt_solve_report *report) {
  return gkt_solution_run(s, options, assembled, NULL, NULL, u, report);
}

gkt_status gkt_solution_run(gkt_system *s, const gkt_solve_options *given, const gkt_assembled *assembled, const gkt_plane *plane, gkt_vector *normal, gkt_vector *u,
                            gkt_solve_report *report) {
  const gkt_solve_options options = given ? *given : gkt_solve_options_default();
  const bool there = u && gkt_vector_where(u) == GKT_ON_DEVICE;
  GKT_TRY(gkt_need(s->ctx, report, "gkt_system_solve", "report"));
  *report = (gkt_solve_report){0};
  GKT_TRY(gkt_system_check_size(s, u, "u"));
  GKT_TRY(gkt_system_plan(s));
  if (there) GKT_TRY(gkt_system_check_place(s));
  if (there) GKT_TRY(gkt_system_send(s));
  if (!there && s->num_stages == 0) s->data_version++; /* who solves at rest may have written into arrays of data */
  gkt_solution o = {.s = s, .options = &options, .report = report, .there = there ? u : NULL, .starts_at_zero = gkt_vector_norm(u) == 0, .plane = plane, .normal = normal};
  o.u = gkt_vector_values(there ? s->device->answer : u);
  if (assembled) o.assembled = *assembled;
  s->kept.fits_at = false;
  to_tied(&o);
  gkt_status status = solve(&o);
  gkt_solution_clear_kernel(&o);
  from_tied(&o);
  if (status == GKT_OK) status = gkt_context_settled(s->ctx, false);
  gkt_system_at(s, NULL, 0);
  return conclude(&o, status);
}
