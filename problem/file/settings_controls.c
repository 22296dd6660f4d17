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

/* Is the text "left, top" the list of a condition's sets, as the file has it? */
static bool is_list_of(const char *text, const gkt_condition_settings *c) {
  for (int k = 0; k < c->num_on; k++) {
    const size_t n = strlen(c->on[k].text);
    if (strncmp(text, c->on[k].text, n) != 0) return false;
    text += n;
    const size_t gap = strspn(text, ", ");
    if ((k < c->num_on - 1) != (gap > 0)) return false;
    text += gap;
  }
  return *text == 0;
}

static bool is_on(const gkt_condition_settings *c, const char *set) {
  for (int k = 0; k < c->num_on; k++)
    if (!strcmp(c->on[k].text, set)) return true;
  return false;
}

/* One on all of these sets, -1: none; *others: another one on one of them, or, of a single set, one on others as well. */
static int find_condition(const gkt_settings *s, const char *sets, int *others) {
  int found = -1;
  *others = -1;
  for (int i = 0; i < s->num_conditions && found < 0; i++)
    if (is_list_of(sets, &s->conditions[i])) found = i;
  for (int i = 0; i < s->num_conditions; i++) {
    bool meets = is_on(&s->conditions[i], sets);
    for (int k = 0; found >= 0 && k < s->conditions[found].num_on; k++) meets = meets || is_on(&s->conditions[i], s->conditions[found].on[k].text);
    if (meets && i != found) *others = i;
  }
  return found;
}

static void print_sets(const gkt_condition_settings *c, gkt_text *out) {
  for (int k = 0; k < c->num_on; k++) gkt_text_printf(out, "%s%s", k ? ", " : "", c->on[k].text);
}

/* Of no condition: perhaps of one on more sets. */
static gkt_status refuse_sets(gkt_settings_reader *r, const gkt_yaml *n, const char *sets, int other) {
  gkt_text known = {.ctx = r->ctx};
  char what[160];
  if (other >= 0) {
    const gkt_condition_settings *c = &r->s->conditions[other];
    print_sets(c, &known);
    const gkt_status status = gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text,
                                              "its condition (line %d) is on other sets as well; expected value(%s), the values on all of them, or one of its own",
                                              c->at->mark.line, known.data ? known.data : "");
    gkt_text_free(&known);
    return status;
  }
  for (int i = 0; i < r->s->num_conditions; i++)
    for (int k = 0; k < r->s->conditions[i].num_on; k++) gkt_text_printf(&known, " %s", r->s->conditions[i].on[k].text);
  snprintf(what, sizeof what, "no condition on '%.120s'", sets);
  return gkt_settings_refuse_word(r, n->key, sets, &known, what, "value(NAME) of a condition that has NAME in `on`");
}

/* In forms: "value(left, top)" is value_left_top. */
static gkt_status name_values(gkt_settings_reader *r, const char *name, char **out) {
  char *to;
  GKT_TRY(gkt_memory_text(r->memory, name, strlen(name) - 1, out));
  to = *out;
  for (const char *at = *out; *at; at++)
    if (*at != ' ') *to++ = (char)(gkt_word_is_name((char[]){'a', *at, 0}) ? *at : '_');
  *to = 0;
  return GKT_OK;
}

static gkt_status read_value(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const char *name = n->key->text;
  char sets[256];
  int other;
  snprintf(sets, sizeof sets, "%.*s", (int)strlen(name) - 7, name + 6);
  c->kind = GKT_CONTROL_COEFFICIENT, c->condition = find_condition(r->s, sets, &other);
  if (c->condition < 0) return refuse_sets(r, n, sets, other);
  const gkt_condition_settings *on = &r->s->conditions[c->condition];
  c->num_on = on->num_on, c->on = on->on;
  if (other >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, name,
                           "two conditions are there, of lines %d and %d; expected a coefficient in the value of one as the control, with `on`", on->at->mark.line,
                           r->s->conditions[other].at->mark.line);
  return name_values(r, name, &c->function);
}

/* A coefficient whose values at these nodes alone are sought, as on a side. */
static gkt_status read_on(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const gkt_yaml *on = gkt_yaml_get(n, "on");
  if (!on) return GKT_OK;
  if (c->kind != GKT_CONTROL_COEFFICIENT || c->condition >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, on->key, "on", "of coefficients with a space, whose values elsewhere stay; expected no such key");
  return gkt_settings_words(r, on, &c->num_on, &c->on);
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
  if (c->kind != GKT_CONTROL_COEFFICIENT)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, times->key, "times",
                           "of coefficients with a space, {space: real, ..} for one number at each time, and of values of conditions; expected no such key");
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
    GKT_TRY(read_on(r, n, &o->controls[o->num_controls]));
    GKT_TRY(read_times(r, n, &o->controls[o->num_controls++]));
  }
  return GKT_OK;
}
