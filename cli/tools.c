/* mesh, bench, plot, devices */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/cli.h"

static bool is_problem_file(const char *word) {
  const char *dot = strrchr(word, '.');
  return word[0] != '-' && dot && (!strcasecmp(dot, ".yaml") || !strcasecmp(dot, ".yml"));
}

/* In place of this program another one, which stands beside it or on $PATH; all arguments are its. */
static int become(char *program, char **argv, const char *origin) {
  char self[3072], beside[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  argv[0] = program;
  self[n > 0 ? n : 0] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  snprintf(beside, sizeof beside, "%s/%s", self, program);
  execv(beside, argv);
  execvp(program, argv);
  cli_refuse("cannot start %s: %s; %s", program, strerror(errno), origin);
  return EXIT_NO_ANSWER;
}

/* But for a problem file. */
int cli_mesh(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (is_problem_file(argv[i])) return cli_mesh_problem(argc, argv);
  return become("galerkit-mesh", argv, "it is built where the Gmsh library (libgmsh-dev) is found");
}

int cli_bench(int argc, char **argv) {
  (void)argc;
  return become("galerkit-bench", argv, "it is built and installed beside galerkit");
}

static bool is_png(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && !strcasecmp(dot, ".png");
}

static int plot(const cli_options *o) {
  gkt_context *ctx = NULL;
  gkt_picture_options options = {.title = o->file, .view = o->view, .section = o->section, .isolines = o->isolines, .edges = o->edges, .warp = o->warp};
  if (!o->output) return cli_refuse("plot: -o OUT.png is missing");
  if (!is_png(o->output)) return cli_refuse("-o %s: expected a name that ends in .png", o->output);
  if (gkt_context_create(&o->context, &ctx)) return cli_refuse("out of memory"), EXIT_NO_ANSWER;
  int code = cli_exit_status(ctx, gkt_output_try(ctx, o->output));
  if (!code) code = cli_exit_status(ctx, gkt_picture_from_vtu(ctx, o->file, o->field, o->output, &options));
  gkt_context_destroy(&ctx);
  return code;
}

int cli_plot(int argc, char **argv) {
  cli_options o;
  int code;
  if (cli_parse(argc, argv, "ofwicpeqv", "a .vtu file", &o, &code)) code = plot(&o);
  free(o.sets);
  return code;
}

static void list_gpus(void) {
  gkt_device_info info;
  int count = gkt_device_count();
  for (int i = 0; i < (count ? count : 1); i++) { /* where there is none, number 0 says why */
    gkt_device_describe(i, &info);
    if (!info.usable) printf("cuda         cannot be used: %s\n", info.why);
    else
      printf("cuda %-7d %s, sm_%d, %d multiprocessors, %.1f GB of memory (%.1f GB free)\n", i, info.name, info.architecture, info.num_processors, 1e-9 * (double)info.memory_bytes,
             1e-9 * (double)info.free_bytes);
  }
}

static void list_libraries(void) {
  gkt_library_info info;
  for (int i = 0; i < gkt_library_count(); i++) {
    gkt_library_describe(i, &info);
    if (info.found) printf("%-12s %s, %s (%s)\n", info.name, info.version, info.purpose, info.path);
    else printf("%-12s is not found, %s: %s\n", info.name, info.purpose, info.path);
  }
}

int cli_devices(int argc, char **argv) {
  cli_options o;
  int code;
  if (cli_parse(argc, argv, "", NULL, &o, &code)) {
    printf("cpu          %ld cores\n", sysconf(_SC_NPROCESSORS_ONLN));
    printf("interpreter  the same cores, no compiler needed\n");
    list_gpus();
    list_libraries();
    code = EXIT_DONE;
  }
  free(o.sets);
  return code;
}
