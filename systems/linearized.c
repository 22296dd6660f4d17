/* Adjoint systems: A' lambda = b, A the tangent at a solution. Matrix, preconditioner or factor are those that found it, as far as they fit there, in the place where they are:
 * what the caller has elsewhere is brought there and back.
 */
#include <string.h>

#include "assembly/assembler.h"
#include "core/vector.h"
#include "solvers/linear.h"
#include "systems/device.h"

typedef struct {
  bool transposed;
  gkt_where where;
  gkt_csr *A;
  gkt_vector *given;     /* [dofs] u~, where the caller has u */
  gkt_vector *u, *b, *x; /* [dofs] of u~, where A is; u may be the given one */
  int num_guesses;
  const gkt_vector *const *guesses; /* [num_guesses] solutions of systems like this one */
} linearized;

/* ---- memory ---- */
static gkt_status create_on(const gkt_system *s, gkt_where where, gkt_vector **out) { return gkt_vector_create_on(s->ctx, where, gkt_system_num_dofs(s), out); }

/* o->u is what stands on the host; else what is fetched, of o->there. */
static void tell_place(gkt_solution *o, const linearized *a) {
  gkt_vector *host = gkt_vector_where(a->u) == GKT_ON_HOST ? a->u : a->given;
  o->there = gkt_vector_where(host) == GKT_ON_HOST ? NULL : a->u;
  o->u = gkt_vector_values(o->there ? o->s->device->answer : host);
}

static gkt_status take_state(gkt_solution *o, const gkt_vector *u, linearized *a) {
  gkt_system *s = o->s;
  GKT_TRY(create_on(s, gkt_vector_where(u), &a->given));
  gkt_vector_copy(u, a->given);
  if (gkt_vector_where(u) == GKT_ON_DEVICE) gkt_system_to_tied_there(s, a->given);
  else gkt_system_to_tied(s, gkt_vector_read(u), gkt_vector_values(a->given));
  a->u = a->given;
  tell_place(o, a);
  return GKT_OK;
}

/* Where the system is solved, with data and conditions as they are now. */
static gkt_status move_state(gkt_solution *o, linearized *a) {
  gkt_vector *moved = NULL;
  if (a->where == GKT_ON_DEVICE) GKT_TRY(gkt_system_send(o->s));
  else GKT_TRY(gkt_system_fetch_known(o->s)); /* of a step that the caller has on the device */
  if (gkt_vector_where(a->u) == a->where) return GKT_OK;
  if (a->u == a->given) {
    GKT_TRY(create_on(o->s, a->where, &moved));
    gkt_status status = gkt_vector_to(a->given, moved);
    if (status != GKT_OK) gkt_vector_destroy(&moved);
    GKT_TRY(status);
  } else gkt_vector_destroy(&a->u);
  a->u = moved ? moved : a->given;
  tell_place(o, a);
  return GKT_OK;
}

static gkt_status create(gkt_solution *o, const gkt_vector *b, linearized *a) {
  gkt_system *s = o->s;
  GKT_TRY(gkt_system_need_matrix(s));
  a->A = a->where == GKT_ON_DEVICE ? &s->device->matrix : s->matrix;
  GKT_TRY(create_on(s, a->where, &a->b));
  GKT_TRY(create_on(s, a->where, &a->x));
  GKT_TRY(gkt_vector_to(b, a->b));
  gkt_system_zero(s, a->b);
  return GKT_OK;
}

static void destroy(linearized *a) {
  if (a->u == a->given) a->u = NULL;
  gkt_vector_destroy(&a->u);
  gkt_vector_destroy(&a->given), gkt_vector_destroy(&a->b), gkt_vector_destroy(&a->x);
}

/* ---- what is kept ---- */
/* Do two states agree? Both where A is. */
static gkt_status agrees(const gkt_system *s, const gkt_vector *u, const gkt_vector *at, bool *out) {
  gkt_vector *difference = NULL;
  GKT_TRY(create_on(s, gkt_vector_where(u), &difference));
  gkt_vector_copy(u, difference);
  gkt_vector_axpy(-1, at, difference);
  *out = gkt_vector_norm(difference) == 0;
  gkt_vector_destroy(&difference);
  return GKT_OK;
}

/* Is what is kept that of the tangent at u? */
static gkt_status look_at_kept(gkt_solution *o, linearized *a) {
  const gkt_kept *k = &o->s->kept;
  o->is_kept = k->solver && k->fits;
  if (k->solver && (k->fits || k->fits_at)) a->where = gkt_system_place_of(o->s, k->A);
  if (!k->solver || k->fits || !k->fits_at) return GKT_OK;
  GKT_TRY(move_state(o, a));
  return agrees(o->s, a->u, k->at, &o->is_kept);
}

/* For the next one at this state. */
static gkt_status remember(gkt_solution *o, const linearized *a) {
  gkt_kept *k = &o->s->kept;
  k->fits_at = false;
  if (!o->report->valid || k->fits) return GKT_OK;
  if (k->at && gkt_vector_where(k->at) != a->where) gkt_vector_destroy(&k->at);
  if (!k->at) GKT_TRY(create_on(o->s, a->where, &k->at));
  gkt_vector_copy(a->u, k->at);
  k->fits_at = true;
  return GKT_OK;
}

/* ---- the system ---- */
/* The tangent, with conditions eliminated. */
static gkt_status assemble(gkt_solution *o, linearized *a) {
  gkt_system *s = o->s;
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  bool finite;
  s->kept.fits = s->kept.fits_at = false;
  GKT_TRY(gkt_system_assemble_matrix(s, a->u, a->A));
  GKT_TRY(gkt_system_eliminate(s, a->A));
  if (a->where == GKT_ON_DEVICE) GKT_TRY(gkt_device_wait(s->device->device));
  o->report->assemblies = 1;
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  GKT_TRY(gkt_system_matrix_is_finite(s, a->A, &finite));
  if (finite) return GKT_OK;
  GKT_TRY(gkt_solution_fetch(o));
  return gkt_solution_explain_nonfinite(o, "");
}

/* What is not kept is made where a solve of the system would be. */
static gkt_status choose_place(gkt_solution *o, linearized *a) {
  gkt_system *s = o->s;
  GKT_TRY(gkt_solution_find_facts(o));
  a->where = gkt_solution_is_on_device(o) ? GKT_ON_DEVICE : GKT_ON_HOST;
  if (gkt_vector_where(a->given) == GKT_ON_HOST && s->num_stages == 0) s->data_version++; /* as there: arrays of data may have been written into */
  gkt_solution_tell_place(o);
  return GKT_OK;
}

static gkt_status look_at(gkt_solution *o, const gkt_vector *b, linearized *a) {
  GKT_TRY(gkt_system_refresh(o->s));
  GKT_TRY(look_at_kept(o, a));
  if (o->is_kept) gkt_solution_take_facts(o);
  else GKT_TRY(choose_place(o, a));
  GKT_TRY(move_state(o, a));
  GKT_TRY(create(o, b, a));
  if (!o->is_kept) GKT_TRY(assemble(o, a));
  return o->report->reason[0] ? GKT_OK : gkt_solution_find_kernel(o, a->A);
}

/* What nothing fixes, and what must balance: of the transpose each takes the place of the other. */
static gkt_status prepare(gkt_solution *o, linearized *a) {
  if (a->transposed) return gkt_solution_fix_kernel_transposed(o, a->u, a->b);
  return o->left.count ? gkt_solution_balance(o, a->u, a->b) : GKT_OK;
}
static gkt_status finish(gkt_solution *o, linearized *a) { return a->transposed ? gkt_solution_balance_transposed(o, a->u, a->x) : gkt_solution_fix_kernel(o, a->x); }

/* ---- a first guess: the combination of others' solutions that leaves the least of b ---- */
static void multiply_transposed(const gkt_csr *A, const gkt_scalar *x, gkt_scalar *y) {
  for (gkt_idx i = 0; i < A->num_rows; i++) y[i] = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) y[A->cols[k]] += A->vals[k] * x[i];
}

/* What is left of b along the image of a guess is taken away: images are made orthogonal one after the other (Gram and Schmidt). */
static void take_guess(const linearized *a, gkt_size n, int k, gkt_scalar *guesses, gkt_scalar *images, gkt_scalar *rest) {
  gkt_scalar *g = guesses + k * n, *y = images + k * n;
  for (int j = 0; j < k; j++) {
    const gkt_scalar *z = images + j * n;
    double yz = 0, zz = 0;
    for (gkt_size i = 0; i < n; i++) yz += y[i] * z[i], zz += z[i] * z[i];
    for (gkt_size i = 0; i < n && zz > 0; i++) y[i] -= yz / zz * z[i], g[i] -= yz / zz * guesses[j * n + i];
  }
  double yb = 0, yy = 0;
  for (gkt_size i = 0; i < n; i++) yb += y[i] * rest[i], yy += y[i] * y[i];
  for (gkt_size i = 0; i < n && yy > 0; i++) gkt_vector_values(a->x)[i] += yb / yy * g[i], rest[i] -= yb / yy * y[i];
}

/* On the host, where an iteration goes on from it; one that leaves more than half is none. */
static gkt_status guess(const gkt_solution *o, const linearized *a) {
  const gkt_kept *k = &o->s->kept;
  const gkt_size n = gkt_system_num_dofs(o->s);
  const double length = gkt_vector_norm(a->b);
  gkt_scalar *all = NULL;
  gkt_status status;
  if (!a->num_guesses || a->where == GKT_ON_DEVICE || o->facts.singular || !k->solver || gkt_method_is_factor(k->solver) || k->projection.count) return GKT_OK;
  GKT_GO(gkt_calloc(o->s->ctx, (2 * a->num_guesses + 1) * n, sizeof *all, &all));
  gkt_scalar *images = all + a->num_guesses * n, *rest = images + a->num_guesses * n;
  memcpy(rest, gkt_vector_read(a->b), (size_t)n * sizeof *rest);
  for (int i = 0; i < a->num_guesses; i++) {
    gkt_system_to_tied(o->s, gkt_vector_read(a->guesses[i]), all + i * n);
    gkt_constraints_zero(o->s->constraints, all + i * n);
    if (a->transposed) multiply_transposed(a->A, all + i * n, images + i * n);
    else gkt_csr_multiply(a->A, all + i * n, images + i * n);
    take_guess(a, n, i, all, images, rest);
  }
  if (!(gkt_norm(n, rest, NULL) <= 0.5 * length)) gkt_vector_fill(a->x, 0);
done:
  gkt_free(&all);
  return status;
}

static gkt_scalar *address(const linearized *a, gkt_vector *v) { return a->where == GKT_ON_DEVICE ? gkt_vector_address(v) : gkt_vector_values(v); }

static gkt_status solve(gkt_solution *o, linearized *a) {
  gkt_linear_options options = o->options->newton.linear;
  gkt_solve_report *r = o->report;
  options.load = NULL;
  GKT_TRY(prepare(o, a));
  if (r->reason[0]) return GKT_OK;
  GKT_TRY(guess(o, a));
  GKT_TRY(gkt_solution_solve_tangent(o, a->A, a->transposed, address(a, a->b), address(a, a->x), &options, &r->linear));
  GKT_TRY(finish(o, a));
  r->setup_seconds = r->linear.setup_seconds, r->setup_cpu_seconds = r->linear.setup_cpu_seconds;
  r->solve_seconds = r->linear.solve_seconds, r->solve_cpu_seconds = r->linear.solve_cpu_seconds;
  r->initial_residual = gkt_vector_norm(a->b), r->final_residual = r->linear.residual * r->initial_residual;
  r->valid = r->linear.converged, r->cancelled = r->linear.cancelled;
  if (r->cancelled) snprintf(r->reason, sizeof r->reason, "%s", gkt_status_text(GKT_CANCELLED));
  else gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  gkt_solution_report_place(o);
  return GKT_OK;
}

static gkt_status run(gkt_solution *o, const gkt_vector *b, linearized *a) {
  const gkt_inputs inputs = gkt_system_at(o->s, o->u, o->s->inputs.time);
  GKT_TRY(gkt_assembler_check(o->s->tangent_assembler, &inputs));
  GKT_TRY(look_at(o, b, a));
  if (o->report->reason[0]) return GKT_OK;
  GKT_TRY(solve(o, a));
  return remember(o, a);
}

/* x = C x~, where the caller has it. */
static gkt_status give_back(gkt_system *s, linearized *a, gkt_vector *x) {
  if (!a->x) { /* nothing was solved */
    gkt_vector_fill(x, 0);
    return GKT_OK;
  }
  if (a->where == GKT_ON_DEVICE) gkt_system_from_tied_there(s, a->x);
  else gkt_system_from_tied(s, gkt_vector_read(a->x), gkt_vector_values(a->b));
  return gkt_vector_to(a->where == GKT_ON_DEVICE ? a->x : a->b, x);
}

static gkt_status check(gkt_system *s, const gkt_vector *u, const gkt_vector *b, const gkt_vector *x) {
  GKT_TRY(gkt_system_check_size(s, u, "u"));
  GKT_TRY(gkt_system_check_size(s, b, "b"));
  GKT_TRY(gkt_system_check_size(s, x, "the solution"));
  if (gkt_vector_where(b) != gkt_vector_where(u) || gkt_vector_where(x) != gkt_vector_where(u))
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: u, b and the solution stand partly on the host and partly on a device; expected all in one place");
  GKT_TRY(gkt_system_plan(s));
  if (gkt_vector_where(u) == GKT_ON_HOST) return GKT_OK;
  GKT_TRY(gkt_system_check_place(s));
  return gkt_system_send(s);
}

static gkt_status solve_at(gkt_system *s, linearized a, const gkt_solve_options *given, const gkt_vector *u, const gkt_vector *b, gkt_vector *x, gkt_solve_report *report) {
  const gkt_solve_options options = given ? *given : gkt_solve_options_default();
  gkt_solution o = {.s = s, .options = &options, .report = report};
  gkt_status status;
  *report = (gkt_solve_report){0};
  GKT_TRY(check(s, u, b, x));
  GKT_GO(take_state(&o, u, &a));
  GKT_GO(run(&o, b, &a));
  GKT_GO(give_back(s, &a, x));
  report->nonzeros = s->matrix->row_offsets[s->matrix->num_rows];
done:
  gkt_solution_clear_kernel(&o);
  gkt_system_at(s, NULL, 0);
  destroy(&a);
  if (status != GKT_OK) gkt_solve_report_clear(report);
  return status;
}

gkt_status gkt_system_solve_transposed(gkt_system *s, const gkt_solve_options *options, const gkt_vector *u, const gkt_vector *b, gkt_vector *lambda, gkt_solve_report *report) {
  return solve_at(s, (linearized){.transposed = true}, options, u, b, lambda, report);
}

gkt_status gkt_system_solve_transposed_near(gkt_system *s, const gkt_solve_options *options, const gkt_vector *u, const gkt_vector *b, int num_guesses,
                                            const gkt_vector *const *guesses, gkt_vector *lambda, gkt_solve_report *report) {
  return solve_at(s, (linearized){.transposed = true, .num_guesses = num_guesses, .guesses = guesses}, options, u, b, lambda, report);
}

gkt_status gkt_system_solve_linearized(gkt_system *s, const gkt_solve_options *options, const gkt_vector *u, const gkt_vector *b, gkt_vector *du, gkt_solve_report *report) {
  return solve_at(s, (linearized){.transposed = false}, options, u, b, du, report);
}
