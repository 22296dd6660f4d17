/* A linear problem is one Newton step from the lifted conditions: A d = -R(g), u = g + d. Vectors and matrix stand on the host, or all on the device until the answer. */
#include <string.h>

#include "core/vector.h"
#include "systems/device.h"

typedef struct {
  gkt_where where;
  gkt_csr *A;
  gkt_vector *u, *b, *d; /* [dofs] the solution; -R(g); what is added to g */
  bool by_operators;     /* operators.c */
  gkt_vector *load;      /* -R(0), where conditions have values other than 0, which may hide it; else NULL */
} linear_step;

/* ---- memory ---- */
/* With the guess, where it is looked at. */
static gkt_status create_there(gkt_solution *o, linear_step *t) {
  gkt_vector *guess = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_create_on(o->s->ctx, t->where, gkt_system_num_dofs(o->s), &t->u));
  GKT_GO(gkt_vector_wrap(o->s->ctx, gkt_system_num_dofs(o->s), o->u, &guess));
  if (gkt_solution_keeps(o)) GKT_GO(gkt_vector_to(guess, t->u));
done:
  gkt_vector_destroy(&guess);
  return status;
}

static gkt_status create(gkt_solution *o, linear_step *t) {
  gkt_context *ctx = o->s->ctx;
  const gkt_idx n = gkt_system_num_dofs(o->s);
  t->where = gkt_solution_is_on_device(o) ? GKT_ON_DEVICE : GKT_ON_HOST;
  GKT_TRY(gkt_system_need_matrix(o->s));
  if (t->where == GKT_ON_DEVICE) GKT_TRY(gkt_system_send(o->s));
  t->A = t->where == GKT_ON_DEVICE ? &o->s->device->matrix : o->s->matrix;
  if (o->there && t->where == GKT_ON_DEVICE) t->u = o->there;
  else if (t->where == GKT_ON_DEVICE) GKT_TRY(create_there(o, t));
  else GKT_TRY(gkt_vector_wrap(ctx, n, o->u, &t->u));
  GKT_TRY(gkt_vector_create_on(ctx, t->where, n, &t->b));
  return gkt_vector_create_on(ctx, t->where, n, &t->d);
}

static void destroy(const gkt_solution *o, linear_step *t) {
  if (t->u != o->there) gkt_vector_destroy(&t->u);
  gkt_vector_destroy(&t->b), gkt_vector_destroy(&t->d), gkt_vector_destroy(&t->load);
}

/* What is in u, on the host. */
static gkt_status bring_back(gkt_solution *o, const linear_step *t) {
  gkt_vector *u = NULL;
  gkt_status status;
  if (t->where == GKT_ON_HOST) return GKT_OK;
  if (o->there) return gkt_solution_fetch(o);
  GKT_GO(gkt_vector_wrap(o->s->ctx, gkt_system_num_dofs(o->s), o->u, &u));
  GKT_GO(gkt_vector_to(t->u, u));
done:
  gkt_vector_destroy(&u);
  return status;
}

/* ---- assembly ---- */
/* Steps of a system that is linear, and whose derivatives do not change, sum products instead of cells; in the first one, too, so that what was done before leaves no trace. */
static gkt_status make_operators(gkt_solution *o, linear_step *t) {
  const gkt_system *s = o->s;
  if (t->where == GKT_ON_DEVICE || !s->num_stages || s->stages[0].weighs_rows) return GKT_OK;
  return gkt_system_make_operators(o->s, &t->by_operators);
}

/* out = -R(u) on free dofs; its length. known: R(u), on the host; NULL: it is not */
static gkt_status assemble_load(gkt_system *s, const linear_step *t, const gkt_vector *u, const gkt_scalar *known, gkt_vector *out, double *size) {
  if (known) memcpy(gkt_vector_values(out), known, (size_t)gkt_system_num_dofs(s) * sizeof *known);
  else if (t && t->by_operators) GKT_TRY(gkt_system_sum_by_operators(s, gkt_vector_read(u), gkt_vector_values(out)));
  else GKT_TRY(gkt_system_assemble_residual(s, u, out));
  gkt_system_zero(s, out);
  *size = gkt_vector_norm(out);
  gkt_vector_scale(out, -1);
  return GKT_OK;
}

static gkt_status assemble_right_side(gkt_solution *o, linear_step *t) {
  gkt_system *s = o->s;
  double size;
  gkt_vector_fill(t->u, 0);
  gkt_system_lift_tied(s, t->b);
  if (gkt_vector_norm(t->b) > 0) {
    GKT_TRY(gkt_vector_create_on(s->ctx, t->where, gkt_system_num_dofs(s), &t->load));
    GKT_TRY(assemble_load(s, t, t->u, o->assembled.at_zero, t->load, &size));
  }
  gkt_system_lift_tied(s, t->u);
  return assemble_load(s, t, t->u, o->assembled.there, t->b, &o->report->initial_residual);
}

/* In d, as conditions are 0 on free dofs. */
static void take_guess(gkt_solution *o, linear_step *t) {
  gkt_vector_copy(t->u, t->d);
  gkt_system_zero(o->s, t->d);
}

static gkt_status assemble_matrix(gkt_solution *o, linear_step *t) {
  const gkt_scalar *known = o->assembled.matrix;
  if (!known) return gkt_system_assemble_matrix(o->s, t->u, t->A);
  memcpy(t->A->vals, known, (size_t)t->A->row_offsets[t->A->num_rows] * sizeof *known);
  return GKT_OK;
}

static gkt_status assemble(gkt_solution *o, linear_step *t) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  if (gkt_solution_keeps(o) && !o->s->kept.wanted) take_guess(o, t);
  GKT_TRY(make_operators(o, t));
  GKT_TRY(assemble_right_side(o, t));
  if (!o->is_kept) GKT_TRY(assemble_matrix(o, t));
  if (!o->is_kept) GKT_TRY(gkt_system_eliminate(o->s, t->A));
  o->report->assemblies += !o->is_kept;
  if (t->where == GKT_ON_DEVICE) GKT_TRY(gkt_device_wait(o->s->device->device));
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

/* ---- solution ---- */
static const gkt_scalar *address(const linear_step *t, const gkt_vector *v) { return t->where == GKT_ON_DEVICE ? gkt_vector_address(v) : gkt_vector_read(v); }

static gkt_status solve_system(gkt_solution *o, linear_step *t) {
  gkt_linear_options options = o->options->newton.linear;
  gkt_solve_report *r = o->report;
  GKT_TRY(gkt_solution_find_kernel(o, t->A));
  if (!r->reason[0]) GKT_TRY(gkt_solution_plan_means(o, t->u));
  if (!r->reason[0] && o->left.count) GKT_TRY(gkt_solution_balance(o, t->u, t->b));
  if (r->reason[0]) return GKT_OK;
  options.load = t->load ? address(t, t->load) : NULL;
  if (gkt_solution_keeps(o)) GKT_TRY(gkt_solution_solve_kept(o, t->A, address(t, t->b), (gkt_scalar *)address(t, t->d), &options, &r->linear));
  else GKT_TRY(gkt_linear_solve(o->s->ctx, t->A, &o->facts, address(t, t->b), (gkt_scalar *)address(t, t->d), &options, &r->linear));
  r->setup_seconds = r->linear.setup_seconds, r->setup_cpu_seconds = r->linear.setup_cpu_seconds;
  r->solve_seconds = r->linear.solve_seconds, r->solve_cpu_seconds = r->linear.solve_cpu_seconds;
  r->valid = r->linear.converged;
  gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  return GKT_OK;
}

/* d, added to u */
static gkt_status step(gkt_solution *o, linear_step *t) {
  bool finite = gkt_vector_is_finite(t->b);
  if (finite && !o->is_kept) GKT_TRY(gkt_system_matrix_is_finite(o->s, t->A, &finite));
  if (!finite) GKT_TRY(bring_back(o, t));
  if (!finite) return gkt_solution_explain_nonfinite(o, "");
  GKT_TRY(gkt_solution_stage(o, "solve"));
  GKT_TRY(solve_system(o, t));
  gkt_vector_axpy(1, t->d, t->u);
  return GKT_OK;
}

/* What nothing fixes. */
static gkt_status fix_kernel(gkt_solution *o, linear_step *t) {
  gkt_vector_axpy(-1, t->u, t->d); /* -g */
  GKT_TRY(gkt_solution_fix_kernel(o, t->u));
  gkt_vector_axpy(1, t->u, t->d);
  return GKT_OK;
}

/* The host looks closer, at all of it. */
static gkt_status judge_on_host(gkt_solution *o, const linear_step *t) {
  gkt_system *s = o->s;
  gkt_vector *b = NULL, *d = NULL;
  gkt_status status;
  gkt_log(s->ctx, GKT_LOG_DETAIL, "device: the matrix is brought to the host: is the form solved?");
  GKT_GO(gkt_solution_fetch(o));
  GKT_GO(gkt_vector_create(s->ctx, gkt_system_num_dofs(s), &b));
  GKT_GO(gkt_vector_create(s->ctx, gkt_system_num_dofs(s), &d));
  GKT_GO(gkt_vector_to(t->b, b));
  GKT_GO(gkt_vector_to(t->d, d));
  GKT_GO(gkt_device_download(s->device->device, s->device->vals.at, s->matrix->vals, s->device->vals.count * (gkt_size)sizeof(gkt_scalar)));
  GKT_GO(gkt_solution_fetch_kernel(o));
  GKT_GO(gkt_solution_judge_form(o, gkt_vector_read(b), gkt_vector_read(d)));
done:
  gkt_vector_destroy(&b);
  gkt_vector_destroy(&d);
  return status;
}

static gkt_status judge(gkt_solution *o, linear_step *t) {
  double size;
  bool solved;
  if (!o->report->valid) {
    GKT_TRY(assemble_load(o->s, NULL, t->u, NULL, t->b, &size));
    o->report->final_residual = size;
    return GKT_OK;
  }
  if (o->is_kept) { /* that form and matrix agree was found when it was assembled */
    o->report->final_residual = o->report->linear.residual * gkt_vector_norm(t->b);
    return GKT_OK;
  }
  if (t->where == GKT_ON_HOST) return gkt_solution_judge_form(o, gkt_vector_read(t->b), gkt_vector_read(t->d));
  GKT_TRY(gkt_solution_judge_on_device(o, t->u, t->b, t->d, &solved));
  return solved ? GKT_OK : judge_on_host(o, t);
}

gkt_status gkt_solution_linear(gkt_solution *o) {
  linear_step t = {0};
  gkt_status status;
  GKT_TRY(gkt_solution_stage(o, "assemble"));
  GKT_GO(create(o, &t));
  GKT_GO(assemble(o, &t));
  GKT_GO(step(o, &t));
  if (o->report->singular && o->report->valid) GKT_GO(fix_kernel(o, &t));
  if (!o->there) GKT_GO(bring_back(o, &t));
  GKT_GO(judge(o, &t));
done:
  destroy(o, &t);
  return status;
}
