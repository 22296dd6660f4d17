/* Inside of the run-time compiler: finding and running it (compiler.c), the cache of what it made (compile.c). */
#ifndef GKT_CORE_COMPILE_H
#define GKT_CORE_COMPILE_H
#include "core/core.h"

/* A 128-bit hash for cache keys: two independent multiplicative lanes. Not against an adversary; the cache is guarded by ownership. */
typedef struct {
  uint64_t lanes[2];
} gkt_hash;
gkt_hash gkt_hash_start(void);
void gkt_hash_add(gkt_hash *, const void *data, size_t length); /* the length counts as well: "ab","c" is not "a","bc" */
gkt_hash gkt_hash_finish(gkt_hash);

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
