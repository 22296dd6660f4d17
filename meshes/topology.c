/* Facets and edges of a mesh, numbered by their vertices in lexicographic order: the numbering does not depend on the order of the cells. */
#include "meshes/mesh.h"

static int entities_per_cell(const gkt_cell_topology *t, int d) { return d == 0 ? t->num_vertices : d == t->dim ? 1 : d == t->dim - 1 ? t->num_facets : t->num_edges; }

static const int *local_vertices(const gkt_cell_topology *t, int d, int i) { return d == t->dim - 1 ? t->facets[i] : t->edges[i]; }

/* odd (may be NULL) [cells*per cell]: whether sorting the vertices was an odd permutation. */
static void list_tuples(const gkt_mesh *m, int d, gkt_idx *tuples, int8_t *odd) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->block.cell];
  int per_cell = entities_per_cell(t, d), k = d + 1;
  for (gkt_idx c = 0; c < m->num_cells; c++)
    for (int i = 0; i < per_cell; i++) {
      gkt_size item = (gkt_size)c * per_cell + i;
      for (int j = 0; j < k; j++) tuples[item * k + j] = m->cell_nodes[(gkt_size)c * m->block.nodes_per_cell + local_vertices(t, d, i)[j]];
      bool is_odd = gkt_tuple_sort(k, tuples + item * k);
      if (odd) odd[item] = is_odd;
    }
}

static gkt_status build_entities(gkt_mesh *m, int d, int8_t *odd) {
  gkt_idx count, distinct, *tuples = NULL, *numbers = NULL, *vertices = NULL;
  gkt_status status;
  int k = d + 1;
  GKT_TRY(gkt_narrow(m->ctx, (gkt_size)m->num_cells * entities_per_cell(&gkt_cell_topologies[m->block.cell], d), "facets or edges of cells", &count));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)count * k, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(m->ctx, count, sizeof *numbers, &numbers));
  list_tuples(m, d, tuples, odd);
  GKT_GO(gkt_tuples_number(m->ctx, m->num_nodes, k, count, tuples, numbers, &distinct));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)distinct * k, sizeof *vertices, &vertices));
  for (gkt_idx i = 0; i < count; i++)
    for (int j = 0; j < k; j++) vertices[(gkt_size)numbers[i] * k + j] = tuples[(gkt_size)i * k + j];
  m->num_entities[d] = distinct;
  m->cell_entities[d] = numbers;
  m->entity_vertices[d] = vertices;
  numbers = NULL;
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  return status;
}

static gkt_status refuse_facet(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx facet, gkt_idx third) {
  char a[GKT_LABEL], b[GKT_LABEL], c[GKT_LABEL];
  gkt_label_cell(labels, m->facets[facet].cell[0], a);
  gkt_label_cell(labels, m->facets[facet].cell[1], b);
  if (third < 0) return gkt_mesh_refuse(m, labels, "%s and %s overlap: they lie on the same side of the facet that they share", a, b);
  gkt_label_cell(labels, third, c);
  return gkt_mesh_refuse(m, labels, "%s, %s and %s share one facet; at most two cells can", a, b, c);
}

static gkt_status pair_cells(gkt_mesh *m, const int8_t *odd, const gkt_mesh_labels *labels) {
  int d = m->dim - 1, per_cell = gkt_cell_topologies[m->block.cell].num_facets;
  GKT_TRY(gkt_alloc(m->ctx, m->num_entities[d], sizeof *m->facets, &m->facets));
  for (gkt_idx f = 0; f < m->num_entities[d]; f++) m->facets[f] = (gkt_facet){{-1, -1}, {-1, -1}};
  for (gkt_idx c = 0; c < m->num_cells; c++)
    for (int i = 0; i < per_cell; i++) {
      gkt_size item = (gkt_size)c * per_cell + i;
      gkt_idx number = m->cell_entities[d][item];
      gkt_facet *f = &m->facets[number];
      int side = f->cell[0] < 0 ? 0 : 1;
      if (f->cell[1] >= 0) return refuse_facet(m, labels, number, c);
      f->cell[side] = c;
      f->local[side] = (int8_t)i;
      if (side == 1 && odd[item] == odd[(gkt_size)f->cell[0] * per_cell + f->local[0]]) return refuse_facet(m, labels, number, -1);
    }
  return GKT_OK;
}

/* Neighbours agree on the midpoint of an edge, or the curved mesh has gaps. */
static gkt_status check_midpoints(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->block.cell];
  gkt_idx *middle = NULL;
  gkt_status status = GKT_OK;
  if (m->block.order == 1) return GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_entities[1], sizeof *middle, &middle));
  for (gkt_idx c = 0; c < m->num_cells; c++)
    for (int e = 0; e < t->num_edges; e++) {
      gkt_idx edge = m->cell_entities[1][(gkt_size)c * t->num_edges + e], node = m->cell_nodes[(gkt_size)c * m->block.nodes_per_cell + t->num_vertices + e] + 1;
      if (!middle[edge]) middle[edge] = node;
      if (middle[edge] == node) continue;
      char text[GKT_LABEL], a[GKT_LABEL], b[GKT_LABEL];
      gkt_label_cell(labels, c, text);
      gkt_label_node(labels, node - 1, a);
      gkt_label_node(labels, middle[edge] - 1, b);
      GKT_GO(gkt_mesh_refuse(m, labels, "%s has %s in the middle of an edge where its neighbour has %s", text, a, b));
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
    if (m->facets[f].cell[1] < 0) outer[count++] = f;
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
  int8_t *odd = NULL;
  gkt_status status;
  if (m->has_topology) return GKT_OK;
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)m->num_cells * gkt_cell_topologies[m->block.cell].num_facets, sizeof *odd, &odd));
  GKT_GO(build_entities(m, m->dim - 1, odd));
  GKT_GO(pair_cells(m, odd, labels));
  if (m->dim == 3) GKT_GO(build_entities(m, 1, NULL));
  GKT_GO(check_midpoints(m, labels));
  m->has_topology = true;
  GKT_GO(add_boundary(m));
done:
  if (status != GKT_OK) drop_topology(m);
  gkt_free(&odd);
  return status;
}

gkt_status gkt_mesh_topology(gkt_mesh *m) { return gkt_mesh_topology_labelled(m, NULL); }

gkt_idx gkt_mesh_num_entities(const gkt_mesh *m, int d) { return d >= 0 && d <= m->dim ? m->num_entities[d] : 0; }
int gkt_mesh_entities_per_cell(const gkt_mesh *m, int block, int d) { return block == 0 && d >= 0 && d <= m->dim ? entities_per_cell(&gkt_cell_topologies[m->block.cell], d) : 0; }
const gkt_idx *gkt_mesh_cell_entities(const gkt_mesh *m, int block, int d) { return block == 0 && d > 0 && d < m->dim ? m->cell_entities[d] : NULL; }
const gkt_idx *gkt_mesh_entity_vertices(const gkt_mesh *m, int d) { return d > 0 && d < m->dim ? m->entity_vertices[d] : NULL; }
const gkt_facet *gkt_mesh_facets(const gkt_mesh *m) { return m->facets; }
