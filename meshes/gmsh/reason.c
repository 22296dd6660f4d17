/* What Gmsh and the libraries below it printed, as a reason in one line. */
#include <stdio.h>
#include <string.h>

#include "mesher.h"

enum { LINES = 3, LINE = 400 };

static bool names_error(const char *line) {
  static const char *const words[] = {"Error ", "Fatal ", "ERR ", "terminate called", "what():", "out of memory"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strstr(line, words[i])) return true;
  return false;
}

/* The next line without colours, stars and Gmsh's heading, single blanks, the copy's path as the file's own; NULL at the end. */
static const char *next_line(const options *o, const char *text, char line[LINE]) {
  static const char copy[] = "/tmp/galerkit-mesh-";
  size_t n = 0;
  if (!*text) return NULL;
  for (; *text && *text != '\n'; text++) {
    if (*text == '\033') text += strcspn(text, "m\n") - (text[strcspn(text, "m\n")] != 'm');
    else if (!strncmp(text, copy, sizeof copy - 1)) {
      if (n + strlen(o->input) < LINE) n += (size_t)sprintf(line + n, "%s", o->input);
      text += strcspn(text, "' \n") - 1;
    } else if (strchr(" \t\r*", *text)) {
      if (n && line[n - 1] != ' ' && n + 1 < LINE) line[n++] = ' ';
    } else if (n + 1 < LINE) line[n++] = *text;
  }
  while (n && line[n - 1] == ' ') n--;
  line[n] = 0;
  return text + (*text == '\n');
}

static const char *without_head(const char *line) {
  static const char *const heads[] = {"Error : ", "Fatal : ", "Info : ", "Warning : "};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    if (!strncmp(line, heads[i], strlen(heads[i]))) return line + strlen(heads[i]);
  return line;
}

void printed_reason(const options *o, const char *printed, bool any, char reason[REASON]) {
  char line[LINE], kept[LINES][LINE] = {""};
  int n = 0;
  for (const char *text = printed; (text = next_line(o, text, line));) {
    if (!*line || (!any && !names_error(line))) continue;
    if (n && !strcmp(kept[(n - 1) % LINES], without_head(line))) continue;
    strcpy(kept[n++ % LINES], without_head(line));
  }
  reason[0] = 0;
  for (int i = n > LINES ? n - LINES : 0; i < n; i++) strcat(strcat(reason, *reason ? "; " : ""), kept[i % LINES]);
}
