/* Messages about a text: where, which word. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "forms/ast.h"

enum { WORD_LENGTH = 40 };

gkt_mark gkt_source_mark(const gkt_source *source, int offset) {
  if (source->marks) return source->marks[offset];
  gkt_mark mark = {1, 1};
  for (int i = 0; i < offset; i++) {
    bool continues = ((unsigned char)source->text[i] & 0xC0) == 0x80; /* of a UTF-8 character */
    if (source->text[i] == '\n') mark = (gkt_mark){mark.line + 1, 1};
    else if (!continues) mark.column++;
  }
  return mark;
}

static void print_place(char place[GKT_PLACE], const char *file, const char *key, gkt_mark mark, const char *word) {
  const char *quote = strcmp(word, "end of text") && word[0] != '\'' ? "'" : ""; /* the word may be quoted itself */
  snprintf(place, GKT_PLACE, "%s%s%s%sline %d, column %d: %s%s%s", file ? file : "", file ? ": " : "", key ? key : "", key ? ": " : "", mark.line, mark.column, quote, word, quote);
}

static gkt_status fail_list(gkt_context *ctx, gkt_status status, const char place[GKT_PLACE], const char *format, va_list args) {
  char what[1200];
  vsnprintf(what, sizeof what, format, args);
  return gkt_fail(ctx, status, "%s: %s", place, what);
}

gkt_status gkt_fail_at(gkt_context *ctx, gkt_status status, const char *file, const char *key, gkt_mark mark, const char *word, const char *format, ...) {
  char place[GKT_PLACE];
  va_list args;
  print_place(place, file, key, mark, word);
  va_start(args, format);
  fail_list(ctx, status, place, format, args);
  va_end(args);
  return status;
}

/* Bytes that do not print become '?', so that a message stays one line; UTF-8 is kept whole. */
static void copy_word(const char *text, int begin, int end, char *out) {
  int n = end - begin;
  bool shortened = n > WORD_LENGTH;
  if (shortened) n = WORD_LENGTH;
  while (shortened && n > 0 && ((unsigned char)text[begin + n] & 0xC0) == 0x80) n--;
  for (int i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[begin + i];
    out[i] = isspace(c) ? ' ' : c < 32 || c == 127 ? '?' : (char)c;
  }
  strcpy(out + n, shortened ? "..." : "");
}

void gkt_source_place(const gkt_source *source, int begin, int end, char place[GKT_PLACE]) {
  char word[WORD_LENGTH + 4];
  if (source->text[begin]) copy_word(source->text, begin, end, word);
  else strcpy(word, "end of text");
  print_place(place, source->file, source->key, gkt_source_mark(source, begin), word);
}

/* Bytes of a text that no file holds say more than their line. */
void gkt_source_describe(const gkt_source *s, gkt_text *t) {
  if (s->file) gkt_text_printf(t, "%s: ", s->file);
  if (s->key) gkt_text_printf(t, "%s: ", s->key);
  if (s->marks) gkt_text_printf(t, "line %d: ", s->marks[0].line);
  else {
    char word[WORD_LENGTH + 4];
    copy_word(s->text, 0, (int)strlen(s->text), word);
    gkt_text_printf(t, "'%s': ", word);
  }
}

gkt_status gkt_source_fail_list(gkt_context *ctx, gkt_status status, const gkt_source *source, int begin, int end, const char *format, va_list args) {
  char place[GKT_PLACE];
  gkt_source_place(source, begin, end, place);
  return fail_list(ctx, status, place, format, args);
}

gkt_status gkt_source_fail(gkt_context *ctx, gkt_status status, const gkt_source *source, int begin, int end, const char *format, ...) {
  va_list args;
  va_start(args, format);
  status = gkt_source_fail_list(ctx, status, source, begin, end, format, args);
  va_end(args);
  return status;
}

gkt_status gkt_source_copy(gkt_context *ctx, const gkt_source *source, gkt_source *out) {
  char *text = NULL, *file = NULL, *key = NULL;
  gkt_mark *marks = NULL;
  size_t length = strlen(source->text);
  gkt_status status;
  GKT_GO(gkt_strdup(ctx, source->text, &text));
  if (source->file) GKT_GO(gkt_strdup(ctx, source->file, &file));
  if (source->key) GKT_GO(gkt_strdup(ctx, source->key, &key));
  if (source->marks) GKT_GO(gkt_alloc(ctx, (gkt_size)length + 1, sizeof *marks, &marks));
  if (source->marks) memcpy(marks, source->marks, (length + 1) * sizeof *marks);
  *out = (gkt_source){text, file, key, marks};
done:
  if (status != GKT_OK) gkt_source_free(&(gkt_source){text, file, key, marks});
  return status;
}

void gkt_source_free(gkt_source *source) {
  gkt_free(&source->text);
  gkt_free(&source->file);
  gkt_free(&source->key);
  gkt_free(&source->marks);
}
