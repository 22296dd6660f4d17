/* Numbers from the solution: functionals, extrema, probes, errors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "problem/problem.h"

enum { MAX_TOUCHING = 1024 }; /* cells that meet at a point */

static gkt_status functional(gkt_problem *p, const gkt_form *form, double *out) {
  gkt_assembler *assembler = NULL;
  gkt_status status;
  GKT_GO(gkt_assembler_create(form, p->mesh, p->spaces, &assembler));
  GKT_GO(gkt_assemble_functional(assembler, &p->inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  return status;
}

/* Nodes of a set, or all. */
static gkt_status nodes_of(gkt_problem *p, const gkt_space *space, const gkt_word *on, gkt_idx *count, gkt_idx **nodes) {
  if (on->text) return gkt_space_nodes_on(space, gkt_mesh_find_set(p->mesh, on->text), count, nodes);
  *count = gkt_space_num_nodes(space);
  if (!(*nodes = malloc(sizeof **nodes * ((size_t)*count + 1)))) return gkt_fail(p->ctx, GKT_NO_MEMORY, "out of memory");
  for (gkt_idx i = 0; i < *count; i++) (*nodes)[i] = i;
  return GKT_OK;
}

/* The largest (smallest) nodal value, where a node has the mean over the cells that meet there. */
static gkt_status extremum(gkt_problem *p, const gkt_compute_settings *c, gkt_result *r) {
  int degree = gkt_space_element(p->spaces[p->field]).degree;
  gkt_space *space = NULL;
  gkt_scalar *values = NULL;
  gkt_idx *nodes = NULL, count = 0, best = 0;
  gkt_status status;
  GKT_GO(gkt_space_create(p->mesh, (gkt_element){false, degree > 1 ? degree : 1}, gkt_shape_scalar(), &space));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *values, &values));
  GKT_GO(gkt_interpolate(r->expression, space, &p->inputs, values));
  GKT_GO(nodes_of(p, space, &c->on, &count, &nodes));
  for (gkt_idx i = 1; i < count; i++)
    if (c->kind == GKT_COMPUTE_MAX ? values[nodes[i]] > values[nodes[best]] : values[nodes[i]] < values[nodes[best]]) best = i;
  r->num_values = 1;
  r->values[0] = values[nodes[best]];
  memcpy(r->where, gkt_space_coords(space) + (gkt_size)nodes[best] * p->dim, sizeof(double) * (size_t)p->dim);
done:
  free(nodes);
  gkt_free(&values);
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
  GKT_TRY(gkt_evaluate(r->expression, p->mesh, &p->inputs, found, cells, xi, NULL, values));
  r->num_values = n;
  for (int k = 0; k < n; k++) {
    double sum = 0;
    for (int i = 0; i < found; i++) sum += values[i * n + k];
    r->values[k] = sum / found;
  }
  return GKT_OK;
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

gkt_status gkt_problem_check_results(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_compute; i++) {
    const gkt_compute_settings *c = &s->compute[i];
    gkt_assembler *assembler = NULL;
    const gkt_mesh_set *set;
    if (p->compute[i].form) GKT_TRY(gkt_assembler_create(p->compute[i].form, p->mesh, p->spaces, &assembler)); /* looks the set names up */
    gkt_assembler_destroy(&assembler);
    if (c->on.text) GKT_TRY(gkt_problem_find_set(p, &c->on, -1, &set));
  }
  for (int i = 0; i < s->num_probes; i++) GKT_TRY(check_probe(p, &s->probes[i]));
  return GKT_OK;
}

gkt_status gkt_problem_compute(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  double start = gkt_seconds();
  for (int i = 0; i < s->num_compute; i++) {
    gkt_result *r = &p->compute[i];
    r->num_values = 1;
    if (r->form) GKT_TRY(functional(p, r->form, &r->values[0]));
    else GKT_TRY(extremum(p, &s->compute[i], r));
  }
  for (int i = 0; i < s->num_probes; i++) GKT_TRY(probe(p, &s->probes[i], &p->probes[i]));
  for (int i = 0; i < 2 * s->num_exact; i++) {
    double square = 0;
    if (p->errors[i]) GKT_TRY(functional(p, p->errors[i], &square));
    p->error_values[i / 2][i % 2] = sqrt(square);
  }
  p->has_results = true;
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return GKT_OK;
}
