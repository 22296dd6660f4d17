/* A graph of results over time, from the series. */
#include <string.h>

#include "problem/problem.h"

typedef struct {
  int count;
  int columns[GKT_MOST_CURVES]; /* of the series */
  char names[GKT_MOST_CURVES][80];
} selection;

static bool add(selection *s, const char *name, int component, int column) {
  if (s->count == GKT_MOST_CURVES) return false;
  s->columns[s->count] = column;
  snprintf(s->names[s->count++], sizeof *s->names, component < 0 ? "%s" : "%s[%d]", name, component);
  return true;
}

/* Columns in the order of gkt_series_add. false: more curves than a graph has. */
static bool select(const gkt_problem *p, const char *name, selection *s) {
  int column = 2;
  bool fits = true;
  for (int i = 0; i < p->settings->num_compute; i++, column++)
    if (!strcmp(p->settings->compute[i].name.text, name)) return add(s, name, -1, column);
  for (int i = 0; i < p->settings->num_probes; column += (int)p->probes[i++].num_values) {
    const int n = (int)p->probes[i].num_values;
    for (int k = 0; k < n && !strcmp(p->settings->probes[i].name.text, name); k++) fits = fits && add(s, name, n > 1 ? k : -1, column + k);
  }
  return fits;
}

gkt_status gkt_problem_check_graph(gkt_problem *p) {
  const struct gkt_graph_settings *g = &p->settings->output.graph;
  selection s = {.count = 0};
  for (int i = 0; i < g->num_values; i++)
    if (!select(p, g->values[i].text, &s))
      return gkt_problem_refuse(p, GKT_BAD_INPUT, &g->values[i], "more than %d curves in a graph; a vector is one for each component", GKT_MOST_CURVES);
  return GKT_OK;
}

static void copy_column(const gkt_problem *p, int column, gkt_scalar *out) {
  for (gkt_size i = 0; i < p->series.count; i++) out[i] = p->series.rows[i * p->series.width + column];
}

gkt_status gkt_problem_write_graph(gkt_problem *p) {
  const struct gkt_graph_settings *g = &p->settings->output.graph;
  const gkt_size n = p->series.count;
  gkt_graph_curve curves[GKT_MOST_CURVES];
  selection s = {.count = 0};
  gkt_scalar *columns = NULL;
  char *path = NULL;
  gkt_status status;
  for (int i = 0; i < g->num_values; i++) select(p, g->values[i].text, &s);
  GKT_GO(gkt_alloc(p->ctx, (1 + s.count) * n, sizeof *columns, &columns));
  copy_column(p, 0, columns);
  for (int i = 0; i < s.count; i++) {
    copy_column(p, s.columns[i], columns + (1 + i) * n);
    curves[i] = (gkt_graph_curve){s.names[i], columns + (1 + i) * n};
  }
  GKT_GO(gkt_problem_out_path(p, g->file, &path));
  GKT_GO(gkt_graph_write(p->ctx, path, n, columns, s.count, curves, &(gkt_picture_options){.title = g->title, .label = "t"}));
done:
  gkt_free(&columns);
  gkt_free(&path);
  return status;
}
