/* PCs of our own, which options choose by name: PETSc's shell under another name. Their context is composed, since PETSc hands that of a shell out by its name alone. */
#include "solvers/shell.h"

static const char key[] = "gkt_context";

void *gkt_shell_context(PC pc, const gkt_shell *shell) {
  PetscContainer container = NULL;
  PetscBool same = PETSC_FALSE;
  void *context = NULL;
  if (PetscObjectTypeCompare((PetscObject)pc, shell->name, &same) != 0 || !same) return NULL;
  if (PetscObjectQuery((PetscObject)pc, key, (PetscObject *)&container) != 0 || !container || PetscContainerGetPointer(container, &context) != 0) return NULL;
  return context;
}

PetscErrorCode gkt_shell_begin(PC pc, const gkt_shell *shell, void *context) {
  PetscContainer container;
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetSetUp(pc, shell->set_up));
  PetscCall(PCShellSetApply(pc, shell->apply));
  if (shell->apply_transpose) PetscCall(PCShellSetApplyTranspose(pc, shell->apply_transpose));
  PetscCall(PCShellSetDestroy(pc, shell->destroy));
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &container));
  PetscCall(PetscContainerSetPointer(container, context));
  PetscCall(PetscObjectCompose((PetscObject)pc, key, (PetscObject)container));
  PetscCall(PetscContainerDestroy(&container));
  PetscCall(PetscObjectChangeTypeName((PetscObject)pc, shell->name));
  return 0;
}

PetscErrorCode gkt_shell_end(PC pc) { return PetscObjectCompose((PetscObject)pc, key, NULL); }

gkt_status gkt_shells_register(gkt_petsc *petsc) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, PCRegister(GKT_PC_INNER, gkt_inner_create));
  GKT_PETSC(petsc, PCRegister(GKT_PC_CHOLESKY, gkt_cholesky_create));
done:
  return status;
}
