/* Adjoints of a system: controls, and what they need. */
#include <string.h>

#include "adjoint/adjoint.h"
#include "forms/form.h"
#include "meshes/mesh.h"

/* ---- refusals ---- */
static gkt_status find_function(const gkt_system *s, const char *name, int *out) {
  *out = gkt_scope_find_function(s->scope, name);
  const bool is_data = *out >= 0 && *out < s->num_functions && s->scope->functions[*out].role == GKT_ROLE_COEFFICIENT;
  if (!is_data || !s->spaces[*out]) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': no discrete coefficient of the system; expected the name of one", name);
  if (gkt_system_find_followed(s, *out) && !gkt_system_find_signal(s, *out))
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s' follows t by what its caller fills in: there is nothing to control; expected values at times (gkt_signal)", name);
  return GKT_OK;
}

static gkt_status find_constant(const gkt_system *s, const char *name, int *out) {
  *out = gkt_scope_find_constant(s->scope, name);
  if (*out >= 0 && *out < s->num_constants && !gkt_scope_is_shift(s->scope, *out)) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': no constant of the system; expected the name of one", name);
}

/* Of a field whose steps go on from it. */
static gkt_status find_initial(const gkt_system *s, const gkt_control *given, gkt_adjoint_control *c) {
  const int function = gkt_scope_find_function(s->scope, given->name), order = given->kind == GKT_CONTROL_INITIAL ? 1 : 2;
  c->number = function >= 0 && function < s->num_functions ? gkt_system_find_block(s, function) : -1;
  if (c->number < 0) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': no unknown of the system; expected the name of one for its initial values", given->name);
  if (gkt_form_rate_order(s->residual, function) < order)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': nothing depends on this initial value: the equation holds no %s(%s); expected an equation with it, or no such control",
                    given->name, order == 2 ? "dtt" : "dt", given->name);
  c->size = s->blocks[c->number].count, c->is_used = true;
  return GKT_OK;
}

/* ---- creation ---- */
static gkt_status find_control(const gkt_adjoint *a, const gkt_control *given, gkt_adjoint_control *c) {
  c->kind = given->kind, c->number = GKT_COORDINATES;
  switch (c->kind) {
  case GKT_CONTROL_CONSTANT: c->size = 1; return find_constant(a->s, given->name, &c->number);
  case GKT_CONTROL_SHAPE: c->size = (gkt_size)a->s->dim * gkt_mesh_num_nodes(a->s->mesh); return gkt_adjoint_check_shape(a);
  case GKT_CONTROL_INITIAL:
  case GKT_CONTROL_INITIAL_RATE: return find_initial(a->s, given, c);
  case GKT_CONTROL_COEFFICIENT: break;
  default: return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: '%s': no such kind of control (%d)", given->name, (int)given->kind);
  }
  GKT_TRY(find_function(a->s, given->name, &c->number));
  c->signal = gkt_system_find_signal(a->s, c->number);
  c->size = c->signal ? gkt_signal_size(c->signal) : gkt_space_num_dofs(a->s->spaces[c->number]);
  return GKT_OK;
}

static gkt_status add_control(gkt_adjoint *a, const gkt_control *given) {
  gkt_adjoint_control *c = &a->controls[a->num_controls];
  const char *name = given->kind == GKT_CONTROL_SHAPE ? "shape" : given->name;
  if (!name) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: control %d has no name; expected that of a constant, a coefficient or a field", a->num_controls);
  GKT_TRY(find_control(a, given, c));
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == c->kind && a->controls[i].number == c->number) return gkt_fail(a->ctx, GKT_BAD_INPUT, "'%s': a control that is given twice", name);
  a->num_controls++;
  GKT_TRY(gkt_strdup(a->ctx, name, &c->name));
  if (c->signal) GKT_TRY(gkt_alloc(a->ctx, gkt_signal_num_dofs(c->signal), sizeof *c->at, &c->at));
  if (c->is_used) return gkt_calloc(a->ctx, c->size, sizeof *c->initial, &c->initial);
  GKT_TRY(gkt_adjoint_look_at_conditions(a, c));
  GKT_TRY(gkt_adjoint_derive(a->lagrangian, c, &c->residual.form));
  GKT_TRY(gkt_adjoint_derive_remembered(a, c));
  c->is_used = c->residual.form || c->in_conditions || c->update.form || c->remembered.form;
  return GKT_OK;
}

/* The residual with the adjoint state as its test function. */
static gkt_status make_lagrangian(gkt_adjoint *a) {
  gkt_scope *scope = (gkt_scope *)a->s->scope;
  GKT_TRY(gkt_calloc(a->ctx, a->s->num_unknowns, sizeof *a->twins, &a->twins));
  for (int k = 0; k < a->s->num_unknowns; k++) GKT_TRY(gkt_scope_twin(scope, "adjoint", a->s->unknowns[k], &a->twins[k]));
  GKT_TRY(gkt_adjoint_find_histories(a));
  a->num_functions = gkt_scope_num_functions(scope);
  return gkt_form_replace_test(a->s->residual, a->twins, &a->lagrangian);
}

static gkt_status make_arrays(gkt_adjoint *a) {
  gkt_size largest = 1;
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *a->spaces, &a->spaces));
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *a->values, &a->values));
  for (int f = 0; f < a->s->num_functions; f++) a->spaces[f] = a->s->spaces[f];
  for (int k = 0; k < a->s->num_unknowns; k++) a->spaces[a->twins[k]] = gkt_system_space(a->s, k);
  for (int i = 0; i < a->num_histories; i++) a->spaces[a->histories[i].twin] = a->spaces[a->histories[i].function];
  GKT_TRY(gkt_system_vector(a->s, &a->lambda));
  GKT_TRY(gkt_system_vector(a->s, &a->right));
  GKT_TRY(gkt_system_vector(a->s, &a->part));
  GKT_TRY(gkt_system_vector(a->s, &a->lambda_at));
  for (int i = 0; i < a->num_controls; i++) {
    const gkt_adjoint_control *c = &a->controls[i];
    const gkt_size size = c->signal ? gkt_signal_num_dofs(c->signal) : c->size;
    largest = size > largest ? size : largest;
  }
  return gkt_alloc(a->ctx, largest, sizeof *a->work, &a->work);
}

gkt_status gkt_adjoint_create(gkt_system *s, int num_controls, const gkt_control *controls, gkt_adjoint **out) {
  gkt_adjoint *a = NULL;
  gkt_status status;
  GKT_NEED(s->ctx, out, "place for the adjoint");
  if (num_controls < 1 || !controls) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "adjoint: %d controls; expected at least one", num_controls);
  GKT_TRY(gkt_calloc(s->ctx, 1, sizeof *a, &a));
  a->ctx = gkt_context_retain(s->ctx), a->s = s;
  GKT_GO(make_lagrangian(a));
  GKT_GO(gkt_adjoint_derive_histories(a));
  GKT_GO(gkt_calloc(a->ctx, num_controls, sizeof *a->controls, &a->controls));
  for (int i = 0; i < num_controls; i++) GKT_GO(add_control(a, &controls[i]));
  GKT_GO(gkt_adjoint_check_places(a, a->lagrangian));
  GKT_GO(make_arrays(a));
  GKT_GO(gkt_adjoint_warn_kinks(a));
done:
  if (status == GKT_OK) *out = a;
  else gkt_adjoint_destroy(&a);
  return status;
}

void gkt_adjoint_destroy(gkt_adjoint **adjoint) {
  gkt_adjoint *a = *adjoint;
  if (!a) return;
  for (int i = 0; a->controls && i < a->num_controls; i++) {
    gkt_adjoint_plan_clear(&a->controls[i].residual);
    gkt_adjoint_plan_clear(&a->controls[i].update), gkt_adjoint_plan_clear(&a->controls[i].remembered);
    gkt_free(&a->controls[i].name);
    gkt_free(&a->controls[i].initial);
    gkt_free(&a->controls[i].at);
  }
  gkt_free(&a->controls);
  gkt_adjoint_clear_starts(a);
  gkt_adjoint_second_clear(a, &a->second);
  gkt_free(&a->changes);
  gkt_vector_destroy(&a->du), gkt_vector_destroy(&a->dlambda), gkt_vector_destroy(&a->lambda_at);
  gkt_adjoint_plan_clear(&a->by_state);
  gkt_adjoint_clear_histories(a);
  gkt_form_destroy(&a->lagrangian);
  gkt_vector_destroy(&a->lambda), gkt_vector_destroy(&a->right), gkt_vector_destroy(&a->part);
  gkt_free(&a->twins);
  gkt_free(&a->spaces);
  gkt_free(&a->values);
  gkt_free(&a->work);
  gkt_context_destroy(&a->ctx);
  gkt_free(adjoint);
}

/* ---- use ---- */
gkt_status gkt_adjoint_grow(gkt_adjoint *a) {
  const int n = gkt_scope_num_functions(a->s->scope);
  GKT_TRY(gkt_realloc(a->ctx, n, sizeof *a->spaces, &a->spaces));
  GKT_TRY(gkt_realloc(a->ctx, n, sizeof *a->values, &a->values));
  for (int f = a->num_functions; f < n; f++) a->spaces[f] = NULL, a->values[f] = NULL;
  a->num_functions = n;
  return GKT_OK;
}

void gkt_adjoint_add_lambda(gkt_adjoint *a, gkt_inputs *inout) {
  for (int f = 0; f < a->s->num_functions; f++) a->values[f] = inout->values[f];
  for (int k = 0; k < a->s->num_unknowns; k++) a->values[a->twins[k]] = gkt_adjoint_values(a->lambda) + a->s->blocks[k].first;
  for (int i = 0; i < a->num_histories; i++) a->values[a->histories[i].twin] = a->p + a->histories[i].first;
  inout->spaces = a->spaces, inout->values = a->values;
}

bool gkt_adjoint_has_kind(const gkt_adjoint *a, gkt_control_kind kind) {
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == kind) return true;
  return false;
}

bool gkt_adjoint_asks_for_conditions(const gkt_adjoint *a, gkt_scalar *const *gradients) {
  for (int i = 0; i < a->num_controls; i++)
    if (gradients[i] && a->controls[i].in_conditions) return true;
  return false;
}

gkt_status gkt_adjoint_inputs(gkt_adjoint *a, const gkt_vector *u, gkt_inputs *out) {
  const gkt_state state = gkt_system_state(a->s, u);
  if (u) GKT_TRY(gkt_adjoint_settle(a, gkt_vector_where(u)));
  GKT_TRY(gkt_system_inputs(a->s, &state, out));
  gkt_adjoint_add_lambda(a, out);
  return GKT_OK;
}

gkt_status gkt_adjoint_check(gkt_adjoint *a) {
  for (int i = 0; i < a->num_controls; i++)
    if (!a->controls[i].is_used)
      return gkt_fail(a->ctx, GKT_BAD_INPUT, "'%s': nothing depends on this control, neither the equation nor a functional; expected one that does, or no such control",
                      a->controls[i].name);
  return GKT_OK;
}

int gkt_adjoint_num_controls(const gkt_adjoint *a) { return a->num_controls; }
static bool has_control(const gkt_adjoint *a, int control) { return control >= 0 && control < a->num_controls; }
gkt_size gkt_adjoint_control_size(const gkt_adjoint *a, int control) { return has_control(a, control) ? a->controls[control].size : 0; }
const gkt_vector *gkt_adjoint_state(const gkt_adjoint *a) { return a->lambda; }

gkt_status gkt_adjoint_check_control(const gkt_adjoint *a, int control, const void *values) {
  if (!has_control(a, control)) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: control %d; expected 0 to %d, a number in the order of creation", control, a->num_controls - 1);
  return values ? GKT_OK
                : gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: no array for '%s'; expected one of %lld numbers", a->controls[control].name, (long long)a->controls[control].size);
}

gkt_status gkt_adjoint_get_control(const gkt_adjoint *a, int control, gkt_scalar *values) {
  GKT_TRY(gkt_adjoint_check_control(a, control, values));
  const gkt_adjoint_control *c = &a->controls[control];
  if (c->initial) {
    memcpy(values, c->initial, (size_t)c->size * sizeof *values);
    return GKT_OK;
  }
  if (c->signal) {
    memcpy(values, gkt_signal_read(c->signal), (size_t)c->size * sizeof *values);
    return GKT_OK;
  }
  if (c->kind == GKT_CONTROL_CONSTANT) {
    *values = a->s->constants[c->number];
    return GKT_OK;
  }
  if (c->kind == GKT_CONTROL_SHAPE) {
    memcpy(values, gkt_mesh_coords(a->s->mesh), (size_t)c->size * sizeof *values);
    return GKT_OK;
  }
  if (!a->s->values[c->number]) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: no values are given for '%s'", c->name);
  memcpy(values, a->s->values[c->number], (size_t)c->size * sizeof *values);
  return GKT_OK;
}

gkt_status gkt_adjoint_set_control(gkt_adjoint *a, int control, const gkt_scalar *values) {
  GKT_TRY(gkt_adjoint_check_control(a, control, values));
  const gkt_adjoint_control *c = &a->controls[control];
  if (c->kind == GKT_CONTROL_SHAPE) return gkt_adjoint_move(a, values);
  if (c->signal) return gkt_signal_set(c->signal, values);
  if (c->initial) {
    memcpy(c->initial, values, (size_t)c->size * sizeof *values);
    return GKT_OK;
  }
  return c->kind == GKT_CONTROL_CONSTANT ? gkt_system_set_constant(a->s, c->name, *values) : gkt_system_set_coefficient(a->s, c->name, values);
}
