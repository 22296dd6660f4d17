#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const struct option known[] = {
    {"set", required_argument, NULL, 's'},     {"backend", required_argument, NULL, 'b'}, {"threads", required_argument, NULL, 't'}, {"out", required_argument, NULL, 'd'},
    {"report", required_argument, NULL, 'r'},  {"quiet", no_argument, NULL, 'q'},         {"verbose", no_argument, NULL, 'v'},       {"output", required_argument, NULL, 'o'},
    {"field", required_argument, NULL, 'f'},   {"view", required_argument, NULL, 'w'},    {"help", no_argument, NULL, 'h'},          {0}};

int cli_refuse(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "galerkit: ");
  vfprintf(stderr, format, args);
  fprintf(stderr, "\n");
  va_end(args);
  return EXIT_REFUSED;
}

static bool parse_backend(const char *text, gkt_backend *out) {
  if (!strcmp(text, "cpu")) *out = GKT_BACKEND_CPU;
  else if (!strcmp(text, "interpreter")) *out = GKT_BACKEND_INTERPRETER;
  else if (!strcmp(text, "cuda")) *out = GKT_BACKEND_CUDA;
  else return cli_refuse("--backend %s: unknown; expected cpu, interpreter or cuda", text), false;
  if (*out == GKT_BACKEND_CUDA) return cli_refuse("--backend cuda: not available yet; expected cpu or interpreter"), false;
  return true;
}

static bool parse_threads(const char *text, int *out) {
  char *end;
  long n = strtol(text, &end, 10);
  if (*end || end == text || n < 1 || n > 4096) return cli_refuse("--threads %s: expected a number of threads, 1 to 4096", text), false;
  *out = (int)n;
  return true;
}

static bool take(int letter, const char *value, cli_options *o) {
  switch (letter) {
  case 's': o->sets[o->num_sets++] = value; break;
  case 'b': return parse_backend(value, &o->context.backend);
  case 't': return parse_threads(value, &o->context.threads);
  case 'd': o->out_dir = value; break;
  case 'r': o->report = value; break;
  case 'q': o->quiet = true; break;
  case 'v': o->verbose = true; break;
  case 'o': o->output = value; break;
  case 'f': o->field = value; break;
  case 'w': o->view = value; break;
  default: o->help = true;
  }
  return true;
}

static bool join(int argc, char **argv, char *out, size_t size) {
  size_t used = 0;
  for (int i = 0; i < argc; i++) used += (size_t)snprintf(out + used, used < size ? size - used : 0, "%s%s", i ? " " : "", argv[i]);
  if (used < size) return true;
  cli_refuse("the options after -- are longer than %zu characters", size - 1);
  return false;
}

static const char *long_name(int letter) {
  for (const struct option *o = known; o->name; o++)
    if (o->val == letter) return o->name;
  return "?";
}

bool cli_parse(int argc, char **argv, const char *command, const char *allowed, cli_options *out) {
  int own = 1, letter;
  *out = (cli_options){.context = gkt_context_options_default()};
  out->context.log = cli_log, out->context.log_user = out;
  while (own < argc && strcmp(argv[own], "--")) own++;
  if (own < argc && !join(argc - own - 1, argv + own + 1, out->petsc_options, sizeof out->petsc_options)) return false;
  if (!(out->sets = calloc((size_t)argc + 1, sizeof *out->sets))) return cli_refuse("out of memory"), false;
  opterr = 0, optind = 1;
  while ((letter = getopt_long(own, argv, ":o:h", known, NULL)) != -1) {
    if (letter == ':') return cli_refuse("%s: needs a value; see `galerkit --help`", argv[optind - 1]), false;
    if (letter == '?') return cli_refuse("%s: unknown or ambiguous option of `galerkit %s`; see `galerkit --help`", argv[optind - 1], command), false;
    if (letter != 'h' && !strchr(allowed, letter)) return cli_refuse("--%s: not an option of `galerkit %s`; see `galerkit --help`", long_name(letter), command), false;
    if (!take(letter, optarg, out)) return false;
  }
  if (out->help) return true;
  if (optind + 1 < own) return cli_refuse("%s: one file is expected, %s is given already", argv[optind + 1], argv[optind]), false;
  out->file = optind < own ? argv[optind] : NULL;
  return true;
}
