/* Claim: unknowns stand one after the other, by number, in whatever order they are given; those that nothing couples are solved as each alone; blocks of a matrix are its rows and
   columns; the tangent of a coupled nonlinear equation and of an energy is the derivative of the residual by differences, that of an energy symmetric to the last bit; Newton's
   method solves both; interpreter and compiled kernels agree, and so do the bits for 1, 2 and 4 threads. */
#include "tests/several_unknowns.h"

static const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2}, DP1 = {GKT_DISCONTINUOUS_LAGRANGE, 1};

/* p scalar in P1, u vector in P2, s scalar in DP1, on triangles */
static world make_plane(gkt_context *context) {
  gkt_mesh *mesh;
  ok(gkt_mesh_box(context, &(gkt_box){GKT_TRIANGLE, 2, {3, 2}, {0, 0}, {1.5, 1}}, &mesh));
  return open_world(context, mesh, (const gkt_element[]){P1, P2, DP1}, (const gkt_shape[]){gkt_shape_scalar(), gkt_shape_vector(2), gkt_shape_scalar()});
}

static void unknowns_stand_by_number(void **unused) {
  (void)unused;
  world w = make_plane(ctx);
  make_system(&w, GKT_EQUATION, "(p*q + dot(u, v) + s*r)*dx", 3, (const int[]){S, P, U});
  const gkt_layout *l = gkt_system_layout(w.system);
  const int order[] = {P, U, S};
  gkt_idx first = 0;
  assert_int_equal(l->num_blocks, 3);
  for (int k = 0; k < 3; k++) {
    assert_int_equal(l->blocks[k].function, order[k]);
    assert_string_equal(l->blocks[k].name, gkt_scope_function_name(w.scope, order[k]));
    assert_int_equal(l->blocks[k].first, first);
    assert_int_equal(l->blocks[k].count, gkt_space_num_dofs(w.spaces[order[k]]));
    assert_int_equal(l->blocks[k].block_size, order[k] == U ? 2 : 1);
    first += l->blocks[k].count;
  }
  assert_int_equal(l->num_owned, first);
  close_world(&w);
}

/* ---- nothing couples them ---- */
#define HEAT "dot(grad(p), grad(q))*dx - 3*q*dx"
#define BODY "2*inner(sym(grad(u)), sym(grad(v)))*dx + div(u)*div(v)*dx - v[1]*ds(right)"
static void uncoupled_ones_are_solved_as_each_alone(void **unused) {
  (void)unused;
  world w = make_plane(ctx);
  make_system(&w, GKT_EQUATION, HEAT, 1, (const int[]){P});
  hold(&w, P, "left", "x[1]");
  gkt_vector *p = solve(&w);
  close_system(&w);
  make_system(&w, GKT_EQUATION, BODY, 1, (const int[]){U});
  hold(&w, U, "bottom", "[0.1*x[0], 0]");
  gkt_vector *u = solve(&w);
  close_system(&w);
  make_system(&w, GKT_EQUATION, HEAT " + " BODY, 2, (const int[]){P, U});
  hold(&w, U, "bottom", "[0.1*x[0], 0]");
  hold(&w, P, "left", "x[1]");
  gkt_system_facts facts;
  ok(gkt_system_get_facts(w.system, &facts));
  assert_true(facts.symmetric && facts.positive && facts.num_blocks == 2);
  assert_true(facts.blocks[0].positive && facts.blocks[0].elliptic && !facts.blocks[0].multiplier && facts.blocks[0].near_null == GKT_KERNEL_CONSTANTS);
  assert_true(facts.blocks[1].positive && facts.blocks[1].elliptic && !facts.blocks[1].multiplier && facts.blocks[1].near_null == GKT_KERNEL_RIGID_BODY);
  gkt_vector *both = solve(&w);
  const gkt_layout *l = gkt_system_layout(w.system);
  assert_true(gkt_vector_norm(p) > 1 && gkt_vector_norm(u) > 0.1);
  assert_true(largest_difference(l->blocks[0].count, gkt_vector_read(p), gkt_vector_read(both)) <= 1e-12); /* conditions of 1e3 at most, values of 1 */
  assert_true(largest_difference(l->blocks[1].count, gkt_vector_read(u), gkt_vector_read(both) + l->blocks[1].first) <= 1e-12);
  gkt_vector_destroy(&p), gkt_vector_destroy(&u), gkt_vector_destroy(&both);
  close_world(&w);
}

/* ---- coupled ---- */
#define ENERGY "(0.5*dot(grad(p), grad(p)) + inner(sym(grad(u)), sym(grad(u))) + 0.5*s^2 + exp(0.3*p)*dot(u, u) + 0.2*p^2*div(u) + 0.1*(s - p)^4 - s*x[0] + u[1])*dx"
#define EQUATION "((1 + dot(u, u))*dot(grad(p), grad(q)) + inner(grad(u), grad(v)) + dot(grad(u)*u, v) - p*div(v) + 0.1*q*div(u)*s + s*r + 0.2*s^3*r - p*r - q - v[0])*dx"

static double entry_of(const gkt_csr *A, gkt_idx i, gkt_idx j) {
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->cols[k] == j) return A->vals[k];
  return 0;
}

/* A multiplier is one beside others; the sign of all equations together says nothing. */
static void multipliers_stand_beside_others(void **unused) {
  (void)unused;
  static const struct {
    const char *text;
    bool p, s;
  } cases[] = {{"(-dot(grad(p), grad(q)) - s*r)*dx", false, false}, {"(-dot(grad(p), grad(q)) + s*r)*dx", true, false}, {"(dot(grad(p), grad(q)) + s*q + p*r)*dx", false, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world w = make_plane(ctx);
    gkt_system_facts facts;
    make_system(&w, GKT_EQUATION, cases[i].text, 2, (const int[]){P, S});
    ok(gkt_system_get_facts(w.system, &facts));
    assert_int_equal(facts.blocks[0].multiplier, cases[i].p);
    assert_int_equal(facts.blocks[1].multiplier, cases[i].s);
    close_world(&w);
  }
}

static void check_blocks(const world *w, const gkt_csr *A) {
  const gkt_layout *l = gkt_system_layout(w->system);
  gkt_size entries = 0;
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) {
      gkt_csr *B;
      ok(gkt_system_block(w->system, A, l->blocks[r].function, l->blocks[c].function, &B));
      assert_int_equal(B->num_rows, l->blocks[r].count);
      assert_int_equal(B->num_cols, l->blocks[c].count);
      for (gkt_idx i = 0; i < B->num_rows; i++)
        for (gkt_idx k = B->row_offsets[i]; k < B->row_offsets[i + 1]; k++) assert_true(B->vals[k] == entry_of(A, l->blocks[r].first + i, l->blocks[c].first + B->cols[k]));
      entries += B->row_offsets[B->num_rows];
      gkt_csr_destroy(&B);
    }
  assert_int_equal(entries, A->row_offsets[A->num_rows]);
}

/* |R(u + h d) - R(u - h d) - 2 h A d| relative to |2 h A d|, of second order in h; on free dofs */
static double tangent_error(world *w, gkt_vector *u, const gkt_vector *d, const gkt_csr *A, double h) {
  gkt_vector *plus = vector_of(w->system), *minus = vector_of(w->system), *image = vector_of(w->system);
  gkt_vector_axpy(h, d, u);
  ok(gkt_system_residual(w->system, &(gkt_state){.u = u}, plus));
  gkt_vector_axpy(-2 * h, d, u);
  ok(gkt_system_residual(w->system, &(gkt_state){.u = u}, minus));
  gkt_vector_axpy(h, d, u);
  gkt_csr_multiply(A, gkt_vector_read(d), gkt_vector_values(image));
  gkt_vector_axpy(-1, minus, plus), gkt_vector_axpy(-2 * h, image, plus);
  double error = gkt_vector_norm(plus) / (2 * h * gkt_vector_norm(image));
  gkt_vector_destroy(&plus), gkt_vector_destroy(&minus), gkt_vector_destroy(&image);
  return error;
}

static void fill_wave(gkt_vector *v, double size) {
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) gkt_vector_values(v)[i] = size * (sin(0.7 * i) + 0.3 * cos(2.9 * i));
}

static void tangents_are_derivatives(void **unused) {
  (void)unused;
  static const struct {
    gkt_form_kind kind;
    const char *text;
  } forms[] = {{GKT_ENERGY, ENERGY}, {GKT_EQUATION, EQUATION}};
  for (int i = 0; i < 2; i++) {
    world w = make_plane(ctx);
    make_system(&w, forms[i].kind, forms[i].text, 3, (const int[]){P, U, S});
    hold(&w, U, "left", "[0, 0]");
    hold(&w, P, "left", "0");
    gkt_vector *u = vector_of(w.system), *d = vector_of(w.system);
    gkt_csr *A;
    fill_wave(u, 0.3), fill_wave(d, 1);
    ok(gkt_system_lift(w.system, u)), ok(gkt_system_lift(w.system, d));
    ok(gkt_system_matrix(w.system, &A));
    ok(gkt_system_tangent(w.system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, A));
    assert_true(tangent_error(&w, u, d, A, 1e-4) <= 1e-7); /* third derivatives of 1 times h^2, and rounding of 1e-16/h */
    check_blocks(&w, A);
    for (gkt_idx r = 0; i == 0 && r < A->num_rows; r++)
      for (gkt_idx k = A->row_offsets[r]; k < A->row_offsets[r + 1]; k++) assert_true(A->vals[k] == entry_of(A, A->cols[k], r)); /* 0 ulp */
    gkt_vector *solution = solve(&w), *residual = vector_of(w.system);
    ok(gkt_system_residual(w.system, &(gkt_state){.u = solution}, residual));
    assert_true(gkt_vector_norm(residual) <= 1e-9 && gkt_vector_norm(solution) > 0.1);
    gkt_vector_destroy(&u), gkt_vector_destroy(&d), gkt_vector_destroy(&solution), gkt_vector_destroy(&residual);
    gkt_csr_destroy(&A);
    close_world(&w);
  }
}

/* ---- backends and threads ---- */
static gkt_vector *solve_with(const gkt_context_options *options, const char *text) {
  gkt_context *context;
  gkt_vector *copy;
  ok(gkt_context_create(options, &context));
  world w = make_plane(context);
  make_system(&w, GKT_EQUATION, text, 3, (const int[]){P, U, S});
  hold(&w, U, "left", "[0, x[1]]");
  hold(&w, P, "right", "x[1]");
  gkt_vector *u = solve(&w);
  ok(gkt_vector_create(ctx, gkt_vector_size(u), &copy));
  gkt_vector_copy(u, copy);
  gkt_vector_destroy(&u);
  close_world(&w);
  gkt_context_destroy(&context);
  return copy;
}

static void backends_and_threads_agree(void **unused) {
  (void)unused;
  gkt_vector *u[4];
  for (int i = 0; i < 4; i++) u[i] = solve_with(&(gkt_context_options){.backend = i < 3 ? GKT_BACKEND_CPU : GKT_BACKEND_INTERPRETER, .threads = 1 << i % 3}, EQUATION);
  const size_t size = (size_t)gkt_vector_size(u[0]) * sizeof(gkt_scalar);
  assert_memory_equal(gkt_vector_read(u[0]), gkt_vector_read(u[1]), size);
  assert_memory_equal(gkt_vector_read(u[0]), gkt_vector_read(u[2]), size);
  assert_true(largest_difference(gkt_vector_size(u[0]), gkt_vector_read(u[0]), gkt_vector_read(u[3])) <= 1e-10); /* Newton's tolerance */
  for (int i = 0; i < 4; i++) gkt_vector_destroy(&u[i]);
}

/* ---- what goes wrong ---- */
static void expect_refusal(const char *text, int count, const int *unknowns, gkt_status wanted, const char *part) {
  world w = make_plane(ctx);
  assert_int_equal(try_system(&w, GKT_EQUATION, text, count, unknowns), wanted);
  if (!strstr(gkt_context_message(ctx), part)) fail_msg("'%s' holds no '%s'", gkt_context_message(ctx), part);
  gkt_context_clear(ctx);
  close_world(&w);
}

static void equations_are_those_of_the_unknowns(void **unused) {
  (void)unused;
  expect_refusal("(dot(u, v) + p*div(v))*dx", 2, (const int[]){P, U}, GKT_BAD_INPUT, "'p': no equation: its test function 'q' is in no term; expected terms with 'q'");
  expect_refusal("(dot(u, v) + p*q)*dx", 1, (const int[]){U}, GKT_BAD_INPUT, "'p': it has an equation and is no unknown");
  expect_refusal("(dot(u, v) + u[0]*q)*dx", 2, (const int[]){U, P}, GKT_BAD_INPUT, "'p': the unknown drops out");
  expect_refusal("(dot(u, v) + p*v[0] + x[0]*q)*dx", 2, (const int[]){U, P}, GKT_BAD_INPUT, "'p': its equation holds no unknown");
  expect_refusal("(dot(u, v) + p*q)*dx", 3, (const int[]){U, P, U}, GKT_BAD_ARGUMENT, "the unknown 'u' is given twice");
  world w = make_plane(ctx);
  gkt_csr *A, *B;
  make_system(&w, GKT_EQUATION, "(dot(u, v) + p*q)*dx", 2, (const int[]){U, P});
  ok(gkt_system_matrix(w.system, &A));
  assert_int_equal(gkt_system_block(w.system, A, U, S, &B), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "which is no unknown; expected numbers of p and u"));
  gkt_context_clear(ctx);
  gkt_csr_destroy(&A);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(unknowns_stand_by_number),        cmocka_unit_test(uncoupled_ones_are_solved_as_each_alone),
                                     cmocka_unit_test(multipliers_stand_beside_others), cmocka_unit_test(tangents_are_derivatives),
                                     cmocka_unit_test(backends_and_threads_agree),      cmocka_unit_test(equations_are_those_of_the_unknowns)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
