/* Claim: a rigid motion of the mesh, with the data moved along, changes neither energies nor scalar solutions, and turns vector solutions along: isotropic diffusion and elasticity
   with conditions of every kind, on straight and curved cells, by the same plan before and after the nodes move. */
#include "tests/field_problem.h"

/* x -> Q x + shift */
typedef struct {
  double Q[3][3], shift[3];
} motion;

/* Turns by an angle about z and, in 3-D, by another about x. */
static motion make_motion(int dim, double about_z, double about_x, double x, double y, double z) {
  double c = cos(about_z), s = sin(about_z), C_ = dim == 3 ? cos(about_x) : 1, S = dim == 3 ? sin(about_x) : 0;
  return (motion){{{c, -s, 0}, {C_ * s, C_ * c, -S}, {S * s, S * c, C_}}, {x, y, z}};
}

static void turn(const motion *m, int dim, const double *x, double *out) {
  for (int i = 0; i < dim; i++) {
    out[i] = 0;
    for (int j = 0; j < dim; j++) out[i] += m->Q[i][j] * x[j];
  }
}

/* from [nodes][dim]: where they were at first */
static void move_mesh(const motion *m, const double *from, gkt_mesh *mesh) {
  int dim = gkt_mesh_dim(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) {
    turn(m, dim, from + i * dim, x + i * dim);
    for (int d = 0; d < dim; d++) x[i * dim + d] += m->shift[d];
  }
}

static double *copy(const double *x, gkt_idx n) { return memcpy(malloc((size_t)n * sizeof *x), x, (size_t)n * sizeof *x); }

/* Body force b and prescribed displacement d, as constants. */
static void set_vectors(field_problem *p, const motion *m) {
  static const char *const names[2][3] = {{"b0", "b1", "b2"}, {"d0", "d1", "d2"}};
  static const double values[2][3] = {{1, -2, 0.5}, {0.3, 0.1, -0.2}};
  for (int v = 0; v < 2; v++) {
    double turned[3];
    turn(m, p->kind.dim, values[v], turned);
    for (int i = 0; i < p->kind.dim; i++) set_constant(p, names[v][i], turned[i]);
  }
}

static void pose(field_problem *p, gkt_assembler **energy, gkt_form **form) {
  motion none = make_motion(p->kind.dim, 0, 0, 0, 0, 0);
  p->natural = "right top";
  set_vectors(p, &none);
  let(p, "k", "1 + h"); /* the diameter of a cell moves with it */
  if (p->kind.components == 1) {
    let(p, "W", "k/2*dot(grad(u), grad(u)) + u^2/2");
    pose_problem(p, "k*dot(grad(u), grad(v))*dx + u*v*dx + 2*u*v*ds(top) == v*dx + 3*v*ds(right)", "0.5");
  } else {
    let(p, "b", p->kind.dim == 2 ? "[b0, b1]" : "[b0, b1, b2]"), let(p, "d", p->kind.dim == 2 ? "[d0, d1]" : "[d0, d1, d2]");
    let(p, "W", "k*inner(sym(grad(u)), sym(grad(u))) + 0.7*div(u)^2/2");
    pose_problem(p,
                 "2*k*inner(sym(grad(u)), sym(grad(v)))*dx + 0.7*div(u)*div(v)*dx + (inner(u, v) + dot(u, n)*dot(v, n))*ds(top)"
                 " == dot(b, v)*dx - 3*dot(n, v)*ds(right)",
                 "d");
  }
  *form = parse_form(p, GKT_FUNCTIONAL, "W*dx");
  *energy = make_assembler(p, *form);
}

static double energy_of(field_problem *p, gkt_assembler *energy) {
  gkt_scalar value;
  must(gkt_assemble_functional(energy, problem_inputs(p), &value), p->kind.name);
  return value;
}

/* Largest difference of the solution from the first one moved along, relative. */
static double turned_difference(const field_problem *p, const motion *m, const double *first) {
  int n = p->kind.components;
  double worst = 0, size = 0, expected[3];
  for (gkt_idx i = 0; i < num_dofs(p); i += n) {
    if (n > 1) turn(m, n, first + i, expected);
    else expected[0] = first[i];
    for (int c = 0; c < n; c++) worst = fmax(worst, fabs(p->u[i + c] - expected[c])), size = fmax(size, fabs(expected[c]));
  }
  return worst / size;
}

/* Rounding of coordinates of up to 5, 1e-15, in differences of 0.2 and less is 1e-14 in gradients; 1.1e-14 is the worst seen in energies and solutions. */
static const double tolerance = 1e-13;

static void move(const field_kind *k, int order) {
  const motion motions[] = {make_motion(k->dim, 0, 0, 3, -2, 1), make_motion(k->dim, 1.1, 0.7, 0, 0, 0), make_motion(k->dim, -2.5, 1.9, -1, 4, 2)};
  field_problem p;
  gkt_assembler *energy;
  gkt_form *form;
  begin_problem(&p, k, skewed_box(k->dim, k->dim == 2 ? 5 : 3, order, 51));
  pose(&p, &energy, &form);
  solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
  double first_energy = energy_of(&p, energy), *first = copy(p.u, num_dofs(&p)), *from = copy(gkt_mesh_coords(p.mesh), gkt_mesh_num_nodes(p.mesh) * k->dim);
  for (int m = 0; m < 3; m++) {
    move_mesh(&motions[m], from, p.mesh), set_vectors(&p, &motions[m]);
    solve_problem(&p, GKT_LINEAR_DIRECT, 1e-14);
    double change = fabs(energy_of(&p, energy) - first_energy) / first_energy, difference = turned_difference(&p, &motions[m], first);
    if (!(change <= tolerance)) fail_msg("%s, geometry of order %d, motion %d: the energy %g changes by a share of %g", k->name, order, m, first_energy, change);
    if (!(difference <= tolerance)) fail_msg("%s, geometry of order %d, motion %d: the solution changes by a share of %g", k->name, order, m, difference);
  }
  free(first), free(from);
  gkt_assembler_destroy(&energy);
  gkt_form_destroy(&form);
  end_problem(&p);
}

static void rigid_motions_change_nothing(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int i = 0; i < NUM_KINDS; i++)
      for (int order = 1; order <= 2; order++) {
        use_backend(backend);
        move(&kinds[i], order);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rigid_motions_change_nothing)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
