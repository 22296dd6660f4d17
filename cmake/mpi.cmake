# MPI follows from PETSc: one that was built without it (scripts/build-petsc-cuda.sh) brings its own of one process. GKT_MPI: what to link, empty for such a PETSc.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_INCLUDES ${PETSC_INCLUDE_DIRS})
unset(GKT_PETSC_WITHOUT_MPI CACHE) # another PETSC_DIR or PKG_CONFIG_PATH may be meant today
check_c_source_compiles("#include <petscconf.h>
#ifndef PETSC_HAVE_MPIUNI
#error
#endif
int main(void) { return 0; }" GKT_PETSC_WITHOUT_MPI)
unset(CMAKE_REQUIRED_INCLUDES)
set(GKT_MPI)
if(NOT GKT_PETSC_WITHOUT_MPI)
  pkg_check_modules(MPI REQUIRED IMPORTED_TARGET ompi-c)
  set(GKT_MPI PkgConfig::MPI)
endif()
