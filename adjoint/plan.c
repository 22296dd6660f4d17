/* Derivatives of functionals: forms, and when they are asked for assemblers. */
#include <string.h>

#include "adjoint/adjoint.h"
#include "assembly/assembler.h"
#include "forms/form.h"

static void drop_zero(gkt_form **form) {
  if (gkt_form_num_integrals(*form) == 0) gkt_form_destroy(form);
}

gkt_status gkt_adjoint_derive(const gkt_form *form, const gkt_adjoint_control *c, gkt_form **out) {
  *out = NULL;
  if (gkt_adjoint_is_initial(c)) return GKT_OK;
  if (c->kind == GKT_CONTROL_CONSTANT) GKT_TRY(gkt_form_derivative_constant(form, c->number, out));
  else GKT_TRY(gkt_form_derivative(form, 1, &c->number, out));
  drop_zero(out);
  return GKT_OK;
}

gkt_status gkt_adjoint_derive_by_state(const gkt_adjoint *a, const gkt_form *form, gkt_form **out) {
  *out = NULL;
  GKT_TRY(gkt_form_tangent(form, a->s->num_unknowns, a->s->unknowns, out));
  drop_zero(out);
  return GKT_OK;
}

/* The system's ties end where its functions do. */
static gkt_status create_tied(const gkt_adjoint *a, gkt_adjoint_plan *p) {
  const gkt_ties **ties = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, a->num_functions, sizeof *ties, &ties));
  for (int f = 0; f < a->s->num_functions; f++) ties[f] = a->s->ties[f];
  for (int k = 0; k < a->s->num_unknowns; k++) ties[a->twins[k]] = a->s->ties[a->s->unknowns[k]];
  GKT_GO(gkt_assembler_create_tied(p->form, a->s->mesh, a->spaces, ties, &p->assembler));
done:
  gkt_free(&ties);
  return status;
}

gkt_status gkt_adjoint_plan_ahead(const gkt_adjoint *a, bool tied, gkt_adjoint_plan *p) {
  if (!p->form || p->assembler) return GKT_OK;
  return tied && a->s->ties ? create_tied(a, p) : gkt_assembler_create(p->form, a->s->mesh, a->spaces, &p->assembler);
}

void gkt_adjoint_plan_clear(gkt_adjoint_plan *p) {
  gkt_products_destroy(&p->products);
  gkt_assembler_destroy(&p->assembler);
  gkt_form_destroy(&p->form);
}

gkt_scalar *gkt_adjoint_at_once(const gkt_adjoint_control *c, gkt_scalar *g) {
  if (!c->signal) return g;
  memset(c->at, 0, (size_t)gkt_signal_num_dofs(c->signal) * sizeof *c->at);
  return c->at;
}

void gkt_adjoint_over_times(const gkt_adjoint_control *c, double time, gkt_scalar *g) {
  if (c->signal) gkt_signal_spread(c->signal, time, c->at, g);
}

gkt_status gkt_adjoint_plan_add_control(const gkt_adjoint *a, const gkt_adjoint_control *c, gkt_adjoint_plan *p, const gkt_inputs *inputs, double weight, gkt_scalar *g) {
  if (!p->form || weight == 0) return GKT_OK;
  GKT_TRY(gkt_adjoint_plan_add(a, p, inputs, weight, c->signal ? gkt_signal_num_dofs(c->signal) : c->size, a->work, gkt_adjoint_at_once(c, g)));
  gkt_adjoint_over_times(c, inputs->time, g);
  return GKT_OK;
}

/* NULL: it is by something else */
static const gkt_space *space_at_points(const gkt_adjoint *a, const gkt_form *form) {
  const int function = gkt_form_arity(form) == 1 ? gkt_form_argument(form, 0, 0) : GKT_COORDINATES;
  const gkt_space *space = function == GKT_COORDINATES ? NULL : a->spaces[function];
  return space && gkt_space_element(space).kind == GKT_QUADRATURE_POINTS ? space : NULL;
}

gkt_status gkt_adjoint_plan_add(const gkt_adjoint *a, gkt_adjoint_plan *p, const gkt_inputs *inputs, double weight, gkt_size size, gkt_scalar *work, gkt_scalar *out) {
  if (!p->form || weight == 0) return GKT_OK;
  if (gkt_products_are_at_work(p)) return gkt_products_add(a, p, inputs, weight, size, out);
  const gkt_space *points = space_at_points(a, p->form);
  if (points) return gkt_adjoint_add_at_points(a, p->form, points, inputs, weight, out);
  GKT_TRY(gkt_adjoint_plan_ahead(a, false, p));
  if (gkt_form_arity(p->form) == 0) GKT_TRY(gkt_assemble_functional(p->assembler, inputs, work));
  else GKT_TRY(gkt_assemble_vector(p->assembler, inputs, work));
  for (gkt_size i = 0; i < size; i++) out[i] += weight * work[i];
  return GKT_OK;
}
