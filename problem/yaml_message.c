/* Messages that name the place: `ORIGIN: KEY: line L, column C: 'WORD': ...`. */
#include <stdarg.h>
#include <string.h>

#include "problem/yaml.h"

void gkt_yaml_path(const gkt_yaml *node, char *out, size_t room) {
  char step[16], tail[512] = "";
  size_t length = 0; /* of tail: filled from its end */
  for (const gkt_yaml *n = node->is_key ? node->parent : node; n && n->parent; n = n->parent) {
    const char *word = n->key ? n->key->text : step;
    if (!n->key) snprintf(step, sizeof step, "%d", n->number);
    size_t bytes = strlen(word), dot = length > 0;
    if (length + bytes + dot + 1 > sizeof tail) break;
    memmove(tail + bytes + dot, tail, length + 1);
    memcpy(tail, word, bytes);
    if (dot) tail[bytes] = '.';
    length += bytes + dot;
  }
  snprintf(out, room, "%s", tail);
}

/* One short line of the raw text from the node on; control characters become '?'. */
static void snippet(const gkt_yaml *node, char *out, size_t room) {
  const char *raw = node->origin->raw;
  size_t n = 0, end = node->end;
  while (end > node->begin && strchr(" \t\r\n", raw[end - 1])) end--;
  for (size_t i = node->begin; i < end && raw[i] != '\n' && raw[i] != '\r' && n + 4 < room; i++) out[n++] = (unsigned char)raw[i] < 32 ? '?' : raw[i];
  while (n > 0 && node->begin + n < end && ((unsigned char)raw[node->begin + n] & 0xC0) == 0x80) n--; /* not inside a character */
  snprintf(out + n, room - n, "%s", node->begin + n < end ? "..." : "");
}

static gkt_status refuse(gkt_context *ctx, gkt_status status, const gkt_yaml *node, gkt_mark mark, const char *word, const char *format, va_list args) {
  char what[1024], shown[48], path[512];
  vsnprintf(what, sizeof what, format, args);
  gkt_yaml_path(node, path, sizeof path);
  if (!word) snippet(node, shown, sizeof shown);
  return gkt_fail(ctx, status, "%s: %s%sline %d, column %d: '%.80s': %s", node->origin->label, path, *path ? ": " : "", mark.line, mark.column, word ? word : shown, what);
}

gkt_status gkt_yaml_refuse(gkt_context *ctx, gkt_status status, const gkt_yaml *node, const char *word, const char *format, ...) {
  va_list args;
  va_start(args, format);
  status = refuse(ctx, status, node, node->mark, word, format, args);
  va_end(args);
  return status;
}

gkt_status gkt_yaml_refuse_at(gkt_context *ctx, gkt_status status, const gkt_yaml *node, gkt_mark mark, const char *word, const char *format, ...) {
  va_list args;
  va_start(args, format);
  status = refuse(ctx, status, node, mark, word, format, args);
  va_end(args);
  return status;
}
