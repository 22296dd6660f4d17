/* Claim: ties of opposite sides make one of all nodes of a space that are images of each other (corners and edges, too), whose master is the lowest, on every kind of cell, degree
   and order of geometry, whatever the order of ties; vectors and tensors turn with a rotational tie, and what lies on its axis is left what the rotation leaves; restriction is the
   transpose of expansion; discontinuous spaces are refused by name. */
#include "assembly/ties.h"
#include "tests/element_meshes.h"

static const char *const sides[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};

static void tie(gkt_ties *t, const char *from, const char *to, const gkt_rotation *rotation) {
  gkt_mesh *mesh = gkt_space_mesh(t->space);
  const gkt_mesh_set *a = gkt_mesh_find_set(mesh, from), *b = gkt_mesh_find_set(mesh, to);
  gkt_match match = {0};
  must(gkt_match_create(mesh, a, b, rotation, &match), "match");
  must(gkt_ties_add(t, a, b, &match), "ties");
  gkt_match_clear(&match);
}

static gkt_ties *ties_of(const gkt_space *space) {
  gkt_ties *t = NULL;
  must(gkt_ties_create(space, &t), "ties");
  return t;
}

/* <C x, y> = <x, C' y> for x that is zero where it is not looked at. */
static void transposed(const gkt_ties *t) {
  gkt_idx n = gkt_space_num_dofs(t->space);
  double *x = malloc(sizeof *x * (size_t)n * 4), *y = x + n, *Cx = y + n, *Cy = Cx + n, left = 0, right = 0, size = 0;
  for (gkt_idx i = 0; i < n; i++) x[i] = wave(i, 1), y[i] = wave(i, 2);
  gkt_ties_expand(t, x, Cx);
  gkt_ties_restrict(t, y, Cy);
  for (gkt_idx i = 0; i < n; i++) {
    if (t->masters[i / t->size] != i / t->size) assert_true(Cy[i] == 0);
    left += Cx[i] * y[i], right += x[i] * Cy[i], size += fabs(Cx[i] * y[i]);
  }
  if (!(fabs(left - right) <= 1e-14 * size)) fail_msg("<Cx,y> = %.17g, <x,C'y> = %.17g", left, right);
  gkt_ties_contract(t, Cx, Cy);
  for (gkt_idx i = 0; i < n; i++)
    if (t->masters[i / t->size] == i / t->size) assert_true(fabs(Cy[i] - x[i]) <= 1e-14);
  free(x);
}

/* ---- translations: the unit box, all directions ---- */
static bool is_image(int dim, const double *a, const double *b) {
  for (int d = 0; d < dim; d++) {
    double step = fabs(a[d] - b[d]), ends = fmin(a[d], b[d]);
    if (step > 1e-9 && !(fabs(step - 1) < 1e-9 && fabs(ends) < 1e-9)) return false;
  }
  return true;
}

static void check_images(const gkt_ties *t) {
  int dim = gkt_mesh_dim(gkt_space_mesh(t->space));
  const double *x = gkt_space_coords(t->space);
  gkt_idx tied = 0;
  for (gkt_idx i = 0; i < gkt_space_num_nodes(t->space); i++) {
    gkt_idx lowest = i;
    for (gkt_idx j = i - 1; j >= 0; j--)
      if (is_image(dim, x + i * dim, x + j * dim)) lowest = j;
    assert_int_equal(t->masters[i], lowest);
    assert_int_equal(t->turns[i], 0);
    tied += lowest != i;
  }
  assert_int_equal(t->num_tied, tied);
  assert_int_equal(t->num_fixed, 0);
}

static void every_cell_and_degree(void **unused) {
  (void)unused;
  for (int k = 0; k < NUM_MESH_KINDS; k++) {
    if (k == MIXED_PLANE || k == MIXED_SPACE || k == COLUMNS) continue; /* opposite sides are not cut alike */
    for (int degree = 1; degree <= mesh_kinds[k].most_degree; degree++)
      for (int order = 1; order <= 2; order++) {
        int dim = mesh_kinds[k].dim;
        gkt_mesh *mesh = unit_mesh(k, dim == 3 ? 2 : 3);
        if (dim > 1) mesh = renumbered(mesh, (uint32_t)(3 + degree));
        if (order == 2) mesh = with_order_two(mesh);
        gkt_space *space = make_space(mesh, false, degree, degree == 2 && dim > 1 ? gkt_shape_vector(dim) : gkt_shape_scalar());
        gkt_ties *t = ties_of(space), *other = ties_of(space);
        for (int d = 0; d < dim; d++) tie(t, sides[d][0], sides[d][1], NULL), tie(other, sides[dim - 1 - d][1], sides[dim - 1 - d][0], NULL);
        check_images(t), check_images(other);
        transposed(t);
        gkt_ties_destroy(&t), gkt_ties_destroy(&other);
        gkt_space_destroy(&space);
        gkt_mesh_destroy(&mesh);
      }
  }
}

/* Cells that bend alike on both sides: nodes inside curved facets. */
static void wavy(int dim, double *x) {
  double a = 2 * M_PI * x[1] + (dim == 3 ? 2 * M_PI * x[2] : 0);
  x[0] += 0.05 * sin(a);
}

static void curved_sides(void **unused) {
  (void)unused;
  static const mesh_kind curved[] = {TRIANGLES, QUADRILATERALS, TETRAHEDRA, HEXAHEDRA};
  for (size_t k = 0; k < sizeof curved / sizeof *curved; k++) {
    int dim = mesh_kinds[curved[k]].dim;
    gkt_mesh *mesh = with_order_two(renumbered(unit_mesh(curved[k], 3), 11));
    gkt_space *space = make_space(mesh, false, 3, gkt_shape_scalar());
    double *flat = malloc(sizeof *flat * (size_t)(gkt_space_num_nodes(space) * dim));
    memcpy(flat, gkt_space_coords(space), sizeof *flat * (size_t)(gkt_space_num_nodes(space) * dim));
    map_nodes(mesh, wavy);
    gkt_ties *t = ties_of(space);
    for (int d = 0; d < dim; d++) tie(t, sides[d][0], sides[d][1], NULL);
    for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) {
      gkt_idx lowest = i;
      for (gkt_idx j = i - 1; j >= 0; j--)
        if (is_image(dim, flat + i * dim, flat + j * dim)) lowest = j;
      assert_int_equal(t->masters[i], lowest);
    }
    free(flat);
    gkt_ties_destroy(&t);
    gkt_space_destroy(&space);
    gkt_mesh_destroy(&mesh);
  }
}

/* ---- rotation: the bottom of the unit box goes to its left side by 90 degrees about the origin, or the edge x = y = 0; back and front are tied as well ---- */
static void multiply(int n, const double (*a)[3], bool transposed_second, const double *b, double *out) { /* [n][n] */
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      out[i * n + j] = 0;
      for (int k = 0; k < n; k++) out[i * n + j] += transposed_second ? b[i * n + k] * a[j][k] : a[i][k] * b[k * n + j];
    }
}

static void turned(int dim, int rank, const double (*Q)[3], const double *from, double *out) {
  double half[9];
  if (rank == 0) *out = *from;
  else if (rank == 1)
    for (int i = 0; i < dim; i++) {
      out[i] = 0;
      for (int j = 0; j < dim; j++) out[i] += Q[i][j] * from[j];
    }
  else multiply(dim, Q, false, from, half), multiply(dim, Q, true, half, out);
}

static void rotated_values(void **unused) {
  (void)unused;
  static const double Q[3][3] = {{0, -1, 0}, {1, 0, 0}, {0, 0, 1}};
  static const gkt_rotation rotation = {.angle = 90, .axis = {0, 0, 1}};
  for (int dim = 2; dim <= 3; dim++)
    for (int rank = 0; rank <= 2; rank++)
      for (int later = 0; later < 2; later++) {
        gkt_mesh *mesh = renumbered(unit_mesh(dim == 2 ? QUADRILATERALS : HEXAHEDRA, 2), 17);
        gkt_shape shape = rank == 0 ? gkt_shape_scalar() : rank == 1 ? gkt_shape_vector(dim) : (gkt_shape){2, {dim, dim}};
        gkt_space *space = make_space(mesh, false, 2, shape);
        gkt_ties *t = ties_of(space);
        gkt_idx n = gkt_space_num_dofs(space), on_axis = 0;
        if (later) tie(t, "bottom", "left", &rotation);
        if (dim == 3) tie(t, "back", "front", NULL);
        if (!later) tie(t, "bottom", "left", &rotation);
        double *x = malloc(sizeof *x * (size_t)n * 2), *u = x + n;
        for (gkt_idx i = 0; i < n; i++) x[i] = wave(i, 5);
        gkt_ties_expand(t, x, u);
        transposed(t);
        const double *at = gkt_space_coords(space);
        for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++)
          for (gkt_idx j = 0; j < gkt_space_num_nodes(space); j++) {
            const double *a = at + i * dim, *b = at + j * dim;
            double image[3] = {-a[1], a[0], dim == 3 ? a[2] : 0}, far = 0, low = 0, expected[9];
            for (int d = 0; d < dim; d++) far = fmax(far, fabs(image[d] - b[d]));
            if (dim == 3) low = fabs(a[2] - b[2]);
            bool ends = dim == 3 && fabs(a[0] - b[0]) < 1e-9 && fabs(a[1] - b[1]) < 1e-9 && fabs(low - 1) < 1e-9;
            if (i == j && a[0] < 1e-9 && a[1] < 1e-9) on_axis += t->masters[i] == i;
            if (i == j || !(ends || (far < 1e-9 && a[1] < 1e-9))) continue;
            if (ends) memcpy(expected, u + i * t->size, sizeof(double) * (size_t)t->size);
            else turned(dim, rank, Q, u + i * t->size, expected);
            for (int c = 0; c < t->size; c++) assert_true(fabs(u[j * t->size + c] - expected[c]) <= 1e-14);
          }
        assert_int_equal(on_axis, dim == 2 ? 1 : 4); /* P2 on 2 cells with the ends tied */
        if (rank == 0) assert_int_equal(t->num_fixed, 0);
        /* every invariant value is orthogonal to what is fixed, and as many directions are: of vectors those across the axis; of tensors all but I, e x, zz; dimension 9 - 3, 4 - 2
         */
        gkt_idx first = t->num_fixed ? t->fixed[0].node : -1, rows = 0;
        for (gkt_idx k = 0; k < t->num_fixed; k++) {
          double invariant[3][9] = {{0}}, sum[3] = {0};
          if (rank == 1) invariant[0][2] = 1;
          else invariant[0][0] = invariant[0][dim + 1] = 1, invariant[1][1] = 1, invariant[1][dim] = -1;
          if (rank == 2 && dim == 3) invariant[2][8] = 1;
          for (int v = 0; v < 3; v++)
            for (int c = 0; c < t->size; c++) sum[v] += invariant[v][c] * t->fixed[k].direction[c];
          if (rank == 2 || dim == 3) assert_true(fabs(sum[0]) + fabs(sum[1]) + fabs(sum[2]) <= 1e-14);
          rows += t->fixed[k].node == first;
        }
        if (rank == 1) assert_true(rows >= 2);
        free(x);
        gkt_ties_destroy(&t);
        gkt_space_destroy(&space);
        gkt_mesh_destroy(&mesh);
      }
}

static void refuse_space(gkt_element element, const char *expected) {
  gkt_mesh *mesh = unit_mesh(TRIANGLES, 2);
  gkt_space *space;
  must(gkt_space_create(mesh, element, gkt_shape_scalar(), &space), "space");
  gkt_ties *t = ties_of(space);
  gkt_match match;
  const gkt_mesh_set *a = gkt_mesh_find_set(mesh, "left"), *b = gkt_mesh_find_set(mesh, "right");
  must(gkt_match_create(mesh, a, b, NULL, &match), "match");
  assert_int_equal(gkt_ties_add(t, a, b, &match), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), expected));
  gkt_context_clear(ctx);
  gkt_match_clear(&match);
  gkt_ties_destroy(&t);
  gkt_space_destroy(&space);
  gkt_mesh_destroy(&mesh);
}

static void spaces_without_shared_values(void **unused) {
  (void)unused;
  refuse_space((gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 1}, "a field of DP1 cannot be tied");
  refuse_space((gkt_element){GKT_QUADRATURE_POINTS, 2}, "a field of points(2) cannot be tied");
  refuse_space((gkt_element){GKT_REAL, 0}, "a field of real cannot be tied");
}

/* Bubbles stay each cell's own. */
static void bubbles(void **unused) {
  (void)unused;
  gkt_mesh *mesh = renumbered(unit_mesh(TRIANGLES, 3), 2);
  gkt_space *space;
  must(gkt_space_create(mesh, (gkt_element){GKT_BUBBLE, 1}, gkt_shape_vector(2), &space), "space");
  gkt_ties *t = ties_of(space);
  tie(t, "left", "right", NULL), tie(t, "bottom", "top", NULL);
  check_images(t);
  assert_int_equal(t->num_tied, 7); /* 16 vertices, 9 of a torus */
  gkt_ties_destroy(&t);
  gkt_space_destroy(&space);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell_and_degree), cmocka_unit_test(curved_sides), cmocka_unit_test(rotated_values),
                                     cmocka_unit_test(spaces_without_shared_values), cmocka_unit_test(bubbles)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
