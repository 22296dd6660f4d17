/* The page of a surface: its pixels from the raster, lines and letters by Cairo on top of it. */
#include <cairo.h>
#include <math.h>
#include <string.h>

#include "plot/picture_page.h"

/* ---- layout ---- */
static void lay_out(gkt_page *p) {
  const gkt_picture_options *o = p->options;
  p->ticks = gkt_ticks_choose(&p->picture->range);
  const double margin = 32 * p->unit, top = o->title ? 2.6 * p->font + margin / 2 : margin;
  p->column[1] = gkt_page_column_width(p);
  p->column[0] = o->width - margin - p->column[1];
  p->body[0] = margin, p->body[1] = top;
  p->body[2] = fmax(p->column[0] - 2 * margin, 1), p->body[3] = fmax(o->height - top - margin, 1);
}

/* The corners of the box that is to be seen. */
static void extend_by_room(const gkt_page *p, double box[4]) {
  const double *room = p->options->room;
  for (int i = 0; room && i < 8; i++) {
    const double corner[3] = {room[i & 1 ? 3 : 0], room[i & 2 ? 4 : 1], room[i & 4 ? 5 : 2]};
    gkt_view_extend(&p->view, corner, box);
  }
}

static gkt_status find_view(gkt_page *p) {
  const gkt_surface *s = p->picture->surface;
  double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  GKT_TRY(gkt_view_find(p->ctx, p->options->view, p->picture->dim, &p->view));
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) {
      const gkt_sample *node = s->nodes + s->triangles[t].nodes[i];
      gkt_view_extend(&p->view, node->at, box);
      if (p->picture->moved) gkt_view_extend(&p->view, node->rest, box);
    }
  extend_by_room(p, box);
  gkt_view_fit(&p->view, box, p->body);
  return GKT_OK;
}

/* ---- the surface ---- */
/* A lamp above the viewer's left shoulder, so that the three faces of a box differ; flat pictures need none. */
static double light_on(const gkt_view *v, const double normal[3]) {
  static const double lamp[3] = {-0.298, 0.447, 0.844};
  double along = 0, towards = 0;
  for (int k = 0; k < 3; k++) {
    double n = 0;
    for (int j = 0; j < 3; j++) n += v->axes[k][j] * normal[j];
    along += lamp[k] * n, towards = n;
  }
  return 0.68 + 0.32 * fmax(towards < 0 ? -along : along, 0);
}

static void draw_triangles(gkt_page *p) {
  const gkt_surface *s = p->picture->surface;
  for (gkt_idx t = 0; t < s->num_triangles; t++) {
    gkt_corner corners[3];
    for (int i = 0; i < 3; i++) {
      const gkt_sample *node = s->nodes + s->triangles[t].nodes[i];
      gkt_view_project(&p->view, node->at, corners[i].at);
      corners[i].value = node->value;
      corners[i].light = s->normals ? light_on(&p->view, s->normals[t][i]) : 1;
    }
    gkt_raster_triangle(&p->raster, &p->picture->range, corners);
  }
}

static gkt_status paint_raster(gkt_page *p) {
  const int width = p->options->width, height = p->options->height;
  cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
    cairo_surface_destroy(image);
    return gkt_fail(p->ctx, GKT_NO_MEMORY, "out of memory for a picture of %d x %d pixels", width, height);
  }
  unsigned char *data = cairo_image_surface_get_data(image);
  const int stride = cairo_image_surface_get_stride(image);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const uint32_t pixel = gkt_raster_pixel(&p->raster, x, y);
      memcpy(data + (size_t)y * (size_t)stride + 4 * (size_t)x, &pixel, sizeof pixel);
    }
  cairo_surface_mark_dirty(image);
  cairo_set_source_surface(p->cr, image, 0, 0);
  cairo_paint(p->cr);
  cairo_surface_destroy(image);
  return GKT_OK;
}

/* ---- all of it ---- */
static gkt_status draw_page(gkt_page *p) {
  lay_out(p);
  GKT_TRY(find_view(p));
  gkt_page_rest(p);
  draw_triangles(p);
  GKT_TRY(paint_raster(p));
  gkt_page_lines(p);
  gkt_page_bar(p);
  gkt_page_axes(p);
  gkt_page_title(p);
  return GKT_OK;
}

gkt_status gkt_picture_draw(gkt_context *ctx, const gkt_canvas *canvas, const gkt_picture *picture) {
  gkt_page p = {.ctx = ctx, .picture = picture, .options = &picture->options};
  gkt_status status;
  gkt_page_open(&p);
  GKT_GO(gkt_raster_create(ctx, picture->options.width, picture->options.height, &p.raster));
  GKT_GO(draw_page(&p));
  GKT_GO(gkt_page_write(&p, canvas));
done:
  gkt_raster_destroy(&p.raster);
  gkt_page_close(&p);
  return status;
}
