/* What a mesh from arrays must satisfy before anything computes on it. */
#include <math.h>

#include "meshes/group.h"

static gkt_status refuse_node(const gkt_mesh *m) {
  char text[GKT_LABEL];
  for (int b = 0; b < m->num_blocks; b++)
    for (gkt_size i = 0; i < (gkt_size)m->blocks[b].num_cells * m->blocks[b].nodes_per_cell; i++) {
      gkt_idx node = m->blocks[b].nodes[i];
      if (node >= 0 && node < m->num_nodes) continue;
      gkt_label_cell(NULL, m->blocks[b].first_cell + (gkt_idx)(i / m->blocks[b].nodes_per_cell), text);
      return gkt_mesh_refuse(m, NULL, "%s names node %d; nodes are 0 to %d", text, node, m->num_nodes - 1);
    }
  return GKT_OK;
}

static gkt_status check_indices(const gkt_mesh *m) {
  const gkt_cell_block *last = &m->blocks[m->num_blocks - 1];
  const gkt_size n = last->nodes + (gkt_size)last->num_cells * last->nodes_per_cell - m->cell_nodes;
  int threads = gkt_threads_for(m->ctx, n);
  uint32_t most = 0;
  bool *used = NULL;
  gkt_status status = GKT_OK;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(max : most)
  for (gkt_size i = 0; i < n; i++) most = (uint32_t)m->cell_nodes[i] > most ? (uint32_t)m->cell_nodes[i] : most; /* negative: huge */
  if (most >= (uint32_t)m->num_nodes) return refuse_node(m);
  GKT_TRY(gkt_calloc(m->ctx, m->num_nodes, sizeof *used, &used));
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_size i = 0; i < n; i++) {
#pragma omp atomic write
    used[m->cell_nodes[i]] = true;
  }
  for (gkt_idx i = 0; i < m->num_nodes && status == GKT_OK; i++)
    if (!used[i]) status = gkt_mesh_refuse(m, NULL, "node %d belongs to no cell", i);
  gkt_free(&used);
  return status;
}

static gkt_status check_coords(const gkt_mesh *m) {
  gkt_size n = (gkt_size)m->num_nodes * m->dim;
  for (gkt_size i = 0; i < n; i++)
    if (!isfinite(m->coords[i])) return gkt_mesh_refuse(m, NULL, "node %d has the coordinate %g; coordinates are finite numbers", (gkt_idx)(i / m->dim), m->coords[i]);
  return GKT_OK;
}

static gkt_status refuse_repeated(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx first, gkt_idx second) {
  char a[GKT_LABEL], b[GKT_LABEL];
  gkt_label_cell(labels, first, a);
  gkt_label_cell(labels, second, b);
  return gkt_mesh_refuse(m, labels, "%s repeats the vertices of %s", b, a);
}

/* Cells of different types have different numbers of vertices, so only those of one block can repeat each other. */
static gkt_status check_block(const gkt_mesh *m, const gkt_cell_block *block, const gkt_mesh_labels *labels) {
  gkt_cell_list list = {m->num_nodes, block->num_cells, block->nodes, block->nodes_per_cell, gkt_cell_topologies[block->cell].num_vertices};
  gkt_idx *start = NULL, *cells = NULL, *before = NULL, repeated;
  gkt_status status;
  GKT_GO(gkt_group_cells(m->ctx, &list, &start, &cells));
  GKT_GO(gkt_cells_find_repeated(m->ctx, &list, start, cells, NULL, &repeated));
  if (repeated < 0) goto done;
  GKT_GO(gkt_alloc(m->ctx, block->num_cells, sizeof *before, &before));
  GKT_GO(gkt_cells_find_repeated(m->ctx, &list, start, cells, before, &repeated));
  GKT_GO(refuse_repeated(m, labels, block->first_cell + before[repeated], block->first_cell + repeated));
done:
  gkt_free(&start);
  gkt_free(&cells);
  gkt_free(&before);
  return status;
}

gkt_status gkt_mesh_check_repeated(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  for (int b = 0; b < m->num_blocks; b++) GKT_TRY(check_block(m, &m->blocks[b], labels));
  return GKT_OK;
}

gkt_status gkt_mesh_check(gkt_mesh *m) {
  GKT_TRY(check_indices(m));
  GKT_TRY(check_coords(m));
  GKT_TRY(gkt_mesh_check_shapes(m, NULL));
  return gkt_mesh_check_repeated(m, NULL);
}
