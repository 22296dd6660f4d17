/* Functionals of one form: derivatives by the state and by controls. */
#include "adjoint/adjoint.h"
#include "forms/form.h"

gkt_status gkt_adjoint_check_functional(const gkt_adjoint *a, const gkt_functional *f) {
  if (!f) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: no functional");
  return f->a == a ? GKT_OK : gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: a functional of another one");
}

static gkt_status check(const gkt_adjoint *a, const gkt_form *form) {
  if (!form) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: no form; expected a functional, of arity 0");
  if (gkt_form_arity(form) != 0) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: a form of arity %d; expected a functional, of arity 0", gkt_form_arity(form));
  if (form->scope != a->s->scope) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: a form of another scope; expected that of the system");
  for (int k = 0; k < a->s->num_unknowns; k++)
    if (gkt_form_rate_order(form, a->s->unknowns[k]) > gkt_system_rate_order(a->s, k))
      return gkt_fail(a->ctx, GKT_BAD_INPUT, "functional: it holds %s(%s), which the equation does not; expected rates that stand there",
                      gkt_form_rate_order(form, a->s->unknowns[k]) == 2 ? "dtt" : "dt", a->s->blocks[k].name);
  if (gkt_form_num_functions(form) > a->num_functions)
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: it may hold functions that were declared after the system was made; expected a form of those before");
  return GKT_OK;
}

static gkt_status derive(gkt_functional *f, const gkt_form *form) {
  gkt_adjoint *a = f->a;
  GKT_TRY(gkt_adjoint_check_places(a, form));
  f->value.form = gkt_form_retain(form);
  for (int k = 0; k < a->s->num_unknowns; k++) {
    const int order = gkt_form_rate_order(form, a->s->unknowns[k]);
    f->rate_order = order > f->rate_order ? order : f->rate_order;
  }
  GKT_TRY(gkt_calloc(a->ctx, a->num_controls, sizeof *f->by_control, &f->by_control));
  GKT_TRY(gkt_adjoint_derive_by_state(a, form, &f->by_state.form));
  for (int i = 0; i < a->num_controls; i++) GKT_TRY(gkt_adjoint_derive(form, &a->controls[i], &f->by_control[i].form));
  for (int i = 0; i < a->num_controls; i++) a->controls[i].is_used = a->controls[i].is_used || f->by_control[i].form;
  GKT_TRY(gkt_functional_derive_histories(f, form));
  return gkt_functional_warn_kinks(f, form);
}

gkt_status gkt_functional_create(gkt_adjoint *a, const gkt_form *form, gkt_functional **out) {
  gkt_functional *f = NULL;
  gkt_status status;
  GKT_NEED(a->ctx, out, "place for the functional");
  GKT_TRY(check(a, form));
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *f, &f));
  f->a = a;
  GKT_GO(derive(f, form));
done:
  if (status == GKT_OK) *out = f;
  else gkt_functional_destroy(&f);
  return status;
}

void gkt_functional_destroy(gkt_functional **functional) {
  gkt_functional *f = *functional;
  if (!f) return;
  gkt_adjoint_plan_clear(&f->value);
  gkt_adjoint_plan_clear(&f->by_state);
  gkt_adjoint_second_clear(f->a, &f->second);
  gkt_vector_destroy(&f->last);
  if (f->a->lambda_of == f) f->a->lambda_of = NULL;
  for (int i = 0; f->by_control && i < f->a->num_controls; i++) gkt_adjoint_plan_clear(&f->by_control[i]);
  gkt_free(&f->by_control);
  for (int i = 0; f->by_history && i < f->a->num_histories; i++) gkt_adjoint_plan_clear(&f->by_history[i]);
  gkt_free(&f->by_history);
  for (int i = 0; f->slopes && i < f->num_constants; i++)
    if (f->slopes[i]) gkt_expression_destroy(&f->slopes[i]);
  gkt_free(&f->slopes);
  if (f->outer) gkt_expression_destroy(&f->outer);
  gkt_free(&f->parts);
  gkt_free(&f->places);
  gkt_free(&f->constants);
  gkt_free(functional);
}

int gkt_functional_rate_order(const gkt_functional *f) {
  int order = f->rate_order;
  for (int i = 0; i < f->num_parts; i++) order = f->parts[i]->rate_order > order ? f->parts[i]->rate_order : order;
  return order;
}

gkt_status gkt_functional_value(gkt_functional *f, const gkt_vector *u, double *value) {
  gkt_inputs inputs;
  GKT_NEED(f->a->ctx, value, "place for the value");
  GKT_TRY(gkt_adjoint_inputs(f->a, u, &inputs));
  return gkt_functional_evaluate(f, &inputs, value);
}

static bool moves_solution(const gkt_adjoint_control *c) { return c->residual.form || c->in_conditions || c->in_initial || c->initial || c->update.form || c->remembered.form; }

gkt_status gkt_functional_check(gkt_functional *f) {
  gkt_text place = {.ctx = f->a->ctx};
  const bool in_solution = gkt_functional_depends_on_state(f) || gkt_functional_holds_history(f);
  bool depends = false;
  for (int i = 0; i < f->a->num_controls; i++) depends = depends || gkt_functional_holds(f, i) || (in_solution && moves_solution(&f->a->controls[i]));
  if (depends) return GKT_OK;
  if (f->value.form) gkt_system_print_place(f->value.form, &place);
  gkt_status status =
      gkt_fail(f->a->ctx, GKT_BAD_INPUT, "%sthis functional depends on no control, neither itself nor through the solution; expected one that does", place.data ? place.data : "");
  gkt_text_free(&place);
  return status;
}
