/* Derivatives by values at quadrature points: at each point that of the integrand, times its weight. No basis stands between, so nothing is assembled. */
#include "adjoint/adjoint.h"
#include "assembly/map.h"
#include "forms/form.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

typedef struct {
  const gkt_adjoint *a;
  const gkt_form *form;
  const gkt_space *space;
  const gkt_inputs *inputs;
  double weight;
  double *weights;    /* [points] */
  bool *in_use;       /* [cells] */
  gkt_scalar *values; /* [dofs] */
  gkt_scalar *out;
} at_points;

static gkt_status mark_cells(const at_points *t, const gkt_integral *in) {
  for (gkt_idx i = 0; i < gkt_mesh_num_cells(t->space->mesh); i++) t->in_use[i] = in->num_names == 0;
  for (int k = 0; k < in->num_names; k++) {
    const gkt_mesh_set *set;
    GKT_TRY(gkt_groups_find_set(t->form, in, k, t->space->mesh, &set));
    for (gkt_idx i = 0; i < set->count; i++) t->in_use[set->entities[i]] = true;
  }
  return GKT_OK;
}

/* What stands beside the value of each component; beside its gradient nothing does. */
static gkt_status make_expression(const at_points *t, const gkt_integral *in, gkt_expression **out) {
  gkt_expression *e;
  GKT_TRY(gkt_calloc(t->a->ctx, 1, sizeof *e, &e));
  *e = (gkt_expression){.scope = gkt_scope_retain(t->form->scope), .value = {.shape = t->space->shape}};
  for (int c = 0; c < t->space->block_size; c++) e->value.nodes[c] = in->nodes[c * (1 + t->form->scope->dim)];
  *out = e;
  return GKT_OK;
}

static void add(const at_points *t) {
  for (int b = 0; b < t->space->num_blocks; b++) {
    const gkt_cell_block *block = gkt_mesh_block(t->space->mesh, b);
    const int size = t->space->bases[b].size, n = t->space->block_size;
    for (gkt_size i = 0; i < (gkt_size)block->num_cells * size; i++) {
      const gkt_size point = t->space->cell_nodes[b][i];
      for (int c = 0; c < n && t->in_use[block->first_cell + i / size]; c++) t->out[point * n + c] += t->weight * t->weights[point] * t->values[point * n + c];
    }
  }
}

static gkt_status add_integral(const at_points *t, const gkt_integral *in) {
  gkt_expression *e = NULL;
  gkt_status status;
  if (in->measure != GKT_MEASURE_DX)
    return gkt_fail(t->a->ctx, GKT_UNAVAILABLE, "derivatives by values at quadrature points are those of integrals over cells; expected no other with them");
  GKT_GO(mark_cells(t, in));
  GKT_GO(make_expression(t, in, &e));
  GKT_GO(gkt_interpolate(e, t->space, t->inputs, t->values));
  add(t);
done:
  if (e) gkt_expression_destroy(&e);
  return status;
}

gkt_status gkt_adjoint_add_at_points(const gkt_adjoint *a, const gkt_form *form, const gkt_space *space, const gkt_inputs *inputs, double weight, gkt_scalar *out) {
  gkt_brought_inputs here;
  GKT_TRY(gkt_adjoint_bring(a, inputs, &here));
  at_points t = {.a = a, .form = form, .space = space, .inputs = &here.inputs, .weight = weight, .out = out};
  gkt_status status;
  GKT_GO(gkt_alloc(a->ctx, space->num_nodes, sizeof *t.weights, &t.weights));
  GKT_GO(gkt_alloc(a->ctx, gkt_mesh_num_cells(space->mesh), sizeof *t.in_use, &t.in_use));
  GKT_GO(gkt_alloc(a->ctx, gkt_space_num_dofs(space), sizeof *t.values, &t.values));
  GKT_GO(gkt_space_weights(space, t.weights));
  for (int i = 0; i < form->num_integrals; i++) GKT_GO(add_integral(&t, &form->integrals[i]));
done:
  gkt_adjoint_leave(&here);
  gkt_free(&t.weights);
  gkt_free(&t.in_use);
  gkt_free(&t.values);
  return status;
}
