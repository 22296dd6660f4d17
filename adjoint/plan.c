/* Derivatives of functionals: forms, and when they are asked for assemblers. */
#include "adjoint/adjoint.h"
#include "assembly/assembler.h"
#include "forms/form.h"

static void drop_zero(gkt_form **form) {
  if (gkt_form_num_integrals(*form) == 0) gkt_form_destroy(form);
}

gkt_status gkt_adjoint_derive(const gkt_form *form, const gkt_adjoint_control *c, gkt_form **out) {
  *out = NULL;
  if (c->kind == GKT_CONTROL_CONSTANT) GKT_TRY(gkt_form_derivative_constant(form, c->number, out));
  else GKT_TRY(gkt_form_derivative(form, 1, &c->number, out));
  drop_zero(out);
  return GKT_OK;
}

gkt_status gkt_adjoint_derive_by_state(const gkt_adjoint *a, const gkt_form *form, gkt_form **out) {
  *out = NULL;
  GKT_TRY(gkt_form_derivative(form, a->s->num_unknowns, a->s->unknowns, out));
  drop_zero(out);
  return GKT_OK;
}

gkt_status gkt_adjoint_plan_ahead(const gkt_adjoint *a, bool tied, gkt_adjoint_plan *p) {
  if (!p->form || p->assembler) return GKT_OK;
  return gkt_assembler_create_tied(p->form, a->s->mesh, a->spaces, tied ? a->s->ties : NULL, &p->assembler);
}

void gkt_adjoint_plan_clear(gkt_adjoint_plan *p) {
  gkt_assembler_destroy(&p->assembler);
  gkt_form_destroy(&p->form);
}

gkt_status gkt_adjoint_plan_add(const gkt_adjoint *a, gkt_adjoint_plan *p, const gkt_inputs *inputs, double weight, gkt_size size, gkt_scalar *work, gkt_scalar *out) {
  if (!p->form || weight == 0) return GKT_OK;
  GKT_TRY(gkt_adjoint_plan_ahead(a, false, p));
  if (gkt_form_arity(p->form) == 0) GKT_TRY(gkt_assemble_functional(p->assembler, inputs, work));
  else GKT_TRY(gkt_assemble_vector(p->assembler, inputs, work));
  for (gkt_size i = 0; i < size; i++) out[i] += weight * work[i];
  return GKT_OK;
}
