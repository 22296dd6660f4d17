/* From the variables of a control to its values and back: the filter, one time after the other where values stand at times, the projection, and the places of values on sets. With
   y = F x and m = p(y) derivatives by x are F' p' of those by m. */
#include <string.h>

#include "problem/optimize.h"

bool gkt_design_is_projected(const gkt_design_control *c) { return c->filter && c->filtered_by->num_betas; }
bool gkt_design_replaces(const gkt_design_control *c) { return c->filter && (c->filtered_by->kind == GKT_FILTER_SENSITIVITY || c->filtered_by->kind == GKT_FILTER_GRADIENT); }

static double beta_of(const struct gkt_design *d, const gkt_design_control *c) {
  const int last = c->filtered_by->num_betas - 1;
  return c->filtered_by->betas[d->step < last ? d->step : last];
}

static gkt_status create_on(gkt_problem *p, gkt_design_control *c) {
  const gkt_control_settings *s = c->settings;
  const char **names = NULL;
  GKT_TRY(gkt_alloc(p->ctx, s->num_on, sizeof *names, &names));
  for (int k = 0; k < s->num_on; k++) names[k] = s->on[k].text;
  const gkt_status status = gkt_filter_create_on(c->space, s->num_on, names, c->filtered_by->kind, c->filtered_by->radius, &c->filter);
  gkt_free(&names);
  return status;
}

gkt_status gkt_design_place_filter(gkt_problem *p, gkt_design_control *c) {
  const gkt_filter_settings *by = c->filtered_by;
  if (!by) return GKT_OK;
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->smooth, &c->smooth));
  if (c->dofs) GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->own, &c->own));
  return gkt_problem_place(p, c->dofs ? create_on(p, c) : gkt_filter_create(c->space, by->kind, by->radius, &c->filter), &by->name);
}

/* ---- time after time ---- */
static gkt_status smooth(const gkt_design_control *c, const gkt_scalar *x, gkt_scalar *y) {
  for (gkt_size k = 0; k < c->size; k += gkt_filter_size(c->filter)) GKT_TRY(gkt_filter_apply(c->filter, x + k, y + k));
  return GKT_OK;
}

static gkt_status smooth_transpose(const gkt_design_control *c, const gkt_scalar *at, const gkt_scalar *g, gkt_scalar *out) {
  for (gkt_size k = 0; k < c->size; k += gkt_filter_size(c->filter)) GKT_TRY(gkt_filter_transpose(c->filter, at + k, g + k, out + k));
  return GKT_OK;
}

/* ---- forward ---- */
gkt_status gkt_design_to_values(const struct gkt_design *d, gkt_design_control *c, const gkt_scalar *x) {
  gkt_scalar *const out = c->dofs ? c->own : c->values;
  if (c->filter) GKT_TRY(smooth(c, x, c->smooth));
  const gkt_scalar *values = c->filter ? c->smooth : x;
  if (gkt_design_is_projected(c)) gkt_project(beta_of(d, c), c->filtered_by->eta, c->size, c->smooth, out), values = out;
  if (c->dofs) gkt_design_scatter(c, values, c->values);
  else if (values != out) memcpy(out, values, (size_t)c->size * sizeof *out);
  return GKT_OK;
}

gkt_status gkt_design_to_change(const struct gkt_design *d, gkt_design_control *c, const gkt_scalar *direction) {
  const gkt_scalar *change = direction;
  gkt_scalar *const bent = c->dofs ? c->own : c->before;
  if (c->filter) {
    GKT_TRY(smooth(c, direction, c->slope));
    change = c->slope;
  }
  if (gkt_design_is_projected(c)) {
    memset(bent, 0, (size_t)c->size * sizeof *bent);
    gkt_project_transpose(beta_of(d, c), c->filtered_by->eta, c->size, c->smooth, change, bent), change = bent;
  }
  if (c->dofs) memset(c->before, 0, (size_t)c->num_values * sizeof *c->before), gkt_design_scatter(c, change, c->before);
  else if (change != c->before) memcpy(c->before, change, (size_t)c->size * sizeof *change);
  return GKT_OK;
}

/* ---- back ---- */
/* [size] of numbers by values, those where the variables are */
static const gkt_scalar *own_of(const gkt_design_control *c, const gkt_scalar *by_values) {
  if (!c->dofs) return by_values;
  memset(c->own, 0, (size_t)c->size * sizeof *c->own);
  gkt_design_gather(c, by_values, c->own);
  return c->own;
}

/* Sigmund's means are for what hangs on the state: a volume keeps its own derivatives. */
gkt_status gkt_design_from_slope(const struct gkt_design *d, gkt_design_control *c, bool by_state, gkt_scalar *out) {
  if (c->dofs && !c->filter) return gkt_design_gather(c, c->slope, out), GKT_OK;
  const bool passes = !c->filter || (gkt_design_replaces(c) && d->is_plain) || (c->filtered_by->kind == GKT_FILTER_SENSITIVITY && !by_state);
  const gkt_scalar *slope = own_of(c, c->slope);
  if (gkt_design_is_projected(c)) {
    memset(c->before, 0, (size_t)c->size * sizeof *c->before);
    gkt_project_transpose(beta_of(d, c), c->filtered_by->eta, c->size, c->smooth, slope, c->before), slope = c->before;
  }
  if (!passes) return smooth_transpose(c, d->at + c->first, slope, out);
  for (gkt_size i = 0; i < c->size; i++) out[i] += slope[i];
  return GKT_OK;
}

gkt_status gkt_design_from_bend(const struct gkt_design *d, gkt_design_control *c, const gkt_scalar *direction, gkt_scalar *out) {
  GKT_TRY(smooth(c, direction, c->slope));
  memset(c->before, 0, (size_t)c->size * sizeof *c->before);
  gkt_project_second(beta_of(d, c), c->filtered_by->eta, c->size, c->smooth, own_of(c, c->by_values), c->slope, c->before);
  return smooth_transpose(c, d->at + c->first, c->before, out);
}
