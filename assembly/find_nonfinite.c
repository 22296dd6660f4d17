/* The first value that is not finite. The interpreter finds the point; there the graph is evaluated node by node, and from the integrand that is not finite the way leads down
   through operands that are not finite to the operation that began. A branch that a conditional does not take is never on that way. */
#include "assembly/find_nonfinite.h"

#include <math.h>
#include <string.h>

#include "assembly/assembler.h"
#include "forms/describe.h"
#include "forms/op.h"

typedef struct {
  const gkt_assembler *a;
  const gkt_map *m;
  const gkt_group *group;
  gkt_point_tables tables;
  gkt_geometry geometry;
  gkt_lanes at;
  gkt_scalar *in, *values, *workspace; /* of the pointwise function */
  gkt_nonfinite *out;
} finder;

/* ---- one point ---- */
static double terminal_value(const finder *f, int lane, const gkt_terminal *t) {
  for (int i = 0; i < gkt_pointwise_num_inputs(f->m->pointwise); i++)
    if (!memcmp(gkt_pointwise_input(f->m->pointwise, i), t, sizeof *t)) return f->in[i * GKT_LANES + lane];
  return 0; /* below no integrand: multiplied away */
}

static void evaluate(const finder *f, int lane, const bool *below, gkt_node top, gkt_scalar *values) {
  for (gkt_node n = 0; n <= top; n++) {
    const gkt_node_data *d = gkt_graph_get(f->m->form->scope->graph, n);
    if (!below[n]) continue;
    if (d->op == GKT_OP_CONSTANT) values[n] = d->value;
    else if (d->op == GKT_OP_TERMINAL) values[n] = terminal_value(f, lane, &d->terminal);
    else values[n] = gkt_op_apply(d->op, values[d->a], values[d->b], values[d->c]);
  }
}

/* From a node that is not finite down to the operation that made it of finite operands. */
static gkt_node find_origin(const gkt_graph *g, const gkt_scalar *values, gkt_node n) {
  for (;;) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    const gkt_node operands[3] = {d->a, d->b, d->c};
    gkt_node next = -1;
    for (int i = 0; i < gkt_op_arity(d->op) && next < 0; i++) {
      bool leaves_no_trace = d->op == GKT_OP_CONDITIONAL && i == (values[d->a] != 0 ? 2 : 1);
      if (!leaves_no_trace && !isfinite(values[operands[i]])) next = operands[i];
    }
    if (next < 0) return n;
    n = next;
  }
}

static void describe(const finder *f, const gkt_scalar *values, gkt_node n, gkt_text *text) {
  const gkt_scope *scope = f->m->form->scope;
  const gkt_node_data *d = gkt_graph_get(scope->graph, n);
  const gkt_node operands[3] = {d->a, d->b, d->c};
  const char *joint = ", where ";
  gkt_node_describe(scope, n, text);
  gkt_text_printf(text, " = %g", values[n]);
  for (int i = 0; i < gkt_op_arity(d->op); i++) {
    if (gkt_graph_get(scope->graph, operands[i])->op == GKT_OP_CONSTANT || (i && operands[i] == operands[i - 1])) continue;
    gkt_text_printf(text, "%s", joint);
    gkt_node_describe(scope, operands[i], text);
    gkt_text_printf(text, " = %.6g", values[operands[i]]);
    joint = " and ";
  }
}

static gkt_node node_of(const gkt_map *m, const gkt_entry *e) {
  int slots[2] = {m->form->arity > 0 ? 1 + m->dim : 1, m->form->arity > 1 ? 1 + m->dim : 1};
  return m->integral->nodes[((e->row * slots[0] + e->row_slot) * m->arguments[1].components + e->col) * slots[1] + e->col_slot];
}

static gkt_status explain(finder *f, int lane) {
  const gkt_map *m = f->m;
  const gkt_graph *g = m->form->scope->graph;
  gkt_node top = gkt_graph_top(m->integral->num_nodes, m->integral->nodes);
  gkt_text text = {.ctx = m->ctx};
  gkt_scalar *values = NULL;
  bool *below = NULL;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, m->integral->num_nodes, m->integral->nodes, &below));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)top + 1, sizeof *values, &values));
  evaluate(f, lane, below, top, values);
  for (int e = 0; e < m->num_entries && !f->out->found; e++) {
    gkt_node node = node_of(m, &m->entries[e]);
    if (isfinite(values[node])) continue;
    describe(f, values, find_origin(g, values, node), &text);
    GKT_GO(text.status);
    snprintf(f->out->what, sizeof f->out->what, "%s", text.data);
    f->out->found = true;
    f->out->cell = gkt_mesh_block(m->mesh, m->block)->first_cell + f->at.cell[lane];
    for (int d = 0; d < 3; d++) f->out->x[d] = f->geometry.x[d][lane];
  }
done:
  gkt_text_free(&text);
  gkt_free(&values);
  gkt_free(&below);
  return status;
}

/* ---- all points ---- */
/* The first lane with a value that is not finite; -1: none. */
static int bad_lane(const finder *f) {
  for (int l = 0; l < GKT_LANES; l++)
    for (int k = 0; k < gkt_pointwise_num_outputs(f->m->pointwise); k++)
      if (!isfinite(f->values[k * GKT_LANES + l])) return l;
  return -1;
}

static gkt_status search_tile(finder *f, gkt_idx first) {
  const gkt_group *group = f->group;
  int start = f->m->rule.first[group->facet < 0 ? 0 : group->facet], num_points = gkt_map_num_points(f->m, group->facet);
  for (int l = 0; l < GKT_LANES; l++) {
    gkt_idx e = first + l < group->count ? first + l : group->count - 1;
    f->at.cell[l] = group->cells ? group->cells[e] : e;
    f->at.facet[l] = group->facet;
  }
  for (int row = start; row < start + num_points && !f->out->found; row++) {
    for (int l = 0; l < GKT_LANES; l++) f->at.row[l] = row;
    gkt_geometry_at(&f->tables, &f->at, &f->geometry);
    gkt_terminals_at(f->m->pointwise, &f->tables, &f->at, &f->geometry, f->in);
    gkt_pointwise_eval(f->m->pointwise, f->in, f->workspace, f->values);
    int lane = bad_lane(f);
    if (lane >= 0) GKT_TRY(explain(f, lane));
  }
  return GKT_OK;
}

static gkt_status search_map(finder *f, const gkt_inputs *inputs) {
  const gkt_map *m = f->m;
  gkt_status status;
  f->in = f->values = f->workspace = NULL;
  f->tables = (gkt_point_tables){m->mesh, m->block, m->rule.basis[gkt_mesh_block(m->mesh, m->block)->order], m->functions, inputs};
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)gkt_pointwise_num_inputs(m->pointwise) * GKT_LANES, sizeof *f->in, &f->in));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)gkt_pointwise_num_outputs(m->pointwise) * GKT_LANES, sizeof *f->values, &f->values));
  GKT_GO(gkt_alloc(m->ctx, gkt_pointwise_workspace(m->pointwise), sizeof *f->workspace, &f->workspace));
  for (int g = 0; g < m->num_groups; g++) {
    f->group = &m->groups[g];
    for (gkt_idx first = 0; first < f->group->count && !f->out->found; first += GKT_LANES) GKT_GO(search_tile(f, first));
  }
done:
  gkt_free(&f->in);
  gkt_free(&f->values);
  gkt_free(&f->workspace);
  return status;
}

gkt_status gkt_find_nonfinite(const gkt_assembler *a, const gkt_inputs *given, gkt_nonfinite *out) {
  gkt_inputs inputs = *given;
  finder f = {.a = a, .out = out};
  inputs.spaces = a->spaces;
  *out = (gkt_nonfinite){0};
  for (int k = 0; k < a->num_maps && !out->found; k++) {
    f.m = a->maps[k];
    if (f.m->num_entries) GKT_TRY(search_map(&f, &inputs));
  }
  return GKT_OK;
}
