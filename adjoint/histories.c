/* Derivatives of what a material remembers. An update U is no integral, but the sum over quadrature points of p . U is one, where p is what arrives at a point over its weight: so
   it is differentiated, and assembled, as all else is. */
#include "adjoint/adjoint.h"
#include "core/core.h"
#include "forms/form.h"
#include "spaces/space.h"

/* ---- which ---- */
gkt_status gkt_adjoint_find_histories(gkt_adjoint *a) {
  gkt_scope *scope = (gkt_scope *)a->s->scope;
  GKT_TRY(gkt_calloc(a->ctx, a->s->num_histories, sizeof *a->histories, &a->histories));
  a->num_histories = a->s->num_histories;
  for (int i = 0; i < a->num_histories; i++) {
    gkt_adjoint_history *h = &a->histories[i];
    h->function = a->s->histories[i].function, h->first = a->history_size;
    h->size = gkt_space_num_dofs(a->s->spaces[h->function]), a->history_size += h->size;
    GKT_TRY(gkt_scope_twin(scope, "adjoint", h->function, &h->twin));
  }
  return GKT_OK;
}

void gkt_adjoint_clear_histories(gkt_adjoint *a) {
  for (int i = 0; a->histories && i < a->num_histories; i++) gkt_adjoint_plan_clear(&a->histories[i].residual), gkt_adjoint_plan_clear(&a->histories[i].update);
  gkt_free(&a->histories);
  gkt_adjoint_plan_clear(&a->update_by_state);
  gkt_form_destroy(&a->updates), gkt_form_destroy(&a->remembered);
  gkt_free(&a->p);
  gkt_free(&a->point_weights);
}

/* ---- sums over points ---- */
static gkt_status add_sum(const gkt_adjoint *a, const gkt_adjoint_history *h, const gkt_expression *e, gkt_form *form) {
  gkt_graph *g = form->scope->graph;
  gkt_integral like = {.measure = GKT_MEASURE_DX, .is_given = true}, *integral;
  const gkt_space *space = a->s->spaces[h->function];
  gkt_node *z = NULL;
  int n;
  for (int c = 0; c < GKT_NUM_CELL_SORTS; c++) like.degrees[c] = gkt_space_element(space).degree;
  GKT_TRY(gkt_form_find_integral(form, &like, 1, &integral));
  GKT_TRY(gkt_form_terminals(form, 1, &h->twin, &z, &n));
  for (int c = 0; c < gkt_space_block_size(space); c++) integral->nodes[0] = gkt_add(g, integral->nodes[0], gkt_mul(g, e->value.nodes[c], z[c * (1 + form->scope->dim)]));
  gkt_free(&z);
  return gkt_graph_status(g);
}

static gkt_status sum(const gkt_adjoint *a, bool at_start, gkt_form **out) {
  gkt_form *form = NULL;
  gkt_status status;
  GKT_GO(gkt_form_create((gkt_scope *)a->s->scope, 0, a->num_histories, &form));
  GKT_GO(gkt_form_copy_origin(a->s->residual, form));
  for (int i = 0; i < a->num_histories; i++) {
    const gkt_system_history_values *h = &a->s->histories[i];
    const gkt_expression *e = at_start ? h->initial : h->update;
    if (e && !gkt_expression_is_zero(e)) GKT_GO(add_sum(a, &a->histories[i], e, form));
  }
  if (form->num_integrals) *out = form, form = NULL;
done:
  gkt_form_destroy(&form);
  return status;
}

static gkt_status weigh(gkt_adjoint *a, const gkt_adjoint_history *h) {
  const gkt_space *space = a->s->spaces[h->function];
  const int n = gkt_space_block_size(space);
  double *weights = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(a->ctx, gkt_space_num_nodes(space), sizeof *weights, &weights));
  GKT_GO(gkt_space_weights(space, weights));
  for (gkt_size i = 0; i < h->size; i++) a->point_weights[h->first + i] = weights[i / n];
done:
  gkt_free(&weights);
  return status;
}

/* ---- derivatives; NULL: 0 ---- */
static gkt_status derive_by(const gkt_form *form, int history, gkt_form **out) {
  GKT_TRY(gkt_form_derivative(form, 1, &history, out));
  if (gkt_form_num_integrals(*out) == 0) gkt_form_destroy(out);
  return GKT_OK;
}

gkt_status gkt_adjoint_derive_histories(gkt_adjoint *a) {
  if (!a->num_histories) return GKT_OK;
  GKT_TRY(gkt_calloc(a->ctx, a->history_size, sizeof *a->p, &a->p));
  GKT_TRY(gkt_alloc(a->ctx, a->history_size, sizeof *a->point_weights, &a->point_weights));
  GKT_TRY(sum(a, false, &a->updates));
  GKT_TRY(sum(a, true, &a->remembered));
  if (a->updates) GKT_TRY(gkt_adjoint_derive_by_state(a, a->updates, &a->update_by_state.form));
  for (int i = 0; i < a->num_histories; i++) {
    gkt_adjoint_history *h = &a->histories[i];
    GKT_TRY(weigh(a, h));
    GKT_TRY(derive_by(a->lagrangian, h->function, &h->residual.form));
    if (a->updates) GKT_TRY(derive_by(a->updates, h->function, &h->update.form));
  }
  return GKT_OK;
}

gkt_status gkt_adjoint_derive_remembered(gkt_adjoint *a, gkt_adjoint_control *c) {
  if (a->num_histories && c->kind == GKT_CONTROL_SHAPE) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'shape': derivatives by the shape through histories are not available yet");
  if (a->updates) GKT_TRY(gkt_adjoint_derive(a->updates, c, &c->update.form));
  if (a->remembered) GKT_TRY(gkt_adjoint_derive(a->remembered, c, &c->remembered.form));
  return GKT_OK;
}

gkt_status gkt_functional_derive_histories(gkt_functional *f, const gkt_form *form) {
  if (!f->a->num_histories) return GKT_OK;
  GKT_TRY(gkt_calloc(f->a->ctx, f->a->num_histories, sizeof *f->by_history, &f->by_history));
  for (int i = 0; i < f->a->num_histories; i++) GKT_TRY(derive_by(form, f->a->histories[i].function, &f->by_history[i].form));
  return GKT_OK;
}

bool gkt_functional_holds_history(const gkt_functional *f) {
  bool holds = false;
  for (int i = 0; f->by_history && i < f->a->num_histories; i++) holds = holds || f->by_history[i].form;
  for (int k = 0; k < f->num_parts; k++) holds = holds || gkt_functional_holds_history(f->parts[k]);
  return holds;
}
