#include "problem/not_finite.h"

#include "forms/form.h"

#include <math.h>
#include <string.h>

/* Takes the text over. */
static gkt_status warn(gkt_problem *p, gkt_text *t) {
  if (t->status == GKT_OK) gkt_problem_warn(p, "%s", t->data);
  gkt_text_free(t);
  return t->status;
}

gkt_status gkt_problem_warn_integral(gkt_problem *p, const gkt_source *source, const gkt_assembler *assembler) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite(assembler, &p->inputs, &found));
  gkt_source_describe(source, &t);
  gkt_nonfinite_print(&found, p->dim, "near", &t);
  gkt_text_printf(&t, "; the report holds null");
  return warn(p, &t);
}

/* ---- expressions ---- */
gkt_status gkt_problem_check_nodes(const gkt_problem *p, const gkt_expression *e, const gkt_space *space, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes,
                                   gkt_text *t) {
  const int bs = gkt_space_block_size(space);
  gkt_idx bad = 0, first = 0;
  gkt_nonfinite found = {.found = true, .cell = -1};
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx node = nodes ? nodes[i] : i;
    if (!gkt_is_finite(bs, values + (gkt_size)node * bs) && bad++ == 0) first = node;
  }
  if (!bad) return GKT_OK;
  if (e) GKT_TRY(gkt_find_nonfinite_node(e, space, &p->inputs, first, &found));
  else memcpy(found.x, gkt_space_coords(space) + (gkt_size)first * p->dim, (size_t)p->dim * sizeof *found.x);
  gkt_nonfinite_print(&found, p->dim, "at", t);
  gkt_text_printf(t, " (%d of %d nodes)", bad, count);
  return t->status;
}

gkt_status gkt_problem_check_points(const gkt_problem *p, const gkt_expression *e, gkt_size count, const double *coords, const gkt_scalar *values, gkt_text *t) {
  gkt_location at = {.cell = -1};
  gkt_nonfinite found;
  gkt_size i = 0;
  while (i < count && !isnan(values[i])) i++;
  if (i == count) return GKT_OK;
  memcpy(at.x, coords + i * p->dim, (size_t)p->dim * sizeof *at.x);
  GKT_TRY(gkt_find_nonfinite_at(e, p->mesh, &p->inputs, &at, &found));
  gkt_nonfinite_print(&found, p->dim, "at", t);
  return t->status;
}

gkt_status gkt_problem_warn_nodes(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_space *space, const gkt_scalar *values, gkt_idx count,
                                  const gkt_idx *nodes, const char *consequence) {
  gkt_text what = {.ctx = p->ctx}, t = {.ctx = p->ctx};
  gkt_status status = gkt_problem_check_nodes(p, e, space, values, count, nodes, &what);
  if (status != GKT_OK || !what.length) goto done;
  gkt_source_describe(source, &t);
  gkt_text_printf(&t, "%s; %s", what.data, consequence);
  status = warn(p, &t);
done:
  gkt_text_free(&what);
  return status;
}

gkt_status gkt_problem_warn_location(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_location *at) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite_at(e, p->mesh, &p->inputs, at, &found));
  gkt_source_describe(source, &t);
  gkt_nonfinite_print(&found, p->dim, "at", &t);
  gkt_text_printf(&t, "; the report holds null");
  return warn(p, &t);
}
