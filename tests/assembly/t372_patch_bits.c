/* Claim: the fused kernel of a device gives the bits of `segmented` on a CPU, every one, for patches of any size, dealt or not, and for random orders of blocks and threads:
   matrices and vectors, scalars and blocks, over cells and facets, on every kind of mesh, with coefficients, and of several fields; by pairs, too. What cannot be fused is named.
 */
#include "tests/patch_fused.h"

#include "meshes/mesh.h"

static const char diffusion[] = "(1+c^2)*inner(grad(u), grad(v))*dx + k*u*v*dx == c*v*dx", robin[] = "inner(grad(u), grad(v))*dx + k*u*v*ds(left, top) == c*v*dx + v*ds(right)";
static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*div(u)*div(v)*dx == dot(u, v)*ds(left)";

static void every_mesh(void **state) {
  (void)state;
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    begin();
    const int n = mesh_kinds[m].fewest > 2 ? mesh_kinds[m].fewest : 2;
    check(bent_mesh((mesh_kind)m, n, 1), 1, 1, false, 2, diffusion);
    check(bent_mesh((mesh_kind)m, n, 1), 1, 1, false, 1, m == LINES ? diffusion : robin);
  }
}

static void cells_and_facets(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 1, false, 2, robin);
  check(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, 2, elasticity);
  check(bent_mesh(MIXED_SPACE, 3, 1), 1, 1, false, 2, robin);
  check(bent_mesh(TRIANGLES, 3, 1), 1, 2, false, 1, "dot(u, v)*ds(left) + k*u[0]*v[1]*ds(right) == 0"); /* few cells are touched */
}

static void higher_degrees_and_curved_cells(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 1, false, 2, robin);
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, 2, elasticity);
  check(bent_mesh(TRIANGLES, 2, 2), 3, 1, false, 2, diffusion);
  check(bent_mesh(HEXAHEDRA, 1, 2), 1, 3, false, 2, elasticity);
}

static void matrices_without_symmetry(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TETRAHEDRA, 1, 1), 1, 3, false, 2, "dot(grad(u)*u, v)*dx + k*c*u[0]*v[1]*dx == 0");
  check(bent_mesh(QUADRILATERALS, 3, 1), 1, 1, false, 2, "(grad(u)[0] + u^2)*v*dx == 0");
}

static void large_tensors(void **state) {
  (void)state;
  begin();
  check_pairs(bent_mesh(TETRAHEDRA, 3, 1), 1, 3, false, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0");
  check_pairs(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, false, "(1+c^2)*inner(sym(grad(u)), 2*k*sym(grad(v)))*dx(degree=2) == 0");
  check(bent_mesh(TRIANGLES, 5, 1), 1, 2, false, 2,
        "inner(grad(u) + grad(u).T + inner(grad(u), grad(u))*grad(u), grad(v))*dx == 0"); /* its outputs are nearly as many as the entries of its tensor */
  check_pairs(bent_mesh(TETRAHEDRA, 2, 1), 1, 3, false, "inner(dot(grad(u), cofac(I + grad(u))), grad(v))*dx + k*grad(u)[0,1]*grad(v)[2,0]*dx == 0");
}

/* What puts a tensor into a record is unrolled where that tensor stays in registers, also where others of the kernel do not. */
static void each_tensor_by_its_own_size(void **state) {
  enum { MOST_IN_REGISTERS = 160 };
  (void)state;
  gkt_patch_shares shares;
  char why[200];
  posed p;
  int small = 0, large = 0, size;
  begin();
  gkt_text text = {.ctx = ctx};
  pose(bent_mesh(MIXED_SPACE, 3, 1), 1, 3, false, 2, elasticity, &p);
  must(gkt_patch_shares_create(p.assembler, 0, &shares, why), "shares");
  must(gkt_patches_source(&shares, false, &text), "text");
  for (char *at = text.data; (at = strstr(at, "gkt_patch_source_")) && (at = strstr(at, "gkt_scalar out["));) {
    char *end = strstr(at, "#undef GKT_RECORD");
    assert_int_equal(sscanf(at, "gkt_scalar out[%d]", &size), 1);
    *(size <= MOST_IN_REGISTERS ? &small : &large) += 1;
    *end = 0;
    if (!strstr(at, "GKT_UNROLL") == (size <= MOST_IN_REGISTERS)) fail_msg("a tensor of %d scalars:\n%s", size, at);
    at = end + 1;
  }
  assert_true(small > 0 && large > 0);
  gkt_text_free(&text);
  gkt_patch_shares_clear(&shares);
  drop(&p);
}

/* A node of more cells than one run of terms has. */
static void long_sums(void **state) {
  (void)state;
  enum { BLADES = 700 };
  double coords[(BLADES + 1) * 2] = {0};
  gkt_idx cells[BLADES * 3];
  gkt_mesh *mesh;
  begin();
  for (int i = 0; i < BLADES; i++) {
    coords[2 * i + 2] = 2 * cos(2 * M_PI * i / BLADES), coords[2 * i + 3] = sin(2 * M_PI * i / BLADES);
    cells[3 * i] = 0, cells[3 * i + 1] = i + 1, cells[3 * i + 2] = (i + 1) % BLADES + 1;
  }
  must(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, BLADES + 1, coords, BLADES, cells, &mesh), "fan");
  check(gkt_mesh_retain(mesh), 1, 1, false, 2, "(1+c^2)*inner(grad(u), grad(v))*dx == c*v*dx");
  check(mesh, 1, 2, false, 1, "inner(grad(u), grad(v))*dx == c*v[0]*dx");
}

static void several_fields(void **state) {
  (void)state;
  begin();
  check(bent_mesh(TRIANGLES, 2, 1), 2, 2, true, 2, "inner(grad(u), grad(v))*dx - p*div(v)*dx + q*div(u)*dx + c*p*q*dx == 0");
  check(bent_mesh(TETRAHEDRA, 1, 1), 2, 3, true, 1, "inner(grad(u), grad(v))*dx - p*div(v)*dx + q*div(u)*dx == c*v[2]*dx + q*ds(left)");
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 4; seed++) {
    use_random_order(seed);
    begin();
    posed p;
    pose(bent_mesh(TETRAHEDRA, 3, 1), 1, 1, false, 2, robin, &p);
    gkt_scalar *expected = assemble(&p);
    for (gkt_idx rows = 24; rows <= 128; rows += rows / 2) same(&p, expected, &(gkt_fused_options){.rows = rows, .window = seed == 2 ? -1 : 0}, "random orders");
    free(expected);
    drop(&p);
  }
  use_random_order(0);
}

static void what_is_not_fused(void **state) {
  (void)state;
  char why[200];
  posed p;
  begin();
  pose(bent_mesh(TRIANGLES, 3, 1), 1, 9, false, 2, "inner(grad(u), grad(v))*dx == 0", &p);
  free(assemble_fused(&p, &(gkt_fused_options){.window = -1}, why));
  assert_string_equal(why, "blocks of more than 64 scalars");
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_mesh),
                                     cmocka_unit_test(cells_and_facets),
                                     cmocka_unit_test(higher_degrees_and_curved_cells),
                                     cmocka_unit_test(matrices_without_symmetry),
                                     cmocka_unit_test(large_tensors),
                                     cmocka_unit_test(each_tensor_by_its_own_size),
                                     cmocka_unit_test(long_sums),
                                     cmocka_unit_test(several_fields),
                                     cmocka_unit_test(any_order),
                                     cmocka_unit_test(what_is_not_fused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
