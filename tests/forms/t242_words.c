/* Claim: one rule says which word was meant, for messages of the language, the problem file and the command; and names are found in a text by the lexer of the language, so that
   quotes, sets of measures and longer names do not count. */
#include "tests/language.h"

static gkt_context *ctx;
static int begin(void **state) {
  (void)state;
  ctx = make_context();
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static void distances(void **state) {
  (void)state;
  const struct {
    const char *a, *b;
    int distance;
  } cases[] = {{"", "", 0},        {"", "abc", 3},       {"grad", "grad", 0}, {"GRAD", "grad", 0}, {"gard", "grad", 1},
               {"rad", "grad", 1}, {"grads", "grad", 1}, {"brad", "grad", 1}, {"ca", "abc", 3},    {"kitten", "sitting", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(gkt_edit_distance(cases[i].a, cases[i].b), cases[i].distance);
    assert_int_equal(gkt_edit_distance(cases[i].b, cases[i].a), cases[i].distance);
  }
  char longer[80];
  memset(longer, 'a', sizeof longer - 1);
  longer[sizeof longer - 1] = 0;
  assert_int_equal(gkt_edit_distance(longer, "a"), 99);
}

static void what_is_near(void **state) {
  (void)state;
  const char *const words[] = {"run", "check", "mesh", "plot", "rum"};
  assert_string_equal(gkt_nearest_word("chekc", 5, words), "check");
  assert_string_equal(gkt_nearest_word("PLOT", 5, words), "plot");
  assert_string_equal(gkt_nearest_word("rub", 5, words), "run"); /* the first of equals */
  assert_null(gkt_nearest_word("devices", 5, words));
  assert_null(gkt_nearest_word("r", 5, words));
  assert_null(gkt_nearest_word("rn", 0, words));
}

static bool is_word(const char *name, const void *user) { return strcmp(name, user) == 0; }

static void check_at(const char *text, const char *name, int at) {
  gkt_source source = text_source(text);
  gkt_token found;
  assert_int_equal(gkt_lex_find_name(ctx, &source, is_word, name, &found), GKT_OK);
  if (at < 0) assert_int_equal(found.kind, GKT_TOKEN_END);
  else if (found.kind != GKT_TOKEN_NAME || found.begin != at) fail_msg("%s: %s is found at %d", text, name, found.kind == GKT_TOKEN_NAME ? found.begin : -1);
}

static void names_in_texts(void **state) {
  (void)state;
  check_at("1 + t", "t", 4);
  check_at("tt + t_ + t2 + 2*x[0]", "t", -1);
  check_at("u*ds('t', t)*t", "t", 13);
  check_at("u*ds('t)', t)*dx(t)", "t", -1);
  check_at("A.T + t", "t", 6);
  check_at("dx(degree=2)*u", "dx", 0);
  check_at("'dx' + u", "dx", -1);
  check_at("2e3*e", "e", 4);
  check_at("ds (t", "t", -1);
  check_at("", "t", -1);
  gkt_source source = text_source("u + # + t");
  gkt_token found;
  assert_int_equal(gkt_lex_find_name(ctx, &source, is_word, "t", &found), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "a.yaml: key: line 1, column 5: '#'"));
  gkt_context_clear(ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(distances), cmocka_unit_test(what_is_near), cmocka_unit_test(names_in_texts)};
  return cmocka_run_group_tests(tests, begin, end);
}
