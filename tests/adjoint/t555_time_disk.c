/* Claim: within a limit of memory and a disk, gradients of runs whose states exceed the memory have the bits of those without a limit, and no step is computed again; where the
   disk is too small as well only steps beyond it are. Nothing is left in the folder. A disk that is full, or no folder, is said, and no gradient is made of what is missing. */
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [24, 20], upper: [1.2, 1]}}\ntime: {end: 1, step: 0.1}\n"
#define DATA "constants: {a: 0.7, b: 1.3}\ncoefficients: {k: {space: DP0, value: \"1 + 0.5*x[0]\"}}\nfields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t)\"}]\n"
static const char reaction[] = BOX DATA HELD "equation: \"(1 + 0.3*u^2)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == (1 + t)*v*dx\"\n";
static const char plain[] = BOX DATA HELD "equation: \"a*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == (1 + t)*v*dx\"\n";
static const char wave[] = BOX DATA HELD "equation: \"dtt(u)*v*dx + 0.3*b*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == a*(1 + t)*v*dx\"\n";
static const char *const controls[] = {"k", "=a", "=b", "0u", NULL};
static char folder[] = "/tmp/galerkit-t555-XXXXXX";

static int num_files(void) {
  DIR *d = opendir(folder);
  int n = 0;
  while (readdir(d)) n++;
  closedir(d);
  return n - 2;
}

/* bytes 0: no disk */
static gkt_scalar *gradients_with(const run_options *o, gkt_size bytes, double *J, gkt_size *n, gkt_size *needed, gkt_time_gradient_report *r) {
  run_world w = make_run(o);
  if (bytes) ok(gkt_trajectory_use_disk(w.trajectory, folder, bytes));
  go(&w);
  assert_true(!o->memory || gkt_trajectory_memory(w.trajectory) <= o->memory);
  *needed = gkt_trajectory_memory(w.trajectory);
  gkt_scalar *g = all_gradients(&w, J, r);
  assert_true(num_files() == 0 && (!o->memory || gkt_trajectory_memory(w.trajectory) <= o->memory));
  *n = size_of_gradients(&w);
  clear_run(&w);
  return g;
}

static void within(void **unused) {
  static const struct {
    const char *text, *scheme;
    double step;
  } runs[] = {{reaction, "bdf2", 0.05}, {wave, "newmark", 0.05}, {plain, "ssp3", 0.0002}};
  (void)unused;
  for (int i = 0; i < 3; i++) {
    run_options o = {runs[i].text, runs[i].scheme, "u^2*dx", "t*u*dx", controls, runs[i].step, 40, true, .method = GKT_LINEAR_DIRECT};
    gkt_time_gradient_report r;
    double J, other_J, worst = 0, largest = 0;
    gkt_size n, whole, used;
    gkt_scalar *all = gradients_with(&o, 0, &J, &n, &whole, &r), *other;
    assert_true(r.repeated == 0);
    o.memory = whole * 4 / 5;
    other = gradients_with(&o, 2 * whole, &other_J, &n, &used, &r);
    if (r.repeated || other_J != J || used) fail_msg("%s: %lld again, %.17g and %.17g, %lld in memory", o.scheme, (long long)r.repeated, other_J, J, (long long)used);
    assert_memory_equal(all, other, (size_t)n * sizeof *all);
    free(other);
    other = gradients_with(&o, whole / 2, &other_J, &n, &used, &r);
    assert_true(r.repeated > 0 && r.repeated < 60);
    for (gkt_size k = 0; k < n; k++) worst = fmax(worst, fabs(other[k] - all[k])), largest = fmax(largest, fabs(all[k]));
    if (!(worst <= (i == 2 ? 0 : 1e-9) * largest)) fail_msg("%s: %g of %g", o.scheme, worst, largest);
    free(other), free(all);
  }
}

static void refused(void **unused) {
  run_options o = {plain, "euler", "u^2*dx", NULL, controls, 0.01, 1, .memory = 0};
  run_world w = make_run(&o);
  (void)unused;
  expect(gkt_trajectory_use_disk(w.trajectory, folder, 1 << 20), GKT_BAD_ARGUMENT, "expected a limit of memory");
  clear_run(&w);
  o.memory = 1 << 20;
  w = make_run(&o);
  expect(gkt_trajectory_use_disk(w.trajectory, folder, 5000), GKT_BAD_INPUT, "expected at least 8400, two of them");
  expect(gkt_trajectory_use_disk(w.trajectory, "/tmp/no such folder", 1 << 20), GKT_IO, "cannot make a temporary file in '/tmp/no such folder': No such file or directory");
  ok(gkt_trajectory_use_disk(w.trajectory, NULL, 1 << 20));
  expect(gkt_trajectory_use_disk(w.trajectory, folder, 1 << 20), GKT_BAD_ARGUMENT, "or a second one");
  clear_run(&w);
}

/* The kernel's limit of a file's size is the disk that is full. */
static void full(void **unused) {
  const run_options o = {plain, "euler", "u^2*dx", NULL, controls, 0.01, 2, .memory = 1 << 20};
  struct rlimit limit;
  gkt_step_report step;
  gkt_time_gradient_report r;
  double J;
  run_world w = make_run(&o);
  (void)unused;
  ok(gkt_trajectory_use_disk(w.trajectory, folder, 1 << 20));
  ok(gkt_time_begin(w.t, w.u, w.rate, &step));
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = 6000;
  setrlimit(RLIMIT_FSIZE, &limit);
  const gkt_status status = gkt_time_step(w.t, 0.01, &step);
  limit.rlim_cur = before;
  setrlimit(RLIMIT_FSIZE, &limit);
  expect(status, GKT_IO, "cannot write a temporary file in '/tmp/galerkit-t555");
  expect(gkt_time_value(w.adjoint, w.trajectory, w.J, &J, &r), GKT_BAD_INPUT, "expected a run from gkt_time_begin on");
  go(&w);
  ok(gkt_time_value(w.adjoint, w.trajectory, w.J, &J, &r));
  clear_run(&w);
}

static int make_folder(void **state) { return mkdtemp(folder) ? setup(state) : 1; }
static int remove_folder(void **state) {
  rmdir(folder);
  return teardown(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(within), cmocka_unit_test(refused), cmocka_unit_test(full)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
