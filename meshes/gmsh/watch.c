/* Gmsh and OpenCASCADE crash on some files, end the program from inside, or take all memory. So they work in a process of their own, which this one watches: whatever becomes of
   it, temporary files go and one line says what happened. A second algorithm gets a process of its own as well: after a failure Gmsh does nothing more in the first. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mesher.h"

enum { TAIL = 16000, PATH = 4200, MESSAGE = 6000 };

typedef struct { /* shared by both processes */
  work_stage stage;
  bool may_retry; /* with the second algorithm, whatever ends the first */
  bool finished;  /* with `result`: the worker came to its end itself */
  verdict result;
  char message[MESSAGE]; /* the first that the worker failed with */
  char temporaries[2][PATH];
} state;
static state *shared;
static pid_t watcher;

static volatile sig_atomic_t worker, stopped;

static void stop(int signal) {
  stopped = signal;
  if (worker > 0) kill((pid_t)worker, SIGKILL);
}

void watch_stage(work_stage stage) { shared->stage = stage; }
void watch_retries(bool yes) { shared->may_retry = yes; }

void watch_temporary(int slot, const char *path) { snprintf(shared->temporaries[slot], PATH, "%s", path ? path : ""); }

/* Keeps the end of what Gmsh and the libraries below it print. */
static void keep(char tail[TAIL + 1], const char *text, size_t n) {
  size_t used = strlen(tail);
  for (size_t i = 0; i < n; i++) {
    if (used == TAIL) memmove(tail, tail + TAIL / 2, TAIL - TAIL / 2), used = TAIL - TAIL / 2;
    tail[used++] = text[i] ? text[i] : ' ';
  }
  tail[used] = 0;
}

/* Until the worker ends; a process that a script left behind may hold the pipe longer. Stops it where nobody listens to us any more: who started this program is gone. */
static int listen_to(int pipe, char tail[TAIL + 1]) {
  int code = 0;
  bool ended = false, open = true;
  while (open) {
    char text[1024];
    struct pollfd p[] = {{.fd = pipe, .events = POLLIN}, {.fd = say_stream()}};
    const int ready = poll(p, 2, 100);
    const ssize_t n = ready > 0 && p[0].revents ? read(pipe, text, sizeof text) : -1;
    if (ready > 0 && p[1].revents & POLLERR && !stopped) stop(SIGPIPE);
    if (n > 0) keep(tail, text, (size_t)n);
    if (n == 0 || (ended && !p[0].revents)) open = false;
    if (!ended) ended = waitpid((pid_t)worker, &code, WNOHANG) == (pid_t)worker;
  }
  while (!ended && waitpid((pid_t)worker, &code, 0) < 0 && errno == EINTR) {
  }
  return code;
}

static void say_how(const options *o, int code, const char *tail) {
  static const char *const doing[] = {"reading it", "meshing it", "writing the mesh"};
  const char *advice = shared->stage == READING ? ": the file is damaged, or holds what Gmsh cannot read" : "; another --size may help, or mending the geometry in the CAD program";
  char how[80], reason[REASON];
  printed_reason(o, tail, true, reason);
  if (WIFSIGNALED(code)) snprintf(how, sizeof how, "crashed (%s)", strsignal(WTERMSIG(code)));
  else snprintf(how, sizeof how, "ended by itself (exit status %d)", WEXITSTATUS(code));
  if (strstr(tail, "bad_alloc") || (WIFSIGNALED(code) && WTERMSIG(code) == SIGKILL)) advice = ": memory was not enough, most likely; a larger --size needs less";
  fail("%s: Gmsh %s while %s%s%s%s", o->input, how, doing[shared->stage], advice, *reason ? "; the last it said: " : "", reason);
}

bool watch_message(const char *text) {
  if (!shared || getpid() == watcher) return false;
  if (!shared->message[0]) snprintf(shared->message, sizeof shared->message, "%s", text);
  return true;
}

/* What the worker wanted to say last, with Gmsh's reason where it belongs. */
static void say_message(const options *o, const char *tail) {
  char reason[REASON];
  const char *mark = strstr(shared->message, gmsh_error());
  if (!shared->message[0]) return;
  printed_reason(o, tail, false, reason);
  if (mark) fail("%.*s%s%s", (int)(mark - shared->message), shared->message, *reason ? reason : "Gmsh gives no reason", mark + strlen(gmsh_error()));
  else fail("%s", shared->message);
}

static void work_in_process(const options *o, verdict (*work)(const options *), const int ends[2]) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(ends[1], STDOUT_FILENO), dup2(ends[1], STDERR_FILENO);
  close(ends[0]), close(ends[1]);
  shared->result = work(o);
  shared->finished = true;
  exit(shared->result);
}

static verdict attempt(const options *o, verdict (*work)(const options *)) {
  char tail[TAIL + 1] = "";
  int ends[2];
  *shared = (state){.stage = READING};
  if (pipe(ends)) return fail("cannot start a process: %s", strerror(errno));
  worker = fork();
  if (worker == 0) work_in_process(o, work, ends);
  close(ends[1]);
  if (worker < 0) {
    close(ends[0]);
    return fail("cannot start a process: %s", strerror(errno));
  }
  const int code = listen_to(ends[0], tail);
  close(ends[0]);
  for (int i = 0; i < 2; i++)
    if (shared->temporaries[i][0]) unlink(shared->temporaries[i]);
  if (WIFSIGNALED(code) && WTERMSIG(code) == SIGPIPE) stopped = SIGPIPE; /* who read the list has seen enough */
  if (stopped) return FAILED;
  if (shared->may_retry && (!shared->finished || shared->result == AGAIN)) {
    char reason[REASON];
    printed_reason(o, tail, false, reason);
    notice(o, "HXT could not fill the solids (%s); trying Delaunay", !shared->finished ? "Gmsh crashed" : *reason ? reason : "Gmsh gives no reason");
    return AGAIN;
  }
  if (shared->finished) say_message(o, tail);
  if (shared->finished) return shared->result;
  say_how(o, code, tail);
  return shared->stage == READING ? REFUSED : FAILED;
}

int watch(const options *given, verdict (*work)(const options *)) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  options o = *given;
  watcher = getpid();
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return fail("out of memory");
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &(struct sigaction){.sa_handler = stop}, NULL);
  verdict v = attempt(&o, work);
  if (v == AGAIN && !stopped) {
    o.delaunay = true;
    v = attempt(&o, work);
  }
  if (!stopped) return v;
  if (stopped != SIGPIPE) fail("%s: stopped", o.input);
  return 128 + stopped;
}
