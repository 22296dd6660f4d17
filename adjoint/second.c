/* Second derivatives of functionals: F'[du, dk] is a functional of the changes as well, whose derivatives are found as those of F. */
#include "adjoint/adjoint.h"
#include "forms/form.h"

static gkt_status declare_changes(gkt_adjoint *a, int *changes) {
  gkt_scope *scope = (gkt_scope *)a->s->scope;
  const int n = a->s->num_unknowns;
  for (int k = 0; k < n; k++) GKT_TRY(gkt_scope_twin(scope, "change", a->s->unknowns[k], &changes[k]));
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == GKT_CONTROL_COEFFICIENT) GKT_TRY(gkt_scope_twin(scope, "change", a->controls[i].number, &changes[n + i]));
  return gkt_adjoint_grow(a);
}

/* Once. */
static gkt_status make_changes(gkt_adjoint *a) {
  const int n = a->s->num_unknowns;
  int *changes = NULL;
  gkt_status status = GKT_OK;
  if (a->changes) return GKT_OK;
  GKT_GO(gkt_system_vector(a->s, &a->du));
  GKT_GO(gkt_system_vector(a->s, &a->dlambda));
  GKT_GO(gkt_calloc(a->ctx, n + a->num_controls, sizeof *changes, &changes));
  GKT_GO(declare_changes(a, changes));
  for (int k = 0; k < n; k++) a->spaces[changes[k]] = gkt_system_space(a->s, k);
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == GKT_CONTROL_COEFFICIENT) a->spaces[changes[n + i]] = a->s->spaces[a->controls[i].number];
  a->changes = changes, changes = NULL;
done:
  gkt_free(&changes);
  return status;
}

/* sum += the derivative, in the direction of the changes */
static gkt_status add_direction(gkt_form **derivative, const int *changes, gkt_form **sum) {
  gkt_form *along = NULL, *both = NULL;
  gkt_status status = GKT_OK;
  if (!*derivative) return GKT_OK;
  GKT_GO(gkt_form_replace_test(*derivative, changes, &along));
  if (*sum) {
    GKT_GO(gkt_form_add(*sum, along, &both));
    gkt_form_destroy(sum);
    *sum = both, both = NULL;
  } else *sum = along, along = NULL;
done:
  gkt_form_destroy(&along);
  gkt_form_destroy(&both);
  gkt_form_destroy(derivative);
  return status;
}

static gkt_status derive_along(const gkt_adjoint *a, const gkt_form *form, gkt_form **out) {
  gkt_form *derivative = NULL;
  *out = NULL;
  GKT_TRY(gkt_adjoint_derive_by_state(a, form, &derivative));
  GKT_TRY(add_direction(&derivative, a->changes, out));
  for (int i = 0; i < a->num_controls; i++) {
    if (a->controls[i].kind != GKT_CONTROL_COEFFICIENT) continue;
    GKT_TRY(gkt_adjoint_derive(form, &a->controls[i], &derivative));
    GKT_TRY(add_direction(&derivative, &a->changes[a->s->num_unknowns + i], out));
  }
  return GKT_OK;
}

static gkt_status derive_again(const gkt_adjoint *a, bool is_residual, gkt_adjoint_along *d) {
  const gkt_form *form = d->value.form;
  if (!form) return GKT_OK;
  GKT_TRY(gkt_calloc(a->ctx, a->num_controls, sizeof *d->by_control, &d->by_control));
  GKT_TRY(gkt_adjoint_derive_by_state(a, form, &d->by_state.form));
  for (int i = 0; i < a->num_controls; i++) GKT_TRY(gkt_adjoint_derive(form, &a->controls[i], &d->by_control[i].form));
  if (!is_residual) return GKT_OK;
  GKT_TRY(gkt_calloc(a->ctx, a->s->num_unknowns, sizeof *d->by_adjoint, &d->by_adjoint));
  for (int k = 0; k < a->s->num_unknowns; k++) {
    GKT_TRY(gkt_form_derivative(form, 1, &a->twins[k], &d->by_adjoint[k].form));
    if (gkt_form_num_integrals(d->by_adjoint[k].form) == 0) gkt_form_destroy(&d->by_adjoint[k].form);
  }
  return GKT_OK;
}

gkt_status gkt_adjoint_plan_second(gkt_adjoint *a, const gkt_form *form, bool is_residual, gkt_adjoint_second *out) {
  gkt_status status;
  if (out->along) return GKT_OK;
  GKT_TRY(make_changes(a));
  GKT_TRY(gkt_calloc(a->ctx, 1 + a->num_controls, sizeof *out->along, &out->along));
  GKT_GO(derive_along(a, form, &out->along[0].value.form));
  GKT_GO(derive_again(a, is_residual, &out->along[0]));
  for (int i = 0; i < a->num_controls; i++) {
    if (a->controls[i].kind != GKT_CONTROL_CONSTANT) continue;
    GKT_GO(gkt_adjoint_derive(form, &a->controls[i], &out->along[1 + i].value.form));
    GKT_GO(derive_again(a, is_residual, &out->along[1 + i]));
  }
done:
  if (status != GKT_OK) gkt_adjoint_second_clear(a, out);
  return status;
}

void gkt_adjoint_second_clear(const gkt_adjoint *a, gkt_adjoint_second *second) {
  for (int i = 0; second->along && i <= a->num_controls; i++) {
    gkt_adjoint_along *d = &second->along[i];
    gkt_adjoint_plan_clear(&d->value);
    gkt_adjoint_plan_clear(&d->by_state);
    for (int j = 0; d->by_control && j < a->num_controls; j++) gkt_adjoint_plan_clear(&d->by_control[j]);
    for (int k = 0; d->by_adjoint && k < a->s->num_unknowns; k++) gkt_adjoint_plan_clear(&d->by_adjoint[k]);
    gkt_free(&d->by_control);
    gkt_free(&d->by_adjoint);
  }
  gkt_free(&second->along);
}
