/* What single words of a problem file mean, whatever the locale of the program. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

bool gkt_word_is_name(const char *text) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  size_t n = strspn(text, all);
  return n > 0 && n < 64 && strchr(letters, *text) && !text[n];
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

enum { LONGEST = 40 };
static int least(int a, int b) { return a < b ? a : b; }

/* Insertions, deletions, replacements and swaps of neighbours (Damerau 1964) that lead from a to b; capital letters count as small ones. */
static int distance(const char *a, size_t na, const char *b, size_t nb) {
  int rows[LONGEST + 1][LONGEST + 1];
  for (size_t j = 0; j <= nb; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= na; i++) {
    rows[i][0] = (int)i;
    for (size_t j = 1; j <= nb; j++) {
      int ai = tolower((unsigned char)a[i - 1]), bj = tolower((unsigned char)b[j - 1]);
      rows[i][j] = least(rows[i - 1][j - 1] + (ai != bj), least(rows[i - 1][j], rows[i][j - 1]) + 1);
      if (i > 1 && j > 1 && ai == tolower((unsigned char)b[j - 2]) && tolower((unsigned char)a[i - 2]) == bj) rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[na][nb];
}

void gkt_word_near(const char *text, const char *words, char *out, size_t room) {
  size_t length = strlen(text);
  int best = (int)(length + 2) / 3; /* one change for each three letters */
  const char *near = NULL;
  size_t near_length = 0;
  for (size_t n; length <= LONGEST && (n = next_word(&words)) > 0; words += n) {
    bool begins = n > 1 && strncasecmp(text, words, n) == 0; /* triangle, tri */
    int d = begins ? 1 : n <= LONGEST ? distance(text, length, words, n) : LONGEST;
    if (d > best || d >= (int)n || (near && d == best)) continue;
    best = d;
    near = words;
    near_length = n;
  }
  if (near) snprintf(out, room, "; did you mean '%.*s'?", (int)near_length, near);
  else snprintf(out, room, "%s", "");
}

gkt_status gkt_word_space(const char *text, gkt_element *out) {
  bool discontinuous = *text == 'D';
  const char *p = text + discontinuous;
  if (p[0] != 'P' || p[1] < '0' || p[1] > '4' || p[2]) return GKT_BAD_INPUT;
  int degree = p[1] - '0';
  if (!discontinuous && degree == 0) return GKT_BAD_INPUT;
  *out = (gkt_element){discontinuous ? GKT_DISCONTINUOUS_LAGRANGE : GKT_LAGRANGE, degree};
  return GKT_OK;
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
