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
static bool is_for_later(const char *name) { return !strcmp(name, "shape") || !strncmp(name, "value(", 6); }
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

static gkt_status read_control(gkt_settings_reader *r, const gkt_yaml *n, gkt_control_settings *c) {
  const gkt_settings *s = r->s;
  const char *name = n->key->text;
  const int constant = gkt_settings_find_constant(s, name), coefficient = gkt_settings_find_coefficient(s, name);
  gkt_settings_name(n, &c->name);
  if (is_initial(name)) {
    GKT_TRY(read_initial(r, n, c));
    return read_bounds(r, gkt_yaml_get(n, "bounds"), c);
  }
  if (constant < 0 && coefficient < 0 && is_for_later(name))
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, n->key, name,
                           "this kind of control is not available yet; expected a constant or a coefficient with a space, which values of conditions may hold");
  if (constant < 0 && coefficient < 0) return gkt_settings_refuse_unknown(r, n);
  if (coefficient >= 0 && s->coefficients[coefficient].kind == GKT_COEFFICIENT_SYMBOLIC) return gkt_settings_refuse_symbolic(r, n);
  c->kind = constant >= 0 ? GKT_CONTROL_CONSTANT : GKT_CONTROL_COEFFICIENT, c->number = constant >= 0 ? constant : coefficient;
  return read_bounds(r, gkt_yaml_get(n, "bounds"), c);
}

gkt_status gkt_settings_read_controls(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "controls");
  gkt_optimize_settings *o = &r->s->optimize;
  if (!map || !map->first)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map ? map : o->at->key, map ? NULL : o->at->key->text, "nothing to change; expected controls: {NAME: {bounds: [0, 1]}}");
  GKT_TRY(gkt_memory_take(r->memory, map->count, sizeof *o->controls, &o->controls));
  for (const gkt_yaml *n = map->first; n; n = n->next) GKT_TRY(read_control(r, n, &o->controls[o->num_controls++]));
  return GKT_OK;
}
