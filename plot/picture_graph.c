/* The page of a graph: a frame with ticks, and the stretches in it. */
#include <cairo.h>
#include <math.h>

#include "plot/picture_page.h"

typedef struct {
  gkt_page page;
  const gkt_trace_graph *graph;
  gkt_range x, y; /* what the frame spans */
  gkt_ticks x_ticks, y_ticks;
  double left, top, width, height; /* of the frame, pixels */
} graph_page;

static void extend(gkt_range *r, double value) {
  if (isfinite(value)) r->low = fmin(r->low, value), r->high = fmax(r->high, value), r->empty = false;
}

/* Something to divide by also where all values are one. */
static void widen(gkt_range *r, double part) {
  if (r->empty) r->low = 0, r->high = 1;
  double by = part * (r->high - r->low);
  if (!(r->high - r->low > 1e-12 * fmax(fabs(r->low), fabs(r->high)))) by = r->low != 0 ? 0.1 * fabs(r->low) : 1;
  r->low -= by, r->high += by, r->empty = r->constant = false;
}

static void find_ranges(graph_page *g) {
  g->x = g->y = (gkt_range){.low = INFINITY, .high = -INFINITY, .empty = true};
  for (gkt_size i = 0; i < g->graph->traces->num_traces; i++)
    for (int k = 0; k < 2; k++) {
      extend(&g->x, g->graph->traces->traces[i].x[k]);
      extend(&g->y, g->graph->traces->traces[i].y[k]);
    }
  for (int k = 0; k < 2 && g->page.options->limits; k++) extend(&g->y, g->page.options->limits[k]);
  widen(&g->x, 0);
  widen(&g->y, 0.05);
  g->x_ticks = gkt_ticks_choose(&g->x), g->y_ticks = gkt_ticks_choose(&g->y);
}

static void lay_out(graph_page *g) {
  const gkt_page *p = &g->page;
  const double margin = 32 * p->unit;
  double labels = 0;
  for (int i = 0; i < g->y_ticks.count; i++) labels = fmax(labels, gkt_page_text_width(p, g->y_ticks.labels[i], p->font));
  g->left = margin + labels + 14 * p->unit;
  g->top = (p->options->title ? 2.6 * p->font : 0) + margin / 2 + 1.6 * p->font;
  g->width = fmax(p->options->width - g->left - 1.6 * margin, 1);
  g->height = fmax(p->options->height - g->top - margin / 2 - 3.6 * p->font, 1);
}

static double part_of(const gkt_range *r, double value) { return (value / 2 - r->low / 2) / (r->high / 2 - r->low / 2); }
static double place_x(const graph_page *g, double x) { return g->left + g->width * part_of(&g->x, x); }
static double place_y(const graph_page *g, double y) { return g->top + g->height * (1 - part_of(&g->y, y)); }

static void draw_line(const gkt_page *p, double x0, double y0, double x1, double y1) {
  cairo_move_to(p->cr, x0, y0);
  cairo_line_to(p->cr, x1, y1);
  cairo_stroke(p->cr);
}

/* Pale lines across the frame, and their numbers. */
static void draw_ticks(const graph_page *g) {
  const gkt_page *p = &g->page;
  cairo_set_line_width(p->cr, fmax(p->unit, 0.6));
  for (int i = 0; i < g->x_ticks.count; i++) {
    const double x = place_x(g, g->x_ticks.values[i]);
    gkt_page_ink(p, 0.88, 1);
    draw_line(p, x, g->top, x, g->top + g->height);
    gkt_page_ink(p, 0.1, 1);
    gkt_page_text(p, x, g->top + g->height + 1.3 * p->font, p->font, 0.5, 6 * p->font, g->x_ticks.labels[i]);
  }
  for (int i = 0; i < g->y_ticks.count; i++) {
    const double y = place_y(g, g->y_ticks.values[i]);
    gkt_page_ink(p, 0.88, 1);
    draw_line(p, g->left, y, g->left + g->width, y);
    gkt_page_ink(p, 0.1, 1);
    gkt_page_text(p, g->left - 9 * p->unit, y + 0.36 * p->font, p->font, 1, g->left, g->y_ticks.labels[i]);
  }
}

/* The first is the middle of viridis; the others are Okabe and Ito's, told apart by the colour-blind. */
static void take_color(const gkt_page *p, int curve) {
  static const double colors[GKT_MOST_CURVES][3] = {{0.19, 0.41, 0.56}, {0.84, 0.37, 0},    {0, 0.62, 0.45}, {0.8, 0.47, 0.65},
                                                    {0.9, 0.62, 0},     {0.34, 0.71, 0.91}, {0.1, 0.1, 0.1}, {0.6, 0.6, 0.6}};
  const double *c = colors[curve % GKT_MOST_CURVES];
  cairo_set_source_rgb(p->cr, c[0], c[1], c[2]);
}

/* In the row above the frame, from `left` on. */
static void draw_legend(const graph_page *g, double left) {
  const gkt_page *p = &g->page;
  const int n = g->graph->num_curves;
  const double y = g->top - 0.6 * p->font, line = 1.4 * p->font, room = (g->left + g->width - left) / fmax(n, 1);
  for (int i = 0; i < n; i++) {
    take_color(p, i);
    cairo_set_line_width(p->cr, fmax(2.5 * p->unit, 1));
    draw_line(p, left, y - 0.3 * p->font, left + line, y - 0.3 * p->font);
    gkt_page_ink(p, 0.1, 1);
    left = gkt_page_text(p, left + line + 0.4 * p->font, y, p->font, 0, room - line - 1.4 * p->font, g->graph->curves[i].name) + p->font;
  }
}

static void draw_frame(const graph_page *g) {
  const gkt_page *p = &g->page;
  const double below = g->top + g->height;
  cairo_rectangle(p->cr, g->left, g->top, g->width, g->height);
  gkt_page_ink(p, 0.2, 1);
  cairo_stroke(p->cr);
  gkt_page_ink(p, 0.1, 1);
  double end = g->left;
  if (g->graph->num_curves) draw_legend(g, g->y_ticks.exponent ? g->left + 4.5 * p->font : g->left);
  else if (p->options->label) end = gkt_page_text(p, g->left, g->top - 0.6 * p->font, p->font, 0, 0.8 * g->width, p->options->label) + p->font;
  gkt_page_ink(p, 0.1, 1);
  gkt_page_exponent(p, end, g->top - 0.6 * p->font, g->y_ticks.exponent);
  end = gkt_page_text(p, g->left + 0.5 * g->width, below + 2.9 * p->font, p->font, 0.5, 0.8 * g->width, g->graph->along);
  gkt_page_exponent(p, end + p->font, below + 2.9 * p->font, g->x_ticks.exponent);
}

static void draw_traces(const graph_page *g) {
  const gkt_page *p = &g->page;
  const gkt_traces *t = g->graph->traces;
  int curve = 0;
  cairo_set_line_width(p->cr, fmax(2.5 * p->unit, 1));
  take_color(p, 0);
  for (gkt_size i = 0; i < t->num_traces; i++) {
    const gkt_trace *s = t->traces + i;
    if (!isfinite(s->y[0]) || !isfinite(s->y[1])) continue;
    if (s->curve != curve) cairo_stroke(p->cr), take_color(p, curve = s->curve);
    cairo_move_to(p->cr, place_x(g, s->x[0]), place_y(g, s->y[0]));
    cairo_line_to(p->cr, place_x(g, s->x[1]), place_y(g, s->y[1]));
    if (i % 200 == 199) cairo_stroke(p->cr); /* Cairo's time grows faster than the length of a path */
  }
  cairo_stroke(p->cr);
}

/* A dot where a cell ends. */
static void draw_ends(const graph_page *g) {
  const gkt_page *p = &g->page;
  const gkt_traces *t = g->graph->traces;
  for (gkt_size i = 0; i < t->num_traces && p->options->edges; i++)
    for (int k = 0; k < 2; k++) {
      if (!t->traces[i].end[k] || !isfinite(t->traces[i].y[k])) continue;
      cairo_arc(p->cr, place_x(g, t->traces[i].x[k]), place_y(g, t->traces[i].y[k]), fmax(4 * p->unit, 1.5), 0, 2 * 3.141592653589793);
      cairo_fill(p->cr);
    }
}

gkt_status gkt_trace_graph_draw(gkt_context *ctx, const gkt_canvas *canvas, const gkt_trace_graph *graph) {
  graph_page g = {.page = {.ctx = ctx, .options = &graph->options}, .graph = graph};
  gkt_page_open(&g.page);
  find_ranges(&g);
  lay_out(&g);
  draw_ticks(&g);
  draw_frame(&g);
  draw_traces(&g);
  draw_ends(&g);
  gkt_page_title(&g.page);
  const gkt_status status = gkt_page_write(&g.page, canvas);
  gkt_page_close(&g.page);
  return status;
}
