/* Optimization: what is made small, within which limits, and how. */
#include <math.h>
#include <string.h>

#include "problem/file/settings_reader.h"

/* ---- functionals: names of `compute`, or texts, which become results of that kind ---- */
static int find_result(const gkt_settings *s, const char *name) {
  for (int i = 0; i < s->num_compute; i++)
    if (!strcmp(s->compute[i].name.text, name)) return i;
  return -1;
}

/* Room was left for it behind those of the file. */
static gkt_status add_result(gkt_settings_reader *r, const gkt_yaml *n, const char *name, int *out) {
  gkt_compute_settings *c = &r->s->compute[r->s->num_compute];
  char *copy;
  if (find_result(r->s, name) >= 0)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "this text becomes the result `%s`, which `compute` has already; expected another name there", name);
  GKT_TRY(gkt_memory_text(r->memory, name, strlen(name), &copy));
  *c = (gkt_compute_settings){.name = {copy, n}, .kind = GKT_COMPUTE_FUNCTIONAL};
  GKT_TRY(gkt_settings_source(r, n, &c->source));
  *out = r->s->num_compute++;
  return GKT_OK;
}

static gkt_status refuse_name(gkt_settings_reader *r, const gkt_yaml *n) {
  gkt_text known = {.ctx = r->ctx};
  for (int i = 0; i < r->s->num_compute; i++) gkt_text_printf(&known, " %s", r->s->compute[i].name.text);
  return gkt_settings_refuse_word(r, n, n->text, &known, "not a name of `compute`", "one of these, or an integral");
}

static gkt_status read_functional(gkt_settings_reader *r, const gkt_yaml *n, const char *name, int *out) {
  *out = n->kind == GKT_YAML_TEXT ? find_result(r->s, n->text) : -1;
  if (*out < 0 && n->kind == GKT_YAML_TEXT && gkt_word_is_name(n->text)) return refuse_name(r, n);
  if (*out < 0) return add_result(r, n, name, out);
  if (r->s->compute[*out].kind == GKT_COMPUTE_FUNCTIONAL) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "an extreme value, which has no derivative; expected an integral, as of a high power: (stress/limit)^12*dx");
}

/* Of problems in time {end: .., running: ..}, either or both; a name or a text alone is that of the end. */
static gkt_status read_parts(gkt_settings_reader *r, const gkt_yaml *map, const char *name, gkt_aim_settings *aim) {
  const gkt_yaml *const parts[] = {gkt_yaml_get(map, "end"), gkt_yaml_get(map, "running")};
  static const char *const words[] = {"end", "running"};
  int *const out[] = {&aim->end, &aim->running};
  char own[64];
  if (!r->s->time.at)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map, NULL, "{end: .., running: ..} is of problems with the key `time`; expected a name of `compute`, or an integral");
  if (!parts[0] && !parts[1]) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map, NULL, "nothing to compute; expected end, running or both");
  for (int i = 0; i < 2; i++) {
    snprintf(own, sizeof own, "%s_%s", name, words[i]);
    if (parts[i]) GKT_TRY(read_functional(r, parts[i], own, out[i]));
  }
  return GKT_OK;
}

static gkt_status read_aim(gkt_settings_reader *r, const gkt_yaml *n, const char *name, gkt_aim_settings *aim) {
  *aim = (gkt_aim_settings){.end = -1, .running = -1};
  if (n->kind == GKT_YAML_MAP) GKT_TRY(read_parts(r, n, name, aim));
  else GKT_TRY(read_functional(r, n, name, &aim->end));
  if (aim->end < 0 || aim->running < 0) name = r->s->compute[aim->end < 0 ? aim->running : aim->end].name.text;
  return gkt_memory_text(r->memory, name, strlen(name), &aim->name);
}

/* ---- limits ---- */
static gkt_status read_limit(gkt_settings_reader *r, const gkt_yaml *n, gkt_limit_settings *l) {
  const gkt_yaml *lower = gkt_yaml_get(n, "lower"), *upper = gkt_yaml_get(n, "upper");
  char name[32];
  snprintf(name, sizeof name, "constraint_%d", (int)(l - r->s->optimize.limits) + 1);
  l->lower = -INFINITY, l->upper = INFINITY;
  gkt_settings_number(lower, &l->lower);
  gkt_settings_number(upper, &l->upper);
  if (!lower && !upper) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "no limit; expected upper, lower or both");
  if (l->lower > l->upper) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, upper, upper->text, "contradicts the lower limit, %g; expected an upper limit above it", l->lower);
  if (l->lower == l->upper)
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, upper, upper->text, "an equality is not available yet; expected the limit that holds back alone, or limits apart");
  return read_aim(r, gkt_yaml_get(n, "value"), name, &l->aim);
}

/* Of one number in several entries. */
static gkt_status check_limits(gkt_settings_reader *r, const gkt_yaml *list) {
  const gkt_limit_settings *all = r->s->optimize.limits;
  const gkt_yaml *n = list ? list->first : NULL;
  for (int i = 0; i < r->s->optimize.num_limits; i++, n = n->next)
    for (int k = 0; k < i; k++) {
      const gkt_limit_settings *a = &all[i], *b = &all[k];
      if (a->aim.end != b->aim.end || a->aim.running != b->aim.running || (a->lower < b->upper && b->lower < a->upper)) continue;
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, a->aim.name,
                             "%s entry %d, which limits the same number: at least %g and at most %g; expected limits that can both be met, apart",
                             a->lower > b->upper || b->lower > a->upper ? "contradicts" : "makes an equality, which is not available yet, with", k + 1,
                             a->lower >= b->upper ? a->lower : b->lower, a->lower >= b->upper ? b->upper : a->upper);
    }
  return GKT_OK;
}

/* ---- several limits of one number have names of their own: what they do, or, where they do the same, the number of the entry ---- */
static const char *part_of(const gkt_limit_settings *l) { return l->aim.end < 0 ? "running" : l->aim.running < 0 ? "end" : "both"; }
static const char *side_of(const gkt_limit_settings *l) { return !isfinite(l->lower) ? "upper" : !isfinite(l->upper) ? "lower" : "range"; }

/* The number of other limits with this one's name. */
static int count_namesakes(const gkt_optimize_settings *o, const gkt_limit_settings *l, bool same_part, bool same_side) {
  int count = 0;
  for (int i = 0; i < o->num_limits; i++) {
    const gkt_limit_settings *a = &o->limits[i];
    count += a != l && !strcmp(a->value_name, l->value_name) && (!same_part || !strcmp(part_of(a), part_of(l))) && (!same_side || !strcmp(side_of(a), side_of(l)));
  }
  return count;
}

static bool is_taken(const gkt_optimize_settings *o, const gkt_limit_settings *l) {
  for (const gkt_limit_settings *a = o->limits; a < l; a++)
    if (!strcmp(a->aim.name, l->aim.name)) return true;
  return false;
}

static gkt_status name_apart(gkt_settings_reader *r, gkt_limit_settings *l) {
  const gkt_optimize_settings *o = &r->s->optimize;
  const int all = count_namesakes(o, l, false, false), alike = count_namesakes(o, l, true, false), number = (int)(l - o->limits) + 1;
  char name[256];
  snprintf(name, sizeof name, "%.160s%s%s%s%s", l->value_name, alike < all ? "_" : "", alike < all ? part_of(l) : "", alike ? "_" : "", alike ? side_of(l) : "");
  GKT_TRY(gkt_memory_text(r->memory, name, strlen(name), &l->aim.name));
  if (!count_namesakes(o, l, true, true) && !is_taken(o, l)) return GKT_OK;
  snprintf(name + strlen(name), 16, "_%d", number);
  return gkt_memory_text(r->memory, name, strlen(name), &l->aim.name);
}

static gkt_status name_limits(gkt_settings_reader *r) {
  gkt_optimize_settings *o = &r->s->optimize;
  for (int i = 0; i < o->num_limits; i++) o->limits[i].value_name = o->limits[i].aim.name;
  for (int i = 0; i < o->num_limits; i++)
    if (count_namesakes(o, &o->limits[i], false, false) || is_taken(o, &o->limits[i])) GKT_TRY(name_apart(r, &o->limits[i]));
  return GKT_OK;
}

static gkt_status read_limits(gkt_settings_reader *r, const gkt_yaml *list) {
  gkt_optimize_settings *o = &r->s->optimize;
  GKT_TRY(gkt_memory_take(r->memory, list ? list->count : 0, sizeof *o->limits, &o->limits));
  for (const gkt_yaml *n = list ? list->first : NULL; n; n = n->next) GKT_TRY(read_limit(r, n, &o->limits[o->num_limits++]));
  GKT_TRY(check_limits(r, list));
  return name_limits(r);
}

/* ---- filters ---- */
static gkt_status read_projection(gkt_settings_reader *r, const gkt_yaml *n, gkt_filter_settings *f) {
  const gkt_yaml *beta = gkt_yaml_get(n, "beta"), *every = gkt_yaml_get(n, "every");
  f->eta = 0.5, f->every_at = every;
  gkt_settings_number(gkt_yaml_get(n, "eta"), &f->eta);
  return gkt_settings_series(r, beta, &f->num_betas, &f->betas);
}

static gkt_status read_filter(gkt_settings_reader *r, const gkt_yaml *n, gkt_filter_settings *f) {
  const gkt_optimize_settings *o = &r->s->optimize;
  const gkt_yaml *kind = gkt_yaml_get(n, "kind"), *project = gkt_yaml_get(n, "project");
  gkt_settings_name(n, &f->name);
  f->control = -1, f->kind = GKT_FILTER_DENSITY;
  for (int i = 0; i < o->num_controls; i++)
    if (!strcmp(o->controls[i].name.text, n->key->text)) f->control = i;
  if (f->control < 0 || o->controls[f->control].kind == GKT_CONTROL_CONSTANT)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "%s; expected a coefficient that is one of `controls`", f->control < 0 ? "no control" : "a constant");
  if (o->controls[f->control].kind == GKT_CONTROL_SHAPE || o->controls[f->control].num_on) f->kind = GKT_FILTER_HELMHOLTZ;
  if (kind) GKT_TRY(gkt_filter_read(r->ctx, kind->text, &f->kind));
  if (o->controls[f->control].num_on && f->kind != GKT_FILTER_HELMHOLTZ)
    return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, kind, kind->text, "values on sets are smoothed along them, by helmholtz alone; expected no such key");
  gkt_settings_number(gkt_yaml_get(n, "radius"), &f->radius);
  if (project && o->controls[f->control].kind == GKT_CONTROL_SHAPE)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, project->key, "project", "a projection onto 0 and 1 of displacements; expected a radius alone");
  if (project && f->kind != GKT_FILTER_DENSITY && f->kind != GKT_FILTER_HELMHOLTZ)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, project->key, "project", "a projection of a design that is not filtered; expected kind: density or helmholtz");
  return project ? read_projection(r, project, f) : GKT_OK;
}

static gkt_status read_filters(gkt_settings_reader *r, const gkt_yaml *map) {
  gkt_optimize_settings *o = &r->s->optimize;
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof *o->filters, &o->filters));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next) GKT_TRY(read_filter(r, n, &o->filters[o->num_filters++]));
  return GKT_OK;
}

/* ---- the optimizer ---- */
static gkt_status read_method(gkt_settings_reader *r, const gkt_yaml *n) {
  gkt_optimize_settings *o = &r->s->optimize;
  o->method = o->num_limits ? GKT_OPTIMIZER_MMA : GKT_OPTIMIZER_BLMVM;
  o->only_gradient = n && !strcmp(n->text, "none");
  return n && !o->only_gradient ? gkt_optimizer_read(r->ctx, n->text, &o->method) : GKT_OK;
}

/* Kept as numbers of type gkt_size, of which 2^63 is none any more. */
static gkt_status read_bytes(gkt_settings_reader *r, const gkt_yaml *n, gkt_word *word, double *out) {
  gkt_settings_word(n, word);
  gkt_settings_number(n, out);
  if (!n || (*out >= 1 && *out < 0x1p63)) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "out of range; expected a number of bytes from 1 to 9e18");
}

/* For the states of runs. */
static gkt_status read_room(gkt_settings_reader *r, const gkt_yaml *map) {
  gkt_optimize_settings *o = &r->s->optimize;
  const gkt_yaml *memory = gkt_yaml_get(map, "memory"), *disk = gkt_yaml_get(map, "disk");
  GKT_TRY(read_bytes(r, memory, &o->memory, &o->bytes));
  GKT_TRY(read_bytes(r, disk, &o->disk, &o->disk_bytes));
  if (memory && !r->s->time.at)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, memory->key, "memory", "of the states of runs in time, and the file has no `time`; expected no such key");
  if (disk && !memory)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, disk->key, "disk", "what memory has no room for goes there; expected `memory` as well, how many bytes that is");
  return GKT_OK;
}

static gkt_status read_optimizer(gkt_settings_reader *r, const gkt_yaml *map) {
  gkt_optimize_settings *o = &r->s->optimize;
  const gkt_optimize_options standard = gkt_optimize_options_default();
  const gkt_yaml none = {.kind = GKT_YAML_MAP};
  if (map) gkt_settings_name(map, &o->key);
  else map = &none;
  o->iterations = standard.max_iterations, o->tolerance = standard.tolerance, o->change = standard.change, o->move = standard.move, o->damping = standard.damping;
  GKT_TRY(read_method(r, gkt_yaml_get(map, "method")));
  gkt_settings_integer(gkt_yaml_get(map, "iterations"), &o->iterations);
  gkt_settings_number(gkt_yaml_get(map, "tolerance"), &o->tolerance);
  gkt_settings_number(gkt_yaml_get(map, "change"), &o->change);
  gkt_settings_number(gkt_yaml_get(map, "move"), &o->move);
  gkt_settings_number(gkt_yaml_get(map, "damping"), &o->damping);
  GKT_TRY(read_room(r, map));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(map, "options"), &o->options));
  GKT_TRY(gkt_settings_restart(r, map, &o->checkpoint, &o->checkpoint_every, &o->restart, &o->restart_path));
  if (o->checkpoint_every >= 1) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, gkt_yaml_get(map, "checkpoint_every"), gkt_yaml_get(map, "checkpoint_every")->text, "expected every n-th iteration, n from 1");
}

gkt_optimize_options gkt_settings_optimizer(const gkt_optimize_settings *o) {
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = o->method, options.max_iterations = o->iterations;
  options.tolerance = o->tolerance, options.change = o->change, options.move = o->move, options.damping = o->damping, options.petsc_options = o->options;
  return options;
}

/* Each by itself, whether the method looks at it or not. */
static gkt_status check_options(gkt_settings_reader *r) {
  const gkt_optimize_options options = gkt_settings_optimizer(&r->s->optimize);
  const char *option;
  const gkt_status status = gkt_optimize_check(r->ctx, NULL, &options, NULL, &option);
  return gkt_settings_place(r, status, gkt_yaml_get(r->root, "optimizer"), option);
}

bool gkt_settings_is_newton(const gkt_optimize_settings *o) {
  return !o->only_gradient && (o->method == GKT_OPTIMIZER_BNLS || o->method == GKT_OPTIMIZER_BNTR || o->method == GKT_OPTIMIZER_GAUSS_NEWTON);
}

/* Steps along lines need a gradient that is one. */
static gkt_status check_filters(gkt_settings_reader *r) {
  const gkt_optimize_settings *o = &r->s->optimize;
  const bool ours = o->method == GKT_OPTIMIZER_MMA || o->method == GKT_OPTIMIZER_OC;
  for (int i = 0; i < o->num_filters && !o->only_gradient; i++) {
    const gkt_filter_settings *f = &o->filters[i];
    const bool replaces = f->kind == GKT_FILTER_SENSITIVITY || f->kind == GKT_FILTER_GRADIENT;
    if (replaces && !ours)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, f->name.at, f->name.text,
                             "its filter replaces the gradient by what is none, with which %s finds no steps; expected kind: density or helmholtz, or mma or oc",
                             gkt_optimizer_word(o->method));
  }
  return GKT_OK;
}

static gkt_status check_bounds(gkt_settings_reader *r) {
  const gkt_optimize_settings *o = &r->s->optimize;
  if (o->only_gradient || (o->method != GKT_OPTIMIZER_MMA && o->method != GKT_OPTIMIZER_OC)) return GKT_OK;
  for (int i = 0; i < o->num_controls; i++) {
    const gkt_control_settings *c = &o->controls[i];
    if (isfinite(c->lower) && isfinite(c->upper)) continue;
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, c->name.at->key, c->name.text, "no bounds, which %s needs on both sides; expected bounds: [lower, upper], or gcmma or blmvm",
                           gkt_optimizer_word(o->method));
  }
  return GKT_OK;
}

/* Second derivatives are those of steady problems. */
static gkt_status check_method(gkt_settings_reader *r) {
  const gkt_optimize_settings *o = &r->s->optimize;
  if (!r->s->time.at || !gkt_settings_is_newton(o)) return GKT_OK;
  const gkt_yaml *method = gkt_yaml_get(gkt_yaml_get(r->root, "optimizer"), "method");
  return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, method, method->text, "second derivatives of runs in time are not available yet; expected blmvm, lmvm, mma, gcmma or oc");
}

/* ---- the whole ---- */
static gkt_status refuse_alone(gkt_settings_reader *r) {
  static const char *const keys[] = {"controls", "subject_to", "filter", "optimizer", "verify"};
  for (int i = 0; i < 5; i++) {
    const gkt_yaml *n = gkt_yaml_get(r->root, keys[i]);
    if (n) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, keys[i], "without an objective; expected minimize or maximize as well");
  }
  return GKT_OK;
}

static gkt_status check_others(gkt_settings_reader *r) {
  static const char *const others[] = {"sample", "history"};
  const gkt_yaml *objective = r->s->optimize.at->key, *restart = gkt_yaml_get(gkt_yaml_get(r->root, "time"), "restart");
  for (int i = 0; i < 2; i++) {
    const gkt_yaml *n = gkt_yaml_get(r->root, others[i]);
    if (n && !(i == 1 && gkt_yaml_get(r->root, "time"))) /* gradients through histories are those of runs */
      return gkt_yaml_refuse(r->ctx, GKT_UNAVAILABLE, n->key, others[i], "together with `%s` (line %d) is not available yet; expected a problem without it", objective->text,
                             objective->mark.line);
  }
  if (!restart) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, restart->key, "restart",
                         "together with `%s` (line %d), whose runs all begin at the start; expected no such key, or that of `optimizer`", objective->text, objective->mark.line);
}

gkt_status gkt_settings_read_optimize(gkt_settings_reader *r) {
  gkt_optimize_settings *o = &r->s->optimize;
  GKT_TRY(gkt_settings_one_of(r, r->root, "minimize maximize", true, &o->at));
  if (!o->at) return refuse_alone(r);
  gkt_settings_name(o->at, &o->key);
  o->maximize = !strcmp(o->at->key->text, "maximize"), o->verify = gkt_yaml_get(r->root, "verify");
  GKT_TRY(check_others(r));
  GKT_TRY(read_aim(r, o->at, "objective", &o->objective));
  GKT_TRY(gkt_settings_read_controls(r));
  GKT_TRY(read_limits(r, gkt_yaml_get(r->root, "subject_to")));
  GKT_TRY(read_filters(r, gkt_yaml_get(r->root, "filter")));
  GKT_TRY(read_optimizer(r, gkt_yaml_get(r->root, "optimizer")));
  GKT_TRY(gkt_settings_read_continuation(r));
  GKT_TRY(check_options(r));
  GKT_TRY(check_method(r));
  GKT_TRY(check_bounds(r));
  GKT_TRY(gkt_settings_check_shape(r));
  return check_filters(r);
}
