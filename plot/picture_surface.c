/* The surface: every patch cut into triangles, and which of their nodes are one. */
#include <stdlib.h>
#include <string.h>

#include "plot/picture.h"

enum { MOST_PIECES = 200000 }; /* a triangle has one, a square two triangles for each; more than a picture shows. A patch has one at least */

static gkt_status grow(gkt_context *ctx, gkt_size have, gkt_size more, const char *what, gkt_idx *room, size_t size, void *array) {
  gkt_idx narrow;
  if (have + more <= *room) return GKT_OK;
  GKT_TRY(gkt_narrow(ctx, have + more + have / 2, what, &narrow));
  GKT_TRY(gkt_realloc(ctx, narrow, size, array));
  *room = narrow;
  return GKT_OK;
}

gkt_status gkt_surface_reserve(gkt_surface *s, gkt_size nodes, gkt_size triangles, gkt_size outlines) {
  const gkt_idx before = s->triangle_room;
  GKT_TRY(grow(s->ctx, s->num_nodes, nodes, "nodes of the surface", &s->node_room, sizeof *s->nodes, &s->nodes));
  GKT_TRY(grow(s->ctx, s->num_triangles, triangles, "triangles of the surface", &s->triangle_room, sizeof *s->triangles, &s->triangles));
  if (s->normals && s->triangle_room > before) GKT_TRY(gkt_realloc(s->ctx, s->triangle_room, sizeof *s->normals, &s->normals));
  return grow(s->ctx, s->num_outlines, outlines, "lines of the surface", &s->outline_room, sizeof *s->outlines, &s->outlines);
}

/* ---- nodes on the rims of patches: numbered by the corners between which they lie ---- */
typedef struct {
  gkt_idx from, to; /* merged corners, from <= to */
  int step;         /* pieces from the first */
  gkt_idx node;
} rim_node;

static int compare_rim_nodes(const void *a, const void *b) {
  const rim_node *r = a, *s = b;
  if (r->from != s->from) return r->from < s->from ? -1 : 1;
  if (r->to != s->to) return r->to < s->to ? -1 : 1;
  if (r->step != s->step) return r->step < s->step ? -1 : 1;
  return (r->node > s->node) - (r->node < s->node);
}

static int largest_difference(const int a[3], const int *vertex, int pieces) {
  int most = 0;
  for (int d = 0; d < 2; d++)
    if (abs(a[d] - pieces * vertex[d]) > most) most = abs(a[d] - pieces * vertex[d]);
  return most;
}

/* Where sample s of a flat pattern lies on its rim: false if inside. corners [4] merged. */
static bool find_on_rim(const gkt_pattern *p, int s, const gkt_idx *corners, rim_node *out) {
  const gkt_cell_topology *t = &gkt_cell_topologies[p->cell];
  int side = 0;
  if (!p->on[s]) return false;
  while (!(p->on[s] >> side & 1)) side++;
  const int *ends = t->facets[side];
  const int step = largest_difference(p->at[s], t->vertices[ends[0]], p->pieces);
  if (step == 0 || step == p->pieces) out->from = out->to = corners[ends[step ? 1 : 0]], out->step = 0;
  else if (corners[ends[0]] <= corners[ends[1]]) out->from = corners[ends[0]], out->to = corners[ends[1]], out->step = step;
  else out->from = corners[ends[1]], out->to = corners[ends[0]], out->step = p->pieces - step;
  return true;
}

static void merge_rim(rim_node *rim, gkt_size count, gkt_idx *same) {
  qsort(rim, (size_t)count, sizeof *rim, compare_rim_nodes);
  for (gkt_size i = 0; i < count; i++) {
    const bool again = i > 0 && rim[i].from == rim[i - 1].from && rim[i].to == rim[i - 1].to && rim[i].step == rim[i - 1].step;
    same[rim[i].node] = again ? same[rim[i - 1].node] : rim[i].node;
  }
}

/* ---- patches ---- */
typedef struct {
  const gkt_drawing *drawing;
  const gkt_patches *patches;
  gkt_patterns patterns;
  gkt_surface *surface;
  rim_node *rim;
  gkt_size num_rim;
} maker;

static void add_triangles(gkt_surface *s, const gkt_pattern *p, gkt_idx first) {
  for (int i = 0; i < p->num_simplices; i++) {
    const int *v = p->simplices[i];
    gkt_triangle t = {{first + v[0], first + v[1], first + v[2]}, 0};
    for (int k = 0; k < 3; k++)
      if (p->on[v[k]] & p->on[v[(k + 1) % 3]]) t.sides |= 1 << k;
    s->triangles[s->num_triangles++] = t;
  }
}

static gkt_status add_patch(maker *m, const gkt_patch *patch) {
  gkt_surface *s = m->surface;
  gkt_idx nodes[GKT_MAX_BASIS], corners[4] = {0};
  const gkt_pattern *p;
  const gkt_cell_type type = gkt_patch_nodes(m->drawing->grid, patch, nodes);
  GKT_TRY(gkt_pattern_get(&m->patterns, type, m->drawing->grid->blocks[patch->block].degree, &p));
  gkt_pattern_sample(p, m->drawing, nodes, s->nodes + s->num_nodes);
  add_triangles(s, p, s->num_nodes);
  for (int v = 0; v < gkt_cell_topologies[type].num_vertices; v++) corners[v] = m->patches->same[nodes[v]];
  for (int i = 0; i < p->num_samples; i++) {
    m->rim[m->num_rim].node = s->same[s->num_nodes + i] = s->num_nodes + i;
    m->num_rim += find_on_rim(p, i, corners, m->rim + m->num_rim);
  }
  s->num_nodes += p->num_samples;
  return GKT_OK;
}

static gkt_status reserve(gkt_context *ctx, maker *m) {
  gkt_size nodes = 0, triangles = 0;
  for (gkt_idx i = 0; i < m->patches->num_patches; i++) {
    const gkt_patch *patch = m->patches->patches + i;
    const gkt_vtu_block *block = m->drawing->grid->blocks + patch->block;
    const gkt_pattern *p;
    GKT_TRY(gkt_pattern_get(&m->patterns, patch->facet < 0 ? block->cell : gkt_cell_facet_type(&gkt_cell_topologies[block->cell], patch->facet), block->degree, &p));
    nodes += p->num_samples, triangles += p->num_simplices;
  }
  GKT_TRY(gkt_surface_reserve(m->surface, nodes, triangles, 0));
  GKT_TRY(gkt_calloc(ctx, nodes, sizeof *m->surface->same, &m->surface->same));
  return gkt_calloc(ctx, nodes + 1, sizeof *m->rim, &m->rim); /* one more, that the last inner node may write to */
}

gkt_status gkt_surface_create(gkt_context *ctx, const gkt_drawing *drawing, const gkt_patches *patches, gkt_surface **out) {
  maker m = {.drawing = drawing, .patches = patches, .patterns = {.ctx = ctx, .pieces = gkt_pieces_for(drawing, patches->dim, patches->num_patches, MOST_PIECES)}};
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *m.surface, &m.surface));
  m.surface->ctx = ctx;
  GKT_GO(reserve(ctx, &m));
  for (gkt_idx i = 0; i < patches->num_patches; i++) GKT_GO(add_patch(&m, patches->patches + i));
  merge_rim(m.rim, m.num_rim, m.surface->same);
  *out = m.surface;
  m.surface = NULL;
done:
  gkt_surface_destroy(&m.surface);
  gkt_patterns_destroy(&m.patterns);
  gkt_free(&m.rim);
  return status;
}

void gkt_surface_destroy(gkt_surface **out) {
  gkt_surface *s = *out;
  if (!s) return;
  gkt_free(&s->nodes);
  gkt_free(&s->same);
  gkt_free(&s->triangles);
  gkt_free(&s->outlines);
  gkt_free(&s->normals);
  gkt_free(out);
}
