#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"

static const struct {
  char letter;
  const char *name; /* as given; what it takes */
  const char *value;
} known[] = {{'s', "--set", "a.b=value"},
             {'b', "--backend", "cpu, interpreter or cuda"},
             {'m', "--reduce", "auto, fused, segmented or spmm"},
             {'t', "--threads", "a number"},
             {'d', "--out", "a folder"},
             {'r', "--report", "a file"},
             {'o', "-o", "a file"},
             {'f', "--field", "a name"},
             {'w', "--view", "iso, xy, xz or yz"},
             {'i', "--isolines", "a number"},
             {'c', "--section", "a plane such as x=0.5"},
             {'p', "--warp", "a number"},
             {'R', "--repeat", "a number"},
             {'j', "--json", "a file"},
             {'C', "--case", "a name"},
             {'B', "--sets", "a number"},
             {'S', "--size", "a number"},
             {'A', "--architecture", "80, 90 or 100"},
             {'N', "--items", "a number"},
             {'e', "--edges", NULL},
             {'q', "--quiet", NULL},
             {'v', "--verbose", NULL}};
enum { NUM_KNOWN = sizeof known / sizeof *known };

int cli_refuse(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "galerkit: ");
  vfprintf(stderr, format, args);
  fprintf(stderr, "\n");
  va_end(args);
  return EXIT_REFUSED;
}

/* ---- what is near ---- */
/* What other programs call it. */
static const char *known_elsewhere(const char *word) {
  static const char *const words[][2] = {{"gpu", "cuda"}, {"nvidia", "cuda"}, {"device", "cuda"}, {"host", "cpu"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcasecmp(word, words[i][0])) return words[i][1];
  return word;
}

const char *cli_near(const char *word, int count, const char *const *candidates) {
  static char text[64];
  const char *near = gkt_nearest_word(word, count, candidates);
  snprintf(text, sizeof text, near ? "; did you mean %s?" : "%s", near ? near : "");
  return text;
}

/* ---- values ---- */
static bool take_backend(const char *text, gkt_backend *out) {
  static const char *const names[] = {"cpu", "interpreter", "cuda"}; /* in the order of gkt_backend, from GKT_BACKEND_CPU on */
  int i = 0;
  while (i < 3 && strcmp(text, names[i])) i++;
  if (i == 3) return cli_refuse("--backend %s: unknown%s; expected cpu, interpreter or cuda", text, cli_near(known_elsewhere(text), 3, names)), false;
  *out = (gkt_backend)(GKT_BACKEND_CPU + i);
  return true;
}

static bool take_reduce(const char *text, gkt_reduce_strategy *out) {
  static const char *const names[] = {"auto", "fused", "segmented", "spmm"}; /* in the order of gkt_reduce_strategy */
  int i = 0;
  while (i < 4 && strcmp(text, names[i])) i++;
  if (i == 4) return cli_refuse("--reduce %s: unknown%s; expected auto, fused, segmented or spmm", text, cli_near(text, 4, names)), false;
  *out = (gkt_reduce_strategy)i;
  return true;
}

static bool take_count(const char *name, const char *text, int low, int high, int *out) {
  char *end;
  long n = strtol(text, &end, 10);
  if (*end || end == text || n < low || n > high) return cli_refuse("%s %s: expected a whole number from %d to %d", name, text, low, high), false;
  *out = (int)n;
  return true;
}

static bool take_architecture(const char *text, int *out) {
  *out = atoi(text);
  if (!strcmp(text, "80") || !strcmp(text, "90") || !strcmp(text, "100")) return true;
  return cli_refuse("--architecture %s: expected 80, 90 or 100", text), false;
}

static bool take_warp(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return (!*end && end != text && isfinite(*out)) || (cli_refuse("--warp %s: expected a number", text), false);
}

static bool take_view(const char *text, const char **out) {
  static const char *const names[] = {"iso", "xy", "xz", "yz"};
  *out = text;
  for (int i = 0; i < 4; i++)
    if (!strcmp(text, names[i])) return true;
  return cli_refuse("--view %s: unknown%s; expected iso, xy, xz or yz", text, cli_near(text, 4, names)), false;
}

static bool take(char letter, const char *value, cli_options *o) {
  switch (letter) {
  case 's': o->sets[o->num_sets++] = value; break;
  case 'b': return take_backend(value, &o->context.backend);
  case 'm': return take_reduce(value, &o->context.reduce);
  case 't': return take_count("--threads", value, 1, 4096, &o->context.threads);
  case 'd': o->out_dir = value; break;
  case 'r': o->report = value; break;
  case 'o': o->output = value; break;
  case 'f': o->field = value; break;
  case 'w': return take_view(value, &o->view);
  case 'i': return take_count("--isolines", value, 0, 100, &o->isolines);
  case 'c': o->section = value; break;
  case 'p': return take_warp(value, &o->warp);
  case 'R': return take_count("--repeat", value, 1, 10000, &o->repeat);
  case 'B': return take_count("--sets", value, 1, 10000, &o->bench_sets);
  case 'S': return take_count("--size", value, 1, 1000, &o->size);
  case 'N': return take_count("--items", value, 1, 100000000, &o->items);
  case 'A': return take_architecture(value, &o->architecture);
  case 'j': o->json = value; break;
  case 'C': o->bench_case = value; break;
  case 'e': o->edges = true; break;
  case 'q': o->quiet = true; break;
  case 'v': o->verbose = true; break;
  }
  return true;
}

/* ---- words ---- */
static bool refuse_option(const char *word, size_t length, const char *command, const char *allowed) {
  const char *names[NUM_KNOWN + 1] = {"--help"};
  char name[64];
  int count = 1;
  bool elsewhere = false;
  snprintf(name, sizeof name, "%.*s", (int)length, word);
  for (int i = 0; i < NUM_KNOWN; i++) {
    elsewhere |= !strcmp(name, known[i].name);
    if (strchr(allowed, known[i].letter)) names[count++] = known[i].name;
  }
  cli_refuse("%s: %s `galerkit %s`%s; see `galerkit --help`", name, elsewhere ? "not an option of" : "unknown option of", command, elsewhere ? "" : cli_near(name, count, names));
  return false;
}

/* One option and its value: `--name value` or `--name=value`. *at moves to the last word used. */
static bool take_option(int argc, char **argv, int *at, const char *allowed, cli_options *o) {
  const char *word = argv[*at], *value = NULL;
  size_t length = strcspn(word, "=");
  int i = 0;
  while (i < NUM_KNOWN && (strlen(known[i].name) != length || strncmp(word, known[i].name, length) || !strchr(allowed, known[i].letter))) i++;
  if (i == NUM_KNOWN) return refuse_option(word, length, argv[0], allowed);
  if (word[length] && !known[i].value) return cli_refuse("%s: %s takes no value", word, known[i].name), false;
  if (word[length]) value = word + length + 1;
  else if (known[i].value && *at + 1 < argc && strncmp(argv[*at + 1], "--", 2)) value = argv[++*at];
  if (known[i].value && (!value || !*value)) return cli_refuse("%s: a value is missing; expected %s", known[i].name, known[i].value), false;
  return take(known[i].letter, value, o);
}

static bool join(int argc, char **argv, char *out, size_t size) {
  size_t used = 0;
  for (int i = 0; i < argc; i++) {
    const char *quote = strpbrk(argv[i], " \t") ? "\"" : ""; /* the shell took it off */
    used += (size_t)snprintf(out + used, used < size ? size - used : 0, "%s%s%s%s", i ? " " : "", quote, argv[i], quote);
  }
  if (used < size) return true;
  cli_refuse("the options after -- are longer than %zu characters", size - 1);
  return false;
}

static bool take_words(int argc, char **argv, const char *allowed, const char *file, cli_options *o) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--")) {
      if (!strchr(allowed, '-')) return cli_refuse("--: `galerkit %s` takes no options of PETSc", argv[0]), false;
      if (!join(argc - i - 1, argv + i + 1, o->petsc_options, sizeof o->petsc_options)) return false;
      break;
    }
    if (argv[i][0] == '-' && argv[i][1]) {
      if (!take_option(argc, argv, &i, allowed, o)) return false;
    } else if (!file) return cli_refuse("%s: `galerkit %s` takes no file", argv[i], argv[0]), false;
    else if (o->file) return cli_refuse("%s: a second file; expected one, and %s is given already", argv[i], o->file), false;
    else o->file = argv[i];
  }
  if (file && !o->file && !strchr(allowed, '?')) return cli_refuse("%s: expected %s; see `galerkit --help`", argv[0], file), false;
  return true;
}

bool cli_parse(int argc, char **argv, const char *allowed, const char *file, cli_options *out, int *code) {
  *out = (cli_options){.context = gkt_context_options_default()};
  out->context.log = cli_log, out->context.log_user = out;
  for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
    if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return *code = cli_help(), false;
  *code = EXIT_NO_ANSWER;
  if (!(out->sets = calloc((size_t)argc + 1, sizeof *out->sets))) return cli_refuse("out of memory"), false;
  *code = EXIT_REFUSED;
  return take_words(argc, argv, allowed, file, out);
}
