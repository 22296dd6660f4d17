/* A tree against the table of schema.c. */
#include <ctype.h>
#include <string.h>

#include "forms/form.h"
#include "problem/file/schema.h"

enum { PATTERN = 128, KNOWN = 512 };

static const gkt_schema_key *find(const char *pattern) {
  for (int i = 0; i < gkt_schema_count(); i++)
    if (strcmp(gkt_schema_at(i)->path, pattern) == 0) return gkt_schema_at(i);
  return NULL;
}

/* Whether key stands directly within the map `pattern` ("" is the whole file); *name its last step. */
static bool is_child(const gkt_schema_key *key, const char *pattern, const char **name) {
  size_t n = strlen(pattern);
  if (n > 0 && (strncmp(key->path, pattern, n) != 0 || key->path[n] != '.')) return false;
  *name = key->path + n + (n > 0);
  return !strchr(*name, '.');
}

static const gkt_schema_key *find_child(const char *pattern, const char *name) {
  char path[PATTERN];
  if (strchr(name, '.')) return NULL;
  int n = snprintf(path, sizeof path, "%s%s%s", pattern, *pattern ? "." : "", name);
  return n < (int)sizeof path ? find(path) : NULL;
}

/* The keys of a map, separated by blanks; those that are available first in the table's order. */
static void list_children(const char *pattern, bool later, char *out, size_t room) {
  size_t n = 0;
  *out = 0;
  for (int i = 0; i < gkt_schema_count(); i++) {
    const char *name;
    if (!is_child(gkt_schema_at(i), pattern, &name) || (gkt_schema_at(i)->later && !later)) continue;
    int more = snprintf(out + n, room - n, "%s%s", n ? " " : "", name);
    if (more < 0 || (size_t)more >= room - n) return;
    n += (size_t)more;
  }
}

static gkt_status refuse_unknown(gkt_context *ctx, const gkt_yaml *key, const char *pattern) {
  char all[KNOWN], known[KNOWN], near[80], path[256];
  list_children(pattern, true, all, sizeof all);
  list_children(pattern, false, known, sizeof known);
  gkt_word_near(key->text, all, near, sizeof near);
  gkt_yaml_path(key, path, sizeof path);
  return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, key, key->text, "unknown key%s%s%s; known: %s", *path ? " in " : "", path, near, known);
}

static gkt_status check_node(gkt_context *, const gkt_yaml *, const gkt_schema_key *);

static gkt_status check_required(gkt_context *ctx, const gkt_yaml *map, const char *pattern) {
  for (int i = 0; i < gkt_schema_count(); i++) {
    const gkt_schema_key *key = gkt_schema_at(i);
    const char *name;
    if (!key->required || !is_child(key, pattern, &name) || gkt_yaml_get(map, name)) continue;
    return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, map, name, "missing key; expected %s%s%s", gkt_schema_expected(key), key->example ? ", for example " : "",
                           key->example ? key->example : "");
  }
  return GKT_OK;
}

static gkt_status check_map(gkt_context *ctx, const gkt_yaml *map, const char *pattern) {
  for (const gkt_yaml *n = map->first; n; n = n->next) {
    const gkt_schema_key *key = find_child(pattern, n->key->text);
    if (!key) return refuse_unknown(ctx, n->key, pattern);
    if (key->later) return gkt_yaml_refuse(ctx, GKT_UNAVAILABLE, n->key, n->key->text, "this key is not available yet; expected a file without it");
    GKT_TRY(check_node(ctx, n, key));
  }
  return check_required(ctx, map, pattern);
}

/* Sets of the mesh and arrays of a VTU file may have any text for a name. */
static gkt_status check_entries(gkt_context *ctx, const gkt_yaml *parent, const gkt_schema_key *key) {
  const gkt_schema_key *entry = find_child(key->path, key->type == GKT_KEY_LIST ? "#" : "*");
  const bool free_text = key->type == GKT_KEY_SETS || key->type == GKT_KEY_EXPRESSIONS;
  for (const gkt_yaml *n = parent->first; n; n = n->next) {
    if (free_text && n->key->text[strspn(n->key->text, " \t\n")] == 0) return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n->key, n->key->text, "an empty name; expected any text");
    const bool is_rate = key->type == GKT_KEY_RATES && gkt_word_is_rate(n->key->text);
    if (!free_text && !is_rate && key->type != GKT_KEY_LIST && !gkt_word_is_name(n->key->text))
      return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n->key, n->key->text, "not a name; expected a letter, then letters, digits and _, 63 at most");
    GKT_TRY(check_node(ctx, n, entry));
  }
  return GKT_OK;
}

static const char *kind_name(const gkt_yaml *n) {
  if (gkt_yaml_is_empty(n)) return "nothing given";
  return n->kind == GKT_YAML_MAP ? "a mapping" : n->kind == GKT_YAML_LIST ? "a list" : "text";
}

static gkt_status refuse_type(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  bool choice = key->type == GKT_KEY_CHOICE;
  return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n, NULL, "%s; expected %s%s%s%s%s", kind_name(n), gkt_schema_expected(key), choice ? " " : "", choice ? key->choices : "",
                         key->example ? ", for example " : "", key->example ? key->example : "");
}

static gkt_status check_choice(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  char near[80];
  if (gkt_word_in(n->text, key->choices)) return GKT_OK;
  if (gkt_word_in(n->text, key->later_choices)) return gkt_yaml_refuse(ctx, GKT_UNAVAILABLE, n, n->text, "this choice is not available yet; expected one of %s", key->choices);
  gkt_word_near(n->text, key->choices, near, sizeof near);
  return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n, n->text, "unknown choice%s; expected one of %s", near, key->choices);
}

/* Behind at least one letter of a name. */
static const char *ending_of(const gkt_yaml *n) {
  const char *dot = strrchr(n->text, '.');
  return dot && dot > n->text ? dot : "";
}

static gkt_status check_path(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  if (n->length == 0) return refuse_type(ctx, n, key);
  if (!key->choices || gkt_word_in(ending_of(n), key->choices)) return GKT_OK;
  const char *second = strchr(key->choices, ' ');
  return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n, n->text, "the name of a file of another kind; expected one that ends in %.*s%s%s", (int)strcspn(key->choices, " "), key->choices,
                         second ? " or" : "", second ? second : "");
}

/* What is near has the degree that was asked for: P5 is no P1 misspelt. What ends in no digit has no degree, or one before a letter. */
static gkt_status check_space(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  gkt_element element;
  char near[80], words[16];
  char degree = n->length ? n->text[n->length - 1] : 0;
  gkt_status status = gkt_element_read(n->text, &element);
  snprintf(words, sizeof words, "P%c DP%c", degree, degree);
  gkt_word_near(n->text, degree >= '1' && degree <= '4' ? words : degree == '0' ? "DP0" : isdigit((unsigned char)degree) ? "" : "P1B P2B real", near, sizeof near);
  if (status == GKT_UNAVAILABLE) return gkt_yaml_refuse(ctx, status, n, n->text, "this space is not available yet; expected %s", gkt_schema_expected(key));
  return status == GKT_OK ? GKT_OK : gkt_yaml_refuse(ctx, status, n, n->text, "unknown space%s; expected %s", near, gkt_schema_expected(key));
}

/* What is wrong with a word, NULL: nothing. */
static const char *check_word(const gkt_yaml *n, gkt_key_type type) {
  double x;
  int i, size;
  switch (type) {
  case GKT_KEY_NAME:
  case GKT_KEY_NAME_LIST: return gkt_word_is_name(n->text) ? NULL : "not a name";
  case GKT_KEY_NUMBER:
  case GKT_KEY_NUMBERS:
  case GKT_KEY_PAIR:
  case GKT_KEY_POINTS:
  case GKT_KEY_POSITIVE:
  case GKT_KEY_SERIES:
  case GKT_KEY_FRACTION:
    if (!gkt_word_number(n->text, &x)) return "not a number";
    return ((type == GKT_KEY_POSITIVE || type == GKT_KEY_SERIES) && x <= 0) || (type == GKT_KEY_FRACTION && (x <= 0 || x >= 1)) ? "out of range" : NULL;
  case GKT_KEY_COMPONENT:
    if (!strcmp(n->text, "normal")) return NULL; /* fall through */
  case GKT_KEY_INTEGER:
  case GKT_KEY_COUNTS:
  case GKT_KEY_TAGS:
    if (!gkt_word_integer(n->text, &i)) return n->length && n->text[strspn(n->text, "0123456789")] == 0 ? "too large" : "not a whole number";
    return i < (type == GKT_KEY_INTEGER || type == GKT_KEY_COMPONENT ? 0 : 1) ? "out of range" : NULL;
  case GKT_KEY_BOOLEAN: return gkt_word_in(n->text, "true false") ? NULL : "neither true nor false";
  case GKT_KEY_SHAPE: return gkt_word_shape(n->text, &i, &size) ? NULL : "unknown shape";
  case GKT_KEY_TEXT: return NULL;
  default: return n->text[strspn(n->text, " \t\r\n")] ? NULL : "blank";
  }
}

static gkt_status check_text(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  const char *wrong = NULL;
  if (n->kind != GKT_YAML_TEXT || (gkt_yaml_is_empty(n) && key->type != GKT_KEY_TEXT)) return refuse_type(ctx, n, key);
  if (key->type == GKT_KEY_CHOICE) return check_choice(ctx, n, key);
  if (key->type == GKT_KEY_PATH) return check_path(ctx, n, key);
  if (key->type == GKT_KEY_SPACE) return check_space(ctx, n, key);
  if ((wrong = check_word(n, key->type))) return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, n, n->text, "%s; expected %s", wrong, gkt_schema_expected(key));
  return GKT_OK;
}

static gkt_status check_list(gkt_context *ctx, const gkt_yaml *list, const gkt_schema_key *key, int most) {
  if (list->count == 0 || list->count > most) return refuse_type(ctx, list, key);
  for (const gkt_yaml *n = list->first; n; n = n->next) GKT_TRY(check_text(ctx, n, key));
  return GKT_OK;
}

/* A point or a list of points, all with as many numbers. */
static gkt_status check_points(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  if (n->kind != GKT_YAML_LIST || n->count == 0) return refuse_type(ctx, n, key);
  if (n->first->kind != GKT_YAML_LIST) return check_list(ctx, n, key, 3);
  for (const gkt_yaml *point = n->first; point; point = point->next) {
    if (point->kind != GKT_YAML_LIST) return refuse_type(ctx, point, key);
    GKT_TRY(check_list(ctx, point, key, 3));
    if (point->count != n->first->count)
      return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, point, NULL, "%d coordinates; expected %d, as the first point has", point->count, n->first->count);
  }
  return GKT_OK;
}

/* A literal: a list of expressions or of such lists. */
static gkt_status check_expression(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  if (n->kind == GKT_YAML_TEXT) return check_text(ctx, n, key);
  if (n->kind == GKT_YAML_MAP || n->count == 0) return refuse_type(ctx, n, key);
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) GKT_TRY(check_expression(ctx, entry, key));
  return GKT_OK;
}

static gkt_status check_node(gkt_context *ctx, const gkt_yaml *n, const gkt_schema_key *key) {
  bool list = n->kind == GKT_YAML_LIST, empty = gkt_yaml_is_empty(n);
  switch (key->type) {
  case GKT_KEY_MAP: return n->kind == GKT_YAML_MAP || empty ? check_map(ctx, n, key->path) : refuse_type(ctx, n, key);
  case GKT_KEY_NAMES:
  case GKT_KEY_RATES:
  case GKT_KEY_SETS: return n->kind == GKT_YAML_MAP || empty ? check_entries(ctx, n, key) : refuse_type(ctx, n, key);
  case GKT_KEY_LIST: return list || empty ? check_entries(ctx, n, key) : refuse_type(ctx, n, key);
  case GKT_KEY_EXPRESSION_OR_MAP: return n->kind == GKT_YAML_MAP ? check_map(ctx, n, key->path) : check_expression(ctx, n, key);
  case GKT_KEY_EXPRESSION: return check_expression(ctx, n, key);
  case GKT_KEY_EXPRESSIONS:
    if (n->kind == GKT_YAML_MAP) return n->count > 0 ? check_entries(ctx, n, key) : refuse_type(ctx, n, key);
    for (const gkt_yaml *entry = n->first; list && entry; entry = entry->next) GKT_TRY(check_expression(ctx, entry, key));
    return list && n->count > 0 ? GKT_OK : check_text(ctx, n, key);
  case GKT_KEY_WORDS:
  case GKT_KEY_NAME_LIST:
  case GKT_KEY_SERIES:
  case GKT_KEY_TAGS: return list ? check_list(ctx, n, key, INT32_MAX) : check_text(ctx, n, key);
  case GKT_KEY_POINTS: return check_points(ctx, n, key);
  case GKT_KEY_NUMBERS:
  case GKT_KEY_PAIR:
  case GKT_KEY_COUNTS: return list ? check_list(ctx, n, key, 3) : refuse_type(ctx, n, key);
  default: return check_text(ctx, n, key);
  }
}

gkt_status gkt_schema_check(gkt_context *ctx, const gkt_yaml *root) {
  if (root->kind != GKT_YAML_MAP) return gkt_yaml_refuse(ctx, GKT_BAD_INPUT, root, NULL, "%s; expected a mapping of keys such as mesh, fields, equation", kind_name(root));
  return check_map(ctx, root, "");
}
