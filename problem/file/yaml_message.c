/* Messages that name the place: `ORIGIN: KEY: line L, column C: 'WORD': ...`. */
#include <stdarg.h>
#include <string.h>

#include "problem/file/yaml.h"

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
  gkt_yaml_show(tail, length, out, room);
}

void gkt_yaml_show(const char *text, size_t length, char *out, size_t room) {
  size_t n = 0;
  while (n < length && text[n] != '\n' && text[n] != '\r' && n + 4 < room) n++;
  while (n > 0 && n < length && ((unsigned char)text[n] & 0xC0) == 0x80) n--; /* not inside a character */
  for (size_t i = 0; i < n; i++) out[i] = (unsigned char)text[i] < 32 ? '?' : text[i];
  snprintf(out + n, room - n, "%s", n < length ? "..." : "");
}

/* As it stands in the file. */
static void show_node(const gkt_yaml *node, char *out, size_t room) {
  size_t end = node->end;
  while (end > node->begin && strchr(" \t\r\n", node->origin->raw[end - 1])) end--;
  gkt_yaml_show(node->origin->raw + node->begin, end - node->begin, out, room);
}

void gkt_yaml_place(const gkt_yaml *node, gkt_mark mark, const char *word, size_t room, char *out) {
  char shown[64], path[512];
  gkt_yaml_path(node, path, sizeof path);
  if (word) gkt_yaml_show(word, strlen(word), shown, sizeof shown);
  else show_node(node, shown, sizeof shown);
  snprintf(out, room, "%s: %s%sline %d, column %d: '%s'", node->origin->label, path, *path ? ": " : "", mark.line, mark.column, shown);
}

static gkt_status refuse(gkt_context *ctx, gkt_status status, const gkt_yaml *node, gkt_mark mark, const char *word, const char *format, va_list args) {
  char what[1024], place[GKT_YAML_PLACE];
  vsnprintf(what, sizeof what, format, args);
  gkt_yaml_place(node, mark, word, sizeof place, place);
  return gkt_fail(ctx, status, "%s: %s", place, what);
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
