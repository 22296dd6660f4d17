/* Assemblers: the plan of all maps of a form and of their reduces. Execution: execute.c, batch.c. */
#include <string.h>

#include "assembly/backend.h"
#include "meshes/mesh.h"

/* ---- creation ---- */
static gkt_status make_maps(gkt_assembler *a) {
  int integrals = a->form->num_integrals, blocks = gkt_mesh_num_blocks(a->mesh);
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->maps, &a->maps));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->kernels, &a->kernels));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks * gkt_form_num_fields(a->form, 0) * gkt_form_num_fields(a->form, 1), sizeof *a->adders, &a->adders));
  for (int i = 0; i < integrals; i++)
    for (int b = 0; b < blocks; b++) {
      GKT_TRY(gkt_map_create(a->form, i, a->mesh, b, a->spaces, a->num_maps, &a->maps[a->num_maps]));
      a->num_maps++;
    }
  return GKT_OK;
}

/* Of several fields; sets of a batch of one field are added map by map, and each of them has the bits that it has alone. */
static void share_tensors(const gkt_assembler *a) {
  if (gkt_form_num_fields(a->form, 0) * gkt_form_num_fields(a->form, 1) == 1) return;
  for (int k = 0; k < a->num_maps; k++)
    for (int j = 0; j < k && a->maps[k]->into < 0; j++)
      if (a->maps[j]->into < 0) gkt_map_add_into(a->maps[k], a->maps[j]);
  for (int k = 0; k < a->num_maps; k++)
    if (a->maps[k]->into >= 0) gkt_map_take_places(a->maps[k], a->maps[a->maps[k]->into]);
}

bool gkt_map_has_work(const gkt_map *m) { return m->num_groups > 0 && m->num_couplings > 0; }

static gkt_status check_calls(const gkt_assembler *a, const gkt_map *m, gkt_backend backend) {
  if (gkt_backend_row(backend)->calls_program || !gkt_pointwise_num_calls(m->pointwise)) return GKT_OK;
  return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'%s' is a function of this program, which a GPU cannot call; expected the cpu or interpreter backend",
                  gkt_pointwise_call_name(m->pointwise, 0));
}

gkt_status gkt_assembler_source(const gkt_assembler *a, int integral, gkt_backend backend, bool sets, gkt_text *text) {
  for (int k = 0; k < a->num_maps; k++) GKT_TRY(check_calls(a, a->maps[k], backend));
  gkt_map_emit_prelude(backend, text);
  for (int k = 0; k < a->num_maps; k++)
    if (gkt_map_has_work(a->maps[k]) && (integral < 0 || a->maps[k]->integral == &a->form->integrals[integral])) {
      gkt_map_emit(a->maps[k], sets, text);
      for (int c = 0; c < a->maps[k]->num_couplings && backend == GKT_BACKEND_CPU && !sets && a->maps[k]->into < 0; c++)
        if (gkt_reduce_takes_sets(a->targets.all[a->maps[k]->couplings[c].target].reduce)) gkt_map_emit_add(a->maps[k], c, text);
    }
  return text->status;
}

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
  return gkt_alloc(a->ctx, (gkt_size)gkt_mesh_num_blocks(a->mesh) * a->num_functions, sizeof *a->nodes, &a->nodes);
}

static gkt_status copy_spaces(gkt_assembler *a, const gkt_space *const *spaces) {
  a->num_functions = gkt_scope_num_functions(a->form->scope);
  GKT_TRY(gkt_spaces_retain(a->ctx, a->num_functions, spaces, &a->spaces));
  return gkt_alloc(a->ctx, a->num_functions, sizeof *a->set_values, &a->set_values);
}

static void list_nodes(gkt_assembler *a) {
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++)
    for (int f = 0; f < a->num_functions; f++) a->nodes[b * a->num_functions + f] = a->spaces[f] ? a->spaces[f]->cell_nodes[b] : NULL;
}

static void log_target(const gkt_assembler *a, int target) {
  static const char *const results[] = {"number", "vector", "matrix"};
  const int columns = a->targets.num_fields[1];
  char what[200];
  int n = snprintf(what, sizeof what, "%s", results[a->form->arity]);
  for (int w = 0; w < a->form->arity && a->targets.count > 1 && n < (int)sizeof what; w++)
    n += snprintf(what + n, sizeof what - (size_t)n, w ? ", %s" : " (%s",
                  gkt_scope_function_name(a->form->scope, a->form->arguments[w].functions[w ? target % columns : target / columns]));
  if (a->form->arity && a->targets.count > 1 && n < (int)sizeof what) snprintf(what + n, sizeof what - (size_t)n, ")");
  gkt_reduce_log(a->targets.all[target].reduce, what);
}

/* What is told of the plan; the reduce is that of the first target. */
static void tell(gkt_assembler *a) {
  a->info.backend = a->backend->name, a->info.reduce = gkt_reduce_name(gkt_targets_any(&a->targets));
  for (int k = 0; k < a->targets.count; k++) {
    const gkt_reduce *r = a->targets.all[k].reduce;
    if (!r) continue;
    a->info.element_bytes += r->num_kept * (gkt_size)sizeof(gkt_scalar), a->info.reduce_bytes += gkt_reduce_bytes(r);
    log_target(a, k);
  }
}

static gkt_status copy_ties(gkt_assembler *a, const gkt_ties *const *ties) {
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *a->ties, &a->ties));
  for (int f = 0; ties && f < a->num_functions; f++) a->ties[f] = ties[f];
  return GKT_OK;
}

gkt_status gkt_assembler_create(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, gkt_assembler **out) {
  return gkt_assembler_create_tied(form, mesh, spaces, NULL, out);
}

bool gkt_assembler_turns(const gkt_assembler *a) {
  for (int f = 0; f < a->num_functions; f++)
    if (a->ties[f] && gkt_ties_turns(a->ties[f])) return true;
  return false;
}

gkt_status gkt_assembler_create_tied(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, const gkt_ties *const *ties, gkt_assembler **out) {
  gkt_context *ctx = form->scope->ctx;
  gkt_assembler *a = NULL;
  const gkt_backend_ops *backend;
  gkt_status status;
  if (form->scope->dim != gkt_mesh_dim(mesh))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "assembler: the form is written for %d dimensions, the mesh has %d", form->scope->dim, gkt_mesh_dim(mesh));
  GKT_TRY(gkt_backend_find(ctx, &backend));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *a, &a));
  a->ctx = ctx, a->form = gkt_form_retain(form), a->mesh = gkt_mesh_retain(mesh), a->backend = backend;
  GKT_GO(gkt_flat_check(form->scope, mesh));
  GKT_GO(copy_spaces(a, spaces));
  GKT_GO(copy_ties(a, ties));
  GKT_GO(make_maps(a));
  share_tensors(a);
  double start = gkt_seconds();
  GKT_GO(gkt_targets_create(form, mesh, a->spaces, a->ties, a->num_maps, a->maps, &a->targets));
  a->info.pattern_seconds = gkt_seconds() - start;
  GKT_GO(make_workers(a));
  list_nodes(a);
  start = gkt_seconds();
  GKT_GO(backend->compile(a, &a->module, a->kernels, a->adders));
  a->info.compile_seconds = gkt_seconds() - start;
  tell(a);
done:
  if (status == GKT_OK) *out = a;
  else gkt_assembler_destroy(&a);
  return status;
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

void gkt_assembler_destroy(gkt_assembler **assembler) {
  gkt_assembler *a = *assembler;
  if (!a) return;
  for (int k = 0; k < a->num_maps; k++) gkt_map_destroy(&a->maps[k]);
  gkt_batch_plan_destroy(&a->batch);
  gkt_workers_destroy(a->num_workers, &a->workers);
  gkt_free(&a->maps);
  gkt_free(&a->kernels);
  gkt_free(&a->adders);
  gkt_spaces_release(a->num_functions, &a->spaces);
  gkt_free(&a->ties);
  gkt_free(&a->set_values);
  gkt_free(&a->nodes);
  gkt_targets_clear(&a->targets);
  gkt_module_destroy(&a->module);
  gkt_mesh_destroy(&a->mesh);
  gkt_form_destroy(&a->form); /* and with it, perhaps, the context */
  gkt_free(assembler);
}

const gkt_form *gkt_assembler_form(const gkt_assembler *a) { return a->form; }
void gkt_assembler_get_info(const gkt_assembler *a, gkt_assembler_info *out) { *out = a->info; }

gkt_status gkt_assembler_matrix(gkt_assembler *a, gkt_csr **out) {
  if (a->form->arity != 2) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: a form of arity %d has no matrix", a->form->arity);
  return gkt_targets_matrix(&a->targets, out);
}
