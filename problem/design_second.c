/* Second derivatives of designs: with y = F x and m = p(y) they are F' (p' H p' + p'' dJ/dm) F, H by the values m; those of Gauss and Newton have no p''. */
#include <string.h>

#include "problem/optimize.h"

/* Do second derivatives hold those of a projection? */
bool gkt_design_is_bent(const gkt_problem *p) {
  const gkt_optimizer m = p->settings->optimize.method;
  bool any = false;
  for (int k = 0; k < p->design->num_controls; k++) any = any || gkt_design_is_projected(&p->design->controls[k]);
  return any && !p->settings->optimize.only_gradient && (m == GKT_OPTIMIZER_BNLS || m == GKT_OPTIMIZER_BNTR);
}

/* Second derivatives through a projection hold the first by its values. */
gkt_status gkt_design_keep_values(gkt_problem *p) {
  struct gkt_design *d = p->design;
  for (int k = 0; k < d->num_controls; k++) {
    gkt_design_control *c = &d->controls[k];
    if (!gkt_design_is_projected(c)) continue;
    if (!c->by_values) GKT_TRY(gkt_alloc(p->ctx, c->num_values, sizeof *c->by_values, &c->by_values));
    memcpy(c->by_values, c->slope, (size_t)c->num_values * sizeof *c->slope);
  }
  if (!d->values_at) GKT_TRY(gkt_alloc(p->ctx, d->num, sizeof *d->values_at, &d->values_at));
  memcpy(d->values_at, d->at, (size_t)d->num * sizeof *d->at);
  return GKT_OK;
}

/* ---- actions ---- */
static gkt_status add_bends(gkt_problem *p, const gkt_scalar *direction, gkt_scalar *out) {
  struct gkt_design *d = p->design;
  for (int k = 0; k < d->num_controls; k++) {
    gkt_design_control *c = &d->controls[k];
    if (gkt_design_is_projected(c)) GKT_TRY(gkt_design_from_bend(d, c, direction + c->first, out + c->first));
  }
  return GKT_OK;
}

gkt_status gkt_design_hessian(gkt_problem *p, const gkt_scalar *direction, gkt_scalar *out) {
  struct gkt_design *d = p->design;
  const gkt_solve_options options = gkt_problem_solve_options(p);
  gkt_solve_report report;
  if (gkt_design_is_bent(p) && (!d->values_at || memcmp(d->values_at, d->at, (size_t)d->num * sizeof *d->at))) GKT_TRY(gkt_design_find_slopes(p, 0));
  for (int k = 0; k < d->num_controls; k++) GKT_TRY(gkt_design_to_change(d, &d->controls[k], direction + d->controls[k].first));
  for (int k = 0; k < d->num_controls; k++) memset(d->controls[k].slope, 0, (size_t)d->controls[k].num_values * sizeof *out);
  d->counts.actions++;
  const gkt_status status = (p->settings->optimize.method == GKT_OPTIMIZER_GAUSS_NEWTON ? gkt_adjoint_gauss_newton : gkt_adjoint_hessian)(
      d->adjoint, d->functionals[0], &options, gkt_design_state(p), (const gkt_scalar *const *)d->changes, d->slopes, &report);
  GKT_TRY(gkt_design_finish(p, status, &report, "second derivatives"));
  if (d->missing[0]) return gkt_fail(p->ctx, GKT_LIBRARY, "%s", d->missing);
  GKT_TRY(gkt_design_take_all_back(p, true, out));
  return gkt_design_is_bent(p) ? add_bends(p, direction, out) : GKT_OK;
}
