/* What a problem in time knows at its start and of its rates. */
#include <math.h>

#include "problem/problem.h"

/* ---- rates in results ---- */
gkt_status gkt_problem_check_rates(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_form *form) {
  for (int i = 0; i < p->settings->num_fields; i++) {
    const int known = gkt_form_rate_order(p->form, p->fields[i]);
    for (int order = known + 1; order <= 2; order++) {
      const int rate = gkt_scope_rate(p->scope, p->fields[i], order);
      if (rate < 0 || !(e ? gkt_expression_depends_on(e, rate) : gkt_form_depends_on(form, rate))) continue;
      const char *name = p->settings->fields[i].name.text;
      return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "%s(%s) is not known: the equation does not hold it; expected rates that it holds", order == 2 ? "dtt" : "dt", name);
    }
  }
  return GKT_OK;
}

/* ---- conditions beside the state at the start ---- */
/* The largest difference of a field, and its dof. */
static double find_jump(const gkt_layout *l, const gkt_layout_block *b, const gkt_vector *u, const gkt_vector *lifted, gkt_idx *where) {
  double most = 0;
  for (gkt_idx i = b->first; i < b->first + b->count; i++) {
    const double jump = fabs(gkt_vector_read(lifted)[i] - gkt_vector_read(u)[i]);
    if (l->constrained[i] && jump > most) most = jump, *where = i;
  }
  return most;
}

static double find_size(const gkt_layout_block *b, const gkt_vector *v) {
  double most = 0;
  for (gkt_idx i = b->first; i < b->first + b->count; i++) most = fmax(most, fabs(gkt_vector_read(v)[i]));
  return most;
}

static void tell_jump(gkt_problem *p, const gkt_layout_block *b, double jump, gkt_idx dof) {
  const double *x = gkt_space_coords(p->spaces[b->function]) + (gkt_size)((dof - b->first) / b->block_size) * p->dim;
  const bool rings =
      p->scheme.kind == GKT_SCHEME_CRANK_NICOLSON || p->scheme.kind == GKT_SCHEME_MIDPOINT || (p->scheme.kind == GKT_SCHEME_THETA && gkt_scheme_order(&p->scheme) == 2);
  char place[96];
  if (p->dim == 1) snprintf(place, sizeof place, "x = %.6g", x[0]);
  else if (p->dim == 2) snprintf(place, sizeof place, "x = (%.6g, %.6g)", x[0], x[1]);
  else snprintf(place, sizeof place, "x = (%.6g, %.6g, %.6g)", x[0], x[1], x[2]);
  gkt_log(p->ctx, GKT_LOG_NOTICE, "at the start conditions move '%s' by up to %.3g from what `initial` says, near %s%s", b->name, jump, place,
          rings ? ": after such a jump this scheme oscillates; euler and bdf2 damp that" : "");
}

gkt_status gkt_problem_tell_jumps(gkt_problem *p) {
  const gkt_layout *l = gkt_system_layout(p->system);
  gkt_vector *lifted = NULL;
  gkt_status status;
  if (gkt_scheme_rates(&p->scheme) == 0 || l->num_tied) return GKT_OK; /* tied dofs stand in other coordinates */
  GKT_GO(gkt_vector_create(p->ctx, gkt_vector_size(p->u), &lifted));
  gkt_vector_copy(p->u, lifted);
  GKT_GO(gkt_system_set_time(p->system, p->settings->time.start));
  GKT_GO(gkt_system_lift(p->system, lifted));
  for (int k = 0; k < l->num_blocks; k++) {
    gkt_idx dof = l->blocks[k].first;
    const double jump = find_jump(l, &l->blocks[k], p->u, lifted, &dof);
    if (jump > 1e-9 * fmax(find_size(&l->blocks[k], p->u), find_size(&l->blocks[k], lifted))) tell_jump(p, &l->blocks[k], jump, dof);
  }
done:
  gkt_vector_destroy(&lifted);
  return status;
}
