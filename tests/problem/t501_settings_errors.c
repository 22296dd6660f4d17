/* Claim: for every key of the schema a valid value is accepted, and a value of the wrong type or a misspelt key is refused with one message that names file, key, line,
   column and word; the same through --set. The documents are generated from the schema's table, so a new key is tested as it is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "problem/file/schema.h"
#include "problem/file/settings.h"

/* A document that is being written, its cursor, and the places that messages must name. */
typedef struct {
  char text[4096];
  size_t length;
  gkt_mark cursor, key, value, later; /* later: the first key on the way that is not available yet; line 0: none */
  char path[256], parent[256];        /* "conditions.0.value", "conditions.0" */
} document;
typedef struct {
  const gkt_schema_key *key;
  const char *value, *suffix; /* what stands there; appended to the key's own word */
} variant;

static void put(document *d, const char *text) {
  for (; *text; text++) {
    d->text[d->length++] = *text;
    if (*text == '\n') d->cursor = (gkt_mark){d->cursor.line + 1, 1};
    else d->cursor.column++;
  }
}

static void put_line(document *d, int depth, const char *text) {
  for (int i = 0; i < depth; i++) put(d, "  ");
  put(d, text);
  put(d, "\n");
}

/* Keys whose file would contradict itself without another one beside them. */
static const char *const companions[][3] = {{"mesh.geometry", "size: 1"},
                                            {"mesh.size", "geometry: a.step"},
                                            {"mesh.min_size", "geometry: a.step", "size: 1"},
                                            {"mesh.curvature", "geometry: a.step", "size: 1"},
                                            {"mesh.order", "geometry: a.step", "size: 1"},
                                            {"mesh.unit", "geometry: a.step", "size: 1"},
                                            {"mesh.refine", "file: a.msh"},
                                            {"coefficients.*.space", "value: 1"},
                                            {"coefficients.*.default", "regions: {bolt: 1}"},
                                            {"compute.*.on", "max: u"},
                                            {"subject_to.#.value", "upper: 1"},
                                            {"optimizer.disk", "memory: 2e9"},
                                            {"controls.*.hold", "move: wing"},
                                            {"controls.*.extension", "move: wing"},
                                            {"sample.draw.*.exp", "sine_sum: {terms: 4}"}};

static const gkt_schema_key *lookup(const char *path) {
  for (int i = 0; i < gkt_schema_count(); i++)
    if (strcmp(gkt_schema_at(i)->path, path) == 0) return gkt_schema_at(i);
  fail_msg("no key %s", path);
  return NULL;
}

static bool is_direct_child(const char *path, const char *of) {
  size_t n = strlen(of);
  return strncmp(path, of, n) == 0 && path[n] == '.' && !strchr(path + n + 1, '.');
}

static void put_siblings(document *d, const char *parent, const char *child, int depth) {
  char line[128];
  for (int i = 0; i < gkt_schema_count(); i++) {
    const gkt_schema_key *key = gkt_schema_at(i);
    if (!key->required || !is_direct_child(key->path, parent) || strcmp(key->path, child) == 0) continue;
    snprintf(line, sizeof line, "%s: %s", strrchr(key->path, '.') + 1, key->example);
    put_line(d, depth, line);
  }
  for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++)
    for (int j = 1; j < 3 && strcmp(companions[i][0], child) == 0; j++)
      if (companions[i][j]) put_line(d, depth, companions[i][j]);
}

/* Keys that go with the control `shape` alone. */
static bool is_of_shape(const char *path) {
  return strncmp(path, "controls.*.move", 15) == 0 || strncmp(path, "controls.*.hold", 15) == 0 || strncmp(path, "controls.*.extension", 20) == 0;
}

/* The step `word` of the table's path as it stands in a file. */
static const char *concrete(const char *word, const char *parent, const char *path) {
  if (strcmp(word, "#") == 0) return "0";
  if (strcmp(word, "*") != 0) return word;
  if (strcmp(parent, "sample.draw") == 0) return "k";
  if (is_of_shape(path)) return "shape";
  if (strcmp(parent, "controls") == 0 || strcmp(parent, "filter") == 0) return "rho";
  if (strcmp(parent, "optimizer.continuation") == 0) return "p";
  return strcmp(parent, "fields") == 0 || strcmp(parent, "initial") == 0 || strcmp(parent, "exact") == 0 ? "u" : "aa";
}

/* One step of the way to the key, from table path `parent`; `rest` is what is still to come. */
static void put_key(document *d, const variant *v, const char *parent, const char *rest, int depth) {
  char word[64], child[256], shown[80];
  size_t n = strcspn(rest, ".");
  bool last = rest[n] == 0;
  snprintf(word, sizeof word, "%.*s", (int)n, rest);
  snprintf(child, sizeof child, "%s%s%s", parent, *parent ? "." : "", word);
  snprintf(shown, sizeof shown, "%s%s", concrete(word, parent, v->key->path), last ? v->suffix : "");
  strcpy(d->parent, d->path);
  snprintf(d->path + strlen(d->path), sizeof d->path - strlen(d->path), "%s%s", *d->path ? "." : "", shown);
  for (int i = 0; i < depth; i++) put(d, "  ");
  d->key = d->cursor;
  if (lookup(child)->later && d->later.line == 0) d->later = d->key;
  put(d, strcmp(word, "#") == 0 ? "-" : shown);
  put(d, strcmp(word, "#") == 0 ? "" : ":");
  if (last) {
    put(d, " ");
    d->value = d->cursor;
    put(d, v->value);
  }
  put(d, "\n");
  if (!last) put_key(d, v, child, rest + n + 1, depth + 1);
  if (*parent) put_siblings(d, parent, child, depth);
}

/* Keys that are for problems in time alone. */
static bool is_in_time(const char *path) {
  return strncmp(path, "output.graph", 12) == 0 || strncmp(path, "output.picture.film", 19) == 0 || strcmp(path, "output.picture.every") == 0 ||
         strncmp(path, "minimize.", 9) == 0 || strncmp(path, "maximize.", 9) == 0 || strncmp(path, "subject_to.#.value.", 19) == 0 || strcmp(path, "optimizer.memory") == 0 ||
         strcmp(path, "optimizer.disk") == 0 || strcmp(path, "controls.*.times") == 0;
}

/* Keys of optimizations: what they speak of, and the others without which there is none. */
static void put_design(document *d, const char *path) {
  static const char *const words[] = {"controls", "minimize", "maximize", "subject_to", "filter", "optimizer", "verify"};
  bool found = false;
  for (int i = 0; i < 7; i++) found = found || (strncmp(path, words[i], strlen(words[i])) == 0 && strchr(".", path[strlen(words[i])]));
  if (!found) return;
  put(d, "coefficients: {rho: {space: DP0, value: 0.5}}\ncompute: {compliance: \"u*dx\", stiffness: \"u*dx\", volume: \"rho*dx\", misfit: \"u*dx\", power: \"u*dx\"}\n");
  put(d, strcmp(path, "optimizer.every") == 0 ? "filter: {rho: {radius: 0.1, project: {beta: [1, 2]}}}\n" : "constants: {p: 1}\n");
  if (strncmp(path, "controls", 8) != 0) put(d, "controls: {rho: {bounds: [0, 1]}}\n");
  if (strncmp(path, "minimize", 8) != 0 && strncmp(path, "maximize", 8) != 0) put(d, "minimize: compliance\n");
}

/* What is drawn: a field for a coefficient, else a number for a constant. */
static const char *drawn(const char *path) {
  const bool is_field = strstr(path, "gaussian_field") || strstr(path, "sine_sum") || strcmp(path, "sample.draw.*.exp") == 0;
  return is_field ? "coefficients: {k: {space: P1, value: 1}}\n" : "constants: {k: 1}\n";
}

static void write_document(document *d, const variant *v) {
  *d = (document){.cursor = {1, 1}};
  const char *path = v->key->path;
  put(d, "# generated\n");
  if (strncmp(path, "mesh", 4) != 0) put(d, "mesh: {box: {cells: [2, 2, 2]}}\n");
  if (strncmp(path, "fields", 6) != 0) put(d, "fields: {u: {space: P1, test: v}}\n");
  if (strcmp(path, "energy") != 0) put(d, "energy: u*u*dx\n");
  if (is_in_time(path)) put(d, "time: {end: 1, step: 1, scheme: static}\n");
  if (strncmp(path, "output.graph", 12) == 0) put(d, "compute: {energy: \"u*dx\", kinetic: \"u*dx\", potential: \"u*dx\"}\n");
  if (strncmp(path, "sample", 6) == 0) put(d, drawn(path));
  put_design(d, path);
  put_key(d, v, "", path, 0);
  if (strcmp(path, "mesh.min_size") == 0) assert_non_null(strstr(d->text, "geometry"));
}

static const char *wrong_value(const gkt_schema_key *key) {
  switch (key->type) {
  case GKT_KEY_MAP:
  case GKT_KEY_NAMES:
  case GKT_KEY_RATES:
  case GKT_KEY_SETS:
  case GKT_KEY_LIST: return "words";
  case GKT_KEY_PATH: return "[a.msh]";
  case GKT_KEY_NAME:
  case GKT_KEY_NAME_LIST: return "2u";
  case GKT_KEY_WORD: return "[left, right]";
  case GKT_KEY_EXPRESSIONS:
  case GKT_KEY_EXPRESSION_OR_MAP: return "[]";
  case GKT_KEY_NUMBER: return "4 mm";
  case GKT_KEY_SERIES:
  case GKT_KEY_POSITIVE: return "0";
  case GKT_KEY_FRACTION: return "1";
  case GKT_KEY_INTEGER: return "-1";
  case GKT_KEY_NUMBERS:
  case GKT_KEY_PAIR:
  case GKT_KEY_POINTS:
  case GKT_KEY_COUNTS: return "7";
  case GKT_KEY_TAGS: return "0";
  case GKT_KEY_BOOLEAN: return "yes";
  case GKT_KEY_CHOICE: return "something";
  case GKT_KEY_SPACE: return "Q7";
  case GKT_KEY_SHAPE: return "vector(0)";
  default: return "{a: b}";
  }
}

static gkt_status parse(gkt_context *ctx, const document *d, const char *set) {
  gkt_settings *s = NULL;
  gkt_context_clear(ctx);
  gkt_status status = gkt_settings_parse(ctx, "t.yaml", d->text, d->length, set ? 1 : 0, &set, &s);
  gkt_settings_destroy(&s);
  return status;
}

/* status, and a message that begins "ORIGIN: KEY: line L, column C: 'WORD" and holds `what`. */
static void expect(gkt_context *ctx, const document *d, gkt_status got, gkt_status status, const char *origin, const char *key, gkt_mark mark, const char *what) {
  char head[1024];
  const char *message = gkt_context_message(ctx);
  snprintf(head, sizeof head, "%s: %s%sline %d, column %d: '", origin, key, *key ? ": " : "", mark.line, mark.column);
  if (got != status || strncmp(message, head, strlen(head)) != 0 || !strstr(message, what) || !strstr(message, "; "))
    fail_msg("%sgives status %d and\n  %s\nexpected status %d and\n  %s ... %s", d->text, got, message, status, head, what);
}

static void expect_later(gkt_context *ctx, const document *d, gkt_status got) {
  char key[256];
  snprintf(key, sizeof key, "line %d, column %d: '", d->later.line, d->later.column);
  if (got != GKT_UNAVAILABLE || !strstr(gkt_context_message(ctx), key) || !strstr(gkt_context_message(ctx), "is not available yet"))
    fail_msg("%sgives status %d and\n  %s\nexpected 'is not available yet' at %s", d->text, got, gkt_context_message(ctx), key);
}

static void check_values(gkt_context *ctx, const gkt_schema_key *key) {
  document d;
  char set[512], origin[600];
  write_document(&d, &(variant){key, key->example, ""});
  gkt_status status = parse(ctx, &d, NULL);
  if (d.later.line) {
    expect_later(ctx, &d, status);
    return;
  }
  if (status != GKT_OK) fail_msg("%sis refused: %s", d.text, gkt_context_message(ctx));
  snprintf(set, sizeof set, "%s=%s", d.path, key->example);
  if (parse(ctx, &d, set) != GKT_OK) fail_msg("%swith --set %s is refused: %s", d.text, set, gkt_context_message(ctx));
  snprintf(set, sizeof set, "%s=%s", d.path, wrong_value(key));
  snprintf(origin, sizeof origin, "--set %s", set);
  expect(ctx, &d, parse(ctx, &d, set), GKT_BAD_INPUT, origin, d.path, (gkt_mark){1, (int)strlen(d.path) + 2}, "expected ");
  write_document(&d, &(variant){key, wrong_value(key), ""});
  expect(ctx, &d, parse(ctx, &d, NULL), GKT_BAD_INPUT, "t.yaml", d.path, d.value, "expected ");
}

static void check_misspelling(gkt_context *ctx, const gkt_schema_key *key) {
  document d, right;
  char set[512], origin[600], near[80];
  const char *word = strrchr(key->path, '.') ? strrchr(key->path, '.') + 1 : key->path;
  if (strcmp(word, "#") == 0) return;
  bool name = strcmp(word, "*") == 0, any = false;
  char parent[256];
  snprintf(parent, sizeof parent, "%.*s", strrchr(key->path, '.') ? (int)(strrchr(key->path, '.') - key->path) : 0, key->path);
  if (name) any = lookup(parent)->type == GKT_KEY_SETS || lookup(parent)->type == GKT_KEY_EXPRESSIONS;
  write_document(&right, &(variant){key, key->example, ""});
  write_document(&d, &(variant){key, key->example, name ? "-b" : "x"});
  if (any || (d.later.line && (d.later.line != d.key.line || d.later.column != d.key.column))) return;
  snprintf(near, sizeof near, "did you mean '%s'?", word);
  const char *what = name ? "expected a letter, then letters" : near;
  expect(ctx, &d, parse(ctx, &d, NULL), GKT_BAD_INPUT, "t.yaml", d.parent, d.key, what);
  if (d.later.line) return;
  snprintf(set, sizeof set, "%s=%s", d.path, key->example);
  snprintf(origin, sizeof origin, "--set %s", set);
  gkt_mark mark = {1, *d.parent ? (int)strlen(d.parent) + 2 : 1};
  expect(ctx, &right, parse(ctx, &right, set), GKT_BAD_INPUT, origin, d.parent, mark, what);
}

static void every_key(void **state) {
  (void)state;
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  for (int i = 0; i < gkt_schema_count(); i++) {
    assert_non_null(gkt_schema_at(i)->example);
    check_values(ctx, gkt_schema_at(i));
    check_misspelling(ctx, gkt_schema_at(i));
  }
  gkt_context_destroy(&ctx);
}

/* {a: .., b: ..} of the keys that `parent` requires, without one. */
static void required_without(const char *parent, const gkt_schema_key *without, char *out, size_t room) {
  size_t n = (size_t)snprintf(out, room, "{");
  for (int i = 0; i < gkt_schema_count(); i++) {
    const gkt_schema_key *key = gkt_schema_at(i);
    if (key->required && key != without && is_direct_child(key->path, parent))
      n += (size_t)snprintf(out + n, room - n, "%s%s: %s", n > 1 ? ", " : "", strrchr(key->path, '.') + 1, key->example);
  }
  snprintf(out + n, room - n, "}");
}

static void every_required_key(void **state) {
  (void)state;
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  for (int i = 0; i < gkt_schema_count(); i++) {
    const gkt_schema_key *key = gkt_schema_at(i);
    char parent[256], what[80], value[256];
    if (!key->required || !strrchr(key->path, '.')) continue;
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(key->path, '.') - key->path), key->path);
    document d;
    required_without(parent, key, value, sizeof value);
    write_document(&d, &(variant){lookup(parent), value, ""});
    gkt_status status = parse(ctx, &d, NULL);
    snprintf(what, sizeof what, "'%s': missing key; expected ", strrchr(key->path, '.') + 1);
    if (d.later.line) expect_later(ctx, &d, status);
    else expect(ctx, &d, status, GKT_BAD_INPUT, "t.yaml", d.path, d.value, what);
  }
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_key), cmocka_unit_test(every_required_key)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
