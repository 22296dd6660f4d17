/* Text of kernels to a shared object, by the host's C++ compiler: $CXX, else c++. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/embed.h"
#include "tests/emulated/emulator.h"

extern char **environ;
/* One string of two files: what C and C++ share, then the dialect. */
__asm__(".pushsection .rodata\n.hidden emu_prelude\n.global emu_prelude\nemu_prelude:\n.incbin \"tests/emulated/machine.h\"\n.incbin \"tests/emulated/prelude.cu\"\n"
        ".ascii \"#line 1 \\\"kernels\\\"\\n\"\n.byte 0\n.popsection\n");

#ifdef GKT_EMULATED_SANITIZE
#define SANITIZE "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-g",
#else
#define SANITIZE
#endif
/* Functions of mathematics stay the library's, as for the kernels of the CPU (core/compiler.c): the bits are the same. */
#define LIBRARY(name) "-fno-builtin-" #name
static const char *const flags[] = {"-std=c++17",
                                    "-O1",
                                    "-fPIC",
                                    "-shared",
                                    "-ffp-contract=off",
                                    "-w",
                                    "-pipe",
                                    "-fno-exceptions",
                                    "-fno-rtti",
                                    "-fno-math-errno",
                                    "-fno-trapping-math",
                                    "-fno-threadsafe-statics",
                                    "-fno-asynchronous-unwind-tables",
                                    "-fvisibility=hidden",
                                    SANITIZE LIBRARY(pow),
                                    LIBRARY(exp),
                                    LIBRARY(log),
                                    LIBRARY(sin),
                                    LIBRARY(cos),
                                    LIBRARY(tan),
                                    LIBRARY(asin),
                                    LIBRARY(acos),
                                    LIBRARY(atan),
                                    LIBRARY(atan2),
                                    LIBRARY(sinh),
                                    LIBRARY(cosh),
                                    LIBRARY(tanh),
                                    LIBRARY(erf)};
enum { NUM_FLAGS = sizeof flags / sizeof *flags, MOST_WORDS = 16 };

static const char *compiler(void) {
  const char *given = getenv("CXX");
  return given && given[strspn(given, " \t")] ? given : "c++";
}

bool emu_identify(int architecture, bool contract, size_t size, char *out) {
  const char *drop = getenv("GKT_EMULATED_DROP");
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char *c = emu_prelude; *c; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
  for (int i = 0; i < NUM_FLAGS; i++)
    for (const char *c = flags[i]; *c; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
  snprintf(out, size, "emulated %d %d, %s, %016llx %s", architecture, contract, compiler(), (unsigned long long)hash, drop ? drop : "");
  return true;
}

/* ---- the text ---- */
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

/* GKT_EMULATED_DROP=NAME:K takes the barrier number K (from 0) out of texts that have the word NAME, for tests that demand that it is missed. */
static char *drop_barrier(const char *source) {
  const char *given = getenv("GKT_EMULATED_DROP"), *colon = given ? strrchr(given, ':') : NULL;
  char *text = strdup(source), name[128];
  if (!text || !colon || snprintf(name, sizeof name, "%.*s", (int)(colon - given), given) >= (int)sizeof name || !strstr(text, name)) return text;
  long k = strtol(colon + 1, NULL, 10);
  for (char *c = text; *c; c = (char *)skip_other(c)) {
    size_t length = strncmp(c, "__syncthreads(", 14) == 0 ? 14 : strncmp(c, "__syncwarp(", 11) == 0 ? 11 : 0;
    if (!length || k-- != 0) continue;
    memset(c, ' ', length - 1);
    if (c[length] == ')') c[length - 1] = '0', c[length] = ' ';
    break;
  }
  return text;
}

static bool write_text(const char *path, const char *source) { /* the source begins with the prelude */
  const size_t prelude = strncmp(source, emu_prelude, strlen(emu_prelude)) == 0 ? strlen(emu_prelude) : 0;
  char *text = drop_barrier(source + prelude);
  FILE *out = text ? fopen(path, "w") : NULL;
  if (out) {
    fwrite(source, 1, prelude, out);
    fputs(text, out);
    write_kernels(out, text);
  }
  free(text);
  return out && fclose(out) == 0;
}

/* ---- the compiler ---- */
static int run(const char *source, const char *object, const char *messages) {
  char words[1024], *arguments[MOST_WORDS + NUM_FLAGS + 8], *rest = NULL;
  const char *const last[] = {"-o", object, source, "-lm"};
  int n = 0, result = -1;
  pid_t process;
  posix_spawn_file_actions_t actions;
  snprintf(words, sizeof words, "%s", compiler());
  for (char *w = strtok_r(words, " \t", &rest); w && n < MOST_WORDS; w = strtok_r(NULL, " \t", &rest)) arguments[n++] = w;
  for (int i = 0; i < NUM_FLAGS; i++) arguments[n++] = (char *)flags[i];
  for (int i = 0; i < 4; i++) arguments[n++] = (char *)last[i];
  arguments[n] = NULL;
  if (posix_spawn_file_actions_init(&actions)) return -1;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (posix_spawnp(&process, arguments[0], &actions, NULL, arguments, environ) == 0) waitpid(process, &result, 0);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

static bool read_file(const char *path, void **data, size_t *bytes) {
  struct stat info;
  FILE *file = fopen(path, "r");
  bool good = file && fstat(fileno(file), &info) == 0 && (*data = malloc((size_t)info.st_size + 1)) != NULL;
  if (good) *bytes = fread(*data, 1, (size_t)info.st_size, file), good = *bytes == (size_t)info.st_size, ((char *)*data)[*bytes] = 0;
  if (file) fclose(file);
  return good;
}

int emu_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  const char *root = getenv("TMPDIR");
  char folder[512], text[600], object[600], messages[600];
  void *said = NULL;
  size_t length;
  (void)architecture, (void)contract;
  snprintf(folder, sizeof folder, "%s/emulated-XXXXXX", root && *root ? root : "/tmp");
  snprintf(error, size, "no folder for files of the compiler: %s", folder);
  if (!mkdtemp(folder)) return emu_error(EMU_COMPILE, "%s", error);
  snprintf(text, sizeof text, "%s/kernels.cpp", folder);
  snprintf(object, sizeof object, "%s/kernels.so", folder);
  snprintf(messages, sizeof messages, "%s/messages", folder);
  bool good = write_text(text, source) && run(text, object, messages) == 0 && read_file(object, image, bytes);
  if (!good) snprintf(error, size, "%s: %s", compiler(), read_file(messages, &said, &length) && length ? (char *)said : "it can not be run, or gave no message");
  free(said);
  unlink(text), unlink(object), unlink(messages), rmdir(folder);
  return good ? EMU_OK : emu_error(EMU_COMPILE, "%.900s", error);
}
