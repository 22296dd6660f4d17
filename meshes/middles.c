/* The nodes of degree 2 of a mesh of order 1: its own nodes keep their numbers; then one in the middle of each edge (which keeps the edge's number behind the nodes), of each
   quadrilateral facet (3-D), of each cell that has one inside. */
#include "meshes/mesh.h"

/* numbers [num_entities(d)]: of the middles of dimension d, from *next on; -1: none. */
static gkt_status number_entities(const gkt_mesh *m, int d, gkt_size *next, gkt_idx **numbers) {
  gkt_idx narrow;
  GKT_TRY(gkt_alloc(m->ctx, m->num_entities[d], sizeof **numbers, numbers));
  for (gkt_idx i = 0; i < m->num_entities[d]; i++) (*numbers)[i] = -1;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    gkt_lagrange_node places[GKT_MAX_BASIS];
    int size = gkt_lagrange_size(block->cell, 2), per_cell = gkt_mesh_entities_per_cell(m, b, d);
    const gkt_idx *entities = gkt_mesh_cell_entities(m, b, d);
    gkt_lagrange_places(block->cell, 2, places);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0; i < size; i++)
        if (places[i].dim == d) (*numbers)[entities ? entities[(gkt_size)c * per_cell + places[i].entity] : block->first_cell + c] = 0;
  }
  for (gkt_idx i = 0; i < m->num_entities[d]; i++) {
    if ((*numbers)[i] < 0) continue;
    GKT_TRY(gkt_narrow(m->ctx, *next + 1, "nodes of a refined mesh", &narrow));
    (*numbers)[i] = (gkt_idx)(*next)++;
  }
  return GKT_OK;
}

static void list_block(const gkt_mesh *m, int b, const gkt_middles *q, gkt_idx *nodes) {
  const gkt_cell_block *block = &m->blocks[b];
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int size = gkt_lagrange_size(block->cell, 2);
  gkt_lagrange_places(block->cell, 2, places);
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int i = 0; i < size; i++) {
      int d = places[i].dim;
      const gkt_idx *entities = gkt_mesh_cell_entities(m, b, d);
      gkt_size at = (gkt_size)c * gkt_mesh_entities_per_cell(m, b, d) + places[i].entity;
      nodes[(gkt_size)c * size + i] = d == 0 ? block->nodes[(gkt_size)c * block->nodes_per_cell + i] : q->numbers[d][entities ? entities[at] : block->first_cell + c];
    }
}

/* A middle is the mean of the vertices of its edge, facet or cell; cells that share it find the same up to rounding, the last one counts. */
static void place_block(const gkt_mesh *m, int b, gkt_middles *q) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[b].cell];
  int size = gkt_lagrange_size(m->blocks[b].cell, 2);
  double xi[GKT_MAX_BASIS * 3], phi[8];
  gkt_lagrange_nodes(m->blocks[b].cell, 2, xi);
  for (int i = t->num_vertices; i < size; i++) {
    gkt_lagrange_values(m->blocks[b].cell, 1, xi + i * m->dim, phi);
    for (gkt_idx c = 0; c < m->blocks[b].num_cells; c++) {
      const gkt_idx *nodes = q->nodes[b] + (gkt_size)c * size;
      double *x = q->coords + (gkt_size)nodes[i] * m->dim;
      for (int d = 0; d < m->dim; d++) {
        x[d] = 0;
        for (int v = 0; v < t->num_vertices; v++) x[d] += phi[v] * m->coords[(gkt_size)nodes[v] * m->dim + d];
      }
    }
  }
}

gkt_status gkt_middles_create(gkt_mesh *m, gkt_middles *q) {
  gkt_size next = m->num_nodes, n = (gkt_size)m->num_nodes * m->dim;
  *q = (gkt_middles){0};
  GKT_TRY(gkt_mesh_topology(m));
  for (int d = 1; d <= m->dim; d++) GKT_TRY(number_entities(m, d, &next, &q->numbers[d]));
  q->num_nodes = (gkt_idx)next;
  GKT_TRY(gkt_alloc(m->ctx, next * m->dim, sizeof *q->coords, &q->coords));
  for (gkt_size i = 0; i < n; i++) q->coords[i] = m->coords[i];
  for (int b = 0; b < m->num_blocks; b++) {
    GKT_TRY(gkt_alloc(m->ctx, (gkt_size)m->blocks[b].num_cells * gkt_lagrange_size(m->blocks[b].cell, 2), sizeof *q->nodes[b], &q->nodes[b]));
    list_block(m, b, q, q->nodes[b]);
    place_block(m, b, q);
  }
  return GKT_OK;
}

void gkt_middles_destroy(gkt_middles *q) {
  for (int d = 0; d < 4; d++) gkt_free(&q->numbers[d]);
  for (int b = 0; b < GKT_NUM_CELL_TYPES; b++) gkt_free(&q->nodes[b]);
  gkt_free(&q->coords);
}
