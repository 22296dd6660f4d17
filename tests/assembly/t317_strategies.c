/* Claim: the strategies fused, segmented and spmm give the same matrices, vectors and numbers on every kind of mesh, over cells and facets, to 1e-12 of the largest entry; each has
   the same bits for 1, 2 and 4 threads and when assembled again, from poisoned memory; matrices that are symmetric are so to the last bit; `auto` says what it chose and why, and
   takes the least by its model; a strategy that does not exist is refused. */
#include "tests/element_results.h"

static const struct {
  const char *name;
  gkt_reduce_strategy strategy;
} strategies[] = {{"fused", GKT_REDUCE_FUSED}, {"segmented", GKT_REDUCE_SEGMENTED}, {"spmm", GKT_REDUCE_SPMM}};
enum { NUM_STRATEGIES = sizeof strategies / sizeof *strategies };

static char logged[3][300]; /* the last line about a matrix, a vector, a number */
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  static const char *const of[] = {"reduce of a matrix: ", "reduce of a vector: ", "reduce of a number: "};
  (void)user;
  for (int i = 0; i < 3; i++)
    if (level == GKT_LOG_DETAIL && strstr(message, of[i]) == message) snprintf(logged[i], sizeof logged[i], "%s", message + strlen(of[i]));
}

static gkt_backend backend = GKT_BACKEND_INTERPRETER;
static void use_strategy(gkt_reduce_strategy strategy, int threads) {
  memset(logged, 0, sizeof logged);
  use_context((gkt_context_options){.backend = backend, .threads = threads, .poison = true, .reduce = strategy, .log = keep_lines});
}

static void names_what_runs(const char *name) {
  for (int i = 0; i < 3; i++)
    if (strstr(logged[i], name) != logged[i]) fail_msg("expected %s, which was asked for: %s", name, logged[i]);
}

static double farthest(const gkt_scalar *x, const gkt_scalar *y, gkt_idx n) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i] - y[i])) + (isnan(x[i] - y[i]) ? INFINITY : 0);
  return most;
}

static void near(const char *what, const results *a, const results *b) {
  double matrix = farthest(a->matrix, b->matrix, a->entries), vector = farthest(a->vector, b->vector, a->dofs);
  assert_int_equal(a->entries, b->entries);
  if (!(matrix <= 1e-12 * a->matrix_size)) fail_msg("%s: matrices differ by %g of %g", what, matrix, a->matrix_size);
  if (!(vector <= 1e-12 * a->vector_size)) fail_msg("%s: vectors differ by %g of %g", what, vector, a->vector_size);
  if (!(fabs(a->number - b->number) <= 1e-12 * fabs(a->number))) fail_msg("%s: numbers differ: %.17g, %.17g", what, a->number, b->number);
}

static void same_bits(const results *a, const results *b) {
  assert_memory_equal(a->matrix, b->matrix, (size_t)a->entries * sizeof *a->matrix);
  assert_memory_equal(a->vector, b->vector, (size_t)a->dofs * sizeof *a->vector);
  assert_memory_equal(&a->number, &b->number, sizeof a->number);
}

static void compare(mesh_kind m, int n, int degree, int components, bool discontinuous) {
  field_kind kind = {mesh_kinds[m].name, mesh_kinds[m].dim, degree, components};
  results fused = {0};
  for (int s = 0; s < NUM_STRATEGIES; s++) {
    results first = {0};
    for (int threads = 1; threads <= 4; threads *= 2) {
      use_strategy(strategies[s].strategy, threads);
      results r = assemble_of(&kind, bent_mesh(m, n, 1), lagrange(discontinuous, kind.degree));
      names_what_runs(strategies[s].name);
      if (threads == 1) first = r;
      else same_bits(&first, &r), free_results(&r);
    }
    if (s == 0) fused = first;
    else near(kind.name, &fused, &first), free_results(&first);
  }
  free_results(&fused);
}

static void strategies_agree(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    compare((mesh_kind)m, 2, 1, mesh_kinds[m].dim == 1 ? 2 : mesh_kinds[m].dim, false);
    compare((mesh_kind)m, 2, 2, 1, false);
  }
  compare(TRIANGLES, 12, 3, 1, false);
  compare(QUADRILATERALS, 3, 1, 1, true);
  compare(MIXED_SPACE, 5, 1, 1, false);
  compare(LINES, 3000, 1, 1, false); /* numbers of more cells than one run of terms */
  backend = GKT_BACKEND_CPU;
  compare(MIXED_SPACE, 3, 1, 3, false);
  backend = GKT_BACKEND_INTERPRETER;
}

static gkt_form *parse_into(field_problem *p, const char *text) {
  gkt_source source = {.text = text, .key = "equation"};
  gkt_form *form = NULL;
  must(gkt_form_parse(p->scope, GKT_EQUATION, &source, &form), text);
  return form;
}

/* Elasticity with a spring on one side, twice. */
static void matrices_keep_their_symmetry_and_their_bits(void **unused) {
  (void)unused;
  field_kind kind = {"elasticity", 3, 2, 3};
  for (int s = 0; s < NUM_STRATEGIES; s++) {
    field_problem p;
    gkt_form *residual, *tangent;
    use_strategy(strategies[s].strategy, 2);
    begin_problem(&p, &kind, bent_mesh(MIXED_SPACE, 3, 1));
    residual = parse_into(&p, "inner(sym(grad(u)), grad(v))*dx + (1 + x[1]^2)*div(u)*div(v)*dx + dot(n, u)*dot(n, v)*ds(left)");
    must(gkt_form_derivative(residual, 1, (const int[]){0}, &tangent), "derivative");
    p.matrix = make_assembler(&p, tangent);
    gkt_csr *A = assemble_tangent(&p);
    gkt_scalar *vals = copied(A->vals, A->row_offsets[A->num_rows]);
    must(gkt_assemble_matrix(p.matrix, problem_inputs(&p), A), "again");
    assert_memory_equal(vals, A->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *vals);
    for (gkt_idx i = 0; i < A->num_rows; i++)
      for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
        gkt_idx j = A->cols[k], at = A->row_offsets[j];
        while (A->cols[at] != i) at++;
        assert_true(A->vals[k] == A->vals[at]);
      }
    free(vals);
    gkt_csr_destroy(&A);
    gkt_assembler_destroy(&p.matrix);
    gkt_form_destroy(&tangent), gkt_form_destroy(&residual);
    gkt_space_destroy(&p.space);
    gkt_scope_destroy(&p.scope);
    gkt_mesh_destroy(&p.mesh);
    free(p.u);
  }
}

/* What the assembler reports for a strategy; `auto` moves no more than any. */
static gkt_assembler_info info_of(gkt_reduce_strategy strategy) {
  field_kind kind = {"auto", 3, 1, 3};
  field_problem p;
  gkt_assembler_info info;
  use_strategy(strategy, 1);
  begin_problem(&p, &kind, bent_mesh(TETRAHEDRA, 6, 1));
  pose_problem(&p, "inner(grad(u), grad(v))*dx", "0");
  gkt_assembler_get_info(p.matrix, &info);
  end_problem(&p);
  return info;
}

static void automatic_is_the_least_and_says_why(void **unused) {
  (void)unused;
  gkt_assembler_info chosen = info_of(GKT_REDUCE_AUTO);
  assert_non_null(strstr(logged[0], "the least by the model: bytes per cell"));
  assert_string_equal(chosen.reduce, "fused");
  for (int s = 0; s < NUM_STRATEGIES; s++) {
    gkt_assembler_info info = info_of(strategies[s].strategy);
    assert_string_equal(info.reduce, strategies[s].name);
    assert_true(info.reduce_bytes >= chosen.reduce_bytes && info.reduce_bytes > 0);
    assert_non_null(strstr(logged[0], "as asked"));
    if (s > 0) assert_int_equal(info.element_bytes, 6 * 6 * 6 * 6 * 144 * sizeof(gkt_scalar)); /* 6 tetrahedra a box, tensors of 12 x 12 */
  }
}

static void unknown_strategies_are_refused(void **unused) {
  (void)unused;
  field_kind kind = {"unknown", 2, 1, 1};
  for (int bad = -1; bad <= 4; bad += 5) {
    field_problem p;
    gkt_assembler *a = NULL;
    use_strategy((gkt_reduce_strategy)bad, 1);
    begin_problem(&p, &kind, bent_mesh(TRIANGLES, 2, 1));
    p.residual = parse_into(&p, "u*v*dx");
    assert_int_equal(gkt_assembler_create(p.residual, p.mesh, p.spaces, &a), GKT_BAD_ARGUMENT);
    assert_non_null(strstr(gkt_context_message(ctx), "expected 0 (auto) to 3 (spmm)"));
    assert_null(a);
    end_problem(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(strategies_agree), cmocka_unit_test(matrices_keep_their_symmetry_and_their_bits),
                                     cmocka_unit_test(automatic_is_the_least_and_says_why), cmocka_unit_test(unknown_strategies_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
