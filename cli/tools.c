/* mesh, plot, devices */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "cli/cli.h"

/* All arguments go to the separate program, beside this one or on $PATH. */
int cli_mesh(int argc, char **argv) {
  char self[3072], beside[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  (void)argc;
  argv[0] = "galerkit-mesh";
  self[n > 0 ? n : 0] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  snprintf(beside, sizeof beside, "%s/galerkit-mesh", self);
  execv(beside, argv);
  execvp(argv[0], argv);
  cli_refuse("cannot start galerkit-mesh: %s; it is built where the Gmsh library (libgmsh-dev) is found", strerror(errno));
  return EXIT_NO_ANSWER;
}

int cli_plot(int argc, char **argv) {
  cli_options o;
  gkt_context *ctx = NULL;
  int code = EXIT_REFUSED;
  if (!cli_parse(argc, argv, "plot", "ofwqv", &o)) goto done;
  if (!o.file || !o.output) {
    cli_refuse("plot: expected FILE.vtu -o OUT.png");
    goto done;
  }
  if (gkt_context_create(&o.context, &ctx)) goto done;
  gkt_picture_options options = {.title = o.file, .view = o.view};
  code = cli_exit_status(ctx, gkt_picture_from_vtu(ctx, o.file, o.field, o.output, &options));
done:
  if (ctx) gkt_context_destroy(&ctx);
  free(o.sets);
  return code;
}

int cli_devices(int argc, char **argv) {
  cli_options o;
  int code = EXIT_REFUSED;
  if (!cli_parse(argc, argv, "devices", "", &o)) goto done;
  printf("cpu          %ld cores\n", sysconf(_SC_NPROCESSORS_ONLN));
  printf("interpreter  the same cores, no compiler needed\n");
  printf("cuda         not available yet\n");
  code = EXIT_DONE;
done:
  free(o.sets);
  return code;
}
