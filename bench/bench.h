/* `galerkit bench`: measuring, on the public headers alone. Problems are planned, assembled and solved by the functions that `run` uses (docs/benchmarks.md). */
#ifndef GKT_BENCH_BENCH_H
#define GKT_BENCH_BENCH_H
#include <jansson.h>

#include "cli/cli.h"

#define TRY(call)                    \
  do {                               \
    gkt_status try_ = (call);        \
    if (try_ != GKT_OK) return try_; \
  } while (0)
#define GO(call)                                \
  do {                                          \
    if ((status = (call)) != GKT_OK) goto done; \
  } while (0)

/* ---- cases (cases.c) ---- */
typedef struct {
  const char *name;
  const char *text;   /* a problem file; NULL: name is that of a file */
  const char *script; /* the .geo script that `mesh: {geometry: ..}` of the text names; NULL: none */
  int sides[3];       /* of the box, by its shortest: cells of --size 1; 0: not of this case */
} bench_case;
const bench_case *bench_assembly_cases(int *count);
const bench_case *bench_solve_cases(int *count);
const bench_case *bench_adjoint_cases(int *count);
const bench_case *bench_design_cases(int *count);
const bench_case *bench_gpu_batch_cases(int *count);
int bench_gpu_batch_sets(const char *name);    /* of the case */
const bench_case *bench_gpu_cases(int *count); /* of predictions: assembly and solve */
/* A run in time whose gradient is asked for: implicit Euler's steps of the case, J the integral of `running` over them. */
typedef struct {
  const char *name, *running;
  double step;
  int num_steps, num_controls;
  gkt_control controls[2];
} bench_run_in_time;
const bench_run_in_time *bench_find_run(const char *name); /* NULL: a steady case */
/* options: all but `script`, which is the case's. */
gkt_status bench_open(gkt_context *, const bench_case *, const gkt_problem_options *, gkt_problem **out) GKT_MUST_CHECK;

/* ---- the machine (machine.c) ---- */
typedef struct {
  char processor[128];   /* as it names itself; "" where it does not */
  int threads;           /* that copy and measure */
  double copy_bandwidth; /* bytes per second, read plus written, of those threads copying 32 MiB at a time out of 256; the best of several */
} bench_machine;
gkt_status bench_measure_machine(int threads, bench_machine *out) GKT_MUST_CHECK; /* threads 0: all cores */
/* What was freed goes back to the system, and the peak starts anew. false: the system does not let it. */
bool bench_restart_peak(gkt_size *resident);
gkt_size bench_peak(void), bench_resident(void); /* bytes of resident memory; 0: not known */
/* Aligned and in large pages as the library's arrays are; NULL: no memory. Freed with free(). */
void *bench_alloc(gkt_size count, size_t size);

/* ---- what is assembled, without conditions (plan.c) ---- */
typedef struct {
  gkt_problem *problem;
  gkt_assembler *tangent, *residual; /* of `run` */
  gkt_csr *matrix;
  gkt_vector *u;
  gkt_inputs inputs;        /* with u */
  const gkt_layout *layout; /* of the system; a block for each unknown */
  int num_functions;
  gkt_idx cells, dofs;
  gkt_size nonzeros;
  double matrix_seconds; /* its arrays */
} bench_plan;
/* Checks plan->problem as run does, and fills the rest; a linear problem is then taken at the wave, a nonlinear one at its `initial`. */
gkt_status bench_plan_make(const gkt_problem_options *, bench_plan *plan) GKT_MUST_CHECK;
void bench_plan_clear(bench_plan *);
bool bench_plan_reads(const bench_plan *, const gkt_form *, int function);
bool bench_plan_finds(const bench_plan *, int function); /* is it an unknown? */
void bench_plan_wave(const bench_plan *, gkt_scalar *w); /* sin(1 + c + x + 2 y + 3 z) in component c of each unknown at each of its nodes; w [dofs] */

/* ---- figures as JSON (report.c); NULL: no memory. Keys: docs/benchmarks.md ---- */
json_t *bench_number(double); /* null where it is not finite */
json_t *bench_memory(gkt_size peak, gkt_size kept, gkt_idx dofs);

/* ---- one kind of measurement; figures: of one case, of `size` bytes, zeroed ---- */
typedef struct {
  const char *name, *command, *allowed; /* "solve", "bench solve", letters for cli_parse */
  size_t size;
  const bench_case *(*cases)(int *count);
  gkt_status (*measure)(const cli_options *, gkt_context *, const bench_case *, const gkt_problem_options *, void *figures);
  void (*print_head)(void);
  void (*print)(const void *figures, const bench_machine *);
  const char *(*reason)(const void *figures); /* why there is no valid answer; "" if there is one */
  json_t *(*json)(const void *figures, const bench_machine *);
  void (*print_place)(const void *figures); /* where it was, before the table; NULL: this machine, which is measured */
} bench_kind;
extern const bench_kind bench_assembly;                      /* assembly.c */
extern const bench_kind bench_batch;                         /* batch.c */
extern const bench_kind bench_solve;                         /* solve.c */
extern const bench_kind bench_design;                        /* design.c */
extern const bench_kind bench_adjoint;                       /* adjoint.c */
extern const bench_kind bench_gpu_batch;                     /* gpu_batch.c */
extern const bench_kind bench_gpu_assembly, bench_gpu_solve; /* gpu.c: the same with --backend cuda */

/* The file is written whole or not at all. */
gkt_status bench_write(gkt_context *, const char *path, const bench_machine *, const bench_kind *, int count, const char *figures) GKT_MUST_CHECK;
#endif
