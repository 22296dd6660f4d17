/* Uniform refinement at the nodes of degree 2: lines into 2, triangles and quadrilaterals into 4, tetrahedra, hexahedra and prisms into 8, pyramids into 6 pyramids and 4
   tetrahedra. Parts of an edge or facet do not depend on the cell, so mixtures stay conforming. The inner octahedron of a tetrahedron is cut along the diagonal from the
   midpoint of 02 to that of 13, and the children are numbered as below; then no number of refinements gives more than three shapes from one tetrahedron (J. Bey, Tetrahedral
   grid refinement, Computing 55, 1995). */
#include "meshes/mesh.h"

enum { MOST_PARTS = 10 };

/* By nodes of degree 2 of the parent (lagrange.h). */
static const struct {
  int num_parts;
  int8_t parts[8][8];
} tables[GKT_NUM_CELL_TYPES] = {
    [GKT_LINE] = {2, {{0, 2}, {2, 1}}},
    [GKT_TRIANGLE] = {4, {{0, 3, 5}, {3, 1, 4}, {5, 4, 2}, {3, 4, 5}}},
    [GKT_QUADRILATERAL] = {4, {{0, 4, 8, 7}, {4, 1, 5, 8}, {8, 5, 2, 6}, {7, 8, 6, 3}}},
    [GKT_TETRAHEDRON] = {8, {{0, 4, 6, 7}, {4, 1, 5, 8}, {6, 5, 2, 9}, {7, 8, 9, 3}, {4, 6, 7, 8}, {4, 6, 5, 8}, {6, 7, 8, 9}, {6, 5, 8, 9}}},
    [GKT_HEXAHEDRON] = {8,
                        {{0, 8, 20, 11, 16, 22, 26, 25},
                         {8, 1, 9, 20, 22, 17, 23, 26},
                         {20, 9, 2, 10, 26, 23, 18, 24},
                         {11, 20, 10, 3, 25, 26, 24, 19},
                         {16, 22, 26, 25, 4, 12, 21, 15},
                         {22, 17, 23, 26, 12, 5, 13, 21},
                         {26, 23, 18, 24, 21, 13, 6, 14},
                         {25, 26, 24, 19, 15, 21, 14, 7}}},
    [GKT_PRISM] = {8,
                   {{0, 6, 8, 12, 15, 17},
                    {6, 1, 7, 15, 13, 16},
                    {8, 7, 2, 17, 16, 14},
                    {6, 7, 8, 15, 16, 17},
                    {12, 15, 17, 3, 9, 11},
                    {15, 13, 16, 9, 4, 10},
                    {17, 16, 14, 11, 10, 5},
                    {15, 16, 17, 9, 10, 11}}},
    [GKT_PYRAMID] = {6, {{0, 5, 13, 8, 9}, {5, 1, 6, 13, 10}, {13, 6, 2, 7, 11}, {8, 13, 7, 3, 12}, {9, 10, 11, 12, 4}, {9, 12, 11, 10, 13}}},
};
static const int8_t pyramid_tetrahedra[4][4] = {{5, 10, 9, 13}, {6, 11, 10, 13}, {7, 12, 11, 13}, {8, 9, 12, 13}};

typedef struct {
  gkt_mesh *mesh, *fine;
  gkt_middles middles;
  gkt_idx first_of[GKT_NUM_CELL_TYPES]; /* where the parts of a block's cells begin in `fine` */
  gkt_idx first_extra;                  /* where the tetrahedra of pyramids do */
} refinement;

/* The cells of one type in the finer mesh: the parts of those of its type, and of pyramids the tetrahedra. */
static gkt_size count_parts(const gkt_mesh *m, gkt_cell_type type) {
  gkt_size count = 0;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *k = &m->blocks[b];
    if (k->cell == type) count += (gkt_size)k->num_cells * tables[type].num_parts;
    if (k->cell == GKT_PYRAMID && type == GKT_TETRAHEDRON) count += 4 * (gkt_size)k->num_cells;
  }
  return count;
}

/* In the order of nodes that the numbering of children needs, which turned cells have lost. */
static void list_parts(const refinement *r, int b, int num_parts, int num_vertices, const int8_t *parts, int stride, gkt_idx *out) {
  const gkt_cell_block *k = &r->mesh->blocks[b];
  int size = gkt_lagrange_size(k->cell, 2), turned[GKT_MAX_BASIS];
  gkt_cell_turn(k->cell, 2, turned);
  for (gkt_idx c = 0; c < k->num_cells; c++) {
    const gkt_idx *nodes = r->middles.nodes[b] + (gkt_size)c * size;
    bool was_turned = r->mesh->turned[k->first_cell + c];
    for (int i = 0; i < num_parts; i++)
      for (int j = 0; j < num_vertices; j++) {
        int at = parts[i * stride + j];
        *out++ = nodes[was_turned ? turned[at] : at];
      }
  }
}

static gkt_status make_block(refinement *r, gkt_cell_type type, gkt_cell_block *out, gkt_idx **nodes) {
  const gkt_mesh *m = r->mesh;
  int vertices = gkt_cell_topologies[type].num_vertices;
  *out = (gkt_cell_block){.cell = type, .order = 1};
  GKT_TRY(gkt_narrow(m->ctx, count_parts(m, type), "cells of a refined mesh", &out->num_cells));
  GKT_TRY(gkt_alloc(m->ctx, (gkt_size)out->num_cells * vertices, sizeof **nodes, nodes));
  gkt_idx *next = *nodes;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *k = &m->blocks[b];
    if (k->cell == type) list_parts(r, b, tables[type].num_parts, vertices, tables[type].parts[0], 8, next);
    if (k->cell == type) next += (gkt_size)k->num_cells * tables[type].num_parts * vertices;
    if (k->cell == GKT_PYRAMID && type == GKT_TETRAHEDRON) list_parts(r, b, 4, 4, pyramid_tetrahedra[0], 4, next);
  }
  out->nodes = *nodes;
  return GKT_OK;
}

static gkt_status create_fine(refinement *r) {
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_idx *nodes[GKT_NUM_CELL_TYPES] = {NULL};
  int num_blocks = 0;
  gkt_status status = GKT_OK;
  for (int type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++) {
    if (!count_parts(r->mesh, (gkt_cell_type)type)) continue;
    GKT_GO(make_block(r, (gkt_cell_type)type, &blocks[num_blocks], &nodes[num_blocks]));
    num_blocks++;
  }
  GKT_GO(gkt_mesh_from_blocks(r->mesh->ctx, r->mesh->dim, r->middles.num_nodes, r->middles.coords, num_blocks, blocks, &r->fine));
done:
  for (int b = 0; b < GKT_NUM_CELL_TYPES; b++) gkt_free(&nodes[b]);
  return status;
}

static void find_blocks(refinement *r) {
  for (int b = 0; b < r->mesh->num_blocks; b++)
    for (int f = 0; f < r->fine->num_blocks; f++) {
      const gkt_cell_block *coarse = &r->mesh->blocks[b], *fine = &r->fine->blocks[f];
      if (coarse->cell == fine->cell) r->first_of[b] = fine->first_cell;
      if (coarse->cell == GKT_PYRAMID && fine->cell == GKT_TETRAHEDRON) r->first_extra = fine->first_cell + fine->num_cells - 4 * coarse->num_cells;
    }
}

static int parts_of_cell(const refinement *r, gkt_idx cell, gkt_idx parts[MOST_PARTS]) {
  int b = gkt_mesh_block_of(r->mesh, cell), count = 0;
  const gkt_cell_block *k = &r->mesh->blocks[b];
  gkt_idx c = cell - k->first_cell;
  int n = tables[k->cell].num_parts;
  for (int i = 0; i < n; i++) parts[count++] = r->first_of[b] + n * c + i;
  for (int i = 0; k->cell == GKT_PYRAMID && i < 4; i++) parts[count++] = r->first_extra + 4 * c + i;
  return count;
}

/* Nodes of degree 2 of an edge or facet: its vertices, the middles of its sides, that of a quadrilateral. */
static gkt_cell_type list_nodes(const refinement *r, int d, gkt_idx entity, gkt_idx nodes[9]) {
  const gkt_mesh *m = r->mesh;
  if (d == 1) {
    const gkt_idx *v = m->entity_vertices[1] + 2 * (gkt_size)entity;
    nodes[0] = v[0], nodes[1] = v[1], nodes[2] = r->middles.numbers[1][entity];
    return GKT_LINE;
  }
  int n = gkt_mesh_facet_ring(m, entity, nodes);
  for (int i = 0; i < n; i++) nodes[n + i] = r->middles.numbers[1][gkt_mesh_entity_find(m, 1, 2, (gkt_idx[]){nodes[i], nodes[(i + 1) % n]})];
  if (n == 4) nodes[8] = r->middles.numbers[2][entity];
  return n == 3 ? GKT_TRIANGLE : GKT_QUADRILATERAL;
}

/* Numbers in `fine` of the parts of an entity; returns how many. */
static int parts_of(const refinement *r, int d, gkt_idx entity, gkt_idx parts[MOST_PARTS]) {
  gkt_idx nodes[9], part[4];
  parts[0] = entity;
  if (d == 0) return 1;
  if (d == r->mesh->dim) return parts_of_cell(r, entity, parts);
  gkt_cell_type type = list_nodes(r, d, entity, nodes);
  int vertices = gkt_cell_topologies[type].num_vertices;
  for (int i = 0; i < tables[type].num_parts; i++) {
    for (int j = 0; j < vertices; j++) part[j] = nodes[tables[type].parts[i][j]];
    parts[i] = gkt_mesh_entity_find(r->fine, d, vertices, part);
  }
  return tables[type].num_parts;
}

static gkt_status carry_set(const refinement *r, const gkt_mesh_set *set) {
  gkt_idx *list = NULL, count = 0;
  if (set->places) return gkt_mesh_add_places(r->fine, set->name, set->count, set->places);
  if (set->dim == r->mesh->dim - 1 && gkt_mesh_find_set_of_dim(r->fine, set->name, set->dim)) return GKT_OK; /* `boundary` */
  GKT_TRY(gkt_alloc(r->mesh->ctx, (gkt_size)set->count * MOST_PARTS, sizeof *list, &list));
  for (gkt_idx i = 0; i < set->count; i++) count += parts_of(r, set->dim, set->entities[i], list + count);
  gkt_status status = gkt_mesh_add_set(r->fine, set->name, set->dim, count, list);
  gkt_free(&list);
  return status;
}

static gkt_status carry_tags(const refinement *r, int d) {
  const gkt_entity_tags *from = &r->mesh->tags[d];
  gkt_entity_tags *to = &r->fine->tags[d];
  gkt_idx narrow;
  GKT_TRY(gkt_narrow(r->mesh->ctx, (gkt_size)from->count * MOST_PARTS, "tags of a refined mesh", &narrow));
  GKT_TRY(gkt_alloc(r->mesh->ctx, narrow, sizeof *to->entities, &to->entities));
  GKT_TRY(gkt_alloc(r->mesh->ctx, narrow, sizeof *to->tags, &to->tags));
  for (gkt_idx i = 0; i < from->count; i++) {
    int n = parts_of(r, d, from->entities[i], to->entities + to->count);
    for (int j = 0; j < n; j++) to->tags[to->count++] = from->tags[i];
  }
  return GKT_OK;
}

static bool has_curves(const gkt_mesh *m) {
  bool any = m->tags[1].count > 0;
  for (int s = 0; s < m->num_sets; s++) any = any || m->sets[s]->dim == 1;
  return any;
}

static gkt_status carry_names(const refinement *r) {
  r->fine->has_own_boundary = r->mesh->has_own_boundary;
  GKT_TRY(gkt_mesh_find_facets(r->fine));
  if (r->mesh->dim == 3 && has_curves(r->mesh)) GKT_TRY(gkt_mesh_build_entities(r->fine, 1));
  for (int s = 0; s < r->mesh->num_sets; s++) GKT_TRY(carry_set(r, r->mesh->sets[s]));
  for (int i = 0; i < r->mesh->num_absent; i++) GKT_TRY(gkt_mesh_add_absent(r->fine, r->mesh->absent[i].name, r->mesh->absent[i].dim, r->mesh->absent[i].why));
  for (int d = 0; d <= r->mesh->dim; d++) GKT_TRY(carry_tags(r, d));
  return GKT_OK;
}

gkt_status gkt_mesh_refine(gkt_mesh *m, gkt_mesh **out) {
  refinement r = {.mesh = m};
  gkt_status status;
  if (m->blocks[0].order != 1) return gkt_fail(m->ctx, GKT_UNAVAILABLE, "refining a mesh of order %d is not available yet; order 1 is", m->blocks[0].order);
  GKT_GO(gkt_middles_create(m, &r.middles));
  GKT_GO(create_fine(&r));
  find_blocks(&r);
  GKT_GO(carry_names(&r));
  *out = r.fine;
  r.fine = NULL;
done:
  gkt_middles_destroy(&r.middles);
  gkt_mesh_destroy(&r.fine);
  return status;
}
