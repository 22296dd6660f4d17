/* Time, and the state at its start. */
#include <string.h>

#include "problem/file/settings_reader.h"

static gkt_status check_range(gkt_settings_reader *r, const gkt_yaml *map, const gkt_time_settings *t) {
  const gkt_yaml *end = gkt_yaml_get(map, "end"), *step = gkt_yaml_get(map, "step"), *every = gkt_yaml_get(map, "output_every"), *steps = gkt_yaml_get(map, "steps");
  if (!(t->end > t->start)) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, end, end->text, "not after the start, %g; expected a later time", t->start);
  if (t->step > t->end - t->start)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, step, step->text, "longer than from start to end, which is %g; expected a shorter step", t->end - t->start);
  if ((t->end - t->start) / t->step > INT32_MAX) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, step, step->text, "more than 2,147,483,647 steps; expected a longer step");
  if (t->atol < 0) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, gkt_yaml_get(gkt_yaml_get(map, "adaptive"), "atol"), NULL, "a bound on an error; expected a number from 0");
  if (t->checkpoint_every < 1) {
    const gkt_yaml *often = gkt_yaml_get(map, "checkpoint_every");
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, often, often->text, "expected every n-th output, n from 1");
  }
  if (steps && t->steps < 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, steps, steps->text, "expected a number of steps from 1");
  if (gkt_yaml_get(map, "repeat") && t->repeats < 1) {
    const gkt_yaml *most = gkt_yaml_get(gkt_yaml_get(map, "repeat"), "most");
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, most, most->text, "expected a number of repeats from 1");
  }
  return t->output_every < 1 ? gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, every, every->text, "expected every n-th step, n from 1") : GKT_OK;
}

gkt_status gkt_settings_restart(gkt_settings_reader *r, const gkt_yaml *map, char **checkpoint, int *every, gkt_word *restart, char **path) {
  const gkt_yaml *from = gkt_yaml_get(map, "restart");
  *every = 1;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(map, "checkpoint"), checkpoint));
  gkt_settings_integer(gkt_yaml_get(map, "checkpoint_every"), every);
  gkt_settings_word(from, restart);
  return from && *checkpoint && !strcmp(from->text, *checkpoint) ? GKT_OK : gkt_settings_path(r, from, path);
}

static gkt_status read_time(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "time");
  gkt_time_settings *t = &r->s->time;
  if (!map) return GKT_OK;
  t->at = map, t->output_every = 1;
  gkt_settings_number(gkt_yaml_get(map, "start"), &t->start);
  gkt_settings_number(gkt_yaml_get(map, "end"), &t->end);
  gkt_settings_number(gkt_yaml_get(map, "step"), &t->step);
  gkt_settings_word(gkt_yaml_get(map, "scheme"), &t->scheme);
  gkt_settings_integer(gkt_yaml_get(map, "output_every"), &t->output_every);
  if (gkt_yaml_get(map, "adaptive")) {
    gkt_settings_number(gkt_yaml_get(gkt_yaml_get(map, "adaptive"), "rtol"), &t->rtol);
    gkt_settings_number(gkt_yaml_get(gkt_yaml_get(map, "adaptive"), "atol"), &t->atol);
  }
  if (gkt_yaml_get(map, "repeat")) {
    t->repeats = 100;
    gkt_settings_number(gkt_yaml_get(gkt_yaml_get(map, "repeat"), "rtol"), &t->repeat_rtol);
    gkt_settings_integer(gkt_yaml_get(gkt_yaml_get(map, "repeat"), "most"), &t->repeats);
  }
  gkt_settings_number(gkt_yaml_get(map, "longest"), &t->longest);
  gkt_settings_integer(gkt_yaml_get(map, "steps"), &t->steps);
  GKT_TRY(gkt_settings_fields(r, gkt_yaml_get(map, "lump"), &t->num_lump, &t->lump));
  GKT_TRY(gkt_settings_restart(r, map, &t->checkpoint, &t->checkpoint_every, &t->restart, &t->restart_path));
  return check_range(r, map, t);
}

/* The field in FIELD and dt(FIELD). */
static gkt_status read_initial(gkt_settings_reader *r, const gkt_yaml *map, const gkt_yaml *n, gkt_initial_settings *out) {
  const gkt_field_settings *field = NULL;
  gkt_yaml key = *n->key;
  char name[64] = "";
  out->is_rate = gkt_word_is_rate(n->key->text);
  if (out->is_rate && sscanf(n->key->text, "dt(%63[^)]", name) == 1) key.text = name;
  GKT_TRY(gkt_settings_field(r, map, &key, &field));
  gkt_settings_name(n, &out->name);
  out->field = (int)(field - r->s->fields);
  if (out->is_rate && !r->s->time.at)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text,
                           "a rate at the start, in a problem without the key `time`; expected time: {end: .., step: ..}, or no such entry");
  return gkt_settings_source(r, n, &out->source);
}

gkt_status gkt_settings_read_time(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "initial");
  gkt_settings *s = r->s;
  GKT_TRY(read_time(r));
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *s->initial, &s->initial));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(read_initial(r, map, n, &s->initial[s->num_initial++]));
  return GKT_OK;
}
