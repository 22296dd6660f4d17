/* The controls of a design told to the adjoint, and what it has against them told at the control. */
#include <string.h>

#include "forms/form.h"
#include "problem/optimize.h"

bool gkt_design_is_held(const gkt_problem *p, const gkt_expression *e, const gkt_control_settings *c) {
  if (c->kind == GKT_CONTROL_CONSTANT) return gkt_design_uses_constant(e, c->name.text);
  return c->kind == GKT_CONTROL_COEFFICIENT && gkt_expression_depends_on(e, gkt_scope_find_function(p->scope, c->function));
}

/* Second derivatives end where the values of conditions begin. */
static gkt_status check_second(gkt_problem *p, const gkt_control_settings *c) {
  for (int i = 0; i < p->settings->num_conditions; i++)
    if (p->conditions[i] && gkt_design_is_held(p, p->conditions[i], c))
      return gkt_problem_refuse(p, GKT_UNAVAILABLE, &c->name,
                                "it stands in the value of a condition (line %d): second derivatives by it, which %s needs, are not available yet; expected blmvm, lmvm or mma",
                                p->settings->conditions[i].at->mark.line, gkt_optimizer_word(p->settings->optimize.method));
  return GKT_OK;
}

/* In the scope; of initial values that of their field. */
static const char *name_of(const gkt_problem *p, const gkt_control_settings *c) {
  return c->kind == GKT_CONTROL_INITIAL || c->kind == GKT_CONTROL_INITIAL_RATE ? p->settings->fields[c->number].name.text : c->function;
}

/* The adjoint's messages begin with the name of the control in the scope: which one that is. Values and rates of a field have one name, and what fits values may not fit rates. */
static const gkt_control_settings *find_named(const gkt_problem *p, const struct gkt_design *d, const char *text, size_t *length) {
  const gkt_control_settings *found = NULL;
  char name[160];
  for (int i = 0; i < d->num_controls; i++) {
    const gkt_control_settings *c = d->controls[i].settings;
    const int n = snprintf(name, sizeof name, "'%s'", c->kind == GKT_CONTROL_SHAPE ? "shape" : name_of(p, c));
    if (strncmp(text, name, (size_t)n) == 0 && (!found || c->kind == GKT_CONTROL_INITIAL_RATE)) found = c, *length = (size_t)n;
  }
  return found;
}

/* The place says the name that the file has for it. */
static gkt_status place(gkt_problem *p, const struct gkt_design *d, gkt_status status) {
  char text[1024];
  size_t length = 0;
  if (status <= 0) return status;
  snprintf(text, sizeof text, "%s", gkt_context_message(p->ctx));
  const gkt_control_settings *c = find_named(p, d, text, &length);
  if (!c) return gkt_problem_place(p, status, &d->controls[0].settings->name);
  gkt_context_clear(p->ctx);
  return gkt_problem_refuse(p, status, &c->name, "%s", text + length + strspn(text + length, ": "));
}

gkt_status gkt_design_add_adjoint(gkt_problem *p, struct gkt_design *d) {
  gkt_control *controls = NULL;
  gkt_status status;
  for (int i = 0; i < d->num_controls && gkt_settings_is_newton(&p->settings->optimize); i++) GKT_TRY(check_second(p, d->controls[i].settings));
  GKT_TRY(gkt_alloc(p->ctx, d->num_controls, sizeof *controls, &controls));
  for (int i = 0; i < d->num_controls; i++) controls[i] = (gkt_control){d->controls[i].settings->kind, name_of(p, d->controls[i].settings)};
  status = gkt_adjoint_create(p->system, d->num_controls, controls, &d->adjoint);
  gkt_free(&controls);
  return place(p, d, status);
}
