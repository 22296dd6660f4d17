/* Execution of assemblers: chunks of cells, from the map into the reduce. */
#include <omp.h>
#include <string.h>

#include "assembly/backend.h"

gkt_map_data gkt_assembler_data(const gkt_assembler *a, const gkt_map *m, const gkt_group *g, gkt_idx entity, const gkt_inputs *inputs) {
  const gkt_cell_block *cells = gkt_mesh_block(a->mesh, m->block);
  gkt_size first = gkt_group_row(&m->rule, g, entity);
  gkt_map_data d = {.coords = gkt_mesh_coords(a->mesh),
                    .geometry = cells->nodes,
                    .cells = g->cells,
                    .constants = inputs->constants,
                    .values = inputs->values,
                    .nodes = a->nodes + (gkt_size)m->block * a->num_functions,
                    .weights = m->rule.weights + first,
                    .num_points = gkt_map_num_points(m, g->facet),
                    .time = inputs->time,
                    .calls = gkt_pointwise_calls(m->pointwise)};
  for (int k = 0; k < m->rule.num_bases; k++) {
    const gkt_table *t = m->rule.tables[k];
    d.phi[k] = t->phi + first * t->size;
    d.dphi[k] = t->dphi + first * t->size * t->dim;
  }
  if (g->facet >= 0) gkt_cell_facet_normal(&gkt_cell_topologies[cells->cell], g->facet, d.normal);
  return d;
}

static void run_team(const gkt_assembler *a, int team, gkt_chunk_runner *run_chunk, const void *what, int worker) {
  const int *teams = gkt_targets_any(&a->targets)->teams;
  for (int c = teams[team]; c < teams[team + 1]; c++) run_chunk(what, c, worker);
}

/* Which thread runs a team changes nothing: teams write to places of their own. So the next free thread takes the next one: some teams have more work, and some threads lose their
   core for a while. */
void gkt_assembler_run(const gkt_assembler *a, gkt_chunk_runner *run_chunk, const void *what) {
  int threads = a->num_workers, teams = gkt_targets_any(&a->targets)->num_teams;
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (int t = 0; t < teams; t++) run_team(a, t, run_chunk, what, 0);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (int t = 0; t < teams; t++) run_team(a, t, run_chunk, what, omp_get_thread_num());
}

/* ---- one set of values ---- */
void gkt_host_add(const gkt_assembler *a, gkt_share share, const gkt_worker *w, gkt_idx first, gkt_idx count) {
  const gkt_map *m = a->maps[share.map];
  const gkt_group *g = &m->groups[share.group];
  const gkt_idx *cells = g->cells ? g->cells + first : NULL;
  if (gkt_assembler_turns(a) || a->targets.repeats) gkt_assembler_turn(a, m, g, first, count, w->tensors);
  for (int k = 0; k < m->num_couplings; k++) {
    const gkt_coupling *c = &m->couplings[k];
    const gkt_reduce *r = a->targets.all[c->target].reduce;
    const gkt_chunk *chunk = &r->chunks[share.chunk];
    gkt_add_kernel *add = a->adders[share.map * a->targets.count + k];
    if (add) add(r->slots + chunk->first_slot, chunk->first, cells, first, count, w->tensors, w->parts[c->target]);
    else gkt_reduce_add(r, share.chunk, count, cells, first, w->tensors + c->tensor_first * GKT_LANES, (gkt_size)m->tensor_size * GKT_LANES, w->parts[c->target]);
  }
}

typedef struct {
  const gkt_assembler *a;
  const gkt_inputs *inputs;
  gkt_scalar *values;
} execution;

static void run_chunk(const void *what, int chunk, int worker) {
  const execution *x = what;
  const gkt_assembler *a = x->a;
  const gkt_worker *w = &a->workers[worker];
  const int block = gkt_targets_any(&a->targets)->chunks[chunk].block;
  for (int t = 0; t < a->targets.count; t++) {
    const gkt_target *target = &a->targets.all[t];
    if (target->reduce) w->parts[t] = gkt_reduce_begin(target->reduce, chunk, w->sums + target->sums);
  }
  for (int k = 0; k < a->num_maps; k++) {
    if (a->maps[k]->block != block || !gkt_map_has_work(a->maps[k]) || a->maps[k]->into >= 0) continue;
    for (int g = 0; g < a->maps[k]->num_groups; g++) a->backend->add(a, (gkt_share){k, g, chunk}, x->inputs, w);
  }
  for (int t = 0; t < a->targets.count; t++) {
    const gkt_target *target = &a->targets.all[t];
    if (target->reduce) gkt_reduce_flush(target->reduce, chunk, w->parts[t], x->values + target->first_value);
  }
}

void gkt_assembler_poison(const gkt_assembler *a, gkt_scalar *values) {
  memset(values, 0xFF, (size_t)a->targets.num_values * sizeof *values);
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce) gkt_reduce_poison(a->targets.all[k].reduce);
}

gkt_status gkt_host_execute(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values, gkt_where where) {
  const gkt_targets *t = &a->targets;
  (void)where; /* the host: gkt_assemble_to */
  if (a->ctx->options.poison) gkt_assembler_poison(a, values);
  gkt_assembler_run(a, run_chunk, &(execution){a, inputs, values});
  for (int k = 0; k < t->count; k++)
    if (t->all[k].reduce) gkt_reduce_join(t->all[k].reduce, values + t->all[k].first_value);
  gkt_targets_drop_rounding(t, values);
  return GKT_OK;
}

static gkt_status check_map_inputs(const gkt_assembler *a, const gkt_map *m, const gkt_inputs *inputs) {
  for (int i = 0; i < gkt_pointwise_num_inputs(m->pointwise); i++) {
    const gkt_terminal *t = gkt_pointwise_input(m->pointwise, i);
    bool function = gkt_is_of_function(t);
    if (function && (!inputs->values || !inputs->values[t->function]))
      return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: no values are given for '%s'", gkt_scope_function_name(a->form->scope, t->function));
    if (t->kind == GKT_TERM_CONSTANT && !inputs->constants) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: no constants are given");
  }
  return GKT_OK;
}

gkt_status gkt_assembler_check(const gkt_assembler *a, const gkt_inputs *inputs) {
  if (inputs->where != GKT_ON_HOST && !a->backend->on_device)
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: the values are on a device, the backend is %s; expected them on the host", a->info.backend);
  for (int k = 0; k < a->num_maps; k++)
    if (gkt_map_has_work(a->maps[k])) GKT_TRY(check_map_inputs(a, a->maps[k], inputs));
  return GKT_OK;
}

gkt_status gkt_assemble_to(gkt_assembler *a, int arity, const gkt_inputs *given, gkt_scalar *values, gkt_where where) {
  static const char *const results[] = {"number", "vector", "matrix"};
  gkt_inputs inputs = given ? *given : (gkt_inputs){0};
  inputs.spaces = a->spaces;
  if (a->form->arity != arity) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: a form of arity %d was asked for a result of arity %d", a->form->arity, arity);
  if (where != GKT_ON_HOST && !a->backend->on_device)
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: the %s is on a device, the backend is %s; expected it on the host", results[arity], a->info.backend);
  GKT_TRY(gkt_assembler_check(a, &inputs));
  return a->backend->execute(a, &inputs, values, where);
}

gkt_status gkt_assemble_functional(gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *value) { return gkt_assemble_to(a, 0, inputs, value, GKT_ON_HOST); }
gkt_status gkt_assemble_vector(gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *vector) { return gkt_assemble_to(a, 1, inputs, vector, GKT_ON_HOST); }

/* Offsets on a device are not looked at. */
gkt_status gkt_assemble_matrix(gkt_assembler *a, const gkt_inputs *inputs, gkt_csr *matrix) {
  const gkt_targets *t = &a->targets;
  if (a->form->arity == 2 &&
      (matrix->num_rows != t->num_dofs[0] || matrix->num_cols != t->num_dofs[1] || (matrix->where == GKT_ON_HOST && matrix->row_offsets[matrix->num_rows] != t->num_values)))
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: the matrix was not made by this assembler");
  return gkt_assemble_to(a, 2, inputs, matrix->vals, matrix->where);
}
