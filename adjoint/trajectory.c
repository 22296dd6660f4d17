/* What a run went through: all states, or, within a limit of memory, the first ones on disk, where there is one, and records at steps that are as far apart as they must be, from
   which states in between are computed again.
   While the run goes on every other record is given up when there are too many; on the way back records between are made where the room of later ones is free. */
#include "adjoint/trajectory.h"
#include "core/vector.h"

#include <string.h>

static gkt_size numbers_of_vectors(const gkt_trajectory *r) { return (gkt_size)r->num_vectors * gkt_vector_size(r->t->u); }
static gkt_size numbers_of_state(const gkt_trajectory *r) { return numbers_of_vectors(r) + r->history_size; }
static gkt_size bytes_of_state(const gkt_trajectory *r) { return numbers_of_state(r) * (gkt_size)sizeof(gkt_scalar); }

/* ---- states ---- */
static void drop_states(gkt_trajectory *r) {
  for (gkt_size i = 0; i < r->num_states; i++) gkt_free(&r->states[i]);
  r->num_states = 0;
}

/* For state n, behind the others. */
static gkt_status add_room(gkt_trajectory *r, gkt_size n) {
  if (r->num_states == 0) r->first = n;
  GKT_TRY(gkt_realloc(r->ctx, r->num_states + 1, sizeof *r->states, &r->states));
  r->states[r->num_states] = NULL;
  return gkt_alloc(r->ctx, numbers_of_state(r), sizeof **r->states, &r->states[r->num_states]);
}

/* That of now, of step n, from wherever it stands. */
static gkt_status add_state(gkt_trajectory *r, gkt_size n) {
  const gkt_vector *const parts[3] = {r->t->u, r->t->rate, r->t->acceleration};
  const gkt_idx dofs = gkt_vector_size(r->t->u);
  GKT_TRY(add_room(r, n));
  if (r->history_size) gkt_time_get_histories(r->t, r->states[r->num_states] + numbers_of_vectors(r));
  for (int i = 0; i < r->num_vectors; i++) GKT_TRY(gkt_vector_give(parts[i], r->states[r->num_states] + (gkt_size)i * dofs));
  r->num_states++;
  return GKT_OK;
}

const gkt_scalar *gkt_trajectory_state(const gkt_trajectory *r, gkt_size n, int order) {
  return order < r->num_vectors ? r->states[n - r->first] + (gkt_size)order * gkt_vector_size(r->t->u) : NULL;
}
const gkt_scalar *gkt_trajectory_histories(const gkt_trajectory *r, gkt_size n) { return r->states[n - r->first] + numbers_of_vectors(r); }
const gkt_scalar *gkt_trajectory_before(const gkt_trajectory *r, gkt_size n) { return n == 0 ? NULL : n > r->first ? gkt_trajectory_state(r, n - 1, 0) : r->before; }
double gkt_trajectory_time(const gkt_trajectory *r, gkt_size n) { return n ? r->steps[n - 1].start + r->steps[n - 1].length : r->t->options.start; }
bool gkt_trajectory_rests(const gkt_trajectory *r, gkt_size n) { return n == r->num_steps || r->steps[n].length > 0; }
double gkt_trajectory_weight(const gkt_trajectory *r, gkt_size n) {
  const double next = n < r->num_steps ? r->steps[n].length : 0;
  if (!gkt_trajectory_rests(r, n)) return 0;
  while (n && r->steps[n - 1].length == 0) n--;
  return 0.5 * ((n ? r->steps[n - 1].length : 0) + next);
}

/* ---- records ---- */
static void drop_records(gkt_trajectory *r, gkt_size count) {
  while (r->num_records > count) gkt_free(&r->records[--r->num_records].values);
}

static gkt_status add_record(gkt_trajectory *r, gkt_size n) {
  gkt_trajectory_record record = {.step = n};
  gkt_status status;
  GKT_TRY(gkt_realloc(r->ctx, r->num_records + 1, sizeof *r->records, &r->records));
  GKT_GO(gkt_alloc(r->ctx, gkt_time_record_size(r->t), sizeof *record.values, &record.values));
  GKT_GO(gkt_time_get_record(r->t, record.values));
  r->records[r->num_records++] = record;
  return GKT_OK;
done:
  gkt_free(&record.values);
  return status;
}

/* Every other one goes. */
static void thin(gkt_trajectory *r) {
  gkt_size kept = 0;
  for (gkt_size i = 0; i < r->num_records; i++) {
    if (i % 2) gkt_free(&r->records[i].values);
    else r->records[kept++] = r->records[i];
  }
  r->num_records = kept, r->spacing *= 2;
}

/* ---- on a disk ---- */
static gkt_status store_state(gkt_trajectory *r) {
  const gkt_vector *const parts[3] = {r->t->u, r->t->rate, r->t->acceleration};
  const gkt_idx dofs = gkt_vector_size(r->t->u);
  const char *name;
  const gkt_scalar *values;
  gkt_size at = numbers_of_vectors(r), n;
  for (int i = 0; i < r->num_vectors; i++) {
    GKT_TRY(gkt_vector_give(parts[i], r->before)); /* which is not asked for before the way back */
    GKT_TRY(gkt_spill_write(r->spill, r->num_stored, (gkt_size)i * dofs, dofs, r->before));
  }
  for (int i = 0; (values = gkt_system_get_history(r->t->system, i, &name, &n)); i++, at += n) GKT_TRY(gkt_spill_write(r->spill, r->num_stored, at, n, values));
  r->base = r->num_stored++;
  return GKT_OK;
}

/* As many as there is room for, up to state n. */
static gkt_status load(gkt_trajectory *r, gkt_size n) {
  const gkt_size first = n < r->most_states ? 0 : n + 1 - r->most_states;
  drop_states(r);
  for (gkt_size k = first; k <= n; k++) {
    GKT_TRY(add_room(r, k));
    GKT_TRY(gkt_spill_read(r->spill, k, 0, numbers_of_state(r), r->states[r->num_states]));
    r->num_states++;
  }
  return first ? gkt_spill_read(r->spill, first - 1, 0, gkt_vector_size(r->t->u), r->before) : GKT_OK;
}

/* Records begin where the disk has no more room. */
static gkt_status keep(gkt_trajectory *r) {
  if (!r->most_states) return add_state(r, r->num_steps);
  if (r->num_stored < r->most_stored) {
    GKT_TRY(store_state(r));
    if (r->num_stored < r->most_stored) return GKT_OK;
  }
  if ((r->num_steps - r->base) % r->spacing) return GKT_OK;
  if (r->num_records == r->most_records) thin(r);
  if ((r->num_steps - r->base) % r->spacing) return GKT_OK;
  if (r->num_steps) r->steps[r->num_steps - 1].forgets = true;
  return add_record(r, r->num_steps);
}

/* ---- a run ---- */
static void start(gkt_trajectory *r) {
  drop_states(r), drop_records(r, 0);
  r->num_steps = r->num_whole = r->repeated = r->num_stored = r->base = 0, r->spacing = 1;
}

static gkt_status add(gkt_trajectory *r, gkt_follow_event event, double from, double length) {
  if (event != GKT_FOLLOW_START) {
    GKT_TRY(gkt_realloc(r->ctx, r->num_steps + 1, sizeof *r->steps, &r->steps));
    r->steps[r->num_steps++] = (gkt_trajectory_step){from, length, false};
  }
  if (event == GKT_FOLLOW_STEP) {
    GKT_TRY(gkt_realloc(r->ctx, r->num_whole + 1, sizeof *r->whole, &r->whole));
    r->whole[r->num_whole++] = r->num_steps;
  }
  return keep(r);
}

/* The last step did not come to rest: to the state before it. */
static void take_back(gkt_trajectory *r) {
  r->num_steps = r->whole[--r->num_whole] - 1;
  while (r->num_states && r->first + r->num_states - 1 > r->num_steps) gkt_free(&r->states[--r->num_states]);
  while (r->num_records && r->records[r->num_records - 1].step > r->num_steps) drop_records(r, r->num_records - 1);
  if (r->num_stored > r->num_steps + 1) r->num_stored = r->num_steps + 1, r->base = r->num_steps;
}

/* Where a state could not be kept those of other steps would stand in its place: what was kept is given up. */
static gkt_status follow(void *user, gkt_follow_event event, double from, double length) {
  gkt_trajectory *r = user;
  if (r->is_repeating) return GKT_OK;
  const bool fits = r->history_size == gkt_time_histories_size(r->t);
  if (event == GKT_FOLLOW_LOSS || event == GKT_FOLLOW_START) start(r), r->has_begun = event == GKT_FOLLOW_START && fits;
  if (event == GKT_FOLLOW_START && !fits) return gkt_fail(r->ctx, GKT_BAD_ARGUMENT, "a trajectory that was made before histories were added; expected it after them");
  if (event == GKT_FOLLOW_LOSS && fits && r->given) gkt_time_get_histories(r->t, r->given);
  if (!r->has_begun) return GKT_OK;
  if (event == GKT_FOLLOW_BACK) return take_back(r), GKT_OK;
  gkt_status status = r->start_rate && event == GKT_FOLLOW_START ? gkt_vector_give(r->t->rate, r->start_rate) : GKT_OK;
  if (status == GKT_OK) status = add(r, event, from, length);
  if (status != GKT_OK) start(r), r->has_begun = false;
  return status;
}

/* ---- again ---- */
static gkt_status take_again(gkt_trajectory *r, gkt_size n, gkt_time_gradient_report *report) {
  const gkt_trajectory_step *step = &r->steps[n - 1];
  gkt_step_report taken;
  r->t->time = step->start;
  GKT_TRY(gkt_time_step_once(r->t, step->length, &taken));
  r->repeated++;
  if (step->forgets) gkt_system_forget_past(r->t->system);
  report->valid = taken.valid;
  if (!taken.valid) snprintf(report->reason, sizeof report->reason, "a step that is computed again, to t = %.9g: %.1900s", taken.time, taken.reason);
  return GKT_OK;
}

/* From a record to step `to`, states from step `from` on are kept. */
static gkt_status go(gkt_trajectory *r, const gkt_trajectory_record *record, gkt_size from, gkt_size to, gkt_time_gradient_report *report) {
  drop_states(r);
  GKT_TRY(gkt_time_set_record(r->t, gkt_time_record_size(r->t), record->values));
  GKT_TRY(gkt_vector_give(r->t->parts[GKT_BEFORE], r->before));
  for (gkt_size n = record->step;; n++) {
    if (n >= from) GKT_TRY(add_state(r, n));
    if (n + 1 == from) GKT_TRY(gkt_vector_give(r->t->u, r->before));
    if (n == to) return GKT_OK;
    GKT_TRY(take_again(r, n + 1, report));
    if (!report->valid) return GKT_OK;
  }
}

static gkt_status repeat(gkt_trajectory *r, gkt_size n, gkt_time_gradient_report *report) {
  while (r->num_records > 1 && r->records[r->num_records - 1].step >= n) drop_records(r, r->num_records - 1);
  gkt_trajectory_record *last = &r->records[r->num_records - 1];
  while (n - last->step >= r->most_states && r->num_records < r->most_records) { /* one between, where the room of later ones is free */
    const gkt_size middle = last->step + (n - last->step) / 2;
    GKT_TRY(go(r, last, middle + 1, middle, report));
    if (!report->valid) return GKT_OK;
    GKT_TRY(add_record(r, middle));
    last = &r->records[r->num_records - 1];
  }
  return go(r, last, n - last->step >= r->most_states ? n + 1 - r->most_states : last->step, n, report);
}

gkt_status gkt_trajectory_reach(gkt_trajectory *r, gkt_size n, gkt_time_gradient_report *report) {
  if (r->num_states && n - 1 >= r->first && n < r->first + r->num_states) return GKT_OK;
  if (n < r->num_stored) return load(r, n);
  r->is_repeating = true;
  const gkt_status status = repeat(r, n, report);
  r->is_repeating = false;
  return status;
}

/* ---- creation ---- */
static gkt_status refuse(const gkt_time *t) {
  char word[60];
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  if (t->options.scheme.kind != GKT_SCHEME_ARC_LENGTH) return GKT_OK;
  return gkt_fail(t->ctx, GKT_UNAVAILABLE, "gradients of runs by %s are not available yet; expected another scheme", word);
}

/* Explicit steps begin with the slope that the one before has found. */
static int num_vectors(const gkt_scheme *s) { return gkt_scheme_needs_rates(s) ? 3 : gkt_scheme_is_explicit(s) ? 2 : 1; }

/* One record for the end, where the way back returns to; of the rest half for states, which a record takes several times. */
static gkt_status share(gkt_trajectory *r, gkt_size memory) {
  enum { FEWEST = 3 };
  const gkt_size state = bytes_of_state(r), record = gkt_time_record_size(r->t) * (gkt_size)sizeof(gkt_scalar);
  if (!memory) return GKT_OK;
  r->most_records = (memory - record) / 2 / record;
  r->most_states = (memory - (1 + r->most_records) * record) / state;
  if (r->most_records >= 2 && r->most_states >= FEWEST) return GKT_OK;
  return gkt_fail(r->ctx, GKT_BAD_INPUT, "%lld bytes for the states of a run; expected at least %lld, five records of %lld", (long long)memory, (long long)(5 * record),
                  (long long)record);
}

gkt_status gkt_trajectory_create(gkt_time *t, gkt_size memory, gkt_trajectory **out) {
  gkt_trajectory *r = NULL;
  gkt_status status;
  GKT_NEED(t->ctx, out, "place for the trajectory");
  if (t->follower.follow) return gkt_fail(t->ctx, GKT_BAD_ARGUMENT, "the states of this run are kept already; expected one trajectory of a gkt_time at a time");
  GKT_TRY(refuse(t));
  GKT_TRY(gkt_calloc(t->ctx, 1, sizeof *r, &r));
  r->ctx = gkt_context_retain(t->ctx), r->t = t, r->num_vectors = num_vectors(&t->options.scheme), r->spacing = 1;
  r->history_size = gkt_time_histories_size(t);
  if (r->history_size) GKT_GO(gkt_alloc(t->ctx, r->history_size, sizeof *r->given, &r->given));
  GKT_GO(share(r, memory));
  GKT_GO(gkt_alloc(t->ctx, gkt_vector_size(t->u), sizeof *r->before, &r->before));
  if (r->num_vectors == 1) GKT_GO(gkt_alloc(t->ctx, gkt_vector_size(t->u), sizeof *r->start_rate, &r->start_rate));
  t->follower = (gkt_follower){follow, r};
done:
  if (status == GKT_OK) *out = r;
  else gkt_trajectory_destroy(&r);
  return status;
}

gkt_status gkt_trajectory_use_disk(gkt_trajectory *r, const char *folder, gkt_size bytes) {
  const gkt_size state = bytes_of_state(r);
  if (!r->most_states) return gkt_fail(r->ctx, GKT_BAD_ARGUMENT, "a disk for states that are all kept in memory; expected a limit of memory");
  if (r->spill || r->has_begun) return gkt_fail(r->ctx, GKT_BAD_ARGUMENT, "a disk for the states of a run that has begun, or a second one; expected it once, before the start");
  if (bytes / state < 2)
    return gkt_fail(r->ctx, GKT_BAD_INPUT, "%lld bytes on disk for the states of a run; expected at least %lld, two of them", (long long)bytes, (long long)(2 * state));
  GKT_TRY(gkt_spill_create(r->ctx, folder, numbers_of_state(r), &r->spill));
  r->most_stored = bytes / state;
  return GKT_OK;
}

void gkt_trajectory_destroy(gkt_trajectory **trajectory) {
  gkt_trajectory *r = *trajectory;
  if (!r) return;
  if (r->t->follower.user == r) r->t->follower = (gkt_follower){NULL, NULL};
  drop_states(r), drop_records(r, 0);
  gkt_free(&r->states);
  gkt_free(&r->records);
  gkt_free(&r->steps);
  gkt_free(&r->whole);
  gkt_free(&r->before);
  gkt_free(&r->start_rate);
  gkt_free(&r->given);
  gkt_spill_destroy(&r->spill);
  gkt_context_destroy(&r->ctx);
  gkt_free(trajectory);
}

gkt_size gkt_trajectory_num_steps(const gkt_trajectory *r) { return r->num_whole; }
double gkt_trajectory_length(const gkt_trajectory *r, gkt_size n) { return n >= 1 && n <= r->num_whole ? r->steps[r->whole[n - 1] - 1].length : 0; }
int gkt_trajectory_repeats(const gkt_trajectory *r, gkt_size n) {
  if (n < 0 || n > r->num_whole) return 0;
  return (int)((n < r->num_whole ? r->whole[n] - 1 : r->num_steps) - (n ? r->whole[n - 1] : 0));
}
gkt_size gkt_trajectory_memory(const gkt_trajectory *r) { return r->num_states * bytes_of_state(r) + r->num_records * gkt_time_record_size(r->t) * (gkt_size)sizeof(gkt_scalar); }
