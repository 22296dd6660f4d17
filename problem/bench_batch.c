/* One case: many sets of values assembled in one call, beside one call for each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/assembler.h"
#include "problem/bench.h"

typedef struct {
  gkt_assembler *assembler;
  const gkt_form *form;
  gkt_csr *matrix; /* NULL: a vector */
  int sets;
  gkt_size size; /* scalars of one result */
  gkt_size *strides;
  gkt_scalar **values;            /* [functions][sets][dofs]; NULL: not read */
  const gkt_scalar **first, **at; /* [functions] of all sets, of one set */
  gkt_scalar *apart, *together;   /* [sets][size] */
} batch_case;

/* Every function that the form reads has values of its own in each set. */
static gkt_status copy_values(gkt_problem *p, batch_case *c) {
  int functions = gkt_scope_num_functions(p->scope);
  GKT_TRY(gkt_calloc(p->ctx, functions, sizeof *c->strides, &c->strides));
  GKT_TRY(gkt_calloc(p->ctx, functions, sizeof *c->values, &c->values));
  GKT_TRY(gkt_calloc(p->ctx, functions, sizeof *c->first, &c->first));
  GKT_TRY(gkt_calloc(p->ctx, functions, sizeof *c->at, &c->at));
  for (int f = 0; f < functions; f++) {
    if (!gkt_bench_reads(p, c->form, f)) continue;
    gkt_size n = c->strides[f] = gkt_space_num_dofs(p->spaces[f]);
    GKT_TRY(gkt_alloc(p->ctx, n * c->sets, sizeof **c->values, &c->values[f]));
    for (gkt_size i = 0; i < n * c->sets; i++) c->values[f][i] = p->values[f][i % n] * (1 + 0.01 * (double)(i / n));
    c->first[f] = c->values[f];
  }
  GKT_TRY(gkt_alloc(p->ctx, c->size * c->sets, sizeof *c->apart, &c->apart));
  return gkt_alloc(p->ctx, c->size * c->sets, sizeof *c->together, &c->together);
}

static void clear(const gkt_problem *p, batch_case *c) {
  for (int f = 0; c->values && f < gkt_scope_num_functions(p->scope); f++) gkt_free(&c->values[f]);
  gkt_free(&c->values);
  gkt_free(&c->strides);
  gkt_free(&c->first);
  gkt_free(&c->at);
  gkt_free(&c->apart);
  gkt_free(&c->together);
}

/* Each result goes to its place at once, as in the batch. */
static gkt_status run_apart(gkt_problem *p, batch_case *c) {
  gkt_inputs inputs = p->inputs;
  inputs.values = c->at;
  for (int s = 0; s < c->sets; s++) {
    gkt_scalar *to = c->apart + s * c->size;
    for (int f = 0; f < gkt_scope_num_functions(p->scope); f++) c->at[f] = c->first[f] ? c->first[f] + s * c->strides[f] : NULL;
    if (!c->matrix) GKT_TRY(gkt_assemble_vector(c->assembler, &inputs, to));
    if (!c->matrix) continue;
    gkt_csr view = *c->matrix;
    view.vals = to;
    GKT_TRY(gkt_assemble_matrix(c->assembler, &inputs, &view));
  }
  return GKT_OK;
}

static gkt_status run_together(gkt_problem *p, batch_case *c) {
  gkt_inputs inputs = p->inputs;
  const gkt_batch batch = {.count = c->sets, .strides = c->strides, .results_stride = c->size};
  inputs.values = c->first;
  return gkt_assemble_batch(c->assembler, &inputs, &batch, c->together);
}

static gkt_status time_least(gkt_problem *p, batch_case *c, int repeat, gkt_status (*run)(gkt_problem *, batch_case *), double *least) {
  GKT_TRY(run(p, c));
  for (int i = 0; i < repeat; i++) {
    double cpu = gkt_cpu_seconds();
    GKT_TRY(run(p, c));
    cpu = gkt_cpu_seconds() - cpu;
    if (i == 0 || cpu < *least) *least = cpu;
  }
  return GKT_OK;
}

static gkt_status measure(gkt_problem *p, gkt_assembler *assembler, const gkt_form *form, gkt_csr *matrix, const gkt_batch_figures *f, gkt_batch_times *out) {
  batch_case c = {.assembler = assembler, .form = form, .matrix = matrix, .sets = f->sets, .size = matrix ? matrix->row_offsets[matrix->num_rows] : f->dofs};
  gkt_status status;
  GKT_GO(copy_values(p, &c));
  GKT_GO(time_least(p, &c, f->repeat, run_apart, &out->apart_seconds));
  GKT_GO(time_least(p, &c, f->repeat, run_together, &out->together_seconds));
  out->equal = !memcmp(c.apart, c.together, (size_t)(c.size * c.sets) * sizeof *c.apart);
done:
  clear(p, &c);
  return status;
}

gkt_status gkt_bench_batch(gkt_problem *p, const char *name, int sets, int repeat, gkt_batch_figures *out) {
  gkt_batch_figures f = {.name = name, .sets = sets, .repeat = repeat};
  if (p->mesh) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "bench: the problem was used before; expected one that was only read");
  if (repeat < 1 || sets < 1) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "bench: %d repeats of %d sets; expected at least 1", repeat, sets);
  GKT_TRY(gkt_problem_check(p));
  GKT_TRY(gkt_assembler_matrix(gkt_system_assembler(p->system, 2), &p->bench_matrix));
  f.cells = gkt_mesh_num_cells(p->mesh), f.dofs = p->bench_matrix->num_rows;
  GKT_TRY(gkt_problem_stage(p, "assemble"));
  if (!p->is_nonlinear) gkt_bench_fill_wave(p->spaces[p->field], p->dim, p->values[p->field]);
  GKT_TRY(measure(p, gkt_system_assembler(p->system, 2), gkt_system_assembler(p->system, 2)->form, p->bench_matrix, &f, &f.matrix));
  GKT_TRY(measure(p, gkt_system_assembler(p->system, 1), gkt_system_assembler(p->system, 1)->form, NULL, &f, &f.vector));
  *out = f;
  return GKT_OK;
}
