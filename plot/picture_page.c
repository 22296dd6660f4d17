/* A page of its size: opened white, written as PNG; its title. */
#include <cairo.h>
#include <math.h>

#include "plot/picture_page.h"

void gkt_page_open(gkt_page *p) {
  p->image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->options->width, p->options->height);
  p->cr = cairo_create(p->image);
  p->unit = fmin(p->options->width / 1200.0, p->options->height / 900.0);
  p->font = fmax(20 * p->unit, 8);
  cairo_select_font_face(p->cr, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_line_cap(p->cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_source_rgb(p->cr, 1, 1, 1);
  cairo_paint(p->cr);
}

void gkt_page_close(gkt_page *p) {
  cairo_destroy(p->cr);
  cairo_surface_destroy(p->image);
}

void gkt_page_title(const gkt_page *p) {
  gkt_page_ink(p, 0.1, 1);
  if (p->options->title) gkt_page_text(p, 0.5 * p->options->width, 1.9 * p->font, 1.3 * p->font, 0.5, 0.94 * p->options->width, p->options->title);
  if (p->options->note) gkt_page_text(p, 32 * p->unit, p->options->height - 0.4 * p->font, p->font, 0, 0.4 * p->options->width, p->options->note);
}

static gkt_status write_file(const gkt_page *p, const char *path) {
  gkt_output *out = NULL;
  unsigned char *data = NULL;
  gkt_size length;
  gkt_status status;
  cairo_surface_flush(p->image);
  const gkt_pixels pixels = {p->options->width, p->options->height, cairo_image_surface_get_stride(p->image), cairo_image_surface_get_data(p->image)};
  GKT_GO(gkt_png_compress(p->ctx, &pixels, &length, &data));
  GKT_GO(gkt_output_open(p->ctx, path, &out));
  FILE *f = gkt_output_stream(out);
  gkt_png_begin(f, pixels.width, pixels.height);
  gkt_png_chunk(f, "IDAT", 0, NULL, (size_t)length, data);
  gkt_png_chunk(f, "IEND", 0, NULL, 0, NULL);
  status = gkt_output_commit(&out); /* the stream remembers its error */
done:
  gkt_free(&data);
  return status;
}

gkt_status gkt_page_write(const gkt_page *p, const gkt_canvas *canvas) {
  const cairo_status_t status = cairo_status(p->cr);
  if (status != CAIRO_STATUS_SUCCESS)
    return gkt_fail(p->ctx, status == CAIRO_STATUS_NO_MEMORY ? GKT_NO_MEMORY : GKT_LIBRARY, "Cairo cannot draw the picture: %s", cairo_status_to_string(status));
  return canvas->film ? gkt_film_take(canvas->film, p->image) : write_file(p, canvas->path);
}
