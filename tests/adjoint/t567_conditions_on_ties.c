/* Claim: gradients by coefficients in values of conditions are right where fields are tied or slip: on normal components of slanted and curved sides, at corners where two of them
   or one and a component meet, at nodes that translations and rotations tie, where a later condition wins; steady and in time, by implicit and explicit schemes; and by initial
   values of fields that are turned there. The transpose of what conditions give is that of what they give, to rounding, and leaves their values as they were; Taylor remainders of
   order 2, and entries against differences. */
#include "assembly/constraints.h"
#include "systems/system.h"
#include "tests/time_adjoint_world.h"

#define ELASTIC "inner(2*mu*sym(grad(u)) + la*tr(grad(u))*I, grad(v))*dx"
#define DATA "constants: {mu: 1, la: 0.8, a: 0.3}\ncoefficients: {g: {space: P1, value: \"1 + x[1]^2 - x[0]\"}, w: {space: P2, value: \"[0.1*x[1], 0.2 - x[1]]\"}}\n"
#define VECTOR "fields: {u: {space: P2, shape: vector, test: v}}\n"
typedef struct {
  const char *name, *text;
  bool bent; /* a mesh that is sheared and bent */
  const char *controls[4];
} trial;
static const trial trials[] = {
    {"slanted and curved",
     "mesh: {file: none.msh}\n" VECTOR DATA "conditions:\n  - {on: top, component: normal, value: \"a*g\"}\n  - {on: right, component: normal, value: \"g^2*w[0]\"}\n  - {on: "
     "left, value: w}\n  - {on: bottom, component: 1, value: \"a*w[1]\"}\n"
     "equation: \"" ELASTIC " == v[0]*dx\"\n",
     true,
     {"g", "w", "=a", NULL}},
    {"a slip beside what is given before it",
     "mesh: {file: none.msh}\n" VECTOR DATA "conditions:\n  - {on: left, value: \"g*w\"}\n  - {on: boundary, component: normal, value: \"a*w[0]*g\"}\nequation: \"" ELASTIC
     " + dot(u, v)*dx == v[0]*dx\"\n",
     true,
     {"g", "w", NULL}},
    {"tied by a translation",
     "mesh: {box: {cells: [4, 3]}}\nfields: {u: {space: P2, test: v}}\n" DATA "periodic: [{from: left, to: right}]\n"
     "conditions: [{on: bottom, value: \"a*g*(1 + x[0])\"}, {on: right, value: \"g*w[0]\"}]\nequation: \"(1 + u^2)*dot(grad(u), grad(v))*dx == mu*x[0]*v*dx + 0*la*v*dx\"\n",
     false,
     {"g", "w", "=a", NULL}},
    {"tied by a rotation",
     "mesh: {box: {cells: [3, 3]}}\n" VECTOR DATA "periodic: [{from: bottom, to: left, rotate: {angle: 90}}]\n"
     "conditions: [{on: top, value: \"g*w\"}, {on: right, component: 1, value: \"a*w[1]\"}]\nequation: \"" ELASTIC " == v[0]*dx\"\n",
     false,
     {"g", "w", "=a", NULL}},
    {"tied by a rotation, and slips",
     "mesh: {box: {cells: [3, 3]}}\n" VECTOR DATA "periodic: [{from: bottom, to: left, rotate: {angle: 90}}]\n"
     "conditions: [{on: right, component: normal, value: \"g*w[0]\"}, {on: left, component: 0, value: \"a*g\"}]\nequation: \"" ELASTIC " + dot(u, v)*dx == v[0]*dx\"\n",
     false,
     {"g", "w", "=a", NULL}},
};

static gkt_mesh *bent_mesh(void) {
  gkt_mesh *m;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {4, 3}, {0, 0}, {1.2, 1}}, &m));
  ok(gkt_mesh_topology(m));
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(m); i++) {
    double *x = gkt_mesh_coords_mutable(m) + 2 * i;
    const double y = x[1] + 0.3 * x[0] + 0.15 * sin(2 * x[0]) * x[1];
    x[0] += 0.2 * x[1] * x[1], x[1] = y;
  }
  return m;
}

static adjoint_world make_trial(const trial *t) {
  gkt_mesh *mesh = t->bent ? bent_mesh() : NULL;
  adjoint_world w =
      make_world_with(ctx, mesh, t->text, GKT_LINEAR_DIRECT, strstr(t->text, "shape: vector") ? "dot(u, u)*dx + u[0]*ds(top)" : "u^2*dx + u*x[1]*ds(top)", t->controls);
  gkt_mesh_destroy(&mesh);
  return w;
}

/* ---- what conditions give, and its transpose ---- */
static void transposes(void **unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
    adjoint_world w = make_trial(&trials[i]);
    gkt_constraints *c = w.s->constraints;
    gkt_scalar *by = malloc((size_t)c->num_dofs * sizeof *by), *before = malloc((size_t)c->num_dofs * sizeof *by);
    double forward = 0, back = 0, size = 0;
    ok(gkt_system_refresh(w.s));
    memcpy(before, c->values, (size_t)c->num_dofs * sizeof *before);
    for (gkt_idx k = 0; k < c->num_dofs; k++) {
      by[k] = gkt_constraints_give(c, k) ? sin(1.7 * k) : 0;
      if (by[k] != 0) forward += by[k] * c->values[k], size += fabs(by[k] * c->values[k]);
    }
    for (int n = 0; n < c->num_conditions; n++) {
      const gkt_constraint_condition *k = &c->conditions[n];
      gkt_scalar *out = malloc((size_t)k->count * (size_t)k->components * sizeof *out);
      ok(gkt_system_transpose_values(w.s, n, by, out));
      for (gkt_size j = 0; j < (gkt_size)k->count * k->components; j++) back += out[j] * k->values[j];
      free(out);
    }
    if (!(fabs(forward - back) <= 1e-14 * size) || size == 0) fail_msg("%s: %.16g, transposed %.16g", trials[i].name, forward, back);
    for (gkt_idx k = 0; k < c->num_dofs; k++)
      if (c->mask[k] && c->values[k] != before[k]) fail_msg("%s: dof %d has %g, before %g", trials[i].name, k, c->values[k], before[k]);
    free(by), free(before);
    clear_world(&w);
  }
}

static void steady(void **unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
    adjoint_world w = make_trial(&trials[i]);
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    for (int c = 0; c < gkt_adjoint_num_controls(w.adjoint); c++) {
      gkt_taylor t;
      ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, c, NULL, 0, w.u, &t));
      if (!t.passed || t.derivative == 0) fail_msg("%s, by %s: slope %g, derivative %g; %s", trials[i].name, trials[i].controls[c], t.slope, t.derivative, t.reason);
    }
    clear_world(&w);
  }
}

/* ---- in time ---- */
#define TURNED "periodic: [{from: bottom, to: left, rotate: {angle: 90}}]\n"
static const char heat[] =
    "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 0.7, b: 1.3}\ncoefficients: {g: {space: P1, value: \"1 + x[1]\"}}\n"
    "periodic: [{from: left, to: right}]\nconditions: [{on: bottom, value: \"a*g*sin(3*t)\"}]\ntime: {end: 1, step: 0.1}\n"
    "equation: \"dt(u)*v*dx + (b + u^2)*dot(grad(u), grad(v))*dx == x[0]*v*dx\"\n";
static const char wave[] =
    "mesh: {box: {cells: [3, 3]}}\nfields: {u: {space: P1, shape: vector, test: v}}\nconstants: {mu: 1, la: 0.8}\ncoefficients: {g: {space: P1, value: \"1 + x[1]\"}}\n" TURNED
    "conditions: [{on: right, component: normal, value: \"g*t^2\"}, {on: top, component: 0, value: \"0.3*g*t\"}]\ntime: {end: 1, step: 0.1}\n"
    "equation: \"dot(dtt(u), v)*dx + " ELASTIC " == 0\"\n";

static void in_time(void **unused) {
  static const char *const of_heat[] = {"g", "=a", "0u", NULL}, *const of_wave[] = {"g", "0u", "1u", NULL};
  (void)unused;
  check_run("heat", &(run_options){heat, "bdf2", "u^2*dx", "u*x[1]*dx", of_heat, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("heat", &(run_options){heat, "ssp3", "u^2*dx", "u*x[1]*dx", of_heat, 0.005, 3, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("wave", &(run_options){wave, "newmark", "dot(u, u)*dx", "u[1]*dx", of_wave, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("wave", &(run_options){wave, "generalized-alpha", "dot(u, u)*dx", "u[1]*dx", of_wave, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(transposes), cmocka_unit_test(steady), cmocka_unit_test(in_time)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
