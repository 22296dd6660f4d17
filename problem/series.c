/* Results at times: rows of numbers. */
#include <string.h>

#include "problem/problem.h"

enum { TIME, STEP, FIRST };

static int count_values(const gkt_problem *p) {
  int n = FIRST + p->settings->num_compute;
  for (int i = 0; i < p->settings->num_probes; i++) n += p->probes[i].num_values;
  return n + 2 * p->settings->num_exact;
}

static gkt_status make_room(gkt_problem *p) {
  gkt_series *s = &p->series;
  if (!s->width) s->width = count_values(p);
  if (s->count < s->capacity) return GKT_OK;
  s->capacity = 2 * s->capacity + 64;
  return gkt_realloc(p->ctx, s->capacity * s->width, sizeof *s->rows, &s->rows);
}

gkt_status gkt_series_add(gkt_problem *p, double time, double step) {
  GKT_TRY(make_room(p));
  gkt_scalar *to = p->series.rows + p->series.count++ * p->series.width;
  *to++ = time, *to++ = step;
  for (int i = 0; i < p->settings->num_compute; i++) *to++ = p->compute[i].values[0];
  for (int i = 0; i < p->settings->num_probes; to += p->probes[i++].num_values) memcpy(to, p->probes[i].values, (size_t)p->probes[i].num_values * sizeof *to);
  for (int i = 0; i < 2 * p->settings->num_exact; i++) *to++ = p->errors[i].values[0];
  return GKT_OK;
}
