/* The files of kernels as the library compiles them: each array of parts in the sources, const char *const NAME[] = {TEXT, .., NULL}, whose parts are files by GKT_EMBED. */
#ifndef GKT_TESTS_KERNEL_FILES_H
#define GKT_TESTS_KERNEL_FILES_H
#include <ctype.h>

#include "tests/device_texts.h"

enum { MOST_FILES = 400, MOST_PARTS = 64 };
typedef struct {
  char symbol[96], path[128];
} embedded;
typedef struct {
  int count;
  embedded at[MOST_PARTS];
} embedded_list;

static inline char *read_source(const char *path) {
  char *text;
  size_t length;
  must(gkt_file_read(ctx, path, &text, &length), path);
  return text;
}

static inline void for_sources(const char *ending, void (*call)(void *user, const char *path, const char *text), void *user) {
  static const char *const folders[] = {"core", "assembly", "solvers", "systems"};
  for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
    char pattern[1024];
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s/%s/*.%s", root(), folders[f], ending);
    if (glob(pattern, 0, NULL, &files)) continue;
    for (size_t i = 0; i < files.gl_pathc; i++) {
      char *text = read_source(files.gl_pathv[i]);
      call(user, files.gl_pathv[i] + strlen(root()) + 1, text);
      gkt_free(&text);
    }
    globfree(&files);
  }
}

static inline void note_embedded(void *user, const char *path, const char *text) {
  embedded_list *list = user;
  (void)path;
  for (const char *at = text; (at = strstr(at, "\nGKT_EMBED(")); at++) {
    embedded *e = &list->at[list->count];
    assert_true(list->count < MOST_PARTS);
    list->count += sscanf(at, "\nGKT_EMBED(%95[a-z0-9_], \"%127[^\"]\"", e->symbol, e->path) == 2;
  }
}

static inline const char *find_embedded(const embedded_list *list, const char *symbol) {
  for (int i = 0; i < list->count; i++)
    if (!strcmp(list->at[i].symbol, symbol)) return list->at[i].path;
  return NULL;
}

typedef struct {
  embedded_list files;
  text_visitor *visit;
  void *user;
} kernel_files;

/* The files of an array's parts, one after the other; false: these are no files. */
static inline bool join_parts(const kernel_files *k, const char *from, gkt_text *out) {
  for (char symbol[96]; sscanf(from, " %95[a-zA-Z0-9_]", symbol) == 1 && strcmp(symbol, "NULL") != 0; from = strchr(from, ',') + 1) {
    const char *path = find_embedded(&k->files, symbol);
    char whole[1024];
    if (!path || !strchr(from, ',')) return false;
    snprintf(whole, sizeof whole, "%s/%s", root(), path);
    char *text = read_source(whole);
    gkt_text_printf(out, "%s", text);
    gkt_free(&text);
  }
  return out->length > 0;
}

static inline void visit_arrays(void *user, const char *path, const char *text) {
  const kernel_files *k = user;
  for (const char *at = text; (at = strstr(at, "const char *const ")); at++) {
    const char *body = strstr(at, "[] = {");
    gkt_text joined = {.ctx = ctx};
    if (body && body < at + strcspn(at, ";\n") && join_parts(k, body + strlen("[] = {"), &joined)) k->visit(k->user, path, false, joined.data);
    gkt_text_free(&joined);
  }
}

static inline void visit_kernel_files(text_visitor *visit, void *user) {
  kernel_files k = {.visit = visit, .user = user};
  for_sources("c", note_embedded, &k.files);
  for_sources("c", visit_arrays, &k);
}
#endif
