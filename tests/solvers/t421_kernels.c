/* Claim: gkt_null_space_find finds what a system of several fields leaves undetermined, vector for vector, and nothing else: the pressure of an enclosed flow in any unit,
   potentials without a condition, one constant over fields that exchange, motions of a body; not a pressure that outflow or a compressibility of 1e-11 fixes, nor a mean that a
   multiplier fixes. The left kernel of a flow with convection is found as well, and what does not balance is named. Truth: the kernels of the schemes, known by construction; A z
   by a plain loop. */
#include "tests/gkt_test.h"
#include "tests/block_systems.h"
#include "tests/systems.h"

static gkt_null_space *find(const gkt_csr *A, const gkt_system_facts *facts) {
  gkt_null_space *kernel;
  if (gkt_null_space_find(ctx, A, facts, &kernel) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return kernel;
}

/* Vector k is 1 on one block and 0 elsewhere. */
static void is_constant_of(const gkt_null_space *kernel, int k, const gkt_block_facts *block) {
  for (gkt_idx i = 0; i < kernel->num_rows; i++) {
    bool inside = i >= block->first && i < block->first + block->count;
    assert_true(fabs(kernel->right[(gkt_size)k * kernel->num_rows + i] - inside) < 1e-12);
  }
}

static void pressures_of_enclosed_flows(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int c = 0; c < 12; c++) {
      test_stokes o = {.n = dim == 2 ? 12 : 5,
                       .dim = dim,
                       .open = c % 2,
                       .apart = c / 2 % 2,
                       .viscosity = 1e-3,
                       .unit = c < 4   ? 1
                               : c < 8 ? 1e9
                                       : 1e-7,
                       .wind = c % 3 == 2 ? 1 : 0};
      test_blocks s;
      test_stokes_create(ctx, &o, &s);
      gkt_null_space *kernel = find(s.A, &s.facts);
      int p = s.facts.num_blocks - 1;
      assert_int_equal(kernel->count, !o.open);
      assert_int_equal(kernel->num_left, !o.open);
      if (!o.open) {
        is_constant_of(kernel, 0, &s.blocks[p]);
        assert_int_equal(kernel->right_blocks[0], p);
        assert_int_equal(kernel->left_blocks[0], p);
      }
      assert_true(o.open || (kernel->left == kernel->right) == s.facts.symmetric);
      gkt_null_space_destroy(&kernel);
      test_blocks_destroy(&s);
    }
}

/* -p/k on the diagonal of the pressure, with k so large that it is 1e-11 of minus the Schur complement. */
static void a_compressible_fluid_has_none(void **state) {
  (void)state;
  test_blocks s;
  test_stokes_create(ctx, &(test_stokes){.n = 10, .dim = 2, .viscosity = 1, .unit = 1}, &s);
  const gkt_block_facts *p = &s.blocks[1];
  for (gkt_idx i = 0; i < p->count; i++) *entry(s.A, p->first + i, p->first + i) = -1e-11 * s.schur->vals[i];
  gkt_null_space *kernel = find(s.A, &s.facts);
  assert_int_equal(kernel->count, 0);
  gkt_null_space_destroy(&kernel);
  test_blocks_destroy(&s);
}

static void potentials(void **state) {
  (void)state;
  static const struct {
    test_diffusions o;
    int count;
  } cases[] = {{{.n = 8, .dim = 2, .fields = 2}, 2},
               {{.n = 8, .dim = 2, .fields = 3, .exchange = 5}, 1},
               {{.n = 5, .dim = 3, .fields = 2, .exchange = 1e-3, .hold = true}, 0},
               {{.n = 5, .dim = 3, .fields = 2, .hold = true}, 1},
               {{.n = 8, .dim = 2, .fields = 1, .mean = true}, 0},
               {{.n = 8, .dim = 2, .fields = 2, .mean = true}, 1}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    test_blocks s;
    test_diffusions_create(ctx, &cases[c].o, &s);
    gkt_null_space *kernel = find(s.A, &s.facts);
    assert_int_equal(kernel->count, cases[c].count);
    if (c == 0)
      for (int k = 0; k < 2; k++) is_constant_of(kernel, k, &s.blocks[kernel->right_blocks[k]]);
    if (c == 0) assert_int_not_equal(kernel->right_blocks[0], kernel->right_blocks[1]);
    if (c == 1)
      for (gkt_idx i = 0; i < kernel->num_rows; i++) assert_true(fabs(kernel->right[i] - 1) < 1e-12); /* all three together */
    if (c == 3 || c == 5) is_constant_of(kernel, 0, &s.blocks[1]);
    gkt_null_space_destroy(&kernel);
    test_blocks_destroy(&s);
  }
}

/* As one field, and as a block beside a temperature that nothing couples and a sink holds. Constrained: motions that do not move what is held. */
static void bodies(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 4, 3, element_elastic, NULL, false, &s);
  gkt_null_space *kernel = find(s.A, &s.facts);
  assert_int_equal(kernel->count, 6);
  gkt_null_space_destroy(&kernel);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) s.fixed[i] = i % 3 == 2; /* the third component is held: two translations and a rotation are left */
  fix_dofs(&s, 0.1);
  s.facts.constrained = s.fixed;
  kernel = find(s.A, &s.facts);
  assert_int_equal(kernel->count, 3);
  double *az = malloc(sizeof(double) * (size_t)s.A->num_rows);
  for (int k = 0; k < 3; k++) {
    const double *z = kernel->right + (gkt_size)k * s.A->num_rows;
    double most = 0;
    gkt_csr_multiply(s.A, z, az);
    for (gkt_idx i = 0; i < s.A->num_rows; i++) assert_true(fabs(az[i]) < 1e-14 && (!s.fixed[i] || z[i] == 0)), most = fmax(most, fabs(z[i]));
    assert_true(most > 0.4 && most < 2.1);
  }
  gkt_null_space_destroy(&kernel);
  free(az);
  test_system_destroy(&s);
}

/* Sources of a pressure that do not sum to 0 are told, and are gone after the projection, which changes nothing else. */
static void what_does_not_balance_is_named(void **state) {
  (void)state;
  test_blocks s;
  test_stokes_create(ctx, &(test_stokes){.n = 6, .dim = 3, .viscosity = 1, .unit = 1, .wind = 2}, &s);
  gkt_null_space *kernel = find(s.A, &s.facts);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] = sin(i);
  for (gkt_idx i = 0; i < s.blocks[1].count; i++) s.b[s.blocks[1].first + i] = i % 2 ? 3 : -1;
  gkt_imbalance off = gkt_null_space_imbalance(kernel, s.b);
  assert_true(off.vector == 0 && off.block == 1 && fabs(off.total - 216) < 1e-9 && fabs(off.size - 432) < 1e-9);
  gkt_null_space_project(kernel, true, s.b);
  off = gkt_null_space_imbalance(kernel, s.b);
  assert_true(fabs(off.total) <= 1e-12 * off.size);
  for (gkt_idx i = 0; i < s.blocks[1].first; i++) assert_true(s.b[i] == sin(i));
  for (gkt_idx i = 0; i < s.blocks[1].count; i++) assert_true(fabs(s.b[s.blocks[1].first + i] - (i % 2 ? 2 : -2)) < 1e-12);
  gkt_null_space_destroy(&kernel);
  test_blocks_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pressures_of_enclosed_flows), cmocka_unit_test(a_compressible_fluid_has_none), cmocka_unit_test(potentials),
                                     cmocka_unit_test(bodies), cmocka_unit_test(what_does_not_balance_is_named)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
