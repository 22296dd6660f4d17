/* Claim: displacements smoothed along a boundary: F' is the transpose of F; areas are those of the facets; what nothing holds is kept where it is constant, to rounding; no value
   goes beyond those it is made of, and a held end is 0; on a circle waves are damped by 1 + (r k)^2, with an error of second order; radii that smooth nothing are refused. */
#include "galerkit/extension.h"
#include "tests/extension_world.h"

static gkt_extension *extend(gkt_mesh *mesh, const char *moves, int num_holds, const gkt_hold *holds, double radius) {
  gkt_extension *e;
  ok(gkt_extension_create(mesh, 1, &moves, num_holds, holds, &e));
  if (radius > 0) ok(gkt_extension_filter(e, radius));
  return e;
}

static void transposes(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  for (int c = 0; c < 8; c++) {
    const int dim = c % 4 < 2 ? 2 : 3;
    gkt_mesh *mesh = box(cells[c % 4], dim, 4);
    gkt_extension *e = extend(mesh, "top", 1, &(gkt_hold){"left", 0}, c < 4 ? 1.5 : 0);
    const gkt_size m = gkt_extension_size(e);
    gkt_scalar *x = malloc((size_t)m * sizeof *x), *g = malloc((size_t)m * sizeof *g), *d = malloc((size_t)m * sizeof *d), *back = calloc((size_t)m, sizeof *back);
    double least = INFINITY, most = -INFINITY;
    for (gkt_size i = 0; i < m; i++) x[i] = sin(1 + 3.7 * (double)i), g[i] = cos(2.1 * (double)i), least = fmin(least, x[i]), most = fmax(most, x[i]);
    ok(gkt_extension_smooth(e, x, d));
    ok(gkt_extension_smooth_transpose(e, g, back));
    assert_true(fabs(dot(m, g, d) - dot(m, back, x)) < 1e-12 * sqrt(dot(m, g, g) * dot(m, x, x)));
    for (gkt_size i = 0; i < m; i++) {
      if (c >= 4) assert_true(d[i] == x[i] && back[i] == g[i]);
      else assert_true(d[i] >= fmin(least, 0) - 1e-12 && d[i] <= fmax(most, 0) + 1e-12);
    }
    free(x), free(g), free(d), free(back);
    gkt_extension_destroy(&e);
    gkt_mesh_destroy(&mesh);
  }
}

static void areas_and_constants(void **unused) {
  (void)unused;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *mesh = box(dim == 2 ? GKT_QUADRILATERAL : GKT_TETRAHEDRON, dim, 4);
    gkt_extension *e = extend(mesh, "boundary", 0, NULL, 1.2);
    const gkt_size m = gkt_extension_size(e);
    gkt_scalar *x = malloc((size_t)m * sizeof *x);
    double area = 0;
    for (gkt_size i = 0; i < m; i++) x[i] = 0.7, area += gkt_extension_areas(e)[i];
    assert_true(fabs(area - dim * (dim == 2 ? 8 : 24)) < 1e-12 * area); /* each node has dim coordinates */
    ok(gkt_extension_smooth(e, x, x));
    for (gkt_size i = 0; i < m; i++) assert_true(fabs(x[i] - 0.7) < 1e-12);
    free(x);
    gkt_extension_destroy(&e);
    gkt_mesh_destroy(&mesh);
  }
}

/* The largest error of the third wave around the unit circle with 4 n facets. */
static double error_on_circle(int n) {
  const double radius = 1.5, r = radius / (2 * sqrt(3)), expected = 1 / (1 + 9 * r * r);
  gkt_mesh *mesh = box(GKT_QUADRILATERAL, 2, n);
  double *X = gkt_mesh_coords_mutable(mesh), most = 0;
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) { /* squares about the middle become circles, sides to equal angles */
    const double a = X[2 * i], b = X[2 * i + 1], size = fmax(fabs(a), fabs(b)), along = size > 0 ? (fabs(a) >= fabs(b) ? b : a) / size : 0, t = along * acos(-1) / 4;
    X[2 * i] = fabs(a) >= fabs(b) ? copysign(size * cos(t), a) : size * sin(t), X[2 * i + 1] = fabs(a) >= fabs(b) ? size * sin(t) : copysign(size * cos(t), b);
  }
  gkt_extension *e = extend(mesh, "boundary", 0, NULL, radius);
  const gkt_size m = gkt_extension_size(e);
  gkt_scalar *x = malloc((size_t)m * sizeof *x), *d = malloc((size_t)m * sizeof *d);
  for (gkt_size i = 0; i < m; i++) {
    const gkt_idx node = gkt_extension_places(e)[i] / 2;
    x[i] = cos(3 * atan2(X[2 * node + 1], X[2 * node]));
  }
  ok(gkt_extension_smooth(e, x, d));
  for (gkt_size i = 0; i < m; i++) most = fmax(most, fabs(d[i] - expected * x[i]));
  free(x), free(d);
  gkt_extension_destroy(&e);
  gkt_mesh_destroy(&mesh);
  return most;
}

static void waves_on_a_circle(void **unused) {
  (void)unused;
  const double coarse = error_on_circle(8), fine = error_on_circle(16);
  assert_true(fine < 5e-3 && log2(coarse / fine) > 1.9);
}

static void refused(void **unused) {
  (void)unused;
  const double radii[] = {0, -1, NAN, INFINITY, 0.1};
  gkt_mesh *mesh = box(GKT_TRIANGLE, 2, 4);
  gkt_extension *e = extend(mesh, "top", 0, NULL, 0);
  for (int i = 0; i < 5; i++) {
    const char *word = i < 4 ? "expected a number above 0" : "below the size of the facets";
    assert_int_equal(gkt_extension_filter(e, radii[i]), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), word)) fail_msg("'%s' is not in: %s", word, gkt_context_message(ctx));
    gkt_context_clear(ctx);
  }
  gkt_extension_destroy(&e);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {cmocka_unit_test(transposes), cmocka_unit_test(areas_and_constants), cmocka_unit_test(waves_on_a_circle), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
