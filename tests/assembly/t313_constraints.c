/* Claim: constraints take values from constants, x, t and functions, by component; the later one wins and a disagreement is named; lifting, zeroing and elimination do what they
   say, elimination keeps the pattern and symmetry to the last bit, and a solved system reproduces what it must; wrong sets, shapes and values are refused. */
#include "tests/assembly_world.h"

static char warnings[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_WARNING) strncat(strncat(warnings, message, sizeof warnings - strlen(warnings) - 2), "\n", 2);
}

static void use_logging_backend(int i) {
  gkt_context_options options = backends[i];
  options.log = keep;
  warnings[0] = 0;
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
}

static gkt_status constrain(world *w, gkt_constraints *c, const char *set, int component, const char *value, const char *note) {
  gkt_source source = {.text = value, .file = "a.yaml", .key = "conditions"};
  gkt_expression *e = NULL;
  gkt_status status = gkt_expression_parse(w->scope, &source, &e);
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_mesh_topology(w->mesh), GKT_OK);
  status = gkt_constraints_add(c, 0, gkt_mesh_find_set(w->mesh, set), component, e, inputs_of(w), note);
  gkt_expression_destroy(&e);
  return status;
}

static gkt_constraints *constraints_of(const world *w) {
  gkt_constraints *c;
  assert_int_equal(gkt_constraints_create(1, (const gkt_space *const *)&w->spaces[FIELD], &c), GKT_OK);
  assert_int_equal(gkt_constraints_count(c), 0);
  return c;
}

static bool is_on(const world *w, const char *set, gkt_idx node) {
  gkt_idx count, *nodes;
  bool found = false;
  assert_int_equal(gkt_space_nodes_on(w->spaces[FIELD], gkt_mesh_find_set(w->mesh, set), &count, &nodes), GKT_OK);
  for (gkt_idx i = 0; i < count; i++) found |= nodes[i] == node;
  free(nodes);
  return found;
}

static void values_by_position_time_and_component(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_world(3, 2, 3, false);
    gkt_constraints *c = constraints_of(&w);
    assert_int_equal(constrain(&w, c, "left", -1, "[x[0], k*x[1], t]", "line 1"), GKT_OK);
    assert_int_equal(constrain(&w, c, "top", 1, "x[2]^2", "line 2"), GKT_OK);
    assert_int_equal(constrain(&w, c, "right", -1, "0", "line 3"), GKT_OK); /* 0 fits any shape */
    gkt_idx n = gkt_space_num_dofs(w.spaces[FIELD]), count = 0;
    double *u = malloc((size_t)n * sizeof *u), *r = malloc((size_t)n * sizeof *r);
    for (gkt_idx i = 0; i < n; i++) u[i] = r[i] = 77;
    gkt_constraints_lift(c, u);
    gkt_constraints_zero(c, r);
    for (gkt_idx i = 0; i < n; i++) {
      const double *x = gkt_space_coords(w.spaces[FIELD]) + i / 3 * 3, at_left[] = {x[0], 1.7 * x[1], 0.25};
      bool left = is_on(&w, "left", i / 3), top = is_on(&w, "top", i / 3) && i % 3 == 1, right = is_on(&w, "right", i / 3);
      double expected = right ? 0 : top ? x[2] * x[2] : left ? at_left[i % 3] : 77; /* nodes at rounding distance only: the same coordinates */
      assert_int_equal(gkt_constraints_mask(c)[i], left || top || right);
      assert_true(fabs(u[i] - expected) <= 1e-15);
      assert_true(r[i] == (left || top || right ? 0 : 77));
      count += left || top || right;
    }
    assert_int_equal(gkt_constraints_count(c), count);
    free(u), free(r);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
}

static void values_from_functions(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_world(2, 1, 2, false);
    gkt_constraints *c = constraints_of(&w);
    for (gkt_idx i = 0; i < gkt_space_num_nodes(w.spaces[W]); i++) { /* w = (x + y, x y): of P2 */
      const double *x = gkt_space_coords(w.spaces[W]) + i * 2;
      w.values[W][2 * i] = x[0] + x[1], w.values[W][2 * i + 1] = x[0] * x[1];
    }
    assert_int_equal(constrain(&w, c, "bottom", -1, "2*w", NULL), GKT_OK);
    assert_int_equal(constrain(&w, c, "top", 0, "w[1]", NULL), GKT_OK);
    gkt_idx n = gkt_space_num_dofs(w.spaces[FIELD]);
    double *u = calloc((size_t)n, sizeof *u);
    gkt_constraints_lift(c, u);
    for (gkt_idx i = 0; i < n; i++) {
      const double *x = gkt_space_coords(w.spaces[FIELD]) + i / 2 * 2, twice[] = {2 * (x[0] + x[1]), 2 * x[0] * x[1]};
      double expected = is_on(&w, "top", i / 2) && i % 2 == 0 ? x[0] * x[1] : is_on(&w, "bottom", i / 2) ? twice[i % 2] : 0;
      assert_true(fabs(u[i] - expected) <= 1e-14); /* sums of six values of size 2 */
    }
    free(u);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
}

static void disagreements_are_named(void **unused) {
  (void)unused;
  use_logging_backend(0);
  world w = make_world(2, 1, 1, false);
  gkt_constraints *c = constraints_of(&w);
  assert_int_equal(constrain(&w, c, "left", -1, "1", "line 12"), GKT_OK);
  assert_int_equal(constrain(&w, c, "top", -1, "1", "line 13"), GKT_OK); /* equal at the corner: no conflict */
  assert_string_equal(warnings, "");
  assert_int_equal(constrain(&w, c, "bottom", -1, "2", "line 14"), GKT_OK);
  assert_non_null(strstr(warnings, "1 shared dof: line 12 on 'left' gives 1, line 14 on 'bottom' gives 2"));
  assert_null(strstr(warnings, "line 13"));
  double u[64] = {0};
  assert_in_range(gkt_space_num_dofs(w.spaces[FIELD]), 1, 64);
  gkt_constraints_lift(c, u);
  for (gkt_idx i = 0; i < gkt_space_num_nodes(w.spaces[FIELD]); i++) assert_true(u[i] == (is_on(&w, "bottom", i) ? 2 : is_on(&w, "left", i) || is_on(&w, "top", i) ? 1 : 0));
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* Small beside the condition's own values is no conflict; small beside a small condition is one. */
static void rounding_is_no_disagreement(void **unused) {
  (void)unused;
  use_logging_backend(0);
  world w = make_world_on(box_mesh(2, 3, 4, 0), 1, 1); /* x = 0 on the left side */
  gkt_constraints *c = constraints_of(&w);
  assert_int_equal(constrain(&w, c, "left", -1, "0", "line 12"), GKT_OK);
  assert_int_equal(constrain(&w, c, "top", -1, "sin(pi*x[0] + pi)", "line 14"), GKT_OK);
  assert_string_equal(warnings, "");
  assert_int_equal(constrain(&w, c, "bottom", -1, "1e-16", "line 15"), GKT_OK);
  assert_non_null(strstr(warnings, "line 12 on 'left' gives 0, line 15 on 'bottom' gives 1e-16"));
  gkt_constraints_destroy(&c);
  free_world(&w);
}

static void elimination_keeps_symmetry_and_pattern(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_world(3, 2, 3, false);
    gkt_constraints *c = constraints_of(&w);
    assert_int_equal(constrain(&w, c, "left", -1, "0", NULL), GKT_OK);
    assert_int_equal(constrain(&w, c, "top", 2, "1", NULL), GKT_OK);
    gkt_form *f = residual_of(&w, GKT_EQUATION, "2*mu*inner(sym(grad(u)),sym(grad(v)))*dx + k*div(u)*div(v)*dx"), *t = derivative_of(f, FIELD);
    gkt_csr *A = matrix_of(&w, t), *B = matrix_of(&w, t);
    const bool *mask = gkt_constraints_mask(c);
    gkt_constraints_eliminate(c, B);
    double mean = 0;
    gkt_idx free_rows = 0;
    for (gkt_idx i = 0; i < A->num_rows; i++)
      if (!mask[i]) mean += fabs(entry_of(A, i, i)), free_rows++;
    mean /= free_rows;
    assert_int_equal(A->block_size, 3);
    for (gkt_idx i = 0; i < A->num_rows; i++) {
      assert_int_equal(A->row_offsets[i + 1], B->row_offsets[i + 1]);
      for (gkt_idx k = B->row_offsets[i]; k < B->row_offsets[i + 1]; k++) {
        gkt_idx j = B->cols[k];
        assert_int_equal(A->cols[k], j);
        assert_true(B->vals[k] == entry_of(B, j, i)); /* 0 ulp */
        if (!mask[i] && !mask[j]) assert_true(B->vals[k] == A->vals[k]);
        else if (i != j) assert_true(B->vals[k] == 0);
        else assert_true(fabs(B->vals[k] - mean) <= 1e-12 * mean);
      }
    }
    gkt_csr_destroy(&A), gkt_csr_destroy(&B);
    gkt_form_destroy(&t), gkt_form_destroy(&f);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
}

/* A matrix over the dofs of three spaces: a band whose diagonal is 1000 in the first, 0 in the second and 0.5 in the third, 7 beside it. */
static gkt_csr *band_matrix(gkt_idx first, gkt_idx second, gkt_idx third) {
  gkt_idx n = first + second + third, used = 0;
  gkt_csr *A;
  assert_int_equal(gkt_csr_create(ctx, n, n, 3 * (gkt_size)n - 2, 1, &A), GKT_OK);
  for (gkt_idx i = 0; i < n; i++) {
    A->row_offsets[i] = used;
    for (gkt_idx j = i > 0 ? i - 1 : 0; j < n && j <= i + 1; j++) A->cols[used] = j, A->vals[used++] = i != j ? 7 : i < first ? 1000 : i < first + second ? 0 : 0.5;
  }
  A->row_offsets[n] = used;
  return A;
}

/* Dofs of several spaces stand one after the other, each keeps its unit: the diagonal of what is constrained is that of its own space. */
static void spaces_one_after_the_other(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 2, false);
  const gkt_space *spaces[] = {w.spaces[FIELD], w.spaces[C], w.spaces[R]};
  const gkt_idx first = gkt_space_num_dofs(spaces[0]), second = gkt_space_num_dofs(spaces[1]), third = gkt_space_num_dofs(spaces[2]), n = first + second + third;
  gkt_constraints *c;
  assert_int_equal(gkt_constraints_create(3, spaces, &c), GKT_OK);
  for (int k = 0; k < 3; k++) { /* nodes of P1 are those of the mesh; cells of DP0 have theirs inside, so a set of cells is theirs */
    gkt_source source = {.text = k == 0 ? "x" : "2"};
    gkt_idx cell = 3;
    gkt_expression *e;
    if (k == 2) assert_int_equal(gkt_mesh_add_set(w.mesh, "a cell", 2, 1, &cell), GKT_OK);
    assert_int_equal(gkt_expression_parse(w.scope, &source, &e), GKT_OK);
    assert_int_equal(gkt_mesh_topology(w.mesh), GKT_OK);
    assert_int_equal(gkt_constraints_add(c, k, gkt_mesh_find_set(w.mesh, k == 2 ? "a cell" : "left"), -1, e, inputs_of(&w), NULL), GKT_OK);
    gkt_expression_destroy(&e);
  }
  gkt_csr *A = band_matrix(first, second, third);
  double *u = calloc((size_t)n, sizeof *u);
  gkt_constraints_lift(c, u);
  gkt_constraints_eliminate(c, A);
  gkt_idx count = 0;
  for (gkt_idx i = 0; i < n; i++) {
    const bool is_first = i < first, is_second = !is_first && i < first + second;
    const gkt_idx node = is_first ? i / 2 : is_second ? i - first : i - first - second;
    const bool expected = is_first || is_second ? is_on(&w, "left", node) : node == 3;
    const double value = is_first ? gkt_space_coords(spaces[0])[i] : 2;
    assert_int_equal(gkt_constraints_mask(c)[i], expected);
    assert_true(u[i] == (expected ? value : 0));
    assert_true(entry_of(A, i, i) == (is_first ? 1000 : is_second ? (expected ? 1 : 0) : 0.5));
    for (gkt_idx j = i > 0 ? i - 1 : 0; j < n && j <= i + 1; j++)
      if (i != j) assert_true(entry_of(A, i, j) == (gkt_constraints_mask(c)[i] || gkt_constraints_mask(c)[j] ? 0 : 7));
    count += expected;
  }
  assert_int_equal(gkt_constraints_count(c), count);
  free(u);
  gkt_csr_destroy(&A);
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* Without free dofs the diagonal becomes 1. */
static void all_constrained(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 1, false);
  gkt_constraints *c = constraints_of(&w);
  gkt_idx *cells = malloc((size_t)gkt_mesh_num_cells(w.mesh) * sizeof *cells);
  for (gkt_idx i = 0; i < gkt_mesh_num_cells(w.mesh); i++) cells[i] = i;
  assert_int_equal(gkt_mesh_add_set(w.mesh, "all", 2, gkt_mesh_num_cells(w.mesh), cells), GKT_OK);
  assert_int_equal(constrain(&w, c, "all", -1, "3", NULL), GKT_OK);
  gkt_form *f = residual_of(&w, GKT_EQUATION, "u*v*dx"), *t = derivative_of(f, FIELD);
  gkt_csr *A = matrix_of(&w, t);
  gkt_constraints_eliminate(c, A);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx j = 0; j < A->num_rows; j++) assert_true(entry_of(A, i, j) == (i == j));
  free(cells);
  gkt_csr_destroy(&A);
  gkt_form_destroy(&t), gkt_form_destroy(&f);
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* Patch test: with a linear field on the boundary, the discrete Laplace problem on a skewed mesh returns that field. Conjugate gradients without preconditioning suffice. */
static void linear_fields_are_reproduced(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int degree = 1; degree <= 2; degree++) {
      use_backend(backend);
      world w = make_world(3, degree, 1, false);
      gkt_constraints *c = constraints_of(&w);
      assert_int_equal(constrain(&w, c, "boundary", -1, "1 + 2*x[0] - x[1] + x[2]", NULL), GKT_OK);
      gkt_form *f = residual_of(&w, GKT_EQUATION, "k*dot(grad(u),grad(v))*dx"), *t = derivative_of(f, FIELD);
      gkt_csr *A = matrix_of(&w, t);
      size_t n = (size_t)A->num_rows;
      memset(w.values[FIELD], 0, n * sizeof(double));
      gkt_constraints_lift(c, w.values[FIELD]);
      double *r = vector_of(&w, f), *p = malloc(n * sizeof *p), *Ap = malloc(n * sizeof *Ap), *u = w.values[FIELD], rr = 0;
      gkt_constraints_zero(c, r);
      gkt_constraints_eliminate(c, A);
      for (size_t i = 0; i < n; i++) rr += r[i] * r[i], p[i] = r[i] = -r[i];
      for (int k = 0; k < 200 && rr > 1e-28; k++) {
        double pAp = 0, next = 0;
        gkt_csr_multiply(A, p, Ap);
        for (size_t i = 0; i < n; i++) pAp += p[i] * Ap[i];
        for (size_t i = 0; i < n; i++) u[i] += rr / pAp * p[i], r[i] -= rr / pAp * Ap[i], next += r[i] * r[i];
        for (size_t i = 0; i < n; i++) p[i] = r[i] + next / rr * p[i];
        rr = next;
      }
      for (size_t i = 0; i < n; i++) {
        const double *x = gkt_space_coords(w.spaces[FIELD]) + i * 3;
        assert_true(fabs(u[i] - (1 + 2 * x[0] - x[1] + x[2])) <= 1e-12); /* residual 1e-14, condition below 100 */
      }
      free(r), free(p), free(Ap);
      gkt_csr_destroy(&A);
      gkt_form_destroy(&t), gkt_form_destroy(&f);
      gkt_constraints_destroy(&c);
      free_world(&w);
    }
}

static void refuse(world *w, gkt_constraints *c, const char *set, int component, const char *value, const char *word) {
  gkt_context_clear(ctx);
  assert_int_equal(constrain(w, c, set, component, value, "line 9"), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), word)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), word);
  assert_int_equal(gkt_constraints_count(c), 0); /* refused means unchanged */
}

static void mistakes_are_refused(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 2, false);
  gkt_constraints *c = constraints_of(&w);
  assert_int_equal(gkt_mesh_add_set(w.mesh, "empty", 1, 0, NULL), GKT_OK);
  refuse(&w, c, "empty", -1, "0", "line 9 on 'empty': the set holds no node");
  refuse(&w, c, "left", 2, "0", "component 2 does not exist");
  refuse(&w, c, "left", -3, "0", "component -3 does not exist");
  refuse(&w, c, "left", -1, "1", "expected a value of the field's shape");
  refuse(&w, c, "left", 0, "x", "must be a scalar");
  refuse(&w, c, "left", 0, "ln(-1-x[0]^2)", "line 9 on 'left': the value is");
  refuse(&w, c, "left", 0, "n[0]", "line 9 on 'left': the normal n");
  gkt_constraints_destroy(&c);
  free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(values_by_position_time_and_component),
                                     cmocka_unit_test(values_from_functions),
                                     cmocka_unit_test(disagreements_are_named),
                                     cmocka_unit_test(rounding_is_no_disagreement),
                                     cmocka_unit_test(elimination_keeps_symmetry_and_pattern),
                                     cmocka_unit_test(spaces_one_after_the_other),
                                     cmocka_unit_test(all_constrained),
                                     cmocka_unit_test(linear_fields_are_reproduced),
                                     cmocka_unit_test(mistakes_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
