/* An assembler of two tied fields over cells and facets on the device, its matrix and sets of a batch: what is done while something fails. */
#ifndef GKT_TESTS_DEVICE_ASSEMBLY_H
#define GKT_TESTS_DEVICE_ASSEMBLY_H
#include "tests/emulated_device.h"
#include "tests/tied_pair.h"

typedef struct {
  const char *name, *text, *ways; /* ways: of the tangent's blocks */
  gkt_reduce_strategy reduce;
} test_case;

static const char flow[] = "inner(grad(u)*u, v)*dx + inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + p*q*dx + dot(u, u)*v[0]*ds(left)",
                  linear[] = "2*inner(sym(grad(u)), sym(grad(v)))*dx - p*div(v)*dx - q*div(u)*dx + 0.3*dot(u, v)*ds(left) - 0.1*p*q*dx - v[0]*dx(degree=2)";
static const test_case cases[] = {{"segmented", linear, "segmented", GKT_REDUCE_SEGMENTED}, {"each block its way", flow, "fused", GKT_REDUCE_AUTO}};
enum { MOST = 4096, SETS = 2, CASES = sizeof cases / sizeof *cases };
static gkt_scalar vectors[SETS][MOST], found[SETS][MOST];

/* The residual of one set of values and of several, for the host. */
static gkt_status assemble_vectors(const pair *w, gkt_assembler *r, const gkt_inputs *inputs) {
  gkt_status status;
  for (int i = 0; i < SETS; i++)
    for (int k = 0; k < MOST; k++) vectors[i][k] = found[i][k] = k;
  status = gkt_assemble_vector(r, inputs, vectors[0]);
  if (status == GKT_OK) memcpy(found, vectors, sizeof vectors), status = gkt_assemble_batch(r, inputs, &(gkt_batch){.count = SETS, .results_stride = MOST}, vectors[0]);
  if (status != GKT_OK) assert_memory_equal(vectors, found, sizeof vectors);
  else assert_memory_equal(vectors[1], vectors[0], (size_t)w->dofs * sizeof **vectors);
  return status;
}

static gkt_status assemble_matrix(gkt_context *context, gkt_assembler *a, const gkt_inputs *inputs) {
  gkt_csr *A = NULL, *B = NULL;
  gkt_status status;
  GKT_GO(gkt_assembler_matrix(a, &A));
  GKT_GO(gkt_csr_to(context, A, GKT_ON_DEVICE, &B));
  GKT_GO(gkt_assemble_matrix(a, inputs, B));
  gkt_csr_destroy(&A);
  GKT_GO(gkt_csr_to(context, B, GKT_ON_HOST, &A));
done:
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  return status;
}

static bool *fails_now; /* NULL, or what is false while the world is made, of which no failure is asked */
static void let_fail(bool on) {
  if (fails_now) *fails_now = on;
}

static gkt_status assemble(gkt_context *context, void *user) {
  static const int unknowns[] = {U, P};
  const test_case *c = user;
  gkt_assembler *r = NULL, *a = NULL;
  gkt_assembler_info info;
  gkt_status status;
  gkt_context *outer = ctx;
  ctx = context;
  let_fail(false);
  pair w = make_pair(TRIANGLES, 1, PERIODIC);
  gkt_form *residual = parse(&w, c->text), *tangent = NULL;
  const gkt_inputs inputs = inputs_of_pair(&w);
  assert_true(w.dofs < MOST);
  let_fail(true);
  GKT_GO(gkt_form_derivative(residual, 2, unknowns, &tangent));
  GKT_GO(gkt_assembler_create_tied(residual, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &r));
  GKT_GO(gkt_assembler_create_tied(tangent, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &a));
  gkt_assembler_get_info(a, &info);
  assert_string_equal(info.reduce, c->ways); /* choosing makes and counts parts of assemblers */
  GKT_GO(assemble_vectors(&w, r, &inputs));
  GKT_GO(assemble_matrix(context, a, &inputs));
done:
  gkt_assembler_destroy(&r), gkt_assembler_destroy(&a);
  gkt_form_destroy(&tangent), gkt_form_destroy(&residual);
  free_pair(&w);
  ctx = outer;
  return status;
}
#endif
