/* The page: the surface from the raster, lines and letters by Cairo on top of it, written as PNG. */
#include <cairo.h>
#include <math.h>
#include <string.h>

#include "meshes/picture_page.h"

/* ---- layout ---- */
static void lay_out(gkt_page *p) {
  const gkt_picture_options *o = &p->picture->options;
  p->unit = fmin(o->width / 1200.0, o->height / 900.0);
  p->font = fmax(20 * p->unit, 8);
  p->ticks = gkt_ticks_choose(&p->picture->range);
  const double margin = 32 * p->unit, top = o->title ? 2.6 * p->font + margin / 2 : margin;
  p->column[1] = gkt_page_column_width(p);
  p->column[0] = o->width - margin - p->column[1];
  p->body[0] = margin, p->body[1] = top;
  p->body[2] = fmax(p->column[0] - 2 * margin, 1), p->body[3] = fmax(o->height - top - margin, 1);
}

static gkt_status find_view(gkt_page *p) {
  const gkt_vtu_grid *grid = p->picture->grid;
  double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  GKT_TRY(gkt_view_find(p->ctx, p->picture->options.view, grid->dim, &p->view));
  gkt_view_extend(&p->view, grid->num_nodes, p->picture->points, box);
  if (p->picture->rest) gkt_view_extend(&p->view, grid->num_nodes, p->picture->rest, box);
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
      const gkt_size node = s->triangles[t].nodes[i];
      gkt_view_project(&p->view, p->picture->points + 3 * node, corners[i].at);
      corners[i].value = p->picture->values[node];
      corners[i].light = s->normals ? light_on(&p->view, s->normals[t][i]) : 1;
    }
    gkt_raster_triangle(&p->raster, &p->picture->range, corners);
  }
}

static gkt_status paint_raster(gkt_page *p) {
  const int width = p->picture->options.width, height = p->picture->options.height;
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

/* ---- lines ---- */
/* The stretches of a line that the surface does not hide, looked at pixel by pixel. */
static void add_visible(const gkt_page *p, const double a[3], const double b[3]) {
  const double length = hypot(b[0] - a[0], b[1] - a[1]);
  const int steps = (int)fmin(ceil(length) + 1, 20000);
  bool drawing = false;
  for (int i = 0; i <= steps; i++) {
    double at[3];
    for (int k = 0; k < 3; k++) at[k] = a[k] + (b[k] - a[k]) * i / steps;
    const bool seen = gkt_raster_sees(&p->raster, at);
    if (seen && !drawing) cairo_move_to(p->cr, at[0], at[1]);
    if (drawing && (!seen || i == steps)) cairo_line_to(p->cr, at[0], at[1]);
    drawing = seen;
  }
}

/* Lines of one kind; `whole`: also what is hidden. Long paths are stroked in pieces, since Cairo's time grows faster than their length. */
static void draw_lines(const gkt_page *p, const double *points, bool features, bool whole) {
  const gkt_surface *s = p->picture->surface;
  int waiting = 0;
  for (gkt_idx i = 0; i < s->num_outlines; i++) {
    const gkt_outline *line = s->outlines + i;
    double a[3], b[3];
    if (features ? !line->feature : line->feature || !line->mesh) continue;
    gkt_view_project(&p->view, points + 3 * (gkt_size)line->nodes[0], a);
    gkt_view_project(&p->view, points + 3 * (gkt_size)line->nodes[1], b);
    if (whole) cairo_move_to(p->cr, a[0], a[1]), cairo_line_to(p->cr, b[0], b[1]);
    else add_visible(p, a, b);
    if (++waiting % 200 == 0) cairo_stroke(p->cr);
  }
  cairo_stroke(p->cr);
}

/* Through a group, so that lines over lines get no darker. */
static void draw_softly(const gkt_page *p, double width, double alpha, bool features) {
  cairo_push_group(p->cr);
  cairo_set_line_width(p->cr, width);
  gkt_page_ink(p, 0.05, 1);
  draw_lines(p, p->picture->points, features, false);
  cairo_pop_group_to_source(p->cr);
  cairo_paint_with_alpha(p->cr, alpha);
}

static void draw_outlines(const gkt_page *p) {
  if (p->picture->options.edges) draw_softly(p, fmax(0.8 * p->unit, 0.4), 0.4, false);
  draw_softly(p, fmax(1.5 * p->unit, 0.7), 0.75, true);
}

static void draw_rest(const gkt_page *p) {
  if (!p->picture->rest) return;
  cairo_set_line_width(p->cr, fmax(1.2 * p->unit, 0.6));
  gkt_page_ink(p, 0.72, 1);
  draw_lines(p, p->picture->rest, true, true);
}

/* ---- all of it ---- */
static cairo_status_t write_bytes(void *stream, const unsigned char *data, unsigned length) {
  return fwrite(data, 1, length, stream) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static gkt_status write_png(gkt_context *ctx, const char *path, cairo_surface_t *surface) {
  gkt_output *out;
  GKT_TRY(gkt_output_open(ctx, path, &out));
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface, write_bytes, gkt_output_stream(out));
  if (status == CAIRO_STATUS_SUCCESS || status == CAIRO_STATUS_WRITE_ERROR) return gkt_output_commit(&out); /* the stream remembers its error */
  gkt_output_discard(&out);
  return gkt_fail(ctx, GKT_LIBRARY, "%s: Cairo cannot write the picture: %s", path, cairo_status_to_string(status));
}

static gkt_status draw_page(gkt_page *p) {
  const gkt_picture_options *o = &p->picture->options;
  cairo_select_font_face(p->cr, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_line_cap(p->cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_source_rgb(p->cr, 1, 1, 1);
  cairo_paint(p->cr);
  lay_out(p);
  GKT_TRY(find_view(p));
  draw_rest(p);
  draw_triangles(p);
  GKT_TRY(paint_raster(p));
  draw_outlines(p);
  gkt_page_bar(p);
  gkt_page_axes(p);
  gkt_page_ink(p, 0.1, 1);
  if (o->title) gkt_page_text(p, 0.5 * o->width, 1.9 * p->font, 1.3 * p->font, 0.5, 0.94 * o->width, o->title);
  return cairo_status(p->cr) == CAIRO_STATUS_SUCCESS ? GKT_OK : gkt_fail(p->ctx, GKT_LIBRARY, "Cairo cannot draw the picture: %s", cairo_status_to_string(cairo_status(p->cr)));
}

gkt_status gkt_picture_draw(gkt_context *ctx, const char *path, const gkt_picture *picture) {
  gkt_page p = {.ctx = ctx, .picture = picture};
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->options.width, picture->options.height);
  gkt_status status;
  p.cr = cairo_create(surface);
  GKT_GO(gkt_raster_create(ctx, picture->options.width, picture->options.height, &p.raster));
  GKT_GO(draw_page(&p));
  GKT_GO(write_png(ctx, path, surface));
done:
  gkt_raster_destroy(&p.raster);
  cairo_destroy(p.cr);
  cairo_surface_destroy(surface);
  return status;
}
