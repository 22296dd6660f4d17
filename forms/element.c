/* Elements as forms know them: a kind and a degree. */
#include "forms/form.h"

void gkt_element_name(gkt_element e, char *text, size_t size) {
  static const char *const names[] = {[GKT_LAGRANGE] = "P%d", [GKT_DISCONTINUOUS_LAGRANGE] = "DP%d", [GKT_QUADRATURE_POINTS] = "points(%d)"};
  snprintf(text, size, names[e.kind], e.degree);
}

int gkt_element_polynomial_degree(gkt_element e) { return e.kind == GKT_QUADRATURE_POINTS ? 0 : e.degree; }
