/* Claim: where a form is not finite, the place and the operation that begins it are found, on cells and on facets, in residual and tangent, and not in a branch that is not taken;
   the magnitude of an assembled vector bounds it, is that of its terms, and knows of sums within a point. Compiled or interpreted, and without memory too. */
#include "assembly/find_nonfinite.h"
#include "assembly/magnitude.h"
#include "tests/assembly_world.h"

static int allocations_left = -1; /* -1: any number */
void *aligned_alloc(size_t alignment, size_t size) {
  void *p;
  if (allocations_left == 0) return NULL;
  if (allocations_left > 0) allocations_left--;
  return posix_memalign(&p, alignment, size) == 0 ? p : NULL;
}

static gkt_nonfinite find(world *w, const gkt_form *form) {
  gkt_nonfinite out;
  gkt_assembler *a = assembler_of(w, form);
  assert_int_equal(gkt_find_nonfinite(a, inputs_of(w), &out), GKT_OK);
  gkt_assembler_destroy(&a);
  return out;
}

static void fill(world *w, int function, double value) {
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w->spaces[function]); i++) w->values[function][i] = value;
}

static void expect(world *w, const char *equation, bool tangent, const char *what) {
  gkt_form *f = residual_of(w, GKT_EQUATION, equation), *t = derivative_of(f, FIELD);
  gkt_nonfinite found = find(w, tangent ? t : f);
  assert_int_equal(found.found, what != NULL);
  if (what) assert_string_equal(found.what, what);
  gkt_form_destroy(&t), gkt_form_destroy(&f);
}

static void the_operation_is_named(void **state) {
  (void)state;
  for (int backend = 0; backend < 2; backend++) {
    use_backend(backend);
    world w = make_world(2, 2, 1, false);
    fill(&w, FIELD, 0), fill(&w, C, 2);
    expect(&w, "ln(u)*v*dx", false, "ln(u) = -inf, where u = 0");
    expect(&w, "(c + 1/(u*u))*v*dx", false, "1/(u*u) = inf, where u*u = 0");
    expect(&w, "sqrt(u)*v*dx", false, NULL);
    expect(&w, "sqrt(u)*v*dx", true, "0.5/sqrt(u) = inf, where sqrt(u) = 0");
    expect(&w, "u*v*dx + c/(c - 2)*v*ds(left)", false, "c/(c - 2) = inf, where c = 2 and c - 2 = 0");
    expect(&w, "conditional(c < 3, u, ln(-c))*v*dx", false, NULL);
    expect(&w, "conditional(c > 3, u, ln(-c))*v*dx", false, "ln(-c) = nan, where -c = -2");
    fill(&w, C, INFINITY);
    expect(&w, "u*c*v*dx", false, "c = inf");
    free_world(&w);
  }
}

/* One cell of the DP0 coefficient is at fault: that one is named, with a point inside of it. */
static void the_cell_is_named(void **state) {
  (void)state;
  use_backend(0);
  world w = make_world(2, 2, 1, false);
  const gkt_cell_block *block = gkt_mesh_block(w.mesh, 0);
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  fill(&w, R, 1);
  w.values[R][gkt_space_cell_nodes(w.spaces[R], 0)[13]] = -1;
  gkt_form *f = residual_of(&w, GKT_EQUATION, "sqrt(r)*u*v*dx");
  gkt_nonfinite found = find(&w, f);
  assert_true(found.found && found.cell == 13);
  for (int i = 0; i < 3; i++)
    for (int d = 0; d < 2; d++) {
      double x = gkt_mesh_coords(w.mesh)[block->nodes[13 * 3 + i] * 2 + d];
      low[d] = fmin(low[d], x), high[d] = fmax(high[d], x);
    }
  for (int d = 0; d < 2; d++) assert_true(low[d] < found.x[d] && found.x[d] < high[d]);
  gkt_form_destroy(&f);
  free_world(&w);
}

static gkt_scalar *magnitude_of(world *w, const gkt_form *f) {
  gkt_assembler *a = assembler_of(w, f);
  gkt_scalar *m = malloc((size_t)a->targets.num_values * sizeof *m);
  assert_int_equal(gkt_assemble_magnitude(a, inputs_of(w), m), GKT_OK);
  gkt_assembler_destroy(&a);
  return m;
}

/* |R_i| <= m_i for forms of all kinds of operations, on cells and facets. */
static void magnitudes_bound(void **state) {
  (void)state;
  static const char *const equations[] = {"dot([[2, k], [k, 1 + c*c]]*grad(u), grad(v))*dx - c*v*dx + u*v*ds(left)", "(exp(u) - sin(c)*cos(u) + tanh(c*u))*v*dx",
                                          "atan2(u, 2 + c)*v*dx + sqrt(1 + u^2)*grad(u)[0]*v*dx", "conditional(u < c, u^3, -abs(u))*v*dx + min(u, c)*max(u, c)*v*ds",
                                          "(erf(u) + atan(u)*sinh(u) + cosh(u) + ln(2 + u*u)/(1.5 + sin(u)))*v*dx"};
  use_backend(0);
  world w = make_world(2, 2, 1, true);
  for (size_t k = 0; k < sizeof equations / sizeof *equations; k++) {
    gkt_form *f = residual_of(&w, GKT_EQUATION, equations[k]);
    gkt_scalar *m = magnitude_of(&w, f), *r = vector_of(&w, f);
    for (gkt_idx i = 0; i < gkt_space_num_dofs(w.spaces[FIELD]); i++) assert_true(m[i] >= fabs(r[i]) * (1 - 1e-12) && m[i] < 1e6);
    free(m), free(r);
    gkt_form_destroy(&f);
  }
  free_world(&w);
}

/* Of u v and c v the magnitude is int |u| |v| where u is of one sign, and 1 + c - 1 counts 2 + |c|. */
static void magnitudes_are_those_of_the_terms(void **state) {
  (void)state;
  use_backend(1);
  world w = make_world(2, 1, 1, false);
  fill(&w, FIELD, 3), fill(&w, C, -1e-9);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "u*v*dx"), *g = residual_of(&w, GKT_EQUATION, "((1e3 + c) - 1e3)*v*dx"), *one = residual_of(&w, GKT_EQUATION, "v*dx");
  gkt_scalar *m = magnitude_of(&w, f), *n = magnitude_of(&w, g), *volume = vector_of(&w, one);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w.spaces[FIELD]); i++) {
    assert_true(fabs(m[i] - 3 * volume[i]) < 1e-12);
    assert_true(fabs(n[i] - 2000 * volume[i]) < 1e-6);
  }
  free(m), free(n), free(volume);
  gkt_form_destroy(&f), gkt_form_destroy(&g), gkt_form_destroy(&one);
  free_world(&w);
}

static void no_memory_is_told(void **state) {
  (void)state;
  use_backend(0);
  world w = make_world(2, 1, 1, false);
  fill(&w, FIELD, 0);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "ln(u)*v*dx + u*v*ds");
  gkt_assembler *a = assembler_of(&w, f);
  gkt_scalar *m = malloc((size_t)a->targets.num_values * sizeof *m);
  for (int what = 0; what < 2; what++) {
    gkt_status status = GKT_NO_MEMORY;
    for (int k = 0; status != GKT_OK; k++) {
      gkt_nonfinite found;
      gkt_context_clear(ctx);
      allocations_left = k;
      status = what ? gkt_assemble_magnitude(a, inputs_of(&w), m) : gkt_find_nonfinite(a, inputs_of(&w), &found);
      allocations_left = -1;
      assert_true(status == GKT_OK || status == GKT_NO_MEMORY);
    }
  }
  free(m);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&f);
  free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_operation_is_named), cmocka_unit_test(the_cell_is_named), cmocka_unit_test(magnitudes_bound),
                                     cmocka_unit_test(magnitudes_are_those_of_the_terms), cmocka_unit_test(no_memory_is_told)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
