/* Which nodes of a space lie on the closure of a set of mesh entities. */
#include "assembly/space.h"

/* Bit i: vertex i of the cell. */
static unsigned vertex_mask(int count, const int *vertices) {
  unsigned mask = 0;
  for (int i = 0; i < count && vertices[i] >= 0; i++) mask |= 1u << vertices[i];
  return mask;
}

/* The vertices a local node belongs to: one, the two of its edge, or all (inside the cell). */
static unsigned node_mask(const gkt_cell_topology *cell, int degree, int node) {
  if (degree == 0) return (1u << cell->num_vertices) - 1;
  return node < cell->num_vertices ? 1u << node : vertex_mask(2, cell->edges[node - cell->num_vertices]);
}

/* The same for a local entity of dimension d; for d = 0 entities are the mesh's nodes, which geometry of order 2 also has on edges. */
static unsigned entity_mask(const gkt_cell_topology *cell, int d, int entity) {
  if (d == cell->dim) return (1u << cell->num_vertices) - 1;
  if (d == 0) return node_mask(cell, 2, entity);
  return d == cell->dim - 1 ? vertex_mask(4, cell->facets[entity]) : vertex_mask(2, cell->edges[entity]);
}

static int entities_in_cell(const gkt_cell_block *block, int d) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  return d == cell->dim ? 1 : d == 0 ? block->nodes_per_cell : d == cell->dim - 1 ? cell->num_facets : cell->num_edges;
}

static void mark_block(const gkt_space *space, int b, int d, const bool *chosen, bool *marked) {
  const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  const gkt_idx *entities = d == cell->dim ? NULL : d == 0 ? block->nodes : gkt_mesh_cell_entities(space->mesh, b, d);
  int per_cell = entities_in_cell(block, d), size = space->nodes_per_cell[b];
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int e = 0; e < per_cell; e++) {
      if (!chosen[entities ? entities[(gkt_size)c * per_cell + e] : block->first_cell + c]) continue;
      unsigned of_entity = entity_mask(cell, d, e);
      for (int i = 0; i < size; i++) {
        unsigned of_node = node_mask(cell, space->element.degree, i);
        bool inside = d == 0 ? of_node == of_entity : !(of_node & ~of_entity);
        if (inside) marked[space->cell_nodes[b][(gkt_size)c * size + i]] = true;
      }
    }
}

gkt_status gkt_space_nodes_on(const gkt_space *space, const gkt_mesh_set *set, gkt_idx *count, gkt_idx **out) {
  bool *chosen = NULL, *marked = NULL;
  gkt_idx *nodes = NULL, n = 0;
  gkt_status status;
  GKT_GO(gkt_mesh_topology(space->mesh));
  GKT_GO(gkt_calloc(space->ctx, gkt_mesh_num_entities(space->mesh, set->dim), sizeof *chosen, &chosen));
  GKT_GO(gkt_calloc(space->ctx, space->num_nodes, sizeof *marked, &marked));
  for (gkt_idx i = 0; i < set->count; i++) chosen[set->entities[i]] = true;
  for (int b = 0; b < space->num_blocks; b++) mark_block(space, b, set->dim, chosen, marked);
  for (gkt_idx i = 0; i < space->num_nodes; i++) n += marked[i];
  GKT_GO(gkt_alloc(space->ctx, n, sizeof *nodes, &nodes));
  *count = n;
  n = 0;
  for (gkt_idx i = 0; i < space->num_nodes; i++)
    if (marked[i]) nodes[n++] = i;
  *out = nodes;
done:
  gkt_free(&chosen);
  gkt_free(&marked);
  return status;
}
