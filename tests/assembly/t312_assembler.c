/* Claim: assembly commutes with renumbering; the transposed form gives the transposed matrix; symmetric forms give matrices symmetric to the last bit; bits depend neither on the
   number of threads nor on the run; constants may change without a new plan; tangents are the derivatives of residuals, also by coefficients and by coordinates. */
#include "tests/assembly_world.h"

/* Several chunks of cells: 2 x 80 x 60 triangles, 6 x 12^3 tetrahedra. */
/* Of several chunks or patches. */
static gkt_mesh *large_mesh(int dim) {
  const bool emulated = getenv("GKT_DEVICE");
  gkt_mesh *mesh = dim == 2 ? box_mesh(2, emulated ? 40 : 80, emulated ? 30 : 60, 0) : emulated ? box_mesh(3, 7, 7, 7) : box_mesh(3, 12, 12, 12);
  skew(mesh);
  return mesh;
}

static double largest(const double *x, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

/* ---- renumbering ---- */
static void shuffle(gkt_idx n, gkt_idx *p) {
  uint32_t seed = 12345;
  for (gkt_idx i = 0; i < n; i++) p[i] = i;
  for (gkt_idx i = n - 1; i > 0; i--) {
    seed = seed * 1664525u + 1013904223u;
    gkt_idx j = (gkt_idx)((seed >> 8) % (uint32_t)(i + 1)), swap = p[i];
    p[i] = p[j], p[j] = swap;
  }
}

/* Node i becomes node_map[i]; cells in another order, their vertices turned. */
static gkt_mesh *renumbered(const gkt_mesh *mesh, const gkt_idx *node_map) {
  const gkt_cell_block *b = gkt_mesh_block(mesh, 0);
  int n = b->nodes_per_cell, dim = gkt_mesh_dim(mesh);
  gkt_idx *order = malloc((size_t)b->num_cells * sizeof *order), *cells = malloc((size_t)b->num_cells * (size_t)n * sizeof *cells), nodes = gkt_mesh_num_nodes(mesh);
  double *coords = malloc((size_t)nodes * (size_t)dim * sizeof *coords);
  gkt_mesh *out;
  shuffle(b->num_cells, order);
  for (gkt_idx c = 0; c < b->num_cells; c++)
    for (int v = 0; v < n; v++) cells[c * n + v] = node_map[b->nodes[order[c] * n + (v < 3 ? (v + c) % 3 : v)]];
  for (gkt_idx i = 0; i < nodes; i++) memcpy(coords + node_map[i] * dim, gkt_mesh_coords(mesh) + i * dim, (size_t)dim * sizeof *coords);
  assert_int_equal(gkt_mesh_from_arrays(ctx, b->cell, 1, dim, nodes, coords, b->num_cells, cells, &out), GKT_OK);
  free(order), free(cells), free(coords);
  return out;
}

static void renumbering_permutes_the_matrix(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int dim = 2; dim <= 3; dim++) {
      use_backend(backend);
      world a = make_world_on(large_mesh(dim), 1, dim);
      gkt_idx nodes = gkt_mesh_num_nodes(a.mesh), *map = malloc((size_t)nodes * sizeof *map);
      shuffle(nodes, map);
      world b = make_world_on(renumbered(a.mesh, map), 1, dim);
      const char *text = "(1+x[0]^2)*inner(grad(u),grad(v))*dx + k*div(u)*dot([1,2,3],v)*dx";
      if (dim == 2) text = "(1+x[0]^2)*inner(grad(u),grad(v))*dx + k*div(u)*dot([1,2],v)*dx";
      gkt_form *fa = residual_of(&a, GKT_EQUATION, text), *fb = residual_of(&b, GKT_EQUATION, text), *ta = derivative_of(fa, FIELD), *tb = derivative_of(fb, FIELD);
      gkt_csr *A = matrix_of(&a, ta), *B = matrix_of(&b, tb);
      gkt_idx entries = A->row_offsets[A->num_rows];
      assert_int_equal(entries, B->row_offsets[B->num_rows]);
      assert_int_equal(A->block_size, dim);
      double most = largest(A->vals, (size_t)entries); /* sums of at most 30 contributions of this size */
      for (gkt_idx i = 0; i < A->num_rows; i++)
        for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
          gkt_idx row = map[i / dim] * dim + i % dim, col = map[A->cols[k] / dim] * dim + A->cols[k] % dim;
          assert_true(fabs(A->vals[k] - entry_of(B, row, col)) <= 1e-13 * most);
        }
      gkt_csr_destroy(&A), gkt_csr_destroy(&B);
      gkt_form_destroy(&ta), gkt_form_destroy(&tb), gkt_form_destroy(&fa), gkt_form_destroy(&fb);
      free(map);
      free_world(&a), free_world(&b);
    }
}

/* ---- transposition and symmetry ---- */
static gkt_csr *tangent_matrix(world *w, const char *text, bool *symmetric) {
  gkt_form *f = residual_of(w, GKT_EQUATION, text), *t = derivative_of(f, FIELD);
  gkt_csr *A = matrix_of(w, t);
  if (symmetric) *symmetric = gkt_form_is_symmetric(t);
  gkt_form_destroy(&t), gkt_form_destroy(&f);
  return A;
}

static void transposed_forms_are_adjoint(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int degree = 1; degree <= 2; degree++) {
      use_backend(backend);
      world w = make_world_on(large_mesh(2), degree, 1);
      gkt_csr *A = tangent_matrix(&w, "dot(w,grad(u))*v*dx + dot(w,n)*u*grad(v)[0]*ds", NULL), *T = tangent_matrix(&w, "dot(w,grad(v))*u*dx + dot(w,n)*v*grad(u)[0]*ds", NULL);
      size_t n = (size_t)A->num_rows;
      double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), *Ax = malloc(n * sizeof *x), *Ty = malloc(n * sizeof *y), left = 0, right = 0, size = 0;
      for (size_t i = 0; i < n; i++) x[i] = wave((gkt_idx)i, 1), y[i] = wave((gkt_idx)i, 2);
      gkt_csr_multiply(A, x, Ax), gkt_csr_multiply(T, y, Ty);
      for (size_t i = 0; i < n; i++) left += y[i] * Ax[i], right += Ty[i] * x[i], size += fabs(y[i] * Ax[i]);
      assert_true(fabs(left - right) <= 1e-13 * size);
      double most = largest(A->vals, (size_t)A->row_offsets[n]);
      for (gkt_idx i = 0; i < A->num_rows; i++)
        for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) assert_true(fabs(A->vals[k] - entry_of(T, A->cols[k], i)) <= 1e-14 * most);
      free(x), free(y), free(Ax), free(Ty);
      gkt_csr_destroy(&A), gkt_csr_destroy(&T);
      free_world(&w);
    }
}

static void symmetric_to_the_last_bit(void **unused) {
  (void)unused;
  const char *const texts[] = {"2*mu*inner(sym(grad(u)),sym(grad(v)))*dx + k*div(u)*div(v)*dx + c*dot(u,n)*dot(v,n)*ds",
                               "(r + x[0]^2)*inner(grad(u),grad(v))*dx + dot(u,u)*dot(u,v)*dx"};
  for (int backend = 0; backend < num_backends(); backend++)
    for (int k = 0; k < 4; k++) {
      use_backend(backend);
      int dim = k % 2 ? 3 : 2;
      world w = make_world_on(large_mesh(dim), dim == 2 ? 2 : 1, dim);
      bool symmetric = false;
      gkt_csr *A = tangent_matrix(&w, texts[k / 2], &symmetric);
      assert_true(symmetric);
      for (gkt_idx i = 0; i < A->num_rows; i++)
        for (gkt_idx j = A->row_offsets[i]; j < A->row_offsets[i + 1]; j++) assert_true(A->vals[j] == entry_of(A, A->cols[j], i));
      gkt_csr_destroy(&A);
      free_world(&w);
    }
}

/* ---- bits ---- */
typedef struct {
  double *values;
  size_t count;
} bits;

static bits assemble_bits(world *w, const gkt_form *form, int repeats) {
  gkt_assembler *a = assembler_of(w, form);
  gkt_csr *A = NULL;
  bits b = {.count = (size_t)a->targets.num_values};
  b.values = malloc(b.count * sizeof *b.values);
  if (gkt_form_arity(form) == 2) assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
  for (int r = 0; r < repeats; r++) {
    double *out = A ? A->vals : b.values, *first = malloc(b.count * sizeof *first);
    memcpy(first, out, b.count * sizeof *first);
    if (A) assert_int_equal(gkt_assemble_matrix(a, inputs_of(w), A), GKT_OK);
    else if (gkt_form_arity(form) == 1) assert_int_equal(gkt_assemble_vector(a, inputs_of(w), out), GKT_OK);
    else assert_int_equal(gkt_assemble_functional(a, inputs_of(w), out), GKT_OK);
    if (r > 0) assert_memory_equal(first, out, b.count * sizeof *first);
    free(first);
  }
  if (A) memcpy(b.values, A->vals, b.count * sizeof *b.values);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
  return b;
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  const int threads[] = {1, 2, 4};
  for (int backend = 0; backend < num_backends(); backend++) {
    bits first[4] = {{0}};
    for (int t = 0; t < 3; t++) {
      gkt_context_options options = backends[backend];
      options.threads = threads[t];
      if (ctx) gkt_context_destroy(&ctx);
      assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
      world w = make_world_on(large_mesh(3), 1, 3);
      gkt_form *forms[4];
      forms[0] = residual_of(&w, GKT_ENERGY, "(mu*inner(sym(grad(u)),sym(grad(u))) + r*dot(u,u)^2)*dx + c*dot(u,n)^2*ds(left, top)");
      forms[1] = derivative_of(forms[0], FIELD);
      forms[2] = derivative_of(forms[1], FIELD);
      forms[3] = residual_of(&w, GKT_EQUATION, "dot(grad(u)*u,v)*dx");
      for (int k = 0; k < 4; k++) {
        bits b = assemble_bits(&w, forms[k], 3);
        if (t == 0) first[k] = b;
        else {
          assert_int_equal(b.count, first[k].count);
          assert_memory_equal(b.values, first[k].values, b.count * sizeof *b.values);
          free(b.values);
        }
      }
      for (int k = 0; k < 4; k++) gkt_form_destroy(&forms[k]);
      free_world(&w);
    }
    for (int k = 0; k < 4; k++) free(first[k].values);
  }
}

/* ---- derivatives ---- */
static void constants_change_without_a_new_plan(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_world(2, 2, 1, false);
    gkt_form *f = residual_of(&w, GKT_EQUATION, "k*dot(grad(u),grad(v))*dx - t*v*dx"), *t = derivative_of(f, FIELD);
    gkt_assembler *a = assembler_of(&w, t);
    gkt_csr *A, *B;
    assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
    assert_int_equal(gkt_assembler_matrix(a, &B), GKT_OK);
    w.constants[0] = 1;
    assert_int_equal(gkt_assemble_matrix(a, inputs_of(&w), A), GKT_OK);
    w.constants[0] = 4; /* a power of two scales without rounding */
    assert_int_equal(gkt_assemble_matrix(a, inputs_of(&w), B), GKT_OK);
    for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++) assert_true(B->vals[k] == 4 * A->vals[k]);
    gkt_csr_destroy(&A), gkt_csr_destroy(&B);
    gkt_assembler_destroy(&a);
    gkt_form_destroy(&t), gkt_form_destroy(&f);
    free_world(&w);
  }
}

/* A linear form: R(u) - R(0) = A u. */
static void tangents_of_linear_forms(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int degree = 1; degree <= 2; degree++) {
      use_backend(backend);
      world w = make_world(3, degree, 3, false);
      gkt_form *f = residual_of(&w, GKT_EQUATION, "inner(grad(u),grad(v))*dx + dot(grad(u)*w,v)*dx + c*dot(u,v)*ds(front) == dot([1,x[0],t],v)*dx + k*dot(n,v)*ds");
      gkt_form *t = derivative_of(f, FIELD);
      gkt_csr *A = matrix_of(&w, t);
      size_t n = (size_t)A->num_rows;
      double *r = vector_of(&w, f), *Au = malloc(n * sizeof *Au);
      gkt_csr_multiply(A, w.values[FIELD], Au);
      memset(w.values[FIELD], 0, n * sizeof *Au);
      double *r0 = vector_of(&w, f), most = largest(r, n);
      for (size_t i = 0; i < n; i++) assert_true(fabs(r[i] - r0[i] - Au[i]) <= 1e-12 * most);
      free(r), free(r0), free(Au);
      gkt_csr_destroy(&A);
      gkt_form_destroy(&t), gkt_form_destroy(&f);
      free_world(&w);
    }
}

/* Central differences with step s of a smooth function: error O(s^2) + rounding/s; s = 1e-5 leaves 1e-10 and 1e-11 of the values, with a factor of 100 for third derivatives. */
static void tangents_are_derivatives(void **unused) {
  (void)unused;
  const int functions[] = {FIELD, C, R, W};
  for (int backend = 0; backend < num_backends(); backend++)
    for (int k = 0; k < 4; k++) {
      use_backend(backend);
      world w = make_world(2, 2, 1, k % 2);
      gkt_form *f = residual_of(&w, GKT_EQUATION, "exp(r*c)*(1+u^2)*dot(grad(u),grad(v))*dx + dot(w,w)*dot(w,grad(u))*v*dx + c*u^3*v*ds(left) + r*v*ds");
      gkt_form *t = derivative_of(f, functions[k]);
      gkt_csr *A = matrix_of(&w, t);
      gkt_scalar *m = w.values[functions[k]];
      size_t rows = (size_t)A->num_rows, cols = (size_t)A->num_cols;
      assert_int_equal(cols, gkt_space_num_dofs(w.spaces[functions[k]]));
      double *direction = malloc(cols * sizeof *direction), *Ad = malloc(rows * sizeof *Ad), step = 1e-5, *results[2];
      for (size_t i = 0; i < cols; i++) direction[i] = wave((gkt_idx)i, 9);
      gkt_csr_multiply(A, direction, Ad);
      for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < cols; i++) m[i] += (side ? -2 : 1) * step * direction[i];
        results[side] = vector_of(&w, f);
      }
      double most = largest(Ad, rows);
      for (size_t i = 0; i < rows; i++) assert_true(fabs((results[0][i] - results[1][i]) / (2 * step) - Ad[i]) <= 1e-8 * most);
      free(results[0]), free(results[1]), free(direction), free(Ad);
      gkt_csr_destroy(&A);
      gkt_form_destroy(&t), gkt_form_destroy(&f);
      free_world(&w);
    }
}

static void shape_derivatives_by_moving_nodes(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int curved = 0; curved < 2; curved++) {
      use_backend(backend);
      world w = make_world(3, 1, 1, curved);
      const char *text = curved ? "(dot(grad(u),grad(u)) + u*x[0]^2)*dx(degree=3) + c*dot(w,n)*ds(left, degree=3)"
                                : "(dot(grad(u),grad(u)) + h*u*x[0]^2)*dx(degree=3) + c*h*dot(w,n)*ds(left, degree=3)";
      gkt_form *f = residual_of(&w, GKT_FUNCTIONAL, text), *d = derivative_of(f, GKT_COORDINATES);
      gkt_scalar *gradient = vector_of(&w, d), sums[2], expected = 0, step = 1e-5;
      gkt_idx n = gkt_mesh_num_nodes(w.mesh) * 3;
      double *X = gkt_mesh_coords_mutable(w.mesh);
      for (gkt_idx i = 0; i < n; i++) expected += gradient[i] * wave(i, 4);
      for (int side = 0; side < 2; side++) {
        for (gkt_idx i = 0; i < n; i++) X[i] += (side ? -2 : 1) * step * wave(i, 4);
        sums[side] = number_of(&w, f);
      }
      assert_true(fabs((sums[0] - sums[1]) / (2 * step) - expected) <= 1e-6 * fabs(sums[0])); /* cells of size 0.5 with gradients of 10: third derivatives near 1e4 */
      free(gradient);
      gkt_form_destroy(&d), gkt_form_destroy(&f);
      free_world(&w);
    }
}

static void the_diameter_of_curved_cells_is_not_differentiated(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 1, true);
  gkt_form *f = residual_of(&w, GKT_FUNCTIONAL, "h*u*dx"), *d = derivative_of(f, GKT_COORDINATES);
  gkt_assembler *a = NULL;
  assert_int_equal(gkt_assembler_create(d, w.mesh, (const gkt_space *const *)w.spaces, &a), GKT_UNAVAILABLE);
  gkt_form_destroy(&d), gkt_form_destroy(&f);
  free_world(&w);
}

static void broken_contracts_are_refused(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 1, false), other = make_world(2, 1, 1, false);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "k*c*u*v*dx"), *t = derivative_of(f, FIELD);
  gkt_assembler *vector = assembler_of(&w, f), *matrix = assembler_of(&w, t), *none = NULL;
  gkt_scalar value;
  gkt_csr *A, *B;
  assert_int_equal(gkt_assemble_functional(vector, inputs_of(&w), &value), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_assembler_matrix(vector, &A), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_assemble_vector(vector, NULL, &value), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_assembler_matrix(matrix, &A), GKT_OK);
  assert_int_equal(gkt_csr_create(ctx, 3, 3, 3, 1, &B), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(matrix, inputs_of(&w), B), GKT_BAD_ARGUMENT);
  gkt_scalar *values = w.values[C];
  w.values[C] = NULL;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_assemble_matrix(matrix, inputs_of(&w), A), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "'c'"));
  w.values[C] = values;
  assert_int_equal(gkt_assembler_create(f, w.mesh, NULL, &none), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_assembler_create(f, w.mesh, (const gkt_space *const *)other.spaces, &none), GKT_BAD_ARGUMENT);
  assert_null(none);
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  gkt_assembler_destroy(&vector), gkt_assembler_destroy(&matrix);
  gkt_form_destroy(&t), gkt_form_destroy(&f);
  free_world(&other), free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(renumbering_permutes_the_matrix),
                                     cmocka_unit_test(transposed_forms_are_adjoint),
                                     cmocka_unit_test(symmetric_to_the_last_bit),
                                     cmocka_unit_test(bits_do_not_depend_on_threads),
                                     cmocka_unit_test(constants_change_without_a_new_plan),
                                     cmocka_unit_test(tangents_of_linear_forms),
                                     cmocka_unit_test(tangents_are_derivatives),
                                     cmocka_unit_test(shape_derivatives_by_moving_nodes),

                                     cmocka_unit_test(the_diameter_of_curved_cells_is_not_differentiated),
                                     cmocka_unit_test(broken_contracts_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
