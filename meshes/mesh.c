#include <stdarg.h>
#include <string.h>

#include "meshes/mesh.h"

void gkt_mesh_destroy(gkt_mesh **mesh) {
  gkt_mesh *m = *mesh;
  if (!m) return;
  for (int s = 0; s < m->num_sets; s++) gkt_free(&m->sets[s]);
  for (int d = 0; d < 4; d++) {
    gkt_free(&m->cell_entities[d]);
    gkt_free(&m->entity_vertices[d]);
    gkt_free(&m->tags[d].entities);
    gkt_free(&m->tags[d].tags);
  }
  gkt_free(&m->sets);
  gkt_free(&m->facets);
  gkt_free(&m->coords);
  gkt_free(&m->cell_nodes);
  gkt_free(&m->turned);
  gkt_free(mesh);
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

static gkt_status check_kind(gkt_context *ctx, gkt_cell_type cell, int order, int dim, gkt_idx num_nodes, gkt_idx num_cells) {
  if (cell < 0 || cell >= GKT_NUM_CELL_TYPES) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "cell type %d does not exist", (int)cell);
  const char *name = gkt_cell_topologies[cell].name;
  if (cell != GKT_TRIANGLE && cell != GKT_TETRAHEDRON) return gkt_fail(ctx, GKT_UNAVAILABLE, "a mesh of %s cells is not available yet (triangles and tetrahedra are)", name);
  if (order < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "geometry of order %d: expected 1 or 2", order);
  if (order > 2) return gkt_fail(ctx, GKT_UNAVAILABLE, "geometry of order %d is not available yet (1 and 2 are)", order);
  if (dim != gkt_cell_topologies[cell].dim) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of %s cells has dimension %d, not %d", name, gkt_cell_topologies[cell].dim, dim);
  if (num_nodes < 0 || num_cells < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a mesh of %d nodes and %d cells", num_nodes, num_cells);
  if (num_cells == 0) return gkt_fail(ctx, GKT_BAD_INPUT, "a mesh needs at least one cell");
  return GKT_OK;
}

gkt_status gkt_mesh_create(gkt_context *ctx, gkt_cell_type cell, int order, int dim, gkt_idx num_nodes, const double *coords, gkt_idx num_cells, const gkt_idx *cells,
                           const gkt_mesh_labels *labels, gkt_mesh **out) {
  gkt_mesh *m = NULL;
  gkt_status status;
  GKT_TRY(check_kind(ctx, cell, order, dim, num_nodes, num_cells));
  const gkt_cell_topology *topology = &gkt_cell_topologies[cell];
  int per_cell = topology->num_vertices + (order == 2 ? topology->num_edges : 0);
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *m, &m));
  *m = (gkt_mesh){.ctx = ctx, .dim = dim, .num_nodes = num_nodes, .num_cells = num_cells};
  m->num_entities[0] = num_nodes;
  m->num_entities[dim] = num_cells;
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_nodes * dim, sizeof *coords, &m->coords));
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_cells * per_cell, sizeof *cells, &m->cell_nodes));
  GKT_GO(gkt_calloc(ctx, num_cells, sizeof *m->turned, &m->turned));
  memcpy(m->coords, coords, (size_t)num_nodes * (size_t)dim * sizeof *coords);
  memcpy(m->cell_nodes, cells, (size_t)num_cells * (size_t)per_cell * sizeof *cells);
  m->block = (gkt_cell_block){.cell = cell, .order = order, .nodes_per_cell = per_cell, .num_cells = num_cells, .nodes = m->cell_nodes};
  GKT_GO(gkt_mesh_check(m, labels));
  *out = m;
  return GKT_OK;
done:
  gkt_mesh_destroy(&m);
  return status;
}

gkt_status gkt_mesh_from_arrays(gkt_context *ctx, gkt_cell_type cell, int order, int dim, gkt_idx num_nodes, const double *coords, gkt_idx num_cells, const gkt_idx *cells,
                                gkt_mesh **out) {
  return gkt_mesh_create(ctx, cell, order, dim, num_nodes, coords, num_cells, cells, NULL, out);
}

int gkt_mesh_dim(const gkt_mesh *m) { return m->dim; }
gkt_idx gkt_mesh_num_nodes(const gkt_mesh *m) { return m->num_nodes; }
gkt_idx gkt_mesh_num_cells(const gkt_mesh *m) { return m->num_cells; }
const double *gkt_mesh_coords(const gkt_mesh *m) { return m->coords; }
double *gkt_mesh_coords_mutable(gkt_mesh *m) { return m->coords; }
int gkt_mesh_num_blocks(const gkt_mesh *m) { return m->num_cells > 0; }
const gkt_cell_block *gkt_mesh_block(const gkt_mesh *m, int block) { return block == 0 ? &m->block : NULL; }
