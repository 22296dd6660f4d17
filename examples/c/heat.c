/* Heat in the unit square: c u_t = div(k grad(u)), u = 0 on the boundary, with a time loop and coefficients of this program's own. Crank-Nicolson from mass and stiffness: the
   system is set up once and solved in each step; then the conductivity is doubled in place, and the system is assembled and set up anew. Exact: u = exp(-2 pi^2 k t) sin(pi x)
   sin(pi y). */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "heat: %s\n", gkt_context_message(ctx));
  exit(1);
}

enum { D, V, U, C, K, NUM_FUNCTIONS };
typedef struct {
  gkt_space *space, *cells; /* of u; of the coefficients, one value a cell */
  gkt_vector *u, *b, *d;
  gkt_scalar *c, *k;
  gkt_system *system;
  gkt_csr *matrix;
} heat;

static gkt_scalar *numbers(gkt_idx count, double value) {
  gkt_scalar *x = malloc((size_t)count * sizeof *x);
  if (!x) exit(1);
  for (gkt_idx i = 0; i < count; i++) x[i] = value;
  return x;
}

/* (c + step/2 k L) d = -step k L u for the increment d, u += d */
static const char step_text[] = "(c*d*v + step/2*k*dot(grad(d), grad(v)) + step*k*dot(grad(u), grad(v)))*dx";

static void begin(heat *h, gkt_mesh *mesh, gkt_scope *scope, double step) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
  gkt_form *form;
  gkt_expression *zero, *start;
  int f;
  must(gkt_scope_add_field(scope, "d", "v", gkt_shape_scalar(), P2, &f));
  must(gkt_scope_add_coefficient(scope, "u", gkt_shape_scalar(), P2, &f));
  must(gkt_scope_add_coefficient(scope, "c", gkt_shape_scalar(), DP0, &f));
  must(gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), DP0, &f));
  must(gkt_scope_add_constant(scope, "step", &f));
  must(gkt_space_create(mesh, P2, gkt_shape_scalar(), &h->space));
  must(gkt_space_create(mesh, DP0, gkt_shape_scalar(), &h->cells));
  h->c = numbers(gkt_space_num_dofs(h->cells), 1), h->k = numbers(gkt_space_num_dofs(h->cells), 0.1);
  const gkt_space *spaces[NUM_FUNCTIONS] = {[D] = h->space, [U] = h->space, [C] = h->cells, [K] = h->cells};
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = step_text}, &form));
  must(gkt_system_create(form, mesh, 1, (int[]){D}, spaces, &h->system));
  must(gkt_system_vector(h->system, &h->u)), must(gkt_system_vector(h->system, &h->b)), must(gkt_system_vector(h->system, &h->d));
  must(gkt_system_matrix(h->system, &h->matrix));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "sin(pi*x[0])*sin(pi*x[1])"}, &start));
  must(gkt_interpolate(start, h->space, NULL, gkt_vector_values(h->u)));
  must(gkt_system_constrain(h->system, &(gkt_condition){.unknown = D, .set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  must(gkt_system_set_coefficient(h->system, "c", h->c));
  must(gkt_system_set_constant(h->system, "step", step));
}

/* `steps` steps with the coefficients as they are. */
static void march(heat *h, int steps) {
  const gkt_state state = gkt_system_state(h->system, h->d);
  gkt_system_facts facts;
  gkt_linear_solver *solver;
  gkt_linear_report report;
  must(gkt_system_set_coefficient(h->system, "k", h->k));
  must(gkt_system_tangent(h->system, &state, (gkt_shifts){.value = 1}, h->matrix));
  must(gkt_system_get_facts(h->system, &facts));
  must(gkt_linear_solver_create(ctx, h->matrix, &facts, NULL, &solver));
  for (int s = 0; s < steps; s++) {
    must(gkt_system_set_coefficient(h->system, "u", gkt_vector_read(h->u)));
    gkt_vector_fill(h->d, 0);
    must(gkt_system_residual(h->system, &state, h->b));
    gkt_vector_scale(h->b, -1);
    must(gkt_linear_solver_solve(solver, 1, gkt_vector_size(h->b), gkt_vector_read(h->b), gkt_vector_values(h->d), &report));
    if (!report.converged) exit(1);
    gkt_vector_axpy(1, h->d, h->u);
    gkt_linear_report_clear(&report);
  }
  gkt_linear_solver_destroy(&solver);
}

static double largest(const heat *h) {
  double most = 0;
  for (gkt_idx i = 0; i < gkt_vector_size(h->u); i++) most = fmax(most, gkt_vector_read(h->u)[i]);
  return most;
}

/* From k = 0.1 for a time of 1/2 to k = 0.2 for another; the error of the largest value. */
static double error_with(int steps) {
  heat h;
  gkt_mesh *mesh;
  gkt_scope *scope;
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {24, 24}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_scope_create(ctx, 2, &scope));
  begin(&h, mesh, scope, 0.5 / steps);
  march(&h, steps);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(h.cells); i++) h.k[i] *= 2;
  march(&h, steps);
  return fabs(largest(&h) - exp(-2 * acos(-1) * acos(-1) * (0.1 + 0.2) / 2));
}

int main(void) {
  must(gkt_context_create(NULL, &ctx));
  double coarse = error_with(8), fine = error_with(16);
  printf("error of the largest value with 8 and 16 steps: %.2e, %.2e: order %.2f\n", coarse, fine, log2(coarse / fine));
  return log2(coarse / fine) > 1.9 ? 0 : 1; /* Crank-Nicolson: 2 */
}
