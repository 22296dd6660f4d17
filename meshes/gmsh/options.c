#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesher.h"

void print_usage(void) {
  say("usage: galerkit-mesh GEOMETRY -o OUT.msh [options]     mesh a STEP, IGES, BREP or .geo file\n"
      "       galerkit-mesh --list GEOMETRY                   show the numbers of its solids, faces, edges and points\n"
      "\n"
      "  -o FILE             the mesh, MSH 4.1 binary, in metres\n"
      "  --size S            target edge length in metres (default: 1/20 of the diagonal; a .geo file's own sizes). A .geo file reads it as Mesh.MeshSizeMax\n"
      "  --min-size S        lower bound where curvature refines (default: size/10)\n"
      "  --curvature N       edges per full circle on curved faces (default: off)\n"
      "  --refine-at x,y,z,r,S   edges of length S within r of (x,y,z), metres; may be repeated\n"
      "  --order 1|2         straight or curved elements (default: 1; .geo: its Mesh.ElementOrder)\n"
      "  --dim 1|2|3         curves, surfaces or solids (default: 3; .geo: the highest dimension in it)\n"
      "  --unit m|mm|cm|in   unit of the numbers in a BREP or .geo file (default: m). STEP and IGES files state their own, which is used\n"
      "  --quiet             warnings and errors only\n"
      "  --help, --version\n"
      "\n"
      "Options that a .geo file sets are kept (Mesh.RecombineAll, Mesh.Algorithm, ..), and so is a mesh that it makes itself (Mesh 3; RefineMesh;).\n"
      "A .geo file is a program that Gmsh runs: open only those that you trust.\n"
      "Exit status: 0 done; 1 accepted, but no mesh; 2 refused.");
}

static bool read_number(const char **text, double *out) {
  char *end;
  if (isspace((unsigned char)**text) || **text == 0) return false;
  *out = strtod(*text, &end);
  if (end == *text || !isfinite(*out)) return false;
  *text = end;
  return true;
}

static verdict take_length(const char *name, const char *text, double *out) {
  const char *at = text;
  if (!read_number(&at, out) || *at || !(*out > 0)) return refuse("%s %s: a length above 0, in metres, was expected", name, text);
  return DONE;
}

static verdict take_count(const char *name, const char *text, int low, int high, int *out) {
  char *end;
  const long n = strtol(text, &end, 10);
  if (end == text || *end || n < low || n > high) return refuse("%s %s: a whole number from %d to %d was expected", name, text, low, high);
  *out = (int)n;
  return DONE;
}

static verdict take_ball(const char *text, options *o) {
  double v[5];
  const char *at = text;
  if (o->num_balls == MAX_BALLS) return refuse("--refine-at: at most %d are possible", MAX_BALLS);
  for (int i = 0; i < 5; i++)
    if (!read_number(&at, v + i) || *at++ != (i < 4 ? ',' : 0)) return refuse("--refine-at %s: five numbers x,y,z,radius,size in metres were expected", text);
  if (!(v[3] > 0) || !(v[4] > 0)) return refuse("--refine-at %s: radius and size must be above 0", text);
  o->balls[o->num_balls++] = (ball){{v[0], v[1], v[2]}, v[3], v[4]};
  return DONE;
}

static verdict take_unit(const char *text, options *o) {
  if (unit_in_metres(text) == 0) return refuse("--unit %s: m, mm, cm or in was expected", text);
  o->unit = text;
  return DONE;
}

static verdict take_value(const char *name, const char *text, options *o) {
  if (!strcmp(name, "--size")) return take_length(name, text, &o->size);
  if (!strcmp(name, "--min-size")) return take_length(name, text, &o->min_size);
  if (!strcmp(name, "--curvature")) return take_count(name, text, 0, 1000, &o->curvature);
  if (!strcmp(name, "--order")) return take_count(name, text, 1, 2, &o->order);
  if (!strcmp(name, "--dim")) return take_count(name, text, 1, 3, &o->dim);
  if (!strcmp(name, "--unit")) return take_unit(text, o);
  if (!strcmp(name, "--refine-at")) return take_ball(text, o);
  o->output = text;
  return DONE;
}

static bool takes_value(const char *name) {
  static const char *const names[] = {"-o", "--size", "--min-size", "--curvature", "--order", "--dim", "--unit", "--refine-at"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(name, names[i])) return true;
  return false;
}

static verdict take_word(const char *word, options *o) {
  if (!strcmp(word, "--list")) o->list = true;
  else if (!strcmp(word, "--quiet")) o->quiet = true;
  else if (!strcmp(word, "--help") || !strcmp(word, "-h")) o->help = true;
  else if (!strcmp(word, "--version")) o->version = true;
  else if (word[0] == '-' && word[1])
    return refuse("%s: unknown option of `galerkit mesh`; expected -o, --list, --size, --min-size, --curvature, --refine-at, --order, --dim, --unit, --quiet, --help or --version",
                  word);
  else if (o->input) return refuse("two geometry files are named, %s and %s; one was expected", o->input, word);
  else o->input = word;
  return DONE;
}

verdict options_parse(int argc, char **argv, options *o) {
  *o = (options){0};
  for (int i = 1; i < argc; i++) {
    const bool valued = takes_value(argv[i]);
    if (valued && i + 1 == argc) return refuse("%s: a value was expected after it", argv[i]);
    const verdict v = valued ? take_value(argv[i], argv[i + 1], o) : take_word(argv[i], o);
    if (v != DONE) return v;
    i += valued;
  }
  if (o->help || o->version) return DONE;
  if (!o->input) return refuse("no geometry file is named; see galerkit-mesh --help");
  if (!o->output && !o->list) return refuse("-o OUT.msh is missing");
  if (o->output && !*o->output) return refuse("-o: the name of a file was expected");
  if (o->size > 0 && o->min_size > o->size) return refuse("--min-size %g is above --size %g", o->min_size, o->size);
  return DONE;
}
