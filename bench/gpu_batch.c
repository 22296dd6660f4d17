/* bench batch with --backend cuda: what many sets of values cost on a GPU in one call, and in one call each. Predicted by the model of gkt_gpu_prediction; nothing is measured. */
#include <stdio.h>

#include "bench/bench.h"

enum { DEFAULT_ARCHITECTURE = 90, NUM_PARTS = 2 };
static const char *const parts[NUM_PARTS] = {"matrix", "residual"};

typedef struct {
  gkt_gpu_prediction together, one; /* all sets in one call; one set */
} part;
typedef struct {
  const char *name;
  int sets, architecture;
  gkt_idx cells, dofs;
  part of[NUM_PARTS];
} batch_figures;

static gkt_status predict(const gkt_assembler *a, const batch_figures *f, part *out) {
  TRY(gkt_assembler_predict_batch(a, f->architecture, f->sets, &out->together));
  return gkt_assembler_predict(a, f->architecture, GKT_REDUCE_AUTO, &out->one);
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  batch_figures f = {
      .name = c->name, .sets = o->bench_sets ? o->bench_sets : bench_gpu_batch_sets(c->name), .architecture = o->architecture ? o->architecture : DEFAULT_ARCHITECTURE};
  bench_plan plan = {0};
  gkt_status status;
  GO(bench_open(ctx, c, options, &plan.problem));
  GO(bench_plan_make(options, &plan));
  f.cells = plan.cells, f.dofs = plan.dofs;
  GO(predict(plan.tangent, &f, &f.of[0]));
  GO(predict(plan.residual, &f, &f.of[1]));
  *(batch_figures *)figures = f;
done:
  bench_plan_clear(&plan);
  return status;
}

/* ---- the table ---- */
static void print_head(void) {
  printf("All figures are predicted by a model from the plan and the machine code: of each cell in one set, and of the whole batch; nothing is measured\n");
  printf("%-20s%-10s%6s%9s%8s |%8s%8s%8s%8s |%10s%10s%10s%9s %-14s |%12s\n", "case", "part", "sets", "cells", "dofs", "DRAM B", "waves", "fp64", "instr", "least ms", "most ms",
         "floor ms", "of floor", "limit", "one by one");
}

static void print(const void *figures, const bench_machine *m) {
  const batch_figures *f = figures;
  (void)m;
  for (int p = 0; p < NUM_PARTS; p++) {
    const gkt_gpu_prediction *g = &f->of[p].together;
    const double n = (double)g->items;
    printf("%-20s%-10s%6d%9d%8d |%8.1f%8.2f%8.1f%8.1f |%10.4f%10.4f%10.4f%8.0f%% %-14s |%9.3f ms\n", p ? "" : f->name, parts[p], f->sets, f->cells, f->dofs, g->dram_bytes / n,
           g->wavefronts / n, g->fp64 / n, g->instructions / n, 1e3 * g->seconds_least, 1e3 * g->seconds_most, 1e3 * g->seconds_floor, 100 * g->seconds_floor / g->seconds_least,
           g->limit, 1e3 * f->sets * f->of[p].one.seconds_most);
  }
}

static void print_place(const void *figures) {
  const batch_figures *f = figures;
  printf("predicted for the %s (sm_%d); nothing was measured\n", f->of[0].together.card, f->architecture);
}

static const char *reason(const void *figures) {
  (void)figures;
  return "";
}

/* ---- the file: keys of what is predicted begin with that word ---- */
static json_t *part_json(const batch_figures *f, const part *p) {
  const gkt_gpu_prediction *g = &p->together;
  const double n = (double)g->items;
  json_t *each = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "tensors", (double)g->computed / n, "dram_bytes", g->dram_bytes / n, "wavefronts", g->wavefronts / n, "fp64",
                           g->fp64 / n, "instructions", g->instructions / n, "floor_bytes", g->floor_bytes / n);
  return json_pack("{s:s, s:s, s:o, s:f, s:f, s:f, s:f, s:s, s:f}", "predicted_for", g->card, "predicted_method", g->method, "predicted_of_each", each, "predicted_seconds_least",
                   g->seconds_least, "predicted_seconds_most", g->seconds_most, "predicted_seconds_floor", g->seconds_floor, "predicted_share_of_floor",
                   g->seconds_floor / g->seconds_least, "predicted_limit", g->limit, "predicted_seconds_one_by_one", f->sets * p->one.seconds_most);
}

static json_t *json(const void *figures, const bench_machine *machine) {
  const batch_figures *f = figures;
  (void)machine;
  return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "name", f->name, "predicted_architecture", f->architecture, "sets", f->sets, "cells", f->cells, "dofs", f->dofs, parts[0],
                   part_json(f, &f->of[0]), parts[1], part_json(f, &f->of[1]));
}

const bench_kind bench_gpu_batch = {"batch", "bench batch", "sbtmRjCBqvA?", sizeof(batch_figures), bench_gpu_batch_cases, measure, print_head, print, reason, json, print_place};
