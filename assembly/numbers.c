/* Runs of the terms of one sum. */
#include "assembly/numbers.h"

#include "assembly/segments_arguments.h"
#include "meshes/mesh.h"

/* Cells of each block before the term that run number r begins with. */
static gkt_status cut_block(gkt_row_patches *p, int b, gkt_idx before, gkt_idx count) {
  gkt_patch_cells *c = &p->blocks[b];
  GKT_TRY(gkt_alloc(p->ctx, p->num_patches + (gkt_size)1, sizeof *c->first, &c->first));
  for (gkt_idx r = 0; r <= p->num_patches; r++) {
    const gkt_size cell = (gkt_size)r * GKT_RUN - before;
    c->first[r] = (gkt_idx)(cell < 0 ? 0 : cell < count ? cell : count);
  }
  return GKT_OK;
}

static gkt_status cut_source(gkt_row_patches *p, int s, const gkt_map *m, const gkt_group *g) {
  gkt_patch_entities *e = &p->sources[s];
  const gkt_idx *cells = p->blocks[m->block].first;
  gkt_idx entity = 0;
  e->block = m->block, p->totals.entities[s] = g->cells ? g->count : -1;
  if (!g->cells) return GKT_OK;
  GKT_TRY(gkt_alloc(p->ctx, p->num_patches + (gkt_size)1, sizeof *e->first, &e->first));
  for (gkt_idx r = 0; r <= p->num_patches; r++) {
    while (entity < g->count && g->cells[entity] < cells[r]) entity++;
    e->first[r] = entity;
  }
  return GKT_OK;
}

static gkt_status cut(const gkt_patch_shares *s, gkt_row_patches *p) {
  gkt_idx before = 0;
  GKT_TRY(gkt_calloc(p->ctx, p->num_blocks, sizeof *p->blocks, &p->blocks));
  GKT_TRY(gkt_calloc(p->ctx, p->num_sources, sizeof *p->sources, &p->sources));
  GKT_TRY(gkt_calloc(p->ctx, p->num_sources, sizeof *p->totals.entities, &p->totals.entities));
  for (int b = 0; b < p->num_blocks; b++) {
    const gkt_idx count = gkt_mesh_block(s->a->mesh, b)->num_cells;
    GKT_TRY(cut_block(p, b, before, count));
    before += count, p->totals.cells[b] = count;
  }
  for (int k = 0; k < s->num_shares; k++) {
    const gkt_map *m = s->a->maps[s->shares[k].map];
    GKT_TRY(cut_source(p, k, m, &m->groups[s->shares[k].group]));
  }
  return GKT_OK;
}

gkt_status gkt_number_runs_create(const gkt_patch_shares *s, gkt_row_patches **out) {
  const gkt_reduce *r = s->a->targets.all[s->target].reduce;
  gkt_row_patches *p;
  GKT_TRY(gkt_calloc(s->a->ctx, 1, sizeof *p, &p));
  *p = (gkt_row_patches){.ctx = s->a->ctx,
                         .runs = true,
                         .sets = 1,
                         .dim = gkt_mesh_dim(s->a->mesh),
                         .block_size = {r->pattern.block_size[0], r->pattern.block_size[1]},
                         .block = r->block,
                         .num_patches = (r->num_cells + GKT_RUN - 1) / GKT_RUN,
                         .num_rows = 1,
                         .num_blocks = gkt_mesh_num_blocks(s->a->mesh),
                         .num_sources = s->num_shares,
                         .shared_bytes = GKT_RUN * (gkt_size)(r->block | 1) * (gkt_size)sizeof(gkt_scalar),
                         .num_contributions = r->num_cells,
                         .num_computed = r->num_cells};
  const gkt_status status = cut(s, p);
  if (status == GKT_OK) *out = p;
  else gkt_row_patches_destroy(&p);
  return status;
}
