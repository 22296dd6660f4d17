/* What stands for the Schur complement of a multiplier in preconditioners: a matrix of its own, by the form (forms/schur.h), at a state. */
#include "forms/schur.h"
#include "solvers/linear.h"
#include "systems/system.h"

static void clear(gkt_schur *schur) {
  gkt_assembler_destroy(&schur->assembler);
  gkt_csr_destroy(&schur->matrix);
}

void gkt_system_clear_schurs(gkt_system *s) {
  for (int k = 0; s->schurs && k < s->num_unknowns; k++) clear(&s->schurs[k]);
  gkt_free(&s->schurs);
}

static bool depends_on_state(const gkt_system *s, const gkt_form *form) {
  for (int k = 0; k < s->num_unknowns; k++)
    if (gkt_form_depends_on(form, s->unknowns[k])) return true;
  return false;
}

/* Of two forms, whose inverses would have to be added, no matrix is made. */
static gkt_status plan(gkt_system *s, int block, gkt_schur *out) {
  gkt_schur_forms found;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_form_find_schur(s->tangent, s->unknowns[block], gkt_system_range, s, &found));
  if (found.count != 1) goto done;
  out->varies = depends_on_state(s, found.forms[0]), out->sign = -found.sign;
  GKT_GO(gkt_assembler_create(found.forms[0], s->mesh, s->spaces, &out->assembler));
  GKT_GO(gkt_assembler_matrix(out->assembler, &out->matrix));
done:
  gkt_schur_forms_clear(&found);
  return status;
}

/* Constrained dofs keep their diagonal alone. */
static void eliminate(const bool *constrained, gkt_csr *M) {
  for (gkt_idx i = 0; i < M->num_rows; i++)
    for (gkt_idx k = M->row_offsets[i]; k < M->row_offsets[i + 1]; k++)
      if (M->cols[k] != i && (constrained[i] || constrained[M->cols[k]])) M->vals[k] = 0;
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

static gkt_status make(gkt_system *s) {
  if (s->schurs) return GKT_OK;
  GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->schurs, &s->schurs));
  for (int k = 0; k < s->num_unknowns; k++)
    if (s->facts[k].multiplier) GKT_TRY(plan(s, k, &s->schurs[k]));
  return GKT_OK;
}

gkt_status gkt_system_make_schurs(gkt_system *s, const gkt_scalar *u) {
  GKT_TRY(make(s));
  for (int k = 0; k < s->num_unknowns; k++) {
    if (!s->schurs[k].matrix) continue;
    GKT_TRY(fill(s, k, u));
    if (gkt_is_finite(s->schurs[k].matrix->row_offsets[s->blocks[k].count], s->schurs[k].matrix->vals)) s->facts[k].schur = s->schurs[k].matrix;
  }
  return GKT_OK;
}

gkt_status gkt_system_update_schurs(gkt_system *s, const gkt_scalar *u) {
  for (int k = 0; s->schurs && k < s->num_unknowns; k++)
    if (s->facts[k].schur && s->schurs[k].varies) GKT_TRY(fill(s, k, u));
  return GKT_OK;
}
