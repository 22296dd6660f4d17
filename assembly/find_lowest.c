#include "assembly/find_lowest.h"

#include <math.h>

#include "assembly/visit.h"

typedef struct {
  bool all;
  int n;
  const gkt_node *nodes;
  const gkt_map *m; /* that below, top and values belong to */
  bool *below;
  gkt_node top;
  gkt_scalar *values;
  gkt_lowest *out;
} look;

static gkt_status enter_map(const gkt_map *m, look *l) {
  if (l->m == m) return GKT_OK;
  gkt_free(&l->below);
  gkt_free(&l->values);
  l->m = m;
  GKT_TRY(gkt_visit_mark(m, &l->below, &l->top));
  return gkt_alloc(m->ctx, (gkt_size)l->top + 1, sizeof *l->values, &l->values);
}

static void compare(const gkt_visit *v, int lane, look *l) {
  gkt_lowest *out = l->out;
  gkt_visit_evaluate(v, lane, l->below, l->top, l->values);
  for (int i = 0; i < l->n; i++) {
    if (l->nodes[i] > l->top || !l->below[l->nodes[i]]) continue;
    const double value = l->values[l->nodes[i]];
    if (out->node >= 0 && (isnan(out->value) || !(isnan(value) || value < out->value))) continue;
    out->node = i, out->value = value;
    out->cell = gkt_mesh_block(v->m->mesh, v->m->block)->first_cell + v->at.cell[lane];
    for (int d = 0; d < 3; d++) out->x[d] = v->geometry.x[d][lane];
  }
}

static gkt_status visit(const gkt_visit *v, void *user, bool *stop) {
  look *l = user;
  (void)stop;
  GKT_TRY(enter_map(v->m, l));
  for (int lane = 0; lane < v->count; lane++) {
    l->out->num_points++;
    const bool flagged = v->values[lane] != 0;
    l->out->num_flagged += flagged;
    if (flagged || l->all) compare(v, lane, l);
  }
  return GKT_OK;
}

gkt_status gkt_find_lowest(const gkt_assembler *functional, const gkt_inputs *inputs, bool all, int n, const gkt_node *nodes, gkt_lowest *out) {
  look l = {.all = all, .n = n, .nodes = nodes, .out = out};
  *out = (gkt_lowest){.node = -1};
  gkt_status status = gkt_visit_points(functional, inputs, visit, &l);
  gkt_free(&l.below);
  gkt_free(&l.values);
  return status;
}
