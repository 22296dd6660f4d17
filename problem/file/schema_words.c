/* What single words of a problem file mean, whatever the locale of the program. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "forms/ast.h"
#include "problem/file/schema.h"

bool gkt_word_number(const char *text, double *out) {
  if (!*text || text[strspn(text, "0123456789+-.eE")]) return false; /* no blanks, hexadecimal, nan, inf */
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c) return false;
  char *end;
  double value = strtod_l(text, &end, c);
  freelocale(c);
  if (*end || end == text || !isfinite(value)) return false;
  *out = value;
  return true;
}

bool gkt_word_integer(const char *text, int *out) {
  const char *digits = text + (*text == '-' || *text == '+');
  size_t n = strspn(digits, "0123456789");
  if (n == 0 || n > 9 || digits[n]) return false;
  *out = (int)strtol(text, NULL, 10);
  return true;
}

bool gkt_word_is_name(const char *text) { return gkt_is_name(text) && strlen(text) < 64; }

bool gkt_word_is_rate(const char *text) {
  char name[64];
  int end = 0;
  return sscanf(text, "dt(%63[A-Za-z0-9_])%n", name, &end) == 1 && end && !text[end] && gkt_word_is_name(name);
}

/* The next word of a list separated by blanks: its length, 0 at the end. */
static size_t next_word(const char **words) {
  *words += strspn(*words, " ");
  return strcspn(*words, " ");
}

bool gkt_word_in(const char *text, const char *words) {
  if (!words) return false;
  size_t length = strlen(text);
  for (size_t n; (n = next_word(&words)) > 0; words += n)
    if (n == length && memcmp(text, words, n) == 0) return true;
  return false;
}

void gkt_word_near(const char *text, const char *words, char *out, size_t room) {
  gkt_suggestion s = gkt_suggestion_begin(text);
  char candidate[64], near[64] = "";
  for (size_t n; (n = next_word(&words)) > 0; words += n) {
    const int before = s.distance;
    if (n >= sizeof candidate) continue;
    snprintf(candidate, sizeof candidate, "%.*s", (int)n, words);
    gkt_suggestion_offer(&s, candidate);
    if (n > 1 && s.distance > 2 && strncasecmp(text, candidate, n) == 0) s.distance = 2; /* triangle, tri; behind a slip of one letter */
    if (s.distance < before) strcpy(near, candidate);
  }
  snprintf(out, room, *near ? "; did you mean '%s'?" : "%s", near);
}

bool gkt_word_shape(const char *text, int *rank, int *size) {
  *size = 0;
  *rank = strcmp(text, "scalar") == 0 ? 0 : strcmp(text, "tensor") == 0 ? 2 : 1;
  if (*rank == 0) *size = 1;
  if (*rank != 1 || strcmp(text, "vector") == 0) return true;
  if (strncmp(text, "vector(", 7) != 0 || text[7] < '1' || text[7] > '9' || strcmp(text + 8, ")") != 0) return false;
  *size = text[7] - '0';
  return true;
}
