/* Claim: a real is one number for the whole mesh, on every kind of cell, also mixed: a space of one node, whose function is 1 and whose gradient is 0. Derivatives by it are sums
   over all cells: a dense row, a dense column, a single block, equal to the integrals of their integrands however they are summed, the same bits for 1, 2 and 4 threads, in
   batches, compiled and interpreted. The mean by least squares is the mean. What asks for its place is refused by name. */
#include "forms/form.h"
#include "tests/element_form.h"

static gkt_element real = {GKT_REAL, 0};
static gkt_mesh *some_mesh(mesh_kind kind, int n) { return renumbered(unit_mesh(kind, n > mesh_kinds[kind].fewest ? n : mesh_kinds[kind].fewest), 7); }

static void a_space_is_one_node(void **unused) {
  (void)unused;
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *mesh = bent_mesh(kind, 2, order);
      gkt_space *space = make_space_of(mesh, real, gkt_shape_matrix(3, 2));
      assert_int_equal(gkt_space_num_nodes(space), 1);
      assert_int_equal(gkt_space_num_dofs(space), 6);
      for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
        assert_int_equal(gkt_space_nodes_per_cell(space, b), 1);
        for (gkt_idx c = 0; c < gkt_mesh_block(mesh, b)->num_cells; c++) assert_int_equal(gkt_space_cell_nodes(space, b)[c], 0);
      }
      gkt_space_destroy(&space), gkt_mesh_destroy(&mesh);
    }
}

/* ---- by least squares ---- */
static double mean_of(field_problem *p, const char *f) {
  char text[100];
  snprintf(text, sizeof text, "%s*dx(degree=8)", f);
  return functional(p, text) / functional(p, "1*dx(degree=8)");
}

static void least_squares_give_means(void **unused) {
  static const char *const functions[3] = {"[x[0]^2, 1]", "[x[0]^2, x[0]*x[1]]", "[x[0]^2, x[0]*x[2], x[1]]"};
  static const char *const components[3][3] = {{"x[0]^2", "1"}, {"x[0]^2", "x[0]*x[1]"}, {"x[0]^2", "x[0]*x[2]", "x[1]"}};
  (void)unused;
  for (int backend = 0; backend < 2; backend++)
    for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
      for (int order = 1; order <= 2; order++) {
        use(backend ? GKT_BACKEND_CPU : GKT_BACKEND_INTERPRETER, 1);
        const int dim = mesh_kinds[kind].dim, n = dim > 1 ? dim : 2;
        field_kind k = {mesh_kinds[kind].name, dim, 0, n};
        field_problem p;
        if (backend && order == 2) continue;
        begin_problem_of(&p, &k, bent_mesh(kind, 2, order), real);
        p.natural = "left right bottom top back front";
        let(&p, "f", functions[dim - 1]);
        pose_problem(&p, "dot(u - f, v)*dx(degree=8) + inner(grad(u), grad(v))*dx == 0", "0"); /* the gradient is 0 */
        assert_int_equal(num_dofs(&p), n);
        solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
        for (int i = 0; i < n; i++) {
          const double mean = mean_of(&p, components[dim - 1][i]);
          if (!(fabs(p.u[i] - mean) < 1e-13)) fail_msg("%s of order %d, component %d: %.17g, the mean is %.17g", k.name, order, i, p.u[i], mean);
        }
        end_problem(&p);
      }
  use(GKT_BACKEND_INTERPRETER, 1);
}

/* ---- rows and columns: the form is linear in c and d of reals, u of P2, and not in k ---- */
typedef struct {
  field_problem p; /* u */
  gkt_space *reals, *scalar;
  const gkt_space *spaces[6];
  gkt_scalar c[2], k;
  const gkt_scalar *values[6];
  gkt_inputs inputs;
} mixture;
enum { OF_U = 0, OF_C = 2, OF_K = 4 }; /* the functions without tests: c is a field of two reals, k a coefficient of one */

static void begin_mixture(mixture *m, mesh_kind kind, gkt_mesh *mesh) {
  field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, 2, 1};
  int f;
  begin_problem(&m->p, &k, mesh);
  must(gkt_scope_add_field(m->p.scope, "c", "d", gkt_shape_vector(2), real, &f), "c");
  assert_int_equal(f, OF_C);
  must(gkt_scope_add_coefficient(m->p.scope, "k", gkt_shape_scalar(), real, &f), "k");
  m->reals = make_space_of(mesh, real, gkt_shape_vector(2)), m->scalar = make_space_of(mesh, real, gkt_shape_scalar());
  memset(m->spaces, 0, sizeof m->spaces), memset(m->values, 0, sizeof m->values);
  m->spaces[OF_U] = m->p.space, m->spaces[OF_C] = m->reals, m->spaces[OF_K] = m->scalar;
  m->c[0] = 0.3, m->c[1] = -1.2, m->k = 1.7;
  for (gkt_idx i = 0; i < num_dofs(&m->p); i++) m->p.u[i] = wave(i, 0);
  m->values[OF_U] = m->p.u, m->values[OF_C] = m->c, m->values[OF_K] = &m->k;
  m->inputs = (gkt_inputs){.spaces = m->spaces, .values = m->values, .constants = m->p.constants};
}

static void end_mixture(mixture *m) {
  gkt_space_destroy(&m->reals), gkt_space_destroy(&m->scalar);
  end_problem(&m->p);
}

static gkt_assembler *plan(mixture *m, const gkt_form *form) {
  gkt_assembler *a;
  must(gkt_assembler_create(form, m->p.mesh, m->spaces, &a), m->p.kind.name);
  return a;
}

/* The form derived by some functions, one after the other. */
static gkt_form *derived(mixture *m, const char *energy, int count, const int *functions) {
  gkt_form *form = parse_form(&m->p, GKT_FUNCTIONAL, energy), *next;
  for (int i = 0; i < count; i++) {
    must(gkt_form_derivative(form, 1, &functions[i], &next), energy);
    gkt_form_destroy(&form);
    form = next;
  }
  return form;
}

static gkt_scalar *derived_vector(mixture *m, const char *energy, int function, gkt_idx n) {
  gkt_scalar *out = malloc((size_t)n * sizeof *out);
  gkt_form *form = derived(m, energy, 1, &function);
  gkt_assembler *a = plan(m, form);
  must(gkt_assemble_vector(a, &m->inputs, out), energy);
  gkt_assembler_destroy(&a), gkt_form_destroy(&form);
  return out;
}

static gkt_csr *derived_matrix(mixture *m, const char *energy, int row, int column) {
  gkt_form *form = derived(m, energy, 2, (const int[]){row, column});
  gkt_assembler *a = plan(m, form);
  gkt_csr *A;
  must(gkt_assembler_matrix(a, &A), energy);
  must(gkt_assemble_matrix(a, &m->inputs, A), energy);
  gkt_assembler_destroy(&a), gkt_form_destroy(&form);
  return A;
}

static double value_of(mixture *m, const char *text) {
  gkt_form *form = parse_form(&m->p, GKT_FUNCTIONAL, text);
  gkt_assembler *a = plan(m, form);
  double value;
  must(gkt_assemble_functional(a, &m->inputs, &value), text);
  gkt_assembler_destroy(&a), gkt_form_destroy(&form);
  return value;
}

#define ENERGY "k*(c[0]*u + c[1]*u^2/2 + dot(c, c)*x[0])*dx(degree=6) + c[0]*k^2*u*ds(right, degree=4)"

/* The row of c against the vectors of the integrands that it holds, by P2's own plan; the column is the row, turned over: to rounding of sums of size 1. */
static void compare_mixture(mixture *m) {
  const gkt_idx n = num_dofs(&m->p);
  gkt_scalar *first = derived_vector(m, "k*u*dx(degree=6) + k^2*u*ds(right, degree=4)", OF_U, n), *second = derived_vector(m, "k*u^2/2*dx(degree=6)", OF_U, n),
             *gradient = derived_vector(m, ENERGY, OF_C, 2);
  gkt_csr *row = derived_matrix(m, ENERGY, OF_C, OF_U), *column = derived_matrix(m, ENERGY, OF_U, OF_C), *block = derived_matrix(m, ENERGY, OF_C, OF_C),
          *corner = derived_matrix(m, ENERGY, OF_C, OF_K);
  const double moment = value_of(m, "k*x[0]*dx(degree=6)");
  assert_true(row->num_rows == 2 && row->num_cols == n && column->num_rows == n && column->num_cols == 2);
  assert_int_equal(row->row_offsets[2], 2 * n);
  for (gkt_idx i = 0; i < n; i++) {
    assert_int_equal(row->cols[i], i);
    assert_true(fabs(row->vals[i] - first[i]) < 1e-14 && fabs(row->vals[n + i] - second[i]) < 1e-14);
    assert_true(fabs(column->vals[2 * i] - first[i]) < 1e-14 && fabs(column->vals[2 * i + 1] - second[i]) < 1e-14);
  }
  assert_int_equal(block->row_offsets[2], 4);
  for (int i = 0; i < 4; i++) assert_true(fabs(block->vals[i] - (i % 3 ? 0 : 2 * moment)) < 1e-13);
  const double shares[] = {value_of(m, "(u + 2*c[0]*x[0])*dx(degree=6) + 2*k*u*ds(right, degree=4)"), value_of(m, "(u^2/2 + 2*c[1]*x[0])*dx(degree=6)")};
  const double slopes[] = {value_of(m, "k*(u + 2*c[0]*x[0])*dx(degree=6) + k^2*u*ds(right, degree=4)"), value_of(m, "k*(u^2/2 + 2*c[1]*x[0])*dx(degree=6)")};
  for (int i = 0; i < 2; i++) assert_true(fabs(corner->vals[i] - shares[i]) < 1e-13 && fabs(gradient[i] - slopes[i]) < 1e-13);
  gkt_csr_destroy(&row), gkt_csr_destroy(&column), gkt_csr_destroy(&block), gkt_csr_destroy(&corner);
  free(first), free(second), free(gradient);
}

static void rows_and_columns_are_integrals(void **unused) {
  (void)unused;
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (gkt_reduce_strategy reduce = GKT_REDUCE_AUTO; reduce <= GKT_REDUCE_SPMM; reduce++) {
      mixture m;
      bool compiled = reduce == GKT_REDUCE_AUTO && (kind == TRIANGLES || kind == MIXED_SPACE);
      use_context((gkt_context_options){.backend = compiled ? GKT_BACKEND_CPU : GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true, .reduce = reduce});
      begin_mixture(&m, kind, some_mesh(kind, 2));
      compare_mixture(&m);
      end_mixture(&m);
    }
}

/* Enough cells for many chunks and teams. */
static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  gkt_scalar *first[4] = {NULL};
  for (int threads = 1; threads <= 4; threads *= 2) {
    mixture m;
    use(GKT_BACKEND_CPU, threads);
    begin_mixture(&m, MIXED_SPACE, unit_mesh(MIXED_SPACE, 9));
    const gkt_idx n = num_dofs(&m.p), sizes[] = {2 * n, 2 * n, 4, 2};
    gkt_csr *row = derived_matrix(&m, ENERGY, OF_C, OF_U), *column = derived_matrix(&m, ENERGY, OF_U, OF_C), *block = derived_matrix(&m, ENERGY, OF_C, OF_C);
    gkt_scalar *gradient = derived_vector(&m, ENERGY, OF_C, 2);
    const gkt_scalar *found[] = {row->vals, column->vals, block->vals, gradient};
    for (int i = 0; i < 4; i++) {
      if (threads == 1) first[i] = memcpy(malloc((size_t)sizes[i] * sizeof **first), found[i], (size_t)sizes[i] * sizeof **first);
      assert_memory_equal(first[i], found[i], (size_t)sizes[i] * sizeof **first);
    }
    free(gradient);
    gkt_csr_destroy(&row), gkt_csr_destroy(&column), gkt_csr_destroy(&block);
    end_mixture(&m);
  }
  for (int i = 0; i < 4; i++) free(first[i]);
}

static void batches_have_the_bits_of_one_call_each(void **unused) {
  (void)unused;
  enum { SETS = 11 };
  mixture m;
  use(GKT_BACKEND_CPU, 2);
  begin_mixture(&m, TRIANGLES, some_mesh(TRIANGLES, 12));
  gkt_form *form = derived(&m, ENERGY, 2, (const int[]){OF_C, OF_U});
  gkt_assembler *a = plan(&m, form);
  gkt_csr *A;
  gkt_scalar c[SETS][2], k[SETS];
  must(gkt_assembler_matrix(a, &A), "pattern");
  const gkt_size n = A->row_offsets[A->num_rows];
  gkt_scalar *all = malloc((size_t)(SETS * n) * sizeof *all);
  for (int s = 0; s < SETS; s++) c[s][0] = wave(s, 1), c[s][1] = wave(s, 2), k[s] = 1 + 0.1 * s;
  m.values[OF_C] = c[0], m.values[OF_K] = k;
  const gkt_size strides[] = {0, 0, 2, 0, 1};
  must(gkt_assemble_batch(a, &m.inputs, &(gkt_batch){.count = SETS, .strides = strides, .results_stride = n}, all), "batch");
  for (int s = 0; s < SETS; s++) {
    m.values[OF_C] = c[s], m.values[OF_K] = &k[s];
    must(gkt_assemble_matrix(a, &m.inputs, A), "one");
    assert_memory_equal(A->vals, all + s * n, (size_t)n * sizeof *all);
  }
  free(all);
  gkt_csr_destroy(&A), gkt_assembler_destroy(&a), gkt_form_destroy(&form);
  end_mixture(&m);
}

/* ---- expressions ---- */
static void refused(gkt_status status, const char *words) {
  assert_int_equal(status, GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), words);
  gkt_context_clear(ctx);
}

static void expressions_know_what_varies(void **unused) {
  static const struct {
    const char *text;
    bool varies;
    double value; /* of what does not */
  } cases[] = {{"k", false, 1.7}, {"2*c[0] + b*k", false, 0.6 + 3 * 1.7}, {"dot(c, c)", false, 0.09 + 1.44}, {"x[0]*k", true, 0}, {"u", true, 0}, {"h*k", true, 0},
               {"3", false, 3}};
  (void)unused;
  mixture m;
  use(GKT_BACKEND_INTERPRETER, 1);
  begin_mixture(&m, MIXED_PLANE, some_mesh(MIXED_PLANE, 2));
  set_constant(&m.p, "b", 3);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_source source = {.text = cases[i].text};
    gkt_expression *e;
    gkt_scalar value = NAN;
    must(gkt_expression_parse(m.p.scope, &source, &e), source.text);
    assert_int_equal(gkt_expression_varies(e), cases[i].varies);
    if (cases[i].varies) refused(gkt_interpolate(e, m.scalar, &m.inputs, &value), "the expression varies in space, a real is one number");
    else must(gkt_interpolate(e, m.scalar, &m.inputs, &value), source.text), assert_true(fabs(value - cases[i].value) < 1e-15);
    gkt_expression_destroy(&e);
  }
  gkt_source gradient = {.text = "grad(k)"};
  gkt_expression *e;
  must(gkt_expression_parse(m.p.scope, &gradient, &e), "gradient");
  assert_true(e->value.nodes[0] == GKT_ZERO && e->value.nodes[1] == GKT_ZERO);
  gkt_idx count, *nodes;
  refused(gkt_space_nodes_on(m.reals, gkt_mesh_find_set(m.p.mesh, "left"), &count, &nodes), "so it has no value on 'left'; expected an equation that determines it");
  gkt_expression_destroy(&e);
  end_mixture(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_space_is_one_node),
                                     cmocka_unit_test(least_squares_give_means),
                                     cmocka_unit_test(rows_and_columns_are_integrals),
                                     cmocka_unit_test(bits_do_not_depend_on_threads),
                                     cmocka_unit_test(batches_have_the_bits_of_one_call_each),
                                     cmocka_unit_test(expressions_know_what_varies)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
