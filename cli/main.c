#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char help[] = "galerkit: partial differential equations from their weak form\n"
                           "\n"
                           "  galerkit run FILE.yaml [--set a.b=value]... [--backend cpu|interpreter|cuda] [--threads N]\n"
                           "                         [--reduce auto|fused|segmented|spmm] [--out DIR] [--report FILE.json]\n"
                           "                         [--quiet] [--verbose] [-- PETSC_OPTIONS]\n"
                           "  galerkit check FILE.yaml [--set a.b=value]... [--out DIR]   everything but assembling and solving\n"
                           "  galerkit mesh GEOMETRY -o OUT.msh [--size S] ...  mesh a STEP, IGES, BREP or .geo file\n"
                           "  galerkit mesh FILE.yaml [-o OUT.msh]              mesh the geometry of a problem file, as `run` would\n"
                           "  galerkit mesh --list GEOMETRY                     the numbers of its faces, edges and solids\n"
                           "  galerkit plot FILE.vtu -o OUT.png [--field u] [--view iso|xy|xz|yz] [--edges] [--isolines N]\n"
                           "                         [--section x=0.5] [--warp FACTOR]\n"
                           "  galerkit bench assembly|batch|solve|adjoint|design|mesh ... how fast, a problem's or standard cases: `galerkit bench --help`\n"
                           "  galerkit devices                                  what forms can run on\n"
                           "  galerkit --version\n"
                           "\n"
                           "A first problem, heat in the unit square (poisson.yaml):\n"
                           "\n"
                           "  mesh: {box: {cells: [32, 32]}}\n"
                           "  fields: {u: {space: P2, test: v}}\n"
                           "  equation: \"dot(grad(u), grad(v))*dx == 1*v*dx\"\n"
                           "  conditions: [{on: boundary, field: u, value: 0}]\n"
                           "  probes: {middle: {at: [0.5, 0.5], field: u}}\n"
                           "  output: {file: poisson.vtu, picture: {file: poisson.png}}\n"
                           "\n"
                           "The problem file: docs/problem-file.md. The language of forms: docs/forms.md.\n"
                           "Exit status: 0 done, 1 no valid answer (not converged, memory, disk), 2 refused before computing.\n";

static const struct {
  const char *name;
  int (*run)(int, char **);
} commands[] = {{"run", cli_run}, {"check", cli_check}, {"mesh", cli_mesh}, {"plot", cli_plot}, {"devices", cli_devices}, {"bench", cli_bench}};

int cli_help(void) {
  fputs(help, stdout);
  return EXIT_DONE;
}

static int dispatch(int argc, char **argv) {
  static const char *const names[] = {"run", "check", "mesh", "plot", "devices", "help", "bench"};
  if (argc < 2) return cli_refuse("expected a command: run, check, mesh, plot, devices or bench; see `galerkit --help`");
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) return cli_help();
  if (!strcmp(argv[1], "--version")) return printf("galerkit %s\n", GKT_VERSION) < 0 ? EXIT_NO_ANSWER : EXIT_DONE;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (!strcmp(argv[1], commands[i].name)) return commands[i].run(argc - 1, argv + 1);
  const char *dot = strrchr(argv[1], '.');
  if (dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"))) return cli_refuse("%s: a file without a command; expected `galerkit run %s`", argv[1], argv[1]);
  return cli_refuse("%s: unknown command%s; expected run, check, mesh, plot, devices or bench; see `galerkit --help`", argv[1], cli_near(argv[1], 7, names));
}

int main(int argc, char **argv) { return cli_finish(dispatch(argc, argv)); }
