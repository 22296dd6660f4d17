/* Many sets of data: one matrix for all, or many that are assembled together, or one solve after the other. */
#include <string.h>

#include "assembly/assembler.h"
#include "assembly/backend.h"
#include "forms/form.h"
#include "systems/system.h"

enum { MOST_BYTES = 1 << 26, MOST_SETS = 32 }; /* of what is assembled together; of sets, four groups of lanes */

typedef struct {
  gkt_system *s;
  const gkt_inputs *data;
  const gkt_batch *sets;
  const gkt_scalar **values;                                   /* [functions] of one set, then those of a batch */
  gkt_size *strides;                                           /* [functions] of the batch */
  bool matrix_varies, plain, together;                         /* plain: one linear solve each, at rest; together: assembled so */
  bool prepared;                                               /* the solver that is kept is set up */
  int chunk;                                                   /* sets assembled together */
  gkt_scalar *constants, *lifted, *at_zero, *there, *matrices; /* [chunk][constants], [dofs] three times, [nonzeros] */
  gkt_size nonzeros;
  double seconds, cpu_seconds; /* of assembly together, for each set */
} sets_solve;

/* ---- what varies ---- */
gkt_status gkt_system_tangent_holds(const gkt_system *s, int constant, bool *out) {
  gkt_form *by = NULL;
  GKT_TRY(gkt_form_derivative_constant(s->tangent, constant, &by));
  *out = gkt_form_num_integrals(by) > 0;
  gkt_form_destroy(&by);
  return GKT_OK;
}

static gkt_size stride_of(const sets_solve *t, int function) { return t->sets->strides ? t->sets->strides[function] : 0; }

static gkt_status find_what_varies(sets_solve *t) {
  const gkt_system *s = t->s;
  for (int f = 0; f < s->num_functions; f++)
    if (t->data->values && t->data->values[f] && stride_of(t, f) && gkt_form_depends_on(s->tangent, f)) t->matrix_varies = true;
  for (int c = 0; t->sets->constants_stride && c < s->num_constants && !t->matrix_varies; c++)
    if (!gkt_scope_is_shift(s->scope, c)) GKT_TRY(gkt_system_tangent_holds(s, c, &t->matrix_varies));
  t->plain = !s->is_nonlinear && !s->ties && !s->num_stages;
  t->together = t->plain && !s->tangent_assembler->backend->on_device && !s->residual_assembler->backend->on_device;
  return GKT_OK;
}

static gkt_status check(const gkt_system *s, const gkt_inputs *data, const gkt_batch *sets) {
  if (sets->count < 1) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %d sets of data; expected at least 1", sets->count);
  if (sets->results_stride < s->layout.num_owned)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: solutions are %lld scalars apart; expected at least %d, the dofs", (long long)sets->results_stride, s->layout.num_owned);
  if (sets->where != GKT_ON_HOST || data->where != GKT_ON_HOST)
    return gkt_fail(s->ctx, GKT_UNAVAILABLE, "system: sets of data on a device are not available yet; expected them on the host");
  for (int f = 0; f < s->num_functions; f++)
    if (sets->strides && sets->strides[f] && gkt_system_find_followed(s, f))
      return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' follows t; expected no values of sets for it", gkt_scope_function_name(s->scope, f));
  if (s->num_stages) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a step in time is set; expected the system at rest");
  return GKT_OK;
}

/* ---- memory ---- */
static gkt_status create(sets_solve *t) {
  gkt_system *s = t->s;
  const gkt_size n = gkt_system_num_dofs(s);
  GKT_TRY(gkt_alloc(s->ctx, s->num_functions, sizeof *t->values, &t->values));
  GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *t->strides, &t->strides));
  if (!t->together) return GKT_OK;
  GKT_TRY(gkt_system_need_matrix(s));
  t->nonzeros = t->matrix_varies ? s->matrix->row_offsets[n] : 0;
  const gkt_size fit = MOST_BYTES / ((t->nonzeros + 3 * n) * (gkt_size)sizeof(gkt_scalar) + 1);
  t->chunk = fit < 1 ? 1 : fit > MOST_SETS ? MOST_SETS : (int)fit;
  if (t->chunk > t->sets->count) t->chunk = t->sets->count;
  GKT_TRY(gkt_alloc(s->ctx, t->chunk * (gkt_size)s->num_constants, sizeof(gkt_scalar), &t->constants));
  GKT_TRY(gkt_alloc(s->ctx, t->chunk * n, sizeof(gkt_scalar), &t->lifted));
  GKT_TRY(gkt_alloc(s->ctx, t->chunk * n, sizeof(gkt_scalar), &t->at_zero));
  GKT_TRY(gkt_alloc(s->ctx, t->chunk * n, sizeof(gkt_scalar), &t->there));
  return gkt_alloc(s->ctx, t->chunk * t->nonzeros, sizeof(gkt_scalar), &t->matrices);
}

static void destroy(sets_solve *t) {
  gkt_free(&t->values), gkt_free(&t->strides), gkt_free(&t->constants), gkt_free(&t->lifted), gkt_free(&t->at_zero), gkt_free(&t->there), gkt_free(&t->matrices);
}

/* ---- data ---- */
/* The k-th set becomes the system's. */
static gkt_status take(sets_solve *t, int k) {
  gkt_system *s = t->s;
  gkt_inputs data = *t->data;
  const bool fits = s->kept.fits;
  for (int f = 0; f < s->num_functions; f++) t->values[f] = data.values && data.values[f] ? data.values[f] + k * stride_of(t, f) : NULL;
  data.values = t->values;
  if (data.constants) data.constants += k * t->sets->constants_stride;
  GKT_TRY(gkt_system_set_data(s, &data));
  s->kept.fits = fits && !t->matrix_varies;
  return GKT_OK;
}

/* ---- assembly of sets first to first + count - 1 ---- */
static gkt_status lift(sets_solve *t, int first, int count) {
  gkt_system *s = t->s;
  const gkt_size n = gkt_system_num_dofs(s);
  memset(t->lifted, 0, (size_t)(count * n) * sizeof *t->lifted);
  for (int k = 0; k < count; k++) {
    GKT_TRY(take(t, first + k));
    GKT_TRY(gkt_system_refresh(s));
    gkt_constraints_lift(s->constraints, t->lifted + k * n);
    memcpy(t->constants + (gkt_size)k * s->num_constants, s->constants, (size_t)s->num_constants * sizeof *s->constants);
  }
  return GKT_OK;
}

/* Of all sets at u [count][dofs], or where the unknowns are 0 in all. */
static gkt_status assemble_at(sets_solve *t, gkt_assembler *assembler, int first, int count, const gkt_scalar *u, gkt_size size, gkt_scalar *out) {
  gkt_system *s = t->s;
  const gkt_size n = gkt_system_num_dofs(s);
  gkt_inputs inputs = gkt_system_at(s, u, s->inputs.time);
  for (int f = 0; f < s->num_functions; f++) {
    const gkt_scalar *given = t->data->values ? t->data->values[f] : NULL;
    const bool varies = given && stride_of(t, f) && gkt_system_find_block(s, f) < 0;
    t->values[f] = varies ? given + first * stride_of(t, f) : s->values[f];
    t->strides[f] = varies ? stride_of(t, f) : gkt_system_find_block(s, f) >= 0 ? n : 0;
  }
  inputs.values = t->values, inputs.constants = t->constants;
  const gkt_batch batch = {.count = count, .strides = t->strides, .constants_stride = s->num_constants, .results_stride = size};
  gkt_status status = gkt_assemble_batch(assembler, &inputs, &batch, out);
  gkt_system_at(s, NULL, 0);
  return status;
}

static gkt_status assemble_all(sets_solve *t, int first, int count) {
  gkt_system *s = t->s;
  const gkt_size n = gkt_system_num_dofs(s);
  GKT_TRY(lift(t, first, count));
  GKT_TRY(assemble_at(t, s->residual_assembler, first, count, t->lifted, n, t->there));
  if (t->nonzeros) GKT_TRY(assemble_at(t, s->tangent_assembler, first, count, t->lifted, t->nonzeros, t->matrices));
  if (gkt_norm(count * n, t->lifted, NULL) == 0) return GKT_OK; /* nothing asks for it */
  memset(t->lifted, 0, (size_t)(count * n) * sizeof *t->lifted);
  return assemble_at(t, s->residual_assembler, first, count, t->lifted, n, t->at_zero);
}

static gkt_status assemble(sets_solve *t, int first, int count) {
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  gkt_status status = assemble_all(t, first, count);
  t->seconds = (gkt_seconds() - start) / count, t->cpu_seconds = (gkt_cpu_seconds() - cpu) / count;
  return status;
}

/* ---- solution ---- */
/* A solver that had to look for another method would go on with that one: it is made anew, so that no set sees what another one needed. */
static void look_at_solver(sets_solve *t, const gkt_solve_report *r) {
  const int setups = r->linear.setups;
  if (!r->valid || setups > !t->prepared) gkt_system_forget(t->s), t->prepared = false;
  else t->prepared = t->prepared || setups;
}

static gkt_status solve_one(sets_solve *t, int k, const gkt_assembled *known, const gkt_solve_options *options, gkt_scalar *at, gkt_solve_report *report) {
  gkt_vector *u = NULL;
  gkt_status status;
  GKT_TRY(take(t, k));
  GKT_GO(gkt_vector_wrap(t->s->ctx, gkt_system_num_dofs(t->s), at, &u));
  GKT_GO(gkt_system_solve_assembled(t->s, options, known, u, report));
  report->assemble_seconds += t->seconds, report->assemble_cpu_seconds += t->cpu_seconds;
  look_at_solver(t, report);
done:
  gkt_vector_destroy(&u);
  return status;
}

static gkt_status solve_chunk(sets_solve *t, int first, int count, const gkt_solve_options *options, gkt_scalar *u, gkt_solve_report *reports) {
  const gkt_size n = gkt_system_num_dofs(t->s);
  if (t->together) GKT_TRY(assemble(t, first, count));
  for (int k = 0; k < count; k++) {
    gkt_assembled known = {0};
    if (t->together) known = (gkt_assembled){.matrix = t->nonzeros ? t->matrices + k * t->nonzeros : NULL, .at_zero = t->at_zero + k * n, .there = t->there + k * n};
    reports[first + k].cancelled = first + k > 0 && reports[first + k - 1].cancelled;
    if (reports[first + k].cancelled) continue;
    GKT_TRY(solve_one(t, first + k, &known, options, u + (first + k) * t->sets->results_stride, &reports[first + k]));
  }
  return GKT_OK;
}

gkt_status gkt_system_solve_sets(gkt_system *s, const gkt_inputs *data, const gkt_batch *sets, const gkt_solve_options *options, gkt_scalar *u, gkt_solve_report *reports) {
  sets_solve t = {.s = s, .data = data, .sets = sets};
  gkt_solve_options own = options ? *options : gkt_solve_options_default();
  gkt_status status;
  own.keep_solver = false; /* no set sees what another one left */
  GKT_NEED(s->ctx, reports, "reports");
  for (int k = 0; k < sets->count; k++) reports[k] = (gkt_solve_report){0};
  GKT_TRY(check(s, data, sets));
  GKT_TRY(gkt_system_plan(s));
  GKT_GO(find_what_varies(&t));
  GKT_GO(create(&t));
  gkt_system_forget(s);
  s->kept.wanted = t.plain && !t.matrix_varies;
  const int chunk = t.together ? t.chunk : sets->count;
  for (int first = 0; first < sets->count; first += chunk) GKT_GO(solve_chunk(&t, first, sets->count - first < chunk ? sets->count - first : chunk, &own, u, reports));
done:
  s->kept.wanted = false;
  gkt_system_forget(s);
  destroy(&t);
  return status;
}
