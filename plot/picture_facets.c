/* Which facets and cells can be seen, and the nodes of each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/picture.h"

/* ---- nodes at one place ---- */
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

/* Marks the corners of cells, -1 elsewhere; returns how many. */
static gkt_size mark_corners(const gkt_vtu_grid *grid, gkt_idx *same) {
  gkt_size count = 0;
  for (gkt_idx i = 0; i < grid->num_nodes; i++) same[i] = -1;
  for (int b = 0; b < grid->num_blocks; b++) {
    const gkt_vtu_block *block = grid->blocks + b;
    for (gkt_size c = 0; c < block->num_cells; c++)
      for (int v = 0; v < gkt_cell_topologies[block->cell].num_vertices; v++) {
        gkt_idx *mark = same + block->nodes[c * block->nodes_per_cell + v];
        count += *mark < 0;
        *mark = 0;
      }
  }
  return count;
}

static void fill_places(const gkt_vtu_grid *grid, const gkt_idx *same, place *places) {
  const double side = largest_side(grid), step = side > 0 ? 1e-9 * side : 1;
  for (gkt_idx i = 0; i < grid->num_nodes; i++) {
    const double *x = grid->coords + (gkt_size)i * grid->dim;
    if (same[i] < 0) continue;
    for (int k = 0; k < grid->dim; k++) places->at[k] = (int64_t)llround(fmax(-9e18, fmin(9e18, (x[k] - grid->coords[k]) / step)));
    (places++)->node = i;
  }
}

static gkt_status merge_corners(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_idx *same) {
  const gkt_size count = mark_corners(grid, same);
  place *places = NULL;
  GKT_TRY(gkt_calloc(ctx, count, sizeof *places, &places));
  fill_places(grid, same, places);
  qsort(places, (size_t)count, sizeof *places, compare_places);
  for (gkt_size i = 0; i < count; i++) {
    const bool again = i > 0 && !memcmp(places[i].at, places[i - 1].at, sizeof places->at);
    same[places[i].node] = again ? same[places[i - 1].node] : places[i].node;
  }
  gkt_free(&places);
  return GKT_OK;
}

/* ---- facets ---- */
typedef struct {
  gkt_idx key[4]; /* merged corners, ascending; of three, the last is -1 */
  gkt_patch patch;
} facet;

static int compare_keys(const facet *f, const facet *g) {
  for (int k = 0; k < 4; k++)
    if (f->key[k] != g->key[k]) return f->key[k] < g->key[k] ? -1 : 1;
  return 0;
}
static int compare_patches(const gkt_patch *p, const gkt_patch *q) {
  if (p->block != q->block) return p->block < q->block ? -1 : 1;
  if (p->cell != q->cell) return p->cell < q->cell ? -1 : 1;
  return p->facet - q->facet;
}
static int compare_facets(const void *a, const void *b) {
  const facet *f = a, *g = b;
  const int order = compare_keys(f, g);
  return order ? order : compare_patches(&f->patch, &g->patch);
}
static int compare_cells(const void *a, const void *b) { return compare_patches(&((const facet *)a)->patch, &((const facet *)b)->patch); }

static facet make_facet(const gkt_vtu_grid *grid, const gkt_idx *same, gkt_patch patch) {
  const gkt_vtu_block *block = grid->blocks + patch.block;
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  facet f = {{-1, -1, -1, -1}, patch};
  for (int i = 0; i < gkt_cell_facet_vertices(t, patch.facet); i++) {
    const gkt_idx corner = same[block->nodes[(gkt_size)patch.cell * block->nodes_per_cell + t->facets[patch.facet][i]]];
    int k = i;
    for (; k > 0 && f.key[k - 1] > corner; k--) f.key[k] = f.key[k - 1];
    f.key[k] = corner;
  }
  return f;
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

/* ---- patches ---- */
static int highest_dim(const gkt_vtu_grid *grid) {
  int dim = 0;
  for (int b = 0; b < grid->num_blocks; b++)
    if (grid->blocks[b].num_cells > 0 && gkt_cell_topologies[grid->blocks[b].cell].dim > dim) dim = gkt_cell_topologies[grid->blocks[b].cell].dim;
  return dim;
}

static int facets_of(const gkt_vtu_grid *grid, const gkt_patches *p, int block) {
  const gkt_cell_topology *t = &gkt_cell_topologies[grid->blocks[block].cell];
  return t->dim < p->dim ? 0 : p->dim == 3 ? t->num_facets : 1;
}

static gkt_status find_flat(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_patches *p, gkt_size count) {
  GKT_TRY(gkt_narrow(ctx, count, "cells of the picture", &p->num_patches));
  GKT_TRY(gkt_calloc(ctx, count, sizeof *p->patches, &p->patches));
  gkt_patch *next = p->patches;
  for (int b = 0; b < grid->num_blocks; b++)
    for (gkt_idx c = 0; c < grid->blocks[b].num_cells && facets_of(grid, p, b); c++) *next++ = (gkt_patch){b, c, -1};
  return GKT_OK;
}

static gkt_status find_outer(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_patches *p, gkt_size count) {
  facet *facets = NULL;
  gkt_size n = 0;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, count, sizeof *facets, &facets));
  for (int b = 0; b < grid->num_blocks; b++)
    for (gkt_idx c = 0; c < grid->blocks[b].num_cells; c++)
      for (int f = 0; f < facets_of(grid, p, b); f++) facets[n++] = make_facet(grid, p->same, (gkt_patch){b, c, f});
  count = keep_outer(facets, count);
  GKT_GO(gkt_narrow(ctx, count, "facets of the surface", &p->num_patches));
  GKT_GO(gkt_calloc(ctx, count, sizeof *p->patches, &p->patches));
  for (gkt_size i = 0; i < count; i++) p->patches[i] = facets[i].patch;
done:
  gkt_free(&facets);
  return status;
}

gkt_status gkt_patches_find(gkt_context *ctx, const gkt_vtu_grid *grid, gkt_patches **out) {
  gkt_size count = 0;
  gkt_patches *p;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *p, &p));
  p->dim = highest_dim(grid);
  for (int b = 0; b < grid->num_blocks; b++) count += (gkt_size)grid->blocks[b].num_cells * facets_of(grid, p, b);
  GKT_GO(gkt_alloc(ctx, grid->num_nodes, sizeof *p->same, &p->same));
  GKT_GO(merge_corners(ctx, grid, p->same));
  GKT_GO(p->dim == 3 ? find_outer(ctx, grid, p, count) : find_flat(ctx, grid, p, count));
  *out = p;
  return GKT_OK;
done:
  gkt_patches_destroy(&p);
  return status;
}

void gkt_patches_destroy(gkt_patches **out) {
  gkt_patches *p = *out;
  if (!p) return;
  gkt_free(&p->same);
  gkt_free(&p->patches);
  gkt_free(out);
}

/* ---- nodes of a patch: those of the cell that lie where the facet's own are ---- */
static int node_at(const gkt_lagrange_node *places, const int at[3]) {
  int a = 0;
  while (places[a].at[0] != at[0] || places[a].at[1] != at[1] || places[a].at[2] != at[2]) a++;
  return a;
}

gkt_cell_type gkt_patch_nodes(const gkt_vtu_grid *grid, const gkt_patch *patch, gkt_idx *nodes) {
  const gkt_vtu_block *block = grid->blocks + patch->block;
  const gkt_idx *cell = block->nodes + (gkt_size)patch->cell * block->nodes_per_cell;
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  gkt_lagrange_node own[GKT_MAX_BASIS], all[GKT_MAX_BASIS];
  if (patch->facet < 0) return memcpy(nodes, cell, (size_t)block->nodes_per_cell * sizeof *nodes), block->cell;
  const gkt_cell_type type = gkt_cell_facet_type(t, patch->facet);
  const int *corners = t->facets[patch->facet], k = block->degree;
  const int *o = t->vertices[corners[0]], *a = t->vertices[corners[1]], *b = t->vertices[corners[gkt_cell_facet_vertices(t, patch->facet) - 1]];
  gkt_lagrange_places(type, k, own);
  gkt_lagrange_places(block->cell, k, all);
  for (int i = 0; i < gkt_lagrange_size(type, k); i++) {
    int at[3];
    for (int d = 0; d < 3; d++) at[d] = k * o[d] + own[i].at[0] * (a[d] - o[d]) + own[i].at[1] * (b[d] - o[d]);
    nodes[i] = cell[node_at(all, at)];
  }
  return type;
}
