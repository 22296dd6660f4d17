/* Claim: the surface of cells of every kind, of order 1 and 2, mixed, is that of the body, with its edges and the lines of the mesh and nothing inside; nodes that are repeated for
   discontinuous fields give the same surface as shared ones; the pieces of a cell fill it; a section closes what is left of a body. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/picture.h"
#include "tests/cells.h"

static gkt_context *ctx;
static int set_up(void **state) {
  (void)state;
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx);
}
static int tear_down(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_vtu_grid grid_of(const gkt_mesh *mesh, gkt_vtu_block *blocks) {
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *from = gkt_mesh_block(mesh, b);
    blocks[b] = (gkt_vtu_block){from->cell, from->order, from->nodes_per_cell, from->num_cells, from->nodes};
  }
  return (gkt_vtu_grid){gkt_mesh_dim(mesh), gkt_mesh_num_nodes(mesh), gkt_mesh_coords(mesh), gkt_mesh_num_blocks(mesh), blocks};
}

/* ---- surfaces ---- */
static gkt_surface *surface_of(const gkt_vtu_grid *grid) {
  double *zero = calloc((size_t)grid->num_nodes, sizeof *zero);
  const gkt_drawing drawing = {grid, zero, NULL, 0};
  gkt_patches *patches;
  gkt_surface *s;
  assert_int_equal(gkt_patches_find(ctx, grid, &patches), GKT_OK);
  assert_int_equal(gkt_surface_create(ctx, &drawing, patches, &s), GKT_OK);
  assert_int_equal(gkt_surface_add_outlines(s), GKT_OK);
  assert_int_equal(gkt_surface_add_normals(s), GKT_OK);
  gkt_patches_destroy(&patches);
  free(zero);
  return s;
}

static double area_of(const gkt_surface *s, gkt_idx t) {
  const double *a = s->nodes[s->triangles[t].nodes[0]].at, *b = s->nodes[s->triangles[t].nodes[1]].at, *c = s->nodes[s->triangles[t].nodes[2]].at;
  double e[3], f[3];
  for (int k = 0; k < 3; k++) e[k] = b[k] - a[k], f[k] = c[k] - a[k];
  return 0.5 * sqrt(pow(e[1] * f[2] - e[2] * f[1], 2) + pow(e[2] * f[0] - e[0] * f[2], 2) + pow(e[0] * f[1] - e[1] * f[0], 2));
}

/* A box of a x b x c boxes of 6 tetrahedra has 4(ab+bc+ca) outer triangles, and 4(a+b+c) sides of cells on its edges. */
static void surface_of_a_box(void **state) {
  (void)state;
  gkt_mesh *mesh;
  assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {2, 3, 4}, .upper = {0.3, 1, 2}}, &mesh), GKT_OK);
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  const gkt_size count = 4 * (gkt_size)block->num_cells;
  const double *x = gkt_mesh_coords(mesh);
  double *repeated = malloc(3 * (size_t)count * sizeof *repeated);
  gkt_idx *cells = malloc((size_t)count * sizeof *cells);
  for (gkt_size i = 0; i < count; i++) {
    memcpy(repeated + 3 * i, x + 3 * (gkt_size)block->nodes[i], 3 * sizeof *x);
    cells[i] = (gkt_idx)i;
  }
  const gkt_vtu_block blocks[] = {{GKT_TETRAHEDRON, 1, 4, block->num_cells, block->nodes}, {GKT_TETRAHEDRON, 1, 4, block->num_cells, cells}};
  const gkt_vtu_grid grids[] = {{3, gkt_mesh_num_nodes(mesh), x, 1, blocks}, {3, (gkt_idx)count, repeated, 1, blocks + 1}};
  for (int g = 0; g < 2; g++) {
    gkt_surface *s = surface_of(grids + g);
    int features = 0;
    assert_int_equal(s->num_triangles, 4 * (6 + 12 + 8));
    assert_int_equal(s->num_outlines, s->num_triangles * 3 / 2);
    for (gkt_idx i = 0; i < s->num_outlines; i++) features += s->outlines[i].feature;
    assert_int_equal(features, 4 * (2 + 3 + 4));
    for (gkt_idx t = 0; t < s->num_triangles; t++) /* along an axis, the same in all corners, outwards */
      for (int i = 0; i < 3; i++) {
        const double *n = s->normals[t][i], *at = s->nodes[s->triangles[t].nodes[i]].at;
        double towards = 0;
        for (int k = 0; k < 3; k++) towards += n[k] * (at[k] - (double[]){0.15, 0.5, 1}[k]);
        assert_true(towards > 0 && fabs(fabs(n[0]) + fabs(n[1]) + fabs(n[2]) - 1) < 1e-14);
      }
    gkt_surface_destroy(&s);
  }
  free(repeated), free(cells);
  gkt_mesh_destroy(&mesh);
}

/* Area, length of the lines of the mesh and of the features: unit cubes of every kind of cell and of mixtures, order 1 and 2, look alike; what is inside shows nothing. */
static void surfaces_of_all_cells(void **state) {
  (void)state;
  static const int kinds[] = {GKT_TETRAHEDRON, GKT_HEXAHEDRON, GKT_PRISM, GKT_PYRAMID, TEST_MIXED};
  for (int k = 0; k < 5; k++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *mesh = test_mesh(ctx, kinds[k], 3, 2, order, 0.1); /* bent inside, not on its sides */
      gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
      const gkt_vtu_grid grid = grid_of(mesh, blocks);
      gkt_surface *s = surface_of(&grid);
      double area = 0, features = 0, lines = 0;
      for (gkt_idx t = 0; t < s->num_triangles; t++) area += area_of(s, t);
      for (gkt_idx i = 0; i < s->num_outlines; i++) {
        const double *a = s->nodes[s->outlines[i].nodes[0]].at, *b = s->nodes[s->outlines[i].nodes[1]].at;
        const double length = sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
        if (s->outlines[i].feature) features += length;
        if (s->outlines[i].mesh) lines += length;
      }
      assert_true(fabs(area - 6) < 1e-9);
      assert_true(fabs(features - 12) < 1e-9);
      /* 2 x 2 squares a side: 12 edges of the cube and 12 lines across; diagonals of length sqrt 2 / 2 where there are triangles */
      const double diagonals = (kinds[k] == GKT_TETRAHEDRON ? 24 : kinds[k] == GKT_PRISM ? 8 : kinds[k] == TEST_MIXED ? 6 : 0) * sqrt(0.5);
      if (fabs(lines - 24 - diagonals) > 1e-9) fail_msg("kind %d, order %d: lines of %g", kinds[k], order, lines);
      gkt_surface_destroy(&s);
      gkt_mesh_destroy(&mesh);
    }
}

static double simplex_volume(const gkt_pattern *p, const int *v) {
  double e[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, fact = 1;
  for (int i = 0; i < p->dim; i++, fact *= i)
    for (int d = 0; d < 3; d++) e[i][d] = (p->at[v[i + 1]][d] - p->at[v[0]][d]) / (double)p->pieces;
  return (e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) - e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) + e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0])) / fact;
}

/* (1 + x + 2y + 3z)^degree at nodes and samples: 7^4 at most, 1e-10 is far above rounding */
static void expect_polynomial(const gkt_pattern *p) {
  double xi[3 * GKT_MAX_BASIS];
  gkt_lagrange_nodes(p->cell, p->degree, xi);
  for (int s = 0; s < p->num_samples; s++) {
    double sum = 0, base = 1;
    for (int d = 0; d < 3; d++) base += (d + 1) * p->at[s][d] / (double)p->pieces;
    for (int a = 0; a < p->size; a++) {
      double at_node = 1;
      for (int d = 0; d < p->dim; d++) at_node += (d + 1) * xi[a * p->dim + d];
      sum += p->phi[s * p->size + a] * pow(at_node, p->degree);
    }
    assert_true(fabs(sum - pow(base, p->degree)) < 1e-10);
  }
}

/* The pieces of a cell fill it once: volumes add up, and a polynomial of the cell's degree has its values at their corners. */
static void pieces_fill_their_cells(void **state) {
  (void)state;
  for (int type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++)
    for (int degree = 1; degree <= 4 && gkt_lagrange_size((gkt_cell_type)type, degree); degree++)
      for (int pieces = 1; pieces <= 5; pieces++) {
        gkt_patterns patterns = {.ctx = ctx, .pieces = pieces};
        const gkt_pattern *p;
        double volume = 0;
        assert_int_equal(gkt_pattern_get(&patterns, (gkt_cell_type)type, degree, &p), GKT_OK);
        for (int i = 0; i < p->num_simplices; i++) volume += simplex_volume(p, p->simplices[i]);
        assert_true(fabs(volume - gkt_cell_topologies[type].volume) < 1e-12);
        expect_polynomial(p);
        gkt_patterns_destroy(&patterns);
      }
}

/* ---- sections ---- */
static void expect_cut(const gkt_vtu_grid *grid, const gkt_section *section) {
  double *values = malloc((size_t)grid->num_nodes * sizeof *values), area = 0, cut = 0, rim = 0;
  for (gkt_size i = 0; i < grid->num_nodes; i++) values[i] = 1 + grid->coords[3 * i] + 2 * grid->coords[3 * i + 1] + 3 * grid->coords[3 * i + 2];
  const gkt_drawing drawing = {grid, values, NULL, 0};
  gkt_patches *patches;
  gkt_surface *s;
  assert_int_equal(gkt_patches_find(ctx, grid, &patches), GKT_OK);
  assert_int_equal(gkt_surface_create(ctx, &drawing, patches, &s), GKT_OK);
  assert_int_equal(gkt_surface_add_outlines(s), GKT_OK);
  assert_int_equal(gkt_surface_add_normals(s), GKT_OK);
  assert_int_equal(gkt_surface_clip(s, section), GKT_OK);
  for (gkt_idx t = 0; t < s->num_triangles; t++) area += area_of(s, t);
  const gkt_idx first = s->num_triangles, line = s->num_outlines;
  assert_int_equal(gkt_surface_add_section(s, &drawing, patches, section), GKT_OK);
  for (gkt_idx t = first; t < s->num_triangles; t++) cut += area_of(s, t);
  for (gkt_idx i = line; i < s->num_outlines; i++) {
    const double *a = s->nodes[s->outlines[i].nodes[0]].at, *b = s->nodes[s->outlines[i].nodes[1]].at;
    if (s->outlines[i].feature) rim += sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
  }
  assert_true(fabs(area - 1 - 4 * section->value) < 1e-9 && fabs(cut - 1) < 1e-9 && fabs(rim - 4) < 1e-9);
  for (gkt_idx i = 0; i < 3 * s->num_triangles; i++) {
    const gkt_sample *n = s->nodes + s->triangles[i / 3].nodes[i % 3];
    assert_true(n->at[section->axis] < section->value + 1e-12 && fabs(n->value - (1 + n->at[0] + 2 * n->at[1] + 3 * n->at[2])) < 1e-12);
  }
  gkt_surface_destroy(&s);
  gkt_patches_destroy(&patches);
  free(values);
}

/* A cut through the unit cube: the cross-section has area 1, and with what is left of the sides closes the rest of the cube; values on it are those of a linear function. */
static void sections_cut_every_kind(void **state) {
  (void)state;
  static const int kinds[] = {GKT_TETRAHEDRON, GKT_HEXAHEDRON, GKT_PRISM, GKT_PYRAMID, TEST_MIXED};
  for (int k = 0; k < 5; k++)
    for (int axis = 0; axis < 3; axis++)
      for (int aligned = 0; aligned < 2; aligned++) { /* with facets of cells, or not */
        gkt_mesh *mesh = test_mesh(ctx, kinds[k], 3, 2, 1, 0);
        gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
        const gkt_vtu_grid grid = grid_of(mesh, blocks);
        const gkt_section section = {axis, aligned ? 0.5 + 1e-14 : 0.3, 1, 1e-9}; /* beside the facets as rounding would be */
        expect_cut(&grid, &section);
        gkt_mesh_destroy(&mesh);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(surface_of_a_box), cmocka_unit_test(surfaces_of_all_cells), cmocka_unit_test(pieces_fill_their_cells),
                                     cmocka_unit_test(sections_cut_every_kind)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
