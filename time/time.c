/* A problem in time: creation, state. */
#include "time/time.h"

gkt_time_options gkt_time_options_default(void) {
  gkt_time_options o = {.repeats = 100, .solve = gkt_solve_options_default()};
  o.solve.newton.simplified = true; /* a step changes little */
  return o;
}

/* ---- creation ---- */
static gkt_status find_kinds(gkt_time *t) {
  const gkt_layout *l = gkt_system_layout(t->system);
  char word[60];
  int highest = 0;
  GKT_TRY(gkt_calloc(t->ctx, t->num_blocks, sizeof *t->kinds, &t->kinds));
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  for (int b = 0; b < t->num_blocks; b++) {
    const int order = gkt_system_rate_order(t->system, b);
    t->kinds[b] = order == 2 ? GKT_SECOND_ORDER : order == 1 ? GKT_FIRST_ORDER : gkt_system_is_multiplier(t->system, b) ? GKT_MULTIPLIER : GKT_ALGEBRAIC;
    if (order > gkt_scheme_rates(&t->options.scheme))
      return gkt_fail(t->ctx, GKT_BAD_INPUT, "%s solves no equations with %s(%s), which this one holds; expected %s", word, order == 2 ? "dtt" : "dt", l->blocks[b].name,
                      order == 2 ? "newmark or generalized-alpha" : "a scheme for rates, such as bdf2");
    highest = order > highest ? order : highest;
  }
  if (highest || gkt_scheme_is_path(&t->options.scheme)) return GKT_OK;
  return gkt_fail(t->ctx, GKT_BAD_INPUT, "no rate in the equation; expected dt(u) or dtt(u) of an unknown, or the scheme static or arc-length");
}

/* The equation at the start holds no rate of such a field: schemes that go on from it are refused. */
static gkt_status find_balances(gkt_time *t) {
  char word[60];
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  for (int b = 0; b < t->num_blocks; b++) {
    const char *name = gkt_system_layout(t->system)->blocks[b].name;
    bool balance;
    GKT_TRY(gkt_system_is_balance(t->system, b, &balance));
    if (balance && gkt_scheme_needs_rates(&t->options.scheme))
      return gkt_fail(t->ctx, GKT_UNAVAILABLE, "%s begins with the rate of '%s' at the start, and the equation that tests '%s' holds none of its rates; expected bdf2 or euler",
                      word, name, name);
    t->balances = t->balances || balance;
  }
  return GKT_OK;
}

static gkt_status check_repeats(const gkt_time *t) {
  const gkt_time_options *o = &t->options;
  if (o->repeat_rtol == 0) return GKT_OK;
  if (o->scheme.kind != GKT_SCHEME_STATIC)
    return gkt_fail(t->ctx, GKT_BAD_INPUT, "repeats, steps of no length, of a scheme with rates or along a path of arc length; expected static");
  return o->repeat_rtol > 0 && o->repeats > 0
             ? GKT_OK
             : gkt_fail(t->ctx, GKT_BAD_ARGUMENT, "repeats: %g, %d; expected a tolerance above 0, and a number from 1", o->repeat_rtol, o->repeats);
}

static gkt_status create_vectors(gkt_time *t) {
  GKT_TRY(gkt_system_vector(t->system, &t->u));
  GKT_TRY(gkt_system_vector(t->system, &t->rate));
  GKT_TRY(gkt_system_vector(t->system, &t->acceleration));
  for (int k = GKT_U0; k < GKT_NUM_PARTS; k++) GKT_TRY(gkt_system_vector(t->system, &t->parts[k]));
  for (int k = 0; k < GKT_MAX_STAGES; k++) {
    GKT_TRY(gkt_calloc(t->ctx, t->num_blocks, sizeof *t->shifts[k], &t->shifts[k]));
    GKT_TRY(gkt_calloc(t->ctx, t->num_blocks, sizeof *t->row_weights[k], &t->row_weights[k]));
    for (int order = 0; order < 3; order++) GKT_TRY(gkt_system_vector(t->system, &t->known[k][order]));
  }
  return GKT_OK;
}

/* What forms say, before anything is computed. */
static gkt_status look(gkt_time *t) {
  GKT_TRY(check_repeats(t));
  GKT_TRY(find_kinds(t));
  return find_balances(t);
}

static gkt_status begin(gkt_system *system, const gkt_time_options *options, gkt_time **out) {
  gkt_context *ctx = gkt_system_context(system);
  gkt_time *t = NULL;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *t, &t));
  t->ctx = gkt_context_retain(ctx), t->system = system, t->options = options ? *options : gkt_time_options_default();
  t->options.solve.keep_solver = true;
  if (gkt_scheme_is_path(&t->options.scheme)) t->options.solve.newton.simplified = false; /* loads change much */
  t->num_blocks = gkt_system_layout(system)->num_blocks;
  *out = t;
  return GKT_OK;
}

gkt_status gkt_time_check(gkt_system *system, const gkt_time_options *options) {
  gkt_time *t = NULL;
  gkt_status status;
  GKT_GO(begin(system, options, &t));
  GKT_GO(look(t));
  if (gkt_scheme_is_explicit(&t->options.scheme)) GKT_GO(gkt_time_check_masses(t));
  GKT_GO(gkt_time_check_recurrence(t));
done:
  gkt_time_destroy(&t);
  return status;
}

gkt_status gkt_time_create(gkt_system *system, const gkt_time_options *options, gkt_time **out) {
  gkt_time *t = NULL;
  gkt_status status;
  GKT_GO(begin(system, options, &t));
  GKT_GO(look(t));
  GKT_GO(create_vectors(t));
  *out = t;
  t = NULL;
done:
  gkt_time_destroy(&t);
  return status;
}

void gkt_time_destroy(gkt_time **time) {
  gkt_time *t = *time;
  if (!t) return;
  if (t->u && gkt_system_set_step(t->system, 0, NULL) != GKT_OK) gkt_context_clear(t->ctx);
  gkt_vector_destroy(&t->u), gkt_vector_destroy(&t->rate), gkt_vector_destroy(&t->acceleration);
  for (int k = 0; k < GKT_NUM_PARTS; k++) gkt_vector_destroy(&t->parts[k]);
  for (int k = 0; k < 3; k++) gkt_vector_destroy(&t->past[k]);
  gkt_vector_destroy(&t->averaged[0]), gkt_vector_destroy(&t->averaged[1]);
  gkt_vector_destroy(&t->mode), gkt_vector_destroy(&t->earlier_acceleration), gkt_csr_destroy(&t->tangent);
  gkt_vector_destroy(&t->masses), gkt_vector_destroy(&t->earlier_u), gkt_vector_destroy(&t->start_rate);
  for (int k = 0; k < GKT_MAX_STAGES; k++) {
    gkt_free(&t->shifts[k]), gkt_free(&t->row_weights[k]);
    for (int order = 0; order < 3; order++) gkt_vector_destroy(&t->known[k][order]);
  }
  gkt_time_end_arc(t);
  gkt_time_clear_place(t);
  gkt_free(&t->kinds);
  gkt_solve_report_clear(&t->report);
  gkt_context_destroy(&t->ctx);
  gkt_free(time);
}
