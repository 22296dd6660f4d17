#include "problem/not_finite.h"

#include <math.h>
#include <string.h>

bool gkt_problem_is_finite(const gkt_scalar *v, gkt_size count) {
  for (gkt_size i = 0; i < count; i++)
    if (!isfinite(v[i])) return false;
  return true;
}

/* ---- words ---- */
void gkt_problem_print_source(const gkt_source *s, gkt_text *t) {
  gkt_text_printf(t, "%s: %s: ", s->file, s->key);
  if (s->marks) gkt_text_printf(t, "line %d: ", s->marks[0].line);
  else gkt_text_printf(t, "'%s': ", s->text);
}

const gkt_source *gkt_problem_form_source(const gkt_problem *p) { return p->settings->equation.text ? &p->settings->equation : &p->settings->energy; }

void gkt_problem_print_point(const gkt_problem *p, const double *x, gkt_text *t) {
  gkt_text_printf(t, "x = (%.6g", x[0]);
  for (int d = 1; d < p->dim; d++) gkt_text_printf(t, ", %.6g", x[d]);
  gkt_text_printf(t, ")");
}

/* near: "at" or "near", as the point stands in the file or is one of quadrature */
static void print_place(const gkt_problem *p, const gkt_nonfinite *found, const char *near, gkt_text *t) {
  gkt_text_printf(t, "not finite %s ", near);
  gkt_problem_print_point(p, found->x, t);
  if (found->cell >= 0) gkt_text_printf(t, ", in cell %d", found->cell);
  if (found->what[0]) gkt_text_printf(t, ": %s", found->what);
}

/* The reason, or a warning: takes the text over. */
static gkt_status settle(gkt_problem *p, gkt_status status, gkt_text *t, bool reason) {
  if (status == GKT_OK) status = t->status;
  if (status == GKT_OK && reason) snprintf(p->reason, sizeof p->reason, "%s", t->data);
  if (status == GKT_OK && !reason) gkt_problem_warn(p, "%s", t->data);
  gkt_text_free(t);
  return status;
}

/* ---- integrals ---- */
static const char overflow[] = "not finite: the sums of its integrals overflow";

gkt_status gkt_problem_explain_nonfinite(gkt_problem *p, const gkt_inputs *inputs, const char *advice) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite(p->residual_assembler, inputs, &found));
  if (!found.found) GKT_TRY(gkt_find_nonfinite(p->tangent_assembler, inputs, &found));
  gkt_problem_print_source(gkt_problem_form_source(p), &t);
  if (found.found) print_place(p, &found, "near", &t);
  else gkt_text_printf(&t, "%s", overflow);
  if (!found.found || found.of_field) gkt_text_printf(&t, "%s", advice); /* a guess changes nothing else */
  return settle(p, GKT_OK, &t, true);
}

gkt_status gkt_problem_warn_integral(gkt_problem *p, const gkt_source *source, const gkt_assembler *assembler) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite(assembler, &p->inputs, &found));
  gkt_problem_print_source(source, &t);
  if (found.found) print_place(p, &found, "near", &t);
  else gkt_text_printf(&t, "%s", overflow);
  gkt_text_printf(&t, "; the report holds null");
  return settle(p, GKT_OK, &t, false);
}

/* ---- expressions ---- */
gkt_status gkt_problem_check_nodes(const gkt_problem *p, const gkt_expression *e, const gkt_space *space, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes,
                                   gkt_text *t) {
  const int bs = gkt_space_block_size(space);
  gkt_idx bad = 0, first = 0;
  gkt_nonfinite found = {.cell = -1};
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx node = nodes ? nodes[i] : i;
    if (!gkt_problem_is_finite(values + (gkt_size)node * bs, bs) && bad++ == 0) first = node;
  }
  if (!bad) return GKT_OK;
  if (e) GKT_TRY(gkt_find_nonfinite_node(e, space, &p->inputs, first, &found));
  else memcpy(found.x, gkt_space_coords(space) + (gkt_size)first * p->dim, (size_t)p->dim * sizeof *found.x);
  print_place(p, &found, "at", t);
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
  print_place(p, &found, "at", t);
  return t->status;
}

gkt_status gkt_problem_warn_nodes(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_space *space, const gkt_scalar *values, gkt_idx count,
                                  const gkt_idx *nodes, const char *consequence) {
  gkt_text what = {.ctx = p->ctx}, t = {.ctx = p->ctx};
  gkt_status status = gkt_problem_check_nodes(p, e, space, values, count, nodes, &what);
  if (status != GKT_OK || !what.length) goto done;
  gkt_problem_print_source(source, &t);
  gkt_text_printf(&t, "%s; %s", what.data, consequence);
  status = settle(p, GKT_OK, &t, false);
done:
  gkt_text_free(&what);
  return status;
}

gkt_status gkt_problem_warn_location(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_location *at) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite_at(e, p->mesh, &p->inputs, at, &found));
  gkt_problem_print_source(source, &t);
  print_place(p, &found, "at", &t);
  gkt_text_printf(&t, "; the report holds null");
  return settle(p, GKT_OK, &t, false);
}
