/* All that steps go on from, as numbers: whatever is added to gkt_time and lasts from step to step has its place here. */
#include <string.h>

#include "time/time.h"

/* The head: numbers, each of which a double holds exactly. */
enum { SCHEME, FIRST_PARAMETER, SECOND_PARAMETER, NUM_DOFS, IS_ADAPTIVE, NUM_STEPS, TIME, BEFORE, EARLIER, EARLIEST, NEXT, STABLE, LOOKED, PAUSE, HEAD };
enum { MOST_PARTS = 13 };

static bool is_path(const gkt_time *t) { return t->options.scheme.kind == GKT_SCHEME_ARC_LENGTH; }

/* Which of the vectors stand behind it, in the order of `collect`; how many. */
static int need(const gkt_time *t, bool out[MOST_PARTS]) {
  const gkt_scheme *s = &t->options.scheme;
  const bool is_explicit = gkt_scheme_is_explicit(s), adapts = gkt_time_adapts(t), averages = gkt_time_averages(t);
  const bool needed[MOST_PARTS] = {true,
                                   true,
                                   true,
                                   true,
                                   adapts && !is_explicit,
                                   adapts && !is_explicit,
                                   is_explicit,
                                   is_path(t),
                                   gkt_time_follows_stability(t),
                                   adapts && is_explicit && gkt_scheme_rates(s) == 2,
                                   averages,
                                   averages,
                                   averages};
  int count = 0;
  for (int i = 0; i < MOST_PARTS; i++) out[i] = needed[i], count += needed[i];
  return count;
}

/* Each of num_dofs numbers. They are there from gkt_time_begin on, or are made. */
static gkt_status collect(gkt_time *t, gkt_vector *out[MOST_PARTS], int *count) {
  gkt_vector **const parts[MOST_PARTS] = {&t->u,
                                          &t->rate,
                                          &t->acceleration,
                                          &t->parts[GKT_BEFORE],
                                          &t->earlier_u,
                                          &t->start_rate,
                                          &t->masses,
                                          is_path(t) ? &t->path.now->direction : NULL,
                                          &t->mode,
                                          &t->earlier_acceleration,
                                          &t->past[0],
                                          &t->past[1],
                                          &t->past[2]};
  bool needed[MOST_PARTS];
  need(t, needed);
  *count = 0;
  for (int i = 0; i < MOST_PARTS; i++) {
    if (!needed[i]) continue;
    if (!*parts[i]) GKT_TRY(gkt_system_vector(t->system, parts[i]));
    out[(*count)++] = *parts[i];
  }
  return GKT_OK;
}

/* What the system remembers stands at the end. */
gkt_size gkt_time_histories_size(const gkt_time *t) {
  const char *name;
  gkt_size all = 0, n;
  for (int i = 0; gkt_system_get_history(t->system, i, &name, &n); i++) all += n;
  return all;
}

gkt_size gkt_time_record_size(const gkt_time *t) {
  bool needed[MOST_PARTS];
  return HEAD + need(t, needed) * (gkt_size)gkt_system_layout(t->system)->num_owned + gkt_time_histories_size(t) + gkt_time_arc_size(t);
}

void gkt_time_get_histories(const gkt_time *t, gkt_scalar *out) {
  const char *name;
  const gkt_scalar *values;
  gkt_size n;
  for (int i = 0; (values = gkt_system_get_history(t->system, i, &name, &n)); i++, out += n) memcpy(out, values, (size_t)n * sizeof *out);
}

gkt_status gkt_time_set_histories(const gkt_time *t, const gkt_scalar *from) {
  const char *name;
  gkt_size n;
  for (int i = 0; gkt_system_get_history(t->system, i, &name, &n); i++, from += n) GKT_TRY(gkt_system_set_history(t->system, name, from));
  return GKT_OK;
}

static void fill_head(const gkt_time *t, gkt_scalar head[HEAD]) {
  const gkt_scheme *s = &t->options.scheme;
  const double numbers[HEAD] = {s->kind,
                                s->parameters[0],
                                s->parameters[1],
                                gkt_system_layout(t->system)->num_owned,
                                gkt_time_adapts(t),
                                (double)t->num_steps,
                                t->time,
                                t->before,
                                t->earlier,
                                t->earliest,
                                t->next,
                                t->stable,
                                (double)t->looked,
                                (double)t->pause};
  memcpy(head, numbers, sizeof numbers);
}

gkt_status gkt_time_get_record(gkt_time *t, gkt_scalar *record) {
  gkt_vector *parts[MOST_PARTS];
  int count;
  if (!t->has_begun) return gkt_fail(t->ctx, GKT_BAD_ARGUMENT, "time: a record of what has not begun; expected gkt_time_begin before it");
  GKT_TRY(collect(t, parts, &count));
  gkt_system_forget_past(t->system);
  fill_head(t, record);
  const size_t n = (size_t)gkt_vector_size(t->u);
  for (int i = 0; i < count; i++) GKT_TRY(gkt_vector_give(parts[i], record + HEAD + (size_t)i * n));
  gkt_time_get_histories(t, record + HEAD + (size_t)count * n);
  gkt_time_get_arc(t, record + HEAD + (size_t)count * n + gkt_time_histories_size(t));
  return GKT_OK;
}

/* A head that steps could be taken from, of this scheme and these unknowns. */
static gkt_status check(const gkt_time *t, gkt_size size, const gkt_scalar *record) {
  static const char *const what[] = {"scheme", "scheme's parameters", "scheme's parameters", "number of unknowns", "kind of steps, adaptive or fixed"};
  gkt_scalar own[HEAD];
  fill_head(t, own);
  for (int i = 0; i <= IS_ADAPTIVE && size >= HEAD; i++)
    if (record[i] != own[i]) return gkt_fail(t->ctx, GKT_BAD_INPUT, "a record in time of another %s: %.6g; expected %.6g", what[i], record[i], own[i]);
  if (size != gkt_time_record_size(t))
    return gkt_fail(t->ctx, GKT_BAD_INPUT, "a record in time of %lld numbers; expected %lld", (long long)size, (long long)gkt_time_record_size(t));
  const gkt_size wrong = gkt_find_not_finite(size, record);
  if (wrong >= 0) return gkt_fail(t->ctx, GKT_BAD_INPUT, "a record in time that is not finite, in number %lld", (long long)wrong);
  if (record[NUM_STEPS] < 0 || record[BEFORE] < 0 || record[EARLIER] < 0 || record[EARLIEST] < 0 || record[NEXT] < 0 || record[STABLE] < 0 || record[LOOKED] < 0 ||
      record[PAUSE] < 0)
    return gkt_fail(t->ctx, GKT_BAD_INPUT, "a record in time with a length or number of steps below 0");
  return GKT_OK;
}

gkt_status gkt_time_set_record(gkt_time *t, gkt_size size, const gkt_scalar *record) {
  gkt_vector *parts[MOST_PARTS];
  int count;
  bool kept;
  GKT_TRY(check(t, size, record));
  GKT_TRY(gkt_time_move(t, GKT_ON_HOST)); /* also those that are made here */
  if (is_path(t)) GKT_TRY(gkt_time_create_arc(t));
  GKT_TRY(gkt_time_begin_averages(t));
  GKT_TRY(collect(t, parts, &count));
  gkt_system_forget_past(t->system); /* the rest of what steps keep serves the next ones as well */
  GKT_TRY(gkt_system_set_time(t->system, record[TIME]));
  const size_t n = (size_t)gkt_vector_size(t->u);
  for (int i = 0; i < count; i++) GKT_TRY(gkt_vector_take(record + HEAD + (size_t)i * n, parts[i]));
  t->num_steps = (gkt_size)record[NUM_STEPS], t->time = record[TIME], t->before = record[BEFORE], t->earlier = record[EARLIER], t->earliest = record[EARLIEST],
  t->next = record[NEXT];
  t->stable = record[STABLE], t->looked = (gkt_size)record[LOOKED], t->pause = (gkt_size)record[PAUSE];
  t->has_begun = true;
  if (gkt_scheme_is_explicit(&t->options.scheme)) GKT_TRY(gkt_system_keep_operators(t->system, &kept));
  GKT_TRY(gkt_time_tell(t, GKT_FOLLOW_LOSS, t->time, 0));
  GKT_TRY(gkt_time_set_histories(t, record + HEAD + (size_t)count * n));
  gkt_time_set_arc(t, record + HEAD + (size_t)count * n + gkt_time_histories_size(t));
  return gkt_time_settle(t);
}
