/* The column on the right: colour bar, its ticks, the extreme values, the directions of the axes. */
#include <cairo.h>
#include <math.h>
#include <stdio.h>

#include "plot/picture_page.h"

double gkt_page_column_width(const gkt_page *p) {
  double labels = gkt_page_text_width(p, "000", p->font);
  for (int i = 0; i < p->ticks.count; i++) labels = fmax(labels, gkt_page_text_width(p, p->ticks.labels[i], p->font));
  const double bar = 36 * p->unit + labels, name = p->options->label ? gkt_page_text_width(p, p->options->label, p->font) : 0;
  const double extremes = gkt_page_text_width(p, "max -0.0000e-00", 0.8 * p->font);
  return fmin(fmax(fmax(bar, extremes), name), 0.28 * p->options->width);
}

void gkt_page_exponent(const gkt_page *p, double x, double y, int exponent) {
  char power[16];
  if (!exponent) return;
  snprintf(power, sizeof power, "%d", exponent);
  const double end = gkt_page_text(p, x, y, p->font, 0, 6 * p->font, "\xC3\x97 10"); /* multiplication sign */
  gkt_page_text(p, end, y - 0.4 * p->font, 0.7 * p->font, 0, 4 * p->font, power);
}

static void draw_gradient(const gkt_page *p, double x, double y, double width, double height) {
  const gkt_range *r = &p->picture->range;
  cairo_pattern_t *gradient = cairo_pattern_create_linear(0, y + height, 0, y);
  for (int i = 0; i <= 64; i++) {
    double rgb[3];
    gkt_color_at(r, r->low / 64 * (64 - i) + r->high / 64 * i, rgb);
    cairo_pattern_add_color_stop_rgb(gradient, i / 64.0, rgb[0], rgb[1], rgb[2]);
  }
  cairo_rectangle(p->cr, x, y, width, height);
  cairo_set_source(p->cr, gradient);
  cairo_fill_preserve(p->cr);
  cairo_pattern_destroy(gradient);
  cairo_set_line_width(p->cr, fmax(p->unit, 0.6));
  gkt_page_ink(p, 0.2, 1);
  cairo_stroke(p->cr);
}

static void draw_ticks(const gkt_page *p, double x, double y, double width, double height) {
  const gkt_range *r = &p->picture->range;
  for (int i = 0; i < p->ticks.count; i++) {
    const double part = r->constant ? 0.5 : (p->ticks.values[i] / 2 - r->low / 2) / (r->high / 2 - r->low / 2), at = y + height * (1 - part);
    gkt_page_ink(p, 0.2, 1);
    cairo_move_to(p->cr, x + width, at);
    cairo_line_to(p->cr, x + width + 5 * p->unit, at);
    cairo_stroke(p->cr);
    gkt_page_ink(p, 0.1, 1);
    gkt_page_text(p, x + width + 9 * p->unit, at + 0.36 * p->font, p->font, 0, p->column[1], p->ticks.labels[i]);
  }
}

/* With digits enough to tell them apart. */
static void draw_extremes(const gkt_page *p, double x, double y) {
  const gkt_range *r = &p->picture->seen;
  const double power = pow(10, p->ticks.exponent), cancelled = log10(fmax(fabs(r->low), fabs(r->high)) / (r->high - r->low));
  char text[64];
  if (r->empty || r->constant) return;
  const int digits = (int)fmin(fmax(4, ceil(cancelled) + 3), 15);
  gkt_page_ink(p, 0.35, 1);
  snprintf(text, sizeof text, "max %.*g", digits, r->high / power);
  gkt_page_text(p, x, y, 0.8 * p->font, 0, p->column[1], text);
  snprintf(text, sizeof text, "min %.*g", digits, r->low / power);
  gkt_page_text(p, x, y + 1.15 * p->font, 0.8 * p->font, 0, p->column[1], text);
}

static void draw_levels(const gkt_page *p, double x, double y, double width, double height) {
  const gkt_range *r = &p->picture->range;
  if (r->empty || r->constant) return;
  cairo_set_line_width(p->cr, fmax(1.4 * p->unit, 0.6));
  gkt_page_ink(p, 0.05, 0.85);
  for (int i = 0; i < p->options->isolines; i++) {
    const double at = y + height * (1 - (i + 1.0) / (p->options->isolines + 1.0));
    cairo_move_to(p->cr, x, at);
    cairo_line_to(p->cr, x + width, at);
  }
  cairo_stroke(p->cr);
  cairo_set_line_width(p->cr, fmax(p->unit, 0.6));
}

void gkt_page_bar(const gkt_page *p) {
  const double x = p->column[0], width = 22 * p->unit, height = 0.5 * p->options->height, y = p->body[1] + 2.2 * p->font;
  gkt_page_ink(p, 0.1, 1);
  if (p->options->label) gkt_page_text(p, x, y - (p->ticks.exponent ? 1.9 : 0.7) * p->font, p->font, 0, p->column[1], p->options->label);
  gkt_page_exponent(p, x, y - 0.55 * p->font, p->ticks.exponent);
  draw_gradient(p, x, y, width, height);
  draw_levels(p, x, y, width, height);
  draw_ticks(p, x, y, width, height);
  draw_extremes(p, x, y + height + 1.7 * p->font);
  gkt_page_ink(p, 0.35, 1);
  if (p->picture->range.partial) gkt_page_text(p, x, y + height + 4.0 * p->font, 0.8 * p->font, 0, p->column[1], "grey: not finite");
}

static void draw_arrow(const gkt_page *p, const double from[2], const double by[2], const char *name, const double rgb[3]) {
  const double length = hypot(by[0], by[1]), head = 9 * p->unit;
  if (length < 6 * p->unit) return; /* points at the viewer */
  const double u[2] = {by[0] / length, by[1] / length}, tip[2] = {from[0] + by[0], from[1] + by[1]};
  cairo_set_source_rgb(p->cr, rgb[0], rgb[1], rgb[2]);
  cairo_set_line_width(p->cr, fmax(2 * p->unit, 1));
  cairo_move_to(p->cr, from[0], from[1]);
  cairo_line_to(p->cr, tip[0] - head * u[0], tip[1] - head * u[1]);
  cairo_stroke(p->cr);
  cairo_move_to(p->cr, tip[0], tip[1]);
  cairo_line_to(p->cr, tip[0] - head * u[0] - 0.42 * head * u[1], tip[1] - head * u[1] + 0.42 * head * u[0]);
  cairo_line_to(p->cr, tip[0] - head * u[0] + 0.42 * head * u[1], tip[1] - head * u[1] - 0.42 * head * u[0]);
  cairo_close_path(p->cr);
  cairo_fill(p->cr);
  gkt_page_text(p, tip[0] + 0.55 * p->font * u[0], tip[1] + 0.55 * p->font * u[1] + 0.28 * p->font, 0.8 * p->font, 0.5, p->column[1], name);
}

void gkt_page_axes(const gkt_page *p) {
  static const double colors[3][3] = {{0.75, 0.15, 0.15}, {0.1, 0.5, 0.15}, {0.15, 0.25, 0.75}};
  static const char *const names[3] = {"x", "y", "z"};
  const double length = 46 * p->unit, from[2] = {p->column[0] + 52 * p->unit, p->options->height - 84 * p->unit};
  if (from[1] - length < p->body[1] + 0.5 * p->options->height + 6 * p->font) return; /* would meet the colour bar */
  for (int k = 0; k < (p->picture->dim == 2 ? 2 : 3); k++) draw_arrow(p, from, (double[]){length * p->view.axes[0][k], -length * p->view.axes[1][k]}, names[k], colors[k]);
}
