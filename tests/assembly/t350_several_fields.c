/* Claim: a form of several fields assembles to one vector and one matrix. The vector is the derivative of the energy and the matrix that of the vector, by differences of sums that
   know no fields; a tangent of an energy is symmetric to the last bit; backends and strategies agree to rounding, threads in every bit; columns ascend; fields that are not coupled
   have no places but the diagonal. On every cell of boxes, with measures of cells and facets; compiled derivatives by
   differences on triangles and tetrahedra, with GKT_LONG=1 on all: elsewhere the other backend holds them. */
#include "assembly/assembler.h"
#include "tests/space_meshes.h"

enum { P, U = 2, S = 4, C = 6, FUNCTIONS };
enum { NUM_FIELDS = 3 };
static const int fields[NUM_FIELDS] = {P, U, S};

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *spaces[FUNCTIONS];
  gkt_size first[NUM_FIELDS + 1];
  gkt_scalar *c, constant;
} world;

static void make(world *w, gkt_cell_type shape, int n) {
  int dim = gkt_cell_topologies[shape].dim, f;
  gkt_box box = {.shape = shape, .dim = dim, .cells = {n, n > 1 ? n - 1 : 1, n}, .upper = {1.5, 1, 0.5}};
  const gkt_element p1 = {GKT_LAGRANGE, 1}, p2 = {GKT_LAGRANGE, 2}, dp1 = {GKT_DISCONTINUOUS_LAGRANGE, 1};
  *w = (world){.constant = 0.7};
  assert_int_equal(gkt_mesh_box(ctx, &box, &w->mesh), GKT_OK);
  if (dim > 1) skew(w->mesh);
  assert_int_equal(gkt_scope_create(ctx, dim, &w->scope), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), p1, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w->scope, "U", "V", gkt_shape_vector(dim), p2, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w->scope, "s", "r", gkt_shape_scalar(), dp1, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(w->scope, "c", gkt_shape_scalar(), p1, &f), GKT_OK);
  assert_int_equal(f, C);
  assert_int_equal(gkt_scope_add_constant(w->scope, "k", &f), GKT_OK);
  assert_int_equal(gkt_space_create(w->mesh, p1, gkt_shape_scalar(), &w->spaces[P]), GKT_OK);
  assert_int_equal(gkt_space_create(w->mesh, p2, gkt_shape_vector(dim), &w->spaces[U]), GKT_OK);
  assert_int_equal(gkt_space_create(w->mesh, dp1, gkt_shape_scalar(), &w->spaces[S]), GKT_OK);
  assert_int_equal(gkt_space_create(w->mesh, p1, gkt_shape_scalar(), &w->spaces[C]), GKT_OK);
  for (int k = 0; k < NUM_FIELDS; k++) w->first[k + 1] = w->first[k] + gkt_space_num_dofs(w->spaces[fields[k]]);
  w->c = malloc((size_t)gkt_space_num_dofs(w->spaces[C]) * sizeof *w->c);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w->spaces[C]); i++) w->c[i] = 1.3 + 0.4 * sin(1.7 * i);
}

static void release(world *w) {
  for (int f = 0; f < FUNCTIONS; f++) gkt_space_destroy(&w->spaces[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
  free(w->c);
}

static gkt_form *parse(const world *w, gkt_form_kind kind, const char *text) {
  gkt_form *form = NULL;
  if (gkt_form_parse(w->scope, kind, &(gkt_source){.text = text}, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}

static gkt_form *derive(const gkt_form *form) {
  gkt_form *out;
  assert_int_equal(gkt_form_derivative(form, NUM_FIELDS, fields, &out), GKT_OK);
  return out;
}

static gkt_assembler *assembler_of(const world *w, const gkt_form *form) {
  gkt_assembler *a = NULL;
  if (gkt_assembler_create(form, w->mesh, (const gkt_space *const *)w->spaces, &a) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return a;
}

/* u + t d, all fields together */
static gkt_scalar *state(const world *w, double t) {
  gkt_scalar *u = malloc((size_t)w->first[NUM_FIELDS] * sizeof *u);
  for (gkt_size i = 0; i < w->first[NUM_FIELDS]; i++) u[i] = 0.5 * sin(0.9 * (double)i + 1) + t * cos(2.3 * (double)i);
  return u;
}

static gkt_inputs inputs_at(const world *w, const gkt_scalar *u, const gkt_scalar **values) {
  for (int f = 0; f < FUNCTIONS; f++) values[f] = NULL;
  for (int k = 0; k < NUM_FIELDS; k++) values[fields[k]] = u + w->first[k];
  values[C] = w->c;
  return (gkt_inputs){.values = values, .constants = &w->constant};
}

static gkt_scalar energy_at(const world *w, gkt_assembler *a, double t) {
  const gkt_scalar *values[FUNCTIONS];
  gkt_scalar *u = state(w, t), out;
  gkt_inputs inputs = inputs_at(w, u, values);
  assert_int_equal(gkt_assemble_functional(a, &inputs, &out), GKT_OK);
  free(u);
  return out;
}

static gkt_scalar *residual_at(const world *w, gkt_assembler *a, double t) {
  const gkt_scalar *values[FUNCTIONS];
  gkt_scalar *u = state(w, t), *out = malloc((size_t)w->first[NUM_FIELDS] * sizeof *out);
  gkt_inputs inputs = inputs_at(w, u, values);
  assert_int_equal(gkt_assemble_vector(a, &inputs, out), GKT_OK);
  free(u);
  return out;
}

static gkt_csr *tangent_at(const world *w, gkt_assembler *a, double t) {
  const gkt_scalar *values[FUNCTIONS];
  gkt_scalar *u = state(w, t);
  gkt_csr *A;
  gkt_inputs inputs = inputs_at(w, u, values);
  assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(a, &inputs, A), GKT_OK);
  free(u);
  return A;
}

static gkt_scalar direction(gkt_size i) { return cos(2.3 * (double)i); }

static double largest(gkt_size n, const gkt_scalar *x) {
  double most = 0;
  for (gkt_size i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static void check_columns(const gkt_csr *A) {
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      assert_true(A->cols[k] >= 0 && A->cols[k] < A->num_cols);
      if (k > A->row_offsets[i]) assert_true(A->cols[k] > A->cols[k - 1]);
    }
}

static gkt_scalar entry(const gkt_csr *A, gkt_idx i, gkt_idx j) {
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->cols[k] == j) return A->vals[k];
  return NAN;
}

/* Differences of order 4; the forms are polynomials of degree 4 at most. */
static const double H = 1e-2;
static double difference(const double y[4]) { return (8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * H); }
static const double steps[4] = {-2, -1, 1, 2};

static void check_residual_of_energy(const world *w, const gkt_form *energy, const gkt_form *residual) {
  gkt_assembler *e = assembler_of(w, energy), *r = assembler_of(w, residual);
  double y[4], sum = 0, size = 0;
  for (int k = 0; k < 4; k++) y[k] = energy_at(w, e, steps[k] * H);
  gkt_scalar *R = residual_at(w, r, 0);
  for (gkt_size i = 0; i < w->first[NUM_FIELDS]; i++) sum += R[i] * direction(i), size += fabs(R[i]);
  assert_true(fabs(sum - difference(y)) < 1e-10 * size);
  free(R);
  gkt_assembler_destroy(&e);
  gkt_assembler_destroy(&r);
}

static void check_tangent(const world *w, const gkt_form *residual, const gkt_form *tangent, bool symmetric) {
  gkt_assembler *r = assembler_of(w, residual), *t = assembler_of(w, tangent);
  gkt_size n = w->first[NUM_FIELDS];
  gkt_scalar *y[4], *d = malloc((size_t)n * sizeof *d), *Ad = malloc((size_t)n * sizeof *Ad);
  gkt_csr *A = tangent_at(w, t, 0);
  check_columns(A);
  for (int k = 0; k < 4; k++) y[k] = residual_at(w, r, steps[k] * H);
  for (gkt_size i = 0; i < n; i++) d[i] = direction(i);
  gkt_csr_multiply(A, d, Ad);
  double size = largest(A->row_offsets[A->num_rows], A->vals);
  for (gkt_size i = 0; i < n; i++) {
    double known = difference((double[]){y[0][i], y[1][i], y[2][i], y[3][i]});
    if (fabs(Ad[i] - known) > 1e-10 * size) fail_msg("row %ld: %.15g, by differences %.15g", (long)i, Ad[i], known);
  }
  for (gkt_idx i = 0; symmetric && i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) assert_true(A->vals[k] == entry(A, A->cols[k], i));
  for (int k = 0; k < 4; k++) free(y[k]);
  free(d), free(Ad);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&r);
  gkt_assembler_destroy(&t);
}

static const char *energy_text = "0.5*k*inner(sym(grad(U)), sym(grad(U)))*dx + p*div(U)*dx + 0.25*s^4*dx(degree=5) + c*s*p*dx + s*dot(U, U)*dx + dot(grad(p), U)*s*dx(degree=4)"
                                 " + p*dot(U, n)*ds + 0.5*s^2*p*ds(right) + x[0]*U[0]*p*dx";
static const char *equation_text = "inner(grad(U)*U, V)*dx + k*inner(grad(U), grad(V))*dx - p*div(V)*dx - q*div(U)*dx + (s - p^2)*r*dx + c*dot(grad(s), U)*r*dx + s*q*ds(left)"
                                   " == dot(U, V)*ds(right) + c*r*dx";
static const char *stokes_text = "k*inner(grad(U), grad(V))*dx - p*div(V)*dx - q*div(U)*dx + s*r*dx == c*V[0]*dx";

static const gkt_cell_type shapes[] = {GKT_LINE, GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
enum { NUM_SHAPES = sizeof shapes / sizeof *shapes };

static void begin(gkt_backend backend, gkt_reduce_strategy reduce, int threads) {
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .reduce = reduce, .threads = threads, .poison = true}, &ctx), GKT_OK);
}

static void derivatives_are_right(void **st) {
  (void)st;
  for (int backend = 0; backend < 2; backend++)
    for (int k = 0; k < NUM_SHAPES; k++) {
      world w;
      if (!backend && shapes[k] != GKT_TRIANGLE && shapes[k] != GKT_TETRAHEDRON && !getenv("GKT_LONG")) continue;
      begin(backend ? GKT_BACKEND_INTERPRETER : GKT_BACKEND_DEFAULT, GKT_REDUCE_AUTO, 1);
      make(&w, shapes[k], 2);
      gkt_form *energy = parse(&w, GKT_ENERGY, energy_text), *gradient = derive(energy), *hessian = derive(gradient);
      gkt_form *equation = parse(&w, GKT_EQUATION, equation_text), *tangent = derive(equation);
      check_residual_of_energy(&w, energy, gradient);
      check_tangent(&w, gradient, hessian, true);
      check_tangent(&w, equation, tangent, false);
      gkt_form_destroy(&energy), gkt_form_destroy(&gradient), gkt_form_destroy(&hessian), gkt_form_destroy(&equation), gkt_form_destroy(&tangent);
      release(&w);
    }
}

/* *out: vector, then matrix */
static gkt_scalar *all_values(gkt_cell_type shape, int n, const char *text, gkt_size *count) {
  world w;
  make(&w, shape, n);
  gkt_form *equation = parse(&w, GKT_EQUATION, text), *tangent = derive(equation);
  gkt_assembler *r = assembler_of(&w, equation), *t = assembler_of(&w, tangent);
  gkt_csr *A = tangent_at(&w, t, 0);
  gkt_scalar *R = residual_at(&w, r, 0);
  gkt_size dofs = w.first[NUM_FIELDS], entries = A->row_offsets[A->num_rows];
  *count = dofs + entries;
  R = realloc(R, (size_t)*count * sizeof *R);
  memcpy(R + dofs, A->vals, (size_t)entries * sizeof *R);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&r), gkt_assembler_destroy(&t);
  gkt_form_destroy(&equation), gkt_form_destroy(&tangent);
  release(&w);
  return R;
}

static void backends_and_strategies_agree(void **st) {
  (void)st;
  const char *const texts[] = {equation_text, stokes_text};
  for (int t = 0; t < 2; t++)
    for (int k = 0; k < NUM_SHAPES; k++) {
      gkt_size n, m;
      begin(GKT_BACKEND_INTERPRETER, GKT_REDUCE_FUSED, 1);
      gkt_scalar *reference = all_values(shapes[k], 3, texts[t], &n);
      double size = largest(n, reference);
      for (int s = GKT_REDUCE_FUSED; s <= GKT_REDUCE_SPMM; s++)
        for (int threads = 1; threads < 3; threads++) {
          begin(GKT_BACKEND_DEFAULT, (gkt_reduce_strategy)s, threads);
          gkt_scalar *other = all_values(shapes[k], 3, texts[t], &m);
          assert_int_equal(n, m);
          for (gkt_size i = 0; i < n; i++) assert_true(fabs(other[i] - reference[i]) <= 1e-12 * size);
          free(other);
        }
      free(reference);
    }
}

static void threads_change_no_bit(void **st) {
  (void)st;
  for (int s = GKT_REDUCE_FUSED; s <= GKT_REDUCE_SPMM; s++) {
    gkt_size n, m;
    begin(GKT_BACKEND_DEFAULT, (gkt_reduce_strategy)s, 1);
    gkt_scalar *one = all_values(GKT_TETRAHEDRON, 10, equation_text, &n);
    for (int threads = 2; threads <= 4; threads += 2) {
      begin(GKT_BACKEND_DEFAULT, (gkt_reduce_strategy)s, threads);
      gkt_scalar *other = all_values(GKT_TETRAHEDRON, 10, equation_text, &m);
      assert_int_equal(n, m);
      assert_memory_equal(one, other, (size_t)n * sizeof *one);
      free(other);
    }
    free(one);
  }
}

static void batches_are_single_calls(void **st) {
  (void)st;
  enum { SETS = 3 };
  world w;
  begin(GKT_BACKEND_DEFAULT, GKT_REDUCE_AUTO, 2);
  make(&w, GKT_TETRAHEDRON, 3);
  const gkt_scalar *values[FUNCTIONS], constants[SETS] = {0.7, 1.9, -0.4};
  gkt_size strides[FUNCTIONS] = {0};
  gkt_form *equation = parse(&w, GKT_EQUATION, equation_text), *tangent = derive(equation);
  gkt_assembler *t = assembler_of(&w, tangent);
  gkt_scalar *u = state(&w, 0);
  gkt_inputs inputs = inputs_at(&w, u, values);
  gkt_csr *A;
  assert_int_equal(gkt_assembler_matrix(t, &A), GKT_OK);
  gkt_size n = A->row_offsets[A->num_rows];
  gkt_scalar *all = malloc((size_t)(SETS * n) * sizeof *all);
  inputs.constants = constants;
  assert_int_equal(gkt_assemble_batch(t, &inputs, &(gkt_batch){.count = SETS, .strides = strides, .constants_stride = 1, .results_stride = n}, all), GKT_OK);
  for (int s = 0; s < SETS; s++) {
    inputs.constants = constants + s;
    assert_int_equal(gkt_assemble_matrix(t, &inputs, A), GKT_OK);
    assert_memory_equal(A->vals, all + s * n, (size_t)n * sizeof *all);
  }
  free(all), free(u);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&t);
  gkt_form_destroy(&equation), gkt_form_destroy(&tangent);
  release(&w);
}

static void fields_that_are_not_coupled_have_a_diagonal(void **st) {
  (void)st;
  world w;
  begin(GKT_BACKEND_INTERPRETER, GKT_REDUCE_AUTO, 1);
  make(&w, GKT_TRIANGLE, 3);
  gkt_form *equation = parse(&w, GKT_EQUATION, stokes_text), *tangent = derive(equation);
  gkt_assembler *t = assembler_of(&w, tangent);
  gkt_csr *A = tangent_at(&w, t, 0);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      bool row_p = i < w.first[1], col_p = A->cols[k] < w.first[1], row_s = i >= w.first[2], col_s = A->cols[k] >= w.first[2];
      if (row_p && col_p) assert_true(A->cols[k] == i && A->vals[k] == 0);
      assert_true(row_s == col_s);
    }
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&t);
  gkt_form_destroy(&equation), gkt_form_destroy(&tangent);
  release(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(derivatives_are_right), cmocka_unit_test(backends_and_strategies_agree), cmocka_unit_test(threads_change_no_bit),
                                     cmocka_unit_test(batches_are_single_calls), cmocka_unit_test(fields_that_are_not_coupled_have_a_diagonal)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
