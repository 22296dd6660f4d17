/* Plans of patches on meshes of every kind, for their tests. */
#ifndef GKT_TESTS_PATCH_PLANS_H
#define GKT_TESTS_PATCH_PLANS_H
#include "assembly/patches.h"
#include "tests/element_form.h"

/* A reduce by `segmented` for a space with so many components, with what a plan of patches reads of it. */
typedef struct {
  gkt_mesh *mesh;
  gkt_space *space;
  gkt_reduce *reduce;
  gkt_incidence incidence[GKT_NUM_CELL_TYPES];
  const gkt_idx *nodes[GKT_NUM_CELL_TYPES];
  int corners[GKT_NUM_CELL_TYPES];
  gkt_patch_source sources[3 * GKT_NUM_CELL_TYPES];
  gkt_idx *listed[3 * GKT_NUM_CELL_TYPES];
  gkt_patch_input input;
} patch_world;

/* sources: 1 all cells; 2 some cells; 3 all cells and then twice some of them, as of facets. Frees the mesh with the world. */
static inline void make_patch_world(gkt_mesh *mesh, int degree, int components, int arity, bool half, int sources, patch_world *w) {
  gkt_idx sizes[GKT_NUM_CELL_TYPES];
  uint32_t seed = 7;
  const int count = gkt_mesh_num_blocks(mesh), block[2] = {components, arity == 2 ? components : 1};
  *w = (patch_world){.mesh = mesh};
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, degree}, components > 1 ? gkt_shape_vector(components) : gkt_shape_scalar(), &w->space), "space");
  for (int b = 0; b < count; b++) {
    const gkt_cell_block *cells = gkt_mesh_block(mesh, b);
    const int n = gkt_space_nodes_per_cell(w->space, b);
    w->incidence[b] = (gkt_incidence){cells->num_cells, {n, arity == 2 ? n : 1}, {gkt_space_cell_nodes(w->space, b), arity == 2 ? gkt_space_cell_nodes(w->space, b) : NULL}};
    w->nodes[b] = cells->nodes, w->corners[b] = cells->nodes_per_cell;
    sizes[b] = gkt_reduce_chunk_size(1, &w->incidence[b], (const int[]){block[0] * block[1]}, (const bool[]){false});
    for (int s = 0; s < sources; s++) {
      gkt_patch_source *to = &w->sources[w->input.num_sources];
      *to = (gkt_patch_source){.block = b, .count = cells->num_cells};
      if (s > 0 || sources == 2) {
        gkt_idx *list = w->listed[w->input.num_sources] = malloc((size_t)cells->num_cells * sizeof *list);
        to->cells = list, to->count = 0;
        for (gkt_idx c = 0; c < cells->num_cells; c++)
          if (noise(&seed) > 0.4) list[to->count++] = c;
      }
      w->input.num_sources++;
    }
  }
  const gkt_idx nodes[2] = {gkt_space_num_nodes(w->space), arity == 2 ? gkt_space_num_nodes(w->space) : 1};
  must(gkt_reduce_create(ctx, count, w->incidence, nodes, block, false, sizes, &w->reduce), "reduce");
  must(gkt_reduce_plan(w->reduce, count, w->incidence, (gkt_embedding){0}), "plan of the reduce");
  w->input.reduce = w->reduce, w->input.segments = &w->reduce->segments, w->input.num_blocks = count, w->input.dim = gkt_mesh_dim(mesh);
  w->input.nodes = w->nodes, w->input.corners = w->corners, w->input.sources = w->sources, w->input.half = half;
}

static inline void free_patch_world(patch_world *w) {
  for (int s = 0; s < w->input.num_sources; s++) free(w->listed[s]);
  gkt_reduce_destroy(&w->reduce);
  gkt_space_destroy(&w->space);
  gkt_mesh_destroy(&w->mesh);
}

/* The pairs that have the sum of a slot, within the patch: itself, and the transposed one; -1: none. */
static inline gkt_idx find_slot(const gkt_row_patches *p, gkt_idx patch, gkt_idx slot, gkt_idx after) {
  const gkt_idx before = p->first_pair[p->first_row[patch]], pairs = p->first_pair[p->first_row[patch + 1]] - before;
  for (gkt_idx k = after + 1; k < pairs; k++)
    if (p->slots[before + k] == slot) return k;
  return -1;
}
static inline void find_places(const gkt_row_patches *p, gkt_idx patch, gkt_idx slot, gkt_idx places[2]) {
  const gkt_size at = (gkt_size)p->first_group[patch] * GKT_PATCH_GROUP + slot;
  places[0] = places[1] = -1;
  if (p->block == 1) {
    places[0] = find_slot(p, patch, slot, -1);
    if (places[0] >= 0) places[1] = find_slot(p, patch, slot, places[0]);
    return;
  }
  if (p->places[at] != GKT_PATCH_NO_PLACE) places[0] = p->places[at];
  if (p->once && p->mirrors[at] != GKT_PATCH_NO_PLACE) places[1] = p->mirrors[at];
}

/* The record that a code names: block, cell of the patch, pair of nodes. */
typedef struct {
  int block, a, b;
  gkt_idx cell;
} coded;
static inline bool read_code(const gkt_row_patches *p, gkt_idx patch, int code, coded *out) {
  int at = (code & ~GKT_PATCH_ACROSS) - p->zeros, across = code & GKT_PATCH_ACROSS;
  if (p->pairs) {
    gkt_idx left = code - p->blocks[0].nodes[0] * p->blocks[0].nodes[1];
    for (int b = 0; left >= 0 && b < p->num_blocks; b++) {
      const int *nodes = p->blocks[b].nodes, pairs = nodes[0] * nodes[1];
      const gkt_idx cells = p->blocks[b].first[patch + 1] - p->blocks[b].first[patch];
      *out = (coded){.block = b, .cell = left / pairs, .a = left % pairs / nodes[1], .b = left % pairs % nodes[1]};
      if (out->cell < cells) return true;
      left -= cells * pairs;
    }
    return false;
  }
  for (int b = 0; at >= 0 && b < p->num_blocks; b++) {
    const gkt_patch_cells *c = &p->blocks[b];
    const gkt_idx count = c->first[patch + 1] - c->first[patch];
    if (at >= count * c->record) {
      at -= count * c->record;
      continue;
    }
    int pair = at % c->record / p->block, a = 0;
    if (at % c->record % p->block) return false;
    *out = (coded){.block = b, .cell = at / c->record};
    if (!p->half) out->a = pair / c->nodes[1], out->b = pair % c->nodes[1];
    else {
      for (; pair >= c->nodes[0] - a; a++) pair -= c->nodes[0] - a;
      out->a = a, out->b = a + pair;
    }
    if (across) a = out->a, out->a = out->b, out->b = a;
    return out->a < c->nodes[0];
  }
  return false;
}
#endif
