/* The rules of acceptance as line searches of PETSc, so that one is chosen like PETSc's own: -snes_linesearch_type gkt_natural. */
#include <string.h>

#include "solvers/newton.h"

static const char *const lines[] = {NULL, "gkt_energy", "gkt_natural", "gkt_residual", "gkt_full"}; /* in the order of gkt_acceptance */

const char *gkt_newton_line(gkt_acceptance rule) { return lines[rule]; }

static PetscErrorCode apply(SNESLineSearch line, gkt_acceptance rule) {
  SNES snes;
  Vec u, f;
  gkt_newton *s = NULL;
  PetscErrorCode code = SNESLineSearchGetSNES(line, &snes);
  if (code == 0) code = SNESGetApplicationContext(snes, (void *)&s);
  if (code != 0 || !s) return code != 0 ? code : PETSC_ERR_ARG_WRONGSTATE; /* a SNES that is not ours */
  if (!s->over) code = gkt_newton_carry(s, gkt_newton_search(s, rule));
  if (code == 0) code = SNESLineSearchGetVecs(line, &u, &f, NULL, NULL, NULL);
  if (code == 0) code = gkt_newton_show(s, u, f);
  if (code == 0) code = SNESLineSearchComputeNorms(line);
  if (code != 0 || !s->over) return code;
  return SNESSetConvergedReason(snes, SNES_DIVERGED_LINE_SEARCH);
}

static PetscErrorCode apply_energy(SNESLineSearch line, void *none) { return (void)none, apply(line, GKT_ACCEPT_ENERGY); }
static PetscErrorCode apply_natural(SNESLineSearch line, void *none) { return (void)none, apply(line, GKT_ACCEPT_NATURAL); }
static PetscErrorCode apply_residual(SNESLineSearch line, void *none) { return (void)none, apply(line, GKT_ACCEPT_RESIDUAL); }
static PetscErrorCode apply_full(SNESLineSearch line, void *none) { return (void)none, apply(line, GKT_ACCEPT_FULL); }

/* A shell under a name of its own. */
static PetscErrorCode create(SNESLineSearch line, gkt_acceptance rule, PetscErrorCode (*function)(SNESLineSearch, void *)) {
  PetscErrorCode code = SNESLineSearchSetType(line, SNESLINESEARCHSHELL);
#if PETSC_VERSION_LT(3, 21, 0)
  if (code == 0) code = SNESLineSearchShellSetUserFunc(line, function, NULL);
#else
  if (code == 0) code = SNESLineSearchShellSetApply(line, function, NULL);
#endif
  return code != 0 ? code : PetscObjectChangeTypeName((PetscObject)line, lines[rule]);
}

static PetscErrorCode create_energy(SNESLineSearch line) { return create(line, GKT_ACCEPT_ENERGY, apply_energy); }
static PetscErrorCode create_natural(SNESLineSearch line) { return create(line, GKT_ACCEPT_NATURAL, apply_natural); }
static PetscErrorCode create_residual(SNESLineSearch line) { return create(line, GKT_ACCEPT_RESIDUAL, apply_residual); }
static PetscErrorCode create_full(SNESLineSearch line) { return create(line, GKT_ACCEPT_FULL, apply_full); }

gkt_status gkt_newton_register(gkt_newton *s) {
  gkt_status status = GKT_OK;
  PetscErrorCode (*const creators[])(SNESLineSearch) = {NULL, create_energy, create_natural, create_residual, create_full};
  for (int rule = GKT_ACCEPT_ENERGY; rule <= GKT_ACCEPT_FULL; rule++) GKT_PETSC(&s->petsc, SNESLineSearchRegister(lines[rule], creators[rule])); /* again is the same */
done:
  return status;
}
