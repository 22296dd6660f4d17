/* Place and cause of what went wrong, in words. */
#include "assembly/find_nonfinite.h"
#include "systems/system.h"

void gkt_system_print_place(const gkt_form *form, gkt_text *t) { gkt_text_printf(t, "%s", form->place ? form->place : ""); }

const char *gkt_system_discontinuity(const gkt_system *s, int block) {
  const bool multiplier = s->facts && s->facts[block].multiplier; /* no term over facets would hold it */
  bool discontinuous = !multiplier && gkt_space_element(gkt_system_space(s, block)).kind == GKT_DISCONTINUOUS_LAGRANGE;
  return discontinuous ? "; cells of a discontinuous space (DP) are coupled by terms over inner facets (dS) only, which are not available yet" : "";
}

/* "component 1 of 'u'", and " near x = (1, 2)", of the node of a dof; *block: that it belongs to */
static void name_dof(const gkt_system *s, gkt_idx dof, int *block, char field[100], char place[120]) {
  const gkt_layout_block *l = &s->blocks[ *block = gkt_system_block_of(s, dof)];
  const gkt_space *space = gkt_system_space(s, *block);
  const gkt_idx node = (dof - l->first) / l->block_size;
  char x[100];
  if (l->block_size > 1) snprintf(field, 100, "component %d of '%.60s'", (dof - l->first) % l->block_size, l->name);
  else snprintf(field, 100, "'%.60s'", l->name);
  if (gkt_space_element(space).kind == GKT_REAL) place[0] = 0;
  else snprintf(place, 120, " near %s", gkt_point_text(s->dim, gkt_space_coords(space) + (gkt_size)node * s->dim, x));
}

void gkt_system_explain_singular(const gkt_system *s, const gkt_linear_report *r, size_t size, char *text) {
  char field[100], place[120];
  int block;
  name_dof(s, r->free_dof, &block, field, place);
  snprintf(text, size, "the system is singular: equation and conditions leave %s undetermined%s; add conditions, or terms that hold it%s%s", field, place,
           gkt_system_is_underintegrated(s, block) ? "; dx(degree=..) has too few points to see every function: a higher degree" : "", gkt_system_discontinuity(s, block));
}

void gkt_system_explain_ill_conditioned(const gkt_system *s, const gkt_linear_report *r, size_t size, char *text) {
  char field[100], place[120];
  int block;
  name_dof(s, r->free_dof, &block, field, place);
  snprintf(text, size,
           "the system is too ill-conditioned: its condition number is above %.1e, so rounding leaves no digit of '%s'; it is determined, but hardly so%s: "
           "expected cells that are less stretched, a coarser mesh of higher degree, or coefficients that differ less",
           r->condition, s->blocks[block].name, place);
}

static const char *any_discontinuity(const gkt_system *s) {
  const char *text = "";
  for (int k = 0; k < s->num_unknowns && !*text; k++) text = gkt_system_discontinuity(s, k);
  return text;
}

void gkt_system_explain_linear(const gkt_system *s, const gkt_linear_report *r, double wanted, size_t size, char *text) {
  char tolerance[40] = "";
  if (wanted > 0) snprintf(tolerance, sizeof tolerance, ", wanted %.3g", wanted);
  if (r->cancelled) snprintf(text, size, "%s", gkt_status_text(GKT_CANCELLED));
  else if (r->singular) gkt_system_explain_singular(s, r, size, text);
  else if (r->ill_conditioned) gkt_system_explain_ill_conditioned(s, r, size, text);
  else if (!r->converged)
    snprintf(text, size, "%s did not converge: true residual %.3g, in the norm in which every row counts %.3g, after %d iterations%s%s", r->method, r->residual, r->scaled_residual,
             r->iterations, tolerance, any_discontinuity(s));
}

gkt_status gkt_system_explain_nonfinite(gkt_system *s, const gkt_inputs *inputs, const char *advice, size_t size, char *text) {
  gkt_nonfinite found;
  gkt_text t = {.ctx = s->ctx};
  GKT_TRY(gkt_find_nonfinite(s->residual_assembler, inputs, &found));
  if (!found.found) GKT_TRY(gkt_find_nonfinite(s->tangent_assembler, inputs, &found));
  gkt_system_print_place(s->residual, &t);
  gkt_nonfinite_print(&found, s->dim, "near", &t);
  if (!found.found || found.of_field) gkt_text_printf(&t, "%s", advice); /* a guess changes nothing else */
  if (t.status == GKT_OK) snprintf(text, size, "%s", t.data);
  gkt_text_free(&t);
  return gkt_unless_exhausted(s->ctx, t.status);
}

/* ---- for loops outside of the library ---- */
static gkt_status is_finite(gkt_system *s, const gkt_state *state, bool *out) {
  gkt_vector *r = NULL;
  gkt_csr *A = NULL;
  gkt_status status;
  GKT_GO(gkt_system_vector(s, &r));
  GKT_GO(gkt_system_residual(s, state, r));
  *out = gkt_vector_is_finite(r);
  if (!*out) goto done;
  GKT_GO(gkt_system_matrix(s, &A));
  GKT_GO(gkt_system_tangent(s, state, (gkt_shifts){.value = 1}, A));
  *out = gkt_is_finite(A->row_offsets[A->num_rows], A->vals);
done:
  gkt_csr_destroy(&A);
  gkt_vector_destroy(&r);
  return status;
}

gkt_status gkt_system_explain(gkt_system *s, const gkt_state *state, const gkt_linear_report *r, size_t size, char *text) {
  gkt_inputs inputs;
  bool finite;
  text[0] = 0;
  GKT_TRY(is_finite(s, state, &finite));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  if (!finite) return gkt_system_explain_nonfinite(s, &inputs, "", size, text);
  if (!r) return GKT_OK;
  gkt_system_explain_linear(s, r, 0, size, text);
  return GKT_OK;
}
