/* Output appears whole or not at all: it is written into a file that has no name (O_TMPFILE of Linux), so nothing is left however the program ends, and takes its target's place
   when it is whole. File systems that have no such files get one with a name beside the target. Where the target is no file but a device or a pipe, such as /dev/stdout, it is
   written there: a rename would put a file in its place. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/core.h"

struct gkt_output {
  gkt_context *ctx;
  char *target, *temporary; /* target: behind links; temporary: the path as given where in_place; empty: there is no file of that name (yet) */
  bool in_place, nameless;
  FILE *stream;
  char self[40]; /* the name that a file without one has in this process */
};

static gkt_status refuse(gkt_context *ctx, const char *verb, const char *path, int error) { return gkt_fail(ctx, GKT_IO, "cannot %s %s: %s", verb, path, strerror(error)); }

/* The file behind links, so that a rename does not replace a link. A target that is not there yet keeps its name. */
static gkt_status find_target(gkt_output *o, const char *path) {
  struct stat info;
  char *real = realpath(path, NULL);
  gkt_status status = gkt_strdup(o->ctx, real ? real : path, &o->target);
  free(real);
  if (status == GKT_OK && stat(path, &info) == 0) {
    o->in_place = !S_ISREG(info.st_mode);
    if (S_ISDIR(info.st_mode)) status = gkt_fail(o->ctx, GKT_BAD_INPUT, "cannot open for writing %s: %s", path, strerror(EISDIR));
    if (o->in_place && status == GKT_OK) status = gkt_strdup(o->ctx, path, &o->temporary);
  }
  return status;
}

static int open_named(gkt_output *o) {
  sprintf(o->temporary, "%s.XXXXXX", o->target);
  int file = mkstemp(o->temporary), error = errno;
  mode_t mask = umask(0);
  umask(mask);
  if (file >= 0) fchmod(file, 0666 & ~mask);
  else o->temporary[0] = 0;
  errno = error;
  return file;
}

/* -1: the file system, or the system without /proc, cannot. */
static int open_nameless(gkt_output *o) {
  char *slash = strrchr(o->target, '/');
  if (access("/proc/self/fd", X_OK)) return -1;
  snprintf(o->temporary, strlen(o->target) + 16, "%.*s", slash ? (int)(slash - o->target) + 1 : 2, slash ? o->target : "./");
  int file = open(o->temporary, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  o->temporary[0] = 0;
  o->nameless = file >= 0;
  return file;
}

static gkt_status open_temporary(gkt_output *o, const char *path) {
  GKT_TRY(gkt_calloc(o->ctx, (gkt_size)strlen(o->target) + 16, 1, &o->temporary));
  int file = open_nameless(o);
  if (file < 0) file = open_named(o);
  if (file < 0) return refuse(o->ctx, "open for writing", path, errno);
  if ((o->stream = fdopen(file, "wb"))) return GKT_OK;
  gkt_status status = refuse(o->ctx, "open", path, errno);
  close(file);
  return status;
}

gkt_status gkt_output_open(gkt_context *ctx, const char *path, gkt_output **out) {
  gkt_output *o = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *o, &o));
  o->ctx = ctx;
  GKT_GO(find_target(o, path));
  if (!o->in_place) GKT_GO(open_temporary(o, path));
  else if (!(o->stream = fopen(path, "wb"))) GKT_GO(refuse(ctx, "open for writing", path, errno));
  *out = o;
  return GKT_OK;
done:
  gkt_output_discard(&o);
  return status;
}

gkt_status gkt_output_try(gkt_context *ctx, const char *path) {
  gkt_output o = {.ctx = ctx}, *made = NULL;
  gkt_status status;
  GKT_GO(find_target(&o, path));
  if (!o.in_place) GKT_GO(gkt_output_open(ctx, path, &made));
  else if (access(path, W_OK)) GKT_GO(refuse(ctx, "open for writing", path, errno));
done:
  gkt_output_discard(&made);
  gkt_free(&o.target);
  gkt_free(&o.temporary);
  return status == GKT_IO ? GKT_BAD_INPUT : status;
}

FILE *gkt_output_stream(gkt_output *o) { return o->stream; }

const char *gkt_output_path(gkt_output *o) {
  if (!o->nameless) return o->in_place ? NULL : o->temporary;
  snprintf(o->self, sizeof o->self, "/proc/self/fd/%d", fileno(o->stream));
  return o->self;
}

/* Of a stream that failed before now its errno is long gone, so the file, which will be removed, is asked again. */
static int earlier_error(const gkt_output *o) {
  errno = 0;
  return !o->in_place && write(fileno(o->stream), "", 1) != 1 && errno ? errno : EIO;
}

/* A name for a moment, since only a rename can take the place of a file. 0, or an errno. */
static int give_name(gkt_output *o, const char *self) {
  unsigned number = (unsigned)getpid();
  for (int i = 0; i < 1000; i++, number += 7919) {
    sprintf(o->temporary, "%s.%06x", o->target, number & 0xffffff);
    if (linkat(AT_FDCWD, self, AT_FDCWD, o->temporary, AT_SYMLINK_FOLLOW) == 0) return 0;
    if (errno != EEXIST) break;
  }
  o->temporary[0] = 0;
  return errno;
}

static int put_in_place(gkt_output *o) {
  if (rename(o->temporary, o->target)) return errno;
  o->temporary[0] = 0;
  return 0;
}

/* file: a descriptor of what has no name. Where nothing is replaced there is no moment in which a kill leaves something else. */
static int place_nameless(gkt_output *o, int file) {
  char self[40];
  snprintf(self, sizeof self, "/proc/self/fd/%d", file);
  if (linkat(AT_FDCWD, self, AT_FDCWD, o->target, AT_SYMLINK_FOLLOW) == 0) return 0;
  const int error = errno == EEXIST ? give_name(o, self) : errno;
  return error ? error : put_in_place(o);
}

/* The stream is closed first, as that may fail. */
gkt_status gkt_output_commit(gkt_output **out) {
  gkt_output *o = *out;
  gkt_status status = GKT_OK;
  int error = ferror(o->stream) ? earlier_error(o) : 0;
  const int file = o->nameless ? dup(fileno(o->stream)) : -1;
  if (o->nameless && file < 0 && !error) error = errno;
  if (fclose(o->stream) && !error) error = errno;
  o->stream = NULL;
  if (error) status = refuse(o->ctx, "write", o->target, error);
  else if (!o->in_place && (error = o->nameless ? place_nameless(o, file) : put_in_place(o))) status = refuse(o->ctx, "rename the finished file to", o->target, error);
  if (file >= 0) close(file);
  gkt_output_discard(out);
  return status;
}

void gkt_output_discard(gkt_output **out) {
  gkt_output *o = *out;
  if (!o) return;
  if (o->stream) fclose(o->stream);
  if (o->temporary && o->temporary[0] && !o->in_place) unlink(o->temporary);
  gkt_free(&o->target);
  gkt_free(&o->temporary);
  gkt_free(out);
}

gkt_status gkt_file_write(gkt_context *ctx, const char *path, size_t length, const void *data) {
  gkt_output *out = NULL;
  GKT_TRY(gkt_output_open(ctx, path, &out));
  if (length) fwrite(data, 1, length, out->stream); /* the stream remembers its error */
  return gkt_output_commit(&out);
}

gkt_status gkt_file_read(gkt_context *ctx, const char *path, char **data, size_t *length) {
  char *text = NULL;
  size_t used = 0, room = 0;
  struct stat info;
  gkt_status status = GKT_OK;
  FILE *file = fopen(path, "rb");
  if (!file) return gkt_fail(ctx, GKT_BAD_INPUT, "cannot open %s: %s", path, strerror(errno));
  if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) { /* at once; what grows meanwhile, or has no size, below */
    room = (size_t)info.st_size + 2;
    GKT_GO(gkt_alloc(ctx, (gkt_size)room, 1, &text));
  }
  do {
    if (used + 1 >= room) GKT_GO(gkt_realloc(ctx, (gkt_size)(room = 2 * room + 65536), 1, &text));
    errno = 0;
    used += fread(text + used, 1, room - used - 1, file);
  } while (!feof(file) && !ferror(file));
  if (ferror(file)) GKT_GO(gkt_fail(ctx, errno == EISDIR ? GKT_BAD_INPUT : GKT_IO, "cannot read %s: %s", path, strerror(errno)));
  text[used] = 0;
  *data = text;
  *length = used;
  text = NULL;
done:
  fclose(file);
  gkt_free(&text);
  return status;
}
