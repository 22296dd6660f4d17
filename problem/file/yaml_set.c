/* `--set a.b=value`: the value is YAML of its own; its marks count from the start of "a.b=value". */
#include <stdlib.h>
#include <string.h>

#include "problem/file/yaml.h"

typedef struct {
  gkt_memory *memory;
  gkt_context *ctx;
  const gkt_yaml_origin *origin;
} setter;

static gkt_status make_origin(gkt_memory *memory, const char *assignment, gkt_yaml_origin **out) {
  char *label, *raw, shown[160];
  size_t length = strlen(assignment);
  GKT_TRY(gkt_memory_take(memory, 1, sizeof **out, out));
  GKT_TRY(gkt_memory_text(memory, assignment, length, &raw));
  gkt_yaml_show(assignment, length, shown, sizeof shown);
  GKT_TRY(gkt_memory_take(memory, sizeof shown + 8, 1, &label));
  snprintf(label, sizeof shown + 8, "--set %s", shown);
  **out = (gkt_yaml_origin){label, raw, length};
  return GKT_OK;
}

/* A node for bytes begin..end of "a.b=value". */
static gkt_status new_node(const setter *s, size_t begin, size_t end, gkt_yaml *parent, gkt_yaml **out) {
  GKT_TRY(gkt_memory_take(s->memory, 1, sizeof **out, out));
  **out = (gkt_yaml){.origin = s->origin, .mark = {1, (int)begin + 1}, .begin = begin, .end = end, .text = "", .parent = parent};
  return GKT_OK;
}

/* An entry of a list, or the end of it: there a new one is appended. */
static gkt_status find_number(const setter *s, gkt_yaml *list, const gkt_yaml *word, gkt_yaml ***link) {
  char path[512];
  gkt_yaml_path(list, path, sizeof path);
  bool digits = word->length > 0 && word->length < 9 && strspn(word->text, "0123456789") == word->length;
  if (list->count == 0 && (!digits || atoi(word->text) > 0))
    return gkt_yaml_refuse(s->ctx, GKT_BAD_INPUT, word, word->text, "%s is an empty list; expected 0, which appends", path);
  if (!digits || atoi(word->text) > list->count)
    return gkt_yaml_refuse(s->ctx, GKT_BAD_INPUT, word, word->text, "%s is a list of %d; expected a number from 0 to %d, or %d, which appends", path, list->count, list->count - 1,
                           list->count);
  *link = &list->first;
  for (int i = atoi(word->text); i > 0; i--) *link = &(**link)->next;
  return GKT_OK;
}

/* The place of one step of the path within a map or a list; *link points at NULL where a map has no such key yet. */
static gkt_status find(const setter *s, gkt_yaml *in, const gkt_yaml *word, gkt_yaml ***link) {
  char path[512];
  if (word->length == 0) return gkt_yaml_refuse(s->ctx, GKT_BAD_INPUT, word, "", "an empty step; expected KEY.KEY=VALUE");
  if (gkt_yaml_is_empty(in)) in->kind = strcmp(word->text, "0") ? GKT_YAML_MAP : GKT_YAML_LIST;
  if (in->kind == GKT_YAML_LIST) return find_number(s, in, word, link);
  if (in->kind == GKT_YAML_TEXT) {
    gkt_yaml_path(in, path, sizeof path);
    return gkt_yaml_refuse(s->ctx, GKT_BAD_INPUT, word, word->text, "%s is text (line %d) and has no keys; set it as a whole", path, in->mark.line);
  }
  for (*link = &in->first; **link && strcmp((**link)->key->text, word->text) != 0;) *link = &(**link)->next;
  return GKT_OK;
}

static void put(gkt_yaml *parent, gkt_yaml **link, gkt_yaml *key, gkt_yaml *value) {
  gkt_yaml *old = *link;
  value->parent = parent;
  value->key = old ? old->key : parent->kind == GKT_YAML_MAP ? key : NULL;
  value->number = old ? old->number : parent->count++;
  value->next = old ? old->next : NULL;
  *link = value;
}

static gkt_status walk(const setter *s, gkt_yaml *root, size_t equals, gkt_yaml *value) {
  const char *raw = s->origin->raw;
  gkt_yaml *in = root;
  for (size_t begin = 0, end; begin <= equals; begin = end + 1) {
    gkt_yaml *word, **link;
    char *text;
    for (end = begin; end < equals && raw[end] != '.';) end++;
    GKT_TRY(gkt_memory_text(s->memory, raw + begin, end - begin, &text));
    GKT_TRY(new_node(s, begin, end, in, &word));
    word->is_key = true;
    word->text = text;
    word->length = end - begin;
    GKT_TRY(find(s, in, word, &link));
    if (end == equals) put(in, link, word, value);
    else if (!*link) {
      if (end + 1 < equals && strchr("123456789", raw[end + 1])) return gkt_yaml_refuse(s->ctx, GKT_BAD_INPUT, word, text, "a list that is not there; expected 0, which begins it");
      gkt_yaml *empty;
      GKT_TRY(new_node(s, begin, end, in, &empty));
      put(in, link, word, empty);
    }
    in = *link;
  }
  return GKT_OK;
}

gkt_status gkt_yaml_set(gkt_memory *memory, gkt_yaml *root, const char *assignment) {
  gkt_yaml_origin *origin;
  gkt_yaml *value;
  gkt_context *ctx = gkt_memory_context(memory);
  GKT_TRY(make_origin(memory, assignment, &origin));
  setter s = {memory, ctx, origin};
  const char *equals = strchr(origin->raw, '=');
  if (!equals || equals == origin->raw) return gkt_fail(ctx, GKT_BAD_INPUT, "%s: no assignment; expected KEY.KEY=VALUE", origin->label);
  size_t at = (size_t)(equals - origin->raw);
  GKT_TRY(gkt_yaml_parse(memory, origin, at + 1, &value));
  if (!value) GKT_TRY(new_node(&s, at + 1, origin->length, NULL, &value));
  return walk(&s, root, at, value);
}
