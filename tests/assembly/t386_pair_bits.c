/* Claim: where the summing thread forms the blocks of large tensors from small records, every bit is that of the CPU's `segmented`, for patches of any size and random orders of
   threads: from numbers of the reference cell, by factors and by moments; from sums over the points, of values and gradients, on straight and curved cells; symmetric and not; of
   one field and of several. */
#include "tests/patch_fused.h"

static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0";

static void numbers_of_the_reference_cell(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, elasticity);
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "(inner(grad(u), grad(v)) + k*dot(u, v))*dx(degree=4) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "(inner(sym(grad(u)), 2*k*sym(grad(v))) + u[0]*div(v) + k*grad(u)[1,2]*v[1] + u[2]*v[0])*dx(degree=4) == 0");
  check_pairs(bent_mesh(TRIANGLES, 2, 1), 3, 2, false, elasticity);
}

/* What stands behind a record is another cell's: gradients of nodes, 2 on a line, have no room in a record of one factor. */
static void records_of_few_factors(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(LINES, 7, 1), 1, 1, true, "(grad(u)[0]*grad(v)[0] + 2*grad(p)[0]*grad(q)[0] + u*q - p*v)*dx == 0");
  check(bent_mesh(TRIANGLES, 2, 1), 1, 2, false, 2, "k*inner(grad(u), grad(v))*dx == 0");
}

static void sums_over_points(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 2, 1), 2, 3, false, "(1+c^2)*inner(sym(grad(u)), sym(grad(v)))*dx(degree=2) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "dot(grad(u)*u, v)*dx(degree=3) + c*dot(u, v)*dx(degree=3) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 2), 2, 3, false, "exp(c)*(inner(grad(u), grad(v)) + k*u[0]*v[0])*dx(degree=2) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "inner((I + grad(u))*(grad(u).T*grad(u) + 2*sym(grad(u))), grad(v))*dx(degree=2) == 0");
}

/* Records, and what padding adds, of more scalars than a patch has threads. */
static void large_records(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(HEXAHEDRA, 1, 1), 2, 3, false, "exp(c)*inner(grad(u), grad(v))*dx(degree=5) == 0");
}

/* Integrals whose rules differ add to one tensor, in every way; a coupling may be the transpose of another. */
static void several_integrals(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx(degree=2) + k*dot(u, v)*dx(degree=4) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "dot(grad(u)*u, v)*dx(degree=3) + k*inner(grad(u), grad(v))*dx(degree=2) + c*u[0]*v[1]*dx(degree=1) == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "inner(grad(u), grad(v))*dx(degree=2) + (1+c^2)*inner(grad(u), grad(v))*dx(degree=3) == 0");
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, true, 2, "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx == 0");
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 2; seed++) {
    use_random_order(seed);
    begin();
    check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, elasticity);
  }
  use_random_order(0);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(records_of_few_factors), cmocka_unit_test(numbers_of_the_reference_cell),
                                     cmocka_unit_test(sums_over_points),       cmocka_unit_test(large_records),
                                     cmocka_unit_test(several_integrals),      cmocka_unit_test(any_order)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
