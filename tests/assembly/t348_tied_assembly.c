/* Claim: what an assembler with ties gives are C' R and C' A C of the plain one's R and A, formed densely, for periodic sides (also one cell apart), rotational ones and frames, of
   one field and of two, by every backend and strategy, in batches too; for 1, 2 and 4 threads the same bits; where A is symmetric the result is, to the last bit; and so are sizes.
 */
#include "assembly/magnitude.h"
#include "tests/tied_pair.h"

/* C [dofs][dofs], column by column. */
static double *dense_C(const pair *w) {
  double *dense = calloc((size_t)w->dofs * (size_t)w->dofs, sizeof *dense), *unit = calloc((size_t)w->dofs, sizeof *unit), *column = calloc((size_t)w->dofs, sizeof *column);
  gkt_idx first = 0;
  for (int f = U; f <= P; f += P - U) {
    gkt_idx n = gkt_space_num_dofs(w->spaces[f]);
    for (gkt_idx j = 0; j < n; j++) {
      if (!w->ties[f]) dense[(first + j) * w->dofs + first + j] = 1;
      if (!w->ties[f] || w->ties[f]->masters[j / w->ties[f]->size] != j / w->ties[f]->size) continue;
      memset(unit, 0, sizeof *unit * (size_t)n);
      unit[j] = 1;
      gkt_ties_expand(w->ties[f], unit, column);
      for (gkt_idx i = 0; i < n; i++) dense[(first + i) * w->dofs + first + j] = column[i];
    }
    first += n;
  }
  free(unit), free(column);
  return dense;
}

typedef struct {
  double *matrix, *vector; /* dense [dofs][dofs], [dofs] */
} results;

static void assemble_into(const pair *w, const gkt_form *residual, const gkt_form *tangent, bool tied, results *out) {
  const gkt_inputs inputs = inputs_of_pair(w);
  gkt_assembler *a = NULL, *b = NULL;
  gkt_csr *A;
  must(gkt_assembler_create_tied(residual, w->mesh, (const gkt_space *const *)w->spaces, tied ? w->ties : NULL, &a), "assembler");
  must(gkt_assembler_create_tied(tangent, w->mesh, (const gkt_space *const *)w->spaces, tied ? w->ties : NULL, &b), "assembler");
  out->vector = calloc((size_t)w->dofs, sizeof(double)), out->matrix = calloc((size_t)w->dofs * (size_t)w->dofs, sizeof(double));
  must(gkt_assemble_vector(a, &inputs, out->vector), "vector");
  must(gkt_assembler_matrix(b, &A), "matrix");
  must(gkt_assemble_matrix(b, &inputs, A), "matrix");
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) out->matrix[(gkt_size)i * w->dofs + A->cols[k]] = A->vals[k];
  if (tied) { /* a batch of two sets, the same twice */
    gkt_size n = A->row_offsets[A->num_rows];
    double *batch = malloc(sizeof *batch * (size_t)(2 * n));
    must(gkt_assemble_batch(b, &inputs, &(gkt_batch){.count = 2, .results_stride = n}, batch), "batch");
    assert_memory_equal(batch, A->vals, (size_t)n * sizeof *batch);
    assert_memory_equal(batch + n, A->vals, (size_t)n * sizeof *batch);
    free(batch);
  }
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a), gkt_assembler_destroy(&b);
}

static void free_results(results *r) { free(r->matrix), free(r->vector); }

/* C' A C and C' r. */
static results transform(gkt_idx n, const double *matrix, const results *plain) {
  results r = {calloc((size_t)n * (size_t)n, sizeof(double)), calloc((size_t)n, sizeof(double))};
  double *AC = calloc((size_t)n * (size_t)n, sizeof(double));
  for (gkt_idx i = 0; i < n; i++)
    for (gkt_idx k = 0; k < n; k++)
      for (gkt_idx j = 0; j < n && plain->matrix[i * n + k] != 0; j++) AC[i * n + j] += plain->matrix[i * n + k] * matrix[k * n + j];
  for (gkt_idx k = 0; k < n; k++)
    for (gkt_idx i = 0; i < n; i++) {
      if (matrix[k * n + i] == 0) continue;
      r.vector[i] += matrix[k * n + i] * plain->vector[k];
      for (gkt_idx j = 0; j < n; j++) r.matrix[i * n + j] += matrix[k * n + i] * AC[k * n + j];
    }
  free(AC);
  return r;
}

static void near(const char *what, gkt_idx n, const results *a, const results *b) {
  double most = 0, size = 0, far = 0, length = 0;
  for (gkt_idx i = 0; i < n * n; i++) most = fmax(most, fabs(a->matrix[i] - b->matrix[i])), size = fmax(size, fabs(a->matrix[i]));
  for (gkt_idx i = 0; i < n; i++) far = fmax(far, fabs(a->vector[i] - b->vector[i])), length = fmax(length, fabs(a->vector[i]));
  if (!(most <= 1e-13 * size)) fail_msg("%s: matrices differ by %g of %g", what, most, size);
  if (!(far <= 1e-13 * length)) fail_msg("%s: vectors differ by %g of %g", what, far, length);
}

static void check_symmetry(gkt_idx n, const double *A) {
  for (gkt_idx i = 0; i < n; i++)
    for (gkt_idx j = 0; j < i; j++)
      if (A[i * n + j] != A[j * n + i]) fail_msg("entry (%d, %d) of %d is %.17g, its transpose %.17g", i, j, n, A[i * n + j], A[j * n + i]);
}

static void compare(mesh_kind kind, int n, tie_kind ties, const char *text) {
  static const int unknowns[] = {U, P};
  results expected = {0}, first = {0};
  for (int run = 0; run < 7; run++) { /* cpu and interpreter, the strategies, the threads */
    static const gkt_context_options options[] = {{.backend = GKT_BACKEND_INTERPRETER, .threads = 1},
                                                  {.backend = GKT_BACKEND_INTERPRETER, .threads = 2, .poison = true},
                                                  {.backend = GKT_BACKEND_INTERPRETER, .threads = 4},
                                                  {.backend = GKT_BACKEND_INTERPRETER, .threads = 2, .reduce = GKT_REDUCE_SEGMENTED},
                                                  {.backend = GKT_BACKEND_INTERPRETER, .threads = 2, .reduce = GKT_REDUCE_SPMM},
                                                  {.backend = GKT_BACKEND_DEFAULT, .threads = 1},
                                                  {.backend = GKT_BACKEND_DEFAULT, .threads = 4}};
    gkt_context_destroy(&ctx);
    must(gkt_context_create(&options[run], &ctx), "context");
    pair w = make_pair(kind, n, ties);
    gkt_form *residual = parse(&w, text), *tangent = NULL;
    results tied;
    const bool one = text == ONE_FIELD;
    if (one) w.dofs = gkt_space_num_dofs(w.spaces[U]);
    must(gkt_form_derivative(residual, one ? 1 : 2, unknowns, &tangent), "tangent");
    if (run == 0) {
      results plain;
      pair whole = w;
      double *dense;
      if (one) whole.dofs += gkt_space_num_dofs(w.spaces[P]);
      dense = dense_C(&whole);
      if (one)
        for (gkt_idx i = 0; i < w.dofs; i++) memmove(dense + i * w.dofs, dense + i * whole.dofs, sizeof *dense * (size_t)w.dofs);
      assemble_into(&w, residual, tangent, false, &plain);
      expected = transform(w.dofs, dense, &plain);
      free_results(&plain), free(dense);
    }
    assemble_into(&w, residual, tangent, true, &tied);
    near(text, w.dofs, &expected, &tied);
    if (text == SYMMETRIC) check_symmetry(w.dofs, tied.matrix);
    if (run == 0) first = tied;
    else if (run < 3) { /* other threads, the same bits */ assert_memory_equal(first.matrix, tied.matrix, sizeof(double) * (size_t)w.dofs * (size_t)w.dofs);
      assert_memory_equal(first.vector, tied.vector, sizeof(double) * (size_t)w.dofs);
    }
    if (run) free_results(&tied);
    gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
    free_pair(&w);
  }
  free_results(&expected), free_results(&first);
}

static void all_forms(mesh_kind kind, int n, tie_kind ties) { compare(kind, n, ties, SYMMETRIC), compare(kind, n, ties, GENERAL), compare(kind, n, ties, ONE_FIELD); }
static void in_the_plane(void **unused) {
  (void)unused;
  for (int t = 0; t < NUM_TIES; t++) all_forms(TRIANGLES, 3, t), all_forms(QUADRILATERALS, 2, t);
}
static void in_space(void **unused) {
  (void)unused;
  for (int t = 0; t < NUM_TIES; t++) compare(HEXAHEDRA, 2, t, SYMMETRIC), compare(TETRAHEDRA, 2, t, ONE_FIELD), compare(PRISMS, 1, t, GENERAL);
}
/* All corners of a cell are one node. */
static void one_cell_apart(void **unused) {
  (void)unused;
  for (int t = 0; t < NUM_TIES; t++) compare(QUADRILATERALS, 1, t, SYMMETRIC), compare(TRIANGLES, 1, t, GENERAL);
}

/* Sizes are above what they are sizes of, and the same without ties where nothing is tied. */
static void sizes(void **unused) {
  (void)unused;
  for (int t = 0; t < NUM_TIES; t++) {
    pair w = make_pair(TRIANGLES, 3, t);
    gkt_form *residual = parse(&w, GENERAL);
    const gkt_inputs inputs = inputs_of_pair(&w);
    gkt_assembler *a, *plain;
    must(gkt_assembler_create_tied(residual, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &a), "assembler");
    must(gkt_assembler_create(residual, w.mesh, (const gkt_space *const *)w.spaces, &plain), "assembler");
    double *r = malloc(sizeof *r * (size_t)w.dofs * 3), *size = r + w.dofs, *other = size + w.dofs;
    must(gkt_assemble_vector(a, &inputs, r), "vector");
    must(gkt_assemble_magnitude(a, &inputs, size), "sizes");
    must(gkt_assemble_magnitude(plain, &inputs, other), "sizes");
    gkt_idx of_u = gkt_space_num_dofs(w.spaces[U]), same = 0;
    for (gkt_idx i = 0; i < w.dofs; i++) {
      assert_true(fabs(r[i]) <= (1 + 1e-12) * size[i]);
      same += size[i] == other[i];
      if (i < of_u && w.ties[U]->masters[i / 2] != i / 2) assert_true(size[i] == 0 && r[i] == 0);
    }
    assert_true(same > w.dofs / 4); /* inside */
    free(r);
    gkt_assembler_destroy(&a), gkt_assembler_destroy(&plain);
    gkt_form_destroy(&residual);
    free_pair(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(in_the_plane), cmocka_unit_test(in_space), cmocka_unit_test(one_cell_apart), cmocka_unit_test(sizes)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
