#include "assembly/normals.h"

#include <math.h>
#include <stdlib.h>

#include "meshes/mesh.h"
#include "spaces/points.h"

/* ---- one kind of facet: of a block's cells, local ---- */
typedef struct {
  gkt_quadrature *rule;
  gkt_table *geometry, *basis; /* at the rule's points */
  gkt_table *at_nodes;         /* the geometry, at the cell's nodes of the space */
  bool on[GKT_MAX_BASIS];      /* nodes on the facet's closure */
} facet_kind;

static void clear_kind(facet_kind *k) {
  gkt_quadrature_destroy(&k->rule);
  gkt_table_destroy(&k->geometry);
  gkt_table_destroy(&k->basis);
  gkt_table_destroy(&k->at_nodes);
}

/* phi n on curved facets is a polynomial of degree k + order (dim - 1) at most. */
static gkt_status make_kind(const gkt_space *space, int b, int facet, facet_kind *k) {
  const gkt_basis *basis = &space->bases[b], geometry = gkt_geometry_basis(gkt_mesh_block(space->mesh, b));
  const gkt_cell_topology *cell = &gkt_cell_topologies[basis->cell];
  const unsigned closure = gkt_cell_entity_mask(cell, cell->dim - 1, facet);
  gkt_lagrange_node places[GKT_MAX_BASIS];
  double *xi = NULL;
  gkt_status status;
  GKT_GO(gkt_quadrature_on_facet(space->ctx, basis->cell, facet, basis->element.degree + 2 * geometry.element.degree, &k->rule));
  GKT_GO(gkt_table_create(space->ctx, &geometry, k->rule->num_points, k->rule->points, &k->geometry));
  GKT_GO(gkt_table_create(space->ctx, basis, k->rule->num_points, k->rule->points, &k->basis));
  GKT_GO(gkt_space_reference_nodes(space, b, &xi));
  GKT_GO(gkt_table_create(space->ctx, &geometry, basis->size, xi, &k->at_nodes));
  gkt_basis_places(basis, places);
  for (int a = 0; a < basis->size; a++) k->on[a] = !(gkt_cell_entity_mask(cell, places[a].dim, places[a].entity) & ~closure);
done:
  gkt_free(&xi);
  return status;
}

/* ---- one facet ---- */
/* n [3]; returns detS. */
static double normal_at(const gkt_mesh *m, gkt_idx facet, const gkt_table *geometry, int row, double *n) {
  const gkt_facet *f = &gkt_mesh_facets(m)[facet];
  const gkt_cell_topology *cell = &gkt_cell_topologies[gkt_mesh_block(m, gkt_mesh_block_of(m, f->cell[0]))->cell];
  double x[3], K[3][3], det = gkt_map_at(m, geometry, row, gkt_mesh_nodes_of(m, f->cell[0]), x, K);
  return gkt_facet_normal_at(cell, f->local[0], det, K, n);
}

/* At the points of the rule: n dS [points][3], dS [points]; of the whole facet: its mean normal and area. */
typedef struct {
  double *normals, *dS, mean[3], area;
} facet_geometry;

static void measure(const gkt_mesh *m, gkt_idx facet, const facet_kind *k, facet_geometry *g) {
  g->area = 0;
  for (int d = 0; d < 3; d++) g->mean[d] = 0;
  for (int q = 0; q < k->rule->num_points; q++) {
    double *n = g->normals + 3 * q;
    g->dS[q] = k->rule->weights[q] * normal_at(m, facet, k->geometry, q, n);
    g->area += g->dS[q];
    for (int d = 0; d < 3; d++) n[d] *= g->dS[q], g->mean[d] += n[d];
  }
  for (int d = 0; d < 3; d++) g->mean[d] /= g->area;
}

/* At a pyramid's apex the map has no derivative, and the mean serves. */
static void add_node(const gkt_mesh *m, gkt_idx facet, const facet_kind *k, const facet_geometry *g, int a, gkt_facet_normal *out) {
  double length = 0;
  out->area = g->area;
  for (int q = 0; q < k->rule->num_points; q++) {
    double phi = k->basis->phi[q * k->basis->size + a];
    out->size += fabs(phi) * g->dS[q];
    for (int d = 0; d < 3; d++) out->flux[d] += phi * g->normals[3 * q + d];
  }
  normal_at(m, facet, k->at_nodes, a, out->at);
  for (int d = 0; d < 3; d++) length += out->at[d] * out->at[d];
  for (int d = 0; d < 3 && !(fabs(length - 1) < 1e-6); d++) out->at[d] = g->mean[d];
}

enum { MOST_POINTS = 256 }; /* of a facet: 25 serve P4 on curved hexahedra */
static gkt_status list_facets(const gkt_space *space, const gkt_mesh_set *set, int source, facet_kind (*kinds)[6], gkt_size *count, gkt_facet_normal **list) {
  double normals[3 * MOST_POINTS], dS[MOST_POINTS];
  facet_geometry g = {.normals = normals, .dS = dS};
  for (gkt_idx i = 0; i < set->count; i++) {
    const gkt_facet *f = &gkt_mesh_facets(space->mesh)[set->entities[i]];
    const int b = gkt_mesh_block_of(space->mesh, f->cell[0]);
    const gkt_idx *nodes = space->cell_nodes[b] + (gkt_size)(f->cell[0] - gkt_mesh_block(space->mesh, b)->first_cell) * space->bases[b].size;
    facet_kind *k = &kinds[b][f->local[0]];
    if (!k->rule) GKT_TRY(make_kind(space, b, f->local[0], k));
    measure(space->mesh, set->entities[i], k, &g);
    for (int a = 0; a < space->bases[b].size; a++) {
      if (!k->on[a]) continue;
      if (*count % 1024 == 0) GKT_TRY(gkt_realloc(space->ctx, *count + 1024, sizeof **list, list));
      gkt_facet_normal *out = &(*list)[(*count)++];
      *out = (gkt_facet_normal){.node = nodes[a], .source = source};
      add_node(space->mesh, set->entities[i], k, &g, a, out);
    }
  }
  return GKT_OK;
}

gkt_status gkt_facet_normals_list(const gkt_space *space, const gkt_mesh_set *set, int source, gkt_size *count, gkt_facet_normal **list) {
  facet_kind kinds[GKT_NUM_CELL_TYPES][6] = {{{0}}};
  GKT_TRY(gkt_mesh_check_outer(space->mesh, set));
  gkt_status status = list_facets(space, set, source, kinds, count, list);
  for (int b = 0; b < GKT_NUM_CELL_TYPES; b++)
    for (int f = 0; f < 6; f++) clear_kind(&kinds[b][f]);
  return status;
}

/* ---- nodes ---- */
static int compare(const void *a, const void *b) {
  const gkt_facet_normal *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  for (int d = 0; d < 3; d++) /* whatever the order of the facets */
    if (x->at[d] != y->at[d]) return x->at[d] < y->at[d] ? -1 : 1;
  return 0;
}

static double dot(const double *a, const double *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

static const double SMOOTH = 0.766044443118978; /* cos 40 degrees */

/* Facets .. end-1 of one node. The first of them, which is in no group yet, and what meets it smoothly become `out`, and are marked by a source of -1. */
static void gather(gkt_facet_normal *list, gkt_size end, gkt_size first, gkt_node_normal *out) {
  double flux[3] = {0}, mean[3] = {0}, size = 0, area = 0;
  const gkt_facet_normal lead = list[first];
  *out = (gkt_node_normal){.node = lead.node};
  for (gkt_size i = first; i < end; i++) {
    gkt_facet_normal *f = &list[i];
    if (f->source < 0 || (i > first && dot(f->at, lead.at) < SMOOTH)) continue;
    for (int d = 0; d < 3; d++) flux[d] += f->flux[d], mean[d] += f->area * f->at[d];
    size += f->size, area += f->area;
    out->source = f->source, out->value = f->value;
    f->source = -1;
  }
  const double *n = sqrt(dot(flux, flux)) > 0.05 * size ? flux : mean, length = (dot(n, mean) < 0 ? -1 : 1) * sqrt(dot(n, n));
  for (int d = 0; d < 3; d++) out->normal[d] = n[d] / length;
  for (int d = 0; d < 3; d++) {
    if (fabs(out->normal[d]) < 1 - 1e-14) continue; /* the others are below 1e-7: angles of rounding */
    double side = out->normal[d];
    for (int e = 0; e < 3; e++) out->normal[e] = e == d ? copysign(1, side) : 0;
  }
}

gkt_status gkt_node_normals_find(gkt_context *ctx, gkt_size count, gkt_facet_normal *list, gkt_size *num_out, gkt_node_normal **out) {
  gkt_size n = 0;
  GKT_TRY(gkt_alloc(ctx, count, sizeof **out, out));
  qsort(list, (size_t)count, sizeof *list, compare);
  for (gkt_size begin = 0, end; begin < count; begin = end) {
    for (end = begin; end < count && list[end].node == list[begin].node;) end++;
    for (gkt_size i = begin; i < end; i++)
      if (list[i].source >= 0) gather(list, end, i, &(*out)[n++]);
  }
  *num_out = n;
  return GKT_OK;
}
