/* Claim: refinement keeps volume, conformity, orientation, sets and tags; a refined box is the finer box; shapes do not degrade. */
#include <math.h>

#include "tests/gkt_test.h"
#include "tests/msh_writer.h"

static gkt_mesh *box(int dim, gkt_idx a, gkt_idx b, gkt_idx c) {
  gkt_mesh *m = NULL;
  gkt_box options = {.shape = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .dim = dim, .cells = {a, b, c}, .lower = {-1, 0, 2}, .upper = {1, 4, 2.5}};
  assert_int_equal(gkt_mesh_box(ctx, &options, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  return m;
}

static gkt_mesh *refined(gkt_mesh *m) {
  gkt_mesh *fine = NULL;
  if (gkt_mesh_refine(m, &fine) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_mesh_topology(fine), GKT_OK);
  return fine;
}

/* Volume and shape: 1 for the equilateral cell, 0 for a flat one. */
static double measure(const gkt_mesh *m, gkt_idx c, double *shape) {
  const gkt_idx *n = m->blocks[0].nodes + c * m->blocks[0].nodes_per_cell;
  const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[0].cell];
  double e[3][3] = {{0}}, squares = 0, v = 0;
  for (int j = 0; j < m->dim; j++)
    for (int i = 0; i < m->dim; i++) e[j][i] = m->coords[m->dim * n[j + 1] + i] - m->coords[m->dim * n[0] + i];
  for (int k = 0; k < t->num_edges; k++)
    for (int i = 0; i < m->dim; i++) squares += pow(m->coords[m->dim * n[t->edges[k][1]] + i] - m->coords[m->dim * n[t->edges[k][0]] + i], 2) / t->num_edges;
  if (m->dim == 2) v = (e[0][0] * e[1][1] - e[0][1] * e[1][0]) / 2;
  for (int i = 0; m->dim == 3 && i < 3; i++) v += e[0][i] * (e[1][(i + 1) % 3] * e[2][(i + 2) % 3] - e[1][(i + 2) % 3] * e[2][(i + 1) % 3]) / 6;
  *shape = m->dim == 2 ? v / (sqrt(3) / 4 * squares) : v / (pow(squares, 1.5) / (6 * sqrt(2)));
  return v;
}

static double volume(const gkt_mesh *m, double *worst) {
  double sum = 0, shape;
  *worst = 1;
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    sum += measure(m, c, &shape);
    *worst = fmin(*worst, shape);
  }
  return sum;
}

static void a_refined_box_is_the_finer_box(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *m = box(dim, 2, 1, 3), *f = refined(m), *finer = box(dim, 4, 2, 6);
    double worst, finer_worst;
    assert_int_equal(f->num_cells, finer->num_cells);
    for (int d = 0; d < dim; d++) assert_int_equal(f->num_entities[d], finer->num_entities[d]); /* conforming: no facet stands alone */
    assert_true(fabs(volume(f, &worst) / volume(finer, &finer_worst) - 1) < 1e-13);             /* sums of 288 terms */
    assert_true(fabs(worst - finer_worst) < 1e-13);                                             /* the same shapes */
    assert_int_equal(f->num_sets, finer->num_sets);
    for (int s = 0; s < finer->num_sets; s++) {
      const gkt_mesh_set *set = gkt_mesh_find_set(f, finer->sets[s]->name);
      assert_non_null(set);
      assert_int_equal(set->count, finer->sets[s]->count);
    }
    const gkt_mesh_set *right = gkt_mesh_find_set(f, "right");
    for (gkt_idx i = 0; i < right->count; i++)
      for (int j = 0; j < dim; j++) assert_true(f->coords[dim * f->entity_vertices[dim - 1][dim * right->entities[i] + j]] == 1); /* halves are exact */
    gkt_mesh_destroy(&m);
    gkt_mesh_destroy(&f);
    gkt_mesh_destroy(&finer);
  }
}

static void children_stand_in_their_place(void **state) {
  (void)state;
  gkt_mesh *m = box(3, 1, 2, 1), *f = refined(m);
  for (gkt_idx i = 0; i < m->num_nodes * 3; i++) assert_true(f->coords[i] == m->coords[i]);
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    double shape, parent = measure(m, c, &shape);
    for (int k = 0; k < 8; k++) assert_true(fabs(measure(f, 8 * c + k, &shape) * 8 / parent - 1) < 1e-12); /* differences of coordinates near 2.5 */
  }
  gkt_mesh_destroy(&m);
  gkt_mesh_destroy(&f);
}

static void sets_and_tags_of_every_dimension_are_carried(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *b = box(dim, 2, 2, 1), *m = NULL;
    msh_file file = write_msh(b, 1, true, true);
    assert_int_equal(gkt_mesh_parse(ctx, "test.msh", file.data, file.length, &m), GKT_OK);
    gkt_mesh *f = refined(m);
    assert_int_equal(f->num_sets, m->num_sets);
    for (int s = 0; s < m->num_sets; s++) {
      const gkt_mesh_set *set = gkt_mesh_find_set_of_dim(f, m->sets[s]->name, m->sets[s]->dim);
      assert_non_null(set);
      assert_int_equal(set->count, m->sets[s]->count << set->dim);
    }
    assert_int_equal(gkt_mesh_find_set(f, "half")->entities[0], gkt_mesh_find_set(m, "half")->entities[0] << dim);
    assert_int_equal(gkt_mesh_add_set_from_tags(f, "left again", dim - 1, 1, (int[]){11}), GKT_OK);
    assert_memory_equal(gkt_mesh_find_set(f, "left again")->entities, gkt_mesh_find_set(f, "inlet")->entities, (size_t)gkt_mesh_find_set(f, "inlet")->count * sizeof(gkt_idx));
    gkt_mesh_destroy(&m);
    gkt_mesh_destroy(&f);
    gkt_mesh_destroy(&b);
    free(file.data);
  }
}

/* Bey: one tetrahedron has descendants of at most three shapes, all there after two refinements. Both orientations of the first cell. */
static void shapes_do_not_degrade(void **state) {
  (void)state;
  const double x[] = {0, 0, 0, 1, 0.1, 0, 0.3, 0.9, 0.2, 0.1, 0.4, 0.6};
  for (int turned = 0; turned < 2; turned++) {
    gkt_mesh *m = NULL, *next;
    double worst[5], whole;
    assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TETRAHEDRON, 1, 3, 4, x, 1, turned ? (gkt_idx[]){0, 2, 1, 3} : (gkt_idx[]){0, 1, 2, 3}, &m), GKT_OK);
    whole = volume(m, &worst[0]);
    for (int level = 1; level <= 4; level++) {
      next = refined(m);
      gkt_mesh_destroy(&m);
      m = next;
      assert_true(fabs(volume(m, &worst[level]) / whole - 1) < 1e-12); /* 4096 cells */
      assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, 4 << (2 * level));
    }
    assert_true(fabs(worst[3] - worst[2]) < 1e-12);
    assert_true(fabs(worst[4] - worst[2]) < 1e-12);
    gkt_mesh_destroy(&m);
  }
}

static void curved_meshes_are_refused(void **state) {
  (void)state;
  gkt_mesh *m = NULL, *f = NULL;
  const double x[] = {0, 0, 1, 0, 0, 1, 0.5, 0, 0.5, 0.5, 0, 0.5};
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 2, 2, 6, x, 1, (gkt_idx[]){0, 1, 2, 3, 4, 5}, &m), GKT_OK);
  assert_int_equal(gkt_mesh_refine(m, &f), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "order 2 is not available yet"));
  assert_null(f);
  gkt_mesh_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_refined_box_is_the_finer_box, setup, teardown), cmocka_unit_test_setup_teardown(children_stand_in_their_place, setup, teardown),
      cmocka_unit_test_setup_teardown(sets_and_tags_of_every_dimension_are_carried, setup, teardown), cmocka_unit_test_setup_teardown(shapes_do_not_degrade, setup, teardown),
      cmocka_unit_test_setup_teardown(curved_meshes_are_refused, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
