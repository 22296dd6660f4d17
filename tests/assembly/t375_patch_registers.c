/* Claim: the fused kernel compiles for sm_90 (with GKT_LONG=1 sm_80 and sm_100) and keeps all in registers for scalar P1 and P2 and vector P1 forms on simplices, with coefficients
   and with integrals over facets, and for vector P2 forms on tetrahedra, by pairs: with constant and varying coefficients, of finite strain with few points. Exceptions, whose
   tensors do not fit into registers and which pair mode does not take: Q1 elasticity; on sm_80 P2 of a varying coefficient with a mass term, whose 55 sums over the points leave no
   register for the rest. */
#include "tests/nvrtc.h"
#include "tests/patch_forms.h"

#include "assembly/patches_emit.h"

static const char poisson[] = "inner(grad(u), grad(v))*dx == v*dx", robin[] = "c*inner(grad(u), grad(v))*dx + u*v*ds(left, right) == c*v*dx";
static const char varying[] = "exp(c)*inner(grad(u), grad(v))*dx == sin(c)*v*dx", massive[] = "exp(c)*inner(grad(u), grad(v))*dx + k*u*v*dx == sin(u)*v*dx";
static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + k*div(u)*div(v)*dx == v[0]*dx";
static const char stiff[] = "(1+c^2)*inner(sym(grad(u)), 2*k*sym(grad(v)))*dx(degree=2) == 0", carried[] = "dot(grad(u)*u, v)*dx(degree=3) + k*dot(u, v)*dx(degree=3) == 0";
static const char strained[] = "inner((I + grad(u))*(grad(u).T*grad(u) + 2*sym(grad(u))), grad(v))*dx(degree=2) == 0";
static const char finite_strain[] = "inner((I + grad(u))*(grad(u).T*grad(u) + 2*sym(grad(u))), grad(v))*dx == v[1]*ds(right)";

/* most: bytes of local memory; at least one architecture has some, unless it is 0. */
static void inspect(mesh_kind m, int degree, int components, int arity, const char *equation, int most) {
  posed p;
  gkt_patch_shares s;
  gkt_text text = {.ctx = ctx};
  char why[200];
  int found = 0;
  pose(unit_mesh(m, 2), degree, components, false, arity, equation, &p);
  must(gkt_patch_shares_create(p.assembler, 0, &s, why), "shares");
  assert_string_equal(why, "");
  must(gkt_patches_source(&s, false, &text), "text");
  for (int k = 0; k < nvrtc_num_architectures(); k++) {
    gkt_kernel_info *infos;
    int count;
    must(gkt_device_inspect(ctx, text.data, nvrtc_architectures[k], &count, &infos), equation);
    assert_int_equal(count, 1);
    if (infos[0].local_bytes > found) found = infos[0].local_bytes;
    if (infos[0].local_bytes > most)
      fail_msg("%s of degree %d, arity %d, sm_%d: %d bytes of local memory, %d registers", equation, degree, arity, nvrtc_architectures[k], infos[0].local_bytes,
               infos[0].registers);
    gkt_free(&infos);
  }
  if (most > 0 && getenv("GKT_LONG")) assert_true(found > 0); /* else it is no exception any more */
  gkt_text_free(&text);
  gkt_patch_shares_clear(&s);
  drop(&p);
}

static void simplices(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  for (int arity = 1; arity <= 2; arity++) {
    inspect(TETRAHEDRA, 1, 1, arity, poisson, 0);
    inspect(TETRAHEDRA, 1, 1, arity, robin, 0);
    inspect(TETRAHEDRA, 1, 3, arity, elasticity, 0);
    inspect(TETRAHEDRA, 2, 1, arity, poisson, 0);
  }
  inspect(TRIANGLES, 2, 1, 2, robin, 0);
  inspect(TRIANGLES, 1, 2, 2, finite_strain, 0);
  inspect(TETRAHEDRA, 1, 3, 2, finite_strain, 0);
  inspect(TETRAHEDRA, 2, 1, 2, varying, 0);
}

static void by_pairs(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  inspect(TETRAHEDRA, 2, 3, 2, elasticity, 0);
  inspect(TETRAHEDRA, 2, 3, 2, stiff, 0);
  inspect(TETRAHEDRA, 2, 3, 2, carried, 0);
  inspect(TETRAHEDRA, 2, 3, 2, strained, 0);
}

static void exceptions(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  inspect(HEXAHEDRA, 1, 3, 2, elasticity, 7000);
  inspect(TETRAHEDRA, 2, 1, 2, massive, 64);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(simplices), cmocka_unit_test(by_pairs), cmocka_unit_test(exceptions)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
