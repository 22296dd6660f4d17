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

enum { U, V, C, K, NUM_FUNCTIONS };
typedef struct {
  gkt_space *space, *cells; /* of u; of the coefficients, one value a cell */
  const gkt_space *spaces[NUM_FUNCTIONS];
  const gkt_scalar *values[NUM_FUNCTIONS];
  gkt_scalar *u, *b, *d, *c, *k, step;
  gkt_assembler *load, *system;
  gkt_constraints *fixed;
  gkt_csr *matrix;
  gkt_inputs inputs;
} heat;

static gkt_scalar *numbers(gkt_idx count, double value) {
  gkt_scalar *x = malloc((size_t)count * sizeof *x);
  if (!x) exit(1);
  for (gkt_idx i = 0; i < count; i++) x[i] = value;
  return x;
}

static void begin(heat *h, gkt_mesh *mesh, gkt_scope *scope) {
  gkt_form *rate, *implicit, *tangent;
  gkt_expression *zero, *start;
  int f;
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &f));
  must(gkt_scope_add_coefficient(scope, "c", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &f));
  must(gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &f));
  must(gkt_scope_add_constant(scope, "step", &f));
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &h->space));
  must(gkt_space_create(mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, gkt_shape_scalar(), &h->cells));
  gkt_idx n = gkt_space_num_dofs(h->space), m = gkt_space_num_dofs(h->cells);
  h->spaces[U] = h->space, h->spaces[C] = h->spaces[K] = h->cells;
  h->values[U] = h->u = numbers(n, 0), h->b = numbers(n, 0), h->d = numbers(n, 0);
  h->values[C] = h->c = numbers(m, 1), h->values[K] = h->k = numbers(m, 0.1);
  h->inputs = (gkt_inputs){.spaces = h->spaces, .values = h->values, .constants = &h->step};
  /* (c + step/2 k L) d = -step k L u, u += d */
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "step*k*dot(grad(u), grad(v))*dx"}, &rate));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "(c*u*v + step/2*k*dot(grad(u), grad(v)))*dx"}, &implicit));
  must(gkt_form_derivative(implicit, U, &tangent));
  must(gkt_assembler_create(rate, mesh, h->spaces, &h->load));
  must(gkt_assembler_create(tangent, mesh, h->spaces, &h->system));
  must(gkt_assembler_matrix(h->system, &h->matrix));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "sin(pi*x[0])*sin(pi*x[1])"}, &start));
  must(gkt_interpolate(start, h->space, &h->inputs, h->u));
  must(gkt_constraints_create(h->space, &h->fixed));
  must(gkt_constraints_add(h->fixed, gkt_mesh_find_set(mesh, "boundary"), -1, zero, &h->inputs, "boundary"));
}

/* `steps` steps with the coefficients as they are. */
static void march(heat *h, int steps) {
  gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 2, .coords = gkt_space_coords(h->space), .constrained = gkt_constraints_mask(h->fixed)};
  gkt_linear_solver *solver;
  gkt_linear_report report;
  gkt_idx n = gkt_space_num_dofs(h->space);
  must(gkt_assemble_matrix(h->system, &h->inputs, h->matrix));
  gkt_constraints_eliminate(h->fixed, h->matrix);
  must(gkt_linear_solver_create(ctx, h->matrix, &facts, NULL, &solver));
  for (int s = 0; s < steps; s++) {
    must(gkt_assemble_vector(h->load, &h->inputs, h->b));
    for (gkt_idx i = 0; i < n; i++) h->b[i] = -h->b[i], h->d[i] = 0;
    gkt_constraints_zero(h->fixed, h->b);
    must(gkt_linear_solver_solve(solver, 1, n, h->b, h->d, &report));
    if (!report.converged) exit(1);
    for (gkt_idx i = 0; i < n; i++) h->u[i] += h->d[i];
    gkt_linear_report_clear(&report);
  }
  gkt_linear_solver_destroy(&solver);
}

static double largest(const heat *h) {
  double most = 0;
  for (gkt_idx i = 0; i < gkt_space_num_dofs(h->space); i++) most = fmax(most, h->u[i]);
  return most;
}

/* From k = 0.1 for a time of 1/2 to k = 0.2 for another; the error of the largest value. */
static double error_with(int steps) {
  heat h = {.step = 0.5 / steps};
  gkt_mesh *mesh;
  gkt_scope *scope;
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {24, 24}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_scope_create(ctx, 2, &scope));
  begin(&h, mesh, scope);
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
