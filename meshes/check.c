/* What every mesh must satisfy before anything computes on it. */
#include <math.h>

#include "meshes/mesh.h"

static gkt_status check_nodes(const gkt_mesh *m, const gkt_cell_block *block, bool *used, const gkt_mesh_labels *labels) {
  gkt_size n = (gkt_size)block->num_cells * block->nodes_per_cell;
  char text[GKT_LABEL];
  for (gkt_size i = 0; i < n; i++) {
    gkt_idx node = block->nodes[i];
    if (node >= 0 && node < m->num_nodes) {
      used[node] = true;
      continue;
    }
    gkt_label_cell(labels, block->first_cell + (gkt_idx)(i / block->nodes_per_cell), text);
    return gkt_mesh_refuse(m, labels, "%s names node %d; nodes are 0 to %d", text, node, m->num_nodes - 1);
  }
  return GKT_OK;
}

static gkt_status check_indices(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  char text[GKT_LABEL];
  bool *used = NULL;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_nodes, sizeof *used, &used));
  for (int b = 0; b < m->num_blocks; b++) GKT_GO(check_nodes(m, &m->blocks[b], used, labels));
  for (gkt_idx i = 0; i < m->num_nodes; i++) {
    if (used[i]) continue;
    gkt_label_node(labels, i, text);
    GKT_GO(gkt_mesh_refuse(m, labels, "%s belongs to no cell", text));
  }
done:
  gkt_free(&used);
  return status;
}

static gkt_status check_coords(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  gkt_size n = (gkt_size)m->num_nodes * m->dim;
  for (gkt_size i = 0; i < n; i++) {
    if (isfinite(m->coords[i])) continue;
    char text[GKT_LABEL];
    gkt_label_node(labels, (gkt_idx)(i / m->dim), text);
    return gkt_mesh_refuse(m, labels, "%s has the coordinate %g; coordinates are finite numbers", text, m->coords[i]);
  }
  return GKT_OK;
}

static gkt_status refuse_duplicate(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx first, gkt_idx second) {
  char a[GKT_LABEL], b[GKT_LABEL];
  gkt_label_cell(labels, first, a);
  gkt_label_cell(labels, second, b);
  return gkt_mesh_refuse(m, labels, "%s repeats the vertices of %s", b, a);
}

/* Cells of different types have different numbers of vertices, so only those of one block can repeat each other. */
static gkt_status check_duplicates(const gkt_mesh *m, const gkt_cell_block *block, const gkt_mesh_labels *labels) {
  int k = gkt_cell_topologies[block->cell].num_vertices;
  gkt_idx *tuples = NULL, *numbers = NULL, *first = NULL, distinct;
  gkt_status status;
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)block->num_cells * k, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(m->ctx, block->num_cells, sizeof *numbers, &numbers));
  for (gkt_idx c = 0; c < block->num_cells; c++) {
    for (int i = 0; i < k; i++) tuples[(gkt_size)c * k + i] = block->nodes[(gkt_size)c * block->nodes_per_cell + i];
    gkt_tuple_sort(k, tuples + (gkt_size)c * k);
  }
  GKT_GO(gkt_tuples_number(m->ctx, m->num_nodes, k, block->num_cells, tuples, numbers, &distinct));
  if (distinct == block->num_cells) goto done;
  GKT_GO(gkt_calloc(m->ctx, distinct, sizeof *first, &first));
  for (gkt_idx c = 0; c < block->num_cells; c++) {
    if (first[numbers[c]]) GKT_GO(refuse_duplicate(m, labels, block->first_cell + first[numbers[c]] - 1, block->first_cell + c));
    first[numbers[c]] = c + 1;
  }
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  gkt_free(&first);
  return status;
}

gkt_status gkt_mesh_check(gkt_mesh *m, const gkt_mesh_labels *labels) {
  GKT_TRY(check_indices(m, labels));
  GKT_TRY(check_coords(m, labels));
  GKT_TRY(gkt_mesh_check_shapes(m, labels));
  for (int b = 0; b < m->num_blocks; b++) GKT_TRY(check_duplicates(m, &m->blocks[b], labels));
  return GKT_OK;
}
