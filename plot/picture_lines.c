/* Lines on the surface: outlines, the mesh, isolines; what the surface hides of them is not drawn. */
#include <cairo.h>
#include <math.h>

#include "plot/picture_page.h"

enum { LINES_AT_ONCE = 200 }; /* long paths are stroked in pieces, since Cairo's time grows faster than their length */

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

/* ---- outlines ---- */
/* Lines of one kind; undeformed ones are drawn whole, also where they are hidden. */
static void draw_outlines(const gkt_page *p, bool features, bool rest) {
  const gkt_surface *s = p->picture->surface;
  int waiting = 0;
  for (gkt_idx i = 0; i < s->num_outlines; i++) {
    const gkt_outline *line = s->outlines + i;
    const gkt_sample *from = s->nodes + line->nodes[0], *to = s->nodes + line->nodes[1];
    double a[3], b[3];
    if (features ? !line->feature : line->feature || !line->mesh) continue;
    gkt_view_project(&p->view, rest ? from->rest : from->at, a);
    gkt_view_project(&p->view, rest ? to->rest : to->at, b);
    if (rest) cairo_move_to(p->cr, a[0], a[1]), cairo_line_to(p->cr, b[0], b[1]);
    else add_visible(p, a, b);
    if (++waiting % LINES_AT_ONCE == 0) cairo_stroke(p->cr);
  }
  cairo_stroke(p->cr);
}

/* ---- isolines ---- */
double gkt_isoline_level(const gkt_range *range, int i, int count) {
  const double part = (i + 1.0) / (count + 1.0);
  return range->low * (1 - part) + range->high * part;
}

/* Where the value passes the level on a triangle. Values equal to it count as above, so that neighbours agree. */
static bool find_isoline(const gkt_page *p, const gkt_triangle *t, double level, double ends[2][3]) {
  const gkt_surface *s = p->picture->surface;
  int n = 0;
  for (int i = 0; i < 3; i++) {
    const gkt_sample *a = s->nodes + t->nodes[i], *b = s->nodes + t->nodes[(i + 1) % 3];
    double at[3];
    if (!isfinite(a->value) || !isfinite(b->value)) return false;
    if ((a->value < level) == (b->value < level)) continue;
    const double part = (level - a->value) / (b->value - a->value);
    for (int d = 0; d < 3; d++) at[d] = a->at[d] + part * (b->at[d] - a->at[d]);
    gkt_view_project(&p->view, at, ends[n++]);
  }
  return n == 2;
}

static void draw_isolines(const gkt_page *p) {
  const gkt_surface *s = p->picture->surface;
  const gkt_range *range = &p->picture->range;
  int waiting = 0;
  for (int i = 0; i < p->options->isolines && !range->empty && !range->constant; i++) {
    const double level = gkt_isoline_level(range, i, p->options->isolines);
    for (gkt_idx t = 0; t < s->num_triangles; t++) {
      double ends[2][3];
      if (!find_isoline(p, s->triangles + t, level, ends)) continue;
      add_visible(p, ends[0], ends[1]);
      if (++waiting % LINES_AT_ONCE == 0) cairo_stroke(p->cr);
    }
  }
  cairo_stroke(p->cr);
}

/* ---- all of them: through a group each, so that lines over lines get no darker ---- */
static void begin(const gkt_page *p, double width) {
  cairo_push_group(p->cr);
  cairo_set_line_width(p->cr, width);
  gkt_page_ink(p, 0.05, 1);
}

static void end(const gkt_page *p, double alpha) {
  cairo_pop_group_to_source(p->cr);
  cairo_paint_with_alpha(p->cr, alpha);
}

void gkt_page_lines(const gkt_page *p) {
  if (p->options->edges) {
    begin(p, fmax(0.8 * p->unit, 0.4));
    draw_outlines(p, false, false);
    end(p, 0.4);
  }
  if (p->options->isolines > 0) {
    begin(p, fmax(1.4 * p->unit, 0.6));
    draw_isolines(p);
    end(p, 0.85);
  }
  begin(p, fmax(1.5 * p->unit, 0.7));
  draw_outlines(p, true, false);
  end(p, 0.75);
}

void gkt_page_rest(const gkt_page *p) {
  if (!p->picture->moved) return;
  cairo_set_line_width(p->cr, fmax(1.2 * p->unit, 0.6));
  gkt_page_ink(p, 0.72, 1);
  draw_outlines(p, true, true);
}
