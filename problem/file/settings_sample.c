/* Data sets: how many samples, and what is drawn for each. */
#include <string.h>

#include "problem/file/settings_reader.h"

/* ---- what may be drawn ---- */
int gkt_settings_find_constant(const gkt_settings *s, const char *name) {
  for (int i = 0; i < s->num_constants; i++)
    if (!strcmp(s->constants[i].name.text, name)) return i;
  return -1;
}

int gkt_settings_find_coefficient(const gkt_settings *s, const char *name) {
  for (int i = 0; i < s->num_coefficients; i++)
    if (!strcmp(s->coefficients[i].name.text, name)) return i;
  return -1;
}

gkt_status gkt_settings_refuse_unknown(gkt_settings_reader *r, const gkt_yaml *n) {
  const gkt_settings *s = r->s;
  gkt_text known = {.ctx = r->ctx};
  for (int i = 0; i < s->num_constants; i++) gkt_text_printf(&known, " %s", s->constants[i].name.text);
  for (int i = 0; i < s->num_coefficients; i++)
    if (s->coefficients[i].kind != GKT_COEFFICIENT_SYMBOLIC) gkt_text_printf(&known, " %s", s->coefficients[i].name.text);
  return gkt_settings_refuse_word(r, n->key, n->key->text, &known, "not a constant or a coefficient with a space", "one of these");
}

gkt_status gkt_settings_refuse_symbolic(gkt_settings_reader *r, const gkt_yaml *n) {
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text,
                         "a symbolic coefficient, which is an expression; expected a constant, or a coefficient {space: P1, value: ..}, which an expression may hold");
}

/* Fields are drawn for coefficients, numbers for constants. */
static gkt_status find_target(gkt_settings_reader *r, const gkt_yaml *n, gkt_draw_settings *d) {
  const int constant = gkt_settings_find_constant(r->s, n->key->text), coefficient = gkt_settings_find_coefficient(r->s, n->key->text);
  const bool is_field = d->kind >= GKT_DRAW_GAUSSIAN;
  if (constant < 0 && coefficient < 0) return gkt_settings_refuse_unknown(r, n);
  if (coefficient >= 0 && r->s->coefficients[coefficient].kind == GKT_COEFFICIENT_SYMBOLIC) return gkt_settings_refuse_symbolic(r, n);
  if (is_field && constant >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text,
                           "a constant, and a field is drawn for it; expected uniform, normal or log_normal, or a coefficient {space: P1, value: ..}");
  if (!is_field && coefficient >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "a field, and one number is drawn for it; expected gaussian_field or sine_sum, or a constant");
  if (is_field && r->s->coefficients[coefficient].element.kind == GKT_REAL)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "a real, one number for the whole mesh; expected a constant in its place");
  d->number = is_field ? coefficient : constant;
  return GKT_OK;
}

/* ---- kinds ---- */
static gkt_status read_uniform(gkt_settings_reader *r, const gkt_yaml *n, gkt_draw_settings *d) {
  if (n->count != 2) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "%d number%s; expected two, [lower, upper]", n->count, n->count == 1 ? "" : "s");
  gkt_settings_number(n->first, &d->first);
  gkt_settings_number(n->first->next, &d->second);
  return d->first < d->second ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->first->next, n->first->next->text, "not above %g; expected [lower, upper]", d->first);
}

static void read_numbers(const gkt_yaml *n, const char *middle, double standard, gkt_draw_settings *d) {
  d->first = standard, d->second = 1;
  gkt_settings_number(gkt_yaml_get(n, middle), &d->first);
  gkt_settings_number(gkt_yaml_get(n, "deviation"), &d->second);
}

static void read_gaussian(const gkt_yaml *n, gkt_gaussian_options *o) {
  const gkt_yaml *boundary = gkt_yaml_get(n, "boundary");
  *o = gkt_gaussian_options_default();
  gkt_settings_number(gkt_yaml_get(n, "length"), &o->length);
  gkt_settings_number(gkt_yaml_get(n, "deviation"), &o->deviation);
  gkt_settings_number(gkt_yaml_get(n, "smoothness"), &o->smoothness);
  if (boundary) o->boundary = !strcmp(boundary->text, "robin") ? GKT_FIELD_ROBIN : !strcmp(boundary->text, "zero") ? GKT_FIELD_ZERO : GKT_FIELD_NEUMANN;
}

static gkt_status read_sines(gkt_settings_reader *r, const gkt_yaml *n, gkt_sine_options *o) {
  const gkt_yaml *amplitudes = gkt_yaml_get(n, "amplitudes"), *terms = gkt_yaml_get(n, "terms"), *from = gkt_yaml_get(r->root, "mesh");
  *o = gkt_sine_options_default();
  gkt_settings_integer(terms, &o->terms);
  gkt_settings_number(gkt_yaml_get(n, "decay"), &o->decay);
  gkt_settings_number(gkt_yaml_get(n, "deviation"), &o->deviation);
  o->uniform = amplitudes && !strcmp(amplitudes->text, "uniform");
  if (o->terms < 1 || o->terms > 256) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, terms, terms->text, "out of range; expected 1 to 256");
  if (r->s->mesh.kind != GKT_MESH_BOX)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "sines of boxes, and the mesh (line %d) is none; expected mesh: {box: ..}, or gaussian_field",
                           from->mark.line);
  for (int d = 0; d < r->s->mesh.box.dim; d++) o->lower[d] = r->s->mesh.box.lower[d], o->upper[d] = r->s->mesh.box.upper[d];
  return GKT_OK;
}

static gkt_status read_kind(gkt_settings_reader *r, const gkt_yaml *by, gkt_draw_settings *d) {
  static const char *const words[] = {"uniform", "normal", "log_normal", "gaussian_field", "sine_sum"}; /* in the order of gkt_draw_kind */
  for (int k = 0; k < 5; k++)
    if (!strcmp(by->key->text, words[k])) d->kind = (gkt_draw_kind)k;
  switch (d->kind) {
  case GKT_DRAW_UNIFORM: return read_uniform(r, by, d);
  case GKT_DRAW_NORMAL: return read_numbers(by, "mean", 0, d), GKT_OK;
  case GKT_DRAW_LOG_NORMAL: return read_numbers(by, "median", 1, d), GKT_OK;
  case GKT_DRAW_GAUSSIAN: return read_gaussian(by, &d->gaussian), GKT_OK;
  case GKT_DRAW_SINES: return read_sines(r, by, &d->sines);
  }
  return GKT_OK;
}

static gkt_status read_draw(gkt_settings_reader *r, const gkt_yaml *n, gkt_draw_settings *d) {
  const gkt_yaml *by, *exp = gkt_yaml_get(n, "exp");
  gkt_settings_name(n, &d->name);
  GKT_TRY(gkt_settings_one_of(r, n, "uniform normal log_normal gaussian_field sine_sum", false, &by));
  GKT_TRY(read_kind(r, by, d));
  GKT_TRY(find_target(r, n, d));
  d->exp = exp && !strcmp(exp->text, "true");
  if (!d->exp || d->kind >= GKT_DRAW_GAUSSIAN) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, exp->key, "exp", "this key goes with fields; expected log_normal for a number that is an exponential");
}

/* ---- the whole ---- */
/* What a data set does not hold, and what would be written once for each sample. */
static gkt_status check_others(gkt_settings_reader *r, const gkt_yaml *map) {
  static const char *const in_time[] = {"checkpoint", "checkpoint_every", "restart"};
  const gkt_yaml *time = gkt_yaml_get(r->root, "time");
  for (int i = 0; time && i < 3; i++) {
    const gkt_yaml *other = gkt_yaml_get(time, in_time[i]);
    if (other)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, other->key, in_time[i], "together with `sample` (line %d), whose file is gone on from by itself; expected a file without it",
                             map->key->mark.line);
  }
  static const char *const others[] = {"output", "exact"};
  for (int i = 0; i < 2; i++) {
    const gkt_yaml *other = gkt_yaml_get(r->root, others[i]);
    if (other)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, other->key, others[i], "together with `sample` (line %d), which writes all to its own file; expected a file without it",
                             map->key->mark.line);
  }
  const gkt_yaml *history = gkt_yaml_get(r->root, "history");
  if (history && !time) /* paths begin theirs anew; steady samples are solved together */
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, history->key, "history",
                           "together with `sample` (line %d), which does not begin one anew for each steady sample yet; expected `time` as well, or a file without it",
                           map->key->mark.line);
  return GKT_OK;
}

gkt_status gkt_settings_read_sample(gkt_settings_reader *r) {
  const gkt_yaml *map = gkt_yaml_get(r->root, "sample"), *draw = gkt_yaml_get(map ? map : r->root, "draw");
  gkt_sample_settings *s = &r->s->sample;
  if (!map) return GKT_OK;
  s->at = map, s->batch = 32;
  gkt_settings_integer(gkt_yaml_get(map, "count"), &s->count);
  gkt_settings_integer(gkt_yaml_get(map, "seed"), &s->seed);
  gkt_settings_integer(gkt_yaml_get(map, "batch"), &s->batch);
  if (s->count < 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, gkt_yaml_get(map, "count"), gkt_yaml_get(map, "count")->text, "expected at least 1 sample");
  if (s->batch < 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, gkt_yaml_get(map, "batch"), gkt_yaml_get(map, "batch")->text, "expected at least 1 sample at once");
  GKT_TRY(check_others(r, map));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(map, "file"), &s->file));
  if (!draw->first) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, draw, NULL, "nothing to draw; expected {NAME: {uniform: [1, 2]}}");
  GKT_TRY(gkt_memory_take(r->memory, draw->count, sizeof *s->draws, &s->draws));
  for (const gkt_yaml *n = draw->first; n; n = n->next) GKT_TRY(read_draw(r, n, &s->draws[s->num_draws++]));
  return GKT_OK;
}
