/* Claim: whichever allocation fails, alone or with all that follow, spaces, nodes of sets, evaluation, interpolation and the search for points say that memory is exhausted and
   leave nothing allocated. */
#include <math.h>

#include "tests/failing_memory.h"

#include "spaces/space.h"

enum { POINTS = 3 };
static const gkt_context_options poisoned = {.threads = 2, .poison = true};

typedef struct {
  gkt_cell_type shape;
  gkt_element element;
} space_case;

typedef struct {
  gkt_mesh *mesh;
  gkt_space *space;
  gkt_scope *scope;
  gkt_expression *e;
  gkt_idx *nodes;
  gkt_scalar *u, *into;
} objects;

static gkt_status evaluate_everywhere(gkt_context *ctx, objects *o, const gkt_inputs *inputs) {
  double point[3] = {0.3, 0.2, 0.1}, xi[3 * POINTS];
  gkt_idx cells[POINTS];
  gkt_scalar values[POINTS * 9];
  int found;
  (void)ctx;
  GKT_TRY(gkt_locate(o->mesh, point, POINTS, cells, xi, &found));
  GKT_TRY(gkt_evaluate(o->e, o->mesh, inputs, found, cells, xi, NULL, values));
  return gkt_interpolate(o->e, o->space, inputs, o->into);
}

static gkt_status parse(gkt_context *ctx, objects *o, int dim, gkt_element element, const char *text) {
  gkt_source source = {.text = text};
  int f;
  GKT_TRY(gkt_scope_create(ctx, dim, &o->scope));
  GKT_TRY(gkt_scope_add_field(o->scope, "u", NULL, gkt_shape_scalar(), element, &f));
  return gkt_expression_parse(o->scope, &source, &o->e);
}

static gkt_status make(gkt_context *ctx, objects *o, const space_case *c) {
  gkt_box box = {.shape = c->shape, .dim = gkt_cell_topologies[c->shape].dim, .cells = {2, 2, 2}, .upper = {1, 1, 1}};
  gkt_idx count;
  GKT_TRY(gkt_mesh_box(ctx, &box, &o->mesh));
  GKT_TRY(gkt_space_create(o->mesh, c->element, gkt_shape_scalar(), &o->space));
  GKT_TRY(gkt_mesh_topology(o->mesh));
  if (c->element.kind == GKT_LAGRANGE || c->element.kind == GKT_BUBBLE) GKT_TRY(gkt_space_nodes_on(o->space, gkt_mesh_find_set(o->mesh, "left"), &count, &o->nodes));
  GKT_TRY(gkt_calloc(ctx, gkt_space_num_dofs(o->space), sizeof *o->u, &o->u));
  return gkt_calloc(ctx, gkt_space_num_dofs(o->space), sizeof *o->into, &o->into);
}

static gkt_status work(gkt_context *ctx, void *user) {
  const space_case *c = user;
  objects o = {0};
  gkt_status status;
  GKT_GO(make(ctx, &o, c));
  GKT_GO(parse(ctx, &o, gkt_mesh_dim(o.mesh), c->element, "x[0]*u + t"));
  const gkt_space *spaces[] = {o.space};
  const gkt_scalar *values[] = {o.u};
  const gkt_inputs inputs = {.spaces = spaces, .values = values, .time = 0.5};
  GKT_GO(evaluate_everywhere(ctx, &o, &inputs));
done:
  gkt_free(&o.into);
  gkt_free(&o.u);
  free(o.nodes);
  gkt_expression_destroy(&o.e);
  gkt_scope_destroy(&o.scope);
  gkt_space_destroy(&o.space);
  gkt_mesh_destroy(&o.mesh);
  return status;
}

static gkt_status at_points(gkt_context *ctx, void *user) {
  const double coords[2 * POINTS] = {0, 0, 1, 2, 3, 4};
  gkt_scalar out[POINTS];
  objects o = {0};
  gkt_inputs inputs = {0};
  gkt_status status;
  (void)user;
  GKT_GO(parse(ctx, &o, 2, (gkt_element){GKT_LAGRANGE, 1}, "x[0]*x[1] + t"));
  GKT_GO(gkt_evaluate_at(o.e, 2, &inputs, POINTS, coords, out));
done:
  gkt_expression_destroy(&o.e);
  gkt_scope_destroy(&o.scope);
  return status;
}

/* A space at quadrature points, on cells of two kinds of rule, updated from itself. */
static gkt_status history(gkt_context *ctx, void *user) {
  const gkt_box box = {.shape = *(const gkt_cell_type *)user, .dim = 2, .cells = {2, 2}, .upper = {1, 1}};
  gkt_source source = {.text = "q + x[0]"};
  objects o = {0};
  gkt_status status;
  int f;
  GKT_GO(gkt_mesh_box(ctx, &box, &o.mesh));
  GKT_GO(gkt_space_create(o.mesh, (gkt_element){GKT_QUADRATURE_POINTS, 3}, gkt_shape_scalar(), &o.space));
  GKT_GO(gkt_calloc(ctx, gkt_space_num_dofs(o.space), sizeof *o.u, &o.u));
  GKT_GO(gkt_calloc(ctx, gkt_space_num_dofs(o.space), sizeof *o.into, &o.into));
  GKT_GO(gkt_scope_create(ctx, 2, &o.scope));
  GKT_GO(gkt_scope_add_coefficient(o.scope, "q", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &f));
  GKT_GO(gkt_expression_parse(o.scope, &source, &o.e));
  const gkt_space *spaces[] = {o.space};
  const gkt_scalar *values[] = {o.u};
  const gkt_inputs inputs = {.spaces = spaces, .values = values};
  GKT_GO(gkt_interpolate(o.e, o.space, &inputs, o.into));
done:
  gkt_free(&o.into);
  gkt_free(&o.u);
  gkt_expression_destroy(&o.e);
  gkt_scope_destroy(&o.scope);
  gkt_space_destroy(&o.space);
  gkt_mesh_destroy(&o.mesh);
  return status;
}

static gkt_status reals(gkt_context *ctx, void *user) {
  const gkt_box box = {.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {2, 1, 1}, .upper = {1, 1, 1}};
  const gkt_source source = {.text = "2*c + t"};
  gkt_scalar c = 3, out;
  objects o = {0};
  gkt_status status;
  int f;
  (void)user;
  GKT_GO(gkt_mesh_box(ctx, &box, &o.mesh));
  GKT_GO(gkt_space_create(o.mesh, (gkt_element){GKT_REAL, 0}, gkt_shape_scalar(), &o.space));
  GKT_GO(gkt_scope_create(ctx, 3, &o.scope));
  GKT_GO(gkt_scope_add_field(o.scope, "c", NULL, gkt_shape_scalar(), (gkt_element){GKT_REAL, 0}, &f));
  GKT_GO(gkt_expression_parse(o.scope, &source, &o.e));
  const gkt_space *spaces[] = {o.space};
  const gkt_scalar *values[] = {&c};
  const gkt_inputs inputs = {.spaces = spaces, .values = values, .time = 0.5};
  GKT_GO(gkt_interpolate(o.e, o.space, &inputs, &out));
  assert_true(out == 6.5);
done:
  gkt_expression_destroy(&o.e);
  gkt_scope_destroy(&o.scope);
  gkt_space_destroy(&o.space);
  gkt_mesh_destroy(&o.mesh);
  return status;
}

static void spaces_fail_cleanly(void **state) {
  space_case cases[] = {{GKT_LINE, {GKT_LAGRANGE, 3}},        {GKT_TRIANGLE, {GKT_DISCONTINUOUS_LAGRANGE, 1}},   {GKT_QUADRILATERAL, {GKT_LAGRANGE, 2}},
                        {GKT_TETRAHEDRON, {GKT_LAGRANGE, 4}}, {GKT_HEXAHEDRON, {GKT_DISCONTINUOUS_LAGRANGE, 0}}, {GKT_TETRAHEDRON, {GKT_BUBBLE, 2}}};
  (void)state;
  for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) assert_true(fail_each(gkt_cell_topologies[cases[i].shape].name, work, &cases[i], &poisoned) > 40);
  for (int quadrilateral = 0; quadrilateral < 2; quadrilateral++)
    assert_true(fail_each("history", history, &(gkt_cell_type){quadrilateral ? GKT_QUADRILATERAL : GKT_TRIANGLE}, &poisoned) > 40);
  assert_true(fail_each("points", at_points, NULL, &poisoned) > 10);
  assert_true(fail_each("reals", reals, NULL, &poisoned) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(spaces_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
