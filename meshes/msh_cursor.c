/* Numbers and words of an MSH file, text or binary, and where they stand. */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/msh.h"

int64_t gkt_msh_line(const gkt_msh_cursor *c, size_t at) {
  int64_t line = 1;
  for (const char *p = c->data; (p = memchr(p, '\n', (size_t)(c->data + at - p))) != NULL; p++) line++;
  return line;
}

gkt_status gkt_msh_refuse(const gkt_msh_cursor *c, gkt_status status, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (c->binary) return gkt_fail(c->ctx, status, "%s: byte %zu: %s", c->name, c->token, text);
  return gkt_fail(c->ctx, status, "%s:%lld: %s", c->name, (long long)gkt_msh_line(c, c->token), text);
}

static bool is_space(char x) { return x == ' ' || x == '\n' || x == '\r' || x == '\t'; }

static gkt_status refuse_end(gkt_msh_cursor *c, const char *what) {
  c->token = c->length;
  if (!c->section[0]) return gkt_msh_refuse(c, GKT_BAD_INPUT, "the file ends where %s was expected", what);
  return gkt_msh_refuse(c, GKT_BAD_INPUT, "the file ends inside $%s, where %s was expected", c->section, what);
}

static gkt_status refuse_word(const gkt_msh_cursor *c, const char *what, const char *word, size_t length) {
  char shown[41];
  size_t n = length < sizeof shown - 1 ? length : sizeof shown - 1;
  for (size_t i = 0; i < n; i++) shown[i] = word[i] < ' ' || word[i] > '~' ? '?' : word[i];
  shown[n] = 0;
  if (shown[0] == '$') return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected in $%s, found '%s': the section holds less than it announces", what, c->section, shown);
  return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected in $%s, found '%s'", what, c->section, shown);
}

gkt_status gkt_msh_text_word(gkt_msh_cursor *c, const char *what, const char **word, size_t *length) {
  size_t at = c->at;
  while (at < c->length && is_space(c->data[at])) at++;
  if (at == c->length) return refuse_end(c, what);
  c->token = at++;
  while (at < c->length && !is_space(c->data[at]) && c->data[at] != '"') at++; /* a name in quotes may follow at once */
  *word = c->data + c->token;
  *length = at - c->token;
  c->at = at;
  return GKT_OK;
}

/* Up to 18 digits: fits 64 bits. */
static bool parse_integer(const char *word, size_t length, int64_t *out) {
  size_t i = word[0] == '-' || word[0] == '+';
  int64_t value = 0;
  if (i == length || length - i > 18) return false;
  for (; i < length; i++) {
    if (word[i] < '0' || word[i] > '9') return false;
    value = 10 * value + (word[i] - '0');
  }
  *out = word[0] == '-' ? -value : value;
  return true;
}

/* A plain one of up to 18 digits, in one pass; false: nothing is read, the word needs a closer look. */
static bool take_integer(gkt_msh_cursor *c, int64_t *out) {
  const char *p = c->data + c->at, *end = c->data + c->length;
  while (p < end && is_space(*p)) p++;
  const char *token = p;
  int64_t value = 0;
  for (; p < end && *p >= '0' && *p <= '9'; p++) {
    if (p - token == 18) return false;
    value = 10 * value + (*p - '0');
  }
  if (p == token || p == end || !is_space(*p)) return false;
  c->token = (size_t)(token - c->data), c->at = (size_t)(p - c->data);
  *out = value;
  return true;
}

gkt_status gkt_msh_text_count(gkt_msh_cursor *c, const char *what, int64_t *out) {
  const char *word;
  size_t length;
  int64_t value;
  if (take_integer(c, out)) return GKT_OK;
  GKT_TRY(gkt_msh_text_word(c, what, &word, &length));
  if (!parse_integer(word, length, &value)) return refuse_word(c, what, word, length);
  if (value < 0) return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected in $%s, found the negative %lld", what, c->section, (long long)value);
  *out = value;
  return GKT_OK;
}

gkt_status gkt_msh_text_int(gkt_msh_cursor *c, const char *what, int *out) {
  const char *word;
  size_t length, at = c->at;
  int64_t value;
  if (take_integer(c, &value) && value <= INT_MAX) {
    *out = (int)value;
    return GKT_OK;
  }
  c->at = at;
  GKT_TRY(gkt_msh_text_word(c, what, &word, &length));
  if (!parse_integer(word, length, &value) || value > INT_MAX || value < -INT_MAX) return refuse_word(c, what, word, length);
  *out = (int)value;
  return GKT_OK;
}

static gkt_status take_bytes(gkt_msh_cursor *c, const char *what, void *out, size_t bytes) {
  if (c->length - c->at < bytes) return refuse_end(c, what);
  c->token = c->at;
  memcpy(out, c->data + c->at, bytes);
  c->at += bytes;
  return GKT_OK;
}

gkt_status gkt_msh_int(gkt_msh_cursor *c, const char *what, int *out) {
  int32_t value = 0;
  if (!c->binary) return gkt_msh_text_int(c, what, out);
  GKT_TRY(take_bytes(c, what, &value, sizeof value));
  *out = value;
  return GKT_OK;
}

gkt_status gkt_msh_count(gkt_msh_cursor *c, const char *what, int64_t *out) {
  uint64_t value = 0;
  if (!c->binary) return gkt_msh_text_count(c, what, out);
  GKT_TRY(take_bytes(c, what, &value, sizeof value));
  if (value > INT64_MAX)
    return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected in $%s, found the negative or huge %llx (hexadecimal)", what, c->section, (unsigned long long)value);
  *out = (int64_t)value;
  return GKT_OK;
}

gkt_status gkt_msh_double(gkt_msh_cursor *c, const char *what, double *out) {
  if (c->binary) return take_bytes(c, what, out, sizeof *out);
  const char *word;
  char copy[64], *end; /* the data need not end in a zero byte */
  size_t length;
  GKT_TRY(gkt_msh_text_word(c, what, &word, &length));
  if (gkt_decimal_parse(word, length, out)) return GKT_OK;
  if (length >= sizeof copy) return refuse_word(c, what, word, length);
  memcpy(copy, word, length);
  copy[length] = 0;
  *out = strtod_l(copy, &end, c->c_locale);
  if (end != copy + length) return refuse_word(c, what, word, length);
  return GKT_OK;
}

gkt_status gkt_msh_end_line(gkt_msh_cursor *c) {
  while (c->at < c->length && c->data[c->at] != '\n' && is_space(c->data[c->at])) c->at++;
  c->token = c->at;
  if (c->at == c->length) return refuse_end(c, "the end of a line");
  if (c->data[c->at] != '\n') return gkt_msh_refuse(c, GKT_BAD_INPUT, "the end of the line was expected in $%s", c->section);
  c->at++;
  return GKT_OK;
}

gkt_status gkt_msh_room(const gkt_msh_cursor *c, int64_t count, size_t bytes, const char *what, gkt_idx *out) {
  size_t most = (c->length - c->at) / bytes;
  if ((uint64_t)count > most)
    return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s announces %lld %s; the rest of the file has room for %zu at most", c->section, (long long)count, what, most);
  return gkt_narrow(c->ctx, count, what, out);
}
