/* Claim: where coefficients are the same at all points of a cell, compiled matrices are made of moments of the basis, or of sums over the points that were taken beforehand on the
   reference cell. They are the interpreter's to 1e-12 of the largest entry (sums of a few hundred terms, in another order), for symmetric and other forms, scalars and vectors,
   cells and facets; a batch of them has the bits of its sets; and the text says which way was taken. */
#include "tests/cells.h"
/* first: names of the next one */
#include "tests/assembly_world.h"

enum { MOMENTS = 1, REFERENCE = 2, ENTRIES = 4 };
typedef struct {
  int kind, dim, degree, components;
  double bend;
  const char *text;
  int ways; /* of all maps of the form, by its text */
} sample;

#define MATERIAL "(mu*inner(sym(grad(u)), sym(grad(v))) + k*div(u)*div(v))*dx"
static const sample samples[] = {
    {GKT_TRIANGLE, 2, 2, 1, 0, "dot(grad(u), grad(v))*dx", REFERENCE},
    {GKT_TETRAHEDRON, 3, 2, 1, 0, "r*k*dot(grad(u), grad(v))*dx + mu*u*v*dx", REFERENCE},
    {GKT_TETRAHEDRON, 3, 3, 1, 0, "dot(grad(u), dot([[1, 2, 0], [0, mu, 1], [3, 0, r]], grad(v)))*dx", REFERENCE}, /* not symmetric */
    {GKT_TETRAHEDRON, 3, 2, 1, 0, "dot([k, mu, r], grad(u))*v*dx + u*v*dx", REFERENCE},
    {GKT_TETRAHEDRON, 3, 1, 1, 0, "mu*u*v*dx", REFERENCE},
    {GKT_TETRAHEDRON, 3, 2, 3, 0, "r*dot(u, v)*dx", REFERENCE},
    {GKT_TRIANGLE, 2, 2, 2, 0, MATERIAL "(degree=2)", REFERENCE | MOMENTS},
    {GKT_TETRAHEDRON, 3, 2, 3, 0, MATERIAL, MOMENTS},
    {GKT_TETRAHEDRON, 3, 2, 3, 0, "r*" MATERIAL " + inner(dot(grad(u), [1, k, r]), v)*dx", MOMENTS | REFERENCE},
    {GKT_HEXAHEDRON, 3, 1, 3, 0.05, "r*" MATERIAL, MOMENTS},
    {GKT_HEXAHEDRON, 3, 2, 3, 0.05, MATERIAL "(degree=4)", MOMENTS},
    {GKT_QUADRILATERAL, 2, 2, 2, 0.05, MATERIAL " + mu*dot(u, v)*dx", MOMENTS},
    {GKT_PRISM, 3, 2, 1, 0.05, "r*dot(grad(u), grad(v))*dx + mu*u*v*dx", MOMENTS},
    {GKT_PYRAMID, 3, 1, 1, 0.05, "dot(grad(u), grad(v))*dx", MOMENTS},
    {GKT_PYRAMID, 3, 1, 3, 0.05, "r*(div(u)*v[0] + div(v)*u[0])*dx", MOMENTS}, /* six moments of 25 pairs: GCC 12 stored them as if aligned */
    {GKT_PYRAMID, 3, 2, 3, 0.05, "r*(div(u)*v[0] + div(v)*u[0])*dx + dot(u, v)*dx", MOMENTS},
    {GKT_PRISM, 3, 1, 3, 0.05, "r*(div(u)*v[0] + div(v)*u[0])*dx", MOMENTS},
    {GKT_HEXAHEDRON, 3, 1, 1, 0.05, "dot(grad(u), grad(v))*dx + k*u*v*ds", MOMENTS},
    {GKT_TETRAHEDRON, 3, 2, 1, 0, "k*u*v*ds + r*dot(grad(u), n)*v*ds", MOMENTS | ENTRIES},
    {GKT_TETRAHEDRON, 3, 2, 1, 0, "c*dot(grad(u), grad(v))*dx", ENTRIES}, /* c varies */
    {TEST_MIXED, 3, 1, 3, 0, "r*" MATERIAL, MOMENTS | ENTRIES},           /* tetrahedra of degree 1 have one point */
};

static world begin(const sample *s) { return make_world_on(test_mesh(ctx, s->kind, s->dim, 2, 1, s->bend), s->degree, s->components); }

static void way_is_told(const gkt_assembler *a, const sample *s) {
  gkt_text text = {.ctx = ctx};
  int ways = 0;
  assert_int_equal(gkt_assembler_source(a, -1, GKT_BACKEND_CPU, false, &text), GKT_OK);
  ways |= strstr(text.data, "gkt_part M0") ? MOMENTS : 0;
  ways |= strstr(text.data, "gkt_reference_") ? REFERENCE : 0;
  ways |= strstr(text.data, "gkt_scalar T[") ? ENTRIES : 0;
  if (!ways || (ways & ~s->ways)) fail_msg("%s: ways %d, expected %d", s->text, ways, s->ways);
  gkt_text_free(&text);
}

static gkt_csr *matrix_by(int backend, const sample *s) {
  use_backend(backend);
  world w = begin(s);
  gkt_form *f = residual_of(&w, GKT_EQUATION, s->text), *tangent = derivative_of(f, FIELD);
  gkt_csr *A = matrix_of(&w, tangent);
  if (backend == 0) {
    gkt_assembler *a = assembler_of(&w, tangent);
    way_is_told(a, s);
    gkt_assembler_destroy(&a);
  }
  gkt_form_destroy(&tangent), gkt_form_destroy(&f);
  free_world(&w);
  return A;
}

static void compiled_is_interpreted(void **unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
    gkt_csr *A = matrix_by(1, &samples[i]), *B = matrix_by(2, &samples[i]), *one = matrix_by(0, &samples[i]);
    gkt_idx n = A->row_offsets[A->num_rows];
    double largest = 0, apart = 0;
    for (gkt_idx k = 0; k < n; k++) largest = fmax(largest, fabs(A->vals[k])), apart = fmax(apart, fabs(A->vals[k] - B->vals[k]));
    if (!(apart <= 1e-12 * largest)) fail_msg("%s, P%d on cells of kind %d: %g of %g apart", samples[i].text, samples[i].degree, samples[i].kind, apart, largest);
    assert_memory_equal(B->vals, one->vals, (size_t)n * sizeof *B->vals); /* two threads, one */
    gkt_csr_destroy(&A), gkt_csr_destroy(&B), gkt_csr_destroy(&one);
  }
}

/* Sets differ in the coefficient r and in the constants. */
static void batches_have_the_bits_of_sets(void **unused) {
  (void)unused;
  enum { SETS = 9 };
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
    use_backend(0);
    world w = begin(&samples[i]);
    gkt_form *f = residual_of(&w, GKT_EQUATION, samples[i].text), *tangent = derivative_of(f, FIELD);
    gkt_assembler *a = assembler_of(&w, tangent);
    gkt_csr *A;
    assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
    gkt_idx n = A->row_offsets[A->num_rows], m = gkt_space_num_dofs(w.spaces[R]);
    gkt_scalar *r = malloc((size_t)m * SETS * sizeof *r), *all = malloc((size_t)n * SETS * sizeof *all), constants[2 * SETS];
    for (gkt_idx k = 0; k < m * SETS; k++) r[k] = 1.5 + 0.5 * wave(k, 1);
    for (int k = 0; k < 2 * SETS; k++) constants[k] = 1 + 0.3 * wave(k, 2);
    const gkt_scalar *values[FUNCTIONS];
    for (int k = 0; k < FUNCTIONS; k++) values[k] = k == R ? r : w.values[k];
    gkt_inputs inputs = {.spaces = (const gkt_space *const *)w.spaces, .values = values, .constants = constants};
    gkt_size strides[FUNCTIONS] = {[R] = m};
    assert_int_equal(gkt_assemble_batch(a, &inputs, &(gkt_batch){.count = SETS, .strides = strides, .constants_stride = 2, .results_stride = n}, all), GKT_OK);
    for (int s = 0; s < SETS; s++) {
      values[R] = r + (size_t)s * (size_t)m, inputs.constants = constants + 2 * s;
      assert_int_equal(gkt_assemble_matrix(a, &inputs, A), GKT_OK);
      if (memcmp(A->vals, all + (size_t)s * (size_t)n, (size_t)n * sizeof *all)) fail_msg("%s: set %d has other bits", samples[i].text, s);
    }
    free(r), free(all);
    gkt_csr_destroy(&A);
    gkt_assembler_destroy(&a);
    gkt_form_destroy(&tangent), gkt_form_destroy(&f);
    free_world(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_is_interpreted), cmocka_unit_test(batches_have_the_bits_of_sets)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
