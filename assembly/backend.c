/* The table of backends. */
#include <stdlib.h>

#include "assembly/backend.h"

static gkt_status find_cpu(gkt_context *ctx, const gkt_backend_ops **out) {
  *out = gkt_backend_row(GKT_BACKEND_CPU);
  if (gkt_compiler_found(ctx)) return GKT_OK;
  gkt_log(ctx, GKT_LOG_NOTICE, "no C compiler is found ($CC, cc): forms are interpreted, which is slower");
  *out = gkt_backend_row(GKT_BACKEND_INTERPRETER);
  return GKT_OK;
}

static gkt_status find_interpreter(gkt_context *ctx, const gkt_backend_ops **out) {
  (void)ctx;
  *out = gkt_backend_row(GKT_BACKEND_INTERPRETER);
  return GKT_OK;
}

const gkt_backend_ops *gkt_backend_row(gkt_backend backend) {
  static const gkt_backend_ops rows[] = {
      [GKT_BACKEND_CPU] = {.name = "cpu",
                           .calls_program = true,
                           .find = find_cpu,
                           .plan = gkt_host_plan,
                           .destroy = gkt_host_destroy,
                           .execute = gkt_host_execute,
                           .execute_sets = gkt_host_execute_sets,
                           .compile = gkt_cpu_compile,
                           .workspace = gkt_cpu_workspace,
                           .add = gkt_cpu_add,
                           .add_sets = gkt_cpu_add_sets},
      [GKT_BACKEND_INTERPRETER] = {.name = "interpreter",
                                   .calls_program = true,
                                   .find = find_interpreter,
                                   .plan = gkt_host_plan,
                                   .destroy = gkt_host_destroy,
                                   .execute = gkt_host_execute,
                                   .execute_sets = gkt_host_execute_sets,
                                   .compile = gkt_interpreter_compile,
                                   .workspace = gkt_interpreter_workspace,
                                   .add = gkt_interpreter_add,
                                   .add_sets = gkt_interpreter_add_sets},
      [GKT_BACKEND_CUDA] = {.name = "cuda",
                            .on_device = true,
                            .find = gkt_cuda_take,
                            .plan = gkt_cuda_plan,
                            .destroy = gkt_cuda_destroy,
                            .execute = gkt_cuda_execute,
                            .execute_batch = gkt_cuda_execute_batch},
  };
  return &rows[backend];
}

gkt_status gkt_backend_find(gkt_context *ctx, const gkt_backend_ops **out) {
  gkt_backend asked = ctx->options.backend;
  if (asked == GKT_BACKEND_DEFAULT) return gkt_fail(ctx, GKT_BAD_INPUT, "GKT_BACKEND=%s in the environment; expected cpu, interpreter or cuda", getenv("GKT_BACKEND"));
  if ((int)asked < GKT_BACKEND_CPU || (int)asked > GKT_BACKEND_CUDA)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "backend %d; expected %d (cpu) to %d (cuda)", (int)asked, GKT_BACKEND_CPU, GKT_BACKEND_CUDA);
  return gkt_backend_row(asked)->find(ctx, out);
}
