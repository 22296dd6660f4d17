/* Facets, how they pair the cells, and edges: each is built when it is first needed. */
#include "meshes/entities.h"

/* Where the entities of a block's cells begin in the list of all. */
static gkt_size first_of_block(const gkt_mesh *m, int block, int d) {
  gkt_size first = 0;
  for (int b = 0; b < block; b++) first += (gkt_size)m->blocks[b].num_cells * gkt_cell_num_entities(&gkt_cell_topologies[m->blocks[b].cell], d);
  return first;
}

static int ring_of(const gkt_cell_topology *t, const gkt_idx *nodes, int facet, gkt_idx ring[4]) {
  int count = gkt_cell_facet_vertices(t, facet);
  for (int i = 0; i < count; i++) ring[i] = nodes[t->facets[facet][i]];
  return count;
}

int gkt_mesh_facet_ring(const gkt_mesh *m, gkt_idx facet, gkt_idx ring[4]) {
  const gkt_facet *f = &m->facets[facet];
  return ring_of(&gkt_cell_topologies[m->blocks[gkt_mesh_block_of(m, f->cell[0])].cell], gkt_mesh_nodes_of(m, f->cell[0]), f->local[0], ring);
}

/* In 1-D facets are nodes, and lines may form a network. */
static void pair_lines(gkt_mesh *m) {
  const gkt_cell_block *block = &m->blocks[0];
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int i = 0; i < 2; i++) {
      gkt_facet *f = &m->facets[block->nodes[(gkt_size)c * block->nodes_per_cell + i]];
      int side = f->cell[0] < 0 ? 0 : 1;
      if (f->cell[1] >= 0) continue;
      f->cell[side] = c;
      f->local[side] = (int8_t)i;
    }
}

static gkt_status refuse_middle(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx cell, int d, gkt_idx own, gkt_idx other) {
  char text[GKT_LABEL], a[GKT_LABEL], b[GKT_LABEL];
  gkt_label_cell(labels, cell, text);
  gkt_label_node(labels, own, a);
  gkt_label_node(labels, other, b);
  return gkt_mesh_refuse(m, labels, "%s has %s in the middle of %s where its neighbour has %s", text, a, d == 1 ? "an edge" : "a facet", b);
}

/* Neighbours agree on the nodes inside edges and facets, or the curved mesh has gaps. */
static gkt_status check_middles(const gkt_mesh *m, int d, const gkt_mesh_labels *labels) {
  gkt_lagrange_node places[GKT_MAX_BASIS];
  gkt_idx *middle = NULL;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_entities[d], sizeof *middle, &middle));
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    int per_cell = gkt_cell_num_entities(&gkt_cell_topologies[block->cell], d);
    const gkt_idx *entities = m->cell_entities[d] + first_of_block(m, b, d);
    gkt_lagrange_places(block->cell, block->order, places);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0; i < block->nodes_per_cell; i++) {
        if (places[i].dim != d) continue;
        gkt_idx *known = &middle[entities[(gkt_size)c * per_cell + places[i].entity]], node = block->nodes[(gkt_size)c * block->nodes_per_cell + i] + 1;
        if (!*known) *known = node;
        if (*known != node) GKT_GO(refuse_middle(m, labels, block->first_cell + c, d, node - 1, *known - 1));
      }
  }
done:
  gkt_free(&middle);
  return status;
}

static gkt_status pair_cells(gkt_mesh *m, const gkt_mesh_labels *labels) {
  if (m->dim > 1) return gkt_facets_build(m, labels);
  GKT_TRY(gkt_alloc(m->ctx, m->num_nodes, sizeof *m->facets, &m->facets));
  for (gkt_idx f = 0; f < m->num_nodes; f++) m->facets[f] = (gkt_facet){{-1, -1}, {-1, -1}};
  pair_lines(m);
  return GKT_OK;
}

static gkt_status list_outer(const gkt_mesh *m, gkt_idx *count, gkt_idx **outer) {
  gkt_idx num = m->num_entities[m->dim - 1], n = 0;
  GKT_TRY(gkt_alloc(m->ctx, num, sizeof **outer, outer));
  for (gkt_idx f = 0; f < num; f++)
    if (gkt_facet_is_outer(&m->facets[f])) (*outer)[n++] = f;
  *count = n;
  return GKT_OK;
}

static gkt_status build(gkt_mesh *m, int d) {
  if (m->cell_entities[d]) return GKT_OK;
  return d == m->dim - 1 ? gkt_facets_list(m) : gkt_edges_build(m);
}

static gkt_status check_curved(gkt_mesh *m, const gkt_mesh_labels *labels) {
  for (int d = m->dim - 1; d > 0; d--) GKT_TRY(build(m, d));
  for (int d = 1; d < m->dim; d++) GKT_TRY(check_middles(m, d, labels));
  return GKT_OK;
}

static void drop_topology(gkt_mesh *m) {
  for (int d = 1; d < m->dim; d++) {
    gkt_free(&m->cell_entities[d]);
    gkt_free(&m->entity_vertices[d]);
    gkt_free(&m->first_entity[d]);
    m->num_entities[d] = 0;
  }
  gkt_free(&m->facets);
}

gkt_status gkt_mesh_find_facets_of(gkt_mesh *m, const gkt_mesh_labels *labels, bool is_conforming) {
  gkt_idx num_outer = 0, *outer = NULL;
  gkt_status status = GKT_OK;
  if (m->facets) return GKT_OK;
  GKT_GO(pair_cells(m, labels));
  if (m->blocks[0].order > 1) GKT_GO(check_curved(m, labels));
  GKT_GO(list_outer(m, &num_outer, &outer));
  if (!is_conforming) GKT_GO(gkt_mesh_check_conforming(m, labels, num_outer, outer));
  if (!m->has_own_boundary && !gkt_mesh_find_set_of_dim(m, "boundary", m->dim - 1)) GKT_GO(gkt_mesh_add_set(m, "boundary", m->dim - 1, num_outer, outer));
done:
  gkt_free(&outer);
  if (status != GKT_OK) drop_topology(m);
  return status;
}

gkt_status gkt_mesh_find_facets(gkt_mesh *m) { return gkt_mesh_find_facets_of(m, NULL, false); }

gkt_status gkt_mesh_build_entities(gkt_mesh *m, int d) {
  GKT_TRY(gkt_mesh_find_facets(m));
  return d > 0 && d < m->dim ? build(m, d) : GKT_OK;
}

gkt_status gkt_mesh_topology(gkt_mesh *m) {
  GKT_TRY(gkt_mesh_find_facets(m));
  for (int d = m->dim - 1; d > 0; d--) GKT_TRY(build(m, d));
  return GKT_OK;
}

bool gkt_facet_is_outer(const gkt_facet *f) { return f->cell[0] >= 0 && f->cell[1] < 0; }

gkt_idx gkt_mesh_num_entities(const gkt_mesh *m, int d) { return d >= 0 && d <= m->dim ? m->num_entities[d] : 0; }
int gkt_mesh_entities_per_cell(const gkt_mesh *m, int block, int d) {
  return block >= 0 && block < m->num_blocks && d >= 0 && d <= m->dim ? gkt_cell_num_entities(&gkt_cell_topologies[m->blocks[block].cell], d) : 0;
}
const gkt_idx *gkt_mesh_cell_entities(const gkt_mesh *m, int block, int d) {
  return block >= 0 && block < m->num_blocks && d > 0 && d < m->dim && m->cell_entities[d] ? m->cell_entities[d] + first_of_block(m, block, d) : NULL;
}
int gkt_mesh_vertices_per_entity(const gkt_mesh *m, int d) { return d > 0 && d < m->dim ? m->vertices_per_entity[d] : 0; }
const gkt_idx *gkt_mesh_entity_vertices(const gkt_mesh *m, int d) { return d > 0 && d < m->dim ? m->entity_vertices[d] : NULL; }
const gkt_facet *gkt_mesh_facets(const gkt_mesh *m) { return m->facets; }
