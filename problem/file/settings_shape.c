/* The control `shape`: which boundaries move, what they keep. */
#include <string.h>

#include "problem/file/settings_reader.h"

static int count_of(const gkt_yaml *n) { return n->kind == GKT_YAML_LIST ? n->count : 1; }
static const gkt_yaml *first_of(const gkt_yaml *n) { return n->kind == GKT_YAML_LIST ? n->first : n; }

static gkt_status read_moves(gkt_settings_reader *r, const gkt_yaml *n, gkt_shape_settings *s) {
  GKT_TRY(gkt_settings_words(r, n, &s->num_moves, &s->moves));
  return s->num_moves ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "no boundary; expected the name of one at least");
}

static gkt_status read_holds(gkt_settings_reader *r, const gkt_yaml *list, gkt_shape_settings *s) {
  int count = 0;
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) count += count_of(gkt_yaml_get(n, "on"));
  GKT_TRY(gkt_memory_take(r->memory, count, sizeof *s->holds, &s->holds));
  GKT_TRY(gkt_memory_take(r->memory, count, sizeof *s->components, &s->components));
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) {
    const gkt_yaml *on = gkt_yaml_get(n, "on"), *name = first_of(on);
    for (int i = 0; i < count_of(on); i++, name = name->next) {
      s->components[s->num_holds] = GKT_ALL_COMPONENTS;
      gkt_settings_integer(gkt_yaml_get(n, "component"), &s->components[s->num_holds]);
      gkt_settings_word(name, &s->holds[s->num_holds++]);
    }
  }
  return GKT_OK;
}

gkt_status gkt_settings_read_shape(gkt_settings_reader *r, const gkt_yaml *n, gkt_shape_settings *out) {
  const gkt_yaml *move = gkt_yaml_get(n, "move");
  if (!move) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, "shape", "nothing moves; expected move: the name of a boundary, or a list of names");
  GKT_TRY(read_moves(r, move, out));
  return read_holds(r, gkt_yaml_get(n, "hold"), out);
}

gkt_status gkt_settings_refuse_shape_keys(gkt_settings_reader *r, const gkt_yaml *n) {
  static const char *const keys[] = {"move", "hold", "extension"};
  for (int i = 0; i < 3; i++) {
    const gkt_yaml *key = gkt_yaml_get(n, keys[i]);
    if (key) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, key->key, keys[i], "this key goes with the control `shape`; expected %s without it", n->key->text);
  }
  return GKT_OK;
}

/* ---- together with others ---- */
static const gkt_word *shape_of(const gkt_optimize_settings *o, int *number) {
  for (int i = 0; i < o->num_controls; i++)
    if (o->controls[i].kind == GKT_CONTROL_SHAPE) return *number = i, &o->controls[i].name;
  return NULL;
}

gkt_status gkt_settings_check_shape(gkt_settings_reader *r) {
  const gkt_optimize_settings *o = &r->s->optimize;
  int number = 0;
  const gkt_word *shape = shape_of(o, &number);
  if (!shape) return GKT_OK;
  for (int i = 0; i < o->num_filters; i++)
    if (o->filters[i].control == number && o->filters[i].kind != GKT_FILTER_HELMHOLTZ)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, o->filters[i].name.at, "shape", "displacements of a boundary have no filter of this kind; expected kind: helmholtz");
  if (o->only_gradient) return GKT_OK;
  if (gkt_settings_is_newton(o))
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, o->key.at, "shape", "second derivatives by it, which %s needs, are not available yet; expected blmvm or mma",
                           gkt_optimizer_word(o->method));
  if (o->method == GKT_OPTIMIZER_OC)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, o->key.at, "shape", "oc scales densities from 0, and displacements have both signs; expected mma");
  return GKT_OK;
}
