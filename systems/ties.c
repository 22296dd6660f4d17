/* Ties of a system: u = C u~. What stands in u~ and what in u: system.h. */
#include <string.h>

#include "meshes/match.h"
#include "spaces/space.h"
#include "systems/device.h"
#include "systems/system.h"

/* ---- u and u~ ---- */
static void convert(const gkt_system *s, void (*block)(const gkt_ties *, const gkt_scalar *, gkt_scalar *), const gkt_scalar *from, gkt_scalar *to) {
  for (int k = 0; k < s->num_unknowns; k++) {
    const gkt_layout_block *l = &s->blocks[k];
    const gkt_ties *ties = s->ties ? s->ties[l->function] : NULL;
    if (ties) block(ties, from + l->first, to + l->first);
    else if (from != to) memcpy(to + l->first, from + l->first, (size_t)l->count * sizeof *to);
  }
}

void gkt_system_from_tied(const gkt_system *s, const gkt_scalar *tied, gkt_scalar *u) { convert(s, gkt_ties_expand, tied, u); }
void gkt_system_to_tied(const gkt_system *s, const gkt_scalar *u, gkt_scalar *tied) { convert(s, gkt_ties_contract, u, tied); }
void gkt_system_to_tied_transpose(const gkt_system *s, const gkt_scalar *tied, gkt_scalar *u) { convert(s, gkt_ties_contract_transpose, tied, u); }

bool gkt_system_turns(const gkt_system *s, int block) {
  const gkt_ties *ties = s->ties ? s->ties[s->unknowns[block]] : NULL;
  return ties && gkt_ties_turns(ties);
}

gkt_frames gkt_system_frames(const gkt_system *s, int block) {
  const gkt_ties *ties = s->ties ? s->ties[s->unknowns[block]] : NULL;
  return ties && ties->num_frames ? (gkt_frames){ties->frames, ties->frame} : (gkt_frames){NULL, NULL};
}

static gkt_status expand_there(gkt_system *s, const gkt_vector *tied, gkt_vector *u) {
  GKT_TRY(gkt_system_check_size(s, tied, "u~"));
  GKT_TRY(gkt_system_check_size(s, u, "u"));
  GKT_TRY(gkt_system_check_place(s));
  GKT_TRY(gkt_system_send(s));
  GKT_TRY(gkt_vector_to(tied, u));
  gkt_system_from_tied_there(s, u);
  return GKT_OK;
}

gkt_status gkt_system_expand(gkt_system *s, const gkt_vector *tied, gkt_vector *u) {
  if (tied == u) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: u is the vector u~; expected another");
  if (gkt_vector_where(u) == GKT_ON_DEVICE) return expand_there(s, tied, u);
  GKT_TRY(gkt_system_check_vector(s, tied, "u~"));
  GKT_TRY(gkt_system_check_vector(s, u, "u"));
  gkt_system_from_tied(s, gkt_vector_read(tied), gkt_vector_values(u));
  return GKT_OK;
}

/* ---- changes ---- */
static gkt_status make_room(gkt_system *s) {
  if (!s->ties) GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *s->ties, &s->ties));
  if (!s->expanded) GKT_TRY(gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->expanded, &s->expanded));
  return s->tied ? GKT_OK : gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->tied, &s->tied);
}

static void mark_tied(gkt_system *s) {
  s->layout.tied = s->tied, s->layout.num_tied = 0;
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) {
    s->tied[i] = s->layout.constrained[i] && !gkt_constraints_give(s->constraints, i);
    s->layout.num_tied += s->tied[i];
  }
}

static void drop_plans(gkt_system *s) {
  gkt_assembler_destroy(&s->residual_assembler);
  gkt_assembler_destroy(&s->tangent_assembler);
  gkt_assembler_destroy(&s->slope_assembler);
  s->has_slope = false;
  gkt_system_clear_schurs(s);
  gkt_system_clear_means(s);
  gkt_system_clear_operators(s);
  gkt_system_forget(s);
  gkt_csr_destroy(&s->matrix);
  gkt_system_device_destroy(s);
}

gkt_status gkt_system_follow_ties(gkt_system *s) {
  bool any = false;
  gkt_idx before = s->layout.num_tied;
  s->layout.num_constrained = gkt_constraints_count(s->constraints);
  gkt_system_device_drop_conditions(s);
  for (int k = 0; k < s->num_unknowns; k++) any = any || gkt_constraints_ties(s->constraints, k);
  if (!any) return GKT_OK;
  GKT_TRY(make_room(s));
  mark_tied(s);
  bool changed = s->layout.num_tied != before;
  for (int k = 0; k < s->num_unknowns; k++) {
    const gkt_ties *ties = gkt_constraints_ties(s->constraints, k);
    changed = changed || s->ties[s->unknowns[k]] != ties;
    s->ties[s->unknowns[k]] = ties;
  }
  if (changed) drop_plans(s);
  return GKT_OK;
}

/* ---- a tie ---- */
static gkt_status refuse(const gkt_system *s, const gkt_tie *t, gkt_status status, const char *what, const char *which) {
  return gkt_fail(s->ctx, status, "%s%s%s%s", t->place ? t->place : "system", ": ", what, which);
}

static gkt_status check(const gkt_system *s, const gkt_tie *t) {
  if (!t->from || !t->to) return refuse(s, t, GKT_BAD_ARGUMENT, "a tie needs two sets", "");
  for (int i = 0; i < t->num_unknowns; i++) {
    const int block = gkt_system_find_block(s, t->unknowns[i]);
    if (block < 0) return refuse(s, t, GKT_BAD_ARGUMENT, "a tie of a function that is no unknown; expected numbers of ", s->names);
    if (!gkt_space_is_continuous(gkt_system_space(s, block)))
      return refuse(s, t, GKT_BAD_INPUT, "a field that is not continuous has no values on facets that could be tied; expected P1 to P4, not the space of ", s->blocks[block].name);
  }
  return GKT_OK;
}

static bool is_tied_by(const gkt_system *s, const gkt_tie *t, int block) {
  for (int i = 0; i < t->num_unknowns; i++)
    if (t->unknowns[i] == s->unknowns[block]) return true;
  return t->num_unknowns == 0 && gkt_space_is_continuous(gkt_system_space(s, block));
}

/* What a file with few digits leaves between the sides would be gaps through which a flow is lost, and no kernel would be one. */
static void align(const gkt_system *s, const gkt_tie *t, const gkt_match *match) {
  const double moved = gkt_match_align(s->mesh, match);
  if (moved > 1e-3 * match->tolerance)
    gkt_log(s->ctx, GKT_LOG_NOTICE, "nodes of '%s' were moved by up to %.2g, to where those of '%s' come to lie", t->to->name, moved, t->from->name);
}

gkt_status gkt_system_tie(gkt_system *s, const gkt_tie *t) {
  gkt_match match = {0};
  bool any = false;
  gkt_status status;
  GKT_TRY(check(s, t));
  for (int k = 0; k < s->num_unknowns; k++) any = any || is_tied_by(s, t, k);
  if (!any) return refuse(s, t, GKT_BAD_INPUT, "nothing is continuous that could be tied, of ", s->names);
  GKT_TRY(gkt_system_refresh(s));
  status = gkt_match_create(s->mesh, t->from, t->to, t->rotation, &match);
  if (status != GKT_OK) return t->place ? gkt_fail_in(s->ctx, status, t->place) : status;
  for (int k = 0; k < s->num_unknowns; k++)
    if (is_tied_by(s, t, k)) GKT_GO(gkt_constraints_tie(s->constraints, k, t->from, t->to, &match, t->place));
  align(s, t, &match);
  GKT_GO(gkt_system_follow_ties(s));
done:
  gkt_match_clear(&match);
  return status;
}
