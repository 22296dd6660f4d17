/* gkt_graph_write: curves become the stretches of a graph. */
#include "plot/picture.h"

static gkt_status add_curve(gkt_context *ctx, gkt_size num_points, const gkt_scalar *x, const gkt_graph_curve *curve, int number, gkt_traces *out) {
  for (gkt_size i = 0; i + 1 < num_points; i++)
    GKT_TRY(gkt_traces_add(ctx, out, (gkt_trace){.x = {x[i], x[i + 1]}, .y = {curve->values[i], curve->values[i + 1]}, .curve = number}));
  return GKT_OK;
}

gkt_status gkt_graph_write(gkt_context *ctx, const char *path, gkt_size num_points, const gkt_scalar *x, int num_curves, const gkt_graph_curve *curves,
                           const gkt_picture_options *options) {
  gkt_picture_options o = options ? *options : (gkt_picture_options){0};
  gkt_traces traces = {.traces = NULL};
  gkt_status status;
  if (num_curves < 1 || num_curves > GKT_MOST_CURVES) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a graph of %d curves; expected 1 to %d", path, num_curves, GKT_MOST_CURVES);
  GKT_GO(gkt_picture_complete_options(ctx, path, &o));
  for (int i = 0; i < num_curves; i++) GKT_GO(add_curve(ctx, num_points, x, &curves[i], i, &traces));
  const gkt_trace_graph graph = {.traces = &traces, .along = o.label ? o.label : "", .options = o, .num_curves = num_curves, .curves = curves};
  GKT_GO(gkt_trace_graph_draw(ctx, &(gkt_canvas){.path = path}, &graph));
done:
  gkt_free(&traces.traces);
  return status;
}
