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
static const double ROBIN = 1.42;                 /* Roininen, Huttunen and Lasanen 2014 */
static const double SPACING = 2, ACCURACY = 1e-4; /* of the quadrature of a fractional power: its error is about 2 exp(-2 pi^2/spacing); of what stands for its tails */
enum { LARGEST_FACTOR = 50000 /* dofs in space */, ALPHA = 2, MOST = 4, MOST_POLES = 64 }; /* of each solve; of all */

typedef struct { /* of a sum of weight (operator K + mass M)^-1, for a fractional power of the operator */
  double operator, mass, weight;
  gkt_csr *matrix;
  gkt_linear_solver *solver;
} pole;

struct gkt_gaussian {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_gaussian_options options;
  int dim, num_solves; /* of the operator as it is */
  double fraction;     /* of its power beyond these */
  double kappa, scale; /* of a solution for white noise, to the deviation */
  gkt_space *space;
  gkt_scope *scope;
  gkt_space *points;  /* of the noise */
  gkt_form *form;     /* the operator */
  gkt_form *loads[2]; /* of noise z at points; of y in the space */
  gkt_assembler *assemblers[2];
  gkt_expression *zero;
  gkt_scalar constants[4]; /* kappa^2, the factor of g on the boundary; parts of operator and mass */
  gkt_system *system;
  gkt_system_facts facts;
  pole poles[MOST_POLES]; /* [0]: the operator itself */
  int num_poles;
  gkt_scalar *deviations;          /* [points] of the noise: 1/sqrt(weight) */
  gkt_scalar *noise, *b, *x, *sum; /* [points], [dofs]: work */
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
  if (!(*nu > 0 && *nu <= last))
    return gkt_fail(g->ctx, GKT_BAD_INPUT, "Gaussian field: a smoothness of %g; expected above 0, to %g in %d dimension%s", *nu, last, g->dim, g->dim == 1 ? "" : "s");
  const double power = (*nu + 0.5 * g->dim) / ALPHA;
  g->num_solves = (int)(power + 1e-9), g->fraction = power - g->num_solves;
  if (g->fraction < 1e-9) g->fraction = 0;
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
  GKT_TRY(gkt_scope_add_constant(g->scope, "part", &number));
  GKT_TRY(gkt_scope_add_constant(g->scope, "mass", &number));
  g->constants[0] = g->kappa * g->kappa, g->constants[1] = g->kappa / ROBIN;
  const char *text = robin ? "part*inner(grad(g), grad(w))*dx + (part*k2 + mass)*g*w*dx + part*beta*g*w*ds" : "part*inner(grad(g), grad(w))*dx + (part*k2 + mass)*g*w*dx";
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = text}, &g->form));
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = "z*w*dx(degree=2)"}, &g->loads[NOISE]));
  GKT_TRY(gkt_form_parse(g->scope, GKT_EQUATION, &(gkt_source){.text = "y*w*dx"}, &g->loads[MASS]));
  return gkt_expression_parse(g->scope, &(gkt_source){.text = "0"}, &g->zero);
}

/* With the pole's parts of operator and mass. */
static gkt_status assemble_pole(gkt_gaussian *g, const gkt_vector *u, pole *p) {
  g->constants[2] = p->operator, g->constants[3] = p->mass;
  GKT_TRY(gkt_system_set_data(g->system, &(gkt_inputs){.constants = g->constants}));
  GKT_TRY(gkt_system_matrix(g->system, &p->matrix));
  const gkt_state state = gkt_system_state(g->system, u);
  return gkt_system_tangent(g->system, &state, (gkt_shifts){.value = 1}, p->matrix);
}

static gkt_status assemble(gkt_gaussian *g, const gkt_vector *u) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  const int unknown = G;
  GKT_TRY(gkt_system_create(g->form, g->mesh, 1, &unknown, spaces, &g->system));
  g->constants[2] = 1;
  GKT_TRY(gkt_system_set_data(g->system, &(gkt_inputs){.constants = g->constants}));
  if (g->options.boundary == GKT_FIELD_ZERO)
    GKT_TRY(gkt_system_constrain(g->system,
                                 &(gkt_condition){.set = gkt_mesh_find_set(g->mesh, "boundary"), .component = GKT_ALL_COMPONENTS, .value = g->zero, .place = "Gaussian field"}));
  g->poles[0] = (pole){.operator= 1 }, g->num_poles = 1;
  return assemble_pole(g, u, &g->poles[0]);
}

/* ---- fractional powers: L^-s = sin(pi s)/pi times the integral of exp((1 - s) y) (exp(y) + L)^-1 over all y, 0 < s < 1, by the trapezoidal rule (A. Bonito and J. Pasciak, Math.
   Comp. 84 (2015)), with L = M^-1 K. Far below L's eigenvalues what is inverted is L, far above exp(y): the sums of these tails are those of a geometric series. ---- */
static void add_pole(gkt_gaussian *g, double operator, double mass, double weight) {
  g->poles[g->num_poles++] = (pole){.operator= operator, .mass = mass, .weight = weight * SPACING * sin(PI * g->fraction) / PI};
}

static gkt_status choose_poles(gkt_gaussian *g, double largest) {
  const double s = g->fraction, bottom = 2 * log(g->kappa);
  const int first = (int)floor(log(ACCURACY) / (2 - s) / SPACING), last = (int)ceil((log(largest) - bottom - log(ACCURACY) / (1 + s)) / SPACING);
  if (!(last - first < MOST_POLES - 4))
    return gkt_fail(g->ctx, GKT_BAD_INPUT, "Gaussian field: cells %.1g times as small as the correlation length; expected a smoothness of %g or %g, or larger cells",
                    g->kappa / sqrt(largest), ALPHA - 0.5 * g->dim, MOST - 0.5 * g->dim);
  for (int l = first; l <= last; l++) add_pole(g, 1, exp(bottom + l * SPACING), exp((1 - s) * (bottom + l * SPACING)));
  g->poles[0].weight = SPACING * sin(PI * s) / PI * exp((1 - s) * (bottom + (first - 1) * SPACING)) / (1 - exp((s - 1) * SPACING));
  add_pole(g, 0, 1, exp(-s * (bottom + (last + 1) * SPACING)) / (1 - exp(-s * SPACING)));
  return GKT_OK;
}

/* Near the largest eigenvalue of M^-1 K: of linear elements it is within a few times the largest ratio of diagonals; floor: all are above. */
static double find_largest(const gkt_csr *K, const gkt_csr *M, const bool *constrained, double floor) {
  double largest = floor;
  for (gkt_idx i = 0; i < K->num_rows; i++)
    for (gkt_idx k = K->row_offsets[i]; k < K->row_offsets[i + 1]; k++)
      if (K->cols[k] == i && !(constrained && constrained[i])) largest = fmax(largest, K->vals[k] / M->vals[k]);
  return 3 * largest;
}

static gkt_status make_poles(gkt_gaussian *g, const gkt_vector *u) {
  pole mass = {.mass = 1};
  gkt_status status;
  if (g->fraction == 0) return GKT_OK;
  GKT_GO(assemble_pole(g, u, &mass));
  GKT_GO(choose_poles(g, find_largest(g->poles[0].matrix, mass.matrix, g->facts.constrained, g->kappa * g->kappa)));
  for (int i = 1; i < g->num_poles; i++) GKT_GO(assemble_pole(g, u, &g->poles[i]));
done:
  gkt_csr_destroy(&mass.matrix);
  return status;
}

static gkt_status weigh(gkt_gaussian *g) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  GKT_TRY(gkt_space_weights(g->points, g->deviations));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(g->points); i++) g->deviations[i] = 1 / sqrt(g->deviations[i]);
  for (int k = 0; k < 2; k++) GKT_TRY(gkt_assembler_create(g->loads[k], g->mesh, spaces, &g->assemblers[k]));
  return GKT_OK;
}

static gkt_status create_solvers(gkt_gaussian *g) {
  gkt_linear_options options = gkt_linear_options_default();
  if (g->dim < 3 || gkt_space_num_dofs(g->space) <= LARGEST_FACTOR) options.method = GKT_LINEAR_DIRECT;
  options.repeated = true;
  for (int i = 0; i < g->num_poles; i++) GKT_TRY(gkt_linear_solver_create(g->ctx, g->poles[i].matrix, &g->facts, &options, &g->poles[i].solver));
  return GKT_OK;
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
  GKT_GO(gkt_alloc(ctx, n, sizeof *g->sum, &g->sum));
  GKT_GO(assemble(g, u));
  GKT_GO(gkt_system_get_facts(g->system, &g->facts));
  GKT_GO(make_poles(g, u));
  GKT_GO(weigh(g));
  GKT_GO(create_solvers(g));
done:
  gkt_vector_destroy(&u);
  if (status == GKT_OK) *out = g;
  else gkt_gaussian_destroy(&g);
  return status;
}

void gkt_gaussian_destroy(gkt_gaussian **gaussian) {
  gkt_gaussian *g = *gaussian;
  if (!g) return;
  for (int i = 0; i < g->num_poles; i++) gkt_linear_solver_destroy(&g->poles[i].solver), gkt_csr_destroy(&g->poles[i].matrix);
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
  gkt_free(&g->sum);
  gkt_context_destroy(&g->ctx);
  gkt_free(gaussian);
}

const gkt_space *gkt_gaussian_space(const gkt_gaussian *g) { return g->space; }

/* ---- draws ---- */
/* x = A^-1 b */
static gkt_status solve(gkt_gaussian *g, const pole *p) {
  const gkt_idx n = gkt_space_num_dofs(g->space);
  gkt_linear_report report;
  for (gkt_idx i = 0; i < n; i++) {
    g->x[i] = 0;
    if (g->facts.constrained && g->facts.constrained[i]) g->b[i] = 0;
  }
  GKT_TRY(gkt_linear_solver_solve(p->solver, 1, n, g->b, g->x, &report));
  gkt_linear_report_clear(&report);
  return report.converged ? GKT_OK : gkt_fail(g->ctx, GKT_LIBRARY, "Gaussian field: its system was not solved (%s, residual %.2e)", report.method, report.residual);
}

static gkt_status assemble_load(gkt_gaussian *g, int load) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[G] = g->space, [Z] = g->points, [Y] = g->space};
  const gkt_scalar *values[NUM_FUNCTIONS] = {[Z] = g->noise, [Y] = g->x};
  return gkt_assemble_vector(g->assemblers[load], &(gkt_inputs){.spaces = spaces, .values = values}, g->b);
}

/* x = L^-fraction x, or of the noise */
static gkt_status take_fraction(gkt_gaussian *g) {
  const gkt_idx n = gkt_space_num_dofs(g->space);
  GKT_TRY(assemble_load(g, g->num_solves ? MASS : NOISE));
  memset(g->sum, 0, (size_t)n * sizeof *g->sum);
  for (int k = 0; k < g->num_poles; k++) {
    GKT_TRY(solve(g, &g->poles[k]));
    for (gkt_idx i = 0; i < n; i++) g->sum[i] += g->poles[k].weight * g->x[i];
  }
  memcpy(g->x, g->sum, (size_t)n * sizeof *g->x);
  return GKT_OK;
}

gkt_status gkt_gaussian_draw(gkt_gaussian *g, const gkt_draw *draw, gkt_scalar *values) {
  const gkt_idx num_points = gkt_space_num_dofs(g->points);
  gkt_draw_normal(draw, num_points, g->noise);
  for (gkt_idx i = 0; i < num_points; i++) g->noise[i] *= g->deviations[i];
  for (int k = 0; k < g->num_solves; k++) {
    GKT_TRY(assemble_load(g, k ? MASS : NOISE));
    GKT_TRY(solve(g, &g->poles[0]));
  }
  if (g->fraction > 0) GKT_TRY(take_fraction(g));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(g->space); i++) values[i] = g->scale * g->x[i];
  return GKT_OK;
}
