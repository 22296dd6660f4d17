/* Claim: whichever allocation of ours fails, alone or with all that follow, reading, checking and running a problem and writing its report say that memory is exhausted, leave
   nothing allocated, no temporary file, and outputs whole or not there; nor is there half a report when what makes its JSON runs out of memory. */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "galerkit/problem.h"
#include "tests/failing_memory.h"

#include "core/core.h"

static const char linear[] = "mesh: {box: {cells: [2, 2], shape: tri}}\n"
                             "regions: {low: {where: 'x[1] < 0.1'}}\n"
                             "let: {q: 'k*grad(u)'}\n"
                             "fields: {u: {space: P1, test: v}}\n"
                             "constants: {k: 2.0}\n"
                             "coefficients: {f: '1 + x[0]', r: {space: DP0, value: '2'}}\n"
                             "equation: inner(q, grad(v))*dx == r*f*v*dx\n"
                             "conditions: [{on: left, field: u, value: 0}, {on: low, field: u, value: 'x[1]'}]\n"
                             "exact: {u: 'x[0]'}\n"
                             "compute: {flux: 'dot(q, n)*ds(right)', peak: {max: 'u'}, ratio: 'flux/peak + k'}\n"
                             "probes: {p: {at: [0.5, 0.5], field: u}}\n"
                             "output: {file: a.vtu, fields: [u, q], picture: {file: a.png, color: u}}\n";
static const char nonlinear[] = "mesh: {box: {cells: [2], shape: line}}\n"
                                "fields: {u: {space: P2, test: v}}\n"
                                "initial: {u: '1'}\n"
                                "equation: (1 + u^2)*dot(grad(u), grad(v))*dx == 5*v*dx\n"
                                "conditions: [{on: left, value: 1}]\n"
                                "solver: {linear: cg, nonlinear: {load_steps: 2}}\n";
/* Inside out, and with results that are not finite. */
static const char warned[] = "mesh: {box: {cells: [2], shape: line}}\n"
                             "fields: {u: {space: P1}}\n"
                             "initial: {u: '-3*x[0]'}\n"
                             "energy: 0.5*((1 + grad(u)[0])^2 + 1/(1 + grad(u)[0])^2)*dx\n"
                             "conditions: [{on: left, value: 0}]\n"
                             "compute: {bad: 'ln(x[0] - 2)*dx', worst: {max: 'u/x[0]'}}\n"
                             "probes: {p: {at: [0], value: 'u/x[0]'}}\n"
                             "output: {file: a.vtu, fields: [u, 'sqrt(x[0] - 2)']}\n";

/* A pressure that is free, and a temperature of a degree of its own; a coupled one by Newton's method. */
static const char several[] = "mesh: {box: {cells: [2, 2], shape: quad}}\n"
                              "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}, T: {space: P1, test: S}}\n"
                              "equation: (inner(grad(u), grad(v)) - p*div(v) - q*div(u) + dot(grad(T), grad(S)) - T*v[1])*dx\n"
                              "conditions: [{on: boundary, field: u, value: '[x[1]*(1 - x[1]), 0]'}, {on: left, field: T, value: 'x[1]'}]\n"
                              "exact: {T: 'x[1]'}\n"
                              "output: {file: a.vtu}\n";
static const char coupled[] = "mesh: {box: {cells: [2], shape: line}}\n"
                              "fields: {u: {space: P2}, w: {space: P1}}\n"
                              "initial: {u: '1'}\n"
                              "energy: ((1 + w^2)*grad(u)[0]^2 + grad(w)[0]^2 + (u - w)^2)*dx\n"
                              "conditions: [{on: left, field: u, value: 1}, {on: right, field: w, value: 2}]\n";

/* In time, with a checkpoint, and all states in one file. */
static const char in_time[] = "mesh: {box: {cells: [2], shape: line}}\n"
                              "fields: {u: {space: P1, test: v}}\n"
                              "equation: dt(u)*v*dx == v*dx\n"
                              "time: {end: 0.1, step: 0.1, checkpoint: b.h5}\n"
                              "output: {file: a.xdmf}\n";

/* A design by two functionals, one of them made of another, with filter and projection, and a checkpoint. */
static const char designed[] = "mesh: {box: {cells: [4], shape: line}}\n"
                               "fields: {u: {space: P1, test: v}}\n"
                               "constants: {g: 1}\n"
                               "coefficients: {r: {space: DP0, value: '0.5'}}\n"
                               "equation: (0.1 + r)*dot(grad(u), grad(v))*dx == g*v*dx\n"
                               "conditions: [{on: left, value: 0}]\n"
                               "compute: {work: 'u*dx', volume: 'r*dx', double: '2*volume + g'}\n"
                               "controls: {r: {bounds: [0, 1]}, g: {bounds: [0.5, 1]}}\n"
                               "minimize: work\n"
                               "subject_to: [{value: double, upper: 2}, {value: 'r^2*dx', upper: 0.9}]\n"
                               "filter: {r: {kind: helmholtz, radius: 0.5, project: {beta: 2}}}\n"
                               "optimizer: {iterations: 1, checkpoint: d.h5}\n"
                               "output: {picture: {file: a.png, color: r}}\n";

/* A gradient of a run, by controls of every kind of their own. */
static const char designed_in_time[] = "mesh: {box: {cells: [2], shape: line}}\n"
                                       "fields: {u: {space: P1, test: v}}\n"
                                       "constants: {g: 1}\n"
                                       "coefficients: {r: {space: P1, value: '0.5'}}\n"
                                       "equation: dtt(u)*v*dx + (0.1 + r)*dot(grad(u), grad(v))*dx == g*v*dx\n"
                                       "conditions: [{on: left, value: 0}]\n"
                                       "initial: {u: 'r*x[0]'}\n"
                                       "time: {end: 0.1, step: 0.1}\n"
                                       "compute: {work: 'u*dx'}\n"
                                       "controls: {r: {on: right}, g: {}, 'initial(dt(u))': {}, 'value(left)': {times: 2}}\n"
                                       "minimize: {end: work, running: 'u^2*dx'}\n"
                                       "optimizer: {method: none}\n"
                                       "output: {picture: {file: a.png, color: gradient_r}}\n";

static char folder[] = "/tmp/gkt-problem-XXXXXX", path[64], report[64];

static gkt_status run(gkt_context *ctx, void *user) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  bool valid = false;
  gkt_status status;
  (void)user;
  options.out_dir = folder, options.petsc_options = "-ksp_max_it 500";
  GKT_GO(gkt_problem_read(ctx, path, &options, &p));
  GKT_GO(gkt_problem_check(p));
  GKT_GO(gkt_problem_run(p, &valid));
  assert_true(valid);
  GKT_GO(gkt_problem_write_report(p, report));
  if (!*gkt_problem_report_text(p)) status = gkt_fail(ctx, GKT_NO_MEMORY, "out of memory");
done:
  gkt_problem_destroy(&p);
  return status;
}

static void fail_for(const char *name, const char *text, const gkt_context_options *options) {
  FILE *file = fopen(path, "w");
  assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
  assert_true(fail_each_in_turn(name, run, NULL, options) > 300);
}

static void no_other_files(void) {
  static const char *const known[] = {"a.yaml", "a.json", "a.vtu", "a.png", "a.xdmf", "a.h5", "b.h5", "d.h5"};
  DIR *dir = opendir(folder);
  for (struct dirent *e; (e = readdir(dir));) {
    bool found = e->d_name[0] == '.';
    for (int i = 0; i < 8; i++) found = found || !strcmp(e->d_name, known[i]);
    if (!found) fail_msg("%s is left", e->d_name);
  }
  closedir(dir);
  for (int i = 0; i < 8; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s/%s", folder, known[i]);
    if (unlink(name) != 0) fail_msg("%s is not there", name);
  }
  assert_int_equal(rmdir(folder), 0);
}

/* ---- the report's own library ---- */
static long json_left;
static void *json_malloc(size_t size) { return json_left-- == 0 ? NULL : malloc(size); }
static void json_free(void *p) { free(p); }

static int count(const char *in, const char *what) {
  int n = 0;
  for (const char *at = in; (at = strstr(at, what)); at++) n++;
  return n;
}

static void reports_are_whole(gkt_problem *p) {
  const int keys = count(gkt_problem_report_json(p), "\":"), unknown = count(gkt_problem_report_json(p), "null");
  json_malloc_t given;
  json_free_t given_free;
  long k = 0;
  assert_true(keys > 30);
  json_get_alloc_funcs(&given, &given_free);
  json_set_alloc_funcs(json_malloc, json_free);
  for (bool failed = true; failed; k++) {
    json_left = k;
    const char *json = gkt_problem_report_json(p);
    failed = json_left < 0;
    if (*json && (count(json, "\":") != keys || count(json, "null") != unknown)) fail_msg("allocation %ld: half a report: %s", k, json);
    assert_true(*json || failed);
  }
  json_set_alloc_funcs(given, given_free);
  assert_true(k > 100);
}

static void reports_fail_whole(void **state) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_context *ctx;
  gkt_problem *p;
  bool valid;
  (void)state;
  FILE *file = fopen(path, "w");
  assert_true(file && fputs(linear, file) >= 0 && fclose(file) == 0);
  options.out_dir = folder;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER}, &ctx), GKT_OK);
  assert_int_equal(gkt_problem_read(ctx, path, &options, &p), GKT_OK);
  assert_int_equal(gkt_problem_run(p, &valid), GKT_OK);
  reports_are_whole(p);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/a.yaml", folder), snprintf(report, sizeof report, "%s/a.json", folder);
  return 0;
}

static void problems_fail_cleanly(void **state) {
  (void)state;
  fail_for("linear", linear, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true});
  fail_for("nonlinear", nonlinear, &(gkt_context_options){.backend = GKT_BACKEND_CPU, .threads = 1});
  fail_for("warned", warned, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
  fail_for("several", several, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true});
  fail_for("coupled", coupled, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
  fail_for("in time", in_time, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
  fail_for("designed", designed, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
  if (getenv("GKT_LONG")) fail_for("designed in time", designed_in_time, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
  no_other_files();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reports_fail_whole), cmocka_unit_test(problems_fail_cleanly)};
  return cmocka_run_group_tests(tests, make_folder, NULL);
}
