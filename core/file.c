/* Output appears whole or not at all: it is written beside its target and renamed. Where the target is no file but a device or a pipe, such as /dev/stdout, it is written
   there: a rename would put a file in its place. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/core.h"

struct gkt_output {
  gkt_context *ctx;
  char *target, *temporary; /* target: behind links; temporary: the path as given where in_place */
  bool in_place;
  FILE *stream;
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

static gkt_status open_temporary(gkt_output *o, const char *path) {
  GKT_TRY(gkt_calloc(o->ctx, (gkt_size)strlen(o->target) + 16, 1, &o->temporary));
  sprintf(o->temporary, "%s.XXXXXX", o->target);
  int file = mkstemp(o->temporary);
  if (file < 0) {
    o->temporary[0] = 0;
    return refuse(o->ctx, "open for writing", path, errno);
  }
  mode_t mask = umask(0);
  umask(mask);
  fchmod(file, 0666 & ~mask);
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

FILE *gkt_output_stream(gkt_output *o) { return o->stream; }

/* Of a stream that failed before now its errno is long gone, so the file, which will be removed, is asked again. */
static int earlier_error(const gkt_output *o) {
  errno = 0;
  return !o->in_place && write(fileno(o->stream), "", 1) != 1 && errno ? errno : EIO;
}

gkt_status gkt_output_commit(gkt_output **out) {
  gkt_output *o = *out;
  gkt_status status = GKT_OK;
  int error = ferror(o->stream) ? earlier_error(o) : 0;
  if (fflush(o->stream) && !error) error = errno;
  if (fclose(o->stream) && !error) error = errno;
  o->stream = NULL;
  if (error) status = refuse(o->ctx, "write", o->target, error);
  else if (!o->in_place && rename(o->temporary, o->target)) status = refuse(o->ctx, "rename the finished file to", o->target, errno);
  else o->temporary[0] = 0;
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

gkt_status gkt_file_read(gkt_context *ctx, const char *path, char **data, size_t *length) {
  char *text = NULL;
  size_t used = 0, room = 0;
  gkt_status status = GKT_OK;
  FILE *file = fopen(path, "rb");
  if (!file) return gkt_fail(ctx, GKT_BAD_INPUT, "cannot open %s: %s", path, strerror(errno));
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
