/* The transpose of a consistent start (time/start.c): the equation that was solved there, conditions and their rates, what was given. */
#include <string.h>

#include "adjoint/reverse.h"

/* ---- what was solved for ---- */
/* Between derivatives by a state and by the unknown x of the start: taken from there, or, of dofs with conditions, given back. */
static void take_sought(gkt_reverse *v) {
  for (int b = 0; b < v->t->num_blocks; b++) {
    const gkt_layout_block *l = &v->a->s->blocks[b];
    gkt_vector *of = v->of[gkt_time_sought_order(v->t, b)];
    gkt_vector_combine(l->first, l->count, 1, (const double[]){1}, (const gkt_vector *const[]){of}, v->by[GKT_U1]);
    memset(gkt_vector_values(of) + l->first, 0, (size_t)l->count * sizeof(gkt_scalar));
  }
}

static void return_held(gkt_reverse *v) {
  for (int b = 0; b < v->t->num_blocks; b++) {
    const gkt_layout_block *l = &v->a->s->blocks[b];
    gkt_scalar *of = gkt_vector_values(v->of[gkt_time_sought_order(v->t, b)]);
    for (gkt_idx i = l->first; i < l->first + l->count; i++)
      if (v->a->s->layout.constrained[i]) of[i] += gkt_vector_read(v->by[GKT_U1])[i];
  }
}

static gkt_status solve(gkt_reverse *v) {
  gkt_time *t = v->t;
  gkt_scheme_plan plan;
  t->time = t->options.start;
  GKT_TRY(gkt_time_set_start(t, &plan, v->u));
  for (int p = 0; p < GKT_NUM_PARTS; p++) gkt_vector_fill(v->by[p], 0);
  take_sought(v);
  GKT_TRY(gkt_reverse_solve(v, &plan, t->row_weights));
  if (!v->report->valid) return GKT_OK;
  return_held(v);
  gkt_vector_axpy(1, v->by[GKT_U0], v->of[GKT_OF_U]), gkt_vector_axpy(1, v->by[GKT_RATE0], v->of[GKT_OF_RATE]);
  return GKT_OK;
}

/* ---- what was given ---- */
static gkt_status add_conditions(gkt_reverse *v) {
  double weights[3];
  for (int look = 0; look < GKT_START_LOOKS; look++) {
    GKT_TRY(gkt_system_set_time(v->a->s, gkt_time_look_at_conditions(v->t, look, weights)));
    for (int order = 0; order < 3; order++) GKT_TRY(gkt_reverse_conditions(v, weights[order], v->of[order]));
  }
  return GKT_OK;
}

gkt_status gkt_reverse_start(gkt_reverse *v) {
  if (v->stages) GKT_TRY(gkt_reverse_explicit_start(v));
  if (gkt_time_solves_start(v->t)) GKT_TRY(solve(v));
  if (!v->report->valid) return GKT_OK;
  GKT_TRY(add_conditions(v));
  return gkt_reverse_given(v);
}
