/* Claim: facets of two sets that a translation (found from the sets) or a rotation brings onto each other are paired as comparing all of them with all does, on every kind of cell,
   numbered at random, bent and of order 2; sets that are not cut alike, share facets, are one set, lie inside or are no facets are refused, naming them, how many facets have no
   partner, and where the first should be. */
#include "meshes/match.h"
#include "tests/element_meshes.h"

static const char *const sides[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};

static void image_of(const gkt_mesh *mesh, const gkt_motion *motion, gkt_idx node, double *out) {
  gkt_motion_apply(motion, gkt_mesh_dim(mesh), gkt_mesh_coords(mesh) + (gkt_size)node * gkt_mesh_dim(mesh), out);
}

static bool lies_on(const gkt_mesh *mesh, const gkt_motion *motion, gkt_idx from, gkt_idx to) {
  int dim = gkt_mesh_dim(mesh);
  double x[3], far = 0;
  image_of(mesh, motion, from, x);
  for (int d = 0; d < dim; d++) far = fmax(far, fabs(x[d] - gkt_mesh_coords(mesh)[(gkt_size)to * dim + d]));
  return far < 1e-10; /* of a unit box */
}

/* Plain: every vertex of a lies on some vertex of b. */
static bool facets_match(const gkt_mesh *mesh, const gkt_motion *motion, gkt_idx a, gkt_idx b) {
  gkt_idx ring[4], other[4];
  int n = gkt_mesh_facet_ring(mesh, a, ring), m = gkt_mesh_facet_ring(mesh, b, other);
  for (int i = 0; i < n; i++) {
    bool any = false;
    for (int j = 0; j < m; j++) any |= lies_on(mesh, motion, ring[i], other[j]);
    if (!any) return false;
  }
  return n == m;
}

static void compare(gkt_mesh *mesh, const char *from, const char *to, const gkt_rotation *rotation, const gkt_motion *motion) {
  const gkt_mesh_set *a = gkt_mesh_find_set(mesh, from), *b = gkt_mesh_find_set(mesh, to);
  gkt_match match = {0};
  must(gkt_match_create(mesh, a, b, rotation, &match), "match");
  assert_int_equal(match.count, a->count);
  for (gkt_idx i = 0; i < a->count; i++) {
    gkt_idx expected = -1;
    for (gkt_idx j = 0; j < b->count; j++)
      if (facets_match(mesh, motion, a->entities[i], b->entities[j])) expected = b->entities[j];
    assert_int_equal(match.facets[i], expected);
    assert_true(expected >= 0);
  }
  gkt_match_clear(&match);
}

static void translations(void **unused) {
  (void)unused;
  for (int k = 0; k < NUM_MESH_KINDS; k++) {
    if (k == MIXED_PLANE || k == MIXED_SPACE || k == COLUMNS) continue; /* their opposite sides are not cut alike */
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *mesh = unit_mesh(k, 3);
      if (mesh_kinds[k].dim > 1) mesh = renumbered(mesh, 7);
      if (order == 2) mesh = with_order_two(mesh), must(gkt_mesh_topology(mesh), "topology"), test_add_sides(mesh);
      for (int d = 0; d < mesh_kinds[k].dim; d++) {
        gkt_motion motion = {0};
        motion.shift[d] = 1;
        compare(mesh, sides[d][0], sides[d][1], NULL, &motion);
        motion.shift[d] = -1;
        compare(mesh, sides[d][1], sides[d][0], NULL, &motion);
      }
      gkt_mesh_destroy(&mesh);
    }
  }
}

/* The unit box to a sector of 90 degrees: x the radius less 1, y the angle. Then everything about an axis through (0.3, -0.2, 0.1) that is not one of the coordinates'. */
static void to_sector(int dim, double *x) {
  double r = 1 + x[0], a = x[1] * M_PI / 2;
  (void)dim;
  x[0] = r * cos(a), x[1] = r * sin(a);
}
static const double TILT = 0.7;
static void tilt(int dim, double *x) {
  if (dim < 3) return;
  double y = x[1], z = x[2];
  x[0] += 0.3, x[1] = cos(TILT) * y - sin(TILT) * z - 0.2, x[2] = sin(TILT) * y + cos(TILT) * z + 0.1;
}

static void rotations(void **unused) {
  (void)unused;
  static const mesh_kind turned[] = {TRIANGLES, QUADRILATERALS, TETRAHEDRA, HEXAHEDRA, PRISMS, PYRAMIDS};
  for (size_t k = 0; k < sizeof turned / sizeof *turned; k++)
    for (int tilted = 0; tilted <= (mesh_kinds[turned[k]].dim == 3); tilted++) {
      gkt_mesh *mesh = renumbered(unit_mesh(turned[k], 3), 5);
      gkt_rotation rotation = {.angle = 90, .axis = {0, 0, 3}};
      gkt_motion motion = {.turn = {{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}, .turns = true};
      map_nodes(mesh, to_sector);
      if (tilted) { /* turn = T Q T', about the point */
        const double c = cos(TILT), s = sin(TILT), t[3][3] = {{1, 0, 0}, {0, c, -s}, {0, s, c}}, q[3][3] = {{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}, p[3] = {0.3, -0.2, 0.1};
        map_nodes(mesh, tilt);
        for (int i = 0; i < 3; i++) {
          rotation.axis[i] = 2 * t[i][2], rotation.point[i] = p[i] - 0.6 * t[i][2];
          motion.shift[i] = p[i];
          for (int j = 0; j < 3; j++) {
            motion.turn[i][j] = 0;
            for (int a = 0; a < 3; a++)
              for (int b = 0; b < 3; b++) motion.turn[i][j] += t[i][a] * q[a][b] * t[j][b];
            motion.shift[i] -= motion.turn[i][j] * p[j];
          }
        }
      }
      compare(mesh, "bottom", "top", &rotation, &motion);
      gkt_mesh_destroy(&mesh);
    }
}

/* ---- refusals ---- */
static void refused(gkt_mesh *mesh, const char *from, const char *to, const char *expected) {
  gkt_match match = {0};
  gkt_context_clear(ctx);
  assert_int_equal(gkt_match_create(mesh, gkt_mesh_find_set(mesh, from), gkt_mesh_find_set(mesh, to), NULL, &match), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), expected)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), expected);
  assert_null(match.facets);
}

static void unlike_sets(void **unused) {
  (void)unused;
  gkt_mesh *mesh = unit_mesh(QUADRILATERALS, 4);
  gkt_idx inner[1] = {-1}, few[3] = {0}, most[5];
  const gkt_mesh_set *left = gkt_mesh_find_set(mesh, "left"), *right = gkt_mesh_find_set(mesh, "right"), *top = gkt_mesh_find_set(mesh, "top");
  for (gkt_idx f = 0; f < gkt_mesh_num_entities(mesh, 1); f++)
    if (!gkt_facet_is_outer(&gkt_mesh_facets(mesh)[f])) inner[0] = f;
  for (int i = 0, n = 0; i < 4; i++) {
    double y = 0;
    gkt_idx ring[4];
    gkt_mesh_facet_ring(mesh, right->entities[i], ring);
    for (int v = 0; v < 2; v++) y += gkt_mesh_coords(mesh)[2 * ring[v] + 1] / 2;
    if (y > 0.25 && y < 0.5) continue;
    assert_true(n < 3);
    few[n++] = right->entities[i];
  }
  for (int i = 0; i < 4; i++) most[i] = left->entities[i];
  most[4] = top->entities[0];
  must(gkt_mesh_add_set(mesh, "inner", 1, 1, inner), "set");
  must(gkt_mesh_add_set(mesh, "few", 1, 3, few), "set");
  must(gkt_mesh_add_set(mesh, "none", 1, 0, few), "set");
  must(gkt_mesh_add_set(mesh, "more", 1, 5, most), "set");
  must(gkt_mesh_add_set(mesh, "points", 0, 1, (gkt_idx[]){2}), "set");
  refused(mesh, "left", "left", "'left' is to match itself; expected two sets");
  refused(mesh, "left", "more", "'left' and 'more' share 4 facets, the first at x = (0, 0.");
  refused(mesh, "left", "none", "'none' holds no facets");
  refused(mesh, "points", "left", "'points' is a set of dimension 0; expected facets, of dimension 1");
  refused(mesh, "inner", "left", "'inner' has a facet inside the mesh, at x = (");
  refused(mesh, "left", "few",
          "'left' and 'few' are not cut alike: 1 facet of 'left' has no partner, the first at x = (0, 0.375), where 'few' should have one like it at x = (1, 0.375); they have 4 "
          "and 3");
  refused(mesh, "few", "left",
          "'few' and 'left' are not cut alike: 1 facet of 'left' has no partner, the first at x = (0, 0.375), where 'few' should have one like it at x = (1, 0.375); they have 4 "
          "and 3");
  refused(mesh, "left", "top", "'left' and 'top' are not cut alike: 4 facets of 'left' have no partner");
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++)
    if (x[2 * i] == 1 && x[2 * i + 1] == 0.5) x[2 * i + 1] += 0.01; /* a node of two facets */
  refused(mesh, "left", "right", "'left' and 'right' are not cut alike: 2 facets of 'left' have no partner, the first at x = (0, 0.");
  gkt_mesh_destroy(&mesh);
}

/* Vertices that match and middles that do not. */
static void unlike_curves(void **unused) {
  (void)unused;
  gkt_mesh *mesh = with_order_two(unit_mesh(TRIANGLES, 3));
  must(gkt_mesh_topology(mesh), "topology"), test_add_sides(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++)
    if (x[2 * i] == 1 && fabs(x[2 * i + 1] - 0.5) < 1e-6) x[2 * i] += 0.02;
  refused(mesh, "left", "right", "1 facet of 'left' has no partner, the first at x = (0, 0.5), where 'right' should have one like it at x = (1, 0.5)");
  gkt_mesh_destroy(&mesh);
}

/* Files have few digits: 7 are enough. */
static void rounded_places(void **unused) {
  (void)unused;
  gkt_mesh *mesh = unit_mesh(TETRAHEDRA, 4);
  uint32_t seed = 3;
  for (gkt_idx i = 0; i < 3 * gkt_mesh_num_nodes(mesh); i++) gkt_mesh_coords_mutable(mesh)[i] += 1e-7 * noise(&seed);
  gkt_match match;
  must(gkt_match_create(mesh, gkt_mesh_find_set(mesh, "back"), gkt_mesh_find_set(mesh, "front"), NULL, &match), "match");
  assert_int_equal(match.count, 32);
  gkt_match_clear(&match);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(translations), cmocka_unit_test(rotations), cmocka_unit_test(unlike_sets), cmocka_unit_test(unlike_curves),
                                     cmocka_unit_test(rounded_places)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
