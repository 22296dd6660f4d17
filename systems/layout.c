/* The unknowns one after the other: where each stands in vectors and matrices. */
#include "forms/form.h"
#include "spaces/space.h"
#include "systems/system.h"

/* "u", "u and p", "u, p and c" */
static gkt_status write_names(gkt_system *s) {
  gkt_text t = {.ctx = s->ctx};
  for (int k = 0; k < s->num_unknowns; k++) gkt_text_printf(&t, "%s%s", k == 0 ? "" : k + 1 < s->num_unknowns ? ", " : " and ", s->blocks[k].name);
  s->names = t.data;
  return t.status;
}

static gkt_status place_blocks(gkt_system *s) {
  gkt_idx first = 0;
  GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->blocks, &s->blocks));
  for (int k = 0; k < s->num_unknowns; k++) {
    const gkt_space *space = gkt_system_space(s, k);
    const gkt_idx n = gkt_space_num_dofs(space);
    s->blocks[k] = (gkt_layout_block){gkt_scope_function_name(s->scope, s->unknowns[k]), s->unknowns[k], first, n, gkt_space_block_size(space)};
    GKT_TRY(gkt_narrow(s->ctx, (gkt_size)first + n, "dofs", &first));
  }
  s->layout = (gkt_layout){.num_blocks = s->num_unknowns, .blocks = s->blocks, .num_owned = first};
  return GKT_OK;
}

static gkt_status make_constraints(gkt_system *s) {
  const gkt_space **spaces = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(s->ctx, s->num_unknowns, sizeof *spaces, &spaces));
  for (int k = 0; k < s->num_unknowns; k++) spaces[k] = gkt_system_space(s, k);
  GKT_GO(gkt_constraints_create(s->num_unknowns, spaces, &s->constraints));
  s->layout.constrained = gkt_constraints_mask(s->constraints);
done:
  gkt_free(&spaces);
  return status;
}

gkt_status gkt_system_lay_out(gkt_system *s) {
  GKT_TRY(place_blocks(s));
  GKT_TRY(write_names(s));
  return make_constraints(s);
}

int gkt_system_find_block(const gkt_system *s, int function) {
  for (int k = 0; k < s->num_unknowns; k++)
    if (s->unknowns[k] == function) return k;
  return -1;
}

static bool has_block(const gkt_system *s, int block) { return block >= 0 && block < s->num_unknowns; }

static gkt_status check_unknown(const gkt_system *s, int block) {
  if (has_block(s, block)) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: unknown %d; expected 0 to %d, a number in the layout", block, s->num_unknowns - 1);
}

int gkt_system_rate_order(const gkt_system *s, int block) { return has_block(s, block) ? gkt_form_rate_order(s->residual, s->unknowns[block]) : 0; }
bool gkt_system_is_multiplier(const gkt_system *s, int block) {
  return has_block(s, block) && gkt_system_rate_order(s, block) == 0 && gkt_form_num_integrals(s->diagonal[block]) == 0;
}

/* Is the derivative of the equation that tests the block by its own rate zero? */
static gkt_status lacks_rate(const gkt_system *s, int rate, int field, bool *out) {
  gkt_form *mass = NULL, *own = NULL;
  gkt_status status;
  GKT_GO(gkt_form_derivative(s->residual, 1, &rate, &mass));
  GKT_GO(gkt_form_block(mass, field, rate, &own));
  *out = gkt_form_num_integrals(own) == 0;
done:
  gkt_form_destroy(&mass), gkt_form_destroy(&own);
  return status;
}

gkt_status gkt_system_is_balance(const gkt_system *s, int block, bool *out) {
  GKT_TRY(check_unknown(s, block));
  const int highest = gkt_system_rate_order(s, block), field = s->unknowns[block];
  bool lacks = highest > 0;
  for (int order = 1; lacks && order <= highest; order++) {
    const int rate = gkt_scope_rate(s->scope, field, order);
    if (rate >= 0) GKT_TRY(lacks_rate(s, rate, field, &lacks));
  }
  *out = lacks;
  return GKT_OK;
}

gkt_status gkt_system_couples(const gkt_system *s, int test, int trial, bool *out) {
  gkt_form *block;
  GKT_TRY(check_unknown(s, test));
  GKT_TRY(check_unknown(s, trial));
  GKT_TRY(gkt_form_block(s->tangent, s->unknowns[test], s->unknowns[trial], &block));
  *out = gkt_form_num_integrals(block) > 0;
  gkt_form_destroy(&block);
  return GKT_OK;
}

gkt_status gkt_system_masses_are_constant(const gkt_system *s, bool *out) {
  *out = true;
  for (int k = 0; k < s->num_unknowns; k++) {
    const int order = gkt_system_rate_order(s, k), rate = order ? gkt_scope_rate(s->scope, s->unknowns[k], order) : -1;
    gkt_form *mass;
    if (!order) continue;
    GKT_TRY(gkt_form_derivative(s->residual, 1, &rate, &mass));
    *out = *out && !gkt_form_depends_on_time(mass);
    for (int j = 0; j < s->num_unknowns; j++) *out = *out && !gkt_form_varies_with(mass, s->unknowns[j]);
    gkt_form_destroy(&mass);
  }
  return GKT_OK;
}

int gkt_system_block_of(const gkt_system *s, gkt_idx dof) {
  int k = s->num_unknowns - 1;
  while (k > 0 && dof < s->blocks[k].first) k--;
  return k;
}

/* ---- a block as a matrix of its own ---- */
static gkt_idx count_entries(const gkt_csr *A, const gkt_layout_block *rows, const gkt_layout_block *cols, gkt_csr *block) {
  gkt_idx count = 0;
  for (gkt_idx i = 0; i < rows->count; i++) {
    if (block) block->row_offsets[i] = count;
    for (gkt_idx k = A->row_offsets[rows->first + i]; k < A->row_offsets[rows->first + i + 1]; k++) {
      if (A->cols[k] < cols->first || A->cols[k] >= cols->first + cols->count) continue;
      if (block) block->cols[count] = A->cols[k] - cols->first, block->vals[count] = A->vals[k];
      count++;
    }
  }
  if (block) block->row_offsets[rows->count] = count;
  return count;
}

gkt_status gkt_system_block(const gkt_system *s, const gkt_csr *A, int test, int trial, gkt_csr **out) {
  const int r = gkt_system_find_block(s, test), c = gkt_system_find_block(s, trial);
  if (r < 0 || c < 0) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a block of function %d, which is no unknown; expected numbers of %s", r < 0 ? test : trial, s->names);
  if (A->num_rows != gkt_system_num_dofs(s) || A->num_cols != A->num_rows)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a matrix of %d rows; expected one of this system, with %d", A->num_rows, gkt_system_num_dofs(s));
  const gkt_layout_block *rows = &s->blocks[r], *cols = &s->blocks[c];
  GKT_TRY(gkt_csr_create(s->ctx, rows->count, cols->count, count_entries(A, rows, cols, NULL), rows->block_size == cols->block_size ? rows->block_size : 1, out));
  count_entries(A, rows, cols, *out);
  return GKT_OK;
}
