/* Writes the mesh beside its target and renames it, so that the target is whole or as it was. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gmshc.h>

#include "mesher.h"

static void set(const char *option, double value) {
  int error;
  gmshOptionSetNumber(option, value, &error);
}

/* Gmsh does not look at the result of its writes; a whole file ends with the end of a section. */
static bool is_whole(const char *path) {
  char tail[33] = {0};
  FILE *f = fopen(path, "rb");
  if (!f) return false;
  const bool read = fseek(f, -32, SEEK_END) == 0 && fread(tail, 1, 32, f) == 32;
  fclose(f);
  for (int i = 0; i < 32; i++)
    if (!tail[i]) tail[i] = ' '; /* binary numbers before the last line */
  const char *end = strstr(tail, "$End");
  return read && end && tail[31] == '\n';
}

static verdict save(const options *o, const char *temporary) {
  int error;
  errno = 0;
  gmshWrite(temporary, &error);
  const char *why = errno ? strerror(errno) : "the file is not whole";
  if (error) return fail("cannot write %s: %s", o->output, gmsh_error());
  if (!is_whole(temporary)) return fail("cannot write %s: %s", o->output, why);
  if (rename(temporary, o->output)) return fail("cannot rename the finished file to %s: %s", o->output, strerror(errno));
  return DONE;
}

/* A file beside the output, for Gmsh to write into; *path: free. */
static verdict make_temporary(const options *o, char **path) {
  struct stat now;
  if (stat(o->output, &now) == 0 && !S_ISREG(now.st_mode))
    return refuse("cannot write %s: %s", o->output, S_ISDIR(now.st_mode) ? strerror(EISDIR) : "it is no file, and a mesh would take its place");
  const size_t room = strlen(o->output) + 16;
  if (!(*path = malloc(room))) return fail("out of memory");
  snprintf(*path, room, "%s.XXXXXX.msh", o->output); /* Gmsh chooses the format by the extension */
  const int file = mkstemps(*path, 4);
  if (file < 0) return refuse("cannot write %s: %s", o->output, strerror(errno));
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(file, 0666 & ~mask);
  close(file);
  return DONE;
}

verdict try_output(const options *o) {
  char *temporary = NULL;
  const verdict v = make_temporary(o, &temporary);
  if (v == DONE) unlink(temporary);
  free(temporary);
  return v;
}

verdict write_mesh(const options *o, const geometry *g) {
  char *temporary = NULL;
  set("Mesh.MshFileVersion", 4.1);
  set("Mesh.Binary", 1);
  set("Mesh.SaveAll", 1); /* also what no physical group holds: `regions: {faces: [...]}` needs every entity */
  double own = 1;         /* of a script */
  int error;
  gmshOptionGetNumber("Mesh.ScalingFactor", &own, &error);
  set("Mesh.ScalingFactor", error ? g->scale : own * g->scale);
  verdict v = make_temporary(o, &temporary);
  if (v == DONE) {
    watch_temporary(1, temporary);
    v = save(o, temporary);
    watch_temporary(1, NULL);
    if (v != DONE) unlink(temporary);
  } else v = FAILED; /* too late to be a refusal */
  free(temporary);
  return v;
}
