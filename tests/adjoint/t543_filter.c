/* Claim: filters keep constants, and a filter and its transpose are adjoint to 1e-12, on meshes of all kinds with cells of different sizes, in DP0 and P1, for 1 and 4 threads with
   the same bits; weights are those of the definition; the Helmholtz filter has the error of its elements; Sigmund's sensitivities are those of a sum by hand; projection's
   derivative is that of differences; what serves no filter is refused with one message. */
#include <math.h>
#include <string.h>

#include "galerkit/filter.h"
#include "tests/gkt_test.h"

static const gkt_element DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0}, P1 = {GKT_LAGRANGE, 1};
static const struct {
  gkt_cell_type kind;
  int dim, cells;
} shapes[] = {{GKT_LINE, 1, 40}, {GKT_TRIANGLE, 2, 8}, {GKT_QUADRILATERAL, 2, 9}, {GKT_TETRAHEDRON, 3, 4}, {GKT_HEXAHEDRON, 3, 5}};
enum { NUM_SHAPES = sizeof shapes / sizeof *shapes };

/* Cells grow towards x = 1. */
static gkt_mesh *graded(gkt_context *context, int shape) {
  gkt_mesh *mesh;
  const int n = shapes[shape].cells;
  assert_int_equal(gkt_mesh_box(context, &(gkt_box){shapes[shape].kind, shapes[shape].dim, {n, n, n}, {0, 0, 0}, {1, 1, 1}}, &mesh), GKT_OK);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_size i = 0; i < (gkt_size)gkt_mesh_num_nodes(mesh) * shapes[shape].dim; i += shapes[shape].dim) x[i] *= 0.5 + 0.5 * x[i];
  return mesh;
}

static double draw(unsigned *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state / 4294967296.0 - 0.3;
}

static double dot(gkt_idx n, const double *a, const double *b) {
  double sum = 0;
  for (gkt_idx i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static double sizes(gkt_idx n, const double *a, const double *b) {
  double sum = 0;
  for (gkt_idx i = 0; i < n; i++) sum += fabs(a[i] * b[i]);
  return sum;
}

/* y = F x and z = 1 + F' g of drawn x and g, and what is to be true of them */
static void hold(gkt_filter *f, gkt_idx n, double *y, double *z) {
  double *x = calloc((size_t)n, sizeof *x), *g = calloc((size_t)n, sizeof *g);
  unsigned state = 7;
  for (gkt_idx i = 0; i < n; i++) x[i] = 1;
  assert_int_equal(gkt_filter_apply(f, x, y), GKT_OK);
  for (gkt_idx i = 0; i < n; i++) assert_true(fabs(y[i] - 1) < 1e-12);
  for (gkt_idx i = 0; i < n; i++) x[i] = draw(&state), g[i] = draw(&state), z[i] = 1;
  assert_int_equal(gkt_filter_apply(f, x, y), GKT_OK);
  assert_int_equal(gkt_filter_transpose(f, NULL, g, z), GKT_OK);
  for (gkt_idx i = 0; i < n; i++) z[i] -= 1;
  const double a = dot(n, g, y), b = dot(n, z, x);
  if (fabs(a - b) > 1e-12 * sizes(n, g, y)) fail_msg("g'Fx = %.16g, (F'g)'x = %.16g", a, b);
  free(x), free(g);
}

static void adjoint_to_their_transposes(void **unused) {
  (void)unused;
  for (int shape = 0; shape < NUM_SHAPES; shape++)
    for (int k = 0; k < 4; k++) {
      double *results[2][2];
      gkt_idx n = 0;
      for (int t = 0; t < 2; t++) {
        gkt_context *context;
        gkt_space *space;
        gkt_filter *f;
        assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = t ? 4 : 1, .poison = true}, &context), GKT_OK);
        gkt_mesh *mesh = graded(context, shape);
        assert_int_equal(gkt_space_create(mesh, k < 2 ? DP0 : P1, gkt_shape_scalar(), &space), GKT_OK);
        n = gkt_space_num_dofs(space);
        if (gkt_filter_create(space, k % 2 ? GKT_FILTER_HELMHOLTZ : GKT_FILTER_DENSITY, 0.4, &f) != GKT_OK) fail_msg("%s", gkt_context_message(context));
        for (int r = 0; r < 2; r++) results[t][r] = malloc(n * sizeof(double));
        hold(f, n, results[t][0], results[t][1]);
        gkt_space_destroy(&space);
        gkt_mesh_destroy(&mesh);
        gkt_filter_destroy(&f); /* holds what it was made of */
        gkt_context_destroy(&context);
      }
      for (int r = 0; r < 2; r++) assert_memory_equal(results[0][r], results[1][r], n * sizeof(double));
      for (int r = 0; r < 4; r++) free(results[r / 2][r % 2]);
    }
}

/* In space beyond what a factor is cheap for: by iterations with the diagonal where the radius is of few cells, else by the factor, each to the same digits. */
static void of_many_cells_as_well(void **unused) {
  (void)unused;
  const int n = 17;
  for (int k = 0; k < 3; k++) {
    gkt_mesh *mesh;
    gkt_space *space;
    gkt_filter *f;
    assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){GKT_HEXAHEDRON, 3, {n, n, n}, {0, 0, 0}, {1, 1, 1}}, &mesh), GKT_OK);
    assert_int_equal(gkt_space_create(mesh, k ? P1 : DP0, gkt_shape_scalar(), &space), GKT_OK);
    if (gkt_filter_create(space, GKT_FILTER_HELMHOLTZ, k < 2 ? 0.2 : 0.6, &f) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
    const gkt_idx size = gkt_space_num_dofs(space);
    double *y = malloc(2 * (size_t)size * sizeof *y);
    hold(f, size, y, y + size);
    free(y);
    gkt_filter_destroy(&f);
    gkt_space_destroy(&space);
    gkt_mesh_destroy(&mesh);
  }
}

static gkt_filter *on_box(gkt_cell_type kind, int dim, gkt_idx nx, gkt_idx ny, double lx, double ly, gkt_element e, gkt_filter_kind what, double radius, gkt_space **space) {
  gkt_mesh *mesh;
  gkt_filter *f = NULL;
  assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){kind, dim, {nx, ny}, {0, 0}, {lx, ly}}, &mesh), GKT_OK);
  assert_int_equal(gkt_space_create(mesh, e, gkt_shape_scalar(), space), GKT_OK);
  if (gkt_filter_create(*space, what, radius, &f) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_mesh_destroy(&mesh);
  return f;
}

/* One cell of unit squares is 1: its neighbours then show the weights, sums by hand over a cell and its 8 neighbours for radius 1.5 (inside of the mesh). */
static void weights_and_sensitivities(void **unused) {
  (void)unused;
  gkt_space *space;
  gkt_filter *f = on_box(GKT_QUADRILATERAL, 2, 7, 7, 7, 7, DP0, GKT_FILTER_DENSITY, 1.5, &space), *s = NULL;
  const double side = 0.5, corner = 1.5 - sqrt(2), sum = 1.5 + 4 * side + 4 * corner, *p = gkt_space_coords(space);
  double x[49] = {0}, g[49], y[49], out[49];
  int middle = 0, seen = 0;
  for (int i = 0; i < 49; i++)
    if (fabs(p[2 * i] - 3.5) + fabs(p[2 * i + 1] - 3.5) < 0.1) middle = i;
  x[middle] = 1;
  assert_int_equal(gkt_filter_apply(f, x, y), GKT_OK);
  for (int i = 0; i < 49; i++) {
    const double d = hypot(p[2 * i] - 3.5, p[2 * i + 1] - 3.5), expected = d < 0.1 ? 1.5 / sum : d < 1.1 ? side / sum : d < 1.5 ? corner / sum : 0;
    assert_true(fabs(y[i] - expected) < 1e-14);
    seen += expected > 0;
  }
  assert_int_equal(seen, 9);
  for (int i = 0; i < 49; i++) assert_true(fabs(gkt_filter_volumes(f)[i] - 1) < 1e-14);
  assert_int_equal(gkt_filter_create(space, GKT_FILTER_SENSITIVITY, 1.5, &s), GKT_OK);
  for (int i = 0; i < 49; i++) x[i] = i == middle ? 1e-6 : 0.5 + 0.01 * i, g[i] = -1 - 0.1 * i, out[i] = 2;
  double expected = 0;
  for (int i = 0; i < 49; i++) {
    const double d = hypot(p[2 * i] - 3.5, p[2 * i + 1] - 3.5);
    if (d < 1.5) expected += (1.5 - d) * x[i] * g[i];
  }
  assert_int_equal(gkt_filter_transpose(s, x, g, out), GKT_OK);
  assert_true(fabs(out[middle] - 2 - expected / (1e-3 * sum)) < 1e-10 * fabs(out[middle]));
  assert_int_equal(gkt_filter_apply(s, x, y), GKT_OK);
  assert_memory_equal(x, y, sizeof x);
  double plain[49] = {0}, means[49] = {0};
  gkt_filter_destroy(&s);
  assert_int_equal(gkt_filter_create(space, GKT_FILTER_GRADIENT, 1.5, &s), GKT_OK);
  assert_int_equal(gkt_filter_transpose(f, NULL, g, plain), GKT_OK);
  assert_int_equal(gkt_filter_transpose(s, NULL, g, means), GKT_OK);
  assert_memory_equal(plain, means, sizeof plain);
  gkt_filter_destroy(&f);
  gkt_filter_destroy(&s);
  gkt_space_destroy(&space);
}

/* cos(2 pi x) has no flux at 0 and 1: filtered it is divided by 1 + r^2 4 pi^2. Errors fall by 4. */
static void helmholtz_has_its_order(void **unused) {
  (void)unused;
  const double radius = 0.5, r = radius / (2 * sqrt(3)), pi = acos(-1), factor = 1 / (1 + 4 * pi * pi * r * r);
  for (int k = 0; k < 2; k++) {
    double errors[2] = {0};
    for (int level = 0; level < 2; level++) {
      gkt_space *space;
      const int cells = level ? 80 : 40;
      gkt_filter *f = on_box(GKT_LINE, 1, cells, 1, 1, 1, k ? P1 : DP0, GKT_FILTER_HELMHOLTZ, radius, &space);
      const gkt_idx n = gkt_space_num_dofs(space);
      double x[81], y[81];
      for (gkt_idx i = 0; i < n; i++) x[i] = cos(2 * pi * gkt_space_coords(space)[i]);
      assert_int_equal(gkt_filter_apply(f, x, y), GKT_OK);
      for (gkt_idx i = 0; i < n; i++) errors[level] = fmax(errors[level], fabs(y[i] - factor * x[i]));
      gkt_filter_destroy(&f);
      gkt_space_destroy(&space);
    }
    assert_true(errors[1] < 2e-3 && errors[0] / errors[1] > 3.8 && errors[0] / errors[1] < 4.2);
  }
}

/* Positive, and the volume in all, of each component. */
static void weights_of_inner_products(void **unused) {
  (void)unused;
  const gkt_element elements[] = {DP0, P1, {GKT_LAGRANGE, 2}, {GKT_QUADRATURE_POINTS, 2}};
  gkt_mesh *mesh = graded(ctx, 1);
  for (int k = 0; k < 4; k++) {
    gkt_space *space;
    double sums[2] = {0}, smallest = 1, *w;
    assert_int_equal(gkt_space_create(mesh, elements[k], gkt_shape_vector(2), &space), GKT_OK);
    const gkt_idx n = gkt_space_num_dofs(space);
    w = malloc(n * sizeof *w);
    assert_int_equal(gkt_design_weights(space, w), GKT_OK);
    for (gkt_idx i = 0; i < n; i++) sums[i % 2] += w[i], smallest = fmin(smallest, w[i]);
    assert_true(smallest > 0 && fabs(sums[0] - 1) < 1e-13 && fabs(sums[1] - 1) < 1e-13);
    free(w);
    gkt_space_destroy(&space);
  }
  gkt_mesh_destroy(&mesh);
}

static void projection(void **unused) {
  (void)unused;
  const double x[5] = {0, 0.3, 0.5, 0.8, 1}, g[5] = {1, 2, -1, 0.5, 3}, h = 1e-6;
  for (double beta = 1; beta <= 16; beta *= 4) {
    double y[5], up[5], down[5], moved[5], out[5] = {1, 1, 1, 1, 1};
    gkt_project(beta, 0.4, 5, x, y);
    assert_true(fabs(y[0]) < 1e-15 && fabs(y[4] - 1) < 1e-15 && y[1] < 0.5 && y[2] > 0.5);
    gkt_project_transpose(beta, 0.4, 5, x, g, out);
    for (int i = 0; i < 5; i++) moved[i] = x[i] + h;
    gkt_project(beta, 0.4, 5, moved, up);
    for (int i = 0; i < 5; i++) moved[i] = x[i] - h;
    gkt_project(beta, 0.4, 5, moved, down);
    for (int i = 0; i < 5; i++) assert_true(fabs(out[i] - 1 - g[i] * (up[i] - down[i]) / (2 * h)) < 1e-7);
    double second[5] = {1, 1, 1, 1, 1}, slope_up[5] = {0}, slope_down[5] = {0};
    const double along[5] = {1, -2, 0.5, 3, 1};
    gkt_project_second(beta, 0.4, 5, x, g, along, second);
    for (int i = 0; i < 5; i++) up[i] = x[i] + h, down[i] = x[i] - h;
    gkt_project_transpose(beta, 0.4, 5, up, g, slope_up), gkt_project_transpose(beta, 0.4, 5, down, g, slope_down);
    for (int i = 0; i < 5; i++) assert_true(fabs(second[i] - 1 - along[i] * (slope_up[i] - slope_down[i]) / (2 * h)) < 1e-4);
  }
}

static void is_refused(const gkt_space *space, gkt_filter_kind kind, double radius, const char *message) {
  gkt_filter *f = NULL;
  assert_int_equal(gkt_filter_create(space, kind, radius, &f), GKT_BAD_INPUT);
  assert_null(f);
  assert_string_equal(gkt_context_message(ctx), message);
  gkt_context_clear(ctx);
}

static void refusals(void **unused) {
  (void)unused;
  gkt_mesh *mesh;
  gkt_space *cells, *quadratic, *vectors;
  gkt_filter_kind kind;
  assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {4, 4}, {0, 0}, {4, 4}}, &mesh), GKT_OK);
  assert_int_equal(gkt_space_create(mesh, DP0, gkt_shape_scalar(), &cells), GKT_OK);
  assert_int_equal(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &quadratic), GKT_OK);
  assert_int_equal(gkt_space_create(mesh, P1, gkt_shape_vector(2), &vectors), GKT_OK);
  const char *small = "filter radius 0.9 is below the size of the cells, 1: nothing would be averaged; expected 1.5 times that or more";
  is_refused(cells, GKT_FILTER_DENSITY, 0.9, small);
  is_refused(cells, GKT_FILTER_SENSITIVITY, 0.9, small);
  is_refused(cells, GKT_FILTER_HELMHOLTZ, 0.9, small);
  is_refused(cells, GKT_FILTER_DENSITY, -1, "filter radius is -1; expected a number above 0");
  is_refused(cells, GKT_FILTER_HELMHOLTZ, INFINITY, "filter radius is inf; expected a number above 0");
  is_refused(quadratic, GKT_FILTER_DENSITY, 2, "filters serve scalar functions in DP0 or P1");
  is_refused(vectors, GKT_FILTER_HELMHOLTZ, 2, "filters serve scalar functions in DP0 or P1");
  assert_int_equal(gkt_filter_read(ctx, "helmholz", &kind), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "unknown filter 'helmholz'; did you mean 'helmholtz'?");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_filter_read(ctx, "sensitivity", &kind), GKT_OK);
  assert_int_equal(kind, GKT_FILTER_SENSITIVITY);
  gkt_space_destroy(&cells);
  gkt_space_destroy(&quadratic);
  gkt_space_destroy(&vectors);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(adjoint_to_their_transposes),
                                     cmocka_unit_test(of_many_cells_as_well),
                                     cmocka_unit_test(weights_and_sensitivities),
                                     cmocka_unit_test(helmholtz_has_its_order),
                                     cmocka_unit_test(projection),
                                     cmocka_unit_test(weights_of_inner_products),
                                     cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
