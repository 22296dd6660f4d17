/* The shape as a control: coordinates of the mesh's nodes. The derivative of a form by them (forms/form_shape.c) is assembled as any; here is what else moves, and what must not.
 */
#include <math.h>
#include <string.h>

#include "adjoint/adjoint.h"
#include "assembly/map.h"
#include "core/vector.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

gkt_status gkt_adjoint_check_places(const gkt_adjoint *a, const gkt_form *form) {
  const gkt_mesh_set *set;
  for (int i = 0; gkt_adjoint_has_kind(a, GKT_CONTROL_SHAPE) && i < form->num_integrals; i++) {
    const gkt_integral *in = &form->integrals[i];
    for (int k = 0; in->measure == GKT_MEASURE_DP && k < in->num_names; k++) {
      GKT_TRY(gkt_groups_find_set(form, in, k, a->s->mesh, &set));
      if (set->dim == GKT_PLACES)
        return gkt_fail(a->ctx, GKT_UNAVAILABLE,
                        "'shape': dP(%s) sums over places, which do not move along with the mesh: shape derivatives of it are not available yet; expected nodes", set->name);
    }
  }
  return GKT_OK;
}

/* What is filled anew as t moves may hold x, which nobody differentiates; values at times go along with their nodes. */
static gkt_status check_followed(const gkt_adjoint *a) {
  for (int i = 0; i < a->s->num_followed; i++) {
    const int f = a->s->followed[i].function;
    if (!gkt_system_find_signal(a->s, f))
      return gkt_fail(
          a->ctx, GKT_UNAVAILABLE,
          "'shape': the coefficient '%s' is filled anew as t moves: shape derivatives of that are not available yet; expected an expression without a space, or values at times",
          a->s->scope->functions[f].name);
  }
  return GKT_OK;
}

gkt_status gkt_adjoint_check_shape(const gkt_adjoint *a) {
  GKT_TRY(check_followed(a));
  if (a->s->ties)
    return gkt_fail(a->ctx, GKT_UNAVAILABLE,
                    "'shape': a field is tied or has a condition on its normal component: the shape as a control is not available there yet; expected conditions on components");
  return GKT_OK;
}

/* ---- what nothing fixes: a mean that is 0 on every mesh ---- */
static bool is_fixed(const gkt_adjoint *a, int block) {
  const gkt_layout_block *b = &a->s->blocks[block];
  const gkt_idx end = b->first + gkt_space_num_dofs(gkt_system_space(a->s, block));
  for (gkt_idx i = b->first; i < end; i++)
    if (a->s->layout.constrained[i]) return true;
  return false;
}

/* Does J see a constant that is added to a component of the block? right [dofs]: its derivative by the state */
static bool sees_means(const gkt_adjoint *a, int block, const gkt_scalar *right) {
  const gkt_space *space = gkt_system_space(a->s, block);
  const int n = gkt_space_block_size(space);
  for (int c = 0; c < n; c++) {
    double sum = 0, size = 0;
    for (gkt_size i = c; i < gkt_space_num_dofs(space); i += n) sum += right[i], size += fabs(right[i]);
    if (fabs(sum) > 1e-10 * size) return true;
  }
  return false;
}

static gkt_status check_means(const gkt_adjoint *a, const gkt_solve_report *report, const gkt_scalar *right) {
  for (int k = 0; k < a->s->num_unknowns; k++)
    if (report->turns_freely || (!is_fixed(a, k) && sees_means(a, k, right + a->s->blocks[k].first)))
      return gkt_fail(a->ctx, GKT_UNAVAILABLE,
                      "'shape': nothing fixes %s but that a mean is 0, and the functional depends on it: shape derivatives of means are not available yet; expected a condition",
                      report->unfixed);
  return GKT_OK;
}

gkt_status gkt_adjoint_check_means(const gkt_adjoint *a, const gkt_solve_report *report) {
  gkt_scalar *right = NULL;
  gkt_status status;
  if (!gkt_adjoint_has_kind(a, GKT_CONTROL_SHAPE) || !report->valid || !report->singular) return GKT_OK;
  GKT_GO(gkt_alloc(a->ctx, gkt_system_num_dofs(a->s), sizeof *right, &right));
  GKT_GO(gkt_vector_give(a->right, right));
  GKT_GO(check_means(a, report, right));
done:
  gkt_free(&right);
  return status;
}

/* ---- moves ---- */
gkt_status gkt_adjoint_move(gkt_adjoint *a, const gkt_scalar *coords) {
  gkt_mesh_set_coords(a->s->mesh, coords);
  for (int f = 0; f < a->s->num_functions; f++) /* places of nodes, which solvers and messages look at */
    if (a->s->spaces[f] && a->s->spaces[f]->coords) GKT_TRY(gkt_space_place_nodes(a->s->spaces[f], a->s->spaces[f]->coords));
  return gkt_system_set_time(a->s, a->s->inputs.time);
}

double gkt_adjoint_shape_unit(const gkt_adjoint *a) { return 0.2 * gkt_mesh_shortest_edge(a->s->mesh); }
