/* Claim: values on sets are smoothed along these: constants stay, F' is the transpose of F, no value goes beyond those it is made of, areas are those of the sets; every component
   of a vector alike; sums of facets that meet, lines and cells; a wave along a side is damped by 1 + r^2 k^2 with an error of second order; what is the same as the filter of a
   shape gives its bits; what is no filter of sets is refused with one message. */
#include "galerkit/extension.h"
#include "galerkit/filter.h"
#include "tests/extension_world.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_space *space;
  gkt_filter *filter;
  gkt_size n;
} world;

/* The first half of the cells, all of which are alike. */
static void add_inside(gkt_mesh *mesh) {
  const gkt_idx count = gkt_mesh_num_cells(mesh) / 2;
  gkt_idx *cells = malloc((size_t)count * sizeof *cells);
  for (gkt_idx i = 0; i < count; i++) cells[i] = i;
  ok(gkt_mesh_add_set(mesh, "inside", gkt_mesh_dim(mesh), count, cells));
  free(cells);
}

static world begin_on(gkt_cell_type cell, int dim, int n, gkt_shape shape, int num_sets, const char *const *sets, double radius) {
  world w;
  w.mesh = box(cell, dim, n);
  add_inside(w.mesh);
  ok(gkt_space_create(w.mesh, (gkt_element){GKT_LAGRANGE, 1}, shape, &w.space));
  ok(gkt_filter_create_on(w.space, num_sets, sets, GKT_FILTER_HELMHOLTZ, radius, &w.filter));
  w.n = gkt_filter_size(w.filter);
  return w;
}
static void end_on(world *w) {
  gkt_space_destroy(&w->space);
  gkt_mesh_destroy(&w->mesh);
  gkt_filter_destroy(&w->filter); /* holds what it was made of */
}

static const char *const one[] = {"left"}, *const two[] = {"left", "top"}, *const inside[] = {"inside"};
static const gkt_filter_kind HELMHOLTZ = GKT_FILTER_HELMHOLTZ;

/* area: of the sets, by which the weights of each component sum */
static void hold(world *w, int components, double area) {
  gkt_scalar *x = malloc((size_t)w->n * sizeof *x), *g = malloc((size_t)w->n * sizeof *g), *y = malloc((size_t)w->n * sizeof *y), *back = malloc((size_t)w->n * sizeof *back);
  double sum = 0, least = INFINITY, most = -INFINITY;
  for (gkt_size i = 0; i < w->n; i++) x[i] = 0.7, sum += gkt_filter_volumes(w->filter)[i];
  if (!(fabs(sum - components * area) < 1e-12 * sum)) fail_msg("areas of %d components: %g, of %g", components, sum, area);
  ok(gkt_filter_apply(w->filter, x, y));
  for (gkt_size i = 0; i < w->n; i++) assert_true(fabs(y[i] - 0.7) < 1e-12);
  for (gkt_size i = 0; i < w->n; i++) x[i] = sin(1 + 3.7 * (double)i), g[i] = cos(2.1 * (double)i), back[i] = 1, least = fmin(least, x[i]), most = fmax(most, x[i]);
  ok(gkt_filter_apply(w->filter, x, y));
  ok(gkt_filter_transpose(w->filter, NULL, g, back));
  for (gkt_size i = 0; i < w->n; i++) back[i] -= 1, assert_true(y[i] >= least - 1e-12 && y[i] <= most + 1e-12);
  assert_true(fabs(dot(w->n, g, y) - dot(w->n, back, x)) < 1e-12 * sqrt(dot(w->n, g, g) * dot(w->n, x, x)));
  free(x), free(g), free(y), free(back);
}

static void constants_and_transposes(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  for (int c = 0; c < 4; c++)
    for (int sets = 1; sets <= 2; sets++)
      for (int vector = 0; vector < 2; vector++) {
        const int dim = c < 2 ? 2 : 3;
        world w = begin_on(cells[c], dim, 4, vector ? gkt_shape_vector(dim) : gkt_shape_scalar(), sets, sets == 1 ? one : two, 1.5);
        hold(&w, vector ? dim : 1, sets * pow(2, dim - 1));
        end_on(&w);
      }
}

static void cells_of_all_dimensions(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_LINE, GKT_TRIANGLE, GKT_HEXAHEDRON};
  for (int dim = 1; dim <= 3; dim++) {
    world w = begin_on(cells[dim - 1], dim, 4, gkt_shape_scalar(), 1, inside, 1.5);
    hold(&w, 1, pow(2, dim) / 2);
    end_on(&w);
  }
}

/* cos(pi k (y + 1)/2) on the left side, without a slope at its ends; the largest error of the third wave. */
static double error_of_wave(int n) {
  const double radius = 1.5, r = radius / (2 * sqrt(3)), k = 3 * acos(-1) / 2, expected = 1 / (1 + r * r * k * k);
  double most = 0;
  world w = begin_on(GKT_QUADRILATERAL, 2, n, gkt_shape_scalar(), 1, one, radius);
  gkt_scalar *x = malloc((size_t)w.n * sizeof *x), *y = malloc((size_t)w.n * sizeof *y);
  const double *coords = gkt_space_coords(w.space);
  gkt_size m = 0;
  for (gkt_idx i = 0; i < gkt_space_num_nodes(w.space); i++)
    if (coords[2 * i] == -1) x[m++] = cos(k * (coords[2 * i + 1] + 1)); /* ascending dofs */
  assert_int_equal(m, w.n);
  ok(gkt_filter_apply(w.filter, x, y));
  for (gkt_size i = 0; i < m; i++) most = fmax(most, fabs(y[i] - expected * x[i]));
  free(x), free(y);
  end_on(&w);
  return most;
}

static void waves_along_a_side(void **unused) {
  (void)unused;
  const double coarse = error_of_wave(16), fine = error_of_wave(32);
  assert_true(fine < 5e-3 && log2(coarse / fine) > 1.9);
}

static void as_shapes_are(void **unused) {
  (void)unused;
  const char *const all[] = {"boundary"}; /* ends of others are held by shapes */
  world w = begin_on(GKT_TRIANGLE, 2, 6, gkt_shape_vector(2), 1, all, 1.1);
  gkt_extension *e;
  ok(gkt_extension_create(w.mesh, 1, all, 0, NULL, &e));
  ok(gkt_extension_filter(e, 1.1));
  assert_true(gkt_extension_size(e) == w.n);
  gkt_scalar *x = malloc((size_t)w.n * sizeof *x), *y = malloc((size_t)w.n * sizeof *y), *z = malloc((size_t)w.n * sizeof *z);
  for (gkt_size i = 0; i < w.n; i++) x[i] = sin(1 + 3.7 * (double)i);
  ok(gkt_filter_apply(w.filter, x, y));
  ok(gkt_extension_smooth(e, x, z));
  for (gkt_size i = 0; i < w.n; i++) assert_true(y[i] == z[i]);
  free(x), free(y), free(z);
  gkt_extension_destroy(&e);
  end_on(&w);
}

static void refuse(gkt_mesh *mesh, gkt_element element, int num_sets, const char *const *sets, gkt_filter_kind kind, double radius, const char *word) {
  gkt_space *space;
  gkt_filter *f = NULL;
  ok(gkt_space_create(mesh, element, gkt_shape_scalar(), &space));
  const gkt_status status = gkt_filter_create_on(space, num_sets, sets, kind, radius, &f);
  if ((status != GKT_BAD_INPUT && status != GKT_BAD_ARGUMENT) || f || !strstr(gkt_context_message(ctx), word)) fail_msg("'%s' is not in: %s", word, gkt_context_message(ctx));
  gkt_context_clear(ctx);
  gkt_space_destroy(&space);
}

static gkt_idx inner_facet(gkt_mesh *mesh) {
  const gkt_mesh_set *outer = gkt_mesh_find_set_of_dim(mesh, "boundary", 1);
  for (gkt_idx f = 0, k = 0;; f++, k++)
    if (k >= outer->count || outer->entities[k] != f) return f;
}

/* Column by column. */
static void hold_no_negative(world *w) {
  gkt_scalar *x = calloc((size_t)w->n, sizeof *x), *y = malloc((size_t)w->n * sizeof *y);
  for (gkt_size k = 0; k < w->n; k++) {
    x[k] = 1;
    ok(gkt_filter_apply(w->filter, x, y));
    for (gkt_size i = 0; i < w->n; i++)
      if (!(y[i] >= -1e-14)) fail_msg("entry %lld, %lld of the filter is %g", (long long)i, (long long)k, y[i]);
    x[k] = 0;
  }
  free(x), free(y);
}

/* Cells four times as long as wide, whose Laplacian has positive entries beside the diagonal. */
static void bounds_are_kept_on_long_cells(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_QUADRILATERAL, GKT_HEXAHEDRON, GKT_TETRAHEDRON};
  for (int c = 0; c < 3; c++)
    for (int facets = 0; facets < 2; facets++) {
      const int dim = c ? 3 : 2;
      gkt_mesh *mesh = box(cells[c], dim, 4);
      gkt_space *space;
      gkt_filter *f;
      add_inside(mesh);
      double *x = gkt_mesh_coords_mutable(mesh);
      for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) x[dim * i + dim - 1] *= 4;
      ok(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &space));
      ok(gkt_filter_create_on(space, 1, facets ? one : inside, HELMHOLTZ, 3, &f));
      world w = {mesh, space, f, gkt_filter_size(f)};
      hold(&w, 1, 4 * pow(2, facets ? dim - 1 : dim) / (facets ? 1 : 2));
      hold_no_negative(&w);
      end_on(&w);
    }
}

static void refused(void **unused) {
  (void)unused;
  const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
  const char *const none[] = {"lift"}, *const mixed[] = {"left", "inside"}, *const missing[] = {NULL};
  gkt_mesh *mesh = box(GKT_TRIANGLE, 2, 4), *line = box(GKT_LINE, 1, 4);
  add_inside(mesh);
  refuse(mesh, P2, 1, one, HELMHOLTZ, 1, "in P1 alone, these are in P2");
  refuse(mesh, DP0, 1, inside, HELMHOLTZ, 1, "in P1 alone, these are in DP0");
  refuse(mesh, P1, 1, one, GKT_FILTER_DENSITY, 1, "helmholtz alone");
  refuse(mesh, P1, 1, none, HELMHOLTZ, 1, "no set 'lift'");
  refuse(mesh, P1, 2, mixed, HELMHOLTZ, 1, "values on 'inside', which is of dimension 2");
  refuse(mesh, P1, 1, missing, HELMHOLTZ, 1, "set 0 has no name");
  refuse(mesh, P1, 1, NULL, HELMHOLTZ, 1, "names of sets");
  refuse(mesh, P1, 0, one, HELMHOLTZ, 1, "no set is named");
  refuse(mesh, P1, 1, one, HELMHOLTZ, 0.1, "below the size of the facets");
  refuse(mesh, P1, 1, inside, HELMHOLTZ, 0.1, "below the size of the cells");
  refuse(mesh, P1, 1, one, HELMHOLTZ, NAN, "expected a number above 0");
  refuse(line, P1, 1, one, HELMHOLTZ, 1, "of dimension 0");
  const double place[] = {0.1, 0.2};
  const char *const others[] = {"place", "empty", "mid"};
  ok(gkt_mesh_find_facets(mesh));
  ok(gkt_mesh_add_places(mesh, "place", 1, place));
  ok(gkt_mesh_add_set(mesh, "empty", 2, 0, NULL));
  const gkt_idx within = inner_facet(mesh);
  ok(gkt_mesh_add_set(mesh, "mid", 1, 1, &within));
  refuse(mesh, P1, 1, others, HELMHOLTZ, 1, "'place' is of places");
  refuse(mesh, P1, 1, others + 1, HELMHOLTZ, 1, "set 'empty' is empty");
  refuse(mesh, P1, 1, others + 2, HELMHOLTZ, 1, "'mid' has a facet inside the mesh");
  gkt_mesh_destroy(&mesh), gkt_mesh_destroy(&line);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {cmocka_unit_test(constants_and_transposes),
                                     cmocka_unit_test(cells_of_all_dimensions),
                                     cmocka_unit_test(waves_along_a_side),
                                     cmocka_unit_test(as_shapes_are),
                                     cmocka_unit_test(bounds_are_kept_on_long_cells),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
