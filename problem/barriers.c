/* Bodies turned inside out, and what else a form cannot pass (forms/barriers.h): Newton's steps are kept from it, and a solution that is there all the same is not passed over. */
#include "assembly/find_lowest.h"
#include "forms/describe.h"
#include "problem/solve.h"

gkt_status gkt_problem_make_barriers(gkt_problem *p) {
  gkt_assembler_info info;
  GKT_TRY(gkt_form_find_barriers(p->residual, gkt_problem_range, p, &p->barriers));
  if (!p->barriers) return GKT_OK;
  GKT_TRY(gkt_assembler_create(p->barriers->form, p->mesh, p->spaces, &p->barrier_assembler));
  gkt_assembler_get_info(p->barrier_assembler, &info);
  p->timings[GKT_TIME_COMPILE] += info.compile_seconds;
  return GKT_OK;
}

gkt_status gkt_problem_is_inside(gkt_problem *p, const gkt_inputs *inputs, bool *inside) {
  gkt_scalar volume = 0; /* of the points beyond: each weight is positive */
  if (p->barriers) GKT_TRY(gkt_assemble_functional(p->barrier_assembler, inputs, &volume));
  *inside = volume == 0;
  return GKT_OK;
}

/* "det(I + grad(u)) = -1 near x = (1, 2), in cell 3" */
static void describe(const gkt_problem *p, const gkt_lowest *l, gkt_text *t) {
  const gkt_barrier *b = &p->barriers->list[l->node];
  if (b->shift < 0) gkt_node_describe(p->scope, b->node, t);
  else gkt_text_printf(t, "det(%sgrad(%s))", b->shift ? "I + " : "", gkt_scope_function_name(p->scope, p->field));
  gkt_text_printf(t, " = %.6g near ", l->value);
  gkt_problem_print_point(p, l->x, t);
  gkt_text_printf(t, ", in cell %d", l->cell);
}

static gkt_status find(gkt_problem *p, const gkt_inputs *inputs, bool all, gkt_lowest *out) {
  gkt_node nodes[GKT_MAX_BARRIERS];
  for (int i = 0; i < p->barriers->count; i++) nodes[i] = p->barriers->list[i].node;
  return gkt_find_lowest(p->barrier_assembler, inputs, all, p->barriers->count, nodes, out);
}

gkt_status gkt_problem_print_barrier(gkt_problem *p, const gkt_inputs *inputs, gkt_text *t) {
  gkt_lowest lowest;
  GKT_TRY(find(p, inputs, true, &lowest));
  describe(p, &lowest, t);
  return t->status;
}

gkt_status gkt_problem_warn_barriers(gkt_problem *p) {
  gkt_text t = {.ctx = p->ctx};
  gkt_lowest lowest;
  bool inside;
  GKT_TRY(gkt_problem_is_inside(p, &p->inputs, &inside));
  if (inside) return GKT_OK;
  GKT_TRY(find(p, &p->inputs, false, &lowest));
  const bool pole = p->barriers->list[lowest.node].shift < 0;
  gkt_problem_print_source(gkt_problem_form_source(p), &t);
  gkt_text_printf(&t, "%s: ", pole ? "the solution lies beyond a pole of the form" : "the body is inside out");
  describe(p, &lowest, &t);
  gkt_text_printf(&t, "%s (%lld of %lld points of quadrature); %s", pole ? ", positive at rest" : "", (long long)lowest.num_flagged, (long long)lowest.num_points,
                  p->barriers->blocks ? "no load that grows from rest leads there: expected another `initial`"
                                      : "nothing in the form keeps it from that: expected solver.nonlinear.load_steps, or another `initial`");
  if (t.data) gkt_problem_warn(p, "%s", t.data);
  gkt_text_free(&t);
  return t.status;
}
