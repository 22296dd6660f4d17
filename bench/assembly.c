/* bench assembly: how fast matrices and residuals are assembled. The problem is planned as `run` plans it, and its tangent and residual are assembled again and again. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 10 };

/* One result, assembled again and again. */
typedef struct {
  double min_seconds, median_seconds; /* of the repeats; one more, not counted, goes before */
  double cpu_seconds;                 /* of all threads, the least of the repeats: tells less than wall time, and is disturbed less by what else runs */
  gkt_size bytes;                     /* that must move at least, each datum once: the four below */
  gkt_size connectivity;              /* node numbers of the cells, of the space with the most among those that the form reads, 32 bit each */
  gkt_size coordinates;               /* of the mesh's nodes */
  gkt_size coefficients;              /* values of the functions that the form reads */
  gkt_size values;                    /* of the result */
} times;
typedef struct {
  const char *name;
  gkt_assembler_info info; /* of the tangent */
  int repeat;
  gkt_idx cells, dofs;
  gkt_size nonzeros;
  double mesh_seconds, compile_seconds; /* compile: 0 nearly where the kernels are found in the cache */
  double pattern_seconds;               /* pattern, plan of the reduce and the arrays of the matrix, of the tangent */
  times matrix, vector;
  gkt_size peak_bytes, kept_bytes; /* resident memory that the case added: at most, from its mesh on, and while it is assembled. 0: not known */
  /* For comparison with other programs, at the state and the vector w, the wave. */
  double matrix_norm, product_norm, residual_norm; /* Frobenius norm of A, ||A w||_2, ||R||_2 */
} assembly_figures;

/* ---- bytes that must move ---- */
/* The numbering with the most nodes holds those of lower degree and of the geometry; discontinuous spaces are numbered by their cells. */
static gkt_size connectivity_bytes(const bench_plan *plan, const gkt_mesh *mesh, const gkt_form *form) {
  gkt_size bytes = 0;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    int most = block->nodes_per_cell;
    for (int f = 0; f < plan->num_functions; f++) {
      const gkt_space *space = plan->inputs.spaces[f];
      if ((!bench_plan_finds(plan, f) && !bench_plan_reads(plan, form, f)) || gkt_space_element(space).kind == GKT_DISCONTINUOUS_LAGRANGE) continue;
      int n = gkt_space_nodes_per_cell(space, b);
      most = n > most ? n : most;
    }
    bytes += (gkt_size)block->num_cells * most * (gkt_size)sizeof(gkt_idx);
  }
  return bytes;
}

static void count_bytes(const bench_plan *plan, const gkt_form *form, gkt_size num_values, times *out) {
  const gkt_mesh *mesh = gkt_problem_mesh(plan->problem);
  out->connectivity = connectivity_bytes(plan, mesh, form);
  out->coordinates = (gkt_size)gkt_mesh_num_nodes(mesh) * gkt_mesh_dim(mesh) * (gkt_size)sizeof(double);
  out->coefficients = 0;
  for (int f = 0; f < plan->num_functions; f++)
    if (bench_plan_reads(plan, form, f)) out->coefficients += (gkt_size)gkt_space_num_dofs(plan->inputs.spaces[f]) * (gkt_size)sizeof(gkt_scalar);
  out->values = num_values * (gkt_size)sizeof(gkt_scalar);
  out->bytes = out->connectivity + out->coordinates + out->coefficients + out->values;
}

/* ---- times ---- */
static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void summarize(double *seconds, int n, times *out) {
  qsort(seconds, (size_t)n, sizeof *seconds, compare);
  out->min_seconds = seconds[0];
  out->median_seconds = 0.5 * (seconds[(n - 1) / 2] + seconds[n / 2]);
}

/* r NULL: the matrix, else the residual */
static gkt_status assemble(bench_plan *plan, gkt_scalar *r) {
  return r ? gkt_assemble_vector(plan->residual, &plan->inputs, r) : gkt_assemble_matrix(plan->tangent, &plan->inputs, plan->matrix);
}

/* seconds [repeat]: room */
static gkt_status time_assembly(bench_plan *plan, gkt_scalar *r, int repeat, double *seconds, times *out) {
  TRY(assemble(plan, r));
  for (int i = 0; i < repeat; i++) {
    double start = gkt_seconds(), cpu = gkt_cpu_seconds();
    TRY(assemble(plan, r));
    cpu = gkt_cpu_seconds() - cpu;
    seconds[i] = gkt_seconds() - start;
    if (i == 0 || cpu < out->cpu_seconds) out->cpu_seconds = cpu;
  }
  summarize(seconds, repeat, out);
  return GKT_OK;
}

/* ---- the whole ---- */
static void describe(const bench_plan *plan, assembly_figures *f) {
  gkt_stage_times wall, cpu;
  gkt_problem_get_times(plan->problem, &wall, &cpu);
  gkt_assembler_get_info(plan->tangent, &f->info);
  f->pattern_seconds = f->info.pattern_seconds + plan->matrix_seconds;
  f->mesh_seconds = wall.mesh, f->compile_seconds = wall.compile;
  f->cells = plan->cells, f->dofs = plan->dofs, f->nonzeros = plan->nonzeros;
  count_bytes(plan, gkt_assembler_form(plan->tangent), f->nonzeros, &f->matrix);
  count_bytes(plan, gkt_assembler_form(plan->residual), f->dofs, &f->vector);
}

static gkt_status find_norms(gkt_context *ctx, const bench_plan *plan, const gkt_vector *w, gkt_vector *r, assembly_figures *f) {
  gkt_vector *values = NULL;
  TRY(gkt_vector_wrap(ctx, (gkt_idx)plan->nonzeros, plan->matrix->vals, &values));
  f->matrix_norm = gkt_vector_norm(values);
  gkt_vector_destroy(&values);
  f->residual_norm = gkt_vector_norm(r);
  gkt_csr_multiply(plan->matrix, gkt_vector_read(w), gkt_vector_values(r));
  f->product_norm = gkt_vector_norm(r);
  return GKT_OK;
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  assembly_figures f = {.name = c->name, .repeat = o->repeat ? o->repeat : DEFAULT_REPEAT};
  bench_plan plan = {0};
  gkt_vector *w = NULL, *r = NULL;
  double *seconds = calloc((size_t)f.repeat, sizeof *seconds);
  gkt_size before = 0;
  gkt_status status;
  GO(bench_open(ctx, c, options, &plan.problem));
  bool counted = bench_restart_peak(&before);
  GO(bench_plan_make(options, &plan));
  describe(&plan, &f);
  GO(seconds ? GKT_OK : GKT_NO_MEMORY);
  GO(gkt_vector_create(ctx, f.dofs, &w));
  GO(gkt_vector_create(ctx, f.dofs, &r));
  bench_plan_wave(&plan, gkt_vector_values(w));
  GO(time_assembly(&plan, NULL, f.repeat, seconds, &f.matrix));
  GO(time_assembly(&plan, gkt_vector_values(r), f.repeat, seconds, &f.vector));
  if (counted) f.peak_bytes = bench_peak() - before, f.kept_bytes = bench_resident() - before;
  GO(find_norms(ctx, &plan, w, r, &f));
  *(assembly_figures *)figures = f;
done:
  bench_plan_clear(&plan);
  gkt_vector_destroy(&w);
  gkt_vector_destroy(&r);
  free(seconds);
  return status;
}

/* ---- the table and the file ---- */
static void print_head(void) {
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "", "", "", "", "matrix", "", "", "must", "", "of", "residual", "of", "pattern", "peak", "kept");
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "case", "cells", "dofs", "nonzeros", "ns/cell", "median", "Mcell/s", "move B", "GB/s", "copy", "ns/cell",
         "copy", "s/Mcell", "B/dof", "B/dof");
}

static double share(const times *t, const bench_machine *m) { return 100 * (double)t->bytes / t->min_seconds / m->copy_bandwidth; }

static void print(const void *figures, const bench_machine *m) {
  const assembly_figures *f = figures;
  const times *A = &f->matrix, *r = &f->vector;
  double cells = f->cells;
  printf("%-24s%10d%9d%11lld |", f->name, f->cells, f->dofs, (long long)f->nonzeros);
  printf("%9.1f%9.1f%9.3f%8.1f%7.2f%6.1f%% |", 1e9 * A->min_seconds / cells, 1e9 * A->median_seconds / cells, 1e-6 * cells / A->min_seconds, (double)A->bytes / cells,
         1e-9 * (double)A->bytes / A->min_seconds, share(A, m));
  printf("%9.1f%6.1f%% |%9.2f%9.0f%9.0f\n", 1e9 * r->min_seconds / cells, share(r, m), 1e6 * f->pattern_seconds / cells, (double)f->peak_bytes / f->dofs,
         (double)f->kept_bytes / f->dofs);
}

static const char *reason(const void *figures) {
  (void)figures;
  return "";
}

static json_t *times_json(const times *t, const bench_machine *machine, gkt_idx cells) {
  double rate = (double)t->bytes / t->min_seconds;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I, s:{s:I, s:I, s:I, s:I}, s:f, s:f}", "min_seconds", t->min_seconds, "median_seconds", t->median_seconds, "cpu_seconds",
                   t->cpu_seconds, "ns_per_cell", 1e9 * t->min_seconds / cells, "cells_per_second", cells / t->min_seconds, "bytes", (json_int_t)t->bytes, "bytes_of",
                   "connectivity", (json_int_t)t->connectivity, "coordinates", (json_int_t)t->coordinates, "coefficients", (json_int_t)t->coefficients, "values",
                   (json_int_t)t->values, "bytes_per_second", rate, "share_of_copy", rate / machine->copy_bandwidth);
}

static json_t *json(const void *figures, const bench_machine *machine) {
  const assembly_figures *f = figures;
  json_t *seconds = json_pack("{s:f, s:f, s:f, s:f}", "mesh", f->mesh_seconds, "compile", f->compile_seconds, "pattern", f->pattern_seconds, "pattern_per_million_cells",
                              1e6 * f->pattern_seconds / f->cells);
  json_t *norms = json_pack("{s:o, s:o, s:o}", "matrix", bench_number(f->matrix_norm), "product", bench_number(f->product_norm), "residual", bench_number(f->residual_norm));
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "name", f->name, "backend", f->info.backend, "reduce", f->info.reduce, "repeat", f->repeat,
                   "cells", f->cells, "dofs", f->dofs, "nonzeros", (json_int_t)f->nonzeros, "seconds", seconds, "matrix", times_json(&f->matrix, machine, f->cells), "vector",
                   times_json(&f->vector, machine, f->cells), "memory", bench_memory(f->peak_bytes, f->kept_bytes, f->dofs), "norms", norms);
}

const bench_kind bench_assembly = {"assembly", "bench assembly", "sbtmRjCqvAN?", sizeof(assembly_figures), bench_assembly_cases, measure, print_head, print, reason, json, NULL};
