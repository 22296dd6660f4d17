/* The program galerkit-bench, which `galerkit bench` starts: the cases that are measured, the loop over them, the mesh of one for other programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { MAX_CASES = 32 };

static const char help[] = "galerkit: bench: how fast a problem, or a standard case, is assembled and solved\n"
                           "\n"
                           "  galerkit bench assembly [FILE.yaml | --case NAME] [--set a.b=value]... [--backend cpu|interpreter|cuda]\n"
                           "                         [--reduce auto|fused|segmented|spmm] [--threads N] [--repeat R] [--json FILE]\n"
                           "                         [--quiet] [--verbose]          matrix and residual, again and again\n"
                           "  galerkit bench batch [FILE.yaml | --case NAME] [the same options] [--sets B]\n"
                           "                                                    B sets of coefficients and states in one call\n"
                           "  galerkit bench solve [FILE.yaml | --case NAME] [the same options] [-- PETSC_OPTIONS]\n"
                           "                                                    whole solutions, stage by stage\n"
                           "  galerkit bench adjoint [FILE.yaml | --case NAME] [--size N] [the same options] [-- PETSC_OPTIONS]\n"
                           "                                                    gradients, beside the solutions that they are of; N: cells along\n"
                           "                                                    the shortest side of a standard case\n"
                           "  galerkit bench design [FILE.yaml | --case NAME] [--size N] [the same options] [-- PETSC_OPTIONS]\n"
                           "                                                    R iterations of an optimizer; as gradients, on the backend that is asked\n"
                           "                                                    for, a GPU with --backend cuda\n"
                           "  galerkit bench assembly|batch|solve --backend cuda [--architecture 80|90|100] [the same options]\n"
                           "                                                    what they cost on a GPU, predicted; measured where there is one.\n"
                           "                                                    N: plans of 1 and 10 million cells (rows) up to so many are counted\n"
                           "  galerkit bench mesh --case NAME -o OUT.msh        the mesh of a case of `bench solve`, for other programs\n"
                           "\n"
                           "Without a file and a case, or with --case all: all standard cases. What is measured, and the keys of FILE.json: docs/benchmarks.md.\n"
                           "Exit status: 0 done, 1 no valid answer (not converged, memory, disk), 2 refused before computing.\n";

int cli_help(void) {
  fputs(help, stdout);
  return EXIT_DONE;
}

/* ---- which cases ---- */
/* One line with every name there is. */
static bool refuse_case(const char *word, int count, const bench_case *cases) {
  const char *names[MAX_CASES];
  char list[40 * MAX_CASES] = "";
  size_t used = 0;
  for (int i = 0; i < count; i++) {
    names[i] = cases[i].name;
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
  }
  return cli_refuse("--case %s: unknown%s; expected %s", word, cli_near(word, count, names), list), false;
}

/* The file, the case named, or all cases. false: said why not. */
static bool choose(const cli_options *o, const bench_kind *kind, bench_case *one, int *count, const bench_case **cases) {
  *cases = kind->cases(count);
  if (o->file && o->bench_case) return cli_refuse("--case %s: a file is given as well; expected one of them", o->bench_case), false;
  if (!o->file && (!o->bench_case || !strcmp(o->bench_case, "all"))) return true;
  *one = (bench_case){.name = o->file};
  for (int i = 0; o->bench_case && i < *count; i++)
    if (!strcmp(o->bench_case, (*cases)[i].name)) *one = (*cases)[i];
  if (!one->name) return refuse_case(o->bench_case, *count, *cases);
  *count = 1, *cases = one;
  return true;
}

static gkt_problem_options problem_options(const cli_options *o) {
  gkt_problem_options options = gkt_problem_options_default();
  options.num_sets = o->num_sets, options.sets = o->sets;
  options.petsc_options = o->petsc_options[0] ? o->petsc_options : NULL;
  options.progress = cli_progress, options.progress_user = (void *)o;
  return options;
}

/* --size is one --set more, for which cli_parse leaves room. */
static bool take_size(const cli_options *o, const bench_case *c, size_t room, char *text, gkt_problem_options *options) {
  const int *sides = c->sides, n = o->size;
  if (!n) return true;
  if (!sides[0]) return cli_refuse("--size %d: %s is no standard case; expected --set mesh.box.cells=[..] where its mesh is a box", n, c->name), false;
  if (sides[2]) snprintf(text, room, "mesh.box.cells=[%d, %d, %d]", sides[0] * n, sides[1] * n, sides[2] * n);
  else snprintf(text, room, "mesh.box.cells=[%d, %d]", sides[0] * n, sides[1] * n);
  o->sets[o->num_sets] = text, options->num_sets = o->num_sets + 1;
  return true;
}

gkt_status bench_open(gkt_context *ctx, const bench_case *c, const gkt_problem_options *given, gkt_problem **out) {
  gkt_problem_options options = *given;
  if (!c->text) return gkt_problem_read(ctx, c->name, &options, out);
  options.script = c->script;
  return gkt_problem_parse(ctx, c->name, c->text, strlen(c->text), &options, out);
}

/* ---- measuring ---- */
static void print_machine(const bench_machine *m) {
  printf("%s, %d thread%s, copies %.1f GB/s (read + written)\n", m->processor[0] ? m->processor : "an unnamed processor", m->threads, m->threads == 1 ? "" : "s",
         m->copy_bandwidth / 1e9);
}

/* One case; its row is printed also where it has no answer. */
static int measure(const cli_options *o, gkt_context *ctx, const bench_kind *kind, const bench_case *c, const bench_machine *machine, bool first, void *figures) {
  gkt_problem_options options = problem_options(o);
  char size[64];
  if (!take_size(o, c, sizeof size, size, &options)) return EXIT_REFUSED;
  int code = cli_exit_status(ctx, kind->measure(o, ctx, c, &options, figures));
  if (code) return code;
  if (!o->quiet && first) kind->print_place ? kind->print_place(figures) : print_machine(machine), kind->print_head();
  if (!o->quiet) kind->print(figures, machine), fflush(stdout);
  const char *reason = kind->reason(figures);
  if (*reason) fprintf(stderr, "galerkit: %s: %s\n", c->name, reason);
  return *reason ? EXIT_NO_ANSWER : EXIT_DONE;
}

/* The first failure ends it; what was measured until then is written. */
static int measure_all(const cli_options *o, gkt_context *ctx, const bench_kind *kind, int count, const bench_case *cases, char *figures) {
  bench_machine machine = {0};
  int done = 0, code = kind->print_place ? EXIT_DONE : cli_exit_status(ctx, bench_measure_machine(o->context.threads, &machine));
  if (code) return code;
  for (; !code && done < count; done++) code = measure(o, ctx, kind, &cases[done], &machine, done == 0, figures + (size_t)done * kind->size);
  if (code == EXIT_REFUSED || !o->json || (code && !*kind->reason(figures + (size_t)(done - 1) * kind->size))) return code;
  gkt_context_clear(ctx);
  return cli_exit_status(ctx, bench_write(ctx, o->json, &machine, kind, done, figures)) ? EXIT_NO_ANSWER : code;
}

/* Plans for predictions are the host's, with the lists that these need. */
static gkt_context_options context_options(const cli_options *o, const bench_kind *kind) {
  gkt_context_options options = o->context;
  if (kind->print_place) options.backend = GKT_BACKEND_INTERPRETER, options.reduce = GKT_REDUCE_SEGMENTED;
  return options;
}

static int run(const cli_options *o, const bench_kind *kind) {
  bench_case one;
  const bench_case *cases;
  char *figures;
  gkt_context *ctx = NULL;
  int count, code = EXIT_NO_ANSWER;
  const gkt_context_options options = context_options(o, kind);
  if (!choose(o, kind, &one, &count, &cases)) return EXIT_REFUSED;
  if (!(figures = calloc((size_t)count, kind->size)) || gkt_context_create(&options, &ctx)) cli_refuse("out of memory");
  else code = o->json ? cli_exit_status(ctx, gkt_output_try(ctx, o->json)) : EXIT_DONE;
  if (!code) code = measure_all(o, ctx, kind, count, cases, figures);
  gkt_context_destroy(&ctx);
  free(figures);
  return code;
}

/* ---- bench mesh ---- */
static int write_mesh(const cli_options *o) {
  bench_case one;
  const bench_case *cases;
  gkt_context *ctx = NULL;
  gkt_problem *problem = NULL;
  gkt_problem_options options = problem_options(o);
  int count;
  if (!o->output || !(o->file || (o->bench_case && strcmp(o->bench_case, "all")))) return cli_refuse("bench mesh: expected --case NAME -o OUT.msh");
  if (!choose(o, &bench_solve, &one, &count, &cases)) return EXIT_REFUSED;
  if (gkt_context_create(&o->context, &ctx)) return cli_refuse("out of memory"), EXIT_NO_ANSWER;
  int code = cli_exit_status(ctx, bench_open(ctx, &one, &options, &problem));
  if (!code) code = cli_exit_status(ctx, gkt_problem_mesh_geometry(problem, o->output));
  gkt_problem_destroy(&problem);
  gkt_context_destroy(&ctx);
  return code;
}

/* ---- the command ---- */
static const bench_kind *on_gpu(const cli_options *o, const bench_kind *kind) {
  if (o->context.backend != GKT_BACKEND_CUDA || kind == &bench_adjoint || kind == &bench_design) return kind;
  if (kind == &bench_batch) return &bench_gpu_batch;
  return kind == &bench_assembly ? &bench_gpu_assembly : &bench_gpu_solve;
}

static int dispatch(char *name, int argc, char **argv) {
  static const bench_kind *const kinds[] = {&bench_assembly, &bench_batch, &bench_solve, &bench_adjoint, &bench_design};
  static const char *const names[] = {"assembly", "batch", "solve", "adjoint", "design", "mesh"};
  enum { KINDS = sizeof kinds / sizeof *kinds };
  static const char command[] = "bench mesh";
  const bench_kind *kind = NULL;
  cli_options o;
  int code;
  for (int i = 0; i < KINDS; i++)
    if (!strcmp(name, kinds[i]->name)) kind = kinds[i];
  if (!kind && strcmp(name, names[KINDS]))
    return cli_refuse("bench %s: unknown%s; expected assembly, batch, solve, adjoint, design or mesh; see `galerkit bench --help`", name, cli_near(name, KINDS + 1, names));
  argv[0] = (char *)(kind ? kind->command : command);
  if (cli_parse(argc, argv, kind ? kind->allowed : "soCqv?", "a problem file", &o, &code)) code = kind ? run(&o, on_gpu(&o, kind)) : write_mesh(&o);
  free(o.sets);
  return code;
}

int main(int argc, char **argv) {
  if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) return cli_finish(cli_help());
  if (argc < 2) return cli_refuse("bench: expected `galerkit bench assembly` or `galerkit bench solve`; see `galerkit bench --help`");
  return cli_finish(dispatch(argv[1], argc - 1, argv + 1));
}
