/* Facets and edges of a mesh, numbered by their vertices in lexicographic order: the numbering does not depend on the order of the cells. */
#include "meshes/mesh.h"

static int entities_per_cell(const gkt_cell_topology *t, int d) { return d == 0 ? t->num_vertices : d == t->dim ? 1 : d == t->dim - 1 ? t->num_facets : t->num_edges; }

static const int *local_vertices(const gkt_cell_topology *t, int d, int i, int *count) {
  *count = d == t->dim - 1 ? gkt_cell_facet_vertices(t, i) : 2;
  return d == t->dim - 1 ? t->facets[i] : t->edges[i];
}

/* 2, 3 or 4: what one entity takes at most. */
static int widest_entity(const gkt_mesh *m, int d) {
  int most = d + 1, count;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[b].cell];
    for (int i = 0; i < entities_per_cell(t, d); i++) {
      local_vertices(t, d, i, &count);
      most = count > most ? count : most;
    }
  }
  return most;
}

/* Where the entities of a block's cells begin in the list of all. */
static gkt_size first_of_block(const gkt_mesh *m, int block, int d) {
  gkt_size first = 0;
  for (int b = 0; b < block; b++) first += (gkt_size)m->blocks[b].num_cells * entities_per_cell(&gkt_cell_topologies[m->blocks[b].cell], d);
  return first;
}

static void list_tuples(const gkt_mesh *m, int d, int k, gkt_idx *tuples) {
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0; i < entities_per_cell(t, d); i++, tuples += k) {
        int count;
        const int *local = local_vertices(t, d, i, &count);
        for (int j = 0; j < k; j++) tuples[j] = j < count ? block->nodes[(gkt_size)c * block->nodes_per_cell + local[j]] : -1;
        gkt_tuple_sort(count, tuples);
      }
  }
}

static gkt_status build_entities(gkt_mesh *m, int d) {
  gkt_idx count, distinct, *tuples = NULL, *numbers = NULL, *vertices = NULL;
  gkt_status status;
  int k = widest_entity(m, d);
  GKT_TRY(gkt_narrow(m->ctx, first_of_block(m, m->num_blocks, d), "facets or edges of cells", &count));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)count * k, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(m->ctx, count, sizeof *numbers, &numbers));
  list_tuples(m, d, k, tuples);
  GKT_GO(gkt_tuples_number(m->ctx, m->num_nodes, k, count, tuples, numbers, &distinct));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)distinct * k, sizeof *vertices, &vertices));
  for (gkt_idx i = 0; i < count; i++)
    for (int j = 0; j < k; j++) vertices[(gkt_size)numbers[i] * k + j] = tuples[(gkt_size)i * k + j];
  m->vertices_per_entity[d] = k;
  m->num_entities[d] = distinct;
  m->cell_entities[d] = numbers;
  m->entity_vertices[d] = vertices;
  numbers = NULL;
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  return status;
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

/* The ring read from its smallest vertex, in the direction of the smaller neighbour; true if that is backwards. */
static bool normalize_ring(int count, gkt_idx ring[4]) {
  gkt_idx turned[4];
  int least = 0;
  for (int i = 1; i < count; i++) least = ring[i] < ring[least] ? i : least;
  bool backwards = count == 2 ? least == 1 : ring[(least + 1) % count] > ring[(least + count - 1) % count];
  for (int i = 0; i < count; i++) turned[i] = ring[(least + (backwards ? count - i : i)) % count];
  for (int i = 0; i < count; i++) ring[i] = turned[i];
  return backwards;
}

static gkt_status refuse_third(const gkt_mesh *m, const gkt_mesh_labels *labels, const gkt_facet *f, gkt_idx third) {
  char a[GKT_LABEL], b[GKT_LABEL], c[GKT_LABEL];
  gkt_label_cell(labels, f->cell[0], a);
  gkt_label_cell(labels, f->cell[1], b);
  gkt_label_cell(labels, third, c);
  return gkt_mesh_refuse(m, labels, "%s, %s and %s share one facet; at most two cells can", a, b, c);
}

/* Two cells see their facet from opposite sides. */
static gkt_status check_sides(const gkt_mesh *m, const gkt_mesh_labels *labels, const gkt_facet *f, int count, gkt_idx ring[2][4]) {
  char a[GKT_LABEL], b[GKT_LABEL];
  bool same = normalize_ring(count, ring[0]) == normalize_ring(count, ring[1]), crossed = false;
  for (int i = 0; i < count; i++) crossed = crossed || ring[0][i] != ring[1][i];
  if (!same && !crossed) return GKT_OK;
  gkt_label_cell(labels, f->cell[0], a);
  gkt_label_cell(labels, f->cell[1], b);
  if (crossed) return gkt_mesh_refuse(m, labels, "%s and %s go through the vertices of the quadrilateral facet that they share in different orders", a, b);
  return gkt_mesh_refuse(m, labels, "%s and %s overlap: they lie on the same side of the facet that they share", a, b);
}

static gkt_status pair_block(gkt_mesh *m, int b, const gkt_mesh_labels *labels) {
  const gkt_cell_block *block = &m->blocks[b];
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  const gkt_idx *numbers = m->cell_entities[m->dim - 1] + first_of_block(m, b, m->dim - 1);
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int i = 0; i < t->num_facets; i++) {
      gkt_idx number = *numbers++, ring[2][4];
      gkt_facet *f = &m->facets[number];
      int side = f->cell[0] < 0 ? 0 : 1;
      if (f->cell[1] >= 0) return refuse_third(m, labels, f, block->first_cell + c);
      f->cell[side] = block->first_cell + c;
      f->local[side] = (int8_t)i;
      if (side == 0) continue;
      int count = ring_of(t, block->nodes + (gkt_size)c * block->nodes_per_cell, i, ring[1]);
      gkt_mesh_facet_ring(m, number, ring[0]);
      GKT_TRY(check_sides(m, labels, f, count, ring));
    }
  return GKT_OK;
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

static gkt_status pair_cells(gkt_mesh *m, const gkt_mesh_labels *labels) {
  gkt_idx count = m->num_entities[m->dim - 1];
  GKT_TRY(gkt_alloc(m->ctx, count, sizeof *m->facets, &m->facets));
  for (gkt_idx f = 0; f < count; f++) m->facets[f] = (gkt_facet){{-1, -1}, {-1, -1}};
  if (m->dim == 1) pair_lines(m);
  else
    for (int b = 0; b < m->num_blocks; b++) GKT_TRY(pair_block(m, b, labels));
  return GKT_OK;
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
    int per_cell = entities_per_cell(&gkt_cell_topologies[block->cell], d);
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

static gkt_status add_boundary(gkt_mesh *m) {
  gkt_idx count = 0, *outer = NULL;
  gkt_status status;
  if (m->has_own_boundary || gkt_mesh_find_set_of_dim(m, "boundary", m->dim - 1)) return GKT_OK;
  GKT_TRY(gkt_alloc(m->ctx, m->num_entities[m->dim - 1], sizeof *outer, &outer));
  for (gkt_idx f = 0; f < m->num_entities[m->dim - 1]; f++)
    if (gkt_facet_is_outer(&m->facets[f])) outer[count++] = f;
  status = gkt_mesh_add_set(m, "boundary", m->dim - 1, count, outer);
  gkt_free(&outer);
  return status;
}

static void drop_topology(gkt_mesh *m) {
  for (int d = 1; d < m->dim; d++) {
    gkt_free(&m->cell_entities[d]);
    gkt_free(&m->entity_vertices[d]);
  }
  gkt_free(&m->facets);
  m->has_topology = false;
}

gkt_status gkt_mesh_topology_labelled(gkt_mesh *m, const gkt_mesh_labels *labels) {
  gkt_status status = GKT_OK;
  if (m->has_topology) return GKT_OK;
  for (int d = m->dim - 1; d > 0; d--) GKT_GO(build_entities(m, d));
  GKT_GO(pair_cells(m, labels));
  for (int d = 1; d < m->dim && m->blocks[0].order > 1; d++) GKT_GO(check_middles(m, d, labels));
  GKT_GO(gkt_mesh_check_conforming(m, labels));
  m->has_topology = true;
  GKT_GO(add_boundary(m));
done:
  if (status != GKT_OK) drop_topology(m);
  return status;
}

gkt_status gkt_mesh_topology(gkt_mesh *m) { return gkt_mesh_topology_labelled(m, NULL); }

bool gkt_facet_is_outer(const gkt_facet *f) { return f->cell[0] >= 0 && f->cell[1] < 0; }

gkt_idx gkt_mesh_num_entities(const gkt_mesh *m, int d) { return d >= 0 && d <= m->dim ? m->num_entities[d] : 0; }
int gkt_mesh_entities_per_cell(const gkt_mesh *m, int block, int d) {
  return block >= 0 && block < m->num_blocks && d >= 0 && d <= m->dim ? entities_per_cell(&gkt_cell_topologies[m->blocks[block].cell], d) : 0;
}
const gkt_idx *gkt_mesh_cell_entities(const gkt_mesh *m, int block, int d) {
  return block >= 0 && block < m->num_blocks && d > 0 && d < m->dim && m->cell_entities[d] ? m->cell_entities[d] + first_of_block(m, block, d) : NULL;
}
int gkt_mesh_vertices_per_entity(const gkt_mesh *m, int d) { return d > 0 && d < m->dim ? m->vertices_per_entity[d] : 0; }
const gkt_idx *gkt_mesh_entity_vertices(const gkt_mesh *m, int d) { return d > 0 && d < m->dim ? m->entity_vertices[d] : NULL; }
const gkt_facet *gkt_mesh_facets(const gkt_mesh *m) { return m->facets; }
