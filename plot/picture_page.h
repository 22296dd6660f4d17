/* The page while it is drawn: picture_draw.c or picture_graph.c lays it out, picture_lines.c, picture_text.c and picture_bar.c draw on it, picture_page.c writes it. */
#ifndef GKT_PLOT_PICTURE_PAGE_H
#define GKT_PLOT_PICTURE_PAGE_H
#include <cairo.h>
#include <stdio.h>

#include "plot/picture.h"

typedef struct {
  gkt_context *ctx;
  const gkt_picture_options *options;
  const gkt_picture *picture; /* of a surface; NULL: a graph */
  cairo_surface_t *image;
  cairo_t *cr;
  double unit, font; /* pixels: of a page of 1200 x 900; of letters */
  double body[4];    /* left, top, width, height: room for the surface */
  double column[2];  /* left and width of the column of the colour bar */
  gkt_ticks ticks;
  gkt_view view;
  gkt_raster raster;
} gkt_page;

/* ---- picture_png.c ---- */
typedef struct {
  int width, height, stride;
  const unsigned char *data; /* [height][stride], pixels as Cairo's RGB24 */
} gkt_pixels;
gkt_status gkt_png_compress(gkt_context *, const gkt_pixels *, gkt_size *length, unsigned char **out) GKT_MUST_CHECK;             /* what stands in IDAT; to be freed */
void gkt_png_begin(FILE *, int width, int height);                                                                                /* what stands before pixels */
void gkt_png_chunk(FILE *, const char *kind, int num_numbers, const uint32_t *numbers, size_t length, const unsigned char *data); /* numbers, 8 at most, then bytes */

/* film.c: the image as the next picture of the film. */
gkt_status gkt_film_take(gkt_film *, cairo_surface_t *) GKT_MUST_CHECK;

void gkt_page_open(gkt_page *); /* image, cr, unit, font */
void gkt_page_close(gkt_page *);
gkt_status gkt_page_write(const gkt_page *, const gkt_canvas *) GKT_MUST_CHECK;
void gkt_page_title(const gkt_page *); /* and the note */
double gkt_page_text_width(const gkt_page *, const char *text, double size);
/* align 0: x is the left end, 0.5: the middle, 1: the right end. Shrinks to fit `room`. Returns the right end. */
double gkt_page_text(const gkt_page *, double x, double y, double size, double align, double room, const char *text);
void gkt_page_ink(const gkt_page *, double grey, double alpha);
void gkt_page_exponent(const gkt_page *, double x, double y, int exponent); /* a power of ten; 0: nothing */
double gkt_page_column_width(const gkt_page *);                             /* needs ticks and font */
void gkt_page_bar(const gkt_page *);
void gkt_page_axes(const gkt_page *);  /* left out where the column has no room */
void gkt_page_rest(const gkt_page *);  /* behind the surface: where it was before it was moved */
void gkt_page_lines(const gkt_page *); /* on the surface */
#endif
