/* Elements as forms know them: a kind and a degree. */
#include "forms/form.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *format;
  int least, most; /* degrees that a text may have; most -1: given by programs only */
  int declared;    /* the most that a scope takes: which of them there are, spaces say */
  bool polynomial; /* all polynomials of the degree are functions, in each cell */
} row;

static row row_of(gkt_element_kind kind) {
  switch (kind) {
  case GKT_LAGRANGE: return (row){"P%d", 1, 4, INT16_MAX, true};
  case GKT_DISCONTINUOUS_LAGRANGE: return (row){"DP%d", 0, 4, INT16_MAX, true};
  case GKT_BUBBLE: return (row){"P%dB", 1, 2, INT16_MAX, true};
  case GKT_REAL: return (row){"real", 0, 0, 0, true};
  case GKT_QUADRATURE_POINTS: break;
  }
  return (row){"points(%d)", 0, -1, GKT_LARGEST_QUADRATURE, false};
}

void gkt_element_name(gkt_element e, char *text, size_t size) { snprintf(text, size, row_of(e.kind).format, e.degree); }

void gkt_element_degrees(gkt_element_kind kind, int *least, int *most) { *least = row_of(kind).least, *most = row_of(kind).declared; }

int gkt_element_complete_degree(gkt_element e) { return row_of(e.kind).polynomial ? e.degree : 0; }

/* The product of the distances to the facets: on simplices dim + 1 of them; on squares and cubes two for each direction; three across a prism, and along the axis of a pyramid. */
static int bubble_degree(int dim, bool simplex) { return simplex ? dim + 1 : dim < 3 ? 2 : 3; }

int gkt_element_polynomial_degree(gkt_element e, int dim, bool simplex) {
  int degree = gkt_element_complete_degree(e), bubble = e.kind == GKT_BUBBLE ? bubble_degree(dim, simplex) : 0;
  return degree > bubble ? degree : bubble;
}

/* Of what stands for %d in the format, 0 where it has none; -1: the text is another. */
static int degree_in(const char *text, const char *format) {
  const char *head = strchr(format, '%');
  if (!head) return strcmp(text, format) ? -1 : 0;
  const size_t n = (size_t)(head - format), digits = strlen(text) > n ? strspn(text + n, "0123456789") : 0;
  if (strncmp(text, format, n) || !digits || strcmp(text + n + digits, head + 2)) return -1;
  return digits > 3 ? 1000 : (int)strtol(text + n, NULL, 10);
}

gkt_status gkt_element_read(const char *text, gkt_element *out) {
  for (int k = 0; k < GKT_NUM_ELEMENT_KINDS; k++) {
    const row r = row_of((gkt_element_kind)k);
    const int degree = r.most < 0 ? -1 : degree_in(text, r.format);
    if (degree < r.least) continue;
    if (degree > r.most) return GKT_UNAVAILABLE;
    *out = (gkt_element){(gkt_element_kind)k, degree};
    return GKT_OK;
  }
  return GKT_BAD_INPUT;
}
