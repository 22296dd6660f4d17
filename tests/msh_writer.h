/* Writes small MSH files for tests: a mesh of order 1 of any cells with sides as one of order 1 or 2, with regions, an edge and a corner, in version 2.2 or 4.1, as text or
   binary. Nodes stand in Gmsh's order, given here by the vertices of their edges and facets as in its reference manual ("Node ordering"). */
#ifndef GKT_TESTS_MSH_WRITER_H
#define GKT_TESTS_MSH_WRITER_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"

typedef struct {
  char *data;
  size_t length, capacity;
  bool v4, binary;
} msh_file;

static void put(msh_file *f, const void *bytes, size_t n) {
  if (f->length + n > f->capacity) f->data = realloc(f->data, f->capacity = 2 * f->capacity + n);
  memcpy(f->data + f->length, bytes, n);
  f->length += n;
}
static void put_text(msh_file *f, const char *text) { put(f, text, strlen(text)); }
static void put_number(msh_file *f, const char *format, double x) {
  char text[64];
  put(f, text, (size_t)snprintf(text, sizeof text, format, x));
}
static void put_int(msh_file *f, int x) {
  if (f->binary) put(f, &x, sizeof x);
  else put_number(f, "%.0f ", x);
}
static void put_size(msh_file *f, int64_t x) { /* 4 bytes in version 2.2 */
  if (f->binary && f->v4) put(f, &x, sizeof x);
  else put_int(f, (int)x);
}
static void put_double(msh_file *f, double x) {
  if (f->binary) put(f, &x, sizeof x);
  else put_number(f, "%.17g ", x);
}
static void put_line(msh_file *f) {
  if (!f->binary) put_text(f, "\n");
}

/* Elements of one entity. */
typedef struct {
  int dim, entity, num_physicals, physicals[2];
  gkt_idx count;
  gkt_idx *items; /* numbers of the mesh's entities */
} msh_block;

static int64_t node_tag(gkt_idx node) { return node % 2 ? 1000000007 + 3 * (int64_t)node : 3 * (int64_t)node + 5; }

static const char *const gmsh_edges[GKT_NUM_CELL_TYPES] = {
    "", "01", "01 12 20", "01 12 23 30", "01 12 20 30 23 13", "01 03 04 12 15 23 26 37 45 47 56 67", "01 02 03 12 14 25 34 35 45", "01 03 04 12 14 23 24 34"};
static const char *const gmsh_facets[GKT_NUM_CELL_TYPES] = {[GKT_HEXAHEDRON] = "0321 0154 0473 1265 2376 4567", [GKT_PRISM] = "0143 0352 1254", [GKT_PYRAMID] = "0321"};
static const int gmsh_types[2][GKT_NUM_CELL_TYPES] = {{15, 1, 2, 3, 4, 5, 6, 7}, {15, 8, 9, 10, 11, 12, 13, 14}};

/* Its number and type, the nodes in our order. */
static int item_nodes(const gkt_mesh *m, const gkt_middles *q, int order, int dim, gkt_idx item, gkt_cell_type *type, gkt_idx nodes[27]) {
  if (dim == 0) {
    *type = GKT_POINT_CELL;
    nodes[0] = item;
    return 1;
  }
  if (dim == gkt_mesh_dim(m)) {
    int b = gkt_mesh_block_of(m, item), n;
    *type = gkt_mesh_block(m, b)->cell;
    n = gkt_lagrange_size(*type, order);
    memcpy(nodes, order == 1 ? gkt_mesh_nodes_of(m, item) : q->nodes[b] + (item - gkt_mesh_block(m, b)->first_cell) * n, (size_t)n * sizeof *nodes);
    return n;
  }
  int n = 2;
  if (dim == 1) memcpy(nodes, gkt_mesh_entity_vertices(m, 1) + 2 * item, 2 * sizeof *nodes);
  else n = gkt_mesh_facet_ring(m, item, nodes);
  *type = n == 2 ? GKT_LINE : n == 3 ? GKT_TRIANGLE : GKT_QUADRILATERAL;
  if (order == 1) return n;
  if (n == 2) nodes[2] = q->numbers[1][item];
  for (int e = 0; n > 2 && e < n; e++) nodes[n + e] = q->numbers[1][gkt_mesh_entity_find(m, 1, 2, (gkt_idx[]){nodes[e], nodes[(e + 1) % n]})];
  if (n == 4) nodes[8] = q->numbers[2][item];
  return n == 2 ? 3 : n == 3 ? 6 : 9;
}

static int bits(int count, const int *vertices) {
  int mask = 0;
  for (int i = 0; i < count; i++) mask |= 1 << vertices[i];
  return mask;
}

/* The node in the middle of the edge or facet with these vertices. */
static gkt_idx middle_of(gkt_cell_type type, const gkt_idx *nodes, const char *vertices, int count) {
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int wanted = 0;
  for (int i = 0; i < count; i++) wanted |= 1 << (vertices[i] - '0');
  gkt_lagrange_places(type, 2, places);
  for (int i = t->num_vertices; i < gkt_lagrange_size(type, 2); i++) {
    if (type == GKT_LINE) return nodes[2];
    if (places[i].dim == 1 && count == 2 && bits(2, t->edges[places[i].entity]) == wanted) return nodes[i];
    if (places[i].dim == 2 && t->dim == 3 && count == 4 && bits(4, t->facets[places[i].entity]) == wanted) return nodes[i];
  }
  abort();
}

static void put_item(msh_file *f, gkt_cell_type type, int order, int count, const gkt_idx *nodes) {
  int vertices = gkt_cell_topologies[type].num_vertices, written = vertices;
  for (int i = 0; i < vertices; i++) put_size(f, node_tag(nodes[i]));
  if (order == 1 || type == GKT_POINT_CELL) return;
  for (const char *e = gmsh_edges[type]; *e; e += e[2] ? 3 : 2, written++) put_size(f, node_tag(middle_of(type, nodes, e, 2)));
  for (const char *e = gmsh_facets[type]; e && *e; e += e[4] ? 5 : 4, written++) put_size(f, node_tag(middle_of(type, nodes, e, 4)));
  if (written < count) put_size(f, node_tag(nodes[count - 1])); /* inside */
}

static void put_coords(msh_file *f, const gkt_mesh *m, const double *x, gkt_idx node) {
  int dim = gkt_mesh_dim(m);
  for (int d = 0; d < 3; d++) put_double(f, d >= dim ? 0.25 : x[dim * node + d]); /* a plane above the origin */
}

static void put_nodes(msh_file *f, const gkt_mesh *m, const double *x, gkt_idx count) {
  put_text(f, "$Nodes\n");
  if (!f->v4) put_number(f, "%.0f\n", count);
  gkt_idx first = f->v4 ? count / 3 : count; /* two blocks in 4.1 */
  if (f->v4) {
    put_size(f, 2), put_size(f, count), put_size(f, 1), put_size(f, node_tag(count));
    put_line(f);
  }
  for (gkt_idx begin = 0, end = first; begin < count; begin = end, end = count) {
    if (f->v4) {
      put_int(f, gkt_mesh_dim(m)), put_int(f, 1), put_int(f, 0), put_size(f, end - begin);
      put_line(f);
      for (gkt_idx i = begin; i < end; i++) put_size(f, node_tag(i)), put_line(f);
    }
    for (gkt_idx i = begin; i < end; i++) {
      if (!f->v4) put_int(f, (int)node_tag(i));
      put_coords(f, m, x, i);
      put_line(f);
    }
  }
  put_text(f, "\n$EndNodes\n");
}

static void put_entities(msh_file *f, int num_blocks, const msh_block *blocks) {
  put_text(f, "$Entities\n");
  for (int d = 0; d < 4; d++) {
    int n = 0;
    for (int b = 0; b < num_blocks; b++) n += blocks[b].dim == d;
    put_size(f, n);
  }
  put_line(f);
  for (int d = 0; d < 4; d++)
    for (int b = 0; b < num_blocks; b++) {
      if (blocks[b].dim != d) continue;
      put_int(f, blocks[b].entity);
      for (int i = 0; i < (d == 0 ? 3 : 6); i++) put_double(f, 0.5 * i);
      put_size(f, blocks[b].num_physicals);
      for (int p = 0; p < blocks[b].num_physicals; p++) put_int(f, p == 1 ? -blocks[b].physicals[p] : blocks[b].physicals[p]);
      if (d > 0) put_size(f, 2), put_int(f, 1), put_int(f, -1);
      put_line(f);
    }
  put_text(f, "\n$EndEntities\n");
}

/* Those of one type, which Gmsh keeps apart; returns how many. */
static gkt_idx put_type(msh_file *f, const gkt_mesh *m, const gkt_middles *q, int order, const msh_block *block, gkt_cell_type wanted, int physical, gkt_idx *tag,
                        bool only_count) {
  gkt_idx nodes[27], count = 0;
  gkt_cell_type type;
  for (gkt_idx i = 0; i < block->count; i++) {
    int n = item_nodes(m, q, order, block->dim, block->items[i], &type, nodes);
    count += type == wanted;
    if (only_count || type != wanted) continue;
    put_size(f, ++*tag);
    if (!f->v4 && !f->binary) put_int(f, gmsh_types[order - 1][type]), put_int(f, 2);
    if (!f->v4) put_int(f, block->num_physicals > 0 ? block->physicals[physical] : 0), put_int(f, block->entity);
    put_item(f, type, order, n, nodes);
    put_line(f);
  }
  return count;
}

static int repetitions(const msh_file *f, const msh_block *block) { return f->v4 || block->num_physicals < 1 ? 1 : block->num_physicals; }

static void put_elements(msh_file *f, const gkt_mesh *m, const gkt_middles *q, int order, int num_blocks, const msh_block *blocks) {
  gkt_idx total = 0, tag = 0, runs = 0;
  for (int b = 0; b < num_blocks; b++) {
    total += blocks[b].count * repetitions(f, &blocks[b]);
    for (int type = 0; type < GKT_NUM_CELL_TYPES; type++) runs += put_type(f, m, q, order, &blocks[b], (gkt_cell_type)type, 0, NULL, true) > 0;
  }
  put_text(f, "$Elements\n");
  if (f->v4) put_size(f, runs), put_size(f, total), put_size(f, 1), put_size(f, total), put_line(f);
  else put_number(f, "%.0f\n", total);
  for (int b = 0; b < num_blocks; b++)
    for (int p = 0; p < repetitions(f, &blocks[b]); p++)
      for (int type = 0; type < GKT_NUM_CELL_TYPES; type++) {
        gkt_idx count = put_type(f, m, q, order, &blocks[b], (gkt_cell_type)type, p, NULL, true);
        if (count == 0) continue;
        if (f->v4) put_int(f, blocks[b].dim), put_int(f, blocks[b].entity), put_int(f, gmsh_types[order - 1][type]), put_size(f, count), put_line(f);
        else if (f->binary) put_int(f, gmsh_types[order - 1][type]), put_int(f, count), put_int(f, 2);
        put_type(f, m, q, order, &blocks[b], (gkt_cell_type)type, p, &tag, false);
      }
  put_text(f, "\n$EndElements\n");
}

static void put_format(msh_file *f) {
  put_text(f, f->v4 ? "$MeshFormat\n4.1 " : "$MeshFormat\n2.2 ");
  put_text(f, f->binary ? "1 8\n" : "0 8\n");
  if (f->binary) put_int(f, 1);
  put_text(f, f->binary ? "\n$EndMeshFormat\n" : "$EndMeshFormat\n");
}

/* Groups: cells `solid` = entities 1 and 2, `half` = 2 (overlapping); facets `inlet` (left side) and 7 without a name (right side);
   `rim`, an edge of 3-D boxes; `corner`, node 0; `nothing`, a name without elements. */
static msh_file write_msh(gkt_mesh *m, int order, bool v4, bool binary) {
  msh_file f = {.v4 = v4, .binary = binary};
  gkt_middles q;
  int dim = gkt_mesh_dim(m);
  gkt_idx n = gkt_mesh_num_cells(m), *all = malloc((size_t)n * sizeof *all), edge = 0, node = 0;
  char names[256];
  for (gkt_idx i = 0; i < n; i++) all[i] = i;
  if (!all || gkt_middles_create(m, &q) != GKT_OK) abort();
  const gkt_mesh_set *left = gkt_mesh_find_set(m, "left"), *right = gkt_mesh_find_set(m, "right"), *top = gkt_mesh_find_set(m, dim > 1 ? "top" : "right");
  msh_block blocks[] = {{0, 1, 1, {1}, 1, &node},
                        {dim - 1, 11, 1, {3}, left->count, (gkt_idx *)left->entities},
                        {dim - 1, 12, 1, {7}, right->count, (gkt_idx *)right->entities},
                        {dim - 1, 13, 0, {0}, top->count, (gkt_idx *)top->entities},
                        {dim, 1, 1, {1}, n / 3, all},
                        {dim, 2, 2, {1, 2}, n - n / 3, all + n / 3},
                        {1, 5, 1, {4}, 1, &edge}};
  int num_blocks = dim == 3 ? 7 : 6, put_names;
  put_format(&f);
  put_names = snprintf(names, sizeof names, "$PhysicalNames\n%d\n0 1 \"corner\"\n%d 3 \"inlet\"\n%d 1 \"solid\"\n%d 2 \"half\"\n%d 9 \"nothing\"\n%s$EndPhysicalNames\n",
                       dim == 3 ? 6 : 5, dim - 1, dim, dim, dim, dim == 3 ? "1 4 \"the rim\"\n" : "");
  put(&f, names, (size_t)put_names);
  if (v4) put_entities(&f, num_blocks, blocks);
  put_nodes(&f, m, q.coords, order == 2 ? q.num_nodes : gkt_mesh_num_nodes(m));
  put_elements(&f, m, &q, order, num_blocks, blocks);
  gkt_middles_destroy(&q);
  free(all);
  return f;
}
#endif
