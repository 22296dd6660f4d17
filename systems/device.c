/* What a solution on the device needs of its system there, and calls that serve vectors in either place. */
#include "systems/device.h"

#include <string.h>

#include "assembly/assembler.h"
#include "assembly/backend.h"
#include "assembly/magnitude.h"
#include "core/vector.h"
#include "forms/form.h"
#include "spaces/space.h"

static bool runs_there(const gkt_assembler *a) { return !a || a->backend->on_device; }

/* Are questions about what nothing fixes answered on the device? */
static bool keeps_kernel(const gkt_solution *o) { return !o->s->is_nonlinear && o->s->num_unknowns == 1 && o->facts.symmetric; }

/* A clause; "": nothing does. */
static const char *needs_host(const gkt_solution *o) {
  const gkt_system *s = o->s;
  if (!runs_there(s->residual_assembler)) return "the residual is assembled there";
  if (!runs_there(s->energy_assembler)) return "the energy is assembled there";
  if (s->num_followed) return "coefficients that depend on t are filled there";
  if (o->plane) return "a path is followed there";
  return o->facts.singular && !keeps_kernel(o) ? "what no condition fixes is found there" : "";
}

static bool all_run_there(const gkt_system *s) { return runs_there(s->tangent_assembler) && runs_there(s->residual_assembler) && runs_there(s->energy_assembler); }

gkt_where gkt_system_place_of(const gkt_system *s, const gkt_csr *A) { return s->device && A == &s->device->matrix ? GKT_ON_DEVICE : GKT_ON_HOST; }

/* A matrix that is kept is where its solve was, for which facts may have been others: of a kernel that then was none. */
bool gkt_solution_is_on_device(const gkt_solution *o) {
  if (o->is_kept) return gkt_system_place_of(o->s, o->s->kept.A) == GKT_ON_DEVICE;
  return runs_there(o->s->tangent_assembler) && !*needs_host(o);
}

void gkt_solution_tell_place(const gkt_solution *o) {
  gkt_system *s = o->s;
  const char *why = needs_host(o);
  if (!runs_there(s->tangent_assembler) || !*why || s->told_place) return;
  gkt_log(s->ctx, GKT_LOG_NOTICE, "the device assembles, vectors and solver are the host's: %s", why);
  s->told_place = true;
}

void gkt_solution_report_place(const gkt_solution *o) {
  char *why = o->report->linear.why;
  const size_t n = strlen(why);
  if (runs_there(o->s->tangent_assembler) && n && *needs_host(o)) snprintf(why + n, sizeof o->report->linear.why - n, "; on the host: %s", needs_host(o));
}

/* ---- life ---- */
static gkt_status send_pattern(gkt_system *s) {
  gkt_system_device *d = s->device;
  GKT_TRY(gkt_system_need_matrix(s));
  const gkt_csr *A = s->matrix;
  const gkt_size entries = A->row_offsets[A->num_rows];
  GKT_TRY(gkt_device_send(d->device, A->row_offsets, (gkt_size)A->num_rows + 1, sizeof *A->row_offsets, "rows of a matrix", &d->offsets));
  GKT_TRY(gkt_device_send(d->device, A->cols, entries, sizeof *A->cols, "columns of a matrix", &d->cols));
  GKT_TRY(gkt_device_alloc(d->device, entries, sizeof *A->vals, "values of a matrix", &d->vals));
  GKT_TRY(gkt_device_alloc(d->device, gkt_sum_work(entries), sizeof(gkt_scalar), "partial sums", &d->work));
  d->matrix = *A;
  d->matrix.row_offsets = d->offsets.at, d->matrix.cols = d->cols.at, d->matrix.vals = d->vals.at, d->matrix.where = GKT_ON_DEVICE;
  return GKT_OK;
}

static gkt_status create_ties(gkt_system *s) {
  gkt_system_device *d = s->device;
  if (!s->ties) return GKT_OK;
  GKT_TRY(gkt_device_ties_prepare(d->device)); /* here, where a failure can be told */
  GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *d->ties, &d->ties));
  for (int k = 0; k < s->num_unknowns; k++) {
    const gkt_ties *ties = s->ties[s->unknowns[k]];
    if (ties) GKT_TRY(gkt_device_ties_begin(d->device, ties, true, &d->ties[k]));
  }
  return gkt_device_alloc(d->device, gkt_system_num_dofs(s), sizeof(gkt_scalar), "values of tied nodes", &d->expanded);
}

static gkt_status create(gkt_system *s) {
  gkt_system_device *d;
  GKT_TRY(gkt_calloc(s->ctx, 1, sizeof *d, &s->device));
  d = s->device;
  GKT_TRY(gkt_device_open(s->ctx, &d->device));
  GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *d->data, &d->data));
  GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *d->values, &d->values));
  GKT_TRY(gkt_vector_create(s->ctx, gkt_system_num_dofs(s), &d->host));
  GKT_TRY(gkt_vector_create(s->ctx, gkt_system_num_dofs(s), &d->answer));
  GKT_TRY(create_ties(s));
  return send_pattern(s);
}

/* Arrays of data are the caller's, who may have written to them. */
static gkt_status send_data(gkt_system *s, int function) {
  gkt_system_device *d = s->device;
  const gkt_size count = gkt_space_num_dofs(s->spaces[function]);
  if (!d->data[function].at) GKT_TRY(gkt_device_alloc(d->device, count, sizeof(gkt_scalar), "values of a coefficient", &d->data[function]));
  d->values[function] = d->data[function].at;
  return gkt_device_upload(d->device, s->values[function], d->data[function].at, count * (gkt_size)sizeof(gkt_scalar));
}

/* Where they were set anew since they were sent. */
static gkt_status send_all_data(gkt_system *s) {
  gkt_system_device *d = s->device;
  if (d->has_data && d->data_version == s->data_version) return GKT_OK;
  for (int f = 0; f < s->num_functions; f++)
    if (s->values[f] && s->spaces[f] && gkt_system_find_block(s, gkt_field_of(s->scope, f)) < 0) GKT_TRY(send_data(s, f));
  d->has_data = true, d->data_version = s->data_version;
  return GKT_OK;
}

static gkt_status send_conditions(gkt_system *s) {
  gkt_device_constraints *c = &s->device->constraints;
  GKT_TRY(gkt_system_refresh(s));
  if (c->of) return gkt_device_constraints_follow(c);
  return gkt_device_constraints_create(s->constraints, c);
}

void gkt_system_device_drop_conditions(gkt_system *s) {
  if (s->device) gkt_device_constraints_destroy(&s->device->constraints);
}

gkt_status gkt_system_send(gkt_system *s) {
  if (!s->device) GKT_TRY(create(s));
  GKT_TRY(send_conditions(s));
  for (int k = 0; s->ties && k < s->num_unknowns; k++) GKT_TRY(gkt_device_ties_follow(s->device->device, s->ties[s->unknowns[k]], &s->device->ties[k]));
  GKT_TRY(send_all_data(s));
  return gkt_system_send_step(s);
}

gkt_status gkt_system_check_place(gkt_system *s) {
  GKT_TRY(gkt_system_plan(s));
  if (s->num_followed) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: vectors are on a device, coefficients that depend on t are filled on the host; expected all there");
  if (all_run_there(s)) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: vectors are on a device, the backend is %s; expected them on the host", s->tangent_assembler->info.backend);
}

gkt_status gkt_system_where(gkt_system *s, gkt_where *out) {
  GKT_TRY(gkt_system_plan(s));
  const char *why = s->num_histories ? "histories are updated there" : s->num_followed ? "coefficients that depend on t are filled there" : "";
  *out = all_run_there(s) && !*why ? GKT_ON_DEVICE : GKT_ON_HOST;
  if (*why && all_run_there(s) && !s->told_place) {
    gkt_log(s->ctx, GKT_LOG_NOTICE, "the device assembles%s: %s", s->num_followed ? ", states and solver are the host's" : " and solves, states are the host's", why);
    s->told_place = true;
  }
  return GKT_OK;
}

void gkt_system_device_destroy(gkt_system *s) {
  gkt_system_device *d = s->device;
  if (!d) return;
  gkt_device_constraints_destroy(&d->constraints);
  for (int f = 0; d->data && f < s->num_functions; f++) gkt_device_free(d->device, &d->data[f]);
  for (int k = 0; d->ties && k < s->num_unknowns; k++) gkt_device_ties_end(d->device, &d->ties[k]);
  if (d->device) gkt_device_free(d->device, &d->offsets), gkt_device_free(d->device, &d->cols), gkt_device_free(d->device, &d->vals), gkt_device_free(d->device, &d->work);
  if (d->device) gkt_device_free(d->device, &d->expanded);
  gkt_free(&d->ties);
  gkt_free(&d->data);
  gkt_free(&d->values);
  gkt_vector_destroy(&d->host), gkt_vector_destroy(&d->answer);
  gkt_system_device_clear_step(d);
  gkt_free(&s->device);
}

/* ---- vectors in either place ---- */
static bool is_there(const gkt_vector *v) { return gkt_vector_where(v) == GKT_ON_DEVICE; }

/* Where values of u, not of u~, stand. */
static const gkt_scalar *expand(gkt_system *s, const gkt_scalar *tied) {
  gkt_system_device *d = s->device;
  if (!s->ties) return tied;
  for (int k = 0; k < s->num_unknowns; k++) {
    const gkt_layout_block *l = &s->blocks[k];
    gkt_scalar *u = d->expanded.at + l->first;
    if (d->ties[k].used) (void)!gkt_device_ties_expand(d->device, s->ties[l->function], &d->ties[k], tied + l->first, u);
    else (void)!gkt_device_copy(d->device, tied + l->first, u, (gkt_size)l->count * (gkt_size)sizeof *u);
  }
  return d->expanded.at;
}

gkt_inputs gkt_system_now_at(gkt_system *s, const gkt_vector *u) {
  if (!is_there(u)) return gkt_system_now(s, gkt_vector_read(u));
  return gkt_system_now_there(s, expand(s, gkt_vector_address(u)));
}

gkt_status gkt_system_assemble_residual(gkt_system *s, const gkt_vector *u, gkt_vector *r) {
  if (!is_there(u)) return gkt_system_sum_residual(s, gkt_vector_read(u), gkt_vector_values(r));
  return gkt_system_sum_residual_there(s, expand(s, gkt_vector_address(u)), r);
}

gkt_status gkt_system_assemble_matrix(gkt_system *s, const gkt_vector *u, gkt_csr *A) {
  if (!is_there(u)) return gkt_system_sum_tangent(s, gkt_vector_read(u), A);
  return gkt_system_sum_tangent_there(s, expand(s, gkt_vector_address(u)), A);
}

void gkt_system_from_tied_there(gkt_system *s, gkt_vector *u) {
  if (s->ties) (void)!gkt_device_copy(s->device->device, expand(s, gkt_vector_address(u)), gkt_vector_address(u), (gkt_size)gkt_vector_size(u) * (gkt_size)sizeof(gkt_scalar));
}

void gkt_system_to_tied_there(gkt_system *s, gkt_vector *u) {
  gkt_system_device *d = s->device;
  for (int k = 0; s->ties && k < s->num_unknowns; k++) {
    const gkt_layout_block *l = &s->blocks[k];
    gkt_scalar *at = gkt_vector_address(u) + l->first, *tied = d->expanded.at + l->first;
    if (!d->ties[k].used) continue;
    (void)!gkt_device_ties_contract(d->device, s->ties[l->function], &d->ties[k], at, tied);
    (void)!gkt_device_copy(d->device, tied, at, (gkt_size)l->count * (gkt_size)sizeof *at);
  }
}

gkt_status gkt_system_assemble_magnitude(gkt_system *s, const gkt_vector *u, const char *why, gkt_vector *m) {
  const gkt_scalar *values;
  gkt_vector *host = NULL;
  gkt_status status;
  GKT_TRY(gkt_system_fetch(s, u, why, &values));
  if (!is_there(m)) return gkt_system_sum_magnitude(s, values, gkt_vector_values(m));
  GKT_GO(gkt_vector_create(s->ctx, gkt_vector_size(m), &host));
  GKT_GO(gkt_system_sum_magnitude(s, values, gkt_vector_values(host)));
  GKT_GO(gkt_vector_to(host, m));
done:
  gkt_vector_destroy(&host);
  return status;
}

gkt_status gkt_system_eliminate(gkt_system *s, gkt_csr *A) {
  if (A->where == GKT_ON_DEVICE) return gkt_device_constraints_eliminate(&s->device->constraints, A);
  return gkt_constraints_eliminate(s->constraints, A), GKT_OK;
}

void gkt_system_zero(gkt_system *s, gkt_vector *r) {
  if (is_there(r)) gkt_mask_zero(&s->device->constraints.mask, r);
  else gkt_constraints_zero(s->constraints, gkt_vector_values(r));
}

void gkt_system_lift_tied(gkt_system *s, gkt_vector *u) {
  if (is_there(u)) gkt_mask_take(&s->device->constraints.mask, s->device->constraints.values, u);
  else gkt_constraints_lift(s->constraints, gkt_vector_values(u));
}

gkt_status gkt_system_matrix_is_finite(gkt_system *s, const gkt_csr *A, bool *out) {
  const gkt_system_device *d = s->device;
  gkt_size at = -1;
  if (A->where == GKT_ON_DEVICE) GKT_TRY(gkt_device_find_not_finite(d->device, d->vals.count, A->vals, d->work.at, &at));
  else at = gkt_find_not_finite(A->row_offsets[A->num_rows], A->vals);
  *out = at < 0;
  return GKT_OK;
}

gkt_status gkt_system_fetch(gkt_system *s, const gkt_vector *u, const char *why, const gkt_scalar **out) {
  *out = gkt_vector_read(u);
  if (!is_there(u)) return GKT_OK;
  gkt_log(s->ctx, GKT_LOG_DETAIL, "device: %d values are brought to the host: %s", gkt_vector_size(u), why);
  GKT_TRY(gkt_system_fetch_known(s));
  GKT_TRY(gkt_vector_to(u, s->device->host));
  *out = gkt_vector_read(s->device->host);
  return GKT_OK;
}

gkt_status gkt_solution_fetch(gkt_solution *o) {
  if (!o->there) return GKT_OK;
  GKT_TRY(gkt_system_fetch_known(o->s));
  return gkt_vector_to(o->there, o->s->device->answer);
}
