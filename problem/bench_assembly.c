/* One case: the problem is planned as `run` plans it, and its tangent and residual are assembled again and again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/assembler.h"
#include "problem/bench.h"

/* ---- bytes that must move ---- */
bool gkt_bench_reads(const gkt_problem *p, const gkt_form *form, int function) { return p->spaces[function] && gkt_form_depends_on(form, function); }

/* The numbering with the most nodes holds those of lower degree and of the geometry; discontinuous spaces are numbered by their cells. */
static gkt_size connectivity_bytes(const gkt_problem *p, const gkt_form *form) {
  gkt_size bytes = 0;
  for (int b = 0; b < gkt_mesh_num_blocks(p->mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(p->mesh, b);
    int most = block->nodes_per_cell;
    for (int f = 0; f < gkt_scope_num_functions(p->scope); f++) {
      if ((f != p->field && !gkt_bench_reads(p, form, f)) || gkt_space_element(p->spaces[f]).kind == GKT_DISCONTINUOUS_LAGRANGE) continue;
      int n = gkt_space_nodes_per_cell(p->spaces[f], b);
      most = n > most ? n : most;
    }
    bytes += (gkt_size)block->num_cells * most * (gkt_size)sizeof(gkt_idx);
  }
  return bytes;
}

static void count_bytes(const gkt_problem *p, const gkt_form *form, gkt_size num_values, gkt_bench_times *out) {
  out->connectivity = connectivity_bytes(p, form);
  out->coordinates = (gkt_size)gkt_mesh_num_nodes(p->mesh) * p->dim * (gkt_size)sizeof(double);
  out->coefficients = 0;
  for (int f = 0; f < gkt_scope_num_functions(p->scope); f++)
    if (gkt_bench_reads(p, form, f)) out->coefficients += (gkt_size)gkt_space_num_dofs(p->spaces[f]) * (gkt_size)sizeof(gkt_scalar);
  out->values = num_values * (gkt_size)sizeof(gkt_scalar);
  out->bytes = out->connectivity + out->coordinates + out->coefficients + out->values;
}

/* ---- times ---- */
static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void summarize(double *seconds, int n, gkt_bench_times *out) {
  qsort(seconds, (size_t)n, sizeof *seconds, compare);
  out->min_seconds = seconds[0];
  out->median_seconds = 0.5 * (seconds[(n - 1) / 2] + seconds[n / 2]);
}

/* r NULL: the matrix, else the residual */
static gkt_status assemble(gkt_problem *p, gkt_scalar *r) {
  return r ? gkt_assemble_vector(gkt_system_assembler(p->system, 1), &p->inputs, r) : gkt_assemble_matrix(gkt_system_assembler(p->system, 2), &p->inputs, p->bench_matrix);
}

/* seconds [repeat]: room */
static gkt_status time_assembly(gkt_problem *p, gkt_scalar *r, int repeat, double *seconds, gkt_bench_times *out) {
  GKT_TRY(assemble(p, r));
  for (int i = 0; i < repeat; i++) {
    double start = gkt_seconds(), cpu = gkt_cpu_seconds();
    GKT_TRY(assemble(p, r));
    cpu = gkt_cpu_seconds() - cpu;
    seconds[i] = gkt_seconds() - start;
    if (i == 0 || cpu < out->cpu_seconds) out->cpu_seconds = cpu;
  }
  summarize(seconds, repeat, out);
  return GKT_OK;
}

/* ---- values that other programs can compare ---- */
void gkt_bench_fill_wave(const gkt_space *space, int dim, gkt_scalar *w) {
  const double *x = gkt_space_coords(space);
  int components = gkt_space_block_size(space);
  for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++, x += dim)
    for (int c = 0; c < components; c++) {
      double phase = 1 + c;
      for (int d = 0; d < dim; d++) phase += (d + 1) * x[d];
      w[(gkt_size)i * components + c] = sin(phase);
    }
}

static void find_norms(gkt_problem *p, const gkt_scalar *w, gkt_scalar *r, gkt_assembly_figures *out) {
  out->matrix_norm = gkt_norm(out->nonzeros, p->bench_matrix->vals, NULL);
  out->residual_norm = gkt_norm(out->dofs, r, NULL);
  gkt_csr_multiply(p->bench_matrix, w, r);
  out->product_norm = gkt_norm(out->dofs, r, NULL);
}

/* ---- the whole ---- */
static gkt_status plan(gkt_problem *p, gkt_assembly_figures *out) {
  gkt_assembler_info info;
  GKT_TRY(gkt_problem_check(p));
  double start = gkt_seconds();
  GKT_TRY(gkt_assembler_matrix(gkt_system_assembler(p->system, 2), &p->bench_matrix));
  gkt_assembler_get_info(gkt_system_assembler(p->system, 2), &info);
  out->pattern_seconds = info.pattern_seconds + gkt_seconds() - start;
  out->mesh_seconds = p->timings[GKT_TIME_MESH], out->compile_seconds = p->timings[GKT_TIME_COMPILE];
  out->backend = info.backend, out->reduce = info.reduce;
  out->cells = gkt_mesh_num_cells(p->mesh), out->dofs = p->bench_matrix->num_rows;
  out->nonzeros = p->bench_matrix->row_offsets[p->bench_matrix->num_rows];
  count_bytes(p, gkt_system_assembler(p->system, 2)->form, out->nonzeros, &out->matrix);
  count_bytes(p, gkt_system_assembler(p->system, 1)->form, out->dofs, &out->vector);
  return GKT_OK;
}

static gkt_status measure(gkt_problem *p, const gkt_scalar *w, gkt_scalar *r, double *seconds, gkt_assembly_figures *out) {
  GKT_TRY(gkt_problem_stage(p, "assemble"));
  if (!p->is_nonlinear) memcpy(p->values[p->field], w, (size_t)out->dofs * sizeof *w);
  GKT_TRY(time_assembly(p, NULL, out->repeat, seconds, &out->matrix));
  return time_assembly(p, r, out->repeat, seconds, &out->vector);
}

gkt_status gkt_bench_assembly(gkt_problem *p, const char *name, int repeat, gkt_assembly_figures *out) {
  gkt_assembly_figures f = {.name = name, .repeat = repeat};
  gkt_scalar *w = NULL, *r = NULL;
  double *seconds = NULL;
  gkt_size before = 0;
  gkt_status status;
  if (p->mesh) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "bench: the problem was used before; expected one that was only read");
  if (repeat < 1) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "bench: %d repeats; expected at least 1", repeat);
  bool counted = gkt_bench_restart_peak(&before);
  GKT_GO(plan(p, &f));
  GKT_GO(gkt_alloc(p->ctx, f.dofs, sizeof *w, &w));
  GKT_GO(gkt_alloc(p->ctx, f.dofs, sizeof *r, &r));
  GKT_GO(gkt_alloc(p->ctx, repeat, sizeof *seconds, &seconds));
  gkt_bench_fill_wave(p->spaces[p->field], p->dim, w);
  GKT_GO(measure(p, w, r, seconds, &f));
  if (counted) f.peak_bytes = gkt_bench_peak() - before, f.kept_bytes = gkt_bench_resident() - before;
  find_norms(p, w, r, &f);
  *out = f;
done:
  gkt_free(&w);
  gkt_free(&r);
  gkt_free(&seconds);
  return status;
}
