/* Designs that seek the values of a coefficient at nodes of some sets alone: of a condition, or what `on` says. */
#include <stdlib.h>

#include "problem/file/schema.h"
#include "problem/optimize.h"

/* ---- which ---- */
static gkt_status mark(gkt_problem *p, const gkt_word *on, const gkt_space *space, bool *marked) {
  const gkt_mesh_set *set;
  gkt_idx *nodes = NULL, count = 0;
  GKT_TRY(gkt_problem_find_set(p, on, -1, &set));
  GKT_TRY(gkt_problem_place(p, gkt_space_nodes_on(space, set, &count, &nodes), on));
  for (gkt_idx k = 0; k < count; k++) marked[nodes[k]] = true;
  free(nodes);
  return count ? GKT_OK : gkt_problem_refuse(p, GKT_BAD_INPUT, on, "no values lie on it; expected a set of cells, or a space with nodes there, as P1");
}

static gkt_status mark_all(gkt_problem *p, const gkt_control_settings *c, const gkt_space *space, bool **marked) {
  GKT_TRY(gkt_calloc(p->ctx, gkt_space_num_nodes(space), sizeof **marked, marked));
  for (int k = 0; k < c->num_on; k++) GKT_TRY(mark(p, &c->on[k], space, *marked));
  return GKT_OK;
}

/* Of values at times one time after the other. */
gkt_status gkt_design_choose_nodes(gkt_problem *p, gkt_design_control *c) {
  const gkt_size all = gkt_space_num_dofs(c->space), bs = gkt_space_block_size(c->space);
  bool *marked = NULL;
  gkt_size count = 0, n = 0;
  gkt_status status;
  GKT_GO(mark_all(p, c->settings, c->space, &marked));
  for (gkt_idx i = 0; i < gkt_space_num_nodes(c->space); i++) count += marked[i];
  c->num_values = c->size, c->size = count * bs * (c->size / all);
  GKT_GO(gkt_alloc(p->ctx, c->size, sizeof *c->dofs, &c->dofs));
  for (gkt_size i = 0; i < c->num_values; i++)
    if (marked[i % all / bs]) c->dofs[n++] = i;
done:
  gkt_free(&marked);
  return status;
}

void gkt_design_scatter(const gkt_design_control *c, const gkt_scalar *x, gkt_scalar *values) {
  for (gkt_size i = 0; i < c->size; i++) values[c->dofs[i]] = x[i];
}

void gkt_design_gather(const gkt_design_control *c, const gkt_scalar *values, gkt_scalar *x) {
  for (gkt_size i = 0; i < c->size; i++) x[i] += values[c->dofs[i]];
}

/* ---- inner product: masses of the facets, or of the cells ---- */
/* The dimension of all of the sets, -1: they have several, or names that forms do not know. */
static gkt_status find_dimension(gkt_problem *p, const gkt_control_settings *c, int *dim) {
  const gkt_mesh_set *set;
  for (int k = 0; k < c->num_on; k++) {
    GKT_TRY(gkt_problem_find_set(p, &c->on[k], -1, &set));
    *dim = gkt_word_is_name(c->on[k].text) && (k == 0 || set->dim == *dim) ? set->dim : -1;
    if (*dim < 0) return GKT_OK;
  }
  return GKT_OK;
}

/* "(g[0] + g[1])*ds(inlet, outlet)", the derivatives of which are integrals of basis functions */
static void print_integral(const gkt_problem *p, const gkt_design_control *c, int dim, gkt_text *text) {
  const int components = gkt_space_block_size(c->space);
  gkt_text_printf(text, "(");
  for (int k = 0; k < components; k++) gkt_text_printf(text, components > 1 ? "%s%s[%d]" : "%s%s", k ? " + " : "", c->settings->function, k);
  gkt_text_printf(text, ")*%s(", dim == p->dim ? "dx" : "ds");
  for (int k = 0; k < c->settings->num_on; k++) gkt_text_printf(text, "%s%s", k ? ", " : "", c->settings->on[k].text);
  gkt_text_printf(text, ")");
}

static gkt_status integrate(gkt_problem *p, const gkt_design_control *c, int dim, gkt_scalar *out) {
  const int f = gkt_scope_find_function(p->scope, c->settings->function);
  gkt_text text = {.ctx = p->ctx};
  gkt_form *sum = NULL, *slope = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  print_integral(p, c, dim, &text);
  GKT_GO(text.status);
  GKT_GO(gkt_form_parse(p->scope, GKT_FUNCTIONAL, &(gkt_source){.text = text.data, .file = p->settings->file, .key = "controls"}, &sum));
  GKT_GO(gkt_form_derivative(sum, 1, &f, &slope));
  GKT_GO(gkt_assembler_create(slope, p->mesh, p->spaces, &assembler));
  GKT_GO(gkt_assemble_vector(assembler, &p->inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&sum), gkt_form_destroy(&slope);
  gkt_text_free(&text);
  return status;
}

/* Where they are not all positive, or the sets are neither parts of the boundary nor of the mesh, one weight for all. */
gkt_status gkt_design_weigh_nodes(gkt_problem *p, const gkt_design_control *c, gkt_scalar *weights) {
  const gkt_size all = gkt_space_num_dofs(c->space), count = c->size / (c->num_values / all);
  gkt_scalar *masses = NULL;
  bool positive = true;
  int dim = -1;
  gkt_status status;
  GKT_TRY(find_dimension(p, c->settings, &dim));
  if (dim < p->dim - 1 || gkt_space_shape(c->space).rank > 1) return GKT_OK;
  GKT_GO(gkt_calloc(p->ctx, all, sizeof *masses, &masses));
  GKT_GO(integrate(p, c, dim, masses));
  for (gkt_size i = 0; i < count; i++) positive = positive && masses[c->dofs[i]] > 0;
  for (gkt_size i = 0; i < count && positive; i++) weights[i] = masses[c->dofs[i]];
done:
  gkt_free(&masses);
  return status;
}
