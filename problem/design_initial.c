/* Designs that seek the state at the start: values of a field or of its rate, or what an expression of controls says of them. */
#include <string.h>

#include "forms/form.h"
#include "problem/optimize.h"

static bool is_rate(const gkt_control_settings *s) { return s->kind == GKT_CONTROL_INITIAL_RATE; }

/* Values of now are those of `initial`, else 0. */
gkt_status gkt_design_add_initial(gkt_problem *p, gkt_design_control *c) {
  const int function = p->fields[c->settings->number];
  const gkt_vector *given = is_rate(c->settings) ? p->rate : p->u;
  const gkt_size first = p->values[function] - gkt_vector_read(p->u);
  c->space = p->spaces[function], c->size = gkt_space_num_dofs(c->space);
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->values, &c->values));
  memcpy(c->values, gkt_vector_read(given) + first, (size_t)c->size * sizeof *c->values);
  return gkt_design_place_filter(p, c);
}

static bool is_control(const gkt_problem *p, const gkt_initial_settings *s) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  for (int i = 0; i < o->num_controls; i++) {
    const gkt_control_settings *c = &o->controls[i];
    if (c->kind == (s->is_rate ? GKT_CONTROL_INITIAL_RATE : GKT_CONTROL_INITIAL) && c->number == s->field) return true;
  }
  return false;
}

/* Where steps go on from it; else it is a first guess. */
gkt_status gkt_design_add_starts(gkt_problem *p, struct gkt_design *d) {
  for (int i = 0; i < p->settings->num_initial; i++) {
    const gkt_initial_settings *s = &p->settings->initial[i];
    bool any = false;
    for (int k = 0; k < d->num_controls; k++) any = any || d->controls[k].extension || gkt_design_is_held(p, p->initial[i], d->controls[k].settings); /* which may hold x */
    if (!any || is_control(p, s) || gkt_form_rate_order(p->form, p->fields[s->field]) <= s->is_rate) continue;
    GKT_TRY(gkt_problem_place(p, gkt_adjoint_start_from(d->adjoint, p->settings->fields[s->field].name.text, s->is_rate, p->initial[i]), &s->name));
  }
  return GKT_OK;
}
