/* PCs of our own, which options choose by name: PETSc's shell under another name. Their context is composed, since PETSc hands that of a shell out by its name alone. */
#include "solvers/shell.h"

static const char key[] = "gkt_context";
typedef struct {
  const gkt_shell *shell;
  void *data;
} context;

static context *context_of(PC pc) {
  PetscContainer container = NULL;
  void *found = NULL;
  if (PetscObjectQuery((PetscObject)pc, key, (PetscObject *)&container) != 0 || !container || PetscContainerGetPointer(container, &found) != 0) return NULL;
  return found;
}

void *gkt_shell_context(PC pc, const gkt_shell *shell) {
  const context *c = context_of(pc);
  return c && c->shell == shell ? c->data : NULL;
}

static PetscErrorCode destroy(PC pc) {
  context *c = context_of(pc);
  if (!c) return 0;
  PetscCall(c->shell->clear(c->data));
  PetscCall(PetscFree(c->data));
  PetscCall(PetscFree(c));
  return PetscObjectCompose((PetscObject)pc, key, NULL);
}

PetscErrorCode gkt_shell_make(PC pc, const gkt_shell *shell) {
  PetscContainer container;
  context *c;
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetSetUp(pc, shell->set_up));
  PetscCall(PCShellSetApply(pc, shell->apply));
  if (shell->apply_transpose) PetscCall(PCShellSetApplyTranspose(pc, shell->apply_transpose));
  PetscCall(PCShellSetDestroy(pc, destroy));
  PetscCall(PetscNew(&c));
  c->shell = shell;
  PetscCall(PetscCalloc(shell->size, &c->data));
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &container));
  PetscCall(PetscContainerSetPointer(container, c));
  PetscCall(PetscObjectCompose((PetscObject)pc, key, (PetscObject)container));
  PetscCall(PetscContainerDestroy(&container));
  PetscCall(PetscObjectChangeTypeName((PetscObject)pc, shell->name));
  return 0;
}

gkt_status gkt_shells_register(gkt_petsc *petsc) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, PCRegister(GKT_PC_INNER, gkt_inner_create));
  GKT_PETSC(petsc, PCRegister(GKT_PC_CHOLESKY, gkt_cholesky_create));
done:
  return status;
}
