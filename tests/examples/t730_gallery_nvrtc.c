/* Claim: the text emitted for every form of examples/forms, residual and tangent, compiles with NVRTC for sm_90: no host-only idiom has settled in. Skips where there is no NVRTC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/elements.h"
#include "problem/problem.h"
#include "systems/system.h"
#include "tests/nvrtc.h"

static void compile(const gkt_assembler *assembler, const char *path) {
  gkt_text text = {.ctx = assembler->ctx};
  assert_int_equal(gkt_elements_source(assembler, &text), GKT_OK);
  if (!nvrtc_compiles(assembler->ctx, text.data)) fail_msg("%s: %s", path, gkt_context_message(assembler->ctx));
  gkt_text_free(&text);
}

static void every_form_compiles_for_the_gpu(void **state) {
  (void)state;
  char pattern[1024];
  glob_t files;
  if (!nvrtc_is_found()) skip();
  snprintf(pattern, sizeof pattern, "%s/examples/forms/*.yaml", getenv("GKT_ROOT") ? getenv("GKT_ROOT") : ".");
  assert_int_equal(glob(pattern, 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++) {
    gkt_context *ctx;
    gkt_problem *problem;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER}, &ctx), GKT_OK);
    if (gkt_problem_read(ctx, files.gl_pathv[i], NULL, &problem) || gkt_problem_check(problem)) fail_msg("%s", gkt_context_message(ctx));
    compile(problem->system->residual_assembler, files.gl_pathv[i]);
    compile(problem->system->tangent_assembler, files.gl_pathv[i]);
    gkt_problem_destroy(&problem);
    gkt_context_destroy(&ctx);
  }
  globfree(&files);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_form_compiles_for_the_gpu)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
