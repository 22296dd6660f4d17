/* Systems that no condition fixes, or not in all of their unknowns. The kernel holds constants (pure Neumann problems, the pressure of an enclosed flow) and, of elastic bodies,
   rigid rotations: what the equations are given must balance along what the transpose maps to zero, and what the kernel leaves open is fixed: means and mean rotations are 0. */
#include <float.h>
#include <math.h>

#include "assembly/assembler.h"
#include "core/vector.h"
#include "solvers/linear.h"
#include "systems/device.h"

/* ---- modes ---- */
static bool is_constant(const gkt_solution *o, const gkt_kernel_mode *m) { return m->mode < o->s->blocks[m->block].block_size; }

/* Constants v that move nothing that is given; rotations where no condition gives anything of the unknown. */
static bool is_free(const gkt_system *s, int block, int mode, const gkt_scalar *v) {
  const gkt_layout_block *l = &s->blocks[block];
  for (gkt_idx i = l->first; i < l->first + l->count; i++)
    if (gkt_constraints_give(s->constraints, i) && (fabs(v[i]) > 1e-10 || (mode >= l->block_size && s->constraints->sources[i] != GKT_OF_AXIS))) return false;
  return true;
}

/* Of the nodes, so that rotations about it are well apart from constants; where nodes are tied by a rotation, on its axis. */
static void find_middle(const gkt_system *s, int block, double middle[3]) {
  const gkt_layout_block *l = &s->blocks[block];
  const gkt_ties *ties = s->ties ? s->ties[l->function] : NULL;
  const double *coords = gkt_space_coords(gkt_system_space(s, block));
  const gkt_idx nodes = l->count / l->block_size;
  for (int d = 0; d < 3; d++) middle[d] = ties && ties->has_axis ? ties->axis[d] : 0;
  for (gkt_size i = 0; i < (gkt_size)nodes * s->dim && !(ties && ties->has_axis); i++) middle[i % s->dim] += coords[i] / nodes;
}

/* v [dofs] of u~; rotations have a speed of 1. */
static void make_mode(const gkt_system *s, int block, int mode, gkt_scalar *v) {
  const gkt_layout_block *l = &s->blocks[block];
  const double *coords = gkt_space_coords(gkt_system_space(s, block));
  double middle[3], x[3] = {0};
  find_middle(s, block, middle);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) v[i] = 0;
  for (gkt_idx i = 0; i < l->count; i++) {
    for (int d = 0; d < s->dim; d++) x[d] = coords[(gkt_size)(i / l->block_size) * s->dim + d] - middle[d];
    v[l->first + i] = gkt_mode_value(mode, l->block_size, i % l->block_size, x);
  }
  if (s->ties) gkt_system_to_tied(s, v, v);
}

/* Values of the host [dofs], in another place. */
static gkt_status create_copy(const gkt_system *s, gkt_scalar *values, gkt_where where, gkt_vector **out) {
  gkt_vector *host = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_wrap(s->ctx, gkt_system_num_dofs(s), values, &host));
  GKT_GO(gkt_vector_create_on(s->ctx, where, gkt_system_num_dofs(s), out));
  GKT_GO(gkt_vector_to(host, *out));
done:
  gkt_vector_destroy(&host);
  return status;
}

static gkt_status create_mode(const gkt_system *s, int block, int mode, gkt_where where, gkt_vector **out) {
  gkt_scalar *v = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(s->ctx, gkt_system_num_dofs(s), sizeof *v, &v));
  make_mode(s, block, mode, v);
  GKT_GO(create_copy(s, v, where, out));
done:
  gkt_free(&v);
  return status;
}

/* v: of length 1 and orthogonal to the modes before it. */
static void orthonormalize(const gkt_kernel *kernel, gkt_vector *v) {
  for (int k = 0; k < kernel->count; k++) gkt_vector_axpy(-gkt_vector_dot(kernel->modes[k].values, v), kernel->modes[k].values, v);
  gkt_vector_scale(v, 1 / gkt_vector_norm(v));
}

static gkt_status keep(gkt_solution *o, gkt_kernel *kernel, int block, int mode, gkt_where where) {
  gkt_kernel_mode *m = &kernel->modes[kernel->count];
  if (kernel->count == GKT_MAX_KERNEL) return GKT_OK; /* what is left free is singular, and named so */
  *m = (gkt_kernel_mode){.block = block, .mode = mode};
  gkt_status status = create_mode(o->s, block, mode, where, &m->values);
  if (status == GKT_OK) orthonormalize(kernel, m->values);
  kernel->count++;
  return status;
}

static void clear(gkt_kernel *kernel) {
  for (int k = 0; k < kernel->count; k++) {
    gkt_kernel_mode *m = &kernel->modes[k];
    gkt_vector_destroy(&m->values), gkt_vector_destroy(&m->mean), gkt_vector_destroy(&m->motion), gkt_vector_destroy(&m->spread);
  }
  kernel->count = 0;
}

static gkt_status fetch_vector(gkt_context *ctx, gkt_vector **v) {
  gkt_vector *host = NULL;
  if (!*v || gkt_vector_where(*v) == GKT_ON_HOST) return GKT_OK;
  gkt_status status;
  GKT_GO(gkt_vector_create(ctx, gkt_vector_size(*v), &host));
  GKT_GO(gkt_vector_to(*v, host));
  gkt_vector_destroy(v);
  *v = host, host = NULL;
done:
  gkt_vector_destroy(&host);
  return status;
}

gkt_status gkt_solution_fetch_kernel(gkt_solution *o) {
  gkt_kernel *const both[] = {&o->right, &o->left};
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < both[i]->count; k++) {
      GKT_TRY(fetch_vector(o->s->ctx, &both[i]->modes[k].values));
      GKT_TRY(fetch_vector(o->s->ctx, &both[i]->modes[k].spread));
    }
  return GKT_OK;
}

void gkt_solution_clear_kernel(gkt_solution *o) { clear(&o->right), clear(&o->left); }

/* ---- what is there ---- */
/* Of one unknown: A' v = 0, as gkt_is_in_kernel? sums, sizes: [dofs] work */
static bool is_in_left_kernel(const gkt_csr *A, const gkt_scalar *v, gkt_scalar *sums, gkt_scalar *sizes) {
  for (gkt_idx i = 0; i < A->num_cols; i++) sums[i] = sizes[i] = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1] && v[i] != 0; k++) sums[A->cols[k]] += A->vals[k] * v[i], sizes[A->cols[k]] += fabs(A->vals[k] * v[i]);
  return gkt_norm(A->num_cols, sums, NULL) <= 1e-10 * gkt_norm(A->num_cols, sizes, NULL);
}

/* Of several: is v among what the solvers find? work [dofs] */
static bool is_among(const gkt_solution *o, const gkt_null_space *found, bool left, const gkt_scalar *v, gkt_scalar *work) {
  const gkt_idx n = gkt_system_num_dofs(o->s);
  for (gkt_idx i = 0; i < n; i++) work[i] = v[i];
  gkt_null_space_project(found, left, work);
  return gkt_norm(n, work, NULL) <= 1e-8 * gkt_norm(n, v, NULL);
}

static gkt_status is_in_kernel(gkt_system *s, const gkt_csr *A, gkt_scalar *v, bool *out) {
  gkt_vector *there = NULL;
  gkt_status status;
  if (A->where == GKT_ON_HOST) return *out = gkt_is_in_kernel(A, v), GKT_OK;
  GKT_GO(create_copy(s, v, GKT_ON_DEVICE, &there));
  GKT_GO(gkt_system_is_in_kernel_there(s, A, there, out));
done:
  gkt_vector_destroy(&there);
  return status;
}

/* Of one unknown it is proven that constants are; straight fields on curved cells hold no rotations. */
static gkt_status is_right(const gkt_solution *o, const gkt_csr *A, const gkt_null_space *found, int mode, gkt_scalar *v, gkt_scalar *work, bool *out) {
  if (found) return *out = is_among(o, found, false, v, work), GKT_OK;
  *out = mode < o->s->blocks[0].block_size && !gkt_system_turns(o->s, 0);
  return *out ? GKT_OK : is_in_kernel(o->s, A, v, out);
}

/* Of one unknown whose nonlinear tangent is not symmetric, what holds at a state need not elsewhere. */
static bool is_left(const gkt_solution *o, const gkt_csr *A, const gkt_null_space *found, bool right, const gkt_scalar *v, gkt_scalar *work) {
  if (o->facts.symmetric) return right;
  if (found) return is_among(o, found, true, v, work);
  return !o->s->is_nonlinear && is_in_left_kernel(A, v, work, work + gkt_system_num_dofs(o->s));
}

/* found: NULL, of one unknown; work [3][dofs] */
static gkt_status try_mode(gkt_solution *o, const gkt_csr *A, const gkt_null_space *found, int block, int mode, gkt_scalar *work) {
  gkt_scalar *v = work + 2 * (gkt_size)gkt_system_num_dofs(o->s);
  bool right;
  make_mode(o->s, block, mode, v);
  if (!is_free(o->s, block, mode, v)) return GKT_OK;
  GKT_TRY(is_right(o, A, found, mode, v, work, &right));
  if (is_left(o, A, found, right, v, work)) GKT_TRY(keep(o, &o->left, block, mode, A->where));
  return right ? keep(o, &o->right, block, mode, A->where) : GKT_OK;
}

/* Combinations, as a rotation about a line that conditions leave, or a common constant of two fields, have no mean that would be set. */
static void refuse_combinations(gkt_solution *o, const gkt_null_space *found) {
  const bool right = found->count > o->right.count, left = found->num_left > o->right.count; /* A maps as much to zero as A' */
  if (!right && !left) return;
  const int block = right ? found->right_blocks[found->count - 1] : found->left_blocks[found->num_left - 1];
  snprintf(o->report->reason, sizeof o->report->reason,
           "the system is singular: equation and conditions leave '%s' undetermined, by a motion or a constant of the whole of it that comes with others; add conditions, or terms "
           "that hold it",
           o->s->blocks[block].name);
}

static int num_modes(const gkt_solution *o, int block) {
  const gkt_near_null_kind kind = o->facts.blocks ? o->facts.blocks[block].near_null : o->facts.near_null;
  const int turns = o->s->dim == 2 ? 1 : o->s->dim == 3 ? 3 : 0;
  return o->s->blocks[block].block_size + (kind == GKT_KERNEL_RIGID_BODY ? turns : 0);
}

static int num_constants(const gkt_solution *o, int block) {
  int count = 0;
  for (int k = 0; k < o->right.count; k++) count += o->right.modes[k].block == block && is_constant(o, &o->right.modes[k]);
  return count;
}

/* "u and p", "component 1 of u", "the rotation of u" */
static void name_unfixed(gkt_solution *o) {
  gkt_solve_report *r = o->report;
  size_t used = 0;
  for (int k = 0; k < o->right.count && used < sizeof r->unfixed; k++) {
    const gkt_kernel_mode *m = &o->right.modes[k];
    const gkt_layout_block *l = &o->s->blocks[m->block];
    const bool all = num_constants(o, m->block) == l->block_size;
    char part[40] = "";
    r->turns_freely = r->turns_freely || !is_constant(o, m);
    const bool alone = num_constants(o, m->block) == 0 && (k == 0 || o->right.modes[k - 1].block != m->block); /* rotations without constants */
    if ((!is_constant(o, m) && !alone) || (all && m->mode > 0)) continue;
    if (alone) snprintf(part, sizeof part, "the rotation of ");
    else if (!all) snprintf(part, sizeof part, "component %d of ", m->mode);
    used += (size_t)snprintf(r->unfixed + used, sizeof r->unfixed - used, "%s%s%s", used ? " and " : "", part, l->name);
  }
}

gkt_status gkt_solution_find_kernel(gkt_solution *o, const gkt_csr *A) {
  gkt_system *s = o->s;
  gkt_null_space *found = NULL;
  gkt_scalar *work = NULL;
  gkt_status status = GKT_OK;
  if (!o->facts.singular) return GKT_OK;
  if (s->num_unknowns == 1 && *gkt_system_discontinuity(s, 0)) {
    snprintf(o->report->reason, sizeof o->report->reason, "the system is singular: nothing determines the mean of '%s' in each cell%s", s->names, gkt_system_discontinuity(s, 0));
    return GKT_OK;
  }
  if (s->num_unknowns > 1) GKT_GO(gkt_null_space_find(s->ctx, A, &o->facts, &found));
  GKT_GO(gkt_alloc(s->ctx, 3 * (gkt_size)gkt_system_num_dofs(s), sizeof *work, &work));
  for (int k = 0; k < s->num_unknowns; k++)
    for (int m = 0; m < num_modes(o, k); m++) GKT_GO(try_mode(o, A, found, k, m, work));
  o->facts.singular = o->report->singular = o->right.count > 0;
  name_unfixed(o);
  if (found) refuse_combinations(o, found);
done:
  gkt_null_space_destroy(&found);
  gkt_free(&work);
  return status;
}

/* ---- what must balance ---- */
static const char *const planes[] = {"x-y", "y-z", "x-z"};

/* total, size: sums of the entries along the mode, with and without their signs */
static void refuse_load(gkt_solution *o, const gkt_kernel_mode *m, double total, double size) {
  char *reason = o->report->reason;
  const size_t room = sizeof o->report->reason;
  const gkt_layout_block *l = &o->s->blocks[m->block];
  int n = snprintf(reason, room, "incompatible load: no condition fixes %s, so its load (sources and boundary fluxes together) must ", l->name);
  if (m->mode < l->block_size) snprintf(reason + n, room - (size_t)n, "sum to zero, but component %d sums to %.6g (absolute sum %.6g)", m->mode, total, size);
  else
    snprintf(reason + n, room - (size_t)n, "have no moment, but in the %s plane it has one (%.3g of the sum of its parts' moments)", planes[m->mode - l->block_size], total / size);
}

static void print_imbalance(const gkt_solution *o, const gkt_kernel_mode *m, double total, double size, size_t room, char *text) {
  snprintf(text, room,
           "no condition fixes %s, so what its equation is given must balance whatever the solution is, as inflow and outflow do through the boundary of an enclosed flow, but it "
           "sums to %.6g (absolute sum %.6g)",
           o->s->blocks[m->block].name, total, size);
}

/* Conditions of other unknowns may be the cause, which nodes interpolate: what they leave is spread. */
static const double MAX_IMBALANCE = 1e-2;
static void look_at_imbalance(gkt_solution *o, const gkt_kernel_mode *m, double total, double size) {
  char text[400];
  print_imbalance(o, m, total, size, sizeof text, text);
  if (fabs(total) > MAX_IMBALANCE * size) snprintf(o->report->reason, sizeof o->report->reason, "incompatible data: %s; expected conditions and sources that balance", text);
  else gkt_log(o->s->ctx, GKT_LOG_WARNING, "%s; the difference is spread over the mesh", text);
}

static void drop(const gkt_kernel_mode *m, double total, gkt_vector *b) { gkt_vector_axpy(-total, m->spread ? m->spread : m->values, b); }

/* Of a load whose parts cancel in each entry only rounding is left, and what the coordinates of a mesh have for an error (Gmsh's circles: 1e-13): they balance nowhere. */
static const double LEFT_OF_PARTS = 1e-11;
static gkt_status is_rounding(gkt_solution *o, const gkt_kernel_mode *m, const gkt_vector *u, double total, bool *out) {
  gkt_vector *parts = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_create_on(o->s->ctx, gkt_vector_where(u), gkt_system_num_dofs(o->s), &parts));
  GKT_GO(gkt_system_assemble_magnitude(o->s, u, "parts of a load that balances nearly, by an interpreter", parts));
  *out = fabs(total) <= LEFT_OF_PARTS * gkt_vector_dot_of_sizes(m->values, parts);
done:
  gkt_vector_destroy(&parts);
  return status;
}

/* What rounding leaves of the load along a mode is taken away, so that the system has a solution; more sets the reason why there is none. */
static gkt_status balance_mode(gkt_solution *o, const gkt_kernel_mode *m, const gkt_vector *u, gkt_vector *b) {
  const double total = gkt_vector_dot(m->values, b), size = gkt_vector_dot_of_sizes(m->values, b), most = gkt_vector_largest(m->values);
  bool rounding = true;
  if (fabs(total) > 1e-8 * size) GKT_TRY(is_rounding(o, m, u, total, &rounding));
  if (!rounding && m->spread) look_at_imbalance(o, m, total / most, size / most); /* a constant's entries are all alike */
  else if (!rounding) refuse_load(o, m, total / most, size / most);
  drop(m, total, b);
  return GKT_OK;
}

/* Evenly over the mesh, not over dofs, which small cells have more of. */
static gkt_status make_spread(gkt_solution *o, gkt_kernel_mode *m, const gkt_vector *u) {
  GKT_TRY(gkt_vector_create_on(o->s->ctx, gkt_vector_where(u), gkt_system_num_dofs(o->s), &m->spread));
  GKT_TRY(gkt_solution_integrate(o, m->block, m->mode, u, m->spread));
  gkt_vector_scale(m->spread, 1 / gkt_vector_dot(m->values, m->spread));
  return GKT_OK;
}

gkt_status gkt_solution_balance(gkt_solution *o, const gkt_vector *u, gkt_vector *b) {
  for (int k = 0; k < o->left.count && !o->report->reason[0]; k++) {
    gkt_kernel_mode *m = &o->left.modes[k];
    if (!m->spread && o->s->layout.num_constrained && is_constant(o, m)) GKT_TRY(make_spread(o, m, u));
    GKT_TRY(balance_mode(o, m, u, b));
  }
  return GKT_OK;
}

/* Multipliers that differ by what the transpose maps to zero are one where loads balance; where they do not, this one sees what is left of them. */
gkt_status gkt_solution_balance_transposed(gkt_solution *o, const gkt_vector *u, gkt_vector *lambda) {
  for (int k = o->left.count - 1; k >= 0; k--) {
    gkt_kernel_mode *m = &o->left.modes[k];
    if (!m->spread && o->s->layout.num_constrained && is_constant(o, m)) GKT_TRY(make_spread(o, m, u));
    gkt_vector_axpy(-gkt_vector_dot(m->spread ? m->spread : m->values, lambda), m->values, lambda);
  }
  return GKT_OK;
}

/* Rotations that a nonlinear tangent maps to zero at one state are others at another. */
void gkt_solution_drop_kernel(const gkt_solution *o, gkt_vector *r) {
  for (int k = 0; k < o->left.count; k++) {
    const gkt_kernel_mode *m = &o->left.modes[k];
    if (!o->s->is_nonlinear || is_constant(o, m)) drop(m, gkt_vector_dot(m->values, r), r);
  }
}

/* ---- what the kernel leaves open ---- */
static gkt_status plan_mean(gkt_solution *o, gkt_kernel_mode *m, const gkt_vector *u) {
  const gkt_where where = gkt_vector_where(u);
  if (m->mean) return GKT_OK;
  if (!m->motion && !is_constant(o, m)) GKT_TRY(create_mode(o->s, m->block, m->mode, where, &m->motion));
  GKT_TRY(gkt_vector_create_on(o->s->ctx, where, gkt_system_num_dofs(o->s), &m->mean));
  return gkt_solution_integrate(o, m->block, m->mode, u, m->mean);
}

gkt_status gkt_solution_plan_means(gkt_solution *o, const gkt_vector *u) {
  for (int k = 0; k < o->right.count; k++) GKT_TRY(plan_mean(o, &o->right.modes[k], u));
  return GKT_OK;
}

/* Rotations first: they move the means. */
gkt_status gkt_solution_fix_kernel(gkt_solution *o, gkt_vector *u) {
  GKT_TRY(gkt_solution_plan_means(o, u));
  for (int k = o->right.count - 1; k >= 0; k--) {
    const gkt_kernel_mode *m = &o->right.modes[k];
    const gkt_vector *motion = m->motion ? m->motion : m->values;
    gkt_vector_axpy(-gkt_vector_dot(m->mean, u) / gkt_vector_dot(m->mean, motion), motion, u);
  }
  return GKT_OK;
}

gkt_status gkt_solution_fix_kernel_transposed(gkt_solution *o, const gkt_vector *u, gkt_vector *b) {
  GKT_TRY(gkt_solution_plan_means(o, u));
  for (int k = 0; k < o->right.count; k++) {
    const gkt_kernel_mode *m = &o->right.modes[k];
    const gkt_vector *motion = m->motion ? m->motion : m->values;
    gkt_vector_axpy(-gkt_vector_dot(motion, b) / gkt_vector_dot(m->mean, motion), m->mean, b);
  }
  return GKT_OK;
}
