/* Results at times: rows of numbers. */
#include <string.h>

#include "problem/problem.h"

enum { TIME, STEP, FIRST };

int gkt_series_width(const gkt_problem *p) {
  int n = FIRST + p->settings->num_compute;
  for (int i = 0; i < p->settings->num_probes; i++) n += p->probes[i].num_values;
  return n + 2 * p->settings->num_exact;
}

static gkt_status make_room(gkt_problem *p, gkt_series *s, gkt_size count) {
  if (!s->width) s->width = gkt_series_width(p);
  if (count <= s->capacity) return GKT_OK;
  const gkt_size capacity = 2 * count + 64;
  GKT_TRY(gkt_realloc(p->ctx, capacity * s->width, sizeof *s->rows, &s->rows));
  s->capacity = capacity;
  return GKT_OK;
}

gkt_status gkt_series_set(gkt_problem *p, gkt_series *s, gkt_size count, const gkt_scalar *rows) {
  GKT_TRY(make_room(p, s, count));
  if (count) memcpy(s->rows, rows, (size_t)(count * s->width) * sizeof *rows);
  s->count = count;
  return GKT_OK;
}

gkt_status gkt_series_add(gkt_problem *p, gkt_series *s, double time, double step) {
  GKT_TRY(make_room(p, s, s->count + 1));
  gkt_scalar *to = s->rows + s->count++ * s->width;
  *to++ = time, *to++ = step;
  for (int i = 0; i < p->settings->num_compute; i++) *to++ = p->compute[i].values[0];
  for (int i = 0; i < p->settings->num_probes; to += p->probes[i++].num_values) memcpy(to, p->probes[i].values, (size_t)p->probes[i].num_values * sizeof *to);
  for (int i = 0; i < 2 * p->settings->num_exact; i++) *to++ = p->errors[i].values[0];
  return GKT_OK;
}
