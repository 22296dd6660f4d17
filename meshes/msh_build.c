/* From the lists of an MSH file to a mesh: the elements of the highest dimension are its cells. */
#include <math.h>

#include "meshes/msh.h"

void gkt_msh_label_element(const gkt_msh *f, int type, gkt_idx element, char *text, size_t size) {
  gkt_msh_cursor c = f->cursor;
  int64_t tag = 0;
  int short_tag = 0;
  c.at = f->elements[type].position[element];
  gkt_status status = f->version == 4 ? gkt_msh_count(&c, "", &tag) : gkt_msh_int(&c, "", &short_tag); /* was read before: cannot fail */
  if (status == GKT_OK && f->version != 4) tag = short_tag;
  if (c.binary) snprintf(text, size, "element %lld (byte %zu)", (long long)tag, c.token);
  else snprintf(text, size, "element %lld (line %lld)", (long long)tag, (long long)gkt_msh_line(&c, c.token));
}

static void label_cell(void *user, gkt_idx cell, char *text, size_t size) {
  gkt_msh_builder *b = user;
  const gkt_msh_cells *k = b->blocks;
  while (cell >= k->first + k->num_cells) k++;
  gkt_msh_label_element(b->f, k->type, k->from[cell - k->first], text, size);
}

static void label_node(void *user, gkt_idx node, char *text, size_t size) {
  gkt_msh_builder *b = user;
  snprintf(text, size, "node %lld", (long long)b->f->node_tags[b->node_from[node]]);
}

bool gkt_msh_is_cell_type(const gkt_msh_builder *b, int type) {
  for (int i = 0; i < b->num_blocks; i++)
    if (b->blocks[i].type == type) return true;
  return false;
}

static gkt_status choose_cells(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  b->dim = -1;
  for (int t = 0; t < GKT_MSH_TYPES; t++)
    if (f->elements[t].count > 0 && gkt_msh_types[t].dim > b->dim) b->dim = gkt_msh_types[t].dim;
  if (b->dim < 1) return gkt_fail(f->ctx, GKT_BAD_INPUT, "%s: the file holds no elements%s", f->cursor.name, b->dim < 0 ? "" : " but points");
  for (int t = 0; t < GKT_MSH_TYPES; t++) {
    if (f->elements[t].count == 0 || gkt_msh_types[t].dim != b->dim) continue;
    b->blocks[b->num_blocks++].type = t;
    if (gkt_msh_types[t].order != gkt_msh_types[b->blocks[0].type].order)
      return gkt_fail(f->ctx, GKT_UNAVAILABLE, "%s: cells of order 1 and of order 2 in one mesh are not available yet", f->cursor.name);
  }
  return GKT_OK;
}

static void renumber(const gkt_msh_builder *b, const gkt_msh_elements *cells, int nodes_per_cell) {
  const gkt_size n = (gkt_size)cells->count * nodes_per_cell;
  int threads = gkt_threads_for(b->f->ctx, n);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_size i = 0; i < n; i++) cells->nodes[i] = b->node_of[cells->nodes[i]];
}

static gkt_status number_nodes(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  GKT_TRY(gkt_alloc(f->ctx, f->num_nodes, sizeof *b->node_of, &b->node_of));
  GKT_TRY(gkt_alloc(f->ctx, f->num_nodes, sizeof *b->node_from, &b->node_from));
  for (gkt_idx i = 0; i < f->num_nodes; i++) b->node_of[i] = -1;
  for (int k = 0; k < b->num_blocks; k++) {
    const gkt_msh_elements *cells = &f->elements[b->blocks[k].type];
    gkt_size n = (gkt_size)cells->count * gkt_msh_types[b->blocks[k].type].num_nodes;
    int threads = gkt_threads_for(f->ctx, n);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (gkt_size i = 0; i < n; i++) {
#pragma omp atomic write
      b->node_of[cells->nodes[i]] = 0;
    }
  }
  gkt_idx unused = -1;
  for (gkt_idx i = 0; i < f->num_nodes; i++) {
    if (b->node_of[i] < 0 && unused < 0) unused = i;
    if (b->node_of[i] >= 0) b->node_from[b->num_nodes++] = i;
  }
  GKT_TRY(gkt_order_along_curve(f->ctx, GKT_MORTON, f->coords, b->num_nodes, b->node_from));
  for (gkt_idx i = 0; i < b->num_nodes; i++) b->node_of[b->node_from[i]] = i;
  for (int k = 0; k < b->num_blocks; k++) renumber(b, &f->elements[b->blocks[k].type], gkt_msh_types[b->blocks[k].type].num_nodes);
  if (unused >= 0)
    gkt_log(f->ctx, GKT_LOG_WARNING, "%s: %d nodes belong to no cell and are dropped, the first is node %lld", f->cursor.name, f->num_nodes - b->num_nodes,
            (long long)f->node_tags[unused]);
  return GKT_OK;
}

static gkt_status number_cells(gkt_msh_builder *b) {
  gkt_idx next = 0;
  for (int i = 0; i < b->num_blocks; i++) {
    gkt_msh_cells *k = &b->blocks[i];
    k->first = next;
    GKT_TRY(gkt_msh_number_cells(b, k));
    GKT_TRY(gkt_narrow(b->f->ctx, (gkt_size)next + k->num_cells, "cells", &next));
    for (gkt_idx e = 0; e < b->f->elements[k->type].count; e++) b->entities[k->type][e] += k->first;
  }
  return GKT_OK;
}

/* A line along y, a plate in x and z: a coordinate before d is constant. */
static gkt_status refuse_bent(const gkt_msh_builder *b, int d, const double least[3], const double most[3]) {
  static const char *const held[] = {"", "lines and no cells of higher dimension, so the mesh lies along x", "cells of dimension 2 and none of dimension 3, so the mesh is plane"};
  char turn[64] = "";
  for (int k = 0; k < b->dim; k++)
    if (most[k] - least[k] <= 1e-9 * (most[d] - least[d])) snprintf(turn, sizeof turn, "; or turn the mesh: %c is the same in all nodes", "xyz"[k]);
  return gkt_fail(b->f->ctx, GKT_BAD_INPUT, "%s: the file holds %s, but %c runs from %g to %g: it must be the same in all nodes (%s, or set Mesh.SaveAll%s)", b->f->cursor.name,
                  held[b->dim], "xyz"[d], least[d], most[d],
                  b -> dim == 2 ? "for a solid, save its volumes: put them into a physical group" : "for a plane or a solid, save its cells", turn);
}

/* Planes written through CAD kernels are flat to rounding only. */
static gkt_status check_plane(const gkt_msh_builder *b) {
  double least[3] = {INFINITY, INFINITY, INFINITY}, most[3] = {-INFINITY, -INFINITY, -INFINITY}, extent = 0;
  if (b->dim == 3) return GKT_OK;
  for (gkt_idx i = 0; i < b->num_nodes; i++)
    for (int d = 0; d < 3; d++) {
      double x = b->f->coords[3 * (gkt_size)b->node_from[i] + d];
      least[d] = fmin(least[d], x);
      most[d] = fmax(most[d], x);
    }
  for (int d = 0; d < b->dim; d++) extent = fmax(extent, most[d] - least[d]);
  for (int d = b->dim; d < 3; d++)
    if (!(most[d] - least[d] <= 1e-9 * extent)) return refuse_bent(b, d, least, most);
  return GKT_OK;
}

static void fill_cells(const gkt_msh_builder *b, const gkt_msh_cells *k, gkt_idx *cells) {
  const int n = gkt_msh_types[k->type].num_nodes, threads = gkt_threads_for(b->f->ctx, (gkt_size)k->num_cells * n);
  const gkt_idx *nodes = b->f->elements[k->type].nodes;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx c = 0; c < k->num_cells; c++)
    for (int i = 0; i < n; i++) cells[(gkt_size)c * n + i] = nodes[(gkt_size)k->from[c] * n + i];
}

static bool is_simplicial(const gkt_msh_builder *b) {
  for (int k = 0; k < b->num_blocks; k++)
    if (!gkt_cell_is_simplex(gkt_msh_types[b->blocks[k].type].cell)) return false;
  return true;
}

static gkt_status create_mesh(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES] = {{0}};
  for (int k = 0; k < b->num_blocks; k++) {
    const gkt_msh_type *t = &gkt_msh_types[b->blocks[k].type];
    blocks[k] = (gkt_cell_block){.cell = t->cell, .order = t->order, .num_cells = b->blocks[k].num_cells};
  }
  b->labels = (gkt_mesh_labels){.source = f->cursor.name, .user = b, .cell = label_cell, .node = label_node};
  GKT_TRY(gkt_mesh_allocate(f->ctx, b->dim, b->num_nodes, b->num_blocks, blocks, &b->mesh));
  const int threads = gkt_threads_for(f->ctx, (gkt_size)b->num_nodes * b->dim);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx i = 0; i < b->num_nodes; i++)
    for (int d = 0; d < b->dim; d++) b->mesh->coords[(gkt_size)i * b->dim + d] = f->coords[3 * (gkt_size)b->node_from[i] + d];
  for (int k = 0; k < b->num_blocks; k++) {
    fill_cells(b, &b->blocks[k], gkt_mesh_block_nodes(b->mesh, k));
    gkt_free(&b->f->elements[b->blocks[k].type].nodes); /* where an element stands in the file is enough for messages */
  }
  GKT_TRY(gkt_mesh_check_shapes(b->mesh, &b->labels));
  return b->dim > 1 && is_simplicial(b) ? GKT_OK : gkt_mesh_check_repeated(b->mesh, &b->labels); /* their facets will tell */
}

gkt_status gkt_msh_build(gkt_msh *f, gkt_mesh **out) {
  gkt_msh_builder b = {.f = f};
  gkt_status status;
  GKT_GO(choose_cells(&b));
  GKT_GO(number_nodes(&b));
  GKT_GO(number_cells(&b));
  GKT_GO(check_plane(&b));
  GKT_GO(create_mesh(&b));
  GKT_GO(gkt_msh_name_entities(&b));
  *out = b.mesh;
  b.mesh = NULL;
done:
  gkt_mesh_destroy(&b.mesh);
  gkt_free(&b.node_of);
  gkt_free(&b.node_from);
  for (int k = 0; k < b.num_blocks; k++) gkt_free(&b.blocks[k].from);
  for (int t = 0; t < GKT_MSH_TYPES; t++) gkt_free(&b.entities[t]);
  return status;
}
