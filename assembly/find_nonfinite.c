/* The first value that is not finite. Of a form the interpreter finds the point, of an expression its values tell; there the graph is evaluated node by node, and from the
   integrand that is not finite the way leads down through operands that are not finite to the operation that began. A branch that a conditional does not take is never on that way.
 */
#include "assembly/find_nonfinite.h"

#include <math.h>
#include <string.h>

#include "assembly/visit.h"
#include "forms/describe.h"
#include "forms/op.h"

/* An operand that is not finite, of a NaN rather a NaN; -1: none. */
static gkt_node next_of(const gkt_graph *g, const gkt_scalar *values, gkt_node n) {
  const gkt_node_data *d = gkt_graph_get(g, n);
  const gkt_node operands[3] = {d->a, d->b, d->c};
  gkt_node next = -1;
  for (int i = 0; i < gkt_op_arity(d->op); i++) {
    bool leaves_no_trace = d->op == GKT_OP_CONDITIONAL && i > 0 && (isnan(values[d->a]) || i == (values[d->a] != 0 ? 2 : 1));
    if (leaves_no_trace || isfinite(values[operands[i]])) continue;
    if (next < 0 || (isnan(values[n]) && isnan(values[operands[i]]) && !isnan(values[next]))) next = operands[i];
  }
  return next;
}

/* From a node that is not finite down to the operation that made it of finite operands. */
static gkt_node find_origin(const gkt_graph *g, const gkt_scalar *values, gkt_node n) {
  for (gkt_node next; (next = next_of(g, values, n)) >= 0; n = next) continue;
  return n;
}

static void describe(const gkt_scope *scope, const gkt_scalar *values, gkt_node n, gkt_text *text) {
  const gkt_node_data *d = gkt_graph_get(scope->graph, n);
  const gkt_node operands[3] = {d->a, d->b, d->c};
  const char *joint = ", where ";
  gkt_node_describe(scope, n, text);
  gkt_text_printf(text, " = %s", isnan(values[n]) ? "nan" : values[n] > 0 ? "inf" : "-inf"); /* no "-nan" */
  for (int i = 0; i < gkt_op_arity(d->op) && d->op != GKT_OP_EXTERNAL; i++) {
    if (gkt_graph_get(scope->graph, operands[i])->op == GKT_OP_CONSTANT || (i && operands[i] == operands[i - 1])) continue;
    gkt_text_printf(text, "%s", joint);
    gkt_node_describe(scope, operands[i], text);
    gkt_text_printf(text, " = %.6g", values[operands[i]]);
    joint = " and ";
  }
}

static bool is_field(const gkt_terminal *t, const void *user) { return gkt_is_of_unknowns(user, t); }

/* what, of_field: from the first of the nodes that is not finite. values [top of the graph's part]; found stays false where all are finite. */
static gkt_status explain_nodes(const gkt_scope *scope, int n, const gkt_node *nodes, const gkt_scalar *values, gkt_nonfinite *out) {
  gkt_text text = {.ctx = scope->ctx};
  for (int i = 0; i < n && !out->found; i++) {
    if (isfinite(values[nodes[i]])) continue;
    gkt_node origin = find_origin(scope->graph, values, nodes[i]);
    out->found = true;
    out->of_field = gkt_graph_depends(scope->graph, origin, is_field, scope);
    describe(scope, values, origin, &text);
  }
  if (text.data) snprintf(out->what, sizeof out->what, "%s", text.data);
  gkt_text_free(&text);
  return text.status;
}

/* ---- of a form ---- */
static gkt_status explain(const gkt_visit *v, int lane, gkt_nonfinite *out) {
  const gkt_map *m = v->m;
  gkt_scalar *values = NULL;
  bool *below = NULL;
  gkt_node top;
  gkt_status status;
  GKT_GO(gkt_visit_mark(m, &below, &top));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)top + 1, sizeof *values, &values));
  gkt_visit_evaluate(v, lane, below, top, values);
  for (int c = 0; c < m->num_couplings; c++)
    for (int e = 0; e < m->couplings[c].num_entries && !out->found; e++) {
      gkt_node node = gkt_visit_node(m, &m->couplings[c], &m->couplings[c].entries[e]);
      GKT_GO(explain_nodes(m->form->scope, 1, &node, values, out));
    }
  out->cell = gkt_mesh_block(m->mesh, m->block)->first_cell + v->at.cell[lane];
  for (int d = 0; d < 3; d++) out->x[d] = v->geometry.x[d][lane];
done:
  gkt_free(&values);
  gkt_free(&below);
  return status;
}

static gkt_status look(const gkt_visit *v, void *user, bool *stop) {
  gkt_nonfinite *out = user;
  for (int l = 0; l < v->count && !out->found; l++)
    for (int k = 0; k < gkt_pointwise_num_outputs(v->m->pointwise); k++)
      if (!isfinite(v->values[k * GKT_LANES + l])) {
        GKT_TRY(explain(v, l, out));
        break;
      }
  *stop = out->found;
  return GKT_OK;
}

gkt_status gkt_find_nonfinite(const gkt_assembler *a, const gkt_inputs *inputs, gkt_nonfinite *out) {
  *out = (gkt_nonfinite){0};
  return gkt_visit_points(a, inputs, look, out);
}

/* ---- of an expression ---- */
/* Of a coefficient at points: its own number. */
static gkt_scalar read_at_points(const gkt_terminal *t, const gkt_inputs *inputs, const gkt_location *at) {
  const gkt_space *space = inputs->spaces[t->function];
  return inputs->values[t->function][(gkt_size)(at->node - 1) * space->block_size + t->component];
}

/* Values of all its terminals at the point: as expressions of their own. */
static gkt_status evaluate_terminals(const gkt_expression *e, gkt_mesh *mesh, const gkt_inputs *inputs, const gkt_location *at, const bool *below, gkt_node top,
                                     gkt_scalar *values) {
  enum { AT_ONCE = 27 };
  gkt_expression some = {.scope = e->scope};
  gkt_scalar out[AT_ONCE];
  int count = 0;
  for (gkt_node n = 0; n <= top; n++) {
    const gkt_node_data *data = gkt_graph_get(e->scope->graph, n);
    if (below[n] && data->op == GKT_OP_TERMINAL) {
      if (gkt_is_at_points(&data->terminal, e->scope)) values[n] = read_at_points(&data->terminal, inputs, at);
      else some.value.nodes[count++] = n;
    }
    if (count < AT_ONCE && (n < top || !count)) continue;
    some.value.shape = gkt_shape_vector(count);
    if (at->xi) GKT_TRY(gkt_evaluate(&some, mesh, inputs, 1, &at->cell, at->xi, NULL, out));
    else GKT_TRY(gkt_evaluate_at(&some, gkt_mesh_dim(mesh), inputs, 1, at->x, out));
    while (count-- > 0) values[some.value.nodes[count]] = out[count];
    count = 0;
  }
  return GKT_OK;
}

gkt_status gkt_find_nonfinite_at(const gkt_expression *e, gkt_mesh *mesh, const gkt_inputs *inputs, const gkt_location *at, gkt_nonfinite *out) {
  const gkt_graph *g = e->scope->graph;
  const int size = gkt_shape_size(e->value.shape);
  const gkt_node top = gkt_graph_top(size, e->value.nodes);
  gkt_scalar *values = NULL;
  bool *below = NULL;
  gkt_status status;
  *out = (gkt_nonfinite){.cell = at->xi ? at->cell : -1};
  memcpy(out->x, at->x, sizeof out->x);
  for (int i = 0; i < size && !at->node; i++)
    if (gkt_graph_depends(g, e->value.nodes[i], gkt_is_at_points, e->scope)) return out->found = true, GKT_OK;
  GKT_GO(gkt_graph_mark(g, size, e->value.nodes, &below));
  GKT_GO(gkt_calloc(e->scope->ctx, (gkt_size)top + 1, sizeof *values, &values));
  GKT_GO(evaluate_terminals(e, mesh, inputs, at, below, top, values));
  gkt_evaluate_graph(g, below, top, values);
  GKT_GO(explain_nodes(e->scope, size, e->value.nodes, values, out));
done:
  gkt_free(&values);
  gkt_free(&below);
  return status;
}

static bool is_of_cell(const gkt_terminal *t, const void *user) {
  (void)user;
  return t->kind != GKT_TERM_X && t->kind != GKT_TERM_CONSTANT && t->kind != GKT_TERM_TIME;
}

static bool needs_cell(const gkt_expression *e) {
  for (int i = 0; i < gkt_shape_size(e->value.shape); i++)
    if (gkt_graph_depends(e->scope->graph, e->value.nodes[i], is_of_cell, NULL)) return true;
  return false;
}

/* In the cells that meet at the node, until one has the value that is not finite. */
static gkt_status look_in_cells(const gkt_expression *e, const gkt_space *space, const gkt_inputs *inputs, gkt_idx node, gkt_location *at, gkt_nonfinite *out) {
  const int dim = gkt_mesh_dim(space->mesh);
  double *xi = NULL;
  gkt_status status = GKT_OK;
  for (int b = 0; b < space->num_blocks && !out->found; b++) {
    const int size = space->bases[b].size;
    const gkt_size places = (gkt_size)gkt_mesh_block(space->mesh, b)->num_cells * size;
    gkt_free(&xi);
    GKT_GO(gkt_space_reference_nodes(space, b, &xi));
    for (gkt_size i = 0; i < places && !out->found; i++) {
      if (space->cell_nodes[b][i] != node) continue;
      if (gkt_space_is_at_points(space)) at->node = node + 1;
      at->cell = gkt_mesh_block(space->mesh, b)->first_cell + (gkt_idx)(i / size), at->xi = xi + i % size * dim;
      GKT_GO(gkt_find_nonfinite_at(e, space->mesh, inputs, at, out));
    }
  }
done:
  gkt_free(&xi);
  return status;
}

gkt_status gkt_find_nonfinite_node(const gkt_expression *e, const gkt_space *space, const gkt_inputs *inputs, gkt_idx node, gkt_nonfinite *out) {
  const int dim = gkt_mesh_dim(space->mesh);
  gkt_location at = {.cell = -1};
  memcpy(at.x, gkt_space_coords(space) + (gkt_size)node * dim, (size_t)dim * sizeof *at.x);
  *out = (gkt_nonfinite){.cell = -1};
  if (needs_cell(e)) GKT_TRY(look_in_cells(e, space, inputs, node, &at, out));
  else GKT_TRY(gkt_find_nonfinite_at(e, space->mesh, inputs, &at, out));
  memcpy(out->x, at.x, sizeof out->x);
  out->found = true; /* finite in each cell: their mean overflows */
  return GKT_OK;
}

/* ---- words ---- */
void gkt_print_point(int dim, const double *x, gkt_text *t) {
  char room[100];
  gkt_text_printf(t, "%s", gkt_point_text(dim, x, room));
}

void gkt_nonfinite_print(const gkt_nonfinite *n, int dim, const char *near, gkt_text *t) {
  if (!n->found) {
    gkt_text_printf(t, "not finite: the sums of its integrals overflow");
    return;
  }
  gkt_text_printf(t, "not finite %s ", near);
  gkt_print_point(dim, n->x, t);
  if (n->cell >= 0) gkt_text_printf(t, ", in cell %d", n->cell);
  if (n->what[0]) gkt_text_printf(t, ": %s", n->what);
}
