/* Whole problems on the device: what is run while something fails. */
#ifndef GKT_TESTS_DEVICE_RUNS_H
#define GKT_TESTS_DEVICE_RUNS_H
#include "core/core.h"
#include "galerkit/problem.h"
#include "tests/emulated_device.h"

static const char linear[] = "mesh: {box: {cells: [2, 2], shape: tri}}\n"
                             "fields: {u: {space: P1, test: v}}\n"
                             "coefficients: {r: {space: DP0, value: '2'}}\n"
                             "equation: r*dot(grad(u), grad(v))*dx + u*v*ds(right) == v*dx\n"
                             "conditions: [{on: left, value: 0}]\n"
                             "compute: {total: 'u*dx'}\n";
static const char nonlinear[] = "mesh: {box: {cells: [3], shape: line}}\n"
                                "fields: {u: {space: P2}}\n"
                                "energy: ((1 + 0.1*u^2)*grad(u)[0]^2/2 - u)*dx\n"
                                "conditions: [{on: left, value: 1}]\n"
                                "solver: {nonlinear: {rtol: 1e-4}}\n";

static const char fields[] = "mesh: {box: {cells: [3], shape: line}}\n"
                             "fields: {u: {space: P1, test: v}, w: {space: P1, test: z}}\n"
                             "equation: (grad(u)[0]*grad(v)[0] + 2*grad(w)[0]*grad(z)[0] + u*z - w*v)*dx == v*dx\n"
                             "conditions: [{on: left, field: u, value: 0}, {on: left, field: w, value: 0}]\n";
static const char in_time[] = "mesh: {box: {cells: [3], shape: line}}\n"
                              "fields: {u: {space: P1, test: v}}\n"
                              "equation: (dt(u)*v + dot(grad(u), grad(v)))*dx == v*dx\n"
                              "conditions: [{on: left, value: 't'}]\n"
                              "initial: {u: 0}\n"
                              "time: {scheme: bdf2, end: 0.2, step: 0.1}\n";

static bool *fails_now; /* NULL, or what is false while the problem is read and checked, of which no failure is asked */

static gkt_status run(gkt_context *ctx, void *user) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  bool valid = false;
  gkt_status status;
  if (fails_now) *fails_now = false;
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", user, strlen(user), &options, &p));
  if (fails_now) GKT_GO(gkt_problem_check(p));
  if (fails_now) *fails_now = true;
  status = gkt_problem_run(p, &valid);
  if ((status == GKT_OK) != valid || valid == (gkt_problem_reason(p)[0] != 0)) fail_msg("status %d, valid %d, \"%s\"", status, valid, gkt_problem_reason(p));
  const char *report = gkt_problem_report_json(p);
  const bool none = ctx->exhausted && !*report; /* without memory there may be none */
  if (!none && !strstr(report, valid ? "\"status\": \"ok\"" : "\"status\": \"failed\"")) fail_msg("%s", report);
done:
  gkt_problem_destroy(&p);
  return status;
}

static const struct {
  const char *name, *text;
  gkt_reduce_strategy reduce;
  bool poison;
} runs[] = {{"linear, fused", linear, GKT_REDUCE_FUSED, true}, {"linear, segmented", linear, GKT_REDUCE_SEGMENTED, false}, {"linear, spmm", linear, GKT_REDUCE_SPMM, false},
            {"two fields", fields, GKT_REDUCE_AUTO, false},    {"nonlinear", nonlinear, GKT_REDUCE_AUTO, false},           {"in time", in_time, GKT_REDUCE_AUTO, false}};
enum { RUNS = sizeof runs / sizeof *runs };
#endif
