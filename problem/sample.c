/* Data sets: samples drawn, solved and written, one mesh, one plan, one file for all. */
#include "problem/sample.h"

#include <string.h>

#include "core/cache.h"

typedef struct {
  gkt_problem *p;
  gkt_draws *draws;
  gkt_sample_file file;
  int first; /* of this run */
  int batch;
  gkt_scalar **values;       /* [functions]: of those that vary [batch][dofs], else NULL */
  gkt_size *strides;         /* [functions] */
  gkt_scalar *constants, *u; /* [batch][constants], [batch][dofs] */
  gkt_solve_report *reports; /* [batch] */
  char (*reasons)[256];      /* [batch] why a sample was refused; "" */
  int num_constants;
} sampling;

/* ---- what is known of samples that failed ---- */
void gkt_samples_note(gkt_problem *p, int sample, const char *reason) {
  gkt_samples *s = &p->samples;
  s->num_failed++;
  if (s->num_noted == GKT_MOST_NOTED) return;
  gkt_failed_sample *f = &s->noted[s->num_noted++];
  f->sample = sample;
  snprintf(f->reason, sizeof f->reason, "%s", reason);
}

/* A refusal of one sample's data is that sample's. */
static bool is_refusal(sampling *s, gkt_status status, int k) {
  if (status <= 0) return false;
  snprintf(s->reasons[k], sizeof *s->reasons, "%.240s", gkt_context_message(s->p->ctx));
  gkt_context_clear(s->p->ctx);
  return true;
}

/* ---- progress ---- */
static double seconds_left(const sampling *s) {
  const int done = s->file.done - s->first, left = s->file.count - s->file.done;
  return done > 0 ? (gkt_seconds() - s->p->solve_started) * left / done : -1;
}

static gkt_status tell(const sampling *s, double residual) {
  const gkt_problem_options *o = &s->p->options;
  if (!o->progress) return GKT_OK;
  return o->progress(o->progress_user, "sample", s->file.done, residual, seconds_left(s)) ? GKT_OK : GKT_CANCELLED;
}

static bool go_on(void *user, const char *stage) { return (void)stage, tell(user, 0) == GKT_OK; }

/* ---- memory ---- */
static gkt_status create(sampling *s) {
  gkt_problem *p = s->p;
  const int n = p->num_functions;
  const int left = s->file.count - s->file.done, most = p->settings->time.at ? 1 : p->settings->sample.batch;
  s->batch = left < 1 ? 1 : left < most ? left : most;
  s->num_constants = p->settings->num_constants;
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *s->values, &s->values));
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *s->strides, &s->strides));
  for (int f = 0; f < n; f++) {
    if (!s->draws->varies[f]) continue;
    s->strides[f] = gkt_space_num_dofs(p->spaces[f]);
    GKT_TRY(gkt_alloc(p->ctx, s->batch * s->strides[f], sizeof(gkt_scalar), &s->values[f]));
  }
  GKT_TRY(gkt_alloc(p->ctx, s->batch * (gkt_size)s->num_constants, sizeof(gkt_scalar), &s->constants));
  GKT_TRY(gkt_alloc(p->ctx, (p->settings->time.at ? s->file.num_times : s->batch) * (gkt_size)gkt_vector_size(p->u), sizeof(gkt_scalar), &s->u));
  GKT_TRY(gkt_calloc(p->ctx, s->batch, sizeof *s->reports, &s->reports));
  return gkt_calloc(p->ctx, s->batch, sizeof *s->reasons, &s->reasons);
}

static void destroy(sampling *s) {
  for (int f = 0; s->values && f < s->p->num_functions; f++) gkt_free(&s->values[f]);
  for (int k = 0; s->reports && k < s->batch; k++) gkt_solve_report_clear(&s->reports[k]);
  gkt_free(&s->values), gkt_free(&s->strides), gkt_free(&s->constants), gkt_free(&s->u), gkt_free(&s->reports), gkt_free(&s->reasons);
}

/* ---- data, between the problem and the batch ---- */
static void move_data(sampling *s, int k, bool to_problem) {
  gkt_problem *p = s->p;
  gkt_scalar *constants = s->constants + (gkt_size)k * s->num_constants;
  memcpy(to_problem ? p->constants : constants, to_problem ? constants : p->constants, (size_t)s->num_constants * sizeof *constants);
  for (int f = 0; f < p->num_functions; f++) {
    if (!s->values[f]) continue;
    gkt_scalar *at = s->values[f] + k * s->strides[f];
    memcpy(to_problem ? p->values[f] : at, to_problem ? at : p->values[f], (size_t)s->strides[f] * sizeof *at);
  }
}

static gkt_scalar *solution_of(const sampling *s, int k) { return s->u + k * (gkt_size)gkt_vector_size(s->p->u); }

static gkt_status draw(sampling *s, int count) {
  for (int k = 0; k < count; k++) {
    s->reasons[k][0] = 0;
    const gkt_status status = gkt_draws_take(s->p, s->draws, s->file.done + k);
    if (status != GKT_OK && !is_refusal(s, status, k)) return status;
    move_data(s, k, false);
    memcpy(solution_of(s, k), gkt_vector_read(s->p->u), (size_t)gkt_vector_size(s->p->u) * sizeof(gkt_scalar));
  }
  return GKT_OK;
}

/* ---- steady problems ---- */
static gkt_status solve_some(sampling *s, int first, int count, const gkt_solve_options *options) {
  const gkt_size n = gkt_vector_size(s->p->u);
  const int num_functions = s->p->num_functions;
  const gkt_scalar **values = NULL;
  gkt_status status;
  GKT_TRY(gkt_alloc(s->p->ctx, num_functions, sizeof *values, &values));
  for (int f = 0; f < num_functions; f++) values[f] = s->values[f] ? s->values[f] + first * s->strides[f] : NULL;
  const gkt_batch sets = {.count = count, .strides = s->strides, .constants_stride = s->num_constants, .results_stride = n};
  const gkt_inputs data = {.values = values, .constants = s->num_constants ? s->constants + (gkt_size)first * s->num_constants : NULL};
  status = gkt_system_solve_sets(s->p->system, &data, &sets, options, solution_of(s, first), s->reports + first);
  gkt_free(&values);
  return status;
}

/* Together; where the data of one are refused, and that were drawn so, one by one. */
static gkt_status solve(sampling *s, int count) {
  gkt_solve_options options = gkt_problem_solve_options(s->p);
  bool refused = false;
  options.stage = go_on, options.stage_user = s, options.newton.progress = NULL, options.newton.linear.progress = NULL;
  for (int k = 0; k < count; k++) {
    gkt_solve_report_clear(&s->reports[k]);
    refused = refused || s->reasons[k][0];
  }
  if (!refused) {
    const gkt_status status = solve_some(s, 0, count, &options);
    if (status <= 0) return status;
    gkt_context_clear(s->p->ctx);
    for (int k = 0; k < count; k++) gkt_solve_report_clear(&s->reports[k]);
  }
  for (int k = 0; k < count; k++) {
    if (s->reasons[k][0]) continue;
    const gkt_status status = solve_some(s, k, 1, &options);
    if (status != GKT_OK && !is_refusal(s, status, k)) return status;
  }
  return GKT_OK;
}

static void take_report(gkt_problem *p, gkt_solve_report *r) {
  p->timings[GKT_TIME_ASSEMBLE] += r->assemble_seconds, p->cpu[GKT_TIME_ASSEMBLE] += r->assemble_cpu_seconds;
  p->timings[GKT_TIME_SETUP] += r->setup_seconds, p->cpu[GKT_TIME_SETUP] += r->setup_cpu_seconds;
  p->timings[GKT_TIME_SOLVE] += r->solve_seconds, p->cpu[GKT_TIME_SOLVE] += r->solve_cpu_seconds;
  gkt_solve_report_clear(&p->solution);
  p->solution = *r;
  *r = (gkt_solve_report){0};
}

/* The system reads the problem's data again, and those of a batch no longer. */
static gkt_status take_back(gkt_problem *p) { return gkt_system_set_data(p->system, &(gkt_inputs){.values = (const gkt_scalar *const *)p->values, .constants = p->constants}); }

/* The results of a solution, as a row of the series. */
static gkt_status look_at_solution(sampling *s, int k) {
  gkt_problem *p = s->p;
  move_data(s, k, true);
  GKT_TRY(take_back(p));
  memcpy(gkt_vector_values(p->u), solution_of(s, k), (size_t)gkt_vector_size(p->u) * sizeof(gkt_scalar));
  GKT_TRY(gkt_problem_look_at_solution(p));
  GKT_TRY(gkt_problem_compute(p));
  return gkt_series_add(p, &p->series, 0, 0);
}

/* ---- problems in time ---- */
void gkt_samples_keep_state(gkt_problem *p) {
  const gkt_size n = gkt_vector_size(p->u);
  if (p->samples.states) memcpy(p->samples.states + (p->series.count - 1) * n, gkt_vector_read(p->u), (size_t)n * sizeof(gkt_scalar));
}

static gkt_status march(sampling *s) {
  gkt_problem *p = s->p;
  const double started = p->solve_started;
  gkt_solve_report_clear(&p->solution);
  p->solution = (gkt_solve_report){0}, p->reason[0] = 0, p->valid = false;
  p->samples.states = s->u;
  gkt_status status = gkt_problem_march(p);
  p->samples.states = NULL, p->solve_started = started;
  if (status > 0 || (status == GKT_IO && *gkt_context_message(p->ctx))) return is_refusal(s, GKT_BAD_INPUT, 0) ? GKT_OK : status;
  if (status == GKT_OK && !p->valid) snprintf(s->reasons[0], sizeof *s->reasons, "%.240s", p->reason);
  return status;
}

/* ---- one after the other, as rows ---- */
static gkt_status add(sampling *s, int k) {
  gkt_problem *p = s->p;
  if (s->reasons[k][0]) gkt_samples_note(p, s->file.done, s->reasons[k]);
  return gkt_sample_file_add(p, s->draws, &s->file, p->settings->time.at ? s->u : solution_of(s, k), s->reasons[k]);
}

static gkt_status finish(sampling *s, int k) {
  gkt_problem *p = s->p;
  p->series.count = 0;
  if (!s->reasons[k][0] && s->reports[k].cancelled) return GKT_CANCELLED;
  if (!s->reasons[k][0] && !s->reports[k].valid) snprintf(s->reasons[k], sizeof *s->reasons, "%.240s", s->reports[k].reason);
  if (!s->reasons[k][0]) {
    take_report(p, &s->reports[k]);
    const gkt_status status = look_at_solution(s, k);
    if (status != GKT_OK && !is_refusal(s, status, k)) return status;
  } else move_data(s, k, true);
  return add(s, k);
}

static gkt_status take_steady(sampling *s) {
  const int left = s->file.count - s->file.done, count = left < s->batch ? left : s->batch;
  GKT_TRY(draw(s, count));
  GKT_TRY(solve(s, count));
  for (int k = 0; k < count; k++) {
    GKT_TRY(finish(s, k));
    GKT_TRY(tell(s, s->p->solution.linear.residual));
  }
  return GKT_OK;
}

static gkt_status take_series(sampling *s) {
  s->p->series.count = 0, s->reasons[0][0] = 0;
  const gkt_status status = gkt_draws_take(s->p, s->draws, s->file.done);
  if (status != GKT_OK && !is_refusal(s, status, 0)) return status;
  if (!s->reasons[0][0]) GKT_TRY(march(s));
  GKT_TRY(add(s, 0));
  return tell(s, s->p->solution.linear.residual);
}

static void conclude(sampling *s, gkt_status status) {
  gkt_problem *p = s->p;
  gkt_samples *r = &p->samples;
  const double seconds = gkt_seconds() - p->solve_started;
  r->count = s->file.count, r->done = s->file.done, r->found = s->first;
  r->per_second = s->file.done > s->first && seconds > 0 ? (s->file.done - s->first) / seconds : 0;
  p->series.count = 0, p->has_results = false;
  p->valid = status == GKT_OK && r->num_failed < r->count;
  p->reason[0] = 0;
  if (status == GKT_OK && !p->valid) snprintf(p->reason, sizeof p->reason, "no sample has a valid answer; the first: %.1900s", r->num_noted ? r->noted[0].reason : "");
  if (status == GKT_OK && p->valid && r->num_failed) gkt_problem_warn(p, "%d of %d samples have no valid answer; they are marked", r->num_failed, r->count);
}

gkt_status gkt_problem_sample(gkt_problem *p) {
  sampling s = {.p = p, .draws = p->draws, .batch = 1};
  gkt_status status;
  GKT_TRY(gkt_sample_file_open(p, s.draws, &s.file));
  p->computed = true, p->solve_started = gkt_seconds();
  s.first = s.file.done;
  GKT_GO(gkt_sample_file_find_failures(p, &s.file));
  GKT_GO(create(&s));
  while (s.file.done < s.file.count) GKT_GO(p->settings->time.at ? take_series(&s) : take_steady(&s));
done:
  conclude(&s, status);
  const gkt_status back = take_back(p);
  destroy(&s);
  const gkt_status closed = gkt_sample_file_close(&s.file);
  if (status == GKT_OK) status = back;
  if (status > 0) status = GKT_IO; /* too late to be a refusal */
  return status ? status : closed;
}
