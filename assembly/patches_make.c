/* Patches of a target, from the assembler's plan: on the host, or on the device. */
#include "assembly/patches_emit.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

enum { WINDOW = 32 };

typedef struct { /* while they are made */
  gkt_idx *order;
  gkt_incidence *incidence;
  const gkt_idx **nodes;
  int *corners;
  gkt_patch_source *sources;
} making;

static const double *find_points(const gkt_patch_shares *s) {
  const gkt_argument *rows = &s->a->maps[s->shares[0].map]->couplings[s->shares[0].coupling].arguments[0];
  return rows->space ? gkt_space_coords(rows->space) : gkt_mesh_coords(s->a->mesh);
}

/* Rows along Hilbert's curve through their nodes, whatever their numbers: patches then have the least surface (ADR 27). */
static gkt_status order_rows(const gkt_patch_shares *s, gkt_idx **order) {
  const gkt_assembler *a = s->a;
  if (s->num_shares == 0) return GKT_OK; /* zeros: nothing is computed for them */
  const gkt_idx count = a->targets.all[s->target].reduce->pattern.num_nodes[0];
  const int dim = gkt_mesh_dim(a->mesh);
  const double *coords = find_points(s);
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
    m->sources[k] = (gkt_patch_source){map->block, g->count, g->cells, gkt_patch_is_numbered(s, k), gkt_patch_entity_of(s, k)};
  }
  return GKT_OK;
}

static gkt_patch_input input_of(const gkt_patch_shares *s, const making *m, int window) {
  const gkt_assembler *a = s->a;
  const gkt_reduce *reduce = a->targets.all[s->target].reduce;
  gkt_patch_input in = {.reduce = reduce,
                        .segments = &reduce->segments,
                        .num_blocks = gkt_mesh_num_blocks(a->mesh),
                        .dim = gkt_mesh_dim(a->mesh),
                        .nodes = m->nodes,
                        .corners = m->corners,
                        .num_sources = s->num_shares,
                        .sources = m->sources,
                        .sets = s->sets,
                        .half = s->half,
                        .pairs = s->pairs,
                        .once = s->once,
                        .order = m->order,
                        .window = window < 0 ? WINDOW : window};
  for (int b = 0; s->pairs && b < in.num_blocks; b++) in.record[b] = s->kinds[b].stride, in.apart[b] = s->kinds[b].record.apart, in.tables += s->kinds[b].tables;
  return in;
}

static void clear(making *m) {
  gkt_free(&m->order);
  gkt_free(&m->incidence);
  gkt_free(&m->nodes);
  gkt_free(&m->corners);
  gkt_free(&m->sources);
}

gkt_status gkt_target_patches_create(const gkt_patch_shares *s, const gkt_patch_limits *limits, int window, gkt_row_patches **out, char why[200]) {
  making m = {0};
  gkt_status status;
  GKT_GO(gkt_reduce_make_lists(s->a->targets.all[s->target].reduce));
  GKT_GO(order_rows(s, &m.order));
  GKT_GO(list_sources(s, &m));
  const gkt_patch_input input = input_of(s, &m, window);
  GKT_GO(gkt_row_patches_create(s->a->ctx, &input, limits, out, why));
done:
  clear(&m);
  return status;
}

static gkt_status list_incidence(const gkt_patch_shares *s, making *m, char why[200]) {
  const gkt_assembler *a = s->a;
  const int columns = a->targets.num_fields[1], fields[2] = {s->target / columns, s->target % columns};
  GKT_TRY(gkt_calloc(a->ctx, gkt_mesh_num_blocks(a->mesh), sizeof *m->incidence, &m->incidence));
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++)
    for (int w = 0; w < 2; w++) {
      gkt_argument arg;
      GKT_TRY(gkt_argument_of(a->form, w, fields[w], a->mesh, b, a->spaces, &arg));
      if (arg.function >= 0 && a->ties[arg.function] && a->ties[arg.function]->num_tied) return snprintf(why, 200, "nodes are tied"), GKT_OK;
      m->incidence[b].num_cells = gkt_mesh_block(a->mesh, b)->num_cells, m->incidence[b].num[w] = arg.num_nodes, m->incidence[b].nodes[w] = arg.nodes;
    }
  return GKT_OK;
}

gkt_status gkt_target_patches_on_device(const gkt_patch_shares *s, gkt_copies *copies, const gkt_patch_limits *limits, int window, gkt_row_patches **out, gkt_patch_arrays *arrays,
                                        char why[200]) {
  making m = {0};
  gkt_status status;
  *why = 0, *out = NULL;
  if (!s->num_shares) return snprintf(why, 200, "nothing is computed"), GKT_OK;
  for (int k = 0; k < s->num_shares; k++)
    if (s->a->maps[s->shares[k].map]->groups[s->shares[k].group].has_own_row) return snprintf(why, 200, "cells have several points of a sum"), GKT_OK;
  GKT_GO(list_sources(s, &m));
  GKT_GO(list_incidence(s, &m, why));
  if (*why) goto done;
  const gkt_patch_input input = input_of(s, &m, window);
  const gkt_device_patch_input given = {&input, m.incidence, find_points(s), false};
  const gkt_size needed = gkt_device_patches_bytes(&given), left = gkt_device_get_info(copies->device)->free_bytes - gkt_device_count_all(copies->device).bytes_held;
  if (needed > left) snprintf(why, 200, "the device needs %.1f MB for that, %.1f MB are free", (double)needed / 1e6, (double)left / 1e6);
  else GKT_GO(gkt_device_patches_create(s->a->ctx, copies, &given, limits, out, arrays, why));
done:
  clear(&m);
  return status;
}
