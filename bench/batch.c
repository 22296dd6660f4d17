/* bench batch: many sets of coefficients or states in one call, beside one call for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 5, DEFAULT_SETS = 16 };

typedef struct {
  double apart_seconds, together_seconds; /* CPU time, the least of the repeats: one call for each set; one call */
  bool equal;                             /* are both the same, bit for bit? */
} times;
typedef struct {
  const char *name;
  int sets, repeat;
  gkt_idx cells, dofs;
  times matrix, vector; /* of the tangent and of the residual */
} batch_figures;

/* ---- sets of values ---- */
typedef struct {
  bench_plan *plan;
  gkt_assembler *assembler;
  gkt_csr *matrix; /* NULL: a vector */
  int sets;
  gkt_size size; /* scalars of one result */
  gkt_size *strides;
  gkt_scalar **values;            /* [functions][sets][dofs]; NULL: not read */
  const gkt_scalar **first, **at; /* [functions] of all sets, of one set */
  gkt_scalar *apart, *together;   /* [sets][size] */
} batch;

static bool make_room(batch *b) {
  size_t functions = (size_t)b->plan->num_functions;
  b->strides = calloc(functions, sizeof *b->strides), b->values = calloc(functions, sizeof *b->values);
  b->first = calloc(functions, sizeof *b->first), b->at = calloc(functions, sizeof *b->at);
  b->apart = bench_alloc(b->size * b->sets, sizeof *b->apart), b->together = bench_alloc(b->size * b->sets, sizeof *b->together);
  return b->strides && b->values && b->first && b->at && b->apart && b->together;
}

/* Every function that the form reads has values of its own in each set. */
static gkt_status make_sets(batch *b) {
  const gkt_inputs *inputs = &b->plan->inputs;
  const gkt_form *form = gkt_assembler_form(b->assembler);
  if (!make_room(b)) return GKT_NO_MEMORY;
  for (int f = 0; f < b->plan->num_functions; f++) {
    if (!bench_plan_reads(b->plan, form, f)) continue;
    gkt_size n = b->strides[f] = gkt_space_num_dofs(inputs->spaces[f]);
    if (!(b->values[f] = bench_alloc(n * b->sets, sizeof **b->values))) return GKT_NO_MEMORY;
    for (gkt_size i = 0; i < n * b->sets; i++) b->values[f][i] = inputs->values[f][i % n] * (1 + 0.01 * (double)(i / n));
    b->first[f] = b->values[f];
  }
  return GKT_OK;
}

static void clear(batch *b) {
  for (int f = 0; b->values && f < b->plan->num_functions; f++) free(b->values[f]);
  free(b->values);
  free(b->strides);
  free(b->first);
  free(b->at);
  free(b->apart);
  free(b->together);
}

/* ---- both ways ---- */
/* Each result goes to its place at once, as in the batch. */
static gkt_status run_apart(batch *b) {
  gkt_inputs inputs = b->plan->inputs;
  inputs.values = b->at;
  for (int s = 0; s < b->sets; s++) {
    gkt_scalar *to = b->apart + s * b->size;
    for (int f = 0; f < b->plan->num_functions; f++) b->at[f] = b->first[f] ? b->first[f] + s * b->strides[f] : NULL;
    if (!b->matrix) TRY(gkt_assemble_vector(b->assembler, &inputs, to));
    if (!b->matrix) continue;
    gkt_csr view = *b->matrix;
    view.vals = to;
    TRY(gkt_assemble_matrix(b->assembler, &inputs, &view));
  }
  return GKT_OK;
}

static gkt_status run_together(batch *b) {
  gkt_inputs inputs = b->plan->inputs;
  const gkt_batch sets = {.count = b->sets, .strides = b->strides, .results_stride = b->size};
  inputs.values = b->first;
  return gkt_assemble_batch(b->assembler, &inputs, &sets, b->together);
}

static gkt_status time_least(batch *b, int repeat, gkt_status (*run)(batch *), double *least) {
  TRY(run(b));
  for (int i = 0; i < repeat; i++) {
    double cpu = gkt_cpu_seconds();
    TRY(run(b));
    cpu = gkt_cpu_seconds() - cpu;
    if (i == 0 || cpu < *least) *least = cpu;
  }
  return GKT_OK;
}

static gkt_status measure_form(bench_plan *plan, gkt_assembler *assembler, gkt_csr *matrix, const batch_figures *f, times *out) {
  batch b = {.plan = plan, .assembler = assembler, .matrix = matrix, .sets = f->sets, .size = matrix ? plan->nonzeros : plan->dofs};
  gkt_status status;
  GO(make_sets(&b));
  GO(time_least(&b, f->repeat, run_apart, &out->apart_seconds));
  GO(time_least(&b, f->repeat, run_together, &out->together_seconds));
  out->equal = !memcmp(b.apart, b.together, (size_t)(b.size * b.sets) * sizeof *b.apart);
done:
  clear(&b);
  return status;
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  batch_figures f = {.name = c->name, .sets = o->bench_sets ? o->bench_sets : DEFAULT_SETS, .repeat = o->repeat ? o->repeat : DEFAULT_REPEAT};
  bench_plan plan = {0};
  gkt_status status;
  GO(bench_open(ctx, c, options, &plan.problem));
  GO(bench_plan_make(options, &plan));
  f.cells = plan.cells, f.dofs = plan.dofs;
  GO(measure_form(&plan, plan.tangent, plan.matrix, &f, &f.matrix));
  GO(measure_form(&plan, plan.residual, NULL, &f, &f.vector));
  *(batch_figures *)figures = f;
done:
  bench_plan_clear(&plan);
  return status;
}

/* ---- the table and the file ---- */
static void print_head(void) {
  printf("%-24s%10s%9s%6s |%9s%9s%7s |%9s%9s%7s   (ns per cell and set, CPU time)\n", "", "", "", "", "matrix", "matrix", "", "residual", "residual", "");
  printf("%-24s%10s%9s%6s |%9s%9s%7s |%9s%9s%7s\n", "case", "cells", "dofs", "sets", "apart", "batch", "ratio", "apart", "batch", "ratio");
}

static void print_times(const times *t, double work) {
  printf(" |%9.1f%9.1f%7.2f", 1e9 * t->apart_seconds / work, 1e9 * t->together_seconds / work, t->together_seconds / t->apart_seconds);
}

static void print(const void *figures, const bench_machine *m) {
  const batch_figures *f = figures;
  (void)m;
  printf("%-24s%10d%9d%6d", f->name, f->cells, f->dofs, f->sets);
  print_times(&f->matrix, (double)f->cells * f->sets);
  print_times(&f->vector, (double)f->cells * f->sets);
  printf("\n");
}

static const char *reason(const void *figures) {
  const batch_figures *f = figures;
  return f->matrix.equal && f->vector.equal ? "" : "the batch differs from one call for each set";
}

static json_t *times_json(const times *t) {
  return json_pack("{s:f, s:f, s:f, s:b}", "apart_cpu_seconds", t->apart_seconds, "batch_cpu_seconds", t->together_seconds, "ratio", t->together_seconds / t->apart_seconds,
                   "equal", t->equal);
}

static json_t *json(const void *figures, const bench_machine *m) {
  const batch_figures *f = figures;
  (void)m;
  return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "name", f->name, "sets", f->sets, "repeat", f->repeat, "cells", f->cells, "dofs", f->dofs, "matrix",
                   times_json(&f->matrix), "vector", times_json(&f->vector));
}

const bench_kind bench_batch = {"batch", "bench batch", "sbtmRjCBqvA?", sizeof(batch_figures), bench_assembly_cases, measure, print_head, print, reason, json, NULL};
