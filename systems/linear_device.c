/* A linear problem whose vectors and matrix stand on the device: linear.c step by step. What comes back is the answer, and numbers. */
#include "core/vector.h"
#include "systems/device.h"

typedef struct {
  gkt_vector *u, *b, *d, *load; /* load: NULL where no condition has a value other than 0 */
} vectors;

/* r = -R(u) on free dofs, *size its length */
static gkt_status minus_residual(gkt_system *s, const gkt_vector *u, gkt_vector *r, double *size) {
  GKT_TRY(gkt_system_assemble_residual(s, u, r));
  gkt_system_zero(s, r);
  *size = gkt_vector_norm(r);
  gkt_vector_scale(r, -1);
  return GKT_OK;
}

static gkt_status assemble_right_side(gkt_solution *o, vectors *v) {
  gkt_system *s = o->s;
  double size;
  gkt_vector_fill(v->u, 0);
  if (gkt_vector_norm(s->device->constraints.values) > 0) {
    GKT_TRY(gkt_vector_create_on(s->ctx, GKT_ON_DEVICE, gkt_system_num_dofs(s), &v->load));
    GKT_TRY(minus_residual(s, v->u, v->load, &size));
  }
  gkt_system_lift_tied(s, v->u);
  return minus_residual(s, v->u, v->b, &o->report->initial_residual);
}

static gkt_status assemble(gkt_solution *o, vectors *v) {
  gkt_system *s = o->s;
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_system_send(s));
  GKT_TRY(assemble_right_side(o, v));
  GKT_TRY(gkt_system_assemble_matrix(s, v->u, &s->device->matrix));
  GKT_TRY(gkt_system_eliminate(s, &s->device->matrix));
  GKT_TRY(gkt_device_wait(s->device->device));
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static gkt_status is_finite(gkt_solution *o, const vectors *v, bool *finite) {
  const gkt_csr *A = &o->s->device->matrix;
  const gkt_idx entries = o->s->matrix->row_offsets[A->num_rows];
  gkt_scalars work = {0};
  gkt_size at = 0;
  gkt_device *device = o->s->device->device;
  GKT_TRY(gkt_device_alloc(device, gkt_sum_work(entries), sizeof *work.at, "partial sums", &work));
  gkt_status status = gkt_device_find_not_finite(device, entries, A->vals, work.at, &at);
  gkt_device_free(device, &work);
  *finite = at < 0 && gkt_vector_is_finite(v->b);
  return status;
}

static gkt_status solve_system(gkt_solution *o, const vectors *v) {
  gkt_linear_options options = o->options->newton.linear;
  gkt_solve_report *r = o->report;
  options.load = v->load ? gkt_vector_address(v->load) : NULL;
  GKT_TRY(gkt_linear_solve(o->s->ctx, &o->s->device->matrix, &o->facts, gkt_vector_address(v->b), gkt_vector_address(v->d), &options, &r->linear));
  r->setup_seconds = r->linear.setup_seconds, r->setup_cpu_seconds = r->linear.setup_cpu_seconds;
  r->solve_seconds = r->linear.solve_seconds, r->solve_cpu_seconds = r->linear.solve_cpu_seconds;
  r->valid = r->linear.converged;
  gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  gkt_vector_axpy(1, v->d, v->u);
  return GKT_OK;
}

/* On the host, which looks closer. */
static gkt_status judge_there(gkt_solution *o, const vectors *v) {
  gkt_system *s = o->s;
  const gkt_idx n = gkt_system_num_dofs(s);
  gkt_vector *b = NULL, *d = NULL;
  gkt_status status;
  gkt_log(s->ctx, GKT_LOG_DETAIL, "device: the matrix is brought to the host: rounding of a residual, by an interpreter");
  GKT_GO(gkt_vector_create(s->ctx, n, &b));
  GKT_GO(gkt_vector_create(s->ctx, n, &d));
  GKT_GO(gkt_vector_to(v->b, b));
  GKT_GO(gkt_vector_to(v->d, d));
  GKT_GO(gkt_device_download(s->device->device, s->device->vals.at, s->matrix->vals, s->matrix->row_offsets[n] * (gkt_size)sizeof *s->matrix->vals));
  GKT_GO(gkt_solution_judge_form(o, gkt_vector_read(b), gkt_vector_read(d)));
done:
  gkt_vector_destroy(&b);
  gkt_vector_destroy(&d);
  return status;
}

/* u is the host's as well. */
static gkt_status conclude(gkt_solution *o, const vectors *v) {
  double size;
  bool solved;
  if (!o->report->valid) {
    GKT_TRY(minus_residual(o->s, v->u, v->b, &size));
    o->report->final_residual = size;
    return GKT_OK;
  }
  GKT_TRY(gkt_solution_judge_on_device(o, v->u, v->b, v->d, &solved));
  return solved ? GKT_OK : judge_there(o, v);
}

static gkt_status fetch(gkt_solution *o, const vectors *v) {
  gkt_vector *host = NULL;
  GKT_TRY(gkt_vector_wrap(o->s->ctx, gkt_system_num_dofs(o->s), o->u, &host));
  gkt_status status = gkt_vector_to(v->u, host);
  gkt_vector_destroy(&host);
  return status;
}

static gkt_status solve(gkt_solution *o, vectors *v) {
  bool finite;
  GKT_TRY(assemble(o, v));
  GKT_TRY(is_finite(o, v, &finite));
  if (!finite) {
    GKT_TRY(fetch(o, v));
    return gkt_solution_explain_nonfinite(o, "");
  }
  GKT_TRY(gkt_solution_stage(o, "solve"));
  GKT_TRY(solve_system(o, v));
  GKT_TRY(fetch(o, v));
  return conclude(o, v);
}

gkt_status gkt_solution_linear_on_device(gkt_solution *o) {
  const gkt_idx n = gkt_system_num_dofs(o->s);
  vectors v = {0};
  gkt_status status;
  GKT_GO(gkt_vector_create_on(o->s->ctx, GKT_ON_DEVICE, n, &v.u));
  GKT_GO(gkt_vector_create_on(o->s->ctx, GKT_ON_DEVICE, n, &v.b));
  GKT_GO(gkt_vector_create_on(o->s->ctx, GKT_ON_DEVICE, n, &v.d));
  GKT_GO(solve(o, &v));
done:
  gkt_vector_destroy(&v.u), gkt_vector_destroy(&v.b), gkt_vector_destroy(&v.d), gkt_vector_destroy(&v.load);
  return status;
}
