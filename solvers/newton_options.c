/* PETSc options of a nonlinear solve: those that begin with -snes_ are SNES's, the others go to the linear solver. */
#include <string.h>

#include "solvers/newton.h"

/* What these would replace is ours: the test of convergence, the tangent, the tolerance of the linear solver. So nothing reads them. */
static bool is_read(const char *name) {
  static const char *const others[] = {"-snes_convergence_test", "-snes_stol", "-snes_mf", "-snes_mf_operator", "-snes_fd", "-snes_fd_color", "-snes_ksp_ew"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (!strcmp(name, others[i])) return false;
  return true;
}

static gkt_status sort_out(gkt_newton *s, gkt_text *snes, gkt_text *linear) {
  gkt_petsc_word word;
  const char *at = s->asked.linear.petsc_options;
  bool for_snes = false, wanted = true;
  while (at && gkt_petsc_next_word(&at, &word)) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)word.length, word.begin);
    if (word.is_name) for_snes = !strncmp(name, "-snes_", 6), wanted = !for_snes || is_read(name);
    if (wanted) gkt_text_printf(for_snes ? snes : linear, "%.*s ", (int)word.length, word.begin);
    else if (word.is_name) gkt_petsc_warn_unused(s->petsc.ctx, name + 1);
  }
  return snes->status != GKT_OK ? snes->status : linear->status;
}

/* SNES reads these as well, but its own test is not used. */
static gkt_status read_tolerances(gkt_newton *s) {
  gkt_status status = GKT_OK;
  PetscReal rtol = s->asked.rtol, atol = s->asked.atol;
  PetscInt limit = s->asked.max_iterations;
  GKT_PETSC(&s->petsc, PetscOptionsGetReal(NULL, s->options.prefix, "-snes_rtol", &rtol, NULL));
  GKT_PETSC(&s->petsc, PetscOptionsGetReal(NULL, s->options.prefix, "-snes_atol", &atol, NULL));
  GKT_PETSC(&s->petsc, PetscOptionsGetInt(NULL, s->options.prefix, "-snes_max_it", &limit, NULL));
  if (!(rtol > 0 && rtol < 1)) GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -snes_rtol %g: a number between 0 and 1 was expected", (double)rtol));
  if (!(atol >= 0)) GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -snes_atol %g: a number from 0 was expected", (double)atol));
  if (limit < 0) GKT_GO(gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "PETSc options: -snes_max_it %d: a number from 0 was expected", (int)limit));
  s->asked.rtol = rtol, s->asked.atol = atol, s->asked.max_iterations = (int)limit;
done:
  return gkt_petsc_options_blame(&s->options, status);
}

gkt_status gkt_newton_read_options(gkt_newton *s) {
  gkt_text snes = {.ctx = s->petsc.ctx}, linear = {.ctx = s->petsc.ctx};
  gkt_status status;
  gkt_petsc_options_begin(&s->petsc, &s->options);
  GKT_GO(sort_out(s, &snes, &linear));
  GKT_GO(gkt_petsc_options_insert(&s->options, snes.data, true));
  s->linear_options = linear.data, linear.data = NULL;
  s->asked.linear.petsc_options = s->linear_options;
  GKT_GO(read_tolerances(s));
done:
  gkt_text_free(&snes);
  gkt_text_free(&linear);
  return status;
}
