/* Data of a system: what a change of them makes stale is what holds them, and nothing else. */
#include <math.h>

#include "forms/form.h"
#include "meshes/mesh.h"
#include "systems/system.h"

/* ---- what changed: terminals of a kind, and of a function or constant ---- */
static bool is_changed(const gkt_terminal *t, const void *user) {
  const gkt_terminal *changed = user;
  if (changed->kind == GKT_TERM_VALUE) return gkt_is_of_function(t) && t->function == changed->function;
  return t->kind == changed->kind && t->function == changed->function;
}

static void change_condition(gkt_system *s, gkt_system_condition *c, bool holds) {
  c->is_stale = c->is_stale || holds || s->is_held;
  s->is_stale = s->is_stale || c->is_stale;
}

/* Barriers hang on signs in the residual, blocks of multipliers on the tangent. */
static void change(gkt_system *s, const gkt_terminal *changed) {
  s->num_changes++;
  for (int i = 0; i < s->num_conditions; i++) change_condition(s, &s->conditions[i], gkt_expression_has_terminal(s->conditions[i].value, is_changed, changed));
  s->is_held = false;
  const bool in_residual = gkt_form_has_terminal(s->residual, is_changed, changed);
  s->has_barriers = s->has_barriers && !in_residual, s->operators.rest_fits = s->operators.rest_fits && !in_residual;
  if (!gkt_form_has_terminal(s->tangent, is_changed, changed)) return;
  s->kept.fits = s->kept.fits_at = s->operators.fits = false, s->schurs_stale = true;
}

/* Are they elsewhere than they were when this was asked last? */
static bool nodes_moved(gkt_system *s) {
  const bool moved = s->mesh->moves || s->mesh_version != s->mesh->version;
  if (s->mesh_version != s->mesh->version) gkt_system_clear_means(s), s->operators.rest_fits = false;
  s->mesh_version = s->mesh->version;
  return moved;
}

/* The same of t, where it is known what holds it; nodes that moved change all. */
static void change_time(gkt_system *s, bool all) {
  s->num_changes++;
  for (int i = 0; i < s->num_conditions; i++) change_condition(s, &s->conditions[i], all || s->conditions[i].varies);
  s->is_held = false;
  s->has_barriers = s->has_barriers && !all && !s->residual_varies;
  if (!all && !s->tangent_varies) return;
  s->kept.fits = s->kept.fits_at = s->operators.fits = false, s->schurs_stale = true;
}

static void change_all(gkt_system *s) {
  s->num_changes++;
  for (int i = 0; i < s->num_conditions; i++) change_condition(s, &s->conditions[i], true);
  s->is_held = s->has_barriers = s->kept.fits = s->kept.fits_at = s->operators.fits = s->operators.rest_fits = false, s->schurs_stale = true;
}

/* ---- data ---- */
/* Fields that are not looked for are data, too. */
static bool is_data(const gkt_system *s, int function) {
  if (function < 0 || function >= s->num_functions || s->scope->functions[function].role == GKT_ROLE_TEST) return false;
  return gkt_system_find_block(s, gkt_field_of(s->scope, function)) < 0;
}

void gkt_system_set_values(gkt_system *s, int function, const gkt_scalar *values) {
  s->values[function] = values, s->data_version++;
  change(s, &(gkt_terminal){.kind = GKT_TERM_VALUE, .function = (int16_t)function});
}

gkt_status gkt_system_set_coefficient(gkt_system *s, const char *name, const gkt_scalar *values) {
  int function = gkt_scope_find_function(s->scope, name);
  if (!is_data(s, function)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is no discrete coefficient of the form's scope", name);
  if (gkt_system_find_history(s, function)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is a history; expected gkt_system_set_history", name);
  if (gkt_system_find_followed(s, function)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' follows t; expected gkt_system_follow_coefficient", name);
  if (!values) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no values are given for '%s'", name);
  gkt_system_set_values(s, function, values);
  return gkt_system_refill(s);
}

gkt_status gkt_system_set_constant(gkt_system *s, const char *name, gkt_scalar value) {
  int constant = gkt_scope_find_constant(s->scope, name);
  if (constant < 0 || constant >= s->num_constants || gkt_scope_is_shift(s->scope, constant))
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is no constant of the form's scope", name);
  if (s->constants[constant] == value && !s->is_held) return GKT_OK;
  s->constants[constant] = value;
  change(s, &(gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = (int16_t)constant});
  return gkt_system_refill(s);
}

gkt_status gkt_system_set_data(gkt_system *s, const gkt_inputs *inputs) {
  if (!inputs) return GKT_OK;
  if (inputs->where != GKT_ON_HOST) return gkt_fail(s->ctx, GKT_UNAVAILABLE, "system: values on a device are not available yet; expected them on the host");
  for (int f = 0; inputs->values && f < s->num_functions; f++)
    if (gkt_system_is_declared(s, f) && inputs->values[f] && is_data(s, f) && !gkt_system_find_history(s, f) && !gkt_system_find_followed(s, f)) s->values[f] = inputs->values[f];
  for (int c = 0; inputs->constants && c < s->num_constants; c++)
    if (!gkt_scope_is_shift(s->scope, c)) s->constants[c] = inputs->constants[c];
  s->data_version++;
  change_all(s);
  return gkt_system_refill(s);
}

gkt_status gkt_system_set_time(gkt_system *s, gkt_scalar time) {
  if (!isfinite(time)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the time is not finite");
  const bool moved = nodes_moved(s);
  s->inputs.time = time;
  change_time(s, moved);
  return moved ? gkt_system_refill(s) : gkt_system_follow(s, time);
}
