/* Systems of several unknowns for tests: fields p (test q), u (test v), s (test r) in spaces that are given, on a mesh that is given. */
#ifndef GKT_TESTS_SEVERAL_UNKNOWNS_H
#define GKT_TESTS_SEVERAL_UNKNOWNS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/system.h"
#include "tests/gkt_test.h"

enum { P, Q, U, V, S, R, FUNCTIONS };
enum { MOST_CONDITIONS = 8 };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *own[FUNCTIONS];
  const gkt_space *spaces[FUNCTIONS];
  gkt_form *form;
  gkt_system *system;
  int num_values;
  gkt_expression *values[MOST_CONDITIONS];
} world;

static inline void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* elements, shapes [3]: of p, u, s. Takes the mesh over. */
static inline world open_world(gkt_context *context, gkt_mesh *mesh, const gkt_element *elements, const gkt_shape *shapes) {
  static const char *const names[] = {"p", "u", "s"}, *const tests[] = {"q", "v", "r"};
  world w = {.mesh = mesh};
  ok(gkt_mesh_topology(mesh));
  ok(gkt_scope_create(context, gkt_mesh_dim(mesh), &w.scope));
  for (int i = 0, f; i < 3; i++) {
    ok(gkt_scope_add_field(w.scope, names[i], tests[i], shapes[i], elements[i], &f));
    assert_int_equal(f, 2 * i);
    ok(gkt_space_create(mesh, elements[i], shapes[i], &w.own[f]));
    w.spaces[f] = w.own[f];
  }
  return w;
}

static inline void close_system(world *w) {
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  while (w->num_values) gkt_expression_destroy(&w->values[--w->num_values]);
}

static inline void close_world(world *w) {
  close_system(w);
  for (int f = 0; f < FUNCTIONS; f++) gkt_space_destroy(&w->own[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
}

static inline gkt_status try_system(world *w, gkt_form_kind kind, const char *text, int count, const int *unknowns) {
  ok(gkt_form_parse(w->scope, kind, &(gkt_source){.text = text, .file = "a.yaml", .key = "form"}, &w->form));
  return gkt_system_create(w->form, w->mesh, count, unknowns, w->spaces, &w->system);
}

static inline void make_system(world *w, gkt_form_kind kind, const char *text, int count, const int *unknowns) { ok(try_system(w, kind, text, count, unknowns)); }

static inline void hold(world *w, int unknown, const char *set, const char *value) {
  gkt_expression **e = &w->values[w->num_values++];
  ok(gkt_expression_parse(w->scope, &(gkt_source){.text = value}, e));
  ok(gkt_system_constrain(w->system, &(gkt_condition){.unknown = unknown, .set = gkt_mesh_find_set(w->mesh, set), .component = -1, .value = *e, .note = set}));
}

static inline gkt_vector *vector_of(const gkt_system *s) {
  gkt_vector *v;
  ok(gkt_system_vector(s, &v));
  return v;
}

/* The solution by a factor; the report's text on failure. */
static inline gkt_vector *solve(world *w) {
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  gkt_vector *u = vector_of(w->system);
  options.newton.linear.method = GKT_LINEAR_DIRECT;
  ok(gkt_system_solve(w->system, &options, u, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
  return u;
}

static inline double largest_difference(gkt_size n, const gkt_scalar *a, const gkt_scalar *b) {
  double most = 0;
  for (gkt_size i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
  return most;
}
#endif
