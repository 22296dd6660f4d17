/* Continuation: constants and projections that take one value after the other, in step. */
#include <string.h>

#include "problem/file/settings_reader.h"

gkt_status gkt_settings_series(gkt_settings_reader *r, const gkt_yaml *n, int *count, double **values) {
  const int all = n->kind == GKT_YAML_LIST ? n->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, all, sizeof **values, values));
  for (const gkt_yaml *v = n->kind == GKT_YAML_LIST ? n->first : n; *count < all; v = v->next) gkt_settings_number(v, &(*values)[(*count)++]);
  return GKT_OK;
}

static gkt_status read_values(gkt_settings_reader *r, const gkt_yaml *n, gkt_continuation_settings *c) {
  const gkt_optimize_settings *o = &r->s->optimize;
  gkt_settings_name(n, &c->name);
  if (gkt_settings_find_constant(r->s, n->key->text) < 0) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "no constant; expected one of `constants`");
  for (int i = 0; i < o->num_controls; i++)
    if (!strcmp(o->controls[i].name.text, n->key->text))
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "a control, which the optimizer changes; expected a constant that is none");
  return gkt_settings_series(r, n, &c->num_values, &c->values);
}

/* All lists have as many values; first: whose number counts. */
static gkt_status take_steps(gkt_settings_reader *r, const gkt_word *name, int count, const gkt_word **first) {
  gkt_optimize_settings *o = &r->s->optimize;
  if (!*first) *first = name, o->num_steps = count;
  if (o->num_steps == count) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, name->at, name->text, "its continuation has %d step%s, that of %s has %d; expected as many values", count, count == 1 ? "" : "s",
                         (*first)->text, o->num_steps);
}

/* One number for all steps but the last, or one for each of them; the last entry stays 0. */
static gkt_status read_every(gkt_settings_reader *r, const gkt_yaml *n, int *every) {
  const int steps = r->s->optimize.num_steps;
  const bool list = n->kind == GKT_YAML_LIST;
  const gkt_yaml *entry = list ? n->first : n;
  if (list && n->count != steps - 1)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "%d number%s of iterations for a continuation of %d steps; expected %d, one for each but the last", n->count,
                           n->count == 1 ? "" : "s", steps, steps - 1);
  for (int i = 0; i < steps - 1; i++, entry = list ? entry->next : entry) gkt_settings_integer(entry, &every[i]);
  return GKT_OK;
}

/* What several places say is the same. */
static gkt_status take_every(gkt_settings_reader *r, const gkt_yaml *n, const gkt_yaml **first) {
  gkt_optimize_settings *o = &r->s->optimize;
  int *every;
  if (!n) return GKT_OK;
  GKT_TRY(gkt_memory_take(r->memory, o->num_steps, sizeof *every, &every));
  GKT_TRY(read_every(r, n, every));
  if (*first && memcmp(every, o->every, (size_t)o->num_steps * sizeof *every))
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "other numbers of iterations than those of line %d; expected the same `every`", (*first)->mark.line);
  *first = n, o->every = every;
  return GKT_OK;
}

static gkt_status take_all_steps(gkt_settings_reader *r) {
  gkt_optimize_settings *o = &r->s->optimize;
  const gkt_word *first = NULL;
  o->num_steps = 1;
  for (int i = 0; i < o->num_filters; i++)
    if (o->filters[i].num_betas > 1) GKT_TRY(take_steps(r, &o->filters[i].name, o->filters[i].num_betas, &first));
  for (int i = 0; i < o->num_continuations; i++) GKT_TRY(take_steps(r, &o->continuations[i].name, o->continuations[i].num_values, &first));
  GKT_TRY(gkt_memory_take(r->memory, o->num_steps, sizeof *o->every, &o->every));
  for (int i = 0; i < o->num_steps - 1; i++) o->every[i] = 20;
  return GKT_OK;
}

static bool has_projection(const gkt_optimize_settings *o) {
  bool any = false;
  for (int i = 0; i < o->num_filters; i++) any = any || o->filters[i].num_betas > 1;
  return any;
}

gkt_status gkt_settings_read_continuation(gkt_settings_reader *r) {
  gkt_optimize_settings *o = &r->s->optimize;
  const gkt_yaml *optimizer = gkt_yaml_get(r->root, "optimizer"), *map = optimizer ? gkt_yaml_get(optimizer, "continuation") : NULL, *at = NULL;
  if (map && o->only_gradient)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map->key, "continuation", "of an optimizer's steps, and `method: none` takes none; expected the values in `constants`");
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *o->continuations, &o->continuations));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(read_values(r, n, &o->continuations[o->num_continuations++]));
  GKT_TRY(take_all_steps(r));
  for (int i = 0; i < o->num_filters; i++) GKT_TRY(take_every(r, o->filters[i].every_at, &at));
  const gkt_yaml *every = optimizer ? gkt_yaml_get(optimizer, "every") : NULL;
  if (every && !o->num_continuations && !has_projection(o))
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, every->key, "every", "of steps of a continuation, and there is none; expected `continuation`, or a `project` of a filter");
  return take_every(r, every, &at);
}
