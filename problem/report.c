/* The report as JSON. Keys: docs/problem-file.md. */
#include <math.h>
#include <jansson.h>
#include <string.h>
#include <sys/resource.h>

#include "problem/problem.h"

const char *gkt_problem_status(const gkt_problem *p) { return p->valid ? "ok" : p->computed && p->linear.method[0] && !p->linear.converged ? "not_converged" : "failed"; }

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *numbers(const gkt_scalar *x, gkt_size n) {
  if (n == 1) return number(x[0]);
  json_t *list = json_array();
  for (gkt_size i = 0; i < n; i++) json_array_append_new(list, number(x[i]));
  return list;
}

static json_t *mesh_report(const gkt_problem *p) {
  return json_pack("{s:i, s:i, s:i}", "dim", gkt_mesh_dim(p->mesh), "cells", gkt_mesh_num_cells(p->mesh), "nodes", gkt_mesh_num_nodes(p->mesh));
}

static json_t *linear_report(const gkt_problem *p) {
  json_t *linear = json_pack("{s:i, s:o, s:s, s:s}", "iterations", p->linear.iterations, "residual", number(p->linear.residual), "method", p->linear.method, "why", p->linear.why);
  if (!p->linear.converged) json_object_set_new(linear, "history", numbers(p->linear.history, p->linear.num_history));
  return linear;
}

static json_t *functionals_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_compute; i++) json_object_set_new(all, p->settings->compute[i].name.text, number(p->compute[i].values[0]));
  return all;
}

static json_t *errors_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_exact; i++) {
    json_t *pair = json_object();
    json_object_set_new(pair, "L2", number(p->error_values[i][0]));
    if (p->errors[2 * i + 1]) json_object_set_new(pair, "H1", number(p->error_values[i][1]));
    json_object_set_new(all, p->settings->exact[i].name.text, pair);
  }
  return all;
}

static json_t *probes_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < p->settings->num_probes; i++) json_object_set_new(all, p->settings->probes[i].name.text, numbers(p->probes[i].values, p->probes[i].num_values));
  return all;
}

static json_t *timings_report(const gkt_problem *p) {
  json_t *all = json_object();
  for (int i = 0; i < GKT_NUM_TIMES; i++) json_object_set_new(all, gkt_timing_names[i], json_real(p->timings[i]));
  json_object_set_new(all, "total", json_real(p->total > 0 ? p->total : gkt_seconds() - p->started));
  return all;
}

static void add_answer(const gkt_problem *p, json_t *report) {
  json_object_set_new(report, "dofs", json_integer(gkt_space_num_dofs(p->spaces[p->field])));
  if (p->matrix) json_object_set_new(report, "nonzeros", json_integer(p->matrix->row_offsets[p->matrix->num_rows]));
  if (p->linear.method[0]) json_object_set_new(report, "linear", linear_report(p));
  if (!p->valid) return;
  json_object_set_new(report, "functionals", functionals_report(p));
  json_object_set_new(report, "errors", errors_report(p));
  json_object_set_new(report, "probes", probes_report(p));
}

const char *gkt_problem_report_json(gkt_problem *p) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const char *reason = p->reason[0] ? p->reason : gkt_context_message(p->ctx);
  json_t *report = json_pack("{s:s, s:s}", "status", gkt_problem_status(p), "reason", reason);
  if (p->settings->title) json_object_set_new(report, "title", json_string(p->settings->title));
  if (p->mesh) json_object_set_new(report, "mesh", mesh_report(p));
  if (p->computed) add_answer(p, report);
  json_object_set_new(report, "timings", timings_report(p));
  json_object_set_new(report, "memory_peak", json_integer((json_int_t)usage.ru_maxrss * 1024));
  json_object_set_new(report, "versions", json_pack("{s:s, s:s}", "galerkit", GKT_VERSION, "petsc", gkt_petsc_version()));
  free(p->report_json);
  p->report_json = json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  json_decref(report);
  return p->report_json ? p->report_json : "";
}

gkt_status gkt_problem_write_report(gkt_problem *p, const char *path) {
  gkt_output *out = NULL;
  const char *json = gkt_problem_report_json(p);
  GKT_TRY(gkt_output_open(p->ctx, path, &out));
  fprintf(gkt_output_stream(out), "%s\n", json);
  return gkt_output_commit(&out);
}
