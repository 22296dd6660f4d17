/* Modules: C text becomes a loaded library, by way of a cache folder that only its owner can write. A cached file ends in a trailer with its key and a hash of its content,
   so that one that is cut off, old or someone else's is never loaded but made again. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/compile.h"

struct gkt_module {
  void *handle; /* of dlopen */
};

enum { PATH_SIZE = 1024 };
typedef struct { /* the last bytes of a cached file */
  char magic[8];
  uint64_t length; /* of what stands before */
  gkt_hash key, content;
} trailer;
typedef struct {
  gkt_context *ctx;
  gkt_compiler compiler;
  const char *source;
  gkt_hash key;
  char source_path[PATH_SIZE], object_path[PATH_SIZE];
  char reason[PATH_SIZE + 256]; /* why a folder cannot be used; set with GKT_IO, so that another folder can be tried before anything is called a failure */
} job;

bool gkt_compiler_found(gkt_context *ctx) {
  gkt_compiler compiler;
  (void)ctx;
  return gkt_compiler_find(&compiler);
}

static gkt_status unusable(job *j, const char *verb, const char *path, const char *why) {
  snprintf(j->reason, sizeof j->reason, "cannot %s %.900s: %.200s", verb, path, why);
  return GKT_IO;
}

static gkt_hash hash_of(const void *data, size_t length) {
  gkt_hash hash = gkt_hash_start();
  gkt_hash_add(&hash, data, length);
  return gkt_hash_finish(hash);
}

static bool same_hash(gkt_hash a, gkt_hash b) { return a.lanes[0] == b.lanes[0] && a.lanes[1] == b.lanes[1]; }

/* ---- folders ---- */
static gkt_status make_folder(job *j, const char *path) { /* with its parents; what is made is the owner's alone */
  char part[PATH_SIZE];
  if (snprintf(part, sizeof part, "%s", path) >= PATH_SIZE - 64) return unusable(j, "use", path, "the name is too long");
  for (char *end = part; *end; end++) {
    if (end[1] != '/' && end[1] != 0) continue;
    char kept = end[1];
    end[1] = 0;
    if (mkdir(part, 0700) != 0 && errno != EEXIST && access(part, F_OK) != 0) return unusable(j, "create", part, strerror(errno));
    end[1] = kept;
  }
  return GKT_OK;
}

static gkt_status check_folder(job *j, const char *path) {
  struct stat info;
  if (!*path) return unusable(j, "find", "a cache folder", "neither XDG_CACHE_HOME nor HOME names one of at most 500 letters");
  GKT_TRY(make_folder(j, path));
  if (stat(path, &info) != 0) return unusable(j, "use", path, strerror(errno));
  if (!S_ISDIR(info.st_mode)) return unusable(j, "use", path, "it is not a folder");
  if (info.st_uid != geteuid()) return unusable(j, "trust", path, "it belongs to someone else");
  if (info.st_mode & (S_IWGRP | S_IWOTH)) return unusable(j, "trust", path, "others may write there");
  return access(path, W_OK | X_OK) == 0 ? GKT_OK : unusable(j, "write to", path, strerror(errno));
}

static void name_files(job *j, const char *folder) {
  unsigned long long a = j->key.lanes[0], b = j->key.lanes[1];
  snprintf(j->source_path, sizeof j->source_path, "%.900s/%016llx%016llx.c", folder, a, b);
  snprintf(j->object_path, sizeof j->object_path, "%.900s/%016llx%016llx.so", folder, a, b);
}

/* ---- files ---- */
static int write_all(int file, const void *data, size_t length) {
  for (const char *next = data; length > 0;) {
    ssize_t n = write(file, next, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    next += n;
    length -= (size_t)n;
  }
  return 0;
}

static gkt_status write_source(job *j) {
  char temporary[PATH_SIZE + 16];
  snprintf(temporary, sizeof temporary, "%s.XXXXXX", j->source_path);
  int file = mkstemp(temporary);
  if (file < 0) return unusable(j, "write", j->source_path, strerror(errno));
  int error = write_all(file, j->source, strlen(j->source));
  if (close(file) != 0 && !error) error = errno;
  if (!error && rename(temporary, j->source_path) != 0) error = errno;
  if (error) unlink(temporary);
  return error ? unusable(j, "write", j->source_path, strerror(error)) : GKT_OK;
}

/* The whole of an open file, *length bytes; false: it changed meanwhile or cannot be read. */
static bool read_all(int file, char *data, size_t length) {
  for (size_t used = 0; used < length;) {
    ssize_t n = pread(file, data + used, length - used, (off_t)used);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    used += (size_t)n;
  }
  return true;
}

static bool is_ours(const struct stat *info) {
  return S_ISREG(info->st_mode) && info->st_uid == geteuid() && !(info->st_mode & (S_IWGRP | S_IWOTH)) && info->st_size > (off_t)sizeof(trailer);
}

static bool trailer_matches(const job *j, const char *data, size_t length) {
  trailer end;
  size_t before = length - sizeof end;
  memcpy(&end, data + before, sizeof end);
  return memcmp(end.magic, "galerkit", sizeof end.magic) == 0 && end.length == before && same_hash(end.key, j->key) && same_hash(end.content, hash_of(data, before));
}

static gkt_status verify(const job *j, bool *good) {
  struct stat info;
  char *data;
  *good = false;
  int file = open(j->object_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return GKT_OK;
  gkt_status status = GKT_OK;
  if (fstat(file, &info) == 0 && is_ours(&info)) {
    status = gkt_alloc(j->ctx, info.st_size, 1, &data);
    if (status == GKT_OK) *good = read_all(file, data, (size_t)info.st_size) && trailer_matches(j, data, (size_t)info.st_size);
    gkt_free(&data);
  }
  close(file);
  return status;
}

static gkt_status append_trailer(job *j, const char *path) {
  struct stat info;
  char *data = NULL;
  gkt_status status;
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0 || fstat(file, &info) != 0 || fchmod(file, 0600) != 0) GKT_GO(unusable(j, "write", path, strerror(errno)));
  GKT_GO(gkt_alloc(j->ctx, info.st_size, 1, &data));
  if (!read_all(file, data, (size_t)info.st_size)) GKT_GO(unusable(j, "read", path, "it is shorter than it was"));
  trailer end = {"galerkit", (uint64_t)info.st_size, j->key, hash_of(data, (size_t)info.st_size)};
  int error = lseek(file, 0, SEEK_END) < 0 ? errno : write_all(file, &end, sizeof end);
  if (error) GKT_GO(unusable(j, "write", path, strerror(error)));
done:
  gkt_free(&data);
  if (file >= 0 && close(file) != 0 && status == GKT_OK) status = unusable(j, "write", path, strerror(errno));
  return status;
}

/* ---- compiling and loading ---- */
/* The first line that speaks of an error, else the first line. */
static gkt_status report(job *j, char *messages) {
  char *line = strstr(messages, "error");
  while (line && line > messages && line[-1] != '\n') line--;
  if (!line) line = messages;
  line[strcspn(line, "\n")] = 0;
  return gkt_fail(j->ctx, GKT_LIBRARY, "the C compiler (%s) refused %s: %s", j->compiler.path, j->source_path, *line ? line : "it gave no message");
}

static gkt_status compile(job *j) {
  char temporary[PATH_SIZE + 16], messages[4096];
  gkt_status status;
  GKT_TRY(write_source(j));
  snprintf(temporary, sizeof temporary, "%s.XXXXXX", j->object_path);
  int file = mkstemp(temporary);
  if (file < 0) return unusable(j, "write", j->object_path, strerror(errno));
  close(file);
  if (!gkt_compiler_run(&j->compiler, j->source_path, temporary, messages, sizeof messages)) GKT_GO(report(j, messages));
  GKT_GO(append_trailer(j, temporary));
  if (rename(temporary, j->object_path) != 0) GKT_GO(unusable(j, "write", j->object_path, strerror(errno)));
done:
  if (status != GKT_OK) unlink(temporary);
  return status;
}

static gkt_status load(job *j, void **handle) {
  *handle = dlopen(j->object_path, RTLD_NOW | RTLD_LOCAL);
  return *handle ? GKT_OK : unusable(j, "load", j->object_path, dlerror());
}

static gkt_status load_from_cache(job *j, void **handle) {
  bool good;
  GKT_TRY(check_folder(j, j->ctx->cache_dir));
  name_files(j, j->ctx->cache_dir);
  GKT_TRY(verify(j, &good));
  if (!good) GKT_TRY(compile(j));
  return load(j, handle);
}

/* A folder that is there only while this runs: a loaded library needs no file. */
static gkt_status load_from_private_folder(job *j, void **handle) {
  const char *root = getenv("TMPDIR");
  char folder[PATH_SIZE];
  if (snprintf(folder, sizeof folder, "%s/galerkit-XXXXXX", root && *root ? root : "/tmp") >= PATH_SIZE - 64) return unusable(j, "use", "$TMPDIR", "the name is too long");
  if (!mkdtemp(folder)) return unusable(j, "create", folder, strerror(errno));
  name_files(j, folder);
  gkt_status status = compile(j);
  if (status == GKT_OK) status = load(j, handle);
  unlink(j->source_path);
  unlink(j->object_path);
  rmdir(folder);
  return status;
}

static gkt_status open_job(job *j, gkt_context *ctx, const char *source) {
  *j = (job){.ctx = ctx, .source = source};
  if (!gkt_compiler_find(&j->compiler)) return gkt_fail(ctx, GKT_LIBRARY, "no C compiler: \"%s\" is not a program in PATH; install one, or set CC", j->compiler.command);
  gkt_hash hash = gkt_hash_start();
  gkt_compiler_hash(&j->compiler, &hash);
  gkt_hash_add(&hash, source, strlen(source));
  j->key = gkt_hash_finish(hash);
  return GKT_OK;
}

gkt_status gkt_module_compile(gkt_context *ctx, const char *source, gkt_module **out) {
  gkt_module *module = NULL;
  job *j = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *j, &j));
  GKT_GO(gkt_calloc(ctx, 1, sizeof *module, &module));
  GKT_GO(open_job(j, ctx, source));
  status = load_from_cache(j, &module->handle);
  if (status == GKT_IO) {
    gkt_log(ctx, GKT_LOG_NOTICE, "compiled code is not kept: %s", j->reason);
    status = load_from_private_folder(j, &module->handle);
  }
  if (status == GKT_IO) status = gkt_fail(ctx, GKT_IO, "%s", j->reason);
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
