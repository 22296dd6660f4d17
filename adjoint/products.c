/* Derivatives that a run in time asks for in each step, of which many are linear in the one function that moves from step to step, the state or the adjoint state: F(w) = A w +
   F(0) by a matrix that is assembled once a run, as steps have their operators (systems/operators.c). A product of P1 takes a tenth of the time of its cells. */
#include "adjoint/adjoint.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

void gkt_products_destroy(gkt_products **products) {
  gkt_products *p = *products;
  if (!p) return;
  gkt_csr_destroy(&p->matrix);
  gkt_assembler_destroy(&p->assembler);
  gkt_assembler_destroy(&p->rest_assembler);
  gkt_form_destroy(&p->form);
  gkt_form_destroy(&p->rest_form);
  gkt_free(&p->rest);
  gkt_free(products);
}

/* ---- is F linear? ---- */
/* States, their rates and adjoint states, of which a form may hold one; -1: none or several */
static int moving_function(const gkt_adjoint *a, const gkt_form *form) {
  int count = 0, found = -1;
  for (int k = 0; k < a->s->num_unknowns; k++) {
    const int functions[] = {a->s->unknowns[k], gkt_scope_rate(a->s->scope, a->s->unknowns[k], 1), gkt_scope_rate(a->s->scope, a->s->unknowns[k], 2), a->twins[k]};
    for (int i = 0; i < 4; i++)
      if (functions[i] >= 0 && gkt_form_depends_on(form, functions[i])) found = functions[i], count++;
  }
  return count == 1 ? found : -1;
}

static bool may_serve(const gkt_adjoint *a, const gkt_form *form) {
  const gkt_system *s = a->s;
  if (s->ties || s->num_followed || a->num_histories || s->mesh->moves) return false;
  if (gkt_form_arity(form) != 1 || gkt_form_num_arguments(form, 0) != 1 || gkt_form_depends_on_time(form)) return false;
  const int row = gkt_form_argument(form, 0, 0);
  return row != GKT_COORDINATES && a->spaces[row] && !gkt_space_is_at_points(a->spaces[row]);
}

static gkt_status look(const gkt_adjoint *a, const gkt_form *form, gkt_products *p) {
  if (!may_serve(a, form)) return GKT_OK;
  p->function = moving_function(a, form);
  if (p->function < 0) return GKT_OK;
  GKT_TRY(gkt_form_derivative(form, 1, &p->function, &p->form));
  GKT_TRY(gkt_form_at_zero(form, 1, &p->function, &p->rest_form));
  p->serves = gkt_form_num_integrals(p->form) && !gkt_form_depends_on(p->form, p->function);
  return GKT_OK;
}

gkt_status gkt_products_begin(const gkt_adjoint *a, gkt_adjoint_plan *plan) {
  if (!plan->form) return GKT_OK;
  if (!plan->products) {
    GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *plan->products, &plan->products));
    GKT_TRY(look(a, plan->form, plan->products));
  }
  plan->products->at_work = plan->products->serves, plan->products->fits = false;
  return GKT_OK;
}

void gkt_products_end(gkt_adjoint_plan *plan) {
  if (plan->products) plan->products->at_work = false;
}

bool gkt_products_are_at_work(const gkt_adjoint_plan *plan) { return plan->products && plan->products->at_work; }

/* ---- the matrix ---- */
static gkt_status make(const gkt_adjoint *a, gkt_products *p, const gkt_inputs *inputs, gkt_size size) {
  const bool has_rest = gkt_form_num_integrals(p->rest_form);
  if (!p->assembler) GKT_TRY(gkt_assembler_create(p->form, a->s->mesh, a->spaces, &p->assembler));
  if (!p->matrix) GKT_TRY(gkt_assembler_matrix(p->assembler, &p->matrix));
  if (has_rest && !p->rest_assembler) GKT_TRY(gkt_assembler_create(p->rest_form, a->s->mesh, a->spaces, &p->rest_assembler));
  if (has_rest && !p->rest) GKT_TRY(gkt_alloc(a->ctx, size, sizeof *p->rest, &p->rest));
  GKT_TRY(gkt_assemble_matrix(p->assembler, inputs, p->matrix));
  if (has_rest) GKT_TRY(gkt_assemble_vector(p->rest_assembler, inputs, p->rest));
  p->fits = true;
  return GKT_OK;
}

/* out += weight F(x) */
static void add(const gkt_adjoint *a, const gkt_products *p, const gkt_scalar *x, double weight, gkt_scalar *out) {
  const gkt_csr *A = p->matrix;
  gkt_csr_multiply_add_by(A, gkt_threads_for(a->ctx, A->row_offsets[A->num_rows]), weight, x, out);
  for (gkt_idx i = 0; p->rest && i < A->num_rows; i++) out[i] += weight * p->rest[i];
}

gkt_status gkt_products_add(const gkt_adjoint *a, gkt_adjoint_plan *plan, const gkt_inputs *inputs, double weight, gkt_size size, gkt_scalar *out) {
  gkt_products *p = plan->products;
  if (!p->fits) GKT_TRY(make(a, p, inputs, size));
  add(a, p, inputs->values[p->function], weight, out);
  return GKT_OK;
}
