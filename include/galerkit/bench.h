/* Measuring: what `galerkit bench assembly` and `galerkit bench solve` report. Problems are planned,
 * assembled and solved by the functions that `run` uses (docs/benchmarks.md). */
#ifndef GALERKIT_BENCH_H
#define GALERKIT_BENCH_H
#include "galerkit/problem.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- cases ---- */
typedef struct {
  const char *name;
  const char *text;   /* a problem file for gkt_problem_parse; NULL: name is that of a file */
  const char *script; /* the .geo script that `mesh: {geometry: ..}` of the text names; NULL: none */
} gkt_bench_case;
GKT_API const gkt_bench_case *gkt_bench_cases(int *count);       /* the standard ones of assembly */
GKT_API const gkt_bench_case *gkt_bench_solve_cases(int *count); /* and of solve */
/* Reads or parses the problem of a case; options: NULL is default, `script` is that of the case. */
GKT_API gkt_status gkt_bench_open(gkt_context *, const gkt_bench_case *, const gkt_problem_options *,
                                  gkt_problem **out) GKT_MUST_CHECK;

/* ---- the machine ---- */
typedef struct {
  char processor[128];   /* as it names itself; "" where it does not */
  int threads;           /* of the context */
  double copy_bandwidth; /* bytes per second, read plus written, of those threads copying 32 MiB at a time out
                            of 256; the best of several */
} gkt_bench_machine;
GKT_API gkt_status gkt_bench_measure_machine(gkt_context *, gkt_bench_machine *out) GKT_MUST_CHECK;

/* ---- assembly ---- */
/* One result, assembled again and again. */
typedef struct {
  double min_seconds, median_seconds; /* of the repeats; one more, not counted, goes before */
  double cpu_seconds; /* of all threads, the least of the repeats: tells less than wall time, and is disturbed
                         less by what else runs */
  gkt_size bytes;     /* that must move at least, each datum once: the four below */
  gkt_size connectivity; /* node numbers of the cells, of the space with the most among those that the form
                            reads, 32 bit each */
  gkt_size coordinates;  /* of the mesh's nodes */
  gkt_size coefficients; /* values of the functions that the form reads */
  gkt_size values;       /* of the result */
} gkt_bench_times;
typedef struct {
  const char *name;             /* as given to gkt_bench_assembly, borrowed */
  const char *backend, *reduce; /* as in gkt_assembler_info */
  int repeat;
  gkt_idx cells, dofs;
  gkt_size nonzeros;
  double mesh_seconds, compile_seconds; /* compile: 0 nearly where the kernels are found in the cache */
  double pattern_seconds; /* pattern, plan of the reduce and the arrays of the matrix, of the tangent */
  gkt_bench_times matrix, vector;  /* of the tangent and of the residual, without conditions */
  gkt_size peak_bytes, kept_bytes; /* resident memory that the case added: at most, from its mesh on, and
                                      while it is assembled. 0: not known */
  /* For comparison with other programs, at the state and the vector w: w = sin(1 + c + x + 2 y + 3 z) in
     component c at each node. A linear problem is taken at the state w, a nonlinear one at its `initial`. */
  double matrix_norm, product_norm, residual_norm; /* Frobenius norm of A, ||A w||_2, ||R||_2 */
} gkt_assembly_figures;
/* Checks the problem, as run would, and assembles. The problem was read or parsed and nothing else; it may
 * only be destroyed afterwards. repeat: from 1. */
GKT_API gkt_status gkt_bench_assembly(gkt_problem *, const char *name, int repeat,
                                      gkt_assembly_figures *out) GKT_MUST_CHECK;
/* ---- batches ---- */
typedef struct {
  double apart_seconds,
      together_seconds; /* CPU time, the least of the repeats: one call for each set; one call */
  bool equal;           /* are both the same, bit for bit? */
} gkt_batch_times;
typedef struct {
  const char *name; /* as given, borrowed */
  int sets, repeat;
  gkt_idx cells, dofs;
  gkt_batch_times matrix, vector; /* of the tangent and of the residual */
} gkt_batch_figures;
/* As gkt_bench_assembly, for `sets` sets of values of the unknown and of all discrete coefficients that the
 * forms read. */
GKT_API gkt_status gkt_bench_batch(gkt_problem *, const char *name, int sets, int repeat,
                                   gkt_batch_figures *out) GKT_MUST_CHECK;
GKT_API gkt_status gkt_bench_write_batch(gkt_context *, const char *path, const gkt_bench_machine *,
                                         int count, const gkt_batch_figures *) GKT_MUST_CHECK;
/* Writes the file whole or not at all. Keys: docs/benchmarks.md. */
GKT_API gkt_status gkt_bench_write(gkt_context *, const char *path, const gkt_bench_machine *, int count,
                                   const gkt_assembly_figures *) GKT_MUST_CHECK;

/* ---- solve ---- */
typedef struct { /* seconds, the least of the repeats for each stage */
  double mesh;   /* made or read, with its topology */
  double plan;   /* from the mesh to the first assembly: names, spaces, forms and their kernels, pattern, plan
                    of the reduce */
  double assemble; /* right-hand side and matrix, with the arrays of the matrix, conditions eliminated; of a
                      nonlinear problem all of its assemblies */
  double setup;    /* of the linear methods: what is told to PETSc, preconditioner or factor */
  double solve;    /* iterations, and the true residual recomputed */
  double total;    /* of everything, also what lies between */
} gkt_bench_stages;
typedef struct {
  const char *name;             /* as in the case, borrowed */
  const char *backend, *reduce; /* as in gkt_assembler_info */
  int repeat;
  gkt_idx cells, dofs, constrained; /* dofs: with those that conditions hold */
  gkt_size nonzeros;
  gkt_bench_stages seconds, cpu_seconds;   /* wall; of all threads, and of the mesher where one is started */
  double compile_seconds, pattern_seconds; /* parts of plan, wall, of the last repeat */
  bool converged;
  int iterations, newton_iterations; /* linear ones, over all steps of Newton's method; its steps: 1 for a
                                        linear problem */
  double residual;            /* true, ||b-Ax||_2/||b||_2 on free dofs, recomputed: gkt_linear_report */
  double form_residual;       /* the same from the form itself: |R(u)|/|R(g)|; of a nonlinear problem
                                 gkt_nonlinear_report.residual */
  char method[128], why[256]; /* gkt_linear_report */
  char options[4096];         /* PETSc options of the choice, then those given */
  char reason[2048];          /* why not converged; "" if it is */
  gkt_size peak_bytes,
      kept_bytes;   /* resident memory that the first repeat added: at most, and at its end. 0: not known */
  double norm, max; /* ||u||_2 and max |u| over all dofs, for comparison with other programs */
} gkt_solve_figures;
/* check and solve of `run`, on a problem opened anew for each repeat; nothing is computed from the solution
 * or written. That a method does not converge is a result. repeat: from 1. */
GKT_API gkt_status gkt_bench_solve(gkt_context *, const gkt_bench_case *, const gkt_problem_options *,
                                   int repeat, gkt_solve_figures *out) GKT_MUST_CHECK;
GKT_API gkt_status gkt_bench_write_solve(gkt_context *, const char *path, const gkt_bench_machine *,
                                         int count, const gkt_solve_figures *) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
