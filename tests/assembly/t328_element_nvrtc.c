/* Claim: the text emitted for the elements of every kind of cell, matrices over cells, facets and points, compiles with NVRTC for sm_90. Skips where there is no NVRTC. */
#include "assembly/elements.h"
#include "tests/element_meshes.h"
#include "tests/nvrtc.h"

static void compile(const gkt_assembler *assembler, const char *name) {
  gkt_text text = {.ctx = assembler->ctx};
  assert_int_equal(gkt_elements_source(assembler, &text), GKT_OK);
  if (!nvrtc_compiles(assembler->ctx, text.data)) fail_msg("%s: %s", name, gkt_context_message(assembler->ctx));
  gkt_text_free(&text);
}

static void compile_element(mesh_kind kind, gkt_element element) {
  field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, element.degree, 1};
  field_problem p;
  begin_problem_of(&p, &k, unit_mesh(kind, mesh_kinds[kind].fewest), element);
  must(gkt_mesh_add_places(p.mesh, "spot", 1, (double[]){0.4, 0.3, 0.2}), "spot");
  pose_problem(
      &p, "((1 + u^2)*dot(grad(u), grad(v)) + u^3*v)*dx(degree=2) + h*u*(v + dot(grad(v), n))*ds(degree=2) + u*(v + dot(grad(u), grad(v)))*dP(spot) == x[0]*v*dx(degree=2)", "0");
  compile(p.vector, k.name), compile(p.matrix, k.name);
  end_problem(&p);
}

static void every_element_compiles_for_the_gpu(void **unused) {
  (void)unused;
  if (!nvrtc_is_found()) skip();
  gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER}, &ctx), GKT_OK);
  for (mesh_kind kind = 0; kind < COLUMNS; kind++)                                               /* whose text is that of the mixture before */
    for (int degree = 1; degree <= (kind == TETRAHEDRA ? 4 : 2); degree += degree < 2 ? 1 : 2) { /* 4: sums over nodes are loops */
      compile_element(kind, (gkt_element){GKT_LAGRANGE, degree});
      if (degree == 1 && (kind == LINES || kind == MIXED_PLANE || kind == MIXED_SPACE)) compile_element(kind, (gkt_element){GKT_BUBBLE, 1});
      if (degree == 1 && (kind == LINES || kind == MIXED_SPACE)) compile_element(kind, (gkt_element){GKT_REAL, 0});
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_element_compiles_for_the_gpu)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
