/* Claim: where gkt_form_analyse calls a tangent elliptic, no vector that the point-wise matrix sends to zero has a (symmetric) gradient, for all values in the ranges; it says
   so of the forms that matter, and not of those whose kernel is larger than the constants or the rigid motions. */
#include "tests/proofs.h"

#include "tests/dense.h"

enum { MAX = 12 };
static int begin(void **state) {
  (void)state;
  open_scope(3); /* u, v P1; U, V vector; f in [0.5, 2]; r in [0, 1]; w a wind; k 2, E 3, nu 0.3 */
  return 0;
}
static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  const gkt_scope *scope = user;
  const double constants[] = {2, 3, 0.3};
  if (t->kind == GKT_TERM_X || t->kind == GKT_TERM_H) return (gkt_interval){0, 1};
  if (t->kind == GKT_TERM_CONSTANT) return (gkt_interval){constants[t->function], constants[t->function]};
  const char *name = t->kind == GKT_TERM_VALUE ? scope->functions[t->function].name : "";
  if (!strcmp(name, "f")) return (gkt_interval){0.5, 2};
  return !strcmp(name, "r") ? (gkt_interval){0, 1} : (gkt_interval){-INFINITY, INFINITY};
}

/* Ends of the ranges as often as what is between; unknown ones: [-3, 3]. */
static double sample(const gkt_terminal *t, const void *user) {
  gkt_interval r = ranges(t, s);
  uint64_t state = terminal_state(t, *(const uint64_t *)user);
  int where = random_below(&state, 4);
  double low = fmax(r.low, -3), high = fmin(r.high, 3);
  return where == 0 ? low : where == 1 ? high : random_real(&state, low, high);
}

/* The largest (symmetric) gradient of a unit vector in the kernel; 1e-10: the rounding of eigenvalues, relative to the largest. */
static double gradient_in_kernel(int n, double *A, bool strains) {
  double V[MAX * MAX], largest = 0, worst = 0;
  dense_eigen(n, A, V);
  for (int k = 0; k < n; k++) largest = fmax(largest, fabs(A[k * n + k]));
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n && fabs(A[k * n + k]) <= 1e-10 * largest; i++) {
      int component = i / 4, direction = i % 4 - 1, other = direction * 4 + component + 1;
      if (direction >= 0) worst = fmax(worst, fabs(V[i * n + k] + (strains ? V[other * n + k] : 0)));
    }
  return worst;
}

/* The integrals over all cells, at random points; true: some point has a gradient in its kernel. */
static bool has_gradients_in_kernel(const gkt_form *tangent, bool strains) {
  int n = 4 * gkt_form_components(tangent, 0);
  bool found = false;
  for (uint64_t trial = 1; trial < 60 && !found; trial++) {
    double *values = graph_values(s->graph, sample, &trial), A[MAX * MAX] = {0};
    for (int i = 0; i < tangent->num_integrals; i++)
      for (int k = 0; k < n * n; k++)
        if (tangent->integrals[i].measure == GKT_MEASURE_DX && !tangent->integrals[i].num_names) A[k] += values[tangent->integrals[i].nodes[k]];
    found = gradient_in_kernel(n, A, strains) > 1e-6;
    free(values);
  }
  return found;
}

typedef struct {
  const char *text;
  gkt_ellipticity ellipticity;
} expectation;
static void check(const char *field, size_t count, const expectation *list) {
  for (size_t i = 0; i < count; i++) {
    gkt_form_facts f;
    gkt_form *tangent = make_tangent(GKT_EQUATION, list[i].text, field);
    assert_int_equal(gkt_form_analyse(tangent, ranges, s, NULL, &f), GKT_OK);
    if (f.ellipticity != list[i].ellipticity) fail_msg("%s: ellipticity %d (%s)", list[i].text, (int)f.ellipticity, f.why);
    if (f.ellipticity != GKT_NOT_ELLIPTIC && !f.positive) fail_msg("%s: elliptic and not positive", list[i].text);
    if (f.ellipticity != GKT_NOT_ELLIPTIC && has_gradients_in_kernel(tangent, f.ellipticity == GKT_ELLIPTIC_IN_STRAINS)) fail_msg("%s: a gradient is in the kernel", list[i].text);
    gkt_form_destroy(&tangent);
  }
}

static void of_scalars(void **state) {
  (void)state;
  const expectation list[] = {
      {"inner(grad(u), grad(v))*dx == v*dx", GKT_ELLIPTIC},
      {"grad(u)[0]*grad(v)[0]*dx == (x[0] - 0.5)*v*dx", GKT_NOT_ELLIPTIC}, /* any g(y) may be added */
      {"(grad(u)[0]*grad(v)[0] + grad(u)[1]*grad(v)[1])*dx", GKT_NOT_ELLIPTIC},
      {"inner(grad(u), grad(v))*dx(steel)", GKT_NOT_ELLIPTIC}, /* a part of the mesh */
      {"inner(grad(u), grad(v))*dx(steel) + u*v*dx", GKT_NOT_ELLIPTIC},
      {"inner(grad(u), grad(v))*ds", GKT_NOT_ELLIPTIC},
      {"u*v*dx", GKT_NOT_ELLIPTIC},
      {"inner(grad(u), grad(v))*dx + 3*inner(grad(u), grad(v))*dx(steel) + k*u*v*ds(left)", GKT_ELLIPTIC},
      {"f*inner(grad(u), grad(v))*dx + r*u*v*dx", GKT_ELLIPTIC},
      {"r*inner(grad(u), grad(v))*dx", GKT_NOT_ELLIPTIC}, /* may be zero somewhere */
      {"(f - 0.5)*inner(grad(u), grad(v))*dx", GKT_NOT_ELLIPTIC},
      {"(1e-9 + (1 - 1e-9)*r^3)*inner(grad(u), grad(v))*dx", GKT_ELLIPTIC}, /* small is enough */
      {"(1e4*grad(u)[0]*grad(v)[0] + grad(u)[1]*grad(v)[1] + 1e-4*grad(u)[2]*grad(v)[2])*dx", GKT_ELLIPTIC},
      {"dot(w, grad(u))*dot(w, grad(v))*dx", GKT_NOT_ELLIPTIC},
      {"dot(w, grad(u))*dot(w, grad(v))*dx + 0.1*inner(grad(u), grad(v))*dx(degree=4)", GKT_ELLIPTIC},
      {"(u + grad(u)[0])*(v + grad(v)[0])*dx", GKT_NOT_ELLIPTIC}, /* exp(-x) */
      {"(u + grad(u)[0])*(v + grad(v)[0])*dx + inner(grad(u), grad(v))*dx", GKT_ELLIPTIC},
      {"f*grad(u)[0]*grad(v)[0]*dx + 2*grad(u)[1]*grad(v)[1]*dx(degree=2) + grad(u)[2]*grad(v)[2]*dx(degree=0)", GKT_ELLIPTIC}, /* three integrals, none of them alone */
      {"r*grad(u)[0]*grad(v)[0]*dx + (1 - r)*grad(u)[0]*grad(v)[0]*dx(degree=4) + (grad(u)[1]*grad(v)[1] + grad(u)[2]*grad(v)[2])*dx", GKT_NOT_ELLIPTIC},
      {"(inner(grad(u), grad(v)) + 0.9*x[1]*(grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0]))*dx", GKT_ELLIPTIC}, /* at every corner */
      {"(inner(grad(u), grad(v)) + x[1]*(grad(u)[0]*grad(v)[1] + grad(u)[1]*grad(v)[0]))*dx", GKT_NOT_ELLIPTIC},
      {"inner(grad(u), grad(v))*dx - u*v*ds(left)", GKT_NOT_ELLIPTIC}, /* not positive */
      {"inner(grad(u), grad(v))*dx + dot(w, grad(u))*v*dx", GKT_NOT_ELLIPTIC},
  };
  check("u", sizeof list / sizeof *list, list);
}

static void of_vectors(void **state) {
  (void)state;
  const expectation list[] = {
      {"inner(grad(U), grad(V))*dx", GKT_ELLIPTIC},
      {"inner(sym(grad(U)), sym(grad(V)))*dx", GKT_ELLIPTIC_IN_STRAINS},
      {"inner(2*k*sym(grad(U)) + k*div(U)*I, grad(V))*dx + dot(U, V)*ds(left)", GKT_ELLIPTIC_IN_STRAINS},
      {"(f*r*div(U)*div(V) + f*inner(sym(grad(U)), sym(grad(V))))*dx", GKT_ELLIPTIC_IN_STRAINS},
      {"k*div(U)*div(V)*dx(degree=0) + f*inner(sym(grad(U)), sym(grad(V)))*dx", GKT_ELLIPTIC_IN_STRAINS}, /* selective integration */
      {"r*inner(sym(grad(U)), sym(grad(V)))*dx", GKT_NOT_ELLIPTIC},
      {"inner(dev(sym(grad(U))), dev(sym(grad(V))))*dx", GKT_NOT_ELLIPTIC}, /* conformal maps */
      {"inner(dev(sym(grad(U))), dev(sym(grad(V))))*dx + 1e-4*div(U)*div(V)*dx", GKT_ELLIPTIC_IN_STRAINS},
      {"div(U)*div(V)*dx", GKT_NOT_ELLIPTIC},
      {"dot(curl(U), curl(V))*dx", GKT_NOT_ELLIPTIC},
      {"(div(U)*div(V) + dot(curl(U), curl(V)))*dx", GKT_NOT_ELLIPTIC}, /* harmonic fields */
      {"inner(skew(grad(U)), skew(grad(V)))*dx + inner(sym(grad(U)), sym(grad(V)))*dx", GKT_ELLIPTIC},
      {"dot(grad(U)[0], grad(V)[0])*dx == V[0]*dx", GKT_NOT_ELLIPTIC}, /* one component */
      {"inner(sym(grad(U)), sym(grad(V)))*dx + inner(grad(U), grad(V))*dx(top)", GKT_ELLIPTIC_IN_STRAINS},
      {"inner(sym(grad(U)), sym(grad(V)))*dx(top)", GKT_NOT_ELLIPTIC},
  };
  check("U", sizeof list / sizeof *list, list);
}

/* Two materials, written on the cells of each: what a cell has is asked for by choosing. */
static void of_chosen_integrals(void **state) {
  (void)state;
  gkt_form_facts f;
  gkt_form *tangent = make_tangent(GKT_EQUATION, "inner(grad(u), grad(v))*dx(steel) + 5*grad(u)[0]*grad(v)[0]*dx(rubber) + r*inner(grad(u), grad(v))*dx", "u");
  const bool choices[][3] = {{true, false, false}, {false, true, false}, {false, true, true}, {true, false, true}, {false, false, false}};
  const gkt_ellipticity expected[] = {GKT_ELLIPTIC, GKT_NOT_ELLIPTIC, GKT_NOT_ELLIPTIC, GKT_ELLIPTIC, GKT_NOT_ELLIPTIC};
  assert_int_equal(tangent->num_integrals, 3);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(gkt_form_analyse(tangent, ranges, s, choices[i], &f), GKT_OK);
    assert_int_equal(f.ellipticity, expected[i]);
  }
  gkt_form_destroy(&tangent);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(of_scalars), T(of_vectors), T(of_chosen_integrals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
