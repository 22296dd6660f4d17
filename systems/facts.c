/* What is known of the system: proven from the tangent with the values that constants and coefficients have here. */
#include <math.h>

#include "forms/form.h"
#include "meshes/cell.h"
#include "spaces/bounds.h"
#include "systems/system.h"

static gkt_interval range_of(const double *x, gkt_size n, gkt_size stride) {
  gkt_interval r = {INFINITY, -INFINITY};
  for (gkt_size i = 0; i < n; i += stride) r.low = fmin(r.low, x[i]), r.high = fmax(r.high, x[i]);
  return r;
}

static gkt_interval widen(gkt_interval r, double factor) {
  double middle = 0.5 * (r.low + r.high), half = 0.5 * factor * (r.high - r.low);
  return half > 0 ? (gkt_interval){middle - half, middle + half} : r;
}

static gkt_interval everything(void) { return (gkt_interval){-INFINITY, INFINITY}; }

static gkt_interval bounds(const gkt_space *space, const gkt_scalar *values, int component) {
  gkt_interval r;
  return gkt_space_bounds(space, values, component, &r.low, &r.high) == GKT_OK ? r : everything();
}

/* At all times at which the step looks. */
static gkt_interval followed_range(const gkt_system *s, const gkt_system_followed *f, int component) {
  gkt_interval all = {INFINITY, -INFINITY};
  for (int m = 0; m < GKT_NUM_MOMENTS; m++) {
    if (!s->has_moment[m]) continue;
    const gkt_interval r = bounds(s->spaces[f->function], f->values[m], component);
    all = (gkt_interval){fmin(all.low, r.low), fmax(all.high, r.high)};
  }
  return all.low <= all.high ? all : everything();
}

static gkt_interval value_range(const gkt_system *s, const gkt_terminal *t) {
  const gkt_space *space = s->spaces[t->function];
  const gkt_system_followed *followed = gkt_system_find_followed(s, t->function);
  if (followed) return followed_range(s, followed, t->component);
  if (gkt_system_find_block(s, t->function) >= 0 || !space || !s->values[t->function]) return everything();
  return bounds(space, s->values[t->function], t->component);
}

static gkt_interval x_range(const gkt_system *s, int component) {
  gkt_interval r = range_of(gkt_mesh_coords(s->mesh) + component, (gkt_size)gkt_mesh_num_nodes(s->mesh) * s->dim - component, s->dim);
  return gkt_mesh_block(s->mesh, 0)->order > 1 ? widen(r, 3) : r;
}

/* At all times at which the step looks. */
static gkt_interval time_range(const gkt_system *s) {
  gkt_interval r = {s->inputs.time, s->inputs.time};
  for (int k = 0; k < s->num_stages; k++) r = (gkt_interval){fmin(r.low, s->stages[k].time), fmax(r.high, s->stages[k].time)};
  return r;
}

gkt_interval gkt_system_range(const gkt_terminal *t, const void *user) {
  const gkt_system *s = user;
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE: return value_range(s, t);
  case GKT_TERM_CONSTANT: return (gkt_interval){s->constants[t->function], s->constants[t->function]};
  case GKT_TERM_X: return x_range(s, t->component);
  case GKT_TERM_NORMAL:
  case GKT_TERM_H_DIRECTION: return (gkt_interval){-1, 1};
  case GKT_TERM_H: return (gkt_interval){0, INFINITY};
  case GKT_TERM_TIME: return s->seeks_time ? everything() : time_range(s);
  case GKT_TERM_GRAD: break;
  }
  return everything();
}

/* ---- of a form that tests and derives by the same unknowns: the tangent, or one of its diagonal blocks ---- */
/* The highest degree that functions of a space have in a cell. */
static int degree_of(const gkt_system *s, const gkt_space *space) {
  int most = 0;
  for (int b = 0; b < gkt_mesh_num_blocks(s->mesh); b++) {
    int k = gkt_element_polynomial_degree(gkt_space_element(space), s->dim, gkt_cell_is_simplex(gkt_mesh_block(s->mesh, b)->cell));
    most = k > most ? k : most;
  }
  return most;
}

/* Of the unknowns that the integral holds: its points need not see functions of the others. */
static int highest_degree(const gkt_system *s, const gkt_form *form, const gkt_integral *integral) {
  const gkt_functions *f = &form->arguments[1];
  const int slots = 1 + s->dim, row = gkt_form_components(form, 1) * slots;
  int most = 0, first = 0;
  for (int k = 0; k < f->count; k++) {
    const int end = first + gkt_function_components(s->scope, f->functions[k]) * slots, degree = degree_of(s, s->spaces[f->functions[k]]);
    for (int n = 0; n < integral->num_nodes && degree > most; n++)
      if (n % row >= first && n % row < end && integral->nodes[n] != GKT_ZERO) most = degree;
    first = end;
  }
  return most;
}

static bool sees_gradients(const gkt_system *s, const gkt_form *form, const gkt_integral *integral) {
  int k = highest_degree(s, form, integral);
  bool simplices = true;
  for (int b = 0; b < gkt_mesh_num_blocks(s->mesh); b++) simplices = simplices && gkt_cell_is_simplex(gkt_mesh_block(s->mesh, b)->cell);
  return integral->degrees[GKT_STRAIGHT_SIMPLICES] >= (simplices ? 2 * k - 2 : 2 * k);
}

/* What is proven point by point holds for the sums if their points see every function. Degree 2k sees all of degree k, 2k - 2 their gradients on simplices. */
static bool is_seen(const gkt_system *s, const gkt_form *form, const gkt_integral *integral) {
  int k = highest_degree(s, form, integral), slots = 1 + s->dim, components = gkt_form_components(form, 0);
  bool gradients = true;
  for (int c = 0; c < components; c++)
    for (int e = 0; e < components; e++) gradients = gradients && integral->nodes[(c * slots * components + e) * slots] == GKT_ZERO;
  return integral->degrees[GKT_STRAIGHT_SIMPLICES] >= 2 * k || (gradients && sees_gradients(s, form, integral));
}

bool gkt_system_is_underintegrated(const gkt_system *s, int block) {
  const gkt_form *form = s->diagonal[block];
  bool any = false;
  for (int i = 0; i < form->num_integrals; i++) {
    const gkt_integral *integral = &form->integrals[i];
    if (integral->measure != GKT_MEASURE_DX) continue;
    if (!integral->is_given || is_seen(s, form, integral)) return false; /* the others may see less: selective integration */
    any = true;
  }
  return any;
}

/* Integrals over all cells, with points enough to see every gradient: what they prove of the kernel holds for the sums. */
static gkt_status analyse(const gkt_system *s, const gkt_form *form, gkt_form_facts *out) {
  bool *chosen = NULL;
  GKT_TRY(gkt_calloc(s->ctx, form->num_integrals, sizeof *chosen, &chosen));
  for (int i = 0; i < form->num_integrals; i++) {
    const gkt_integral *integral = &form->integrals[i];
    chosen[i] = integral->measure == GKT_MEASURE_DX && integral->num_names == 0 && (!integral->is_given || sees_gradients(s, form, integral));
  }
  gkt_status status = gkt_form_analyse(form, gkt_system_range, s, chosen, out);
  gkt_free(&chosen);
  return status;
}

static bool is_elliptic(const gkt_form_facts *f) { return f->ellipticity == GKT_ELLIPTIC || (f->ellipticity == GKT_ELLIPTIC_IN_STRAINS && f->annihilates_rotations); }

/* ---- of each unknown ---- */
static gkt_status find_block_facts(const gkt_system *s, int block, gkt_block_facts *out) {
  const gkt_layout_block *l = &s->blocks[block];
  gkt_form_facts form;
  GKT_TRY(analyse(s, s->diagonal[block], &form));
  *out = (gkt_block_facts){.name = l->name,
                           .first = l->first,
                           .count = l->count,
                           .block_size = l->block_size,
                           .symmetric = form.symmetric,
                           .multiplier = form.zero || form.negative,
                           .positive = form.positive && !gkt_system_is_underintegrated(s, block),
                           .elliptic = is_elliptic(&form),
                           .near_null = form.annihilates_rotations ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS,
                           .coords = gkt_space_element(gkt_system_space(s, block)).kind == GKT_REAL ? NULL : gkt_space_coords(gkt_system_space(s, block)),
                           .frames = gkt_system_frames(s, block),
                           .num_inner = gkt_space_num_bubbles(gkt_system_space(s, block)) * l->block_size};
  return GKT_OK;
}

/* Is there a component without a condition? */
static bool has_free_component(const gkt_system *s, int block) {
  const gkt_layout_block *l = &s->blocks[block];
  for (int c = 0; c < l->block_size; c++) {
    bool free = true;
    for (gkt_idx i = c; i < l->count && free; i += l->block_size) free = !gkt_constraints_give(s->constraints, l->first + i);
    if (free) return true;
  }
  return false;
}

/* A multiplier is one beside others: where all diagonal blocks are negative, the signs of the equations are. */
static void judge_multipliers(gkt_system *s) {
  int others = 0;
  for (int k = 0; k < s->num_unknowns; k++) others += !s->facts[k].multiplier;
  for (int k = 0; k < s->num_unknowns && !others; k++) s->facts[k].multiplier = !gkt_form_num_integrals(s->diagonal[k]);
}

/* Constants of a component that no condition holds may be free, whatever the equations of the others say: a pressure's are, in an enclosed flow. */
static gkt_status add_blocks(gkt_system *s, gkt_system_facts *out) {
  if (!s->facts) GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->facts, &s->facts));
  out->num_blocks = s->num_unknowns, out->blocks = s->facts, out->block_size = 1, out->coords = NULL, out->num_inner = 0;
  out->elliptic = out->singular = false;
  for (int k = 0; k < s->num_unknowns; k++) {
    GKT_TRY(find_block_facts(s, k, &s->facts[k]));
    out->singular = out->singular || has_free_component(s, k);
  }
  judge_multipliers(s);
  return GKT_OK;
}

gkt_status gkt_system_get_facts(gkt_system *s, gkt_system_facts *out) {
  bool complete = true;
  gkt_form_facts form;
  for (int k = 0; k < s->num_unknowns; k++) complete = complete && !gkt_system_is_underintegrated(s, k);
  GKT_TRY(analyse(s, s->tangent, &form));
  *out = (gkt_system_facts){.symmetric = form.symmetric,
                            .positive = form.positive && complete,
                            .elliptic = is_elliptic(&form),
                            .block_size = s->blocks[0].block_size,
                            .dim = s->dim,
                            .near_null = form.annihilates_rotations ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS,
                            .coords = gkt_space_coords(gkt_system_space(s, 0)),
                            .frames = gkt_system_frames(s, 0),
                            .num_inner = gkt_space_num_bubbles(gkt_system_space(s, 0)) * s->blocks[0].block_size,
                            .constrained = gkt_constraints_mask(s->constraints),
                            .tied = s->tied};
  /* where the form branches on the unknown, R may change with a constant though its derivative does not see it */
  out->singular = form.annihilates_constants && complete && !s->tangent->branches.count && !gkt_constraints_count(s->constraints);
  return gkt_unless_exhausted(s->ctx, s->num_unknowns > 1 ? add_blocks(s, out) : GKT_OK);
}
