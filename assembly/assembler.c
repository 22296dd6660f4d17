/* Assemblers: the plan of all maps of a form and of one reduce. Execution: execute.c, batch.c. */
#include <string.h>

#include "assembly/backend.h"
#include "meshes/mesh.h"

/* ---- creation ---- */
static gkt_status make_maps(gkt_assembler *a) {
  int integrals = a->form->num_integrals, blocks = gkt_mesh_num_blocks(a->mesh);
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->maps, &a->maps));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->kernels, &a->kernels));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->adders, &a->adders));
  for (int i = 0; i < integrals; i++)
    for (int b = 0; b < blocks; b++) {
      GKT_TRY(gkt_map_create(a->form, i, a->mesh, b, a->spaces, a->num_maps, &a->maps[a->num_maps]));
      a->num_maps++;
    }
  return GKT_OK;
}

/* Over all cells, whatever the integrals: every form on the same spaces then has the same pattern. */
static gkt_status make_reduce(gkt_assembler *a) {
  int blocks = gkt_mesh_num_blocks(a->mesh);
  gkt_incidence *incidence = NULL;
  gkt_idx num_nodes[2] = {1, 1};
  int size[2] = {1, 1};
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, blocks, sizeof *incidence, &incidence));
  for (int b = 0; b < blocks; b++)
    for (int i = 0; i < 2; i++) {
      gkt_argument arg;
      GKT_GO(gkt_argument_of(a->form, i, a->mesh, b, a->spaces, &arg));
      incidence[b].num_cells = gkt_mesh_block(a->mesh, b)->num_cells;
      incidence[b].num[i] = arg.num_nodes, incidence[b].nodes[i] = arg.nodes;
      num_nodes[i] = arg.num_all, size[i] = arg.components;
    }
  GKT_GO(gkt_reduce_create(a->ctx, blocks, incidence, num_nodes, size, gkt_form_is_mirrored(a->form), &a->reduce));
  for (int k = 0; k < a->num_maps; k++) {
    a->maps[k]->half = a->reduce->half;
    GKT_GO(gkt_groups_cut(a->maps[k], a->reduce));
  }
done:
  gkt_free(&incidence);
  return status;
}

bool gkt_map_has_work(const gkt_map *m) { return m->num_groups > 0 && m->num_entries > 0; }

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
      if (backend == GKT_BACKEND_CPU && !sets && gkt_reduce_takes_sets(a->reduce)) gkt_map_emit_add(a->maps[k], text);
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
  a->num_workers = gkt_threads_for(a->ctx, a->reduce->num_contributions * a->reduce->block);
  for (int k = 0; k < a->num_maps; k++) {
    if (!gkt_map_has_work(a->maps[k])) continue;
    gkt_size n = (gkt_size)gkt_map_tiles(a->maps[k]) * a->maps[k]->tensor_size * GKT_LANES, w = a->backend->workspace(a->maps[k], 0);
    tensors = n > tensors ? n : tensors;
    workspace = w > workspace ? w : workspace;
  }
  GKT_TRY(gkt_calloc(a->ctx, a->num_workers, sizeof *a->workers, &a->workers));
  for (int t = 0; t < a->num_workers; t++) {
    GKT_TRY(gkt_alloc(a->ctx, (gkt_size)a->reduce->max_sums * a->reduce->block, sizeof(gkt_scalar), &a->workers[t].sums));
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

gkt_status gkt_assembler_create(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, gkt_assembler **out) {
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
  GKT_GO(make_maps(a));
  double start = gkt_seconds();
  GKT_GO(make_reduce(a));
  a->info.pattern_seconds = gkt_seconds() - start;
  GKT_GO(make_workers(a));
  list_nodes(a);
  start = gkt_seconds();
  GKT_GO(backend->compile(a, &a->module, a->kernels, a->adders));
  a->info.compile_seconds = gkt_seconds() - start;
  a->info.backend = backend->name, a->info.reduce = gkt_reduce_name(a->reduce);
  a->info.element_bytes = a->reduce->num_kept * (gkt_size)sizeof(gkt_scalar), a->info.reduce_bytes = gkt_reduce_bytes(a->reduce);
  gkt_reduce_log(a->reduce, form->arity == 2 ? "matrix" : form->arity == 1 ? "vector" : "number");
done:
  if (status == GKT_OK) *out = a;
  else gkt_assembler_destroy(&a);
  return status;
}

void gkt_workers_destroy(int count, gkt_worker **workers) {
  for (int t = 0; *workers && t < count; t++) {
    gkt_free(&(*workers)[t].sums);
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
  gkt_free(&a->set_values);
  gkt_free(&a->nodes);
  gkt_reduce_destroy(&a->reduce);
  gkt_module_destroy(&a->module);
  gkt_mesh_destroy(&a->mesh);
  gkt_form_destroy(&a->form); /* and with it, perhaps, the context */
  gkt_free(assembler);
}

const gkt_form *gkt_assembler_form(const gkt_assembler *a) { return a->form; }
void gkt_assembler_get_info(const gkt_assembler *a, gkt_assembler_info *out) { *out = a->info; }

/* The scalar rows of a row of nodes, all zero. */
static void fill_matrix_rows(const gkt_pattern *p, gkt_idx row, gkt_csr *A) {
  int rows = p->block_size[0], cols = p->block_size[1];
  gkt_idx first = p->offsets[row], length = p->offsets[row + 1] - first, at = first * rows * cols;
  for (int i = 0; i < rows; i++) {
    for (gkt_idx k = 0; k < length; k++)
      for (int j = 0; j < cols; j++) A->cols[at++] = p->cols[first + k] * cols + j;
    A->row_offsets[row * rows + i + 1] = at;
  }
  memset(A->vals + first * rows * cols, 0, (size_t)(at - first * rows * cols) * sizeof *A->vals);
}

gkt_status gkt_assembler_matrix(gkt_assembler *a, gkt_csr **out) {
  const gkt_pattern *p = &a->reduce->pattern;
  int rows = p->block_size[0], cols = p->block_size[1];
  gkt_idx num_rows, num_cols;
  gkt_csr *A;
  if (a->form->arity != 2) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: a form of arity %d has no matrix", a->form->arity);
  GKT_TRY(gkt_narrow(a->ctx, (gkt_size)p->num_nodes[0] * rows, "rows", &num_rows));
  GKT_TRY(gkt_narrow(a->ctx, (gkt_size)p->num_nodes[1] * cols, "columns", &num_cols));
  GKT_TRY(gkt_csr_create(a->ctx, num_rows, num_cols, gkt_reduce_num_values(a->reduce), num_rows == num_cols && rows == cols ? rows : 1, &A));
  int threads = gkt_threads_for(a->ctx, gkt_reduce_num_values(a->reduce));
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) fill_matrix_rows(p, r, A);
  *out = A;
  return GKT_OK;
}
