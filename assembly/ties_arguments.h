/* What the kernel that undoes ties (ties.cu) is told. Read by C and by the kernels. */
#ifndef GKT_ASSEMBLY_TIES_ARGUMENTS_H
#define GKT_ASSEMBLY_TIES_ARGUMENTS_H
#include "assembly/elements_arguments.h"

typedef struct { /* u~ of u = C u~ */
  gkt_tie_arguments ties;
  gkt_size count; /* dofs */
  int size;       /* components */
  const gkt_scalar *u;
  gkt_scalar *tied;
} gkt_contract_arguments;
#endif
