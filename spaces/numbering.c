/* Numbers of the nodes of a space. Continuous: vertices, then those inside edges, facets and cells, as the mesh numbers these; cells that share an edge or a facet agree on the
   order of its nodes, since that follows the numbers of its vertices. Discontinuous: cell by cell. */
#include "spaces/space.h"
#include "meshes/mesh.h"

enum { MAX_FACETS = 6 }; /* of a cell */
typedef struct {
  gkt_space *space;
  int degree, per_edge;
  gkt_idx *vertex;           /* [mesh nodes]: number among the nodes that are vertices; -1: no vertex */
  gkt_size *facets;          /* [facets+1]: first node of each, 3-D only */
  gkt_size first_edge, next; /* next: first node inside the next cell */
} numbering;

/* Geometry of order 2 has nodes that are no vertices. */
static gkt_idx number_vertices(const gkt_mesh *mesh, gkt_idx *number) {
  gkt_idx num_nodes = gkt_mesh_num_nodes(mesh), n = 0;
  for (gkt_idx i = 0; i < num_nodes; i++) number[i] = -1;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int v = 0; v < gkt_cell_topologies[block->cell].num_vertices; v++) number[block->nodes[(gkt_size)c * block->nodes_per_cell + v]] = 0;
  }
  for (gkt_idx i = 0; i < num_nodes; i++)
    if (number[i] == 0) number[i] = n++;
  return n;
}

/* facets[f+1] = nodes inside facet f, then summed up from `first`. */
static void count_facets(const gkt_space *space, gkt_size first, gkt_size *facets) {
  const gkt_mesh *mesh = space->mesh;
  gkt_idx num = gkt_mesh_num_entities(mesh, 2);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
    const gkt_idx *of_cell = gkt_mesh_cell_entities(mesh, b, 2);
    int inside[MAX_FACETS];
    for (int f = 0; f < cell->num_facets; f++) inside[f] = gkt_basis_num_shared(&space->bases[b], 2, f);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int f = 0; f < cell->num_facets; f++) facets[*of_cell++ + 1] = inside[f];
  }
  facets[0] = first;
  for (gkt_idx f = 0; f < num; f++) facets[f + 1] += facets[f];
}

/* ---- inside of a facet: the numbers of its vertices, going around it, give the place of (i, j) that all cells agree on ---- */
static gkt_idx place_in_triangle(int k, const gkt_idx g[3], int i, int j) {
  int weight[3] = {k - i - j, i, j}, least = g[0] < g[1] ? (g[0] < g[2] ? 0 : 2) : (g[1] < g[2] ? 1 : 2), a = (least + 1) % 3, b = (least + 2) % 3, place = 0;
  int first = g[a] < g[b] ? a : b, second = a + b - first;
  for (int row = 1; row < weight[second]; row++) place += k - 1 - row;
  return place + weight[first] - 1;
}

static gkt_idx place_in_quadrilateral(int k, const gkt_idx g[4], int i, int j) {
  const int along_next[4] = {i, j, k - i, k - j}; /* steps from each vertex towards the next one; towards the one before it: */
  const int along_last[4] = {j, k - i, k - j, i};
  int least = 0;
  for (int v = 1; v < 4; v++) least = g[v] < g[least] ? v : least;
  bool next_first = g[(least + 1) % 4] < g[(least + 3) % 4];
  int first = next_first ? along_next[least] : along_last[least], second = next_first ? along_last[least] : along_next[least];
  return (second - 1) * (k - 1) + first - 1;
}

static gkt_size facet_node(const numbering *n, int b, gkt_idx c, const gkt_lagrange_node *node) {
  const gkt_cell_block *block = gkt_mesh_block(n->space->mesh, b);
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  const int *v = cell->facets[node->entity], count = gkt_cell_facet_vertices(cell, node->entity);
  gkt_idx g[4], facet = gkt_mesh_cell_entities(n->space->mesh, b, 2)[(gkt_size)c * cell->num_facets + node->entity];
  for (int i = 0; i < count; i++) g[i] = block->nodes[(gkt_size)c * block->nodes_per_cell + v[i]];
  return n->facets[facet] + (count == 3 ? place_in_triangle : place_in_quadrilateral)(n->degree, g, node->step[0], node->step[1]);
}

static gkt_size edge_node(const numbering *n, int b, gkt_idx c, const gkt_lagrange_node *node) {
  const gkt_cell_block *block = gkt_mesh_block(n->space->mesh, b);
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  const gkt_idx *of_cell = block->nodes + (gkt_size)c * block->nodes_per_cell;
  const int *ends = cell->edges[node->entity];
  gkt_idx edge = gkt_mesh_cell_entities(n->space->mesh, b, 1)[(gkt_size)c * cell->num_edges + node->entity];
  int step = of_cell[ends[0]] < of_cell[ends[1]] ? node->step[0] : n->degree - node->step[0];
  return n->first_edge + (gkt_size)edge * n->per_edge + step - 1;
}

static void number_block(numbering *n, int b) {
  const gkt_cell_block *block = gkt_mesh_block(n->space->mesh, b);
  int dim = gkt_cell_topologies[block->cell].dim, size = n->space->bases[b].size;
  gkt_lagrange_node places[GKT_MAX_BASIS];
  gkt_basis_places(&n->space->bases[b], places);
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int a = 0; a < size; a++) {
      const gkt_lagrange_node *p = &places[a];
      gkt_size number = p->dim == 0     ? n->vertex[block->nodes[(gkt_size)c * block->nodes_per_cell + p->entity]]
                        : p->dim == dim ? n->next++
                        : p->dim == 1   ? edge_node(n, b, c, p)
                                        : facet_node(n, b, c, p);
      n->space->cell_nodes[b][(gkt_size)c * size + a] = (gkt_idx)number; /* the caller refuses spaces that this cuts off */
    }
}

static gkt_status number_shared(gkt_space *space, gkt_size *num_nodes) {
  gkt_mesh *mesh = space->mesh;
  numbering n = {.space = space, .degree = space->element.degree, .per_edge = mesh->dim > 1 ? gkt_basis_num_shared(space->bases, 1, 0) : 0};
  gkt_status status;
  GKT_GO(gkt_alloc(space->ctx, gkt_mesh_num_nodes(mesh), sizeof *n.vertex, &n.vertex));
  n.next = n.first_edge = number_vertices(mesh, n.vertex);
  if (n.per_edge) GKT_GO(gkt_mesh_topology(mesh));
  if (n.per_edge) n.next += (gkt_size)gkt_mesh_num_entities(mesh, 1) * n.per_edge;
  if (n.per_edge && mesh->dim == 3) {
    gkt_idx num_facets = gkt_mesh_num_entities(mesh, 2);
    GKT_GO(gkt_calloc(space->ctx, (gkt_size)num_facets + 1, sizeof *n.facets, &n.facets));
    count_facets(space, n.next, n.facets);
    n.next = n.facets[num_facets];
  }
  for (int b = 0; b < space->num_blocks; b++) number_block(&n, b);
  *num_nodes = n.next;
done:
  gkt_free(&n.vertex);
  gkt_free(&n.facets);
  return status;
}

static gkt_size number_by_cells(gkt_space *space) {
  gkt_size next = 0;
  for (int b = 0; b < space->num_blocks; b++) {
    gkt_size count = (gkt_size)gkt_mesh_block(space->mesh, b)->num_cells * space->bases[b].size;
    for (gkt_size i = 0; i < count; i++) space->cell_nodes[b][i] = (gkt_idx)next++;
  }
  return next;
}

gkt_status gkt_space_number(gkt_space *space, gkt_size *num_nodes) {
  if (gkt_basis_is_shared(space->bases)) return number_shared(space, num_nodes);
  *num_nodes = number_by_cells(space);
  return GKT_OK;
}
