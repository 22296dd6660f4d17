/* Claim: a plan of patches cuts the rows of any pattern, on every kind of mesh, for any size of patches, with every row and every pair of nodes once; each pair's contributions are
   those of `segmented`, in its order, or, of two rows of a patch, those of both pairs are one sum; all cells of a row that an entity touches are there once, with their entities
   and the nodes of their geometry; no patch exceeds a limit, and a row that fits nowhere is named. Dealing changes the order of nothing that is summed. */
#include "tests/patch_plans.h"

static void must_be(bool what, const char *message, gkt_idx patch) {
  if (!what) fail_msg("patch %d: %s", (int)patch, message);
}

/* ---- cells and nodes ---- */
static void check_cells(const patch_world *w, const gkt_row_patches *p, gkt_idx patch) {
  for (int b = 0; b < p->num_blocks; b++) {
    const gkt_patch_cells *c = &p->blocks[b];
    for (gkt_idx i = c->first[patch]; i < c->first[patch + 1]; i++)
      for (int a = 0; a < c->corners; a++) {
        const int number = c->numbers[(gkt_size)i * c->corners + a];
        must_be(number < p->first_node[patch + 1] - p->first_node[patch], "a corner has no node", patch);
        must_be(p->nodes[p->first_node[patch] + number] == w->nodes[b][(gkt_size)c->cells[i] * c->corners + a], "a corner is another node", patch);
      }
  }
  for (gkt_idx i = p->first_node[patch] + 1; i < p->first_node[patch + 1]; i++) must_be(p->nodes[i - 1] < p->nodes[i], "nodes do not ascend", patch);
}

/* ---- entities ---- */
static gkt_idx entity_of(const gkt_patch_source *s, gkt_idx cell) {
  if (!s->cells) return cell;
  for (gkt_idx k = 0; k < s->count; k++)
    if (s->cells[k] == cell) return k;
  return -1;
}

static void check_entities(const patch_world *w, const gkt_row_patches *p, gkt_idx patch) {
  for (int s = 0; s < p->num_sources; s++) {
    const gkt_patch_source *from = &w->sources[s];
    const gkt_patch_entities *e = &p->sources[s];
    const gkt_patch_cells *c = &p->blocks[from->block];
    assert_int_equal(e->block, from->block);
    if (!from->cells) {
      assert_null(e->first);
      continue;
    }
    gkt_idx at = e->first[patch];
    for (gkt_idx i = c->first[patch]; i < c->first[patch + 1]; i++) {
      const gkt_idx entity = entity_of(from, c->cells[i]);
      if (entity < 0) continue;
      must_be(at < e->first[patch + 1] && e->entities[at] == entity && e->records[at] == i - c->first[patch], "an entity is missing or adds to another cell", patch);
      at++;
    }
    must_be(at == e->first[patch + 1], "there are more entities than cells have", patch);
  }
}

/* ---- sums ---- */
static bool is_touched(const patch_world *w, int block, gkt_idx cell) {
  for (int s = 0; s < w->input.num_sources; s++)
    if (w->sources[s].block == block && entity_of(&w->sources[s], cell) >= 0) return true;
  return false;
}

/* The next contribution, in the order of the cells, of a pair of nodes after *block, *cell, *pair; false: there is none. */
static bool next_of(const patch_world *w, gkt_idx row, gkt_idx col, int *block, gkt_idx *cell, int *pair) {
  for (; *block < w->input.num_blocks; ++*block, *cell = 0) {
    const gkt_incidence *in = &w->incidence[*block];
    for (; *cell < in->num_cells; ++*cell, *pair = -1)
      while (++*pair < in->num[0] * in->num[1]) {
        const gkt_idx i = in->nodes[0][*cell * in->num[0] + *pair / in->num[1]], j = in->nodes[1] ? in->nodes[1][*cell * in->num[1] + *pair % in->num[1]] : 0;
        if (i == row && j == col && is_touched(w, *block, *cell)) return true;
      }
  }
  return false;
}

static void check_sum(const patch_world *w, const gkt_row_patches *p, gkt_idx patch, gkt_idx group, int lane, gkt_idx row, gkt_idx col) {
  const gkt_idx length = (p->first_word[group + 1] - p->first_word[group]) * GKT_PATCH_PER_WORD;
  const gkt_short *list = p->list + (gkt_size)p->first_word[group] * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD;
  int block = 0, pair = -1;
  gkt_idx cell = 0;
  for (gkt_idx k = 0; k < length; k++) {
    const int code = list[(k / GKT_PATCH_PER_WORD * GKT_PATCH_GROUP + lane) * GKT_PATCH_PER_WORD + k % GKT_PATCH_PER_WORD];
    coded c = {0};
    if (!next_of(w, row, col, &block, &cell, &pair)) {
      must_be(code == 0, "a sum has more than its contributions", patch);
      continue;
    }
    must_be(read_code(p, patch, code, &c), "a code names no record", patch);
    const int a = pair / w->incidence[block].num[1], b = pair % w->incidence[block].num[1];
    const bool same = (c.a == a && c.b == b) || (p->half && p->block == 1 && c.a == b && c.b == a); /* of one scalar, both are the same */
    must_be(c.block == block && p->blocks[block].cells[p->blocks[block].first[patch] + c.cell] == cell && same, "a contribution is not the next one in the order of the cells",
            patch);
  }
  must_be(!next_of(w, row, col, &block, &cell, &pair), "a sum lacks contributions", patch);
}

typedef struct {
  gkt_idx row, col, number; /* of the pattern */
} found_pair;
static found_pair pair_at(const patch_world *w, const gkt_row_patches *p, gkt_idx patch, gkt_idx place) {
  const gkt_pattern *pattern = &w->reduce->pattern;
  const gkt_idx before = p->first_pair[p->first_row[patch]];
  gkt_idx r = p->first_row[patch];
  must_be(place < p->first_pair[p->first_row[patch + 1]] - before, "a sum has no place", patch);
  while (p->first_pair[r + 1] - before <= place) r++;
  const gkt_idx k = pattern->offsets[p->rows[r]] + place - (p->first_pair[r] - before);
  return (found_pair){p->rows[r], pattern->cols[k], k};
}

static bool has_row(const gkt_row_patches *p, gkt_idx patch, gkt_idx row) {
  bool found = false;
  for (gkt_idx r = p->first_row[patch]; r < p->first_row[patch + 1]; r++) found |= p->rows[r] == row;
  return found;
}

/* Once: both pairs of two rows of the patch, if these are others, have one sum. */
static void check_slot(const patch_world *w, const gkt_row_patches *p, gkt_idx patch, gkt_idx slot, bool *seen, gkt_idx *count) {
  gkt_idx places[2];
  find_places(p, patch, slot, places);
  if (places[0] < 0) return must_be(places[1] < 0, "a sum of nothing is a transposed one", patch);
  const found_pair one = pair_at(w, p, patch, places[0]);
  const bool shared = w->input.once && one.row != one.col && has_row(p, patch, one.col);
  must_be((places[1] >= 0) == shared, "a sum is not the transposed one, or is it of another patch", patch);
  for (int k = 0; k < 2 && places[k] >= 0; k++) {
    const found_pair pair = pair_at(w, p, patch, places[k]);
    must_be(k == 0 || (pair.row == one.col && pair.col == one.row), "a sum is that of another pair", patch);
    must_be(!seen[pair.number], "a pair is summed twice", patch);
    seen[pair.number] = true, ++*count;
  }
  check_sum(w, p, patch, p->first_group[patch] + slot / GKT_PATCH_GROUP, slot % GKT_PATCH_GROUP, one.row, one.col);
}

static void check_sums(const patch_world *w, const gkt_row_patches *p, gkt_idx patch, bool *seen) {
  const gkt_idx pairs = p->first_pair[p->first_row[patch + 1]] - p->first_pair[p->first_row[patch]];
  gkt_idx count = 0;
  for (gkt_idx slot = 0; slot < (p->first_group[patch + 1] - p->first_group[patch]) * GKT_PATCH_GROUP; slot++) check_slot(w, p, patch, slot, seen, &count);
  must_be(count == pairs, "pairs are missing", patch);
}

/* ---- rows, places and limits ---- */
static void check_rows(const patch_world *w, const gkt_row_patches *p) {
  bool *seen = calloc((size_t)p->num_rows, sizeof *seen);
  assert_int_equal(p->num_rows, w->reduce->pattern.num_nodes[0]);
  for (gkt_idx r = 0; r < p->num_rows; r++) {
    const gkt_idx row = p->rows[r], first = w->reduce->pattern.offsets[row];
    gkt_idx stride;
    assert_false(seen[row]);
    seen[row] = true;
    assert_int_equal(p->first_value[r], gkt_reduce_place(w->reduce, row, first, &stride));
    assert_int_equal(p->stride[r], stride);
    assert_int_equal(p->first_pair[r + 1] - p->first_pair[r], w->reduce->pattern.offsets[row + 1] - first);
  }
  free(seen);
}

static void check_limits(const gkt_row_patches *p, const gkt_patch_limits *l, gkt_idx patch) {
  gkt_size records = p->tables + p->zeros, cells = 0, contributions = 0;
  const gkt_idx rows = p->first_row[patch + 1] - p->first_row[patch], nodes = p->first_node[patch + 1] - p->first_node[patch];
  const gkt_idx pairs = p->first_pair[p->first_row[patch + 1]] - p->first_pair[p->first_row[patch]];
  for (int b = 0; b < p->num_blocks; b++)
    cells += p->blocks[b].first[patch + 1] - p->blocks[b].first[patch], records += (p->blocks[b].first[patch + 1] - p->blocks[b].first[patch]) * p->blocks[b].record;
  for (int k = 0; k < p->num_sources; k++)
    if (p->sources[k].own) records += (p->sources[k].first[patch + 1] - p->sources[k].first[patch]) * p->sources[k].own;
  for (gkt_idx g = p->first_group[patch]; g < p->first_group[patch + 1]; g++)
    for (gkt_size k = (gkt_size)p->first_word[g] * 64; k < (gkt_size)p->first_word[g + 1] * 64; k++) contributions += p->list[k] != 0;
  const gkt_idx most = (p->first_group[patch + 1] - p->first_group[patch]) * GKT_PATCH_GROUP; /* sums */
  const gkt_size staged = gkt_patch_staged(1, p->block, p->block_size[1], most), coordinates = (gkt_size)nodes * p->dim,
                 scalars = records + (staged > coordinates ? staged : coordinates);
  must_be(rows > 0 && rows <= l->rows && rows <= p->most_rows, "rows", patch);
  must_be(nodes <= l->nodes && nodes <= p->most_nodes, "nodes", patch);
  must_be(cells <= l->cells && cells <= p->most_cells, "cells", patch);
  must_be(pairs <= p->most_pairs, "pairs", patch);
  must_be(contributions <= l->contributions && contributions <= p->most_contributions, "contributions", patch);
  must_be(scalars * 8 <= l->shared_bytes && scalars * 8 <= p->shared_bytes && records < GKT_PATCH_MOST_SCALARS, "shared memory", patch);
}

static void check_plan(const patch_world *w, const gkt_row_patches *p, const gkt_patch_limits *l) {
  bool *seen = calloc((size_t)w->reduce->pattern.offsets[p->num_rows] + 1, sizeof *seen);
  check_rows(w, p);
  assert_int_equal(p->first_row[p->num_patches], p->num_rows);
  for (gkt_idx k = 0; k < p->num_patches; k++) {
    check_limits(p, l, k);
    check_cells(w, p, k);
    check_entities(w, p, k);
    check_sums(w, p, k, seen);
  }
  free(seen);
}

static void check_world(patch_world *w, const gkt_idx *order, gkt_idx rows, int window) {
  gkt_patch_limits limits = gkt_patch_limits_default(227 * 1024);
  gkt_row_patches *p;
  char why[200];
  limits.rows = rows;
  w->input.order = order, w->input.window = window;
  must(gkt_row_patches_create(ctx, &w->input, &limits, &p, why), "patches");
  if (!p) fail_msg("%s", why);
  check_plan(w, p, &limits);
  gkt_row_patches_destroy(&p);
}

/* Records of what entries are made of in place of tensors. */
static void check_pairs(gkt_mesh *mesh, int degree, int components, int record, int tables, int sources) {
  patch_world w;
  make_patch_world(mesh, degree, components, 2, false, sources, &w);
  for (int k = 0; k < w.input.num_sources; k++) w.sources[k].own = w.sources[k].cells ? 7 + k : 0;
  w.input.pairs = record, w.input.record[0] = record, w.input.apart[0] = degree == 1 ? components : 0, w.input.tables = tables;
  check_world(&w, NULL, 24, 0);
  check_world(&w, NULL, 1024, 64);
  w.input.once = true;
  check_world(&w, NULL, 24, 16);
  free_patch_world(&w);
}

static void check_kinds(gkt_mesh *mesh, int degree, int components, int arity, bool half) {
  for (int sources = 1; sources <= 3; sources++) {
    patch_world w;
    uint32_t seed = 5;
    make_patch_world(gkt_mesh_retain(mesh), degree, components, arity, half, sources, &w);
    gkt_idx rows = w.reduce->pattern.num_nodes[0], *order = malloc((size_t)rows * sizeof *order);
    shuffle(rows, order, &seed);
    check_world(&w, NULL, 1, 0);
    check_world(&w, NULL, 24, 16);
    check_world(&w, order, 7, 0);
    check_world(&w, order, 1024, 128);
    w.input.once = half;
    check_world(&w, NULL, 24, 16);
    check_world(&w, order, 1024, 0);
    free(order);
    free_patch_world(&w);
  }
  gkt_mesh_destroy(&mesh);
}

static void every_mesh(void **state) {
  (void)state;
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED, .threads = 2});
  for (int m = 0; m < NUM_MESH_KINDS; m++) {
    const int n = mesh_kinds[m].fewest > 2 ? mesh_kinds[m].fewest : 2;
    check_kinds(renumbered(unit_mesh((mesh_kind)m, n), 3), 1, 1, 2, true);
    check_kinds(unit_mesh((mesh_kind)m, n), 1, 1, 1, false);
  }
}

static void spaces_and_blocks(void **state) {
  (void)state;
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED, .threads = 2});
  check_kinds(unit_mesh(TETRAHEDRA, 2), 2, 1, 2, true);
  check_kinds(unit_mesh(TETRAHEDRA, 2), 1, 3, 2, true);
  check_kinds(unit_mesh(TETRAHEDRA, 2), 1, 3, 2, false);
  check_kinds(unit_mesh(TRIANGLES, 3), 2, 2, 2, true);
  check_kinds(unit_mesh(MIXED_PLANE, 3), 2, 2, 1, false);
  check_kinds(unit_mesh(HEXAHEDRA, 2), 1, 3, 1, false);
  check_pairs(unit_mesh(TETRAHEDRA, 6), 1, 3, 14, 0, 1);
  check_pairs(unit_mesh(TETRAHEDRA, 3), 2, 3, 12, 495, 1);
  check_pairs(unit_mesh(TRIANGLES, 9), 1, 2, 9, 0, 1);
  check_pairs(unit_mesh(TETRAHEDRA, 4), 1, 3, 14, 0, 3); /* entities have records of their own */
  check_pairs(unit_mesh(TRIANGLES, 9), 1, 2, 9, 0, 2);
  check_pairs(unit_mesh(MIXED_SPACE, 3), 1, 3, 14, 0, 1); /* tensors of the other blocks */
}

/* A fan of triangles around one node: its row exceeds limits. */
static void what_does_not_fit(void **state) {
  (void)state;
  enum { BLADES = 40 };
  double coords[(BLADES + 1) * 2] = {0};
  gkt_idx cells[BLADES * 3];
  use_context((gkt_context_options){.poison = true, .reduce = GKT_REDUCE_SEGMENTED});
  for (int i = 0; i < BLADES; i++) {
    coords[2 * i + 2] = cos(2 * M_PI * i / BLADES), coords[2 * i + 3] = sin(2 * M_PI * i / BLADES);
    cells[3 * i] = 0, cells[3 * i + 1] = i + 1, cells[3 * i + 2] = (i + 1) % BLADES + 1;
  }
  gkt_mesh *mesh;
  must(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, BLADES + 1, coords, BLADES, cells, &mesh), "fan");
  patch_world w;
  make_patch_world(mesh, 1, 1, 2, true, 1, &w);
  const struct {
    gkt_patch_limits limits;
    const char *named;
  } cases[] = {{{1024, 40, 4096, 16384, 100000}, "node 0 of the rows alone has more nodes"},
               {{1024, 1024, 39, 16384, 100000}, "node 0 of the rows alone has more cells"},
               {{1024, 1024, 4096, 119, 100000}, "node 0 of the rows alone has more contributions"},
               {{1024, 1024, 4096, 16384, 1000}, "node 0 of the rows alone has more bytes of shared memory"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    gkt_row_patches *p = (gkt_row_patches *)&w;
    char why[200];
    must(gkt_row_patches_create(ctx, &w.input, &cases[k].limits, &p, why), "patches");
    assert_null(p);
    if (strncmp(why, cases[k].named, strlen(cases[k].named))) fail_msg("%s; expected: %s", why, cases[k].named);
  }
  check_world(&w, NULL, 1024, 0);
  free_patch_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_mesh), cmocka_unit_test(spaces_and_blocks), cmocka_unit_test(what_does_not_fit)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
