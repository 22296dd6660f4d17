/* As much XML as VTU files need: tags and attributes of a text that may be malformed and may end anywhere. */
#include <string.h>

#include "plot/vtu.h"

bool gkt_slice_is(gkt_slice s, const char *text) { return s.length == strlen(text) && !memcmp(s.text, text, s.length); }

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool ends_name(char c) { return is_space(c) || c == '=' || c == '>' || c == '/' || c == '<' || c == '"' || c == '\''; }
static const char *skip_space(const char *p, const char *end) {
  while (p < end && is_space(*p)) p++;
  return p;
}
static gkt_slice take_name(const char **p, const char *end) {
  gkt_slice s = {*p, 0};
  while (*p < end && !ends_name(**p)) (*p)++;
  s.length = (size_t)(*p - s.text);
  return s;
}

/* key="value" or key='value'; false: something else stands there. */
static bool take_attribute(const char **p, const char *end, gkt_tag *tag) {
  gkt_slice key = take_name(p, end);
  const char *at = skip_space(*p, end);
  if (!key.length || at >= end || *at != '=') return false;
  at = skip_space(at + 1, end);
  if (at >= end || (*at != '"' && *at != '\'')) return false;
  const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
  if (!close || tag->num_attributes == GKT_VTU_MAX_ATTRIBUTES) return false;
  tag->keys[tag->num_attributes] = key;
  tag->values[tag->num_attributes++] = (gkt_slice){at + 1, (size_t)(close - at - 1)};
  *p = close + 1;
  return true;
}

/* p is behind '<'. */
static bool take_tag(const char *p, const char *end, gkt_tag *tag) {
  memset(tag, 0, sizeof *tag);
  if (p < end && *p == '/') tag->closes = true, p++;
  tag->name = take_name(&p, end);
  if (!tag->name.length) return false;
  for (p = skip_space(p, end); p < end && *p != '>' && *p != '/'; p = skip_space(p, end))
    if (!take_attribute(&p, end, tag)) return false;
  if (p < end && *p == '/') tag->empty = true, p++;
  if (p >= end || *p != '>') return false;
  tag->end = p + 1;
  return true;
}

static const char *behind(const char *p, const char *end, const char *mark) {
  const char *found = memmem(p, (size_t)(end - p), mark, strlen(mark));
  return found ? found + strlen(mark) : NULL;
}

bool gkt_xml_next(const char **at, const char *end, gkt_tag *tag) {
  const char *p = *at;
  while ((p = memchr(p, '<', (size_t)(end - p)))) {
    *at = p;
    const size_t left = (size_t)(end - p);
    if (left >= 4 && !memcmp(p, "<!--", 4)) p = behind(p + 4, end, "-->");
    else if (left >= 2 && (p[1] == '?' || p[1] == '!')) p = behind(p, end, ">");
    else {
      if (!take_tag(p + 1, end, tag)) return false;
      *at = tag->end;
      return true;
    }
    if (!p) return false;
  }
  *at = end;
  return false;
}

gkt_slice gkt_xml_attribute(const gkt_tag *tag, const char *key) {
  for (int i = 0; i < tag->num_attributes; i++)
    if (gkt_slice_is(tag->keys[i], key)) return tag->values[i];
  return (gkt_slice){NULL, 0};
}

bool gkt_xml_number(const gkt_tag *tag, const char *key, uint64_t *out) {
  const gkt_slice s = gkt_xml_attribute(tag, key);
  uint64_t n = 0;
  if (!s.text || !s.length || s.length > 18) return false; /* 18 digits fit 64 bits */
  for (size_t i = 0; i < s.length; i++) {
    if (s.text[i] < '0' || s.text[i] > '9') return false;
    n = 10 * n + (uint64_t)(s.text[i] - '0');
  }
  *out = n;
  return true;
}

static const struct {
  char character;
  const char *entity;
} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}};
enum { NUM_ENTITIES = sizeof entities / sizeof *entities };

gkt_status gkt_xml_unescape(gkt_context *ctx, gkt_slice s, char **out) {
  char *text;
  size_t n = 0;
  GKT_TRY(gkt_calloc(ctx, (gkt_size)s.length + 1, 1, &text));
  for (size_t i = 0; i < s.length; n++) {
    int e = 0;
    while (e < NUM_ENTITIES && strncmp(s.text + i, entities[e].entity, strlen(entities[e].entity))) e++;
    text[n] = e < NUM_ENTITIES ? entities[e].character : s.text[i];
    i += e < NUM_ENTITIES ? strlen(entities[e].entity) : 1;
  }
  *out = text;
  return GKT_OK;
}

void gkt_xml_escape(FILE *f, const char *text) {
  for (; *text; text++) {
    int e = 0;
    while (e < NUM_ENTITIES && entities[e].character != *text) e++;
    if (e < NUM_ENTITIES) fputs(entities[e].entity, f);
    else fputc((unsigned char)*text < 0x20 ? ' ' : *text, f);
  }
}
