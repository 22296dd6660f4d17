/* Claim: docs/problem-file.md holds a row for every key of the schema, with its default, its example and whether it is available, and every YAML example in it is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "problem/file/schema.h"
#include "problem/file/settings.h"

static gkt_context *ctx;
static char *text;

static int read_document(void **state) {
  (void)state;
  char path[1024];
  size_t length;
  snprintf(path, sizeof path, "%s/docs/problem-file.md", getenv("GKT_ROOT") ? getenv("GKT_ROOT") : ".");
  if (gkt_context_create(NULL, &ctx) != GKT_OK) return 1;
  return gkt_file_read(ctx, path, &text, &length) != GKT_OK;
}

static int free_document(void **state) {
  (void)state;
  gkt_free(&text);
  gkt_context_destroy(&ctx);
  return 0;
}

/* "fields.*.space" is written fields.NAME.space, "conditions.#.on" conditions.N.on. */
static void written_path(const char *path, char *out) {
  for (; *path; path++)
    if (*path == '*') out += sprintf(out, "NAME");
    else if (*path == '#') *out++ = 'N';
    else *out++ = *path;
  *out = 0;
}

static void expect_in(const char *row, const char *what, const char *path) {
  if (what && !strstr(row, what)) fail_msg("the row of %s does not say '%s':\n%s", path, what, row);
}

static void every_key_has_its_row(void **state) {
  (void)state;
  for (int i = 0; i < gkt_schema_count(); i++) {
    const gkt_schema_key *key = gkt_schema_at(i);
    char path[256], head[300], row[2048], example[300], standard[300];
    written_path(key->path, path);
    snprintf(head, sizeof head, "\n| `%s` |", path);
    const char *at = strstr(text, head);
    if (!at) fail_msg("no row for %s", path);
    snprintf(row, sizeof row, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    snprintf(example, sizeof example, "| `%s` |", key->example);
    snprintf(standard, sizeof standard, "| %s |", key->standard);
    expect_in(row, example, path);
    expect_in(row, key->standard ? standard : NULL, path);
    expect_in(row, key->required ? "*required*" : NULL, path);
    expect_in(row, key->later || key->later_choices ? "not available yet" : NULL, path);
    expect_in(row, key->unit ? key->unit : NULL, path);
  }
}

static void every_row_has_its_key(void **state) {
  (void)state;
  char path[256];
  int rows = 0;
  const char *end = strstr(text, "## More examples");
  for (const char *at = strstr(text, "\n| `"); at && at < end; at = strstr(at + 1, "\n| `")) {
    int found = 0, n = (int)strcspn(at + 4, "`");
    for (int i = 0; i < gkt_schema_count(); i++) {
      written_path(gkt_schema_at(i)->path, path);
      found += (int)strlen(path) == n && memcmp(path, at + 4, (size_t)n) == 0;
    }
    if (found != 1) fail_msg("'%.*s' is documented, but is no key", n, at + 4);
    rows++;
  }
  assert_int_equal(rows, gkt_schema_count());
}

static void every_example_is_accepted(void **state) {
  (void)state;
  static const char fence[] = "\n```yaml\n";
  int examples = 0;
  for (const char *at = strstr(text, fence); at; at = strstr(at, fence)) {
    gkt_settings *s = NULL;
    at += strlen(fence);
    const char *end = strstr(at, "\n```\n");
    assert_non_null(end);
    if (gkt_settings_parse(ctx, "example.yaml", at, (size_t)(end - at) + 1, 0, NULL, &s) != GKT_OK) fail_msg("%.*s\nis refused: %s", (int)(end - at), at, gkt_context_message(ctx));
    gkt_settings_destroy(&s);
    examples++;
  }
  assert_true(examples >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_key_has_its_row), cmocka_unit_test(every_row_has_its_key), cmocka_unit_test(every_example_is_accepted)};
  return cmocka_run_group_tests(tests, read_document, free_document);
}
