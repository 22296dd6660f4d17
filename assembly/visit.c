#include "assembly/visit.h"

#include <string.h>

#include "core/device.h"
#include "forms/external.h"
#include "forms/op.h"

static gkt_status visit_tile(gkt_visit *v, gkt_idx first, gkt_scalar *workspace, gkt_visitor *visitor, void *user, bool *stop) {
  const gkt_group *group = v->group;
  const gkt_map *m = v->m;
  int start = gkt_group_row(&m->rule, group, first), num_points = gkt_map_num_points(m, group->facet), step = gkt_group_step(group);
  v->count = group->count - first < step ? (int)(group->count - first) : step;
  for (int l = 0; l < GKT_LANES; l++) {
    gkt_idx e = first + (l < v->count ? l : 0);
    v->at.cell[l] = group->cells ? group->cells[e] : e;
    v->at.facet[l] = group->facet;
  }
  for (v->row = start; v->row < start + num_points && !*stop; v->row++) {
    for (int l = 0; l < GKT_LANES; l++) v->at.row[l] = v->row, v->at.point[l] = v->row - start;
    gkt_geometry_at(&v->tables, &v->at, &v->geometry);
    gkt_terminals_at(m->pointwise, &v->tables, &v->at, &v->geometry, v->in);
    gkt_pointwise_eval(m->pointwise, v->in, workspace, v->values);
    GKT_TRY(visitor(v, user, stop));
  }
  return GKT_OK;
}

static gkt_status visit_map(const gkt_map *m, const gkt_inputs *inputs, gkt_visitor *visitor, void *user, bool *stop) {
  gkt_visit v = {.m = m, .tables = {m->mesh, m->block, m->rule.tables[0], m->functions, inputs}};
  gkt_scalar *workspace = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)gkt_pointwise_num_inputs(m->pointwise) * GKT_LANES, sizeof *v.in, &v.in));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)gkt_pointwise_num_outputs(m->pointwise) * GKT_LANES, sizeof *v.values, &v.values));
  GKT_GO(gkt_alloc(m->ctx, gkt_pointwise_workspace(m->pointwise), sizeof *workspace, &workspace));
  for (int g = 0; g < m->num_groups; g++) {
    v.group = &m->groups[g];
    for (gkt_idx first = 0; first < v.group->count && !*stop; first += gkt_group_step(v.group)) GKT_GO(visit_tile(&v, first, workspace, visitor, user, stop));
  }
done:
  gkt_free(&v.in);
  gkt_free(&v.values);
  gkt_free(&workspace);
  return status;
}

/* Values that stand on a device, on the host: own [functions], some NULL. */
static gkt_status fetch_values(const gkt_assembler *a, const gkt_inputs *given, gkt_scalar **own) {
  gkt_device *device;
  GKT_TRY(gkt_device_open(a->ctx, &device));
  for (int f = 0; f < a->num_functions; f++) {
    if (!given->values[f] || !a->spaces[f]) continue;
    const gkt_size count = gkt_space_num_dofs(a->spaces[f]);
    GKT_TRY(gkt_alloc(a->ctx, count, sizeof **own, &own[f]));
    GKT_TRY(gkt_device_download(device, given->values[f], own[f], count * (gkt_size)sizeof **own));
  }
  return GKT_OK;
}

gkt_status gkt_visit_points(const gkt_assembler *a, const gkt_inputs *given, gkt_visitor *visitor, void *user) {
  gkt_inputs inputs = *given;
  gkt_scalar **own = NULL;
  bool stop = false;
  gkt_status status = GKT_OK;
  inputs.spaces = a->spaces;
  if (given->where == GKT_ON_DEVICE && given->values) {
    GKT_GO(gkt_calloc(a->ctx, a->num_functions, sizeof *own, &own));
    GKT_GO(fetch_values(a, given, own));
    inputs.values = (const gkt_scalar *const *)own, inputs.where = GKT_ON_HOST;
  }
  for (int k = 0; k < a->num_maps && !stop; k++)
    if (a->maps[k]->num_couplings) GKT_GO(visit_map(a->maps[k], &inputs, visitor, user, &stop));
done:
  for (int f = 0; own && f < a->num_functions; f++) gkt_free(&own[f]);
  gkt_free(&own);
  return status;
}

/* ---- the graph at a point ---- */
gkt_node gkt_visit_node(const gkt_map *m, const gkt_coupling *c, const gkt_entry *e) {
  int slots[2] = {m->form->arity > 0 ? 1 + m->dim : 1, m->form->arity > 1 ? 1 + m->dim : 1}, columns = m->form->arity > 1 ? gkt_form_components(m->form, 1) : 1;
  return m->integral->nodes[(((c->arguments[0].first + e->row) * slots[0] + e->row_slot) * columns + c->arguments[1].first + e->col) * slots[1] + e->col_slot];
}

gkt_status gkt_visit_mark(const gkt_map *m, bool **below, gkt_node *top) {
  *top = gkt_graph_top(m->integral->num_nodes, m->integral->nodes);
  return gkt_graph_mark(m->form->scope->graph, m->integral->num_nodes, m->integral->nodes, below);
}

static double terminal_value(const gkt_visit *v, int lane, const gkt_terminal *t) {
  for (int i = 0; i < gkt_pointwise_num_inputs(v->m->pointwise); i++)
    if (!memcmp(gkt_pointwise_input(v->m->pointwise, i), t, sizeof *t)) return v->in[i * GKT_LANES + lane];
  return 0; /* of an entry that vanishes */
}

void gkt_evaluate_graph(const gkt_graph *g, const bool *below, gkt_node top, gkt_scalar *values) {
  for (gkt_node n = 0; n <= top; n++) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    if (!below[n] || d->op == GKT_OP_TERMINAL) continue;
    if (d->op == GKT_OP_CONSTANT) values[n] = d->value;
    else if (d->op == GKT_OP_EXTERNAL) values[n] = gkt_external_apply(g, n, values);
    else values[n] = gkt_op_apply(d->op, values[d->a], values[d->b], values[d->c]);
  }
}

void gkt_visit_evaluate(const gkt_visit *v, int lane, const bool *below, gkt_node top, gkt_scalar *values) {
  const gkt_graph *g = v->m->form->scope->graph;
  for (gkt_node n = 0; n <= top; n++)
    if (below[n] && gkt_graph_get(g, n)->op == GKT_OP_TERMINAL) values[n] = terminal_value(v, lane, &gkt_graph_get(g, n)->terminal);
  gkt_evaluate_graph(g, below, top, values);
}
