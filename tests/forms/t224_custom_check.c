/* Claim: gkt_external_check passes right tangents, and of wrong ones names the worst entry, what it is and what it should be; it sees a wrong declaration of zeros or of symmetry,
   says where differences cannot tell, and refuses functions that mistake count or stride or remember. */
#include "tests/custom_laws.h"
#include "tests/language.h"

static gkt_context *ctx;
static gkt_scope *scope;
static int begin(void **state) {
  (void)state;
  ctx = make_context();
  scope = make_scope(ctx, 2);
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_scope_destroy(&scope);
  gkt_context_destroy(&ctx);
  return 0;
}

static const gkt_scalar points[3][5] = {{0.3, -0.2, 0.5, 0.1, 0.7}, {-1.1, 0.4, 0, 2, -0.3}, {1e-4, 2e-4, -1e-4, 3e-4, 0.5}};

static gkt_status check(const gkt_external *law, double tolerance, double *worst) {
  static int number_of_laws;
  char name[32];
  int number;
  snprintf(name, sizeof name, "law_%d", number_of_laws++);
  if (gkt_scope_add_external(scope, name, law, &number) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_context_clear(ctx);
  return gkt_external_check(scope, number, 3, points[0], NULL, tolerance, worst);
}

static void says(const gkt_external *law, const char *message) {
  double worst = -1;
  assert_int_equal(check(law, 0, &worst), GKT_BAD_INPUT);
  assert_true(worst > 1e-6);
  if (!strstr(gkt_context_message(ctx), message)) fail_msg("%s; expected %s", gkt_context_message(ctx), message);
}

/* Differences are good for about ten digits of the result: fewer of a derivative that is small beside it. */
static void right_tangents_pass(void **state) {
  (void)state;
  gkt_external laws[] = {hard_law(2), skewed_law(2), potential_law(2), hard_law(2)};
  laws[3].symmetric = true;
  for (int i = 0; i < 4; i++) {
    double worst = -1;
    if (check(&laws[i], 0, &worst) != GKT_OK) fail_msg("law %d: %s", i, gkt_context_message(ctx));
    if (!(worst >= 0 && worst < 1e-8)) fail_msg("law %d: %g", i, worst);
    if (check(&laws[i], 1e-7, NULL) != GKT_OK) fail_msg("law %d: %s", i, gkt_context_message(ctx));
  }
}

static double error; /* of entry [2][3], relative */
static void wrong_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  hard_tangent(user, count, stride, in, out);
  for (int p = 0; p < count; p++) out[(2 * 5 + 3) * stride + p] *= 1 + error;
}
static void forgotten_entry(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  hard_tangent(user, count, stride, in, out);
  for (int p = 0; p < count; p++) out[(1 * 5 + 4) * stride + p] = NAN;
}

/* At point 0 that entry is 2 c A[2] A[3] = 0.07, and the largest of its argument 0.7 (1.39 + 2*0.25) = 1.323; at point 1 it is 0, at point 2 tiny beside 0.5. */
static void a_wrong_entry_is_named(void **state) {
  (void)state;
  gkt_external law = law_of(2, gkt_shape_matrix(2, 2), hard, wrong_tangent);
  error = 0.1;
  says(&law, "at point 0: derivative [2][3], of component 2 of the result by component 3 of argument 1, is 0.077; expected 0.07");
  error = 1e-7; /* 5e-9 of the largest: below what is asked, unless more is */
  double worst;
  assert_int_equal(check(&law, 0, &worst), GKT_OK);
  assert_true(worst > 4e-9 && worst < 7e-9);
  assert_int_equal(check(&law, 1e-9, NULL), GKT_BAD_INPUT);
  law.tangent = forgotten_entry;
  says(&law, "at point 0: derivative [1][4], of component 1 of the result by component 0 of argument 2, is");
}

static void wrong_declarations_are_named(void **state) {
  (void)state;
  gkt_external zero = hard_law(2), symmetric = skewed_law(2);
  bool zeros[20] = {[3 * 5 + 3] = true};
  zero.zeros = zeros;
  says(&zero, "derivative [3][3], of component 3 of the result by component 3 of argument 1, was declared 0; expected -4.311 by differences of the function");
  symmetric.symmetric = true;
  says(&symmetric, "its mirror image, as the tangent is declared symmetric");
}

/* Mistakes that one point alone does not show. */
static void ignores_stride(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)stride;
  hard(user, count, count, in, out);
}
static void fills_rows(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)count;
  hard(user, stride, stride, in, out);
}
static void first_point_only(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  hard_tangent(user, 1, stride, in, out);
  for (int i = 0; i < 20; i++)
    for (int p = 1; p < count; p++) out[i * stride + p] = out[i * stride];
}
static gkt_scalar last;
static void remembers(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  hard(user, count, stride, in, out);
  for (int p = 0; p < count; p++) out[p] += last, last = in[p];
}

static void layouts_are_checked(void **state) {
  (void)state;
  gkt_external law = hard_law(2);
  static const struct {
    gkt_external_fn *function, *tangent;
    const char *message;
  } wrong[] = {{ignores_stride, hard_tangent, "the result of 'law_"},
               {fills_rows, hard_tangent, "writes number 0 of point 8, but was asked for 8 points; expected out[k*stride + p] for p < count"},
               {hard, first_point_only, "the tangent of 'law_"},
               {remembers, hard_tangent, "the result of 'law_"}};
  for (int i = 0; i < 4; i++) {
    law.function = wrong[i].function, law.tangent = wrong[i].tangent;
    assert_int_equal(check(&law, 0, NULL), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), wrong[i].message)) fail_msg("%s; expected %s", gkt_context_message(ctx), wrong[i].message);
  }
}

/* |a - 1| + b with a beside 1: differences jump until their step is smaller; on the kink they are 0, and so near to it that no step is small enough they settle on nothing. */
static void kinked(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user;
  for (int p = 0; p < count; p++) out[p] = fabs(in[p] - 1) + in[stride + p];
}
static void kinked_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user;
  for (int p = 0; p < count; p++) out[p] = in[p] < 1 ? -1 : 1, out[stride + p] = 1;
}

static void kinks_are_stepped_around_or_told(void **state) {
  (void)state;
  gkt_external law = {.num_arguments = 2, .arguments = {gkt_shape_scalar(), gkt_shape_scalar()}, .result = gkt_shape_scalar(), .function = kinked, .tangent = kinked_tangent};
  int number;
  assert_int_equal(gkt_scope_add_external(scope, "kinked", &law, &number), GKT_OK);
  const gkt_scalar beside[2] = {1.01, 3}, on[2] = {1, 3}, almost[2] = {1 + 1e-9, 3}, scales[2] = {1, 1};
  if (gkt_external_check(scope, number, 1, beside, NULL, 0, NULL) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_external_check(scope, number, 1, beside, scales, 0, NULL), GKT_OK);
  assert_int_equal(gkt_external_check(scope, number, 1, on, NULL, 0, NULL), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_external_check(scope, number, 1, almost, NULL, 0, NULL), GKT_BAD_INPUT);
  assert_int_equal(gkt_external_check(scope, number + 1, 1, on, NULL, 0, NULL), GKT_BAD_ARGUMENT);
  law.tangent = NULL;
  assert_int_equal(gkt_scope_add_external(scope, "bare", &law, &number), GKT_OK);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_external_check(scope, number, 1, on, NULL, 0, NULL), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "'bare' was added without a tangent"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(right_tangents_pass), cmocka_unit_test(a_wrong_entry_is_named), cmocka_unit_test(wrong_declarations_are_named),
                                     cmocka_unit_test(layouts_are_checked), cmocka_unit_test(kinks_are_stepped_around_or_told)};
  return cmocka_run_group_tests(tests, begin, end);
}
