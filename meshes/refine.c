/* Red refinement: triangles into 4, tetrahedra into 8. The inner octahedron of a tetrahedron is cut along the diagonal from the midpoint of 02 to that of 13, and the
   children are numbered as below; then no number of refinements gives more than three shapes from one tetrahedron (J. Bey, Tetrahedral grid refinement, Computing 55, 1995). */
#include "meshes/mesh.h"

/* Vertices of the children: 0 .. dim are the parent's vertices, dim + 1 + e is the midpoint of its edge e (01 12 20 03 13 23). */
static const int triangles[4][3] = {{0, 3, 5}, {3, 1, 4}, {5, 4, 2}, {3, 4, 5}};
static const int tetrahedra[8][4] = {{0, 4, 6, 7}, {4, 1, 5, 8}, {6, 5, 2, 9}, {7, 8, 9, 3}, {4, 6, 7, 8}, {4, 6, 5, 8}, {6, 7, 8, 9}, {6, 5, 8, 9}};
/* Of the parts of a facet triangle or an edge, by their own vertices and midpoints. */
static const int segments[2][2] = {{0, 2}, {1, 2}};

static gkt_idx middle_of(const gkt_mesh *m, gkt_idx a, gkt_idx b) { return m->num_nodes + gkt_mesh_entity_find(m, 1, 2, (gkt_idx[]){a, b}); }

/* Numbers in `fine` of the parts of an entity of `m`; returns how many. */
static int parts_of(const gkt_mesh *m, const gkt_mesh *fine, int d, gkt_idx entity, gkt_idx parts[8]) {
  int count = 1 << d;
  if (d == 0) parts[0] = entity;
  for (int i = 0; d == m->dim && i < count; i++) parts[i] = count * entity + i;
  if (d == 0 || d == m->dim) return count;
  const gkt_idx *v = m->entity_vertices[d] + (gkt_size)entity * (d + 1);
  gkt_idx nodes[6] = {v[0], v[1]};
  if (d == 1) nodes[2] = middle_of(m, v[0], v[1]);
  for (int i = 0; d == 2 && i < 3; i++) {
    nodes[i] = v[i];
    nodes[3 + i] = middle_of(m, v[i], v[(i + 1) % 3]);
  }
  for (int i = 0; i < count; i++) {
    gkt_idx part[3];
    for (int j = 0; j <= d; j++) part[j] = nodes[d == 1 ? segments[i][j] : triangles[i][j]];
    parts[i] = gkt_mesh_entity_find(fine, d, d + 1, part);
  }
  return count;
}

static gkt_status carry_set(const gkt_mesh *m, gkt_mesh *fine, const gkt_mesh_set *set) {
  gkt_idx *list = NULL, count = 0;
  if (set->dim > 0 && gkt_mesh_find_set_of_dim(fine, set->name, set->dim)) return GKT_OK; /* `boundary` */
  GKT_TRY(gkt_alloc(m->ctx, (gkt_size)set->count << set->dim, sizeof *list, &list));
  for (gkt_idx i = 0; i < set->count; i++) count += parts_of(m, fine, set->dim, set->entities[i], list + count);
  gkt_status status = gkt_mesh_add_set(fine, set->name, set->dim, count, list);
  gkt_free(&list);
  return status;
}

static gkt_status carry_tags(const gkt_mesh *m, gkt_mesh *fine, int d) {
  const gkt_entity_tags *from = &m->tags[d];
  gkt_entity_tags *to = &fine->tags[d];
  GKT_TRY(gkt_alloc(m->ctx, (gkt_size)from->count << d, sizeof *to->entities, &to->entities));
  GKT_TRY(gkt_alloc(m->ctx, (gkt_size)from->count << d, sizeof *to->tags, &to->tags));
  for (gkt_idx i = 0; i < from->count; i++) {
    int n = parts_of(m, fine, d, from->entities[i], to->entities + to->count);
    for (int j = 0; j < n; j++) to->tags[to->count++] = from->tags[i];
  }
  return GKT_OK;
}

static void fill_coords(const gkt_mesh *m, double *coords) {
  gkt_size n = (gkt_size)m->num_nodes * m->dim;
  for (gkt_size i = 0; i < n; i++) coords[i] = m->coords[i];
  for (gkt_idx e = 0; e < m->num_entities[1]; e++) {
    const double *a = m->coords + (gkt_size)m->dim * m->entity_vertices[1][2 * (gkt_size)e], *b = m->coords + (gkt_size)m->dim * m->entity_vertices[1][2 * (gkt_size)e + 1];
    for (int i = 0; i < m->dim; i++) coords[n + (gkt_size)e * m->dim + i] = 0.5 * a[i] + 0.5 * b[i];
  }
}

/* In the order that the numbering of children needs, which turned cells have lost. */
static void fill_cells(const gkt_mesh *m, gkt_idx *cells) {
  int k = m->dim + 1, num_edges = gkt_cell_topologies[m->blocks[0].cell].num_edges;
  gkt_idx nodes[10];
  static const int edges_of_turned[6] = {2, 1, 0, 3, 5, 4};
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    const gkt_idx *v = m->cell_nodes + (gkt_size)c * k, *e = m->cell_entities[1] + (gkt_size)c * num_edges;
    for (int i = 0; i < k; i++) nodes[i] = v[m->turned[c] && (i == 1 || i == 2) ? 3 - i : i];
    for (int i = 0; i < num_edges; i++) nodes[k + i] = m->num_nodes + e[m->turned[c] ? edges_of_turned[i] : i];
    for (int i = 0; i < 1 << m->dim; i++)
      for (int j = 0; j < k; j++) *cells++ = nodes[m->dim == 2 ? triangles[i][j] : tetrahedra[i][j]];
  }
}

static gkt_status carry_names(const gkt_mesh *m, gkt_mesh *fine) {
  fine->has_own_boundary = m->has_own_boundary;
  GKT_TRY(gkt_mesh_topology(fine));
  for (int s = 0; s < m->num_sets; s++) GKT_TRY(carry_set(m, fine, m->sets[s]));
  for (int d = 0; d <= m->dim; d++) GKT_TRY(carry_tags(m, fine, d));
  return GKT_OK;
}

gkt_status gkt_mesh_refine(gkt_mesh *m, gkt_mesh **out) {
  gkt_mesh *fine = NULL;
  gkt_idx num_nodes, num_cells, *cells = NULL;
  double *coords = NULL;
  gkt_status status;
  if (m->blocks[0].order != 1) return gkt_fail(m->ctx, GKT_UNAVAILABLE, "refining a mesh of order %d is not available yet; order 1 is", m->blocks[0].order);
  GKT_TRY(gkt_mesh_topology(m));
  GKT_TRY(gkt_narrow(m->ctx, (gkt_size)m->num_nodes + m->num_entities[1], "nodes of a refined mesh", &num_nodes));
  GKT_TRY(gkt_narrow(m->ctx, (gkt_size)m->num_cells << m->dim, "cells of a refined mesh", &num_cells));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)num_nodes * m->dim, sizeof *coords, &coords));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)num_cells * (m->dim + 1), sizeof *cells, &cells));
  fill_coords(m, coords);
  fill_cells(m, cells);
  GKT_GO(gkt_mesh_from_arrays(m->ctx, m->blocks[0].cell, 1, m->dim, num_nodes, coords, num_cells, cells, &fine));
  GKT_GO(carry_names(m, fine));
  *out = fine;
  fine = NULL;
done:
  gkt_free(&coords);
  gkt_free(&cells);
  gkt_mesh_destroy(&fine);
  return status;
}
