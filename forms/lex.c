/* Tokens. Numbers are read in the C locale, whatever the program's locale is. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forms/ast.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool continues_name(char c) { return starts_name(c) || is_digit(c); }

static int name_end(const char *text, int i) {
  while (continues_name(text[i])) i++;
  return i;
}

bool gkt_is_name(const char *text) { return starts_name(text[0]) && !text[name_end(text, 0)]; }

static int digits_end(const char *text, int i) {
  while (is_digit(text[i])) i++;
  return i;
}

/* digits [. digits] [e [+-] digits]; an `e` without digits is left to the check that follows a number. */
static int number_end(const char *text, int i) {
  i = digits_end(text, i);
  if (text[i] == '.') i = digits_end(text, i + 1);
  if (text[i] != 'e' && text[i] != 'E') return i;
  int sign = text[i + 1] == '+' || text[i + 1] == '-';
  return is_digit(text[i + 1 + sign]) ? digits_end(text, i + 1 + sign) : i;
}

static gkt_status convert(gkt_context *ctx, const char *text, double *out) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c) return gkt_fail(ctx, GKT_NO_MEMORY, "out of memory: no C locale");
  *out = strtod_l(text, NULL, c);
  freelocale(c);
  return GKT_OK;
}

static gkt_status lex_number(gkt_context *ctx, const gkt_source *source, gkt_token *token) {
  const char *text = source->text;
  token->kind = GKT_TOKEN_NUMBER;
  token->end = number_end(text, token->begin);
  int after = token->end;
  while (continues_name(text[after]) || text[after] == '.') after++;
  if (after > token->end) {
    char next = text[token->end];
    if (next == 'e' || next == 'E') return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, after, "not a number; expected digits after 'e', or '*' before a name");
    return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, after, "a number runs into something else; expected '*' between a number and a name, and one decimal point");
  }
  GKT_TRY(convert(ctx, text + token->begin, &token->number));
  if (!isfinite(token->number)) return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, token->end, "too large for a number; expected at most 1.7976931348623157e308");
  return GKT_OK;
}

/* What stands behind the dot in other languages: a derivative, or a function of a module. */
static gkt_status refuse_member(gkt_context *ctx, const gkt_source *source, int begin, int end) {
  const char *text = source->text, *member = text + begin + 1;
  int owner = begin, digits = text[end] == '(' ? digits_end(text, end + 1) - end - 1 : 0;
  char name[64] = "u";
  while (owner > 0 && continues_name(text[owner - 1])) owner--;
  if (owner < begin && starts_name(text[owner])) snprintf(name, sizeof name, "%.*s", begin - owner, text + owner);
  if (end - begin == 3 && strncmp(member, "dx", 2) == 0)
    return gkt_source_fail(ctx, GKT_BAD_INPUT, source, begin, end, "here it is written grad(%s)[%.*s], of component i of a vector grad(%s)[i, %.*s]", name, digits ? digits : 1,
                           digits ? text + end + 1 : "0", name, digits ? digits : 1, digits ? text + end + 1 : "0");
  return gkt_source_fail(ctx, GKT_BAD_INPUT, source, begin, end,
                         "expected '.T', the transpose of a matrix, or a digit after the decimal point; functions have no module before them");
}

static gkt_status lex_dot(gkt_context *ctx, const gkt_source *source, gkt_token *token) {
  int end = name_end(source->text, token->begin + 1);
  token->kind = GKT_TOKEN_TRANSPOSE;
  token->end = end;
  if (end - token->begin == 2 && source->text[token->begin + 1] == 'T') return GKT_OK;
  return refuse_member(ctx, source, token->begin, end);
}

static gkt_status lex_quoted(gkt_context *ctx, const gkt_source *source, gkt_token *token) {
  const char *text = source->text, *close = strchr(text + token->begin + 1, text[token->begin]);
  if (!close) return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, (int)strlen(text), "a quote that is not closed; a transpose is written A.T");
  token->kind = GKT_TOKEN_QUOTED;
  token->end = (int)(close - text) + 1;
  return GKT_OK;
}

static gkt_status lex_sign(gkt_context *ctx, const gkt_source *source, gkt_token *token) {
  static const struct {
    const char *text;
    gkt_token_kind kind;
  } longer[] = {{"**", GKT_TOKEN_POW}, {"^", GKT_TOKEN_POW}, {"<=", GKT_TOKEN_LE}, {">=", GKT_TOKEN_GE}, {"==", GKT_TOKEN_EQUALS}};
  const char *at = source->text + token->begin;
  for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
    size_t n = strlen(longer[i].text);
    if (strncmp(at, longer[i].text, n)) continue;
    token->kind = longer[i].kind;
    token->end = token->begin + (int)n;
    return GKT_OK;
  }
  token->kind = GKT_TOKEN_SIGN;
  token->end = token->begin + 1;
  token->sign = *at;
  if (strchr("+-*/()[],=<>", *at)) return GKT_OK;
  while (((unsigned char)source->text[token->end] & 0xC0) == 0x80) token->end++; /* the whole UTF-8 character */
  if (strchr("&|!", *at)) return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, token->end, "conditions are joined by a*b (and), max(a, b) (or), 1 - a (not)");
  return gkt_source_fail(ctx, GKT_BAD_INPUT, source, token->begin, token->end,
                         "a character that the language does not have; expected a name, a number or one of + - * / ^ ( ) [ ] , < > =");
}

gkt_status gkt_lex(gkt_context *ctx, const gkt_source *source, int from, gkt_token *out) {
  const char *text = source->text;
  while (text[from] == ' ' || text[from] == '\t' || text[from] == '\n' || text[from] == '\r') from++;
  gkt_token token = {.kind = GKT_TOKEN_END, .begin = from, .end = from};
  char c = text[from];
  gkt_status status = GKT_OK;
  if (!c) status = GKT_OK;
  else if (is_digit(c) || (c == '.' && is_digit(text[from + 1]))) status = lex_number(ctx, source, &token);
  else if (c == '.') status = lex_dot(ctx, source, &token);
  else if (c == '\'' || c == '"') status = lex_quoted(ctx, source, &token);
  else if (starts_name(c)) {
    token.kind = GKT_TOKEN_NAME;
    token.end = name_end(text, from);
  } else status = lex_sign(ctx, source, &token);
  if (status == GKT_OK) *out = token;
  return status;
}

/* What stands in the parentheses after a measure. */
static gkt_status skip_sets(gkt_context *ctx, const gkt_source *source, gkt_token *token) {
  gkt_token next;
  GKT_TRY(gkt_lex(ctx, source, token->end, &next));
  if (next.sign != '(') return GKT_OK;
  while (next.kind != GKT_TOKEN_END && next.sign != ')') GKT_TRY(gkt_lex(ctx, source, next.end, &next));
  token->end = next.end;
  return GKT_OK;
}

gkt_status gkt_lex_find_name(gkt_context *ctx, const gkt_source *source, gkt_name_test *test, const void *user, gkt_token *out) {
  static const char *const measures[] = {"dx", "ds", "dS", "dP"};
  gkt_token token = {.kind = GKT_TOKEN_SIGN};
  for (int from = 0; token.kind != GKT_TOKEN_END; from = token.end) {
    char name[64];
    GKT_TRY(gkt_lex(ctx, source, from, &token));
    if (token.kind != GKT_TOKEN_NAME || token.end - token.begin >= (int)sizeof name) continue; /* no declared name is that long */
    snprintf(name, sizeof name, "%.*s", token.end - token.begin, source->text + token.begin);
    if (test(name, user)) break;
    for (int i = 0; i < 4; i++)
      if (!strcmp(name, measures[i])) GKT_TRY(skip_sets(ctx, source, &token));
  }
  *out = token;
  return GKT_OK;
}
