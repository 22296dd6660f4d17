/* Fields, constants, coefficients, history and let: one namespace. */
#include <string.h>

#include "forms/type.h"
#include "problem/file/settings_reader.h"

static gkt_status read_field(gkt_settings_reader *r, const gkt_yaml *n, gkt_field_settings *f) {
  const gkt_yaml *space = gkt_yaml_get(n, "space"), *shape = gkt_yaml_get(n, "shape");
  gkt_settings_name(n, &f->name);
  gkt_settings_word(space, &f->space);
  gkt_settings_word(gkt_yaml_get(n, "test"), &f->test);
  GKT_TRY(gkt_element_read(space->text, &f->element));
  if (!gkt_word_shape(shape ? shape->text : "scalar", &f->rank, &f->size)) return gkt_yaml_refuse(r->ctx, GKT_INTERNAL, shape, NULL, "a shape that the schema let pass");
  return GKT_OK;
}

static gkt_status read_fields(gkt_settings_reader *r) {
  const gkt_yaml *fields = gkt_yaml_get(r->root, "fields"), *equation = gkt_yaml_get(r->root, "equation"), *energy = gkt_yaml_get(r->root, "energy");
  gkt_settings *s = r->s;
  if (!fields->first) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, fields, NULL, "no field; expected {NAME: {space: P2}}");
  GKT_TRY(gkt_memory_take(r->memory, fields->count, sizeof *s->fields, &s->fields));
  for (const gkt_yaml *n = fields->first; n; n = n->next) {
    gkt_field_settings *f = &s->fields[s->num_fields++];
    GKT_TRY(read_field(r, n, f));
    if (equation && !f->test.text && !(energy && fields->count > 1)) /* an energy may be the equation of this one */
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, "test", "missing key; expected the name of the test function, as there is an equation (line %d)", equation->key->mark.line);
  }
  return GKT_OK;
}

static gkt_status read_constants(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "constants");
  gkt_settings *s = r->s;
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *s->constants, &s->constants));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) {
    gkt_settings_name(n, &s->constants[s->num_constants].name);
    gkt_settings_number(n, &s->constants[s->num_constants++].value);
  }
  return GKT_OK;
}

static gkt_status read_coefficient(gkt_settings_reader *r, const gkt_yaml *n, gkt_coefficient_settings *c) {
  gkt_settings_name(n, &c->name);
  if (n->kind != GKT_YAML_MAP) return gkt_settings_source(r, n, &c->value); /* kind 0: symbolic */
  const gkt_yaml *by, *fallback = gkt_yaml_get(n, "default");
  GKT_TRY(gkt_settings_one_of(r, n, "value regions", false, &by));
  gkt_settings_word(gkt_yaml_get(n, "space"), &c->space);
  GKT_TRY(gkt_element_read(c->space.text, &c->element));
  c->kind = strcmp(by->key->text, "value") == 0 ? GKT_COEFFICIENT_DISCRETE : GKT_COEFFICIENT_REGIONS;
  if (c->kind == GKT_COEFFICIENT_DISCRETE) {
    if (fallback) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, fallback->key, "default", "this key goes with regions; expected a coefficient without it");
    return gkt_settings_source(r, by, &c->value);
  }
  if (c->element.kind == GKT_REAL) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, by->key, "regions", "a real is one number for the whole mesh; expected value, or space: DP0");
  GKT_TRY(gkt_settings_source(r, fallback, &c->fallback));
  GKT_TRY(gkt_settings_sources(r, by, &c->num_regions, &c->regions));
  if (c->num_regions > 0) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, by, NULL, "no region; expected {REGION: value, ..}");
}

static gkt_status read_coefficients(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "coefficients");
  gkt_settings *s = r->s;
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *s->coefficients, &s->coefficients));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(read_coefficient(r, n, &s->coefficients[s->num_coefficients++]));
  return GKT_OK;
}

/* ---- history ---- */
enum { HIGHEST_DEGREE = 63 }; /* of rules */
static gkt_status read_history(gkt_settings_reader *r, const gkt_yaml *n, gkt_history_settings *h) {
  const gkt_yaml *points = gkt_yaml_get(n, "points"), *shape = gkt_yaml_get(n, "shape");
  gkt_settings_name(n, &h->name);
  gkt_settings_integer(points, &h->degree);
  if (h->degree > HIGHEST_DEGREE)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, points, points->text, "no rule of this degree; expected that of the quadrature, 0 to %d", HIGHEST_DEGREE);
  if (!gkt_word_shape(shape ? shape->text : "scalar", &h->rank, &h->size)) return gkt_yaml_refuse(r->ctx, GKT_INTERNAL, shape, NULL, "a shape that the schema let pass");
  GKT_TRY(gkt_settings_source(r, gkt_yaml_get(n, "initial"), &h->initial));
  return gkt_settings_source(r, gkt_yaml_get(n, "update"), &h->update);
}

static gkt_status read_histories(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "history");
  gkt_settings *s = r->s;
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *s->histories, &s->histories));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(read_history(r, n, &s->histories[s->num_histories++]));
  return GKT_OK;
}

/* ---- one namespace ---- */
typedef struct {
  const gkt_yaml *names[512];
  int count;
} names;

static gkt_status add_name(gkt_settings_reader *r, names *seen, const gkt_yaml *n) {
  if (!n) return GKT_OK;
  if (gkt_is_reserved(n->text)) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "reserved in expressions; expected another name");
  for (int i = 0; i < seen->count; i++) {
    char path[256];
    gkt_yaml_path(seen->names[i], path, sizeof path);
    if (strcmp(seen->names[i]->text, n->text) == 0)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "a name in use in %s (line %d); expected another", path, seen->names[i]->mark.line);
  }
  if (seen->count == (int)(sizeof seen->names / sizeof seen->names[0])) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "more than %d names", seen->count);
  seen->names[seen->count++] = n;
  return GKT_OK;
}

static gkt_status check_names(gkt_settings_reader *r) {
  static const char *const sections[] = {"fields", "constants", "coefficients", "history", "let"};
  names seen = {.count = 0};
  for (int i = 0; i < (int)(sizeof sections / sizeof sections[0]); i++) {
    const gkt_yaml *map = gkt_yaml_get(r->root, sections[i]);
    for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) {
      GKT_TRY(add_name(r, &seen, n->key));
      if (i == 0) GKT_TRY(add_name(r, &seen, gkt_yaml_get(n, "test")));
    }
  }
  return GKT_OK;
}

gkt_status gkt_settings_read_names(gkt_settings_reader *r) {
  GKT_TRY(read_fields(r));
  GKT_TRY(read_constants(r));
  GKT_TRY(read_coefficients(r));
  GKT_TRY(read_histories(r));
  GKT_TRY(gkt_settings_sources(r, gkt_yaml_get(r->root, "let"), &r->s->num_lets, &r->s->lets));
  return check_names(r);
}
