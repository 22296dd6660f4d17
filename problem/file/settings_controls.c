/* Controls: what is sought, and within which bounds. */
#include <math.h>
#include <string.h>

#include "problem/file/settings_reader.h"

static gkt_status read_bounds(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  c->lower = -INFINITY, c->upper = INFINITY;
  if (!n) return GKT_OK;
  if (n->count != 2) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "%d number%s; expected two, [lower, upper]", n->count, n->count == 1 ? "" : "s");
  gkt_settings_number(n->first, &c->lower);
  gkt_settings_number(n->first->next, &c->upper);
  if (c->lower <= c->upper) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->first->next, n->first->next->text, "bounds the wrong way round: below %g; expected [lower, upper]", c->lower);
}

/* Kinds of controls that have words of their own. */
static bool is_value(const char *name) { return !strncmp(name, "value(", 6) && name[strlen(name) - 1] == ')'; }
static bool is_initial(const char *name) { return !strncmp(name, "initial(", 8) && name[strlen(name) - 1] == ')'; }

/* initial(u), initial(dt(u)) */
static gkt_status read_initial(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const char *name = n->key->text;
  char known[512] = "", near[80], inside[64];
  size_t at = 0;
  snprintf(inside, sizeof inside, "%.*s", (int)strlen(name) - 9, name + 8);
  c->kind = gkt_word_is_rate(inside) ? GKT_CONTROL_INITIAL_RATE : GKT_CONTROL_INITIAL, c->number = -1;
  if (c->kind == GKT_CONTROL_INITIAL_RATE) memmove(inside, inside + 3, strlen(inside) - 4), inside[strlen(inside) - 4] = 0;
  for (int i = 0; i < r->s->num_fields; i++) {
    const char *field = r->s->fields[i].name.text;
    if (!strcmp(field, inside)) c->number = i;
    if (at < sizeof known) at += (size_t)snprintf(known + at, sizeof known - at, " %s", field);
  }
  if (!r->s->time.at)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, name, "the state at the start of a run, and the file has no `time`; expected a constant or a coefficient with a space");
  if (c->number >= 0) return GKT_OK;
  gkt_word_near(inside, known, near, sizeof near);
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, name, "'%s' is no field%s; known:%s; expected initial(FIELD) or initial(dt(FIELD))", inside, near, known);
}

/* Of the conditions the one on this set; *others: another one there. */
static int find_condition(const gkt_settings *s, const char *set, int *others) {
  int found = -1;
  *others = -1;
  for (int i = 0; i < s->num_conditions; i++)
    for (int k = 0; k < s->conditions[i].num_on; k++)
      if (!strcmp(s->conditions[i].on[k].text, set)) *(found < 0 ? &found : others) = i;
  return found;
}

static gkt_status refuse_set(gkt_settings_reader *r, const gkt_yaml *n, const char *set) {
  gkt_text known = {.ctx = r->ctx};
  char what[160];
  for (int i = 0; i < r->s->num_conditions; i++)
    for (int k = 0; k < r->s->conditions[i].num_on; k++) gkt_text_printf(&known, " %s", r->s->conditions[i].on[k].text);
  snprintf(what, sizeof what, "no condition on '%s'", set);
  return gkt_settings_refuse_word(r, n->key, set, &known, what, "value(NAME) of a condition that has NAME in `on`");
}

/* value(inlet), in forms value_inlet */
static gkt_status read_value(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const char *name = n->key->text;
  char set[128];
  int other;
  snprintf(set, sizeof set, "%.*s", (int)strlen(name) - 7, name + 6);
  c->kind = GKT_CONTROL_COEFFICIENT, c->condition = find_condition(r->s, set, &other);
  if (c->condition < 0) return refuse_set(r, n, set);
  const gkt_condition_settings *on = &r->s->conditions[c->condition];
  if (other >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, name, "two conditions are there, of lines %d and %d; expected a coefficient in the value of one as the control",
                           on->at->mark.line, r->s->conditions[other].at->mark.line);
  if (on->num_on > 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, name, "its condition (line %d) is on other sets as well; expected one of its own", on->at->mark.line);
  if (on->component == GKT_NORMAL)
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, n->key, name, "values of normal components are not available yet as a control; expected a constant in the value (line %d)",
                           on->at->mark.line);
  GKT_TRY(gkt_memory_text(r->memory, name, strlen(name) - 1, &c->function));
  for (char *at = c->function; *at; at++)
    if (!gkt_word_is_name((char[]){'a', *at, 0})) *at = '_';
  return GKT_OK;
}

static gkt_status read_control(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const gkt_settings *s = r->s;
  const char *name = n->key->text;
  const int constant = gkt_settings_find_constant(s, name), coefficient = gkt_settings_find_coefficient(s, name);
  gkt_settings_name(n, &c->name);
  c->condition = -1;
  const bool is_shape = constant < 0 && coefficient < 0 && !strcmp(name, "shape");
  if (!is_shape) GKT_TRY(gkt_settings_refuse_shape_keys(r, n));
  if (is_initial(name) || is_value(name)) {
    GKT_TRY(is_initial(name) ? read_initial(r, n, c) : read_value(r, n, c));
    return read_bounds(r, gkt_yaml_get(n, "bounds"), c);
  }
  GKT_TRY(read_bounds(r, gkt_yaml_get(n, "bounds"), c));
  if (is_shape) return c->kind = GKT_CONTROL_SHAPE, gkt_settings_read_shape(r, n, &r->s->optimize.shape);
  if (constant < 0 && coefficient < 0) return gkt_settings_refuse_unknown(r, n);
  if (coefficient >= 0 && s->coefficients[coefficient].kind == GKT_COEFFICIENT_SYMBOLIC) return gkt_settings_refuse_symbolic(r, n);
  c->kind = constant >= 0 ? GKT_CONTROL_CONSTANT : GKT_CONTROL_COEFFICIENT, c->number = constant >= 0 ? constant : coefficient;
  c->function = c->name.text;
  return GKT_OK;
}

/* Values at times, from the start to the end. */
static gkt_status read_times(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const gkt_yaml *times = gkt_yaml_get(n, "times");
  gkt_settings_integer(times, &c->times);
  if (!times) return GKT_OK;
  if (!r->s->time.at) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, times->key, "times", "the file has no `time`; expected no such key");
  if (c->kind != GKT_CONTROL_COEFFICIENT || c->condition >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, times->key, "times", "of coefficients with a space, {space: real, ..} for one number at each time; expected no such key");
  return c->times >= 2 ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, times, times->text, "expected a number of times from 2");
}

gkt_status gkt_settings_read_controls(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "controls");
  gkt_optimize_settings *o = &r->s->optimize;
  if (!map || !map->first)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map ? map : o->at->key, map ? NULL : o->at->key->text, "nothing to change; expected controls: {NAME: {bounds: [0, 1]}}");
  GKT_TRY(gkt_memory_take(r->memory, map->count, sizeof *o->controls, &o->controls));
  for (const gkt_yaml *n = map->first; n; n = n->next) {
    GKT_TRY(read_control(r, n, &o->controls[o->num_controls]));
    GKT_TRY(read_times(r, n, &o->controls[o->num_controls++]));
  }
  return GKT_OK;
}
