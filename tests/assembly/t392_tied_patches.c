/* Claim: nodes that are tied across periodic sides, by a rotation or along directions of their own are served by the fused kernel, with the bits of the CPU's `segmented`: on
   patches of any size, for random orders of blocks and threads, of one field and of two, also where cells have a node twice (what rounding leaves is dropped), and with frames that
   are set after the plan was made. Tensors of cells at such nodes alone leave the registers. */
#include "tests/tied_results.h"
#include "tests/patch_fused.h"

#include "assembly/patches_emit.h"

/* ---- patches of several sizes ---- */
static void patches_of(pair *w, const gkt_form *form, int arity, const char *what) {
  posed p = {.mesh = w->mesh, .form = arity == 2 ? (gkt_form *)form : NULL, .num_functions = NUM};
  for (int f = 0; f < NUM; f++) p.spaces[f] = w->spaces[f], p.values[f] = w->values[f];
  must(gkt_assembler_create_tied(form, w->mesh, p.spaces, w->ties, &p.assembler), what);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.rows = 9}, what);
  same(&p, expected, &(gkt_fused_options){.rows = 40, .window = 32}, what);
  free(expected);
  gkt_assembler_destroy(&p.assembler);
}

static void cut(mesh_kind kind, int n, tie_kind ties, const char *text) {
  static const int unknowns[] = {U, P};
  gkt_form *tangent;
  begin();
  pair w = make_pair(kind, n, ties);
  gkt_form *residual = parse(&w, text);
  must(gkt_form_derivative(residual, text == ONE_FIELD ? 1 : 2, unknowns, &tangent), "tangent");
  patches_of(&w, residual, 1, text);
  patches_of(&w, tangent, 2, text);
  gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
  free_pair(&w);
}

static void any_size(void **state) {
  (void)state;
  for (int t = 0; t < NUM_TIES; t++) cut(TRIANGLES, 3, t, ONE_FIELD);
  cut(MIXED_PLANE, 3, PERIODIC, SYMMETRIC);
}

static void any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= 3; seed++) {
    use_random_order(seed);
    cut(TRIANGLES, 2, seed - 1, ONE_FIELD);
  }
  use_random_order(0);
}

/* ---- the backend ---- */
static void compare(mesh_kind kind, int n, tie_kind ties, const char *text) { compare_tied(GKT_REDUCE_FUSED, kind, n, ties, text); }

static void with_later_frames(void **state) {
  (void)state;
  compare(QUADRILATERALS, 2, SLIP, SYMMETRIC), compare(TETRAHEDRA, 1, SLIP, ONE_FIELD);
}

static void one_cell_apart(void **state) {
  (void)state;
  compare(TRIANGLES, 1, QUARTER, GENERAL), compare(QUADRILATERALS, 1, PERIODIC, ONE_FIELD);
}

/* Scalars that are tied need nothing of their own. */
static void the_text_of_scalars_is_what_it_was(void **state) {
  (void)state;
  begin();
  pair w = make_pair(TRIANGLES, 3, PERIODIC);
  gkt_form *form = parse(&w, "dot(grad(p), grad(q))*dx + p^2*q*ds(left)");
  gkt_text texts[2] = {{.ctx = ctx}, {.ctx = ctx}};
  for (int tied = 0; tied < 2; tied++) {
    gkt_assembler *a;
    gkt_patch_shares shares;
    char why[200];
    must(gkt_assembler_create_tied(form, w.mesh, (const gkt_space *const *)w.spaces, tied ? w.ties : NULL, &a), "assembler");
    must(gkt_patch_shares_create(a, 0, &shares, why), "shares");
    must(gkt_patches_source(&shares, false, &texts[tied]), "text");
    gkt_patch_shares_clear(&shares);
    gkt_assembler_destroy(&a);
  }
  assert_string_equal(texts[0].data, texts[1].data);
  gkt_text_free(&texts[0]), gkt_text_free(&texts[1]);
  gkt_form_destroy(&form);
  free_pair(&w);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(any_size), cmocka_unit_test(any_order), cmocka_unit_test(with_later_frames), cmocka_unit_test(one_cell_apart),
                                     cmocka_unit_test(the_text_of_scalars_is_what_it_was)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
