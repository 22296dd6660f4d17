/* Claim: what an assembly costs on a device is counted for the strategy that the model chose: the least bytes are those of the mesh and the matrix, nothing costs less; the
   strategy chosen by `auto` is the one whose prediction is the least, and both are told as predictions; rates of an unknown architecture are those of the nearest known one below.
   Other backends have no such costs. */
#include "tests/emulated_device.h"
#include "tests/element_form.h"

#include "assembly/device_count.h"

static char logged[4000];
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
}

static void begin_on(field_problem *p, gkt_backend backend, mesh_kind m, int n, int degree, const char *equation) {
  static field_kind kind;
  kind = (field_kind){mesh_kinds[m].name, mesh_kinds[m].dim, degree, 1};
  *logged = 0;
  use_context((gkt_context_options){.backend = backend, .reduce = GKT_REDUCE_AUTO, .log = keep_lines});
  begin_problem(p, &kind, unit_mesh(m, n));
  pose_problem(p, equation, "0");
}

static void the_least_is_known(void **state) {
  (void)state;
  field_problem p;
  gkt_device_cost c;
  gkt_csr *A;
  begin_on(&p, GKT_BACKEND_CUDA, TETRAHEDRA, 4, 1, "inner(grad(u), grad(v))*dx == v*dx");
  must(gkt_assembler_get_cost(p.matrix, &c), "cost");
  must(gkt_assembler_matrix(p.matrix, &A), "matrix");
  const double cells = gkt_mesh_num_cells(p.mesh), nodes = gkt_mesh_num_nodes(p.mesh), entries = A->row_offsets[A->num_rows];
  assert_int_equal(c.cells, gkt_mesh_num_cells(p.mesh));
  assert_true(c.floor_bytes == 16 * cells + 24 * nodes + 8 * entries);
  assert_true(c.dram_bytes > c.floor_bytes && c.l2_bytes > c.floor_bytes && c.computed >= c.cells);
  assert_true(c.wavefronts > 0 && c.instructions > c.fp64 && c.fp64 > 16 * cells);
  gkt_csr_destroy(&A);
  end_problem(&p);
}

/* The slower end of the n-th prediction for a strategy among what was told. */
static double told(const char *strategy, int n) {
  char start[60];
  const char *at = logged;
  double least = -1;
  snprintf(start, sizeof start, ", %s: ", strategy);
  for (int k = 0; k <= n && at; k++) {
    at = strstr(k ? at + 1 : at, "predicted for ");
    while (at && strncmp(strchr(at, ','), start, strlen(start))) at = strstr(at + 1, "predicted for ");
  }
  if (at) sscanf(strchr(at, ':'), ": %lf", &least);
  return least;
}

static void check_choice(mesh_kind m, int n, int degree, const char *equation) {
  field_problem p;
  begin_on(&p, GKT_BACKEND_CUDA, m, n, degree, equation);
  const gkt_assembler *made[] = {p.vector, p.matrix};
  for (int k = 0; k < 2; k++) {
    gkt_assembler_info info;
    gkt_device_cost c;
    gkt_assembler_get_info(made[k], &info);
    must(gkt_assembler_get_cost(made[k], &c), "cost");
    assert_string_equal(info.reduce, c.strategy);
    const double fused = told("fused", k), segmented = told("segmented", k);
    if (fused < 0 || segmented < 0) fail_msg("no predictions:\n%s", logged);
    if (fused != segmented) assert_string_equal(info.reduce, fused > segmented ? "fused" : "segmented");
  }
  end_problem(&p);
}

static void auto_takes_the_least(void **state) {
  (void)state;
  check_choice(TETRAHEDRA, 3, 1, "inner(grad(u), grad(v))*dx == v*dx");
  check_choice(TETRAHEDRA, 2, 2, "exp(u)*inner(grad(u), grad(v))*dx == sin(u)*v*dx");
  check_choice(HEXAHEDRA, 3, 1, "exp(u)*inner(grad(u), grad(v))*dx == sin(u)*v*dx");
}

static void rates(void **state) {
  (void)state;
  assert_string_equal(gkt_device_rates_of(80, 0).name, gkt_device_rates_of(86, 0).name);
  assert_string_equal(gkt_device_rates_of(100, 0).name, gkt_device_rates_of(120, 0).name);
  const gkt_device_rates whole = gkt_device_rates_of(90, 132), half = gkt_device_rates_of(90, 66);
  assert_true(whole.fp64 == 2 * half.fp64 && whole.wavefronts == 2 * half.wavefronts && whole.dram == half.dram);
  const gkt_device_cost c = {.dram_bytes = whole.dram, .fp64 = 3 * whole.fp64, .instructions = 2 * whole.instructions, .floor_bytes = whole.dram / 2};
  const gkt_device_prediction p = gkt_device_predict(&c, &whole);
  assert_true(fabs(p.best - 3) < 1e-12 && fabs(p.worst - 5) < 1e-12 && fabs(p.floor - 0.5) < 1e-12);
  assert_string_equal(p.limit, "fp64");
}

static void others_have_none(void **state) {
  (void)state;
  field_problem p;
  gkt_device_cost c;
  begin_on(&p, GKT_BACKEND_INTERPRETER, TRIANGLES, 2, 1, "u*v*dx == v*dx");
  assert_int_equal(gkt_assembler_get_cost(p.matrix, &c), GKT_BAD_ARGUMENT);
  end_problem(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_least_is_known), cmocka_unit_test(auto_takes_the_least), cmocka_unit_test(rates), cmocka_unit_test(others_have_none)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
