/* Triangles into samples, each with the depth of what is nearest; four samples make a pixel. */
#include <math.h>

#include "plot/picture.h"

gkt_status gkt_raster_create(gkt_context *ctx, int width, int height, gkt_raster *out) {
  gkt_raster r = {.width = width * GKT_PICTURE_SAMPLES, .height = height * GKT_PICTURE_SAMPLES};
  const gkt_size count = (gkt_size)r.width * r.height;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, count, sizeof *r.depth, &r.depth));
  GKT_GO(gkt_calloc(ctx, count, sizeof *r.colors, &r.colors));
  for (gkt_size i = 0; i < count; i++) r.depth[i] = -INFINITY;
  *out = r;
  return GKT_OK;
done:
  gkt_raster_destroy(&r);
  return status;
}

void gkt_raster_destroy(gkt_raster *r) {
  gkt_free(&r->depth);
  gkt_free(&r->colors);
}

static uint32_t color_of(const gkt_range *range, double value, double light) {
  double rgb[3];
  uint32_t color = 0;
  gkt_color_at(range, value, rgb);
  for (int k = 0; k < 3; k++) {
    const double part = rgb[k] * light;
    color = color << 8 | (uint32_t)(255 * (part > 0 ? (part < 1 ? part : 1) : 0) + 0.5);
  }
  return color;
}

static int clamp(double x, int low, int high) { return !(x > low) ? low : x > high ? high : (int)x; } /* NaN: low */

/* A sample lies at the middle of its square. Both orientations are drawn; the rule for points on a side is inclusive, and the depth decides. */
void gkt_raster_triangle(gkt_raster *r, const gkt_range *range, const gkt_corner c[3]) {
  const double f = GKT_PICTURE_SAMPLES;
  double x[3], y[3];
  for (int i = 0; i < 3; i++) x[i] = f * c[i].at[0] - 0.5, y[i] = f * c[i].at[1] - 0.5;
  const double area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
  if (!(fabs(area) > 0)) return;
  const bool plain = c[0].value == c[1].value && c[1].value == c[2].value && c[0].light == c[1].light && c[1].light == c[2].light;
  const uint32_t color = plain ? color_of(range, c[0].value, c[0].light) : 0;
  const int left = clamp(ceil(fmin(x[0], fmin(x[1], x[2]))), 0, r->width), right = clamp(floor(fmax(x[0], fmax(x[1], x[2]))), -1, r->width - 1);
  const int top = clamp(ceil(fmin(y[0], fmin(y[1], y[2]))), 0, r->height), bottom = clamp(floor(fmax(y[0], fmax(y[1], y[2]))), -1, r->height - 1);
  const double by_x[2] = {(y[1] - y[2]) / area, (y[2] - y[0]) / area}, by_y[2] = {(x[2] - x[1]) / area, (x[0] - x[2]) / area};
  for (int j = top; j <= bottom; j++)
    for (int i = left; i <= right; i++) {
      const double w0 = by_x[0] * (i - x[2]) + by_y[0] * (j - y[2]), w1 = by_x[1] * (i - x[2]) + by_y[1] * (j - y[2]), w2 = 1 - w0 - w1;
      const double slack = -1e-9;
      if (w0 < slack || w1 < slack || w2 < slack) continue;
      const float depth = (float)(w0 * c[0].at[2] + w1 * c[1].at[2] + w2 * c[2].at[2]);
      const gkt_size at = (gkt_size)j * r->width + i;
      if (!(depth > r->depth[at])) continue;
      r->depth[at] = depth;
      r->colors[at] = plain ? color : color_of(range, w0 * c[0].value + w1 * c[1].value + w2 * c[2].value, w0 * c[0].light + w1 * c[1].light + w2 * c[2].light);
    }
}

uint32_t gkt_raster_pixel(const gkt_raster *r, int x, int y) {
  const int n = GKT_PICTURE_SAMPLES, all = n * n;
  uint32_t covered = 0, sum[3] = {0}, color = 0;
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) {
      const gkt_size at = (gkt_size)(n * y + j) * r->width + n * x + i;
      if (!(r->depth[at] > -INFINITY)) continue;
      covered++;
      for (int k = 0; k < 3; k++) sum[k] += r->colors[at] >> (16 - 8 * k) & 255;
    }
  for (int k = 0; k < 3; k++) color = color << 8 | (sum[k] + (uint32_t)all / 2) / (uint32_t)all;
  return (covered * 255 + (uint32_t)all / 2) / (uint32_t)all << 24 | color;
}

/* The farthest of the samples around it counts, since the surface itself slopes under the line. So does a rim with nothing behind it, but no crack a sample wide. */
bool gkt_raster_sees(const gkt_raster *r, const double at[3]) {
  const int x = clamp(floor(GKT_PICTURE_SAMPLES * at[0]), 0, r->width - 1), y = clamp(floor(GKT_PICTURE_SAMPLES * at[1]), 0, r->height - 1);
  float farthest = INFINITY;
  int empty = 0;
  for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < r->height; j++)
    for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < r->width; i++) {
      const float depth = r->depth[(gkt_size)j * r->width + i];
      if (depth > -INFINITY) farthest = fminf(farthest, depth);
      else empty++;
    }
  return empty > 2 || at[2] > (double)farthest - 0.75; /* pixels of depth */
}
