/* Multipliers, as the form tells of them (forms/schur.h): what stands for their Schur complement in preconditioners, a matrix of its own at a state, and whether the spaces of a
   velocity and its pressure go together. */
#include <math.h>

#include "assembly/assembler.h"
#include "assembly/find_nonfinite.h"
#include "forms/schur.h"
#include "spaces/inf_sup.h"
#include "systems/system.h"

static void clear(gkt_schur *schur) {
  gkt_form_destroy(&schur->form);
  gkt_assembler_destroy(&schur->assembler);
  gkt_csr_destroy(&schur->matrix);
}

void gkt_system_clear_schurs(gkt_system *s) {
  for (int k = 0; s->schurs && k < s->num_unknowns; k++) clear(&s->schurs[k]);
  gkt_free(&s->schurs);
}

/* ---- velocities and pressures ---- */
/* Nodes of p whose cells have no free node of u. */
static gkt_status warn_of_closed(const gkt_system *s, int u, int p) {
  const gkt_space *space = gkt_system_space(s, p);
  gkt_idx count, first;
  char place[100];
  GKT_TRY(gkt_pair_find_closed(gkt_system_space(s, u), s->layout.constrained + s->blocks[u].first, space, &count, &first));
  if (count)
    gkt_log(s->ctx, GKT_LOG_WARNING, "no equation determines %s in %d of its nodes, one of them near %s: %s is fixed all around; expected cells that have a free node of %s",
            s->blocks[p].name, count, gkt_point_text(s->dim, gkt_space_coords(space) + (gkt_size)first * s->dim, place), s->blocks[u].name, s->blocks[u].name);
  return GKT_OK;
}

/* They take the equation away there, which binds the velocity; of a point they fix a constant. */
static void warn_of_conditions(const gkt_system *s, int p) {
  for (int i = 0; i < s->constraints->num_conditions; i++) {
    const gkt_constraint_condition *k = &s->constraints->conditions[i];
    if (k->of == &s->constraints->blocks[p] && k->set->dim > 0)
      gkt_log(s->ctx, GKT_LOG_WARNING,
              "%s: a condition on %s, a pressure, takes its equation away there, which binds the other field; expected its values in the boundary terms of that", k->place,
              s->blocks[p].name);
  }
}

static gkt_status warn_of_pair(const gkt_system *s, int u, int p) {
  gkt_text t = {.ctx = s->ctx};
  gkt_status status = gkt_pair_describe(gkt_system_space(s, u), s->blocks[u].name, gkt_system_space(s, p), s->blocks[p].name, &t);
  if (status == GKT_OK && t.length) gkt_log(s->ctx, GKT_LOG_WARNING, "%s", t.data);
  gkt_text_free(&t);
  warn_of_conditions(s, p);
  return status == GKT_OK ? warn_of_closed(s, u, p) : status;
}

/* ---- preconditioners ---- */
static bool depends_on_state(const gkt_system *s, const gkt_form *form) {
  for (int k = 0; k < s->num_unknowns; k++)
    if (gkt_form_depends_on(form, s->unknowns[k])) return true;
  return false;
}

/* Of two forms, whose inverses would have to be added, no matrix is made. Plans are kept where other data give the same form. */
static void keep(const gkt_system *s, const gkt_schur_forms *found, gkt_schur *out) {
  const gkt_form *form = found->count == 1 ? found->forms[0] : NULL;
  if (out->form && (!form || !gkt_forms_are_equal(out->form, form))) clear(out);
  if (!form) return;
  if (!out->form) out->form = gkt_form_retain(form);
  out->varies = depends_on_state(s, form), out->sign = -found->sign;
}

static gkt_status look_at(gkt_system *s, int block, gkt_schur *out) {
  gkt_schur_forms found;
  GKT_TRY(gkt_form_find_schur(s->tangent, s->unknowns[block], gkt_system_range, s, &found));
  const int other = found.is_saddle ? gkt_system_find_block(s, found.other) : -1;
  keep(s, &found, out);
  gkt_schur_forms_clear(&found);
  return other >= 0 && !s->schurs_warned ? warn_of_pair(s, other, block) : GKT_OK;
}

gkt_status gkt_system_look_at_multipliers(gkt_system *s) {
  if ((s->schurs && !s->schurs_stale) || s->num_unknowns == 1) return GKT_OK;
  if (!s->schurs) GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->schurs, &s->schurs));
  s->schurs_stale = true;
  for (int k = 0; k < s->num_unknowns; k++) {
    if (s->facts[k].multiplier) GKT_TRY(look_at(s, k, &s->schurs[k]));
    else clear(&s->schurs[k]);
  }
  s->schurs_stale = false, s->schurs_warned = true;
  return GKT_OK;
}

/* Constrained dofs keep their diagonal alone; of those that are tied it is 0, and becomes the largest one. */
static void eliminate(const bool *constrained, gkt_csr *M) {
  gkt_scalar most = 0;
  for (gkt_idx i = 0; i < M->num_rows; i++)
    for (gkt_idx k = M->row_offsets[i]; k < M->row_offsets[i + 1]; k++) {
      if (M->cols[k] != i && (constrained[i] || constrained[M->cols[k]])) M->vals[k] = 0;
      if (M->cols[k] == i) most = fmax(most, fabs(M->vals[k]));
    }
  for (gkt_idx i = 0; i < M->num_rows; i++)
    for (gkt_idx k = M->row_offsets[i]; constrained[i] && k < M->row_offsets[i + 1]; k++)
      if (M->cols[k] == i && M->vals[k] == 0) M->vals[k] = most;
}

static gkt_status fill(gkt_system *s, int block, const gkt_scalar *u) {
  gkt_schur *schur = &s->schurs[block];
  gkt_csr *M = schur->matrix;
  const gkt_inputs inputs = gkt_system_now(s, u);
  GKT_TRY(gkt_assemble_matrix(schur->assembler, &inputs, M));
  for (gkt_idx k = 0; k < M->row_offsets[M->num_rows]; k++) M->vals[k] *= schur->sign;
  eliminate(s->layout.constrained + s->blocks[block].first, M);
  return GKT_OK;
}

static gkt_status make(gkt_system *s, int block, const gkt_scalar *u) {
  gkt_schur *schur = &s->schurs[block];
  if (!schur->form) return GKT_OK;
  if (!schur->assembler) GKT_TRY(gkt_assembler_create_tied(schur->form, s->mesh, s->spaces, s->ties, &schur->assembler));
  if (!schur->matrix) GKT_TRY(gkt_assembler_matrix(schur->assembler, &schur->matrix));
  GKT_TRY(fill(s, block, u));
  if (gkt_is_finite(schur->matrix->row_offsets[s->blocks[block].count], schur->matrix->vals)) s->facts[block].schur = schur->matrix;
  return GKT_OK;
}

gkt_status gkt_system_make_schurs(gkt_system *s, const gkt_scalar *u) {
  for (int k = 0; k < s->num_unknowns; k++) GKT_TRY(make(s, k, u));
  return GKT_OK;
}

gkt_status gkt_system_update_schurs(gkt_system *s, const gkt_scalar *u) {
  for (int k = 0; s->schurs && k < s->num_unknowns; k++)
    if (s->facts[k].schur && s->schurs[k].varies) GKT_TRY(fill(s, k, u));
  return GKT_OK;
}
