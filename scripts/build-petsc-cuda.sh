#!/usr/bin/env bash
# Builds PETSc for GPUs from the Python registry's source distribution: scripts/build-petsc-cuda.sh PREFIX [ARCHITECTURES] [JOBS]
#   ARCHITECTURES: "80,90" (default: A100 and H100, H200; newer ones by the PTX of the first), or "none": the same library without CUDA, for machines that have no CUDA
#   libraries. JOBS: 2. Afterwards: PKG_CONFIG_PATH=PREFIX/lib/pkgconfig scripts/build.sh. What is there already, of the same version and architectures, is left alone.
# One process, no MPI, no Fortran. In it: PETSc (BSD), Debian's LAPACK and BLAS (BSD; reference or OpenBLAS, as the system's alternatives say). Not in it: hypre and MUMPS, which
# want MPI; SuiteSparse and Gmsh, which are GPL. So direct methods factorize by PETSc, and AMG is PETSc's smoothed aggregation.
# Needs gcc, g++, make, python3 with pip, liblapack-dev, and for CUDA a toolkit with nvcc, cuBLAS, cuSPARSE, cuSOLVER, cuFFT, cuRAND (its folder: $CUDA_HOME, or that of nvcc).
set -euo pipefail
version=3.24.6 # builds unpatched with CUDA 13; 3.25 wants NVML, which comes with drivers only
sha256=d6ad14652996b0e0d3da51068eec902118057f275de867e8cf258ffd64d90a7d
prefix=${1:?usage: build-petsc-cuda.sh PREFIX [ARCHITECTURES|none] [JOBS]}
architectures=${2:-80,90}
jobs=${3:-2}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
stamp=$prefix/share/petsc/built-for
wanted="PETSc $version, architectures $architectures"
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
  echo "build-petsc-cuda: $prefix has $wanted"
  exit 0
fi

options=(--with-mpi=0 --with-fc=0 --with-fortran-bindings=0 --with-debugging=0 --with-x=0 --with-ssl=0 --with-shared-libraries=1 --with-blaslapack-lib="-llapack -lblas"
  COPTFLAGS="-O2" CXXOPTFLAGS="-O2"
  LDFLAGS="-Wl,--as-needed") # else libcuda, which PETSc does not call, would be needed to start
if [ "$architectures" = none ]; then options+=(--with-cuda=0)
else
  cuda=${CUDA_HOME:-$(dirname "$(dirname "$(command -v nvcc || true)")")}
  [ -x "$cuda/bin/nvcc" ] || { echo "build-petsc-cuda: no nvcc found; set CUDA_HOME to a toolkit" >&2; exit 1; }
  first=${architectures%%,*} flags=
  for a in $(tr ',' ' ' <<<"$architectures"); do [ "$a" = "$first" ] || flags+=" -gencode=arch=compute_$a,code=sm_$a"; done # of several -arch nvcc takes the last only
  options+=(--with-cuda=1 --with-cuda-dir="$cuda" --with-cudac="$cuda/bin/nvcc" --with-cuda-arch="$first" CUDAFLAGS="$flags" CUDAOPTFLAGS="-O2")
fi

work=${GKT_PETSC_WORK:-$prefix/source}
mkdir -p "$work"
cd "$work"
archive=petsc-$version.tar.gz
[ -f "$archive" ] || python3 -m pip download --quiet --no-deps --no-binary petsc "petsc==$version" # asks the source for its metadata, no more
echo "$sha256  $archive" | sha256sum --check --quiet
[ -d "petsc-$version" ] || tar xzf "$archive"
cd "petsc-$version"
unset PETSC_DIR PETSC_ARCH
arch=arch-${architectures//,/-}
[ -f "$arch/lib/petsc/conf/petscvariables" ] || python3 ./configure PETSC_ARCH="$arch" --prefix="$prefix" "${options[@]}" >configure-"$arch".out 2>&1 || { tail -n 40 configure-"$arch".out >&2; exit 1; }
build() { make PETSC_DIR="$PWD" PETSC_ARCH="$arch" "$@" >>make-"$arch".out 2>&1 || { tail -n 40 make-"$arch".out >&2; exit 1; }; }
build -j"$jobs" MAKE_NP="$jobs" all
build install
mkdir -p "$(dirname "$stamp")"
echo "$wanted" >"$stamp"
echo "build-petsc-cuda: $wanted in $prefix"
