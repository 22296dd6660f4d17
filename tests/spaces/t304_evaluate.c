/* Claim: expressions at points are exact for what the spaces hold, interpolation has its order, continuous targets take means, points are found in their cells,
   and what has no value where it is asked for is refused in words. */
#include "forms/form.h"
#include "tests/space_meshes.h"

/* A scope by hand: functions 0 (`u`) and 1 (`w`), one constant. No language is needed. */
static gkt_function functions[2] = {{.name = "u"}, {.name = "w"}};
static void declare(int function, const gkt_space *space) { functions[function].shape = gkt_space_shape(space), functions[function].element = gkt_space_element(space); }
static gkt_scope scope_of(int dim) {
  gkt_scope scope = {.ctx = ctx, .dim = dim, .num_functions = 2, .num_constants = 1, .functions = functions};
  assert_int_equal(gkt_graph_create(ctx, &scope.graph), GKT_OK);
  return scope;
}
static gkt_expression scalar_of(gkt_scope *scope, gkt_node node) { return (gkt_expression){.scope = scope, .value = {gkt_shape_scalar(), {node}}}; }
static gkt_node terminal(gkt_scope *scope, gkt_term_kind kind, int function, int component, int direction) {
  return gkt_graph_terminal(scope->graph, (gkt_terminal){.kind = (int8_t)kind, .function = (int16_t)function, .component = (int16_t)component, .direction = (int8_t)direction});
}
static gkt_node x_node(gkt_scope *scope, int d) { return terminal(scope, GKT_TERM_X, 0, d, 0); }
static void refused(gkt_status expected, gkt_status status, const char *words) {
  assert_int_equal(status, expected);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), words);
  gkt_context_clear(ctx);
}

/* Points that lie in no special place, the same three of every cell. */
typedef struct {
  gkt_size count;
  gkt_idx *cells;
  double *xi, *x;
} places;
static places scattered(gkt_mesh *mesh) {
  int dim = gkt_mesh_dim(mesh);
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  places p = {.count = 3 * (gkt_size)block->num_cells};
  p.cells = malloc((size_t)p.count * sizeof *p.cells);
  p.xi = malloc((size_t)(p.count * dim) * sizeof *p.xi);
  p.x = calloc((size_t)(p.count * dim), sizeof *p.x);
  for (gkt_size i = 0; i < p.count; i++) {
    double phi[10];
    p.cells[i] = (gkt_idx)(i % block->num_cells);
    for (int d = 0; d < dim; d++) p.xi[i * dim + d] = 0.05 + 0.25 * fmod(0.37 * (double)(i / block->num_cells) + 0.41 * d, 1.0);
    gkt_lagrange_values(block->cell, block->order, p.xi + i * dim, phi);
    for (int k = 0; k < block->nodes_per_cell; k++)
      for (int d = 0; d < dim; d++) p.x[i * dim + d] += phi[k] * gkt_mesh_coords(mesh)[dim * block->nodes[p.cells[i] * block->nodes_per_cell + k] + d];
  }
  return p;
}
static void free_places(places *p) { free(p->cells), free(p->xi), free(p->x); }

/* 1 + x0 - 2 x1 + x0 x1 - 0.5 x0^2 (+ x2 x0) as a graph, and as numbers */
static gkt_node quadratic_node(gkt_scope *s) {
  gkt_graph *g = s->graph;
  gkt_node x = x_node(s, 0), y = x_node(s, 1), sum = gkt_add(g, gkt_graph_constant(g, 1), gkt_sub(g, x, gkt_mul(g, gkt_graph_constant(g, 2), y)));
  sum = gkt_add(g, sum, gkt_sub(g, gkt_mul(g, x, y), gkt_mul(g, gkt_graph_constant(g, 0.5), gkt_mul(g, x, x))));
  return s->dim == 3 ? gkt_add(g, sum, gkt_mul(g, x_node(s, 2), x)) : sum;
}
static double quadratic(int dim, const double *x) { return 1 + x[0] - 2 * x[1] + x[0] * x[1] - 0.5 * x[0] * x[0] + (dim == 3 ? x[2] * x[0] : 0); }
static double quadratic_slope(int dim, int d, const double *x) { return d == 0 ? 1 + x[1] - x[0] + (dim == 3 ? x[2] : 0) : d == 1 ? -2 + x[0] : x[0]; }

/* P2 and DP2 hold a quadratic: values to 1e-13, gradients to 1e-12 (1/h = 4 times ten terms of size 1). Poisoned buffers are on. */
static void quadratics_are_reproduced(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int discontinuous = 0; discontinuous < 2; discontinuous++) {
      gkt_mesh *mesh = box_mesh(dim, 3, 2, 2);
      gkt_scope scope = scope_of(dim);
      skew(mesh);
      gkt_space *space = make_space(mesh, discontinuous, 2, gkt_shape_scalar());
      declare(0, space);
      gkt_scalar *u = malloc((size_t)gkt_space_num_dofs(space) * sizeof *u);
      gkt_inputs inputs = {.spaces = (const gkt_space *const[]){space, NULL}, .values = (const gkt_scalar *const[]){u, NULL}};
      gkt_expression given = scalar_of(&scope, quadratic_node(&scope)), both = {.scope = &scope, .value = {gkt_shape_vector(dim + 1), {terminal(&scope, GKT_TERM_VALUE, 0, 0, 0)}}};
      for (int d = 0; d < dim; d++) both.value.nodes[d + 1] = terminal(&scope, GKT_TERM_GRAD, 0, 0, d);
      assert_int_equal(gkt_interpolate(&given, space, &inputs, u), GKT_OK);
      places p = scattered(mesh);
      gkt_scalar *out = malloc((size_t)(p.count * (dim + 1)) * sizeof *out);
      assert_int_equal(gkt_evaluate(&both, mesh, &inputs, p.count, p.cells, p.xi, NULL, out), GKT_OK);
      for (gkt_size i = 0; i < p.count; i++) {
        assert_true(fabs(out[i * (dim + 1)] - quadratic(dim, p.x + i * dim)) < 1e-13);
        for (int d = 0; d < dim; d++) assert_true(fabs(out[i * (dim + 1) + 1 + d] - quadratic_slope(dim, d, p.x + i * dim)) < 1e-12);
      }
      free(out), free(u);
      free_places(&p);
      gkt_space_destroy(&space);
      gkt_graph_destroy(&scope.graph);
      gkt_mesh_destroy(&mesh);
    }
}

/* On curved cells P2 holds the coordinates themselves, and grad x_d = e_d. */
static void coordinates_are_fields_on_curved_cells(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *linear = box_mesh(dim, 3, 2, 2), *mesh = quadratic_mesh(linear);
    gkt_scope scope = scope_of(dim);
    bend(mesh);
    gkt_space *space = make_space(mesh, false, 2, gkt_shape_vector(dim));
    declare(0, space);
    gkt_scalar *u = malloc((size_t)gkt_space_num_dofs(space) * sizeof *u), *out;
    gkt_inputs inputs = {.spaces = (const gkt_space *const[]){space, NULL}, .values = (const gkt_scalar *const[]){u, NULL}};
    gkt_expression x = {.scope = &scope, .value = {gkt_shape_vector(dim), {0}}}, slope = {.scope = &scope, .value = {gkt_shape_matrix(dim, dim), {0}}};
    for (int c = 0; c < dim; c++) {
      x.value.nodes[c] = x_node(&scope, c);
      for (int d = 0; d < dim; d++) slope.value.nodes[c * dim + d] = terminal(&scope, GKT_TERM_GRAD, 0, c, d);
    }
    assert_int_equal(gkt_interpolate(&x, space, &inputs, u), GKT_OK);
    places p = scattered(mesh);
    out = malloc((size_t)(p.count * dim * dim) * sizeof *out);
    assert_int_equal(gkt_evaluate(&slope, mesh, &inputs, p.count, p.cells, p.xi, NULL, out), GKT_OK);
    for (gkt_size i = 0; i < p.count; i++)
      for (int c = 0; c < dim; c++)
        for (int d = 0; d < dim; d++) assert_true(fabs(out[(i * dim + c) * dim + d] - (c == d)) < 1e-12);
    free(out), free(u);
    free_places(&p);
    gkt_space_destroy(&space);
    gkt_graph_destroy(&scope.graph);
    gkt_mesh_destroy(&mesh);
    gkt_mesh_destroy(&linear);
  }
}

/* Root mean square error of the interpolant of sin(2 x0 + x1) and of its first derivative at scattered points, on a bent box of n cells per side. */
static void interpolation_error(int dim, int degree, int n, double *value, double *slope) {
  gkt_mesh *mesh = box_mesh(dim, n, n, n);
  gkt_scope scope = scope_of(dim);
  bend(mesh);
  gkt_space *space = make_space(mesh, degree == 0, degree, gkt_shape_scalar());
  declare(0, space);
  gkt_scalar *u = malloc((size_t)gkt_space_num_dofs(space) * sizeof *u);
  gkt_inputs inputs = {.spaces = (const gkt_space *const[]){space, NULL}, .values = (const gkt_scalar *const[]){u, NULL}};
  gkt_graph *g = scope.graph;
  gkt_node phase = gkt_add(g, gkt_mul(g, gkt_graph_constant(g, 2), x_node(&scope, 0)), x_node(&scope, 1));
  gkt_expression given = scalar_of(&scope, gkt_graph_make(g, GKT_OP_SIN, phase, 0, 0));
  gkt_expression both = {.scope = &scope, .value = {gkt_shape_vector(2), {terminal(&scope, GKT_TERM_VALUE, 0, 0, 0), terminal(&scope, GKT_TERM_GRAD, 0, 0, 0)}}};
  assert_int_equal(gkt_interpolate(&given, space, &inputs, u), GKT_OK);
  places p = scattered(mesh);
  gkt_scalar *out = malloc((size_t)p.count * 2 * sizeof *out);
  assert_int_equal(gkt_evaluate(&both, mesh, &inputs, p.count, p.cells, p.xi, NULL, out), GKT_OK);
  *value = *slope = 0;
  for (gkt_size i = 0; i < p.count; i++) {
    double angle = 2 * p.x[i * dim] + p.x[i * dim + 1];
    *value += pow(out[2 * i] - sin(angle), 2) / (double)p.count;
    *slope += pow(out[2 * i + 1] - 2 * cos(angle), 2) / (double)p.count;
  }
  *value = sqrt(*value), *slope = sqrt(*slope);
  free(out), free(u);
  free_places(&p);
  gkt_space_destroy(&space);
  gkt_graph_destroy(&scope.graph);
  gkt_mesh_destroy(&mesh);
}

static void interpolation_has_its_order(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int degree = 0; degree <= 2; degree++) {
      double coarse[2], fine[2];
      int n = dim == 2 ? 16 : 8;
      interpolation_error(dim, degree, n, &coarse[0], &coarse[1]);
      interpolation_error(dim, degree, 2 * n, &fine[0], &fine[1]);
      if (log2(coarse[0] / fine[0]) < degree + 1 - 0.1) fail_msg("dim %d degree %d: order %g", dim, degree, log2(coarse[0] / fine[0]));
      if (degree > 0 && log2(coarse[1] / fine[1]) < degree - 0.1) fail_msg("dim %d degree %d: order of the gradient %g", dim, degree, log2(coarse[1] / fine[1]));
    }
}

/* Two triangles of the unit square, w = cell number in DP0: P1 nodes on the diagonal get 1/2, the others their cell's value; DP0 gets centroids. */
static void means_and_centroids(void **state) {
  (void)state;
  double coords[] = {0, 0, 1, 0, 1, 1, 0, 1}, x[2];
  gkt_idx cells[] = {0, 1, 2, 0, 2, 3};
  gkt_mesh *mesh;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, 4, coords, 2, cells, &mesh), GKT_OK);
  gkt_scope scope = scope_of(2);
  gkt_space *dp0 = make_space(mesh, true, 0, gkt_shape_scalar()), *p1 = make_space(mesh, false, 1, gkt_shape_scalar());
  declare(1, dp0);
  gkt_scalar w[] = {0, 1}, mean[4], expected[] = {0.5, 0, 0.5, 1};
  gkt_inputs inputs = {.spaces = (const gkt_space *const[]){NULL, dp0}, .values = (const gkt_scalar *const[]){NULL, w}, .constants = (const gkt_scalar[]){3}, .time = 0.25};
  gkt_expression cell_number = scalar_of(&scope, terminal(&scope, GKT_TERM_VALUE, 1, 0, 0)), first = scalar_of(&scope, x_node(&scope, 0)),
                 other = scalar_of(&scope, gkt_mul(scope.graph, terminal(&scope, GKT_TERM_CONSTANT, 0, 0, 0), terminal(&scope, GKT_TERM_TIME, 0, 0, 0)));
  assert_int_equal(gkt_interpolate(&cell_number, p1, &inputs, mean), GKT_OK);
  for (int i = 0; i < 4; i++) assert_true(mean[i] == expected[i]);
  assert_int_equal(gkt_interpolate(&first, dp0, &inputs, x), GKT_OK);
  assert_true(fabs(x[0] - 2.0 / 3) < 1e-15 && fabs(x[1] - 1.0 / 3) < 1e-15);
  assert_int_equal(gkt_interpolate(&other, dp0, &inputs, x), GKT_OK);
  assert_true(x[0] == 0.75 && x[1] == 0.75);
  assert_int_equal(gkt_evaluate_at(&first, 2, &inputs, 1, (double[]){7, 8}, x), GKT_OK);
  assert_true(x[0] == 7);
  gkt_mesh_coords_mutable(mesh)[4] = 4; /* the node (1,1) moves: interpolation sees the mesh as it is now */
  assert_int_equal(gkt_interpolate(&first, p1, &inputs, mean), GKT_OK);
  assert_true(mean[2] == 4);
  gkt_space_destroy(&dp0);
  gkt_space_destroy(&p1);
  gkt_graph_destroy(&scope.graph);
  gkt_mesh_destroy(&mesh);
}

static void normals_on_facets(void **state) {
  (void)state;
  gkt_mesh *mesh = box_mesh(3, 1, 1, 1);
  gkt_scope scope = scope_of(3);
  assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
  const gkt_mesh_set *top = gkt_mesh_find_set(mesh, "top");
  gkt_expression n = {.scope = &scope, .value = {gkt_shape_vector(3), {0}}};
  for (int d = 0; d < 3; d++) n.value.nodes[d] = terminal(&scope, GKT_TERM_NORMAL, 0, d, 0);
  gkt_inputs inputs = {0};
  for (gkt_idx i = 0; i < top->count; i++) {
    const gkt_facet *facet = &gkt_mesh_facets(mesh)[top->entities[i]];
    double out[3], xi[3] = {0.2, 0.2, 0.2};
    assert_int_equal(gkt_evaluate(&n, mesh, &inputs, 1, &facet->cell[0], xi, &facet->local[0], out), GKT_OK);
    assert_true(fabs(out[0]) < 1e-15 && fabs(out[1] - 1) < 1e-15 && fabs(out[2]) < 1e-15);
  }
  gkt_graph_destroy(&scope.graph);
  gkt_mesh_destroy(&mesh);
}

/* As many threads as there may be write the same bits. */
static void threads_do_not_matter(void **state) {
  (void)state;
  gkt_scalar *results[2];
  gkt_size bytes = 0;
  for (int k = 0; k < 2; k++) {
    gkt_context *keep = ctx;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = k ? 4 : 1, .poison = true}, &ctx), GKT_OK);
    gkt_mesh *mesh = box_mesh(3, 6, 6, 6);
    gkt_scope scope = scope_of(3);
    gkt_space *space = make_space(mesh, false, 2, gkt_shape_scalar());
    declare(0, space);
    gkt_expression h = scalar_of(&scope, gkt_mul(scope.graph, terminal(&scope, GKT_TERM_H, 0, 0, 0), gkt_graph_make(scope.graph, GKT_OP_EXP, x_node(&scope, 0), 0, 0)));
    bytes = gkt_space_num_dofs(space) * (gkt_size)sizeof **results;
    results[k] = malloc((size_t)bytes);
    assert_int_equal(gkt_interpolate(&h, space, &(gkt_inputs){0}, results[k]), GKT_OK);
    gkt_space_destroy(&space);
    gkt_graph_destroy(&scope.graph);
    gkt_mesh_destroy(&mesh);
    gkt_context_destroy(&ctx);
    ctx = keep;
  }
  assert_memory_equal(results[0], results[1], (size_t)bytes);
  free(results[0]), free(results[1]);
}

static void what_has_no_value_is_refused(void **state) {
  (void)state;
  gkt_mesh *mesh = box_mesh(2, 1, 1, 0), *second = box_mesh(2, 1, 1, 0);
  gkt_scope scope = scope_of(2);
  gkt_space *space = make_space(mesh, false, 1, gkt_shape_scalar()), *vectors = make_space(mesh, false, 1, gkt_shape_vector(2)),
            *elsewhere = make_space(second, false, 1, gkt_shape_scalar()), *finer = make_space(mesh, false, 2, gkt_shape_scalar());
  declare(0, space);
  gkt_scalar out[16], u[16] = {0};
  gkt_idx cell = 0;
  double xi[] = {0.2, 0.2};
  gkt_inputs none = {0}, wrong = {.spaces = (const gkt_space *const[]){elsewhere, NULL}, .values = (const gkt_scalar *const[]){u, NULL}}, other = wrong;
  other.spaces = (const gkt_space *const[]){finer, NULL};
  gkt_expression field = scalar_of(&scope, terminal(&scope, GKT_TERM_VALUE, 0, 0, 0)), n = scalar_of(&scope, terminal(&scope, GKT_TERM_NORMAL, 0, 0, 0)),
                 h = scalar_of(&scope, terminal(&scope, GKT_TERM_H, 0, 0, 0)), k = scalar_of(&scope, terminal(&scope, GKT_TERM_CONSTANT, 0, 0, 0)),
                 zero = scalar_of(&scope, GKT_ZERO), one = scalar_of(&scope, GKT_ONE);
  refused(GKT_BAD_INPUT, gkt_evaluate_at(&field, 2, &none, 1, xi, out), "'u'");
  refused(GKT_BAD_INPUT, gkt_evaluate_at(&h, 2, &none, 1, xi, out), "'h'");
  refused(GKT_BAD_INPUT, gkt_evaluate_at(&n, 2, &none, 1, xi, out), "'n'");
  refused(GKT_BAD_INPUT, gkt_evaluate(&n, mesh, &none, 1, &cell, xi, NULL, out), "'n'");
  refused(GKT_BAD_INPUT, gkt_interpolate(&n, space, &none, out), "'n'");
  refused(GKT_BAD_ARGUMENT, gkt_evaluate(&field, mesh, &none, 1, &cell, xi, NULL, out), "'u'");
  refused(GKT_BAD_ARGUMENT, gkt_evaluate(&field, mesh, &wrong, 1, &cell, xi, NULL, out), "the space of 'u' belongs to another mesh");
  refused(GKT_BAD_ARGUMENT, gkt_evaluate(&field, mesh, &other, 1, &cell, xi, NULL, out), "'u' was declared as P1, its space is P2");
  refused(GKT_BAD_ARGUMENT, gkt_evaluate(&k, mesh, &none, 1, &cell, xi, NULL, out), "constants");
  cell = 2;
  refused(GKT_BAD_ARGUMENT, gkt_evaluate(&h, mesh, &none, 1, &cell, xi, NULL, out), "cell 2 of a mesh of 2");
  refused(GKT_BAD_INPUT, gkt_interpolate(&one, vectors, &none, out), "the expression is a scalar, expected a vector of 2");
  out[0] = out[7] = 5;
  assert_int_equal(gkt_interpolate(&zero, vectors, &none, out), GKT_OK); /* the number 0 fits any shape */
  assert_true(out[0] == 0 && out[7] == 0);
  gkt_expression time = scalar_of(&scope, terminal(&scope, GKT_TERM_TIME, 0, 0, 0)); /* no inputs: t = 0, and nothing else */
  assert_int_equal(gkt_interpolate(&time, space, NULL, out), GKT_OK);
  assert_true(out[0] == 0);
  assert_int_equal(gkt_evaluate_at(&time, 2, NULL, 1, xi, out + 7), GKT_OK);
  assert_true(out[7] == 0);
  refused(GKT_BAD_ARGUMENT, gkt_interpolate(&k, space, NULL, out), "constants");
  refused(GKT_BAD_ARGUMENT, gkt_interpolate(&field, space, NULL, out), "'u'");
  gkt_space_destroy(&space);
  gkt_space_destroy(&vectors);
  gkt_space_destroy(&finer);
  gkt_space_destroy(&elsewhere);
  gkt_graph_destroy(&scope.graph);
  gkt_mesh_destroy(&mesh);
  gkt_mesh_destroy(&second);
}

/* Inside, affine or curved: one cell, and the reference coordinates come back (Newton ends at rounding: 1e-12). */
static void points_are_found_in_their_cell(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int curved = 0; curved < 2; curved++) {
      gkt_mesh *linear = box_mesh(dim, 3, 2, 2), *mesh = curved ? quadratic_mesh(linear) : linear;
      bend(mesh);
      places p = scattered(mesh);
      for (gkt_size i = 0; i < p.count; i++) {
        gkt_idx cells[4];
        double xi[12];
        int found;
        assert_int_equal(gkt_locate(mesh, p.x + i * dim, 4, cells, xi, &found), GKT_OK);
        assert_int_equal(found, 1);
        assert_int_equal(cells[0], p.cells[i]);
        for (int d = 0; d < dim; d++) assert_true(fabs(xi[d] - p.xi[i * dim + d]) < 1e-12);
      }
      free_places(&p);
      if (curved) gkt_mesh_destroy(&mesh);
      gkt_mesh_destroy(&linear);
    }
}

static void shared_points_and_points_outside(void **state) {
  (void)state;
  gkt_mesh *mesh = box_mesh(3, 2, 2, 2);
  gkt_idx cells[100];
  double xi[300], inner[] = {0.75, 0.5, 0.25}, corner[] = {0, 0, 0}, near[] = {-1e-10, 0.3, 0.2}, outside[] = {-1e-8, 0.3, 0.2}, nowhere[] = {NAN, 0, 0};
  int found;
  assert_int_equal(gkt_locate(mesh, inner, 100, cells, xi, &found), GKT_OK);
  assert_int_equal(found, 24);
  for (int i = 1; i < found; i++) assert_true(cells[i - 1] < cells[i]);
  assert_int_equal(gkt_locate(mesh, inner, 5, cells, xi, &found), GKT_OK);
  assert_int_equal(found, 5);
  assert_int_equal(gkt_locate(mesh, corner, 100, cells, xi, &found), GKT_OK);
  assert_int_equal(found, 6); /* Kuhn: the corner where all six meet */
  assert_int_equal(gkt_locate(mesh, near, 100, cells, xi, &found), GKT_OK);
  assert_true(found > 0);
  assert_int_equal(gkt_locate(mesh, outside, 100, cells, xi, &found), GKT_OK);
  assert_int_equal(found, 0);
  assert_int_equal(gkt_locate(mesh, nowhere, 100, cells, xi, &found), GKT_OK);
  assert_int_equal(found, 0);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(quadratics_are_reproduced),
                                     cmocka_unit_test(coordinates_are_fields_on_curved_cells),
                                     cmocka_unit_test(interpolation_has_its_order),
                                     cmocka_unit_test(means_and_centroids),
                                     cmocka_unit_test(normals_on_facets),
                                     cmocka_unit_test(threads_do_not_matter),
                                     cmocka_unit_test(what_has_no_value_is_refused),
                                     cmocka_unit_test(points_are_found_in_their_cell),
                                     cmocka_unit_test(shared_points_and_points_outside)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
