/* Claim: a condition on the normal component holds at every node of slanted and curved sides, two or three at a time where sides meet, beside conditions on components and on ties;
   on curved sides nothing passes in total; sides of one plane in several sets give one condition a node, sides along an axis the component's own; conditions on one end of a tie
   hold for its partner, turned with it; conflicts are named; what has no normal component is refused. */
#include "assembly/constraints.h"
#include "tests/element_meshes.h"

static char warnings[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_WARNING) strncat(strncat(warnings, message, sizeof warnings - strlen(warnings) - 2), "\n", 2);
}

static int start(void **state) {
  if (setup(state)) return 1;
  gkt_context_destroy(&ctx);
  gkt_context_options options = {.poison = true, .log = keep};
  return gkt_context_create(&options, &ctx) != GKT_OK;
}

static gkt_status constrain(world *w, gkt_constraints *c, const char *set, int component, const char *value, const char *note) {
  gkt_source source = {.text = value, .file = "a.yaml", .key = "conditions"};
  gkt_expression *e = NULL;
  must(gkt_expression_parse(w->scope, &source, &e), value);
  gkt_status status = gkt_constraints_add(c, 0, gkt_mesh_find_set(w->mesh, set), component, e, inputs_of(w), note);
  gkt_expression_destroy(&e);
  return status;
}

static gkt_constraints *constraints_of(const world *w) {
  gkt_constraints *c;
  must(gkt_constraints_create(1, (const gkt_space *const *)&w->spaces[FIELD], &c), "constraints");
  return c;
}

static void tie(world *w, gkt_constraints *c, const char *from, const char *to, const gkt_rotation *rotation) {
  const gkt_mesh_set *a = gkt_mesh_find_set(w->mesh, from), *b = gkt_mesh_find_set(w->mesh, to);
  gkt_match match;
  must(gkt_match_create(w->mesh, a, b, rotation, &match), "match");
  must(gkt_constraints_tie(c, 0, a, b, &match, NULL), "tie");
  gkt_match_clear(&match);
}

/* u = C u~ of waves where nothing is given; freed with free(). */
static double *any_field(const world *w, const gkt_constraints *c) {
  gkt_idx n = gkt_space_num_dofs(w->spaces[FIELD]);
  double *u = malloc(sizeof *u * (size_t)n), *tied = malloc(sizeof *u * (size_t)n);
  for (gkt_idx i = 0; i < n; i++) tied[i] = wave(i, 3);
  gkt_constraints_lift(c, tied);
  if (gkt_constraints_ties(c, 0)) gkt_ties_expand(gkt_constraints_ties(c, 0), tied, u);
  else memcpy(u, tied, sizeof *u * (size_t)n);
  free(tied);
  return u;
}

typedef double value_at(const double *x);
/* u . d = value at all nodes of a set. */
static void check(const world *w, const double *u, const char *set, const double *d, value_at *value) {
  int dim = gkt_mesh_dim(w->mesh);
  gkt_idx count, *nodes;
  must(gkt_space_nodes_on(w->spaces[FIELD], gkt_mesh_find_set(w->mesh, set), &count, &nodes), set);
  assert_true(count > 0);
  for (gkt_idx i = 0; i < count; i++) {
    double along = 0, expected = value ? value(gkt_space_coords(w->spaces[FIELD]) + nodes[i] * dim) : 0;
    for (int k = 0; k < dim; k++) along += u[nodes[i] * dim + k] * d[k];
    if (!(fabs(along - expected) <= 1e-12)) fail_msg("'%s', node %d: u.d = %.15g, expected %.15g", set, nodes[i], along, expected);
  }
  free(nodes);
}

/* ---- slanted boxes ---- */
static double axes[3][3]; /* where the box's own axes point */
static void slant(int dim, double *x) {
  const double a = M_PI / 6, b = dim == 3 ? 0.4 : 0, t[3][3] = {{cos(a), -sin(a), 0}, {sin(a) * cos(b), cos(a) * cos(b), -sin(b)}, {sin(a) * sin(b), cos(a) * sin(b), cos(b)}};
  double y[3] = {0};
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) y[i] += t[i][j] * x[j], axes[j][i] = t[i][j];
  memcpy(x, y, sizeof *x * (size_t)dim);
}

static double inflow(const double *x) { return 0.3 + x[0] - 2 * x[1]; }
static double one(const double *x) { return (void)x, 1; }

static const struct {
  mesh_kind mesh;
  int degree, order;
} fields[] = {{TRIANGLES, 1, 1},  {TRIANGLES, 3, 2}, {QUADRILATERALS, 2, 1}, {TETRAHEDRA, 1, 1}, {TETRAHEDRA, 2, 1},
              {TETRAHEDRA, 4, 1}, {HEXAHEDRA, 2, 2}, {PRISMS, 2, 1},         {PYRAMIDS, 1, 1}};
enum { NUM_FIELDS = sizeof fields / sizeof *fields };

static world slanted_world(int f) {
  int dim = mesh_kinds[fields[f].mesh].dim;
  gkt_mesh *mesh = renumbered(unit_mesh(fields[f].mesh, 2), 9);
  if (fields[f].order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, slant);
  return make_world_on(mesh, fields[f].degree, dim);
}

static void slanted_sides(void **unused) {
  (void)unused;
  for (int f = 0; f < NUM_FIELDS; f++) {
    world w = slanted_world(f);
    int dim = gkt_mesh_dim(w.mesh);
    gkt_constraints *c = constraints_of(&w);
    must(constrain(&w, c, "left", GKT_NORMAL, "0.3 + x[0] - 2*x[1]", "line 1"), "normal");
    must(constrain(&w, c, "top", GKT_NORMAL, "0", "line 2"), "normal");
    if (dim == 3) must(constrain(&w, c, "front", GKT_NORMAL, "1", "line 3"), "normal");
    double *u = any_field(&w, c), out[3] = {-axes[0][0], -axes[0][1], -axes[0][2]};
    check(&w, u, "left", out, inflow);
    check(&w, u, "top", axes[1], NULL);
    if (dim == 3) check(&w, u, "front", axes[2], one);
    /* as many conditions as pairs of a node and a side */
    gkt_idx total = 0, count, *nodes;
    for (int s = 0; s < dim; s++) {
      must(gkt_space_nodes_on(w.spaces[FIELD], gkt_mesh_find_set(w.mesh, (const char *[]){"left", "top", "front"}[s]), &count, &nodes), "nodes");
      total += count;
      free(nodes);
    }
    assert_int_equal(gkt_constraints_count(c), total);
    free(u);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
  assert_string_equal(warnings, "");
}

/* A component, and all of them, at the nodes of a slanted side; a later condition wins. */
static void beside_components(void **unused) {
  (void)unused;
  world w = slanted_world(3);
  static const double x[3] = {1, 0, 0};
  gkt_constraints *c = constraints_of(&w);
  double out[3];
  must(constrain(&w, c, "left", GKT_NORMAL, "1", "line 1"), "normal");
  must(constrain(&w, c, "top", 0, "1", "line 2"), "component");
  must(constrain(&w, c, "back", -1, "[0.3 + x[0] - 2*x[1], 0, 1]", "line 3"), "all");
  double *u = any_field(&w, c);
  for (int d = 0; d < 3; d++) out[d] = -axes[0][d];
  gkt_idx count, *nodes, on_back = 0;
  must(gkt_space_nodes_on(w.spaces[FIELD], gkt_mesh_find_set(w.mesh, "left"), &count, &nodes), "nodes");
  for (gkt_idx i = 0; i < count; i++) {
    const double *v = u + 3 * nodes[i], *at = gkt_space_coords(w.spaces[FIELD]) + 3 * nodes[i];
    bool back = at[0] * axes[2][0] + at[1] * axes[2][1] + at[2] * axes[2][2] < 1e-9;
    if (!back) assert_true(fabs(v[0] * out[0] + v[1] * out[1] + v[2] * out[2] - 1) <= 1e-12);
    on_back += back;
  }
  free(nodes);
  assert_int_equal(on_back, 3);
  check(&w, u, "back", x, inflow);
  must(gkt_space_nodes_on(w.spaces[FIELD], gkt_mesh_find_set(w.mesh, "top"), &count, &nodes), "nodes");
  for (gkt_idx i = 0; i < count; i++) {
    const double *at = gkt_space_coords(w.spaces[FIELD]) + 3 * nodes[i];
    if (at[0] * axes[2][0] + at[1] * axes[2][1] + at[2] * axes[2][2] > 1e-9) assert_true(fabs(u[3 * nodes[i]] - 1) <= 1e-12);
  }
  free(nodes), free(u);
  assert_non_null(strstr(warnings, "line 1 on 'left' gives 1, line 3 on 'back' gives"));
  assert_non_null(strstr(warnings, "line 2 on 'top' gives 1, line 3 on 'back' gives"));
  warnings[0] = 0;
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* ---- curved sides ---- */
static void round_off(int dim, double *x) {
  double y[3] = {0};
  for (int d = 0; d < dim; d++) {
    y[d] = x[d];
    for (int e = 0; e < dim; e++)
      if (e != d) y[d] += 0.25 * (2 * x[d] - 1) * x[e] * (1 - x[e]);
  }
  memcpy(x, y, sizeof *x * (size_t)dim);
}

static void nothing_passes(void **unused) {
  (void)unused;
  static const struct {
    mesh_kind mesh;
    int degree, order;
  } curved[] = {{TRIANGLES, 1, 1}, {TRIANGLES, 2, 2}, {QUADRILATERALS, 3, 2}, {TETRAHEDRA, 1, 1}, {TETRAHEDRA, 3, 2}, {HEXAHEDRA, 2, 2}};
  for (size_t f = 0; f < sizeof curved / sizeof *curved; f++) {
    int dim = mesh_kinds[curved[f].mesh].dim;
    gkt_mesh *mesh = unit_mesh(curved[f].mesh, 4);
    if (curved[f].order == 2) mesh = with_order_two(mesh);
    map_nodes(mesh, round_off);
    world w = make_world_on(mesh, curved[f].degree, dim);
    gkt_constraints *c = constraints_of(&w);
    must(constrain(&w, c, "boundary", GKT_NORMAL, "0", NULL), "normal");
    double *u = any_field(&w, c);
    memcpy(w.values[FIELD], u, sizeof *u * (size_t)gkt_space_num_dofs(w.spaces[FIELD]));
    gkt_form *flux = NULL;
    gkt_source source = {.text = "dot(u, n)*ds", .file = "a.yaml", .key = "compute"};
    must(gkt_form_parse(w.scope, GKT_FUNCTIONAL, &source, &flux), "flux");
    double through = number_of(&w, flux);
    if (!(fabs(through) <= 1e-13)) fail_msg("%s: %g passes", mesh_kinds[curved[f].mesh].name, through);
    free(u);
    gkt_form_destroy(&flux);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
}

/* ---- sets ---- */
static void one_plane_in_two_sets(void **unused) {
  (void)unused;
  gkt_mesh *mesh = unit_mesh(TETRAHEDRA, 4);
  const gkt_mesh_set *left = gkt_mesh_find_set(mesh, "left");
  must(gkt_mesh_add_set(mesh, "left 1", 2, left->count / 2, left->entities), "set");
  must(gkt_mesh_add_set(mesh, "left 2", 2, left->count - left->count / 2, left->entities + left->count / 2), "set");
  map_nodes(mesh, slant);
  world w = make_world_on(mesh, 2, 3);
  gkt_constraints *c = constraints_of(&w);
  must(constrain(&w, c, "left 1", GKT_NORMAL, "0", NULL), "normal");
  must(constrain(&w, c, "left 2", GKT_NORMAL, "0", NULL), "normal");
  gkt_idx count, *nodes;
  must(gkt_space_nodes_on(w.spaces[FIELD], left, &count, &nodes), "nodes");
  assert_int_equal(gkt_constraints_count(c), count);
  free(nodes);
  gkt_constraints_destroy(&c);
  free_world(&w);
}

static void sides_along_an_axis(void **unused) {
  (void)unused;
  for (int f = 0; f < NUM_FIELDS; f++) {
    int dim = mesh_kinds[fields[f].mesh].dim;
    world w = make_world_on(unit_mesh(fields[f].mesh, 3), fields[f].degree, dim);
    gkt_constraints *c = constraints_of(&w), *plain = constraints_of(&w);
    must(constrain(&w, c, "left", GKT_NORMAL, "x[1]^2", NULL), "normal"), must(constrain(&w, plain, "left", 0, "-x[1]^2", NULL), "component");
    must(constrain(&w, c, "top", GKT_NORMAL, "x[0]", NULL), "normal"), must(constrain(&w, plain, "top", 1, "x[0]", NULL), "component");
    double *u = any_field(&w, c), *v = any_field(&w, plain);
    assert_int_equal(gkt_constraints_ties(c, 0)->num_frames, 0);
    assert_int_equal(gkt_constraints_count(c), gkt_constraints_count(plain));
    assert_memory_equal(gkt_constraints_mask(c), gkt_constraints_mask(plain), (size_t)gkt_space_num_dofs(w.spaces[FIELD]));
    for (gkt_idx i = 0; i < gkt_space_num_dofs(w.spaces[FIELD]); i++) assert_true(u[i] == v[i]);
    free(u), free(v);
    gkt_constraints_destroy(&c), gkt_constraints_destroy(&plain);
    free_world(&w);
  }
}

/* ---- ties ---- */
static void partners(void **unused) {
  (void)unused;
  static const double e[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  for (int order = 0; order < 2; order++) { /* of condition and tie */
    world w = make_world_on(renumbered(unit_mesh(TETRAHEDRA, 2), 4), 2, 3);
    gkt_constraints *c = constraints_of(&w);
    if (order) tie(&w, c, "left", "right", NULL);
    must(constrain(&w, c, "right", -1, "[1, 0, x[2]]", "line 1"), "condition");
    if (!order) tie(&w, c, "left", "right", NULL);
    double *u = any_field(&w, c);
    check(&w, u, "left", e[0], one), check(&w, u, "right", e[0], one), check(&w, u, "left", e[1], NULL);
    assert_string_equal(warnings, "");
    must(constrain(&w, c, "left", 1, "2", "line 2"), "condition");
    assert_non_null(strstr(warnings, "conditions disagree on 25 shared dofs: line 1 on 'right' gives 0, line 2 on 'left' gives 2; the later one wins"));
    warnings[0] = 0;
    assert_int_equal(gkt_constraints_count(c), 75);
    for (gkt_idx i = 0; i < gkt_space_num_nodes(w.spaces[FIELD]); i++)
      for (int k = 0; k < 3; k++) { /* given on one side, and tied on the other */
        double x = gkt_space_coords(w.spaces[FIELD])[3 * i];
        assert_int_equal(gkt_constraints_mask(c)[3 * i + k], x == 0 || x == 1);
      }
    free(u);
    gkt_constraints_destroy(&c);
    free_world(&w);
  }
}

/* The bottom of the unit square goes to its left side: e_y there is -e_x, so u_y = 1 on the left is u_x = 1 on the bottom. The origin is on the axis, where nothing moves. */
static void turned_partners(void **unused) {
  (void)unused;
  static const gkt_rotation quarter = {.angle = 90};
  world w = make_world_on(renumbered(unit_mesh(QUADRILATERALS, 3), 4), 2, 2);
  gkt_constraints *c = constraints_of(&w);
  tie(&w, c, "bottom", "left", &quarter);
  assert_int_equal(gkt_constraints_count(c), 0);
  must(constrain(&w, c, "left", 1, "x[1]", "line 1"), "condition");
  double *u = any_field(&w, c);
  gkt_idx count, *nodes;
  must(gkt_space_nodes_on(w.spaces[FIELD], gkt_mesh_find_set(w.mesh, "bottom"), &count, &nodes), "nodes");
  for (gkt_idx i = 0; i < count; i++) assert_true(fabs(u[2 * nodes[i]] - gkt_space_coords(w.spaces[FIELD])[2 * nodes[i]]) <= 1e-15);
  free(nodes), free(u);
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* A sector of 30 degrees of a pipe, whose wall slips: at the two ends of the arc the wall's facets belong to both. All frames are turned into each other by the tie, and on the
   mesh of chords the normals at the ends are radial, as inside, by symmetry. */
static void to_pipe(int dim, double *x) {
  double r = 1 + x[0], a = x[1] * M_PI / 6;
  (void)dim;
  x[0] = r * cos(a), x[1] = r * sin(a);
}

static void slip_across_a_tie(void **unused) {
  (void)unused;
  static const gkt_rotation sector = {.angle = 30};
  gkt_mesh *mesh = unit_mesh(QUADRILATERALS, 3);
  map_nodes(mesh, to_pipe);
  world w = make_world_on(mesh, 1, 2);
  gkt_constraints *c = constraints_of(&w);
  must(constrain(&w, c, "right", GKT_NORMAL, "1", NULL), "normal");
  tie(&w, c, "bottom", "top", &sector);
  double *u = any_field(&w, c);
  gkt_idx count, *nodes;
  must(gkt_space_nodes_on(w.spaces[FIELD], gkt_mesh_find_set(w.mesh, "right"), &count, &nodes), "nodes");
  assert_int_equal(count, 4);
  assert_int_equal(gkt_constraints_count(c), 3);
  for (gkt_idx i = 0; i < count; i++) {
    const double *x = gkt_space_coords(w.spaces[FIELD]) + 2 * nodes[i], *v = u + 2 * nodes[i];
    assert_true(fabs((v[0] * x[0] + v[1] * x[1]) / 2 - 1) <= 1e-14);
  }
  free(nodes), free(u);
  gkt_constraints_destroy(&c);
  free_world(&w);
}

/* ---- refusals ---- */
static void refused(world *w, const char *set, const char *value, const char *expected) {
  gkt_constraints *c = constraints_of(w);
  gkt_context_clear(ctx);
  assert_int_equal(constrain(w, c, set, GKT_NORMAL, value, "line 9"), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), expected)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), expected);
  assert_int_equal(gkt_constraints_count(c), 0);
  assert_null(gkt_constraints_ties(c, 0));
  gkt_constraints_destroy(&c);
}

static void what_has_no_normal(void **unused) {
  (void)unused;
  world w = make_world_on(unit_mesh(TRIANGLES, 2), 1, 2), scalar = make_world_on(unit_mesh(TRIANGLES, 2), 1, 1), three = make_world_on(unit_mesh(TRIANGLES, 2), 1, 3);
  must(gkt_mesh_add_set(w.mesh, "point", 0, 1, (gkt_idx[]){0}), "set");
  refused(&scalar, "left", "0", "line 9 on 'left': only a vector field with 2 components, as many as the space has dimensions, has a normal component; the field has 1");
  refused(&three, "left", "0", "the field has 3");
  refused(&w, "point", "0", "line 9 on 'point': 'point' is a set of dimension 0; expected facets, of dimension 1");
  refused(&w, "left", "[1, 0]", "line 9 on 'left': the value of one component must be a scalar, but it has 2 components");
  gkt_context_clear(ctx);
  free_world(&w), free_world(&scalar), free_world(&three);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(slanted_sides),         cmocka_unit_test(beside_components),   cmocka_unit_test(nothing_passes),
                                     cmocka_unit_test(one_plane_in_two_sets), cmocka_unit_test(sides_along_an_axis), cmocka_unit_test(partners),
                                     cmocka_unit_test(turned_partners),       cmocka_unit_test(slip_across_a_tie),   cmocka_unit_test(what_has_no_normal)};
  return cmocka_run_group_tests(tests, start, teardown);
}
