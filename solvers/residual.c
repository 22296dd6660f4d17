/* The true residual: recomputed from A, b and x with plain loops, never taken from the method.
   One length over all rows proves nothing for those with small entries: a penalty of 1e12, a jump of a condition, a stiff neighbour make ||b|| large, and what they leave unsolved
   counts nothing. So it is measured in two units: as it is (forces), where stiff rows count, and with each row divided by its diagonal, or what stands for it (displacements),
   where soft ones do; on each connected piece by itself; and, where the caller tells loads from jumps, against the loads. Of several fields, forces are those of the first one
   (units of blocks.c), and displacements are measured field by field. */
#include <float.h>
#include <string.h>

#include "solvers/linear.h"

struct gkt_piece_size {
  gkt_length residual, right, load, floor;
  double unit; /* a power of two: what gkt_pieces_normalize took out */
};
struct gkt_part_size { /* of one block in one piece, each row divided by its diagonal, in units of blocks.c */
  gkt_length residual, right, load, floor;
};

static const double SMALLEST_LOAD = 1e-3; /* of the jumps: below, what rounding leaves of these hides it */
static const double BESIDE = 1e-2;        /* of what the rows of a field are summed from, which bounds its part of the right-hand side from below: that of a divergence is 0 */

static int num_blocks(const gkt_solve *s) { return s->facts->blocks ? s->facts->num_blocks : 1; }

/* coupling [block][block]: the largest scaled entry */
static void measure_coupling(gkt_solve *s) {
  const gkt_csr *A = s->A;
  const gkt_block_facts *blocks = s->facts->blocks;
  int count = num_blocks(s);
  memset(s->coupling, 0, (size_t)count * (size_t)count * sizeof *s->coupling);
  for (int b = 0; blocks && b < count; b++)
    for (gkt_idx i = blocks[b].first; i < blocks[b].first + blocks[b].count; i++)
      for (gkt_idx k = A->row_offsets[i], c = 0; k < A->row_offsets[i + 1]; k++) { /* columns ascend */
        while (A->cols[k] >= blocks[c].first + blocks[c].count) c++;
        double *most = &s->coupling[b * count + c];
        *most = fmax(*most, s->scales.rows[i] * fabs(A->vals[k]) * s->scales.cols[A->cols[k]]);
      }
}

gkt_status gkt_residual_create(gkt_solve *s) {
  GKT_TRY(gkt_pieces_create(s->petsc.ctx, s->A, s->facts->constrained, &s->pieces));
  GKT_TRY(gkt_scales_create(s->petsc.ctx, s->A, s->facts, &s->scales));
  GKT_TRY(gkt_units_create(s->petsc.ctx, s->facts, s->A->num_rows, &s->scales, &s->units));
  GKT_TRY(gkt_alloc(s->petsc.ctx, (gkt_size)num_blocks(s) * num_blocks(s), sizeof *s->coupling, &s->coupling));
  measure_coupling(s);
  GKT_TRY(gkt_alloc(s->petsc.ctx, s->pieces.count, sizeof *s->sizes, &s->sizes));
  return gkt_alloc(s->petsc.ctx, (gkt_size)s->pieces.count * num_blocks(s), sizeof *s->parts, &s->parts);
}

/* Entries that were zero may not be so any more, and the pieces are others. */
gkt_status gkt_residual_update(gkt_solve *s) {
  gkt_pieces pieces;
  GKT_TRY(gkt_pieces_create(s->petsc.ctx, s->A, s->facts->constrained, &pieces));
  gkt_pieces_destroy(&s->pieces);
  s->pieces = pieces;
  gkt_scales_fit(s->A, s->facts, &s->scales, s->r, s->d);
  gkt_units_fit(s->facts, s->A->num_rows, &s->scales, &s->units);
  measure_coupling(s);
  GKT_TRY(gkt_realloc(s->petsc.ctx, s->pieces.count, sizeof *s->sizes, &s->sizes));
  return gkt_realloc(s->petsc.ctx, (gkt_size)s->pieces.count * num_blocks(s), sizeof *s->parts, &s->parts);
}

static double least_of(const gkt_length *right, const gkt_length *load, bool loaded) {
  double b = gkt_length_value(right), l = loaded ? gkt_length_value(load) : 0;
  return l > 0 ? fmin(b, fmax(l, SMALLEST_LOAD * b)) : b;
}

static double ratio(double residual, double right) { return residual == 0 ? 0 : residual / right; }

static bool pieces_are_rounding(const gkt_solve *s) {
  const double unit = 10 * DBL_EPSILON;
  for (gkt_idx c = 0; c < s->pieces.count; c++)
    if (!(gkt_length_value(&s->sizes[c].residual) <= unit * gkt_length_value(&s->sizes[c].floor))) return false;
  for (gkt_size c = 0; c < (gkt_size)s->pieces.count * num_blocks(s); c++)
    if (!(gkt_length_value(&s->parts[c].residual) <= unit * gkt_length_value(&s->parts[c].floor))) return false;
  return true;
}

/* What the residual of a field in a piece is measured by: its part of the right-hand side; what its rows are summed from; and the right-hand sides of fields that its rows take
   part in, as nothing is known of these beyond: the velocity of a fluid at rest is what rounding leaves of its forces, and so is its divergence. */
static double right_of_part(const gkt_solve *s, const struct gkt_part_size *parts, int block, bool loaded) {
  double right = least_of(&parts[block].right, &parts[block].load, loaded);
  if (!s->facts->blocks) return right;
  right = fmax(right, BESIDE * gkt_length_value(&parts[block].floor));
  for (int b = 0; b < num_blocks(s); b++)
    if (b != block) right = fmax(right, s->coupling[block * num_blocks(s) + b] * least_of(&parts[b].right, &parts[b].load, loaded));
  return right;
}

static double worst_part(const gkt_solve *s, gkt_idx piece, bool loaded) {
  const struct gkt_part_size *parts = s->parts + (gkt_size)piece * num_blocks(s);
  double worst = 0;
  for (int b = 0; b < num_blocks(s); b++) {
    double here = ratio(gkt_length_value(&parts[b].residual), right_of_part(s, parts, b, loaded));
    worst = here <= worst ? worst : here; /* NaN as well */
  }
  return worst;
}

/* A piece without a right-hand side has the solution 0, which rounding may miss. */
static double worst_ratio(const gkt_solve *s, bool loaded) {
  double worst = 0;
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    const struct gkt_piece_size *p = &s->sizes[c];
    double here = fmax(ratio(gkt_length_value(&p->residual), least_of(&p->right, &p->load, loaded)), worst_part(s, c, loaded));
    if (gkt_length_value(&p->right) == 0 && gkt_length_value(&p->residual) <= 10 * DBL_EPSILON * gkt_length_value(&p->floor)) here = 0;
    worst = here <= worst ? worst : here;
  }
  return worst;
}

/* ---- sums over rows ---- */
enum { RUN = 256 }; /* rows that are summed together */
typedef struct {
  double value[RUN], magnitude[RUN]; /* (b - A x)_i, (|A||x|+|b|)_i */
  double scaled[RUN];                /* work */
} run;

/* Two sums each, as one alone waits for itself. Returns the worst row, in eps of its magnitude, or the one before. */
static double sum_rows(const gkt_csr *A, gkt_idx first, int count, const gkt_scalar *b, const gkt_scalar *x, double worst, run *out) {
  for (int i = 0; i < count; i++) {
    gkt_idx k = A->row_offsets[first + i];
    const gkt_idx end = A->row_offsets[first + i + 1];
    double even = b[first + i], odd = 0, sizes = fabs(even), others = 0;
    for (; k + 2 <= end; k += 2) {
      const double p = A->vals[k] * x[A->cols[k]], q = A->vals[k + 1] * x[A->cols[k + 1]];
      even -= p, odd -= q, sizes += fabs(p), others += fabs(q);
    }
    if (k < end) {
      const double p = A->vals[k] * x[A->cols[k]];
      even -= p, sizes += fabs(p);
    }
    const double value = even + odd, magnitude = sizes + others;
    out->value[i] = value, out->magnitude[i] = magnitude;
    if (fabs(value) > worst * (DBL_EPSILON * magnitude)) worst = fabs(value) / (DBL_EPSILON * magnitude);
  }
  return worst;
}

static void add(gkt_length *length, int count, const double *v, double factor, double *work) {
  for (int i = 0; i < count; i++) work[i] = factor * v[i];
  gkt_length_add_all(length, count, work);
}

/* In displacements, of rows with these scales. */
static void add_scaled(const gkt_solve *s, gkt_length *length, gkt_idx first, int count, const double *v, double own, double *work) {
  for (int i = 0; i < count; i++) work[i] = v[i] * (s->scales.rows[first + i] * s->scales.cols[first + i]) / own;
  gkt_length_add_all(length, count, work);
}

/* Of one piece and one block, as they are but for the unit of the block. */
static void add_run(gkt_solve *s, int block, gkt_idx first, int count, const gkt_scalar *b, const gkt_scalar *load, run *r) {
  const double w = ldexp(1, s->units.left[block]), own = ldexp(1, s->units.right[block]);
  struct gkt_piece_size *p = &s->sizes[s->pieces.of[first]];
  struct gkt_part_size *part = &s->parts[(gkt_size)s->pieces.of[first] * num_blocks(s) + block];
  add(&p->residual, count, r->value, w, r->scaled), add(&p->right, count, b + first, w, r->scaled), add(&p->floor, count, r->magnitude, w, r->scaled);
  add_scaled(s, &part->residual, first, count, r->value, own, r->scaled), add_scaled(s, &part->right, first, count, b + first, own, r->scaled);
  add_scaled(s, &part->floor, first, count, r->magnitude, own, r->scaled);
  if (load) add(&p->load, count, load + first, w, r->scaled), add_scaled(s, &part->load, first, count, load + first, own, r->scaled);
}

static double add_block(gkt_solve *s, int block, gkt_idx first, gkt_idx end, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_scalar *r, double worst) {
  const gkt_idx *of = s->pieces.of;
  run rows;
  for (gkt_idx i = first; i < end;) {
    int count = 1;
    while (count < RUN && i + count < end && of[i + count] == of[i]) count++;
    if (of[i] < 0) memset(r + i, 0, (size_t)count * sizeof *r);
    else {
      worst = sum_rows(s->A, i, count, b, x, worst, &rows);
      memcpy(r + i, rows.value, (size_t)count * sizeof *r);
      add_run(s, block, i, count, b, load, &rows);
    }
    i += count;
  }
  return worst;
}

gkt_true_residual gkt_residual(gkt_solve *s, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_scalar *r) {
  gkt_length residual = {0}, right = {0}, floor = {0};
  double worst = 0;
  memset(s->sizes, 0, (size_t)s->pieces.count * sizeof *s->sizes);
  memset(s->parts, 0, (size_t)s->pieces.count * (size_t)num_blocks(s) * sizeof *s->parts);
  if (!s->facts->blocks) worst = add_block(s, 0, 0, s->A->num_rows, b, load, x, r, worst);
  for (int k = 0; s->facts->blocks && k < s->facts->num_blocks; k++)
    worst = add_block(s, k, s->facts->blocks[k].first, s->facts->blocks[k].first + s->facts->blocks[k].count, b, load, x, r, worst);
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    gkt_length_add(&residual, gkt_length_value(&s->sizes[c].residual)), gkt_length_add(&right, gkt_length_value(&s->sizes[c].right));
    gkt_length_add(&floor, gkt_length_value(&s->sizes[c].floor));
  }
  return (gkt_true_residual){gkt_length_value(&residual), gkt_length_value(&right), 10 * DBL_EPSILON * gkt_length_value(&floor), worst_ratio(s, load), worst,
                             pieces_are_rounding(s)};
}

double gkt_right_length(const gkt_solve *s, const gkt_scalar *b) {
  gkt_length length = {0};
  for (int k = 0; k < num_blocks(s); k++) {
    const gkt_idx first = s->facts->blocks ? s->facts->blocks[k].first : 0, end = s->facts->blocks ? first + s->facts->blocks[k].count : s->A->num_rows;
    const double w = ldexp(1, s->units.left[k]);
    for (gkt_idx i = first; i < end; i++)
      if (s->pieces.of[i] >= 0) gkt_length_add(&length, w * b[i]);
  }
  return gkt_length_value(&length);
}

bool gkt_pieces_clear(const gkt_solve *s, gkt_scalar *x) {
  bool cleared = false;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    bool loaded = s->pieces.of[i] < 0 || gkt_length_value(&s->sizes[s->pieces.of[i]].right) > 0;
    if (loaded || x[i] == 0) continue;
    x[i] = 0, cleared = true;
  }
  return cleared;
}

double gkt_pieces_normalize(gkt_solve *s, const int *units, gkt_scalar *v) {
  gkt_units_scale(s->facts, units, 1, v);
  double before = gkt_norm(s->A->num_rows, v, s->facts->constrained), after;
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    gkt_length length = {0, 0};
    for (gkt_idx k = s->pieces.offsets[c]; k < s->pieces.offsets[c + 1]; k++) gkt_length_add(&length, v[s->pieces.dofs[k]]);
    double value = gkt_length_value(&length);
    const int exponent = value > 0 && isfinite(value) ? ilogb(value) : 0;
    s->sizes[c].unit = ldexp(1, exponent < -1000 ? -1000 : exponent > 1000 ? 1000 : exponent); /* its inverse is a number, too */
    const double factor = 1 / s->sizes[c].unit;
    for (gkt_idx k = s->pieces.offsets[c]; k < s->pieces.offsets[c + 1]; k++) v[s->pieces.dofs[k]] *= factor;
  }
  after = gkt_norm(s->A->num_rows, v, s->facts->constrained);
  return after > 0 ? before / after : 1;
}

void gkt_pieces_weigh(const gkt_solve *s, const int *units, gkt_scalar *v) {
  gkt_units_scale(s->facts, units, 1, v);
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    if (s->pieces.of[i] >= 0) v[i] /= s->sizes[s->pieces.of[i]].unit;
}

void gkt_pieces_restore(const gkt_solve *s, const int *units, gkt_scalar *v) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    if (s->pieces.of[i] >= 0) v[i] *= s->sizes[s->pieces.of[i]].unit;
  gkt_units_scale(s->facts, units, 1, v);
}

void gkt_solve_constrained(const gkt_csr *A, const bool *constrained, const gkt_scalar *b, gkt_scalar *x) {
  for (gkt_idx i = 0; constrained && i < A->num_rows; i++) {
    gkt_idx k = A->row_offsets[i];
    if (!constrained[i]) continue;
    while (k < A->row_offsets[i + 1] && A->cols[k] != i) k++;
    if (k < A->row_offsets[i + 1] && A->vals[k] != 0) x[i] = b[i] / A->vals[k];
  }
}
