/* Problems that no condition fixes. The kernel holds constants (pure Neumann problems) and, of elastic bodies, rigid rotations: the load must balance on each of them, and what
   the kernel leaves open is fixed: the mean of the solution, and the mean rotation of a body, are 0. */
#include <math.h>

#include "forms/build.h"
#include "problem/problem.h"
#include "solvers/linear.h"

static void refuse_load(gkt_problem *p, int mode, double total, double size) {
  static const char *const planes[] = {"x-y", "y-z", "x-z"};
  const char *field = gkt_scope_function_name(p->scope, p->field);
  int bs = gkt_space_block_size(p->spaces[p->field]), n;
  n = snprintf(p->reason, sizeof p->reason, "incompatible load: no condition fixes %s, so its load (sources and boundary fluxes together) must ", field);
  if (mode < bs) snprintf(p->reason + n, sizeof p->reason - (size_t)n, "sum to zero, but component %d sums to %.6g (absolute sum %.6g)", mode, total, size);
  else
    snprintf(p->reason + n, sizeof p->reason - (size_t)n, "have no moment, but in the %s plane it has one (%.3g of the sum of its parts' moments)", planes[mode - bs],
             total / size);
}

/* What rounding leaves of the load along a mode is taken away, so that the system has a solution; more sets the reason why there is none. */
static void balance_mode(gkt_problem *p, int mode, gkt_idx n, const gkt_scalar *v, gkt_scalar *b) {
  double total = 0, size = 0, most = 0;
  for (gkt_idx i = 0; i < n; i++) total += v[i] * b[i], size += fabs(v[i] * b[i]), most = fmax(most, fabs(v[i]));
  if (fabs(total) > 1e-8 * size) refuse_load(p, mode, total / most, size / most); /* a constant's entries are all alike */
  for (gkt_idx i = 0; i < n; i++) b[i] -= total * v[i];
}

/* v: of length 1 and orthogonal to the modes before it. */
static void orthonormalize(int count, gkt_scalar *const *modes, gkt_idx n, gkt_scalar *v) {
  double square = 0;
  for (int k = 0; k < count; k++) {
    double dot = 0;
    for (gkt_idx i = 0; i < n; i++) dot += modes[k][i] * v[i];
    for (gkt_idx i = 0; i < n; i++) v[i] -= dot * modes[k][i];
  }
  for (gkt_idx i = 0; i < n; i++) square += v[i] * v[i];
  for (gkt_idx i = 0; i < n; i++) v[i] /= sqrt(square);
}

gkt_status gkt_problem_balance_load(gkt_problem *p, const gkt_system_facts *facts, gkt_scalar *b) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *modes[GKT_MAX_MODES] = {NULL};
  int count = 0, block = gkt_space_block_size(p->spaces[p->field]);
  gkt_status status = GKT_OK;
  for (int m = 0; m < gkt_num_modes(facts) && !p->reason[0]; m++) {
    if (!modes[count]) GKT_GO(gkt_alloc(p->ctx, n, sizeof **modes, &modes[count]));
    gkt_mode(p->matrix, facts, m, modes[count]);
    bool rotation = m >= block;
    if (rotation && !gkt_is_in_kernel(p->matrix, modes[count])) continue; /* straight fields on curved cells hold no rotations */
    p->turns_freely |= rotation;
    orthonormalize(count, modes, n, modes[count]);
    if (facts->symmetric) balance_mode(p, m, n, modes[count], b); /* else what A' maps to zero is not known */
    count++;
  }
done:
  for (int m = 0; m < GKT_MAX_MODES; m++) gkt_free(&modes[m]);
  return status;
}

static gkt_status integrate(gkt_problem *p, gkt_build *b, gkt_value integrand, double *out) {
  gkt_form *form = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  GKT_GO(gkt_build_functional(b, integrand, -1, &form));
  GKT_GO(gkt_assembler_create(form, p->mesh, p->spaces, &assembler));
  GKT_GO(gkt_assemble_functional(assembler, &p->inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  return status;
}

/* u += turn x, about the origin, in the plane of components a and b */
static void rotate(const gkt_problem *p, int a, int b, double turn) {
  const double *x = gkt_space_coords(p->spaces[p->field]);
  gkt_scalar *u = p->values[p->field];
  for (gkt_size i = 0; i < gkt_space_num_nodes(p->spaces[p->field]); i++) {
    u[i * p->dim + a] -= turn * x[i * p->dim + b];
    u[i * p->dim + b] += turn * x[i * p->dim + a];
  }
}

/* Mean of (d u_b / d x_a - d u_a / d x_b) / 2 to 0, in every plane; the gradient of a rotation is constant. */
static gkt_status fix_rotation(gkt_problem *p, gkt_build *build, gkt_value u, double volume) {
  gkt_value grad = gkt_build_grad(build, u), two = gkt_build_number(build, 2);
  for (int a = 0; a < p->dim; a++)
    for (int b = a + 1; b < p->dim; b++) {
      gkt_value twice = gkt_build_operator(build, '-', gkt_build_component(build, grad, b * p->dim + a), gkt_build_component(build, grad, a * p->dim + b));
      double turn;
      GKT_TRY(integrate(p, build, gkt_build_operator(build, '/', twice, two), &turn));
      rotate(p, a, b, -turn / volume);
    }
  return GKT_OK;
}

gkt_status gkt_problem_fix_kernel(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const gkt_source origin = {.text = gkt_scope_function_name(p->scope, p->field), .file = p->settings->file, .key = "solver.nullspace"};
  gkt_build build = {.scope = p->scope, .source = &origin};
  gkt_value u = gkt_build_function(&build, p->field);
  int bs = gkt_space_block_size(space);
  double volume;
  GKT_TRY(integrate(p, &build, gkt_build_number(&build, 1), &volume));
  if (p->turns_freely) GKT_TRY(fix_rotation(p, &build, u, volume));
  for (int c = 0; c < bs; c++) {
    double mean;
    GKT_TRY(integrate(p, &build, gkt_build_component(&build, u, c), &mean));
    for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) p->values[p->field][(gkt_size)i * bs + c] -= mean / volume;
  }
  return GKT_OK;
}
