#include <petscsys.h>

#include "galerkit/solver.h"

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
const char *gkt_petsc_version(void) { return TEXT(PETSC_VERSION_MAJOR) "." TEXT(PETSC_VERSION_MINOR) "." TEXT(PETSC_VERSION_SUBMINOR); }
