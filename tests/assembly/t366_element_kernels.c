/* Claim: kernels of element tensors of scalar fields of degree 1 and 2 and of vector fields of degree 1, matrices and vectors of linear forms on straight simplices, have no local
   memory on sm_90 (with GKT_LONG=1 sm_80 and sm_100): tensors stay in registers. Kernels of sums have none either. Skips where there is no NVRTC. */
#include "assembly/elements.h"
#include "core/embed.h"
#include "tests/element_form.h"
#include "tests/nvrtc.h"

GKT_EMBED(of_sets, "assembly/sets_arguments.h");
GKT_EMBED(arguments, "assembly/segments_arguments.h");
GKT_EMBED(sums, "assembly/segments.cu");

static void inspect(const char *source, const char *what) {
  for (int k = 0; k < nvrtc_num_architectures(); k++) {
    gkt_kernel_info *info;
    int count;
    gkt_status status = gkt_device_inspect(ctx, source, nvrtc_architectures[k], &count, &info);
    if (status == GKT_UNAVAILABLE) skip();
    must(status, what);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
      if (getenv("GKT_PRINT"))
        printf("%s: %s, sm_%d: %d registers, %d bytes of local memory\n", what, info[i].name, nvrtc_architectures[k], info[i].registers, info[i].local_bytes);
      if (info[i].local_bytes) fail_msg("%s: %s on sm_%d has %d bytes of local memory", what, info[i].name, nvrtc_architectures[k], info[i].local_bytes);
    }
    gkt_free(&info);
  }
}

static void inspect_assembler(const gkt_assembler *a, const char *what) {
  gkt_text text = {.ctx = ctx};
  must(gkt_elements_source(a, false, &text), what);
  inspect(text.data, what);
  gkt_text_free(&text);
}

static void check(mesh_kind mesh, int degree, int components, const char *form, const char *what) {
  field_kind kind = {what, mesh_kinds[mesh].dim, degree, components};
  field_problem p;
  begin_problem(&p, &kind, unit_mesh(mesh, 1));
  pose_problem(&p, form, components > 1 ? (kind.dim == 3 ? "[0, 0, 0]" : "[0, 0]") : "0");
  inspect_assembler(p.matrix, what), inspect_assembler(p.vector, what);
  end_problem(&p);
}

#define ELASTIC "inner(sym(grad(u)), grad(v))*dx + 0.7*div(u)*div(v)*dx == v[0]*dx"
static void element_tensors_stay_in_registers(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int degree = 1; degree <= 2; degree++) {
    check(TRIANGLES, degree, 1, "inner(grad(u), grad(v))*dx == v*dx", degree > 1 ? "P2 on triangles" : "P1 on triangles");
    check(TETRAHEDRA, degree, 1, "inner(grad(u), grad(v))*dx == v*dx", degree > 1 ? "P2 on tetrahedra" : "P1 on tetrahedra");
  }
  check(TRIANGLES, 1, 2, ELASTIC, "elasticity P1 on triangles"), check(TETRAHEDRA, 1, 3, ELASTIC, "elasticity P1 on tetrahedra");
}

static void sums_do_as_well(void **unused) {
  (void)unused;
  gkt_text text = {.ctx = ctx};
  gkt_text_printf(&text, "%s%s%s", of_sets, arguments, sums);
  inspect(text.data, "sums");
  gkt_text_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(element_tensors_stay_in_registers), cmocka_unit_test(sums_do_as_well)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
