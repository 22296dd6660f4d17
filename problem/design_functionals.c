/* Functionals of designs: the objective and what is limited, integrals or numbers made of integrals. */
#include <string.h>

#include "forms/form.h"
#include "problem/optimize.h"

static gkt_status add_part(gkt_problem *p, struct gkt_design *d, int compute) {
  if (d->parts[compute]) return GKT_OK;
  return gkt_functional_create(d->adjoint, p->compute[compute].form, &d->parts[compute]);
}

/* The results that stand in outer: names, parts [num_compute] */
static gkt_status find_parts(gkt_problem *p, struct gkt_design *d, const gkt_expression *outer, int *count, const char **names, gkt_functional **parts) {
  *count = 0;
  for (int i = 0; i < p->settings->num_compute; i++) {
    const gkt_word *name = &p->settings->compute[i].name;
    if (!gkt_design_uses_constant(outer, name->text)) continue;
    if (!p->compute[i].form) return gkt_problem_refuse(p, GKT_BAD_INPUT, name, "an extreme value, which has no derivative, in what is made small or limited; expected an integral");
    GKT_TRY(add_part(p, d, i));
    names[*count] = name->text, parts[(*count)++] = d->parts[i];
  }
  return GKT_OK;
}

static gkt_status compose(gkt_problem *p, struct gkt_design *d, const gkt_expression *outer, gkt_functional **out) {
  const char **names = NULL;
  gkt_functional **parts = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_calloc(p->ctx, p->settings->num_compute, sizeof *names, &names));
  GKT_GO(gkt_calloc(p->ctx, p->settings->num_compute, sizeof *parts, &parts));
  GKT_GO(find_parts(p, d, outer, &count, names, parts));
  GKT_GO(gkt_functional_compose(d->adjoint, outer, count, names, parts, out));
done:
  gkt_free(&names);
  gkt_free(&parts);
  return status;
}

static gkt_status add_functional(gkt_problem *p, struct gkt_design *d, int compute, gkt_functional **out) {
  if (compute < 0) return GKT_OK;
  const gkt_result *r = &p->compute[compute];
  gkt_status status = r->is_derived ? compose(p, d, r->expression, out) : gkt_functional_create(d->adjoint, r->form, out);
  if (status == GKT_OK) {
    status = gkt_functional_check(*out);
    if (!r->is_derived) return status; /* which names its place */
  }
  return gkt_problem_place(p, status, &p->settings->compute[compute].name);
}

static gkt_status add_aim(gkt_problem *p, struct gkt_design *d, int i, const gkt_aim_settings *aim) {
  GKT_TRY(add_functional(p, d, aim->end, &d->functionals[i]));
  return add_functional(p, d, aim->running, &d->running[i]);
}

/* The message begins with the control's name. */
static gkt_status check_use(gkt_problem *p, struct gkt_design *d) {
  const gkt_status status = gkt_adjoint_check(d->adjoint);
  const gkt_word *name = &d->controls[0].settings->name;
  char head[256];
  for (int i = 0; i < d->num_controls && status != GKT_OK; i++) {
    snprintf(head, sizeof head, "'%.200s':", d->controls[i].settings->name.text);
    if (!strncmp(gkt_context_message(p->ctx), head, strlen(head))) name = &d->controls[i].settings->name;
  }
  return gkt_problem_place(p, status, name);
}

gkt_status gkt_design_add_functionals(gkt_problem *p, struct gkt_design *d) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  GKT_TRY(gkt_calloc(p->ctx, p->settings->num_compute, sizeof *d->parts, &d->parts));
  d->num_parts = p->settings->num_compute;
  GKT_TRY(gkt_calloc(p->ctx, 1 + o->num_limits, sizeof *d->functionals, &d->functionals));
  GKT_TRY(gkt_calloc(p->ctx, 1 + o->num_limits, sizeof *d->running, &d->running));
  d->num_functionals = 1 + o->num_limits;
  GKT_TRY(gkt_calloc(p->ctx, o->num_limits, sizeof *d->names, &d->names));
  GKT_TRY(gkt_calloc(p->ctx, 2 * o->num_limits, sizeof *d->limits, &d->limits));
  GKT_TRY(add_aim(p, d, 0, &o->objective));
  for (int i = 0; i < o->num_limits; i++) {
    const gkt_limit_settings *l = &o->limits[i];
    d->names[i] = l->aim.name, d->limits[i] = l->lower, d->limits[o->num_limits + i] = l->upper;
    GKT_TRY(add_aim(p, d, 1 + i, &l->aim));
  }
  return check_use(p, d);
}
