/* The first guess of Newton's method: `initial`, else 0. */
#include "problem/not_finite.h"

static gkt_status check(gkt_problem *p, const gkt_source *source) {
  if (gkt_expression_uses_fields(p->initial))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "the first guess contains the unknown; expected x, constants and coefficients only");
  if (gkt_expression_uses_normal(p->initial)) return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "n has no meaning at nodes; expected x, constants and coefficients only");
  return gkt_problem_check_shape(p, source, p->initial, gkt_scope_function_shape(p->scope, p->field));
}

gkt_status gkt_problem_parse_initial(gkt_problem *p) {
  if (!p->settings->num_initial) return GKT_OK;
  const gkt_source *source = &p->settings->initial[0].source;
  GKT_TRY(gkt_expression_parse(p->scope, source, &p->initial));
  GKT_TRY(check(p, source));
  if (!p->is_nonlinear) gkt_problem_warn(p, "%s: %s: not used: the problem is linear", source->file, source->key);
  return GKT_OK;
}

gkt_status gkt_problem_set_initial(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  gkt_scalar *u = p->values[p->field];
  gkt_text what = {.ctx = p->ctx};
  gkt_status status;
  if (!p->initial || !p->is_nonlinear) return GKT_OK;
  GKT_TRY(gkt_interpolate(p->initial, space, &p->inputs, u));
  GKT_GO(gkt_problem_check_nodes(p, p->initial, space, u, gkt_space_num_nodes(space), NULL, &what));
  if (what.length) status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &p->settings->initial[0].source, "%s; expected a finite number", what.data);
done:
  gkt_text_free(&what);
  return status;
}
