/* Starts galerkit-mesh. Gmsh is GPL, so it lives in a program of its own and hands over an MSH file. */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdlib.h>
#include <fcntl.h>

#include "problem/problem.h"

extern char **environ;

/* Given, else beside the running program, else by $PATH. */
static void find_mesher(const gkt_problem *p, char *path, size_t size) {
  snprintf(path, size, "%s", p->mesher ? p->mesher : "galerkit-mesh");
  if (p->mesher) return;
  char self[3072];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n <= 0) return;
  self[n] = 0;
  char *slash = strrchr(self, '/');
  if (!slash) return;
  *slash = 0;
  char beside[4096];
  snprintf(beside, sizeof beside, "%s/galerkit-mesh", self);
  if (!access(beside, X_OK)) snprintf(path, size, "%s", beside);
}

static void read_tail(int file, char *text, size_t size) {
  size_t used = 0;
  char chunk[512];
  for (ssize_t n; (n = read(file, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR);)
    for (ssize_t i = 0; i < n; i++) {
      if (used + 1 == size) memmove(text, text + size / 2, used - size / 2), used -= size / 2; /* the reason stands at the end */
      text[used++] = chunk[i];
    }
  while (used && text[used - 1] == '\n') used--;
  text[used] = 0;
}

/* Runs argv; what it says on standard error goes to text. The status of waitpid; -1: it did not start. */
static int spawn_and_wait(char **argv, char *text, size_t size) {
  int ends[2], code = -1;
  pid_t pid;
  posix_spawn_file_actions_t actions;
  text[0] = 0;
  if (pipe2(ends, O_CLOEXEC)) return -1;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  gkt_environment_lock();
  int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
  gkt_environment_unlock();
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error) snprintf(text, size, "%s", strerror(error));
  else {
    read_tail(ends[0], text, size);
    while (waitpid(pid, &code, 0) < 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  return code;
}

/* Logs the mesher's warnings and notices, and returns what else it says, its last line; NULL: nothing. */
static const char *relay(const gkt_problem *p, char *text) {
  static const char own[] = "galerkit-mesh: ", warning[] = "warning: ", notice[] = "notice: ";
  const char *message = NULL;
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (!strncmp(line, own, sizeof own - 1)) line += sizeof own - 1;
    if (!strncmp(line, warning, sizeof warning - 1)) gkt_log(p->ctx, GKT_LOG_WARNING, "%s", line + sizeof warning - 1);
    else if (!strncmp(line, notice, sizeof notice - 1)) gkt_log(p->ctx, GKT_LOG_NOTICE, "%s", line + sizeof notice - 1);
    else message = line;
  }
  return message;
}

/* With a point, whatever the locale of the program. */
static void write_number(double x, char *out, size_t room) {
  snprintf(out, room, "%.17g", x);
  for (char *c = out; *c; c++)
    if (*c == ',') *c = '.';
}

gkt_status gkt_problem_temporary(gkt_problem *p, const char *suffix, const char *text, char **path) {
  const char *folder = getenv("TMPDIR");
  gkt_text name = {.ctx = p->ctx};
  size_t length = strlen(text);
  gkt_text_printf(&name, "%s/galerkit-XXXXXX%s", folder && *folder ? folder : "/tmp", suffix);
  GKT_TRY(name.status);
  int file = mkstemps(name.data, (int)strlen(suffix));
  bool written = file >= 0 && write(file, text, length) == (ssize_t)length;
  if (file >= 0 && close(file)) written = false;
  if (written) return *path = name.data, GKT_OK;
  gkt_status status = gkt_fail(p->ctx, GKT_IO, "cannot write a temporary file %s", name.data);
  if (file >= 0) unlink(name.data);
  gkt_text_free(&name);
  return status;
}

static gkt_status start_mesher(gkt_problem *p, const char *geometry, const char *msh_path) {
  const gkt_mesh_settings *m = &p->settings->mesh;
  char mesher[4096], size[32], min_size[32], order[16], curvature[16], text[16384], how[120];
  find_mesher(p, mesher, sizeof mesher);
  write_number(m->size, size, sizeof size);
  write_number(m->min_size, min_size, sizeof min_size);
  snprintf(order, sizeof order, "%d", m->order);
  snprintf(curvature, sizeof curvature, "%d", m->curvature);
  char *argv[24] = {mesher, (char *)geometry, "-o", (char *)msh_path};
  int n = 4;
  if (m->order > 0) argv[n++] = "--order", argv[n++] = order;
  if (m->unit) argv[n++] = "--unit", argv[n++] = m->unit;
  if (m->size > 0) argv[n++] = "--size", argv[n++] = size;
  if (m->min_size > 0) argv[n++] = "--min-size", argv[n++] = min_size;
  if (m->curvature > 0) argv[n++] = "--curvature", argv[n++] = curvature;
  int code = spawn_and_wait(argv, text, sizeof text);
  if (code < 0) return gkt_problem_refuse(p, GKT_LIBRARY, &m->from, "cannot start the mesher %s: %s", mesher, text);
  const char *message = relay(p, text);
  if (code == 0) return GKT_OK;
  if (WIFSIGNALED(code)) snprintf(how, sizeof how, "the mesher was ended by a signal (%s)", strsignal(WTERMSIG(code)));
  else snprintf(how, sizeof how, "the mesher failed with exit status %d", WEXITSTATUS(code));
  if (!message) return gkt_problem_refuse(p, GKT_LIBRARY, &m->from, "%s and without a word", how);
  if (WIFSIGNALED(code) || WEXITSTATUS(code) > 2) return gkt_problem_refuse(p, GKT_LIBRARY, &m->from, "%s; the last it said: %s", how, message);
  return gkt_problem_refuse(p, WEXITSTATUS(code) == 2 ? GKT_BAD_INPUT : GKT_LIBRARY, &m->from, "%s", message);
}

gkt_status gkt_problem_mesh_geometry(gkt_problem *p, const char *msh_path) {
  const gkt_mesh_settings *m = &p->settings->mesh;
  char *script = NULL;
  if (m->kind != GKT_MESH_GEOMETRY) return gkt_problem_refuse(p, GKT_BAD_INPUT, &m->from, "no geometry; expected mesh: {geometry: FILE, size: ..}");
  if (!p->script) return start_mesher(p, m->path, msh_path);
  GKT_TRY(gkt_problem_temporary(p, ".geo", p->script, &script));
  gkt_status status = start_mesher(p, script, msh_path);
  unlink(script);
  gkt_free(&script);
  return status;
}
