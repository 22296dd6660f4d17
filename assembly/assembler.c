/* Assemblers: the plan of all maps of a form and of one reduce, and its execution over chunks of cells. */
#include "assembly/assembler.h"

#include <string.h>

/* ---- creation ---- */
static gkt_status check_backend(gkt_context *ctx, gkt_backend *out) {
  *out = ctx->options.backend;
  if (*out == GKT_BACKEND_CUDA) return gkt_fail(ctx, GKT_UNAVAILABLE, "the cuda backend is not available yet; expected cpu or interpreter");
  if (*out == GKT_BACKEND_CPU && !gkt_compiler_found(ctx)) {
    gkt_log(ctx, GKT_LOG_NOTICE, "no C compiler is found ($CC, cc): forms are interpreted, which is slower");
    *out = GKT_BACKEND_INTERPRETER;
  }
  return GKT_OK;
}

static gkt_status make_maps(gkt_assembler *a) {
  int integrals = a->form->num_integrals, blocks = gkt_mesh_num_blocks(a->mesh);
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->maps, &a->maps));
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
  GKT_GO(gkt_reduce_create(a->ctx, blocks, incidence, num_nodes, size, &a->reduce));
  for (int k = 0; k < a->num_maps; k++) GKT_GO(gkt_groups_cut(a->maps[k], a->reduce));
done:
  gkt_free(&incidence);
  return status;
}

static bool has_work(const gkt_map *m) { return m->num_groups > 0 && m->num_entries > 0; }

gkt_status gkt_assembler_source(const gkt_assembler *a, int integral, gkt_backend backend, gkt_text *text) {
  gkt_map_emit_prelude(backend, text);
  for (int k = 0; k < a->num_maps; k++)
    if (has_work(a->maps[k]) && (integral < 0 || a->maps[k]->integral == &a->form->integrals[integral])) gkt_map_emit(a->maps[k], text);
  return text->status;
}

static gkt_status compile(gkt_assembler *a) {
  gkt_text text = {.ctx = a->ctx};
  gkt_status status;
  bool any = false;
  for (int k = 0; k < a->num_maps; k++) any |= has_work(a->maps[k]);
  if (!any) return GKT_OK;
  GKT_GO(gkt_assembler_source(a, -1, GKT_BACKEND_CPU, &text));
  GKT_GO(gkt_module_compile(a->ctx, text.data, &a->module));
  for (int k = 0; k < a->num_maps; k++) {
    char name[32];
    if (!has_work(a->maps[k])) continue;
    snprintf(name, sizeof name, "gkt_map_%d", k);
    void *symbol = gkt_module_symbol(a->module, name);
    if (!symbol) GKT_GO(gkt_fail(a->ctx, GKT_INTERNAL, "the compiled module has no function %s", name));
    memcpy(&a->maps[k]->kernel, &symbol, sizeof symbol); /* an object pointer to a function pointer, as POSIX allows */
  }
done:
  gkt_text_free(&text);
  return status;
}

/* Tiles per call of a map: their tensors stay in a first-level cache. */
enum { TILE_BYTES = 24 * 1024 };
static gkt_size tiles_of(const gkt_map *m) {
  gkt_size bytes = (gkt_size)m->tensor_size * GKT_LANES * (gkt_size)sizeof(gkt_scalar);
  return bytes < TILE_BYTES ? TILE_BYTES / bytes : 1;
}

static gkt_status make_workers(gkt_assembler *a) {
  gkt_size tensors = 0, workspace = 0;
  a->num_workers = gkt_threads(a->ctx);
  for (int k = 0; k < a->num_maps; k++) {
    if (!has_work(a->maps[k])) continue;
    gkt_size n = tiles_of(a->maps[k]) * a->maps[k]->tensor_size * GKT_LANES, w = gkt_map_workspace(a->maps[k]);
    tensors = n > tensors ? n : tensors;
    workspace = w > workspace ? w : workspace;
  }
  GKT_TRY(gkt_calloc(a->ctx, a->num_workers, sizeof *a->workers, &a->workers));
  for (int t = 0; t < a->num_workers; t++) {
    GKT_TRY(gkt_alloc(a->ctx, (gkt_size)a->reduce->max_slots * a->reduce->block, sizeof(gkt_scalar), &a->workers[t].sums));
    GKT_TRY(gkt_alloc(a->ctx, tensors, sizeof(gkt_scalar), &a->workers[t].tensors));
    GKT_TRY(gkt_alloc(a->ctx, workspace, sizeof(gkt_scalar), &a->workers[t].workspace));
  }
  return gkt_alloc(a->ctx, (gkt_size)gkt_mesh_num_blocks(a->mesh) * a->num_functions, sizeof *a->nodes, &a->nodes);
}

static gkt_status copy_spaces(gkt_assembler *a, const gkt_space *const *spaces) {
  a->num_functions = gkt_scope_num_functions(a->form->scope);
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *a->spaces, &a->spaces));
  for (int f = 0; spaces && f < a->num_functions; f++) a->spaces[f] = spaces[f];
  return GKT_OK;
}

static void list_nodes(gkt_assembler *a) {
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++)
    for (int f = 0; f < a->num_functions; f++) a->nodes[b * a->num_functions + f] = a->spaces[f] ? a->spaces[f]->cell_nodes[b] : NULL;
}

gkt_status gkt_assembler_create(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, gkt_assembler **out) {
  gkt_context *ctx = form->scope->ctx;
  gkt_assembler *a = NULL;
  gkt_backend backend;
  gkt_status status;
  if (form->scope->dim != gkt_mesh_dim(mesh))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "assembler: the form is written for %d dimensions, the mesh has %d", form->scope->dim, gkt_mesh_dim(mesh));
  GKT_TRY(check_backend(ctx, &backend));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *a, &a));
  a->ctx = ctx, a->form = form, a->mesh = mesh;
  GKT_GO(gkt_flat_check(form->scope, mesh));
  GKT_GO(copy_spaces(a, spaces));
  GKT_GO(make_maps(a));
  double start = gkt_seconds();
  GKT_GO(make_reduce(a));
  a->info.pattern_seconds = gkt_seconds() - start;
  GKT_GO(make_workers(a));
  list_nodes(a);
  start = gkt_seconds();
  if (backend == GKT_BACKEND_CPU) GKT_GO(compile(a));
  a->info.compile_seconds = gkt_seconds() - start;
  a->info.backend = backend == GKT_BACKEND_CPU ? "cpu" : "interpreter", a->info.reduce = gkt_reduce_name(a->reduce);
  a->info.element_bytes = a->reduce->num_kept * (gkt_size)sizeof(gkt_scalar), a->info.reduce_bytes = gkt_reduce_bytes(a->reduce);
  gkt_reduce_log(a->reduce, form->arity == 2 ? "matrix" : form->arity == 1 ? "vector" : "number");
done:
  if (status == GKT_OK) *out = a;
  else gkt_assembler_destroy(&a);
  return status;
}

void gkt_assembler_destroy(gkt_assembler **assembler) {
  gkt_assembler *a = *assembler;
  if (!a) return;
  for (int k = 0; k < a->num_maps; k++) gkt_map_destroy(&a->maps[k]);
  for (int t = 0; a->workers && t < a->num_workers; t++) {
    gkt_free(&a->workers[t].sums);
    gkt_free(&a->workers[t].tensors);
    gkt_free(&a->workers[t].workspace);
  }
  gkt_free(&a->workers);
  gkt_free(&a->maps);
  gkt_free(&a->spaces);
  gkt_free(&a->nodes);
  gkt_reduce_destroy(&a->reduce);
  gkt_module_destroy(&a->module);
  gkt_free(assembler);
}

void gkt_assembler_get_info(const gkt_assembler *a, gkt_assembler_info *out) { *out = a->info; }

/* ---- execution ---- */
static gkt_map_data data_of(const gkt_assembler *a, const gkt_map *m, const gkt_group *g, const gkt_inputs *inputs) {
  const gkt_cell_block *cells = gkt_mesh_block(a->mesh, m->block);
  gkt_size first = m->rule.first[g->facet < 0 ? 0 : g->facet];
  gkt_map_data d = {.coords = gkt_mesh_coords(a->mesh),
                    .geometry = cells->nodes,
                    .cells = g->cells,
                    .constants = inputs->constants,
                    .values = inputs->values,
                    .nodes = a->nodes + (gkt_size)m->block * a->num_functions,
                    .weights = m->rule.weights + first,
                    .num_points = gkt_map_num_points(m, g->facet),
                    .time = inputs->time};
  for (int k = 0; k <= GKT_MAX_DEGREE; k++) {
    const gkt_table *t = m->rule.basis[k];
    if (!t) continue;
    d.phi[k] = t->phi + first * t->size;
    d.dphi[k] = t->dphi + first * t->size * t->dim;
  }
  if (g->facet >= 0) gkt_cell_facet_normal(&gkt_cell_topologies[cells->cell], g->facet, d.normal);
  return d;
}

/* Element tensors of the group's entities in the chunk, added to the sums. */
static void run_group(const gkt_assembler *a, const gkt_map *m, int group, int chunk, const gkt_inputs *inputs, const gkt_worker *w, gkt_scalar *sums) {
  const gkt_group *g = &m->groups[group];
  gkt_map_data data = data_of(a, m, g, inputs);
  gkt_idx step = (gkt_idx)tiles_of(m) * GKT_LANES, end = g->begin[chunk + 1];
  for (gkt_idx first = g->begin[chunk]; first < end; first += step) {
    gkt_idx last = end - first < step ? end : first + step;
    if (m->kernel) m->kernel(&data, first, last, w->tensors);
    else gkt_map_interpret(m, group, inputs, first, last, w->workspace, w->tensors);
    gkt_reduce_add(a->reduce, chunk, last - first, g->cells ? g->cells + first : NULL, first, w->tensors, sums);
  }
}

static void run_chunk(const gkt_assembler *a, int chunk, const gkt_inputs *inputs, gkt_worker *w, gkt_scalar *values) {
  const gkt_chunk *c = &a->reduce->chunks[chunk];
  gkt_scalar *sums = gkt_reduce_begin(a->reduce, chunk, w->sums);
  for (int k = 0; k < a->num_maps; k++) {
    const gkt_map *m = a->maps[k];
    if (m->block != c->block || !has_work(m)) continue;
    for (int g = 0; g < m->num_groups; g++) run_group(a, m, g, chunk, inputs, w, sums);
  }
  gkt_reduce_flush(a->reduce, chunk, sums, values);
}

/* Which thread runs a team changes nothing: teams write to places of their own. */
static void run_worker(const gkt_assembler *a, int worker, const gkt_inputs *inputs, gkt_scalar *values) {
  for (int team = worker; team < a->reduce->num_teams; team += a->num_workers)
    for (int c = a->reduce->teams[team]; c < a->reduce->teams[team + 1]; c++) run_chunk(a, c, inputs, &a->workers[worker], values);
}

static void run(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values) {
  int threads = a->num_workers;
  if (a->ctx->options.poison) gkt_reduce_poison(a->reduce, values);
  if (threads == 1) run_worker(a, 0, inputs, values); /* OpenMP allocates for a team of one */
  else {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int t = 0; t < threads; t++) run_worker(a, t, inputs, values);
  }
  gkt_reduce_join(a->reduce, values);
}

static gkt_status check_map_inputs(const gkt_assembler *a, const gkt_map *m, const gkt_inputs *inputs) {
  for (int i = 0; i < gkt_pointwise_num_inputs(m->pointwise); i++) {
    const gkt_terminal *t = gkt_pointwise_input(m->pointwise, i);
    bool function = t->kind == GKT_TERM_VALUE || t->kind == GKT_TERM_GRAD;
    if (function && (!inputs->values || !inputs->values[t->function]))
      return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: no values are given for '%s'", gkt_scope_function_name(a->form->scope, t->function));
    if (t->kind == GKT_TERM_CONSTANT && !inputs->constants) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: no constants are given");
  }
  return GKT_OK;
}

static gkt_status assemble(gkt_assembler *a, int arity, const gkt_inputs *given, gkt_scalar *values) {
  gkt_inputs inputs = given ? *given : (gkt_inputs){0};
  inputs.spaces = a->spaces;
  if (a->form->arity != arity) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: a form of arity %d was asked for a result of arity %d", a->form->arity, arity);
  for (int k = 0; k < a->num_maps; k++)
    if (has_work(a->maps[k])) GKT_TRY(check_map_inputs(a, a->maps[k], &inputs));
  run(a, &inputs, values);
  return GKT_OK;
}

gkt_status gkt_assemble_functional(gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *value) { return assemble(a, 0, inputs, value); }
gkt_status gkt_assemble_vector(gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *vector) { return assemble(a, 1, inputs, vector); }

gkt_status gkt_assemble_matrix(gkt_assembler *a, const gkt_inputs *inputs, gkt_csr *matrix) {
  const gkt_pattern *p = &a->reduce->pattern;
  if (a->form->arity == 2 && (matrix->num_rows != p->num_nodes[0] * p->block_size[0] || matrix->num_cols != p->num_nodes[1] * p->block_size[1] ||
                              matrix->row_offsets[matrix->num_rows] != gkt_reduce_num_values(a->reduce)))
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: the matrix was not made by this assembler");
  return assemble(a, 2, inputs, matrix->vals);
}

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
  int threads = gkt_threads(a->ctx);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) fill_matrix_rows(p, r, A);
  *out = A;
  return GKT_OK;
}
