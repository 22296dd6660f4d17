/* Gaussian random fields by a stochastic partial differential equation, through the language, assembly and solvers that everything goes through.
   White noise W on a space has loads (W, w_i) of covariance M, the mass matrix: the sum over quadrature points of sqrt(weight) w_i(point) times independent numbers has it, where
   the rule integrates products of two shape functions (Croci, Giles, Rognes and Farrell, SIAM/ASA J. Uncertain. Quantif. 6 (2018), do so by cells). Lumped masses, as in Lindgren,
   Rue and Lindgren's paper, would need more cells: with five in a correlation length the variance in the plane would be 9 % too large, and is 2 % too small (by Fourier symbols on
   a regular mesh). */
#include <string.h>

#include "core/core.h"
#include "galerkit/sample.h"
#include "galerkit/system.h"

static const double PI = 3.14159265358979323846;
static const double ROBIN = 1.42;                                         /* Roininen, Huttunen and Lasanen 2014 */
enum { LARGEST_FACTOR = 50000 /* dofs in space */, ALPHA = 2, MOST = 4 }; /* of each solve; of all */

struct gkt_gaussian {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_gaussian_options options;
  int dim, num_solves;
  double kappa, scale; /* of a solution for white noise, to the deviation */
  gkt_space *space;
  gkt_scope *scope;
  gkt_space *points;  /* of the noise */
  gkt_form *form;     /* the operator */
  gkt_form *loads[2]; /* of noise z at points; of y in the space */
  gkt_assembler *assemblers[2];
  gkt_expression *zero;
  gkt_scalar constants[2]; /* kappa^2, and the factor of g on the boundary */
  gkt_system *system;
  gkt_csr *matrix;
  gkt_system_facts facts;
  gkt_linear_solver *solver;
  gkt_scalar *deviations;    /* [points] of the noise: 1/sqrt(weight) */
  gkt_scalar *noise, *b, *x; /* [points], [dofs] twice: work */
};
enum { NOISE, MASS };
enum { G, TEST, Z, Y, NUM_FUNCTIONS }; /* as they are declared */

gkt_gaussian_options gkt_gaussian_options_default(void) { return (gkt_gaussian_options){.deviation = 1}; }

/* ---- what is asked for ---- */
static gkt_status check_number(gkt_context *ctx, const char *what, double x) {
  return x > 0 && isfinite(x) ? GKT_OK : gkt_fail(ctx, GKT_BAD_INPUT, "Gaussian field: the %s is %g; expected a number above 0", what, x);
}

static gkt_status choose(gkt_gaussian *g) {
  const double first = ALPHA - 0.5 * g->dim, last = MOST - 0.5 * g->dim;
  double *nu = &g->options.smoothness;
  GKT_TRY(check_number(g->ctx, "correlation length", g->options.length));
  GKT_TRY(check_number(g->ctx, "deviation", g->options.deviation));
  if (*nu == 0) *nu = first;
  if (*nu != first && *nu != last)
    return gkt_fail(g->ctx, GKT_BAD_INPUT, "Gaussian field: a smoothness of %g; expected %g or %g, which even powers of the operator have in %d dimension%s", *nu, first, last,
                    g->dim, g->dim == 1 ? "" : "s");
  g->num_solves = *nu == first ? 1 : 2;
  g->kappa = sqrt(8 * *nu) / g->options.length;
  /* Lindgren, Rue and Lindgren 2011, section 2: the variance on all of space */
  const double variance = exp(lgamma(*nu) - lgamma(*nu + 0.5 * g->dim)) / (pow(4 * PI, 0.5 * g->dim) * pow(g->kappa, 2 * *nu));
  g->scale = g->options.deviation / sqrt(variance);
  return GKT_OK;
}

/* ---- the operator ---- */
static gkt_status parse(gkt_gaussian *g) {
  const gkt_element element = {GKT_LAGRANGE, 1}, at_points = {GKT_QUADRATURE_POINTS, 2};
  const bool robin = g->options.boundary == GKT_FIELD_ROBIN;
  int number;
  GKT_TRY(gkt_space_create(g->mesh, element, gkt_shape_scalar(), &g->space));
  GKT_TRY(gkt_space_create(g->mesh, at_points, gkt_shape_scalar(), &g->points));
  GKT_TRY(gkt_scope_create(g->ctx, g->dim, &g->scope));
  GKT_TRY(gkt_scope_add_field(g->scope, "g", "w", gkt_shape_scalar(), element, &number));
  GKT_TRY(gkt_scope_add_coefficient(g->scope, "z", gkt_shape_scalar(), at_points, &number));
  GKT_TRY(gkt_scope_add_coefficient(g->scope, "y", gkt_shape_scalar(), element, &number));
  GKT_TRY(gkt_scope_add_constant(g->scope, "k2", &number));
  GKT_TRY(gkt_scope_add_constant(g->scope, "beta", &number));
  g->constants[0] = g->kappa * g->kappa, g->constants[1] = g->kappa / ROBIN;
  const char *text = robin ? "inner(grad(g), grad(w))*dx + k2*g*w*dx + beta*g*w*ds" : "inner(grad(g), grad(w))*dx + k2*g*w*dx";
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = text}, &g->form));
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = "z*w*dx(degree=2)"}, &g->loads[NOISE]));
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = "y*w*dx"}, &g->loads[MASS]));
  return gkt_expression_parse(g->scope, &(gkt_source){.text = "0"}, &g->zero);
}

static gkt_status assemble(gkt_gaussian *g, gkt_vector *u) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  const int unknown = G;
  GKT_TRY(gkt_system_create(g->form, g->mesh, 1, &unknown, spaces, &g->system));
  GKT_TRY(gkt_system_set_data(g->system, &(gkt_inputs){.constants = g->constants}));
  if (g->options.boundary == GKT_FIELD_ZERO)
    GKT_TRY(gkt_system_constrain(g->system,
                                 &(gkt_condition){.set = gkt_mesh_find_set(g->mesh, "boundary"), .component = GKT_ALL_COMPONENTS, .value = g->zero, .place = "Gaussian field"}));
  GKT_TRY(gkt_system_matrix(g->system, &g->matrix));
  const gkt_state state = gkt_system_state(g->system, u);
  GKT_TRY(gkt_system_tangent(g->system, &state, (gkt_shifts){.value = 1}, g->matrix));
  return gkt_system_get_facts(g->system, &g->facts);
}

static gkt_status weigh(gkt_gaussian *g) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  GKT_TRY(gkt_space_weights(g->points, g->deviations));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(g->points); i++) g->deviations[i] = 1 / sqrt(g->deviations[i]);
  for (int k = 0; k < 2; k++) GKT_TRY(gkt_assembler_create(g->loads[k], g->mesh, spaces, &g->assemblers[k]));
  return GKT_OK;
}

static gkt_status create_solver(gkt_gaussian *g) {
  gkt_linear_options options = gkt_linear_options_default();
  if (g->dim < 3 || gkt_space_num_dofs(g->space) <= LARGEST_FACTOR) options.method = GKT_LINEAR_DIRECT;
  options.repeated = true;
  return gkt_linear_solver_create(g->ctx, g->matrix, &g->facts, &options, &g->solver);
}

gkt_status gkt_gaussian_create(gkt_context *ctx, gkt_mesh *mesh, const gkt_gaussian_options *options, gkt_gaussian **out) {
  gkt_gaussian *g = NULL;
  gkt_vector *u = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *g, &g));
  g->ctx = gkt_context_retain(ctx), g->mesh = mesh, g->options = *options, g->dim = gkt_mesh_dim(mesh);
  GKT_GO(choose(g));
  GKT_GO(parse(g));
  const gkt_idx n = gkt_space_num_dofs(g->space);
  GKT_GO(gkt_vector_create(ctx, n, &u));
  GKT_GO(gkt_alloc(ctx, gkt_space_num_dofs(g->points), sizeof *g->deviations, &g->deviations));
  GKT_GO(gkt_alloc(ctx, gkt_space_num_dofs(g->points), sizeof *g->noise, &g->noise));
  GKT_GO(gkt_alloc(ctx, n, sizeof *g->b, &g->b));
  GKT_GO(gkt_alloc(ctx, n, sizeof *g->x, &g->x));
  GKT_GO(assemble(g, u));
  GKT_GO(weigh(g));
  GKT_GO(create_solver(g));
done:
  gkt_vector_destroy(&u);
  if (status == GKT_OK) *out = g;
  else gkt_gaussian_destroy(&g);
  return status;
}

void gkt_gaussian_destroy(gkt_gaussian **gaussian) {
  gkt_gaussian *g = *gaussian;
  if (!g) return;
  gkt_linear_solver_destroy(&g->solver);
  gkt_csr_destroy(&g->matrix);
  gkt_system_destroy(&g->system);
  gkt_form_destroy(&g->form);
  for (int k = 0; k < 2; k++) gkt_assembler_destroy(&g->assemblers[k]), gkt_form_destroy(&g->loads[k]);
  gkt_expression_destroy(&g->zero);
  gkt_scope_destroy(&g->scope);
  gkt_space_destroy(&g->space);
  gkt_space_destroy(&g->points);
  gkt_free(&g->deviations);
  gkt_free(&g->noise);
  gkt_free(&g->b);
  gkt_free(&g->x);
  gkt_context_destroy(&g->ctx);
  gkt_free(gaussian);
}

const gkt_space *gkt_gaussian_space(const gkt_gaussian *g) { return g->space; }

/* ---- draws ---- */
/* x = A^-1 b */
static gkt_status solve(gkt_gaussian *g) {
  const gkt_idx n = gkt_space_num_dofs(g->space);
  gkt_linear_report report;
  for (gkt_idx i = 0; i < n; i++) {
    g->x[i] = 0;
    if (g->facts.constrained && g->facts.constrained[i]) g->b[i] = 0;
  }
  GKT_TRY(gkt_linear_solver_solve(g->solver, 1, n, g->b, g->x, &report));
  gkt_linear_report_clear(&report);
  return report.converged ? GKT_OK : gkt_fail(g->ctx, GKT_LIBRARY, "Gaussian field: its system was not solved (%s, residual %.2e)", report.method, report.residual);
}

static gkt_status assemble_load(gkt_gaussian *g, int load) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  const gkt_scalar *values[NUM_FUNCTIONS] = {[Z] = g->noise, [Y] = g->x};
  return gkt_assemble_vector(g->assemblers[load], &(gkt_inputs){.spaces = spaces, .values = values}, g->b);
}

gkt_status gkt_gaussian_draw(gkt_gaussian *g, const gkt_draw *draw, gkt_scalar *values) {
  const gkt_idx num_points = gkt_space_num_dofs(g->points);
  gkt_draw_normal(draw, num_points, g->noise);
  for (gkt_idx i = 0; i < num_points; i++) g->noise[i] *= g->deviations[i];
  for (int k = 0; k < g->num_solves; k++) {
    GKT_TRY(assemble_load(g, k ? MASS : NOISE));
    GKT_TRY(solve(g));
  }
  for (gkt_idx i = 0; i < gkt_space_num_dofs(g->space); i++) values[i] = g->scale * g->x[i];
  return GKT_OK;
}
