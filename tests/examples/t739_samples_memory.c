/* Claim: rows of a data set are what the public draws give for (seed, sample, name), and the solutions of the problem with them, bit for bit: numbers, fields on what the file
   gives, with constants that are drawn in it, first guesses, states at the start; and whichever allocation of ours fails while a problem is drawn, solved and written (each fourth
   of them; GKT_LONG=1: each), it says that memory is exhausted and leaves nothing allocated. Where no sample has an answer the system reads the problem's data again, not those of
   a batch that is gone; a file that lacks rows of this problem is refused. */
#include "tests/failing_memory.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "core/core.h"
#include "galerkit/galerkit.h"
#include "problem/store.h"

static const char text[] =
    "mesh: {box: {cells: [2, 1]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 1, T: 0, c: 1}\n"
    "coefficients: {k: {space: P1, value: 'c'}, f: {space: DP0, value: 'a'}, w: {space: P1, value: '[0, 0]'}}\n"
    "equation: (k + u^2)*dot(grad(u), grad(v))*dx + w[1]*u*v*dx == f*v*dx\nconditions: [{on: left, value: 'T'}]\ninitial: {u: 'a*x[0]'}\n"
    "probes: {end: {at: [1, 0.5]}}\n"
    "sample: {count: 3, seed: 5, file: t739.h5, draw: {c: {log_normal: {median: 2, deviation: 0.1}}, a: {uniform: [1, 3]}, T: {normal: {mean: 4, deviation: 0.5}},\n"
    "  k: {gaussian_field: {length: 1, deviation: 0.2}, exp: true}, f: {sine_sum: {terms: 2}}, w: {gaussian_field: {length: 2, deviation: 0.01}}}}\n";
/* Of one sample, with less to fail: fields and many sets have their own test (t489). */
static const char small[] = "mesh: {box: {cells: [1, 1]}}\nfields: {u: {space: P1, test: v}}\nconstants: {c: 1}\ncoefficients: {k: {space: P1, value: 'c'}}\n"
                            "equation: k*dot(grad(u), grad(v))*dx == v*dx\nconditions: [{on: left, value: 0}]\n"
                            "sample: {count: 1, file: t739.h5, draw: {c: {uniform: [1, 2]}, k: {gaussian_field: {length: 1}, exp: true}}}\n";
static char folder[] = "/tmp/t739-XXXXXX", path[64];

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static gkt_status parse(gkt_context *context, const char *from, gkt_problem **out) {
  gkt_problem_options options = gkt_problem_options_default();
  options.out_dir = folder;
  return gkt_problem_parse(context, "a.yaml", from, strlen(from), &options, out);
}

static void row_is(gkt_store *s, const char *name, int sample, int count, const gkt_scalar *expected) {
  gkt_scalar values[64];
  must(gkt_store_read_row(s, name, sample, values));
  for (int i = 0; i < count; i++)
    if (values[i] != expected[i]) fail_msg("%s of sample %d: %.17g at %d, expected %.17g", name, sample, values[i], i, expected[i]);
}

static void rows_are_draws(void **state) {
  (void)state;
  gkt_problem *whole, *one;
  gkt_store *store;
  bool valid;
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}, &ctx));
  must(parse(ctx, text, &whole));
  must(gkt_problem_run(whole, &valid));
  assert_true(valid);
  gkt_problem_destroy(&whole);
  must(parse(ctx, text, &one));
  assert_int_equal(gkt_problem_draw(one, 0), GKT_BAD_ARGUMENT); /* not checked */
  gkt_context_clear(ctx);
  must(gkt_problem_check(one));
  assert_int_equal(gkt_problem_draw(one, -1), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  must(gkt_store_open(ctx, path, false, "samples", 1, NULL, &store));
  for (int i = 2; i >= 0; i--) {
    const gkt_space *space;
    gkt_scalar *values, x, g[2][64];
    must(gkt_problem_draw(one, i));
    gkt_draw_uniform(&(gkt_draw){5, i, "a"}, 1, &x);
    row_is(store, "inputs/a", i, 1, &(gkt_scalar){1 + (3.0 - 1) * x});
    const gkt_scalar a = 1 + (3.0 - 1) * x;
    gkt_draw_normal(&(gkt_draw){5, i, "T"}, 1, &x);
    row_is(store, "inputs/T", i, 1, &(gkt_scalar){4 + 0.5 * x});
    gkt_draw_normal(&(gkt_draw){5, i, "c"}, 1, &x);
    const gkt_scalar c = 2 * exp(0.1 * x);
    row_is(store, "inputs/c", i, 1, &c);
    gkt_gaussian_options o = gkt_gaussian_options_default();
    gkt_gaussian *gaussian;
    o.length = 1, o.deviation = 0.2;
    must(gkt_gaussian_create(ctx, gkt_problem_mesh(one), &o, &gaussian));
    must(gkt_gaussian_draw(gaussian, &(gkt_draw){5, i, "k"}, g[0]));
    gkt_gaussian_destroy(&gaussian);
    must(gkt_problem_values(one, "k", &space, &values));
    for (int n = 0; n < gkt_space_num_dofs(space); n++) assert_true(values[n] == c * exp(g[0][n]));
    row_is(store, "inputs/k", i, gkt_space_num_dofs(space), values);
    gkt_sine_options sines = gkt_sine_options_default();
    sines.terms = 2, sines.upper[0] = sines.upper[1] = 1;
    must(gkt_problem_values(one, "f", &space, &values));
    must(gkt_sine_draw(ctx, &sines, &(gkt_draw){5, i, "f"}, 2, gkt_space_num_nodes(space), gkt_space_coords(space), g[0]));
    for (int n = 0; n < gkt_space_num_dofs(space); n++) assert_true(values[n] == a + g[0][n]);
    row_is(store, "inputs/f", i, gkt_space_num_dofs(space), values);
    o.length = 2, o.deviation = 0.01;
    must(gkt_gaussian_create(ctx, gkt_problem_mesh(one), &o, &gaussian));
    must(gkt_gaussian_draw(gaussian, &(gkt_draw){5, i, "w[0]"}, g[0]));
    must(gkt_gaussian_draw(gaussian, &(gkt_draw){5, i, "w[1]"}, g[1]));
    gkt_gaussian_destroy(&gaussian);
    must(gkt_problem_values(one, "w", &space, &values));
    for (int n = 0; n < gkt_space_num_dofs(space); n++) assert_true(values[n] == g[n % 2][n / 2]);
    row_is(store, "inputs/w", i, gkt_space_num_dofs(space), values);

    gkt_solve_report report;
    gkt_vector *u = gkt_problem_solution(one);
    const double *X = gkt_space_coords(space);
    for (int n = 0; n < gkt_vector_size(u); n++) assert_true(gkt_vector_read(u)[n] == a * X[2 * n]); /* the first guess */
    must(gkt_system_solve(gkt_problem_system(one), NULL, u, &report));
    assert_true(report.valid);
    gkt_solve_report_clear(&report);
    row_is(store, "outputs/u", i, gkt_vector_size(u), gkt_vector_read(u));
  }
  gkt_store_close(&store);
  gkt_problem_destroy(&one);
  gkt_context_destroy(&ctx);
}

/* Newton's method may take one step, which is not enough. */
static const char unsolved[] = "mesh: {box: {cells: [2, 1]}}\nfields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: P1, value: '1'}}\n"
                               "equation: (k + u^2)*dot(grad(u), grad(v))*dx == 9*v*dx\nconditions: [{on: left, value: 0}]\nsolver: {nonlinear: {iterations: 1}}\n"
                               "sample: {count: 2, file: t739.h5, draw: {k: {gaussian_field: {length: 1}, exp: true}}}\n";

static void data_come_back(void **state) {
  (void)state;
  gkt_problem *p;
  const gkt_space *space;
  gkt_scalar *values;
  gkt_inputs inputs;
  bool valid;
  unlink(path);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}, &ctx));
  must(parse(ctx, unsolved, &p));
  must(gkt_problem_run(p, &valid));
  assert_false(valid);
  must(gkt_problem_values(p, "k", &space, &values));
  const gkt_state at = gkt_system_state(gkt_problem_system(p), gkt_problem_solution(p));
  must(gkt_system_inputs(gkt_problem_system(p), &at, &inputs));
  assert_ptr_equal(inputs.values[gkt_scope_find_function(gkt_problem_scope(p), "k")], values);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

/* Of each sample: not where the one before ended. */
static const char in_time[] = "mesh: {box: {cells: [2, 1]}}\nfields: {u: {space: P1, test: v}}\nconstants: {c: 1}\ncoefficients: {k: {space: P1, value: '1 + t'}}\n"
                              "equation: dt(u)*v*dx + c*k*dot(grad(u), grad(v))*dx == v*dx\ninitial: {u: 'k'}\ntime: {start: 0.5, end: 0.7, step: 0.1}\n"
                              "sample: {count: 3, file: t739.h5, draw: {c: {uniform: [1, 2]}}}\n";

static void starts_are_alike(void **state) {
  (void)state;
  gkt_problem *p;
  gkt_store *store;
  gkt_scalar values[3 * 6];
  bool valid;
  unlink(path);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}, &ctx));
  must(parse(ctx, in_time, &p));
  must(gkt_problem_run(p, &valid));
  assert_true(valid);
  gkt_problem_destroy(&p);
  must(gkt_store_open(ctx, path, false, "samples", 1, NULL, &store));
  for (int i = 0; i < 3; i++) {
    must(gkt_store_read_row(store, "outputs/u", i, values));
    for (int n = 0; n < 6; n++) assert_true(values[n] == 1.5);
  }
  gkt_store_close(&store);
  gkt_context_destroy(&ctx);
}

/* In place of the file that is there: the same problem, without rows. */
static void take_rows_away(void) {
  char *problem, *mesh;
  gkt_store *store;
  must(gkt_store_open(ctx, path, false, "samples", 1, NULL, &store));
  must(gkt_store_get_text(store, "problem", &problem));
  must(gkt_store_get_text(store, "mesh_hash", &mesh));
  gkt_store_close(&store);
  must(gkt_store_create(ctx, path, "samples", 1, &store));
  must(gkt_store_set_text(store, "problem", problem));
  must(gkt_store_set_text(store, "mesh_hash", mesh));
  must(gkt_store_write(store, &(gkt_store_array){"valid", GKT_STORE_BYTE, 1, {1}}, &(uint8_t){1}));
  must(gkt_store_write(store, &(gkt_store_array){"done", GKT_STORE_INT32, 0, {0}}, &(int32_t){1}));
  must(gkt_store_commit(&store));
  gkt_free(&problem);
  gkt_free(&mesh);
}

static void rows_are_missed(void **state) {
  (void)state;
  gkt_problem *p;
  bool valid;
  unlink(path);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}, &ctx));
  must(parse(ctx, small, &p));
  must(gkt_problem_run(p, &valid));
  gkt_problem_destroy(&p);
  take_rows_away();
  must(parse(ctx, small, &p));
  assert_int_equal(gkt_problem_run(p, &valid), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "it holds no 'inputs/c'"));
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

static gkt_status run(gkt_context *context, void *user) {
  gkt_problem *problem = NULL;
  gkt_status status;
  bool valid;
  (void)user;
  unlink(path);
  GKT_GO(parse(context, small, &problem));
  GKT_GO(gkt_problem_run(problem, &valid));
done:
  gkt_problem_destroy(&problem);
  return status;
}

static void memory_runs_out(void **state) {
  (void)state;
  const gkt_context_options options = {.backend = GKT_BACKEND_INTERPRETER, .threads = 1};
  const long stride = getenv("GKT_LONG") ? 1 : 4;
  long k = 0;
  while (try_without("data set", run, NULL, &options, k, k / stride % 2)) k += stride;
  assert_true(k > 300);
}

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  return snprintf(path, sizeof path, "%s/t739.h5", folder) < 0;
}

static int remove_folder(void **state) {
  (void)state;
  unlink(path);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_draws), cmocka_unit_test(data_come_back), cmocka_unit_test(starts_are_alike), cmocka_unit_test(rows_are_missed),
                                     cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
