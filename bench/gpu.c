/* bench assembly and bench solve with --backend cuda: what they cost on a GPU. Predicted by the model of gkt_gpu_prediction, from the plan at hand, for the card of an
   architecture; measured beside it where there is a device. Nothing that is predicted is called a measurement, here or in the file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 10, DEFAULT_ARCHITECTURE = 90, NUM_SIZES = 3, NUM_PARTS = 2 };
static const double sizes[NUM_SIZES] = {1e6, 10e6, 30e6};

/* Whence a prediction of another size is. */
typedef enum { PROPORTIONAL, EXTRAPOLATED, COUNTED } origin;
static const char *const origin_names[] = {"proportional", "extrapolated", "counted"}, *const origin_marks[] = {"*", "~", " "};
typedef struct {
  gkt_gpu_prediction predicted;
  double measured_seconds; /* NAN: no device, or not this part */
  gkt_gpu_prediction at[NUM_SIZES];
  origin whence[NUM_SIZES];
  gkt_size counted_on[NUM_SIZES]; /* items of the largest plan that it rests on */
} part;
typedef struct {
  const char *name, *parts[NUM_PARTS], *items; /* "matrix", "residual", of "cells"; "product", "CG iteration", of "rows" */
  int architecture;
  gkt_reduce_strategy reduce; /* as asked */
  char device[96], why[256];  /* measured on; else why not */
  double plan_seconds;        /* of this machine, for what is counted on: pattern, lists, patches, kernels */
  part of[NUM_PARTS];
} gpu_figures;

static gkt_status predict_assembly(gkt_context *ctx, const bench_plan *plan, int architecture, gkt_reduce_strategy reduce, gkt_gpu_prediction out[NUM_PARTS]) {
  (void)ctx;
  TRY(gkt_assembler_predict(plan->tangent, architecture, reduce, &out[0]));
  return gkt_assembler_predict(plan->residual, architecture, reduce, &out[1]);
}

static gkt_status predict_solve(gkt_context *ctx, const bench_plan *plan, int architecture, gkt_reduce_strategy reduce, gkt_gpu_prediction out[NUM_PARTS]) {
  (void)reduce;
  return gkt_linear_predict(ctx, plan->matrix, architecture, &out[0], &out[1]);
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

/* ---- predictions ---- */
typedef gkt_status predictor(gkt_context *, const bench_plan *, int architecture, gkt_reduce_strategy, gkt_gpu_prediction out[NUM_PARTS]);
typedef struct {
  gkt_context *ctx;
  const bench_case *problem;
  const gkt_problem_options *options;
  predictor *predict;
  gpu_figures *f;
} predicting;
/* By strategy: what is faster may be another one for another size. Where one is asked for, it stands twice. */
typedef struct {
  gkt_gpu_prediction by[2][NUM_PARTS];
} counts;

static gkt_gpu_prediction faster(const gkt_gpu_prediction *x, const gkt_gpu_prediction *y) { return x->seconds_most <= y->seconds_most ? *x : *y; }

static gkt_status predict_plan(const predicting *p, const bench_plan *plan, counts *out) {
  const bool chooses = p->f->reduce == GKT_REDUCE_AUTO && p->predict == predict_assembly;
  TRY(p->predict(p->ctx, plan, p->f->architecture, chooses ? GKT_REDUCE_FUSED : p->f->reduce, out->by[0]));
  if (chooses) return p->predict(p->ctx, plan, p->f->architecture, GKT_REDUCE_SEGMENTED, out->by[1]);
  memcpy(out->by[1], out->by[0], sizeof out->by[0]);
  return GKT_OK;
}

/* With `side` cells along each side; 0: as it is. */
static gkt_status predict_one(const predicting *p, int side, counts *out) {
  bench_plan plan = {0};
  gkt_problem_options options = *p->options;
  const double start = gkt_seconds();
  const char **sets = NULL;
  char cells[80];
  gkt_status status = GKT_NO_MEMORY;
  snprintf(cells, sizeof cells, "mesh.box.cells=[%d, %d, %d]", side, side, side);
  if (!(sets = malloc(((size_t)options.num_sets + 1) * sizeof *sets))) goto done;
  for (int i = 0; i < options.num_sets; i++) sets[i] = options.sets[i];
  if (side) sets[options.num_sets++] = cells;
  options.sets = sets;
  GO(bench_open(p->ctx, p->problem, &options, &plan.problem));
  GO(bench_plan_make(&options, &plan));
  GO(predict_plan(p, &plan, out));
  p->f->plan_seconds = gkt_seconds() - start;
done:
  free(sets);
  bench_plan_clear(&plan);
  return status;
}

/* Cells along a side of the cube that a standard case is, as it was asked for; 0: it is no cube, or somebody's file. */
static int find_side(const bench_case *c, const gkt_problem_options *options) {
  int n[3] = {0, 0, 0};
  const char *at = c->text ? strstr(c->text, "cells: [") : NULL;
  if (!at || sscanf(at, "cells: [%d, %d, %d]", &n[0], &n[1], &n[2]) != 3) return 0;
  for (int i = 0; i < options->num_sets; i++)
    if (!strncmp(options->sets[i], "mesh.", 5) && sscanf(options->sets[i], "mesh.box.cells=[%d, %d, %d]", &n[0], &n[1], &n[2]) != 3) return 0;
  return n[0] == n[1] && n[1] == n[2] ? n[0] : 0;
}

static void note(part *p, int size, gkt_gpu_prediction at, origin whence, gkt_size counted_on) { p->at[size] = at, p->whence[size] = whence, p->counted_on[size] = counted_on; }

static void extrapolate(const predicting *p, const counts *smaller, const counts *larger, int size, origin whence) {
  for (int k = 0; k < NUM_PARTS; k++) {
    gkt_gpu_prediction by[2];
    for (int r = 0; r < 2; r++) by[r] = gkt_gpu_extrapolate(&smaller->by[r][k], &larger->by[r][k], 3, (gkt_size)sizes[size]);
    note(&p->f->of[k], size, faster(&by[0], &by[1]), whence, larger->by[0][k].items);
  }
}

static gkt_status count_size(const predicting *p, int side, int size) {
  counts now;
  TRY(predict_one(p, side, &now));
  for (int k = 0; k < NUM_PARTS; k++) note(&p->f->of[k], size, faster(&now.by[0][k], &now.by[1][k]), COUNTED, now.by[0][k].items);
  return GKT_OK;
}

/* From cubes of a half, or a fourth, .. of the sides, and of half of that: they stand alike to the curve along which rows are ordered, which halves boxes; others are cut into
   better or worse patches by a tenth. */
static gkt_status extrapolate_size(const predicting *p, double side, int most, int size) {
  counts smaller, larger;
  while (side > most) side /= 2;
  const int half = side > 2 ? (int)lround(side / 2) : 1;
  TRY(predict_one(p, half, &smaller));
  TRY(predict_one(p, 2 * half, &larger));
  extrapolate(p, &smaller, &larger, size, EXTRAPOLATED);
  return GKT_OK;
}

/* Sizes up to `most` are counted, the others are extrapolated from plans that are no larger, or than the one at hand. */
static gkt_status predict_all(const predicting *p, double most) {
  const int side = find_side(p->problem, p->options);
  counts here;
  TRY(predict_one(p, 0, &here));
  for (int k = 0; k < NUM_PARTS; k++) p->f->of[k].predicted = faster(&here.by[0][k], &here.by[1][k]);
  const double seconds = p->f->plan_seconds, items = (double)here.by[0][0].items, each = side ? items / pow(side, 3) : 0;
  for (int s = 0; s < NUM_SIZES; s++) {
    const double wanted = side > 1 ? cbrt(sizes[s] / each) : 0;
    extrapolate(p, &here, &here, s, PROPORTIONAL);
    if (side > 1 && sizes[s] <= most) TRY(count_size(p, (int)lround(wanted), s));
    else if (side > 1) TRY(extrapolate_size(p, wanted / 2, most > items ? (int)cbrt(most / each) : side, s));
  }
  p->f->plan_seconds = seconds;
  return GKT_OK;
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, predictor *predict, gpu_figures *f) {
  const predicting p = {ctx, c, options, predict, f};
  gkt_device_info info;
  f->name = c->name, f->reduce = o->context.reduce, f->architecture = o->architecture ? o->architecture : DEFAULT_ARCHITECTURE;
  for (int k = 0; k < NUM_PARTS; k++) f->of[k].measured_seconds = NAN;
  gkt_device_describe(0, &info);
  if (info.usable) f->architecture = o->architecture ? o->architecture : info.architecture;
  TRY(predict_all(&p, o->items));
  snprintf(f->device, sizeof f->device, "%s", info.usable ? info.name : "");
  snprintf(f->why, sizeof f->why, "%s", info.why);
  if (info.usable && predict == predict_assembly) TRY(measure_assembly(o, c, options, f));
  return GKT_OK;
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
  printf(
      "All figures but those under `measured` and `plan` are predicted by a model from the plan and the machine code; ms at 1, 10 and 30 million: counted on plans of that size,\n"
      "~ extrapolated from two smaller ones (volume and surface), * in proportion, but for launches; plan: seconds of this machine for the size at hand\n");
  printf("%-24s%-13s%10s%9s |%8s%9s%9s%9s%9s |%9s%9s%8s%8s |%10s%10s%10s |%10s%7s  %s\n", "case", "part", "counted", "tensors", "DRAM B", "L2 B", "waves", "fp64", "instr",
         "predicted", "to", "of", "limit", "1 M", "10 M", "30 M", "measured", "plan", "method");
  printf("%-24s%-13s%10s%9s |%8s%9s%9s%9s%9s |%9s%9s%8s%8s |%10s%10s%10s |%10s%7s\n", "", "", "on", "of each", "of each", "of each", "of each", "of each", "of each", "least G/s",
         "most G/s", "floor", "", "ms", "ms", "ms", "G/s", "s");
}

static void print_part(const gpu_figures *f, int k) {
  const part *p = &f->of[k];
  const gkt_gpu_prediction *g = &p->predicted;
  const double n = (double)g->items;
  printf("%-24s%-13s%10.0f%9.2f |%8.0f%9.0f%9.2f%9.0f%9.0f |", k ? "" : f->name, f->parts[k], n, (double)g->computed / n, g->dram_bytes / n, g->l2_bytes / n, g->wavefronts / n,
         g->fp64 / n, g->instructions / n);
  printf("%9.2f%9.2f%7.0f%%%8.8s |", n / g->seconds_most / 1e9, n / g->seconds_least / 1e9, 100 * g->seconds_floor / g->seconds_least, g->limit);
  for (int s = 0; s < NUM_SIZES; s++) printf("%9.3f%s", 1e3 * p->at[s].seconds_most, origin_marks[p->whence[s]]);
  if (isfinite(p->measured_seconds)) printf(" |%10.2f", n / p->measured_seconds / 1e9);
  else printf(" |%10s", "-");
  if (k) printf("%7s  %s\n", "", g->method);
  else printf("%7.2f  %s\n", f->plan_seconds, g->method);
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
static json_t *sizes_json(const part *p) {
  json_t *list = json_array();
  for (int s = 0; list && s < NUM_SIZES; s++) {
    const gkt_gpu_prediction *g = &p->at[s];
    json_array_append_new(list, json_pack("{s:f, s:s, s:I, s:f, s:f, s:f}", "items", sizes[s], "by", origin_names[p->whence[s]], "counted_on", (json_int_t)p->counted_on[s],
                                          "predicted_seconds_least", g->seconds_least, "predicted_seconds_most", g->seconds_most, "predicted_share_of_floor",
                                          g->seconds_floor / g->seconds_least));
  }
  return list;
}

static json_t *part_json(const part *p, const char *items) {
  const gkt_gpu_prediction *g = &p->predicted;
  const double n = (double)g->items;
  json_t *each = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "tensors", (double)g->computed / n, "dram_bytes", g->dram_bytes / n, "l2_bytes", g->l2_bytes / n, "wavefronts",
                           g->wavefronts / n, "fp64", g->fp64 / n, "instructions", g->instructions / n, "floor_bytes", g->floor_bytes / n);
  return json_pack("{s:s, s:s, s:I, s:s, s:o, s:f, s:f, s:f, s:s, s:f, s:f, s:i, s:o, s:o}", "predicted_for", g->card, "predicted_method", g->method, "counted_on",
                   (json_int_t)g->items, "items", items, "predicted_of_each", each, "predicted_seconds_least", g->seconds_least, "predicted_seconds_most", g->seconds_most,
                   "predicted_share_of_floor", g->seconds_floor / g->seconds_least, "predicted_limit", g->limit, "predicted_launches", g->launches + g->recorded,
                   "predicted_blocks", g->blocks, "predicted_resident", g->resident, "predicted_at", sizes_json(p), "measured_seconds", bench_number(p->measured_seconds));
}

static json_t *json(const void *figures, const bench_machine *machine) {
  const gpu_figures *f = figures;
  (void)machine;
  return json_pack("{s:s, s:i, s:s, s:s, s:f, s:o, s:o}", "name", f->name, "predicted_architecture", f->architecture, "measured_on", f->device, "not_measured_because",
                   *f->device ? "" : f->why, "measured_plan_seconds", f->plan_seconds, f->parts[0], part_json(&f->of[0], f->items), f->parts[1], part_json(&f->of[1], f->items));
}

const bench_kind bench_gpu_assembly = {"assembly", "bench assembly", "sbtmRjCqvAN?", sizeof(gpu_figures), bench_gpu_cases, measure_of_assembly, print_head,
                                       print,      reason,           json,           print_place};
const bench_kind bench_gpu_solve = {"solve", "bench solve", "sbtmRjCqvAN?-", sizeof(gpu_figures), bench_gpu_cases, measure_of_solve, print_head, print, reason, json, print_place};
