/* Claim: a table of blocks that does not tile the rows of the matrix, gives a name twice, or comes with a Schur complement of another size is refused with the block's name and the
   number that was expected; one that does is taken. */
#include "tests/gkt_test.h"
#include "tests/systems.h"

static gkt_csr *identity(gkt_idx n) {
  gkt_csr *A;
  assert_int_equal(gkt_csr_create(ctx, n, n, n, 1, &A), GKT_OK);
  for (gkt_idx i = 0; i <= n; i++) A->row_offsets[i] = i;
  for (gkt_idx i = 0; i < n; i++) A->cols[i] = i, A->vals[i] = 2;
  return A;
}

static void tables_are_checked(void **state) {
  (void)state;
  gkt_csr *A = identity(6), *small = identity(1);
  static const struct {
    const char *expected; /* NULL: taken */
    gkt_block_facts blocks[2];
    int count;
  } cases[] = {
      {NULL, {{.name = "u", .count = 4, .block_size = 2}, {.name = "p", .first = 4, .count = 2, .block_size = 1}}, 2},
      {"block 1 of the system has no name", {{.name = "u", .count = 4, .block_size = 2}, {.name = "", .first = 4, .count = 2, .block_size = 1}}, 2},
      {"blocks 0 and 1 of the system are both called 'u'", {{.name = "u", .count = 4, .block_size = 2}, {.name = "u", .first = 4, .count = 2, .block_size = 1}}, 2},
      {"block 'p' begins at row 3; expected 4", {{.name = "u", .count = 4, .block_size = 2}, {.name = "p", .first = 3, .count = 3, .block_size = 1}}, 2},
      {"block 'u': block size 3 does not divide 4 rows", {{.name = "u", .count = 4, .block_size = 3}, {.name = "p", .first = 4, .count = 2, .block_size = 1}}, 2},
      {"the blocks have 5 rows, the matrix has 6", {{.name = "u", .count = 4, .block_size = 2}, {.name = "p", .first = 4, .count = 1, .block_size = 1}}, 2},
      {"block 'p': the approximation of its Schur complement is 1 x 1; expected 2 x 2",
       {{.name = "u", .count = 4, .block_size = 2}, {.name = "p", .first = 4, .count = 2, .block_size = 1}},
       2},
      {"a table of 0 blocks", {{.name = "u", .count = 6, .block_size = 1}}, 0},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gkt_block_facts blocks[2] = {cases[c].blocks[0], cases[c].blocks[1]};
    const gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 2, .num_blocks = cases[c].count, .blocks = blocks};
    gkt_linear_report r;
    double b[6] = {2, 2, 2, 2, 2, 2}, x[6] = {0};
    if (cases[c].expected && strstr(cases[c].expected, "Schur")) blocks[1].schur = small;
    gkt_status status = gkt_linear_solve(ctx, A, &facts, b, x, NULL, &r);
    assert_int_equal(status, cases[c].expected ? GKT_BAD_ARGUMENT : GKT_OK);
    if (cases[c].expected && !strstr(gkt_context_message(ctx), cases[c].expected)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), cases[c].expected);
    gkt_context_clear(ctx);
    if (status == GKT_OK) {
      assert_true(r.converged && x[5] == 1);
      gkt_linear_report_clear(&r);
    }
  }
  gkt_csr_destroy(&A);
  gkt_csr_destroy(&small);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(tables_are_checked, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
