/* Claim: every example in docs/forms.md is read as what it says it is, every refusal shown there has exactly the message shown, and every word of the language stands there. */
#include <ctype.h>
#include <stdio.h>

#include "forms/type.h"
#include "tests/language.h"

/* The scope stated at the top of docs/forms.md. */
static gkt_scope *documented_scope(gkt_context *ctx, int dim) {
  gkt_scope *s;
  int i;
  const char *constants[] = {"k", "E", "nu", "h0"};
  assert_int_equal(gkt_scope_create(ctx, dim, &s), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "U", "V", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "P", "Q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_field(s, "M", "N", gkt_shape_scalar(), (gkt_element){GKT_REAL, 0}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "w", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(s, "r", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &i), GKT_OK);
  for (size_t c = 0; c < 4; c++) assert_int_equal(gkt_scope_add_constant(s, constants[c], &i), GKT_OK);
  add_let(s, "q", "k*grad(u)", true);
  add_let(s, "mu", "E/(2*(1 + nu))", true);
  add_let(s, "lambda", "E*nu/((1 + nu)*(1 - 2*nu))", true);
  return s;
}

static gkt_status parse(gkt_scope *s, const char *kind, const char *text) {
  static const char *const kinds[] = {"equation", "energy", "functional"};
  gkt_source source = {.text = text};
  for (int i = 0; i < 3; i++) {
    if (strncmp(kind, kinds[i], strlen(kinds[i]))) continue;
    gkt_form *form = NULL;
    gkt_status status = gkt_form_parse(s, (gkt_form_kind)i, &source, &form);
    gkt_form_destroy(&form);
    return status;
  }
  gkt_expression *e = NULL;
  assert_memory_equal(kind, "expression", 10);
  gkt_status status = gkt_expression_parse(s, &source, &e);
  gkt_expression_destroy(&e);
  return status;
}

static void check_block(const char *head, char *body) {
  bool wrong = !strncmp(head, "-error ", 7);
  const char *kind = head + (wrong ? 7 : 1);
  gkt_context *ctx = make_context();
  gkt_scope *s = documented_scope(ctx, strstr(head, "2d") ? 2 : 3);
  char *message = wrong ? strchr(body, '\n') : NULL;
  if (wrong) {
    assert_non_null(message);
    *message++ = 0;
    message[strcspn(message, "\n")] = 0;
  }
  gkt_status status = parse(s, kind, body);
  if (wrong) assert_true(status == GKT_BAD_INPUT || status == GKT_UNAVAILABLE);
  else if (status != GKT_OK) fail_msg("%s\n%s", body, gkt_context_message(ctx));
  if (wrong) assert_string_equal(gkt_context_message(ctx), message);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static char *read_page(gkt_context *ctx) {
  const char *root = getenv("GKT_ROOT");
  char path[1000], *text;
  size_t length;
  snprintf(path, sizeof path, "%s/docs/forms.md", root ? root : ".");
  assert_int_equal(gkt_file_read(ctx, path, &text, &length), GKT_OK);
  return text;
}

static void every_example_is_read(void **state) {
  (void)state;
  int blocks = 0;
  gkt_context *ctx = make_context();
  char *text = read_page(ctx);
  for (char *at = strstr(text, "\n```form"); at; at = strstr(at, "\n```form"), blocks++) {
    char *head = at + 8, *body = strchr(head, '\n'), *end = body ? strstr(body, "\n```") : NULL;
    assert_non_null(end);
    *body = *end = 0;
    check_block(head, body + 1);
    at = end + 4;
  }
  assert_true(blocks >= 12);
  gkt_free(&text);
  gkt_context_destroy(&ctx);
}

static bool is_letter(char c) { return isalnum((unsigned char)c) || c == '_'; }

static bool has_word(const char *text, const char *word) {
  for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
    if ((at == text || !is_letter(at[-1])) && !is_letter(at[strlen(word)])) return true;
  return false;
}

static void every_word_is_documented(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  char *text = read_page(ctx);
  for (int i = 0; gkt_builtin_name(i); i++)
    if (!has_word(text, gkt_builtin_name(i))) fail_msg("docs/forms.md does not have %s", gkt_builtin_name(i));
  for (int i = 0; gkt_reserved_name(i); i++)
    if (!has_word(text, gkt_reserved_name(i))) fail_msg("docs/forms.md does not have %s", gkt_reserved_name(i));
  gkt_free(&text);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_example_is_read), cmocka_unit_test(every_word_is_documented)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
