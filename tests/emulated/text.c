/* What is compiled: the prelude, the text of kernels, and a table of the kernels that it has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emulated/emulator.h"

/* The next GKT_KERNEL(threads) name( that is code: not in a comment, not in a macro. */
static const char *skip_other(const char *c) {
  if (c[0] == '/' && c[1] == '*') {
    const char *end = strstr(c + 2, "*/");
    return end ? end + 2 : c + strlen(c);
  }
  if (c[0] == '/' && c[1] == '/') return c + strcspn(c, "\n");
  if (c[0] == '#') {
    while (*c && !(c[0] == '\n' && c[-1] != '\\')) c++;
    return c;
  }
  if (c[0] == '"')
    for (c++; *c && *c != '"'; c++) c += *c == '\\' && c[1];
  return *c ? c + 1 : c;
}

static void write_kernels(FILE *out, const char *source) { /* a table of names and threads after the text */
  static const char word[] = "GKT_KERNEL(";
  fprintf(out, "\nextern \"C\" __attribute__((visibility(\"default\"))) const gkt_emulated_kernel gkt_emulated_kernels[] = {");
  for (const char *c = source; *c;) {
    if (strncmp(c, word, sizeof word - 1) != 0) {
      c = skip_other(c);
      continue;
    }
    const char *threads = c + sizeof word - 1, *end = threads;
    for (int depth = 1; *end && (depth += (*end == '(') - (*end == ')')) > 0;) end++;
    const char *name = end + (*end != 0) + strspn(end + (*end != 0), " \t\n");
    size_t length = strcspn(name, "( \t\n");
    fprintf(out, "{\"%.*s\", (int)(%.*s)}, ", (int)length, name, (int)(end - threads), threads);
    c = name + length;
  }
  fprintf(out, "{0, 0}};\n");
}

/* GKT_EMULATED_DROP=NAME:K takes the barrier number K (from 0) out of texts that have the word NAME, for tests that demand that it is missed. What stands for it (prelude.cu)
   leaves a mark in the image, if it is code that is compiled; GKT_EMULATED_DROPPED names a file to which the lines of these are added. */
static char dropped[300];

void emu_tell_dropped(const void *image, size_t bytes) {
  const char *path = getenv("GKT_EMULATED_DROPPED"), *mark = "gkt_barrier_is_out";
  FILE *file = path && dropped[0] && memmem(image, bytes, mark, strlen(mark)) ? fopen(path, "a") : NULL;
  if (file) fprintf(file, "%s\n", dropped), fclose(file);
}

static void drop_barrier(char *text, long k) {
  for (char *c = text; *c; c = (char *)skip_other(c)) {
    const size_t length = strncmp(c, "__syncthreads(", 14) == 0 ? 13 : strncmp(c, "__syncwarp(", 11) == 0 ? 10 : 0;
    if (!length || k-- != 0) continue;
    const char *line = c;
    while (line > text && line[-1] != '\n') line--;
    snprintf(dropped, sizeof dropped, "%.*s", (int)strcspn(line, "\n"), line);
    memcpy(c, "gkt_unsync   ", length);
    return;
  }
}

static char *copy_text(const char *source) {
  const char *given = getenv("GKT_EMULATED_DROP"), *colon = given ? strrchr(given, ':') : NULL;
  char *text = strdup(source), name[128];
  dropped[0] = 0;
  if (text && colon && snprintf(name, sizeof name, "%.*s", (int)(colon - given), given) < (int)sizeof name && strstr(text, name)) drop_barrier(text, strtol(colon + 1, NULL, 10));
  return text;
}

bool emu_write_text(const char *path, const char *source) { /* the source begins with the prelude */
  const size_t prelude = strncmp(source, emu_prelude, strlen(emu_prelude)) == 0 ? strlen(emu_prelude) : 0;
  char *text = copy_text(source + prelude);
  FILE *out = text ? fopen(path, "w") : NULL;
  if (out) {
    fwrite(source, 1, prelude, out);
    fputs(text, out);
    write_kernels(out, text);
  }
  free(text);
  return out && fclose(out) == 0;
}
