/* Inside of `galerkit bench`. */
#ifndef GKT_CLI_BENCH_H
#define GKT_CLI_BENCH_H
#include "cli/cli.h"

/* One kind of measurement; figures: of one case, of `size` bytes, zeroed. */
typedef struct {
  const char *name, *command, *allowed; /* "solve", "bench solve", letters for cli_parse */
  size_t size;
  const gkt_bench_case *(*cases)(int *count);
  gkt_status (*measure)(const cli_options *, gkt_context *, const gkt_bench_case *, const gkt_problem_options *, void *figures);
  void (*print_head)(const gkt_bench_machine *);
  void (*print)(const void *figures, const gkt_bench_machine *);
  const char *(*reason)(const void *figures); /* why there is no valid answer; "" if there is one */
  gkt_status (*write)(gkt_context *, const char *path, const gkt_bench_machine *, int count, const void *figures);
} cli_bench_kind;
extern const cli_bench_kind cli_bench_assembly; /* bench_assembly.c */
extern const cli_bench_kind cli_bench_batch;    /* bench_batch.c */
extern const cli_bench_kind cli_bench_solve;    /* bench_solve.c */

void cli_bench_print_machine(const gkt_bench_machine *);
#endif
