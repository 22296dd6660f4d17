/* libyaml's events become a tree. Events, not libyaml's documents: they show anchors and aliases where they stand, and let the depth be limited. */
#include <string.h>
#include <yaml.h>

#include "problem/file/yaml.h"

enum { MAX_DEPTH = 64 };

typedef struct {
  gkt_context *ctx;
  gkt_memory *memory;
  const gkt_yaml_origin *origin;
  size_t shift; /* bytes and, on the first line, characters before the YAML text */
  yaml_parser_t parser;
  yaml_event_t event;
  bool has_event;
  size_t chars, bytes; /* a pair known to correspond: libyaml counts characters */
  int depth;
} reader;

static bool continues(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

static size_t byte_of(reader *r, size_t character) {
  const char *text = r->origin->raw + r->shift;
  size_t length = r->origin->length - r->shift;
  if (character < r->chars) r->chars = r->bytes = 0;
  for (; r->chars < character && r->bytes < length; r->chars++) do
      r->bytes++;
    while (r->bytes < length && continues(text[r->bytes]));
  return r->shift + r->bytes;
}

static gkt_mark mark_of(const reader *r, yaml_mark_t m) { return (gkt_mark){(int)m.line + 1, (int)m.column + 1 + (m.line == 0 ? (int)r->shift : 0)}; }

/* libyaml's problem in the shape of our messages. A node without parent stands for the place. */
static gkt_status refuse_syntax(reader *r) {
  const yaml_parser_t *p = &r->parser;
  if (p->error == YAML_MEMORY_ERROR) return gkt_fail(r->ctx, GKT_NO_MEMORY, "%s: out of memory while reading YAML", r->origin->label);
  gkt_yaml at = {.origin = r->origin};
  if (p->error == YAML_READER_ERROR) {
    gkt_mark m = {1, 1 + (int)r->shift};
    const char *text = r->origin->raw + r->shift;
    for (size_t i = 0; i < p->problem_offset && r->shift + i < r->origin->length; i++) {
      if (text[i] == '\n') m = (gkt_mark){m.line + 1, 1};
      else if (!continues(text[i])) m.column++;
    }
    char value[16];
    snprintf(value, sizeof value, "\\x%02X", p->problem_value == -1 ? 0u : (unsigned)p->problem_value);
    return gkt_yaml_refuse_at(r->ctx, GKT_BAD_INPUT, &at, m, value, "%s; expected printable text in UTF-8", p->problem);
  }
  at.begin = at.end = byte_of(r, p->problem_mark.index);
  while (at.end < r->origin->length && (at.end == at.begin || !strchr(" \t\r\n,]}", r->origin->raw[at.end]))) at.end++;
  char first = at.begin < r->origin->length ? r->origin->raw[at.begin] : 0;
  char context[160] = "";
  if (p->context) {
    gkt_mark m = mark_of(r, p->context_mark);
    snprintf(context, sizeof context, " %s from line %d, column %d", p->context, m.line, m.column);
  }
  if (first == '\t') return gkt_yaml_refuse_at(r->ctx, GKT_BAD_INPUT, &at, mark_of(r, p->problem_mark), "\\t", "a tab; expected spaces for indentation");
  return gkt_yaml_refuse_at(r->ctx, GKT_BAD_INPUT, &at, mark_of(r, p->problem_mark), first ? NULL : "end of text",
                            "not YAML: %s%s; expected `key: value` with one indentation, and text that holds : # [ ] { } , & * in quotes", p->problem, context);
}

static gkt_status next(reader *r) {
  if (r->has_event) yaml_event_delete(&r->event);
  r->has_event = yaml_parser_parse(&r->parser, &r->event) != 0;
  return r->has_event ? GKT_OK : refuse_syntax(r);
}

static gkt_status new_node(reader *r, gkt_yaml *parent, gkt_yaml **out) {
  GKT_TRY(gkt_memory_take(r->memory, 1, sizeof **out, out));
  gkt_yaml *n = *out;
  n->origin = r->origin;
  n->mark = mark_of(r, r->event.start_mark);
  n->begin = byte_of(r, r->event.start_mark.index);
  n->end = byte_of(r, r->event.end_mark.index);
  n->text = "";
  n->parent = parent;
  return GKT_OK;
}

static gkt_status refuse_anchors(reader *r, const gkt_yaml *n) {
  const yaml_event_t *e = &r->event;
  const yaml_char_t *anchor = NULL, *tag = NULL;
  if (e->type == YAML_ALIAS_EVENT) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "an alias; expected the value written out (text that begins with * goes in quotes)");
  if (e->type == YAML_SCALAR_EVENT) anchor = e->data.scalar.anchor, tag = e->data.scalar.tag;
  if (e->type == YAML_SEQUENCE_START_EVENT) anchor = e->data.sequence_start.anchor, tag = e->data.sequence_start.tag;
  if (e->type == YAML_MAPPING_START_EVENT) anchor = e->data.mapping_start.anchor, tag = e->data.mapping_start.tag;
  if (anchor) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "an anchor; expected the plain value (text that begins with & goes in quotes)");
  if (tag) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "a tag; expected the plain value (text that begins with ! goes in quotes)");
  return GKT_OK;
}

static gkt_status take_text(reader *r, gkt_yaml *n) {
  char *text;
  n->length = r->event.data.scalar.length;
  GKT_TRY(gkt_memory_text(r->memory, (const char *)r->event.data.scalar.value, n->length, &text));
  n->text = text;
  switch (r->event.data.scalar.style) {
  case YAML_SINGLE_QUOTED_SCALAR_STYLE: n->style = GKT_YAML_SINGLE; break;
  case YAML_DOUBLE_QUOTED_SCALAR_STYLE: n->style = GKT_YAML_DOUBLE; break;
  case YAML_LITERAL_SCALAR_STYLE: n->style = GKT_YAML_LITERAL; break;
  case YAML_FOLDED_SCALAR_STYLE: n->style = GKT_YAML_FOLDED; break;
  default: n->style = GKT_YAML_PLAIN;
  }
  if (strlen(text) != n->length) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "text with a zero character; expected text");
  return GKT_OK;
}

static gkt_status read_key(reader *r, gkt_yaml *map, gkt_yaml **out) {
  GKT_TRY(new_node(r, map, out));
  gkt_yaml *key = *out;
  key->is_key = true;
  GKT_TRY(refuse_anchors(r, key));
  if (r->event.type != YAML_SCALAR_EVENT) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, key, NULL, "not a key; expected a word before the colon");
  GKT_TRY(take_text(r, key));
  const gkt_yaml *earlier = gkt_yaml_get(map, key->text);
  if (earlier) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, key, key->text, "given twice; expected one of them (the first is on line %d)", earlier->key->mark.line);
  return GKT_OK;
}

static gkt_status read_node(reader *r, gkt_yaml *parent, gkt_yaml *key, gkt_yaml **out);

static gkt_status read_entries(reader *r, gkt_yaml *n, yaml_event_type_t end) {
  gkt_yaml **tail = &n->first;
  for (;;) {
    gkt_yaml *key = NULL;
    GKT_TRY(next(r));
    if (r->event.type == end) break;
    if (n->kind == GKT_YAML_MAP) {
      GKT_TRY(read_key(r, n, &key));
      GKT_TRY(next(r));
    }
    gkt_yaml *entry = NULL;
    GKT_TRY(read_node(r, n, key, &entry));
    n->count++;
    *tail = entry;
    tail = &entry->next;
  }
  n->end = byte_of(r, r->event.end_mark.index);
  return GKT_OK;
}

static gkt_status read_node(reader *r, gkt_yaml *parent, gkt_yaml *key, gkt_yaml **out) {
  gkt_yaml *n;
  GKT_TRY(new_node(r, parent, &n));
  n->key = key;
  n->number = parent ? parent->count : 0;
  *out = n;
  GKT_TRY(refuse_anchors(r, n));
  if (r->event.type == YAML_SCALAR_EVENT) return take_text(r, n);
  if (++r->depth > MAX_DEPTH) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "nested deeper than %d levels", MAX_DEPTH);
  bool map = r->event.type == YAML_MAPPING_START_EVENT;
  n->kind = map ? GKT_YAML_MAP : GKT_YAML_LIST;
  GKT_TRY(read_entries(r, n, map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT));
  r->depth--;
  return GKT_OK;
}

static gkt_status read_document(reader *r, gkt_yaml **out) {
  gkt_yaml *root, *second;
  *out = NULL;
  GKT_TRY(next(r)); /* stream start */
  GKT_TRY(next(r));
  if (r->event.type == YAML_STREAM_END_EVENT) return GKT_OK;
  GKT_TRY(next(r));
  GKT_TRY(read_node(r, NULL, NULL, &root));
  GKT_TRY(next(r)); /* document end */
  GKT_TRY(next(r));
  if (r->event.type != YAML_STREAM_END_EVENT) {
    GKT_TRY(new_node(r, NULL, &second));
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, second, "---", "a second document; expected one in a file");
  }
  *out = root;
  return GKT_OK;
}

gkt_status gkt_yaml_parse(gkt_memory *memory, const gkt_yaml_origin *origin, size_t shift, gkt_yaml **out) {
  reader r = {.ctx = gkt_memory_context(memory), .memory = memory, .origin = origin, .shift = shift};
  if (!yaml_parser_initialize(&r.parser)) return gkt_fail(r.ctx, GKT_NO_MEMORY, "%s: out of memory while reading YAML", origin->label);
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)origin->raw + shift, origin->length - shift);
  gkt_status status = read_document(&r, out);
  if (r.has_event) yaml_event_delete(&r.event);
  yaml_parser_delete(&r.parser);
  return status;
}

gkt_yaml *gkt_yaml_get(const gkt_yaml *map, const char *key) {
  for (gkt_yaml *n = map ? map->first : NULL; n; n = n->next)
    if (n->key && strcmp(n->key->text, key) == 0) return n;
  return NULL;
}

bool gkt_yaml_is_empty(const gkt_yaml *n) { return n->kind == GKT_YAML_TEXT && n->style == GKT_YAML_PLAIN && n->length == 0; }
