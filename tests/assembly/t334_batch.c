/* Claim: a batch gives, bit for bit, what one call for each of its sets gives: matrices, vectors and numbers on every kind of cell, states, coefficients and constants that vary or
   are shared, any number of sets, compiled and interpreted, 1, 2 and 4 threads, every reduce; a second batch of the same size allocates nothing; sets that do not fit are refused.
 */
#include "assembly/assembler.h"
#include "tests/counted_memory.h"
#include "tests/element_form.h"

enum { MOST_SETS = 19, NUM_CONSTANTS = 2 };

typedef struct {
  field_problem problem;
  gkt_space *coefficient_space;
  gkt_form *functional;
  gkt_assembler *number;
  const gkt_space *spaces[3];
  gkt_scalar *u, *k, constants[MOST_SETS * NUM_CONSTANTS]; /* of all sets */
} world_of_sets;

static void fill(gkt_scalar *x, gkt_size n, double phase) {
  for (gkt_size i = 0; i < n; i++) x[i] = 1 + 0.4 * sin(0.7 * (double)i + phase);
}

static gkt_assembler *plan(world_of_sets *w, const gkt_form *form) {
  gkt_assembler *a;
  must(gkt_assembler_create(form, w->problem.mesh, w->spaces, &a), w->problem.kind.name);
  return a;
}

static void begin(world_of_sets *w, mesh_kind m, const field_kind *kind) {
  field_problem *p = &w->problem;
  int k, f;
  begin_problem(p, kind, bent_mesh(m, 2, 1));
  must(gkt_scope_add_coefficient(p->scope, "k", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &k), "k");
  for (int i = 0; i < NUM_CONSTANTS; i++) must(gkt_scope_add_constant(p->scope, i ? "c" : "b", &f), "constant");
  assert_int_equal(k, 2);
  w->coefficient_space = make_space(p->mesh, false, 1, gkt_shape_scalar());
  w->spaces[0] = p->space, w->spaces[2] = w->coefficient_space;
  let(p, "m", kind->components > 1 ? "exp(u[0]/4)" : "exp(u/4)");
  p->residual = parse_form(p, GKT_EQUATION,
                           "k*m*inner(grad(u), grad(v))*dx(degree=2) + h*inner(dot(grad(u), grad(k)), v)*dx(degree=2) + b*x[0]*k*inner(u, v)*m*ds(degree=2)"
                           " + inner(dot(grad(u), n), v)*ds(right, degree=2) + (b*k*m*inner(u, v) + h*inner(dot(grad(u), grad(k)), v))*dP(spots, nodes)"
                           " == c*inner(u, v)*dx(degree=2)");
  must(gkt_form_derivative(p->residual, 1, (const int[]){0}, &p->tangent), kind->name);
  w->functional = parse_form(p, GKT_FUNCTIONAL, "k*inner(u, u)*dx(degree=3) + c*h*k*ds(degree=2) + c*k*inner(u, u)*dP(spots, nodes)");
  p->vector = plan(w, p->residual), p->matrix = plan(w, p->tangent), w->number = plan(w, w->functional);
  gkt_idx n = num_dofs(p), num_k = gkt_space_num_dofs(w->coefficient_space);
  w->u = malloc((size_t)n * MOST_SETS * sizeof *w->u), w->k = malloc((size_t)num_k * MOST_SETS * sizeof *w->k);
  fill(w->u, (gkt_size)n * MOST_SETS, 0), fill(w->k, (gkt_size)num_k * MOST_SETS, 1), fill(w->constants, MOST_SETS * NUM_CONSTANTS, 2);
}

static void end(world_of_sets *w) {
  gkt_assembler_destroy(&w->number);
  gkt_form_destroy(&w->functional);
  gkt_space_destroy(&w->coefficient_space);
  free(w->u), free(w->k);
  end_problem(&w->problem);
}

typedef struct {
  bool u, k, constants; /* which vary from set to set */
} variation;

static gkt_size size_of_result(gkt_assembler *a, int arity, gkt_idx dofs, gkt_csr **A) {
  if (arity < 2) return arity ? dofs : 1;
  must(gkt_assembler_matrix(a, A), "pattern");
  return (*A)->row_offsets[(*A)->num_rows];
}

static void one_by_one(world_of_sets *w, gkt_assembler *a, int arity, gkt_csr *A, const gkt_size *strides, gkt_size constants_stride, int count, gkt_size size, gkt_scalar *out) {
  for (int s = 0; s < count; s++, out += size) {
    const gkt_scalar *values[] = {w->u + s * strides[0], NULL, w->k + s * strides[2]};
    gkt_inputs inputs = {.spaces = w->spaces, .values = values, .constants = w->constants + s * constants_stride};
    if (arity == 0) must(gkt_assemble_functional(a, &inputs, out), "number");
    if (arity == 1) must(gkt_assemble_vector(a, &inputs, out), "vector");
    if (arity == 2) must(gkt_assemble_matrix(a, &inputs, A), "matrix"), memcpy(out, A->vals, (size_t)size * sizeof *out);
  }
}

static void compare(world_of_sets *w, gkt_assembler *a, int arity, variation v, int count) {
  gkt_csr *A = NULL;
  gkt_size size = size_of_result(a, arity, num_dofs(&w->problem), &A), stride = size + 3;
  gkt_size strides[] = {v.u ? num_dofs(&w->problem) : 0, 0, v.k ? gkt_space_num_dofs(w->coefficient_space) : 0}, constants_stride = v.constants ? NUM_CONSTANTS : 0;
  gkt_scalar *apart = malloc((size_t)(size * count) * sizeof *apart), *together = malloc((size_t)(stride * count) * sizeof *together);
  const gkt_scalar *values[] = {w->u, NULL, w->k};
  gkt_inputs inputs = {.spaces = w->spaces, .values = values, .constants = w->constants};
  gkt_batch batch = {.count = count, .strides = strides, .constants_stride = constants_stride, .results_stride = stride};
  one_by_one(w, a, arity, A, strides, constants_stride, count, size, apart);
  must(gkt_assemble_batch(a, &inputs, &batch, together), "batch");
  long before = num_allocations;
  must(gkt_assemble_batch(a, &inputs, &batch, together), "batch");
  if (num_allocations != before) fail_msg("%s, arity %d: %ld allocations", w->problem.kind.name, arity, num_allocations - before);
  for (int s = 0; s < count; s++)
    if (memcmp(apart + s * size, together + s * stride, (size_t)size * sizeof *apart)) fail_msg("%s, arity %d, set %d of %d differs", w->problem.kind.name, arity, s, count);
  free(apart), free(together);
  gkt_csr_destroy(&A);
}

static void check(mesh_kind m, const field_kind *kind, gkt_context_options options) {
  static const struct {
    variation vary;
    int count;
  } batches[] = {{{true, true, true}, 11}, {{false, true, false}, 8}, {{true, false, false}, 3}, {{false, false, true}, 1}, {{true, true, false}, MOST_SETS}};
  world_of_sets w = {0};
  use_context(options);
  begin(&w, m, kind);
  for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
    compare(&w, w.number, 0, batches[i].vary, batches[i].count);
    compare(&w, w.problem.vector, 1, batches[i].vary, batches[i].count);
    compare(&w, w.problem.matrix, 2, batches[i].vary, batches[i].count);
  }
  end(&w);
}

static void every_cell(void **unused) {
  (void)unused;
  static const struct {
    mesh_kind mesh;
    int degree;
    bool vector;
  } cases[] = {{LINES, 2, false}, {TRIANGLES, 2, true}, {QUADRILATERALS, 2, false}, {MIXED_PLANE, 1, false}, {TETRAHEDRA, 2, false}, {HEXAHEDRA, 1, true}, {MIXED_SPACE, 1, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int dim = mesh_kinds[cases[i].mesh].dim;
    field_kind kind = {mesh_kinds[cases[i].mesh].name, dim, cases[i].degree, cases[i].vector ? dim : 1};
    check(cases[i].mesh, &kind, (gkt_context_options){.threads = 1 + (int)i % 3, .poison = true});
  }
}

static void interpreted(void **unused) {
  (void)unused;
  field_kind kind = {"interpreted", 2, 2, 2};
  check(MIXED_PLANE, &kind, (gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 2, .poison = true});
}

static void every_reduce_and_number_of_threads(void **unused) {
  (void)unused;
  field_kind kind = {"tetrahedra", 3, 1, 3};
  for (int reduce = GKT_REDUCE_FUSED; reduce <= GKT_REDUCE_SPMM; reduce++)
    for (int threads = 1; threads <= 4; threads *= 2) check(TETRAHEDRA, &kind, (gkt_context_options){.threads = threads, .reduce = (gkt_reduce_strategy)reduce});
}

static void refused(void **unused) {
  (void)unused;
  field_kind kind = {"triangles", 2, 1, 1};
  world_of_sets w = {0};
  gkt_scalar out[2];
  use(GKT_BACKEND_DEFAULT, 1);
  begin(&w, TRIANGLES, &kind);
  const gkt_scalar *values[] = {w.u, NULL, NULL}, *all[] = {w.u, NULL, w.k};
  gkt_inputs missing = {.spaces = w.spaces, .values = values, .constants = w.constants}, inputs = {.spaces = w.spaces, .values = all, .constants = w.constants};
  assert_int_equal(gkt_assemble_batch(w.number, &inputs, &(gkt_batch){0}, out), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "batch: 0 sets; expected at least 1");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_assemble_batch(w.number, &inputs, &(gkt_batch){.count = 2}, out), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "batch: results are 0 scalars apart; expected at least 1, one result");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_assemble_batch(w.number, &missing, &(gkt_batch){.count = 1}, out), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "assembly: no values are given for 'k'");
  gkt_context_clear(ctx);
  end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell), cmocka_unit_test(interpreted), cmocka_unit_test(every_reduce_and_number_of_threads), cmocka_unit_test(refused)};
  return start_counting() ? cmocka_run_group_tests(tests, setup, teardown) : 1;
}
