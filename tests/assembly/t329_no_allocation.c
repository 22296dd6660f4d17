/* Claim: assembling a matrix, a vector and a number again, and eliminating conditions, calls malloc and its family not once, in the whole process: on every kind of cell, compiled
   and interpreted, for 1 and 2 threads. Cells of the plane and of space stand in the mixtures. */
#include "tests/counted_memory.h"
#include "tests/element_form.h"

typedef struct {
  field_problem problem;
  gkt_form *functional;
  gkt_assembler *number;
  gkt_constraints *conditions;
  gkt_csr *A;
  gkt_scalar *r, value;
} everything;

static void begin(everything *e, mesh_kind m, const field_kind *kind) {
  pose_every_terminal(&e->problem, kind, bent_mesh(m, 2, 1));
  e->functional = parse_form(&e->problem, GKT_FUNCTIONAL, every_functional(kind));
  e->number = make_assembler(&e->problem, e->functional);
  e->conditions = constrain_sides(&e->problem);
  must(gkt_assembler_matrix(e->problem.matrix, &e->A), kind->name);
  e->r = malloc((size_t)num_dofs(&e->problem) * sizeof *e->r);
}

static void end(everything *e) {
  free(e->r);
  gkt_csr_destroy(&e->A);
  gkt_constraints_destroy(&e->conditions);
  gkt_assembler_destroy(&e->number);
  gkt_form_destroy(&e->functional);
  end_problem(&e->problem);
}

static void assemble_all(everything *e) {
  const gkt_inputs *inputs = problem_inputs(&e->problem);
  must(gkt_assemble_matrix(e->problem.matrix, inputs, e->A), "matrix");
  must(gkt_assemble_vector(e->problem.vector, inputs, e->r), "vector");
  gkt_constraints_eliminate(e->conditions, e->A);
  gkt_constraints_lift(e->conditions, e->problem.u);
  gkt_constraints_zero(e->conditions, e->r);
  must(gkt_assemble_functional(e->number, inputs, &e->value), "functional");
}

static void check(mesh_kind m, gkt_backend backend, int threads) {
  field_kind kind = {mesh_kinds[m].name, mesh_kinds[m].dim, 2, 1};
  everything e = {0};
  use(backend, threads);
  begin(&e, m, &kind);
  assemble_all(&e); /* the threads start */
  long before = num_allocations;
  for (int repeat = 0; repeat < 3; repeat++) assemble_all(&e);
  long made = num_allocations - before;
  if (made) fail_msg("%s, backend %d, %d threads: %ld allocations", kind.name, (int)backend, threads, made);
  end(&e);
}

static void reassembly_allocates_nothing(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int threads = 1; threads <= 2 && !stands_in_a_mixture((mesh_kind)m); threads++) {
      check((mesh_kind)m, GKT_BACKEND_INTERPRETER, threads);
      check((mesh_kind)m, GKT_BACKEND_DEFAULT, threads);
    }
}

static void allocations_are_counted(void **unused) {
  (void)unused;
  long before = num_allocations;
  void *volatile p = malloc(10), *volatile q = calloc(3, 5);
  p = realloc(p, 1000);
  free(p), free(q);
  free(p = aligned_alloc(64, 64));
  assert_true(num_allocations >= before + 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_are_counted), cmocka_unit_test(reassembly_allocates_nothing)};
  return start_counting() ? cmocka_run_group_tests(tests, setup, teardown) : 1;
}
