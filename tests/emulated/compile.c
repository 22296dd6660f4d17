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
        ".incbin \"tests/emulated/global.cu\"\n.incbin \"tests/emulated/functions.cu\"\n"
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
                                    LIBRARY(erf),
                                    NULL};
enum { NUM_FLAGS = sizeof flags / sizeof *flags, MOST_WORDS = 16 };

static const char *compiler(void) {
  const char *given = getenv("CXX");
  return given && given[strspn(given, " \t")] ? given : "c++";
}

/* Multiply and add are fused where a GPU fuses them, if this processor can. */
#if defined(__x86_64__)
#define FUSED_UNIT "-mfma"
static bool fuses(bool contract) { return contract && __builtin_cpu_supports("fma"); }
#else
#define FUSED_UNIT "-w"
static bool fuses(bool contract) { return contract; }
#endif

/* What makes an image of a text. */
static void name_compiler(int architecture, bool contract, size_t size, char *out) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; flags[i]; i++)
    for (const char *c = flags[i]; *c; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
  snprintf(out, size, "emulated %d %d %d, %s, %016llx", architecture, fuses(contract), emu_is_global_watched(), compiler(), (unsigned long long)hash);
}

bool emu_identify(int architecture, bool contract, size_t size, char *out) {
  const char *drop = getenv("GKT_EMULATED_DROP");
  name_compiler(architecture, contract, size, out);
  const size_t length = strlen(out);
  if (drop) snprintf(out + length, size - length, " without %s", drop);
  return true;
}

/* ---- the compiler ---- */
/* $CXX, or c++, with two lists of arguments, each NULL at its end. */
static int run(const char *const *first, const char *const *second, const char *messages) {
  char words[1024], *arguments[MOST_WORDS + NUM_FLAGS + 16], *rest = NULL;
  int n = 0, result = -1;
  pid_t process;
  posix_spawn_file_actions_t actions;
  snprintf(words, sizeof words, "%s", compiler());
  for (char *w = strtok_r(words, " \t", &rest); w && n < MOST_WORDS; w = strtok_r(NULL, " \t", &rest)) arguments[n++] = w;
  for (; *first; first++) arguments[n++] = (char *)*first;
  for (; *second; second++) arguments[n++] = (char *)*second;
  arguments[n] = NULL;
  if (posix_spawn_file_actions_init(&actions)) return -1;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (posix_spawnp(&process, arguments[0], &actions, NULL, arguments, environ) == 0) waitpid(process, &result, 0);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

static bool build(bool contract, const char *text, const char *object, const char *library, const char *messages) {
  static const char *const none[] = {NULL};
  const char *contraction = fuses(contract) ? "-ffp-contract=fast" : "-ffp-contract=off", *unit = fuses(contract) ? FUSED_UNIT : "-w";
  if (!emu_is_global_watched()) return run(flags, (const char *const[]){contraction, unit, "-shared", "-o", library, text, "-lm", NULL}, messages) == 0;
  /* global.cu is what -fsanitize=thread calls; its library is kept out by linking without it */
  return run(flags, (const char *const[]){contraction, unit, "-fsanitize=thread", "-DGKT_EMULATED_GLOBAL", "-c", "-o", object, text, NULL}, messages) == 0 &&
         run((const char *const[]){"-shared", "-o", library, object, "-lm", NULL}, none, messages) == 0;
}

int emu_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  const char *root = getenv("TMPDIR");
  char folder[512], text[600], object[600], library[600], messages[600], identity[300], kept[600];
  void *said = NULL;
  size_t length;
  snprintf(folder, sizeof folder, "%s/emulated-XXXXXX", root && *root ? root : "/tmp");
  snprintf(error, size, "no folder for files of the compiler: %s", folder);
  if (!mkdtemp(folder)) return emu_error(EMU_COMPILE, "%s", error);
  snprintf(text, sizeof text, "%s/kernels.cpp", folder);
  snprintf(object, sizeof object, "%s/kernels.o", folder);
  snprintf(library, sizeof library, "%s/kernels.so", folder);
  snprintf(messages, sizeof messages, "%s/messages", folder);
  name_compiler(architecture, contract, sizeof identity, identity);
  bool good = emu_write_text(text, source), keeps = good && emu_name_image(text, identity, kept);
  if (good && !(keeps && emu_read_file(kept, image, bytes))) {
    good = build(contract, text, object, library, messages) && emu_read_file(library, image, bytes);
    if (good && keeps) emu_keep_image(kept, *image, *bytes);
  }
  if (good) emu_tell_dropped(*image, *bytes);
  else snprintf(error, size, "%s: %s", compiler(), emu_read_file(messages, &said, &length) && length ? (char *)said : "it can not be run, or gave no message");
  free(said);
  unlink(text), unlink(object), unlink(library), unlink(messages), rmdir(folder);
  return good ? EMU_OK : emu_error(EMU_COMPILE, "%.900s", error);
}
