/* Claim: a space at quadrature points has the points of dx(degree=d) as nodes, on every kind of cell, straight and of order 2. A coefficient there gives the sums that the
   expression gives which was interpolated onto it, interpreted and compiled, with the same bits for 1, 2 and 4 threads; interpolation updates it from itself; in a batch each set
   has its own; a term that gives no degree takes its rule, and spaces elsewhere take the means of cells. Everywhere else it is refused by name. Memory that fails is reported by
   t316. */
#include "tests/element_form.h"

enum { U, V, Q, NUM };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *space, *at;
  gkt_scalar *u, *q;
  const gkt_space *spaces[NUM + 1]; /* a test adds one function */
  const gkt_scalar *values[NUM + 1];
  gkt_inputs inputs;
} history;

static gkt_scalar *numbers(gkt_idx n) { return calloc((size_t)n, sizeof(gkt_scalar)); }

static gkt_expression *expression_of(history *h, const char *text) {
  gkt_source source = {.text = text};
  gkt_expression *e = NULL;
  must(gkt_expression_parse(h->scope, &source, &e), text);
  return e;
}

static void interpolate(history *h, const char *text, gkt_scalar *out) {
  gkt_expression *e = expression_of(h, text);
  must(gkt_interpolate(e, h->at, &h->inputs, out), text);
  gkt_expression_destroy(&e);
}

static void begin(history *h, mesh_kind m, int order, int degree) {
  int f, dim = mesh_kinds[m].dim;
  *h = (history){.mesh = bent_mesh(m, 2, order)};
  must(gkt_mesh_topology(h->mesh), "topology");
  must(gkt_scope_create(ctx, dim, &h->scope), "scope");
  must(gkt_scope_add_field(h->scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), "u");
  must(gkt_scope_add_coefficient(h->scope, "q", gkt_shape_vector(2), (gkt_element){GKT_QUADRATURE_POINTS, degree}, &f), "q");
  h->space = make_space(h->mesh, false, 1, gkt_shape_scalar());
  must(gkt_space_create(h->mesh, (gkt_element){GKT_QUADRATURE_POINTS, degree}, gkt_shape_vector(2), &h->at), "space");
  h->u = numbers(gkt_space_num_dofs(h->space)), h->q = numbers(gkt_space_num_dofs(h->at));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(h->space); i++) h->u[i] = sin(0.7 * i);
  h->spaces[U] = h->space, h->spaces[Q] = h->at, h->values[U] = h->u, h->values[Q] = h->q;
  h->inputs = (gkt_inputs){.spaces = h->spaces, .values = h->values};
  interpolate(h, "[sin(x[0]), 1 + x[0]^2]", h->q);
}

static void end(history *h) {
  free(h->u), free(h->q);
  gkt_space_destroy(&h->space), gkt_space_destroy(&h->at);
  gkt_scope_destroy(&h->scope);
  gkt_mesh_destroy(&h->mesh);
}

static gkt_form *form_of(history *h, gkt_form_kind kind, const char *format, int degree) {
  char text[200];
  gkt_form *form = NULL;
  snprintf(text, sizeof text, format, degree, degree);
  gkt_source source = {.text = text, .key = "equation"};
  must(gkt_form_parse(h->scope, kind, &source, &form), text);
  return form;
}

/* The residual and the values of the tangent, in one array. */
static gkt_scalar *sums_of(history *h, const char *format, int degree, gkt_idx *n) {
  gkt_form *f = form_of(h, GKT_EQUATION, format, degree), *t;
  gkt_assembler *vector, *matrix;
  gkt_csr *A;
  must(gkt_form_derivative(f, 1, (const int[]){U}, &t), format);
  must(gkt_assembler_create(f, h->mesh, h->spaces, &vector), format);
  must(gkt_assembler_create(t, h->mesh, h->spaces, &matrix), format);
  must(gkt_assembler_matrix(matrix, &A), format);
  must(gkt_assemble_matrix(matrix, &h->inputs, A), format);
  gkt_idx rows = A->num_rows, entries = A->row_offsets[rows];
  gkt_scalar *sums = numbers(*n = rows + entries);
  must(gkt_assemble_vector(vector, &h->inputs, sums), format);
  memcpy(sums + rows, A->vals, (size_t)entries * sizeof *sums);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&vector), gkt_assembler_destroy(&matrix);
  gkt_form_destroy(&f), gkt_form_destroy(&t);
  return sums;
}

static const char with_history[] = "exp(q[0])*dot(grad(u), grad(v))*dx(degree=%d) + q[1]*u^3*v*dx(degree=%d) == 0";
static const char without_history[] = "exp(sin(x[0]))*dot(grad(u), grad(v))*dx(degree=%d) + (1 + x[0]^2)*u^3*v*dx(degree=%d) == 0";

static void near(const char *what, const gkt_scalar *a, const gkt_scalar *b, gkt_idx n, double tolerance) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(b[i]));
  assert_true(most > 0);
  for (gkt_idx i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) <= tolerance * most)) fail_msg("%s, %d: %.17g; expected %.17g", what, i, a[i], b[i]);
}

/* 1e-13: the same sums, but for the rounding of points. */
static void compare(mesh_kind m, gkt_backend backend, int order, int degree) {
  history h;
  gkt_idx n, same;
  use(GKT_BACKEND_INTERPRETER, 2);
  begin(&h, m, order, degree);
  gkt_scalar *expected = sums_of(&h, without_history, degree, &n);
  end(&h);
  use(backend, 2);
  begin(&h, m, order, degree);
  gkt_scalar *found = sums_of(&h, with_history, degree, &same);
  assert_int_equal(n, same);
  near(mesh_kinds[m].name, found, expected, n, 1e-13);
  end(&h);
  free(found), free(expected);
}

static void sums_are_those_of_the_expression(void **unused) {
  (void)unused;
  static const mesh_kind compiled[] = {LINES, MIXED_PLANE, MIXED_SPACE}; /* every kind of cell */
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 0; degree < 6; degree += 1 + m % 2) compare((mesh_kind)m, GKT_BACKEND_INTERPRETER, 1 + degree % 2, degree);
  for (int i = 0; i < 3; i++) compare(compiled[i], GKT_BACKEND_DEFAULT, 1 + i % 2, 3);
}

static void nodes_are_the_points(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 2);
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    history h;
    gkt_idx first = 0;
    begin(&h, (mesh_kind)m, 1, 4);
    assert_int_equal(gkt_space_element(h.at).kind, GKT_QUADRATURE_POINTS);
    assert_int_equal(gkt_space_element(h.at).degree, 4);
    assert_int_equal(gkt_scope_function_element(h.scope, Q).degree, 4);
    for (int b = 0; b < gkt_mesh_num_blocks(h.mesh); b++) {
      gkt_quadrature *q;
      must(gkt_quadrature_create(ctx, gkt_mesh_block(h.mesh, b)->cell, 4, &q), "rule");
      assert_int_equal(gkt_space_nodes_per_cell(h.at, b), q->num_points);
      for (gkt_idx i = 0; i < gkt_mesh_block(h.mesh, b)->num_cells * q->num_points; i++) assert_int_equal(gkt_space_cell_nodes(h.at, b)[i], first++);
      gkt_quadrature_destroy(&q);
    }
    assert_int_equal(gkt_space_num_nodes(h.at), first);
    for (gkt_idx i = 0; i < first; i++) { /* what depends on x was evaluated there */
      double x = gkt_space_coords(h.at)[i * mesh_kinds[m].dim];
      assert_true(h.q[2 * i] == sin(x) && fabs(h.q[2 * i + 1] - 1 - x * x) < 1e-15 * (1 + x * x));
    }
    end(&h);
  }
}

/* q <- g(q, u, grad(u), x, h), as with expressions for q; interpolation in parts of the mesh, so many cells. */
static void history_is_updated_from_itself(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 2);
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    history h;
    begin(&h, (mesh_kind)m, 2, 5);
    gkt_idx n = gkt_space_num_dofs(h.at);
    gkt_scalar *found = numbers(n), *expected = numbers(n);
    interpolate(&h, "[q[1] - u*q[0], h*q[0] + grad(u)[0] + x[0]]", found);
    interpolate(&h, "[1 + x[0]^2 - u*sin(x[0]), h*sin(x[0]) + grad(u)[0] + x[0]]", expected);
    near(mesh_kinds[m].name, found, expected, n, 1e-14);
    free(found), free(expected);
    end(&h);
  }
}

static void same_bits_for_any_number_of_threads(void **unused) {
  (void)unused;
  for (int backend = 0; backend < 2; backend++) {
    gkt_scalar *one = NULL;
    for (int threads = 1; threads <= 4; threads *= 2) {
      history h;
      gkt_idx n;
      use(backend ? GKT_BACKEND_INTERPRETER : GKT_BACKEND_DEFAULT, threads);
      begin(&h, MIXED_SPACE, 1, 3);
      gkt_scalar *sums = sums_of(&h, with_history, 3, &n);
      if (!one) one = sums;
      else {
        assert_memory_equal(sums, one, (size_t)n * sizeof *sums);
        free(sums);
      }
      end(&h);
    }
    free(one);
  }
}

/* ---- batches: each set has a state and a history of its own, the law is a custom function ---- */
static void stiffen(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) { /* (s, q) -> exp(q_0) s + q_1 s^3 */
  (void)user;
  for (int p = 0; p < count; p++) out[p] = exp(in[stride + p]) * in[p] + in[2 * stride + p] * in[p] * in[p] * in[p];
}
static void stiffen_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user;
  for (int p = 0; p < count; p++) out[p] = exp(in[stride + p]) + 3 * in[2 * stride + p] * in[p] * in[p];
}

enum { SETS = 11 };
static void assemble_set(history *h, gkt_assembler *a, int arity, gkt_csr *A, gkt_scalar *out) {
  if (arity == 1) must(gkt_assemble_vector(a, &h->inputs, out), "vector");
  else must(gkt_assemble_matrix(a, &h->inputs, A), "matrix"), memcpy(out, A->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *out);
}

static void compare_batch(history *h, const gkt_form *form, gkt_scalar *u, gkt_scalar *q) {
  gkt_assembler *a;
  gkt_csr *A = NULL;
  int arity = gkt_form_arity(form);
  const gkt_size strides[NUM] = {gkt_space_num_dofs(h->space), 0, gkt_space_num_dofs(h->at)};
  must(gkt_assembler_create(form, h->mesh, h->spaces, &a), "assembler");
  if (arity == 2) must(gkt_assembler_matrix(a, &A), "pattern");
  gkt_idx n = arity == 2 ? A->row_offsets[A->num_rows] : gkt_space_num_dofs(h->space);
  gkt_scalar *together = numbers(n * SETS), *alone = numbers(n);
  const gkt_batch batch = {.count = SETS, .strides = strides, .results_stride = n};
  h->values[U] = u, h->values[Q] = q;
  must(gkt_assemble_batch(a, &h->inputs, &batch, together), "batch");
  for (int s = 0; s < SETS; s++) {
    h->values[U] = u + s * strides[U], h->values[Q] = q + s * strides[Q];
    assemble_set(h, a, arity, A, alone);
    assert_memory_equal(alone, together + (gkt_size)s * n, (size_t)n * sizeof *alone);
  }
  free(together), free(alone);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
}

static void batches_have_histories_and_laws(void **unused) {
  (void)unused;
  static const mesh_kind meshes[] = {TRIANGLES, MIXED_SPACE};
  for (int i = 0; i < 4; i++) {
    history h;
    gkt_external law = {.num_arguments = 2,
                        .arguments = {gkt_shape_scalar(), gkt_shape_vector(2)},
                        .result = gkt_shape_scalar(),
                        .num_history = 1,
                        .function = stiffen,
                        .tangent = stiffen_tangent};
    int number;
    use(i % 2 ? GKT_BACKEND_INTERPRETER : GKT_BACKEND_CPU, 2);
    begin(&h, meshes[i / 2], 1, 3);
    must(gkt_scope_add_external(h.scope, "stiffen", &law, &number), "law");
    gkt_idx n = gkt_space_num_dofs(h.space) * SETS, m = gkt_space_num_dofs(h.at) * SETS;
    gkt_scalar *u = numbers(n), *q = numbers(m);
    for (gkt_idx k = 0; k < n; k++) u[k] = sin(0.7 * k);
    for (gkt_idx k = 0; k < m; k++) q[k] = cos(0.9 * k);
    gkt_form *f = form_of(&h, GKT_EQUATION, "(stiffen(grad(u)[0], q)*grad(v)[0] + stiffen(u, q)*v)*dx(degree=%d) == 0", 3), *t;
    must(gkt_form_derivative(f, 1, (const int[]){U}, &t), "tangent");
    compare_batch(&h, f, u, q);
    compare_batch(&h, t, u, q);
    free(u), free(q);
    gkt_form_destroy(&f), gkt_form_destroy(&t);
    end(&h);
  }
}

/* ---- refusals ---- */
static void refuses(gkt_status status, gkt_status expected, const char *message) {
  assert_int_equal(status, expected);
  if (!strstr(gkt_context_message(ctx), message)) fail_msg("%s; expected %s", gkt_context_message(ctx), message);
  gkt_context_clear(ctx);
}

static void refuses_form(history *h, const gkt_form *form, gkt_status expected, const char *message) {
  gkt_assembler *a = NULL;
  refuses(gkt_assembler_create(form, h->mesh, h->spaces, &a), expected, message);
  assert_null(a);
}

static void other_uses_are_refused(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  history h;
  begin(&h, TRIANGLES, 1, 3);
  gkt_form *good = form_of(&h, GKT_FUNCTIONAL, "q[0]^2*dx(degree=3)", 0), *by_history;
  static const char *const elsewhere[][2] = {
      {"q[0]*dx(degree=4)", "expected that measure, here the degree is 4"},
      {"2*dx + q[0]*ds(degree=3)", "line 1, column 8: 'this term': 'q' has values at the points of dx(degree=3) only; expected no integral over facets of it"},
      {"q[0]*dP(spots)", "expected no sum over other points of it"}};
  for (int i = 0; i < 3; i++) refuses(gkt_form_parse(h.scope, GKT_FUNCTIONAL, &(gkt_source){.text = elsewhere[i][0]}, &by_history), GKT_BAD_INPUT, elsewhere[i][1]);
  must(gkt_form_derivative(good, 1, (const int[]){Q}, &by_history), "derivative");
  refuses_form(&h, by_history, GKT_BAD_ARGUMENT, "'q' has values at quadrature points; expected a coefficient, no unknown and no derivative by it");
  int s;
  must(gkt_scope_add_coefficient(h.scope, "s", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &s), "s");
  gkt_form *residual = form_of(&h, GKT_EQUATION, "dot(grad(u), grad(v))*dx(degree=3) == 0", 0), *tested;
  gkt_space *scalar;
  must(gkt_form_replace_test(residual, (const int[]){s}, &tested), "test");
  must(gkt_space_create(h.mesh, (gkt_element){GKT_QUADRATURE_POINTS, 3}, gkt_shape_scalar(), &scalar), "space");
  const gkt_space *spaces[NUM + 1] = {h.space, NULL, h.at, scalar};
  gkt_assembler *none_of_it = NULL;
  refuses(gkt_assembler_create(tested, h.mesh, spaces, &none_of_it), GKT_BAD_INPUT, "'s' has values at quadrature points only; expected no gradient of it");
  gkt_space_destroy(&scalar);
  gkt_form_destroy(&residual), gkt_form_destroy(&tested);
  h.spaces[Q] = make_space(h.mesh, true, 1, gkt_shape_vector(2));
  refuses_form(&h, good, GKT_BAD_ARGUMENT, "'q' was declared as points(3), its space is DP1");
  gkt_space *wrong = (gkt_space *)h.spaces[Q], *finer;
  must(gkt_space_create(h.mesh, (gkt_element){GKT_QUADRATURE_POINTS, 4}, gkt_shape_vector(2), &finer), "space"), h.spaces[Q] = finer;
  gkt_expression *q = expression_of(&h, "q");
  gkt_scalar out[2];
  refuses_form(&h, good, GKT_BAD_ARGUMENT, "'q' was declared as points(3), its space is points(4)");
  refuses(gkt_interpolate(q, finer, &h.inputs, h.q), GKT_BAD_ARGUMENT, "'q' was declared as points(3), its space is points(4)");
  h.spaces[Q] = h.at;
  refuses(gkt_interpolate(q, finer, &h.inputs, h.q), GKT_BAD_INPUT, "'q' has values at the points of dx(degree=3) only; expected to be interpolated onto a space at those points");
  refuses(gkt_evaluate(q, h.mesh, &h.inputs, 1, (gkt_idx[]){0}, (double[]){0.2, 0.2}, NULL, out), GKT_BAD_INPUT, "expected to be interpolated onto a space at those points");
  gkt_source gradient = {.text = "grad(2*q)"};
  gkt_expression *e;
  refuses(gkt_expression_parse(h.scope, &gradient, &e), GKT_BAD_INPUT, "'q' has values at quadrature points only; expected no gradient of it");
  gkt_idx count, *nodes;
  refuses(gkt_space_nodes_on(h.at, gkt_mesh_find_set(h.mesh, "boundary"), &count, &nodes), GKT_BAD_ARGUMENT, "nodes on 'boundary' of a space at quadrature points");
  gkt_space *none = NULL;
  refuses(gkt_space_create(h.mesh, (gkt_element){GKT_QUADRATURE_POINTS, -1}, gkt_shape_scalar(), &none), GKT_BAD_ARGUMENT, "degree -1; expected 0 to 63");
  refuses(gkt_space_create(h.mesh, (gkt_element){GKT_QUADRATURE_POINTS, 64}, gkt_shape_scalar(), &none), GKT_UNAVAILABLE, "at most 63");
  assert_null(none);
  int f;
  refuses(gkt_scope_add_field(h.scope, "p", NULL, gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &f), GKT_BAD_ARGUMENT, "expected a coefficient");
  gkt_expression_destroy(&q);
  gkt_space_destroy(&wrong), gkt_space_destroy(&finer);
  gkt_form_destroy(&by_history), gkt_form_destroy(&good);
  end(&h);
}

/* The mean of each cell, so that integrals are kept: in DP0 exactly, at the nodes of P1 the mean of these over the cells that meet there. */
static void elsewhere_are_means_of_cells(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 2);
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    history h;
    int f;
    gkt_scalar sum, same, constant[1] = {0};
    begin(&h, (mesh_kind)m, 1 + m % 2, 4);
    must(gkt_scope_add_coefficient(h.scope, "c", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &f), "c");
    gkt_space *cells = make_space(h.mesh, true, 0, gkt_shape_scalar()), *nodes = make_space(h.mesh, false, 1, gkt_shape_scalar());
    gkt_scalar *means = numbers(gkt_space_num_dofs(cells)), *at_nodes = numbers(gkt_space_num_dofs(nodes)), *expected = numbers(gkt_space_num_dofs(nodes));
    gkt_expression *e = expression_of(&h, "q[0]*q[1]"), *c = expression_of(&h, "c");
    h.spaces[f] = cells, h.values[f] = means;
    must(gkt_interpolate(e, cells, &h.inputs, means), "cells");
    must(gkt_interpolate(e, nodes, &h.inputs, at_nodes), "nodes");
    must(gkt_interpolate(c, nodes, &h.inputs, expected), "means at nodes");
    near(mesh_kinds[m].name, at_nodes, expected, gkt_space_num_dofs(nodes), 1e-14);
    gkt_form *of_points = form_of(&h, GKT_FUNCTIONAL, "q[0]*q[1]*dx", 0), *of_means = form_of(&h, GKT_FUNCTIONAL, "c*dx(degree=%d)", 4); /* the first takes the rule of q */
    gkt_assembler *a, *b;
    must(gkt_assembler_create(of_points, h.mesh, h.spaces, &a), "points"), must(gkt_assembler_create(of_means, h.mesh, h.spaces, &b), "means");
    must(gkt_assemble_functional(a, &h.inputs, &sum), "sum"), must(gkt_assemble_functional(b, &h.inputs, &same), "same");
    constant[0] = sum;
    near(mesh_kinds[m].name, &same, constant, 1, 1e-13);
    gkt_assembler_destroy(&a), gkt_assembler_destroy(&b);
    gkt_form_destroy(&of_points), gkt_form_destroy(&of_means);
    gkt_expression_destroy(&e), gkt_expression_destroy(&c);
    free(means), free(at_nodes), free(expected);
    gkt_space_destroy(&cells), gkt_space_destroy(&nodes);
    end(&h);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_are_the_points),           cmocka_unit_test(sums_are_those_of_the_expression),
                                     cmocka_unit_test(history_is_updated_from_itself), cmocka_unit_test(same_bits_for_any_number_of_threads),
                                     cmocka_unit_test(elsewhere_are_means_of_cells),   cmocka_unit_test(batches_have_histories_and_laws),
                                     cmocka_unit_test(other_uses_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
