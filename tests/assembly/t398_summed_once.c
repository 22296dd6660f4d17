/* Claim: where tensors are proven symmetric, and no cell has a node twice, the fused kernel of a device sums the pairs (i,j) and (j,i) of two rows of a patch once, and every bit
   is that of the CPU's `segmented`: scalars and blocks, stored and formed by pairs, with one row a patch (nothing is shared) and with all rows in one (all are), for random orders
   of threads; the matrix is symmetric bit for bit. Outputs that all cells have in common follow the constants of each call. Other forms are summed pair by pair. */
#include "tests/patch_fused.h"

#include "meshes/mesh.h"

static const char diffusion[] = "(1+c^2)*inner(grad(u), grad(v))*dx + k*u*v*dx == 0", robin[] = "inner(grad(u), grad(v))*dx + k*u*v*ds(left, top) == 0";
static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0";
static const char varying[] = "inner(sym(grad(u)), 2*c*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0";

static bool is_once(const posed *p, int target) {
  gkt_patch_shares shares;
  char why[200];
  must(gkt_patch_shares_create(p->assembler, target, &shares, why), "shares");
  const bool once = shares.once;
  gkt_patch_shares_clear(&shares);
  return once;
}

static void must_be_once(const posed *p, bool expected, const char *equation) {
  if (is_once(p, 0) != expected) fail_msg("%s: %s", equation, expected ? "pairs are summed twice" : "pairs are summed once");
}

/* Of one row, of some, of all: the rows that fit. */
static void sizes(gkt_mesh *mesh, int degree, int components, bool once, const char *equation) {
  static const gkt_idx rows[] = {1, 20, 1024};
  posed p;
  pose(mesh, degree, components, false, 2, equation, &p);
  must_be_once(&p, once, equation);
  gkt_scalar *expected = assemble(&p);
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) same(&p, expected, &(gkt_fused_options){.rows = rows[k], .window = k ? 32 : 0, .on_host = k == 1}, equation);
  free(expected);
  drop(&p);
}

static void any_size(void **state) {
  (void)state;
  begin();
  sizes(bent_mesh(TETRAHEDRA, 2, 1), 1, 1, true, diffusion);
  sizes(bent_mesh(TETRAHEDRA, 1, 1), 2, 1, true, robin);
  sizes(bent_mesh(MIXED_SPACE, 3, 1), 1, 1, true, diffusion);
  sizes(bent_mesh(TRIANGLES, 3, 1), 1, 2, true, elasticity);
  sizes(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, true, elasticity);
  sizes(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, true, varying);
  sizes(bent_mesh(HEXAHEDRA, 1, 1), 1, 3, true, elasticity);
}

static void without_symmetry(void **state) {
  (void)state;
  begin();
  sizes(bent_mesh(TRIANGLES, 3, 1), 1, 1, false, "(inner(grad(u), grad(v)) + grad(u)[0]*v)*dx == 0");
  sizes(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, "(inner(grad(u), grad(v)) + k*grad(u)[0,1]*grad(v)[2,0])*dx == 0");
}

static void symmetric_bit_for_bit(void **state) {
  (void)state;
  char why[200];
  posed p;
  gkt_csr *A;
  begin();
  pose(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, elasticity, &p);
  gkt_scalar *values = assemble_fused(&p, &(gkt_fused_options){.window = 32}, why);
  assert_string_equal(why, "");
  must(gkt_assembler_matrix(p.assembler, &A), "matrix");
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      gkt_idx at = A->row_offsets[A->cols[k]];
      while (A->cols[at] != i) at++;
      assert_memory_equal(&values[k], &values[at], sizeof *values);
    }
  gkt_csr_destroy(&A);
  free(values);
  drop(&p);
}

/* Of a form with more outputs than one, of constants alone; and of one with too many. */
static void constants_of_each_call(void **state) {
  (void)state;
  static const char *const forms[] = {elasticity, "(k*inner(grad(u), grad(v)) + (k^2 + 0.1)*grad(u)[0,0]*grad(v)[0,0] + sin(k)*div(u)*div(v))*dx == 0"};
  begin();
  for (int f = 0; f < 2; f++) {
    posed p;
    pose(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, forms[f], &p);
    for (int k = 0; k < 2; k++) {
      p.constants[0] = 0.4 + 1.7 * k;
      gkt_scalar *expected = assemble(&p);
      same(&p, expected, &(gkt_fused_options){.window = 32}, forms[f]);
      free(expected);
    }
    drop(&p);
  }
}

static void of_several_fields(void **state) {
  (void)state;
  posed p;
  begin();
  const char equation[] = "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx == 0";
  pose(bent_mesh(TRIANGLES, 3, 1), 2, 2, true, 2, equation, &p);
  for (int t = 0; t < 4; t++) assert_int_equal(is_once(&p, t), t == 0 || t == 3); /* blocks on the diagonal */
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 30, .window = 32}, equation);
  free(expected);
  drop(&p);
}

static void any_order(void **state) {
  (void)state;
  use_random_order(5);
  begin();
  sizes(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, true, elasticity);
  sizes(bent_mesh(TRIANGLES, 3, 1), 2, 1, true, diffusion);
  use_random_order(0);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_size),          cmocka_unit_test(without_symmetry), cmocka_unit_test(symmetric_bit_for_bit), cmocka_unit_test(constants_of_each_call),
      cmocka_unit_test(of_several_fields), cmocka_unit_test(any_order)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
