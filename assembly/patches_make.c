/* Patches of a target, from the assembler's plan, on the host. */
#include "assembly/patches_emit.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

enum { WINDOW = 32 };

typedef struct { /* while they are made */
  gkt_idx *order;
  const gkt_idx **nodes;
  int *corners;
  gkt_patch_source *sources;
} making;

/* Rows along Hilbert's curve through their nodes, whatever their numbers: patches then have the least surface (ADR 27). */
static gkt_status order_rows(const gkt_patch_shares *s, gkt_idx **order) {
  const gkt_assembler *a = s->a;
  const gkt_argument *rows = &a->maps[s->shares[0].map]->couplings[s->shares[0].coupling].arguments[0];
  const gkt_idx count = a->targets.all[s->target].reduce->pattern.num_nodes[0];
  const int dim = gkt_mesh_dim(a->mesh);
  const double *coords = rows->space ? gkt_space_coords(rows->space) : gkt_mesh_coords(a->mesh);
  double *x = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(a->ctx, count, sizeof **order, order));
  GKT_GO(gkt_calloc(a->ctx, (gkt_size)count * 3, sizeof *x, &x));
  for (gkt_idx i = 0; i < count; i++) {
    (*order)[i] = i;
    for (int d = 0; d < dim; d++) x[3 * (gkt_size)i + d] = coords[(gkt_size)i * dim + d];
  }
  GKT_GO(gkt_order_along_curve(a->ctx, GKT_HILBERT, x, count, *order));
done:
  gkt_free(&x);
  return status;
}

static gkt_status list_sources(const gkt_patch_shares *s, making *m) {
  const gkt_assembler *a = s->a;
  const int blocks = gkt_mesh_num_blocks(a->mesh);
  GKT_TRY(gkt_alloc(a->ctx, blocks, sizeof *m->nodes, &m->nodes));
  GKT_TRY(gkt_alloc(a->ctx, blocks, sizeof *m->corners, &m->corners));
  GKT_TRY(gkt_calloc(a->ctx, s->num_shares, sizeof *m->sources, &m->sources));
  for (int b = 0; b < blocks; b++) m->nodes[b] = gkt_mesh_block(a->mesh, b)->nodes, m->corners[b] = gkt_mesh_block(a->mesh, b)->nodes_per_cell;
  for (int k = 0; k < s->num_shares; k++) {
    const gkt_map *map = a->maps[s->shares[k].map];
    const gkt_group *g = &map->groups[s->shares[k].group];
    m->sources[k] = (gkt_patch_source){map->block, g->count, g->cells};
  }
  return GKT_OK;
}

gkt_status gkt_target_patches_create(const gkt_patch_shares *s, const gkt_patch_limits *limits, int window, gkt_row_patches **out, char why[200]) {
  const gkt_assembler *a = s->a;
  const gkt_reduce *reduce = a->targets.all[s->target].reduce;
  making m = {0};
  gkt_status status;
  GKT_GO(order_rows(s, &m.order));
  GKT_GO(list_sources(s, &m));
  const gkt_patch_input input = {.reduce = reduce,
                                 .segments = &reduce->segments,
                                 .num_blocks = gkt_mesh_num_blocks(a->mesh),
                                 .dim = gkt_mesh_dim(a->mesh),
                                 .nodes = m.nodes,
                                 .corners = m.corners,
                                 .num_sources = s->num_shares,
                                 .sources = m.sources,
                                 .sets = s->sets,
                                 .half = s->half,
                                 .record = s->record.size,
                                 .apart = s->record.apart,
                                 .tables = s->record.tables,
                                 .order = m.order,
                                 .window = window < 0 ? WINDOW : window};
  GKT_GO(gkt_row_patches_create(a->ctx, &input, limits, out, why));
done:
  gkt_free(&m.order);
  gkt_free(&m.nodes);
  gkt_free(&m.corners);
  gkt_free(&m.sources);
  return status;
}
