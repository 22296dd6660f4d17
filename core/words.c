/* Which word was meant. */
#include <ctype.h>
#include <string.h>

#include "core/core.h"

enum { LONGEST = 63 };
static int lower(char c) { return tolower((unsigned char)c); }
static int least(int a, int b) { return a < b ? a : b; }

/* Optimal string alignment distance (Damerau 1964, restricted): three rows of the table are enough. */
int gkt_edit_distance(const char *a, const char *b) {
  int rows[3][LONGEST + 1], m = (int)strnlen(a, LONGEST + 1), n = (int)strnlen(b, LONGEST + 1);
  if (m > LONGEST || n > LONGEST) return 99;
  for (int j = 0; j <= n; j++) rows[0][j] = j;
  for (int i = 1; i <= m; i++) {
    int *now = rows[i % 3];
    const int *before = rows[(i + 2) % 3], *twice = rows[(i + 1) % 3];
    now[0] = i;
    for (int j = 1; j <= n; j++) {
      now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
      bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) now[j] = least(now[j], twice[j - 2] + 1);
    }
  }
  return rows[m % 3][n];
}

gkt_suggestion gkt_suggestion_begin(const char *word) { return (gkt_suggestion){word, NULL, ((int)strnlen(word, LONGEST + 1) + 1) / 3 + 1}; }

void gkt_suggestion_offer(gkt_suggestion *s, const char *candidate) {
  int distance = gkt_edit_distance(s->word, candidate);
  if (distance >= s->distance) return;
  s->distance = distance;
  s->nearest = candidate;
}

const char *gkt_nearest_word(const char *word, int count, const char *const *candidates) {
  gkt_suggestion s = gkt_suggestion_begin(word);
  for (int i = 0; i < count; i++) gkt_suggestion_offer(&s, candidates[i]);
  return s.nearest;
}

gkt_status gkt_find_word(gkt_context *ctx, const char *what, const char *word, int count, const char *const *words, int *out) {
  gkt_text list = {.ctx = ctx};
  for (int i = 0; i < count; i++)
    if (!strcmp(word, words[i])) return *out = i, GKT_OK;
  const char *near = gkt_nearest_word(word, count, words);
  if (near) return gkt_fail(ctx, GKT_BAD_INPUT, "unknown %s '%s'; did you mean '%s'?", what, word, near);
  for (int i = 0; i < count; i++) gkt_text_printf(&list, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
  const gkt_status status = list.status == GKT_OK ? gkt_fail(ctx, GKT_BAD_INPUT, "unknown %s '%s'; expected %s", what, word, list.data) : list.status;
  gkt_text_free(&list);
  return status;
}
