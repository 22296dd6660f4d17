/* Claim: numbers, and sums over points in matrices and vectors, are served by the fused kernel with the bits of the CPU's `segmented`: of cells, facets and points together, on
   every kind of mesh, of one run of terms and of many, also where a run begins in one block of cells and ends in another, for any order of blocks and threads. A number for the
   whole mesh that is an unknown has its row of a vector summed likewise; in a matrix, too, where its row fits into a patch. */
#include "tests/patch_fused.h"
#include "tests/patch_numbers.h"

static const char all[] = "exp(u/4)*dot(grad(u), grad(u))*dx(degree=3) + h*u*ds(degree=2) + u*x[0]*dP(nodes, spots)", sides[] = "u*h*ds(right, degree=2) + u^2*ds(left)";

static void of_one_run(void **state) {
  (void)state;
  same_number(LINES, 9, 1, all), same_number(HEXAHEDRA, 2, 1, all), same_number(MIXED_SPACE, 2, 1, all);
}

static void of_many_runs(void **state) {
  (void)state;
  same_number(TRIANGLES, 20, 1, all), same_number(MIXED_PLANE, 24, 1, all), same_number(TRIANGLES, 17, 1, sides);
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 3; seed++) {
    use_random_order(seed);
    same_number(TRIANGLES, 20, 1, all);
  }
  use_random_order(0);
}

/* ---- points ---- */
static void check_points(gkt_mesh *mesh, int components, int arity, const char *equation) {
  posed p;
  pose(mesh, 1, components, false, arity, equation, &p);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 9}, equation);
  same(&p, expected, &(gkt_fused_options){.rows = 64, .window = 32}, equation);
  free(expected);
  drop(&p);
}

static void points(void **state) {
  static const char scalar[] = "inner(grad(u), grad(v))*dx + (1 + x[0])*u*v*dP(spots, nodes) + c*dot(grad(u), grad(v))*dP(spots) == u^2*v*dP(nodes)";
  static const char vector[] = "inner(sym(grad(u)), sym(grad(v)))*dx + dot(u, u)*u[0]*v[1]*dP(nodes, spots) == c*v[0]*dP(spots)", alone[] = "c*u^2*v*dP(nodes) == 0";
  (void)state;
  begin();
  check_points(bent_mesh(TRIANGLES, 4, 1), 1, 1, scalar), check_points(bent_mesh(TRIANGLES, 4, 1), 1, 2, scalar);
  check_points(bent_mesh(MIXED_SPACE, 2, 1), 1, 2, scalar);
  check_points(bent_mesh(TETRAHEDRA, 2, 1), 3, 1, vector), check_points(bent_mesh(TETRAHEDRA, 2, 1), 3, 2, vector);
  check_points(bent_mesh(QUADRILATERALS, 3, 1), 1, 1, alone);
}

/* ---- a number as an unknown ---- */
static void unknown_numbers(void **state) {
  (void)state;
  gkt_source source = {.text = "inner(grad(u), grad(v))*dx + s*v*dx + d*u*dx == d*ds(left) + v*ds(top)", .key = "equation"};
  const gkt_element of_u = lagrange(false, 1), of_s = {.kind = GKT_REAL};
  posed p = {.constants = {1.3}};
  gkt_space *U, *S;
  int u, s;
  begin();
  p.mesh = bent_mesh(MIXED_PLANE, 24, 1);
  must(gkt_scope_create(ctx, 2, &p.scope), "scope");
  must(gkt_scope_add_field(p.scope, "u", "v", gkt_shape_scalar(), of_u, &u), "u");
  must(gkt_scope_add_field(p.scope, "s", "d", gkt_shape_scalar(), of_s, &s), "s");
  must(gkt_space_create(p.mesh, of_u, gkt_shape_scalar(), &U), "U");
  must(gkt_space_create(p.mesh, of_s, gkt_shape_scalar(), &S), "S");
  p.spaces[u] = U, p.spaces[s] = S, p.num_functions = gkt_scope_num_functions(p.scope);
  for (int f = 0; f < p.num_functions; f++) {
    const int count = p.spaces[f] ? gkt_space_num_dofs(p.spaces[f]) : 0;
    p.values[f] = malloc((size_t)count * sizeof(gkt_scalar) + 1);
    for (int i = 0; i < count; i++) p.values[f][i] = 1.2 + sin(0.7 * i);
  }
  must(gkt_form_parse(p.scope, GKT_EQUATION, &source, &p.residual), source.text);
  must(gkt_assembler_create(p.residual, p.mesh, p.spaces, &p.assembler), "vector");
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 64}, "vector");
  free(expected);
  gkt_assembler_destroy(&p.assembler);
  must(gkt_form_derivative(p.residual, 2, (int[]){u, s}, &p.form), "tangent");
  must(gkt_assembler_create(p.form, p.mesh, p.spaces, &p.assembler), "matrix");
  expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.window = -1}, "matrix");
  free(expected);
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(of_one_run), cmocka_unit_test(of_many_runs), cmocka_unit_test(any_order), cmocka_unit_test(points),
                                     cmocka_unit_test(unknown_numbers)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
