/* Measuring: what `galerkit bench assembly` reports. The assemblers are those that `run` uses, planned in the same way (docs/benchmarks.md). */
#ifndef GALERKIT_BENCH_H
#define GALERKIT_BENCH_H
#include "galerkit/problem.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- the standard cases: problem files for gkt_problem_parse ---- */
typedef struct {
  const char *name, *text;
} gkt_bench_case;
GKT_API const gkt_bench_case *gkt_bench_cases(int *count);

/* ---- the machine ---- */
typedef struct {
  char processor[128];   /* as it names itself; "" where it does not */
  int threads;           /* of the context */
  double copy_bandwidth; /* bytes per second, read plus written, of those threads copying 32 MiB at a time out of 256; the best of several */
} gkt_bench_machine;
GKT_API gkt_status gkt_bench_measure_machine(gkt_context *, gkt_bench_machine *out) GKT_MUST_CHECK;

/* ---- assembly ---- */
/* One result, assembled again and again. */
typedef struct {
  double min_seconds, median_seconds; /* of the repeats; one more, not counted, goes before */
  double cpu_seconds;                 /* of all threads, the least of the repeats: tells less than wall time, and is disturbed less by what else runs */
  gkt_size bytes;                     /* that must move at least, each datum once: the four below */
  gkt_size connectivity;              /* node numbers of the cells, of the space with the most among those that the form reads, 32 bit each */
  gkt_size coordinates;               /* of the mesh's nodes */
  gkt_size coefficients;              /* values of the functions that the form reads */
  gkt_size values;                    /* of the result */
} gkt_bench_times;
typedef struct {
  const char *name;             /* as given to gkt_bench_assembly, borrowed */
  const char *backend, *reduce; /* as in gkt_assembler_info */
  int repeat;
  gkt_idx cells, dofs;
  gkt_size nonzeros;
  double mesh_seconds, compile_seconds; /* compile: 0 nearly where the kernels are found in the cache */
  double pattern_seconds;               /* pattern, plan of the reduce and the arrays of the matrix, of the tangent */
  gkt_bench_times matrix, vector;       /* of the tangent and of the residual, without conditions */
  gkt_size peak_bytes, kept_bytes;      /* resident memory that the case added: at most, from its mesh on, and while it is assembled. 0: not known */
  /* For comparison with other programs, at the state and the vector w: w = sin(1 + c + x + 2 y + 3 z) in component c at each node. A linear problem is taken at the state w, a
     nonlinear one at its `initial`. */
  double matrix_norm, product_norm, residual_norm; /* Frobenius norm of A, ||A w||_2, ||R||_2 */
} gkt_assembly_figures;
/* Checks the problem, as run would, and assembles. The problem was read or parsed and nothing else; it may only be destroyed afterwards. repeat: from 1. */
GKT_API gkt_status gkt_bench_assembly(gkt_problem *, const char *name, int repeat, gkt_assembly_figures *out) GKT_MUST_CHECK;
/* Writes the file whole or not at all. Keys: docs/benchmarks.md. */
GKT_API gkt_status gkt_bench_write(gkt_context *, const char *path, const gkt_bench_machine *, int count, const gkt_assembly_figures *) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
