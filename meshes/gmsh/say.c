#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <gmshc.h>

#include "mesher.h"

static FILE *user;

void say_begin(void) {
  const int copy = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
  if (copy >= 0) user = fdopen(copy, "w");
  if (nowhere >= 0) {
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
  }
}

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

void say(const char *format, ...) { LINE(user, ""); }
void notice(const options *o, const char *format, ...) {
  if (!o->quiet) LINE(stderr, "galerkit-mesh: notice: ");
}
void warning(const char *format, ...) { LINE(stderr, "galerkit-mesh: warning: "); }
verdict refuse(const char *format, ...) {
  LINE(stderr, "galerkit-mesh: ");
  return REFUSED;
}
verdict fail(const char *format, ...) {
  LINE(stderr, "galerkit-mesh: ");
  return FAILED;
}

const char *gmsh_error(void) {
  static char text[1000];
  char *message = NULL;
  int error;
  gmshLoggerGetLastError(&message, &error);
  snprintf(text, sizeof text, "%s", !error && message && *message ? message : "Gmsh gives no reason");
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = ' ';
  gmshFree(message);
  return text;
}
