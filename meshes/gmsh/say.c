#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mesher.h"

static FILE *user, *errors;

static FILE *copy_of(int stream) {
  const int copy = fcntl(stream, F_DUPFD_CLOEXEC, 3);
  return copy >= 0 ? fdopen(copy, "w") : NULL;
}

void say_begin(void) { user = copy_of(STDOUT_FILENO), errors = copy_of(STDERR_FILENO); }

static void line(FILE *f, const char *head, const char *format, va_list args) {
  if (!f) return;
  fputs(head, f);
  vfprintf(f, format, args);
  fputs("\n", f);
  fflush(f);
}

#define LINE(f, head)            \
  do {                           \
    va_list args;                \
    va_start(args, format);      \
    line(f, head, format, args); \
    va_end(args);                \
  } while (0)

int say_stream(void) { return errors ? fileno(errors) : -1; }
void say(const char *format, ...) { LINE(user, ""); }
void notice(const options *o, const char *format, ...) {
  if (!o->quiet) LINE(errors, "galerkit-mesh: notice: ");
}
void warning(const char *format, ...) { LINE(errors, "galerkit-mesh: warning: "); }

static void last_word(const char *format, va_list args) {
  char text[6000];
  vsnprintf(text, sizeof text, format, args);
  if (watch_message(text) || !errors) return;
  fprintf(errors, "galerkit-mesh: %s\n", text);
  fflush(errors);
}
verdict refuse(const char *format, ...) {
  va_list args;
  va_start(args, format);
  last_word(format, args);
  va_end(args);
  return REFUSED;
}
verdict fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  last_word(format, args);
  va_end(args);
  return FAILED;
}

const char *gmsh_error(void) { return "\1"; }
