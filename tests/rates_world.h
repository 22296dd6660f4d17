/* Shared by the tests of systems with rates: a vector and a scalar on a small box, for one form. Included behind tests/gkt_test.h. */
#ifndef GKT_TESTS_RATES_WORLD_H
#define GKT_TESTS_RATES_WORLD_H
#include "galerkit/system.h"

static inline void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V, *P;
  gkt_form *form;
  gkt_system *system;
  int u, p;
} world;

static inline gkt_expression *parse(const world *w, const char *text) {
  gkt_expression *e;
  ok(gkt_expression_parse(w->scope, &(gkt_source){.text = text}, &e));
  return e;
}

typedef struct {
  int cells[2], num_unknowns;
  const char *form, *held, *sides[2]; /* u is held at `held` on these; NULL: no side */
  bool lumps;                         /* the masses of u */
} scalar_world;

static inline void lump(world *w) {
  gkt_form *lumped;
  ok(gkt_form_lump(w->form, w->u, &lumped));
  gkt_form_destroy(&w->form);
  w->form = lumped;
}

/* On the unit square u with test v, and p with test q, in P1. */
static inline world make_scalar_world(gkt_context *context, const scalar_world *o) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  const gkt_space *spaces[4] = {NULL};
  world w = {0};
  ok(gkt_mesh_box(context, &(gkt_box){GKT_TRIANGLE, 2, {o->cells[0], o->cells[1]}, {0, 0}, {1, 1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, P1, gkt_shape_scalar(), &w.V));
  ok(gkt_scope_create(context, 2, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), P1, &w.u));
  ok(gkt_scope_add_field(w.scope, "p", "q", gkt_shape_scalar(), P1, &w.p));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = o->form, .file = "a.yaml", .key = "equation"}, &w.form));
  if (o->lumps) lump(&w);
  spaces[w.u] = spaces[w.p] = w.V;
  ok(gkt_system_create(w.form, w.mesh, o->num_unknowns, (const int[]){w.u, w.p}, spaces, &w.system));
  gkt_expression *value = parse(&w, o->held);
  for (int i = 0; i < 2 && o->sides[i]; i++)
    ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.u, .set = gkt_mesh_find_set(w.mesh, o->sides[i]), .component = -1, .value = value}));
  gkt_expression_destroy(&value);
  return w;
}

/* u: a vector in P2 with test v, held at `left` on the left side; p: P1 with test q; k = 1.5 */
static inline world make_world(gkt_context *context, const char *text, int num_unknowns, const char *left) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, P1 = {GKT_LAGRANGE, 1};
  world w = {0};
  int k;
  ok(gkt_mesh_box(context, &(gkt_box){GKT_TRIANGLE, 2, {3, 3}, {0, 0}, {1.5, 1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, P2, gkt_shape_vector(2), &w.V));
  ok(gkt_space_create(w.mesh, P1, gkt_shape_scalar(), &w.P));
  ok(gkt_scope_create(context, 2, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_vector(2), P2, &w.u));
  ok(gkt_scope_add_field(w.scope, "p", "q", gkt_shape_scalar(), P1, &w.p));
  ok(gkt_scope_add_constant(w.scope, "k", &k));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = text, .file = "a.yaml", .key = "form"}, &w.form));
  const gkt_space **spaces = calloc(4, sizeof *spaces); /* u, v, p, q: no rates */
  spaces[w.u] = w.V, spaces[w.p] = w.P;
  ok(gkt_system_create(w.form, w.mesh, num_unknowns, (const int[]){w.u, w.p}, spaces, &w.system));
  free(spaces);
  ok(gkt_system_set_constant(w.system, "k", 1.5));
  gkt_expression *value;
  ok(gkt_expression_parse(w.scope, &(gkt_source){.text = left}, &value));
  ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.u, .set = gkt_mesh_find_set(w.mesh, "left"), .component = -1, .value = value}));
  gkt_expression_destroy(&value);
  return w;
}

static inline void clear(world *w) {
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_space_destroy(&w->P);
  gkt_mesh_destroy(&w->mesh);
}
#endif
