/* Units of length. A STEP file states its own in an entity like  ( LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.) )  or, for inches,
   ( CONVERSION_BASED_UNIT('INCH',#51) LENGTH_UNIT() NAMED_UNIT(#52) ), which then refers to an SI unit further on (ISO 10303-41). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesher.h"

double unit_in_metres(const char *unit) {
  static const struct {
    const char *name;
    double metres;
  } units[] = {{"m", 1}, {"mm", 1e-3}, {"cm", 1e-2}, {"in", 0.0254}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (!strcmp(unit, units[i].name)) return units[i].metres;
  return 0;
}

/* The next entity, to its ';', without white space and cut to `room`; false at the end of the file. */
static bool next_entity(FILE *f, char *text, size_t room) {
  size_t n = 0;
  int c;
  while ((c = fgetc(f)) != EOF && c != ';')
    if (c > ' ' && n + 1 < room) text[n++] = (char)c;
  text[n] = 0;
  return c != EOF;
}

static const char *unit_of_entity(const char *text) {
  static const struct {
    const char *words, *name;
  } units[] = {
      {"SI_UNIT(.MILLI.,.METRE.)", "mm"}, {"SI_UNIT(.CENTI.,.METRE.)", "cm"}, {"SI_UNIT($,.METRE.)", "m"}, {"SI_UNIT(.MICRO.,.METRE.)", "um"}, {"'INCH'", "in"}, {"'FOOT'", "ft"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strstr(text, units[i].words)) return units[i].name;
  return NULL;
}

const char *step_unit(const char *path) {
  char text[512];
  const char *si = NULL, *converted = NULL;
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  while (!converted && next_entity(f, text, sizeof text)) {
    if (!strstr(text, "LENGTH_UNIT()")) continue;
    if (strstr(text, "CONVERSION_BASED_UNIT")) converted = unit_of_entity(text);
    else if (!si) si = unit_of_entity(text);
  }
  fclose(f);
  return converted ? converted : si;
}
