/* Adjoint systems: A' lambda = b, A the tangent at a solution. Matrix, preconditioner or factor are those that found it, as far as they fit there, in the place where they are:
 * what the caller has elsewhere is brought there and back.
 */
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

/* y = A' g, or A g. size: work of the device. *known: it is; A' is not on the device before a system with it was solved there. */
static gkt_status multiply(const gkt_solution *o, const linearized *a, const gkt_vector *g, gkt_vector *y, gkt_vector *size, bool *known) {
  const bool transposed = a->transposed && !o->facts.symmetric;
  const gkt_csr *A = a->A;
  *known = true;
  if (a->where == GKT_ON_DEVICE) {
    if (transposed) GKT_TRY(gkt_linear_solver_take_transposed(o->s->kept.solver, &A));
    *known = A;
    return A ? gkt_system_multiply_there(o->s, A, g, y, size) : GKT_OK;
  }
  if (transposed) multiply_transposed(A, gkt_vector_read(g), gkt_vector_values(y));
  else gkt_csr_multiply(A, gkt_vector_read(g), gkt_vector_values(y));
  return GKT_OK;
}

/* v -= (v.z / z.z) z, and what belongs to them likewise; b with sign 1: it is added. */
static void take_along(const gkt_vector *z, const gkt_vector *of_z, gkt_vector *v, gkt_scalar sign, gkt_vector *of_v) {
  const double zz = gkt_vector_dot(z, z), part = zz > 0 ? gkt_vector_dot(v, z) / zz : 0;
  if (part == 0) return;
  gkt_vector_axpy(-part, z, v);
  gkt_vector_axpy(sign * part, of_z, of_v);
}

typedef struct { /* while guesses are combined */
  int count;
  gkt_vector **all; /* [2 count + 2] guesses, their images, what is left of b, work */
  gkt_vector **images, *rest, *work;
} combination;

/* u~, where A is. */
static gkt_status bring(const gkt_solution *o, const linearized *a, const gkt_vector *from, combination *c, gkt_vector *to) {
  GKT_TRY(gkt_vector_to(from, a->where == GKT_ON_DEVICE ? to : c->work));
  if (a->where == GKT_ON_DEVICE) gkt_system_to_tied_there(o->s, to);
  else gkt_system_to_tied(o->s, gkt_vector_read(c->work), gkt_vector_values(to));
  gkt_system_zero(o->s, to);
  return GKT_OK;
}

/* What is left of b along the image of a guess is taken away: images are made orthogonal one after the other (Gram and Schmidt). */
static gkt_status take_guess(const gkt_solution *o, const linearized *a, combination *c, int k) {
  bool known;
  GKT_TRY(multiply(o, a, c->all[k], c->images[k], c->work, &known));
  for (int j = 0; known && j < k; j++) take_along(c->images[j], c->all[j], c->images[k], -1, c->all[k]);
  if (known) take_along(c->images[k], c->all[k], c->rest, 1, a->x);
  return GKT_OK;
}

static gkt_status combine(const gkt_solution *o, const linearized *a, combination *c) {
  const gkt_vector *latest = a->where == GKT_ON_DEVICE ? o->s->kept.latest : NULL;
  GKT_TRY(gkt_calloc(o->s->ctx, 2 * c->count + 2, sizeof *c->all, &c->all));
  for (int i = 0; i < 2 * c->count + 2; i++) GKT_TRY(create_on(o->s, a->where, &c->all[i]));
  c->images = c->all + c->count, c->rest = c->all[2 * c->count], c->work = c->all[2 * c->count + 1];
  gkt_vector_copy(a->b, c->rest);
  for (int i = 0; i < c->count; i++) {
    if (latest && !i) gkt_vector_copy(latest, c->all[i]);
    else GKT_TRY(bring(o, a, a->guesses[i - (latest != NULL)], c, c->all[i]));
    GKT_TRY(take_guess(o, a, c, i));
  }
  if (!(gkt_vector_norm(c->rest) <= 0.5 * gkt_vector_norm(a->b))) gkt_vector_fill(a->x, 0);
  return GKT_OK;
}

/* Where an iteration goes on from it; one that leaves more than half is none. On the device the last solution is a guess, too: on the host it is in the projection. */
static gkt_status guess(const gkt_solution *o, const linearized *a) {
  const gkt_kept *k = &o->s->kept;
  const bool there = a->where == GKT_ON_DEVICE;
  combination c = {.count = a->num_guesses + (there && k->latest)};
  if (!c.count || o->facts.singular || !k->solver || k->A != a->A || !gkt_linear_solver_iterates(k->solver) || (!there && k->projection.count)) return GKT_OK;
  const gkt_status status = combine(o, a, &c);
  for (int i = 0; c.all && i < 2 * c.count + 2; i++) gkt_vector_destroy(&c.all[i]);
  gkt_free(&c.all);
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
  GKT_TRY(gkt_need(s->ctx, report, "gkt_system_solve_transposed, gkt_system_solve_linearized", "report"));
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
