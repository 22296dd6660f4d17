/* What backends of the host have in common when an assembler is made: kernels, memory of the threads, what is told. */
#include "assembly/backend.h"
#include "meshes/mesh.h"

/* Tiles per call of a map: their tensors stay in a first-level cache. */
enum { TILE_BYTES = 24 * 1024 };
gkt_idx gkt_map_tiles(const gkt_map *m) {
  gkt_size bytes = (gkt_size)m->tensor_size * GKT_LANES * (gkt_size)sizeof(gkt_scalar);
  return bytes < TILE_BYTES ? (gkt_idx)(TILE_BYTES / bytes) : 1;
}

static gkt_status make_workers(gkt_assembler *a) {
  gkt_size tensors = 0, workspace = 0;
  a->num_workers = gkt_threads_for(a->ctx, a->targets.num_contributions);
  for (int k = 0; k < a->num_maps; k++) {
    if (!gkt_map_has_work(a->maps[k])) continue;
    gkt_size n = (gkt_size)gkt_map_tiles(a->maps[k]) * a->maps[k]->tensor_size * GKT_LANES, w = a->backend->workspace(a->maps[k], 0);
    tensors = n > tensors ? n : tensors;
    workspace = w > workspace ? w : workspace;
  }
  GKT_TRY(gkt_calloc(a->ctx, a->num_workers, sizeof *a->workers, &a->workers));
  for (int t = 0; t < a->num_workers; t++) {
    GKT_TRY(gkt_alloc(a->ctx, a->targets.num_sums, sizeof(gkt_scalar), &a->workers[t].sums));
    GKT_TRY(gkt_calloc(a->ctx, a->targets.count, sizeof *a->workers[t].parts, &a->workers[t].parts));
    GKT_TRY(gkt_alloc(a->ctx, tensors, sizeof(gkt_scalar), &a->workers[t].tensors));
    GKT_TRY(gkt_alloc(a->ctx, workspace, sizeof(gkt_scalar), &a->workers[t].workspace));
  }
  return GKT_OK;
}

void gkt_workers_destroy(int count, gkt_worker **workers) {
  for (int t = 0; *workers && t < count; t++) {
    gkt_free(&(*workers)[t].sums);
    gkt_free(&(*workers)[t].parts);
    gkt_free(&(*workers)[t].tensors);
    gkt_free(&(*workers)[t].workspace);
    gkt_free(&(*workers)[t].values);
  }
  gkt_free(workers);
}

static gkt_status list_nodes(gkt_assembler *a) {
  GKT_TRY(gkt_alloc(a->ctx, (gkt_size)gkt_mesh_num_blocks(a->mesh) * a->num_functions, sizeof *a->nodes, &a->nodes));
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++)
    for (int f = 0; f < a->num_functions; f++) a->nodes[b * a->num_functions + f] = a->spaces[f] ? a->spaces[f]->cell_nodes[b] : NULL;
  return GKT_OK;
}

/* The reduce is that of the first target. */
static void tell(gkt_assembler *a) {
  char what[200];
  a->info.reduce = gkt_reduce_name(gkt_targets_any(&a->targets));
  for (int k = 0; k < a->targets.count; k++) {
    const gkt_reduce *r = a->targets.all[k].reduce;
    if (!r) continue;
    a->info.element_bytes += r->num_kept * (gkt_size)sizeof(gkt_scalar), a->info.reduce_bytes += gkt_reduce_bytes(r);
    gkt_assembler_name_target(a, k, sizeof what, what);
    gkt_reduce_log(r, what);
  }
}

gkt_status gkt_host_plan(gkt_assembler *a) {
  GKT_TRY(make_workers(a));
  GKT_TRY(list_nodes(a));
  double start = gkt_seconds();
  GKT_TRY(a->backend->compile(a, &a->module, a->kernels, a->adders));
  a->info.compile_seconds = gkt_seconds() - start;
  tell(a);
  return GKT_OK;
}

void gkt_host_destroy(gkt_assembler *a) {
  gkt_batch_plan_destroy(&a->batch);
  gkt_workers_destroy(a->num_workers, &a->workers);
  gkt_free(&a->nodes);
  gkt_module_destroy(&a->module);
}
