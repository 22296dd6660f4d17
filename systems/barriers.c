/* Bodies turned inside out, and what else a form cannot pass (forms/barriers.h): Newton's steps are kept from it, and a solution that is there all the same is not passed over. */
#include "systems/system.h"

#include "assembly/find_lowest.h"
#include "assembly/find_nonfinite.h"
#include "forms/describe.h"

/* They depend on the data, by the signs that factors have. Where these find the same as before, its plan stays. */
gkt_status gkt_system_find_barriers(gkt_system *s) {
  gkt_barriers *found = NULL;
  if (s->has_barriers) return GKT_OK;
  GKT_TRY(gkt_form_find_barriers(s->residual, gkt_system_range, s, &found));
  if (!found || !s->barriers || !gkt_forms_are_equal(found->form, s->barriers->form)) gkt_assembler_destroy(&s->barrier_assembler);
  gkt_barriers_destroy(&s->barriers);
  s->barriers = found;
  if (found && !s->barrier_assembler) GKT_TRY(gkt_assembler_create(found->form, s->mesh, s->spaces, &s->barrier_assembler));
  s->has_barriers = true;
  return GKT_OK;
}

gkt_status gkt_system_is_inside_at(gkt_system *s, const gkt_inputs *inputs, bool *inside) {
  gkt_scalar volume = 0; /* of the points beyond: each weight is positive */
  if (s->barriers) GKT_TRY(gkt_assemble_functional(s->barrier_assembler, inputs, &volume));
  *inside = volume == 0;
  return GKT_OK;
}

gkt_status gkt_system_is_inside(gkt_system *s, const gkt_scalar *u, bool *inside) {
  const gkt_inputs inputs = gkt_system_now(s, u);
  return gkt_system_is_inside_at(s, &inputs, inside);
}

/* "det(I + grad(u)) = -1 near x = (1, 2), in cell 3" */
static void describe(const gkt_system *s, const gkt_lowest *l, gkt_text *t) {
  const gkt_barrier *b = &s->barriers->list[l->node];
  if (b->shift < 0) gkt_node_describe(s->scope, b->node, t);
  else gkt_text_printf(t, "det(%sgrad(%s))", b->shift ? "I + " : "", gkt_scope_function_name(s->scope, b->function));
  gkt_text_printf(t, " = %.6g near ", l->value);
  gkt_print_point(s->dim, l->x, t);
  gkt_text_printf(t, ", in cell %d", l->cell);
}

static gkt_status find(gkt_system *s, const gkt_scalar *u, bool all, gkt_lowest *out) {
  gkt_node nodes[GKT_MAX_BARRIERS];
  for (int i = 0; i < s->barriers->count; i++) nodes[i] = s->barriers->list[i].node;
  const gkt_inputs inputs = gkt_system_now(s, u);
  return gkt_find_lowest(s->barrier_assembler, &inputs, all, s->barriers->count, nodes, out);
}

gkt_status gkt_system_print_barrier(gkt_system *s, const gkt_scalar *u, gkt_text *t) {
  gkt_lowest lowest;
  GKT_TRY(find(s, u, true, &lowest));
  describe(s, &lowest, t);
  return t->status;
}

gkt_status gkt_system_warn_barriers(gkt_system *s, const gkt_scalar *u) {
  gkt_text t = {.ctx = s->ctx};
  gkt_lowest lowest;
  bool inside;
  GKT_TRY(gkt_system_is_inside(s, u, &inside));
  if (inside) return GKT_OK;
  GKT_TRY(find(s, u, false, &lowest));
  const bool pole = s->barriers->list[lowest.node].shift < 0;
  gkt_system_print_place(s->residual, &t);
  gkt_text_printf(&t, "%s: ", pole ? "the solution lies beyond a pole of the form" : "the body is inside out");
  describe(s, &lowest, &t);
  gkt_text_printf(&t, "%s (%lld of %lld points of quadrature); %s", pole ? ", positive at rest" : "", (long long)lowest.num_flagged, (long long)lowest.num_points,
                  s->barriers->blocks ? "no load that grows from rest leads there: expected another `initial`"
                                      : "nothing in the form keeps it from that: expected solver.nonlinear.load_steps, or another `initial`");
  if (t.data) gkt_log(s->ctx, GKT_LOG_WARNING, "%s", t.data);
  gkt_text_free(&t);
  return t.status;
}
