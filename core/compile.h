/* The C compiler as a process (compiler.c). */
#ifndef GKT_CORE_COMPILE_H
#define GKT_CORE_COMPILE_H
#include "core/cache.h"

enum { GKT_COMPILER_WORDS = 16 };
typedef struct {
  char text[512];                  /* cut into words */
  char *words[GKT_COMPILER_WORDS]; /* [num_words] in text */
  int num_words;
} gkt_words;
typedef struct {
  gkt_words command; /* $CC or "cc" */
  gkt_words last;    /* $GKT_CFLAGS: options after ours, which they override */
  char path[4096];   /* of the program, links resolved */
} gkt_compiler;
bool gkt_compiler_find(gkt_compiler *out);                /* false: no such program; its command says which was looked for */
void gkt_compiler_hash(const gkt_compiler *, gkt_hash *); /* the program, its size and time, all words, our flags, the processor */
/* Runs it on one file, by argument vector. errors [size]: what it printed on standard error, cut to fit. false: it failed or could not be started. */
bool gkt_compiler_run(const gkt_compiler *, const char *source_path, const char *object_path, char *errors, size_t size);
#endif
