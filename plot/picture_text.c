/* Letters on a page, by Cairo's own choice of a sans-serif font. */
#include <cairo.h>

#include "plot/picture_page.h"

/* Bytes that are no UTF-8 would stop Cairo: they become question marks. */
static void make_utf8(const char *in, char *out, size_t room) {
  size_t n = 0;
  for (const unsigned char *p = (const unsigned char *)in; *p && n + 5 < room;) {
    const int length = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 : *p >= 0xE0 && *p < 0xF0 ? 3 : *p >= 0xF0 && *p < 0xF5 ? 4 : 0;
    int good = length > 0 && (length > 1 || *p >= 0x20);
    for (int i = 1; i < length && good; i++) good = (p[i] & 0xC0) == 0x80;
    if (good && ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] >= 0xA0) || (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] >= 0x90))) good = 0;
    for (int i = 0; i < (good ? length : 1); i++) out[n++] = good ? (char)p[i] : '?';
    p += good ? length : 1;
  }
  out[n] = 0;
}

double gkt_page_text_width(const gkt_page *p, const char *text, double size) {
  char safe[1024];
  cairo_text_extents_t e;
  make_utf8(text, safe, sizeof safe);
  cairo_set_font_size(p->cr, size);
  cairo_text_extents(p->cr, safe, &e);
  return e.x_advance;
}

double gkt_page_text(const gkt_page *p, double x, double y, double size, double align, double room, const char *text) {
  char safe[1024];
  make_utf8(text, safe, sizeof safe);
  double width = gkt_page_text_width(p, safe, size);
  if (width > room) size *= room / width, width = room;
  cairo_set_font_size(p->cr, size);
  cairo_move_to(p->cr, x - align * width, y);
  cairo_show_text(p->cr, safe);
  return x + (1 - align) * width;
}

void gkt_page_ink(const gkt_page *p, double grey, double alpha) { cairo_set_source_rgba(p->cr, grey, grey, grey, alpha); }
