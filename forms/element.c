/* Elements as forms know them: a kind and a degree. */
#include "forms/form.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  const char *format;
  int least, most; /* degrees that a text may have */
} kinds[] = {[GKT_LAGRANGE] = {"P%d", 1, 4}, [GKT_DISCONTINUOUS_LAGRANGE] = {"DP%d", 0, 4}, [GKT_QUADRATURE_POINTS] = {"points(%d)", 0, -1} /* given by programs only */};

void gkt_element_name(gkt_element e, char *text, size_t size) { snprintf(text, size, kinds[e.kind].format, e.degree); }

/* Of what stands for %d in the format; -1: the text is another. */
static int degree_in(const char *text, const char *format) {
  const char *head = strchr(format, '%');
  const size_t n = (size_t)(head - format), digits = strlen(text) > n ? strspn(text + n, "0123456789") : 0;
  if (strncmp(text, format, n) || !digits || strcmp(text + n + digits, head + 2)) return -1;
  return digits > 3 ? 1000 : (int)strtol(text + n, NULL, 10);
}

gkt_status gkt_element_read(const char *text, gkt_element *out) {
  for (int k = 0; k < (int)(sizeof kinds / sizeof *kinds); k++) {
    const int degree = kinds[k].most < 0 ? -1 : degree_in(text, kinds[k].format);
    if (degree < kinds[k].least) continue;
    if (degree > kinds[k].most) return GKT_UNAVAILABLE;
    *out = (gkt_element){(gkt_element_kind)k, degree};
    return GKT_OK;
  }
  return GKT_BAD_INPUT;
}

int gkt_element_polynomial_degree(gkt_element e) { return e.kind == GKT_QUADRATURE_POINTS ? 0 : e.degree; }
