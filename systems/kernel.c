/* Systems that no condition fixes. The kernel holds constants (pure Neumann problems) and, of elastic bodies, rigid rotations: the load must balance on each of them, and what
   the kernel leaves open is fixed: the mean of the solution, and the mean rotation of a body, are 0. */
#include <math.h>

#include "forms/build.h"
#include "solvers/linear.h"
#include "systems/system.h"

static void refuse_load(gkt_solution *o, int mode, double total, double size) {
  static const char *const planes[] = {"x-y", "y-z", "x-z"};
  char *reason = o->report->reason;
  const size_t room = sizeof o->report->reason;
  int bs = o->s->block.block_size;
  int n = snprintf(reason, room, "incompatible load: no condition fixes %s, so its load (sources and boundary fluxes together) must ", gkt_system_field(o->s));
  if (mode < bs) snprintf(reason + n, room - (size_t)n, "sum to zero, but component %d sums to %.6g (absolute sum %.6g)", mode, total, size);
  else snprintf(reason + n, room - (size_t)n, "have no moment, but in the %s plane it has one (%.3g of the sum of its parts' moments)", planes[mode - bs], total / size);
}

/* What rounding leaves of the load along a mode is taken away, so that the system has a solution; more sets the reason why there is none. */
static void balance_mode(gkt_solution *o, int mode, gkt_idx n, const gkt_scalar *v, gkt_scalar *b) {
  double total = 0, size = 0, most = 0;
  for (gkt_idx i = 0; i < n; i++) total += v[i] * b[i], size += fabs(v[i] * b[i]), most = fmax(most, fabs(v[i]));
  if (fabs(total) > 1e-8 * size) refuse_load(o, mode, total / most, size / most); /* a constant's entries are all alike */
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

static gkt_status balance_load(gkt_solution *o, gkt_scalar *b) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_scalar *modes[GKT_MAX_MODES] = {NULL};
  int count = 0, block = o->s->block.block_size;
  gkt_status status = GKT_OK;
  for (int m = 0; m < gkt_num_modes(&o->facts) && !o->report->reason[0]; m++) {
    if (!modes[count]) GKT_GO(gkt_alloc(o->s->ctx, n, sizeof **modes, &modes[count]));
    gkt_mode(o->s->matrix, &o->facts, m, modes[count]);
    bool rotation = m >= block;
    if (rotation && !gkt_is_in_kernel(o->s->matrix, modes[count])) continue; /* straight fields on curved cells hold no rotations */
    o->report->turns_freely |= rotation;
    orthonormalize(count, modes, n, modes[count]);
    if (o->facts.symmetric) balance_mode(o, m, n, modes[count], b); /* else what A' maps to zero is not known */
    count++;
  }
done:
  for (int m = 0; m < GKT_MAX_MODES; m++) gkt_free(&modes[m]);
  return status;
}

gkt_status gkt_solution_refuse_load(gkt_solution *o, gkt_scalar *b) {
  if (!o->facts.singular) return GKT_OK;
  if (gkt_space_element(o->s->space).kind != GKT_DISCONTINUOUS_LAGRANGE) return balance_load(o, b);
  snprintf(o->report->reason, sizeof o->report->reason, "the system is singular: nothing determines the mean of '%s' in each cell%s", gkt_system_field(o->s),
           gkt_system_discontinuity(o->s));
  return GKT_OK;
}

/* ---- what the kernel leaves open ---- */
static gkt_status integrate(gkt_solution *o, gkt_build *build, gkt_value value, double *out) {
  gkt_system *s = o->s;
  const gkt_inputs inputs = gkt_system_now(s, o->u);
  gkt_form *form = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  GKT_GO(gkt_build_functional(build, value, -1, &form));
  GKT_GO(gkt_assembler_create(form, s->mesh, s->spaces, &assembler));
  GKT_GO(gkt_assemble_functional(assembler, &inputs, out));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  return status;
}

/* u += turn x, about the origin, in the plane of components a and b */
static void rotate(gkt_solution *o, int a, int b, double turn) {
  const double *x = gkt_space_coords(o->s->space);
  for (gkt_size i = 0, dim = o->s->dim; i < gkt_space_num_nodes(o->s->space); i++) {
    o->u[i * dim + a] -= turn * x[i * dim + b];
    o->u[i * dim + b] += turn * x[i * dim + a];
  }
}

/* Mean of (d u_b / d x_a - d u_a / d x_b) / 2 to 0, in every plane; the gradient of a rotation is constant. */
static gkt_status fix_rotation(gkt_solution *o, gkt_build *build, gkt_value u, double volume) {
  gkt_value grad = gkt_build_grad(build, u), two = gkt_build_number(build, 2);
  const int dim = o->s->dim;
  for (int a = 0; a < dim; a++)
    for (int b = a + 1; b < dim; b++) {
      gkt_value twice = gkt_build_operator(build, '-', gkt_build_component(build, grad, b * dim + a), gkt_build_component(build, grad, a * dim + b));
      double turn;
      GKT_TRY(integrate(o, build, gkt_build_operator(build, '/', twice, two), &turn));
      rotate(o, a, b, -turn / volume);
    }
  return GKT_OK;
}

gkt_status gkt_solution_fix_kernel(gkt_solution *o) {
  gkt_system *s = o->s;
  const gkt_source origin = {.text = gkt_system_field(s), .file = s->residual->file, .key = "solver.nullspace"};
  gkt_build build = {.scope = s->residual->scope, .source = &origin};
  gkt_value u = gkt_build_function(&build, s->unknown);
  const int bs = s->block.block_size;
  double volume;
  GKT_TRY(integrate(o, &build, gkt_build_number(&build, 1), &volume));
  if (o->report->turns_freely) GKT_TRY(fix_rotation(o, &build, u, volume));
  for (int c = 0; c < bs; c++) {
    double mean;
    GKT_TRY(integrate(o, &build, gkt_build_component(&build, u, c), &mean));
    for (gkt_idx i = 0; i < gkt_space_num_nodes(s->space); i++) o->u[(gkt_size)i * bs + c] -= mean / volume;
  }
  return GKT_OK;
}
