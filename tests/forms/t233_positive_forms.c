/* Claim: the positive forms that people write are proven to be: penalties, squares, polynomials of the coordinates, springs along and across a boundary, densities, axisymmetric
   bodies, one-sided energies; and what only looks alike is not. */
#include "tests/proofs.h"

static int begin(void **state) {
  (void)state;
  open_scope(2);                    /* u, v; U, V; f in [0.5, 2]; r in [0, 1]; w a wind; constants k 2, E 3, nu 0.3 */
  add_scalar("a", GKT_LAGRANGE, 1); /* in [0, 1] */
  add_scalar("b", GKT_LAGRANGE, 1); /* in [0, 1] */
  return 0;
}
static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  const gkt_scope *scope = user;
  const double constants[] = {2, 3, 0.3};
  if (t->kind == GKT_TERM_X) return (gkt_interval){0, 1 + t->component};
  if (t->kind == GKT_TERM_H) return (gkt_interval){0, INFINITY};
  if (t->kind == GKT_TERM_NORMAL) return (gkt_interval){-1, 1};
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){constants[t->function], constants[t->function]};
  const char *name = t->kind == GKT_TERM_VALUE ? scope->functions[t->function].name : "";
  if (!strcmp(name, "f")) return (gkt_interval){0.5, 2};
  if (!strcmp(name, "r") || !strcmp(name, "a") || !strcmp(name, "b")) return (gkt_interval){0, 1};
  return (gkt_interval){-INFINITY, INFINITY};
}

static double sample(const gkt_terminal *t, const void *user) {
  gkt_interval r = ranges(t, s);
  uint64_t trial = *(const uint64_t *)user, state = terminal_state(t, trial);
  random_bits(&state);
  uint64_t angle = trial; /* normals have length one */
  double phi = random_real(&angle, 0, 6.3);
  if (t->kind == GKT_TERM_NORMAL) return t->component ? sin(phi) : cos(phi);
  return r.low == r.high ? r.low : random_real(&state, fmax(r.low, -3), fmin(r.high, 3));
}

static gkt_form_facts analyse(gkt_form_kind kind, const char *text, const char *field) {
  gkt_form *tangent = make_tangent(kind, text, field);
  gkt_form_facts facts;
  assert_int_equal(gkt_form_analyse(tangent, ranges, s, NULL, &facts), GKT_OK);
  if (facts.positive) sample_positivity(tangent, text, sample, 60);
  gkt_form_destroy(&tangent);
  return facts;
}

static void check(gkt_form_kind kind, const char *field, bool positive, size_t count, const char *const *list) {
  for (size_t i = 0; i < count; i++)
    if (analyse(kind, list[i], field).positive != positive) fail_msg("%s: positive %d", list[i], !positive);
}
#define CHECK(kind, field, positive, list) check(kind, field, positive, sizeof(list) / sizeof *(list), list)

static void of_scalars(void **state) {
  (void)state;
  static const char *const proven[] = {
      "inner(grad(u), grad(v))*dx + 10/h*u*v*ds",
      "inner(grad(u), grad(v))*dx + 10*k/(h*f)*u*v*ds(left)",
      "h^-2*u*v*dx",
      "(a - b)^2*inner(grad(u), grad(v))*dx",
      "(w[0] - w[1])^2*inner(grad(u), grad(v))*dx",
      "(1 + (w[0] - 2*w[1])^2)^2*inner(grad(u), grad(v))*dx + (a - b)^2*u*v*dx",
      "(1 + w[0] + w[0]^2)*inner(grad(u), grad(v))*dx",
      "(1 + 2*x[0] - 2*x[0]^2)*inner(grad(u), grad(v))*dx",
      "(1.1 - x[0]*(1 - x[0])*x[1])*inner(grad(u), grad(v))*dx",
      "(x[0] - x[1])^2*inner(grad(u), grad(v))*dx",
      "(1e-3 + r^3*(1 - 1e-3))*inner(grad(u), grad(v))*dx",
      "(nu + r^3*(E - nu))*inner(grad(u), grad(v))*dx",
      "(nu + r^2.5*(E - nu))*inner(grad(u), grad(v))*dx",
      "(nu + r/(1 + 8*(1 - r))*(E - nu))*inner(grad(u), grad(v))*dx",
      "(a*E + (1 - a)*k)*inner(grad(u), grad(v))*dx",
      "(a*(1 - a) + b*(1 - b))*inner(grad(u), grad(v))*dx",
      "exp(-w[0]^2)*inner(grad(u), grad(v))*dx + abs(w[1])*u*v*dx",
      "norm(w)*inner(grad(u), grad(v))*dx",
      "x[0]*inner(grad(u), grad(v))*dx + u*v/x[0]*dx",
      "x[0]*(grad(u)[0] + u/x[0])*(grad(v)[0] + v/x[0])*dx",
      "(u*v + (grad(u)[0] + 3*u)*(grad(v)[0] + 3*v))*dx",
      "dot(w, grad(u))*dot(w, grad(v))/(1 + dot(w, w))*dx",
      "(dot(w, grad(u)) + a*u)*(dot(w, grad(v)) + a*v)*dx",
  };
  static const char *const not_proven[] = {"inner(grad(u), grad(v))*dx - 10/h*u*v*ds",
                                           "(a - b)*inner(grad(u), grad(v))*dx",
                                           "(1 + 3*w[0] + w[0]^2)*inner(grad(u), grad(v))*dx",
                                           "(1 + 2*x[0] - 4*x[0]^2)*inner(grad(u), grad(v))*dx",
                                           "((a - b)^2 - 0.01)*inner(grad(u), grad(v))*dx",
                                           "(x[0]*inner(grad(u), grad(v)) + 3*(grad(u)[0]*v + u*grad(v)[0]) + u*v/x[0])*dx",
                                           "x[1]*inner(grad(u), grad(v))*dx + (grad(u)[0]*v + u*grad(v)[0])*dx + u*v/x[0]*dx",
                                           "(dot(w, grad(u))*dot(w, grad(v)) - 0.1*inner(grad(u), grad(v)))*dx"};
  static const char *const energies[] = {"0.5*inner(grad(u), grad(u))*dx + max(0, u - 1)^2*dx",
                                         "max(u, 0)^2*ds",
                                         "0.5*inner(grad(u), grad(u))*dx + min(0, u - f)^2/h*dx",
                                         "u^4*dx + exp(u)*dx",
                                         "conditional(u < 0, 2, 3)*0.5*u^2*dx",
                                         "max(0, u)^3*dx",
                                         "cosh(u)*dx"};
  static const char *const saddles[] = {"(0.25*u^4 - 0.5*u^2)*dx", "cos(u)*dx", "-max(0, u)^2*dx", "max(0, u)^3*dx - 0.1*u^2*dx"};
  CHECK(GKT_EQUATION, "u", true, proven);
  CHECK(GKT_EQUATION, "u", false, not_proven);
  CHECK(GKT_ENERGY, "u", true, energies);
  CHECK(GKT_ENERGY, "u", false, saddles);
}

static void of_vectors(void **state) {
  (void)state;
  static const char *const proven[] = {
      "inner(sym(grad(U)), sym(grad(V)))*dx + dot(U - dot(U, n)*n, V - dot(V, n)*n)*ds",
      "inner(sym(grad(U)), sym(grad(V)))*dx + k*dot(U - dot(U, n)*n, V)*ds + f*dot(U, n)*dot(V, n)*ds",
      "(5*dot(U, n)*dot(V, n) + 2*(dot(U, V) - dot(U, n)*dot(V, n)))*ds",
      "(2*dot(U, n)*dot(V, n) + 5*(dot(U, V) - dot(U, n)*dot(V, n)))*ds",
      "f/h*dot(U - dot(U, n)*n, V - dot(V, n)*n)*ds",
      "(k*(grad(U)[0,0] + U[0]/x[0] + grad(U)[1,1])*(grad(V)[0,0] + V[0]/x[0] + grad(V)[1,1]) + 2*E*(grad(U)[0,0]*grad(V)[0,0] + U[0]*V[0]/x[0]^2 + grad(U)[1,1]*grad(V)[1,1]"
      " + 0.5*(grad(U)[0,1] + grad(U)[1,0])*(grad(V)[0,1] + grad(V)[1,0])))*x[0]*dx",
      "(k*(grad(U)[0,0] + U[0]/x[0] + grad(U)[1,1])*(grad(V)[0,0] + V[0]/x[0] + grad(V)[1,1]) + f*(grad(U)[0,0]*grad(V)[0,0] + U[0]*V[0]/x[0]^2 + grad(U)[1,1]*grad(V)[1,1]"
      " + 0.5*(grad(U)[0,1] + grad(U)[1,0])*(grad(V)[0,1] + grad(V)[1,0])))*2*pi*x[0]*dx",
      "(nu + r^3*(E - nu))*(inner(sym(grad(U)), sym(grad(V))) + 0.3/(1 - 2*0.3)*div(U)*div(V))*dx",
      "(a - b)^2*div(U)*div(V)*dx + (1 + x[0] - x[0]^2)*inner(sym(grad(U)), sym(grad(V)))*dx",
      "((a - b)^2*div(U)*div(V) + (1 + 2*x[0] - 2*x[0]^2)*inner(sym(grad(U)), sym(grad(V))))*dx",
      "inner(dev(sym(grad(U))), dev(sym(grad(V))))*f*dx",
      "E/(1 - nu^2)*inner((1 - nu)*sym(grad(U)) + nu*div(U)*I, sym(grad(V)))*dx",
  };
  static const char *const not_proven[] = {"(5*dot(U, n)*dot(V, n) - 2*(dot(U, V) - dot(U, n)*dot(V, n)))*ds", "(0.9*dot(U, V) - dot(U, n)*dot(V, n))*ds",
                                           "(dot(U, V) - dot(U, w)*dot(V, w))*dx", "((a - b)*div(U)*div(V) + 0.1*inner(sym(grad(U)), sym(grad(V))))*dx"};
  CHECK(GKT_EQUATION, "U", true, proven);
  CHECK(GKT_EQUATION, "U", false, not_proven);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(of_scalars), T(of_vectors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
