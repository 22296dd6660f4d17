/* Claim: where integrals over facets, or over some of the cells, add to blocks that the summing thread forms from records, every bit is still that of the CPU's `segmented`: for
   patches of any size, random orders of threads; of one facet of a cell and of several, in any order of the integrals; with moments and without, gradients and
   normals; on straight and curved cells and on facets of two kinds; symmetric and not; of several fields. */
#include "tests/patch_fused.h"

static const char elastic[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx";

/* elastic + what: of degree 2 on tetrahedra. */
static void check_beside(gkt_mesh *mesh, const char *what) {
  char equation[400];
  snprintf(equation, sizeof equation, "%s + %s == 0", elastic, what);
  check_pairs(mesh, 2, 3, false, equation);
}

static void foundations(void **state) {
  (void)state;
  begin();
  check_beside(bent_mesh(TETRAHEDRA, 1, 1), "k*dot(u, v)*ds");              /* moments; corners have several facets */
  check_beside(bent_mesh(TETRAHEDRA, 1, 1), "k*c*dot(u, v)*ds(left, top)"); /* sums over points */
  check_beside(bent_mesh(TETRAHEDRA, 1, 1), "k*dot(u, n)*dot(v, n)*ds(top) + c*u[0]*v[0]*ds(left) + exp(c)*u[1]*v[1]*ds");
  check_pairs(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*dot(u, v)*ds(left) == 0");
  check_pairs(bent_mesh(TRIANGLES, 2, 1), 3, 2, false, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*dot(u, v)*ds == 0");
}

static void gradients_on_facets(void **state) {
  (void)state;
  begin();
  check_beside(bent_mesh(TETRAHEDRA, 1, 1), "(k*inner(grad(u), grad(v)) - dot(grad(u)*n, v) - dot(grad(v)*n, u))*ds(left)");
  check_beside(bent_mesh(TETRAHEDRA, 1, 1), "c*dot(grad(u)*n, v)*ds(right)"); /* not symmetric */
  check_pairs(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*dot(grad(u)*n, grad(v)*n)*ds == 0");
}

/* In the order of summation: integrals before those over all cells, several over all cells. */
static void any_order_of_integrals(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "c*dot(u, v)*ds(left) + k*u[0]*v[0]*ds(top) + inner(grad(u), grad(v))*dx == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false,
              "c*dot(u, v)*ds(left) + inner(grad(u), grad(v))*dx(degree=2) + k*u[1]*v[1]*ds(top) + (1+c^2)*dot(u, v)*dx(degree=3) + u[2]*v[2]*ds == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "c*dot(u, v)*ds + dot(u, n)*dot(v, n)*ds(left) == 0"); /* nothing over all cells */
}

/* Integrals over some of the cells have records of their own, too. */
static gkt_mesh *with_some(gkt_mesh *mesh) {
  gkt_idx count = 0, *cells = malloc((size_t)gkt_mesh_num_cells(mesh) * sizeof *cells);
  for (gkt_idx c = 1; c < gkt_mesh_num_cells(mesh); c += 3) cells[count++] = c;
  must(gkt_mesh_add_set(mesh, "some", gkt_mesh_dim(mesh), count, cells), "some");
  free(cells);
  return mesh;
}

static void some_of_the_cells(void **state) {
  (void)state;
  begin();
  check_beside(with_some(bent_mesh(TETRAHEDRA, 1, 1)), "k*dot(u, v)*dx(some) + c*inner(grad(u), grad(v))*dx(some) + c*u[0]*v[0]*ds(left)");
  check_pairs(with_some(bent_mesh(TETRAHEDRA, 1, 1)), 2, 3, false, "k*inner(grad(u), grad(v))*dx(some) + c*dot(u, v)*ds == 0");
}

static void curved_cells_and_two_kinds_of_facets(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 1, 2), 2, 3, false, "exp(c)*inner(grad(u), grad(v))*dx(degree=2) + k*dot(u, n)*dot(v, n)*ds(degree=2) == 0");
  check_pairs(bent_mesh(PRISMS, 1, 1), 2, 3, false, "exp(c)*inner(grad(u), grad(v))*dx(degree=2) + k*dot(u, v)*ds(degree=2) + c*dot(grad(u)*n, v)*ds(top, left, degree=1) == 0");
  check_pairs(bent_mesh(HEXAHEDRA, 1, 1), 2, 3, false, "exp(c)*inner(grad(u), grad(v))*dx(degree=2) + k*dot(u, v)*ds(left, top, degree=2) == 0");
}

/* Whose first block is by pairs. Tensors that others go into are whole before they are added to those of facets. */
static void check_fields(const char *equation) {
  gkt_patch_shares shares;
  char why[200];
  posed p;
  pose(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, true, 2, equation, &p);
  must(gkt_patch_shares_create(p.assembler, 0, &shares, why), "shares");
  assert_true(shares.kinds[0].stride && shares.kinds[0].link >= 0);
  gkt_patch_shares_clear(&shares);
  drop(&p);
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, true, 2, equation);
}

static void several_fields(void **state) {
  (void)state;
  begin();
  check_fields("inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx + k*dot(u, v)*ds(left) + p*dot(v, n)*ds(top) + q*dot(u, n)*ds(top) == 0");
  check_fields("c*dot(u, v)*ds(left) + k*u[0]*v[0]*ds(top) + k*inner(grad(u), grad(v))*dx(degree=2) + (1+c^2)*dot(u, v)*dx(degree=3) - p*div(v)*dx(degree=3) + c*p*q*dx == 0");
}

static void orders_of_threads(void **state) {
  (void)state;
  for (int seed = 1; seed <= 3; seed++) {
    use_random_order(seed);
    begin();
    check_beside(bent_mesh(TETRAHEDRA, 1, 1), "k*c*dot(u, v)*ds + k*u[0]*v[0]*ds(left)");
  }
  use_random_order(0);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(foundations),    cmocka_unit_test(gradients_on_facets), cmocka_unit_test(any_order_of_integrals), cmocka_unit_test(curved_cells_and_two_kinds_of_facets),
      cmocka_unit_test(several_fields), cmocka_unit_test(some_of_the_cells),   cmocka_unit_test(orders_of_threads)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
