#include <math.h>
#include <string.h>

#include "problem/file/settings_reader.h"

/* Dimension of the mesh where the file tells it: 0 if not. */
static int known_dim(const gkt_settings *s) { return s->mesh.kind == GKT_MESH_BOX ? s->mesh.box.dim : 0; }

/* A list is a vector elsewhere; here equations of several fields are meant. */
static gkt_status check_is_one(gkt_settings_reader *r, const gkt_yaml *form) {
  if (!form || form->kind != GKT_YAML_LIST) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, form, NULL,
                         "a list; expected one text, in which the terms of all fields are added: each belongs to the field whose test function it has");
}

static gkt_status read_forms(gkt_settings_reader *r) {
  const gkt_yaml *equation = gkt_yaml_get(r->root, "equation"), *energy = gkt_yaml_get(r->root, "energy");
  if (!equation && !energy) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, r->root, "equation", "missing key; expected equation, energy or both");
  GKT_TRY(check_is_one(r, equation));
  GKT_TRY(check_is_one(r, energy));
  GKT_TRY(gkt_settings_source(r, equation, &r->s->equation));
  return gkt_settings_source(r, energy, &r->s->energy);
}

static gkt_status check_component(gkt_settings_reader *r, const gkt_yaml *n, const gkt_field_settings *f, int component) {
  int dim = known_dim(r->s) ? known_dim(r->s) : 3, count = f->rank == 2 ? dim * dim : f->size > 0 ? f->size : dim;
  if (component == GKT_NORMAL && f->rank == 1 && (f->size == 0 || !known_dim(r->s) || f->size == dim)) return GKT_OK;
  if (component == GKT_NORMAL) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "field %s has no normal component; expected a field of shape vector", f->name.text);
  if (!n || component < count) return GKT_OK;
  if (count == 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "field %s is a scalar; expected no component", f->name.text);
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "no such component of field %s; expected 0 to %d", f->name.text, count - 1);
}

static gkt_status read_condition(gkt_settings_reader *r, const gkt_yaml *n, gkt_condition_settings *c) {
  const gkt_yaml *on = gkt_yaml_get(n, "on"), *component = gkt_yaml_get(n, "component"), *by = gkt_yaml_get(n, "field");
  const gkt_field_settings *field;
  c->at = n;
  GKT_TRY(gkt_settings_words(r, on, &c->num_on, &c->on));
  GKT_TRY(gkt_settings_field(r, n, by, &field));
  if (by && field->element.kind == GKT_REAL)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, by, field->name.text,
                           "real, one number for the whole mesh without a place where a condition could hold; expected a constant in its place");
  c->field = field->name, c->number = (int)(field - r->s->fields);
  gkt_settings_word(by, &c->field);
  c->component = GKT_ALL_COMPONENTS;
  gkt_settings_integer(component, &c->component);
  if (component && !strcmp(component->text, "normal")) c->component = GKT_NORMAL;
  GKT_TRY(check_component(r, component, field, c->component));
  return gkt_settings_source(r, gkt_yaml_get(n, "value"), &c->value);
}

static gkt_status read_conditions(gkt_settings_reader *r) {
  const gkt_yaml *list = gkt_yaml_get(r->root, "conditions");
  gkt_settings *s = r->s;
  GKT_TRY(gkt_memory_take(r->memory, list ? list->count : 0, sizeof *s->conditions, &s->conditions));
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) GKT_TRY(read_condition(r, n, &s->conditions[s->num_conditions++]));
  return GKT_OK;
}

/* ---- periodic ---- */
static gkt_status check_tied_field(gkt_settings_reader *r, const gkt_yaml *n, int number) {
  const gkt_field_settings *field = &r->s->fields[number];
  if (field->element.kind == GKT_LAGRANGE || field->element.kind == GKT_BUBBLE) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "%s, whose cells share no values that could be tied; expected a continuous field", field->space.text);
}

static void read_numbers(const gkt_yaml *list, int *count, double out[3]) {
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) gkt_settings_number(n, &out[(*count)++]);
}

static gkt_status read_rotation(gkt_settings_reader *r, const gkt_yaml *n, gkt_tie_settings *t) {
  const gkt_yaml *angle = gkt_yaml_get(n, "angle");
  t->rotates = true;
  gkt_settings_number(angle, &t->rotation.angle);
  if (t->rotation.angle == 0 || !(fabs(t->rotation.angle) < 360))
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, angle, angle->text, "out of range; expected degrees between -360 and 360, not 0");
  read_numbers(gkt_yaml_get(n, "axis"), &t->num_axis, t->rotation.axis);
  read_numbers(gkt_yaml_get(n, "point"), &t->num_point, t->rotation.point);
  return GKT_OK;
}

static gkt_status read_tie(gkt_settings_reader *r, const gkt_yaml *n, gkt_tie_settings *t) {
  const gkt_yaml *fields = gkt_yaml_get(n, "fields"), *rotate = gkt_yaml_get(n, "rotate");
  t->at = n;
  gkt_settings_word(gkt_yaml_get(n, "from"), &t->from);
  gkt_settings_word(gkt_yaml_get(n, "to"), &t->to);
  GKT_TRY(gkt_settings_fields(r, fields, &t->num_fields, &t->fields));
  const gkt_yaml *name = fields && fields->kind == GKT_YAML_LIST ? fields->first : fields;
  for (int i = 0; i < t->num_fields; i++, name = name->next) GKT_TRY(check_tied_field(r, name, t->fields[i]));
  return rotate ? read_rotation(r, rotate, t) : GKT_OK;
}

static gkt_status read_ties(gkt_settings_reader *r) {
  const gkt_yaml *list = gkt_yaml_get(r->root, "periodic");
  gkt_settings *s = r->s;
  GKT_TRY(gkt_memory_take(r->memory, list ? list->count : 0, sizeof *s->ties, &s->ties));
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) GKT_TRY(read_tie(r, n, &s->ties[s->num_ties++]));
  return GKT_OK;
}

/* FIELD: "expression" */
static gkt_status read_by_field(gkt_settings_reader *r, const char *key, int *count, gkt_named_source **out) {
  const gkt_yaml *map = gkt_yaml_get(r->root, key);
  const gkt_field_settings *field;
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(gkt_settings_field(r, map, n->key, &field));
  return gkt_settings_sources(r, map, count, out);
}

static gkt_status read_compute(gkt_settings_reader *r, const gkt_yaml *n, gkt_compute_settings *c) {
  const gkt_yaml *by = n;
  gkt_settings_name(n, &c->name);
  c->kind = GKT_COMPUTE_FUNCTIONAL;
  if (n->kind == GKT_YAML_MAP) {
    GKT_TRY(gkt_settings_one_of(r, n, "max min", false, &by));
    c->kind = strcmp(by->key->text, "max") == 0 ? GKT_COMPUTE_MAX : GKT_COMPUTE_MIN;
    gkt_settings_word(gkt_yaml_get(n, "on"), &c->on);
  }
  return gkt_settings_source(r, by, &c->source);
}

static gkt_status read_probe(gkt_settings_reader *r, const gkt_yaml *n, gkt_probe_settings *p) {
  const gkt_yaml *at = gkt_yaml_get(n, "at"), *by;
  const gkt_field_settings *field = NULL;
  int dim = known_dim(r->s);
  gkt_settings_name(n, &p->name);
  p->num_at = at->count;
  if (dim && p->num_at != dim) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, at, NULL, "%d coordinates; expected %d, as the mesh has", p->num_at, dim);
  double *x = p->at;
  for (const gkt_yaml *entry = at->first; entry; entry = entry->next) gkt_settings_number(entry, x++);
  GKT_TRY(gkt_settings_one_of(r, n, "field value", true, &by));
  if (by && strcmp(by->key->text, "value") == 0) return gkt_settings_source(r, by, &p->value);
  GKT_TRY(gkt_settings_field(r, n, by, &field));
  if (by && field->element.kind == GKT_REAL)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, by, field->name.text, "real, one number for the whole mesh without values by place; it stands in the report by itself");
  if (by) return gkt_settings_source(r, by, &p->value);
  p->value = (gkt_source){.text = field->name.text, .file = r->s->file, .key = "probes"};
  return GKT_OK;
}

gkt_status gkt_settings_read_tasks(gkt_settings_reader *r) {
  const gkt_yaml *compute = gkt_yaml_get(r->root, "compute"), *probes = gkt_yaml_get(r->root, "probes");
  gkt_settings *s = r->s;
  GKT_TRY(read_forms(r));
  GKT_TRY(read_conditions(r));
  GKT_TRY(read_ties(r));
  GKT_TRY(read_by_field(r, "exact", &s->num_exact, &s->exact));
  const gkt_yaml *limits = gkt_yaml_get(r->root, "subject_to");
  const int objectives = 2 + 2 * (limits ? limits->count : 0); /* texts there, of the end and running, become results as well: settings_optimize.c */
  GKT_TRY(gkt_memory_take(r->memory, (compute ? compute->count : 0) + objectives, sizeof *s->compute, &s->compute));
  for (const gkt_yaml *n = compute ? compute->first : NULL; n; n = n->next) GKT_TRY(read_compute(r, n, &s->compute[s->num_compute++]));
  GKT_TRY(gkt_memory_take(r->memory, probes ? probes->count : 0, sizeof *s->probes, &s->probes));
  for (const gkt_yaml *n = probes ? probes->first : NULL; n; n = n->next) GKT_TRY(read_probe(r, n, &s->probes[s->num_probes++]));
  return GKT_OK;
}
