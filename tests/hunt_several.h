/* Random small problems of two or three fields: u, scalar or vector, as in hunt_problem.h, p beside it in a space of its own, a number m at times. */
#ifndef GKT_TESTS_HUNT_SEVERAL_H
#define GKT_TESTS_HUNT_SEVERAL_H
#include "tests/hunt_problem.h"

static bool has_real(const hunt_problem *h) { return strstr(h->more, "m: ") != NULL; }

/* A term of u alone becomes one of p. */
static void rename_to_p(char *text) {
  for (char *c = text; *c; c++)
    if ((c == text || !strchr("abcdefghijklmnopqrstuvwxyz", c[-1])) && !strchr("abcdefghijklmnopqrstuvwxyz", c[1] ? c[1] : '.')) *c = *c == 'u' ? 'p' : *c == 'v' ? 'q' : *c;
}

static void term_of_p(const hunt_problem *h, char *out, size_t size) {
  hunt_problem scalar = *h;
  scalar.components = 1;
  scalar_term(&scalar, out, size);
  rename_to_p(out);
}

static void scalar_coupling(const hunt_problem *h, char *out, size_t size) {
  const char *c = factor(), *m = cells_of(), *f = facets_of();
  int d = chance(h->dim);
  switch (chance(9)) {
  case 0: snprintf(out, size, "%s*p*v*%s", c, m); break;
  case 1: snprintf(out, size, "%s*u*q*%s", c, m); break;
  case 2: snprintf(out, size, "%s*(p*v %c u*q)*%s", c, once_in(2) ? '+' : '-', m); break;
  case 3: snprintf(out, size, "%s*(u - p)*(v - q)*%s", c, m); break;
  case 4: snprintf(out, size, "%s*(u - p)*(v - q)*%s", c, f); break;
  case 5: snprintf(out, size, "%s*(p*grad(v)[%d] + q*grad(u)[%d])*%s", c, d, d, m); break;
  case 6: snprintf(out, size, "%s*grad(u)[%d]*q*%s", c, d, m); break;
  case 7: snprintf(out, size, "%s*p*v*%s", c, f); break;
  default: snprintf(out, size, "(%s*u*q + %s*p*v)*%s", c, factor(), m);
  }
}

static void vector_coupling(const hunt_problem *h, char *out, size_t size) {
  const char *c = factor(), *m = cells_of(), *f = facets_of();
  int i = chance(h->dim);
  switch (chance(8)) {
  case 0:
  case 1: snprintf(out, size, "%s*(p*div(v) + q*div(u))*%s", c, m); break;
  case 2: snprintf(out, size, "%s*(q*div(u) - p*div(v))*%s", c, m); break;
  case 3: snprintf(out, size, "%s*p*v[%d]*%s", c, i, m); break;
  case 4: snprintf(out, size, "%s*q*div(u)*%s", c, m); break;
  case 5: snprintf(out, size, "%s*(p*dot(v, n) + q*dot(u, n))*%s", c, f); break;
  case 6: snprintf(out, size, "%s*(u[%d] - p)*(v[%d] - q)*%s", c, i, i, m); break;
  default: snprintf(out, size, "%s*p*div(v)*%s", c, m);
  }
}

static void add_left(hunt_problem *h, const char *text) { snprintf(h->left[h->num_left++], sizeof h->left[0], "%s", text); }

/* A flow, or an incompressible body, in spaces that go together. */
static void saddle(hunt_problem *h) {
  char text[260];
  snprintf(text, sizeof text, "%s*%s*dx", factor(), h->components == 1 ? "dot(grad(u), grad(v))" : ONE_OF(stiffnesses));
  add_left(h, text);
  if (h->components == 1) snprintf(text, sizeof text, "(p*grad(v)[0] %c q*grad(u)[0])*dx", once_in(2) ? '+' : '-');
  else snprintf(text, sizeof text, "(p*div(v) %c q*div(u))*dx", once_in(2) ? '+' : '-');
  add_left(h, text);
  if (once_in(4)) add_left(h, once_in(2) ? "-1e-3*p*q*dx" : "1e-6*p*q*dx");
}

/* Three times of four something that sees all of both. */
static void loose(hunt_problem *h) {
  char text[260];
  const bool whole = !once_in(4);
  snprintf(text, sizeof text, "%s*%s*dx", factor(), h->components == 1 ? "dot(grad(u), grad(v))" : ONE_OF(stiffnesses));
  if (whole) add_left(h, text);
  snprintf(text, sizeof text, "%s*%s*dx", factor(), strstr(h->more, "DP0") || once_in(3) ? "p*q" : "dot(grad(p), grad(q))");
  if (whole) add_left(h, text);
  if (!whole || once_in(3)) (h->components == 1 ? scalar_term : vector_term)(h, h->left[h->num_left++], sizeof h->left[0]);
  if (!whole || once_in(3)) term_of_p(h, h->left[h->num_left++], sizeof h->left[0]);
  for (int i = 1 + once_in(3); i > 0; i--) (h->components == 1 ? scalar_coupling : vector_coupling)(h, h->left[h->num_left++], sizeof h->left[0]);
}

/* m: a number that the mean of p or of a component determines. */
static void number_of(hunt_problem *h) {
  const char *value = once_in(2) ? "p" : h->components == 1 ? "u" : "u[0]", *test = *value == 'p' ? "q" : h->components == 1 ? "v" : "v[0]";
  char text[260];
  snprintf(text, sizeof text, "(m*%s + (%s - %d)*l)*dx", test, value, chance(3));
  add_left(h, text);
}

static void field_condition(hunt_problem *h, const char *field, const char *text) {
  snprintf(h->conditions[h->num_conditions++], sizeof h->conditions[0], "{field: %s, %.120s", field, text + 1);
}

/* u is held on all sides in half of the problems, by values that balance or not. */
static void choose_conditions(hunt_problem *h) {
  static const char *const flows[3][3] = {{"0", "0", "\"x[0]\""}, {"0", "\"[x[1], 0]\"", "\"[x[0]^2, x[1]]\""}, {"0", "\"[x[1], 0, 0]\"", "\"[x[0]^2, x[1], 0]\""}};
  char text[160];
  if (once_in(2)) snprintf(text, sizeof text, "{on: boundary, value: %s}", flows[h->components == 1 ? 0 : h->dim - 1][chance(3)]);
  else condition(h, false, text, sizeof text);
  if (!once_in(6)) field_condition(h, "u", text);
  hunt_problem scalar = *h;
  scalar.components = 1;
  condition(&scalar, strstr(h->more, "DP0") != NULL, text, sizeof text);
  if (once_in(2)) field_condition(h, "p", text);
}

/* Mostly what is chosen, or a factor. */
static void choose_method(hunt_problem *h) {
  static const char *const methods[] = {"gmres", "minres", "bicgstab", "cg"};
  snprintf(h->solver, sizeof h->solver, "{linear: %s}", once_in(4) ? ONE_OF(methods) : once_in(2) ? "direct" : "auto");
}

static hunt_problem random_several(uint64_t seed) {
  static const char *const spaces[] = {"P1", "P1", "P1", "P2", "DP0"};
  const char *space;
  hunt_problem h = {0}, scalar;
  hunt_seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 7;
  chance(2);
  choose_space(&h, false);
  choose_method(&h);
  space = strstr(h.field, "P2") && !once_in(4) ? "P1" : ONE_OF(spaces);
  snprintf(h.more, sizeof h.more, ", p: {space: %s, test: q}%s", space, once_in(5) ? ", m: {space: real, test: l}" : "");
  if (strstr(h.field, "P2") && !strcmp(space, "P1") && !once_in(4)) saddle(&h);
  else loose(&h);
  if (has_real(&h)) number_of(&h);
  load(&h, h.right[h.num_right++], sizeof h.right[0]);
  scalar = h, scalar.components = 1;
  if (once_in(3)) load(&scalar, h.right[h.num_right], sizeof h.right[0]), rename_to_p(h.right[h.num_right++]);
  choose_conditions(&h);
  return h;
}
#endif
