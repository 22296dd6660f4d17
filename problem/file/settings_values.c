#include <string.h>

#include "forms/ast.h"
#include "problem/file/settings_reader.h"

void gkt_settings_number(const gkt_yaml *n, double *out) {
  if (n && !gkt_word_number(n->text, out)) *out = 0; /* the schema was checked */
}

void gkt_settings_integer(const gkt_yaml *n, int *out) {
  if (n && !gkt_word_integer(n->text, out)) *out = 0;
}

void gkt_settings_word(const gkt_yaml *n, gkt_word *out) {
  if (n) *out = (gkt_word){(char *)(uintptr_t)n->text, n};
}

void gkt_settings_name(const gkt_yaml *n, gkt_word *out) { *out = (gkt_word){(char *)(uintptr_t)n->key->text, n}; }

gkt_status gkt_settings_words(gkt_settings_reader *r, const gkt_yaml *n, int *count, gkt_word **out) {
  const int all = !n ? 0 : n->kind == GKT_YAML_LIST ? n->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, all, sizeof **out, out));
  for (const gkt_yaml *name = n && n->kind == GKT_YAML_LIST ? n->first : n; *count < all; name = name->next) gkt_settings_word(name, &(*out)[(*count)++]);
  return GKT_OK;
}

gkt_status gkt_settings_text(gkt_settings_reader *r, const gkt_yaml *n, char **out) { return n ? gkt_memory_text(r->memory, n->text, n->length, out) : GKT_OK; }

static bool is_time(const char *name, const void *user) {
  (void)user;
  return gkt_word_in(name, "t dt dtt");
}

/* t, dt and dtt mean time, whatever names the file gives: they are reserved. */
static gkt_status refuse_time(gkt_settings_reader *r, const gkt_yaml *n, const gkt_source *source) {
  gkt_token found;
  char word[4];
  if (gkt_yaml_get(r->root, "time")) return GKT_OK;
  GKT_TRY(gkt_lex_find_name(r->ctx, source, is_time, NULL, &found));
  if (found.kind == GKT_TOKEN_END) return GKT_OK;
  snprintf(word, sizeof word, "%.*s", found.end - found.begin, source->text + found.begin);
  return gkt_yaml_refuse_at(r->ctx, GKT_BAD_INPUT, n, source->marks[found.begin], word,
                            "time, in a problem without the key `time`; expected time: {end: .., step: ..}, or an expression without it");
}

gkt_status gkt_settings_source(gkt_settings_reader *r, const gkt_yaml *n, gkt_source *out) {
  if (!n) return GKT_OK;
  GKT_TRY(gkt_yaml_source(r->memory, n, out));
  return refuse_time(r, n, out);
}

gkt_status gkt_settings_sources(gkt_settings_reader *r, const gkt_yaml *map, int *count, gkt_named_source **out) {
  int i = 0;
  GKT_TRY(gkt_memory_take(r->memory, map ? map->count : 0, sizeof **out, out));
  for (const gkt_yaml *n = map ? map->first : NULL; n; n = n->next, i++) {
    gkt_settings_name(n, &(*out)[i].name);
    GKT_TRY(gkt_settings_source(r, n, &(*out)[i].source));
  }
  *count = i;
  return GKT_OK;
}

gkt_status gkt_settings_one_of(gkt_settings_reader *r, const gkt_yaml *map, const char *keys, bool fallback, const gkt_yaml **out) {
  *out = NULL;
  for (const gkt_yaml *n = map->first; n; n = n->next) {
    if (!gkt_word_in(n->key->text, keys)) continue;
    if (*out)
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "together with '%s' (line %d); expected one of: %s", (*out)->key->text, (*out)->key->mark.line, keys);
    *out = n;
  }
  if (*out || fallback) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map, NULL, "a key is missing; expected one of: %s", keys);
}

gkt_status gkt_settings_field(gkt_settings_reader *r, const gkt_yaml *map, const gkt_yaml *node, const gkt_field_settings **out) {
  gkt_text known = {.ctx = r->ctx};
  *out = NULL;
  for (int i = 0; i < r->s->num_fields; i++) {
    const gkt_field_settings *f = &r->s->fields[i];
    if (node ? strcmp(f->name.text, node->text) == 0 : r->s->num_fields == 1) *out = f;
    gkt_text_printf(&known, "%s%s", i ? " " : "", f->name.text);
  }
  gkt_status status = known.status;
  if (status == GKT_OK && !*out && node) {
    char near[80];
    gkt_word_near(node->text, known.data, near, sizeof near);
    status = gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, node, node->text, "not a field%s; known: %s", near, known.data);
  }
  if (status == GKT_OK && !*out && !node)
    status = gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, map, "field", "missing key; there are several fields, expected which of them is meant: %s", known.data);
  gkt_text_free(&known);
  return status;
}

gkt_status gkt_settings_fields(gkt_settings_reader *r, const gkt_yaml *names, int *count, int **out) {
  const gkt_yaml *n = names && names->kind == GKT_YAML_LIST ? names->first : names;
  const gkt_field_settings *field;
  *count = !names ? 0 : names->kind == GKT_YAML_LIST ? names->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, *count, sizeof **out, out));
  for (int i = 0; i < *count; i++, n = n->next) {
    GKT_TRY(gkt_settings_field(r, n, n, &field));
    (*out)[i] = (int)(field - r->s->fields);
  }
  return GKT_OK;
}

gkt_status gkt_settings_place(gkt_settings_reader *r, gkt_status status, const gkt_yaml *map, const char *key) {
  const gkt_yaml *n = status > 0 && key ? gkt_yaml_get(map, key) : NULL;
  char place[GKT_YAML_PLACE];
  if (!n) return status;
  gkt_yaml_place(n, n->mark, n->text, sizeof place, place);
  return gkt_fail_in(r->ctx, status, place);
}

gkt_status gkt_settings_refuse_word(gkt_settings_reader *r, const gkt_yaml *at, const char *word, gkt_text *known, const char *what, const char *expected) {
  char near[80];
  gkt_text_printf(known, "%s", "");
  gkt_status status = known->status;
  if (status == GKT_OK) {
    gkt_word_near(word, known->data, near, sizeof near);
    status = gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, at, at->text, "%s%s; known:%s; expected %s", what, near, *known->data ? known->data : " none", expected);
  }
  gkt_text_free(known);
  return status;
}
