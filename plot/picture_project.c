/* Orthographic views by name. */
#include <math.h>
#include <string.h>

#include "plot/picture.h"

static const struct {
  const char *name;
  double right[3], up[3], towards[3]; /* made unit below */
} views[] = {
    {"iso", {1, 1, 0}, {-1, 1, 2}, {1, -1, 1}}, /* from the right, the front and above; z stays upright */
    {"xy", {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {"xz", {1, 0, 0}, {0, 0, 1}, {0, -1, 0}},
    {"yz", {0, 1, 0}, {0, 0, 1}, {1, 0, 0}},
};

static double dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

gkt_status gkt_view_find(gkt_context *ctx, const char *name, int dim, gkt_view *out) {
  if (!name) name = dim == 2 ? "xy" : "iso";
  for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
    const double *const rows[3] = {views[i].right, views[i].up, views[i].towards};
    if (strcmp(name, views[i].name)) continue;
    *out = (gkt_view){.scale = 1};
    for (int r = 0; r < 3; r++)
      for (int k = 0; k < 3; k++) out->axes[r][k] = rows[r][k] / sqrt(dot(rows[r], rows[r]));
    return GKT_OK;
  }
  return gkt_fail(ctx, GKT_BAD_INPUT, "view '%s': one of iso, xy, xz, yz was expected", name);
}

void gkt_view_extend(const gkt_view *v, const double point[3], double box[4]) {
  for (int k = 0; k < 2; k++) {
    const double at = dot(v->axes[k], point);
    box[k] = fmin(box[k], at), box[2 + k] = fmax(box[2 + k], at);
  }
}

void gkt_view_fit(gkt_view *v, const double box[4], const double rectangle[4]) {
  const double width = box[2] - box[0], height = box[3] - box[1];
  v->scale = fmin(width > 0 ? rectangle[2] / width : INFINITY, height > 0 ? rectangle[3] / height : INFINITY);
  if (!isfinite(v->scale)) v->scale = 1;
  v->shift[0] = rectangle[0] + 0.5 * rectangle[2] - v->scale * 0.5 * (box[0] + box[2]);
  v->shift[1] = rectangle[1] + 0.5 * rectangle[3] + v->scale * 0.5 * (box[1] + box[3]);
}

void gkt_view_project(const gkt_view *v, const double point[3], double out[3]) {
  out[0] = v->shift[0] + v->scale * dot(v->axes[0], point);
  out[1] = v->shift[1] - v->scale * dot(v->axes[1], point);
  out[2] = v->scale * dot(v->axes[2], point);
}
