/* Edges of a mesh as it stands. */
#include <math.h>

#include "meshes/cell.h"
#include "meshes/mesh.h"

static double length_of(const gkt_mesh *m, gkt_idx from, gkt_idx to) {
  double sum = 0;
  for (int d = 0; d < m->dim; d++) sum += pow(m->coords[(gkt_size)from * m->dim + d] - m->coords[(gkt_size)to * m->dim + d], 2);
  return sqrt(sum);
}

double gkt_mesh_shortest_edge(const gkt_mesh *m) {
  double least = INFINITY;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
    for (gkt_size c = 0; c < block->num_cells; c++)
      for (int e = 0; e < t->num_edges; e++)
        least = fmin(least, length_of(m, block->nodes[c * block->nodes_per_cell + t->edges[e][0]], block->nodes[c * block->nodes_per_cell + t->edges[e][1]]));
  }
  return least;
}
