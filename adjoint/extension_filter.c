/* Designs of a boundary: areas of its nodes, and displacements that are smooth along it, 0 where a component is held. */
#include <string.h>

#include "adjoint/extension.h"

/* "ds('wing', 'flap')": names of sets may be more than one word. */
static gkt_status name_measure(gkt_extension *e, int num_moves, const char *const *moves) {
  gkt_text text = {.ctx = e->ctx};
  for (int i = 0; i < num_moves; i++) gkt_text_printf(&text, "%s'%s'", i ? ", " : "ds(", moves[i]);
  gkt_text_printf(&text, ")");
  e->measure = text.data;
  return text.status;
}

static gkt_boundary_values values_of(const gkt_extension *e) { return (gkt_boundary_values){e->ctx, e->mesh, e->measure, e->dim, e->size, e->places, e->areas}; }

gkt_status gkt_extension_measure(gkt_extension *e, int num_moves, const char *const *moves) {
  GKT_TRY(name_measure(e, num_moves, moves));
  GKT_TRY(gkt_alloc(e->ctx, e->size, sizeof *e->areas, &e->areas));
  const gkt_boundary_values v = values_of(e);
  return gkt_boundary_measure(&v, (gkt_idx)(e->n / e->dim), e->areas);
}

gkt_status gkt_extension_filter(gkt_extension *e, double radius) {
  const gkt_boundary_values v = values_of(e);
  return gkt_boundary_filter_create(&v, "the facets that move", e->dim - 1, radius, &e->filter);
}

const double *gkt_extension_areas(const gkt_extension *e) { return e->areas; }

gkt_status gkt_extension_smooth(gkt_extension *e, const gkt_scalar *x, gkt_scalar *d) {
  GKT_NEED(e->ctx, x, "variables");
  GKT_NEED(e->ctx, d, "array for displacements");
  if (e->filter.matrix) return gkt_boundary_filter_apply(&e->filter, x, d);
  memmove(d, x, (size_t)e->size * sizeof *d);
  return GKT_OK;
}

gkt_status gkt_extension_smooth_transpose(gkt_extension *e, const gkt_scalar *g, gkt_scalar *out) {
  GKT_NEED(e->ctx, g, "gradient");
  GKT_NEED(e->ctx, out, "array for that by the variables");
  if (e->filter.matrix) return gkt_boundary_filter_transpose(&e->filter, g, out);
  for (gkt_size k = 0; k < e->size; k++) out[k] += g[k];
  return GKT_OK;
}
