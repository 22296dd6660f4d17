/* Numbers from the solution: functionals, extrema, probes, errors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forms/form.h"
#include "problem/not_finite.h"

enum { MAX_TOUCHING = 1024 }; /* cells that meet at a point */

/* Looks the names of sets up, too. */
static gkt_status plan(gkt_problem *p, gkt_result *r) { return r->form ? gkt_assembler_create(r->form, p->mesh, p->spaces, &r->assembler) : GKT_OK; }

static gkt_status functional(gkt_problem *p, const gkt_source *source, gkt_result *r) {
  GKT_TRY(gkt_assemble_functional(r->assembler, &p->inputs, &r->values[0]));
  return isfinite(r->values[0]) ? GKT_OK : gkt_problem_warn_integral(p, source, r->assembler);
}

/* Nodes of a set, or all. */
static gkt_status nodes_of(gkt_problem *p, const gkt_space *space, const gkt_word *on, gkt_idx *count, gkt_idx **nodes) {
  if (on->text) return gkt_space_nodes_on(space, gkt_mesh_find_set(p->mesh, on->text), count, nodes);
  *count = gkt_space_num_nodes(space);
  if (!(*nodes = malloc(sizeof **nodes * ((size_t)*count + 1)))) return gkt_fail(p->ctx, GKT_NO_MEMORY, "out of memory");
  for (gkt_idx i = 0; i < *count; i++) (*nodes)[i] = i;
  return GKT_OK;
}

/* The node of the largest (smallest) value that is finite; -1: none is. */
static gkt_idx extreme_node(const gkt_scalar *values, gkt_compute_kind kind, gkt_idx count, const gkt_idx *nodes) {
  gkt_idx best = -1;
  for (gkt_idx i = 0; i < count; i++) {
    gkt_scalar v = values[nodes[i]];
    if (isfinite(v) && (best < 0 || (kind == GKT_COMPUTE_MAX ? v > values[best] : v < values[best]))) best = nodes[i];
  }
  return best;
}

/* Continuous, of the fields' degree, with the nodes of their bubbles; of what holds histories, the points where these stand. */
static gkt_status extreme_space(gkt_problem *p, const gkt_expression *e, gkt_space **out) {
  int degree;
  GKT_TRY(gkt_expression_points(e, &degree));
  if (degree >= 0) return gkt_space_create(p->mesh, (gkt_element){GKT_QUADRATURE_POINTS, degree}, gkt_shape_scalar(), out);
  const gkt_element field = gkt_problem_field_element(p, e);
  return gkt_space_create(p->mesh, (gkt_element){field.kind == GKT_BUBBLE ? GKT_BUBBLE : GKT_LAGRANGE, field.degree > 1 ? field.degree : 1}, gkt_shape_scalar(), out);
}

/* The largest (smallest) nodal value, where a node has the mean over the cells that meet there; at points their own. */
static gkt_status extremum(gkt_problem *p, const gkt_compute_settings *c, gkt_result *r) {
  gkt_space *space = NULL;
  gkt_scalar *values = NULL;
  gkt_idx *nodes = NULL, count = 0;
  gkt_status status;
  GKT_GO(extreme_space(p, r->expression, &space));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *values, &values));
  GKT_GO(gkt_interpolate(r->expression, space, &p->inputs, values));
  GKT_GO(nodes_of(p, space, &c->on, &count, &nodes));
  const gkt_idx best = extreme_node(values, c->kind, count, nodes);
  GKT_GO(gkt_problem_warn_nodes(p, &c->source, r->expression, space, values, count, nodes, best < 0 ? "the report holds null" : "the extreme is that of the finite values"));
  r->num_values = 1, r->at_points = gkt_space_element(space).kind == GKT_QUADRATURE_POINTS;
  r->values[0] = best < 0 ? NAN : values[best];
  memcpy(r->where, gkt_space_coords(space) + (gkt_size)(best < 0 ? nodes[0] : best) * p->dim, sizeof(double) * (size_t)p->dim);
done:
  free(nodes);
  gkt_free(&values);
  gkt_space_destroy(&space);
  return status;
}

/* Of the values in the cells that touch the point, the first that is not finite. */
static gkt_status check_probe_values(gkt_problem *p, const gkt_probe_settings *q, const gkt_expression *e, int count, const gkt_idx *cells, const double *xi,
                                     const gkt_scalar *values) {
  const int n = gkt_shape_size(gkt_expression_shape(e));
  for (int i = 0; i < count; i++)
    if (!gkt_is_finite(n, values + i * n))
      return gkt_problem_warn_location(p, &q->value, e, &(gkt_location){.cell = cells[i], .xi = xi + i * p->dim, .x = {q->at[0], q->at[1], q->at[2]}});
  return GKT_OK;
}

/* values [count][components] in cells: of what holds histories the mean over each. */
static gkt_status values_in_cells(gkt_problem *p, const gkt_expression *e, int count, const gkt_idx *cells, const double *xi, gkt_scalar *values) {
  const int n = gkt_shape_size(gkt_expression_shape(e));
  gkt_space *space = NULL;
  gkt_scalar *means = NULL;
  gkt_status status;
  int degree;
  GKT_TRY(gkt_expression_points(e, &degree));
  if (degree < 0) return gkt_evaluate(e, p->mesh, &p->inputs, count, cells, xi, NULL, values);
  GKT_GO(gkt_space_create(p->mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, gkt_expression_shape(e), &space));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *means, &means));
  GKT_GO(gkt_interpolate(e, space, &p->inputs, means));
  for (int i = 0; i < count; i++) memcpy(values + i * n, means + (gkt_size)cells[i] * n, (size_t)n * sizeof *values);
done:
  gkt_free(&means);
  gkt_space_destroy(&space);
  return status;
}

/* The mean over the cells that touch the point. */
static gkt_status probe(gkt_problem *p, const gkt_probe_settings *q, gkt_result *r) {
  gkt_idx cells[MAX_TOUCHING];
  double xi[MAX_TOUCHING * 3];
  gkt_scalar values[MAX_TOUCHING * 9];
  int found, n = gkt_shape_size(gkt_expression_shape(r->expression));
  GKT_TRY(gkt_locate(p->mesh, q->at, MAX_TOUCHING, cells, xi, &found));
  GKT_TRY(values_in_cells(p, r->expression, found, cells, xi, values));
  r->num_values = n;
  for (int k = 0; k < n; k++) {
    double sum = 0;
    for (int i = 0; i < found; i++) sum += values[i * n + k];
    r->values[k] = sum / found;
  }
  return check_probe_values(p, q, r->expression, found, cells, xi, values);
}

static gkt_status refuse_outside(gkt_problem *p, const gkt_yaml *probe) {
  const double *x = gkt_mesh_coords(p->mesh);
  gkt_text box = {.ctx = p->ctx};
  for (int d = 0; d < p->dim; d++) {
    double low = x[d], high = x[d];
    for (gkt_size i = 0; i < gkt_mesh_num_nodes(p->mesh); i++) low = fmin(low, x[i * p->dim + d]), high = fmax(high, x[i * p->dim + d]);
    gkt_text_printf(&box, "%s[%g, %g]", d ? " x " : "", low, high);
  }
  gkt_status status = box.status;
  if (status == GKT_OK) status = gkt_problem_refuse_key(p, GKT_BAD_INPUT, probe, "at", "outside the mesh; expected a point of a cell (they lie within %s)", box.data);
  gkt_text_free(&box);
  return status;
}

static gkt_status check_probe(gkt_problem *p, const gkt_probe_settings *q) {
  gkt_idx cells[MAX_TOUCHING];
  double xi[MAX_TOUCHING * 3];
  int found;
  GKT_TRY(gkt_locate(p->mesh, q->at, MAX_TOUCHING, cells, xi, &found));
  if (found) return GKT_OK;
  return refuse_outside(p, q->name.at);
}

/* Is there such a set, and are there nodes on it? */
static gkt_status check_on(gkt_problem *p, const gkt_word *on, const gkt_expression *e) {
  const gkt_mesh_set *set;
  gkt_space *space = NULL;
  gkt_idx *nodes = NULL, count;
  gkt_status status;
  int degree;
  GKT_GO(gkt_problem_find_set(p, on, -1, &set));
  GKT_GO(gkt_expression_points(e, &degree));
  if (degree >= 0) GKT_GO(gkt_problem_refuse(p, GKT_UNAVAILABLE, on, "the extreme of what holds a history, at its points, on a set is not available yet; expected no `on`"));
  GKT_GO(extreme_space(p, e, &space));
  GKT_GO(gkt_problem_place(p, gkt_space_nodes_on(space, set, &count, &nodes), on));
done:
  free(nodes);
  gkt_space_destroy(&space);
  return status;
}

gkt_status gkt_problem_check_results(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_compute; i++) {
    const gkt_compute_settings *c = &s->compute[i];
    GKT_TRY(plan(p, &p->compute[i]));
    if (c->on.text) GKT_TRY(check_on(p, &c->on, p->compute[i].expression));
  }
  for (int i = 0; i < 2 * s->num_exact; i++) GKT_TRY(plan(p, &p->errors[i]));
  for (int i = 0; i < s->num_probes; i++) GKT_TRY(check_probe(p, &s->probes[i]));
  return GKT_OK;
}

gkt_status gkt_problem_compute(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  double start = gkt_seconds();
  for (int i = 0; i < s->num_compute; i++) {
    gkt_result *r = &p->compute[i];
    r->num_values = 1;
    if (r->form) GKT_TRY(functional(p, &s->compute[i].source, r));
    else if (!r->is_derived) GKT_TRY(extremum(p, &s->compute[i], r));
  }
  GKT_TRY(gkt_problem_compute_derived(p));
  for (int i = 0; i < s->num_probes; i++) GKT_TRY(probe(p, &s->probes[i], &p->probes[i]));
  for (int i = 0; i < 2 * s->num_exact; i++) {
    if (p->errors[i].form) GKT_TRY(functional(p, &s->exact[i / 2].source, &p->errors[i]));
    p->errors[i].values[0] = sqrt(p->errors[i].values[0]);
  }
  p->has_results = true;
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return GKT_OK;
}
