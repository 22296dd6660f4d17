/* PETSc preconditioners of our own. Not installed. */
#ifndef GKT_SOLVERS_SHELL_H
#define GKT_SOLVERS_SHELL_H
#include "solvers/petsc.h"

#define GKT_PC_INNER "gkt_inner"       /* inner.c */
#define GKT_PC_CHOLESKY "gkt_cholesky" /* cholesky.c */
typedef struct {
  const char *name;
  size_t size;                                                                            /* of the context, which begins as zeros */
  PetscErrorCode (*set_up)(PC), (*apply)(PC, Vec, Vec), (*apply_transpose)(PC, Vec, Vec); /* the last one NULL: not there */
  PetscErrorCode (*clear)(void *context);                                                 /* frees what it holds */
} gkt_shell;
PetscErrorCode gkt_shell_make(PC, const gkt_shell *); /* the shell outlives the PC */
void *gkt_shell_context(PC, const gkt_shell *);       /* NULL: of another type */
PetscErrorCode gkt_inner_create(PC);
PetscErrorCode gkt_cholesky_create(PC);
gkt_status gkt_shells_register(gkt_petsc *) GKT_MUST_CHECK; /* before options are read */
#endif
