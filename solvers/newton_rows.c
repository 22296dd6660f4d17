/* How small F is where every row counts, as residual.c measures linear systems: on each connected piece of the tangent's graph by itself, as it is and with each row divided by
   what stands for its diagonal in the scales of the linear solver (scales.c). In ||F|| alone a penalty of 1e12 in one row would hide what all others leave unsolved. It is the
   largest that the row has had in this load step, as that of a degenerate form goes to zero with F. */
#include <math.h>

#include "solvers/linear.h"
#include "solvers/newton_device.h"

static const double SMALLEST_LOAD = 1e-3; /* of the jumps: below, what rounding leaves of these hides it */

/* The two lengths of v on every piece. */
static void measure(const gkt_newton *s, const gkt_vector *of, gkt_newton_lengths *out) {
  const gkt_scalar *v = gkt_vector_read(of), *unit = gkt_vector_read(s->unit);
  for (gkt_idx c = 0; c < s->pieces->count; c++) {
    gkt_length plain = {0, 0}, scaled = {0, 0};
    for (gkt_idx k = s->pieces->offsets[c]; k < s->pieces->offsets[c + 1]; k++) {
      gkt_idx i = s->pieces->dofs[k];
      gkt_length_add(&plain, v[i]), gkt_length_add(&scaled, v[i] / unit[i]);
    }
    out[c] = (gkt_newton_lengths){gkt_length_value(&plain), gkt_length_value(&scaled)};
  }
}

gkt_status gkt_newton_look_at_rows(gkt_newton *s, bool anew) {
  if (s->device) return gkt_newton_device_look_at_rows(s, anew);
  const gkt_scales *scales = &s->linear->scales;
  gkt_scalar *unit = gkt_vector_values(s->unit);
  for (gkt_idx i = 0; i < s->n; i++) unit[i] = fmax(anew ? 0 : unit[i], 1 / (scales->rows[i] * scales->cols[i]));
  return GKT_OK;
}

static double with_load(double all, double load) { return load > 0 ? fmin(all, fmax(load, SMALLEST_LOAD * all)) : all; }

gkt_status gkt_newton_first_rows(gkt_newton *s) {
  if (s->device) return gkt_newton_device_first_rows(s);
  measure(s, s->b, s->firsts);
  measure(s, s->f, s->lengths_now);
  for (gkt_idx c = 0; c < s->pieces->count; c++) {
    s->firsts[c].plain = with_load(s->firsts[c].plain, s->lengths_now[c].plain);
    s->firsts[c].scaled = with_load(s->firsts[c].scaled, s->lengths_now[c].scaled);
  }
  return GKT_OK;
}

void gkt_newton_raise_rows(gkt_newton *s, const gkt_vector *load) {
  measure(s, load, s->lengths_now);
  for (gkt_idx c = 0; c < s->pieces->count; c++) {
    s->firsts[c].plain = fmax(s->firsts[c].plain, s->lengths_now[c].plain);
    s->firsts[c].scaled = fmax(s->firsts[c].scaled, s->lengths_now[c].scaled);
  }
}

gkt_status gkt_newton_scaled(gkt_newton *s, double *out) {
  if (s->device) return gkt_newton_device_scaled(s, out);
  double worst = 0;
  measure(s, s->f, s->lengths_now);
  for (gkt_idx c = 0; c < s->pieces->count; c++) {
    const gkt_newton_lengths *now = &s->lengths_now[c], *first = &s->firsts[c];
    double here = first->plain > 0 ? fmax(now->plain / first->plain, now->scaled / first->scaled) : 0; /* what has no load stays where it is */
    worst = here <= worst ? worst : here;                                                              /* NaN as well */
  }
  *out = worst;
  return GKT_OK;
}

/* By the pattern, as what is 0 at the guess need not stay so; A is ours to write to. */
gkt_status gkt_newton_rows_create(gkt_newton *s) {
  if (s->A->where == GKT_ON_DEVICE) return gkt_newton_device_create(s);
  for (gkt_idx k = 0; k < s->A->row_offsets[s->n]; k++) s->A->vals[k] = 1;
  GKT_TRY(gkt_calloc(s->petsc.ctx, 1, sizeof *s->pieces, &s->pieces));
  GKT_TRY(gkt_pieces_create(s->petsc.ctx, s->A, s->facts->constrained, s->pieces));
  GKT_TRY(gkt_calloc(s->petsc.ctx, s->pieces->count, sizeof *s->firsts, &s->firsts));
  return gkt_calloc(s->petsc.ctx, s->pieces->count, sizeof *s->lengths_now, &s->lengths_now);
}

void gkt_newton_rows_destroy(gkt_newton *s) {
  gkt_newton_device_destroy(s);
  if (s->pieces) gkt_pieces_destroy(s->pieces);
  gkt_free(&s->pieces);
  gkt_free(&s->firsts);
  gkt_free(&s->lengths_now);
}
