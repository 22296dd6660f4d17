/* The text of the last error of each kind. */
#include <stdarg.h>
#include <stdio.h>

#include "tests/emulated/emulator.h"

static char texts[8][1024];

int emu_error(int code, const char *format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(texts[code], sizeof texts[code], format, list);
  va_end(list);
  return code;
}

const char *emu_text(int error) { return error > 0 && error < 8 && texts[error][0] ? texts[error] : "no error of the emulated device"; }
