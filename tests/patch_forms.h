/* Forms with fields and coefficients on a mesh, with an assembler: for tests of fused assembly. */
#ifndef GKT_TESTS_PATCH_FORMS_H
#define GKT_TESTS_PATCH_FORMS_H
#include "tests/element_form.h"

enum { MOST_FUNCTIONS = 8 };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_form *residual, *form;
  const gkt_space *spaces[MOST_FUNCTIONS];
  gkt_scalar *values[MOST_FUNCTIONS];
  int num_functions;
  gkt_scalar constants[1];
  gkt_assembler *assembler;
} posed;

static inline void add_function(posed *p, bool field, const char *name, const char *test, int components, int degree) {
  const gkt_shape shape = components > 1 ? gkt_shape_vector(components) : gkt_shape_scalar();
  gkt_space *space;
  int f, count;
  if (field) must(gkt_scope_add_field(p->scope, name, test, shape, lagrange(false, degree), &f), name);
  else must(gkt_scope_add_coefficient(p->scope, name, shape, lagrange(false, degree), &f), name);
  must(gkt_space_create(p->mesh, lagrange(false, degree), shape, &space), name);
  p->spaces[f] = space, p->num_functions = gkt_scope_num_functions(p->scope);
  count = gkt_space_num_dofs(space);
  p->values[f] = malloc((size_t)count * sizeof(gkt_scalar));
  for (int i = 0; i < count; i++) p->values[f][i] = 1.2 + sin(0.7 * i + f);
}

/* arity 1: the residual of the equation; 2: its tangent. two: a second field p of degree 1 with test q. */
static inline void pose(gkt_mesh *mesh, int degree, int components, bool two, int arity, const char *equation, posed *p) {
  gkt_source source = {.text = equation, .key = "equation"};
  int unknowns[2], f;
  *p = (posed){.mesh = mesh, .constants = {1.3}};
  must(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &p->scope), "scope");
  add_function(p, true, "u", "v", components, degree);
  if (two) add_function(p, true, "p", "q", 1, 1);
  add_function(p, false, "c", NULL, 1, 1);
  must(gkt_scope_add_constant(p->scope, "k", &f), "k");
  unknowns[0] = gkt_scope_find_function(p->scope, "u"), unknowns[1] = gkt_scope_find_function(p->scope, "p");
  must(gkt_form_parse(p->scope, GKT_EQUATION, &source, &p->residual), equation);
  if (arity == 2) must(gkt_form_derivative(p->residual, two ? 2 : 1, unknowns, &p->form), equation);
  must(gkt_assembler_create(arity == 2 ? p->form : p->residual, mesh, p->spaces, &p->assembler), equation);
}

static inline void drop(posed *p) {
  gkt_assembler_destroy(&p->assembler);
  gkt_form_destroy(&p->form);
  gkt_form_destroy(&p->residual);
  for (int f = 0; f < p->num_functions; f++) {
    gkt_space *s = (gkt_space *)p->spaces[f];
    gkt_space_destroy(&s);
    free(p->values[f]);
  }
  gkt_scope_destroy(&p->scope);
  gkt_mesh_destroy(&p->mesh);
}
#endif
