/* The first guess of Newton's method: `initial`, else 0. */
#include "problem/not_finite.h"

static gkt_status check(gkt_problem *p, const gkt_source *source, int field, const gkt_expression *value) {
  if (gkt_expression_uses_fields(value))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "what `initial` gives contains an unknown; expected x, constants and coefficients only");
  if (gkt_expression_uses_normal(value)) return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "n has no meaning at nodes; expected x, constants and coefficients only");
  GKT_TRY(gkt_problem_refuse_history(p, source, value));
  GKT_TRY(gkt_problem_check_real(p, source, value, gkt_scope_function_element(p->scope, field)));
  return gkt_problem_check_shape(p, source, value, gkt_scope_function_shape(p->scope, field));
}

static int field_of(const gkt_problem *p, int i) { return p->fields[p->settings->initial[i].field]; }

gkt_status gkt_problem_parse_initial(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  GKT_TRY(gkt_calloc(p->ctx, s->num_initial, sizeof *p->initial, &p->initial));
  for (int i = 0; i < s->num_initial; i++) {
    const gkt_source *source = &s->initial[i].source;
    GKT_TRY(gkt_expression_parse(p->scope, source, &p->initial[i]));
    GKT_TRY(check(p, source, field_of(p, i), p->initial[i]));
    if (!p->is_nonlinear && !s->time.at) gkt_problem_warn(p, "%s: %s: not used: the problem is linear", source->file, source->key);
  }
  return GKT_OK;
}

static gkt_status set(gkt_problem *p, int i) {
  const gkt_space *space = p->spaces[field_of(p, i)];
  gkt_scalar *u = p->values[field_of(p, i)];
  if (p->settings->initial[i].is_rate) u = gkt_vector_values(p->rate) + (u - gkt_vector_read(p->u));
  gkt_text what = {.ctx = p->ctx};
  gkt_status status;
  GKT_TRY(gkt_interpolate(p->initial[i], space, &p->inputs, u));
  GKT_GO(gkt_problem_check_nodes(p, p->initial[i], space, u, gkt_space_num_nodes(space), NULL, &what));
  if (what.length) status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &p->settings->initial[i].source, "%s; expected a finite number", what.data);
done:
  gkt_text_free(&what);
  return status;
}

/* Coefficients that depend on t may be those of the end of a run. */
static gkt_status look_at_start(gkt_problem *p) {
  p->inputs.time = p->settings->time.start;
  return p->system && p->num_followed ? gkt_system_set_time(p->system, p->inputs.time) : GKT_OK;
}

gkt_status gkt_problem_set_initial(gkt_problem *p) {
  const bool in_time = p->settings->time.at;
  GKT_TRY(look_at_start(p));
  if (in_time && !p->rate) GKT_TRY(gkt_vector_create(p->ctx, gkt_vector_size(p->u), &p->rate));
  gkt_vector_fill(p->u, 0);
  if (in_time) gkt_vector_fill(p->rate, 0);
  for (int i = 0; (p->is_nonlinear || in_time) && i < p->settings->num_initial; i++) GKT_TRY(set(p, i));
  return GKT_OK;
}
