/* The C compiler as a process (compiler.c). */
#ifndef GKT_CORE_COMPILE_H
#define GKT_CORE_COMPILE_H
#include "core/cache.h"

enum { GKT_COMPILER_WORDS = 16 };
typedef struct {
  char command[512];               /* $CC or "cc", cut into words */
  char *words[GKT_COMPILER_WORDS]; /* [num_words] in command */
  int num_words;
  char path[4096]; /* of the program, links resolved */
} gkt_compiler;
bool gkt_compiler_find(gkt_compiler *out);                /* false: no such program; out->command says which was looked for */
void gkt_compiler_hash(const gkt_compiler *, gkt_hash *); /* the program, its size and time, the words, our flags, the processor */
/* Runs it on one file, by argument vector. errors [size]: what it printed on standard error, cut to fit. false: it failed or could not be started. */
bool gkt_compiler_run(const gkt_compiler *, const char *source_path, const char *object_path, char *errors, size_t size);
#endif
