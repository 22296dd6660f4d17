/* The C compiler as a process: found in $CC or as cc, identified for the cache key, run without a shell. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/compile.h"

extern char **environ;

/* Without errno and traps of the mathematics library, roots and selections vectorize; values stay the same. Functions must be the library's, as in the interpreter: compilers
   know identities such as sin(atan(a)) = a/sqrt(1+a*a) that change the last bits. */
#define LIBRARY(name) "-fno-builtin-" #name
static const char *const flags[] = {"-std=c11",    "-O3",         "-march=native", "-ffp-contract=off", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math", "-w",
                                    "-fPIC",       "-shared",     LIBRARY(pow),    LIBRARY(exp),        LIBRARY(log),    LIBRARY(sin),      LIBRARY(cos),         LIBRARY(tan),
                                    LIBRARY(asin), LIBRARY(acos), LIBRARY(atan),   LIBRARY(atan2),      LIBRARY(sinh),   LIBRARY(cosh),     LIBRARY(tanh),        LIBRARY(erf)};
enum { NUM_FLAGS = sizeof flags / sizeof *flags };

static bool is_program(const char *path, char resolved[4096]) {
  char *real = realpath(path, NULL);
  struct stat info;
  bool found = real && strlen(real) < 4096 && stat(real, &info) == 0 && S_ISREG(info.st_mode) && access(real, X_OK) == 0;
  if (found) strcpy(resolved, real);
  free(real);
  return found;
}

static bool search_path(const char *name, char resolved[4096]) {
  const char *folder = getenv("PATH");
  if (strchr(name, '/')) return is_program(name, resolved);
  for (const char *end; folder && *folder; folder = *end ? end + 1 : end) {
    char candidate[4096];
    end = folder + strcspn(folder, ":");
    if (end > folder && snprintf(candidate, sizeof candidate, "%.*s/%s", (int)(end - folder), folder, name) < (int)sizeof candidate && is_program(candidate, resolved)) return true;
  }
  return false;
}

static void cut(const char *variable, const char *otherwise, gkt_words *out) {
  const char *given = getenv(variable);
  char *rest = NULL;
  out->num_words = 0;
  snprintf(out->text, sizeof out->text, "%s", given && given[strspn(given, " \t")] ? given : otherwise);
  for (char *word = strtok_r(out->text, " \t", &rest); word && out->num_words < GKT_COMPILER_WORDS; word = strtok_r(NULL, " \t", &rest)) out->words[out->num_words++] = word;
}

bool gkt_compiler_find(gkt_compiler *out) {
  cut("CC", "cc", &out->command);
  cut("GKT_CFLAGS", "", &out->last);
  return search_path(out->command.words[0], out->path);
}

/* The lines of /proc/cpuinfo that decide what -march=native means, of its first processor. */
static void hash_processor(gkt_hash *hash) {
  static const char *const keys[] = {"vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU "};
  struct utsname name;
  char *line = NULL;
  size_t size = 0;
  if (uname(&name) == 0) gkt_hash_add(hash, name.machine, strlen(name.machine));
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (!file) return;
  while (getline(&line, &size, file) > 1)
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
      if (strncmp(line, keys[i], strlen(keys[i])) == 0) gkt_hash_add(hash, line, strlen(line));
  free(line);
  fclose(file);
}

static void hash_words(const gkt_words *w, gkt_hash *hash) {
  for (int i = 0; i < w->num_words; i++) gkt_hash_add(hash, w->words[i], strlen(w->words[i]));
}

void gkt_compiler_hash(const gkt_compiler *compiler, gkt_hash *hash) {
  struct stat info = {0};
  if (stat(compiler->path, &info) == 0) {
    const int64_t identity[3] = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
    gkt_hash_add(hash, identity, sizeof identity);
  }
  gkt_hash_add(hash, compiler->path, strlen(compiler->path));
  hash_words(&compiler->command, hash);
  for (int i = 0; i < NUM_FLAGS; i++) gkt_hash_add(hash, flags[i], strlen(flags[i]));
  hash_words(&compiler->last, hash);
  hash_processor(hash);
}

static void read_errors(int file, char *errors, size_t size) {
  ssize_t n = lseek(file, 0, SEEK_SET) == 0 ? read(file, errors, size - 1) : 0;
  errors[n > 0 ? n : 0] = 0;
}

static int wait_for(pid_t process) {
  int result = -1;
  while (waitpid(process, &result, 0) < 0)
    if (errno != EINTR) return errno == ECHILD ? 0 : -1; /* ECHILD: the program ignores SIGCHLD; the result is checked by its content */
  return result;
}

/* Standard input is empty; what the compiler prints goes to the file `messages`. */
static int spawn(const char *path, char *const *arguments, int messages) {
  posix_spawn_file_actions_t actions;
  pid_t process = -1;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (!error) error = posix_spawn_file_actions_adddup2(&actions, messages, 1);
  if (!error) error = posix_spawn_file_actions_adddup2(&actions, messages, 2);
  gkt_environment_lock();
  if (!error) error = posix_spawn(&process, path, &actions, NULL, arguments, environ);
  gkt_environment_unlock();
  posix_spawn_file_actions_destroy(&actions);
  return error ? error : wait_for(process) == 0 ? 0 : -1;
}

bool gkt_compiler_run(const gkt_compiler *compiler, const char *source_path, const char *object_path, char *errors, size_t size) {
  char *arguments[2 * GKT_COMPILER_WORDS + NUM_FLAGS + 8];
  const char *last[] = {"-o", object_path, source_path, "-lm"};
  int n = 0, messages = memfd_create("messages", MFD_CLOEXEC);
  for (int i = 0; i < compiler->command.num_words; i++) arguments[n++] = compiler->command.words[i];
  for (int i = 0; i < NUM_FLAGS; i++) arguments[n++] = (char *)flags[i];
  for (int i = 0; i < compiler->last.num_words; i++) arguments[n++] = compiler->last.words[i];
  for (int i = 0; i < 4; i++) arguments[n++] = (char *)last[i];
  arguments[n] = NULL;
  int error = messages < 0 ? errno : spawn(compiler->path, arguments, messages);
  if (error > 0) snprintf(errors, size, "%s", strerror(error));
  else read_errors(messages, errors, size);
  if (messages >= 0) close(messages);
  return error == 0;
}
