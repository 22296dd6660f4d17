/* A vector field and a scalar one whose nodes are tied or turned, on any mesh: shared by the tests of assembly with ties. */
#ifndef GKT_TESTS_TIED_PAIR_H
#define GKT_TESTS_TIED_PAIR_H
#include "assembly/constraints.h"
#include "tests/element_meshes.h"

/* u (vector, test v) and p (scalar, test q) */
enum { U, V, P, Q, NUM };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *spaces[NUM];
  gkt_scalar *values[NUM];
  gkt_idx dofs; /* of u and p */
  gkt_constraints *constraints;
  const gkt_ties *ties[NUM];
} pair;

static inline void tie(pair *w, int space, const char *from, const char *to, const gkt_rotation *rotation) {
  const gkt_mesh_set *a = gkt_mesh_find_set(w->mesh, from), *b = gkt_mesh_find_set(w->mesh, to);
  gkt_match match;
  must(gkt_match_create(w->mesh, a, b, rotation, &match), "match");
  must(gkt_constraints_tie(w->constraints, space, a, b, &match, NULL), "tie");
  gkt_match_clear(&match);
}

static inline void lean(int dim, double *x) {
  if (dim == 2) x[0] += 0.4 * x[1];
  else x[0] += 0.4 * x[1] + 0.2 * x[2];
}

typedef enum { PERIODIC, QUARTER, SLIP, NUM_TIES } tie_kind;
static inline pair make_pair(mesh_kind kind, int n, tie_kind ties) {
  pair w = {.mesh = unit_mesh(kind, n)};
  const int dim = gkt_mesh_dim(w.mesh);
  int f;
  static const gkt_rotation quarter = {.angle = 90, .axis = {0, 0, 1}};
  if (ties != QUARTER) map_nodes(w.mesh, lean);
  must(gkt_scope_create(ctx, dim, &w.scope), "scope");
  must(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &f), "u");
  must(gkt_scope_add_field(w.scope, "p", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), "p");
  w.spaces[U] = make_space(w.mesh, false, 2, gkt_shape_vector(dim)), w.spaces[P] = make_space(w.mesh, false, 1, gkt_shape_scalar());
  for (f = U; f <= P; f += P - U) {
    w.values[f] = malloc(sizeof(double) * (size_t)gkt_space_num_dofs(w.spaces[f]));
    for (gkt_idx i = 0; i < gkt_space_num_dofs(w.spaces[f]); i++) w.values[f][i] = wave(i, f);
    w.dofs += gkt_space_num_dofs(w.spaces[f]);
  }
  must(gkt_constraints_create(2, (const gkt_space *const[]){w.spaces[U], w.spaces[P]}, &w.constraints), "constraints");
  for (int s = 0; s < 2 && ties == PERIODIC; s++) {
    tie(&w, s, "left", "right", NULL), tie(&w, s, "bottom", "top", NULL);
    if (dim == 3) tie(&w, s, "back", "front", NULL);
  }
  for (int s = 0; s < 2 && ties == QUARTER; s++) tie(&w, s, "bottom", "left", &quarter);
  if (ties == SLIP) {
    gkt_source source = {.text = "0", .file = "a.yaml", .key = "conditions"};
    gkt_expression *zero;
    must(gkt_expression_parse(w.scope, &source, &zero), "0");
    must(gkt_constraints_add(w.constraints, 0, gkt_mesh_find_set(w.mesh, "left"), GKT_NORMAL, zero, NULL, NULL), "slip");
    must(gkt_constraints_add(w.constraints, 0, gkt_mesh_find_set(w.mesh, "top"), GKT_NORMAL, zero, NULL, NULL), "slip");
    gkt_expression_destroy(&zero);
  }
  w.ties[U] = gkt_constraints_ties(w.constraints, 0), w.ties[P] = gkt_constraints_ties(w.constraints, 1);
  return w;
}

static inline void free_pair(pair *w) {
  gkt_constraints_destroy(&w->constraints);
  for (int f = 0; f < NUM; f++) gkt_space_destroy(&w->spaces[f]), free(w->values[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

static inline gkt_inputs inputs_of_pair(const pair *w) { return (gkt_inputs){.spaces = (const gkt_space *const *)w->spaces, .values = (const gkt_scalar *const *)w->values}; }

static const char *const SYMMETRIC = "2*inner(sym(grad(u)), sym(grad(v)))*dx - p*div(v)*dx - q*div(u)*dx + 0.3*dot(u, v)*ds(left) - 0.1*p*q*dx - v[0]*dx(degree=2)",
                         *const GENERAL = "inner(grad(u)*u, v)*dx + inner(grad(u), grad(v))*dx + p^2*v[0]*dx + q*dot(u, u)*dx + dot(grad(p), grad(q))*dx",
                         *const ONE_FIELD = "2*inner(sym(grad(u)), sym(grad(v)))*dx + dot(u, u)*u[0]*v[1]*ds(right) - v[0]*dx";

static inline gkt_form *parse(const pair *w, const char *text) {
  gkt_source source = {.text = text, .file = "a.yaml", .key = "equation"};
  gkt_form *form = NULL;
  must(gkt_form_parse(w->scope, GKT_EQUATION, &source, &form), text);
  return form;
}

#endif
