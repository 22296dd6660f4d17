/* bench assembly and bench solve with --backend cuda: what they cost on a GPU. Predicted by the model of gkt_gpu_prediction, from the plan at hand, for the card of an
   architecture; measured beside it where there is a device. Nothing that is predicted is called a measurement, here or in the file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 10, DEFAULT_ARCHITECTURE = 90, NUM_SIZES = 3, NUM_PARTS = 2 };
static const double sizes[NUM_SIZES] = {1e6, 10e6, 30e6};

typedef struct {
  gkt_gpu_prediction predicted;
  double measured_seconds; /* NAN: no device, or not this part */
} part;
typedef struct {
  const char *name, *parts[NUM_PARTS], *items; /* "matrix", "residual", of "cells"; "product", "CG iteration", of "rows" */
  int architecture;
  gkt_reduce_strategy reduce; /* as asked */
  char device[96], why[256];  /* measured on; else why not */
  part of[NUM_PARTS];
} gpu_figures;

/* ---- cases: sizes that are planned in seconds; counts of each cell are those of larger boxes but for their surface ---- */
static gkt_status predict_assembly(gkt_context *ctx, const bench_plan *plan, gpu_figures *f) {
  (void)ctx;
  TRY(gkt_assembler_predict(plan->tangent, f->architecture, f->reduce, &f->of[0].predicted));
  return gkt_assembler_predict(plan->residual, f->architecture, f->reduce, &f->of[1].predicted);
}

static gkt_status predict_solve(gkt_context *ctx, const bench_plan *plan, gpu_figures *f) {
  return gkt_linear_predict(ctx, plan->matrix, f->architecture, &f->of[0].predicted, &f->of[1].predicted);
}

/* ---- measuring ---- */
static gkt_status assemble(bench_plan *plan, gkt_csr *A, gkt_vector *r) {
  if (A) return gkt_assemble_matrix(plan->tangent, &plan->inputs, A);
  return gkt_assemble_vector(plan->residual, &plan->inputs, gkt_vector_values(r));
}

/* The last call waits. */
static gkt_status time_least(bench_plan *plan, gkt_csr *A, gkt_vector *r, int repeat, double *least) {
  TRY(assemble(plan, A, r));
  for (int i = 0; i < repeat; i++) {
    const double start = gkt_seconds();
    TRY(assemble(plan, A, r));
    const double seconds = gkt_seconds() - start;
    *least = i == 0 || seconds < *least ? seconds : *least;
  }
  return GKT_OK;
}

/* With values on the host, as far as the command reaches: copies over the bus count. */
static gkt_status measure_assembly(const cli_options *o, const bench_case *c, const gkt_problem_options *options, gpu_figures *f) {
  gkt_context_options cuda = o->context;
  gkt_context *ctx = NULL;
  bench_plan plan = {0};
  gkt_vector *r = NULL;
  const int repeat = o->repeat ? o->repeat : DEFAULT_REPEAT;
  gkt_status status;
  GO(gkt_context_create(&cuda, &ctx));
  GO(bench_open(ctx, c, options, &plan.problem));
  GO(bench_plan_make(options, &plan));
  GO(gkt_vector_create(ctx, plan.dofs, &r));
  GO(time_least(&plan, plan.matrix, NULL, repeat, &f->of[0].measured_seconds));
  GO(time_least(&plan, NULL, r, repeat, &f->of[1].measured_seconds));
done:
  if (status != GKT_OK && ctx) snprintf(f->why, sizeof f->why, "%.250s", gkt_context_message(ctx));
  bench_plan_clear(&plan);
  gkt_vector_destroy(&r);
  gkt_context_destroy(&ctx);
  return GKT_OK; /* the prediction stands */
}

typedef gkt_status predictor(gkt_context *, const bench_plan *, gpu_figures *);
static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, predictor *predict, gpu_figures *f) {
  bench_plan plan = {0};
  gkt_device_info info;
  gkt_status status;
  f->name = c->name, f->reduce = o->context.reduce, f->architecture = o->architecture ? o->architecture : DEFAULT_ARCHITECTURE;
  for (int p = 0; p < NUM_PARTS; p++) f->of[p].measured_seconds = NAN;
  gkt_device_describe(0, &info);
  if (info.usable) f->architecture = o->architecture ? o->architecture : info.architecture;
  GO(bench_open(ctx, c, options, &plan.problem));
  GO(bench_plan_make(options, &plan));
  GO(predict(ctx, &plan, f));
  snprintf(f->device, sizeof f->device, "%s", info.usable ? info.name : "");
  snprintf(f->why, sizeof f->why, "%s", info.why);
  if (info.usable && predict == predict_assembly) GO(measure_assembly(o, c, options, f));
done:
  bench_plan_clear(&plan);
  return status;
}

static gkt_status measure_of_assembly(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  gpu_figures *f = figures;
  *f = (gpu_figures){.parts = {"matrix", "residual"}, .items = "cells"};
  return measure(o, ctx, c, options, predict_assembly, f);
}

static gkt_status measure_of_solve(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  gpu_figures *f = figures;
  *f = (gpu_figures){.parts = {"product", "cg-iteration"}, .items = "rows"};
  return measure(o, ctx, c, options, predict_solve, f);
}

/* ---- the table ---- */
static void print_head(void) {
  printf("All figures but those under `measured` are predicted by a model from the plan and the machine code; ms at 1, 10 and 30 million from counts of the size at hand\n");
  printf("%-24s%-13s%10s%9s |%8s%9s%9s%9s%9s |%9s%9s%8s%8s |%9s%9s%9s |%10s  %s\n", "case", "part", "counted", "tensors", "DRAM B", "L2 B", "waves", "fp64", "instr", "predicted",
         "to", "of", "limit", "1 M", "10 M", "30 M", "measured", "method");
  printf("%-24s%-13s%10s%9s |%8s%9s%9s%9s%9s |%9s%9s%8s%8s |%9s%9s%9s |%10s\n", "", "", "on", "of each", "of each", "of each", "of each", "of each", "of each", "least G/s",
         "most G/s", "floor", "", "ms", "ms", "ms", "G/s");
}

static void print_part(const gpu_figures *f, int p) {
  const gkt_gpu_prediction *g = &f->of[p].predicted;
  const double n = (double)g->items;
  printf("%-24s%-13s%10.0f%9.2f |%8.0f%9.0f%9.2f%9.0f%9.0f |", p ? "" : f->name, f->parts[p], n, (double)g->computed / n, g->dram_bytes / n, g->l2_bytes / n, g->wavefronts / n,
         g->fp64 / n, g->instructions / n);
  printf("%9.2f%9.2f%7.0f%%%8.8s |", n / g->seconds_most / 1e9, n / g->seconds_least / 1e9, 100 * g->seconds_floor / g->seconds_least, g->limit);
  for (int s = 0; s < NUM_SIZES; s++) printf("%9.3f", 1e3 * g->seconds_most * sizes[s] / n);
  if (isfinite(f->of[p].measured_seconds)) printf(" |%10.2f  %s\n", n / f->of[p].measured_seconds / 1e9, g->method);
  else printf(" |%10s  %s\n", "-", g->method);
}

static void print(const void *figures, const bench_machine *m) {
  const gpu_figures *f = figures;
  (void)m;
  for (int p = 0; p < NUM_PARTS; p++) print_part(f, p);
}

static void print_place(const void *figures) {
  const gpu_figures *f = figures;
  printf("predicted for the %s (sm_%d); ", f->of[0].predicted.card, f->architecture);
  if (*f->device) printf("measured on the %s\n", f->device);
  else printf("nothing was measured: %s\n", f->why);
}

static const char *reason(const void *figures) {
  (void)figures;
  return "";
}

/* ---- the file: keys of what is predicted begin with that word ---- */
static json_t *sizes_json(const gkt_gpu_prediction *g) {
  json_t *list = json_array();
  for (int s = 0; list && s < NUM_SIZES; s++) {
    const double scale = sizes[s] / (double)g->items;
    json_array_append_new(list,
                          json_pack("{s:f, s:f, s:f}", "items", sizes[s], "predicted_seconds_least", g->seconds_least * scale, "predicted_seconds_most", g->seconds_most * scale));
  }
  return list;
}

static json_t *part_json(const part *p, const char *items) {
  const gkt_gpu_prediction *g = &p->predicted;
  const double n = (double)g->items;
  json_t *each = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "tensors", (double)g->computed / n, "dram_bytes", g->dram_bytes / n, "l2_bytes", g->l2_bytes / n, "wavefronts",
                           g->wavefronts / n, "fp64", g->fp64 / n, "instructions", g->instructions / n, "floor_bytes", g->floor_bytes / n);
  return json_pack("{s:s, s:s, s:I, s:s, s:o, s:f, s:f, s:f, s:s, s:o, s:o}", "predicted_for", g->card, "predicted_method", g->method, "counted_on", (json_int_t)g->items, "items",
                   items, "predicted_of_each", each, "predicted_seconds_least", g->seconds_least, "predicted_seconds_most", g->seconds_most, "predicted_share_of_floor",
                   g->seconds_floor / g->seconds_least, "predicted_limit", g->limit, "predicted_at", sizes_json(g), "measured_seconds", bench_number(p->measured_seconds));
}

static json_t *json(const void *figures, const bench_machine *machine) {
  const gpu_figures *f = figures;
  (void)machine;
  return json_pack("{s:s, s:i, s:s, s:s, s:o, s:o}", "name", f->name, "predicted_architecture", f->architecture, "measured_on", f->device, "not_measured_because",
                   *f->device ? "" : f->why, f->parts[0], part_json(&f->of[0], f->items), f->parts[1], part_json(&f->of[1], f->items));
}

const bench_kind bench_gpu_assembly = {"assembly", "bench assembly", "sbtmRjCqvA?", sizeof(gpu_figures), bench_gpu_cases, measure_of_assembly, print_head,
                                       print,      reason,           json,          print_place};
const bench_kind bench_gpu_solve = {"solve", "bench solve", "sbtmRjCqvA?-", sizeof(gpu_figures), bench_gpu_cases, measure_of_solve, print_head, print, reason, json, print_place};
