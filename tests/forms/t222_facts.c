/* Claim: what gkt_form_analyse says of a tangent is true, it says it of the forms that matter, and it does not say it of forms that only look alike. */
#include "tests/proofs.h"

static int begin(void **state) {
  (void)state;
  open_scope(3); /* constants k E nu; f in [0.5,2] P1; r in [0,1] DP0; w a wind */
  add_scalar("lam", GKT_DISCONTINUOUS_LAGRANGE, 0);
  add_scalar("mu", GKT_DISCONTINUOUS_LAGRANGE, 0);
  return 0;
}
static double lam_low; /* set by a test */
static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  const gkt_scope *scope = user;
  const gkt_interval unknown = {-INFINITY, INFINITY};
  if (t->kind == GKT_TERM_X || t->kind == GKT_TERM_H) return (gkt_interval){0, 1};
  if (t->kind == GKT_TERM_CONSTANT) { /* k 2, E 200e9, nu 0.3 */
    const double values[] = {2, 200e9, 0.3};
    return (gkt_interval){values[t->function], values[t->function]};
  }
  if (t->kind != GKT_TERM_VALUE) return unknown;
  const char *name = scope->functions[t->function].name;
  if (!strcmp(name, "f")) return (gkt_interval){0.5, 2};
  if (!strcmp(name, "r")) return (gkt_interval){0, 1};
  if (!strcmp(name, "lam")) return (gkt_interval){lam_low, 4};
  return !strcmp(name, "mu") ? (gkt_interval){1, 3} : unknown;
}

/* Within the ranges; unknown ones: [-3, 3]. */
static double sample(const gkt_terminal *t, const void *user) {
  gkt_interval r = ranges(t, s);
  uint64_t state = terminal_state(t, *(const uint64_t *)user);
  random_bits(&state);
  return r.low == r.high ? r.low : random_real(&state, fmax(r.low, -3), fmin(r.high, 3));
}
static gkt_form_facts analyse(gkt_form_kind kind, const char *text, const char *field) {
  gkt_form *tangent = make_tangent(kind, text, field);
  gkt_form_facts facts;
  assert_int_equal(gkt_form_analyse(tangent, ranges, s, NULL, &facts), GKT_OK);
  if (facts.positive) sample_positivity(tangent, text, sample, 40);
  gkt_form_destroy(&tangent);
  return facts;
}

typedef struct {
  const char *text;
  int symmetric, positive, constants, rotations;
} expectation;
static void check(gkt_form_kind kind, const char *field, int count, const expectation *list) {
  for (int i = 0; i < count; i++) {
    const expectation *e = &list[i];
    gkt_form_facts f = analyse(kind, e->text, field);
    if (f.symmetric != e->symmetric || f.positive != e->positive || f.annihilates_constants != e->constants || f.annihilates_rotations != e->rotations)
      fail_msg("%s: symmetric %d, positive %d, constants %d, rotations %d (%s)", e->text, f.symmetric, f.positive, f.annihilates_constants, f.annihilates_rotations, f.why);
  }
}
#define CHECK(kind, field, list) check(kind, field, (int)(sizeof(list) / sizeof *(list)), list)

static void scalar_equations(void **state) {
  (void)state;
  const expectation list[] = {
      {"inner(grad(u), grad(v))*dx == f*v*dx", 1, 1, 1, 0},
      {"f*inner(grad(u), grad(v))*dx + r*u*v*dx", 1, 1, 0, 0},
      {"k*inner(grad(u), grad(v))*dx + k*u*v*ds(left)", 1, 1, 0, 0},
      {"inner(grad(u), grad(v))*dx - 0.01*u*v*dx", 1, 0, 0, 0}, /* a negative reaction */
      {"(1e13*inner(grad(u), grad(v)) - u*v)*dx", 1, 0, 0, 0},  /* also against large numbers: units are the user's */
      {"(f*(1e13*grad(u)[0]*grad(v)[0] + grad(u)[1]*grad(v)[1]) + r*(1e13*grad(u)[0]*grad(v)[0] - 9*grad(u)[1]*grad(v)[1]))*dx", 1, 0, 1, 0}, /* nearly proportional */
      {"(1e-13*inner(grad(u), grad(v)) + u*v)*dx", 1, 1, 0, 0},
      {"inner(grad(u), grad(v))*dx - u*v*ds(left)", 1, 0, 0, 0}, /* a negative Robin term */
      {"(f - 1)*inner(grad(u), grad(v))*dx", 1, 0, 1, 0},        /* a coefficient of both signs */
      {"(1 - 0.5*r)*inner(grad(u), grad(v))*dx", 1, 1, 1, 0},    /* monomials of both signs, their sum in [0.5, 1] */
      {"(1 - 1.5*r)*inner(grad(u), grad(v))*dx", 1, 0, 1, 0},
      {"conditional(x[0] < 0.5, 1, 100)*inner(grad(u), grad(v))*dx", 1, 1, 1, 0},
      {"conditional(x[0] < 0.5, 1, -1)*inner(grad(u), grad(v))*dx", 1, 0, 1, 0},
      {"(1e-9 + (1 - 1e-9)*r^3)*k*inner(grad(u), grad(v))*dx", 1, 1, 1, 0}, /* a density */
      {"exp(w[0])*inner(grad(u), grad(v))*dx", 1, 1, 1, 0},                 /* positive whatever w is */
      {"w[0]^2*inner(grad(u), grad(v))*dx", 1, 1, 1, 0},
      {"w[0]*inner(grad(u), grad(v))*dx", 1, 0, 1, 0},
      {"dot(w, grad(u))*dot(w, grad(v))*dx", 1, 1, 1, 0}, /* a square, whatever the sign of w */
      {"r*inner(grad(u), grad(v))*dx + h*f*dot(w, grad(u))*dot(w, grad(v))*dx(degree=0)", 1, 1, 1, 0},
      {"-f*dot(w, grad(u))*dot(w, grad(v))*dx", 1, 0, 1, 0},
      {"(dot(w, grad(u))*dot(w, grad(v)) - 0.5*w[1]^2*grad(u)[1]*grad(v)[1])*dx", 1, 0, 1, 0},
      {"(2*w[0]*w[1]*grad(u)[0]*grad(v)[0] + w[0]^2*grad(u)[1]*grad(v)[1] + w[1]^2*grad(u)[0]*grad(v)[0])*dx", 1, 0, 1, 0},
      {"(2*grad(u)[0]*grad(v)[0] + x[1]*(grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0]) + grad(u)[1]*grad(v)[1] + grad(u)[2]*grad(v)[2])*dx", 1, 1, 1, 0}, /* 2*1 > 1^2 */
      {"(2*grad(u)[0]*grad(v)[0] + 1.5*x[1]*(grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0]) + grad(u)[1]*grad(v)[1])*dx", 1, 0, 1, 0},                     /* 2*1 < 1.5^2 */
      {"inner(grad(u), grad(v))*dx + dot(w, grad(u))*v*dx", 0, 0, 1, 0},                                                                                   /* advection */
      {"inner(grad(u), grad(v))*dx + u*dot(w, grad(v))*dx", 0, 0, 0, 0},
      {"(1 + u^2)*inner(grad(u), grad(v))*dx", 0, 0, 0, 0},
      {"inner(grad(u), grad(v))*dx + u^3*v*dx", 1, 1, 0, 0},
      {"inner(grad(u), grad(v))*dx + h*dot([1,2,3], grad(u))*dot([1,2,3], grad(v))*dx(degree=1)", 1, 1, 1, 0},
  };
  CHECK(GKT_EQUATION, "u", list);
}

static void vector_equations(void **state) {
  (void)state;
  lam_low = 0;
  const expectation list[] = {
      {"inner(grad(U), grad(V))*dx == dot(w, V)*dx", 1, 1, 1, 0},       /* vector Laplacian: no rotations */
      {"inner(2*k*sym(grad(U)) + k*div(U)*I, grad(V))*dx", 1, 1, 1, 1}, /* elasticity */
      {"(E*nu/((1+nu)*(1-2*nu))*div(U)*div(V) + E/(1+nu)*inner(sym(grad(U)), sym(grad(V))))*dx - dot(w, V)*ds(top)", 1, 1, 1, 1},
      {"inner(lam*tr(grad(U))*I + 2*mu*sym(grad(U)), sym(grad(V)))*dx", 1, 1, 1, 1}, /* per element */
      {"(f*r*div(U)*div(V) + f*inner(sym(grad(U)), sym(grad(V))))*dx", 1, 1, 1, 1},
      {"inner(grad(U), sym(grad(V)))*dx", 1, 1, 1, 1},                                                  /* the same form, written shorter */
      {"(lam*div(U)*div(V) + 2*mu*inner(sym(grad(U)), sym(grad(V))))*dx + k*dot(U, V)*dx", 1, 1, 0, 1}, /* with a mass */
      {"(lam*div(U)*div(V) + mu*inner(grad(U), grad(V)))*dx", 1, 1, 1, 0},                              /* looks alike */
      {"(lam*div(U)*div(V) + mu*inner(grad(U), grad(V).T))*dx", 1, 0, 1, 0},                            /* not positive */
      {"(div(U)*div(V) - 0.5*inner(sym(grad(U)), sym(grad(V))))*dx", 1, 0, 1, 1},                       /* rotations, but not positive */
      {"inner(skew(grad(U)), skew(grad(V)))*dx", 1, 1, 1, 0},
      {"dot(curl(U), curl(V))*dx", 1, 1, 1, 0},
      {"div(U)*div(V)*dx", 1, 1, 1, 1},
      {"(3*grad(U)[0,0]*grad(V)[0,0] + grad(U)[1,1]*grad(V)[1,1] + grad(U)[2,2]*grad(V)[2,2] + 0.5*grad(U)[0,0]*grad(V)[1,1] + 0.5*grad(U)[1,1]*grad(V)[0,0]"
       " + 2*sym(grad(U))[0,1]*sym(grad(V))[0,1] + 3*sym(grad(U))[1,2]*sym(grad(V))[1,2] + sym(grad(U))[0,2]*sym(grad(V))[0,2])*dx",
       1, 1, 1, 1}, /* orthotropic */
      {"(E*inner(sym(grad(U)), sym(grad(V))) - 0.1*dot(U, V))*dx", 1, 0, 0, 1},
      {"dot(U, V)*dx", 1, 1, 0, 0}, /* no principal part */
      {"inner(sym(grad(U)), sym(grad(V)))*dx + inner(grad(U), grad(V))*dx(top)", 1, 1, 1, 0},
      {"inner(sym(grad(U)), sym(grad(V)))*dx + 100*dot(U, n)*dot(V, n)*ds(top)", 1, 1, 0, 1}, /* springs along the normal */
      {"inner(sym(grad(U)), sym(grad(V)))*dx + 100*dot(U, n)*V[0]*ds(top)", 0, 0, 0, 1},
  };
  CHECK(GKT_EQUATION, "U", list);
}

/* lambda + 2/3 mu > 0 is what positivity needs; a negative lambda alone is no reason to doubt it. */
static void corners_decide(void **state) {
  (void)state;
  const char *elastic = "(lam*div(U)*div(V) + 2*mu*inner(sym(grad(U)), sym(grad(V))))*dx";
  lam_low = -0.6;
  assert_true(analyse(GKT_EQUATION, elastic, "U").positive);
  lam_low = -0.7; /* below -2/3 */
  assert_false(analyse(GKT_EQUATION, elastic, "U").positive);
  lam_low = -INFINITY;
  assert_false(analyse(GKT_EQUATION, elastic, "U").positive);
}

static void energies(void **state) {
  (void)state;
  const expectation scalar[] = {{"0.5*f*inner(grad(u), grad(u))*dx - k*u*dx", 1, 1, 1, 0},
                                {"(0.25*u^4 - 0.5*u^2)*dx + 0.5*inner(grad(u), grad(u))*dx(degree=0)", 1, 0, 0, 0},
                                {"(0.25*u^4 + 0.5*u^2)*dx + 0.5*inner(grad(u), grad(u))*dx(degree=0)", 1, 1, 0, 0}};
  const expectation vector[] = {{"(0.5*lam*div(U)^2 + mu*inner(sym(grad(U)), sym(grad(U))))*dx - dot(w, U)*dx", 1, 1, 1, 1},
                                {"(0.5*k*(inner(I + grad(U), I + grad(U)) - 3) - k*ln(det(I + grad(U))) + 0.5*lam*ln(det(I + grad(U)))^2)*dx", 1, 0, 1, 1}}; /* neo-Hooke */
  lam_low = 0;
  CHECK(GKT_ENERGY, "u", scalar);
  CHECK(GKT_ENERGY, "U", vector);
}

static void reasons_name_the_coefficients(void **state) {
  (void)state;
  assert_string_equal(analyse(GKT_EQUATION, "f*inner(grad(u), grad(v))*dx + r*u*v*dx", "u").why, "symmetric; positive: f in [0.5, 2], r in [0, 1]");
  assert_string_equal(analyse(GKT_EQUATION, "k*inner(grad(u), grad(v))*dx", "u").why, "symmetric; positive: constant coefficients");
  assert_string_equal(analyse(GKT_EQUATION, "w[0]*inner(grad(u), grad(v))*dx", "u").why, "symmetric; positivity not proven: w in [-inf, inf]");
  assert_string_equal(analyse(GKT_EQUATION, "dot(w, grad(u))*v*dx", "u").why, "symmetry of the form is not proven");
}

static void only_tangents_have_facts(void **state) {
  (void)state;
  gkt_form *form;
  gkt_form_facts facts;
  gkt_source source = text_source("u*v*dx");
  assert_int_equal(gkt_form_parse(s, GKT_EQUATION, &source, &form), GKT_OK);
  assert_int_equal(gkt_form_analyse(form, ranges, s, NULL, &facts), GKT_BAD_ARGUMENT);
  gkt_form_destroy(&form);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(scalar_equations), T(vector_equations), T(corners_decide), T(energies), T(reasons_name_the_coefficients), T(only_tangents_have_facts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
