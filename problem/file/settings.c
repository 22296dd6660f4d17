/* From text to gkt_settings: YAML, --set, schema, sections. */
#include <string.h>

#include "problem/file/settings_reader.h"

static gkt_status copy_folder(gkt_memory *memory, const char *path, char **out) {
  const char *slash = strrchr(path, '/');
  if (!slash) return gkt_memory_text(memory, ".", 1, out);
  return gkt_memory_text(memory, path, slash == path ? 1 : (size_t)(slash - path), out);
}

/* The text without the byte order mark that some editors put before UTF-8. */
static gkt_status make_origin(gkt_memory *memory, const char *path, const char *data, size_t length, gkt_yaml_origin *out) {
  gkt_context *ctx = gkt_memory_context(memory);
  char *label, *raw;
  if (length >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0))
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: line 1, column 1: text in UTF-16; expected UTF-8", path);
  if (length > INT32_MAX) return gkt_fail(ctx, GKT_BAD_INPUT, "%s: %zu bytes; expected a problem file", path, length);
  size_t skip = length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  GKT_TRY(gkt_memory_text(memory, path, strlen(path), &label));
  GKT_TRY(gkt_memory_text(memory, data + skip, length - skip, &raw));
  *out = (gkt_yaml_origin){label, raw, length - skip};
  return GKT_OK;
}

static gkt_status read_tree(gkt_memory *memory, const gkt_yaml_origin *origin, int num_sets, const char *const *sets, const gkt_yaml **out) {
  gkt_context *ctx = gkt_memory_context(memory);
  gkt_yaml *root;
  GKT_TRY(gkt_yaml_parse(memory, origin, 0, &root));
  if (!root) return gkt_fail(ctx, GKT_BAD_INPUT, "%s: line 1, column 1: nothing but blanks and comments; expected a mapping of keys such as mesh, fields, equation", origin->label);
  for (int i = 0; i < num_sets && root->kind == GKT_YAML_MAP; i++) GKT_TRY(gkt_yaml_set(memory, root, sets[i]));
  GKT_TRY(gkt_schema_check(ctx, root));
  *out = root;
  return GKT_OK;
}

static gkt_status fill(gkt_memory *memory, const char *path, const char *data, size_t length, int num_sets, const char *const *sets, gkt_settings *s) {
  gkt_yaml_origin *origin;
  gkt_settings_reader r = {gkt_memory_context(memory), memory, s, NULL};
  GKT_TRY(gkt_memory_text(memory, path, strlen(path), &s->file));
  GKT_TRY(copy_folder(memory, path, &s->folder));
  GKT_TRY(gkt_memory_take(memory, 1, sizeof *origin, &origin));
  GKT_TRY(make_origin(memory, path, data, length, origin));
  GKT_TRY(read_tree(memory, origin, num_sets, sets, &r.root));
  s->root = r.root;
  GKT_TRY(gkt_settings_read_mesh(&r));
  GKT_TRY(gkt_settings_read_names(&r));
  GKT_TRY(gkt_settings_read_tasks(&r));
  GKT_TRY(gkt_settings_read_time(&r));
  GKT_TRY(gkt_settings_read_sample(&r));
  GKT_TRY(gkt_settings_read_optimize(&r));
  return gkt_settings_read_output(&r);
}

gkt_status gkt_settings_parse(gkt_context *ctx, const char *path, const char *data, size_t length, int num_sets, const char *const *sets, gkt_settings **out) {
  gkt_memory *memory = NULL;
  gkt_settings *s;
  gkt_status status;
  GKT_TRY(gkt_memory_create(ctx, &memory));
  GKT_GO(gkt_memory_take(memory, 1, sizeof *s, &s));
  s->ctx = ctx;
  s->memory = memory;
  GKT_GO(fill(memory, path, data, length, num_sets, sets, s));
  *out = s;
  return GKT_OK;
done:
  gkt_memory_destroy(&memory);
  return status;
}

gkt_status gkt_settings_read(gkt_context *ctx, const char *path, int num_sets, const char *const *sets, gkt_settings **out) {
  char *data;
  size_t length;
  GKT_TRY(gkt_file_read(ctx, path, &data, &length));
  gkt_status status = gkt_settings_parse(ctx, path, data, length, num_sets, sets, out);
  gkt_free(&data);
  return status;
}

void gkt_settings_destroy(gkt_settings **settings) {
  if (!*settings) return;
  gkt_memory *memory = (*settings)->memory; /* the settings themselves live in it */
  gkt_memory_destroy(&memory);
  *settings = NULL;
}
