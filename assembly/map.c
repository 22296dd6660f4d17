/* The plan of a map: couplings with the pointwise function, tables, entities. */
#include "assembly/map.h"

#include <string.h>

#include "spaces/nodal.h"

/* ---- tables ---- */
int gkt_map_num_points(const gkt_map *m, int facet) {
  int f = facet < 0 ? 0 : facet;
  return m->rule.first[f + 1] - m->rule.first[f];
}

bool gkt_map_is_uniform(const gkt_map *m) {
  for (int f = 1; f < m->rule.num_facets; f++)
    if (gkt_map_num_points(m, f) != gkt_map_num_points(m, 0)) return false;
  return true;
}

static int rule_degree(const gkt_map *m, gkt_cell_type cell) {
  bool curved = gkt_mesh_block(m->mesh, m->block)->order > 1;
  if (gkt_cell_is_simplex(cell)) return m->integral->degrees[curved ? GKT_CURVED_SIMPLICES : GKT_STRAIGHT_SIMPLICES];
  return m->integral->degrees[curved ? GKT_CURVED_PRODUCTS : GKT_STRAIGHT_PRODUCTS];
}

static gkt_status check_space(const gkt_map *m, int function);

/* Of lumped masses. */
static gkt_status rule_at_nodes(const gkt_map *m, int facet, gkt_quadrature **out) {
  const int function = m->integral->nodes_of;
  char who[200];
  GKT_TRY(check_space(m, function));
  snprintf(who, sizeof who, "%.100s'%.60s'", m->form->place ? m->form->place : "", gkt_scope_function_name(m->form->scope, function));
  return gkt_quadrature_at_nodes(m->ctx, &m->spaces[function]->bases[m->block], m->integral->measure == GKT_MEASURE_DX ? -1 : facet, who, out);
}

static gkt_status one_rule(const gkt_map *m, gkt_cell_type cell, int facet, gkt_quadrature **out) {
  int degree = rule_degree(m, cell);
  if (m->integral->at_nodes) return rule_at_nodes(m, facet, out);
  if (m->integral->measure == GKT_MEASURE_DX) return gkt_quadrature_create(m->ctx, cell, degree, out);
  return gkt_quadrature_on_facet(m->ctx, cell, facet, degree, out);
}

/* Cells and facets: the rules of the integral. */
static gkt_status plan_rules(gkt_map *m, gkt_cell_type cell, double **points) {
  gkt_rule *r = &m->rule;
  gkt_status status = GKT_OK;
  gkt_quadrature *q = NULL;
  r->num_facets = m->integral->measure == GKT_MEASURE_DX ? 1 : gkt_cell_topologies[cell].num_facets;
  for (int f = 0; f < r->num_facets; f++) {
    GKT_GO(one_rule(m, cell, f, &q));
    r->first[f + 1] = r->first[f] + q->num_points;
    GKT_GO(gkt_realloc(m->ctx, r->first[f + 1], sizeof *r->weights, &r->weights));
    GKT_GO(gkt_realloc(m->ctx, (gkt_size)r->first[f + 1] * m->dim, sizeof **points, points));
    memcpy(r->weights + r->first[f], q->weights, (size_t)q->num_points * sizeof *q->weights);
    memcpy(*points + (gkt_size)r->first[f] * m->dim, q->points, (size_t)q->num_points * (size_t)m->dim * sizeof *q->points);
    gkt_quadrature_destroy(&q);
  }
  r->num_rows = r->first[r->num_facets];
done:
  gkt_quadrature_destroy(&q);
  return status;
}

static gkt_status plan_points(gkt_map *m, gkt_cell_type cell, double **points) {
  gkt_rule *r = &m->rule;
  if (m->integral->measure != GKT_MEASURE_DP) return plan_rules(m, cell, points);
  m->num_groups = 1;
  GKT_TRY(gkt_groups_of_points(m->form, m->integral, m->mesh, m->block, &m->groups, points, &r->weights));
  r->num_facets = 1, r->first[1] = 1, r->num_rows = m->groups->count;
  return GKT_OK;
}

/* *number: the basis' place in the rule, with a table there. */
static gkt_status need_basis(gkt_map *m, const gkt_basis *basis, const double *points, int *number) {
  gkt_rule *r = &m->rule;
  for (*number = 0; *number < r->num_bases; ++*number)
    if (gkt_basis_equal(&r->bases[*number], basis)) return GKT_OK;
  if (r->num_bases == GKT_MAX_BASES) return gkt_fail(m->ctx, GKT_UNAVAILABLE, "an integral with more than %d different elements is not available", (int)GKT_MAX_BASES);
  GKT_TRY(gkt_table_create(m->ctx, basis, r->num_rows, points, &r->tables[r->num_bases]));
  gkt_table_drop_rounding(r->tables[r->num_bases]);
  r->bases[r->num_bases++] = *basis;
  return GKT_OK;
}

int gkt_map_basis_of(const gkt_map *m, int function) {
  int k = 0;
  while (m->rule.tables[k] != m->functions[function]) k++;
  return k;
}

bool gkt_map_is_affine(const gkt_map *m) { return gkt_block_is_affine(gkt_mesh_block(m->mesh, m->block)); }

/* A space is needed for every function that the pointwise function reads; it must be of this mesh and as declared. */
static gkt_status check_space(const gkt_map *m, int function) {
  const gkt_space *s = m->spaces[function];
  if (!s) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "assembler: no space is given for '%s'", gkt_scope_function_name(m->form->scope, function));
  return gkt_space_check(s, m->form->scope, function, m->mesh);
}

/* Values at quadrature points serve integrals with these points. */
static gkt_status check_points(const gkt_map *m, int function, gkt_cell_type cell) {
  const gkt_space *s = m->spaces[function];
  const char *name = gkt_scope_function_name(m->form->scope, function);
  bool elsewhere = m->integral->measure != GKT_MEASURE_DX;
  if (!gkt_space_is_at_points(s)) return GKT_OK;
  if (m->integral->at_nodes)
    return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%s' has values at the points of dx(degree=%d) only, and stands in a mass that is lumped at nodes; expected no lumping", name,
                    s->element.degree);
  if (!elsewhere && rule_degree(m, cell) == s->element.degree) return GKT_OK;
  if (elsewhere)
    return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%s' has values at the points of dx(degree=%d) only; expected no %s of it", name, s->element.degree,
                    m->integral->measure == GKT_MEASURE_DP ? "sum over other points" : "integral over facets");
  return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%s' has values at the points of dx(degree=%d) only; expected that measure, here the degree is %d", name, s->element.degree,
                  rule_degree(m, cell));
}

static gkt_status plan_terminal(gkt_map *m, const gkt_terminal *t, gkt_cell_type cell, const double *points) {
  if (t->side != GKT_SIDE_CELL) return gkt_fail(m->ctx, GKT_UNAVAILABLE, "values on both sides of a facet are not available yet");
  if (t->kind == GKT_TERM_H_DIRECTION && !gkt_map_is_affine(m)) /* forms take the cell to move affinely */
    return gkt_fail(m->ctx, GKT_UNAVAILABLE, "the derivative of the cell diameter h by the coordinates is available on straight simplices only");
  if (!gkt_is_of_function(t)) return GKT_OK;
  GKT_TRY(check_space(m, t->function));
  GKT_TRY(check_points(m, t->function, cell));
  if (gkt_space_is_at_points(m->spaces[t->function]) && t->kind == GKT_TERM_VALUE) return GKT_OK;
  if (gkt_space_is_at_points(m->spaces[t->function]))
    return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%s' has values at quadrature points only; expected no gradient of it", gkt_scope_function_name(m->form->scope, t->function));
  int number;
  GKT_TRY(need_basis(m, &m->spaces[t->function]->bases[m->block], points, &number));
  m->functions[t->function] = m->rule.tables[number];
  return GKT_OK;
}

static gkt_status plan_tables(gkt_map *m) {
  const gkt_cell_block *cells = gkt_mesh_block(m->mesh, m->block);
  double *points = NULL;
  gkt_status status;
  GKT_GO(plan_points(m, cells->cell, &points));
  const gkt_basis geometry = gkt_geometry_basis(cells);
  int first;
  GKT_GO(need_basis(m, &geometry, points, &first));
  GKT_GO(gkt_calloc(m->ctx, gkt_form_num_functions(m->form), sizeof *m->functions, &m->functions));
  for (int c = 0; c < m->num_couplings; c++)
    for (int i = 0; i < m->form->arity; i++) {
      gkt_argument *arg = &m->couplings[c].arguments[i];
      if (arg->space) GKT_GO(check_space(m, arg->function));
      GKT_GO(need_basis(m, &arg->basis, points, &arg->table));
    }
  for (int i = 0; i < gkt_pointwise_num_inputs(m->pointwise); i++) GKT_GO(plan_terminal(m, gkt_pointwise_input(m->pointwise, i), cells->cell, points));
done:
  gkt_free(&points);
  return status;
}

gkt_status gkt_map_create(const gkt_form *form, int integral, gkt_mesh *mesh, int block, const gkt_space *const *spaces, int number, gkt_map **out) {
  gkt_map *m = NULL;
  gkt_status status;
  if (form->integrals[integral].measure == GKT_MEASURE_DS_INTERIOR) return gkt_fail(form->scope->ctx, GKT_UNAVAILABLE, "integrals over inner facets (dS) are not available yet");
  GKT_TRY(gkt_calloc(form->scope->ctx, 1, sizeof *m, &m));
  *m = (gkt_map){.ctx = form->scope->ctx,
                 .form = form,
                 .integral = &form->integrals[integral],
                 .mesh = mesh,
                 .spaces = spaces,
                 .number = number,
                 .block = block,
                 .dim = gkt_mesh_dim(mesh),
                 .into = -1};
  GKT_GO(gkt_couplings_create(m));
  GKT_GO(plan_tables(m));
  if (!m->groups) GKT_GO(gkt_groups_create(form, m->integral, mesh, block, &m->num_groups, &m->groups));
done:
  if (status == GKT_OK) *out = m;
  else gkt_map_destroy(&m);
  return status;
}

void gkt_map_destroy(gkt_map **map) {
  gkt_map *m = *map;
  if (!m) return;
  gkt_groups_destroy(m->num_groups, &m->groups);
  gkt_pointwise_destroy(&m->pointwise);
  for (int c = 0; m->couplings && c < m->num_couplings; c++) gkt_free(&m->couplings[c].entries);
  gkt_free(&m->couplings);
  gkt_free(&m->functions);
  gkt_free(&m->rule.weights);
  for (int k = 0; k < m->rule.num_bases; k++) gkt_table_destroy(&m->rule.tables[k]);
  gkt_free(map);
}
