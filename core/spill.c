/* Rows of numbers that do not fit in memory, in a file without a name, of which nothing is left however the program ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/spill.h"

struct gkt_spill {
  gkt_context *ctx;
  char *folder;
  gkt_size count; /* numbers of a row */
  int file;
};

static gkt_status refuse(gkt_context *ctx, const char *verb, const char *folder) {
  return gkt_fail(ctx, GKT_IO, "cannot %s a temporary file in '%s': %s; expected a folder with room to write in, by default that of TMPDIR", verb, folder, strerror(errno));
}

static gkt_status open_file(gkt_spill *s) {
  gkt_text path = {.ctx = s->ctx};
  gkt_text_printf(&path, "%s/galerkit-XXXXXX", s->folder);
  if (path.status == GKT_OK) s->file = mkstemp(path.data);
  const gkt_status status = path.status != GKT_OK ? path.status : s->file < 0 ? refuse(s->ctx, "make", s->folder) : GKT_OK;
  if (s->file >= 0) unlink(path.data);
  gkt_text_free(&path);
  return status;
}

gkt_status gkt_spill_create(gkt_context *ctx, const char *folder, gkt_size count, gkt_spill **out) {
  const char *given = folder ? folder : getenv("TMPDIR");
  gkt_spill *s = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *s, &s));
  s->ctx = gkt_context_retain(ctx), s->count = count, s->file = -1;
  GKT_GO(gkt_strdup(ctx, given && *given ? given : "/tmp", &s->folder));
  GKT_GO(open_file(s));
done:
  if (status == GKT_OK) *out = s;
  else gkt_spill_destroy(&s);
  return status;
}

void gkt_spill_destroy(gkt_spill **spill) {
  gkt_spill *s = *spill;
  if (!s) return;
  if (s->file >= 0) close(s->file);
  gkt_free(&s->folder);
  gkt_context_destroy(&s->ctx);
  gkt_free(spill);
}

/* Where the system takes or gives less at a time, the rest follows. */
static gkt_status move(const gkt_spill *s, bool write, gkt_size row, gkt_size first, gkt_size count, char *values) {
  off_t at = (off_t)(row * s->count + first) * (off_t)sizeof(gkt_scalar);
  for (size_t left = (size_t)count * sizeof(gkt_scalar); left;) {
    const ssize_t n = write ? pwrite(s->file, values, left, at) : pread(s->file, values, left, at);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ENOSPC;
    if (n <= 0) return refuse(s->ctx, write ? "write" : "read", s->folder);
    left -= (size_t)n, at += n, values += n;
  }
  return GKT_OK;
}

gkt_status gkt_spill_write(gkt_spill *s, gkt_size row, gkt_size first, gkt_size count, const gkt_scalar *values) { return move(s, true, row, first, count, (char *)values); }
gkt_status gkt_spill_read(const gkt_spill *s, gkt_size row, gkt_size first, gkt_size count, gkt_scalar *values) { return move(s, false, row, first, count, (char *)values); }
