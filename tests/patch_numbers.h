/* Functionals on the emulated device beside the CPU's `segmented`, to the last bit; by `fused` there. */
#ifndef GKT_TESTS_PATCH_NUMBERS_H
#define GKT_TESTS_PATCH_NUMBERS_H
#include "tests/emulated_device.h"
#include "tests/element_form.h"

static inline void use_sums(gkt_backend backend) {
  use_context((gkt_context_options){
      .backend = backend, .separate_rounding = true, .poison = true, .threads = 1, .reduce = backend == GKT_BACKEND_CUDA ? GKT_REDUCE_FUSED : GKT_REDUCE_SEGMENTED});
}

/* Of a field of degree 1 on a bent mesh; twice, as values change. */
static inline void numbers_of(gkt_backend backend, mesh_kind m, int n, int components, const char *text, gkt_scalar out[2]) {
  const field_kind kind = {mesh_kinds[m].name, mesh_kinds[m].dim, 1, components};
  const gkt_source source = {.text = text, .key = "compute"};
  gkt_assembler_info info;
  gkt_assembler *a;
  gkt_form *form;
  field_problem p;
  use_sums(backend);
  pose_every_terminal(&p, &kind, bent_mesh(m, n, 1));
  must(gkt_form_parse(p.scope, GKT_FUNCTIONAL, &source, &form), text);
  must(gkt_assembler_create(form, p.mesh, problem_inputs(&p)->spaces, &a), text);
  gkt_assembler_get_info(a, &info);
  assert_string_equal(info.reduce, backend == GKT_BACKEND_CUDA ? "fused" : "segmented");
  for (int round = 0; round < 2; round++) {
    must(gkt_assemble_functional(a, problem_inputs(&p), &out[round]), text);
    for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] += 0.1 * cos(1.0 * i);
  }
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  end_problem(&p);
}

static inline void same_number(mesh_kind m, int n, int components, const char *text) {
  gkt_scalar host[2], there[2];
  numbers_of(GKT_BACKEND_CPU, m, n, components, text, host);
  numbers_of(GKT_BACKEND_CUDA, m, n, components, text, there);
  for (int round = 0; round < 2; round++)
    if (memcmp(&host[round], &there[round], sizeof *host)) fail_msg("%s, %s: %.17g, %.17g on the device", mesh_kinds[m].name, text, host[round], there[round]);
}
#endif
