#include <stdarg.h>
#include <string.h>

#include "meshes/mesh.h"

gkt_mesh *gkt_mesh_retain(gkt_mesh *mesh) {
  gkt_refs_add(&mesh->refs);
  return mesh;
}

void gkt_mesh_destroy(gkt_mesh **mesh) {
  gkt_mesh *m = *mesh;
  *mesh = NULL;
  if (!m || !gkt_refs_drop(&m->refs)) return;
  for (int s = 0; s < m->num_sets; s++) gkt_free(&m->sets[s]);
  for (int i = 0; i < m->num_absent; i++) {
    gkt_free(&m->absent[i].name);
    gkt_free(&m->absent[i].why);
  }
  gkt_free(&m->absent);
  for (int d = 0; d < 4; d++) {
    gkt_free(&m->cell_entities[d]);
    gkt_free(&m->entity_vertices[d]);
    gkt_free(&m->first_entity[d]);
    gkt_free(&m->tags[d].entities);
    gkt_free(&m->tags[d].tags);
  }
  gkt_free(&m->sets);
  gkt_free(&m->facets);
  gkt_free(&m->coords);
  gkt_free(&m->cell_nodes);
  gkt_free(&m->turned);
  gkt_context_destroy(&m->ctx);
  gkt_free(&m);
}

void gkt_label_cell(const gkt_mesh_labels *labels, gkt_idx cell, char text[GKT_LABEL]) {
  if (labels) labels->cell(labels->user, cell, text, GKT_LABEL);
  else snprintf(text, GKT_LABEL, "cell %d", cell);
}

void gkt_label_node(const gkt_mesh_labels *labels, gkt_idx node, char text[GKT_LABEL]) {
  if (labels) labels->node(labels->user, node, text, GKT_LABEL);
  else snprintf(text, GKT_LABEL, "node %d", node);
}

gkt_status gkt_mesh_refuse(const gkt_mesh *m, const gkt_mesh_labels *labels, const char *format, ...) {
  char text[1536];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return gkt_fail(m->ctx, GKT_BAD_INPUT, "%s%s%s", labels ? labels->source : "", labels ? ": " : "", text);
}

static gkt_status check_block(gkt_context *ctx, int dim, const gkt_cell_block *b, int order) {
  if (b->cell < 0 || b->cell >= GKT_NUM_CELL_TYPES) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "cell type %d does not exist", (int)b->cell);
  const char *name = gkt_cell_topologies[b->cell].name;
  if (b->cell == GKT_POINT_CELL) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of points: expected lines or cells of higher dimension");
  if (b->order < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "geometry of order %d: expected 1 or 2", b->order);
  if (b->order > 2) return gkt_fail(ctx, GKT_UNAVAILABLE, "geometry of order %d is not available yet (1 and 2 are)", b->order);
  if (b->order != order) return gkt_fail(ctx, GKT_UNAVAILABLE, "cells of order %d and of order %d in one mesh are not available yet", order, b->order);
  if (dim != gkt_cell_topologies[b->cell].dim) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of %s cells has dimension %d, not %d", name, gkt_cell_topologies[b->cell].dim, dim);
  if (b->num_cells < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of %d %s cells", b->num_cells, name);
  return GKT_OK;
}

static gkt_status check_blocks(gkt_context *ctx, int dim, gkt_idx num_nodes, int num_blocks, const gkt_cell_block *blocks, gkt_idx *num_cells) {
  bool seen[GKT_NUM_CELL_TYPES] = {false};
  gkt_size count = 0;
  if (num_nodes < 0 || num_blocks < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of %d nodes and %d blocks of cells", num_nodes, num_blocks);
  for (int b = 0; b < num_blocks; b++) {
    GKT_TRY(check_block(ctx, dim, &blocks[b], blocks[0].order));
    if (seen[blocks[b].cell]) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "two blocks of %s cells: expected one for each type of cell", gkt_cell_topologies[blocks[b].cell].name);
    seen[blocks[b].cell] = true;
    count += blocks[b].num_cells;
  }
  if (count == 0) return gkt_fail(ctx, GKT_BAD_INPUT, "a mesh needs at least one cell");
  return gkt_narrow(ctx, count, "cells", num_cells);
}

/* Blocks by cell type, without the empty ones. */
static void list_blocks(gkt_mesh *m, int num_blocks, const gkt_cell_block *blocks) {
  for (int type = 0; type < GKT_NUM_CELL_TYPES; type++)
    for (int b = 0; b < num_blocks; b++) {
      if ((int)blocks[b].cell != type || blocks[b].num_cells == 0) continue;
      gkt_cell_block *own = &m->blocks[m->num_blocks++];
      *own = blocks[b];
      own->nodes_per_cell = gkt_lagrange_size(own->cell, own->order);
    }
}

static gkt_status allocate_cells(gkt_mesh *m) {
  gkt_size total = 0;
  gkt_idx first = 0, *at;
  for (int b = 0; b < m->num_blocks; b++) total += (gkt_size)m->blocks[b].num_cells * m->blocks[b].nodes_per_cell;
  GKT_TRY(gkt_alloc(m->ctx, total, sizeof *m->cell_nodes, &m->cell_nodes));
  at = m->cell_nodes;
  for (int b = 0; b < m->num_blocks; b++) {
    gkt_cell_block *block = &m->blocks[b];
    block->nodes = at;
    block->first_cell = first;
    first += block->num_cells;
    at += (gkt_size)block->num_cells * block->nodes_per_cell;
  }
  return GKT_OK;
}

gkt_status gkt_mesh_allocate(gkt_context *ctx, int dim, gkt_idx num_nodes, int num_blocks, const gkt_cell_block *blocks, gkt_mesh **out) {
  gkt_mesh *m = NULL;
  gkt_idx num_cells;
  gkt_status status;
  GKT_TRY(check_blocks(ctx, dim, num_nodes, num_blocks, blocks, &num_cells));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *m, &m));
  *m = (gkt_mesh){.ctx = gkt_context_retain(ctx), .dim = dim, .num_nodes = num_nodes, .num_cells = num_cells};
  m->num_entities[0] = num_nodes;
  m->num_entities[dim] = num_cells;
  list_blocks(m, num_blocks, blocks);
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_nodes * dim, sizeof *m->coords, &m->coords));
  GKT_GO(gkt_alloc(ctx, num_cells, sizeof *m->turned, &m->turned));
  GKT_GO(allocate_cells(m));
  *out = m;
  return GKT_OK;
done:
  gkt_mesh_destroy(&m);
  return status;
}

gkt_idx *gkt_mesh_block_nodes(gkt_mesh *m, int block) { return m->cell_nodes + (m->blocks[block].nodes - m->cell_nodes); }

/* Blocks come in any order, a mesh has them by type. */
static void copy_cells(gkt_mesh *m, int num_blocks, const gkt_cell_block *blocks) {
  for (int b = 0; b < m->num_blocks; b++)
    for (int from = 0; from < num_blocks; from++)
      if (blocks[from].cell == m->blocks[b].cell && blocks[from].num_cells > 0)
        memcpy(gkt_mesh_block_nodes(m, b), blocks[from].nodes, (size_t)m->blocks[b].num_cells * (size_t)m->blocks[b].nodes_per_cell * sizeof *m->cell_nodes);
}

gkt_status gkt_mesh_from_blocks(gkt_context *ctx, int dim, gkt_idx num_nodes, const double *coords, int num_blocks, const gkt_cell_block *blocks, gkt_mesh **out) {
  gkt_mesh *m = NULL;
  gkt_status status;
  GKT_TRY(gkt_mesh_allocate(ctx, dim, num_nodes, num_blocks, blocks, &m));
  memcpy(m->coords, coords, (size_t)num_nodes * (size_t)dim * sizeof *coords);
  copy_cells(m, num_blocks, blocks);
  GKT_GO(gkt_mesh_check(m));
  *out = m;
  return GKT_OK;
done:
  gkt_mesh_destroy(&m);
  return status;
}

gkt_status gkt_mesh_from_arrays(gkt_context *ctx, gkt_cell_type cell, int order, int dim, gkt_idx num_nodes, const double *coords, gkt_idx num_cells, const gkt_idx *cells,
                                gkt_mesh **out) {
  gkt_cell_block block = {.cell = cell, .order = order, .num_cells = num_cells, .nodes = cells};
  return gkt_mesh_from_blocks(ctx, dim, num_nodes, coords, 1, &block, out);
}

int gkt_mesh_dim(const gkt_mesh *m) { return m->dim; }
gkt_idx gkt_mesh_num_nodes(const gkt_mesh *m) { return m->num_nodes; }
gkt_idx gkt_mesh_num_cells(const gkt_mesh *m) { return m->num_cells; }
const double *gkt_mesh_coords(const gkt_mesh *m) { return m->coords; }
double *gkt_mesh_coords_mutable(gkt_mesh *m) {
  m->moves = true;
  return m->coords;
}
void gkt_mesh_set_coords(gkt_mesh *m, const double *coords) {
  memcpy(m->coords, coords, (size_t)m->num_nodes * m->dim * sizeof *coords);
  m->version++;
}
int gkt_mesh_num_blocks(const gkt_mesh *m) { return m->num_blocks; }
const gkt_cell_block *gkt_mesh_block(const gkt_mesh *m, int block) { return block >= 0 && block < m->num_blocks ? &m->blocks[block] : NULL; }

int gkt_mesh_block_of(const gkt_mesh *m, gkt_idx cell) {
  int b = 0;
  while (cell >= m->blocks[b].first_cell + m->blocks[b].num_cells) b++;
  return b;
}

const gkt_idx *gkt_mesh_nodes_of(const gkt_mesh *m, gkt_idx cell) {
  const gkt_cell_block *b = &m->blocks[gkt_mesh_block_of(m, cell)];
  return b->nodes + (gkt_size)(cell - b->first_cell) * b->nodes_per_cell;
}
