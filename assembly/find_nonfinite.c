/* The first value that is not finite. The interpreter finds the point; there the graph is evaluated node by node, and from the integrand that is not finite the way leads down
   through operands that are not finite to the operation that began. A branch that a conditional does not take is never on that way. */
#include "assembly/find_nonfinite.h"

#include <math.h>

#include "assembly/visit.h"
#include "forms/describe.h"
#include "forms/op.h"

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

static void note_place(const gkt_visit *v, int lane, gkt_nonfinite *out) {
  out->found = true;
  out->cell = gkt_mesh_block(v->m->mesh, v->m->block)->first_cell + v->at.cell[lane];
  for (int d = 0; d < 3; d++) out->x[d] = v->geometry.x[d][lane];
}

static bool is_field(const gkt_terminal *t, const void *user) {
  const gkt_scope *scope = user;
  return (t->kind == GKT_TERM_VALUE || t->kind == GKT_TERM_GRAD) && scope->functions[t->function].role == GKT_ROLE_FIELD;
}

static gkt_status explain(const gkt_visit *v, int lane, gkt_nonfinite *out) {
  const gkt_map *m = v->m;
  gkt_text text = {.ctx = m->ctx};
  gkt_scalar *values = NULL;
  bool *below = NULL;
  gkt_node top;
  gkt_status status;
  GKT_GO(gkt_visit_mark(m, &below, &top));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)top + 1, sizeof *values, &values));
  gkt_visit_evaluate(v, lane, below, top, values);
  for (int e = 0; e < m->num_entries && !out->found; e++) {
    gkt_node node = gkt_visit_node(m, &m->entries[e]);
    if (isfinite(values[node])) continue;
    node = find_origin(m->form->scope->graph, values, node);
    out->of_field = gkt_graph_depends(m->form->scope->graph, node, is_field, m->form->scope);
    describe(m->form->scope, values, node, &text);
    GKT_GO(text.status);
    snprintf(out->what, sizeof out->what, "%s", text.data);
    note_place(v, lane, out);
  }
done:
  gkt_text_free(&text);
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
