/* Numbers of the nodes of a space. Continuous: vertices, then those inside edges, facets and cells, as the mesh numbers these; cells that share an edge or a facet agree on the
   order of its nodes, since that follows the numbers of its vertices. Discontinuous: cell by cell. Real: one for all. */
#include "spaces/space.h"

#include <string.h>

#include "meshes/mesh.h"

enum { MAX_FACETS = 6 }; /* of a cell */
typedef struct {
  gkt_space *space;
  int degree, per_edge, threads;
  gkt_idx *vertex;           /* [mesh nodes]: number among the nodes that are vertices; NULL: all are */
  gkt_size *facets;          /* [facets+1]: first node of each; NULL: none has any */
  gkt_size first_edge, next; /* next: first node inside the next block */
} numbering;

/* Geometry of order 2 has nodes that are no vertices. */
static gkt_idx number_vertices(const gkt_mesh *mesh, int threads, gkt_idx *number) {
  gkt_idx num_nodes = gkt_mesh_num_nodes(mesh), n = 0;
  for (gkt_idx i = 0; i < num_nodes; i++) number[i] = -1;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    const int num_vertices = gkt_cell_topologies[block->cell].num_vertices;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int v = 0; v < num_vertices; v++) {
#pragma omp atomic write
        number[block->nodes[(gkt_size)c * block->nodes_per_cell + v]] = 0;
      }
  }
  for (gkt_idx i = 0; i < num_nodes; i++)
    if (number[i] == 0) number[i] = n++;
  return n;
}

static bool has_nodes_in_facets(const gkt_space *space) {
  for (int b = 0; b < space->num_blocks && space->mesh->dim == 3; b++)
    for (int f = 0; f < gkt_cell_topologies[space->bases[b].cell].num_facets; f++)
      if (gkt_basis_num_shared(&space->bases[b], 2, f) > 0) return true;
  return false;
}

/* facets[f+1] = nodes inside facet f, then summed up from `first`. */
static void count_facets(const gkt_space *space, int threads, gkt_size first, gkt_size *facets) {
  const gkt_mesh *mesh = space->mesh;
  const gkt_facet *f = gkt_mesh_facets(mesh);
  gkt_idx num = gkt_mesh_num_entities(mesh, 2);
  int inside[GKT_NUM_CELL_TYPES][MAX_FACETS] = {{0}};
  for (int b = 0; b < space->num_blocks; b++)
    for (int i = 0; i < gkt_cell_topologies[space->bases[b].cell].num_facets; i++) inside[b][i] = gkt_basis_num_shared(&space->bases[b], 2, i);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx i = 0; i < num; i++) facets[i + 1] = inside[gkt_mesh_block_of(mesh, f[i].cell[0])][f[i].local[0]];
  facets[0] = first;
  for (gkt_idx i = 0; i < num; i++) facets[i + 1] += facets[i];
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

/* ---- cells ---- */
typedef struct {
  const numbering *n;
  const gkt_cell_block *block;
  const gkt_cell_topology *cell;
  const gkt_idx *edges, *facets; /* of the block's cells; NULL: of no use */
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int size, inside; /* nodes of a cell, and those inside, the last ones */
  gkt_size first_inside;
} block_numbering;

static gkt_size facet_node(const block_numbering *k, gkt_idx c, const gkt_lagrange_node *node) {
  const int *v = k->cell->facets[node->entity], count = gkt_cell_facet_vertices(k->cell, node->entity);
  gkt_idx g[4], facet = k->facets[(gkt_size)c * k->cell->num_facets + node->entity];
  for (int i = 0; i < count; i++) g[i] = k->block->nodes[(gkt_size)c * k->block->nodes_per_cell + v[i]];
  return k->n->facets[facet] + (count == 3 ? place_in_triangle : place_in_quadrilateral)(k->n->degree, g, node->step[0], node->step[1]);
}

static gkt_size edge_node(const block_numbering *k, gkt_idx c, const gkt_lagrange_node *node) {
  const gkt_idx *of_cell = k->block->nodes + (gkt_size)c * k->block->nodes_per_cell;
  const int *ends = k->cell->edges[node->entity];
  gkt_idx edge = k->edges[(gkt_size)c * k->cell->num_edges + node->entity];
  int step = of_cell[ends[0]] < of_cell[ends[1]] ? node->step[0] : k->n->degree - node->step[0];
  return k->n->first_edge + (gkt_size)edge * k->n->per_edge + step - 1;
}

static gkt_size vertex_node(const block_numbering *k, gkt_idx c, int vertex) {
  gkt_idx node = k->block->nodes[(gkt_size)c * k->block->nodes_per_cell + vertex];
  return k->n->vertex ? k->n->vertex[node] : node;
}

static block_numbering prepare_block(const numbering *n, int b) {
  const gkt_mesh *mesh = n->space->mesh;
  const gkt_cell_block *block = gkt_mesh_block(mesh, b);
  block_numbering k = {.n = n, .block = block, .cell = &gkt_cell_topologies[block->cell], .size = n->space->bases[b].size, .first_inside = n->next};
  k.edges = gkt_mesh_cell_entities(mesh, b, 1);
  k.facets = gkt_mesh_cell_entities(mesh, b, 2);
  gkt_basis_places(&n->space->bases[b], k.places);
  for (int a = 0; a < k.size; a++) k.inside += k.places[a].dim == mesh->dim;
  return k;
}

static void number_block(numbering *n, int b, gkt_idx *out) {
  const block_numbering k = prepare_block(n, b);
  const int dim = k.cell->dim, first = k.size - k.inside;
#pragma omp parallel for num_threads(n->threads) schedule(static)
  for (gkt_idx c = 0; c < k.block->num_cells; c++)
    for (int a = 0; a < k.size; a++) {
      const gkt_lagrange_node *p = &k.places[a];
      gkt_size number = p->dim == 0     ? vertex_node(&k, c, p->entity)
                        : p->dim == dim ? k.first_inside + (gkt_size)c * k.inside + a - first
                        : p->dim == 1   ? edge_node(&k, c, p)
                                        : facet_node(&k, c, p);
      out[(gkt_size)c * k.size + a] = (gkt_idx)number; /* the caller refuses spaces that this cuts off */
    }
  n->next += (gkt_size)k.block->num_cells * k.inside;
}

static gkt_status number_shared(gkt_space *space, gkt_size *num_nodes) {
  gkt_mesh *mesh = space->mesh;
  numbering n = {.space = space, .degree = space->element.degree, .per_edge = mesh->dim > 1 ? gkt_basis_num_shared(space->bases, 1, 0) : 0};
  gkt_status status = GKT_OK;
  n.threads = gkt_threads_for(space->ctx, (gkt_size)mesh->num_cells * space->bases->size);
  n.next = n.first_edge = mesh->num_nodes;
  if (mesh->blocks[0].order > 1) {
    GKT_GO(gkt_alloc(space->ctx, mesh->num_nodes, sizeof *n.vertex, &n.vertex));
    n.next = n.first_edge = number_vertices(mesh, n.threads, n.vertex);
  }
  if (n.per_edge) GKT_GO(gkt_mesh_build_entities(mesh, 1));
  if (n.per_edge) n.next += (gkt_size)gkt_mesh_num_entities(mesh, 1) * n.per_edge;
  if (has_nodes_in_facets(space)) {
    GKT_GO(gkt_mesh_build_entities(mesh, 2));
    gkt_idx num_facets = gkt_mesh_num_entities(mesh, 2);
    GKT_GO(gkt_alloc(space->ctx, (gkt_size)num_facets + 1, sizeof *n.facets, &n.facets));
    count_facets(space, n.threads, n.next, n.facets);
    n.next = n.facets[num_facets];
  }
  for (int b = 0; b < space->num_blocks; b++) number_block(&n, b, space->own_nodes[b]);
  *num_nodes = n.next;
done:
  gkt_free(&n.vertex);
  gkt_free(&n.facets);
  return status;
}

static gkt_size number_by_cells(gkt_space *space) {
  gkt_size first = 0;
  for (int b = 0; b < space->num_blocks; b++) {
    gkt_size count = (gkt_size)gkt_mesh_block(space->mesh, b)->num_cells * space->bases[b].size;
    gkt_idx *out = space->own_nodes[b];
#pragma omp parallel for num_threads(gkt_threads_for(space->ctx, count)) schedule(static)
    for (gkt_size i = 0; i < count; i++) out[i] = (gkt_idx)(first + i);
    first += count;
  }
  return first;
}

static gkt_size number_real(gkt_space *space) {
  for (int b = 0; b < space->num_blocks; b++) memset(space->own_nodes[b], 0, (size_t)gkt_mesh_block(space->mesh, b)->num_cells * sizeof **space->own_nodes);
  return 1;
}

gkt_status gkt_space_number(gkt_space *space, gkt_size *num_nodes) {
  if (gkt_space_is_real(space)) *num_nodes = number_real(space);
  else if (gkt_space_has_nodes_of_mesh(space)) *num_nodes = space->mesh->num_nodes;
  else if (gkt_basis_is_shared(space->bases)) return number_shared(space, num_nodes);
  else *num_nodes = number_by_cells(space);
  return GKT_OK;
}
