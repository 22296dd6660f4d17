/* The triangles that can be seen: outer facets of tetrahedra are those that no second cell shares. Nodes at one place count as one, since discontinuous fields repeat them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/cell.h"
#include "meshes/picture.h"

typedef struct {
  int64_t at[3]; /* coordinates in steps of 1e-9 of the box */
  gkt_idx node;
} place;

static int compare_places(const void *a, const void *b) {
  const place *p = a, *q = b;
  for (int k = 0; k < 3; k++)
    if (p->at[k] != q->at[k]) return p->at[k] < q->at[k] ? -1 : 1;
  return (p->node > q->node) - (p->node < q->node);
}

static double largest_side(const gkt_vtu_grid *grid) {
  double side = 0;
  for (int k = 0; k < grid->dim; k++) {
    double low = INFINITY, high = -INFINITY;
    for (gkt_size i = 0; i < grid->num_nodes; i++) {
      const double x = grid->coords[i * grid->dim + k];
      low = fmin(low, x), high = fmax(high, x);
    }
    side = fmax(side, high - low);
  }
  return side;
}

static gkt_status merge_nodes(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_idx **out) {
  const double side = largest_side(grid), step = side > 0 ? 1e-9 * side : 1;
  place *places = NULL;
  gkt_idx *same = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, grid->num_nodes, sizeof *places, &places));
  GKT_GO(gkt_alloc(ctx, grid->num_nodes, sizeof *same, &same));
  for (gkt_idx i = 0; i < grid->num_nodes; i++) {
    const double *x = grid->coords + (gkt_size)i * grid->dim;
    for (int k = 0; k < grid->dim; k++) places[i].at[k] = (int64_t)llround(fmax(-9e18, fmin(9e18, (x[k] - grid->coords[k]) / step)));
    places[i].node = i;
  }
  qsort(places, (size_t)grid->num_nodes, sizeof *places, compare_places);
  for (gkt_idx i = 0; i < grid->num_nodes; i++) {
    const bool again = i > 0 && !memcmp(places[i].at, places[i - 1].at, sizeof places->at);
    same[places[i].node] = again ? same[places[i - 1].node] : places[i].node;
  }
  *out = same;
  same = NULL;
done:
  gkt_free(&places);
  gkt_free(&same);
  return status;
}

/* ---- facets ---- */
typedef struct {
  gkt_idx key[3]; /* merged vertices, ascending */
  gkt_idx cell;
  int facet;
} facet;

static int compare_keys(const facet *f, const facet *g) {
  for (int k = 0; k < 3; k++)
    if (f->key[k] != g->key[k]) return f->key[k] < g->key[k] ? -1 : 1;
  return 0;
}
static int compare_facets(const void *a, const void *b) {
  const facet *f = a, *g = b;
  const int order = compare_keys(f, g);
  return order ? order : (f->cell > g->cell) - (f->cell < g->cell);
}
static int compare_cells(const void *a, const void *b) {
  const facet *f = a, *g = b;
  return f->cell != g->cell ? (f->cell > g->cell) - (f->cell < g->cell) : f->facet - g->facet;
}

static void sort_three(gkt_idx v[3]) {
  for (int pass = 0; pass < 3; pass++) {
    const int i = pass == 1;
    if (v[i] > v[i + 1]) {
      const gkt_idx t = v[i];
      v[i] = v[i + 1], v[i + 1] = t;
    }
  }
}

/* Keeps facets without a partner, in the order of cells; returns how many. */
static gkt_size keep_outer(facet *facets, gkt_size count) {
  gkt_size kept = 0;
  qsort(facets, (size_t)count, sizeof *facets, compare_facets);
  for (gkt_size i = 0; i < count;) {
    gkt_size j = i + 1;
    while (j < count && !compare_keys(facets + i, facets + j)) j++;
    if (j == i + 1) facets[kept++] = facets[i];
    i = j;
  }
  qsort(facets, (size_t)kept, sizeof *facets, compare_cells);
  return kept;
}

/* ---- triangles ---- */
static int edge_between(const gkt_cell_topology *t, int a, int b) {
  for (int e = 0; e < t->num_edges; e++)
    if ((t->edges[e][0] == a && t->edges[e][1] == b) || (t->edges[e][0] == b && t->edges[e][1] == a)) return e;
  return 0;
}

/* Vertices of the facet (of a triangle: all), then the nodes between them where there are any. */
static void facet_nodes(const gkt_vtu_grid *grid, gkt_idx cell, int number, gkt_idx nodes[6]) {
  const gkt_cell_topology *t = gkt_cell_topologies + grid->cell;
  const gkt_idx *of_cell = grid->cells + (gkt_size)cell * grid->nodes_per_cell;
  int v[3] = {0, 1, 2};
  if (t->dim == 3) memcpy(v, t->facets[number], sizeof v);
  for (int i = 0; i < 3; i++) {
    nodes[i] = of_cell[v[i]];
    nodes[3 + i] = grid->nodes_per_cell > t->num_vertices ? of_cell[t->num_vertices + edge_between(t, v[i], v[(i + 1) % 3])] : -1;
  }
}

static void add_facet(gkt_surface *s, const gkt_idx n[6]) {
  static const int quarters[4][3] = {{0, 3, 5}, {3, 1, 4}, {5, 4, 2}, {3, 4, 5}}, sides[4] = {5, 3, 6, 0};
  if (n[3] < 0) {
    s->triangles[s->num_triangles++] = (gkt_triangle){{n[0], n[1], n[2]}, 7};
    return;
  }
  for (int i = 0; i < 4; i++) s->triangles[s->num_triangles++] = (gkt_triangle){{n[quarters[i][0]], n[quarters[i][1]], n[quarters[i][2]]}, sides[i]};
}

static gkt_status find_triangles(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_surface *s) {
  const gkt_cell_topology *t = gkt_cell_topologies + grid->cell;
  const bool solid = t->dim == 3;
  gkt_size count = (gkt_size)grid->num_cells * (solid ? t->num_facets : 1), n = 0;
  const int per_facet = grid->nodes_per_cell > t->num_vertices ? 4 : 1;
  facet *facets = NULL;
  gkt_idx nodes[6], narrow;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, count, sizeof *facets, &facets));
  for (gkt_idx c = 0; c < grid->num_cells; c++)
    for (int f = 0; f < (solid ? t->num_facets : 1); f++, n++) {
      facet_nodes(grid, c, f, nodes);
      facets[n] = (facet){{s->same[nodes[0]], s->same[nodes[1]], s->same[nodes[2]]}, c, f};
      sort_three(facets[n].key);
    }
  if (solid) count = keep_outer(facets, count);
  GKT_GO(gkt_narrow(ctx, count * per_facet, "triangles of the surface", &narrow));
  GKT_GO(gkt_calloc(ctx, narrow, sizeof *s->triangles, &s->triangles));
  for (gkt_size i = 0; i < count; i++) {
    facet_nodes(grid, facets[i].cell, facets[i].facet, nodes);
    add_facet(s, nodes);
  }
done:
  gkt_free(&facets);
  return status;
}

gkt_status gkt_surface_create(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_surface **out) {
  gkt_surface *s;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *s, &s));
  GKT_GO(merge_nodes(ctx, grid, &s->same));
  GKT_GO(find_triangles(ctx, grid, s));
  *out = s;
  return GKT_OK;
done:
  gkt_surface_destroy(&s);
  return status;
}

void gkt_surface_destroy(gkt_surface **out) {
  gkt_surface *s = *out;
  if (!s) return;
  gkt_free(&s->same);
  gkt_free(&s->triangles);
  gkt_free(&s->outlines);
  gkt_free(&s->normals);
  gkt_free(out);
}
