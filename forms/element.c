/* Elements as forms know them: a kind and a degree. */
#include "forms/form.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *format;
  int least, most; /* degrees that a text may have; most -1: given by programs only */
  bool polynomial; /* in each cell, of that degree */
} row;

static row row_of(gkt_element_kind kind) {
  switch (kind) {
  case GKT_LAGRANGE: return (row){"P%d", 1, 4, true};
  case GKT_DISCONTINUOUS_LAGRANGE: return (row){"DP%d", 0, 4, true};
  case GKT_QUADRATURE_POINTS: break;
  }
  return (row){"points(%d)", 0, -1, false};
}

void gkt_element_name(gkt_element e, char *text, size_t size) { snprintf(text, size, row_of(e.kind).format, e.degree); }

int gkt_element_polynomial_degree(gkt_element e) { return row_of(e.kind).polynomial ? e.degree : 0; }

/* Of what stands for %d in the format; -1: the text is another. */
static int degree_in(const char *text, const char *format) {
  const char *head = strchr(format, '%');
  const size_t n = (size_t)(head - format), digits = strlen(text) > n ? strspn(text + n, "0123456789") : 0;
  if (strncmp(text, format, n) || !digits || strcmp(text + n + digits, head + 2)) return -1;
  return digits > 3 ? 1000 : (int)strtol(text + n, NULL, 10);
}

gkt_status gkt_element_read(const char *text, gkt_element *out) {
  for (int k = GKT_LAGRANGE; k <= GKT_QUADRATURE_POINTS; k++) {
    const row r = row_of((gkt_element_kind)k);
    const int degree = r.most < 0 ? -1 : degree_in(text, r.format);
    if (degree < r.least) continue;
    if (degree > r.most) return GKT_UNAVAILABLE;
    *out = (gkt_element){(gkt_element_kind)k, degree};
    return GKT_OK;
  }
  return GKT_BAD_INPUT;
}
