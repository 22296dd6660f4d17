/* Problems that are solved by the cpu backend and on the emulated device, to be compared. */
#ifndef GKT_TESTS_DEVICE_PROBLEM_H
#define GKT_TESTS_DEVICE_PROBLEM_H
#include "core/vector.h"
#include "galerkit/problem.h"
#include "tests/emulated_device.h"

typedef struct { /* what crosses the bus from some moment on, and between two moments at the most */
  gkt_context *ctx;
  bool begun;
  gkt_device_counts before;
  gkt_size most;
} traffic;

typedef struct {
  gkt_solve_report report;
  gkt_size most, up, down; /* bytes: of a step, and after the last moment that was noted */
  gkt_idx n;
  gkt_scalar *u;
} outcome;

static inline void must(gkt_context *ctx, gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* mesh: what makes the mesh, in place of the text's; NULL: that one */
static inline gkt_problem *open_problem_on(const char *text, gkt_backend backend, gkt_mesh *(*mesh)(gkt_context *), gkt_context **ctx) {
  gkt_problem *p;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .separate_rounding = true, .poison = true, .threads = 1}, ctx), GKT_OK);
  must(*ctx, gkt_problem_parse(*ctx, "a.yaml", text, strlen(text), NULL, &p));
  gkt_mesh *m = mesh ? mesh(*ctx) : NULL;
  if (m) must(*ctx, gkt_problem_set_mesh(p, m));
  gkt_mesh_destroy(&m);
  must(*ctx, gkt_problem_check(p));
  return p;
}
static inline gkt_problem *open_problem(const char *text, gkt_backend backend, gkt_context **ctx) { return open_problem_on(text, backend, NULL, ctx); }

/* Solves, and closes what was opened. */
static inline outcome close_problem(gkt_problem *p, const gkt_solve_options *options, const traffic *t) {
  gkt_context *ctx = t->ctx;
  gkt_vector *u = gkt_problem_solution(p);
  outcome out = {.n = gkt_vector_size(u)};
  must(ctx, gkt_system_solve(gkt_problem_system(p), options, u, &out.report));
  out.most = t->most;
  if (ctx->device && t->begun) {
    const gkt_device_counts now = gkt_device_count_all(ctx->device);
    out.up = now.bytes_up - t->before.bytes_up, out.down = now.bytes_down - t->before.bytes_down;
  }
  out.u = malloc((size_t)out.n * sizeof *out.u);
  memcpy(out.u, gkt_vector_read(u), (size_t)out.n * sizeof *out.u);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
  return out;
}

static inline void done(outcome *o) {
  gkt_solve_report_clear(&o->report);
  free(o->u);
}
#endif
