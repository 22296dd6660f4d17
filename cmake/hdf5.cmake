# HDF5 follows from PETSc: a process is to hold one library of it. Debian's PETSc links the one with MPI, and brings its headers; a PETSc without MPI (scripts/build-petsc-cuda.sh) has
# none, and the serial one (libhdf5-dev) is taken.
if(GKT_MPI)
  pkg_search_module(HDF5 REQUIRED IMPORTED_TARGET hdf5-openmpi hdf5-mpi hdf5)
else()
  pkg_search_module(HDF5 REQUIRED IMPORTED_TARGET hdf5-serial hdf5)
endif()
