/* The page while it is drawn: picture_draw.c lays it out, picture_text.c and picture_bar.c draw on it. */
#ifndef GKT_MESHES_PICTURE_PAGE_H
#define GKT_MESHES_PICTURE_PAGE_H
#include <cairo.h>

#include "meshes/picture.h"

typedef struct {
  gkt_context *ctx;
  const gkt_picture *picture;
  cairo_t *cr;
  double unit, font; /* pixels: of a page of 1200 x 900; of letters */
  double body[4];    /* left, top, width, height: room for the surface */
  double column[2];  /* left and width of the column of the colour bar */
  gkt_ticks ticks;
  gkt_view view;
  gkt_raster raster;
} gkt_page;

double gkt_page_text_width(const gkt_page *, const char *text, double size);
/* align 0: x is the left end, 0.5: the middle, 1: the right end. Shrinks to fit `room`. Returns the right end. */
double gkt_page_text(const gkt_page *, double x, double y, double size, double align, double room, const char *text);
void gkt_page_ink(const gkt_page *, double grey, double alpha);
double gkt_page_column_width(const gkt_page *); /* needs ticks and font */
void gkt_page_bar(const gkt_page *);
void gkt_page_axes(const gkt_page *); /* left out where the column has no room */
#endif
