/* Claim: whichever allocation of ours fails, alone or with all that follow, reading, checking and running a problem and writing its report say that memory is exhausted, leave
   nothing allocated, no temporary file, and outputs whole or not there. */
#include <dirent.h>
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
                             "compute: {flux: 'dot(q, n)*ds(right)', peak: {max: 'u'}}\n"
                             "probes: {p: {at: [0.5, 0.5], field: u}}\n"
                             "output: {file: a.vtu, fields: [u, q], picture: {file: a.png, color: u}}\n";
static const char nonlinear[] = "mesh: {box: {cells: [2], shape: line}}\n"
                                "fields: {u: {space: P2, test: v}}\n"
                                "initial: {u: '1'}\n"
                                "equation: (1 + u^2)*dot(grad(u), grad(v))*dx == 5*v*dx\n"
                                "conditions: [{on: left, value: 1}]\n"
                                "solver: {linear: cg, nonlinear: {load_steps: 2}}\n";

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
  static const char *const known[] = {"a.yaml", "a.json", "a.vtu", "a.png"};
  DIR *dir = opendir(folder);
  for (struct dirent *e; (e = readdir(dir));) {
    bool found = e->d_name[0] == '.';
    for (int i = 0; i < 4; i++) found = found || !strcmp(e->d_name, known[i]);
    if (!found) fail_msg("%s is left", e->d_name);
  }
  closedir(dir);
  for (int i = 0; i < 4; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s/%s", folder, known[i]);
    if (unlink(name) != 0) fail_msg("%s is not there", name);
  }
  assert_int_equal(rmdir(folder), 0);
}

static void problems_fail_cleanly(void **state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.yaml", folder), snprintf(report, sizeof report, "%s/a.json", folder);
  fail_for("linear", linear, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true});
  fail_for("nonlinear", nonlinear, &(gkt_context_options){.backend = GKT_BACKEND_CPU, .threads = 1});
  no_other_files();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(problems_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
