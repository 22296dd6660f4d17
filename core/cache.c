/* What is compiled at run time is kept in a folder that only its owner can write. A cached file ends in a trailer with its key and a hash of its content, so that one that is cut
   off, old or someone else's is never loaded but made again. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cache.h"

enum { PATH_SIZE = GKT_PATH_SIZE };
typedef gkt_cached job;
typedef struct { /* the last bytes of a cached file */
  char magic[8];
  uint64_t length; /* of what stands before */
  gkt_hash key, content;
} trailer;

gkt_status gkt_cached_unusable(gkt_cached *j, const char *verb, const char *path, const char *why) {
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
  if (snprintf(part, sizeof part, "%s", path) >= PATH_SIZE - 64) return gkt_cached_unusable(j, "use", path, "the name is too long");
  for (char *end = part; *end; end++) {
    if (end[1] != '/' && end[1] != 0) continue;
    char kept = end[1];
    end[1] = 0;
    if (mkdir(part, 0700) != 0 && errno != EEXIST && access(part, F_OK) != 0) return gkt_cached_unusable(j, "create", part, strerror(errno));
    end[1] = kept;
  }
  return GKT_OK;
}

static gkt_status check_folder(job *j, const char *path) {
  struct stat info;
  if (!*path) return gkt_cached_unusable(j, "find", "a cache folder", "neither XDG_CACHE_HOME nor HOME names one of at most 500 letters");
  GKT_TRY(make_folder(j, path));
  if (stat(path, &info) != 0) return gkt_cached_unusable(j, "use", path, strerror(errno));
  if (!S_ISDIR(info.st_mode)) return gkt_cached_unusable(j, "use", path, "it is not a folder");
  if (info.st_uid != geteuid()) return gkt_cached_unusable(j, "trust", path, "it belongs to someone else");
  if (info.st_mode & (S_IWGRP | S_IWOTH)) return gkt_cached_unusable(j, "trust", path, "others may write there");
  return access(path, W_OK | X_OK) == 0 ? GKT_OK : gkt_cached_unusable(j, "write to", path, strerror(errno));
}

static void name_files(job *j, const char *folder) {
  unsigned long long a = j->key.lanes[0], b = j->key.lanes[1];
  snprintf(j->source_path, sizeof j->source_path, "%.900s/%016llx%016llx%s", folder, a, b, j->source_kind);
  snprintf(j->object_path, sizeof j->object_path, "%.900s/%016llx%016llx%s", folder, a, b, j->made_kind);
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
  if (file < 0) return gkt_cached_unusable(j, "write", j->source_path, strerror(errno));
  int error = write_all(file, j->source, strlen(j->source));
  if (close(file) != 0 && !error) error = errno;
  if (!error && rename(temporary, j->source_path) != 0) error = errno;
  if (error) unlink(temporary);
  return error ? gkt_cached_unusable(j, "write", j->source_path, strerror(error)) : GKT_OK;
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

gkt_status gkt_cached_read(const gkt_cached *j, char **data, size_t *length) {
  struct stat info;
  gkt_status status = GKT_OK;
  *data = NULL;
  int file = open(j->object_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return GKT_OK;
  if (fstat(file, &info) == 0 && is_ours(&info)) {
    status = gkt_alloc(j->ctx, info.st_size, 1, data);
    if (status == GKT_OK && !(read_all(file, *data, (size_t)info.st_size) && trailer_matches(j, *data, (size_t)info.st_size))) gkt_free(data);
    *length = (size_t)info.st_size - sizeof(trailer);
  }
  close(file);
  return status;
}

gkt_status gkt_cached_write(gkt_cached *j, const char *path, const void *data, size_t length) {
  int file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return gkt_cached_unusable(j, "write", path, strerror(errno));
  int error = write_all(file, data, length);
  if (close(file) != 0 && !error) error = errno;
  return error ? gkt_cached_unusable(j, "write", path, strerror(error)) : GKT_OK;
}

static gkt_status append_trailer(job *j, const char *path) {
  struct stat info;
  char *data = NULL;
  gkt_status status;
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0 || fstat(file, &info) != 0 || fchmod(file, 0600) != 0) GKT_GO(gkt_cached_unusable(j, "write", path, strerror(errno)));
  GKT_GO(gkt_alloc(j->ctx, info.st_size, 1, &data));
  if (!read_all(file, data, (size_t)info.st_size)) GKT_GO(gkt_cached_unusable(j, "read", path, "it is shorter than it was"));
  trailer end = {"galerkit", (uint64_t)info.st_size, j->key, hash_of(data, (size_t)info.st_size)};
  int error = lseek(file, 0, SEEK_END) < 0 ? errno : write_all(file, &end, sizeof end);
  if (error) GKT_GO(gkt_cached_unusable(j, "write", path, strerror(error)));
done:
  gkt_free(&data);
  if (file >= 0 && close(file) != 0 && status == GKT_OK) status = gkt_cached_unusable(j, "write", path, strerror(errno));
  return status;
}

/* ---- making and loading ---- */
static gkt_status make(job *j) {
  char temporary[PATH_SIZE + 16];
  gkt_status status;
  GKT_TRY(write_source(j));
  snprintf(temporary, sizeof temporary, "%s.XXXXXX", j->object_path);
  int file = mkstemp(temporary);
  if (file < 0) return gkt_cached_unusable(j, "write", j->object_path, strerror(errno));
  close(file);
  GKT_GO(j->make(j, temporary));
  GKT_GO(append_trailer(j, temporary));
  if (rename(temporary, j->object_path) != 0) GKT_GO(gkt_cached_unusable(j, "write", j->object_path, strerror(errno)));
done:
  if (status != GKT_OK) unlink(temporary);
  return status;
}

static gkt_status load_from_cache(job *j) {
  char *data;
  size_t length;
  GKT_TRY(check_folder(j, j->ctx->cache_dir));
  name_files(j, j->ctx->cache_dir);
  GKT_TRY(gkt_cached_read(j, &data, &length));
  bool good = data != NULL;
  gkt_free(&data);
  if (!good) GKT_TRY(make(j));
  return j->load(j);
}

/* A folder that is there only while this runs: what is loaded needs no file. */
static gkt_status load_from_private_folder(job *j) {
  const char *root = getenv("TMPDIR");
  char folder[PATH_SIZE];
  if (snprintf(folder, sizeof folder, "%s/galerkit-XXXXXX", root && *root ? root : "/tmp") >= PATH_SIZE - 64)
    return gkt_cached_unusable(j, "use", "$TMPDIR", "the name is too long");
  if (!mkdtemp(folder)) return gkt_cached_unusable(j, "create", folder, strerror(errno));
  name_files(j, folder);
  gkt_status status = make(j);
  if (status == GKT_OK) status = j->load(j);
  unlink(j->source_path);
  unlink(j->object_path);
  rmdir(folder);
  return status;
}

gkt_status gkt_cached_load(gkt_cached *j) {
  gkt_status status = load_from_cache(j);
  if (status == GKT_IO) {
    gkt_log(j->ctx, GKT_LOG_NOTICE, "compiled code is not kept: %s", j->reason);
    status = load_from_private_folder(j);
  }
  return status == GKT_IO ? gkt_fail(j->ctx, GKT_IO, "%s", j->reason) : status;
}
