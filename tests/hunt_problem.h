/* Random small problems as text, of the kinds that leave a solution undetermined or hide a wrong one: integrals over parts of the mesh, on facets, of one derivative only, springs,
   penalties, unlike materials, jumps of conditions, scales, too few points, forms without symmetry. A problem is a list of pieces, so that what does not matter can be left out. */
#ifndef GKT_TESTS_HUNT_PROBLEM_H
#define GKT_TESTS_HUNT_PROBLEM_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PIECES = 12, TEXT_SIZE = 8000 };
typedef struct {
  char mesh[160], field[80], more[400], solver[200], initial[60]; /* more: fields after u; all of them, where `field` is empty */
  int dim, components;                                            /* 1: scalar */
  int num_left, num_right, num_conditions;
  char left[MAX_PIECES][260], right[MAX_PIECES][260], conditions[MAX_PIECES][160];
} hunt_problem;

/* ---- chance: Knuth's linear congruence (MMIX) ---- */
static uint64_t hunt_seed;
static int chance(int n) { /* 0 .. n-1 */
  hunt_seed = hunt_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (int)((hunt_seed >> 33) % (uint64_t)n);
}
static bool once_in(int n) { return chance(n) == 0; }
#define ONE_OF(list) ((list)[chance((int)(sizeof(list) / sizeof *(list)))])

/* ---- pieces ---- */
static const char *factor(void) {
  static const char *const sizes[] = {"1e-8", "1e-3", "1e3", "1e6", "1e8", "1e10", "1e12", "0.5", "2", "-1"};
  return once_in(3) ? ONE_OF(sizes) : "1";
}

static const char *cells_of(void) {
  static const char *const parts[] = {"dx(A)", "dx(B)", "dx(C)", "dx(degree=0)", "dx(A, degree=0)", "dx(degree=1)"};
  return once_in(3) ? ONE_OF(parts) : "dx";
}

static const char *facets_of(void) {
  static const char *const sides[] = {"ds(left)", "ds(right)", "ds(W)", "ds"};
  return ONE_OF(sides);
}

static void scalar_term(const hunt_problem *h, char *out, size_t size) {
  const char *c = factor(), *m = cells_of(), *f = facets_of();
  int d = chance(h->dim);
  switch (chance(15)) {
  case 0:
  case 1:
  case 2: snprintf(out, size, "%s*dot(grad(u), grad(v))*%s", c, m); break;
  case 3: snprintf(out, size, "%s*grad(u)[%d]*grad(v)[%d]*%s", c, d, d, m); break;
  case 4: snprintf(out, size, "%s*(1 + x[0]^2)*dot(grad(u), grad(v))*%s", c, m); break;
  case 5: snprintf(out, size, "%s*u*v*%s", c, m); break;
  case 6: snprintf(out, size, "%s*grad(u)[%d]*v*%s", c, d, m); break;
  case 7: snprintf(out, size, "%s*u*v*%s", c, f); break;
  case 8: snprintf(out, size, "1e%d*(u - %d)*v*%s", 6 + chance(9), chance(3), f); break;
  case 9: snprintf(out, size, "%s*dot(grad(u), n)*v*%s", c, f); break;
  case 10: snprintf(out, size, "%s*(dot(grad(u), grad(v)) - dot(grad(u), n)*dot(grad(v), n))*%s", c, f); break;
  case 11: snprintf(out, size, "conditional(x[%d] < 0.5, %s, %s)*dot(grad(u), grad(v))*dx", d, factor(), factor()); break;
  case 12: snprintf(out, size, "%s*grad(u)[%d]*grad(v)[%d]*%s", c, d, chance(h->dim), m); break;
  case 13: snprintf(out, size, "(1e15 - 1.000000000000006*1e15)*%s*%s", once_in(2) ? "grad(u)[0]*v" : "u*v", m); break;
  default: snprintf(out, size, "(%s*u*v + %s*grad(u)[0]*v)*%s", c, factor(), m);
  }
}

static void vector_term(const hunt_problem *h, char *out, size_t size) {
  const char *c = factor(), *m = cells_of(), *f = facets_of();
  int i = chance(h->dim), j = chance(h->dim);
  switch (chance(14)) {
  case 0:
  case 1: snprintf(out, size, "%s*inner(grad(u), grad(v))*%s", c, m); break;
  case 2:
  case 3: snprintf(out, size, "%s*inner(sym(grad(u)), sym(grad(v)))*%s", c, m); break;
  case 4: snprintf(out, size, "(%s*inner(sym(grad(u)), sym(grad(v))) + %s*div(u)*div(v))*%s", c, factor(), m); break;
  case 5: snprintf(out, size, "%s*div(u)*div(v)*%s", c, m); break;
  case 6: snprintf(out, size, "%s*dot(u, v)*%s", c, m); break;
  case 7: snprintf(out, size, "%s*u[%d]*v[%d]*%s", c, i, i, m); break;
  case 8: snprintf(out, size, "%s*u[%d]*v[%d]*%s", i == j ? c : "1", i, j, m); break;
  case 9: snprintf(out, size, "%s*dot(grad(u)[%d], grad(v)[%d])*%s", c, i, i, m); break;
  case 10: snprintf(out, size, "%s*dot(u, n)*dot(v, n)*%s", c, f); break;
  case 11: snprintf(out, size, "%s*(dot(u, v) - dot(u, n)*dot(v, n))*%s", c, f); break;
  case 12: snprintf(out, size, "1e%d*(u[%d] - %d)*v[%d]*%s", 6 + chance(9), i, chance(3), i, f); break;
  default: snprintf(out, size, "%s*grad(u)[%d,%d]*v[%d]*%s", c, i, j, i, m);
  }
}

static const char *const vector_laws[] = {"0.1*dot(u, u)*dot(u, v)*%s", "(1 + 0.1*dot(u, u))*inner(grad(u), grad(v))*%s"};
static const char *const laws[] = {"0.1*u^3*v*%s",       "(1 + 0.1*u^2)*dot(grad(u), grad(v))*%s",  "abs(u)*u*v*%s",
                                   "max(0, u - 1)*v*%s", "conditional(u < 0.1, u, 2*u - 0.1)*v*%s", "(1 + dot(grad(u), grad(u)))*dot(grad(u), grad(v))*%s",
                                   "atan2(u, u)*v*%s"};
static const char *const other_laws[] = {"0.1*exp(0.1*u)*v*%s", "conditional(u < 0.02, 1, 0.5)*v*%s", "(1 + conditional(u < 0.02, 3, 0))*dot(grad(u), grad(v))*%s"};

static void nonlinear_term(const hunt_problem *h, char *out, size_t size) {
  const char *law = h->components > 1 ? ONE_OF(vector_laws) : once_in(3) ? ONE_OF(other_laws) : ONE_OF(laws);
  snprintf(out, size, law, once_in(3) ? "dx(A)" : "dx");
}

/* Half of them balance on the box. */
static void load(const hunt_problem *h, char *out, size_t size) {
  static const char *const values[] = {"1", "(x[0] - 0.5)", "(x[0] - 0.5)", "sin(6*x[0])", "1e-6", "1e6", "8", "(2*x[0] - 1)*1e3"};
  char test[16] = "v";
  if (h->components > 1) snprintf(test, sizeof test, "v[%d]", chance(h->dim));
  if (once_in(8) && h->components == 1) snprintf(out, size, "grad(v)[%d]*dx", chance(h->dim));
  else snprintf(out, size, "%s*%s*%s", ONE_OF(values), test, once_in(5) ? facets_of() : once_in(4) ? "dx(A)" : "dx");
}

static void condition(const hunt_problem *h, bool in_cells, char *out, size_t size) {
  static const char *const places[] = {"left", "left", "right", "W", "boundary", "A", "[left, right]"};
  static const char *const values[] = {"0", "0", "0", "1", "1e6", "1e-6", "\"1e6 + x[0]\"", "\"x[0]\"", "1e9"};
  const char *value = ONE_OF(values);
  if (in_cells) snprintf(out, size, "{on: A, value: %s}", value);
  else if (h->components == 1) snprintf(out, size, "{on: %s, value: %s}", ONE_OF(places), value);
  else if (once_in(2)) snprintf(out, size, "{on: %s, component: %d, value: %s}", ONE_OF(places), chance(h->dim), value);
  else snprintf(out, size, "{on: %s, value: 0}", ONE_OF(places));
}

/* ---- the whole ---- */
/* Up to about 200 dofs. */
static void choose_space(hunt_problem *h, bool discontinuous) {
  static const char *const shapes[] = {"line", "tri", "quad", "tet", "hex"};
  int shape = chance(5), dim = shape == 0 ? 1 : shape < 3 ? 2 : 3, degree = once_in(3) ? 2 : 1;
  static const int most[4][3] = {{0}, {40, 40, 20}, {8, 8, 4}, {4, 3, 2}};
  bool vector = !discontinuous && dim > 1 && once_in(3);
  int n = most[dim][degree] - (vector ? dim == 2 ? 2 * degree : 1 : 0), cells[3];
  if (vector && dim == 3) degree = 1, n = 3;
  for (int d = 0; d < dim; d++) cells[d] = 2 + chance(n > 2 ? n - 1 : 1);
  h->dim = dim, h->components = vector ? dim : 1;
  if (dim == 1) snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d], shape: line}}", cells[0]);
  else if (dim == 2) snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d, %d], shape: %s}}", cells[0], cells[1], shapes[shape]);
  else snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d, %d, %d], shape: %s}}", cells[0], cells[1], 2, shapes[shape]);
  snprintf(h->field, sizeof h->field, "{space: %s%d, shape: %s, test: v}", discontinuous ? "DP" : "P", discontinuous ? 0 : degree, vector ? "vector" : "scalar");
}

static void choose_solver(hunt_problem *h, bool iterations) {
  static const char *const methods[] = {"auto", "auto", "auto", "direct", "direct", "cg", "gmres", "bicgstab", "minres"};
  static const char *const options[] = {
      "", "", "", "", "", ", options: -pc_type jacobi", ", options: -ksp_type cg -pc_type jacobi", ", options: -ksp_type gmres -pc_type none", ", nullspace: none"};
  snprintf(h->solver, sizeof h->solver, "{linear: %s%s%s}", ONE_OF(methods), ONE_OF(options), iterations ? ", nonlinear: {iterations: 60}" : "");
}

static void choose_start(hunt_problem *h) {
  static const char *const starts[] = {"1", "1e3", "1e6", "x[0]", "-1"};
  char one[20];
  snprintf(one, sizeof one, "%s", ONE_OF(starts));
  if (h->components == 1) snprintf(h->initial, sizeof h->initial, "{u: \"%s\"}", one);
  else snprintf(h->initial, sizeof h->initial, h->dim == 2 ? "{u: [\"%s\", 0]}" : "{u: [\"%s\", 0, 1]}", one);
}

/* All integrals times one number: nothing of the solution changes. */
static void scale(hunt_problem *h) {
  static const char *const scales[] = {"1e155", "1e-155", "1e20", "1e-20"};
  const char *s = ONE_OF(scales);
  char old[260];
  for (int i = 0; i < h->num_left + h->num_right; i++) {
    char *piece = i < h->num_left ? h->left[i] : h->right[i - h->num_left];
    snprintf(old, sizeof old, "%s", piece);
    snprintf(piece, sizeof h->left[0], "%s*%.240s", s, old);
  }
}

static const char *const stiffnesses[] = {"inner(grad(u), grad(v))", "inner(sym(grad(u)), sym(grad(v)))"};

static inline hunt_problem random_problem(uint64_t seed) {
  hunt_problem h = {0};
  hunt_seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
  chance(2);
  bool discontinuous = once_in(25), nonlinear = once_in(5);
  choose_space(&h, discontinuous);
  choose_solver(&h, nonlinear);
  h.num_left = 1 + chance(3), h.num_right = once_in(10) ? 0 : 1 + once_in(4), h.num_conditions = once_in(3) ? 0 : 1 + once_in(3);
  bool whole = !discontinuous && !once_in(3); /* something that sees all of the mesh, held in two of three cases */
  for (int i = 0; i < h.num_left; i++) {
    if (whole && i == 0) snprintf(h.left[i], sizeof h.left[i], "%s*%s*dx", factor(), h.components == 1 ? "dot(grad(u), grad(v))" : ONE_OF(stiffnesses));
    else if (discontinuous) snprintf(h.left[i], sizeof h.left[i], "%s*u*v*%s", factor(), once_in(2) ? cells_of() : facets_of());
    else if (h.components == 1) scalar_term(&h, h.left[i], sizeof h.left[i]);
    else vector_term(&h, h.left[i], sizeof h.left[i]);
  }
  if (nonlinear) nonlinear_term(&h, h.left[h.num_left++], sizeof h.left[0]);
  for (int i = 0; i < h.num_right; i++) load(&h, h.right[i], sizeof h.right[i]);
  for (int i = 0; i < h.num_conditions; i++) condition(&h, discontinuous, h.conditions[i], sizeof h.conditions[i]);
  if (once_in(20)) scale(&h);
  if (nonlinear && once_in(3)) choose_start(&h);
  return h;
}

static void add_text(char *out, const char *format, const char *piece) {
  size_t used = strlen(out);
  snprintf(out + used, TEXT_SIZE - used, format, piece);
}

static void sum_of(char *out, int count, const char (*pieces)[260]) {
  if (count == 0) add_text(out, "%s", "0");
  for (int i = 0; i < count; i++) add_text(out, i ? " + %s" : "%s", pieces[i]);
}

static void problem_text(const hunt_problem *h, char out[TEXT_SIZE]) {
  const char *last = h->dim == 1 ? "x[0]" : h->dim == 2 ? "x[1]" : "x[2]";
  out[0] = 0;
  add_text(out, "mesh: %s\n", h->mesh);
  add_text(out, "%s", "regions: {A: {cells: \"x[0] < 0.5\"}, B: {cells: \"x[0] > 0.5\"}, C: {cells: \"abs(x[0] - 0.5) > 0.2\"}, ");
  add_text(out, "W: {where: \"%s > 0.999\"}}\n", last);
  add_text(out, h->field[0] ? "fields: {u: %s" : "fields: {%s", h->field);
  add_text(out, "%s}\nequation: \"", h->more);
  sum_of(out, h->num_left, h->left);
  add_text(out, "%s", " == ");
  sum_of(out, h->num_right, h->right);
  add_text(out, "%s", "\"\n");
  for (int i = 0; i < h->num_conditions; i++) add_text(out, i ? ", %s" : "conditions: [%s", h->conditions[i]);
  add_text(out, "%s", h->num_conditions ? "]\n" : "");
  add_text(out, h->initial[0] ? "initial: %s\n" : "", h->initial);
  add_text(out, "solver: %s\n", h->solver);
}
#endif
