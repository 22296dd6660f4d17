/* Modules of the CPU: C text becomes a loaded library, by way of the cache. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "core/compile.h"

struct gkt_module {
  void *handle; /* of dlopen */
};

bool gkt_compiler_found(gkt_context *ctx) {
  gkt_compiler compiler;
  (void)ctx;
  return gkt_compiler_find(&compiler);
}

typedef struct {
  gkt_cached cached;
  gkt_compiler compiler;
  void *handle;
} job;

/* The first line that speaks of an error, else the first line. */
static gkt_status report(const job *j, char *messages) {
  char *line = strstr(messages, "error");
  while (line && line > messages && line[-1] != '\n') line--;
  if (!line) line = messages;
  line[strcspn(line, "\n")] = 0;
  return gkt_fail(j->cached.ctx, GKT_LIBRARY, "the C compiler (%s) refused %s: %s", j->compiler.path, j->cached.source_path, *line ? line : "it gave no message");
}

static gkt_status compile(gkt_cached *cached, const char *path) {
  char messages[4096];
  job *j = cached->user;
  return gkt_compiler_run(&j->compiler, cached->source_path, path, messages, sizeof messages) ? GKT_OK : report(j, messages);
}

static gkt_status load(gkt_cached *cached) {
  job *j = cached->user;
  j->handle = dlopen(cached->object_path, RTLD_NOW | RTLD_LOCAL);
  return j->handle ? GKT_OK : gkt_cached_unusable(cached, "load", cached->object_path, dlerror());
}

static gkt_status open_job(job *j, gkt_context *ctx, const char *source) {
  j->cached = (gkt_cached){.ctx = ctx, .source = source, .source_kind = ".c", .made_kind = ".so", .make = compile, .load = load, .user = j};
  if (!gkt_compiler_find(&j->compiler)) return gkt_fail(ctx, GKT_LIBRARY, "no C compiler: \"%s\" is not a program in PATH; install one, or set CC", j->compiler.command.words[0]);
  gkt_hash hash = gkt_hash_start();
  gkt_compiler_hash(&j->compiler, &hash);
  gkt_hash_add(&hash, source, strlen(source));
  j->cached.key = gkt_hash_finish(hash);
  return GKT_OK;
}

gkt_status gkt_module_compile(gkt_context *ctx, const char *source, gkt_module **out) {
  gkt_module *module = NULL;
  job *j = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *j, &j));
  GKT_GO(gkt_calloc(ctx, 1, sizeof *module, &module));
  GKT_GO(open_job(j, ctx, source));
  GKT_GO(gkt_cached_load(&j->cached));
  module->handle = j->handle;
done:
  gkt_free(&j);
  if (status != GKT_OK) gkt_free(&module);
  else *out = module;
  return status;
}

void *gkt_module_symbol(const gkt_module *module, const char *name) { return dlsym(module->handle, name); }

void gkt_module_destroy(gkt_module **module) {
  if (*module && (*module)->handle) dlclose((*module)->handle);
  gkt_free(module);
}
