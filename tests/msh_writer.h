/* Writes small MSH files for tests: a box with regions, sides, an edge and a corner, in version 2.2 or 4.1, as text or binary, of order 1 or 2. */
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
  gkt_idx *items; /* numbers of the box's entities */
} msh_block;

static int64_t node_tag(gkt_idx node) { return node % 2 ? 1000000007 + 3 * (int64_t)node : 3 * (int64_t)node + 5; }

/* Nodes of item i: vertices, then for order 2 the midpoints num_nodes + edge, in Gmsh's order. */
static int item_nodes(const gkt_mesh *m, int order, int dim, gkt_idx item, int64_t *tags) {
  static const int pairs[4][6][2] = {{{0}}, {{0, 1}}, {{0, 1}, {1, 2}, {2, 0}}, {{0, 1}, {1, 2}, {2, 0}, {3, 0}, {2, 3}, {1, 3}}};
  static const int num_pairs[4] = {0, 1, 3, 6};
  gkt_idx v[4] = {item};
  int n = dim + 1;
  if (dim > 0) memcpy(v, dim == gkt_mesh_dim(m) ? gkt_mesh_block(m, 0)->nodes + n * item : gkt_mesh_entity_vertices(m, dim) + n * item, (size_t)n * sizeof *v);
  for (int i = 0; i < n; i++) tags[i] = node_tag(v[i]);
  for (int e = 0; order == 2 && e < num_pairs[dim]; e++)
    tags[n++] = node_tag(gkt_mesh_num_nodes(m) + gkt_mesh_entity_find(m, 1, 2, (gkt_idx[]){v[pairs[dim][e][0]], v[pairs[dim][e][1]]}));
  return n;
}

static void put_coords(msh_file *f, const gkt_mesh *m, gkt_idx node) {
  int dim = gkt_mesh_dim(m);
  gkt_idx n = gkt_mesh_num_nodes(m);
  for (int d = 0; d < 3; d++) {
    const double *x = gkt_mesh_coords(m);
    if (d >= dim) put_double(f, 0.25); /* a plane above the origin */
    else if (node < n) put_double(f, x[dim * node + d]);
    else put_double(f, 0.5 * (x[dim * gkt_mesh_entity_vertices(m, 1)[2 * (node - n)] + d] + x[dim * gkt_mesh_entity_vertices(m, 1)[2 * (node - n) + 1] + d]));
  }
}

static void put_nodes(msh_file *f, const gkt_mesh *m, gkt_idx count) {
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
      put_coords(f, m, i);
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

static void put_elements(msh_file *f, const gkt_mesh *m, int order, int num_blocks, const msh_block *blocks) {
  static const int types[3][4] = {{0}, {15, 1, 2, 4}, {15, 8, 9, 11}};
  gkt_idx total = 0, tag = 0;
  int64_t nodes[10];
  for (int b = 0; b < num_blocks; b++) total += blocks[b].count * (f->v4 || blocks[b].num_physicals < 1 ? 1 : blocks[b].num_physicals);
  put_text(f, "$Elements\n");
  if (f->v4) put_size(f, num_blocks), put_size(f, total), put_size(f, 1), put_size(f, total);
  else put_number(f, "%.0f\n", total);
  if (f->v4) put_line(f);
  for (int b = 0; b < num_blocks; b++) {
    const msh_block *block = &blocks[b];
    int type = types[order][block->dim];
    if (f->v4) put_int(f, block->dim), put_int(f, block->entity), put_int(f, type), put_size(f, block->count), put_line(f);
    for (int p = 0; p < (f->v4 || block->num_physicals < 1 ? 1 : block->num_physicals); p++) {
      if (!f->v4 && f->binary) put_int(f, type), put_int(f, block->count), put_int(f, 2);
      for (gkt_idx i = 0; i < block->count; i++) {
        int n = item_nodes(m, order, block->dim, block->items[i], nodes);
        put_size(f, ++tag);
        if (!f->v4 && !f->binary) put_int(f, type), put_int(f, 2);
        if (!f->v4) put_int(f, block->num_physicals > 0 ? block->physicals[p] : 0), put_int(f, block->entity);
        for (int j = 0; j < n; j++) put_size(f, nodes[j]);
        put_line(f);
      }
    }
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
static msh_file write_msh(const gkt_mesh *m, int order, bool v4, bool binary) {
  msh_file f = {.v4 = v4, .binary = binary};
  int dim = gkt_mesh_dim(m);
  gkt_idx n = gkt_mesh_num_cells(m), *all = malloc((size_t)n * sizeof *all), edge = 0, node = 0;
  char names[256];
  for (gkt_idx i = 0; i < n; i++) all[i] = i;
  const gkt_mesh_set *left = gkt_mesh_find_set(m, "left"), *right = gkt_mesh_find_set(m, "right"), *top = gkt_mesh_find_set(m, "top");
  msh_block blocks[] = {{0, 1, 1, {1}, 1, &node},
                        {dim - 1, 11, 1, {3}, left->count, (gkt_idx *)left->entities},
                        {dim - 1, 12, 1, {7}, right->count, (gkt_idx *)right->entities},
                        {dim - 1, 13, 0, {0}, top->count, (gkt_idx *)top->entities},
                        {dim, 1, 1, {1}, n / 3, all},
                        {dim, 2, 2, {1, 2}, n - n / 3, all + n / 3},
                        {1, 5, 1, {4}, 1, &edge}};
  int num_blocks = dim == 3 ? 7 : 6;
  put_format(&f);
  snprintf(names, sizeof names, "$PhysicalNames\n%d\n0 1 \"corner\"\n%d 3 \"inlet\"\n%d 1 \"solid\"\n%d 2 \"half\"\n%d 9 \"nothing\"\n%s$EndPhysicalNames\n", dim + 3, dim - 1, dim,
           dim, dim, dim == 3 ? "1 4 \"the rim\"\n" : "");
  put_text(&f, names);
  if (v4) put_entities(&f, num_blocks, blocks);
  put_nodes(&f, m, gkt_mesh_num_nodes(m) + (order == 2 ? gkt_mesh_num_entities(m, 1) : 0));
  put_elements(&f, m, order, num_blocks, blocks);
  free(all);
  return f;
}
#endif
