/* Claim: forms with custom functions assemble, interpreted and compiled, to what the same law written in the language gives, with the same bits for 1, 2 and 4 threads and again,
   and without allocating; symmetric ones are so to the last bit. Expressions with them are evaluated and interpolated; a value that is not finite is traced to them by name,
   rounding is bounded through them; a GPU is refused, however it would sum. */
#include "tests/counted_memory.h"
#include "assembly/find_nonfinite.h"
#include "assembly/magnitude.h"
#include "tests/assembly_world.h"
#include "tests/custom_laws.h"
#include "tests/emulated_device.h"

static const char custom_equation[] =
    "inner(skewed(grad(u), c), grad(v))*dx(degree=4) + dot(hard(outer(u, n), r)[0], v)*ds(degree=3) - inner(hard(grad(w), r), grad(v))*dx(degree=3)";
static const char plain_equation[] = "inner(exp(div(u))*grad(u) + c*I, grad(v))*dx(degree=4) + r*(1 + dot(u, u))*u[0]*dot(n, v)*ds(degree=3)"
                                     " - r*(1 + inner(grad(w), grad(w)))*inner(grad(w), grad(v))*dx(degree=3)";

static world make_custom_world(int dim, bool curved) {
  world w = make_world(dim, 2, dim, curved);
  gkt_external skew = skewed_law(dim), hardening = hard_law(dim), symmetric = hard_law(dim);
  int i;
  symmetric.symmetric = true;
  assert_int_equal(gkt_scope_add_external(w.scope, "skewed", &skew, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_external(w.scope, "hard", &hardening, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_external(w.scope, "symmetric", &symmetric, &i), GKT_OK);
  for (gkt_idx k = 0; k < gkt_space_num_dofs(w.spaces[FIELD]); k++) w.values[FIELD][k] *= 0.05;
  return w;
}

static double largest(const gkt_scalar *x, gkt_idx n) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static void near(const char *what, const gkt_scalar *a, const gkt_scalar *b, gkt_idx n, double tolerance) {
  double most = largest(b, n);
  assert_true(most > 0);
  for (gkt_idx i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) <= tolerance * most)) fail_msg("%s, %d: %.17g; expected %.17g", what, i, a[i], b[i]);
}

typedef struct { /* of one equation; they outlive the context */
  gkt_scalar *vector, *matrix, *by_coefficient;
  gkt_idx num[3];
} sums;

static sums assemble(world *w, const char *text) {
  gkt_form *f = residual_of(w, GKT_EQUATION, text), *t = derivative_of(f, FIELD), *d = derivative_of(f, C);
  gkt_csr *A = matrix_of(w, t), *B = matrix_of(w, d);
  sums s = {.vector = vector_of(w, f), .num = {gkt_space_num_dofs(w->spaces[FIELD]), A->row_offsets[A->num_rows], B->row_offsets[B->num_rows]}};
  s.matrix = memcpy(malloc((size_t)s.num[1] * sizeof(gkt_scalar)), A->vals, (size_t)s.num[1] * sizeof(gkt_scalar));
  s.by_coefficient = memcpy(malloc((size_t)s.num[2] * sizeof(gkt_scalar)), B->vals, (size_t)s.num[2] * sizeof(gkt_scalar));
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  gkt_form_destroy(&f), gkt_form_destroy(&t), gkt_form_destroy(&d);
  return s;
}

static void free_sums(sums *s) { free(s->vector), free(s->matrix), free(s->by_coefficient); }

static void near_sums(const char *what, const sums *a, const sums *b, double tolerance) {
  near(what, a->vector, b->vector, b->num[0], tolerance);
  near(what, a->matrix, b->matrix, b->num[1], tolerance);
  near(what, a->by_coefficient, b->by_coefficient, b->num[2], tolerance);
}

/* 1e-12: the same numbers, summed in another order. */
static void forms_are_those_of_the_law(void **unused) {
  (void)unused;
  for (int dim = 2; dim <= 3; dim++)
    for (int curved = 0; curved < 4 - dim; curved++) {
      sums reference = {0};
      for (int b = 0; b < num_backends(); b++) {
        use_backend(b);
        world w = make_custom_world(dim, curved);
        sums custom = assemble(&w, custom_equation), plain = assemble(&w, plain_equation);
        near_sums("the law in the language", &custom, &plain, 1e-12);
        if (b == 0) reference = custom;
        else near_sums("backends", &custom, &reference, 1e-12);
        if (b > 0) free_sums(&custom);
        free_sums(&plain);
        free_world(&w);
      }
      free_sums(&reference);
    }
}

static void same_bits_for_any_number_of_threads(void **unused) {
  (void)unused;
  for (int backend = 0; backend < 2; backend++) {
    sums one = {0};
    for (int threads = 1; threads <= 4; threads *= 2) {
      gkt_context_destroy(&ctx);
      assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend ? GKT_BACKEND_INTERPRETER : GKT_BACKEND_CPU, .threads = threads, .poison = true}, &ctx),
                       GKT_OK);
      world w = make_custom_world(3, false);
      sums s = assemble(&w, custom_equation);
      if (threads == 1) one = s;
      else {
        assert_memory_equal(s.vector, one.vector, (size_t)s.num[0] * sizeof(gkt_scalar));
        assert_memory_equal(s.matrix, one.matrix, (size_t)s.num[1] * sizeof(gkt_scalar));
        free_sums(&s);
      }
      free_world(&w);
    }
    free_sums(&one);
  }
}

static void reassembly_allocates_nothing(void **unused) {
  (void)unused;
  for (int b = 0; b < 2; b++) {
    use_backend(b);
    world w = make_custom_world(2, false);
    gkt_form *f = residual_of(&w, GKT_EQUATION, custom_equation), *t = derivative_of(f, FIELD);
    gkt_assembler *vector = assembler_of(&w, f), *matrix = assembler_of(&w, t);
    gkt_scalar *r = malloc((size_t)gkt_space_num_dofs(w.spaces[FIELD]) * sizeof *r);
    gkt_csr *A;
    assert_int_equal(gkt_assembler_matrix(matrix, &A), GKT_OK);
    long before = 0;
    for (int i = 0; i < 3; i++) { /* the threads start in the first */
      assert_int_equal(gkt_assemble_matrix(matrix, inputs_of(&w), A), GKT_OK);
      assert_int_equal(gkt_assemble_vector(vector, inputs_of(&w), r), GKT_OK);
      if (i == 0) before = num_allocations;
    }
    assert_int_equal(num_allocations, before);
    free(r);
    gkt_csr_destroy(&A);
    gkt_assembler_destroy(&vector), gkt_assembler_destroy(&matrix);
    gkt_form_destroy(&f), gkt_form_destroy(&t);
    free_world(&w);
  }
}

static void a_declared_symmetry_holds_to_the_last_bit(void **unused) {
  (void)unused;
  for (int b = 0; b < 2; b++) {
    use_backend(b);
    world w = make_custom_world(2, false);
    gkt_form *f = residual_of(&w, GKT_EQUATION, "inner(symmetric(sym(grad(u)), r), sym(grad(v)))*dx"), *t = derivative_of(f, FIELD);
    gkt_csr *A = matrix_of(&w, t);
    assert_true(gkt_form_is_symmetric(t));
    for (gkt_idx i = 0; i < A->num_rows; i++)
      for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) assert_true(A->vals[k] == entry_of(A, A->cols[k], i));
    gkt_csr_destroy(&A);
    gkt_form_destroy(&f), gkt_form_destroy(&t);
    free_world(&w);
  }
}

static gkt_expression *expression_of(world *w, const char *text) {
  gkt_source source = {.text = text};
  gkt_expression *e = NULL;
  if (gkt_expression_parse(w->scope, &source, &e) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return e;
}

static void expressions_are_evaluated_and_interpolated(void **unused) {
  (void)unused;
  use_backend(1);
  world w = make_custom_world(2, true);
  gkt_space *S = make_space(w.mesh, true, 1, gkt_shape_matrix(2, 2));
  gkt_expression *custom = expression_of(&w, "hard(grad(u), r) + skewed(outer(x, w), c)"),
                 *plain = expression_of(&w, "r*(1 + inner(grad(u), grad(u)))*grad(u) + exp(dot(x, w))*outer(x, w) + c*I");
  gkt_expression *at = expression_of(&w, "skewed(outer(x, x), t)"), *at_plain = expression_of(&w, "exp(dot(x, x))*outer(x, x) + t*I");
  gkt_idx n = gkt_space_num_dofs(S);
  gkt_scalar *a = malloc((size_t)n * sizeof *a), *b = malloc((size_t)n * sizeof *b);
  assert_int_equal(gkt_interpolate(custom, S, inputs_of(&w), a), GKT_OK);
  assert_int_equal(gkt_interpolate(plain, S, inputs_of(&w), b), GKT_OK);
  near("interpolated", a, b, n, 1e-13);
  const double coords[] = {0.3, 0.4, -1, 0.2, 0.7, 0};
  assert_int_equal(gkt_evaluate_at(at, 2, inputs_of(&w), 3, coords, a), GKT_OK);
  assert_int_equal(gkt_evaluate_at(at_plain, 2, inputs_of(&w), 3, coords, b), GKT_OK);
  near("at points", a, b, 12, 1e-14);
  free(a), free(b);
  gkt_expression_destroy(&custom), gkt_expression_destroy(&plain), gkt_expression_destroy(&at), gkt_expression_destroy(&at_plain);
  gkt_space_destroy(&S);
  free_world(&w);
}

static void failing(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user;
  for (int p = 0; p < count; p++) out[p] = in[p] > 1.3 ? NAN : in[stride + p];
}

/* "failing(x[0], u[0]) = nan" at the first point where it is. */
static void what_is_not_finite_is_traced(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_custom_world(2, false);
  gkt_external law = {.num_arguments = 2, .arguments = {gkt_shape_scalar(), gkt_shape_scalar()}, .result = gkt_shape_scalar(), .function = failing};
  gkt_nonfinite found;
  int i;
  assert_int_equal(gkt_scope_add_external(w.scope, "failing", &law, &i), GKT_OK);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "2*failing(x[0], u[0])*v[1]*dx");
  gkt_assembler *a = assembler_of(&w, f);
  assert_int_equal(gkt_find_nonfinite(a, inputs_of(&w), &found), GKT_OK);
  assert_true(found.found && found.of_field && found.x[0] > 1.3);
  assert_string_equal(found.what, "failing(x[0], u[0]) = nan");
  gkt_assembler_destroy(&a), gkt_form_destroy(&f);
  f = residual_of(&w, GKT_EQUATION, "failing(k, ln(-u[0]^2))*v[1]*dx"); /* the argument is at fault, not the function */
  a = assembler_of(&w, f);
  w.constants[0] = 1;
  assert_int_equal(gkt_find_nonfinite(a, inputs_of(&w), &found), GKT_OK);
  assert_non_null(strstr(found.what, "ln(-("));
  gkt_assembler_destroy(&a), gkt_form_destroy(&f);
  free_world(&w);
}

/* Without signs inside of the custom function: at least the residual, at most what the law's own sums give. */
static void rounding_is_bounded(void **unused) {
  (void)unused;
  use_backend(1);
  world w = make_custom_world(2, false);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "inner(hard(grad(u) - grad(w), r), grad(v))*dx");
  gkt_assembler *a = assembler_of(&w, f);
  gkt_idx n = gkt_space_num_dofs(w.spaces[FIELD]);
  gkt_scalar *m = malloc((size_t)n * sizeof *m), *r = malloc((size_t)n * sizeof *r);
  assert_int_equal(gkt_assemble_magnitude(a, inputs_of(&w), m), GKT_OK);
  assert_int_equal(gkt_assemble_vector(a, inputs_of(&w), r), GKT_OK);
  for (gkt_idx i = 0; i < n; i++) assert_true(isfinite(m[i]) && m[i] >= fabs(r[i]) * (1 - 1e-14));
  free(m), free(r);
  gkt_assembler_destroy(&a), gkt_form_destroy(&f);
  free_world(&w);
}

static void a_gpu_is_refused(void **unused) {
  (void)unused;
  use_backend(1);
  world w = make_custom_world(2, false);
  gkt_form *f = residual_of(&w, GKT_EQUATION, custom_equation);
  gkt_assembler *a = assembler_of(&w, f);
  gkt_text text = {.ctx = ctx};
  assert_int_equal(gkt_assembler_source(a, -1, GKT_BACKEND_CUDA, false, &text), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "is a function of this program, which a GPU cannot call; expected the cpu or interpreter backend"));
  gkt_context_clear(ctx);
  assert_int_equal(gkt_assembler_source(a, -1, GKT_BACKEND_CPU, false, &text), GKT_OK);
  assert_null(strstr(text.data, "skewed")); /* no user text */
  gkt_text_free(&text);
  gkt_assembler_destroy(&a), gkt_form_destroy(&f);
  free_world(&w);
}

static void none_is_made_on_a_device(void **unused) {
  (void)unused;
  for (int reduce = GKT_REDUCE_AUTO; reduce <= GKT_REDUCE_SPMM; reduce++) {
    gkt_context_destroy(&ctx);
    assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = (gkt_reduce_strategy)reduce}, &ctx), GKT_OK);
    world w = make_custom_world(2, false);
    gkt_form *f = residual_of(&w, GKT_EQUATION, custom_equation);
    gkt_assembler *a = NULL;
    assert_int_equal(gkt_assembler_create(f, w.mesh, (const gkt_space *const *)w.spaces, &a), GKT_UNAVAILABLE);
    assert_null(a);
    assert_non_null(strstr(gkt_context_message(ctx), "is a function of this program, which a GPU cannot call"));
    gkt_form_destroy(&f);
    free_world(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forms_are_those_of_the_law),
      cmocka_unit_test(same_bits_for_any_number_of_threads),
      cmocka_unit_test(reassembly_allocates_nothing),
      cmocka_unit_test(a_declared_symmetry_holds_to_the_last_bit),
      cmocka_unit_test(expressions_are_evaluated_and_interpolated),
      cmocka_unit_test(what_is_not_finite_is_traced),
      cmocka_unit_test(rounding_is_bounded),
      cmocka_unit_test(a_gpu_is_refused),
      cmocka_unit_test(none_is_made_on_a_device),
  };
  speak_of_the_cpu();
  use_emulated_device();
  return start_counting() ? cmocka_run_group_tests(tests, setup, teardown) : 1;
}
