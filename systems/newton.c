/* A nonlinear problem: what the nonlinear solver calls. */
#include <float.h>
#include <math.h>

#include "systems/device.h"

/* ---- what the solver calls; user: the solution ---- */
typedef struct {
  double start, cpu;
} watch;
static watch start_watch(void) { return (watch){gkt_seconds(), gkt_cpu_seconds()}; }
/* On the device, when the work is done: what follows asks it for numbers at once. */
static gkt_status stop_watch(gkt_solution *o, watch w, gkt_status status) {
  if (status == GKT_OK && o->s->device) status = gkt_device_wait(o->s->device->device);
  o->report->assemble_seconds += gkt_seconds() - w.start, o->report->assemble_cpu_seconds += gkt_cpu_seconds() - w.cpu;
  return status;
}

static gkt_status residual(void *user, const gkt_vector *u, gkt_vector *r) {
  gkt_solution *o = user;
  watch w = start_watch();
  gkt_status status = gkt_system_assemble_residual(o->s, u, r);
  if (status == GKT_OK && o->left.count) gkt_solution_drop_kernel(o, r); /* what is left of a load that balances is rounding, which the kernel would make large */
  return stop_watch(o, w, status);
}

static gkt_status update_schurs(gkt_system *s, const gkt_vector *u) {
  const gkt_scalar *values;
  if (!s->schurs) return GKT_OK;
  GKT_TRY(gkt_system_fetch(s, u, "blocks of multipliers", &values));
  return gkt_system_update_schurs(s, values);
}

static gkt_status tangent(void *user, const gkt_vector *u, gkt_csr *A) {
  gkt_solution *o = user;
  watch w = start_watch();
  gkt_status status = gkt_system_assemble_matrix(o->s, u, A);
  o->report->assemblies++;
  if (status == GKT_OK) status = update_schurs(o->s, u);
  return stop_watch(o, w, status);
}

static gkt_status energy(void *user, const gkt_vector *u, double *value) {
  gkt_solution *o = user;
  watch w = start_watch();
  const gkt_inputs inputs = gkt_system_now_at(o->s, u);
  return stop_watch(o, w, gkt_assemble_functional(o->s->energy_assembler, &inputs, value));
}

static gkt_status eliminate(void *user, gkt_csr *A) { return gkt_system_eliminate(((gkt_solution *)user)->s, A); }

static gkt_status magnitude(void *user, const gkt_vector *u, gkt_vector *m) {
  return gkt_system_assemble_magnitude(((gkt_solution *)user)->s, u, "rounding of a residual, by an interpreter", m);
}

static gkt_status is_admissible(void *user, const gkt_vector *u, bool *admissible) {
  gkt_system *s = ((gkt_solution *)user)->s;
  const gkt_inputs inputs = gkt_system_now_at(s, u);
  return gkt_system_is_inside_at(s, &inputs, admissible);
}

static bool has_barriers(const gkt_system *s) { return s->barriers && s->barriers->blocks; }

/* Steps are kept from barriers where the guess is on their good side. */
static gkt_status keep_inside(gkt_solution *o, const gkt_vector *u, gkt_nonlinear_system *system) {
  bool inside;
  GKT_TRY(gkt_system_find_barriers(o->s));
  if (!has_barriers(o->s)) return GKT_OK;
  GKT_TRY(is_admissible(o, u, &inside));
  if (inside) system->is_admissible = is_admissible;
  return GKT_OK;
}

/* ---- the whole ---- */
static void warn_of_kind(const gkt_solution *o) {
  const gkt_nonlinear_report *r = &o->report->newton;
  gkt_text t = {.ctx = o->s->ctx};
  if (r->stationary == GKT_STATIONARY_UNKNOWN || r->stationary == GKT_STATIONARY_MINIMUM) return;
  gkt_system_print_place(o->s->residual, &t);
  gkt_text_printf(&t, "the solution is a %s of the energy, not a minimum: it falls in %d direction%s from there; for a minimum give another `initial`, not a symmetric one",
                  r->stationary == GKT_STATIONARY_SADDLE ? "saddle" : "maximum", r->num_negative, r->num_negative == 1 ? "" : "s");
  if (t.data) gkt_log(o->s->ctx, GKT_LOG_WARNING, "%s", t.data);
  gkt_text_free(&t);
}

/* At the solution the energy is no minimum, it is a saddle: steps are not to lower it. */
static bool has_multiplier(const gkt_system_facts *f) {
  for (int k = 0; k < f->num_blocks; k++)
    if (f->blocks[k].multiplier) return true;
  return false;
}

/* g: work */
static gkt_status solve(gkt_solution *o, gkt_vector *u, gkt_vector *g) {
  gkt_system *s = o->s;
  gkt_solve_report *r = o->report;
  if (o->options->newton.accept == GKT_ACCEPT_ENERGY && has_multiplier(&o->facts))
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "steps are to be accepted by the energy, but with a multiplier among %s the solution is a saddle of it; expected the natural test",
                    s->names);
  gkt_nonlinear_system system = {.user = o,
                                 .residual = residual,
                                 .tangent = tangent,
                                 .eliminate = eliminate,
                                 .magnitude = magnitude,
                                 .values = g,
                                 .energy = s->energy_assembler && !s->num_stages && !has_multiplier(&o->facts) && !o->plane ? energy : NULL};
  gkt_nonlinear_path path;
  double t = s->inputs.time;
  if (o->plane) gkt_solution_set_path(o, &t, &path, &system);
  GKT_TRY(keep_inside(o, u, &system));
  gkt_system_lift_tied(s, g);
  GKT_TRY(gkt_solution_stage(o, "newton"));
  gkt_csr *A = gkt_vector_where(u) == GKT_ON_DEVICE ? &s->device->matrix : s->matrix;
  if (gkt_solution_keeps(o)) GKT_TRY(gkt_solution_newton_kept(o, &system, A, u));
  else GKT_TRY(gkt_nonlinear_solve(s->ctx, &system, &o->facts, A, u, &o->options->newton, &r->newton));
  r->linear = r->newton.linear;
  r->newton.linear = (gkt_linear_report){0};
  r->setup_seconds = r->newton.setup_seconds, r->setup_cpu_seconds = r->newton.setup_cpu_seconds;
  r->solve_seconds = r->newton.solve_seconds, r->solve_cpu_seconds = r->newton.solve_cpu_seconds;
  r->valid = r->newton.converged;
  return GKT_OK;
}

/* The same on the device; what comes back is the answer. u: the solution on the host */
static gkt_status solve_on_device(gkt_solution *o, gkt_vector *u) {
  const gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_vector *there = NULL, *g = NULL;
  gkt_status status;
  GKT_GO(gkt_system_send(o->s));
  GKT_GO(gkt_vector_create_on(o->s->ctx, GKT_ON_DEVICE, n, &g));
  if (o->there) GKT_GO(solve(o, o->there, g));
  if (o->there) goto done;
  GKT_GO(gkt_vector_create_on(o->s->ctx, GKT_ON_DEVICE, n, &there));
  GKT_GO(gkt_vector_to(u, there));
  GKT_GO(solve(o, there, g));
  GKT_GO(gkt_vector_to(there, u));
done:
  gkt_vector_destroy(&there);
  gkt_vector_destroy(&g);
  return status;
}

/* Of one unknown it is proven that constants are in the kernel, whatever u is; rotations are looked for at the guess. Of several, what is there at a state that is nothing special
   is taken to be there always. */
static gkt_status assemble_for_kernel(gkt_solution *o, gkt_scalar *work) {
  gkt_system *s = o->s;
  bool finite = s->num_unknowns == 1;
  if (finite) GKT_TRY(gkt_system_assemble_tangent(s, o->u));
  for (double factor = 1; !finite && factor > 1e-9; factor *= 1e-4) { /* large ones may leave what the form is defined for */
    gkt_solution_disturb(o, factor, work);
    GKT_TRY(gkt_system_assemble_tangent(s, work));
    finite = gkt_is_finite(s->matrix->row_offsets[s->matrix->num_rows], s->matrix->vals);
  }
  gkt_constraints_eliminate(s->constraints, s->matrix);
  return GKT_OK;
}

/* A load that nothing can balance is told from R(u), whose sum along what the tangent's transpose maps to zero is the same for every u: at u = 0, with the conditions, if that is
   finite, as large gradients of the guess would hide it. zero, load [dofs], on the host */
static gkt_status refuse_load(gkt_solution *o, const gkt_vector *u, gkt_vector *zero, gkt_vector *load) {
  double size;
  if (!o->facts.singular) return GKT_OK;
  GKT_TRY(assemble_for_kernel(o, gkt_vector_values(load)));
  GKT_TRY(gkt_solution_find_kernel(o, o->s->matrix));
  if (o->report->reason[0] || !o->left.count) return GKT_OK;
  gkt_system_lift_tied(o->s, zero);
  GKT_TRY(gkt_system_free_residual(o->s, gkt_vector_read(zero), gkt_vector_values(load), &size));
  const bool finite = gkt_vector_is_finite(load);
  if (!finite) GKT_TRY(gkt_system_free_residual(o->s, o->u, gkt_vector_values(load), &size));
  gkt_vector_scale(load, -1);
  return gkt_solution_balance(o, finite ? zero : u, load);
}

/* Mean and mean rotation to 0, which must leave the residual where it was: rotations of the kernel of one state need not be in that of another. */
static gkt_status fix_kernel(gkt_solution *o) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_solve_report *r = o->report;
  gkt_vector *u = NULL, *moved = NULL;
  double size;
  gkt_status status;
  GKT_GO(gkt_vector_wrap(o->s->ctx, n, o->u, &u));
  GKT_GO(gkt_solution_fix_kernel(o, u));
  GKT_GO(gkt_vector_create(o->s->ctx, n, &moved));
  GKT_GO(residual(o, u, moved));
  gkt_constraints_zero(o->s->constraints, gkt_vector_values(moved));
  size = gkt_vector_norm(moved);
  GKT_GO(magnitude(o, u, moved));
  gkt_constraints_zero(o->s->constraints, gkt_vector_values(moved));
  r->valid = size <= 10 * fmax(o->options->newton.rtol, r->newton.residual) * r->newton.first + 100 * DBL_EPSILON * gkt_vector_norm(moved);
  if (!r->valid)
    snprintf(r->reason, sizeof r->reason,
             "the equation is solved, but no condition fixes '%s', and with its mean and its mean rotation at 0 it is not: |R(u)| is %.3g, %.3g before", r->unfixed, size,
             r->newton.residual * r->newton.first);
done:
  gkt_vector_destroy(&u);
  gkt_vector_destroy(&moved);
  return status;
}

/* What the solver's end means. */
static gkt_status conclude(gkt_solution *o) {
  gkt_solve_report *r = o->report;
  if (!r->valid || r->newton.iterations == 0 || has_barriers(o->s)) GKT_TRY(gkt_solution_fetch(o));
  if (r->valid && r->linear.ill_conditioned) r->valid = false, gkt_system_explain_ill_conditioned(o->s, &r->linear, sizeof r->reason, r->reason);
  else if (r->valid) GKT_TRY(gkt_solution_look_at_guess(o));
  else GKT_TRY(gkt_solution_explain_newton(o));
  if (!r->valid) return GKT_OK;
  warn_of_kind(o);
  GKT_TRY(gkt_system_warn_barriers(o->s, o->u));
  return r->singular ? fix_kernel(o) : GKT_OK;
}

gkt_status gkt_solution_newton(gkt_solution *o) {
  gkt_vector *u = NULL, *g = NULL, *load = NULL;
  gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_solution_stage(o, "assemble"));
  GKT_GO(gkt_vector_wrap(o->s->ctx, n, o->u, &u));
  GKT_GO(gkt_vector_create(o->s->ctx, n, &g));
  GKT_GO(gkt_vector_create(o->s->ctx, n, &load));
  GKT_GO(gkt_system_need_matrix(o->s));
  GKT_GO(refuse_load(o, u, g, load));
  if (o->plane && !o->report->reason[0]) GKT_GO(gkt_solution_check_plane(o));
  if (!o->report->reason[0]) GKT_GO(gkt_solution_is_on_device(o) ? solve_on_device(o, u) : solve(o, u, g));
  if (!o->report->reason[0]) GKT_GO(conclude(o));
done:
  gkt_vector_destroy(&u);
  gkt_vector_destroy(&g);
  gkt_vector_destroy(&load);
  return status;
}
