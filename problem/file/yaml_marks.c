/* Where each byte of a scalar stands in the file. The raw text is read again by the rules of YAML 1.1, chapters 5 and 9 (escapes, folding, block indentation); every byte
   that this yields is compared with libyaml's value, so that a mark is exact or the scan fails loudly. */
#include <string.h>

#include "problem/file/yaml.h"

typedef struct {
  const char *p, *end;
  gkt_mark mark;
} cursor;
typedef struct {
  const char *expected;
  size_t length, count;
  gkt_mark *marks;
  bool differs;
} sink;

static size_t break_length(const cursor *c) {
  size_t left = (size_t)(c->end - c->p);
  if (left == 0) return 0;
  if (*c->p == '\n') return 1;
  if (*c->p == '\r') return left > 1 && c->p[1] == '\n' ? 2 : 1;
  if (left > 1 && memcmp(c->p, "\xC2\x85", 2) == 0) return 2;
  if (left > 2 && (memcmp(c->p, "\xE2\x80\xA8", 3) == 0 || memcmp(c->p, "\xE2\x80\xA9", 3) == 0)) return 3;
  return 0;
}
static bool folds(const cursor *c) { return break_length(c) != 3; } /* the separators U+2028 and U+2029 stay as they are */
static bool is_blank(const cursor *c) { return c->p < c->end && (*c->p == ' ' || *c->p == '\t'); }

static void step(cursor *c) {
  size_t n = break_length(c);
  if (n) {
    c->p += n;
    c->mark = (gkt_mark){c->mark.line + 1, 1};
    return;
  }
  do c->p++;
  while (c->p < c->end && ((unsigned char)*c->p & 0xC0) == 0x80);
  c->mark.column++;
}

static void emit(sink *s, char byte, gkt_mark mark) {
  if (s->count >= s->length || s->expected[s->count] != byte) s->differs = true;
  else s->marks[s->count++] = mark;
}

static void emit_character(sink *s, cursor *c) {
  cursor from = *c;
  step(c);
  for (const char *p = from.p; p < c->p; p++) emit(s, *p, from.mark);
}

static void emit_break(sink *s, cursor *c) {
  if (!folds(c)) {
    emit_character(s, c);
    return;
  }
  emit(s, '\n', c->mark);
  step(c);
}

/* Blanks, or a fold: blanks around breaks are dropped, one break is a space, n+1 breaks are n. After a backslash the first break is nothing. */
static void scan_fold(sink *s, cursor *c, bool escaped) {
  cursor first = *c;
  while (is_blank(c)) step(c);
  if (!break_length(c)) {
    while (first.p < c->p) emit_character(s, &first);
    return;
  }
  first = *c;
  bool space = !escaped && folds(c);
  if (escaped || space) step(c);
  else emit_break(s, c);
  for (;;) {
    while (is_blank(c)) step(c);
    if (!break_length(c)) break;
    emit_break(s, c);
    space = false;
  }
  if (space) emit(s, ' ', first.mark);
}

static void emit_code(sink *s, unsigned code, gkt_mark mark) {
  if (code < 0x80) {
    emit(s, (char)code, mark);
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
  emit(s, (char)(lead[more] | code >> 6 * more), mark);
  while (more-- > 0) emit(s, (char)(0x80 | (code >> 6 * more & 0x3F)), mark);
}

static unsigned read_hex(cursor *c, int digits) {
  unsigned code = 0;
  for (; digits > 0 && c->p < c->end; digits--, step(c)) {
    unsigned d = (unsigned char)*c->p;
    code = code << 4 | (d <= '9' ? d - '0' : (d | 32) - 'a' + 10);
  }
  return code;
}

/* At a backslash in double quotes. */
static void scan_escape(sink *s, cursor *c) {
  static const char names[] = "0abt\tnvfre \"/\\N_LP", hex[] = "xuU";
  static const unsigned codes[] = {0, 7, 8, 9, 9, 10, 11, 12, 13, 27, ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
  gkt_mark mark = c->mark;
  step(c);
  if (c->p >= c->end) return;
  if (break_length(c)) {
    scan_fold(s, c, true);
    return;
  }
  const char *name = memchr(names, *c->p, sizeof names - 1), *wide = memchr(hex, *c->p, sizeof hex - 1);
  step(c);
  if (name) emit_code(s, codes[name - names], mark);
  else if (wide) emit_code(s, read_hex(c, 2 << (wide - hex)), mark);
  else s->differs = true;
}

static void scan_flow(sink *s, cursor c, char quote) {
  while (c.p < c.end) {
    if (is_blank(&c) || break_length(&c)) scan_fold(s, &c, false);
    else if (quote == '"' && *c.p == '\\') scan_escape(s, &c);
    else {
      bool doubled = quote == '\'' && *c.p == '\'';
      emit_character(s, &c);
      if (doubled) step(&c);
    }
  }
}

static void emit_breaks(sink *s, cursor from, const cursor *to) {
  while (from.p < to->p)
    if (break_length(&from)) emit_break(s, &from);
    else step(&from);
}

/* c: behind the header's line. Lines hold `indent` spaces and then text; chomp: '-' strip, '+' keep, 0 clip. */
static void scan_block(sink *s, cursor c, int indent, bool literal, char chomp) {
  cursor ended = c, empty = c; /* the break that ends the last line of text; the run of empty lines behind it */
  bool text_before = false, blank_before = false;
  for (;;) {
    while (c.p < c.end && *c.p == ' ' && c.mark.column <= indent) step(&c);
    if (break_length(&c)) {
      step(&c);
      continue;
    }
    if (c.p >= c.end || c.mark.column != indent + 1) break;
    bool blank = is_blank(&c);
    if (text_before && (literal || blank || blank_before || !folds(&ended))) emit_break(s, &ended);
    else if (text_before) {
      cursor after = empty;
      while (after.p < c.p && !break_length(&after)) step(&after);
      if (after.p >= c.p) emit(s, ' ', ended.mark);
    }
    emit_breaks(s, empty, &c);
    while (c.p < c.end && !break_length(&c)) emit_character(s, &c);
    text_before = true;
    blank_before = blank;
    ended = c;
    if (c.p < c.end) step(&c);
    empty = c;
  }
  if (chomp != '-' && text_before && break_length(&ended)) emit_break(s, &ended);
  if (chomp == '+') emit_breaks(s, empty, &c);
}

/* The indentation is that of the first line of text; where a digit in the header or deeper empty lines say otherwise, the one that yields the value. */
static void scan_block_scalar(sink *s, cursor c, bool literal) {
  char chomp = 0;
  for (; c.p < c.end && !break_length(&c) && *c.p != '#'; step(&c))
    if (*c.p == '+' || *c.p == '-') chomp = *c.p;
  while (c.p < c.end && !break_length(&c)) step(&c);
  if (c.p < c.end) step(&c);
  cursor text = c;
  int widest = 0; /* spaces that begin one of the lines up to the first text */
  for (; text.p < text.end && (*text.p == ' ' || break_length(&text)); step(&text))
    if (*text.p == ' ' && text.mark.column > widest) widest = text.mark.column;
  for (int trial = -1; trial <= widest + 1; trial++) {
    int indent = trial < 0 ? text.mark.column - 1 : trial <= widest ? trial : 1 << 30; /* the last: no line belongs to the scalar */
    s->count = 0;
    s->differs = false;
    scan_block(s, c, indent, literal, chomp);
    if (!s->differs && s->count == s->length) return;
  }
}

static gkt_status scan_text(gkt_memory *memory, const gkt_yaml *n, gkt_mark **out) {
  GKT_TRY(gkt_memory_take(memory, (gkt_size)n->length + 1, sizeof **out, out));
  const char *raw = n->origin->raw;
  sink s = {.expected = n->text, .length = n->length, .marks = *out};
  cursor c = {raw + n->begin, raw + n->end, n->mark};
  bool quoted = n->style == GKT_YAML_SINGLE || n->style == GKT_YAML_DOUBLE;
  if (quoted) {
    step(&c);
    c.end--;
  }
  if (n->style == GKT_YAML_LITERAL || n->style == GKT_YAML_FOLDED) {
    c.end = raw + n->origin->length;
    scan_block_scalar(&s, c, n->style == GKT_YAML_LITERAL);
  } else scan_flow(&s, c, quoted ? raw[n->begin] : 0);
  if (s.differs || s.count != s.length) return gkt_yaml_refuse(gkt_memory_context(memory), GKT_INTERNAL, n, NULL, "its bytes could not be found again in the file");
  gkt_mark last = s.count ? s.marks[s.count - 1] : n->mark;
  (*out)[n->length] = s.count ? (gkt_mark){last.line, last.column + 1} : last;
  return GKT_OK;
}

static size_t literal_length(const gkt_yaml *n) {
  if (n->kind == GKT_YAML_TEXT) return n->length;
  size_t length = 2 + (size_t)(n->count > 0 ? n->count - 1 : 0);
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) length += literal_length(entry);
  return length;
}

static gkt_status append(gkt_memory *memory, const gkt_yaml *n, char *text, gkt_mark *marks, size_t *at) {
  if (n->kind == GKT_YAML_TEXT) {
    gkt_mark *own;
    GKT_TRY(scan_text(memory, n, &own));
    memcpy(text + *at, n->text, n->length);
    memcpy(marks + *at, own, n->length * sizeof *own);
    *at += n->length;
    return GKT_OK;
  }
  marks[*at] = n->mark;
  text[(*at)++] = '[';
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) {
    GKT_TRY(append(memory, entry, text, marks, at));
    marks[*at] = entry->mark;
    text[(*at)++] = entry->next ? ',' : ']';
  }
  if (!n->first) {
    marks[*at] = n->mark;
    text[(*at)++] = ']';
  }
  return GKT_OK;
}

gkt_status gkt_yaml_source(gkt_memory *memory, const gkt_yaml *n, gkt_source *out) {
  char path[512], *key, *text;
  gkt_mark *marks;
  gkt_yaml_path(n, path, sizeof path);
  GKT_TRY(gkt_memory_text(memory, path, strlen(path), &key));
  if (n->kind == GKT_YAML_TEXT) {
    GKT_TRY(scan_text(memory, n, &marks));
    *out = (gkt_source){n->text, n->origin->label, key, marks};
    return GKT_OK;
  }
  size_t length = literal_length(n), at = 0;
  GKT_TRY(gkt_memory_take(memory, (gkt_size)length + 1, 1, &text));
  GKT_TRY(gkt_memory_take(memory, (gkt_size)length + 1, sizeof *marks, &marks));
  GKT_TRY(append(memory, n, text, marks, &at));
  marks[at] = marks[at - 1];
  *out = (gkt_source){text, n->origin->label, key, marks};
  return GKT_OK;
}
