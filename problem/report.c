/* The report as JSON. Keys: docs/problem-file.md. */
#include <math.h>
#include <jansson.h>
#include <string.h>
#include <sys/resource.h>

#include "problem/optimize.h"

static const char *status_word(const gkt_problem *p) {
  if (p->valid) return "ok";
  if (p->failure == GKT_CANCELLED) return "not_converged";
  if (p->is_nonlinear && !p->failure && p->solution.newton.num_steps) return "not_converged";
  return !p->failure && p->solution.linear.method[0] && !p->solution.linear.singular && !p->solution.linear.ill_conditioned ? "not_converged" : "failed";
}

/* ---- values; NULL: memory is exhausted, and whatever a NULL is put into becomes NULL: half a report would look like a whole one ---- */
static json_t *with(json_t *object, const char *key, json_t *value) { /* takes both over */
  bool done = object && value;
  if (!done) json_decref(value);
  else done = json_object_set_new(object, key, value) == 0;
  if (done) return object;
  json_decref(object);
  return NULL;
}

static json_t *and_then(json_t *list, json_t *value) { /* takes both over */
  bool done = list && value;
  if (!done) json_decref(value);
  else done = json_array_append_new(list, value) == 0;
  if (done) return list;
  json_decref(list);
  return NULL;
}

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *known(double x) { return x > 0 ? number(x) : json_null(); } /* 0: not known */

/* Names of files and what libraries say need not be UTF-8, which JSON is. */
static json_t *text(const char *given) {
  char plain[2048];
  json_t *whole = json_string(given);
  if (whole) return whole;
  snprintf(plain, sizeof plain, "%s", given);
  for (char *c = plain; *c; c++)
    if ((unsigned char)*c >= 0x80) *c = '?';
  return json_string(plain);
}

static json_t *numbers(const gkt_scalar *x, gkt_size n) {
  json_t *list = json_array();
  for (gkt_size i = 0; i < n; i++) list = and_then(list, number(x[i]));
  return list;
}

static json_t *mesh_report(const gkt_problem *p) {
  return json_pack("{s:i, s:i, s:i}", "dim", gkt_mesh_dim(p->mesh), "cells", gkt_mesh_num_cells(p->mesh), "nodes", gkt_mesh_num_nodes(p->mesh));
}

static json_t *linear_report(const gkt_problem *p) {
  const gkt_linear_report *r = &p->solution.linear;
  json_t *linear =
      json_pack("{s:i, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "iterations", r->iterations, "residual", number(r->residual), "scaled_residual", number(r->scaled_residual),
                "at_rounding", r->at_rounding, "condition", known(r->condition), "energy_error", known(r->energy_error), "method", text(r->method), "why", text(r->why));
  return p->solution.linear.converged ? linear : with(linear, "history", numbers(p->solution.linear.history, p->solution.linear.num_history));
}

/* One entry for each load step tried. */
static json_t *history_report(const gkt_nonlinear_report *r) {
  json_t *all = json_array();
  for (int i = 0; i < r->num_steps; i++) {
    const gkt_load_step *s = &r->steps[i];
    all = and_then(all, json_pack("{s:f, s:b, s:b, s:i, s:o}", "load", s->load, "converged", s->end == GKT_NEWTON_CONVERGED, "at_rounding", s->at_rounding, "iterations",
                                  s->iterations, "residuals", numbers(r->history + s->begin, s->count)));
  }
  return all;
}

/* null: there is no energy whose derivative the residual is. */
static json_t *stationary_report(const gkt_problem *p) {
  static const char *const kinds[] = {"not known", "minimum", "saddle", "maximum"}; /* in the order of gkt_stationary */
  return gkt_form_arity(p->form) == 0 && p->solution.newton.converged ? json_string(kinds[p->solution.newton.stationary]) : json_null();
}

/* A linear problem is one Newton step. */
static json_t *nonlinear_report(const gkt_problem *p) {
  const gkt_nonlinear_report *r = &p->solution.newton;
  int steps = 0;
  if (!p->is_nonlinear)
    return json_pack("{s:i, s:o}", "iterations", 1, "residual", number(p->solution.initial_residual > 0 ? p->solution.final_residual / p->solution.initial_residual : 0));
  for (int i = 0; i < r->num_steps; i++) steps += r->steps[i].end == GKT_NEWTON_CONVERGED;
  return json_pack("{s:i, s:o, s:o, s:b, s:i, s:f, s:i, s:s, s:o, s:o}", "iterations", r->iterations, "residual", number(r->residual), "scaled_residual",
                   number(r->scaled_residual), "at_rounding", r->at_rounding, "load_steps", steps, "load", r->load, "linear_iterations", r->linear_iterations, "accept", r->accept,
                   "stationary", stationary_report(p), "history", history_report(r));
}

/* What was done; counts of one linear solve where there was no more. */
static json_t *counts_report(const gkt_problem *p) {
  const gkt_linear_report *l = &p->solution.linear;
  const gkt_nonlinear_report *n = &p->solution.newton;
  if (p->settings->time.at)
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "steps", p->counts.steps, "rejected", p->counts.rejected, "newton", p->counts.newton, "linear", p->counts.linear,
                     "assemblies", p->counts.assemblies, "setups", p->counts.setups, "kept", p->counts.kept);
  if (p->is_nonlinear)
    return json_pack("{s:i, s:i, s:i, s:i, s:i}", "newton", n->iterations, "linear", n->linear_iterations, "setups", n->setups, "kept", n->kept, "factorizations",
                     n->factorizations);
  return json_pack("{s:i, s:i, s:i, s:i, s:i}", "newton", 1, "linear", l->iterations, "setups", l->setups, "kept", l->kept, "factorizations", l->factorizations);
}

static json_t *functionals_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_compute; i++) all = with(all, p->settings->compute[i].name.text, number(p->compute[i].values[0]));
  return all;
}

static json_t *reals_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_fields; i++) {
    const int f = gkt_scope_find_function(p->scope, p->settings->fields[i].name.text), n = gkt_space_num_dofs(p->spaces[f]);
    if (gkt_space_element(p->spaces[f]).kind == GKT_REAL) all = with(all, p->settings->fields[i].name.text, n == 1 ? number(p->values[f][0]) : numbers(p->values[f], n));
  }
  return all;
}

static json_t *errors_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_exact; i++) {
    json_t *pair = json_object();
    pair = with(pair, "L2", number(p->errors[2 * i].values[0]));
    if (p->errors[2 * i + 1].form) pair = with(pair, "H1", number(p->errors[2 * i + 1].values[0]));
    all = with(all, p->settings->exact[i].name.text, pair);
  }
  return all;
}

static json_t *probes_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_probes; i++) {
    const gkt_result *r = &p->probes[i];
    all = with(all, p->settings->probes[i].name.text, r->num_values == 1 ? number(r->values[0]) : numbers(r->values, r->num_values));
  }
  return all;
}

/* One list of a row's values, of n components. */
static json_t *column(const gkt_series *s, int first, int n) {
  json_t *list = json_array();
  for (gkt_size i = 0; i < s->count; i++) {
    const gkt_scalar *row = s->rows + i * s->width + first;
    list = and_then(list, n == 1 ? number(*row) : numbers(row, n));
  }
  return list;
}

static json_t *with_results(const gkt_problem *p, const gkt_series *series, json_t *all) {
  const gkt_settings *s = p->settings;
  int at = 2;
  for (int i = 0; i < s->num_compute; i++) all = with(all, s->compute[i].name.text, column(series, at++, 1));
  for (int i = 0; i < s->num_probes; at += p->probes[i++].num_values) all = with(all, s->probes[i].name.text, column(series, at, p->probes[i].num_values));
  return all;
}

static json_t *series_report(const gkt_problem *p) {
  json_t *all = json_object();
  all = with(all, "time", column(&p->series, 0, 1));
  all = with(all, "step", column(&p->series, 1, 1));
  return with_results(p, &p->series, all);
}

/* null: of another scheme. */
static json_t *path_report(const gkt_problem *p) {
  const gkt_series *s = &p->limit_points;
  json_t *all = json_object(), *kinds = json_array(), *points = json_object();
  for (gkt_size i = 0; i < s->count; i++) kinds = and_then(kinds, json_string(s->rows[i * s->width + 1] > 0 ? "maximum" : "minimum"));
  points = with(points, "time", column(s, 0, 1));
  points = with(points, "kind", kinds);
  all = with(all, "ended_by", p->path_end ? json_string(p->path_end) : json_null());
  return with(all, "limit_points", with_results(p, s, points));
}

static json_t *samples_report(const gkt_problem *p) {
  const gkt_samples *s = &p->samples;
  json_t *failures = json_array();
  for (int i = 0; i < s->num_noted; i++) failures = and_then(failures, json_pack("{s:i, s:o}", "sample", s->noted[i].sample, "reason", text(s->noted[i].reason)));
  return json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "count", s->count, "done", s->done, "found", s->found, "failed", s->num_failed, "per_second", known(s->per_second),
                   "file", text(p->settings->sample.file), "failures", failures);
}

/* ---- designs ---- */
static json_t *constraints_report(const gkt_problem *p, const gkt_scalar *values) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->optimize.num_limits; i++) all = with(all, p->design->names[i], number(values[i]));
  return all;
}

static json_t *iterate_report(const gkt_problem *p, const gkt_scalar *row) {
  return json_pack("{s:f, s:o, s:o, s:o, s:o, s:o}", "iteration", row[GKT_DESIGN_ITERATION], "objective", number(row[GKT_DESIGN_OBJECTIVE]), "constraints",
                   constraints_report(p, row + GKT_DESIGN_COLUMNS), "gradient_norm", number(row[GKT_DESIGN_GRADIENT]), "change", number(row[GKT_DESIGN_CHANGE]), "seconds",
                   number(row[GKT_DESIGN_SECONDS]));
}

/* What was found: one number, or the least and the largest of many. */
static json_t *controls_report(const gkt_problem *p) {
  const struct gkt_design *d = p->design;
  json_t *all = json_object();
  for (int k = 0; k < d->num_controls; k++) {
    const gkt_design_control *c = &d->controls[k];
    double least = INFINITY, most = -INFINITY;
    for (gkt_size i = c->first; i < c->first + c->size; i++) least = fmin(least, d->x[i]), most = fmax(most, d->x[i]);
    all = with(all, c->settings->name.text, c->size == 1 ? number(least) : json_pack("{s:o, s:o}", "min", number(least), "max", number(most)));
  }
  return all;
}

static json_t *multipliers_report(const gkt_problem *p) {
  const gkt_optimize_report *r = &p->design->report;
  return r->multipliers ? constraints_report(p, r->multipliers) : json_null();
}

/* Values are those of the last iterate; null where there is none. */
static json_t *optimization_report(const gkt_problem *p) {
  const struct gkt_design *d = p->design;
  const gkt_optimize_settings *o = &p->settings->optimize;
  const gkt_design_counts *n = &d->counts;
  const gkt_scalar *last = d->history.rows + (d->history.count - 1) * d->history.width;
  json_t *history = json_array();
  for (gkt_size i = 0; i < d->history.count; i++) history = and_then(history, iterate_report(p, d->history.rows + i * d->history.width));
  json_t *counts = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "evaluations", d->evaluations, "gradients", d->gradients, "solves", n->solves,
                             "assemblies", n->assemblies, "setups", n->setups, "kept", n->kept, "linear", n->linear, "adjoint_solves", n->adjoint_solves, "actions", n->actions,
                             "adjoint_assemblies", n->adjoint_assemblies, "adjoint_setups", n->adjoint_setups, "adjoint_linear", n->adjoint_linear, "repeated", n->repeated);
  json_t *all = json_pack("{s:s, s:i, s:s, s:o, s:o, s:o}", "method", o->only_gradient ? "none" : gkt_optimizer_word(o->method), "iterations", (int)last[GKT_DESIGN_ITERATION],
                          o->maximize ? "maximize" : "minimize", o->objective.name, "objective", number(last[GKT_DESIGN_OBJECTIVE]), "gradient_norm",
                          number(last[GKT_DESIGN_GRADIENT]), "constraints", constraints_report(p, last + GKT_DESIGN_COLUMNS));
  all = with(all, "converged", json_boolean(d->report.converged));
  all = with(all, "ended_by", text(d->report.reason));
  all = with(all, "controls", controls_report(p));
  all = with(all, "multipliers", multipliers_report(p));
  all = with(all, "counts", counts);
  return with(all, "history", history);
}

static json_t *taylor_report(const gkt_design_control *c) {
  const gkt_taylor *t = &c->taylor;
  return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "passed", t->passed, "norm", number(c->verified_norm), "slope", number(t->slope), "derivative", number(t->derivative), "eps",
                   numbers(t->eps, GKT_TAYLOR_STEPS), "remainders", numbers(t->remainder, GKT_TAYLOR_STEPS));
}

static json_t *gradients_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->design->num_controls; i++) {
    const gkt_design_control *c = &p->design->controls[i];
    json_t *one = json_pack("{s:o}", "norm", number(c->norm));
    if (c->is_verified) one = with(one, "taylor", taylor_report(c));
    all = with(all, c->settings->name.text, one);
  }
  return all;
}

static json_t *timings_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < GKT_NUM_TIMES; i++) all = with(all, gkt_timing_names[i], json_real(p->timings[i]));
  all = with(all, "total", json_real(p->total));
  return all;
}

static json_t *warnings_report(const gkt_problem *p) {
  json_t *list = json_array();
  for (int i = 0; i < p->num_warnings; i++) list = and_then(list, text(p->warnings[i]));
  return list;
}

static json_t *versions_report(void) { return json_pack("{s:s, s:s}", "galerkit", GKT_VERSION, "petsc", gkt_petsc_version()); }

static json_t *fields_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_fields; i++) {
    const gkt_layout_block *block = &gkt_system_layout(p->system)->blocks[i];
    all = with(all, block->name, json_pack("{s:s, s:i}", "space", p->settings->fields[i].space.text, "dofs", block->count));
  }
  return all;
}

/* null: not known, or the problem has none. */
static json_t *make_report(const gkt_problem *p) {
  bool solved = p->solution.linear.method[0] != 0;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  json_t *report = json_object();
  report = with(report, "title", p->settings->title ? text(p->settings->title) : json_null());
  report = with(report, "status", json_string(status_word(p)));
  report = with(report, "reason", text(p->reason));
  report = with(report, "warnings", warnings_report(p));
  report = with(report, "mesh", p->mesh ? mesh_report(p) : json_null());
  report = with(report, "dofs", p->system ? json_integer(gkt_system_layout(p->system)->num_owned) : json_null());
  report = with(report, "fields", p->system ? fields_report(p) : json_null());
  report = with(report, "nonzeros", p->solution.nonzeros ? json_integer(p->solution.nonzeros) : json_null());
  report = with(report, "linear", solved ? linear_report(p) : json_null());
  report = with(report, "nonlinear", solved || p->solution.newton.num_steps ? nonlinear_report(p) : json_null());
  report = with(report, "counts", solved || p->counts.steps || p->solution.newton.num_steps ? counts_report(p) : json_null());
  report = with(report, "functionals", p->has_results ? functionals_report(p) : json_null());
  report = with(report, "reals", p->has_results ? reals_report(p) : json_null());
  report = with(report, "errors", p->has_results ? errors_report(p) : json_null());
  report = with(report, "probes", p->has_results ? probes_report(p) : json_null());
  report = with(report, "series", p->series.count ? series_report(p) : json_null());
  report = with(report, "path", p->scheme.kind == GKT_SCHEME_ARC_LENGTH && p->series.count ? path_report(p) : json_null());
  report = with(report, "samples", p->settings->sample.at && p->samples.count ? samples_report(p) : json_null());
  report = with(report, "optimization", p->design && p->design->history.count ? optimization_report(p) : json_null());
  report = with(report, "gradients", p->design && p->design->history.count ? gradients_report(p) : json_null());
  report = with(report, "timings", timings_report(p));
  report = with(report, "memory_peak", json_integer((json_int_t)usage.ru_maxrss * 1024));
  report = with(report, "versions", versions_report());
  return report;
}

/* Into a text whose first failure sticks: json_dumps goes on after a piece that found no memory, and leaves it out. */
static int append(const char *piece, size_t length, void *user) {
  gkt_text *t = user;
  gkt_text_printf(t, "%.*s", (int)length, piece);
  return t->status == GKT_OK ? 0 : -1;
}

const char *gkt_problem_report_json(gkt_problem *p) {
  json_t *report = make_report(p);
  gkt_text t = {.ctx = p->ctx};
  bool whole = report && json_dump_callback(report, append, &t, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0 && t.status == GKT_OK;
  json_decref(report);
  if (!whole) gkt_text_free(&t);
  gkt_free(&p->report_json);
  p->report_json = t.data;
  return t.data ? t.data : "";
}

gkt_status gkt_problem_write_report(gkt_problem *p, const char *path) {
  gkt_output *out = NULL;
  const char *json = gkt_problem_report_json(p);
  if (!*json) return gkt_fail(p->ctx, GKT_NO_MEMORY, "out of memory while writing the report");
  GKT_TRY(gkt_output_open(p->ctx, path, &out));
  fprintf(gkt_output_stream(out), "%s\n", json);
  return gkt_output_commit(&out);
}
