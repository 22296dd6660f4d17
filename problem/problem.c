#include <string.h>
#include <sys/stat.h>

#include "problem/optimize.h"
#include "problem/sample.h"
#include "problem/store.h"
#include "meshes/mesh.h"

const char *const gkt_timing_names[GKT_NUM_TIMES] = {"mesh", "compile", "pattern", "assemble", "setup", "solve", "output"};

gkt_problem_options gkt_problem_options_default(void) { return (gkt_problem_options){0}; }

static gkt_status copy_optional(gkt_context *ctx, const char *text, char **out) { return text ? gkt_strdup(ctx, text, out) : GKT_OK; }

static gkt_status join_petsc_options(gkt_problem *p, const char *given) {
  gkt_text t = {.ctx = p->ctx};
  const char *own = p->settings->solver.options;
  GKT_TRY(gkt_petsc_options_check(p->ctx, given));
  if (own || given) gkt_text_printf(&t, "%s%s%s", own ? own : "", own && given ? " " : "", given ? given : "");
  p->petsc_options = t.data;
  return t.status;
}

/* data NULL: that of the file */
static gkt_status create(gkt_context *ctx, const char *path, const char *data, size_t length, const gkt_problem_options *given, gkt_problem **out) {
  gkt_problem_options options = given ? *given : gkt_problem_options_default();
  gkt_problem *p = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *p, &p));
  p->ctx = gkt_context_retain(ctx), p->options = options, p->started = gkt_seconds();
  gkt_problem_listen(p);
  GKT_GO(copy_optional(ctx, options.out_dir, &p->out_dir));
  GKT_GO(copy_optional(ctx, options.mesher, &p->mesher));
  GKT_GO(copy_optional(ctx, options.script, &p->script));
  if (data) GKT_GO(gkt_settings_parse(ctx, path, data, length, options.num_sets, options.sets, &p->settings));
  else GKT_GO(gkt_settings_read(ctx, path, options.num_sets, options.sets, &p->settings));
  p->options.sets = NULL, p->options.num_sets = 0;
  GKT_GO(join_petsc_options(p, options.petsc_options));
done:
  gkt_problem_listen_end(p);
  status = gkt_unless_exhausted(ctx, status);
  if (status == GKT_OK) *out = p;
  else gkt_problem_destroy(&p);
  return status;
}

gkt_status gkt_problem_read(gkt_context *ctx, const char *path, const gkt_problem_options *options, gkt_problem **out) { return create(ctx, path, NULL, 0, options, out); }

gkt_status gkt_problem_parse(gkt_context *ctx, const char *name, const char *data, size_t length, const gkt_problem_options *options, gkt_problem **out) {
  return create(ctx, name, data, length, options, out);
}

static void destroy_expressions(gkt_expression ***list, int n) {
  for (int i = 0; *list && i < n; i++) gkt_expression_destroy(&(*list)[i]);
  gkt_free(list);
}

static void destroy_results(gkt_result **list, int n) {
  for (int i = 0; *list && i < n; i++) {
    gkt_expression_destroy(&(*list)[i].expression);
    gkt_assembler_destroy(&(*list)[i].assembler);
    gkt_form_destroy(&(*list)[i].form);
  }
  gkt_free(list);
}

static int num_region_values(const gkt_settings *s) {
  int n = 0;
  for (int i = 0; i < s->num_coefficients; i++) n += s->coefficients[i].num_regions + 1;
  return n;
}

/* Values of a field are those of u; its rates stand in its space. */
static void let_go(gkt_problem *p, int field) {
  p->values[field] = NULL;
  for (int order = 1; order <= 2; order++)
    if (gkt_scope_rate(p->scope, field, order) >= 0) p->spaces[gkt_scope_rate(p->scope, field, order)] = NULL;
}

static void destroy_numeric(gkt_problem *p) {
  const int n = p->num_functions;
  gkt_draws_destroy(&p->draws);
  gkt_design_destroy(&p->design);
  gkt_system_destroy(&p->system);
  for (int i = 0; i < p->num_followed; i++) gkt_signal_destroy(&p->followed[i].signal);
  gkt_vector_destroy(&p->u);
  gkt_vector_destroy(&p->rate);
  gkt_free(&p->series.rows);
  gkt_free(&p->limit_points.rows);
  gkt_text_free(&p->list.text);
  gkt_problem_forget_frames(p);
  gkt_store_close(&p->xdmf.store);
  gkt_problem_forget_spaces(p);
  gkt_solve_report_clear(&p->solution);
  for (int i = 0; p->values && p->fields && i < p->settings->num_fields; i++) let_go(p, p->fields[i]);
  for (int i = 0; i < n; i++) {
    gkt_space *space = p->spaces ? (gkt_space *)p->spaces[i] : NULL;
    gkt_space_destroy(&space);
    if (p->values) gkt_free(&p->values[i]);
  }
  gkt_free(&p->spaces);
  gkt_free(&p->values);
  gkt_free(&p->constants);
}

static void destroy_symbolic(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  if (s) {
    destroy_expressions(&p->conditions, s->num_conditions);
    destroy_expressions(&p->given, s->optimize.num_controls);
    destroy_expressions(&p->initial, s->num_initial);
    destroy_expressions(&p->histories, 2 * s->num_histories);
    destroy_expressions(&p->coefficients, s->num_coefficients);
    destroy_expressions(&p->region_values, num_region_values(s));
    gkt_free(&p->followed);
    destroy_expressions(&p->region_wheres, s->num_regions);
    destroy_expressions(&p->outputs, s->output.num_fields);
    destroy_results(&p->compute, s->num_compute);
    destroy_results(&p->probes, s->num_probes);
    destroy_results(&p->errors, 2 * s->num_exact);
  }
  gkt_expression_destroy(&p->color);
  gkt_expression_destroy(&p->warp);
  gkt_form_destroy(&p->form);
  gkt_scope_destroy(&p->results);
  gkt_free(&p->result_values);
  gkt_free(&p->gradients);
  gkt_free(&p->fields);
  gkt_scope_destroy(&p->scope);
}

void gkt_problem_destroy(gkt_problem **problem) {
  gkt_problem *p = *problem;
  if (!p) return;
  destroy_numeric(p);
  destroy_symbolic(p);
  gkt_mesh_destroy(&p->mesh);
  gkt_settings_destroy(&p->settings);
  gkt_free(&p->out_dir);
  gkt_free(&p->petsc_options);
  gkt_free(&p->mesher);
  gkt_free(&p->script);
  for (int i = 0; i < p->num_warnings; i++) gkt_free(&p->warnings[i]);
  gkt_free(&p->warnings);
  gkt_free(&p->report_json);
  gkt_free(&p->report_text);
  gkt_context_destroy(&p->ctx);
  gkt_free(problem);
}

gkt_status gkt_problem_stage(gkt_problem *p, const char *stage) {
  return !p->options.progress || p->options.progress(p->options.progress_user, stage, 0, 0, -1) ? GKT_OK : GKT_CANCELLED;
}

gkt_status gkt_problem_out_path(gkt_problem *p, const char *name, char **path) {
  gkt_text text = {.ctx = p->ctx};
  if (!p->out_dir || name[0] == '/') return gkt_strdup(p->ctx, name, path);
  if (p->has_run) mkdir(p->out_dir, 0777); /* an unusable folder shows when the file is opened */
  gkt_text_printf(&text, "%s/%s", p->out_dir, name);
  *path = text.data;
  return text.status;
}

/* A STEP file is three-dimensional, so its forms are checked before the time for meshing is spent. */
static int dim_without_mesh(const gkt_mesh_settings *m) {
  if (m->kind == GKT_MESH_BOX) return m->box.dim;
  const char *dot = m->kind == GKT_MESH_GEOMETRY ? strrchr(m->path, '.') : NULL;
  return dot && (!strcasecmp(dot, ".step") || !strcasecmp(dot, ".stp")) ? 3 : 0;
}

/* Keeps the first failure for the report. */
static gkt_status settle(gkt_problem *p, gkt_status status) {
  status = gkt_unless_exhausted(p->ctx, status);
  const char *message = status == GKT_CANCELLED ? "" : gkt_context_message(p->ctx); /* one that says nothing of this may stand there */
  p->total = gkt_seconds() - p->started;
  p->failure = status;
  if (status == GKT_OK) return GKT_OK;
  p->valid = false;
  snprintf(p->reason, sizeof p->reason, "%s", message[0] ? message : gkt_status_text(status));
  return status;
}

/* What is gone on from. */
static gkt_status check_files(gkt_problem *p) {
  if (p->settings->time.restart.text) GKT_TRY(gkt_problem_check_restart(p));
  if (p->settings->optimize.restart.text) GKT_TRY(gkt_design_check_restart(p));
  return p->settings->sample.at ? gkt_sample_file_check(p, p->draws) : GKT_OK;
}

static gkt_status check(gkt_problem *p) {
  if (p->is_planned) return GKT_OK;
  p->dim = p->mesh_is_given ? gkt_mesh_dim(p->mesh) : dim_without_mesh(&p->settings->mesh);
  if (p->dim) GKT_TRY(gkt_problem_make_forms(p));
  GKT_TRY(gkt_problem_make_mesh(p));
  if (p->dim && p->dim != gkt_mesh_dim(p->mesh))
    return gkt_problem_refuse(p, GKT_BAD_INPUT, &p->settings->mesh.from, "its mesh has dimension %d; expected %d", gkt_mesh_dim(p->mesh), p->dim);
  p->dim = gkt_mesh_dim(p->mesh);
  if (!p->scope) GKT_TRY(gkt_problem_make_forms(p));
  GKT_TRY(gkt_problem_add_regions(p));
  GKT_TRY(gkt_problem_check_output(p));
  GKT_TRY(gkt_problem_make_spaces(p));
  GKT_TRY(gkt_problem_make_system(p));
  GKT_TRY(gkt_problem_check_time(p));
  GKT_TRY(gkt_petsc_options_try(p->ctx, p->petsc_options));
  if (p->settings->optimize.at) GKT_TRY(gkt_design_create(p, &p->design));
  if (p->design) GKT_TRY(gkt_problem_check_optimizer(p));
  if (p->settings->sample.at) GKT_TRY(gkt_draws_create(p, &p->draws));
  return p->has_run ? GKT_OK : check_files(p); /* else they are read in the end */
}

/* A stage as called from outside: its warnings are kept, its failure too. */
static gkt_status perform(gkt_problem *p, gkt_status (*stage)(gkt_problem *)) {
  gkt_problem_listen(p);
  gkt_status status = gkt_problem_place_options(p, stage(p));
  if (status == GKT_OK) status = gkt_context_settled(p->ctx, true);
  gkt_problem_listen_end(p);
  return settle(p, status);
}

gkt_status gkt_problem_check(gkt_problem *p) { return p->failure ? p->failure : perform(p, check); }

gkt_status gkt_problem_set_mesh(gkt_problem *p, gkt_mesh *mesh) {
  if (!mesh) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "problem: no mesh is given");
  if (p->mesh || p->failure) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "problem: it was checked, or has a mesh already; expected gkt_problem_set_mesh before that");
  p->mesh = gkt_mesh_retain(mesh), p->mesh_is_given = true;
  return GKT_OK;
}

/* ---- access ---- */
gkt_mesh *gkt_problem_mesh(const gkt_problem *p) { return p->mesh; }
gkt_scope *gkt_problem_scope(const gkt_problem *p) { return p->scope; }
gkt_system *gkt_problem_system(const gkt_problem *p) { return p->system; }
gkt_vector *gkt_problem_solution(const gkt_problem *p) { return p->u; }

gkt_status gkt_problem_values(const gkt_problem *p, const char *name, const gkt_space **space, gkt_scalar **values) {
  int function = p->values ? gkt_scope_find_function(p->scope, name) : -1;
  const gkt_scalar *history = p->system ? gkt_system_history(p->system, name) : NULL;
  if (history) return *space = p->spaces[function], *values = (gkt_scalar *)history, GKT_OK;
  if (function < 0 || !p->values[function])
    return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "problem: '%s' is no field or discrete coefficient that has values; expected one, after the problem was checked", name);
  *space = p->spaces[function], *values = p->values[function];
  return GKT_OK;
}

gkt_status gkt_problem_optimizer(const gkt_problem *p, gkt_optimizer *out) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const gkt_yaml *method = gkt_yaml_get(gkt_yaml_get(p->settings->root, "optimizer"), "method");
  if (!o->at) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: nothing is to be optimized; expected the keys minimize and controls", p->settings->file);
  if (o->only_gradient) return gkt_yaml_refuse(p->ctx, GKT_BAD_INPUT, method, method->text, "the gradient alone, by no optimizer; expected a method, such as mma or blmvm");
  *out = o->method;
  return GKT_OK;
}

gkt_status gkt_problem_objective(const gkt_problem *p, gkt_adjoint **adjoint, gkt_functional **objective) {
  if (!p->design) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: nothing is to be differentiated; expected the keys minimize and controls", p->settings->file);
  if (p->design->time) return gkt_fail(p->ctx, GKT_UNAVAILABLE, "%s: its objective is of a run in time; expected a steady problem", p->settings->file);
  *adjoint = p->design->adjoint, *objective = p->design->functionals[0];
  return GKT_OK;
}

const char *gkt_problem_petsc_options(const gkt_problem *p) { return p->petsc_options ? p->petsc_options : ""; }
const char *gkt_problem_reason(const gkt_problem *p) { return p->reason; }
const gkt_solve_report *gkt_problem_solve_report(const gkt_problem *p) { return &p->solution; }

static gkt_stage_times stage_times(const double t[GKT_NUM_TIMES]) {
  return (gkt_stage_times){t[GKT_TIME_MESH], t[GKT_TIME_COMPILE], t[GKT_TIME_PATTERN], t[GKT_TIME_ASSEMBLE], t[GKT_TIME_SETUP], t[GKT_TIME_SOLVE], t[GKT_TIME_OUTPUT]};
}

void gkt_problem_get_times(const gkt_problem *p, gkt_stage_times *wall, gkt_stage_times *cpu) { *wall = stage_times(p->timings), *cpu = stage_times(p->cpu); }

/* ---- solving and running, each once ---- */
static gkt_status solve(gkt_problem *p) {
  GKT_TRY(check(p));
  if (p->computed) return GKT_OK;
  p->computed = true;
  if (p->design) return gkt_problem_optimize(p);
  return p->settings->time.at ? gkt_problem_march(p) : gkt_problem_solve_system(p);
}

static gkt_status run(gkt_problem *p) {
  p->has_run = true;
  GKT_TRY(gkt_problem_try_outputs(p));
  if (p->settings->sample.at) GKT_TRY(check(p));
  if (p->settings->sample.at) return gkt_problem_sample(p);
  GKT_TRY(solve(p));
  GKT_TRY(gkt_problem_look_at_solution(p));
  if (p->settings->time.at) return GKT_OK;
  if (p->valid) GKT_TRY(gkt_problem_compute(p)); /* numbers and files only from an answer that holds */
  gkt_status written = p->valid ? gkt_problem_output(p) : GKT_OK;
  return written > 0 ? GKT_IO : written; /* too late to be a refusal */
}

/* What was cancelled is a result. */
static gkt_status conclude(const gkt_problem *p, bool *valid) {
  if (p->failure != GKT_CANCELLED) GKT_TRY(p->failure);
  *valid = p->valid;
  return GKT_OK;
}

gkt_status gkt_problem_solve(gkt_problem *p, bool *valid) {
  if (!p->failure && !p->computed) (void)!perform(p, solve); /* ->failure */
  return conclude(p, valid);
}

gkt_status gkt_problem_run(gkt_problem *p, bool *valid) {
  if (!p->failure && !p->has_run) (void)!perform(p, run);
  return conclude(p, valid);
}
