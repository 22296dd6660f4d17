/* Claim: a process that is forked while its parent is inside of PETSc goes in again from there and comes out, as the sweeps of failures in processes of their own need; so does the
   parent. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "solvers/petsc.h"

static bool go_in_again(gkt_context *ctx) {
  gkt_petsc again;
  if (gkt_petsc_enter(ctx, &again) != GKT_OK) return false;
  gkt_petsc_leave(&again);
  return true;
}

static void both_go_in_again(void **state) {
  gkt_context *ctx;
  gkt_petsc petsc;
  int status = -1;
  (void)state;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_petsc_enter(ctx, &petsc), GKT_OK);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20); /* instead of waiting without end */
    const bool again = go_in_again(ctx);
    gkt_petsc_leave(&petsc);
    _exit(again && go_in_again(ctx) ? 0 : 1);
  }
  assert_true(child > 0 && waitpid(child, &status, 0) == child);
  assert_int_equal(status, 0);
  assert_true(go_in_again(ctx));
  gkt_petsc_leave(&petsc);
  assert_true(go_in_again(ctx));
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(both_go_in_again)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
